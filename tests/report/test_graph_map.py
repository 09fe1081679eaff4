"""The map of the knowledge graph."""

import warnings
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from linkqa_kedro.report.graph_map import MOST_VERTICES, plot_kp_map


def graph(names: list[str], disciplines: list[str]) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """A chain of knowledge points, the first the most popular."""
    ids = np.arange(len(names))
    vertices = pd.DataFrame({"kp_id": ids, "kp": names, "popularity": len(names) - ids, "component_size": len(names)})
    held = pd.DataFrame({"kp_id": ids, "discipline": disciplines, "n_seeds": 1})
    return vertices, held, pd.DataFrame({"source_id": ids[:-1], "target_id": ids[1:], "association": 1.0})


def named(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.axes[0].texts]


def legend(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.axes[0].get_legend().get_texts()]


def n_dots(figure: Figure) -> int:
    scatters = [found for found in figure.axes[0].collections if hasattr(found, "get_sizes")]
    return sum(len(found.get_offsets()) for found in scatters if found.get_label().startswith("_"))


def test_every_point_of_a_small_graph_is_drawn_and_named() -> None:
    figure = plot_kp_map(*graph(["limit", "series", "sum"], ["mathematics"] * 3))
    assert named(figure) == ["limit", "series", "sum"]
    assert legend(figure) == ["mathematics"]
    assert n_dots(figure) == 3
    assert figure.get_supxlabel().startswith("All knowledge points shown")


def test_no_discipline_is_crowded_out_and_the_largest_comes_first() -> None:
    disciplines = ["mathematics"] * 2000 + ["law", "art"]
    figure = plot_kp_map(*graph([f"p{n}" for n in range(2002)], disciplines))
    assert legend(figure) == ["mathematics", "art", "law"]
    assert MOST_VERTICES * 0.9 < n_dots(figure) <= MOST_VERTICES
    assert figure.get_supxlabel().startswith(f"{n_dots(figure)} of 2,002 knowledge points shown")


def test_a_point_has_the_colour_of_the_discipline_that_holds_it_most_often() -> None:
    vertices, _, edges = graph(["a", "b"], ["law", "law"])
    held = pd.DataFrame({"kp_id": [0, 0, 1], "discipline": ["art", "law", "law"], "n_seeds": [1, 5, 1]})
    assert legend(plot_kp_map(vertices, held, edges)) == ["law"]


def test_names_that_no_font_can_write_are_left_out_and_said() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # a glyph that is missing would warn
        figure = plot_kp_map(*graph(["limit", "\U0003fffd"], ["mathematics"] * 2))
    assert named(figure) == ["limit"]
    assert "no font of this machine" in figure.get_supxlabel().replace("\n", " ")


@pytest.mark.parametrize("name", ["$\\frac{1}{$", "$x$", "cost in $", "a_b^c", "\\alpha"])
def test_a_name_is_no_formula(name: str) -> None:
    """Seeds bring LaTeX, which need not be well formed; it must not end the run."""
    figure = plot_kp_map(*graph([name, "limit"], [name, "law"]))
    FigureCanvasAgg(figure).draw()
    assert set(named(figure)) == {name, "limit"}
    assert set(legend(figure)) == {name, "law"}


def test_disciplines_that_no_font_can_write_are_numbered() -> None:
    figure = plot_kp_map(*graph(["a", "b", "c"], ["\U0003fffe", "\U0003fffd", "law"]))
    assert set(legend(figure)) == {"discipline 2 (no font)", "discipline 3 (no font)", "law"}


def looks(figure: Figure) -> list[tuple[str, str]]:
    """Hue and outline of every entry of the legend."""
    return [
        (to_hex(dots.get_facecolor()[0]), str(dots.get_paths()[0].vertices.tolist()))
        for dots in figure.axes[0].get_legend().legend_handles
    ]


def test_twenty_four_disciplines_are_told_apart_and_the_rest_share_one_look() -> None:
    figure = plot_kp_map(*graph([f"p{n}" for n in range(26)], [f"d{n:02d}" for n in range(26)]))
    assert legend(figure) == [*(f"d{n:02d}" for n in range(24)), "2 more disciplines"]
    assert len(set(looks(figure))) == 25
    assert n_dots(figure) == 26


def test_neighbours_in_the_legend_differ_in_hue_and_in_shape() -> None:
    """Orange and vermilion, or green and charcoal, are near to some readers: shape tells them apart too."""
    figure = plot_kp_map(*graph([f"p{n}" for n in range(4)], ["a", "b", "c", "d"]))
    for (hue, shape), (other_hue, other_shape) in combinations(looks(figure), 2):
        assert hue != other_hue
        assert shape != other_shape


def test_the_title_says_how_much_hangs_together() -> None:
    vertices, held, edges = graph(["a", "b", "c", "d"], ["law"] * 4)
    vertices["component_size"] = [3, 3, 3, 1]
    assert plot_kp_map(vertices, held, edges).get_suptitle() == "4 knowledge points, 3 links: 75 % in one component"
