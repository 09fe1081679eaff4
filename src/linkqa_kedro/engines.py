"""Engines: map a pure function over the shards of a table."""

import hashlib
import inspect
import json
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Protocol

import pandas as pd
import pyarrow.parquet as pq

from linkqa_kedro.progress import track
from linkqa_kedro.records import RecordTable, to_frame
from linkqa_kedro.shards import ShardedTable, write_shard

ShardFunction = Callable[..., pd.DataFrame]
"""`function(shard, **constants)`: importable by name, pure; returns the rows of the shard that it writes."""


class Engine(Protocol):
    """Whatever runs the shards: local processes here, a cluster elsewhere."""

    def map(
        self, function: ShardFunction, table: ShardedTable, result: RecordTable, constants: Mapping[str, Any]
    ) -> ShardedTable:
        """Staged table with one shard per shard of the input, in the same order.

        Args:
            function: Pure function of a shard and the constants.
            table: Input.
            result: Shape of what the function returns.
            constants: Keyword arguments of every call, JSON-serialisable: they are part of a shard's fingerprint.
        """


@dataclass(frozen=True)
class LocalEngine:
    """Runs shards in processes of this machine.

    A shard whose input, function and constants have not changed since it was last staged is not computed again. Which
    worker takes which shard cannot be seen in the result.

    Attributes:
        staging: Folder for finished shards.
        n_workers: Processes; with one, or one shard, everything runs in this process.
    """

    staging: Path
    n_workers: int

    def map(
        self, function: ShardFunction, table: ShardedTable, result: RecordTable, constants: Mapping[str, Any]
    ) -> ShardedTable:
        """See `Engine.map`."""
        folder = self.staging / result.name
        made_by = _digest_of(function, constants)
        work = partial(_stage_shard, function, result, dict(constants), folder, made_by)
        if self.n_workers == 1 or len(table.files) == 1:
            counts = list(track(map(work, table.shards), result.name, "shards", len(table.files)))
        else:
            # Spawned, not forked: forking a process that runs threads can deadlock its child.
            with ProcessPoolExecutor(min(self.n_workers, len(table.files)), get_context("spawn")) as pool:
                counts = list(track(pool.map(work, table.shards), result.name, "shards", len(table.files)))
        return ShardedTable(folder, table.files, sum(counts))


def _stage_shard(
    function: ShardFunction, result: RecordTable, constants: dict[str, Any], folder: Path, made_by: str, shard: Path
) -> int:
    """Compute one shard unless it is there already; number of rows it holds."""
    target = folder / shard.name
    mark = folder / f"{shard.name}.fingerprint"
    fingerprint = f"{made_by} {hashlib.sha256(shard.read_bytes()).hexdigest()}"
    if not (target.exists() and mark.exists() and mark.read_text(encoding="utf-8") == fingerprint):
        mark.unlink(missing_ok=True)
        rows = function(to_frame(pq.read_table(shard)), **constants)
        write_shard(result.conform(rows), target)
        mark.write_text(fingerprint, encoding="utf-8")
    n_rows: int = pq.read_metadata(target).num_rows
    return n_rows


def _digest_of(function: ShardFunction, constants: Mapping[str, Any]) -> str:
    """Digest of the constants and of all code that the function may call: its own file and this package's."""
    own = inspect.getsourcefile(function)
    files = [*sorted(Path(__file__).parent.rglob("*.py")), *([Path(own)] if own else [])]
    digest = hashlib.sha256(function.__qualname__.encode())
    for file in files:
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    digest.update(json.dumps(constants, sort_keys=True, ensure_ascii=False).encode())
    return digest.hexdigest()
