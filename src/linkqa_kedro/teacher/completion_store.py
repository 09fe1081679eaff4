"""Keeps every bought completion for ever: compressed rows in SQLite files, durable before they are read.

    folder/store.json             how the folder is laid out: format and number of partitions
    folder/partition-000.sqlite   the completions whose key falls to partition 0, and their purchases
    folder/partition-001.sqlite   ...

A key belongs to one partition, for ever: the number made of its first eight hex digits, modulo the number
of partitions. A completion is stored with what it was asked (role, stage, record, model, prompt version,
settings, messages), so that it can be explained later; neither a secret nor an address ever reaches the
store, because a request holds none. What is done with a store between runs is in store_maintenance.py.
"""

import contextlib
import json
import os
import sqlite3
import tempfile
import threading
import time
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from linkqa_kedro.errors import UserError
from linkqa_kedro.teacher.requests import Completion, Request

FORMAT = 1
LAYOUT_FILE = "store.json"
# Another process on the same partition holds its lock for one commit: this outlasts many of them.
LOCK_TIMEOUT_SECONDS = 60.0
RETRY_SECONDS = 0.01
# SQLite allows at least 999 values in one statement.
KEYS_PER_QUERY = 500
# Room for some hundred answers of a reasoning model: less is as good as none.
PROBE_BYTES = 1_000_000

SCHEMA = (
    """
CREATE TABLE IF NOT EXISTS completions (
    key TEXT PRIMARY KEY,
    request BLOB NOT NULL,
    completion BLOB NOT NULL
)
""",
    """
CREATE TABLE IF NOT EXISTS purchases (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL,
    stage TEXT NOT NULL DEFAULT '',
    role TEXT NOT NULL,
    record_id TEXT NOT NULL,
    model TEXT NOT NULL,
    prompt_version TEXT NOT NULL,
    sample INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    input_tokens INTEGER,
    cached_input_tokens INTEGER,
    output_tokens INTEGER,
    reasoning_tokens INTEGER,
    cost_usd REAL,
    latency_seconds REAL,
    pruned INTEGER NOT NULL DEFAULT 0 -- 1 once its completion was deleted; the money stays spent
)
""",
)
# Columns that a store made by an older version lacks.
ADDED_COLUMNS = {
    "stage": "TEXT NOT NULL DEFAULT ''",
    "cached_input_tokens": "INTEGER",
    "pruned": "INTEGER NOT NULL DEFAULT 0",
}
# Which stage asked, by role, when purchases did not say so.
STAGE_OF_ROLE = {"annotate": "extraction", "synthesise": "synthesis", "raise": "enhancement", "rate": "enhancement"}


