"""Every Kedro run is exactly one MLflow run, whichever runner is used, and says how it ended."""

import json
from collections.abc import Callable

import pytest
from mlflow import MlflowClient
from mlflow.entities import Run

from linkqa_kedro.comparison import LEADING_FIGURES

from .conftest import SMALL, Project

pytestmark = pytest.mark.flow


def runs_of(project: Project) -> list[Run]:
    """Runs in the project's store, the newest first."""
    client = MlflowClient(f"sqlite:///{project.folder / 'mlflow.db'}")
    experiments = [experiment.experiment_id for experiment in client.search_experiments()]
    return list(client.search_runs(experiments))


def artifact(project: Project, run: Run, file: str) -> dict[str, str]:
    """A JSON artifact of a run."""
    text = (project.folder / "mlruns" / run.info.run_id / "artifacts" / file).read_text(encoding="utf-8")
    values: dict[str, str] = json.loads(text)
    return values


def test_runs_are_tracked_one_each_under_every_runner(copy_of_finished: Callable[[], Project]) -> None:
    project = copy_of_finished()
    runners = ("SequentialRunner", "ThreadRunner", "ParallelRunner")
    for runner in runners:
        arguments = ("run", "--pipelines", "graph", "--runner", runner, "--params", SMALL)
        result = project.kedro(*arguments, LINKQA_MLFLOW="on")
        assert result.returncode == 0, result.stderr[-2000:]
    found = runs_of(project)
    assert [run.info.status for run in found] == ["FINISHED"] * len(runners)
    assert {run.data.params["sampling.n_paths"] for run in found} == {"120"}
    assert {run.data.params["graph.association"] for run in found} == {"cosine"}
    assert len({run.data.metrics["stage/graph/edges"] for run in found}) == 1
    digests = [artifact(project, run, "provenance/sha256.json")["kp_edges"] for run in found]
    assert len(set(digests)) == 1
    assert artifact(project, found[0], "provenance/versions.json")["kedro"]
    assert {run.info.run_name for run in found} == {"n_paths=120, max_rounds=2 · graph"}
    assert {run.data.tags["seeds"] for run in found} == {"as extracted before"}


def test_a_whole_run_holds_figures_of_every_stage_pictures_and_card(copy_of_finished: Callable[[], Project]) -> None:
    project = copy_of_finished()
    result = project.kedro("run", "--params", SMALL, LINKQA_MLFLOW="on")
    assert result.returncode == 0, result.stderr[-2000:]
    (run,) = runs_of(project)
    assert run.info.run_name == "n_paths=120, max_rounds=2 · bundled_seeds"
    leading = {name for name in run.data.metrics if "/" not in name}
    assert leading == set(LEADING_FIGURES)
    stages = {name.split("/")[1] for name in run.data.metrics if "/" in name}
    assert stages == {"extraction", "graph", "sampling", "synthesis", "enhancement", "evaluation", "steering"}
    assert "MLflow" not in result.stderr
    assert run.data.tags["teacher"].startswith("composer-")
    (seeds,) = run.inputs.dataset_inputs
    assert (seeds.dataset.name, seeds.dataset.source) == ("bundled_seeds", "data/01_seeds/bundled_seeds.jsonl")
    artifacts = {path.name for path in (project.folder / "mlruns" / run.info.run_id).rglob("*") if path.is_file()}
    assert {"coverage.png", "disciplines.png", "README.md"} <= artifacts


def test_a_failed_run_is_marked_as_failed(copy_of_finished: Callable[[], Project]) -> None:
    project = copy_of_finished()
    project.path("02_extraction/annotations.parquet").write_bytes(b"PAR1 nonsense")
    assert project.kedro("run", "--pipelines", "graph", LINKQA_MLFLOW="on").returncode == 1
    assert [run.info.status for run in runs_of(project)] == ["FAILED"]


def test_a_tracking_store_that_cannot_be_reached_costs_no_data(copy_of_finished: Callable[[], Project]) -> None:
    project = copy_of_finished()
    result = project.kedro(
        "run",
        "--pipelines",
        "graph",
        LINKQA_MLFLOW="on",
        MLFLOW_TRACKING_URI="http://127.0.0.1:9",
        MLFLOW_HTTP_REQUEST_MAX_RETRIES="0",
    )
    assert result.returncode == 0
    assert "MLflow cannot record this run, which goes on without it" in result.stderr


def test_rounds_of_steering_are_children_of_one_run_with_a_curve(copy_of_finished: Callable[[], Project]) -> None:
    project = copy_of_finished()
    tight = f"{SMALL},steering.tolerance=0.0001"
    result = project.kedro("steer", "--rounds", "1", "--params", tight, LINKQA_MLFLOW="on")
    assert result.returncode == 0, result.stderr[-2000:]
    runs = runs_of(project)
    (parent,) = [run for run in runs if "mlflow.parentRunId" not in run.data.tags]
    children = [run for run in runs if run is not parent]
    assert {run.data.tags["mlflow.parentRunId"] for run in children} == {parent.info.run_id}
    assert sorted(run.data.params["steering.round"] for run in children) == ["0", "1"]
    assert [run.info.status for run in runs] == ["FINISHED"] * 3
    client = MlflowClient(f"sqlite:///{project.folder / 'mlflow.db'}")
    curve = client.get_metric_history(parent.info.run_id, "reachable_total_variation")
    assert [point.step for point in curve] == [0, 1]
    assert curve[1].value < curve[0].value
