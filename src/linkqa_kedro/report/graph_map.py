"""The map of the knowledge graph: its most popular points, laid out by their links, coloured by discipline."""

import math
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import product
from textwrap import fill
from typing import Any

import networkx as nx
import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke
from matplotlib.transforms import Bbox

from linkqa_kedro.report.style import BLUE, GREEN, GREY, ORANGE, SKY, STYLE, VERMILION, legend_above, one_axes, styled

MOST_VERTICES = 240
"""More dots than these run into one another at the width of a page."""

_PURPLE = "#CC79A7"
_HUES = (BLUE, ORANGE, GREEN, VERMILION, SKY, _PURPLE)  # Okabe and Ito's yellow is too pale for dots on white
_SHAPES = ("o", "s", "^", "D")
_MOST_LABELS = 28
_LAYOUT_SEED = 1
_LAYOUT_STEPS = 300
_OUTLIERS = 0.02  # share of the points on each side
_LABEL_POINTS = 8.5
_CAPTION_CHARACTERS = 95
# Where a label may stand beside its dot, best place first: horizontal alignment, vertical alignment, offset in points.
_BESIDE = (
    ("left", "center", (5, 0)),
    ("right", "center", (-5, 0)),
    ("center", "bottom", (0, 5)),
    ("center", "top", (0, -5)),
    ("left", "bottom", (4, 4)),
    ("right", "top", (-4, -4)),
    ("left", "top", (4, -4)),
    ("right", "bottom", (-4, 4)),
)

Positions = npt.NDArray[np.float64]


@styled
def plot_kp_map(vertices: pd.DataFrame, disciplines: pd.DataFrame, edges: pd.DataFrame) -> Figure:
    """The most popular knowledge points of every discipline, the links between them, and the names of the largest.

    Area is popularity, colour and shape are the discipline that holds a point most often. Where points lie has no
    meaning but that linked ones attract one another (Fruchterman and Reingold 1991, with a fixed seed).

    Args:
        vertices: Columns kp_id (0 … n - 1), kp (name), popularity (1 or more), component_size.
        disciplines: Columns kp_id, discipline, n_seeds; a point may have several rows, or none.
        edges: Columns source_id, target_id, association (above 0).
    """
    figure, axes = one_axes(_finding(vertices, edges), height_inches=7.0)
    axes.axis("off")
    if vertices.empty:
        return figure
    shown = _shown(vertices, disciplines)
    links = edges[edges["source_id"].isin(shown["kp_id"]) & edges["target_id"].isin(shown["kp_id"])]
    places = _layout(shown["kp_id"].tolist(), links)
    _draw_links(axes, places, shown["kp_id"].tolist(), links)
    _draw_points(axes, places, shown)
    axes.margins(0.08)
    legend_above(axes)
    named = [_can_be_written(name) for name in shown["kp"]]
    caption = fill(_caption(len(shown), len(vertices), all(named)), _CAPTION_CHARACTERS)
    figure.supxlabel(caption, x=0.012, ha="left", fontsize=10, color="#555555")
    _name_the_largest(figure, axes, places, shown, named)
    return figure


def _finding(vertices: pd.DataFrame, edges: pd.DataFrame) -> str:
    if vertices.empty:
        return "No knowledge points to draw"
    share = vertices["component_size"].max() / len(vertices)
    counts = f"{len(vertices):,} knowledge points, {len(edges):,} links"
    return f"{counts}: {100 * share:.0f} % in one component"


def _caption(n_shown: int, n_vertices: int, all_named: bool) -> str:
    which = "All of them" if n_shown == n_vertices else f"The {n_shown:,} most popular, of every discipline some"
    missing = "" if all_named else " Names that no font of this machine can write are left out."
    return f"{which}; area is popularity, near means linked.{missing}"


def _shown(vertices: pd.DataFrame, disciplines: pd.DataFrame) -> pd.DataFrame:
    """The vertices to draw with their main discipline, the most popular first."""
    ordered = disciplines.sort_values(["n_seeds", "discipline"], ascending=[False, True], kind="stable")
    main = ordered.drop_duplicates("kp_id").set_index("kp_id")["discipline"]
    ranked = vertices.assign(discipline=vertices["kp_id"].map(main).astype(object).fillna("unknown")).sort_values(
        ["popularity", "kp_id"], ascending=[False, True]
    )
    # By the root of their number: small disciplines stay to be seen, large ones still look large.
    sizes = np.sqrt(ranked["discipline"].value_counts())
    most = np.ceil((MOST_VERTICES - len(sizes)) * sizes / sizes.sum()).clip(lower=1)
    return ranked[ranked.groupby("discipline").cumcount() < ranked["discipline"].map(most)]


