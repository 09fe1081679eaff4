"""Half a line about what came out of a stage."""

import pytest

from linkqa_kedro.report.stage_notes import stage_note


def usage(bought: int, reused: int, cost_usd: float | None, unusable: int = 0) -> dict[str, float | None]:
    return {"bought": bought, "reused": reused, "unusable": unusable, "cost_usd": cost_usd}


@pytest.mark.parametrize(
    ("cost_usd", "said"),
    [
        (0.0, "1,780 QA from 600 paths; 12 completions bought, 3,000 reused"),
        (1.5, "1,780 QA from 600 paths; 12 completions bought for 1.50 USD, 3,000 reused"),
        (None, "1,780 QA from 600 paths; 12 completions bought, 3,000 reused"),
    ],
)
def test_a_stage_with_a_teacher_says_what_was_bought(cost_usd: float | None, said: str) -> None:
    assert stage_note("synthesis", {"qa": 1780, "paths": 600, "teacher": usage(12, 3000, cost_usd)}) == said


def test_the_askings_of_one_stage_are_counted_together() -> None:
    figures = {"accepted": 5, "tries": 7, "rating_teacher": usage(1, 2, 0.0), "change_teacher": usage(10, 20, 0.0)}
    assert stage_note("enhancement", figures).endswith("; 11 completions bought, 22 reused")


def test_completions_that_could_not_be_used_are_told() -> None:
    assert stage_note("synthesis", {"qa": 1, "paths": 1, "teacher": usage(3, 0, 0.0, 2)}).endswith(", 2 unusable")


def test_a_stage_without_figures_in_this_run_says_nothing() -> None:
    assert stage_note("graph", {}) == ""
    assert stage_note("mine", {"rows": 1}) == ""
