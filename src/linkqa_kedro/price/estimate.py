"""What requests will cost, with an interval, before they are sent.

Where answers of the same role are stored, tokens are estimated from what those used: the tokens of a prompt by the
ratio to its size, those of an answer by their mean, each with a 95 % interval (Student's t; the spread of the requests
themselves included). Where none is stored, nothing is known of how long a model reasons, and the interval runs from the
shortest useful answer to `max_output_tokens`; the middle is their geometric mean.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from linkqa_kedro.price.probe import Observation, PromptSize, RoleProbe
from linkqa_kedro.teacher.pricing import Price, cost_usd

FEWEST_OBSERVATIONS = 5
CONFIDENCE = 0.95
# Tokens of one character: few, usual, many. Tokenizers in use give 3 to 4.5 narrow characters to a token, fewer in
# formulas, and one to two Chinese ones.
TOKENS_OF_NARROW = (0.20, 0.28, 0.42)
TOKENS_OF_WIDE = (0.45, 0.70, 1.10)


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure that is not known yet: the likely value between two bounds, all at least 0."""

    low: float
    likely: float
    high: float

    def __add__(self, other: "Interval") -> "Interval":
        return Interval(self.low + other.low, self.likely + other.likely, self.high + other.high)

    def __mul__(self, factor: "Interval") -> "Interval":
        return Interval(self.low * factor.low, self.likely * factor.likely, self.high * factor.high)


NONE = Interval(0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class RoleEstimate:
    """What one role will still ask.

    Attributes:
        stage: The stage that asks.
        role: What is asked.
        model: Who is asked.
        n_stored: Requests whose answers are there.
        requests: Requests to be sent.
        input_tokens: Of their prompts.
        output_tokens: Of their answers, reasoning included.
        usd: US dollars; None where the price is unknown.
        n_observed: Stored answers that the tokens are estimated from; 0 where they are a guess.
    """

    stage: str
    role: str
    model: str
    n_stored: int
    requests: Interval
    input_tokens: Interval
    output_tokens: Interval
    usd: Interval | None
    n_observed: int


def estimate_role(role: str, probe: RoleProbe, price: Price | None, requests: Interval) -> RoleEstimate:
    """Requests, tokens and dollars of one role.

    Args:
        role: What is asked.
        probe: What the run would ask.
        price: Price of the model; None where it is unknown.
        requests: Requests to be sent, where the probe's own count is not all of them.
    """
    observed = probe.observations
    is_observed = len(observed) >= FEWEST_OBSERVATIONS
    per_prompt = _input_tokens(probe, observed if is_observed else [])
    per_answer = _output_tokens(probe, observed if is_observed else [], requests.likely)
    input_tokens, output_tokens = requests * per_prompt, requests * per_answer
    bounds = [
        cost_usd(price, round(n_input), round(n_output))
        for n_input, n_output in zip(_values(input_tokens), _values(output_tokens), strict=True)
    ]
    low, likely, high = bounds
    return RoleEstimate(
        stage=probe.stage,
        role=role,
        model=probe.model,
        n_stored=probe.n_stored,
        requests=requests,
        input_tokens=input_tokens,
        output_tokens=output_tokens,
        usd=None if low is None or likely is None or high is None else Interval(low, likely, high),
        n_observed=len(observed) if is_observed else 0,
    )


def _values(interval: Interval) -> tuple[float, float, float]:
    return interval.low, interval.likely, interval.high


def guessed_tokens(size: PromptSize) -> Interval:
    """Tokens of a text, from its characters alone."""
    few, usual, many = (
        narrow * size.narrow + wide * size.wide for narrow, wide in zip(TOKENS_OF_NARROW, TOKENS_OF_WIDE, strict=True)
    )
    return Interval(few, usual, many)


def _input_tokens(probe: RoleProbe, observed: Sequence[Observation]) -> Interval:
    """Tokens of one prompt on average."""
    if not observed:
        return guessed_tokens(probe.size) * _exactly(1 / probe.n_new) if probe.n_new else NONE
    # A ratio estimate: how far real counts are from the guess, over all observed prompts together.
    guesses = [guessed_tokens(one.size).likely for one in observed]
    ratio = sum(one.input_tokens for one in observed) / max(sum(guesses), 1.0)
    residuals = [one.input_tokens - ratio * size for one, size in zip(observed, guesses, strict=True)]
    # Where no prompt is known yet, those to come are like the observed ones.
    guess = guessed_tokens(probe.size).likely / probe.n_new if probe.n_new else sum(guesses) / len(guesses)
    return _around(ratio * guess, residuals, probe.n_new)


def _output_tokens(probe: RoleProbe, observed: Sequence[Observation], n_requests: float) -> Interval:
    """Tokens of one answer on average."""
    if observed:
        mean = sum(one.output_tokens for one in observed) / len(observed)
        return _around(mean, [one.output_tokens - mean for one in observed], n_requests)
    if not probe.n_new:
        return NONE
    highest = probe.max_output_tokens / probe.n_new
    shortest = guessed_tokens(probe.answers).low / probe.n_simulated if probe.n_simulated else 1.0
    lowest = min(max(shortest, 1.0), highest)
    return Interval(lowest, math.sqrt(lowest * highest), highest)


def _exactly(value: float) -> Interval:
    return Interval(value, value, value)


def _around(mean: float, residuals: Sequence[float], n_more: float) -> Interval:
    """Where the mean of `n_more` further values will lie, from how far observed ones were from what was expected."""
    from scipy.stats import t

    n = len(residuals)
    deviation = math.sqrt(sum(residual**2 for residual in residuals) / (n - 1))
    quantile = float(t.ppf((1 + CONFIDENCE) / 2, n - 1))
    half = quantile * deviation * math.sqrt(1 / n + 1 / max(n_more, 1.0))
    return Interval(max(mean - half, 0.0), mean, mean + half)
