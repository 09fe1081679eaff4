"""Other ways of choosing knowledge points that belong together, from their published definitions.

- *uniform walk*: start and every step uniform (Pearson 1905, "The Problem of the Random Walk"; DeepWalk, Perozzi et al.
  2014, walks over a graph like this).
- *MathScale* (Tang et al. 2024, arXiv 2403.02884): start uniform, steps with the softmax of the logarithm of how often
  two concepts stand in one question, which is in proportion to the count itself. There the walk begins with topics
  above the knowledge points; here there are none, so all of it goes over knowledge points.
- *partition*: GraphGen (Chen et al. 2025, arXiv 2505.20416) asks its teacher about bounded subgraphs around an entity,
  and its open project can cut the graph into groups, by breadth-first search among others, each unit in one group. Here
  the units are knowledge points, and a group has as many at most as a path.

Walks do not return to where they have been: that helps them, as no place is spent twice on one knowledge point. Walks
and groups start where the walks of linkqa_kedro may: in components that hold a shortest path.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from linkqa_kedro.walks.choice_table import NOTHING, ChoiceTable
from linkqa_kedro.walks.counter_draws import DrawKey
from linkqa_kedro.walks.csr import BoolArray, SeedIndex, VertexArray, WeightArray
from linkqa_kedro.walks.layered_graph import LayeredGraph
from linkqa_kedro.walks.path_seeds import CHOSEN, CellFit, PathSeedChooser, PathSeedSettings
from linkqa_kedro.walks.steps import STOPPED, Walks, draw_walks

_CHUNK_WALKS = 131_072

IntMatrix = npt.NDArray[np.int32]


@dataclass(frozen=True)
class Sample:
    """Paths or groups, in the order drawn.

    Attributes:
        vertices: Knowledge points of each, STOPPED after the last, shape (n_paths, max_length).
        seeds: Seed numbers of each, NOTHING where there is none, shape (n_paths, n_places).
    """

    vertices: IntMatrix
    seeds: IntMatrix


class StaticWalker:
    """Self-avoiding walks whose probabilities never change.

    Args:
        graph: One layer of all seeds.
        strengths: What steps are proportional to, shape (n_directed_edges,).
        starts: Vertices among which the start is uniform, shape (n_vertices,).
        length: Knowledge points of a walk, at most.
        random_seed: In [0, 2**32).
    """

    def __init__(
        self, graph: LayeredGraph, strengths: WeightArray, starts: BoolArray, length: int, random_seed: int
    ) -> None:
        self._graph, self._length, self._random_seed = graph, length, random_seed
        rows = np.flatnonzero(starts[graph.vertices])
        self._steps = ChoiceTable(graph.indptr, graph.heads, strengths)
        self._starts = ChoiceTable(np.asarray([0, len(rows)]), rows, np.ones(len(rows)))
        for table in (self._steps, self._starts):
            table.refresh(np.ones(graph.n_rows))

    def paths(self, n_paths: int) -> IntMatrix:
        """Knowledge points of walks without seeds, STOPPED after the last, shape (n_paths, length)."""
        parts = [self._vertices(walks) for _, walks in self._chunks(n_paths)]
        return np.concatenate(parts)

    def sample(self, n_paths: int, chooser: PathSeedChooser) -> Sample:
        """Walks with the seeds that linkqa_kedro gives to a path without a cell; without seeds where it finds none."""
        vertices, seeds = [], []
        for numbers, walks in self._chunks(n_paths):
            anything = np.full(len(numbers), NOTHING)
            found, endings = chooser.choose(walks, CellFit(anything, anything), numbers, self._key)
            found[:, endings != CHOSEN] = NOTHING
            chooser.use(found[:, endings == CHOSEN])
            vertices.append(self._vertices(walks))
            seeds.append(found.T)
        return Sample(np.concatenate(vertices), np.concatenate(seeds))

    @property
    def _key(self) -> DrawKey:
        return DrawKey(self._random_seed, 0, 0)

    def _chunks(self, n_paths: int) -> Iterator[tuple[VertexArray, Walks]]:
        for first in range(0, n_paths, _CHUNK_WALKS):
            numbers = np.arange(first, min(first + _CHUNK_WALKS, n_paths))
            cells = np.zeros(len(numbers), np.int64)
            yield numbers, draw_walks(self._starts, self._steps, cells, numbers, self._key, self._length)

    def _vertices(self, walks: Walks) -> IntMatrix:
        vertices = self._graph.vertices[walks.vertices].astype(np.int32)
        vertices[walks.vertices == STOPPED] = STOPPED
        return vertices.T


def uniform_strengths(graph: LayeredGraph) -> WeightArray:
    """Every neighbour alike, shape (n_directed_edges,)."""
    return np.ones(len(graph.heads))


def mathscale_strengths(graph: LayeredGraph) -> WeightArray:
    """Seeds that hold both ends of each edge, shape (n_directed_edges,)."""
    counts: WeightArray = np.diff(graph.holder_indptr)[graph.pairs].astype(np.float64)
    return counts


def seed_chooser(
    graph: LayeredGraph, index: SeedIndex, levels: VertexArray, n_seeds: tuple[int, int], min_length: int
) -> PathSeedChooser:
    """The chooser of linkqa_kedro without a cap on uses, which no peer has.

    Args:
        graph: One layer of all seeds.
        index: Seeds behind it.
        levels: Level of each seed; not looked at, since no cell asks for any.
        n_seeds: Fewest seeds of a path, and the number aimed at.
        min_length: Knowledge points of the shortest path that gets seeds.
    """
    settings = PathSeedSettings(min_length, *n_seeds, max_uses=2**31 - 1)
    return PathSeedChooser(graph, index, levels, np.zeros(index.n_seeds, np.int64), settings)


@dataclass(frozen=True)
class Groups:
    """Groups of rows.

    Attributes:
        rows: Rows of each group, the one it began with first, STOPPED after the last, shape (n_groups, max_size).
        edges: Edge over which each of the others was found, NOTHING after the last, shape (n_groups, max_size - 1).
    """

    rows: VertexArray
    edges: VertexArray


def partition(graph: LayeredGraph, starts: BoolArray, size: int, random: np.random.Generator) -> Groups:
    """Connected groups of at most `size` rows that hold every row of `starts` exactly once, in random order.

    Every group grows by breadth-first search from a random row that no group holds yet, over rows that none holds.
    What lies between groups that are full stays in smaller ones.

    Args:
        graph: One layer of all seeds.
        starts: Vertices to be partitioned: whole components, shape (n_vertices,).
        size: Rows of a group, at most.
        random: Source of the order.
    """
    order = random.permutation(np.flatnonzero(starts[graph.vertices]))
    taken = np.zeros(graph.n_rows, bool)
    rows = np.full((len(order), size), STOPPED, np.int64)
    edges = np.full((len(order), size - 1), NOTHING, np.int64)
    n_groups = 0
    for start in order.tolist():
        if not taken[start]:
            found, over = _grow(graph, start, size, taken)
            rows[n_groups, : len(found)] = found
            edges[n_groups, : len(over)] = over
            n_groups += 1
    return Groups(rows[:n_groups], edges[:n_groups])


def _grow(graph: LayeredGraph, start: int, size: int, taken: BoolArray) -> tuple[list[int], list[int]]:
    """Rows of the group around a start and the edges it grew over; marks them as taken."""
    rows, edges = [start], []
    taken[start] = True
    for row in rows:  # grows while it is read: first in, first out
        if len(rows) == size:
            break
        first, end = graph.indptr[row], graph.indptr[row + 1]
        free = first + np.flatnonzero(~taken[graph.heads[first:end]])[: size - len(rows)]
        taken[graph.heads[free]] = True
        rows.extend(graph.heads[free].tolist())
        edges.extend(free.tolist())
    return rows, edges


def sample_partitions(
    graph: LayeredGraph, starts: BoolArray, size: int, n_groups: int, random: np.random.Generator
) -> Sample:
    """Groups of one partition after another, each with one seed for every edge it grew over.

    Args:
        graph: One layer of all seeds.
        starts: As in `partition`.
        size: As in `partition`.
        n_groups: Groups in all; the last partition is cut short.
        random: Source of the orders and of the seeds.
    """
    passes: list[Groups] = []
    while sum(len(groups.rows) for groups in passes) < n_groups:
        passes.append(partition(graph, starts, size, random))
    rows = np.concatenate([groups.rows for groups in passes])[:n_groups]
    edges = np.concatenate([groups.edges for groups in passes])[:n_groups]
    vertices = np.where(rows == STOPPED, STOPPED, graph.vertices[rows])
    return Sample(vertices.astype(np.int32), _seeds_of_edges(graph, edges, random))


def _seeds_of_edges(graph: LayeredGraph, edges: VertexArray, random: np.random.Generator) -> IntMatrix:
    """A random seed out of those that hold both ends of each edge; NOTHING where the group has it already."""
    pairs = graph.pairs[edges]
    first, end = graph.holder_indptr[pairs], graph.holder_indptr[pairs + 1]
    seeds = graph.holders[first + (random.random(edges.shape) * (end - first)).astype(np.int64)]
    seeds[edges == NOTHING] = NOTHING
    for place in range(1, seeds.shape[1]):
        seeds[(seeds[:, :place] == seeds[:, place, None]).any(axis=1), place] = NOTHING
    return seeds
