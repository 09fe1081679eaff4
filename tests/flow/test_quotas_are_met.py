"""Quotas are met on the labels of the seeds, recounted here from the tables, not from what sampling says of itself."""

import shutil
from collections import Counter
from collections.abc import Callable
from itertools import combinations, pairwise
from math import ceil
from typing import Any

import pandas as pd
import pytest

from linkqa_kedro.figures.total_variation import total_variation
from linkqa_kedro.records import rows_of
from linkqa_kedro.shards import open_table

from .conftest import Project

pytestmark = pytest.mark.flow

HUNDRED_A_CELL = "sampling.n_paths=6000,sampling.targets.difficulty=uniform"


@pytest.fixture(scope="module")
def sampled(finished: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = Project(shutil.copytree(finished.folder, tmp_path_factory.mktemp("sampled") / "project"))
    result = project.kedro("run", "--pipelines", "sampling", "--params", HUNDRED_A_CELL)
    assert result.returncode == 0, result.stderr[-2000:]
    return project


@pytest.fixture(scope="module")
def paths(sampled: Project) -> list[dict[str, Any]]:
    return list(open_table(sampled.path("04_sampling/paths")).rows())


@pytest.fixture(scope="module")
def seeds(sampled: Project) -> dict[str, dict[str, Any]]:
    return {row["seed_id"]: row for row in rows_of(pd.read_parquet(sampled.path("02_extraction/annotations.parquet")))}


def test_realised_labels_follow_the_quotas(sampled: Project, paths: list, seeds: dict) -> None:
    quotas = rows_of(pd.read_parquet(sampled.path("04_sampling/quotas.parquet")))
    shortfalls = rows_of(pd.read_parquet(sampled.path("04_sampling/quota_shortfalls.parquet")))
    unsupported = {(row["discipline"], row["difficulty"]) for row in shortfalls if row["drawn"] == 0}
    wanted: dict[str, Counter] = {"discipline": Counter(), "difficulty": Counter(), "both": Counter()}
    for row in quotas:
        assert row["quota"] == 100
        if (row["discipline"], row["difficulty"]) not in unsupported:
            wanted["discipline"][row["discipline"]] += row["quota"]
            wanted["difficulty"][str(row["difficulty"])] += row["quota"]
            wanted["both"][f"{row['discipline']} {row['difficulty']}"] += row["quota"]
    realised: dict[str, Counter] = {"discipline": Counter(), "difficulty": Counter(), "both": Counter()}
    for path in paths:
        attached = [seeds[seed_id] for seed_id in path["seed_ids"]]
        level = int(sum(seed["difficulty"] for seed in attached) / len(attached) + 0.5)
        realised["difficulty"][str(level)] += 1
        for seed in attached:
            realised["discipline"][seed["discipline"]] += 1 / len(attached)
            realised["both"][f"{seed['discipline']} {level}"] += 1 / len(attached)
    assert all(total_variation(wanted[labels], realised[labels]) <= 0.01 for labels in wanted)
    assert len(paths) + sum(row["missing"] for row in shortfalls) == sum(row["quota"] for row in quotas)


def test_paths_are_self_avoiding_walks_over_edges_of_their_cell(paths: list, seeds: dict) -> None:
    cells: dict[tuple, set] = {}
    for seed in seeds.values():
        pairs = cells.setdefault((seed["discipline"], seed["difficulty"]), set())
        pairs |= {frozenset(pair) for pair in combinations(seed["knowledge_points"], 2)}
    for path in paths:
        points = path["knowledge_points"]
        assert 3 <= len(points) <= 5
        assert len(set(points)) == len(points)
        held = cells[(path["cell_discipline"], path["cell_difficulty"])]
        assert all(frozenset(step) in held for step in pairwise(points))


def test_path_seeds_cover_their_path_hang_together_and_fit_the_level(paths: list, seeds: dict) -> None:
    for path in paths:
        attached = [seeds[seed_id] for seed_id in path["seed_ids"]]
        points, level = path["knowledge_points"], path["cell_difficulty"]
        levels = [seed["difficulty"] for seed in attached]
        assert len(set(path["seed_ids"])) == len(attached) >= max(2, ceil(len(points) / 2))
        assert set(points) <= {point for seed in attached for point in seed["knowledge_points"]}
        assert is_one_group(points, [set(seed["knowledge_points"]) for seed in attached])
        assert 2 * levels.count(level) >= len(levels)
        assert all(abs(found - level) <= 1 for found in levels)
        assert abs(sum(levels) / len(levels) - level) < 0.5


def is_one_group(points: list[str], held: list[set[str]]) -> bool:
    """Whether links join all seeds: a common point of the path, or the two ends of one of its edges."""

    def linked(one: set[str], other: set[str]) -> bool:
        common = any(point in one and point in other for point in points)
        return common or any((a in one and b in other) or (b in one and a in other) for a, b in pairwise(points))

    reached, left = [held[0]], held[1:]
    while True:
        near = [seed for seed in left if any(linked(seed, other) for other in reached)]
        if not near:
            return not left
        reached += near
        left = [seed for seed in left if seed not in near]


def test_a_cell_without_seeds_is_a_shortfall_with_its_cause(copy_of_finished: Callable[[], Project]) -> None:
    project = copy_of_finished()
    targets = "sampling.n_paths=200,sampling.targets.disciplines.physics=0.5,sampling.targets.disciplines.art=0.5"
    parameters = project.folder / "conf" / "base" / "parameters_sampling.yml"
    text = parameters.read_text(encoding="utf-8").replace("disciplines: uniform", "disciplines: {}")
    parameters.write_text(text, encoding="utf-8")
    assert project.kedro("run", "--pipelines", "sampling", "--params", targets).returncode == 0
    shortfalls = rows_of(pd.read_parquet(project.path("04_sampling/quota_shortfalls.parquet")))
    assert {(row["discipline"], row["cause"]) for row in shortfalls} == {("art", "no seeds")}
    assert sum(row["missing"] for row in shortfalls) == 100


def test_without_targets_missing_paths_are_a_shortfall_too(copy_of_finished: Callable[[], Project]) -> None:
    project = copy_of_finished()
    parameters = "sampling.targets.disciplines=null,sampling.targets.difficulty=null,sampling.max_paths_per_seed=1"
    assert project.kedro("run", "--pipelines", "sampling", "--params", parameters).returncode == 0
    (shortfall,) = rows_of(pd.read_parquet(project.path("04_sampling/quota_shortfalls.parquet")))
    n_paths = open_table(project.path("04_sampling/paths")).n_rows
    assert (shortfall["discipline"], shortfall["quota"], shortfall["drawn"]) == (None, 600, n_paths)
    assert shortfall["cause"] == "seeds used up"
