"""Copies are found whatever their numbers and the order of their options, and nothing else is one."""

from typing import Any

import pytest

from linkqa_kedro.annotation_quality.copies import copy_groups

FRUIT = ("seven ripe apples", "five green pears", "one large melon", "ten small plums")


def row(question: str, options: tuple[str, ...] = ()) -> dict[str, Any]:
    letters = zip("ABCD", options, strict=False)
    return {"question": question, "options": [{"letter": letter, "text": text} for letter, text in letters]}


BUYS = row("A farmer buys 12 crates of apples and sells 5 of them. How many crates are left?")


@pytest.mark.parametrize(
    ("other", "is_copy"),
    [
        (BUYS, True),
        (row("A farmer buys 30 crates of apples and sells 18 of them. How many crates are left?"), True),
        (row("A FARMER buys 12 crates of apples, and sells 5 of them: how many crates are left"), True),
        (row(BUYS["question"], FRUIT), True),
        (row("A train leaves at noon and travels 60 km in an hour. When does it arrive?"), False),
        (row("A farmer has sheep."), False),
    ],
)
def test_a_copy_differs_in_numbers_and_marks_at_most(other: dict[str, Any], is_copy: bool) -> None:
    assert copy_groups([BUYS, other]) == ([[0, 1]] if is_copy else [[0], [1]])


def test_shuffled_options_make_no_other_seed() -> None:
    assert copy_groups([row("Which is most?", FRUIT), row("Which is most?", FRUIT[::-1])]) == [[0, 1]]


def test_a_short_stem_alone_makes_no_copy() -> None:
    """ "Which is true?" stands before items that have nothing else in common."""
    others = ("the speed of light", "a noble gas", "an inert metal", "two kinds of cells")
    assert copy_groups([row("Which is true?", FRUIT), row("Which is true?", others)]) == [[0], [1]]


def test_chinese_copies_are_found() -> None:
    rows = [
        row("小明有12个苹果,吃了3个,还剩多少个?"),
        row("小明有20个苹果,吃了7个,还剩多少个?"),
        row("光合作用发生在哪里?"),
    ]
    assert copy_groups(rows) == [[0, 1], [2]]


def test_a_copy_of_a_copy_is_of_the_same_group() -> None:
    """The first and the last share too little by themselves, and still must not stand in different halves."""
    words = [letter * 3 for letter in "abcdefghijklmnopqr"]
    first, middle, last = (row(" ".join(words[start : start + 14])) for start in (0, 2, 4))
    assert copy_groups([first, last]) == [[0], [1]]
    assert copy_groups([first, last, middle]) == [[0, 1, 2]]


def test_no_rows_are_no_groups() -> None:
    assert copy_groups([]) == []
    assert copy_groups([row("?!")]) == [[0]]
