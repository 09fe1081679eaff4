"""The knowledge graphs that samplers are compared on: bundled seeds, seeds labelled by people, made-up seeds."""

import json
import os
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import yaml

from linkqa_kedro.composer.model import Composer
from linkqa_kedro.datasets.prompt_template import PromptTemplate
from linkqa_kedro.datasets.row_files import RowFilesDataset
from linkqa_kedro.pipelines.extraction.nodes import annotate_seeds, merge_kp_names, propose_kp_candidates, read_seeds
from linkqa_kedro.pipelines.extraction.parameters import ExtractionParameters
from linkqa_kedro.pipelines.graph.incidence import incidence_of
from linkqa_kedro.teacher.completion_store import CompletionStore
from linkqa_kedro.teacher.concurrency import EndpointGate
from linkqa_kedro.teacher.pricing import FREE
from linkqa_kedro.teacher.teacher import Teacher, TeacherModel
from linkqa_kedro.walks.cooccurrence import EdgeTable, association, count_pairs
from linkqa_kedro.walks.csr import BoolArray, CsrGraph, SeedIndex, component_labels, csr_graph, seed_index
from zipf_seeds import zipf_seeds

ROOT = Path(__file__).parents[1]
BUNDLED = ROOT / "data" / "01_seeds" / "bundled_seeds.jsonl"
REAL_SEEDS = "LINKQA_REAL_SEEDS"
SEEDS_PER_POINT = 2
"""Made-up seeds for each knowledge point."""

IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True)
class ArenaGraph:
    """A knowledge graph with the labelled seeds behind it.

    Attributes:
        vertices: Knowledge point of each (point, seed) pair, shape (n_pairs,).
        seeds: Seed of each pair, shape (n_pairs,).
        disciplines: Discipline of each seed, shape (n_seeds,).
        levels: Difficulty of each seed, 1 to 5, shape (n_seeds,).
        n_points: Knowledge points.
        edges: Which stand in one seed, and how often.
    """

    vertices: IntArray
    seeds: IntArray
    disciplines: npt.NDArray[np.str_]
    levels: IntArray
    n_points: int
    edges: EdgeTable

    @staticmethod
    def of(
        vertices: IntArray, seeds: IntArray, disciplines: npt.NDArray[np.str_], levels: IntArray, n_points: int
    ) -> "ArenaGraph":
        """The graph, its edges counted."""
        return ArenaGraph(vertices, seeds, disciplines, levels, n_points, count_pairs(vertices, seeds, n_points))

    @staticmethod
    def load(file: Path) -> "ArenaGraph":
        """What `save` wrote."""
        with np.load(file) as arrays:
            edges = EdgeTable(arrays["sources"], arrays["targets"], arrays["counts"])
            labels = arrays["disciplines"], arrays["levels"]
            return ArenaGraph(arrays["vertices"], arrays["seeds"], *labels, int(arrays["n_points"]), edges)

    def save(self, file: Path) -> None:
        """Write the arrays to a file that ends with .npz."""
        np.savez(
            file,
            vertices=self.vertices,
            seeds=self.seeds,
            disciplines=self.disciplines,
            levels=self.levels,
            n_points=np.asarray(self.n_points),
            sources=self.edges.sources,
            targets=self.edges.targets,
            counts=self.edges.counts,
        )

    @property
    def n_seeds(self) -> int:
        """Number of seeds."""
        return len(self.levels)

    @property
    def popularity(self) -> IntArray:
        """n(k), shape (n_points,)."""
        counts: IntArray = np.bincount(self.vertices, minlength=self.n_points)
        return counts

    @property
    def index(self) -> SeedIndex:
        """Seeds of each knowledge point and the reverse."""
        return seed_index(self.vertices, self.seeds, self.n_points, self.n_seeds)

    def csr(self) -> CsrGraph:
        """The graph with cosine association."""
        weights = association(self.edges, self.popularity, self.n_seeds, "cosine")
        return csr_graph(self.edges.sources, self.edges.targets, weights, self.n_points)

    def reachable(self, min_length: int) -> BoolArray:
        """Points in components that hold a path of this length, shape (n_points,)."""
        components = component_labels(self.csr())
        reachable: BoolArray = np.bincount(components)[components] >= min_length
        return reachable

    def discipline_shares(self) -> dict[str, npt.NDArray[np.float64]]:
        """share(d|k) by discipline, each of shape (n_points,)."""
        names, numbers = np.unique(self.disciplines, return_inverse=True)
        popularity = np.maximum(self.popularity, 1)
        of_pair = numbers[self.seeds]
        return {
            str(name): np.bincount(self.vertices[of_pair == number], minlength=self.n_points) / popularity
            for number, name in enumerate(names)
        }


