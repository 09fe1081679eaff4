"""A correction asks for the paths that bring the mix nearest to the one wanted."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linkqa_kedro.pipelines.evaluation.correction import (
    CellLabels,
    expected_rows,
    plan_correction,
    rows_at_levels,
)


def plan(measured, wanted, expected, may_ask=None, most_paths=1000, tolerance=0.0):
    asked = np.ones(len(expected), bool) if may_ask is None else np.array(may_ask)
    return plan_correction(
        np.array(measured), np.array(wanted, float), np.array(expected, float), asked, most_paths, tolerance
    )


def test_paths_go_to_the_cell_that_lacks_rows() -> None:
    """10 and 90 rows, half wanted of each, 2 rows a path: 40 paths would do. A fifth of the way is left open: 42 %."""
    found = plan([10, 90], [0.5, 0.5], [[2, 0], [0, 2]])
    assert found.paths.tolist() == [28, 0]
    rows = np.array([10 + 2 * found.paths[0], 90])
    assert found.expected_distance == pytest.approx(0.5 - rows[0] / rows.sum())
    assert found.expected_distance == pytest.approx(0.2 * 0.4, abs=0.01)


def test_a_cell_is_filled_through_the_one_whose_paths_give_it() -> None:
    """Paths asked of the second cell give rows of the first, and the other way round."""
    found = plan([10, 90], [0.5, 0.5], [[0, 2], [2, 0]])
    assert found.paths[0] == 0
    assert found.paths[1] > 0


def test_of_two_ways_the_one_with_fewer_paths_is_taken() -> None:
    found = plan([10, 90], [0.5, 0.5], [[1, 0], [4, 0], [0, 1]])
    assert found.paths[[0, 2]].tolist() == [0, 0]


def test_nothing_is_asked_within_half_of_the_tolerance() -> None:
    assert plan([49, 51], [0.5, 0.5], np.eye(2), tolerance=0.02).paths.tolist() == [0, 0]
    assert plan([45, 55], [0.5, 0.5], np.eye(2), tolerance=0.02).paths.tolist() == [pytest.approx(8, abs=1), 0]


def test_nothing_is_asked_where_no_path_helps() -> None:
    found = plan([10, 90], [0.5, 0.5], [[0, 3], [0, 1]])
    assert found.paths.tolist() == [0, 0]
    assert found.expected_distance == pytest.approx(0.4)


def test_what_the_latest_paths_gave_counts_most() -> None:
    before = np.array([[1.0, 0.0], [0.0, 1.0]])
    found = expected_rows(np.array([[0, 0], [0, 0]]), np.array([18, 0]), before)
    assert found.tolist() == [[0.1, 0.0], [0.0, 1.0]]


def test_paths_of_one_level_share_what_they_gave_within_their_disciplines() -> None:
    """At level 1: six rows of level 1 from four paths; the row of another discipline counts for nobody."""
    labels = CellLabels(("law", "law", "art", "art"), (1, 2, 1, 2))
    rows = np.array([[4, 1, 0, 1], [0, 0, 0, 0], [0, 0, 2, 0], [0, 3, 0, 6]])
    found = rows_at_levels(rows, np.array([3, 0, 1, 3]), labels, labels)
    assert found[0].tolist() == [1.5, 0.25, 0, 0]
    assert found[2].tolist() == [0, 0, 1.5, 0.25]
    assert found[1].tolist() == [0, 2.0, 0, 0], "no path of its own: what the level gave elsewhere"


def test_a_cell_without_a_discipline_gives_rows_of_all() -> None:
    measured = CellLabels(("law", "art", "law"), (1, 1, 2))
    found = rows_at_levels(np.array([[4, 2, 1]]), np.array([3]), CellLabels((None,), (1,)), measured)
    assert found.tolist() == [[1.0, 1.0, pytest.approx(1 / 3)]]


CELLS = st.integers(2, 5)


@settings(max_examples=60, deadline=None)
@given(st.data(), CELLS, CELLS)
def test_a_correction_keeps_its_limits_and_never_plans_to_go_further_away(data, n_asked: int, n: int) -> None:
    measured = data.draw(st.lists(st.integers(0, 500), min_size=n, max_size=n).filter(lambda rows: sum(rows) > 0))
    weights = data.draw(st.lists(st.integers(0, 9), min_size=n, max_size=n).filter(lambda parts: sum(parts) > 0))
    row = st.lists(st.floats(0, 3), min_size=n, max_size=n)
    expected = data.draw(st.lists(row, min_size=n_asked, max_size=n_asked))
    may_ask = data.draw(st.lists(st.booleans(), min_size=n_asked, max_size=n_asked))
    most_paths = data.draw(st.integers(0, 300))
    wanted = np.array(weights) / sum(weights)
    found = plan(measured, wanted, expected, may_ask, most_paths)
    now = np.abs(np.array(measured) / sum(measured) - wanted).sum() / 2
    assert (found.paths >= 0).all()
    assert not found.paths[~np.array(may_ask)].any()
    assert found.paths.sum() <= most_paths + n_asked / 2, "each is rounded"
    rounding = 2 * n_asked * 3 * n / sum(measured)
    assert found.expected_distance <= now + rounding
