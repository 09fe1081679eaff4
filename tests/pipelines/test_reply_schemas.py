"""What an endpoint is asked to hold a model to is what the readers take."""

import asyncio
import json
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes.requests import request_of
from linkqa_kedro.composer import Composer
from linkqa_kedro.pipelines.enhancement.change_loop import _read_change
from linkqa_kedro.pipelines.enhancement.rating import AXES, read_rating
from linkqa_kedro.pipelines.extraction.naming import _read_verdict
from linkqa_kedro.pipelines.extraction.nodes import AnnotationReader
from linkqa_kedro.pipelines.reply_fields import read_item
from linkqa_kedro.pipelines.reply_schemas import (
    adjudication_schema,
    annotation_schema,
    change_schema,
    comparison_schema,
    rating_schema,
    refinement_schema,
    solution_schema,
    synthesis_schema,
)
from linkqa_kedro.teacher.replies import parse_json_object
from linkqa_kedro.teacher.requests import Completion

ITEM = {
    "question_type": "single_choice",
    "question": "Which number is prime?",
    "options": {"A": "4", "B": "6", "C": "7", "D": "8"},
    "answer": "C",
    "explanation": "7 has no divisors but 1 and 7.",
    "expression": None,
    "knowledge_points": ["primes", "divisors"],
    "seeds": [1, 2],
}
SEEDS = [
    {
        "seed_id": f"s{place}",
        "question": question,
        "answer": answer,
        "options": [{"letter": letter, "text": text} for letter, text in zip("ABCD", options, strict=False)],
        "knowledge_points": points,
        "discipline": "mathematics",
        "difficulty": 2,
    }
    for place, (question, answer, options, points) in enumerate(
        [
            ("Which number is prime?", "D", ["9", "15", "21", "23"], ["p1", "p2"]),
            ("How many sides does a heptagon have?", "7", [], ["p1", "p3"]),
            ("What is 7 times 8?", "56", [], ["p2", "p3"]),
            ("How many legs does an insect have?", "C", ["4", "5", "6", "8"], ["p1", "p2"]),
        ]
    )
]
SCHEMAS = {
    "annotation": annotation_schema(["mathematics", "physics"], 6),
    "adjudication": adjudication_schema(),
    "synthesis": synthesis_schema(2),
    "change": change_schema(),
    "rating": rating_schema(AXES),
    "solution": solution_schema(),
    "comparison": comparison_schema(2),
    "refinement": refinement_schema(),
}
REPLIES: dict[str, dict[str, Any]] = {
    "annotation": {"knowledge_points": ["primes"], "discipline": "physics", "difficulty": 3},
    "adjudication": {"verdict": "same", "better": "first", "reason": "One concept."},
    "synthesis": {"items": [ITEM, {**ITEM, "options": None, "answer": "7"}]},
    "change": {"item": ITEM, "strategy": "abstraction"},
    "rating": {"axes": dict.fromkeys(AXES, 3), "difficulty": 3, "reason": "Two steps."},
    "solution": {"working": "7 is prime.", "answer": "C"},
    "comparison": {"reason": "The second one is another number.", "groups": [0, 1]},
    "refinement": {
        "explanation": "7 is prime.",
        "answer": "C",
        "expression": None,
        "is_sound": True,
        "problem": None,
    },
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
        ("adjudication", {"verdict": "perhaps"}),
        ("adjudication", {"better": "third"}),
        ("synthesis", {"items": []}),
        ("synthesis", {"items": [ITEM] * 3}),
        ("synthesis", {"items": [{**ITEM, "answer": ""}]}),
        ("synthesis", {"items": [{**ITEM, "knowledge_points": ["primes"]}]}),
        ("change", {"item": {**ITEM, "options": {"A": "4"}}}),
        ("rating", {"axes": {"steps": 3}}),
        ("rating", {"mood": "good"}),
        ("solution", {"answer": ""}),
        ("comparison", {"groups": [0]}),
        ("refinement", {"explanation": ""}),
    ],
)
def test_what_the_reader_would_refuse_the_schema_refuses(name: str, change: dict[str, Any]) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**REPLIES[name], **change}, SCHEMAS[name])


@pytest.mark.parametrize("language", ["en", "zh"])
def test_each_schema_takes_what_the_composer_answers(language: str) -> None:
    """Its proofs, and options beyond D, are its own: no model is asked for them."""
    synthesised = composed("synthesise", synthesis_values(language))
    items = [as_asked_of_models(item) for item in synthesised["items"]]
    jsonschema.validate({"items": items}, synthesis_schema(3))
    assert {bool(item["options"]) for item in items} == {True, False}
    parent = {**items[0], "options": [{"letter": a, "text": b} for a, b in (items[0]["options"] or {}).items()]}
    levels = {"measured_difficulty": 2, "target_difficulty": 4, "strategy": "added_constraints", "neighbour_kps": []}
    changed = composed("raise", {**synthesis_values(language), "item": parent, "round": 0, **levels})
    jsonschema.validate({**changed, "item": as_asked_of_models(changed["item"])}, SCHEMAS["change"])
    rated = composed("rate", {name: parent[name] for name in ("question", "options", "answer")})
    jsonschema.validate(rated, SCHEMAS["rating"])


