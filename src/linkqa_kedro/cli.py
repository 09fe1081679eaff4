"""What a person asks of the project at the command line."""

import copy
import functools
import sys
from collections.abc import Callable, Iterator
from typing import Any

import click
from kedro.framework.cli.project import run as kedro_run

from linkqa_kedro.errors import UserError

_UNKNOWN_PIPELINE = "Failed to find the pipeline named"


@click.group(name="linkqa_kedro")
def cli() -> None:
    """LinkSyn: controlled, diverse question-answer data from linked seeds."""


def causes_of(error: BaseException) -> Iterator[BaseException]:
    """The error, and what led to it, outermost first."""
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        yield current
        current = current.__cause__ or current.__context__


def message_for_the_user(error: BaseException) -> str | None:
    """What to print alone, without a traceback; None where the error is a defect of ours."""
    for cause in causes_of(error):
        if isinstance(cause, UserError):
            return str(cause)
        if isinstance(cause, ValueError) and str(cause).startswith(_UNKNOWN_PIPELINE):
            return str(cause)
    return None


def _mistakes_print_alone(command: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(command)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        try:
            return command(*args, **kwargs)
        except Exception as error:
            message = message_for_the_user(error)
            if message is None:
                raise
            click.secho(f"Error: {message}", fg="red", err=True)
            sys.exit(1)

    return guarded


def _run_command() -> click.Command:
    """Kedro's own `run`, with all its options; only errors read differently."""
    command = copy.copy(kedro_run)
    assert command.callback is not None
    command.callback = _mistakes_print_alone(command.callback)
    return command


run = _run_command()
cli.add_command(run)
