"""The pictures of a run."""

import warnings
from collections.abc import Callable
from io import BytesIO

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from linkqa_kedro.report import plots
from linkqa_kedro.report.graph_map import plot_kp_map
from linkqa_kedro.report.style import STYLE
from report.legibility import beyond_the_edge, crowded, on_one_another, too_small, without_marks

NAMES = [f"Science of Rather Long Names {number}" for number in range(24)]
DISCIPLINES = pd.DataFrame({"discipline": NAMES, "target_fraction": 1 / 24, "realised_fraction": 1 / 24})
LEVELS = pd.DataFrame(
    {"difficulty": [1, 2, 3], "target_fraction": [0.5, 0.3, 0.2], "realised_fraction": [0.4, 0.3, 0.3]}
)
CURVE = pd.DataFrame({"n_paths": [0, 1000, 2000], "coverage_fraction": [0.0, 0.8, 0.987]})
VERTICES = pd.DataFrame({"popularity": [1, 1, 10, 100], "visits": [0, 1, 2, 30]})
STAGES = pd.DataFrame({"stage": ["extraction", "evaluation"], "rows_kept": [480, 1412], "rows_rejected": [0, 21]})
RATINGS = pd.DataFrame({"asked": [1, 1, 5], "measured": [1, 2, 5], "n_items": [3, 1, 4]})
CALIBRATION = pd.DataFrame({"labelled": [1, 1, 2, 5], "rated": [1, 2, 2, 3]})
ENHANCED = pd.DataFrame(
    {"difficulty": [1, 2], "rows_before": [3, 1], "rows_after": [1, 3], "target_fraction": [0.25, 0.75]}
)


VERY_LONG = [f"department of administrative, economic and social sciences, number {number}" for number in range(24)]
UNWRITABLE = [f"\U0003fffd{number}" for number in range(24)]
FORMULAS = [f"$\\frac{number}$ of x" for number in range(24)]


