"""Extraction keeps labels, asks for what is missing, and sets aside what it cannot use."""

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from fakes.scripted import ScriptedTeacher, teacher_of
from linkqa_kedro.datasets.row_files import FileRow
from linkqa_kedro.errors import UserError
from linkqa_kedro.pipelines.extraction.nodes import (
    annotate_seeds,
    merge_kp_names,
    propose_kp_candidates,
    read_seeds,
)
from linkqa_kedro.records import RAW_ANNOTATIONS, SEEDS, rows_of

GOOD = {"knowledge_points": ["heat", "second law"], "discipline": "Physics", "difficulty": 4}
NO_EDITS: dict[str, str] = {}


@pytest.fixture
def annotate(tmp_path: Path, parameters: dict, prompts: dict, seed_rows: list):
    def run(answers: list[Any]):
        replies = iter(answers)
        chat = ScriptedTeacher(lambda _: json.dumps(next(replies)))
        seeds = SEEDS.frame(seed_rows)
        candidates = propose_kp_candidates(seeds, parameters["extraction"])
        teacher = teacher_of(chat, tmp_path)
        return chat, annotate_seeds(seeds, candidates, teacher, prompts["annotate"], parameters["extraction"])

    return run


def test_only_the_unlabelled_seed_is_asked_about(annotate) -> None:
    chat, (annotations, rejected, statistics) = annotate([GOOD])
    assert [request.record_id for request in chat.asked] == ["s3"]
    assert rows_of(annotations)[0]["knowledge_points"] == ["work", "energy"]
    third = rows_of(annotations)[2]
    assert (third["knowledge_points"], third["discipline"], third["difficulty"]) == (
        ["heat", "second law"],
        "physics",
        4,
    )
    assert annotations["labelled_by"].tolist() == ["seed", "seed", "teacher"]
    assert len(rejected) == 0
    assert statistics["teacher"]["bought"] == 1


def test_the_request_shows_the_seed_its_candidates_and_its_neighbours(annotate) -> None:
    chat, _ = annotate([GOOD])
    request = chat.asked[0]
    assert "heat" in request.values["candidates"]
    assert {near["discipline"] for near in request.values["neighbours"]} == {"physics"}
    assert "Does heat flow from cold to hot by itself?" in request.messages[1]["content"]
    assert "physics" in request.messages[0]["content"]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"discipline": "phisics"}, "unknown discipline"),
        ({"difficulty": 7}, "bad difficulty"),
        ({"knowledge_points": []}, "no knowledge points"),
        ({"knowledge_points": ["x" * 100]}, "knowledge point too long"),
    ],
)
def test_an_unusable_annotation_is_asked_again_and_then_set_aside(annotate, change: dict, reason: str) -> None:
    bad = {**GOOD, **change}
    chat, (annotations, rejected, _) = annotate([bad, bad])
    assert [request.attempt for request in chat.asked] == [0, 1]
    assert rows_of(rejected)[0] | {"request_key": "", "detail": ""} == {
        "seed_id": "s3",
        "request_key": "",
        "reason": reason,
        "detail": "",
    }
    assert annotations["seed_id"].tolist() == ["s1", "s2"]


def test_a_fresh_answer_may_help(annotate) -> None:
    _, (annotations, rejected, statistics) = annotate([{**GOOD, "difficulty": 9}, GOOD])
    assert len(annotations) == 3
    assert len(rejected) == 0
    assert statistics["teacher"]["unusable"] == 1


def raw(*names: list[str]) -> pd.DataFrame:
    return RAW_ANNOTATIONS.frame(
        {
            "seed_id": f"s{number}",
            "knowledge_points": points,
            "discipline": "law",
            "difficulty": 1,
            "labelled_by": "seed",
            "request_key": None,
            "model": None,
        }
        for number, points in enumerate(names)
    )


def test_spellings_of_one_name_become_one_and_the_merge_is_kept() -> None:
    annotations, aliases = merge_kp_names(raw(["Contracts", "offer"], ["contract"], ["contract", "Offer "]), NO_EDITS)
    assert [row["knowledge_points"] for row in rows_of(annotations)] == [
        ["contract", "offer"],
        ["contract"],
        ["contract", "offer"],
    ]
    assert ("Contracts", "contract", "plural") in zip(
        aliases["alias"], aliases["canonical"], aliases["rule"], strict=True
    )


def test_a_persons_choice_wins_over_the_rules() -> None:
    edits = {"Contracts": "Contracts", "offer": "tender"}
    annotations, aliases = merge_kp_names(raw(["Contracts", "offer"], ["contract"]), edits)
    assert [row["knowledge_points"] for row in rows_of(annotations)] == [["Contracts", "tender"], ["contract"]]
    assert set(aliases["rule"]) == {"edited"}


