"""The benchmark of rewordings turns words about as it says, and counts what the checks drop."""

import random
from typing import Any

import rewordings

SETTINGS = {"ngram": 5, "seed_copy_jaccard": 0.8, "seed_rewording": 0.68, "least_novelty": 0.2}
ONE = "a common house spider has how many legs when it has lost none of them"
OTHER = "which metal is liquid under normal conditions in a laboratory of a school near here"


def question(seed_id: str, text: str) -> dict[str, Any]:
    return {"seed_id": seed_id, "question": text, "options": [], "answer": "8", "language": "en"}


def test_words_change_places_and_the_asked_share_of_them_is_replaced() -> None:
    words = list("abcdefghijklmnopqrstuvwxyz")
    turned = rewordings.reworded(words, 0.0, ["-"], random.Random(1)).split()
    assert turned != words
    assert sorted(turned) == words
    assert set(rewordings.reworded(words, 1.0, ["-"], random.Random(1)).split()) == {"-"}


def test_turned_seeds_count_as_found_and_rows_that_are_a_seed_as_dropped() -> None:
    seeds = [question("s1", ONE), question("s2", OTHER)]
    rows = [
        {**question("", f"{ONE} and {OTHER}"), "path_id": "p1"},
        {**question("", ONE), "path_id": "p1"},
    ]
    found = {one.name: one.value for one in rewordings.figures(seeds, rows, {"p1": ["s1", "s2"]}, SETTINGS)}
    assert found["en_reworded_0%_recall"] == 1.0
    assert found["en_rows_dropped"] == 0.5
