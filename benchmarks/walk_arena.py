"""The Walk Arena: samplers side by side, on one graph and one budget: `make bench ONLY=arena`, eleven minutes.

Some graphs alone, and docs/walk_arena.md with its plots written from what was measured:

    python benchmarks/walk_arena.py bundled zipf_1e4
    python benchmarks/walk_arena.py --write-page

Every graph and sampler has a process of its own, one at a time and with one thread, so that its CPU seconds and its
peak memory are its own. The budget is 2·K/L paths, twice as many as would visit every knowledge point once if no visit
were lost. Seeds labelled by people come from the folder that LINKQA_REAL_SEEDS names, and are left out where it is
unset.
"""

import argparse
import json
import math
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Literal, TypeVar

import numpy as np
import numpy.typing as npt

from arena_graphs import GRAPHS, ArenaGraph, LeftOutError
from arena_page import GraphFacts, LeftOut, Measured, Result, tables, write_page
from linkqa_kedro.figures.association_density import association_densities
from linkqa_kedro.figures.coverage import coverage_curve, coverage_fraction, paths_to_coverage
from linkqa_kedro.figures.gini import gini
from linkqa_kedro.figures.total_variation import total_variation
from linkqa_kedro.knowledge_value import VertexWeights, target_shares
from linkqa_kedro.walks.cells import CellQuota
from linkqa_kedro.walks.choice_table import NOTHING
from linkqa_kedro.walks.csr import BoolArray, CsrGraph, SeedIndex
from linkqa_kedro.walks.drawing import Drawing, LabelledSeeds, PathDrawing, WalkSettings
from linkqa_kedro.walks.layered_graph import Layer, LayeredGraph, SeedLabels, layered_graph
from linkqa_kedro.walks.quotas import largest_remainder
from measuring import Failed
from peers.samplers import (
    Sample,
    StaticWalker,
    mathscale_strengths,
    sample_partitions,
    seed_chooser,
    uniform_strengths,
)

MIN_LENGTH, LENGTH = 3, 5
SEEDS_PER_PATH = (2, 4)
BUDGET_FACTOR = 2
"""Paths of a run, in K/L."""

LEVEL_TARGET = (0.10, 0.20, 0.30, 0.25, 0.15)
"""Wanted share of the levels 1 to 5, as in conf/base/parameters_sampling.yml; of disciplines all get the same."""

FRACTIONS = (0.80, 0.95, 0.99)
BUDGET_TOLERANCE = 0.01
"""A smallest sufficient budget is known to this share of itself."""

MOST_BUDGET = {"static": 50, "rounds": 8}
"""Budgets that are tried at most for it, in K/L."""

ALL_BISECTED = 10_000
"""Knowledge points up to which every sampler's smallest sufficient budget is found; beyond, that of some."""

REPEATED = 10_000
"""Knowledge points up to which CPU seconds are the median of three runs."""

CURVE_POINTS = 60
RANDOM_SEED = 1

Kind = Literal["uniform", "mathscale", "partition", "ours"]
Returned = TypeVar("Returned")


@dataclass(frozen=True)
class Sampler:
    """One way of drawing paths.

    Attributes:
        name: As in the tables.
        kind: Whose.
        alpha: Popularity exponent; the rest applies to ours only.
        beta: Correction exponent.
        rho: Cross-discipline rate.
        targets: Whether it is told the wanted mix of disciplines and levels.
        largest: Largest graph it is measured on, in knowledge points.
        bisected: Largest graph on which its smallest sufficient budget is found.
    """

    name: str
    kind: Kind = "ours"
    alpha: float = 0.0
    beta: float = 0.0
    rho: float = 0.0
    targets: bool = False
    largest: int = 100_000
    bisected: int = ALL_BISECTED

    @property
    def is_static(self) -> bool:
        """Whether a longer run begins with the paths of a shorter one."""
        return self.kind != "ours" or (self.beta == 0 and not self.targets)


