"""Rows of QA from what a teacher's reply was read into."""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from linkqa_kedro.composer.model import is_composer
from linkqa_kedro.teacher.requests import Answered, canonical_json

_PREFIX = "qa-"


def is_qa_id(record_id: str) -> bool:
    """Whether a record is a QA, and no seed or path."""
    return record_id.startswith(_PREFIX)


def qa_id_of(request_key: str, place: int) -> str:
    """Identifier of the QA at some place, from 0, of the reply to a request."""
    return _PREFIX + hashlib.sha256(f"{request_key}:{place}".encode()).hexdigest()[:16]


def qa_row(
    answered: Answered[Any],
    item: Mapping[str, Any],
    place: int,
    n_items: int,
    path_id: str,
    seeds: Sequence[Mapping[str, Any]],
    asked_difficulty: int,
    language: str,
) -> dict[str, Any]:
    """A row with the columns that all QA tables share.

    Args:
        answered: The request and its completion.
        item: One item as `reply_fields.read_item` gives it.
        place: Place of the item in the reply: with the request's key it makes the identifier.
        n_items: Usable items of the reply: they share its price.
        path_id: Path the item was made from.
        seeds: Seeds that the prompt showed, in order.
        asked_difficulty: Level asked for.
        language: Language asked for.
    """
    completion = answered.completion
    drawn_on = [seeds[number] for number in item["seeds"]]
    return {
        "qa_id": qa_id_of(answered.key, place),
        "path_id": path_id,
        "seed_ids": [seed["seed_id"] for seed in drawn_on],
        "knowledge_points": item["knowledge_points"],
        "question_type": item["question_type"],
        "question": item["question"],
        "options": item["options"],
        "answer": item["answer"],
        "explanation": item["explanation"],
        "reasoning": completion.reasoning,
        "language": language,
        "discipline": most_frequent([seed["discipline"] for seed in drawn_on]),
        "asked_difficulty": asked_difficulty,
        "model": completion.model,
        "prompt_version": answered.request.prompt_version,
        "sampling_settings": canonical_json(asdict(answered.request.settings)),
        "request_key": answered.key,
        "input_tokens": completion.input_tokens,
        "output_tokens": completion.output_tokens,
        "cost_usd": None if completion.cost_usd is None else completion.cost_usd / n_items,
        # Only the composer proves: what a model calls a proof would be taken for one.
        "proof": canonical_json(item["proof"]) if item["proof"] is not None and is_composer(completion.model) else None,
        "expression": item["expression"],
    }


def most_frequent(labels: Sequence[str]) -> str:
    """The most frequent label; of equally frequent ones the first to occur."""
    return Counter(labels).most_common(1)[0][0]
