"""What the Walk Arena measured, as tables and plots; `write_page` puts them into docs/walk_arena.md."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from linkqa_kedro.report.style import BLACK, BLUE, GREEN, GREY, ORANGE, PIXELS_PER_INCH, STYLE, VERMILION, WIDTH_INCHES
from measuring import Failed

DOCS = Path(__file__).parents[1] / "docs"
BEGIN = "<!-- Written by benchmarks/walk_arena.py --write-page: from here -->"
END = "<!-- to here -->"

TITLES = {
    "bundled": "Bundled seeds",
    "tal_en": "TAL English",
    "tal_zh": "TAL Chinese",
    "zipf_1e4": "Zipf, 10⁴ KPs",
    "zipf_1e5": "Zipf, 10⁵ KPs",
    "zipf_1e6": "Zipf, 10⁶ KPs",
}

# Colour and marker, so that neither alone tells the samplers apart.
SHOWN = {
    "uniform walk": (GREY, "v"),
    "MathScale": (VERMILION, "s"),
    "partition": (GREEN, "^"),
    "ours α 0, β 4": (BLUE, "o"),
    "targets, α 0.5, β 4": (ORANGE, "D"),
}


@dataclass(frozen=True)
class GraphFacts:
    """The size of a graph.

    Attributes:
        name: Its name.
        n_points: Knowledge points.
        n_reachable: Those in components that hold a shortest path.
        n_seeds: Seeds.
        n_edges: Undirected edges.
        n_disciplines: Disciplines of its seeds.
        length: L, knowledge points of a path at most.
        budget: Paths of a run.
    """

    name: str
    n_points: int
    n_reachable: int
    n_seeds: int
    n_edges: int
    n_disciplines: int
    length: int
    budget: int

    @property
    def limit(self) -> float:
        """K/L, paths that would visit every reachable point once if no visit were lost."""
        return self.n_reachable / self.length


@dataclass(frozen=True)
class Measured:
    """One sampler on one graph at the graph's budget; NaN stands for what was not measured or not reached.

    Attributes:
        graph: Name of the graph.
        sampler: Name of the sampler.
        n_paths: Paths drawn.
        points_per_path: Knowledge points per path.
        coverage: Share of the reachable points that a path visits, 0 to 1.
        one_run: Paths after which the run reached 80, 95 and 99 % coverage.
        sufficient: Smallest budgets that reach them.
        gini: Of the visits of the reachable points, 0 to 1.
        distance_to_uniform: Total variation between visits and the uniform q(k), 0 to 1.
        distance_to_own: The same to the q(k) that the sampler was told to follow.
        discipline_distance: Total variation between the seeds' disciplines and the target, 0 to 1.
        difficulty_distance: The same for the rounded mean levels.
        density: Mean association density, 0 to 1.
        with_seeds: Share of the paths that have seeds, 0 to 1.
        paths_per_second: Paths with their seeds per CPU second, preparing included.
        mebibytes_before: Peak memory of the process before it began, in MiB: the graph and the libraries.
        mebibytes: Peak memory of the process, in MiB.
        curve_paths: Numbers of paths, ascending.
        curve_coverage: Coverage after each.
    """

    graph: str
    sampler: str
    n_paths: int
    points_per_path: float
    coverage: float
    one_run: list[float]
    sufficient: list[float]
    gini: float
    distance_to_uniform: float
    distance_to_own: float
    discipline_distance: float
    difficulty_distance: float
    density: float
    with_seeds: float
    paths_per_second: float
    mebibytes_before: float
    mebibytes: float
    curve_paths: list[int]
    curve_coverage: list[float]


@dataclass(frozen=True)
class LeftOut:
    """A graph that cannot be had here.

    Attributes:
        name: Its name.
        why: The reason.
    """

    name: str
    why: str

    def line(self) -> str:
        """The reason as it is printed."""
        return f"{self.name} left out: {self.why}"


Result = GraphFacts | Measured | LeftOut | Failed
Results = Sequence[Result]

COVERAGE_COLUMNS = (
    "sampler",
    "paths",
    "KPs a path",
    "coverage",
    "one run: 80 %",
    "95 %",
    "99 %",
    "sufficient: 80 %",
    "95 %",
    "99 %",
    "Gini",
    "to uniform q",
    "to own q",
)
TARGET_COLUMNS = (
    "sampler",
    "discipline",
    "difficulty",
    "paths with seeds",
    "association density",
    "paths per CPU s",
    "peak MiB",
)


def tables(results: Results) -> str:
    """The graphs' headings and their two tables as Markdown, aligned to be read as they are."""
    return "\n\n".join(_graph_section(facts, results) for facts in results if isinstance(facts, GraphFacts))


def _graph_section(facts: GraphFacts, results: Results) -> str:
    rows = [result for result in results if isinstance(result, Measured) and result.graph == facts.name]
    before = max((row.mebibytes_before for row in rows), default=math.nan)
    disciplines = "1 discipline" if facts.n_disciplines == 1 else f"{facts.n_disciplines} disciplines"
    return "\n\n".join(
        [
            f"### {TITLES.get(facts.name, facts.name)}",
            f"{facts.n_seeds:,} seeds of {disciplines}, {facts.n_points:,} knowledge points ({facts.n_reachable:,} "
            f"reachable), {facts.n_edges:,} edges. Budget {facts.budget:,} paths. Limits: "
            + ", ".join(f"{math.ceil(share * facts.limit):,} paths for {share:.0%}" for share in (0.8, 0.95, 0.99))
            + f". Graph and libraries alone: {_count(before)} MiB.",
            markdown_table(COVERAGE_COLUMNS, [_coverage_row(row) for row in rows]),
            markdown_table(TARGET_COLUMNS, [_target_row(row) for row in rows]),
        ]
    )


