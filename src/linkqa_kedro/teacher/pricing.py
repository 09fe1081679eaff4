"""What a completion costs: prices per model, in, and US dollars, out."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Price:
    """Price of one model, in US dollars per million tokens; each at least 0.

    Attributes:
        input_usd_per_million: Tokens of the prompt.
        output_usd_per_million: Tokens of the answer, reasoning included.
        cached_input_usd_per_million: Tokens of the prompt that the endpoint had in its cache; None where they cost as
            much as the others.
    """

    input_usd_per_million: float
    output_usd_per_million: float
    cached_input_usd_per_million: float | None = None


FREE = Price(0.0, 0.0)


def cost_usd(
    price: Price | None, input_tokens: int | None, output_tokens: int | None, cached_input_tokens: int | None = None
) -> float | None:
    """US dollars of one completion; None where the price or a token count is unknown, never a guess.

    Args:
        price: Price of the model.
        input_tokens: Tokens of the prompt.
        output_tokens: Tokens of the answer, reasoning included.
        cached_input_tokens: Those of the prompt that came from the endpoint's cache; None counts as none.
    """
    if price is None or input_tokens is None or output_tokens is None:
        return None
    cached_price = price.cached_input_usd_per_million
    n_cached = 0 if cached_price is None else min(cached_input_tokens or 0, input_tokens)
    per_million = (
        (input_tokens - n_cached) * price.input_usd_per_million
        + n_cached * (cached_price or 0.0)
        + output_tokens * price.output_usd_per_million
    )
    return per_million / 1_000_000
