"""Annotations small enough to see through."""

import pandas as pd

from linkqa_kedro.records import ANNOTATIONS

Labels = tuple[list[str], str, int]
"""Knowledge points, discipline and level of a seed."""


def annotations_of(seeds: list[Labels]) -> pd.DataFrame:
    return ANNOTATIONS.frame(
        {
            "seed_id": f"s{number}",
            "knowledge_points": points,
            "discipline": discipline,
            "difficulty": level,
            "labelled_by": "seed",
            "request_key": None,
            "model": None,
        }
        for number, (points, discipline, level) in enumerate(seeds)
    )
