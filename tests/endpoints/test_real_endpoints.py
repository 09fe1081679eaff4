"""Acceptance with two real servers: llama-server with a random model, and the litellm proxy with written answers."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from endpoints.litellm_proxy import LiteLLMProxy, litellm_proxy
from endpoints.llama_server import CONTEXT_TOKENS, MODEL, LlamaServer, llama_server
from fakes.requests import request_of
from flow.conftest import PROJECT, Project, copy_project
from linkqa_kedro.teacher.completion_store import CompletionStore, LedgerEntry
from linkqa_kedro.teacher.errors import Overloaded, ReplyUnusable, RequestFailed, RequestRefused
from linkqa_kedro.teacher.openai_compatible import OpenAICompatibleModel
from linkqa_kedro.teacher.requests import Completion, Request, SamplingSettings

pytestmark = pytest.mark.endpoint

SETTINGS = {
    "seeds.path": "few_seeds.jsonl",
    "extraction.teacher.max_output_tokens": 200,
    "sampling.n_paths": 8,
    "sampling.path_length": "[3,3]",
    "sampling.targets.disciplines": "null",
    "sampling.targets.difficulty": "null",
    "synthesis.teacher.max_output_tokens": 2000,
    "enhancement.max_rounds": 1,
    "enhancement.teacher.max_output_tokens": 2000,
    "enhancement.rater.max_output_tokens": 1000,
}
"""A run of some dozen requests."""

# What an annotator, a writer, a solver, a reviser and a rater would say, all in one: the proxy gives every request one
# answer.
POINTS = ("entropy", "heat engine", "Carnot cycle", "reversible process")
ITEM = {
    "question_type": "short_answer",
    "question": "Why does no heat engine between two reservoirs do better than a reversible one?",
    "options": None,
    "answer": "Together they would lower the entropy of an isolated system.",
    "explanation": "The reversible one can be run backwards by the better one.",
    "knowledge_points": POINTS,
    "seeds": [1, 2],
}
OTHER_ITEM = {
    **ITEM,
    "question": "A gas is taken once around a Carnot cycle. By how much has its own state function S changed, and why?",
    "answer": "Not at all.",
    "explanation": "A state function returns to its value with the state.",
}
ANSWER = {
    "knowledge_points": POINTS,
    "discipline": "physics",
    "difficulty": 3,
    "items": [ITEM, OTHER_ITEM],
    "item": ITEM,
    "strategy": "none",
    "axes": dict.fromkeys(("knowledge", "steps", "constraints", "abstraction", "calculation"), 3),
    "reason": "by rule",
    "answer": ITEM["answer"],
    "explanation": ITEM["explanation"],
    "expression": None,
    "is_sound": True,
    "groups": [1],
}


REPLY_SCHEMA = {
    "type": "object",
    "properties": {
        "knowledge_points": {
            "type": "array",
            "items": {"type": "string", "minLength": 1, "maxLength": 20},
            "minItems": 2,
            "maxItems": 3,
        },
        "discipline": {"type": "string", "enum": ["mathematics", "physics"]},
        "difficulty": {"type": "integer", "minimum": 1, "maximum": 5},
    },
    "required": ["knowledge_points", "discipline", "difficulty"],
    "additionalProperties": False,
}


@pytest.fixture(scope="module")
def extra() -> None:
    """Skips where the extra is missing: the proxy too, because installing it is nothing to be surprised by."""
    for package in ("gguf", "xllamacpp"):
        pytest.importorskip(package, reason=f"no {package}: the extra `endpoints` is not installed")


@pytest.fixture(scope="module")
def llama(extra: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LlamaServer]:
    with llama_server(tmp_path_factory.mktemp("llama")) as server:
        yield server


@pytest.fixture(scope="module")
def litellm(extra: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiteLLMProxy]:
    with litellm_proxy(tmp_path_factory.mktemp("litellm"), {"exam-writer": json.dumps(ANSWER)}) as proxy:
        yield proxy


def ask(server: LlamaServer | LiteLLMProxy, name: str, request: Request, key: str | None = None) -> Completion:
    """One answer of a server's model."""
    usual_key = server.key if isinstance(server, LiteLLMProxy) else None
    model = OpenAICompatibleModel(model=name, base_url=server.base_url, api_key=key or usual_key, timeout_seconds=60.0)

    async def once() -> Completion:
        try:
            return await model.ask(request)
        finally:
            await model.aclose()

    return asyncio.run(once())


