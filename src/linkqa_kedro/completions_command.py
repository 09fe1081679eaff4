"""`kedro completions`: what the teacher's store holds and has cost, a copy of it, a check of it, deletions from it."""

import functools
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import click
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from linkqa_kedro.errors import UserError
from linkqa_kedro.teacher.completion_store import CompletionStore
from linkqa_kedro.teacher.requests import Stage
from linkqa_kedro.teacher.store_maintenance import (
    Selection,
    StoreGroup,
    disk_bytes,
    export,
    prune,
    selected,
    summary,
    verify,
)

_PIPE_WIDTH = 160  # in a pipe nothing is folded, so that a line can be searched for
_ENV = "linkqa_kedro.completions.env"
_env_option = click.option("--env", "-e", help="Kedro configuration environment, as in kedro run.")


@click.group(name="completions", invoke_without_command=True)
@_env_option
@click.pass_context
def completions(context: click.Context, env: str | None) -> None:
    """Show, copy, check or prune the completions that were bought."""
    context.meta[_ENV] = env
    if context.invoked_subcommand is None:
        context.invoke(show)


def _with_store(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the option --env, and as its first argument the store that this means."""

    @functools.wraps(command)
    def with_store(env: str | None = None, **options: Any) -> None:
        with store_of_project(_project_path(), env or click.get_current_context().meta.get(_ENV)) as store:
            command(store, **options)

    return _env_option(with_store)


@completions.command(name="list")
@_with_store
def show(store: CompletionStore) -> None:
    """Show what is stored, by stage, role, model and prompt version, and what it cost."""
    groups = sorted(summary(store), key=lambda group: _STAGES.index(group.stage) if group.stage in _STAGES else -1)
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = max(console.width, _PIPE_WIDTH)
    if groups:
        console.print(_table(groups))
        console.print()
    cost = _cost(sum(group.known_cost_usd for group in groups), sum(group.n_unpriced for group in groups))
    n_completions = sum(group.n_completions for group in groups)
    console.print(Text(f"{_count(n_completions)}, {_size(disk_bytes(store))} on disk, {cost}"))
    console.print(Text(str(store.folder)), soft_wrap=True)


@completions.command(name="export")
@click.argument("path", type=click.Path(dir_okay=False, path_type=Path))
@_with_store
def export_command(store: CompletionStore, path: Path) -> None:
    """Write every completion, with what was asked, to the Parquet file PATH."""
    n_rows = export(store, path)
    click.echo(f"{_count(n_rows)} written to {path} ({_size(path.stat().st_size)}).")


@completions.command(name="verify")
@_with_store
def verify_command(store: CompletionStore) -> None:
    """Check every file and every row; exits with 1 where something is wrong."""
    found = verify(store)
    for finding in found.findings:
        click.echo(f"{finding.file}: {finding.what}")
    n_files = f"{store.n_partitions} files" if store.n_partitions > 1 else "1 file"
    wrong = f"{len(found.findings):,} wrong" if found.findings else "nothing wrong"
    click.echo(f"{_count(found.n_completions)} and {found.n_purchases:,} purchases in {n_files}: {wrong}.")
    if found.findings:
        raise click.exceptions.Exit(1)


@completions.command(name="prune")
@click.option("--stage", type=click.Choice(get_args(Stage)), help="Those that this stage asked for.")
@click.option("--prompt-version", help="Those of this prompt version.")
@click.option("--model", help="Those of this model, as asked for.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@_with_store
def prune_command(
    store: CompletionStore, stage: str | None, prompt_version: str | None, model: str | None, yes: bool
) -> None:
    """Delete completions that agree with all that is named; what they cost stays in the ledger."""
    selection = Selection(stage, prompt_version, model)
    named = ", ".join(f"{column.replace('_', ' ')} {value}" for column, value in selection.conditions.items())
    found = selected(store, selection)
    if not found.n_completions:
        click.echo(f"Nothing to delete: the store holds no completion of {named}.")
        return
    click.echo(
        f"{_count(found.n_completions)} of {named}, {_size(found.n_bytes)}, "
        f"cost {_cost(found.known_cost_usd, found.n_unpriced)}. "
        "A run that needs them again buys them again; what was paid stays in the ledger."
    )
    if not yes:
        click.confirm("Delete them?", abort=True)
    pruned = prune(store, selection)
    click.echo(f"{_count(pruned.n_completions)} deleted, {_size(max(pruned.n_bytes_freed, 0))} freed.")
    for path, reason in pruned.not_shrunk:
        click.echo(f"{path} keeps its size for now ({reason}); the next completions fill the room in it.")


def store_of_project(project_path: Path, env: str | None) -> CompletionStore:
    """The completion store that the catalog entry `teacher` names; not opened, and not made.

    Only configuration is read: no key, no address of a model, and no parameter is needed.

    Args:
        project_path: Folder of the Kedro project.
        env: Configuration environment; None for KEDRO_ENV or the default one.

    Raises:
        UserError: If there is no project, no such environment, or the entry lacks a folder or a number of partitions.
    """
    from kedro.config import MissingConfigException
    from kedro.framework.project import settings
    from kedro.framework.startup import bootstrap_project

    try:
        bootstrap_project(project_path)
    except RuntimeError as error:
        raise UserError(
            f"{project_path} is no Kedro project: {error} Run the command in the project's folder."
        ) from error
    # The loader as a session makes it, without a session's hooks: they check parameters that play no part here.
    loader = settings.CONFIG_LOADER_CLASS(
        conf_source=str(project_path / settings.CONF_SOURCE),
        env=env or os.environ.get("KEDRO_ENV"),
        **settings.CONFIG_LOADER_ARGS,
    )
    try:
        entry = loader["catalog"].get("teacher") or {}
    except MissingConfigException as error:
        raise UserError(str(error)) from error
    folder, n_partitions = entry.get("filepath"), entry.get("n_partitions")
    if not isinstance(folder, str) or not isinstance(n_partitions, int):
        raise UserError(
            "The catalog has no completion store. Set filepath and n_partitions of the teacher in catalog_teacher.yml."
        )
    return CompletionStore(project_path / folder, n_partitions)


def _project_path() -> Path:
    from kedro.utils import find_kedro_project

    return find_kedro_project(Path.cwd()) or Path.cwd()


_STAGES = get_args(Stage)


def _table(groups: list[StoreGroup]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold", show_edge=False)
    for name in ("stage", "role", "model", "prompt version"):
        table.add_column(name, overflow="fold")
    for name in ("completions", "bought", "tokens in", "tokens out", "cost"):
        table.add_column(name, justify="right", overflow="fold")
    for group in groups:
        table.add_row(
            # Text, not markup: a model's name may hold square brackets.
            *(Text(part) for part in (group.stage, group.role, group.model, group.prompt_version)),
            f"{group.n_completions:,}",
            f"{group.n_purchases:,}",
            _tokens(group.input_tokens),
            _tokens(group.output_tokens),
            _cost(group.known_cost_usd, group.n_unpriced),
        )
    return table


def _tokens(n_tokens: int | None) -> str:
    return "–" if n_tokens is None else f"{n_tokens:,}"


def _cost(known_cost_usd: float, n_unpriced: int) -> str:
    if not n_unpriced:
        return f"{known_cost_usd:,.2f} USD"
    return f"{known_cost_usd:,.2f} USD and more" if known_cost_usd else "price not known"


def _count(n_completions: int) -> str:
    return f"{n_completions:,} completion{'' if n_completions == 1 else 's'}"


def _size(n_bytes: int) -> str:
    return f"{n_bytes / 1e6:,.1f} MB" if n_bytes >= 100_000 else f"{n_bytes / 1e3:,.1f} kB"
