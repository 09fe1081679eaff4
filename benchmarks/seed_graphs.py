"""Graphs with all that drawing paths takes, ready to draw on with any settings."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

import arena_graphs
from arena_graphs import ArenaGraph
from linkqa_kedro.walks.cells import CellQuota
from linkqa_kedro.walks.cooccurrence import Association, association, count_pairs
from linkqa_kedro.walks.csr import CsrGraph, csr_graph
from linkqa_kedro.walks.drawing import Drawing, LabelledSeeds, PathDrawing, WalkSettings
from linkqa_kedro.walks.quotas import largest_remainder
from zipf_seeds import zipf_seeds

PROJECT = Path(__file__).parents[1]

# As in conf/base/parameters_sampling.yml, but for alpha.
SETTINGS = WalkSettings(
    min_length=3,
    max_length=5,
    alpha=0.0,
    beta=4.0,
    gamma=1.0,
    rho=0.0,
    smoothing_fraction=0.1,
    round_growth=1.3,
    max_attempts=20,
    max_failed_walks=20,
    min_seeds=2,
    max_seeds=4,
    max_seed_uses=500,
    redistribute="none",
    random_seed=1,
)

LEVEL_TARGET = (0.10, 0.20, 0.30, 0.25, 0.15)
"""Shares of the levels 1 to 5 that are asked for where there are targets; disciplines are asked for alike."""


@dataclass(frozen=True)
class SeedGraph:
    """Seeds, and the graph of their knowledge points.

    Attributes:
        name: What it is called in a table.
        graph: Knowledge graph.
        seeds: Seeds behind it.
        popularity: n(k), shape (n_vertices,).
        discipline_shares: share(d|k) by discipline, each of shape (n_vertices,).
    """

    name: str
    graph: CsrGraph
    seeds: LabelledSeeds
    popularity: npt.NDArray[np.int64]
    discipline_shares: dict[str, npt.NDArray[np.float64]]

    @property
    def n_points(self) -> int:
        """Number of knowledge points."""
        return self.graph.n_vertices

    def targets(self, n_paths: int) -> list[CellQuota]:
        """Quotas of a joint target: disciplines alike, levels as LEVEL_TARGET, over the labels that the seeds have."""
        labels = set(zip(self.seeds.disciplines.tolist(), self.seeds.levels.tolist(), strict=True))
        cells = sorted(labels)
        shares = [LEVEL_TARGET[level - 1] for _, level in cells]
        quotas = largest_remainder(n_paths, shares).tolist()
        return [CellQuota(discipline, level, quota) for (discipline, level), quota in zip(cells, quotas, strict=True)]

    def draw(self, quotas: Sequence[CellQuota] | int, settings: WalkSettings = SETTINGS, n_workers: int = 1) -> Drawing:
        """Paths with their seeds; for a number, as many without targets."""
        cells = [CellQuota(None, None, quotas)] if isinstance(quotas, int) else quotas
        drawing = PathDrawing(self.graph, self.seeds, self.popularity, self.discipline_shares, cells, settings)
        return drawing.run(n_workers=n_workers)

    def reweighted(self, measure: Association) -> "SeedGraph":
        """The same with another association."""
        edges = count_pairs(*_pairs(self.seeds), self.n_points)
        weights = association(edges, self.popularity, self.seeds.index.n_seeds, measure)
        return replace(self, graph=csr_graph(edges.sources, edges.targets, weights, self.n_points))


def zipf_graph(n_points: int, seeds_per_point: float = 4.0) -> SeedGraph:
    """Made-up seeds; see zipf_seeds.py."""
    made = zipf_seeds(int(seeds_per_point * n_points), n_points)
    labels = made.disciplines, made.levels.astype(np.int64)
    return _seed_graph(f"Zipf, {n_points:,}", ArenaGraph.of(made.vertices, made.seeds, *labels, n_points))


@cache
def bundled_graph() -> SeedGraph:
    """The bundled seeds as the project annotates them, with the composer."""
    return _seed_graph("bundled", arena_graphs.bundled_graph())


def _seed_graph(name: str, made: ArenaGraph) -> SeedGraph:
    labelled = LabelledSeeds(made.index, made.disciplines, made.levels)
    return SeedGraph(name, made.csr(), labelled, made.popularity, made.discipline_shares())


def _pairs(seeds: LabelledSeeds) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    owners = np.repeat(np.arange(seeds.index.n_seeds), np.diff(seeds.index.seed_indptr))
    return seeds.index.vertices, owners
