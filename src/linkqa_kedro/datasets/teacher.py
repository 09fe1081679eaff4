"""The teacher in the catalog: who answers each role, behind which store, and what may be spent."""

import os
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, get_args

from pydantic import Field, ValidationError, field_validator

from linkqa_kedro.datasets.read_only import ReadOnlyDataset
from linkqa_kedro.errors import UserError
from linkqa_kedro.parameters import Parameters
from linkqa_kedro.teacher.budget import Budget, Limits
from linkqa_kedro.teacher.completion_store import CompletionStore
from linkqa_kedro.teacher.concurrency import EndpointGate
from linkqa_kedro.teacher.model_profile import ModelProfile, StructuredOutput
from linkqa_kedro.teacher.pricing import FREE, Price
from linkqa_kedro.teacher.requests import Role, Stage
from linkqa_kedro.teacher.teacher import Teacher, TeacherModel

FIELDS_SET_ELSEWHERE = frozenset(
    {
        *("model", "messages", "max_tokens", "max_completion_tokens", "n", "best_of", "stream"),
        *("temperature", "top_p", "response_format"),
    }
)
_EndpointName = Annotated[str, Field(pattern="^[A-Za-z][A-Za-z0-9_]*$")]
_AtLeastOne = Annotated[int, Field(ge=1)]
_NotNegative = Annotated[float, Field(ge=0)]


class EndpointSettings(Parameters):
    """Limits of one endpoint, shared by all roles that it answers.

    Attributes:
        max_concurrency: Most requests in flight; fewer where it turns out to bear fewer.
        requests_per_minute: Most requests sent in any minute; None for no limit.
        tokens_per_minute: Most tokens in any minute, of prompts and answers; None for no limit.
    """

    max_concurrency: _AtLeastOne
    requests_per_minute: _AtLeastOne | None
    tokens_per_minute: _AtLeastOne | None


class RoleSettings(Parameters):
    """Who answers one role.

    Attributes:
        endpoint: Name of one of `endpoints`.
        model: Model name; None for the one that the endpoint's environment variable names.
    """

    endpoint: str = "main"
    model: str | None = None


class ModelSettings(Parameters):
    """What is known of one model; see `ModelProfile`. Prices are US dollars per million tokens."""

    input_usd_per_million: _NotNegative | None = None
    cached_input_usd_per_million: _NotNegative | None = None
    output_usd_per_million: _NotNegative | None = None
    instructions: Annotated[str, Field(pattern="^(user|system)$")] = "user"
    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    top_p: Annotated[float, Field(gt=0, le=1)] | None = None
    structured_output: StructuredOutput = "auto"
    token_limit: Annotated[str, Field(pattern="^(max_tokens|max_completion_tokens)$")] = "max_tokens"
    extra_body: dict[str, Any] = Field(default_factory=dict)

    @field_validator("extra_body")
    @classmethod
    def _only_further_fields(cls, value: dict[str, Any]) -> dict[str, Any]:
        """Refuse fields that are set elsewhere: the budget relies on them."""
        taken = sorted(value.keys() & FIELDS_SET_ELSEWHERE)
        if taken:
            raise ValueError(
                f"{', '.join(taken)} must not stand here; limits and settings of a role have their own place"
            )
        return value

    def profile(self) -> ModelProfile:
        """The same, as the teacher reads it; the price is unknown where one of the two is."""
        values = self.model_dump(exclude={name for name in type(self).model_fields if name.endswith("_per_million")})
        if self.input_usd_per_million is None or self.output_usd_per_million is None:
            return ModelProfile(**values)
        price = Price(self.input_usd_per_million, self.output_usd_per_million, self.cached_input_usd_per_million)
        return ModelProfile(price=price, **values)


class LimitSettings(Parameters):
    """Most that may be spent; None is no limit."""

    max_usd: Annotated[float, Field(gt=0)] | None
    max_tokens: Annotated[int, Field(gt=0)] | None

    def limits(self) -> Limits:
        """The same, as the budget reads it."""
        return Limits(self.max_usd, self.max_tokens)


class BudgetSettings(LimitSettings):
    """Limits of a run, and of its stages."""

    extraction: LimitSettings
    synthesis: LimitSettings
    enhancement: LimitSettings

    def budget(self) -> Budget:
        """The same, with nothing spent yet."""
        stages: dict[Stage, Limits] = {stage: getattr(self, stage).limits() for stage in get_args(Stage)}
        return Budget(self.limits(), stages)


class TeacherDescription(Parameters):
    """The teacher as the catalog describes it; see conf/base/catalog_teacher.yml."""

    kind: str
    n_partitions: int
    max_attempts: int
    max_retries: int
    backoff_seconds: float
    timeout_seconds: float
    endpoints: dict[_EndpointName, EndpointSettings]
    roles: dict[Role, RoleSettings]
    models: dict[str, ModelSettings]
    budget: BudgetSettings


