"""What a stage asks and what comes back: requests, completions, and who answers them."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Generic, Literal, Protocol, TypedDict, TypeVar

T = TypeVar("T")
Role = Literal["annotate", "synthesise", "raise", "rate"]


class Message(TypedDict):
    """One chat message."""

    role: Literal["system", "user"]
    content: str


@dataclass(frozen=True, slots=True)
class SamplingSettings:
    """How the model draws its answer; part of the request's key.

    Attributes:
        temperature: At least 0.
        top_p: In (0, 1].
        max_output_tokens: Upper limit of the answer, reasoning included.
    """

    temperature: float
    top_p: float
    max_output_tokens: int


@dataclass(frozen=True, slots=True)
class Request:
    """One question to the teacher: the messages a model reads and the values that filled them.

    Attributes:
        role: What is asked for; decides the reply format.
        record_id: The record it asks about (seed_id, path_id, qa_id); names it in errors and rejected rows.
        messages: The rendered prompt.
        values: The structured values behind the prompt, JSON-serialisable. A model never sees them; the
            embedded composer reads nothing else.
        settings: Sampling settings.
        prompt_version: Content hash of the prompt template.
        sample: Which of several wanted answers to the same question, from 0.
        attempt: Which fresh try after an unusable answer, from 0.
    """

    role: Role
    record_id: str
    messages: tuple[Message, ...]
    values: Mapping[str, Any]
    settings: SamplingSettings
    prompt_version: str
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
        output_tokens: Tokens of the answer, reasoning included; None where unknown.
        reasoning_tokens: Tokens of the reasoning alone; None where unknown.
        cost_usd: Price of this completion in US dollars; None where the price is unknown, never a guess.
    """

    text: str
    reasoning: str | None
    finish_reason: str
    model: str
    input_tokens: int | None = None
    output_tokens: int | None = None
    reasoning_tokens: int | None = None
    cost_usd: float | None = None


class ChatModel(Protocol):
    """Anything that answers a request: an endpoint's adapter, the composer, a test's script."""

    @property
    def model(self) -> str:
        """Name that stands in keys and rows; a rule-based model holds a digest of its code."""

    def identity(self, request: Request) -> Mapping[str, Any]:
        """What of the request decides the answer, JSON-serialisable: the material of its key.

        Never holds an address or a secret.
        """

    async def ask(self, request: Request) -> Completion:
        """Answer one request.

        Raises:
            RequestRefused: No request like this can succeed (key, quota, model name).
            RequestFailed: Nothing was paid; the same request may succeed later.
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


@dataclass(frozen=True, slots=True)
class TeacherUsage:
    """What one call of `complete` cost: a sum over attempts, nothing counted twice.

    Attributes:
        requests: Requests asked for, whatever became of them.
        bought: Completions asked of the model in this call.
        reused: Completions found in the store.
        unusable: Completions whose answer could not be read.
        input_tokens: Of the bought completions, where known.
        output_tokens: Of the bought completions, where known.
        cost_usd: Of the bought completions; None as soon as one price is unknown.
    """

    requests: int = 0
    bought: int = 0
    reused: int = 0
    unusable: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: float | None = 0.0

    def __add__(self, other: "TeacherUsage") -> "TeacherUsage":
        costs = (self.cost_usd, other.cost_usd)
        return TeacherUsage(
            requests=self.requests + other.requests,
            bought=self.bought + other.bought,
            reused=self.reused + other.reused,
            unusable=self.unusable + other.unusable,
            input_tokens=self.input_tokens + other.input_tokens,
            output_tokens=self.output_tokens + other.output_tokens,
            cost_usd=None if None in costs else sum(c for c in costs if c is not None),
        )


@dataclass(frozen=True, slots=True)
class Completed(Generic[T]):
    """Everything one call of `complete` brought, in the order of its requests."""

    answered: tuple[Answered[T], ...] = ()
    unanswered: tuple[Unanswered, ...] = ()
    usage: TeacherUsage = field(default_factory=TeacherUsage)


def usage_metrics(usage: TeacherUsage) -> dict[str, float | None]:
    """The usage as plain figures for a stage's statistics; the cost is None where it is unknown."""
    return asdict(usage)