@dataclass(frozen=True, slots=True)
class Purchase:
    """One bought completion on its way into the store.

    Attributes:
        key: Key of the request, hex.
        model: Model name as asked for; the completion holds the name as answered.
        request: What was asked.
        completion: What came back.
    """

    key: str
    model: str
    request: Request
    completion: Completion


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One bought completion as the ledger counts it; tokens, cost and latency are None where unknown."""

    key: str
    stage: str
    role: str
    record_id: str
    model: str
    prompt_version: str
    sample: int
    attempt: int
    input_tokens: int | None
    cached_input_tokens: int | None
    output_tokens: int | None
    reasoning_tokens: int | None
    cost_usd: float | None
    latency_seconds: float | None


LEDGER_COLUMNS = tuple(column.name for column in fields(LedgerEntry))
COMPLETION_FIELDS = tuple(part.name for part in fields(Completion))
REQUEST_FIELDS = ("role", "stage", "record_id", "model", "prompt_version", "sample", "attempt", "settings", "messages")


class CompletionStore:
    """Completions by request key, in a folder of SQLite files.

    What `put_many` acknowledged survives a crash of the process and of the machine; `prepare`, before anything
    is bought, makes sure that it can. Nothing is created until the first use. One object may be shared by
    threads; several processes may share the folder.

    The number of partitions is written into the folder when it is made and cannot change afterwards: a
    setting that differs is a UserError that names both numbers, since a key sought in another partition
    would be bought again.

    Args:
        folder: Where the files are, or will be.
        n_partitions: Number of files, at least 1; each is committed, and can be moved, on its own.

    Raises:
        UserError: On first use, where the folder cannot be read or written, holds another number of
            partitions, or has a file that is no completion store.
    """

    def __init__(self, folder: Path, n_partitions: int) -> None:
        if n_partitions < 1:
            raise UserError(
                f"A completion store needs 1 or more partitions, got {n_partitions}. "
                "Set n_partitions of the teacher in catalog_teacher.yml."
            )
        self.folder = Path(folder)
        self.n_partitions = n_partitions
        self._partitions: dict[int, _Partition] = {}
        self._opening = threading.Lock()

    @property
    def exists(self) -> bool:
        """Whether the folder holds a store; looking creates none."""
        return (self.folder / LAYOUT_FILE).exists()

    @property
    def paths(self) -> list[Path]:
        """Path of each partition, by number, whether or not the file is there."""
        return [self.folder / f"partition-{number:03d}.sqlite" for number in range(self.n_partitions)]

    def check_layout(self) -> None:
        """Make the folder and write down its layout, or check the layout that is written down."""
        _check_layout(self.folder, self.n_partitions)

    def open(self) -> None:
        """Open all files; those of an older version get the columns they lack."""
        for number in range(self.n_partitions):
            self._partition(number)

    def prepare(self) -> None:
        """Make sure that answers can be kept, before money is spent on one.

        Writes to every partition, and for a moment a file of PROBE_BYTES beside them.

        Raises:
            UserError: Where the folder or a file cannot be written, or the disk is full.
        """
        for number in range(self.n_partitions):
            self._partition(number).check_writable()
        with reported(self.folder), tempfile.TemporaryFile(dir=self.folder) as probe:
            probe.write(os.urandom(PROBE_BYTES))
            probe.flush()
            # A file system may find out only here that it has no room.
            os.fsync(probe.fileno())

    def get(self, key: str) -> Completion | None:
        """The completion bought for a key, or None."""
        return self.get_many([key]).get(key)

    def get_many(self, keys: Iterable[str]) -> dict[str, Completion]:
        """Completions by key, for those of the keys that were bought."""
        found: dict[str, Completion] = {}
        for number, wanted in self._by_partition(dict.fromkeys(keys)).items():
            found.update(self._partition(number).completions(wanted))
        return found

    def request_of(self, key: str) -> dict[str, Any] | None:
        """What was asked for a key, as `unpack_request` gives it, or None."""
        return self._partition(self.number_of(key)).request_of(key)

    def put_many(self, purchases: Iterable[Purchase]) -> None:
        """Keep completions and enter each in the ledger; durable when this returns.

        One transaction per partition, so call it with all that finished since the last call. Of two
        completions for one key the first stays, because it may have been read already; both were paid
        for and both stand in the ledger.
        """
        by_partition: dict[int, list[Purchase]] = defaultdict(list)
        for purchase in purchases:
            by_partition[self.number_of(purchase.key)].append(purchase)
        for number, bought in by_partition.items():
            self._partition(number).put_many(bought)

    def count(self) -> int:
        """Number of completions in the store."""
        return sum(self._partition(number).count() for number in range(self.n_partitions))

    def ledger(self) -> Iterator[LedgerEntry]:
        """Every purchase, by partition and then in the order of commits."""
        for number in range(self.n_partitions):
            yield from self._partition(number).ledger()

    def close(self) -> None:
        """Close all files; the next use opens them again."""
        with self._opening:
            while self._partitions:
                self._partitions.popitem()[1].close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def number_of(self, key: str) -> int:
        """Number of the partition that a key belongs to, from 0."""
        return int(key[:8], 16) % self.n_partitions

    def _by_partition(self, keys: Iterable[str]) -> dict[int, list[str]]:
        by_partition: dict[int, list[str]] = defaultdict(list)
        for key in keys:
            by_partition[self.number_of(key)].append(key)
        return by_partition

    def _partition(self, number: int) -> "_Partition":
        partition = self._partitions.get(number)
        if partition is not None:
            return partition
        with self._opening:
            if not self._partitions:
                self.check_layout()
            if number not in self._partitions:
                self._partitions[number] = _Partition(self.paths[number])
            return self._partitions[number]


class _Partition:
    """One SQLite file, with a connection that writes and one that reads while the other commits."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._writing = threading.Lock()
        self._reading = threading.Lock()
        with reported(path):
            self._writer = connect(path)
            with transaction(self._writer):
                _make_tables(self._writer)
            self._reader = connect(path)
            _sync_folder(path.parent)

    def check_writable(self) -> None:
        with self._writing, reported(self._path), transaction(self._writer):
            # A value nobody reads: only a write tells, since SQLite opens a protected file for reading without a word.
            self._writer.execute(f"PRAGMA user_version = {FORMAT}")

    def completions(self, keys: list[str]) -> Iterator[tuple[str, Completion]]:
        for start in range(0, len(keys), KEYS_PER_QUERY):
            some = keys[start : start + KEYS_PER_QUERY]
            marks = ",".join("?" * len(some))
            rows = self._rows(f"SELECT key, completion FROM completions WHERE key IN ({marks})", some)
            for key, packed in rows:
                with reported(self._path):
                    completion = unpack_completion(packed)
                yield key, completion

    def request_of(self, key: str) -> dict[str, Any] | None:
        rows = self._rows("SELECT request FROM completions WHERE key = ?", [key])
        with reported(self._path):
            return unpack_request(rows[0][0]) if rows else None

    def count(self) -> int:
        return int(self._rows("SELECT count(*) FROM completions")[0][0])

    def ledger(self) -> Iterator[LedgerEntry]:
        columns = ", ".join(LEDGER_COLUMNS)
        for row in self._rows(f"SELECT {columns} FROM purchases ORDER BY id"):
            yield LedgerEntry(*row)

    def put_many(self, purchases: list[Purchase]) -> None:
        completions = [(p.key, _pack(_request_material(p)), _pack(_as_dict(p.completion))) for p in purchases]
        entries = [_ledger_row(p) for p in purchases]
        marks = ",".join("?" * len(LEDGER_COLUMNS))
        with self._writing, reported(self._path), transaction(self._writer):
            self._writer.executemany("INSERT OR IGNORE INTO completions VALUES (?, ?, ?)", completions)
            self._writer.executemany(f"INSERT INTO purchases ({', '.join(LEDGER_COLUMNS)}) VALUES ({marks})", entries)

    def close(self) -> None:
        with self._writing, self._reading:
            self._reader.close()
            self._writer.close()

    def _rows(self, query: str, values: Iterable[str] = ()) -> list[tuple[Any, ...]]:
        with self._reading, reported(self._path):
            return self._reader.execute(query, tuple(values)).fetchall()


