"""Steps have the probabilities of their definition, and never go back."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linkqa_kedro.walks.csr import csr_graph
from linkqa_kedro.walks.steps import STOPPED, DrawKey, choose_starts, draw_walks, step_table, step_walkers

N_DRAWS = 100_000
KEY = DrawKey(random_seed=1, round_number=0, attempt=0)


def weighted(edges: list[tuple[int, int, float]], n_vertices: int):
    sources, targets, weights = (np.array(column) for column in zip(*edges, strict=True))
    return csr_graph(sources, targets, weights.astype(float), n_vertices)


# 0 has the neighbours 1, 2, 3, with weights 1, 2, 3.
STAR = weighted([(0, 1, 1), (0, 2, 2), (0, 3, 3)], 4)
# a - b - c, and d alone
LINE = weighted([(0, 1, 1), (1, 2, 1)], 4)


def frequencies(paths: list[int], worth: list[float], gamma: float = 1.0, graph=STAR) -> np.ndarray:
    table = step_table(graph, np.array(worth, float), gamma)
    walkers = np.tile(np.array(paths), (N_DRAWS, 1))
    draws = (np.arange(N_DRAWS) + 0.5) / N_DRAWS  # every part of [0, 1) once: frequencies are exact
    return np.bincount(step_walkers(table, walkers, draws), minlength=graph.n_vertices) / N_DRAWS


def test_an_edge_is_taken_in_proportion_to_association_times_worth() -> None:
    assert frequencies([0], [1, 1, 1, 2]) == pytest.approx([0, 1 / 9, 2 / 9, 6 / 9], abs=2e-5)


def test_gamma_sharpens_the_association() -> None:
    assert frequencies([0], [1, 1, 1, 1], gamma=2) == pytest.approx([0, 1 / 14, 4 / 14, 9 / 14], abs=2e-5)


def test_the_share_of_visited_neighbours_goes_to_the_others() -> None:
    square = weighted([(0, 1, 1), (0, 2, 2), (0, 3, 3), (1, 2, 1), (2, 3, 1)], 4)
    assert frequencies([2, 0], [1, 1, 1, 1], graph=square) == pytest.approx([0, 1 / 4, 0, 3 / 4], abs=2e-5)


def test_a_neighbour_without_worth_is_never_taken() -> None:
    assert frequencies([0], [1, 0, 1, 0]).tolist() == [0, 0, 1, 0]


def test_a_walker_without_neighbours_stops() -> None:
    """A dead end ends the path instead of failing the round."""
    table = step_table(LINE, np.ones(4), 1.0)
    assert step_walkers(table, np.array([[3], [0]]), np.array([0.5, 0.5])).tolist() == [STOPPED, 1]


def test_a_walker_with_all_neighbours_visited_stops() -> None:
    table = step_table(LINE, np.ones(4), 1.0)
    assert step_walkers(table, np.array([[0, 1, 2]]), np.array([0.9])).tolist() == [STOPPED]


def test_tiny_worth_keeps_its_proportions_beside_huge_worth() -> None:
    """Values may differ by hundreds of orders of magnitude between rows."""
    two_stars = weighted([(0, 1, 1), (0, 2, 3), (3, 4, 1), (3, 5, 1)], 6)
    worth = [1.0, 1e-200, 1e-200, 1.0, 1e200, 1e200]
    assert frequencies([0], worth, graph=two_stars)[1:3] == pytest.approx([0.25, 0.75], abs=2e-5)


def test_starts_follow_their_weights() -> None:
    draws = (np.arange(N_DRAWS) + 0.5) / N_DRAWS
    starts = choose_starts(np.array([0.0, 1.0, 0.0, 3.0]), draws)
    assert np.bincount(starts, minlength=4) / N_DRAWS == pytest.approx([0, 0.25, 0, 0.75], abs=2e-5)


def test_without_any_weight_no_walk_starts() -> None:
    assert choose_starts(np.zeros(3), np.array([0.2, 0.8])).tolist() == [STOPPED, STOPPED]


def test_a_walk_on_a_line_ends_at_its_end() -> None:
    table = step_table(LINE, np.ones(4), 1.0)
    assert draw_walks(table, np.array([1.0, 0, 0, 0]), np.arange(2), KEY, 5).tolist() == [[0, 1, 2, -1, -1]] * 2


def test_walks_do_not_depend_on_how_they_are_split() -> None:
    table = step_table(STAR, np.ones(4), 1.0)
    whole = draw_walks(table, np.ones(4), np.arange(50), KEY, 3)
    parts = [draw_walks(table, np.ones(4), np.arange(k, k + 10), KEY, 3) for k in range(0, 50, 10)]
    assert whole.tolist() == np.concatenate(parts).tolist()


@settings(max_examples=50)
@given(st.sets(st.tuples(st.integers(0, 11), st.integers(0, 11)), min_size=1), st.integers(0, 2**32 - 1))
def test_walks_follow_edges_and_repeat_nothing(pairs: set[tuple[int, int]], seed: int) -> None:
    edges = sorted({(min(p), max(p)) for p in pairs if p[0] != p[1]})
    if not edges:
        return
    graph = weighted([(a, b, 1.0 + a) for a, b in edges], 12)
    table = step_table(graph, np.linspace(0.1, 2, 12), 1.0)
    for path in draw_walks(table, np.ones(12), np.arange(30), DrawKey(seed, 0, 0), 6).tolist():
        visited = [vertex for vertex in path if vertex != STOPPED]
        assert len(set(visited)) == len(visited)
        assert all((min(step), max(step)) in edges for step in pairwise(visited))
        assert path == visited + [STOPPED] * (6 - len(visited))
