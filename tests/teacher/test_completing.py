import asyncio
import itertools
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from fakes.requests import request_of
from fakes.scripted import ScriptedTeacher, completion_of, teacher_of
from linkqa_kedro.errors import UserError
from linkqa_kedro.teacher.budget import Budget, BudgetSpent, Limits
from linkqa_kedro.teacher.completing import complete, complete_each
from linkqa_kedro.teacher.completion_store import CompletionStore
from linkqa_kedro.teacher.concurrency import EndpointGate
from linkqa_kedro.teacher.errors import Overloaded, ReplyUnusable, RequestFailed, RequestRefused
from linkqa_kedro.teacher.failures import EndpointUnreachable
from linkqa_kedro.teacher.pricing import Price
from linkqa_kedro.teacher.request_flow import MAX_AHEAD
from linkqa_kedro.teacher.requests import Answered, Completion, Request, Role, Unanswered, request_key
from linkqa_kedro.teacher.teacher import TeacherModel
from linkqa_kedro.teacher.usage import TeacherUsage

TESTS = Path(__file__).parents[1]


def echo(request: Request) -> str:
    return f"about {request.record_id}"


def read_text(request: Request, completion: Completion) -> str:
    return completion.text


def read_good(request: Request, completion: Completion) -> str:
    if completion.text.startswith("bad"):
        raise ReplyUnusable("not JSON", completion.text)
    return completion.text


REQUESTS = [request_of(name) for name in "abcde"]


def figures(usage: TeacherUsage) -> tuple[float | None, ...]:
    """Requests, bought, reused, unusable, input and output tokens, dollars: what most tests ask about."""
    total = usage.total
    return (
        *(total.requests, total.bought, total.reused, total.unusable),
        *(total.input_tokens, total.output_tokens, total.cost_usd),
    )


def test_answers_come_in_request_order_whatever_the_concurrency(tmp_path: Path) -> None:
    async def slower_first(request: Request) -> str:
        await asyncio.sleep(0.02 - 0.004 * "abcde".index(request.record_id))
        return echo(request)

    for concurrency in (1, 2, 5):
        chat = ScriptedTeacher(slower_first, model=f"m{concurrency}")
        completed = complete(REQUESTS, teacher_of(chat, tmp_path, max_concurrency=concurrency), read_text)
        assert [a.value for a in completed.answered] == [f"about {name}" for name in "abcde"]
        assert completed.unanswered == ()
        assert chat.max_in_flight == concurrency


def test_answer_carries_request_key_and_completion(tmp_path: Path) -> None:
    chat = ScriptedTeacher(echo)
    [answered] = complete(REQUESTS[:1], teacher_of(chat, tmp_path), read_text).answered
    assert answered.request is REQUESTS[0]
    assert answered.key == request_key(chat, REQUESTS[0])
    assert answered.completion == completion_of("about a")


def test_no_requests_are_no_answers(tmp_path: Path) -> None:
    completed = complete([], teacher_of(ScriptedTeacher(echo), tmp_path), read_text)
    assert (completed.answered, completed.unanswered, completed.usage) == ((), (), TeacherUsage())


def test_stored_answers_are_bought_no_second_time(tmp_path: Path) -> None:
    complete(REQUESTS[:3], teacher_of(ScriptedTeacher(echo), tmp_path), read_text)
    second = ScriptedTeacher(echo)
    completed = complete(REQUESTS, teacher_of(second, tmp_path), read_text)
    assert sorted(request.record_id for request in second.asked) == ["d", "e"]
    assert [a.value for a in completed.answered] == [f"about {name}" for name in "abcde"]
    assert figures(completed.usage) == (5, 2, 3, 0, 20, 10, 0.0)


def test_changed_read_reads_the_store_again(tmp_path: Path) -> None:
    complete(REQUESTS, teacher_of(ScriptedTeacher(echo), tmp_path), read_text)
    second = ScriptedTeacher(echo)
    completed = complete(REQUESTS, teacher_of(second, tmp_path), lambda _, c: len(c.text))
    assert [a.value for a in completed.answered] == [7] * 5
    assert second.asked == []


def test_answer_is_stored_before_it_is_read(tmp_path: Path) -> None:
    """A `read` that crashes must not cost a purchase."""
    teacher = teacher_of(ScriptedTeacher(echo), tmp_path)

    def crash(request: Request, completion: Completion) -> str:
        assert CompletionStore(tmp_path / "completions", 2).get(key) == completion
        raise ZeroDivisionError

    key = request_key(teacher.model.chat, REQUESTS[0])
    with pytest.raises(ZeroDivisionError):
        complete(REQUESTS[:1], teacher, crash)
    assert teacher.store.count() == 1


