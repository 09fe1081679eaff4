"""Uniform draws from a counter-based generator: any draw can be computed alone, in any order.

The generator is Philox4x32-10 (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3"). NumPy has a
Philox too, but only as a stream: here every element of an array has a counter of its own.
"""

import numpy as np
import numpy.typing as npt

UintArray = npt.NDArray[np.uint64]
UnitArray = npt.NDArray[np.float64]

_LOW = np.uint64(0xFFFFFFFF)
_SHIFT = np.uint64(32)
_MULTIPLIERS = (np.uint64(0xD2511F53), np.uint64(0xCD9E8D57))
_KEY_STEPS = (0x9E3779B9, 0xBB67AE85)
_N_ROUNDS = 10


def philox_words(
    counter: tuple[UintArray, UintArray, UintArray, UintArray], key: tuple[int, int]
) -> tuple[UintArray, UintArray, UintArray, UintArray]:
    """Four 32-bit words for every counter, as unsigned 64-bit arrays.

    Args:
        counter: Four words of 32 bits, arrays of one shape.
        key: Two words of 32 bits.
    """
    c0, c1, c2, c3 = counter
    k0, k1 = key
    for _ in range(_N_ROUNDS):
        product0 = _MULTIPLIERS[0] * c0
        product1 = _MULTIPLIERS[1] * c2
        c0, c1, c2, c3 = (
            (product1 >> _SHIFT) ^ c1 ^ np.uint64(k0),
            product1 & _LOW,
            (product0 >> _SHIFT) ^ c3 ^ np.uint64(k1),
            product0 & _LOW,
        )
        k0 = (k0 + _KEY_STEPS[0]) & 0xFFFFFFFF
        k1 = (k1 + _KEY_STEPS[1]) & 0xFFFFFFFF
    return c0, c1, c2, c3


def uniform_draws(
    random_seed: int, round_number: int, walks: npt.NDArray[np.int64], attempt: int, step: int
) -> UnitArray:
    """Uniform numbers in [0, 1), one per walk, each a pure function of its key.

    Args:
        random_seed: In [0, 2**32).
        round_number: Round of drawing.
        walks: Walk numbers, shape (n_walks,).
        attempt: Redraw of the walk, from 0.
        step: Which choice of the walk, from 0 (the start).

    Returns:
        Numbers with 53 random bits, shape (n_walks,).
    """
    number = walks.astype(np.uint64)
    counter = (
        number & _LOW,
        number >> _SHIFT,
        np.full(number.shape, attempt, np.uint64),
        np.full(number.shape, step, np.uint64),
    )
    high, low, _, _ = philox_words(counter, (random_seed, round_number))
    bits = ((high << _SHIFT) | low) >> np.uint64(11)
    draws: UnitArray = bits.astype(np.float64) * 2.0**-53
    return draws
