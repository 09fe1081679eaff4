"""Synthesis makes a row of every item that holds together, and a reason of every other."""

import json
from pathlib import Path
from typing import Any

import pytest

from fakes.scripted import ScriptedTeacher, completion_of, teacher_of
from linkqa_kedro.errors import UserError
from linkqa_kedro.pipelines.synthesis.nodes import synthesise_qa
from linkqa_kedro.records import ANNOTATIONS, PATHS, SEEDS, rows_of
from linkqa_kedro.shards import write_table

ITEM: dict[str, Any] = {
    "question_type": "short_answer",
    "question": "How are work and energy tied?",
    "options": None,
    "answer": "work changes energy",
    "explanation": "By definition.",
    "knowledge_points": ["work", "energy"],
    "seeds": [2],
}


@pytest.fixture
def synthesise(tmp_path: Path, parameters: dict, prompts: dict, seed_rows: list):
    def run(answer, n_paths: int = 1):
        seeds = [row for row in seed_rows if row["knowledge_points"]]
        labels = {"labelled_by": "seed", "request_key": None, "model": None}
        names = ("seed_id", "knowledge_points", "discipline", "difficulty")
        annotations = ANNOTATIONS.frame({**{n: row[n] for n in names}, **labels} for row in seeds)
        path = {
            "steering_round": 0,
            "round": 0,
            "attempt": 0,
            "cell_discipline": "physics",
            "cell_difficulty": 3,
            "knowledge_points": ["work", "energy", "heat"],
            "kp_ids": [2, 0, 1],
            "seed_ids": ["s1", "s2"],
            "seed_disciplines": ["physics", "physics"],
            "seed_difficulties": [2, 3],
            "realised_difficulty": 3,
            "association_density": 1.0,
        }
        frame = PATHS.frame({"path_id": f"p{n}", "walk": n, **path} for n in range(n_paths))
        chat = ScriptedTeacher(answer)
        table = write_table(frame, PATHS, tmp_path / "paths", 10)
        teacher = teacher_of(chat, tmp_path / "store")
        return chat, synthesise_qa(
            table, SEEDS.frame(seeds), annotations, teacher, prompts["synthesise"], parameters["synthesis"]
        )

    return run


def items(*found: dict[str, Any]) -> str:
    return json.dumps({"items": list(found)})


def test_an_item_becomes_a_row_that_leads_back_to_its_seeds_and_request(synthesise) -> None:
    reply = completion_of(items(ITEM), reasoning="hm", input_tokens=10, output_tokens=4, cost_usd=0.5)
    chat, (qa, rejected, _) = synthesise(lambda _: reply)
    row = rows_of(qa)[0]
    assert (row["path_id"], row["seed_ids"], row["knowledge_points"]) == ("p0", ["s2"], ["work", "energy"])
    assert (row["reasoning"], row["input_tokens"], row["cost_usd"]) == ("hm", 10, 0.5)
    assert (row["asked_difficulty"], row["discipline"], row["language"]) == (3, "physics", "en")
    assert row["prompt_version"] == chat.asked[0].prompt_version
    assert json.loads(row["sampling_settings"])["temperature"] == 0.6
    assert len(rejected) == 0


def test_the_request_holds_the_seeds_in_full_and_how_they_link(synthesise) -> None:
    chat, _ = synthesise(lambda _: items(ITEM))
    request = chat.asked[0]
    assert request.values["links"] == [{"seeds": [1, 2], "knowledge_points": ["work", "energy"]}]
    for said in (
        "What does work change?",
        "the first law",
        "work -> energy -> heat",
        "questions 1 and 2 share: work; energy",
    ):
        assert said in request.messages[1]["content"]


def test_items_of_one_reply_share_its_price(synthesise) -> None:
    reply = completion_of(items(ITEM, {**ITEM, "question": "And heat?"}), cost_usd=0.5)
    _, (qa, _, _) = synthesise(lambda _: reply)
    assert qa["cost_usd"].tolist() == [0.25, 0.25]


def test_a_bad_item_costs_itself_alone(synthesise) -> None:
    _, (qa, rejected, _) = synthesise(lambda _: items({**ITEM, "knowledge_points": ["work"]}, ITEM))
    assert len(qa) == 1
    assert rejected["reason"].tolist() == ["joins fewer than two knowledge points"]
    assert rejected["detail"].iloc[0].startswith("item 1: ")


def test_one_bad_path_never_touches_another(synthesise) -> None:
    good_path = iter([True, False, False])

    def answer(_) -> str:
        return items(ITEM) if next(good_path) else "I am not JSON"

    _, (qa, rejected, statistics) = synthesise(answer, n_paths=2)
    assert len(qa) == 1
    assert rejected["reason"].tolist() == ["not JSON"]
    assert statistics["teacher"]["unusable"] == 2


def test_two_paths_that_are_the_same_question_get_two_answers(synthesise) -> None:
    chat, (qa, _, _) = synthesise(lambda _: items(ITEM), n_paths=2)
    assert sorted(request.sample for request in chat.asked) == [0, 1]
    assert qa["qa_id"].is_unique


def test_no_qa_at_all_is_one_clear_message(synthesise) -> None:
    with pytest.raises(UserError, match=r"Synthesis got no QA from 1 paths\. First reason: no items"):
        synthesise(lambda _: items())


def test_each_path_is_asked_for_types_by_weight_and_the_mix_made_is_held_against_it(
    synthesise, parameters: dict
) -> None:
    weights = {"short_answer": 3.0, "matching": 1.0}
    parameters["synthesis"] = parameters["synthesis"].model_copy(update={"question_types": weights, "fan_out": 4})
    chat, (qa, _, statistics) = synthesise(lambda _: items({**ITEM, "question_type": "Short Answer"}))
    assert sorted(chat.asked[0].values["question_types"]) == ["matching", *["short_answer"] * 3]
    assert qa["question_type"].tolist() == ["short_answer"]
    assert statistics["question_type_total_variation"] == pytest.approx(0.25)
