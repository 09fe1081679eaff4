"""The one place where a stage asks its teacher: `complete(requests, teacher, read)`.

    requests ── feed ──> workers ── ask ──> writer ── committed ──> read ──> answered, unanswered
                  │          ^                                       │
                  └ stored ──┼───────────────────────────────────────┤
                             └────────────── a fresh attempt ────────┘

Workers pull from the iterator, so a million requests cost no more memory than their results. An answer is
committed to the store before anyone reads it; while one group of answers is being committed the next one
gathers, so a commit serves as many answers as arrived during the commit before.
"""

import asyncio
import contextlib
import logging
import math
import time
from array import array
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import islice
from typing import Generic, Protocol, TypeVar, runtime_checkable

from linkqa_kedro.errors import UserError
from linkqa_kedro.progress import Meter
from linkqa_kedro.teacher.completion_store import CompletionStore, Purchase
from linkqa_kedro.teacher.errors import ReplyUnusable, RequestFailed, RequestRefused
from linkqa_kedro.teacher.failures import EndpointUnreachable
from linkqa_kedro.teacher.pricing import PriceTable, cost_usd
from linkqa_kedro.teacher.requests import (
    Answered,
    ChatModel,
    Completed,
    Completion,
    Request,
    TeacherUsage,
    Unanswered,
    request_key,
)

T = TypeVar("T")
logger = logging.getLogger(__name__)

# Requests whose keys are looked up in the store together.
LOOKAHEAD = 64
# Answers that may wait for their commit while their slots ask on: more lets a fast teacher share a commit
# among more answers, and is what a killed process can lose beside the requests in flight.
MAX_WAITING_FOR_COMMIT = 256
# An answer waits this long for others to share its commit, which costs an fsync and a switch of threads.
COMMIT_WINDOW_SECONDS = 0.01
# A server may ask for a pause until tomorrow; the run then tries earlier, and fails in words.
MAX_PAUSE_SECONDS = 600.0
# An endpoint that never answered is more likely mistyped than busy: a person waits for the message.
MAX_RETRIES_UNREACHED = 2


@dataclass(frozen=True)
class Teacher:
    """A model, the store of what it answered, and how patiently it is asked.

    Attributes:
        chat: Who answers.
        store: Where answers are kept and sought first.
        max_concurrency: Requests in flight at once, at least 1.
        max_attempts: Fresh attempts after an unusable answer, at least 0; each is bought.
        max_retries: Retries of a request that failed unpaid, at least 0.
        backoff_seconds: Pause before the first retry, at least 0; it doubles with each next one, up to
            MAX_PAUSE_SECONDS, and is spread by up to a half.
        price: Prices by model name; None where none is known.

    Raises:
        UserError: Where a value is out of its range.
    """

    chat: ChatModel
    store: CompletionStore
    max_concurrency: int
    max_attempts: int
    max_retries: int
    backoff_seconds: float
    price: PriceTable | None = None

    def __post_init__(self) -> None:
        lowest = {"max_concurrency": 1, "max_attempts": 0, "max_retries": 0, "backoff_seconds": 0}
        for name, least in lowest.items():
            if not getattr(self, name) >= least:
                raise UserError(
                    f"{name} must be {least} or more, got {getattr(self, name)}. Set it for the teacher in "
                    "catalog_teacher.yml."
                )


@runtime_checkable
class HoldsConnections(Protocol):
    """A `ChatModel` that opens something in the event loop and wants to close it there."""

    async def aclose(self) -> None:
        """Close what was opened in the running event loop."""