def _layout(kp_ids: Sequence[int], links: pd.DataFrame) -> Positions:
    """Position of every vertex in [0, 1] x [0, 1], shape (n, 2)."""
    graph = nx.Graph()
    graph.add_nodes_from(kp_ids)
    graph.add_weighted_edges_from(
        links[["source_id", "target_id", "association"]].itertuples(index=False, name=None), weight="association"
    )
    # Wider apart than NetworkX's own k = 1 / sqrt(n), or the dots of a cluster cover one another.
    found = nx.spring_layout(
        graph,
        k=2.5 / math.sqrt(len(kp_ids)),
        iterations=_LAYOUT_STEPS,
        method="force",
        weight="association",
        seed=_LAYOUT_SEED,
    )
    places = _along_the_page(np.array([found[kp_id] for kp_id in kp_ids], dtype=np.float64))
    # A few outliers must not press everything else into a corner: they go to the edge, and ranks share out the page.
    ranks = places.argsort(axis=0).argsort(axis=0) / max(1, len(places) - 1)
    low, high = np.quantile(places, (_OUTLIERS, 1 - _OUTLIERS), axis=0)
    spread = np.where(high > low, high - low, 1.0)
    scaled: Positions = 0.5 * ((places - low) / spread).clip(0, 1) + 0.5 * ranks
    return scaled


def _along_the_page(places: Positions) -> Positions:
    """The positions turned so that they spread most from left to right, where a page has most room."""
    centred = places - places.mean(axis=0)
    _, _, axes = np.linalg.svd(centred, full_matrices=False)
    # An axis has two directions, and which of them is found is a matter of rounding.
    towards = np.where(axes[np.arange(len(axes)), np.abs(axes).argmax(axis=1)] < 0, -1.0, 1.0)
    turned: Positions = centred @ (axes * towards[:, None]).T
    return turned if turned.shape[1] == 2 else places


def _draw_links(axes: Axes, places: Positions, kp_ids: Sequence[int], links: pd.DataFrame) -> None:
    from matplotlib.collections import LineCollection

    at = {kp_id: place for place, kp_id in enumerate(kp_ids)}
    ends = [
        (places[at[one]], places[at[other]])
        for one, other in links[["source_id", "target_id"]].itertuples(index=False, name=None)
    ]
    faintness = min(0.4, max(0.1, 200 / max(1, len(ends))))
    axes.add_collection(LineCollection(ends, colors=GREY, linewidths=0.5, alpha=faintness, zorder=1))


def _draw_points(axes: Axes, places: Positions, shown: pd.DataFrame) -> None:
    counts = shown["discipline"].value_counts()
    names = sorted(counts.index, key=lambda name: (-counts[name], name))
    looks = [(hue, shape) for shape, hue in product(_SHAPES, _HUES)]
    area = 12 + 150 * shown["popularity"].to_numpy() / shown["popularity"].max()
    for number, name in enumerate(names):
        of_it = (shown["discipline"] == name).to_numpy()
        hue, shape = looks[number] if number < len(looks) else (GREY, "o")
        style: dict[str, Any] = {"color": hue, "marker": shape, "edgecolors": "white", "linewidths": 0.6, "zorder": 2}
        axes.scatter(places[of_it, 0], places[of_it, 1], s=area[of_it], **style)
        axes.scatter([], [], s=50, label=name, **style)  # in the legend all are of one size


def _name_the_largest(
    figure: Figure, axes: Axes, places: Positions, shown: pd.DataFrame, named: Sequence[bool]
) -> None:
    """Names beside the largest dots, each where it covers no other name; those without a place are left out."""
    canvas = FigureCanvasAgg(figure)
    figure.draw_without_rendering()  # the layout decides how large the page is, and so what overlaps
    page = axes.get_window_extent(canvas.get_renderer())
    taken: list[Bbox] = []
    for place, (name, can_be_written) in enumerate(zip(shown["kp"], named, strict=True)):
        if len(taken) == _MOST_LABELS:
            return
        box = _label(axes, canvas, name, places[place], page, taken) if can_be_written else None
        taken.extend([box] if box is not None else [])


def _label(
    axes: Axes, canvas: FigureCanvasAgg, name: str, at: Positions, page: Bbox, taken: Iterable[Bbox]
) -> Bbox | None:
    """Write the name in the first place beside its dot that is free; the box it takes, None where none is free."""
    for horizontal, vertical, offset in _BESIDE:
        text = axes.annotate(
            name,
            tuple(at),
            xytext=offset,
            textcoords="offset points",
            ha=horizontal,
            va=vertical,
            fontsize=_LABEL_POINTS,
            path_effects=[withStroke(linewidth=2.5, foreground="white")],
            zorder=3,
        )
        text.set_in_layout(False)
        box = text.get_window_extent(canvas.get_renderer()).padded(2)
        inside = page.x0 <= box.x0 and box.x1 <= page.x1 and page.y0 <= box.y0 and box.y1 <= page.y1
        if inside and not any(box.overlaps(other) for other in taken):
            return box
        text.remove()
    return None


def _can_be_written(name: str) -> bool:
    """Whether some font of the style has every character of the name; others would be drawn as boxes."""
    return all(character.isspace() or any(ord(character) in font for font in _alphabets()) for character in name)


@cache
def _alphabets() -> tuple[frozenset[int], ...]:
    """Characters of each font of the style."""
    families: Any = STYLE["font.family"]
    return tuple(frozenset(font_manager.get_font(font_manager.findfont(family)).get_charmap()) for family in families)
