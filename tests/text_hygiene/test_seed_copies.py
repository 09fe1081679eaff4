"""Copies of seeds."""

import math

import pytest

from linkqa_kedro.text_hygiene.seed_copies import largest_seed_overlap, novelty
from linkqa_kedro.text_hygiene.tokens import shingles


def test_the_overlap_is_with_the_nearest_single_seed() -> None:
    seeds = [shingles(text, 1) for text in ("a b", "c d e f", "x")]
    # a b c d shares 2 of 4 with the first, 2 of 6 with the second
    assert largest_seed_overlap(shingles("a b c d", 1), seeds) == pytest.approx(0.5)
    assert largest_seed_overlap(shingles("a b", 1), seeds) == 1.0
    assert largest_seed_overlap(shingles("a b", 1), []) == 0.0


def test_novelty_counts_the_ngrams_that_the_nearest_seed_lacks() -> None:
    # bigrams of the item: ab, bc, cd; the first seed holds ab, the second bc and cd
    assert novelty("a b c d", ["a b x", "b c d"], n=2) == pytest.approx(1 / 3)
    assert novelty("a b c d", ["x a b c d y"], n=2) == 0.0
    assert novelty("a b c d", [], n=2) == 1.0


def test_a_short_item_is_looked_up_as_a_whole() -> None:
    assert novelty("what is mitosis", ["tell me what is mitosis now"], n=5) == 0.0
    assert novelty("what is meiosis", ["tell me what is mitosis now"], n=5) == 1.0


def test_an_item_without_words_has_no_novelty() -> None:
    assert math.isnan(novelty("?", ["a"], n=2))
