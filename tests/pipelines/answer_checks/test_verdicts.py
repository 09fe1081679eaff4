from typing import Any

import pytest
from pydantic import ValidationError

from fakes.answers import in_words, qa
from linkqa_kedro.pipelines.answer_checks.parameters import AnswerCheckingParameters
from linkqa_kedro.pipelines.answer_checks.verdicts import Votes, judge


@pytest.fixture
def settings(parameters: dict[str, Any]) -> AnswerCheckingParameters:
    return parameters["answer_checking"]


def of_options(n_for: int, *others: str) -> Votes:
    return Votes(("B",) * n_for, others, True)


@pytest.mark.parametrize(
    ("votes", "verdict"),
    [
        (of_options(3), "confirmed"),
        (of_options(2, "A"), "confirmed"),
        (of_options(1, "A", "C"), "confirmed"),
        (of_options(1, "A", "A"), "refuted"),
        (of_options(1, "", ""), "refuted"),
        (of_options(0, "A", "C", "D"), "refuted"),
        (of_options(1, "A", "C", "D", "", "AB"), "unconfirmed"),
        (of_options(2, "A", "A", "C", "C", "D", "D", ""), "confirmed"),
        (of_options(3, "A", "A", "A", "C", "C", "D"), "confirmed"),
        (of_options(0), "unconfirmed"),
    ],
)
def test_votes_decide(settings: AnswerCheckingParameters, votes: Votes, verdict: str) -> None:
    """More votes for another answer refute; too small a share leaves open; a tie with others is not held against it."""
    assert judge(qa(), votes, settings)[0] == verdict


def test_what_spoke_against_it_is_told_with_its_figures(settings: AnswerCheckingParameters) -> None:
    assert judge(qa(), of_options(1, "A", "A"), settings)[1] == "2 of 3 attempts give another answer, 1 give this one"
    assert judge(qa(), of_options(3), settings)[1] == ""


def test_an_answer_against_its_own_arithmetic_is_refuted_unless_attempts_carry_it(
    settings: AnswerCheckingParameters,
) -> None:
    """The arithmetic is the writer's too: of two mistakes, attempts know which one it is."""
    row = in_words("7 kg", expression="2*3", question_type="calculation")
    verdict, detail = judge(row, Votes(("7 kg",), ("8 kg", "9 kg"), False), settings)
    assert verdict == "refuted"
    assert detail == "its own arithmetic gives 2*3 = 6, not 7 kg"
    assert judge(row, Votes(("7 kg",) * 2, ("8 kg",), False), settings)[0] == "confirmed"
    assert judge(row, Votes(("7 kg",), (), False), settings)[0] == "refuted"


def test_a_question_to_which_nobody_finds_an_answer_is_unsound(settings: AnswerCheckingParameters) -> None:
    assert judge(qa(), Votes((), ("", "", ""), True), settings) == ("unsound", "3 of 3 attempts find no answer")
    assert judge(qa(), Votes((), ("", "", "C"), True), settings)[0] == "refuted"


def test_a_solution_of_two_words_is_thin(settings: AnswerCheckingParameters) -> None:
    assert judge(qa(explanation="By definition."), of_options(3), settings)[0] == "thin"
    assert judge(qa(explanation="依定义而得，别无他解。"), of_options(3), settings)[0] == "confirmed"


def test_without_attempts_only_arithmetic_and_length_count(settings: AnswerCheckingParameters) -> None:
    none = settings.model_copy(update={"attempts": 0})
    assert judge(qa(), of_options(0), none)[0] == "confirmed"
    assert judge(in_words("7", expression="2*3"), Votes((), (), False), none)[0] == "refuted"


def test_answers_that_nobody_compared_may_be_one_and_those_compared_are_what_they_are() -> None:
    """Two wordings may say the same; where a model says that they do not, they are no majority."""
    words = ("ab", "cd", "ef")
    assert Votes((), words, False).n_for_another == 3
    assert Votes((), words, False, (1, 2, 1)).n_for_another == 2
    assert Votes((), ("ab", "cd", "5", "6", "6"), False, (1, 2, 0, 0, 0)).n_for_another == 2


def test_rates_are_over_the_attempts_that_could_be_compared() -> None:
    votes = of_options(1, "A", "A")
    assert votes.solve_rate == pytest.approx(1 / 3)
    assert votes.agreement == pytest.approx(2 / 3)
    assert of_options(0).solve_rate is None
    assert of_options(0).agreement is None


def test_fewer_attempts_at_most_than_at_first_are_refused(settings: AnswerCheckingParameters) -> None:
    with pytest.raises(ValidationError, match="most_attempts is 2, less than attempts, 3"):
        AnswerCheckingParameters.model_validate({**settings.model_dump(), "most_attempts": 2})


def test_two_wrong_orders_are_two_answers(settings: AnswerCheckingParameters) -> None:
    """Where the order is asked for, another order is another answer, and no two of them agree by holding the same."""
    row = in_words("1, 2, 3", question_type="ordering")
    votes = Votes(("1, 2, 3",), ("2, 1, 3", "3, 1, 2"), False, in_order=True)
    assert votes.n_for_another == 1
    assert judge(row, votes, settings)[0] == "confirmed"
