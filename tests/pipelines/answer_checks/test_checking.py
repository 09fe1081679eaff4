import json
from collections import Counter
from typing import Any

import pytest

from fakes.answers import OPTIONS, Examiners, in_words, qa
from linkqa_kedro.pipelines.answer_checks.checking import answer_figures, check_answers
from linkqa_kedro.records import SOLVED_QA


def test_a_solver_sees_the_question_and_its_options_and_nothing_else(make_checker: Any) -> None:
    """Whoever sees the answer finds reasons for it."""
    row = qa(explanation="SOLUTION of the writer", reasoning="THOUGHTS", expression="1+1", answer="C")
    checker, chat = make_checker(Examiners(["C"]))
    check_answers([row], {}, checker)
    for request in chat.asked:
        assert request.values == {name: row[name] for name in ("question_type", "question", "options")}
        shown = json.dumps([*request.messages])
        assert all(text in shown for text in (row["question"], *OPTIONS.values()))
        assert not any(text in shown for text in ("SOLUTION", "THOUGHTS", "1+1"))
    n_bought = len(chat.asked)
    check_answers([{**row, "answer": "A", "explanation": "ANOTHER"}], {}, checker)
    assert len(chat.asked) == n_bought, "another answer makes another request"


def test_three_attempts_of_one_mind_are_enough(make_checker: Any) -> None:
    checker, chat = make_checker(Examiners(["B"]))
    (row,) = check_answers([qa()], {}, checker).rows
    assert [request.sample for request in chat.asked] == [0, 1, 2]
    assert (row["verdict"], row["answer_check"], row["solve_rate"]) == ("confirmed", "solved", 1.0)
    assert row["solve_answers"] == ["B", "B", "B"]
    assert len(set(row["solve_keys"])) == 3


@pytest.mark.parametrize(
    ("attempts", "n_bought", "verdict", "rate"),
    [
        (["B", "B", "A", "B", "B", "B"], 6, "confirmed", 5 / 6),
        (["A", "B", "A", "B", "B", "A", "B", "B", "B"], 9, "confirmed", 6 / 9),
        (["A", "B", "B", "A", "A", "A"], 9, "refuted", 2 / 9),
        (["A", "B", None, "A", "A", "A", "A"], 6, "refuted", 1 / 6),
        (["A", "A", "A"], 3, "refuted", 0.0),
    ],
)
def test_more_are_bought_until_one_answer_leads_by_three(
    make_checker: Any, attempts: list[str | None], n_bought: int, verdict: str, rate: float
) -> None:
    """A coin is not asked three times: what splits the attempts is asked again."""
    checker, chat = make_checker(Examiners(attempts))
    (row,) = check_answers([qa()], {}, checker).rows
    assert len(chat.asked) == n_bought
    assert row["verdict"] == verdict
    assert row["solve_rate"] == pytest.approx(rate)


def test_only_what_is_open_is_asked_again(make_checker: Any) -> None:
    class Split(Examiners):
        def __call__(self, request: Any) -> str:
            self.attempts = ["B", "A", "B"] if "split" in request.values["question"] else ["B"]
            return super().__call__(request)

    checker, chat = make_checker(Split([]))
    check_answers([qa("clear"), qa("split")], {}, checker)
    assert Counter(request.record_id for request in chat.asked) == {"qa-clear": 3, "qa-split": 6}


def test_a_model_compares_only_what_no_rule_can_tell(make_checker: Any) -> None:
    rows = [qa(), *(in_words(answer, name=answer) for answer in ("12 kg", "True", "the warm glow"))]
    answers = {"qa-one": "B", "qa-12 kg": "12.0 kg", "qa-True": "true", "qa-the warm glow": "a warm glow"}

    class ByRow(Examiners):
        def __call__(self, request: Any) -> str:
            self.attempts = [answers[request.record_id]]
            return super().__call__(request)

    checker, chat = make_checker(ByRow([], compare=lambda values: [0] * len(values["others"])))
    checked = check_answers(rows, {}, checker).rows
    assert [row["verdict"] for row in checked] == ["confirmed"] * 4
    (comparison,) = [request for request in chat.asked if request.role == "compare"]
    assert comparison.record_id == "qa-the warm glow"
    assert comparison.values == {"question": rows[3]["question"], "answer": "the warm glow", "others": ["a warm glow"]}
    assert [row["answer_check"] for row in checked] == ["solved", "solved", "solved", "compared"]