def connect(path: Path) -> sqlite3.Connection:
    """A connection to a partition; the file is made where it is not there."""
    connection = sqlite3.connect(path, timeout=LOCK_TIMEOUT_SECONDS, isolation_level=None, check_same_thread=False)
    _use_write_ahead_log(connection)
    connection.execute("PRAGMA synchronous = FULL")
    return connection


def _use_write_ahead_log(connection: sqlite3.Connection) -> None:
    # The one statement for which SQLite does not wait: of processes that open a new file at once all but one fail.
    patience_ends = time.monotonic() + LOCK_TIMEOUT_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > patience_ends:
                raise
        time.sleep(RETRY_SECONDS)


def _make_tables(connection: sqlite3.Connection) -> None:
    for statement in SCHEMA:
        connection.execute(statement)
    there = {row[1] for row in connection.execute("PRAGMA table_info(purchases)")}
    for name, declaration in ADDED_COLUMNS.items():
        if name not in there:
            connection.execute(f"ALTER TABLE purchases ADD COLUMN {name} {declaration}")
    if "stage" not in there:
        connection.executemany(
            "UPDATE purchases SET stage = ? WHERE role = ?", [(stage, role) for role, stage in STAGE_OF_ROLE.items()]
        )


@contextlib.contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All or nothing of what is written inside; takes the write lock at its beginning."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        # A full disk makes SQLite roll back on its own account.
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


