"""Walks have the probabilities of their definition, and never go back."""

from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array
from scipy.stats import chisquare

from fakes.small_graphs import seed_graph, starts_of, steps_of, weighted
from linkqa_kedro.walks.choice_table import ChoiceTable
from linkqa_kedro.walks.counter_draws import DrawKey
from linkqa_kedro.walks.csr import CsrGraph
from linkqa_kedro.walks.steps import STOPPED, Walks, draw_walks

KEY = DrawKey(random_seed=1, round_number=0, attempt=0)
N_WALKS = 100_000


def walk(steps: ChoiceTable, starts: list[float], max_length: int, n_walks: int = N_WALKS, key: DrawKey = KEY) -> Walks:
    return draw_walks(starts_of(starts), steps, np.zeros(n_walks, np.int64), np.arange(n_walks), key, max_length)


def paths_of(walks: Walks) -> list[tuple[int, ...]]:
    return [tuple(vertex for vertex in path if vertex != STOPPED) for path in walks.vertices.T.tolist()]


def agrees(found: Counter, expected: dict[tuple[int, ...], float]) -> bool:
    """Whether counts are those of the probabilities, by a chi-square test; nothing else may have been drawn."""
    assert set(found) <= set(expected)
    assert sum(expected.values()) == pytest.approx(1)
    wanted = [expected[path] * found.total() for path in expected]
    return chisquare([found[path] for path in expected], wanted).pvalue > 1e-4


# A triangle 0, 1, 2 with weights 1 (0-1), 2 (0-2), 3 (1-2), and a tail 3 at 2 with weight 5.
TAILED = weighted([(0, 1, 1), (0, 2, 2), (1, 2, 3), (2, 3, 5)], 4)


def test_three_steps_have_the_probabilities_computed_by_hand() -> None:
    expected = {
        (0, 1, 2, 3): 1 / 3,  # to 1 with 1 of 3; from there only 2 is left, and then only 3
        (0, 2, 1): 2 / 3 * 3 / 8,  # to 2 with 2 of 3; 0 cut out, 1 has 3 of 8; then 0 and 2 have been
        (0, 2, 3): 2 / 3 * 5 / 8,
    }
    assert agrees(Counter(paths_of(walk(steps_of(TAILED), [1, 0, 0, 0], 4))), expected)


def test_the_value_of_a_point_draws_walks_to_it_from_wherever_it_is_seen() -> None:
    """Point 1 is worth 4, point 3 a fifth: from 0 weights 4 and 2, from 2 weights 12 and 1."""
    expected = {
        (0, 1, 2, 3): 4 / 6,
        (0, 2, 1): 2 / 6 * 12 / 13,
        (0, 2, 3): 2 / 6 * 1 / 13,
    }
    assert agrees(Counter(paths_of(walk(steps_of(TAILED, [1, 4, 1, 0.2]), [1, 0, 0, 0], 4))), expected)


def test_starts_follow_their_strengths() -> None:
    found = Counter(paths_of(walk(steps_of(TAILED), [0, 1, 0, 3], 1)))
    assert agrees(found, {(1,): 1 / 4, (3,): 3 / 4})


def test_each_cell_has_starts_of_its_own() -> None:
    starts = ChoiceTable(np.array([0, 1, 1, 3]), np.array([0, 1, 3]), np.array([1.0, 1.0, 1.0]))
    starts.refresh(np.ones(4))
    cells = np.array([0, 1, 2] * 1000)
    drawn = draw_walks(starts, steps_of(TAILED), cells, np.arange(3000), KEY, 2)
    assert set(drawn.vertices[0, cells == 0].tolist()) == {0}
    assert set(drawn.vertices[0, cells == 1].tolist()) == {STOPPED}, "a cell without starts has no walks"
    assert set(drawn.starts[cells == 1].tolist()) == {STOPPED}
    assert set(drawn.vertices[0, cells == 2].tolist()) == {1, 3}


