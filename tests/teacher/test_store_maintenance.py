import contextlib
import hashlib
import json
import os
import sqlite3
import threading
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from fakes.requests import request_of
from fakes.scripted import completion_of
from linkqa_kedro.errors import UserError
from linkqa_kedro.teacher import store_maintenance
from linkqa_kedro.teacher.completion_store import CompletionStore
from linkqa_kedro.teacher.store_maintenance import (
    Finding,
    Selection,
    disk_bytes,
    export,
    prune,
    selected,
    summary,
    verify,
)
from linkqa_kedro.teacher.store_partition import ADDED_COLUMNS
from linkqa_kedro.teacher.stored_rows import Purchase


def key_of(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()


def purchase_of(name: str, model: str = "asked", asked: dict[str, Any] | None = None, **came: Any) -> Purchase:
    return Purchase(key_of(name), model, request_of(name, **asked or {}), completion_of(name, **came))


RATED = {"role": "rate", "stage": "enhancement", "prompt_version": "v2"}
# Five annotations at a quarter dollar, three ratings of which one has no known price; `a0` was bought twice.
PURCHASES = [
    *(purchase_of(f"a{i}", cost_usd=0.25, reasoning_tokens=2) for i in range(5)),
    *(purchase_of(f"r{i}", "other", RATED, cost_usd=None if i == 0 else 0.5) for i in range(3)),
    purchase_of("a0", cost_usd=0.25, input_tokens=None),
]


@pytest.fixture
def store(tmp_path: Path) -> CompletionStore:
    store = CompletionStore(tmp_path / "store", 3)
    store.prepare()
    store.put_many(PURCHASES)
    store.close()
    return store


@contextlib.contextmanager
def partition_of(store: CompletionStore, name: str) -> Any:
    """The file in which an answer lies, for somebody to damage it."""
    with contextlib.closing(sqlite3.connect(store.paths[store.number_of(key_of(name))])) as file, file:
        yield file


def contents(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


@pytest.mark.parametrize("task", [summary, verify, lambda store: export(store, Path("never.parquet"))])
def test_store_that_is_not_there_is_said_so_and_not_made(tmp_path: Path, task: Any) -> None:
    with pytest.raises(UserError, match=r"There is no completion store in .*nowhere yet"):
        task(CompletionStore(tmp_path / "nowhere", 2))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("task", [summary, verify])
def test_other_number_of_partitions_is_named(store: CompletionStore, task: Any) -> None:
    with pytest.raises(UserError, match="has 3 partitions, the setting says 2"):
        task(CompletionStore(store.folder, 2))


def test_summary_adds_up_by_stage_role_model_and_prompt_version(store: CompletionStore) -> None:
    with store:
        rated, annotated = summary(store)
    assert (annotated.stage, annotated.role, annotated.model, annotated.prompt_version) == (
        *("extraction", "annotate", "asked", "v1"),
    )
    assert (annotated.n_completions, annotated.n_purchases) == (5, 6)
    assert (annotated.input_tokens, annotated.output_tokens, annotated.reasoning_tokens) == (50, 30, 10)
    assert (annotated.cost_usd, annotated.known_cost_usd, annotated.n_unpriced) == (1.5, 1.5, 0)
    assert (rated.stage, rated.role, rated.model, rated.prompt_version) == ("enhancement", "rate", "other", "v2")
    assert (rated.n_completions, rated.n_purchases, rated.reasoning_tokens) == (3, 3, None)
    assert (rated.cost_usd, rated.known_cost_usd, rated.n_unpriced) == (None, 1.0, 1)
    assert 300 < rated.n_bytes < annotated.n_bytes < disk_bytes(store)


def test_store_without_a_row_has_an_empty_summary(tmp_path: Path) -> None:
    with CompletionStore(tmp_path, 2) as store:
        store.prepare()
        assert summary(store) == []
        assert verify(store).findings == ()


def test_export_holds_every_completion_with_its_request(store: CompletionStore, tmp_path: Path) -> None:
    path = tmp_path / "new" / "all.parquet"
    with store:
        store.put_many([purchase_of("z", cached_input_tokens=4, latency_seconds=1.5, reasoning="因为\ud83d")])
        assert export(store, path) == 9
    rows = {row["record_id"]: row for row in pq.read_table(path).to_pylist()}
    assert set(rows) == {*(f"a{i}" for i in range(5)), *(f"r{i}" for i in range(3)), "z"}
    last = rows["z"]
    assert json.loads(last.pop("settings")) == {"temperature": 0.6, "top_p": 0.95, "max_output_tokens": 64}
    assert json.loads(last.pop("messages"))[1] == {"role": "user", "content": "What is z?"}
    assert last == {
        "key": key_of("z"),
        "stage": "extraction",
        "role": "annotate",
        "record_id": "z",
        "model": "asked",
        "model_answered": "scripted",
        "prompt_version": "v1",
        "sample": 0,
        "attempt": 0,
        "text": "z",
        "reasoning": "因为\ufffd",
        "finish_reason": "stop",
        "input_tokens": 10,
        "cached_input_tokens": 4,
        "output_tokens": 5,
        "reasoning_tokens": None,
        "cost_usd": 0.0,
        "latency_seconds": 1.5,
    }
    assert [file.name for file in path.parent.iterdir()] == ["all.parquet"]


def test_export_is_written_in_row_groups(
    store: CompletionStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A store of millions of answers does not fit into memory."""
    monkeypatch.setattr(store_maintenance, "ROW_GROUP_CHARACTERS", 500)
    with store:
        export(store, tmp_path / "all.parquet")
    file = pq.ParquetFile(tmp_path / "all.parquet")
    assert 2 <= file.num_row_groups <= 8
    assert file.metadata.num_rows == 8


def test_export_that_fails_leaves_the_file_as_it_was(store: CompletionStore, tmp_path: Path) -> None:
    path = tmp_path / "all.parquet"
    path.write_text("before")
    with partition_of(store, "r2") as file:
        file.execute("UPDATE completions SET completion = x'00' WHERE key = ?", [key_of("r2")])
    with store, pytest.raises(UserError, match=r"partition-00\d.sqlite of the completion store is damaged"):
        export(store, path)
    assert path.read_text() == "before"
    assert {file.name for file in tmp_path.iterdir()} == {"store", "all.parquet"}


def test_export_to_a_place_that_cannot_be_written_is_one_sentence(store: CompletionStore, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with store, pytest.raises(UserError, match=r"x.parquet cannot be written: .*(Not a directory|File exists)"):
        export(store, tmp_path / "file" / "x.parquet")


def test_export_of_an_older_store_takes_the_latency_from_the_ledger(tmp_path: Path) -> None:
    with CompletionStore(tmp_path / "store", 1) as store:
        store.put_many([purchase_of("a")])
        with partition_of(store, "a") as file:
            file.execute("UPDATE purchases SET latency_seconds = 2.5")
        export(store, tmp_path / "all.parquet")
    assert pq.read_table(tmp_path / "all.parquet")["latency_seconds"].to_pylist() == [2.5]


def test_sound_store_gives_no_findings_and_is_not_touched(store: CompletionStore) -> None:
    before = contents(store.folder)
    found = verify(store)
    assert (found.findings, found.n_completions, found.n_purchases) == ((), 8, 9)
    assert contents(store.folder) == before


def test_store_of_an_older_version_is_checked_as_it_is(store: CompletionStore) -> None:
    for path in store.paths:
        with contextlib.closing(sqlite3.connect(path)) as file:
            for column in ADDED_COLUMNS:
                file.execute(f"ALTER TABLE purchases DROP COLUMN {column}")
    before = contents(store.folder)
    found = verify(store)
    assert (found.findings, found.n_completions, found.n_purchases) == ((), 8, 9)
    assert contents(store.folder) == before


@pytest.mark.parametrize(
    ("damage", "what"),
    [
        ("UPDATE completions SET completion = x'00' WHERE key = ?", "completion {key} is damaged: Error -5"),
        ("UPDATE completions SET request = completion WHERE key = ?", "completion {key} is damaged: a request lacks"),
        ("DELETE FROM completions WHERE key = ?", "the completion of purchase {key} is not there"),
        ("DELETE FROM purchases WHERE key = ?", "completion {key} has no purchase in the ledger"),
    ],
)
def test_damage_is_found_in_its_file_and_row(store: CompletionStore, damage: str, what: str) -> None:
    with partition_of(store, "r1") as file:
        file.execute(damage, [key_of("r1")])
    (finding,) = verify(store).findings
    assert finding.file == store.paths[store.number_of(key_of("r1"))]
    assert finding.what.startswith(what.format(key=key_of("r1")))


def test_row_in_another_partition_than_its_key_says_is_found(store: CompletionStore) -> None:
    """Nobody would look for it there: it would be bought again."""
    here = store.number_of(key_of("r1"))
    stray = next(name for name in map(str, range(100)) if store.number_of(key_of(name)) != here)
    with partition_of(store, "r1") as file:
        for table in ("completions", "purchases"):
            file.execute(f"UPDATE {table} SET key = ? WHERE key = ?", [key_of(stray), key_of("r1")])
    assert verify(store).findings == (
        Finding(store.paths[here], f"completion {key_of(stray)} belongs to another partition"),
    )


def test_file_that_is_missing_or_no_database_is_found_and_the_others_are_checked(store: CompletionStore) -> None:
    store.paths[0].unlink()
    store.paths[1].write_bytes(b"no database " * 100)
    found = verify(store)
    assert [(finding.file, finding.what) for finding in found.findings] == [
        (store.paths[0], "is not there; what it held will be bought again"),
        (store.paths[1], "file is not a database"),
    ]
    assert found.n_completions == sum(store.number_of(purchase.key) == 2 for purchase in PURCHASES[:8])
    assert not store.paths[0].exists()


def test_broken_page_is_found(tmp_path: Path) -> None:
    with CompletionStore(tmp_path, 1) as store:
        store.put_many([purchase_of(f"r{i}", reasoning="x" * i) for i in range(300)])
    with store.paths[0].open("r+b") as file:
        file.seek(20 * 4096)
        file.write(b"\xff" * 4096)
    assert verify(store).findings


def test_selection_without_a_condition_is_refused() -> None:
    with pytest.raises(UserError, match="Name a stage, a prompt version or a model"):
        Selection()


@pytest.mark.parametrize(
    ("selection", "left"),
    [
        (Selection(stage="enhancement"), {"a0", "a1", "a2", "a3", "a4"}),
        (Selection(prompt_version="v1"), {"r0", "r1", "r2"}),
        (Selection(stage="enhancement", model="other", prompt_version="v2"), {"a0", "a1", "a2", "a3", "a4"}),
        (Selection(stage="enhancement", model="asked"), {"a0", "a1", "a2", "a3", "a4", "r0", "r1", "r2"}),
    ],
)
def test_prune_deletes_what_agrees_with_every_condition(
    store: CompletionStore, selection: Selection, left: set[str]
) -> None:
    with store:
        foreseen = selected(store, selection)
        assert store.count() == 8
        assert prune(store, selection).n_completions == foreseen.n_completions == 8 - len(left)
        found = store.get_many(purchase.key for purchase in PURCHASES)
        assert {completion.text for completion in found.values()} == left
        assert len(list(store.ledger())) == len(PURCHASES)
        assert verify(store).findings == ()


def test_selected_says_what_would_go_and_what_it_cost(store: CompletionStore) -> None:
    with store:
        annotated = selected(store, Selection(stage="extraction"))
        rated = selected(store, Selection(stage="enhancement"))
        groups = {group.stage: group for group in summary(store)}
    # The second purchase of one of them was paid for too.
    assert (annotated.n_completions, annotated.known_cost_usd, annotated.n_unpriced) == (5, 1.5, 0)
    assert (rated.n_completions, rated.known_cost_usd, rated.n_unpriced) == (3, 1.0, 1)
    assert (annotated.n_bytes, rated.n_bytes) == (groups["extraction"].n_bytes, groups["enhancement"].n_bytes)


def test_pruned_completion_stays_paid_and_can_be_bought_again(store: CompletionStore) -> None:
    """The new answer counts under what asked for it, though the ledger holds an older purchase of the key."""
    with store:
        prune(store, Selection(stage="enhancement"))
        (pruned,) = (group for group in summary(store) if group.stage == "enhancement")
        assert (pruned.n_completions, pruned.n_purchases, pruned.n_bytes) == (0, 3, 0)
        store.put_many([purchase_of("r1", "other", {**RATED, "prompt_version": "v3"})])
        counts = {group.prompt_version: group.n_completions for group in summary(store)}
        assert counts == {"v1": 5, "v2": 0, "v3": 1}
        assert verify(store).findings == ()
        assert prune(store, Selection(prompt_version="v2")).n_completions == 0
        assert prune(store, Selection(prompt_version="v3")).n_completions == 1


def test_prune_gives_the_room_back(tmp_path: Path) -> None:
    with CompletionStore(tmp_path, 2) as store:
        store.put_many([purchase_of(f"r{i}", "large", reasoning=os.urandom(5_000).hex()) for i in range(200)])
        store.put_many([purchase_of("small", "small")])
        before = disk_bytes(store)
        pruned = prune(store, Selection(model="large"))
        assert pruned.n_bytes_freed == before - disk_bytes(store)
        assert pruned.n_bytes_freed > before / 2
        assert pruned.not_shrunk == ()
        assert store.get(key_of("small")) is not None


def test_file_that_somebody_reads_is_pruned_and_keeps_its_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("linkqa_kedro.teacher.store_partition.LOCK_TIMEOUT_SECONDS", 0.05)
    with CompletionStore(tmp_path, 1) as store:
        store.put_many([purchase_of("a"), purchase_of("b", "other")])
        with contextlib.closing(sqlite3.connect(store.paths[0], isolation_level=None)) as reader:
            reader.execute("BEGIN")
            reader.execute("SELECT * FROM completions").fetchall()
            pruned = prune(store, Selection(model="other"))
        assert pruned.n_completions == 1
        assert [path for path, _ in pruned.not_shrunk] == store.paths
        assert store.count() == 1


def test_runs_may_write_while_a_store_is_looked_at(store: CompletionStore, tmp_path: Path) -> None:
    with store:

        def write() -> None:
            for i in range(100):
                store.put_many([purchase_of(f"n{i}")])

        writer = threading.Thread(target=write)
        writer.start()
        while writer.is_alive():
            assert verify(store).findings == ()
            assert sum(group.n_completions for group in summary(store)) >= 8
            assert export(store, tmp_path / "all.parquet") >= 8
            prune(store, Selection(stage="enhancement"))
        writer.join()
        assert store.count() == 105
