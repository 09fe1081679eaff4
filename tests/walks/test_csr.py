"""The graph as arrays."""

import numpy as np

from linkqa_kedro.walks.csr import component_labels, csr_graph, edges_held, seed_index


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


def test_edges_held_are_those_within_one_named_seed() -> None:
    # Seed 0 holds 0, 1; seed 1 holds 1, 2; edge 0-2 stands in no seed.
    index = seed_index(np.array([0, 1, 1, 2]), np.array([0, 0, 1, 1]), 3, 2)
    triangle = graph([(0, 1), (1, 2), (0, 2)], 3)
    held = triangle.keep_edges(edges_held(triangle, index, [1]))
    assert list(zip(held.tails.tolist(), held.indices.tolist(), strict=True)) == [(1, 2), (2, 1)]


def test_the_inverted_index_lists_seeds_in_ascending_order() -> None:
    index = seed_index(np.array([1, 0, 1]), np.array([2, 0, 0]), 2, 3)
    assert index.of(1).tolist() == [0, 2]
    assert [vertices.tolist() for vertices in index.seed_vertices] == [[0, 1], [], [1]]
