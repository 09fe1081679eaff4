"""The summary in the terminal."""

from dataclasses import replace
from io import StringIO

import pytest
from rich.console import Console

from linkqa_kedro.report.terminal import MixSummary, StageSummary, SummaryFacts, TeacherUsage, run_summary

FACTS = SummaryFacts(
    title="1,412 rows from 480 seeds",
    stages=[StageSummary("extraction", 480, 0, "seeds read"), StageSummary("evaluation", 1412, 21, "rows that pass")],
    mixes=[MixSummary("discipline", {"maths": (0.3, 0.31), "physics": (0.7, 0.69)}, 0.01)],
    figures={"Coverage": "98.7 % of the reachable knowledge points"},
    teacher=TeacherUsage("composer-3f2a", 1200, 1100, 100, 3400, None),
    places={"dataset": "data/07_evaluation/dataset", "odd [bold]": "data/x[1]"},
    next_commands=[("kedro viz run", "see the pipelines"), ("b", "2"), ("c", "3"), ("fourth", "4")],
)


def printed(facts: SummaryFacts, width: int = 80, terminal: bool = False) -> str:
    file = StringIO()
    console = Console(file=file, width=width, force_terminal=terminal, color_system="truecolor" if terminal else None)
    console.print(run_summary(facts))
    return file.getvalue()


def row_of(text: str, first: str) -> list[str]:
    return next(line.split() for line in text.splitlines() if line.split()[:1] == [first])


def test_rows_and_mixes_are_in_columns() -> None:
    text = printed(FACTS)
    assert row_of(text, "evaluation") == ["evaluation", "1,412", "21", "rows", "that", "pass"]
    assert row_of(text, "maths")[:5] == ["maths", "30.0", "%", "31.0", "%"]
    assert "total variation 0.010" in text
    assert row_of(text, "Coverage")[1:3] == ["98.7", "%"]


def test_an_unknown_price_is_not_called_free() -> None:
    assert "price not known, 3,400 tokens" in printed(FACTS)
    usage = replace(FACTS.teacher, cost_usd=0.0) if FACTS.teacher else None
    assert "0.00 USD" in printed(replace(FACTS, teacher=usage))


def test_paths_are_no_markup() -> None:
    text = printed(FACTS)
    assert "odd [bold]" in text
    assert "data/x[1]" in text


def test_three_commands_are_shown_each_on_a_line() -> None:
    lines = [line.strip() for line in printed(FACTS).splitlines()]
    assert "kedro viz run" in lines
    assert "c" in lines
    assert "fourth" not in lines


@pytest.mark.parametrize("width", [60, 80, 100])
def test_no_line_is_wider_than_the_terminal_and_nothing_is_cut(width: int) -> None:
    long = replace(
        FACTS, mixes=[MixSummary("discipline", {"electrical and electronic engineering": (None, 1.0)}, None)]
    )
    text = printed(long, width=width)
    assert max(map(len, text.splitlines())) <= width
    assert "…" not in text
    assert "engineering" in text


def test_a_log_file_gets_no_escape_codes() -> None:
    assert "\x1b" not in printed(FACTS)
    assert "\x1b" in printed(FACTS, terminal=True)


def test_a_run_that_did_next_to_nothing_has_a_short_summary() -> None:
    empty = SummaryFacts("nothing ran", [], [], {}, None, {}, [])
    assert printed(empty).split() == ["nothing", "ran"]


def test_the_mark_of_a_target_stands_where_its_share_ends() -> None:
    text = printed(replace(FACTS, mixes=[MixSummary("level", {"one": (0.25, 0.5), "two": (0.5, 0.25)}, 0.25)]))
    assert row_of(text, "one")[-1] == "━" * 10 + "┃" + "━" * 9
    assert row_of(text, "two")[-2:] == ["━" * 10, "┃"]
