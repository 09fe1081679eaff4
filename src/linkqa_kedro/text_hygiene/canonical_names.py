"""One name for each knowledge point: variants of one text are merged, by named rules, and a person has the last word.

Without this step the graph barely connects. Wrong merges cost more than missed ones, because they put two concepts
on one vertex for good; so every rule compares whole names by a key, none by likeness alone. What a number, Roman
numeral, sign, Greek letter or qualifier tells apart has different keys and stays two.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from rapidfuzz.distance import OSA, Levenshtein

from linkqa_kedro.errors import UserError
from linkqa_kedro.text_hygiene.chinese_script import simplified
from linkqa_kedro.text_hygiene.english_forms import american, ordinal, singular, word_set

EDITED = "edited"
ADJUDICATED = "adjudicated"  # by a teacher; see judged_names.py
FOLDED = "folded"
SCRIPT = "traditional characters"
ARTICLE = "article"
PLURAL = "plural"
SPELLING = "spelling"
COMPOUND = "compound"
WORD_ORDER = "word order"
ABBREVIATION = "bracketed abbreviation"
# In order of strength: a pair of names is put down to the first rule that joins it.
_KEY_RULES = (FOLDED, SCRIPT, ARTICLE, PLURAL, SPELLING, COMPOUND, WORD_ORDER, ABBREVIATION)
RULES = frozenset({EDITED, ADJUDICATED, *_KEY_RULES})


@dataclass(frozen=True)
class AliasRow:
    """One merge, or one row that a person wrote.

    Attributes:
        alias: The name as it was found.
        canonical: The name that stands for it; the alias itself in an edited row that keeps a name apart.
        rule: One of `RULES`.
        score: Likeness of the two as folded text, 0 to 1 (1 - edit distance / longer length); 1 where edited.
    """

    alias: str
    canonical: str
    rule: str
    score: float


@dataclass(frozen=True)
class AliasTable:
    """Every merge, ordered by canonical name and alias, with all edited rows, also of names not met this time."""

    rows: tuple[AliasRow, ...]
    _canonical: Mapping[str, str]

    def canonical(self, name: str) -> str:
        """The name that stands for this one; the name itself where nothing was merged or it was never seen."""
        return self._canonical.get(name, name)


def merge_aliases(names_with_counts: Mapping[str, int], edited: Mapping[str, str]) -> AliasTable:
    """The table of aliases of some knowledge points; it does not depend on their order.

    The canonical name of a group is the one that a person chose, else the most frequent spelling, ties broken by
    length and then alphabet.

    Args:
        names_with_counts: How often each name occurs.
        edited: Canonical name by alias, as a person wrote it. It holds for the alias and for what is the same text
            when folded. An alias that is its own canonical name takes part in no rule: it is kept apart.

    Raises:
        UserError: If edited rows lead in a circle.
    """
    chosen = {alias: _follow(alias, edited) for alias in edited}
    counts = {name: names_with_counts.get(name, 0) for name in {*names_with_counts, *chosen.values()}}
    by_hand = _edited_names(counts, chosen)
    free = [name for name in sorted(counts) if name not in by_hand and name not in edited]

    canonical = dict(by_hand) | chosen
    rules = dict.fromkeys(canonical, EDITED)
    keys = {name: _keys(name) for name in free}
    for group in _groups(free, _with_expansions(keys)):
        stands, others = _choose(group, counts, set(chosen.values()))
        for alias in others:
            canonical[alias] = stands
            rules[alias] = _joining_rule(keys[alias], keys[stands])
    return alias_table(canonical, rules)


def alias_table(canonical: Mapping[str, str], rules: Mapping[str, str]) -> AliasTable:
    """The table of some merges.

    Args:
        canonical: Canonical name by alias.
        rules: Rule by alias, for the same aliases.
    """
    rows = [
        AliasRow(alias, name, rules[alias], 1.0 if rules[alias] == EDITED else _likeness(alias, name))
        for alias, name in canonical.items()
    ]
    rows.sort(key=lambda row: (row.canonical, row.alias))
    return AliasTable(tuple(rows), MappingProxyType(dict(canonical)))


def _follow(alias: str, edited: Mapping[str, str]) -> str:
    """The end of a chain of edited rows."""
    seen = [alias]
    while (target := edited.get(seen[-1], seen[-1])) != seen[-1]:
        if target in seen:
            circle = " -> ".join([*seen, target])
            message = f"Edited aliases lead in a circle: {circle}. Change one of these rows in the aliases table."
            raise UserError(message)
        seen.append(target)
    return seen[-1]


def _edited_names(names: Iterable[str], chosen: Mapping[str, str]) -> dict[str, str]:
    """Names that follow an edited row of another spelling of the same text, with their canonical name."""
    by_text: dict[str, str] = {}
    for alias, canonical in sorted(chosen.items()):
        if alias != canonical:
            by_text.setdefault(fold_name(alias), canonical)
    targets = set(chosen.values())
    follow = {}
    for name in names:
        canonical = by_text.get(fold_name(name), name)
        if name not in chosen and name not in targets and canonical != name:
            follow[name] = canonical
    return follow


# Folding: what is the same text.

_HAN = "\u3400-\u4dbf\u4e00-\u9fff"
_SUPERSCRIPT = re.compile("[\u2070\u00b9\u00b2\u00b3\u2074-\u207b]+")
_CHARACTERS = str.maketrans(
    dict.fromkeys("\u2018\u2019\u02bc\u0060\u00b4", "'")
    | dict.fromkeys("\u201c\u201d", '"')
    | dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-")
    | dict.fromkeys("《》〈〉\u00ad\u200b\u200c\u200d\ufeff", "")
)
_JOINING_HYPHEN = re.compile(r"(?<=[^\W_])-(?=[^\W\d_])|(?<=[^\W\d_])-(?=\d)")
_POSSESSIVE = re.compile(r"(?<=s)'s\b|(?<=s)'(?=\s|$)|(?<=\w)'(?=s\b)")
_HAN_SPACE = re.compile(rf"(?<=[{_HAN}]) (?=[{_HAN}])|(?<=[{_HAN}]) (?=[()])|(?<=[()]) (?=[{_HAN}])")
_HAN_OF = re.compile(rf"(?<=[{_HAN}]{{2}})的$")


_TWO_LETTERS = re.compile("[A-Za-z]{2}")


def fold_name(name: str) -> str:
    """The name in one form of case, width, white space, hyphen and apostrophe.

    Kept apart are superscripts (10⁵ and 105), capital and small Greek letters (Δ and δ), a sign at either end of a
    word (Na+, -1), a prime that is no possessive (f'), and the case of two letters alone (CO and Co).
    """
    if _TWO_LETTERS.fullmatch(name.strip()):
        return name.strip()
    marked = _SUPERSCRIPT.sub(lambda match: "^" + match.group(), name)
    plain = unicodedata.normalize("NFKC", marked).translate(_CHARACTERS)
    folded = "".join(letter if _is_greek(letter) else letter.casefold() for letter in plain)
    folded = _JOINING_HYPHEN.sub(" ", folded)
    folded = _HAN_SPACE.sub("", " ".join(_POSSESSIVE.sub("", folded).split()))
    # A name of nothing but marks has no folded form; it is its own.
    return _HAN_OF.sub("", folded) or name


def _is_greek(letter: str) -> bool:
    return "\u0370" <= letter <= "\u03ff"


# Keys: names that share one are one concept.


@dataclass(frozen=True)
class _Keys:
    """A name under each key rule, the loosest last, and what brackets say of abbreviations."""

    by_rule: tuple[str, ...]
    words: str  # the loosest key before its words are written together
    abbreviates: tuple[str, str] | None  # (abbreviation, key of its expansion) where the letters of the one are in it
    is_capitals: bool


_PREFIXES = word_set("non anti co sub multi semi pre post inter intra micro macro pseudo quasi")
# Only where it is small: "The Republic" is a book, and no republic.
_ARTICLE = re.compile(r"^\s*the\s+(?=\S)")
_PLURAL_CAPITALS = re.compile(r"(?<=[A-Z]{2})s\b")
_CAPITALS = re.compile(r"[A-Z][A-Z0-9]{1,7}")
_BRACKETED = re.compile(r"(?P<before>.+?)\s*\((?P<inside>[^()]+)\)")
# In shorter words a swap makes another word: casual and causal, complaint and compliant, performing and preforming.
_LONG_WORD = 11
# Shorter words may be an article, a symbol or a prefix of its own: "a symmetric", "mu meson".
_COMPOUND_SPACE = re.compile(r"(?<=[a-z]{3}) (?=[a-z]{3})")
_HAN_DIGITS = "一二三四五六七八九"
_HAN_ORDINAL = re.compile(rf"(?<=第)[{_HAN_DIGITS}](?![{_HAN_DIGITS}十百千万])")
_HAN_OF_INSIDE = re.compile(rf"(?<=[{_HAN}]{{2}})的(?=[{_HAN}]{{2}})")
# 和 may also end a word (求和); its halves then have unequal length, or nobody writes them the other way round.
_HAN_PAIR = re.compile(rf"(?P<one>[{_HAN}]{{2,}}?)[和与及](?P<other>[{_HAN}]{{2,}})")
_ARTICLES = word_set("a an the")
_SMALL_WORDS = word_set("a an and by for in of on the to with")
# "X of Y" is "Y X" for these X. Not in general: the cost of capital is no capital cost.
_REVERSIBLE = frozenset(
    american(word)
    for word in word_set(
        "conservation law theorem principle rule formula identity inequality lemma method rate area volume perimeter "
        "point angle coefficient index constant equation moment radius center heat energy enthalpy speed transfer "
        "separation distribution structure theory definition classification"
    )
)


def name_key(name: str) -> str:
    """The name under the loosest key rule, in words: equal for names that any rule joins, but for slips of letters."""
    return _keys(name).words


def _keys(name: str) -> _Keys:
    folded = fold_name(name)
    script = simplified(folded)
    article = simplified(fold_name(_ARTICLE.sub("", name)))
    text = simplified(fold_name(_PLURAL_CAPITALS.sub("", _ARTICLE.sub("", name))))
    plural, spelling = _strict_keys(text)
    plain = _last_key(text)
    expanded = _expansion(name)
    words = _last_key(simplified(fold_name(expanded[1]))) if expanded else plain
    return _Keys(
        by_rule=(folded, script, article, plural, spelling, _compound(spelling), _compound(plain), _compound(words)),
        words=words,
        # What letters of another script stand for cannot be checked: LSD is a drug too.
        abbreviates=(expanded[0], words) if expanded and words.isascii() else None,
        is_capitals=bool(_CAPITALS.fullmatch(name.strip())),
    )


def _compound(key: str) -> str:
    """The key with longer words written together: wave length and wavelength."""
    return _COMPOUND_SPACE.sub("", key)


def _strict_keys(text: str) -> tuple[str, str]:
    """The text with the head of each phrase in the singular, and the same in one spelling."""
    words = text.split()
    heads = {len(words) - 1}
    if "of" in words[1:]:
        heads.add(words.index("of", 1) - 1)
    one = [singular(word) if place in heads else word for place, word in enumerate(words)]
    spelt: list[str] = []
    for word in one:
        if spelt and spelt[-1] in _PREFIXES and word.isalpha():
            spelt[-1] += word
        else:
            spelt.append(word)
    spelling = " ".join(ordinal(american(word)) for word in spelt)
    return " ".join(one), _HAN_ORDINAL.sub(lambda match: str(1 + _HAN_DIGITS.index(match.group())), spelling)


def _last_key(text: str) -> str:
    """The spelling key with its words in one order, where another order says the same.

    "X of Y" becomes "Y X", with Y in the singular; the two halves of "A and B" stand in the order of the alphabet, each
    in the singular; and 的 between longer parts is left out.
    """
    spelt = _in_order(_HAN_OF_INSIDE.sub("", _strict_keys(text)[-1]))
    words = spelt.split()
    if " of " in spelt:
        head, rest = words[0], [word for word in words[2:] if word not in _ARTICLES] if words[1] == "of" else []
    else:
        head, rest = words[-1] if words else "", words[:-1]
    if head not in _REVERSIBLE or not 1 <= len(rest) <= 3 or _SMALL_WORDS & set(rest):
        return spelt
    return " ".join([*rest[:-1], singular(rest[-1]), head])


def _in_order(key: str) -> str:
    """The halves of "A and B" in one order, where neither can be a part of the other's phrase.

    Halves of unequal length are left alone: "linear equations and inequalities" are linear both. Chinese halves may
    also be one the end of the other (作用力与反作用力).
    """
    halves = key.split(" and ")
    if len(halves) == 2 and len(halves[0].split()) == len(halves[1].split()) > 0:
        return " and ".join(sorted(_singular_head(half) for half in halves))
    match = _HAN_PAIR.fullmatch(key)
    if match and (len(match["one"]) == len(match["other"]) or _is_end(match["one"], match["other"])):
        return "和".join(sorted((match["one"], match["other"])))
    return key


def _is_end(one: str, other: str) -> bool:
    return one.endswith(other) or other.endswith(one)


def _singular_head(phrase: str) -> str:
    *rest, head = phrase.split()
    return " ".join([*rest, singular(head)])


def _expansion(name: str) -> tuple[str, str] | None:
    """(abbreviation, expansion) of a name like "principal component analysis (PCA)", either way round."""
    match = _BRACKETED.fullmatch(unicodedata.normalize("NFKC", name).strip())
    if match is None:
        return None
    for short, long in ((match["inside"], match["before"]), (match["before"], match["inside"])):
        letters = short.strip().removesuffix("s")
        if _CAPITALS.fullmatch(letters) and _abbreviates(letters, long):
            return letters, long
    return None


def _abbreviates(letters: str, long: str) -> bool:
    """Whether the letters may stand for the words.

    They do where they are the initials, small words counted or not, and where each of them follows the one before in
    the words, from the first initial on and with that of the last word (DNA, ANOVA). Chinese has no initials.
    """
    if re.fullmatch(rf"[{_HAN}]{{2,}}", long):
        return True
    words = re.findall(r"[^\W_]+", long.casefold())
    short = letters.casefold()
    initials = ("".join(word[0] for word in words), "".join(word[0] for word in words if word not in _SMALL_WORDS))
    return len(short) > 1 and (short in initials or (len(words) > 1 and _runs_through(short, words)))


def _runs_through(letters: str, words: list[str]) -> bool:
    *before, last = words
    start = "".join(before)
    return letters[0] == start[0] and any(
        letter == last[0] and _holds_in_order(start, letters[:place]) and _holds_in_order(last, letters[place:])
        for place, letter in enumerate(letters[1:], start=1)
    )


def _holds_in_order(text: str, letters: str) -> bool:
    rest = iter(text)
    return all(letter in rest for letter in letters)


def _with_expansions(keys: Mapping[str, _Keys]) -> dict[str, str]:
    """The loosest key of each name, where an abbreviation alone has the key of its one known expansion."""
    expansions: dict[str, set[str]] = defaultdict(set)
    for key in keys.values():
        if key.abbreviates:
            expansions[key.abbreviates[0]].add(key.abbreviates[1])
    loosest = {}
    for name, key in keys.items():
        known = expansions.get(name.strip(), set()) if key.is_capitals else set()
        # Two expansions, and nobody can tell which one is meant.
        loosest[name] = next(iter(known)) if len(known) == 1 else key.words
    return loosest


# Groups.


def _groups(names: list[str], loosest: Mapping[str, str]) -> list[list[str]]:
    """Names by concept, in groups of two or more."""
    same_key = _swapped_letters(sorted(set(loosest.values())))
    groups: dict[str, list[str]] = defaultdict(list)
    for name in names:
        groups[_compound(same_key.get(loosest[name], loosest[name]))].append(name)
    return [group for group in groups.values() if len(group) > 1]


def _swapped_letters(keys: list[str]) -> dict[str, str]:
    """Keys that differ from another by two neighbouring letters swapped in one long word, to the first such key.

    Of all slips of one letter only this ("eqiulibrium"), and a doubling, is safe to merge: one letter tells
    adsorption from absorption, afferent from efferent, sulfate from sulfite.
    """
    by_letters: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for key in keys:
        if key.isascii():
            by_letters[tuple("".join(sorted(word)) for word in key.split())].append(key)
    first: dict[str, str] = {}
    for alike in by_letters.values():
        for place, key in enumerate(alike):
            near = {first.get(other, other) for other in alike[:place] if _is_one_swap(key, other)}
            if near:
                _join(first, sorted({key, *near}))
    return first


def _join(first: dict[str, str], roots: list[str]) -> None:
    """Puts the groups of several roots under the first of them."""
    for key, root in first.items():
        if root in roots:
            first[key] = roots[0]
    first.update((root, roots[0]) for root in roots[1:])


def _is_one_swap(left: str, right: str) -> bool:
    changed = [(a, b) for a, b in zip(left.split(), right.split(), strict=True) if a != b]
    if len(changed) != 1:
        return False
    one, other = changed[0]
    return len(one) >= _LONG_WORD and one.isalpha() and one[0] == other[0] and int(OSA.distance(one, other)) == 1


def _choose(group: list[str], counts: Mapping[str, int], chosen: set[str]) -> tuple[str, list[str]]:
    """The canonical name of a group and the other names, less those that a person named as canonical too."""
    ranked = sorted(group, key=lambda name: (name not in chosen, -counts[name], len(name), name))
    return ranked[0], [name for name in ranked[1:] if name not in chosen]


def _joining_rule(left: _Keys, right: _Keys) -> str:
    for rule, of_left, of_right in zip(_KEY_RULES, left.by_rule, right.by_rule, strict=True):
        if of_left == of_right:
            return rule
    return ABBREVIATION if left.is_capitals or right.is_capitals else SPELLING


def _likeness(left: str, right: str) -> float:
    return round(float(Levenshtein.normalized_similarity(fold_name(left), fold_name(right))), 4)
