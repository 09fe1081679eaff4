"""The Gini coefficient: how unevenly visits fall on knowledge points."""

import numpy as np
import numpy.typing as npt


def gini(values: npt.ArrayLike) -> float:
    """Half the relative mean absolute difference, 0 (all equal) to 1 - 1/n (one holds all).

    G = Σ_i (2i - n - 1)·x_i / (n·Σ x) over ascending x, i from 1 (Gini 1912; Sen 1973, "On Economic Inequality").
    All zeros are equal, and give 0. NaN for no values.

    Raises:
        ValueError: If a value is negative.
    """
    ascending = np.sort(np.asarray(values, dtype=np.float64))
    n = ascending.size
    if not n:
        return float("nan")
    if ascending[0] < 0:
        message = f"The Gini coefficient needs values of 0 or more, got {ascending[0]}."
        raise ValueError(message)
    # Shares first: the sum of counts near the largest float would overflow.
    largest = ascending[-1]
    if largest == 0:
        return 0.0
    shares = ascending / largest
    ranks = 2 * np.arange(1, n + 1) - n - 1
    # Rounding may leave equal values a hair below 0.
    return max(0.0, float(ranks @ shares / (n * shares.sum())))
