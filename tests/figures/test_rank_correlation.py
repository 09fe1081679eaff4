"""Spearman's rank correlation."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import spearmanr

from linkqa_kedro.figures.rank_correlation import rank_correlation

PAIRS = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=2, max_size=20)


def test_only_order_counts() -> None:
    assert rank_correlation([1, 2, 30], [1, 100, 1000]) == pytest.approx(1.0)
    assert rank_correlation([1, 2, 30], [3, 2, 1]) == pytest.approx(-1.0)


def test_ties_share_their_mean_rank() -> None:
    """Ranks 1.5, 1.5, 3 and 1, 2, 3: covariance 1.5 over sqrt(1.5 · 2)."""
    assert rank_correlation([1, 1, 2], [1, 2, 3]) == pytest.approx(1.5 / math.sqrt(3))


def test_it_is_undefined_without_two_different_values() -> None:
    assert math.isnan(rank_correlation([], []))
    assert math.isnan(rank_correlation([1], [1]))
    assert math.isnan(rank_correlation([2, 2], [1, 3]))


def test_unpaired_values_are_refused() -> None:
    with pytest.raises(ValueError, match="3 and 2"):
        rank_correlation([1, 2, 3], [1, 2])


@given(PAIRS)
def test_it_agrees_with_scipy(pairs: list[tuple[int, int]]) -> None:
    left, right = zip(*pairs, strict=True)
    if len(set(left)) > 1 and len(set(right)) > 1:
        assert rank_correlation(left, right) == pytest.approx(spearmanr(left, right).statistic)
