"""What a person asks of the project at the command line."""

import copy
import functools
import json
import re
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from kedro.config import MissingConfigException
from kedro.framework.cli.project import run as kedro_run
from omegaconf import OmegaConf
from omegaconf.errors import ConfigTypeError, OmegaConfBaseException
from yaml import YAMLError

from linkqa_kedro.completions_command import completions
from linkqa_kedro.errors import UserError, causes_of
from linkqa_kedro.teacher.interrupts import end_the_process

_MISTAKES_KEDRO_NAMES = (
    (ValueError, "Failed to find the pipeline named"),
    (ValueError, "Pipeline does not contain nodes named"),
    (MissingConfigException, "Given configuration path either does not exist"),
)
"""Errors of Kedro that are a person's mistake at the command line, and how they begin."""

_OTHER_SHAPE = (
    "--params gives a list where conf/ has names with values, or the other way round. Give it as it stands there, e.g. "
    "--params 'synthesis.question_types={matching: 1, ordering: 0}', or change it in its parameters_….yml."
)

# A comma parts two items only where a key follows it: addresses and file names may hold one.
_COMMA_BEFORE_A_KEY = re.compile(r",(?=\s*(?:[\w.]*=|$))(?![^\[]*\])(?![^{]*\})")
_PLACES = ("seeds.path", "benchmarks.path")


@click.group(name="linkqa_kedro")
def cli() -> None:
    """LinkSyn: controlled, diverse question-answer data from linked seeds."""


def message_for_the_user(error: BaseException) -> str | None:
    """What to print alone, without a traceback; None where the error is a defect of ours."""
    for cause in causes_of(error):
        if isinstance(cause, UserError):
            return str(cause)
        if isinstance(cause, ConfigTypeError) and str(cause).startswith("Cannot merge"):
            return _OTHER_SHAPE
        if any(isinstance(cause, kind) and str(cause).startswith(start) for kind, start in _MISTAKES_KEDRO_NAMES):
            return str(cause)
    return None


