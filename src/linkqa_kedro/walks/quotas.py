"""Integer quotas: how many paths, walks or rows each cell gets."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt


def largest_remainder(total: int, shares: Sequence[float] | npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    """Whole numbers that sum to `total` and follow the shares as closely as whole numbers can.

    Each gets the floor of its exact part; what is left goes to the largest fractions, ties to the earlier cell
    (Hamilton's method).

    Args:
        total: At least 0.
        shares: At least 0, not all 0 unless total is 0; they need not sum to 1.

    Returns:
        Shape (n_shares,).

    Raises:
        ValueError: If something is to be shared out and every share is 0.
    """
    weights = np.asarray(shares, np.float64)
    if total == 0:
        return np.zeros(len(weights), np.int64)
    if weights.sum() <= 0:
        raise ValueError(f"{total} cannot be shared out over shares that are all 0.")
    exact = total * weights / weights.sum()
    # Rounded first: 0.1 * 3 / 0.3 must not lose its unit to the last bit of a float.
    floors: npt.NDArray[np.int64] = np.floor(np.round(exact, 9)).astype(np.int64)
    fractions = np.round(exact - floors, 9)
    left = total - int(floors.sum())
    order = np.lexsort((np.arange(len(weights)), -fractions))
    floors[order[:left]] += 1
    return floors


def round_sizes(n_paths: int, n_vertices: int, path_length: int, growth: float) -> list[int]:
    """Walks of each round: small at first, because early values are crude, then growing.

    The first round holds K/(20·L) walks, each next `growth` times more, none more than a twentieth of the budget.

    Args:
        n_paths: Budget, at least 0.
        n_vertices: K, reachable vertices.
        path_length: L, the longest path.
        growth: At least 1.

    Returns:
        Sizes that sum to n_paths.
    """
    ceiling = max(1, n_paths // 20)
    size = max(1.0, n_vertices / (20 * path_length))
    sizes: list[int] = []
    left = n_paths
    while left > 0:
        sizes.append(min(left, ceiling, int(size)))
        left -= sizes[-1]
        size = min(size * growth, float(ceiling))
    return sizes
