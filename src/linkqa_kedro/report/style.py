"""One look for all pictures: legible at 800 pixels, told apart without colour vision, the same bytes every time."""

from collections.abc import Callable, Sequence
from functools import cache, wraps
from textwrap import fill
from typing import Any, ParamSpec

import matplotlib as mpl
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.figure import Figure

# Okabe and Ito 2008, "Color Universal Design".
BLUE = "#0072B2"
ORANGE = "#E69F00"
GREEN = "#009E73"
VERMILION = "#D55E00"
SKY = "#56B4E9"
BLACK = "#000000"
GREY = "#8C8C8C"
SERIES = (BLUE, VERMILION, GREEN, ORANGE, SKY)

WIDTH_INCHES = 8.0
# Two pixels for each of the README's: sharp on dense screens, and 10 pt text is 14 px high at 800 px.
PIXELS_PER_INCH = 200

# Disciplines may be named in Chinese, which the font that comes with Matplotlib lacks. Only fonts that are there are
# named, since each missing one is a warning per picture.
_CHINESE_FONTS = (
    "Noto Sans CJK SC",
    "Noto Sans CJK JP",  # by this name Matplotlib knows the collection of all Noto Sans CJK
    "Noto Sans SC",
    "Source Han Sans SC",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "Microsoft YaHei",
    "SimHei",
    "PingFang SC",
    "Hiragino Sans GB",
)
_LONGEST_NAME = 36  # two legend columns of such names fit beside one another
_INSTALLED = frozenset(font.name for font in font_manager.fontManager.ttflist)

STYLE = {
    "font.family": ["DejaVu Sans", *(font for font in _CHINESE_FONTS if font in _INSTALLED)],
    "font.size": 10,
    # Names come from seeds: a dollar sign in them is no formula, and one that is not well formed would end the run.
    "text.parse_math": False,
    "axes.labelsize": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": "#555555",
    "axes.axisbelow": True,
    "grid.color": "#E0E0E0",
    "grid.linewidth": 0.8,
    "xtick.color": "#333333",
    "ytick.color": "#333333",
    "legend.frameon": False,
    "legend.fontsize": 10,
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
}


_Arguments = ParamSpec("_Arguments")


def styled(plot: Callable[_Arguments, Figure]) -> Callable[_Arguments, Figure]:
    """The plot function, drawing in this style whatever the caller's settings are."""

    @wraps(plot)
    def drawn(*args: _Arguments.args, **kwargs: _Arguments.kwargs) -> Figure:
        with mpl.rc_context(STYLE):
            return plot(*args, **kwargs)

    return drawn


def one_axes(title: str, height_inches: float) -> tuple[Figure, Axes]:
    """A figure with one axes, its finding above it; no state is kept outside the figure."""
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(WIDTH_INCHES, height_inches), dpi=PIXELS_PER_INCH, layout="constrained")
        axes = figure.add_subplot()
        # Against the left edge of the picture, since an axes behind long labels starts in its middle.
        figure.suptitle(fill(title, 74), x=0.012, ha="left", fontsize=13, fontweight="bold")
    return figure, axes


def legend_columns(labels: Sequence[str]) -> int:
    """How many columns of these labels stand beside one another, 1 or more."""
    longest = max(map(len, labels), default=0)
    # A legend wider than the axes would squeeze them: a letter takes 0.08 inches, a handle and its gaps 0.6.
    return max(1, int((WIDTH_INCHES - 1) / (0.6 + 0.08 * longest)))


def legend_above(axes: Axes) -> None:
    """The legend between title and axes, where it can cover nothing, in as few rows as its labels fit in."""
    _, labels = axes.get_legend_handles_labels()
    axes.legend(
        loc="lower left",
        bbox_to_anchor=(0.0, 1.0),
        ncols=legend_columns(labels),
        borderaxespad=0.2,
        handlelength=1.6,
    )


def can_be_written(name: str) -> bool:
    """Whether some font of the style has every character of the name; others would be drawn as boxes."""
    return all(any(ord(character) in font for font in _alphabets()) for character in name)


def written_names(names: Sequence[str], noun: str) -> list[str]:
    """The names as a picture shows them, in the order given: long ones cut, and numbers for those without a font.

    Args:
        names: Any text, none twice.
        noun: What the names are of; a name that no font can write becomes "<noun> <place among the sorted names>".
    """
    place = {name: number for number, name in enumerate(sorted(names), start=1)}
    readable = [name if can_be_written(name) else f"{noun} {place[name]} (no font)" for name in names]
    # Cut in the middle: names that start alike often end differently.
    return [name if len(name) <= _LONGEST_NAME else f"{name[:23]}…{name[-12:]}" for name in readable]


@cache
def _alphabets() -> tuple[frozenset[int], ...]:
    """Characters of each font of the style."""
    families: Any = STYLE["font.family"]
    return tuple(frozenset(font_manager.get_font(font_manager.findfont(family)).get_charmap()) for family in families)
