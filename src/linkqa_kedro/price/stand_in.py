"""Who answers in a run that is only priced: the composer, made to look like a model.

A model brings no proofs, so its answers are solved blind by others: the stand-in knows what every question was written
with, and gives that answer.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from linkqa_kedro.composer.model import Composer
from linkqa_kedro.teacher.errors import ReplyUnusable
from linkqa_kedro.teacher.replies import parse_json_object
from linkqa_kedro.teacher.requests import Completion, Request, Role

_WRITERS: frozenset[Role] = frozenset({"synthesise", "raise"})


class StandIn:
    """A `ChatModel` that answers every role, free of cost."""

    def __init__(self) -> None:
        self._composer = Composer()
        self._answer_of: dict[str, str] = {}

    @property
    def model(self) -> str:
        """Name of the composer."""
        return self._composer.model

    def identity(self, request: Request) -> Mapping[str, Any]:
        """That of the composer."""
        return self._composer.identity(request)

    def most_tokens(self, request: Request) -> tuple[int, int]:
        """None: nothing is bought."""
        return self._composer.most_tokens(request)

    def learn(self, request: Request, completion: Completion) -> None:
        """Take note of the answers that questions were written with, by whomever."""
        if request.role not in _WRITERS:
            return
        try:
            fields = parse_json_object(completion).fields
        except ReplyUnusable:
            return
        for item in _items(fields):
            self._answer_of[str(item.get("question") or "").strip()] = str(item.get("answer") or "").strip()

    async def ask(self, request: Request) -> Completion:
        """Answer a request of any role; items come without their proofs."""
        match request.role:
            case "solve":
                answer = self._answer_of.get(request.values["question"])
                return self._said({"working": "by the answer written for it", "answer": answer})
            case "compare":
                return self._said({"groups": [0] * len(request.values["others"]), "reason": "simulated"})
            case "refine":
                kept = {name: request.values[name] for name in ("answer", "explanation")}
                return self._said({**kept, "expression": None, "is_sound": True, "problem": None})
        completion = await self._composer.ask(request)
        if request.role not in _WRITERS:
            return completion
        fields = json.loads(completion.text)
        for item in _items(fields):
            item.pop("proof", None)
        plain = replace(completion, text=json.dumps(fields, ensure_ascii=False))
        self.learn(request, plain)
        return plain

    def _said(self, fields: Mapping[str, Any]) -> Completion:
        text = json.dumps(fields, ensure_ascii=False)
        return Completion(text=text, reasoning=None, finish_reason="stop", model=self.model, cost_usd=0.0)


def _items(fields: Mapping[str, Any]) -> list[dict[str, Any]]:
    found = fields.get("items") or [fields.get("item")]
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []
