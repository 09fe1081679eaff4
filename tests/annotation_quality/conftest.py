"""The shipped parameters and prompt of extraction."""

from pathlib import Path

import pytest
import yaml

from linkqa_kedro.datasets.prompt_template import PromptTemplate
from linkqa_kedro.pipelines.extraction.parameters import ExtractionParameters

CONF = Path(__file__).parents[2] / "conf" / "base"


@pytest.fixture(scope="session")
def extraction() -> ExtractionParameters:
    raw = yaml.safe_load((CONF / "parameters_extraction.yml").read_text(encoding="utf-8"))
    return ExtractionParameters.model_validate(raw["extraction"])


@pytest.fixture(scope="session")
def prompt() -> PromptTemplate:
    path = CONF / "prompts/extraction/annotate.md"
    return PromptTemplate(path.read_text("utf-8"), path.name)
