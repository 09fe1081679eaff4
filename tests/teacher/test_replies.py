import json
import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes.scripted import completion_of
from linkqa_kedro.teacher.errors import ReplyUnusable
from linkqa_kedro.teacher.latex_backslashes import repair_backslashes
from linkqa_kedro.teacher.replies import parse_json_object


def parse(text: str, **parts: Any) -> dict[str, Any]:
    return parse_json_object(completion_of(text, **parts)).fields


def is_repaired(text: str, **parts: Any) -> bool:
    return parse_json_object(completion_of(text, **parts)).repaired


def outcome_of(text: str) -> Any:
    """What is read, as it is written in JSON, where 1 and true differ; None where the reply is refused."""
    try:
        return json.dumps(parse(text), sort_keys=True)
    except ReplyUnusable:
        return None


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
        ('{"a": NaN}', "not JSON"),
        ('{"a": -Infinity}', "not JSON"),
        ('{"a": 1e999}', "not JSON"),
        ('[{"a": 1}, ', "not JSON"),
        ('[{"a": 1}, {"', "not JSON"),
        ('<think>Perhaps {"a": 1}, or', "not JSON"),
        ('{"a": "\\ud83d"}', "not JSON"),
        ('{"a": ' + "9" * 5000 + "}", "not JSON"),
        ('{"a": ' + "[" * 100_000, "not JSON"),
        ('{"a": ' + "[" * 100_000 + "]" * 100_000 + "}", "not JSON"),
        ('{"a": 1} or {"a": 2}', "several JSON objects"),
        ('[{"a": 1}, {"a": 2}]', "several JSON objects"),
        ('{"a": 1} or {"a": true}', "several JSON objects"),
        ("{\"a\": \"A\"}. No: {'a': 'B'}", "several JSON objects"),
        ('{"a": "A"}。不对：｛“a”：“B”｝', "several JSON objects"),
        ('{"answer": "A"}, rather {answer: "B"}', "several JSON objects"),
        ('{"a": 1} and then {"a": 2', "several JSON objects"),
        ("{'a': 1} and then {'a': 2", "several JSON objects"),
        ('```json\n{"a": 1}\n```\nor\n```json\n{"a": 2,}\n```', "several JSON objects"),
    ],
)
def test_reply_that_holds_no_object_says_why(text: str, reason: str) -> None:
    """A part of a broken object is never taken for the whole."""
    assert reason_of(text) == reason


@pytest.mark.parametrize(
    "text",
    ['{"a": 1}', 'Sure:\n```json\n{"a": "x\\ny"}\n```', 'It is {"a": "“甲”：，"}.', '<think>{x}</think>{"a": 1}'],
)
def test_reply_read_strictly_counts_as_whole(text: str) -> None:
    """What stands around the object is no repair: every model says something there."""
    assert not is_repaired(text)


@pytest.mark.parametrize("text", ['{"a": "\\alpha"}', '{"a": "one\ntwo"}', '{"a"：1}', "{'a': 1}", '{"a": 1,}'])
def test_anything_altered_inside_the_object_counts_as_repaired(text: str) -> None:
    assert is_repaired(text)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"answer": "A", "answer": "B"}', "repeated key"),
        ('{"a": 1, "a": true}', "repeated key"),
        ('{"items": [{"a": "x", "a": "y"}]}', "repeated key"),
        ('Here: {"a": 1, "a": 2} done', "repeated key"),
        ("{'a': 1, 'a': 2}", "repeated key"),
        ('{"a": 1, "a": 2,}', "not JSON"),
    ],
)
def test_a_key_that_stands_twice_with_two_values_is_refused(text: str, reason: str) -> None:
    """json.loads keeps the last one in silence."""
    assert reason_of(text) == reason


