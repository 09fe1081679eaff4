"""Whatever a server does wrong, every request is accounted for: the server's counts are held against our ledger."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from endpoints.faulty_server import COMPLETIONS, KINDS, MADE_AN_ANSWER, Counts, FaultyServer, Settings, reply_text
from fakes.requests import request_of
from linkqa_kedro.teacher import rate_limits
from linkqa_kedro.teacher.budget import Budget, BudgetSpent, Limits
from linkqa_kedro.teacher.completing import complete_each
from linkqa_kedro.teacher.completion_store import CompletionStore, LedgerEntry
from linkqa_kedro.teacher.concurrency import EndpointGate
from linkqa_kedro.teacher.openai_compatible import OpenAICompatibleModel
from linkqa_kedro.teacher.pricing import Price
from linkqa_kedro.teacher.replies import parse_json_object
from linkqa_kedro.teacher.requests import Answered, Completion, Request, Unanswered
from linkqa_kedro.teacher.teacher import Teacher, TeacherModel
from linkqa_kedro.teacher.usage import RoleUsage

FAULT_FRACTION = 0.05
# Where a server hangs; and everywhere else, so that a busy machine adds no timeout of its own.
TIMEOUT_SECONDS, PATIENT_SECONDS = 1.0, 30.0
REQUESTS = [request_of(f"r{i}") for i in range(200)]

# How each fault that brings no completion is counted.
FAILURE_OF = {
    "429": "429",
    "429 with Retry-After": "429",
    "500": "HTTP 500",
    "503": "HTTP 503",
    "HTML 502": "HTTP 502",
    "error in a 200": "HTTP 200",
    "reset": "broken connection",
    "cut body": "broken connection",
    "hang": "timeout",
    "slow bytes": "timeout",
    "no choices": "no message",
}
# What can be wrong with a completion, see parse_json_object, and what `complete` adds.
REASON_OF = {
    "cut JSON": "not JSON",
    "length": "cut by length",
    "empty": "empty answer",
    "null": "empty answer",
    "content filter": "refused by content filter",
}
REASONS = {*REASON_OF.values(), "request failed", "rejected by endpoint"}


@pytest.fixture(scope="module")
def running_server() -> Iterator[FaultyServer]:
    with FaultyServer() as server:
        yield server


@pytest.fixture
def server(running_server: FaultyServer) -> FaultyServer:
    running_server.behave(Settings())
    return running_server


def read_json(request: Request, completion: Completion) -> dict[str, Any]:
    """What every stage's `read` begins with."""
    return parse_json_object(completion).fields


def prompt_of(request: Request) -> str:
    return "\n\n".join(message["content"] for message in request.messages)


@dataclass
class Run:
    """What one call of `complete_each` came to, on both sides."""

    outcomes: list[Answered[dict[str, Any]] | Unanswered]
    usage: RoleUsage
    counts: Counts
    ledger: list[LedgerEntry]

    @property
    def answered(self) -> list[Answered[dict[str, Any]]]:
        return [outcome for outcome in self.outcomes if isinstance(outcome, Answered)]

    @property
    def unanswered(self) -> list[Unanswered]:
        return [outcome for outcome in self.outcomes if isinstance(outcome, Unanswered)]


def teacher_at(
    server: FaultyServer,
    folder: Path,
    gate: EndpointGate | None = None,
    timeout_seconds: float = PATIENT_SECONDS,
    **settings: Any,
) -> Teacher:
    chat = OpenAICompatibleModel("m", server.base_url, api_key=None, timeout_seconds=timeout_seconds)
    usual = {"max_attempts": 3, "max_retries": 8, "backoff_seconds": 0.01}
    model = TeacherModel(chat, gate or EndpointGate(16), settings.pop("price", None))
    return Teacher(model, CompletionStore(folder / "completions", 2), **{**usual, **settings})


def ask(server: FaultyServer, teacher: Teacher, requests: list[Request] = REQUESTS) -> Run:
    outcomes: list[Answered[dict[str, Any]] | Unanswered] = []
    usage = complete_each(requests, teacher, read_json, outcomes.append)
    return Run(outcomes, usage.total, server.counts(), list(teacher.store.ledger()))


def assert_all_is_accounted_for(run: Run, store: CompletionStore, requests: list[Request] = REQUESTS) -> None:
    assert [outcome.request.record_id for outcome in run.outcomes] == [request.record_id for request in requests]
    for answered in run.answered:
        assert answered.value == json.loads(reply_text(prompt_of(answered.request)))
        assert answered.completion.text
        assert (answered.completion.input_tokens, answered.completion.output_tokens) > (0, 0)
        assert store.get(answered.key) == answered.completion
    for unanswered in run.unanswered:
        assert unanswered.reason in REASONS
        assert unanswered.detail
    # Whatever the server made is in the ledger, or known to have been lost on its way.
    # A busy machine may add timeouts of its own, before the server has made anything.
    assert run.usage.bought <= run.counts.n_served <= run.usage.bought + run.usage.uncertain
    keys = Counter(entry.key for entry in run.ledger)
    assert set(keys.values()) == {1}, "something was bought twice"
    assert set(store.get_many(keys)) == set(keys)
    assert all(entry.input_tokens and entry.output_tokens for entry in run.ledger)


