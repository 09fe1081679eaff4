"""The table of paths, made from arrays some rows at a time: ten million paths do not fit memory as Python objects."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

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
class _Lookups:
    """What vertices and seeds stand for, made once for all parts.

    Attributes:
        names: Name of each vertex.
        vertices: The vertices themselves.
        seed_ids: Of each seed.
        disciplines: Of each seed.
        levels: Of each seed.
        points: Vertices of each seed, filled up with a negative number.
        name_digests: One number for each name, and 0 for the filler -1.
        seed_digests: One number for each seed id, and 0 for the filler -1.
    """

    names: pa.Array
    vertices: pa.Array
    seed_ids: pa.Array
    disciplines: pa.Array
    levels: npt.NDArray[np.int64]
    points: npt.NDArray[np.int32]
    name_digests: npt.NDArray[np.uint64]
    seed_digests: npt.NDArray[np.uint64]

    @staticmethod
    def of(names: pd.Series, annotations: pd.DataFrame, index: SeedIndex) -> "_Lookups":
        return _Lookups(
            names=pa.array(names, pa.string()),
            vertices=pa.array(np.arange(len(names))),
            seed_ids=pa.array(annotations["seed_id"], pa.string()),
            disciplines=pa.array(annotations["discipline"], pa.string()),
            levels=annotations["difficulty"].to_numpy(np.int64),
            points=index.padded_vertices(),
            name_digests=_text_digests(names),
            seed_digests=_text_digests(annotations["seed_id"]),
        )


def _text_digests(texts: pd.Series) -> npt.NDArray[np.uint64]:
    """One number for each text, and a 0 at the end, where -1 points to."""
    return np.append(pd.util.hash_array(texts.to_numpy(object)), np.uint64(0))


@dataclass(frozen=True)
class PathTable:
    """Rows of `paths`, by place.

    Attributes:
        paths: The paths.
        cells: What `paths.cells` counts.
        names: Names of the knowledge points by vertex.
        annotations: Labels of the seeds, by seed number.
        index: Knowledge points of the seeds.
        correction_walks: First walk number of each correction, shape (n_corrections,).
    """

    paths: DrawnPaths
    cells: Sequence[CellQuota]
    names: pd.Series
    annotations: pd.DataFrame
    index: SeedIndex
    correction_walks: npt.NDArray[np.int64]

    @cached_property
    def _lookups(self) -> "_Lookups":
        return _Lookups.of(self.names, self.annotations, self.index)

    def part(self, start: int, length: int) -> pa.Table:
        """Some rows, in the shape of `paths`."""
        rows = slice(start, start + length)
        vertices, seeds = self.paths.vertices[rows], self.paths.seeds[rows]
        cells = self.paths.cells[rows]
        columns = {
            "path_id": _path_ids(self.paths.walks[rows], self._digests(vertices, seeds)),
            "walk": pa.array(self.paths.walks[rows]),
            "steering_round": pa.array(
                np.searchsorted(self.correction_walks, self.paths.walks[rows], side="right").astype(np.int64)
            ),
            "round": pa.array(self.paths.rounds[rows].astype(np.int64)),
            "attempt": pa.array(self.paths.attempts[rows].astype(np.int64)),
            "cell_discipline": pa.array([cell.discipline for cell in self.cells], pa.string()).take(pa.array(cells)),
            "cell_difficulty": pa.array([cell.level for cell in self.cells], pa.int64()).take(pa.array(cells)),
            "knowledge_points": _lists(vertices, self._lookups.names),
            "kp_ids": _lists(vertices, self._lookups.vertices),
            "seed_ids": _lists(seeds, self._lookups.seed_ids),
            "seed_disciplines": _lists(seeds, self._lookups.disciplines),
            "seed_difficulties": _lists(seeds, pa.array(self._lookups.levels)),
            "realised_difficulty": pa.array(_rounded_means(seeds, self._lookups.levels)),
            "association_density": pa.array(association_densities(seeds, self._lookups.points)),
        }
        return pa.table([columns[name] for name in PATHS.column_names], schema=PATHS.schema)

    def _digests(self, vertices: npt.NDArray[np.int32], seeds: npt.NDArray[np.int32]) -> npt.NDArray[np.uint64]:
        """One number for the names and seed ids of each path, in their order."""
        parts = pd.DataFrame(np.hstack((self._lookups.name_digests[vertices], self._lookups.seed_digests[seeds])))
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
