"""Nodes of sampling."""

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from linkqa_kedro.errors import UserError
from linkqa_kedro.figures.association_density import random_association_density
from linkqa_kedro.figures.coverage import NO_VERTEX, coverage_curve, coverage_fraction, paths_to_coverage
from linkqa_kedro.figures.gini import gini
from linkqa_kedro.figures.jensen_shannon import jensen_shannon_distance
from linkqa_kedro.figures.rank_correlation import rank_correlation
from linkqa_kedro.figures.total_variation import total_variation
from linkqa_kedro.pipelines.sampling.parameters import SamplingParameters, Targets
from linkqa_kedro.pipelines.sampling.path_summary import PathSummary, cell_label, summarise_paths
from linkqa_kedro.pipelines.sampling.path_table import PathTable
from linkqa_kedro.pipelines.statistics import json_ready
from linkqa_kedro.pipelines.steering_parameters import SteeringParameters
from linkqa_kedro.progress import Meter
from linkqa_kedro.records import DIFFICULTY_LEVELS, KP_VISITS, QUOTA_SHORTFALLS, QUOTAS, rows_of
from linkqa_kedro.shards import ShardedTable, TableParts
from linkqa_kedro.walks.cells import CellQuota
from linkqa_kedro.walks.csr import CsrGraph, SeedIndex, seed_index
from linkqa_kedro.walks.drawing import Drawing, LabelledSeeds, PathDrawing, WalkSettings
from linkqa_kedro.walks.quotas import largest_remainder

Label = TypeVar("Label", str, int)

_CURVE_POINTS = 100
_DENSITY_PATHS = 2000  # the random baseline is an average: more paths do not move it


def set_quotas(
    annotations: pd.DataFrame,
    steering_plan: pd.DataFrame,
    parameters: SamplingParameters,
    steering: SteeringParameters,
) -> pd.DataFrame:
    """Paths asked of every (discipline, difficulty) cell; no rows without targets.

    Raises:
        UserError: If the rounds of steering that are asked for are not in the plan, or name other cells.
    """
    n_seeds = Counter(zip(annotations["discipline"], annotations["difficulty"].astype(int), strict=True))
    shares = _target_shares(parameters.targets, sorted(annotations["discipline"].unique()))
    quotas = largest_remainder(parameters.n_paths if shares else 0, list(shares.values()))
    corrections = _corrections(steering_plan, steering.round, list(shares))
    return QUOTAS.frame(
        {
            "discipline": discipline,
            "difficulty": level,
            "target_share": share,
            "quota": int(quota) + sum(corrections[(discipline, level)]),
            "corrections": corrections[(discipline, level)],
            "n_seeds": sum(n for (own, at), n in n_seeds.items() if discipline in (own, None) and level in (at, None)),
        }
        for ((discipline, level), share), quota in zip(shares.items(), quotas, strict=True)
    )


@dataclass(frozen=True)
class PreparedDrawing:
    """Everything that draws paths, before the first is drawn.

    Attributes:
        drawing: Draws them.
        cells: Cells with their quotas.
        corrections: Further paths of each cell, one array for each round of steering.
        index: Which seeds hold which knowledge points.
    """

    drawing: PathDrawing
    cells: list[CellQuota]
    corrections: list[npt.NDArray[np.int64]]
    index: SeedIndex

    @property
    def n_asked(self) -> int:
        """Paths asked for, of all cells and corrections."""
        return sum(cell.quota for cell in self.cells) + sum(int(extra.sum()) for extra in self.corrections)


def prepare_drawing(
    kp_csr: CsrGraph,
    kp_vertices: pd.DataFrame,
    kp_disciplines: pd.DataFrame,
    kp_seed_index: pd.DataFrame,
    annotations: pd.DataFrame,
    quotas: pd.DataFrame,
    parameters: SamplingParameters,
) -> PreparedDrawing:
    """What `draw_paths` draws with.

    Raises:
        UserError: If the graph was built from other annotations.
    """
    _check_same_annotations(kp_vertices, kp_disciplines, kp_seed_index, annotations)
    index = seed_index(
        kp_seed_index["kp_id"].to_numpy(np.int64),
        kp_seed_index["seed_number"].to_numpy(np.int64),
        len(kp_vertices),
        len(annotations),
    )
    corrections = [np.asarray(extra, np.int64) for extra in zip(*quotas["corrections"], strict=True)]
    cells = [
        CellQuota(row["discipline"], row["difficulty"], row["quota"] - sum(row["corrections"]))
        for row in rows_of(quotas)
    ] or [CellQuota(None, None, parameters.n_paths)]
    drawing = PathDrawing(
        kp_csr,
        LabelledSeeds(
            index,
            annotations["discipline"].to_numpy(dtype=np.str_),
            annotations["difficulty"].to_numpy(dtype=np.int64),
        ),
        kp_vertices["popularity"].to_numpy(np.int64),
        _discipline_shares(kp_disciplines, len(kp_vertices)),
        cells,
        _walk_settings(parameters),
    )
    return PreparedDrawing(drawing, cells, corrections, index)