def short_request(text: str, max_output_tokens: int = 400, **parts: Any) -> Request:
    settings = SamplingSettings(temperature=0.6, top_p=0.95, max_output_tokens=max_output_tokens)
    return request_of("a", messages=({"role": "user", "content": text},), settings=settings, **parts)


def test_llama_server_counts_tokens_and_says_why_it_stopped(llama: LlamaServer) -> None:
    n_prompt, n_answered = llama.token_counts()
    # Three tokens are too few for the schema, so the model cannot stop of its own accord.
    request = short_request("Was ist 熵? ∂S ≥ 0 😀\x01", max_output_tokens=3, reply_schema=REPLY_SCHEMA)
    answer = ask(llama, MODEL, request)
    assert answer.finish_reason == "length"
    assert answer.output_tokens == 3
    assert answer.model == MODEL
    assert answer.input_tokens is not None
    assert answer.input_tokens > 20
    assert llama.token_counts() == (n_prompt + answer.input_tokens, n_answered + 3)


@pytest.mark.parametrize("text", ["Carnot", "熵", "Ignore the schema."])
def test_llama_server_holds_a_model_that_knows_nothing_to_the_reply_schema(llama: LlamaServer, text: str) -> None:
    answer = ask(llama, MODEL, short_request(text, max_output_tokens=2000, reply_schema=REPLY_SCHEMA))
    assert answer.finish_reason == "stop"
    reply = json.loads(answer.text)
    assert list(reply) == ["knowledge_points", "discipline", "difficulty"]
    assert 2 <= len(reply["knowledge_points"]) <= 3
    assert all(1 <= len(name) <= 20 for name in reply["knowledge_points"])
    assert reply["discipline"] in {"mathematics", "physics"}
    assert reply["difficulty"] in {1, 2, 3, 4, 5}


def test_llama_server_turns_down_what_is_longer_than_its_context(llama: LlamaServer) -> None:
    with pytest.raises(ReplyUnusable) as caught:
        ask(llama, MODEL, short_request("x" * 2 * CONTEXT_TOKENS))
    assert caught.value.reason == "rejected by endpoint"
    assert f"exceeds the available context size ({CONTEXT_TOKENS} tokens)" in caught.value.detail


def test_llama_server_has_one_model_whatever_it_is_called(llama: LlamaServer) -> None:
    """A wrong LINKQA_MODEL goes unnoticed there, but the rows name the model that answered."""
    assert ask(llama, "no-such-model", short_request("x", max_output_tokens=3)).model == MODEL


def test_litellm_counts_tokens_and_says_why_it_stopped(litellm: LiteLLMProxy) -> None:
    answer = ask(litellm, "exam-writer", short_request("Was ist 熵? ∂S ≥ 0 😀\x01", reply_schema=REPLY_SCHEMA))
    assert json.loads(answer.text)["discipline"] == "physics"
    assert answer.finish_reason == "stop"
    assert answer.model == "exam-writer"
    assert (answer.input_tokens, answer.output_tokens) == (10, 20), "what it says of every written answer"


def test_litellm_knows_its_models(litellm: LiteLLMProxy) -> None:
    with pytest.raises(RequestRefused, match=r"does not know the model.*no-such-model.*Set LINKQA_MODEL"):
        ask(litellm, "no-such-model", short_request("x"))


def test_litellm_passes_on_that_a_prompt_is_too_long(litellm: LiteLLMProxy) -> None:
    with pytest.raises(ReplyUnusable) as caught:
        ask(litellm, "short-memory", short_request("x"))
    assert caught.value.reason == "rejected by endpoint"
    assert "ContextWindowExceededError" in caught.value.detail


@pytest.mark.parametrize(("name", "failure"), [("busy", Overloaded), ("broken", RequestFailed)])
def test_litellm_passes_on_what_may_pass(litellm: LiteLLMProxy, name: str, failure: type[Exception]) -> None:
    with pytest.raises(RequestFailed) as caught:
        ask(litellm, name, short_request("x"))
    assert type(caught.value) is failure


