"""A hard limit on what is spent: nothing is sent that could pass it.

The highest price that a request can have is reserved before it is sent, and replaced by its real price when its answer
is there. While others are in flight, a request that does not fit waits for them to turn out cheaper; when none is, the
budget is spent and the run stops.
"""

import asyncio
from collections import defaultdict
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field

from linkqa_kedro.errors import UserError
from linkqa_kedro.teacher.errors import TeacherError
from linkqa_kedro.teacher.requests import Stage


class BudgetSpent(TeacherError, UserError):
    """The next request could pass a limit, and nothing is in flight that could turn out cheaper."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Most that may be spent; None is no limit.

    Attributes:
        max_usd: US dollars, above 0.
        max_tokens: Tokens of prompts and answers, above 0.
    """

    max_usd: float | None = None
    max_tokens: int | None = None

    @property
    def is_set(self) -> bool:
        """Whether there is any limit."""
        return self.max_usd is not None or self.max_tokens is not None


@dataclass(frozen=True, slots=True)
class Amount:
    """US dollars and tokens, of prompt and answer."""

    usd: float
    tokens: int

    def __add__(self, other: "Amount") -> "Amount":
        return Amount(self.usd + other.usd, self.tokens + other.tokens)

    def __sub__(self, other: "Amount") -> "Amount":
        return Amount(self.usd - other.usd, self.tokens - other.tokens)


NOTHING = Amount(0.0, 0)


@dataclass
class RunsTogether:
    """Runs that share their limits, of which each meets the answers of the ones before it again, stage by stage.

    A stage must not spend what the stages after it have spent already and are yet to count. So what the answers of the
    last run cost is held back from the start, and given free as they are met.

    Attributes:
        held_back: What the answers of the last whole run cost, by stage.
        counted: What is counted in the present run, by stage.
    """

    held_back: dict[Stage, Amount] = field(default_factory=dict)
    counted: defaultdict[Stage, Amount] = field(default_factory=lambda: defaultdict(lambda: NOTHING))

    def next_run(self) -> None:
        """The present run is whole: hold back what its answers cost; of a stage left out, what was held back."""
        self.held_back = {**self.held_back, **self.counted}
        self.counted.clear()

    def again(self) -> None:
        """The present run ended early: what it bought stays held back while the one before it is repeated."""
        for stage, cost in self.counted.items():
            held = self.held_back.get(stage, NOTHING)
            self.held_back[stage] = Amount(max(held.usd, cost.usd), max(held.tokens, cost.tokens))
        self.counted.clear()


RUNS_TOGETHER: ContextVar[RunsTogether | None] = ContextVar("runs_together", default=None)
"""Runs that a new budget belongs to; None for a run of its own."""


class _Purse:
    """One limit, what is spent of it, and what is reserved."""

    def __init__(self, name: str, key: str, limits: Limits) -> None:
        self.name = name
        self.key = key
        self.limits = limits
        self.spent = NOTHING
        self.before = NOTHING
        self.uncertain = NOTHING
        self.n_spent = 0
        self._reserved: dict[int, Amount] = {}
        self._sum_reserved = NOTHING

    @property
    def has_reserved(self) -> bool:
        return bool(self._reserved)

    def shortage(self, worst: Amount, held_back: Amount) -> str | None:
        """Name of the limit that the amount could pass beside what is held back, None where it fits."""
        total = self.spent + self._sum_reserved + held_back + worst
        # The tolerance is that of adding a million amounts, far below the smallest price.
        if self.limits.max_usd is not None and total.usd > self.limits.max_usd * (1 + 1e-12):
            return "max_usd"
        if self.limits.max_tokens is not None and total.tokens > self.limits.max_tokens:
            return "max_tokens"
        return None

    def reserve(self, number: int, worst: Amount) -> None:
        self._reserved[number] = worst
        self._sum_reserved += worst

    def release(self, number: int) -> None:
        self._sum_reserved -= self._reserved.pop(number)
        if not self._reserved:
            self._sum_reserved = NOTHING  # sums of fractions leave a trace

    def spend(self, used: Amount) -> None:
        self.spent += used
        self.n_spent += 1


@dataclass(frozen=True, slots=True)
class Reservation:
    """What one request may cost at most, until it is settled."""

    number: int
    stage: Stage
    worst: Amount


