import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from endpoints.local_server import Fault, LocalTeacherServer, Reply
from fakes.requests import request_of
from linkqa_kedro.teacher.errors import ReplyUnusable
from linkqa_kedro.teacher.model_profile import ModelProfile
from linkqa_kedro.teacher.openai_compatible import OpenAICompatibleModel

SCHEMA = {"type": "object", "properties": {"answer": {"type": "string"}}}
ASKING = [request_of(name, reply_schema=SCHEMA) for name in "abc"]


def kind_of(body: dict[str, Any]) -> str:
    return body.get("response_format", {"type": "none"})["type"]


def bearing(*kinds: str, says: str = "unknown field") -> Callable[[dict[str, Any]], str | Fault]:
    """A server that takes some kinds of structured output and turns down the others."""

    def answer(body: dict[str, Any]) -> str | Fault:
        return "{}" if kind_of(body) in kinds else Fault(400, {"error": {"message": says}})

    return answer


def kinds_asked(answer: Callable[[dict[str, Any]], str | Reply | Fault], **profile: Any) -> list[str]:
    """What was sent for three requests, one after another."""
    with LocalTeacherServer(answer) as server:
        model = OpenAICompatibleModel("m", server.base_url, None, 5.0, ModelProfile(**profile))

        async def ask() -> None:
            for request in ASKING:
                try:
                    await model.ask(request)
                except ReplyUnusable:
                    continue
            await model.aclose()

        asyncio.run(ask())
        return [kind_of(body) for body in server.requests]


@pytest.mark.parametrize(
    ("honoured", "asked"),
    [
        (("json_schema", "json_object", "none"), ["json_schema"] * 3),
        (("json_object", "none"), ["json_schema", "json_object", "json_object", "json_object"]),
        (("none",), ["json_schema", "json_object", "none", "none", "none"]),
    ],
)
def test_what_the_endpoint_honours_is_found_out_once(honoured: tuple[str, ...], asked: list[str]) -> None:
    assert kinds_asked(bearing(*honoured)) == asked


def test_the_schema_is_sent_under_the_name_of_the_role() -> None:
    with LocalTeacherServer(lambda body: "{}") as server:
        model = OpenAICompatibleModel("m", server.base_url, None, 5.0)

        async def ask() -> None:
            await model.ask(ASKING[0])
            await model.aclose()

        asyncio.run(ask())
        assert server.requests[0]["response_format"] == {
            "type": "json_schema",
            "json_schema": {"name": "annotate_reply", "schema": SCHEMA},
        }


def test_a_request_without_a_schema_asks_for_nothing() -> None:
    with LocalTeacherServer(lambda body: "ok") as server:
        model = OpenAICompatibleModel("m", server.base_url, None, 5.0)

        async def ask() -> None:
            await model.ask(request_of("a"))
            await model.aclose()

        asyncio.run(ask())
        assert "response_format" not in server.requests[0]


def test_one_bad_request_does_not_take_structured_output_from_the_others() -> None:
    """It is turned down in every way, so the way is not what is wrong with it."""

    def answer(body: dict[str, Any]) -> str | Fault:
        return Fault(400, {"error": {"message": "too long"}}) if "is a?" in body["messages"][-1]["content"] else "{}"

    assert kinds_asked(answer) == ["json_schema", "json_object", "none", "json_schema", "json_schema"]


def test_once_it_has_worked_a_bad_request_is_not_asked_again() -> None:
    def answer(body: dict[str, Any]) -> str | Fault:
        return Fault(400, {"error": {"message": "too long"}}) if "is b?" in body["messages"][-1]["content"] else "{}"

    assert kinds_asked(answer) == ["json_schema"] * 3


def test_a_kind_that_is_named_is_kept_to() -> None:
    assert kinds_asked(bearing("none"), structured_output="json_object") == ["json_object"] * 3
    assert kinds_asked(bearing("none"), structured_output="none") == ["none"] * 3