def test_unusable_answer_is_asked_for_afresh(tmp_path: Path) -> None:
    chat = ScriptedTeacher(lambda request: "bad" if request.attempt < 2 else "good")
    completed = complete(REQUESTS[:1], teacher_of(chat, tmp_path, max_attempts=2), read_good)
    [answered] = completed.answered
    assert answered.request.attempt == 2
    assert answered.key == request_key(chat, answered.request)
    assert figures(completed.usage) == (1, 3, 0, 2, 30, 15, 0.0)


def test_fresh_attempts_end(tmp_path: Path) -> None:
    chat = ScriptedTeacher(lambda request: "good" if request.record_id == "b" else f"bad {request.attempt}")
    completed = complete(REQUESTS[:3], teacher_of(chat, tmp_path, max_attempts=1), read_good)
    assert [a.request.record_id for a in completed.answered] == ["b"]
    assert [(u.request.record_id, u.reason, u.detail) for u in completed.unanswered] == [
        ("a", "not JSON", "bad 1"),
        ("c", "not JSON", "bad 1"),
    ]
    assert completed.usage.total.bought == 5
    assert completed.usage.total.unusable == 4
    assert [entry.attempt for entry in sorted_ledger(tmp_path, "a")] == [0, 1]


def sorted_ledger(tmp_path: Path, record_id: str) -> list[Any]:
    with CompletionStore(tmp_path / "completions", 2) as store:
        entries = [entry for entry in store.ledger() if entry.record_id == record_id]
    return sorted(entries, key=lambda entry: entry.attempt)


def test_unusable_answers_are_not_bought_again_by_the_next_run(tmp_path: Path) -> None:
    chat = ScriptedTeacher(lambda request: "bad" if request.attempt == 0 else "good")
    complete(REQUESTS, teacher_of(chat, tmp_path), read_good)
    second = ScriptedTeacher(echo)
    completed = complete(REQUESTS, teacher_of(second, tmp_path), read_good)
    assert [a.value for a in completed.answered] == ["good"] * 5
    assert second.asked == []
    assert figures(completed.usage) == (5, 0, 10, 5, 0, 0, 0.0)


def test_request_that_the_model_rejects_is_set_aside_alone(tmp_path: Path) -> None:
    """No completion came, so nothing is stored, and a fresh attempt would meet the same rejection."""
    chat = ScriptedTeacher(
        lambda request: ReplyUnusable("rejected by endpoint", "too long") if request.record_id == "b" else "good"
    )
    teacher = teacher_of(chat, tmp_path, max_attempts=3)
    completed = complete(REQUESTS, teacher, read_good)
    assert [(u.reason, u.detail) for u in completed.unanswered] == [("rejected by endpoint", "too long")]
    assert len(completed.answered) == 4
    assert len(chat.asked) == 5
    assert teacher.store.count() == 4


def failing(n_times: int, error: Exception) -> Callable[[Request], Any]:
    """A script under which each record fails n times before it is answered."""
    failed: dict[str, int] = {}

    def script(request: Request) -> Any:
        failed[request.record_id] = failed.get(request.record_id, 0) + 1
        return error if failed[request.record_id] <= n_times else "good"

    return script


def test_failed_request_is_retried(tmp_path: Path) -> None:
    chat = ScriptedTeacher(failing(2, RequestFailed("HTTP 503")))
    completed = complete(REQUESTS, teacher_of(chat, tmp_path, max_retries=2), read_good)
    assert len(completed.answered) == 5
    assert len(chat.asked) == 15
    assert completed.usage.total.bought == 5


def test_retries_end_and_the_row_says_why(tmp_path: Path) -> None:
    chat = ScriptedTeacher(lambda request: RequestFailed("HTTP 500 (boom)") if request.record_id == "b" else "good")
    completed = complete(REQUESTS, teacher_of(chat, tmp_path, max_retries=3), read_good)
    [unanswered] = completed.unanswered
    assert (unanswered.request.record_id, unanswered.reason) == ("b", "request failed")
    assert unanswered.detail == "HTTP 500 (boom)"
    assert len(chat.asked) == 4 + 4


def test_server_decides_the_least_pause(tmp_path: Path) -> None:
    chat = ScriptedTeacher(failing(1, RequestFailed("HTTP 429", retry_after_seconds=0.1)))
    started = time.perf_counter()
    complete(REQUESTS[:1], teacher_of(chat, tmp_path), read_good)
    assert time.perf_counter() - started >= 0.1


