"""Whole runs: what they leave behind, alone and together, twice and elsewhere."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from linkqa_kedro.composer.verify import verify_item
from linkqa_kedro.pipelines.seed_values import seed_values
from linkqa_kedro.records import rows_of
from linkqa_kedro.shards import open_table

from .conftest import SMALL, Project, copy_project

pytestmark = pytest.mark.flow

STAGES = {
    "extraction": "02_extraction",
    "graph": "03_graph",
    "sampling": "04_sampling",
    "synthesis": "05_synthesis",
    "enhancement": "06_enhancement",
    "evaluation": "07_evaluation",
}


def statistics(project: Project, stage: str) -> dict:
    return json.loads(project.path(f"{STAGES[stage]}/{stage}_statistics.json").read_text(encoding="utf-8"))


def test_two_runs_in_two_folders_give_the_same_bytes(finished: Project, tmp_path: Path) -> None:
    other = copy_project(tmp_path / "elsewhere")
    assert other.kedro("run", "--params", SMALL).returncode == 0
    assert other.digests() == finished.digests()


def test_a_second_run_asks_the_teacher_nothing_and_changes_no_table(copy_of_finished: Callable[[], Project]) -> None:
    project = copy_of_finished()
    before = {name: digest for name, digest in project.digests().items() if not name.endswith(".json")}
    assert project.kedro("run", "--params", SMALL).returncode == 0
    after = {name: digest for name, digest in project.digests().items() if not name.endswith(".json")}
    assert after == before
    assert statistics(project, "extraction")["teacher"]["bought"] == 0
    assert statistics(project, "synthesis")["teacher"]["bought"] == 0
    assert statistics(project, "enhancement")["rating_teacher"]["bought"] == 0
    assert statistics(project, "enhancement")["change_teacher"]["bought"] == 0


def test_each_pipeline_runs_alone_after_its_own_outputs_were_deleted(
    finished: Project, copy_of_finished: Callable[[], Project]
) -> None:
    project = copy_of_finished()
    for stage, folder in STAGES.items():
        shutil.rmtree(project.path(folder))
        result = project.kedro("run", "--pipelines", stage, "--params", SMALL)
        assert result.returncode == 0, (stage, result.stderr[-2000:])
    tables = {name for name in finished.digests() if not name.endswith(".json")}
    assert {n: d for n, d in project.digests().items() if n in tables} == {
        n: d for n, d in finished.digests().items() if n in tables
    }


def test_the_older_option_runs_a_pipeline_too(copy_of_finished: Callable[[], Project]) -> None:
    assert copy_of_finished().kedro("run", "--pipeline", "graph").returncode == 0


def test_every_answer_of_the_composer_is_verified_by_program(finished: Project) -> None:
    seeds = pd.read_parquet(finished.path("02_extraction/seeds.parquet"))
    annotations = pd.read_parquet(finished.path("02_extraction/annotations.parquet"))
    by_id = seed_values(seeds, annotations)
    rows = list(open_table(finished.path("05_synthesis/synthesised_qa")).rows())
    rows += list(open_table(finished.path("06_enhancement/enhanced_qa")).rows())
    problems = {}
    for row in rows:
        options = {option["letter"]: option["text"] for option in row["options"]} or None
        found = verify_item({**row, "options": options, "proof": json.loads(row["proof"])}, by_id)
        if found:
            problems[row["qa_id"]] = found
    assert len(rows) > 300
    assert problems == {}


def test_the_composer_writes_at_least_five_types_of_items(finished: Project) -> None:
    assert len(statistics(finished, "synthesis")["by_question_type"]) >= 5


def test_every_row_leads_back_to_its_path_and_seeds(finished: Project) -> None:
    dataset = pd.read_parquet(finished.path("07_evaluation/dataset/train.parquet"))
    paths = {row["path_id"]: row for row in open_table(finished.path("04_sampling/paths")).rows()}
    seeds = set(pd.read_parquet(finished.path("02_extraction/seeds.parquet"))["seed_id"])
    for row in rows_of(dataset):
        assert set(row["seed_ids"]) <= seeds
        if row["origin"] == "synthesised":
            assert set(row["knowledge_points"]) <= set(paths[row["path_id"]]["knowledge_points"])
            assert set(row["seed_ids"]) <= set(paths[row["path_id"]]["seed_ids"])


def test_no_row_is_lost_on_the_way(finished: Project) -> None:
    """What enhancement handed on is in the dataset or among the rejected rows, with a reason."""
    enhanced = {row["qa_id"] for row in open_table(finished.path("06_enhancement/enhanced_qa")).rows()}
    kept = set(pd.read_parquet(finished.path("07_evaluation/dataset/train.parquet"))["qa_id"])
    rejected = pd.read_parquet(finished.path("07_evaluation/rejected_qa.parquet"))
    assert kept | set(rejected["qa_id"]) == enhanced
    assert not kept & set(rejected["qa_id"])
    assert (rejected["reason"].str.len() > 0).all()


def test_enhancement_brings_the_named_disciplines_nearer_to_their_target(finished: Project) -> None:
    gap = pd.read_parquet(finished.path("06_enhancement/difficulty_gap.parquet"))
    before, after = ((gap[name] - gap["wanted"]).abs().sum() for name in ("before", "after"))
    assert after < before


def test_the_exports_hold_the_rows_of_the_dataset(finished: Project) -> None:
    dataset = pd.read_parquet(finished.path("07_evaluation/dataset/train.parquet"))
    chats = [
        json.loads(line) for line in finished.path("07_evaluation/dataset/messages/train.jsonl").open(encoding="utf-8")
    ]
    texts = [
        json.loads(line) for line in finished.path("07_evaluation/dataset/text/train.jsonl").open(encoding="utf-8")
    ]
    assert [chat["qa_id"] for chat in chats] == [text["qa_id"] for text in texts] == dataset["qa_id"].tolist()
    for chat, answer in zip(chats, dataset["answer"], strict=True):
        assert [message["role"] for message in chat["messages"]] == ["user", "assistant"]
        assert chat["messages"][1]["content"].endswith(answer)


def test_the_summary_says_what_came_out_and_where(copy_of_finished: Callable[[], Project]) -> None:
    result = copy_of_finished().kedro("run", "--pipelines", "evaluation", "--params", SMALL)
    assert result.returncode == 0
    for said in ("synthesis", "data/07_evaluation/dataset", "plots", "kedro viz", "LINKQA_MLFLOW is off"):
        assert said in result.stdout


def test_every_figure_is_one_that_json_has(finished: Project) -> None:
    """A figure that is not known is null: other languages read no NaN."""

    def refuse(constant: str) -> None:
        raise ValueError(f"{constant} is no JSON")

    files = [*finished.folder.glob("data/0[2-7]_*/**/*.json")]
    assert len(files) > 10
    for file in files:
        json.loads(file.read_text(encoding="utf-8"), parse_constant=refuse)
