r"""Reads objects that are almost JSON: other quotes, Chinese punctuation, commas missing or to spare.

Two steps, each of which either says the same as the text or gives up:

1. `with_json_quotes` rewrites delimiters. Full-width `：，｛｝［］` outside strings become JSON's; strings in `“…”`,
   `「…」` and `'…'` get JSON's quotes; a pair of unescaped quotes inside a string is escaped where it can be
   nothing else. Contents stay as they are.
2. `repair_object` asks json_repair, a parser that always answers: it closes what was cut, drops comments and
   ellipses, merges objects, keeps the last of repeated keys. So its answer counts only if it spells the source.
   Source and answer are cut into tokens (brackets, colons, strings with their content, numbers, constants), and
   the two sequences must be equal, commas left out. What remains free is commas between and after values,
   Python's spelling of the constants, and keys without quotes; brackets and colons pin everything else down.
"""

import json
import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import json_repair

from linkqa_kedro.teacher.latex_backslashes import STRING

_STRUCTURE = {"：": ":", "，": ",", "｛": "{", "｝": "}", "［": "[", "］": "]"}
_CLOSING = {"“": "”", "「": "」"}
_OUTSIDE = re.compile(r"""["'“「：，｛｝［］]""")

# Characters between which a quote is a delimiter.
_STRUCTURAL = "{}[]:,｛｝［］：，"
_QUOTES = "\"“”「」'"
_CONSTANT_WORDS = "true|false|null|True|False|None"
_NUMBER = r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?"

# By the quote that opened a string, what finds the next place that needs a decision: a quote, or a backslash
# before a quote that JSON does not escape.
_DECISION = {
    mark: re.compile(rf"(?:[^\\{quotes}]++|\\[^“”「」])*+([{quotes}]|\\.)", re.DOTALL)
    for mark, quotes in {'"': '"', "'": "'", "“": "“”", "「": "「」"}.items()
}
_NEXT_IS_STRUCTURE = re.compile(rf"\s*+(?:[{re.escape(_STRUCTURAL)}]|\Z)")
_UNESCAPED_QUOTE = re.compile(r'(\\.)|"', re.DOTALL)
_APOSTROPHE = re.compile(rf"(?<=[^\W\d_])'(?!(?:{_CONSTANT_WORDS})\b)(?=[^\W\d_])")
_PYTHON_ESCAPE = re.compile(r"\\(?:x[0-9a-fA-F]{2}|U[0-9a-fA-F]{8}|[0-7])")
_SCALAR = re.compile(rf"\s*(?:{_NUMBER}|{_CONSTANT_WORDS})\s*")
# A quote, structure, a quote: such a string could be two strings with their quotes mixed up.
_QUOTE_STRUCTURE_QUOTE = re.compile(
    rf"""["“”「」]\s*+[{re.escape(_STRUCTURAL)}](?:[{re.escape(_STRUCTURAL)}\s]|{_NUMBER}|{_CONSTANT_WORDS})*+["“”「」]"""
)

_TOKEN = re.compile(rf"""{STRING.pattern}|[{{}}\[\]:,]|[^\s{{}}\[\]:,"]++""", re.DOTALL)
# json_repair takes quadratic time over some texts: a quarter of a second at this length. Real replies are shorter.
_LONGEST_REPAIRED = 100_000
_CONSTANTS = {"true": "true", "false": "false", "null": "null", "True": "true", "False": "false", "None": "null"}
_JSON_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?", re.ASCII)
_KEY_WORD = re.compile(r"[A-Za-z_]\w*")


def with_json_quotes(source: str) -> str | None:
    """The text with JSON's own delimiters; None where a string has no end, or more than one possible end."""
    pieces: list[str] = []
    mixed: list[str] = []
    end = 0
    has_foreign_quotes = False
    while found := _OUTSIDE.search(source, end):
        pieces.append(source[end : found.start()])
        mark = found.group()
        end = found.end()
        if mark in _STRUCTURE:
            pieces.append(_STRUCTURE[mark])
            continue
        closed = _closing_quote(source, end, mark)
        body = None if closed is None else _json_body(source[end:closed], mark)
        if closed is None or body is None:
            return None
        has_foreign_quotes |= mark in _CLOSING
        mixed.append(source[end:closed])
        pieces += ('"', body, '"')
        end = closed + 1
        if mark != '"' and not _NEXT_IS_STRUCTURE.match(source, end):
            return None  # the quote may belong to the content
    if has_foreign_quotes and any(map(_QUOTE_STRUCTURE_QUOTE.search, mixed)):
        return None
    pieces.append(source[end:])
    return "".join(pieces)


