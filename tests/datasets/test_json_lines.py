"""Files that people bring are read line by line."""

from pathlib import Path

import pytest
from kedro.io.core import DatasetError

from linkqa_kedro.cli import message_for_the_user
from linkqa_kedro.datasets.json_lines import JsonLine, JsonLinesDataset


def lines_of(path: Path | str, **settings: bool) -> list[JsonLine]:
    return JsonLinesDataset(filepath=str(path), parameter="seeds.path", **settings).load()


def test_every_line_keeps_its_number(tmp_path: Path) -> None:
    (tmp_path / "s.jsonl").write_text('{"id": 1}\n\n{"id": 2}\n', encoding="utf-8")
    assert lines_of(tmp_path / "s.jsonl") == [JsonLine("s.jsonl", 1, {"id": 1}), JsonLine("s.jsonl", 3, {"id": 2})]


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
    with pytest.raises(DatasetError, match=r"No \.jsonl file at"):
        lines_of(tmp_path / "typo", may_be_empty=True)
    (tmp_path / "mmlu.csv").write_text("x", encoding="utf-8")
    with pytest.raises(DatasetError, match=r"No \.jsonl file at"):
        lines_of(tmp_path, may_be_empty=True)


def test_half_a_surrogate_pair_costs_one_line(tmp_path: Path) -> None:
    (tmp_path / "s.jsonl").write_text('{"id": "\\ud83d"}\n{"id": "ok"}', encoding="utf-8")
    first, second = lines_of(tmp_path / "s.jsonl")
    assert "surrogate" in first.problem
    assert second.record == {"id": "ok"}
