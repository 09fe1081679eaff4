"""Drawing meets its quotas, or says why it cannot."""

from collections import Counter
from dataclasses import replace
from itertools import pairwise
from math import ceil

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chisquare

from fakes.small_graphs import (
    SETTINGS,
    Seed,
    SeedGraph,
    as_bytes,
    draw,
    per_cell,
    seed_graph,
    seeds_of,
    vertices_of,
)
from linkqa_kedro.figures.gini import gini
from linkqa_kedro.walks.cells import NO_SEED_SET, NO_SEEDS, TOO_FEW_SEEDS, UNCONNECTED, USED_UP
from linkqa_kedro.walks.csr import csr_graph
from linkqa_kedro.walks.drawing import Drawing

# A chain of physics seeds at level 1, a pair of law seeds at level 2.
SEEDS: list[Seed] = [
    ([0, 1, 2], "physics", 1),
    ([1, 2, 3], "physics", 1),
    ([2, 3, 4], "physics", 1),
    ([5, 6, 7], "law", 2),
    ([6, 7, 8], "law", 2),
]
QUOTAS = [("physics", 1, 40), ("law", 2, 10)]


def test_every_cell_gets_its_quota() -> None:
    drawn = draw(SEEDS, QUOTAS)
    assert per_cell(drawn, 2) == [40, 10]
    assert drawn.causes == {}


def test_paths_use_seeds_of_their_cell_that_hold_their_points() -> None:
    drawn = draw(SEEDS, QUOTAS)
    for cell, vertices, seeds in zip(drawn.paths.cells, vertices_of(drawn), seeds_of(drawn), strict=True):
        assert set(vertices) <= {vertex for seed in seeds for vertex in SEEDS[seed][0]}
        assert {SEEDS[seed][1:] for seed in seeds} == {("physics", 1) if cell == 0 else ("law", 2)}


def test_visits_and_uses_are_those_of_the_paths() -> None:
    drawn = draw(SEEDS)
    visits = Counter(vertex for path in vertices_of(drawn) for vertex in path)
    uses = Counter(seed for path in seeds_of(drawn) for seed in path)
    assert drawn.visits.tolist() == [visits[vertex] for vertex in range(9)]
    assert drawn.seed_uses.tolist() == [uses[seed] for seed in range(5)]


def test_the_value_evens_out_visits() -> None:
    """With beta the least and the most visited point of the chain lie closer together than on a static walk."""
    static = draw(SEEDS, settings=replace(SETTINGS, beta=0.0), n_paths=400).visits[:5]
    corrected = draw(SEEDS, n_paths=400).visits[:5]
    assert corrected.min() / corrected.max() > 1.2 * static.min() / static.max()


def test_without_the_value_walks_are_static_and_have_the_probabilities_computed_by_hand() -> None:
    """beta 0 on two seeds that hold the points 0, 1, 2 and 1, 2, 3; every start is as likely.

    n(k) is 1, 2, 2, 1: the edges 0-1, 0-2, 1-3, 2-3 weigh 1/√2, the edge 1-2 weighs 1. From 1: 0 and 3 each 1/(2 + √2),
    2 the rest.
    """
    seeds: list[Seed] = [([0, 1, 2], "x", 1), ([1, 2, 3], "x", 1)]
    static = replace(SETTINGS, beta=0.0, max_length=3, max_seed_uses=40_000)
    drawn = Counter(map(tuple, vertices_of(draw(seeds, settings=static, n_paths=40_000))))
    aside, across = 1 / (2 + np.sqrt(2)), np.sqrt(2) / (2 + np.sqrt(2))
    expected = {}
    for end, other in ((0, 3), (3, 0)):
        for middle, second in ((1, 2), (2, 1)):
            # From the end to either middle; the way back is cut out of the next step.
            expected[(end, middle, second)] = 1 / 4 * 1 / 2 * across / (across + aside)
            expected[(end, middle, other)] = 1 / 4 * 1 / 2 * aside / (across + aside)
            expected[(middle, end, second)] = 1 / 4 * aside
            expected[(middle, second, end)] = 1 / 4 * across * 1 / 2
    assert sum(expected.values()) == pytest.approx(1)
    assert set(drawn) == set(expected)
    assert chisquare([drawn[path] for path in expected], [40_000 * p for p in expected.values()]).pvalue > 1e-4


