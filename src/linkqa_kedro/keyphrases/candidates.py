"""Knowledge-point candidates, chosen over the whole corpus: phrases that link a seed to others."""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

from linkqa_kedro.keyphrases.chinese import HAN, han_key, han_phrases
from linkqa_kedro.keyphrases.exam_words import says_nothing
from linkqa_kedro.keyphrases.formulas import formula_points
from linkqa_kedro.keyphrases.markup import formulas_of, strip_markup, without_instructions
from linkqa_kedro.keyphrases.phrases import Key, SeedPhrases
from linkqa_kedro.keyphrases.ranking import rank_phrases
from linkqa_kedro.keyphrases.spaced_scripts import (
    SEGMENT_END,
    WORD,
    fold_word,
    folded_words,
    own_spaced_phrases,
    spaced_phrases,
)

_FORMULA_RELEVANCE = 1.4


def propose_candidates(
    texts: Sequence[str],
    languages: Sequence[str],
    known_points: Sequence[Sequence[str]],
    max_per_seed: int,
    min_seeds: int,
    max_seed_share: float,
) -> list[list[str]]:
    """Knowledge-point candidates of each seed, best first: phrases that link it to other seeds.

    Labels that other seeds carry and that stand literally in the seed's text come first. Then come phrases of the
    text, and constructs of its formulas, found in at least `min_seeds` seeds, more telling and rarer ones first. One
    that fewer than `min_seeds` seeds have among their best is dropped; so are stop words, exam boiler-plate, hubs, and
    a phrase inside a longer one that the same seeds hold; if others hold it too, it stands behind the longer one. A
    seed left with fewer than two gets a second chance: moderate hubs, and words with less evidence that they name
    anything. The result depends on the arguments alone.

    Args:
        texts: Question with options and answer, one text a seed; options on lines of their own read best.
        languages: "zh" is segmented by jieba, any other code is read as a spaced script.
        known_points: Labels that each seed already carries, empty where none.
        max_per_seed: Longest list returned, at least 0.
        min_seeds: Fewest seeds, the seed itself included, that must hold a phrase.
        max_seed_share: Largest share (0 to 1) of a language's seeds that may hold a phrase; at least
            `min_seeds` seeds always may, so that small corpora are not emptied.

    Returns:
        One list per text; empty where nothing links the seed.
    """
    found: list[list[str]] = [[] for _ in texts]
    for language in sorted(set(languages)):
        rows = [row for row, code in enumerate(languages) if code == language]
        raw = [texts[row] for row in rows]
        plain = [strip_markup(text) for text in raw]
        largest = max(float(min_seeds), max_seed_share * len(rows))
        known = _known_points_in(plain, language, rows, known_points, largest)
        phrases = _phrases(raw, plain, language)
        ranked = rank_phrases(phrases, [len(labels) for labels in known], min_seeds, largest)
        spelling = _spelling(phrases, {key for keys in ranked for key in keys})
        for position, row in enumerate(rows):
            named = [*known[position], *(spelling[key] for key in ranked[position])]
            found[row] = _first_distinct(named, language, max_per_seed)
    return found


def own_phrases(text: str, language: str, n: int) -> list[str]:
    """Up to n phrases of one text by itself, best first, for a seed that nothing links to others.

    Scored as in `propose_candidates`, without the corpus; empty for a text of formulas alone.
    """
    plain = strip_markup(text)
    if language != "zh":
        return own_spaced_phrases(plain, language)[:n]
    phrases = han_phrases([plain])[0]
    ranked = sorted(phrases.relevance, key=lambda key: (-phrases.relevance[key] * len("".join(key)), key))
    return ["".join(key) for key in ranked[:n]]


