"""The dataset as trainers read it: chat messages, and plain text."""

from collections.abc import Mapping
from typing import Any

_ANSWER = {"en": "Answer: ", "zh": "答案："}


def chat_row(row: Mapping[str, Any]) -> dict[str, Any]:
    """One conversation: the question, and the worked solution that ends with the answer.

    The reasoning of an attempt that solved it blind stands apart, in `reasoning_content`, where there is any. What the
    writer of the question thought is left out: it is about writing questions, not about answering this one.
    """
    answer: dict[str, str] = {"role": "assistant", "content": _solution(row)}
    if row["solve_reasoning"]:
        answer["reasoning_content"] = row["solve_reasoning"]
    return {**_provenance(row), "messages": [{"role": "user", "content": question_text(row)}, answer]}


def text_row(row: Mapping[str, Any]) -> dict[str, Any]:
    """One plain text for continual pre-training."""
    return {**_provenance(row), "text": f"{question_text(row)}\n\n{_solution(row)}"}


def question_text(row: Mapping[str, Any]) -> str:
    """Question and options, as a reader meets them."""
    options = [f"{option['letter']}. {option['text']}" for option in row["options"]]
    return "\n".join([row["question"], *options])


def _solution(row: Mapping[str, Any]) -> str:
    answer = _ANSWER[row["language"]] + row["answer"]
    return f"{row['explanation']}\n\n{answer}" if row["explanation"] else answer


def _provenance(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in ("qa_id", "path_id", "seed_ids", "discipline", "measured_difficulty")}
