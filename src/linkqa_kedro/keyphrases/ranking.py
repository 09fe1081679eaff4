"""Which phrases stand in a corpus, and in which order each seed is offered them."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence

from linkqa_kedro.keyphrases.phrases import Key, SeedPhrases

# As many points as an annotation by rule names: only a phrase among the first of two seeds links them.
CENTRAL_PHRASES = 4
# Below two a seed makes no edge, so it may take phrases that are barred elsewhere.
FEWEST_PHRASES = 2
# A hub this many times above the limit is still no candidate, even for a seed that has nothing else.
_HUB_RELIEF = 4.0


def rank_phrases(
    phrases: Sequence[SeedPhrases], n_known: Sequence[int], min_seeds: int, largest: float
) -> list[list[Key]]:
    """The phrases of each seed that may stand, best first.

    Args:
        phrases: What each seed holds.
        n_known: Labels already found in each seed, which count towards its fewest.
        min_seeds: Fewest seeds that must hold a phrase, and have it among their first.
        largest: Most seeds that may hold it; a seed with fewer than two phrases may take one held by more.

    Returns:
        One list a seed, in the order of `phrases`.
    """
    counts = Counter(key for seed in phrases for key in (*seed.relevance, *seed.spare))
    barred = {key for seed in phrases for key in seed.spare} - {key for seed in phrases for key in seed.relevance}
    scores = _linking_scores(counts, len(phrases), min_seeds, _HUB_RELIEF * largest)
    usual = {key: score for key, score in scores.items() if key not in barred and counts[key] <= largest}
    ranked = agree_on_first([_ranked(seed.relevance, usual) for seed in phrases], min_seeds)
    needy = [place for place, keys in enumerate(ranked) if n_known[place] + len(keys) < FEWEST_PHRASES]
    _give_second_chance(ranked, phrases, needy, scores, min_seeds)
    return ranked


def _linking_scores(counts: Counter[Key], n_seeds: int, min_seeds: int, largest: float) -> dict[Key, float]:
    """Corpus score of every phrase that may stand.

    Rarer and longer phrases tell more, but of its n seeds a phrase links each to only n - 1: those found in two score
    half.
    """
    kept = {key: n for key, n in counts.items() if min_seeds <= n <= largest}
    fragments = {
        part
        for key, n in kept.items()
        for part in _parts(key)
        if kept.get(part) == n  # each seed of the phrase holds its part, so equal counts mean the same seeds
    }
    return {
        key: math.log(1.0 + n_seeds / n) * (1.0 - 1.0 / n) * (1.0 + 0.4 * (len(key) - 1))
        for key, n in kept.items()
        if key not in fragments
    }


def _parts(key: Key) -> list[Key]:
    """Every shorter run of words inside a phrase."""
    return [key[i:j] for i in range(len(key)) for j in range(i + 1, len(key) + 1) if j - i < len(key)]


def _ranked(relevance: Mapping[Key, float], scores: Mapping[Key, float]) -> list[Key]:
    """Phrases by relevance times score; those inside another one of the seed come last."""
    keys = sorted((key for key in relevance if key in scores), key=lambda key: (-relevance[key] * scores[key], key))
    inside = {part for key in keys for part in _parts(key)}
    return [key for key in keys if key not in inside] + [key for key in keys if key in inside]


def agree_on_first(ranked: list[list[Key]], min_seeds: int) -> list[list[Key]]:
    """The same lists without the phrases that too few seeds have among their first.

    An annotation names a few points only: a phrase that one seed names and its other holders rank low links nothing.
    Each one dropped lets another rise, so the lists are gone through until nothing changes.
    """
    while True:
        central = Counter(key for keys in ranked for key in keys[:CENTRAL_PHRASES])
        lonely = {key for key, n in central.items() if n < min_seeds}
        if not lonely:
            return ranked
        ranked = [[key for key in keys if key not in lonely] for keys in ranked]


def _give_second_chance(
    ranked: list[list[Key]],
    phrases: Sequence[SeedPhrases],
    needy: Sequence[int],
    scores: Mapping[Key, float],
    min_seeds: int,
) -> None:
    """Fill the lists of needy seeds up to two, with what several seeds name then before all else."""
    offered = {place: {**phrases[place].spare, **phrases[place].relevance} for place in needy}
    named = Counter(key for keys in ranked for key in keys[:CENTRAL_PHRASES])
    named.update(key for own in offered.values() for key in own if key in scores)
    for place, own in offered.items():
        keys = [key for key in _ranked(own, scores) if key not in ranked[place]]
        keys.sort(key=lambda key: named[key] < min_seeds)
        ranked[place] = [*ranked[place], *keys][:FEWEST_PHRASES]