def test_bad_lines_are_set_aside_and_the_others_kept(parameters: dict) -> None:
    lines = [
        FileRow("s.jsonl", 1, {"id": "a", "question": "Why?", "answer": "so"}),
        FileRow("s.jsonl", 2, {"id": "a", "question": "How?", "answer": "thus"}),
        FileRow("s.jsonl", 3, {"id": "b", "question": "Who?"}),
        FileRow("s.jsonl", 4, None, "not JSON"),
    ]
    seeds, rejected = read_seeds(lines, parameters["extraction"])
    assert seeds["seed_id"].tolist() == ["a"]
    assert rejected[["line", "reason"]].to_numpy().tolist() == [
        [2, "repeated id"],
        [3, "no answer"],
        [4, "broken line"],
    ]


def test_the_rows_may_come_one_at_a_time_and_none_need_be_counted_before(parameters: dict) -> None:
    lines = (FileRow("s.jsonl", n, {"id": f"s{n}", "question": "Why?", "answer": "so"}) for n in (1, 2))
    seeds, rejected = read_seeds(lines, parameters["extraction"])
    assert (len(seeds), len(rejected)) == (2, 0)


def test_a_rejected_row_is_named_by_the_column_that_holds_its_id_cut_to_a_length_that_can_be_read(
    parameters: dict,
) -> None:
    columns = parameters["extraction"].columns.model_copy(update={"id": "key"})
    renamed = parameters["extraction"].model_copy(update={"columns": columns})
    lines = [
        FileRow("s.csv", 2, {"key": "k1", "question": "Why?", "answer": "so"}),
        FileRow("s.csv", 3, {"key": "x" * 10_000, "question": "Why?", "answer": "so"}),
    ]
    _, rejected = read_seeds(lines, renamed)
    assert rejected[["seed_id", "reason"]].to_numpy().tolist() == [["x" * 500, "id too long"]]


def test_no_usable_seed_is_one_error_that_counts_the_reasons_and_shows_the_first(parameters: dict) -> None:
    lines = [
        FileRow("s.jsonl", 1, {"id": "a", "question": "Why?"}),
        FileRow("s.jsonl", 2, None, "not JSON"),
        FileRow("s.jsonl", 3, None, "not JSON"),
    ]
    with pytest.raises(
        UserError, match=r"None of the 3 lines is a usable seed \(2 broken line, 1 no answer\)\. "
    ) as error:
        read_seeds(lines, parameters["extraction"])
    assert "First: line 1 of s.jsonl: there is no field 'answer'" in str(error.value)
    with pytest.raises(UserError, match="the file is empty"):
        read_seeds([], parameters["extraction"])


def neighbours_of_the_last(parameters: dict, labels: list[dict[str, Any]]) -> list[str]:
    """Neighbours of a seed without labels beside seeds with the same words, more of them the earlier they stand."""
    words = ["heat", "flows", "from", "hot", "bodies", "to", "cold", "ones", "until", "both", "are", "equally", "warm"]
    common = {"answer": "x", "options": [], "language": "en", "source": "test", "licence": "CC0-1.0"}
    none = {"knowledge_points": [], "discipline": None, "difficulty": None}
    rows = [
        {"seed_id": f"s{place}", "question": " ".join(words[: len(words) - place]), **common, **none, **label}
        for place, label in enumerate(labels)
    ]
    rows.append({"seed_id": "last", "question": " ".join(words), **common, **none})
    return rows_of(propose_kp_candidates(SEEDS.frame(rows), parameters["extraction"]))[-1]["neighbour_ids"]


def test_the_nearest_seeds_with_any_label_are_neighbours(parameters: dict) -> None:
    disciplined = [{"discipline": "physics"}] * 8
    assert neighbours_of_the_last(parameters, disciplined) == ["s0", "s1", "s2", "s3", "s4"]
    assert neighbours_of_the_last(parameters, [{}, {"difficulty": 2}, *disciplined[:2]]) == ["s1", "s2", "s3"]


def test_neighbours_with_knowledge_points_are_added_until_half_have_some(parameters: dict) -> None:
    """The fourth has some, so two more are needed of the four behind the fifth."""
    labels: list[dict[str, Any]] = [{"discipline": "physics"} for _ in range(9)]
    for place in (3, 5, 6, 8):
        labels[place]["knowledge_points"] = ["heat"]
    assert neighbours_of_the_last(parameters, labels) == ["s0", "s1", "s2", "s3", "s4", "s5", "s6"]
