"""Whether two answers to one question say the same, as far as a program can tell.

Three values: True, False, and None where it takes someone who understands the words. The rules err towards None.
"""

import math
import re
import unicodedata
from collections.abc import Sequence

from linkqa_kedro.answers.arithmetic import calculated
from linkqa_kedro.answers.quantities import read_quantity, same_quantity

_TRUE = "true|yes|correct|正确|对|是|√"
_FALSE = "false|no|incorrect|不正确|错误|错|不对|否|不是|×"
# The word alone, or with its reason behind it.
_TRUTH = re.compile(
    rf"(?:(?P<true>{_TRUE})|(?P<false>{_FALSE}))[.。!]?(?P<reason>\s*(?:[,.;:，。；：—]|because\b|since\b|因为).*)?",
    re.IGNORECASE | re.DOTALL,
)
_SEPARATOR = re.compile(r"\s*(?:[,;、，；]|->|→|\band\b|[和与])\s*")
_BRACKETS = {"(": ")", "[": "]", "{": "}"}
_PAIR = re.compile(r"\s*[\w()]+\s*(?:[-—–:=]|->|→)\s*\S+\s*")
_LATEX_SPACES = re.compile(r"\s+|\\(?:left|right|displaystyle|[,;:! ])|\$")
_CALCULATION = re.compile(r"[\\√π^*×+(]")
_RANGE_OR_DATE = re.compile(r"[\d\s.,:/-]*\d\s*[-/:]\s*[\d\s.,:/-]*")
_LONG_ENOUGH = 4


def same_answer(one: str, other: str, has_options: bool = False, in_order: bool = False) -> bool | None:
    """Whether two answers say the same; None where no rule can tell.

    Args:
        one: An answer; empty for the statement that there is none.
        other: Another one.
        has_options: Whether the answers are letters of options.
        in_order: Whether the question asks for several answers in order.
    """
    first, second = _trimmed(one), _trimmed(other)
    if first == second:
        return True
    if has_options or not first or not second:
        return False
    if first.casefold() == second.casefold():
        return True if _case_says_nothing(first, second) else None
    verdict = _same_truth(first, second)
    if verdict is None:
        verdict = _same_number(first, second)
    if verdict is None:
        verdict = _same_list(first, second, in_order)
    return _same_value(first, second) if verdict is None else verdict


def largest_group(answers: Sequence[str], has_options: bool = False, in_order: bool = False) -> int:
    """Size of the largest group of answers that may be one and the same.

    Answers that no rule tells apart from the first of a group count as one with it: doubt makes groups larger.
    """
    groups: list[list[str]] = []
    for answer in answers:
        for group in groups:
            if same_answer(group[0], answer, has_options, in_order) is not False:
                group.append(answer)
                break
        else:
            groups.append([answer])
    return max(map(len, groups), default=0)


def _trimmed(text: str) -> str:
    """The text without what only surrounds it: blanks, a full stop, quotes and dollar signs in pairs."""
    text = " ".join(unicodedata.normalize("NFC", text).split())
    text = re.sub(r"(?<=\S)[.。;；]$", "", text).strip()
    for left, right in ('""', "''", "“”", "‘’", "$$"):
        if len(text) > 1 and text[0] == left and text[-1] == right and left not in text[1:-1]:
            text = text[1:-1].strip()
    return text


def _case_says_nothing(one: str, other: str) -> bool:
    """Whether only long words differ in case: "Photosynthesis", but not "Aa", "CO" or "mW"."""
    return all(
        (len(a) >= _LONG_ENOUGH and a.isalpha()) or (a[1:] == b[1:] and len(a) > 2 and a[1:].islower())
        for a, b in zip(re.findall(r"\w+", one), re.findall(r"\w+", other), strict=True)
        if a != b
    )


def _same_truth(one: str, other: str) -> bool | None:
    """True and false, of which one may stand with its reason."""
    found = [_TRUTH.fullmatch(text) for text in (one, other)]
    if found[0] is None or found[1] is None or (found[0]["reason"] and found[1]["reason"]):
        return None
    reason = (found[0]["reason"] or found[1]["reason"] or "").strip(" ,.;:，。；：—")
    if _TRUTH.match(reason):  # "True, False, True" is no reason
        return None
    return (found[0]["true"] is None) == (found[1]["true"] is None)


def _same_number(one: str, other: str) -> bool | None:
    first, second = read_quantity(one), read_quantity(other)
    return None if first is None or second is None else same_quantity(first, second)


def _same_list(one: str, other: str, in_order: bool) -> bool | None:
    """Several answers. In another order they are the same where each says which one it is, or where they are a set."""
    brackets = [text[0] if _BRACKETS.get(text[0]) == text[-1] else "" for text in (one, other)]
    if brackets[0] != brackets[1] and all(brackets):
        return None
    first, second = (
        _SEPARATOR.split(text[1:-1] if bracket else text) for text, bracket in zip((one, other), brackets, strict=True)
    )
    if len(first) != len(second) or len(first) < 2:
        return None
    places = [_same_part(a, b) for a, b in zip(first, second, strict=True)]
    if all(places):
        return True
    if sorted(map(_trimmed, first)) == sorted(map(_trimmed, second)):
        if all(map(_PAIR.fullmatch, (*first, *second))) or brackets[0] == brackets[1] == "{":
            return True
        return False if in_order or brackets[0] == "(" else None
    return False if any(verdict is False for verdict in places) else None


def _same_part(one: str, other: str) -> bool | None:
    """Of two parts in the same place: numbers and single signs are the same or not, words may be left open."""
    if _trimmed(one) == _trimmed(other):
        return True
    if len(one.strip()) == len(other.strip()) == 1:
        return False
    return _same_number(one, other)


def _same_value(one: str, other: str) -> bool | None:
    """Whether two formulas are written alike but for blanks, or have the same value; never that they differ."""
    if (
        len({_LATEX_SPACES.sub("", text).replace("dfrac", "frac").replace("tfrac", "frac") for text in (one, other)})
        == 1
    ):
        return True if "\\" in one else None
    if not any(map(_CALCULATION.search, (one, other))) or any(map(_RANGE_OR_DATE.fullmatch, (one, other))):
        return None
    values = [calculated(text) for text in (one, other)]
    if values[0] is None or values[1] is None:
        return None
    return True if math.isclose(values[0], values[1], rel_tol=1e-9) else None
