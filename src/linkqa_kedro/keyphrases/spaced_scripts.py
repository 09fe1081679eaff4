"""Phrases of seeds in a spaced script: proposed by YAKE, kept where they read as a noun phrase."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from linkqa_kedro.keyphrases.exam_words import EXAM_WORDS, UNIT_WORDS, says_nothing, word_set
from linkqa_kedro.keyphrases.phrases import Key, SeedPhrases
from linkqa_kedro.progress import track

WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
SEGMENT_END = re.compile(r"[^\w\s'’-]|\d+|[\r\n]+|_")
_DETERMINERS = word_set("the a an of this these his her its their our your each every some any no")
_BEFORE_VERBS = word_set("to did does do can will would could should may must you we they he she i who not")
_IN_NAMES = word_set("new old first second great big long high low one two three")
# Too common to stand alone, but good halves of a term: "prime number", "set theory", "absolute value".
_TERM_WORDS = word_set(
    "number set group value process problem table information difference common right state human world"
)
_ROMAN_NUMERAL = re.compile("[IVX]{1,4}")
_INNER_WORDS = frozenset(("of", "and", "in"))
_MAX_WORDS = 3
_YAKE_PHRASES = 30
_UNRANKED = 1.0
# Shares of a word's uses, read off four corpora of exam questions.
_NOUN_SHARE = 0.05
_LONE_NOUN_SHARE = 0.1
_PARTICIPLE_SHARE = 0.3
_SPARE = 0.5


def fold_word(word: str) -> str:
    """One key for the case, possessive and plural forms of an English word ("Theorems" gives "theorem")."""
    word = word.casefold().replace("’", "'").removesuffix("'s").strip("'")
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 4 and word.endswith(("ches", "shes", "sses", "xes", "zzes")):
        return word[:-2]
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is", "ics")):
        return word[:-1]
    return word


def folded_words(text: str) -> Key:
    """Every word of a text, folded."""
    return tuple(fold_word(word) for word in WORD.findall(text))


def spaced_phrases(plain: Sequence[str], has_formulas: Sequence[bool], language: str) -> list[SeedPhrases]:
    """Phrases of every text. Spare are units, single nouns that YAKE proposes in no seed, and words rarely nouns.

    Args:
        plain: Texts without markup.
        has_formulas: Whether each text held formulas: a lone name in sums ("Linda had 68 shells") is no matter.
        language: Language code.
    """
    extractor, stop_words = _extractor(language)
    segments = [[WORD.findall(segment) for segment in SEGMENT_END.split(text)] for text in plain]
    nouns = _NounEvidence.of(segments, stop_words)
    for text in plain:
        nouns.read_lines(text)
    scored = [_yake_relevance(extractor, text) for text in track(plain, "phrases of seeds", "seeds")]
    proposed = {key for scores in scored for key in scores}
    people = _people_in_sums(segments, has_formulas, nouns)
    return [
        _phrases_of_segments(words, scores, proposed, nouns, stop_words, people)
        for words, scores in zip(segments, scored, strict=True)
    ]


def _people_in_sums(
    texts: Sequence[Sequence[Sequence[str]]], has_formulas: Sequence[bool], nouns: "_NounEvidence"
) -> frozenset[str]:
    """Names most of whose seeds hold formulas: the Lindas of word problems. Two-word names are not asked about."""
    seeds: Counter[str] = Counter()
    sums: Counter[str] = Counter()
    for segments, has_formula in zip(texts, has_formulas, strict=True):
        names = {key for words in segments for key in map(fold_word, words) if nouns.is_proper(key)}
        seeds.update(names)
        sums.update(names if has_formula else ())
    return frozenset(name for name, n in seeds.items() if 2 * sums[name] > n)


def own_spaced_phrases(plain: str, language: str) -> list[str]:
    """Phrases of one text by itself, best first."""
    extractor, stop_words = _extractor(language)
    # A whole term says more than its first half, whatever the score of a text so short.
    found = sorted(
        _yake_relevance(extractor, plain).items(), key=lambda entry: (len(entry[0]) == 1, -entry[1], entry[0])
    )
    return [
        " ".join(key)
        for key, _ in found
        if not any(word in stop_words or (says_nothing((word,)) and word not in _TERM_WORDS) for word in key)
        and not all(word in _TERM_WORDS for word in key)
    ]


@cache
def _extractor(language: str) -> tuple[Any, frozenset[str]]:
    """YAKE for a language, with its stop words; a language that it does not know gets no stop words."""
    import yake  # a second to import, and Chinese corpora do without

    stop_words = frozenset(yake.KeywordExtractor(lan=language).stopword_set) - _IN_NAMES
    stop_words |= _DETERMINERS | _BEFORE_VERBS
    extractor = yake.KeywordExtractor(
        lan=language, n=_MAX_WORDS, dedup_lim=1.0, top=_YAKE_PHRASES, stopwords=set(stop_words)
    )
    return extractor, stop_words


def _yake_relevance(extractor: Any, text: str) -> dict[Key, float]:
    """YAKE's phrases of one text; its score falls with quality, the relevance here rises from 1 to about 2."""
    relevance: dict[Key, float] = {}
    # YAKE reads across a line end: only a full stop keeps two options apart.
    for phrase, score in extractor.extract_keywords(text.replace("\n", " . ")):
        key = folded_words(phrase)
        relevance[key] = max(relevance.get(key, 0.0), 1.0 + 1.0 / (1.0 + 10.0 * float(score)))
    return relevance


