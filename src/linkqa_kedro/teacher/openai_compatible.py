"""Asks any endpoint that speaks OpenAI's chat completions: DeepSeek, vLLM, llama-server, ollama.

Every exception of the client library ends here and leaves as one of `teacher/errors.py`. Importing this
module imports `openai`, which takes about a second: import it where a model is loaded.
"""

import asyncio
import json
import os
import re
import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from typing import Any
from weakref import WeakKeyDictionary

import aiohttp
import httpx2
import openai

from linkqa_kedro.errors import UserError
from linkqa_kedro.teacher.errors import ReplyUnusable, RequestFailed, RequestRefused, TeacherError
from linkqa_kedro.teacher.failures import (
    REJECTED,
    EndpointUnreachable,
    complaint_of,
    complaint_of_text,
    failure_of,
    retry_after_seconds,
)
from linkqa_kedro.teacher.model_profile import ModelProfile
from linkqa_kedro.teacher.requests import Completion, Request, Role, canonical_json
from linkqa_kedro.teacher.structured_output import Kind, StructuredOutputFinder, response_format
from linkqa_kedro.teacher.token_bounds import most_prompt_tokens

# A host that drops packets would otherwise hold a slot for the whole timeout of an answer.
CONNECT_TIMEOUT_SECONDS = 30.0
# Local servers ask for no key; the client library insists on one.
NO_KEY = "no-key"
# Larger counts than any model can have produced are noise, and do not fit the ledger's integers.
MAX_TOKENS = 2**53

OPENED_REASONING = re.compile(r"\s*<think>(.*?)(?:</think>|\Z)", re.DOTALL)
UNOPENED_REASONING = re.compile(r"\s*(?![\s{\[`])((?:(?!<think>).)*?)</think>", re.DOTALL)


