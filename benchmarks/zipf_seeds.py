"""Seeds made up at random, with the shape of real ones: a few knowledge points everywhere, most of them rare.

`zipf_seeds(200_000, 50_000)` is the medium graph of the benchmarks: some 4.1 million directed edges, the largest hub
with some 20,000 neighbours.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

LEAST_POINTS, MOST_POINTS = 2, 8
"""Knowledge points of a seed, every number alike: 5 on average."""

N_DISCIPLINES, N_LEVELS = 12, 5
LEVEL_SHARES = (0.15, 0.25, 0.30, 0.20, 0.10)

ZIPF_EXPONENT, ZIPF_SHIFT = 0.75, 1.25
"""Popularity ∝ (rank + shift)^-exponent, rank from 1 (Zipf and Mandelbrot): chosen for the edges and the largest hub of
the medium graph, which no plain power of the rank gives together."""

CROSSING_RATE = 0.1
"""Share of a seed's points that are drawn from all disciplines instead of from its own."""

N_HUBS = 12
"""The commonest points, which belong to every discipline; fewer where there are not a hundred times as many points."""

_EMPTY = -1

IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class ZipfSeeds:
    """Which knowledge point stands in which seed, and the seeds' labels.

    Attributes:
        vertices: Knowledge point of each pair, shape (n_pairs,). Numbers say nothing of popularity.
        seeds: Seed of each pair, ascending; a pair occurs once.
        disciplines: Discipline of each seed, shape (n_seeds,).
        levels: Difficulty of each seed, 1 to 5, shape (n_seeds,).
        n_points: Knowledge points; each stands in at least one seed.
        n_seeds: Seeds.
    """

    vertices: IntArray
    seeds: IntArray
    disciplines: npt.NDArray[np.str_]
    levels: IntArray
    n_points: int
    n_seeds: int


def zipf_seeds(n_seeds: int, n_points: int, random_seed: int = 1) -> ZipfSeeds:
    """Seeds with Zipf popularity; the same arguments give the same seeds.

    Every knowledge point is first put into one seed, and takes that seed's discipline. The places left are filled by
    popularity, mostly from the seed's discipline.

    Raises:
        ValueError: If a seed could not hold 8 different points, or the seeds have fewer places than there are points.
    """
    if n_points < MOST_POINTS:
        raise ValueError(f"n_points must be {MOST_POINTS} or more, got {n_points}.")
    random = np.random.default_rng(random_seed)
    sizes = random.integers(LEAST_POINTS, MOST_POINTS + 1, n_seeds)
    if sizes.sum() < n_points:
        raise ValueError(f"{n_seeds} seeds have {sizes.sum()} places, too few for {n_points} knowledge points.")
    disciplines = random.choice(N_DISCIPLINES, n_seeds, p=_discipline_shares())
    levels = 1 + random.choice(N_LEVELS, n_seeds, p=LEVEL_SHARES)
    is_place = np.arange(MOST_POINTS)[:, None] < sizes
    places = np.flatnonzero(is_place)
    held = np.full(is_place.shape, _EMPTY, np.int64)
    held.flat[random.choice(places, n_points, replace=False, shuffle=True)] = np.arange(n_points)
    _fill(held, is_place, disciplines, random)
    return ZipfSeeds(
        vertices=held.T[is_place.T],
        seeds=np.repeat(np.arange(n_seeds), sizes),
        disciplines=np.asarray([f"discipline {number:02}" for number in range(N_DISCIPLINES)])[disciplines],
        levels=levels,
        n_points=n_points,
        n_seeds=n_seeds,
    )


def _discipline_shares() -> npt.NDArray[np.float64]:
    weights = 1 / np.sqrt(np.arange(1, N_DISCIPLINES + 1))
    shares: npt.NDArray[np.float64] = weights / weights.sum()
    return shares


def _fill(held: IntArray, is_place: BoolArray, disciplines: IntArray, random: np.random.Generator) -> None:
    """Fill the empty places, shape (8, n_seeds) as a whole, so that no seed holds a point twice."""
    given = held != _EMPTY
    points = _Popularity(_discipline_of_points(held, disciplines), random)
    seeds = np.arange(held.shape[1])
    wanting = is_place & ~given
    while wanting.any():
        rows, columns = np.nonzero(wanting)
        held[rows, seeds[columns]] = points.draw(disciplines[seeds[columns]], random)
        doubled = _is_doubled(held[:, seeds], given[:, seeds])
        kept = doubled.any(axis=0)
        seeds, wanting = seeds[kept], doubled[:, kept]


def _discipline_of_points(held: IntArray, disciplines: IntArray) -> IntArray:
    _, seeds = np.nonzero(held != _EMPTY)
    of_points = np.empty(len(seeds), np.int64)
    of_points[held[held != _EMPTY]] = disciplines[seeds]
    return of_points


def _is_doubled(held: IntArray, given: BoolArray) -> BoolArray:
    """Places whose point stands in the same seed before, or at a place that was given; those are never doubled."""
    doubled = np.zeros(held.shape, bool)
    for place in range(len(held)):
        for other in range(len(held)):
            if other != place:
                same = held[place] == held[other]
                doubled[place] |= same if other < place else same & given[other]
    doubled &= (held != _EMPTY) & ~given
    return doubled


class _Popularity:
    """Draws knowledge points by popularity, from one discipline or from all.

    Points lie sorted by group in one running sum of weights: a group's draws are those that fall between its limits.
    The groups are the disciplines, and one more for the hubs.
    """

    def __init__(self, discipline_of_points: IntArray, random: np.random.Generator) -> None:
        n_points = len(discipline_of_points)
        rank = random.permutation(n_points)
        hubs = rank < min(N_HUBS, n_points // 100)
        group = np.where(hubs, N_DISCIPLINES, discipline_of_points)
        self._order = np.argsort(group, kind="stable")
        running = np.cumsum((1.0 + ZIPF_SHIFT + rank[self._order]) ** -ZIPF_EXPONENT)
        self._running = running
        ends = np.searchsorted(group[self._order], np.arange(N_DISCIPLINES + 1), side="right")
        self._limits = np.concatenate(([0.0], running))[np.concatenate(([0], ends))]

    def draw(self, disciplines: IntArray, random: np.random.Generator) -> IntArray:
        """One point for each discipline number, shape as they are."""
        low, high = self._limits[disciplines], self._limits[disciplines + 1]
        total, first_hub = self._limits[-1], self._limits[N_DISCIPLINES]
        kind = random.random(len(disciplines))
        from_all = (kind < CROSSING_RATE) | (low == high)
        # Of what is left, the hubs get the share that they have of all points.
        from_hubs = ~from_all & (kind >= 1 - (1 - CROSSING_RATE) * (total - first_hub) / total)
        low = np.where(from_all, 0.0, np.where(from_hubs, first_hub, low))
        high = np.where(from_all | from_hubs, total, high)
        place = np.searchsorted(self._running, low + random.random(len(low)) * (high - low), side="right")
        points: IntArray = self._order[np.minimum(place, len(self._order) - 1)]
        return points
