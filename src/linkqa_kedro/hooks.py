"""What surrounds a run: checks before it, one MLflow run around it, a summary after it."""

import atexit
import contextlib
import logging
import multiprocessing
import time
from pathlib import Path
from typing import Any

from kedro.framework.context import KedroContext
from kedro.framework.hooks import hook_impl
from kedro.io import DataCatalog as Catalog
from kedro.pipeline import Node, Pipeline

from linkqa_kedro.errors import UserError
from linkqa_kedro.progress import duration
from linkqa_kedro.report.stage_notes import stage_note

logger = logging.getLogger(__name__)

_STATISTICS = "_statistics"
_TRACKED_FOLDERS = {"_plot": "plots", "_card": "card", _STATISTICS: "statistics"}


class Checks:
    """Stops a run before its first node where it could not end well."""

    @hook_impl(tryfirst=True)
    def after_context_created(self, context: KedroContext) -> None:
        """Check the parameters of all stages."""
        from linkqa_kedro.checks import check_parameters

        check_parameters(context.config_loader["parameters"])

    @hook_impl(tryfirst=True)
    def before_pipeline_run(self, run_params: dict[str, Any], pipeline: Pipeline, catalog: Catalog) -> None:
        """Check that inputs are there, and that the teacher can be asked and its budget kept."""
        from kedro.framework.project import pipelines

        from linkqa_kedro.checks import check_inputs

        writers = {
            name: stage for stage, part in pipelines.items() if stage != "__default__" for name in part.all_outputs()
        }
        check_inputs(pipeline, catalog, writers)
        if "teacher" in pipeline.inputs():
            teacher = catalog.load("teacher")
            if teacher.budget.is_set and "ParallelRunner" in str(run_params.get("runner")):
                raise UserError(
                    "A budget cannot be kept with ParallelRunner: each of its processes would count for itself. Run "
                    "without --runner, or without the budget."
                )


class Progress:
    """One line for every stage that is done: how long it took, and what came out."""

    def __init__(self) -> None:
        self._stage_of: dict[str, str] = {}
        self._waiting: dict[str, set[str]] = {}
        self._n_stages = 0
        self._seconds: dict[str, float] = {}
        self._started: dict[str, float] = {}
        self._figures: dict[str, Any] = {}

    @hook_impl
    def before_pipeline_run(self, pipeline: Pipeline) -> None:
        """See which stages there are to be done."""
        from kedro.framework.project import pipelines

        stages = {name: part for name, part in pipelines.items() if name != "__default__"}
        self._stage_of = {node.name: stage for stage, part in stages.items() for node in part.nodes}
        self._waiting = {}
        for node in pipeline.nodes:
            self._waiting.setdefault(self._stage_of.get(node.name, node.name), set()).add(node.name)
        self._n_stages = len(self._waiting)
        self._figures = {}
        self._seconds = dict.fromkeys(self._waiting, 0.0)

    @hook_impl
    def before_node_run(self, node: Node) -> None:
        """Note the time."""
        self._started[node.name] = time.monotonic()

    @hook_impl
    def after_node_run(self, node: Node, outputs: dict[str, Any]) -> None:
        """Say what is done once the last node of its stage is."""
        self._figures.update({name: value for name, value in outputs.items() if name.endswith(_STATISTICS)})
        stage = self._stage_of.get(node.name, node.name)
        if multiprocessing.parent_process():  # a worker of ParallelRunner: it knows its own nodes alone
            logger.info("%s", node.name)
            return
        self._seconds[stage] += time.monotonic() - self._started[node.name]
        self._waiting[stage].discard(node.name)
        if self._waiting[stage]:
            return
        del self._waiting[stage]
        n_done = self._n_stages - len(self._waiting)
        note = stage_note(stage, self._figures.get(f"{stage}{_STATISTICS}", {}))
        logger.info("%d/%d  %-11s %7s  %s", n_done, self._n_stages, stage, duration(self._seconds[stage]), note)


