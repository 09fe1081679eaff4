"""The trivial teacher: for every seed the labels that are most frequent among those shown. A teacher must beat it."""

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from typing import TypeVar

from linkqa_kedro.annotation_quality.hiding import Row

H = TypeVar("H", bound=Hashable)


class TrivialTeacher:
    """Knows the most frequent labels of each language, and reads no question.

    It names as many knowledge points as a seed has on average, rounded half up; one discipline; one level. A language
    without a label of some kind borrows that of all languages. Ties go to the smaller name or level.

    Args:
        visible: Rows of `seeds` that show their labels, names canonical.
    """

    def __init__(self, visible: Sequence[Row]) -> None:
        self._anywhere = _most_frequent(visible)
        self._of_language = {
            language: _most_frequent([row for row in visible if row["language"] == language])
            for language in sorted({row["language"] for row in visible})
        }

    def labels(self, language: str) -> Row:
        """Knowledge points, discipline and difficulty; empty or None where nothing shows any."""
        own = self._of_language.get(language, {})
        return {kind: own.get(kind) or label for kind, label in self._anywhere.items()}


def _most_frequent(rows: Sequence[Row]) -> Row:
    names = [row["knowledge_points"] for row in rows if row["knowledge_points"]]
    n_names = int(sum(map(len, names)) / len(names) + 0.5) if names else 0
    return {
        "knowledge_points": _top((name for of_seed in names for name in of_seed), n_names),
        "discipline": next(iter(_top((row["discipline"] for row in rows if row["discipline"] is not None), 1)), None),
        "difficulty": next(iter(_top((row["difficulty"] for row in rows if row["difficulty"] is not None), 1)), None),
    }


def _top(labels: Iterable[H], n: int) -> list[H]:
    counts = Counter(labels)
    return sorted(counts, key=lambda label: (-counts[label], label))[:n]
