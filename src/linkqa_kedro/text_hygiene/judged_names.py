"""Names joined by verdicts: what a teacher said of close pairs, made one consistent table of aliases.

Verdicts of pairs need not fit together: a is b and b is c, but a is not c. The likelier pairs go first, and a verdict
that would bring together two names which another verdict or a mark tells apart is set aside. Edited rows stay as they
are: whoever wrote them has the last word.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from linkqa_kedro.text_hygiene.canonical_names import ADJUDICATED, EDITED, AliasTable, alias_table
from linkqa_kedro.text_hygiene.telling_apart import told_apart


@dataclass(frozen=True)
class Verdict:
    """What was said of one pair of canonical names.

    Attributes:
        name: One name.
        other: The other one.
        likeness: Of the two, 0 to 1.
        is_same: Whether they are one concept.
        better: The name that should stand for both; None where they are two.
    """

    name: str
    other: str
    likeness: float
    is_same: bool
    better: str | None


def names_to_compare(table: AliasTable, counts: Mapping[str, int], edited: Mapping[str, str]) -> list[str]:
    """Canonical names that may still be joined, the most frequent first; names that a person kept apart are none.

    Args:
        table: Merges by rule and by hand.
        counts: How often each name occurs, as found.
        edited: Canonical name by alias, as a person wrote it.
    """
    total = _totals(table, counts)
    free = [name for name in total if name not in edited]
    return sorted(free, key=lambda name: (-total[name], len(name), name))


def _totals(table: AliasTable, counts: Mapping[str, int]) -> dict[str, int]:
    total: dict[str, int] = {}
    for name, count in counts.items():
        canonical = table.canonical(name)
        total[canonical] = total.get(canonical, 0) + count
    return total


def contradicted(verdicts: Sequence[Verdict], edited: Mapping[str, str]) -> set[tuple[str, str]]:
    """Pairs that were called the same, and whose merge would join names that are told apart.

    Told apart are names that a verdict calls different, that a mark tells apart, and two names that a person chose.
    """
    return _joined(verdicts, edited)[1]


def merge_judged(
    table: AliasTable, counts: Mapping[str, int], edited: Mapping[str, str], verdicts: Sequence[Verdict]
) -> AliasTable:
    """The table with the merges of the verdicts added, by the rule `adjudicated`.

    The name that stands for a group is the one that a person chose, else the one most often called the better, else
    the most frequent, the shortest, the first in the alphabet. Verdicts of a name that a person edited change nothing.
    """
    chosen, total = set(edited.values()), _totals(table, counts)
    # Verdicts of an earlier run may be of names that are gone, or that now stand under another.
    known = [one for one in verdicts if one.name in total and one.other in total]
    groups, _ = _joined(known, edited)
    votes = Counter(one.better for one in known if one.is_same)
    canonical = {row.alias: row.canonical for row in table.rows}
    rules = {row.alias: row.rule for row in table.rows}
    stands_for: dict[str, str] = {}
    for group in groups:
        ranked = sorted(group, key=lambda name: (name not in chosen, -votes[name], -total[name], len(name), name))
        stands_for.update(dict.fromkeys(ranked[1:], ranked[0]))
    for alias, name in list(canonical.items()):
        if name in stands_for and rules[alias] != EDITED:
            canonical[alias], rules[alias] = stands_for[name], ADJUDICATED
    canonical.update(stands_for)
    rules.update(dict.fromkeys(stands_for, ADJUDICATED))
    return alias_table(canonical, rules)


def _joined(verdicts: Sequence[Verdict], edited: Mapping[str, str]) -> tuple[list[list[str]], set[tuple[str, str]]]:
    """Groups of two or more names, and the pairs that were set aside."""
    chosen = set(edited.values())
    different = {frozenset((one.name, one.other)) for one in verdicts if not one.is_same}
    group_of: dict[str, list[str]] = {}
    aside: set[tuple[str, str]] = set()
    for verdict in sorted(verdicts, key=lambda one: (-one.likeness, one.name, one.other)):
        if not verdict.is_same or verdict.name in edited or verdict.other in edited:
            continue
        left = group_of.setdefault(verdict.name, [verdict.name])
        right = group_of.setdefault(verdict.other, [verdict.other])
        if left is right:
            continue
        if _are_told_apart(left, right, different, chosen):
            aside.add((verdict.name, verdict.other))
            continue
        left.extend(right)
        group_of.update(dict.fromkeys(right, left))
    distinct = {id(group): group for group in group_of.values() if len(group) > 1}
    return list(distinct.values()), aside


def _are_told_apart(
    left: Iterable[str], right: Sequence[str], different: set[frozenset[str]], chosen: set[str]
) -> bool:
    return any(
        frozenset((a, b)) in different or (a in chosen and b in chosen) or told_apart(a, b) for a in left for b in right
    )