class LeftOutError(Exception):
    """A graph cannot be had here; the message says why."""


def bundled_graph() -> ArenaGraph:
    """The seeds that come with the project, with their own labels; the embedded teacher adds what is missing."""
    conf = ROOT / "conf" / "base"
    raw = yaml.safe_load((conf / "parameters_extraction.yml").read_text(encoding="utf-8"))
    parameters = ExtractionParameters.model_validate(raw["extraction"])
    prompt = PromptTemplate((conf / "prompts/extraction/annotate.md").read_text(encoding="utf-8"), "annotate.md")
    seeds, _ = read_seeds(RowFilesDataset(filepath=str(BUNDLED), parameter="seeds.path").load(), parameters)
    with tempfile.TemporaryDirectory() as folder:
        model = TeacherModel(Composer(), EndpointGate(32), FREE)
        teacher = Teacher(model, CompletionStore(Path(folder), 1), max_attempts=0, max_retries=0, backoff_seconds=0.0)
        candidates = propose_kp_candidates(seeds, parameters)
        annotations, _, _ = annotate_seeds(seeds, candidates, teacher, prompt, parameters)
    merged, _ = merge_kp_names(annotations, {})
    return _of_annotations(merged)


def labelled_graph(file_name: str) -> ArenaGraph:
    """The seeds of a real file that carry knowledge points, all labels as people gave them.

    A difficulty scale that begins at 0 is moved up by one.

    Raises:
        LeftOutError: If the folder of real seeds is unset, or has no such file.
    """
    folder = os.environ.get(REAL_SEEDS)
    if not folder:
        raise LeftOutError(f"{REAL_SEEDS} is not set")
    file = Path(folder) / file_name
    if not file.is_file():
        raise LeftOutError(f"{REAL_SEEDS} has no {file_name}")
    records = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if line]
    return _of_records([record for record in records if record.get("knowledge_points")])


def _of_records(records: list[dict[str, Any]]) -> ArenaGraph:
    levels = np.asarray([record["difficulty"] for record in records], np.int64)
    return _of_annotations(
        pd.DataFrame(
            {
                "knowledge_points": [list(dict.fromkeys(record["knowledge_points"])) for record in records],
                "discipline": [record["discipline"] for record in records],
                "difficulty": levels + (levels.min() == 0),
            }
        )
    )


def _of_annotations(annotations: pd.DataFrame) -> ArenaGraph:
    incidence = incidence_of(annotations["knowledge_points"])
    return ArenaGraph.of(
        incidence.vertices,
        incidence.seeds,
        annotations["discipline"].to_numpy(dtype=np.str_),
        annotations["difficulty"].to_numpy(dtype=np.int64),
        len(incidence.names),
    )


def zipf_graph(n_points: int) -> ArenaGraph:
    """Made-up seeds with Zipf popularity, two for each knowledge point."""
    made = zipf_seeds(SEEDS_PER_POINT * n_points, n_points)
    return ArenaGraph.of(made.vertices, made.seeds, made.disciplines, made.levels, n_points)


GRAPHS: Mapping[str, Callable[[], ArenaGraph]] = {
    "bundled": bundled_graph,
    "tal_en": lambda: labelled_graph("tal_scq5k_en.jsonl"),
    "tal_zh": lambda: labelled_graph("tal_scq5k_zh.jsonl"),
    "zipf_1e4": lambda: zipf_graph(10_000),
    "zipf_1e5": lambda: zipf_graph(100_000),
    "zipf_1e6": lambda: zipf_graph(1_000_000),
}
"""The graphs by name, from the smallest."""
