"""The tables tell the figures, and do not fold in eighty columns."""

import json
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from fakes.labelled_seeds import labelled_seed, labelled_seeds
from fakes.scripted import ScriptedTeacher, teacher_of
from linkqa_kedro.annotation_quality.measuring import measure
from linkqa_kedro.annotation_quality.tables import quality_tables

SEEDS = [*labelled_seeds(20), *(labelled_seed(n, "zh", source="[odd] name") for n in range(30, 40))]
ANSWER = {"knowledge_points": ["momentum", "refraction"], "discipline": "physics", "difficulty": 3}


@pytest.fixture
def said(tmp_path: Path, extraction: Any, prompt: Any) -> str:
    teacher = teacher_of(ScriptedTeacher(lambda _: json.dumps(ANSWER)), tmp_path)
    console = Console(width=80, record=True, highlight=False)
    console.print(quality_tables(measure(SEEDS, teacher, prompt, extraction, {}, n_sample=22)))
    return console.export_text()


def test_what_was_asked_and_how_sure_the_figures_are(said: str) -> None:
    assert "50 of 50 seeds carry labels: 25 show them, 25 hide them, 22 of these were" in said
    assert "22 answers were bought (0.00 USD), 0 came from the store." in said
    assert "A share over 22 seeds is known to about ±21 points (95 %)." in said


def test_every_group_stands_with_the_most_frequent_labels_below(said: str) -> None:
    lines = [line.split() for line in said.splitlines()]
    assert ["all", "22"] in [line[:2] for line in lines]
    assert "[odd] name" in said
    assert "most frequent" in said
    assert "Most often taken for another: biology → physics" in said
    assert "Seeds: label ↓, answer →" in said


def test_no_cell_is_cut(said: str) -> None:
    assert "…" not in said
