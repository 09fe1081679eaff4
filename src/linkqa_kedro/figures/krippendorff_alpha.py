"""Krippendorff's alpha for ordinal ratings: whether repeated ratings of the same items agree beyond chance."""

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt


def krippendorff_alpha(ratings: Iterable[Sequence[int]], levels: Sequence[int]) -> float:
    """One minus observed over expected disagreement: 1 is full agreement, 0 is chance, below 0 is worse.

    Two ratings disagree the more, the more ratings lie between them: the ordinal metric of Krippendorff 2011,
    "Computing Krippendorff's Alpha-Reliability", section E.

    Args:
        ratings: Ratings of each item, in any number; items of fewer than two say nothing and are passed over.
        levels: All levels there are, in order.

    Returns:
        NaN where no item has two ratings, or all ratings are the same.
    """
    counts = _counts([item for item in ratings if len(item) > 1], levels)
    n_of_item = counts.sum(axis=1, keepdims=True)
    weighted = counts / np.maximum(n_of_item - 1, 1)
    # Ordered pairs of ratings within an item; a rating makes no pair with itself.
    pairs = weighted.T @ counts - np.diag(weighted.sum(axis=0))
    n_of_level = counts.sum(axis=0)
    distances = _ordinal_distances(n_of_level)
    expected = float(n_of_level @ distances @ n_of_level)
    if not expected:
        return float("nan")
    return 1.0 - (float(n_of_level.sum()) - 1.0) * float((pairs * distances).sum()) / expected


def _counts(ratings: Sequence[Sequence[int]], levels: Sequence[int]) -> npt.NDArray[np.float64]:
    """How often each item got each level, shape (n_items, n_levels)."""
    place = {level: number for number, level in enumerate(levels)}
    counts = np.zeros((len(ratings), len(levels)))
    for row, item in enumerate(ratings):
        for level in item:
            counts[row, place[level]] += 1
    return counts


def _ordinal_distances(n_of_level: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Squared number of ratings between two levels, half of each of the two counted."""
    middles = np.cumsum(n_of_level) - n_of_level / 2
    distances: npt.NDArray[np.float64] = np.square(middles[:, None] - middles[None, :])
    return distances
