"""Text of others inside a prompt: nothing of it may be taken for a control token, or for the end of the data.

Servers turn such texts into the tokens that part messages, roles and thoughts, wherever they stand. They are covered by
their shape, which is that of the chat templates in use:

    <|…|>  <｜…｜>                Llama 3 and 4, Qwen, DeepSeek, Phi, GLM, gpt-oss
    <s>  </s>  <bos>  <think>    Llama 2, Gemma, reasoning models: a name in angle brackets
    [INST]  [/TOOL_CALLS]        Mistral
    <<SYS>>                      Llama 2
    [gMASK]                      GLM
"""

import re
from collections.abc import Mapping
from typing import Any

# Characters that cannot be seen, and could hide a look-alike from the patterns below.
_INVISIBLE = "\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff"
_GAP = rf"[\s{_INVISIBLE}]*"
_ANGLE_NAMES = (
    "s|bos|eos|pad|unk|mask|sep|cls|sop|eop|data|think|thinking|thought|answer|tool_call|tool_calls|tool_response"
    "|tool_result|tool_results|tools|function_call|function_calls|start_of_turn|end_of_turn|start_of_image|end_of_image|image_soft_token|fim_prefix"
    "|fim_middle|fim_suffix|im_start|im_end|begin_of_text|end_of_text|system|user|assistant"
)
_SQUARE_NAMES = (
    "INST|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_CALLS|TOOL_RESULTS|TOOL_CONTENT|ARGS|CALL_ID|MODEL_SETTINGS|THINK|IMG"
    "|IMG_BREAK|IMG_END|PREFIX|MIDDLE|SUFFIX|gMASK|sMASK|MASK|CLS|SEP|UNK|PAD|BOS|EOS"
)


def _spread(names: str) -> str:
    """A pattern of the names, whatever stands unseen between their letters."""
    hidden = rf"[{_INVISIBLE}]*"
    return "|".join(hidden.join(re.escape(letter) for letter in name) for name in names.split("|"))


_LOOK_ALIKES = (
    (re.compile(rf"<(?={_GAP}[|｜])"), "‹"),
    (re.compile(rf"<(?={_GAP}/?{_GAP}(?:{_spread(_ANGLE_NAMES)}){_GAP}>)", re.IGNORECASE), "‹"),
    (re.compile(rf"<(?={_GAP}<{_GAP}/?{_GAP}(?:{_spread('SYS')}){_GAP}>)", re.IGNORECASE), "‹"),
    (re.compile(rf"\[(?={_GAP}/?{_GAP}(?:{_spread(_SQUARE_NAMES)}){_GAP}\])", re.IGNORECASE), "［"),
    # The second half of a token whose first half the template or another value could bring.
    (re.compile(r"(?<=[|｜])>"), "›"),
)


def neutralised(value: Any) -> Any:
    """The value, with every look-alike of a control token in its texts made harmless; nested values too.

    The opening bracket is replaced by one that looks like it, so that a reader loses nothing.
    """
    if isinstance(value, str):
        return _neutralised_text(value)
    if isinstance(value, Mapping):
        return {key: neutralised(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [neutralised(item) for item in value]
    return value


def _neutralised_text(text: str) -> str:
    if "<" not in text and "[" not in text and ">" not in text:
        return text
    for pattern, replacement in _LOOK_ALIKES:
        text = pattern.sub(replacement, text)
    return text
