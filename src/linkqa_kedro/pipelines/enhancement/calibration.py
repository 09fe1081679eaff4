"""The rater beside the labels that seeds brought: how far apart they are, and a correction kept only if it helps.

The seeds are rated blind, as QA are: same prompt, same repeats, same median.
"""

import hashlib
import logging
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from linkqa_kedro.datasets.prompt_template import PromptTemplate
from linkqa_kedro.figures.rank_correlation import rank_correlation
from linkqa_kedro.pipelines.enhancement.parameters import EnhancementParameters
from linkqa_kedro.pipelines.enhancement.rating import rate_blind
from linkqa_kedro.pipelines.statistics import json_ready
from linkqa_kedro.records import DIFFICULTY_LEVELS, RATER_CALIBRATION, REJECTED_CALIBRATION, rows_of
from linkqa_kedro.teacher.teacher import Teacher
from linkqa_kedro.teacher.usage import usage_metrics

N_FOLDS = 5
FEWEST_SEEDS = 4 * N_FOLDS
"""Rated seeds from which a correction is tried; fewer make folds that say nothing."""

Row = dict[str, Any]
Levels = npt.NDArray[np.int64]
"""Levels 1 to 5, shape (n_seeds,)."""
logger = logging.getLogger(__name__)


def calibrate_rater(
    seeds: pd.DataFrame,
    annotations: pd.DataFrame,
    teacher: Teacher,
    prompt: PromptTemplate,
    parameters: EnhancementParameters,
) -> tuple[pd.DataFrame, pd.DataFrame, dict[str, Any]]:
    """Labelled seeds with their blind rating, those that got none, and how far rating and label are apart.

    Only levels that the seeds themselves carry count as labels; a level that the teacher found does not. Without such
    seeds, or with `calibration_seeds` at 0, nothing is asked and the figures are None.
    """
    settings = parameters.rating
    labelled = _labelled(seeds, annotations)
    chosen = stratified_sample(labelled, settings.calibration_seeds, settings.random_seed)
    if settings.calibration_seeds and not labelled:
        logger.info("No seed carries a difficulty label of its own: how far the rater can be trusted is not measured.")
    ratings = rate_blind({row["seed_id"]: row for row in chosen}, teacher, prompt, parameters)
    kept = ("seed_id", "labelled_difficulty", "discipline", "language")
    rows = [
        {**{name: row[name] for name in kept}, **ratings.of_item[row["seed_id"]]}
        for row in chosen
        if row["seed_id"] in ratings.of_item
    ]
    correction = find_correction(*_levels(rows), is_wanted=settings.calibrate)
    _say_what_cannot_be_measured(correction)
    rejected = [
        {"seed_id": lost.request.record_id, "request_key": lost.key, "reason": lost.reason, "detail": lost.detail}
        for lost in ratings.unrated
    ]
    figures = {
        "labelled_seeds": len(labelled),
        "asked_seeds": len(chosen),
        **_figures(rows),
        "by_language": {
            language: _figures([row for row in rows if row["language"] == language])
            for language in sorted({row["language"] for row in rows})
        },
        "correction": correction,
        "teacher": {**usage_metrics(ratings.usage), "repaired_replies": ratings.n_repaired},
    }
    return RATER_CALIBRATION.frame(rows), REJECTED_CALIBRATION.frame(rejected), json_ready(figures)


def stratified_sample(labelled: Sequence[Row], n_seeds: int, random_seed: int) -> list[Row]:
    """Seeds of every language and level in equal numbers, as far as there are so many.

    The order within a stratum is that of a digest of random seed and identifier: a larger sample holds the smaller one,
    and further seeds push out few of those that were rated before.

    Args:
        labelled: Seeds with seed_id, language and labelled_difficulty.
        n_seeds: Seeds at most.
        random_seed: Decides which.
    """
    strata: defaultdict[tuple[str, int], list[tuple[str, Row]]] = defaultdict(list)
    for row in labelled:
        digest = hashlib.sha256(f"{random_seed}:{row['seed_id']}".encode()).hexdigest()
        strata[(row["language"], row["labelled_difficulty"])].append((digest, row))
    ranked = [
        (place, stratum, row)
        for stratum, rows in strata.items()
        for place, (_, row) in enumerate(sorted(rows, key=lambda entry: entry[0]))
    ]
    return [row for _, _, row in sorted(ranked, key=lambda entry: entry[:2])[:n_seeds]]


