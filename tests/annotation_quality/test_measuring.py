"""The figures are those of the teacher asked, and it sees no label that is measured."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fakes.labelled_seeds import labelled_seeds
from fakes.scripted import ScriptedTeacher, teacher_of
from linkqa_kedro.annotation_quality.copies import copy_groups
from linkqa_kedro.annotation_quality.hiding import hide_half
from linkqa_kedro.annotation_quality.measuring import AnnotationQuality, measure
from linkqa_kedro.composer.model import Composer
from linkqa_kedro.datasets.row_files import FileRow
from linkqa_kedro.errors import UserError
from linkqa_kedro.pipelines.extraction.nodes import read_seeds
from linkqa_kedro.records import rows_of
from linkqa_kedro.teacher.requests import Request

SEEDS = labelled_seeds(60)
BY_ID = {row["seed_id"]: row for row in SEEDS}
KINDS = ("knowledge_points", "discipline", "difficulty")
BUNDLED = Path(__file__).parents[2] / "data" / "01_seeds" / "bundled_seeds.jsonl"


class KnownTeacher:
    """Answers with the labels, but for every fourth question of each language, which it gets wrong altogether."""

    def __init__(self) -> None:
        self.n_asked = {"en": 0, "zh": 0}

    def __call__(self, request: Request) -> str:
        row = BY_ID[request.record_id]
        number = self.n_asked[row["language"]]
        self.n_asked[row["language"]] += 1
        right = {kind: row[kind] for kind in KINDS}
        wrong = {"knowledge_points": ["alchemy"], "discipline": "law", "difficulty": row["difficulty"] % 5 + 1}
        return json.dumps(right if number % 4 else wrong)


@pytest.fixture
def measured(tmp_path: Path, extraction: Any, prompt: Any) -> Callable[..., AnnotationQuality]:
    def run(script: Any, seeds: list[dict[str, Any]] = SEEDS, **arguments: Any) -> AnnotationQuality:
        chat = script if hasattr(script, "ask") else ScriptedTeacher(script)
        return measure(seeds, teacher_of(chat, tmp_path), prompt, extraction, {}, **arguments)

    return run


def test_a_teacher_that_knows_three_quarters_gets_three_quarters(measured: Callable[..., AnnotationQuality]) -> None:
    """Of 30 hidden seeds of a language it misses 8: the first, the fifth, and so on."""
    quality = measured(KnownTeacher())
    for group in ("language en", "language zh", "source en_exam", "all"):
        n_seeds, n_right = (60, 44) if group == "all" else (30, 22)
        points, discipline, difficulty = (getattr(quality, kind)[group] for kind in KINDS)
        assert points.n_seeds == discipline.n_seeds == difficulty.n_seeds == n_seeds
        exact = points.teacher.exact
        assert exact.precision == pytest.approx(2 * n_right / (2 * n_right + n_seeds - n_right))
        assert exact.recall == exact.seed_f1 == exact.matched_seeds_fraction == pytest.approx(n_right / n_seeds)
        assert discipline.teacher.accuracy == difficulty.teacher.exact_accuracy == pytest.approx(n_right / n_seeds)
        assert sum(named.get("law", 0) for named in discipline.teacher.confusion.values()) == n_seeds - n_right


def test_a_teacher_that_knows_all_gets_all(measured: Callable[..., AnnotationQuality]) -> None:
    quality = measured(lambda request: json.dumps({kind: BY_ID[request.record_id][kind] for kind in KINDS}))
    assert quality.knowledge_points["all"].teacher.exact.f1 == 1.0
    assert quality.discipline["all"].teacher.macro_f1 == 1.0
    assert quality.difficulty["all"].teacher.rank_correlation == pytest.approx(1.0)
    assert quality.unanswered == {}


def test_spellings_that_extraction_merges_are_one_name(measured: Callable[..., AnnotationQuality]) -> None:
    def spelled_otherwise(request: Request) -> str:
        row = BY_ID[request.record_id]
        return json.dumps(
            {kind: row[kind] for kind in KINDS}
            | {"knowledge_points": [name.upper() for name in row["knowledge_points"]]}
        )

    assert measured(spelled_otherwise).knowledge_points["language en"].teacher.exact.f1 == 1.0


def test_the_trivial_teacher_stands_beside(measured: Callable[..., AnnotationQuality]) -> None:
    """Two disciplines and five levels, all equally frequent: one half and one fifth are right without reading."""
    quality = measured(KnownTeacher())
    trivial = (quality.discipline["all"].trivial, quality.difficulty["all"].trivial)
    assert (trivial[0].accuracy, trivial[1].exact_accuracy) == (0.5, 0.2)
    assert trivial[1].rank_correlation is None


def test_no_request_shows_a_label_that_is_measured(measured: Callable[..., AnnotationQuality]) -> None:
    """Not as known, not of a neighbour that is hidden, and not of a copy."""
    twins = [{**row, "seed_id": f"{row['seed_id']} copy"} for row in SEEDS]
    everything = [*SEEDS, *twins]
    chat = ScriptedTeacher(lambda _: json.dumps({"knowledge_points": ["x"], "discipline": "law", "difficulty": 1}))
    measured(chat, everything)
    hidden = {row["question"] for row in hide_half(everything).measured}
    assert len(chat.asked) == 60  # a question and its copy are one request
    for request in chat.asked:
        assert request.values["known"] == {"knowledge_points": [], "discipline": None, "difficulty": None}
        assert request.values["neighbours"]
        assert hidden.isdisjoint(near["question"] for near in request.values["neighbours"])


def test_the_requests_are_those_of_extraction(measured: Callable[..., AnnotationQuality]) -> None:
    chat = ScriptedTeacher(KnownTeacher())
    quality = measured(chat)
    assert {(request.stage, request.role) for request in chat.asked} == {("extraction", "annotate")}
    assert {request.prompt_version for request in chat.asked} == {quality.prompt_version}


def test_a_sample_is_asked_about_and_no_more_and_nothing_is_bought_again(
    measured: Callable[..., AnnotationQuality],
) -> None:
    chat = ScriptedTeacher(KnownTeacher())
    assert measured(chat, n_sample=10).split["n_asked"] == len(chat.asked) == 10
    quality = measured(chat, n_sample=16)
    assert len(chat.asked) == 16
    assert (quality.usage.total.bought, quality.usage.total.reused) == (6, 10)


def test_repeated_figures_are_the_same_and_tell_nothing_of_what_was_bought(
    measured: Callable[..., AnnotationQuality],
) -> None:
    chat = ScriptedTeacher(KnownTeacher())
    first, second = (json.dumps(measured(chat).as_json()) for _ in range(2))
    assert first == second
    assert len(chat.asked) == 60


def test_seeds_without_a_usable_answer_are_counted_and_left_out(measured: Callable[..., AnnotationQuality]) -> None:
    def silent_in_chinese(request: Request) -> str:
        row = BY_ID[request.record_id]
        return "{}" if row["language"] == "zh" else json.dumps({kind: row[kind] for kind in KINDS})

    quality = measured(silent_in_chinese)
    assert quality.unanswered == {"no knowledge points": 30}
    assert list(quality.discipline) == ["all", "language en", "source en_exam"]
    assert quality.discipline["all"].n_seeds == quality.split["n_answered"] == 30


def test_a_teacher_without_any_usable_answer_is_a_clear_error(measured: Callable[..., AnnotationQuality]) -> None:
    with pytest.raises(UserError, match=r"annotated none of the 60 seeds\. First reason: no knowledge points"):
        measured(lambda _: "{}")


def test_kinds_without_labels_have_no_figures(measured: Callable[..., AnnotationQuality]) -> None:
    seeds = [{**row, "knowledge_points": [], "difficulty": None} for row in SEEDS]
    quality = measured(KnownTeacher(), seeds)
    assert quality.knowledge_points == quality.difficulty == {}
    assert quality.discipline["all"].n_seeds == 60
    assert quality.notes == (
        "Unmeasured: no seed carries knowledge points.",
        "Unmeasured: no seed carries a difficulty.",
    )


def test_the_composer_beats_the_trivial_teacher_on_the_bundled_seeds(
    measured: Callable[..., AnnotationQuality], extraction: Any
) -> None:
    lines = BUNDLED.read_text(encoding="utf-8").splitlines()
    seeds, _ = read_seeds(
        [FileRow("bundled", number, json.loads(line), "") for number, line in enumerate(lines)], extraction
    )
    rows = rows_of(seeds)
    quality = measured(Composer(), rows)
    for language in ("language en", "language zh"):
        points, discipline, difficulty = (getattr(quality, kind)[language] for kind in KINDS)
        assert points.teacher.exact.f1 > 0.5 > 4 * points.trivial.exact.f1
        assert discipline.teacher.accuracy > 0.7 > 5 * discipline.trivial.accuracy
        assert difficulty.teacher.mean_absolute_error < difficulty.trivial.mean_absolute_error
        assert difficulty.teacher.rank_correlation > 0.25
    halves = hide_half(rows)
    hidden = {row["seed_id"] for row in halves.measured}
    for group in copy_groups(rows):
        assert len({rows[place]["seed_id"] in hidden for place in group}) == 1
