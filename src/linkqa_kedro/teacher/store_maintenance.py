"""What is done with a completion store between runs: count it, copy it out, check it, delete from it.

Every function takes a store whose folder is there already, and none makes one. Runs may go on meanwhile: each
partition is read as it stood at one moment, and a deletion waits for its turn to write.
"""

import contextlib
import json
import os
import sqlite3
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any
from urllib.parse import quote

from linkqa_kedro.errors import UserError
from linkqa_kedro.teacher.completion_store import CompletionStore
from linkqa_kedro.teacher.store_partition import connect, reported, transaction
from linkqa_kedro.teacher.stored_rows import unpack_completion, unpack_request

# Rows are gathered up to this much text before they are written: it bounds the memory of an export.
ROW_GROUP_CHARACTERS = 8_000_000

# The purchase that a completion came from: of two for one key the first was kept (see `put_many`). SQLite takes
# the other columns from the row of min(id).
_KEPT = """
    SELECT key, min(id) AS first_id, stage, role, model, prompt_version, latency_seconds
    FROM purchases WHERE pruned = 0 GROUP BY key
"""


@dataclass(frozen=True, slots=True)
class StoreGroup:
    """What was bought for one stage, role, model and prompt version, and what of it is kept.

    Attributes:
        stage: Stage that asked.
        role: What was asked for.
        model: Model name as asked for.
        prompt_version: Content hash of the prompt template.
        n_completions: Completions in the store.
        n_purchases: Purchases in the ledger: also those whose completion was pruned, or was there already.
        n_bytes: Size of the packed rows of the completions.
        input_tokens: Sum over the purchases where known; None where none is.
        output_tokens: The same, reasoning included.
        reasoning_tokens: The same, reasoning alone.
        known_cost_usd: US dollars, sum over the purchases whose cost is known.
        n_unpriced: Purchases whose cost is unknown.
    """

    stage: str
    role: str
    model: str
    prompt_version: str
    n_completions: int = 0
    n_purchases: int = 0
    n_bytes: int = 0
    input_tokens: int | None = None
    output_tokens: int | None = None
    reasoning_tokens: int | None = None
    known_cost_usd: float = 0.0
    n_unpriced: int = 0

    @property
    def cost_usd(self) -> float | None:
        """US dollars for all purchases; None as soon as one cost is unknown."""
        return None if self.n_unpriced else self.known_cost_usd


