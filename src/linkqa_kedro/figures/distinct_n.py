"""Distinct-n: the share of n-grams that are no repetition."""

from collections.abc import Sequence


def distinct_n(items: Sequence[Sequence[str]], n: int) -> float:
    """Distinct n-grams over all n-grams of the items together, above 0 (one repeated) to 1 (none repeated).

    Li et al. 2016, "A Diversity-Promoting Objective Function for Neural Conversation Models". It falls as the text
    grows, so figures compare only between bodies of like size. NaN where no item has n tokens.

    Args:
        items: Tokens of each item.
        n: Tokens per n-gram, at least 1.
    """
    grams = [tuple(item[start : start + n]) for item in items for start in range(len(item) - n + 1)]
    return len(set(grams)) / len(grams) if grams else float("nan")