def assert_a_second_run_buys_only_what_failed(server: FaultyServer, folder: Path, first: Run) -> None:
    server.behave(Settings())
    second = ask(server, teacher_at(server, folder))
    failed = {outcome.key for outcome in first.unanswered if outcome.reason == "request failed"}
    assert second.counts.asked == Counter(prompt_of(o.request) for o in first.unanswered if o.key in failed)
    assert len(second.ledger) == len(first.ledger) + len(failed)
    unusable = [outcome for outcome in first.unanswered if outcome.key not in failed]
    assert [(o.key, o.reason) for o in second.unanswered] == [(o.key, o.reason) for o in unusable]


@pytest.mark.parametrize("kind", FAILURE_OF)
def test_a_failure_that_brings_no_completion_is_tried_again(server: FaultyServer, tmp_path: Path, kind: str) -> None:
    server.behave(Settings(fault_fraction=FAULT_FRACTION, kinds=(kind,)))
    hangs = FAILURE_OF[kind] == "timeout"
    teacher = teacher_at(server, tmp_path, timeout_seconds=TIMEOUT_SECONDS if hangs else PATIENT_SECONDS)
    run = ask(server, teacher)
    assert_all_is_accounted_for(run, teacher.store)
    n_faults = run.counts.faults[kind]
    assert n_faults > 0
    assert run.unanswered == []
    assert len(run.ledger) == len(REQUESTS)
    n_failures = run.usage.failures[FAILURE_OF[kind]]
    assert n_failures >= n_faults if hangs else n_failures == n_faults
    assert run.usage.uncertain == n_failures * MADE_AN_ANSWER[kind]
    assert_a_second_run_buys_only_what_failed(server, tmp_path, run)


@pytest.mark.parametrize("kind", [kind for kind in COMPLETIONS if kind != "content filter"])
def test_an_unusable_completion_is_kept_and_asked_for_afresh(server: FaultyServer, tmp_path: Path, kind: str) -> None:
    server.behave(Settings(fault_fraction=FAULT_FRACTION, kinds=(kind,)))
    teacher = teacher_at(server, tmp_path)
    run = ask(server, teacher)
    assert_all_is_accounted_for(run, teacher.store)
    assert run.unanswered == []
    assert run.usage.unusable == run.counts.faults[kind] > 0
    assert len(run.ledger) == len(REQUESTS) + run.counts.faults[kind]
    assert_a_second_run_buys_only_what_failed(server, tmp_path, run)


@pytest.mark.parametrize("kind", [kind for kind in COMPLETIONS if kind != "content filter"])
def test_where_no_attempt_is_left_the_row_says_why(server: FaultyServer, tmp_path: Path, kind: str) -> None:
    server.behave(Settings(fault_fraction=FAULT_FRACTION, kinds=(kind,)))
    teacher = teacher_at(server, tmp_path, max_attempts=0)
    run = ask(server, teacher)
    assert_all_is_accounted_for(run, teacher.store)
    assert {outcome.reason for outcome in run.unanswered} == {REASON_OF[kind]}
    assert len(run.unanswered) == run.counts.faults[kind]
    assert len(run.ledger) == len(REQUESTS)


def test_what_a_content_filter_refused_is_not_bought_again(server: FaultyServer, tmp_path: Path) -> None:
    """The same words meet the same filter: a fresh attempt would be paid for and refused."""
    server.behave(Settings(fault_fraction=FAULT_FRACTION, kinds=("content filter",)))
    teacher = teacher_at(server, tmp_path)
    run = ask(server, teacher)
    assert_all_is_accounted_for(run, teacher.store)
    assert {outcome.reason for outcome in run.unanswered} == {"refused by content filter"}
    assert len(run.unanswered) == run.counts.faults["content filter"] > 0
    assert set(run.counts.asked.values()) == {1}
    assert_a_second_run_buys_only_what_failed(server, tmp_path, run)


@pytest.mark.parametrize("seed", [0, 1])
def test_all_faults_together_lose_nothing(server: FaultyServer, tmp_path: Path, seed: int) -> None:
    """Four requests of five go wrong."""
    server.behave(Settings(latency_seconds=0.002, fault_fraction=FAULT_FRACTION, kinds=KINDS, seed=seed))
    teacher = teacher_at(server, tmp_path, EndpointGate(64), TIMEOUT_SECONDS, backoff_seconds=0.002)
    run = ask(server, teacher)
    assert_all_is_accounted_for(run, teacher.store)
    assert set(run.counts.faults) == set(KINDS)
    assert set(run.usage.failures) == set(FAILURE_OF.values())
    assert_a_second_run_buys_only_what_failed(server, tmp_path, run)


