"""Path seeds: the seeds attached to paths, linked by their knowledge points and fit for their cells."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from linkqa_kedro.walks.choice_table import NOTHING
from linkqa_kedro.walks.counter_draws import DrawKey, UnitArray
from linkqa_kedro.walks.csr import BoolArray, SeedIndex, VertexArray
from linkqa_kedro.walks.layered_graph import LayeredGraph
from linkqa_kedro.walks.steps import STOPPED, Walks

CHOSEN, TOO_SHORT, NO_LINKED_SEEDS, SEEDS_USED_UP = range(4)
"""How the choice for a path ended."""

SeedMatrix = npt.NDArray[np.int32]
MaskMatrix = npt.NDArray[np.uint64]

MAX_PATH_LENGTH = 64
"""Points of a path that a bit mask can tell apart."""

_CANDIDATES = 4
"""Seeds looked at for each edge and each point of a path, at least: all where there are no more, else neighbours in the
index from a random place on, half of them of the cell's own level."""

_SEED_STEPS = 1_000
"""Draws for seeds are keyed as steps from here on: no walk is as long."""


@dataclass(frozen=True)
class PathSeedSettings:
    """How many seeds a path gets.

    Attributes:
        min_length: Points of the shortest path that is given seeds.
        min_seeds: Seeds per path at least; a path of L points needs ceil(L/2) in any case.
        max_seeds: Seeds per path aimed at.
        max_uses: Paths that a seed may serve.
    """

    min_length: int
    min_seeds: int
    max_seeds: int
    max_uses: int

    def most_seeds(self, path_length: int) -> int:
        """Seeds that a path of a length may get: beyond the number aimed at, every edge may need one of its own."""
        return max(self.max_seeds, path_length - 1)


@dataclass(frozen=True)
class CellFit:
    """What the cells of some paths ask of their seeds, each of shape (n_paths,).

    Attributes:
        levels: Level of each path's cell; NOTHING where any will do.
        disciplines: Its discipline, as a number; NOTHING where any will do.
    """

    levels: VertexArray
    disciplines: VertexArray