def complete(
    requests: Iterable[Request],
    teacher: Teacher,
    read: Callable[[Request, Completion], T],
    n_expected: int | None = None,
) -> Completed[T]:
    """Every request as an answer that was read, or as unanswered with its reason, in request order.

    A completion in the store is read from there and not asked for. Otherwise the model is asked, the
    answer committed, and then read. What happens when that does not go well:

    - `read` raises ReplyUnusable: a fresh attempt, at most `max_attempts` of them; then unanswered, with
      the reason and detail of the last.
    - The model raises ReplyUnusable itself: unanswered at once. There is no completion, and the endpoint
      would turn the same messages down again.
    - The model raises RequestFailed: retried `max_retries` times after growing pauses; then unanswered,
      reason "request failed".
    - The model raises RequestRefused, or anything else goes wrong, in `read` or in `requests` too: nothing
      new is asked, what is in flight is awaited and stored, and then the error is raised. So it is with
      the first Ctrl-C; the second one stops at once and stores what has arrived.

    Requests that share a key are asked once; `read` is called for each. The results depend on the
    answers alone, not on concurrency, pauses or the order in which answers come.

    Args:
        requests: Pulled as workers become free, some hundred ahead of those in flight.
        teacher: Whom to ask.
        read: Makes a value of a request and its completion; called in the event loop, so it should be
            quick. It is called again for stored completions, so a changed `read` buys nothing.
        n_expected: How many requests there will be, where that is known; only the display of progress uses it.

    Raises:
        RequestRefused: The endpoint will answer nothing; also where no connection could be made before
            any answer came.
        UserError: The store cannot be used.
    """
    run = _Run(requests, teacher, read, Meter("", n_expected, "requests"))
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        asyncio.run(run.work())
        return run.completed()
    # A notebook has an event loop of its own, and one cannot run inside another.
    with ThreadPoolExecutor(max_workers=1) as thread:
        working = thread.submit(asyncio.run, run.work())
        try:
            working.result()
        except KeyboardInterrupt:
            run.stop_from_outside()
            raise
    return run.completed()


class _Stopped(Exception):
    """The run has been told to ask nothing more."""


@dataclass(slots=True)
class _Job:
    """One request on its way: its place in the results, its key, and what the store held for it."""

    index: int
    request: Request
    key: str
    stored: Completion | None


class _Feed:
    """The requests one by one, their stored completions looked up a group at a time."""

    def __init__(self, requests: Iterable[Request], teacher: Teacher) -> None:
        self._requests = iter(requests)
        self._teacher = teacher
        self._ahead: deque[_Job] = deque()
        self.roles: dict[str, None] = {}
        self.n_pulled = 0

    async def next(self) -> _Job | None:
        """The next job, None after the last."""
        if not self._ahead:
            # Stored answers never wait for anything: without this pause a run of them would not hear Ctrl-C.
            await asyncio.sleep(0)
        # Another worker may have looked ahead during the pause.
        if not self._ahead:
            self._look_ahead()
        return self._ahead.popleft() if self._ahead else None

    def _look_ahead(self) -> None:
        some = [(request_key(self._teacher.chat, request), request) for request in islice(self._requests, LOOKAHEAD)]
        stored = self._teacher.store.get_many(key for key, _ in some)
        for key, request in some:
            self._ahead.append(_Job(self.n_pulled, request, key, stored.get(key)))
            self.roles[request.role] = None
            self.n_pulled += 1


class _Writer:
    """Commits answers in groups: whatever arrived while the group before was being committed."""

    def __init__(self, store: CompletionStore) -> None:
        self._store = store
        self._waiting: list[tuple[Purchase, asyncio.Future[None]]] = []
        self._arrived = asyncio.Event()
        self._closing = False
        self._task = asyncio.create_task(self._work())

    async def commit(self, purchase: Purchase) -> None:
        """Return when the purchase is durable."""
        committed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((purchase, committed))
        self._arrived.set()
        await committed

    async def close(self) -> None:
        """End, once nothing waits."""
        self._closing = True
        self._arrived.set()
        await self._task

    async def _work(self) -> None:
        try:
            while not self._closing:
                await self._arrived.wait()
                if not self._closing:
                    await asyncio.sleep(COMMIT_WINDOW_SECONDS)
                self._arrived.clear()
                group, self._waiting = self._waiting, []
                if group:
                    await self._commit(group)
        finally:
            # Only a second Ctrl-C leaves answers here: they were paid for.
            if self._waiting:
                self._store.put_many(purchase for purchase, _ in self._waiting)

    async def _commit(self, group: list[tuple[Purchase, asyncio.Future[None]]]) -> None:
        error: Exception | None = None
        try:
            await asyncio.to_thread(self._store.put_many, [purchase for purchase, _ in group])
        except Exception as raised:  # handed to those who wait for this commit, whatever it is
            error = raised
        for _, committed in group:
            if error is not None:
                committed.set_exception(error)
            else:
                committed.set_result(None)


