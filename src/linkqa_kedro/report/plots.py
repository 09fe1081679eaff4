"""The pictures of a run, each from a small table, each with its finding as the title."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from linkqa_kedro.report.style import (
    BLACK,
    BLUE,
    GREY,
    ORANGE,
    SERIES,
    SKY,
    VERMILION,
    legend_above,
    one_axes,
    styled,
    written_names,
)

_COUNTS = FuncFormatter(lambda count, _: f"{count:,.0f}")
_PERCENT = FuncFormatter(lambda share, _: f"{round(100 * share, 3):g} %")


@styled
def plot_discipline_mix(mix: pd.DataFrame) -> Figure:
    """Realised share of each discipline as a bar, its target as a mark.

    Args:
        mix: Columns discipline, target_fraction (NaN where no target was set), realised_fraction.
    """
    # Equal targets may differ in their last digit, which must not decide the order.
    rows = mix.assign(order=mix["target_fraction"].round(6)).sort_values(
        ["order", "realised_fraction", "discipline"], na_position="first"
    )
    figure, axes = one_axes(_mix_title("Disciplines", rows), height_inches=1.7 + 0.27 * len(rows))
    places = np.arange(len(rows))
    axes.barh(places, rows["realised_fraction"], height=0.7, color=SKY, label="realised")
    if rows["target_fraction"].notna().any():
        axes.plot(rows["target_fraction"], places, "|", color=BLACK, markersize=11, markeredgewidth=2.2, label="target")
    axes.set_yticks(places, written_names(rows["discipline"].tolist(), "discipline"))
    axes.set_ylim(-0.6, max(len(rows) - 0.4, 0.6))
    axes.tick_params(axis="y", length=0)
    _share_axis(axes, "x", "share of rows")
    legend_above(axes)
    return figure


@styled
def plot_difficulty_mix(mix: pd.DataFrame) -> Figure:
    """Realised share of each difficulty level as a bar, its target as a mark.

    Args:
        mix: Columns difficulty (integer level), target_fraction (NaN where no target was set), realised_fraction.
    """
    rows = mix.sort_values("difficulty")
    figure, axes = one_axes(_mix_title("Difficulty", rows), height_inches=3.8)
    axes.bar(rows["difficulty"], rows["realised_fraction"], width=0.6, color=SKY, label="realised")
    _target_lines(axes, rows)
    axes.set_xticks(rows["difficulty"])
    axes.set_xlabel("difficulty, 1 (recall) to 5 (expert)")
    _share_axis(axes, "y", "share of rows")
    legend_above(axes)
    return figure


@styled
def plot_coverage(curves: Mapping[str, pd.DataFrame], n_vertices: int, path_length: float) -> Figure:
    """Coverage against paths drawn, with the limit: no sampler covers more than L new points per path.

    Args:
        curves: By name of the sampler, the run's own first, at most five: columns n_paths and coverage_fraction,
            as from `coverage_curve`.
        n_vertices: K, what coverage is a share of.
        path_length: L, mean knowledge points of a path.
    """
    own = next(iter(curves.values()))
    n_paths, fraction = int(own["n_paths"].iloc[-1]), float(own["coverage_fraction"].iloc[-1])
    found = f"Coverage {_percent(fraction)}" if n_vertices else "No knowledge points to cover"
    figure, axes = one_axes(f"{found} after {n_paths:,} paths", height_inches=4.2)
    needed = n_vertices / path_length if path_length else 0.0
    axes.plot(
        [0, needed, max(needed, n_paths)],
        [0, 1, 1],
        color=GREY,
        linestyle="--",
        linewidth=1.4,
        label=f"limit: K/L = {needed:,.0f} paths",
    )
    for (name, curve), colour in zip(curves.items(), SERIES, strict=False):
        axes.plot(curve["n_paths"], curve["coverage_fraction"], color=colour, linewidth=2.2, label=name)
    axes.set_xlim(0, 1.05 * max(needed, n_paths, 1))
    axes.set_ylim(0, 1.02)
    axes.xaxis.set_major_formatter(_COUNTS)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_xlabel("paths drawn")
    _share_axis(axes, "y", f"share of {n_vertices:,} knowledge points visited")
    legend_above(axes)
    return figure


@styled
def plot_visits(vertices: pd.DataFrame, rank_correlation: float) -> Figure:
    """Visits against popularity, one dot per knowledge point, both on log scales; unvisited ones on a line below.

    Args:
        vertices: Columns popularity (1 or more) and visits (0 or more).
        rank_correlation: Spearman's, of the two columns; NaN where it is not defined.
    """
    n_unvisited = int((vertices["visits"] == 0).sum())
    agreement = "" if np.isnan(rank_correlation) else f"rank correlation {rank_correlation:.2f}, "
    title = f"Visits against popularity: {agreement}{n_unvisited:,} of {len(vertices):,} unvisited"
    figure, axes = one_axes(title, height_inches=4.4)
    # Many points share a pair of small integers: area says how many.
    dots = vertices.groupby(["popularity", "visits"], sort=True).size().reset_index(name="n_points")
    visited, unvisited = dots[dots["visits"] > 0], dots[dots["visits"] == 0]
    axes.set_xscale("log")
    axes.set_yscale("log")
    for rows, colour, height in ((visited, BLUE, visited["visits"]), (unvisited, VERMILION, 0.4)):
        axes.scatter(
            rows["popularity"],
            np.broadcast_to(height, len(rows)),
            s=9 + 9 * np.sqrt(rows["n_points"]),
            color=colour,
            alpha=0.55,
            linewidths=0,
        )
    most_popular, most_visits = (int(vertices[column].to_numpy().max(initial=1)) for column in ("popularity", "visits"))
    counts = _log_ticks(most_visits)
    none = {0.4: "none"} if n_unvisited else {}
    axes.set_yticks([*none, *counts], [*none.values(), *(f"{count:,}" for count in counts)])
    axes.set_ylim(0.25 if n_unvisited else 0.7, most_visits * 1.5)
    axes.set_xticks(_log_ticks(most_popular))
    axes.set_xlim(0.8, most_popular * 1.25)
    axes.xaxis.set_major_formatter(_COUNTS)
    axes.minorticks_off()
    axes.grid(visible=True)
    axes.set_xlabel("popularity: seeds that hold the knowledge point")
    axes.set_ylabel("visits by paths")
    return figure


@styled
def plot_stage_rows(stages: pd.DataFrame) -> Figure:
    """Rows kept and rejected by each stage, from the first stage at the top.

    Args:
        stages: Columns stage, rows_kept, rows_rejected, in order of the run, one row or more.
    """
    last = stages.iloc[-1]
    total_rejected = int(stages["rows_rejected"].sum())
    title = f"{int(last['rows_kept']):,} rows after {last['stage']}; {total_rejected:,} set aside on the way"
    figure, axes = one_axes(title, height_inches=1.8 + 0.42 * len(stages))
    places = np.arange(len(stages))[::-1]
    axes.barh(places, stages["rows_kept"], height=0.66, color=BLUE, label="kept")
    axes.barh(places, stages["rows_rejected"], left=stages["rows_kept"], height=0.66, color=ORANGE, label="set aside")
    ends = stages["rows_kept"] + stages["rows_rejected"]
    for place, end, kept, rejected in zip(places, ends, stages["rows_kept"], stages["rows_rejected"], strict=True):
        axes.annotate(
            f"{kept:,}" + (f"  (−{rejected:,})" if rejected else ""),
            (end, place),
            xytext=(5, 0),
            textcoords="offset points",
            va="center",
        )
    axes.set_yticks(places, stages["stage"])
    axes.tick_params(axis="y", length=0)
    # Room for the numbers behind the longest bar.
    axes.set_xlim(0, max(float(ends.max()), 1.0) * 1.22)
    axes.xaxis.set_major_formatter(_COUNTS)
    axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    axes.set_xlabel("rows")
    legend_above(axes)
    return figure


@styled
def plot_difficulty_matrix(ratings: pd.DataFrame, levels: int = 5) -> Figure:
    """How many items asked for at each level were measured at each level, as a heat map with counts.

    Args:
        ratings: Columns asked, measured (integer levels from 1) and n_items; pairs without items may be missing.
        levels: Highest level.
    """
    counts = np.zeros((levels, levels), dtype=np.int64)
    np.add.at(counts, (ratings["measured"] - 1, ratings["asked"] - 1), ratings["n_items"])
    total = counts.sum()
    hit = _percent(float(np.trace(counts) / total)) if total else "None"
    figure, axes = one_axes(f"{hit} of {total:,} items measured at the level asked for", height_inches=4.8)
    _draw_level_counts(axes, counts)
    axes.set_xlabel("difficulty asked for (shade: share of its items)")
    axes.set_ylabel("difficulty measured, blind")
    return figure


@styled
def plot_rater_calibration(ratings: pd.DataFrame, levels: int = 5) -> Figure:
    """How many seeds labelled at each level were rated at each level, as a heat map with counts.

    Args:
        ratings: One row a seed: columns labelled and rated (integer levels from 1).
        levels: Highest level.
    """
    counts = np.zeros((levels, levels), dtype=np.int64)
    np.add.at(counts, (ratings["rated"] - 1, ratings["labelled"] - 1), 1)
    off = (ratings["rated"] - ratings["labelled"]).abs()
    title = (
        f"Rated at their label: {_percent(float((off == 0).mean()))} of {len(off):,} seeds; "
        f"within one level: {_percent(float((off <= 1).mean()))}"
        if len(off)
        else "No seed with a difficulty label of its own was rated"
    )
    figure, axes = one_axes(title, height_inches=4.8)
    _draw_level_counts(axes, counts)
    axes.set_xlabel("difficulty label of the seed (shade: share of its seeds)")
    axes.set_ylabel("difficulty rated, blind")
    return figure


@styled
def plot_enhancement(levels: pd.DataFrame) -> Figure:
    """Measured difficulty before and after enhancement, with the target where one was set.

    Args:
        levels: Columns difficulty (integer level), rows_before, rows_after, target_fraction (NaN for none).
    """
    rows = levels.sort_values("difficulty")
    before, after = (_shares(rows[column]) for column in ("rows_before", "rows_after"))
    means = [
        f"{float((rows['difficulty'] * share).sum()):.2f}" if share.any() else "unknown" for share in (before, after)
    ]
    title = f"Mean measured difficulty {means[0]} before enhancement, {means[1]} after"
    figure, axes = one_axes(title, height_inches=3.8)
    axes.bar(rows["difficulty"] - 0.19, before, width=0.36, color=GREY, label="before")
    axes.bar(rows["difficulty"] + 0.19, after, width=0.36, color=BLUE, label="after")
    _target_lines(axes, rows)
    axes.set_xticks(rows["difficulty"])
    axes.set_xlabel("measured difficulty, 1 (recall) to 5 (expert)")
    _share_axis(axes, "y", "share of rows")
    legend_above(axes)
    return figure


def _draw_level_counts(axes: Axes, counts: npt.NDArray[np.int64]) -> None:
    """A heat map with counts, measured levels upwards."""
    # Shade by share of the column, so that a level with few items can be read beside one with many.
    share = counts / np.maximum(counts.sum(axis=0), 1)
    axes.imshow(share, cmap="Blues", vmin=0, vmax=1, origin="lower", aspect="auto")
    for row, column in zip(*np.nonzero(counts), strict=True):
        axes.text(
            column,
            row,
            f"{counts[row, column]:,}",
            ha="center",
            va="center",
            color="white" if share[row, column] > 0.7 else "black",
            fontweight="bold" if row == column else "normal",
        )
    n_levels = len(counts)
    for tick in (axes.set_xticks, axes.set_yticks):
        tick(range(n_levels), [str(level) for level in range(1, n_levels + 1)])
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)


def _mix_title(subject: str, rows: pd.DataFrame) -> str:
    if not rows["target_fraction"].notna().any():
        return f"{subject} as the seeds have them: no target was set"
    distance = float((rows["target_fraction"].fillna(0) - rows["realised_fraction"]).abs().sum() / 2)
    return f"{subject}: {_percent(distance)} of the rows would have to change to meet the target"


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _log_ticks(top: int) -> list[int]:
    """1, 2, 5, 10, 20 … up to the top; only powers of ten, or every other one, where more would crowd the axis."""
    n_decades = len(str(top))
    steps = (1, 2, 5) if top <= 300 else (1,)
    powers = range(0, n_decades, 1 if n_decades <= 7 else 2)
    return [step * 10**power for power in powers for step in steps if step * 10**power <= top]


def _target_lines(axes: Axes, rows: pd.DataFrame) -> None:
    if rows["target_fraction"].notna().any():
        starts, ends = rows["difficulty"] - 0.42, rows["difficulty"] + 0.42
        axes.hlines(rows["target_fraction"], starts, ends, color=BLACK, linewidth=2.2, label="target")


def _shares(counts: "pd.Series[int]") -> "pd.Series[float]":
    return counts / max(int(counts.sum()), 1)


def _share_axis(axes: Axes, which: str, label: str) -> None:
    axis = axes.xaxis if which == "x" else axes.yaxis
    axis.set_major_formatter(_PERCENT)
    axis.set_label_text(label)
    axes.grid(visible=True, axis="x" if which == "x" else "y")
    # Without a bar above 0, Matplotlib centres the axis on it, and shares below 0 mean nothing.
    if axis.get_view_interval()[0] < 0:
        (axes.set_xlim if which == "x" else axes.set_ylim)(0, 1)
