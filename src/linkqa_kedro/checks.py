"""What is checked before the first node runs: parameters, inputs, and whether the teacher can be asked."""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from kedro.io import DataCatalog
from kedro.pipeline import Pipeline
from pydantic import ValidationError

from linkqa_kedro.errors import UserError
from linkqa_kedro.parameters import Parameters
from linkqa_kedro.pipelines.answer_checks.parameters import AnswerCheckingParameters
from linkqa_kedro.pipelines.enhancement.parameters import EnhancementParameters
from linkqa_kedro.pipelines.evaluation.parameters import EvaluationParameters
from linkqa_kedro.pipelines.extraction.parameters import ExtractionParameters
from linkqa_kedro.pipelines.graph.parameters import GraphParameters
from linkqa_kedro.pipelines.sampling.parameters import SamplingParameters
from linkqa_kedro.pipelines.steering_parameters import SteeringParameters
from linkqa_kedro.pipelines.synthesis.parameters import SynthesisParameters

MODELS: dict[str, type[Parameters]] = {
    "extraction": ExtractionParameters,
    "graph": GraphParameters,
    "sampling": SamplingParameters,
    "synthesis": SynthesisParameters,
    "answer_checking": AnswerCheckingParameters,
    "enhancement": EnhancementParameters,
    "evaluation": EvaluationParameters,
    "steering": SteeringParameters,
}

_LIMITS = {"max_usd", "max_tokens"}
RUNTIME_ONLY = {
    "seeds": {"path"},
    "benchmarks": {"path"},
    "budget": {
        *_LIMITS,
        *(f"{stage}.{limit}" for stage in ("extraction", "synthesis", "enhancement") for limit in _LIMITS),
    },
}
"""Parameters that only the catalog reads; given with --params."""


def check_parameters(raw: Mapping[str, Any]) -> dict[str, Parameters]:
    """The parameters of every stage, built.

    Raises:
        UserError: Names every key that is wrong, its value, and its file.
    """
    problems = [problem for key, value in raw.items() for problem in _unknown_keys(key, value)]
    built: dict[str, Parameters] = {}
    for stage, model in MODELS.items():
        try:
            built[stage] = model.model_validate(raw.get(stage, {}))
        except ValidationError as error:
            problems += [_told(stage, details) for details in error.errors()]
    if not problems:
        problems = _unknown_disciplines(built)
    if problems:
        raise UserError(
            "\n  ".join(["The parameters cannot be used:", *problems]) if len(problems) > 1 else problems[0]
        )
    return built


def check_inputs(pipeline: Pipeline, catalog: DataCatalog, writers: Mapping[str, str]) -> None:
    """Every input that the pipeline does not write itself must be there.

    Args:
        pipeline: What is to run.
        catalog: Where inputs are looked up.
        writers: Stage that writes each dataset.

    Raises:
        UserError: Names what is missing and the stage that writes it.
    """
    missing = [name for name in sorted(pipeline.inputs()) if name in writers and not catalog.exists(name)]
    if missing:
        stages = ",".join(dict.fromkeys(writers[name] for name in missing))
        raise UserError(
            f"The run needs {', '.join(missing)}, which {'is' if len(missing) == 1 else 'are'} not there yet. "
            f"Run `kedro run --pipelines {stages}` first, or `kedro run` for all stages."
        )


def _unknown_keys(key: str, value: Any) -> list[str]:
    if key in MODELS:
        return []
    if key not in RUNTIME_ONLY:
        known = sorted([*MODELS, *RUNTIME_ONLY])
        near = get_close_matches(key, known, n=1)
        hint = f" Did you mean {near[0]}?" if near else ""
        return [f"Unknown parameter {key}.{hint} Known: {', '.join(known)}."]
    found = _leaves(value) if isinstance(value, Mapping) else {str(value)}
    choices = ", ".join(f"{key}.{name}" for name in sorted(RUNTIME_ONLY[key]))
    return [f"Unknown parameter {key}.{name}. Known: {choices}." for name in sorted(found - RUNTIME_ONLY[key])]


def _leaves(values: Mapping[str, Any]) -> set[str]:
    """Names of the values, nested ones joined by dots."""
    names: set[str] = set()
    for name, value in values.items():
        names |= {f"{name}.{leaf}" for leaf in _leaves(value)} if isinstance(value, Mapping) else {str(name)}
    return names


def _told(stage: str, details: Mapping[str, Any]) -> str:
    place = ".".join(str(part) for part in (stage, *details["loc"]) if not str(part).startswith(("function-", "dict[")))
    file = f"parameters_{stage}.yml"
    if details["type"] == "missing":
        return f"{place} is missing. Add it to {file}."
    if details["type"] == "extra_forbidden":
        return f"{place} is no parameter (value {details['input']!r:.60}). Take it out of {file}, or mend its spelling."
    said = str(details["msg"]).removeprefix("Value error, ")
    if details["type"] == "value_error":
        return f"{place}: {said}. Set it in {file}."
    return f"{place}: {said}, got {details['input']!r:.60}. Set it in {file}."


def _unknown_disciplines(built: Mapping[str, Any]) -> list[str]:
    """Disciplines that targets name and the taxonomy does not."""
    known = sorted(built["extraction"].disciplines)
    named = (
        ("sampling.targets", "parameters_sampling.yml", built["sampling"].targets.named_disciplines()),
        ("enhancement.disciplines", "parameters_enhancement.yml", set(built["enhancement"].enhanced(()))),
    )
    return [
        f"Unknown discipline '{name}' in {place} of {file}. Known: {', '.join(known)} "
        "(extraction.disciplines in parameters_extraction.yml)."
        for place, file, names in named
        for name in sorted(names - set(known))
    ]
