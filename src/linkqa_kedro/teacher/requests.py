"""What a stage asks and what comes back: requests, completions, and who answers them."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Generic, Literal, Protocol, TypedDict, TypeVar

T = TypeVar("T")
Role = Literal["annotate", "adjudicate", "synthesise", "raise", "rate", "solve", "compare", "refine"]
Stage = Literal["extraction", "synthesis", "enhancement"]


class Message(TypedDict):
    """One chat message."""

    role: Literal["system", "user"]
    content: str


@dataclass(frozen=True, slots=True)
class SamplingSettings:
    """How the model draws its answer; part of the request's key.

    Attributes:
        temperature: At least 0; None leaves it to the server.
        top_p: In (0, 1]; None leaves it to the server.
        max_output_tokens: Upper limit of the answer, reasoning included.
    """

    temperature: float | None
    top_p: float | None
    max_output_tokens: int


@dataclass(frozen=True, slots=True)
class Request:
    """One question to the teacher: the messages a model reads and the values that filled them.

    Attributes:
        role: What is asked for; decides who is asked, and the reply format.
        stage: The stage that asks; its budget pays.
        record_id: The record it asks about (seed_id, path_id, qa_id); names it in errors and rejected rows.
        messages: The rendered prompt.
        values: The structured values behind the prompt, JSON-serialisable. A model never sees them; the
            embedded composer reads nothing else.
        settings: Sampling settings.
        prompt_version: Content hash of the prompt template.
        reply_schema: JSON schema of the reply, for endpoints that can hold a model to it; None where there is none.
            It is a hint and no part of the key: what comes back is checked by the stage's `read` in any case.
        sample: Which of several wanted answers to the same question, from 0.
        attempt: Which fresh try after an unusable answer, from 0.
    """

    role: Role
    stage: Stage
    record_id: str
    messages: tuple[Message, ...]
    values: Mapping[str, Any]
    settings: SamplingSettings
    prompt_version: str
    reply_schema: Mapping[str, Any] | None = None
    sample: int = 0
    attempt: int = 0

    def again(self) -> "Request":
        """The same question as a fresh attempt, with a key of its own."""
        return replace(self, attempt=self.attempt + 1)


@dataclass(frozen=True, slots=True)
class Completion:
    """One answer of a teacher, as it came.

    Attributes:
        text: The answer without its reasoning.
        reasoning: The model's reasoning, apart from the answer; None where it gave none.
        finish_reason: "stop", "length", "content_filter", or what the endpoint said.
        model: Model name as answered.
        input_tokens: Tokens of the prompt; None where the endpoint did not say.
        cached_input_tokens: Those of them that the endpoint had in its cache; None where unknown.
        output_tokens: Tokens of the answer, reasoning included; None where unknown.
        reasoning_tokens: Tokens of the reasoning alone; None where unknown.
        cost_usd: Price of this completion in US dollars; None where the price is unknown, never a guess.
        latency_seconds: From asking to the whole answer; None where nobody measured.
    """

    text: str
    reasoning: str | None
    finish_reason: str
    model: str
    input_tokens: int | None = None
    cached_input_tokens: int | None = None
    output_tokens: int | None = None
    reasoning_tokens: int | None = None
    cost_usd: float | None = None
    latency_seconds: float | None = None


class ChatModel(Protocol):
    """Anything that answers a request: an endpoint's adapter, the composer, a test's script."""

    @property
    def model(self) -> str:
        """Name that stands in keys and rows; a rule-based model holds a digest of its code."""

    def identity(self, request: Request) -> Mapping[str, Any]:
        """What of the request decides the answer, JSON-serialisable: the material of its key.

        Never holds an address or a secret.
        """

    def most_tokens(self, request: Request) -> tuple[int, int]:
        """Tokens of the prompt and of the answer that a request can cost at most; never too few."""

    async def ask(self, request: Request) -> Completion:
        """Answer one request.

        Raises:
            RequestRefused: No request like this can succeed (key, quota, model name).
            RequestFailed: No answer came; the same request may succeed later.
        """


def canonical_json(value: Any) -> str:
    """JSON with sorted keys and no white space: equal values give equal text."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def request_key(model: ChatModel, request: Request) -> str:
    """SHA-256, hex, of what decides the answer: the model's identity for it, sample and attempt."""
    material = {
        "identity": model.identity(request),
        "sample": request.sample,
        "attempt": request.attempt,
    }
    return hashlib.sha256(canonical_json(material).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Answered(Generic[T]):
    """A request whose completion was read into a value."""

    request: Request
    key: str
    completion: Completion
    value: T


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A request that ended without a usable answer, and why."""

    request: Request
    key: str
    reason: str
    detail: str
