"""Half of the labelled seeds is hidden: always the same half, from every stratum, copies together."""

from collections import Counter
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fakes.labelled_seeds import labelled_seed, labelled_seeds
from linkqa_kedro.annotation_quality.hiding import hide_half, is_labelled
from linkqa_kedro.errors import UserError

SEEDS = labelled_seeds(60)
BARE = {"knowledge_points": [], "discipline": None, "difficulty": None}


def ids(rows: list[dict[str, Any]]) -> list[str]:
    return [row["seed_id"] for row in rows]


def test_the_hidden_half_shows_no_label_and_the_other_shows_all() -> None:
    halves = hide_half(SEEDS)
    hidden = set(ids(halves.measured))
    assert ids(halves.seeds) == ids(SEEDS)
    for before, after in zip(SEEDS, halves.seeds, strict=True):
        assert after == ({**before, **BARE} if before["seed_id"] in hidden else before)
    assert all(is_labelled(row) for row in halves.measured)
    assert hidden.isdisjoint(ids(halves.visible))


def test_each_stratum_gives_half() -> None:
    """Six seeds of each language, discipline and level: three are hidden."""
    cells = Counter((row["language"], row["discipline"], row["difficulty"]) for row in hide_half(SEEDS).measured)
    assert len(cells) == 20
    assert set(cells.values()) == {3}


def test_strata_of_one_seed_go_to_either_half_by_turns() -> None:
    lone = [labelled_seed(number, source=f"exam {number}") for number in range(10)]
    assert len(hide_half(lone).measured) == 5


@settings(max_examples=20, deadline=None)
@given(st.permutations(SEEDS))
def test_the_half_does_not_depend_on_the_order_of_the_file(seeds: list[dict[str, Any]]) -> None:
    assert ids(hide_half(seeds).measured) == ids(hide_half(SEEDS).measured)


def test_every_sample_goes_through_the_strata_evenly() -> None:
    sample = hide_half(SEEDS).measured[:20]
    cells = Counter((row["language"], row["discipline"], row["difficulty"]) for row in sample)
    assert set(cells.values()) == {1}


def test_a_seed_and_its_copies_are_in_one_half() -> None:
    twins = [{**row, "seed_id": f"copy of {row['seed_id']}", "difficulty": 5} for row in SEEDS]
    halves = hide_half([*SEEDS, *twins])
    assert halves.n_copies == 240
    for half in (halves.measured, halves.visible):
        assert len({row["question"] for row in half}) * 2 == len(half) > 80


def test_seeds_without_labels_are_neither_measured_nor_changed() -> None:
    unlabelled = [labelled_seed(number, **BARE) for number in range(900, 905)]
    halves = hide_half([*SEEDS, *unlabelled])
    assert halves.seeds[-5:] == unlabelled
    assert set(ids(unlabelled)).isdisjoint(ids(halves.measured) + ids(halves.visible))


def test_no_labels_are_a_mistake_of_the_user() -> None:
    with pytest.raises(UserError, match=r"None of the 3 seeds carries a label.*--seeds.*extraction.columns"):
        hide_half([labelled_seed(number, **BARE) for number in range(3)])


def test_copies_of_one_seed_are_too_few() -> None:
    same = [{**SEEDS[0], "seed_id": f"s{number}"} for number in range(4)]
    with pytest.raises(UserError, match="4 of the 5 seeds carry labels, and they make 1 when copies"):
        hide_half([*same, labelled_seed(900, **BARE)])


def test_samples_are_nested() -> None:
    measured = ids(hide_half(SEEDS).measured)
    assert all(set(measured[:small]) < set(measured[:large]) for small, large in pairwise(range(0, 60, 7)))
