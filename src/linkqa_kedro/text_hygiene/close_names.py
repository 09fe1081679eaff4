"""Pairs of names that are spelled much alike, though no rule says that they are one concept.

Likeness is the cosine of TF-IDF weights over character n-grams, so that a word which many names hold ("theorem") makes
nobody alike, and the order of words matters little. It only says whom to ask about, never what to merge.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from linkqa_kedro.progress import track
from linkqa_kedro.text_hygiene.canonical_names import name_key
from linkqa_kedro.text_hygiene.telling_apart import told_apart

_BLOCK_ROWS = 512
# N-grams of more names than this propose no pair of their own: they cost the square of their names and tell little.
_MOST_NAMES_OF_NGRAM = 1000
# Families of numbered names ("exercise 1", "exercise 2", …) would else fill the memory with pairs.
_MOST_PARTNERS = 20


@dataclass(frozen=True)
class ClosePair:
    """Two names that may be one concept.

    Attributes:
        name: The name that stands first in the list that was searched.
        other: The other one.
        likeness: Cosine of their n-gram weights, 0 to 1.
    """

    name: str
    other: str
    likeness: float


@dataclass(frozen=True)
class ClosePairs:
    """The closest pairs, the closest first.

    Attributes:
        pairs: At most as many as were asked for.
        is_cut: Whether there are more.
    """

    pairs: tuple[ClosePair, ...]
    is_cut: bool


def close_pairs(names: Sequence[str], least_likeness: float, most_pairs: int) -> ClosePairs:
    """The closest pairs of names that no number, sign, symbol or opposite tells apart.

    N-grams are of 2 to 4 characters within words, in Chinese of 1 and 2 characters; names of the two kinds are not
    compared with one another. Each name is compared with every name that shares an n-gram of at most 1,000 names, and
    proposes its 20 closest.

    Args:
        names: Distinct names; ties between pairs go to those that stand earlier.
        least_likeness: Cosine that a pair must reach, above 0, at most 1.
        most_pairs: Pairs returned, at most; 0 searches for none.
    """
    if most_pairs == 0:
        return ClosePairs((), is_cut=False)
    keys = [name_key(name) for name in names]
    found: dict[tuple[int, int], float] = {}
    for is_chinese in (False, True):
        rows = [row for row, key in enumerate(keys) if _is_chinese(key) == is_chinese and key.strip()]
        if len(rows) > 1:
            found.update(_alike([keys[row] for row in rows], rows, is_chinese, least_likeness))
    kept: list[ClosePair] = []
    for (one, other), likeness in sorted(found.items(), key=lambda entry: (-entry[1], entry[0])):
        if told_apart(names[one], names[other]):
            continue
        if len(kept) == most_pairs:
            return ClosePairs(tuple(kept), is_cut=True)
        kept.append(ClosePair(names[one], names[other], likeness))
    return ClosePairs(tuple(kept), is_cut=False)


def _is_chinese(key: str) -> bool:
    return any("\u3400" <= character <= "\u9fff" for character in key)


def _alike(
    keys: Sequence[str], rows: Sequence[int], is_chinese: bool, least: float
) -> Iterator[tuple[tuple[int, int], float]]:
    """((row, later row), cosine) of the pairs that are alike enough."""
    from sklearn.feature_extraction.text import TfidfVectorizer  # a second to import

    vectorizer = TfidfVectorizer(
        analyzer="char" if is_chinese else "char_wb",
        ngram_range=(1, 2) if is_chinese else (2, 4),
        sublinear_tf=True,
        dtype=np.float64,
    )
    vectors = vectorizer.fit_transform(keys).tocsr()
    n_names = np.bincount(vectors.indices, minlength=vectors.shape[1])
    rare = vectors[:, n_names <= _MOST_NAMES_OF_NGRAM].tocsr()
    # What the left-out n-grams can add to the cosine of two names, at most, is the product of these.
    rest = np.sqrt(np.maximum(0.0, 1.0 - np.asarray(rare.multiply(rare).sum(axis=1)).ravel()))
    library = rare.T.tocsr()
    for start in track(range(0, len(keys), _BLOCK_ROWS), "close names", "blocks"):
        product = (rare[start : start + _BLOCK_ROWS] @ library).tocoo()
        left, right = product.row + start, product.col
        candidate = (right > left) & (product.data + rest[left] * rest[right] >= least)
        left, right = left[candidate], right[candidate]
        cosines = np.asarray(vectors[left].multiply(vectors[right]).sum(axis=1)).ravel()
        close = cosines >= least
        yield from _closest(left[close], right[close], cosines[close], rows)


def _closest(left: Any, right: Any, cosines: Any, rows: Sequence[int]) -> Iterator[tuple[tuple[int, int], float]]:
    """The closest partners of each row on the left."""
    rounded = np.minimum(1.0, np.round(cosines, 4))
    order = np.lexsort((right, -rounded, left))
    left, right, rounded = left[order], right[order], rounded[order]
    _, firsts = np.unique(left, return_index=True)
    starts = np.repeat(firsts, np.diff(np.append(firsts, len(left))))
    kept = np.arange(len(left)) - starts < _MOST_PARTNERS
    for one, other, cosine in zip(left[kept], right[kept], rounded[kept], strict=True):
        yield (rows[one], rows[other]), float(cosine)
