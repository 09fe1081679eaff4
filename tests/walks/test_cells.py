"""The ledger knows what each cell was asked for, got, and why something is missing."""

import numpy as np
import pytest

from linkqa_kedro.walks.cells import NO_SEED_SET, NO_SEEDS, UNCONNECTED, USED_UP, CellLedger, CellQuota
from linkqa_kedro.walks.path_seeds import NO_LINKED_SEEDS, SEEDS_USED_UP, TOO_SHORT

QUOTAS = [CellQuota("physics", 1, 10), CellQuota("physics", 2, 6), CellQuota("law", 1, 20)]


def ledger(redistribute="none", max_failed_walks: int = 5) -> CellLedger:
    return CellLedger(QUOTAS, redistribute, max_failed_walks)


def count(book: CellLedger, tried: list[int], drawn: list[int]) -> None:
    book.count_round(np.array(tried), np.array(drawn))


def test_what_is_asked_falls_as_paths_are_drawn() -> None:
    book = ledger()
    count(book, [4, 6, 0], [4, 5, 0])
    assert book.remaining.tolist() == [6, 1, 20]


def test_a_closed_cell_asks_for_nothing() -> None:
    book = ledger()
    book.close(1, NO_SEEDS)
    assert book.remaining.tolist() == [10, 0, 20]
    assert book.is_open(np.array([0, 1, 1, 2])).tolist() == [True, False, False, True]
    assert book.causes == {1: NO_SEEDS}


def test_a_cell_is_first_drawn_without_the_value_and_then_closed_when_too_many_walks_fail() -> None:
    at_once, by_and_by = ledger(), ledger()
    for _ in range(2):
        assert at_once.causes == by_and_by.causes == {}
        count(at_once, [5, 0, 0], [0, 0, 0])
        for _ in range(5):
            count(by_and_by, [1, 0, 0], [0, 0, 0])
        assert at_once.is_plain.tolist() == by_and_by.is_plain.tolist() == [True, False, False]
    assert set(at_once.causes) == set(by_and_by.causes) == {0}


def test_a_path_makes_up_for_as_many_failures_as_close_a_cell() -> None:
    book = ledger()
    for _ in range(50):
        count(book, [4, 0, 0], [0, 0, 0])
        count(book, [1, 0, 0], [1, 0, 0])
    assert not book.is_plain.any()
    for _ in range(2):
        assert book.causes == {}
        count(book, [100, 0, 0], [1, 0, 0])
    assert set(book.causes) == {0}, "one path among a hundred walks keeps no cell open"


def test_the_cause_is_what_failed_most_draws_since_the_last_path() -> None:
    book = ledger()
    book.count_failures(np.array([0] * 9), np.array([TOO_SHORT] * 9))
    count(book, [1, 0, 0], [1, 0, 0])
    book.count_failures(np.array([0, 0, 0]), np.array([NO_LINKED_SEEDS, NO_LINKED_SEEDS, SEEDS_USED_UP]))
    book.close(0)
    book.count_failures(np.array([2, 2]), np.array([TOO_SHORT, TOO_SHORT]))
    book.close(2)
    book.close(1)
    assert book.causes == {0: NO_SEED_SET, 1: USED_UP, 2: UNCONNECTED}


@pytest.mark.parametrize(
    ("redistribute", "asked"), [("none", [10, 6, 20]), ("same_discipline", [16, 0, 20]), ("proportional", [12, 0, 24])]
)
def test_missing_paths_are_asked_of_others_in_proportion(redistribute, asked: list[int]) -> None:
    book = ledger(redistribute)
    book.close(1, NO_SEEDS)
    assert book.hand_on() == (redistribute != "none")
    assert book.wanted.tolist() == asked
    assert not book.hand_on(), "what was handed on is not handed on again"


def test_what_others_drew_above_their_quotas_counts_as_moved() -> None:
    book = ledger("proportional")
    book.close(1, NO_SEEDS)
    book.hand_on()
    count(book, [12, 0, 24], [11, 0, 24])
    assert book.moved() == {1: 5}
    assert ledger().moved() == {}


def test_with_every_cell_closed_nothing_can_be_handed_on() -> None:
    book = ledger("proportional")
    for cell in range(3):
        book.close(cell, NO_SEEDS)
    assert not book.hand_on()
    assert book.moved() == {}
