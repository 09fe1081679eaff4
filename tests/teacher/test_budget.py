import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkqa_kedro.teacher.budget import RUNS_TOGETHER, Amount, Budget, BudgetSpent, Limits, RunsTogether

KEY, OTHER_KEY = "1" * 64, "2" * 64


def run(work: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(asyncio.wait_for(work, 20))


def tokens(n: int) -> Amount:
    return Amount(n / 1000, n)


def test_what_fits_is_reserved_and_replaced_by_what_it_really_cost() -> None:
    async def work() -> None:
        budget = Budget(Limits(max_tokens=100))
        budget.settle(await budget.reserve("synthesis", tokens(90)), tokens(10))
        budget.settle(await budget.reserve("synthesis", tokens(90)), tokens(10))
        with pytest.raises(BudgetSpent, match=r"20 tokens spent for 2 answers; the next request may cost up to 90"):
            await budget.reserve("synthesis", tokens(90))

    run(work())


def test_a_request_waits_for_those_in_flight_to_turn_out_cheaper() -> None:
    async def work() -> None:
        budget = Budget(Limits(max_tokens=100))
        first = await budget.reserve("synthesis", tokens(60))
        second = asyncio.create_task(budget.reserve("synthesis", tokens(60)))
        await asyncio.sleep(0.01)
        assert not second.done()
        budget.settle(first, tokens(40))
        budget.settle(await second, tokens(60))

    run(work())


def test_a_request_that_waited_in_vain_stops_the_run() -> None:
    async def work() -> None:
        budget = Budget(Limits(max_tokens=100))
        first = await budget.reserve("synthesis", tokens(60))
        second = asyncio.create_task(budget.reserve("synthesis", tokens(60)))
        await asyncio.sleep(0.01)
        budget.settle(first, tokens(60))
        with pytest.raises(BudgetSpent):
            await second

    run(work())


def test_a_failure_that_cost_nothing_gives_all_back() -> None:
    async def work() -> None:
        budget = Budget(Limits(max_usd=0.1))
        budget.settle(await budget.reserve("extraction", tokens(100)), None)
        budget.settle(await budget.reserve("extraction", tokens(100)), tokens(100))

    run(work())


def test_an_answer_that_broke_on_its_way_counts_as_spent() -> None:
    async def work() -> None:
        budget = Budget(Limits(max_usd=0.1))
        budget.settle_uncertain(await budget.reserve("extraction", tokens(60)))
        with pytest.raises(BudgetSpent, match=r"0\.0600 USD of it for answers that broke on their way"):
            await budget.reserve("extraction", tokens(60))

    run(work())


def test_a_stage_has_a_limit_of_its_own() -> None:
    async def work() -> None:
        budget = Budget(Limits(max_tokens=1000), {"synthesis": Limits(max_tokens=50)})
        budget.settle(await budget.reserve("extraction", tokens(500)), tokens(500))
        budget.settle(await budget.reserve("synthesis", tokens(50)), tokens(50))
        with pytest.raises(BudgetSpent, match=r"stage synthesis .*--params budget\.synthesis\.max_tokens="):
            await budget.reserve("synthesis", tokens(50))
        budget.settle(await budget.reserve("enhancement", tokens(400)), tokens(400))
        with pytest.raises(BudgetSpent, match=r"budget of the run .*--params budget\.max_tokens="):
            await budget.reserve("extraction", tokens(51))

    run(work())


def test_answers_of_earlier_runs_count_once() -> None:
    async def work() -> None:
        budget = Budget(Limits(max_tokens=100))
        for _ in range(3):
            budget.count_stored("synthesis", tokens(60), key="ab" * 32)
        reservation = await budget.reserve("synthesis", tokens(40))
        budget.settle(reservation, tokens(40), key="cd" * 32)
        budget.count_stored("synthesis", tokens(40), key="cd" * 32)
        with pytest.raises(BudgetSpent, match="100 tokens spent for 2 answers, 60 tokens of it in earlier runs"):
            await budget.reserve("synthesis", tokens(1))

    run(work())


def test_no_limit_never_stops() -> None:
    async def work() -> None:
        budget = Budget()
        for _ in range(100):
            budget.settle(await budget.reserve("synthesis", tokens(10**9)), tokens(10**9))

    run(work())


@given(
    st.lists(st.tuples(st.integers(1, 60), st.floats(0, 1)), max_size=60),
    st.integers(1, 300),
    st.integers(1, 8),
)
def test_the_limit_is_never_passed_in_whatever_order_answers_come(
    requests: list[tuple[int, float]], limit: int, n_workers: int
) -> None:
    async def work() -> None:
        budget = Budget(Limits(max_tokens=limit, max_usd=limit / 1000))
        spent = 0
        waiting = iter(enumerate(requests))

        async def worker() -> None:
            nonlocal spent
            for number, (worst, share) in waiting:
                try:
                    reservation = await budget.reserve("synthesis", tokens(worst))
                except BudgetSpent:
                    return
                for _ in range((number * 7) % 5):
                    await asyncio.sleep(0)
                used = int(worst * share)
                spent += used
                budget.settle(reservation, tokens(used))
                assert spent <= limit

        await asyncio.gather(*(worker() for _ in range(n_workers)))
        assert spent <= limit

    run(work())


def test_what_later_stages_spent_in_the_round_before_is_not_spent_by_earlier_ones() -> None:
    """Round 0 cost 40 and 50 of 100. Round 1 may buy 10 more, though its ratings are yet to be met again."""

    async def work() -> None:
        together = RunsTogether()
        token = RUNS_TOGETHER.set(together)
        first, second = (Budget(Limits(max_tokens=100)) for _ in range(2))
        RUNS_TOGETHER.reset(token)
        first.settle(await first.reserve("synthesis", tokens(40)), tokens(40), KEY)
        first.settle(await first.reserve("enhancement", tokens(50)), tokens(50), OTHER_KEY)
        together.next_run()

        second.count_stored("synthesis", tokens(40), KEY)
        second.settle(await second.reserve("synthesis", tokens(10)), tokens(10))
        with pytest.raises(BudgetSpent, match="50 tokens held back for answers of the round before"):
            await second.reserve("synthesis", tokens(1))
        second.count_stored("enhancement", tokens(50), OTHER_KEY)
        with pytest.raises(BudgetSpent, match="100 tokens spent for 3 answers"):
            await second.reserve("enhancement", tokens(1))
        assert together.counted == {"synthesis": tokens(50), "enhancement": tokens(50)}

    run(work())


def test_a_round_that_ended_early_has_spent_what_it_bought() -> None:
    together = RunsTogether()
    together.counted.update({"synthesis": tokens(40), "enhancement": tokens(50)})
    together.next_run()
    together.counted.update({"synthesis": tokens(70), "enhancement": tokens(10)})
    together.again()
    assert (together.held_back, together.counted) == ({"synthesis": tokens(70), "enhancement": tokens(50)}, {})


def test_what_a_stage_spent_is_held_back_in_rounds_without_it() -> None:
    together = RunsTogether()
    together.counted.update({"extraction": tokens(40), "synthesis": tokens(50)})
    together.next_run()
    together.counted.update({"synthesis": tokens(60)})
    together.next_run()
    assert together.held_back == {"extraction": tokens(40), "synthesis": tokens(60)}
