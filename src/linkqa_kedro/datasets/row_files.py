"""Files of rows that people bring, JSON Lines, CSV or Parquet: read row by row, so that a bad row costs one row."""

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from os.path import commonpath
from pathlib import PurePosixPath
from typing import Any

import pandas as pd
from kedro_datasets._typing import TablePreview

from linkqa_kedro.datasets.places import COMPRESSIONS, Place, PlacedFile, find_place, without_secrets
from linkqa_kedro.datasets.previews import table_preview
from linkqa_kedro.datasets.read_only import ReadOnlyDataset
from linkqa_kedro.datasets.row_readers import NotOfThisKind, RowReader, read_csv, read_json_lines, read_parquet
from linkqa_kedro.errors import UserError

logger = logging.getLogger(__name__)

_READERS: dict[str, RowReader] = {
    ".jsonl": read_json_lines,
    ".ndjson": read_json_lines,
    ".csv": read_csv,
    ".tsv": read_csv,
    ".parquet": read_parquet,
}

_ADVICE = {
    ".json": "Write one object a line, and call it .jsonl; a list becomes lines with: jq -c '.[]' OLD.json > NEW.jsonl",
    ".xlsx": "Save the sheet as CSV UTF-8.",
    ".xls": "Save the sheet as CSV UTF-8.",
}


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

    @property
    def collection(self) -> str:
        """File name without its endings: the name of rows that carry none of their own."""
        return PurePosixPath(_without_compression(self.file)).stem


@dataclass(frozen=True)
class RowFiles:
    """Rows of files, in order; read anew, and one at a time, whenever they are gone through.

    Attributes:
        files: Name by which each file is told from the others, and the file.
    """

    files: Mapping[str, PlacedFile]

    def __iter__(self) -> Iterator[FileRow]:
        """Rows in the order of the files.

        Raises:
            UserError: If a file cannot be read, or is not what its name says.
        """
        for name, file in self.files.items():
            try:
                with file.open() as stream:
                    for row in _READERS[_ending(file.name)](stream):
                        yield FileRow(name, row.line, row.record, row.problem)
            except NotOfThisKind as error:
                raise UserError(f"{file.shown} {error}.") from error
            except OSError as error:
                raise UserError(f"{file.shown} cannot be read: {error.strerror or error}.") from error


class RowFilesDataset(ReadOnlyDataset[RowFiles]):
    """Rows of a file, of all files that match a pattern, or of all data files of a folder (not of folders in it).

    Args:
        filepath: File, glob pattern or folder: a path, or any address that fsspec knows.
        parameter: Runtime parameter that names the place; said in errors.
        may_be_empty: Whether an empty folder is fine; one that does not exist, or holds other files only, never is.
        credentials: Storage options of the address's protocol, as in Kedro's own datasets.
        metadata: For kedro viz.
    """

    def __init__(
        self,
        *,
        filepath: str,
        parameter: str,
        may_be_empty: bool = False,
        credentials: dict[str, Any] | None = None,
        metadata: dict[str, Any] | None = None,
    ) -> None:
        self._filepath = filepath
        self._parameter = parameter
        self._may_be_empty = may_be_empty
        self._credentials = credentials
        self.metadata = metadata

    def load(self) -> RowFiles:
        """The files in the order of their paths; their rows are read when they are gone through.

        Raises:
            UserError: If there is no such file, it is of another kind, or the place does not answer.
        """
        place = find_place(self._filepath, self._credentials)
        files = [file for file in place.files if _ending(file.name) in _READERS]
        if not files:
            self._check_that_none_is_meant(place)
        left_out = [file.name for file in place.files if _ending(file.name) not in _READERS]
        if files and left_out:
            logger.info("%s: %d files of rows; left out: %s", self._parameter, len(files), ", ".join(left_out))
        return RowFiles(_named(files))

    def _check_that_none_is_meant(self, place: Place) -> None:
        """An empty folder says "none"; a mistyped path must not."""
        if place.is_folder and not place.files and self._may_be_empty:
            return
        if place.files and not place.is_folder:
            ending = _ending(place.files[0].name)
            is_bare_address = not ending and "://" in self._filepath
            advice = "The address of a folder ends in /." if is_bare_address else _ADVICE.get(ending, "")
            raise UserError(f"{place.files[0].shown} is of no known kind. Known: {_known_kinds()}. {advice}".rstrip())
        raise UserError(
            f"No data file at {without_secrets(self._filepath)}. Name an existing file, pattern or folder: "
            f"kedro run --params {self._parameter}=my_file.jsonl ({_known_kinds()})"
        )

    def preview(self, nrows: int = 5) -> TablePreview:
        """First rows that can be read, for kedro viz."""
        readable = (row for row in self.load() if row.record is not None)
        return table_preview(
            pd.DataFrame(
                [{"file": row.file, "line": row.line, **(row.record or {})} for row in islice(readable, nrows)]
            )
        )

    def _exists(self) -> bool:
        return True  # what is missing is said by `load`, which knows how to name it

    def _describe(self) -> dict[str, Any]:
        return {"filepath": self._filepath, "parameter": self._parameter}


def _without_compression(name: str) -> str:
    path = PurePosixPath(name)
    return str(path.with_suffix("")) if path.suffix.lower() in COMPRESSIONS else name


def _ending(name: str) -> str:
    """What tells the kind of a file, in lower case: `.csv` of `seeds.CSV.gz`."""
    return PurePosixPath(_without_compression(name)).suffix.lower()


def _named(files: list[PlacedFile]) -> dict[str, PlacedFile]:
    """Files by name; with the folders that tell them apart where names repeat."""
    if len({file.name for file in files}) == len(files):
        return {file.name: file for file in files}
    shared = commonpath([file.path for file in files])
    return {without_secrets(str(PurePosixPath(file.path).relative_to(shared))): file for file in files}


def _known_kinds() -> str:
    return f"{', '.join(_READERS)}; all but Parquet also with {', '.join(COMPRESSIONS)}"
