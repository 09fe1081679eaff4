"""Distinct-n."""

import math

from linkqa_kedro.figures.distinct_n import distinct_n


def test_it_is_distinct_over_all_ngrams() -> None:
    """ab ba ab | ab: two distinct of four; pairs never span two items."""
    assert distinct_n([list("abab"), list("ab")], n=2) == 0.5
    assert distinct_n([list("abc")], n=1) == 1.0


def test_items_shorter_than_n_have_no_figure() -> None:
    assert math.isnan(distinct_n([["a"]], n=2))
    assert math.isnan(distinct_n([], n=1))
