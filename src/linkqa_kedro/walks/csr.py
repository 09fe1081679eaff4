"""The knowledge graph as CSR arrays, and what can be read off them."""

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


def csr_graph(sources: VertexArray, targets: VertexArray, weights: WeightArray, n_vertices: int) -> CsrGraph:
    """CSR graph of undirected edges that are each given once.

    Args:
        sources: One end of each edge, shape (n_edges,).
        targets: The other end.
        weights: Association, positive.
        n_vertices: Vertices without edges included.
    """
    tails = np.concatenate((sources, targets)).astype(np.int64)
    heads = np.concatenate((targets, sources)).astype(np.int64)
    order = np.argsort(tails * max(n_vertices, 1) + heads)  # keys are unique: no tie to keep in order
    both = np.concatenate((weights, weights)).astype(np.float64)
    return CsrGraph(row_limits(tails, n_vertices), heads[order], both[order])


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
    """The seeds of each vertex, and the vertices of each seed.

    Attributes:
        indptr: Row limits by vertex, shape (n_vertices + 1,).
        seeds: Seed numbers, ascending within each row.
        seed_indptr: Row limits by seed, shape (n_seeds + 1,).
        vertices: Vertex numbers, ascending within each row.
    """

    indptr: VertexArray
    seeds: VertexArray
    seed_indptr: VertexArray
    vertices: VertexArray

    @property
    def n_seeds(self) -> int:
        """Number of seeds, those without any vertex included."""
        return len(self.seed_indptr) - 1

    def padded_vertices(self) -> npt.NDArray[np.int32]:
        """Vertices of each seed, filled up with -2 to the longest, shape (n_seeds, most vertices)."""
        lengths = np.diff(self.seed_indptr)
        padded = np.full((self.n_seeds, int(lengths.max(initial=1))), -2, np.int32)
        place = np.arange(len(self.vertices)) - np.repeat(self.seed_indptr[:-1], lengths)
        padded[np.repeat(np.arange(self.n_seeds), lengths), place] = self.vertices
        return padded

    def vertices_of(self, seed: int) -> VertexArray:
        """Vertices that a seed holds, ascending."""
        return self.vertices[self.seed_indptr[seed] : self.seed_indptr[seed + 1]]


def seed_index(vertices: VertexArray, seeds: VertexArray, n_vertices: int, n_seeds: int) -> SeedIndex:
    """Both directions of (vertex, seed) pairs.

    Args:
        vertices: Vertex of each pair, shape (n_pairs,); a pair occurs once.
        seeds: Seed number of each pair, shape (n_pairs,).
        n_vertices: Number of vertices.
        n_seeds: Number of seeds, those without any vertex included.
    """
    by_vertex = np.sort(vertices.astype(np.int64) * max(n_seeds, 1) + seeds)
    by_seed = np.sort(seeds.astype(np.int64) * max(n_vertices, 1) + vertices)
    return SeedIndex(
        row_limits(vertices, n_vertices),
        by_vertex % max(n_seeds, 1),
        row_limits(seeds, n_seeds),
        by_seed % max(n_vertices, 1),
    )


def row_limits(rows: VertexArray, n_rows: int) -> VertexArray:
    """Where each row begins and ends among entries sorted by row, shape (n_rows + 1,)."""
    limits: VertexArray = np.concatenate(([0], np.cumsum(np.bincount(rows, minlength=n_rows)))).astype(np.int64)
    return limits
