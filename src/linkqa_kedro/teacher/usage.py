"""What asking a teacher cost: counts, tokens, dollars and seconds, by role."""

import math
from array import array
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from linkqa_kedro.teacher.requests import Completion
from linkqa_kedro.teacher.teacher import tokens_of


@dataclass(frozen=True, slots=True)
class RoleUsage:
    """What one role cost: a sum over attempts, nothing counted twice.

    Attributes:
        requests: Requests asked for, whatever became of them.
        bought: Completions asked of the model in this run.
        reused: Completions found in the store.
        unusable: Completions whose answer could not be read.
        uncertain: Requests whose answer never arrived, though it may be charged for.
        input_tokens: Of the bought completions, where known.
        cached_input_tokens: Those of them that the endpoint had in its cache, where known.
        output_tokens: Of the bought completions, where known; reasoning included.
        reasoning_tokens: Of the bought completions, where known.
        cost_usd: Of the bought completions; None as soon as one price is unknown.
        cost_with_reused_usd: Of the bought and the reused ones: what the answers cost, whenever they were bought; an
            answer that several requests share counts for each of them.
        tokens_with_reused: Of the bought and the reused ones, prompts and answers; None as soon as one is unknown.
        latency_seconds: Sum over all completions whose latency is known.
        timed: Completions whose latency is known.
        slowest_seconds: The longest latency of one.
        failures: Requests that failed unanswered and were tried again, by kind.
    """

    requests: int = 0
    bought: int = 0
    reused: int = 0
    unusable: int = 0
    uncertain: int = 0
    input_tokens: int = 0
    cached_input_tokens: int = 0
    output_tokens: int = 0
    reasoning_tokens: int = 0
    cost_usd: float | None = 0.0
    cost_with_reused_usd: float | None = 0.0
    tokens_with_reused: int | None = 0
    latency_seconds: float = 0.0
    timed: int = 0
    slowest_seconds: float = 0.0
    failures: Mapping[str, int] = field(default_factory=dict)

    def __add__(self, other: "RoleUsage") -> "RoleUsage":
        sums = {
            name: _sum(getattr(self, name), getattr(other, name))
            for name in _NAMES
            if name not in ("slowest_seconds", "failures")
        }
        failures = dict(sorted((Counter(self.failures) + Counter(other.failures)).items()))
        return RoleUsage(**sums, slowest_seconds=max(self.slowest_seconds, other.slowest_seconds), failures=failures)


_NAMES = tuple(part.name for part in fields(RoleUsage))


def _sum(one: Any, other: Any) -> Any:
    return None if one is None or other is None else one + other


@dataclass(frozen=True, slots=True)
class TeacherUsage:
    """What calls of `complete` cost.

    Attributes:
        by_role: Usage by role.
        model_of: Name of the model asked, by role.
    """

    by_role: Mapping[str, RoleUsage] = field(default_factory=dict)
    model_of: Mapping[str, str] = field(default_factory=dict)

    @property
    def total(self) -> RoleUsage:
        """The sum over the roles."""
        return sum(self.by_role.values(), RoleUsage())

    def __add__(self, other: "TeacherUsage") -> "TeacherUsage":
        roles = sorted({*self.by_role, *other.by_role})
        none = RoleUsage()
        return TeacherUsage(
            {role: self.by_role.get(role, none) + other.by_role.get(role, none) for role in roles},
            {**self.model_of, **other.model_of},
        )


def usage_metrics(usage: TeacherUsage) -> dict[str, Any]:
    """The usage as plain figures for a stage's statistics: the totals, and `roles` with each role's model.

    Costs are None where they are unknown.
    """
    return {
        **asdict(usage.total),
        "roles": {
            role: {"model": usage.model_of.get(role, ""), **asdict(figures)} for role, figures in usage.by_role.items()
        },
    }


