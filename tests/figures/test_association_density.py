"""Association density."""

import math

import numpy as np
import pytest

from linkqa_kedro.figures.association_density import (
    association_densities,
    association_density,
    mean_association_density,
    random_association_density,
)

POINTS = {"a": ["x", "y"], "b": ["y"], "c": ["z"], "d": ["x"], "e": ["w"]}
DISCIPLINES = {"a": "maths", "b": "maths", "d": "maths", "c": "physics", "e": "physics"}


def test_it_is_the_share_of_pairs_with_a_common_point() -> None:
    """Of the pairs a-b, a-c, b-c only the first shares a point."""
    assert association_density([["x", "y"], ["y", "y"], ["z"]]) == pytest.approx(1 / 3)
    assert association_density([["x"], ["x"]]) == 1.0
    assert math.isnan(association_density([["x"]]))


def test_densities_of_many_paths_are_those_of_each() -> None:
    """Points of the seeds a to e as numbers: x 0, y 1, z 2, w 3; -2 fills up."""
    points = np.array([[0, 1], [1, -2], [2, -2], [0, -2], [3, -2]])
    paths = np.array([[0, 1, 2], [0, 3, -1], [2, 4, -1], [0, -1, -1]])
    densities = association_densities(paths, points)
    expected = [association_density([POINTS["abcde"[seed]] for seed in path if seed >= 0]) for path in paths]
    assert densities[:3].tolist() == expected[:3] == [1 / 3, 1.0, 0.0]
    assert math.isnan(densities[3])
    assert association_densities(np.zeros((0, 3), np.int64), points).shape == (0,)


def test_a_seed_of_hundreds_of_points_is_compared_like_any_other() -> None:
    points = np.full((3, 200), -2)
    points[0], points[1, :2], points[2, 0] = np.arange(200), [199, 7], 500
    assert association_densities(np.array([[0, 1], [0, 2], [1, 2]]), points).tolist() == [1.0, 0.0, 0.0]


def test_paths_with_one_seed_do_not_count_in_the_mean() -> None:
    assert mean_association_density([["a", "b"], ["a", "c"], ["a"]], POINTS) == 0.5
    assert math.isnan(mean_association_density([["a"]], POINTS))


def test_random_seeds_come_from_the_same_discipline() -> None:
    """Physics has only c and e, which share nothing; of maths all three pairs are drawn, of which two share a point."""
    assert random_association_density([["c", "e"]] * 5, POINTS, DISCIPLINES, random_seed=1) == 0.0
    maths = random_association_density([["a", "b"]] * 3000, POINTS, DISCIPLINES, random_seed=1)
    assert maths == pytest.approx(2 / 3, abs=0.03)


def test_random_seeds_of_a_path_are_distinct() -> None:
    """A seed drawn twice would share every point with itself."""
    assert random_association_density([["c", "e"]] * 200, POINTS, DISCIPLINES, random_seed=3) == 0.0


def test_equal_random_seeds_give_equal_figures_in_any_order_of_seeds() -> None:
    paths = [["a", "b", "c"]] * 20
    backwards = dict(reversed(DISCIPLINES.items()))
    figure = random_association_density(paths, POINTS, DISCIPLINES, random_seed=5)
    assert random_association_density(paths, POINTS, backwards, random_seed=5) == figure
    assert math.isnan(random_association_density([], POINTS, DISCIPLINES, random_seed=5))
