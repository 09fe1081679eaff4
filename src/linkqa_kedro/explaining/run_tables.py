"""The tables that a run left on disk, asked for single rows: no table is loaded whole."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from kedro.io import DataCatalog

from linkqa_kedro.datasets.tables import ShardedTableDataset, TableDataset
from linkqa_kedro.errors import UserError
from linkqa_kedro.pipelines.qa_rows import is_qa_id, qa_id_of
from linkqa_kedro.records import rows_of, to_frame

Row = dict[str, Any]

QA_TABLES = (
    *("dataset", "enhanced_qa", "rated_qa", "synthesised_qa"),
    *("unconfirmed_qa", "unconfirmed_changes", "rejected_qa"),
)
"""Tables that hold QA, the one that knows most of a row first."""

LEVEL_MISSED = "level missed"
"""Reason of a try whose changed QA was rated and did not reach the level asked."""

NOTHING_YET = "There is no row to explain yet. Run `kedro run` first; it leaves its rows in the folders below data/."

_LISTED = 8
_CLOSEST = 3
_LEAST_LIKENESS = 60


@dataclass(frozen=True)
class Found:
    """What an identifier names.

    Attributes:
        record_id: The identifier in full.
        kind: `qa`, `path`, or `try` for a changed QA that enhancement did not keep.
        started_from: For a try, the QA it changed.
    """

    record_id: str
    kind: str
    started_from: str | None = None


class RunTables:
    """Rows of the catalog's tables, by column; a table that is not there, or lacks the column, has none."""

    def __init__(self, catalog: DataCatalog) -> None:
        self._catalog = catalog

    def rows(self, table: str, column: str, values: Iterable[Any]) -> list[Row]:
        """Rows that hold one of the values in a column, in storage order."""
        wanted = list(dict.fromkeys(values))
        return self._matching(table, column, pc.field(column).isin(wanted)) if wanted else []

    def row(self, table: str, column: str, value: Any) -> Row | None:
        """The first row that holds the value in a column, or None."""
        return next(iter(self.rows(table, column, [value])), None)

    def values(self, table: str, column: str, limit: int | None = None) -> list[Any]:
        """Values of a column, the first ones where there is a limit."""
        found: list[Any] = []
        for part in self._read(table, [column], None):
            found += part.column(column).to_pylist()
            if limit is not None and len(found) >= limit:
                return found[:limit]
        return found

    def find(self, text: str) -> Found:
        """What an identifier, or the unambiguous beginning of one, names.

        Raises:
            UserError: If nothing ran yet, or the text names nothing or several things; lists what it may mean.
        """
        beginning = text.strip()
        spellings = {beginning, f"qa-{beginning}", f"path-{beginning}"} if beginning else set()
        found = self._found(spellings)
        exact = [one for one in found if one.record_id in spellings]
        if len(exact) == 1 or len(found) == 1:
            return (exact or found)[0]
        if found:
            listed = ", ".join(one.record_id for one in found[:_LISTED])
            more = f" and {len(found) - _LISTED:,} more" if len(found) > _LISTED else ""
            raise UserError(f"{text} is the beginning of {len(found):,} identifiers: {listed}{more}. Give more of it.")
        raise UserError(self._nothing_named(beginning))

    def _found(self, spellings: set[str]) -> list[Found]:
        found: dict[str, Found] = {}
        for table in QA_TABLES:
            for qa_id in self._beginning(table, "qa_id", spellings):
                found.setdefault(qa_id, Found(qa_id, "qa"))
        for path_id in self._beginning("paths", "path_id", spellings):
            found.setdefault(path_id, Found(path_id, "path"))
        for lost in self.rows("rejected_enhancement", "reason", [LEVEL_MISSED]):
            qa_id = qa_id_of(lost["request_key"], 0)
            if any(qa_id.startswith(spelling) for spelling in spellings):
                found.setdefault(qa_id, Found(qa_id, "try", lost["qa_id"]))
        return sorted(found.values(), key=lambda one: one.record_id)

    def _beginning(self, table: str, column: str, spellings: set[str]) -> list[str]:
        condition = pa.compute.scalar(False)
        for spelling in sorted(spellings):
            condition = condition | pc.starts_with(pc.field(column), spelling)
        return [value for part in self._read(table, [column], condition) for value in part.column(column).to_pylist()]

    def _nothing_named(self, text: str) -> str:
        tables = ("synthesised_qa", "unconfirmed_qa", "enhanced_qa")
        known = [qa_id for table in tables for qa_id in self.values(table, "qa_id")]
        known = list(dict.fromkeys([*known, *self.values("paths", "path_id")]))
        if not known:
            return NOTHING_YET
        from rapidfuzz import fuzz, process

        near = process.extract(text, known, scorer=fuzz.ratio, limit=_CLOSEST, score_cutoff=_LEAST_LIKENESS)
        named = ", ".join(str(one[0]) for one in near) if near else ", ".join(known[:_CLOSEST])
        kind = "close to it" if near else "the first ones"
        a_qa = next((one for one in known if is_qa_id(one)), "qa-…")
        return (
            f"No row and no path of the last run is called {text!r}; {kind}: {named}. Identifiers stand in the columns "
            f"qa_id (like {a_qa}) and path_id of data/07_evaluation/dataset/train.parquet and "
            "data/07_evaluation/rejected_qa.parquet; `kedro explain` without one lists some."
        )

    def _matching(self, table: str, column: str, condition: Any) -> list[Row]:
        return [row for part in self._read(table, None, condition, column) for row in rows_of(to_frame(part))]

    def _read(
        self, table: str, columns: list[str] | None, condition: Any, needed: str | None = None
    ) -> Iterable[pa.Table]:
        dataset = self._catalog.get(table)
        if not isinstance(dataset, TableDataset | ShardedTableDataset):
            return
        for path in dataset.files:
            try:
                names = set(pq.read_schema(path).names)
                if not {*(columns or ()), *([needed] if needed else ())} <= names:
                    continue
                part = pq.read_table(path, columns=columns, filters=condition)
            except (pa.ArrowException, OSError) as error:
                raise UserError(
                    f"{path} cannot be read as the table {table}: {error} It may be damaged. Delete it and run the "
                    "pipeline that writes it again."
                ) from error
            yield part
