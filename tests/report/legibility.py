"""What a reader could not read in a picture, found on the drawn figure."""

from itertools import combinations

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox

SMALLEST_POINTS = 8  # 11 pixels where a README shows a picture 800 pixels wide


def texts_of(figure: Figure) -> dict[Text, Bbox]:
    """Every text that is drawn, with the box it takes in pixels."""
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    hidden = {text for axes in figure.axes for text in ticks_outside(axes)}
    seen = [text for text in figure.findobj(Text) if text.get_text().strip() and text.get_visible()]
    return {text: text.get_window_extent(canvas.get_renderer()) for text in seen if text not in hidden}


def ticks_outside(axes: Axes) -> list[Text]:
    """Labels of ticks that are not drawn: outside the limits, or on an axis that is switched off."""
    outside = []
    for axis in (axes.xaxis, axes.yaxis):
        low, high = sorted(axis.get_view_interval())
        for tick in [*axis.get_major_ticks(), *axis.get_minor_ticks()]:
            if not axes.axison or not low <= tick.get_loc() <= high:
                outside += [tick.label1, tick.label2]
    return outside


def beyond_the_edge(figure: Figure) -> list[str]:
    """Texts that leave the picture."""
    width, height = figure.canvas.get_width_height()
    boxes = texts_of(figure)
    return [
        text.get_text() for text, box in boxes.items() if box.x0 < 0 or box.y0 < 0 or box.x1 > width or box.y1 > height
    ]


def on_one_another(figure: Figure) -> list[tuple[str, str]]:
    """Pairs of texts that overlap."""
    boxes = texts_of(figure)
    return [
        (one.get_text(), other.get_text()) for one, other in combinations(boxes, 2) if boxes[one].overlaps(boxes[other])
    ]


def too_small(figure: Figure) -> list[str]:
    """Texts below the smallest size that is read at the width of a README."""
    return [text.get_text() for text in texts_of(figure) if text.get_fontsize() < SMALLEST_POINTS]


def without_marks(figure: Figure) -> list[int]:
    """Axes, by number, in which nothing is drawn: no bar, line, dot or shade inside the limits."""
    return [number for number, axes in enumerate(figure.axes) if not _has_marks(axes)]


def _has_marks(axes: Axes) -> bool:
    dots = [found for found in axes.collections if len(found.get_offsets())]
    bars = [bar for bar in axes.patches if bar.get_width() and bar.get_height()]
    return bool(axes.images or bars or dots or [line for line in axes.lines if len(line.get_xdata())])


def crowded(figure: Figure) -> list[float]:
    """Heights of axes, as shares of the picture's, that legend and title leave too little room."""
    texts_of(figure)
    return [axes.get_position().height for axes in figure.axes if axes.get_position().height < 0.4]
