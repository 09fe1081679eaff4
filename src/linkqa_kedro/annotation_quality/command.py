"""Opens the project, measures, prints, and writes the figures where they are wanted."""

import json
from pathlib import Path
from typing import Any

from kedro.framework.session import KedroSession

from linkqa_kedro.annotation_quality.measuring import AnnotationQuality, measure
from linkqa_kedro.annotation_quality.tables import quality_tables
from linkqa_kedro.errors import UserError
from linkqa_kedro.pipelines.extraction.nodes import read_seeds
from linkqa_kedro.records import rows_of

_PIPE_WIDTH = 160  # in a pipe nothing is folded, so that a line can be searched for


def print_annotation_quality(
    project_path: Path, env: str | None, parameters: dict[str, Any], n_sample: int | None, json_path: Path | None
) -> None:
    """Print how well the project's teacher finds the labels of its seeds.

    Args:
        project_path: The Kedro project.
        env: Kedro environment; None for the default.
        parameters: Parameters as of a run, nested; `seeds.path` names the seeds.
        n_sample: Seeds to ask about at most; None for the whole hidden half.
        json_path: File that gets all figures; None for none.

    Raises:
        UserError: Where extraction would stop, where nothing can be measured, or where the file cannot be written.
    """
    from rich.console import Console

    if json_path is not None and not json_path.absolute().parent.is_dir():
        raise UserError(f"--json {json_path}: there is no folder {json_path.parent}. Make it, or name another file.")
    with KedroSession.create(project_path=project_path, env=env, runtime_params=parameters) as session:
        assert isinstance(session, KedroSession)
        quality = _measured(session.load_context(), n_sample)
    if json_path is not None:
        _write(quality, json_path)
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = max(console.width, _PIPE_WIDTH)
    console.print(quality_tables(quality))


def _measured(context: Any, n_sample: int | None) -> AnnotationQuality:
    catalog = context.catalog
    parameters = context.params["extraction"]
    seeds, rejected = read_seeds(catalog.load("seed_lines"), parameters)
    quality = measure(
        rows_of(seeds),
        catalog.load("teacher"),
        catalog.load("annotate_prompt"),
        parameters,
        catalog.load("alias_edits"),
        n_sample,
    )
    quality.split["n_rejected_lines"] = len(rejected)
    return quality


def _write(quality: AnnotationQuality, path: Path) -> None:
    try:
        path.write_text(json.dumps(quality.as_json(), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    except OSError as error:
        raise UserError(f"--json {path} cannot be written: {error.strerror or error}.") from error
