"""Files that people bring are found, told apart by their kinds, and read row by row."""

import gzip
from pathlib import Path

import pytest
from kedro.io.core import DatasetError

from linkqa_kedro.cli import message_for_the_user
from linkqa_kedro.datasets.row_files import FileRow, RowFilesDataset
from linkqa_kedro.errors import UserError


def lines_of(path: Path | str, **settings: bool) -> list[FileRow]:
    return list(RowFilesDataset(filepath=str(path), parameter="seeds.path", **settings).load())


def message_for(path: Path | str) -> str:
    with pytest.raises((DatasetError, UserError)) as error:
        lines_of(path)
    return str(message_for_the_user(error.value))


def test_every_line_keeps_its_number(tmp_path: Path) -> None:
    (tmp_path / "s.jsonl").write_text('{"id": 1}\n\n{"id": 2}\n', encoding="utf-8")
    assert lines_of(tmp_path / "s.jsonl") == [FileRow("s.jsonl", 1, {"id": 1}), FileRow("s.jsonl", 3, {"id": 2})]


def test_a_folder_gives_its_data_files_in_the_order_of_their_names(tmp_path: Path) -> None:
    (tmp_path / "b.jsonl").write_text('{"id": 2}', encoding="utf-8")
    (tmp_path / "a.jsonl").write_text('{"id": 1}', encoding="utf-8")
    (tmp_path / "README.md").write_text("no data", encoding="utf-8")
    (tmp_path / "deeper").mkdir()
    (tmp_path / "deeper" / "c.jsonl").write_text('{"id": 3}', encoding="utf-8")
    assert [line.record for line in lines_of(tmp_path)] == [{"id": 1}, {"id": 2}]


def test_a_folder_may_mix_kinds(tmp_path: Path) -> None:
    (tmp_path / "b.csv").write_text("id\n2\n", encoding="utf-8")
    (tmp_path / "a.jsonl").write_text('{"id": 1}', encoding="utf-8")
    assert [line.record for line in lines_of(tmp_path)] == [{"id": 1}, {"id": "2"}]


def test_a_pattern_gives_the_files_it_matches(tmp_path: Path) -> None:
    for name in ("en_1", "en_2", "zh_1"):
        (tmp_path / f"{name}.jsonl").write_text("{}", encoding="utf-8")
    assert [line.file for line in lines_of(tmp_path / "en_*.jsonl")] == ["en_1.jsonl", "en_2.jsonl"]


def test_an_empty_folder_may_be_allowed(tmp_path: Path) -> None:
    assert lines_of(tmp_path, may_be_empty=True) == []


def test_an_empty_folder_means_none_but_a_mistyped_one_does_not(tmp_path: Path) -> None:
    """A benchmark path that is wrong must not switch the comparison off."""
    with pytest.raises(DatasetError, match=r"No data file at"):
        lines_of(tmp_path / "typo", may_be_empty=True)
    (tmp_path / "mmlu.xlsx").write_text("x", encoding="utf-8")
    with pytest.raises(DatasetError, match=r"No data file at"):
        lines_of(tmp_path, may_be_empty=True)


def test_no_file_is_one_clear_message(tmp_path: Path) -> None:
    message = message_for(tmp_path / "missing.jsonl")
    assert "missing.jsonl" in message
    assert "--params seeds.path=" in message


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("s.parquet", "s.parquet is no Parquet file, or a damaged one"),
        ("s.xlsx", "s.xlsx is of no known kind. Known: .jsonl, .ndjson, .csv, .tsv, .parquet"),
        ("s.xlsx", "Save the sheet as CSV UTF-8."),
        ("s.json", "jq -c '.[]' OLD.json > NEW.jsonl"),
        ("s.jsonl.gz", "s.jsonl.gz cannot be read: Not a gzipped file"),
    ],
)
def test_a_file_that_is_not_what_its_name_says_is_one_clear_message(tmp_path: Path, name: str, said: str) -> None:
    (tmp_path / name).write_bytes(b"\x00nonsense")
    assert said in message_for(tmp_path / name)


def test_compressed_files_are_unpacked_as_they_are_read(tmp_path: Path) -> None:
    (tmp_path / "s.jsonl.gz").write_bytes(gzip.compress(b'{"id": 1}\n{"id": 2}\n'))
    assert lines_of(tmp_path / "s.jsonl.gz")[1] == FileRow("s.jsonl.gz", 2, {"id": 2})


def test_rows_can_be_gone_through_again(tmp_path: Path) -> None:
    (tmp_path / "s.jsonl").write_text('{"id": 1}', encoding="utf-8")
    rows = RowFilesDataset(filepath=str(tmp_path), parameter="seeds.path").load()
    assert list(rows) == list(rows) == [FileRow("s.jsonl", 1, {"id": 1})]


def test_hidden_files_are_no_data_of_a_folder(tmp_path: Path) -> None:
    """macOS leaves a file of bytes, ._name, beside every file it copies."""
    (tmp_path / "a.jsonl").write_text('{"id": 1}', encoding="utf-8")
    (tmp_path / "._a.jsonl").write_bytes(b"\x00\x05\x16\x07")
    assert len(lines_of(tmp_path)) == len(lines_of(f"{tmp_path}/*")) == 1


def test_a_link_to_a_file_is_a_file_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "far").mkdir()
    (tmp_path / "near").mkdir()
    (tmp_path / "far" / "a.jsonl").write_text('{"id": 1}', encoding="utf-8")
    (tmp_path / "near" / "b.jsonl").symlink_to(tmp_path / "far" / "a.jsonl")
    assert lines_of(tmp_path / "near") == [FileRow("b.jsonl", 1, {"id": 1})]


def test_a_name_with_brackets_is_a_file_before_it_is_a_pattern(tmp_path: Path) -> None:
    (tmp_path / "seeds[1].jsonl").write_text('{"id": 1}', encoding="utf-8")
    assert len(lines_of(tmp_path / "seeds[1].jsonl")) == 1


def test_files_of_one_name_are_told_apart_by_their_folders(tmp_path: Path) -> None:
    for folder in ("en", "zh"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "s.jsonl").write_text("{}", encoding="utf-8")
    assert [line.file for line in lines_of(tmp_path / "*" / "s.jsonl")] == ["en/s.jsonl", "zh/s.jsonl"]


@pytest.mark.parametrize(
    ("file", "collection"), [("my.exam.jsonl", "my.exam"), ("exam.CSV.gz", "exam"), ("zh/exam.parquet", "exam")]
)
def test_rows_without_a_collection_of_their_own_are_called_by_their_file(file: str, collection: str) -> None:
    assert FileRow(file, 1, {}).collection == collection


def test_kedro_viz_shows_the_first_rows_that_can_be_read(tmp_path: Path) -> None:
    (tmp_path / "s.jsonl").write_text('{"id": 1}\nbroken\n{"id": 2, "answer": "x"}\n{"id": 3}\n', encoding="utf-8")
    preview = RowFilesDataset(filepath=str(tmp_path / "s.jsonl"), parameter="seeds.path").preview(nrows=2)
    assert preview["columns"] == ["file", "line", "id", "answer"]
    assert preview["data"] == [["s.jsonl", "1", "1", ""], ["s.jsonl", "3", "2", "x"]]
