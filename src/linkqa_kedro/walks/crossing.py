"""Steps into other disciplines: D(j), where the cells of all disciplines walk on one graph."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from linkqa_kedro.walks.choice_table import MAX_ALTERNATIVES, NOTHING, ChoiceTable, IndexArray
from linkqa_kedro.walks.counter_draws import UnitArray
from linkqa_kedro.walks.csr import BoolArray, VertexArray


@dataclass(frozen=True)
class Crossing:
    """Takes a step to j with probability D(j) = share(d|j) + rho·(1 - share(d|j)), d being the discipline of the cell.

    Attributes:
        shares: share(d|k) by discipline and vertex, shape (n_disciplines, n_vertices).
        vertices: Vertex of each row that steps lead to, shape (n_rows,).
        disciplines: Discipline of each cell, shape (n_cells,).
        rho: Cross-discipline rate, above 0 and at most 1.
    """

    shares: npt.NDArray[np.float32]
    vertices: VertexArray
    disciplines: VertexArray
    rho: float

    def accepts(self, cells: IndexArray, heads: IndexArray, draws: UnitArray) -> BoolArray:
        """Whether each walker takes the step proposed to it.

        Args:
            cells: Cell of each walker.
            heads: Row that the step leads to.
            draws: Uniform numbers in [0, 1).
        """
        accepted: BoolArray = draws < self.factor(self.disciplines[cells], heads)
        return accepted

    def choose_exactly(
        self, table: ChoiceTable, cells: IndexArray, rows: IndexArray, barred: IndexArray, draws: UnitArray
    ) -> VertexArray:
        """Alternative that each walker takes, drawn from its whole row without its barred heads; or NOTHING.

        Walkers of one discipline at one row share a table of their own, made for this choice.

        Args:
            table: Steps.
            cells: Cell of each walker.
            rows: Where it stands.
            barred: Rows it may not go to, shape (n_barred, n_walkers).
            draws: Uniform numbers in [0, 1).
        """
        kinds, kind_of = np.unique(np.stack((rows, self.disciplines[cells])), axis=1, return_inverse=True)
        kind_of = kind_of.ravel()
        chosen = np.full(len(rows), NOTHING, np.int64)
        degrees = table.indptr[kinds[0] + 1] - table.indptr[kinds[0]]
        block_of = np.cumsum(degrees) // MAX_ALTERNATIVES
        for block in np.unique(block_of):
            of_block = np.flatnonzero(block_of == block)
            members = np.flatnonzero(block_of[kind_of] == block)
            own = self._table_of(table, kinds[:, of_block])
            local = own.choose_but(kind_of[members] - of_block[0], barred[:, members], draws[members])
            alternatives = table.alternatives(kinds[0, of_block])
            chosen[members] = np.where(local == NOTHING, NOTHING, alternatives[np.maximum(local, 0)])
        return chosen

    def _table_of(self, table: ChoiceTable, kinds: IndexArray) -> ChoiceTable:
        """The rows of some kinds of walkers, with D(j) as a factor of every step."""
        rows, disciplines = kinds
        degrees = table.indptr[rows + 1] - table.indptr[rows]
        alternatives = table.alternatives(rows)
        heads = table.heads[alternatives]
        strengths = table.weights(alternatives) * self.factor(np.repeat(disciplines, degrees), heads)
        own = ChoiceTable(np.concatenate(([0], np.cumsum(degrees))), heads, strengths)
        own.refresh(np.ones(len(self.vertices)))  # the weights hold the worth already
        return own

    def factor(self, disciplines: IndexArray, heads: IndexArray) -> npt.NDArray[np.float64]:
        """D(j) of the row that each step leads to, for a walker of each discipline."""
        share = self.shares[disciplines, self.vertices[heads]].astype(np.float64)
        factor: npt.NDArray[np.float64] = share + self.rho * (1 - share)
        return factor
