"""Knobs of extraction; conf/base/parameters_extraction.yml holds their values."""

from typing import Annotated, Any

from pydantic import Field, NonNegativeInt, PositiveInt, field_validator, model_validator

from linkqa_kedro.parameters import Level, Parameters, TeacherSettings
from linkqa_kedro.records import DIFFICULTY_LEVELS


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
    """The scale of one source's difficulty labels: numbers mapped linearly onto 1 to 5, or the level of every label.

    Attributes:
        easiest: Label of the easiest level.
        hardest: Label of the hardest level.
        labels: Level of each label; case and white space do not tell labels apart.
    """

    # Two forms of one parameter, and only one of them stands: the other has no value to give.
    easiest: float | None = None
    hardest: float | None = None
    labels: Annotated[dict[str, Level], Field(min_length=1)] | None = None

    @field_validator("labels", mode="before")
    @classmethod
    def _labels_are_text(cls, labels: Any) -> Any:
        return {fold_label(label): level for label, level in labels.items()} if isinstance(labels, dict) else labels

    @model_validator(mode="after")
    def _must_span(self) -> "DifficultyScale":
        ends = [end for end in (self.easiest, self.hardest) if end is not None]
        if len(ends) != (2 if self.labels is None else 0):
            raise ValueError("needs either easiest and hardest, or labels, e.g. {labels: {easy: 2, hard: 4}}")
        if ends and self.easiest == self.hardest:
            raise ValueError(f"easiest and hardest must differ, both are {self.easiest}")
        return self

    def level(self, label: Any) -> float | None:
        """Level of a label, in [1, 5] if the label is on the scale; None where it is no label of it.

        A number x becomes 1 + 4 (x - easiest) / (hardest - easiest).
        """
        if self.labels is not None:
            return self.labels.get(fold_label(label))
        assert self.easiest is not None
        assert self.hardest is not None
        number = number_of(label)
        if number is None:
            return None
        lowest, highest = DIFFICULTY_LEVELS[0], DIFFICULTY_LEVELS[-1]
        return lowest + (highest - lowest) * (number - self.easiest) / (self.hardest - self.easiest)


class CandidateParameters(Parameters):
    """Which phrases are offered to the teacher as knowledge points.

    Attributes:
        per_seed: Most candidates of one seed.
        min_seeds: Seeds that must hold a phrase: one that stands in a single seed links nothing.
        max_seed_share: Share of a language's seeds above which a phrase is a generic hub.
        neighbours: Nearest labelled seeds shown with each request; more where fewer than half have knowledge points.
    """

    per_seed: PositiveInt
    min_seeds: PositiveInt
    max_seed_share: Annotated[float, Field(gt=0, le=1)]
    neighbours: PositiveInt


class AliasParameters(Parameters):
    """What is done about names that are spelled alike, beyond the rules that merge variants of one name.

    Attributes:
        adjudicate: Whether the teacher is asked which close pairs are one concept.
        least_likeness: Cosine of character n-grams from which two names are a close pair.
        most_pairs: Close pairs listed, and asked about, at most; the closest first.
        teacher: How the teacher draws its answers.
    """

    adjudicate: bool
    least_likeness: Annotated[float, Field(gt=0, le=1)]
    most_pairs: NonNegativeInt
    teacher: TeacherSettings


class ExtractionParameters(Parameters):
    """Knobs of extraction.

    Attributes:
        columns: Column of the seed file that holds each field.
        disciplines: The taxonomy: name of each discipline and the other names it goes by.
        difficulty_scales: Scale of the labels, by source; sources not named are on 1 to 5 already.
        max_question_characters: Seeds with longer questions are set aside.
        max_answer_characters: Seeds with longer answers, or a longer option, are set aside.
        candidates: Which phrases are offered.
        aliases: What is done about names that are spelled alike.
        max_knowledge_points: Most knowledge points of one annotation by the teacher.
        teacher: How the teacher draws its answers.
    """

    columns: SeedColumns
    disciplines: Annotated[dict[str, list[str]], Field(min_length=1)]
    difficulty_scales: dict[str, DifficultyScale]
    max_question_characters: PositiveInt
    max_answer_characters: PositiveInt
    candidates: CandidateParameters
    aliases: AliasParameters
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


def fold_label(label: Any) -> str:
    """Case and white space do not tell labels of difficulty apart, and neither do 3 and 3.0."""
    if isinstance(label, float) and label.is_integer():
        label = int(label)
    return " ".join(str(label).casefold().split())


def number_of(label: Any) -> float | None:
    """The number that a label is, or None."""
    try:
        return None if isinstance(label, bool) else float(label)
    except (TypeError, ValueError, OverflowError):
        return None