SAMPLERS = (
    Sampler("uniform walk", "uniform", largest=1_000_000, bisected=100_000),
    Sampler("MathScale", "mathscale", largest=1_000_000, bisected=100_000),
    Sampler("partition", "partition", largest=1_000_000, bisected=100_000),
    Sampler("ours α 0, β 0", bisected=100_000),
    Sampler("ours α 0, β 2", beta=2.0),
    Sampler("ours α 0, β 4", beta=4.0, largest=1_000_000, bisected=100_000),
    Sampler("ours α 0.5, β 4", alpha=0.5, beta=4.0),
    Sampler("ours α 1, β 4", alpha=1.0, beta=4.0),
    Sampler("targets, α 0, β 4", beta=4.0, targets=True),
    Sampler("targets, α 0.5, β 4", alpha=0.5, beta=4.0, targets=True, largest=1_000_000),
    Sampler("targets, α 0.5, β 4, ρ 0.1", alpha=0.5, beta=4.0, rho=0.1, targets=True),
)


@dataclass(frozen=True)
class Inputs:
    """What every sampler is given.

    Attributes:
        graph: Labelled seeds.
        csr: Knowledge graph.
        index: Seeds of each knowledge point.
        reachable: Points that a path can visit, shape (n_points,).
    """

    graph: ArenaGraph
    csr: CsrGraph
    index: SeedIndex
    reachable: BoolArray

    @staticmethod
    def of(graph: ArenaGraph) -> "Inputs":
        """Everything that can be had before the first draw."""
        return Inputs(graph, graph.csr(), graph.index, graph.reachable(MIN_LENGTH))

    @property
    def n_reachable(self) -> int:
        """Points that coverage is a share of."""
        return int(self.reachable.sum())

    @property
    def budget(self) -> int:
        """Paths of a run."""
        return budget_of(self.n_reachable)

    def one_layer(self) -> LayeredGraph:
        """The graph with all seeds, whatever their labels."""
        labels = SeedLabels(np.zeros(self.graph.n_seeds, np.int64), self.graph.levels)
        return layered_graph(self.csr, self.index, labels, [Layer(0, None)])


def budget_of(n_reachable: int) -> int:
    """Paths of a run on a graph of so many reachable knowledge points."""
    return math.ceil(BUDGET_FACTOR * n_reachable / LENGTH)


def bench(names: Iterable[str]) -> Iterator[Result]:
    """The named graphs and what was measured on them, as it comes."""
    with tempfile.TemporaryDirectory() as folder:
        for name in names:
            yield from _bench_graph(name, Path(folder) / f"{name}.npz")


def _bench_graph(name: str, file: Path) -> Iterator[Result]:
    try:
        facts = _apart(make_graph, name, file)
    except LeftOutError as error:
        yield LeftOut(name, str(error))
        return
    yield facts
    for sampler in SAMPLERS:
        if facts.n_points <= sampler.largest:
            try:
                yield _apart(measure_file, name, file, sampler)
            except BrokenProcessPool:
                yield Failed(f"{name}, {sampler.name}", "its process was ended, most likely for want of memory")
    file.unlink()


