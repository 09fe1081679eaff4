"""A person's choices of knowledge point names, from a CSV file."""

import csv
import re
from pathlib import Path
from typing import Any

import pandas as pd
from kedro_datasets._typing import TablePreview

from linkqa_kedro.datasets.previews import table_preview
from linkqa_kedro.datasets.read_only import ReadOnlyDataset
from linkqa_kedro.errors import UserError
from linkqa_kedro.text_hygiene.canonical_names import RULES

_COLUMNS = ["alias", "canonical"]
# A row of `aliases` as it stands there; its rule and score are read over.
_COPIED_COLUMNS = [*_COLUMNS, "rule", "score"]
_SCORE = re.compile(r"[01](\.\d+)?")


class AliasEditsDataset(ReadOnlyDataset[dict[str, str]]):
    """Canonical name by alias; equal names keep a name apart. Without a file there are no choices.

    Lines that start with # are remarks; a # within a name belongs to it (C#). A row copied from the table `aliases`,
    with its rule and score, is a choice like any other: it makes the merge fast.

    Args:
        filepath: CSV file with the columns alias and canonical.
        metadata: For kedro viz.
    """

    def __init__(self, *, filepath: str, metadata: dict[str, Any] | None = None) -> None:
        self._filepath = Path(filepath)
        self.metadata = metadata

    def load(self) -> dict[str, str]:
        """The choices.

        Raises:
            UserError: If the file is not UTF-8, lacks a column, or a row is incomplete or repeats an alias.
        """
        if not self._filepath.exists():
            return {}
        try:
            lines = self._filepath.read_text(encoding="utf-8-sig").splitlines()
        except UnicodeDecodeError as error:
            raise UserError(
                f"{self._filepath} is not UTF-8 (byte {error.start}). Save it as CSV UTF-8: Excel offers both."
            ) from error
        numbered = [(number, line) for number, line in enumerate(lines, start=1) if line.strip() and line[0] != "#"]
        if not numbered:
            return {}
        rows = [[field.strip() for field in row] for row in csv.reader(line for _, line in numbered)]
        if rows[0] not in (_COLUMNS, _COPIED_COLUMNS):
            raise UserError(f"{self._filepath} must begin with the line alias,canonical, got {','.join(rows[0])!r}.")
        return self._read_rows([(number, row) for (number, _), row in zip(numbered, rows, strict=True)][1:])

    def _read_rows(self, rows: list[tuple[int, list[str]]]) -> dict[str, str]:
        choices: dict[str, str] = {}
        for number, row in rows:
            if not (len(row) == len(_COLUMNS) or _is_copied(row)) or not all(row):
                raise UserError(f"Line {number} of {self._filepath} must hold alias,canonical, got {','.join(row)!r}.")
            alias, canonical = row[:2]
            if alias in choices:
                raise UserError(f"Line {number} of {self._filepath} names the alias '{alias}' again. Keep one row.")
            choices[alias] = canonical
        return choices

    def preview(self, nrows: int = 5) -> TablePreview:
        """First choices, for kedro viz."""
        return table_preview(pd.DataFrame(list(self.load().items())[:nrows], columns=_COLUMNS))

    def _exists(self) -> bool:
        return True  # no file means no choices

    def _describe(self) -> dict[str, Any]:
        return {"filepath": self._filepath}


def _is_copied(row: list[str]) -> bool:
    """Whether a row stands as in `aliases`; four fields may also be names with commas that lack their quotes."""
    return len(row) == len(_COPIED_COLUMNS) and row[2] in RULES and bool(_SCORE.fullmatch(row[3]))