@pytest.mark.parametrize(
    ("question", "candidates"), [("What is osmosis?", ["osmosis", "membrane"]), ("什么是渗透？", [])]
)
def test_the_annotation_schema_takes_what_the_composer_answers(question: str, candidates: list[str]) -> None:
    values = {
        "seed": {"question": question, "answer": "x", "options": [], "language": "en"},
        "known": {"knowledge_points": [], "discipline": None, "difficulty": None},
        "candidates": candidates,
        "neighbours": [],
        "disciplines": ["mathematics", "physics"],
        "max_knowledge_points": 6,
    }
    jsonschema.validate(composed("annotate", values), SCHEMAS["annotation"])


def test_the_adjudication_schema_takes_what_the_composer_answers() -> None:
    jsonschema.validate(composed("adjudicate", {"name": "a", "other": "b"}), SCHEMAS["adjudication"])


def composed(role: Any, values: dict[str, Any]) -> dict[str, Any]:
    reply: dict[str, Any] = json.loads(asyncio.run(Composer().ask(request_of("a", role=role, values=values))).text)
    return reply


def as_asked_of_models(item: dict[str, Any]) -> dict[str, Any]:
    asked = {name: part for name, part in item.items() if name != "proof"}
    asked["expression"] = None  # the composer has a proof instead
    return {**asked, "options": item["options"] and {letter: item["options"][letter] for letter in "ABCD"}}


def synthesis_values(language: str) -> dict[str, Any]:
    return {
        "path": ["p1", "p2", "p3"],
        "seeds": [{**seed, "language": language} for seed in SEEDS],
        "links": [],
        "fan_out": 3,
        "question_types": ["single_choice", "calculation", "matching"],
        "discipline": "mathematics",
        "difficulty": 3,
        "language": language,
    }


def instances(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Any value that a schema of ours takes, but texts of white space alone."""
    if "anyOf" in schema:
        return st.none() | instances(schema["anyOf"][0])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    match schema["type"]:
        case "object":
            return st.fixed_dictionaries({name: instances(part) for name, part in schema["properties"].items()})
        case "array":
            most = schema.get("maxItems", 20)
            return st.lists(instances(schema["items"]), min_size=schema["minItems"], max_size=most)
        case "integer":
            return st.integers(min_value=schema["minimum"])
        case _:
            longest = schema.get("maxLength", 200)
            return st.text(min_size=1, max_size=longest).filter(lambda text: text.strip() != "")


@given(instances(synthesis_schema(2)))
def test_the_reader_takes_every_item_that_the_schema_takes(reply: dict[str, Any]) -> None:
    """But for what no schema can say: that letters are among the options, and names among those of the path."""
    jsonschema.validate(reply, SCHEMAS["synthesis"])
    for item in reply["items"]:
        fitting = {"answer": "A", "knowledge_points": ["primes", "divisors"]}
        read = read_item({**item, **fitting}, ["primes", "divisors"], 2)
        assert [option["letter"] for option in read["options"]] == list(item["options"] or {})


@given(instances(SCHEMAS["rating"]))
def test_the_reader_takes_every_rating_that_the_schema_takes(reply: dict[str, Any]) -> None:
    assert read_rating(request_of("a"), completion(reply))["axes"] == reply["axes"]


@given(instances(SCHEMAS["adjudication"]))
def test_the_reader_takes_every_verdict_that_the_schema_takes(reply: dict[str, Any]) -> None:
    """But for what no schema can say: that of one concept there is a better name."""
    better = reply["better"] or "first"
    read = _read_verdict(request_of("a", values={"name": "x", "other": "y"}), completion({**reply, "better": better}))
    assert read["verdict"] == reply["verdict"]


@given(instances(SCHEMAS["change"]))
def test_the_reader_takes_every_change_that_the_schema_takes(reply: dict[str, Any]) -> None:
    values = {"path": ["primes", "divisors"], "neighbour_kps": [], "seeds": [{}, {}], "strategy": "abstraction"}
    item = {**reply["item"], "answer": "A", "knowledge_points": values["path"]}
    answer = completion({**reply, "item": item})
    # Not the reply itself: a form feed before a letter is read as the backslash of a LaTeX command.
    read = _read_change(request_of("a", values=values), answer)
    assert read["strategy"] == parse_json_object(answer).fields["strategy"]


def test_the_reader_takes_every_annotation_that_the_schema_takes(parameters: dict[str, Any]) -> None:
    extraction = parameters["extraction"]
    schema = annotation_schema(extraction.disciplines, extraction.max_knowledge_points)
    read = AnnotationReader(extraction)

    @given(instances(schema))
    def takes(reply: dict[str, Any]) -> None:
        found = read(request_of("a"), completion(reply))
        assert (found["discipline"], found["difficulty"]) == (reply["discipline"], reply["difficulty"])

    takes()


def completion(reply: dict[str, Any]) -> Completion:
    return Completion(text=json.dumps(reply), reasoning=None, finish_reason="stop", model="m")
