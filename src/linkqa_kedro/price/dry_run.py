"""`kedro price`: what a run will cost, before its first call.

The stages are gone through in a temporary folder, with a stand-in in the place of every answer that is not stored yet.
The prompts are those that the run would send; the answers only shape what later stages ask.
"""

import copy
import logging
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from kedro.framework.project import pipelines
from kedro.framework.session import KedroSession
from kedro.io import DataCatalog, MemoryDataset
from kedro.pipeline import Pipeline
from kedro.runner import SequentialRunner

from linkqa_kedro.checks import check_inputs
from linkqa_kedro.composer.model import Composer
from linkqa_kedro.errors import UserError
from linkqa_kedro.price.estimate import FEWEST_OBSERVATIONS, Interval, RoleEstimate, estimate_role
from linkqa_kedro.price.probe import Observation, PriceProbe, PromptSize, RoleProbe, prompt_size
from linkqa_kedro.price.stand_in import StandIn
from linkqa_kedro.price.table import price_table
from linkqa_kedro.teacher.completing import complete
from linkqa_kedro.teacher.completion_store import CompletionStore
from linkqa_kedro.teacher.concurrency import EndpointGate
from linkqa_kedro.teacher.pricing import FREE
from linkqa_kedro.teacher.requests import Role
from linkqa_kedro.teacher.teacher import Teacher, TeacherModel

logger = logging.getLogger(__name__)

STAGES = ("extraction", "graph", "sampling", "synthesis", "enhancement")
# Roles whose requests are mostly made of what the synthesis answered: with a real model's answers they are others.
OF_ANSWERS: frozenset[Role] = frozenset({"rate", "raise", "solve", "compare", "refine"})
# Roles in the order in which the answers of one shape what the next asks. What is asked only where attempts disagree is
# bought by no pilot: which answers those are, the run alone will know.
CHAIN: tuple[frozenset[Role], ...] = (
    frozenset({"annotate"}),
    frozenset({"adjudicate"}),
    frozenset({"synthesise"}),
    frozenset({"rate", "raise", "solve"}),
)


@dataclass(frozen=True)
class PricedRun:
    """Estimates of a run.

    Attributes:
        estimates: One for each role, in the order of the stages.
        notes: What to know about them.
    """

    estimates: tuple[RoleEstimate, ...]
    notes: tuple[str, ...]


def print_price(
    project_path: Path, env: str | None, stages: Iterable[str], parameters: dict[str, Any], n_pilot: int
) -> None:
    """Print what a run will cost.

    Args:
        project_path: The Kedro project.
        env: Kedro environment; None for the default.
        stages: Stages to price; none for all. Others must have been run.
        parameters: Parameters of the run, nested.
        n_pilot: Completions to buy for each role before the estimate; 0 for none.

    Raises:
        UserError: A stage is unknown, an input is missing, or what a run would say before its first call.
    """
    from rich.console import Console

    console = Console(highlight=False)
    with KedroSession.create(project_path=project_path, env=env, runtime_params=parameters) as session:
        assert isinstance(session, KedroSession)
        context = session.load_context()
        priced = _Pricing(context, _pipeline(stages)).price(n_pilot)
    console.print(price_table(priced.estimates, priced.notes))


def _pipeline(stages: Iterable[str]) -> Pipeline:
    named = list(stages)
    unknown = sorted(set(named) - set(STAGES) - {"evaluation"})
    if unknown:
        raise UserError(f"Unknown pipeline {', '.join(unknown)}. Known: {', '.join((*STAGES, 'evaluation'))}.")
    wanted = [stage for stage in STAGES if not named or stage in named]
    if not any("teacher" in pipelines[stage].inputs() for stage in wanted):
        raise UserError(f"Nothing to price: {', '.join(named)} asks no teacher.")
    return sum((pipelines[stage] for stage in wanted), Pipeline([]))