class Tally:
    """Counts what one call of `complete` costs, role by role, while it is running."""

    def __init__(self) -> None:
        self._roles: dict[str, _RoleTally] = {}
        self._model_of: dict[str, str] = {}
        self.n_bought = 0
        self.n_reused = 0

    def of(self, role: str, model: str) -> "_RoleTally":
        """Counter of one role."""
        self._model_of[role] = model
        return self._roles.setdefault(role, _RoleTally())

    def add_bought(self, role: str, model: str, completion: Completion) -> None:
        """Count a completion that was bought."""
        self.n_bought += 1
        self.of(role, model).add_bought(completion)

    def add_reused(self, role: str, model: str, completion: Completion) -> None:
        """Count a completion that the store held."""
        self.n_reused += 1
        self.of(role, model).add_reused(completion)

    @property
    def tokens(self) -> int:
        """Tokens bought so far."""
        return sum(tally.input_tokens + tally.output_tokens for tally in self._roles.values())

    @property
    def cost_usd(self) -> float | None:
        """Dollars spent so far; None where a price is unknown."""
        tallies = self._roles.values()
        return None if any(tally.unpriced for tally in tallies) else sum(tally.spent for tally in tallies)

    @property
    def failures(self) -> dict[str, int]:
        """Failures so far, by kind."""
        return dict(sum((tally.failures for tally in self._roles.values()), Counter[str]()))

    @property
    def n_unusable(self) -> int:
        """Unusable answers so far."""
        return sum(tally.unusable for tally in self._roles.values())

    def usage(self) -> TeacherUsage:
        """All that was counted."""
        return TeacherUsage(
            {role: tally.usage() for role, tally in sorted(self._roles.items())}, dict(sorted(self._model_of.items()))
        )


class _RoleTally:
    """Counts of one role."""

    def __init__(self) -> None:
        self.requests = 0
        self.bought = 0
        self.reused = 0
        self.unusable = 0
        self.uncertain = 0
        self.input_tokens = 0
        self.output_tokens = 0
        self.failures: Counter[str] = Counter()
        self.spent = 0.0
        self.unpriced = 0
        self._cached_input_tokens = 0
        self._reasoning_tokens = 0
        self._costs = array("d")
        self._costs_of_reused = array("d")
        self._tokens: int | None = 0
        self._latencies = array("d")

    def add_bought(self, completion: Completion) -> None:
        self.bought += 1
        self._tokens = _sum(self._tokens, tokens_of(completion))
        self.input_tokens += completion.input_tokens or 0
        self.output_tokens += completion.output_tokens or 0
        self._cached_input_tokens += completion.cached_input_tokens or 0
        self._reasoning_tokens += completion.reasoning_tokens or 0
        if completion.cost_usd is None:
            self.unpriced += 1
        else:
            self.spent += completion.cost_usd
            self._costs.append(completion.cost_usd)
        self._time(completion)

    def add_reused(self, completion: Completion) -> None:
        self.reused += 1
        self._tokens = _sum(self._tokens, tokens_of(completion))
        if completion.cost_usd is not None:
            self._costs_of_reused.append(completion.cost_usd)
        self._time(completion)

    def _time(self, completion: Completion) -> None:
        if completion.latency_seconds is not None:
            self._latencies.append(completion.latency_seconds)

    def usage(self) -> RoleUsage:
        # Exact sums: the order in which answers came leaves no trace in them.
        cost = math.fsum(self._costs) if len(self._costs) == self.bought else None
        reused = math.fsum(self._costs_of_reused) if len(self._costs_of_reused) == self.reused else None
        return RoleUsage(
            requests=self.requests,
            bought=self.bought,
            reused=self.reused,
            unusable=self.unusable,
            uncertain=self.uncertain,
            input_tokens=self.input_tokens,
            cached_input_tokens=self._cached_input_tokens,
            output_tokens=self.output_tokens,
            reasoning_tokens=self._reasoning_tokens,
            cost_usd=cost,
            cost_with_reused_usd=_sum(cost, reused),
            tokens_with_reused=self._tokens,
            latency_seconds=math.fsum(self._latencies),
            timed=len(self._latencies),
            slowest_seconds=max(self._latencies, default=0.0),
            failures=dict(sorted(self.failures.items())),
        )
