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
        work = partial(_stage_shard, function, result, dict(constants), folder)
        if self.n_workers == 1 or len(table.files) == 1:
            counts = [work(path) for path in table.shards]
        else:
            # Spawned, not forked: forking a process that runs threads can deadlock its child.
            with ProcessPoolExecutor(min(self.n_workers, len(table.files)), get_context("spawn")) as pool:
                counts = list(pool.map(work, table.shards))
        return ShardedTable(folder, table.files, sum(counts))


def _stage_shard(
    function: ShardFunction, result: RecordTable, constants: dict[str, Any], folder: Path, shard: Path
) -> int:
    """Compute one shard unless it is there already; number of rows it holds."""
    target = folder / shard.name
    mark = folder / f"{shard.name}.fingerprint"
    fingerprint = _fingerprint(function, constants, shard)
    if not (target.exists() and mark.exists() and mark.read_text(encoding="utf-8") == fingerprint):
        mark.unlink(missing_ok=True)
        rows = function(to_frame(pq.read_table(shard)), **constants)
        write_shard(result.conform(rows), target)
        mark.write_text(fingerprint, encoding="utf-8")
    n_rows: int = pq.read_metadata(target).num_rows
    return n_rows


def _fingerprint(function: ShardFunction, constants: dict[str, Any], shard: Path) -> str:
    """Digest of everything the shard's result depends on, as far as the function's own module goes."""
    module = inspect.getmodule(function)
    source = inspect.getsource(module) if module else inspect.getsource(function)
    parts = (
        function.__qualname__.encode(),
        source.encode(),
        json.dumps(constants, sort_keys=True, ensure_ascii=False).encode(),
        shard.read_bytes(),
    )
    return hashlib.sha256(b"\x00".join(hashlib.sha256(part).digest() for part in parts)).hexdigest()
