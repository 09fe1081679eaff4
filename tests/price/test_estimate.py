import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkqa_kedro.price.estimate import Interval, RoleEstimate, estimate_role, guessed_tokens
from linkqa_kedro.price.probe import Observation, PromptSize, RoleProbe
from linkqa_kedro.teacher.pricing import Price

PRICE = Price(1.0, 2.0)


def probe(observations: list[Observation], n_new: int = 100) -> RoleProbe:
    """A hundred prompts of a thousand narrow characters each, answers of four hundred."""
    return RoleProbe(
        stage="synthesis",
        model="r1",
        n_stored=len(observations),
        n_new=n_new,
        n_simulated=n_new,
        size=PromptSize(narrow=1000 * n_new),
        answers=PromptSize(narrow=400 * n_new),
        max_output_tokens=8000 * n_new,
        observations=observations,
    )


def estimate(observations: list[Observation], price: Price | None = PRICE, n_new: int = 100) -> RoleEstimate:
    return estimate_role("synthesise", probe(observations, n_new), price, Interval(n_new, n_new, n_new))


def observed(input_tokens: int, output_tokens: int, n: int = 20) -> list[Observation]:
    return [Observation(PromptSize(narrow=1000), input_tokens, output_tokens)] * n


def test_without_answers_it_is_a_guess_from_the_shortest_answer_to_the_longest_allowed() -> None:
    one = estimate([])
    assert one.n_observed == 0
    assert one.input_tokens.likely == pytest.approx(guessed_tokens(PromptSize(narrow=100_000)).likely)
    assert one.output_tokens.low == pytest.approx(100 * 0.20 * 400)
    assert one.output_tokens.high == 100 * 8000
    assert one.output_tokens.low < one.output_tokens.likely < one.output_tokens.high


def test_answers_that_are_all_alike_leave_no_doubt() -> None:
    one = estimate(observed(300, 500))
    assert one.n_observed == 20
    assert one.input_tokens.likely == pytest.approx(30_000)
    assert one.output_tokens == Interval(50_000, 50_000, 50_000)
    assert one.usd is not None
    assert one.usd.likely == pytest.approx(0.03 + 0.1)
    assert one.usd.low == pytest.approx(one.usd.high)


def test_a_few_answers_are_no_measurement() -> None:
    assert estimate(observed(300, 500, n=4)).n_observed == 0


def test_an_unknown_price_gives_tokens_and_no_dollars() -> None:
    assert estimate(observed(300, 500), price=None).usd is None


def test_prompts_of_another_length_are_measured_by_their_size() -> None:
    longer = [Observation(PromptSize(narrow=2000), 600, 500)] * 20
    assert estimate(longer).input_tokens.likely == pytest.approx(30_000)


def test_nothing_to_buy_costs_nothing() -> None:
    one = estimate(observed(300, 500), n_new=0)
    assert one.usd == Interval(0.0, 0.0, 0.0)


@given(
    st.lists(st.tuples(st.integers(1, 4000), st.integers(0, 8000)), min_size=0, max_size=40), st.integers(1, 100_000)
)
def test_the_likely_value_lies_between_its_bounds(used: list[tuple[int, int]], n_new: int) -> None:
    one = estimate([Observation(PromptSize(narrow=1000), *tokens) for tokens in used], n_new=n_new)
    assert one.usd is not None
    for interval in (one.input_tokens, one.output_tokens, one.usd):
        assert 0 <= interval.low <= interval.likely + 1e-9 <= interval.high + 2e-9


def test_the_interval_holds_the_truth_as_often_as_it_says() -> None:
    """Pilots of ten answers of a skewed length, a hundred times: the real mean lies within in most of them."""
    import numpy as np

    draw = np.random.default_rng(5)
    lengths = draw.gamma(4.0, 500.0, size=(200, 10))
    hits = 0
    for pilot in lengths:
        one = estimate([Observation(PromptSize(narrow=1000), 300, int(length)) for length in pilot], n_new=1000)
        hits += one.output_tokens.low <= 2000 * 1000 <= one.output_tokens.high
    assert hits / 200 > 0.88


def test_requests_that_may_come_are_priced_like_those_that_were_seen() -> None:
    """All ratings are stored, and changes that a model has yet to make may ask for more."""
    one = estimate_role("rate", probe(observed(300, 500), n_new=0), PRICE, Interval(0, 0, 100))
    assert one.usd is not None
    assert one.usd.high == pytest.approx(100 * (300 + 2 * 500) / 1e6)
