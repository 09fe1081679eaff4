"""Total variation distance."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkqa_kedro.figures.total_variation import total_variation

MIXES = st.dictionaries(st.sampled_from("abcd"), st.floats(1e-6, 1e6), min_size=1)


def test_it_is_the_share_that_has_to_move() -> None:
    assert total_variation({"a": 30, "b": 70}, {"a": 0.5, "b": 0.5}) == pytest.approx(0.2)


def test_mixes_with_nothing_in_common_are_1_apart() -> None:
    assert total_variation({"a": 2}, {"b": 0.1}) == 1.0


def test_an_empty_mix_has_no_distance() -> None:
    assert math.isnan(total_variation({}, {"a": 1}))
    assert math.isnan(total_variation({"a": 1}, {"a": 0}))


@given(MIXES, MIXES)
def test_it_is_symmetric_and_between_0_and_1(left: dict[str, float], right: dict[str, float]) -> None:
    assert total_variation(left, right) == pytest.approx(total_variation(right, left))
    assert 0 <= total_variation(left, right) <= 1
    assert total_variation(left, left) == 0


@given(MIXES, MIXES, MIXES)
def test_a_detour_is_never_shorter(one: dict[str, float], two: dict[str, float], three: dict[str, float]) -> None:
    assert total_variation(one, three) <= total_variation(one, two) + total_variation(two, three) + 1e-9
