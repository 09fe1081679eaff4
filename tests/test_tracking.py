"""One MLflow run with flat parameters, metrics and artifacts."""

import json
from pathlib import Path

import pytest
from mlflow import MlflowClient
from PIL import Image

from linkqa_kedro.tracking import EXPERIMENT, TrackedRun, default_tracking_uri, experiment_id, file_digest


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project folder whose MLflow store is made once: that takes seconds."""
    return tmp_path_factory.mktemp("project")


def uri(store: Path) -> str:
    return f"sqlite:///{store / 'mlflow.db'}"


def test_a_run_holds_parameters_figures_files_and_tags(store: Path, tmp_path: Path) -> None:
    run = TrackedRun(uri(store), store, "test", {"stages": "graph"}, {"look": "table"})
    run.log_parameters({"graph.association": "cosine", **{f"graph.many.{n}": n for n in range(150)}})
    run.log_parameters({"extraction.arts & music": ["art"]})
    run.log_metrics({"stage/graph/edges": 5.0, "p(x)": 2.0})
    run.log_values({"b": 1}, "provenance/values.json")
    run.log_dataset("seeds", "abc", "data/seeds.jsonl", 7)
    (tmp_path / "card.md").write_text("card", encoding="utf-8")
    run.log_file(tmp_path / "card.md", "card")
    run.finish(succeeded=True)
    found = MlflowClient(uri(store)).get_run(run.run_id)
    assert found.info.status == "FINISHED"
    assert found.data.params["graph.association"] == "cosine"
    assert len(found.data.params) == 152
    assert found.data.params["extraction.arts _ music"] == "['art']"
    assert found.data.metrics == {"stage/graph/edges": 5.0, "p_x_": 2.0}
    (seeds,) = found.inputs.dataset_inputs
    assert (seeds.dataset.name, seeds.dataset.digest, seeds.dataset.profile) == ("seeds", "abc", '{"num_rows": 7}')
    assert found.data.tags["stages"] == "graph"
    artifacts = store / "mlruns" / run.run_id / "artifacts"
    assert (artifacts / "card" / "card.md").read_text(encoding="utf-8") == "card"
    assert json.loads((artifacts / "provenance" / "values.json").read_text(encoding="utf-8")) == {"b": 1}
    assert MlflowClient(uri(store)).get_experiment(run.experiment_id).tags["look"] == "table"


def test_a_picture_is_kept_under_its_name_for_the_side_by_side_view(store: Path, tmp_path: Path) -> None:
    Image.new("RGBA", (4, 4)).save(tmp_path / "plot.png")
    run = TrackedRun(uri(store), store, "test", {}, {})
    run.log_picture(tmp_path / "plot.png", "coverage")
    names = [path.name for path in (store / "mlruns" / run.run_id / "artifacts" / "images").iterdir()]
    assert any(name.startswith("coverage+step+0+") and name.endswith(".png") for name in names)


def test_the_experiment_is_found_once_something_is_tracked(store: Path, tmp_path: Path) -> None:
    run = TrackedRun(uri(store), store, "test", {}, {})
    assert experiment_id(uri(store)) == run.experiment_id
    assert experiment_id(f"sqlite:///{tmp_path / 'new.db'}") is None


def test_runs_share_one_experiment_and_a_failed_one_is_marked(store: Path) -> None:
    first, second = (TrackedRun(uri(store), store, name, {}, {}) for name in ("a", "b"))
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