def draw_paths(
    kp_csr: CsrGraph,
    kp_vertices: pd.DataFrame,
    kp_disciplines: pd.DataFrame,
    kp_seed_index: pd.DataFrame,
    annotations: pd.DataFrame,
    quotas: pd.DataFrame,
    parameters: SamplingParameters,
) -> tuple[TableParts, pd.DataFrame, pd.DataFrame, dict[str, Any]]:
    """Paths with their seeds, shortfalls by cell, visits of every knowledge point, and figures of the drawing."""
    prepared = prepare_drawing(kp_csr, kp_vertices, kp_disciplines, kp_seed_index, annotations, quotas, parameters)
    cells, corrections, index = prepared.cells, prepared.corrections, prepared.index
    with Meter("draw_paths", prepared.n_asked, "paths") as meter:
        drawing = prepared.drawing.run(meter.advance, n_workers=os.cpu_count() or 1, corrections=corrections)
    if len(drawing.paths) == 0:
        causes = ", ".join(f"{n} {cause}" for cause, n in Counter(drawing.causes.values()).most_common())
        raise UserError(
            f"Not one path could be drawn from {len(annotations)} seeds (cells: {causes}). Bring more seeds that share "
            "knowledge points, or lower sampling.path_length or sampling.seeds_per_path in parameters_sampling.yml."
        )
    return (
        TableParts(
            len(drawing.paths),
            PathTable(drawing.paths, cells, kp_vertices["kp"], annotations, index, drawing.correction_walks).part,
        ),
        _shortfall_table(drawing, cells, corrections),
        _visit_table(drawing, kp_vertices),
        {
            "draws_thrown_away": drawing.n_redrawn,
            "seed_use_gini": gini(drawing.seed_uses[drawing.seed_uses > 0]),
            "seed_use_max": int(drawing.seed_uses.max(initial=0)),
            "seeds_used": int((drawing.seed_uses > 0).sum()),
            "seeds": len(annotations),
        },
    )


def measure_sampling(
    paths: ShardedTable,
    quotas: pd.DataFrame,
    quota_shortfalls: pd.DataFrame,
    kp_visits: pd.DataFrame,
    drawing_figures: dict[str, Any],
    annotations: pd.DataFrame,
    parameters: SamplingParameters,
) -> tuple[dict[str, Any], pd.DataFrame]:
    """Statistics of the paths, and the coverage curve."""
    drawn = summarise_paths(paths, parameters.path_length[1])
    visits = kp_visits["visits"].to_numpy(np.int64)
    reachable, supported = (kp_visits[name].to_numpy(bool) for name in ("reachable", "supported"))
    popularity = kp_visits["popularity"].to_numpy(np.int64)
    target = kp_visits["target_share"].to_numpy(np.float64)
    statistics: dict[str, Any] = {
        "paths": drawn.n_paths,
        "paths_missing": (int(quotas["quota"].sum()) if len(quotas) else parameters.n_paths) - drawn.n_paths,
        "cells": len(quotas),
        "cells_short": len(quota_shortfalls),
        "path_length_mean": float((drawn.vertices != NO_VERTEX).sum() / max(drawn.n_paths, 1)),
        "seeds_per_path_mean": drawn.n_seeds / max(drawn.n_paths, 1),
        "knowledge_points_reachable": int(reachable.sum()),
        "knowledge_points_supported": int(supported.sum()),
        "coverage": coverage_fraction(visits, reachable),
        "coverage_of_supported": coverage_fraction(visits, supported),
        "coverage_of_all": coverage_fraction(visits, np.ones(len(visits), bool)),
        "visits_gini": gini(visits[reachable]),
        "visits_popularity_rank_correlation": rank_correlation(visits[reachable], popularity[reachable]),
        "distance_to_target_share": total_variation(_by_place(visits), _by_place(target)),
        **drawing_figures,
        **_distances(drawn, quotas, quota_shortfalls),
        "association_density": drawn.density_sum / drawn.n_paths if drawn.n_paths else float("nan"),
        "association_density_random": _random_density(paths, annotations, parameters.random_seed),
    }
    n_reachable = max(1, int(reachable.sum()))
    statistics["paths_to_95_coverage"] = paths_to_coverage(drawn.vertices, n_reachable, 0.95)
    return json_ready(statistics), coverage_curve(drawn.vertices, n_reachable, _CURVE_POINTS)