@contextlib.contextmanager
def reported(path: Path) -> Iterator[None]:
    """Turn whatever a file can do wrong into one sentence for a person."""
    try:
        yield
    except (sqlite3.OperationalError, OSError) as error:
        if isinstance(error, sqlite3.OperationalError) and "locked" in str(error):
            raise UserError(
                f"Another process has written to {path} of the completion store for {LOCK_TIMEOUT_SECONDS:g} seconds. "
                "Nothing stored is lost. Let it finish, or end it, and start again."
            ) from error
        raise UserError(
            f"The completion store cannot use {path}: {_why(error)}. Nothing stored is lost. Free space, mend "
            "the permissions, or name another folder for the teacher in catalog_teacher.yml."
        ) from error
    except (sqlite3.DatabaseError, zlib.error, ValueError, TypeError) as error:
        raise UserError(
            f"The file {path} of the completion store is damaged: {_why(error)}. Restore it from a copy, or "
            "move it away; the completions that it holds are then bought again."
        ) from error


def _why(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)


def _check_layout(folder: Path, n_partitions: int) -> None:
    path = folder / LAYOUT_FILE
    with reported(path):
        folder.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            _write_durably(path, json.dumps({"format": FORMAT, "n_partitions": n_partitions}) + "\n")
        layout = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(layout, dict):
            raise TypeError(f"it holds {type(layout).__name__} instead of an object")
    if layout.get("format") != FORMAT:
        raise UserError(
            f"{path} says that the completion store has format {layout.get('format')}; this version reads "
            f"{FORMAT}. Use the version that wrote it, or name another folder for the teacher in "
            "catalog_teacher.yml."
        )
    recorded = layout.get("n_partitions")
    if recorded != n_partitions:
        raise UserError(
            f"The completion store in {folder} has {recorded} partitions, the setting says {n_partitions}. "
            f"Set n_partitions of the teacher in catalog_teacher.yml to {recorded}, or name another folder."
        )


def _write_durably(path: Path, text: str) -> None:
    # Written beside and renamed: a crash leaves the whole file or none.
    beside = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    with beside.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """Make the names of new files in a folder durable, as their contents are."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _pack(value: Mapping[str, Any]) -> bytes:
    # ASCII escapes: an answer may hold half a surrogate pair, which no UTF-8 text can.
    return zlib.compress(json.dumps(value, separators=(",", ":")).encode("ascii"))


def unpack_completion(packed: bytes) -> Completion:
    """A completion from its row; what is damaged raises zlib.error, ValueError or TypeError."""
    return Completion(**_unpack(packed))


def unpack_request(packed: bytes) -> dict[str, Any]:
    """What was asked, from its row: role, stage, record_id, model, prompt_version, sample, attempt, settings, messages.

    What is damaged raises zlib.error, ValueError or TypeError.
    """
    material = _unpack(packed)
    if missing := set(REQUEST_FIELDS) - {"stage", *material}:
        raise ValueError(f"a request lacks {', '.join(sorted(missing))}")
    # Older versions did not write the stage down.
    return {"role": material["role"], "stage": STAGE_OF_ROLE.get(material["role"], ""), **material}


def _unpack(packed: bytes) -> dict[str, Any]:
    value = json.loads(zlib.decompress(packed))
    if not isinstance(value, dict):
        raise TypeError(f"a row holds {type(value).__name__} instead of an object")
    return value


def _as_dict(completion: Completion) -> dict[str, Any]:
    return {name: getattr(completion, name) for name in COMPLETION_FIELDS}


def _request_material(purchase: Purchase) -> dict[str, Any]:
    request = purchase.request
    return {
        "role": request.role,
        "stage": request.stage,
        "record_id": request.record_id,
        "model": purchase.model,
        "prompt_version": request.prompt_version,
        "sample": request.sample,
        "attempt": request.attempt,
        "settings": asdict(request.settings),
        "messages": request.messages,
    }


def _ledger_row(purchase: Purchase) -> tuple[str | int | float | None, ...]:
    request, completion = purchase.request, purchase.completion
    return (
        purchase.key,
        request.stage,
        request.role,
        request.record_id,
        purchase.model,
        request.prompt_version,
        request.sample,
        request.attempt,
        completion.input_tokens,
        completion.cached_input_tokens,
        completion.output_tokens,
        completion.reasoning_tokens,
        completion.cost_usd,
        completion.latency_seconds,
    )
