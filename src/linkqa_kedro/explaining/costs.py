"""What all questions together cost."""

from collections.abc import Sequence
from dataclasses import dataclass

from linkqa_kedro.explaining.explanation import CostLine


@dataclass(frozen=True)
class TotalCost:
    """Sums over the questions; None as soon as one part is unknown.

    Attributes:
        n_answers: Answers bought.
        input_tokens: Of all of them.
        output_tokens: Of all of them.
        cost_usd: US dollars for all of them.
        share_usd: US dollars that fall to the row.
    """

    n_answers: int
    input_tokens: int | None
    output_tokens: int | None
    cost_usd: float | None
    share_usd: float | None


def total_of(costs: Sequence[CostLine]) -> TotalCost:
    """The sum over some questions."""
    return TotalCost(
        n_answers=sum(line.n_answers for line in costs),
        input_tokens=_whole([line.input_tokens for line in costs]),
        output_tokens=_whole([line.output_tokens for line in costs]),
        cost_usd=_sum([line.cost_usd for line in costs]),
        share_usd=_sum([line.share_usd for line in costs]),
    )


def _sum(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) if len(known) == len(values) else None


def _whole(values: Sequence[int | None]) -> int | None:
    known = [value for value in values if value is not None]
    return sum(known) if len(known) == len(values) else None
