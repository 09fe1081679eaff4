"""Whether two answers to one question say the same, as far as a program can tell.

Three values: True, False, and None where it takes someone who understands the words. The rules err towards None.
"""

import logging
import re
import unicodedata
from collections.abc import Sequence
from typing import Any

from linkqa_kedro.answers.quantities import read_quantity, same_quantity

_MOST_FORMULA_CHARACTERS = 160
_TRUE = "true|yes|correct|right|正确|对|是|真|√"
_FALSE = "false|no|incorrect|wrong|不正确|错误|错|不对|否|不是|假|×"
_VERDICT = re.compile(rf"(?:(?P<true>{_TRUE})|(?P<false>{_FALSE}))(?=\W|$)", re.IGNORECASE)
_SEPARATOR = re.compile(r"\s*(?:[,;、，；]|->|→|<|\band\b|和)\s*")
_FORMULA = re.compile(r"[\\^√π]|[A-Za-z\d)]\s*[-+*/=]\s*[A-Za-z\d(]")
# What a computer algebra system could ponder for ever.
_ENDLESS = re.compile(r"!|\^\s*\{?\s*\(?\s*-?(?:\d{3,}|[^{}]*\^)|\d{16,}")


def same_answer(one: str, other: str, has_options: bool = False) -> bool | None:
    """Whether two answers say the same; None where no rule can tell.

    Args:
        one: An answer; empty for the statement that there is none.
        other: Another one.
        has_options: Whether the answers are letters of options.
    """
    first, second = _folded(one), _folded(other)
    if first == second:
        return True
    if has_options or not first or not second:
        return False
    for rule in (_same_verdict, _same_number, _same_list, _same_formula):
        verdict = rule(one, other)
        if verdict is not None:
            return verdict
    return None


def largest_group(answers: Sequence[str], has_options: bool = False) -> int:
    """Size of the largest group of answers that may be one and the same.

    Answers that no rule tells apart count as one: where that is wrong, the group is too large, never too small.
    """
    groups: list[list[str]] = []
    for answer in answers:
        for group in groups:
            if same_answer(group[0], answer, has_options) is not False:
                group.append(answer)
                break
        else:
            groups.append([answer])
    return max(map(len, groups), default=0)


def _folded(text: str) -> str:
    text = unicodedata.normalize("NFC", text).casefold()
    return " ".join(text.split()).strip(" .。;；,，\"'“”‘’$")


def _same_verdict(one: str, other: str) -> bool | None:
    """True and false, with or without a reason behind them."""
    found = [_VERDICT.match(text.strip()) for text in (one, other)]
    if found[0] is None or found[1] is None:
        return None
    return (found[0]["true"] is None) == (found[1]["true"] is None)


def _same_number(one: str, other: str) -> bool | None:
    first, second = read_quantity(one), read_quantity(other)
    return None if first is None or second is None else same_quantity(first, second)


def _same_list(one: str, other: str) -> bool | None:
    """Several answers in order; of lists of different lengths one may be written otherwise."""
    first, second = (_SEPARATOR.split(text.strip(" ()[]{}（）.。")) for text in (one, other))
    if len(first) != len(second) or len(first) < 2:
        return None
    verdicts = [_folded(a) == _folded(b) or _same_number(a, b) for a, b in zip(first, second, strict=True)]
    if any(verdict is False and _are_short(a, b) for verdict, a, b in zip(verdicts, first, second, strict=True)):
        return False
    return True if all(verdicts) else None


def _are_short(one: str, other: str) -> bool:
    """Whether both are numbers or single signs, about which there are no two ways of writing."""
    return all(len(text.strip()) == 1 or read_quantity(text) is not None for text in (one, other))


def _same_formula(one: str, other: str) -> bool | None:
    """Whether two formulas are equal by algebra; that they differ is never certain, since reading one may fail."""
    if max(len(one), len(other)) > _MOST_FORMULA_CHARACTERS or not all(map(_FORMULA.search, (one, other))):
        return None
    if any(map(_ENDLESS.search, (one, other))):
        return None
    from math_verify import LatexExtractionConfig, parse, verify

    logging.getLogger("math_verify").setLevel(
        logging.CRITICAL
    )  # it warns that it has no time limit; ours is the length
    parsed: list[Any] = [
        parse(text if "$" in text else f"${text}$", [LatexExtractionConfig()], parsing_timeout=None)
        for text in (one, other)
    ]
    if not all(parsed):
        return None
    return True if verify(*parsed, timeout_seconds=None) or verify(*parsed[::-1], timeout_seconds=None) else None
