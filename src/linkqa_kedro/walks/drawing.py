"""Drawing paths until every quota is met: rounds of walks, their seeds, and what could not be had."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from linkqa_kedro.knowledge_value import VertexWeights, knowledge_value, target_shares
from linkqa_kedro.walks.cell_layers import CellLayers
from linkqa_kedro.walks.cells import (
    NO_SEED_SET,
    NO_SEEDS,
    TOO_FEW_SEEDS,
    UNCONNECTED,
    CellLedger,
    CellQuota,
    Redistribute,
)
from linkqa_kedro.walks.choice_table import NOTHING, ChoiceTable
from linkqa_kedro.walks.counter_draws import DrawKey
from linkqa_kedro.walks.csr import BoolArray, CsrGraph, SeedIndex, VertexArray, component_labels
from linkqa_kedro.walks.layered_graph import layered_graph
from linkqa_kedro.walks.path_seeds import (
    CHOSEN,
    SEEDS_USED_UP,
    TOO_SHORT,
    PathSeedChooser,
    PathSeedSettings,
    SeedMatrix,
)
from linkqa_kedro.walks.quotas import largest_remainder, round_sizes
from linkqa_kedro.walks.steps import STOPPED, draw_walks
from linkqa_kedro.walks.support import Support
from linkqa_kedro.walks.walk_trace import WalkTrace, trace_choices

CHUNK_WALKS = 131_072
"""Walks that one thread handles at once, at most: searches are the faster the more of them are sorted together."""

_FEWEST_CHUNK_WALKS = 4_096
"""Fewer are not worth a thread of their own."""


@dataclass(frozen=True)
class LabelledSeeds:
    """The seeds behind the graph.

    Attributes:
        index: Which vertices they hold.
        disciplines: Discipline of each seed, shape (n_seeds,).
        levels: Level of each seed, 1 to 5, shape (n_seeds,).
    """

    index: SeedIndex
    disciplines: npt.NDArray[np.str_]
    levels: npt.NDArray[np.int64]


@dataclass(frozen=True)
class WalkSettings:
    """The knobs of drawing; docs/method.md, section 3, names them.

    Attributes:
        min_length: Knowledge points of the shortest path, at least 2.
        max_length: Of the longest, at most `path_seeds.MAX_PATH_LENGTH`.
        alpha: Popularity exponent, 0 to 1.
        beta: Correction exponent, 0 to 16.
        gamma: Association exponent, at least 0.
        rho: Cross-discipline rate, 0 to 1.
        smoothing_fraction: s as a share of the number of reachable vertices, at least 1e-6.
        round_growth: At least 1.
        max_attempts: Draws of one walk before it is given up.
        max_failed_walks: Walks given up before a cell is closed; a path drawn makes up for as many of them.
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
class DrawnPaths:
    """Paths with their seeds, in the order of their walk numbers.

    Attributes:
        walks: Walk number of each path, ascending, shape (n_paths,).
        rounds: Round it was drawn in, shape (n_paths,).
        attempts: Redraw that succeeded, shape (n_paths,).
        cells: Place of its cell in the quotas, shape (n_paths,).
        vertices: Vertices along the path, STOPPED after the last, shape (n_paths, max_length).
        seeds: Seed numbers, NOTHING after the last, shape (n_paths, n_places).
    """

    walks: npt.NDArray[np.int64]
    rounds: npt.NDArray[np.int32]
    attempts: npt.NDArray[np.int32]
    cells: npt.NDArray[np.int32]
    vertices: npt.NDArray[np.int32]
    seeds: SeedMatrix

    def __len__(self) -> int:
        return len(self.walks)

    @staticmethod
    def none(max_length: int, most_seeds: int) -> "DrawnPaths":
        """No paths."""
        numbers, no_row = np.zeros(0, np.int64), np.zeros(0, np.int32)
        vertices, seeds = np.zeros((0, max_length), np.int32), np.zeros((0, most_seeds), np.int32)
        return DrawnPaths(numbers, no_row, no_row, no_row, vertices, seeds)

    @staticmethod
    def joined(parts: Sequence["DrawnPaths"]) -> "DrawnPaths":
        """All parts, by walk number."""
        walks = np.concatenate([part.walks for part in parts])
        order = np.argsort(walks)
        return DrawnPaths(
            walks[order],
            np.concatenate([part.rounds for part in parts])[order],
            np.concatenate([part.attempts for part in parts])[order],
            np.concatenate([part.cells for part in parts])[order],
            np.concatenate([part.vertices for part in parts])[order],
            np.concatenate([part.seeds for part in parts])[order],
        )


