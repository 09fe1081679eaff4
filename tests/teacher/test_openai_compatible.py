import asyncio
import errno
import gc
import itertools
import os
import socket
import traceback
import warnings
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp
import httpx2
import pytest

from endpoints.local_server import Fault, LocalTeacherServer, Reply
from fakes.requests import request_of
from fakes.scripted import teacher_of
from linkqa_kedro.errors import UserError
from linkqa_kedro.teacher.completing import complete
from linkqa_kedro.teacher.errors import Overloaded, ReplyUnusable, RequestFailed, RequestRefused
from linkqa_kedro.teacher.failures import EndpointUnreachable
from linkqa_kedro.teacher.openai_compatible import (
    OpenAICompatibleModel,
    _failure_of_connection,
    split_reasoning,
)
from linkqa_kedro.teacher.requests import Completion, Request, request_key

PLANTED_KEY = "sk-planted-7f3a9c51e2"
REQUEST = request_of("a")


def model_of(base_url: str, **parts: Any) -> OpenAICompatibleModel:
    usual: dict[str, Any] = {"model": "asked-model", "api_key": PLANTED_KEY, "timeout_seconds": 5.0}
    return OpenAICompatibleModel(base_url=base_url, **{**usual, **parts})


def ask(model: OpenAICompatibleModel, request: Request = REQUEST) -> Completion:
    async def once() -> Completion:
        try:
            return await model.ask(request)
        finally:
            await model.aclose()

    return asyncio.run(once())


def answer_to(served: str | Reply | Fault, **parts: Any) -> Completion:
    with LocalTeacherServer(lambda body: served) as server:
        return ask(model_of(server.base_url, **parts))


def read_text(request: Request, completion: Completion) -> str:
    return completion.text


def test_answer_comes_with_tokens_reasoning_and_model() -> None:
    usage = {
        "prompt_tokens": 12,
        "completion_tokens": 34,
        "completion_tokens_details": {"reasoning_tokens": 30},
    }
    answer = answer_to(Reply("4", reasoning="2 + 2", usage=usage, delay_seconds=0.02))
    assert answer.latency_seconds is not None
    assert 0.02 <= answer.latency_seconds < 2.0
    assert replace(answer, latency_seconds=None) == Completion(
        text="4",
        reasoning="2 + 2",
        finish_reason="stop",
        model="served-model",
        input_tokens=12,
        output_tokens=34,
        reasoning_tokens=30,
        cost_usd=None,
    )


def test_request_is_sent_as_it_stands() -> None:
    with LocalTeacherServer(lambda body: "ok") as server:
        ask(model_of(server.base_url))
    assert server.requests == [
        {
            "model": "asked-model",
            "messages": [
                {"role": "user", "content": "Annotate.\n\nWhat is a?"},
            ],
            "temperature": 0.6,
            "top_p": 0.95,
            "max_tokens": 64,
        }
    ]
    assert server.authorizations == [f"Bearer {PLANTED_KEY}"]


