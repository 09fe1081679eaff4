"""What each knob of the walks does: `make bench ONLY=sensitivity`, some two minutes.

Each knob alone is moved away from conf/base/parameters_sampling.yml, on the graph of the bundled seeds and on made-up
seeds with 10,000 knowledge points, with five random seeds each. A table a knob goes to standard output as Markdown, its
picture to docs/images. Some of them alone, and the pictures elsewhere:

    python benchmarks/sensitivity.py alpha beta --images FOLDER

The same project gives the same figures and pictures, but for the CPU seconds in the table of `growth`, and draws
without targets except for `rho`. docs/sensitivity.md says what to make of it.
"""

import argparse
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import yaml
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from linkqa_kedro.figures.association_density import association_densities
from linkqa_kedro.figures.coverage import coverage_fraction, paths_to_coverage
from linkqa_kedro.figures.gini import gini
from linkqa_kedro.figures.rank_correlation import rank_correlation
from linkqa_kedro.figures.total_variation import total_variation
from linkqa_kedro.pipelines.sampling.parameters import SamplingParameters
from linkqa_kedro.report.style import BLUE, GREY, VERMILION, WIDTH_INCHES, styled
from linkqa_kedro.walks.cells import CellQuota
from linkqa_kedro.walks.drawing import Drawing, WalkSettings
from linkqa_kedro.walks.quotas import largest_remainder
from linkqa_kedro.walks.steps import STOPPED
from seed_graphs import PROJECT, SETTINGS, SeedGraph, bundled_graph, zipf_graph

IMAGES = PROJECT / "docs" / "images"
N_ZIPF_POINTS = 10_000
RANDOM_SEEDS = range(1, 6)
COVERAGE = 0.95
VISITS_PER_POINT = 5
"""Budget of a run: as many paths as there are knowledge points, as paths hold five at most."""

DOTS_PER_INCH = 150
LOOKS = ((BLUE, "o"), (VERMILION, "s"))
"""Colour and mark of each graph."""

Measured = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Run:
    """Paths drawn with one setting and one random seed.

    Attributes:
        graph: What they were drawn on.
        quotas: Cells that were asked for.
        drawing: What was drawn.
        cpu_seconds: What that took.
    """

    graph: SeedGraph
    quotas: Sequence[CellQuota]
    drawing: Drawing
    cpu_seconds: float


@dataclass(frozen=True)
class Measure:
    """Something that a knob moves.

    Attributes:
        label: On the axis of the picture and above the column.
        of: Its value for a run.
        is_share: Whether it is written in percent.
        is_drawn: Whether it has a panel in the picture.
    """

    label: str
    of: Callable[[Run], float]
    is_share: bool = False
    is_drawn: bool = True

    def written(self, value: float) -> str:
        """The value as a table has it."""
        if np.isnan(value):
            return "not reached"
        return f"{100 * value:.1f} %" if self.is_share else f"{value:.3g}"


@dataclass(frozen=True)
class Knob:
    """One knob, and what it trades.

    Attributes:
        symbol: Its letter in docs/method.md, or its name.
        field: Of `WalkSettings`.
        parameter: Of the section `sampling`.
        values: Where it is put, ascending.
        finding: Title of the picture.
        measures: What is looked at.
        has_targets: Whether as many paths are asked of every discipline.
    """

    symbol: str
    field: str
    parameter: str
    values: tuple[float, ...]
    finding: str
    measures: tuple[Measure, ...]
    has_targets: bool = False


