"""What is said of answers beside labels: knowledge points, discipline, difficulty."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from linkqa_kedro.annotation_quality.name_matching import n_exact, n_lenient
from linkqa_kedro.figures.rank_correlation import rank_correlation
from linkqa_kedro.records import DIFFICULTY_LEVELS

Names = Sequence[str]


@dataclass(frozen=True)
class NameFigures:
    """Found names beside labels, under one rule for when two names match. All in [0, 1].

    Attributes:
        precision: Matched pairs per found name, over all seeds (micro).
        recall: Matched pairs per label, over all seeds.
        f1: Harmonic mean of the two.
        seed_precision: Mean of the seeds' own precisions (macro).
        seed_recall: Mean of the seeds' own recalls.
        seed_f1: Mean of the seeds' own F1, 0 where nothing matches.
        matched_seeds_fraction: Share of seeds with one match or more.
    """

    precision: float
    recall: float
    f1: float
    seed_precision: float
    seed_recall: float
    seed_f1: float
    matched_seeds_fraction: float


@dataclass(frozen=True)
class PointFigures:
    """Knowledge points under both rules.

    Attributes:
        exact: Canonical names must be equal.
        lenient: See `name_matching.alike`.
        names_per_seed: Mean number of found names.
    """

    exact: NameFigures
    lenient: NameFigures
    names_per_seed: float


@dataclass(frozen=True)
class DisciplineFigures:
    """Found disciplines beside labels.

    Attributes:
        accuracy: Share of seeds with the right one.
        macro_f1: Mean F1 of the disciplines that labels name, each counting alike.
        confusion: Seeds by label and by what was found.
    """

    accuracy: float
    macro_f1: float
    confusion: dict[str, dict[str, int]]


@dataclass(frozen=True)
class DifficultyFigures:
    """Found levels beside labels.

    Attributes:
        exact_accuracy: Share of seeds with the right level.
        within_one_fraction: Share of seeds at most one level off.
        mean_absolute_error: In levels, 0 to 4.
        rank_correlation: Spearman's; None where labels or answers are all alike.
        confusion: Seeds by label (row, from level 1) and by what was found (column), 5 × 5.
    """

    exact_accuracy: float
    within_one_fraction: float
    mean_absolute_error: float
    rank_correlation: float | None
    confusion: list[list[int]]


def point_figures(labels: Sequence[Names], found: Sequence[Names]) -> PointFigures:
    """Figures of knowledge points.

    Args:
        labels: Canonical names that people gave, one or more a seed, each once.
        found: Canonical names that were found, of the same seeds.
    """
    return PointFigures(
        exact=_name_figures(labels, found, n_exact),
        lenient=_name_figures(labels, found, n_lenient),
        names_per_seed=sum(map(len, found)) / len(found),
    )


def _name_figures(labels: Sequence[Names], found: Sequence[Names], count: Callable[[Names, Names], int]) -> NameFigures:
    matched = np.array([count(of_person, of_teacher) for of_person, of_teacher in zip(labels, found, strict=True)])
    n_found, n_labels = np.array([len(names) for names in found]), np.array([len(names) for names in labels])
    return NameFigures(
        precision=float(matched.sum() / max(n_found.sum(), 1)),
        recall=float(matched.sum() / max(n_labels.sum(), 1)),
        f1=float(2 * matched.sum() / max((n_found + n_labels).sum(), 1)),
        seed_precision=float(np.mean(matched / np.maximum(n_found, 1))),
        seed_recall=float(np.mean(matched / np.maximum(n_labels, 1))),
        seed_f1=float(np.mean(2 * matched / np.maximum(n_found + n_labels, 1))),
        matched_seeds_fraction=float(np.mean(matched > 0)),
    )


def discipline_figures(labels: Sequence[str], found: Sequence[str]) -> DisciplineFigures:
    """Figures of disciplines; both lists are of the same seeds, one or more."""
    from sklearn.metrics import f1_score  # a second to import

    pairs = Counter(zip(labels, found, strict=True))
    named = sorted(set(labels))
    confusion: dict[str, dict[str, int]] = {label: {} for label in named}
    for (label, answer), n_seeds in sorted(pairs.items()):
        confusion[label][answer] = n_seeds
    return DisciplineFigures(
        accuracy=sum(n for (label, answer), n in pairs.items() if label == answer) / len(labels),
        macro_f1=float(f1_score(labels, found, labels=named, average="macro", zero_division=0)),
        confusion=confusion,
    )


def difficulty_figures(labels: Sequence[int], found: Sequence[int]) -> DifficultyFigures:
    """Figures of levels from 1 to 5; both lists are of the same seeds, one or more."""
    confusion = np.zeros((len(DIFFICULTY_LEVELS), len(DIFFICULTY_LEVELS)), dtype=np.int64)
    first = DIFFICULTY_LEVELS[0]
    np.add.at(confusion, (np.asarray(labels) - first, np.asarray(found) - first), 1)
    off = np.abs(np.asarray(labels) - np.asarray(found))
    correlation = rank_correlation(found, labels)
    return DifficultyFigures(
        exact_accuracy=float(np.mean(off == 0)),
        within_one_fraction=float(np.mean(off <= 1)),
        mean_absolute_error=float(np.mean(off)),
        rank_correlation=None if np.isnan(correlation) else correlation,
        confusion=confusion.tolist(),
    )
