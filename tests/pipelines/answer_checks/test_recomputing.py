import json
from typing import Any

import pytest

from fakes.answers import Examiners, qa
from fakes.requests import request_of
from fakes.scripted import completion_of
from linkqa_kedro.composer.compose import compose_items
from linkqa_kedro.pipelines.answer_checks.checking import check_answers
from linkqa_kedro.pipelines.answer_checks.refining import refine_answers
from linkqa_kedro.pipelines.qa_rows import qa_row
from linkqa_kedro.pipelines.reply_fields import read_item
from linkqa_kedro.teacher.requests import Answered

SEEDS = {
    f"s{place}": {
        "seed_id": f"s{place}",
        "question": question,
        "answer": answer,
        "options": [{"letter": letter, "text": text} for letter, text in zip("ABCD", options, strict=False)],
        "knowledge_points": points,
        "discipline": "mathematics",
        "difficulty": 2,
        "language": "en",
    }
    for place, (question, answer, options, points) in enumerate(
        [
            ("Which number is prime?", "D", ["9", "15", "21", "23"], ["p1", "p2"]),
            ("How many legs does an insect have?", "C", ["4", "5", "6", "8"], ["p1", "p2"]),
            ("What is 7 times 8?", "56", [], ["p2", "p3"]),
        ]
    )
}


@pytest.fixture
def composed() -> dict[str, Any]:
    """A row of the composer, with the proof of its answer."""
    values = {
        "path": ["p1", "p2", "p3"],
        "seeds": list(SEEDS.values()),
        "links": [],
        "fan_out": 1,
        "question_types": ["true_false"],
        "other_types": [],
        "discipline": "mathematics",
        "difficulty": 2,
        "language": "en",
    }
    item = compose_items(values)[0]
    read = read_item(item, values["path"], len(SEEDS))
    row = qa("composed", proof=json.dumps(read["proof"]))
    return {**row, **{name: read[name] for name in ("question_type", "question", "options", "answer")}}


def test_what_the_composer_joined_is_recomputed_and_buys_nothing(make_checker: Any, composed: dict[str, Any]) -> None:
    checker, chat = make_checker(Examiners([]))
    checked = check_answers([composed], SEEDS, checker)
    assert [(row["verdict"], row["answer_check"], row["solve_rate"]) for row in checked.rows] == [
        ("confirmed", "recomputed", None)
    ]
    assert len(refine_answers(checked.rows, checker).confirmed) == 1
    assert chat.asked == []


def test_a_damaged_proof_is_refuted_and_no_model_mends_it(make_checker: Any, composed: dict[str, Any]) -> None:
    other = "False" if composed["answer"] == "True" else "True"
    checker, chat = make_checker(Examiners([]))
    checked = check_answers([{**composed, "answer": other}], SEEDS, checker)
    assert checked.rows[0]["verdict"] == "refuted"
    assert checked.rows[0]["verdict_detail"]
    (row,) = refine_answers(checked.rows, checker).set_aside
    assert (row["reason"], row["answer"]) == ("answer refuted", other)
    assert chat.asked == []


def test_a_proof_that_a_model_writes_is_none() -> None:
    """Else a model would confirm its own answers."""
    item = {**qa(), "seeds": [0], "knowledge_points": ["p1", "p2"], "proof": {"claims": []}}
    answered = Answered(
        request_of("p", role="synthesise", stage="synthesis"), "k", completion_of("", model="any-model"), None
    )
    row = qa_row(answered, item, 0, 1, path_id="p", seeds=list(SEEDS.values()), asked_difficulty=2, language="en")
    assert row["proof"] is None


def test_rows_of_both_kinds_keep_their_order(make_checker: Any, composed: dict[str, Any]) -> None:
    checker, chat = make_checker(Examiners(["B"]))
    rows = [qa("first"), composed, qa("last")]
    checked = check_answers(rows, SEEDS, checker).rows
    assert [row["qa_id"] for row in checked] == [row["qa_id"] for row in rows]
    assert [row["answer_check"] for row in checked] == ["solved", "recomputed", "solved"]
    assert {request.record_id for request in chat.asked} == {"qa-first", "qa-last"}
