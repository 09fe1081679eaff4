"""Labelled seeds that are copies of one another, so that none lends its labels to another."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from linkqa_kedro.text_hygiene.tokens import HashArray, shingles, tokens

COPY_JACCARD = 0.6
"""Jaccard similarity of 3-token shingles from which two seeds count as copies: lower than where rows of the dataset
are dropped, since a pair that is kept apart for nothing costs a neighbour, and one that is missed leaks a label."""

_SHINGLE_TOKENS = 3
_FEWEST_QUESTION_TOKENS = 8  # shorter questions are stems that many items share: "Which is true?"
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_BLOCK_ROWS = 512

IndexArray = npt.NDArray[np.int64]


def copy_groups(rows: Sequence[Mapping[str, Any]]) -> list[list[int]]:
    """Places of the rows, those of one group connected by copies; most groups are one seed.

    Two seeds are copies where questions with options, or questions of eight tokens or more alone, have a Jaccard
    similarity of at least COPY_JACCARD. Numbers are taken for equal and options put in order: an item with other
    numbers has the labels of the first, and so has one with shuffled options. Every pair is compared exactly.

    Args:
        rows: Rows of `seeds`.

    Returns:
        Groups in the order of their first rows, places within a group ascending.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    if not rows:
        return []
    questions = [_without_numbers(row["question"]) for row in rows]
    whole = [
        "\n".join([question, *sorted(_without_numbers(option["text"]) for option in row["options"])])
        for question, row in zip(questions, rows, strict=True)
    ]
    alone = [question if len(tokens(question)) >= _FEWEST_QUESTION_TOKENS else "" for question in questions]
    pairs = np.concatenate([_similar_pairs(texts) for texts in (whole, alone)], axis=1)
    links = coo_array((np.ones(pairs.shape[1], dtype=np.int8), (pairs[0], pairs[1])), shape=(len(rows), len(rows)))
    _, group_of = connected_components(links, directed=False)
    groups: dict[int, list[int]] = {}
    for place, group in enumerate(group_of.tolist()):
        groups.setdefault(group, []).append(place)
    return list(groups.values())


def _without_numbers(text: str) -> str:
    return _NUMBER.sub("0", text)


def _similar_pairs(texts: Sequence[str]) -> IndexArray:
    """Pairs of places whose texts are alike, shape (2, n_pairs); a text without tokens is like none."""
    from scipy.sparse import csr_array

    held: list[HashArray] = [shingles(text, _SHINGLE_TOKENS) for text in texts]
    sizes = np.array([one.size for one in held])
    known, columns = np.unique(np.concatenate(held), return_inverse=True)
    starts = np.concatenate([[0], np.cumsum(sizes)])
    matrix = csr_array((np.ones(columns.size, dtype=np.int32), columns, starts), shape=(len(texts), known.size))
    others = matrix.T.tocsr()
    found = [np.empty((2, 0), dtype=np.int64)]
    for start in range(0, len(texts), _BLOCK_ROWS):
        shared = (matrix[start : start + _BLOCK_ROWS] @ others).tocoo()
        left, right = shared.coords[0].astype(np.int64) + start, shared.coords[1].astype(np.int64)
        similarity = shared.data / (sizes[left] + sizes[right] - shared.data)
        wanted = (similarity >= COPY_JACCARD) & (left < right)
        found.append(np.stack([left[wanted], right[wanted]]))
    return np.concatenate(found, axis=1)
