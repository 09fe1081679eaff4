"""Bytes become rows: a bad row costs one row, and memory does not grow with the file."""

import csv
import io
import tracemalloc
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkqa_kedro.datasets.row_readers import NotOfThisKind, ReadRow, read_csv, read_json_lines, read_parquet

MEGABYTE = 1 << 20


def json_rows(content: bytes, **limit: int) -> list[ReadRow]:
    return list(read_json_lines(io.BytesIO(content), **limit))


def csv_rows(content: bytes, **limit: int) -> list[ReadRow]:
    return list(read_csv(io.BytesIO(content), **limit))


def parquet_bytes(table: pa.Table) -> bytes:
    stream = io.BytesIO()
    pq.write_table(table, stream)
    return stream.getvalue()


def parquet_rows(table: pa.Table) -> list[ReadRow]:
    return list(read_parquet(io.BytesIO(parquet_bytes(table))))


class OneLine(io.RawIOBase):
    """A file of a single line, made while it is read."""

    def __init__(self, n_bytes: int) -> None:
        self._left = n_bytes

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        n_bytes = min(len(buffer), self._left)
        buffer[:n_bytes] = b"x" * n_bytes
        self._left -= n_bytes
        return n_bytes


class OneWay(io.BytesIO):
    """A stream that cannot go back."""

    def seekable(self) -> bool:
        return False


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (b'{"id": ', "not JSON"),
        (b"[1, 2]", "a JSON list, not an object"),
        (b"null", "a JSON NoneType"),
        (b'{"id": "\\ud83d"}', "half of a surrogate pair"),
        (b'{"id": ' + b"9" * 5000 + b"}", "a number of thousands of digits"),
        (b"[" * 200_000, "too deep a nesting"),
        (b'{"id": "\xff"}', "byte 8 is not UTF-8"),
        ('{"question": "光合作用"}'.encode("gbk"), "perhaps gbk; convert the file: iconv -f gbk -t utf-8 OLD > NEW"),
        ('{"question": "café à la crème"}'.encode("cp1252"), "perhaps windows-1252"),
        (b"\x89PNG\r\0\0\0", "is not UTF-8; it is no text"),
        (b'{"id": "' + b"x" * 300_000, "line longer than 250,000 bytes"),
    ],
)
def test_a_broken_line_costs_one_line(line: bytes, problem: str) -> None:
    first, second, third = json_rows(b'{"id": 1}\n' + line + b'\n{"id": 3}', longest=250_000)
    assert (first.record, third) == ({"id": 1}, ReadRow(3, {"id": 3}))
    assert (second.line, second.record) == (2, None)
    assert problem in second.problem


def test_a_byte_order_mark_is_no_part_of_a_line() -> None:
    assert json_rows(b'\xef\xbb\xbf{"id": 1}\n\xef\xbb\xbf{"id": 2}') == [ReadRow(1, {"id": 1}), ReadRow(2, {"id": 2})]
    assert csv_rows(b"\xef\xbb\xbfid\n1\n") == [ReadRow(2, {"id": "1"})]


@pytest.mark.parametrize("rows_of", [json_rows, csv_rows])
def test_a_file_in_utf_16_is_one_row_that_says_so(rows_of: Callable[[bytes], list[ReadRow]]) -> None:
    (row,) = rows_of('{"id": 1}\n{"id": 2}\n'.encode("utf-16"))
    assert "perhaps utf-16; convert the file: iconv -f utf-16" in row.problem


@pytest.mark.parametrize("reader", [read_json_lines, read_csv])
def test_a_line_of_any_length_takes_little_memory(reader: Callable[..., Any]) -> None:
    stream = io.BufferedReader(OneLine(64 * MEGABYTE))
    tracemalloc.start()
    (row,) = reader(stream, longest=MEGABYTE)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert "line longer than 1,048,576 bytes" in row.problem
    assert most < 8 * MEGABYTE


def test_a_csv_field_may_hold_quotes_commas_and_line_breaks() -> None:
    first, second = csv_rows(b'id,question\n1,"He said ""why"",\nthen left"\n2,so\n')
    assert first == ReadRow(3, {"id": "1", "question": 'He said "why",\nthen left'})
    assert second == ReadRow(4, {"id": "2", "question": "so"})


CELLS = st.text(min_size=1)