def test_alpha_decides_between_uniform_visits_and_visits_that_follow_popularity() -> None:
    """A hub in all of fifty seeds, each with two points of its own: beta 4 brings visits near q(k), whatever alpha."""
    seeds: list[Seed] = [([0, 2 * n + 1, 2 * n + 2, 2 * n + 3], "x", 1) for n in range(50)]
    uniform = draw(seeds, settings=replace(SETTINGS, alpha=0.0), n_paths=3000)
    popular = draw(seeds, settings=replace(SETTINGS, alpha=1.0), n_paths=3000)
    assert gini(uniform.visits) < 0.1
    for drawn in (uniform, popular):
        assert np.abs(drawn.visits / drawn.visits.sum() - drawn.target).sum() / 2 < 0.06
    assert popular.visits[0] > 5 * uniform.visits[0]


@pytest.mark.parametrize("rho", [0.0, 0.3])
@pytest.mark.parametrize("quotas", [[], [("a", 2, 60), ("a", 3, 60), ("b", 2, 60)], [("a", None, 90), ("b", None, 90)]])
def test_the_same_bytes_come_from_any_number_of_workers_and_chunks_of_any_size(quotas: list, rho: float) -> None:
    made = random_seeds(1)
    tight = replace(SETTINGS, rho=rho, max_seed_uses=14, redistribute="proportional")
    first = as_bytes(draw(made, quotas, tight, n_paths=180))
    for n_workers, chunk_walks in ((2, 131_072), (1, 7), (2, 3), (3, 1)):
        assert as_bytes(draw(made, quotas, tight, 180, n_workers, chunk_walks)) == first


def test_another_random_seed_draws_other_paths() -> None:
    assert as_bytes(draw(SEEDS)) != as_bytes(draw(SEEDS, settings=replace(SETTINGS, random_seed=2)))


@pytest.mark.parametrize(
    ("more", "cell", "cause"),
    [
        ([], ("physics", 5), NO_SEEDS),
        ([], ("art", 1), NO_SEEDS),
        ([([0, 1, 2], "physics", 4)], ("physics", 4), TOO_FEW_SEEDS),
        ([([9], "physics", 4), ([10], "physics", 4)], ("physics", 4), UNCONNECTED),
        ([([9, 10], "physics", 4), ([11, 12], "physics", 4)], ("physics", 4), UNCONNECTED),
        ([([9, 10], "physics", 4)] * 6, ("physics", 4), UNCONNECTED),
        ([([9, 10, 11], "physics", 4), ([12, 13, 14], "physics", 4)], ("physics", 4), NO_SEED_SET),
    ],
    ids=["no level", "no discipline", "one seed", "no edge", "two edges apart", "a single edge", "two seeds apart"],
)
def test_a_cell_that_cannot_be_filled_is_closed_with_its_cause(more: list, cell: tuple, cause: str) -> None:
    drawn = draw([*SEEDS, *more], [("law", 2, 10), (*cell, 10)])
    assert drawn.causes == {1: cause}
    assert per_cell(drawn, 2) == [10, 0]
    assert drawn.n_redrawn == 0, "it is known before the first walk"


def test_seeds_serve_no_more_paths_than_allowed() -> None:
    drawn = draw(SEEDS, [("law", 2, 10)], replace(SETTINGS, max_seed_uses=4))
    assert drawn.seed_uses.max() == 4
    assert drawn.causes == {0: USED_UP}


