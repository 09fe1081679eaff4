"""Whole numbers that follow shares."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkqa_kedro.walks.quotas import largest_remainder, round_sizes


def test_what_is_left_goes_to_the_largest_fraction() -> None:
    assert largest_remainder(10, [0.44, 0.27, 0.29]).tolist() == [4, 3, 3]


def test_equal_fractions_go_to_the_earlier_cell() -> None:
    assert largest_remainder(4, [1, 1, 1]).tolist() == [2, 1, 1]


def test_exact_shares_lose_nothing_to_rounding() -> None:
    assert largest_remainder(10, [0.1, 0.2, 0.3, 0.4]).tolist() == [1, 2, 3, 4]


def test_shares_that_are_all_zero_are_refused() -> None:
    with pytest.raises(ValueError, match="3 cannot be shared out"):
        largest_remainder(3, [0, 0])


@given(st.integers(0, 10_000), st.lists(st.floats(0, 1), min_size=1, max_size=60).filter(lambda s: sum(s) > 1e-6))
def test_quotas_sum_to_the_total_and_miss_their_share_by_less_than_one(total: int, shares: list[float]) -> None:
    quotas = largest_remainder(total, shares)
    assert quotas.sum() == total
    assert (np.abs(quotas - total * np.array(shares) / sum(shares)) < 1 + 1e-6).all()


@given(st.integers(0, 100_000), st.integers(1, 5000), st.integers(2, 8), st.floats(1, 2))
def test_rounds_grow_up_to_a_twentieth_and_sum_to_the_budget(
    n_paths: int, n_vertices: int, length: int, growth: float
) -> None:
    sizes = round_sizes(n_paths, n_vertices, length, growth)
    assert sum(sizes) == n_paths
    assert all(0 < size <= max(1, n_paths // 20) for size in sizes)
    assert all(later >= earlier for earlier, later in pairwise(sizes[:-1]))
