"""Self-BLEU: how well each item is predicted by the others."""

import math
from collections import Counter
from collections.abc import Sequence

import numpy as np

_LONGEST = 4
# Floor of a count of no match (Chen, Cherry 2014, smoothing 1), or one missing order would make every score 0. Single
# tokens have no floor: an item that shares not even one with the others does score 0.
_NO_MATCH = 0.1

_Counts = Counter[tuple[str, ...]]


def self_bleu(items: Sequence[Sequence[str]], length: int, n_items: int, random_seed: int) -> float:
    """Mean BLEU-4 of each sampled item against the other sampled ones, 0 (nothing shared) to 1 (all alike).

    Zhu et al. 2018, "Texygen"; BLEU as in Papineni et al. 2002. BLEU favours long texts, so every item is cut to the
    same number of tokens and shorter ones are left out; the brevity penalty is then 1. More references also raise
    it: figures compare at equal `length` and `n_items` only.

    Args:
        items: Tokens of each item.
        length: Tokens that each item is cut to, at least 4.
        n_items: How many to sample; all where there are fewer.
        random_seed: Of the sample.

    Returns:
        NaN where fewer than two items are long enough.

    Raises:
        ValueError: If `length` is below 4.
    """
    if length < _LONGEST:
        message = f"Self-BLEU needs items of {_LONGEST} or more tokens, got length {length}."
        raise ValueError(message)
    long_enough = [item[:length] for item in items if len(item) >= length]
    if len(long_enough) < 2:
        return float("nan")
    chosen = np.random.default_rng(random_seed).permutation(len(long_enough))[:n_items]
    sample = [long_enough[place] for place in sorted(chosen.tolist())]
    scores = np.ones(len(sample))
    for n in range(1, _LONGEST + 1):
        scores *= np.power(_precisions(sample, n), 1 / _LONGEST)
    return float(scores.mean()) if len(sample) > 1 else float("nan")


def _precisions(sample: Sequence[Sequence[str]], n: int) -> list[float]:
    """Clipped n-gram precision of each item against all others."""
    floor = _NO_MATCH if n > 1 else 0.0
    counts = [Counter(tuple(item[start : start + n]) for start in range(len(item) - n + 1)) for item in sample]
    best, second = _two_highest(counts)
    precisions = []
    for own in counts:
        # The most that any *other* item holds: the second highest count, if the highest is this item's own.
        n_matched = sum(min(count, second[gram] if count == best[gram] else best[gram]) for gram, count in own.items())
        precisions.append((n_matched or floor) / math.fsum(own.values()))
    return precisions


def _two_highest(counts: Sequence[_Counts]) -> tuple[_Counts, _Counts]:
    """The highest and the second highest count of each n-gram over items; equal where two items share the highest."""
    best: _Counts = Counter()
    second: _Counts = Counter()
    for own in counts:
        for gram, count in own.items():
            if count > best[gram]:
                best[gram], second[gram] = count, best[gram]
            elif count > second[gram]:
                second[gram] = count
    return best, second
