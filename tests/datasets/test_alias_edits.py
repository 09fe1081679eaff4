"""A person's choices of names are read as they stand, or refused with their line."""

from pathlib import Path

import pytest
from kedro.io.core import DatasetError

from linkqa_kedro.cli import message_for_the_user
from linkqa_kedro.datasets.alias_edits import AliasEditsDataset


def read(tmp_path: Path, content: str | bytes) -> dict[str, str]:
    file = tmp_path / "alias_edits.csv"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return AliasEditsDataset(filepath=str(file)).load()


def test_choices_are_read_and_remarks_are_not(tmp_path: Path) -> None:
    assert read(tmp_path, "# a remark\nalias,canonical\nmaths,mathematics\n\n") == {"maths": "mathematics"}


def test_a_hash_and_a_comma_may_belong_to_a_name(tmp_path: Path) -> None:
    assert read(tmp_path, 'alias,canonical\nC#,C sharp\n"work, heat",heat\n') == {"C#": "C sharp", "work, heat": "heat"}


def test_the_mark_that_spreadsheets_write_first_is_no_part_of_a_name(tmp_path: Path) -> None:
    assert read(tmp_path, "\ufeffalias,canonical\n概率论,概率\n") == {"概率论": "概率"}


@pytest.mark.parametrize("head", ["alias,canonical", "alias,canonical,rule,score"])
def test_a_row_copied_from_the_table_of_aliases_is_a_choice(tmp_path: Path, head: str) -> None:
    content = f"{head}\nforces,force,plural,0.8333\nmaths,mathematics\nlaw for gas,gas law,adjudicated,1.0\n"
    assert read(tmp_path, content) == {"forces": "force", "maths": "mathematics", "law for gas": "gas law"}


@pytest.mark.parametrize("content", ["", "# only a remark\n", "alias,canonical\n"])
def test_a_file_may_hold_no_choice(tmp_path: Path, content: str) -> None:
    assert read(tmp_path, content) == {}


def test_without_a_file_there_are_no_choices(tmp_path: Path) -> None:
    assert AliasEditsDataset(filepath=str(tmp_path / "none.csv")).load() == {}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("alias\na\n", "must begin with the line alias,canonical"),
        ("alias,canonical\na,\n", "Line 2 of"),
        ("alias,canonical\na,b,c\n", "Line 2 of"),
        ("alias,canonical\nwork, heat,work and heat,0.5\n", "Line 2 of"),
        ("# x\nalias,canonical\na,b\na,c\n", "Line 4 of"),
        ("alias,canonical\n概率论,概率\n".encode("gbk"), "is not UTF-8"),
    ],
)
def test_what_cannot_be_used_is_one_clear_message(tmp_path: Path, content: str | bytes, said: str) -> None:
    with pytest.raises(DatasetError) as error:
        read(tmp_path, content)
    assert said in str(message_for_the_user(error.value))
