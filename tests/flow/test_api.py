"""A whole run against an HTTP endpoint: the environment changes, no Python does."""

import json
import sqlite3
import zlib
from pathlib import Path

import pandas as pd
import pytest
from mlflow import MlflowClient

from endpoints.local_server import LocalTeacherServer
from fakes.exam_writer import answer

from .conftest import SMALL, Project

pytestmark = pytest.mark.flow

KEY = "sk-planted-4f1d9c7e2b"


def unpacked(path: Path) -> list[bytes]:
    """The file as it is, and the blobs of a database without their compression."""
    parts = [path.read_bytes()]
    if path.suffix in (".sqlite", ".db"):
        with sqlite3.connect(path) as database:
            tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            values = [v for table in tables for row in database.execute(f"SELECT * FROM '{table}'") for v in row]
        for value in values:
            if isinstance(value, bytes):
                try:
                    parts.append(zlib.decompress(value))
                except zlib.error:
                    parts.append(value)
            else:
                parts.append(str(value).encode())
    return parts


def test_a_whole_run_against_an_endpoint_gives_a_dataset_and_keeps_the_key_to_itself(new_project: Project) -> None:
    with LocalTeacherServer(answer) as server:
        arguments = ("run", "--env", "api", "--params", SMALL)
        environment = {
            "LINKQA_BASE_URL": server.base_url,
            "LINKQA_MODEL": "exam-writer",
            "LINKQA_API_KEY": KEY,
            "LINKQA_MLFLOW": "on",
        }
        first = new_project.kedro(*arguments, **environment)
        assert first.returncode == 0, first.stderr[-3000:]
        n_asked = len(server.requests)
        second = new_project.kedro(*arguments, **environment)
        assert second.returncode == 0, second.stderr[-3000:]

    assert set(server.authorizations) == {f"Bearer {KEY}"}
    assert n_asked > 300
    assert len(server.requests) == n_asked, "the second run bought something again"

    dataset = pd.read_parquet(new_project.path("07_evaluation/dataset/train.parquet"))
    assert len(dataset) > 200
    assert set(dataset["model"]) == {"served-model"}
    assert dataset.loc[dataset["origin"] == "synthesised", "reasoning"].eq("let me see").all()
    assert dataset["proof"].isna().all()
    assert set(dataset["answer_check"]) == {"solved", "compared"}
    assert dataset["refine_key"].notna().any()
    messages = new_project.path("07_evaluation/dataset/messages/train.jsonl").read_text(encoding="utf-8")
    thoughts = {json.loads(line)["messages"][1]["reasoning_content"] for line in messages.splitlines()}
    assert thoughts == {"the question names a number"}, "a trainer reads how it was solved, not how it was written"
    store = MlflowClient(f"sqlite:///{new_project.folder / 'mlflow.db'}")
    experiments = [experiment.experiment_id for experiment in store.search_experiments()]
    last, *_ = store.search_runs(experiments)
    ledger = new_project.folder / "mlruns" / last.info.run_id / "artifacts" / "teacher" / "ledger.json"
    lines = json.loads(ledger.read_text(encoding="utf-8"))["lines"]
    roles_of = {"extraction": ("annotate",), "synthesis": ("synthesise", "solve", "compare", "refine")}
    roles_of["enhancement"] = ("rate", "raise", "solve")
    asked = [(line["stage"], line["role"]) for line in lines]
    assert {(stage, role) for stage, roles in roles_of.items() for role in roles} <= set(asked)
    assert len(set(asked)) == len(asked)
    # An answer that was thin is compared with the same attempts again: the store has that comparison.
    assert n_asked <= sum(line["reused"] for line in lines) < 1.02 * n_asked
    assert all(line["model"] == "exam-writer" and line["mean_seconds"] > 0 for line in lines)
    assert last.data.metrics["stage/synthesis/teacher.roles.synthesise.reused"] > 100
    for said in ("asked for", "annotate (exam-writer)", "mean s"):
        assert said in first.stdout, "the ledger is missing in the summary"
    statistics = json.loads(new_project.path("05_synthesis/synthesis_statistics.json").read_text(encoding="utf-8"))
    assert statistics["teacher"]["cost_usd"] == 0, "nothing was bought in the second run"

    left_behind = [path for path in new_project.folder.rglob("*") if path.is_file()]
    assert any(path.name == "mlflow.db" for path in left_behind)
    assert len([path for path in left_behind if path.suffix == ".sqlite"]) >= 1
    holding = [path.name for path in left_behind if any(KEY.encode() in part for part in unpacked(path))]
    assert holding == []
    assert KEY not in first.stdout + first.stderr + second.stdout + second.stderr


def test_a_defect_shows_its_traceback_and_not_the_key(new_project: Project) -> None:
    """Rich tracebacks can show the values of variables; those of the endpoint hold the key."""
    adapter = new_project.folder / "src" / "linkqa_kedro" / "teacher" / "openai_compatible.py"
    text = adapter.read_text(encoding="utf-8")
    broken = text.replace("        return response.text\n", '        raise ZeroDivisionError("a defect of ours")\n')
    assert broken != text
    adapter.write_text(broken, encoding="utf-8")
    with LocalTeacherServer(answer) as server:
        environment = {
            "LINKQA_BASE_URL": server.base_url,
            "LINKQA_MODEL": "exam-writer",
            "LINKQA_API_KEY": KEY,
            "LINKQA_MLFLOW": "on",
            "PYTHONPATH": str(new_project.folder / "src"),
        }
        result = new_project.kedro("run", "--env", "api", "--params", SMALL, **environment)
    assert result.returncode == 1
    assert "a defect of ours" in result.stderr
    assert "Traceback" in result.stderr
    assert KEY not in result.stdout + result.stderr
    left_behind = [path for path in new_project.folder.rglob("*") if path.is_file()]
    assert [path.name for path in left_behind if any(KEY.encode() in part for part in unpacked(path))] == []
