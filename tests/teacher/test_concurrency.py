import asyncio
import heapq
import random
from collections.abc import Coroutine
from typing import Any

import pytest

from linkqa_kedro.teacher.backoff import MAX_PAUSE_SECONDS
from linkqa_kedro.teacher.concurrency import FIRST_LIMIT, AdaptiveLimit, EndpointGate, Ticket


async def enter(gate: EndpointGate, most_tokens: int = 1, is_retry: bool = False) -> Ticket:
    """All that a request waits for at the gate, nothing between."""
    ticket = await gate.take_place(is_retry)
    await gate.wait_for_the_rate(ticket, most_tokens)
    return ticket


def run(work: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(asyncio.wait_for(work, 20))


def test_the_limit_doubles_with_every_round_of_answers_up_to_the_highest() -> None:
    limit = AdaptiveLimit(500)
    assert limit.limit == FIRST_LIMIT
    for _ in range(FIRST_LIMIT):
        limit.succeeded(is_used_up=True)
    assert limit.limit == 2 * FIRST_LIMIT
    for _ in range(1000):
        limit.succeeded(is_used_up=True)
    assert limit.limit == 500


def test_the_limit_stays_where_it_holds_nobody_back() -> None:
    limit = AdaptiveLimit(500)
    for _ in range(1000):
        limit.succeeded(is_used_up=False)
    assert limit.limit == FIRST_LIMIT


def after_doubling(limit: AdaptiveLimit, accepted: int) -> AdaptiveLimit:
    """The limit after a first refusal, beside which the server had accepted so many."""
    limit.refused(0, accepted)
    assert (limit.generation, limit.limit) == (1, accepted)
    return limit


def test_the_first_refusal_ends_the_doubling_at_what_the_server_has_accepted() -> None:
    limit = after_doubling(AdaptiveLimit(64), accepted=40)
    for _ in range(5):  # sent before the doubling ended, and counted as accepted then
        assert not limit.refused(0, 39)
    assert limit.limit == 35


def test_one_burst_cuts_once_however_many_refusals_it_brings() -> None:
    limit = after_doubling(AdaptiveLimit(64), accepted=40)
    cuts = [limit.refused(generation=1, n_others=39) for _ in range(40)]
    assert cuts == [False, False, True, *[False] * 37]
    assert limit.limit == 36


def test_a_failure_of_another_kind_breaks_a_row_of_refusals() -> None:
    limit = after_doubling(AdaptiveLimit(64), accepted=40)
    for _ in range(5):
        limit.refused(1, 39)
        limit.failed()
    assert limit.limit == 40


def test_after_a_cut_the_limit_grows_by_one_a_round_and_slower_near_the_last_burst() -> None:
    limit = after_doubling(AdaptiveLimit(64), accepted=40)
    for _ in range(3):
        limit.refused(1, 39)
    for _ in range(36 + 37 + 38 + 3):  # three rounds, and a little
        limit.succeeded(is_used_up=True)
    assert limit.limit == 39
    for _ in range(39):
        limit.succeeded(is_used_up=True)
    assert limit.limit == 39


@pytest.mark.parametrize("share", [0.05, 0.10])
def test_refusals_at_random_are_no_burst(share: float) -> None:
    """A server that refuses now and then, whatever the load, is not asked less."""
    limit, draw = AdaptiveLimit(64), random.Random(7)
    total = 0
    for _ in range(20_000):
        if draw.random() < share:
            limit.refused(limit.generation, limit.limit - 1)
        else:
            limit.succeeded(is_used_up=True)
        total += limit.limit
    assert total / 20_000 > 0.75 * 64


def test_it_never_falls_below_one() -> None:
    limit = AdaptiveLimit(4)
    for _ in range(100):
        limit.refused(limit.generation, limit.limit - 1)
    assert limit.limit == 1


@pytest.mark.parametrize(("bears", "highest"), [(100, 256), (20, 64), (150, 256)])
def test_it_finds_what_a_server_bears_and_wastes_little(bears: int, highest: int) -> None:
    """A simulation: answers take a second, refusals ten milliseconds, and come back after a second."""
    limit = AdaptiveLimit(highest)
    answered = refused = in_flight = n_served = 0
    now, events = 0.0, []
    while answered < 4000:
        while in_flight < limit.limit:
            in_flight += 1
            accepted = n_served < bears
            n_served += accepted
            heapq.heappush(events, (now + (1.0 if accepted else 0.01), in_flight, accepted, limit.generation))
        now, _, accepted, generation = heapq.heappop(events)
        is_used_up = in_flight >= limit.limit
        in_flight -= 1
        if accepted:
            answered += 1
            n_served -= 1
            limit.succeeded(is_used_up)
        else:
            refused += 1
            limit.refused(generation, in_flight)
    assert refused / answered <= 0.05
    assert answered / now >= 0.85 * bears


def test_no_more_are_in_flight_than_allowed() -> None:
    async def work() -> int:
        gate = EndpointGate(3)
        most = 0

        async def ask() -> None:
            nonlocal most
            ticket = await enter(gate)
            most = max(most, gate.n_in_flight)
            await asyncio.sleep(0.001)
            gate.leave(ticket, None)

        await asyncio.gather(*(ask() for _ in range(30)))
        assert gate.n_in_flight == 0
        return most

    assert run(work()) == 3


def test_retries_go_before_those_that_were_not_sent_yet() -> None:
    async def work() -> list[str]:
        gate = EndpointGate(1)
        order: list[str] = []
        first = await enter(gate)

        async def ask(name: str, is_retry: bool) -> None:
            ticket = await enter(gate, 1, is_retry)
            order.append(name)
            gate.leave(ticket, None)

        asked = [asyncio.create_task(ask(name, name == "retry")) for name in ("new 1", "new 2", "retry")]
        await asyncio.sleep(0)
        gate.leave(first, None)
        await asyncio.gather(*asked)
        return order

    assert run(work()) == ["retry", "new 1", "new 2"]


def test_a_place_is_not_lost_when_the_one_who_waits_for_it_is_called_off() -> None:
    async def work() -> None:
        gate = EndpointGate(1)
        first = await enter(gate)
        waiting = [asyncio.create_task(enter(gate)) for _ in range(3)]
        await asyncio.sleep(0)
        waiting[0].cancel()  # before its turn
        gate.leave(first, None)
        waiting[1].cancel()  # when it has been given the place, and has not yet woken
        ticket = await waiting[2]
        gate.leave(ticket, None)
        assert gate.n_in_flight == 0

    run(work())


def test_requests_keep_to_the_rate_whatever_the_concurrency() -> None:
    async def work() -> float:
        gate = EndpointGate(64, requests_per_minute=6000)
        started = asyncio.get_running_loop().time()

        async def ask() -> None:
            gate.leave(await enter(gate), 1)

        await asyncio.gather(*(ask() for _ in range(130)))
        return asyncio.get_running_loop().time() - started

    assert run(work()) >= 0.28  # a hundred at once, then one every ten milliseconds


def test_tokens_are_guessed_from_real_use_and_settled_with_it() -> None:
    async def work() -> float:
        gate = EndpointGate(8, tokens_per_minute=60_000)
        first = await enter(gate, 900)
        gate.leave(first, 10)
        started = asyncio.get_running_loop().time()
        tickets: list[Ticket] = [await enter(gate, 900) for _ in range(8)]
        for ticket in tickets:
            gate.leave(ticket, 10)
        return asyncio.get_running_loop().time() - started

    # Eight worst cases are 7,200 tokens, over six seconds' worth; what they really use is 80.
    assert run(work()) < 1.0


def test_a_burst_with_retry_after_holds_everybody_back_and_a_single_refusal_does_not() -> None:
    async def work() -> tuple[float, float]:
        gate = EndpointGate(8)
        loop = asyncio.get_running_loop()
        tickets = [await enter(gate) for _ in range(6)]
        gate.leave_refused(tickets[0], retry_after_seconds=0.2)
        for ticket in tickets[1:]:
            gate.leave(ticket, 1)
        started = loop.time()
        burst = [await enter(gate) for _ in range(4)]
        alone = loop.time() - started
        for ticket in burst:
            gate.leave_refused(ticket, retry_after_seconds=0.2)
        started = loop.time()
        gate.leave(await enter(gate), 1)
        return alone, loop.time() - started

    alone, all_of_them = run(work())
    assert alone < 0.1
    assert all_of_them >= 0.15


def test_no_pause_that_a_server_asks_for_is_endless() -> None:
    async def work() -> float:
        gate = EndpointGate(8)
        tickets = [await enter(gate) for _ in range(6)]
        gate.leave_refused(tickets[0], None)
        for ticket in tickets[1:]:
            gate.leave(ticket, 1)
        for ticket in [await enter(gate) for _ in range(4)]:
            gate.leave_refused(ticket, retry_after_seconds=86_400.0)
        return gate._seconds_to_wait(asyncio.get_running_loop().time(), 1)

    assert 0 < run(work()) <= MAX_PAUSE_SECONDS
