"""Files that people bring are read line by line."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from kedro.io.core import DatasetError

from linkqa_kedro.cli import message_for_the_user
from linkqa_kedro.datasets.row_files import FileRow, RowFilesDataset


def lines_of(path: Path | str, **settings: bool) -> list[FileRow]:
    return RowFilesDataset(filepath=str(path), parameter="seeds.path", **settings).load()


def test_every_line_keeps_its_number(tmp_path: Path) -> None:
    (tmp_path / "s.jsonl").write_text('{"id": 1}\n\n{"id": 2}\n', encoding="utf-8")
    assert lines_of(tmp_path / "s.jsonl") == [FileRow("s.jsonl", 1, {"id": 1}), FileRow("s.jsonl", 3, {"id": 2})]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (b'{"id": ', "not JSON"),
        (b"[1, 2]", "a JSON list, not an object"),
        (b'{"id": "\xff"}', "byte 8 is not UTF-8"),
        (b"null", "a JSON NoneType"),
    ],
)
def test_a_broken_line_costs_one_line(tmp_path: Path, line: bytes, problem: str) -> None:
    (tmp_path / "s.jsonl").write_bytes(b'{"id": 1}\n' + line + b'\n{"id": 3}')
    first, second, third = lines_of(tmp_path / "s.jsonl")
    assert (first.record, third.record) == ({"id": 1}, {"id": 3})
    assert second.record is None
    assert problem in second.problem


def test_a_byte_order_mark_is_no_part_of_the_first_line(tmp_path: Path) -> None:
    (tmp_path / "s.jsonl").write_bytes(b'\xef\xbb\xbf{"id": 1}')
    assert lines_of(tmp_path / "s.jsonl")[0].record == {"id": 1}


def test_a_folder_gives_its_data_files_in_the_order_of_their_names(tmp_path: Path) -> None:
    (tmp_path / "b.jsonl").write_text('{"id": 2}', encoding="utf-8")
    (tmp_path / "a.jsonl").write_text('{"id": 1}', encoding="utf-8")
    (tmp_path / "README.md").write_text("no data", encoding="utf-8")
    assert [line.record for line in lines_of(tmp_path)] == [{"id": 1}, {"id": 2}]


def test_a_pattern_gives_the_files_it_matches(tmp_path: Path) -> None:
    for name in ("en_1", "en_2", "zh_1"):
        (tmp_path / f"{name}.jsonl").write_text("{}", encoding="utf-8")
    assert [line.file for line in lines_of(tmp_path / "en_*.jsonl")] == ["en_1.jsonl", "en_2.jsonl"]


def test_no_file_is_one_clear_message(tmp_path: Path) -> None:
    with pytest.raises(DatasetError) as error:
        lines_of(tmp_path / "missing.jsonl")
    assert "missing.jsonl" in str(message_for_the_user(error.value))
    assert "--params seeds.path=" in str(message_for_the_user(error.value))


def test_an_empty_folder_may_be_allowed(tmp_path: Path) -> None:
    assert lines_of(tmp_path, may_be_empty=True) == []


def test_an_empty_folder_means_none_but_a_mistyped_one_does_not(tmp_path: Path) -> None:
    """A benchmark path that is wrong must not switch the comparison off."""
    with pytest.raises(DatasetError, match=r"No data file at"):
        lines_of(tmp_path / "typo", may_be_empty=True)
    (tmp_path / "mmlu.xlsx").write_text("x", encoding="utf-8")
    with pytest.raises(DatasetError, match=r"No data file at"):
        lines_of(tmp_path, may_be_empty=True)


def test_half_a_surrogate_pair_costs_one_line(tmp_path: Path) -> None:
    (tmp_path / "s.jsonl").write_text('{"id": "\\ud83d"}\n{"id": "ok"}', encoding="utf-8")
    first, second = lines_of(tmp_path / "s.jsonl")
    assert "surrogate" in first.problem
    assert second.record == {"id": "ok"}


def test_a_csv_field_may_hold_quotes_commas_and_line_breaks(tmp_path: Path) -> None:
    (tmp_path / "s.csv").write_text('id,question\n1,"He said ""why"",\nthen left"\n2,so\n', encoding="utf-8")
    first, second = lines_of(tmp_path / "s.csv")
    assert first.record == {"id": "1", "question": 'He said "why",\nthen left'}
    assert (second.line, second.record) == (4, {"id": "2", "question": "so"})


def test_an_empty_csv_cell_is_a_missing_field(tmp_path: Path) -> None:
    (tmp_path / "s.csv").write_text("id,answer\n1,\n2", encoding="utf-8")
    assert [line.record for line in lines_of(tmp_path / "s.csv")] == [{"id": "1"}, {"id": "2"}]


@pytest.mark.parametrize(("bad", "problem"), [(b"2,a,b,c", "2 fields more"), (b"2,\xff", "is not UTF-8")])
def test_a_broken_csv_row_costs_one_row(tmp_path: Path, bad: bytes, problem: str) -> None:
    (tmp_path / "s.csv").write_bytes(b"id,question\n1,a\n" + bad + b"\n3,c\n")
    first, second, third = lines_of(tmp_path / "s.csv")
    assert (first.record, third.record) == ({"id": "1", "question": "a"}, {"id": "3", "question": "c"})
    assert second.record is None
    assert problem in second.problem


def test_rows_of_parquet_are_numbered_and_keep_their_types(tmp_path: Path) -> None:
    rows = [{"id": 1, "options": {"A": "x", "B": "y"}}, {"id": 2, "options": None}]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "s.parquet")
    first, second = lines_of(tmp_path / "s.parquet")
    assert (first.line, first.record) == (1, rows[0])
    assert (second.line, second.record) == (2, {"id": 2})


@pytest.mark.parametrize(("name", "said"), [("s.parquet", "is no Parquet file"), ("s.xlsx", "of no known kind")])
def test_a_file_that_is_not_what_its_name_says_is_one_clear_message(tmp_path: Path, name: str, said: str) -> None:
    (tmp_path / name).write_bytes(b"\x00nonsense")
    with pytest.raises(DatasetError) as error:
        lines_of(tmp_path / name)
    assert said in str(message_for_the_user(error.value))


def test_a_folder_may_mix_kinds(tmp_path: Path) -> None:
    (tmp_path / "b.csv").write_text("id\n2\n", encoding="utf-8")
    (tmp_path / "a.jsonl").write_text('{"id": 1}', encoding="utf-8")
    assert [line.record for line in lines_of(tmp_path)] == [{"id": 1}, {"id": "2"}]
