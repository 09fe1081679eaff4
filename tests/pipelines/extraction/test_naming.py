"""Close names are listed, a teacher may join them, and a person stands above both."""

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from fakes.scripted import ScriptedTeacher, teacher_of
from linkqa_kedro.composer.model import Composer
from linkqa_kedro.datasets.alias_edits import AliasEditsDataset
from linkqa_kedro.pipelines.extraction.naming import compare_close_names, describe_extraction
from linkqa_kedro.pipelines.extraction.nodes import merge_kp_names
from linkqa_kedro.records import ALIASES, CLOSE_NAMES, RAW_ANNOTATIONS, SEEDS, rows_of

SAME = {"verdict": "same", "better": "second", "reason": "One theorem."}
DIFFERENT = {"verdict": "different", "better": None, "reason": "Two theorems."}
NAMES = [["Pythagorean theorem", "heat"], ["Pythagoras theorem"], ["Pythagorean Theorem"]]
NO_EDITS: dict[str, str] = {}


def annotations(names: list[list[str]]) -> pd.DataFrame:
    common = {"discipline": "law", "difficulty": 1, "labelled_by": "seed", "request_key": None, "model": None}
    return RAW_ANNOTATIONS.frame(
        {"seed_id": f"s{number}", "knowledge_points": points, **common} for number, points in enumerate(names)
    )


def seeds(names: list[list[str]]) -> pd.DataFrame:
    common = {"answer": "yes", "options": [], "discipline": "law", "difficulty": 1, "knowledge_points": []}
    return SEEDS.frame(
        {
            "seed_id": f"s{n}",
            "question": f"Question {n}?",
            "language": "en",
            "source": "t",
            "licence": "CC0-1.0",
            **common,
        }
        for n in range(len(names))
    )


@pytest.fixture
def compare(tmp_path: Path, parameters: dict, prompts: dict) -> Callable[..., Any]:
    def run(
        names: list[list[str]], chat: Any, edits: dict[str, str] = NO_EDITS, **changes: Any
    ) -> tuple[pd.DataFrame, dict[str, Any]]:
        aliases = parameters["extraction"].aliases.model_copy(update={"adjudicate": True, **changes})
        settings = parameters["extraction"].model_copy(update={"aliases": aliases})
        teacher = teacher_of(chat, tmp_path)
        return compare_close_names(annotations(names), seeds(names), edits, teacher, prompts["adjudicate"], settings)

    return run


def always(reply: dict[str, Any]) -> ScriptedTeacher:
    return ScriptedTeacher(lambda _: json.dumps(reply))


def test_without_adjudication_close_names_are_listed_and_nobody_is_asked(compare: Callable[..., Any]) -> None:
    chat = always(SAME)
    close_names, usage = compare(NAMES, chat, adjudicate=False)
    assert close_names[["name", "other", "verdict"]].to_numpy().tolist() == [
        ["Pythagorean Theorem", "Pythagoras theorem", "not asked"]
    ]
    assert chat.asked == []
    assert usage["requests"] == 0
    _, aliases = merge_kp_names(annotations(NAMES), NO_EDITS, close_names)
    assert set(aliases["rule"]) == {"folded"}


def test_the_request_shows_both_names_and_a_question_of_each(compare: Callable[..., Any]) -> None:
    chat = always(DIFFERENT)
    compare(NAMES, chat)
    [request] = chat.asked
    assert (request.role, request.stage) == ("adjudicate", "extraction")
    data = request.messages[1]["content"]
    for text in ("Pythagorean Theorem", "Question 0?", "Pythagoras theorem", "Question 1?"):
        assert text in data


def test_names_called_the_same_are_merged_under_the_better_one_and_the_row_says_why(
    compare: Callable[..., Any],
) -> None:
    close_names, usage = compare(NAMES, always(SAME))
    [row] = rows_of(close_names)
    assert (row["verdict"], row["better"], row["detail"]) == ("same", "Pythagoras theorem", "One theorem.")
    assert len(row["request_key"]) == 64
    assert usage["roles"]["adjudicate"]["bought"] == 1
    merged, aliases = merge_kp_names(annotations(NAMES), NO_EDITS, close_names)
    assert [row["knowledge_points"][0] for row in rows_of(merged)] == ["Pythagoras theorem"] * 3
    assert set(aliases["rule"]) == {"adjudicated"}


def test_names_called_different_stay_two(compare: Callable[..., Any]) -> None:
    close_names, _ = compare(NAMES, always(DIFFERENT))
    merged, _ = merge_kp_names(annotations(NAMES), NO_EDITS, close_names)
    assert rows_of(merged)[1]["knowledge_points"] == ["Pythagoras theorem"]
    assert close_names["verdict"].tolist() == ["different"]