def _check_same_annotations(
    kp_vertices: pd.DataFrame, kp_disciplines: pd.DataFrame, kp_seed_index: pd.DataFrame, annotations: pd.DataFrame
) -> None:
    """The index names seeds by their row: it must be that of these annotations, and so must their labels.

    Raises:
        UserError: If the annotations were written anew after the graph was built.
    """
    points = pa.array(annotations["knowledge_points"], pa.list_(pa.string()))
    vertices = pc.index_in(pc.list_flatten(points), value_set=pa.array(kp_vertices["kp"], pa.string()))
    known = vertices.is_valid().to_numpy(zero_copy_only=False)
    seeds = pc.list_parent_indices(points).to_numpy()[known]
    n_seeds = max(len(annotations), 1)
    held = np.unique(vertices.drop_null().to_numpy().astype(np.int64) * n_seeds + seeds)
    of_graph = kp_seed_index["kp_id"].to_numpy(np.int64) * n_seeds + kp_seed_index["seed_number"].to_numpy(np.int64)
    if not np.array_equal(held, np.sort(of_graph)) or not _has_labels_of(
        kp_vertices, kp_disciplines, held, annotations
    ):
        raise UserError(
            "The knowledge graph was built from other annotations than the ones there now. "
            "Run `kedro run --pipelines graph` again."
        )


def _has_labels_of(
    kp_vertices: pd.DataFrame, kp_disciplines: pd.DataFrame, held: npt.NDArray[np.int64], annotations: pd.DataFrame
) -> bool:
    """Whether disciplines and levels of the graph are those of the annotations.

    Args:
        kp_vertices: With `mean_difficulty`.
        kp_disciplines: Seeds by vertex and discipline.
        held: vertex · number of seeds + seed, of each seed and vertex it holds.
        annotations: Labels of the seeds.
    """
    vertices, seeds = np.divmod(held, max(len(annotations), 1))
    codes, names = pd.factorize(annotations["discipline"])
    counts = pd.Series(vertices * max(len(names), 1) + codes[seeds]).value_counts()
    of_graph = kp_disciplines["kp_id"].to_numpy(np.int64) * max(len(names), 1) + pd.Index(names).get_indexer(
        pd.Index(kp_disciplines["discipline"])
    )
    expected = pd.Series(kp_disciplines["n_seeds"].to_numpy(np.int64), index=of_graph)
    levels = annotations["difficulty"].to_numpy(np.float64)[seeds]
    sums = np.bincount(vertices, weights=levels, minlength=len(kp_vertices))
    means = sums / np.maximum(np.bincount(vertices, minlength=len(kp_vertices)), 1)
    return bool(
        counts.sort_index().equals(expected.sort_index().astype(counts.dtype))
        and np.allclose(means, kp_vertices["mean_difficulty"].to_numpy(np.float64))
    )


def _target_shares(targets: Targets, disciplines: list[str]) -> dict[tuple[str | None, int | None], float]:
    """Wanted share of every cell; without a target for disciplines or levels its place is None; empty without both."""
    if targets.joint is not None:
        return {
            (discipline, level): share
            for discipline, row in sorted(targets.joint.items())
            for level, share in sorted(row.items())
        }
    if targets.disciplines is None and targets.difficulty is None:
        return {}
    by_discipline = _marginal(targets.disciplines, disciplines)
    by_level = _marginal(targets.difficulty, DIFFICULTY_LEVELS)
    return {(d, level): share * part for d, share in by_discipline.items() for level, part in by_level.items()}


def _corrections(
    plan: pd.DataFrame, n_rounds: int, cells: Sequence[tuple[str | None, int | None]]
) -> dict[tuple[str | None, int | None], list[int]]:
    """Paths that each round of steering adds to each cell."""
    found = {cell: [0] * n_rounds for cell in cells}
    rows = [row for row in rows_of(plan) if row["steering_round"] <= n_rounds]
    known = {row["steering_round"] for row in rows}
    strangers = [row for row in rows if (row["discipline"], row["difficulty"]) not in found]
    if known != set(range(1, n_rounds + 1)) or strangers:
        raise UserError(
            f"steering.round is {n_rounds}, and the steering plan there now was made for "
            + (f"{len(known)} rounds" if not strangers else "other targets")
            + ". Run `kedro steer`, which plans each round, or leave steering.round at 0."
        )
    for row in rows:
        found[(row["discipline"], row["difficulty"])][row["steering_round"] - 1] += row["paths"]
    return found


