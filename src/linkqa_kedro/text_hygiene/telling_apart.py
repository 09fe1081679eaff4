"""What tells two similar names apart for certain: numbers, signs, letters that are symbols, and opposites.

Two names that differ in such a mark are two concepts, however alike the rest is; nobody need be asked, and no verdict
may join them. A pair that no mark tells apart need not be one concept.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz.distance import Levenshtein

from linkqa_kedro.text_hygiene.canonical_names import fold_name, name_key
from linkqa_kedro.text_hygiene.chinese_script import simplified
from linkqa_kedro.text_hygiene.english_forms import singular, word_set
from linkqa_kedro.text_hygiene.opposites import BEGINNINGS, ENDINGS, HAN_GROUPS, HAN_NEGATIONS, NEGATIONS, WORDS

_SHORTEST_STEM = 3
_DIRECTIONS = word_set("of to from into over per then given")
_ARTICLES = word_set("a an the")


def told_apart(one: str, other: str) -> bool:
    """Whether a number, sign, symbol, negation or opposite tells two names apart; the order does not matter.

    II, 2, second and 2nd are one number, α and alpha one letter. A word that is another with something before it
    (antibody and body, cosine and sine) is its own concept.
    """
    left, right = _features(one), _features(other)
    if left.marks != right.marks:
        return True
    if left.key.replace(" ", "") == right.key.replace(" ", ""):
        return False  # "wave length" ends with a word of its own, and is no other concept than "wavelength"
    only_left, only_right = left.words - right.words, right.words - left.words
    if not only_left and not only_right:
        # One way round each: a limit of functions, a function of limits; from decimals to fractions, and back.
        return left.key != right.key and bool(left.words.keys() & _DIRECTIONS)
    if (only_left + only_right).keys() & NEGATIONS:
        return True
    if any(_are_opposed(a, b) for a in only_left for b in only_right):
        return True
    return not left.key.isascii() and not right.key.isascii() and _han_opposed(left.key, right.key)


# Marks.

_NUMBER_WORDS = {
    word: str(value)
    for value, words in enumerate(
        (
            *("zero", "one first 1st", "two second 2nd", "three third 3rd", "four fourth 4th", "five fifth 5th"),
            *("six sixth 6th", "seven seventh 7th", "eight eighth 8th", "nine ninth 9th", "ten tenth 10th"),
            *("eleven eleventh 11th", "twelve twelfth 12th"),
        )
    )
    for word in words.split()
}
_MULTIPLES = word_set("single double triple quadruple half primary secondary tertiary quaternary binary ternary")
_ROMAN = re.compile(r"(?P<tens>X{0,3})(?P<ones>IX|IV|V?I{0,3})")
_ROMAN_ONES = ("", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX")
_GREEK_NAMES = {
    unicodedata.name(letter).removeprefix("GREEK SMALL LETTER ").casefold(): letter
    for letter in "αβγδεζηθικμνξπρστυφχψω"
} | {"lambda": "λ"}  # Unicode spells it lamda
_HAN_NUMBERS = {character: str(value) for value, character in enumerate("零一二三四五六七八九十")}
_HAN_COUNTS = "百千万亿半双两单多"
_PIECE = re.compile(rf"\d+(?:\.\d+)?|[a-zA-Z\u00c0-\u024f]+|[\u0370-\u03ff]|[{''.join(_HAN_NUMBERS)}{_HAN_COUNTS}]")
_SIGN = re.compile(r"[-+±^%#*=<>≤≥≠∞√∫∑∂'′″°!∪∩⊂∈]")
_BRACKETED_CAPITALS = re.compile(r"\((?![IVX]+\))[A-Z][A-Za-z]+\)")


@dataclass(frozen=True)
class _Features:
    """What is compared of one name: its marks, the words of its loosest key (singular, without articles), in order."""

    marks: Counter[str]
    words: Counter[str]
    key: str


@lru_cache(maxsize=1 << 18)
def _features(name: str) -> _Features:
    key = name_key(name)
    # The letters of an abbreviation in brackets are no symbols.
    text = _BRACKETED_CAPITALS.sub(" ", simplified(unicodedata.normalize("NFKC", name)))
    marks = Counter(mark for piece in _PIECE.findall(text) if (mark := _mark(piece)))
    marks.update(_SIGN.findall(fold_name(name)))
    if len(key) == 2 and key.isalpha() and key.isascii():
        marks[f"symbol {key}"] += 1  # the key of two letters alone has their case: CO and Co
    words = [singular(word) for word in key.split() if word not in _ARTICLES]
    return _Features(marks, Counter(words), " ".join(words))


def _mark(piece: str) -> str:
    """The mark that a piece of a name is, or nothing."""
    word = piece.casefold()
    if number := _number(piece, word):
        return f"number {number}"
    if word in _GREEK_NAMES:
        return _GREEK_NAMES[word]
    if word in _MULTIPLES or piece in _HAN_COUNTS or "\u0370" <= piece <= "\u03ff":
        return piece
    # "a" is an article, "s" what is left of a possessive.
    return f"letter {word}" if len(piece) == 1 and word not in "as" else ""


def _number(piece: str, word: str) -> str:
    if piece[0].isdecimal():
        return f"{float(piece):g}"
    # A lone V or X is a symbol (X-ray, Y chromosome), a lone I the first of several types; xi is a Greek letter.
    if (len(piece) > 1 or piece == "I") and word not in _GREEK_NAMES and (match := _ROMAN.fullmatch(piece.upper())):
        return str(10 * len(match["tens"]) + _ROMAN_ONES.index(match["ones"]))
    return _HAN_NUMBERS.get(piece) or _NUMBER_WORDS.get(word, "")


# Opposites.


def _places(groups: Iterable[Iterable[str]]) -> dict[str, set[int]]:
    """The groups of each member, by number."""
    places: dict[str, set[int]] = {}
    for number, group in enumerate(groups):
        for member in group:
            places.setdefault(member, set()).add(number)
    return places


_WORD_PLACES = _places(WORDS)
_HAN_PLACES = _places(HAN_GROUPS)
_NOWHERE: set[int] = set()


def _share_group(places: dict[str, set[int]], one: str, other: str) -> bool:
    return one != other and not places.get(one, _NOWHERE).isdisjoint(places.get(other, _NOWHERE))


@lru_cache(maxsize=1 << 18)
def _are_opposed(one: str, other: str) -> bool:
    if not (one.isascii() and other.isascii()):
        return False
    shorter, longer = sorted((one, other), key=len)
    return (
        _share_group(_WORD_PLACES, one, other)
        or (len(shorter) >= _SHORTEST_STEM and longer.endswith(shorter))
        or _share_stem(one, other, BEGINNINGS, str.removeprefix)
        or _share_stem(one, other, ENDINGS, str.removesuffix)
    )


def _share_stem(one: str, other: str, groups: Iterable[Iterable[str]], strip: Callable[[str, str], str]) -> bool:
    """Whether two words are one stem with different affixes of one group."""
    for group in groups:
        of_one, of_other = _stems(one, group, strip), _stems(other, group, strip)
        if any(stem == its and affix != its_affix for affix, stem in of_one for its_affix, its in of_other):
            return True
    return False


def _stems(word: str, group: Iterable[str], strip: Callable[[str, str], str]) -> list[tuple[str, str]]:
    stripped = [(affix, strip(word, affix)) for affix in group]
    return [(affix, stem) for affix, stem in stripped if stem != word and len(stem) >= _SHORTEST_STEM]


def _han_opposed(one: str, other: str) -> bool:
    """Whether Chinese names differ by a negation, or by two characters that exclude one another."""
    for step in Levenshtein.opcodes(one, other):
        gone, come = one[step.src_start : step.src_end], other[step.dest_start : step.dest_end]
        if step.tag in ("insert", "delete") and HAN_NEGATIONS & set(gone + come):
            return True
        if step.tag == "replace" and any(_share_group(_HAN_PLACES, a, b) for a, b in zip(gone, come, strict=True)):
            return True
    return False
