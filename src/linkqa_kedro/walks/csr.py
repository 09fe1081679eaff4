"""The knowledge graph as CSR arrays, and what can be read off them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

VertexArray = npt.NDArray[np.int64]
WeightArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class CsrGraph:
    """An undirected weighted graph in compressed sparse rows: both directions of every edge.

    Attributes:
        indptr: Row limits, shape (n_vertices + 1,).
        indices: Neighbours, ascending within each row, shape (n_directed_edges,).
        weights: Association of each directed edge, positive, shape (n_directed_edges,).
    """

    indptr: VertexArray
    indices: VertexArray
    weights: WeightArray

    @property
    def n_vertices(self) -> int:
        """Number of vertices."""
        return len(self.indptr) - 1

    @property
    def degrees(self) -> VertexArray:
        """Number of neighbours of each vertex, shape (n_vertices,)."""
        degrees: VertexArray = np.diff(self.indptr)
        return degrees

    @property
    def tails(self) -> VertexArray:
        """Vertex that each directed edge leaves from, shape (n_directed_edges,)."""
        tails: VertexArray = np.repeat(np.arange(self.n_vertices, dtype=np.int64), self.degrees)
        return tails

    def keep_edges(self, kept: BoolArray) -> "CsrGraph":
        """The graph with only some of its directed edges; vertices keep their numbers.

        Args:
            kept: Which directed edges stay, shape (n_directed_edges,); symmetric.
        """
        counts = np.bincount(self.tails[kept], minlength=self.n_vertices)
        indptr = np.concatenate(([0], np.cumsum(counts))).astype(np.int64)
        return CsrGraph(indptr, self.indices[kept], self.weights[kept])


def csr_graph(sources: VertexArray, targets: VertexArray, weights: WeightArray, n_vertices: int) -> CsrGraph:
    """CSR graph of undirected edges that are each given once.

    Args:
        sources: One end of each edge, shape (n_edges,).
        targets: The other end.
        weights: Association, positive.
        n_vertices: Vertices without edges included.
    """
    tails = np.concatenate((sources, targets))
    heads = np.concatenate((targets, sources))
    both = np.concatenate((weights, weights))
    order = np.lexsort((heads, tails))
    counts = np.bincount(tails, minlength=n_vertices)
    indptr = np.concatenate(([0], np.cumsum(counts))).astype(np.int64)
    return CsrGraph(indptr, heads[order].astype(np.int64), both[order].astype(np.float64))


def component_labels(graph: CsrGraph) -> VertexArray:
    """Connected component of each vertex, 0 for the largest, shape (n_vertices,).

    Components of equal size are ordered by their smallest vertex.
    """
    from scipy.sparse import csr_array  # half a second that only graph building needs
    from scipy.sparse.csgraph import connected_components

    if graph.n_vertices == 0:
        return np.zeros(0, np.int64)
    matrix = csr_array(
        (np.ones(len(graph.indices), np.int8), graph.indices, graph.indptr),
        shape=(graph.n_vertices, graph.n_vertices),
    )
    _, found = connected_components(matrix, directed=False)
    sizes = np.bincount(found)
    first_vertex = np.full(len(sizes), graph.n_vertices)
    np.minimum.at(first_vertex, found, np.arange(graph.n_vertices))
    rank = np.empty(len(sizes), np.int64)
    rank[np.lexsort((first_vertex, -sizes))] = np.arange(len(sizes))
    labels: VertexArray = rank[found]
    return labels


@dataclass(frozen=True)
class SeedIndex:
    """Inverted index: the seeds of each vertex, and the vertices of each seed.

    Attributes:
        indptr: Row limits by vertex, shape (n_vertices + 1,).
        seeds: Seed numbers, ascending within each row.
        seed_vertices: Vertices of each seed, ascending, one array per seed.
    """

    indptr: VertexArray
    seeds: VertexArray
    seed_vertices: tuple[VertexArray, ...]

    def of(self, vertex: int) -> VertexArray:
        """Seeds that hold a vertex, ascending."""
        return self.seeds[self.indptr[vertex] : self.indptr[vertex + 1]]


def seed_index(vertices: VertexArray, seeds: VertexArray, n_vertices: int, n_seeds: int) -> SeedIndex:
    """Inverted index from (vertex, seed) pairs.

    Args:
        vertices: Vertex of each pair, shape (n_pairs,).
        seeds: Seed number of each pair, shape (n_pairs,).
        n_vertices: Number of vertices.
        n_seeds: Number of seeds, those without any vertex included.
    """
    order = np.lexsort((seeds, vertices))
    indptr = np.concatenate(([0], np.cumsum(np.bincount(vertices, minlength=n_vertices))))
    by_seed = np.lexsort((vertices, seeds))
    limits = np.cumsum(np.bincount(seeds, minlength=n_seeds))[:-1]
    return SeedIndex(
        indptr.astype(np.int64),
        seeds[order].astype(np.int64),
        tuple(np.split(vertices[by_seed].astype(np.int64), limits)),
    )


def edges_held(graph: CsrGraph, index: SeedIndex, seeds: Sequence[int] | VertexArray) -> BoolArray:
    """Which directed edges have both ends in one of the seeds named, shape (n_directed_edges,)."""
    held: BoolArray = np.zeros(len(graph.indices), bool)
    keys = graph.tails * graph.n_vertices + graph.indices  # ascending, because rows and neighbours are
    for seed in seeds:
        vertices = index.seed_vertices[seed]
        pairs = (vertices[:, None] * graph.n_vertices + vertices[None, :]).ravel()
        places = np.searchsorted(keys, pairs)
        inside = places < len(keys)
        places, pairs = places[inside], pairs[inside]
        held[places[keys[places] == pairs]] = True
    return held
