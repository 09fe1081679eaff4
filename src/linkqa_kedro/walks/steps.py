"""One choice of many walkers at once: where they start, and along which edge they go on."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from linkqa_kedro.walks.counter_draws import UnitArray, uniform_draws
from linkqa_kedro.walks.csr import BoolArray, CsrGraph, VertexArray, WeightArray

STOPPED = -1
"""Stands in a path after its last vertex, and for a walker that found no way on."""

VertexMatrix = npt.NDArray[np.int64]


@dataclass(frozen=True)
class StepTable:
    """A graph prepared for steps under one frozen value of its vertices.

    Rows are normalised before they are summed up, so that a row of small weights keeps its precision beside one of
    large weights.

    Attributes:
        graph: The graph walked on.
        keys: tail * n_vertices + head of each directed edge, ascending: finds the edge between two vertices.
        running: Normalised weight of all directed edges before each one, shape (n_directed_edges + 1,).
        possible: Whether the edge can be taken (its weight is above 0), shape (n_directed_edges,).
        n_possible: Number of possible edges in each row, shape (n_vertices,).
    """

    graph: CsrGraph
    keys: VertexArray
    running: WeightArray
    possible: BoolArray
    n_possible: VertexArray


def step_table(graph: CsrGraph, far_end_worth: WeightArray, gamma: float) -> StepTable:
    """Prepare steps with probability ∝ association^gamma times the worth of the far end.

    Args:
        graph: CSR graph.
        far_end_worth: V(j)·D(j), at least 0, shape (n_vertices,).
        gamma: Association exponent, at least 0.
    """
    weights = graph.weights**gamma * far_end_worth[graph.indices]
    tails = graph.tails
    # Scaled by each row's largest weight first: sums of values near the ends of the float range stay finite.
    largest = np.zeros(graph.n_vertices)
    np.maximum.at(largest, tails, weights)
    scaled = np.divide(weights, largest[tails], out=np.zeros_like(weights), where=largest[tails] > 0)
    sums = np.bincount(tails, weights=scaled, minlength=graph.n_vertices)
    shares = np.divide(scaled, sums[tails], out=np.zeros_like(scaled), where=sums[tails] > 0)
    possible: BoolArray = shares > 0
    return StepTable(
        graph=graph,
        keys=tails * graph.n_vertices + graph.indices,
        running=np.concatenate(([0.0], np.cumsum(shares))),
        possible=possible,
        n_possible=np.bincount(tails[possible], minlength=graph.n_vertices),
    )


def choose_starts(weights: WeightArray, draws: UnitArray) -> VertexArray:
    """First vertex of each walk, with probability ∝ weight, shape (n_walks,); STOPPED where all weights are 0.

    Args:
        weights: At least 0, shape (n_vertices,).
        draws: Uniform numbers in [0, 1), one per walk.
    """
    vertices = np.flatnonzero(weights > 0)
    if len(vertices) == 0:
        return np.full(len(draws), STOPPED, np.int64)
    running = np.cumsum(weights[vertices] / weights[vertices].max())
    places = np.searchsorted(running, draws * running[-1], side="right")
    starts: VertexArray = vertices[np.minimum(places, len(vertices) - 1)]
    return starts


def step_walkers(table: StepTable, paths: VertexMatrix, draws: UnitArray) -> VertexArray:
    """Next vertex of every walker, never one it has visited, shape (n_walks,); STOPPED where none is left.

    The probability of each neighbour is exact: the mass of visited neighbours is cut out of the row, instead of
    drawing again on a hit. Queries are sorted before the search, because neighbouring ones then share cache lines.

    Args:
        table: Prepared graph.
        paths: Vertices visited so far, shape (n_walks, n_visited); all of them real vertices.
        draws: Uniform numbers in [0, 1), one per walker.
    """
    graph, running = table.graph, table.running
    at = paths[:, -1]
    row_start, row_end = graph.indptr[at], graph.indptr[at + 1]
    visited = _visited_edges(table, at, paths)
    n_edges = len(graph.indices)
    is_edge = visited < n_edges
    edge = np.where(is_edge, visited, 0)
    blocked = is_edge & (table.possible[edge] if n_edges else False)
    n_left = table.n_possible[at] - blocked.sum(axis=1)
    mass = np.where(blocked, running[np.minimum(edge + 1, n_edges)] - running[edge], 0.0)
    free = np.maximum(running[row_end] - running[row_start] - mass.sum(axis=1), 0.0)
    query = running[row_start] + draws * free
    for column in range(visited.shape[1]):  # ascending, so that each gap is skipped once
        query = np.where(blocked[:, column] & (query >= running[edge[:, column]]), query + mass[:, column], query)
    order = np.argsort(query)
    chosen = np.empty(len(at), np.int64)
    chosen[order] = np.searchsorted(running, query[order], side="right") - 1
    chosen = np.clip(chosen, row_start, np.maximum(row_end - 1, row_start))
    going = n_left > 0
    _mend_rounding(table, chosen, going, visited, row_start, row_end)
    following = np.full(len(at), STOPPED, np.int64)
    following[going] = graph.indices[chosen[going]]
    return following


def _visited_edges(table: StepTable, at: VertexArray, paths: VertexMatrix) -> VertexMatrix:
    """Edges from each walker's vertex to vertices it has visited, ascending; n_directed_edges where there is none."""
    wanted = at[:, None] * table.graph.n_vertices + paths
    places = np.searchsorted(table.keys, wanted)
    n_edges = len(table.keys)
    found = places < n_edges
    if n_edges:
        found &= table.keys[np.minimum(places, n_edges - 1)] == wanted
    visited: VertexMatrix = np.sort(np.where(found, places, n_edges), axis=1)
    return visited