def _phrases(raw: Sequence[str], plain: Sequence[str], language: str) -> list[SeedPhrases]:
    told = without_instructions(plain)
    formulas = [formulas_of(text) for text in raw]
    phrases = han_phrases(told) if language == "zh" else spaced_phrases(told, [bool(f) for f in formulas], language)
    keys: dict[str, Key] = {}
    for seed, held in zip(phrases, formulas, strict=True):
        for name in formula_points(held, language):
            if name not in keys:
                keys[name] = han_key(name) if language == "zh" else folded_words(name)
            seed.add(keys[name], name, _FORMULA_RELEVANCE)
    return phrases


def _first_distinct(candidates: Iterable[str], language: str, limit: int) -> list[str]:
    distinct: dict[Key, str] = {}
    for candidate in candidates:
        distinct.setdefault(_known_key(candidate, language), candidate)
    return list(distinct.values())[:limit]


def _spelling(phrases: Sequence[SeedPhrases], wanted: Collection[Key]) -> dict[Key, str]:
    """One written form a phrase: lower case before capitals, singular before plural, then by alphabet."""
    forms: dict[Key, set[str]] = defaultdict(set)
    for seed in phrases:
        for key, surfaces in seed.surfaces.items():
            if key in wanted:
                forms[key] |= surfaces
    return {
        key: min(surfaces, key=lambda form: (form != form.lower(), len(form), form)) for key, surfaces in forms.items()
    }


# ---- labels that other seeds carry -------------------------------------------------------------------------


def _known_key(label: str, language: str) -> Key:
    # A Chinese label is looked up as one string, a spaced one as the sequence of its folded words.
    if language == "zh":
        return (label.casefold().strip(),)
    return folded_words(label)


def _known_points_in(
    plain: Sequence[str],
    language: str,
    rows: Sequence[int],
    known_points: Sequence[Sequence[str]],
    largest: float,
) -> list[list[str]]:
    """Known labels that occur in each text, longest first, then commonest; own labels need a second carrier."""
    carriers: Counter[str] = Counter(label for labels in known_points for label in dict.fromkeys(labels))
    by_key: dict[Key, str] = {}
    for label in sorted(carriers, key=lambda label: (-carriers[label], label)):
        key = _known_key(label, language)
        if key and not says_nothing(key):
            by_key.setdefault(key, label)
    lengths = sorted({len(key[0]) if language == "zh" else len(key) for key in by_key})
    hits = [[by_key[key] for key in _occurring(text, language, by_key, lengths)] for text in plain]
    seen_in = Counter(label for labels in hits for label in labels)
    return [
        sorted(
            (label for label in labels if seen_in[label] <= largest and carriers[label] > (label in known_points[row])),
            key=lambda label: (-len(label), -carriers[label], label),
        )
        for row, labels in zip(rows, hits, strict=True)
    ]


def _occurring(text: str, language: str, by_key: Mapping[Key, str], lengths: Sequence[int]) -> list[Key]:
    """The labels' keys that stand in the text, once each: runs as long as some label are looked up."""
    if language == "zh":
        folded = text.casefold()
        runs = dict.fromkeys((folded[i : i + n],) for n in lengths for i in range(len(folded) - n + 1))
        return [run for run in runs if run in by_key and _on_word_boundary(run[0], folded)]
    keys: dict[Key, None] = {}
    for segment in SEGMENT_END.split(text):
        words = [fold_word(word) for word in WORD.findall(segment)]
        for n in lengths:
            for i in range(len(words) - n + 1):
                keys[tuple(words[i : i + n])] = None
    return [key for key in keys if key in by_key]


def stands_in(label: str, text: str, language: str) -> bool:
    """Whether a label stands literally in a text, inflection and markup aside."""
    key = _known_key(label, language)
    length = len(key[0]) if language == "zh" else len(key)
    return bool(length) and key in _occurring(strip_markup(text), language, {key: label}, [length])


def _on_word_boundary(run: str, text: str) -> bool:
    # A Latin abbreviation inside a Chinese text ("DNA") must not match inside a longer Latin word.
    if HAN.search(run):
        return True
    return re.search(rf"(?<![a-z]){re.escape(run)}(?![a-z])", text) is not None
