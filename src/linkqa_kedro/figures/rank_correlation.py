"""Spearman's rank correlation: whether popular knowledge points are also the much visited ones."""

import numpy as np
import numpy.typing as npt
import pandas as pd


def rank_correlation(visits: npt.ArrayLike, popularity: npt.ArrayLike) -> float:
    """Pearson correlation of the ranks, -1 to 1, ties at their mean rank (Spearman 1904).

    NaN for fewer than two values, or where all values of one side are the same.

    Raises:
        ValueError: If the two differ in length.
    """
    left, right = (pd.Series(np.asarray(values)).rank().to_numpy() for values in (visits, popularity))
    if left.size != right.size:
        message = f"Rank correlation needs pairs, got {left.size} and {right.size} values."
        raise ValueError(message)
    if left.size < 2 or np.ptp(left) == 0 or np.ptp(right) == 0:
        return float("nan")
    left, right = left - left.mean(), right - right.mean()
    correlation = float(left @ right / np.sqrt((left @ left) * (right @ right)))
    return min(1.0, max(-1.0, correlation))
