"""Walks and graph building beside other libraries, and what the value does: `make bench ONLY=walks`, some five minutes.

One figure a line: name, value, unit, and the target where there is one. Some of them alone:

    python benchmarks/walks.py speed coverage

Both sides of a ratio are measured in one run, in turn, in CPU seconds of all threads (the median of the repeats). The
other libraries install with `pip install '.[bench]'`; a missing one fails its line, and the script ends with 1.

All other libraries draw static walks, as csrgraph and pecanpy can do no others; what networkx does with a value that is
refreshed after each walk, in the middle of a run, is printed beside it.

The graph is the medium one of zipf_seeds.py. Speed is measured with plain co-occurrence counts as weights, where walks
meet hubs often, and once more with cosine association, where they do not: the cost of a step of csrgraph and networkx
grows with the degree of the vertex. Ours includes what a run of 2 million walks spends on refreshing the value.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import networkx as nx
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from linkqa_kedro.figures.coverage import coverage_fraction, paths_to_coverage
from linkqa_kedro.figures.gini import gini
from linkqa_kedro.knowledge_value import knowledge_value
from linkqa_kedro.pipelines.graph.incidence import number_names
from linkqa_kedro.walks.choice_table import NOTHING, ChoiceTable
from linkqa_kedro.walks.cooccurrence import Association, EdgeTable, count_pairs
from linkqa_kedro.walks.counter_draws import DrawKey
from linkqa_kedro.walks.csr import CsrGraph
from linkqa_kedro.walks.drawing import CHUNK_WALKS, Drawing
from linkqa_kedro.walks.quotas import round_sizes
from linkqa_kedro.walks.steps import draw_walks
from measuring import Failed, Figure, MissingPeerError, cpu_seconds
from peers.graph_builders import build_with_networkx, build_with_pandas, build_with_pandas_codes
from peers.walkers import CsrgraphWalker, NetworkxWalker, PecanpyWalker, networkx_graph
from seed_graphs import SETTINGS, SeedGraph, zipf_graph
from zipf_seeds import ZipfSeeds, zipf_seeds

N_SEEDS, N_POINTS = 200_000, 50_000
N_WALKS, LENGTH = 2_000_000, 5
N_NETWORKX_WALKS = 3_000
N_REPEATS = 3

SMOOTHING = SETTINGS.smoothing_fraction * N_POINTS

COVERAGE = 0.95
BUDGET_TOLERANCE = 0.005
"""A smallest sufficient budget is known to this share of itself."""

Result = Figure | Failed


@dataclass(frozen=True)
class Ratio:
    """A ratio to print: how many times the rate of one side is that of another.

    Attributes:
        name: Name of the figure.
        ours: Side above the line.
        peer: Side below it.
        target: See `Figure`.
    """

    name: str
    ours: str
    peer: str
    target: str = ""


WALK_RATIOS = (
    Ratio("walks_vs_networkx", "ours", "networkx", ">= 400"),
    Ratio("walks_vs_networkx_updated_beta_1", "ours_beta_1", "networkx_beta_1", ">= 400"),
    Ratio("walks_vs_networkx_updated_beta_4", "ours", "networkx_beta_4"),
    Ratio("walks_vs_networkx_updated_tuned", "ours", "networkx_tuned"),
    Ratio("walks_vs_csrgraph", "ours", "csrgraph", ">= 2.5"),
    Ratio("walks_vs_pecanpy", "ours", "pecanpy", ">= 8"),
    Ratio("walks_vs_pecanpy_first_order", "ours", "pecanpy_first_order"),
)
COSINE_RATIOS = (
    Ratio("walks_vs_networkx_cosine", "ours_cosine", "networkx_cosine"),
    Ratio("walks_vs_csrgraph_cosine", "ours_cosine", "csrgraph_cosine"),
    Ratio("walks_vs_pecanpy_cosine", "ours_cosine", "pecanpy_cosine"),
)
GRAPH_RATIOS = (
    Ratio("graph_vs_networkx", "ours", "networkx", ">= 8"),
    Ratio("graph_vs_pandas", "ours", "pandas", ">= 3"),
    Ratio("graph_vs_pandas_codes", "ours", "pandas_codes"),
)


@dataclass(frozen=True)
class Side:
    """One side of a comparison.

    Attributes:
        work: What is timed.
        n_done: Walks, or graphs, that it makes.
    """

    work: Callable[[], object]
    n_done: int


Sides = dict[str, Side | MissingPeerError]


def bench(names: Iterable[str]) -> Iterator[Result]:
    """The figures of the named measurements, as they come."""
    for name in names:
        yield from MEASUREMENTS[name]()


def speed() -> Iterator[Result]:
    """Walks per CPU second."""
    graph = _medium("count").graph
    sides: Sides = {
        "ours": Side(lambda: walk_in_rounds(graph, N_WALKS, beta=4.0), N_WALKS),
        "ours_beta_1": Side(lambda: walk_in_rounds(graph, N_WALKS, beta=1.0), N_WALKS),
        **_networkx_sides(graph),
        "csrgraph": _static_side(graph, lambda: CsrgraphWalker(graph)),
        "pecanpy": _static_side(graph, lambda: PecanpyWalker(graph, "node2vec"), n_epochs=1),
        "pecanpy_first_order": _static_side(graph, lambda: PecanpyWalker(graph, "first_order")),
    }
    yield from _compared(sides, WALK_RATIOS, "walks/CPU s")
    cosine = _medium("cosine").graph
    sides = {
        "ours_cosine": Side(lambda: walk_in_rounds(cosine, N_WALKS, beta=4.0), N_WALKS),
        "networkx_cosine": _networkx_sides(cosine)["networkx"],
        "csrgraph_cosine": _static_side(cosine, lambda: CsrgraphWalker(cosine)),
        "pecanpy_cosine": _static_side(cosine, lambda: PecanpyWalker(cosine, "node2vec"), n_epochs=1),
    }
    yield from _compared(sides, COSINE_RATIOS, "walks/CPU s")


def walk_in_rounds(graph: CsrGraph, n_walks: int, beta: float) -> npt.NDArray[np.int64]:
    """Self-avoiding walks whose value is refreshed in every round; visits of each vertex.

    What production does without targets and seeds: tables from the CSR arrays, then for each round the value of what
    was visited, refreshed tables, walks, visits.
    """
    n_vertices = graph.n_vertices
    target = np.full(n_vertices, 1 / n_vertices)
    steps = ChoiceTable(graph.indptr, graph.indices, graph.weights)
    starts = ChoiceTable(np.asarray([0, n_vertices]), np.arange(n_vertices), target)
    visits = np.zeros(n_vertices, np.int64)
    n_before = 0
    for number, size in enumerate(round_sizes(n_walks, n_vertices, LENGTH, SETTINGS.round_growth)):
        value = knowledge_value(target, visits, beta, SMOOTHING)
        steps.refresh(value)
        starts.refresh(value)
        for vertices in _round(starts, steps, range(n_before, n_before + size), DrawKey(1, number, 0)):
            visits += np.bincount(vertices[vertices != NOTHING], minlength=n_vertices)
        n_before += size
    return visits


def _round(starts: ChoiceTable, steps: ChoiceTable, walks: range, key: DrawKey) -> Iterator[npt.NDArray[np.int64]]:
    """Vertices of the walks of a round, chunk by chunk."""
    for first in range(walks.start, walks.stop, CHUNK_WALKS):
        numbers = np.arange(first, min(first + CHUNK_WALKS, walks.stop))
        yield draw_walks(starts, steps, np.zeros(len(numbers), np.int64), numbers, key, LENGTH).vertices


def _networkx_sides(graph: CsrGraph) -> dict[str, Side]:
    shared = networkx_graph(graph)
    visits = {beta: walk_in_rounds(graph, N_WALKS // 2, beta) for beta in (1.0, 4.0)}
    walkers = {
        "networkx": NetworkxWalker(shared, np.zeros(graph.n_vertices, np.int64), 0.0, SMOOTHING),
        "networkx_beta_1": NetworkxWalker(shared, visits[1.0], 1.0, SMOOTHING),
        "networkx_beta_4": NetworkxWalker(shared, visits[4.0], 4.0, SMOOTHING),
        "networkx_tuned": NetworkxWalker(shared, visits[4.0], 4.0, SMOOTHING, tuned=True),
    }
    for walker in walkers.values():
        _check_walks(graph, [path for path in walker.draw(100, LENGTH) if len(path) == LENGTH])
    return {name: Side(_drawing(walker, N_NETWORKX_WALKS), N_NETWORKX_WALKS) for name, walker in walkers.items()}


def _static_side(
    graph: CsrGraph,
    make: Callable[[], CsrgraphWalker | PecanpyWalker],
    n_epochs: int = N_WALKS // N_POINTS,
) -> Side | MissingPeerError:
    """A walker with everything compiled; its walks are looked at once."""
    try:
        walker = make()
    except MissingPeerError as error:
        return error
    _check_walks(graph, walker.draw(1, LENGTH))
    return Side(_drawing(walker, n_epochs), n_epochs * graph.n_vertices)


def _drawing(walker: NetworkxWalker | CsrgraphWalker | PecanpyWalker, n: int) -> Callable[[], object]:
    return lambda: walker.draw(n, LENGTH)


def _check_walks(graph: CsrGraph, walks: npt.ArrayLike) -> None:
    """Walks have the asked length and follow edges: a peer that errs is none.

    One step in ten thousand may go astray: csrgraph sums up the weights of a row in 32 bits, and at the largest hubs
    one in some hundred thousand of its draws falls between the last sum and 1.
    """
    vertices = np.asarray(walks).astype(np.int64)
    assert vertices.shape[1] == LENGTH
    steps = vertices[:, :-1] * graph.n_vertices + vertices[:, 1:]
    assert np.isin(steps, graph.tails * graph.n_vertices + graph.indices).mean() > 1 - 1e-4


def _compared(sides: Sides, ratios: Iterable[Ratio], unit: str) -> Iterator[Result]:
    """The rate of every side that is there, then the ratios."""
    present = {name: side for name, side in sides.items() if isinstance(side, Side)}
    seconds = cpu_seconds({name: side.work for name, side in present.items()}, N_REPEATS)
    rates = {name: side.n_done / seconds[name] for name, side in present.items()}
    for name, rate in rates.items():
        yield Figure(f"rate_{name}", rate, unit)
    for ratio in ratios:
        peer = sides[ratio.peer]
        if isinstance(peer, MissingPeerError):
            yield Failed(ratio.name, str(peer))
        else:
            yield Figure(ratio.name, rates[ratio.ours] / rates[ratio.peer], "ratio", ratio.target)


def evenness() -> Iterator[Result]:
    """Gini of the visits beside that of the same walk without the value, at 5 visits per knowledge point."""
    ginis = {beta: gini(_drawn(N_POINTS, beta).visits) for beta in (0.0, 4.0)}
    yield Figure("gini_static", ginis[0.0], "Gini")
    yield Figure("gini_ours", ginis[4.0], "Gini")
    yield Figure("gini_vs_static", ginis[4.0] / ginis[0.0], "ratio", "<= 0.5")


def coverage() -> Iterator[Result]:
    """Paths to 95 % coverage: the smallest sufficient budget of ours, and where MathScale's one run gets there."""
    mathscale = mathscale_paths_to_coverage()
    yield Figure("paths_to_95_limit", COVERAGE * N_POINTS / LENGTH, "paths")
    yield Figure("paths_to_95_mathscale", mathscale, "paths")
    for beta, suffix in ((4.0, ""), (2.0, "_beta_2")):
        budget = smallest_sufficient_budget(beta, int(mathscale))
        yield Figure(f"paths_to_95_ours{suffix}", budget, "paths")
        yield Figure(f"paths_to_95_vs_mathscale{suffix}", budget / mathscale, "ratio", "<= 0.35")


