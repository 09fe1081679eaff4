"""Nodes of sampling."""

import hashlib
from collections import Counter
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from linkqa_kedro.errors import UserError
from linkqa_kedro.figures.association_density import association_density, random_association_density
from linkqa_kedro.figures.coverage import coverage_curve, coverage_fraction, paths_to_coverage
from linkqa_kedro.figures.gini import gini
from linkqa_kedro.figures.jensen_shannon import jensen_shannon_distance
from linkqa_kedro.figures.rank_correlation import rank_correlation
from linkqa_kedro.figures.total_variation import total_variation
from linkqa_kedro.pipelines.sampling.parameters import SamplingParameters, Targets
from linkqa_kedro.pipelines.statistics import json_ready
from linkqa_kedro.progress import Meter
from linkqa_kedro.records import (
    DIFFICULTY_LEVELS,
    KP_VISITS,
    PATHS,
    QUOTA_SHORTFALLS,
    QUOTAS,
    rows_of,
)
from linkqa_kedro.shards import ShardedTable
from linkqa_kedro.teacher.requests import canonical_json
from linkqa_kedro.walks.csr import CsrGraph, SeedIndex, seed_index
from linkqa_kedro.walks.drawing import CellQuota, Drawing, DrawnPath, LabelledSeeds, PathDrawing, WalkSettings
from linkqa_kedro.walks.quotas import largest_remainder

_CURVE_POINTS = 100
_DENSITY_PATHS = 2000  # the random baseline is an average: more paths do not move it


def set_quotas(annotations: pd.DataFrame, parameters: SamplingParameters) -> pd.DataFrame:
    """Paths asked of every (discipline, difficulty) cell; no rows without targets."""
    shares = _target_shares(parameters.targets, sorted(annotations["discipline"].unique()))
    quotas = largest_remainder(parameters.n_paths if shares else 0, list(shares.values()))
    n_seeds = Counter(zip(annotations["discipline"], annotations["difficulty"].astype(int), strict=True))
    return QUOTAS.frame(
        {
            "discipline": discipline,
            "difficulty": level,
            "target_share": share,
            "quota": int(quota),
            "n_seeds": n_seeds[(discipline, level)],
        }
        for ((discipline, level), share), quota in zip(shares.items(), quotas, strict=True)
    )