class PathSeedChooser:
    """Chooses the seeds of many paths at once, keeping their use balanced.

    A choice reads the uses as they stood before, so that it does not depend on which paths are handled together;
    `use` then counts the choices, in the order of the paths, and turns down those that would use a seed too often.

    Args:
        graph: Layers that the paths were drawn on.
        index: Seeds behind them.
        seed_levels: Level of each seed, shape (n_seeds,).
        seed_disciplines: Discipline of each seed as a number, shape (n_seeds,).
        settings: How many.
    """

    def __init__(
        self,
        graph: LayeredGraph,
        index: SeedIndex,
        seed_levels: VertexArray,
        seed_disciplines: VertexArray,
        settings: PathSeedSettings,
    ) -> None:
        self._graph = graph
        self._held = index.padded_vertices()
        self._levels = seed_levels.astype(np.int8)
        self._disciplines = seed_disciplines.astype(np.int32)
        self._settings = settings
        self._n_candidates = max(_CANDIDATES, -(-settings.max_seeds // settings.min_length) + 1)
        self.uses = np.zeros(index.n_seeds, np.int64)

    @property
    def used_up(self) -> BoolArray:
        """Seeds that serve as many paths as they may, shape (n_seeds,)."""
        used_up: BoolArray = self.uses >= self._settings.max_uses
        return used_up

    def choose(self, walks: Walks, fit: CellFit, numbers: VertexArray, key: DrawKey) -> tuple[SeedMatrix, VertexArray]:
        """Seeds for each path: together they cover it and form one linked group.

        Every edge of a path is covered by a seed of the cell's own level that holds both its ends; as neighbouring
        edges share a knowledge point, those seeds are linked. More are added that hold a point of the path, the most
        related first, then the cell's own level, then the least used, while at least half have the cell's level and
        the mean stays within half a level of it, strictly; beyond the fewest, only those that share a point of the path
        with every seed chosen before.

        Args:
            walks: Paths, as rows and edges of the graph.
            fit: What their cells ask for.
            numbers: Walk numbers, ascending.
            key: Keys the draws.

        Returns:
            Seed numbers, NOTHING after the last, shape (n_places, n_paths); and how each choice ended: CHOSEN,
            TOO_SHORT, NO_LINKED_SEEDS or SEEDS_USED_UP.
        """
        lengths = (walks.vertices != STOPPED).sum(axis=0)
        choice = _Choice(self, walks, fit, lengths)
        for step in range(len(walks.edges)):
            choice.cover(step, key.uniform(numbers, _SEED_STEPS + step))
        choice.add_linked([key.uniform(numbers, 2 * _SEED_STEPS + step) for step in range(len(walks.vertices))])
        return choice.seeds, choice.endings(lengths)

    def use(self, seeds: SeedMatrix) -> BoolArray:
        """Count the seeds of paths; whether each path may have its seeds, shape (n_paths,).

        Where a seed is wanted more often than it may still be used, the earlier paths have it.

        Args:
            seeds: As `choose` returns them, of successful choices.
        """
        wanted = seeds.T.ravel()
        wanted = wanted[wanted != NOTHING]
        allowed = np.ones(seeds.shape[1], bool)
        if len(wanted) and (self.uses + np.bincount(wanted, minlength=len(self.uses))).max() > self._settings.max_uses:
            path_of = np.repeat(np.arange(seeds.shape[1]), (seeds != NOTHING).sum(axis=0))
            too_often = self.uses[wanted] + _occurrence(wanted) >= self._settings.max_uses
            allowed[path_of[too_often]] = False
            wanted = wanted[allowed[path_of]]
        self.uses += np.bincount(wanted, minlength=len(self.uses))
        return allowed

    def _candidates(self, source: SeedMatrix, first: VertexArray, end: VertexArray, draws: UnitArray) -> SeedMatrix:
        """Some different seeds out of each stretch of an index, shape (n_candidates, n_paths)."""
        found = np.full((self._n_candidates, len(first)), NOTHING, np.int32)
        for place, (there, taken) in enumerate(self._taken(end - first, np.ones_like(first), draws)):
            found[place, there] = source[first[there] + taken]
        return found

    def _taken(
        self, lengths: VertexArray, strides: VertexArray, draws: UnitArray
    ) -> Iterator[tuple[VertexArray, VertexArray]]:
        """Stretches that have one more, and its place from their begin: from a random one on, a stride apart."""
        offset = (draws * lengths).astype(np.int64)
        for place in range(self._n_candidates):
            there = np.flatnonzero(lengths > place)
            yield there, (offset[there] + place * strides[there]) % lengths[there]

    def _fitting_candidates(self, rows: VertexArray, draws: UnitArray) -> SeedMatrix:
        """Some seeds that fit each row, shape (n_candidates, n_paths); NOTHING for a row of NOTHING.

        Where not all can be looked at, half are taken from those of the row's own level: at a popular point they may be
        few among many, and a path needs them.
        """
        graph, there = self._graph, rows != NOTHING
        row = np.where(there, rows, 0)
        first, own_first, own_end = graph.fitting_first[row], graph.own_first[row], graph.own_end[row]
        n_own = np.where(there, own_end - own_first, 0)
        n_other = np.where(there, graph.fitting_end[row] - first, 0) - n_own
        n_taken = np.minimum(n_own, np.maximum(self._n_candidates // 2, self._n_candidates - n_other))
        own, other = (np.full((self._n_candidates, len(rows)), NOTHING, np.int32) for _ in range(2))
        for place, (has, taken) in enumerate(self._taken(n_own, np.ones_like(n_own), draws)):
            own[place, has] = graph.fitting[own_first[has] + taken]
        # Levels below and above the own one must both be among the few: they have to balance.
        strides = np.maximum(n_other // np.maximum(self._n_candidates - n_taken, 1), 1)
        for place, (has, taken) in enumerate(self._taken(n_other, strides, draws)):
            beyond = taken >= own_first[has] - first[has]  # the own level stands between those below and above it
            other[place, has] = graph.fitting[first[has] + taken + np.where(beyond, n_own[has], 0)]
        places = np.arange(self._n_candidates)[:, None]
        is_own = places < n_taken
        of_other = np.where(is_own, 0, places - n_taken)
        return np.where(is_own, own, np.take_along_axis(other, of_other, axis=0))


class _Choice:
    """The seeds of some paths while they are being chosen."""

    def __init__(self, chooser: PathSeedChooser, walks: Walks, fit: CellFit, lengths: VertexArray) -> None:
        n_paths = len(lengths)
        self._chooser = chooser
        self._fit = fit
        self._rows, self._edges = walks.vertices, walks.edges
        self._points = chooser._graph.vertices[walks.vertices]
        self._points[walks.vertices == STOPPED] = NOTHING
        settings = chooser._settings
        self._aim = np.maximum(settings.max_seeds, (lengths + 1) // 2)
        self._least = np.maximum(settings.min_seeds, (lengths + 1) // 2)
        self.seeds = np.full((settings.most_seeds(len(self._points)), n_paths), NOTHING, np.int32)
        self._masks = np.zeros(self.seeds.shape, np.uint64)
        self._n = np.zeros(n_paths, np.int64)
        self._n_own_level = np.zeros(n_paths, np.int64)
        self._drift = np.zeros(n_paths, np.int64)
        self._open = lengths >= settings.min_length
        self._met_used_up: BoolArray = np.zeros(n_paths, bool)

    def cover(self, step: int, draws: UnitArray) -> None:
        """Give the edge of one step a seed that holds both its ends, unless a chosen one does."""
        both = np.uint64(3 << step)
        covered = ((self._masks & both) == both).any(axis=0)
        paths = np.flatnonzero(self._open & (self._edges[step] != STOPPED) & ~covered)
        graph = self._chooser._graph
        pairs = graph.pairs[self._edges[step, paths]]
        found = self._chooser._candidates(
            graph.holders, graph.holder_indptr[pairs], graph.holder_indptr[pairs + 1], draws[paths]
        )
        uses, used_up = self._uses(found)
        self._met_used_up[paths] |= used_up.any(axis=0)
        cost = self._foreign(found, paths) * _FOREIGN + uses
        cost[(found == NOTHING) | used_up] = _NEVER
        best = cost.argmin(axis=0)
        columns = np.arange(len(paths))
        has_one = cost[best, columns] < _NEVER
        self._open[paths[~has_one]] = False
        paths, seeds = paths[has_one], found[best, columns][has_one]
        self._add(paths, seeds, self._mask_of(seeds[None], paths)[0])

    def add_linked(self, draws: list[UnitArray]) -> None:
        """Add seeds that hold a knowledge point of the path, and so share it with the seed that covers it."""
        paths = np.flatnonzero(self._open & (self._n < self._aim))
        pool = self._pool(paths, draws)
        masks = self._mask_of(pool, paths)
        uses, used_up = self._uses(pool)
        self._met_used_up[paths] |= used_up.any(axis=0)
        deviation = self._deviation(pool, paths)
        fixed_cost = self._foreign(pool, paths) * _FOREIGN + (deviation != 0) * _OTHER_LEVEL + uses
        fixed_cost[(pool == NOTHING) | used_up] = _NEVER
        for _ in range(len(self.seeds)):
            if len(paths) == 0:
                return
            unrelated = self._unrelated(masks, paths)
            cost = fixed_cost + unrelated * _UNRELATED
            loose = (unrelated > 0) & (self._n[paths] >= self._least[paths])
            cost[loose | self._is_chosen(pool, paths) | ~self._keeps_level(deviation, paths)] = _NEVER
            best, columns = cost.argmin(axis=0), np.arange(len(paths))
            has_one = cost[best, columns] < _NEVER
            self._add(paths[has_one], pool[best, columns][has_one], masks[best, columns][has_one])
            going = np.flatnonzero(has_one & (self._n[paths] < self._aim[paths]))
            paths, pool, masks = paths[going], pool[:, going], masks[:, going]
            deviation, fixed_cost = deviation[:, going], fixed_cost[:, going]

    def endings(self, lengths: VertexArray) -> VertexArray:
        """How the choice for each path ended."""
        failed = np.where(self._met_used_up, SEEDS_USED_UP, NO_LINKED_SEEDS)
        ending = np.where(self._open & (self._n >= self._least), CHOSEN, failed)
        ending[lengths < self._chooser._settings.min_length] = TOO_SHORT
        return ending

    def _pool(self, paths: VertexArray, draws: list[UnitArray]) -> SeedMatrix:
        """Seeds that hold a point of the path and have a level that its cell allows, shape (n_candidates, n_paths)."""
        return np.concatenate(
            [
                self._chooser._fitting_candidates(rows[paths], drawn[paths])
                for rows, drawn in zip(self._rows, draws, strict=True)
            ]
        )

    def _add(self, paths: VertexArray, seeds: npt.NDArray[np.int32], masks: npt.NDArray[np.uint64]) -> None:
        place = self._n[paths]
        self.seeds[place, paths] = seeds
        self._masks[place, paths] = masks
        deviation = self._deviation(seeds[None], paths)[0]
        self._n[paths] += 1
        self._n_own_level[paths] += deviation == 0
        self._drift[paths] += deviation

    def _mask_of(self, seeds: SeedMatrix, paths: VertexArray) -> MaskMatrix:
        """Which points of its path each seed holds, one bit a point."""
        masks = np.zeros(seeds.shape, np.uint64)
        path_points = self._points[:, paths]
        for row, candidates in enumerate(seeds):  # one at a time, because one seed may hold hundreds of points
            held = self._chooser._held[candidates]
            for place, points in enumerate(path_points):
                holds = (held == points[:, None]).any(axis=1) & (points != NOTHING)
                masks[row] |= holds.astype(np.uint64) << np.uint64(place)
        return masks

    def _uses(self, seeds: SeedMatrix) -> tuple[VertexArray, BoolArray]:
        """Uses of each seed so far, and whether that is all it may be used; NOTHING is never used up."""
        uses = self._chooser.uses[seeds]
        used_up: BoolArray = (uses >= self._chooser._settings.max_uses) & (seeds != NOTHING)
        return uses, used_up

    def _foreign(self, seeds: SeedMatrix, paths: VertexArray) -> BoolArray:
        own = self._fit.disciplines[paths]
        foreign: BoolArray = (self._chooser._disciplines[seeds] != own) & (own != NOTHING)
        return foreign

    def _deviation(self, seeds: SeedMatrix, paths: VertexArray) -> npt.NDArray[np.int8]:
        level = self._fit.levels[paths].astype(np.int8)
        deviation: npt.NDArray[np.int8] = np.where(level == NOTHING, np.int8(0), self._chooser._levels[seeds] - level)
        return deviation

    def _unrelated(self, masks: MaskMatrix, paths: VertexArray) -> VertexArray:
        """How many chosen seeds share no point of the path with each candidate."""
        unrelated = np.zeros(masks.shape, np.int64)
        for chosen, other in zip(self.seeds[:, paths], self._masks[:, paths], strict=True):
            unrelated += ((masks & other) == 0) & (chosen != NOTHING)
        return unrelated

    def _is_chosen(self, pool: SeedMatrix, paths: VertexArray) -> BoolArray:
        chosen: BoolArray = np.zeros(pool.shape, bool)
        for seeds in self.seeds[:, paths]:
            chosen |= pool == seeds
        return chosen

    def _keeps_level(self, deviation: npt.NDArray[np.int8], paths: VertexArray) -> BoolArray:
        """Whether with a candidate half of the seeds have the cell's level, and the mean is within half a level."""
        n = self._n[paths] + 1
        n_own = self._n_own_level[paths] + (deviation == 0)
        keeps: BoolArray = (2 * n_own >= n) & (2 * np.abs(self._drift[paths] + deviation) < n)
        return keeps


# What a candidate costs: each criterion weighs more than all that follow it can make up for.
_UNRELATED = 1 << 52
_FOREIGN = 1 << 58
_OTHER_LEVEL = 1 << 51
_NEVER = 1 << 60


def _occurrence(values: npt.NDArray[np.int32]) -> VertexArray:
    """How often each value stood before, shape as the values."""
    order = np.argsort(values, kind="stable")
    ordered = values[order]
    starts = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))
    lengths = np.diff(np.append(starts, len(values)))
    occurrence = np.empty(len(values), np.int64)
    occurrence[order] = np.arange(len(values)) - np.repeat(starts, lengths)
    return occurrence
