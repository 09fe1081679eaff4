import json
from typing import Any

from fakes.answers import Examiners, in_words, qa
from fakes.requests import request_of
from fakes.scripted import ScriptedTeacher, completion_of
from linkqa_kedro.pipelines.answer_checks.checking import Checker, check_answers
from linkqa_kedro.pipelines.answer_checks.refining import RefinedAnswers, _read, refine_answers


def refined(row: dict[str, Any], made: tuple[Checker, ScriptedTeacher]) -> tuple[RefinedAnswers, list[str]]:
    """The outcome, and the roles asked in refining alone."""
    checker, chat = made
    checked = check_answers([row], {}, checker)
    n_asked = len(chat.asked)
    return refine_answers(checked.rows, checker), [request.role for request in chat.asked[n_asked:]]


def test_a_wrong_answer_is_mended_and_held_against_the_same_attempts(make_checker: Any) -> None:
    """Attempts are dear, and blind to the answer: those made before serve the new one too."""
    found, asked = refined(qa(answer="A"), make_checker(Examiners(["B"], answer="B")))
    (row,) = found.confirmed
    assert asked == ["refine"]
    assert (row["answer"], row["refined_from"], row["solve_rate"]) == ("B", "A", 1.0)
    assert row["explanation"].startswith("Each step")
    assert row["refine_key"]


def test_another_wrong_answer_is_set_aside(make_checker: Any) -> None:
    found, _ = refined(qa(answer="A"), make_checker(Examiners(["B"], answer="C")))
    (row,) = found.set_aside
    assert (row["reason"], row["answer"]) == ("answer refuted", "C")
    assert row["detail"] == "3 of 3 attempts give another answer, 0 give this one"


def test_a_question_to_which_nobody_finds_an_answer_is_set_aside_at_once(make_checker: Any) -> None:
    found, asked = refined(qa(), make_checker(Examiners([None], answer="B")))
    assert asked == []
    assert [(row["reason"], row["refine_key"]) for row in found.set_aside] == [("unsound question", None)]


def test_a_question_that_cannot_be_answered_is_set_aside_with_what_is_wrong(make_checker: Any) -> None:
    found, _ = refined(qa(), make_checker(Examiners([None, "C", None], answer="B", problem="no option is right")))
    (row,) = found.set_aside
    assert (row["reason"], row["detail"]) == ("unsound question", "no option is right")
    assert row["answer"] == "B"
    assert row["refine_key"]


def test_a_thin_solution_is_worked_out(make_checker: Any) -> None:
    longer = "The charge of its ions tells it from the other three metals."
    found, _ = refined(qa(explanation="Clear."), make_checker(Examiners(["B"], answer="B", explanation=longer)))
    assert [row["explanation"] for row in found.confirmed] == [longer]


def test_a_solution_that_stays_thin_is_set_aside(make_checker: Any) -> None:
    found, _ = refined(qa(explanation="Clear."), make_checker(Examiners(["B"], answer="B", explanation="Clear.")))
    assert [row["reason"] for row in found.set_aside] == ["thin solution"]


def test_a_refined_answer_has_its_own_arithmetic(make_checker: Any) -> None:
    row = in_words("7 kg", expression="2*3")
    found, _ = refined(row, make_checker(Examiners(["6 kg"], answer="6 kg", explanation=row["explanation"])))
    assert [(row["answer"], row["expression"]) for row in found.confirmed] == [("6 kg", None)]


def test_a_refiner_sees_no_attempt(make_checker: Any) -> None:
    """Shown what others answered, it would only have to copy the most frequent answer to be confirmed by it."""
    checker, chat = make_checker(Examiners(["A", None, "A"], answer="A"))
    refine_answers(check_answers([qa()], {}, checker).rows, checker)
    (request,) = [request for request in chat.asked if request.role == "refine"]
    assert request.values.keys() == {
        *("question_type", "question", "options", "answer", "explanation", "language", "is_thin")
    }


def test_a_thin_solution_keeps_its_confirmed_answer(make_checker: Any) -> None:
    longer = "The charge of its ions tells it from the other three metals."
    found, _ = refined(qa(explanation="Clear."), make_checker(Examiners(["B"], answer="C", explanation=longer)))
    assert [(row["reason"], row["answer"], row["explanation"]) for row in found.set_aside] == [
        ("thin solution", "B", "Clear.")
    ]


def test_a_problem_named_out_of_politeness_is_none(make_checker: Any) -> None:
    reply = {"explanation": "x", "answer": "B", "expression": None, "is_sound": True, "problem": "No problem."}
    request = request_of("a", values={"options": qa()["options"]})
    assert _read(request, completion_of(json.dumps(reply))).problem is None


def test_a_confirmed_answer_is_left_alone(make_checker: Any) -> None:
    found, asked = refined(qa(), make_checker(Examiners(["B"])))
    assert asked == []
    assert [(row["answer"], row["refined_from"]) for row in found.confirmed] == [("B", None)]
    assert "verdict" not in found.confirmed[0]


def test_without_refining_doubtful_rows_are_set_aside_at_once(make_checker: Any) -> None:
    found, asked = refined(qa(answer="A"), make_checker(Examiners(["B"], answer="B"), refine=False))
    assert asked == []
    assert [row["reason"] for row in found.set_aside] == ["answer refuted"]


def test_a_refinement_that_cannot_be_read_leaves_the_row_as_it_was(make_checker: Any) -> None:
    found, _ = refined(qa(answer="A"), make_checker(Examiners(["B"], answer="E")))
    (row,) = found.set_aside
    assert (row["answer"], row["reason"], row["refine_key"]) == ("A", "answer refuted", None)
