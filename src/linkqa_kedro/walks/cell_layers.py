"""Cells as numbers: the layer that each walks on, where its walks start, and which seeds are its own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from linkqa_kedro.knowledge_value import VertexWeights
from linkqa_kedro.walks.cells import CellQuota
from linkqa_kedro.walks.choice_table import NOTHING, ChoiceTable
from linkqa_kedro.walks.crossing import Crossing
from linkqa_kedro.walks.csr import BoolArray, VertexArray
from linkqa_kedro.walks.layered_graph import Layer, LayeredGraph, SeedLabels
from linkqa_kedro.walks.path_seeds import CellFit


@dataclass(frozen=True)
class CellLayers:
    """The cells that are asked for paths, and the layers of the graph under them.

    Without crossing a cell has a layer of its own; where disciplines may cross, the cells of one level share one, and a
    walker's discipline decides which steps it takes.

    Attributes:
        layers: What the cells walk on.
        layer_of: Layer of each cell, NOTHING for a cell of which no paths are asked, shape (n_cells,).
        labels: Group and level of each seed.
        names: Disciplines by number.
        seed_disciplines: Discipline of each seed, as a number, shape (n_seeds,).
        disciplines: Discipline of each cell, NOTHING where disciplines have no target, shape (n_cells,).
        levels: Level of each cell, NOTHING where levels have no target, shape (n_cells,).
        own_seeds: Seeds with the labels of each cell, shape (n_cells,).
        shares: share(d|k) by discipline number and vertex, shape (n_disciplines, n_vertices).
        rho: Cross-discipline rate.
    """

    layers: Sequence[Layer]
    layer_of: VertexArray
    labels: SeedLabels
    names: Sequence[str]
    seed_disciplines: VertexArray
    disciplines: VertexArray
    levels: VertexArray
    own_seeds: VertexArray
    shares: npt.NDArray[np.float32]
    rho: float

    @property
    def crosses(self) -> bool:
        """Whether walks may leave the discipline of their cell."""
        return self.rho > 0 and bool((self.disciplines != NOTHING).any())

    @staticmethod
    def of(
        quotas: Sequence[CellQuota],
        seed_disciplines: npt.NDArray[np.str_],
        seed_levels: VertexArray,
        discipline_shares: Mapping[str, VertexWeights],
        rho: float,
    ) -> "CellLayers":
        """Number the disciplines, and find the layers.

        Args:
            quotas: Cells: all with a discipline or none, all with a level or none.
            seed_disciplines: Discipline of each seed, shape (n_seeds,).
            seed_levels: Level of each seed, shape (n_seeds,).
            discipline_shares: share(d|k) by discipline, each of shape (n_vertices,).
            rho: Cross-discipline rate, 0 to 1.
        """
        asked = {cell.discipline for cell in quotas if cell.discipline is not None}
        names, numbers = np.unique(np.concatenate((seed_disciplines, sorted(asked))), return_inverse=True)
        number_of = {name: number for number, name in enumerate(names.tolist())}
        disciplines = np.asarray([number_of.get(cell.discipline, NOTHING) for cell in quotas], np.int64)
        levels = np.asarray([NOTHING if cell.level is None else cell.level for cell in quotas], np.int64)
        of_seed = numbers[: len(seed_disciplines)]
        grouped = rho == 0 and bool(asked)
        layer_of_cell = [
            Layer(number_of[cell.discipline] if grouped and cell.discipline is not None else 0, cell.level)
            if cell.quota
            else None
            for cell in quotas
        ]
        layers = sorted({layer for layer in layer_of_cell if layer}, key=lambda layer: (layer.group, layer.level or 0))
        place = {layer: number for number, layer in enumerate(layers)}
        return CellLayers(
            layers=layers,
            layer_of=np.asarray([NOTHING if layer is None else place[layer] for layer in layer_of_cell], np.int64),
            labels=SeedLabels(of_seed if grouped else np.zeros_like(of_seed), seed_levels),
            names=names.tolist(),
            seed_disciplines=of_seed,
            disciplines=disciplines,
            levels=levels,
            own_seeds=_own_seeds(disciplines, levels, of_seed, seed_levels, len(names)),
            shares=_share_matrix(names.tolist(), discipline_shares, asked),
            rho=rho,
        )

    def is_own(self, cell: int, vertices: VertexArray) -> BoolArray:
        """Which vertices the discipline of a cell has a share in, shape as the vertices."""
        discipline = self.disciplines[cell]
        own: BoolArray = (
            np.ones(len(vertices), bool) if discipline == NOTHING else self.shares[discipline, vertices] > 0
        )
        return own

    def starts(self, graph: LayeredGraph, target: VertexWeights, possible: BoolArray) -> ChoiceTable:
        """Where the walks of each cell (a row of the table) may start, with strength q(k)·share(d|k).

        Args:
            graph: Layers.
            target: q(k), shape (n_vertices,).
            possible: Rows on which a path can stand, shape (n_rows,).
        """
        heads, strengths, degrees = [np.zeros(0, np.int64)], [np.zeros(0)], []
        for layer, discipline in zip(self.layer_of.tolist(), self.disciplines.tolist(), strict=True):
            first, end = (0, 0) if layer == NOTHING else graph.layer_limits[layer : layer + 2].tolist()
            vertices = graph.vertices[first:end]
            strength = target[vertices] * (1.0 if discipline == NOTHING else self.shares[discipline, vertices])
            places = np.flatnonzero((strength > 0) & possible[first:end])
            heads.append(first + places)
            strengths.append(strength[places])
            degrees.append(len(places))
        indptr = np.concatenate(([0], np.cumsum(degrees))).astype(np.int64)
        return ChoiceTable(indptr, np.concatenate(heads), np.concatenate(strengths))

    def row_factor(self, graph: LayeredGraph) -> VertexWeights | None:
        """D(j) of each row, where each layer belongs to one discipline; None where D is 1 or the walker's own.

        Returns:
            share(d|k), shape (n_rows,).
        """
        if self.crosses or not (self.disciplines != NOTHING).any():
            return None
        group = np.repeat(np.asarray([layer.group for layer in self.layers], np.int64), np.diff(graph.layer_limits))
        factor: VertexWeights = self.shares[group, graph.vertices].astype(np.float64)
        return factor

    def crossing(self, graph: LayeredGraph) -> "Crossing | None":
        """D(j) for walkers that share a layer with other disciplines; None where none do."""
        if not self.crosses:
            return None
        return Crossing(self.shares, graph.vertices, self.disciplines, self.rho)

    def fit(self, cells: VertexArray) -> CellFit:
        """What the cells of some paths ask of their seeds."""
        return CellFit(self.levels[cells], self.disciplines[cells])


def _own_seeds(
    disciplines: VertexArray, levels: VertexArray, seed_disciplines: VertexArray, seed_levels: VertexArray, n_names: int
) -> VertexArray:
    n_levels = int(max(seed_levels.max(initial=0), levels.max(initial=0))) + 1
    counts = np.zeros((max(n_names, 1), n_levels), np.int64)
    np.add.at(counts, (seed_disciplines, seed_levels), 1)
    of_discipline = counts.sum(axis=1)
    by_level = np.where(levels == NOTHING, of_discipline[disciplines], counts[disciplines, levels])
    of_all = np.where(levels == NOTHING, counts.sum(), counts.sum(axis=0)[levels])
    own: VertexArray = np.where(disciplines == NOTHING, of_all, by_level)
    return own


def _share_matrix(
    names: Sequence[str], discipline_shares: Mapping[str, VertexWeights], asked: set[str]
) -> npt.NDArray[np.float32]:
    """share(d|k) of the disciplines asked for; the others stay 0, as nothing reads them."""
    n_vertices = max((len(shares) for shares in discipline_shares.values()), default=0)
    matrix = np.zeros((len(names), n_vertices if asked else 0), np.float32)
    for number, name in enumerate(names):
        if name in asked and name in discipline_shares:
            matrix[number] = discipline_shares[name]
    return matrix