def test_a_key_that_stands_twice_with_one_value_is_read() -> None:
    assert parse('{"answer": {"x": [1]}, "answer": {"x": [1]}}') == {"answer": {"x": [1]}}


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ('{"a"：1，"b"：［1，2］}', {"a": 1, "b": [1, 2]}),
        ("答案如下：｛“题目”：“他说：“好”。”｝。", {"题目": "他说：“好”。"}),
        ('{“a”: “say "hi"”, “b”: "“quoted”"}', {"a": 'say "hi"', "b": "“quoted”"}),
        ("{「a」：「甲，乙」}", {"a": "甲，乙"}),
        (r"{“a”：“$\theta$ and \"x\"\n”}", {"a": '$\\theta$ and "x"\n'}),
        ("{“a”：“one\ntwo”}", {"a": "one\ntwo"}),
        ("{“a”：［“甲“乙”丙”，None，］}", {"a": ["甲“乙”丙", None]}),
    ],
)
def test_chinese_delimiters_are_read_and_contents_stay(text: str, meant: dict[str, Any]) -> None:
    assert parse(text) == meant


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ('{"a": "下列关于"质数"的说法，正确的是"}', {"a": '下列关于"质数"的说法，正确的是'}),
        ('{"a": "what "x" and "y" mean", "b": 1}', {"a": 'what "x" and "y" mean', "b": 1}),
        (r'{"a": "the angle "$\theta$" is"}', {"a": r'the angle "$\theta$" is'}),
    ],
)
def test_unescaped_quotes_around_words_are_read(text: str, meant: dict[str, Any]) -> None:
    assert parse(text) == meant


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("{'a': 'it\\'s', 'b': 'students\\\\n'}", {"a": "it's", "b": "students\\n"}),
        ("{'a': 'it's 5 o'clock, \"sharp\"'}", {"a": "it's 5 o'clock, \"sharp\""}),
        (r"{'a': '$\theta$ and $\frac{1}{2}$'}", {"a": r"$\theta$ and $\frac{1}{2}$"}),
        ("{'a': [None, True, False, 1.5e3]}", {"a": [None, True, False, 1500.0]}),
        (repr({"a": "it's", "b": ['"x"', "line\nbreak"]}), {"a": "it's", "b": ['"x"', "line\nbreak"]}),
        ('{"a": [1, 2,], "b": {"c": "x",},}', {"a": [1, 2], "b": {"c": "x"}}),
        ('{"a": "x"\n "b": 2\n "c": ["y" "z"]}', {"a": "x", "b": 2, "c": ["y", "z"]}),
        (r'{"a": "$\theta$ \\ \"x\"",}', {"a": r'$\theta$ \ "x"'}),
        ('{question: "What?", answer: "A"}', {"question": "What?", "answer": "A"}),
        ('{"a": "// no comment, … {,}",}', {"a": "// no comment, … {,}"}),
    ],
)
def test_quotes_commas_and_constants_of_other_languages_are_read(text: str, meant: dict[str, Any]) -> None:
    assert parse(text) == meant


@pytest.mark.parametrize(
    "text",
    [
        # cut
        '{"a": 1, "b": [1, 2}',
        '{"a": "x", "b": "y',
        '{"a": {"b": 1}',
        "{'a': 'x', 'b': {'c': 1}",
        "{“a”：“x”，“b”：“y”",
        # several, or one inside the other
        "{'a': 1} {'a': 2}",
        "{{'a': 1}}",
        '{"a": 1,}, {"a": 2,}',
        # something would be lost
        '{"a": 1, // easy\n "b": 2}',
        '{"a": 1, /* easy */ "b": 2}',
        '{"a": 1, # easy\n "b": 2}',
        '{"items": [{"a": 1}, ...]}',
        '{"items": [{"a": 1}, …]}',
        '{"a": "x" "y"}',
        '{"a": "one" + "two"}',
        # something is missing
        '{"a": , "b": 1}',
        '{"a", "b": 1}',
        '{"a" 1}',
        '{"a": [1,,2]}',
        '{, "a": 1}',
        '{"a": 1,,}',
        # words and numbers that can be read in several ways
        '{"a": It is A}',
        '{"a": A}',
        '{"a": NaN,}',
        '{"a": undefined}',
        '{"a": 1/2,}',
        '{"a": [1 000, 2]}',
        '{"a": 007,}',
        '{"a": 1_000,}',
        '{"a": 1, 1: 2}',
        '{"a": 1e999,}',
        # quotes that can be read in several ways
        '{"a": "he said "yes", and left"}',
        '{"a": "x, "b": "y"}',
        '{"a": ["x"1"y"]}',
        '{"a": "say "x", "b": "y" now"}',
        '{"a": "关于“甲\\”，", "b"：1}',
        "{“a”：“他说“好”，“b”：“再见””}",
        "{“a”：[““”，3，“””]}",
        '{“a”: "x”, “b”: “y"}',
        "{'a': 'the students' books'}",
        "{'a': 'no\\xa0break'}",
        "{'a': ‘x’}",
        # characters that no file can hold
        '{"a": "\\ud83d",}',
    ],
)
def test_reply_with_two_readings_is_refused(text: str) -> None:
    """json_repair answers each of these with an object."""
    assert reason_of(text) == "not JSON"