def test_what_used_up_seeds_leave_is_used_to_its_end() -> None:
    """Two hundred seeds along a chain, three uses each: at least two seeds a path, so three hundred paths at most."""
    chain: list[Seed] = [([n, n + 1, n + 2], "x", 1) for n in range(200)]
    drawn = draw(chain, settings=replace(SETTINGS, max_seed_uses=3, max_seeds=2), n_paths=1000)
    assert drawn.causes == {0: USED_UP}
    assert len(drawn.paths) > 225
    assert drawn.seed_uses.max() == 3


def test_missing_paths_move_to_the_same_discipline_if_asked() -> None:
    quotas = [("physics", 1, 10), ("physics", 5, 6), ("law", 2, 10)]
    drawn = draw(SEEDS, quotas, replace(SETTINGS, redistribute="same_discipline"))
    assert per_cell(drawn, 3) == [16, 0, 10]
    assert drawn.moved == {1: 6}


def test_missing_paths_spread_in_proportion_if_asked() -> None:
    quotas = [("physics", 1, 10), ("physics", 5, 6), ("law", 2, 20)]
    assert per_cell(draw(SEEDS, quotas, replace(SETTINGS, redistribute="proportional")), 3) == [12, 0, 24]


def test_only_paths_that_other_cells_really_drew_count_as_moved() -> None:
    """Both cells run out of seeds, so nothing can move from one to the other."""
    quotas = [("physics", 1, 20), ("law", 2, 20)]
    drawn = draw(SEEDS, quotas, replace(SETTINGS, redistribute="proportional", max_seed_uses=3))
    assert set(drawn.causes.values()) == {USED_UP}
    assert drawn.moved == {}


def test_a_taker_that_runs_out_hands_on_what_it_could_not_draw() -> None:
    seeds = [*SEEDS, ([9, 10, 11], "art", 3), ([10, 11, 12], "art", 3)]
    quotas = [("physics", 5, 12), ("law", 2, 6), ("art", 3, 6)]
    drawn = draw(seeds, quotas, replace(SETTINGS, redistribute="proportional", max_seed_uses=10))
    drawn_in = per_cell(drawn, 3)
    assert drawn_in[0] == 0
    assert sum(drawn.moved.values()) == sum(drawn_in) - 12


def test_a_cell_that_asks_for_nothing_gets_nothing_and_has_no_cause() -> None:
    drawn = draw(SEEDS, [("physics", 1, 10), ("law", 2, 0), ("art", 3, 0)])
    assert per_cell(drawn, 3) == [10, 0, 0]
    assert drawn.causes == {}
    assert {vertex for path in vertices_of(drawn) for vertex in path} <= {0, 1, 2, 3, 4}


def test_a_target_of_disciplines_alone_takes_seeds_of_any_level() -> None:
    seeds: list[Seed] = [([0, 1, 2], "a", 1), ([1, 2, 3], "a", 5), ([4, 5, 6], "b", 2), ([5, 6, 7], "b", 4)]
    drawn = draw(seeds, [("a", None, 30), ("b", None, 10)])
    assert per_cell(drawn, 2) == [30, 10]
    assert Counter(seeds[row[0]][1] for row in seeds_of(drawn)) == {"a": 30, "b": 10}


def test_a_target_of_levels_alone_lets_paths_join_disciplines() -> None:
    seeds: list[Seed] = [([0, 1], "a", 2), ([1, 2], "b", 2), ([2, 3], "a", 2), ([3, 4], "b", 2), ([0, 4], "a", 1)]
    drawn = draw(seeds, [(None, 2, 30)])
    assert len(drawn.paths) == 30
    assert all({seeds[seed][1] for seed in row} == {"a", "b"} for row in seeds_of(drawn))


def test_points_in_components_too_small_for_a_path_are_unreachable() -> None:
    drawn = draw([*SEEDS, ([9, 10], "law", 2)])
    assert drawn.reachable.tolist() == [True] * 9 + [False] * 2
    assert drawn.target[9:].tolist() == [0.0, 0.0]


