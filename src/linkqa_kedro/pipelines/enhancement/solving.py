"""Solve rates beside measured levels: a second opinion on difficulty, from those who tried to solve."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from linkqa_kedro.figures.rank_correlation import rank_correlation
from linkqa_kedro.pipelines.statistics import json_ready


def solve_rate_figures(rows: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """How often questions of each measured level were solved, and whether harder ones were solved less often.

    Returns:
        `by_measured_level`: rows with attempts and their mean solve rate. `solve_rate_rank_correlation`: Spearman's
        rank correlation of solve rate and measured level over these rows, -1 where a higher level always means a lower
        rate; None where there are fewer than two, or all are alike.
    """
    rates: defaultdict[int, list[float]] = defaultdict(list)
    for row in rows:
        if row["solve_rate"] is not None:
            rates[row["measured_difficulty"]].append(row["solve_rate"])
    levels = np.array([level for level, found in rates.items() for _ in found], np.int64)
    solved = np.array([rate for found in rates.values() for rate in found], np.float64)
    return json_ready(
        {
            "by_measured_level": {
                str(level): {"rows": len(found), "solve_rate": sum(found) / len(found)}
                for level, found in sorted(rates.items())
            },
            "solve_rate_rank_correlation": rank_correlation(solved, levels),
        }
    )
