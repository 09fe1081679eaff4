"""A checker over a scripted teacher."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fakes.scripted import Script, ScriptedTeacher, teacher_of
from linkqa_kedro.datasets.prompt_template import PromptTemplate
from linkqa_kedro.pipelines.answer_checks.checking import Checker
from linkqa_kedro.pipelines.answer_checks.parameters import AnswerCheckingParameters

MakeChecker = Callable[..., tuple[Checker, ScriptedTeacher]]


@pytest.fixture
def make_checker(
    tmp_path: Path, prompts: dict[str, PromptTemplate], parameters: dict[str, AnswerCheckingParameters]
) -> MakeChecker:
    """Builds a checker and its scripted teacher; parameters given by name replace those shipped."""

    def make(script: Script, max_concurrency: int = 4, **changed: Any) -> tuple[Checker, ScriptedTeacher]:
        chat = ScriptedTeacher(script)
        folder = tmp_path / f"teacher-{max_concurrency}"
        folder.mkdir(exist_ok=True)
        settings = parameters["answer_checking"].model_copy(update=changed)
        templates = (prompts[name] for name in ("solve", "compare", "refine"))
        return Checker(teacher_of(chat, folder, max_concurrency), *templates, settings, "synthesis"), chat

    return make
