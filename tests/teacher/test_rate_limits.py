import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkqa_kedro.teacher.rate_limits import PacedLimit


def sent_at(limit: PacedLimit, amounts: list[float], until: float = 10_000.0) -> list[tuple[float, float]]:
    """When each amount was taken by someone who always waits exactly as long as told."""
    now, taken = 0.0, []
    for amount in amounts:
        while (seconds := limit.seconds_to_wait(now, amount)) > 0:
            now += seconds
            assert now < until
        limit.take(now, amount)
        taken.append((now, amount))
    return taken


def most_in_a_minute(taken: list[tuple[float, float]]) -> float:
    return max(sum(amount for at, amount in taken if start <= at < start + 60.0 - 1e-6) for start, _ in taken)


def test_a_slow_limit_sends_at_even_distances() -> None:
    times = [at for at, _ in sent_at(PacedLimit(6), [1.0] * 4)]
    assert times == pytest.approx([0.0, 10.0, 20.0, 30.0])


def test_a_fast_limit_may_use_a_second_at_once() -> None:
    times = [at for at, _ in sent_at(PacedLimit(600), [1.0] * 12)]
    assert times[:10] == [0.0] * 10
    assert times[10:] == pytest.approx([0.1, 0.2])


@given(st.integers(1, 500), st.integers(1, 300))
def test_no_minute_holds_more_requests_than_allowed(per_minute: int, n: int) -> None:
    assert most_in_a_minute(sent_at(PacedLimit(per_minute), [1.0] * n, until=1e6)) <= per_minute


@given(st.lists(st.integers(1, 1000), min_size=1, max_size=60))
def test_no_minute_holds_more_tokens_than_allowed(amounts: list[int]) -> None:
    assert most_in_a_minute(sent_at(PacedLimit(1000), [float(a) for a in amounts], until=1e6)) <= 1000


def test_an_amount_above_the_limit_goes_alone() -> None:
    taken = sent_at(PacedLimit(100), [10.0, 500.0, 10.0])
    assert taken[1][0] == pytest.approx(60.0)
    assert taken[2][0] >= 120.0 - 1e-6


def test_what_was_not_used_is_free_again() -> None:
    limit = PacedLimit(1000)
    first = limit.take(0.0, 1000.0)
    assert limit.seconds_to_wait(0.0, 500.0) == pytest.approx(60.0)
    limit.settle(first, 10.0)
    assert limit.seconds_to_wait(0.0, 500.0) == pytest.approx(0.6)  # a bucket of ten tokens to fill again


def test_what_was_used_beyond_the_guess_is_waited_for() -> None:
    limit = PacedLimit(1000)
    first = limit.take(0.0, 10.0)
    limit.settle(first, 900.0)
    assert limit.seconds_to_wait(1.0, 500.0) == pytest.approx(59.0)


def test_a_correction_after_a_minute_changes_nothing_of_the_next_one() -> None:
    limit = PacedLimit(60)
    first = limit.take(0.0, 60.0)
    assert limit.seconds_to_wait(61.0, 1.0) == 0.0
    limit.take(61.0, 1.0)
    limit.settle(first, 0.0)
    assert limit.seconds_to_wait(61.0, 59.0) == 0.0
    assert limit.seconds_to_wait(61.0, 60.0) > 0.0
