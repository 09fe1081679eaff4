"""A line of a seed file becomes a seed, or says why it is none."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from linkqa_kedro.datasets.row_files import FileRow
from linkqa_kedro.pipelines.extraction.parameters import ExtractionParameters
from linkqa_kedro.pipelines.extraction.seed_rows import UnusableSeed, seed_row

CONF = Path(__file__).parents[3] / "conf" / "base" / "parameters_extraction.yml"
PARAMETERS = ExtractionParameters(**yaml.safe_load(CONF.read_text(encoding="utf-8"))["extraction"])
RECORD: dict[str, Any] = {"id": "s1", "question": "What is 2 + 2?", "answer": "4"}
OPTIONS = {"A": "3", "B": "4", "C": "2 + 2"}


def row(**changes: Any) -> dict[str, Any]:
    return seed_row(FileRow("s.jsonl", 1, {**RECORD, **changes}), PARAMETERS)


def reason(**changes: Any) -> str:
    with pytest.raises(UnusableSeed) as error:
        row(**changes)
    return error.value.reason


def test_a_bare_question_and_answer_are_enough() -> None:
    found = row()
    assert (found["options"], found["discipline"], found["difficulty"], found["knowledge_points"]) == (
        [],
        None,
        None,
        [],
    )
    assert (found["language"], found["source"], found["licence"]) == ("en", "unknown", "unknown")


def test_letters_of_several_right_options_are_sorted() -> None:
    assert row(options=OPTIONS, answer="CB")["answer"] == "BC"


def test_the_language_is_told_by_the_script() -> None:
    assert row(question="二加二等于几？（2+2）")["language"] == "zh"


@pytest.mark.parametrize("name", ["Mathematics", "maths", " MATH ", "数学"])
def test_a_discipline_is_found_by_any_of_its_names(name: str) -> None:
    assert row(discipline=name)["discipline"] == "mathematics"


@pytest.mark.parametrize(("label", "level"), [(0, 1), (1, 2), (4, 5), ("2", 3)])
def test_labels_of_another_scale_are_mapped_onto_one_to_five(label: Any, level: int) -> None:
    assert row(source="tal_scq5k_en", difficulty=label)["difficulty"] == level


def test_knowledge_points_keep_their_order_without_repeats() -> None:
    assert row(knowledge_points=["b ", "a", "b", ""])["knowledge_points"] == ["b", "a"]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"id": None}, "no id"),
        ({"question": ""}, "no question"),
        ({"question": "x" * 9000}, "question too long"),
        ({"answer": None}, "no answer"),
        ({"options": OPTIONS, "answer": "D"}, "answer not among the options"),
        ({"options": OPTIONS, "answer": "BB"}, "answer not among the options"),
        ({"options": {"A": "3"}, "answer": "A"}, "bad options"),
        ({"options": ["3"], "answer": "A"}, "bad options"),
        ({"options": "3 or 4", "answer": "A"}, "bad options"),
        ({"discipline": "phisics"}, "unknown discipline"),
        ({"difficulty": 6}, "bad difficulty"),
        ({"difficulty": 0}, "bad difficulty"),
        ({"difficulty": "hard"}, "bad difficulty"),
        ({"knowledge_points": {"a": 1}}, "bad knowledge points"),
        ({"language": "fr"}, "unknown language"),
    ],
)
def test_a_record_that_makes_no_sense_is_set_aside_with_its_reason(changes: dict[str, Any], expected: str) -> None:
    assert reason(**changes) == expected


def test_a_broken_line_is_set_aside() -> None:
    with pytest.raises(UnusableSeed, match="broken line: not JSON"):
        seed_row(FileRow("s.jsonl", 3, None, "not JSON"), PARAMETERS)


def test_an_unknown_discipline_says_which_are_known() -> None:
    with pytest.raises(UnusableSeed, match=r"'phisics'\. Known: .*physics"):
        row(discipline="phisics")


@pytest.mark.parametrize(
    "options",
    [
        {"A": "3", "B": "4", "C": "2 + 2"},
        '{"A": "3", "B": "4", "C": "2 + 2"}',
        ["3", "4", "2 + 2"],
        '["3", "4", "2 + 2"]',
        {"A": "3", "B": "4", "C": "2 + 2", "D": None},
    ],
)
def test_options_may_be_an_object_or_a_list_or_the_json_of_either(options: Any) -> None:
    assert row(options=options, answer="B")["options"] == [
        {"letter": "A", "text": "3"},
        {"letter": "B", "text": "4"},
        {"letter": "C", "text": "2 + 2"},
    ]


@pytest.mark.parametrize("points", [["a", "b"], '["a", "b"]', "a; b", "a;b;"])
def test_knowledge_points_may_stand_in_one_cell(points: Any) -> None:
    assert row(knowledge_points=points)["knowledge_points"] == ["a", "b"]


def test_fields_are_read_from_the_columns_that_the_parameters_name() -> None:
    columns = PARAMETERS.columns.model_copy(update={"question": "prompt", "id": "key"})
    renamed = PARAMETERS.model_copy(update={"columns": columns})
    record = {"key": 7, "prompt": "What is 2 + 2?", "answer": 4}
    assert seed_row(FileRow("s.csv", 2, record), renamed)["seed_id"] == "7"
