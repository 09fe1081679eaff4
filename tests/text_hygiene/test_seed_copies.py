"""Copies of seeds."""

import math

import pytest

from linkqa_kedro.text_hygiene.seed_copies import largest_rewording, largest_seed_overlap, novelty
from linkqa_kedro.text_hygiene.tokens import shingles


def test_the_overlap_is_with_the_nearest_single_seed() -> None:
    seeds = [shingles(text, 1) for text in ("a b", "c d e f", "x")]
    # a b c d shares 2 of 4 with the first, 2 of 6 with the second
    assert largest_seed_overlap(shingles("a b c d", 1), seeds) == pytest.approx(0.5)
    assert largest_seed_overlap(shingles("a b", 1), seeds) == 1.0
    assert largest_seed_overlap(shingles("a b", 1), []) == 0.0


def test_words_in_another_order_are_one_text_and_each_replaced_word_counts() -> None:
    seed = "at sea level pure water boils at 100 degrees"
    assert largest_rewording("Pure water boils at 100 degrees at sea level.", ["x y z", seed]) == 1.0
    # one word of nine is another: eight are shared, twice eight of eighteen
    assert largest_rewording("at sea level pure water freezes at 100 degrees", [seed]) == pytest.approx(16 / 18)
    assert largest_rewording("纯水在海平面沸腾", ["海平面沸腾在纯水"]) == 1.0


def test_an_item_that_joins_two_seeds_is_neither_reworded() -> None:
    one, other = "how many legs has a common house spider", "which metal is liquid under normal conditions"
    assert largest_rewording(f"{one} and {other}", [one, other]) < 0.7
    assert largest_rewording("", [one]) == 0.0
    assert largest_rewording(one, []) == 0.0


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
