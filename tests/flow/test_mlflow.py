"""Every Kedro run is exactly one MLflow run, whichever runner is used, and says how it ended."""

from collections.abc import Callable

import pytest
from mlflow import MlflowClient
from mlflow.entities import Run

from .conftest import SMALL, Project

pytestmark = pytest.mark.flow


def runs_of(project: Project) -> list[Run]:
    """Runs in the project's store, the newest first."""
    client = MlflowClient(f"sqlite:///{project.folder / 'mlflow.db'}")
    experiments = [experiment.experiment_id for experiment in client.search_experiments()]
    return list(client.search_runs(experiments))


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
    assert len({run.data.metrics["graph.edges"] for run in found}) == 1
    assert len({run.data.tags["sha256.kp_edges"] for run in found}) == 1
    assert found[0].data.tags["version.kedro"]


def test_a_whole_run_holds_figures_of_every_stage_pictures_and_card(copy_of_finished: Callable[[], Project]) -> None:
    project = copy_of_finished()
    assert project.kedro("run", "--params", SMALL, LINKQA_MLFLOW="on").returncode == 0
    (run,) = runs_of(project)
    stages = {name.split(".")[0] for name in run.data.metrics}
    assert stages == {"extraction", "graph", "sampling", "synthesis", "enhancement", "evaluation"}
    assert run.data.tags["teacher"].startswith("composer-")
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
    assert "MLflow cannot be reached, the run goes on without it" in result.stderr
