"""Types of questions are weighed, or listed."""

from typing import Any

import pytest
from pydantic import ValidationError

from linkqa_kedro.pipelines.synthesis.parameters import SynthesisParameters


def weights_of(question_types: Any) -> dict[str, float]:
    teacher = {"temperature": 0.6, "top_p": 0.95, "max_output_tokens": 100}
    others = {"fan_out": 3, "language": "seeds", "teacher": teacher, "random_seed": 1}
    return SynthesisParameters(question_types=question_types, **others).question_types


def test_a_list_of_types_weighs_them_alike() -> None:
    assert weights_of(["matching", "Short answer"]) == {"matching": 1.0, "short_answer": 1.0}
    assert weights_of({"Matching": 2, "ordering": 0}) == {"matching": 2.0, "ordering": 0.0}


@pytest.mark.parametrize(
    ("question_types", "problem"),
    [
        ([], "at least one type needs a weight above 0"),
        ({"matching": 0}, "at least one type needs a weight above 0"),
        (["matching", "Matching"], "matching is named twice"),
        ({"matching": -1}, "greater than or equal to 0"),
        ("matching", "must be types with their weights, or a list of types"),
        ([3], "must be types with their weights, or a list of types"),
    ],
)
def test_a_mix_that_asks_for_nothing_is_refused(question_types: Any, problem: str) -> None:
    with pytest.raises(ValidationError, match=problem):
        weights_of(question_types)
