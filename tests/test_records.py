"""Declared tables refuse rows of another shape."""

import numpy as np
import pandas as pd
import pytest

from linkqa_kedro.records import ALIASES, QUOTAS, SEEDS, rows_of

ROW = {"alias": "maths", "canonical": "mathematics", "rule": "edited", "score": 1.0}


def test_rows_become_columns_of_the_declared_order() -> None:
    assert ALIASES.frame([dict(reversed(ROW.items()))]).columns.tolist() == ["alias", "canonical", "rule", "score"]


def test_no_rows_keep_the_columns_and_types() -> None:
    assert QUOTAS.frame([]).dtypes["quota"] == np.int64


@pytest.mark.parametrize("row", [{**ROW, "more": 1}, {k: v for k, v in ROW.items() if k != "rule"}])
def test_a_row_of_another_shape_is_refused(row: dict) -> None:
    with pytest.raises(ValueError, match="Row 1 of aliases and its declaration differ"):
        ALIASES.frame([ROW, row])


def test_a_gap_where_none_may_be_is_refused_with_its_row() -> None:
    with pytest.raises(ValueError, match=r"aliases\.canonical"):
        ALIASES.conform(pd.DataFrame([ROW, {**ROW, "alias": "math", "canonical": None}]))


def test_a_repeated_key_is_refused_with_its_value() -> None:
    with pytest.raises(ValueError, match="'maths'"):
        ALIASES.conform(pd.DataFrame([ROW, ROW]))


def test_missing_and_unknown_columns_are_named() -> None:
    with pytest.raises(ValueError, match=r"missing columns \['rule', 'score'\] and unknown columns \['x'\]"):
        ALIASES.conform(pd.DataFrame({"alias": ["a"], "canonical": ["b"], "x": [1]}))


def test_rows_come_back_as_plain_values() -> None:
    """Lists instead of arrays, None instead of NaN, whatever pandas makes of them."""
    row = {
        "seed_id": "s1",
        "question": "q",
        "answer": "A",
        "options": [{"letter": "A", "text": "x"}],
        "discipline": None,
        "difficulty": None,
        "knowledge_points": ["a", "b"],
        "language": "en",
        "source": "test",
        "licence": "CC0-1.0",
    }
    other = {**row, "seed_id": "s2", "discipline": "law", "difficulty": 3, "options": [], "knowledge_points": []}
    assert rows_of(SEEDS.frame([row, other])) == [row, other]
