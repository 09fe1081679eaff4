"""The map of the knowledge graph: its most popular points, laid out by their links, coloured by discipline."""

import math
from collections.abc import Iterable, Mapping, Sequence
from textwrap import fill
from typing import Any

import networkx as nx
import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke
from matplotlib.transforms import Bbox

from linkqa_kedro.report.style import (
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    SKY,
    VERMILION,
    can_be_written,
    legend_above,
    legend_columns,
    one_axes,
    styled,
    written_names,
)

MOST_VERTICES = 240
"""More dots than these run into one another at the width of a page."""

_CHARCOAL = "#404040"  # black itself would outshine the other hues
# Of Okabe and Ito's eight: yellow is too pale for dots on white, and purple and green are one grey to those who do not
# see green.
_HUES = (BLUE, ORANGE, SKY, VERMILION, GREEN, _CHARCOAL)
_SHAPES = ("o", "s", "^", "D")
# Shapes turn with the hues, so that two hues which some readers confuse differ in shape as well.
_LOOKS = [
    (hue, _SHAPES[(turn + place) % len(_SHAPES)]) for turn in range(len(_SHAPES)) for place, hue in enumerate(_HUES)
]
_OTHER_LOOK = (GREY, "X")
_MOST_LABELS = 28
_LAYOUT_SEED = 1
_LAYOUT_STEPS = 500
_GRAVITY = 0.05  # enough that small components stay on the page
_OUTLIERS = 0.02  # share of the points on each side
_EVENNESS = 0.3  # weight of ranks against distances: 1 would spread all points evenly
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
    meaning but that linked ones attract one another (ForceAtlas2, Jacomy et al. 2014, with a fixed seed).

    Args:
        vertices: Columns kp_id (0 … n - 1), kp (name), popularity (1 or more), component_size.
        disciplines: Columns kp_id, discipline, n_seeds; a point may have several rows, or none.
        edges: Columns source_id, target_id.
    """
    shown = _shown(vertices, disciplines)
    looks = _looks(shown["discipline"])
    labels = [label for label, _, _ in dict.fromkeys(looks.values())]
    # Whatever the legend takes, the map keeps its height.
    n_rows = math.ceil(len(labels) / legend_columns(labels))
    figure, axes = one_axes(_finding(vertices, edges), height_inches=6.2 + 0.21 * n_rows)
    axes.axis("off")
    if shown.empty:
        return figure
    links = edges[edges["source_id"].isin(shown["kp_id"]) & edges["target_id"].isin(shown["kp_id"])]
    places = _layout(shown["kp_id"].tolist(), links)
    _draw_links(axes, places, shown["kp_id"].tolist(), links)
    _draw_points(axes, places, shown, looks)
    axes.margins(0.08)
    legend_above(axes)
    named = [can_be_written(name) for name in shown["kp"]]
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
    which = "All" if n_shown == n_vertices else f"{n_shown:,} of {n_vertices:,}"
    chosen = "" if n_shown == n_vertices else ", the most popular of every discipline"
    missing = "" if all_named else " Names that no font of this machine can write are left out."
    return f"{which} knowledge points shown{chosen}; area is popularity, near means linked.{missing}"


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
    graph.add_edges_from(links[["source_id", "target_id"]].itertuples(index=False, name=None))
    # Gravity holds islands near: without, a few points that are linked with no others take half of the page.
    found = nx.forceatlas2_layout(
        graph, max_iter=_LAYOUT_STEPS, strong_gravity=True, gravity=_GRAVITY, seed=_LAYOUT_SEED
    )
    places = _along_the_page(np.array([found[kp_id] for kp_id in kp_ids], dtype=np.float64))
    # A few outliers must not press everything else into a corner: they go to the edge, and ranks share out the page.
    ranks = places.argsort(axis=0).argsort(axis=0) / max(1, len(places) - 1)
    low, high = np.quantile(places, (_OUTLIERS, 1 - _OUTLIERS), axis=0)
    spread = np.where(high > low, high - low, 1.0)
    scaled: Positions = (1 - _EVENNESS) * ((places - low) / spread).clip(0, 1) + _EVENNESS * ranks
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


def _looks(disciplines: "pd.Series[str]") -> dict[str, tuple[str, str, str]]:
    """Label, hue and shape of every discipline, the largest first; those beyond the looks there are share the last."""
    counts = disciplines.value_counts()
    names = sorted(counts.index, key=lambda name: (-counts[name], name))
    written = written_names(names, "discipline")
    n_others = len(names) - len(_LOOKS)
    return {
        name: (written[place], *_LOOKS[place])
        if place < len(_LOOKS)
        else (f"{n_others:,} more discipline{'s' if n_others > 1 else ''}", *_OTHER_LOOK)
        for place, name in enumerate(names)
    }


def _draw_points(axes: Axes, places: Positions, shown: pd.DataFrame, looks: Mapping[str, tuple[str, str, str]]) -> None:
    area = 16 + 150 * shown["popularity"].to_numpy() / shown["popularity"].max()
    for look in dict.fromkeys(looks.values()):
        label, hue, shape = look
        of_it = (shown["discipline"].map(looks) == look).to_numpy()
        style: dict[str, Any] = {"color": hue, "marker": shape, "edgecolors": "white", "linewidths": 0.6, "zorder": 2}
        axes.scatter(places[of_it, 0], places[of_it, 1], s=area[of_it], **style)
        axes.scatter([], [], s=50, label=label, **style)  # in the legend all are of one size


def _name_the_largest(
    figure: Figure, axes: Axes, places: Positions, shown: pd.DataFrame, named: Sequence[bool]
) -> None:
    """Names beside the largest dots, each where it covers no other name; those without a place are left out."""
    canvas = FigureCanvasAgg(figure)
    figure.draw_without_rendering()  # the layout decides how large the page is, and so what overlaps
    page = axes.get_window_extent(canvas.get_renderer())
    taken: list[Bbox] = []
    for place, (name, has_glyphs) in enumerate(zip(shown["kp"], named, strict=True)):
        if len(taken) == _MOST_LABELS:
            return
        box = _label(axes, canvas, name, places[place], page, taken) if has_glyphs else None
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
