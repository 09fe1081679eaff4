"""Where no path can stand is known before the first walk."""

import numpy as np
import pytest

from linkqa_kedro.walks.cooccurrence import count_pairs
from linkqa_kedro.walks.csr import SeedIndex, csr_graph, seed_index
from linkqa_kedro.walks.layered_graph import Layer, LayeredGraph, SeedLabels, layered_graph
from linkqa_kedro.walks.support import Support

ONE_LAYER = [Layer(0, None)]
Seeds = list[list[int]]


def layered(seeds: Seeds, levels: list[int], layers: list[Layer]) -> tuple[LayeredGraph, SeedIndex, SeedLabels]:
    vertices = np.array([vertex for held in seeds for vertex in held])
    owners = np.repeat(np.arange(len(seeds)), [len(held) for held in seeds])
    n_vertices = int(vertices.max()) + 1
    edges = count_pairs(vertices, owners, n_vertices)
    graph = csr_graph(edges.sources, edges.targets, edges.counts.astype(np.float64), n_vertices)
    index = seed_index(vertices, owners, n_vertices, len(seeds))
    labels = SeedLabels(np.zeros(len(seeds), np.int64), np.array(levels))
    return layered_graph(graph, index, labels, layers), index, labels


@pytest.mark.parametrize(
    ("seeds", "long_enough", "possible"),
    [
        ([[0, 1], [1, 2]], [0, 1, 2], [0, 1, 2]),
        ([[0, 1], [2, 3]], [], []),
        ([[0, 1, 2]], [0, 1, 2], []),
        ([[0, 1, 2], [1]], [0, 1, 2], [0, 1, 2]),
        ([[0, 1, 2], [3, 4, 5], [4, 5]], [0, 1, 2, 3, 4, 5], [3, 4, 5]),
    ],
    ids=["a chain", "two short pieces", "one seed", "a second seed with one point", "one piece has two seeds"],
)
def test_a_path_needs_points_and_two_seeds_in_one_component(seeds: Seeds, long_enough: list, possible: list) -> None:
    graph, index, labels = layered(seeds, [2] * len(seeds), ONE_LAYER)
    support = Support(graph, index, labels, min_length=3)
    assert graph.vertices[support.long_enough].tolist() == long_enough
    assert graph.vertices[support.possible].tolist() == possible


def test_seeds_of_another_layer_do_not_count() -> None:
    """The same two seeds of three points: of one level they carry paths, of two levels each stands alone."""
    for levels, n_possible in (([2, 2], 3), ([2, 3], 0)):
        graph, index, labels = layered([[0, 1, 2], [0, 1, 2]], levels, [Layer(0, 2), Layer(0, 3)])
        assert Support(graph, index, labels, min_length=3).possible.sum() == n_possible


def test_a_graph_without_edges_supports_nothing() -> None:
    graph, index, labels = layered([[0], [1]], [2, 2], ONE_LAYER)
    support = Support(graph, index, labels, min_length=3)
    assert support.long_enough.shape == support.possible.shape == (0,)
