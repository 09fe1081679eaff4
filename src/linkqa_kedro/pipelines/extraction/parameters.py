"""Knobs of extraction; conf/base/parameters_extraction.yml holds their values."""

from typing import Annotated

from pydantic import Field, PositiveInt, model_validator

from linkqa_kedro.parameters import Parameters, TeacherSettings


class SeedColumns(Parameters):
    """Column of a seed file that holds each field; see docs/data_dictionary.md for their meaning."""

    id: str
    question: str
    answer: str
    options: str
    discipline: str
    difficulty: str
    knowledge_points: str
    language: str
    source: str
    licence: str


class DifficultyScale(Parameters):
    """The scale of one source's difficulty labels, mapped linearly onto 1 to 5.

    Attributes:
        easiest: Label of the easiest level.
        hardest: Label of the hardest level.
    """

    easiest: float
    hardest: float

    @model_validator(mode="after")
    def _must_span(self) -> "DifficultyScale":
        if self.easiest == self.hardest:
            raise ValueError(f"easiest and hardest must differ, both are {self.easiest}")
        return self


class CandidateParameters(Parameters):
    """Which phrases are offered to the teacher as knowledge points.

    Attributes:
        per_seed: Most candidates of one seed.
        min_seeds: Seeds that must hold a phrase: one that stands in a single seed links nothing.
        max_seed_share: Share of a language's seeds above which a phrase is a generic hub.
        neighbours: Nearest labelled seeds shown with each request.
    """

    per_seed: PositiveInt
    min_seeds: PositiveInt
    max_seed_share: Annotated[float, Field(gt=0, le=1)]
    neighbours: PositiveInt


class ExtractionParameters(Parameters):
    """Knobs of extraction.

    Attributes:
        columns: Column of the seed file that holds each field.
        disciplines: The taxonomy: name of each discipline and the other names it goes by.
        difficulty_scales: Scale of the labels, by source; sources not named are on 1 to 5 already.
        max_question_characters: Longer questions are set aside.
        candidates: Which phrases are offered.
        max_knowledge_points: Most knowledge points of one annotation by the teacher.
        teacher: How the teacher draws its answers.
    """

    columns: SeedColumns
    disciplines: Annotated[dict[str, list[str]], Field(min_length=1)]
    difficulty_scales: dict[str, DifficultyScale]
    max_question_characters: PositiveInt
    candidates: CandidateParameters
    max_knowledge_points: Annotated[int, Field(ge=2, le=8)]
    teacher: TeacherSettings

    @model_validator(mode="after")
    def _names_must_differ(self) -> "ExtractionParameters":
        seen: dict[str, str] = {}
        for name, others in self.disciplines.items():
            for spelling in {fold_discipline(spelling) for spelling in (name, *others)}:
                if spelling in seen:
                    raise ValueError(f"'{spelling}' stands for both {seen[spelling]} and {name}")
                seen[spelling] = name
        return self

    def discipline_names(self) -> dict[str, str]:
        """Every folded spelling and the discipline it stands for."""
        return {
            fold_discipline(spelling): name for name, others in self.disciplines.items() for spelling in (name, *others)
        }


def fold_discipline(name: str) -> str:
    """Case, underscores and white space do not tell disciplines apart."""
    return " ".join(name.casefold().replace("_", " ").split())
