"""Answer columns of rows whose answers nobody checked, and knobs that check nothing."""

from typing import Any

UNCHECKED: dict[str, Any] = {
    "answer_check": "unchecked",
    "solve_attempts": 0,
    "solve_answers": [],
    "solve_rate": None,
    "attempts_agreement": None,
    "solve_keys": [],
    "solve_reasoning": None,
    "compare_key": None,
    "refined_from": None,
    "refine_key": None,
}


def without_checks(answer_checking: Any) -> Any:
    """The knobs of answer checking, so that every answer is taken as it is."""
    return answer_checking.model_copy(
        update={"attempts": 0, "most_attempts": 0, "least_solution_tokens": 0, "refine": False}
    )
