"""What attempts, arithmetic and the length of a solution say about an answer."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from linkqa_kedro.answers.arithmetic import contradicts
from linkqa_kedro.answers.equality import largest_group
from linkqa_kedro.pipelines.answer_checks.parameters import AnswerCheckingParameters
from linkqa_kedro.text_hygiene.tokens import tokens

Verdict = Literal["confirmed", "refuted", "unconfirmed", "unsound", "thin"]
_FEWEST_TO_OUTWEIGH = 2
"""Attempts that count for more than a writer's own arithmetic."""

REASONS: Mapping[str, str] = {
    "refuted": "answer refuted",
    "unconfirmed": "answer not confirmed",
    "unsound": "unsound question",
    "thin": "thin solution",
}
"""Why a row with such a verdict is set aside, as it is counted."""


@dataclass(frozen=True, slots=True)
class Votes:
    """How the attempts at one question stand to its answer.

    Attributes:
        agreeing: Answers that are the row's.
        others: Answers that are not; empty text where an attempt found none.
        has_options: Whether they are letters of options.
        in_order: Whether the question asks for several answers in order.
        groups: For each of `others`, the group of answers that say the same, as someone compared them; 0, or none at
            all, where only a rule did.
    """

    agreeing: tuple[str, ...]
    others: tuple[str, ...]
    has_options: bool
    groups: tuple[int, ...] = ()
    in_order: bool = False

    @property
    def n_attempts(self) -> int:
        """Attempts that could be compared."""
        return len(self.agreeing) + len(self.others)

    @property
    def n_for_another(self) -> int:
        """Attempts that agree on one other answer; where nobody compared them, those that may."""
        if not any(self.groups):
            return largest_group(self.others, self.has_options, self.in_order)
        compared = Counter(group for group in self.groups if group)
        by_rule = [answer for answer, group in zip(self.others, self.groups, strict=True) if not group]
        return max(largest_group(by_rule, self.has_options, self.in_order), *compared.values())

    @property
    def solve_rate(self) -> float | None:
        """Share that gives the row's answer; None without attempts."""
        return len(self.agreeing) / self.n_attempts if self.n_attempts else None

    @property
    def agreement(self) -> float | None:
        """Share that gives the most frequent answer, whichever it is; None without attempts."""
        most = max(len(self.agreeing), self.n_for_another)
        return most / self.n_attempts if self.n_attempts else None


def judge(row: Mapping[str, Any], votes: Votes, parameters: AnswerCheckingParameters) -> tuple[Verdict, str]:
    """Verdict on a row's answer, and what spoke against it; empty for a confirmed one.

    An answer is refuted where more attempts agree on another answer than give it, or where its own arithmetic gives
    another number and fewer than half of the attempts, or only one, give it. It is unconfirmed where fewer than
    `least_solve_rate` of the attempts do. Where no attempt finds any answer, the question is unsound.
    """
    is_carried = len(votes.agreeing) >= _FEWEST_TO_OUTWEIGH and (votes.solve_rate or 0) >= 1 / 2
    calculated = None if is_carried else contradicts(row["expression"], row["answer"])
    if calculated is not None:
        return "refuted", f"its own arithmetic gives {calculated}, not {row['answer']:.60}"
    doubt = _doubt_of(votes, parameters) if parameters.attempts else None
    if doubt is not None:
        return doubt
    n_tokens = len(tokens(row["explanation"]))
    if n_tokens < parameters.least_solution_tokens:
        return "thin", f"a solution of {n_tokens} tokens, least {parameters.least_solution_tokens}"
    return "confirmed", ""


def _doubt_of(votes: Votes, parameters: AnswerCheckingParameters) -> tuple[Verdict, str] | None:
    """Verdict where the attempts speak against the answer; None where they carry it."""
    n_for, n_of = len(votes.agreeing), votes.n_attempts
    if votes.solve_rate is None:
        return "unconfirmed", "no attempt gave an answer that could be compared"
    if not any((*votes.agreeing, *votes.others)):
        return "unsound", f"{n_of} of {n_of} attempts find no answer"
    if votes.n_for_another > n_for:
        return "refuted", f"{votes.n_for_another} of {n_of} attempts give another answer, {n_for} give this one"
    if votes.solve_rate < parameters.least_solve_rate:
        return "unconfirmed", f"{n_for} of {n_of} attempts give this answer"
    return None
