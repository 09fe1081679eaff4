"""One choice of many choosers at once, each among the alternatives of a row, with exact probabilities."""

import numpy as np
import numpy.typing as npt

from linkqa_kedro.walks.counter_draws import UnitArray
from linkqa_kedro.walks.csr import BoolArray, VertexArray, WeightArray

NOTHING = -1
"""Stands for a choice that could not be made, and in a path after its last vertex."""

IndexArray = npt.NDArray[np.integer]

_WORTHLESS = 1e-300
"""A row of no more weight than this is worth nothing: it could not be rescaled."""

_PRECISION = 1e-6
"""Share of what a choice is made from that a probability may be off by, where it is read off the running sum of the
whole table: its rounding errors grow with all rows before."""

_BLOCK = 32_768
"""Alternatives that are searched at once: 256 kB of the running sum."""

_CACHE_LINE = 8
"""Numbers in a cache line."""

_DENSE = 256
"""Queries in a block above which it is fetched into the cache before they are searched for."""

MAX_ALTERNATIVES = 4_000_000
"""Alternatives weighed at once where the running sum is not used: bounds their memory to some 200 MB."""


class ChoiceTable:
    """Rows of alternatives; in its row, each has probability ∝ strength · worth of what it leads to.

    `refresh` sets the worth; between two refreshes the table is only read, so threads may share it. All rows are summed
    up in one running sum. So that a row of small weights keeps its precision beside one of large weights, rows are
    rescaled where they have grown apart: by powers of two, which leave every proportion as it was.

    Args:
        indptr: Row limits, shape (n_rows + 1,).
        heads: What each alternative leads to, an index into the worth; ascending within a row, shape (n_alternatives,).
            64 bits wide, because NumPy would copy anything narrower at every refresh.
        strengths: Weight of each alternative without the worth, at least 0. Copied.
    """

    def __init__(self, indptr: VertexArray, heads: VertexArray, strengths: WeightArray) -> None:
        self.indptr = indptr
        self.heads = heads
        self._strengths = np.array(strengths, np.float64)
        self._degrees = np.diff(indptr)
        self._worth: WeightArray = np.zeros(0)
        self._running = np.zeros(len(heads) + 1)
        self._alive: BoolArray = np.zeros(len(self._degrees), bool)
        self._is_open: BoolArray = np.ones(len(self._degrees), bool)
        self._mean = 1.0
        self._low = self._high = np.zeros(len(self._degrees))
        self._finest = 0.0

    def refresh(self, worth: WeightArray) -> None:
        """Set what every head is worth now, at least 0 and at most about 1e100 apart, shape (n_heads,).

        The array is read until the next refresh.
        """
        if len(worth) != len(self._worth) or not np.array_equal(worth == 0, self._worth == 0):
            self._is_open[:] = True
        self._worth = worth
        self._rescale(np.flatnonzero(self._is_open))
        self._sum_up()
        light = np.flatnonzero(self._alive & (self._high - self._low < self._finest))
        if len(light):
            self._rescale(light)
            self._sum_up()
        self._all_alive = bool(self._alive.all())
        # The last number below the row's end: a draw near 1 must not be rounded into the next row.
        self._high = np.nextafter(self._high, -np.inf)

    def leave_out(self, alternatives: IndexArray) -> None:
        """Take all strength from some alternatives for good; seen from the next refresh on."""
        alternatives = alternatives[self._strengths[alternatives] > 0]
        self._strengths[alternatives] = 0.0
        self._is_open[np.searchsorted(self.indptr, alternatives, side="right") - 1] = True

    @property
    def strengths(self) -> WeightArray:
        """Strengths as they are now, each row up to a factor of its own, shape (n_alternatives,)."""
        return self._strengths

    @property
    def alive(self) -> BoolArray:
        """Rows in which anything is worth something, shape (n_rows,)."""
        return self._alive

    def leads_to(self, chosen: IndexArray) -> VertexArray:
        """Head of each chosen alternative; any number where NOTHING was."""
        if len(self.heads) == 0:
            return np.full(len(chosen), NOTHING, np.int64)
        return self.heads[np.maximum(chosen, 0)]

    def weights(self, alternatives: IndexArray) -> WeightArray:
        """Strength · worth of some alternatives, up to a factor of their row."""
        weights: WeightArray = self._strengths[alternatives] * self._worth[self.heads[alternatives]]
        return weights

    def _sum_up(self) -> None:
        running = self._running[1:]
        if len(running):
            np.take(self._worth, self.heads, out=running, mode="clip")  # the other modes copy the output
            running *= self._strengths
            np.cumsum(running, out=running)
        self._low, self._high = self._running[self.indptr[:-1]], self._running[self.indptr[1:]]
        total = float(self._running[-1])
        self._mean = total / max(1, int(np.count_nonzero(self._alive)))
        self._finest = total * np.finfo(np.float64).eps / _PRECISION

    def _rescale(self, rows: IndexArray) -> None:
        """Bring the weight of some rows between half and twice that of the mean row; find those worth anything.

        Rows worth nothing stay open to be looked at again where they may be worth something later.
        """
        for members in self._blocks(rows):
            block = rows[members]
            alternatives, degrees = self.alternatives(block), self._degrees[block]
            weights, possible = np.zeros(len(block)), np.zeros(len(block), bool)
            filled = degrees > 0
            limits = np.cumsum(degrees[filled]) - degrees[filled]
            if len(limits):
                strengths, worth = self._strengths[alternatives], self._worth[self.heads[alternatives]]
                weights[filled] = np.add.reduceat(strengths * worth, limits)
                possible[filled] = np.logical_or.reduceat((strengths > 0) & (worth > 0), limits)
            alive = weights > _WORTHLESS
            exponents = np.where(alive, np.frexp(self._mean)[1] - np.frexp(weights)[1], 0)
            self._strengths[alternatives] *= np.repeat(np.ldexp(1.0, exponents), degrees)
            self._alive[block] = alive
            self._is_open[block] = possible & ~alive

    def _blocks(self, rows: IndexArray) -> list[IndexArray]:
        """Places of some rows, in blocks whose alternatives fit into memory."""
        block_of = np.cumsum(self._degrees[rows]) // MAX_ALTERNATIVES
        return np.split(np.arange(len(rows)), np.flatnonzero(np.diff(block_of)) + 1)

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
        inexact = np.flatnonzero((left < self._finest) | self._is_amiss(chosen, rows, places))
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
                if limit - first > _DENSE:
                    block[::_CACHE_LINE].sum()  # one sweep fetches what the search would wait for line by line
                found[first:limit] = block.searchsorted(ascending[first:limit], side="right")
                first = limit
        found += np.repeat(starts, np.diff(limits, prepend=0))
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
        amiss[~amiss] = self.weights(chosen[~amiss]) == 0
        return amiss

    def _choose_exactly(self, rows: IndexArray, barred_places: VertexArray, draws: UnitArray) -> VertexArray:
        """As `choose_but`, each row with a running sum of its own, made for this choice."""
        chosen = np.full(len(rows), NOTHING, np.int64)
        for members in self._blocks(rows):
            alternatives = self.alternatives(rows[members])
            limits = np.concatenate(([0], np.cumsum(self._degrees[rows[members]])))
            strengths = self.weights(alternatives)
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
