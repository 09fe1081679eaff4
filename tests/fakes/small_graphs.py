"""Graphs and seeds small enough to compute by hand."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from linkqa_kedro.walks.cells import CellQuota
from linkqa_kedro.walks.choice_table import NOTHING, ChoiceTable
from linkqa_kedro.walks.cooccurrence import association, count_pairs
from linkqa_kedro.walks.csr import CsrGraph, csr_graph, seed_index
from linkqa_kedro.walks.drawing import CHUNK_WALKS, Drawing, LabelledSeeds, PathDrawing, WalkSettings

Edge = tuple[int, int, float]
Seed = tuple[list[int], str, int]
"""Knowledge points, discipline and level."""

SETTINGS = WalkSettings(
    min_length=3,
    max_length=4,
    alpha=0.0,
    beta=4.0,
    gamma=1.0,
    rho=0.0,
    smoothing_fraction=0.1,
    round_growth=1.3,
    max_attempts=10,
    max_failed_walks=5,
    min_seeds=2,
    max_seeds=3,
    max_seed_uses=10_000,
    redistribute="none",
    random_seed=1,
)


def weighted(edges: Sequence[Edge], n_vertices: int) -> CsrGraph:
    ends = np.array([edge[:2] for edge in edges], np.int64).reshape(-1, 2)
    return csr_graph(ends[:, 0], ends[:, 1], np.array([edge[2] for edge in edges], float), n_vertices)


def steps_of(graph: CsrGraph, worth: Sequence[float] | None = None) -> ChoiceTable:
    table = ChoiceTable(graph.indptr, graph.indices, graph.weights.copy())
    table.refresh(np.ones(graph.n_vertices) if worth is None else np.array(worth, float))
    return table


def starts_of(strengths: Sequence[float]) -> ChoiceTable:
    """One cell, whose walks start in proportion to the strengths."""
    n = len(strengths)
    table = ChoiceTable(np.array([0, n]), np.arange(n), np.array(strengths, float))
    table.refresh(np.ones(n))
    return table


@dataclass(frozen=True)
class SeedGraph:
    """Seeds with all that is made of them."""

    graph: CsrGraph
    seeds: LabelledSeeds
    popularity: npt.NDArray[np.int64]
    shares: dict[str, npt.NDArray[np.float64]]


def seed_graph(seeds: Sequence[Seed], n_vertices: int | None = None) -> SeedGraph:
    vertices = np.array([vertex for held, _, _ in seeds for vertex in held], np.int64)
    numbers = np.array([number for number, (held, _, _) in enumerate(seeds) for _ in held], np.int64)
    n = int(vertices.max(initial=-1)) + 1 if n_vertices is None else n_vertices
    popularity = np.bincount(vertices, minlength=n)
    edges = count_pairs(vertices, numbers, n)
    graph = csr_graph(edges.sources, edges.targets, association(edges, popularity, len(seeds), "cosine"), n)
    disciplines = np.array([discipline for _, discipline, _ in seeds], np.str_)
    shares = {
        str(name): np.bincount(vertices, weights=disciplines[numbers] == name, minlength=n) / np.maximum(popularity, 1)
        for name in np.unique(disciplines)
    }
    levels = np.array([level for _, _, level in seeds], np.int64)
    return SeedGraph(
        graph, LabelledSeeds(seed_index(vertices, numbers, n, len(seeds)), disciplines, levels), popularity, shares
    )


def draw(
    seeds: Sequence[Seed] | SeedGraph,
    quotas: Sequence[tuple[str | None, int | None, int]] = (),
    settings: WalkSettings = SETTINGS,
    n_paths: int = 50,
    n_workers: int = 1,
    chunk_walks: int = CHUNK_WALKS,
    corrections: Sequence[Sequence[int]] = (),
) -> Drawing:
    """Paths for the quotas; without them, `n_paths` without targets."""
    made = seeds if isinstance(seeds, SeedGraph) else seed_graph(seeds)
    cells = [CellQuota(*cell) for cell in quotas] or [CellQuota(None, None, n_paths)]
    drawing = PathDrawing(made.graph, made.seeds, made.popularity, made.shares, cells, settings)
    extra = [np.array(paths, np.int64) for paths in corrections]
    return drawing.run(n_workers=n_workers, chunk_walks=chunk_walks, corrections=extra)


def vertices_of(drawing: Drawing) -> list[list[int]]:
    return [[vertex for vertex in row if vertex != NOTHING] for row in drawing.paths.vertices.tolist()]


def seeds_of(drawing: Drawing) -> list[list[int]]:
    return [[seed for seed in row if seed != NOTHING] for row in drawing.paths.seeds.tolist()]


def per_cell(drawing: Drawing, n_cells: int) -> list[int]:
    return np.bincount(drawing.paths.cells, minlength=n_cells).tolist()


def as_bytes(drawing: Drawing) -> list[bytes]:
    """Everything that a run found, byte by byte."""
    paths = drawing.paths
    arrays = (paths.walks, paths.rounds, paths.attempts, paths.cells, paths.vertices, paths.seeds)
    return [array.tobytes() for array in (*arrays, drawing.visits, drawing.seed_uses)]
