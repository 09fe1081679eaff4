"""Co-occurrence: how often two vertices stand in one seed, and how strongly that ties them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from linkqa_kedro.walks.csr import BoolArray, VertexArray, WeightArray

Association = Literal["cosine", "pmi", "jaccard", "count"]


@dataclass(frozen=True)
class EdgeTable:
    """Undirected edges, each once, sorted by both ends.

    Attributes:
        sources: Smaller vertex of each edge, shape (n_edges,).
        targets: Larger vertex.
        counts: w(i,j), number of seeds that hold both.
    """

    sources: VertexArray
    targets: VertexArray
    counts: VertexArray

    def keep(self, kept: BoolArray) -> "EdgeTable":
        """Only some of the edges."""
        return EdgeTable(self.sources[kept], self.targets[kept], self.counts[kept])


def count_pairs(vertices: VertexArray, seeds: VertexArray, n_vertices: int) -> EdgeTable:
    """Edges between all vertices that share a seed.

    A pair is packed into one integer, so that counting is one sort and its run lengths.

    Args:
        vertices: Vertex of each (vertex, seed) pair, shape (n_pairs,); a pair occurs once.
        seeds: Seed of each pair.
        n_vertices: Number of vertices; its square, and its product with the number of seeds, must fit 63 bits.
    """
    packed_pairs = np.sort(seeds.astype(np.int64) * max(n_vertices, 1) + vertices)
    seeds, vertices = np.divmod(packed_pairs, max(n_vertices, 1))
    keys = []
    # Pairs at distance 1, 2, ... within a seed's run: as many passes as the longest seed has vertices.
    for distance in range(1, len(vertices)):
        same_seed = seeds[distance:] == seeds[:-distance]
        if not same_seed.any():
            break
        keys.append(vertices[:-distance][same_seed] * n_vertices + vertices[distance:][same_seed])
    packed, counts = np.unique(np.concatenate(keys or [np.zeros(0, np.int64)]), return_counts=True)
    return EdgeTable(packed // max(n_vertices, 1), packed % max(n_vertices, 1), counts.astype(np.int64))


def association(edges: EdgeTable, popularity: VertexArray, n_seeds: int, measure: Association) -> WeightArray:
    """Association of every edge, positive, shape (n_edges,).

    `cosine` w/sqrt(n_i n_j), in (0, 1]; `jaccard` w/(n_i + n_j - w), in (0, 1]; `pmi` the positive normalised
    pointwise mutual information of Bouma (2009), in (0, 1], where pairs at or below chance get the smallest
    positive value instead of 0, because the edge exists; `count` w itself.

    Args:
        edges: Edges with counts.
        popularity: n(k), shape (n_vertices,).
        n_seeds: Number of seeds.
        measure: Which of the above.
    """
    n_i = popularity[edges.sources].astype(np.float64)
    n_j = popularity[edges.targets].astype(np.float64)
    w = edges.counts.astype(np.float64)
    formulas: dict[Association, Callable[[], WeightArray]] = {
        "cosine": lambda: w / np.sqrt(n_i * n_j),
        "jaccard": lambda: w / (n_i + n_j - w),
        "pmi": lambda: _normalised_pmi(w, n_i, n_j, n_seeds),
        "count": lambda: w,
    }
    return formulas[measure]()


def _normalised_pmi(w: WeightArray, n_i: WeightArray, n_j: WeightArray, n_seeds: int) -> WeightArray:
    floor = 1e-3
    joint = w / n_seeds
    certain = joint >= 1  # the pair stands in every seed: the limit of the measure is 1
    safe = np.where(certain, 0.5, joint)
    pmi = np.log(w * n_seeds / (n_i * n_j)) / -np.log(safe)
    clipped: WeightArray = np.where(certain, 1.0, np.clip(pmi, floor, 1.0))
    return clipped


def strongest_neighbours(edges: EdgeTable, weights: WeightArray, n_vertices: int, limit: int) -> BoolArray:
    """Which edges are among the strongest `limit` of at least one of their ends, shape (n_edges,).

    Ties go to the more frequent pair, then to the smaller vertex numbers.
    """
    n_edges = len(edges.sources)
    ends = np.concatenate((edges.sources, edges.targets))
    edge_of = np.concatenate((np.arange(n_edges), np.arange(n_edges)))
    order = np.lexsort((edge_of, -edges.counts[edge_of], -weights[edge_of], ends))
    starts = np.concatenate(([0], np.cumsum(np.bincount(ends, minlength=n_vertices))))
    rank = np.arange(len(order)) - starts[ends[order]]
    kept: BoolArray = np.zeros(n_edges, bool)
    kept[edge_of[order][rank < limit]] = True
    return kept
