"""Answers are told the same or different only where that is certain."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkqa_kedro.answers.equality import largest_group, same_answer


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Photosynthesis.", "photosynthesis"),
        ("12 m/s", "12"),
        ("True", "true, because work is done"),
        ("正确", "对"),
        ("错误", "False"),
        ("2, 1, 3", "2,1,3"),
        ("2 → 1 → 3", "2, 1, 3"),
        (r"2\sqrt{3}", r"\sqrt{12}"),
        ("2x + 1", "1 + 2x"),
        (r"$(x-1)(x+1)$", "x^2-1"),
        ("", ""),
    ],
)
def test_answers_that_say_the_same(one: str, other: str) -> None:
    assert same_answer(one, other) is same_answer(other, one) is True


@pytest.mark.parametrize(
    ("one", "other"),
    [("True", "no"), ("不正确", "正确"), ("12", "13"), ("(1, 2)", "(2, 1)"), ("2, 1, 3", "2, 3, 1"), ("x", "")],
)
def test_answers_that_say_different_things(one: str, other: str) -> None:
    assert same_answer(one, other) is same_answer(other, one) is False


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("energy", "the capacity to do work"),
        ("Type I error", "Type II error"),
        ("1.2 km", "1200 m"),
        ("2x + 1", "2x + 2"),
        ("no", "none of them"),
        ("9^9^9", "9^9^8"),
        ("north and south", "south and north"),
    ],
)
def test_what_takes_someone_who_understands_is_left_open(one: str, other: str) -> None:
    assert same_answer(one, other) is None


def test_letters_are_the_same_or_not() -> None:
    assert same_answer("AC", "AC", has_options=True) is True
    assert same_answer("AC", "AD", has_options=True) is False


@given(st.text(max_size=40), st.text(max_size=40))
def test_any_two_texts_are_compared_alike_both_ways(one: str, other: str) -> None:
    assert same_answer(one, other) is same_answer(other, one)
    assert same_answer(one, one) is True


def test_the_largest_group_counts_what_may_be_one_answer() -> None:
    assert largest_group([]) == 0
    assert largest_group(["B", "C", "B"], has_options=True) == 2
    assert largest_group(["12", "12.0 m", "13"]) == 2
    assert largest_group(["energy", "the capacity to do work", "12"]) >= 2, "left open counts as one"
    assert largest_group(["", "12", ""]) == 2
