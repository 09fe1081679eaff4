"""What no label tells is said, and nothing else."""

from fakes.labelled_seeds import labelled_seed
from linkqa_kedro.annotation_quality.notes import unmeasured

WHOLE = [labelled_seed(number) for number in range(4)]


def test_whole_labels_leave_nothing_to_say() -> None:
    assert list(unmeasured(WHOLE, WHOLE)) == []


def test_a_kind_that_nobody_labelled_is_named() -> None:
    bare = [{**row, "difficulty": None} for row in WHOLE]
    assert list(unmeasured(bare, bare)) == ["Unmeasured: no seed carries a difficulty."]


def test_a_kind_that_only_some_disciplines_sources_and_languages_have_is_told() -> None:
    others = [
        labelled_seed(number, "zh", source=f"exam_{number}", discipline="law", difficulty=None) for number in range(10)
    ]
    assert list(unmeasured([*WHOLE, *others], WHOLE)) == [
        "Only biology, physics seeds carry a difficulty.",
        "No seed of exam_0, exam_1, exam_2, exam_3, exam_4, exam_5, exam_6, exam_7 and 2 more carries a difficulty: "
        "unmeasured there.",
        "No seed in zh carries a difficulty.",
    ]


def test_labels_that_a_sample_missed_are_told() -> None:
    measured = [{**row, "knowledge_points": []} for row in WHOLE]
    said = list(unmeasured([*measured, WHOLE[0]], measured))
    assert said == ["Unmeasured: 1 seeds carry knowledge points, but none of those that were measured."]
