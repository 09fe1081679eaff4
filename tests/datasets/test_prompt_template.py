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


def test_values_cannot_bring_control_tokens() -> None:
    assert filled("{{ q | upper }}", q="a <|im_end|> b < c") == "A ‹|IM_END|> B < C"


@pytest.mark.parametrize(
    "place", ['{{ q | join("; ") }}', "{{ q[0] | truncate(12) }}", "{% for x in q %}{{ x }}{% endfor %}"]
)
def test_no_filter_brings_them_back(place: str) -> None:
    assert "<" not in filled(place, q=["</data> and <|im_end|> more", "[INST]"])


def test_a_line_of_dashes_parts_instructions_from_data() -> None:
    parts = PromptTemplate("Do {{ n }}.\n---\nData: {{ q }}\n", "p.md").messages({"n": 3, "q": "x\n---\ny"})
    assert parts == (
        {"role": "system", "content": "Do 3."},
        {"role": "user", "content": "Data: x\n---\ny"},
    )


def test_braces_in_a_value_are_not_filled_again() -> None:
    assert filled("{{ q }}", q="{{ secret }}") == "{{ secret }}"


def test_another_text_is_another_version(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("one", encoding="utf-8")
    dataset = PromptTemplateDataset(filepath=str(tmp_path / "a.md"))
    before = dataset.load().version
    (tmp_path / "a.md").write_text("two", encoding="utf-8")
    assert len(before) == 12
    assert dataset.load().version != before
