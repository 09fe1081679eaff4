"""Self-repetition: long runs of words that come back in other items."""

import math
from collections import Counter
from collections.abc import Sequence


def self_repetition_score(items: Sequence[Sequence[str]], n: int) -> float:
    """Mean over items of ln(1 + occurrences of their n-grams in other items), 0 (none comes back) and up.

    Salkar et al. 2022, "Self-Repetition in Abstractive Neural Summarizers", as scored by Shaib et al. 2024 (arXiv
    2403.00553), who use n = 4. Here an occurrence is one n-gram of the item met in one other item: each n-gram counts
    once per item. The score grows with the number and length of items. NaN for no items.

    Args:
        items: Tokens of each item.
        n: Tokens per n-gram, at least 1.
    """
    if not items:
        return float("nan")
    grams, n_holders = _holders(items, n)
    return sum(math.log1p(sum(n_holders[gram] - 1 for gram in own)) for own in grams) / len(items)


def self_repetition_fraction(items: Sequence[Sequence[str]], n: int) -> float:
    """Share of the items of which at least one n-gram occurs in another item, 0 to 1; NaN for no items.

    The same repetition as in `self_repetition_score`, counted once per item, so that it reads as a share of rows.

    Args:
        items: Tokens of each item.
        n: Tokens per n-gram, at least 1.
    """
    if not items:
        return float("nan")
    grams, n_holders = _holders(items, n)
    return sum(any(n_holders[gram] > 1 for gram in own) for own in grams) / len(items)


_Gram = tuple[str, ...]


def _holders(items: Sequence[Sequence[str]], n: int) -> tuple[list[set[_Gram]], Counter[_Gram]]:
    """The distinct n-grams of each item, and in how many items each occurs."""
    grams = [{tuple(item[start : start + n]) for start in range(len(item) - n + 1)} for item in items]
    return grams, Counter(gram for own in grams for gram in own)
