r"""Reads the JSON object out of a completion: strictly first, then by rules that cannot change its meaning.

What models put around and into JSON: a Markdown fence, a sentence before or after, line breaks inside
strings, and LaTeX with single backslashes. The last is the trap: `"\theta"` with one backslash is valid
JSON for a tab and "heta", so a reply may parse and be wrong. Nothing is guessed beyond these rules; what
they do not read is asked for afresh.
"""

import json
import re
from collections.abc import Iterator
from typing import Any, NoReturn

from linkqa_kedro.teacher.errors import ReplyUnusable
from linkqa_kedro.teacher.requests import Completion

SHOWN_CHARACTERS = 120

# Commands of LaTeX that begin like one of JSON's escapes. Read as the escape, each leaves a rest that is no
# word ("heta", "abla"), so the whole word after the backslash is LaTeX wherever it stands.
ESCAPE_LIKE_COMMAND = re.compile(
    r"""
    nabla | natural | ncong | nearrow | neg | neq | newline | ngeq | ngtr | nleftarrow | nleq | nonumber | not
    | notag | notin | nprec | nRightarrow | nrightarrow | nsim | nsubseteq | nsucc | nsupseteq | nwarrow
    | rangle | rbrace | rbrack | rceil | ref | rfloor | rho | right | rightarrow | rightharpoonup
    | rightleftharpoons | rm | rtimes | rvert | rVert
    | tag | tan | tanh | tau | tbinom | text | textbf | textit | textrm | textsf | texttt | textup | tfrac
    | therefore | theta | thickapprox | thinspace | tilde | times | tiny | top | triangle | triangledown
    | triangleleft | triangleright | triangleq | twoheadrightarrow
    """,
    re.VERBOSE,
)
# Of these the rest is a word or a letter ("\nu" may be a line that begins with u, "\nless" one that begins
# with less), so they count as LaTeX only inside a formula.
FORMULA_COMMAND = re.compile(r"ne|nexists|ni|nless|nmid|nparallel|nsubset|nu|to|tt")

BACKSLASH = re.compile(r"\\(u[0-9a-fA-F]{4}|[A-Za-z]+|.)", re.DOTALL)
STRING = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
FENCE = re.compile(r"```[A-Za-z0-9_-]*[ \t]*\n(.*?)\n?[ \t]*```", re.DOTALL)
BRACE_OR_STRING = re.compile(r'[{}]|"(?:[^"\\]|\\.)*"', re.DOTALL)


def parse_json_object(completion: Completion) -> dict[str, Any]:
    """The one JSON object that an answer holds.

    Raises:
        ReplyUnusable: With reason "cut by length", "refused by content filter", "empty answer", "not JSON"
            or "several JSON objects".
    """
    text = completion.text.strip()
    if completion.finish_reason == "length":
        n_tokens = "unknown" if completion.output_tokens is None else completion.output_tokens
        raise ReplyUnusable(
            "cut by length",
            f"finish_reason=length after {n_tokens} output tokens; raise max_output_tokens of this stage or "
            "shorten the prompt",
        )
    if completion.finish_reason == "content_filter":
        raise ReplyUnusable("refused by content filter", _shown(text))
    if not text:
        raise ReplyUnusable("empty answer", f"finish_reason={completion.finish_reason}")
    for candidates in _candidates(text):
        found = [value for value in map(_read, candidates) if value is not None]
        if any(value != found[0] for value in found):
            raise ReplyUnusable("several JSON objects", f"{len(found)} of them in {_shown(text)}")
        if found:
            return found[0]
    raise ReplyUnusable("not JSON", _shown(text))


def _candidates(text: str) -> Iterator[list[str]]:
    yield [text]
    yield FENCE.findall(text)
    yield list(_outermost_objects(text))


def repair_backslashes(source: str) -> str:
    r"""JSON text in which single backslashes of LaTeX inside strings are doubled.

    Doubled are backslashes that begin no escape of JSON (`\alpha`, `\(`), and those that do but spell a
    LaTeX command (`\theta`, `\frac`; `\nu` only inside a formula). Text without either comes back as it
    was.
    """
    return STRING.sub(lambda string: _repair_string(string.group()), source)


def _repair_string(string: str) -> str:
    def repaired(found: re.Match[str]) -> str:
        after = found.group(1)
        return "\\" + found.group() if _is_latex(after, string[: found.start()]) else found.group()

    return BACKSLASH.sub(repaired, string)


def _is_latex(after: str, before: str) -> bool:
    """Whether a backslash is LaTeX's, from what follows it and what stands before it in the string."""
    if ESCAPE_LIKE_COMMAND.fullmatch(after):
        return True
    if FORMULA_COMMAND.fullmatch(after):
        return _inside_formula(before)
    if after[:1] in ("b", "f"):
        # Backspace and form feed have no place in text, whatever word follows.
        return len(after) > 1
    is_unicode_escape = len(after) == 5 and after[0] == "u"
    return after[:1] not in ('"', "\\", "/", "n", "r", "t") and not is_unicode_escape


def _inside_formula(before: str) -> bool:
    opened = max(before.rfind("\\("), before.rfind("\\["))
    closed = max(before.rfind("\\)"), before.rfind("\\]"))
    return before.count("$") % 2 == 1 or opened > closed


def _read(source: str) -> dict[str, Any] | None:
    """The object that a text is, None where it is none."""
    repaired = repair_backslashes(source)
    value = _loads(repaired, strict=True)
    if value is None:
        # Line breaks inside strings, as they are: they can mean nothing else.
        value = _loads(repaired, strict=False)
    return value if isinstance(value, dict) and _is_text(value) else None


def _loads(source: str, strict: bool) -> Any:
    try:
        return json.loads(source, strict=strict, parse_constant=_refuse_constant)
    # Numbers of thousands of digits raise a bare ValueError, deep nesting a RecursionError.
    except (ValueError, RecursionError):
        return None


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def _is_text(value: dict[str, Any]) -> bool:
    """Whether all strings can be written as UTF-8; half a surrogate pair cannot."""
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


def _outermost_objects(text: str) -> Iterator[str]:
    """Stretches of a text from a brace to the brace that closes it, those inside others left out.

    Inner objects are no candidates: where the outer one is broken, a part of it is not the answer. A brace
    that never closes ends the search for the same reason.
    """
    end = 0
    while (start := text.find("{", end)) >= 0:
        depth = 0
        for found in BRACE_OR_STRING.finditer(text, start):
            depth += {"{": 1, "}": -1}.get(found.group(), 0)
            if depth == 0:
                break
        else:
            return
        end = found.end()
        yield text[start:end]


def _shown(text: str) -> str:
    return repr(text if len(text) <= SHOWN_CHARACTERS else text[:SHOWN_CHARACTERS] + "…")