def test_endpoint_that_was_never_reached_stops_the_run(tmp_path: Path) -> None:
    chat = ScriptedTeacher(lambda request: EndpointUnreachable("No connection. Check LINKQA_BASE_URL."))
    with pytest.raises(UserError, match="LINKQA_BASE_URL"):
        complete(REQUESTS, teacher_of(chat, tmp_path, max_retries=2, max_concurrency=1), read_good)
    n_asked = Counter(request.record_id for request in chat.asked)
    assert n_asked["a"] == 3
    assert max(n_asked.values()) == 3


def test_endpoint_that_went_away_later_costs_single_rows(tmp_path: Path) -> None:
    chat = ScriptedTeacher(lambda request: "good" if request.record_id == "a" else EndpointUnreachable("gone"))
    completed = complete(REQUESTS[:2], teacher_of(chat, tmp_path, max_concurrency=1), read_good)
    assert [(u.reason, u.detail) for u in completed.unanswered] == [("request failed", "gone")]


def test_refusal_stops_the_run_and_keeps_what_was_in_flight(tmp_path: Path) -> None:
    async def refuse_b(request: Request) -> str:
        await asyncio.sleep(0.01 if request.record_id == "b" else 0.05)
        if request.record_id == "b":
            raise RequestRefused("Set LINKQA_API_KEY.")
        return "good"

    chat = ScriptedTeacher(refuse_b)
    endless = (request_of("abc"[i] if i < 3 else f"r{i}") for i in itertools.count())
    teacher = teacher_of(chat, tmp_path, max_concurrency=3)
    with pytest.raises(RequestRefused, match="LINKQA_API_KEY"):
        complete(endless, teacher, read_good)
    assert [request.record_id for request in chat.asked] == ["a", "b", "c"]
    assert sorted(entry.record_id for entry in teacher.store.ledger()) == ["a", "c"]


def test_refusal_ends_pauses(tmp_path: Path) -> None:
    """A request that waits for its retry must not hold up the message for a minute."""

    async def script(request: Request) -> str:
        if request.record_id == "a":
            raise RequestFailed("overloaded", retry_after_seconds=60.0)
        await asyncio.sleep(0.02)
        raise RequestRefused("no credit")

    started = time.perf_counter()
    with pytest.raises(RequestRefused):
        complete(REQUESTS[:2], teacher_of(ScriptedTeacher(script), tmp_path), read_good)
    assert time.perf_counter() - started < 5


def test_error_in_the_requests_comes_out(tmp_path: Path) -> None:
    def broken() -> Iterator[Request]:
        yield REQUESTS[0]
        raise KeyError("seed 7")

    with pytest.raises(KeyError, match="seed 7"):
        complete(broken(), teacher_of(ScriptedTeacher(echo), tmp_path), read_text)


def test_store_that_cannot_be_written_stops_before_anything_is_bought(tmp_path: Path) -> None:
    (tmp_path / "completions").write_text("a file where the folder should be")
    chat = ScriptedTeacher(echo)
    with pytest.raises(UserError, match="cannot use"):
        complete(REQUESTS, teacher_of(chat, tmp_path), read_text)
    assert chat.asked == []


def test_store_that_fills_up_stops_the_run(tmp_path: Path) -> None:
    class FullStore(CompletionStore):
        def put_many(self, purchases: Any) -> None:
            raise UserError("database or disk is full")

    teacher = replace(teacher_of(ScriptedTeacher(echo), tmp_path), store=FullStore(tmp_path, 1))
    with pytest.raises(UserError, match="disk is full"):
        complete(REQUESTS, teacher, read_text)


def test_equal_requests_are_asked_once_and_read_each(tmp_path: Path) -> None:
    """Two records may ask the same; the answer may still mean something else for each."""
    same = request_of("a").messages
    requests = [request_of(name, messages=same) for name in "abc"]

    def read(request: Request, completion: Completion) -> str:
        if request.record_id == "b":
            raise ReplyUnusable("wrong language")
        return f"{request.record_id}: {completion.text}"

    for concurrency in (1, 3):
        chat = ScriptedTeacher(lambda request: "one answer", f"m{concurrency}", delay_seconds=0.01)
        teacher = teacher_of(chat, tmp_path, max_concurrency=concurrency, max_attempts=0)
        completed = complete(requests, teacher, read)
        assert len(chat.asked) == 1
        assert [a.value for a in completed.answered] == ["a: one answer", "c: one answer"]
        assert [u.request.record_id for u in completed.unanswered] == ["b"]
        assert figures(completed.usage) == (3, 1, 2, 1, 10, 5, 0.0)


