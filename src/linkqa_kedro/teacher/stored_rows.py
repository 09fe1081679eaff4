"""What the completion store keeps of a purchase: the completion, what was asked, and a line of the ledger."""

import json
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from linkqa_kedro.teacher.requests import Completion, Request

# Which stage asked, by role, when purchases did not say so.
STAGE_OF_ROLE = {"annotate": "extraction", "synthesise": "synthesis", "raise": "enhancement", "rate": "enhancement"}


@dataclass(frozen=True, slots=True)
class Purchase:
    """One bought completion on its way into the store.

    Attributes:
        key: Key of the request, hex.
        model: Model name as asked for; the completion holds the name as answered.
        request: What was asked.
        completion: What came back.
    """

    key: str
    model: str
    request: Request
    completion: Completion


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One bought completion as the ledger counts it; tokens, cost and latency are None where unknown."""

    key: str
    stage: str
    role: str
    record_id: str
    model: str
    prompt_version: str
    sample: int
    attempt: int
    input_tokens: int | None
    cached_input_tokens: int | None
    output_tokens: int | None
    reasoning_tokens: int | None
    cost_usd: float | None
    latency_seconds: float | None


@dataclass(frozen=True, slots=True)
class BrokenAnswer:
    """An answer that never arrived, though it may be charged for.

    Attributes:
        key: Key of the request, hex.
        tokens: Tokens of prompt and answer at most.
        usd: US dollars at most; 0 where the price is unknown.
    """

    key: str
    tokens: int
    usd: float


LEDGER_COLUMNS = tuple(column.name for column in fields(LedgerEntry))
COMPLETION_FIELDS = tuple(part.name for part in fields(Completion))
REQUEST_FIELDS = ("role", "stage", "record_id", "model", "prompt_version", "sample", "attempt", "settings", "messages")


def pack_completion(completion: Completion) -> bytes:
    """The completion as it is stored."""
    return _pack({name: getattr(completion, name) for name in COMPLETION_FIELDS})


def pack_request(purchase: Purchase) -> bytes:
    """What was asked, as it is stored; see `unpack_request`."""
    return _pack(_request_material(purchase))


def _pack(value: Mapping[str, Any]) -> bytes:
    # ASCII escapes: an answer may hold half a surrogate pair, which no UTF-8 text can.
    return zlib.compress(json.dumps(value, separators=(",", ":")).encode("ascii"))


def unpack_completion(packed: bytes) -> Completion:
    """A completion from its row; what is damaged raises zlib.error, ValueError or TypeError."""
    return Completion(**_unpack(packed))


def unpack_request(packed: bytes) -> dict[str, Any]:
    """What was asked, from its row: role, stage, record_id, model, prompt_version, sample, attempt, settings, messages.

    What is damaged raises zlib.error, ValueError or TypeError.
    """
    material = _unpack(packed)
    if missing := set(REQUEST_FIELDS) - {"stage", *material}:
        raise ValueError(f"a request lacks {', '.join(sorted(missing))}")
    # Older versions did not write the stage down.
    return {"role": material["role"], "stage": STAGE_OF_ROLE.get(material["role"], ""), **material}


def _unpack(packed: bytes) -> dict[str, Any]:
    value = json.loads(zlib.decompress(packed))
    if not isinstance(value, dict):
        raise TypeError(f"a row holds {type(value).__name__} instead of an object")
    return value


def _request_material(purchase: Purchase) -> dict[str, Any]:
    request = purchase.request
    return {
        "role": request.role,
        "stage": request.stage,
        "record_id": request.record_id,
        "model": purchase.model,
        "prompt_version": request.prompt_version,
        "sample": request.sample,
        "attempt": request.attempt,
        "settings": asdict(request.settings),
        "messages": request.messages,
    }


def ledger_row(purchase: Purchase) -> tuple[str | int | float | None, ...]:
    """The purchase as a row of the ledger, in the order of LEDGER_COLUMNS."""
    request, completion = purchase.request, purchase.completion
    return (
        purchase.key,
        request.stage,
        request.role,
        request.record_id,
        purchase.model,
        request.prompt_version,
        request.sample,
        request.attempt,
        completion.input_tokens,
        completion.cached_input_tokens,
        completion.output_tokens,
        completion.reasoning_tokens,
        completion.cost_usd,
        completion.latency_seconds,
    )
