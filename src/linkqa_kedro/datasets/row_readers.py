"""From bytes to rows, one kind of file each: a bad row costs one row, and memory does not grow with the file."""

import codecs
import csv
import json
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from itertools import chain
from typing import IO, Any, NamedTuple

LONGEST_LINE_BYTES = 10_000_000
"""Longer lines are skipped: a record of text is a thousand times shorter, and a line is decoded in memory."""

_SKIPPED_AT_ONCE = 1 << 20
_PARQUET_ROWS_AT_ONCE = 1024
_PARQUET_BYTES_AT_ONCE = 1 << 20
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class ReadRow(NamedTuple):
    """A row, or what is wrong with it.

    Attributes:
        line: Line on which the row ends, from 1; in Parquet files the number of the row.
        record: The row's fields; None where it cannot be read.
        problem: What is wrong; empty where nothing is.
    """

    line: int
    record: dict[str, Any] | None
    problem: str = ""


RowReader = Callable[[IO[bytes]], Iterator[ReadRow]]


class NotOfThisKind(Exception):
    """A file whose content is not what its name says."""


class _LineTooLong(Exception):
    """A line over the limit; the next one can be read."""


class _Lines(Iterator[bytes]):
    """Lines of a stream, none longer than the limit: a longer one is skipped in blocks, and said.

    Attributes:
        number: Of the line that was read last, from 1.
    """

    def __init__(self, stream: IO[bytes], longest: int) -> None:
        self._stream = stream
        self._longest = longest
        self.number = 0

    def __next__(self) -> bytes:
        line = self._stream.readline(self._longest + 1)
        if not line:
            raise StopIteration
        self.number += 1
        if len(line) > self._longest and not line.endswith(b"\n"):
            del line
            while (block := self._stream.readline(_SKIPPED_AT_ONCE)) and not block.endswith(b"\n"):
                pass
            raise _LineTooLong(f"line longer than {self._longest:,} bytes")
        return line


def read_json_lines(stream: IO[bytes], longest: int = LONGEST_LINE_BYTES) -> Iterator[ReadRow]:
    """One row for every line that is not blank.

    Args:
        stream: Where the file begins.
        longest: Longest line that is read, in bytes.
    """
    lines = _Lines(stream, longest)
    while True:
        try:
            line = next(lines, None)
        except _LineTooLong as problem:
            yield ReadRow(lines.number, None, str(problem))
            continue
        if line is None:
            return
        if lines.number == 1 and line.startswith(_UTF_16):
            yield ReadRow(1, None, f"the file is not UTF-8{_how_to_convert(line)}")
            return
        if line.strip():
            yield _read_json_line(lines.number, line)


def _read_json_line(number: int, line: bytes) -> ReadRow:
    try:
        record = json.loads(line.decode("utf-8-sig"))
        json.dumps(record, ensure_ascii=False).encode()
    except UnicodeDecodeError as error:
        return ReadRow(number, None, f"byte {error.start} is not UTF-8{_how_to_convert(line)}")
    except UnicodeEncodeError:
        return ReadRow(number, None, "holds half of a surrogate pair, which is no character")
    except json.JSONDecodeError as error:
        return ReadRow(number, None, f"not JSON: {error.msg} at character {error.pos}")
    except (ValueError, RecursionError):
        return ReadRow(
            number, None, "not JSON that can be read: a number of thousands of digits, or too deep a nesting"
        )
    if not isinstance(record, dict):
        return ReadRow(number, None, f"a JSON {type(record).__name__}, not an object")
    return ReadRow(number, record)


def _how_to_convert(data: bytes) -> str:
    """A guess at the encoding of bytes that are not UTF-8, and what to do about it."""
    if data.startswith(_UTF_16):
        encoding = "utf-16"
    elif b"\0" in data:
        return "; it is no text"
    else:  # a Chinese character is two high bytes; a letter with an accent is one among low ones
        runs = re.findall(rb"[\x80-\xff]+", data)
        encoding = "gbk" if sum(len(run) >= 2 for run in runs) * 2 > len(runs) else "windows-1252"
    return f" (perhaps {encoding}; convert the file: iconv -f {encoding} -t utf-8 OLD > NEW)"


