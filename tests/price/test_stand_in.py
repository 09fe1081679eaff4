"""What stands in for a model in a run that is only priced."""

import asyncio
import json
from typing import Any

from fakes.requests import request_of
from fakes.scripted import completion_of
from linkqa_kedro.price.stand_in import StandIn

ITEM = {"question": "Which?", "answer": "B", "proof": {"rule": "x"}}


def said(stand_in: StandIn, role: Any, **values: Any) -> dict[str, Any]:
    reply: dict[str, Any] = json.loads(asyncio.run(stand_in.ask(request_of("a", role=role, values=values))).text)
    return reply


def test_a_question_is_solved_with_the_answer_it_was_written_with() -> None:
    stand_in = StandIn()
    stand_in.learn(request_of("a", role="synthesise"), completion_of(json.dumps({"items": [ITEM]})))
    stand_in.learn(
        request_of("a", role="raise"), completion_of(json.dumps({"item": {"question": "Why?", "answer": "1"}}))
    )
    stand_in.learn(request_of("a", role="synthesise"), completion_of("no JSON"))
    assert said(stand_in, "solve", question="Which?")["answer"] == "B"
    assert said(stand_in, "solve", question="Why?")["answer"] == "1"
    assert said(stand_in, "solve", question="unknown")["answer"] is None


def test_comparing_and_refining_change_nothing() -> None:
    assert said(StandIn(), "compare", others=["x", "y"])["groups"] == [0, 0]
    assert said(StandIn(), "refine", answer="B", explanation="x")["answer"] == "B"


def test_other_roles_are_answered_by_the_composer() -> None:
    assert said(StandIn(), "adjudicate", name="a", other="b")["verdict"] == "different"
    assert StandIn().model.startswith("composer-")
