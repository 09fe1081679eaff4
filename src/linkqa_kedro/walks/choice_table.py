"""One choice of many choosers at once, each among the alternatives of a row, with exact probabilities."""

import numpy as np
import numpy.typing as npt

from linkqa_kedro.walks.counter_draws import UnitArray
from linkqa_kedro.walks.csr import BoolArray, VertexArray, WeightArray

NOTHING = -1
"""Stands for a choice that could not be made, and in a path after its last vertex."""

IndexArray = npt.NDArray[np.integer]

_WORTHLESS = 1e-300
"""A row of no more weight than this is worth nothing: it could not be normalised."""

_LITTLE = 1e-3
"""Share of a row below which a choice from what is left is not read off the running sum of the whole table, whose
precision falls with the rows before: 1e-9 after five million of them."""

_BLOCK = 65_536
"""Alternatives that are searched at once: half a megabyte of the running sum."""

MAX_ALTERNATIVES = 4_000_000
"""Alternatives weighed at once where the running sum is not used: bounds their memory to some 200 MB."""


class ChoiceTable:
    """Rows of alternatives; in its row, each has probability ∝ strength · worth of what it leads to.

    `refresh` sets the worth; between two refreshes the table is only read, so threads may share it. Every row is
    normalised before it is summed up: a row of small weights keeps its precision beside one of large weights.

    Args:
        indptr: Row limits, shape (n_rows + 1,).
        heads: What each alternative leads to, an index into the worth; ascending within a row, shape (n_alternatives,).
            64 bits wide, because NumPy would copy anything narrower at every refresh.
        strengths: Weight of each alternative without the worth, at least 0.
    """

    def __init__(self, indptr: VertexArray, heads: VertexArray, strengths: WeightArray) -> None:
        self.indptr = indptr
        self.heads = heads
        self.strengths = strengths
        self.shares = np.zeros(len(heads))
        degrees = np.diff(indptr)
        self._filled = np.flatnonzero(degrees)
        self._tails = np.repeat(np.arange(len(self._filled)), degrees[self._filled])
        self._running = np.zeros(len(heads) + 1)
        self._alive: BoolArray = np.zeros(len(degrees), bool)
        self._all_alive = False
        self._low = self._high = np.zeros(len(degrees))

    def refresh(self, worth: WeightArray) -> None:
        """Set what every head is worth now, at least 0 and at most about 1e100 apart, shape (n_heads,)."""
        if len(self.heads):
            np.take(worth, self.heads, out=self.shares, mode="clip")  # the other modes copy the output
            self.shares *= self.strengths
            sums = np.add.reduceat(self.shares, self.indptr[self._filled])
            alive = sums > _WORTHLESS
            scale = np.divide(1.0, sums, out=np.zeros_like(sums), where=alive)
            running = self._running[1:]
            np.take(scale, self._tails, out=running, mode="clip")
            self.shares *= running
            np.cumsum(self.shares, out=running)
            self._alive[self._filled] = alive
        self._all_alive = bool(self._alive.all())
        self._low = self._running[self.indptr[:-1]]
        # The last number below the row's end: a draw near 1 must not be rounded into the next row.
        self._high = np.nextafter(self._running[self.indptr[1:]], -np.inf)

    @property
    def alive(self) -> BoolArray:
        """Rows in which anything is worth something, shape (n_rows,)."""
        return self._alive

    def choose(self, rows: IndexArray, draws: UnitArray) -> VertexArray:
        """Alternative that each chooser takes, shape (n_choosers,); NOTHING where the whole row is worth nothing.

        Queries are sorted before the search, because neighbouring ones then share cache lines.

        Args:
            rows: Row of each chooser.
            draws: Uniform numbers in [0, 1).
        """
        low, high = self._low[rows], self._high[rows]
        query = np.minimum(low + draws * (high - low), high)
        chosen = self._find(query)
        if not self._all_alive:
            chosen[~self._alive[rows]] = NOTHING
        return chosen

    def choose_but(self, rows: IndexArray, barred: npt.NDArray[np.integer], draws: UnitArray) -> VertexArray:
        """As `choose`, never one that leads to a barred head; NOTHING where no other is worth anything.

        The mass of the barred alternatives is cut out of the row, so that the others keep their proportions.

        Args:
            rows: Row of each chooser.
            barred: Heads that a chooser may not take, each once, shape (n_barred, n_choosers); NOTHING for none.
            draws: Uniform numbers in [0, 1).
        """
        if len(self.heads) == 0:
            return np.full(len(rows), NOTHING, np.int64)
        places = np.sort(self._places(rows, barred), axis=0)
        is_there = places < len(self.heads)
        place = np.where(is_there, places, 0)
        mass = np.where(is_there, self._running[place + 1] - self._running[place], 0.0)
        low, high = self._low[rows], self._high[rows]
        left = np.maximum(high - low - mass.sum(axis=0), 0.0)
        query = low + draws * left
        for at, skipped in zip(place, mass, strict=True):  # ascending, so that each gap is skipped once
            query = np.where((skipped > 0) & (query >= self._running[at]), query + skipped, query)
        chosen = self._find(np.clip(query, low, np.maximum(high, low)))
        inexact = np.flatnonzero((left < _LITTLE) | self._is_amiss(chosen, rows, places))
        chosen[inexact] = self._choose_exactly(rows[inexact], places[:, inexact], draws[inexact])
        return chosen

    def _find(self, query: WeightArray) -> VertexArray:
        """Alternative on which each query falls.

        Sorted queries are searched for block by block: a block of the running sum stays in the cache.
        """
        order = np.argsort(query)
        ascending, running = query[order], self._running[1:]
        starts = np.arange(0, len(running) or 1, _BLOCK)
        limits = np.append(np.searchsorted(ascending, self._running[starts[1:]], side="left"), len(query))
        found = np.empty(len(query), np.int64)
        first = 0
        for start, limit in zip(starts.tolist(), limits.tolist(), strict=True):
            if first < limit:
                block = running[start : start + _BLOCK]
                found[first:limit] = np.searchsorted(block, ascending[first:limit], side="right")
                found[first:limit] += start
                first = limit
        chosen = np.empty(len(query), np.int64)
        chosen[order] = found
        return chosen

    def _places(self, rows: IndexArray, barred: npt.NDArray[np.integer]) -> VertexArray:
        """Alternative of the row that leads to each barred head; n_alternatives where there is none.

        A binary search in all rows at once.
        """
        low = np.broadcast_to(self.indptr[rows], barred.shape).copy()
        end = np.broadcast_to(self.indptr[rows + 1], barred.shape)
        high = end.copy()
        while bool((low < high).any()):
            middle = (low + high) // 2
            below = (low < high) & (self.heads[np.minimum(middle, len(self.heads) - 1)] < barred)
            low = np.where(below, middle + 1, low)
            high = np.where(below, high, np.minimum(middle, high))
        found = low < end
        found[found] = self.heads[low[found]] == barred[found]
        places: VertexArray = np.where(found, low, len(self.heads))
        return places

    def _is_amiss(self, chosen: VertexArray, rows: IndexArray, barred_places: VertexArray) -> BoolArray:
        """Whether rounding led to an alternative that is barred, worth nothing, or in another row."""
        first, end = self.indptr[rows], self.indptr[rows + 1]
        amiss: BoolArray = (chosen < first) | (chosen >= end) | (barred_places == chosen).any(axis=0)
        amiss[~amiss] = self.shares[chosen[~amiss]] == 0
        return amiss

    def _choose_exactly(self, rows: IndexArray, barred_places: VertexArray, draws: UnitArray) -> VertexArray:
        """As `choose_but`, each row with a running sum of its own, made for this choice."""
        chosen = np.full(len(rows), NOTHING, np.int64)
        block_of = np.cumsum(self.indptr[rows + 1] - self.indptr[rows]) // MAX_ALTERNATIVES
        for block in np.unique(block_of):
            members = np.flatnonzero(block_of == block)
            alternatives = self.alternatives(rows[members])
            limits = np.concatenate(([0], np.cumsum(self.indptr[rows[members] + 1] - self.indptr[rows[members]])))
            strengths = self.shares[alternatives]
            places = barred_places[:, members] - self.indptr[rows[members]] + limits[:-1]
            strengths[places[barred_places[:, members] < len(self.heads)]] = 0.0
            own = ChoiceTable(limits, np.arange(len(alternatives)), strengths)
            own.refresh(np.ones(len(alternatives)))
            found = own.choose(np.arange(len(members)), draws[members])
            chosen[members] = np.where(found == NOTHING, NOTHING, np.append(alternatives, NOTHING)[found])
        return chosen

    def alternatives(self, rows: IndexArray) -> VertexArray:
        """All alternatives of some rows, row after row."""
        first, degrees = self.indptr[rows], self.indptr[rows + 1] - self.indptr[rows]
        before = np.cumsum(degrees) - degrees
        places: VertexArray = np.arange(degrees.sum()) + np.repeat(first - before, degrees)
        return places
