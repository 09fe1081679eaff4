"""Self-avoiding walks of many walkers at once."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from linkqa_kedro.walks.choice_table import NOTHING, ChoiceTable, IndexArray
from linkqa_kedro.walks.counter_draws import DrawKey
from linkqa_kedro.walks.crossing import Crossing
from linkqa_kedro.walks.csr import BoolArray, VertexArray

STOPPED = NOTHING
"""Stands in a path after its last vertex."""

_PLAIN_TRIES = 3
"""Draws from the whole row before what must not be taken is cut out of it: most walkers need one."""


@dataclass(frozen=True)
class Walks:
    """Walks that were drawn; the vertices are rows of the table they were drawn on.

    Attributes:
        vertices: Shape (max_length, n_walks), STOPPED after a walk's last vertex.
        edges: Alternative taken by each step, shape (max_length - 1, n_walks), STOPPED likewise.
        starts: Alternative taken in the table of starts, shape (n_walks,), STOPPED where there was none.
    """

    vertices: npt.NDArray[np.int64]
    edges: npt.NDArray[np.int64]
    starts: VertexArray


def draw_walks(
    starts: ChoiceTable,
    steps: ChoiceTable,
    cells: IndexArray,
    walks: VertexArray,
    key: DrawKey,
    max_length: int,
    crossing: Crossing | None = None,
) -> Walks:
    """One self-avoiding walk per walk number; a walk that cannot go on ends early.

    Args:
        starts: Rows are cells, heads are vertices.
        steps: Rows and heads are vertices.
        cells: Cell of each walk, shape (n_walks,).
        walks: Walk numbers, ascending.
        key: Keys the draws.
        max_length: Vertices at most, at least 1.
        crossing: Thins out the steps; None takes them as the table has them.
    """
    vertices = np.full((max_length, len(walks)), STOPPED, np.int64)
    edges = np.full((max_length - 1, len(walks)), STOPPED, np.int64)
    first = starts.choose(cells, key.uniform(walks, 0))
    active = np.flatnonzero(first != NOTHING)
    vertices[0, active] = starts.heads[first[active]]
    for step in range(1, max_length):
        # Most walks go on to the end: as long as all do, nothing is copied.
        on = slice(None) if len(active) == len(walks) else active
        chosen = _step(steps, vertices[:step, on], cells[on], walks[on], key, crossing)
        edges[step - 1, on] = chosen
        going = chosen != NOTHING
        if not going.all():
            active, chosen = active[going], chosen[going]
            on = active
        if len(active) == 0:
            break
        vertices[step, on] = steps.heads[chosen]
    return Walks(vertices, edges, first)


def _step(
    table: ChoiceTable,
    visited: npt.NDArray[np.int64],
    cells: IndexArray,
    walks: VertexArray,
    key: DrawKey,
    crossing: Crossing | None,
) -> VertexArray:
    """Alternative that each walker takes next, never to where it has been; NOTHING where none is left.

    A proposal that must not be taken is drawn again, which leaves the proportions of the others as they are; after a
    few tries what must not be taken is cut out instead, so that no walker draws for ever.

    Args:
        table: Steps.
        visited: Vertices so far, shape (n_visited, n_walkers).
        cells: Their cells.
        walks: Their walk numbers.
        key: Keys the draws.
        crossing: See `draw_walks`.
    """
    step = len(visited)
    chosen, barred = _propose(table, visited, cells, walks, key, crossing, 0)
    left = np.flatnonzero(barred)
    for repeat in range(1, _PLAIN_TRIES):
        if len(left) == 0:
            return chosen
        chosen[left], barred = _propose(table, visited[:, left], cells[left], walks[left], key, crossing, repeat)
        left = left[barred]
    if len(left):
        draws = key.uniform(walks[left], step, 2 * _PLAIN_TRIES)
        rows, visited = visited[-1, left], visited[:, left]
        if crossing is None:
            chosen[left] = table.choose_but(rows, visited, draws)
        else:
            chosen[left] = crossing.choose_exactly(table, cells[left], rows, visited, draws)
    return chosen


def _propose(
    table: ChoiceTable,
    visited: npt.NDArray[np.int64],
    cells: IndexArray,
    walks: VertexArray,
    key: DrawKey,
    crossing: Crossing | None,
    repeat: int,
) -> tuple[VertexArray, BoolArray]:
    """A step for each walker, drawn from its whole row; and whether it must not be taken."""
    step = len(visited)
    proposed = table.choose(visited[-1], key.uniform(walks, step, 2 * repeat))
    heads = table.leads_to(proposed)
    barred = _has_been(visited, heads)
    if crossing is not None:
        barred |= ~crossing.accepts(cells, heads, key.uniform(walks, step, 2 * repeat + 1))
    barred &= proposed != NOTHING
    return proposed, barred


def _has_been(visited: npt.NDArray[np.int64], heads: IndexArray) -> BoolArray:
    been: BoolArray = visited[0] == heads
    for vertices in visited[1:]:
        been |= vertices == heads
    return been
