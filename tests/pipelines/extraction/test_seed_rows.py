"""A line of a seed file becomes a seed, or says why it is none."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic import ValidationError

from linkqa_kedro.datasets.row_files import FileRow, RowFilesDataset
from linkqa_kedro.pipelines.extraction.parameters import DifficultyScale, ExtractionParameters
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
    assert (found["language"], found["source"], found["licence"]) == ("en", "s", "unknown")


def test_a_seed_that_names_no_source_is_of_the_source_its_file_is_called() -> None:
    assert seed_row(FileRow("my_exam.csv.gz", 2, RECORD), PARAMETERS)["source"] == "my_exam"


@pytest.mark.parametrize("answer", ["CB", "C, B", "C;B", "(B)(C)", "B、C", ["C", "B"], '["B", "C"]'])
def test_letters_of_several_right_options_are_sorted_however_they_are_parted(answer: Any) -> None:
    assert row(options=OPTIONS, answer=answer)["answer"] == "BC"


def test_the_language_is_told_by_the_script() -> None:
    assert row(question="二加二等于几？（2+2）")["language"] == "zh"


@pytest.mark.parametrize("name", ["Mathematics", "maths", " MATH ", "数学"])
def test_a_discipline_is_found_by_any_of_its_names(name: str) -> None:
    assert row(discipline=name)["discipline"] == "mathematics"


@pytest.mark.parametrize(("label", "level"), [(0, 1), (1, 2), (4, 5), ("2", 3)])
def test_labels_of_another_scale_are_mapped_onto_one_to_five(label: Any, level: int) -> None:
    assert row(source="tal_scq5k_en", difficulty=label)["difficulty"] == level


def with_scale(source: str, **scale: Any) -> ExtractionParameters:
    return ExtractionParameters(**{**PARAMETERS.model_dump(), "difficulty_scales": {source: scale}})


@pytest.mark.parametrize(
    ("label", "level"), [("easy", 2), ("Medium ", 3), ("Level  5", 5), ("难", 4), (7, 1), (7.0, 1), ("7", 1)]
)
def test_words_are_mapped_one_by_one(label: Any, level: int) -> None:
    parameters = with_scale("s", labels={"Easy": 2, "medium": 3, "level 5": 5, "难": 4, 7: 1})
    assert seed_row(FileRow("s.jsonl", 1, {**RECORD, "difficulty": label}), parameters)["difficulty"] == level


@pytest.mark.parametrize(
    ("scale", "label", "said"),
    [
        ({"labels": {"easy": 2, "hard": 4}}, "AP", "'AP' is off the scale of source 's' (easy, hard)"),
        ({"easiest": 0, "hardest": 4}, 5, "5 is off the scale of source 's' (from 0 to 4)"),
        ({"easiest": 0, "hardest": 4}, "hard", "'hard' is off the scale of source 's' (from 0 to 4)"),
    ],
)
def test_a_label_off_its_scale_names_the_key_to_change(scale: dict, label: Any, said: str) -> None:
    with pytest.raises(UnusableSeed) as error:
        seed_row(FileRow("s.jsonl", 1, {**RECORD, "difficulty": label}), with_scale("s", **scale))
    assert error.value.reason == "bad difficulty"
    assert error.value.detail == f"{said}. Set extraction.difficulty_scales.s in parameters_extraction.yml"


@pytest.mark.parametrize(
    ("scale", "said"),
    [
        ({}, "needs either easiest and hardest, or labels"),
        ({"easiest": 0}, "needs either easiest and hardest, or labels"),
        ({"easiest": 0, "hardest": 4, "labels": {"easy": 2}}, "needs either easiest and hardest, or labels"),
        ({"easiest": 1, "hardest": 1}, "easiest and hardest must differ, both are 1"),
        ({"labels": {}}, "at least 1 item"),
        ({"labels": {"easy": 6}}, "less than or equal to 5"),
    ],
)
def test_a_scale_is_told_in_one_of_two_ways(scale: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        DifficultyScale(**scale)


@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6), st.floats(0, 1))
def test_a_linear_scale_keeps_to_one_and_five(easiest: float, hardest: float, share: float) -> None:
    """The ends are exact, and what lies between stays between, whichever end is the larger number."""
    assume(abs(easiest - hardest) > 1e-3)
    scale = DifficultyScale(easiest=easiest, hardest=hardest)
    assert (scale.level(easiest), scale.level(hardest)) == (1, 5)
    assert scale.level(easiest + share * (hardest - easiest)) == pytest.approx(1 + 4 * share, abs=1e-5)


def test_knowledge_points_keep_their_order_without_repeats() -> None:
    assert row(knowledge_points=["b ", "a", "b", ""])["knowledge_points"] == ["b", "a"]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"id": "x" * 501}, "id too long"),
        ({"question": ""}, "no question"),
        ({"question": float("nan")}, "no question"),
        ({"question": {"en": "Why?"}}, "bad question"),
        ({"question": "x" * 8001}, "question too long"),
        ({"answer": None}, "no answer"),
        ({"answer": "x" * 8001}, "answer too long"),
        ({"answer": ["3", "4"]}, "bad answer"),
        ({"source": "x" * 501}, "source too long"),
        ({"licence": ["MIT"]}, "bad licence"),
        ({"options": {"A": "x" * 8001, "B": "4"}, "answer": "A"}, "option too long"),
        ({"options": [str(number) for number in range(27)], "answer": "A"}, "bad options"),
        ({"options": OPTIONS, "answer": ", "}, "answer not among the options"),
        ({"options": OPTIONS, "answer": "D"}, "answer not among the options"),
        ({"options": OPTIONS, "answer": "BB"}, "answer not among the options"),
        ({"options": {"A": "3"}, "answer": "A"}, "bad options"),
        ({"options": ["3"], "answer": "A"}, "bad options"),
        ({"options": "3 or 4", "answer": "A"}, "bad options"),
        ({"discipline": "phisics"}, "unknown discipline"),
        ({"difficulty": 6}, "bad difficulty"),
        ({"difficulty": 0}, "bad difficulty"),
        ({"difficulty": "hard"}, "bad difficulty"),
        ({"difficulty": True}, "bad difficulty"),
        ({"difficulty": 10**400}, "bad difficulty"),
        ({"knowledge_points": {"a": 1}}, "bad knowledge points"),
        ({"knowledge_points": ["x" * 501]}, "knowledge point too long"),
        ({"knowledge_points": [str(number) for number in range(201)]}, "too many knowledge points"),
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


def test_a_cell_of_brackets_without_end_is_no_list() -> None:
    assert reason(options="[" * 100_000, answer="A") == "bad options"


def test_a_label_that_is_nan_is_missing() -> None:
    """Tables say so where a cell is empty."""
    assert row(difficulty=float("nan"), discipline=float("nan"))["difficulty"] is None


@pytest.mark.parametrize("points", [["a", "b"], '["a", "b"]', "a; b", "a;b;", "a；b"])
def test_knowledge_points_may_stand_in_one_cell(points: Any) -> None:
    assert row(knowledge_points=points)["knowledge_points"] == ["a", "b"]


def test_fields_are_read_from_the_columns_that_the_parameters_name() -> None:
    columns = PARAMETERS.columns.model_copy(update={"question": "prompt", "id": "key"})
    renamed = PARAMETERS.model_copy(update={"columns": columns})
    record = {"key": 7, "prompt": "What is 2 + 2?", "answer": 4}
    assert seed_row(FileRow("s.csv", 2, record), renamed)["seed_id"] == "7"


def test_a_column_of_another_name_is_said_with_those_there_are_and_the_key_to_change() -> None:
    with pytest.raises(UnusableSeed) as error:
        seed_row(FileRow("s.csv", 2, {"id": 7, "Problem": "What is 2 + 2?", "Solution": "4"}), PARAMETERS)
    assert error.value.reason == "no question"
    assert error.value.detail == (
        "there is no field 'question', or it is empty; there are 'id', 'Problem', 'Solution'. "
        "If yours has another name, set extraction.columns.question in parameters_extraction.yml"
    )


def test_the_examples_of_the_data_dictionary_are_seeds(tmp_path: Path) -> None:
    page = (Path(__file__).parents[3] / "docs" / "data_dictionary.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```json\n(.*?)```", page, re.DOTALL)
    (tmp_path / "a.jsonl").write_text(" ".join(example.splitlines()), encoding="utf-8")
    (example,) = re.findall(r"```csv\n(.*?)```", page, re.DOTALL)
    (tmp_path / "b.csv").write_text(example, encoding="utf-8")
    lines = RowFilesDataset(filepath=str(tmp_path), parameter="seeds.path").load()
    first, second, third = (seed_row(line, PARAMETERS) for line in lines)
    for field in ("options", "answer", "difficulty", "knowledge_points"):
        assert first[field] == second[field]
    assert (third["question"], third["answer"], third["source"]) == ('Who asked "why", and when?', "Socrates", "b")


def test_a_seed_without_an_id_is_named_by_its_content() -> None:
    first, moved, other = (
        seed_row(FileRow("quiz.csv", line, {"question": question, "answer": "4"}), PARAMETERS)["seed_id"]
        for line, question in ((2, "What is 2 + 2?"), (9, "What is 2 + 2?"), (3, "What is 3 + 1?"))
    )
    assert first == moved
    assert first != other
    assert re.fullmatch("quiz-[0-9a-f]{12}", first)
