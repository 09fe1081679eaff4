"""Opens the project, finds the row, prints its explanation, and writes the page where one is wanted."""

import os
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

from kedro.framework.session import KedroSession
from rich.console import Console
from rich.table import Table
from rich.text import Text

from linkqa_kedro.errors import UserError
from linkqa_kedro.explaining.building import explain
from linkqa_kedro.explaining.evidence import gather
from linkqa_kedro.explaining.explanation import Explanation
from linkqa_kedro.explaining.page import explanation_page
from linkqa_kedro.explaining.run_tables import NOTHING_YET, RunTables
from linkqa_kedro.explaining.terminal import explanation_text

_LISTED_FOR_A_REASON = 2


def print_explanation(
    project_path: Path,
    record_id: str | None,
    env: str | None,
    parameters: Mapping[str, Any],
    html_path: Path | None = None,
    is_full: bool = False,
    is_replayed: bool = True,
) -> None:
    """Print where a row or a path comes from and what became of it; nothing is asked, and nothing else written.

    Args:
        project_path: The Kedro project.
        record_id: A qa_id or path_id, or the unambiguous beginning of one; None lists some.
        env: Kedro environment; None for the default.
        parameters: Parameters of the run, nested.
        html_path: File that gets the explanation as a page; None for none.
        is_full: Whether prompts are printed to their end.
        is_replayed: Whether to draw again for the probabilities of the walk.

    Raises:
        UserError: If nothing ran yet, nothing or several things have that identifier, or the page cannot be written.
    """
    if html_path is not None:
        check_page_path(html_path)
    console = Console(highlight=False)
    with KedroSession.create(project_path=project_path, env=env, runtime_params=dict(parameters)) as session:
        assert isinstance(session, KedroSession)
        context: Any = session.load_context()
        tables = RunTables(context.catalog)
        if record_id is None:
            console.print(_some(tables))
            return
        found = tables.find(record_id)
        explanation = explain(gather(context.catalog, tables, found, context.params, is_replayed))
    console.print(explanation_text(explanation, is_full))
    if html_path is not None:
        write_page(explanation, html_path)
        console.print(Text(f"\nThe same as a page: {html_path}"), soft_wrap=True)


def check_page_path(path: Path) -> None:
    """Whether a page can be put there, before anything is worked out.

    Raises:
        UserError: If the path is a folder, or in none, or a device.
    """
    if path.is_dir():
        raise UserError(f"--html {path} is a folder. Name a file in it, such as {path / 'explanation.html'}.")
    if path.exists() and not path.is_file():
        raise UserError(f"--html {path} is no file that can be replaced. Name another one.")
    if not path.absolute().parent.is_dir():
        raise UserError(f"--html {path}: there is no folder {path.parent}. Make it, or name another file.")


def write_page(explanation: Explanation, path: Path) -> None:
    """Write the page by a temporary file and a rename, so that it is whole or not there.

    Raises:
        UserError: If it cannot be written.
    """
    path = path.resolve()  # what a link leads to is replaced, and not the link
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        # A model's answer may hold half a surrogate pair, which no UTF-8 text can.
        temporary.write_text(explanation_page(explanation), encoding="utf-8", errors="replace")
        temporary.replace(path)
    except OSError as error:
        raise UserError(
            f"{path} cannot be written: {error.strerror or error}. Free space, mend the permissions, or name another "
            "file."
        ) from error
    finally:
        temporary.unlink(missing_ok=True)


def _some(tables: RunTables) -> Table:
    """A few identifiers of each fate, to begin with."""
    listed = [(qa_id, "in the dataset") for qa_id in tables.values("dataset", "qa_id", _LISTED_FOR_A_REASON)]
    unsure = {qa_id for name in ("unconfirmed_qa", "unconfirmed_changes") for qa_id in tables.values(name, "qa_id")}
    listed += _by_reason(tables, "rejected_qa", "dropped by evaluation", unsure)
    listed += _by_reason(tables, "unconfirmed_qa", "its answer was not confirmed")
    listed += _by_reason(tables, "unconfirmed_changes", "the answer of a change was not confirmed")
    listed += _by_reason(tables, "rejected_enhancement", "enhancement")
    listed += [(path_id, "a path") for path_id in tables.values("paths", "path_id", _LISTED_FOR_A_REASON)]
    if not listed:
        raise UserError(NOTHING_YET)
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    table.add_row(Text("Name a row or a path", style="bold"), Text("kedro explain ID, or the beginning of one"))
    for record_id, what in listed:
        table.add_row(Text(record_id), Text(what))
    return table


def _by_reason(
    tables: RunTables, table: str, what: str, told_elsewhere: Collection[str] = ()
) -> Iterable[tuple[str, str]]:
    ids, reasons = tables.values(table, "qa_id"), tables.values(table, "reason")
    shown: dict[str, list[str]] = {}
    for qa_id, reason in zip(ids, reasons, strict=True):
        known = shown.setdefault(reason, [])
        if len(known) < _LISTED_FOR_A_REASON and qa_id not in told_elsewhere:
            known.append(qa_id)
    return [(qa_id, f"{what}: {reason}") for reason, known in sorted(shown.items()) for qa_id in known]
