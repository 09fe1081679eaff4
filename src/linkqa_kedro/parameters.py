"""What the parameters of all stages have in common."""

from collections.abc import Iterable
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from linkqa_kedro.teacher.requests import SamplingSettings

Fraction = Annotated[float, Field(ge=0, le=1)]
Level = Annotated[int, Field(ge=1, le=5)]


_SHARE_TOLERANCE = 1e-6


def must_sum_to_one(name: str, shares: Iterable[float]) -> None:
    """Refuse shares that are no distribution.

    Raises:
        ValueError: Names the parameter and the sum.
    """
    total = sum(shares)
    if abs(total - 1) > _SHARE_TOLERANCE:
        raise ValueError(f"the shares of {name} must sum to 1, they sum to {total:.6g}")


class Parameters(BaseModel):
    """Base of every parameter model: values live in YAML, so nothing has a default and nothing unknown may stand."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class TeacherSettings(Parameters):
    """How the teacher draws its answers in one role.

    Attributes:
        temperature: At least 0; None leaves it to the server.
        top_p: In (0, 1]; None leaves it to the server.
        max_output_tokens: Upper limit of an answer, reasoning included.
    """

    temperature: Annotated[float, Field(ge=0, le=2)] | None
    top_p: Annotated[float, Field(gt=0, le=1)] | None
    max_output_tokens: Annotated[int, Field(ge=1)]

    @property
    def sampling(self) -> SamplingSettings:
        """The same as part of a request."""
        return SamplingSettings(self.temperature, self.top_p, self.max_output_tokens)
