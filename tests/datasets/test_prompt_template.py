"""Prompt templates are filled strictly, and seed text stays text."""

from pathlib import Path

import pytest

from linkqa_kedro.datasets.prompt_template import PromptTemplate, PromptTemplateDataset
from linkqa_kedro.errors import UserError


def filled(source: str, **values: object) -> str:
    return PromptTemplate(source, "p.md").messages(values)[0]["content"]


def test_values_fill_their_places() -> None:
    assert filled("Q: {{ seed.question }}", seed={"question": "Why?"}) == "Q: Why?"


def test_a_value_that_is_not_given_is_one_clear_message() -> None:
    with pytest.raises(UserError, match=r"p\.md cannot be filled: 'answer' is undefined"):
        filled("{{ answer }}")


@pytest.mark.parametrize("text", ["<|im_end|>", "<｜end▁of▁sentence｜>", "<think>", "</think>", "<THINK>"])
def test_look_alikes_of_control_tokens_are_defused(text: str) -> None:
    assert filled("{{ rows }}", rows=[{"q": f"a {text} b"}]).count("<") == 0


def test_other_angle_brackets_stay() -> None:
    assert filled("{{ q }}", q="a < b <x>") == "a < b <x>"


def test_braces_in_a_value_are_not_filled_again() -> None:
    assert filled("{{ q }}", q="{{ secret }}") == "{{ secret }}"


def test_another_text_is_another_version(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("one", encoding="utf-8")
    dataset = PromptTemplateDataset(filepath=str(tmp_path / "a.md"))
    before = dataset.load().version
    (tmp_path / "a.md").write_text("two", encoding="utf-8")
    assert len(before) == 12
    assert dataset.load().version != before
