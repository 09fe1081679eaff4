"""Near-duplicate rows, found by MinHash and proved by exact Jaccard similarity.

MinHash (Broder 1997) with banding (Leskovec, Rajaraman, Ullman, "Mining of Massive Datasets", chapter 3) only
proposes pairs; each is then checked on the full shingle sets, so that no row is dropped on an estimate.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from rensa import RMinHash

from linkqa_kedro.progress import track
from linkqa_kedro.text_hygiene.tokens import HashArray, fold_text, numbers, shingles, text_hash

RowArray = npt.NDArray[np.int64]

# Share of the pairs at the threshold that banding must propose. Each proposal is verified, so it may be generous.
_BAND_RECALL = 0.995

# A hyphen is a minus unless it joins two words, as in "co-operate".
_OPERATOR = re.compile(r"[+×÷=<>≤≥≠±√*/^%]|(?<![^\W\d_]{2})-|-(?![^\W\d_]{2})")
_NEGATION = re.compile(
    r"\b(?:not|no|never|none|neither|nor|without|except|least|most|true|false|correct|incorrect|wrong|"
    r"increases?|decreases?)\b|n't\b|[不没非无未除最]|正确|错误|增|减"
)


@dataclass(frozen=True)
class RowSignatures:
    """What grouping needs to know of each row; computed row by row, so tables may be signed shard by shard.

    Attributes:
        minhash: MinHash of the row's shingles, unsigned 32-bit, shape (n_rows, n_permutations).
        text_keys: Hash of the normalised text, shape (n_rows,): equal for exact duplicates.
        mark_keys: Hash of what must agree in duplicates (see `marks`), shape (n_rows,).
    """

    minhash: npt.NDArray[np.uint32]
    text_keys: HashArray
    mark_keys: HashArray


def near_duplicate_groups(
    texts: Sequence[str], threshold: float, shingle: int, n_permutations: int, seed: int
) -> RowArray:
    """The first kept row that each row repeats, shape (n_rows,); a row that is kept has its own number.

    Args:
        texts: One text per row. Of two duplicates the earlier row is kept.
        threshold: Least Jaccard similarity of near-duplicates, above 0, at most 1.
        shingle: Tokens per shingle, at least 1.
        n_permutations: Length of the MinHash signature.
        seed: Of the permutations.

    Raises:
        ValueError: If a parameter is out of its range.
    """
    return group_rows(texts, signatures(texts, shingle, n_permutations, seed), threshold, shingle)


def signatures(texts: Sequence[str], shingle: int, n_permutations: int, seed: int) -> RowSignatures:
    """The signatures of some rows; each depends on its own text and the parameters alone.

    Raises:
        ValueError: If `shingle` or `n_permutations` is below 1.
    """
    if shingle < 1 or n_permutations < 1:
        message = f"shingle and n_permutations must be 1 or more, got {shingle} and {n_permutations}."
        raise ValueError(message)
    hashes = [shingles(text, shingle) for text in texts]
    return RowSignatures(
        minhash=_minhash(hashes, n_permutations, seed),
        text_keys=_hash_array([fold_text(text) for text in texts]),
        mark_keys=_hash_array(["\0".join(marks(text)) for text in texts]),
    )


def marks(text: str) -> list[str]:
    """What makes two otherwise like items different questions: numbers, operators, negations, in order.

    "Which is true?" and "Which is not true?" share almost every shingle, and so do 3 + 4 and 3 - 4.
    """
    folded = fold_text(text)
    return [*numbers(text), *_OPERATOR.findall(folded), *_NEGATION.findall(folded)]


def group_rows(texts: Sequence[str], signed: RowSignatures, threshold: float, shingle: int) -> RowArray:
    """The first kept row that each row repeats, shape (n_rows,); see `near_duplicate_groups`.

    A row is measured against kept rows only, never against one that was itself dropped, so every dropped row is
    similar to the row that stands for it.

    Raises:
        ValueError: If the threshold is not in (0, 1], or texts and signatures differ in number.
    """
    if not 0 < threshold <= 1:
        message = f"threshold must be above 0 and at most 1, got {threshold}."
        raise ValueError(message)
    if len(texts) != len(signed.text_keys):
        message = f"{len(texts)} texts came with the signatures of {len(signed.text_keys)} rows."
        raise ValueError(message)
    keeper = _KeptRows(texts, signed, threshold, shingle)
    return np.array([keeper.place(row) for row in track(range(len(texts)), "near duplicates", "rows")], dtype=np.int64)


class _KeptRows:
    """The rows kept so far, findable by exact text and by band."""

    def __init__(self, texts: Sequence[str], signed: RowSignatures, threshold: float, shingle: int) -> None:
        self._texts = texts
        self._threshold = threshold
        self._shingle = shingle
        self._text_keys = signed.text_keys.tolist()
        self._band_keys = _band_keys(signed, threshold)
        self._shingles: dict[int, HashArray] = {}
        self._by_text: dict[int, int] = {}
        self._by_band: dict[tuple[int, int], list[int]] = {}

    def place(self, row: int) -> int:
        """The kept row that this row repeats, or the row itself, which is then kept."""
        exact = self._by_text.get(self._text_keys[row])
        if exact is not None:
            return exact
        bands = [(band, key) for band, key in enumerate(self._band_keys[row].tolist())]
        own = shingles(self._texts[row], self._shingle)
        # Without a token there is nothing to compare: such rows repeat each other only by exact text.
        if own.size:
            candidates = {other for band in bands for other in self._by_band.get(band, ())}
            for other in sorted(candidates):
                if jaccard(own, self._shingles[other]) >= self._threshold:
                    return other
            for band in bands:
                self._by_band.setdefault(band, []).append(row)
        self._shingles[row] = own
        self._by_text[self._text_keys[row]] = row
        return row


def jaccard(left: HashArray, right: HashArray) -> float:
    """Shared over all elements of two sets given as ascending distinct arrays, 0 to 1; 0 where both are empty."""
    n_shared = np.intersect1d(left, right, assume_unique=True).size
    n_all = left.size + right.size - n_shared
    return n_shared / n_all if n_all else 0.0


def rows_per_band(n_permutations: int, threshold: float) -> int:
    """The longest band that still proposes 99.5 % of the pairs at the threshold.

    Of pairs with similarity s, 1 - (1 - s^r)^(n/r) meet in at least one of the n/r bands of r rows.
    """
    for rows in range(n_permutations, 1, -1):
        n_bands = n_permutations // rows
        if 1 - (1 - threshold**rows) ** n_bands >= _BAND_RECALL:
            return rows
    return 1


def _band_keys(signed: RowSignatures, threshold: float) -> HashArray:
    """One key per row and band. The marks are part of it: templates that differ in numbers never even meet."""
    rows = rows_per_band(signed.minhash.shape[1], threshold)
    n_bands = signed.minhash.shape[1] // rows
    bands = signed.minhash[:, : n_bands * rows].astype(np.uint64).reshape(-1, n_bands, rows)
    keys = np.repeat(signed.mark_keys[:, None], n_bands, axis=1)
    for position in range(rows):
        keys = (keys ^ bands[:, :, position]) * np.uint64(0x9E3779B97F4A7C15)
        keys ^= keys >> np.uint64(29)
    return keys


def _minhash(hashes: Sequence[HashArray], n_permutations: int, seed: int) -> npt.NDArray[np.uint32]:
    if not hashes:
        return np.empty((0, n_permutations), dtype=np.uint32)
    offsets = np.concatenate([[0], np.cumsum([row.size for row in hashes])]).astype(np.uint64)
    # RMinHash of whole rows: unbiased, and its error is below the binomial one. The Rho sketch of the same package is
    # three times faster and finds 0.5 % of the pairs at similarity 0.8 in rows of 200 shingles.
    matrix = RMinHash.digest_matrix_from_flat_token_hashes(np.concatenate(hashes), offsets, n_permutations, seed)
    return np.array(matrix.to_rows(), dtype=np.uint32)


def _hash_array(texts: Sequence[str]) -> HashArray:
    return np.fromiter((text_hash(text) for text in texts), dtype=np.uint64, count=len(texts))
