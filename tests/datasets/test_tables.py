"""Tables in the catalog."""

from pathlib import Path

import pandas as pd
import pytest
from kedro.io.core import DatasetError

from linkqa_kedro.cli import message_for_the_user
from linkqa_kedro.datasets.tables import ShardedTableDataset, TableDataset
from linkqa_kedro.records import ALIASES

FRAME = ALIASES.frame([{"alias": "a", "canonical": "b", "rule": "edited", "score": 1.0}])


def single(tmp_path: Path) -> TableDataset:
    return TableDataset(filepath=str(tmp_path / "sub" / "aliases.parquet"), table="aliases")


def sharded(tmp_path: Path) -> ShardedTableDataset:
    return ShardedTableDataset(filepath=str(tmp_path / "sub" / "aliases"), table="aliases", rows_per_shard=1)


def test_a_table_comes_back_as_it_was_saved(tmp_path: Path) -> None:
    dataset = single(tmp_path)
    dataset.save(FRAME)
    pd.testing.assert_frame_equal(dataset.load(), FRAME)


@pytest.mark.parametrize("make", [single, sharded])
def test_a_table_exists_once_it_is_saved(tmp_path: Path, make) -> None:
    dataset = make(tmp_path)
    assert not dataset.exists()
    dataset.save(FRAME)
    assert dataset.exists()


@pytest.mark.parametrize("make", [single, sharded])
def test_the_files_of_a_table_are_there_once_it_is_saved(tmp_path: Path, make) -> None:
    dataset = make(tmp_path)
    assert dataset.files == []
    dataset.save(FRAME)
    assert [pd.read_parquet(path)["alias"].tolist() for path in dataset.files] == [["a"]]


@pytest.mark.parametrize("make", [single, sharded])
def test_a_frame_of_another_shape_is_not_saved(tmp_path: Path, make) -> None:
    dataset = make(tmp_path)
    with pytest.raises(DatasetError, match="missing columns"):
        dataset.save(FRAME[["alias"]])
    assert not dataset.exists()
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


@pytest.mark.parametrize("make", [single, sharded])
def test_a_damaged_file_is_one_clear_message(tmp_path: Path, make) -> None:
    dataset = make(tmp_path)
    dataset.save(FRAME)
    file = next(iter(tmp_path.rglob("*.parquet")))
    file.write_bytes(file.read_bytes()[:40])
    with pytest.raises(DatasetError) as error:
        dataset.load()
    message = message_for_the_user(error.value)
    assert message is not None
    assert file.name in message
    assert "run the pipeline that writes it again" in message


def test_half_a_sharded_table_does_not_exist(tmp_path: Path) -> None:
    dataset = sharded(tmp_path)
    dataset.save(FRAME)
    (tmp_path / "sub" / "aliases" / "_manifest.json").unlink()
    assert not dataset.exists()


@pytest.mark.parametrize("manifest", ['{"files": ["shard', '{"files": []}', "[]"])
def test_a_damaged_manifest_is_the_users_to_mend(tmp_path: Path, manifest: str) -> None:
    dataset = sharded(tmp_path)
    dataset.save(FRAME)
    (tmp_path / "sub" / "aliases" / "_manifest.json").write_text(manifest)
    with pytest.raises(DatasetError) as raised:
        dataset.load()
    assert "_manifest.json cannot be used as the table aliases" in str(message_for_the_user(raised.value))


@pytest.mark.parametrize("make", [single, sharded])
def test_a_preview_shows_the_first_rows(tmp_path: Path, make) -> None:
    dataset = make(tmp_path)
    dataset.save(FRAME)
    assert dataset.preview()["data"] == [["a", "b", "edited", "1.0"]]
