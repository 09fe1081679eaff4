"""What no path can stand on is known before the first walk: where points or seeds are too few."""

import numpy as np

from linkqa_kedro.walks.csr import BoolArray, CsrGraph, SeedIndex, VertexArray, component_labels
from linkqa_kedro.walks.layered_graph import LayeredGraph, SeedLabels, layer_of_seeds

FEWEST_SEEDS = 2
"""Seeds of a cell's own labels that any path needs: of a single one and another level, the mean is half a level off."""


class Support:
    """Which rows of the layers lie in a component that can hold a path.

    Args:
        graph: Layers.
        index: Seeds behind them.
        labels: Their labels.
        min_length: Points of the shortest path.

    Attributes:
        long_enough: Rows whose component has as many points as the shortest path, shape (n_rows,).
        possible: Of those, the rows whose component has two seeds of the layer or more.
    """

    def __init__(self, graph: LayeredGraph, index: SeedIndex, labels: SeedLabels, min_length: int) -> None:
        components = component_labels(CsrGraph(graph.indptr, graph.heads, graph.associations))
        self.long_enough: BoolArray = np.bincount(components, minlength=1)[components] >= min_length
        self.possible: BoolArray = self.long_enough & _has_two_seeds(graph, index, labels, components)[components]


def _has_two_seeds(graph: LayeredGraph, index: SeedIndex, labels: SeedLabels, components: VertexArray) -> BoolArray:
    """Which components hold points of two seeds of their layer, shape (n_components,)."""
    rows, seeds = _points_of_seeds(graph, index, layer_of_seeds(labels, graph.layers))
    lowest = np.full(int(components.max(initial=-1)) + 1, index.n_seeds)
    highest = np.full(len(lowest), -1)
    np.minimum.at(lowest, components[rows], seeds)
    np.maximum.at(highest, components[rows], seeds)
    has_two: BoolArray = lowest < highest
    return has_two


def _points_of_seeds(
    graph: LayeredGraph, index: SeedIndex, layer_of_seed: VertexArray
) -> tuple[VertexArray, VertexArray]:
    """Row and seed of every point that a seed of a layer holds, where the point has a row there."""
    owner = np.repeat(np.arange(index.n_seeds), np.diff(index.seed_indptr))
    inside = layer_of_seed[owner] >= 0
    owner, held = owner[inside], index.vertices[inside]
    n = int(index.vertices.max(initial=0)) + 1
    keys = layer_of_seed[owner] * n + held
    order = np.argsort(keys)
    row_keys = np.repeat(np.arange(len(graph.layers)), np.diff(graph.layer_limits)) * n + graph.vertices
    rows = np.searchsorted(row_keys, keys[order])
    found = rows < len(row_keys)
    found[found] = row_keys[rows[found]] == keys[order][found]
    return rows[found], owner[order][found]