def _coverage(run: Run) -> float:
    """Coverage of the first paths, as many as hold every knowledge point once if none is held twice."""
    paths, reachable = run.drawing.paths.vertices, run.drawing.reachable
    first = paths[: -(-int(reachable.sum()) // paths.shape[1])]
    visits = np.bincount(first[first != STOPPED], minlength=len(reachable))
    return coverage_fraction(visits, reachable)


def _gini(run: Run) -> float:
    return gini(run.drawing.visits[run.drawing.reachable])


def _popularity_correlation(run: Run) -> float:
    reachable = run.drawing.reachable
    return rank_correlation(run.drawing.visits[reachable], run.graph.popularity[reachable])


def _distance_to_target(run: Run) -> float:
    visits = run.drawing.visits
    return float(np.abs(visits / visits.sum() - run.drawing.target).sum() / 2)


def _association_of_steps(run: Run) -> float:
    """Mean association of the edges that the paths take."""
    graph, paths = run.graph.graph, run.drawing.paths.vertices.astype(np.int64)
    tails, heads = paths[:, :-1], paths[:, 1:]
    taken = heads != STOPPED
    edges = graph.tails * graph.n_vertices + graph.indices  # ascending, as neighbours are
    places = np.searchsorted(edges, tails[taken] * graph.n_vertices + heads[taken])
    return float(graph.weights[places].mean())


def _association_density(run: Run) -> float:
    return float(np.nanmean(association_densities(run.drawing.paths.seeds, run.graph.seeds.index.padded_vertices())))


def _mixed_paths(run: Run) -> float:
    """Share of the paths whose seeds are of two disciplines or more."""
    there, disciplines = _seed_disciplines(run)
    own = disciplines[:, :1]  # the first place is always taken
    return float(((disciplines != own) & there).any(axis=1).mean())


def _distance_of_disciplines(run: Run) -> float:
    """Total variation of the seeds' disciplines, each path counting once, against the quotas."""
    there, disciplines = _seed_disciplines(run)
    weights = (there / there.sum(axis=1, keepdims=True))[there]
    names = disciplines[there]
    realised = {str(name): float(weights[names == name].sum()) for name in np.unique(names)}
    asked: Counter[str] = Counter()
    for cell in run.quotas:
        asked[str(cell.discipline)] += cell.quota
    return total_variation(asked, realised)


def _seed_disciplines(run: Run) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.str_]]:
    """Which places of the paths hold a seed, and its discipline, shape (n_paths, n_places) both."""
    seeds = run.drawing.paths.seeds
    return seeds >= 0, run.graph.seeds.disciplines[seeds]


def _paths_to_coverage(run: Run) -> float:
    n_reachable = int(run.drawing.reachable.sum())
    return paths_to_coverage(run.drawing.paths.vertices, n_reachable, COVERAGE) / n_reachable


def _rounds(run: Run) -> float:
    return float(run.drawing.paths.rounds.max() + 1)


COVERED = Measure("coverage at one visit per KP", _coverage, is_share=True)
GINI = Measure("Gini of visits", _gini)
DISTANCE = Measure("distance of visits to q", _distance_to_target, is_share=True)
TO_COVERAGE = Measure("paths per KP to 95 % coverage", _paths_to_coverage)