@dataclass(frozen=True, slots=True)
class Selection:
    """Which completions are meant: those that agree with everything that is not None.

    Raises:
        UserError: If nothing is named, since that would mean all of them.
    """

    stage: str | None = None
    prompt_version: str | None = None
    model: str | None = None

    def __post_init__(self) -> None:
        if not self.conditions:
            raise UserError("Name a stage, a prompt version or a model: without one, all completions would be meant.")

    @property
    def conditions(self) -> dict[str, str]:
        """Value by column, of those that are named."""
        named = {"stage": self.stage, "prompt_version": self.prompt_version, "model": self.model}
        return {column: value for column, value in named.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Selected:
    """What a selection means in a store.

    Attributes:
        n_completions: Completions it selects.
        n_bytes: Size of their packed rows.
        known_cost_usd: US dollars they cost, where known.
        n_unpriced: Purchases of them whose cost is unknown.
    """

    n_completions: int
    n_bytes: int
    known_cost_usd: float
    n_unpriced: int


@dataclass(frozen=True, slots=True)
class Pruned:
    """What a deletion did.

    Attributes:
        n_completions: Completions deleted.
        n_bytes_freed: By how much the folder shrank; less than 0 where a run has written to it meanwhile.
        not_shrunk: Files that keep their size for now, and why; the next completions fill the room in them.
    """

    n_completions: int
    n_bytes_freed: int
    not_shrunk: tuple[tuple[Path, str], ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong in a file of a store."""

    file: Path
    what: str


@dataclass(frozen=True, slots=True)
class Verification:
    """What a check of a whole store found; nothing, where all is well."""

    findings: tuple[Finding, ...]
    n_completions: int
    n_purchases: int


def disk_bytes(store: CompletionStore) -> int:
    """Size of all files in the folder of a store."""
    with reported(store.folder):
        return sum(path.stat().st_size for path in store.folder.iterdir() if path.is_file())


def summary(store: CompletionStore) -> list[StoreGroup]:
    """What was bought and what is kept, sorted by stage, role, model and prompt version.

    Raises:
        UserError: If there is no store, or a file cannot be read.
    """
    _open_existing(store)
    parts: list[StoreGroup] = []
    for path in store.paths:
        with _partition(path) as connection:
            parts += _groups_of(connection)
    parts.sort(key=_identity)
    return [_merged(list(same)) for _, same in groupby(parts, key=_identity)]


def _groups_of(connection: sqlite3.Connection) -> Iterator[StoreGroup]:
    bought = connection.execute(
        "SELECT stage, role, model, prompt_version, 0, count(*), 0, sum(input_tokens), sum(output_tokens), "
        "sum(reasoning_tokens), total(cost_usd), count(*) - count(cost_usd) FROM purchases GROUP BY 1, 2, 3, 4"
    )
    yield from (StoreGroup(*row) for row in bought)
    # `length` of a blob is read from its header: no answer is loaded.
    kept = connection.execute(
        "SELECT stage, role, model, prompt_version, count(*), 0, sum(length(request) + length(completion)) "
        f"FROM completions JOIN ({_KEPT}) USING (key) GROUP BY 1, 2, 3, 4"
    )
    yield from (StoreGroup(*row) for row in kept)


def _identity(group: StoreGroup) -> tuple[str, str, str, str]:
    return group.stage, group.role, group.model, group.prompt_version


def _merged(groups: list[StoreGroup]) -> StoreGroup:
    def known(values: list[int | None]) -> int | None:
        there = [value for value in values if value is not None]
        return sum(there) if there else None

    return StoreGroup(
        *_identity(groups[0]),
        n_completions=sum(group.n_completions for group in groups),
        n_purchases=sum(group.n_purchases for group in groups),
        n_bytes=sum(group.n_bytes for group in groups),
        input_tokens=known([group.input_tokens for group in groups]),
        output_tokens=known([group.output_tokens for group in groups]),
        reasoning_tokens=known([group.reasoning_tokens for group in groups]),
        known_cost_usd=sum(group.known_cost_usd for group in groups),
        n_unpriced=sum(group.n_unpriced for group in groups),
    )


def export(store: CompletionStore, path: Path) -> int:
    """Write every completion, with what was asked, to one Parquet file; it is whole or not there.

    Half a surrogate pair, which no Parquet text can hold, becomes U+FFFD.

    Args:
        store: Only read.
        path: The file; one that is there is replaced. Its folder is made.

    Returns:
        Number of rows.

    Raises:
        UserError: If there is no store, a row of it is damaged, or the file cannot be written.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    _open_existing(store)
    schema = pa.schema([(name, getattr(pa, kind)()) for name, kind in EXPORT_COLUMNS.items()])
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    n_rows = 0
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with pq.ParquetWriter(temporary, schema, compression="zstd") as writer:
            for rows in _row_groups(_exported_rows(store)):
                writer.write_table(pa.Table.from_pylist(rows, schema))
                n_rows += len(rows)
        temporary.replace(path)
    except OSError as error:
        raise UserError(
            f"{path} cannot be written: {error.strerror or error}. Free space, mend the permissions, or name another "
            "file. The completion store is as it was."
        ) from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
    return n_rows


EXPORT_COLUMNS = {
    **dict.fromkeys(("key", "stage", "role", "record_id", "model", "model_answered", "prompt_version"), "string"),
    **dict.fromkeys(("sample", "attempt"), "int64"),
    **dict.fromkeys(("settings", "messages", "text", "reasoning", "finish_reason"), "string"),
    **dict.fromkeys(("input_tokens", "cached_input_tokens", "output_tokens", "reasoning_tokens"), "int64"),
    **dict.fromkeys(("cost_usd", "latency_seconds"), "float64"),
}
"""Arrow type by column of an export; `settings` and `messages` are JSON."""


def _exported_rows(store: CompletionStore) -> Iterator[dict[str, Any]]:
    query = f"SELECT key, request, completion, latency_seconds FROM completions LEFT JOIN ({_KEPT}) USING (key)"
    for path in store.paths:
        # What the reader of the rows raises does not pass through here.
        with _partition(path) as connection:
            for key, request, completion, latency_seconds in connection.execute(query):
                yield _exported(key, unpack_request(request), completion, latency_seconds)


def _exported(key: str, asked: dict[str, Any], packed: bytes, ledger_seconds: float | None) -> dict[str, Any]:
    came = unpack_completion(packed)
    row = {name: asked[name] for name in EXPORT_COLUMNS if name in asked}
    row |= {name: getattr(came, name) for name in EXPORT_COLUMNS if name != "model" and hasattr(came, name)}
    row |= {"key": key, "model_answered": came.model}
    row |= {name: json.dumps(asked[name], ensure_ascii=False) for name in ("settings", "messages")}
    # Older versions wrote the latency into the ledger alone.
    row["latency_seconds"] = ledger_seconds if came.latency_seconds is None else came.latency_seconds
    return {name: _whole_text(value) if isinstance(value, str) else value for name, value in row.items()}


def _whole_text(text: str) -> str:
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _row_groups(rows: Iterator[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    group: list[dict[str, Any]] = []
    n_characters = 0
    for row in rows:
        group.append(row)
        n_characters += sum(len(value) for value in row.values() if isinstance(value, str))
        if n_characters >= ROW_GROUP_CHARACTERS:
            yield group
            group, n_characters = [], 0
    if group:
        yield group


def verify(store: CompletionStore) -> Verification:
    """Check every file and every row of a store; makes no file and changes no row.

    Each file must be sound, each row readable and in the partition of its key, each completion paid for, and each
    purchase's completion there unless it was pruned.

    Raises:
        UserError: If there is no store, or its layout is damaged or not the one that is set.
    """
    _check_existing(store)
    checks = [_FileCheck(store, number) for number in range(store.n_partitions)]
    return Verification(
        findings=tuple(finding for check in checks for finding in check.findings),
        n_completions=sum(check.n_completions for check in checks),
        n_purchases=sum(check.n_purchases for check in checks),
    )


class _FileCheck:
    """Findings and counts of one file."""

    def __init__(self, store: CompletionStore, number: int) -> None:
        self._store = store
        self._number = number
        self._path = store.paths[number]
        self.findings: list[Finding] = []
        self.n_completions = 0
        self.n_purchases = 0
        if not self._path.exists():
            self._note("is not there; what it held will be bought again")
            return
        with self._noting_errors(), _reading(self._path) as connection:
            # One after the other: a broken index must not hide what the rows say.
            for check in (self._check_file, self._check_rows, self._check_ledger):
                with self._noting_errors():
                    check(connection)

    @contextlib.contextmanager
    def _noting_errors(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            self._note(str(error))

    def _note(self, what: str) -> None:
        finding = Finding(self._path, what)
        if finding not in self.findings[-1:]:  # several checks meet the same broken file
            self.findings.append(finding)

    def _check_file(self, connection: sqlite3.Connection) -> None:
        for (said,) in connection.execute("PRAGMA integrity_check"):
            if said != "ok":
                self._note(said)

    def _check_rows(self, connection: sqlite3.Connection) -> None:
        for key, request, completion in connection.execute("SELECT key, request, completion FROM completions"):
            self.n_completions += 1
            try:
                if self._store.number_of(key) != self._number:
                    self._note(f"completion {key} belongs to another partition")
                unpack_request(request)
                unpack_completion(completion)
            except (zlib.error, ValueError, TypeError) as error:
                self._note(f"completion {key} is damaged: {error}")

    def _check_ledger(self, connection: sqlite3.Connection) -> None:
        self.n_purchases = connection.execute("SELECT count(*) FROM purchases").fetchone()[0]
        columns = {row[1] for row in connection.execute("PRAGMA table_info(purchases)")}
        kept = "SELECT key FROM purchases" + (" WHERE pruned = 0" if "pruned" in columns else "")
        for (key,) in connection.execute(f"SELECT key FROM completions EXCEPT {kept}"):
            self._note(f"completion {key} has no purchase in the ledger")
        for (key,) in connection.execute(f"{kept} EXCEPT SELECT key FROM completions"):
            self._note(f"the completion of purchase {key} is not there")


@contextlib.contextmanager
def _reading(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection that sees one moment of a file that is there, and cannot change a row."""
    # Opened for writing all the same, so that SQLite clears its side files away at the end.
    address = f"file:{quote(str(path.resolve()))}?mode=rw"
    with contextlib.closing(sqlite3.connect(address, uri=True, isolation_level=None)) as connection:
        connection.execute("PRAGMA query_only = ON")
        connection.execute("BEGIN")
        yield connection


def selected(store: CompletionStore, selection: Selection) -> Selected:
    """What `prune` would delete; deletes nothing.

    Raises:
        UserError: If there is no store, or a file cannot be read.
    """
    _open_existing(store)
    n_completions = n_bytes = n_unpriced = 0
    known_cost_usd = 0.0
    for path in store.paths:
        with _partition(path) as connection:
            _select(connection, selection)
            count, size = connection.execute(
                "SELECT count(*), total(length(request) + length(completion)) "
                "FROM completions WHERE key IN (SELECT key FROM selected)"
            ).fetchone()
            cost, unpriced = connection.execute(
                "SELECT total(cost_usd), count(*) - count(cost_usd) "
                "FROM purchases WHERE pruned = 0 AND key IN (SELECT key FROM selected)"
            ).fetchone()
            n_completions += count
            n_bytes += int(size)
            known_cost_usd += cost
            n_unpriced += unpriced
    return Selected(n_completions, n_bytes, known_cost_usd, n_unpriced)


def prune(store: CompletionStore, selection: Selection) -> Pruned:
    """Delete completions and give their room back to the disk.

    Their purchases stay in the ledger: the money is spent. What is needed again is bought again.

    Raises:
        UserError: If there is no store, or a file cannot be written; files before it are pruned by then.
    """
    _open_existing(store)
    n_completions = 0
    not_shrunk: list[tuple[Path, str]] = []
    n_bytes_before = disk_bytes(store)
    for path in store.paths:
        with _partition(path) as connection:
            with transaction(connection):
                _select(connection, selection)
                deleted = connection.execute("DELETE FROM completions WHERE key IN (SELECT key FROM selected)").rowcount
                connection.execute(
                    "UPDATE purchases SET pruned = 1 WHERE pruned = 0 AND key IN (SELECT key FROM selected)"
                )
            n_completions += deleted
            if deleted and (reason := _shrink(connection)):
                not_shrunk.append((path, reason))
    return Pruned(n_completions, n_bytes_before - disk_bytes(store), tuple(not_shrunk))


def _select(connection: sqlite3.Connection, selection: Selection) -> None:
    """Keys of the selected completions, in a table that ends with the connection."""
    conditions = selection.conditions
    agrees = " AND ".join(f"{column} = ?" for column in conditions)
    connection.execute(
        f"CREATE TEMP TABLE selected AS SELECT key FROM completions JOIN ({_KEPT}) USING (key) WHERE {agrees}",
        tuple(conditions.values()),
    )


def _shrink(connection: sqlite3.Connection) -> str | None:
    """Make the file as small as its rows; the reason where that failed, since the rows are gone all the same."""
    try:
        connection.execute("VACUUM")
        busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    except sqlite3.OperationalError as error:
        return str(error)
    return "another process is reading it" if busy else None


def _open_existing(store: CompletionStore) -> None:
    _check_existing(store)
    store.open()


def _check_existing(store: CompletionStore) -> None:
    if not store.exists:
        raise UserError(
            f"There is no completion store in {store.folder} yet. It is made when a run first asks its teacher: "
            "`kedro run`."
        )
    store.check_layout()


@contextlib.contextmanager
def _partition(path: Path) -> Iterator[sqlite3.Connection]:
    with reported(path), contextlib.closing(connect(path)) as connection:
        yield connection
