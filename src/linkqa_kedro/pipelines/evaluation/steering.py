"""Node that measures how far the dataset is from the mix wanted, and plans what a further round would ask for."""

from collections import Counter
from collections.abc import Collection
from typing import Any

import numpy as np
import pandas as pd

from linkqa_kedro.pipelines.evaluation.correction import (
    CellLabels,
    Counts,
    expected_rows,
    plan_correction,
    rows_at_levels,
)
from linkqa_kedro.pipelines.evaluation.nodes import axes_with_target
from linkqa_kedro.pipelines.statistics import json_ready
from linkqa_kedro.pipelines.steering_parameters import SteeringParameters
from linkqa_kedro.records import QUOTA_CORRECTION, rows_of
from linkqa_kedro.shards import ShardedTable

_AXES = ("discipline", "difficulty")


def plan_steering(
    dataset: pd.DataFrame,
    paths: ShardedTable,
    quotas: pd.DataFrame,
    quota_shortfalls: pd.DataFrame,
    target_gap: pd.DataFrame,
    difficulty_gap: pd.DataFrame,
    parameters: SteeringParameters,
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Paths that a further round of steering would ask of each cell, and the distance to the mix wanted.

    Where disciplines or levels have no target, cells are compared by the other label alone. A cell is reachable if a
    row was measured in it, and enhancement did not find its level out of reach: neither seeds nor teacher can be asked
    for what they never, or hardly ever, give. The others are named, and left out of both mixes with the rows they have.
    Without targets there is nothing to steer to.
    """
    if quotas.empty:
        return QUOTA_CORRECTION.frame(()), {}
    given_up = difficulty_gap[difficulty_gap["out_of_reach"].astype(bool)]
    is_given_up = _in(target_gap, {(row["discipline"], row["difficulty"]) for row in rows_of(given_up)})
    gap = _gap_by_targets(target_gap[~is_given_up], quotas, difficulty_gap)
    gap["rows"] = (gap["measured_share"] * len(dataset)).round().astype(np.int64)
    is_empty = gap["rows"] == 0
    unreachable = [row for row in rows_of(pd.concat([target_gap[is_given_up], gap[is_empty]])) if row["wanted_share"]]
    gap = gap[~is_empty].reset_index(drop=True)
    statistics: dict[str, Any] = {
        "round": parameters.round,
        "rows": len(dataset),
        "cells_total_variation": float(_gap_by_targets(target_gap, quotas, difficulty_gap)["gap"].abs().sum() / 2),
        "unreachable_share": float(sum(row["wanted_share"] for row in unreachable)),
        "unreachable_cells": [_name(row) for row in unreachable],
    }
    wanted, measured = gap["wanted_share"].to_numpy(np.float64), gap["rows"].to_numpy(np.int64)
    if not wanted.sum():
        return QUOTA_CORRECTION.frame(()), json_ready(statistics)
    wanted = wanted / wanted.sum()
    short_by = wanted - measured / measured.sum()
    statistics["reachable_total_variation"] = float(np.abs(short_by).sum() / 2)
    by_cell = sorted(zip(short_by.tolist(), rows_of(gap), strict=True), key=lambda entry: -entry[0])
    statistics["short_cells"] = {_name(cell): share for share, cell in by_cell if share > 0}

    asked, cells = _labels(quotas), _labels(gap)
    drawn_by_round, rows_by_round = _what_paths_gave(dataset, paths, asked, cells)
    drawn, rows = drawn_by_round.sum(axis=0), rows_by_round.sum(axis=0)
    overall = expected_rows(rows, drawn, rows_at_levels(rows, drawn, asked, cells))
    closed = {(row["discipline"], row["difficulty"]) for row in rows_of(quota_shortfalls)}
    may_ask = (drawn > 0) & np.array([cell not in closed for cell in zip(asked.disciplines, asked.levels, strict=True)])
    correction = plan_correction(
        measured,
        wanted,
        expected_rows(rows_by_round[-1], drawn_by_round[-1], overall),
        may_ask,
        most_paths=int((parameters.max_growth - 1) * drawn.sum()),
        tolerance=parameters.tolerance,
    )
    statistics["planned_paths"] = int(correction.paths.sum())
    statistics["expected_total_variation"] = correction.expected_distance
    table = quotas[["discipline", "difficulty"]].assign(drawn=drawn, may_be_asked=may_ask, paths=correction.paths)
    return QUOTA_CORRECTION.frame(rows_of(table)), json_ready(statistics)


def _gap_by_targets(target_gap: pd.DataFrame, quotas: pd.DataFrame, difficulty_gap: pd.DataFrame) -> pd.DataFrame:
    """The gap by the labels that have a target; the other label is None."""
    kept = axes_with_target(quotas, difficulty_gap)
    without = [name for name in _AXES if name not in kept]
    if not without:
        return target_gap.copy()
    sums = target_gap.groupby(kept, as_index=False)[["wanted_share", "measured_share", "gap"]].sum()
    return sums.assign(**dict.fromkeys(without, None))[target_gap.columns.tolist()]


def _in(cells: pd.DataFrame, chosen: Collection[tuple[str, int]]) -> "pd.Series[bool]":
    keys = zip(cells["discipline"], cells["difficulty"], strict=True)
    return pd.Series([key in chosen for key in keys], index=cells.index, dtype=bool)


def _name(cell: dict[str, Any]) -> str:
    """What a cell is called: "physics 1", or one of the two alone."""
    return " ".join(str(cell[name]) for name in _AXES if cell[name] is not None)


def _labels(cells: pd.DataFrame) -> CellLabels:
    rows = rows_of(cells[["discipline", "difficulty"]])
    return CellLabels(tuple(row["discipline"] for row in rows), tuple(row["difficulty"] for row in rows))


def _what_paths_gave(
    dataset: pd.DataFrame, paths: ShardedTable, asked: CellLabels, measured: CellLabels
) -> tuple[Counts, Counts]:
    """Paths drawn and rows that came of them, by round of steering, asked cell and measured cell."""
    place_of_asked = {cell: place for place, cell in enumerate(zip(asked.disciplines, asked.levels, strict=True))}
    place_of_measured = {cell: n for n, cell in enumerate(zip(measured.disciplines, measured.levels, strict=True))}
    frame = paths.frame(["path_id", "steering_round", "cell_discipline", "cell_difficulty"])
    n_rounds = int(frame["steering_round"].max()) + 1
    drawn = np.zeros((n_rounds, len(asked)), np.int64)
    rows = np.zeros((n_rounds, len(asked), len(measured)), np.int64)
    of_path: dict[str, tuple[int, int]] = {}
    for row in rows_of(frame):
        place = (row["steering_round"], place_of_asked[(row["cell_discipline"], row["cell_difficulty"])])
        of_path[row["path_id"]] = place
        drawn[place] += 1
    by_discipline, by_level = measured.disciplines[0] is not None, measured.levels[0] is not None
    labels = zip(
        dataset["path_id"],
        dataset["discipline"] if by_discipline else [None] * len(dataset),
        dataset["measured_difficulty"].astype(int) if by_level else [None] * len(dataset),
        strict=True,
    )
    for (path_id, discipline, level), n in Counter(labels).items():
        if (discipline, level) in place_of_measured:  # else a row of a cell that is left out
            rows[(*of_path[path_id], place_of_measured[(discipline, level)])] += n
    return drawn, rows