def _mend_rounding(
    table: StepTable,
    chosen: VertexArray,
    going: BoolArray,
    visited: VertexMatrix,
    row_start: VertexArray,
    row_end: VertexArray,
) -> None:
    """Move the rare walker whose query fell on a taken edge, by rounding, to the next edge it may take."""
    walkers = np.flatnonzero(going)
    edges = chosen[walkers]
    taken = (edges[:, None] == visited[walkers]).any(axis=1) | ~table.possible[edges]
    for walker in walkers[taken]:
        row = np.arange(row_start[walker], row_end[walker])
        allowed = row[table.possible[row] & ~np.isin(row, visited[walker])]
        chosen[walker] = allowed[np.searchsorted(allowed, chosen[walker]) % len(allowed)]


@dataclass(frozen=True)
class DrawKey:
    """What keys the draws of one attempt, besides walk and step.

    Attributes:
        random_seed: In [0, 2**32).
        round_number: Round of drawing, from 0.
        attempt: Redraw, from 0.
    """

    random_seed: int
    round_number: int
    attempt: int


def draw_walks(
    table: StepTable, start_weights: WeightArray, walks: VertexArray, key: DrawKey, max_length: int
) -> VertexMatrix:
    """One self-avoiding walk per walk number, shape (n_walks, max_length), STOPPED after its last vertex.

    Args:
        table: Prepared graph.
        start_weights: Weight of each vertex as a start, at least 0, shape (n_vertices,).
        walks: Walk numbers.
        key: Keys the draws.
        max_length: Knowledge points at most, at least 1.
    """
    paths = np.full((len(walks), max_length), STOPPED, np.int64)
    first = uniform_draws(key.random_seed, key.round_number, walks, key.attempt, 0)
    paths[:, 0] = choose_starts(start_weights, first)
    active = np.flatnonzero(paths[:, 0] != STOPPED)
    for step in range(1, max_length):
        draws = uniform_draws(key.random_seed, key.round_number, walks[active], key.attempt, step)
        following = step_walkers(table, paths[active, :step], draws)
        paths[active, step] = following
        active = active[following != STOPPED]
        if len(active) == 0:
            break
    return paths
