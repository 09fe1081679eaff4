"""Figures of the tries to change a QA: which were accepted, and what an accepted one cost."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from linkqa_kedro.teacher.usage import TeacherUsage


@dataclass(frozen=True, slots=True)
class TriedChange:
    """One try.

    Attributes:
        strategy: Strategy asked for.
        level: Level measured before it.
        target_level: Level asked for.
        is_accepted: Whether the changed QA measured at that level.
    """

    strategy: str
    level: int
    target_level: int
    is_accepted: bool


def acceptance(tried: Iterable[TriedChange]) -> dict[str, Any]:
    """Tries, accepted ones and their share, by strategy, by level asked for, and by distance to it.

    A distance is the number of levels asked for, with its sign: `+2` is two levels harder.
    """
    rows = list(tried)
    return {
        "by_strategy": _shares(rows, lambda one: one.strategy),
        "by_asked_level": _shares(rows, lambda one: str(one.target_level)),
        "by_distance": _shares(rows, lambda one: f"{one.target_level - one.level:+d}"),
    }


def cost_per_accepted(usage: TeacherUsage, n_accepted: int) -> dict[str, float | None]:
    """Dollars and tokens spent on all tries and their ratings, for each accepted QA.

    Answers that were bought in an earlier run count too, so that running again changes nothing. None where nothing was
    accepted, or where one price, or one count of tokens, is unknown.
    """
    spent = usage.total
    return {
        "usd_per_accepted": _each(spent.cost_with_reused_usd, n_accepted),
        "tokens_per_accepted": _each(spent.tokens_with_reused, n_accepted),
    }


def _shares(rows: Iterable[TriedChange], name_of: Callable[[TriedChange], str]) -> dict[str, dict[str, float]]:
    outcomes: defaultdict[str, list[bool]] = defaultdict(list)
    for one in rows:
        outcomes[name_of(one)].append(one.is_accepted)
    return {
        name: {"tries": len(ends), "accepted": sum(ends), "acceptance_rate": sum(ends) / len(ends)}
        for name, ends in sorted(outcomes.items())
    }


def _each(amount: float | None, n_rows: int) -> float | None:
    return None if amount is None or not n_rows else amount / n_rows