def test_points_that_no_cell_has_seeds_for_are_reachable_and_not_supported() -> None:
    drawn = draw([*SEEDS, ([9, 10, 11], "law", 2)], QUOTAS)
    assert drawn.reachable.all()
    assert drawn.supported.tolist() == [True] * 9 + [False] * 3


def test_crossing_disciplines_lets_a_path_leave_its_own() -> None:
    """Points 4 and 5 stand in law seeds only; a physics path gets there if disciplines may cross."""
    seeds: list[Seed] = [
        ([0, 1, 2], "physics", 1),
        ([1, 2, 3], "physics", 1),
        ([2, 3, 4], "law", 1),
        ([3, 4, 5], "law", 1),
    ]
    quotas = [("physics", 1, 40), ("law", 1, 40)]

    def furthest(rho: float) -> int:
        drawn = draw(seeds, quotas, replace(SETTINGS, rho=rho))
        return max(
            vertex
            for cell, path in zip(drawn.paths.cells, vertices_of(drawn), strict=True)
            if cell == 0
            for vertex in path
        )

    assert furthest(rho=0.0) == 3
    assert furthest(rho=0.5) > 3


# What nobody should bring, and somebody will.


def test_an_empty_graph_gives_no_path_and_its_cause() -> None:
    for seeds in ([], [([], "x", 1)], [([0], "x", 1)]):
        drawn = draw(seed_graph(seeds))
        assert (len(drawn.paths), set(drawn.causes)) == (0, {0})
    assert draw(seed_graph([([0], "x", 1), ([1], "x", 1)])).causes == {0: UNCONNECTED}


def test_one_knowledge_point_in_every_seed_gives_no_path() -> None:
    assert draw([([0], "x", 1)] * 9).causes == {0: UNCONNECTED}


def test_no_paths_asked_are_no_paths() -> None:
    drawn = draw(SEEDS, n_paths=0)
    assert (len(drawn.paths), drawn.causes) == (0, {})


def test_two_components_are_both_walked() -> None:
    drawn = draw(SEEDS, n_paths=100)
    assert drawn.visits.min() > 0
    assert all(max(path) <= 4 or min(path) >= 5 for path in vertices_of(drawn))


def test_a_star_with_150_000_leaves_is_walked_from_leaf_to_leaf() -> None:
    """Each seed holds the hub and one leaf: every path is leaf, hub, leaf, and no leaf comes often."""
    n = 150_000
    ends = np.arange(1, n + 1)
    made = star_of(n, ends)
    drawn = draw(made, settings=replace(SETTINGS, max_seeds=2), n_paths=5000)
    assert len(drawn.paths) == 5000
    assert (drawn.paths.vertices[:, 1] == 0).all()
    assert (drawn.paths.vertices[:, 3] == -1).all()
    assert drawn.visits[1:].sum() == 10_000
    assert drawn.visits[1:].max() <= 2


def star_of(n: int, leaves: np.ndarray) -> SeedGraph:
    made = seed_graph([([0, 1], "x", 1)])
    index = type(made.seeds.index)(
        np.concatenate(([0, n], n + leaves)),
        np.concatenate((np.arange(n), np.arange(n))),
        np.arange(0, 2 * n + 1, 2),
        np.stack((np.zeros(n, np.int64), leaves), axis=1).ravel(),
    )
    graph = csr_graph(np.zeros(n, np.int64), leaves, np.full(n, 1 / np.sqrt(n)), n + 1)
    labelled = type(made.seeds)(index, np.full(n, "x"), np.ones(n, np.int64))
    return SeedGraph(graph, labelled, np.concatenate(([n], np.ones(n, np.int64))), {"x": np.ones(n + 1)})


# Laws that hold on any graph.


def random_seeds(random_seed: int, n_seeds: int = 60) -> list[Seed]:
    random = np.random.default_rng(random_seed)
    return [
        (
            sorted(random.choice(12, random.integers(1, 5), replace=False).tolist()),
            str(random.choice(["a", "b"])),
            int(random.integers(1, 4)),
        )
        for _ in range(n_seeds)
    ]


