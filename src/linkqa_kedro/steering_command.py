"""`kedro steer`: runs the stages, then adds paths round by round until the dataset has the mix that was asked for.

Each round is a Kedro run of its own, and a child of one MLflow run. A round draws all paths of the rounds before it
again, byte by byte, and further ones after them: what was answered before is found in the store, so that only the new
requests are bought, and a budget counts over all rounds.
"""

import copy
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from kedro.framework.session import KedroSession

from linkqa_kedro import tracking
from linkqa_kedro.errors import UserError, causes_of
from linkqa_kedro.records import STEERING_PLAN, rows_of
from linkqa_kedro.summary import IS_QUIET, print_summary
from linkqa_kedro.teacher.budget import RUNS_TOGETHER, BudgetSpent, RunsTogether

logger = logging.getLogger(__name__)

_LATER_STAGES = ["sampling", "synthesis", "enhancement", "evaluation"]
_LEAST_GAIN = 0.001
"""A round that is expected to bring the mix no nearer than this is not run."""


@dataclass(frozen=True)
class Round:
    """What one round of steering came to.

    Attributes:
        number: From 0, the plain run.
        paths: Paths of all rounds so far.
        rows: Rows of the dataset.
        distance: Total variation to the mix wanted, over the cells that can be reached.
        distance_of_all: The same over all cells.
        unreachable_cells: Cells that are wanted and cannot be had: without a row, or hardly ever reached by tries.
        short_cells: Other cells that have less than is wanted, with the share they lack, the largest first.
        bought: Completions bought in this round.
        cost_usd: What the answers of all rounds cost; None where a price is unknown.
        planned_paths: Paths that a further round would add.
        expected_distance: Distance to be expected of it.
    """

    number: int
    paths: int
    rows: int
    distance: float
    distance_of_all: float
    unreachable_cells: tuple[str, ...]
    short_cells: Mapping[str, float]
    bought: int
    cost_usd: float | None
    planned_paths: int
    expected_distance: float

    def metrics(self) -> dict[str, float]:
        """The figures that make curves over the rounds."""
        figures = {
            "reachable_total_variation": self.distance,
            "cells_total_variation": self.distance_of_all,
            "rows": float(self.rows),
            "paths": float(self.paths),
            "completions_bought": float(self.bought),
        }
        return figures if self.cost_usd is None else {**figures, "cost_usd": self.cost_usd}


def print_steering(project_path: Path, env: str | None, parameters: Mapping[str, Any], n_rounds: int) -> None:
    """Steer, and print how the mix came nearer.

    Args:
        project_path: The Kedro project.
        env: Kedro environment; None for the default.
        parameters: Parameters of the runs, nested.
        n_rounds: Rounds after the plain run, at most.

    Raises:
        UserError: There is no target to steer to, or what a run would say.
    """
    from rich.console import Console

    from linkqa_kedro.report.steering_table import steering_table

    steering = _Steering(project_path, env, parameters)
    with steering.tracked():
        outcome = steering.run(n_rounds)
    console = Console(highlight=False)
    print_summary(steering.catalog)
    console.print(steering_table([vars(done) for done in steering.rounds], steering.tolerance, outcome))


