"""Whom a stage asks: the models behind each role, the store of what they answered, and what may be spent."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from linkqa_kedro.errors import UserError
from linkqa_kedro.teacher.budget import Amount, Budget
from linkqa_kedro.teacher.completion_store import CompletionStore
from linkqa_kedro.teacher.concurrency import EndpointGate
from linkqa_kedro.teacher.pricing import Price, cost_usd
from linkqa_kedro.teacher.requests import ChatModel, Completion, Request, Role


@dataclass(frozen=True)
class TeacherModel:
    """One model as it is asked.

    Attributes:
        chat: Who answers.
        gate: What every request to its endpoint passes; models on one endpoint share one.
        price: Price of its tokens; None where it is unknown.
    """

    chat: ChatModel
    gate: EndpointGate
    price: Price | None = None

    def worst_case(self, request: Request) -> Amount:
        """The most that a request can cost; in dollars only where the price is known."""
        n_input, n_output = self.chat.most_tokens(request)
        # The cache may even cost more than it saves: some services charge for writing to it.
        usd = max(cost_usd(self.price, n_input, n_output, cached) or 0.0 for cached in (0, n_input))
        return Amount(usd, n_input + n_output)

    def spent(self, completion: Completion, worst: Amount) -> Amount:
        """What a completion cost; where the endpoint did not say, as much as it can have cost."""
        tokens = tokens_of(completion)
        usd = completion.cost_usd if completion.cost_usd is not None else self.cost_usd(completion)
        return Amount(worst.usd if usd is None else usd, worst.tokens if tokens is None else tokens)

    def cost_usd(self, completion: Completion) -> float | None:
        """Price of a completion; None where the price or the usage is unknown."""
        return cost_usd(self.price, completion.input_tokens, completion.output_tokens, completion.cached_input_tokens)


def tokens_of(completion: Completion) -> int | None:
    """Tokens of prompt and answer; None where the endpoint did not say."""
    if completion.input_tokens is None or completion.output_tokens is None:
        return None
    return completion.input_tokens + completion.output_tokens


@dataclass(frozen=True)
class Teacher:
    """Models by role, the store of what they answered, and how patiently they are asked.

    Attributes:
        model: Who answers the roles that are not named in `by_role`.
        store: Where answers are kept and sought first.
        max_attempts: Fresh attempts after an unusable answer, at least 0; each is bought.
        max_retries: Retries of a request that failed unanswered, at least 0.
        backoff_seconds: Pause before the first retry, at least 0; it doubles with each next one and is spread by up to
            a half.
        by_role: Who answers a role, where it is someone else.
        budget: What may be spent.

    Raises:
        UserError: Where a value is out of its range, or a limit in dollars meets a model without a price.
    """

    model: TeacherModel
    store: CompletionStore
    max_attempts: int
    max_retries: int
    backoff_seconds: float
    by_role: Mapping[Role, TeacherModel] = field(default_factory=dict)
    budget: Budget = field(default_factory=Budget)

    def __post_init__(self) -> None:
        lowest = {"max_attempts": 0, "max_retries": 0, "backoff_seconds": 0}
        for name, least in lowest.items():
            if not getattr(self, name) >= least:
                raise UserError(
                    f"{name} must be {least} or more, got {getattr(self, name)}. Set it for the teacher in "
                    "catalog_teacher.yml."
                )
        unpriced = sorted({model.chat.model for model in self.models if model.price is None})
        if self.budget.limits_usd and unpriced:
            raise UserError(
                f"max_usd cannot be kept, because the price of {', '.join(unpriced)} is unknown. Add it to models of "
                "the teacher in catalog_teacher.yml (US dollars per million tokens), or limit max_tokens instead."
            )

    @property
    def models(self) -> tuple[TeacherModel, ...]:
        """All models, the one for unnamed roles first."""
        return (self.model, *self.by_role.values())

    @property
    def name(self) -> str:
        """Names of the models, each once."""
        return ", ".join(dict.fromkeys(model.chat.model for model in self.models))

    def model_for(self, role: Role) -> TeacherModel:
        """Who answers a role."""
        return self.by_role.get(role, self.model)