SEED = st.tuples(st.sets(st.integers(0, 9), max_size=4).map(sorted), st.sampled_from(["a", "b"]), st.integers(1, 3))
CELLS = st.dictionaries(
    st.tuples(st.sampled_from(["a", "b", "c"]), st.integers(1, 3)), st.integers(0, 25), min_size=1, max_size=6
).map(lambda cells: [(*labels, quota) for labels, quota in sorted(cells.items())])


@settings(max_examples=150, deadline=None)
@given(
    st.lists(SEED, min_size=1, max_size=25),
    CELLS,
    st.sampled_from([0.0, 0.2, 1.0]),
    st.sampled_from([0.0, 4.0]),
    st.sampled_from(["none", "same_discipline", "proportional"]),
    st.sampled_from([2, 10_000]),
)
def test_whatever_the_seeds_every_path_keeps_the_rules_and_every_missing_one_has_a_cause(
    seeds: list[Seed], quotas: list, rho: float, beta: float, redistribute, max_seed_uses: int
) -> None:
    knobs = replace(SETTINGS, rho=rho, beta=beta, redistribute=redistribute, max_seed_uses=max_seed_uses)
    drawn = draw(seeds, quotas, knobs)
    for cell, vertices, chosen in zip(drawn.paths.cells, vertices_of(drawn), seeds_of(drawn), strict=True):
        discipline, level, _ = quotas[cell]
        check_walk(seeds, vertices, level, discipline if rho == 0 else None)
        check_path_seeds(seeds, vertices, chosen, level, discipline if rho == 0 else None)
    found = per_cell(drawn, len(quotas))
    asked = [quota for _, _, quota in quotas]
    missing = [place for place, (got, wanted) in enumerate(zip(found, asked, strict=True)) if got < wanted]
    assert set(missing) <= set(drawn.causes)
    assert sum(found) <= sum(asked)
    if redistribute == "none":
        assert all(got <= wanted for got, wanted in zip(found, asked, strict=True))
    assert drawn.seed_uses.max(initial=0) <= max_seed_uses
    assert drawn.paths.walks.tolist() == sorted(set(drawn.paths.walks.tolist()))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(SEED, min_size=5, max_size=30),
    CELLS,
    st.sampled_from(["same_discipline", "proportional"]),
    st.sampled_from([3, 50]),
)
def test_what_is_handed_on_is_drawn_in_full_while_any_cell_can_take_it(
    seeds: list[Seed], quotas: list, redistribute, max_seed_uses: int
) -> None:
    """Between cells that may take from each other paths are missing only once all of them are closed."""
    drawn = draw(seeds, quotas, replace(SETTINGS, redistribute=redistribute, max_seed_uses=max_seed_uses))
    found, asked = np.array(per_cell(drawn, len(quotas))), np.array([quota for *_, quota in quotas])
    assert np.maximum(0, found - asked).sum() == sum(drawn.moved.values())
    pool_of = np.array([discipline if redistribute == "same_discipline" else "all" for discipline, *_ in quotas])
    for pool in set(pool_of.tolist()):
        members = pool_of == pool
        could_take = [cell for cell in np.flatnonzero(members & (asked > 0)).tolist() if cell not in drawn.causes]
        assert found[members].sum() <= asked[members].sum()
        assert found[members].sum() == asked[members].sum() or not could_take


def check_walk(
    seeds: list[Seed],
    vertices: list[int],
    level: int | None,
    discipline: str | None,
    lengths: tuple[int, int] = (3, 4),
) -> None:
    """No repeats, and every step an edge that a seed of the cell holds."""
    assert lengths[0] <= len(vertices) == len(set(vertices)) <= lengths[1]
    for step in pairwise(vertices):
        assert any(
            set(step) <= set(held) and level in (at, None) and discipline in (own, None) for held, own, at in seeds
        )


