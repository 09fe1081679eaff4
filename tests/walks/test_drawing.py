"""Drawing meets its quotas, or says why it cannot."""

from dataclasses import replace

import numpy as np
import pytest

from linkqa_kedro.walks.cooccurrence import association, count_pairs
from linkqa_kedro.walks.csr import csr_graph, seed_index
from linkqa_kedro.walks.drawing import (
    NO_SEEDS,
    TOO_FEW_SEEDS,
    UNCONNECTED,
    CellQuota,
    Drawing,
    LabelledSeeds,
    PathDrawing,
    WalkSettings,
)
from linkqa_kedro.walks.path_seeds import SEEDS_USED_UP

SETTINGS = WalkSettings(
    min_length=3,
    max_length=4,
    alpha=0.0,
    beta=4.0,
    gamma=1.0,
    rho=0.0,
    smoothing_fraction=0.1,
    round_growth=1.3,
    max_attempts=10,
    max_failed_walks=5,
    min_seeds=2,
    max_seeds=3,
    max_seed_uses=10_000,
    redistribute="none",
    random_seed=1,
)

# (knowledge points, discipline, level): a chain of physics seeds at level 1, a pair of law seeds at level 2.
SEEDS = [
    ([0, 1, 2], "physics", 1),
    ([1, 2, 3], "physics", 1),
    ([2, 3, 4], "physics", 1),
    ([5, 6, 7], "law", 2),
    ([6, 7, 8], "law", 2),
]


def draw(seeds=SEEDS, quotas=(), settings: WalkSettings = SETTINGS, n_paths: int = 50) -> Drawing:
    n_vertices = 1 + max(vertex for held, _, _ in seeds for vertex in held)
    vertices = np.array([vertex for held, _, _ in seeds for vertex in held])
    numbers = np.array([number for number, (held, _, _) in enumerate(seeds) for _ in held])
    popularity = np.bincount(vertices, minlength=n_vertices)
    edges = count_pairs(vertices, numbers, n_vertices)
    graph = csr_graph(edges.sources, edges.targets, association(edges, popularity, len(seeds), "cosine"), n_vertices)
    disciplines = np.array([discipline for _, discipline, _ in seeds])
    shares = {
        str(name): np.bincount(vertices, weights=disciplines[numbers] == name, minlength=n_vertices) / popularity
        for name in np.unique(disciplines)
    }
    labelled = LabelledSeeds(
        seed_index(vertices, numbers, n_vertices, len(seeds)), disciplines, np.array([level for _, _, level in seeds])
    )
    cells = [CellQuota(*cell) for cell in quotas] or [CellQuota(None, None, n_paths)]
    return PathDrawing(graph, labelled, popularity, shares, cells, settings).run()


def test_every_cell_gets_its_quota() -> None:
    drawn = draw(quotas=[("physics", 1, 40), ("law", 2, 10)])
    assert np.bincount([path.cell for path in drawn.paths]).tolist() == [40, 10]
    assert drawn.causes == {}


def test_paths_use_seeds_of_their_cell_that_hold_their_points() -> None:
    drawn = draw(quotas=[("physics", 1, 40), ("law", 2, 10)])
    for path in drawn.paths:
        held = {vertex for seed in path.seeds for vertex in SEEDS[seed][0]}
        assert set(path.vertices) <= held
        assert {SEEDS[seed][1:] for seed in path.seeds} == {("physics", 1) if path.cell == 0 else ("law", 2)}


def test_visits_count_the_paths_that_hold_a_point() -> None:
    drawn = draw()
    counted = np.bincount([vertex for path in drawn.paths for vertex in path.vertices], minlength=9)
    assert drawn.visits.tolist() == counted.tolist()


def test_the_value_evens_out_visits() -> None:
    """With beta the least and the most visited point of the chain lie closer together than on a static walk."""
    static = draw(settings=replace(SETTINGS, beta=0.0), n_paths=400).visits[:5]
    corrected = draw(n_paths=400).visits[:5]
    assert corrected.min() / corrected.max() > 1.2 * static.min() / static.max()


def test_equal_settings_draw_equal_paths() -> None:
    assert draw().paths == draw().paths


