"""Enhancement rates blind, and counts a change only if it measures at the level asked."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pytest

from fakes.answer_columns import UNCHECKED, without_checks
from fakes.scripted import ScriptedTeacher, teacher_of
from linkqa_kedro.pipelines.enhancement.nodes import enhance_qa
from linkqa_kedro.pipelines.enhancement.rating import AXES, rate_qa
from linkqa_kedro.records import (
    ANNOTATIONS,
    KP_VERTICES,
    PATHS,
    RATED_QA,
    SEEDS,
    SYNTHESISED_QA,
    UNCONFIRMED_QA,
    rows_of,
)
from linkqa_kedro.shards import ShardedTable, write_table
from linkqa_kedro.teacher.requests import Request
from linkqa_kedro.walks.csr import csr_graph

QA: dict[str, Any] = {
    "path_id": "p0",
    "seed_ids": ["s1", "s2"],
    "knowledge_points": ["work", "energy"],
    "question_type": "short_answer",
    "options": [],
    "answer": "yes",
    "explanation": "",
    "reasoning": "secret thoughts",
    "language": "en",
    "discipline": "physics",
    "asked_difficulty": 3,
    "model": "m",
    "prompt_version": "v",
    "sampling_settings": "{}",
    "request_key": "k",
    "input_tokens": None,
    "output_tokens": None,
    "cost_usd": None,
    "proof": None,
    "expression": None,
    **UNCHECKED,
}

UNCALIBRATED: dict[str, Any] = {"correction": {"levels": None, "is_applied": False}, "teacher": {}}


def rating(level: Any) -> str:
    return json.dumps({"axes": dict.fromkeys(AXES, 3), "difficulty": level, "reason": ""})


def changed(name: str) -> str:
    item = {**{key: QA[key] for key in ("question_type", "answer", "knowledge_points")}, "question": f"harder {name}"}
    return json.dumps({"item": {**item, "options": None, "explanation": ""}, "strategy": "more"})


def qa(n_rows: int, folder: Path, n_later: int = 0, same: bool = False) -> ShardedTable:
    """QA of the path p0, and then some of p1, which a round of steering asked for; all of one question if asked."""
    frame = SYNTHESISED_QA.frame(
        {**QA, "qa_id": f"qa-{n:016x}", "question": f"question {0 if same else n}", "path_id": f"p{n // n_rows}"}
        for n in range(n_rows + n_later)
    )
    return write_table(frame, SYNTHESISED_QA, folder, 10)


class Enhanced(NamedTuple):
    """What both nodes left; `results` are rows, rejected, matrix, gap and statistics."""

    chat: ScriptedTeacher
    unrated: pd.DataFrame
    unconfirmed_ratings: pd.DataFrame
    unconfirmed_changes: pd.DataFrame
    results: tuple[Any, ...]


@pytest.fixture
def enhance(tmp_path: Path, parameters: dict, prompts: dict, seed_rows: list):
    """Runs both nodes on some QA under a target that wants every row at level 4."""

    def run(
        script: Callable[[Request], str],
        n_rows: int = 1,
        disciplines: tuple[str, ...] | str = ("physics",),
        n_later: int = 0,
        same: bool = False,
        attempts: int = 0,
        unconfirmed: Sequence[dict[str, Any]] = (),
    ):
        answer_checking = without_checks(parameters["answer_checking"]).model_copy(
            update={"attempts": attempts, "most_attempts": attempts}
        )
        wanted = {"disciplines": disciplines, "difficulty": {4: 1.0}, "max_rounds": 3}
        if same:  # one way to change them: else they would be two questions to the writer
            wanted["strategies"] = ["abstraction"]
        settings = parameters["enhancement"].model_copy(update=wanted)
        chat = ScriptedTeacher(script)
        teacher = teacher_of(chat, tmp_path / "store")
        doubtful = UNCONFIRMED_QA.frame(unconfirmed)
        rated, unrated, ratings, usage = rate_qa(
            qa(n_rows, tmp_path / "qa", n_later, same), doubtful, UNCALIBRATED, teacher, prompts["rate"], settings
        )
        names = ("seed_id", "knowledge_points", "discipline", "difficulty")
        seeds = [row for row in seed_rows if row["knowledge_points"]]
        labels = {"labelled_by": "seed", "request_key": None, "model": None}
        path = {
            "path_id": "p0",
            "walk": 0,
            "steering_round": 0,
            "round": 0,
            "attempt": 0,
            "cell_discipline": "physics",
            "cell_difficulty": 3,
            "knowledge_points": ["work", "energy"],
            "kp_ids": [2, 0],
            "seed_ids": ["s1", "s2"],
            "seed_disciplines": ["physics", "physics"],
            "seed_difficulties": [2, 3],
            "realised_difficulty": 3,
            "association_density": 1.0,
        }
        vertices = pd.DataFrame({"kp": ["energy", "heat", "work"]}).assign(
            **{name: 0 for name in KP_VERTICES.column_names if name != "kp"}
        )
        results = enhance_qa(
            write_table(rated, RATED_QA, tmp_path / "rated", 10),
            write_table(
                PATHS.frame([path, {**path, "path_id": "p1", "steering_round": 1}]), PATHS, tmp_path / "paths", 10
            ),
            SEEDS.frame(seeds),
            ANNOTATIONS.frame({**{n: row[n] for n in names}, **labels} for row in seeds),
            vertices,
            csr_graph(np.array([0, 0, 1]), np.array([1, 2, 2]), np.ones(3), 3),
            teacher,
            prompts["raise"],
            prompts["rate"],
            prompts["solve"],
            prompts["compare"],
            prompts["refine"],
            usage,
            UNCALIBRATED,
            answer_checking,
            settings,
        )
        enhanced, rejected, changes, *others = results
        return Enhanced(chat, unrated, ratings, changes, (enhanced, rejected, *others))

    return run


def by_question(levels: dict[str, int], name: str = "x") -> Callable[[Request], str]:
    """A rater that knows questions by their first word, and a writer that makes everything `harder`."""

    def script(request: Request) -> str:
        if request.role == "rate":
            return rating(levels[request.values["question"].split()[0]])
        return changed(name)

    return script


def test_the_rater_sees_the_qa_and_nothing_else(enhance) -> None:
    (request,) = enhance(by_question({"question": 4})).chat.asked
    assert set(request.values) == {"question", "options", "answer"}
    for hidden in ("secret thoughts", "work", "physics"):
        assert hidden not in request.messages[0]["content"]


def test_rows_of_a_round_of_steering_change_nothing_that_was_there_before(enhance, tmp_path: Path) -> None:
    """Three rows at level 3 where 4 is wanted of all: each try fails, and the later row has tries of its own."""
    script = by_question({"question": 3, "harder": 3})
    chat, _, _, _, (rows, rejected, *_) = enhance(script, n_rows=2, n_later=1)
    tried = [(row["qa_id"][-1], row["attempt"]) for row in rows_of(rejected)]
    assert tried == [("0", 1), ("1", 1), ("0", 2), ("1", 2), ("2", 1), ("2", 2)]
    assert [row["qa_id"][-1] for row in rows_of(rows)] == ["0", "1", "2"]
    raises = [request.record_id[-1] for request in chat.asked if request.role == "raise"]
    assert raises[-2:] == ["2", "2"]


def test_all_disciplines_can_be_brought_to_the_target(enhance) -> None:
    rows, _, _, gap, _ = enhance(by_question({"question": 2, "harder": 4}), disciplines="all").results
    assert rows["measured_difficulty"].tolist() == [4]
    assert set(gap["discipline"]) == {"physics"}


def test_a_change_that_measures_at_the_level_asked_takes_its_parents_place(enhance) -> None:
    rows, rejected, matrix, gap, statistics = enhance(by_question({"question": 2, "harder": 4})).results
    (row,) = rows_of(rows)
    assert (row["origin"], row["parent_qa_id"], row["measured_difficulty"]) == ("enhanced", "qa-0000000000000000", 4)
    assert (row["strategy"], row["n_attempts"], row["asked_difficulty"]) == ("more", 1, 4)
    assert rejected["reason"].tolist() == ["replaced"]
    assert matrix[matrix["made_by"] == "enhancement"][
        ["asked_difficulty", "measured_difficulty"]
    ].to_numpy().tolist() == [[4, 4]]
    assert gap.loc[gap["difficulty"] == 4, ["wanted", "before", "after"]].to_numpy().tolist() == [[1, 0, 1]]
    assert (statistics["tries"], statistics["accepted"]) == (1, 1)


def test_a_change_that_misses_the_level_is_tried_again_and_then_reported(enhance) -> None:
    """Asking for "hard" does not give hard: the parent stays, and both tries are on record."""
    chat, _, _, _, (rows, rejected, _, _, _) = enhance(by_question({"question": 2, "harder": 3}))
    assert rows_of(rows)[0]["origin"] == "synthesised"
    assert rejected[["attempt", "measured_difficulty", "reason"]].to_numpy().tolist() == [
        [1, 3, "level missed"],
        [2, 3, "level missed"],
    ]
    assert len([request for request in chat.asked if request.role == "raise"]) == 2


def test_a_change_that_cannot_be_read_is_reported(enhance) -> None:
    def script(request: Request) -> str:
        return rating(2) if request.role == "rate" else '{"item": null}'

    rows, rejected, *_ = enhance(script).results
    assert len(rows) == 1
    assert set(rejected["reason"]) == {"item is no object"}


def test_disciplines_that_are_not_named_are_rated_only(enhance) -> None:
    chat, _, _, _, (rows, rejected, _, gap, _) = enhance(by_question({"question": 2}), disciplines=())
    assert {request.role for request in chat.asked} == {"rate"}
    assert len(rows) == 1
    assert len(rejected) == len(gap) == 0


def test_a_qa_that_gets_no_rating_is_set_aside(enhance) -> None:
    def script(request: Request) -> str:
        if request.role != "rate":
            return changed("x")
        return rating("very hard" if request.values["question"] == "question 1" else 4)

    _, unrated, _, _, (rows, _, _, _, _) = enhance(script, n_rows=2)
    assert unrated[["qa_id", "reason"]].to_numpy().tolist() == [["qa-0000000000000001", "bad difficulty"]]
    assert rows["qa_id"].tolist() == ["qa-0000000000000000"]


def test_the_writer_sees_path_seeds_and_neighbouring_points(enhance) -> None:
    asked = enhance(by_question({"question": 2, "harder": 4})).chat.asked
    request = next(request for request in asked if request.role == "raise")
    assert request.values["neighbour_kps"] == ["heat"]
    assert [seed["seed_id"] for seed in request.values["seeds"]] == ["s1", "s2"]
    assert (request.values["measured_difficulty"], request.values["target_difficulty"]) == (2, 4)


def solving(answers: dict[str, list[str]], levels: dict[str, int]) -> Callable[[Request], str]:
    """Beside rating and changing, solves: attempt by attempt, by the first word of the question."""

    def script(request: Request) -> str:
        if request.role == "solve":
            return json.dumps({"working": "", "answer": answers[request.values["question"].split()[0]][request.sample]})
        if request.role == "refine":
            return json.dumps({"answer": "no", "explanation": "x", "expression": None, "is_sound": True})
        return by_question(levels)(request)

    return script


def test_a_change_at_the_level_asked_whose_answer_is_not_confirmed_does_not_take_its_parents_place(enhance) -> None:
    """Its answer is yes; nobody who solves it says so. The parent stays, and the change is set aside in full."""
    found = enhance(solving({"harder": ["no", "no", "yes"]}, {"question": 2, "harder": 4}), attempts=3)
    rows, rejected, matrix, *_ = found.results
    assert rows["origin"].tolist() == ["synthesised"]
    assert set(rejected["reason"]) == {"answer refuted"}
    assert found.unconfirmed_changes["question"].tolist() == ["harder x"] * len(rejected)
    assert found.unconfirmed_changes["solve_rate"].round(2).tolist() == [0.33] * len(rejected)
    tried = matrix[matrix["made_by"] == "enhancement"]
    assert tried[["asked_difficulty", "measured_difficulty", "n_rows"]].to_numpy().tolist() == [[4, 4, len(rejected)]]


def test_only_changes_that_hit_their_level_are_solved(enhance) -> None:
    chat = enhance(solving({}, {"question": 2, "harder": 3}), attempts=3).chat
    assert {request.role for request in chat.asked} == {"rate", "raise"}


def test_a_confirmed_change_says_how_often_it_was_solved(enhance) -> None:
    found = enhance(solving({"harder": ["yes", "yes", "no"]}, {"question": 2, "harder": 4}), attempts=3)
    rows, *_, statistics = found.results
    assert rows[["origin", "answer_check", "solve_attempts"]].to_numpy().tolist() == [["enhanced", "solved", 3]]
    assert statistics["by_measured_level"] == {"4": {"rows": 1, "solve_rate": pytest.approx(2 / 3)}}
    assert statistics["answers"]["confirmed"] == 1


def test_qa_with_unconfirmed_answers_are_rated_beside_the_others(enhance) -> None:
    """Else nobody could see that only easy ones were left."""
    aside = {**QA, "qa_id": "qa-aside", "question": "doubtful", "reason": "answer refuted", "detail": ""}
    found = enhance(by_question({"question": 4, "doubtful": 5}), unconfirmed=[aside])
    assert found.unconfirmed_ratings[["qa_id", "measured_difficulty"]].to_numpy().tolist() == [["qa-aside", 5]]
    assert found.results[0]["qa_id"].tolist() == ["qa-0000000000000000"]


def test_twins_are_changed_each_for_itself(enhance, tmp_path: Path) -> None:
    """Two rows with the same question would be one request, and one of them would be lost."""
    script = by_question({"question": 2, "harder": 4})

    def named(request: Request) -> str:
        return changed(f"x{request.sample}") if request.role == "raise" else script(request)

    twins = enhance(named, n_rows=2, same=True)
    rows, rejected, *_, statistics = twins.results
    assert rows["question"].tolist() == ["harder x0", "harder x1"]
    assert rows["qa_id"].is_unique
    assert (statistics["accepted"], len(rejected)) == (2, 2)
