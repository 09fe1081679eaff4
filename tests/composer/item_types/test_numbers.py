"""Items over numeric answers are ones that someone would set."""

from collections.abc import Callable
from typing import Any

import pytest

from linkqa_kedro.composer.compose import compose_items


def numeric(number: int, answer: str) -> dict[str, Any]:
    return {
        "seed_id": f"s{number}",
        "question": f"What does the calculation of the number {number} come to in the end?",
        "answer": answer,
        "options": [],
        "knowledge_points": ["p1", "p2"],
        "discipline": "mathematics",
        "difficulty": 2,
        "language": "en",
    }


@pytest.mark.parametrize("level", [3, 4])
def test_equal_numbers_are_not_asked_for_their_spread(
    synthesise_values: Callable[..., dict[str, Any]], level: int
) -> None:
    seeds = [numeric(n, "2") for n in range(1, 4)]
    for item in compose_items(
        synthesise_values(seeds, question_types=["calculation"], fan_out=9, difficulty=level, path=["p1", "p2"])
    ):
        assert "exceed the smallest" not in item["question"]


def test_the_form_of_an_order_shows_no_order(synthesise_values: Callable[..., dict[str, Any]]) -> None:
    seeds = [numeric(n, str(n * n)) for n in range(1, 4)]
    items = compose_items(synthesise_values(seeds, question_types=["ordering"], path=["p1", "p2"]))
    assert items
    for item in items:
        assert "separated by commas" in item["question"]
        assert "1, 2, 3" not in item["question"]
