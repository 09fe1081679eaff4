"""Small tables and the shipped parameters, for tests of nodes."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from linkqa_kedro.checks import MODELS
from linkqa_kedro.datasets.prompt_template import PromptTemplate
from linkqa_kedro.parameters import Parameters

CONF = Path(__file__).parents[2] / "conf" / "base"


@pytest.fixture
def parameters() -> dict[str, Parameters]:
    """The parameters of every stage as the project ships them."""
    built = {}
    for stage, model in MODELS.items():
        raw = yaml.safe_load((CONF / f"parameters_{stage}.yml").read_text(encoding="utf-8"))
        built[stage] = model.model_validate(raw[stage])
    return built


@pytest.fixture
def prompts() -> dict[str, PromptTemplate]:
    """The prompt templates as the project ships them, by name."""
    return {path.stem: PromptTemplate(path.read_text("utf-8"), path.name) for path in CONF.glob("prompts/*/*.md")}


@pytest.fixture
def seed_rows() -> list[dict[str, Any]]:
    """Three physics seeds that hang together; the third carries no label."""
    common = {"options": [], "language": "en", "source": "test", "licence": "CC0-1.0"}
    return [
        {
            "seed_id": "s1",
            "question": "What does work change?",
            "answer": "energy",
            "discipline": "physics",
            "difficulty": 2,
            "knowledge_points": ["work", "energy"],
            **common,
        },
        {
            "seed_id": "s2",
            "question": "Which law ties heat to work and energy?",
            "answer": "the first law",
            "discipline": "physics",
            "difficulty": 3,
            "knowledge_points": ["energy", "heat", "work"],
            **common,
        },
        {
            "seed_id": "s3",
            "question": "Does heat flow from cold to hot by itself?",
            "answer": "no",
            "discipline": None,
            "difficulty": None,
            "knowledge_points": [],
            **common,
        },
    ]
