"""New items out of a path's seeds: each joins two or more, and its answer follows from the seeds' own keys.

The level asked is met where the seeds allow it: candidates are composed with more or less to judge, rated blind, and
those at the level are taken first, the nearest after them.
"""

import itertools
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from linkqa_kedro.composer.dice import Dice
from linkqa_kedro.composer.draft import Plan, numbered, write_item
from linkqa_kedro.composer.item_types import BUILDERS, QUESTION_TYPES, RECALL, is_recall, joins
from linkqa_kedro.composer.material import Material, read_materials
from linkqa_kedro.composer.rate import item_level
from linkqa_kedro.composer.wording import Wording

# Two items of one path share at most this share of their word 5-grams; above, they are one item twice.
MAX_SHARED_FIVEGRAMS = 0.8
MAX_QUESTIONS = 5
_DEFAULT_LEVEL = 3
# How many seeds an item of each level joins, the wanted number first.
_SIZES: Mapping[int, tuple[int, ...]] = {1: (3, 4, 2), 2: (2, 3), 3: (3, 2), 4: (3, 4, 2), 5: (4, 5, 3, 2)}
_MAX_SUBSETS = 200
_TRIES_PER_ITEM = 16
_TRIES_PER_ASKED_TYPE = 8
# Loads to try at each level in turn: how much a type asks for beside its questions.
_LOADS: Mapping[int, tuple[int, ...]] = {1: (1,), 2: (1, 2), 3: (3, 2, 1), 4: (4, 3, 5), 5: (5, 6, 7)}
_SUPPOSING_LEVEL = 4

_TOKEN = re.compile(r"[A-Za-z0-9]+|[㐀-鿿]")


