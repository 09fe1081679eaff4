from typing import Any

import pytest

from linkqa_kedro.composer.annotate import annotate_seed

TAXONOMY = ["Physics", "Biology", "General Knowledge"]


def values(**changed: Any) -> dict[str, Any]:
    return {
        "seed": {"question": "What is a mixed number?", "answer": "x", "options": [], "language": "en"},
        "known": {"knowledge_points": [], "discipline": None, "difficulty": None},
        "candidates": ["cell", "leaf", "light", "water", "root", "stem"],
        "neighbours": [],
        "disciplines": TAXONOMY,
        **changed,
    }


def neighbour(similarity: float, points: list[str], discipline: str | None, difficulty: int | None) -> dict[str, Any]:
    return {
        "question": "?",
        "knowledge_points": points,
        "discipline": discipline,
        "difficulty": difficulty,
        "similarity": similarity,
    }


NEAR = neighbour(0.6, ["osmosis", "membrane"], "Biology", 4)
FAR = neighbour(0.1, ["force"], "Physics", 1)


def test_labels_that_a_seed_carries_are_kept() -> None:
    known = {"knowledge_points": ["a", "b"], "discipline": "Physics", "difficulty": 5}
    assert annotate_seed(values(known=known, neighbours=[NEAR])) == {
        "knowledge_points": ["a", "b"],
        "discipline": "Physics",
        "difficulty": 5,
    }


def test_only_what_is_missing_is_estimated() -> None:
    known = {"knowledge_points": ["a"], "discipline": None, "difficulty": 2}
    reply = annotate_seed(values(known=known, neighbours=[NEAR, FAR]))
    assert reply == {"knowledge_points": ["a"], "discipline": "Biology", "difficulty": 2}


def test_the_best_candidates_become_points() -> None:
    assert annotate_seed(values())["knowledge_points"] == ["cell", "leaf", "light", "water"]


@pytest.mark.parametrize(
    ("language", "candidates", "points"),
    [
        ("en", ["prime number", "number theory", "Prime", "numb", "theory"], ["prime number", "number theory", "numb"]),
        ("zh", ["直角三角形", "三角形", "周长"], ["直角三角形", "周长"]),
        ("en", ["prime number", "prime"], ["prime number", "prime"]),
    ],
)
def test_a_part_of_another_candidate_is_no_point_of_its_own_where_two_others_are(
    language: str, candidates: list[str], points: list[str]
) -> None:
    seed = {"question": "?", "answer": "x", "options": [], "language": language}
    assert annotate_seed(values(seed=seed, candidates=candidates))["knowledge_points"] == points


LITERAL = {
    **neighbour(0.6, ["osmosis", "membrane"], "Biology", 4),
    "question": "How does osmosis move water through membranes?",
}


def test_near_neighbours_lend_points_where_candidates_are_few_and_far_ones_do_not() -> None:
    reply = annotate_seed(values(candidates=["cell"], neighbours=[LITERAL]))
    assert reply["knowledge_points"] == ["cell", "membrane"]
    reply = annotate_seed(values(candidates=["cell"], neighbours=[FAR]))
    assert "force" not in reply["knowledge_points"]


# Labels that no question spells out, as a syllabus has them.
SYLLABUS = [
    neighbour(0.5, ["Life Modules", "Cells"], "Biology", 2),
    neighbour(0.4, ["Cells", "Life Modules", "Water"], "Biology", 2),
    neighbour(0.3, ["Plants"], "Biology", 2),
]


def test_names_that_neighbours_agree_on_are_taken_where_no_question_spells_names_out() -> None:
    """Cells and Life Modules have three quarters of the votes, Water has a third, Plants a quarter."""
    assert annotate_seed(values(neighbours=SYLLABUS))["knowledge_points"] == ["Cells", "Life Modules"]


def test_names_that_stand_in_their_questions_are_sought_in_the_seed() -> None:
    assert annotate_seed(values(neighbours=[LITERAL]))["knowledge_points"] == ["cell", "leaf", "light", "water"]


def test_neighbours_of_another_discipline_name_nothing() -> None:
    known = {"knowledge_points": [], "discipline": "Physics", "difficulty": None}
    reply = annotate_seed(values(neighbours=SYLLABUS, known=known))
    assert reply["knowledge_points"] == ["cell", "leaf", "light", "water"]


def test_a_lone_neighbour_of_the_discipline_does_not_decide() -> None:
    """It has a fifth of the similarity, and its share does not grow because the others have no vote."""
    known = {"knowledge_points": [], "discipline": "Physics", "difficulty": None}
    lone = neighbour(0.3, ["Force Modules"], "Physics", 2)
    reply = annotate_seed(values(neighbours=[*SYLLABUS, lone], known=known))
    assert reply["knowledge_points"] == ["cell", "leaf", "light", "water"]


def test_neighbours_that_are_near_to_nothing_name_nothing() -> None:
    far = [{**near, "similarity": 0.09} for near in SYLLABUS]
    assert annotate_seed(values(neighbours=far))["knowledge_points"] == ["cell", "leaf", "light", "water"]


def test_the_sixth_neighbour_has_no_say_in_discipline_and_difficulty() -> None:
    five = [neighbour(0.2, [], "Biology", 2)] * 5
    crowd = [neighbour(0.19, [], "Physics", 5)] * 20
    reply = annotate_seed(values(neighbours=[*five, *crowd]))
    assert (reply["discipline"], reply["difficulty"]) == ("Biology", 2)


def test_a_seed_that_nothing_links_names_a_phrase_of_its_own() -> None:
    assert annotate_seed(values(candidates=[]))["knowledge_points"] == ["mixed number"]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_seed_of_formulas_alone_names_its_discipline(language: str) -> None:
    seed = {"question": "$$x^2=4$$", "answer": "2", "options": [], "language": language}
    known = {"knowledge_points": [], "discipline": "Physics", "difficulty": None}
    assert annotate_seed(values(seed=seed, candidates=[], known=known))["knowledge_points"] == ["Physics"]


def test_disciplines_are_voted_by_similarity_within_the_taxonomy() -> None:
    two = [
        neighbour(0.3, [], "physics", None),
        neighbour(0.35, [], "Biology", None),
        neighbour(0.9, [], "Alchemy", None),
    ]
    assert annotate_seed(values(neighbours=two))["discipline"] == "Biology"
    assert annotate_seed(values(neighbours=[*two, FAR]))["discipline"] == "Physics"


def test_without_a_vote_a_discipline_of_the_taxonomy_is_still_named() -> None:
    assert annotate_seed(values(candidates=["biology lesson"]))["discipline"] == "Biology"
    assert annotate_seed(values())["discipline"] == "General Knowledge"
    assert annotate_seed(values(disciplines=["Law", "Art"]))["discipline"] == "Law"


def test_difficulty_is_the_weighted_mean_rounded_half_up() -> None:
    pair = [neighbour(0.5, [], None, 2), neighbour(0.5, [], None, 3)]
    assert annotate_seed(values(neighbours=pair))["difficulty"] == 3
    assert (
        annotate_seed(values(neighbours=[neighbour(0.9, [], None, 2), neighbour(0.1, [], None, 5)]))["difficulty"] == 2
    )


def test_without_levelled_neighbours_difficulty_is_rated_from_the_text() -> None:
    assert annotate_seed(values(neighbours=[neighbour(0.9, [], None, None)]))["difficulty"] == 1
