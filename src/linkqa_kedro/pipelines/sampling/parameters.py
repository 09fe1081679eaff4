"""Knobs of sampling; conf/base/parameters_sampling.yml holds their values."""

from typing import Annotated, Literal

from pydantic import Field, NonNegativeFloat, PositiveInt, model_validator

from linkqa_kedro.parameters import Fraction, Level, Parameters, must_sum_to_one
from linkqa_kedro.walks.path_seeds import MAX_PATH_LENGTH


class Targets(Parameters):
    """The mix that is wanted; docs/method.md, section 3.

    Attributes:
        disciplines: Share of each discipline, summing to 1; `uniform` over the disciplines that the seeds have; null
            for the seeds' own mix, without quotas.
        difficulty: Share of each level, summing to 1; `uniform`; null for the seeds' own mix, without quotas.
        joint: Shares by discipline and level, summing to 1 together; replaces both of the above; null where unused.
    """

    disciplines: dict[str, NonNegativeFloat] | Literal["uniform"] | None
    difficulty: dict[Level, NonNegativeFloat] | Literal["uniform"] | None
    joint: dict[str, dict[Level, NonNegativeFloat]] | None

    @model_validator(mode="after")
    def _shares_sum_to_one(self) -> "Targets":
        if isinstance(self.disciplines, dict):
            must_sum_to_one("disciplines", self.disciplines.values())
        if isinstance(self.difficulty, dict):
            must_sum_to_one("difficulty", self.difficulty.values())
        if self.joint is not None:
            must_sum_to_one("joint", [share for row in self.joint.values() for share in row.values()])
        return self

    def named_disciplines(self) -> set[str]:
        """Disciplines that the targets name."""
        if self.joint is not None:
            return set(self.joint)
        return set(self.disciplines) if isinstance(self.disciplines, dict) else set()


class SamplingParameters(Parameters):
    """Knobs of sampling.

    Attributes:
        n_paths: Paths to draw.
        path_length: Knowledge points of the shortest and the longest path.
        targets: The mix that is wanted.
        redistribute: Where the paths of a cell go that the seeds cannot fill.
        popularity_exponent: alpha, 0 to 1.
        correction_exponent: beta, at least 0.
        association_exponent: gamma, at least 0.
        cross_discipline_rate: rho, 0 to 1.
        smoothing_fraction: s as a share of the reachable knowledge points, at least 1e-6.
        round_growth: Size of a round over the one before, at least 1.
        seeds_per_path: Fewest seeds of a path, and the number aimed at.
        max_paths_per_seed: Paths that one seed may serve.
        max_attempts: Draws of one walk before it is given up.
        max_failed_walks: Walks given up before a cell is closed; a path drawn makes up for as many of them.
        random_seed: Keys every draw, with round, walk, attempt and step.
    """

    n_paths: PositiveInt
    path_length: tuple[Annotated[int, Field(ge=2)], Annotated[int, Field(ge=2, le=MAX_PATH_LENGTH)]]
    targets: Targets
    redistribute: Literal["none", "same_discipline", "proportional"]
    popularity_exponent: Fraction
    correction_exponent: Annotated[float, Field(ge=0, le=16)]
    association_exponent: Annotated[float, Field(ge=0, le=16)]
    cross_discipline_rate: Fraction
    smoothing_fraction: Annotated[float, Field(ge=1e-6)]
    round_growth: Annotated[float, Field(ge=1)]
    seeds_per_path: tuple[Annotated[int, Field(ge=2)], Annotated[int, Field(ge=2)]]
    max_paths_per_seed: PositiveInt
    max_attempts: PositiveInt
    max_failed_walks: PositiveInt
    random_seed: Annotated[int, Field(ge=0, lt=2**32)]

    @model_validator(mode="after")
    def _ranges_ascend(self) -> "SamplingParameters":
        for name in ("path_length", "seeds_per_path"):
            low, high = getattr(self, name)
            if low > high:
                raise ValueError(f"{name} must name the smaller number first, got [{low}, {high}]")
        return self
