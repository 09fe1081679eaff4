"""Which QA are to be changed, and to which level: the measured mix against the wanted one."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

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
