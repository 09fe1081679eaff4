"""Nothing that a seed says can be taken for a control token, or for the end of the data."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes.control_tokens import CONTROL_TOKENS, tokens_seen
from linkqa_kedro.datasets.prompt_hygiene import neutralised

HIDDEN = "\u00ad\u200b\u200e\u200f\u202a\u202e\u2060\u2064\u2066\u2069\ufeff\x00"
DISGUISED = [
    *("< | im_end | >", "<\u200b|im_start|>", "<|\u202eim_start|\ufeff>", "<\x00|im_end|>"),
    *("<THINK>", "< think >", "</ think >", "<th\u200bink>", "</\u2066data>", "</ data\n>", "<S>", "< / s >"),
    *("[inst]", "[ INST ]", "[/ inst]", "[I\u200dNST]", "[\u200b/INST]", "[Tool_Calls]", "<\u200b<SYS>>", "< < /sys>>"),
]
PIECES = [
    "<",
    ">",
    "|",
    "｜",
    "[",
    "]",
    "/",
    " ",
    ",",
    "s",
    "think",
    "data",
    "im_start",
    "turn",
    "SYS",
    "INST",
    *HIDDEN,
]


@pytest.mark.parametrize("text", [*CONTROL_TOKENS, *DISGUISED])
def test_a_look_alike_is_made_harmless_and_loses_no_character(text: str) -> None:
    safe = neutralised(f"a {text} b")
    assert len(safe) == len(f"a {text} b")
    changed = [(old, new) for old, new in zip(f"a {text} b", safe, strict=True) if old != new]
    assert changed in ([("<", "‹")], [("[", "［")])


def test_nested_values_are_made_harmless_too() -> None:
    value = {"rows": [{"<s>": "</s>"}, ("<s>",)], "level": 3, "none": None}
    assert neutralised(value) == {"rows": [{"‹s>": "‹/s>"}, ["‹s>"]], "level": 3, "none": None}


@pytest.mark.parametrize(
    "text",
    [
        *("a < b", "x<y>z", "1 <2 and 3> 2", "<sin x>", "<b>bold</b>", "<sum>", "质数<合数", "$x<s$"),
        *("|x|>3", "|x| > 2", "0<|x|<1", "0<|x-a|<\\delta", "0<|x| and |y|>1", "|a|<|b|", "\\{x : |x|>2\\}", "<u, v>"),
        *("List<String>", "vector<size_t>", "map<my_type>", "<x_i>", "a[mask]", "f(*[args])", "[prefix]", "[INSTALL]"),
        *("[a, b]", "[1]", "f: [0, 1] -> R", "a[INST", "int a[MAX_SIZE]", "\u200bzero width"),
    ],
)
def test_ordinary_text_stays_as_it_is(text: str) -> None:
    assert neutralised(text) == text


@given(st.lists(st.sampled_from([*CONTROL_TOKENS, *DISGUISED, *PIECES]), max_size=12).map("".join))
def test_no_arrangement_of_pieces_leaves_a_token(text: str) -> None:
    assert not tokens_seen(neutralised(text))


@given(st.text(alphabet=f"<|｜>[]/ sINSTthinkdata{HIDDEN}", max_size=40))
def test_neutralising_twice_changes_nothing_more(text: str) -> None:
    assert neutralised(neutralised(text)) == neutralised(text)


def test_a_long_text_of_brackets_takes_no_long_time() -> None:
    text = "<tool_" * 20_000 + "[" * 20_000 + "<|" * 20_000
    assert neutralised(text).count("<tool_") == 20_000
