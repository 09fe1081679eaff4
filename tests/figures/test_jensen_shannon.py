"""Jensen-Shannon distance."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.distance import jensenshannon

from linkqa_kedro.figures.jensen_shannon import jensen_shannon_distance

MIXES = st.fixed_dictionaries({label: st.floats(0, 1e6) for label in "abcd"}).filter(
    lambda mix: sum(mix.values()) > 1e-3
)


def test_mixes_with_nothing_in_common_are_1_apart() -> None:
    assert jensen_shannon_distance({"a": 2}, {"b": 1}) == 1.0


def test_a_case_by_hand() -> None:
    """(1, 0) and (½, ½) with mean (¾, ¼): ½·log2(4/3) + ½·(½·log2(2/3) + ½·log2(2)) = 0.3113 bits."""
    assert jensen_shannon_distance({"a": 1}, {"a": 1, "b": 1}) == pytest.approx(math.sqrt(0.311278), abs=1e-6)


def test_an_empty_mix_has_no_distance() -> None:
    assert math.isnan(jensen_shannon_distance({}, {"a": 1}))


@given(MIXES, MIXES)
def test_it_agrees_with_scipy_and_is_symmetric(left: dict[str, float], right: dict[str, float]) -> None:
    distance = jensen_shannon_distance(left, right)
    assert distance == pytest.approx(
        jensenshannon([left[label] for label in "abcd"], [right[label] for label in "abcd"], base=2), abs=1e-6
    )
    assert distance == pytest.approx(jensen_shannon_distance(right, left))
    assert 0 <= distance <= 1
