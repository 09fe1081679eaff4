"""Items of a reply are checked before they become rows."""

from typing import Any

import pytest

from linkqa_kedro.pipelines.reply_fields import read_item, read_level
from linkqa_kedro.teacher.errors import ReplyUnusable

PATH = ["Bayes' theorem", "prior", "likelihood"]
ITEM: dict[str, Any] = {
    "question_type": "multiple_choice",
    "question": "Which?",
    "options": {"A": "one", "B": "two", "C": "three"},
    "answer": "B",
    "explanation": "Because.",
    "knowledge_points": ["prior", "likelihood"],
    "seeds": [1, 2],
}


def read(**changes: Any) -> dict[str, Any]:
    return read_item({**ITEM, **changes}, PATH, n_seeds=3)


def test_an_item_keeps_its_parts() -> None:
    item = read()
    assert item["options"][1] == {"letter": "B", "text": "two"}
    assert (item["answer"], item["seeds"], item["proof"]) == ("B", [0, 1], None)


@pytest.mark.parametrize(
    ("answer", "letters"),
    [
        ("B, C", "BC"),
        ("CB", "BC"),
        ("B和C", "BC"),
        ("B、C", "BC"),
        ("B and C", "BC"),
        ("(b)", "B"),
        ("**B**", "B"),
        ("Option B.", "B"),
        ("选项B", "B"),
        ("B. two", "B"),
        ("Two.", "B"),
    ],
)
def test_an_answer_is_its_letters_however_they_are_written(answer: str, letters: str) -> None:
    assert read(answer=answer)["answer"] == letters


def test_knowledge_points_come_back_as_the_path_spells_them() -> None:
    assert read(knowledge_points=["PRIOR", "bayes'  theorem", "x"])["knowledge_points"] == ["prior", "Bayes' theorem"]


@pytest.mark.parametrize("seeds", [None, [], [0, 9], ["1"]])
def test_an_item_that_names_no_seed_draws_on_all(seeds: Any) -> None:
    assert read(seeds=seeds)["seeds"] == [0, 1, 2]


def test_an_open_question_has_no_options() -> None:
    assert read(options=None, answer=42)["answer"] == "42"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"question": " "}, "no question"),
        ({"question_type": None}, "no question type"),
        ({"answer": ""}, "no answer"),
        ({"answer": "D"}, "answer not among the options"),
        ({"answer": "B. three"}, "answer not among the options"),
        ({"answer": "BB"}, "answer not among the options"),
        ({"options": {"A": "one"}}, "bad options"),
        ({"options": ["one", "two"]}, "bad options"),
        ({"options": {"A": "one", "B": ""}}, "bad options"),
        ({"options": {"1": "one", "2": "two"}}, "bad options"),
        ({"knowledge_points": ["prior"]}, "joins fewer than two knowledge points"),
        ({"knowledge_points": ["prior", "Prior"]}, "joins fewer than two knowledge points"),
        ({"knowledge_points": None}, "joins fewer than two knowledge points"),
    ],
)
def test_an_item_that_does_not_hold_together_is_refused(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(ReplyUnusable) as error:
        read(**changes)
    assert error.value.reason == reason


@pytest.mark.parametrize("value", [3, "3", 3.0])
def test_a_level_may_be_written_as_text(value: Any) -> None:
    assert read_level(value) == 3


@pytest.mark.parametrize("value", [0, 6, 2.5, True, None, "hard", [3]])
def test_what_is_no_level_is_refused(value: Any) -> None:
    with pytest.raises(ReplyUnusable):
        read_level(value)
