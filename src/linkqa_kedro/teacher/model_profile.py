"""What is known of a model beside its name: its price, and how its makers advise to ask it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from linkqa_kedro.teacher.pricing import Price
from linkqa_kedro.teacher.requests import Message, Request, SamplingSettings

StructuredOutput = Literal["auto", "json_schema", "json_object", "none"]


@dataclass(frozen=True, slots=True)
class ModelProfile:
    """How a model is asked; the default suits a model that nothing is known of.

    Attributes:
        price: Price of its tokens; None where it is unknown.
        instructions: Where instructions stand: "user" puts all into one user message, as the makers of reasoning models
            advise; "system" keeps them in a message of their own.
        temperature: What its makers advise; takes the place of the role's own. None keeps the role's.
        top_p: The same.
        structured_output: What is asked for beside the prompt: "auto" finds out what the endpoint honours.
        token_limit: Name under which the endpoint takes the limit of the answer.
        extra_body: Further fields of the request, such as {"reasoning_effort": "low"}.
    """

    price: Price | None = None
    instructions: Literal["user", "system"] = "user"
    temperature: float | None = None
    top_p: float | None = None
    structured_output: StructuredOutput = "auto"
    token_limit: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"
    extra_body: Mapping[str, Any] = field(default_factory=dict)

    def settings(self, request: Request) -> SamplingSettings:
        """The sampling settings of a request, as this model is to be asked."""
        own = request.settings
        return replace(
            own,
            temperature=own.temperature if self.temperature is None else self.temperature,
            top_p=own.top_p if self.top_p is None else self.top_p,
        )

    def messages(self, request: Request) -> tuple[Message, ...]:
        """The messages of a request, with its instructions where this model wants them."""
        if self.instructions == "system":
            return request.messages
        text = "\n\n".join(message["content"] for message in request.messages)
        return ({"role": "user", "content": text},)
