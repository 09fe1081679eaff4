"""An item made harder (or easier) by joining more (or fewer) seeds, statements and conditions to it.

Every candidate is composed afresh from seeds, the parent's own first, rated blind, and the one nearest the level
asked is returned. Nothing is asserted that the seeds' keys do not give.
"""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from linkqa_kedro.composer.compose import MAX_QUESTIONS, make_plan, points_held
from linkqa_kedro.composer.dice import Dice
from linkqa_kedro.composer.draft import write_item
from linkqa_kedro.composer.item_types import BUILDERS, QUESTION_TYPES, RECALL, is_recall, joins
from linkqa_kedro.composer.material import Material, read_materials
from linkqa_kedro.composer.rate import item_level

# What is reported where the target lies below the measured level.
LOWERING = "fewer_parts"


@dataclass(frozen=True, slots=True)
class _Recipe:
    """How a strategy is carried out.

    Attributes:
        types: Item types that do it.
        counterfactual: Whether the task stands under a supposition.
        abstract: Whether answers go by letters.
        neighbour: Whether a seed with a neighbouring knowledge point must join.
    """

    types: tuple[str, ...]
    counterfactual: bool = False
    abstract: bool = False
    neighbour: bool = False


# In the order in which they stand in for one another.
_RECIPES: Mapping[str, _Recipe] = {
    "more_inference_steps": _Recipe(("conditional", "counting", "matching", "ordering", "sequence")),
    "added_constraints": _Recipe(("true_false", "counting", "multiple_select", "single_choice")),
    "neighbouring_kp": _Recipe(QUESTION_TYPES, neighbour=True),
    "counterfactual": _Recipe(("counting", "calculation"), counterfactual=True),
    "abstraction": _Recipe(("calculation",), abstract=True),
}
STRATEGIES: tuple[str, ...] = tuple(_RECIPES)
_RECALL_RECIPE = _Recipe((RECALL,))
_LOWERING_RECIPE = _Recipe(
    ("statement_pair", "sequence", "matching", "single_choice", "multiple_select", "calculation")
)
_LOADS = (5, 3, 1)
_SETS_PER_SIZE = 3
_RECALL_SIZES = (2, 3, 4)
_RECALL_SETS = 24


@dataclass(frozen=True, slots=True)
class _Candidate:
    item: dict[str, Any]
    strategy: str
    off_target: int
    from_parent: int


def raise_item(values: Mapping[str, Any]) -> dict[str, Any]:
    """The reply of a raise request: the item nearest the target, and the strategy that made it.

    The strategy asked for is tried first. Only where another comes nearer to the target, or where the
    seeds do not allow the one asked (no numeric answers to abstract from, no neighbouring seed), another is used and
    named. With a target below the measured level the strategy is "fewer_parts". Where the seeds allow no item but
    the parent, "item" is None.
    """
    target, lowering = values["target_difficulty"], values["target_difficulty"] < values["measured_difficulty"]
    wanted = LOWERING if lowering else values["strategy"]
    names = [LOWERING] if lowering else [wanted, *(name for name in STRATEGIES if name != wanted)]
    best: _Candidate | None = None
    for name in names:
        for candidate in _candidates(values, name, target):
            if best is None or _rank(candidate, names) < _rank(best, names):
                best = candidate
            # The parent's own seeds come first: it will not get better. And what is no recall is never of level 1.
            if best.off_target <= (target == 1 and best.item["question_type"] != RECALL):
                break
        if best is not None and best.off_target == 0:
            break
    return {"item": best.item if best else None, "strategy": best.strategy if best else wanted}


def _rank(candidate: _Candidate, names: Sequence[str]) -> tuple[int, int, int]:
    return candidate.off_target, names.index(candidate.strategy), -candidate.from_parent


