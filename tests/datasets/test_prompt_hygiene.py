"""Nothing that a seed says can be taken for a control token, or for the end of the data."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkqa_kedro.datasets.prompt_hygiene import neutralised

LOOK_ALIKES = [
    *(
        "<|im_start|>",
        "<|im_end|>",
        "<|endoftext|>",
        "<|start_header_id|>",
        "<|eot_id|>",
        "<|channel|>",
        "<|begin▁of▁text|>",
    ),
    *("<｜User｜>", "<｜Assistant｜>", "<｜end▁of▁sentence｜>", "< | im_end | >", "<\u200b|im_end|>"),
    *("<think>", "</think>", "<THINK>", "< think >", "<th\u200bink>", "<data>", "</data>", "</ data >"),
    *("<s>", "</s>", "<bos>", "<eos>", "<pad>", "<unk>", "<start_of_turn>", "<end_of_turn>"),
    *("<tool_call>", "</tool_call>", "<tool_response>", "<<SYS>>", "<</SYS>>"),
    *("[INST]", "[/INST]", "[inst]", "[ INST ]", "[SYSTEM_PROMPT]", "[/SYSTEM_PROMPT]", "[AVAILABLE_TOOLS]"),
    *("[TOOL_CALLS]", "[/TOOL_RESULTS]", "[gMASK]", "[I\u200dNST]"),
]
TOKEN = re.compile(
    r"<\s*[|｜]|[|｜]>|<\s*/?\s*(?:think|data|s|bos|eos|start_of_turn|end_of_turn|tool_call)\s*>|<<\s*/?\s*SYS"
    r"|\[\s*/?\s*(?:INST|TOOL_CALLS|SYSTEM_PROMPT|gMASK)\s*\]",
    re.IGNORECASE,
)


@pytest.mark.parametrize("text", LOOK_ALIKES)
def test_a_look_alike_is_made_harmless_wherever_it_stands(text: str) -> None:
    safe: Any = neutralised({"rows": [{"q": f"a {text} b"}, (text,)]})
    for part in (safe["rows"][0]["q"], safe["rows"][1][0]):
        visible = re.sub("[\u200b-\u200f]", "", part)
        assert TOKEN.search(visible) is None
        assert len(part) in (len(text), len(text) + 4), "a character was replaced, none lost"


@pytest.mark.parametrize(
    "text",
    [
        *("a < b", "x<y>z", "1 <2 and 3> 2", "<sin x>", "List<String>", "[INSTALL]", "[a, b]", "[1]", "|x| > 2"),
        *("<b>bold</b>", "f: [0, 1] -> R", "$x<s$", "<sum>", "a[INST", "质数<合数"),
    ],
)
def test_ordinary_text_stays_as_it_is(text: str) -> None:
    assert neutralised(text) == text


def test_what_is_no_text_stays_as_it_is() -> None:
    assert neutralised({"level": 3, "none": None, "names": ("a",)}) == {"level": 3, "none": None, "names": ["a"]}


@given(st.lists(st.sampled_from([*LOOK_ALIKES, "<", ">", "|", "[", "]", "/", "s", "think", " ", "text"]), max_size=12))
def test_no_arrangement_of_pieces_leaves_a_token(pieces: list[str]) -> None:
    visible = re.sub("[\u200b-\u200f]", "", str(neutralised("".join(pieces))))
    assert TOKEN.search(visible) is None


@given(st.text(alphabet="<|｜>[]/ sINSTthinkdata\u200b", max_size=40))
def test_neutralising_twice_changes_nothing_more(text: str) -> None:
    assert neutralised(neutralised(text)) == neutralised(text)
