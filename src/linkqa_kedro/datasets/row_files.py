"""Files of rows that people bring, JSON Lines, CSV or Parquet: read row by row, so that a bad row costs one row."""

import csv
import glob
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from linkqa_kedro.datasets.read_only import ReadOnlyDataset
from linkqa_kedro.errors import UserError

_LONGEST_CSV_FIELD = 10_000_000


@dataclass(frozen=True)
class FileRow:
    """One row of a file.

    Attributes:
        file: File name, without its folder: where a file lies must not change results.
        line: Line on which the row ends, from 1; in Parquet files the number of the row.
        record: The row's fields; None where it cannot be read.
        problem: What is wrong with the row; empty where nothing is.
    """

    file: str
    line: int
    record: dict[str, Any] | None
    problem: str = ""


class RowFilesDataset(ReadOnlyDataset[list[FileRow]]):
    """Rows of a file, of all files that match a pattern, or of all data files of a folder (not of folders in it).

    Args:
        filepath: File, glob pattern or folder.
        parameter: Runtime parameter that names the place; said in errors.
        may_be_empty: Whether an empty folder is fine; one that does not exist, or holds other files only, never is.
        metadata: For kedro viz.
    """

    def __init__(
        self, *, filepath: str, parameter: str, may_be_empty: bool = False, metadata: dict[str, Any] | None = None
    ) -> None:
        self._filepath = filepath
        self._parameter = parameter
        self._may_be_empty = may_be_empty
        self.metadata = metadata

    def load(self) -> list[FileRow]:
        """Rows in the order of the file names.

        Raises:
            UserError: If there is no such file, it is of another kind, or it cannot be opened.
        """
        files = self._files()
        if not files and not self._is_empty_on_purpose():
            raise UserError(
                f"No data file at {self._filepath}. Name an existing file, pattern or folder: "
                f"kedro run --params {self._parameter}=my_file.jsonl ({_known_kinds()})"
            )
        return [row for path in files for row in _read(path)]

    def _is_empty_on_purpose(self) -> bool:
        """An empty folder says "none"; a mistyped path must not."""
        place = Path(self._filepath)
        visible = [path for path in place.glob("*") if not path.name.startswith(".")] if place.is_dir() else [place]
        return self._may_be_empty and not visible

    def _files(self) -> list[Path]:
        place = Path(self._filepath)
        if place.is_dir():
            return sorted(path for path in place.iterdir() if path.is_file() and path.suffix.lower() in _READERS)
        if place.is_file():
            return [place]
        return sorted(Path(path) for path in glob.glob(self._filepath) if Path(path).is_file())

    def _exists(self) -> bool:
        return True  # what is missing is said by `load`, which knows how to name it

    def _describe(self) -> dict[str, Any]:
        return {"filepath": self._filepath, "parameter": self._parameter}


def _read(path: Path) -> Iterator[FileRow]:
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        raise UserError(f"{path} is of no known kind. Known: {_known_kinds()}.")
    try:
        yield from reader(path)
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror or error}.") from error


def _read_json_lines(path: Path) -> Iterator[FileRow]:
    for number, line in enumerate(path.read_bytes().split(b"\n"), start=1):
        if line.strip():
            yield _read_json_line(path.name, number, line)


def _read_json_line(file: str, number: int, line: bytes) -> FileRow:
    try:
        record = json.loads(line.decode("utf-8-sig"))
        json.dumps(record, ensure_ascii=False).encode()
    except UnicodeDecodeError as error:
        return FileRow(file, number, None, f"byte {error.start} is not UTF-8")
    except UnicodeEncodeError:
        return FileRow(file, number, None, "holds half of a surrogate pair, which is no character")
    except json.JSONDecodeError as error:
        return FileRow(file, number, None, f"not JSON: {error.msg} at character {error.pos}")
    if not isinstance(record, dict):
        return FileRow(file, number, None, f"a JSON {type(record).__name__}, not an object")
    return FileRow(file, number, record)


def _read_csv(path: Path) -> Iterator[FileRow]:
    csv.field_size_limit(_LONGEST_CSV_FIELD)
    # Bytes that are not UTF-8 come through as half surrogates, so that they cost their row and not the file.
    with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as stream:
        rows = csv.DictReader(stream)
        while True:
            try:
                row = next(rows, None)
            except csv.Error as error:
                yield FileRow(path.name, rows.line_num, None, f"not CSV: {error}")
                return  # where the next row begins cannot be told any more
            if row is None:
                return
            yield _read_csv_row(path.name, rows.line_num, row)


def _read_csv_row(file: str, number: int, row: dict[Any, Any]) -> FileRow:
    if None in row:
        return FileRow(file, number, None, f"holds {len(row[None])} fields more than the first line names")
    try:
        "".join(value for value in row.values() if value).encode()
    except UnicodeEncodeError:
        return FileRow(file, number, None, "is not UTF-8")
    return FileRow(file, number, {name: value for name, value in row.items() if value not in (None, "")})


def _read_parquet(path: Path) -> Iterator[FileRow]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(path)
    except pa.ArrowException as error:
        raise UserError(f"{path} is no Parquet file: {error}") from error
    for number, record in enumerate(table.to_pylist(), start=1):
        yield FileRow(path.name, number, {name: value for name, value in record.items() if value is not None})


_READERS: dict[str, Callable[[Path], Iterator[FileRow]]] = {
    ".jsonl": _read_json_lines,
    ".csv": _read_csv,
    ".parquet": _read_parquet,
}


def _known_kinds() -> str:
    return ", ".join(_READERS)
