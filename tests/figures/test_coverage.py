"""Coverage."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkqa_kedro.figures.coverage import coverage_curve, coverage_fraction, paths_to_coverage

PATHS = np.array([[0, 1, -1], [1, 2, 0], [0, 2, -1], [3, 4, -1]])
NO_PATHS = np.zeros((0, 3), np.int64)


def test_coverage_is_over_all_or_over_reachable_vertices() -> None:
    visits, reachable = np.array([2, 0, 1, 0]), np.array([True, True, True, False])
    assert coverage_fraction(visits) == 0.5
    assert coverage_fraction(visits, reachable) == pytest.approx(2 / 3)
    assert math.isnan(coverage_fraction(visits, np.zeros(4, dtype=bool)))


def test_the_curve_counts_first_visits_in_the_order_drawn() -> None:
    curve = coverage_curve(PATHS, n_vertices=10, points=4)
    assert curve["n_paths"].tolist() == [0, 1, 2, 3, 4]
    assert curve["coverage_fraction"].tolist() == [0.0, 0.2, 0.3, 0.3, 0.5]


def test_the_curve_has_no_more_points_than_asked_and_ends_at_the_last_path() -> None:
    assert coverage_curve(PATHS, 10, points=2)["n_paths"].tolist() == [0, 2, 4]
    assert coverage_curve(PATHS, 10, points=50)["n_paths"].tolist() == [0, 1, 2, 3, 4]
    assert coverage_curve(NO_PATHS, 10, points=5)["coverage_fraction"].tolist() == [0.0]
    assert coverage_curve(NO_PATHS, 0, points=5)["coverage_fraction"].isna().all()


@given(st.lists(st.lists(st.integers(0, 9), min_size=1, max_size=5), max_size=12), st.integers(1, 15))
def test_the_curve_rises_to_the_coverage_of_all_paths(paths: list[list[int]], points: int) -> None:
    matrix = np.array([path + [-1] * (5 - len(path)) for path in paths], np.int32).reshape(-1, 5)
    curve = coverage_curve(matrix, 10, points)
    visits = np.bincount(np.array([vertex for path in paths for vertex in path], dtype=np.int64), minlength=10)
    assert curve["coverage_fraction"].is_monotonic_increasing
    assert curve["coverage_fraction"].iloc[-1] == coverage_fraction(visits)
    assert len(curve) <= points + 1


def test_paths_to_coverage_is_the_first_path_that_reaches_it() -> None:
    assert paths_to_coverage(PATHS, n_vertices=5, fraction=0.6) == 2.0
    assert paths_to_coverage(PATHS, n_vertices=5, fraction=1.0) == 4.0
    assert math.isnan(paths_to_coverage(PATHS, n_vertices=6, fraction=1.0))
