from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkqa_kedro.composer.material import (
    comparable,
    number_text,
    parse_number,
    read_material,
    read_materials,
    refers_to_others,
    shown_text,
)


def seed(answer: str, *options: str, question: str = "Which one?") -> dict[str, Any]:
    return {
        "seed_id": "s",
        "question": question,
        "answer": answer,
        "options": [{"letter": letter, "text": text} for letter, text in zip("ABCDE", options, strict=False)],
        "knowledge_points": [],
        "language": "en",
    }


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12", Fraction(12)),
        ("-3", Fraction(-3)),
        ("−3", Fraction(-3)),
        ("0.25", Fraction(1, 4)),
        ("3/4", Fraction(3, 4)),
        ("$$30$$", Fraction(30)),
        (r"$\frac{2}{6}$", Fraction(1, 3)),
        (r"-\dfrac{1}{2}", Fraction(-1, 2)),
    ],
)
def test_plain_numbers_are_read_exactly(text: str, value: Fraction) -> None:
    assert parse_number(text) == value


@pytest.mark.parametrize(
    "text", ["12 km", "50%", "1,000", "007", "1/0", r"\sqrt{2}", "1 1/2", "3.", "x", "", "$$", "2\\pi", "1e5", "٣"]
)
def test_what_is_no_plain_number_is_not_read_as_one(text: str) -> None:
    assert parse_number(text) is None


@given(st.fractions())
def test_a_number_is_written_so_that_it_reads_back(value: Fraction) -> None:
    assert parse_number(number_text(value)) == value


def test_repeating_decimals_are_written_as_fractions() -> None:
    assert [number_text(Fraction(1, n)) for n in (3, 4, -8)] == ["1/3", "0.25", "-0.125"]


@pytest.mark.parametrize(
    "text",
    [
        "All of the above",
        "None of these",
        "Both A and B",
        "A, B and C only",
        "以上都对",
        "前三个答案都不对",
        "A和C",
        "三者都是",
    ],
)
def test_options_that_speak_of_others_are_recognised(text: str) -> None:
    assert refers_to_others(text)


@pytest.mark.parametrize("text", ["Vitamin A", "A room with a view", "平均数", "Carbon dioxide", "$a+b$", "均值"])
def test_ordinary_options_do_not_speak_of_others(text: str) -> None:
    assert not refers_to_others(text)


def test_nothing_is_claimed_beside_an_option_that_speaks_of_others() -> None:
    """With "all of the above" in the list, option A may be true of the matter and still not the answer."""
    material = read_material(seed("C", "red", "blue", "All of the above"), 1)
    assert material is not None
    assert not material.claimable


@pytest.mark.parametrize(
    "broken",
    [
        seed("E", "red", "blue"),
        seed("", "red", "blue"),
        seed("A", "red", "Red"),
        seed("A", "0.5", "1/2"),
        seed("A", "red"),
        seed("A", "red", ""),
        seed("AA", "red", "blue"),
        seed("x" * 61),
        seed("two\nlines"),
        seed("A", "red", "blue", question="  "),
        seed("A", "red", "blue", question="q" * 701),
    ],
)
def test_seeds_with_an_unsound_key_or_too_much_text_are_left_aside(broken: dict[str, Any]) -> None:
    assert read_material(broken, 1) is None


def test_several_letters_are_several_right_options() -> None:
    material = read_material(seed("CA", "red", "blue", "green"), 1)
    assert material is not None
    assert (material.key, material.wrong_letters, material.short_answer) == (("A", "C"), ("B",), "AC")


def test_a_free_decimal_may_be_rounded_and_is_not_reckoned_with() -> None:
    free, chosen = read_material(seed("0.33"), 1), read_material(seed("A", "0.33", "0.5"), 1)
    assert free is not None
    assert chosen is not None
    assert (free.number, free.exact, chosen.exact) == (Fraction(33, 100), False, True)


def test_seeds_of_another_language_keep_their_number_but_are_not_used() -> None:
    seeds = [seed("1"), {**seed("2"), "language": "zh"}, seed("3")]
    assert [material.seed_number for material in read_materials(seeds, "en")] == [1, 3]


def test_print_commands_are_undone_and_formulas_are_not_touched() -> None:
    raw = r"Pip\textquotesingle s score is~\uline{~~~~}~ when $$x~=~1$$? ．"
    assert shown_text(raw) == "Pip's score is ____ when $$x~=~1$$?"


def test_answers_are_compared_by_number_and_without_blanks_and_case() -> None:
    assert comparable("$0.50$") == comparable("1/2")
    assert comparable("Carbon Dioxide.") == comparable("carbon dioxide")
    assert comparable("2") != comparable("2 km")