def test_json_repair_is_asked_only_about_answers_that_ended_well() -> None:
    """An endpoint that does not say "stop" may have cut the answer."""
    assert parse('{"a": 1,}', finish_reason="stop") == {"a": 1}
    assert reason_of('{"a": 1,}', finish_reason="tool_calls") == "not JSON"
    assert parse('{"a"：1}', finish_reason="tool_calls") == {"a": 1}


ANNOTATION = {"knowledge_points": ["prime number", "divisor"], "discipline": "mathematics", "difficulty": 3}
THETA = {"items": [{"question": r"If $\theta = \frac{\pi}{2}$, what is $\sin\theta$?", "answer": "1"}]}


@pytest.mark.parametrize(
    ("text", "meant", "repaired"),
    [
        pytest.param(
            "Okay, the seed asks for primes, so {2, 3, 5}…\nLevel 3, I think.\n</think>\n\n"
            f"```json\n{json.dumps(ANNOTATION, indent=2)}\n```",
            ANNOTATION,
            False,
            id="DeepSeek-R1 leaves its thoughts, their first tag in the template",
        ),
        pytest.param(
            '<think>\nThe format is {"knowledge_points": ["a", "b"]}. First try:\n```json\n{"difficulty": 5}\n```\n'
            f"Too high.\n</think>\n{json.dumps(ANNOTATION)}",
            ANNOTATION,
            False,
            id="DeepSeek-R1 drafts inside its thoughts",
        ),
        pytest.param(
            f"<think>\n\n</think>\n\n{json.dumps(ANNOTATION)}", ANNOTATION, False, id="Qwen3 with thinking switched off"
        ),
        pytest.param(
            "{“knowledge_points”：［“质数”，“因数”］，“discipline”：“mathematics”，“difficulty”：3}",
            {**ANNOTATION, "knowledge_points": ["质数", "因数"]},
            True,
            id="Qwen types the whole reply in Chinese punctuation",
        ),
        pytest.param(
            '```json\n{\n  "items": [\n    {\n      "question": "关于"质数"，"合数"的说法，正确的是？",\n'
            '      "answer": "A"\n    }\n  ]\n}\n```',
            None,
            True,
            id="Qwen lists quoted words: two words, or one string and another",
        ),
        pytest.param(
            '```json\n{\n  "items": [\n    {\n      "question": "下列关于"质数"的说法正确的是？",\n'
            '      "answer": "A"\n    }\n  ]\n}\n```',
            {"items": [{"question": '下列关于"质数"的说法正确的是？', "answer": "A"}]},
            True,
            id="Qwen quotes a word with straight quotes",
        ),
        pytest.param(
            "Here is the JSON:\n\n```json\n"
            r'{"items": [{"question": "If $\theta = \frac{\pi}{2}$, what is $\sin\theta$?", "answer": "1"}]}'
            "\n```\n\nLet me know if you need more questions!",
            THETA,
            True,
            id="llama writes LaTeX with single backslashes",
        ),
        pytest.param(
            "Here is the JSON:\n\n```JSON\n"
            r'{"items": [{"question": "If $\theta = \frac{\pi}{2}$, what is $\sin\theta$?", "answer": "1",},]}'
            "\n```",
            THETA,
            True,
            id="llama adds commas to LaTeX with single backslashes",
        ),
        pytest.param(
            f"Sure! Here's the annotation:\n\n{ANNOTATION!r}\n\nNote: I chose 3 because of the divisors.",
            ANNOTATION,
            True,
            id="llama prints a Python dictionary",
        ),
        pytest.param(
            f"{json.dumps(ANNOTATION)}\n\n// Note: difficulty is on a scale of 1 to 5",
            ANNOTATION,
            False,
            id="llama comments after the object",
        ),
        pytest.param(
            '{\n  "knowledge_points": ["prime number", "divisor"],\n  "discipline": "mathematics"\n'
            '  "difficulty": 3\n}',
            ANNOTATION,
            True,
            id="a small model forgets a comma at the end of a line",
        ),
        pytest.param(
            '```json\n{\n  "knowledge_points": ["prime number", "divisor"],\n  "discipline": "mathematics",\n'
            '  "difficulty": 3  // medium\n}\n```',
            None,
            True,
            id="a small model comments inside the object",
        ),
        pytest.param(json.dumps(ANNOTATION)[:-1] + "\n```", None, True, id="a small model forgets to close the object"),
    ],
)
def test_whole_replies_of_real_models(text: str, meant: dict[str, Any] | None, repaired: bool) -> None:
    if meant is None:
        assert reason_of(text) == "not JSON"
    else:
        assert (parse(text), is_repaired(text)) == (meant, repaired)


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


TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\]:,]|[^\s{}\[\]:,"]+')
CHINESE_STRUCTURE = str.maketrans({":": "：", ",": "，", "{": "｛", "}": "｝", "[": "［", "]": "］"})
# Words, digits, and what JSON, Chinese and Python delimit with: the contents that are easiest to misread.
TRICKY = st.text(st.sampled_from("ab1 \\{}[]:,\"'“”「」：，｛｝\n/甲"), max_size=6) | st.sampled_from(
    ["true", "1", "None", "// x", "...", "$\\theta$", "a, b: c", '"甲"，"乙"', "“甲”，“乙”", "it's", "</think>", "```"]
)
TRICKY_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 99) | st.sampled_from([0.5, 1e20]) | TRICKY,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TRICKY, inner, max_size=3),
    max_leaves=8,
)
OBJECTS = st.dictionaries(TRICKY, TRICKY_VALUES, min_size=1, max_size=3)
SPACES = st.sampled_from(["", " ", "\n"])


def tokens_of(value: Any) -> list[str]:
    return TOKEN.findall(json.dumps(value, ensure_ascii=False))


def with_trailing_commas(tokens: list[str], data: st.DataObject) -> list[str]:
    closes = [
        place for place, token in enumerate(tokens) if token in ("}", "]") and tokens[place - 1] not in ("{", "[")
    ]
    chosen = data.draw(st.sets(st.sampled_from(closes), min_size=1))
    return ["," + token if place in chosen else token for place, token in enumerate(tokens)]


def without_a_comma(tokens: list[str], data: st.DataObject) -> list[str]:
    """Not between numbers: 1, 0 without it may be 10."""
    commas = [
        place
        for place, token in enumerate(tokens)
        if token == "," and (tokens[place - 1][0] in '"}]' or tokens[place + 1][0] in '"{[')
    ]
    gone = data.draw(st.sampled_from(commas)) if commas else -1
    return [token for place, token in enumerate(tokens) if place != gone]


def with_single_quotes(tokens: list[str], data: st.DataObject) -> list[str]:
    def single(token: str) -> str:
        return repr(json.loads(token, strict=False)) if token[0] == '"' else token

    return [single(token) for token in tokens]


def with_chinese_punctuation(tokens: list[str], data: st.DataObject) -> list[str]:
    """Each delimiter by chance; quotes inside strings that get other quotes may or may not stay escaped."""
    damaged = []
    for token in tokens:
        opening, closing = data.draw(st.sampled_from(["“”", "“”", "「」", '""']))
        if token[0] == '"' and opening != '"':
            body = token[1:-1] if data.draw(st.booleans()) else token[1:-1].replace('\\"', '"')
            damaged.append(f"{opening}{body}{closing}")
        else:
            damaged.append(token if token[0] == '"' or data.draw(st.booleans()) else token.translate(CHINESE_STRUCTURE))
    return damaged


def with_raw_line_breaks(tokens: list[str], data: st.DataObject) -> list[str]:
    return [re.sub(r"(?<!\\)((?:\\\\)*)\\n", r"\1\n", token) for token in tokens]


def with_constants_of_python(tokens: list[str], data: st.DataObject) -> list[str]:
    return [{"null": "None", "true": "True", "false": "False"}.get(token, token) for token in tokens]


@given(
    value=OBJECTS,
    space=SPACES,
    prose=st.sampled_from(["{}", "```json\n{}\n```", "Here it is: {} Good luck!", "<think>\nwell {{x}}\n</think>\n{}"]),
    damages=st.lists(
        st.sampled_from(
            [with_trailing_commas, without_a_comma, with_raw_line_breaks, with_constants_of_python, with_single_quotes]
        ),
        min_size=1,
        max_size=2,
        unique=True,
    ),
    data=st.data(),
)
def test_damaged_objects_are_read_as_they_were_or_refused(
    value: dict[str, Any],
    space: str,
    prose: str,
    damages: list[Callable[[list[str], Any], list[str]]],
    data: st.DataObject,
) -> None:
    tokens = tokens_of(value)
    for damage in sorted(damages, key=lambda damage: damage is with_single_quotes):
        tokens = damage(tokens, data)
    assert outcome_of(prose.format(space.join(tokens))) in (json.dumps(value, sort_keys=True), None)


