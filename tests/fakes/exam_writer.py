"""A model for whole runs over HTTP: reads the prompts of this project and answers in their formats, by simple rules."""

import hashlib
import json
import re
from collections.abc import Callable
from typing import Any

WORDS = (
    *("amber", "basin", "cobalt", "delta", "ember", "fjord", "garnet", "harbour"),
    *("island", "juniper", "kelp", "lagoon", "meadow", "nectar", "orchard"),
)

_WORKED = "The question names a number behind two knowledge points, and this number is its answer."


def answer(body: dict[str, Any]) -> str:
    """Reply to one chat request."""
    prompt = "\n".join(message["content"] for message in body["messages"])
    replies: dict[str, Callable[[], dict[str, Any]]] = {
        "You annotate exam questions": lambda: _annotation(prompt),
        "You keep the index": lambda: {"verdict": "different", "better": None, "reason": "by rule"},
        "You rate the difficulty": lambda: _rating(prompt),
        "You change an exam question": lambda: {"item": _item(prompt, 0), "strategy": "reworded"},
        "You mark answers to an exam question": lambda: _comparison(prompt),
        "You mend the answer to an exam question": lambda: _refinement(prompt),
    }
    for opening, reply in replies.items():
        if opening in prompt:
            return json.dumps(reply(), ensure_ascii=False)
    if "You answer one exam question" in prompt:
        return f"<think>the question names a number</think>\n{json.dumps(_solution(prompt))}"
    count = re.search(r"write (\d+) new questions", prompt)
    assert count
    items = [_item(prompt, place) for place in range(int(count.group(1)))]
    # Servers wrap JSON in fences and think aloud: ordinary input.
    return f"<think>let me see</think>\n```json\n{json.dumps({'items': items}, ensure_ascii=False)}\n```"


def _annotation(prompt: str) -> dict[str, Any]:
    _, _, offers = prompt.partition("OFFERED PHRASES")
    offered = re.findall(r"^- (.+)$", offers.split("SIMILAR QUESTIONS", maxsplit=1)[0], re.MULTILINE)
    names = [name for name in offered if len(name) < 60][:3] or ["exam question"]
    disciplines = re.search(r"- discipline: one of (.+)\.", prompt)
    assert disciplines
    known = re.search(r"KNOWN ALREADY\n(?:.*\n)*?discipline: ([a-z ]+)", prompt)
    discipline = known.group(1) if known else disciplines.group(1).split(", ")[0]
    return {"knowledge_points": names, "discipline": discipline, "difficulty": 3}


def _rating(prompt: str) -> dict[str, Any]:
    level = 1 + _number(prompt) % 5
    axes = dict.fromkeys(("knowledge", "steps", "constraints", "abstraction", "calculation"), level)
    return {"axes": axes, "difficulty": level, "reason": "by rule"}


def _item(prompt: str, place: int) -> dict[str, Any]:
    path = re.search(r"PATH OF KNOWLEDGE POINTS\n(.+)", prompt)
    assert path
    points = path.group(1).split(" -> ")[:2]
    chinese = "Language: Chinese" in prompt
    number = _number(f"{prompt}{place}")
    words = [WORDS[(number >> shift) % len(WORDS)] for shift in range(0, 40, 4)]
    lead = "请结合以下两个知识点作答并说明二者的关系：" if chinese else "Explain how these two ideas are related:"
    return {
        "question_type": "short_answer",
        "question": f"{lead} {points[0]}, {points[1]}. {number} {' '.join([] if chinese else words)}",
        "options": None,
        "answer": str(number),
        "explanation": "By definition." if number % 8 == 0 else _WORKED,
        "expression": None,
        "knowledge_points": points,
        "seeds": [1, 2],
    }


def _solution(prompt: str) -> dict[str, Any]:
    """The number that the question names; sometimes in words that no rule compares."""
    number = _named_number(prompt)
    return {"working": _WORKED, "answer": f"It is {number}" if number % 5 == 0 else str(number)}


def _comparison(prompt: str) -> dict[str, Any]:
    reference, *others = re.findall(r"^(?:REFERENCE ANSWER|ANSWER \d+)\n(.*)$", prompt, re.MULTILINE)
    return {"groups": [0 if reference in other else 1 for other in others], "reason": "by rule"}


def _refinement(prompt: str) -> dict[str, Any]:
    return {"answer": str(_named_number(prompt)), "explanation": _WORKED, "expression": None, "is_sound": True}


def _named_number(prompt: str) -> int:
    """The number behind the two knowledge points of a question that `_item` wrote."""
    found = re.search(r"\. (\d+)\s", prompt.partition("\nQUESTION")[2])
    assert found
    return int(found.group(1))


def _number(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:6], "big")
