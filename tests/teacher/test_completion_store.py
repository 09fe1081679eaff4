import hashlib
import json
import signal
import sqlite3
import subprocess
import sys
import textwrap
import threading
import zlib
from pathlib import Path
from typing import Any

import pytest

from fakes.requests import request_of
from fakes.scripted import completion_of
from linkqa_kedro.errors import UserError
from linkqa_kedro.teacher.completion_store import CompletionStore, Purchase

TESTS = Path(__file__).parents[1]


def key_of(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()


def purchase_of(name: str, **parts: Any) -> Purchase:
    return Purchase(key_of(name), "asked-model", request_of(name), completion_of(name, **parts), 1.5)


def test_completion_comes_back_as_it_was(tmp_path: Path) -> None:
    purchase = purchase_of("a", reasoning="因为", finish_reason="length", reasoning_tokens=3, cost_usd=None)
    with CompletionStore(tmp_path / "new" / "store", 3) as store:
        store.put_many([purchase])
        assert store.get(purchase.key) == purchase.completion
        assert store.get(key_of("never asked")) is None
        assert store.count() == 1


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
        store.put_many([purchase_of("a", cost_usd=0.25)])
        store.put_many([purchase_of("a", cost_usd=None, reasoning="second")])
        entries = list(store.ledger())
        kept = store.get(key_of("a"))
    assert [(e.role, e.record_id, e.model, e.attempt) for e in entries] == [("annotate", "a", "asked-model", 0)] * 2
    assert [(e.input_tokens, e.output_tokens, e.reasoning_tokens) for e in entries] == [(10, 5, None)] * 2
    assert [e.cost_usd for e in entries] == [0.25, None]
    assert [e.latency_seconds for e in entries] == [1.5, 1.5]
    assert kept is not None
    assert kept.reasoning is None


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


def run_writer(folder: Path, ending: str) -> subprocess.Popen[str]:
    program = textwrap.dedent(
        f"""
        import hashlib, os, sys
        from pathlib import Path
        from fakes.requests import request_of
        from fakes.scripted import completion_of
        from linkqa_kedro.teacher.completion_store import CompletionStore, Purchase

        store = CompletionStore(Path(sys.argv[1]), 2)
        for group in range(100_000):
            names = [f"{{group}}-{{i}}" for i in range(5)]
            store.put_many(
                Purchase(hashlib.sha256(n.encode()).hexdigest(), "m", request_of(n), completion_of(n))
                for n in names
            )
            print(*names, flush=True)
            {ending}
        """
    )
    return subprocess.Popen(
        [sys.executable, "-c", program, str(folder)],
        stdout=subprocess.PIPE,
        text=True,
        env={"PYTHONPATH": str(TESTS), "PATH": ""},
    )


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