def test_equal_requests_far_apart_are_asked_once(tmp_path: Path) -> None:
    """The second is looked up long before the first is answered, and taken long after."""
    same = request_of("a").messages
    requests = [request_of("a"), *(request_of(f"r{i}") for i in range(20)), request_of("z", messages=same)]
    chat = ScriptedTeacher(echo, delay_seconds=0.001)
    completed = complete(requests, teacher_of(chat, tmp_path, max_concurrency=1), read_text)
    assert len(chat.asked) == 21
    assert completed.usage.total.reused == 1


def test_equal_requests_share_a_failure(tmp_path: Path) -> None:
    requests = [request_of(name, messages=request_of("a").messages) for name in "ab"]
    chat = ScriptedTeacher(lambda request: RequestFailed("HTTP 500"), delay_seconds=0.01)
    completed = complete(requests, teacher_of(chat, tmp_path), read_good)
    assert [u.reason for u in completed.unanswered] == ["request failed"] * 2
    assert len(chat.asked) == 2


def test_samples_of_one_question_are_bought_each(tmp_path: Path) -> None:
    chat = ScriptedTeacher(lambda request: f"sample {request.sample}")
    requests = [request_of("a", sample=sample) for sample in range(3)]
    completed = complete(requests, teacher_of(chat, tmp_path), read_text)
    assert [a.value for a in completed.answered] == ["sample 0", "sample 1", "sample 2"]


def test_requests_are_pulled_as_they_are_needed(tmp_path: Path) -> None:
    """A million prompts must not stand in memory at once."""
    pulled = 0

    def many() -> Iterator[Request]:
        nonlocal pulled
        for i in range(3000):
            pulled += 1
            yield request_of(f"r{i}")

    most_ahead = 0

    async def script(request: Request) -> str:
        nonlocal most_ahead
        await asyncio.sleep(0)
        most_ahead = max(most_ahead, pulled - len(chat.asked))
        return "good"

    chat = ScriptedTeacher(script)
    complete(many(), teacher_of(chat, tmp_path, max_concurrency=8), read_good)
    assert len(chat.asked) == 3000
    assert most_ahead < 500


def test_results_are_never_made_into_text(tmp_path: Path) -> None:
    """asyncio.run writes out the result of its main task, which a million answers would not survive."""

    n_written = 0

    class Counting:
        def __repr__(self) -> str:
            nonlocal n_written
            n_written += 1
            return "Counting()"

    completed = complete(REQUESTS, teacher_of(ScriptedTeacher(echo), tmp_path), lambda _, __: Counting())
    assert len(completed.answered) == 5
    assert n_written == 0


def test_cost_comes_from_the_price_table(tmp_path: Path) -> None:
    chat = ScriptedTeacher(lambda request: completion_of("good", cost_usd=None), model="r1")
    teacher = teacher_of(chat, tmp_path, price=Price(100_000.0, 200_000.0))
    completed = complete(REQUESTS, teacher, read_good)
    assert [a.completion.cost_usd for a in completed.answered] == [2.0] * 5
    assert completed.usage.total.cost_usd == 10.0
    assert [entry.cost_usd for entry in teacher.store.ledger()] == [2.0] * 5
    again = complete(REQUESTS, teacher, read_good)
    assert figures(again.usage) == (5, 0, 5, 0, 0, 0, 0.0)


def test_one_unknown_price_makes_the_sum_unknown(tmp_path: Path) -> None:
    chat = ScriptedTeacher(lambda request: completion_of("x", cost_usd=None if request.record_id == "b" else 1.0))
    assert complete(REQUESTS, teacher_of(chat, tmp_path), read_good).usage.total.cost_usd is None


def test_sum_of_costs_does_not_depend_on_the_order_of_answers(tmp_path: Path) -> None:
    """0.1 + 0.2 + 0.3 has two values, by the order of adding."""
    costs = dict(zip("abcde", (0.1, 0.2, 0.3, 1e16, -1e16), strict=True))
    for order in ("abcde", "edcba", "daceb"):

        async def script(request: Request, order: str = order) -> Completion:
            await asyncio.sleep(0.01 * order.index(request.record_id))
            return completion_of("x", cost_usd=costs[request.record_id])

        chat = ScriptedTeacher(script, model=order)
        completed = complete(REQUESTS, teacher_of(chat, tmp_path, max_concurrency=5), read_good)
        assert completed.usage.total.cost_usd == 0.6


