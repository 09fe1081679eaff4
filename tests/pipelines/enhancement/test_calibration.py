"""The rater beside the labels of the seeds, and the correction that they allow."""

import logging
import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes.scripted import ScriptedTeacher, teacher_of
from fakes.true_levels import TrueLevels, question, rating
from linkqa_kedro.pipelines.enhancement.calibration import calibrate_rater, find_correction, stratified_sample
from linkqa_kedro.records import ANNOTATIONS, SEEDS
from linkqa_kedro.teacher.requests import Request

FAULTLESS = TrueLevels()
PAIRS = st.lists(st.tuples(st.integers(1, 5), st.integers(1, 5)), min_size=20, max_size=60)


def seed(number: int, label: int | None, level: int, language: str = "en") -> dict[str, Any]:
    """A seed of a true level, with a label or none."""
    return {
        "seed_id": f"s{number}",
        "question": question(level, number),
        "answer": "yes",
        "options": [],
        "discipline": "law",
        "difficulty": label,
        "knowledge_points": ["contract"],
        "language": language,
        "source": "test",
        "licence": "CC0-1.0",
    }


def annotations_of(seeds: list[dict[str, Any]]) -> pd.DataFrame:
    names = ("seed_id", "knowledge_points", "discipline")
    found = {"labelled_by": "teacher", "request_key": "k", "model": "m"}
    return ANNOTATIONS.frame(
        {**{name: row[name] for name in names}, "difficulty": row["difficulty"] or 3, **found} for row in seeds
    )


@pytest.fixture
def calibrate(tmp_path: Path, parameters: dict, prompts: dict):
    """Runs the node on some seeds."""

    def run(seeds: list[dict[str, Any]], script: Callable[[Request], str] = FAULTLESS, **rating_knobs: Any):
        stage = parameters["enhancement"]
        knobs = stage.model_copy(update={"rating": stage.rating.model_copy(update=rating_knobs)})
        chat = ScriptedTeacher(script)
        teacher = teacher_of(chat, tmp_path)
        results = calibrate_rater(SEEDS.frame(seeds), annotations_of(seeds), teacher, prompts["rate"], knobs)
        return chat, *results

    return run


def test_labels_and_ratings_stand_side_by_side_in_figures(calibrate) -> None:
    """Labels 1, 2, 3, 5; ratings 1, 3, 3, 3: two right, three within one, a quarter of a level too low."""
    seeds = [seed(n, label, level) for n, (label, level) in enumerate([(1, 1), (2, 3), (3, 3), (5, 3)])]
    _, table, _, figures = calibrate(seeds)
    columns = table[["seed_id", "labelled_difficulty", "rated_difficulty"]].sort_values("seed_id")
    assert columns.to_numpy().tolist() == [["s0", 1, 1], ["s1", 2, 3], ["s2", 3, 3], ["s3", 5, 3]]
    assert (figures["exact_fraction"], figures["within_one_fraction"]) == (0.5, 0.75)
    assert (figures["mean_bias"], figures["mean_absolute_error"]) == (-0.25, 0.75)
    assert figures["confusion_matrix"] == [
        [1, 0, 0, 0, 0],
        [0, 0, 1, 0, 0],
        [0, 0, 1, 0, 0],
        [0, 0, 0, 0, 0],
        [0, 0, 1, 0, 0],
    ]
    # Ranks of labels 1, 2, 3, 4, of ratings 1, 3, 3, 3: covariance 3 over sqrt(5 · 3).
    assert figures["rank_correlation"] == pytest.approx(3 / 15**0.5)


@pytest.mark.parametrize(("rated_of", "kappa"), [(lambda level: level, 1.0), (lambda level: 6 - level, -1.0)])
def test_weighted_kappa_goes_from_opposite_to_equal(calibrate, rated_of: Callable[[int], int], kappa: float) -> None:
    _, _, _, figures = calibrate([seed(n, level, rated_of(level)) for n, level in enumerate((1, 2, 3, 4, 5))])
    assert figures["quadratic_weighted_kappa"] == pytest.approx(kappa)


def test_each_language_has_figures_of_its_own(calibrate) -> None:
    _, _, _, figures = calibrate([seed(1, 2, 2, "en"), seed(2, 2, 4, "zh")])
    biases = {language: figures["by_language"][language]["mean_bias"] for language in ("en", "zh")}
    assert biases == {"en": 0.0, "zh": 2.0}


def test_only_labels_that_the_seeds_brought_count(calibrate) -> None:
    """The second seed's level was found by the teacher: comparing teachers is no calibration."""
    chat, table, _, figures = calibrate([seed(1, 2, 2), seed(2, None, 4)])
    assert table["seed_id"].tolist() == [request.record_id for request in chat.asked] == ["s1"]
    assert figures["labelled_seeds"] == 1


def test_the_rater_sees_no_label(calibrate) -> None:
    chat, *_ = calibrate([seed(1, 2, 4)])
    assert set(chat.asked[0].values) == {"question", "options", "answer"}


