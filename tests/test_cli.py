"""Mistakes of a person print alone; defects keep their traceback."""

from itertools import pairwise

import click
import pytest
from kedro.io.core import DatasetError
from omegaconf import OmegaConf
from omegaconf.errors import ConfigTypeError

from linkqa_kedro.cli import cli, message_for_the_user, split_parameters
from linkqa_kedro.errors import UserError


def chained(*errors: Exception) -> Exception:
    for outer, inner in pairwise(errors):
        outer.__cause__ = inner
    return errors[0]


def test_a_user_error_anywhere_in_the_chain_is_what_is_printed() -> None:
    assert message_for_the_user(chained(DatasetError("x"), RuntimeError("y"), UserError("Mend z."))) == "Mend z."


def test_a_defect_has_no_message_for_the_user() -> None:
    assert message_for_the_user(chained(DatasetError("x"), RuntimeError("y"))) is None


def test_an_unknown_pipeline_is_a_mistake_of_a_person() -> None:
    error = ValueError("Failed to find the pipeline named 'grpah'. Did you mean ...")
    assert message_for_the_user(error) == str(error)


def test_errors_that_lead_to_each_other_end() -> None:
    first, second = RuntimeError("a"), RuntimeError("b")
    first.__cause__, second.__cause__ = second, first
    assert message_for_the_user(first) is None


def test_run_keeps_the_options_of_kedro() -> None:
    names = {parameter.name for parameter in cli.commands["run"].params}
    assert {"env", "pipeline", "pipelines", "params", "node_names"} <= names


def parameters_of(text: str) -> dict:
    option = next(option for option in cli.commands["run"].params if option.name == "params")
    return split_parameters(click.Context(cli.commands["run"]), option, text)


def test_parameters_nest_and_may_be_lists() -> None:
    assert parameters_of("sampling.path_length=[2,3], sampling.n_paths=5") == {
        "sampling": {"path_length": [2, 3], "n_paths": 5}
    }
    assert parameters_of("enhancement.disciplines=[law,art],a.b={x: 1, y: 2}") == {
        "enhancement": {"disciplines": ["law", "art"]},
        "a": {"b": {"x": 1, "y": 2}},
    }


@pytest.mark.parametrize(
    "place", ["*.jsonl", "my seeds, all.csv", "C:\\seeds.csv", "s3://bucket/a,b/*.jsonl", "https://host/x?a=1&b={2}"]
)
def test_a_path_or_an_address_is_taken_as_it_stands(place: str) -> None:
    assert parameters_of(f"seeds.path={place},sampling.n_paths=5") == {
        "seeds": {"path": place},
        "sampling": {"n_paths": 5},
    }


def test_a_file_of_parameters_is_taken_as_it_is() -> None:
    option = next(option for option in cli.commands["run"].params if option.name == "params")
    assert split_parameters(click.Context(cli.commands["run"]), option, {"a": 1}) == {"a": 1}


@pytest.mark.parametrize("text", ["n_paths", "=5", "a=[1,2"])
def test_parameters_that_cannot_be_read_are_refused(text: str) -> None:
    with pytest.raises(click.UsageError):
        parameters_of(text)


def test_a_list_where_names_with_values_stand_is_a_mistake_and_no_defect() -> None:
    weights = OmegaConf.create({"question_types": {"matching": 1}})
    with pytest.raises(ConfigTypeError) as raised:
        OmegaConf.merge(weights, {"question_types": ["matching"]})
    assert "Give it as it stands there" in str(message_for_the_user(raised.value))