@dataclass(frozen=True, eq=False)
class OpenAICompatibleModel:
    """A `ChatModel` behind an OpenAI-compatible endpoint.

    One object serves any number of event loops, one after the other or at once: connections belong to
    the loop in which they were opened, and `aclose` closes those of the loop that calls it.

    Attributes:
        model: Model name as the endpoint knows it.
        base_url: Address of the API, usually ending in /v1.
        api_key: Secret of the endpoint; None where it asks for none.
        timeout_seconds: Longest time for a whole answer, above 0.
        profile: How this model is asked.

    Raises:
        UserError: Where a value cannot be used.
    """

    model: str
    base_url: str = field(repr=False)
    api_key: str | None = field(repr=False)
    timeout_seconds: float
    profile: ModelProfile = field(default_factory=ModelProfile)
    _structured: defaultdict[Role, StructuredOutputFinder] = field(init=False, repr=False)
    _clients: WeakKeyDictionary[asyncio.AbstractEventLoop, openai.AsyncOpenAI] = field(
        default_factory=WeakKeyDictionary, init=False, repr=False
    )

    def __post_init__(self) -> None:
        # By role: an endpoint may refuse the schema of one and honour that of another.
        wanted = self.profile.structured_output
        finders: defaultdict[Role, StructuredOutputFinder] = defaultdict(partial(StructuredOutputFinder, wanted))
        object.__setattr__(self, "_structured", finders)
        if not self.model:
            raise UserError("No model is named. Set LINKQA_MODEL to a model that the endpoint serves.")
        if not self.base_url.startswith(("http://", "https://")):
            raise UserError(
                "The address of the endpoint must start with http:// or https://. Set LINKQA_BASE_URL, for "
                "example to http://localhost:8000/v1."
            )
        if self.api_key and not (self.api_key.isascii() and self.api_key.isprintable()):
            raise UserError(
                "The API key holds characters that no HTTP header can carry, a line break perhaps. "
                "Set LINKQA_API_KEY to the bare key."
            )
        if self.timeout_seconds <= 0:
            raise UserError(
                f"timeout_seconds must be above 0, got {self.timeout_seconds}. Set it for the teacher in "
                "catalog_teacher.yml."
            )

    def identity(self, request: Request) -> Mapping[str, Any]:
        """Model, messages and sampling settings; the address is no part of what was asked."""
        profile = self.profile
        identity = {
            "model": self.model,
            "messages": profile.messages(request),
            "settings": asdict(profile.settings(request)),
        }
        return {**identity, "extra_body": profile.extra_body} if profile.extra_body else identity

    def most_tokens(self, request: Request) -> tuple[int, int]:
        """Bytes of prompt and schema, of which there are never fewer than tokens, and `max_output_tokens`."""
        # Some services write the schema into the prompt, and charge for it.
        schema = "" if request.reply_schema is None else canonical_json(request.reply_schema)
        n_prompt = most_prompt_tokens(self.profile.messages(request)) + len(schema.encode())
        return n_prompt, request.settings.max_output_tokens

    async def ask(self, request: Request) -> Completion:
        """Answer one request, without any retry.

        Structured output is asked for as strongly as the endpoint honours it; a request that is turned down for it is
        asked again with less, which costs nothing, because what is turned down is not paid for.

        Raises:
            RequestRefused: Key, quota, model name or address are wrong.
            EndpointUnreachable: No connection could be made.
            RequestFailed: Overload, timeout, broken connection, or a body that is no completion.
            ReplyUnusable: The endpoint rejects this one request (too long, filtered); no completion came.
        """
        turned_down: list[Kind] = []
        finder = self._structured[request.role]
        for kind in finder.kinds_to_try(request):
            try:
                completion = await self._ask_with(request, kind)
            except ReplyUnusable as error:
                if error.reason != REJECTED or not finder.may_be_the_cause(kind, error.detail):
                    raise
                turned_down.append(kind)
            else:
                finder.answered(kind, turned_down)
                return completion
        raise AssertionError("the last kind is never passed over")

    async def _ask_with(self, request: Request, kind: Kind) -> Completion:
        started = time.perf_counter()
        try:
            async with asyncio.timeout(self.timeout_seconds):
                body = await self._body(request, kind)
            completion = _completion(self._masked(body), self.model)
            return replace(completion, latency_seconds=time.perf_counter() - started)
        except TimeoutError:
            message = f"no whole answer within {self.timeout_seconds:g} seconds"
            raise RequestFailed(message, kind="timeout", may_be_paid=True) from None
        # The vendor's exceptions hold request headers, hence the key: no chain leads to them.
        except openai.APIStatusError as error:
            failure = _failure_of_response(error.response, self._masked(error.response.text))
        except (openai.OpenAIError, httpx2.HTTPError, httpx2.InvalidURL, aiohttp.ClientError) as error:
            failure = _failure_of_connection(error)
        except TeacherError as error:
            failure = error
        raise failure from None

    async def aclose(self) -> None:
        """Close the connections that were opened in the running event loop."""
        client = self._clients.pop(asyncio.get_running_loop(), None)
        if client is not None:
            await client.close()

    async def _body(self, request: Request, kind: Kind) -> str:
        settings = self.profile.settings(request)
        wished = {
            "temperature": settings.temperature,
            "top_p": settings.top_p,
            self.profile.token_limit: settings.max_output_tokens,
            "response_format": response_format(kind, request),
        }
        # Not chat.completions.create: checking the shape of the messages takes it as long as all the rest,
        # and its parsed answer hides an error inside a 200 as a completion without choices.
        response = await self._client().post(
            "/chat/completions",
            cast_to=httpx2.Response,
            body={
                "model": self.model,
                "messages": list(self.profile.messages(request)),
                **{name: value for name, value in wished.items() if value is not None},
                **self.profile.extra_body,
            },
        )
        return response.text

    def _client(self) -> openai.AsyncOpenAI:
        loop = asyncio.get_running_loop()
        client = self._clients.get(loop)
        if client is None:
            connect_only = httpx2.Timeout(None, connect=min(CONNECT_TIMEOUT_SECONDS, self.timeout_seconds))
            client = openai.AsyncOpenAI(
                api_key=self.api_key or NO_KEY,
                base_url=self.base_url,
                max_retries=0,
                timeout=connect_only,
                http_client=openai.DefaultAioHttpClient(timeout=connect_only),
            )
            self._clients[loop] = client
        return client

    def _masked(self, text: str) -> str:
        """The text free of the key: some servers quote it back."""
        return text.replace(self.api_key, "***") if self.api_key else text


def split_reasoning(content: str) -> tuple[str | None, str]:
    """Reasoning and answer of a message that begins with a `<think>` block.

    A block that never closes is all reasoning: the answer was cut before it began. Where a chat template
    opened the block in the prompt, only `</think>` arrives; what stands before it is reasoning, unless the
    message begins like JSON or a code fence, and so with the answer itself.

    Returns:
        Reasoning, None where there is none, and the answer, both without white space around them where
        they were parted.
    """
    found = OPENED_REASONING.match(content) or UNOPENED_REASONING.match(content)
    if found is None:
        return None, content
    return found.group(1).strip() or None, content[found.end() :].strip()