def test_another_random_seed_draws_other_paths() -> None:
    assert draw().paths != draw(settings=replace(SETTINGS, random_seed=2)).paths


@pytest.mark.parametrize(
    ("seeds", "cell", "cause"),
    [
        (SEEDS, ("physics", 5), NO_SEEDS),
        ([*SEEDS, ([0, 1, 2], "physics", 4)], ("physics", 4), TOO_FEW_SEEDS),
        ([*SEEDS, ([9], "physics", 4), ([10], "physics", 4)], ("physics", 4), UNCONNECTED),
        ([*SEEDS, ([9, 10], "physics", 4), ([11, 12], "physics", 4)], ("physics", 4), UNCONNECTED),
    ],
)
def test_a_cell_that_cannot_be_filled_is_closed_with_its_cause(seeds, cell, cause: str) -> None:
    drawn = draw(seeds, quotas=[("law", 2, 10), (*cell, 10)])
    assert drawn.causes == {1: cause}
    assert len(drawn.paths) == 10


def test_seeds_serve_no_more_paths_than_allowed() -> None:
    drawn = draw(quotas=[("law", 2, 10)], settings=replace(SETTINGS, max_seed_uses=4))
    assert drawn.seed_uses.max() == 4
    assert drawn.causes == {0: SEEDS_USED_UP}


def test_missing_paths_move_to_the_same_discipline_if_asked() -> None:
    quotas = [("physics", 1, 10), ("physics", 5, 6), ("law", 2, 10)]
    drawn = draw(quotas=quotas, settings=replace(SETTINGS, redistribute="same_discipline"))
    assert np.bincount([path.cell for path in drawn.paths]).tolist() == [16, 0, 10]
    assert drawn.moved == {1: 6}


def test_missing_paths_spread_in_proportion_if_asked() -> None:
    quotas = [("physics", 1, 10), ("physics", 5, 6), ("law", 2, 20)]
    drawn = draw(quotas=quotas, settings=replace(SETTINGS, redistribute="proportional"))
    assert np.bincount([path.cell for path in drawn.paths]).tolist() == [12, 0, 24]


def test_points_in_components_too_small_for_a_path_are_unreachable() -> None:
    drawn = draw([*SEEDS, ([9, 10], "law", 2)])
    assert drawn.reachable.tolist() == [True] * 9 + [False] * 2
    assert drawn.target[9:].tolist() == [0.0, 0.0]


def test_crossing_disciplines_lets_a_path_leave_its_own() -> None:
    """Points 4 and 5 stand in law seeds only; a physics path gets there if disciplines may cross."""
    seeds = [([0, 1, 2], "physics", 1), ([1, 2, 3], "physics", 1), ([2, 3, 4], "law", 1), ([3, 4, 5], "law", 1)]
    quotas = [("physics", 1, 40), ("law", 1, 40)]

    def furthest(rho: float) -> int:
        drawn = draw(seeds, quotas=quotas, settings=replace(SETTINGS, rho=rho))
        return max(vertex for path in drawn.paths if path.cell == 0 for vertex in path.vertices)

    assert furthest(rho=0.0) == 3
    assert furthest(rho=0.5) > 3


def test_only_paths_that_other_cells_really_drew_count_as_moved() -> None:
    """Both cells run out of seeds, so nothing can move from one to the other."""
    quotas = [("physics", 1, 20), ("law", 2, 20)]
    drawn = draw(quotas=quotas, settings=replace(SETTINGS, redistribute="proportional", max_seed_uses=3))
    assert set(drawn.causes.values()) == {SEEDS_USED_UP}
    assert drawn.moved == {}


def test_a_taker_that_runs_out_hands_on_what_it_could_not_draw() -> None:
    seeds = [*SEEDS, ([9, 10, 11], "art", 3), ([10, 11, 12], "art", 3)]
    quotas = [("physics", 5, 12), ("law", 2, 6), ("art", 3, 6)]
    drawn = draw(seeds, quotas=quotas, settings=replace(SETTINGS, redistribute="proportional", max_seed_uses=10))
    per_cell = np.bincount([path.cell for path in drawn.paths], minlength=3)
    assert per_cell[0] == 0
    assert sum(drawn.moved.values()) == per_cell.sum() - 12