def _marginal(
    target: Mapping[Label, float] | Literal["uniform"] | None, labels: Sequence[Label]
) -> dict[Label | None, float]:
    if target is None:
        return {None: 1.0}
    if target == "uniform":
        return dict.fromkeys(labels, 1 / len(labels))
    return dict(sorted(target.items()))


def _discipline_shares(kp_disciplines: pd.DataFrame, n_vertices: int) -> dict[str, npt.NDArray[np.float64]]:
    shares = {}
    for discipline, part in kp_disciplines.groupby("discipline"):
        shares[str(discipline)] = np.zeros(n_vertices)
        shares[str(discipline)][part["kp_id"].to_numpy(np.int64)] = part["share"].to_numpy(np.float64)
    return shares


def _walk_settings(parameters: SamplingParameters) -> WalkSettings:
    return WalkSettings(
        min_length=parameters.path_length[0],
        max_length=parameters.path_length[1],
        alpha=parameters.popularity_exponent,
        beta=parameters.correction_exponent,
        gamma=parameters.association_exponent,
        rho=parameters.cross_discipline_rate,
        smoothing_fraction=parameters.smoothing_fraction,
        round_growth=parameters.round_growth,
        max_attempts=parameters.max_attempts,
        max_failed_walks=parameters.max_failed_walks,
        min_seeds=parameters.seeds_per_path[0],
        max_seeds=parameters.seeds_per_path[1],
        max_seed_uses=parameters.max_paths_per_seed,
        redistribute=parameters.redistribute,
        random_seed=parameters.random_seed,
    )


def _shortfall_table(
    drawing: Drawing, cells: list[CellQuota], corrections: list[npt.NDArray[np.int64]]
) -> pd.DataFrame:
    drawn = np.bincount(drawing.paths.cells, minlength=len(cells)).tolist()
    shortfalls = []
    for place, cell in enumerate(cells):
        quota = cell.quota + sum(int(extra[place]) for extra in corrections)
        missing = quota - drawn[place]
        if missing > 0:
            shortfalls.append(
                {
                    "discipline": cell.discipline,
                    "difficulty": cell.level,
                    "quota": quota,
                    "drawn": drawn[place],
                    "missing": missing,
                    "moved": drawing.moved.get(place, 0),
                    "cause": drawing.causes[place],
                }
            )
    return QUOTA_SHORTFALLS.frame(shortfalls)


def _visit_table(drawing: Drawing, kp_vertices: pd.DataFrame) -> pd.DataFrame:
    return kp_vertices[["kp_id", "kp", "popularity"]].assign(
        target_share=drawing.target,
        visits=drawing.visits,
        reachable=drawing.reachable,
        supported=drawing.supported,
    )[KP_VISITS.column_names]


def _distances(drawn: PathSummary, quotas: pd.DataFrame, shortfalls: pd.DataFrame) -> dict[str, float]:
    """Distance of the realised labels to the integer quotas, over the cells that the seeds support."""
    unsupported = {
        (row["discipline"], row["difficulty"]) for row in rows_of(shortfalls) if row["drawn"] == 0 and row["quota"]
    }
    wanted = [
        row for row in rows_of(quotas) if row["quota"] and (row["discipline"], row["difficulty"]) not in unsupported
    ]
    if not wanted or not drawn.n_paths:
        return {}
    axes = [name for name in ("discipline", "difficulty") if wanted[0][name] is not None]
    figures = {}
    for names in (axes,) if len(axes) == 1 else ([axes[0]], [axes[1]], axes):
        asked: Counter[str] = Counter()
        for row in wanted:
            asked[cell_label([row[name] for name in names])] += row["quota"]
        found = drawn.mix_by(names)
        label = "_and_".join(names)
        figures[f"{label}_total_variation"] = total_variation(asked, found)
        figures[f"{label}_jensen_shannon"] = jensen_shannon_distance(asked, found)
    return figures


def _by_place(values: npt.NDArray[Any]) -> dict[str, float]:
    return {str(place): float(value) for place, value in enumerate(values)}


def _random_density(paths: ShardedTable, annotations: pd.DataFrame, random_seed: int) -> float:
    """Association density of as many random seeds of the same disciplines, over the first paths."""
    sampled = [list(row) for row in paths.head(_DENSITY_PATHS)["seed_ids"]]
    points = dict(zip(annotations["seed_id"], annotations["knowledge_points"].map(frozenset), strict=True))
    disciplines = dict(zip(annotations["seed_id"], annotations["discipline"], strict=True))
    return random_association_density(sampled, points, disciplines, random_seed)
