"""Draws are a pure function of their key."""

from itertools import product

import numpy as np
from scipy.stats import chisquare

from linkqa_kedro.walks.counter_draws import DrawKey

KEY = DrawKey(random_seed=7, round_number=3, attempt=2)


def test_a_draw_does_not_depend_on_its_neighbours() -> None:
    walks = np.arange(100)
    together = KEY.uniform(walks, 2)
    alone = [KEY.uniform(walks[k : k + 1], 2)[0] for k in range(100)]
    some = KEY.uniform(walks[[3, 50, 51, 98]], 2)
    assert together.tolist() == alone
    assert together[[3, 50, 51, 98]].tolist() == some.tolist()


def test_the_draws_of_no_walks_are_none() -> None:
    assert KEY.uniform(np.zeros(0, np.int64), 0).shape == (0,)


def test_every_part_of_the_key_changes_every_draw() -> None:
    """All 32 keys of small numbers, 100 walks each: 3,200 different draws."""
    walks = np.arange(100)
    drawn = [
        DrawKey(random_seed, round_number, attempt).uniform(walks, step, repeat)
        for random_seed, round_number, attempt, step, repeat in product(range(2), repeat=5)
    ]
    assert len(np.unique(np.concatenate(drawn))) == 3200


# Another generator, or another use of it, would give every user other paths.
def test_draws_stay_what_they_are() -> None:
    key = DrawKey(20250801, 0, 0)
    assert key.uniform(np.arange(5), 0).tolist() == [
        0.024678191143171824,
        0.5656267657050221,
        0.6223239872891005,
        0.20469359887783212,
        0.10184181839250828,
    ]
    assert key.uniform(np.array([10**9]), 0).tolist() == [0.1293648440907308]
    later = DrawKey(20250801, round_number=3, attempt=2)
    assert later.uniform(np.array([5, 6, 1003]), 4, 1).tolist() == [
        0.5105049071416593,
        0.018693733167342352,
        0.07955789137096747,
    ]


def test_draws_are_uniform() -> None:
    draws = KEY.uniform(np.arange(100_000), 0)
    assert chisquare(np.histogram(draws, bins=100, range=(0, 1))[0]).pvalue > 1e-4
    assert draws.min() >= 0
    assert draws.max() < 1


def test_draws_of_neighbouring_keys_are_independent() -> None:
    """Pairs of draws fill a ten by ten board evenly: walk beside walk, step beside step, attempt beside attempt."""
    walks = np.arange(100_001)
    other, later, of_another_seed = DrawKey(7, 3, 3), DrawKey(7, 4, 2), DrawKey(8, 3, 2)
    pairs = [
        (KEY.uniform(walks, 0)[:-1], KEY.uniform(walks, 0)[1:]),
        (KEY.uniform(walks, 0), KEY.uniform(walks, 1)),
        (KEY.uniform(walks, 1, 0), KEY.uniform(walks, 1, 1)),
        (KEY.uniform(walks, 0), other.uniform(walks, 0)),
        (KEY.uniform(walks, 0), later.uniform(walks, 0)),
        (KEY.uniform(walks, 0), of_another_seed.uniform(walks, 0)),
    ]
    for one, two in pairs:
        board = np.histogram2d(one, two, bins=10, range=[[0, 1], [0, 1]])[0]
        assert chisquare(board.ravel()).pvalue > 1e-4
