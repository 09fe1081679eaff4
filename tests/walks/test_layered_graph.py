"""Each layer holds the edges that its seeds hold, and knows those seeds."""

from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fakes.small_graphs import SeedGraph, seed_graph
from linkqa_kedro.walks.csr import CsrGraph
from linkqa_kedro.walks.layered_graph import Layer, LayeredGraph, SeedLabels, layered_graph

# Seeds 0, 1 of group 0 and level 2; seed 2 of group 0 and level 3; seed 3 of group 1 and level 2.
SEEDS = [([0, 1, 2], "a", 2), ([1, 2], "a", 2), ([2, 3], "a", 3), ([0, 1], "b", 2)]
GROUPS = np.array([0, 0, 0, 1])


def layered(layers: list[Layer], made: SeedGraph | None = None, groups: np.ndarray = GROUPS) -> LayeredGraph:
    made = made or seed_graph(SEEDS)
    return layered_graph(made.graph, made.seeds.index, SeedLabels(groups, made.seeds.levels), layers)


def edges_of(graph: LayeredGraph) -> list[dict[tuple[int, int], list[int]]]:
    """For each layer its directed edges, as vertices, with the seeds that hold them."""
    found = []
    for first, end in pairwise(graph.layer_limits.tolist()):
        edges = {}
        for row in range(first, end):
            for edge in range(graph.indptr[row], graph.indptr[row + 1]):
                assert first <= graph.heads[edge] < end, "no edge joins two layers"
                pair = graph.pairs[edge]
                holders = graph.holders[graph.holder_indptr[pair] : graph.holder_indptr[pair + 1]]
                edges[(int(graph.vertices[row]), int(graph.vertices[graph.heads[edge]]))] = sorted(holders.tolist())
        found.append(edges)
    return found


def test_a_layer_has_the_edges_of_its_seeds_in_both_directions() -> None:
    found = edges_of(layered([Layer(0, 2), Layer(0, 3), Layer(1, 2)]))
    assert found == [
        {(0, 1): [0], (0, 2): [0], (1, 0): [0], (1, 2): [0, 1], (2, 0): [0], (2, 1): [0, 1]},
        {(2, 3): [2], (3, 2): [2]},
        {(0, 1): [3], (1, 0): [3]},
    ]


def test_layers_without_levels_hold_seeds_of_all_levels() -> None:
    first, second = edges_of(layered([Layer(0, None), Layer(1, None)]))
    assert set(first) == {(0, 1), (1, 0), (0, 2), (2, 0), (1, 2), (2, 1), (2, 3), (3, 2)}
    assert set(second) == {(0, 1), (1, 0)}


def test_associations_are_those_of_the_whole_graph() -> None:
    """0 and 1 stand together in two seeds of two and three: 2 / √6, in every layer."""
    graph = layered([Layer(0, 2), Layer(1, 2)])
    tails = np.repeat(graph.vertices, np.diff(graph.indptr))
    heads = graph.vertices[graph.heads]
    of_pair = graph.associations[(tails == 0) & (heads == 1)]
    assert of_pair == pytest.approx([2 / np.sqrt(6)] * 2)


def test_a_pair_that_was_pruned_from_the_graph_is_an_edge_of_no_layer() -> None:
    made = seed_graph(SEEDS)
    tails = made.graph.tails
    kept = ~(((tails == 1) & (made.graph.indices == 2)) | ((tails == 2) & (made.graph.indices == 1)))
    degrees = np.bincount(tails[kept], minlength=4)
    pruned = CsrGraph(np.concatenate(([0], np.cumsum(degrees))), made.graph.indices[kept], made.graph.weights[kept])
    (found,) = edges_of(layered([Layer(0, 2)], SeedGraph(pruned, made.seeds, made.popularity, made.shares)))
    assert set(found) == {(0, 1), (1, 0), (0, 2), (2, 0)}


def test_seeds_that_fit_a_point_are_of_its_group_and_at_most_one_level_off() -> None:
    graph = layered([Layer(0, 2), Layer(0, 3)])
    fitting = {
        (layer, int(graph.vertices[row])): graph.fitting[graph.fitting_first[row] : graph.fitting_end[row]].tolist()
        for layer, (first, end) in enumerate(pairwise(graph.layer_limits.tolist()))
        for row in range(first, end)
    }
    assert fitting == {(0, 0): [0], (0, 1): [0, 1], (0, 2): [0, 1, 2], (1, 2): [0, 1, 2], (1, 3): [2]}


def test_no_layers_or_no_edges_give_an_empty_graph() -> None:
    assert layered([]).n_rows == 0
    assert layered([Layer(0, 2)], seed_graph([([0], "a", 2), ([1], "a", 2)]), np.zeros(2, np.int64)).n_rows == 0


def test_more_cells_than_keys_can_tell_apart_are_refused() -> None:
    empty = CsrGraph(np.zeros(2**31 + 1, np.int8), np.zeros(0, np.int64), np.zeros(0))
    made = seed_graph(SEEDS)
    with pytest.raises(ValueError, match="more than 63 bits"):
        layered([Layer(0, 2)] * 3, SeedGraph(empty, made.seeds, made.popularity, made.shares))


LABELS = st.tuples(st.sets(st.integers(0, 6), max_size=4), st.integers(0, 2), st.integers(1, 5))


@settings(max_examples=100, deadline=None)
@given(st.lists(LABELS, min_size=1, max_size=12))
def test_every_pair_of_every_seed_stands_in_its_layer_and_nothing_else_does(seeds: list) -> None:
    made = seed_graph([(sorted(points), str(group), level) for points, group, level in seeds], n_vertices=7)
    layers = [Layer(group, level) for group in range(3) for level in range(1, 6)]
    found = edges_of(layered(layers, made, np.array([group for _, group, _ in seeds])))
    for layer, edges in zip(layers, found, strict=True):
        expected: dict[tuple[int, int], list[int]] = {}
        for number, (points, group, level) in enumerate(seeds):
            if (group, level) == (layer.group, layer.level):
                for pair in combinations(sorted(points), 2):
                    expected.setdefault(pair, []).append(number)
                    expected.setdefault(pair[::-1], []).append(number)
        assert edges == expected