@pytest.mark.parametrize("key", [None, ""])
def test_local_server_needs_no_key(key: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """And never gets the one that another program left in the environment."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-another-service")
    with LocalTeacherServer(lambda body: "ok") as server:
        ask(model_of(server.base_url, api_key=key))
    assert server.authorizations == ["Bearer no-key"]


@pytest.mark.parametrize(
    ("content", "reasoning", "answer"),
    [
        ("plain", None, "plain"),
        ("<think>why</think>\n\nanswer", "why", "answer"),
        ("\n<think>\nwhy\n</think>answer", "why", "answer"),
        ("<think></think>answer", None, "answer"),
        ("<think>cut short", "cut short", ""),
        ("why not {x}</think>answer", "why not {x}", "answer"),
        ('{"a": "</think>"}', None, '{"a": "</think>"}'),
        ('```json\n{"a": "</think>"}\n```', None, '```json\n{"a": "</think>"}\n```'),
        ("say <think> and </think> here", None, "say <think> and </think> here"),
        ("", None, ""),
    ],
)
def test_leading_reasoning_is_parted_from_the_answer(content: str, reasoning: str | None, answer: str) -> None:
    assert split_reasoning(content) == (reasoning, answer)


def test_reasoning_from_both_places_is_kept() -> None:
    completion = answer_to(Reply("<think>inside</think>answer", reasoning="apart"))
    assert (completion.reasoning, completion.text) == ("apart\n\ninside", "answer")


def message_body(message: Any, finish_reason: Any = "stop", **parts: Any) -> Fault:
    """A completion whose message has a shape of its own."""
    return Fault(body={"choices": [{"message": message, "finish_reason": finish_reason}], **parts})


def test_reasoning_under_its_other_name_is_kept() -> None:
    assert answer_to(message_body({"content": "x", "reasoning": "why"})).reasoning == "why"


@pytest.mark.parametrize(
    ("served", "text", "finish_reason"),
    [
        (Reply("cut", finish_reason="length"), "cut", "length"),
        (Reply("", finish_reason="content_filter"), "", "content_filter"),
        (Reply(None), "", "stop"),
        (Reply(""), "", "stop"),
        (Reply("x", finish_reason=None), "x", "unknown"),
        (message_body({"content": None, "refusal": "I will not."}), "", "content_filter"),
        (message_body({}), "", "stop"),
        (message_body({"content": [{"type": "text", "text": "a"}, {"text": "b"}, "c"]}), "ab", "stop"),
        (message_body({"content": {"odd": 1}}), "", "stop"),
    ],
)
def test_whatever_was_paid_for_becomes_a_completion(served: Reply | Fault, text: str, finish_reason: str) -> None:
    """An empty or cut answer is stored like any other; its reader sets the record aside."""
    completion = answer_to(served)
    assert (completion.text, completion.finish_reason) == (text, finish_reason)


@pytest.mark.parametrize(
    "usage",
    [
        None,
        [],
        {"prompt_tokens": None, "completion_tokens": "7"},
        {"prompt_tokens": -1, "completion_tokens": True},
        {"prompt_tokens": 2**60, "completion_tokens_details": [1]},
    ],
)
def test_unreadable_token_counts_are_unknown(usage: Any) -> None:
    completion = answer_to(message_body({"content": "x"}, usage=usage, model=7))
    assert (completion.input_tokens, completion.output_tokens, completion.reasoning_tokens) == (
        None,
        None,
        None,
    )
    assert completion.model == "asked-model"


def error_body(message: str, code: Any = None, kind: str = "error") -> dict[str, Any]:
    return {"error": {"message": message, "code": code, "type": kind}}


@pytest.mark.parametrize(
    ("served", "kind", "said"),
    [
        (Fault(429, error_body("slow down")), Overloaded, r"HTTP 429 \(slow down\)"),
        (Fault(500, ""), RequestFailed, "HTTP 500"),
        (Fault(503, error_body("busy")), RequestFailed, "busy"),
        (Fault(502, "<html><h1>Bad Gateway</h1></html>"), RequestFailed, "502 .*Bad Gateway"),
        (Fault(reset=True), RequestFailed, "the connection broke"),
        (Fault(body=Reply("x" * 500).body(), cut_after=100), RequestFailed, "the connection broke"),
        (Fault(body='{"choices": [{"mess'), RequestFailed, "no JSON"),
        (Fault(body="<html>Log in</html>"), RequestFailed, "no JSON"),
        (Fault(body="[" * 100_000), RequestFailed, "no JSON"),
        (Fault(body="[]"), RequestFailed, "no message"),
        (Fault(body={"choices": []}), RequestFailed, "no message"),
        (Fault(body={"choices": None}), RequestFailed, "no message"),
        (Fault(body={"choices": ["x"]}), RequestFailed, "no message"),
        (message_body(None), RequestFailed, "no message"),
        (Fault(body=error_body("backend died")), RequestFailed, "backend died"),
        (Fault(body=error_body("later", code=429)), Overloaded, r"HTTP 429 \(later\)"),
        (Fault(body=error_body("no", code="insufficient_quota")), RequestRefused, "quota"),
        (Fault(body=error_body("no", code=401)), RequestRefused, "LINKQA_API_KEY"),
        (Fault(delay_seconds=30.0), RequestFailed, "no whole answer within 0.3 seconds"),
        (Reply("late", delay_seconds=30.0), RequestFailed, "no whole answer within 0.3 seconds"),
        (Fault(400, error_body("prompt too long")), ReplyUnusable, "rejected by endpoint: .*too long"),
        (Fault(400, error_body("no", "content_filter")), ReplyUnusable, "refused by content filter"),
        (Fault(401, error_body("bad key")), RequestRefused, r"LINKQA_API_KEY"),
        (Fault(403, error_body("no")), RequestRefused, r"LINKQA_API_KEY"),
        (Fault(402, error_body("pay")), RequestRefused, "credit or quota"),
        (Fault(429, error_body("pay", kind="insufficient_quota")), RequestRefused, "credit or quota"),
        (Fault(404, error_body("no", "model_not_found")), RequestRefused, "LINKQA_MODEL"),
        (Fault(404, error_body("nothing here")), RequestRefused, "LINKQA_BASE_URL"),
        (
            Fault(302, headers={"Location": "http://127.0.0.1:1/"}),
            EndpointUnreachable,
            "LINKQA_BASE_URL",
        ),
    ],
)
def test_each_fault_ends_as_its_class(served: Reply | Fault, kind: type[Exception], said: str) -> None:
    timeout = 0.3 if served.delay_seconds else 5.0
    with pytest.raises(kind, match=said) as caught:
        answer_to(served, timeout_seconds=timeout)
    assert type(caught.value) is kind


def test_unknown_path_names_the_address() -> None:
    with LocalTeacherServer(lambda body: "ok") as server:
        model = model_of(server.base_url.removesuffix("/v1"))
        with pytest.raises(RequestRefused, match=r"LINKQA_BASE_URL \(most services want it to end in /v1\)"):
            ask(model)


def test_retry_after_reaches_the_caller() -> None:
    with pytest.raises(RequestFailed) as caught:
        answer_to(Fault(429, headers={"Retry-After": "0.25"}))
    assert caught.value.retry_after_seconds == 0.25


def unused_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def test_refused_connection_names_the_setting_not_the_address() -> None:
    with pytest.raises(EndpointUnreachable, match=r"Connection refused\).*LINKQA_BASE_URL") as caught:
        ask(model_of(f"http://127.0.0.1:{unused_port()}/v1"))
    assert "127.0.0.1" not in str(caught.value)


def test_unknown_host_is_unreachable() -> None:
    with pytest.raises(EndpointUnreachable, match="unknown host name"):
        ask(model_of("http://no-such-host.invalid/v1"))


def test_address_without_a_host_stops_the_run() -> None:
    with pytest.raises(RequestRefused, match="LINKQA_BASE_URL"):
        ask(model_of("http://"))


def chained(*errors: BaseException) -> BaseException:
    for error, cause in itertools.pairwise(errors):
        error.__cause__ = cause
    return errors[0]


@pytest.mark.parametrize(
    ("error", "kind", "said"),
    [
        (
            chained(httpx2.ConnectTimeout("t"), aiohttp.ConnectionTimeoutError("t")),
            EndpointUnreachable,
            "it does not answer",
        ),
        (
            chained(httpx2.ConnectTimeout("t"), ConnectionResetError(errno.ECONNRESET, "reset")),
            RequestFailed,
            f"the connection broke \\({os.strerror(errno.ECONNRESET)}\\)",
        ),
        (aiohttp.ClientError("odd"), RequestFailed, r"the connection broke \(ClientError\)"),
    ],
)
def test_connection_errors_are_told_apart(error: BaseException, kind: type[Exception], said: str) -> None:
    """Those that no local server can bring about."""
    failure = _failure_of_connection(error)
    assert type(failure) is kind
    with pytest.raises(kind, match=said):
        raise failure


@pytest.mark.parametrize(
    ("parts", "named"),
    [
        ({"model": ""}, "LINKQA_MODEL"),
        ({"base_url": "localhost:8000"}, "LINKQA_BASE_URL"),
        ({"api_key": "sk-line\nbreak"}, "LINKQA_API_KEY"),
        ({"api_key": "schlüssel"}, "LINKQA_API_KEY"),
        ({"timeout_seconds": 0.0}, "timeout_seconds"),
    ],
)
def test_value_that_cannot_be_used_is_named(parts: dict[str, Any], named: str) -> None:
    with pytest.raises(UserError, match=named) as caught:
        model_of(**{"base_url": "http://localhost/v1", **parts})
    assert str(parts.get("api_key")) not in str(caught.value)


def test_identity_holds_model_messages_and_settings_only() -> None:
    """The same question at another address, with another key, is the same question."""
    one = model_of("http://one/v1")
    two = model_of("http://two/v1", api_key="other", timeout_seconds=9.0)
    assert request_key(one, REQUEST) == request_key(two, REQUEST)
    assert set(one.identity(REQUEST)) == {"model", "messages", "settings"}
    assert request_key(one, REQUEST) != request_key(model_of("http://one/v1", model="m2"), REQUEST)
    assert request_key(one, REQUEST) != request_key(one, request_of("b"))
    assert request_key(one, REQUEST) != request_key(one, REQUEST.again())


def test_model_serves_several_loops_and_leaves_nothing_open(tmp_path: Path) -> None:
    with LocalTeacherServer(lambda body: "ok") as server, warnings.catch_warnings():
        warnings.simplefilter("error")
        model = model_of(server.base_url)
        for record_id in "ab":
            completed = complete([request_of(record_id)], teacher_of(model, tmp_path), read_text)
            assert len(completed.answered) == 1
        gc.collect()
    assert len(server.requests) == 2


def test_closing_an_unused_model_is_harmless() -> None:
    asyncio.run(model_of("http://localhost/v1").aclose())


def test_never_reached_endpoint_is_one_clear_message(tmp_path: Path) -> None:
    model = model_of(f"http://127.0.0.1:{unused_port()}/v1")
    with pytest.raises(UserError, match=r"No connection .*LINKQA_BASE_URL"):
        complete([request_of("a"), request_of("b")], teacher_of(model, tmp_path), read_text)


def faulty(faults: list[Fault | Reply]) -> Callable[[dict[str, Any]], str | Reply | Fault]:
    """Each record meets each fault once, in turn, before it is answered."""
    n_met: dict[str, int] = {}

    def script(body: dict[str, Any]) -> str | Reply | Fault:
        question = body["messages"][-1]["content"]
        n_met[question] = n_met.get(question, 0) + 1
        return faults[n_met[question] - 1] if n_met[question] <= len(faults) else f"answer to {question}"

    return script


def test_run_outlasts_every_passing_fault(tmp_path: Path) -> None:
    faults: list[Fault | Reply] = [
        Fault(429, headers={"Retry-After": "0.01"}),
        Fault(500),
        Fault(502, "<html>"),
        Fault(reset=True),
        Fault(body={"choices": []}),
        Fault(body=error_body("backend died")),
        Fault(body='{"choices": [{"mess'),
        Fault(body=Reply("x" * 500).body(), cut_after=100),
        Reply("late", delay_seconds=30.0),
    ]
    requests = [request_of(f"r{i}") for i in range(20)]
    with LocalTeacherServer(faulty(faults)) as server:
        teacher = teacher_of(
            model_of(server.base_url, timeout_seconds=0.5),
            tmp_path,
            max_retries=len(faults),
            max_concurrency=10,
        )
        completed = complete(requests, teacher, read_text)
    assert [a.value for a in completed.answered] == [f"answer to Annotate.\n\nWhat is r{i}?" for i in range(20)]
    assert completed.usage.total.bought == teacher.store.count() == 20
    assert server.max_in_flight <= 10 + len(faults)


def test_planted_key_appears_nowhere(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Not even where a server quotes the key in its complaint."""
    caplog.set_level("DEBUG")
    quoting = error_body(f"Incorrect API key provided: {PLANTED_KEY}")
    texts = []
    for status in (400, 500, 401):
        script = [Fault(status, quoting)] * 9
        with LocalTeacherServer(
            lambda body, script=script: "ok" if "good" in body["messages"][-1]["content"] else script[0]
        ) as server:
            teacher = teacher_of(model_of(server.base_url), tmp_path)
            try:
                completed = complete([request_of("good"), request_of("bad")], teacher, read_text)
                texts.append(repr(completed))
            except RequestRefused as error:
                texts.append("".join(traceback.format_exception(error)))
            texts.append(repr(teacher))
            address = server.base_url.removeprefix("http://")
            teacher.store.close()
            files = [path for path in tmp_path.rglob("*") if path.is_file()]
            assert len(files) >= 2
            for path in files:
                assert PLANTED_KEY.encode() not in path.read_bytes()
                assert address.encode() not in path.read_bytes()
            request = teacher.store.request_of(request_key(teacher.model.chat, request_of("good")))
            texts.append(repr(request))
            teacher.store.close()
            assert address not in repr(request)
    assert any("***" in text for text in texts)
    assert PLANTED_KEY not in "".join(texts) + caplog.text


@pytest.mark.parametrize(
    ("usage", "output_tokens"),
    [
        ({"prompt_tokens": 100, "completion_tokens": 7, "total_tokens": 107}, 7),
        ({"prompt_tokens": 100, "completion_tokens": 7, "total_tokens": 2107}, 2007),
        ({"completion_tokens": 7, "completion_tokens_details": {"reasoning_tokens": 2000}}, 2007),
        ({"completion_tokens": 70, "completion_tokens_details": {"reasoning_tokens": 20}}, 70),
        ({"prompt_tokens": 100, "total_tokens": 107}, None),
    ],
)
def test_reasoning_counts_as_part_of_the_answer_wherever_the_service_counts_it(
    usage: dict[str, Any], output_tokens: int | None
) -> None:
    assert answer_to(Reply("4", usage=usage)).output_tokens == output_tokens


def test_a_key_that_a_server_quotes_is_hidden_before_the_message_is_cut() -> None:
    with pytest.raises(ReplyUnusable) as caught:
        answer_to(Fault(400, error_body("x" * 290 + PLANTED_KEY)))
    assert PLANTED_KEY[:6] not in caught.value.detail


def test_cached_tokens_of_the_prompt_are_counted_apart() -> None:
    openai = {"prompt_tokens": 100, "completion_tokens": 7, "prompt_tokens_details": {"cached_tokens": 64}}
    deepseek = {"prompt_tokens": 100, "completion_tokens": 7, "prompt_cache_hit_tokens": 32}
    assert answer_to(Reply("4", usage=openai)).cached_input_tokens == 64
    assert answer_to(Reply("4", usage=deepseek)).cached_input_tokens == 32
