import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes.scripted import completion_of
from linkqa_kedro.teacher.errors import ReplyUnusable
from linkqa_kedro.teacher.replies import parse_json_object, repair_backslashes


def parse(text: str, **parts: Any) -> dict[str, Any]:
    return parse_json_object(completion_of(text, **parts))


def reason_of(text: str, **parts: Any) -> str:
    with pytest.raises(ReplyUnusable) as caught:
        parse(text, **parts)
    return caught.value.reason


@pytest.mark.parametrize(
    "text",
    [
        '{"a": 1}',
        '  {"a": 1}\n',
        '```json\n{"a": 1}\n```',
        '```\n{"a": 1}```',
        'Here it is:\n```json\n{"a": 1}\n```\nDone.',
        'The answer is {"a": 1}. I hope it helps {x}.',
        'For \\frac{1}{2}: {"a": 1}',
        '答案如下：{"a": 1}。',
        '[{"a": 1}]',
        '{"a": 1}\nor again {"a": 1}',
    ],
)
def test_object_is_found_whatever_stands_around_it(text: str) -> None:
    assert parse(text) == {"a": 1}


def test_braces_and_fences_inside_strings_do_not_part_the_object() -> None:
    value = {"a": "a } b { c", "code": "```python\nprint({})\n```", "quote": 'say "{"'}
    assert parse("Sure: " + json.dumps(value) + " ok") == value


def test_chinese_punctuation_inside_strings_stays() -> None:
    assert parse('{"题目": "甲，乙：“丙”？"}') == {"题目": "甲，乙：“丙”？"}


def test_raw_line_breaks_inside_strings_are_read() -> None:
    assert parse('{"a": "one\ntwo\tthree"}') == {"a": "one\ntwo\tthree"}


@pytest.mark.parametrize(
    ("in_reply", "meant"),
    [
        (r"\theta", r"\theta"),
        (r"$\frac{1}{2}$", r"$\frac{1}{2}$"),
        (r"\beta \bar{x} \times \text{m}", r"\beta \bar{x} \times \text{m}"),
        (r"\rho \right) \neq \nabla f", r"\rho \right) \neq \nabla f"),
        (r"\alpha \, \{x\} \sqrt{2}", r"\alpha \, \{x\} \sqrt{2}"),
        (r"\underline{a} \upsilon", r"\underline{a} \upsilon"),
        (r"$a \ne b$, $\nu$, $x \to 0$", r"$a \ne b$, $\nu$, $x \to 0$"),
        (r"\(x \to 0\) and \[\nu\]", r"\(x \to 0\) and \[\nu\]"),
        (r"\\theta is well escaped", r"\theta is well escaped"),
        (r"matrix \\\\ \theta", r"matrix \\ \theta"),
        (r"one\nu, two", "one\nu, two"),
        (r"$x$ first\nless than", "$x$ first\nless than"),
        (r"\(x\) first\ne is e", "\\(x\\) first\ne is e"),
        (r"a\tb\r\nnew line\nabove", "a\tb\r\nnew line\nabove"),
        (r"caf\u00e9 \/ \"quoted\"", 'café / "quoted"'),
    ],
)
def test_latex_survives_and_real_escapes_stay(in_reply: str, meant: str) -> None:
    r"""`\theta` with one backslash is valid JSON for a tab and "heta": parsing alone proves nothing."""
    assert parse(f'{{"a": "{in_reply}"}}') == {"a": meant}


def test_backslashes_outside_strings_are_left_alone() -> None:
    assert repair_backslashes(r'\alpha {"a": "\alpha"}') == r'\alpha {"a": "\\alpha"}'


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "empty answer"),
        (" \n", "empty answer"),
        ("I cannot help with that.", "not JSON"),
        ("null", "not JSON"),
        ("[1, 2]", "not JSON"),
        ('"text"', "not JSON"),
        ('{"a": 1', "not JSON"),
        ('{"items": [{"a": 1}, {"a"', "not JSON"),
        ('{"items": {"a": 1}, "b": }', "not JSON"),
        ("{'a': 1}", "not JSON"),
        ('{"a": 1，"b"：2}', "not JSON"),
        ('{"a": NaN}', "not JSON"),
        ('{"a": -Infinity}', "not JSON"),
        ('{"a": "\\ud83d"}', "not JSON"),
        ('{"a": ' + "9" * 5000 + "}", "not JSON"),
        ('{"a": ' + "[" * 100_000, "not JSON"),
        ('{"a": ' + "[" * 100_000 + "]" * 100_000 + "}", "not JSON"),
        ('{"a": 1} or {"a": 2}', "several JSON objects"),
        ('[{"a": 1}, {"a": 2}]', "several JSON objects"),
    ],
)
def test_reply_that_holds_no_object_says_why(text: str, reason: str) -> None:
    """A part of a broken object is never taken for the whole."""
    assert reason_of(text) == reason


def test_cut_answer_names_its_tokens_and_the_setting() -> None:
    with pytest.raises(ReplyUnusable, match=r"1024 output tokens; raise max_output_tokens") as caught:
        parse('{"a": 1}', finish_reason="length", output_tokens=1024)
    assert caught.value.reason == "cut by length"
    assert reason_of("", finish_reason="length", output_tokens=None) == "cut by length"


def test_filtered_answer_is_told_apart() -> None:
    assert reason_of("", finish_reason="content_filter") == "refused by content filter"


def test_detail_of_a_long_reply_is_short() -> None:
    with pytest.raises(ReplyUnusable) as caught:
        parse("word " * 1000)
    assert len(caught.value.detail) < 150


# A control character before a letter is what LaTeX in JSON decodes to: that case is the repair's own.
LINE = st.text(st.characters(exclude_categories=["Cs", "Cc"]))
TEXT = st.lists(LINE, max_size=3).map("\n ".join)
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)


@given(value=st.dictionaries(TEXT, JSON_VALUES, max_size=4), ascii_only=st.booleans())
def test_well_formed_objects_come_back_as_they_were(value: dict[str, Any], ascii_only: bool) -> None:
    source = json.dumps(value, ensure_ascii=ascii_only)
    assert parse(source) == value
    assert parse(f"Of course!\n```json\n{source}\n```") == value


@given(st.text())
def test_any_text_ends_as_an_object_or_as_a_reason(text: str) -> None:
    try:
        outcome: object = parse(text)
    except ReplyUnusable as error:
        outcome = error.reason
    assert outcome or outcome == {}
