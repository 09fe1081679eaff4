"""Knobs of synthesis; conf/base/parameters_synthesis.yml holds their values."""

from collections import Counter
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, NonNegativeFloat, PositiveInt, field_validator

from linkqa_kedro.parameters import Parameters, TeacherSettings
from linkqa_kedro.pipelines.synthesis.type_mix import type_name


class SynthesisParameters(Parameters):
    """Knobs of synthesis.

    Attributes:
        fan_out: QA asked of one path.
        question_types: Weight of each type of question, in any unit; 0 for none. A list of types gives them equal
            weights, and takes the place of all others.
        language: `seeds` follows the majority of a path's seeds; else one language for all.
        teacher: How the teacher draws its answers.
        random_seed: Decides which path is asked for which types.
    """

    fan_out: PositiveInt
    question_types: dict[str, NonNegativeFloat]
    language: Literal["seeds", "en", "zh"]
    teacher: TeacherSettings
    random_seed: Annotated[int, Field(ge=0)]

    @field_validator("question_types", mode="before")
    @classmethod
    def _weights(cls, types: Any) -> Any:
        if isinstance(types, list) and all(isinstance(name, str) for name in types):
            pairs = [(type_name(name), 1.0) for name in types]
        elif isinstance(types, Mapping):
            pairs = [(type_name(str(name)), weight) for name, weight in types.items()]
        else:
            raise ValueError("must be types with their weights, or a list of types")
        twice = [name for name, n in Counter(name for name, _ in pairs).items() if n > 1]
        if twice:
            raise ValueError(f"{twice[0]} is named twice")
        return dict(pairs)

    @field_validator("question_types")
    @classmethod
    def _asks_for_some(cls, weights: dict[str, float]) -> dict[str, float]:
        if not any(weights.values()):
            raise ValueError("at least one type needs a weight above 0")
        return weights