class _Pricing:
    """Goes through the stages of one run without paying, and once more after a pilot."""

    def __init__(self, context: Any, pipeline: Pipeline) -> None:
        self._context = context
        self._pipeline = pipeline
        self._configured = copy.deepcopy(dict(context.config_loader["catalog"]))
        self._teacher: Teacher = context.catalog.load("teacher")
        self._parameters = context.params

    def price(self, n_pilot: int) -> PricedRun:
        probe, n_tries = self._go_through(n_pilot, {})
        for place, roles in enumerate(CHAIN if n_pilot else ()):
            bought = self._buy(probe, n_pilot, roles & probe.roles.keys())
            if not bought:
                continue
            if place < len(CHAIN) - 1:
                # What was bought shapes what the roles after it ask.
                probe, n_tries = self._go_through(n_pilot, probe.keys())
            else:
                _observe(probe, bought)
        return PricedRun(tuple(self._estimates(probe, n_tries)), tuple(self._notes(probe, n_pilot)))

    def _go_through(self, n_sample: int, seen: Mapping[Role, set[str]]) -> tuple[PriceProbe, int]:
        """What the run would ask, and how many tries of changing a QA it may take at most."""
        stand_in = StandIn()
        probe = PriceProbe(self._teacher, stand_in, n_sample, seen, stand_in.learn)
        with tempfile.TemporaryDirectory(prefix="linkqa_price_") as folder:
            catalog = self._catalog(Path(folder), probe)
            SequentialRunner().run(self._pipeline, catalog)
            return probe, self._most_tries(catalog)

    def _catalog(self, folder: Path, probe: PriceProbe) -> DataCatalog:
        """The project's catalog, with everything that the stages write in a temporary folder."""
        written = {*self._pipeline.all_outputs(), "engine"}
        configured = copy.deepcopy(self._configured)
        for name in written & configured.keys():
            place = PurePosixPath(str(configured[name]["filepath"]))
            inside = (part for part in place.parts if part not in ("/", ".."))
            configured[name]["filepath"] = str(folder.joinpath(*inside))
        del configured["teacher"]
        self._context.config_loader["catalog"] = configured
        catalog: DataCatalog = self._context.catalog
        writers = {name: stage for stage in STAGES for name in pipelines[stage].all_outputs()}
        check_inputs(self._pipeline, catalog, writers)
        catalog["teacher"] = MemoryDataset(self._free_teacher(folder, probe), copy_mode="assign")
        return catalog

    def _free_teacher(self, folder: Path, probe: PriceProbe) -> Teacher:
        return Teacher(
            model=TeacherModel(probe, EndpointGate(1), FREE),
            store=CompletionStore(folder / "completions", 1),
            max_attempts=self._teacher.max_attempts,
            max_retries=0,
            backoff_seconds=0.0,
        )

    def _most_tries(self, catalog: DataCatalog) -> int:
        if "rated_qa" not in self._pipeline.all_outputs():
            return 0
        settings = self._parameters["enhancement"]
        disciplines = catalog.load("rated_qa").frame(["discipline"])["discipline"]
        n_items = int(disciplines.isin(settings.enhanced(disciplines)).sum())
        return n_items * int(settings.max_attempts_per_qa)

    def _buy(self, probe: PriceProbe, n_pilot: int, roles: Iterable[Role]) -> dict[Role, list[Observation]]:
        """Buy what is missing of a pilot, and say what the answers used."""
        observed: dict[Role, list[Observation]] = {}
        for role in sorted(roles):
            wanted = probe.roles[role].sample(n_pilot - min(n_pilot, probe.roles[role].n_stored))
            if not wanted:
                continue
            logger.info("pilot  %s: buying %d completions of %s", role, len(wanted), probe.roles[role].model)
            completed = complete(wanted, self._teacher, lambda _, completion: completion, len(wanted))
            if not completed.answered:
                first = completed.unanswered[0]
                raise UserError(f"The pilot got no answer to {len(wanted)} requests of role {role}: {first.detail}")
            observed[role] = [
                Observation(prompt_size(one.request), one.value.input_tokens, one.value.output_tokens)
                for one in completed.answered
                if one.value.input_tokens is not None and one.value.output_tokens is not None
            ]
        return observed

    def _estimates(self, probe: PriceProbe, n_tries: int) -> Iterable[RoleEstimate]:
        scale = _scale(probe)
        checking = self._parameters["answer_checking"]
        repeats: Mapping[Role, tuple[int, int]] = {
            "rate": (self._parameters["enhancement"].rating.repeats,) * 2,
            "solve": (checking.attempts, checking.most_attempts),
        }
        if all(one.n_new == 0 for one in probe.roles.values()):
            n_tries = 0  # what is all there asks nothing more
        # Seeds are rated before the synthesis, which does not make enhancement the earlier stage.
        for role, one in sorted(probe.roles.items(), key=lambda entry: STAGES.index(entry[1].stage)):
            price = self._teacher.model_for(role).price
            requests = requests_to_send(role, one, scale, n_tries, *repeats.get(role, (1, 1)))
            if role == "adjudicate" and _is_unannotated(probe):
                # Which names are close is known only when a real model has named them.
                most = max(self._parameters["extraction"].aliases.most_pairs, requests.likely)
                requests = Interval(0.0, requests.likely, float(most))
            yield estimate_role(role, one, price, requests)

    def _notes(self, probe: PriceProbe, n_pilot: int) -> Iterable[str]:
        unpriced = sorted({one.chat.model for one in self._teacher.models if one.price is None})
        if unpriced:
            yield (
                f"The price of {', '.join(unpriced)} is unknown: add it to models of the teacher in "
                "catalog_teacher.yml (US dollars per million tokens)."
            )
        if isinstance(self._teacher.model.chat, Composer):
            yield "The composer is free. To price a model: kedro price --env api, with LINKQA_MODEL and the like set."
            return
        yield f"Asked: {_who_is_asked(probe)}."
        if any(one.n_new and not one.observations for one in probe.roles.values()):
            yield "A guess reaches from the shortest answer to max_output_tokens; --pilot 20 buys 20 of each."
        if _is_unannotated(probe):
            yield (
                f"{probe.roles['annotate'].n_new:,} seeds are not annotated yet: the composer's annotations stand in "
                "for them, so later stages may ask somewhat differently"
                + (", and their pilot answers may not be used." if n_pilot else ".")
            )
            aliases = self._parameters["extraction"].aliases
            if aliases.adjudicate:
                yield f"How many of their names will be close is not known: {aliases.most_pairs:,} pairs at most."
        if "solve" in probe.roles:
            yield (
                "Not counted: one more request for each answer in words that must be compared, and for each answer "
                "that attempts refute; and further attempts where the first are not of one mind."
            )
        yield "A hard limit for the run: kedro run --params budget.max_usd=…"


