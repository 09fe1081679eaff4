"""Tables of declared shape in the catalog: one Parquet file, or a folder of shards."""

import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from kedro.io import AbstractDataset
from kedro_datasets._typing import TablePreview

from linkqa_kedro.datasets.previews import table_preview
from linkqa_kedro.errors import UserError
from linkqa_kedro.records import TABLES, RecordTable, to_frame
from linkqa_kedro.shards import (
    MANIFEST,
    ShardedTable,
    TableParts,
    adopt_shards,
    open_table,
    write_parts,
    write_shard,
    write_table,
)


class TableDataset(AbstractDataset[pd.DataFrame, pd.DataFrame]):
    """One Parquet file that holds exactly the declared columns.

    Saving writes a temporary file and renames it, so that a reader never meets half a table.

    Args:
        filepath: Parquet file.
        table: Name of the declaration in `records.TABLES`.
        may_be_absent: Whether a missing file is an empty table.
        metadata: For kedro viz.
    """

    def __init__(
        self, *, filepath: str, table: str, may_be_absent: bool = False, metadata: dict[str, Any] | None = None
    ) -> None:
        self._filepath = Path(filepath)
        self._table = TABLES[table]
        self._may_be_absent = may_be_absent
        self.metadata = metadata

    def load(self) -> pd.DataFrame:
        """The table.

        Raises:
            UserError: If the file is damaged or does not have the declared shape.
        """
        if self._may_be_absent and not self._filepath.exists():
            return self._table.frame(())
        return to_frame(_read_declared(self._filepath, self._table))

    @property
    def files(self) -> list[Path]:
        """The Parquet files that hold the rows; none where the table is not there."""
        return [self._filepath] if self._filepath.exists() else []

    def save(self, data: pd.DataFrame) -> None:
        """Check and write the table."""
        write_shard(self._table.conform(data), self._filepath)

    def preview(self, nrows: int = 5) -> TablePreview:
        """First rows, for kedro viz."""
        return table_preview(self.load().head(nrows))

    def _exists(self) -> bool:
        return self._may_be_absent or self._filepath.exists()

    def _describe(self) -> dict[str, Any]:
        return {"filepath": self._filepath, "table": self._table.name}


class ShardedTableDataset(AbstractDataset[pd.DataFrame | ShardedTable | TableParts, ShardedTable]):
    """A folder of Parquet shards; loading gives a lazy handle, never all rows.

    Saving takes a data frame, a table in parts, or a staged table from an engine, which it adopts.

    Args:
        filepath: Folder.
        table: Name of the declaration in `records.TABLES`.
        rows_per_shard: Shard size when a data frame or parts are saved.
        metadata: For kedro viz.
    """

    def __init__(
        self, *, filepath: str, table: str, rows_per_shard: int, metadata: dict[str, Any] | None = None
    ) -> None:
        self._filepath = Path(filepath)
        self._table = TABLES[table]
        self._rows_per_shard = rows_per_shard
        self.metadata = metadata

    def load(self) -> ShardedTable:
        """Handle on the shards, each of them checked to have the declared shape.

        Raises:
            UserError: If a shard is damaged or does not have the declared shape.
        """
        try:
            table = open_table(self._filepath)
        except (ValueError, KeyError, TypeError) as error:
            raise _unusable(self._filepath / MANIFEST, self._table, error) from error
        for path in table.shards:
            _read_declared(path, self._table, schema_only=True)
        return table

    @property
    def files(self) -> list[Path]:
        """The Parquet files that hold the rows; none where the table is not there."""
        return open_table(self._filepath).shards if self._exists() else []

    def save(self, data: pd.DataFrame | ShardedTable | TableParts) -> None:
        """Check and write the shards, or adopt them."""
        if isinstance(data, ShardedTable):
            adopt_shards(data, self._table, self._filepath)
        elif isinstance(data, TableParts):
            write_parts(data, self._table, self._filepath, self._rows_per_shard)
        else:
            write_table(data, self._table, self._filepath, self._rows_per_shard)

    def preview(self, nrows: int = 5) -> TablePreview:
        """First rows, for kedro viz."""
        return table_preview(self.load().head(nrows))

    def _exists(self) -> bool:
        # The manifest is written last: a folder alone may be half a table.
        return (self._filepath / MANIFEST).exists()

    def _release(self) -> None:
        for leftover in (".new", ".old"):
            shutil.rmtree(self._filepath.with_name(f".{self._filepath.name}{leftover}"), ignore_errors=True)

    def _describe(self) -> dict[str, Any]:
        return {"filepath": self._filepath, "table": self._table.name, "rows_per_shard": self._rows_per_shard}


def _read_declared(path: Path, declaration: RecordTable, schema_only: bool = False) -> pa.Table:
    try:
        table = pq.read_schema(path).empty_table() if schema_only else pq.read_table(path)
        declaration.check(table)
    except (pa.ArrowException, ValueError, OSError) as error:
        raise _unusable(path, declaration, error) from error
    return table


def _unusable(path: Path, declaration: RecordTable, error: Exception) -> UserError:
    return UserError(
        f"{path} cannot be used as the table {declaration.name}: {error} "
        "It may be damaged or written by another version. Delete it and run the pipeline that writes it again."
    )
