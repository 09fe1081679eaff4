from collections.abc import Callable
from typing import Any

import pytest

Seed = dict[str, Any]

# (question, answer, options, knowledge points); every seed shares a point with the next one
_ENGLISH: list[tuple[str, str, list[str], list[str]]] = [
    ("Which gas do plants take in for photosynthesis?", "B", ["Oxygen", "Carbon dioxide", "Helium", "Argon"], ["p1"]),
    ("How many legs does an insect have?", "C", ["4", "5", "6", "8"], ["p1", "p2"]),
    ("Which of the following are noble gases?", "AC", ["Neon", "Oxygen", "Argon", "Chlorine"], ["p2", "p3"]),
    ("What is 7 times 8?", "56", [], ["p3", "p4"]),
    ("What is half of 1/3?", "1/6", [], ["p4", "p1"]),
    ("How many sides does a heptagon have?", "7", [], ["p1", "p3"]),
    ("Name the process by which a liquid becomes a gas at its surface.", "evaporation", [], ["p2", "p4"]),
    ("Which number is prime?", "D", ["9", "15", "21", "23"], ["p2"]),
]
_CHINESE: list[tuple[str, str, list[str], list[str]]] = [
    ("光合作用吸收的气体是", "B", ["氧气", "二氧化碳", "氦气", "氩气"], ["p1"]),
    ("昆虫有几条腿？", "C", ["4", "5", "6", "8"], ["p1", "p2"]),
    ("下列属于稀有气体的有（）", "AC", ["氖气", "氧气", "氩气", "氯气"], ["p2", "p3"]),
    ("7乘以8等于多少？", "56", [], ["p3", "p4"]),
    ("三分之一的一半是多少？", "1/6", [], ["p4", "p1"]),
    ("七边形有几条边？", "7", [], ["p1", "p3"]),
    ("液体表面变成气体的过程叫什么？", "蒸发", [], ["p2", "p4"]),
    ("下列各数中是质数的是", "D", ["9", "15", "21", "23"], ["p2"]),
]


def _seeds(rows: list[tuple[str, str, list[str], list[str]]], language: str) -> list[Seed]:
    return [
        {
            "seed_id": f"{language}-{number}",
            "question": question,
            "answer": answer,
            "options": [{"letter": letter, "text": text} for letter, text in zip("ABCD", options, strict=False)],
            "knowledge_points": points,
            "discipline": "Science",
            "difficulty": 2,
            "language": language,
        }
        for number, (question, answer, options, points) in enumerate(rows)
    ]


@pytest.fixture
def seeds() -> dict[str, list[Seed]]:
    """Eight seeds a language: two with one right number, one with two right letters, four without options."""
    return {"en": _seeds(_ENGLISH, "en"), "zh": _seeds(_CHINESE, "zh")}


@pytest.fixture
def synthesise_values() -> Callable[..., dict[str, Any]]:
    """Values of a synthesise request over the given seeds."""

    def values(seeds: list[Seed], **changed: Any) -> dict[str, Any]:
        return {
            "path": ["p1", "p2", "p3", "p4"],
            "seeds": seeds,
            "links": [],
            "fan_out": 4,
            "question_types": [],
            "discipline": "Science",
            "difficulty": 3,
            "language": seeds[0]["language"] if seeds else "en",
            **changed,
        }

    return values
