"""Every reason for which a row is dropped, on a row that has just that fault."""

from typing import Any

import pandas as pd
import pytest

from linkqa_kedro.pipelines.evaluation.row_checks import check_rows

SETTINGS = {
    "min_question_characters": 12,
    "max_question_characters": 200,
    "contamination_ngram": 13,
    "reported_ngram": 8,
    "seed_copy_jaccard": 0.8,
    "seed_rewording": 0.7,
    "least_novelty": 0.2,
    "ngram": 5,
}
SEED = "What is the boiling point of pure water at sea level in degrees Celsius?\n100"
OTHER_SEED = (
    "Name the planet nearest to the sun; does Venus or the Earth come nearer to it on most days of a year?\nMercury"
)
BENCHMARK = "Janet has sixteen ducks and each of them lays exactly one egg on every single day of the week"
ROW: dict[str, Any] = {
    "qa_id": "q1",
    "path_id": "p1",
    "question": "Which of these two liquids boils first when both are heated slowly?",
    "options": [{"letter": "A", "text": "water"}, {"letter": "B", "text": "ethanol"}],
    "answer": "B",
    "explanation": "Ethanol boils at 78 degrees.",
    "language": "en",
    "seed_ids": ["s1"],
}


def check(**changes: Any) -> dict[str, Any]:
    shard = pd.DataFrame([{**ROW, **changes}])
    benchmarks = {"ducks": [["d1", BENCHMARK]]}
    found = check_rows(
        shard,
        seed_texts={"s1": SEED, "s2": OTHER_SEED},
        path_seeds={"p1": ["s1", "s2"]},
        benchmarks=benchmarks,
        settings=SETTINGS,
    )
    return found.to_dict(orient="records")[0]


def test_a_good_row_has_no_reason() -> None:
    row = check()
    assert pd.isna(row["reason"])
    assert row["novelty"] == 1.0
    assert not row["short_ngram_hit"]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"question": "Which?"}, "question too short"),
        ({"question": "x" * 201}, "question too long"),
        ({"answer": " "}, "no answer"),
        ({"answer": "C"}, "answer not among the options"),
        ({"options": [{"letter": "A", "text": "x"}, {"letter": "B", "text": "x"}]}, "repeated options"),
        ({"explanation": "I'm sorry, but I cannot answer."}, "refusal"),
        ({"options": [], "answer": "作为一个人工智能"}, "refusal"),
        ({"language": "zh"}, "wrong language"),
        ({"question": "下列哪种液体先沸腾？请说明理由。"}, "wrong language"),
        ({"question": SEED.split("\n", maxsplit=1)[0], "options": [], "answer": "100"}, "copy of a seed"),
        (
            {
                "question": "In degrees Celsius, at sea level, what is the boiling point of perfectly pure water?",
                "options": [],
                "answer": "100",
            },
            "reworded seed",
        ),
        (
            {"question": "Does Venus or the Earth come nearer to it on most", "options": [], "answer": "days"},
            "too little new",
        ),
        (
            {
                "question": "On most days of a year, does Venus or Earth come nearer to the planet next to the sun?",
                "options": [],
                "answer": "Mercury",
            },
            "reworded seed",  # of the path's other seed, which the row does not name
        ),
        ({"question": f"Now {BENCHMARK}. How many?"}, "contamination"),
    ],
)
def test_a_fault_is_found_and_named(changes: dict[str, Any], reason: str) -> None:
    assert check(**changes)["reason"] == reason


def test_formulas_in_a_chinese_question_are_no_other_language() -> None:
    assert pd.isna(check(question="求函数 f(x)=x+1 在 x=2 处的值并说明理由", language="zh")["reason"])


def test_a_shorter_run_shared_with_a_benchmark_is_reported_only() -> None:
    row = check(question="They say each of them lays exactly one egg on Sundays; is it so?")
    assert pd.isna(row["reason"])
    assert row["short_ngram_hit"]


def test_a_row_that_quotes_half_of_a_seed_is_less_novel_and_no_copy() -> None:
    row = check(question="What is the boiling point of pure water high up on a mountain, roughly speaking?")
    assert pd.isna(row["reason"])
    assert 0 < row["novelty"] < 1
