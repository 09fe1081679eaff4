"""Phrases of Chinese seeds: noun compounds by jieba's tags, with the terms that its dictionary splits joined."""

import math
import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Any

from linkqa_kedro.keyphrases.exam_words import HAN_EXAM_WORDS, HAN_UNIT_WORDS, word_set
from linkqa_kedro.keyphrases.formulas import FORMULA_POINTS
from linkqa_kedro.keyphrases.phrases import Key, SeedPhrases
from linkqa_kedro.progress import track

Tagged = tuple[str, str]  # a word and its part of speech

HAN = re.compile(r"[㐀-鿿]")
_SET_PHRASES = ("l", "i")
_HEADS = ("n", "vn", "j", "l", "i")
_MODIFIERS = ("n", "vn", "j", "b", "a", "v", "l", "i")
_BEFORE_NOUNS = word_set("的 个 种 为 是")
_AFTER_NOUNS = word_set("的 是")
_NAMED_SHARE = 0.1
_MAX_WORDS = 3
_MAX_CHARACTERS = 8
_TERM_LINE = re.compile(r"\s*([㐀-鿿]{2,6})[。．.；;]?\s*")
_NO_TERM_OPENS = "不无没未都以均是有只仅可能会很更最第在从"
# One character of these before or after a word makes no term of it.
_FUNCTION_CHARACTERS = frozenset(
    "的地得了着过在是为有和与或若则设求其各每该此于从到把被将对就也都而且所以可能会要一二三四五六七八九十两"
    "个只条名位种次本上下中内外前后时为使令取记若由过作做因故又再更最很不没无自等所这们那哪占约乙丙丁甲"
)
_JOINED_SEEDS = 3
_JOINED_SHARE = 0.9
_SPARE = 0.8


@cache
def tagger() -> Any:
    """Tagger of jieba over a tokenizer of our own: silent, blind to a cache file left in a shared folder."""
    import tempfile
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # invalid escapes in its source, and pkg_resources
        import jieba
        import jieba.posseg
    jieba.setLogLevel("ERROR")
    tokenizer = jieba.Tokenizer()
    with tempfile.TemporaryDirectory() as folder:
        tokenizer.tmp_dir = folder
        tokenizer.initialize()
    # A formula and the words for it must meet in one name.
    for row in FORMULA_POINTS:
        if len(row.chinese) > 1:
            tokenizer.add_word(row.chinese, tag="n")
    return jieba.posseg.POSTokenizer(tokenizer)


def han_phrases(plain: Sequence[str]) -> list[SeedPhrases]:
    """Noun compounds of every text, up to three words and eight characters.

    Spare are units, and words that an option or a line of some seed consists of, whatever their part of speech: names
    of processes ("识记", "相遇") carry the tags of verbs.
    """
    tagged = _join_split_terms([_tag(text) for text in track(plain, "phrases of seeds", "seeds")])
    lines = {term for text in plain for term in _term_lines(text)}
    terms = _set_phrases_that_name(tagged, lines)
    openers = _nominal_verbs(lines)
    return [_phrases_of(words, lines, _Reading(terms, openers)) for words in tagged]


def han_key(name: str) -> Key:
    """The words of a name as they stand in a text."""
    return tuple(word for word, _ in _tag(name))


def _tag(text: str) -> list[Tagged]:
    return [(pair.word, pair.flag) for pair in tagger().lcut(text)]


def _term_lines(text: str) -> list[str]:
    found = (_TERM_LINE.fullmatch(line) for line in text.splitlines())
    return [match[1] for match in found if match and match[1][0] not in _NO_TERM_OPENS]


def _join_split_terms(texts: Sequence[Sequence[Tagged]]) -> list[list[Tagged]]:
    """Texts in which a term that is in no dictionary is one word again: "离|心率", "列联|表".

    A single character belongs to its neighbour where nine in ten of the neighbour's occurrences, in three seeds or
    more, have it beside them.
    """
    words = Counter(word for text in texts for word in {word for word, _ in text})
    pairs: Counter[tuple[str, str]] = Counter()
    for text in texts:
        pairs.update({(left, right) for (left, _), (right, _) in pairwise(text)})
    joined = {pair for pair, n in pairs.items() if n >= _JOINED_SEEDS and _is_one_term(*pair, n, words)}
    return [_with_joined(text, joined) for text in texts]


