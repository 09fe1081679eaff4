"""Text of others inside a prompt: nothing of it may be taken for a control token, or for the end of the data.

Servers turn such texts into the tokens that part messages, roles and thoughts, wherever they stand. They are covered by
their shape, which is that of the chat templates in use:

    <|…|>                        Llama 3 and 4, Qwen, Phi, GLM, gpt-oss
    <｜…                         DeepSeek, whose tool calls close as </｜…
    <|turn>  <turn|>             Gemma 4
    <s>  </s>  <bos>  <think>    Llama 2, Gemma 3, GLM, reasoning models: a name in angle brackets
    <<SYS>>                      Llama 2
    [INST]  [/TOOL_CALLS]        Mistral
    [gMASK]  [EOT]               GLM, Kimi

Mathematics and code come near them, and stay as they are: 0<|x|<1, |x|>3, vector<size_t>, a[mask].
"""

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

# Matched against the text as it is seen, without its hidden characters. Each match is the one opening bracket, so that
# one look-alike inside another is found too. No token has a comma, a semicolon or a line break inside its bars: what a
# template writes between two values therefore never joins their halves into one.
_LOOK_ALIKE = re.compile(
    r"""
    < (?= \s* /? \s* ｜ )
  | < (?= \s* /? \s* \| [^<>‹›|｜;,\n]{0,80} [|｜] \s* > )
  | < (?= \s* \| \s* [a-z_]{3,40} \s* > )
  | < (?= \s* /? \s* [a-z_]{3,40} \s* [|｜] \s* > )
  | < (?= \s* < \s* /? \s* SYS \s* > )
  | < (?= \s* /? \s* (?:
        s | bos | eos | eot | sop | eop | pad | unk | mask | sep | cls | escape
      | data | think | thinking | thought | tools | system | user | assistant
      | (?: begin | start | end ) _ of _ \w{1,40}
      | (?: \w{1,40} [_:] )? (?: tool | function ) _ \w{1,40}
      | f? im _ [a-z]{3,40}
      | arg _ (?: key | value )
      | \w{1,40} [_:] (?: bos | eos | sep | think | token )
      | (?: special | reserved | unused | extra_id ) _? \d{1,6}
    ) \s* > )
  | \[ (?= \s* /? \s* (?:
        INST | SYSTEM_PROMPT | MODEL_SETTINGS | AVAILABLE_TOOLS | TOOL_ (?: CALLS | RESULTS | CONTENT ) | CALL_ID
      | [gs]MASK
      | (?-i: ARGS | THINK | IMG | IMG_BREAK | IMG_END | PREFIX | MIDDLE | SUFFIX | TRANSCRIBE | STREAMING_[A-Z]{1,20}
            | (?: [A-Z]{1,20} _ )? AUDIO (?: _ [A-Z]{1,20} )? | MASK | CLS | SEP | UNK | PAD | BOS | EOS | EOT )
    ) \s* \] )
    """,
    re.VERBOSE | re.IGNORECASE,
)
_HARMLESS = {"<": "‹", "[": "［"}


def neutralised(value: Any) -> Any:
    """The value, with every look-alike of a control token in its texts made harmless; nested values too.

    The opening bracket is replaced by one that looks like it, so that a reader loses nothing.
    """
    if isinstance(value, str):
        return _neutralised_text(value)
    if isinstance(value, Mapping):
        return {neutralised(key): neutralised(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [neutralised(item) for item in value]
    return value


def _neutralised_text(text: str) -> str:
    if "<" not in text and "[" not in text:
        return text
    seen = [place for place, character in enumerate(text) if not _is_hidden(character)]
    characters = list(text)
    for found in _LOOK_ALIKE.finditer("".join(text[place] for place in seen)):
        characters[seen[found.start()]] = _HARMLESS[found.group()]
    return "".join(characters)


def _is_hidden(character: str) -> bool:
    """Whether it takes no place on a page (zero width, marks of direction, control characters)."""
    return not character.isspace() and unicodedata.category(character) in ("Cf", "Cc")