def _closing_quote(source: str, start: int, mark: str) -> int | None:
    """Place of the quote that ends the string whose content begins at `start`."""
    depth = 1
    inner_opened: int | None = None
    while found := _DECISION[mark].match(source, start):
        sign, place, start = found[1], found.start(1), found.end()
        if sign[0] == "\\":
            return None  # it may stand for the quote, or for backslash and quote
        if mark in _CLOSING:
            depth += 1 if sign == mark else -1
            if depth == 0:
                return place
        elif mark == "'":
            if not _APOSTROPHE.match(source, place):
                return place
        elif not _stands_in_text(source, place, opens=inner_opened is None):
            return place if inner_opened is None else None
        elif inner_opened is None:
            inner_opened = place
        elif _SCALAR.fullmatch(source, inner_opened + 1, place):
            return None  # a quoted number in a text, or a number between two strings
        else:
            inner_opened = None
    return None


def _stands_in_text(source: str, place: int, opens: bool) -> bool:
    """Whether an unescaped quote is one of a pair around words of a text, and cannot be a delimiter.

    Such a quote touches what it quotes, and no structure or other quote is near it on either side.
    """
    before, after = source[max(place - 8, 0) : place].rstrip()[-1:], source[place + 1 : place + 9].lstrip()[:1]
    if not before or not after or before in _STRUCTURAL + _QUOTES or after in _STRUCTURAL + _QUOTES:
        return False
    return not source[place + 1 if opens else place - 1].isspace()


def _json_body(body: str, mark: str) -> str | None:
    """The content of a string as JSON writes it between its quotes."""
    if mark == "'":
        if _PYTHON_ESCAPE.search(body):
            return None  # LaTeX to one reader, a character to the other
        body = re.sub(r"\\(.)", lambda escape: "'" if escape[1] == "'" else escape[0], body, flags=re.DOTALL)
    return _UNESCAPED_QUOTE.sub(lambda found: found[1] or '\\"', body) if '"' in body else body


def repair_object(source: str) -> dict[str, Any] | None:
    """The object that a text spells up to its commas, the spelling of constants and bare keys; None otherwise."""
    if len(source) > _LONGEST_REPAIRED:
        return None
    try:
        spelled = list(_spelling(source))
        if not _is_balanced(spelled):
            return None
        value = json_repair.loads(source, skip_json_loads=True)
        if not isinstance(value, dict) or list(_spelling(json.dumps(value))) != spelled:
            return None
        # Half a surrogate pair cannot be written to a file.
        json.dumps(value, ensure_ascii=False).encode()
    except Exception:  # json_repair guesses its way through any text: whatever it raises, the text is what is wrong
        return None
    return value


def _spelling(source: str) -> Iterator[str]:
    """Tokens of an object without its commas, each as JSON writes it.

    Raises:
        ValueError: At what is no token, or a comma or a gap where no reader can say what was meant.
    """
    tokens = [*_TOKEN.findall(source), ""]
    before = ""
    has_comma = False
    for token, after in pairwise(tokens):
        if token == ",":
            if has_comma or before in "{[:" or after == ":":
                raise ValueError("a comma with nothing before it")
            has_comma = True
            continue
        is_bare = token[0] not in '{}[]:"'
        if is_bare and not has_comma and before and before not in "{[:":
            raise ValueError("a word or number after a value")
        yield _canonical(token, after) if is_bare or token[0] == '"' else token
        before, has_comma = token, False


def _canonical(token: str, after: str) -> str:
    if token[0] == '"':
        return json.dumps(json.loads(token, strict=False))
    if after == ":" and _KEY_WORD.fullmatch(token):
        return json.dumps(token)
    if token in _CONSTANTS:
        return _CONSTANTS[token]
    if _JSON_NUMBER.fullmatch(token):
        return json.dumps(json.loads(token))
    raise ValueError(f"{token!r:.40} is no JSON")


def _is_balanced(tokens: list[str]) -> bool:
    """Whether the tokens are one object that closes at the last of them, and nests no deeper than replies do."""
    opened: list[str] = []
    for place, token in enumerate(tokens):
        if token in ("{", "["):
            opened.append(token)
        elif token in ("}", "]") and (not opened or opened.pop() + token not in ("{}", "[]")):
            return False
        if not opened and place + 1 < len(tokens):
            return False
        if len(opened) > 100:
            return False
    return bool(tokens) and tokens[0] == "{" and not opened
