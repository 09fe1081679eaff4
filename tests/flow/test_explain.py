"""`kedro explain` follows rows of a finished run to their path, seeds, requests and fate."""

from collections.abc import Callable

import pandas as pd
import pytest

from endpoints.local_server import LocalTeacherServer, Reply
from fakes.exam_writer import answer
from linkqa_kedro.records import TABLES, rows_of

from .conftest import SMALL, Project
from .test_money import endpoint

pytestmark = pytest.mark.flow


def explained(project: Project, *arguments: str, **environment: str) -> str:
    before = project.digests()
    result = project.kedro("explain", *arguments, COLUMNS="200", **environment)
    assert result.returncode == 0, result.stderr[-3000:]
    assert project.digests() == before, "looking changed something"
    return result.stdout


def refused(project: Project, *arguments: str) -> str:
    result = project.kedro("explain", *arguments)
    assert (result.returncode, result.stdout) == (1, "")
    assert "Traceback" not in result.stderr
    return result.stderr


def table(project: Project, name: str) -> pd.DataFrame:
    return pd.read_parquet(project.path(name))


def test_a_row_of_the_dataset_is_followed_to_its_walk_its_seeds_and_its_requests(finished: Project) -> None:
    row = table(finished, "07_evaluation/dataset/train.parquet").iloc[-1]
    path = table(finished, "04_sampling/paths").set_index("path_id").loc[row["path_id"]]
    seeds = table(finished, "02_extraction/seeds.parquet").set_index("seed_id")
    said = explained(finished, row["qa_id"])
    assert said.splitlines()[1].strip() == "In the dataset."
    assert "The probabilities of the walk are not known" not in said
    steps = [line.strip() for line in said.splitlines() if line.startswith((" start 1", " step  "))]
    assert [step.split("  ")[-1] for step in steps] == list(path["knowledge_points"])
    assert said.count("\n          P ") == len(path["knowledge_points"])
    for seed_id in path["seed_ids"]:
        assert seed_id in said
        assert seeds.loc[seed_id, "question"].split("\n")[0][:60] in said
        assert seeds.loc[seed_id, "licence"] in said
    for key in (row["request_key"], row["rating_key"]):
        assert key in said
    assert "as the template is now" in said
    assert "passed" in said


def test_every_row_that_evaluation_dropped_says_why(finished: Project) -> None:
    dropped = table(finished, "07_evaluation/rejected_qa.parquet").iloc[0]
    said = explained(finished, dropped["qa_id"], "--no-replay")
    assert said.splitlines()[1].startswith(f"Dropped by evaluation: {dropped['reason']}.")
    assert f"{dropped['reason']}: {dropped['detail']}" in said
    assert "left out, as asked by --no-replay" in said


def test_a_replaced_row_and_the_one_that_took_its_place_lead_to_one_another(finished: Project) -> None:
    aside = table(finished, "06_enhancement/rejected_enhancement.parquet")
    parent = aside.loc[aside["reason"] == "replaced", "qa_id"].iloc[0]
    rows = table(finished, "06_enhancement/enhanced_qa")
    child = rows.loc[rows["parent_qa_id"] == parent].iloc[0]
    said = explained(finished, parent)
    assert f"Replaced in enhancement: {child['qa_id']} takes its place" in said
    assert f"Replaced by: {child['qa_id']}" in said
    assert child["request_key"] in said
    of_child = explained(finished, child["qa_id"])
    assert f"Made from: {parent}" in of_child


def test_a_path_says_what_came_of_it(finished: Project) -> None:
    rows = table(finished, "05_synthesis/synthesised_qa")
    path_id = rows["path_id"].iloc[0]
    said = explained(finished, path_id[: len("path-0000000")])
    for row in rows.loc[rows["path_id"] == path_id].itertuples():
        assert row.qa_id in said
        assert row.request_key in said


def test_without_an_identifier_some_are_listed(finished: Project) -> None:
    said = explained(finished)
    for what in ("in the dataset", "dropped by evaluation: ", "enhancement: replaced", "a path"):
        assert what in said


def test_an_unknown_identifier_and_a_project_in_which_nothing_ran(finished: Project, new_project: Project) -> None:
    assert "No row and no path of the last run is called 'qa-unheard'" in refused(finished, "qa-unheard")
    assert "Run `kedro run` first" in refused(new_project, "qa-unheard")
    assert "Run `kedro run` first" in refused(new_project)
    assert not new_project.path("completions").exists()


