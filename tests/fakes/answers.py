"""QA whose answers are checked, and a script of the roles that check them."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from linkqa_kedro.teacher.requests import Request

Row = dict[str, Any]
OPTIONS = {"A": "iron", "B": "copper", "C": "zinc", "D": "lead"}


def qa(name: str = "one", **changed: Any) -> Row:
    """A single choice whose written answer is B; `changed` replaces its fields."""
    return {
        "qa_id": f"qa-{name}",
        "path_id": "p1",
        "seed_ids": ["s1", "s2"],
        "question_type": "single_choice",
        "question": f"Which metal is it, {name}?",
        "options": [{"letter": letter, "text": text} for letter, text in OPTIONS.items()],
        "answer": "B",
        "explanation": "A solution of more than eight words that says why it is so.",
        "reasoning": "thoughts of the writer",
        "language": "en",
        "proof": None,
        "expression": None,
        **changed,
    }


def in_words(answer: str, **changed: Any) -> Row:
    """A question whose answer is words."""
    return qa(**{"options": [], "question_type": "short_answer", "answer": answer, **changed})


class Examiners:
    """Replies by role: attempts in the order of their samples, comparisons and refinements as told.

    Attributes:
        attempts: Answers of the attempts; of samples beyond them, the last.
        compare: Groups of a comparison, from its values.
        refined: Fields of a refinement.
    """

    def __init__(
        self,
        attempts: Sequence[str | None],
        compare: Callable[[Mapping[str, Any]], list[int]] | None = None,
        **refined: Any,
    ) -> None:
        self.attempts, self.compare = list(attempts), compare
        self.refined = {
            "explanation": "Each step has its reason, and the last one gives the answer.",
            "expression": None,
            "problem": None,
            "is_sound": "problem" not in refined,
            **refined,
        }

    def __call__(self, request: Request) -> str:
        if request.role == "solve":
            answer = self.attempts[min(request.sample, len(self.attempts) - 1)]
            return json.dumps({"working": "steps", "answer": answer})
        if request.role == "compare":
            assert self.compare is not None, "no comparison was expected"
            return json.dumps({"groups": self.compare(request.values), "reason": "told so"})
        assert request.role == "refine"
        return json.dumps(self.refined)
