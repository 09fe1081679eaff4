"""The rubric is one: what the page says to people, the prompt says to a model."""

import re
from pathlib import Path

import pytest

from linkqa_kedro.pipelines.enhancement.rating import AXES

PROJECT = Path(__file__).parents[3]
PAGE = (PROJECT / "docs" / "difficulty.md").read_text(encoding="utf-8")
PROMPTS = {
    name: (PROJECT / f"conf/base/prompts/enhancement/{name}.md").read_text(encoding="utf-8")
    for name in ("rate", "raise")
}
RULE = "one higher where at least two other axes are higher than steps, one lower where all four others are lower"
LEVELS = (
    "1 recall of a fact; 2 one simple step; 3 two or three steps; 4 several steps, or ideas combined; "
    "5 expert, several inference steps"
)


@pytest.mark.parametrize("axis", AXES)
def test_each_axis_has_the_same_five_anchors_in_both(axis: str) -> None:
    row = re.search(rf"^\| {axis} \| (.*) \|$", PAGE, re.MULTILINE)
    line = re.search(rf"^- {axis}\b[^:]*: (.*)$", PROMPTS["rate"], re.MULTILINE)
    assert row
    assert line
    in_prompt = re.split(r"; (?=[2-5] )", line.group(1))
    assert [anchor.split(" ", 1)[0] for anchor in in_prompt] == list("12345")
    assert [anchor.split(" ", 1)[1] for anchor in in_prompt] == row.group(1).split(" | ")


def test_both_say_what_the_levels_mean_and_how_they_follow() -> None:
    for text in (LEVELS, RULE):
        assert text in PROMPTS["rate"]
        assert text in PAGE.replace("*", "")


def test_the_writer_is_told_the_steps_as_the_rater_counts_them() -> None:
    assert "none is 1, one is 2, two or three are 3, four to six are 4, seven or more are 5" in PROMPTS["raise"]
    assert "| steps | none, it is recalled | one | two or three | four to six | seven or more |" in PAGE
