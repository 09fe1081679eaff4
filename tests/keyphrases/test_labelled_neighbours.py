import numpy as np
import pytest

from linkqa_kedro.keyphrases import labelled_neighbours, nearest_labelled


def test_nearest_are_labelled_of_the_same_language_first_and_never_the_seed_itself() -> None:
    texts = ["the cell wall", "the cell walls", "a cell wall", "cell wall 细胞壁", "细胞壁是什么", "nothing like it"]
    languages = ["en", "en", "en", "zh", "zh", "en"]
    labelled = [True, True, False, True, True, False]
    found = nearest_labelled(texts, languages, labelled, 2)
    assert [index for index, _ in found[0]] == [1, 3]
    assert {index for index, _ in found[2]} == {0, 1}
    assert found[4][0][0] == 3
    assert all(row not in dict(close) for row, close in enumerate(found))
    assert all(0 < cosine <= 1 for close in found for _, cosine in close)


def test_equally_near_seeds_come_in_the_order_of_the_corpus() -> None:
    found = nearest_labelled(["same text here"] * 5, ["en"] * 5, [True] * 5, 3)
    assert [index for index, _ in found[4]] == [0, 1, 2]
    assert [index for index, _ in found[0]] == [1, 2, 3]


def test_blocks_do_not_change_what_is_near(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [f"seed {n} about the {'cell' if n % 2 else 'star'} and number {n % 7}" for n in range(40)]
    arguments = (texts, ["en"] * 40, [n % 3 == 0 for n in range(40)], 4)
    whole = nearest_labelled(*arguments)
    monkeypatch.setattr(labelled_neighbours, "_BLOCK_ROWS", 3)
    assert nearest_labelled(*arguments) == whole
    assert np.mean([len(close) for close in whole]) == 4


def test_without_labelled_seeds_nothing_is_near() -> None:
    assert nearest_labelled(["a", "b"], ["en", "en"], [False, False], 3) == [[], []]
    assert nearest_labelled(["a", "b"], ["en", "en"], [True, True], 0) == [[], []]