def test_a_walk_that_would_go_another_way_now_is_shown_without_probabilities(finished: Project) -> None:
    path_id = table(finished, "04_sampling/paths")["path_id"].iloc[-1]
    said = explained(finished, path_id, "--params", "sampling.random_seed=1")
    assert "the walk takes another way: they changed since" in said
    assert "rather than" not in said


def test_rows_of_an_earlier_sampling_and_pruned_answers_are_explained_as_far_as_they_go(
    copy_of_finished: Callable[[], Project],
) -> None:
    project = copy_of_finished()
    row = table(project, "07_evaluation/dataset/train.parquet").iloc[0]
    again = project.kedro("run", "--pipelines", "sampling", "--params", "sampling.n_paths=30,sampling.random_seed=1")
    assert again.returncode == 0
    assert project.kedro("completions", "prune", "--stage", "synthesis", "--yes").returncode == 0
    said = explained(project, row["qa_id"])
    assert f"{row['path_id']} is not among the paths there now: sampling ran again since" in said
    assert "the store holds them no more" in said


def test_a_page_goes_where_it_is_wanted(finished: Project, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("pages")
    qa_id = table(finished, "07_evaluation/dataset/train.parquet")["qa_id"].iloc[0]
    assert "is a folder" in refused(finished, qa_id, "--html", str(folder))
    said = explained(finished, qa_id, "--html", str(folder / "row.html"))
    assert f"The same as a page: {folder / 'row.html'}" in said
    page = (folder / "row.html").read_text(encoding="utf-8")
    assert page.count(qa_id) > 2
    assert [file.name for file in folder.iterdir()] == ["row.html"]


def test_no_column_of_a_row_is_left_out(finished: Project) -> None:
    rows = table(finished, "07_evaluation/dataset/train.parquet")
    [row, *_] = rows_of(rows[rows["origin"] == "enhanced"])
    said = explained(finished, row["qa_id"], "--no-replay")
    apart = {"qa_id", "question", "options"}  # shown without their names
    empty = {name for name, value in row.items() if value in (None, [], "")}
    missing = [name for name in TABLES["dataset"].column_names if name.replace("_", " ") not in said.lower()]
    assert set(missing) <= apart | empty


def test_reasoning_tokens_dollars_and_a_second_attempt_show_up(new_project: Project) -> None:
    """The third synthesis is cut off at first: both answers are shown, and both are paid for."""
    seen: list[str] = []

    def cut_off(body: dict) -> Reply:
        text = answer(body)
        usage = {
            "prompt_tokens": 1000,
            "completion_tokens": 500,
            "prompt_tokens_details": {"cached_tokens": 200},
            "completion_tokens_details": {"reasoning_tokens": 300},
        }
        if "new questions" in str(body["messages"]):
            seen.append(text)
            if len(seen) == 3:
                return Reply("{", reasoning="it will not fit", finish_reason="length", usage=usage)
            return Reply(text.partition("</think>")[2], reasoning="let me see", usage=usage)
        return Reply(text, usage=usage)

    catalog = new_project.folder / "conf/base/catalog_teacher.yml"
    priced = "  models:\n    exam-writer: {input_usd_per_million: 1.0, output_usd_per_million: 2.0}\n"
    catalog.write_text(catalog.read_text(encoding="utf-8").replace("  models:\n", priced), encoding="utf-8")
    with LocalTeacherServer(cut_off) as server:
        run = new_project.kedro("run", "--env", "api", "--params", SMALL, **endpoint(server))
        assert run.returncode == 0, run.stderr[-3000:]
    rows = table(new_project, "05_synthesis/synthesised_qa")
    # No endpoint, no key: only what is stored is looked at.
    said = [explained(new_project, "--env", "api", qa_id) for qa_id in rows.drop_duplicates("path_id")["qa_id"].head(8)]
    twice = next(one for one in said if "attempt 2" in one)
    assert "attempt 1: no use could be made of it" in twice
    assert "finish reason  length" in twice
    assert "it will not fit" in twice
    assert "let me see" in twice
    assert "1,000, 200 of them cached" in twice
    assert "500, 300 of them reasoning" in twice
    assert "cost in USD    0.002000" in twice
    assert "0.004000" in twice, "both attempts"
    assert "0.001333" in twice, "shared by three rows"