def _candidates(values: Mapping[str, Any], strategy: str, target: int) -> Iterator[_Candidate]:
    dice = Dice("raise", values, strategy)
    materials, n_parent = _parent_first(values)
    points = [*values["path"], *(p for p in values["neighbour_kps"] if p not in values["path"])]
    beyond = set(values["neighbour_kps"]) - set(values["path"])
    parent = _shown_parent(values)
    for recipe, subset in _attempts(materials, n_parent, points, strategy, target, dice):
        if recipe.neighbour and not any(beyond & set(material.knowledge_points) for material in subset):
            continue
        loads = (1,) if recipe is _RECALL_RECIPE else _LOADS
        for question_type, load in itertools.product(dice.shuffled(recipe.types, "types"), loads):
            plan = make_plan(
                subset,
                values["language"],
                load,
                dice.child(question_type, load, [material.seed_number for material in subset]),
                recipe.counterfactual,
                recipe.abstract,
            )
            draft = BUILDERS[question_type](plan)
            if draft is None:
                continue
            item = write_item(draft, plan.wording, points)
            if "\n".join([item["question"], *(item["options"] or {}).values()]) != parent:
                from_parent = sum(material in materials[:n_parent] for material in subset)
                yield _Candidate(item, strategy, abs(item_level(item) - target), from_parent)


def _parent_first(values: Mapping[str, Any]) -> tuple[list[Material], int]:
    """The usable seeds, those that the parent quotes in front, and how many these are."""
    materials = read_materials(values["seeds"], values["language"])
    shown = _shown_parent(values)
    quoted = [material for material in materials if material.stem in shown]
    return [*quoted, *(material for material in materials if material not in quoted)], len(quoted)


def _shown_parent(values: Mapping[str, Any]) -> str:
    """Question and options of the parent: some types show the seeds' questions in their options alone."""
    item = values["item"]
    return "\n".join([item["question"], *(option["text"] for option in item["options"] or ())])


def _attempts(
    materials: Sequence[Material], n_parent: int, points: Sequence[str], strategy: str, target: int, dice: Dice
) -> Iterator[tuple[_Recipe, tuple[Material, ...]]]:
    """What to try, in turn: the recipe and the set of seeds."""
    if strategy != LOWERING:
        recipes = [_RECIPES[strategy]] if strategy in _RECIPES else []
    else:
        # What asks for no fact is no recall, however short: there the type is left out.
        recipes = [_LOWERING_RECIPE] if target == 1 else [_RECALL_RECIPE, _LOWERING_RECIPE]
        if target == 1:
            yield from ((_RECALL_RECIPE, subset) for subset in _recall_sets(materials, n_parent, points, dice))
    for recipe in recipes:
        yield from ((recipe, subset) for subset in _subsets(materials, points, target))


def _recall_sets(
    materials: Sequence[Material], n_parent: int, points: Sequence[str], dice: Dice
) -> list[tuple[Material, ...]]:
    """Sets of seeds that ask for facts, those that keep most of the parent's seeds first."""
    facts = [material for material in materials if is_recall(material)]
    sets = [
        subset
        for size in _RECALL_SIZES
        for subset in itertools.combinations(facts, size)
        if joins(RECALL, subset) and len(points_held(subset, points)) >= 2
    ]
    kept = {material.seed_number for material in materials[:n_parent]}
    in_turn = sorted(
        dice.shuffled(sets, "recall"), key=lambda subset: -sum(material.seed_number in kept for material in subset)
    )
    return in_turn[:_RECALL_SETS]


def _subsets(materials: Sequence[Material], points: Sequence[str], target: int) -> Iterator[tuple[Material, ...]]:
    """A few sets of each size that join two points, earlier seeds first; sizes nearest the target first."""
    sizes = range(2, min(MAX_QUESTIONS, len(materials)) + 1)
    for size in sorted(sizes, key=lambda size: (abs(size - target), size)):
        sets = (s for s in itertools.combinations(materials, size) if len(points_held(s, points)) >= 2)
        yield from itertools.islice(sets, _SETS_PER_SIZE)
        # The last seeds are those of neighbouring points: a set that reaches them belongs among the few.
        yield from (s for s in [(*materials[: size - 1], materials[-1])] if len(points_held(s, points)) >= 2)