def _completion(text: str, model: str) -> Completion:
    try:
        body = json.loads(text)
    except (ValueError, RecursionError) as error:
        why = f"the body of the answer is no JSON ({error}): {text[:100]!r}"
        raise RequestFailed(why, kind="broken body", may_be_paid=True) from None
    choices = body.get("choices") if isinstance(body, dict) else None
    choice = choices[0] if isinstance(choices, list) and choices else None
    message = choice.get("message") if isinstance(choice, dict) else None
    if not isinstance(choice, dict) or not isinstance(message, dict):
        complaint = complaint_of(body)
        if complaint is not None:
            raise failure_of(complaint.status or 200, complaint)
        raise RequestFailed(f"the answer holds no message: {text[:100]!r}", kind="no message", may_be_paid=True)
    inside, answer = split_reasoning(_text_of(message.get("content")))
    apart = _text_of(message.get("reasoning_content")) or _text_of(message.get("reasoning"))
    usage = body.get("usage")
    return Completion(
        text=answer,
        reasoning="\n\n".join(part for part in (apart, inside) if part) or None,
        finish_reason=_finish_reason(choice, message, answer),
        model=body["model"] if isinstance(body.get("model"), str) else model,
        input_tokens=_count(usage, "prompt_tokens"),
        cached_input_tokens=_first_count(
            usage, ("prompt_tokens_details", "cached_tokens"), ("prompt_cache_hit_tokens",)
        ),
        output_tokens=_output_tokens(usage),
        reasoning_tokens=_count(usage, "completion_tokens_details", "reasoning_tokens"),
    )


def _finish_reason(choice: Mapping[str, Any], message: Mapping[str, Any], answer: str) -> str:
    if message.get("refusal") and not answer:
        return "content_filter"
    reason = choice.get("finish_reason")
    return reason if isinstance(reason, str) else "unknown"


def _text_of(content: Any) -> str:
    """Text of a message part: a string, null, or a list of typed parts."""
    if isinstance(content, list):
        return "".join(_text_of(part.get("text")) for part in content if isinstance(part, dict))
    return content if isinstance(content, str) else ""


def _count(usage: Any, *path: str) -> int | None:
    value = usage
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    is_count = isinstance(value, int) and not isinstance(value, bool) and 0 <= value < MAX_TOKENS
    return value if is_count else None


def _output_tokens(usage: Any) -> int | None:
    """Tokens of the answer, reasoning included: some services count it beside `completion_tokens`."""
    n_answer, n_prompt, n_total = (_count(usage, f"{name}_tokens") for name in ("completion", "prompt", "total"))
    if n_answer is None:
        return None
    if n_total is not None and n_prompt is not None:
        return max(n_answer, n_total - n_prompt)
    n_reasoning = _count(usage, "completion_tokens_details", "reasoning_tokens") or 0
    return n_answer + n_reasoning if n_reasoning > n_answer else n_answer


def _first_count(usage: Any, *paths: tuple[str, ...]) -> int | None:
    return next((count for path in paths if (count := _count(usage, *path)) is not None), None)


def _failure_of_response(response: httpx2.Response, text: str) -> TeacherError:
    complaint = complaint_of_text(text)
    return failure_of(response.status_code, complaint, retry_after_seconds(response.headers))


def _failure_of_connection(error: BaseException) -> TeacherError:
    causes = _causes(error)
    if any(isinstance(cause, httpx2.InvalidURL | httpx2.UnsupportedProtocol) for cause in causes):
        return RequestRefused("The address of the endpoint is no URL. Set LINKQA_BASE_URL to a valid one.")
    # The operating system's word for it; the library's own message would repeat the address.
    why = next((_system_error(cause) for cause in causes if isinstance(cause, OSError)), None)
    if any(isinstance(c, aiohttp.ClientConnectorError | aiohttp.ConnectionTimeoutError) for c in causes):
        return EndpointUnreachable(
            f"No connection to the endpoint ({why or 'it does not answer'}). Check that the server runs and "
            "that LINKQA_BASE_URL holds its address."
        )
    message = f"the connection broke ({why or type(causes[-1]).__name__})"
    return RequestFailed(message, kind="broken connection", may_be_paid=True)


def _system_error(error: OSError) -> str | None:
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return "unknown host name"
    return os.strerror(error.errno) if error.errno else None


def _causes(error: BaseException) -> list[BaseException]:
    """The error and what caused it, outermost first."""
    causes = [error]
    while (cause := causes[-1].__cause__) is not None:
        causes.append(cause)
    return causes
