"""Draws are those of the published generator, and a pure function of their key."""

import numpy as np
import pytest

from linkqa_kedro.walks.counter_draws import philox_words, uniform_draws


# Known answers that the authors of Philox publish with their library (Random123, kat_vectors, philox4x32 10).
@pytest.mark.parametrize(
    ("counter", "key", "words"),
    [
        ((0, 0, 0, 0), (0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
        ((0xFFFFFFFF,) * 4, (0xFFFFFFFF,) * 2, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
        (
            (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
            (0xA4093822, 0x299F31D0),
            (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
        ),
    ],
)
def test_words_are_those_of_the_published_generator(
    counter: tuple[int, ...], key: tuple[int, int], words: tuple[int, ...]
) -> None:
    first, second, third, fourth = (np.array([word], np.uint64) for word in counter)
    found = philox_words((first, second, third, fourth), key)
    assert tuple(int(word[0]) for word in found) == words


def test_a_draw_does_not_depend_on_its_neighbours() -> None:
    walks = np.arange(100)
    together = uniform_draws(7, 3, walks, 2, 1)
    alone = [uniform_draws(7, 3, walks[k : k + 1], 2, 1)[0] for k in range(100)]
    assert together.tolist() == alone


def test_every_part_of_the_key_changes_the_draw() -> None:
    walk = np.array([5])
    draws = {
        uniform_draws(*key[:2], walk + key[2], *key[3:])[0]
        for key in [
            (1, 0, 0, 0, 0),
            (2, 0, 0, 0, 0),
            (1, 1, 0, 0, 0),
            (1, 0, 1, 0, 0),
            (1, 0, 0, 1, 0),
            (1, 0, 0, 0, 1),
        ]
    }
    assert len(draws) == 6


def test_draws_are_uniform() -> None:
    """Chi-square over 100 bins: 99 degrees of freedom, 99.9th percentile 149."""
    draws = uniform_draws(1, 0, np.arange(100_000), 0, 0)
    counts = np.histogram(draws, bins=100, range=(0, 1))[0]
    assert ((counts - 1000) ** 2 / 1000).sum() < 149
    assert draws.min() >= 0
    assert draws.max() < 1