def test_connections_are_closed_in_their_loop(tmp_path: Path) -> None:
    loops = []

    class Connected(ScriptedTeacher):
        async def aclose(self) -> None:
            loops.append(asyncio.get_running_loop())

    chat = Connected(lambda request: RequestRefused("no") if request.record_id == "b" else "good")
    complete(REQUESTS[:1], teacher_of(chat, tmp_path), read_good)
    with pytest.raises(RequestRefused):
        complete(REQUESTS, teacher_of(chat, tmp_path), read_good)
    assert len(loops) == 2


def test_complete_works_inside_a_running_loop(tmp_path: Path) -> None:
    """A notebook runs everything inside a loop of its own."""

    async def notebook() -> Any:
        return complete(REQUESTS, teacher_of(ScriptedTeacher(echo), tmp_path), read_text)

    assert len(asyncio.run(notebook()).answered) == 5


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("max_attempts", -1),
        ("max_retries", -1),
        ("backoff_seconds", -0.5),
        ("backoff_seconds", float("nan")),
    ],
)
def test_setting_out_of_range_is_named(tmp_path: Path, setting: str, value: float) -> None:
    with pytest.raises(UserError, match=f"{setting} must be [01] or more, got {value}"):
        teacher_of(ScriptedTeacher(echo), tmp_path, **{setting: value})


def interrupt_when(condition: Callable[[], bool]) -> threading.Thread:
    """Send Ctrl-C to this process as soon as a condition holds."""

    def watch() -> None:
        while not condition():
            time.sleep(0.002)
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=watch)
    thread.start()
    return thread


def test_ctrl_c_awaits_and_stores_what_is_in_flight(tmp_path: Path) -> None:
    async def slow(request: Request) -> str:
        await asyncio.sleep(0.1)
        return "good"

    chat = ScriptedTeacher(slow)
    teacher = teacher_of(chat, tmp_path, max_concurrency=3)
    watcher = interrupt_when(lambda: len(chat.asked) == 3)
    with pytest.raises(KeyboardInterrupt):
        complete((request_of(f"r{i}") for i in itertools.count()), teacher, read_good)
    watcher.join()
    assert len(chat.asked) == 3
    assert teacher.store.count() == 3


def test_ctrl_c_is_heard_while_stored_answers_are_read(tmp_path: Path) -> None:
    chat = ScriptedTeacher(echo)
    teacher = teacher_of(chat, tmp_path)
    complete(REQUESTS, teacher, read_text)
    n_read = 0

    def read(request: Request, completion: Completion) -> str:
        nonlocal n_read
        n_read += 1
        return completion.text

    watcher = interrupt_when(lambda: n_read > 100)
    with pytest.raises(KeyboardInterrupt):
        complete(itertools.cycle(REQUESTS), teacher, read)
    watcher.join()


def test_second_ctrl_c_stops_at_once_and_stores_what_has_arrived(tmp_path: Path) -> None:
    """The answer to a is in hand, held up behind a commit; the one to b never comes."""
    release = threading.Event()

    class SlowStore(CompletionStore):
        def put_many(self, purchases: Any) -> None:
            purchases = list(purchases)
            if threading.current_thread() is not threading.main_thread():
                release.wait(5)
            super().put_many(purchases)

    async def script(request: Request) -> str:
        if request.record_id == "c":
            await asyncio.sleep(3600)
        if request.record_id == "b":
            await asyncio.sleep(0.02)
        return "good"

    chat = ScriptedTeacher(script)
    teacher = replace(teacher_of(chat, tmp_path), store=SlowStore(tmp_path / "slow", 1))
    started = time.perf_counter()

    def interrupt_twice() -> None:
        time.sleep(0.2)
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.2)
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.1)
        release.set()

    watcher = threading.Thread(target=interrupt_twice)
    watcher.start()
    with pytest.raises(KeyboardInterrupt):
        complete(REQUESTS[:3], teacher, read_good)
    watcher.join()
    assert time.perf_counter() - started < 5
    assert sorted(entry.record_id for entry in teacher.store.ledger()) == ["a", "b"]


def test_ctrl_c_in_a_notebook_stops_the_run_too(tmp_path: Path) -> None:
    chat = ScriptedTeacher(echo, delay_seconds=0.05)
    teacher = teacher_of(chat, tmp_path)

    async def notebook() -> None:
        # A kernel's own handling of SIGINT: the exception rises wherever the code stands.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        complete((request_of(f"r{i}") for i in itertools.count()), teacher, read_text)

    watcher = interrupt_when(lambda: len(chat.asked) >= 4)
    with pytest.raises(KeyboardInterrupt):
        asyncio.run(notebook())
    watcher.join()
    assert teacher.store.count() == len(chat.asked)


