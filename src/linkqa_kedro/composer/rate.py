"""A blind rating of any question: five axes and a level, from what can be counted in its text.

The measure knows nothing of the subject. It counts what a solver has to do: questions to settle, statements to
judge, conditions to hold in mind, numbers to reckon with, words to read. More parts never rate lower.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_QUESTION_MARK = re.compile(r"^(?:Question|Problem|Part) (\d+)\b|^第(\d+)题", re.MULTILINE)
_LISTED = re.compile(r"^\s*(?:\((\d{1,2}|[ivx]{1,4})\)|([①-⑩]))\s*\S", re.MULTILINE)
_INLINE_LISTED = re.compile(r"[①-⑩]|[(（](?:\d|[ivx]{1,3})[)）]")
_ENTRY = re.compile(r"^\s*\([a-z]\)\s*\S", re.MULTILINE)
_STEP = re.compile(r"^(?:Step \d+\.|步骤\d+：)", re.MULTILINE)
_STATEMENT = re.compile(r"\bQuestion \d+\b|第\d+题")
_CONDITION = re.compile(
    r"\b(?:if|unless|otherwise|suppose|assume|given that|provided|such that|only if|at least|at most|exactly|except|"
    r"not all|respectively)\b|假设|如果|若|否则|除非|当且仅当|恰有|至少|至多|满足|已知|除了|不属于|分别",
    re.IGNORECASE,
)
_SUPPOSITION = re.compile(r"^.*(?:Suppose that|Suppose the|假设)", re.MULTILINE)
_CALCULATION = re.compile(
    r"\b(?:sum|difference|product|quotient|average|mean|ratio|percent|percentage|probability|calculate|compute|evaluate|"
    r"how (?:much|many)|remainder|total|multipl\w+|divid\w+|square|solve|value of)\b"
    r"|求|计算|之和|之差|之积|多少|平均|概率|比例|百分|面积|体积|余数|的值|最大|最小",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_FORMULA = re.compile(r"\\[A-Za-z]+|[=<>≤≥√∑∫^]")
_ABSTRACT = re.compile(
    r"\b(?:let|prove|for (?:all|any|every)|in general|arbitrary|theorem|function|infer|imply|implies|explain|reason|"
    r"assertion|judge|concept|theory|principle)\b|设|证明|任意|一般|定理|函数|推断|说明理由|论断|概念|理论|原理|本质",
    re.IGNORECASE,
)
_HAN = re.compile(r"[㐀-鿿]")
_WORD = re.compile(r"[A-Za-z]+")
# Chinese needs about so many characters for what English says in one word.
_HAN_PER_WORD = 1.6


@dataclass(frozen=True, slots=True)
class Load:
    """What a question asks of a solver, counted.

    Attributes:
        parts: Numbered questions; 1 where none is numbered.
        statements: Statements or list entries to judge one by one.
        steps: Steps whose course depends on an earlier result.
        conditions: Words that set a condition.
        supposed: Whether the task stands under a supposition.
        calculations: Words that ask for reckoning.
        numbers: Numbers in the text.
        formulas: Formula signs and commands.
        abstractions: Words of general or indirect reasoning.
        words: Length; Chinese characters count 1/1.6.
        several: Right letters beyond the first, where the answer is several letters.
    """

    parts: int
    statements: int
    steps: int
    conditions: int
    supposed: bool
    calculations: int
    numbers: int
    formulas: int
    abstractions: int
    words: float
    several: int


def read_load(question: str, options: Sequence[Mapping[str, str]], answer: str) -> Load:
    """Count the features of one question."""
    texts = [option["text"] for option in options]
    whole = "\n".join([question, *texts])
    parts = len({a or b for a, b in _QUESTION_MARK.findall(question)})
    listed = max(len(set(_LISTED.findall(question))), len(set(_INLINE_LISTED.findall(question))))
    judged = sum(bool(_STATEMENT.search(text)) for text in texts)
    letters = answer.strip()
    choices = {option["letter"] for option in options}
    return Load(
        parts=max(1, parts),
        statements=(listed if parts or listed > 1 else 0) + judged + len(_ENTRY.findall(question)) // 2,
        steps=len(_STEP.findall(question)),
        conditions=len(_CONDITION.findall(question)),
        supposed=_SUPPOSITION.search(question) is not None,
        calculations=len(_CALCULATION.findall(question)),
        numbers=len(_NUMBER.findall(question)),
        formulas=len(_FORMULA.findall(whole)),
        abstractions=len(_ABSTRACT.findall(whole)),
        words=len(_WORD.findall(whole)) + len(_HAN.findall(whole)) / _HAN_PER_WORD,
        several=len(letters) - 1 if letters and set(letters) <= choices else 0,
    )


def effort(load: Load) -> float:
    """The solver's effort on an open scale, 0 for a bare recall question; never falls when a count rises.

    A further question weighs 0.7, a statement 0.14, a dependent step 0.45, a supposition 0.5, a right letter
    beyond the first 0.1. Conditions, reckoning, formulas, abstraction and length of a *single* question add up to
    1.6 at most, so that a wordy question stays below one of three parts.
    """
    inner = (
        0.12 * min(load.conditions, 4)
        + 0.12 * min(load.calculations, 4)
        + 0.02 * min(load.numbers, 15)
        + 0.02 * min(load.formulas, 20)
        + 0.1 * min(load.abstractions, 3)
        + 0.004 * min(load.words, 100.0)
    )
    return (
        0.7 * (load.parts - 1)
        + 0.14 * load.statements
        + 0.45 * load.steps
        + 0.5 * load.supposed
        + 0.1 * load.several
        + min(1.6, inner)
    )


# Efforts from which a question counts as level 2, 3, 4, 5.
LEVEL_STARTS = (0.6, 1.9, 3.0, 4.0)


def rate_question(question: str, options: Sequence[Mapping[str, str]], answer: str) -> dict[str, Any]:
    """The reply of a rate request: axes and difficulty, integers 1 to 5, and the counts as a reason.

    The level is 1 plus the number of `LEVEL_STARTS` that the effort reaches. Each axis is graded by one group of
    counts alone: knowledge by questions and length, steps by parts and statements, constraints by conditions,
    abstraction by general wording and formulas, calculation by reckoning and numbers.
    """
    load = read_load(question, options, answer)
    axes = {
        "knowledge": _grade(load.parts - 1 + load.words / 120.0, (0.7, 1.7, 2.7, 3.7)),
        "steps": _grade(load.parts - 1 + load.statements / 4.0 + load.steps, (0.9, 2.0, 3.0, 4.2)),
        "constraints": _grade(load.conditions + 2.0 * load.steps + 2.0 * load.supposed, (1.0, 2.0, 4.0, 6.0)),
        "abstraction": _grade(load.abstractions + load.formulas / 8.0 + load.supposed, (1.0, 2.0, 3.5, 5.0)),
        "calculation": _grade(load.calculations + load.numbers / 8.0 + load.formulas / 10.0, (1.0, 2.0, 4.0, 6.0)),
    }
    level = _grade(effort(load), LEVEL_STARTS)
    reason = (
        f"{load.parts} question(s), {load.statements} statement(s) to judge, {load.steps} dependent step(s), "
        f"{load.conditions} condition(s), {load.calculations} reckoning word(s), {round(load.words)} words"
    )
    return {"axes": axes, "difficulty": level, "reason": reason}


def item_level(item: Mapping[str, Any]) -> int:
    """The level of an item of the reply format, rated blind."""
    options = [{"letter": letter, "text": text} for letter, text in (item["options"] or {}).items()]
    return _grade(effort(read_load(item["question"], options, item["answer"])), LEVEL_STARTS)


def _grade(value: float, starts: Sequence[float]) -> int:
    return 1 + sum(value >= start for start in starts)
