"""One SQLite file of the completion store: its tables, its two connections, and its errors in words."""

import contextlib
import os
import sqlite3
import threading
import time
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from linkqa_kedro.errors import UserError
from linkqa_kedro.teacher.requests import Completion
from linkqa_kedro.teacher.stored_rows import (
    LEDGER_COLUMNS,
    STAGE_OF_ROLE,
    BrokenAnswer,
    LedgerEntry,
    Purchase,
    ledger_row,
    pack_completion,
    pack_request,
    unpack_completion,
    unpack_request,
)

FORMAT = 1
# Another process on the same partition holds its lock for one commit: this outlasts many of them.
LOCK_TIMEOUT_SECONDS = 60.0
RETRY_SECONDS = 0.01
# SQLite allows at least 999 values in one statement.
KEYS_PER_QUERY = 500

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
    """
CREATE TABLE IF NOT EXISTS broken_answers (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL,
    tokens INTEGER NOT NULL,
    usd REAL NOT NULL
)
""",
    "CREATE INDEX IF NOT EXISTS broken_answers_by_key ON broken_answers (key)",
)
# Columns that a store made by an older version lacks.
ADDED_COLUMNS = {
    "stage": "TEXT NOT NULL DEFAULT ''",
    "cached_input_tokens": "INTEGER",
    "pruned": "INTEGER NOT NULL DEFAULT 0",
}


class Partition:
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
            sync_folder(path.parent)

    def check_writable(self) -> None:
        """Write something, or say why that cannot be.

        Raises:
            UserError: The file is protected, or the disk is full.
        """
        with self._writing, reported(self._path), transaction(self._writer):
            # A value nobody reads: only a write tells, since SQLite opens a protected file for reading without a word.
            self._writer.execute(f"PRAGMA user_version = {FORMAT}")

    def completions(self, keys: list[str]) -> Iterator[tuple[str, Completion]]:
        """Key and completion, for those of the keys that were bought."""
        for start in range(0, len(keys), KEYS_PER_QUERY):
            some = keys[start : start + KEYS_PER_QUERY]
            marks = ",".join("?" * len(some))
            rows = self._rows(f"SELECT key, completion FROM completions WHERE key IN ({marks})", some)
            for key, packed in rows:
                with reported(self._path):
                    completion = unpack_completion(packed)
                yield key, completion

    def request_of(self, key: str) -> dict[str, Any] | None:
        """What was asked for a key, or None."""
        rows = self._rows("SELECT request FROM completions WHERE key = ?", [key])
        with reported(self._path):
            return unpack_request(rows[0][0]) if rows else None

    def count(self) -> int:
        """Number of completions."""
        return int(self._rows("SELECT count(*) FROM completions")[0][0])

    def ledger(self) -> Iterator[LedgerEntry]:
        """Every purchase, in the order of commits."""
        columns = ", ".join(LEDGER_COLUMNS)
        for row in self._rows(f"SELECT {columns} FROM purchases ORDER BY id"):
            yield LedgerEntry(*row)

    def ledger_of(self, record_ids: list[str]) -> Iterator[LedgerEntry]:
        """The purchases for some records, in the order of commits."""
        columns = ", ".join(LEDGER_COLUMNS)
        for start in range(0, len(record_ids), KEYS_PER_QUERY):
            some = record_ids[start : start + KEYS_PER_QUERY]
            marks = ",".join("?" * len(some))
            for row in self._rows(f"SELECT {columns} FROM purchases WHERE record_id IN ({marks}) ORDER BY id", some):
                yield LedgerEntry(*row)

    def put_many(self, purchases: list[Purchase]) -> None:
        """Keep completions and enter each in the ledger, in one transaction."""
        completions = [(p.key, pack_request(p), pack_completion(p.completion)) for p in purchases]
        entries = [ledger_row(p) for p in purchases]
        marks = ",".join("?" * len(LEDGER_COLUMNS))
        with self._writing, reported(self._path), transaction(self._writer):
            self._writer.executemany("INSERT OR IGNORE INTO completions VALUES (?, ?, ?)", completions)
            self._writer.executemany(f"INSERT INTO purchases ({', '.join(LEDGER_COLUMNS)}) VALUES ({marks})", entries)

    def put_broken(self, broken: BrokenAnswer) -> None:
        """Note an answer that never arrived."""
        with self._writing, reported(self._path), transaction(self._writer):
            self._writer.execute(
                "INSERT INTO broken_answers (key, tokens, usd) VALUES (?, ?, ?)",
                (broken.key, broken.tokens, broken.usd),
            )

    def broken(self, keys: list[str]) -> Iterator[BrokenAnswer]:
        """What never arrived for some of the keys, added up by key."""
        for start in range(0, len(keys), KEYS_PER_QUERY):
            some = keys[start : start + KEYS_PER_QUERY]
            marks = ",".join("?" * len(some))
            query = f"SELECT key, sum(tokens), sum(usd) FROM broken_answers WHERE key IN ({marks}) GROUP BY key"
            for row in self._rows(query, some):
                yield BrokenAnswer(*row)

    def close(self) -> None:
        """Close both connections."""
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


def sync_folder(folder: Path) -> None:
    """Make the names of new files in a folder durable, as their contents are."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
