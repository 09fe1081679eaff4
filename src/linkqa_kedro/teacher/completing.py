"""The one place where a stage asks its teacher: `complete(requests, teacher, read)`.

    requests ── feed ──> workers ── ask ──> writer ── committed ──> read ──> answered, unanswered
                  │          ^                                       │
                  └ stored ──┼───────────────────────────────────────┤
                             └────────────── a fresh attempt ────────┘

Workers pull from the iterator, so a million requests cost no more memory than what becomes of them. Before a request is
sent it passes the gate of its endpoint and the budget of its stage. Its answer is committed to the store before anyone
reads it.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Any, Generic, Protocol, TypeVar, runtime_checkable

from linkqa_kedro.progress import Meter
from linkqa_kedro.teacher.backoff import MAX_PAUSE_SECONDS, asked_seconds, pause_seconds
from linkqa_kedro.teacher.errors import Overloaded, ReplyUnusable, RequestFailed, RequestRefused
from linkqa_kedro.teacher.failures import REJECTED, EndpointUnreachable
from linkqa_kedro.teacher.group_commit import GroupCommit
from linkqa_kedro.teacher.interrupts import EXIT_CODE, cancelled_by_sigterm
from linkqa_kedro.teacher.request_flow import Feed, InOrder, Job
from linkqa_kedro.teacher.requests import Answered, Completion, Request, Unanswered, request_key
from linkqa_kedro.teacher.stored_rows import BrokenAnswer, Purchase
from linkqa_kedro.teacher.teacher import Teacher, TeacherModel, tokens_of
from linkqa_kedro.teacher.usage import Tally, TeacherUsage

T = TypeVar("T")
logger = logging.getLogger(__name__)

# Answers that may wait for their commit while their slots ask on: more lets a fast teacher share a commit
# among more answers, and is what a killed process can lose beside the requests in flight.
MAX_WAITING_FOR_COMMIT = 256
# An overloaded server is asked again at least this often, and so many times before a request is given up.
MAX_OVERLOAD_PAUSE_SECONDS = 60.0
MAX_OVERLOADS = 30
# An endpoint that never answered is more likely mistyped than busy: a person waits for the message.
MAX_RETRIES_UNREACHED = 2
# So many requests given up while nobody was answered are no bad luck.
MAX_GIVEN_UP_IN_A_ROW = 3
# So many requests turned down, and none answered: the endpoint turns all of them down.
MAX_TURNED_DOWN = 10


@runtime_checkable
class HoldsConnections(Protocol):
    """A `ChatModel` that opens something in the event loop and wants to close it there."""

    async def aclose(self) -> None:
        """Close what was opened in the running event loop."""


@dataclass(frozen=True, slots=True)
class Completed(Generic[T]):
    """Everything one call of `complete` brought, in the order of its requests."""

    answered: tuple[Answered[T], ...] = ()
    unanswered: tuple[Unanswered, ...] = ()
    usage: TeacherUsage = field(default_factory=TeacherUsage)


def complete(
    requests: Iterable[Request],
    teacher: Teacher,
    read: Callable[[Request, Completion], T],
    n_expected: int | None = None,
) -> Completed[T]:
    """Every request as an answer that was read, or as unanswered with its reason, in request order.

    Like `complete_each`, with all outcomes in memory.
    """
    answered: list[Answered[T]] = []
    unanswered: list[Unanswered] = []

    def keep(outcome: Answered[T] | Unanswered) -> None:
        if isinstance(outcome, Answered):
            answered.append(outcome)
        else:
            unanswered.append(outcome)

    usage = complete_each(requests, teacher, read, keep, n_expected)
    return Completed(tuple(answered), tuple(unanswered), usage)


def complete_each(
    requests: Iterable[Request],
    teacher: Teacher,
    read: Callable[[Request, Completion], T],
    deliver: Callable[[Answered[T] | Unanswered], None],
    n_expected: int | None = None,
) -> TeacherUsage:
    """Hand on every request as an answer that was read, or as unanswered with its reason, in request order.

    A completion in the store is read from there and not asked for. Otherwise the model is asked, the
    answer committed, and then read. What happens when that does not go well:

    - `read` raises ReplyUnusable: a fresh attempt, at most `max_attempts` of them, none where the error is final;
      then unanswered, with the reason and detail of the last.
    - The model raises ReplyUnusable itself: unanswered at once. There is no completion, and the endpoint
      would turn the same messages down again. Where it turns down the first ten and answers none, the run stops.
    - The model raises RequestFailed: retried `max_retries` times after growing pauses (more often where it is
      Overloaded); then unanswered, reason "request failed". Where three requests come to that while nobody at all
      is answered, the endpoint is down and the run stops.
    - The next request could pass the budget: BudgetSpent.
    - The model raises RequestRefused, or anything else goes wrong, in `read`, `deliver` or `requests` too: nothing
      new is asked, what is in flight is awaited and stored, and then the error is raised. So it is with
      the first Ctrl-C or SIGTERM; the second one stops at once and stores what has arrived.

    Requests that share a key are asked once; `read` is called for each. The results depend on the
    answers alone, not on concurrency, pauses or the order in which answers come.

    Args:
        requests: Pulled as workers become free, some thousand ahead of what is delivered.
        teacher: Whom to ask.
        read: Makes a value of a request and its completion; called in the event loop, so it should be
            quick. It is called again for stored completions, so a changed `read` buys nothing.
        deliver: Takes each outcome, in the order of the requests; called in the event loop too.
        n_expected: How many requests there will be, where that is known; only the display of progress uses it.

    Returns:
        What it cost.

    Raises:
        RequestRefused: The endpoint will answer nothing; also where no connection could be made before
            any answer came.
        BudgetSpent: The limit of the run or of a stage is reached.
        UserError: The store cannot be used.
        SystemExit: After SIGTERM.
    """
    run = _Run(requests, teacher, read, deliver, n_expected)
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        try:
            asyncio.run(run.work())
        except asyncio.CancelledError:
            raise SystemExit(EXIT_CODE) from None
        return run.usage()
    # A notebook has an event loop of its own, and one cannot run inside another.
    with ThreadPoolExecutor(max_workers=1) as thread:
        working = thread.submit(asyncio.run, run.work())
        try:
            working.result()
        except KeyboardInterrupt:
            run.stop_from_outside()
            raise
    return run.usage()


class _Stopped(Exception):
    """The run has been told to ask nothing more."""


class _Interruptible:
    """Surrounds every wait that nobody has paid for: a worker leaves it, as `_Stopped`, when the run is called off.

    One object serves all workers of a run; made inside its event loop.

    Attributes:
        is_called_off: Whether the run has been told to ask nothing more.
    """

    def __init__(self) -> None:
        self.is_called_off = False
        self._waiting: set[asyncio.Task[Any]] = set()

    def call_off(self) -> None:
        """End all waits, now and to come."""
        if self.is_called_off:
            return  # a task that is cancelled twice would take the second time for a second Ctrl-C
        self.is_called_off = True
        for task in self._waiting:
            task.cancel()

    def __enter__(self) -> None:
        if self.is_called_off:
            raise _Stopped
        self._waiting.add(_this_task())

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        task = _this_task()
        self._waiting.discard(task)
        # A second Ctrl-C cancels everything, and must not be taken for a call to stop gently.
        if isinstance(error, asyncio.CancelledError) and self.is_called_off and task.uncancel() == 0:
            raise _Stopped from None


def _this_task() -> "asyncio.Task[Any]":
    task = asyncio.current_task()
    assert task is not None
    return task


class _Run(Generic[T]):
    """One call of `complete_each`."""

    def __init__(
        self,
        requests: Iterable[Request],
        teacher: Teacher,
        read: Callable[[Request, Completion], T],
        deliver: Callable[[Answered[T] | Unanswered], None],
        n_expected: int | None,
    ) -> None:
        self._teacher = teacher
        self._read = read
        self._n_expected = n_expected
        self._meter = Meter("", n_expected, "requests", details=self._details)
        self._feed = Feed(requests, teacher)
        self._outcomes = InOrder(deliver)
        self._failure: Exception | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        # Completions on their way, by key: who asks for the same waits for the one asked first.
        self._underway: dict[str, asyncio.Future[Completion]] = {}
        self._tally = Tally()
        self._n_in_flight = 0
        self._n_turned_down = 0
        self._n_given_up_in_a_row = 0
        self._is_prepared = False

    def usage(self) -> TeacherUsage:
        """What it cost so far."""
        return self._tally.usage()

    async def work(self) -> None:
        """Bring every request to its end.

        Outcomes are no result of this coroutine, because asyncio.run makes a text of a main task and its
        result when it gives the handling of Ctrl-C back: gigabytes, where there are a million answers.
        """
        self._loop = asyncio.get_running_loop()
        self._interruptible = _Interruptible()
        self._writer = GroupCommit(self._teacher.store)
        async with contextlib.AsyncExitStack() as ending:
            ending.enter_context(self._meter)
            ending.enter_context(cancelled_by_sigterm(_this_task()))
            # Closed last: an answer may still come while connections are being closed.
            ending.push_async_callback(self._writer.close)
            for model in self._teacher.models:
                if isinstance(model.chat, HoldsConnections):
                    ending.push_async_callback(model.chat.aclose)
            if self._failure is None:
                await self._finish_workers()
        if self._failure is not None:
            raise self._failure

    def stop_from_outside(self) -> None:
        """Stop as after an error; for another thread than the event loop's."""
        self._failure = self._failure or _Stopped()
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):  # the loop may have ended in the meantime
                self._loop.call_soon_threadsafe(self._interruptible.call_off)

    async def _finish_workers(self) -> None:
        n_workers = max(model.gate.max_concurrency for model in self._teacher.models) + MAX_WAITING_FOR_COMMIT
        workers = [asyncio.create_task(self._work_on_jobs()) for _ in range(n_workers)]
        ticking = asyncio.create_task(self._tick())
        try:
            await asyncio.wait(workers)
        except asyncio.CancelledError:
            logger.warning(
                "Stopping: %d answers in flight are awaited and stored. The same again stops at once.",
                self._n_in_flight,
            )
            self._interruptible.call_off()
            await asyncio.wait(workers)
            raise
        finally:
            ticking.cancel()

    async def _tick(self) -> None:
        """Show progress while nothing comes: a reasoning model may take minutes for its first answer."""
        while True:
            await asyncio.sleep(1.0)
            self._meter.refresh()

    async def _work_on_jobs(self) -> None:
        try:
            while not self._interruptible.is_called_off:
                job = await self._feed.next()
                if job is None:
                    return
                with self._interruptible:
                    await self._outcomes.wait_for_room(job.index)
                self._meter.label = job.request.role
                self._tally.of(job.request.role, self._model_for(job).chat.model).requests += 1
                self._outcomes.put(job.index, await self._pursue(job))
                self._meter.advance()
        except _Stopped:
            return
        except Exception as error:  # raised again once what is in flight is stored
            self._stop(error)

    def _model_for(self, job: Job) -> TeacherModel:
        return self._teacher.model_for(job.request.role)

    def _stop(self, error: Exception) -> None:
        # What fails while the run is ending is a consequence: the first failure is the one to tell.
        self._failure = self._failure or error
        self._interruptible.call_off()

    async def _pursue(self, job: Job) -> Answered[T] | Unanswered:
        """Ask, and ask afresh while the answer is unusable and attempts are left."""
        for attempts_left in range(self._teacher.max_attempts, -1, -1):
            try:
                completion = await self._obtain(job)
            except ReplyUnusable as error:
                self._check_that_not_all_are_turned_down(error)
                return Unanswered(job.request, job.key, error.reason, error.detail)
            except RequestFailed as error:
                return Unanswered(job.request, job.key, "request failed", str(error))
            try:
                return Answered(job.request, job.key, completion, self._read(job.request, completion))
            except ReplyUnusable as error:
                self._tally.of(job.request.role, self._model_for(job).chat.model).unusable += 1
                outcome = Unanswered(job.request, job.key, error.reason, error.detail)
                if error.is_final:
                    return outcome
            if attempts_left:
                request = job.request.again()
                job = Job(job.index, request, request_key(self._model_for(job).chat, request), stored=None)
        return outcome

    def _check_that_not_all_are_turned_down(self, error: ReplyUnusable) -> None:
        self._n_turned_down += error.reason == REJECTED
        nothing_came = self._tally.n_bought == self._tally.n_reused == 0
        if nothing_came and self._n_turned_down >= MAX_TURNED_DOWN:
            raise RequestRefused(
                f"The endpoint turned down the first {self._n_turned_down} requests and answered none: {error.detail}. "
                "Check the model, and the settings of its role (teacher in parameters_….yml, models of the teacher in "
                "catalog_teacher.yml)."
            )

    async def _obtain(self, job: Job) -> Completion:
        """The completion of a job: from the store, from whoever is asking the same, or bought."""
        if (underway := self._underway.get(job.key)) is not None:
            completion = await asyncio.shield(underway)
        else:
            # Asked again although the feed looked: an equal request may have been answered since.
            stored = job.stored or self._teacher.store.get(job.key)
            if stored is None:
                return await self._buy_for_all(job)
            completion = stored
        self._tally.add_reused(job.request.role, self._model_for(job).chat.model, completion)
        return completion

    async def _buy_for_all(self, job: Job) -> Completion:
        """Buy a completion, and hand it or the failure to those who wait for the same key."""
        underway = self._underway[job.key] = asyncio.get_running_loop().create_future()
        try:
            completion = await self._buy(job)
        except Exception as error:  # handed to those who wait for the same key, and raised again
            underway.set_exception(error)
            # Read here, because asyncio complains about an exception that nobody waited for.
            underway.exception()
            raise
        except BaseException:
            underway.cancel()
            raise
        finally:
            del self._underway[job.key]
        underway.set_result(completion)
        return completion

    async def _buy(self, job: Job) -> Completion:
        """Ask, with retries, and return when the answer is durable."""
        if not self._is_prepared:
            # A store that cannot take an answer says so before one is paid for.
            self._teacher.store.prepare()
            self._is_prepared = True
        completion = await self._ask_patiently(job)
        model = self._model_for(job)
        if completion.cost_usd is None:
            completion = replace(completion, cost_usd=model.cost_usd(completion))
        self._tally.add_bought(job.request.role, model.chat.model, completion)
        await self._writer.commit(Purchase(job.key, model.chat.model, job.request, completion))
        self._n_given_up_in_a_row = 0
        return completion

    async def _ask_patiently(self, job: Job) -> Completion:
        """The answer, after as many retries as are allowed."""
        n_bought_before = n_bought = self._tally.n_bought
        n_failed = n_overloads = n_in_silence = 0
        while True:
            try:
                return await self._ask(job, is_retry=n_failed + n_overloads > 0)
            except RequestFailed as error:
                failure = error
            self._tally.of(job.request.role, self._model_for(job).chat.model).failures[failure.kind] += 1
            if isinstance(failure, Overloaded):
                n_overloads += 1
                pause = pause_seconds(self._teacher.backoff_seconds, n_overloads, job.key, MAX_OVERLOAD_PAUSE_SECONDS)
            else:
                n_failed += 1
                # While others are answered, this request had bad luck, and longer pauses would help nobody.
                n_in_silence = 1 if self._tally.n_bought > n_bought else n_in_silence + 1
                n_bought = self._tally.n_bought
                pause = pause_seconds(self._teacher.backoff_seconds, n_in_silence, job.key, MAX_PAUSE_SECONDS)
            never_reached = isinstance(failure, EndpointUnreachable) and self._tally.n_bought == 0
            if never_reached and n_failed > min(MAX_RETRIES_UNREACHED, self._teacher.max_retries):
                raise RequestRefused(str(failure))
            if n_failed > self._teacher.max_retries or n_overloads > MAX_OVERLOADS:
                raise self._given_up(failure, in_silence=self._tally.n_bought == n_bought_before)
            await self._pause(max(pause, asked_seconds(failure, job.key)))

    def _given_up(self, failure: RequestFailed, in_silence: bool) -> Exception:
        """What to raise for a request that was tried often enough.

        Args:
            failure: Its last.
            in_silence: Whether nobody was answered in all the time that it was tried.
        """
        self._n_given_up_in_a_row = self._n_given_up_in_a_row + 1 if in_silence else 0
        if self._n_given_up_in_a_row < MAX_GIVEN_UP_IN_A_ROW:
            return failure
        return RequestRefused(
            f"The endpoint does not answer: {self._n_given_up_in_a_row} requests were given up after "
            f"{self._teacher.max_retries} retries each, and none was answered meanwhile. Last: {failure}. "
            "Every answer is kept; run the same command again when the endpoint is well."
        )

    async def _ask(self, job: Job, is_retry: bool) -> Completion:
        """Ask once: through the gate of the endpoint, within the budget."""
        model, request, budget = self._model_for(job), job.request, self._teacher.budget
        worst = model.worst_case(request)
        with self._interruptible:
            ticket = await model.gate.take_place(is_retry)
            try:
                reservation = await budget.reserve(request.stage, worst)
                try:
                    await model.gate.wait_for_the_rate(ticket, worst.tokens)
                except BaseException:
                    budget.settle(reservation, None)
                    raise
            except BaseException:
                model.gate.leave_failed(ticket)
                raise
        self._n_in_flight += 1
        try:
            completion = await model.chat.ask(request)
        except RequestFailed as failure:
            if isinstance(failure, Overloaded):
                model.gate.leave_refused(ticket, failure.retry_after_seconds)
            else:
                model.gate.leave_failed(ticket)
            if failure.may_be_paid:
                budget.settle_uncertain(reservation, job.key)
                await self._writer.note_broken(BrokenAnswer(job.key, worst.tokens, worst.usd))
                self._tally.of(request.role, model.chat.model).uncertain += 1
            else:
                budget.settle(reservation, None)
            raise
        except BaseException:
            model.gate.leave_failed(ticket)
            budget.settle(reservation, None)
            raise
        finally:
            self._n_in_flight -= 1
        model.gate.leave(ticket, tokens_of(completion))
        budget.settle(reservation, model.spent(completion, worst), job.key)
        return completion

    async def _pause(self, seconds: float) -> None:
        with self._interruptible:
            await asyncio.sleep(seconds)

    def _details(self, n_done: int) -> str:
        """What a person who pays wants to see beside the count: in flight, tokens, dollars, failures."""
        tally = self._tally
        parts = [f"{self._n_in_flight} in flight"]
        if tally.tokens:
            parts.append(f"{_short_count(tally.tokens)} tokens")
        cost = tally.cost_usd
        if cost:
            projected = f" of about {cost / n_done * self._n_expected:,.2f}" if self._n_expected and n_done else ""
            parts.append(f"{cost:,.2f}{projected} USD")
        troubles = [f"{n} {kind}" for kind, n in sorted(tally.failures.items())]
        if tally.n_unusable:
            troubles.append(f"{tally.n_unusable} unusable")
        if troubles:
            parts.append("troubles: " + ", ".join(troubles))
        return ", ".join(parts)


def _short_count(n: int) -> str:
    for size, name in ((1_000_000, "M"), (1_000, "k")):
        if n >= size:
            return f"{n / size:.1f} {name}"
    return str(n)
