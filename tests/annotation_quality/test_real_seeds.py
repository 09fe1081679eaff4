"""The composer beats the most frequent labels on real files that people labelled after a syllabus."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from fakes.scripted import teacher_of
from linkqa_kedro.annotation_quality.measuring import measure
from linkqa_kedro.composer.model import Composer
from linkqa_kedro.datasets.row_files import FileRow
from linkqa_kedro.pipelines.extraction.nodes import read_seeds
from linkqa_kedro.records import rows_of

FOLDER = Path(os.environ.get("LINKQA_REAL_SEEDS", ""))
NAMES = ("tal_scq5k_en", "tal_scq5k_zh")

pytestmark = pytest.mark.skipif(
    not all((FOLDER / f"{name}.jsonl").is_file() for name in NAMES),
    reason=f"LINKQA_REAL_SEEDS names no folder with {' and '.join(NAMES)}",
)


@pytest.mark.parametrize(("name", "least_f1"), [("tal_scq5k_en", 0.38), ("tal_scq5k_zh", 0.2)])
def test_names_of_a_syllabus_are_found(
    name: str, least_f1: float, tmp_path: Path, extraction: Any, prompt: Any
) -> None:
    lines = (FOLDER / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [FileRow(name, number, json.loads(line), "") for number, line in enumerate(lines)]
    seeds, _ = read_seeds(rows, extraction)
    quality = measure(rows_of(seeds), teacher_of(Composer(), tmp_path), prompt, extraction, {})
    points = quality.knowledge_points["all"]
    assert points.teacher.exact.f1 > least_f1 > points.trivial.exact.f1
    assert quality.discipline["all"].teacher.accuracy == 1.0
