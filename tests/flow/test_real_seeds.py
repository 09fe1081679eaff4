"""A file of real seeds runs whole as it is: LaTeX, another difficulty scale, labels of its own."""

import json
import os
from pathlib import Path

import pandas as pd
import pytest

from linkqa_kedro.records import rows_of

from .conftest import SMALL, Project

FILE = Path(os.environ.get("LINKQA_REAL_SEEDS", "")) / "tal_scq5k_en.jsonl"

pytestmark = [
    pytest.mark.flow,
    pytest.mark.skipif(not FILE.is_file(), reason="LINKQA_REAL_SEEDS names no folder with tal_scq5k_en.jsonl"),
]


def test_a_file_of_real_seeds_runs_whole(new_project: Project) -> None:
    result = new_project.kedro("run", "--params", f"seeds.path={FILE},{SMALL}")
    assert result.returncode == 0, result.stderr[-2000:]
    seeds = pd.read_parquet(new_project.path("02_extraction/seeds.parquet"))
    assert len(seeds) == len(FILE.read_text(encoding="utf-8").splitlines())
    assert set(seeds["difficulty"]) == {1, 2, 3, 4, 5}
    assert len(pd.read_parquet(new_project.path("02_extraction/rejected_seeds.parquet"))) == 0
    sampling = json.loads(new_project.path("04_sampling/sampling_statistics.json").read_text(encoding="utf-8"))
    assert sampling["discipline_total_variation"] <= 0.01
    assert sampling["difficulty_total_variation"] <= 0.01
    dataset = rows_of(pd.read_parquet(new_project.path("07_evaluation/dataset/train.parquet")))
    assert len(dataset) > 200
    assert {tuple(row["licences"]) for row in dataset} == {("MIT",)}
