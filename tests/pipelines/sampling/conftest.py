"""Annotations small enough to see through, and sampling as the pipeline runs it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from fakes.annotations import Labels, annotations_of
from linkqa_kedro.pipelines.graph.nodes import build_graph
from linkqa_kedro.pipelines.sampling.nodes import draw_paths, measure_sampling, set_quotas
from linkqa_kedro.records import PATHS, STEERING_PLAN
from linkqa_kedro.shards import write_parts


@dataclass(frozen=True)
class Sampled:
    """What sampling wrote."""

    quotas: pd.DataFrame
    paths: pd.DataFrame
    shortfalls: pd.DataFrame
    visits: pd.DataFrame
    statistics: dict[str, Any]
    curve: pd.DataFrame


Cell = tuple[str | None, int | None]


def steering_plan(rounds: Sequence[Mapping[Cell, int]]) -> pd.DataFrame:
    """Paths that each round adds to each cell."""
    return STEERING_PLAN.frame(
        {"steering_round": number, "discipline": discipline, "difficulty": level, "paths": paths}
        for number, cells in enumerate(rounds, start=1)
        for (discipline, level), paths in cells.items()
    )


@pytest.fixture
def sample(parameters: dict, tmp_path: Path) -> Callable[..., Sampled]:
    """Runs graph and sampling; `changes` are parameters of sampling."""

    def run(seeds: list[Labels], plan: Sequence[Mapping[Cell, int]] = (), **changes: Any) -> Sampled:
        annotations = annotations_of(seeds)
        sampling = type(parameters["sampling"]).model_validate(parameters["sampling"].model_dump() | changes)
        vertices, disciplines, _, index, _, csr = build_graph(annotations, parameters["graph"])[:6]
        steering = parameters["steering"].model_copy(update={"round": len(plan)})
        quotas = set_quotas(annotations, steering_plan(plan), sampling, steering)
        parts, shortfalls, visits, figures = draw_paths(
            csr, vertices, disciplines, index, annotations, quotas, sampling
        )
        paths = write_parts(parts, PATHS, tmp_path / "paths", rows_per_shard=7)
        statistics, curve = measure_sampling(paths, quotas, shortfalls, visits, figures, annotations, sampling)
        return Sampled(quotas, paths.frame(), shortfalls, visits, statistics, curve)

    return run
