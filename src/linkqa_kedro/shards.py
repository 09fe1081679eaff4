"""Sharded tables: a folder of Parquet files that is read shard by shard, never whole by accident."""

import json
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from linkqa_kedro.records import RecordTable, rows_of, to_frame

MANIFEST = "_manifest.json"
"""Written last: a folder without it is not a table."""


@dataclass(frozen=True)
class ShardedTable:
    """A lazy handle on a table stored as Parquet shards.

    Attributes:
        folder: Where the shards lie.
        files: File names in order.
        n_rows: Rows in all shards.
    """

    folder: Path
    files: tuple[str, ...]
    n_rows: int

    @property
    def shards(self) -> list[Path]:
        """Paths of the shards, in order."""
        return [self.folder / name for name in self.files]

    def frames(self) -> Iterator[pd.DataFrame]:
        """One data frame per shard, in order."""
        for path in self.shards:
            yield to_frame(pq.read_table(path))

    def rows(self) -> Iterator[dict[str, Any]]:
        """Rows as plain dicts, shard after shard."""
        for frame in self.frames():
            yield from rows_of(frame)

    def frame(self, columns: list[str] | None = None) -> pd.DataFrame:
        """The whole table in memory: for tables known to be small, or a few columns of a large one."""
        return to_frame(pa.concat_tables([pq.read_table(path, columns=columns) for path in self.shards]))

    def head(self, n_rows: int) -> pd.DataFrame:
        """The first rows, reading only the shards they are in."""
        parts: list[pd.DataFrame] = []
        for part in self.frames():
            parts.append(part.head(n_rows - sum(map(len, parts))))
            if sum(map(len, parts)) >= n_rows:
                break
        return pd.concat(parts, ignore_index=True)


def open_table(folder: Path) -> ShardedTable:
    """Handle on a finished table.

    Raises:
        FileNotFoundError: If the folder has no manifest, so that writing never finished.
    """
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    return ShardedTable(folder, tuple(manifest["files"]), manifest["n_rows"])


def shard_name(number: int) -> str:
    """File name of a shard."""
    return f"shard-{number:05d}.parquet"


def write_shard(table: pa.Table, path: Path) -> None:
    """Write one shard by a temporary file and a rename, so that it is whole or not there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        pq.write_table(table, temporary, compression="zstd")
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def write_table(data: pd.DataFrame, declaration: RecordTable, folder: Path, rows_per_shard: int) -> ShardedTable:
    """Write a frame as shards of equal size; an empty frame gives one empty shard, which keeps the columns.

    Shard limits depend on the number of rows alone.
    """
    table = declaration.conform(data)
    return write_parts(TableParts(len(data), table.slice), declaration, folder, rows_per_shard)


@dataclass(frozen=True)
class TableParts:
    """A table that is made part by part while it is written, because the whole would not fit memory.

    Attributes:
        n_rows: Rows of the table.
        part: `part(start, length)` gives some of its rows as an Arrow table of the declared shape.
    """

    n_rows: int
    part: Callable[[int, int], pa.Table]


def write_parts(parts: TableParts, declaration: RecordTable, folder: Path, rows_per_shard: int) -> ShardedTable:
    """As `write_table`, one shard in memory at a time.

    A key is checked within each shard only.
    """

    def shards() -> Iterator[tuple[str, pa.Table]]:
        for number, start in enumerate(range(0, max(parts.n_rows, 1), rows_per_shard)):
            part = parts.part(start, rows_per_shard)
            declaration.check(part)
            yield shard_name(number), part

    return _replace_folder(folder, shards())


def adopt_shards(staged: ShardedTable, declaration: RecordTable, folder: Path) -> ShardedTable:
    """Make staged shards the table; they stay staged too, so that an unchanged shard is not computed again."""
    for path in staged.shards:
        declaration.check(pq.read_table(path))
    return _replace_folder(folder, [(path.name, path) for path in staged.shards])


def _replace_folder(folder: Path, shards: Iterable[tuple[str, pa.Table | Path]]) -> ShardedTable:
    """Build the table beside its place and swap it in: a reader sees the old one or the new one."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    fresh = folder.with_name(f".{folder.name}.new")
    old = folder.with_name(f".{folder.name}.old")
    for leftover in (fresh, old):
        shutil.rmtree(leftover, ignore_errors=True)
    fresh.mkdir()
    n_rows, files = 0, []
    for name, shard in shards:
        files.append(name)
        if isinstance(shard, Path):
            _link_or_copy(shard, fresh / name)
        else:
            pq.write_table(shard, fresh / name, compression="zstd")
        n_rows += pq.read_metadata(fresh / name).num_rows
    (fresh / MANIFEST).write_text(json.dumps({"files": files, "n_rows": n_rows}, indent=1) + "\n", encoding="utf-8")
    if folder.exists():
        folder.rename(old)
    fresh.rename(folder)
    shutil.rmtree(old, ignore_errors=True)
    return ShardedTable(folder, tuple(files), n_rows)


def _link_or_copy(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:  # another file system, or one without hard links
        shutil.copy2(source, target)
