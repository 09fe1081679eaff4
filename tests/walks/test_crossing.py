"""Steps into other disciplines have the probabilities of their definition."""

from collections import Counter

import numpy as np
import pytest
from scipy.stats import chisquare

from fakes.small_graphs import starts_of, steps_of, weighted
from linkqa_kedro.walks.counter_draws import DrawKey
from linkqa_kedro.walks.crossing import Crossing
from linkqa_kedro.walks.steps import STOPPED, draw_walks

# A complete graph of four points. Discipline 0 holds point 1 wholly, point 2 by half, point 3 not at all.
COMPLETE = weighted([(0, 1, 1), (0, 2, 2), (0, 3, 3), (1, 2, 1), (1, 3, 1), (2, 3, 1)], 4)
SHARES = np.array([[1.0, 1.0, 0.5, 0.0], [0.0, 0.0, 0.5, 1.0]], np.float32)
N_WALKS = 100_000


def paths(rho: float, discipline: int, max_length: int) -> Counter:
    crossing = Crossing(SHARES, np.arange(4), np.array([discipline]), rho)
    cells, numbers = np.zeros(N_WALKS, np.int64), np.arange(N_WALKS)
    starts, steps = starts_of([1, 0, 0, 0]), steps_of(COMPLETE)
    drawn = draw_walks(starts, steps, cells, numbers, DrawKey(1, 0, 0), max_length, crossing)
    return Counter(tuple(vertex for vertex in path if vertex != STOPPED) for path in drawn.vertices.T.tolist())


def agrees(found: Counter, expected: dict[tuple[int, ...], float]) -> bool:
    assert set(found) <= set(expected)
    wanted = [share * found.total() for share in expected.values()]
    return chisquare([found[path] for path in expected], wanted).pvalue > 1e-4


def test_d_weighs_every_step() -> None:
    """rho 0.2: D is 1, 0.6 and 0.2 for the points 1, 2, 3; with weights 1, 2, 3 that is 1, 1.2 and 0.6 of 2.8."""
    assert agrees(paths(0.2, 0, 2), {(0, 1): 1 / 2.8, (0, 2): 1.2 / 2.8, (0, 3): 0.6 / 2.8})


def test_each_discipline_has_a_d_of_its_own() -> None:
    """For discipline 1 D is 0.2, 0.6 and 1: 0.2, 1.2 and 3 of 4.4."""
    assert agrees(paths(0.2, 1, 2), {(0, 1): 0.2 / 4.4, (0, 2): 1.2 / 4.4, (0, 3): 3 / 4.4})


def test_the_way_back_is_cut_out_of_what_d_leaves() -> None:
    """From 1 all weights are 1: D 0.6 and 0.2 for 2 and 3 once 0 is left out. The other ways likewise."""
    first = {1: 1 / 2.8, 2: 1.2 / 2.8, 3: 0.6 / 2.8}
    second = {
        (1, 2): 0.6 / 0.8,
        (1, 3): 0.2 / 0.8,
        (2, 1): 1 / 1.2,
        (2, 3): 0.2 / 1.2,
        (3, 1): 1 / 1.6,
        (3, 2): 0.6 / 1.6,
    }
    expected = {(0, one, two): first[one] * share for (one, two), share in second.items()}
    assert agrees(paths(0.2, 0, 3), expected)


def test_with_rho_one_disciplines_do_not_matter() -> None:
    assert agrees(paths(1.0, 0, 2), {(0, 1): 1 / 6, (0, 2): 2 / 6, (0, 3): 3 / 6})


@pytest.mark.parametrize("rho", [1e-3, 1e-9])
def test_a_tiny_rho_still_gives_exact_steps_without_drawing_for_ever(rho: float) -> None:
    """From 2 in discipline 1, with 3 barred: only 0 and 1 are left, and their D is rho for both, weights 2 and 1."""
    crossing = Crossing(SHARES, np.arange(4), np.array([1]), rho)
    chosen = crossing.choose_exactly(
        steps_of(COMPLETE),
        np.zeros(N_WALKS, np.int64),
        np.full(N_WALKS, 2),
        np.full((1, N_WALKS), 3),
        (np.arange(N_WALKS) + 0.5) / N_WALKS,
    )
    heads = Counter(COMPLETE.indices[chosen].tolist())
    assert heads[0] / N_WALKS == pytest.approx(2 / 3, abs=1e-4)
    assert set(heads) == {0, 1}


def test_exact_choices_do_not_depend_on_who_else_chooses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Walkers of both disciplines at all points, chosen for together, one by one, and in many small blocks."""
    crossing = Crossing(SHARES, np.arange(4), np.array([0, 1]), 0.01)
    table = steps_of(COMPLETE)
    rows, cells = np.arange(400) % 4, np.arange(400) // 4 % 2
    barred, draws = ((rows + 1) % 4)[None], (np.arange(400) + 0.5) / 400
    together = crossing.choose_exactly(table, cells, rows, barred, draws).tolist()
    alone = [
        crossing.choose_exactly(table, cells[k : k + 1], rows[k : k + 1], barred[:, k : k + 1], draws[k : k + 1])[0]
        for k in range(400)
    ]
    monkeypatch.setattr("linkqa_kedro.walks.crossing.MAX_ALTERNATIVES", 4)
    assert together == alone == crossing.choose_exactly(table, cells, rows, barred, draws).tolist()
