"""One MLflow run for every Kedro run: parameters, figures, pictures and hashes.

Over `MlflowClient` with an explicit run id, because the fluent API's active run is thread-local
(docs/decisions/0003-mlflow-through-the-client.md).
"""

import hashlib
import logging
import os
import platform
import re
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from pydantic import BaseModel

EXPERIMENT = "linkqa_kedro"
SWITCH = "LINKQA_MLFLOW"
"""Environment variable; `off` runs without tracking."""

_MAX_BATCH = 100
_MAX_VALUE_CHARACTERS = 500
_MAX_NAME_CHARACTERS = 250
_NOT_IN_NAMES = re.compile(r"[^\w\-. /]")
_PACKAGES = ("linkqa_kedro", "kedro", "mlflow", "numpy", "pandas", "networkx", "openai")

logger = logging.getLogger(__name__)


def default_tracking_uri(project_path: Path) -> str:
    """The store that MLFLOW_TRACKING_URI names, else a SQLite file in the project."""
    return os.environ.get("MLFLOW_TRACKING_URI") or f"sqlite:///{project_path / 'mlflow.db'}"


def is_on() -> bool:
    """Whether runs are tracked."""
    return os.environ.get(SWITCH, "on").lower() not in ("off", "0", "false", "no")


class TrackedRun:
    """One MLflow run.

    Args:
        tracking_uri: Where MLflow keeps its runs.
        project_path: Artifacts of a local store lie below it.
        name: Name of the run.
        tags: What was run.
    """

    def __init__(self, tracking_uri: str, project_path: Path, name: str, tags: Mapping[str, str]) -> None:
        from mlflow import MlflowClient

        self._client = MlflowClient(tracking_uri=tracking_uri)
        experiment = self._client.get_experiment_by_name(EXPERIMENT)
        # Absolute, because MLflow otherwise resolves it against whatever folder its server starts in.
        local = tracking_uri.startswith("sqlite:")
        location = (project_path / "mlruns").resolve().as_uri() if local else None
        experiment_id = (
            experiment.experiment_id
            if experiment
            else self._client.create_experiment(EXPERIMENT, artifact_location=location)
        )
        run = self._client.create_run(experiment_id, run_name=name, tags=dict(tags))
        self.run_id: str = run.info.run_id
        self.experiment_id: str = experiment_id

    def log_parameters(self, parameters: Mapping[str, Any]) -> None:
        """Every knob as a parameter of its own, e.g. `sampling.path_length`."""
        from mlflow.entities import Param

        flat = [Param(_name(key), str(value)[:_MAX_VALUE_CHARACTERS]) for key, value in flatten(parameters)]
        for start in range(0, len(flat), _MAX_BATCH):
            self._client.log_batch(self.run_id, params=flat[start : start + _MAX_BATCH])

    def log_figures(self, figures: Mapping[str, Any]) -> None:
        """Every number as a metric; what is no number or unknown is left out."""
        from mlflow.entities import Metric
        from mlflow.utils.time import get_current_time_millis

        now = get_current_time_millis()
        metrics = [
            Metric(_name(key), float(value), now, 0)
            for key, value in flatten(figures)
            if isinstance(value, int | float) and not isinstance(value, bool)
        ]
        for start in range(0, len(metrics), _MAX_BATCH):
            self._client.log_batch(self.run_id, metrics=metrics[start : start + _MAX_BATCH])

    def log_file(self, path: Path, folder: str) -> None:
        """A file as an artifact."""
        self._client.log_artifact(self.run_id, str(path), folder)

    def log_tags(self, tags: Mapping[str, str]) -> None:
        """Further tags."""
        for key, value in tags.items():
            self._client.set_tag(self.run_id, key, value)

    def finish(self, succeeded: bool) -> None:
        """Mark the run as finished or failed."""
        self._client.set_terminated(self.run_id, "FINISHED" if succeeded else "FAILED")


def _name(key: str) -> str:
    """The key with what MLflow takes in names: disciplines and knowledge points may hold anything."""
    return _NOT_IN_NAMES.sub("_", key)[:_MAX_NAME_CHARACTERS]


def flatten(values: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Leaves of nested values, each with its dotted key; lists are leaves."""
    for name, value in values.items():
        key = f"{prefix}{name}"
        plain = value.model_dump() if isinstance(value, BaseModel) else value
        if isinstance(plain, Mapping) and plain:
            yield from flatten(plain, f"{key}.")
        else:
            yield key, plain


def version_tags() -> dict[str, str]:
    """Versions that a result may depend on."""
    tags = {f"version.{package}": version(package) for package in _PACKAGES}
    return {"version.python": platform.python_version(), **tags}


def file_digest(path: Path) -> str:
    """SHA-256 of a file, or of a folder's files in the order of their names, 16 hex digits."""
    digest = hashlib.sha256()
    for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
        if file.is_file():
            with file.open("rb") as stream:
                while block := stream.read(1 << 20):
                    digest.update(block)
    return digest.hexdigest()[:16]
