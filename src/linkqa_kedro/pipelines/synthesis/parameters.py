"""Knobs of synthesis; conf/base/parameters_synthesis.yml holds their values."""

from typing import Annotated, Literal

from pydantic import Field, PositiveInt

from linkqa_kedro.parameters import Parameters, TeacherSettings


class SynthesisParameters(Parameters):
    """Knobs of synthesis.

    Attributes:
        fan_out: QA asked of one path.
        question_types: Kinds of items asked for; each request names them all.
        language: `seeds` follows the majority of a path's seeds; else one language for all.
        teacher: How the teacher draws its answers.
    """

    fan_out: PositiveInt
    question_types: Annotated[list[str], Field(min_length=1)]
    language: Literal["seeds", "en", "zh"]
    teacher: TeacherSettings