def test_killed_run_buys_again_only_what_was_in_flight(tmp_path: Path) -> None:
    program = textwrap.dedent(
        """
        import asyncio, sys
        from pathlib import Path
        from fakes.requests import request_of
        from fakes.scripted import ScriptedTeacher, teacher_of
        from linkqa_kedro.teacher.completing import complete

        def read(request, completion):
            print(request.record_id, flush=True)

        chat = ScriptedTeacher(lambda request: "good", delay_seconds=0.005)
        requests = (request_of(f"r{i}") for i in range(100_000))
        complete(requests, teacher_of(chat, Path(sys.argv[1])), read)
        """
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path)],
        stdout=subprocess.PIPE,
        text=True,
        env={"PYTHONPATH": str(TESTS), "PATH": ""},
    )
    assert process.stdout is not None
    read = [process.stdout.readline().strip() for _ in range(40)]
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=30)
    second = ScriptedTeacher(echo)
    completed = complete((request_of(name) for name in read), teacher_of(second, tmp_path), read_text)
    assert second.asked == []
    assert [a.value for a in completed.answered] == ["good"] * 40


def test_an_unusable_answer_that_would_come_again_is_not_asked_for_again(tmp_path: Path) -> None:
    def read(request: Request, completion: Completion) -> str:
        raise ReplyUnusable("refused by content filter", "no", is_final=True)

    chat = ScriptedTeacher(echo)
    completed = complete(REQUESTS, teacher_of(chat, tmp_path, max_attempts=3), read)
    assert len(chat.asked) == 5
    assert {u.reason for u in completed.unanswered} == {"refused by content filter"}


def test_an_endpoint_that_turns_everything_down_stops_the_run(tmp_path: Path) -> None:
    chat = ScriptedTeacher(lambda request: ReplyUnusable("rejected by endpoint", "HTTP 400 (max_tokens is too large)"))
    requests = [request_of(f"r{i}") for i in range(100)]
    teacher = teacher_of(chat, tmp_path, max_concurrency=1)
    with pytest.raises(RequestRefused, match=r"turned down the first 10 requests.*max_tokens is too large"):
        complete(requests, teacher, read_good)
    assert len(chat.asked) < 100


def test_requests_turned_down_among_answers_cost_themselves_alone(tmp_path: Path) -> None:
    def script(request: Request) -> str | Exception:
        is_bad = int(request.record_id[1:]) % 2
        return ReplyUnusable("rejected by endpoint", "too long") if is_bad else "good"

    requests = [request_of(f"r{i}") for i in range(60)]
    completed = complete(requests, teacher_of(ScriptedTeacher(script), tmp_path), read_good)
    assert (len(completed.answered), len(completed.unanswered)) == (30, 30)


def test_an_endpoint_that_died_stops_the_run_instead_of_rejecting_every_row(tmp_path: Path) -> None:
    n_answered = itertools.count()

    def script(request: Request) -> str | Exception:
        return "good" if next(n_answered) < 20 else RequestFailed("HTTP 503")

    requests = [request_of(f"r{i}") for i in range(200)]
    teacher = teacher_of(ScriptedTeacher(script), tmp_path)
    with pytest.raises(RequestRefused, match=r"does not answer: 3 requests were given up.*HTTP 503.*run the same"):
        complete(requests, teacher, read_good)
    assert teacher.store.count() == 20


def test_records_that_fail_whatever_the_endpoint_does_for_others_cost_themselves_alone(tmp_path: Path) -> None:
    bad = {"r5", "r6", "r7", "r8"}
    requests = [request_of(f"r{i}") for i in range(100)]
    script = ScriptedTeacher(
        lambda request: RequestFailed("HTTP 500") if request.record_id in bad else "good", "m", 0.002
    )
    completed = complete(requests, teacher_of(script, tmp_path, max_retries=3, backoff_seconds=0.02), read_good)
    assert {u.request.record_id for u in completed.unanswered} == bad
    assert len(completed.answered) == 96


def test_pauses_grow_only_while_nobody_is_answered(tmp_path: Path) -> None:
    """Ten doubled pauses of five milliseconds are five seconds; ten single ones a tenth of that."""
    flaky = failing(10, RequestFailed("HTTP 500"))
    script = ScriptedTeacher(lambda request: flaky(request) if request.record_id == "r0" else "good", "m", 0.01)
    started = time.perf_counter()
    requests = [request_of(f"r{i}") for i in range(400)]
    completed = complete(requests, teacher_of(script, tmp_path, max_retries=12, backoff_seconds=0.005), read_good)
    assert len(completed.answered) == 400
    assert time.perf_counter() - started < 4


