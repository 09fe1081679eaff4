"""The cells of the targets while they are being filled: how many paths are asked, drawn, and why some are missing."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from linkqa_kedro.walks.csr import BoolArray, VertexArray
from linkqa_kedro.walks.path_seeds import NO_LINKED_SEEDS, SEEDS_USED_UP, TOO_SHORT
from linkqa_kedro.walks.quotas import largest_remainder

Redistribute = Literal["none", "same_discipline", "proportional"]

NO_SEEDS = "no seeds"
TOO_FEW_SEEDS = "too few seeds"
UNCONNECTED = "unconnected"
NO_SEED_SET = "no linked seeds"
USED_UP = "seeds used up"

_CAUSE_OF_ENDING = {TOO_SHORT: UNCONNECTED, NO_LINKED_SEEDS: NO_SEED_SET, SEEDS_USED_UP: USED_UP}


@dataclass(frozen=True)
class CellQuota:
    """Paths asked of one cell.

    Attributes:
        discipline: None where disciplines have no target.
        level: None where levels have none.
        quota: Paths asked.
    """

    discipline: str | None
    level: int | None
    quota: int


class CellLedger:
    """Counts what each cell was asked for and got; shape (n_cells,) throughout.

    Args:
        quotas: The cells.
        redistribute: Where the missing paths of a closed cell go.
        max_failed_walks: Walks given up before a cell is closed; a path drawn makes up for as many of them.

    Attributes:
        wanted: Paths asked by now; what was handed to another cell is asked there.
        drawn: Paths drawn.
        is_plain: Cells whose walks follow the value no more: it is highest where walks fail.
    """

    def __init__(self, quotas: Sequence[CellQuota], redistribute: Redistribute, max_failed_walks: int) -> None:
        self._quotas = quotas
        self._asked = np.asarray([cell.quota for cell in quotas], np.int64)
        self._redistribute = redistribute
        self._max_failed_walks = max_failed_walks
        self._causes: dict[int, str] = {}
        self._excess_failures = np.zeros(len(quotas), np.int64)
        self.is_plain: BoolArray = np.zeros(len(quotas), bool)
        self._failures = np.zeros((len(quotas), max(_CAUSE_OF_ENDING) + 1), np.int64)
        self.wanted = self._asked.copy()
        self.drawn = np.zeros(len(quotas), np.int64)

    @property
    def causes(self) -> dict[int, str]:
        """Why a cell was closed, by its place in the quotas."""
        return dict(sorted(self._causes.items()))

    @property
    def remaining(self) -> VertexArray:
        """Paths still to be drawn; 0 for a closed cell."""
        remaining = self.wanted - self.drawn
        remaining[list(self._causes)] = 0
        return remaining

    def ask_more(self, extra: npt.NDArray[np.integer]) -> None:
        """Raise the quotas; what is asked of a closed cell stays missing there."""
        self._asked = self._asked + extra
        self.wanted = self.wanted + extra

    def close(self, cell: int, cause: str | None = None) -> None:
        """Draw no more of a cell; without a cause, because of what failed most draws since its last path."""
        self._causes[cell] = cause or self._most_common_failure(cell)

    def is_open(self, cells: npt.NDArray[np.integer]) -> BoolArray:
        """Which cells are not closed, shape as `cells`."""
        return ~np.isin(cells, list(self._causes))

    def count_failures(self, cells: VertexArray, endings: VertexArray) -> None:
        """Count draws that were thrown away, with how the choice of their seeds ended."""
        np.add.at(self._failures, (cells, endings), 1)

    def count_round(self, tried: VertexArray, drawn: VertexArray) -> None:
        """Count walks tried and paths drawn in a round; close the cells in which too many walks fail.

        Rounds may hold hundreds of thousands of walks: a single path among them must not keep a cell open. Nor must the
        value close it: points that no path comes through are worth ever more, and may draw all walks to them. So a cell
        in which too many walks fail is drawn without the value before it is given up.
        """
        self.drawn += drawn
        excess = self._excess_failures + tried - drawn - drawn * self._max_failed_walks
        self._excess_failures = np.maximum(0, excess)
        for cell in np.flatnonzero((tried > 0) & (self._excess_failures >= self._max_failed_walks)).tolist():
            if self.is_plain[cell] and cell not in self._causes:
                self.close(cell)
            elif not self.is_plain[cell]:
                self.is_plain[cell] = True
                self._excess_failures[cell] = 0
        self._failures[drawn > 0] = 0

    def hand_on(self) -> bool:
        """Ask the missing paths of closed cells of open ones, in proportion to their quotas; whether any were asked.

        Takers that close in turn hand on what they could not draw, so this is repeated until nobody can take more.
        """
        asked = False
        for cell in sorted(self._causes):
            missing = int(self.wanted[cell] - self.drawn[cell])
            takers = [
                taker
                for taker in range(len(self._quotas))
                if taker not in self._causes and self.wanted[taker] and self._may_take(cell, taker)
            ]
            if missing <= 0 or not takers:
                continue
            self.wanted[takers] += largest_remainder(missing, self._asked[takers].astype(np.float64))
            self.wanted[cell] = self.drawn[cell]
            asked = True
        return asked

    def moved(self) -> dict[int, int]:
        """Of the paths missing in each cell, how many other cells drew above their quotas."""
        extra = np.maximum(0, self.drawn - self._asked)
        moved: dict[int, int] = {}
        for cell in range(len(self._quotas)):
            missing = int(self._asked[cell] - self.drawn[cell])
            for taker in np.flatnonzero(extra).tolist():
                taken = min(missing, int(extra[taker])) if self._may_take(cell, taker) else 0
                if taken > 0:
                    moved[cell] = moved.get(cell, 0) + taken
                    extra[taker] -= taken
                    missing -= taken
        return moved

    def _may_take(self, cell: int, other: int) -> bool:
        if self._redistribute == "same_discipline":
            return self._quotas[cell].discipline == self._quotas[other].discipline
        return self._redistribute == "proportional"

    def _most_common_failure(self, cell: int) -> str:
        """The cause that failed most draws, ties in alphabetical order; without any, its last seeds were used up."""
        counts = {cause: self._failures[cell, ending] for ending, cause in _CAUSE_OF_ENDING.items()}
        found = {cause: n for cause, n in counts.items() if n}
        return min(found, key=lambda cause: (-found[cause], cause)) if found else USED_UP
