"""A teacher that answers from a script: for tests of stages, without network and without a model.

pytest runs with `pythonpath = ["tests"]`, so a test writes

    from fakes.scripted import ScriptedTeacher, teacher_of

    chat = ScriptedTeacher(lambda request: '{"difficulty": 3}')
    teacher = teacher_of(chat, tmp_path)
"""

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from linkqa_kedro.teacher.completion_store import CompletionStore
from linkqa_kedro.teacher.concurrency import EndpointGate
from linkqa_kedro.teacher.pricing import Price
from linkqa_kedro.teacher.requests import Completion, Request
from linkqa_kedro.teacher.teacher import Teacher, TeacherModel
from linkqa_kedro.teacher.token_bounds import most_prompt_tokens

Script = Callable[[Request], "str | Completion | Exception | Awaitable[str | Completion | Exception]"]

SETTINGS: dict[str, Any] = {
    "max_attempts": 1,
    "max_retries": 1,
    "backoff_seconds": 0.0,
}


class ScriptedTeacher:
    """A `ChatModel` whose answers are a function of the request.

    Args:
        script: Given a request: the text of the answer, a whole completion, or an exception to raise. It may
            raise by itself too, and may be a coroutine function, to wait or to keep requests in flight.
        model: Model name, part of every key.
        delay_seconds: Pause before each answer.

    Attributes:
        asked: Every request that arrived, in order.
        max_in_flight: The most requests that were open at once.
    """

    def __init__(self, script: Script, model: str = "scripted", delay_seconds: float = 0.0) -> None:
        self._script = script
        self._delay_seconds = delay_seconds
        self._n_in_flight = 0
        self.model = model
        self.asked: list[Request] = []
        self.max_in_flight = 0

    def identity(self, request: Request) -> Mapping[str, Any]:
        return {"model": self.model, "messages": request.messages, "settings": asdict(request.settings)}

    def most_tokens(self, request: Request) -> tuple[int, int]:
        return most_prompt_tokens(request.messages), request.settings.max_output_tokens

    async def ask(self, request: Request) -> Completion:
        self.asked.append(request)
        self._n_in_flight += 1
        self.max_in_flight = max(self.max_in_flight, self._n_in_flight)
        try:
            if self._delay_seconds:
                await asyncio.sleep(self._delay_seconds)
            answer = self._script(request)
            if inspect.isawaitable(answer):
                answer = await answer
        finally:
            self._n_in_flight -= 1
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, Completion):
            return answer
        return completion_of(answer, model=self.model)


def completion_of(text: str, **parts: Any) -> Completion:
    """A completion that ended well, free of charge; `parts` replace its fields."""
    usual: dict[str, Any] = {
        "reasoning": None,
        "finish_reason": "stop",
        "model": "scripted",
        "input_tokens": 10,
        "output_tokens": 5,
        "cost_usd": 0.0,
    }
    return Completion(text=text, **{**usual, **parts})


def teacher_of(
    chat: Any, folder: Path, max_concurrency: int = 4, price: Price | None = None, **settings: Any
) -> Teacher:
    """A teacher over a small store in a folder, patient once; `settings` replace those of SETTINGS."""
    model = TeacherModel(chat, EndpointGate(max_concurrency), price)
    return Teacher(model=model, store=CompletionStore(folder / "completions", 2), **{**SETTINGS, **settings})
