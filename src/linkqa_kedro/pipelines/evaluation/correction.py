"""How many further paths each cell should be asked for, so that the dataset comes nearest to the mix wanted.

Paths of one cell do not all give rows of that cell: a teacher asked for level 5 may give level 4. So what a path asked
of a cell gives is estimated from the rows so far, and the paths that would bring the mix nearest to the target are
found by linear programming (SciPy's HiGHS).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import linprog

Counts = npt.NDArray[np.int64]
Shares = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

_PRIOR_PATHS = 2.0
"""Weight, in paths, of what was known before."""

_LEFT_OPEN = 0.2
"""Share of the way to the nearest mix that a round leaves to the next: the last of it costs most and is known least."""

_SLACK = 1e-6


@dataclass(frozen=True)
class CellLabels:
    """What cells are called; None where that axis has no target, which fits every label.

    Attributes:
        disciplines: Discipline of each cell.
        levels: Level of each cell.
    """

    disciplines: tuple[str | None, ...]
    levels: tuple[int | None, ...]

    def __len__(self) -> int:
        return len(self.disciplines)


def expected_rows(rows: Counts, paths: Counts, before: Shares) -> Shares:
    """Rows of each measured cell that one further path asked of a cell gives.

    What the latest paths of a cell gave counts, drawn towards what was known before: a few paths are not much to go by,
    and the first ones give more than later ones, which repeat them.

    Args:
        rows: Rows of each measured cell from the paths of each asked cell, shape (n_asked, n_measured).
        paths: Those paths, shape (n_asked,).
        before: Rows per path known before, shape (n_asked, n_measured).
    """
    expected: Shares = (rows + _PRIOR_PATHS * before) / (paths[:, None] + _PRIOR_PATHS)
    return expected


def rows_at_levels(rows: Counts, paths: Counts, asked: CellLabels, measured: CellLabels) -> Shares:
    """Rows of each measured cell that a path would give if all cells asked of one level gave the same.

    Only rows of the discipline that was asked for count.

    Args:
        rows: Rows of each measured cell from the paths of each asked cell, shape (n_asked, n_measured).
        paths: Those paths, shape (n_asked,).
        asked: Cells that paths are asked of.
        measured: Cells that rows are measured in.
    """
    fits = np.array([[own in (None, other) for other in measured.disciplines] for own in asked.disciplines], float)
    same_level = np.array([[one == other for other in asked.levels] for one in asked.levels], float)
    into_level = np.array([[one == other for other in measured.levels] for one in measured.levels], float)
    at_level = same_level @ (rows * fits) @ into_level
    # A cell without a discipline of its own spreads over all of them.
    shares = fits / np.maximum(fits @ into_level, 1.0)
    per_path: Shares = at_level * shares / np.maximum(same_level @ paths, 1.0)[:, None]
    return per_path


@dataclass(frozen=True)
class Correction:
    """What a round of steering asks for.

    Attributes:
        paths: Further paths of each asked cell, shape (n_asked,).
        expected_distance: Total variation between the expected mix and the wanted one, 0 to 1.
    """

    paths: Counts
    expected_distance: float


def plan_correction(
    measured: Counts,
    wanted: Shares,
    expected: Shares,
    may_ask: Flags,
    most_paths: int,
    tolerance: float,
) -> Correction:
    """The fewest paths that bring the mix within half of the tolerance, or else most of the way that can be gone.

    With x paths of each cell, rows m + Yᵀx and T their sum, the distance is d(x) = ½ Σ |(m + Yᵀx)/T - w|. The smallest
    one is found in y = x/T and t = 1/T, where it is linear (Charnes and Cooper 1962, "Programming with linear
    fractional functionals"); the fewest paths within a distance are linear in x.

    Args:
        measured: Rows of each measured cell now, m, not all 0, shape (n_measured,).
        wanted: Share wanted of each, summing to 1, w, shape (n_measured,).
        expected: Rows that a path gives, Y, shape (n_asked, n_measured).
        may_ask: Which cells can be asked for paths, shape (n_asked,).
        most_paths: Paths of all cells together, at most.
        tolerance: Distance that is good enough.
    """
    program = _Program(measured, wanted, expected, may_ask, most_paths)
    now, nearest = program.distance(np.zeros(len(expected))), program.nearest()
    aim = max(tolerance / 2, nearest + _LEFT_OPEN * max(0.0, now - nearest))
    if now <= aim + _SLACK:
        return Correction(np.zeros(len(expected), np.int64), now)
    paths = np.floor(program.fewest(aim + _SLACK) + 0.5).astype(np.int64)
    return Correction(paths, program.distance(paths.astype(np.float64)))


class _Program:
    """The linear programs of `plan_correction`, with what lies above and below the share of each cell as variables."""

    def __init__(self, measured: Counts, wanted: Shares, expected: Shares, may_ask: Flags, most_paths: int) -> None:
        self._measured, self._wanted, self._expected = measured.astype(np.float64), wanted, expected
        self._most_paths = float(most_paths)
        self._bounds = [(0.0, None if asked else 0.0) for asked in may_ask]
        self._unit = float(measured.sum())

    def nearest(self) -> float:
        """Smallest distance that can be reached. Variables: y, above, below, t in 1/rows now."""
        n_asked, n = self._expected.shape
        identity = np.eye(n)
        balance = np.hstack((self._expected.T, -identity, identity, self._measured[:, None] / self._unit))
        whole = np.concatenate((self._expected.sum(axis=1), np.zeros(2 * n), [1.0]))
        few_paths = np.concatenate((np.ones(n_asked), np.zeros(2 * n), [-self._most_paths / self._unit]))
        found = linprog(
            np.concatenate((np.zeros(n_asked), np.full(2 * n, 0.5), [0.0])),
            A_ub=few_paths[None, :],
            b_ub=[0.0],
            A_eq=np.vstack((balance, whole)),
            b_eq=np.append(self._wanted, 1.0),
            bounds=[*self._bounds, *[(0.0, None)] * (2 * n), (0.0, 1.0)],
            method="highs",
        )
        return float(found.fun)

    def fewest(self, distance: float) -> Shares:
        """The fewest paths within a distance that can be reached. Variables: x in rows now, above, below."""
        n_asked, n = self._expected.shape
        identity = np.eye(n)
        rows_per_path = self._expected.sum(axis=1)
        # m + Y'x - w T = above - below, with T = Σ m + Σ Y'x, all in units of the rows now.
        balance = np.hstack((self._expected.T - np.outer(self._wanted, rows_per_path), -identity, identity))
        near = np.concatenate((-distance * rows_per_path, np.full(2 * n, 0.5)))
        few_paths = np.concatenate((np.ones(n_asked), np.zeros(2 * n)))
        found = linprog(
            few_paths,
            A_ub=np.vstack((near, few_paths)),
            b_ub=[distance, self._most_paths / self._unit],
            A_eq=balance,
            b_eq=self._wanted - self._measured / self._unit,
            bounds=[*self._bounds, *[(0.0, None)] * (2 * n)],
            method="highs",
        )
        paths: Shares = found.x[:n_asked] * self._unit
        return paths

    def distance(self, paths: Shares) -> float:
        """Total variation between the mix that is then expected and the wanted one."""
        rows = self._measured + paths @ self._expected
        return float(np.abs(rows / rows.sum() - self._wanted).sum() / 2)
