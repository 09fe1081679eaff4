"""The knowledge graph in layers: what the cells of the targets may walk on, and the seeds behind every edge."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from linkqa_kedro.walks.csr import BoolArray, CsrGraph, SeedIndex, VertexArray, WeightArray, row_limits

NO_NUMBER = -1
"""Stands for a seed that belongs to no layer."""

_N_LEVEL_PLACES = 8
"""Room for levels 0 (no level) to 6 (one above the highest) in a sorting key."""


@dataclass(frozen=True)
class Layer:
    """What a layer's seeds have in common.

    Attributes:
        group: Number of their discipline; 0 for all where disciplines may cross or have no target.
        level: Their level; None for all.
    """

    group: int
    level: int | None


@dataclass(frozen=True)
class SeedLabels:
    """Labels of the seeds as numbers.

    Attributes:
        groups: Group of each seed (see `Layer`), shape (n_seeds,).
        levels: Level of each seed, 1 to 5, shape (n_seeds,).
    """

    groups: VertexArray
    levels: VertexArray


@dataclass(frozen=True)
class LayeredGraph:
    """A copy of the graph for each layer, with only the edges that a seed of the layer holds.

    A row is a vertex in a layer; it exists where the vertex has an edge there. As no edge joins two layers, walkers of
    all layers step together on one graph, and preparing it costs what its edges cost, not that times the cells.

    Attributes:
        layers: What the layers stand for.
        vertices: Vertex of each row, shape (n_rows,).
        layer_limits: Rows of each layer, shape (n_layers + 1,).
        indptr: Row limits, shape (n_rows + 1,).
        heads: Rows that the edges lead to, ascending within each row, shape (n_directed_edges,).
        associations: Association of each directed edge, positive.
        pairs: Which pair of vertices in a layer each directed edge joins: its place in `holder_indptr`.
        holder_indptr: Limits of each pair's seeds, shape (n_pairs + 1,).
        holders: Seeds of the layer that hold both vertices of a pair, in an order that depends on the seeds alone.
        fitting_first: First of the seeds that fit each row, a place in `fitting`, shape (n_rows,).
        fitting_end: One after the last.
        own_first: First of those that are of the row's own level, likewise.
        own_end: One after the last of them.
        fitting: Seeds sorted by group, vertex and level: those of a row's group that hold its vertex and are of its
            level or one beside it.
    """

    layers: Sequence[Layer]
    vertices: VertexArray
    layer_limits: VertexArray
    indptr: VertexArray
    heads: VertexArray
    associations: WeightArray
    pairs: npt.NDArray[np.int32]
    holder_indptr: VertexArray
    holders: npt.NDArray[np.int32]
    fitting_first: VertexArray
    fitting_end: VertexArray
    own_first: VertexArray
    own_end: VertexArray
    fitting: npt.NDArray[np.int32]

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return len(self.vertices)


def layered_graph(graph: CsrGraph, index: SeedIndex, labels: SeedLabels, layers: Sequence[Layer]) -> LayeredGraph:
    """The layers of a graph.

    Args:
        graph: Knowledge graph; a pair of vertices that is no edge of it is none in any layer.
        index: Seeds behind it.
        labels: Their labels.
        layers: All of them with a level, or all without.

    Raises:
        ValueError: If a pair of vertices in a layer cannot be told by 63 bits.
    """
    n = max(graph.n_vertices, 1)
    if len(layers) * n * n >= 2**63:
        raise ValueError(f"{len(layers)} cells on {n} knowledge points are more than 63 bits can tell apart.")
    found = _pairs_of_seeds(index, layer_of_seeds(labels, layers), n).in_graph(graph)
    tail_rows, head_rows, row_keys, pairs = _directed(found.keys, n)
    limits, fitting = _fitting_seeds(index, labels, layers, row_keys, n)
    return LayeredGraph(
        layers=layers,
        vertices=row_keys % n,
        layer_limits=np.searchsorted(row_keys, np.arange(len(layers) + 1) * n),
        indptr=row_limits(tail_rows, len(row_keys)),
        heads=head_rows,
        associations=found.associations[pairs],
        pairs=pairs,
        holder_indptr=found.holder_indptr,
        holders=found.holders,
        fitting_first=limits[0],
        fitting_end=limits[3],
        own_first=limits[1],
        own_end=limits[2],
        fitting=fitting,
    )


def layer_of_seeds(labels: SeedLabels, layers: Sequence[Layer]) -> VertexArray:
    """Layer that each seed belongs to, NO_NUMBER for none."""
    layer_of = np.full(len(labels.groups), NO_NUMBER, np.int64)
    for number, layer in enumerate(layers):
        members = labels.groups == layer.group
        if layer.level is not None:
            members = members & (labels.levels == layer.level)
        layer_of[members] = number
    return layer_of


@dataclass(frozen=True)
class _Pairs:
    """Pairs of vertices in a layer, and the seeds that hold both.

    Attributes:
        keys: (layer·n + smaller)·n + larger, ascending.
        holder_indptr: See `LayeredGraph`.
        holders: See `LayeredGraph`.
        associations: Of each pair, once it is known to be an edge.
    """

    keys: VertexArray
    holder_indptr: VertexArray
    holders: npt.NDArray[np.int32]
    associations: WeightArray

    def in_graph(self, graph: CsrGraph) -> "_Pairs":
        """Those that are edges of the graph, with their associations."""
        n = max(graph.n_vertices, 1)
        edge_keys = graph.tails * n + graph.indices
        wanted = self.keys % (n * n)
        places = np.searchsorted(edge_keys, wanted)
        is_edge: BoolArray = places < len(edge_keys)
        is_edge[is_edge] = edge_keys[places[is_edge]] == wanted[is_edge]
        n_holders = np.diff(self.holder_indptr)
        return _Pairs(
            self.keys[is_edge],
            np.concatenate(([0], np.cumsum(n_holders[is_edge]))),
            self.holders[np.repeat(is_edge, n_holders)],
            graph.weights[places[is_edge]],
        )


def _pairs_of_seeds(index: SeedIndex, layer_of_seed: VertexArray, n: int) -> _Pairs:
    """All pairs of vertices that a seed of a layer holds."""
    seeds_of_pairs, keys_of_pairs = [np.zeros(0, np.int32)], [np.zeros(0, np.int64)]
    owner = np.repeat(np.arange(index.n_seeds), np.diff(index.seed_indptr))
    inside = layer_of_seed[owner] != NO_NUMBER
    owner, held = owner[inside], index.vertices[inside]
    # Pairs at distance 1, 2, … within a seed: as many passes as the longest seed has vertices.
    for distance in range(1, len(owner)):
        same = np.flatnonzero(owner[distance:] == owner[:-distance])
        if len(same) == 0:
            break
        seeds = owner[same]
        keys_of_pairs.append((layer_of_seed[seeds] * n + held[same]) * n + held[same + distance])
        seeds_of_pairs.append(seeds.astype(np.int32))
    keys, holders = np.concatenate(keys_of_pairs), np.concatenate(seeds_of_pairs)
    order = np.argsort(keys, kind="stable")
    keys, holders = keys[order], holders[order]
    first = np.flatnonzero(_changes(keys))
    return _Pairs(keys[first], np.append(first, len(keys)), holders, np.zeros(len(first)))


def _changes(keys: VertexArray) -> BoolArray:
    """Where a value differs from the one before it; the first does."""
    changes: BoolArray = np.ones(len(keys), bool)
    changes[1:] = keys[1:] != keys[:-1]
    return changes


def _directed(pair_keys: VertexArray, n: int) -> tuple[VertexArray, VertexArray, VertexArray, npt.NDArray[np.int32]]:
    """Both directions of every pair, sorted by tail and head.

    Returns:
        Row of each edge's tail, row of its head, key layer·n + vertex of each row, and the pair of each edge.
    """
    n_pairs = len(pair_keys)
    layer, smaller, larger = pair_keys // (n * n), pair_keys // n % n, pair_keys % n
    keys = np.concatenate((pair_keys, (layer * n + larger) * n + smaller))
    order = np.argsort(keys)  # keys are unique: no tie to keep in order
    tail_keys = keys[order] // n
    new_row = _changes(tail_keys)
    tails = np.cumsum(new_row) - 1
    place_of = np.empty(len(order), np.int64)
    place_of[order] = np.arange(len(order))
    backwards = np.where(order < n_pairs, order + n_pairs, order - n_pairs)
    pairs = (order % max(n_pairs, 1)).astype(np.int32)
    return tails, tails[place_of[backwards]], tail_keys[new_row], pairs


def _fitting_seeds(
    index: SeedIndex, labels: SeedLabels, layers: Sequence[Layer], row_keys: VertexArray, n: int
) -> tuple[list[VertexArray], npt.NDArray[np.int32]]:
    """Seeds that fit the rows of the keys layer·n + vertex: `fitting` of a `LayeredGraph`, and before it the limits.

    The limits are `fitting_first`, `own_first`, `own_end` and `fitting_end`.
    """
    owner = np.repeat(np.arange(index.n_seeds), np.diff(index.seed_indptr))
    keys = (labels.groups[owner] * n + index.vertices) * _N_LEVEL_PLACES + labels.levels[owner]
    order = np.argsort(keys, kind="stable")
    keys = keys[order]
    group = np.asarray([layer.group for layer in layers], np.int64)
    lowest = np.asarray([0 if layer.level is None else layer.level - 1 for layer in layers], np.int64)
    highest = np.asarray(
        [_N_LEVEL_PLACES - 1 if layer.level is None else layer.level + 1 for layer in layers], np.int64
    )
    layer_of_row = row_keys // n
    base = (group[layer_of_row] * n + row_keys % n) * _N_LEVEL_PLACES
    own_lowest = np.asarray([0 if layer.level is None else layer.level for layer in layers], np.int64)
    own_highest = np.asarray(
        [_N_LEVEL_PLACES - 1 if layer.level is None else layer.level for layer in layers], np.int64
    )
    limits = [
        np.searchsorted(keys, base + lowest[layer_of_row], side="left"),
        np.searchsorted(keys, base + own_lowest[layer_of_row], side="left"),
        np.searchsorted(keys, base + own_highest[layer_of_row], side="right"),
        np.searchsorted(keys, base + highest[layer_of_row], side="right"),
    ]
    return limits, owner[order].astype(np.int32)