KNOBS: Mapping[str, Knob] = {
    "alpha": Knob(
        symbol="alpha",
        field="alpha",
        parameter="popularity_exponent",
        values=(0.0, 0.25, 0.5, 0.75, 1.0),
        finding="alpha: visits follow popularity, for few extra paths",
        measures=(
            Measure("rank correlation with popularity", _popularity_correlation),
            GINI,
            TO_COVERAGE,
            replace(DISTANCE, is_drawn=False),
        ),
    ),
    "beta": Knob(
        symbol="beta",
        field="beta",
        parameter="correction_exponent",
        values=(0.0, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0),
        finding="beta: about 4 comes nearest to the target shares, 16 overshoots",
        measures=(COVERED, GINI, DISTANCE),
    ),
    "gamma": Knob(
        symbol="gamma",
        field="gamma",
        parameter="association_exponent",
        values=(0.0, 0.5, 1.0, 2.0, 4.0, 8.0),
        finding="gamma: more closely associated steps, and little change in coverage",
        measures=(
            Measure("mean association of the steps", _association_of_steps),
            Measure("association density of seeds", _association_density),
            COVERED,
        ),
    ),
    "rho": Knob(
        symbol="rho",
        field="rho",
        parameter="cross_discipline_rate",
        values=(0.0, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0),
        finding="rho: paths that join disciplines; the target gives way once rho is above 0",
        measures=(
            Measure("paths of several disciplines", _mixed_paths, is_share=True),
            Measure("distance of disciplines to target", _distance_of_disciplines, is_share=True),
            COVERED,
        ),
        has_targets=True,
    ),
    "s": Knob(
        symbol="s",
        field="smoothing_fraction",
        parameter="smoothing_fraction",
        values=(0.01, 0.03, 0.1, 0.3, 1.0, 3.0),
        finding="s: below 0.3 it hardly matters, above it coverage takes more paths",
        measures=(TO_COVERAGE, GINI, DISTANCE),
    ),
    "growth": Knob(
        symbol="growth of rounds",
        field="round_growth",
        parameter="round_growth",
        values=(1.0, 1.1, 1.3, 1.6, 2.0, 4.0),
        finding="growth of rounds: slower growth needs fewer paths, and more rounds",
        measures=(
            TO_COVERAGE,
            Measure("rounds", _rounds),
            GINI,
            Measure("CPU seconds", lambda run: run.cpu_seconds, is_drawn=False),
        ),
    ),
}


def bench(names: Iterable[str], images: Path = IMAGES) -> Iterator[str]:
    """Table of each named knob as Markdown, its picture in the folder of images."""
    graphs = {"bundled seeds": bundled_graph(), f"made-up seeds, {N_ZIPF_POINTS:,} KPs": zipf_graph(N_ZIPF_POINTS)}
    for name in names:
        knob = KNOBS[name]
        measured = sweep(knob, list(graphs.values()))
        draw_sweep(knob, list(graphs), measured).savefig(
            images / f"sensitivity_{name}.png", metadata={"Software": None}
        )
        yield table(knob, list(graphs), measured)


@cache
def defaults() -> WalkSettings:
    """The knobs as conf/base/parameters_sampling.yml has them."""
    text = (PROJECT / "conf" / "base" / "parameters_sampling.yml").read_text(encoding="utf-8")
    parameters = SamplingParameters.model_validate(yaml.safe_load(text)["sampling"])
    return replace(SETTINGS, **{knob.field: getattr(parameters, knob.parameter) for knob in KNOBS.values()})


def sweep(knob: Knob, graphs: Sequence[SeedGraph], random_seeds: Iterable[int] = RANDOM_SEEDS) -> Measured:
    """Every measure at every value, shape (n_graphs, n_values, n_random_seeds, n_measures)."""
    return np.asarray(
        [
            [
                [_measured(knob, run_of(knob, graph, value, random_seed)) for random_seed in random_seeds]
                for value in knob.values
            ]
            for graph in graphs
        ]
    )


def run_of(knob: Knob, graph: SeedGraph, value: float, random_seed: int) -> Run:
    """Draw with the knob at a value and the others at their defaults."""
    moved: dict[str, Any] = {knob.field: value, "random_seed": random_seed}
    settings = replace(defaults(), **moved)
    n_paths = VISITS_PER_POINT * graph.n_points // settings.max_length
    quotas = disciplines_alike(graph, n_paths) if knob.has_targets else [CellQuota(None, None, n_paths)]
    started = time.process_time()
    drawing = graph.draw(quotas, settings)
    return Run(graph, quotas, drawing, time.process_time() - started)


def disciplines_alike(graph: SeedGraph, n_paths: int) -> list[CellQuota]:
    """As many paths of each discipline."""
    names = sorted(set(graph.seeds.disciplines.tolist()))
    shares = largest_remainder(n_paths, [1.0] * len(names)).tolist()
    return [CellQuota(name, None, quota) for name, quota in zip(names, shares, strict=True)]


def _measured(knob: Knob, run: Run) -> list[float]:
    return [measure.of(run) for measure in knob.measures]