def _mistakes_print_alone(command: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(command)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        signal.signal(signal.SIGTERM, end_the_process)
        try:
            return command(*args, **kwargs)
        except Exception as error:  # a UserError may stand anywhere in the chain of causes; the rest goes on
            message = message_for_the_user(error)
            if message is None:
                raise
            click.secho(f"Error: {message}", fg="red", err=True)
            sys.exit(1)

    return guarded


def _guarded(group: click.Group) -> click.Group:
    """The group, in which every command prints a mistake alone."""
    guarded = copy.copy(group)
    guarded.commands = {name: copy.copy(command) for name, command in group.commands.items()}
    for command in (guarded, *guarded.commands.values()):
        assert command.callback is not None
        command.callback = _mistakes_print_alone(command.callback)
    return guarded


def split_parameters(context: click.Context, option: click.Parameter, value: Any) -> dict[str, Any]:
    """The value of `--params` as nested parameters: `a.b=1,c=[2,3]`.

    Kedro's own way splits at every comma, so that no list could be given.
    """
    if isinstance(value, dict):  # from a file given with --config
        return value
    items = [item.strip() for item in _COMMA_BEFORE_A_KEY.split(value) if item.strip()]
    for item in items:
        if not re.match(r"[^=\s]+=", item):
            context.fail(f"--params {item}: an item must be a key and a value joined by =, e.g. sampling.n_paths=100")
    try:
        parameters = OmegaConf.to_container(OmegaConf.from_dotlist([_quoted(item) for item in items]))
    except (OmegaConfBaseException, YAMLError) as error:
        context.fail(f"{option.name}: {str(error).splitlines()[0]}")
    assert isinstance(parameters, dict)
    return {str(key): part for key, part in parameters.items()}


def _quoted(item: str) -> str:
    """The item; a path or address is text as it stands, whatever its * or : would mean in YAML."""
    key, _, value = item.partition("=")
    return f"{key}={json.dumps(value, ensure_ascii=False)}" if key in _PLACES and value else item


def _run_command() -> click.Command:
    """Kedro's own `run`, with all its options; errors read differently, and `--params` takes lists."""
    command = copy.copy(kedro_run)
    assert command.callback is not None
    command.callback = _mistakes_print_alone(command.callback)
    command.params = [copy.copy(option) for option in command.params]
    for option in command.params:
        if option.name == "params":
            option.callback = split_parameters
    return command


@cli.command()
@click.option("--port", default=5000, show_default=True, help="Port of the page, on this machine only.")
@click.option("--open/--no-open", "open_browser", default=True, help="Whether to open it in the browser.")
@_mistakes_print_alone
def compare(port: int, open_browser: bool) -> None:
    """Show the tracked runs side by side, with MLflow."""
    from kedro.utils import find_kedro_project

    from linkqa_kedro.runs_page import show_runs

    show_runs(find_kedro_project(Path.cwd()) or Path.cwd(), port, open_browser)


@cli.command()
@click.option("--env", "-e", help="Kedro configuration environment, as in kedro run.")
@click.option(
    "--pipelines", "-p", "stages", default="", help="Stages to price, joined by commas; all where none is named."
)
@click.option("--params", "parameters", default="", callback=split_parameters, help="Parameters, as in kedro run.")
@click.option(
    "--pilot",
    "n_pilot",
    type=click.IntRange(0),
    default=0,
    help="Completions to buy for each role, to price from; they are stored, and the run uses them.",
)
@_mistakes_print_alone
def price(env: str | None, stages: str, parameters: dict[str, Any], n_pilot: int) -> None:
    """Say what a run will cost, before its first call."""
    from kedro.utils import find_kedro_project

    from linkqa_kedro.price.dry_run import print_price

    named = [stage.strip() for stage in stages.split(",") if stage.strip()]
    print_price(find_kedro_project(Path.cwd()) or Path.cwd(), env, named, parameters, n_pilot)


@cli.command()
@click.option("--rounds", "n_rounds", type=click.IntRange(1), default=3, show_default=True, help="Rounds at most.")
@click.option("--env", "-e", help="Kedro configuration environment, as in kedro run.")
@click.option("--params", "parameters", default="", callback=split_parameters, help="Parameters, as in kedro run.")
@_mistakes_print_alone
def steer(n_rounds: int, env: str | None, parameters: dict[str, Any]) -> None:
    """Run all stages, then add paths round by round until the dataset has the mix that was asked for."""
    from kedro.utils import find_kedro_project

    from linkqa_kedro.steering_command import print_steering

    print_steering(find_kedro_project(Path.cwd()) or Path.cwd(), env, parameters, n_rounds)


@cli.command()
@click.argument("record_id", metavar="[QA_ID]", required=False)
@click.option("--env", "-e", help="Kedro configuration environment, as in kedro run.")
@click.option("--params", "parameters", default="", callback=split_parameters, help="Parameters of that run.")
@click.option("--html", "html_path", type=click.Path(path_type=Path), help="File for the explanation as a page.")
@click.option("--full", "is_full", is_flag=True, help="Print prompts to their end.")
@click.option(
    "--replay/--no-replay",
    "is_replayed",
    default=True,
    help="Whether to draw the paths before it again, for the probabilities of its walk.",
)
@_mistakes_print_alone
def explain(
    record_id: str | None,
    env: str | None,
    parameters: dict[str, Any],
    html_path: Path | None,
    is_full: bool,
    is_replayed: bool,
) -> None:
    """Explain a row of the last run: its path, seeds, requests, answers, checks and cost.

    QA_ID is a qa_id, of a row in the dataset or of one set aside, or a path_id; its beginning will do. Without one,
    some are listed.
    """
    from kedro.utils import find_kedro_project

    from linkqa_kedro.explaining.command import print_explanation

    project_path = find_kedro_project(Path.cwd()) or Path.cwd()
    print_explanation(project_path, record_id, env, parameters, html_path, is_full, is_replayed)


@cli.command(name="annotation-quality")
@click.option("--env", "-e", help="Kedro configuration environment, as in kedro run.")
@click.option("--seeds", "seeds_path", help="Labelled seeds: file, pattern, folder or address; as seeds.path.")
@click.option(
    "--sample",
    "n_sample",
    type=click.IntRange(1),
    help="Seeds to ask about at most; half of the labelled ones if left out.",
)
@click.option("--params", "parameters", default="", callback=split_parameters, help="Parameters, as in kedro run.")
@click.option("--json", "json_path", type=click.Path(dir_okay=False, path_type=Path), help="File for all figures.")
@_mistakes_print_alone
def annotation_quality(
    env: str | None, seeds_path: str | None, n_sample: int | None, parameters: dict[str, Any], json_path: Path | None
) -> None:
    """Measure the teacher's annotations by labels that seeds carry."""
    from kedro.utils import find_kedro_project

    from linkqa_kedro.annotation_quality.command import print_annotation_quality

    if seeds_path is not None:
        parameters = {**parameters, "seeds": {"path": seeds_path}}
    print_annotation_quality(find_kedro_project(Path.cwd()) or Path.cwd(), env, parameters, n_sample, json_path)


run = _run_command()
cli.add_command(run)
cli.add_command(_guarded(completions))
