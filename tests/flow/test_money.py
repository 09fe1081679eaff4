"""What a run may spend, and what it will: limits, prices and endings, as a user meets them."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterable
from typing import Any

import pytest

from endpoints.local_server import LocalTeacherServer, Reply
from fakes.exam_writer import answer

from .conftest import SMALL, Project

pytestmark = pytest.mark.flow

PROMPT_TOKENS, ANSWER_TOKENS = 700, 300


def counted(body: dict[str, Any]) -> Reply:
    """The exam writer's reply, with tokens that are worth counting."""
    usage = {"prompt_tokens": PROMPT_TOKENS, "completion_tokens": ANSWER_TOKENS}
    return Reply(answer(body), usage=usage)


def bought_once(bodies: Iterable[dict[str, Any]]) -> bool:
    """Whether no request came again: a question is solved three times, anything else is asked once."""
    asked = Counter(json.dumps(body, sort_keys=True) for body in bodies)
    return all(n == (3 if "You answer one exam question" in body else 1) for body, n in asked.items())


def served_tokens(server: LocalTeacherServer) -> int:
    return len(server.requests) * (PROMPT_TOKENS + ANSWER_TOKENS)


def endpoint(server: LocalTeacherServer) -> dict[str, str]:
    return {"LINKQA_BASE_URL": server.base_url, "LINKQA_MODEL": "exam-writer"}


def with_price(project: Project) -> Project:
    """The project, in which the exam writer has a price."""
    path = project.folder / "conf" / "base" / "catalog_teacher.yml"
    text = path.read_text(encoding="utf-8")
    entry = "    exam-writer: {input_usd_per_million: 1.0, output_usd_per_million: 2.0}\n"
    path.write_text(text.replace("  models:\n", f"  models:\n{entry}"), encoding="utf-8")
    return project


def run(project: Project, server: LocalTeacherServer, parameters: str) -> subprocess.CompletedProcess[str]:
    return project.kedro("run", "--env", "api", "--params", f"{SMALL},{parameters}", **endpoint(server))


def test_a_limit_on_tokens_is_kept_by_the_servers_own_count_and_the_run_goes_on_when_it_is_raised(
    new_project: Project,
) -> None:
    with LocalTeacherServer(counted) as server:
        stopped = run(new_project, server, "budget.max_tokens=100000")
        assert stopped.returncode == 1
        assert "Traceback" not in stopped.stderr
        assert re.search(r"Error: The budget of the run is spent \(max_tokens is 100,000: .*--params", stopped.stderr)
        assert 80_000 < served_tokens(server) <= 100_000

        n_asked = len(server.requests)
        again = run(new_project, server, "budget.max_tokens=100000")
        assert again.returncode == 1
        assert "tokens of it in earlier runs" in again.stderr
        assert served_tokens(server) <= 100_000, "a second run spent the limit again"

        raised = run(new_project, server, "budget.max_tokens=100000000")
        assert raised.returncode == 0, raised.stderr[-2000:]
        assert len(server.requests) > n_asked
        assert bought_once(server.requests), "something was bought twice"


def test_a_limit_in_dollars_of_one_stage_stops_that_stage(new_project: Project) -> None:
    with LocalTeacherServer(counted) as server:
        stopped = run(with_price(new_project), server, "budget.synthesis.max_usd=0.05")
        assert stopped.returncode == 1
        assert "The budget of the stage synthesis is spent (max_usd is 0.05" in stopped.stderr
        assert "--params budget.synthesis.max_usd=" in stopped.stderr
        n_syntheses = sum("new questions" in json.dumps(body) for body in server.requests)
        # 700 tokens at 1 dollar and 300 at 2 dollars a million.
        assert 0 < n_syntheses * 0.0013 <= 0.05


def test_a_limit_in_dollars_and_no_price_is_refused_before_anything_is_asked(new_project: Project) -> None:
    with LocalTeacherServer(counted) as server:
        refused = run(new_project, server, "budget.max_usd=5")
        assert refused.returncode == 1
        assert re.search(r"Error: max_usd cannot be kept.*exam-writer.*catalog_teacher\.yml", refused.stderr, re.DOTALL)
        assert server.requests == []


@pytest.mark.parametrize(
    ("parameter", "said"),
    [
        ("budget.max_dollars=5", "Unknown parameter budget.max_dollars. Known: budget.enhancement.max_tokens"),
        ("budget.syntesis.max_usd=5", "Unknown parameter budget.syntesis.max_usd"),
        ("budget.max_tokens=-5", "teacher.budget.max_tokens: Input should be greater than 0, got -5"),
        ("budget.max_usd=much", "teacher.budget.max_usd: Input should be a valid number"),
    ],
)
def test_a_limit_that_is_none_is_one_clear_message(new_project: Project, parameter: str, said: str) -> None:
    result = new_project.kedro("run", "--params", parameter)
    assert result.returncode == 1
    assert said in result.stderr
    assert "Traceback" not in result.stderr


