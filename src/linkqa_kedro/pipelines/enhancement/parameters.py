"""Knobs of enhancement; conf/base/parameters_enhancement.yml holds their values."""

from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import Field, NonNegativeFloat, NonNegativeInt, PositiveInt, model_validator

from linkqa_kedro.parameters import Level, Parameters, TeacherSettings, must_sum_to_one

Strategy = Literal["more_inference_steps", "added_constraints", "neighbouring_kp", "abstraction", "counterfactual"]


class RatingParameters(Parameters):
    """How difficulty is measured.

    Attributes:
        repeats: Ratings of each item; the median counts.
        calibration_seeds: Most seeds with a difficulty label of their own that are rated beside it; 0 for none.
        rate_unconfirmed: Whether QA whose answer was not confirmed are rated too: were they the hard ones?
        calibrate: Whether measured levels are corrected by those labels, where that lowers the error on held-out seeds.
        random_seed: Decides which seeds these are.
    """

    repeats: PositiveInt
    calibration_seeds: NonNegativeInt
    rate_unconfirmed: bool
    calibrate: bool
    random_seed: NonNegativeInt


class EnhancementParameters(Parameters):
    """Knobs of enhancement.

    Attributes:
        disciplines: Disciplines whose difficulty is brought to the target, or `all`; the others are rated only.
        difficulty: Share of each level wanted within them, summing to 1.
        max_rounds: Rounds of changing and rating; 0 rates only.
        max_attempts_per_qa: Tries with one QA before it is left as it is.
        strategies: Ways to change a QA, taken in turn.
        neighbour_seeds: Further seeds shown with each change, from neighbouring knowledge points.
        teacher: How the teacher draws its changed QA.
        rater: How the teacher draws its ratings.
        rating: How difficulty is measured.
    """

    disciplines: list[str] | Literal["all"]
    difficulty: dict[Level, NonNegativeFloat]
    max_rounds: NonNegativeInt
    max_attempts_per_qa: PositiveInt
    strategies: Annotated[list[Strategy], Field(min_length=1)]
    neighbour_seeds: NonNegativeInt
    teacher: TeacherSettings
    rater: TeacherSettings
    rating: RatingParameters

    def enhanced(self, present: Iterable[str]) -> list[str]:
        """The disciplines to be brought to the target, sorted.

        Args:
            present: Disciplines that the QA have.
        """
        return sorted(set(present) if self.disciplines == "all" else self.disciplines)

    @model_validator(mode="after")
    def _shares_sum_to_one(self) -> "EnhancementParameters":
        must_sum_to_one("difficulty", self.difficulty.values())
        return self