def read_csv(stream: IO[bytes], longest: int = LONGEST_LINE_BYTES) -> Iterator[ReadRow]:
    """One row for every row that is not blank; the first line names the columns.

    Columns are parted by comma, semicolon or tab, whichever the first line holds most. A cell that is empty is a
    field that is missing.

    Args:
        stream: Where the file begins.
        longest: Longest line that is read, in bytes.
    """
    csv.field_size_limit(longest)
    lines = _Lines(stream, longest)
    # Bytes that are not UTF-8 come through as half surrogates, so that they cost their row and not the file.
    texts = map(_decoded, lines)
    try:
        first = next(texts, "").removeprefix("\ufeff")  # the byte order mark that Excel writes
        rows = csv.reader(chain([first], texts), delimiter=_delimiter(first), strict=True, skipinitialspace=True)
        header = _header(first, rows)
    except (_LineTooLong, csv.Error) as problem:
        yield ReadRow(lines.number, None, f"the line that names the columns cannot be used: {problem}")
        return
    yield from _read_csv_rows(rows, header, lines)


def _decoded(line: bytes) -> str:
    return line.decode("utf-8", "surrogateescape")


def _delimiter(header: str) -> str:
    return max(",;\t", key=header.count)


def _header(first: str, rows: Iterator[list[str]]) -> list[str]:
    raw = first.encode("utf-8", "surrogateescape")
    if raw.startswith(_UTF_16) or not _is_unicode(first):
        raise csv.Error(f"not UTF-8{_how_to_convert(raw)}")
    header = [name.strip() for name in next(rows, [])]
    repeated = [name for name in header if name and header.count(name) > 1]
    if repeated:
        raise csv.Error(f"it names the column {repeated[0]!r} twice")
    return header


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _read_csv_rows(rows: Iterator[list[str]], header: list[str], lines: _Lines) -> Iterator[ReadRow]:
    while True:
        began = lines.number + 1
        try:
            row = next(rows, None)
        except _LineTooLong as problem:
            yield ReadRow(lines.number, None, str(problem))
            continue
        except csv.Error as error:
            yield ReadRow(lines.number, None, f"not CSV: {_told(error, began, lines.number)}")
            continue
        if row is None:
            return
        if any(row):
            yield _read_csv_row(lines.number, header, row)


def _told(error: csv.Error, began: int, ended: int) -> str:
    if ended > began or "unexpected end of data" in str(error):
        return f"a quote opens in the row of line {began} and is not closed before line {ended}: all of it is lost"
    return str(error)


def _read_csv_row(number: int, header: list[str], row: list[str]) -> ReadRow:
    if any(row[len(header) :]):
        return ReadRow(number, None, f"holds {len(row) - len(header)} fields more than the first line names")
    text = "".join(row)
    if not _is_unicode(text):
        return ReadRow(number, None, f"is not UTF-8{_how_to_convert(text.encode('utf-8', 'surrogateescape'))}")
    return ReadRow(number, {name: value for name, value in zip(header, row, strict=False) if name and value})


def read_parquet(stream: IO[bytes]) -> Iterator[ReadRow]:
    """One row for every row; null is a field that is missing.

    Raises:
        NotOfThisKind: If the file is no Parquet file, or a damaged one.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    with tempfile.TemporaryFile() as copy:
        if not stream.seekable():  # Parquet is read from its end
            shutil.copyfileobj(stream, copy)
            stream = copy
        number = 0
        try:
            # Without buffering ahead, a row group of any size is read in pieces.
            file = pq.ParquetFile(stream, pre_buffer=False, buffer_size=_PARQUET_BYTES_AT_ONCE)
            for batch in file.iter_batches(batch_size=_PARQUET_ROWS_AT_ONCE):
                yield from _read_batch(batch, number)
                number += batch.num_rows
        except (pa.ArrowException, OSError) as error:
            raise NotOfThisKind(f"is no Parquet file, or a damaged one: {str(error).splitlines()[0]}") from error


def _read_batch(batch: Any, before: int) -> Iterator[ReadRow]:
    try:
        records = batch.to_pylist(maps_as_pydicts="lossy")
    except UnicodeDecodeError:  # text in Parquet is UTF-8 by promise only: find the rows that break it
        for place in range(batch.num_rows):
            yield _read_parquet_row(batch.slice(place, 1), before + place + 1)
        return
    for place, record in enumerate(records, start=1):
        yield ReadRow(before + place, _without_nulls(record))


def _read_parquet_row(row: Any, number: int) -> ReadRow:
    try:
        return ReadRow(number, _without_nulls(row.to_pylist(maps_as_pydicts="lossy")[0]))
    except UnicodeDecodeError:
        return ReadRow(number, None, "is not UTF-8")


def _without_nulls(record: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in record.items() if value is not None}
