"""The labelled seeds nearest to each seed: what extraction shows every teacher beside the candidates."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from linkqa_kedro.progress import track

_BLOCK_ROWS = 256


def nearest_labelled(
    texts: Sequence[str], languages: Sequence[str], labelled: Sequence[bool], n: int
) -> list[list[tuple[int, float]]]:
    """The labelled seeds nearest to each seed, as (index, cosine), nearest first, never the seed itself.

    Cosine over character n-grams weighted by TF-IDF (within words, 3 and 4 characters; 1 and 2 for Chinese).
    Seeds of the same language come first; others fill the list up only where these are too few. Rows are compared
    in blocks, so memory grows with the number of labelled seeds, not with its square. Ties go to the lower index.

    Args:
        texts: One text a seed.
        languages: Language code of each seed.
        labelled: Whether a seed may be named as a neighbour.
        n: Length of each list, at most; shorter where fewer labelled seeds exist.

    Returns:
        One list per text; cosines in [0, 1], zero ones left out.
    """
    nearest: list[list[tuple[int, float]]] = [[] for _ in texts]
    if n < 1 or not any(labelled):
        return nearest
    for language in sorted(set(languages)):
        rows = [row for row, code in enumerate(languages) if code == language]
        same = [row for row in rows if labelled[row]]
        others = [row for row, code in enumerate(languages) if code != language and labelled[row]]
        space = _TextSpace(texts, rows, language)
        for row, close in space.nearest(rows, same, n):
            nearest[row] = close
        short = [row for row in rows if len(nearest[row]) < n]
        if others and len(same) <= n:
            for row, close in space.nearest(short, others, n):
                nearest[row] = [*nearest[row], *close][:n]
    return nearest


class _TextSpace:
    """TF-IDF space of one language's seeds."""

    def __init__(self, texts: Sequence[str], rows: Sequence[int], language: str) -> None:
        from sklearn.feature_extraction.text import TfidfVectorizer  # a second to import

        self._texts = texts
        # N-grams that nearly every seed holds cost most of the time and tell nothing.
        common = 0.5 if len(rows) > 50 else 1.0
        self._vectorizer = TfidfVectorizer(
            analyzer="char" if language == "zh" else "char_wb",
            ngram_range=(1, 2) if language == "zh" else (3, 4),
            sublinear_tf=True,
            max_df=common,
            dtype=np.float32,
        )
        self._vectorizer.fit([self._text(row) for row in rows] or [""])

    def _text(self, row: int) -> str:
        # A lone letter keeps the vocabulary from being empty.
        return self._texts[row].lower() + " aaa"

    def nearest(self, rows: Sequence[int], among: Sequence[int], n: int) -> list[tuple[int, list[tuple[int, float]]]]:
        """(row, its nearest of `among`) for every row."""
        if not rows or not among:
            return []
        library = self._vectorizer.transform([self._text(row) for row in among]).T.tocsr()
        where = np.asarray(among)
        found = []
        for start in track(range(0, len(rows), _BLOCK_ROWS), "nearest labelled seeds", "blocks"):
            block = rows[start : start + _BLOCK_ROWS]
            cosines = (self._vectorizer.transform([self._text(row) for row in block]) @ library).toarray()
            for row, line in zip(block, cosines, strict=True):
                line[where == row] = -1.0
                found.append((row, _largest(line, where, n)))
        return found


def _largest(cosines: Any, where: Any, n: int) -> list[tuple[int, float]]:
    positive = np.flatnonzero(cosines > 0)
    if len(positive) > n:
        # Everything as large as the n-th stays in, so that ties are settled by index and not by the partition.
        limit = np.partition(cosines[positive], len(positive) - n)[len(positive) - n]
        positive = positive[cosines[positive] >= limit]
    order = positive[np.lexsort((where[positive], -cosines[positive]))][:n]
    return [(int(where[i]), min(1.0, round(float(cosines[i]), 6))) for i in order]
