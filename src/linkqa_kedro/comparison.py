"""What makes runs comparable at first sight: their names, what was asked of them, and the figures that matter first."""

import json
import zlib
from base64 import b64encode
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit

LEADING_FIGURES = {
    "association_density": ("sampling", "association_density"),
    "coverage": ("sampling", "coverage"),
    "coverage_gini": ("sampling", "visits_gini"),
    "difficulty_distance": ("evaluation", "difficulty_total_variation"),
    "discipline_distance": ("evaluation", "discipline_total_variation"),
    "cost_usd": ("evaluation", "cost_usd"),
    "novelty": ("evaluation", "novelty_mean"),
    "paths": ("sampling", "paths"),
    "popularity_correlation": ("sampling", "visits_popularity_rank_correlation"),
    "rejected": ("evaluation", "rejected"),
    "rows": ("evaluation", "rows"),
    "self_bleu": ("evaluation", "diversity.self_bleu"),
}
"""Name of a metric at the top level, and the stage and figure that it repeats.

MLflow sorts metrics by name: these come before all others, whose names begin with `stage/`.
"""

COLUMNS = ("rows", "coverage", "coverage_gini", "discipline_distance", "difficulty_distance", "novelty", "cost_usd")
"""Leading figures shown in the list of runs, in this order."""

CHARTS = (*COLUMNS[:-1], "popularity_correlation", "association_density")
"""Leading figures that are charts where runs are compared as charts."""

PICTURES = {
    "coverage_plot": "coverage against paths drawn",
    "visits_plot": "visits against popularity",
    "discipline_plot": "disciplines - target and realised",
    "difficulty_plot": "difficulty - target and realised",
}
"""Pictures that are shown side by side, and what they are called there (MLflow takes no commas)."""

VIEW = "linkqa"
"""Key of the saved view, as its address names it."""

_BREAKDOWNS = ("by_", "largest_hubs", "largest_bridges", "rejected_by_")
_PLACES = ("seeds", "benchmarks")  # told by tags of their own, without passwords
_NAME_TABLES = ("extraction.disciplines", "extraction.columns")
_RUN_NAME_PIXELS = 290
_DATE_PIXELS = 160
_FIGURE_PIXELS = 145


def metrics_of(statistics: Mapping[str, Mapping[str, Any]]) -> dict[str, float]:
    """Metrics of a run, by name.

    Breakdowns (rows by discipline, hubs by name …) are left to the statistics files: as metrics, each of their keys
    would be a row of every comparison.

    Args:
        statistics: Figures by stage, nested.
    """
    flat = {stage: dict(flatten(without_breakdowns(figures))) for stage, figures in statistics.items()}
    metrics = {
        name: flat[stage][figure] for name, (stage, figure) in LEADING_FIGURES.items() if figure in flat.get(stage, {})
    }
    for stage, figures in flat.items():
        metrics.update({f"stage/{stage}/{name}": value for name, value in figures.items()})
    return {
        # Long fractions would be cut off in the list of runs; the stage's own figure keeps all digits.
        name: round(float(value), 4) if name in LEADING_FIGURES else float(value)
        for name, value in metrics.items()
        if isinstance(value, int | float) and not isinstance(value, bool)
    }


def without_breakdowns(figures: Mapping[str, Any]) -> dict[str, Any]:
    """The figures whose names are ours, without those whose names come from the data."""
    return {
        name: without_breakdowns(value) if isinstance(value, Mapping) else value
        for name, value in figures.items()
        if not (isinstance(value, Mapping) and name.startswith(_BREAKDOWNS))
    }