def ring(n_vertices: int, n_disciplines: int, name: str = "point") -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Knowledge points in a ring, each linked with the next; disciplines take turns."""
    ids = np.arange(n_vertices)
    vertices = pd.DataFrame({"kp_id": ids, "kp": [f"{name} {n}" for n in ids], "popularity": 1 + ids % 50})
    vertices["component_size"] = n_vertices
    names = [NAMES[n % n_disciplines] for n in ids]
    disciplines = pd.DataFrame({"kp_id": ids, "discipline": names, "n_seeds": 1})
    edges = pd.DataFrame({"source_id": ids, "target_id": (ids + 1) % n_vertices, "association": 0.5})
    return vertices, disciplines, edges


def with_disciplines(tables: tuple[pd.DataFrame, ...], names: list[str]) -> tuple[pd.DataFrame, ...]:
    """The same graph, its points of these disciplines in turn."""
    vertices, disciplines, edges = tables
    return vertices, disciplines.assign(discipline=[names[n % len(names)] for n in disciplines["kp_id"]]), edges


FIVE = [
    "the corrected walk",
    "the static walk",
    "edges drawn uniformly",
    "random points of seeds",
    "chained neighbours",
]

PICTURES = {
    "disciplines": (
        lambda: plots.plot_discipline_mix(DISCIPLINES),
        "Disciplines: 0.0 % of the rows would have to change",
    ),
    "difficulty": (lambda: plots.plot_difficulty_mix(LEVELS), "Difficulty: 10.0 % of the rows would have to change"),
    "coverage": (lambda: plots.plot_coverage({"this run": CURVE}, 4652, 5.0), "Coverage 98.7 % after 2,000 paths"),
    "visits": (lambda: plots.plot_visits(VERTICES, 0.95), "rank correlation 0.95, 1 of 4 unvisited"),
    "stages": (lambda: plots.plot_stage_rows(STAGES), "1,412 rows after evaluation; 21 set aside on the way"),
    "matrix": (lambda: plots.plot_difficulty_matrix(RATINGS), "87.5 % of 8 items measured at the level asked for"),
    "rater": (
        lambda: plots.plot_rater_calibration(CALIBRATION),
        "Rated at their label: 50.0 % of 4 seeds; within one level: 75.0 %",
    ),
    "enhancement": (lambda: plots.plot_enhancement(ENHANCED), "1.25 before enhancement, 1.75 after"),
    "map": (lambda: plot_kp_map(*ring(40, 3)), "40 knowledge points, 40 links: 100 % in one component"),
}


EXTREMES = {
    "disciplines in capitals": lambda: plots.plot_discipline_mix(
        DISCIPLINES.assign(discipline=[f"{n:W<34}" for n in range(24)])
    ),
    "five samplers": lambda: plots.plot_coverage(dict.fromkeys(FIVE, CURVE), 1_000_000, 3.0),
    "visits in millions": lambda: plots.plot_visits(VERTICES * 1_000_000 + [1, 0], -0.95),
    "rows in billions": lambda: plots.plot_stage_rows(
        STAGES.assign(rows_kept=2_000_000_000, rows_rejected=1_000_000_000)
    ),
    "disciplines of names no font has": lambda: plots.plot_discipline_mix(DISCIPLINES.assign(discipline=UNWRITABLE)),
    "disciplines with formulas": lambda: plots.plot_discipline_mix(DISCIPLINES.assign(discipline=FORMULAS)),
    "disciplines of very long names": lambda: plots.plot_discipline_mix(DISCIPLINES.assign(discipline=VERY_LONG)),
    "one discipline": lambda: plots.plot_discipline_mix(DISCIPLINES.iloc[:1]),
    "one level": lambda: plots.plot_difficulty_mix(LEVELS.iloc[:1]),
    "a million paths": lambda: plots.plot_coverage({"this run": CURVE.assign(n_paths=[0, 10, 1_000_000])}, 9000, 4.0),
    "one path": lambda: plots.plot_coverage({"this run": CURVE.iloc[:2].assign(n_paths=[0, 1])}, 9000, 4.0),
    "one point": lambda: plots.plot_visits(VERTICES.iloc[1:2], float("nan")),
    "few visits, no point of popularity 1": lambda: plots.plot_visits(VERTICES.iloc[2:3].assign(popularity=4), 0.5),
    "one stage": lambda: plots.plot_stage_rows(STAGES.iloc[:1]),
    "a map of very long disciplines": lambda: plot_kp_map(*with_disciplines(ring(500, 24), VERY_LONG)),
    "a map of names no font has": lambda: plot_kp_map(*with_disciplines(ring(500, 24, "\U0003fffd"), UNWRITABLE)),
    "a map with formulas": lambda: plot_kp_map(*with_disciplines(ring(500, 24, "$\\frac$"), FORMULAS)),
    "a map of a hundred disciplines": lambda: plot_kp_map(
        *with_disciplines(ring(500, 24), [f"d{n}" for n in range(100)])
    ),
    "a map of long names": lambda: plot_kp_map(*ring(2000, 24, "knowledge point of a rather long name, number")),
    "items in billions": lambda: plots.plot_difficulty_matrix(RATINGS.assign(n_items=1_000_000_000)),
}


def drawn(name: str) -> Figure:
    return EXTREMES[name]() if name in EXTREMES else PICTURES[name][0]()


def png_bytes(figure: Figure) -> bytes:
    buffer = BytesIO()
    with mpl.rc_context(STYLE):
        figure.savefig(buffer, format="png", metadata={"Software": None})
    return buffer.getvalue()


def title_of(figure: Figure) -> str:
    return figure.get_suptitle().replace("\n", " ")


@pytest.mark.parametrize("name", PICTURES)
def test_the_title_states_the_finding(name: str) -> None:
    draw, finding = PICTURES[name]
    assert finding in title_of(draw())


@pytest.mark.parametrize("name", PICTURES)
def test_the_same_table_gives_the_same_bytes(name: str) -> None:
    draw, _ = PICTURES[name]
    assert png_bytes(draw()) == png_bytes(draw())


@pytest.mark.parametrize("name", [*PICTURES, *EXTREMES])
def test_every_text_can_be_read(name: str) -> None:
    """Title, labels of ticks and axes, legend, names: each inside the picture, by itself, and large enough."""
    figure = drawn(name)
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # a missing glyph is a warning
        assert beyond_the_edge(figure) == []
    assert on_one_another(figure) == []
    assert too_small(figure) == []


@pytest.mark.parametrize("name", [*PICTURES, *EXTREMES])
def test_the_picture_is_not_all_title_and_legend(name: str) -> None:
    figure = drawn(name)
    assert without_marks(figure) == []
    assert crowded(figure) == []


@pytest.mark.parametrize("name", [name for name in [*PICTURES, *EXTREMES] if "map" not in name])
def test_both_axes_can_be_read_off(name: str) -> None:
    axes = drawn(name).axes[0]
    for axis in (axes.xaxis, axes.yaxis):
        low, high = axis.get_view_interval()
        assert any(low <= place <= high for place in axis.get_majorticklocs())


def test_a_legend_of_many_names_leaves_the_width_to_the_curves() -> None:
    figure = EXTREMES["five samplers"]()
    FigureCanvasAgg(figure).draw()
    assert figure.axes[0].get_position().width > 0.8


def test_the_axes_of_visits_have_round_numbers_of_which_several_are_seen() -> None:
    axes = plots.plot_visits(pd.DataFrame({"popularity": [1, 2, 22], "visits": [0, 1, 7]}), 0.5).axes[0]
    assert axes.get_xticks().tolist() == [1, 2, 5, 10, 20]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["none", "1", "2", "5"]
    million = plots.plot_visits(pd.DataFrame({"popularity": [1_000_000], "visits": [1]}), 0.5).axes[0]
    assert million.get_xticks().tolist() == [10**power for power in range(7)]


def test_bars_are_as_long_as_the_shares() -> None:
    axes = plots.plot_difficulty_mix(LEVELS).axes[0]
    assert [bar.get_height() for bar in axes.patches] == [0.4, 0.3, 0.3]


def test_disciplines_of_equal_targets_stand_in_the_order_of_their_shares() -> None:
    mix = pd.DataFrame(
        {"discipline": ["a", "b"], "target_fraction": [0.3 - 1e-12, 0.3], "realised_fraction": [0.6, 0.4]}
    )
    labels = plots.plot_discipline_mix(mix).axes[0].get_yticklabels()
    assert [label.get_text() for label in labels] == ["b", "a"]


def test_a_mix_without_targets_shows_none() -> None:
    figure = plots.plot_discipline_mix(DISCIPLINES.assign(target_fraction=np.nan))
    assert title_of(figure) == "Disciplines as the seeds have them: no target was set"
    assert [text.get_text() for text in figure.axes[0].get_legend().get_texts()] == ["realised"]


def test_the_matrix_counts_by_asked_and_measured_level() -> None:
    axes = plots.plot_difficulty_matrix(RATINGS).axes[0]
    assert {text.get_position(): text.get_text() for text in axes.texts} == {(0, 0): "3", (0, 1): "1", (4, 4): "4"}


def test_the_raters_matrix_counts_by_label_and_rating() -> None:
    axes = plots.plot_rater_calibration(CALIBRATION).axes[0]
    texts = {text.get_position(): text.get_text() for text in axes.texts}
    assert texts == {(0, 0): "1", (0, 1): "1", (1, 1): "1", (4, 2): "1"}


def test_the_coverage_limit_reaches_all_points_at_k_over_l_paths() -> None:
    limit = plots.plot_coverage({"this run": CURVE}, 4652, 5.0).axes[0].lines[0]
    assert limit.get_xdata().tolist() == [0, 930.4, 2000]


@pytest.mark.parametrize(
    "draw",
    [
        lambda: plots.plot_discipline_mix(DISCIPLINES.iloc[:0]),
        lambda: plots.plot_difficulty_mix(LEVELS.iloc[:0]),
        lambda: plots.plot_coverage({"this run": CURVE.iloc[:1]}, 0, 0.0),
        lambda: plots.plot_visits(VERTICES.iloc[:0], float("nan")),
        lambda: plots.plot_visits(VERTICES.assign(visits=0), float("nan")),
        lambda: plots.plot_stage_rows(STAGES.assign(rows_kept=0, rows_rejected=0)),
        lambda: plots.plot_difficulty_matrix(RATINGS.iloc[:0]),
        lambda: plots.plot_rater_calibration(CALIBRATION.iloc[:0]),
        lambda: plots.plot_enhancement(ENHANCED.assign(rows_before=0, rows_after=0)),
        lambda: plot_kp_map(*(table.iloc[:0] for table in ring(3, 1))),
        lambda: plot_kp_map(*(table.iloc[:1] for table in ring(1, 1)[:2]), ring(1, 1)[2].iloc[:0]),
        lambda: plot_kp_map(*ring(30, 2)[:2], ring(30, 2)[2].iloc[:0]),
    ],
)
def test_a_run_with_nothing_to_show_still_gives_a_picture(draw: Callable[[], Figure]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert png_bytes(draw()).startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("figure", "title"),
    [
        (plots.plot_coverage({"this run": CURVE.iloc[:1]}, 0, 0.0), "No knowledge points to cover after 0 paths"),
        (plots.plot_enhancement(ENHANCED.assign(rows_before=0)), "unknown before enhancement, 1.75 after"),
        (plots.plot_difficulty_matrix(RATINGS.iloc[:0]), "None of 0 items measured at the level asked for"),
        (
            plots.plot_rater_calibration(CALIBRATION.iloc[:0]),
            "No seed with a difficulty label of its own was rated",
        ),
        (plots.plot_visits(VERTICES.iloc[:0], float("nan")), "Visits against popularity: 0 of 0 unvisited"),
    ],
)
def test_a_finding_without_rows_claims_no_figure(figure: Figure, title: str) -> None:
    assert title in title_of(figure)


def test_shares_never_start_below_0() -> None:
    """Around no bar at all, Matplotlib would draw an axis from -5 % to 5 %."""
    empty = plots.plot_discipline_mix(DISCIPLINES.iloc[:0]), plots.plot_difficulty_mix(LEVELS.iloc[:0])
    assert empty[0].axes[0].get_xlim() == empty[1].axes[0].get_ylim() == (0, 1)
    assert plots.plot_difficulty_mix(LEVELS).axes[0].get_ylim()[0] == 0


def test_levels_without_targets_show_no_marks() -> None:
    for figure in (
        plots.plot_difficulty_mix(LEVELS.assign(target_fraction=np.nan)),
        plots.plot_enhancement(ENHANCED.assign(target_fraction=np.nan)),
    ):
        assert "target" not in [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
