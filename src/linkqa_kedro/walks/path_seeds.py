"""Path seeds: the seeds attached to a path, linked by its knowledge points and fit for its cell."""

from dataclasses import dataclass
from itertools import pairwise
from math import ceil

import numpy as np

from linkqa_kedro.walks.csr import BoolArray, SeedIndex, VertexArray

NO_LINKED_SEEDS = "no linked seeds"
SEEDS_USED_UP = "seeds used up"


@dataclass(frozen=True)
class SeedFit:
    """Which seeds a cell may attach, as masks over all seeds, each of shape (n_seeds,).

    Attributes:
        core: Seeds that count as the cell's own: its level (any level where the cell has none), and its discipline
            unless disciplines may cross.
        below: Seeds one level below, otherwise as core.
        above: Seeds one level above, otherwise as core.
        foreign: Seeds of another discipline than the cell's: allowed only where disciplines may cross, and last.
    """

    core: BoolArray
    below: BoolArray
    above: BoolArray
    foreign: BoolArray


class PathSeedChooser:
    """Chooses the seeds of one path after another, keeping their use balanced.

    Args:
        index: Inverted index.
        min_seeds: Seeds per path at least; a path of L knowledge points needs ceil(L/2) in any case.
        max_seeds: Seeds per path aimed at.
        max_uses: Paths a seed may serve.
    """

    def __init__(self, index: SeedIndex, min_seeds: int, max_seeds: int, max_uses: int) -> None:
        self._index = index
        self._min_seeds = min_seeds
        self._max_seeds = max_seeds
        self._max_uses = max_uses
        self.uses = np.zeros(len(index.seed_vertices), np.int64)
        self._vertex_sets = [frozenset(vertices.tolist()) for vertices in index.seed_vertices]

    def choose(self, path: VertexArray, fit: SeedFit) -> list[int] | str:
        """Seeds that cover the path and form one linked group, or the cause why there are none.

        Every edge of the path is covered by one seed of the cell's own level that holds both its ends; as neighbouring
        edges share a knowledge point, those seeds are linked. More are added, densest and least used first, while at
        least half keep the cell's level and the mean stays within half a level of it, strictly.

        Args:
            path: Vertices of the path, at least two.
            fit: What the cell allows.

        Returns:
            Seed numbers, or NO_LINKED_SEEDS or SEEDS_USED_UP.
        """
        chosen: list[int] = []
        for left, right in pairwise(path.tolist()):
            if any({left, right} <= self._vertex_sets[seed] for seed in chosen):
                continue
            holders = self._holders(left, right, fit.core)
            if not holders:
                return NO_LINKED_SEEDS
            free = [seed for seed in holders if self.uses[seed] < self._max_uses]
            if not free:
                return SEEDS_USED_UP
            chosen.append(min(free, key=lambda seed: (bool(fit.foreign[seed]), self.uses[seed], seed)))
        self._add_linked(chosen, path, fit)
        if len(chosen) < max(self._min_seeds, ceil(len(path) / 2)):
            return SEEDS_USED_UP if self._any_used_up(path, fit) else NO_LINKED_SEEDS
        return chosen

    def use(self, seeds: list[int]) -> None:
        """Count the seeds of an accepted path."""
        self.uses[seeds] += 1

    def _holders(self, left: int, right: int, allowed: BoolArray) -> list[int]:
        both = np.intersect1d(self._index.of(left), self._index.of(right), assume_unique=True)
        return [int(seed) for seed in both[allowed[both]]]

    def _any_used_up(self, path: VertexArray, fit: SeedFit) -> bool:
        return bool((self.uses[self._fitting_holders(path, fit)] >= self._max_uses).any())

    def _fitting_holders(self, path: VertexArray, fit: SeedFit) -> VertexArray:
        """Seeds that hold a point of the path and have a level that the cell allows, ascending."""
        holders = np.unique(np.concatenate([self._index.of(int(vertex)) for vertex in path]))
        fitting: VertexArray = holders[(fit.core | fit.below | fit.above)[holders]]
        return fitting

    def _add_linked(self, chosen: list[int], path: VertexArray, fit: SeedFit) -> None:
        """Add seeds that hold a knowledge point of the path, and so share it with the seed that covers it."""
        holders = self._fitting_holders(path, fit)
        left = [int(seed) for seed in holders[self.uses[holders] < self._max_uses] if seed not in chosen]
        while left and len(chosen) < max(self._max_seeds, ceil(len(path) / 2)):
            left = [seed for seed in left if _level_holds([*chosen, seed], fit)]
            if not left:
                break
            best = min(left, key=lambda seed: self._cost(seed, chosen, fit))
            chosen.append(best)
            left.remove(best)

    def _cost(self, seed: int, chosen: list[int], fit: SeedFit) -> tuple[bool, int, int, int]:
        unrelated = sum(self._vertex_sets[seed].isdisjoint(self._vertex_sets[other]) for other in chosen)
        return bool(fit.foreign[seed]), unrelated, int(self.uses[seed]), seed


def _level_holds(seeds: list[int], fit: SeedFit) -> bool:
    """At least half of the seeds have the cell's level, and the mean differs from it by less than half a level."""
    n_core = sum(bool(fit.core[seed]) for seed in seeds)
    drift = sum(int(fit.above[seed]) - int(fit.below[seed]) for seed in seeds)
    return 2 * n_core >= len(seeds) and 2 * abs(drift) < len(seeds)