def _is_one_term(left: str, right: str, n: int, words: Counter[str]) -> bool:
    if not (HAN.match(left) and HAN.match(right)) or {left, right} & _FUNCTION_CHARACTERS:
        return False
    if len(left) == 1 and len(right) > 1:
        return n >= _JOINED_SHARE * words[right]
    return len(right) == 1 and len(left) > 1 and n >= _JOINED_SHARE * words[left]


def _with_joined(text: Sequence[Tagged], joined: set[tuple[str, str]]) -> list[Tagged]:
    found: list[Tagged] = []
    for word, flag in text:
        if found and (found[-1][0], word) in joined:
            found[-1] = (found[-1][0] + word, "n")
        else:
            found.append((word, flag))
    return found


def _set_phrases_that_name(texts: Sequence[Sequence[Tagged]], lines: Collection[str]) -> frozenset[str]:
    """Set phrases (tags l and i) that name something, as "方差分析" does; "由此可知" carries the same tag.

    One that names stands after or before "的" and its like at least every tenth time, or is an option by itself.
    """
    seen: Counter[str] = Counter()
    named: Counter[str] = Counter()
    for text in texts:
        for place, (word, flag) in enumerate(text):
            if flag in _SET_PHRASES:
                seen[word] += 1
                before, after = text[place - 1][0] if place else "", text[place + 1][0] if place + 1 < len(text) else ""
                named[word] += before in _BEFORE_NOUNS or after in _AFTER_NOUNS
    return frozenset(word for word, n in seen.items() if word in lines or named[word] >= _NAMED_SHARE * n)


def _nominal_verbs(lines: Iterable[str]) -> frozenset[str]:
    """Verbs that open an option which is a term ("认知|策略"), and so no object ("提高|企业")."""
    tagged = (_tag(line) for line in sorted(lines))
    return frozenset(
        words[0][0] for words in tagged if len(words) > 1 and words[0][1] == "v" and words[-1][1].startswith("n")
    )


@dataclass(frozen=True, slots=True)
class _Reading:
    """What the corpus says of words whose tag leaves it open."""

    set_phrases: frozenset[str]
    nominal_verbs: frozenset[str]


def _phrases_of(tagged: Sequence[Tagged], lines: Collection[str], reading: _Reading) -> SeedPhrases:
    phrases = SeedPhrases()
    for key, n in Counter(_compounds(tagged, reading)).items():
        phrases.add(key, "".join(key), 1.0 + math.log(n) / 2.0)
    for word, _ in tagged:
        if word in HAN_UNIT_WORDS or (len(word) >= 2 and word in lines and word not in HAN_EXAM_WORDS):
            phrases.add_spare((word,), word, _SPARE)
    return phrases


def _compounds(tagged: Sequence[Tagged], reading: _Reading) -> Iterable[Key]:
    for end in range(1, len(tagged) + 1):
        if not _is_han_word(tagged[end - 1], _HEADS):
            continue
        for start in range(end - 1, max(-1, end - 1 - _MAX_WORDS), -1):
            if not _is_han_word(tagged[start], _MODIFIERS):
                break
            if tagged[start][1] == "v" and (end - start > 2 or tagged[start][0] not in reading.nominal_verbs):
                break  # a verb takes what follows as object, and before a whole compound always does
            key = tuple(word for word, _ in tagged[start:end])
            if _is_han_phrase(key, tagged[start], reading.set_phrases):
                yield key


def _is_han_word(tagged: Tagged, flags: tuple[str, ...]) -> bool:
    word, flag = tagged
    # Names of persons (nr) are the Toms and Jerrys of word problems; verbs are tagged "v" alone.
    listed = flag in flags or (flag.startswith("n") and flag != "nr")
    # A lone verb character ("是", "有") opens no term; a lone adjective may: "长时记忆".
    long_enough = len(word) >= (2 if flag in ("v", "vn", "l", "i", "j") else 1)
    return listed and long_enough and bool(HAN.match(word)) and word not in HAN_EXAM_WORDS


def _is_han_phrase(key: Key, first: Tagged, terms: frozenset[str]) -> bool:
    if key[0].startswith("是") or key[-1].endswith("是"):
        return False
    length = sum(len(word) for word in key)
    if len(key) == 1:
        return len(key[0]) >= 2 and (first[1] not in _SET_PHRASES or key[0] in terms)
    return 3 <= length <= _MAX_CHARACTERS and "".join(key) not in HAN_EXAM_WORDS
