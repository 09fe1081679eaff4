"""Answers are told the same or different only where that is certain."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkqa_kedro.answers.equality import largest_group, same_answer


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Photosynthesis.", "photosynthesis"),
        ("The first law", "the first law"),
        ("12 m/s", "12"),
        ("True", "true, because work is done"),
        ("正确", "对"),
        ("错误", "False"),
        ("2, 1, 3", "2,1,3"),
        ("2 → 1 → 3", "2, 1, 3"),
        ("x=1, y=2", "y=2, x=1"),
        ("1-b, 2-a", "2-a, 1-b"),
        ("{1, 2}", "{2, 1}"),
        ("(1,2)", "(1, 2)"),
        (r"2\frac{1}{2}", "2.5"),
        (r"2\sqrt{3}", r"\sqrt{12}"),
        (r"\dfrac{a}{b}", r"\frac{a} {b}"),
        ("", ""),
    ],
)
def test_answers_that_say_the_same(one: str, other: str) -> None:
    assert same_answer(one, other) is same_answer(other, one) is True


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("True", "no"),
        ("不正确", "正确"),
        ("12", "13"),
        ("2π", "3π"),
        ("(1, 2)", "(2, 1)"),
        ("2, 1, 3", "2, 4, 3"),
        ("x", ""),
        (r"2\frac{1}{2}", "10.5"),
    ],
)
def test_answers_that_say_different_things(one: str, other: str) -> None:
    assert same_answer(one, other) is same_answer(other, one) is False


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("energy", "the capacity to do work"),
        ("Type I error", "Type II error"),
        ("right atrium", "right ventricle"),
        ("False positive", "False negative"),
        ("No solution", "no"),
        ("True, False, True", "True, True, False"),
        ("Aa", "AA"),
        ("CO", "Co"),
        ("5 mW", "5 MW"),
        ("1.2 km", "1200 m"),
        ("5万", "5"),
        ("2π", "2"),
        ("3x", "3"),
        ("x=5", "y=5"),
        ("100", "100.4"),
        ("3.32 m", "3.33 m"),
        ("2, 3", "3, 2"),
        ("(1, 2)", "[1, 2]"),
        ("1<x<2", "1, x, 2"),
        ("10-20", "5-15"),
        ("2024-03-05", "2024-05-03"),
        ("2x + 1", "1 + 2x"),
        ("8:15", "8:16"),
        ("north and south", "south and north"),
    ],
)
def test_what_takes_someone_who_understands_is_left_open(one: str, other: str) -> None:
    assert same_answer(one, other) is None
    assert same_answer(other, one) is None


def test_letters_are_the_same_or_not() -> None:
    assert same_answer("AC", "AC", has_options=True) is True
    assert same_answer("AC", "AD", has_options=True) is False


def test_order_counts_where_it_is_asked_for() -> None:
    assert same_answer("2, 1, 3", "2, 3, 1") is None
    assert same_answer("2, 1, 3", "2, 3, 1", in_order=True) is False


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