@given(st.lists(st.tuples(CELLS, CELLS), min_size=1), st.sampled_from(",;\t"))
def test_what_a_program_writes_as_csv_is_read_back(pairs: list[tuple[str, str]], delimiter: str) -> None:
    written = io.StringIO()
    csv.writer(written, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerows([("id", "question"), *pairs])
    rows = csv_rows(written.getvalue().encode())
    assert [row.record for row in rows] == [{"id": id_, "question": question} for id_, question in pairs]


@pytest.mark.parametrize("delimiter", [b",", b";", b"\t"])
def test_columns_are_parted_as_the_first_line_shows(delimiter: bytes) -> None:
    """Excel parts by semicolons where the comma is a decimal mark."""
    content = b"id|question\n1|a\n".replace(b"|", delimiter)
    assert csv_rows(content) == [ReadRow(2, {"id": "1", "question": "a"})]


def test_empty_cells_rows_and_columns_are_nothing() -> None:
    content = b"id,answer,,\n1,,,\n,,,\n2\n\n"
    assert csv_rows(content) == [ReadRow(2, {"id": "1"}), ReadRow(4, {"id": "2"})]


@pytest.mark.parametrize(
    ("bad", "problem"),
    [
        (b"2,a,b,c", "2 fields more than the first line names"),
        (b"2,\xff", "is not UTF-8 (perhaps windows-1252"),
        (b'2,"a"b', "not CSV: ',' expected after '\"'"),
        (b"2," + b"x" * 2000, "line longer than 1,000 bytes"),
    ],
)
def test_a_broken_csv_row_costs_one_row(bad: bytes, problem: str) -> None:
    first, second, third = csv_rows(b"id,question\n1,a\n" + bad + b"\n3,c\n", longest=1000)
    assert (first.record, third) == ({"id": "1", "question": "a"}, ReadRow(4, {"id": "3", "question": "c"}))
    assert (second.line, second.record) == (3, None)
    assert problem in second.problem


def test_a_quote_that_is_never_closed_is_said_with_the_lines_it_costs() -> None:
    first, second = csv_rows(b'id,question\n1,a\n2,"open\n3,c\n4,d\n')
    assert first.record == {"id": "1", "question": "a"}
    assert "a quote opens in the row of line 3 and is not closed before line 5" in second.problem


def test_after_a_quote_that_stays_open_too_long_rows_are_read_again() -> None:
    rows = csv_rows(b'id,question\n1,"open\n' + b"2,b\n" * 100, longest=200)
    assert "a quote opens in the row of line 2" in rows[0].problem
    assert rows[-1] == ReadRow(102, {"id": "2", "question": "b"})


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"id,question,id\n1,a,2\n", "it names the column 'id' twice"),
        ("编号,题目\n1,光\n".encode("gbk"), "not UTF-8 (perhaps gbk"),
        (b"\x89PNG\x00,\xff\n\x00\n", "not UTF-8; it is no text"),
    ],
)
def test_a_csv_file_whose_first_line_is_no_use_is_one_row(content: bytes, problem: str) -> None:
    (row,) = csv_rows(content)
    assert row.record is None
    assert f"the line that names the columns cannot be used: {problem}" in row.problem


def test_rows_of_parquet_are_numbered_and_keep_their_types() -> None:
    rows = [{"id": 1, "options": {"A": "x", "B": "y"}}, {"id": 2, "options": None}]
    assert parquet_rows(pa.Table.from_pylist(rows)) == [ReadRow(1, rows[0]), ReadRow(2, {"id": 2})]


def test_a_map_in_parquet_is_an_object() -> None:
    options = pa.array([[("A", "x"), ("B", "y")]], pa.map_(pa.string(), pa.string()))
    assert parquet_rows(pa.table({"options": options})) == [ReadRow(1, {"options": {"A": "x", "B": "y"}})]


def test_a_row_of_parquet_that_is_not_utf_8_costs_one_row() -> None:
    bytes_as_text = pa.array([b"a", b"\xff", b"c"], pa.binary()).view(pa.string())
    assert parquet_rows(pa.table({"id": bytes_as_text})) == [
        ReadRow(1, {"id": "a"}),
        ReadRow(2, None, "is not UTF-8"),
        ReadRow(3, {"id": "c"}),
    ]


def test_parquet_is_read_from_a_stream_that_cannot_go_back() -> None:
    stream = OneWay(parquet_bytes(pa.table({"id": [1, 2]})))
    assert [row.record for row in read_parquet(stream)] == [{"id": 1}, {"id": 2}]


def test_half_a_parquet_file_is_one_clear_message() -> None:
    whole = parquet_bytes(pa.table({"id": [1, 2]}))
    with pytest.raises(NotOfThisKind, match="is no Parquet file, or a damaged one"):
        list(read_parquet(io.BytesIO(whole[:-20])))
