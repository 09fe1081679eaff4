"""Choices have exactly the probabilities of their definition."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linkqa_kedro.walks.choice_table import NOTHING, ChoiceTable

N_DRAWS = 60_000
EVENLY = (np.arange(N_DRAWS) + 0.5) / N_DRAWS
"""Every part of [0, 1) once: what is drawn with them are the probabilities themselves."""


def table_of(rows: list[dict[int, float]], worth: list[float]) -> ChoiceTable:
    """A table whose rows give each head its strength."""
    heads = np.array([head for row in rows for head in sorted(row)], np.int64)
    strengths = np.array([row[head] for row in rows for head in sorted(row)], float)
    table = ChoiceTable(np.concatenate(([0], np.cumsum([len(row) for row in rows]))).astype(np.int64), heads, strengths)
    table.refresh(np.array(worth, float))
    return table


def heads_of(table: ChoiceTable, chosen: np.ndarray) -> list[int]:
    return [NOTHING if place == NOTHING else int(table.heads[place]) for place in chosen.tolist()]


def frequencies(table: ChoiceTable, row: int, barred: list[int] | None = None) -> dict[int, float]:
    rows = np.full(N_DRAWS, row)
    if barred is None:
        chosen = table.choose(rows, EVENLY)
    else:
        chosen = table.choose_but(rows, np.tile(np.array(barred)[:, None], N_DRAWS), EVENLY)
    heads, counts = np.unique(heads_of(table, chosen), return_counts=True)
    return dict(zip(heads.tolist(), (counts / N_DRAWS).tolist(), strict=True))


def near(expected: dict[int, float]) -> dict[int, object]:
    return {head: pytest.approx(share, abs=3e-5) for head, share in expected.items()}


def test_an_alternative_is_taken_in_proportion_to_strength_times_worth() -> None:
    """Strengths 1, 2, 3 and worths 3, 1, 1: 3, 2 and 3 parts of 8."""
    table = table_of([{0: 9.0}, {0: 1.0, 1: 2.0, 2: 3.0}], [3, 1, 1])
    assert frequencies(table, 1) == near({0: 3 / 8, 1: 2 / 8, 2: 3 / 8})
    assert frequencies(table, 0) == {0: 1.0}


def test_what_is_barred_leaves_the_proportions_of_the_others() -> None:
    """Parts 1, 2, 3, 4 of 10: without the second and fourth, 1 and 3 of 4. What is not in the row costs nothing."""
    table = table_of([{0: 1.0}, {0: 1.0, 1: 2.0, 2: 3.0, 3: 4.0}, {3: 1.0}], [1] * 6)
    assert frequencies(table, 1, barred=[1, 3]) == near({0: 1 / 4, 2: 3 / 4})
    assert frequencies(table, 1, barred=[5, 4]) == near({0: 0.1, 1: 0.2, 2: 0.3, 3: 0.4})
    assert frequencies(table, 1, barred=[3, NOTHING]) == near({0: 1 / 6, 1: 2 / 6, 2: 3 / 6})


@pytest.mark.parametrize("left", [1e-6, 1e-12, 1e-15, 1e-18, 1e-40])
def test_proportions_hold_where_almost_everything_is_barred(left: float) -> None:
    """Two alternatives share next to nothing, one to three, beside one that is barred."""
    table = table_of([{0: left, 1: 1.0, 2: 3 * left}], [1, 1, 1])
    assert frequencies(table, 0, barred=[1]) == near({0: 1 / 4, 2: 3 / 4})


def test_proportions_do_not_depend_on_how_many_rows_stand_before() -> None:
    """As above with 1e-11 left, after 300,000 other rows."""
    n, left = 300_000, 1e-11
    indptr, heads = np.append(np.arange(n + 1), n + 3), np.append(np.zeros(n, np.int64), [0, 1, 2])
    table = ChoiceTable(indptr, heads, np.append(np.ones(n), [left, 1.0, 3 * left]))
    table.refresh(np.ones(3))
    found = frequencies(table, n, barred=[1])
    assert set(found) <= {0, 2}
    assert found.get(0, 0.0) == pytest.approx(1 / 4, abs=1e-3)


def test_nothing_is_chosen_where_nothing_is_left() -> None:
    table = table_of([{0: 1.0, 1: 1.0}, {}, {0: 1.0, 2: 1.0}], [1, 1, 0])
    assert frequencies(table, 0, barred=[0, 1]) == {NOTHING: 1.0}
    assert frequencies(table, 1) == {NOTHING: 1.0}
    assert frequencies(table, 1, barred=[0]) == {NOTHING: 1.0}
    assert frequencies(table, 2, barred=[0]) == {NOTHING: 1.0}, "what is worth nothing is no alternative"


def test_a_row_in_which_nothing_is_worth_anything_is_dead_until_it_is() -> None:
    table = table_of([{0: 1.0}, {1: 1.0}], [1, 0])
    assert table.alive.tolist() == [True, False]
    assert frequencies(table, 1) == {NOTHING: 1.0}
    table.refresh(np.array([0.0, 2.0]))
    assert table.alive.tolist() == [False, True]
    assert frequencies(table, 1) == {1: 1.0}


def test_a_row_may_become_worth_more_than_others_and_less_again() -> None:
    """Worth that moves by powers of ten, up and down, leaves the proportions within every row."""
    table = table_of([{0: 1.0, 1: 3.0}, {2: 1.0, 3: 1.0}, {0: 2.0, 2: 2.0}], [1, 1, 1, 1])
    for power in (-3, -9, -40, -90, 5, 60, 0):
        table.refresh(np.array([10.0**power, 10.0**power, 1.0, 3.0]))
        assert frequencies(table, 0) == near({0: 1 / 4, 1: 3 / 4})
        assert frequencies(table, 1) == near({2: 1 / 4, 3: 3 / 4})
        assert frequencies(table, 0, barred=[1]) == {0: 1.0}
        assert table.choose(np.array([0, 1, 2]), np.full(3, 0.999999999)).tolist()[:2] == [1, 3]


def test_what_was_worth_next_to_nothing_is_noticed_when_it_is_worth_something() -> None:
    table = table_of([{0: 1e-200}, {1: 1.0}], [1e-200, 1])
    assert table.alive.tolist() == [False, True]
    table.refresh(np.array([1.0, 1.0]))
    assert table.alive.tolist() == [True, True]
    assert frequencies(table, 0) == {0: 1.0}


def test_what_is_left_out_is_never_chosen_again() -> None:
    strengths = np.array([1.0, 2.0, 3.0])
    table = ChoiceTable(np.array([0, 3]), np.arange(3), strengths)
    table.refresh(np.ones(3))
    table.leave_out(np.array([1]))
    table.refresh(np.ones(3))
    assert frequencies(table, 0) == near({0: 1 / 4, 2: 3 / 4})
    table.leave_out(np.array([0, 2]))
    table.refresh(np.ones(3))
    assert table.alive.tolist() == [False]
    assert strengths.tolist() == [1.0, 2.0, 3.0], "the caller's array is not touched"


@pytest.mark.parametrize("n", [3, 40_000, 70_000])
def test_many_queries_are_found_as_one_by_one(n: int) -> None:
    """Blocks of the running sum are searched one after the other; with many queries in each, and with few."""
    rng = np.random.default_rng(5)
    table = ChoiceTable(np.array([0, n // 2, n]), np.arange(n), rng.random(n) + 0.1)
    table.refresh(np.ones(n))
    rows, draws = rng.integers(0, 2, 5000), rng.random(5000)
    one_by_one = [int(table.choose(rows[[at]], draws[[at]])[0]) for at in range(300)]
    assert table.choose(rows, draws)[:300].tolist() == one_by_one


def test_rows_of_tiny_and_of_huge_weights_keep_their_proportions_side_by_side() -> None:
    rows = [{0: 1e-150, 1: 3e-150}, {2: 1e150, 3: 1e150}, {0: 1.0, 2: 1.0}]
    table = table_of(rows, [1e-100, 1e-100, 1e100, 1e100])
    assert frequencies(table, 0) == near({0: 1 / 4, 1: 3 / 4})
    assert frequencies(table, 1) == near({2: 1 / 2, 3: 1 / 2})
    assert frequencies(table, 2) == {2: 1.0}


@pytest.mark.parametrize("scale", [1e-300, 1.0, 1e300])
def test_the_scale_of_a_row_does_not_matter(scale: float) -> None:
    table = table_of([{0: 1.0, 1: 3.0}, {0: scale, 1: 3 * scale}, {0: 1.0}], [1, 1])
    assert frequencies(table, 1) == near({0: 1 / 4, 1: 3 / 4})
    assert frequencies(table, 1, barred=[1]) == {0: 1.0}
    assert frequencies(table, 0) == near({0: 1 / 4, 1: 3 / 4})


def test_the_first_and_the_last_draw_stay_in_their_row() -> None:
    table = table_of([{0: 0.1, 1: 0.2}] * 50, [1, 1])
    for draw in (0.0, np.nextafter(1.0, 0.0)):
        chosen = table.choose(np.arange(50), np.full(50, draw))
        assert (chosen // 2).tolist() == list(range(50))


def test_a_table_without_alternatives_offers_nothing() -> None:
    table = table_of([{}, {}], [])
    assert table.choose(np.array([0, 1]), np.array([0.0, 0.9])).tolist() == [NOTHING, NOTHING]
    assert table.choose_but(np.array([0, 1]), np.array([[0, 0]]), np.array([0.0, 0.9])).tolist() == [NOTHING, NOTHING]


ROWS = st.lists(st.dictionaries(st.integers(0, 7), st.floats(1e-6, 1e6), max_size=8), min_size=1, max_size=6)


@settings(max_examples=200)
@given(
    ROWS,
    st.lists(st.one_of(st.just(0.0), st.floats(1e-9, 1e9)), min_size=8, max_size=8),
    st.lists(st.integers(-1, 7), min_size=1, max_size=4, unique=True),
    st.floats(0, 1, exclude_max=True),
)
def test_a_choice_is_one_of_the_row_worth_something_and_not_barred(
    rows: list[dict[int, float]], worth: list[float], barred: list[int], draw: float
) -> None:
    table = table_of(rows, worth)
    numbers = np.arange(len(rows))
    chosen = heads_of(table, table.choose(numbers, np.full(len(rows), draw)))
    but = heads_of(
        table, table.choose_but(numbers, np.tile(np.array(barred)[:, None], len(rows)), np.full(len(rows), draw))
    )
    for row, taken, other in zip(rows, chosen, but, strict=True):
        possible = {head for head in row if worth[head] > 0}
        assert taken in possible or (taken == NOTHING and not possible)
        left = possible - set(barred)
        assert other in left or (other == NOTHING and not left)