def flatten(values: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Leaves of nested values, each with its dotted key; lists are leaves."""
    for name, value in values.items():
        key = f"{prefix}{name}"
        if isinstance(value, Mapping) and value:
            yield from flatten(value, f"{key}.")
        else:
            yield key, value


def knobs_of(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Every knob by its dotted key; tables of names are one value each, so that they do not bury the rest."""
    knobs: dict[str, Any] = {}
    for stage, values in parameters.items():
        if stage in _PLACES:
            continue
        plain = {name: value for name, value in values.items() if f"{stage}.{name}" not in _NAME_TABLES}
        knobs.update(flatten({stage: plain}))
        knobs.update({f"{stage}.{name}": ", ".join(values[name]) for name in values if name not in plain})
    return knobs


def run_name(seeds: str, asked: Mapping[str, Any], stages: list[str], environment: str, n_paths: int) -> str:
    """Name of a run: what was asked of it first, because lists cut names off at their end.

    Args:
        seeds: Where the seeds came from.
        asked: Parameters given at the command line, nested.
        stages: Pipelines asked for; empty for all.
        environment: Kedro environment.
        n_paths: Paths asked for.
    """
    changed = [f"{key.rsplit('.', 1)[-1]}={_short(value)}" for key, value in _changes(asked)]
    parts = [
        ", ".join(changed) or f"{n_paths:,} paths",
        ", ".join(stages),
        environment if environment != "base" else "",
        PurePosixPath(urlsplit(seeds).path or seeds).stem or seeds,
    ]
    return " · ".join(part for part in parts if part)


def asked_tags(parameters: Mapping[str, Any], asked: Mapping[str, Any]) -> dict[str, str]:
    """What was asked, as tags one can read and filter by.

    Args:
        parameters: All parameters of the run.
        asked: Those given at the command line, nested.
    """
    sampling = parameters["sampling"]
    targets = sampling["targets"]
    tags = {
        "asked.paths": str(sampling["n_paths"]),
        "asked.popularity_exponent": str(sampling["popularity_exponent"]),
        "asked.changed": ", ".join(f"{key}={_short(value)}" for key, value in _changes(asked)) or "nothing",
    }
    if targets["joint"]:
        return {**tags, "asked.joint": _short(targets["joint"])}
    return {
        **tags,
        "asked.disciplines": _short(targets["disciplines"]),
        "asked.difficulty": _short(targets["difficulty"]),
    }


def _changes(asked: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    yield from flatten({name: value for name, value in asked.items() if name not in _PLACES})


def _short(value: Any) -> str:
    """A value in one line, without the quotes and spaces of Python."""
    if value is None:
        return "as the seeds"
    if isinstance(value, Mapping):
        return " ".join(f"{key}:{_short(part)}" for key, part in value.items())
    if isinstance(value, list | tuple):
        return "–".join(str(part) for part in value)
    return str(value)


def saved_view(now_milliseconds: int) -> dict[str, str]:
    """Tags of an experiment that give MLflow's list of runs the leading figures as columns.

    MLflow keeps a saved view as one tag, in the form that its own page writes: a name, two times in milliseconds
    and the state of the page as JSON.
    """
    figures = [f"metrics.`{name}`" for name in COLUMNS]
    widths = {
        "attributes.`Run Name`": _RUN_NAME_PIXELS,
        "runDateAndNestInfo": _DATE_PIXELS,
        **dict.fromkeys(figures, _FIGURE_PIXELS),
        "duration": _FIGURE_PIXELS,
        "attributes.`Dataset`": _RUN_NAME_PIXELS,
    }
    state = {
        "selectedColumns": [*figures, "attributes.`Dataset`"],
        "columnOrder": list(widths),
        "columnWidths": widths,
        "orderByKey": "attributes.start_time",
        "orderByAsc": False,
        "compareRunSections": [
            _section("Leading figures", n_columns=3, height_pixels=400),
            _section("Pictures", n_columns=1, height_pixels=480),  # one picture of every run to a row
        ],
        "compareRunCharts": [
            *({**_chart("BAR", name, "Leading figures"), "metricKey": name} for name in CHARTS),
            *(
                {**_chart("IMAGE", name, "Pictures"), "imageKeys": [name], "step": 0, "showRunParams": False}
                for name in PICTURES.values()
            ),
        ],
        "isAccordionReordered": True,
    }
    envelope = {
        "name": "Leading figures",
        "createdAt": now_milliseconds,
        "updatedAt": now_milliseconds,
        # A tag holds 5,000 characters; the page compresses what it saves in just this way.
        "state": "deflate;" + b64encode(zlib.compress(json.dumps(state).encode())).decode("ascii"),
    }
    return {
        f"mlflow.sharedViewState.{VIEW}": json.dumps(envelope),
        "mlflow.experimentKind": "custom_model_development",
    }


def _section(name: str, n_columns: int, height_pixels: int) -> dict[str, Any]:
    return {
        "uuid": name,
        "name": name,
        "display": True,
        "isReordered": True,
        "columns": n_columns,
        "cardHeight": height_pixels,
    }


def _chart(kind: str, name: str, section: str) -> dict[str, Any]:
    return {
        "uuid": f"{section} {name}",
        "type": kind,
        "displayName": name,
        "metricSectionId": section,
        "runsCountToCompare": 10,
        "deleted": False,
        "isGenerated": False,
    }