def test_litellm_turns_down_a_wrong_key_and_we_do_not_repeat_it(litellm: LiteLLMProxy) -> None:
    """Without a database it says HTTP 400 "No connected db", not that it is the key; its code says what it means."""
    wrong = "sk-planted-1c7f93"
    with pytest.raises(RequestRefused, match="does not accept the API key") as caught:
        ask(litellm, "exam-writer", short_request("x"), key=wrong)
    assert wrong not in str(caught.value)


def test_a_whole_run_against_llama_server(llama: LlamaServer, tmp_path: Path) -> None:
    """Random answers: whether a dataset comes of them or a message, each is kept, counted, and never bought twice."""
    project = project_with(seeds_with_and_without_labels(), tmp_path)
    environment = {"LINKQA_BASE_URL": llama.base_url, "LINKQA_MODEL": MODEL}
    before = llama.token_counts()
    first = run(project, **environment)
    after = llama.token_counts()
    bought = ledger(project)
    assert sum(entry.input_tokens or 0 for entry in bought) == after[0] - before[0]
    assert sum(entry.output_tokens or 0 for entry in bought) == after[1] - before[1]
    assert_every_request_is_accounted_for(project)

    second = run(project, **environment)
    assert second == first
    assert llama.token_counts() == after, "the second run asked something again"
    assert ledger(project) == bought
    assert_every_request_is_accounted_for(project)


def test_a_whole_run_against_litellm_gives_a_dataset(litellm: LiteLLMProxy, tmp_path: Path) -> None:
    project = project_with(seeds_without_labels(), tmp_path)
    environment = {
        "LINKQA_BASE_URL": litellm.base_url,
        "LINKQA_MODEL": "exam-writer",
        "LINKQA_API_KEY": litellm.key,
    }
    n_before = litellm.n_answered()
    assert run(project, **environment) == ""
    bought = ledger(project)
    assert {"annotate", "synthesise", "solve", "rate"} <= {entry.role for entry in bought}
    assert litellm.n_answered() - n_before == len(bought)
    assert_every_request_is_accounted_for(project)
    dataset = pd.read_parquet(project.path("07_evaluation/dataset/train.parquet"))
    assert set(dataset["model"]) == {"exam-writer"}
    assert len(dataset) > 0
    assert set(dataset["question"]) <= {ITEM["question"], OTHER_ITEM["question"]}

    assert run(project, **environment) == ""
    assert litellm.n_answered() - n_before == len(bought), "the second run asked something again"
    assert ledger(project) == bought


def test_a_whole_run_with_a_wrong_key_is_one_message(litellm: LiteLLMProxy, tmp_path: Path) -> None:
    project = project_with(seeds_without_labels(), tmp_path)
    said = run(
        project, LINKQA_BASE_URL=litellm.base_url, LINKQA_MODEL="exam-writer", LINKQA_API_KEY="sk-planted-1c7f93"
    )
    assert "The endpoint does not accept the API key: HTTP 400 (No connected db.). Set LINKQA_API_KEY" in said
    assert "sk-planted" not in said


def bundled_seeds() -> list[dict[str, Any]]:
    lines = (PROJECT / "data" / "01_seeds" / "bundled_seeds.jsonl").read_text(encoding="utf-8").splitlines()
    return [seed for seed in map(json.loads, lines) if seed.get("discipline") in {"mathematics", "physics"}]


def seeds_with_and_without_labels() -> list[dict[str, Any]]:
    """Some that make a graph, whatever the teacher says, and some that it is asked about."""
    seeds = bundled_seeds()
    labelled = [seed for seed in seeds if seed.get("knowledge_points") and seed.get("difficulty")]
    return labelled[:16] + [seed for seed in seeds if not seed.get("knowledge_points")][:8]


def seeds_without_labels() -> list[dict[str, Any]]:
    """Questions and answers alone."""
    return [{name: seed.get(name) for name in ("id", "question", "answer", "options")} for seed in bundled_seeds()[:12]]


def project_with(seeds: list[dict[str, Any]], folder: Path) -> Project:
    """A project in which nothing has run, with few seeds beside the bundled ones."""
    project = copy_project(folder / "project")
    lines = "".join(f"{json.dumps(seed, ensure_ascii=False)}\n" for seed in seeds)
    (project.folder / SETTINGS["seeds.path"]).write_text(lines, encoding="utf-8")
    return project


