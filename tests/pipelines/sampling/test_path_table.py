"""Rows of paths are made from arrays, any part of them alone."""

import numpy as np
import pandas as pd
import pytest

from fakes.annotations import annotations_of
from linkqa_kedro.pipelines.sampling.path_table import PathTable
from linkqa_kedro.records import PATHS, rows_of
from linkqa_kedro.walks.cells import CellQuota
from linkqa_kedro.walks.csr import seed_index
from linkqa_kedro.walks.drawing import DrawnPaths

SEEDS = [(["a", "b"], "physics", 2), (["b", "c"], "physics", 3), (["c", "d"], "chemistry", 3)]


def drawn_paths(seeds: list[list[int]]) -> DrawnPaths:
    return DrawnPaths(
        walks=np.array([0, 3]),
        rounds=np.array([0, 1], np.int32),
        attempts=np.array([0, 2], np.int32),
        cells=np.array([1, 0], np.int32),
        vertices=np.array([[0, 1, 2, -1], [1, 2, 3, -1]], np.int32),
        seeds=np.array(seeds, np.int32),
    )


def path_table(cells: list[CellQuota], seeds: list[list[int]] | None = None) -> PathTable:
    index = seed_index(np.array([0, 1, 1, 2, 2, 3]), np.array([0, 0, 1, 1, 2, 2]), 4, 3)
    names = pd.Series(["a", "b", "c", "d"])
    return PathTable(
        drawn_paths(seeds or [[0, 1, -1], [1, 2, -1]]), cells, names, annotations_of(SEEDS), index, np.array([1])
    )


CELLS = [CellQuota("chemistry", 3, 1), CellQuota("physics", 2, 1)]


def test_a_row_says_what_the_arrays_hold() -> None:
    rows = rows_of(path_table(CELLS).part(0, 2).to_pandas())
    assert rows[1] | {"path_id": ""} == {
        "path_id": "",
        "walk": 3,
        "steering_round": 1,
        "round": 1,
        "attempt": 2,
        "cell_discipline": "chemistry",
        "cell_difficulty": 3,
        "knowledge_points": ["b", "c", "d"],
        "kp_ids": [1, 2, 3],
        "seed_ids": ["s1", "s2"],
        "seed_disciplines": ["physics", "chemistry"],
        "seed_difficulties": [3, 3],
        "realised_difficulty": 3,
        "association_density": 1.0,
    }
    assert rows[0]["realised_difficulty"] == 3, "2.5 is rounded up"
    assert rows[0]["path_id"].startswith("path-0000000-")


@pytest.mark.parametrize("rows_per_part", [1, 2, 5])
def test_parts_are_slices_of_the_whole_whatever_their_size(rows_per_part: int) -> None:
    table = path_table(CELLS)
    parts = [table.part(start, rows_per_part).to_pylist() for start in range(0, 2, rows_per_part)]
    assert [row for part in parts for row in part] == table.part(0, 2).to_pylist()


def test_a_cell_without_labels_leaves_its_columns_empty() -> None:
    part = path_table([CellQuota(None, None, 2), CellQuota(None, None, 0)]).part(0, 2)
    PATHS.check(part)
    assert part["cell_discipline"].null_count == part["cell_difficulty"].null_count == 2


def test_a_path_with_other_seeds_has_another_id() -> None:
    first = path_table(CELLS).part(0, 2)["path_id"].to_pylist()
    other = path_table(CELLS, [[0, 1, -1], [2, 1, -1]]).part(0, 2)["path_id"].to_pylist()
    assert first[0] == other[0]
    assert first[1] != other[1]
