"""Path seeds cover their path, hang together and fit their cell."""

from collections.abc import Sequence

import numpy as np
import pytest
from scipy.stats import chisquare

from fakes.small_graphs import seed_graph
from linkqa_kedro.walks.choice_table import NOTHING
from linkqa_kedro.walks.counter_draws import DrawKey
from linkqa_kedro.walks.layered_graph import Layer, SeedLabels, layered_graph
from linkqa_kedro.walks.path_seeds import (
    CHOSEN,
    NO_LINKED_SEEDS,
    SEEDS_USED_UP,
    TOO_SHORT,
    CellFit,
    PathSeedChooser,
    PathSeedSettings,
)
from linkqa_kedro.walks.steps import STOPPED, Walks

PATH = [0, 1, 2]
# Seeds 0, 1 hold the edge 0-1; seed 2 holds 1-2; seed 3 holds 2 alone; seed 4 holds something else.
HELD = [[0, 1], [0, 1, 3], [1, 2], [2], [4]]


class Choosing:
    """Seeds of a cell of level 3 in one discipline, chosen for paths one after another."""

    def __init__(
        self,
        held: Sequence[list[int]] = HELD,
        levels: Sequence[int] | None = None,
        foreign: Sequence[int] = (),
        min_seeds: int = 2,
        max_seeds: int = 2,
        max_uses: int = 9,
    ) -> None:
        levels = levels or [3] * len(held)
        made = seed_graph([(points, "x", level) for points, level in zip(held, levels, strict=True)])
        labels = SeedLabels(np.zeros(len(held), np.int64), made.seeds.levels)
        self.graph = layered_graph(made.graph, made.seeds.index, labels, [Layer(0, 3)])
        disciplines = np.isin(np.arange(len(held)), foreign).astype(np.int64)
        settings = PathSeedSettings(3, min_seeds, max_seeds, max_uses)
        self.chooser = PathSeedChooser(self.graph, made.seeds.index, made.seeds.levels, disciplines, settings)

    def for_paths(self, paths: Sequence[Sequence[int]], first: int = 0) -> tuple[list[list[int]], list[int]]:
        """Seeds of each path and how the choice ended."""
        length = max(map(len, paths))
        rows = np.full((length, len(paths)), STOPPED, np.int64)
        edges = np.full((length - 1, len(paths)), STOPPED, np.int64)
        row_of = {vertex: row for row, vertex in enumerate(self.graph.vertices.tolist())}
        for column, path in enumerate(paths):
            rows[: len(path), column] = [row_of[vertex] for vertex in path]
            for step, (tail, head) in enumerate(zip(rows[:, column], rows[1 : len(path), column], strict=False)):
                between = range(self.graph.indptr[tail], self.graph.indptr[tail + 1])
                edges[step, column] = next(edge for edge in between if self.graph.heads[edge] == head)
        numbers = np.arange(first, first + len(paths))
        fit = CellFit(np.full(len(paths), 3), np.zeros(len(paths), np.int64))
        seeds, endings = self.chooser.choose(Walks(rows, edges, rows[0]), fit, numbers, DrawKey(1, 0, 0))
        return [[seed for seed in row if seed != NOTHING] for row in seeds.T.tolist()], endings.tolist()

    def once(self, path: Sequence[int] = PATH) -> list[int]:
        """Seeds of one path."""
        (seeds,), (ending,) = self.for_paths([path])
        assert ending == CHOSEN
        return seeds

    def ending(self, path: Sequence[int] = PATH) -> int:
        return self.for_paths([path])[1][0]

    def use(self, *seeds: int) -> None:
        self.chooser.use(np.array([[seed] for seed in seeds], np.int32))


def test_each_edge_of_the_path_is_covered_by_a_seed_that_holds_both_ends() -> None:
    choosing = Choosing()
    choosing.use(1)
    assert choosing.once() == [0, 2]


def test_the_least_used_seed_is_taken() -> None:
    choosing = Choosing()
    choosing.use(0)
    assert choosing.once() == [1, 2]


def test_a_seed_of_another_level_does_not_cover_an_edge() -> None:
    choosing = Choosing(levels=[2, 3, 3, 3, 3])
    choosing.use(1)
    assert choosing.once() == [1, 2]


def test_a_seed_that_covers_two_edges_is_given_once() -> None:
    assert Choosing([[0, 1, 2], [0]]).once() == [0, 1]


def test_used_up_seeds_are_told_apart_from_missing_ones() -> None:
    choosing = Choosing(max_uses=1)
    choosing.use(2)
    assert choosing.ending() == SEEDS_USED_UP
    assert Choosing([[0, 1, 2]]).ending() == NO_LINKED_SEEDS, "one seed that holds the whole path is not enough"


def test_a_short_path_gets_no_seeds() -> None:
    assert Choosing().ending([0, 1]) == TOO_SHORT


def test_further_seeds_must_hold_a_point_of_the_path() -> None:
    held = [[0, 1], [1, 2], [1], [3, 4]]
    assert set(Choosing(held, max_seeds=5).once()) == {0, 1, 2}


