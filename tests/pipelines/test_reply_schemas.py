"""What an endpoint is asked to hold a model to is what the readers take."""

import json
from typing import Any

import jsonschema
import pytest

from linkqa_kedro.pipelines.enhancement.nodes import AXES
from linkqa_kedro.pipelines.reply_fields import read_item
from linkqa_kedro.pipelines.reply_schemas import annotation_schema, change_schema, rating_schema, synthesis_schema

ITEM = {
    "question_type": "single_choice",
    "question": "Which number is prime?",
    "options": {"A": "4", "B": "6", "C": "7", "D": "8"},
    "answer": "C",
    "explanation": "7 has no divisors but 1 and 7.",
    "knowledge_points": ["primes", "divisors"],
    "seeds": [1, 2],
}
SCHEMAS = {
    "annotation": annotation_schema(["mathematics", "physics"], 6),
    "synthesis": synthesis_schema(2),
    "change": change_schema(),
    "rating": rating_schema(AXES),
}
REPLIES: dict[str, dict[str, Any]] = {
    "annotation": {"knowledge_points": ["primes"], "discipline": "physics", "difficulty": 3},
    "synthesis": {"items": [ITEM, {**ITEM, "options": None, "answer": "7"}]},
    "change": {"item": ITEM, "strategy": "abstraction"},
    "rating": {"axes": dict.fromkeys(AXES, 3), "difficulty": 3, "reason": "Two steps."},
}


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_schema_is_one_and_takes_a_good_reply(name: str) -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMAS[name])
    jsonschema.validate(REPLIES[name], SCHEMAS[name])
    json.dumps(SCHEMAS[name])


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("annotation", {"discipline": "alchemy"}),
        ("annotation", {"difficulty": 6}),
        ("annotation", {"knowledge_points": []}),
        ("annotation", {"knowledge_points": ["x" * 81]}),
        ("synthesis", {"items": []}),
        ("synthesis", {"items": [ITEM] * 3}),
        ("synthesis", {"items": [{**ITEM, "answer": ""}]}),
        ("synthesis", {"items": [{**ITEM, "knowledge_points": ["primes"]}]}),
        ("change", {"item": {**ITEM, "options": {"A": "4"}}}),
        ("rating", {"axes": {"steps": 3}}),
        ("rating", {"mood": "good"}),
    ],
)
def test_what_the_reader_would_refuse_the_schema_refuses(name: str, change: dict[str, Any]) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**REPLIES[name], **change}, SCHEMAS[name])


def test_the_reader_takes_an_item_that_the_schema_takes() -> None:
    for item in REPLIES["synthesis"]["items"]:
        assert read_item(item, ["primes", "divisors"], 2)["answer"] in ("C", "7")