def check_path_seeds(
    seeds: list[Seed], vertices: list[int], chosen: list[int], level: int | None, discipline: str | None
) -> None:
    """The definition of path seeds, word by word."""
    held = [set(seeds[seed][0]) for seed in chosen]
    levels = [seeds[seed][2] for seed in chosen]
    assert len(chosen) == len(set(chosen)) >= max(2, ceil(len(vertices) / 2))
    assert set(vertices) <= set().union(*held)
    if level is not None:
        assert 2 * levels.count(level) >= len(levels)
        assert all(abs(other - level) <= 1 for other in levels)
        assert abs(sum(levels) / len(levels) - level) < 0.5
    assert discipline is None or {seeds[seed][1] for seed in chosen} == {discipline}
    reached, left = [held[0]], held[1:]
    while left:
        near = [one for one in left if any(is_linked(vertices, one, other) for other in reached)]
        assert near, "the seeds form one linked group"
        reached, left = reached + near, [one for one in left if one not in near]


def is_linked(vertices: list[int], one: set[int], other: set[int]) -> bool:
    ends = [(a in one and b in other) or (b in one and a in other) for a, b in pairwise(vertices)]
    return bool(one & other & set(vertices)) or any(ends)


LONG_SEED = st.tuples(
    st.sets(st.integers(0, 14), min_size=1, max_size=4).map(sorted), st.sampled_from(["a", "b"]), st.integers(1, 5)
)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(LONG_SEED, min_size=15, max_size=60),
    st.sampled_from(
        [
            [(None, None, 40)],
            [(None, 2, 20), (None, 3, 20)],
            [("a", None, 20), ("b", None, 20)],
            [("a", 3, 20), ("b", 3, 20)],
        ]
    ),
    st.sampled_from([0.0, 0.3]),
    st.sampled_from([2, 6]),
)
def test_long_paths_and_missing_targets_keep_the_rules_too(
    seeds: list[Seed], quotas: list, rho: float, max_seeds: int
) -> None:
    """Paths of up to eight points, which need four seeds; a cell without a level or a discipline takes any."""
    drawn = draw(seeds, quotas, replace(SETTINGS, min_length=4, max_length=8, rho=rho, max_seeds=max_seeds))
    for cell, vertices, chosen in zip(drawn.paths.cells, vertices_of(drawn), seeds_of(drawn), strict=True):
        discipline, level, _ = quotas[cell]
        check_walk(seeds, vertices, level, discipline if rho == 0 else None, lengths=(4, 8))
        check_path_seeds(seeds, vertices, chosen, level, discipline if rho == 0 else None)
    found = per_cell(drawn, len(quotas))
    for cell, (got, (*_, wanted)) in enumerate(zip(found, quotas, strict=True)):
        assert got == wanted or cell in drawn.causes


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from([0.0, 0.5, 1.0]))
def test_quotas_are_exact_in_every_cell_that_has_seeds_enough(random_seed: int, alpha: float) -> None:
    """Sixty seeds over twelve points and six cells: every cell hangs together."""
    quotas = [(discipline, level, 100) for discipline in ("a", "b") for level in (1, 2, 3)]
    seeds = random_seeds(random_seed, n_seeds=120)
    drawn = draw(seeds, quotas, replace(SETTINGS, alpha=alpha))
    assert drawn.causes == {}
    mix = Counter()
    for chosen in seeds_of(drawn):
        level = int(sum(seeds[seed][2] for seed in chosen) / len(chosen) + 0.5)
        mix[(seeds[chosen[0]][1], level)] += 1
    assert mix == {(discipline, level): quota for discipline, level, quota in quotas}


