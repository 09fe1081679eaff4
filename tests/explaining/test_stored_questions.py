"""What was asked is found by the key of one of its answers."""

import hashlib
import shutil
from pathlib import Path
from typing import Any

import pytest

from fakes.requests import request_of
from fakes.scripted import completion_of
from linkqa_kedro.explaining.stored_questions import StoredQuestions
from linkqa_kedro.teacher.completion_store import CompletionStore
from linkqa_kedro.teacher.store_maintenance import Selection, prune
from linkqa_kedro.teacher.stored_rows import Purchase

OTHER = ({"role": "user", "content": "another question"},)


def key_of(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()


@pytest.fixture
def store(tmp_path: Path) -> CompletionStore:
    """Two samples of one question about a record, one of them asked twice, and other questions beside it."""
    asked: dict[str, dict[str, Any]] = {
        "first": {"sample": 0},
        "again": {"sample": 0, "attempt": 1},
        "second": {"sample": 1},
        "other messages": {"messages": OTHER},
        "other version": {"prompt_version": "v2"},
        "other role": {"role": "rate"},
    }
    store = CompletionStore(tmp_path / "store", 3)
    store.put_many(
        Purchase(key_of(name), "m", request_of("qa-1", **parts), completion_of(name)) for name, parts in asked.items()
    )
    return store


def test_samples_and_attempts_of_the_same_question_belong_together(store: CompletionStore) -> None:
    question = StoredQuestions(store, []).question(key_of("again"))
    assert question.request is not None
    assert question.request["record_id"] == "qa-1"
    found = [(one.sample, one.attempt, one.completion.text) for one in question.answers if one.completion]
    assert found == [(0, 0, "first"), (0, 1, "again"), (1, 0, "second")]


def test_a_question_that_another_record_bought_is_found_all_the_same(store: CompletionStore) -> None:
    """Records may ask the same: it is bought once, under the name of the first."""
    question = StoredQuestions(store, ["qa-2"]).question(key_of("second"))
    assert len(question.answers) == 3


def test_keys_about_a_record_are_those_of_one_role(store: CompletionStore) -> None:
    questions = StoredQuestions(store, [])
    assert questions.keys_about("qa-1", "rate") == [key_of("other role")]
    assert questions.keys_about("qa-9", "rate") == []


def test_a_pruned_answer_keeps_its_purchase(store: CompletionStore) -> None:
    prune(store, Selection(prompt_version="v1"))
    question = StoredQuestions(store, ["qa-1"]).question(key_of("again"))
    (answer,) = question.answers
    assert (question.request, answer.completion, answer.attempt) == (None, None, 1)
    assert answer.entry is not None
    assert answer.entry.output_tokens == 5


def test_without_a_store_a_key_is_all_that_is_known(store: CompletionStore, tmp_path: Path) -> None:
    shutil.rmtree(store.folder)
    for questions in (
        StoredQuestions(None, ["qa-1"]),
        StoredQuestions(CompletionStore(tmp_path / "store", 3), ["qa-1"]),
    ):
        assert not questions.has_store
        (answer,) = questions.question("aa").answers
        assert (answer.key, answer.completion, answer.entry) == ("aa", None, None)
    assert not (tmp_path / "store").exists(), "looking makes none"
