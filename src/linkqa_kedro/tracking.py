"""One MLflow run for every Kedro run: parameters, figures, pictures and hashes.

Over `MlflowClient` with an explicit run id, because the fluent API's active run is thread-local
(docs/decisions/0003-mlflow-through-the-client.md).
"""

import hashlib
import json
import logging
import os
import platform
import re
from collections.abc import Mapping
from contextvars import ContextVar
from importlib.metadata import version
from pathlib import Path
from typing import Any

EXPERIMENT = "linkqa_kedro"
SWITCH = "LINKQA_MLFLOW"
"""Environment variable; `off` runs without tracking."""

_MAX_BATCH = 100
_MAX_VALUE_CHARACTERS = 500
_MAX_NAME_CHARACTERS = 250
_NOT_IN_NAMES = re.compile(r"[^\w\-. /]")
_PACKAGES = ("linkqa_kedro", "kedro", "mlflow", "numpy", "pandas", "networkx", "openai")

PARENT: ContextVar[str | None] = ContextVar("parent_run", default=None)
"""Run under which new ones are shown; `kedro steer` sets it for its rounds."""

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
        experiment_tags: How the list of runs looks.
    """

    def __init__(
        self,
        tracking_uri: str,
        project_path: Path,
        name: str,
        tags: Mapping[str, str],
        experiment_tags: Mapping[str, str],
    ) -> None:
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
        for key, value in experiment_tags.items():
            self._client.set_experiment_tag(experiment_id, key, value)
        parent = PARENT.get()
        family = {} if parent is None else {"mlflow.parentRunId": parent}
        run = self._client.create_run(experiment_id, run_name=name, tags={**tags, **family})
        self.run_id: str = run.info.run_id
        self.experiment_id: str = experiment_id

    def log_parameters(self, parameters: Mapping[str, Any]) -> None:
        """Every knob, by its dotted key, e.g. `sampling.path_length`."""
        from mlflow.entities import Param

        entries = [Param(_name(key), str(value)[:_MAX_VALUE_CHARACTERS]) for key, value in parameters.items()]
        for start in range(0, len(entries), _MAX_BATCH):
            self._client.log_batch(self.run_id, params=entries[start : start + _MAX_BATCH])

    def log_metrics(self, metrics: Mapping[str, float], step: int = 0) -> None:
        """Numbers, by name; those of several steps are drawn as curves."""
        from mlflow.entities import Metric

        now = now_milliseconds()
        entries = [Metric(_name(key), value, now, step) for key, value in metrics.items()]
        for start in range(0, len(entries), _MAX_BATCH):
            self._client.log_batch(self.run_id, metrics=entries[start : start + _MAX_BATCH])

    def log_dataset(self, name: str, digest: str, source: str, n_rows: int) -> None:
        """What the run was made from: MLflow shows it beside the run and filters by it."""
        from mlflow.entities import Dataset, DatasetInput

        profile = json.dumps({"num_rows": n_rows})
        dataset = Dataset(name=name, digest=digest, source_type="seeds", source=source, profile=profile)
        self._client.log_inputs(self.run_id, [DatasetInput(dataset, [])])

    def log_values(self, values: Mapping[str, Any], file: str) -> None:
        """Plain values as a JSON artifact."""
        self._client.log_dict(self.run_id, dict(values), file)

    def log_file(self, path: Path, folder: str) -> None:
        """A file as an artifact."""
        self._client.log_artifact(self.run_id, str(path), folder)

    def log_picture(self, path: Path, name: str) -> None:
        """A picture that MLflow shows beside those of other runs with the same name."""
        from PIL import Image

        with Image.open(path) as picture:
            self._client.log_image(self.run_id, picture.convert("RGB"), key=name, step=0, synchronous=True)

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


def now_milliseconds() -> int:
    """The time as MLflow counts it."""
    from mlflow.utils.time import get_current_time_millis

    return int(get_current_time_millis())


def versions() -> dict[str, str]:
    """Versions that a result may depend on."""
    return {"python": platform.python_version(), **{package: version(package) for package in _PACKAGES}}


def experiment_id(tracking_uri: str) -> str | None:
    """The experiment that holds the runs; None where nothing was tracked yet."""
    from mlflow import MlflowClient

    experiment = MlflowClient(tracking_uri=tracking_uri).get_experiment_by_name(EXPERIMENT)
    return None if experiment is None else str(experiment.experiment_id)


def file_digest(path: Path) -> str:
    """SHA-256 of a file, or of a folder's files in the order of their names, 16 hex digits."""
    digest = hashlib.sha256()
    for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
        if file.is_file():
            with file.open("rb") as stream:
                while block := stream.read(1 << 20):
                    digest.update(block)
    return digest.hexdigest()[:16]


def row_count(path: Path) -> int:
    """Rows of a Parquet file, from its footer alone."""
    import pyarrow.parquet as pq

    return int(pq.read_metadata(path).num_rows)
