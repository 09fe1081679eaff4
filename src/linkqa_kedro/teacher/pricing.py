"""What a completion costs: prices per model, in, and US dollars, out."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Price:
    """Price of one model.

    Attributes:
        input_usd_per_million: US dollars per million tokens of the prompt, at least 0.
        output_usd_per_million: US dollars per million tokens of the answer, reasoning included, at least 0.
    """

    input_usd_per_million: float
    output_usd_per_million: float


PriceTable = Mapping[str, Price]
"""Price by model name, as the model is asked for; a model it lacks has no known price."""


def cost_usd(
    prices: PriceTable | None, model: str, input_tokens: int | None, output_tokens: int | None
) -> float | None:
    """US dollars of one completion; None where the price or a token count is unknown, never a guess.

    Args:
        prices: Price by model name.
        model: Model name as asked for.
        input_tokens: Tokens of the prompt.
        output_tokens: Tokens of the answer, reasoning included.
    """
    price = None if prices is None else prices.get(model)
    if price is None or input_tokens is None or output_tokens is None:
        return None
    per_million = input_tokens * price.input_usd_per_million + output_tokens * price.output_usd_per_million
    return per_million / 1_000_000