def test_an_overloaded_endpoint_is_asked_more_often_than_a_broken_one(tmp_path: Path) -> None:
    """It says itself that it will answer: giving up after max_retries would cost rows."""
    chat = ScriptedTeacher(failing(12, Overloaded("HTTP 429")))
    completed = complete(REQUESTS, teacher_of(chat, tmp_path, max_retries=2), read_good)
    assert len(completed.answered) == 5
    assert completed.usage.total.failures == {"429": 60}


def test_outcomes_are_handed_on_in_order_and_never_far_ahead(tmp_path: Path) -> None:
    pulled = 0

    def requests() -> Iterator[Request]:
        nonlocal pulled
        for i in range(MAX_AHEAD + 500):
            pulled += 1
            yield request_of(f"r{i}")

    async def first_is_slow(request: Request) -> str:
        if request.record_id == "r0":
            for _ in range(400):
                await asyncio.sleep(0.01)
                if pulled >= MAX_AHEAD:
                    break
            await asyncio.sleep(0.1)
            assert pulled <= MAX_AHEAD + 400
        return request.record_id

    names: list[str] = []

    def deliver(outcome: Answered[str] | Unanswered) -> None:
        assert isinstance(outcome, Answered)
        names.append(outcome.value)

    teacher = teacher_of(ScriptedTeacher(first_is_slow), tmp_path, max_concurrency=32)
    usage = complete_each(requests(), teacher, read_text, deliver)
    assert names == [f"r{i}" for i in range(MAX_AHEAD + 500)]
    assert usage.total.bought == MAX_AHEAD + 500


def test_each_role_is_asked_of_its_own_model(tmp_path: Path) -> None:
    annotator, judge = ScriptedTeacher(echo, model="small"), ScriptedTeacher(echo, model="large")
    by_role: dict[Role, TeacherModel] = {"rate": TeacherModel(judge, EndpointGate(2))}
    teacher = replace(teacher_of(annotator, tmp_path), by_role=by_role)
    requests = [request_of("a"), request_of("b", role="rate"), request_of("c")]
    completed = complete(requests, teacher, read_text)
    assert [request.record_id for request in annotator.asked] == ["a", "c"]
    assert [request.record_id for request in judge.asked] == ["b"]
    assert completed.usage.model_of == {"annotate": "small", "rate": "large"}
    assert {entry.model for entry in teacher.store.ledger()} == {"small", "large"}


def test_a_spent_budget_stops_the_run_with_every_answer_stored(tmp_path: Path) -> None:
    requests = [request_of(f"r{i}") for i in range(200)]
    worst = sum(teacher_of(ScriptedTeacher(echo), tmp_path).model.chat.most_tokens(requests[0]))
    limited = replace(teacher_of(ScriptedTeacher(echo), tmp_path), budget=Budget(Limits(max_tokens=worst + 300)))
    with pytest.raises(BudgetSpent, match="budget of the run is spent"):
        complete(requests, limited, read_good)
    bought = [
        entry.input_tokens + entry.output_tokens
        for entry in limited.store.ledger()
        if entry.input_tokens and entry.output_tokens
    ]
    assert worst - 100 < sum(bought) + worst <= worst + 300 + worst
    assert sum(bought) <= worst + 300
    second = ScriptedTeacher(echo)
    completed = complete(requests, teacher_of(second, tmp_path), read_good)
    assert len(second.asked) == 200 - len(bought)
    assert len(completed.answered) == 200


def test_answers_behind_a_gap_of_an_earlier_run_count_before_anything_is_bought(tmp_path: Path) -> None:
    """An earlier run stopped while early requests waited for their retries."""
    requests = [request_of(f"r{i}") for i in range(300)]
    limit = Limits(max_tokens=3000)

    def first(request: Request) -> str | Exception:
        is_early = int(request.record_id[1:]) < 40
        return RequestFailed("HTTP 503", retry_after_seconds=5) if is_early else "good"

    teacher = teacher_of(ScriptedTeacher(first), tmp_path, max_concurrency=8, max_retries=5)
    with pytest.raises(BudgetSpent):
        complete(requests, replace(teacher, budget=Budget(limit)), read_good)
    n_stored = teacher.store.count()
    assert n_stored > 50
    second = ScriptedTeacher(echo)
    with pytest.raises(BudgetSpent):
        complete(requests, replace(teacher_of(second, tmp_path), budget=Budget(limit)), read_good)
    assert len(second.asked) + n_stored <= 3000 / 15
    assert len(second.asked) <= 10


