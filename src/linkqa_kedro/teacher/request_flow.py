"""Requests in, outcomes out, each in order: what stands before and behind the workers of one call."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Generic, TypeVar

from linkqa_kedro.teacher.requests import Answered, Completion, Request, Unanswered, request_key
from linkqa_kedro.teacher.teacher import Teacher

T = TypeVar("T")

# Requests whose keys are looked up in the store together.
LOOKAHEAD = 64
# Outcomes are handed on in the order of their requests: so many may wait for one that takes long.
MAX_AHEAD = 8192


@dataclass(slots=True)
class Job:
    """One request on its way: its place in the results, its key, and what the store held for it."""

    index: int
    request: Request
    key: str
    stored: Completion | None


class Feed:
    """The requests one by one, their stored completions looked up a group at a time."""

    def __init__(self, requests: Iterable[Request], teacher: Teacher) -> None:
        self._requests = iter(requests)
        self._teacher = teacher
        self._ahead: deque[Job] = deque()
        self.n_pulled = 0

    async def next(self) -> Job | None:
        """The next job, None after the last."""
        if not self._ahead:
            # Stored answers never wait for anything: without this pause a run of them would not hear Ctrl-C.
            await asyncio.sleep(0)
        # Another worker may have looked ahead during the pause.
        if not self._ahead:
            self._look_ahead()
        return self._ahead.popleft() if self._ahead else None

    def _look_ahead(self) -> None:
        some = [
            (request_key(self._teacher.model_for(request.role).chat, request), request)
            for request in islice(self._requests, LOOKAHEAD)
        ]
        stored = self._teacher.store.get_many(key for key, _ in some)
        for key, request in some:
            self._ahead.append(Job(self.n_pulled, request, key, stored.get(key)))
            self.n_pulled += 1


class InOrder(Generic[T]):
    """Outcomes, handed on in the order of their requests."""

    def __init__(self, deliver: Callable[[Answered[T] | Unanswered], None]) -> None:
        self._deliver = deliver
        self._early: dict[int, Answered[T] | Unanswered] = {}
        self._moved = asyncio.Event()
        self.n_delivered = 0

    async def wait_for_room(self, index: int) -> None:
        """Wait while the outcome of this place is too far ahead of the last one handed on."""
        while index - self.n_delivered > MAX_AHEAD:
            self._moved.clear()
            await self._moved.wait()

    def put(self, index: int, outcome: Answered[T] | Unanswered) -> None:
        """Take the outcome of a place, and hand on all whose turn has come."""
        self._early[index] = outcome
        while (ready := self._early.pop(self.n_delivered, None)) is not None:
            self._deliver(ready)
            self.n_delivered += 1
        self._moved.set()
