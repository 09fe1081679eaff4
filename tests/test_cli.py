"""Mistakes of a person print alone; defects keep their traceback."""

from itertools import pairwise

from kedro.io.core import DatasetError

from linkqa_kedro.cli import cli, message_for_the_user
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
