import pytest

from linkqa_kedro.teacher.pricing import Price, PriceTable, cost_usd

PRICES = {"r1": Price(input_usd_per_million=0.5, output_usd_per_million=2.0)}


def test_cost_is_tokens_times_price_per_million() -> None:
    assert cost_usd(PRICES, "r1", 1_000_000, 500_000) == pytest.approx(1.5)
    assert cost_usd(PRICES, "r1", 0, 0) == 0.0


@pytest.mark.parametrize(
    ("prices", "model", "input_tokens", "output_tokens"),
    [(None, "r1", 1, 1), (PRICES, "v3", 1, 1), (PRICES, "r1", None, 1), (PRICES, "r1", 1, None)],
)
def test_cost_is_unknown_where_price_or_tokens_are(
    prices: PriceTable | None, model: str, input_tokens: int | None, output_tokens: int | None
) -> None:
    """An unknown price is null: a zero would look like a free run."""
    assert cost_usd(prices, model, input_tokens, output_tokens) is None