def test_a_budget_that_several_processes_could_not_keep_is_refused(new_project: Project) -> None:
    result = new_project.kedro("run", "--runner", "ParallelRunner", "--params", "budget.max_tokens=5")
    assert result.returncode == 1
    assert "Error: A budget cannot be kept with ParallelRunner" in result.stderr


def test_the_price_is_told_before_the_first_call_and_costs_nothing(new_project: Project) -> None:
    with LocalTeacherServer(counted) as server:
        project = with_price(new_project)
        parameters = f"{SMALL},extraction.aliases.adjudicate=true"
        priced = project.kedro("price", "--env", "api", "--params", parameters, **endpoint(server))
        assert priced.returncode == 0, priced.stderr[-2000:]
        assert server.requests == []
        assert not project.path("completions").exists()
        assert sorted(path.name for path in project.path(".").iterdir()) == ["01_seeds"]
        for word in (
            "annotate",
            "adjudicate",
            "2,000 pairs at most",
            "synthesise",
            "rate",
            "raise",
            "in all",
            "guess",
            "Asked: exam-writer.",
        ):
            assert word in priced.stdout


def test_a_pilot_is_bought_once_and_used_by_the_run_and_its_price_comes_true(new_project: Project) -> None:
    project = with_price(new_project)
    # How many attempts a model's answers take is not known beforehand; without them the price must come true.
    unchecked = "answer_checking.attempts=0,answer_checking.most_attempts=0,answer_checking.refine=false"
    parameters = f"{SMALL},enhancement.max_rounds=0,{unchecked}"
    with LocalTeacherServer(counted) as server:
        piloted = project.kedro("price", "--env", "api", "--pilot", "6", "--params", parameters, **endpoint(server))
        assert piloted.returncode == 0, piloted.stderr[-2000:]
        n_pilot = len(server.requests)
        assert n_pilot == 18, "six of each of three roles"
        assert "6 seen" in piloted.stdout

        again = project.kedro("price", "--env", "api", "--pilot", "6", "--params", parameters, **endpoint(server))
        assert again.returncode == 0, again.stderr[-2000:]
        assert len(server.requests) == n_pilot, "the pilot was bought again"

        extraction = project.kedro("run", "--env", "api", "--pipelines", "extraction", **endpoint(server))
        assert extraction.returncode == 0, extraction.stderr[-2000:]
        annotations = [body for body in server.requests if "annotate" in json.dumps(body)]
        assert bought_once(annotations)

        stages = ("--pipelines", "synthesis", "--params", parameters)
        for stage in ("graph", "sampling"):
            done = project.kedro(
                "run", "--env", "api", "--pipelines", stage, "--params", parameters, **endpoint(server)
            )
            assert done.returncode == 0, done.stderr[-2000:]
        priced = project.kedro("price", "--env", "api", "--pilot", "6", *stages, **endpoint(server))
        assert priced.returncode == 0, priced.stderr[-2000:]
        total = re.search(r"in all\s+\S+\s+\S+\s+\S+\s+([\d.]+)", priced.stdout)
        assert total, priced.stdout
        before = len(server.requests)
        done = project.kedro("run", "--env", "api", *stages, **endpoint(server))
        assert done.returncode == 0, done.stderr[-2000:]
        n_bought = len(server.requests) - before
        assert float(total.group(1)) == pytest.approx(n_bought * 0.0013, abs=0.01), priced.stdout
        assert bought_once(server.requests), "something was bought twice"


def test_a_run_that_is_asked_to_end_stores_what_is_in_flight_and_closes_its_mlflow_run(new_project: Project) -> None:
    def slowly(body: dict[str, Any]) -> Reply:
        return Reply(answer(body), delay_seconds=0.3)

    with LocalTeacherServer(slowly) as server:
        environment = {**os.environ, **endpoint(server), "LINKQA_MLFLOW": "on"}
        arguments = [sys.executable, "-m", "kedro", "run", "--env", "api", "--params", SMALL]
        process = subprocess.Popen(
            arguments,
            cwd=new_project.folder,
            env=environment,
            stderr=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            text=True,
        )
        deadline = time.monotonic() + 120
        while len(server.requests) < 80 and time.monotonic() < deadline:
            time.sleep(0.05)
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=60)
        assert process.returncode == 128 + signal.SIGTERM, errors[-2000:]
        assert "answers in flight are awaited and stored" in errors
        n_asked = len(server.requests)
        listed = new_project.kedro("completions", "verify")
        assert listed.returncode == 0, listed.stdout + listed.stderr
        done = new_project.kedro("run", "--env", "api", "--params", SMALL, **endpoint(server))
        assert done.returncode == 0, done.stderr[-2000:]
        assert n_asked >= 80
        assert bought_once(server.requests), "an answer that was in flight was bought again"
        from mlflow import MlflowClient

        client = MlflowClient(f"sqlite:///{new_project.folder / 'mlflow.db'}")
        experiments = [experiment.experiment_id for experiment in client.search_experiments()]
        assert [found.info.status for found in client.search_runs(experiments)] == ["FAILED"]
