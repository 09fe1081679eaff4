"""Which labelled seeds are measured: half of them, whose labels nobody sees; the other half stays as it is."""

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from linkqa_kedro.annotation_quality.copies import copy_groups
from linkqa_kedro.errors import UserError

RANDOM_SEED = 20250803
"""Decides the halves. It is no parameter: figures of two teachers compare only over the same seeds."""

_MEASURED_FRACTION = 0.5

Row = dict[str, Any]


@dataclass(frozen=True)
class Halves:
    """The labelled seeds in two halves.

    Attributes:
        seeds: All rows of `seeds` in their order, the measured half without labels.
        measured: The measured half with its labels, in the order in which a sample takes them.
        visible: The other half.
        n_copies: Labelled seeds that have a copy among the others; a seed and its copies are in one half.
    """

    seeds: list[Row]
    measured: list[Row]
    visible: list[Row]
    n_copies: int


@dataclass(frozen=True)
class _PlacedGroup:
    """Seeds that are copies of one another, or one seed.

    Attributes:
        rows: The seeds.
        digest: Decides the order within a stratum.
        position: Share of the stratum's seeds that stand before the group's middle, in (0, 1).
    """

    rows: list[Row]
    digest: str
    position: float


def is_labelled(row: Mapping[str, Any]) -> bool:
    """Whether a seed carries a label of any kind."""
    return bool(row["knowledge_points"]) or row["discipline"] is not None or row["difficulty"] is not None


def hide_half(rows: Sequence[Row]) -> Halves:
    """Hide the labels of half of the labelled seeds.

    The half is the same for the same seeds, in whatever order they stand. It is taken from each stratum (language,
    source, discipline, difficulty, whether there are knowledge points), in an order drawn by hashes of RANDOM_SEED and
    the identifier. Copies stay together. A sample, the first N of the measured, goes through the strata evenly, and a
    larger one holds the smaller one.

    Raises:
        UserError: If no seed carries a label, or they are too few or too alike for two halves.
    """
    labelled = sorted((row for row in rows if is_labelled(row)), key=lambda row: str(row["seed_id"]))
    if not labelled:
        raise UserError(
            f"None of the {len(rows)} seeds carries a label, so there is nothing to measure a teacher by. Name another "
            "file with --seeds, or the columns that hold the labels: extraction.columns.knowledge_points, "
            ".discipline and .difficulty in parameters_extraction.yml."
        )
    groups = [[labelled[place] for place in group] for group in copy_groups(labelled)]
    first, second = _first_and_second(_placed(groups))
    measured = [row for group in first for row in group.rows]
    visible = [row for group in second for row in group.rows]
    if not measured or not visible:
        raise UserError(
            f"{len(labelled)} of the {len(rows)} seeds carry labels, and they make {len(groups)} when copies are taken "
            "together: too few for a half to be measured and a half to be shown. Name a larger file with --seeds."
        )
    hidden_ids = {row["seed_id"] for row in measured}
    return Halves(
        seeds=[_without_labels(row) if row["seed_id"] in hidden_ids else row for row in rows],
        measured=measured,
        visible=visible,
        n_copies=sum(len(group) for group in groups if len(group) > 1),
    )


def _without_labels(row: Row) -> Row:
    return {**row, "knowledge_points": [], "discipline": None, "difficulty": None}


def _placed(groups: Sequence[list[Row]]) -> list[_PlacedGroup]:
    strata: dict[tuple[str, ...], list[tuple[str, list[Row]]]] = defaultdict(list)
    for group in groups:
        strata[_stratum(group[0])].append((_digest(group[0]), group))
    placed = []
    for _, stratum in sorted(strata.items()):
        n_seeds = sum(len(group) for _, group in stratum)
        n_before = 0
        for digest, group in sorted(stratum, key=lambda one: one[0]):
            placed.append(_PlacedGroup(group, digest, (n_before + len(group) / 2) / n_seeds))
            n_before += len(group)
    return placed


def _first_and_second(placed: Sequence[_PlacedGroup]) -> tuple[list[_PlacedGroup], list[_PlacedGroup]]:
    """Groups before and behind the middle of their strata; those right in the middle go to either side by turns."""
    halves: tuple[list[_PlacedGroup], list[_PlacedGroup]] = ([], [])
    n_in_the_middle = 0
    for group in placed:
        is_second = group.position > _MEASURED_FRACTION
        if group.position == _MEASURED_FRACTION:
            is_second = n_in_the_middle % 2 == 1
            n_in_the_middle += 1
        halves[is_second].append(group)
    return sorted(halves[0], key=_order), halves[1]


def _order(group: _PlacedGroup) -> tuple[float, str]:
    return group.position, group.digest


def _stratum(row: Row) -> tuple[str, ...]:
    labels = (row["discipline"], row["difficulty"], bool(row["knowledge_points"]))
    return (row["language"], row["source"], *(str(label) for label in labels))


def _digest(row: Row) -> str:
    return hashlib.sha256(f"{RANDOM_SEED}:{row['seed_id']}".encode()).hexdigest()