def test_beyond_the_fewest_a_seed_must_share_a_point_of_the_path_with_each_one_chosen() -> None:
    """Seed 2 holds 0, which seed 1 does not: to have three seeds it is taken, to have more than two it is not."""
    held = [[0, 1], [1, 2], [0]]
    assert set(Choosing(held, max_seeds=5).once()) == {0, 1}
    assert set(Choosing(held, min_seeds=3, max_seeds=5).once()) == {0, 1, 2}


def test_a_more_related_seed_is_added_before_a_less_used_one() -> None:
    held = [[0, 1], [1, 2], [0], [1]]
    choosing = Choosing(held, min_seeds=3, max_seeds=3)
    for _ in range(5):
        choosing.use(3)
    assert set(choosing.once()) == {0, 1, 3}


def test_a_neighbouring_level_is_added_only_while_the_mean_stays_within_half_a_level() -> None:
    """Two seeds of level 3 and one of level 4: mean 3.33. A second one of level 4 would make it 3.5."""
    held = [[0, 1], [1, 2], [1], [1]]
    assert set(Choosing(held, [3, 3, 4, 4], max_seeds=4).once()) in ({0, 1, 2}, {0, 1, 3})


def test_levels_above_and_below_balance_each_other() -> None:
    held = [[0, 1], [1, 2], [1], [1]]
    assert set(Choosing(held, [3, 3, 4, 2], max_seeds=4).once()) == {0, 1, 2, 3}


def test_levels_two_off_are_never_added() -> None:
    held = [[0, 1], [1, 2], [1], [1]]
    assert set(Choosing(held, [3, 3, 5, 1], max_seeds=4).once()) == {0, 1}


def test_half_of_the_seeds_keep_the_level() -> None:
    """Two of level 3, two of level 2 and two of level 4: a fifth would leave two of five."""
    held = [[0, 1], [1, 2], [1], [1], [1], [1]]
    levels = [3, 3, 2, 2, 4, 4]
    chosen = Choosing(held, levels, max_seeds=6).once()
    assert len(chosen) == 4
    assert sorted(levels[seed] for seed in chosen) == [2, 3, 3, 4]


def test_a_longer_path_asks_for_half_as_many_seeds_as_it_has_points() -> None:
    path = [0, 1, 2, 3, 4]
    assert Choosing([path, [0, 4]]).ending(path) == NO_LINKED_SEEDS
    assert set(Choosing([path, [0, 4], [1]]).once(path)) == {0, 1, 2}


def test_seeds_of_other_disciplines_come_last() -> None:
    choosing = Choosing(foreign=(0,))
    for _ in range(3):
        choosing.use(1)
    assert choosing.once() == [1, 2]


def test_uses_are_read_as_they_stood_before_the_choice() -> None:
    """All paths of one choice see the same uses: who is handled with whom makes no difference."""
    held = [[0, 1]] * 3 + [[1, 2]] * 3
    together, alone = Choosing(held), Choosing(held)
    whole = together.for_paths([PATH] * 20)[0]
    assert whole == [alone.for_paths([PATH], first)[0][0] for first in range(20)]


def test_of_paths_that_want_a_seed_too_often_the_earlier_have_it() -> None:
    choosing = Choosing(max_uses=2)
    wanted = np.array([[0, 0, 0, 1], [2, NOTHING, 3, 3]], np.int32)
    assert choosing.chooser.use(wanted).tolist() == [True, True, False, True]
    assert choosing.chooser.uses.tolist() == [2, 1, 1, 1, 0]
    assert choosing.chooser.used_up.tolist() == [True, False, False, False, False]


def test_the_use_of_seeds_that_do_equally_well_is_balanced() -> None:
    """Thirty seeds for each edge, three hundred paths: ten uses each if it were perfect."""
    held = [[0, 1]] * 30 + [[1, 2]] * 30
    choosing = Choosing(held, max_uses=1000)
    for first in range(300):
        seeds, _ = choosing.for_paths([PATH], first)
        choosing.use(*seeds[0])
    assert choosing.chooser.uses.sum() == 600
    assert 6 <= choosing.chooser.uses.min() <= choosing.chooser.uses.max() <= 14


@pytest.mark.parametrize("n_seeds", [4, 5, 1000])
def test_all_seeds_of_an_edge_have_their_turn(n_seeds: int) -> None:
    choosing = Choosing([[0, 1]] * n_seeds + [[1, 2]] * 2)
    seeds, _ = choosing.for_paths([PATH] * 20_000)
    assert {row[0] for row in seeds} == set(range(n_seeds))


def test_seeds_do_not_depend_on_the_draws_that_the_walk_took() -> None:
    """Four seeds of the first edge against the quarter that each step's draw fell into: sixteen even fields."""
    n_paths = 4000
    seeds, _ = Choosing([[0, 1]] * 4 + [[1, 2]] * 2).for_paths([PATH] * n_paths)
    first = np.array([row[0] for row in seeds])
    for step in range(4):
        quarter = (DrawKey(1, 0, 0).uniform(np.arange(n_paths), step) * 4).astype(np.int64)
        assert chisquare(np.bincount(first * 4 + quarter, minlength=16)).pvalue > 1e-4
