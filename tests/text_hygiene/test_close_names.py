"""Pairs that are spelled alike are found, the closest first, and only those that may be one concept."""

import pytest

from linkqa_kedro.text_hygiene.close_names import close_pairs

NAMES = ["Pythagorean theorem", "Pythagoras theorem", "binomial theorem", "勾股定理的应用", "勾股定理应用题", "photon"]


def test_pairs_that_share_rare_letters_are_close_and_a_common_word_makes_none() -> None:
    found = close_pairs(NAMES, 0.5, 10)
    assert [(pair.name, pair.other) for pair in found.pairs] == [
        ("勾股定理的应用", "勾股定理应用题"),
        ("Pythagorean theorem", "Pythagoras theorem"),
    ]
    assert not found.is_cut


def test_likeness_falls_along_the_list_and_reaches_what_was_asked() -> None:
    likeness = [pair.likeness for pair in close_pairs(NAMES, 0.1, 10).pairs]
    assert likeness == sorted(likeness, reverse=True)
    assert all(0.1 <= value <= 1 for value in likeness)


def test_the_closest_stay_where_there_are_too_many() -> None:
    found = close_pairs(NAMES, 0.5, 1)
    assert [pair.name for pair in found.pairs] == ["勾股定理的应用"]
    assert found.is_cut


def test_where_no_pair_is_wanted_none_is_searched() -> None:
    assert close_pairs(["wave length of light", "wave lengths of lights"], 0.1, 0).pairs == ()


def test_names_that_a_mark_tells_apart_are_no_pair() -> None:
    found = close_pairs(["Type I error", "Type II error", "Typ I error"], 0.3, 10)
    assert [(pair.name, pair.other) for pair in found.pairs] == [("Type I error", "Typ I error")]


@pytest.mark.parametrize("names", [[], ["alone"], [" ", "?"], ["题", "a"]])
def test_too_few_names_have_no_pairs(names: list[str]) -> None:
    assert close_pairs(names, 0.5, 10).pairs == ()


def test_blocks_and_one_block_find_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    names = [f"{stem} {end}" for stem in ("gas", "wave", "cell") for end in ("theory", "theorem", "theories of old")]
    whole = close_pairs(names, 0.4, 100)
    monkeypatch.setattr("linkqa_kedro.text_hygiene.close_names._BLOCK_ROWS", 2)
    assert close_pairs(names, 0.4, 100) == whole
    assert whole.pairs


def test_what_common_ngrams_add_is_counted_though_they_propose_no_pair(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name is proposed by its rare n-grams, and its likeness is that of all of them."""
    whole = close_pairs(NAMES, 0.5, 10)
    monkeypatch.setattr("linkqa_kedro.text_hygiene.close_names._MOST_NAMES_OF_NGRAM", 2)
    assert close_pairs(NAMES, 0.5, 10) == whole
