"""An exam whose questions say how hard they are, a rater that reads it wrong in known ways, and a writer that slips."""

import hashlib
import json
import re
from dataclasses import dataclass
from typing import Any

from linkqa_kedro.pipelines.enhancement.rating import AXES
from linkqa_kedro.teacher.requests import Request


def question(level: int, name: Any) -> str:
    """A question of a true level."""
    return f"A question of true level {level}, named {name}"


def true_level(text: str) -> int:
    """The level that a question says of itself."""
    found = re.match(r"A question of true level (\d)", text)
    assert found, text
    return int(found.group(1))


def rating(level: int) -> str:
    """The reply of a rating."""
    return json.dumps({"axes": dict.fromkeys(AXES, level), "difficulty": level, "reason": ""})


@dataclass(frozen=True)
class TrueLevels:
    """A script for `ScriptedTeacher`: rates and changes questions of known levels.

    Attributes:
        bias: Levels by which every rating is off.
        noise: Share of ratings that are a further level off, upwards as often as downwards.
        slip: Share of changes that turn out a level easier than they should.
        highest: The highest level that the rater gives.
    """

    bias: int = 0
    noise: float = 0.0
    slip: float = 0.0
    highest: int = 5

    def __call__(self, request: Request) -> str:
        return self._rate(request) if request.role == "rate" else self._change(request)

    def _rate(self, request: Request) -> str:
        text = request.values["question"]
        draw = _draw("rate", text, request.sample)
        wrong = 0 if draw >= self.noise else 1 if draw < self.noise / 2 else -1
        return rating(min(self.highest, max(1, true_level(text) + self.bias + wrong)))

    def _change(self, request: Request) -> str:
        values = request.values
        parent = values["item"]["question"]
        further = values["target_difficulty"] - values["measured_difficulty"]
        slipped = _draw("raise", parent, values["round"]) < self.slip
        level = min(5, max(1, true_level(parent) + further - slipped))
        name = hashlib.sha256(f"{parent}:{values['round']}".encode()).hexdigest()[:8]
        item = {
            "question_type": "short_answer",
            "question": question(level, name),
            "options": None,
            "answer": "yes",
            "explanation": "",
            "knowledge_points": values["path"][:2],
        }
        return json.dumps({"item": item, "strategy": values["strategy"]})


def _draw(*parts: Any) -> float:
    """A number in [0, 1) that depends on the parts alone."""
    digest = hashlib.sha256(":".join(map(str, parts)).encode()).digest()
    return int.from_bytes(digest[:6], "big") / 2**48