@pytest.mark.parametrize("rho", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("shares", [(1, 1, 1, 1, 1, 1), (6, 5, 4, 3, 2, 1), (1, 2, 3, 4, 5, 9)])
def test_realised_levels_follow_their_targets_whether_or_not_disciplines_cross(shares: tuple, rho: float) -> None:
    """Total variation from the integer quotas, of the rounded mean level, as it is read off the attached seeds."""
    labels = [(discipline, level) for discipline in ("a", "b") for level in (1, 2, 3)]
    quotas = [(*label, 100 * share) for label, share in zip(labels, shares, strict=True)]
    seeds = random_seeds(3, n_seeds=120)
    drawn = draw(seeds, quotas, replace(SETTINGS, rho=rho))
    assert per_cell(drawn, 6) == [quota for *_, quota in quotas]
    means = [sum(seeds[seed][2] for seed in chosen) / len(chosen) for chosen in seeds_of(drawn)]
    wanted: Counter[int] = Counter()
    for _, level, quota in quotas:
        wanted[level] += quota
    assert total_variation(Counter(int(mean + 0.5) for mean in means), wanted) == 0


@pytest.mark.parametrize("alpha", [0.0, 1.0])
def test_realised_disciplines_follow_their_targets(alpha: float) -> None:
    """A chain of seeds for each discipline, of very different size; the targets turn their mix round."""
    seeds: list[Seed] = [([n, n + 1, n + 2], "a", 2) for n in range(60)]
    seeds += [([n, n + 1, n + 2], "b", 2) for n in range(70, 76)]
    quotas = [("a", None, 100), ("b", None, 900)]
    drawn = draw(seeds, quotas, replace(SETTINGS, alpha=alpha))
    realised = Counter(seeds[seed][1] for chosen in seeds_of(drawn) for seed in chosen)
    per_path = Counter(seeds[chosen[0]][1] for chosen in seeds_of(drawn))
    assert total_variation(per_path, Counter(a=100, b=900)) == 0
    assert total_variation(realised, Counter(a=100, b=900)) <= 0.01


def total_variation(found: Counter, wanted: Counter) -> float:
    labels = set(found) | set(wanted)
    return sum(abs(found[label] / found.total() - wanted[label] / wanted.total()) for label in labels) / 2


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_alpha_zero_tends_to_uniform_visits(random_seed: int) -> None:
    made = random_seeds(random_seed, n_seeds=40)
    static: Drawing = draw(made, settings=replace(SETTINGS, beta=0.0), n_paths=1500)
    corrected = draw(made, n_paths=1500)
    assert gini(corrected.visits[corrected.supported]) <= gini(static.visits[static.supported]) + 1e-9
    assert gini(corrected.visits[corrected.supported]) < 0.1


def test_a_correction_adds_paths_and_changes_no_earlier_one() -> None:
    plain, corrected = draw(SEEDS, QUOTAS), draw(SEEDS, QUOTAS, corrections=[[0, 7], [5, 1]])
    assert per_cell(corrected, 2) == [45, 18]
    for before, after in zip(as_bytes(plain)[:6], as_bytes(corrected)[:6], strict=True):
        assert after.startswith(before)
    first_walks = corrected.correction_walks.tolist()
    walks, cells = corrected.paths.walks, corrected.paths.cells
    assert cells[(walks >= first_walks[0]) & (walks < first_walks[1])].tolist() == [1] * 7
    assert sorted(cells[walks >= first_walks[1]].tolist()) == [0] * 5 + [1]


def test_corrections_do_not_depend_on_workers_and_chunks() -> None:
    several = draw(SEEDS, QUOTAS, corrections=[[9, 9]], n_workers=3, chunk_walks=2)
    assert as_bytes(several) == as_bytes(draw(SEEDS, QUOTAS, corrections=[[9, 9]]))


def test_what_a_correction_asks_of_a_closed_cell_stays_missing() -> None:
    drawn = draw([*SEEDS, ([9, 10, 11], "physics", 4)], [("physics", 1, 5), ("physics", 4, 5)], corrections=[[2, 2]])
    assert per_cell(drawn, 2) == [7, 0]
    assert drawn.causes == {1: TOO_FEW_SEEDS}
    taken_over = draw(
        [*SEEDS, ([9, 10, 11], "physics", 4)],
        [("physics", 1, 5), ("physics", 4, 5)],
        replace(SETTINGS, redistribute="proportional"),
        corrections=[[2, 2]],
    )
    assert per_cell(taken_over, 2) == [14, 0]


FEW_FAIL = replace(SETTINGS, max_attempts=20, max_failed_walks=20, max_length=5, max_seeds=4)


@pytest.mark.parametrize("beta", [1.0, 4.0])
def test_points_whose_seeds_are_used_up_do_not_draw_all_walks_to_them(beta: float) -> None:
    """Three points whose few seeds are soon used up, beside a ring of twelve with seeds for every path asked."""
    few: list[Seed] = [([0, 1], "a", 3)] * 2 + [([1, 2], "a", 3)] * 4
    ring: list[Seed] = [([3 + i, 3 + (i + 1) % 12, 3 + (i + 2) % 12], "a", 3) for i in range(12) for _ in range(30)]
    drawn = draw([*few, *ring], [("a", 3, 288)], replace(FEW_FAIL, max_seed_uses=4, beta=beta))
    assert per_cell(drawn, 1) == [288]
    assert drawn.causes == {}


def test_dead_ends_do_not_draw_all_walks_to_them() -> None:
    """A hundred hubs, each with three ends and one way on; a path of four points must not begin towards an end."""
    seeds: list[Seed] = [
        ([6 * hub + a, 6 * hub + b], "a", 3)
        for hub in range(100)
        for a, b in ((0, 1), (0, 2), (0, 3), (0, 4), (4, 5))
        for _ in range(2)
    ]
    drawn = draw(seeds, [("a", 3, 2000)], replace(FEW_FAIL, min_length=4, max_length=4))
    assert per_cell(drawn, 1) == [2000]


@pytest.mark.parametrize("n_others", [300, 3000])
@pytest.mark.parametrize("random_seed", range(3))
def test_rare_seeds_of_the_level_are_found_among_many_of_the_next(n_others: int, random_seed: int) -> None:
    """Two seeds of level 5 at points that thousands of level 4 hold: the two together are always a choice."""
    seeds: list[Seed] = [([0, 1, 2], "a", 5)] * 2 + [([0, 1, 2], "a", 4)] * n_others
    drawn = draw(seeds, [("a", 5, 20)], replace(FEW_FAIL, random_seed=random_seed))
    assert per_cell(drawn, 1) == [20]


def test_as_many_seeds_are_found_as_are_asked_for() -> None:
    seeds: list[Seed] = [([0, 1, 2], "a", 3)] * 100
    drawn = draw(seeds, [("a", 3, 20)], replace(SETTINGS, min_seeds=16, max_seeds=16))
    assert [len(chosen) for chosen in seeds_of(drawn)] == [16] * 20


@pytest.mark.parametrize("rho", [0.0, 0.5])
def test_the_cause_is_the_same_whether_or_not_disciplines_cross(rho: float) -> None:
    one_of_level_5: list[Seed] = [
        ([0, 1, 2], "a", 3),
        ([1, 2, 3], "a", 3),
        ([2, 3, 4], "b", 3),
        ([0, 1, 2, 3], "a", 5),
    ]
    settings = replace(SETTINGS, rho=rho)
    assert draw(one_of_level_5, [(None, 3, 10), (None, 5, 10)], settings).causes == {1: TOO_FEW_SEEDS}
    b_without_edges: list[Seed] = [
        *[(points, "a", 3) for points in ([0, 1, 2], [1, 2, 3], [2, 3, 0])],
        ([4], "b", 3),
        ([5], "b", 3),
        *[([4, 5, 6], "b", 1)] * 2,
    ]
    assert draw(b_without_edges, [("a", 3, 10), ("b", 3, 10)], settings).causes == {1: UNCONNECTED}