def test_the_largest_hub_gives_each_leaf_its_share() -> None:
    """150,000 leaves with weights 1 to 5 in turn, in a hundred groups of neighbours; the walk goes on to no leaf."""
    n = 150_000
    weights = 1.0 + np.arange(n) % 5
    graph = weighted([(0, leaf + 1, weight) for leaf, weight in enumerate(weights)], n + 1)
    drawn = walk(steps_of(graph), [1.0] + [0.0] * n, 3, n_walks=200_000)
    assert (drawn.vertices[2] == STOPPED).all()
    leaves = drawn.vertices[1] - 1
    groups = np.add.reduceat(weights, np.arange(0, n, 1500))
    found = np.bincount(leaves // 1500, minlength=100)
    assert chisquare(found, groups / groups.sum() * 200_000).pvalue > 1e-4
    by_weight = np.bincount(leaves % 5, minlength=5)
    assert chisquare(by_weight, np.arange(1, 6) / 15 * 200_000).pvalue > 1e-4


def test_on_a_zipf_graph_the_largest_hub_gives_each_neighbour_its_share() -> None:
    """20,000 seeds of five points each, popularity ∝ 1 / rank: the hub has thousands of neighbours of all weights.

    The second point is tested against w·V, the third against w·V of its row without the hub, summed over the second:
    P(j) = Σ_i P(i)·w(i,j)·V(j) / Σ_{k ≠ hub} w(i,k)·V(k).
    """
    random = np.random.default_rng(5)
    popularity = 1 / np.arange(1, 5001)
    held = [set(random.choice(5000, 5, p=popularity / popularity.sum()).tolist()) for _ in range(20_000)]
    graph = seed_graph([(sorted(points), "x", 1) for points in held], 5000).graph
    worth = random.choice([0.1, 1.0, 10.0], 5000)
    hub = int(graph.degrees.argmax())
    assert graph.degrees[hub] > 3000
    drawn = walk(steps_of(graph, worth), np.eye(5000)[hub].tolist(), 3)

    weights = csr_array((graph.weights, graph.indices, graph.indptr), shape=(5000, 5000)).multiply(worth).tocsr()
    second = weights[[hub]].toarray().ravel()
    second /= second.sum()
    elsewhere = weights.sum(axis=1) - weights[:, [hub]].toarray().ravel()
    third = np.where(elsewhere > 0, second / np.maximum(elsewhere, 1e-300), 0.0) @ weights
    third[hub] = 0.0
    for step, expected in ((1, second), (2, third)):
        found = np.bincount(drawn.vertices[step][drawn.vertices[step] != STOPPED], minlength=5000)
        assert found[expected == 0].sum() == 0
        common = expected * found.sum() >= 5
        counts = np.append(found[common], found[~common].sum())
        wanted = np.append(expected[common], expected[~common].sum()) / expected.sum() * found.sum()
        assert chisquare(counts, wanted).pvalue > 1e-4


def test_a_hub_that_outweighs_all_else_is_not_gone_back_to() -> None:
    """From 1, the hub 0 has all but a millionth of the weight; 2 and 3 share that millionth, one to three."""
    graph = weighted([(0, 1, 1e6), (1, 2, 0.25), (1, 3, 0.75)], 4)
    found = Counter(paths_of(walk(steps_of(graph), [1, 0, 0, 0], 3)))
    assert agrees(found, {(0, 1, 2): 1 / 4, (0, 1, 3): 3 / 4})


def test_a_walk_that_cannot_go_on_ends_early() -> None:
    line = weighted([(0, 1, 1), (1, 2, 1)], 4)
    assert set(paths_of(walk(steps_of(line), [1, 0, 0, 0], 5, 10))) == {(0, 1, 2)}
    assert set(paths_of(walk(steps_of(line), [0, 0, 0, 1], 5, 10))) == {(3,)}


def test_edges_and_starts_tell_how_a_walk_went() -> None:
    steps = steps_of(TAILED)
    drawn = walk(steps, [1, 1, 1, 1], 4, 500)
    tails = TAILED.tails
    for path, edges in zip(drawn.vertices.T.tolist(), drawn.edges.T.tolist(), strict=True):
        for (tail, head), edge in zip(pairwise(path), edges, strict=True):
            assert (edge == STOPPED) == (head == STOPPED)
            assert edge == STOPPED or (tails[edge], steps.heads[edge]) == (tail, head)
    assert drawn.starts.tolist() == drawn.vertices[0].tolist()


@pytest.mark.parametrize("chunk", [1, 7, 64])
def test_walks_do_not_depend_on_how_they_are_split(chunk: int) -> None:
    """On a complete graph of few points, so that every kind of redraw happens."""
    complete = weighted([(a, b, 1.0 + 10.0**b) for b in range(6) for a in range(b)], 6)
    starts, steps = starts_of([1.0] * 6), steps_of(complete)
    whole = draw_walks(starts, steps, np.zeros(300, np.int64), np.arange(300), KEY, 6)
    parts = [
        draw_walks(starts, steps, np.zeros(len(numbers), np.int64), numbers, KEY, 6)
        for numbers in np.split(np.arange(300), range(chunk, 300, chunk))
    ]
    assert whole.vertices.tolist() == np.concatenate([part.vertices for part in parts], axis=1).tolist()


def test_the_same_walk_redrawn_in_another_attempt_or_round_is_another() -> None:
    drawn = [
        tuple(paths_of(walk(steps_of(TAILED), [1, 1, 1, 1], 4, 40, DrawKey(1, round_number, attempt))))
        for round_number, attempt in ((0, 0), (0, 1), (1, 0))
    ]
    assert len(set(drawn)) == 3


def test_a_graph_without_edges_gives_walks_of_one_point() -> None:
    assert paths_of(walk(steps_of(weighted([], 2)), [1.0, 1.0], 3, 4)) != []
    assert {len(path) for path in paths_of(walk(steps_of(weighted([], 2)), [1.0, 1.0], 3, 4))} == {1}


@settings(max_examples=80, deadline=None)
@given(
    st.sets(st.tuples(st.integers(0, 11), st.integers(0, 11)), min_size=1),
    st.lists(st.one_of(st.just(0.0), st.floats(1e-30, 1e30)), min_size=12, max_size=12),
    st.integers(0, 2**32 - 1),
)
def test_walks_follow_edges_to_points_worth_something_and_repeat_nothing(
    pairs: set[tuple[int, int]], worth: list[float], random_seed: int
) -> None:
    edges = {(min(pair), max(pair)) for pair in pairs if pair[0] != pair[1]}
    graph: CsrGraph = weighted([(a, b, 1.0 + a) for a, b in sorted(edges)], 12)
    for path in paths_of(walk(steps_of(graph, worth), [1.0] * 12, 6, 30, DrawKey(random_seed, 0, 0))):
        assert len(set(path)) == len(path) >= 1
        assert all((min(step), max(step)) in edges and worth[step[1]] > 0 for step in pairwise(path))
        if len(path) < 6:
            neighbours = {b for a, b in edges if a == path[-1]} | {a for a, b in edges if b == path[-1]}
            assert not {vertex for vertex in neighbours - set(path) if worth[vertex] > 0}, "it could have gone on"
