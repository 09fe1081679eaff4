"""Yield: what comes out of each stage for what went in."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd


@dataclass(frozen=True)
class StageRows:
    """Rows of one stage.

    Attributes:
        stage: Its name.
        rows_in: Rows that it read.
        rows_kept: Rows that it wrote; more than `rows_in` where it makes several of one.
        rows_rejected: Rows that it set aside with a reason.
    """

    stage: str
    rows_in: int
    rows_kept: int
    rows_rejected: int


def yield_fraction(rows_kept: int, rows_rejected: int) -> float:
    """Kept over kept and rejected, 0 to 1: of what a stage made or judged, the share that is used. NaN for no rows."""
    judged = rows_kept + rows_rejected
    return rows_kept / judged if judged else float("nan")


def stage_yields(stages: Sequence[StageRows]) -> pd.DataFrame:
    """One row per stage, in order: stage, rows_in, rows_kept, rows_rejected, yield_fraction, rows_per_input.

    rows_per_input is rows_kept over rows_in, 0 and up; NaN where nothing went in.
    """
    columns = ["stage", "rows_in", "rows_kept", "rows_rejected"]
    table = pd.DataFrame([[getattr(stage, column) for column in columns] for stage in stages], columns=columns)
    table["yield_fraction"] = [yield_fraction(stage.rows_kept, stage.rows_rejected) for stage in stages]
    table["rows_per_input"] = [stage.rows_kept / stage.rows_in if stage.rows_in else float("nan") for stage in stages]
    return table