@given(value=OBJECTS, space=SPACES, data=st.data())
def test_chinese_objects_are_read_as_they_were_or_refused(
    value: dict[str, Any], space: str, data: st.DataObject
) -> None:
    text = space.join(with_chinese_punctuation(tokens_of(value), data))
    assert outcome_of(text) in (json.dumps(value, sort_keys=True), None)


PLAIN = st.text(st.sampled_from("abc 甲乙.?"), min_size=1, max_size=8).filter(str.strip)
PLAIN_OBJECTS = st.dictionaries(PLAIN, PLAIN | st.integers(0, 9) | st.lists(PLAIN, max_size=3), min_size=1, max_size=3)


@pytest.mark.parametrize(
    "damage",
    [with_trailing_commas, without_a_comma, with_single_quotes, with_chinese_punctuation, with_constants_of_python],
)
@given(value=PLAIN_OBJECTS, data=st.data())
def test_damage_around_plain_contents_is_read(damage: Any, value: dict[str, Any], data: st.DataObject) -> None:
    """Refusing everything would be safe too."""
    assert parse(" ".join(damage(tokens_of(value), data))) == value


@given(value=OBJECTS, indent=st.sampled_from([None, 1]), data=st.data())
def test_cut_objects_are_refused(value: dict[str, Any], indent: int | None, data: st.DataObject) -> None:
    source = json.dumps(value, ensure_ascii=False, indent=indent)
    n_characters = data.draw(st.integers(0, len(source) - 1))
    cut = source[:n_characters]
    assert outcome_of(cut) is None
    assert outcome_of(f"Here:\n```json\n{cut}\n```") is None
    assert outcome_of(f"<think>well</think>{cut}") is None


@given(value=OBJECTS, data=st.data())
def test_cut_objects_in_other_quotes_are_refused(value: dict[str, Any], data: st.DataObject) -> None:
    damage = data.draw(st.sampled_from([with_single_quotes, with_chinese_punctuation, with_trailing_commas]))
    source = " ".join(damage(tokens_of(value), data))
    assert outcome_of(source[: data.draw(st.integers(0, len(source) - 1))]) is None


@given(values=st.lists(OBJECTS, min_size=2, max_size=3), data=st.data())
def test_a_list_cut_anywhere_never_becomes_its_first_object(values: list[dict[str, Any]], data: st.DataObject) -> None:
    source = json.dumps(values, ensure_ascii=False)
    outcome = outcome_of(source[: data.draw(st.integers(0, len(source)))])
    assert outcome is None or all(json.dumps(value, sort_keys=True) == outcome for value in values)


N_CHARACTERS = 300_000


@pytest.mark.parametrize(
    "part",
    [
        "{",
        "[",
        '"',
        '{"',
        '{"a":',
        "{'",
        "{“",
        "“",
        "`",
        "```\n",
        "\\",
        '\\"',
        "\\nu ",
        "{} ",
        "{ ",
        '{"a": 1,} ',
        "it's ",
        '甲"乙"丙',
        '"a" ',
        '"a": "b", ',
        "{'a': 1}",
        " ",
        "\n ",
        "<think>",
        "，",
        '"，1',
    ],
)
@pytest.mark.parametrize("around", ["{}", '{{"a": "{}"}}', "{{“a”：{}}}", "Here:\n```json\n{}", "{{'a': ['{}',]}}"])
def test_a_long_reply_of_anything_is_read_in_linear_time(part: str, around: str) -> None:
    """Each of these took minutes where a quote or brace without end was looked for from every place."""
    text = around.format(part * (N_CHARACTERS // len(part)))
    start = time.perf_counter()
    outcome_of(text)
    assert time.perf_counter() - start < 3  # a tenth of it on a free machine, quadratic time is a hundred


def test_a_megabyte_that_is_well_formed_takes_a_moment() -> None:
    value = {"items": [{"question": "What is $\\theta$?", "number": number} for number in range(20_000)]}
    assert parse(json.dumps(value)) == value
    assert parse(repr(value)) == value
