"""Which QA are to be changed, and to which level: the measured mix against the wanted one."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from linkqa_kedro.figures.success_bound import success_bound
from linkqa_kedro.records import DIFFICULTY_LEVELS
from linkqa_kedro.walks.quotas import largest_remainder


@dataclass(frozen=True)
class RatedItem:
    """What planning needs to know of a QA."""

    qa_id: str
    level: int


@dataclass(frozen=True)
class Change:
    """One QA that is to reach another level."""

    qa_id: str
    level: int
    target_level: int


@dataclass
class LevelTries:
    """How often each level was asked for in each discipline, and how often it was reached.

    Attributes:
        tries: By discipline and level.
        accepted: Those of them that measured at the level.
    """

    tries: Counter[tuple[str, int]] = field(default_factory=Counter)
    accepted: Counter[tuple[str, int]] = field(default_factory=Counter)

    def out_of_reach(self, discipline: str, difficulty: Mapping[int, float], n_attempts: int) -> set[int]:
        """Levels of which so few tries came off that not even half of the share wanted can be had.

        Of QA that are tried `n_attempts` times each, 1 - (1 - p)^n_attempts reach a level that each try reaches with
        probability p. The largest p counts which the tries so far leave possible with 95 % confidence, so that a level
        with few tries is not given up.

        Args:
            discipline: Discipline of the QA.
            difficulty: Share wanted of each level.
            n_attempts: Tries with one QA, at most.
        """
        found = set()
        for level, share in difficulty.items():
            bound = success_bound(self.accepted[(discipline, level)], self.tries[(discipline, level)])
            if 1 - (1 - bound) ** n_attempts < share / 2:
                found.add(level)
        return found


def without_levels(difficulty: Mapping[int, float], levels: Collection[int]) -> dict[int, float]:
    """The shares of the other levels, brought to a sum of 1; all as they were where none of the others is wanted."""
    kept = {level: share for level, share in difficulty.items() if level not in levels}
    total = sum(kept.values())
    return {level: share / total for level, share in kept.items()} if total else dict(difficulty)


def wanted_counts(n_items: int, difficulty: Mapping[int, float]) -> dict[int, int]:
    """Rows wanted at every level, by largest remainder."""
    counts = largest_remainder(n_items, [difficulty.get(level, 0.0) for level in DIFFICULTY_LEVELS])
    return dict(zip(DIFFICULTY_LEVELS, counts.tolist(), strict=True))


def plan_changes(
    items: Sequence[RatedItem], difficulty: Mapping[int, float], left_alone: Collection[str]
) -> list[Change]:
    """Changes that would bring the items to the wanted mix.

    Levels in want are filled from the hardest down, each from the surplus of the nearest level, the easier of two
    equally near ones first: the smallest change is the likeliest to succeed.

    Args:
        items: QA of one discipline.
        difficulty: Share wanted of each level, summing to 1.
        left_alone: QA that are not to be changed (again).
    """
    wanted = wanted_counts(len(items), difficulty)
    measured = Counter(item.level for item in items)
    surplus = {level: max(0, measured[level] - wanted[level]) for level in DIFFICULTY_LEVELS}
    at_level = {
        level: sorted(item.qa_id for item in items if item.level == level and item.qa_id not in left_alone)
        for level in DIFFICULTY_LEVELS
    }
    changes: list[Change] = []
    for target in reversed(DIFFICULTY_LEVELS):
        missing = wanted[target] - measured[target]
        for level in sorted(DIFFICULTY_LEVELS, key=lambda level: (abs(level - target), level)):
            n_taken = max(0, min(missing, surplus[level], len(at_level[level])))
            changes.extend(Change(qa_id, level, target) for qa_id in at_level[level][:n_taken])
            at_level[level] = at_level[level][n_taken:]
            surplus[level] -= n_taken
            missing -= n_taken
    return changes
