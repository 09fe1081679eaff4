"""Answers that a program can recompute: those that the composer joined from the keys of its seeds."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from linkqa_kedro.composer.verify import verify_item


def can_be_recomputed(row: Mapping[str, Any]) -> bool:
    """Whether the row brings the proof by which its answer follows from its seeds."""
    return row["proof"] is not None


def problems_of_proof(row: Mapping[str, Any], seeds: Mapping[str, Mapping[str, Any]]) -> Sequence[str]:
    """What is wrong with an answer by its seeds' own keys; empty where it is right.

    Args:
        row: A QA that can be recomputed.
        seeds: The seeds as its request held them, by seed_id.
    """
    item = {
        **row,
        "options": {option["letter"]: option["text"] for option in row["options"]} or None,
        "proof": json.loads(row["proof"]),
    }
    return verify_item(item, seeds)
