"""Wrong parameters and missing inputs are one clear message before the first node."""

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml
from kedro.io import DataCatalog, MemoryDataset
from kedro.pipeline import Node, Pipeline

from linkqa_kedro.checks import MODELS, check_inputs, check_parameters
from linkqa_kedro.errors import UserError

CONF = Path(__file__).parents[1] / "conf" / "base"


@pytest.fixture
def raw() -> dict[str, Any]:
    """The parameters as the project ships them."""
    merged: dict[str, Any] = {}
    for file in sorted(CONF.glob("parameters_*.yml")):
        merged |= yaml.safe_load(file.read_text(encoding="utf-8"))
    return merged


def refused(raw: dict[str, Any]) -> str:
    with pytest.raises(UserError) as error:
        check_parameters(raw)
    return str(error.value)


def changed(raw: dict[str, Any], key: str, value: Any) -> dict[str, Any]:
    result = deepcopy(raw)
    *parents, last = key.split(".")
    place = result
    for parent in parents:
        place = place[parent]
    place[last] = value
    return result


def test_the_shipped_parameters_are_right(raw: dict[str, Any]) -> None:
    assert check_parameters(raw).keys() == MODELS.keys()


# One value out of range for every knob of every stage.
@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("extraction.columns.question", 5),
        ("extraction.disciplines", {}),
        ("extraction.difficulty_scales", {"x": {"easiest": 1, "hardest": 1}}),
        ("extraction.max_question_characters", 0),
        ("extraction.candidates.per_seed", 0),
        ("extraction.candidates.min_seeds", 0),
        ("extraction.candidates.max_seed_share", 1.5),
        ("extraction.candidates.neighbours", 0),
        ("extraction.max_knowledge_points", 9),
        ("extraction.teacher.temperature", -1),
        ("extraction.teacher.top_p", 0),
        ("extraction.teacher.max_output_tokens", 0),
        ("graph.association", "cosinus"),
        ("graph.min_popularity", 0),
        ("graph.min_cooccurrence", 0),
        ("graph.strongest_neighbours", -1),
        ("graph.networkx_max_edges", 0),
        ("sampling.n_paths", 0),
        ("sampling.path_length", [1, 5]),
        ("sampling.path_length", [5, 3]),
        ("sampling.path_length", [3, 65]),
        ("sampling.targets.disciplines", {"physics": 0.5}),
        ("sampling.targets.disciplines", {"physics": 0.0}),
        ("sampling.targets.disciplines", "natural"),
        ("sampling.targets.difficulty", {6: 1.0}),
        ("sampling.targets.difficulty", {1: 0.5, 2: 0.6}),
        ("sampling.targets.difficulty", {1: 2.0, 2: -1.0}),
        ("sampling.targets.joint", {"physics": {1: 0.9}}),
        ("sampling.redistribute", "somewhere"),
        ("sampling.popularity_exponent", 1.1),
        ("sampling.correction_exponent", -1),
        ("sampling.correction_exponent", 17),
        ("sampling.association_exponent", -1),
        ("sampling.cross_discipline_rate", 2),
        ("sampling.smoothing_fraction", 1e-7),
        ("sampling.smoothing_fraction", float("inf")),
        ("sampling.round_growth", 0.9),
        ("sampling.round_growth", float("nan")),
        ("sampling.seeds_per_path", [1, 4]),
        ("sampling.max_paths_per_seed", 0),
        ("sampling.max_attempts", 0),
        ("sampling.max_failed_walks", 0),
        ("sampling.random_seed", -1),
        ("synthesis.fan_out", 0),
        ("synthesis.question_types", []),
        ("synthesis.language", "fr"),
        ("synthesis.teacher.max_output_tokens", "many"),
        ("enhancement.difficulty", {1: 0.5}),
        ("enhancement.max_rounds", -1),
        ("enhancement.max_attempts_per_qa", 0),
        ("enhancement.strategies", ["harder"]),
        ("enhancement.neighbour_seeds", -1),
        ("enhancement.rater.temperature", 3),
        ("evaluation.min_question_characters", 0),
        ("evaluation.max_question_characters", 0),
        ("evaluation.contamination_ngram", 3),
        ("evaluation.reported_ngram", 3),
        ("evaluation.seed_copy_jaccard", 0),
        ("evaluation.near_duplicate_jaccard", 1.2),
        ("evaluation.ngram", 0),
        ("evaluation.n_permutations", 8),
        ("evaluation.diversity_sample", 0),
        ("evaluation.random_seed", 2**32),
    ],
)
def test_a_knob_out_of_range_names_key_and_file(raw: dict[str, Any], key: str, value: Any) -> None:
    message = refused(changed(raw, key, value))
    stage, name = key.split(".")[:2]
    assert f"{stage}.{name}" in message or (stage in message and name in message)
    assert f"parameters_{stage}.yml" in message
    assert "validation error" not in message


def test_a_missing_key_says_where_to_add_it(raw: dict[str, Any]) -> None:
    del raw["sampling"]["n_paths"]
    assert refused(raw) == "sampling.n_paths is missing. Add it to parameters_sampling.yml."


def test_a_misspelt_key_is_refused(raw: dict[str, Any]) -> None:
    raw["sampling"]["n_path"] = 5
    assert "sampling.n_path is no parameter (value 5)" in refused(raw)


def test_a_misspelt_stage_gets_a_suggestion(raw: dict[str, Any]) -> None:
    raw["samplign"] = {"n_paths": 5}
    assert "Unknown parameter samplign. Did you mean sampling?" in refused(raw)


def test_only_the_path_of_seeds_is_set_at_run_time(raw: dict[str, Any]) -> None:
    check_parameters({**raw, "seeds": {"path": "x.jsonl"}})
    assert "Unknown parameter seeds.file. Known: seeds.path." in refused({**raw, "seeds": {"file": "x.jsonl"}})


@pytest.mark.parametrize(
    ("key", "value", "file"),
    [
        ("sampling.targets.disciplines", {"phisics": 1.0}, "parameters_sampling.yml"),
        ("sampling.targets.joint", {"phisics": {3: 1.0}}, "parameters_sampling.yml"),
        ("enhancement.disciplines", ["phisics"], "parameters_enhancement.yml"),
    ],
)
def test_an_unknown_discipline_lists_the_known_ones(raw: dict[str, Any], key: str, value: Any, file: str) -> None:
    message = refused(changed(raw, key, value))
    assert "Unknown discipline 'phisics'" in message
    assert file in message
    assert "physics" in message


def test_several_mistakes_are_told_together(raw: dict[str, Any]) -> None:
    message = refused(changed(changed(raw, "sampling.n_paths", 0), "synthesis.fan_out", 0))
    assert "sampling.n_paths" in message
    assert "synthesis.fan_out" in message


PIPELINE = Pipeline([Node(func=lambda x: x, inputs="edges", outputs="paths", name="walk")])


def test_a_missing_input_names_the_stage_that_writes_it(tmp_path: Path) -> None:
    catalog = DataCatalog.from_config({"edges": {"type": "text.TextDataset", "filepath": str(tmp_path / "x")}})
    with pytest.raises(UserError, match=r"needs edges.*`kedro run --pipelines graph` first"):
        check_inputs(PIPELINE, catalog, {"edges": "graph", "paths": "sampling"})


def test_an_input_that_is_there_is_fine() -> None:
    check_inputs(PIPELINE, DataCatalog({"edges": MemoryDataset(1)}), {"edges": "graph"})
