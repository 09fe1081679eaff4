"""One MLflow run with flat parameters, metrics and artifacts."""

from pathlib import Path

import pytest
from mlflow import MlflowClient

from linkqa_kedro.pipelines.enhancement.parameters import TeacherSettings
from linkqa_kedro.tracking import EXPERIMENT, TrackedRun, default_tracking_uri, file_digest, flatten


def test_nested_values_get_dotted_keys() -> None:
    model = TeacherSettings(temperature=0.5, top_p=1.0, max_output_tokens=9)
    flat = dict(flatten({"a": {"b": [1, 2], "c": {}}, "t": model}))
    assert flat == {"a.b": [1, 2], "a.c": {}, "t.temperature": 0.5, "t.top_p": 1.0, "t.max_output_tokens": 9}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project folder whose MLflow store is made once: that takes seconds."""
    return tmp_path_factory.mktemp("project")


def uri(store: Path) -> str:
    return f"sqlite:///{store / 'mlflow.db'}"


def test_a_run_holds_parameters_figures_files_and_tags(store: Path, tmp_path: Path) -> None:
    run = TrackedRun(uri(store), store, "test", {"stages": "graph"})
    run.log_parameters({"graph": {"association": "cosine", "many": {str(n): n for n in range(150)}}})
    run.log_parameters({"extraction": {"disciplines": {"arts & music": ["art"]}}})
    run.log_figures({"graph": {"edges": 5, "hubs": {"p(x)": 2}, "unknown": None, "name": "x", "flag": True}})
    (tmp_path / "card.md").write_text("card", encoding="utf-8")
    run.log_file(tmp_path / "card.md", "card")
    run.finish(succeeded=True)
    found = MlflowClient(uri(store)).get_run(run.run_id)
    assert found.info.status == "FINISHED"
    assert found.data.params["graph.association"] == "cosine"
    assert len(found.data.params) == 152
    assert found.data.params["extraction.disciplines.arts _ music"] == "['art']"
    assert found.data.metrics == {"graph.edges": 5.0, "graph.hubs.p_x_": 2.0}
    assert found.data.tags["stages"] == "graph"
    assert (store / "mlruns" / run.run_id / "artifacts" / "card" / "card.md").read_text(encoding="utf-8") == "card"


def test_runs_share_one_experiment_and_a_failed_one_is_marked(store: Path) -> None:
    first, second = (TrackedRun(uri(store), store, name, {}) for name in ("a", "b"))
    first.finish(succeeded=False)
    assert first.experiment_id == second.experiment_id
    client = MlflowClient(uri(store))
    assert client.get_run(first.run_id).info.status == "FAILED"
    assert client.get_experiment(first.experiment_id).name == EXPERIMENT


def test_the_environment_names_another_store(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert default_tracking_uri(tmp_path) == f"sqlite:///{tmp_path / 'mlflow.db'}"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:5001")
    assert default_tracking_uri(tmp_path) == "http://127.0.0.1:5001"


def test_the_digest_of_a_folder_covers_its_files(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "a").write_text("1", encoding="utf-8")
    before = file_digest(tmp_path)
    (tmp_path / "sub" / "a").write_text("2", encoding="utf-8")
    assert file_digest(tmp_path) != before
