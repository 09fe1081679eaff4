import contextlib
import ctypes
import hashlib
import json
import os
import signal
import sqlite3
import subprocess
import sys
import textwrap
import threading
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fakes.requests import request_of
from fakes.scripted import completion_of
from linkqa_kedro.errors import UserError
from linkqa_kedro.teacher import store_partition
from linkqa_kedro.teacher.completion_store import CompletionStore
from linkqa_kedro.teacher.stored_rows import Purchase

TESTS = Path(__file__).parents[1]


def key_of(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()


def purchase_of(name: str, **parts: Any) -> Purchase:
    return Purchase(key_of(name), "asked-model", request_of(name), completion_of(name, **parts))


def test_completion_comes_back_as_it_was(tmp_path: Path) -> None:
    purchase = purchase_of(
        "a",
        reasoning="因为",
        finish_reason="length",
        cached_input_tokens=7,
        reasoning_tokens=3,
        cost_usd=None,
        latency_seconds=1.5,
    )
    with CompletionStore(tmp_path / "new" / "store", 3) as store:
        store.put_many([purchase])
        assert store.get(purchase.key) == purchase.completion
        assert store.get(key_of("never asked")) is None
        assert store.count() == 1


def test_ledger_of_some_records_holds_their_purchases_alone(tmp_path: Path) -> None:
    with CompletionStore(tmp_path / "store", 3) as store:
        store.put_many(purchase_of(name) for name in ("a", "b", "c"))
        store.put_many([purchase_of("a")])
        assert [entry.record_id for entry in store.ledger_of(["a", "c", "a", "never asked"])].count("a") == 2
        assert {entry.record_id for entry in store.ledger_of(["a", "c"])} == {"a", "c"}
        assert list(store.ledger_of([])) == []


def test_nothing_is_created_before_the_first_use(tmp_path: Path) -> None:
    """A catalog loads every entry; a run that asks nothing leaves nothing behind."""
    store = CompletionStore(tmp_path / "store", 3)
    store.close()
    assert not (tmp_path / "store").exists()


def test_reopened_store_holds_all_partitions(tmp_path: Path) -> None:
    purchases = [purchase_of(f"r{i}") for i in range(1200)]
    with CompletionStore(tmp_path, 2) as store:
        store.put_many(purchases)
    with CompletionStore(tmp_path, 2) as store:
        found = store.get_many([p.key for p in purchases] + [key_of("other")])
        assert found == {p.key: p.completion for p in purchases}
        assert store.count() == 1200
    assert {path.name for path in tmp_path.iterdir()} == {
        "store.json",
        "partition-000.sqlite",
        "partition-001.sqlite",
    }


def test_closed_store_opens_again_by_itself(tmp_path: Path) -> None:
    store = CompletionStore(tmp_path, 1)
    store.put_many([purchase_of("a")])
    store.close()
    assert store.count() == 1
    store.close()


def test_request_can_be_explained_later(tmp_path: Path) -> None:
    with CompletionStore(tmp_path, 1) as store:
        store.put_many([purchase_of("a")])
        assert store.request_of(key_of("a")) == {
            "role": "annotate",
            "stage": "extraction",
            "record_id": "a",
            "model": "asked-model",
            "prompt_version": "v1",
            "sample": 0,
            "attempt": 0,
            "settings": {"temperature": 0.6, "top_p": 0.95, "max_output_tokens": 64},
            "messages": [
                {"role": "system", "content": "Annotate."},
                {"role": "user", "content": "What is a?"},
            ],
        }
        assert store.request_of(key_of("b")) is None


def test_ledger_has_a_row_for_each_purchase(tmp_path: Path) -> None:
    """Two processes may buy the same answer: the first is kept, both were paid for."""
    with CompletionStore(tmp_path, 1) as store:
        store.put_many([purchase_of("a", cost_usd=0.25, cached_input_tokens=4, latency_seconds=1.5)])
        store.put_many([purchase_of("a", cost_usd=None, reasoning="second")])
        entries = list(store.ledger())
        kept = store.get(key_of("a"))
    assert [(e.stage, e.role, e.record_id, e.model, e.attempt) for e in entries] == [
        ("extraction", "annotate", "a", "asked-model", 0)
    ] * 2
    assert [(e.input_tokens, e.output_tokens, e.reasoning_tokens) for e in entries] == [(10, 5, None)] * 2
    assert [e.cost_usd for e in entries] == [0.25, None]
    assert [e.cached_input_tokens for e in entries] == [4, None]
    assert [e.latency_seconds for e in entries] == [1.5, None]
    assert kept is not None
    assert kept.reasoning is None


def test_schema_of_the_reply_is_not_stored(tmp_path: Path) -> None:
    """It is a hint to an endpoint: a store of a million answers need not repeat it."""
    asked = request_of("a", reply_schema={"title": "Annotation"})
    with CompletionStore(tmp_path, 1) as store:
        store.put_many([Purchase(key_of("a"), "m", asked, completion_of("a"))])
        assert "Annotation" not in json.dumps(store.request_of(key_of("a")))


OLD_SCHEMA = """
CREATE TABLE completions (key TEXT PRIMARY KEY, request BLOB NOT NULL, completion BLOB NOT NULL);
CREATE TABLE purchases (
    id INTEGER PRIMARY KEY, key TEXT NOT NULL, role TEXT NOT NULL, record_id TEXT NOT NULL, model TEXT NOT NULL,
    prompt_version TEXT NOT NULL, sample INTEGER NOT NULL, attempt INTEGER NOT NULL, input_tokens INTEGER,
    output_tokens INTEGER, reasoning_tokens INTEGER, cost_usd REAL, latency_seconds REAL
);
"""


def make_old_store(folder: Path) -> None:
    """A store as it was written before purchases named their stage: one completion of each role."""
    (folder / "store.json").write_text('{"format": 1, "n_partitions": 1}')
    with contextlib.closing(sqlite3.connect(folder / "partition-000.sqlite")) as file, file:
        file.executescript(OLD_SCHEMA)
        for role in ("annotate", "synthesise", "raise", "rate"):
            asked: dict[str, Any] = {
                "role": role,
                "record_id": "r",
                "model": "m",
                "prompt_version": "v",
                "sample": 0,
                "attempt": 0,
            }
            asked.update(settings={}, messages=[])
            came = {"text": role, "reasoning": None, "finish_reason": "stop", "model": "m", "input_tokens": 10}
            file.execute(
                "INSERT INTO completions VALUES (?, ?, ?)",
                (key_of(role), *(zlib.compress(json.dumps(part).encode()) for part in (asked, came))),
            )
            file.execute(
                "INSERT INTO purchases VALUES (NULL, ?, ?, 'r', 'm', 'v', 0, 0, 10, 5, NULL, 0.5, 2.5)",
                (key_of(role), role),
            )


def test_store_of_an_older_version_opens_and_knows_its_stages(tmp_path: Path) -> None:
    make_old_store(tmp_path)
    for _ in range(2):
        with CompletionStore(tmp_path, 1) as store:
            assert [(e.role, e.stage, e.cached_input_tokens, e.latency_seconds) for e in store.ledger()][:4] == [
                ("annotate", "extraction", None, 2.5),
                ("synthesise", "synthesis", None, 2.5),
                ("raise", "enhancement", None, 2.5),
                ("rate", "enhancement", None, 2.5),
            ]
            found = store.get(key_of("rate"))
            assert found is not None
            assert (found.text, found.input_tokens, found.latency_seconds) == ("rate", 10, None)
            asked = store.request_of(key_of("rate"))
            assert asked is not None
            assert asked["stage"] == "enhancement"
            store.put_many([purchase_of("new")])
            assert store.get(key_of("new")) is not None


def test_half_a_surrogate_pair_is_stored(tmp_path: Path) -> None:
    """Endpoints cut emoji in two; that is no reason to lose the answer or to stop the run."""
    with CompletionStore(tmp_path, 1) as store:
        store.put_many([purchase_of("a", reasoning="\ud83d")])
        found = store.get(key_of("a"))
    assert found is not None
    assert found.reasoning == "\ud83d"


def test_failed_group_leaves_no_part_of_itself(tmp_path: Path) -> None:
    with CompletionStore(tmp_path, 1) as store:
        unwritable = purchase_of("b", input_tokens=2**70)
        with pytest.raises(OverflowError):
            store.put_many([purchase_of("a"), unwritable])
        assert store.count() == 0
        store.put_many([purchase_of("a")])
        assert store.count() == 1


def test_reading_does_not_wait_for_a_commit(tmp_path: Path) -> None:
    with CompletionStore(tmp_path, 1) as store:
        store.put_many([purchase_of("a")])
        other = sqlite3.connect(tmp_path / "partition-000.sqlite", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        assert store.get(key_of("a")) is not None
        other.execute("ROLLBACK")
        other.close()


def test_threads_share_a_store(tmp_path: Path) -> None:
    with CompletionStore(tmp_path, 2) as store:
        threads = [
            threading.Thread(target=store.put_many, args=([purchase_of(f"{t}-{i}") for i in range(50)],))
            for t in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert store.count() == 200
        assert len(list(store.ledger())) == 200


def test_other_number_of_partitions_is_named(tmp_path: Path) -> None:
    with CompletionStore(tmp_path, 4) as store:
        store.put_many([purchase_of("a")])
    with pytest.raises(UserError, match=r"has 4 partitions, the setting says 8\. .*to 4"):
        CompletionStore(tmp_path, 8).count()


def test_less_than_one_partition_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="1 or more partitions, got 0"):
        CompletionStore(tmp_path, 0)


def test_store_of_another_format_is_named(tmp_path: Path) -> None:
    (tmp_path / "store.json").write_text(json.dumps({"format": 2, "n_partitions": 1}))
    with pytest.raises(UserError, match="format 2; this version reads 1"):
        CompletionStore(tmp_path, 1).count()


@pytest.mark.parametrize("layout", ["[]", "{", ""])
def test_damaged_layout_is_named(tmp_path: Path, layout: str) -> None:
    (tmp_path / "store.json").write_text(layout)
    with pytest.raises(UserError, match=r"store\.json of the completion store is damaged"):
        CompletionStore(tmp_path, 1).count()


def test_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match=r"cannot use .*file.*store\.json: Not a directory"):
        CompletionStore(tmp_path / "file" / "store", 1).count()


def test_partition_that_cannot_be_opened_is_named(tmp_path: Path) -> None:
    (tmp_path / "partition-000.sqlite").mkdir()
    with pytest.raises(UserError, match=r"cannot use .*partition-000.sqlite: unable to open"):
        CompletionStore(tmp_path, 1).get(key_of("a"))


def test_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    (tmp_path / "partition-000.sqlite").write_bytes(b"no database " * 100)
    with pytest.raises(UserError, match=r"partition-000.sqlite .* damaged: file is not a database"):
        CompletionStore(tmp_path, 1).get(key_of("a"))


@pytest.mark.parametrize("row", [b"no zlib", b"", "[]"])
def test_damaged_row_is_named(tmp_path: Path, row: bytes | str) -> None:
    packed = zlib.compress(row.encode()) if isinstance(row, str) else row
    with CompletionStore(tmp_path, 1) as store:
        store.put_many([purchase_of("a")])
    with sqlite3.connect(tmp_path / "partition-000.sqlite") as file:
        file.execute("UPDATE completions SET completion = ?, request = ?", (packed, packed))
    file.close()
    with CompletionStore(tmp_path, 1) as store:
        with pytest.raises(UserError, match="damaged"):
            store.get(key_of("a"))
        with pytest.raises(UserError, match="damaged"):
            store.request_of(key_of("a"))


def test_full_disk_is_one_sentence_and_loses_nothing(tmp_path: Path) -> None:
    with CompletionStore(tmp_path, 1) as store:
        store.put_many([purchase_of("a")])
        # The page limit of a connection stands in for a disk without space.
        store._partition(0)._writer.execute("PRAGMA max_page_count = 1")
        with pytest.raises(UserError, match="disk is full"):
            store.put_many([purchase_of(f"r{i}") for i in range(500)])
        assert store.count() == 1


def test_partition_that_another_process_keeps_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_partition, "LOCK_TIMEOUT_SECONDS", 0.05)
    with CompletionStore(tmp_path, 1) as store:
        store.put_many([purchase_of("a")])
        with contextlib.closing(sqlite3.connect(tmp_path / "partition-000.sqlite", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(UserError, match=r"Another process has written to .*partition-000\.sqlite"):
                store.put_many([purchase_of("b")])
        store.put_many([purchase_of("b")])
        assert store.count() == 2


def test_file_that_another_process_is_just_making_is_waited_for(tmp_path: Path) -> None:
    """SQLite does not wait by itself where a new file gets its write-ahead log."""
    with contextlib.closing(
        sqlite3.connect(tmp_path / "partition-000.sqlite", isolation_level=None, check_same_thread=False)
    ) as other:
        other.execute("BEGIN IMMEDIATE")
        other.execute("CREATE TABLE being_made (a)")
        release = threading.Timer(0.3, other.execute, ["COMMIT"])
        release.start()
        with CompletionStore(tmp_path, 1) as store:
            store.put_many([purchase_of("a")])
            assert store.count() == 1
        release.join()


def test_prepared_store_has_all_its_files_and_nothing_else(tmp_path: Path) -> None:
    with CompletionStore(tmp_path / "store", 3) as store:
        store.prepare()
        store.prepare()
        assert store.count() == 0
    names = {path.name for path in (tmp_path / "store").iterdir()}
    assert names == {"store.json", *(f"partition-00{n}.sqlite" for n in range(3))}


def test_store_in_a_file_cannot_be_prepared(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match=r"cannot use .*: Not a directory"):
        CompletionStore(tmp_path / "file" / "store", 1).prepare()


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="no file system here that refuses even root")
def test_store_where_nobody_can_write_cannot_be_prepared() -> None:
    with pytest.raises(UserError, match=r"cannot use /proc/completions/store\.json: No such file"):
        CompletionStore(Path("/proc/completions"), 1).prepare()


PREAMBLE = """
import hashlib, os, random, resource, sys
from pathlib import Path
from fakes.requests import request_of
from fakes.scripted import completion_of
from linkqa_kedro.errors import UserError
from linkqa_kedro.teacher.completion_store import CompletionStore
from linkqa_kedro.teacher.stored_rows import Purchase

def key_of(name):
    return hashlib.sha256(name.encode()).hexdigest()

def purchase_of(name, **parts):
    return Purchase(key_of(name), "m", request_of(name), completion_of(name, **parts))

folder = Path(sys.argv[1])
"""


def start(program: str, *arguments: object, **options: Any) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", PREAMBLE + textwrap.dedent(program), *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={"PYTHONPATH": str(TESTS), "PATH": ""},
        **options,
    )