class MlflowTracking:
    """One MLflow run for every Kedro run.

    A tracking store that cannot be reached is said once; the run goes on without it.
    """

    def __init__(self) -> None:
        self._project_path = Path()
        self._parameters: dict[str, Any] = {}
        self._environment = "base"
        self._run: Any = None

    @hook_impl
    def after_context_created(self, context: KedroContext) -> None:
        """Remember what the run is made of."""
        self._project_path = Path(context.project_path)
        self._parameters = context.config_loader["parameters"]
        self._environment = context.env or "base"

    @hook_impl
    def before_pipeline_run(self, run_params: dict[str, Any], pipeline: Pipeline, catalog: Catalog) -> None:
        """Open the MLflow run and log every knob."""
        from linkqa_kedro import comparison, tracking

        if not tracking.is_on():
            return
        stages = list(run_params.get("pipeline_names") or [])
        asked = run_params.get("runtime_params") or {}
        # A run that begins after extraction was not made from the seeds that the catalog names now.
        seeds = self._place(catalog, "seed_lines") if "seed_lines" in pipeline.inputs() else ""
        tags = {
            "stages": ", ".join(stages) or "all",
            "environment": self._environment,
            "teacher": catalog.load("teacher").name if "teacher" in pipeline.inputs() else "none",
            "seeds": seeds or "as extracted before",
            "benchmarks": self._place(catalog, "benchmark_lines") if "benchmark_lines" in pipeline.inputs() else "none",
            **comparison.asked_tags(self._parameters, asked),
        }
        name = comparison.run_name(
            seeds, asked, stages, self._environment, n_paths=self._parameters["sampling"]["n_paths"]
        )
        uri = tracking.default_tracking_uri(self._project_path)
        try:
            view = comparison.saved_view(tracking.now_milliseconds())
            self._run = tracking.TrackedRun(uri, self._project_path, name, tags, view)
            atexit.register(self._close_as_failed)
            knobs = comparison.knobs_of(self._parameters)
            self._run.log_parameters({**knobs, "seeds.path": seeds} if seeds else knobs)
            self._run.log_values(tracking.versions(), "provenance/versions.json")
        except Exception as error:  # whatever MLflow or its store raises: tracking must not cost a data run
            self._give_up(error)

    @hook_impl
    def after_pipeline_run(self, pipeline: Pipeline, catalog: Catalog) -> None:
        """Log figures, pictures, card and hashes, and close the run."""
        if self._run is None:
            return
        try:
            self._log_outputs(pipeline, catalog)
            self._run.finish(succeeded=True)
            self._run = None
        except Exception as error:  # whatever MLflow or its store raises: the data are there
            self._give_up(error)

    @hook_impl
    def on_pipeline_error(self) -> None:
        """Mark the run as failed."""
        if self._run is None:
            return
        try:
            self._run.finish(succeeded=False)
            self._run = None
        except Exception as error:  # whatever MLflow or its store raises: the run's own error is the one to tell
            self._give_up(error)

    def _log_outputs(self, pipeline: Pipeline, catalog: Catalog) -> None:
        from linkqa_kedro.comparison import PICTURES, metrics_of
        from linkqa_kedro.report.ledger import ledger_lines
        from linkqa_kedro.tracking import file_digest, row_count

        written = sorted(pipeline.all_outputs())
        statistics = [name for name in written if name.endswith(_STATISTICS)]
        figures = {name.removesuffix(_STATISTICS): catalog.load(name) for name in statistics}
        self._run.log_metrics(metrics_of(figures))
        self._run.log_values({"lines": ledger_lines(figures)}, "teacher/ledger.json")
        paths = {name: path for name in written if (path := _path_of(catalog, name))}
        for name, path in paths.items():
            for ending, folder in _TRACKED_FOLDERS.items():
                if name.endswith(ending):
                    self._run.log_file(path, folder)
            if name in PICTURES:
                self._run.log_picture(path, PICTURES[name])
        digests = {name: file_digest(path) for name, path in paths.items()}
        self._run.log_values(digests, "provenance/sha256.json")
        if "seeds" in digests:
            place = self._place(catalog, "seed_lines")
            self._run.log_dataset(Path(place).stem, digests["seeds"], place, row_count(paths["seeds"]))
        self._run.log_tags({f"sha256.{name}": digests[name] for name in ("seeds", "dataset") if name in digests})

    def _place(self, catalog: Catalog, name: str) -> str:
        """Where a file of the user's lies, as the user thinks of it: within the project, or the name alone."""
        from linkqa_kedro.datasets.places import without_secrets

        place = str(catalog[name]._describe()["filepath"])
        path = Path(place)
        if "://" in place:
            return without_secrets(place)
        return str(path.relative_to(self._project_path)) if path.is_relative_to(self._project_path) else path.name

    def _close_as_failed(self) -> None:
        """Mark a run that is still open: after Ctrl-C, Kedro calls no hook."""
        if self._run is not None:
            with contextlib.suppress(Exception):  # the store may be what failed
                self._run.finish(succeeded=False)
            self._run = None

    def _give_up(self, error: Exception) -> None:
        logger.warning(
            "MLflow cannot record this run, which goes on without it: %s. "
            "Check MLFLOW_TRACKING_URI, or set LINKQA_MLFLOW=off to run without tracking.",
            str(error).splitlines()[0].rstrip(". ") if str(error) else type(error).__name__,
        )
        self._close_as_failed()


class Summary:
    """Says at the end what came out, and where it is."""

    @hook_impl
    def after_pipeline_run(self, pipeline: Pipeline, catalog: Catalog) -> None:
        """Print the summary of a run that ended with a dataset; `kedro steer` prints one after its last round."""
        if "evaluation_statistics" not in pipeline.all_outputs():
            return
        from linkqa_kedro.summary import IS_QUIET, print_summary

        if IS_QUIET.get():
            return
        print_summary(catalog)


def _path_of(catalog: Catalog, name: str) -> Path | None:
    filepath = catalog[name]._describe().get("filepath") if name in catalog else None
    path = Path(str(filepath)) if filepath is not None else None
    return path if path is not None and path.exists() else None


HOOKS = (Checks(), Progress(), MlflowTracking(), Summary())
