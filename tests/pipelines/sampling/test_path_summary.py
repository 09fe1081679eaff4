"""Figures of the paths are summed up shard by shard."""

from pathlib import Path

import pytest

from linkqa_kedro.pipelines.sampling.path_summary import summarise_paths
from linkqa_kedro.records import PATHS
from linkqa_kedro.shards import ShardedTable, write_table


def paths_table(folder: Path, rows_per_shard: int) -> ShardedTable:
    common = {
        "steering_round": 0,
        "round": 0,
        "attempt": 0,
        "cell_discipline": None,
        "cell_difficulty": None,
        "knowledge_points": [],
    }
    rows = [
        ([0, 1, 2], ["physics", "physics"], 2, 1.0),
        ([2, 3], ["physics", "chemistry"], 3, 0.5),
        ([4, 5, 6], ["chemistry"], 3, 0.0),
    ]
    frame = PATHS.frame(
        {
            **common,
            "path_id": f"p{number}",
            "walk": number,
            "kp_ids": points,
            "seed_ids": [f"s{place}" for place in range(len(disciplines))],
            "seed_disciplines": disciplines,
            "seed_difficulties": [level] * len(disciplines),
            "realised_difficulty": level,
            "association_density": density,
        }
        for number, (points, disciplines, level, density) in enumerate(rows)
    )
    return write_table(frame, PATHS, folder, rows_per_shard)


@pytest.mark.parametrize("rows_per_shard", [1, 2, 3])
def test_every_shard_counts_once(tmp_path: Path, rows_per_shard: int) -> None:
    summary = summarise_paths(paths_table(tmp_path / "paths", rows_per_shard), max_length=3)
    assert summary.vertices.tolist() == [[0, 1, 2], [2, 3, -1], [4, 5, 6]]
    assert (summary.n_paths, summary.n_seeds, summary.density_sum) == (3, 5, 1.5)
    assert summary.mix == {("physics", 2): 1.0, ("physics", 3): 0.5, ("chemistry", 3): 1.5}


def test_the_mix_is_of_disciplines_of_levels_or_of_both(tmp_path: Path) -> None:
    summary = summarise_paths(paths_table(tmp_path / "paths", 2), max_length=3)
    assert summary.mix_by(["discipline"]) == {"physics": 1.5, "chemistry": 1.5}
    assert summary.mix_by(["difficulty"]) == {"2": 1.0, "3": 2.0}
    assert summary.mix_by(["discipline", "difficulty"]) == {
        "physics/2": 1.0,
        "physics/3": 0.5,
        "chemistry/3": 1.5,
    }
