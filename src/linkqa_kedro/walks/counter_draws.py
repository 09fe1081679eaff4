"""Uniform draws from a counter-based generator: any draw can be computed alone, in any order, on any machine."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

UnitArray = npt.NDArray[np.float64]

_WORDS_PER_COUNT = 4  # 64-bit words that Philox gives for one value of its counter


@dataclass(frozen=True)
class DrawKey:
    """What keys a set of draws, besides the walk.

    Attributes:
        random_seed: In [0, 2**32).
        round_number: Round of drawing, from 0.
        attempt: Redraw of a walk, from 0.
    """

    random_seed: int
    round_number: int
    attempt: int

    def uniform(self, walks: npt.NDArray[np.int64], step: int, repeat: int = 0) -> UnitArray:
        """Uniform numbers in [0, 1), one per walk, each a pure function of its key.

        The generator is NumPy's Philox4x64-10 (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3"),
        whose raw words NumPy promises to keep: random seed and round are its key; attempt, step, repeat and walk its
        counter.

        Args:
            walks: Walk numbers, ascending, shape (n_walks,). All numbers between the first and the last are generated,
                so they should lie close together.
            step: Which choice of the walk, from 0 (the start).
            repeat: Which draw for that choice, from 0.

        Returns:
            Numbers with 53 random bits, shape (n_walks,).
        """
        if len(walks) == 0:
            return np.zeros(0)
        count, skipped = divmod(int(walks[0]), _WORDS_PER_COUNT)
        generator = np.random.Philox(
            counter=[count, repeat, step, self.attempt], key=[self.random_seed, self.round_number]
        )
        words = generator.random_raw(skipped + int(walks[-1] - walks[0]) + 1)[skipped:]
        draws: UnitArray = (words[walks - walks[0]] >> np.uint64(11)) * 2.0**-53
        return draws
