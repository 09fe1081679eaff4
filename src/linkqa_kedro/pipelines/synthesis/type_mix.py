"""Which types of questions a path is asked for, so that over all paths they come in the shares wanted."""

import re
from bisect import bisect_right
from collections.abc import Mapping
from itertools import accumulate
from random import Random
from typing import NamedTuple


class AskedTypes(NamedTuple):
    """Types for one request.

    Attributes:
        wanted: One for each question asked for, in random order.
        others: What to take instead where the material gives no such question, the first first.
    """

    wanted: list[str]
    others: list[str]


def draw_types(weights: Mapping[str, float], fan_out: int, dice: Random) -> AskedTypes:
    """Types for one path: each is expected `fan_out` times its share, and comes that often, rounded down or up.

    Systematic sampling with unequal probabilities (Madow 1949), over the types in random order: marks at equal
    distances on the weights laid end to end. So no type comes twice before its share asks for it. The others follow by
    weighted sampling without replacement (Efraimidis and Spirakis 2006).

    Args:
        weights: Weight of each type; those of weight 0 are not asked for.
        fan_out: Questions asked for.
        dice: Source of the draws; only its `random` is used, which is the same in every version of Python.
    """
    names = sorted((name for name, weight in weights.items() if weight > 0), key=lambda _: dice.random())
    ends = list(accumulate(weights[name] for name in names))
    step = ends[-1] / fan_out
    start = dice.random() * step
    marks = (bisect_right(ends, start + place * step) for place in range(fan_out))
    wanted = [names[min(mark, len(names) - 1)] for mark in marks]
    others = [name for name in names if name not in wanted]
    return AskedTypes(wanted, sorted(others, key=lambda name: dice.random() ** (1 / weights[name]), reverse=True))


def type_shares(weights: Mapping[str, float]) -> dict[str, float]:
    """The weights as shares that sum to 1; types of weight 0 are left out."""
    total = sum(weights.values())
    return {name: weight / total for name, weight in weights.items() if weight > 0}


def type_name(text: str) -> str:
    """A type's name in one spelling: "Single-choice " is single_choice."""
    return re.sub(r"[\s_-]+", "_", text.strip().lower())
