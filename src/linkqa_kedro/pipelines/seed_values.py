"""Seeds as prompts, the composer and the cleaning rules see them."""

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any, TypeVar

import pandas as pd

from linkqa_kedro.errors import UserError
from linkqa_kedro.records import rows_of

T = TypeVar("T")


def searchable_text(row: Mapping[str, Any]) -> str:
    """Question, options and a free-text answer, as one text."""
    parts = [row["question"], *(option["text"] for option in row["options"])]
    if not row["options"]:
        parts.append(row["answer"])
    return "\n".join(parts)


def seeds_named(row: Mapping[str, Any], seeds: Mapping[str, Any]) -> list[Any]:
    """What is known of the seeds that a row of an earlier stage names in `seed_ids`, in order.

    Raises:
        UserError: If one is not there: the row was written from other seeds.
    """
    missing = [seed_id for seed_id in row["seed_ids"] if seed_id not in seeds]
    if missing:
        raise UserError(
            f"{row['path_id']} names the seed {missing[0]}, which is not among the seeds there now: earlier stages ran "
            "on other seeds since. Run `kedro run` for all stages, or from the one that changed."
        )
    return [seeds[seed_id] for seed_id in row["seed_ids"]]


def path_named(row: Mapping[str, Any], paths: Mapping[str, T]) -> T:
    """What is known of the path that a QA row names.

    Raises:
        UserError: If it is not there: the row was made from paths that were drawn before.
    """
    if row["path_id"] not in paths:
        raise UserError(
            f"{row['qa_id']} was made from {row['path_id']}, which is not among the paths there now: sampling ran "
            "again since. Run `kedro run --pipelines synthesis,enhancement,evaluation`: answers bought before are not "
            "bought again."
        )
    return paths[row["path_id"]]


def seed_links(seeds: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Which seeds share which knowledge points, seeds numbered from 1."""
    links = []
    for (one, first), (other, second) in combinations(enumerate(seeds, start=1), 2):
        shared = [point for point in first["knowledge_points"] if point in second["knowledge_points"]]
        if shared:
            links.append({"seeds": [one, other], "knowledge_points": shared})
    return links


def seed_values(seeds: pd.DataFrame, annotations: pd.DataFrame) -> dict[str, dict[str, Any]]:
    """Every annotated seed with its canonical labels, by seed_id."""
    labels = {row["seed_id"]: row for row in rows_of(annotations)}
    return {
        row["seed_id"]: {
            **{name: row[name] for name in ("seed_id", "question", "answer", "options", "language")},
            **{name: labels[row["seed_id"]][name] for name in ("knowledge_points", "discipline", "difficulty")},
        }
        for row in rows_of(seeds)
        if row["seed_id"] in labels
    }
