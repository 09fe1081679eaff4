"""Krippendorff's alpha for ordinal ratings."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkqa_kedro.figures.krippendorff_alpha import krippendorff_alpha

LEVELS = (1, 2, 3, 4, 5)
RATINGS = st.lists(st.lists(st.sampled_from(LEVELS), min_size=2, max_size=4), min_size=2, max_size=12)


def test_the_worked_example_of_its_author_comes_out() -> None:
    """Krippendorff 2011, section E: four observers, twelve units, ordinal data, alpha = .815."""
    observers = (
        "1 2 3 3 2 1 4 1 2 . . .",
        "1 2 3 3 2 2 4 1 2 5 . 3",
        ". 3 3 3 2 3 4 2 2 5 1 .",
        "1 2 3 3 2 4 4 1 2 5 1 .",
    )
    units = zip(*(row.split() for row in observers), strict=True)
    ratings = [[int(value) for value in unit if value != "."] for unit in units]
    assert krippendorff_alpha(ratings, LEVELS) == pytest.approx(0.815, abs=5e-4)


def test_full_agreement_on_different_levels_is_1() -> None:
    assert krippendorff_alpha([[1, 1], [3, 3, 3], [5, 5]], LEVELS) == pytest.approx(1.0)


def test_ratings_that_are_always_opposite_are_worse_than_chance() -> None:
    assert krippendorff_alpha([[1, 5], [5, 1]], LEVELS) < 0


def test_a_near_miss_counts_less_than_a_far_one() -> None:
    anchors = [[level, level] for level in LEVELS]
    near, far = ([*anchors, pair] for pair in ([2, 3], [1, 5]))
    assert krippendorff_alpha(near, LEVELS) > krippendorff_alpha(far, LEVELS)


@pytest.mark.parametrize("ratings", [[], [[1], [2]], [[3, 3], [3, 3]]])
def test_without_pairs_or_differences_it_is_undefined(ratings: list[list[int]]) -> None:
    assert math.isnan(krippendorff_alpha(ratings, LEVELS))


@given(RATINGS)
def test_it_is_1_at_most_and_the_order_of_ratings_is_nothing_to_it(ratings: list[list[int]]) -> None:
    alpha = krippendorff_alpha(ratings, LEVELS)
    turned = krippendorff_alpha([item[::-1] for item in ratings[::-1]], LEVELS)
    assert alpha == pytest.approx(turned, nan_ok=True)
    assert math.isnan(alpha) or alpha <= 1 + 1e-9
