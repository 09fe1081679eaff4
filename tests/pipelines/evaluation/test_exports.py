"""The dataset as trainers read it."""

from typing import Any

from linkqa_kedro.pipelines.evaluation.exports import chat_row, text_row

ROW: dict[str, Any] = {
    "qa_id": "q1",
    "path_id": "p1",
    "seed_ids": ["s1", "s2"],
    "discipline": "physics",
    "measured_difficulty": 3,
    "question": "Which holds?",
    "options": [{"letter": "A", "text": "this"}, {"letter": "B", "text": "that"}],
    "answer": "B",
    "explanation": "Because.",
    "reasoning": "Let me write a question.",
    "solve_reasoning": None,
    "language": "en",
}


def test_a_chat_row_asks_with_options_and_ends_with_the_answer() -> None:
    row = chat_row(ROW)
    assert row["messages"] == [
        {"role": "user", "content": "Which holds?\nA. this\nB. that"},
        {"role": "assistant", "content": "Because.\n\nAnswer: B"},
    ]
    assert row["seed_ids"] == ["s1", "s2"]


def test_the_reasoning_of_who_solved_it_stands_apart_from_the_answer() -> None:
    answer = chat_row({**ROW, "solve_reasoning": "Let me see."})["messages"][1]
    assert answer["reasoning_content"] == "Let me see."
    assert "Let me see." not in answer["content"]


def test_a_chinese_row_answers_in_chinese() -> None:
    assert chat_row({**ROW, "language": "zh", "explanation": ""})["messages"][1]["content"] == "答案：B"


def test_plain_text_is_question_solution_and_answer() -> None:
    assert text_row(ROW)["text"] == "Which holds?\nA. this\nB. that\n\nBecause.\n\nAnswer: B"
