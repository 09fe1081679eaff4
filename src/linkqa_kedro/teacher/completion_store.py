"""Keeps every bought completion for ever: compressed rows in SQLite files, durable before they are read.

    folder/store.json             how the folder is laid out: format and number of partitions
    folder/partition-000.sqlite   the completions whose key falls to partition 0, and their purchases
    folder/partition-001.sqlite   ...

A key belongs to one partition, for ever: the number made of its first eight hex digits, modulo the number
of partitions. A completion is stored with what it was asked (role, stage, record, model, prompt version,
settings, messages), so that it can be explained later; neither a secret nor an address ever reaches the
store, because a request holds none. What is done with a store between runs is in store_maintenance.py.
"""

import json
import os
import tempfile
import threading
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from linkqa_kedro.errors import UserError
from linkqa_kedro.teacher.requests import Completion
from linkqa_kedro.teacher.store_partition import FORMAT, Partition, reported, sync_folder
from linkqa_kedro.teacher.stored_rows import BrokenAnswer, LedgerEntry, Purchase

LAYOUT_FILE = "store.json"
# Room for some hundred answers of a reasoning model: less is as good as none.
PROBE_BYTES = 1_000_000


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
        self._partitions: dict[int, Partition] = {}
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

    def put_broken(self, broken: BrokenAnswer) -> None:
        """Note an answer that never arrived, and may be charged for; durable when this returns."""
        self._partition(self.number_of(broken.key)).put_broken(broken)

    def broken(self, keys: Iterable[str]) -> dict[str, BrokenAnswer]:
        """What never arrived for some of the keys, added up by key."""
        return {
            broken.key: broken
            for number, wanted in self._by_partition(dict.fromkeys(keys)).items()
            for broken in self._partition(number).broken(wanted)
        }

    def count(self) -> int:
        """Number of completions in the store."""
        return sum(self._partition(number).count() for number in range(self.n_partitions))

    def ledger(self) -> Iterator[LedgerEntry]:
        """Every purchase, by partition and then in the order of commits."""
        for number in range(self.n_partitions):
            yield from self._partition(number).ledger()

    def ledger_of(self, record_ids: Iterable[str]) -> Iterator[LedgerEntry]:
        """The purchases for some records, by partition and then in the order of commits."""
        wanted = list(dict.fromkeys(record_ids))
        for number in range(self.n_partitions):
            yield from self._partition(number).ledger_of(wanted)

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

    def _partition(self, number: int) -> Partition:
        partition = self._partitions.get(number)
        if partition is not None:
            return partition
        with self._opening:
            if not self._partitions:
                self.check_layout()
            if number not in self._partitions:
                self._partitions[number] = Partition(self.paths[number])
            return self._partitions[number]


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
    sync_folder(path.parent)
