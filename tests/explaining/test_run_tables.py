"""Rows are found in the tables on disk, by identifier or its beginning."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from kedro.io import DataCatalog

from fakes.explained import PATH, qa_row
from linkqa_kedro.datasets.tables import ShardedTableDataset, TableDataset
from linkqa_kedro.errors import UserError
from linkqa_kedro.explaining.run_tables import Found, RunTables
from linkqa_kedro.pipelines.qa_rows import qa_id_of
from linkqa_kedro.records import PATHS, REJECTED_ENHANCEMENT, REJECTED_QA, SYNTHESISED_QA

DROPPED = {
    "qa_id": "qa-0aff",
    "path_id": "p",
    "stage": "evaluation",
    "question_type": "calculation",
    "question": "?",
    "answer": "7",
    "discipline": "physics",
    "asked_difficulty": 3,
    "measured_difficulty": 3,
    "solve_rate": None,
    "reason": "refusal",
    "detail": "sorry",
}
LOST = {
    "qa_id": "qa-0a01",
    "attempt": 1,
    "asked_difficulty": 5,
    "measured_difficulty": 3,
    "request_key": "ab" * 32,
    "reason": "level missed",
    "detail": "",
}


def catalog_of(folder: Path) -> DataCatalog:
    """Tables of a run, one row a shard."""
    sharded: dict[str, pd.DataFrame] = {
        "synthesised_qa": SYNTHESISED_QA.frame(
            [qa_row(qa_id="qa-0a01"), qa_row(qa_id="qa-0a02"), qa_row(qa_id="qa-0b01")]
        ),
        "paths": PATHS.frame(
            [
                {**PATH, "seed_disciplines": ["a", "a"], "seed_difficulties": [3, 3], "path_id": f"path-000000{n}-0a"}
                for n in (1, 2)
            ]
        ),
    }
    datasets: dict[str, Any] = {
        name: ShardedTableDataset(filepath=str(folder / name), table=name, rows_per_shard=1) for name in sharded
    }
    for name, frame in sharded.items():
        datasets[name].save(frame)
    single: Mapping[str, pd.DataFrame] = {
        "rejected_qa": REJECTED_QA.frame([DROPPED]),
        "rejected_enhancement": REJECTED_ENHANCEMENT.frame([LOST]),
    }
    for name, frame in single.items():
        datasets[name] = TableDataset(filepath=str(folder / f"{name}.parquet"), table=name)
        datasets[name].save(frame)
    datasets["dataset"] = TableDataset(filepath=str(folder / "not_there.parquet"), table="dataset")
    return DataCatalog(datasets)


@pytest.fixture
def tables(tmp_path: Path) -> RunTables:
    return RunTables(catalog_of(tmp_path))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("qa-0a01", Found("qa-0a01", "qa")),
        ("0a02", Found("qa-0a02", "qa")),
        (" qa-0b ", Found("qa-0b01", "qa")),
        ("qa-0aff", Found("qa-0aff", "qa")),
        ("path-0000002", Found("path-0000002-0a", "path")),
        ("0000001", Found("path-0000001-0a", "path")),
        (qa_id_of(LOST["request_key"], 0), Found(qa_id_of(LOST["request_key"], 0), "try", "qa-0a01")),
    ],
)
def test_an_identifier_or_its_beginning_names_a_row_a_try_or_a_path(
    tables: RunTables, text: str, expected: Found
) -> None:
    assert tables.find(text) == expected


def test_a_whole_identifier_is_meant_though_others_begin_with_it(tmp_path: Path) -> None:
    catalog = catalog_of(tmp_path)
    catalog.get("synthesised_qa").save(SYNTHESISED_QA.frame([qa_row(qa_id="qa-1"), qa_row(qa_id="qa-12")]))
    assert RunTables(catalog).find("qa-1") == Found("qa-1", "qa")


def test_an_ambiguous_beginning_lists_what_it_may_mean(tables: RunTables) -> None:
    with pytest.raises(UserError, match=r"beginning of 3 identifiers: qa-0a01, qa-0a02, qa-0aff\. Give more of it"):
        tables.find("qa-0a")


def test_an_unknown_identifier_is_answered_with_close_ones_and_where_they_stand(tables: RunTables) -> None:
    with pytest.raises(UserError, match=r"'qa-0a09'; close to it: qa-0a0.*rejected_qa.parquet"):
        tables.find("qa-0a09")
    with pytest.raises(UserError, match="the first ones: qa-0a01, qa-0a02, qa-0b01"):
        tables.find("zzzzzzzz")


def test_before_the_first_run_there_is_nothing_to_explain() -> None:
    with pytest.raises(UserError, match=r"no row to explain yet\. Run `kedro run` first"):
        RunTables(DataCatalog({})).find("qa-1")


def test_rows_come_from_all_shards_as_plain_values(tables: RunTables) -> None:
    rows = tables.rows("synthesised_qa", "qa_id", ["qa-0b01", "qa-0a01", "qa-9"])
    assert [row["qa_id"] for row in rows] == ["qa-0a01", "qa-0b01"]
    assert rows[0] == qa_row(qa_id="qa-0a01")


def test_a_table_that_is_not_there_or_lacks_the_column_has_no_rows(tables: RunTables) -> None:
    assert tables.row("dataset", "qa_id", "qa-0a01") is None
    assert tables.row("unheard_of", "qa_id", "qa-0a01") is None
    assert tables.row("rejected_qa", "request_key", "aa01") is None
    assert tables.values("dataset", "qa_id") == []


def test_a_table_with_columns_of_another_version_is_read_all_the_same(tmp_path: Path) -> None:
    catalog = catalog_of(tmp_path)
    shard = catalog.get("synthesised_qa").load().shards[0]
    table = pq.read_table(shard)
    further = table.append_column("later_column", pc.cast(table["qa_id"], "string"))
    pq.write_table(further.drop_columns(["proof"]), shard)
    row = RunTables(catalog).row("synthesised_qa", "qa_id", "qa-0a01")
    assert row is not None
    assert row["later_column"] == "qa-0a01"
    assert "proof" not in row


def test_a_damaged_file_is_one_clear_message(tmp_path: Path) -> None:
    catalog = catalog_of(tmp_path)
    (tmp_path / "rejected_qa.parquet").write_bytes(b"PAR1 nonsense")
    with pytest.raises(UserError, match=r"rejected_qa.parquet cannot be read as the table rejected_qa"):
        RunTables(catalog).row("rejected_qa", "qa_id", "qa-0aff")
