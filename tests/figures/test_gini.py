"""The Gini coefficient."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkqa_kedro.figures.gini import gini

VALUES = st.lists(st.floats(0, 1e300), min_size=1, max_size=20)


def test_equal_values_give_0_and_one_holder_gives_1_less_1_over_n() -> None:
    assert gini([3, 3, 3]) == 0.0
    assert gini([0, 0, 0, 8]) == 0.75
    assert gini([0, 0]) == 0.0


def test_a_case_by_hand() -> None:
    """Mean absolute difference of 1, 2, 3 over all 9 pairs is 8/9, twice the mean is 4."""
    assert gini([3, 1, 2]) == pytest.approx(8 / 9 / 4)


def test_no_values_give_nan_and_negative_ones_are_refused() -> None:
    assert math.isnan(gini([]))
    with pytest.raises(ValueError, match="-1"):
        gini([2, -1])


@given(VALUES)
def test_it_lies_between_0_and_1(values: list[float]) -> None:
    assert 0 <= gini(values) <= 1 - 1 / len(values) + 1e-9


@given(st.lists(st.integers(0, 1000), min_size=1, max_size=20))
def test_neither_order_nor_scale_matters(values: list[int]) -> None:
    assert gini([7 * value for value in reversed(values)]) == pytest.approx(gini(values))
