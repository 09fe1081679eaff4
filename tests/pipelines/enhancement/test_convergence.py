"""The loop of changing and rating reaches the mix where the rater lets it, and says where it does not.

The rater's bias and noise are known here, and so is the true level of every question.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from fakes.answer_columns import UNCHECKED, without_checks
from fakes.scripted import ScriptedTeacher, teacher_of
from fakes.true_levels import TrueLevels, question, true_level
from linkqa_kedro.figures.total_variation import total_variation
from linkqa_kedro.pipelines.enhancement.nodes import enhance_qa
from linkqa_kedro.pipelines.enhancement.rating import rate_qa
from linkqa_kedro.records import ANNOTATIONS, KP_VERTICES, PATHS, RATED_QA, SEEDS, SYNTHESISED_QA, UNCONFIRMED_QA
from linkqa_kedro.shards import write_table
from linkqa_kedro.walks.csr import csr_graph

EVEN = {2: 0.25, 3: 0.25, 4: 0.25, 5: 0.25}
QA: dict[str, Any] = {
    "path_id": "p0",
    "seed_ids": ["s1", "s2"],
    "knowledge_points": ["work", "energy"],
    "question_type": "short_answer",
    "options": [],
    "answer": "yes",
    "explanation": "",
    "reasoning": None,
    "language": "en",
    "discipline": "physics",
    "asked_difficulty": 3,
    "model": "m",
    "prompt_version": "v",
    "sampling_settings": "{}",
    "request_key": "k",
    "input_tokens": None,
    "output_tokens": None,
    "cost_usd": None,
    "proof": None,
    "expression": None,
    **UNCHECKED,
}
PATH: dict[str, Any] = {
    "path_id": "p0",
    "walk": 0,
    "steering_round": 0,
    "round": 0,
    "attempt": 0,
    "cell_discipline": "physics",
    "cell_difficulty": 3,
    "knowledge_points": ["work", "energy"],
    "kp_ids": [2, 0],
    "seed_ids": ["s1", "s2"],
    "seed_disciplines": ["physics", "physics"],
    "seed_difficulties": [2, 3],
    "realised_difficulty": 3,
    "association_density": 1.0,
}


@dataclass(frozen=True)
class Outcome:
    """What a loop left."""

    rows: pd.DataFrame
    rejected: pd.DataFrame
    gap: pd.DataFrame
    statistics: dict[str, Any]

    def distance(self, when: str) -> float:
        """Total variation between the wanted and the measured mix, `before` or `after`."""
        wanted, found = (dict(zip(self.gap["difficulty"], self.gap[name], strict=True)) for name in ("wanted", when))
        return total_variation(wanted, found)

    def count(self, level: int, when: str) -> int:
        return int(self.gap.loc[self.gap["difficulty"] == level, when].iloc[0])

    def enhanced(self) -> pd.DataFrame:
        return self.rows[self.rows["origin"] == "enhanced"]


Loop = Callable[..., Outcome]


@pytest.fixture
def loop(tmp_path: Path, parameters: dict, prompts: dict, seed_rows: list) -> Loop:
    """Rates some QA of known levels and brings them to a mix."""

    def run(exam: TrueLevels, levels: list[int], difficulty: dict[int, float] = EVEN, **settings: Any) -> Outcome:
        stage = parameters["enhancement"]
        rating = stage.rating.model_copy(update={"repeats": settings.pop("repeats", 1)})
        wanted = {"disciplines": ["physics"], "difficulty": difficulty, "rating": rating, "max_rounds": 8}
        corrected = settings.pop("corrected", None)
        rater = {"correction": {"levels": corrected, "is_applied": corrected is not None}, "teacher": {}}
        knobs = stage.model_copy(update={**wanted, "max_attempts_per_qa": settings.pop("tries", 2)})
        folder = tmp_path / f"run-{len(list(tmp_path.iterdir()))}"
        teacher = teacher_of(ScriptedTeacher(exam), folder, **settings)
        rows = [{**QA, "qa_id": f"qa-{n:016x}", "question": question(level, n)} for n, level in enumerate(levels)]
        qa = write_table(SYNTHESISED_QA.frame(rows), SYNTHESISED_QA, folder / "qa", 100)
        rated, _, _, usage = rate_qa(qa, UNCONFIRMED_QA.frame([]), rater, teacher, prompts["rate"], knobs)
        seeds = [row for row in seed_rows if row["knowledge_points"]]
        names = ("seed_id", "knowledge_points", "discipline", "difficulty")
        labels = {"labelled_by": "seed", "request_key": None, "model": None}
        vertices = pd.DataFrame({"kp": ["energy", "heat", "work"]}).assign(
            **{name: 0 for name in KP_VERTICES.column_names if name != "kp"}
        )
        enhanced, rejected, _, _, gap, statistics = enhance_qa(
            write_table(rated, RATED_QA, folder / "rated", 100),
            write_table(PATHS.frame([PATH]), PATHS, folder / "paths", 10),
            SEEDS.frame(seeds),
            ANNOTATIONS.frame({**{name: row[name] for name in names}, **labels} for row in seeds),
            vertices,
            csr_graph(np.array([0, 0, 1]), np.array([1, 2, 2]), np.ones(3), 3),
            teacher,
            prompts["raise"],
            prompts["rate"],
            prompts["solve"],
            prompts["compare"],
            prompts["refine"],
            usage,
            rater,
            without_checks(parameters["answer_checking"]),
            knobs,
        )
        return Outcome(enhanced, rejected, gap, statistics)

    return run


def share_true(rows: pd.DataFrame) -> float:
    """Share of rows whose true level is the measured one."""
    true = [true_level(text) for text in rows["question"]]
    return float((rows["measured_difficulty"] == true).mean())


def test_a_faultless_rater_and_writer_meet_the_mix_in_one_round(loop: Loop) -> None:
    outcome = loop(TrueLevels(), [1, 2, 3, 3] * 10)
    assert (outcome.distance("before"), outcome.distance("after")) == (0.5, 0.0)
    assert outcome.statistics["rounds"] == 1
    assert outcome.statistics["acceptance_rate"] == 1.0
    assert share_true(outcome.rows) == 1.0


def test_what_is_too_hard_is_lowered_to_the_mix(loop: Loop) -> None:
    outcome = loop(TrueLevels(), [5] * 20, {1: 0.5, 3: 0.5})
    assert outcome.distance("after") == 0.0
    assert outcome.statistics["by_distance"].keys() == {"-2", "-4"}


@pytest.mark.parametrize("bias", [-1, 0, 1])
def test_a_biased_and_noisy_rater_with_a_writer_that_slips_still_ends_at_the_mix(loop: Loop, bias: int) -> None:
    """Three ratings of ten are off by one, and so are three changes of ten: more tries make up for it.

    What is left over are QA whose own rating was off: each change of them is off by as much.
    """
    exam = TrueLevels(bias=bias, noise=0.3, slip=0.3)
    outcome = loop(exam, [2, 2, 3, 3] * 15, {2: 0.2, 3: 0.4, 4: 0.4}, tries=6)
    assert outcome.distance("before") >= 0.15
    assert outcome.distance("after") <= 0.05
    assert outcome.statistics["tries"] > outcome.statistics["accepted"] > 0
    accepted = outcome.enhanced()
    assert accepted["measured_difficulty"].tolist() == accepted["asked_difficulty"].tolist()


def test_a_level_that_the_rater_never_gives_is_reported_and_the_others_are_met(loop: Loop) -> None:
    outcome = loop(TrueLevels(highest=4), [1] * 40)
    assert (outcome.count(5, "wanted"), outcome.count(5, "after")) == (10, 0)
    assert [outcome.count(level, "after") for level in (2, 3, 4)] == [10, 10, 10]
    assert outcome.statistics["by_asked_level"]["5"] == {"tries": 20, "accepted": 0, "acceptance_rate": 0.0}
    assert outcome.statistics["by_asked_level"]["4"]["acceptance_rate"] == 1.0
    missed = outcome.rejected[outcome.rejected["reason"] == "level missed"]
    assert set(missed["detail"]) == {"asked for level 5, measured 4"}
    assert missed.groupby("qa_id")["attempt"].max().tolist() == [2] * 10, "tries are bounded"


def test_a_level_that_tries_rule_out_is_given_up_and_its_share_goes_to_the_others(loop: Loop) -> None:
    """Fifty failures say that not even half of a quarter can be had: no QA is tried twice for it."""
    outcome = loop(TrueLevels(highest=4), [1] * 200)
    gap = outcome.gap.set_index("difficulty")
    assert gap.loc[5, ["tries", "accepted", "out_of_reach"]].tolist() == [50, 0, True]
    assert not gap["out_of_reach"].drop(5).any()
    assert gap["after"].tolist() == [0, 67, 67, 66, 0]


def test_nothing_is_spent_on_a_level_that_the_corrected_rater_never_gives(loop: Loop) -> None:
    outcome = loop(TrueLevels(), [1] * 40, corrected=[1, 2, 3, 4, 4])
    assert (outcome.count(5, "wanted"), outcome.count(5, "after")) == (10, 0)
    assert outcome.statistics["by_asked_level"].keys() == {"2", "3", "4"}
    assert outcome.statistics["acceptance_rate"] == 1.0


def test_a_correction_undoes_a_bias_so_that_the_mix_is_truly_met(loop: Loop) -> None:
    """The rater says one level too many; uncorrected, the mix as measured is one level too easy in truth."""
    wanted = {2: 0.5, 4: 0.5}
    plain, corrected = (
        loop(TrueLevels(bias=1), [1, 2] * 10, wanted, corrected=levels) for levels in (None, [1, 1, 2, 3, 4])
    )
    assert plain.distance("after") == corrected.distance("after") == 0.0
    assert (share_true(plain.rows), share_true(corrected.rows)) == (0.0, 1.0)


def test_more_ratings_hit_the_true_level_more_often_and_fewer_lucky_ones_are_accepted(loop: Loop) -> None:
    """A rating in three is off. What one rating accepts is partly luck; the median of five leaves less to it."""
    exam = TrueLevels(noise=1 / 3, slip=0.5)
    once, five = (loop(exam, [2, 3] * 40, repeats=repeats, tries=4) for repeats in (1, 5))
    assert share_true(five.rows) > share_true(once.rows) + 0.15
    assert share_true(five.enhanced()) > share_true(once.enhanced()) + 0.15
    assert five.statistics["rating"]["items_with_several"] == 80
    assert once.statistics["rating"]["krippendorff_alpha"] is None


def test_agreement_falls_with_the_raters_noise(loop: Loop) -> None:
    figures = [
        loop(TrueLevels(noise=noise), [1, 2, 3, 4] * 10, repeats=3).statistics["rating"] for noise in (0.0, 0.2, 0.6)
    ]
    alphas = [one["krippendorff_alpha"] for one in figures]
    assert alphas[0] == 1.0
    assert alphas[0] > alphas[1] > alphas[2]
    deviations = [one["mean_absolute_deviation"] for one in figures]
    assert deviations[0] == 0.0 < deviations[1] < deviations[2]


def test_the_number_of_requests_in_flight_changes_nothing(loop: Loop) -> None:
    exam = TrueLevels(bias=1, noise=0.3, slip=0.3)
    one, many = (loop(exam, [1, 2, 3] * 8, repeats=3, max_concurrency=n) for n in (1, 16))
    for name in ("rows", "rejected", "gap"):
        pd.testing.assert_frame_equal(getattr(one, name), getattr(many, name))