class TeacherDataset(ReadOnlyDataset[Teacher]):
    """The embedded composer, or models behind OpenAI-compatible endpoints.

    The endpoint `main` is named by the environment variables LINKQA_BASE_URL, LINKQA_MODEL and LINKQA_API_KEY, another
    one, `judge`, by LINKQA_JUDGE_BASE_URL, LINKQA_JUDGE_MODEL and LINKQA_JUDGE_API_KEY. They are read when the dataset
    first loads: no address and no secret stands in the catalog.

    Args:
        filepath: Folder of the completion store.
        metadata: For kedro viz.
        settings: The fields of `TeacherDescription`.
    """

    def __init__(self, *, filepath: str, metadata: dict[str, Any] | None = None, **settings: Any) -> None:
        self._folder = Path(filepath)
        self._settings = settings
        self.metadata = metadata

    def load(self) -> Teacher:
        """The teacher, the same one at every load: budget and limits are those of the whole run.

        Nothing is asked and nothing opened yet.

        Raises:
            UserError: If an environment variable is missing, or a value of the catalog cannot be used.
        """
        return self._teacher

    @property
    def store(self) -> CompletionStore:
        """The completion store alone, which takes no model, no key and no address; not opened, and not made.

        Raises:
            UserError: If the catalog does not give its number of partitions.
        """
        n_partitions = self._settings.get("n_partitions")
        if not isinstance(n_partitions, int):
            raise UserError("The completion store has no n_partitions. Set it for the teacher in catalog_teacher.yml.")
        return CompletionStore(self._folder, n_partitions)

    @cached_property
    def _teacher(self) -> Teacher:
        settings = _checked(self._settings)
        if settings.kind == "composer":
            from linkqa_kedro.composer.model import Composer

            model = TeacherModel(Composer(), EndpointGate(settings.endpoints["main"].max_concurrency), FREE)
            by_role: dict[Role, TeacherModel] = {}
        elif settings.kind == "openai_compatible":
            model, by_role = _endpoint_models(settings)
        else:
            raise UserError(
                f"Unknown teacher '{settings.kind}'. Known: composer, openai_compatible. Set teacher in globals.yml."
            )
        return Teacher(
            model=model,
            by_role=by_role,
            store=CompletionStore(self._folder, settings.n_partitions),
            max_attempts=settings.max_attempts,
            max_retries=settings.max_retries,
            backoff_seconds=settings.backoff_seconds,
            budget=settings.budget.budget(),
        )

    def __getstate__(self) -> dict[str, Any]:
        # Connections and locks stay in their process.
        return {name: value for name, value in self.__dict__.items() if name != "_teacher"}

    def _describe(self) -> dict[str, Any]:
        return {"kind": self._settings.get("kind"), "filepath": self._folder}


def _checked(settings: Mapping[str, Any]) -> TeacherDescription:
    try:
        checked = TeacherDescription.model_validate(settings)
    except ValidationError as error:
        raise UserError(
            "; ".join(
                f"teacher.{'.'.join(str(part) for part in problem['loc'])}: {problem['msg']}, got "
                f"{problem['input']!r:.60}"
                for problem in error.errors()
            )
            + ". Set it in catalog_teacher.yml, or with --params where it belongs to the budget."
        ) from None
    known = sorted(checked.endpoints)
    named = {role.endpoint: f"roles.{name}" for name, role in checked.roles.items()}
    named.setdefault("main", "endpoints")
    for endpoint, place in named.items():
        if endpoint not in checked.endpoints:
            raise UserError(
                f"teacher.{place}: there is no endpoint '{endpoint}'. Known: {', '.join(known)}. "
                "Add it to endpoints of the teacher in catalog_teacher.yml."
            )
    return checked


def _endpoint_models(settings: TeacherDescription) -> tuple[TeacherModel, dict[Role, TeacherModel]]:
    """The model of all roles, and those of the roles that have their own."""
    gates = {
        name: EndpointGate(endpoint.max_concurrency, endpoint.requests_per_minute, endpoint.tokens_per_minute)
        for name, endpoint in settings.endpoints.items()
    }
    made: dict[tuple[str, str | None], TeacherModel] = {}

    def model_of(role: RoleSettings) -> TeacherModel:
        place = (role.endpoint, role.model)
        if place not in made:
            made[place] = _endpoint_model(role, settings, gates[role.endpoint])
        return made[place]

    return model_of(RoleSettings()), {name: model_of(role) for name, role in settings.roles.items()}


def _endpoint_model(role: RoleSettings, settings: TeacherDescription, gate: EndpointGate) -> TeacherModel:
    from linkqa_kedro.teacher.openai_compatible import OpenAICompatibleModel

    prefix = "LINKQA" if role.endpoint == "main" else f"LINKQA_{role.endpoint.upper()}"
    model = role.model or _required(f"{prefix}_MODEL", "a model that the endpoint serves, e.g. deepseek-reasoner")
    profile = settings.models.get(model, ModelSettings()).profile()
    chat = OpenAICompatibleModel(
        model=model,
        base_url=_required(f"{prefix}_BASE_URL", "the address of the API, e.g. http://127.0.0.1:8000/v1"),
        api_key=os.environ.get(f"{prefix}_API_KEY") or None,
        timeout_seconds=settings.timeout_seconds,
        profile=profile,
    )
    return TeacherModel(chat, gate, profile.price)


def _required(variable: str, meaning: str) -> str:
    value = os.environ.get(variable)
    if not value:
        raise UserError(f"The environment variable {variable} is not set. Set it to {meaning}.")
    return value
