"""Which knowledge point stands in which seed, as numbers."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from linkqa_kedro.walks.csr import BoolArray, VertexArray


@dataclass(frozen=True)
class Incidence:
    """Pairs of a knowledge point and a seed that holds it.

    Attributes:
        names: Names of the knowledge points in their alphabetical order, by which they are numbered.
        vertices: Knowledge point of each pair, shape (n_pairs,).
        seeds: Seed of each pair, ascending; the seed's row in the annotations.
        n_seeds: Number of seeds, those without knowledge points included.
    """

    names: pa.Array
    vertices: VertexArray
    seeds: VertexArray
    n_seeds: int

    @property
    def popularity(self) -> VertexArray:
        """n(k), seeds of each knowledge point, shape (n_vertices,)."""
        counts: VertexArray = np.bincount(self.vertices, minlength=len(self.names))
        return counts

    def keep(self, kept: BoolArray) -> "Incidence":
        """Only some of the knowledge points, renumbered."""
        number = np.cumsum(kept) - 1
        pairs = kept[self.vertices]
        names = self.names.filter(pa.array(kept))
        return Incidence(names, number[self.vertices[pairs]], self.seeds[pairs], self.n_seeds)


def incidence_of(knowledge_points: "pd.Series[list[str]]") -> Incidence:
    """Number the knowledge points of annotations.

    Args:
        knowledge_points: Names by seed, none twice in a seed.
    """
    points = pa.array(knowledge_points, pa.list_(pa.string()))
    vertices, names = number_names(pc.list_flatten(points))
    return Incidence(names, vertices, pc.list_parent_indices(points).to_numpy().astype(np.int64), len(points))


def number_names(names: pa.Array | pa.ChunkedArray) -> tuple[VertexArray, pa.Array]:
    """Numbers of names by their alphabetical order.

    Args:
        names: Text, plain or dictionary-encoded, without gaps.

    Returns:
        Number of each name, shape (n_names,); and the distinct names in the order of the numbers.
    """
    if isinstance(names, pa.ChunkedArray):
        names = names.unify_dictionaries().combine_chunks()
    encoded = names if isinstance(names.type, pa.DictionaryType) else names.dictionary_encode()
    order = pc.array_sort_indices(encoded.dictionary).to_numpy()
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    numbers: VertexArray = rank[encoded.indices.to_numpy(zero_copy_only=False)]
    return numbers, encoded.dictionary.take(pa.array(order))
