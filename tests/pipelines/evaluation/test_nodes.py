"""The mix of the dataset is compared with the targets."""

from typing import Any

import pandas as pd

from linkqa_kedro.pipelines.evaluation.nodes import _distances, _target_gap, axes_with_target
from linkqa_kedro.records import DIFFICULTY_GAP, QUOTAS, rows_of

DATASET = pd.DataFrame(
    {"discipline": ["physics", "physics", "physics", "chemistry"], "measured_difficulty": [2, 2, 3, 3]}
)
NOT_ENHANCED = DIFFICULTY_GAP.frame([])
TRIES = {"tries": 0, "accepted": 0, "out_of_reach": False}


def quotas_of(*cells: tuple[str | None, int | None, float]) -> pd.DataFrame:
    return QUOTAS.frame(
        {
            "discipline": discipline,
            "difficulty": level,
            "target_share": share,
            "quota": 1,
            "corrections": [],
            "n_seeds": 1,
        }
        for discipline, level, share in cells
    )


def wanted(gap: pd.DataFrame) -> dict[tuple[str, int], Any]:
    return {(row["discipline"], row["difficulty"]): row["wanted_share"] for row in rows_of(gap) if row["wanted_share"]}


def test_a_joint_target_is_wanted_cell_by_cell() -> None:
    gap = _target_gap(DATASET, quotas_of(("physics", 2, 0.25), ("art", 5, 0.75)), NOT_ENHANCED)
    assert wanted(gap) == {("physics", 2): 0.25, ("art", 5): 0.75}
    measured = {(row["discipline"], row["difficulty"]): row["measured_share"] for row in rows_of(gap)}
    assert measured == {("art", 5): 0, ("chemistry", 3): 0.25, ("physics", 2): 0.5, ("physics", 3): 0.25}


def test_levels_without_a_target_keep_the_mix_of_the_dataset() -> None:
    gap = _target_gap(DATASET, quotas_of(("physics", None, 0.5), ("chemistry", None, 0.5)), NOT_ENHANCED)
    assert wanted(gap) == {("physics", 2): 0.25, ("physics", 3): 0.25, ("chemistry", 2): 0.25, ("chemistry", 3): 0.25}


def test_disciplines_without_a_target_keep_the_mix_of_the_dataset() -> None:
    gap = _target_gap(DATASET, quotas_of((None, 3, 1.0)), NOT_ENHANCED)
    assert wanted(gap) == {("physics", 3): 0.75, ("chemistry", 3): 0.25}


def test_without_targets_nothing_is_wanted() -> None:
    assert wanted(_target_gap(DATASET, quotas_of(), NOT_ENHANCED)) == {}


def test_what_has_no_target_has_no_distance() -> None:
    quotas = quotas_of(("physics", None, 0.5), ("chemistry", None, 0.5))
    gap = _target_gap(DATASET, quotas, NOT_ENHANCED)
    assert axes_with_target(quotas, NOT_ENHANCED) == ["discipline"]
    assert set(_distances(gap, ["discipline"])) == {"discipline_total_variation", "discipline_jensen_shannon"}
    changed = DIFFICULTY_GAP.frame(
        [{"discipline": "physics", "difficulty": 2, "wanted": 3, "before": 1, "after": 3, **TRIES}]
    )
    assert axes_with_target(quotas, changed) == ["discipline", "difficulty"]
    assert axes_with_target(quotas_of((None, 3, 1.0)), NOT_ENHANCED) == ["difficulty"]
