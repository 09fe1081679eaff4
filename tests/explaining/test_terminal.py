"""The terminal shows texts as they are, in 80 columns."""

import io

from rich.console import Console

from fakes.explained import CHECKED, evidence_of, qa_evidence, qa_row, question_of, seed_of
from linkqa_kedro.explaining.building import explain
from linkqa_kedro.explaining.explanation import Explanation
from linkqa_kedro.explaining.terminal import explanation_text


def printed(explained: Explanation, is_full: bool = False, width: int = 80) -> str:
    out = io.StringIO()
    Console(file=out, width=width, highlight=False).print(explanation_text(explained, is_full))
    return out.getvalue()


def explained_of(
    question: str = "What is the trace?", answer_text: str = "7", prompt: str | None = None
) -> Explanation:
    asked = question_of(("aa01", 0, 0, {"text": answer_text, "reasoning": "let me see", "cost_usd": None}))
    if prompt is not None:
        assert asked.request is not None
        asked = type(asked)({**asked.request, "messages": [{"role": "user", "content": prompt}]}, asked.answers)
    rows = {"dataset": qa_row(question=question, proof='{"type": "sum"}'), "checked_qa": CHECKED}
    return explain(evidence_of(qa_evidence(rows), questions={"aa01": asked}))


def test_brackets_and_formulas_are_text_and_no_markup() -> None:
    hostile = r"[red]Let[/red] \[f(x)\] and [1, 2] :smile:"
    shown = printed(explained_of(question=hostile, answer_text=hostile), width=200)
    assert shown.count(hostile) == 2


def test_what_a_terminal_would_obey_is_not_sent_to_it() -> None:
    shown = printed(explained_of(answer_text="\x1b[2Jgone\x07\r\nnext \ud83d"))
    assert "\x1b" not in shown
    assert "\x07" not in shown
    assert "\ufffd[2Jgone\ufffd" in shown
    shown.encode("utf-8")


def test_nothing_is_wider_than_the_terminal_or_lost_at_its_edge() -> None:
    long_word = "x" * 300
    shown = printed(explained_of(question=f"求矩阵的特征值。{'汉字' * 100}", answer_text=long_word))
    from rich.cells import cell_len

    assert max(cell_len(line) for line in shown.splitlines()) <= 80
    assert "".join(shown.split()).count("x" * 300) == 1
    assert "".join(shown.split()).count("汉字" * 100) == 1


def test_prompts_are_cut_unless_asked_for_in_full() -> None:
    prompt = "\n".join(f"line {number}" for number in range(100))
    assert "line 50" not in printed(explained_of(prompt=prompt))
    assert "--full shows them" in printed(explained_of(prompt=prompt))
    in_full = printed(explained_of(prompt=prompt), is_full=True)
    assert "line 99" in in_full
    assert '"type": "sum"' in in_full


def test_seeds_and_answers_are_never_cut() -> None:
    text = "\n".join(f"thought {number}" for number in range(100))
    explained = explain(
        evidence_of(
            qa_evidence({"dataset": qa_row()}),
            seeds=[seed_of("s1", ["matrix"], question=text)],
            questions={"aa01": question_of(("aa01", 0, 0, {"text": text, "reasoning": text}))},
        )
    )
    assert printed(explained).count("thought 99") == 3


def test_the_fate_stands_in_the_first_lines() -> None:
    lines = printed(explained_of()).splitlines()
    assert [line.strip() for line in lines[:2]] == ["qa-1", "In the dataset."]


def test_what_is_unknown_is_called_so() -> None:
    shown = printed(explained_of())
    assert "cost in USD    unknown" in shown
    assert shown.split("in all ")[-1].split()[-2:] != ["0.00", "0.00"]
