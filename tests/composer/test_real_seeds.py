import json
import os
import random
from pathlib import Path
from typing import Any

import pytest

from linkqa_kedro.composer import verify_item
from linkqa_kedro.composer.compose import compose_items
from linkqa_kedro.composer.material import read_material

FOLDER = os.environ.get("LINKQA_REAL_SEEDS")
FILES = sorted(Path(FOLDER).glob("*.jsonl")) if FOLDER else []
pytestmark = pytest.mark.skipif(not FILES, reason="LINKQA_REAL_SEEDS names no folder with *.jsonl of real seeds")


def read_seeds(file: Path) -> list[dict[str, Any]]:
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    return [
        {
            "seed_id": row["id"],
            "question": row["question"],
            "answer": row["answer"],
            "options": [{"letter": a, "text": b} for a, b in (row.get("options") or {}).items()],
            "discipline": row["discipline"],
            "difficulty": 3,
            "language": row["language"],
        }
        for row in rows
    ]


@pytest.mark.parametrize("file", FILES or [None], ids=lambda file: file.stem if file else "none")
def test_every_item_over_real_seeds_verifies(file: Path) -> None:
    seeds = read_seeds(file)
    assert sum(read_material(seed, 1) is not None for seed in seeds) > 0.7 * len(seeds)
    draw = random.Random(7)
    n_items = 0
    for _ in range(150):
        size = draw.choice([2, 3, 4])
        chosen = [
            {**seed, "knowledge_points": [f"k{i}", f"k{(i + 1) % size}"]}
            for i, seed in enumerate(draw.sample(seeds, size))
        ]
        values = {
            "path": [f"k{i}" for i in range(size)],
            "seeds": chosen,
            "links": [],
            "fan_out": 3,
            "question_types": [],
            "discipline": None,
            "difficulty": draw.randint(1, 5),
            "language": chosen[0]["language"],
        }
        for item in compose_items(values):
            n_items += 1
            assert verify_item(item, {seed["seed_id"]: seed for seed in chosen}) == []
    assert n_items > 75
