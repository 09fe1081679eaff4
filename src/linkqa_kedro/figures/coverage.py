"""Coverage: the share of knowledge points that at least one path visits, 0 to 1 (docs/method.md, section 3)."""

import numpy as np
import numpy.typing as npt
import pandas as pd

NO_VERTEX = -1
"""Fills up the rows of paths that are shorter than the longest."""

PathMatrix = npt.NDArray[np.integer]


def coverage_fraction(visits: npt.NDArray[np.int64], reachable: npt.NDArray[np.bool_] | None = None) -> float:
    """Share of vertices visited at least once, 0 to 1; NaN where there are none to visit.

    Args:
        visits: Visits of each vertex, shape (n_vertices,).
        reachable: Which vertices count, shape (n_vertices,); None for all. Components smaller than the shortest
            path cannot be visited, so coverage is reported over both.
    """
    counted = visits if reachable is None else visits[reachable]
    return float(np.mean(counted > 0)) if counted.size else float("nan")


def coverage_curve(paths: PathMatrix, n_vertices: int, points: int) -> pd.DataFrame:
    """Coverage after each of some numbers of paths, in the order drawn, from no path to all of them.

    Args:
        paths: Vertices of each path, NO_VERTEX after its last, shape (n_paths, max_length).
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


def paths_to_coverage(paths: PathMatrix, n_vertices: int, fraction: float) -> float:
    """Paths drawn until coverage reached the fraction; NaN if it never did. At least fraction·K/L for length L.

    Args:
        paths: As in `coverage_curve`.
        n_vertices: As in `coverage_curve`.
        fraction: From 0 to 1.
    """
    covered = np.cumsum(_first_visits(paths))
    reached = np.flatnonzero(covered >= fraction * n_vertices)
    return float(reached[0] + 1) if reached.size else float("nan")


def _first_visits(paths: PathMatrix) -> npt.NDArray[np.int64]:
    """How many vertices each path is the first to visit, shape (n_paths,)."""
    path, place = np.nonzero(paths != NO_VERTEX)
    vertices = paths[path, place]
    first = np.full(int(vertices.max(initial=-1)) + 1, NO_VERTEX)
    # Backwards, because of several values for one place NumPy keeps the last.
    first[vertices[::-1]] = path[::-1]
    return np.bincount(first[first != NO_VERTEX], minlength=len(paths)).astype(np.int64)
