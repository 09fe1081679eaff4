"""The table of paths, made from arrays some rows at a time: ten million paths do not fit memory as Python objects."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from linkqa_kedro.figures.association_density import association_densities
from linkqa_kedro.records import PATHS
from linkqa_kedro.walks.cells import CellQuota
from linkqa_kedro.walks.csr import SeedIndex
from linkqa_kedro.walks.drawing import DrawnPaths

_NONE = -1  # fills up the rows of paths and of their seeds


@dataclass(frozen=True)
class PathTable:
    """Rows of `paths`, by place.

    Attributes:
        paths: The paths.
        cells: What `paths.cells` counts.
        names: Names of the knowledge points by vertex.
        annotations: Labels of the seeds, by seed number.
        index: Knowledge points of the seeds.
    """

    paths: DrawnPaths
    cells: Sequence[CellQuota]
    names: pd.Series
    annotations: pd.DataFrame
    index: SeedIndex

    def part(self, start: int, length: int) -> pa.Table:
        """Some rows, in the shape of `paths`."""
        rows = slice(start, start + length)
        vertices, seeds = self.paths.vertices[rows], self.paths.seeds[rows]
        levels = self.annotations["difficulty"].to_numpy(np.int64)
        cells = self.paths.cells[rows]
        columns = {
            "path_id": _path_ids(self.paths.walks[rows], self._digests(vertices, seeds)),
            "walk": pa.array(self.paths.walks[rows]),
            "round": pa.array(self.paths.rounds[rows].astype(np.int64)),
            "attempt": pa.array(self.paths.attempts[rows].astype(np.int64)),
            "cell_discipline": pa.array([cell.discipline for cell in self.cells], pa.string()).take(pa.array(cells)),
            "cell_difficulty": pa.array([cell.level for cell in self.cells], pa.int64()).take(pa.array(cells)),
            "knowledge_points": _lists(vertices, pa.array(self.names, pa.string())),
            "kp_ids": _lists(vertices, pa.array(np.arange(len(self.names)))),
            "seed_ids": _lists(seeds, pa.array(self.annotations["seed_id"], pa.string())),
            "seed_disciplines": _lists(seeds, pa.array(self.annotations["discipline"], pa.string())),
            "seed_difficulties": _lists(seeds, pa.array(levels)),
            "realised_difficulty": pa.array(_rounded_means(seeds, levels)),
            "association_density": pa.array(association_densities(seeds, self.index.padded_vertices())),
        }
        return pa.table([columns[name] for name in PATHS.column_names], schema=PATHS.schema)

    def _digests(self, vertices: npt.NDArray[np.int32], seeds: npt.NDArray[np.int32]) -> npt.NDArray[np.uint64]:
        """One number for the names and seed ids of each path, in their order."""
        of_names = np.append(pd.util.hash_array(self.names.to_numpy(object)), np.uint64(0))
        of_seeds = np.append(pd.util.hash_array(self.annotations["seed_id"].to_numpy(object)), np.uint64(0))
        parts = pd.DataFrame(np.hstack((of_names[vertices], of_seeds[seeds])))
        digests: npt.NDArray[np.uint64] = pd.util.hash_pandas_object(parts, index=False).to_numpy().astype(np.uint64)
        return digests


def _path_ids(walks: npt.NDArray[np.int64], digests: npt.NDArray[np.uint64]) -> pa.Array:
    """Walk number and a digest of points and seeds: a row made from another sampling must not seem to be from this."""
    low_words = (digests & np.uint64(0xFFFFFFFF)).tolist()
    return pa.array([f"path-{walk:07d}-{word:08x}" for walk, word in zip(walks.tolist(), low_words, strict=True)])


def _lists(places: npt.NDArray[np.int32], values: pa.Array) -> pa.ListArray:
    """Values at the places of each row, without the fillers."""
    there = places != _NONE
    offsets = np.concatenate(([0], np.cumsum(there.sum(axis=1)))).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(offsets), values.take(pa.array(places[there])))


def _rounded_means(seeds: npt.NDArray[np.int32], levels: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    there = seeds != _NONE
    sums = np.where(there, levels[seeds], 0).sum(axis=1)
    rounded: npt.NDArray[np.int64] = np.floor(sums / np.maximum(there.sum(axis=1), 1) + 0.5).astype(np.int64)
    return rounded
