"""Association density: how strongly the seeds of a path are linked by knowledge points."""

from collections.abc import Collection, Mapping, Sequence
from itertools import combinations

import numpy as np
import numpy.typing as npt

_NARROW = 16  # points; most seeds hold no more, and one that holds hundreds must not make all pairs wide


def association_density(seeds: Sequence[Collection[str]]) -> float:
    """Share of the seed pairs of one path that hold at least one knowledge point in common, 0 to 1.

    Defined in docs/method.md, section 3. NaN for fewer than two seeds.

    Args:
        seeds: Knowledge points of each seed.
    """
    pairs = list(combinations([set(points) for points in seeds], 2))
    return sum(not one.isdisjoint(other) for one, other in pairs) / len(pairs) if pairs else float("nan")


def association_densities(
    paths: npt.NDArray[np.integer], points_of_seeds: npt.NDArray[np.integer]
) -> npt.NDArray[np.float64]:
    """`association_density` of many paths, shape (n_paths,).

    Args:
        paths: Seed numbers of each path, -1 after its last, shape (n_paths, most_seeds).
        points_of_seeds: Knowledge points of each seed, filled up with a negative number, shape (n_seeds, most_points).
    """
    linked = np.zeros(len(paths), np.int64)
    n_points = (points_of_seeds >= 0).sum(axis=1)
    for one, other in combinations(range(paths.shape[1]), 2):
        both = np.flatnonzero((paths[:, one] >= 0) & (paths[:, other] >= 0))
        linked[both] += _share_a_point(points_of_seeds, n_points, paths[both, one], paths[both, other])
    n_seeds = (paths >= 0).sum(axis=1)
    n_pairs = n_seeds * (n_seeds - 1) // 2
    densities: npt.NDArray[np.float64] = np.full(len(paths), np.nan)
    densities[n_pairs > 0] = linked[n_pairs > 0] / n_pairs[n_pairs > 0]
    return densities


def _share_a_point(
    points_of_seeds: npt.NDArray[np.integer],
    n_points: npt.NDArray[np.int64],
    ones: npt.NDArray[np.integer],
    others: npt.NDArray[np.integer],
) -> npt.NDArray[np.bool_]:
    """Whether each pair of seeds has a point in common; only pairs of which one is wide look at all columns."""
    shared = np.zeros(len(ones), bool)
    wide = np.maximum(n_points[ones], n_points[others]) > _NARROW
    for pairs, width in ((np.flatnonzero(~wide), _NARROW), (np.flatnonzero(wide), points_of_seeds.shape[1])):
        left, right = points_of_seeds[ones[pairs], :width], points_of_seeds[others[pairs], :width]
        for column in left.T:
            shared[pairs] |= ((column[:, None] == right) & (column >= 0)[:, None]).any(axis=1)
    return shared


def mean_association_density(paths: Sequence[Sequence[str]], points_of_seed: Mapping[str, Collection[str]]) -> float:
    """Mean density over the paths of two or more seeds, 0 to 1; NaN if there are none.

    Args:
        paths: Seed ids of each path.
        points_of_seed: Knowledge points by seed id.
    """
    densities = [association_density([points_of_seed[seed] for seed in path]) for path in paths if len(path) > 1]
    return sum(densities) / len(densities) if densities else float("nan")


def random_association_density(
    paths: Sequence[Sequence[str]],
    points_of_seed: Mapping[str, Collection[str]],
    discipline_of_seed: Mapping[str, str],
    random_seed: int,
) -> float:
    """Mean density when each seed of each path is replaced by a random one of its discipline: the baseline.

    Seeds of one path stay distinct, so that the same questions are asked of as many seeds of the same disciplines,
    and only the choice differs.

    Args:
        paths: Seed ids of each path, distinct within a path.
        points_of_seed: Knowledge points by seed id.
        discipline_of_seed: Discipline by seed id, of all seeds that may be drawn.
        random_seed: Of the draws; equal seeds give equal figures.

    Returns:
        From 0 to 1; NaN if no path has two seeds.
    """
    generator = np.random.default_rng(random_seed)
    pools: dict[str, list[str]] = {}
    for seed, discipline in sorted(discipline_of_seed.items()):
        pools.setdefault(discipline, []).append(seed)
    drawn = [_like(path, pools, discipline_of_seed, generator) for path in paths if len(path) > 1]
    return mean_association_density(drawn, points_of_seed)


def _like(
    path: Sequence[str],
    pools: Mapping[str, Sequence[str]],
    discipline_of_seed: Mapping[str, str],
    generator: np.random.Generator,
) -> list[str]:
    wanted: dict[str, int] = {}
    for seed in path:
        discipline = discipline_of_seed[seed]
        wanted[discipline] = wanted.get(discipline, 0) + 1
    return [
        pools[discipline][place]
        for discipline, n_seeds in wanted.items()
        for place in generator.choice(len(pools[discipline]), size=n_seeds, replace=False).tolist()
    ]
