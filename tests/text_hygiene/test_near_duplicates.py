"""Near-duplicate rows."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linkqa_kedro.text_hygiene.near_duplicates import (
    RowSignatures,
    group_rows,
    jaccard,
    marks,
    near_duplicate_groups,
    rows_per_band,
    signatures,
)
from linkqa_kedro.text_hygiene.tokens import shingles

LONG = (
    "a ball is thrown straight up from the roof of a building and lands on the ground below after some time which "
    "of the statements about its speed just before it lands is right if the air does not slow it down"
)


def groups(texts: list[str], threshold: float = 0.8) -> list[int]:
    first: list[int] = near_duplicate_groups(texts, threshold, shingle=3, n_permutations=128, seed=7).tolist()
    return first


def test_each_row_points_to_the_first_row_that_it_repeats() -> None:
    other = "what is the capital of France"
    assert groups([LONG, other, LONG[::-1], LONG.upper()]) == [0, 1, 2, 0]
    assert groups([LONG, other, f"{LONG} today"]) == [0, 1, 0]


def test_rows_whose_numbers_differ_are_no_duplicates() -> None:
    assert groups([f"{LONG} after 3 s", f"{LONG} after 4 s", f"{LONG} after 3.0 s"]) == [0, 1, 0]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("compute 5 + 3", "compute 5 - 3"),
        (f"{LONG} which is true", f"{LONG} which is not true"),
        (f"{LONG} 正确的是", f"{LONG} 错误的是"),
        (f"{LONG} two balls", f"{LONG} three balls"),
    ],
)
def test_an_operator_or_a_negation_makes_another_question(one: str, other: str) -> None:
    assert groups([one, other], threshold=0.5) == [0, 1]


def test_a_hyphen_between_words_is_no_minus() -> None:
    assert marks("self-made co-operation") == []
    assert marks("x - y") == marks("x−y") == ["-"]


def test_a_row_is_measured_against_kept_rows_only() -> None:
    """In a chain of small changes the ends differ, so that the far end must be kept."""
    words = [f"w{chr(97 + i // 26)}{chr(97 + i % 26)}" for i in range(60)]
    chain = [" ".join(words[shift : shift + 40]) for shift in (0, 3, 6)]
    assert jaccard(shingles(chain[1], 3), shingles(chain[2], 3)) >= 0.8
    assert groups(chain) == [0, 0, 2]


def test_rows_without_a_word_repeat_each_other_by_exact_text_only() -> None:
    assert groups(["?", "!", "?", ""]) == [0, 1, 0, 3]
    assert groups([]) == []


def test_chinese_rows_are_compared_by_character() -> None:
    text = "在标准大气压下把一块冰放进一杯热水里搅拌到完全融化以后测量水的温度有什么变化"
    assert groups([text, text.replace("搅拌", "轻轻搅拌"), "光合作用的产物是什么"], threshold=0.7) == [0, 0, 2]


def test_parameters_out_of_range_are_refused() -> None:
    with pytest.raises(ValueError, match="threshold"):
        groups(["a"], threshold=0.0)
    with pytest.raises(ValueError, match="n_permutations"):
        signatures(["a"], 3, 0, 7)
    empty = RowSignatures(np.empty((0, 8), np.uint32), np.empty(0, np.uint64), np.empty(0, np.uint64))
    with pytest.raises(ValueError, match="1 texts"):
        group_rows(["a"], empty, 0.8, 3)


@pytest.mark.parametrize("threshold", [0.5, 0.7, 0.8, 0.9, 1.0])
def test_bands_propose_nearly_all_pairs_at_the_threshold(threshold: float) -> None:
    rows = rows_per_band(128, threshold)
    assert 1 - (1 - threshold**rows) ** (128 // rows) >= 0.995


def test_planted_duplicates_are_found_and_nothing_else() -> None:
    """Recall at least 0.95 of pairs with similarity 0.8 or more; each find is checked exactly."""
    generator = np.random.default_rng(3)
    words = np.array([f"w{chr(97 + i // 26)}{chr(97 + i % 26)}" for i in range(500)])
    originals = [generator.choice(words, size=generator.integers(30, 90)) for _ in range(400)]
    planted = []
    for original in originals:
        changed = original.copy()
        changed[generator.integers(len(changed), size=generator.integers(1, 4))] = generator.choice(words)
        planted.append(changed)
    texts = [" ".join(row) for row in [*originals, *planted]]
    sets = [shingles(text, 3) for text in texts]
    similarity = np.array([jaccard(sets[row], sets[row + 400]) for row in range(400)])
    first = near_duplicate_groups(texts, 0.8, shingle=3, n_permutations=128, seed=7)
    near = np.flatnonzero(similarity >= 0.8)
    assert near.size > 150
    assert np.mean(first[near + 400] == near) >= 0.95
    assert all(jaccard(sets[row], sets[keeper]) >= 0.8 for row, keeper in enumerate(first))


SMALL_TEXTS = st.lists(st.lists(st.sampled_from("abcd12"), max_size=6).map(" ".join), max_size=8)


@settings(deadline=None)
@given(SMALL_TEXTS)
def test_every_row_points_to_a_kept_earlier_row_with_the_same_numbers(texts: list[str]) -> None:
    first = groups(texts, threshold=0.6)
    for row, keeper in enumerate(first):
        assert keeper <= row
        assert first[keeper] == keeper
        assert marks(texts[row]) == marks(texts[keeper])


@settings(deadline=None)
@given(SMALL_TEXTS)
def test_later_rows_change_nothing_for_earlier_ones(texts: list[str]) -> None:
    assert groups(texts)[:-1] == groups(texts[:-1])


def test_the_order_of_rows_decides_which_one_is_kept() -> None:
    one, other, far = LONG, f"{LONG} today", "what is the capital of France"
    assert groups([one, far, other]) == [0, 1, 0]
    assert groups([other, far, one]) == [0, 1, 0]


@pytest.mark.parametrize(("n_shared", "is_same"), [(8, True), (7, False)])
def test_similarity_at_the_threshold_is_enough(n_shared: int, is_same: bool) -> None:
    """Ten words and the first n of them: similarity n / 10 with single-word shingles."""
    words = ["alpha", "bravo", "charlie", "delta", "echo", "foxtrot", "golf", "hotel", "india", "juliet"]
    texts = [" ".join(words), " ".join(words[:n_shared])]
    found = near_duplicate_groups(texts, 0.8, shingle=1, n_permutations=128, seed=7).tolist()
    assert found == ([0, 0] if is_same else [0, 1])