def _apart(work: Callable[..., Returned], *arguments: object) -> Returned:
    """What a call gives in a process of its own, which starts empty."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(work, *arguments).result()


def make_graph(name: str, file: Path) -> GraphFacts:
    """Make a graph, write it to a file and say how large it is."""
    graph = GRAPHS[name]()
    graph.save(file)
    return facts_of(name, graph)


def facts_of(name: str, graph: ArenaGraph) -> GraphFacts:
    """The size of a graph."""
    n_reachable = int(graph.reachable(MIN_LENGTH).sum())
    return GraphFacts(
        name=name,
        n_points=graph.n_points,
        n_reachable=n_reachable,
        n_seeds=graph.n_seeds,
        n_edges=len(graph.edges.sources),
        n_disciplines=len(np.unique(graph.disciplines)),
        length=LENGTH,
        budget=budget_of(n_reachable),
    )


def measure_file(name: str, file: Path, sampler: Sampler) -> Measured:
    """`measure` on the graph of a file."""
    return measure(name, Inputs.of(ArenaGraph.load(file)), sampler)


def measure(name: str, inputs: Inputs, sampler: Sampler) -> Measured:
    """Run one sampler at the budget of the graph, then look for the smallest budgets that suffice."""
    before = peak_mebibytes()
    seconds = []
    for _ in range(3 if inputs.graph.n_points <= REPEATED else 1):
        started = time.process_time()
        drawn = draw(inputs, sampler, inputs.budget)
        seconds.append(time.process_time() - started)
    peak = peak_mebibytes()
    visits = np.bincount(drawn.vertices[drawn.vertices != NOTHING], minlength=inputs.graph.n_points)
    curve = coverage_curve(drawn.vertices, inputs.n_reachable, CURVE_POINTS)
    uniform = target_shares(inputs.graph.popularity, {}, None, inputs.reachable, alpha=0.0)
    quotas = target_quotas(inputs.graph, inputs.budget)
    discipline, difficulty = distances_to_target(inputs.graph, drawn.seeds, quotas)
    return Measured(
        graph=name,
        sampler=sampler.name,
        n_paths=len(drawn.vertices),
        points_per_path=float((drawn.vertices != NOTHING).sum() / len(drawn.vertices)),
        coverage=coverage_fraction(visits, inputs.reachable),
        one_run=[paths_to_coverage(drawn.vertices, inputs.n_reachable, fraction) for fraction in FRACTIONS],
        sufficient=sufficient_budgets(inputs, sampler),
        gini=gini(visits[inputs.reachable]),
        distance_to_uniform=_distance(visits, uniform),
        distance_to_own=_distance(visits, own_target(inputs, sampler)) if sampler.kind == "ours" else math.nan,
        discipline_distance=discipline,
        difficulty_distance=difficulty,
        density=mean_density(inputs.index, drawn.seeds),
        with_seeds=float((drawn.seeds != NOTHING).any(axis=1).mean()),
        paths_per_second=len(drawn.vertices) / statistics.median(seconds),
        mebibytes_before=before,
        mebibytes=peak,
        curve_paths=curve["n_paths"].tolist(),
        curve_coverage=curve["coverage_fraction"].tolist(),
    )


def draw(inputs: Inputs, sampler: Sampler, n_paths: int) -> Sample:
    """Paths with their seeds, from the graph's arrays on; preparing is part of it."""
    if sampler.kind == "ours":
        paths = draw_ours(inputs, sampler, n_paths).paths
        return Sample(paths.vertices, paths.seeds)
    layer = inputs.one_layer()
    if sampler.kind == "partition":
        random = np.random.default_rng(RANDOM_SEED)
        return sample_partitions(layer, inputs.reachable, LENGTH, n_paths, random)
    chooser = seed_chooser(layer, inputs.index, inputs.graph.levels, SEEDS_PER_PATH, MIN_LENGTH)
    return static_walker(inputs, layer, sampler).sample(n_paths, chooser)


def static_walker(inputs: Inputs, layer: LayeredGraph, sampler: Sampler) -> StaticWalker:
    """The walk of a peer, or ours where beta is 0 and starts are uniform."""
    if sampler.kind == "ours":
        strengths = layer.associations
    else:
        strengths = uniform_strengths(layer) if sampler.kind == "uniform" else mathscale_strengths(layer)
    return StaticWalker(layer, strengths, inputs.reachable, LENGTH, RANDOM_SEED)


def draw_ours(inputs: Inputs, sampler: Sampler, n_paths: int) -> Drawing:
    """The paths of linkqa_kedro, as its sampling stage draws them with one thread."""
    graph = inputs.graph
    seeds = LabelledSeeds(inputs.index, graph.disciplines, graph.levels)
    shares = graph.discipline_shares() if sampler.targets else {}
    quotas = target_quotas(graph, n_paths) if sampler.targets else [CellQuota(None, None, n_paths)]
    return PathDrawing(inputs.csr, seeds, graph.popularity, shares, quotas, settings_of(sampler)).run()


def settings_of(sampler: Sampler) -> WalkSettings:
    """As in conf/base/parameters_sampling.yml, but for the exponents and the cross-discipline rate."""
    return WalkSettings(
        min_length=MIN_LENGTH,
        max_length=LENGTH,
        alpha=sampler.alpha,
        beta=sampler.beta,
        gamma=1.0,
        rho=sampler.rho,
        smoothing_fraction=0.1,
        round_growth=1.3,
        max_attempts=20,
        max_failed_walks=20,
        min_seeds=SEEDS_PER_PATH[0],
        max_seeds=SEEDS_PER_PATH[1],
        max_seed_uses=500,
        redistribute="none",
        random_seed=RANDOM_SEED,
    )