def output_of(process: subprocess.Popen[str]) -> str:
    output, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    return output


def bow_to_permissions() -> None:
    """Give up root's right to ignore permission bits, for good."""
    if os.geteuid() == 0:
        for capability in (1, 2):  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
            if ctypes.CDLL(None).prctl(24, capability, 0, 0, 0):  # PR_CAPBSET_DROP
                raise OSError


@contextlib.contextmanager
def protected(path: Path) -> Iterator[None]:
    mode = path.stat().st_mode
    path.chmod(mode & ~0o222)
    try:
        yield
    finally:
        path.chmod(mode)


@pytest.mark.parametrize("name", [".", "partition-001.sqlite"])
def test_store_that_is_write_protected_cannot_be_prepared(tmp_path: Path, name: str) -> None:
    """SQLite opens a protected file for reading without a word; the first answer would be bought in vain."""
    with CompletionStore(tmp_path, 2) as store:
        store.put_many([purchase_of("a"), purchase_of("b"), purchase_of("c")])
    program = """
        try:
            CompletionStore(folder, 2).prepare()
        except UserError as error:
            print(error)
    """
    with protected(tmp_path / name):
        try:
            process = start(program, tmp_path, preexec_fn=bow_to_permissions)
        except (subprocess.SubprocessError, AttributeError):
            pytest.skip("root cannot give up its rights here")
        said = output_of(process)
    # A folder that is protected refuses the side files of its first partition.
    named = "partition-000.sqlite" if name == "." else name
    assert f"cannot use {tmp_path / named}: attempt to write a readonly database" in said
    assert "mend the permissions" in said
    with CompletionStore(tmp_path, 2) as store:
        store.prepare()
        assert store.count() == 3


