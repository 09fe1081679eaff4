"""Checking answers: recomputed where that is possible, else held against blind attempts to solve the question.

A solver sees the question and its options, and nothing else. Whether an attempt gives the row's answer is decided by
program where that is certain, and by a model that compares answers in words where it is not. Attempts are bought until
one answer leads, so that what is easy to tell costs little and what is hard is not told by a coin.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from linkqa_kedro.answers.arithmetic import calculated
from linkqa_kedro.answers.equality import same_answer
from linkqa_kedro.answers.quantities import read_quantity
from linkqa_kedro.datasets.prompt_template import PromptTemplate
from linkqa_kedro.pipelines.answer_checks.parameters import AnswerCheckingParameters
from linkqa_kedro.pipelines.answer_checks.recomputing import can_be_recomputed, problems_of_proof
from linkqa_kedro.pipelines.answer_checks.verdicts import Votes, judge
from linkqa_kedro.pipelines.reply_fields import read_answer, read_optional_text
from linkqa_kedro.pipelines.reply_schemas import comparison_schema, solution_schema
from linkqa_kedro.teacher.completing import complete_each
from linkqa_kedro.teacher.errors import ReplyUnusable
from linkqa_kedro.teacher.replies import parse_json_object
from linkqa_kedro.teacher.requests import Answered, Completion, Request, Stage, Unanswered
from linkqa_kedro.teacher.teacher import Teacher
from linkqa_kedro.teacher.usage import TeacherUsage

_SEEN_BY_THE_SOLVER = ("question_type", "question", "options")
_IN_ORDER = ("ordering", "sequence")
_SOLUTION_SCHEMA = solution_schema()

Row = dict[str, Any]
T = TypeVar("T", "_Attempt", "_Comparison")


@dataclass(frozen=True)
class Checker:
    """Who checks answers, and how.

    Attributes:
        teacher: Whom to ask.
        solve_prompt: Template of a blind attempt.
        compare_prompt: Template of a comparison.
        refine_prompt: Template of a refinement.
        parameters: Knobs.
        stage: The stage that asks; its budget pays.
    """

    teacher: Teacher
    solve_prompt: PromptTemplate
    compare_prompt: PromptTemplate
    refine_prompt: PromptTemplate
    parameters: AnswerCheckingParameters
    stage: Stage


@dataclass(frozen=True)
class CheckedAnswers:
    """Rows with what was found about their answers.

    Attributes:
        rows: In the order given, with the answer columns of `records`, `verdict` and `verdict_detail`.
        usage: What it cost.
        n_repaired: Replies whose JSON had to be mended.
        unsettled: The qa_id of each row for which no answer leads by `attempts` votes.
    """

    rows: list[Row]
    usage: TeacherUsage = field(default_factory=TeacherUsage)
    n_repaired: int = 0
    unsettled: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class _Attempt:
    """What a solver answered; empty text where it found no answer."""

    answer: str
    repaired: bool


@dataclass(frozen=True, slots=True)
class _Comparison:
    """The group of each of the answers shown: 0 for that of the row's answer."""

    groups: tuple[int, ...]
    repaired: bool


def check_answers(rows: Sequence[Row], seeds: Mapping[str, Mapping[str, Any]], checker: Checker) -> CheckedAnswers:
    """Rows with a verdict on their answer.

    Args:
        rows: QA with the columns of `written_qa`.
        seeds: Annotated seeds, by seed_id.
        checker: Who checks.
    """
    solved = _solve([row for row in rows if not can_be_recomputed(row)], checker)
    found = {row["qa_id"]: row for row in solved.rows}
    return CheckedAnswers(
        [found.get(row["qa_id"]) or _recomputed(row, seeds) for row in rows], solved.usage, solved.n_repaired
    )


def _solve(rows: Sequence[Row], checker: Checker) -> CheckedAnswers:
    """Rows with a verdict by blind attempts: a round of them, and further rounds while no answer leads clearly.

    This is Wald's sequential test, in rounds: an answer that is ahead by `attempts` votes is unlikely to be overtaken.
    """
    size, most = checker.parameters.attempts, checker.parameters.most_attempts
    judged: dict[str, Row] = {}
    usage, n_repaired, n_made = TeacherUsage(), 0, 0
    waiting = [{**row, "solve_answers": [], "solve_keys": [], "refined_from": None, "refine_key": None} for row in rows]
    while waiting:
        samples = range(n_made, min(n_made + size, most))
        attempts = _attempts(waiting, samples, checker)
        tried = [_with_attempts(row, attempts.of_row.get(row["qa_id"], ())) for row in waiting]
        held = hold_against_attempts(tried, checker)
        judged.update({row["qa_id"]: row for row in held.rows})
        usage += attempts.usage + held.usage
        n_repaired += attempts.n_repaired + held.n_repaired
        n_made += len(samples)
        waiting = [row for row in tried if row["qa_id"] in held.unsettled] if n_made < most else []
    return CheckedAnswers([judged[row["qa_id"]] for row in rows], usage, n_repaired)


