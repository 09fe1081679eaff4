"""Sharded tables are whole or not there."""

from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest

from linkqa_kedro.records import ALIASES
from linkqa_kedro.shards import MANIFEST, TableParts, adopt_shards, open_table, write_parts, write_table


def aliases(n_rows: int) -> pd.DataFrame:
    return ALIASES.frame({"alias": f"a{n}", "canonical": "c", "rule": "edited", "score": 1.0} for n in range(n_rows))


def test_rows_come_back_in_order_from_shards_of_equal_size(tmp_path: Path) -> None:
    table = write_table(aliases(5), ALIASES, tmp_path / "t", rows_per_shard=2)
    assert [len(frame) for frame in table.frames()] == [2, 2, 1]
    assert [row["alias"] for row in open_table(tmp_path / "t").rows()] == ["a0", "a1", "a2", "a3", "a4"]


def test_an_empty_table_keeps_its_columns(tmp_path: Path) -> None:
    table = write_table(aliases(0), ALIASES, tmp_path / "t", rows_per_shard=2)
    assert table.n_rows == 0
    assert table.frame().columns.tolist() == ALIASES.column_names


def test_head_reads_no_more_than_it_needs(tmp_path: Path) -> None:
    table = write_table(aliases(5), ALIASES, tmp_path / "t", rows_per_shard=2)
    table.shards[2].unlink()
    assert table.head(3)["alias"].tolist() == ["a0", "a1", "a2"]


def test_a_folder_without_manifest_is_no_table(tmp_path: Path) -> None:
    write_table(aliases(1), ALIASES, tmp_path / "t", rows_per_shard=2)
    (tmp_path / "t" / MANIFEST).unlink()
    with pytest.raises(FileNotFoundError):
        open_table(tmp_path / "t")


def test_a_failed_write_leaves_the_table_that_was_there(tmp_path: Path) -> None:
    write_table(aliases(3), ALIASES, tmp_path / "t", rows_per_shard=2)
    with pytest.raises(ValueError, match="missing columns"):
        write_table(pd.DataFrame({"alias": ["x"]}), ALIASES, tmp_path / "t", rows_per_shard=2)
    assert open_table(tmp_path / "t").n_rows == 3


def test_a_table_made_part_by_part_is_the_same_files(tmp_path: Path) -> None:
    whole = write_table(aliases(5), ALIASES, tmp_path / "whole", rows_per_shard=2)
    asked = []

    def part(start: int, length: int) -> pa.Table:
        asked.append((start, length))
        return ALIASES.conform(aliases(5)).slice(start, length)

    parts = write_parts(TableParts(5, part), ALIASES, tmp_path / "parts", rows_per_shard=2)
    assert asked == [(0, 2), (2, 2), (4, 2)]
    assert [shard.read_bytes() for shard in parts.shards] == [shard.read_bytes() for shard in whole.shards]


def test_a_part_of_another_shape_is_refused_and_the_table_that_was_there_stays(tmp_path: Path) -> None:
    write_table(aliases(3), ALIASES, tmp_path / "t", rows_per_shard=2)
    second_is_wrong = TableParts(4, lambda start, _: pa.table({"alias": ["x"]}) if start else whole_part())
    with pytest.raises(ValueError, match="differ in the columns"):
        write_parts(second_is_wrong, ALIASES, tmp_path / "t", rows_per_shard=2)
    assert open_table(tmp_path / "t").n_rows == 3


def whole_part() -> pa.Table:
    return ALIASES.conform(aliases(2))


def test_a_smaller_table_replaces_a_larger_one_entirely(tmp_path: Path) -> None:
    write_table(aliases(5), ALIASES, tmp_path / "t", rows_per_shard=2)
    write_table(aliases(1), ALIASES, tmp_path / "t", rows_per_shard=2)
    assert sorted(path.name for path in (tmp_path / "t").iterdir()) == [MANIFEST, "shard-00000.parquet"]
    assert [path.name for path in tmp_path.iterdir()] == ["t"]


def test_adopted_shards_stay_staged(tmp_path: Path) -> None:
    staged = write_table(aliases(3), ALIASES, tmp_path / "staged", rows_per_shard=2)
    adopted = adopt_shards(staged, ALIASES, tmp_path / "t")
    assert adopted.frame()["alias"].tolist() == staged.frame()["alias"].tolist() == ["a0", "a1", "a2"]