def test_full_disk_stops_the_preparation_and_a_commit_and_the_store_works_again_afterwards(tmp_path: Path) -> None:
    """A limit on the size of files stands in for a disk without space, in the midst of a commit."""
    program = """
        noise = random.Random(1)
        def big(name):
            return purchase_of(name, reasoning=noise.randbytes(20_000).hex())

        store = CompletionStore(folder, 1)
        store.prepare()
        store.put_many([purchase_of("early"), big("early too")])
        kept = store.get(key_of("early too"))

        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (600_000, hard))
        for attempt in (store.prepare, lambda: store.put_many(big(f"r{i}") for i in range(100))):
            try:
                attempt()
            except UserError as error:
                print(error)
        assert store.count() == 2, store.count()
        assert store.get(key_of("early too")) == kept
        assert len(list(store.ledger())) == 2
        store.put_many([purchase_of("small")])

        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        store.prepare()
        store.put_many(big(f"r{i}") for i in range(100))
        print("done", store.count())
    """
    unprepared, failed, done = output_of(start(program, tmp_path)).splitlines()
    assert f"cannot use {tmp_path}: File too large. Nothing stored is lost. Free space" in unprepared
    assert f"cannot use {tmp_path / 'partition-000.sqlite'}: disk I/O error. Nothing stored is lost" in failed
    assert done == "done 103"
    with CompletionStore(tmp_path, 1) as store:
        assert store.count() == len(list(store.ledger())) == 103
    with contextlib.closing(sqlite3.connect(tmp_path / "partition-000.sqlite")) as file:
        assert file.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own, of 2 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "none", str(folder)]
    try:
        subprocess.run(mount, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("no right to mount a file system here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def test_disk_that_is_really_full_is_named_and_loses_nothing(small_disk: Path) -> None:
    filler = small_disk / "filler"
    with CompletionStore(small_disk / "store", 2) as store:
        store.prepare()
        store.put_many([purchase_of("early")])
        filler.write_bytes(bytes(1_200_000))
        with pytest.raises(UserError, match=r"cannot use .*store: No space left on device\. Nothing stored is lost"):
            store.prepare()
        with pytest.raises(UserError, match="database or disk is full"):
            store.put_many([purchase_of(f"r{i}", reasoning=os.urandom(10_000).hex()) for i in range(100)])
        assert store.get(key_of("early")) is not None
        filler.unlink()
        store.prepare()
        store.put_many([purchase_of("late")])
        assert store.get(key_of("late")) is not None
        assert store.count() == len(list(store.ledger()))


def test_two_processes_buy_into_one_new_store_at_once(tmp_path: Path) -> None:
    """Of a key that both bought the first answer is kept; both stand in the ledger."""
    program = """
        who, price = sys.argv[2], float(sys.argv[3])
        names = [f"both-{i}" if i % 4 == 0 else f"{who}-{i}" for i in range(200)]
        print("ready", flush=True)
        sys.stdin.readline()
        store = CompletionStore(folder, 2)
        store.prepare()
        for start in range(0, 200, 5):
            store.put_many(purchase_of(name, reasoning=who, cost_usd=price) for name in names[start : start + 5])
    """
    processes = [start(program, tmp_path / "store", who, price) for who, price in (("one", 1), ("two", 2))]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in processes:
        output_of(process)
    shared = [f"both-{i}" for i in range(0, 200, 4)]
    own = [f"{who}-{i}" for who in ("one", "two") for i in range(200) if i % 4]
    with CompletionStore(tmp_path / "store", 2) as store:
        assert store.count() == 50 + 300
        found = store.get_many(key_of(name) for name in shared + own)
        entries = list(store.ledger())
    assert {completion.text for completion in found.values()} == {*shared, *own}
    assert len(entries) == 400
    assert sum(entry.cost_usd or 0 for entry in entries) == 200 * 1 + 200 * 2
    first_price: dict[str, float | None] = {}
    for entry in entries:
        first_price.setdefault(entry.record_id, entry.cost_usd)
    assert {completion.text: completion.cost_usd for completion in found.values()} == first_price
    assert {completion.text: completion.reasoning for completion in found.values()} == {
        name: "one" if price == 1 else "two" for name, price in first_price.items()
    }


def run_writer(folder: Path, ending: str) -> subprocess.Popen[str]:
    program = f"""
        store = CompletionStore(folder, 2)
        for group in range(100_000):
            names = [f"{{group}}-{{i}}" for i in range(5)]
            store.put_many(purchase_of(name) for name in names)
            print(*names, flush=True)
            {ending}
    """
    return start(program, folder)


def assert_all_there(folder: Path, names: list[str]) -> None:
    assert names
    with CompletionStore(folder, 2) as store:
        found = store.get_many(key_of(name) for name in names)
        assert {completion.text for completion in found.values()} == set(names)
        assert store.count() == len(list(store.ledger()))


def test_process_that_exits_hard_after_put_keeps_its_rows(tmp_path: Path) -> None:
    """`put_many` returned, `read` never ran: the answers were paid for and must be there."""
    process = run_writer(tmp_path, "if group == 2: os._exit(9)")
    output, _ = process.communicate(timeout=30)
    assert process.returncode == 9
    assert_all_there(tmp_path, output.split())


def test_killed_process_keeps_every_acknowledged_row(tmp_path: Path) -> None:
    """The kill falls wherever it falls, often inside a commit."""
    process = run_writer(tmp_path, "")
    assert process.stdout is not None
    acknowledged = [process.stdout.readline() for _ in range(20)]
    process.send_signal(signal.SIGKILL)
    rest, _ = process.communicate(timeout=30)
    whole_lines = rest[: rest.rfind("\n") + 1]
    assert_all_there(tmp_path, ("".join(acknowledged) + whole_lines).split())