def target_quotas(graph: ArenaGraph, n_paths: int) -> list[CellQuota]:
    """Paths asked of every cell: all disciplines alike, levels as in LEVEL_TARGET."""
    cells = [(str(name), level) for name in np.unique(graph.disciplines) for level in range(1, 6)]
    quotas = largest_remainder(n_paths, [LEVEL_TARGET[level - 1] for _, level in cells])
    return [CellQuota(name, level, int(quota)) for (name, level), quota in zip(cells, quotas, strict=True)]


def own_target(inputs: Inputs, sampler: Sampler) -> VertexWeights:
    """q(k) that one of ours is told to follow, shape (n_points,)."""
    graph = inputs.graph
    shares = graph.discipline_shares() if sampler.targets else {}
    wanted = dict.fromkeys(shares, 1 / len(shares)) if sampler.targets else None
    return target_shares(graph.popularity, shares, wanted, inputs.reachable, sampler.alpha)


def _distance(visits: npt.NDArray[np.int64], target: VertexWeights) -> float:
    """Total variation between the realised and the wanted shares of the knowledge points, 0 to 1."""
    return float(np.abs(visits / visits.sum() - target).sum() / 2)


def distances_to_target(
    graph: ArenaGraph, seeds: npt.NDArray[np.integer], quotas: Sequence[CellQuota]
) -> tuple[float, float]:
    """Total variation of the seeds' disciplines, and of the rounded mean levels, to the quotas; each from 0 to 1.

    Every path that has seeds counts once; one of two disciplines counts in part for each.

    Args:
        graph: Labels.
        seeds: Seed numbers of each path, NOTHING where there is none, shape (n_paths, n_places).
        quotas: Paths wanted of every cell, whether the sampler was told or not.
    """
    there = seeds != NOTHING
    n_seeds = there.sum(axis=1)
    names, numbers = np.unique(graph.disciplines, return_inverse=True)
    weights = np.repeat(1 / np.maximum(n_seeds, 1), n_seeds)
    disciplines = np.bincount(numbers[seeds[there]], weights, len(names))
    levels = np.where(there, graph.levels[seeds], 0).sum(axis=1)[n_seeds > 0] / n_seeds[n_seeds > 0]
    rounded = np.bincount(np.floor(levels + 0.5).astype(np.int64), minlength=6)[1:]
    wanted_disciplines: Counter[str] = Counter()
    wanted_levels: Counter[str] = Counter()
    for cell in quotas:
        wanted_disciplines[str(cell.discipline)] += cell.quota
        wanted_levels[str(cell.level)] += cell.quota
    return (
        total_variation(dict(zip(names.tolist(), disciplines.tolist(), strict=True)), wanted_disciplines),
        total_variation({str(level): n for level, n in enumerate(rounded.tolist(), start=1)}, wanted_levels),
    )


def mean_density(index: SeedIndex, seeds: npt.NDArray[np.integer]) -> float:
    """Mean association density of the paths with two seeds or more, 0 to 1; NaN if there are none.

    Args:
        index: Knowledge points of the seeds.
        seeds: Seed numbers of each path, NOTHING where there is none, shape (n_paths, n_places).
    """
    densities = association_densities(seeds, index.padded_vertices())
    known = densities[~np.isnan(densities)]
    return float(known.mean()) if len(known) else math.nan


def sufficient_budgets(inputs: Inputs, sampler: Sampler) -> list[float]:
    """Smallest budget for each of the FRACTIONS; NaN where it was not looked for, or not found.

    Of a static sampler it is where one long run gets there. Else rounds depend on the budget, so it is bisected.
    """
    if inputs.graph.n_points > sampler.bisected:
        return [math.nan] * len(FRACTIONS)
    limit = inputs.n_reachable / LENGTH
    if not sampler.is_static:
        most = int(MOST_BUDGET["rounds"] * limit)
        return smallest_sufficient(lambda budget: _coverage_at(inputs, sampler, budget), limit, most)
    layer, n_paths = inputs.one_layer(), int(MOST_BUDGET["static"] * limit)
    if sampler.kind == "partition":
        random = np.random.default_rng(RANDOM_SEED)
        vertices = sample_partitions(layer, inputs.reachable, LENGTH, inputs.n_reachable, random).vertices
    else:
        vertices = static_walker(inputs, layer, sampler).paths(n_paths)
    return [paths_to_coverage(vertices, inputs.n_reachable, fraction) for fraction in FRACTIONS]