def _coverage_row(row: Measured) -> list[str]:
    return [
        row.sampler,
        _count(row.n_paths),
        f"{row.points_per_path:.2f}",
        f"{row.coverage:.1%}",
        *map(_count, row.one_run),
        *map(_count, row.sufficient),
        _share(row.gini),
        _share(row.distance_to_uniform),
        _share(row.distance_to_own),
    ]


def _target_row(row: Measured) -> list[str]:
    return [
        row.sampler,
        _share(row.discipline_distance),
        _share(row.difficulty_distance),
        f"{row.with_seeds:.1%}",
        _share(row.density),
        _count(row.paths_per_second),
        _count(row.mebibytes),
    ]


def _count(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:,.0f}"


def _share(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:.3f}"


def markdown_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """An aligned table: first column to the left, the others to the right."""
    widths = [max(map(len, column)) for column in zip(columns, *rows, strict=True)]
    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    return "\n".join(_table_line(cells, widths) for cells in [columns, rule, *rows])


def _table_line(cells: Sequence[str], widths: Sequence[int]) -> str:
    first, *others = [
        f"{cell:<{width}}" if place == 0 else f"{cell:>{width}}"
        for place, (cell, width) in enumerate(zip(cells, widths, strict=True))
    ]
    return f"| {' | '.join([first, *others])} |"


def write_page(results: Results, docs: Path = DOCS) -> None:
    """Write the tables between the marks of walk_arena.md, and the plots to images/.

    Args:
        results: Of all graphs, in the order of the page.
        docs: Folder of the page.
    """
    page = docs / "walk_arena.md"
    head, _, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    _, _, tail = rest.partition(END)
    missing = [f"- {result.line()}" for result in results if isinstance(result, LeftOut | Failed)]
    written = "\n\n".join([tables(results), *(["\n".join(missing)] if missing else [])])
    page.write_text(f"{head}{BEGIN}\n\n{written}\n\n{END}{tail}", encoding="utf-8")
    pictures = {"coverage": plot_coverage(results), "paths_to_95": plot_paths_to_95(results)}
    for name, figure in pictures.items():
        # No version stamp: the same figures give the same bytes.
        figure.savefig(docs / "images" / f"walk_arena_{name}.png", dpi=PIXELS_PER_INCH / 2, metadata={"Software": None})


def plot_coverage(results: Results) -> Figure:
    """Coverage over the paths of one run, a panel for each graph."""
    graphs = [facts for facts in results if isinstance(facts, GraphFacts)]
    n_rows = max(1, math.ceil(len(graphs) / 3))
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(WIDTH_INCHES, 0.9 + 2.3 * n_rows), dpi=PIXELS_PER_INCH, layout="constrained")
        panels = figure.subplots(n_rows, 3, sharex=True, sharey=True, squeeze=False).ravel().tolist()
        for panel, facts in zip(panels, graphs, strict=False):
            _draw_curves(panel, facts, results)
        for panel in panels[len(graphs) :]:
            panel.set_visible(False)
        handles, labels = panels[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside upper left", ncols=3)
        figure.supxlabel("paths, in K/L", fontsize=10)
        figure.supylabel("coverage of reachable knowledge points", fontsize=10)
    return figure


def _draw_curves(panel: Axes, facts: GraphFacts, results: Results) -> None:
    for row in _shown(results, facts.name):
        colour, marker = SHOWN[row.sampler]
        paths = [n / facts.limit for n in row.curve_paths]
        panel.plot(
            paths, row.curve_coverage, color=colour, marker=marker, markevery=12, markersize=4, label=row.sampler
        )
    panel.plot([0, 1, 2], [0, 1, 1], color=BLACK, linewidth=0.8, linestyle=":", label="limit")
    panel.set_title(TITLES.get(facts.name, facts.name), fontsize=10)
    panel.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    panel.grid(visible=True)


def plot_paths_to_95(results: Results) -> Figure:
    """Smallest budget for 95 % coverage over its limit, for each graph; where none was looked for, the one run's."""
    graphs = [facts for facts in results if isinstance(facts, GraphFacts)]
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(WIDTH_INCHES, 1.4 + 0.4 * len(graphs)), dpi=PIXELS_PER_INCH, layout="constrained")
        axes = figure.add_subplot()
        for name, (colour, marker) in SHOWN.items():
            found = [
                (_to_95(row) / (0.95 * facts.limit), place)
                for place, facts in enumerate(graphs)
                for row in _shown(results, facts.name)
                if row.sampler == name and not math.isnan(_to_95(row))
            ]
            ratios, places = zip(*found, strict=True) if found else ((), ())
            axes.plot(ratios, places, linestyle="", color=colour, marker=marker, markersize=8, label=name)
        axes.axvline(1.0, color=BLACK, linewidth=0.8, linestyle=":", label="limit")
        axes.set_xscale("log")
        ticks = [1, 1.5, 2, 3, 5, 10]
        axes.set_xticks(ticks, [f"{tick:g}×" for tick in ticks])
        axes.minorticks_off()
        axes.set_yticks(range(len(graphs)), [TITLES.get(facts.name, facts.name) for facts in graphs])
        axes.set_ylim(len(graphs) - 0.5, -0.5)  # the first graph on top
        axes.grid(visible=True)
        axes.set_xlabel("paths to 95 % coverage, in 0.95·K/L")
        figure.legend(loc="outside upper left", ncols=3)
    return figure


def _shown(results: Results, graph: str) -> Iterable[Measured]:
    return (row for row in results if isinstance(row, Measured) and row.graph == graph and row.sampler in SHOWN)


def _to_95(row: Measured) -> float:
    return row.one_run[1] if math.isnan(row.sufficient[1]) else row.sufficient[1]
