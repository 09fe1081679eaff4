"""How much of an item is taken from its seeds: as a copy of one, and as a share of its own words."""

from collections.abc import Sequence

import numpy as np
from rapidfuzz import fuzz

from linkqa_kedro.text_hygiene.near_duplicates import jaccard
from linkqa_kedro.text_hygiene.tokens import HashArray, shingles, tokens


def largest_seed_overlap(item_shingles: HashArray, seed_shingles: Sequence[HashArray]) -> float:
    """The highest Jaccard similarity of an item to any one of its seeds, 0 to 1; 0 without seeds.

    The measure is symmetric and against single seeds: an item that joins several seeds quotes each only in part,
    and is no copy, though every word of it may stem from them.

    Args:
        item_shingles: From `shingles`, ascending and distinct.
        seed_shingles: The same of each seed of the item's path, of the same n.
    """
    return max((jaccard(item_shingles, seed) for seed in seed_shingles), default=0.0)


def largest_rewording(item: str, seeds: Sequence[str]) -> float:
    """The highest likeness of an item's words to those of any one seed, whatever their order, 0 to 1; 0 without seeds.

    Both lists of tokens are sorted; twice their longest common subsequence over the tokens of both is the likeness
    (rapidfuzz's Indel ratio). So turned sentences and shuffled options change nothing, and each replaced word takes its
    own share. Like the overlap it is symmetric and against single seeds.
    """
    own = sorted(tokens(item))
    return max((fuzz.ratio(own, sorted(tokens(seed))) / 100 for seed in seeds), default=0.0) if own else 0.0


def novelty(item: str, seeds: Sequence[str], n: int) -> float:
    """1 - the largest share of the item's distinct n-grams found in any single seed, 0 (quoted) to 1 (new).

    An item shorter than n tokens is compared as a whole. NaN for an item without tokens; 1 without seeds.
    """
    size = min(n, len(tokens(item)))
    if not size:
        return float("nan")
    own = shingles(item, size)
    shared = (np.intersect1d(own, shingles(seed, size), assume_unique=True).size for seed in seeds)
    return 1.0 - max(shared, default=0) / own.size