def test_a_run_whose_answers_are_all_stored_is_never_stopped_by_its_budget(tmp_path: Path) -> None:
    complete(REQUESTS, teacher_of(ScriptedTeacher(echo), tmp_path), read_text)
    tight = replace(teacher_of(ScriptedTeacher(echo), tmp_path), budget=Budget(Limits(max_tokens=1)))
    assert len(complete(REQUESTS, tight, read_text).answered) == 5


def test_what_is_asked_waits_for_a_store_that_can_take_the_answer(tmp_path: Path) -> None:
    class FullDisk(CompletionStore):
        def prepare(self) -> None:
            raise UserError("no space left")

    chat = ScriptedTeacher(echo)
    with pytest.raises(UserError, match="no space left"):
        complete(REQUESTS, replace(teacher_of(chat, tmp_path), store=FullDisk(tmp_path, 1)), read_text)
    assert chat.asked == []


def test_progress_tells_what_is_in_flight_bought_and_broken(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    fail_once = failing(1, RequestFailed("HTTP 503", kind="HTTP 503"))

    async def slowly(request: Request) -> Any:
        await asyncio.sleep(0.3)
        return (
            completion_of("good", cost_usd=0.5) if fail_once(request) == "good" else RequestFailed("", kind="HTTP 503")
        )

    caplog.set_level("INFO")
    teacher = teacher_of(ScriptedTeacher(slowly), tmp_path, max_concurrency=2)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("linkqa_kedro.progress.LINE_SECONDS", 0.2)
        complete(REQUESTS, teacher, read_good, n_expected=5)
    said = " ".join(record.getMessage() for record in caplog.records)
    for part in ("annotate: ", " of 5 requests", "2 in flight", "tokens", "USD", "troubles: ", "HTTP 503"):
        assert part in said


def test_two_refusals_at_once_end_a_run_in_which_equal_requests_wait(tmp_path: Path) -> None:
    """A worker that is called off twice must not take it for a second Ctrl-C, and leave others waiting for ever."""
    gathered = asyncio.Event()

    async def script(request: Request) -> str:
        if request.record_id in ("a", "b"):
            await gathered.wait()
            raise RequestRefused("Set LINKQA_API_KEY.")
        if request.record_id == "c":
            gathered.set()
            raise RequestFailed("busy", retry_after_seconds=30.0)
        return "good"

    requests = [request_of("a"), request_of("b"), request_of("c"), request_of("c"), request_of("c")]
    started = time.perf_counter()
    with pytest.raises(RequestRefused):
        complete(requests, teacher_of(ScriptedTeacher(script), tmp_path, max_concurrency=5), read_good)
    assert time.perf_counter() - started < 10


def test_the_rate_is_kept_by_requests_that_waited_for_the_budget(tmp_path: Path) -> None:
    """The first reserves all there is; when it turns out cheap, the others are let go one by one."""
    sent: list[float] = []

    async def script(request: Request) -> str:
        sent.append(time.perf_counter())
        await asyncio.sleep(0.2 if request.record_id == "r0" else 0.0)
        return "good"

    requests = [request_of(f"r{i}") for i in range(20)]
    chat = ScriptedTeacher(script)
    worst = sum(chat.most_tokens(requests[0]))
    model = TeacherModel(chat, EndpointGate(32, requests_per_minute=600))
    teacher = replace(teacher_of(chat, tmp_path), model=model, budget=Budget(Limits(max_tokens=worst + 350)))
    complete(requests, teacher, read_good)
    others = sent[1:]
    assert len(others) == 19
    assert others[-1] - others[0] >= 0.8  # ten at once, then ten a second


def test_what_may_be_charged_for_lost_answers_counts_in_the_next_run_too(tmp_path: Path) -> None:
    requests = [request_of(f"r{i}") for i in range(20)]
    limit = Limits(max_tokens=3 * 400)

    def lost(request: Request) -> Exception:
        return RequestFailed("cut off", may_be_paid=True, kind="broken connection")

    first = ScriptedTeacher(lost)
    with pytest.raises(BudgetSpent, match="broke on their way"):
        complete(requests, replace(teacher_of(first, tmp_path), budget=Budget(limit)), read_good)
    assert 1 <= len(first.asked) <= 3
    second = ScriptedTeacher(echo)
    with pytest.raises(BudgetSpent, match=r"in earlier runs.*broke on their way"):
        complete(requests, replace(teacher_of(second, tmp_path), budget=Budget(limit)), read_good)
    assert len(first.asked) + len(second.asked) <= 4
    third = ScriptedTeacher(echo)
    assert len(complete(requests, teacher_of(third, tmp_path), read_good).answered) == 20
