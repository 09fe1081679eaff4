"""The teacher as the catalog describes it."""

import copy
import pickle
import re
from pathlib import Path
from typing import Any

import pytest
from kedro.io import DatasetError

from linkqa_kedro.datasets.teacher import TeacherDataset
from linkqa_kedro.errors import UserError
from linkqa_kedro.teacher.model_profile import ModelProfile
from linkqa_kedro.teacher.openai_compatible import OpenAICompatibleModel
from linkqa_kedro.teacher.pricing import Price

NO_LIMIT: dict[str, Any] = {"max_usd": None, "max_tokens": None}
ENDPOINT: dict[str, Any] = {"max_concurrency": 8, "requests_per_minute": None, "tokens_per_minute": None}
SETTINGS: dict[str, Any] = {
    "kind": "openai_compatible",
    "n_partitions": 2,
    "max_attempts": 1,
    "max_retries": 1,
    "backoff_seconds": 0.0,
    "timeout_seconds": 5,
    "endpoints": {"main": ENDPOINT, "judge": ENDPOINT},
    "roles": {"rate": {"endpoint": "judge"}, "raise": {"model": "v3"}},
    "models": {
        "r1": {"input_usd_per_million": 0.28, "output_usd_per_million": 0.42, "temperature": 0.6},
        "v3": {"instructions": "system"},
    },
    "budget": {**NO_LIMIT, "extraction": NO_LIMIT, "synthesis": NO_LIMIT, "enhancement": NO_LIMIT},
}


@pytest.fixture(autouse=True)
def _endpoints(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINKQA_BASE_URL", "http://127.0.0.1:1/v1")
    monkeypatch.setenv("LINKQA_MODEL", "r1")
    monkeypatch.setenv("LINKQA_API_KEY", "sk-main")
    monkeypatch.setenv("LINKQA_JUDGE_BASE_URL", "http://127.0.0.1:2/v1")
    monkeypatch.setenv("LINKQA_JUDGE_MODEL", "qwen")


def dataset(tmp_path: Path, **changes: Any) -> TeacherDataset:
    return TeacherDataset(filepath=str(tmp_path / "store"), **{**copy.deepcopy(SETTINGS), **changes})


def problem_of(entry: TeacherDataset) -> str:
    """What a person reads: the UserError beneath Kedro's own."""
    with pytest.raises(DatasetError) as caught:
        entry.load()
    assert isinstance(caught.value.__cause__, UserError)
    return str(caught.value.__cause__)


def with_budget(**limits: Any) -> dict[str, Any]:
    return {**SETTINGS["budget"], **limits}


def test_each_role_has_its_own_model_and_those_on_one_endpoint_share_its_limits(tmp_path: Path) -> None:
    teacher = dataset(tmp_path).load()
    assert teacher.name == "r1, qwen, v3"
    assert [teacher.model_for(role).chat.model for role in ("annotate", "rate", "raise")] == ["r1", "qwen", "v3"]
    assert teacher.model_for("raise").gate is teacher.model.gate
    assert teacher.model_for("rate").gate is not teacher.model.gate


def test_a_models_entry_carries_its_price_and_how_it_is_asked(tmp_path: Path) -> None:
    teacher = dataset(tmp_path).load()
    assert teacher.model.price == Price(0.28, 0.42)
    assert isinstance(teacher.model.chat, OpenAICompatibleModel)
    assert teacher.model.chat.profile == ModelProfile(price=Price(0.28, 0.42), temperature=0.6)
    assert teacher.model_for("raise").price is None


def test_every_load_gives_the_same_teacher_so_that_a_budget_is_that_of_the_run(tmp_path: Path) -> None:
    entry = dataset(tmp_path)
    assert entry.load() is entry.load()


def test_the_store_alone_takes_no_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was answered can be looked at without a key or an address."""
    for name in ("LINKQA_BASE_URL", "LINKQA_MODEL", "LINKQA_API_KEY"):
        monkeypatch.delenv(name)
    store = dataset(tmp_path).store
    assert (store.folder, store.n_partitions) == (tmp_path / "store", 2)
    assert not store.folder.exists()
    with pytest.raises(UserError, match="no n_partitions"):
        _ = dataset(tmp_path, n_partitions=None).store


def test_a_worker_process_makes_a_teacher_of_its_own(tmp_path: Path) -> None:
    entry = dataset(tmp_path)
    entry.load()
    assert pickle.loads(pickle.dumps(entry)).load().name == "r1, qwen, v3"


def test_a_limit_in_dollars_refuses_a_model_without_a_price(tmp_path: Path) -> None:
    said = problem_of(dataset(tmp_path, budget=with_budget(max_usd=1.0)))
    assert re.search(r"price of qwen, v3 is unknown.*catalog_teacher\.yml", said)
    stage = {"max_usd": 1.0, "max_tokens": None}
    assert "price of qwen, v3 is unknown" in problem_of(dataset(tmp_path, budget=with_budget(synthesis=stage)))
    dataset(tmp_path, budget=with_budget(max_tokens=1000)).load()


def test_the_composer_is_free_and_keeps_any_limit(tmp_path: Path) -> None:
    assert dataset(tmp_path, kind="composer", budget=with_budget(max_usd=1.0)).load().model.price == Price(0.0, 0.0)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"kind": "oracle"}, r"Unknown teacher 'oracle'.*globals\.yml"),
        ({"roles": {"rate": {"endpoint": "jugde"}}}, r"roles\.rate: there is no endpoint 'jugde'. Known: judge, main"),
        ({"roles": {"grade": {}}}, r"teacher\.roles\.grade"),
        ({"endpoints": {"judge": ENDPOINT}}, "no endpoint 'main'"),
        ({"endpoints": {"main": {**ENDPOINT, "max_concurrency": 0}}}, r"endpoints\.main\.max_concurrency.*got 0"),
        ({"models": {"r1": {"instructions": "assistant"}}}, r"models\.r1\.instructions.*assistant"),
        ({"models": {"r1": {"output_usd_per_million": -1}}}, r"models\.r1\.output_usd_per_million.*-1"),
        ({"budget": with_budget(max_usd=0)}, r"teacher\.budget\.max_usd.*got 0"),
        ({"budget": with_budget(max_usd="much")}, r"teacher\.budget\.max_usd.*got 'much'"),
        ({"max_retries": -1}, "max_retries must be 0 or more, got -1"),
        ({"timeout": 5}, r"teacher\.timeout: Extra inputs"),
        (
            {"models": {"r1": {"extra_body": {"max_tokens": 9}}}},
            r"models\.r1\.extra_body.*max_tokens must not stand here",
        ),
        ({"endpoints": {"main": ENDPOINT, "deep-seek": ENDPOINT}}, r"endpoints\.deep-seek"),
    ],
)
def test_a_value_that_cannot_be_used_is_named(tmp_path: Path, changes: dict[str, Any], said: str) -> None:
    assert re.search(said, problem_of(dataset(tmp_path, **changes)))


@pytest.mark.parametrize("variable", ["LINKQA_BASE_URL", "LINKQA_MODEL", "LINKQA_JUDGE_BASE_URL", "LINKQA_JUDGE_MODEL"])
def test_a_missing_variable_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    monkeypatch.delenv(variable)
    assert f"environment variable {variable} is not set" in problem_of(dataset(tmp_path))