def table(knob: Knob, names: Sequence[str], measured: Measured) -> str:
    """Medians, and the range over the random seeds, as Markdown.

    Args:
        knob: What was moved.
        names: Of the graphs.
        measured: As from `sweep`.
    """
    lines = [f"\n## {knob.symbol}, sampling.{knob.parameter}\n"]
    heads = [f"{measure.label}, {name}" for name in names for measure in knob.measures]
    lines += [f"| {knob.symbol} | {' | '.join(heads)} |", "| ---: " * (len(heads) + 1) + "|"]
    for place, value in enumerate(knob.values):
        cells = [
            _cell(measure, measured[graph, place, :, column])
            for graph in range(len(names))
            for column, measure in enumerate(knob.measures)
        ]
        lines.append(f"| {value:g}{' (default)' if value == _default(knob) else ''} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _cell(measure: Measure, values: Measured) -> str:
    written = [measure.written(value) for value in (np.median(values), values.min(), values.max())]
    return f"{written[0]} ({written[1]} to {written[2]})"


def _default(knob: Knob) -> float:
    value: float = getattr(defaults(), knob.field)
    return value


@styled
def draw_sweep(knob: Knob, names: Sequence[str], measured: Measured) -> Figure:
    """A panel for each measure: the median of each graph as a line, the range over the random seeds as a band.

    Args:
        knob: What was moved.
        names: Of the graphs, as many as LOOKS at most.
        measured: As from `sweep`.
    """
    drawn = [(column, measure) for column, measure in enumerate(knob.measures) if measure.is_drawn]
    figure = Figure(figsize=(WIDTH_INCHES, 3.3), dpi=DOTS_PER_INCH, layout="constrained")
    figure.suptitle(knob.finding, x=0.012, ha="left", fontsize=13, fontweight="bold")
    panels = figure.subplots(1, len(drawn), squeeze=False)[0].tolist()
    for axes, (column, measure) in zip(panels, drawn, strict=True):
        _draw_panel(axes, knob, measure, names, measured[..., column])
    panels[len(panels) // 2].set_xlabel(f"{knob.symbol} (sampling.{knob.parameter})")
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower left", ncols=len(labels))
    return figure


def _draw_panel(axes: Axes, knob: Knob, measure: Measure, names: Sequence[str], measured: Measured) -> None:
    """Values of the knob stand evenly spaced: most of them double from one to the next."""
    places = np.arange(len(knob.values))
    axes.set_title(measure.label, fontsize=10, loc="left")
    for name, values, (colour, mark) in zip(names, measured, LOOKS, strict=False):
        axes.fill_between(places, values.min(axis=1), values.max(axis=1), color=colour, alpha=0.25, linewidth=0)
        axes.plot(places, np.median(values, axis=1), color=colour, marker=mark, markersize=4.5, label=name)
    if _default(knob) in knob.values:
        axes.axvline(knob.values.index(_default(knob)), color=GREY, linestyle="--", linewidth=1, label="default")
    axes.set_xticks(places, [f"{value:g}" for value in knob.values], fontsize=9)
    axes.grid(visible=True, axis="y")
    axes.set_ylim(bottom=min(0.0, axes.get_ylim()[0]))
    if measure.is_share:
        axes.yaxis.set_major_formatter(FuncFormatter(lambda share, _: f"{100 * share:.3g} %"))


def main() -> None:
    """Read the arguments, print each table as it comes."""
    parser = argparse.ArgumentParser(description="What each knob of the walks does.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(KNOBS))
    parser.add_argument("--images", type=Path, default=IMAGES, help="folder for the pictures (default: docs/images)")
    arguments = parser.parse_args()
    if unknown := set(arguments.names) - set(KNOBS):
        parser.error(f"unknown: {', '.join(sorted(unknown))}; known: {', '.join(KNOBS)}")
    for text in bench(arguments.names or KNOBS, arguments.images):
        print(text, flush=True)


if __name__ == "__main__":
    main()
