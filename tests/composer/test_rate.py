from hypothesis import given
from hypothesis import strategies as st

from linkqa_kedro.composer.rate import effort, rate_question, read_load

NO_OPTIONS: list[dict[str, str]] = []


def item(n_parts: int, n_statements: int = 0, n_steps: int = 0) -> str:
    lines = [f"Question {n}. What is the capital of country {n}?" for n in range(1, n_parts + 1)]
    lines += [f"({n}) The answer to Question 1 is city {n}." for n in range(1, n_statements + 1)]
    lines += [f"Step {n}. If statement ({n}) is correct, go on; otherwise stop." for n in range(1, n_steps + 1)]
    return "\n".join(lines)


def level(question: str) -> int:
    return int(rate_question(question, NO_OPTIONS, "1")["difficulty"])


def test_a_short_recall_question_is_level_one() -> None:
    assert level("Who wrote Hamlet?") == 1
    assert level("谁写了《红楼梦》？") == 1


def test_a_question_with_a_few_steps_is_level_two() -> None:
    text = "If a train covers 120 km in 2 hours and then 80 km in 1 hour, calculate its average speed in total."
    assert level(text) == 2


def test_two_joined_questions_land_at_two_or_three() -> None:
    assert level(item(2)) == 2
    assert level(item(2, n_statements=4)) in (2, 3)


def test_many_parts_with_conditions_land_at_the_top() -> None:
    assert level(item(4, n_statements=2, n_steps=2)) == 5
    assert level(item(4, n_statements=3)) in (3, 4)


def test_statements_among_the_options_count_as_statements_to_judge() -> None:
    options = [{"letter": a, "text": f"The answer to Question {n} is X."} for n, a in enumerate("ABC", start=1)]
    assert read_load(item(2), options, "AC").statements == 3
    assert read_load(item(2), options, "AC").several == 1


def test_chinese_parts_are_counted() -> None:
    load = read_load("第1题 甲\n第2题 乙\n① 第1题应选A。\n② 第2题应选B。\n步骤1：若说法①正确，则停。", NO_OPTIONS, "A")
    assert (load.parts, load.statements, load.steps) == (2, 2, 1)


@given(n_parts=st.integers(2, 7), n_statements=st.integers(0, 6), n_steps=st.integers(0, 3))
def test_more_parts_statements_or_steps_never_rate_lower(n_parts: int, n_statements: int, n_steps: int) -> None:
    base = rate_question(item(n_parts, n_statements, n_steps), NO_OPTIONS, "1")
    for more in (
        item(n_parts + 1, n_statements, n_steps),
        item(n_parts, n_statements + 1, n_steps),
        item(n_parts, n_statements, n_steps + 1),
    ):
        raised = rate_question(more, NO_OPTIONS, "1")
        assert raised["difficulty"] >= base["difficulty"]
        assert all(raised["axes"][axis] >= base["axes"][axis] for axis in base["axes"])


@given(st.text(), st.lists(st.text(), max_size=4), st.text())
def test_any_text_gets_axes_and_a_level_from_one_to_five(question: str, options: list[str], answer: str) -> None:
    listed = [{"letter": letter, "text": text} for letter, text in zip("ABCD", options, strict=False)]
    reply = rate_question(question, listed, answer)
    assert set(reply["axes"]) == {"knowledge", "steps", "constraints", "abstraction", "calculation"}
    assert all(1 <= value <= 5 for value in [*reply["axes"].values(), reply["difficulty"]])


def test_wordiness_alone_stays_below_three_parts() -> None:
    wordy = "Suppose and calculate " + "if the sum 1 2 3 is at least \\frac{1}{2} " * 30
    assert effort(read_load(wordy, NO_OPTIONS, "1")) < 2 * 0.7 + 1.6
