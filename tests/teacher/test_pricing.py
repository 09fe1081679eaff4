import pytest

from linkqa_kedro.teacher.pricing import FREE, Price, cost_usd

PRICE = Price(input_usd_per_million=0.5, output_usd_per_million=2.0)


def test_the_cost_is_tokens_times_price_per_million() -> None:
    assert cost_usd(PRICE, 1_000_000, 500_000) == 1.5


@pytest.mark.parametrize(
    ("price", "input_tokens", "output_tokens"), [(None, 10, 10), (PRICE, None, 10), (PRICE, 10, None)]
)
def test_the_cost_is_unknown_where_anything_is(
    price: Price | None, input_tokens: int | None, output_tokens: int | None
) -> None:
    assert cost_usd(price, input_tokens, output_tokens) is None


def test_what_is_free_costs_nothing() -> None:
    assert cost_usd(FREE, 10, 10) == 0.0


def test_cached_tokens_of_the_prompt_have_their_own_price() -> None:
    cached = Price(1.0, 2.0, cached_input_usd_per_million=0.1)
    assert cost_usd(cached, 1_000_000, 0, cached_input_tokens=400_000) == pytest.approx(0.6 + 0.04)


def test_cached_tokens_cost_as_much_as_the_others_where_no_price_is_given() -> None:
    assert cost_usd(PRICE, 1_000_000, 0, cached_input_tokens=400_000) == 0.5


def test_more_cached_tokens_than_tokens_count_as_all_of_them() -> None:
    cached = Price(1.0, 2.0, cached_input_usd_per_million=0.1)
    assert cost_usd(cached, 1_000_000, 0, cached_input_tokens=9_000_000) == pytest.approx(0.1)
