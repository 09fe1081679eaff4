import asyncio
import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from linkqa_kedro.composer import Composer
from linkqa_kedro.teacher.errors import RequestRefused
from linkqa_kedro.teacher.requests import Completion, Message, Request, SamplingSettings, request_key

SETTINGS = SamplingSettings(temperature=1.0, top_p=1.0, max_output_tokens=100)


def request(role: Any, values: dict[str, Any], text: str = "prose") -> Request:
    messages = (Message(role="user", content=text),)
    return Request(
        role=role,
        stage="synthesis",
        record_id="r",
        messages=messages,
        values=values,
        settings=SETTINGS,
        prompt_version="v",
    )


def ask(role: Any, values: dict[str, Any]) -> Completion:
    return asyncio.run(Composer().ask(request(role, values)))


def test_its_name_holds_a_digest_of_its_code() -> None:
    assert re.fullmatch(r"composer-[0-9a-f]{12}", Composer().model)


def test_prose_and_settings_are_no_part_of_its_identity() -> None:
    one = request("rate", {"question": "?", "options": [], "answer": "1"})
    other = replace(one, messages=(), settings=replace(SETTINGS, temperature=0.0))
    assert request_key(Composer(), one) == request_key(Composer(), other)
    assert request_key(Composer(), one) != request_key(Composer(), replace(one, values={}))


def test_an_answer_is_free_complete_and_without_reasoning() -> None:
    completion = ask("rate", {"question": "?", "options": [], "answer": "1"})
    assert (completion.finish_reason, completion.reasoning, completion.cost_usd) == ("stop", None, 0.0)
    assert (completion.input_tokens, completion.output_tokens) == (None, None)
    assert completion.model == Composer().model


@pytest.mark.parametrize("language", ["en", "zh"])
def test_synthesised_items_have_the_fields_of_the_reply_format(
    seeds: dict[str, list[dict[str, Any]]], synthesise_values: Callable[..., dict[str, Any]], language: str
) -> None:
    reply = json.loads(ask("synthesise", synthesise_values(seeds[language])).text)
    assert set(reply) == {"items"}
    assert len(reply["items"]) == 4
    for item in reply["items"]:
        assert set(item) == {
            "question_type",
            "question",
            "options",
            "answer",
            "explanation",
            "knowledge_points",
            "seeds",
            "proof",
        }
        assert item["answer"]
        assert item["explanation"].count(item["answer"]) >= 1


def test_annotations_and_ratings_have_the_fields_of_the_reply_format() -> None:
    annotation = {
        "seed": {"question": "What is osmosis?", "answer": "x", "options": [], "language": "en"},
        "known": {"knowledge_points": [], "discipline": None, "difficulty": None},
        "candidates": ["osmosis"],
        "neighbours": [],
        "disciplines": ["Biology"],
    }
    assert set(json.loads(ask("annotate", annotation).text)) == {"knowledge_points", "discipline", "difficulty"}
    rating = json.loads(ask("rate", {"question": "Why?", "options": [], "answer": "so"}).text)
    assert set(rating) == {"axes", "difficulty", "reason"}


def test_it_joins_no_names_because_it_knows_nothing_of_the_subject() -> None:
    reply = json.loads(ask("adjudicate", {"name": "gas law", "other": "law for gas"}).text)
    assert (reply["verdict"], reply["better"]) == ("different", None)


def test_a_role_it_does_not_know_is_refused_by_name() -> None:
    with pytest.raises(RequestRefused, match="'translate'"):
        ask("translate", {})