def mathscale_paths_to_coverage() -> float:
    """Paths to 95 % coverage of MathScale's walk, the median of 5 runs.

    Steps are proportional to co-occurrence counts and starts uniform (Tang et al. 2024, "MathScale", arXiv 2403.02884).
    Made self-avoiding, which helps it, as no place of a path is spent twice on one knowledge point.
    """
    graph = _medium("count").graph
    steps = ChoiceTable(graph.indptr, graph.indices, graph.weights)
    starts = ChoiceTable(np.asarray([0, N_POINTS]), np.arange(N_POINTS), np.ones(N_POINTS))
    for table in (steps, starts):
        table.refresh(np.ones(N_POINTS))
    runs = [
        np.concatenate(list(_round(starts, steps, range(5 * N_POINTS), DrawKey(random_seed, 0, 0))), axis=1).T
        for random_seed in range(5)
    ]
    return float(np.median([paths_to_coverage(paths, N_POINTS, COVERAGE) for paths in runs]))


def smallest_sufficient_budget(beta: float, sufficient: int) -> int:
    """Paths to ask for so that a run covers 95 % of what can be reached, by bisection: rounds depend on the budget."""
    too_few = int(COVERAGE * N_POINTS / LENGTH) - 1
    while sufficient - too_few > max(1, BUDGET_TOLERANCE * sufficient):
        budget = (too_few + sufficient) // 2
        drawing = _drawn(budget, beta)
        if coverage_fraction(drawing.visits, drawing.reachable) >= COVERAGE:
            sufficient = budget
        else:
            too_few = budget
    return sufficient