class _Tally:
    """Counts what a call bought and reused."""

    def __init__(self) -> None:
        self.bought = 0
        self.reused = 0
        self.unusable = 0
        self._input_tokens = 0
        self._output_tokens = 0
        self._costs = array("d")

    def add_bought(self, completion: Completion) -> None:
        self.bought += 1
        self._input_tokens += completion.input_tokens or 0
        self._output_tokens += completion.output_tokens or 0
        if completion.cost_usd is not None:
            self._costs.append(completion.cost_usd)

    def usage(self, n_requests: int) -> TeacherUsage:
        all_priced = len(self._costs) == self.bought
        return TeacherUsage(
            requests=n_requests,
            bought=self.bought,
            reused=self.reused,
            unusable=self.unusable,
            input_tokens=self._input_tokens,
            output_tokens=self._output_tokens,
            # An exact sum: the order in which answers came leaves no trace in it.
            cost_usd=math.fsum(self._costs) if all_priced else None,
        )


class _Run(Generic[T]):
    """One call of `complete`."""

    def __init__(
        self, requests: Iterable[Request], teacher: Teacher, read: Callable[[Request, Completion], T], meter: Meter
    ) -> None:
        self._teacher = teacher
        self._meter = meter
        self._read = read
        self._feed = _Feed(requests, teacher)
        self._outcomes: dict[int, Answered[T] | Unanswered] = {}
        self._failure: Exception | None = None
        # Completions on their way, by key: who asks for the same waits for the one asked first.
        self._underway: dict[str, asyncio.Future[Completion]] = {}
        self._tally = _Tally()

    async def work(self) -> None:
        """Bring every request to its end; the results wait in `completed`.

        They are no result of this coroutine, because asyncio.run makes a text of a main task and its
        result when it gives the handling of Ctrl-C back: gigabytes, where there are a million answers.
        """
        self._loop = asyncio.get_running_loop()
        self._slots = asyncio.Semaphore(self._teacher.max_concurrency)
        self._stopping = asyncio.Event()
        self._writer = _Writer(self._teacher.store)
        async with contextlib.AsyncExitStack() as ending:
            ending.enter_context(self._meter)
            if isinstance(self._teacher.chat, HoldsConnections):
                ending.push_async_callback(self._teacher.chat.aclose)
            ending.push_async_callback(self._writer.close)
            await self._finish_workers()
        if self._failure is not None:
            raise self._failure

    def completed(self) -> Completed[T]:
        """What came of the requests, in their order; `work` must have ended well."""
        outcomes = [self._outcomes[index] for index in range(self._feed.n_pulled)]
        return Completed(
            answered=tuple(outcome for outcome in outcomes if isinstance(outcome, Answered)),
            unanswered=tuple(outcome for outcome in outcomes if isinstance(outcome, Unanswered)),
            usage=self._tally.usage(self._feed.n_pulled),
        )

    def stop_from_outside(self) -> None:
        """Stop as after an error; for another thread than the event loop's."""
        self._loop.call_soon_threadsafe(self._stop, _Stopped())

    async def _finish_workers(self) -> None:
        n_workers = self._teacher.max_concurrency + MAX_WAITING_FOR_COMMIT
        workers = [asyncio.create_task(self._work_on_jobs()) for _ in range(n_workers)]
        try:
            await asyncio.wait(workers)
        except asyncio.CancelledError:
            logger.warning("Stopping: answers in flight are awaited and stored. Ctrl-C again stops at once.")
            self._stopping.set()
            await asyncio.wait(workers)
            raise

    async def _work_on_jobs(self) -> None:
        try:
            while not self._stopping.is_set():
                job = await self._feed.next()
                if job is None:
                    return
                self._outcomes[job.index] = await self._pursue(job)
                self._meter.label = job.request.role
                self._meter.advance()
        except _Stopped:
            return
        except Exception as error:  # raised again once what is in flight is stored
            self._stop(error)

    def _stop(self, error: Exception) -> None:
        # What fails while the run is ending is a consequence: the first failure is the one to tell.
        self._failure = self._failure or error
        self._stopping.set()

    def _keep_on(self) -> None:
        if self._stopping.is_set():
            raise _Stopped

    async def _pursue(self, job: _Job) -> Answered[T] | Unanswered:
        """Ask, and ask afresh while the answer is unusable and attempts are left."""
        for attempts_left in range(self._teacher.max_attempts, -1, -1):
            try:
                completion = await self._obtain(job)
            except ReplyUnusable as error:
                return Unanswered(job.request, job.key, error.reason, error.detail)
            except RequestFailed as error:
                return Unanswered(job.request, job.key, "request failed", str(error))
            try:
                return Answered(job.request, job.key, completion, self._read(job.request, completion))
            except ReplyUnusable as error:
                self._tally.unusable += 1
                outcome = Unanswered(job.request, job.key, error.reason, error.detail)
            if attempts_left:
                request = job.request.again()
                job = _Job(job.index, request, request_key(self._teacher.chat, request), stored=None)
        return outcome

    async def _obtain(self, job: _Job) -> Completion:
        """The completion of a job: from the store, from whoever is asking the same, or bought."""
        if (underway := self._underway.get(job.key)) is not None:
            completion = await asyncio.shield(underway)
        else:
            # Asked again although the feed looked: an equal request may have been answered since.
            stored = job.stored or self._teacher.store.get(job.key)
            if stored is None:
                return await self._buy_for_all(job)
            completion = stored
        self._tally.reused += 1
        return completion

    async def _buy_for_all(self, job: _Job) -> Completion:
        """Buy a completion, and hand it or the failure to those who wait for the same key."""
        underway = self._underway[job.key] = asyncio.get_running_loop().create_future()
        try:
            completion = await self._buy(job)
        except Exception as error:  # handed to those who wait for the same key, and raised again
            underway.set_exception(error)
            # Read here, because asyncio complains about an exception that nobody waited for.
            underway.exception()
            raise
        finally:
            del self._underway[job.key]
        underway.set_result(completion)
        return completion

    async def _buy(self, job: _Job) -> Completion:
        """Ask, with retries, and return when the answer is durable."""
        chat, teacher = self._teacher.chat, self._teacher
        completion, latency_seconds = await self._ask_patiently(job)
        if completion.cost_usd is None:
            cost = cost_usd(teacher.price, chat.model, completion.input_tokens, completion.output_tokens)
            completion = replace(completion, cost_usd=cost)
        self._tally.add_bought(completion)
        await self._writer.commit(Purchase(job.key, chat.model, job.request, completion, latency_seconds))
        return completion

    async def _ask_patiently(self, job: _Job) -> tuple[Completion, float]:
        """The answer and the seconds it took, after as many retries as are allowed."""
        for n_failed in range(self._teacher.max_retries + 1):
            async with self._slots:
                self._keep_on()
                started = time.perf_counter()
                try:
                    completion = await self._teacher.chat.ask(job.request)
                    return completion, time.perf_counter() - started
                except RequestFailed as error:
                    failure = error
            never_reached = isinstance(failure, EndpointUnreachable) and self._tally.bought == 0
            if never_reached and n_failed >= MAX_RETRIES_UNREACHED:
                break
            # The slot is free during the pause.
            if n_failed < self._teacher.max_retries:
                await self._pause(_pause_seconds(self._teacher.backoff_seconds, n_failed, job.key, failure))
        if isinstance(failure, EndpointUnreachable) and self._tally.bought == 0:
            raise RequestRefused(str(failure))
        raise failure

    async def _pause(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), seconds)
        self._keep_on()


def _pause_seconds(backoff_seconds: float, n_failed: int, key: str, failure: RequestFailed) -> float:
    """Pause after the failure number n_failed (from 0): doubled each time, spread, at least what was asked.

    The spread, by up to a half, keeps requests that failed together from coming back together. It is taken
    from the key: no random state is touched, and the run can be repeated.
    """
    spread = 1 + int(key[-8:], 16) / 2**33
    pause = math.ldexp(backoff_seconds, n_failed) * spread
    if failure.retry_after_seconds is not None:
        pause = max(pause, failure.retry_after_seconds * spread)
    return min(pause, MAX_PAUSE_SECONDS)