class Budget:
    """Limits of one run and of its stages.

    A limit counts what the answers of a run cost, whether they are bought now or were bought by an earlier run: a run
    that is killed and started again cannot spend the limit twice, and one whose answers are all stored is never
    stopped. Runs of one `RunsTogether` keep the limits together. One event loop at a time uses a budget.

    Args:
        run: Limits of all stages together.
        stages: Limits by stage; a stage that is not named has none of its own.

    Attributes:
        is_set: Whether there is any limit.
    """

    def __init__(self, run: Limits | None = None, stages: Mapping[Stage, Limits] | None = None) -> None:
        self._run = _Purse("the run", "budget", run or Limits())
        self._stages: dict[str, _Purse] = {
            stage: _Purse(f"the stage {stage}", f"budget.{stage}", limits) for stage, limits in (stages or {}).items()
        }
        self.is_set = any(purse.limits.is_set for purse in (self._run, *self._stages.values()))
        self._n_reserved = 0
        self._waiting: list[asyncio.Future[None]] = []
        self._counted: set[int] = set()
        self._counted_broken: set[int] = set()
        self._together = RUNS_TOGETHER.get() or RunsTogether()
        self._met: defaultdict[Stage, Amount] = defaultdict(lambda: NOTHING)

    @property
    def limits_usd(self) -> bool:
        """Whether any limit is in dollars, so that prices must be known."""
        return any(purse.limits.max_usd is not None for purse in (self._run, *self._stages.values()))

    async def reserve(self, stage: Stage, worst: Amount) -> Reservation:
        """Set aside the most that a request can cost; every reservation must be settled.

        Raises:
            BudgetSpent: It does not fit, and nothing in flight could make room.
        """
        if not self.is_set:
            return Reservation(0, stage, worst)
        purses = self._purses(stage)
        while True:
            tight = [
                (purse, key)
                for purse in purses
                if (key := purse.shortage(worst, self._held_back(None if purse is self._run else stage))) is not None
            ]
            if not tight:
                break
            hopeless = [(purse, key) for purse, key in tight if not purse.has_reserved]
            if hopeless:
                purse, key = hopeless[0]
                held_back = self._held_back(None if purse is self._run else stage)
                raise BudgetSpent(_message(purse, key, worst, held_back))
            settled: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiting.append(settled)
            await settled
        self._n_reserved += 1
        for purse in purses:
            purse.reserve(self._n_reserved, worst)
        return Reservation(self._n_reserved, stage, worst)

    def settle(self, reservation: Reservation, used: Amount | None, key: str = "") -> None:
        """Replace a reservation by what was spent.

        Args:
            reservation: From `reserve`.
            used: What the answer cost; None where nothing was spent.
            key: Key of the request that was answered; finding its answer again costs nothing more.
        """
        if not self.is_set:
            return
        if key:
            self._counted.add(_short(key))
        for purse in self._purses(reservation.stage):
            purse.release(reservation.number)
            if used is not None:
                purse.spend(used)
        if used is not None:
            self._together.counted[reservation.stage] += used
        self._wake()

    def settle_uncertain(self, reservation: Reservation, key: str = "") -> None:
        """Count a reservation as spent: the answer never arrived, and may be charged for all the same.

        Args:
            reservation: From `reserve`.
            key: Key of the request.
        """
        if key and self.is_set:
            self._counted_broken.add(_short(key))
        for purse in self._purses(reservation.stage) if self.is_set else ():
            purse.uncertain += reservation.worst
            purse.n_spent -= 1  # it brought no answer
        self.settle(reservation, reservation.worst)

    def count_stored(self, stage: Stage, used: Amount, key: str) -> None:
        """Count an answer that an earlier run bought, once, however often it is found."""
        if not self.is_set or _short(key) in self._counted:
            return
        self._counted.add(_short(key))
        self._meet(stage, used)
        for purse in self._purses(stage):
            purse.spend(used)
            purse.before += used

    def count_broken(self, stage: Stage, most: Amount, key: str) -> None:
        """Count what may be charged for answers to a request that never arrived in earlier runs, once."""
        if not self.is_set or _short(key) in self._counted_broken:
            return
        self._counted_broken.add(_short(key))
        self._meet(stage, most)
        for purse in self._purses(stage):
            purse.spent += most
            purse.before += most
            purse.uncertain += most

    def _meet(self, stage: Stage, amount: Amount) -> None:
        """Note that an answer of an earlier run was met."""
        self._met[stage] += amount
        self._together.counted[stage] += amount

    def _held_back(self, stage: Stage | None) -> Amount:
        """What answers of the last run cost that are yet to be met, of one stage or of all."""
        left = NOTHING
        for name, cost in self._together.held_back.items():
            if stage in (None, name):
                open_ = cost - self._met[name]
                left += Amount(max(0.0, open_.usd), max(0, open_.tokens))
        return left

    def _purses(self, stage: Stage) -> list[_Purse]:
        own = self._stages.get(stage)
        return [self._run] if own is None else [self._run, own]

    def _wake(self) -> None:
        waiting, self._waiting = self._waiting, []
        for settled in waiting:
            if not settled.done():
                settled.set_result(None)


def _short(key: str) -> int:
    """Sixty bits of a key: a million of them are some 60 MB less than as text, and two alike do not happen."""
    return int(key[:15], 16)


def _message(purse: _Purse, key: str, worst: Amount, held_back: Amount) -> str:
    limit = getattr(purse.limits, key)
    is_money = key == "max_usd"
    spent, before, uncertain, most, held = (
        f"{amount.usd:,.4f} USD" if is_money else f"{amount.tokens:,} tokens"
        for amount in (purse.spent, purse.before, purse.uncertain, worst, held_back)
    )
    parts = [f"{spent} spent for {purse.n_spent:,} answers"]
    if purse.before.tokens:
        parts.append(f"{before} of it in earlier runs")
    if purse.uncertain.tokens:
        parts.append(f"{uncertain} of it for answers that broke on their way and may be charged for")
    if held_back.tokens:
        parts.append(f"{held} held back for answers of the round before")
    return (
        f"The budget of {purse.name} is spent ({key} is {limit:,}: {', '.join(parts)}; the next request may cost up to "
        f"{most}). Every answer is kept. To go on, run again with a higher limit: --params {purse.key}.{key}=…, or set "
        "it for the teacher in catalog_teacher.yml."
    )