def _with_attempts(row: Row, attempts: Sequence[tuple[str, _Attempt]]) -> Row:
    return {
        **row,
        "solve_answers": [*row["solve_answers"], *(attempt.answer for _, attempt in attempts)],
        "solve_keys": [*row["solve_keys"], *(key for key, _ in attempts)],
    }


def hold_against_attempts(rows: Sequence[Row], checker: Checker) -> CheckedAnswers:
    """Rows with a verdict on the answer they have now, by the attempts that were made.

    Args:
        rows: QA with `solve_answers` and `solve_keys`.
        checker: Who checks; only what no program can compare is asked.
    """
    by_rule = {row["qa_id"]: _compared_by_rule(row) for row in rows}
    compared = _comparisons([row for row in rows if None in by_rule[row["qa_id"]].values()], by_rule, checker)
    judged, unsettled = [], set()
    for row in rows:
        same = by_rule[row["qa_id"]]
        groups: dict[str, int] = {}
        compare_key = None
        for key, comparison in compared.of_row.get(row["qa_id"], ()):
            compare_key, groups = key, dict(zip(_others(same), comparison.groups, strict=True))
            same = {answer: groups[answer] == 0 if verdict is None else verdict for answer, verdict in same.items()}
        votes, agreeing = _votes(row, same, groups)
        if abs(len(votes.agreeing) - votes.n_for_another) < checker.parameters.attempts:
            unsettled.add(row["qa_id"])
        judged.append(_judged(row, votes, agreeing, compare_key, checker))
    return CheckedAnswers(judged, compared.usage, compared.n_repaired, frozenset(unsettled))


def _recomputed(row: Row, seeds: Mapping[str, Mapping[str, Any]]) -> Row:
    problems = problems_of_proof(row, seeds)
    return {
        **row,
        "answer_check": "recomputed",
        "solve_attempts": 0,
        "solve_answers": [],
        "solve_rate": None,
        "attempts_agreement": None,
        "solve_keys": [],
        "solve_reasoning": None,
        "compare_key": None,
        "refined_from": None,
        "refine_key": None,
        "verdict": "refuted" if problems else "confirmed",
        "verdict_detail": "; ".join(problems),
    }


def _compared_by_rule(row: Row) -> dict[str, bool | None]:
    """Whether each answer of the attempts is the row's; None where no rule can tell."""
    has_options, in_order = bool(row["options"]), row["question_type"] in _IN_ORDER
    return {answer: same_answer(row["answer"], answer, has_options, in_order) for answer in row["solve_answers"]}


def _others(same: Mapping[str, bool | None]) -> list[str]:
    """Answers for a comparison: those that someone must compare who understands the words, and what may equal them."""
    return [answer for answer, verdict in same.items() if answer and verdict is not True]


def _votes(row: Row, same: Mapping[str, bool | None], groups: Mapping[str, int]) -> tuple[Votes, list[int]]:
    """How the attempts stand to the row's answer, and the places of those that give it."""
    agreeing = [place for place, answer in enumerate(row["solve_answers"]) if same[answer]]
    others = [answer for answer in row["solve_answers"] if same[answer] is False]
    votes = Votes(
        tuple(row["solve_answers"][place] for place in agreeing),
        tuple(others),
        bool(row["options"]),
        tuple(groups.get(answer, 0) for answer in others),
        row["question_type"] in _IN_ORDER,
    )
    return votes, agreeing


def _judged(row: Row, votes: Votes, agreeing: Sequence[int], compare_key: str | None, checker: Checker) -> Row:
    verdict, detail = judge(row, votes, checker.parameters)
    solution = checker.teacher.store.get(row["solve_keys"][agreeing[0]]) if agreeing else None
    return {
        **row,
        "answer_check": _kind(row, votes, compare_key),
        "solve_attempts": votes.n_attempts,
        "solve_rate": votes.solve_rate,
        "attempts_agreement": votes.agreement,
        "solve_reasoning": solution.reasoning if solution else None,
        "compare_key": compare_key,
        "verdict": verdict,
        "verdict_detail": detail,
    }


def _kind(row: Row, votes: Votes, compare_key: str | None) -> str:
    if votes.n_attempts:
        return "compared" if compare_key else "solved"
    has_arithmetic = row["expression"] is not None and calculated(row["expression"]) is not None
    return "arithmetic" if has_arithmetic and read_quantity(row["answer"]) is not None else "unchecked"


@dataclass(frozen=True)
class _Replies(Generic[T]):
    """Usable replies of each row with their keys, in the order of asking; nothing else of them is kept."""

    of_row: Mapping[str, Sequence[tuple[str, T]]]
    usage: TeacherUsage
    n_repaired: int


