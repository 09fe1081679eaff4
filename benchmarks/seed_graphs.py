"""Graphs that samplers are measured on: of the bundled seeds, of seeds that people labelled, and made up at random."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from linkqa_kedro.pipelines.graph.incidence import incidence_of
from linkqa_kedro.walks.cells import CellQuota
from linkqa_kedro.walks.cooccurrence import Association, association, count_pairs
from linkqa_kedro.walks.csr import BoolArray, CsrGraph, csr_graph, seed_index
from linkqa_kedro.walks.drawing import Drawing, LabelledSeeds, PathDrawing, WalkSettings
from linkqa_kedro.walks.quotas import largest_remainder
from zipf_seeds import zipf_seeds

PROJECT = Path(__file__).parents[1]
REAL_SEEDS = "LINKQA_REAL_SEEDS"

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
    return _seed_graph(
        f"Zipf, {n_points:,}", made.vertices, made.seeds, n_points, made.disciplines, made.levels.astype(np.int64)
    )


@cache
def bundled_graph() -> SeedGraph:
    """The bundled seeds as the project annotates them, with the composer, in a folder of its own."""
    with tempfile.TemporaryDirectory() as folder:
        for name in ("conf", "src", "data/01_seeds"):
            shutil.copytree(PROJECT / name, Path(folder) / name, ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy2(PROJECT / "pyproject.toml", folder)
        subprocess.run(
            [sys.executable, "-m", "kedro", "run", "--pipelines", "extraction"],
            cwd=folder,
            env={**os.environ, "LINKQA_MLFLOW": "off", "PYTHONPATH": str(Path(folder) / "src")},
            check=True,
            capture_output=True,
        )
        annotations = pd.read_parquet(Path(folder) / "data/02_extraction/annotations.parquet")
    return _of_annotations("bundled", annotations)


def labelled_graph(language: str) -> SeedGraph | None:
    """Seeds with knowledge points and levels by people (TAL-SCQ5K), `en` or `zh`; None without LINKQA_REAL_SEEDS."""
    place = Path(os.environ.get(REAL_SEEDS, "")) / f"tal_scq5k_{language}.jsonl"
    if not os.environ.get(REAL_SEEDS) or not place.is_file():
        return None
    lines = [json.loads(line) for line in place.read_text("utf-8").splitlines()]
    annotations = pd.DataFrame(
        {
            "knowledge_points": [list(dict.fromkeys(line["knowledge_points"])) for line in lines if _is_labelled(line)],
            "discipline": "mathematics",
            "difficulty": [line["difficulty"] + 1 for line in lines if _is_labelled(line)],
        }
    )
    return _of_annotations(f"TAL {language}", annotations)


def _is_labelled(line: dict[str, object]) -> bool:
    return bool(line.get("knowledge_points")) and line.get("difficulty") is not None


def _of_annotations(name: str, annotations: pd.DataFrame) -> SeedGraph:
    found = incidence_of(annotations["knowledge_points"])
    disciplines = annotations["discipline"].to_numpy(dtype=np.str_)
    levels = annotations["difficulty"].to_numpy(dtype=np.int64)
    return _seed_graph(name, found.vertices, found.seeds, len(found.names), disciplines, levels)


def _seed_graph(
    name: str,
    vertices: npt.NDArray[np.int64],
    seeds: npt.NDArray[np.int64],
    n_points: int,
    disciplines: npt.NDArray[np.str_],
    levels: npt.NDArray[np.int64],
) -> SeedGraph:
    n_seeds = len(disciplines)
    popularity = np.bincount(vertices, minlength=n_points)
    edges = count_pairs(vertices, seeds, n_points)
    graph = csr_graph(edges.sources, edges.targets, association(edges, popularity, n_seeds, "cosine"), n_points)
    shares = {
        str(discipline): np.bincount(vertices[held], minlength=n_points) / popularity
        for discipline in np.unique(disciplines)
        for held in [_of_discipline(disciplines, seeds, discipline)]
    }
    labelled = LabelledSeeds(seed_index(vertices, seeds, n_points, n_seeds), disciplines, levels)
    return SeedGraph(name, graph, labelled, popularity, shares)


def _of_discipline(disciplines: npt.NDArray[np.str_], seeds: npt.NDArray[np.int64], discipline: str) -> BoolArray:
    held: BoolArray = (disciplines == discipline)[seeds]
    return held


def _pairs(seeds: LabelledSeeds) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    owners = np.repeat(np.arange(seeds.index.n_seeds), np.diff(seeds.index.seed_indptr))
    return seeds.index.vertices, owners