def test_answers_in_words_count_as_one_only_where_they_say_the_same(make_checker: Any) -> None:
    attempts = ["glow", "a flame", "the frost", "some wind", "a glow", "one glow", "rain", "hail", "a warm glow"]

    def apart(values: Any) -> list[int]:
        return [0 if "glow" in one else place for place, one in enumerate(values["others"], 1)]

    checker, _ = make_checker(Examiners(attempts, compare=apart))
    (row,) = check_answers([in_words("glow")], {}, checker).rows
    assert row["solve_rate"] == pytest.approx(4 / 9)
    assert row["verdict"] == "confirmed"
    checker, _ = make_checker(Examiners(attempts, lambda values: [int("glow" not in x) for x in values["others"]]), 5)
    (row,) = check_answers([in_words("glow")], {}, checker).rows
    assert row["verdict"] == "refuted"


def test_a_comparison_that_is_none_leaves_the_answers_out(make_checker: Any) -> None:
    checker, _ = make_checker(Examiners(["a glow"], compare=lambda _: [7, 7, 7, 7, -1]))
    (row,) = check_answers([in_words("glow")], {}, checker).rows
    assert row["verdict"] == "unconfirmed"
    assert row["verdict_detail"] == "no attempt gave an answer that could be compared"


def test_attempts_that_are_lost_count_neither_way(make_checker: Any) -> None:
    class Lossy(Examiners):
        def __call__(self, request: Any) -> str:
            return "no JSON" if request.sample == 0 else super().__call__(request)

    checker, _ = make_checker(Lossy(["B"]), most_attempts=3)
    (row,) = check_answers([qa()], {}, checker).rows
    assert (row["solve_attempts"], row["solve_rate"], row["verdict"]) == (2, 1.0, "confirmed")
    checker, _ = make_checker(lambda _: "no JSON", 5)
    (row,) = check_answers([qa()], {}, checker).rows
    assert (row["solve_attempts"], row["verdict"]) == (0, "unconfirmed")


def test_without_attempts_nothing_is_bought(make_checker: Any) -> None:
    checker, chat = make_checker(Examiners([]), attempts=0)
    rows = [qa(), in_words("6 kg", name="right", expression="2*3"), in_words("7 kg", name="wrong", expression="2*3")]
    checked = check_answers(rows, {}, checker).rows
    assert chat.asked == []
    assert [row["verdict"] for row in checked] == ["confirmed", "confirmed", "refuted"]
    assert [row["answer_check"] for row in checked] == ["unchecked", "arithmetic", "arithmetic"]


def test_the_same_is_found_however_many_are_in_flight(make_checker: Any) -> None:
    rows = [qa(str(number)) for number in range(12)]
    attempts = ["B", "A", "B", "B", "A", "B", "B", "C", "B"]
    found = [check_answers(rows, {}, make_checker(Examiners(attempts), n)[0]) for n in (1, 16)]
    assert found[0].rows == found[1].rows
    assert [row["qa_id"] for row in found[0].rows] == [row["qa_id"] for row in rows]


def test_a_second_check_buys_nothing(make_checker: Any) -> None:
    checker, chat = make_checker(Examiners(["B", "A", "B"]))
    check_answers([qa()], {}, checker)
    n_bought = len(chat.asked)
    check_answers([qa()], {}, checker)
    assert len(chat.asked) == n_bought


def test_columns_are_those_of_the_table(make_checker: Any) -> None:
    checker, _ = make_checker(Examiners(["B"]))
    (row,) = check_answers([qa()], {}, checker).rows
    answers = {"verdict", "verdict_detail", "answer_check", "compare_key", "refine_key", "refined_from"}
    assert answers <= set(row)
    assert set(row) <= set(SOLVED_QA.column_names)


def test_figures_say_at_which_level_answers_were_set_aside() -> None:
    common = {"answer_check": "solved", "attempts_agreement": 1.0, "refine_key": None}
    kept = [{**common, "asked_difficulty": 1, "solve_rate": 1.0}, {**common, "asked_difficulty": 4, "solve_rate": 0.5}]
    dropped = [{**common, "asked_difficulty": 4, "solve_rate": 0.0, "reason": "answer refuted"}]
    figures = answer_figures(kept, dropped)
    assert figures["by_asked_level"] == {
        "1": {"checked": 1, "confirmed": 1, "solve_rate": 1.0},
        "4": {"checked": 2, "confirmed": 1, "solve_rate": 0.25},
    }
    assert figures["by_reason"] == {"answer refuted": 1}