@dataclass(frozen=True, slots=True)
class _NounEvidence:
    """How often each folded word stands like a noun, like a verb, and at all, over the corpus.

    English words of a short question carry no tags; but a word that ends a phrase after "the" or "of", or is a
    whole option, is a noun, and one after "to" or "did" is a verb.
    """

    noun: Counter[str]
    verb: Counter[str]
    plural: Counter[str]
    proper: Counter[str]
    inside: Counter[str]  # not first of its segment, where everything has a capital
    anywhere: Counter[str]

    @classmethod
    def of(cls, texts: Sequence[Sequence[Sequence[str]]], stop_words: frozenset[str]) -> "_NounEvidence":
        evidence = cls(Counter(), Counter(), Counter(), Counter(), Counter(), Counter())
        for segments in texts:
            for words in segments:
                evidence._read(words, stop_words)
        return evidence

    def _read(self, words: Sequence[str], stop_words: frozenset[str]) -> None:
        asked = False  # "When did the train arrive": the noun is not the last word
        for position, word in enumerate(words):
            key = fold_word(word)
            self.anywhere[key] += 1
            before = words[position - 1].lower() if position else ""
            ends = position + 1 == len(words) or words[position + 1].lower() in stop_words
            counted = not position and word.islower() and key != word  # a plural after a number or formula
            # "by the Pythagorean theorem,"; inside a sentence the third word may as well be a verb
            qualified = position > 1 and position + 1 == len(words) and words[position - 2].lower() in _DETERMINERS
            self.noun[key] += ends and (before in _DETERMINERS or counted or (qualified and not asked))
            self.verb[key] += before in _BEFORE_VERBS or (qualified and asked)
            self.plural[key] += key != word.lower()
            self.proper[key] += bool(position) and word[0].isupper()
            self.inside[key] += bool(position)
            asked = asked or word.lower() in _BEFORE_VERBS

    def read_lines(self, text: str) -> None:
        """Count words that are a whole line, as an option is."""
        for line in text.splitlines():
            if WORD.fullmatch(line.strip()):
                self.noun[fold_word(line.strip())] += 1

    def is_noun(self, key: str) -> bool:
        """Whether a word may close a phrase."""
        share = _PARTICIPLE_SHARE if key.endswith(("ed", "ing")) else _NOUN_SHARE
        enough = max(1.0, share * self.anywhere[key])
        return (self.noun[key] >= enough and self.noun[key] >= self.verb[key]) or self.is_proper(key)

    def stands_alone(self, key: str) -> bool:
        """Whether a noun is one by more than a few uses: "red" and "official" close a phrase now and then."""
        often = self.noun[key] >= _LONE_NOUN_SHARE * self.anywhere[key]
        return often or self.plural[key] >= _LONE_NOUN_SHARE * self.anywhere[key] or self.is_proper(key)

    def is_proper(self, key: str) -> bool:
        """Whether most uses inside a segment have a capital."""
        return 2 * self.proper[key] > self.inside[key]


def _phrases_of_segments(
    segments: Sequence[Sequence[str]],
    scores: Mapping[Key, float],
    proposed: set[Key],
    nouns: _NounEvidence,
    stop_words: frozenset[str],
    people: frozenset[str],
) -> SeedPhrases:
    phrases = SeedPhrases()
    for words in segments:
        folded = [fold_word(word) for word in words]
        for n in range(1, _MAX_WORDS + 1):
            for i in range(len(words) - n + 1):
                key = tuple(folded[i : i + n])
                if n == 1 and key[0] in UNIT_WORDS:
                    phrases.add_spare(key, words[i], _SPARE)
                is_person = n == 1 and key[0] in people
                if is_person or not _reads_as_noun_phrase(words[i : i + n], key, nouns, stop_words):
                    continue
                # YAKE ends no phrase on a word so short.
                is_proposed = key in proposed or (
                    key[:-1] in proposed and bool(_ROMAN_NUMERAL.fullmatch(words[i + n - 1]))
                )
                if is_proposed and (n > 1 or nouns.stands_alone(key[0])):
                    phrases.add(key, " ".join(words[i : i + n]), scores.get(key, _UNRANKED))
                elif n == 1:
                    phrases.add_spare(key, words[i], _SPARE)
    return phrases


def _reads_as_noun_phrase(words: Sequence[str], key: Key, nouns: _NounEvidence, stop_words: frozenset[str]) -> bool:
    first, last = words[0].lower(), words[-1].lower()
    # "New Jersey", "First World War" and "Richard III" are names, "new method" and "first number" are not.
    is_name = len(words) > 1 and all(word[0].isupper() for word in words)
    plain_words = [
        not (is_name and (folded in _IN_NAMES or _ROMAN_NUMERAL.fullmatch(word)))
        and not (len(words) > 1 and folded in _TERM_WORDS)
        and (word.lower() in stop_words or folded in EXAM_WORDS or word.lower() in EXAM_WORDS)
        for word, folded in zip(words, key, strict=True)
    ]
    if plain_words[0] or plain_words[-1] or all(folded in _TERM_WORDS for folded in key):
        return False
    if any(plain and word.lower() not in _INNER_WORDS for plain, word in zip(plain_words, words, strict=True)):
        return False
    if is_name and _ROMAN_NUMERAL.fullmatch(words[-1]):
        return True
    if min(len(key[0]), len(key[-1])) < 3 or not nouns.is_noun(key[-1]):
        return False
    if len(key) == 1:
        return not last.endswith(("ly", "est")) or nouns.is_proper(key[0])
    return nouns.verb[key[0]] <= nouns.anywhere[key[0]] // 4 and not first.endswith("ly")
