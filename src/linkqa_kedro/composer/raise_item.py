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
from linkqa_kedro.composer.item_types import BUILDERS, QUESTION_TYPES
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
_LOWERING_RECIPE = _Recipe(
    ("right_pair", "statement_pair", "sequence", "matching", "single_choice", "multiple_select", "calculation")
)
_LOADS = (5, 3, 1)
_SETS_PER_SIZE = 3


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
        recipe = _LOWERING_RECIPE if lowering else _RECIPES.get(name)
        if recipe is None:
            continue
        for candidate in _candidates(values, name, recipe, target):
            if best is None or _rank(candidate, names) < _rank(best, names):
                best = candidate
            if best.off_target == 0:  # sets of the parent's own seeds come first: it will not get better
                break
        if best is not None and best.off_target == 0:
            break
    return {"item": best.item if best else None, "strategy": best.strategy if best else wanted}


def _rank(candidate: _Candidate, names: Sequence[str]) -> tuple[int, int, int]:
    return candidate.off_target, names.index(candidate.strategy), -candidate.from_parent


def _candidates(values: Mapping[str, Any], strategy: str, recipe: _Recipe, target: int) -> Iterator[_Candidate]:
    dice = Dice("raise", values, strategy)
    materials, n_parent = _parent_first(values)
    points = [*values["path"], *(p for p in values["neighbour_kps"] if p not in values["path"])]
    beyond = set(values["neighbour_kps"]) - set(values["path"])
    for subset in _subsets(materials, points, target):
        if recipe.neighbour and not any(beyond & set(material.knowledge_points) for material in subset):
            continue
        for question_type, load in itertools.product(dice.shuffled(recipe.types, "types"), _LOADS):
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
            if item["question"] != values["item"]["question"]:
                from_parent = sum(material in materials[:n_parent] for material in subset)
                yield _Candidate(item, strategy, abs(item_level(item) - target), from_parent)


def _parent_first(values: Mapping[str, Any]) -> tuple[list[Material], int]:
    """The usable seeds, those that the parent quotes in front, and how many these are."""
    materials = read_materials(values["seeds"], values["language"])
    quoted = [material for material in materials if material.stem in values["item"]["question"]]
    return [*quoted, *(material for material in materials if material not in quoted)], len(quoted)


def _subsets(materials: Sequence[Material], points: Sequence[str], target: int) -> Iterator[tuple[Material, ...]]:
    """A few sets of each size that join two points, earlier seeds first; sizes nearest the target first."""
    sizes = range(2, min(MAX_QUESTIONS, len(materials)) + 1)
    for size in sorted(sizes, key=lambda size: (abs(size - target), size)):
        sets = (s for s in itertools.combinations(materials, size) if len(points_held(s, points)) >= 2)
        yield from itertools.islice(sets, _SETS_PER_SIZE)
        # The last seeds are those of neighbouring points: a set that reaches them belongs among the few.
        yield from (s for s in [(*materials[: size - 1], materials[-1])] if len(points_held(s, points)) >= 2)