def find_correction(labelled: Levels, rated: Levels, is_wanted: bool) -> dict[str, Any]:
    """A map from rated to labelled level that never falls, and whether it lowers the error on seeds it has not seen.

    The map is an isotonic regression (Barlow, Brunk 1972), rounded to whole levels, of two equally near ones the lower.
    It is tried in five folds, each corrected by the map of the other four. A map that gives every seed the commonest
    level often has the smallest error and says nothing: so agreement beyond chance must not fall either.

    Returns:
        `levels`, the measured level of each rated level 1 to 5; of held-out seeds, `error_before` and `error_after`,
        mean distance to the label in levels, `kappa_before` and `kappa_after`, quadratic weighted kappa; `is_applied`.
        All None but the last where too few seeds were rated.
    """
    if rated.size < FEWEST_SEEDS:
        figures = dict.fromkeys(("levels", "error_before", "error_after", "kappa_before", "kappa_after"))
        return {**figures, "is_applied": False}
    # Dealt out by label, so that every fold has seeds of every level.
    fold = np.empty(rated.size, np.int64)
    fold[np.lexsort((np.arange(rated.size), labelled))] = np.arange(rated.size) % N_FOLDS
    corrected = rated.copy()
    for number in range(N_FOLDS):
        held_out = fold == number
        levels = _isotonic_levels(labelled[~held_out], rated[~held_out])
        corrected[held_out] = levels[rated[held_out] - 1]
    errors = [float(np.abs(found - labelled).mean()) for found in (rated, corrected)]
    kappas = [_weighted_kappa(labelled, found) for found in (rated, corrected)]
    return {
        "levels": _isotonic_levels(labelled, rated).tolist(),
        "error_before": errors[0],
        "error_after": errors[1],
        "kappa_before": kappas[0],
        "kappa_after": kappas[1],
        "is_applied": is_wanted and errors[1] < errors[0] and kappas[1] >= kappas[0],
    }


def _say_what_cannot_be_measured(correction: dict[str, Any]) -> None:
    never = sorted({*DIFFICULTY_LEVELS}.difference(correction["levels"])) if correction["is_applied"] else []
    if never:
        logger.warning(
            "With the correction no QA measures at level %s: what enhancement.difficulty asks there cannot be met. "
            "Leave enhancement.rating.calibrate at false, or label more seeds.",
            ", ".join(map(str, never)),
        )


def _isotonic_levels(labelled: Levels, rated: Levels) -> Levels:
    from sklearn.isotonic import IsotonicRegression

    lowest, highest = DIFFICULTY_LEVELS[0], DIFFICULTY_LEVELS[-1]
    regression = IsotonicRegression(y_min=lowest, y_max=highest, out_of_bounds="clip").fit(rated, labelled)
    expected = regression.predict(np.asarray(DIFFICULTY_LEVELS))
    return np.asarray(np.ceil(expected - 0.5), np.int64).clip(lowest, highest)


def _labelled(seeds: pd.DataFrame, annotations: pd.DataFrame) -> list[Row]:
    discipline_of = dict(zip(annotations["seed_id"], annotations["discipline"], strict=True))
    return [
        {**row, "labelled_difficulty": row["difficulty"], "discipline": discipline_of[row["seed_id"]]}
        for row in rows_of(seeds[seeds["difficulty"].notna()])
        if row["seed_id"] in discipline_of
    ]


def _levels(rows: Iterable[Row]) -> tuple[Levels, Levels]:
    """Labelled and rated levels."""
    pairs = [(row["labelled_difficulty"], row["rated_difficulty"]) for row in rows]
    both = np.array(pairs, np.int64).reshape(-1, 2)
    return both[:, 0], both[:, 1]


def _figures(rows: Iterable[Row]) -> dict[str, Any]:
    """How rated levels stand to labelled ones; None where there are none.

    `mean_bias` is rated minus labelled; `confusion_matrix` has a row for each labelled level and a column for each
    rated one.
    """
    labelled, rated = _levels(rows)
    counts = np.zeros((len(DIFFICULTY_LEVELS), len(DIFFICULTY_LEVELS)), np.int64)
    np.add.at(counts, (labelled - 1, rated - 1), 1)
    off = rated - labelled
    has_any = bool(off.size)
    return {
        "rated_seeds": int(off.size),
        "exact_fraction": float((off == 0).mean()) if has_any else None,
        "within_one_fraction": float((np.abs(off) <= 1).mean()) if has_any else None,
        "mean_bias": float(off.mean()) if has_any else None,
        "mean_absolute_error": float(np.abs(off).mean()) if has_any else None,
        "rank_correlation": rank_correlation(rated, labelled),
        "quadratic_weighted_kappa": _weighted_kappa(labelled, rated),
        "confusion_matrix": counts.tolist(),
    }


def _weighted_kappa(labelled: Levels, rated: Levels) -> float:
    """Cohen's kappa with quadratic weights (Cohen 1968); NaN where both give one and the same level to all."""
    if np.unique(np.concatenate([labelled, rated])).size < 2:
        return float("nan")
    from sklearn.metrics import cohen_kappa_score

    return float(cohen_kappa_score(labelled, rated, labels=list(DIFFICULTY_LEVELS), weights="quadratic"))