def test_without_labelled_seeds_nothing_is_asked_and_it_is_said(calibrate, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        chat, table, _, figures = calibrate([seed(1, None, 2)])
    assert chat.asked == []
    assert len(table) == 0
    assert figures["exact_fraction"] is figures["rank_correlation"] is None
    assert "No seed carries a difficulty label of its own" in caplog.text


def test_it_can_be_turned_off(calibrate, caplog: pytest.LogCaptureFixture) -> None:
    chat, _, _, figures = calibrate([seed(1, 2, 2)], calibration_seeds=0)
    assert (chat.asked, figures["asked_seeds"], caplog.text) == ([], 0, "")


def test_a_seed_that_gets_no_rating_is_set_aside(calibrate) -> None:
    def script(request: Request) -> str:
        return rating("hard" if request.record_id == "s1" else 2)  # type: ignore[arg-type]

    _, table, rejected, figures = calibrate([seed(1, 2, 2), seed(2, 2, 2)], script)
    assert table["seed_id"].tolist() == ["s2"]
    assert rejected[["seed_id", "reason"]].to_numpy().tolist() == [["s1", "bad difficulty"]]
    assert (figures["asked_seeds"], figures["rated_seeds"]) == (2, 1)


def test_a_known_bias_is_found_and_undone(calibrate) -> None:
    seeds = [seed(n, 1 + n % 4, 1 + n % 4) for n in range(40)]
    _, _, _, figures = calibrate(seeds, TrueLevels(bias=1), calibrate=True)
    assert figures["mean_bias"] == 1.0
    correction = figures["correction"]
    assert correction["levels"] == [1, 1, 2, 3, 4]
    assert (correction["error_before"], correction["error_after"], correction["is_applied"]) == (1.0, 0.0, True)


def test_levels_that_a_correction_takes_away_are_named(calibrate, caplog: pytest.LogCaptureFixture) -> None:
    calibrate([seed(n, 1 + n % 4, 1 + n % 4) for n in range(40)], TrueLevels(bias=1), calibrate=True)
    assert "no QA measures at level 5" in caplog.text


def sample_ids(rows: list[dict[str, Any]], n_seeds: int, random_seed: int = 1) -> list[str]:
    return [row["seed_id"] for row in stratified_sample(rows, n_seeds, random_seed)]


# Many easy English seeds, few hard or Chinese ones.
SEEDS_OF_ALL_KINDS = [
    {"seed_id": f"s{n}", "language": "zh" if n % 10 == 0 else "en", "labelled_difficulty": 5 if n % 7 == 0 else 1}
    for n in range(200)
]


def test_every_language_and_level_gets_as_many_seeds() -> None:
    rows = stratified_sample(SEEDS_OF_ALL_KINDS, 8, random_seed=1)
    assert Counter((row["language"], row["labelled_difficulty"]) for row in rows) == {
        (language, level): 2 for language in ("en", "zh") for level in (1, 5)
    }


def test_the_sample_is_bounded_and_what_is_rare_is_used_up() -> None:
    rows = stratified_sample(SEEDS_OF_ALL_KINDS, 40, random_seed=1)
    counts = Counter((row["language"], row["labelled_difficulty"]) for row in rows)
    assert counts.total() == 40
    assert counts[("zh", 5)] == 3
    assert len(stratified_sample(SEEDS_OF_ALL_KINDS, 1000, random_seed=1)) == 200


def test_the_sample_depends_on_the_random_seed_and_not_on_the_order_of_seeds() -> None:
    shuffled = random.Random(3).sample(SEEDS_OF_ALL_KINDS, 200)
    assert sample_ids(shuffled, 20) == sample_ids(SEEDS_OF_ALL_KINDS, 20)
    assert sample_ids(SEEDS_OF_ALL_KINDS, 20, random_seed=2) != sample_ids(SEEDS_OF_ALL_KINDS, 20)


def test_a_larger_sample_holds_the_smaller_one() -> None:
    """What was rated is not bought again."""
    assert sample_ids(SEEDS_OF_ALL_KINDS, 60)[:20] == sample_ids(SEEDS_OF_ALL_KINDS, 20)


def correction_of(pairs: list[tuple[int, int]], is_wanted: bool = True) -> dict[str, Any]:
    labelled, rated = np.array(pairs, np.int64).reshape(-1, 2).T
    return find_correction(labelled, rated, is_wanted)


def test_a_rater_that_is_right_is_not_corrected() -> None:
    assert not correction_of([(level, level) for level in (1, 2, 3, 4, 5)] * 5)["is_applied"]


def test_a_correction_that_is_not_wanted_is_told_and_not_applied() -> None:
    found = correction_of([(level, level + 1) for level in (1, 2, 3, 4)] * 5, is_wanted=False)
    assert (found["error_after"], found["is_applied"]) == (0.0, False)


def test_labels_that_have_nothing_to_do_with_ratings_give_no_correction() -> None:
    """Half of each rating's labels is lower by two, half higher by two: no map helps."""
    pairs = [(1, 3), (5, 3)] * 12
    assert not correction_of(pairs)["is_applied"]


def test_a_map_to_the_commonest_level_is_no_correction() -> None:
    """It would lower the error, and make every level the same: labels are mostly 2, ratings mostly 1."""
    pairs = [(2, 1)] * 29 + [(3, 1)] * 9 + [(1, 1)] * 3 + [(2, 2)] * 6 + [(3, 2)] * 4 + [(1, 2)]
    found = correction_of(pairs)
    assert found["levels"][:2] == [2, 2]
    assert found["error_after"] < found["error_before"]
    assert found["kappa_after"] < found["kappa_before"]
    assert not found["is_applied"]


def test_too_few_seeds_give_no_correction() -> None:
    found = correction_of([(1, 2)] * 19)
    assert found.pop("is_applied") is False
    assert set(found.values()) == {None}


@given(PAIRS)
def test_a_higher_rating_never_gives_a_lower_level(pairs: list[tuple[int, int]]) -> None:
    levels = correction_of(pairs)["levels"]
    assert levels == sorted(levels)
    assert min(levels) >= 1
    assert max(levels) <= 5


@given(PAIRS)
def test_a_correction_is_applied_only_where_held_out_seeds_are_the_better_for_it(pairs: list[tuple[int, int]]) -> None:
    found = correction_of(pairs)
    is_better = found["error_after"] < found["error_before"] and found["kappa_after"] >= found["kappa_before"]
    assert found["is_applied"] == is_better
