"""Requests in, outcomes out, each in order: what stands before and behind the workers of one call."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Generic, TypeVar

from linkqa_kedro.teacher.budget import Amount
from linkqa_kedro.teacher.requests import Answered, Completion, Request, Stage, Unanswered, request_key
from linkqa_kedro.teacher.teacher import Teacher

T = TypeVar("T")

# Requests whose keys are looked up in the store together.
LOOKAHEAD = 64
# Outcomes are handed on in the order of their requests: so many may wait for one that takes long.
MAX_AHEAD = 8192
# Requests that can be on their way at once, in any run: those in flight, pausing, or waiting for their commit.
MAX_WORKERS = 1024


@dataclass(slots=True)
class Job:
    """One request on its way: its place in the results, its key, and what the store held for it."""

    index: int
    request: Request
    key: str
    stored: Completion | None


class Feed:
    """The requests one by one, their stored completions looked up a group at a time.

    Where there is a budget, it looks far enough ahead to see every answer that an earlier run bought, and counts them
    before anything is bought: an earlier run left answers behind a gap, where it stopped while a request waited for its
    retry, and they would otherwise be counted too late.
    """

    def __init__(self, requests: Iterable[Request], teacher: Teacher) -> None:
        self._requests = iter(requests)
        self._teacher = teacher
        self._ahead: deque[Job] = deque()
        self._n_ahead = MAX_AHEAD + MAX_WORKERS if teacher.budget.is_set else 1
        self.n_pulled = 0

    async def next(self) -> Job | None:
        """The next job, None after the last."""
        if not self._ahead:
            # Stored answers never wait for anything: without this pause a run of them would not hear Ctrl-C.
            await asyncio.sleep(0)
        # Another worker may have looked ahead during the pause.
        while len(self._ahead) < self._n_ahead and self._look_ahead():
            pass
        return self._ahead.popleft() if self._ahead else None

    def _look_ahead(self) -> bool:
        """Take a group of requests; whether there were any."""
        some = [
            (request_key(self._teacher.model_for(request.role).chat, request), request)
            for request in islice(self._requests, LOOKAHEAD)
        ]
        stored = self._teacher.store.get_many(key for key, _ in some)
        if self._teacher.budget.is_set:
            self._count(some, stored)
            stored = {}  # thousands of answers in memory; each is looked up again when its turn comes
        for key, request in some:
            self._ahead.append(Job(self.n_pulled, request, key, stored.get(key)))
            self.n_pulled += 1
        return bool(some)

    def _count(self, some: Iterable[tuple[str, Request]], stored: Mapping[str, Completion]) -> None:
        """Count what earlier runs spent on some requests, fresh attempts and answers that never arrived included."""
        teacher = self._teacher
        for first_key, request in some:
            model, key, attempt = teacher.model_for(request.role), first_key, request
            completion = stored.get(key)
            while True:
                self._count_broken(request.stage, key)
                if completion is None:
                    break
                used = model.spent(completion, model.worst_case(attempt))
                teacher.budget.count_stored(request.stage, used, key)
                if attempt.attempt - request.attempt >= teacher.max_attempts:
                    break
                attempt = attempt.again()
                key = request_key(model.chat, attempt)
                completion = teacher.store.get(key)

    def _count_broken(self, stage: Stage, key: str) -> None:
        broken = self._teacher.store.broken([key]).get(key)
        if broken is not None:
            self._teacher.budget.count_broken(stage, Amount(broken.usd, broken.tokens), key)


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
