"""Names, tags and leading figures that make runs comparable at first sight."""

import json
import re
import zlib
from base64 import b64decode
from typing import Any

import pytest

from linkqa_kedro.comparison import (
    COLUMNS,
    LEADING_FIGURES,
    PICTURES,
    asked_tags,
    flatten,
    knobs_of,
    metrics_of,
    run_name,
    saved_view,
)

PARAMETERS: dict[str, Any] = {
    "sampling": {
        "n_paths": 600,
        "popularity_exponent": 0.5,
        "targets": {"disciplines": "uniform", "difficulty": {1: 0.5, 2: 0.5}, "joint": None},
    },
    "extraction": {"disciplines": {"law": ["法学"], "art": []}, "max_knowledge_points": 6},
}


def test_nested_values_get_dotted_keys() -> None:
    assert dict(flatten({"a": {"b": [1, 2], "c": {}}, "d": None})) == {"a.b": [1, 2], "a.c": {}, "d": None}


def test_leading_figures_stand_before_the_figures_of_the_stages() -> None:
    metrics = metrics_of(
        {
            "sampling": {"coverage": 0.123456, "paths": 600, "visits_popularity_rank_correlation": None},
            "evaluation": {"rows": 3, "diversity": {"self_bleu": 0.5}, "flag": True, "name": "x"},
        }
    )
    assert metrics == {
        "coverage": 0.1235,
        "paths": 600.0,
        "rows": 3.0,
        "self_bleu": 0.5,
        "stage/sampling/coverage": 0.123456,
        "stage/sampling/paths": 600.0,
        "stage/evaluation/rows": 3.0,
        "stage/evaluation/diversity.self_bleu": 0.5,
    }
    assert all(name < "stage/" for name in LEADING_FIGURES)


def test_breakdowns_by_names_of_the_data_are_no_metrics() -> None:
    figures = {"by_discipline": {"law": 3}, "largest_hubs": {"contract": 9}, "rejected_by_reason": {"copy": 1}}
    assert metrics_of({"evaluation": figures}) == {}


def test_tables_of_names_are_one_knob_each_and_places_are_none() -> None:
    knobs = knobs_of({**PARAMETERS, "seeds": {"path": "https://user:password@host/seeds.jsonl"}})
    assert knobs["extraction.disciplines"] == "law, art"
    assert knobs["extraction.max_knowledge_points"] == 6
    assert knobs["sampling.targets.difficulty.1"] == 0.5
    assert not any("password" in str(value) for value in knobs.values())


@pytest.mark.parametrize(
    ("asked", "stages", "environment", "seeds", "name"),
    [
        ({}, [], "base", "data/01_seeds/bundled_seeds.jsonl", "600 paths · bundled_seeds"),
        ({"sampling": {"popularity_exponent": 0.0}}, [], "base", "my.csv", "popularity_exponent=0.0 · my"),
        (
            {"sampling": {"path_length": [2, 3]}, "seeds": {"path": "x"}},
            ["graph"],
            "api",
            "",
            "path_length=2–3 · graph · api",
        ),
        ({}, [], "base", "s3://bucket/folder/seeds.jsonl", "600 paths · seeds"),
        ({}, [], "base", "my_folder/", "600 paths · my_folder"),
    ],
)
def test_a_run_is_named_by_what_was_asked(
    asked: dict[str, Any], stages: list[str], environment: str, seeds: str, name: str
) -> None:
    assert run_name(seeds, asked, stages, environment, n_paths=600) == name


def test_tags_say_the_targets_and_what_was_changed() -> None:
    asked = {"sampling": {"n_paths": 5}, "seeds": {"path": "https://user:password@host/x"}}
    assert asked_tags(PARAMETERS, asked) == {
        "asked.paths": "600",
        "asked.popularity_exponent": "0.5",
        "asked.changed": "sampling.n_paths=5",
        "asked.disciplines": "uniform",
        "asked.difficulty": "1:0.5 2:0.5",
    }
    joint = {"sampling": {**PARAMETERS["sampling"], "targets": {"joint": {"law": {1: 1.0}}}}}
    tags = asked_tags(joint, {})
    assert (tags["asked.joint"], tags["asked.changed"]) == ("law:1:1.0", "nothing")
    assert "asked.disciplines" not in tags


def test_the_saved_view_fits_into_a_tag_and_shows_the_leading_figures() -> None:
    tags = saved_view(now_milliseconds=7)
    view = json.loads(tags["mlflow.sharedViewState.linkqa"])
    assert (view["name"], view["createdAt"], view["updatedAt"]) == ("Leading figures", 7, 7)
    assert len(tags["mlflow.sharedViewState.linkqa"]) < 5000
    state = json.loads(zlib.decompress(b64decode(view["state"].removeprefix("deflate;"))))
    assert state["selectedColumns"][: len(COLUMNS)] == [f"metrics.`{name}`" for name in COLUMNS]
    assert {chart["metricSectionId"] for chart in state["compareRunCharts"]} == {"Leading figures", "Pictures"}
    assert set(COLUMNS) <= set(LEADING_FIGURES)


def test_the_names_of_pictures_are_names_that_mlflow_takes() -> None:
    assert all(re.fullmatch(r"[\w\-. /]+", name) for name in PICTURES.values())
