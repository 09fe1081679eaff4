"""Types come in the shares wanted, and no type more often than its share asks for."""

import math
from collections import Counter
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkqa_kedro.pipelines.synthesis.type_mix import draw_types, type_name, type_shares

WEIGHTS = st.dictionaries(st.sampled_from("abcdefgh"), st.floats(0.01, 100), min_size=1)


@given(WEIGHTS, st.integers(1, 12), st.integers(0, 10**6))
def test_a_type_comes_its_expected_number_of_times_rounded_down_or_up(
    weights: dict[str, float], fan_out: int, seed: int
) -> None:
    drawn = draw_types(weights, fan_out, Random(seed))
    counts = Counter(drawn.wanted)
    assert counts.total() == fan_out
    for name, share in type_shares(weights).items():
        expected = fan_out * share
        assert math.floor(expected - 1e-9) <= counts[name] <= math.ceil(expected + 1e-9)


@given(WEIGHTS, st.integers(1, 12), st.integers(0, 10**6))
def test_every_type_is_either_asked_for_or_may_stand_in(weights: dict[str, float], fan_out: int, seed: int) -> None:
    drawn = draw_types(weights, fan_out, Random(seed))
    assert sorted({*drawn.wanted, *drawn.others}) == sorted(weights)
    assert not {*drawn.wanted} & {*drawn.others}


def test_over_many_paths_the_shares_are_those_of_the_weights() -> None:
    weights = {"a": 5.0, "b": 3.0, "c": 1.0, "d": 1.0, "e": 0.0}
    counts = Counter(name for seed in range(4000) for name in draw_types(weights, 3, Random(seed)).wanted)
    shares = {name: n / counts.total() for name, n in counts.items()}
    assert shares == pytest.approx({"a": 0.5, "b": 0.3, "c": 0.1, "d": 0.1}, abs=0.01)


def test_the_heavier_stands_in_first_as_often_as_its_weight_says() -> None:
    first = Counter(draw_types({"a": 100.0, "b": 3.0, "c": 1.0}, 1, Random(seed)).others[0] for seed in range(4000))
    assert first["b"] / (first["b"] + first["c"]) == pytest.approx(0.75, abs=0.03)


def test_a_name_has_one_spelling() -> None:
    assert {type_name(text) for text in ("single_choice", "Single Choice", " single-choice ")} == {"single_choice"}
