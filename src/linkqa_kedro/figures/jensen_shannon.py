"""Jensen-Shannon distance between two mixes: more tolerant than total variation of labels that are rare in both."""

import math
from collections.abc import Mapping


def jensen_shannon_distance(left: Mapping[str, float], right: Mapping[str, float]) -> float:
    """Square root of the Jensen-Shannon divergence to base 2, 0 (same mix) to 1 (nothing in common); symmetric.

    JSD = (KL(p‖m) + KL(q‖m)) / 2 with m the mean of p and q (Lin 1991); its root, the *distance*, is a metric
    (Endres, Schindelin 2003). Note that the divergence itself is the square of what is returned.

    Args:
        left: Weight by label, 0 or more: counts or shares; scaled here to sum to 1. A missing label weighs 0.
        right: The same.

    Returns:
        NaN if either mix is empty or weighs nothing.
    """
    n_left, n_right = sum(left.values()), sum(right.values())
    if not n_left or not n_right:
        return float("nan")
    divergence = 0.0
    for label in sorted({*left, *right}):
        p, q = left.get(label, 0) / n_left, right.get(label, 0) / n_right
        divergence += (_relative_bits(p, (p + q) / 2) + _relative_bits(q, (p + q) / 2)) / 2
    return math.sqrt(min(1.0, max(0.0, divergence)))


def _relative_bits(p: float, mean: float) -> float:
    return p * math.log2(p / mean) if p and mean else 0.0
