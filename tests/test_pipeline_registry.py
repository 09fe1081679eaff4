"""The six stages, and how they are wired to the catalog."""

from pathlib import Path

import pytest
import yaml
from kedro.pipeline import Pipeline

from linkqa_kedro.pipeline_registry import register_pipelines

PROJECT = Path(__file__).parents[1]
STAGES = ["extraction", "graph", "sampling", "synthesis", "enhancement", "evaluation"]
PIPELINES = register_pipelines()


@pytest.fixture(scope="module")
def catalog() -> dict[str, str]:
    """Every catalog entry and the file it stands in."""
    return {
        name: file.stem
        for file in sorted((PROJECT / "conf" / "base").glob("catalog*.yml"))
        for name in yaml.safe_load(file.read_text(encoding="utf-8"))
        if not name.startswith("_")
    }


def test_the_stages_are_registered_in_order() -> None:
    assert [name for name in PIPELINES if name != "__default__"] == STAGES
    assert len(PIPELINES["__default__"].nodes) == sum(len(PIPELINES[name].nodes) for name in STAGES)


def test_every_node_carries_the_name_of_its_function() -> None:
    for node in PIPELINES["__default__"].nodes:
        assert node.name == node.func.__name__


def test_every_dataset_is_in_the_catalog_and_every_entry_is_used(catalog: dict[str, str]) -> None:
    used = {name for name in PIPELINES["__default__"].datasets() if not name.startswith("params:")}
    assert used == set(catalog)


def test_every_stage_writes_what_its_own_catalog_file_lists(catalog: dict[str, str]) -> None:
    for stage in STAGES:
        inputs = {"seed_lines", "alias_edits", "benchmark_lines", "steering_plan"}
        listed = {name for name, file in catalog.items() if file == f"catalog_{stage}"} - inputs
        assert PIPELINES[stage].all_outputs() == listed


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_reads_only_what_stages_above_it_wrote(stage: str) -> None:
    above = sum((PIPELINES[name] for name in STAGES[: STAGES.index(stage)]), start=Pipeline([]))
    later = PIPELINES["__default__"].all_outputs() - above.all_outputs() - PIPELINES[stage].all_outputs()
    assert not PIPELINES[stage].inputs() & later


def test_parameters_are_read_by_the_stage_they_are_named_after() -> None:
    for stage in STAGES:
        read = {name for name in PIPELINES[stage].inputs() if name.startswith("params:")}
        shared = {"params:steering"} if stage in ("sampling", "evaluation") else set()
        if stage in ("synthesis", "enhancement"):
            shared = {"params:answer_checking"}
        assert read == {f"params:{stage}"} | shared


def test_other_environments_change_globals_alone() -> None:
    assert [path.name for path in (PROJECT / "conf" / "api").iterdir()] == ["globals.yml"]
