"""A person's mistake is one clear message, exit 1, no traceback, and nothing half-written."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import SMALL, Project

pytestmark = pytest.mark.flow


def refused(project: Project, *arguments: str, **environment: str) -> str:
    before = project.digests()
    result = project.kedro("run", *arguments, **environment)
    assert result.returncode == 1
    assert "Traceback" not in result.stdout + result.stderr
    assert project.digests() == before
    return result.stderr


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        (
            "sampling.n_paths=0",
            "sampling.n_paths: Input should be greater than 0, got 0. Set it in parameters_",
        ),
        ("sampling.n_path=5", "sampling.n_path is no parameter"),
        ("smapling.n_paths=5", "Did you mean sampling?"),
        ("sampling.targets.disciplines.phisics=1", "parameters_sampling.yml"),
        ("seeds.path=missing.jsonl", "No data file at"),
    ],
)
def test_a_wrong_parameter(new_project: Project, parameters: str, said: str) -> None:
    assert said in refused(new_project, "--params", parameters)


def test_an_unknown_discipline_in_the_targets(new_project: Project) -> None:
    file = new_project.folder / "conf" / "base" / "parameters_sampling.yml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("disciplines: uniform", "disciplines: {phisics: 1.0}"), encoding="utf-8")
    message = refused(new_project)
    assert "Unknown discipline 'phisics' in sampling.targets of parameters_sampling.yml. Known: " in message
    assert "physics" in message


@pytest.mark.parametrize(
    ("stage", "writer"),
    [("graph", "extraction"), ("sampling", "extraction,graph"), ("synthesis", "extraction,sampling")],
)
def test_a_missing_input_of_an_earlier_stage(new_project: Project, stage: str, writer: str) -> None:
    assert f"Run `kedro run --pipelines {writer}` first" in refused(new_project, "--pipelines", stage)


def test_half_a_table_counts_as_missing(copy_of_finished: Callable[[], Project]) -> None:
    project = copy_of_finished()
    project.path("04_sampling/paths/_manifest.json").unlink()
    assert "needs paths" in refused(project, "--pipelines", "synthesis")


def test_a_damaged_table(copy_of_finished: Callable[[], Project]) -> None:
    project = copy_of_finished()
    project.path("02_extraction/annotations.parquet").write_bytes(b"PAR1 nonsense")
    assert "annotations.parquet cannot be used" in refused(project, "--pipelines", "graph")


def test_annotations_that_are_newer_than_the_graph(copy_of_finished: Callable[[], Project]) -> None:
    project = copy_of_finished()
    seeds = project.path("01_seeds/bundled_seeds.jsonl").read_text(encoding="utf-8").splitlines()
    (project.folder / "fewer.jsonl").write_text("\n".join(seeds[:200]), encoding="utf-8")
    assert project.kedro("run", "--pipelines", "extraction", "--params", "seeds.path=fewer.jsonl").returncode == 0
    stale = project.kedro("run", "--pipelines", "sampling")
    assert (stale.returncode, "Traceback" in stale.stderr) == (1, False)
    assert "Run `kedro run --pipelines graph` again" in stale.stderr
    assert "not among the seeds there now" in refused(project, "--pipelines", "synthesis")
    assert "not among the seeds there now" in refused(project, "--pipelines", "evaluation")


def test_qa_made_from_other_paths_than_the_ones_there_now(copy_of_finished: Callable[[], Project]) -> None:
    project = copy_of_finished()
    again = project.kedro("run", "--pipelines", "sampling", "--params", "sampling.random_seed=1,sampling.n_paths=120")
    assert again.returncode == 0
    for stage in ("enhancement", "evaluation"):
        result = project.kedro("run", "--pipelines", stage, "--params", SMALL)
        assert (result.returncode, "Traceback" in result.stderr) == (1, False)
        assert "is not among the paths there now: sampling ran" in result.stderr


def test_a_benchmark_that_is_not_there(copy_of_finished: Callable[[], Project]) -> None:
    message = refused(copy_of_finished(), "--pipelines", "evaluation", "--params", "benchmarks.path=typo")
    assert "--params benchmarks.path=" in message


def test_an_unknown_environment_and_an_unknown_node(new_project: Project) -> None:
    assert "nope" in refused(new_project, "--env", "nope")
    assert "Pipeline does not contain nodes named" in refused(new_project, "--nodes", "nope")


def test_an_error_is_said_once(new_project: Project) -> None:
    (new_project.folder / "empty.jsonl").write_bytes(b"")
    message = refused(new_project, "--params", "seeds.path=empty.jsonl")
    assert message.count("usable seed") == 1
    assert "resume" not in message


def test_an_unknown_pipeline(new_project: Project) -> None:
    assert "Failed to find the pipeline named 'grpah'" in refused(new_project, "--pipelines", "grpah")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "the file is empty"),
        (b"\x00\x01\x02", "None of the 1 lines is a usable seed"),
        (b'{"id": "a", "question": "Why?"}', "1 no answer"),
    ],
)
def test_a_file_without_one_usable_seed(new_project: Project, content: bytes, said: str) -> None:
    (new_project.folder / "bad.jsonl").write_bytes(content)
    assert said in refused(new_project, "--params", "seeds.path=bad.jsonl")


def test_an_endpoint_that_is_not_named(new_project: Project) -> None:
    assert "LINKQA_MODEL is not set" in refused(new_project, "--env", "api")


def test_an_endpoint_that_does_not_answer(copy_of_finished: Callable[[], Project]) -> None:
    project = copy_of_finished()
    catalog = project.folder / "conf" / "base" / "catalog_teacher.yml"
    patient = catalog.read_text(encoding="utf-8")
    catalog.write_text(patient.replace("max_retries: 6", "max_retries: 1").replace("1.0 #", "0.01 #"), encoding="utf-8")
    shutil.rmtree(project.path("completions"))
    message = refused(
        project,
        "--env",
        "api",
        "--pipelines",
        "synthesis",
        LINKQA_BASE_URL="http://127.0.0.1:9/v1",
        LINKQA_MODEL="any",
        LINKQA_API_KEY="secret-key",
    )
    assert "LINKQA_BASE_URL" in message
    assert "secret-key" not in message


def test_seeds_that_give_no_path(new_project: Project) -> None:
    seed = new_project.path("01_seeds/bundled_seeds.jsonl").read_text(encoding="utf-8").splitlines()[0]
    (new_project.folder / "one.jsonl").write_text(seed, encoding="utf-8")
    result = new_project.kedro("run", "--params", "seeds.path=one.jsonl")
    assert result.returncode == 1
    assert "Not one path could be drawn from 1 seeds" in result.stderr


def test_a_store_of_completions_that_cannot_be_written(copy_of_finished: Callable[[], Project]) -> None:
    project = copy_of_finished()
    shutil.rmtree(project.path("completions"))
    Path(project.path("completions")).write_text("a file where a folder should be", encoding="utf-8")
    assert "completions" in refused(project, "--pipelines", "synthesis")
