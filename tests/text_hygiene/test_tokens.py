"""Tokens, numbers and n-grams."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkqa_kedro.text_hygiene.tokens import ngram_hashes, numbers, shingles, tokens


def test_words_are_folded_and_chinese_is_split_into_characters() -> None:
    assert tokens("Ｔhe  RATE of 光合作用, H2O!") == ["the", "rate", "of", "光", "合", "作", "用", "h2o"]


def test_numbers_stay_whole_tokens_and_coordinates_do_not_join() -> None:
    assert tokens("3.50 m and 1,000.5 kg at (1,2)") == ["3.50", "m", "and", "1,000.5", "kg", "at", "1", "2"]


def test_a_superscript_is_no_further_digit() -> None:
    """NFKC alone would read 10⁵ as 105."""
    assert tokens("10⁵") == ["10", "5"]
    assert numbers("10⁵") == ("10", "5")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("3,000.50 and 007", ("3000.5", "7")),
        ("-3 but 5-3, x-2 and (4)-1", ("-3", "5", "3", "2", "4", "1")),
        ("−.5 and -0", ("-0.5", "0")),
        ("１２ items", ("12",)),
        ("two of twelve, not one", ("2", "12")),
        ("the second law", ("2",)),
        ("often, weight, attend", ()),
        ("三个人分一百二十元", ("3", "120")),
        ("二〇二五年", ("2025",)),
        ("一个", ()),
        ("十万零三", ("100003",)),
        ("H2O", ("2",)),
    ],
)
def test_numbers_come_in_order_in_one_form(text: str, found: tuple[str, ...]) -> None:
    assert numbers(text) == found


def test_equal_ngrams_have_equal_hashes_in_order() -> None:
    words = ["a", "b", "a", "b"]
    hashes = ngram_hashes(words, 2)
    assert hashes[0] == hashes[2] != hashes[1]


def test_hashes_are_the_same_in_every_process() -> None:
    """Signatures of shards are compared across processes, where `hash()` differs."""
    assert ngram_hashes(["a", "b"], 2).tolist() == [460945274903716885]


def test_a_short_text_is_one_shingle_and_an_empty_one_none() -> None:
    assert shingles("one two", 5).size == 1
    assert shingles("?!", 5).size == 0
    assert ngram_hashes(["a"], 2).size == 0


@given(st.lists(st.sampled_from("abc"), max_size=12), st.integers(1, 4))
def test_hashes_are_equal_exactly_where_ngrams_are(words: list[str], n: int) -> None:
    grams = [tuple(words[start : start + n]) for start in range(len(words) - n + 1)]
    hashes = ngram_hashes(words, n)
    assert len(set(grams)) == np.unique(hashes).size
    assert len(grams) == hashes.size


@given(st.text(max_size=40))
def test_any_text_has_tokens_and_numbers(text: str) -> None:
    """Seeds hold whatever users bring: lone marks, rare digits, half characters."""
    assert all(tokens(text))
    assert all(numbers(text))
