"""Drawing paths until every quota is met: rounds of walks, their seeds, and what could not be had."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt

from linkqa_kedro.knowledge_value import VertexWeights, knowledge_value, target_shares
from linkqa_kedro.walks.csr import CsrGraph, SeedIndex, VertexArray, component_labels, edges_held
from linkqa_kedro.walks.path_seeds import PathSeedChooser, SeedFit
from linkqa_kedro.walks.quotas import largest_remainder, round_sizes
from linkqa_kedro.walks.steps import STOPPED, DrawKey, draw_walks, step_table

Redistribute = Literal["none", "same_discipline", "proportional"]

NO_SEEDS = "no seeds"
TOO_FEW_SEEDS = "too few seeds"
UNCONNECTED = "unconnected"


@dataclass(frozen=True)
class LabelledSeeds:
    """The seeds behind the graph.

    Attributes:
        index: Inverted index.
        disciplines: Discipline of each seed.
        levels: Level of each seed, shape (n_seeds,).
    """

    index: SeedIndex
    disciplines: npt.NDArray[np.str_]
    levels: npt.NDArray[np.int64]


@dataclass(frozen=True)
class CellQuota:
    """Paths asked of one cell.

    Attributes:
        discipline: None in the one cell of a run without targets.
        level: None likewise.
        quota: Paths asked.
    """

    discipline: str | None
    level: int | None
    quota: int


@dataclass(frozen=True)
class WalkSettings:
    """The knobs of drawing; docs/method.md, section 3, names them.

    Attributes:
        min_length: Knowledge points of the shortest path, at least 2.
        max_length: Of the longest.
        alpha: Popularity exponent, 0 to 1.
        beta: Correction exponent, at least 0.
        gamma: Association exponent, at least 0.
        rho: Cross-discipline rate, 0 to 1.
        smoothing_fraction: s as a share of the number of reachable vertices, above 0.
        round_growth: At least 1.
        max_attempts: Draws of one walk before it is given up.
        max_failed_walks: Walks given up one after another before a cell is closed.
        min_seeds: Seeds per path, at least.
        max_seeds: Seeds per path aimed at.
        max_seed_uses: Paths a seed may serve.
        redistribute: Where the missing paths of a cell go.
        random_seed: In [0, 2**32).
    """

    min_length: int
    max_length: int
    alpha: float
    beta: float
    gamma: float
    rho: float
    smoothing_fraction: float
    round_growth: float
    max_attempts: int
    max_failed_walks: int
    min_seeds: int
    max_seeds: int
    max_seed_uses: int
    redistribute: Redistribute
    random_seed: int


@dataclass(frozen=True)
class DrawnPath:
    """One path with its seeds.

    Attributes:
        walk: Walk number.
        round_number: Round it was drawn in.
        attempt: Redraw that succeeded.
        cell: Place of its cell in the quotas.
        vertices: Vertices along the path.
        seeds: Seed numbers.
    """

    walk: int
    round_number: int
    attempt: int
    cell: int
    vertices: tuple[int, ...]
    seeds: tuple[int, ...]


@dataclass(frozen=True)
class Drawing:
    """Everything one run of drawing found.

    Attributes:
        paths: In the order of drawing.
        target: q(k), shape (n_vertices,).
        reachable: Which vertices lie in a component large enough, shape (n_vertices,).
        visits: Paths that hold each vertex, shape (n_vertices,).
        seed_uses: Paths that each seed serves, shape (n_seeds,).
        causes: Why a cell was closed, by its place in the quotas.
        moved: Paths missing in a cell that were drawn elsewhere, by its place in the quotas.
        n_redrawn: Draws thrown away.
    """

    paths: tuple[DrawnPath, ...]
    target: VertexWeights
    reachable: npt.NDArray[np.bool_]
    visits: VertexArray
    seed_uses: VertexArray
    causes: Mapping[int, str]
    moved: Mapping[int, int]
    n_redrawn: int


@dataclass
class _Cell:
    """A cell while it is being filled."""

    quota: CellQuota
    graph: CsrGraph
    fit: SeedFit
    start_share: VertexWeights
    step_factor: VertexWeights
    wanted: int
    drawn: int = 0
    failed_in_a_row: int = 0
    cause: str | None = None
    failures: Counter[str] = field(default_factory=Counter)
    start_failures: Counter[int] = field(default_factory=Counter)
    good_starts: set[int] = field(default_factory=set)

    @property
    def remaining(self) -> int:
        return 0 if self.cause else self.wanted - self.drawn


class PathDrawing:
    """Draws paths round by round; `run` does it all.

    Args:
        graph: Knowledge graph.
        seeds: Seeds behind it.
        popularity: n(k), shape (n_vertices,).
        discipline_shares: share(d|k) by discipline, each of shape (n_vertices,).
        quotas: Cells; one cell without discipline and level for a run without targets.
        settings: Knobs.
    """

    def __init__(
        self,
        graph: CsrGraph,
        seeds: LabelledSeeds,
        popularity: VertexArray,
        discipline_shares: Mapping[str, VertexWeights],
        quotas: Sequence[CellQuota],
        settings: WalkSettings,
    ) -> None:
        self._settings = settings
        self._seeds = seeds
        components = component_labels(graph)
        sizes = np.bincount(components) if len(components) else np.zeros(0, np.int64)
        self._reachable = sizes[components] >= settings.min_length if len(components) else np.zeros(0, bool)
        self._target = target_shares(
            popularity, discipline_shares, _discipline_targets(quotas), self._reachable, settings.alpha
        )
        self._cells = [self._open_cell(quota, graph, discipline_shares) for quota in quotas]
        self._chooser = PathSeedChooser(seeds.index, settings.min_seeds, settings.max_seeds, settings.max_seed_uses)
        self._visits = np.zeros(graph.n_vertices, np.int64)
        self._paths: list[DrawnPath] = []
        self._n_walks = 0
        self._n_redrawn = 0
        self._round = 0

    def run(self, on_drawn: Callable[[int], object] = lambda _: None) -> Drawing:
        """Fill the quotas as far as the seeds allow.

        Args:
            on_drawn: Told the number of paths drawn since it was last told, for the display of progress.
        """
        self._on_drawn = on_drawn
        n_paths = sum(cell.wanted for cell in self._cells)
        n_reachable = int(self._reachable.sum())
        for size in round_sizes(n_paths, n_reachable, self._settings.max_length, self._settings.round_growth):
            self._draw_round(size)
        self._fill_up(n_paths)
        while self._settings.redistribute != "none" and self._redistribute():
            self._fill_up(n_paths)
        return Drawing(
            paths=tuple(self._paths),
            target=self._target,
            reachable=self._reachable,
            visits=self._visits,
            seed_uses=self._chooser.uses,
            causes={place: cell.cause for place, cell in enumerate(self._cells) if cell.cause},
            moved=self._moved(),
            n_redrawn=self._n_redrawn,
        )

    def _open_cell(self, quota: CellQuota, graph: CsrGraph, discipline_shares: Mapping[str, VertexWeights]) -> _Cell:
        fit = _seed_fit(self._seeds, quota, crossing=self._settings.rho > 0)
        core = np.flatnonzero(fit.core)
        cell_graph = graph if quota.level is None else graph.keep_edges(edges_held(graph, self._seeds.index, core))
        ones = np.ones(graph.n_vertices)
        share = ones if quota.discipline is None else discipline_shares.get(quota.discipline, 0 * ones)
        own = core[~fit.foreign[core]]
        return _Cell(
            quota=quota,
            graph=cell_graph,
            fit=fit,
            start_share=share * (cell_graph.degrees > 0),
            step_factor=share + self._settings.rho * (1 - share),
            wanted=quota.quota,
            cause=_cause_before_drawing(len(own), cell_graph, self._settings) if quota.quota else None,
        )

    def _fill_up(self, n_paths: int) -> None:
        """Further rounds for what failed; ends because every walk succeeds or brings its cell nearer to closing."""
        ceiling = max(1, n_paths // 20)
        while (left := sum(cell.remaining for cell in self._cells)) > 0:
            self._draw_round(min(left, ceiling))

    def _draw_round(self, size: int) -> None:
        remaining = [cell.remaining for cell in self._cells]
        if sum(remaining) == 0:
            return
        shares = largest_remainder(min(size, sum(remaining)), np.asarray(remaining, np.float64))
        value = knowledge_value(
            self._target,
            self._visits,
            self._settings.beta,
            self._settings.smoothing_fraction * max(1, int(self._reachable.sum())),
        )
        accepted: list[DrawnPath] = []
        for place, n_walks in enumerate(shares.tolist()):
            if n_walks:
                drawn = self._draw_cell(place, n_walks, value)
                accepted.extend(drawn)
                self._on_drawn(len(drawn))
        for path in accepted:
            self._visits[list(path.vertices)] += 1
        self._paths.extend(accepted)
        self._round += 1

    def _draw_cell(self, place: int, n_walks: int, value: VertexWeights) -> list[DrawnPath]:
        cell = self._cells[place]
        table = step_table(cell.graph, value * cell.step_factor, self._settings.gamma)
        walks = np.arange(self._n_walks, self._n_walks + n_walks)
        self._n_walks += n_walks
        accepted: list[DrawnPath] = []
        for attempt in range(self._settings.max_attempts):
            starts = self._start_weights(cell, value)
            if not starts.any():
                cell.cause = _most_common(cell.failures)
                return accepted
            key = DrawKey(self._settings.random_seed, self._round, attempt)
            drawn = draw_walks(table, starts, walks, key, self._settings.max_length)
            failed = []
            for walk, vertices in zip(walks.tolist(), drawn, strict=True):
                path = self._accept(place, walk, attempt, vertices[vertices != STOPPED])
                if path is None:
                    failed.append(walk)
                else:
                    accepted.append(path)
            walks = np.asarray(failed, np.int64)
            if not failed:
                break
        cell.failed_in_a_row = 0 if len(walks) < n_walks else cell.failed_in_a_row + n_walks
        if cell.failed_in_a_row >= self._settings.max_failed_walks:
            cell.cause = _most_common(cell.failures)
        return accepted

    def _start_weights(self, cell: _Cell, value: VertexWeights) -> VertexWeights:
        weights: VertexWeights = self._target * cell.start_share * value
        hopeless = [
            start
            for start, n_failures in cell.start_failures.items()
            if n_failures >= self._settings.max_attempts and start not in cell.good_starts
        ]
        weights[hopeless] = 0.0
        return weights

    def _accept(self, place: int, walk: int, attempt: int, vertices: VertexArray) -> DrawnPath | None:
        cell = self._cells[place]
        chosen: list[int] | str = UNCONNECTED
        if len(vertices) >= self._settings.min_length:
            chosen = self._chooser.choose(vertices, cell.fit)
        start = int(vertices[0])
        if isinstance(chosen, str):
            cell.failures[chosen] += 1
            cell.start_failures[start] += 1
            self._n_redrawn += 1
            return None
        self._chooser.use(chosen)
        cell.good_starts.add(start)
        cell.drawn += 1
        return DrawnPath(walk, self._round, attempt, place, tuple(vertices.tolist()), tuple(chosen))

    def _redistribute(self) -> bool:
        """Ask the missing paths of closed cells of open ones, in proportion to their quotas; whether any were asked.

        Takers that close in turn hand on what they could not draw, so this is repeated until nobody can take more.
        """
        asked = False
        for cell in self._cells:
            missing = cell.wanted - cell.drawn
            takers = [
                other for other in self._cells if not other.cause and other.wanted and self._may_take(cell, other)
            ]
            if not cell.cause or missing <= 0 or not takers:
                continue
            shares = largest_remainder(missing, [other.quota.quota for other in takers])
            for other, share in zip(takers, shares.tolist(), strict=True):
                other.wanted += share
            cell.wanted = cell.drawn
            asked = True
        return asked

    def _may_take(self, cell: _Cell, other: _Cell) -> bool:
        return self._settings.redistribute == "proportional" or other.quota.discipline == cell.quota.discipline

    def _moved(self) -> dict[int, int]:
        """Of the paths missing in each cell, how many other cells drew above their quotas."""
        extra = [max(0, cell.drawn - cell.quota.quota) for cell in self._cells]
        moved: dict[int, int] = {}
        for place, cell in enumerate(self._cells):
            missing = cell.quota.quota - cell.drawn
            for taker, other in enumerate(self._cells):
                taken = max(0, min(missing, extra[taker])) if self._may_take(cell, other) else 0
                if taken:
                    moved[place] = moved.get(place, 0) + taken
                    extra[taker] -= taken
                    missing -= taken
        return moved


def _discipline_targets(quotas: Sequence[CellQuota]) -> dict[str, float] | None:
    """T(d), the share of each discipline in the quotas; None without targets."""
    total = sum(quota.quota for quota in quotas)
    targets: dict[str, float] = {}
    for quota in quotas:
        if quota.discipline is None:
            return None
        targets[quota.discipline] = targets.get(quota.discipline, 0.0) + quota.quota / max(total, 1)
    return targets


def _seed_fit(seeds: LabelledSeeds, quota: CellQuota, crossing: bool) -> SeedFit:
    nothing = np.zeros(len(seeds.levels), bool)
    if quota.level is None:
        return SeedFit(core=~nothing, below=nothing, above=nothing, foreign=nothing)
    foreign = seeds.disciplines != quota.discipline
    allowed = ~nothing if crossing else ~foreign
    return SeedFit(
        core=allowed & (seeds.levels == quota.level),
        below=allowed & (seeds.levels == quota.level - 1),
        above=allowed & (seeds.levels == quota.level + 1),
        foreign=foreign,
    )


def _cause_before_drawing(n_own_seeds: int, graph: CsrGraph, settings: WalkSettings) -> str | None:
    """Why a cell cannot be filled at all, where that is plain before the first walk."""
    if n_own_seeds == 0:
        return NO_SEEDS
    if n_own_seeds == 1 and settings.rho == 0:
        return TOO_FEW_SEEDS
    if len(graph.indices) == 0:
        return UNCONNECTED
    return None


def _most_common(failures: Counter[str]) -> str:
    """The cause that failed most walks, ties in alphabetical order."""
    return min(failures, key=lambda cause: (-failures[cause], cause)) if failures else UNCONNECTED