def test_the_same_faults_end_with_the_same_rows(server: FaultyServer, tmp_path: Path) -> None:
    """Answers alone decide what becomes of a request, not the order in which they come."""
    ends = []
    for max_concurrency in (8, 64):
        server.behave(Settings(fault_fraction=FAULT_FRACTION, kinds=COMPLETIONS))
        teacher = teacher_at(server, tmp_path / str(max_concurrency), EndpointGate(max_concurrency), max_attempts=1)
        run = ask(server, teacher)
        ends.append([(outcome.key, type(outcome), getattr(outcome, "reason", "")) for outcome in run.outcomes])
    assert ends[0] == ends[1]


PRICE = Price(input_usd_per_million=100.0, output_usd_per_million=400.0)


def usd_of(counts: Counts) -> float:
    """What a service would charge for all that it made."""
    n_output = counts.served_tokens - counts.served_prompt_tokens
    per_million = counts.served_prompt_tokens * PRICE.input_usd_per_million + n_output * PRICE.output_usd_per_million
    return per_million / 1_000_000


@pytest.mark.parametrize("seed", [0, 1])
def test_a_limit_of_tokens_is_never_passed_on_the_servers_side(server: FaultyServer, tmp_path: Path, seed: int) -> None:
    """Answers that broke on their way count too."""
    settings = Settings(latency_seconds=0.005, fault_fraction=FAULT_FRACTION, kinds=KINDS, seed=seed)
    server.behave(settings)
    limited = teacher_at(server, tmp_path, EndpointGate(64), TIMEOUT_SECONDS, budget=Budget(Limits(max_tokens=25_000)))
    with pytest.raises(BudgetSpent, match="max_tokens is 25,000"):
        ask(server, limited)
    assert 0 < server.counts().served_tokens <= 25_000
    assert_it_goes_on(server, tmp_path, Budget(Limits(max_tokens=1_000_000)))


@pytest.mark.parametrize("seed", [0, 1])
def test_a_limit_of_dollars_is_never_passed_on_the_servers_side(
    server: FaultyServer, tmp_path: Path, seed: int
) -> None:
    server.behave(Settings(latency_seconds=0.005, fault_fraction=FAULT_FRACTION, kinds=KINDS, seed=seed))
    limited = teacher_at(
        server, tmp_path, EndpointGate(64), TIMEOUT_SECONDS, budget=Budget(Limits(max_usd=4.0)), price=PRICE
    )
    with pytest.raises(BudgetSpent, match="max_usd is 4"):
        ask(server, limited)
    assert 0 < usd_of(server.counts()) <= 4.0
    assert_it_goes_on(server, tmp_path, Budget(Limits(max_usd=100.0)), price=PRICE)


def assert_it_goes_on(server: FaultyServer, folder: Path, budget: Budget, **settings: Any) -> None:
    """With a raised limit the run ends, and pays for nothing that is stored."""
    with CompletionStore(folder / "completions", 2) as store:
        before = list(store.ledger())
    assert before
    server.behave(Settings())
    run = ask(server, teacher_at(server, folder, budget=budget, **settings))
    assert [outcome.request.record_id for outcome in run.outcomes] == [request.record_id for request in REQUESTS]
    assert run.counts.n_served == len(run.ledger) - len(before) > 0
    assert set(Counter(entry.key for entry in run.ledger).values()) == {1}


def test_an_endpoint_that_bears_less_than_allowed_is_asked_as_much_as_it_bears(
    server: FaultyServer, tmp_path: Path
) -> None:
    """The first requests find out, and what was learnt stays with the gate."""
    gate = EndpointGate(64)
    wasted = []
    for requests in (REQUESTS, [request_of(f"s{i}") for i in range(1000)]):
        server.behave(Settings(latency_seconds=0.05, max_concurrency=20))
        teacher = teacher_at(server, tmp_path, gate, max_retries=0, backoff_seconds=0.05)
        run = ask(server, teacher, requests)
        assert [outcome for outcome in run.outcomes if isinstance(outcome, Unanswered)] == []
        assert run.counts.n_served == len(requests)
        assert run.counts.max_in_flight <= 20
        wasted.append(run.counts.n_turned_away / len(requests))
    assert wasted[0] <= 0.6  # 44 of the first 64, and those that came before it had learnt
    assert wasted[1] <= 0.05


def test_a_server_with_a_rate_limit_turns_nobody_away(
    server: FaultyServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Minutes of one second. The server's is a little shorter: a request may take longer to it than the one after."""
    monkeypatch.setattr(rate_limits, "WINDOW_SECONDS", 1.0)
    strict = Settings(max_requests=40, window_seconds=0.85)
    server.behave(strict)
    kept = teacher_at(server, tmp_path / "kept", EndpointGate(64, requests_per_minute=40))
    run = ask(server, kept, REQUESTS[:100])
    assert len(run.answered) == 100
    assert run.counts.n_turned_away == 0

    server.behave(strict)
    unkept = teacher_at(server, tmp_path / "unkept", EndpointGate(64))
    assert ask(server, unkept, REQUESTS[:60]).counts.n_turned_away > 0, "the server has no limit to keep to"
