"""What a teacher sees around a QA that it is to change."""

from collections import defaultdict
from typing import Any

import pandas as pd

from linkqa_kedro.pipelines.seed_values import path_named, seed_values, seeds_named
from linkqa_kedro.shards import ShardedTable
from linkqa_kedro.walks.csr import CsrGraph

_CHOSEN_FROM = 4
"""Seeds from which each seed shown with a QA to be made easier is chosen."""

Row = dict[str, Any]


class Surroundings:
    """What the teacher sees around a QA: its path, the path's seeds, and seeds of neighbouring knowledge points.

    Attributes:
        seeds: Annotated seeds, by seed_id.
    """

    def __init__(
        self,
        paths: ShardedTable,
        seeds: pd.DataFrame,
        annotations: pd.DataFrame,
        kp_vertices: pd.DataFrame,
        graph: CsrGraph,
        n_neighbour_seeds: int,
    ) -> None:
        self.seeds = seed_values(seeds, annotations)
        self._paths = {row["path_id"]: row for row in paths.rows()}
        self._names = kp_vertices["kp"].tolist()
        self._graph = graph
        self._n_seeds = n_neighbour_seeds
        self._holders: dict[str, list[str]] = {}
        for seed_id, seed in self.seeds.items():
            for point in seed["knowledge_points"]:
                self._holders.setdefault(point, []).append(seed_id)

    def values(self, row: Row, attempt: int, target_level: int) -> dict[str, Any]:
        """Path, seeds and neighbouring knowledge points; each attempt sees other seeds, a lower level easier ones."""
        path = path_named(row, self._paths)
        seeds_named(row, self.seeds)
        neighbours = self._neighbouring_points(path["kp_ids"])
        own = [*row["seed_ids"], *(seed_id for seed_id in path["seed_ids"] if seed_id not in row["seed_ids"])]
        further = self._further_seeds([*path["knowledge_points"], *neighbours], own, row, attempt)
        if target_level < row["measured_difficulty"]:
            # Of a few, so that QA of one neighbourhood do not all see the same easy ones.
            further = sorted(further[: _CHOSEN_FROM * self._n_seeds], key=lambda name: self.seeds[name]["difficulty"])
        further = further[: self._n_seeds]
        shown = [self.seeds[seed_id] for seed_id in (*own, *further)]
        held = {point for seed in shown for point in seed["knowledge_points"]}
        return {
            "path": path["knowledge_points"],
            "seeds": shown,
            "neighbour_kps": [name for name in neighbours if name in held],
        }

    def steering_round(self, row: Row) -> int:
        """Round of steering that asked for the path of a QA."""
        return int(path_named(row, self._paths)["steering_round"])

    def _neighbouring_points(self, kp_ids: list[int]) -> list[str]:
        """Neighbours of the path, the most strongly associated first."""
        strength: defaultdict[int, float] = defaultdict(float)
        for vertex in kp_ids:
            row = slice(self._graph.indptr[vertex], self._graph.indptr[vertex + 1])
            for neighbour, weight in zip(self._graph.indices[row], self._graph.weights[row], strict=True):
                strength[int(neighbour)] += float(weight)
        ordered = sorted(strength, key=lambda vertex: (-strength[vertex], vertex))
        return [self._names[vertex] for vertex in ordered if vertex not in kp_ids]

    def _further_seeds(self, points: list[str], own: list[str], row: Row, attempt: int) -> list[str]:
        found = dict.fromkeys(
            seed_id
            for point in points
            for seed_id in self._holders.get(point, ())
            if seed_id not in own
            and self.seeds[seed_id]["language"] == row["language"]
            and self.seeds[seed_id]["discipline"] == row["discipline"]
        )
        rotated = list(found)
        if rotated:
            turn = (attempt * self._n_seeds + int(row["qa_id"][-8:], 16)) % len(rotated)
            rotated = rotated[turn:] + rotated[:turn]
        return rotated