def _coverage_at(inputs: Inputs, sampler: Sampler, budget: int) -> float:
    return coverage_fraction(draw_ours(inputs, sampler, budget).visits, inputs.reachable)


def smallest_sufficient(coverage_of: Callable[[int], float], limit: float, most: int) -> list[float]:
    """Smallest budget that reaches each of the FRACTIONS, by bisection; NaN where `most` does not.

    Coverage is taken to grow with the budget. Near the answer chance may break that, within a path or two in a hundred.

    Args:
        coverage_of: Coverage of a run of so many paths.
        limit: K/L; less than a fraction of it cannot suffice for that fraction.
        most: Largest budget to try.
    """
    known: dict[int, float] = {}

    def reaches(budget: int, fraction: float) -> bool:
        if budget not in known:
            known[budget] = coverage_of(budget)
        return known[budget] >= fraction

    found = []
    for fraction in FRACTIONS:
        below = math.ceil(fraction * limit) - 1
        too_few = max((budget for budget in known if known[budget] < fraction), default=below)
        enough = min((budget for budget in known if budget > too_few), default=max(too_few + 1, int(1.3 * limit)))
        while enough < most and not reaches(enough, fraction):
            too_few, enough = enough, min(most, math.ceil(1.4 * enough))
        if not reaches(enough, fraction):
            found.append(math.nan)
            continue
        while enough - too_few > max(1, BUDGET_TOLERANCE * enough):
            middle = (too_few + enough) // 2
            too_few, enough = (too_few, middle) if reaches(middle, fraction) else (middle, enough)
        found.append(float(enough))
    return found


def peak_mebibytes() -> float:
    """Most memory that this process has held so far, in MiB.

    Linux says so in /proc; getrusage would count what the parent held when it started this process.
    """
    try:
        lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        import resource

        unit = 1024 * 1024 if sys.platform == "darwin" else 1024
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
    kibibytes = next(line.split()[1] for line in lines if line.startswith("VmHWM"))
    return int(kibibytes) / 1024


def main() -> None:
    """Measure, print each graph's tables as they are done, and write the page where asked to."""
    parser = argparse.ArgumentParser(description="Samplers side by side, on one graph and one budget.")
    parser.add_argument("names", nargs="*", metavar="GRAPH", help=", ".join(GRAPHS))
    parser.add_argument("--write-page", action="store_true", help="write docs/walk_arena.md and its plots anew")
    parser.add_argument("--figures", type=Path, help="JSON file to keep figures in; graphs not named are taken from it")
    arguments = parser.parse_args()
    if unknown := set(arguments.names) - set(GRAPHS):
        parser.error(f"unknown: {', '.join(sorted(unknown))}; known: {', '.join(GRAPHS)}")
    kept = _read(arguments.figures)
    all_measured = True
    for name in arguments.names or GRAPHS:
        results = []
        for result in bench([name]):
            results.append(result)
            if isinstance(result, Measured):
                print(f"{name}, {result.sampler}: {result.paths_per_second:.0f} paths/CPU s", file=sys.stderr)
        missing = [result for result in results if isinstance(result, LeftOut | Failed)]
        all_measured &= not any(isinstance(result, Failed) for result in missing)
        kept[name] = results
        print("\n".join([tables(results), *(result.line() for result in missing)]).lstrip(), flush=True)
        _write(arguments.figures, kept)
    if arguments.write_page:
        write_page([result for name in GRAPHS for result in kept.get(name, [])])
    sys.exit(0 if all_measured else 1)


Results = dict[str, list[Result]]
_KINDS: Mapping[str, Callable[..., Result]] = {kind.__name__: kind for kind in (GraphFacts, Measured, LeftOut, Failed)}


def _read(file: Path | None) -> Results:
    if file is None or not file.is_file():
        return {}
    kept = json.loads(file.read_text(encoding="utf-8"))
    return {name: [_KINDS[kind](**fields) for kind, fields in results] for name, results in kept.items()}


def _write(file: Path | None, kept: Results) -> None:
    if file is not None:
        plain = {name: [(type(result).__name__, asdict(result)) for result in kept[name]] for name in kept}
        file.write_text(json.dumps(plain), encoding="utf-8")


if __name__ == "__main__":
    main()