def _ask(
    requests: Iterable[Request], checker: Checker, read: Callable[[Request, Completion], T], n_requests: int
) -> _Replies[T]:
    of_row: defaultdict[str, list[tuple[str, T]]] = defaultdict(list)
    n_repaired = 0

    def keep(outcome: Answered[T] | Unanswered) -> None:
        nonlocal n_repaired
        if isinstance(outcome, Answered):
            of_row[outcome.request.record_id].append((outcome.key, outcome.value))
            n_repaired += outcome.value.repaired

    usage = complete_each(requests, checker.teacher, read, keep, n_requests)
    return _Replies(of_row, usage, n_repaired)


def _attempts(rows: Sequence[Row], samples: Sequence[int], checker: Checker) -> _Replies[_Attempt]:
    """Blind attempts at every question."""

    def requests() -> Iterator[Request]:
        for row in rows:
            values = {name: row[name] for name in _SEEN_BY_THE_SOLVER}
            messages = checker.solve_prompt.messages(values)
            for sample in samples:
                yield Request(
                    role="solve",
                    stage=checker.stage,
                    record_id=row["qa_id"],
                    messages=messages,
                    values=values,
                    settings=checker.parameters.solver.sampling,
                    prompt_version=checker.solve_prompt.version,
                    reply_schema=_SOLUTION_SCHEMA,
                    sample=sample,
                )

    return _ask(requests(), checker, _read_attempt, len(rows) * len(samples))


def _read_attempt(request: Request, completion: Completion) -> _Attempt:
    """An attempt; one that came to no end, or to none of the options, is one without an answer.

    Asking these again would keep the attempts that went well, and make hard questions look easy.
    """
    if completion.finish_reason == "length":
        return _Attempt("", False)
    reply = parse_json_object(completion)
    if "answer" not in reply.fields:
        raise ReplyUnusable("no answer", f"fields are {', '.join(reply.fields):.80}")
    given = reply.fields["answer"]
    if given is None or (isinstance(given, str) and read_optional_text(given) is None):
        return _Attempt("", reply.repaired)
    try:
        return _Attempt(read_answer(given, request.values["options"]), reply.repaired)
    except ReplyUnusable:
        if not request.values["options"]:
            raise
        return _Attempt("", reply.repaired)


def _comparisons(
    rows: Sequence[Row], by_rule: Mapping[str, Mapping[str, bool | None]], checker: Checker
) -> _Replies[_Comparison]:
    """For each row, which of the other answers say the same as its own, or as one another."""

    def requests() -> Iterator[Request]:
        for row in rows:
            others = _others(by_rule[row["qa_id"]])
            values = {"question": row["question"], "answer": row["answer"], "others": others}
            yield Request(
                role="compare",
                stage=checker.stage,
                record_id=row["qa_id"],
                messages=checker.compare_prompt.messages(values),
                values=values,
                settings=checker.parameters.comparer.sampling,
                prompt_version=checker.compare_prompt.version,
                reply_schema=comparison_schema(len(others)),
            )

    return _ask(requests(), checker, _read_comparison, len(rows))


def _read_comparison(request: Request, completion: Completion) -> _Comparison:
    reply = parse_json_object(completion)
    groups, n_others = reply.fields.get("groups"), len(request.values["others"])
    if n_others == 1 and _is_group(groups):
        groups = [groups]
    if not isinstance(groups, list) or len(groups) != n_others or not all(map(_is_group, groups)):
        raise ReplyUnusable("bad comparison", f"groups is {groups!r:.80}, not {n_others} whole numbers from 0")
    return _Comparison(tuple(groups), reply.repaired)


def _is_group(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def answer_figures(confirmed: Iterable[Row], set_aside: Iterable[Row]) -> dict[str, Any]:
    """How many answers were checked in which way, what came of it, and how often questions were solved.

    `by_asked_level` shows whether it is the hard ones that are set aside: rows checked, confirmed, and the mean solve
    rate of all of them, by the level asked for. Rates are over the rows with attempts; None where there are none.
    """
    kept, dropped = list(confirmed), list(set_aside)
    rows = [*kept, *dropped]
    levels = sorted({row["asked_difficulty"] for row in rows})
    return {
        "checked": len(rows),
        "confirmed": len(kept),
        "refined": sum(row["refine_key"] is not None for row in kept),
        "by_check": dict(sorted(Counter(row["answer_check"] for row in rows).items())),
        "by_reason": dict(sorted(Counter(row["reason"] for row in dropped).items())),
        "solve_rate": _mean(row["solve_rate"] for row in rows),
        "attempts_agreement": _mean(row["attempts_agreement"] for row in rows),
        "by_asked_level": {
            str(level): {
                "checked": sum(row["asked_difficulty"] == level for row in rows),
                "confirmed": sum(row["asked_difficulty"] == level for row in kept),
                "solve_rate": _mean(row["solve_rate"] for row in rows if row["asked_difficulty"] == level),
            }
            for level in levels
        },
    }


def _mean(rates: Iterable[float | None]) -> float | None:
    known = [rate for rate in rates if rate is not None]
    return sum(known) / len(known) if known else None
