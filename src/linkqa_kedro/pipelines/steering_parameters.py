"""Knobs of `kedro steer`; conf/base/parameters_steering.yml holds their values. Sampling and evaluation read them."""

from typing import Annotated

from pydantic import Field, NonNegativeInt

from linkqa_kedro.parameters import Fraction, Parameters


class SteeringParameters(Parameters):
    """Knobs of `kedro steer`.

    Attributes:
        round: Rounds of the steering plan that sampling draws besides the targets' own quotas; `kedro steer` sets it.
        tolerance: Total variation between wanted and measured cells of the dataset at which steering ends.
        max_growth: Paths after a round over those before it, at most; above 1.
    """

    round: NonNegativeInt
    tolerance: Fraction
    max_growth: Annotated[float, Field(gt=1, le=10)]
