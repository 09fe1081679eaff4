"""Tokens, numbers and n-grams of text in spaced scripts and in Chinese, Japanese and Korean."""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from hashlib import blake2b

import numpy as np
import numpy.typing as npt

HashArray = npt.NDArray[np.uint64]

# Han with its extensions and compatibility forms, kana, Hangul syllables: scripts that write words without spaces,
# or (Hangul) glue particles to them, so that single characters compare better than words.
_UNSPACED = (
    "\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
)
_TOKEN = re.compile(rf"\d{{1,3}}(?:,\d{{3}})+(?:\.\d+)?|\d+\.\d+|[{_UNSPACED}]|[^\W_{_UNSPACED}]+")

_SUPERSCRIPT = re.compile("[\u2070\u00b9\u00b2\u00b3\u2074-\u207b]+")
_NUMBER_WORDS = {
    word: str(value)
    for value, words in {
        0: "zero",
        # "one" is left out: it is mostly a pronoun, and "one apple" still differs from "two apples".
        2: "two twice second",
        3: "three thrice third",
        4: "four fourth",
        5: "five fifth",
        6: "six sixth",
        7: "seven seventh",
        8: "eight eighth",
        9: "nine ninth",
        10: "ten tenth",
        11: "eleven",
        12: "twelve dozen",
        13: "thirteen",
        14: "fourteen",
        15: "fifteen",
        16: "sixteen",
        17: "seventeen",
        18: "eighteen",
        19: "nineteen",
        20: "twenty",
        30: "thirty",
        40: "forty",
        50: "fifty",
        60: "sixty",
        70: "seventy",
        80: "eighty",
        90: "ninety",
        100: "hundred",
        1000: "thousand",
        1_000_000: "million",
        1_000_000_000: "billion",
    }.items()
    for word in words.split()
}
_HAN_DIGITS = {
    han: value
    for value, group in enumerate(("〇零", "一", "二两", "三", "四", "五", "六", "七", "八", "九"))
    for han in group
}
_HAN_UNITS = {"十": 10, "百": 100, "千": 1000, "万": 10_000, "亿": 100_000_000}
_NUMBER = re.compile(
    r"(?P<digits>(?:(?<![\w)\]}.])-)?(?:\d{1,3}(?:,\d{3})+(?![\d])|\d+)(?:\.\d+)?|(?<![\w.])-?\.\d+)"
    r"|(?P<word>\b(?:" + "|".join(_NUMBER_WORDS) + r")\b)"
    rf"|(?P<han>[{''.join(_HAN_DIGITS)}{''.join(_HAN_UNITS)}]+)"
)
_DASHES = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2212\ufe63\uff0d"), "-")

_MIX = np.uint64(0x9E3779B97F4A7C15)
_MIX_LEFT = np.uint64(0xBF58476D1CE4E5B9)
_MIX_RIGHT = np.uint64(0x94D049BB133111EB)


def fold_text(text: str) -> str:
    """The text in one form: NFKC, casefolded, dashes as `-`, runs of white space as one space.

    A superscript keeps a mark, `x²` gives `x^2`: plain NFKC would make 10⁵ the number 105.
    """
    marked = _SUPERSCRIPT.sub(lambda match: "^" + match.group(), text)
    folded = unicodedata.normalize("NFKC", marked).casefold().translate(_DASHES)
    return " ".join(folded.split())


def tokens(text: str) -> list[str]:
    """Words of spaced scripts, single characters of Chinese, Japanese and Korean, and numbers, in order.

    Case and Unicode forms are folded. Punctuation and operators are not tokens.
    """
    return _TOKEN.findall(fold_text(text))


def numbers(text: str) -> tuple[str, ...]:
    """The numbers that occur, in order, each in one plain decimal form: "3,000.50" gives "3000.5".

    Read are digits (also inside a word: "H2O" holds 2) with their sign, the English words from zero to billion and
    the ordinals from second to tenth, each by itself, and Chinese numerals. The words "one", "first" and "一" are
    left out: they seldom count, and their absence still tells them from two.
    """
    found = []
    for match in _NUMBER.finditer(fold_text(text)):
        if match["digits"]:
            found.append(_plain_decimal(match["digits"].replace(",", "")))
        elif match["word"]:
            found.append(_NUMBER_WORDS[match["word"]])
        elif match["han"] != "一":
            found.append(_han_value(match["han"]))
    return tuple(found)


def _plain_decimal(digits: str) -> str:
    sign = "-" if digits.startswith("-") else ""
    whole, _, fraction = digits.removeprefix("-").partition(".")
    # NFKC leaves the digits of other scripts as they are; int() reads them all.
    whole = "".join(str(int(digit)) for digit in whole).lstrip("0") or "0"
    fraction = "".join(str(int(digit)) for digit in fraction).rstrip("0")
    plain = f"{whole}.{fraction}" if fraction else whole
    return plain if plain == "0" else sign + plain


def _han_value(numeral: str) -> str:
    """Value of a run of Chinese numerals; without a unit it is read digit by digit, as in 二〇二五."""
    if not any(han in _HAN_UNITS for han in numeral):
        return "".join(str(_HAN_DIGITS[han]) for han in numeral).lstrip("0") or "0"
    total = section = digit = 0
    for han in numeral:
        unit = _HAN_UNITS.get(han)
        if unit is None:
            digit = _HAN_DIGITS[han]
        elif unit < 10_000:
            section += (digit or 1) * unit
            digit = 0
        else:
            total = (total + section + digit or 1) * unit
            section = digit = 0
    return str(total + section + digit)


def ngram_hashes(words: Sequence[str], n: int) -> HashArray:
    """A stable 64-bit hash of every run of n tokens, in order; empty where there are fewer than n.

    Equal runs have equal hashes, in every process. Two given runs that differ collide with a chance near 2**-64.
    """
    if len(words) < n:
        return np.empty(0, dtype=np.uint64)
    single = np.fromiter((_token_hash(word) for word in words), dtype=np.uint64, count=len(words))
    n_runs = len(words) - n + 1
    combined = np.full(n_runs, n, dtype=np.uint64)
    for offset in range(n):
        combined = _mixed(combined * _MIX + single[offset : offset + n_runs])
    return combined


def shingles(text: str, n: int) -> HashArray:
    """The distinct n-gram hashes of a text, ascending; a text of fewer than n tokens is one shingle, none is none."""
    words = tokens(text)
    return np.unique(ngram_hashes(words, max(1, min(n, len(words)))))


@lru_cache(maxsize=1 << 18)
def _token_hash(word: str) -> int:
    return text_hash(word)


def text_hash(text: str) -> int:
    """A stable 64-bit hash of the exact text."""
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")


def _mixed(values: HashArray) -> HashArray:
    # The finaliser of SplitMix64: without it a sum of products would let permuted tokens collide.
    values = (values ^ (values >> np.uint64(30))) * _MIX_LEFT
    values = (values ^ (values >> np.uint64(27))) * _MIX_RIGHT
    return values ^ (values >> np.uint64(31))