@dataclass(frozen=True)
class Drawing:
    """Everything one run of drawing found.

    Attributes:
        paths: The paths.
        target: q(k), shape (n_vertices,).
        reachable: Which vertices lie in a component large enough, shape (n_vertices,).
        supported: Which of them a path can hold in a cell that is asked for paths, shape (n_vertices,).
        visits: Paths that hold each vertex, shape (n_vertices,).
        seed_uses: Paths that each seed serves, shape (n_seeds,).
        correction_walks: First walk number of each correction, shape (n_corrections,).
        causes: Why a cell was closed, by its place in the quotas.
        moved: Paths missing in a cell that were drawn elsewhere, by its place in the quotas.
        n_redrawn: Draws thrown away.
    """

    paths: DrawnPaths
    target: VertexWeights
    reachable: BoolArray
    supported: BoolArray
    visits: VertexArray
    seed_uses: VertexArray
    correction_walks: VertexArray
    causes: Mapping[int, str]
    moved: Mapping[int, int]
    n_redrawn: int


class _WalkTraced(Exception):
    """Ends a drawing of which one walk alone was wanted."""

    def __init__(self, trace: WalkTrace) -> None:
        super().__init__()
        self.trace = trace


class PathDrawing:
    """Draws paths round by round; `run` does it all, `trace` as much as shows how one walk was drawn. Used once.

    Args:
        graph: Knowledge graph.
        seeds: Seeds behind it.
        popularity: n(k), shape (n_vertices,).
        discipline_shares: share(d|k) by discipline, each of shape (n_vertices,).
        quotas: Cells: all with a discipline or none, all with a level or none; one cell with neither for a run without
            targets.
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
        self._reachable = _reachable(graph, settings.min_length)
        self._target = target_shares(
            popularity, discipline_shares, _discipline_targets(quotas), self._reachable, settings.alpha
        )
        self._ledger = CellLedger(quotas, settings.redistribute, settings.max_failed_walks)
        self._cells = CellLayers.of(quotas, seeds.disciplines, seeds.levels, discipline_shares, settings.rho)
        self._graph = layered_graph(graph, seeds.index, self._cells.labels, self._cells.layers)
        self._steps = ChoiceTable(self._graph.indptr, self._graph.heads, self._graph.associations**settings.gamma)
        self._support = Support(self._graph, seeds.index, self._cells.labels, settings.min_length)
        self._starts = self._cells.starts(self._graph, self._target, self._support.possible)
        self._row_factor = self._cells.row_factor(self._graph)
        self._crossing = self._cells.crossing(self._graph)
        how_many = PathSeedSettings(settings.min_length, settings.min_seeds, settings.max_seeds, settings.max_seed_uses)
        self._chooser = PathSeedChooser(self._graph, seeds.index, seeds.levels, self._cells.seed_disciplines, how_many)
        self._layer_lost_edges: BoolArray = np.zeros(len(self._cells.layers), bool)
        self._start_failures = np.zeros(len(self._starts.heads), np.int64)
        self._start_successes: BoolArray = np.zeros(len(self._starts.heads), bool)
        self._visits = np.zeros(graph.n_vertices, np.int64)
        self._parts = [DrawnPaths.none(settings.max_length, how_many.most_seeds(settings.max_length))]
        self._n_walks = self._n_redrawn = self._n_used_up = self._round = 0
        self._traced_walk: int | None = None
        self._close_hopeless_cells(quotas)

    def run(
        self,
        on_drawn: Callable[[int], object] = lambda _: None,
        n_workers: int = 1,
        chunk_walks: int = CHUNK_WALKS,
        corrections: Sequence[npt.NDArray[np.integer]] = (),
    ) -> Drawing:
        """Fill the quotas as far as the seeds allow, then each correction; a later one changes no earlier path.

        Args:
            on_drawn: Told the number of paths drawn since it was last told, for the display of progress.
            n_workers: Threads; their number cannot be seen in the result.
            chunk_walks: Walks that a thread handles at once, at most; cannot be seen either.
            corrections: Further paths asked of each cell, one after the other, each of shape (n_cells,).
        """
        self._on_drawn, self._n_workers, self._chunk_walks = on_drawn, n_workers, chunk_walks
        n_paths = int(self._ledger.wanted.sum())
        n_reachable = int(self._reachable.sum())
        correction_walks: list[int] = []
        with ThreadPoolExecutor(n_workers) as self._threads:
            for size in round_sizes(n_paths, n_reachable, self._settings.max_length, self._settings.round_growth):
                self._draw_round(size)
            self._fill_up(n_paths)
            for extra in corrections:
                correction_walks.append(self._n_walks)
                self._ledger.ask_more(extra)
                self._fill_up(int(extra.sum()))
        return Drawing(
            paths=DrawnPaths.joined(self._parts),
            target=self._target,
            reachable=self._reachable,
            supported=self._reachable
            & np.isin(np.arange(len(self._reachable)), self._graph.vertices[self._support.possible]),
            visits=self._visits,
            seed_uses=self._chooser.uses,
            correction_walks=np.asarray(correction_walks, np.int64),
            causes=self._ledger.causes,
            moved=self._ledger.moved(),
            n_redrawn=self._n_redrawn,
        )

    def trace(
        self,
        walk: int,
        on_drawn: Callable[[int], object] = lambda _: None,
        n_workers: int = 1,
        corrections: Sequence[npt.NDArray[np.integer]] = (),
    ) -> WalkTrace | None:
        """How one walk was drawn; as `run`, and ended as soon as its path is there. None if it never gives a path."""
        self._traced_walk = walk
        try:
            self.run(on_drawn, n_workers, corrections=corrections)
        except _WalkTraced as found:
            return found.trace
        return None

    def _close_hopeless_cells(self, quotas: Sequence[CellQuota]) -> None:
        """Close the cells of which it is plain before the first walk that they cannot be filled."""
        for place, n_seeds in enumerate(self._cells.own_seeds.tolist()):
            if not quotas[place].quota:
                continue
            if n_seeds == 0:
                self._ledger.close(place, NO_SEEDS)
            elif n_seeds == 1 and not self._cells.crosses:
                self._ledger.close(place, TOO_FEW_SEEDS)
            elif self._starts.indptr[place] == self._starts.indptr[place + 1]:
                first, end = self._graph.layer_limits[self._cells.layer_of[place] :][:2]
                own = self._cells.is_own(place, self._graph.vertices[first:end])
                has_paths = (self._support.long_enough[first:end] & own).any()
                self._ledger.close(place, NO_SEED_SET if has_paths else UNCONNECTED)

    def _fill_up(self, n_paths: int) -> None:
        """Further rounds for what is missing; ends because every walk succeeds or brings its cell nearer to closing.

        Then what closed cells could not draw is asked of others, where that is wanted.
        """
        ceiling = max(1, n_paths // 20)
        while True:
            while (left := int(self._ledger.remaining.sum())) > 0:
                self._draw_round(min(left, ceiling))
            if self._settings.redistribute == "none" or not self._ledger.hand_on():
                return

    def _draw_round(self, size: int) -> None:
        remaining = self._ledger.remaining
        if remaining.sum() == 0:
            return
        n_walks = largest_remainder(min(size, int(remaining.sum())), remaining.astype(np.float64))
        self._refresh_value()
        cells = np.repeat(np.arange(len(n_walks)), n_walks)
        walks = np.arange(self._n_walks, self._n_walks + len(cells))
        self._n_walks += len(cells)
        parts: list[DrawnPaths] = []
        for attempt in range(self._settings.max_attempts):
            self._leave_out_failing_starts()
            hopeful = self._close_cells_without_starts(cells)
            walks, cells = walks[hopeful], cells[hopeful]
            if len(walks) == 0:
                break
            part, failed = self._draw_attempt(walks, cells, attempt)
            if self._traced_walk is not None and self._traced_walk in part.walks:
                raise _WalkTraced(self._trace_of(part, self._traced_walk))
            parts.append(part)
            self._on_drawn(len(part))
            walks, cells = walks[failed], cells[failed]
        drawn = sum((np.bincount(part.cells, minlength=len(n_walks)) for part in parts), np.zeros_like(n_walks))
        self._ledger.count_round(n_walks, drawn)
        for part in parts:
            self._visits += np.bincount(part.vertices[part.vertices != STOPPED], minlength=len(self._visits))
        self._parts.extend(parts)
        self._round += 1

    def _trace_of(self, part: DrawnPaths, walk: int) -> WalkTrace:
        """How a walk of this round was drawn: tables and visits still stand as they did."""
        place = int(np.searchsorted(part.walks, walk))
        cell = int(part.cells[place])
        vertices = tuple(vertex for vertex in part.vertices[place].tolist() if vertex != STOPPED)
        layer = int(self._cells.layer_of[cell])
        *choices, further = trace_choices(self._graph, self._starts, self._steps, self._crossing, cell, layer, vertices)
        is_plain = layer in self._cells.layer_of[self._ledger.is_plain]
        return WalkTrace(
            round_number=int(part.rounds[place]),
            attempt=int(part.attempts[place]),
            vertices=vertices,
            seeds=tuple(seed for seed in part.seeds[place].tolist() if seed != NOTHING),
            choices=tuple(choices),
            is_dead_end=len(vertices) < self._settings.max_length and len(further.vertices) == 0,
            target=self._target,
            value=np.ones(len(self._visits)) if is_plain else self._value(),
            visits=self._visits.copy(),
        )

    def _value(self) -> VertexWeights:
        """V(k) by the visits so far."""
        smoothing = self._settings.smoothing_fraction * max(1, int(self._reachable.sum()))
        return knowledge_value(self._target, self._visits, self._settings.beta, smoothing)

    def _refresh_value(self) -> None:
        self._leave_out_used_up_edges()
        value = self._value()
        value /= max(value.max(initial=0.0), np.finfo(np.float64).tiny)  # far from both ends of the float range
        self._row_value = value[self._graph.vertices]
        for layer in np.unique(self._cells.layer_of[self._ledger.is_plain]).tolist():
            first, end = self._graph.layer_limits[layer : layer + 2]
            self._row_value[first:end] = 1.0
        self._steps.refresh(self._row_value if self._row_factor is None else self._row_value * self._row_factor)
        self._starts.refresh(self._row_value)

    def _leave_out_used_up_edges(self) -> None:
        """Leave out edges of which every seed is used up, and starts without others: they would only grow in value."""
        used_up = self._chooser.used_up
        n_used_up = int(used_up.sum())
        if n_used_up > self._n_used_up:
            self._n_used_up = n_used_up
            has_seeds = np.logical_or.reduceat(~used_up[self._graph.holders], self._graph.holder_indptr[:-1])
            gone = ~has_seeds[self._graph.pairs]
            self._steps.leave_out(np.flatnonzero(gone))
            is_stuck = np.logical_and.reduceat(gone, self._graph.indptr[:-1])
            self._starts.leave_out(np.flatnonzero(is_stuck[self._starts.heads]))
            first_edges = self._graph.indptr[self._graph.layer_limits[:-1]]
            self._layer_lost_edges = np.logical_or.reduceat(np.append(gone, False), first_edges)

    def _leave_out_failing_starts(self) -> None:
        hopeless = (self._start_failures >= self._settings.max_attempts) & ~self._start_successes
        if (self._starts.strengths[hopeless] > 0).any():
            self._starts.leave_out(np.flatnonzero(hopeless))
            self._starts.refresh(self._row_value)

    def _close_cells_without_starts(self, cells: VertexArray) -> BoolArray:
        """Close the cells of these walks that have no start left; which of the walks go on."""
        for cell in np.unique(cells).tolist():
            if not self._starts.alive[cell]:
                self._ledger.close(cell)
        return self._ledger.is_open(cells)

    def _draw_attempt(self, walks: VertexArray, cells: VertexArray, attempt: int) -> tuple[DrawnPaths, VertexArray]:
        """One draw of each walk; the paths it gave, and the places of the walks that failed."""
        key = DrawKey(self._settings.random_seed, self._round, attempt)
        even = -(-len(walks) // self._n_workers)
        size = min(self._chunk_walks, max(_FEWEST_CHUNK_WALKS, even))
        chunks = [slice(start, start + size) for start in range(0, len(walks), size)]
        drawn = list(self._threads.map(lambda chunk: self._draw_chunk(walks[chunk], cells[chunk], key), chunks))
        vertices, seeds, starts, endings = (np.concatenate(column, axis=-1) for column in zip(*drawn, strict=True))
        good = np.flatnonzero(endings == CHOSEN)
        allowed = self._chooser.use(seeds[:, good])
        endings[good[~allowed]] = SEEDS_USED_UP
        good = good[allowed]
        failed = np.flatnonzero(endings != CHOSEN)
        stranded = (endings == TOO_SHORT) & self._layer_lost_edges[self._cells.layer_of[cells]]
        endings[stranded] = SEEDS_USED_UP  # the edges were there
        self._ledger.count_failures(cells[failed], endings[failed])
        has_start = starts[failed] != NOTHING
        np.add.at(self._start_failures, starts[failed[has_start]], 1)
        self._start_successes[starts[good]] = True
        self._n_redrawn += len(failed)
        part = DrawnPaths(
            walks[good],
            np.full(len(good), self._round, np.int32),
            np.full(len(good), attempt, np.int32),
            cells[good].astype(np.int32),
            np.ascontiguousarray(vertices[:, good].T),
            np.ascontiguousarray(seeds[:, good].T),
        )
        return part, failed

    def _draw_chunk(
        self, walks: VertexArray, cells: VertexArray, key: DrawKey
    ) -> tuple[npt.NDArray[np.int32], SeedMatrix, VertexArray, VertexArray]:
        """Vertices, seeds, starts and endings of some walks; reads what is shared and changes nothing."""
        length = self._settings.max_length
        drawn = draw_walks(self._starts, self._steps, cells, walks, key, length, self._crossing)
        seeds, endings = self._chooser.choose(drawn, self._cells.fit(cells), walks, key)
        vertices = self._graph.vertices[drawn.vertices].astype(np.int32)
        vertices[drawn.vertices == STOPPED] = STOPPED
        return vertices, seeds, drawn.starts, endings


def _reachable(graph: CsrGraph, min_length: int) -> BoolArray:
    """Which vertices lie in a component that holds a path of the shortest length, shape (n_vertices,)."""
    components = component_labels(graph)
    reachable: BoolArray = np.bincount(components, minlength=1)[components] >= min_length
    return reachable


def _discipline_targets(quotas: Sequence[CellQuota]) -> dict[str, float] | None:
    """T(d), the share of each discipline in the quotas; None where disciplines have no target."""
    total = sum(quota.quota for quota in quotas)
    targets: dict[str, float] = {}
    for quota in quotas:
        if quota.discipline is None:
            return None
        targets[quota.discipline] = targets.get(quota.discipline, 0.0) + quota.quota / max(total, 1)
    return targets