class _Steering:
    """Runs the rounds of one steering."""

    def __init__(self, project_path: Path, env: str | None, parameters: Mapping[str, Any]) -> None:
        self._project_path = project_path
        self._env = env
        self._parameters = parameters
        self._plan: list[dict[str, Any]] = []
        self._parent: tracking.TrackedRun | None = None
        self._together = RunsTogether()
        self.rounds: list[Round] = []
        self.catalog: Any = None
        self.tolerance = 0.0

    @contextmanager
    def tracked(self) -> Iterator[None]:
        """One MLflow run around all rounds; without a store that can be reached the rounds go on alone."""
        succeeded = False
        parent = None
        try:
            self._parent = self._open_parent()
            parent = tracking.PARENT.set(self._parent.run_id if self._parent else None)
            yield
            succeeded = True
        finally:
            if parent is not None:
                tracking.PARENT.reset(parent)
            if self._parent is not None:
                self._parent.finish(succeeded)

    def _open_parent(self) -> tracking.TrackedRun | None:
        if not tracking.is_on():
            return None
        from linkqa_kedro import comparison

        uri = tracking.default_tracking_uri(self._project_path)
        try:
            view = comparison.saved_view(tracking.now_milliseconds())
            return tracking.TrackedRun(uri, self._project_path, "steer", {"stages": "steer"}, view)
        except Exception as error:  # whatever MLflow or its store raises: tracking must not cost a data run
            logger.warning("MLflow cannot record the steering, which goes on without it: %s", error)
            return None

    def run(self, n_rounds: int) -> str:
        """Run the rounds; why there were no more."""
        self._save_plan()
        self._run_round(0)
        while (reason := self._reason_to_stop(n_rounds)) is None:
            number = len(self.rounds)
            self._plan += self._planned(number)
            self._save_plan()
            try:
                self._run_round(number)
            except Exception as error:  # a spent budget may stand anywhere in the chain of causes; the rest goes on
                if not any(isinstance(cause, BudgetSpent) for cause in causes_of(error)):
                    raise
                # The tables of this round are half there: those of the round before come back from the store.
                self._together.again()
                self._run_round(number - 1, again=True)
                return f"the budget is spent: {next(str(c) for c in causes_of(error) if isinstance(c, BudgetSpent))}"
        return reason

    def _reason_to_stop(self, n_rounds: int) -> str | None:
        last = self.rounds[-1]
        if last.distance <= self.tolerance:
            return "within the tolerance"
        if not last.planned_paths or last.expected_distance > last.distance - _LEAST_GAIN:
            return "further paths would bring the mix no nearer"
        return "the rounds are used up" if last.number >= n_rounds else None

    def _run_round(self, number: int, again: bool = False) -> None:
        parameters = copy.deepcopy(dict(self._parameters))
        parameters["steering"] = {**parameters.get("steering", {}), "round": number}
        logger.info("round %d of steering%s", number, " again, from the store" if again else "")
        quiet = IS_QUIET.set(True)
        together = RUNS_TOGETHER.set(self._together)
        try:
            with KedroSession.create(
                project_path=self._project_path, env=self._env, runtime_params=parameters
            ) as session:
                assert isinstance(session, KedroSession)
                # A budget counts the answers of the stages that run: to count all of them, all must run.
                whole = number == 0 or "budget" in parameters
                session.run(pipeline_names=None if whole else _LATER_STAGES)
                context = session.load_context()
                self.catalog = context.catalog
                self.tolerance = context.params["steering"].tolerance
        finally:
            IS_QUIET.reset(quiet)
            RUNS_TOGETHER.reset(together)
        self._together.next_run()
        if not again:
            self._note(number)

    def _note(self, number: int) -> None:
        statistics = self.catalog.load("steering_statistics")
        if not statistics:
            raise UserError(
                "There is nothing to steer to: sampling.targets names neither disciplines nor levels. Set a target in "
                "parameters_sampling.yml."
            )
        usages = [
            usage
            for stage in ("synthesis", "enhancement")
            for name, usage in self.catalog.load(f"{stage}_statistics").items()
            if name == "teacher" or name.endswith("_teacher")
        ]
        costs = [usage["cost_with_reused_usd"] for usage in usages]
        done = Round(
            number=number,
            paths=self.catalog.load("sampling_statistics")["paths"],
            rows=statistics["rows"],
            distance=statistics.get("reachable_total_variation", 1.0),
            distance_of_all=statistics["cells_total_variation"],
            unreachable_cells=tuple(statistics["unreachable_cells"]),
            short_cells=statistics.get("short_cells", {}),
            bought=sum(usage["bought"] for usage in usages),
            cost_usd=None if None in costs else sum(costs),
            planned_paths=statistics.get("planned_paths", 0),
            expected_distance=statistics.get("expected_total_variation", 1.0),
        )
        self.rounds.append(done)
        if self._parent is not None:
            self._parent.log_metrics(done.metrics(), step=number)

    def _planned(self, number: int) -> list[dict[str, Any]]:
        correction: pd.DataFrame = self.catalog.load("quota_correction")
        return [
            {"steering_round": number, **{name: row[name] for name in ("discipline", "difficulty", "paths")}}
            for row in rows_of(correction)
        ]

    def _save_plan(self) -> None:
        with KedroSession.create(project_path=self._project_path, env=self._env) as session:
            assert isinstance(session, KedroSession)
            session.load_context().catalog.save("steering_plan", STEERING_PLAN.frame(self._plan))
