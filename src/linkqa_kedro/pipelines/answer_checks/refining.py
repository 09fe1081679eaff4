"""Refining: a wrong or thin answer is worked out again, and held against the same attempts as before.

Who refines does not see what the attempts answered: else they would be asked whether they agree with themselves.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from linkqa_kedro.answers.equality import same_answer
from linkqa_kedro.pipelines.answer_checks.checking import Checker, Row, hold_against_attempts
from linkqa_kedro.pipelines.answer_checks.recomputing import can_be_recomputed
from linkqa_kedro.pipelines.answer_checks.verdicts import REASONS
from linkqa_kedro.pipelines.reply_fields import read_answer, read_expression, read_optional_text
from linkqa_kedro.pipelines.reply_schemas import refinement_schema
from linkqa_kedro.teacher.completing import complete
from linkqa_kedro.teacher.errors import ReplyUnusable
from linkqa_kedro.teacher.replies import parse_json_object
from linkqa_kedro.teacher.requests import Answered, Completion, Request
from linkqa_kedro.teacher.usage import TeacherUsage

_SCHEMA = refinement_schema()
_VERDICT_COLUMNS = ("verdict", "verdict_detail")


@dataclass(frozen=True)
class RefinedAnswers:
    """Rows after refining.

    Attributes:
        confirmed: Rows whose answer holds, in the order given, with the answer columns of `records`.
        set_aside: The others, with `reason` and `detail`.
        usage: What it cost.
        n_repaired: Replies whose JSON had to be mended.
    """

    confirmed: list[Row]
    set_aside: list[Row]
    usage: TeacherUsage = field(default_factory=TeacherUsage)
    n_repaired: int = 0


@dataclass(frozen=True, slots=True)
class _Refined:
    """A refinement as it was read; `problem` says why the question cannot be answered."""

    answer: str
    explanation: str
    expression: str | None
    problem: str | None
    repaired: bool


def refine_answers(rows: Sequence[Row], checker: Checker) -> RefinedAnswers:
    """Rows whose answer holds, as it was or refined, and rows set aside with their reason.

    Args:
        rows: QA with a verdict, as `check_answers` gives them.
        checker: Who checks. Rows that can be recomputed are not refined: no model knows better than their seeds.
    """
    asked = [row for row in rows if checker.parameters.refine and _can_be_refined(row, checker)]
    completed = complete(_requests(asked, checker), checker.teacher, _read, len(asked))
    refined = {answered.request.record_id: answered for answered in completed.answered}
    sound = [
        _with_answer(row, refined[row["qa_id"]])
        for row in asked
        if row["qa_id"] in refined and refined[row["qa_id"]].value.problem is None
    ]
    judged = hold_against_attempts(sound, checker)
    now = {row["qa_id"]: row for row in judged.rows}
    confirmed: list[Row] = []
    set_aside: list[Row] = []
    for row in rows:
        found = now.get(row["qa_id"], row)
        plain = {name: value for name, value in found.items() if name not in _VERDICT_COLUMNS}
        answered = refined.get(row["qa_id"])
        if answered is not None and answered.value.problem is not None:
            key = {"refined_from": None, "refine_key": answered.key}
            set_aside.append({**plain, **key, "reason": REASONS["unsound"], "detail": answered.value.problem})
        elif found["verdict"] == "confirmed":
            confirmed.append(plain)
        else:
            set_aside.append({**plain, "reason": REASONS[found["verdict"]], "detail": found["verdict_detail"]})
    n_repaired = judged.n_repaired + sum(answered.value.repaired for answered in completed.answered)
    return RefinedAnswers(confirmed, set_aside, completed.usage + judged.usage, n_repaired)


def _can_be_refined(row: Row, checker: Checker) -> bool:
    """Whether another answer could be confirmed: none can where nobody found one."""
    if row["verdict"] in ("confirmed", "unsound") or can_be_recomputed(row):
        return False
    return not checker.parameters.attempts or any(row["solve_answers"])


def _requests(rows: Sequence[Row], checker: Checker) -> Iterator[Request]:
    for row in rows:
        values: dict[str, Any] = {
            name: row[name] for name in ("question_type", "question", "options", "answer", "explanation", "language")
        }
        values["is_thin"] = row["verdict"] == "thin"
        yield Request(
            role="refine",
            stage=checker.stage,
            record_id=row["qa_id"],
            messages=checker.refine_prompt.messages(values),
            values=values,
            settings=checker.parameters.refiner.sampling,
            prompt_version=checker.refine_prompt.version,
            reply_schema=_SCHEMA,
        )


def _read(request: Request, completion: Completion) -> _Refined:
    reply = parse_json_object(completion)
    if reply.fields.get("is_sound") is False:  # politeness puts words into `problem` where there is none
        problem = read_optional_text(reply.fields.get("problem")) or "it cannot be answered as it stands"
        return _Refined("", "", None, problem, reply.repaired)
    explanation = read_optional_text(reply.fields.get("explanation"))
    if explanation is None:
        raise ReplyUnusable("no explanation", "a refined answer needs its worked solution")
    return _Refined(
        answer=read_answer(reply.fields.get("answer"), request.values["options"]),
        explanation=explanation,
        expression=read_expression(reply.fields),
        problem=None,
        repaired=reply.repaired,
    )


def _with_answer(row: Row, answered: Answered[_Refined]) -> Row:
    value = answered.value
    if row["verdict"] == "thin":
        # Its answer was confirmed: only the solution is new, and only where it does not lead elsewhere.
        leads_elsewhere = same_answer(row["answer"], value.answer, bool(row["options"])) is False
        explanation = row["explanation"] if leads_elsewhere else value.explanation
        return {**row, "explanation": explanation, "refine_key": answered.key}
    return {
        **row,
        "answer": value.answer,
        "explanation": value.explanation,
        "expression": value.expression,
        "refined_from": row["answer"],
        "refine_key": answered.key,
    }
