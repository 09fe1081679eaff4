"""The graph as arrays."""

from itertools import pairwise

import numpy as np

from linkqa_kedro.walks.csr import component_labels, csr_graph, row_limits, seed_index


def graph(edges: list[tuple[int, int]], n_vertices: int):
    ends = np.array(edges, np.int64).reshape(-1, 2)
    return csr_graph(ends[:, 0], ends[:, 1], np.ones(len(edges)), n_vertices)


def test_rows_hold_both_directions_in_ascending_order() -> None:
    built = graph([(1, 2), (0, 2), (0, 1)], 4)
    assert built.indptr.tolist() == [0, 2, 4, 6, 6]
    assert built.indices.tolist() == [1, 2, 0, 2, 0, 1]
    assert built.degrees.tolist() == [2, 2, 2, 0]


def test_components_are_numbered_from_the_largest() -> None:
    assert component_labels(graph([(0, 1), (2, 3), (3, 4)], 6)).tolist() == [1, 1, 0, 0, 0, 2]


def test_a_graph_without_vertices_has_no_components() -> None:
    assert component_labels(graph([], 0)).tolist() == []


def test_row_limits_are_where_rows_begin_and_end() -> None:
    assert row_limits(np.array([0, 2, 2, 3]), 5).tolist() == [0, 1, 1, 3, 4, 4]
    assert row_limits(np.zeros(0, np.int64), 2).tolist() == [0, 0, 0]


def test_the_index_goes_from_vertices_to_seeds_and_back() -> None:
    """Seed 0 holds 0 and 1, seed 1 nothing, seed 2 holds 1; the pairs come in any order."""
    index = seed_index(np.array([1, 0, 1]), np.array([2, 0, 0]), 2, 3)
    assert index.n_seeds == 3
    assert [index.seeds[a:b].tolist() for a, b in pairwise(index.indptr)] == [[0], [0, 2]]
    assert [index.vertices_of(seed).tolist() for seed in range(3)] == [[0, 1], [], [1]]
    assert index.padded_vertices().tolist() == [[0, 1], [-2, -2], [1, -2]]


def test_an_index_of_nothing_is_empty() -> None:
    nothing = np.zeros(0, np.int64)
    index = seed_index(nothing, nothing, 0, 0)
    assert (index.n_seeds, index.seeds.tolist(), index.vertices.tolist()) == (0, [], [])