def _is_unannotated(probe: PriceProbe) -> bool:
    """Whether the composer's annotations stand in for a model's."""
    return "annotate" in probe.roles and probe.roles["annotate"].n_new > 0


def _who_is_asked(probe: PriceProbe) -> str:
    models = {one.model for one in probe.roles.values()}
    return (
        models.pop() if len(models) == 1 else ", ".join(f"{role} of {one.model}" for role, one in probe.roles.items())
    )


def _observe(probe: PriceProbe, bought: Mapping[Role, list[Observation]]) -> None:
    """Count what a pilot bought after the probe went through."""
    for role, observations in bought.items():
        one = probe.roles[role]
        n_left = max(one.n_new - len(observations), 0)
        left_fraction = n_left / max(one.n_new, 1)
        one.observations.extend(observations)
        one.n_stored += len(observations)
        one.n_new = n_left
        one.n_of_qa = round(one.n_of_qa * left_fraction)
        one.size = PromptSize(round(one.size.narrow * left_fraction), round(one.size.wide * left_fraction))
        one.max_output_tokens = round(one.max_output_tokens * left_fraction)


def _scale(probe: PriceProbe) -> float:
    """Syntheses that the run would ask for, to those that were gone through."""
    one = probe.roles.get("synthesise")
    if one is None:
        return 1.0
    gone_through = one.n_stored + one.n_simulated
    return (one.n_stored + one.n_new) / gone_through if gone_through else 1.0


def requests_to_send(
    role: Role, one: RoleProbe, scale: float, n_tries: int, n_repeats: int, most_repeats: int
) -> Interval:
    """Requests to be sent, with the fresh attempts that unusable answers cost.

    Args:
        role: What is asked.
        one: What was gone through.
        scale: Syntheses of the run to those gone through: QA grow with it, seeds rated for calibration do not.
        n_tries: Most tries of changing a QA, among the QA gone through.
        n_repeats: Requests about each of them.
        most_repeats: The most that there may be, where answers do not agree.
    """
    n_gone_through = one.n_of_qa if role in OF_ANSWERS else 0
    n_of_qa = n_gone_through * scale
    n_known = one.n_new - n_gone_through + n_of_qa
    again_fraction = one.n_again / one.n_stored if one.n_stored >= FEWEST_OBSERVATIONS else 0.0
    n_likely = n_known * (1 + again_fraction)
    if role == "raise":
        # How often a real model meets the level asked is not known before it is asked.
        return Interval(0.0, n_likely, max(n_likely, n_tries * scale))
    if role in ("rate", "solve"):
        # How many QA a real model's synthesis gives is not known either.
        more = most_repeats / max(n_repeats, 1)
        return Interval(n_likely - 0.1 * n_of_qa, n_likely, (n_likely + n_tries * n_repeats * scale) * more)
    return Interval(n_likely, n_likely, n_likely)
