"""The local engine computes each shard once and the same on any number of workers."""

from pathlib import Path

import pandas as pd
import pytest

from fakes.shard_functions import upper, wrong_shape
from linkqa_kedro.engines import LocalEngine
from linkqa_kedro.records import ALIASES
from linkqa_kedro.shards import ShardedTable, write_table


@pytest.fixture
def table(tmp_path: Path) -> ShardedTable:
    frame = ALIASES.frame({"alias": f"a{n}", "canonical": "c", "rule": "edited", "score": 1.0} for n in range(5))
    return write_table(frame, ALIASES, tmp_path / "input", rows_per_shard=2)


def computed(log: Path) -> list[str]:
    return sorted(log.read_text(encoding="utf-8").split()) if log.exists() else []


def run(table: ShardedTable, tmp_path: Path, n_workers: int = 1, suffix: str = "!") -> ShardedTable:
    engine = LocalEngine(tmp_path / f"staged-{n_workers}", n_workers)
    return engine.map(upper, table, ALIASES, {"suffix": suffix, "log": str(tmp_path / "log")})


def test_shards_keep_their_order(table: ShardedTable, tmp_path: Path) -> None:
    assert run(table, tmp_path).frame()["alias"].tolist() == ["A0!", "A1!", "A2!", "A3!", "A4!"]


def test_two_workers_write_the_same_bytes_as_one(table: ShardedTable, tmp_path: Path) -> None:
    one, two = run(table, tmp_path, 1), run(table, tmp_path, 2)
    assert [path.read_bytes() for path in one.shards] == [path.read_bytes() for path in two.shards]


def test_an_unchanged_shard_is_not_computed_again(table: ShardedTable, tmp_path: Path) -> None:
    run(table, tmp_path)
    run(table, tmp_path)
    assert computed(tmp_path / "log") == ["a0", "a2", "a4"]


def test_only_the_changed_shard_is_computed_again(table: ShardedTable, tmp_path: Path) -> None:
    run(table, tmp_path)
    frame = table.frame()
    frame.loc[4, "alias"] = "b4"
    changed = write_table(frame, ALIASES, tmp_path / "input", rows_per_shard=2)
    assert run(changed, tmp_path).frame()["alias"].tolist()[-1] == "B4!"
    assert computed(tmp_path / "log") == ["a0", "a2", "a4", "b4"]


def test_another_constant_computes_all_shards_again(table: ShardedTable, tmp_path: Path) -> None:
    run(table, tmp_path)
    assert run(table, tmp_path, suffix="?").frame()["alias"].tolist()[0] == "A0?"
    assert len(computed(tmp_path / "log")) == 6


def test_a_result_of_another_shape_is_not_staged(table: ShardedTable, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="missing columns"):
        LocalEngine(tmp_path / "staged", 1).map(wrong_shape, table, ALIASES, {})
    assert not list((tmp_path / "staged").rglob("*.parquet"))


def test_a_staged_shard_without_its_fingerprint_is_computed_again(table: ShardedTable, tmp_path: Path) -> None:
    """A process killed between the two files must not leave a shard that is trusted."""
    staged = run(table, tmp_path)
    pd.DataFrame({"x": [1]}).to_parquet(staged.shards[0])
    (staged.folder / f"{staged.files[0]}.fingerprint").unlink()
    assert run(table, tmp_path).frame()["alias"].tolist()[0] == "A0!"
