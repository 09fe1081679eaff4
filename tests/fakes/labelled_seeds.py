"""Made-up labelled seeds that are no copies of one another."""

import random
from typing import Any

DISCIPLINES = ("biology", "physics")
NAMES = {
    "en": ("photosynthesis", "osmosis", "momentum", "refraction", "entropy", "heredity"),
    "zh": ("光合作用", "渗透", "动量", "折射", "熵", "遗传"),
}


def labelled_seed(number: int, language: str = "en", **changes: Any) -> dict[str, Any]:
    """A seed of ten words that no other seed has, with two knowledge points, a discipline and a level."""
    draw = random.Random(f"{language} {number}")
    question = " ".join("".join(draw.choices("bcdfglmnprst", k=7)) for _ in range(10))
    names = NAMES[language]
    return {
        "seed_id": f"{language}{number:03d}",
        "question": question + "?",
        "answer": f"it is {number}",
        "options": [],
        "discipline": DISCIPLINES[number % 2],
        "difficulty": number % 5 + 1,
        "knowledge_points": [names[number % 6], names[(number + 1) % 6]],
        "language": language,
        "source": f"{language}_exam",
        "licence": "CC0-1.0",
        **changes,
    }


def labelled_seeds(n: int) -> list[dict[str, Any]]:
    """As many seeds of each language."""
    return [labelled_seed(number, language) for language in ("en", "zh") for number in range(n)]