def draw_paths(
    kp_csr: CsrGraph,
    kp_vertices: pd.DataFrame,
    kp_disciplines: pd.DataFrame,
    kp_seed_index: pd.DataFrame,
    annotations: pd.DataFrame,
    quotas: pd.DataFrame,
    parameters: SamplingParameters,
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, dict[str, Any]]:
    """Paths with their seeds, shortfalls by cell, visits of every knowledge point, and figures of the drawing."""
    _check_same_annotations(kp_vertices, kp_seed_index, annotations)
    index = seed_index(
        kp_seed_index["kp_id"].to_numpy(np.int64),
        kp_seed_index["seed_number"].to_numpy(np.int64),
        len(kp_vertices),
        len(annotations),
    )
    cells = [CellQuota(row["discipline"], row["difficulty"], row["quota"]) for row in rows_of(quotas)]
    cells = cells or [CellQuota(None, None, parameters.n_paths)]
    path_drawing = PathDrawing(
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
    with Meter("draw_paths", sum(cell.quota for cell in cells), "paths") as meter:
        drawing = path_drawing.run(meter.advance)
    if not drawing.paths:
        causes = ", ".join(f"{n} {cause}" for cause, n in Counter(drawing.causes.values()).most_common())
        raise UserError(
            f"Not one path could be drawn from {len(annotations)} seeds (cells: {causes}). Bring more seeds that share "
            "knowledge points, or lower sampling.path_length in parameters_sampling.yml."
        )
    return (
        _path_table(drawing, cells, kp_vertices, annotations, index),
        _shortfall_table(drawing, cells),
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
    frame = paths.frame()
    visits = kp_visits["visits"].to_numpy(np.int64)
    reachable = kp_visits["reachable"].to_numpy(bool)
    popularity = kp_visits["popularity"].to_numpy(np.int64)
    target = kp_visits["target_share"].to_numpy(np.float64)
    statistics: dict[str, Any] = {
        "paths": len(frame),
        "paths_missing": parameters.n_paths - len(frame),
        "cells": len(quotas),
        "cells_short": len(quota_shortfalls),
        "path_length_mean": float(frame["kp_ids"].map(len).mean()) if len(frame) else 0.0,
        "seeds_per_path_mean": float(frame["seed_ids"].map(len).mean()) if len(frame) else 0.0,
        "knowledge_points_reachable": int(reachable.sum()),
        "coverage": coverage_fraction(visits, reachable),
        "coverage_of_all": coverage_fraction(visits, np.ones(len(visits), bool)),
        "visits_gini": gini(visits[reachable]),
        "visits_popularity_rank_correlation": rank_correlation(visits[reachable], popularity[reachable]),
        "distance_to_target_share": total_variation(_by_place(visits), _by_place(target)),
        **drawing_figures,
        **_distances(frame, quotas, quota_shortfalls),
        **_densities(frame, annotations, parameters.random_seed),
    }
    drawn = [np.asarray(row, np.int64) for row in frame["kp_ids"]]
    n_reachable = max(1, int(reachable.sum()))
    statistics["paths_to_95_coverage"] = paths_to_coverage(drawn, n_reachable, 0.95)
    return json_ready(statistics), coverage_curve(drawn, n_reachable, _CURVE_POINTS)


def _check_same_annotations(kp_vertices: pd.DataFrame, kp_seed_index: pd.DataFrame, annotations: pd.DataFrame) -> None:
    """The index names seeds by their row: it must be that of these annotations.

    Raises:
        UserError: If the annotations were written anew after the graph was built.
    """
    number = dict(zip(kp_vertices["kp"], kp_vertices["kp_id"], strict=True))
    held = {
        (number[point], row)
        for row, points in enumerate(annotations["knowledge_points"])
        for point in points
        if point in number
    }
    if held != set(zip(kp_seed_index["kp_id"], kp_seed_index["seed_number"], strict=True)):
        raise UserError(
            "The knowledge graph was built from other annotations than the ones there now. "
            "Run `kedro run --pipelines graph` again."
        )


def _target_shares(targets: Targets, disciplines: list[str]) -> dict[tuple[str, int], float]:
    """Wanted share of every cell; empty without targets."""
    if targets.joint is not None:
        return {
            (discipline, level): share
            for discipline, row in sorted(targets.joint.items())
            for level, share in sorted(row.items())
        }
    if targets.disciplines is None or targets.difficulty is None:
        return {}
    by_discipline = (
        dict.fromkeys(disciplines, 1 / len(disciplines))
        if targets.disciplines == "uniform"
        else dict(sorted(targets.disciplines.items()))
    )
    by_level = (
        dict.fromkeys(DIFFICULTY_LEVELS, 1 / len(DIFFICULTY_LEVELS))
        if targets.difficulty == "uniform"
        else dict(sorted(targets.difficulty.items()))
    )
    return {(d, level): share * part for d, share in by_discipline.items() for level, part in by_level.items()}


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


def _path_table(
    drawing: Drawing,
    cells: list[CellQuota],
    kp_vertices: pd.DataFrame,
    annotations: pd.DataFrame,
    index: SeedIndex,
) -> pd.DataFrame:
    names = kp_vertices["kp"].tolist()
    labels = rows_of(annotations[["seed_id", "discipline", "difficulty"]])
    points_of = [frozenset(vertices.tolist()) for vertices in index.seed_vertices]

    def row(path: DrawnPath) -> dict[str, Any]:
        cell = cells[path.cell]
        points = [names[vertex] for vertex in path.vertices]
        seeds = [labels[seed] for seed in path.seeds]
        levels = [seed["difficulty"] for seed in seeds]
        return {
            "path_id": _path_id(path.walk, [*points, *(seed["seed_id"] for seed in seeds)]),
            "walk": path.walk,
            "round": path.round_number,
            "attempt": path.attempt,
            "cell_discipline": cell.discipline,
            "cell_difficulty": cell.level,
            "knowledge_points": points,
            "kp_ids": list(path.vertices),
            "seed_ids": [seed["seed_id"] for seed in seeds],
            "seed_disciplines": [seed["discipline"] for seed in seeds],
            "seed_difficulties": levels,
            "realised_difficulty": int(sum(levels) / len(levels) + 0.5),
            "association_density": association_density([points_of[seed] for seed in path.seeds]),
        }

    return PATHS.frame(row(path) for path in drawing.paths)


def _path_id(walk: int, content: list[str]) -> str:
    """Walk number and a digest of points and seeds: a row made from another sampling must not seem to be from this."""
    return f"path-{walk:07d}-{hashlib.sha256(canonical_json(content).encode()).hexdigest()[:8]}"


def _shortfall_table(drawing: Drawing, cells: list[CellQuota]) -> pd.DataFrame:
    drawn = Counter(path.cell for path in drawing.paths)
    shortfalls = []
    for place, cell in enumerate(cells):
        missing = cell.quota - drawn[place]
        if missing > 0:
            shortfalls.append(
                {
                    "discipline": cell.discipline,
                    "difficulty": cell.level,
                    "quota": cell.quota,
                    "drawn": drawn[place],
                    "missing": missing,
                    "moved": drawing.moved.get(place, 0),
                    "cause": drawing.causes[place],
                }
            )
    return QUOTA_SHORTFALLS.frame(shortfalls)


def _visit_table(drawing: Drawing, kp_vertices: pd.DataFrame) -> pd.DataFrame:
    return kp_vertices[["kp_id", "kp", "popularity"]].assign(
        target_share=drawing.target, visits=drawing.visits, reachable=drawing.reachable
    )[KP_VISITS.column_names]


def _distances(paths: pd.DataFrame, quotas: pd.DataFrame, shortfalls: pd.DataFrame) -> dict[str, float]:
    """Distance of the realised labels to the integer quotas, over the cells that the seeds support."""
    unsupported = shortfalls.loc[shortfalls["drawn"] == 0, ["discipline", "difficulty"]]
    empty = set(unsupported.itertuples(index=False, name=None))
    supported = [row for row in rows_of(quotas) if (row["discipline"], row["difficulty"]) not in empty]
    wanted = [row for row in supported if row["quota"]]
    if not wanted or not len(paths):
        return {}
    asked_disciplines: Counter[str] = Counter()
    asked_levels: Counter[int] = Counter()
    for row in wanted:
        asked_disciplines[row["discipline"]] += row["quota"]
        asked_levels[row["difficulty"]] += row["quota"]
    shares = paths["seed_disciplines"].explode()
    weight = 1 / paths["seed_disciplines"].map(len)
    realised_disciplines = weight.reindex(shares.index).groupby(shares).sum().to_dict()
    realised_levels = paths["realised_difficulty"].value_counts().to_dict()
    figures = {}
    for name, asked, realised in (
        ("discipline", asked_disciplines, realised_disciplines),
        ("difficulty", asked_levels, realised_levels),
    ):
        left = {str(key): float(count) for key, count in asked.items()}
        right = {str(key): float(count) for key, count in realised.items()}
        figures[f"{name}_total_variation"] = total_variation(left, right)
        figures[f"{name}_jensen_shannon"] = jensen_shannon_distance(left, right)
    return figures


def _by_place(values: npt.NDArray[Any]) -> dict[str, float]:
    return {str(place): float(value) for place, value in enumerate(values)}


def _densities(paths: pd.DataFrame, annotations: pd.DataFrame, random_seed: int) -> dict[str, float]:
    """Association density of the paths, beside as many random seeds of the same disciplines."""
    if not len(paths):
        return {}
    points = dict(zip(annotations["seed_id"], annotations["knowledge_points"].map(frozenset), strict=True))
    disciplines = dict(zip(annotations["seed_id"], annotations["discipline"], strict=True))
    sampled = [list(row) for row in paths["seed_ids"].head(_DENSITY_PATHS)]
    return {
        "association_density": float(paths["association_density"].mean()),
        "association_density_random": random_association_density(sampled, points, disciplines, random_seed),
    }
