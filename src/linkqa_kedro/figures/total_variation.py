"""Total variation distance between two mixes, such as the realised and the wanted disciplines."""

from collections.abc import Mapping


def total_variation(left: Mapping[str, float], right: Mapping[str, float]) -> float:
    """Half the sum of absolute differences of shares, 0 (same mix) to 1 (nothing in common); symmetric.

    It is the share of rows that would have to change their label to make the mixes equal (Levin, Peres 2017,
    "Markov Chains and Mixing Times", proposition 4.2).

    Args:
        left: Weight by label, 0 or more: counts or shares; scaled here to sum to 1. A missing label weighs 0.
        right: The same.

    Returns:
        NaN if either mix is empty or weighs nothing.
    """
    n_left, n_right = sum(left.values()), sum(right.values())
    if not n_left or not n_right:
        return float("nan")
    # Labels in a fixed order, so that the sum rounds the same in every process.
    labels = sorted({*left, *right})
    differences = (abs(left.get(label, 0) / n_left - right.get(label, 0) / n_right) for label in labels)
    return min(1.0, sum(differences) / 2)
