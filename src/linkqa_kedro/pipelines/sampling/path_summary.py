"""What is measured on the paths, read from their shards one at a time."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from linkqa_kedro.figures.coverage import NO_VERTEX
from linkqa_kedro.records import rows_of
from linkqa_kedro.shards import ShardedTable

_COLUMNS = ["kp_ids", "seed_disciplines", "realised_difficulty", "association_density"]


@dataclass(frozen=True)
class PathSummary:
    """The paths in figures.

    Attributes:
        vertices: Vertices of each path, NO_VERTEX after its last, shape (n_paths, max_length).
        n_seeds: Seeds of all paths together.
        density_sum: Association density, summed over the paths.
        mix: Paths by discipline and level of their seeds: a path of two disciplines counts in part for each.
    """

    vertices: npt.NDArray[np.int32]
    n_seeds: int
    density_sum: float
    mix: dict[tuple[str, int], float]

    @property
    def n_paths(self) -> int:
        """Number of paths."""
        return len(self.vertices)

    def mix_by(self, names: Sequence[str]) -> dict[str, float]:
        """Paths by the labels named: `discipline`, `difficulty`, or both joined by a slash."""
        summed: defaultdict[str, float] = defaultdict(float)
        for (discipline, level), weight in self.mix.items():
            labels = {"discipline": discipline, "difficulty": level}
            summed[cell_label([labels[name] for name in names])] += weight
        return dict(summed)


def cell_label(labels: Sequence[object]) -> str:
    """One name for the labels of a cell."""
    return "/".join(map(str, labels))


def summarise_paths(paths: ShardedTable, max_length: int) -> PathSummary:
    """Read the shards.

    Args:
        paths: Table `paths`.
        max_length: Knowledge points of the longest path.
    """
    vertices = [np.zeros((0, max_length), np.int32)]
    n_seeds, density_sum = 0, 0.0
    mix: defaultdict[tuple[str, int], float] = defaultdict(float)
    for shard in paths.shards:
        table = pq.read_table(shard, columns=_COLUMNS).combine_chunks()
        vertices.append(_matrix(table["kp_ids"], max_length))
        n_seeds += len(pc.list_flatten(table["seed_disciplines"]))
        density_sum += pc.sum(table["association_density"]).as_py() or 0.0
        for row in _mix_of(table):
            mix[(row["discipline"], row["level"])] += row["weight"]
    return PathSummary(np.concatenate(vertices), n_seeds, density_sum, mix)


def _matrix(lists: pa.ChunkedArray, width: int) -> npt.NDArray[np.int32]:
    lengths = pc.list_value_length(lists).to_numpy()
    matrix = np.full((len(lists), width), NO_VERTEX, np.int32)
    matrix[np.arange(width) < lengths[:, None]] = pc.list_flatten(lists).to_numpy()
    return matrix


def _mix_of(table: pa.Table) -> list[dict[str, Any]]:
    lengths = pc.list_value_length(table["seed_disciplines"]).to_numpy()
    seeds = pd.DataFrame(
        {
            "discipline": pc.list_flatten(table["seed_disciplines"]).to_pandas(),
            "level": np.repeat(table["realised_difficulty"].to_numpy(), lengths),
            "weight": np.repeat(1 / np.maximum(lengths, 1), lengths),
        }
    )
    return rows_of(seeds.groupby(["discipline", "level"], as_index=False).sum())