def graph_building() -> Iterator[Result]:
    """From a Parquet file of (seed, knowledge point) names to counted edges."""
    builders: Mapping[str, Callable[[Path], object]] = {
        "ours": build_with_packed_keys,
        "networkx": build_with_networkx,
        "pandas": build_with_pandas,
        "pandas_codes": build_with_pandas_codes,
    }
    with tempfile.TemporaryDirectory() as folder:
        small = _written(zipf_seeds(N_SEEDS // 50, N_POINTS // 50), Path(folder) / "small.parquet")
        counted = {name: _counted(build(small)) for name, build in builders.items()}  # and everything is imported
        assert all(edges == counted["ours"] for edges in counted.values())
        whole = _written(zipf_seeds(N_SEEDS, N_POINTS), Path(folder) / "whole.parquet")
        sides: Sides = {name: Side(_building(build, whole), 1) for name, build in builders.items()}
        yield from _compared(sides, GRAPH_RATIOS, "graphs/CPU s")


def _building(build: Callable[[Path], object], pairs: Path) -> Callable[[], object]:
    return lambda: build(pairs)


def build_with_packed_keys(pairs: Path) -> tuple[EdgeTable, pa.Array]:
    """Ours: counted edges between numbers, and the names in the order of the numbers."""
    table = pq.read_table(pairs, read_dictionary=["seed_id", "kp"])
    vertices, names = number_names(table["kp"])
    seeds, _ = number_names(table["seed_id"])
    return count_pairs(vertices, seeds, len(names)), names


def _written(seeds: ZipfSeeds, place: Path) -> Path:
    numbers = np.random.default_rng(1).permutation(seeds.n_points)  # the order of names is not that of numbers
    names = pa.array([f"knowledge point {number:06}" for number in numbers])
    identifiers = pa.array([f"seed-{number:07}" for number in range(seeds.n_seeds)])
    columns = {"seed_id": identifiers.take(pa.array(seeds.seeds)), "kp": names.take(pa.array(seeds.vertices))}
    pq.write_table(pa.table(columns), place)
    return place


def _counted(graph: object) -> dict[tuple[str, str], int]:
    """Count of each pair of names."""
    if isinstance(graph, nx.Graph):
        return {(min(a, b), max(a, b)): count for a, b, count in graph.edges(data="weight")}
    if isinstance(graph, pd.DataFrame):
        return {(a, b): count for a, b, count in graph[["source", "target", "count"]].itertuples(index=False)}
    assert isinstance(graph, tuple)
    edges, names = graph[0], graph[1].to_pylist()
    ends = zip(edges.sources.tolist(), edges.targets.tolist(), edges.counts.tolist(), strict=True)
    return {(names[a], names[b]): count for a, b, count in ends}


MEASUREMENTS: Mapping[str, Callable[[], Iterator[Result]]] = {
    "speed": speed,
    "evenness": evenness,
    "coverage": coverage,
    "graph_building": graph_building,
}


@cache
def _medium(measure: Association = "cosine") -> SeedGraph:
    return zipf_graph(N_POINTS).reweighted(measure)


def _drawn(n_paths: int, beta: float) -> Drawing:
    """Paths with their seeds, as a run without targets draws them."""
    return _medium().draw(n_paths, replace(SETTINGS, beta=beta))


def main() -> None:
    """Measure, and print each figure as it comes."""
    parser = argparse.ArgumentParser(description="How fast and how evenly knowledge points are walked over.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(MEASUREMENTS))
    arguments = parser.parse_args()
    if unknown := set(arguments.names) - set(MEASUREMENTS):
        parser.error(f"unknown: {', '.join(sorted(unknown))}; known: {', '.join(MEASUREMENTS)}")
    all_measured = True
    for figure in bench(arguments.names or MEASUREMENTS):
        print(figure.line(), flush=True)
        all_measured &= isinstance(figure, Figure)
    sys.exit(0 if all_measured else 1)


if __name__ == "__main__":
    main()
