"""Knobs of checking answers; conf/base/parameters_answer_checking.yml holds their values."""

from pydantic import NonNegativeInt, model_validator

from linkqa_kedro.parameters import Fraction, Parameters, TeacherSettings


class AnswerCheckingParameters(Parameters):
    """Knobs of checking answers. Synthesis and enhancement read them.

    Attributes:
        attempts: Blind attempts to solve each QA that no program can recompute; 0 for none. Also the votes by which one
            answer must lead: until it does, as many again are made.
        most_attempts: Where that ends.
        least_solve_rate: Share of the attempts that must give the QA's answer.
        least_solution_tokens: Worked solutions of fewer tokens are thin.
        refine: Whether a wrong or thin answer is worked out again before its QA is set aside.
        solver: How the teacher draws its attempts.
        comparer: How it draws its comparisons.
        refiner: How it draws its refined answers.
    """

    attempts: NonNegativeInt
    most_attempts: NonNegativeInt
    least_solve_rate: Fraction
    least_solution_tokens: NonNegativeInt
    refine: bool
    solver: TeacherSettings
    comparer: TeacherSettings
    refiner: TeacherSettings

    @model_validator(mode="after")
    def _most_is_no_less(self) -> "AnswerCheckingParameters":
        if self.most_attempts < self.attempts:
            raise ValueError(f"most_attempts is {self.most_attempts}, less than attempts, {self.attempts}")
        return self
