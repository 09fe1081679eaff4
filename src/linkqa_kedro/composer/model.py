"""The composer as a chat model: the role of a request decides who answers it."""

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import linkqa_kedro.keyphrases
from linkqa_kedro.composer.adjudicate import adjudicate_pair
from linkqa_kedro.composer.annotate import annotate_seed
from linkqa_kedro.composer.compose import compose_items
from linkqa_kedro.composer.raise_item import raise_item
from linkqa_kedro.composer.rate import rate_question
from linkqa_kedro.teacher.errors import RequestRefused
from linkqa_kedro.teacher.requests import Completion, Request

Values = Mapping[str, Any]


def _synthesise(values: Values) -> dict[str, Any]:
    return {"items": compose_items(values)}


def _rate(values: Values) -> dict[str, Any]:
    return rate_question(values["question"], values["options"], values["answer"])


_ANSWERERS: Mapping[str, Callable[[Values], dict[str, Any]]] = {
    "annotate": annotate_seed,
    "adjudicate": adjudicate_pair,
    "synthesise": _synthesise,
    "raise": raise_item,
    "rate": _rate,
}


_NAME = "composer-"
_DIGEST_DIGITS = 12


def is_composer(model: str) -> bool:
    """Whether a model's name is that of a composer, of this version or another."""
    return re.fullmatch(rf"{_NAME}[0-9a-f]{{{_DIGEST_DIGITS}}}", model) is not None


class Composer:
    """A `ChatModel` that needs no key, no network and no weights.

    Its answer is a function of role, values, sample and attempt; messages and settings change nothing. Another sample
    or attempt of a synthesis throws its dice anew; the other roles have one answer.
    """

    def __init__(self) -> None:
        self._model = f"{_NAME}{source_digest()}"

    @property
    def model(self) -> str:
        """`composer-` and a digest of its code, so that a changed composer never meets a stale answer."""
        return self._model

    def identity(self, request: Request) -> Mapping[str, Any]:
        """Model, role and values: all that the answer depends on, beside sample and attempt."""
        return {"model": self.model, "role": request.role, "values": request.values}

    def most_tokens(self, request: Request) -> tuple[int, int]:  # noqa: ARG002  # part of the protocol
        """None: rules cost nothing."""
        return 0, 0

    async def ask(self, request: Request) -> Completion:
        """Answer from the request's values; free of cost, no tokens.

        Raises:
            RequestRefused: The role is none that the composer answers.
        """
        answer = _ANSWERERS.get(request.role)
        if answer is None:
            known = ", ".join(_ANSWERERS)
            raise RequestRefused(f"The composer cannot answer a request of role {request.role!r}. Known: {known}.")
        throw = [request.sample, request.attempt]
        values = {**request.values, "throw": throw} if any(throw) else request.values
        text = json.dumps(answer(values), ensure_ascii=False)
        return Completion(text=text, reasoning=None, finish_reason="stop", model=self.model, cost_usd=0.0)


def source_digest() -> str:
    """Twelve hex digits over the source files that decide an answer, by relative path and content."""
    package = Path(__file__).parent
    digest = hashlib.sha256()
    phrases = Path(linkqa_kedro.keyphrases.__file__).parent
    for file in [*sorted(package.rglob("*.py")), *sorted(phrases.rglob("*.py"))]:
        digest.update(file.relative_to(package.parent).as_posix().encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()[:_DIGEST_DIGITS]
