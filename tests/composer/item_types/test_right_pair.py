"""Items of mere recall give their key away by nothing but the matter."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from linkqa_kedro.composer.compose import compose_items


@pytest.mark.parametrize("language", ["en", "zh"])
def test_no_question_stands_alone_beside_another_that_stands_often(
    seeds: dict[str, list[dict[str, Any]]], synthesise_values: Callable[..., dict[str, Any]], language: str
) -> None:
    values = synthesise_values(seeds[language], question_types=["right_pair"], fan_out=8, difficulty=1)
    items = compose_items(values)
    assert items
    for item in items:
        shown = Counter(text.split(" — ")[0] for text in item["options"].values()).values()
        assert max(shown) - min(shown) <= 1
