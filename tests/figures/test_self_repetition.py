"""Self-repetition."""

import math

import pytest

from linkqa_kedro.figures.self_repetition import self_repetition_fraction, self_repetition_score

ITEMS = [list("abcd"), list("xabc"), list("abcy"), list("pqrs")]


def test_the_score_is_the_mean_log_of_repetitions_in_other_items() -> None:
    """With n = 3: abc occurs in three items, so each of them meets it twice; the fourth meets nothing."""
    assert self_repetition_score(ITEMS, n=3) == pytest.approx(3 * math.log(3) / 4)


def test_the_fraction_counts_items_with_any_repetition() -> None:
    assert self_repetition_fraction(ITEMS, n=3) == 0.75
    assert self_repetition_fraction(ITEMS, n=4) == 0.0


def test_repetition_within_one_item_does_not_count() -> None:
    assert self_repetition_fraction([list("abab"), list("cdcd")], n=2) == 0.0
    assert self_repetition_score([list("abab"), list("cdcd")], n=2) == 0.0


def test_no_items_have_no_figure() -> None:
    assert math.isnan(self_repetition_score([], n=3))
    assert math.isnan(self_repetition_fraction([], n=3))