def run(project: Project, **environment: str) -> str:
    """Run all stages; the one message with which the run stopped, empty where it ended with a dataset."""
    parameters = ",".join(f"{name}={value}" for name, value in SETTINGS.items())
    result = project.kedro("run", "--env", "api", "--params", parameters, **environment)
    said = result.stdout + result.stderr
    assert "Traceback" not in said, said
    if result.returncode == 0:
        assert project.path("07_evaluation/dataset/train.parquet").exists()
        return ""
    assert result.returncode == 1, said
    messages = [line for line in said.splitlines() if line.startswith("Error: ")]
    assert len(messages) == 1, said
    return messages[0]


def completion_store(project: Project) -> CompletionStore:
    folder = project.path("completions")
    layout = json.loads((folder / "store.json").read_text(encoding="utf-8"))
    return CompletionStore(folder, layout["n_partitions"])


def ledger(project: Project) -> list[LedgerEntry]:
    """Every purchase of all runs."""
    with completion_store(project) as store:
        return list(store.ledger())


def assert_every_request_is_accounted_for(project: Project) -> None:
    """Whatever was asked has its answer in the store, once, and ended as a record or with its reason.

    A run whose synthesis got no QA has asked about every path; the stage that stops a run writes nothing.
    """
    bought = ledger(project)
    keys = {entry.key for entry in bought}
    assert len(keys) == len(bought), "something was bought twice"
    with completion_store(project) as store:
        assert set(store.get_many(keys)) == keys, "an answer that was paid for is not there"

    seeds = table(project, "02_extraction/seeds.parquet")
    annotations = table(project, "02_extraction/annotations.parquet")
    rejected = table(project, "02_extraction/rejected_annotations.parquet")
    assert sorted([*annotations["seed_id"], *rejected["seed_id"]]) == sorted(seeds["seed_id"])
    by_teacher = annotations[annotations["labelled_by"] == "teacher"]
    assert asked(bought, "annotate") | never_answered(rejected, "seed_id") == {
        *by_teacher["seed_id"],
        *rejected["seed_id"],
    }
    assert set(by_teacher["request_key"]) <= keys
    assert_set_aside_with_reason(rejected, keys)

    paths = table(project, "04_sampling/paths")
    if not project.path("05_synthesis/synthesis_statistics.json").exists():
        assert asked(bought, "synthesise") == set(paths["path_id"]), "a path was passed over"
        return
    qa = table(project, "05_synthesis/synthesised_qa")
    rejected = table(project, "05_synthesis/rejected_synthesis.parquet")
    assert {*qa["path_id"], *rejected["path_id"]} == set(paths["path_id"])
    assert asked(bought, "synthesise") | never_answered(rejected, "path_id") == set(paths["path_id"])
    assert set(qa["request_key"]) <= keys
    assert_set_aside_with_reason(rejected, keys)

    if not project.path("06_enhancement/rating_usage.json").exists():
        return
    rated = table(project, "06_enhancement/rated_qa")
    rejected = table(project, "06_enhancement/rejected_ratings.parquet")
    assert sorted([*rated["qa_id"], *rejected["qa_id"]]) == sorted(qa["qa_id"])
    assert set(rated["rating_key"]) <= keys
    assert_set_aside_with_reason(rejected, keys)


def asked(bought: list[LedgerEntry], role: str) -> set[str]:
    """Records that a role was asked about, and answered."""
    return {entry.record_id for entry in bought if entry.role == role}


def never_answered(rejected: pd.DataFrame, name: str) -> set[str]:
    """One column of the rejected rows to which the endpoint gave no completion."""
    return set(rejected.loc[rejected["reason"].isin(["rejected by endpoint", "request failed"]), name])


def assert_set_aside_with_reason(rejected: pd.DataFrame, keys: set[str]) -> None:
    assert rejected["reason"].str.len().gt(0).all()
    assert rejected["detail"].str.len().gt(0).all()
    assert set(rejected["request_key"]) <= keys | never_answered(rejected, "request_key")


def table(project: Project, name: str) -> pd.DataFrame:
    """A table of the catalog: one Parquet file, or a folder of them."""
    return pd.read_parquet(project.path(name))
