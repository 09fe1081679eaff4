"""The trivial teacher says what is most frequent in a language."""

from fakes.labelled_seeds import labelled_seed
from linkqa_kedro.annotation_quality.trivial import TrivialTeacher

SHOWN = [
    labelled_seed(1, discipline="physics", difficulty=2, knowledge_points=["work", "heat"]),
    labelled_seed(2, discipline="physics", difficulty=4, knowledge_points=["work", "heat", "ohm"]),
    labelled_seed(3, discipline="biology", difficulty=2, knowledge_points=["work"]),
    labelled_seed(4, "zh", discipline="biology", difficulty=None, knowledge_points=["光"]),
]


def test_each_language_has_its_own_labels() -> None:
    teacher = TrivialTeacher(SHOWN)
    assert teacher.labels("en") == {"knowledge_points": ["work", "heat"], "discipline": "physics", "difficulty": 2}
    assert teacher.labels("zh")["knowledge_points"] == ["光"]


def test_a_language_without_a_label_borrows_that_of_all() -> None:
    assert TrivialTeacher(SHOWN).labels("zh")["difficulty"] == 2


def test_nothing_shown_is_nothing_said() -> None:
    bare = [labelled_seed(1, discipline=None, difficulty=None, knowledge_points=[])]
    assert TrivialTeacher(bare).labels("en") == {"knowledge_points": [], "discipline": None, "difficulty": None}
