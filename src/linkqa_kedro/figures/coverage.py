"""Coverage: the share of knowledge points that at least one path visits, 0 to 1 (docs/method.md, section 3)."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd


def coverage_fraction(visits: npt.NDArray[np.int64], reachable: npt.NDArray[np.bool_] | None = None) -> float:
    """Share of vertices visited at least once, 0 to 1; NaN where there are none to visit.

    Args:
        visits: Visits of each vertex, shape (n_vertices,).
        reachable: Which vertices count, shape (n_vertices,); None for all. Components smaller than the shortest
            path cannot be visited, so coverage is reported over both.
    """
    counted = visits if reachable is None else visits[reachable]
    return float(np.mean(counted > 0)) if counted.size else float("nan")


def coverage_curve(paths: Sequence[npt.NDArray[np.int64]], n_vertices: int, points: int) -> pd.DataFrame:
    """Coverage after each of some numbers of paths, in the order drawn, from no path to all of them.

    Args:
        paths: Vertices of each path.
        n_vertices: What coverage is a share of: all vertices, or the reachable ones if all paths keep to them.
        points: Numbers of paths beside 0, evenly spaced; fewer where there are fewer paths.

    Returns:
        Columns n_paths (ascending, from 0) and coverage_fraction (non-decreasing); NaN for a graph without vertices.
    """
    newly_covered = _first_visits(paths)
    n_paths = np.unique(np.linspace(0, len(paths), points + 1).round().astype(np.int64))
    covered = np.concatenate([[0], np.cumsum(newly_covered)])[n_paths]
    fraction = covered / n_vertices if n_vertices else np.full(n_paths.shape, np.nan)
    return pd.DataFrame({"n_paths": n_paths, "coverage_fraction": fraction})


def paths_to_coverage(paths: Sequence[npt.NDArray[np.int64]], n_vertices: int, fraction: float) -> float:
    """Paths drawn until coverage reached the fraction; NaN if it never did. At least fraction·K/L for length L."""
    covered = np.cumsum(_first_visits(paths))
    reached = np.flatnonzero(covered >= fraction * n_vertices)
    return float(reached[0] + 1) if reached.size else float("nan")


def _first_visits(paths: Sequence[npt.NDArray[np.int64]]) -> npt.NDArray[np.int64]:
    """How many vertices each path is the first to visit, shape (n_paths,)."""
    if not paths:
        return np.zeros(0, dtype=np.int64)
    lengths = np.array([len(path) for path in paths])
    path_of_visit = np.repeat(np.arange(len(paths)), lengths)
    _, first = np.unique(np.concatenate(paths), return_index=True)
    return np.bincount(path_of_visit[first], minlength=len(paths)).astype(np.int64)