def test_the_composer_joins_nothing(compare: Callable[..., Any]) -> None:
    close_names, _ = compare(NAMES, Composer())
    assert close_names["verdict"].tolist() == ["different"]


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        ({**SAME, "verdict": "perhaps"}, "bad verdict"),
        ({**SAME, "better": "third"}, "bad better name"),
        ({**SAME, "better": None}, "bad better name"),
    ],
)
def test_an_unusable_verdict_is_asked_again_and_then_merges_nothing(
    compare: Callable[..., Any], reply: dict[str, Any], reason: str
) -> None:
    chat = always(reply)
    close_names, _ = compare(NAMES, chat)
    [row] = rows_of(close_names)
    assert [request.attempt for request in chat.asked] == [0, 1]
    assert row["verdict"] == "unanswered"
    assert row["detail"].startswith(reason)


def test_an_answer_is_bought_once(compare: Callable[..., Any]) -> None:
    compare(NAMES, always(SAME))
    _, usage = compare(NAMES, always(SAME))
    assert (usage["bought"], usage["reused"]) == (0, 1)


def test_no_more_pairs_are_asked_about_than_allowed(compare: Callable[..., Any]) -> None:
    names = [["Pythagorean theorem", "Pythagoras theorem", "theorem by Pythagoras", "Pythagorean theorems of old"]]
    chat = always(DIFFERENT)
    close_names, _ = compare(names, chat, least_likeness=0.3, most_pairs=2)
    assert len(chat.asked) == len(close_names) == 2


def test_a_person_who_keeps_a_name_apart_is_not_overruled(compare: Callable[..., Any]) -> None:
    chat = always(SAME)
    edits = {"Pythagoras theorem": "Pythagoras theorem"}
    close_names, _ = compare(NAMES, chat, edits)
    assert chat.asked == []
    merged, _ = merge_kp_names(annotations(NAMES), edits, close_names)
    assert rows_of(merged)[1]["knowledge_points"] == ["Pythagoras theorem"]


def test_an_edited_row_beats_a_verdict_given_before(compare: Callable[..., Any]) -> None:
    """close_names of an earlier run may still hold a verdict on a name that was edited since."""
    close_names, _ = compare(NAMES, always(SAME))
    edits = {"Pythagoras theorem": "right triangle"}
    merged, aliases = merge_kp_names(annotations(NAMES), edits, close_names)
    assert rows_of(merged)[1]["knowledge_points"] == ["right triangle"]
    assert rows_of(merged)[0]["knowledge_points"][0] in ("Pythagorean Theorem", "Pythagorean theorem")
    assert ("Pythagoras theorem", "right triangle", "edited") in zip(
        aliases["alias"], aliases["canonical"], aliases["rule"], strict=True
    )


def test_rows_copied_from_the_table_of_aliases_make_its_merges_fast(
    compare: Callable[..., Any], tmp_path: Path
) -> None:
    close_names, _ = compare(NAMES, always(SAME))
    merged, aliases = merge_kp_names(annotations(NAMES), NO_EDITS, close_names)
    file = tmp_path / "alias_edits.csv"
    with file.open("w", encoding="utf-8", newline="") as target:
        csv.writer(target).writerows([ALIASES.column_names, *aliases.to_numpy().tolist()])
    edits = AliasEditsDataset(filepath=str(file)).load()
    again, copied = merge_kp_names(annotations(NAMES), edits)
    assert rows_of(again) == rows_of(merged)
    assert set(copied["rule"]) == {"edited"}


def test_the_figures_tell_names_before_and_after_merging(compare: Callable[..., Any]) -> None:
    close_names, usage = compare(NAMES, always(SAME))
    merged, aliases = merge_kp_names(annotations(NAMES), NO_EDITS, close_names)
    figures = describe_extraction(annotations(NAMES), merged, aliases, close_names, {"seeds": 3}, usage)
    assert figures["seeds"] == 3
    # Pythagorean theorem - heat, and two names alone; then Pythagoras theorem - heat
    assert figures["names"]["before"] == {
        "knowledge_points": 4,
        "singletons": 4,
        "singleton_fraction": 1.0,
        "largest_component_fraction": 0.5,
    }
    assert figures["names"]["after"] == {
        "knowledge_points": 2,
        "singletons": 1,
        "singleton_fraction": 0.5,
        "largest_component_fraction": 1.0,
    }
    assert figures["names"]["merged_by_rule"] == {"adjudicated": 2}
    assert figures["names"]["close_pairs_by_verdict"] == {"same": 1}
    assert figures["adjudication_teacher"]["roles"]["adjudicate"]["bought"] == 1


def test_without_close_names_the_tables_are_empty_and_whole(compare: Callable[..., Any]) -> None:
    close_names, _ = compare([["heat"]], always(SAME))
    assert CLOSE_NAMES.conform(close_names).num_rows == 0