def compose_items(values: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Items of the reply format for a synthesise request, at most `fan_out`.

    The types asked for come first, one item each, then all that are allowed in turn; sets of seeds and loads take
    turns too, so that the items differ. An item that shares 80 % or more of its word 5-grams with an earlier one is not
    returned. Items of the level asked come before the types asked, then others as near as can be. Fewer items, or none,
    come back where the seeds allow no more: seeds of another language than the request's, too long to quote or with an
    unsound key are left aside.

    Args:
        values: Values of the request; `question_types` has the types asked for and `other_types` those allowed beside
            them. Two empty lists allow all.
    """
    dice = Dice("compose", values)
    materials = read_materials(values["seeds"], values["language"])
    level = values.get("difficulty") or _DEFAULT_LEVEL
    subsets = linked_subsets(materials, values["path"], values.get("links") or [], _SIZES[level], dice)
    asked = [name for wanted in values["question_types"] for name in known_types([wanted])]
    types = dice.shuffled(known_types([*values["question_types"], *values.get("other_types", ())]), "types")
    if level == 1 and RECALL in types:  # it takes every second turn
        types = [name for other in types if other != RECALL for name in (RECALL, other)] or [RECALL]
    if not subsets or not types:
        return []
    collected = Collection(values["fan_out"])
    off_level: list[tuple[int, int, dict[str, Any]]] = []
    fitting = {name: [subset for subset in subsets if _suits(name, subset, level)] for name in types}
    for attempt in _turns(asked, types, fitting, collected):
        # Each type goes through loads and suppositions from a place of its own.
        turn = attempt.turn + dice.number("first turn", attempt.question_type) % 6
        plan = make_plan(
            attempt.questions,
            values["language"],
            _LOADS[level][turn % len(_LOADS[level])],
            dice.child("item", attempt.number),
            counterfactual=level >= _SUPPOSING_LEVEL and turn % 2 == 1,
        )
        draft = BUILDERS[attempt.question_type](plan)
        if draft is None:
            continue
        item = write_item(draft, plan.wording, values["path"])
        missed_by = abs(item_level(item) - level)
        if missed_by:
            off_level.append((missed_by, attempt.number, item))
        elif collected.offer(item):
            attempt.taken()
    for _, _, item in sorted(off_level, key=lambda entry: entry[:2]):
        collected.offer(item)
    return collected.items


def _suits(question_type: str, subset: Sequence[Material], level: int) -> bool:
    """Whether a type can join these seeds; at level 1 recall takes only such as ask for a fact."""
    recalls = level > 1 or question_type != RECALL or all(is_recall(material) for material in subset)
    return recalls and joins(question_type, subset)


def known_types(wanted: Sequence[str]) -> list[str]:
    """The composer's types among those wanted, spelt in any case, with blanks or hyphens; all for an empty list."""
    names = {re.sub(r"[\s-]+", "_", name.strip().lower()) for name in wanted}
    return [name for name in QUESTION_TYPES if not names or name in names]


def make_plan(
    questions: Sequence[Material],
    language: str,
    load: int,
    dice: Dice,
    counterfactual: bool = False,
    abstract: bool = False,
) -> Plan:
    """A plan with its questions in drawn order and numbered."""
    return Plan(
        questions=numbered(dice.shuffled(questions, "order of questions")),
        wording=Wording(language, dice.child("wording")),
        dice=dice,
        load=load,
        counterfactual=counterfactual,
        abstract=abstract,
    )


def linked_subsets(
    materials: Sequence[Material],
    points: Sequence[str],
    links: Sequence[Mapping[str, Any]],
    sizes: Sequence[int],
    dice: Dice,
) -> list[tuple[Material, ...]]:
    """Sets of seeds that together hold two or more of the points, wanted sizes and linked sets first."""
    pairs = {frozenset(link["seeds"]) for link in links}
    found = []
    for rank, size in enumerate(sizes):
        sets = itertools.islice(itertools.combinations(materials, size), _MAX_SUBSETS)
        joining = [subset for subset in sets if len(points_held(subset, points)) >= 2]
        for subset in dice.shuffled(joining, "subsets", size):
            found.append((rank, not _is_linked(subset, pairs), subset))
    return [subset for _, _, subset in sorted(found, key=lambda entry: entry[:2])]


def points_held(subset: Sequence[Material], points: Sequence[str]) -> list[str]:
    """The points that some of the seeds hold, in the order of the points."""
    held = {point for material in subset for point in material.knowledge_points}
    return [point for point in points if point in held]


def _is_linked(subset: Sequence[Material], pairs: set[frozenset[int]]) -> bool:
    """Whether the links between its seeds join the whole set."""
    reached = {subset[0].seed_number}
    numbers = {material.seed_number for material in subset}
    while True:
        grown = {n for pair in pairs if pair & reached and pair <= numbers for n in pair} - reached
        if not grown:
            return reached == numbers
        reached |= grown


@dataclass(frozen=True, slots=True)
class _Attempt:
    number: int
    turn: int
    question_type: str
    questions: tuple[Material, ...]
    _used: Counter[tuple[int, ...]]

    def taken(self) -> None:
        self._used[_numbers(self.questions)] += 1


def _numbers(subset: Sequence[Material]) -> tuple[int, ...]:
    return tuple(material.seed_number for material in subset)


def _turns(
    asked: Sequence[str],
    types: Sequence[str],
    fitting: Mapping[str, Sequence[tuple[Material, ...]]],
    collected: "Collection",
) -> Iterator[_Attempt]:
    """The types asked for, then all in turn, each with the set of seeds used least, until enough items are there."""
    used: Counter[tuple[int, ...]] = Counter()
    tried: Counter[str] = Counter()
    in_turn = itertools.chain(
        _asked_in_turn([name for name in asked if fitting[name]], collected),
        itertools.cycle([name for name in types if fitting[name]]),
    )
    for number, question_type in enumerate(itertools.islice(in_turn, _TRIES_PER_ITEM * collected.wanted)):
        if len(collected.items) == collected.wanted:
            return
        # Where a type cannot use a set it gets another at its next turn.
        least_used = sorted(fitting[question_type], key=lambda subset: used[_numbers(subset)])
        subset = least_used[tried[question_type] % len(least_used)]
        yield _Attempt(number, tried[question_type], question_type, subset, used)
        tried[question_type] += 1


def _asked_in_turn(asked: Sequence[str], collected: "Collection") -> Iterator[str]:
    """Each type asked for, again and again until it has given an item or had its tries."""
    pending = list(asked)
    for _ in range(_TRIES_PER_ASKED_TYPE):
        for name in list(pending):
            n_before = len(collected.items)
            yield name
            if len(collected.items) > n_before:
                pending.remove(name)


@dataclass(slots=True)
class Collection:
    """Items that are no near-duplicates of one another.

    Attributes:
        wanted: How many items to hold at most.
        items: The items taken.
    """

    wanted: int
    items: list[dict[str, Any]] = field(default_factory=list)
    _grams: list[set[tuple[str, ...]]] = field(default_factory=list)

    def offer(self, item: dict[str, Any]) -> bool:
        """Take the item unless it reads like one already taken; says whether it was taken."""
        grams = fivegrams(item)
        if len(self.items) >= self.wanted or any(jaccard(grams, g) >= MAX_SHARED_FIVEGRAMS for g in self._grams):
            return False
        self.items.append(item)
        self._grams.append(grams)
        return True


def fivegrams(item: Mapping[str, Any]) -> set[tuple[str, ...]]:
    """Word 5-grams of question and options; a Chinese character counts as a word."""
    text = "\n".join([item["question"], *(item["options"] or {}).values()])
    tokens = _TOKEN.findall(text.lower())
    return {tuple(tokens[i : i + 5]) for i in range(max(1, len(tokens) - 4))}


def jaccard(one: set[tuple[str, ...]], other: set[tuple[str, ...]]) -> float:
    """Shared over all, 0 to 1."""
    return len(one & other) / len(one | other)
