"""Path seeds cover their path, hang together and fit their cell."""

import numpy as np

from linkqa_kedro.walks.csr import seed_index
from linkqa_kedro.walks.path_seeds import NO_LINKED_SEEDS, SEEDS_USED_UP, PathSeedChooser, SeedFit

PATH = np.array([0, 1, 2])
# Seeds 0, 1 hold the edge 0-1; seed 2 holds 1-2; seed 3 holds 2 alone; seed 4 holds something else.
HELD = [[0, 1], [0, 1, 3], [1, 2], [2], [4]]


def index_of(held: list[list[int]]):
    pairs = [(vertex, seed) for seed, vertices in enumerate(held) for vertex in vertices]
    vertices, seeds = (np.array(column) for column in zip(*pairs, strict=True))
    return seed_index(vertices, seeds, 5, len(held))


def fit(levels: list[int], level: int = 3, foreign: tuple[int, ...] = ()) -> SeedFit:
    found = np.array(levels)
    mask = np.isin(np.arange(len(levels)), foreign)
    return SeedFit(core=found == level, below=found == level - 1, above=found == level + 1, foreign=mask)


def chooser(held: list[list[int]] = HELD, min_seeds: int = 2, max_seeds: int = 2, max_uses: int = 9):
    return PathSeedChooser(index_of(held), min_seeds, max_seeds, max_uses)


def test_each_edge_of_the_path_is_covered_by_a_seed_that_holds_both_ends() -> None:
    assert chooser().choose(PATH, fit([3] * 5)) == [0, 2]


def test_the_least_used_seed_is_taken() -> None:
    choosing = chooser()
    choosing.use([0])
    assert choosing.choose(PATH, fit([3] * 5)) == [1, 2]


def test_a_seed_of_another_level_does_not_cover_an_edge() -> None:
    assert chooser().choose(PATH, fit([2, 3, 3, 3, 3])) == [1, 2]


def test_without_a_seed_for_an_edge_there_is_no_set() -> None:
    assert chooser().choose(PATH, fit([3, 3, 2, 3, 3])) == NO_LINKED_SEEDS


def test_used_up_seeds_are_told_apart_from_missing_ones() -> None:
    choosing = chooser(max_uses=1)
    choosing.use([2])
    assert choosing.choose(PATH, fit([3] * 5)) == SEEDS_USED_UP


def test_further_seeds_must_hold_a_point_of_the_path() -> None:
    assert set(chooser(max_seeds=5).choose(PATH, fit([3] * 5))) == {0, 1, 2, 3}


def test_a_neighbouring_level_is_added_only_while_the_mean_stays_within_half_a_level() -> None:
    # Two seeds of level 3 and one of level 4: mean 3.33. A second one of level 4 would make it 3.5.
    held = [[0, 1], [1, 2], [0], [2]]
    assert chooser(held, max_seeds=4).choose(PATH, fit([3, 3, 4, 4])) == [0, 1, 2]


def test_levels_above_and_below_balance_each_other() -> None:
    held = [[0, 1], [1, 2], [0], [2]]
    assert set(chooser(held, max_seeds=4).choose(PATH, fit([3, 3, 4, 2]))) == {0, 1, 2, 3}


def test_one_seed_that_holds_the_whole_path_is_not_enough() -> None:
    assert chooser([[0, 1, 2]]).choose(PATH, fit([3])) == NO_LINKED_SEEDS


def test_a_longer_path_asks_for_half_as_many_seeds_as_it_has_points() -> None:
    held = [[0, 1, 2, 3, 4], [0, 4]]
    assert chooser(held, max_seeds=2).choose(np.arange(5), fit([3, 3])) == NO_LINKED_SEEDS


def test_seeds_of_other_disciplines_come_last() -> None:
    assert chooser().choose(PATH, fit([3] * 5, foreign=(0,))) == [1, 2]
