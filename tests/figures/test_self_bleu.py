"""Self-BLEU."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkqa_kedro.figures.self_bleu import self_bleu


def bleu(items: list[list[str]], length: int = 5, n_items: int = 10, random_seed: int = 1) -> float:
    return self_bleu(items, length, n_items, random_seed)


def test_copies_give_1() -> None:
    assert bleu([list("abcde")] * 3) == pytest.approx(1.0)


def test_items_that_share_no_word_give_0() -> None:
    assert bleu([list("abcde"), list("fghij"), list("klmno")]) == 0.0


def test_a_case_by_hand() -> None:
    """abcde and abcdx share 4 of 5 words, 3 of 4 pairs, 2 of 3 triples and 1 of 2 fours."""
    expected = (4 / 5 * 3 / 4 * 2 / 3 * 1 / 2) ** 0.25
    assert bleu([list("abcde"), list("abcdx")]) == pytest.approx(expected)


def test_matches_are_clipped_to_the_most_that_one_other_item_holds() -> None:
    """aaaaa finds one a in each of the others, though two together."""
    items = [list("aaaaa"), list("abcde"), list("avwxy")]
    unigrams_alone = self_bleu(items, 5, 10, 1)
    best = [(1 / 5, 0.1 / 4, 0.1 / 3, 0.1 / 2), (1 / 5, 0.1 / 4, 0.1 / 3, 0.1 / 2), (1 / 5, 0.1 / 4, 0.1 / 3, 0.1 / 2)]
    assert unigrams_alone == pytest.approx(sum(math.prod(row) ** 0.25 for row in best) / 3)


def test_items_are_cut_to_one_length_and_short_ones_left_out() -> None:
    assert bleu([list("abcdeZZZ"), list("abcdeYY"), list("abc")]) == pytest.approx(1.0)
    assert math.isnan(bleu([list("abcde"), list("abc")]))
    assert math.isnan(bleu([]))


def test_the_sample_follows_the_seed_alone() -> None:
    items = [list(f"{a}{b}cd{c}") for a in "xyz" for b in "uvw" for c in "rst"]
    one, other = bleu(items, n_items=4, random_seed=1), bleu(items, n_items=4, random_seed=2)
    assert one == bleu(items, n_items=4, random_seed=1) != other


def test_items_too_short_for_four_words_are_refused() -> None:
    with pytest.raises(ValueError, match="got length 3"):
        bleu([list("abc")] * 2, length=3)


@given(st.lists(st.lists(st.sampled_from("abc"), min_size=4, max_size=8), min_size=2, max_size=6))
def test_it_lies_between_0_and_1(items: list[list[str]]) -> None:
    assert 0 <= self_bleu(items, 4, 10, 1) <= 1 + 1e-12
