"""Blind ratings: asked, read, and brought to one level."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes.scripted import ScriptedTeacher, teacher_of
from fakes.true_levels import rating
from linkqa_kedro.pipelines.enhancement.rating import (
    AXES,
    Ratings,
    level_map,
    level_of_axes,
    rate_blind,
    rating_statistics,
    with_ratings,
)
from linkqa_kedro.teacher.requests import Request

ITEM: dict[str, Any] = {"question": "Why?", "options": [], "answer": "so", "discipline": "law", "difficulty": 5}


@pytest.fixture
def rate(tmp_path: Path, parameters: dict, prompts: dict):
    """Rates some items a number of times."""

    def run(script: Callable[[Request], str], n_repeats: int, *names: str) -> tuple[ScriptedTeacher, Ratings]:
        stage = parameters["enhancement"]
        knobs = stage.model_copy(update={"rating": stage.rating.model_copy(update={"repeats": n_repeats})})
        chat = ScriptedTeacher(script)
        items = {name: {**ITEM, "question": name} for name in names or ("a",)}
        return chat, rate_blind(items, teacher_of(chat, tmp_path), prompts["rate"], knobs)

    return run


def by_sample(*levels: Any) -> Callable[[Request], str]:
    """A rater whose n-th rating is the n-th level."""
    return lambda request: rating(levels[request.sample])


def test_each_item_is_rated_as_often_as_asked_and_all_ratings_are_kept(rate) -> None:
    chat, ratings = rate(by_sample(4, 1, 3), 3)
    assert sorted(request.sample for request in chat.asked) == [0, 1, 2]
    row = ratings.of_item["a"]
    assert (row["rated_difficulty"], row["ratings"], row["rating_spread"]) == (3, [4, 1, 3], 3)
    assert set(json.loads(row["difficulty_axes"]).values()) == {3}


def test_of_two_middle_ratings_the_lower_counts(rate) -> None:
    _, ratings = rate(by_sample(2, 5), 2)
    assert ratings.of_item["a"]["rated_difficulty"] == 2


def test_a_rating_that_cannot_be_read_leaves_the_others(rate) -> None:
    _, ratings = rate(by_sample("very hard", 4, 2), 3)
    assert ratings.of_item["a"]["ratings"] == [4, 2]
    assert ratings.unrated == ()


def test_an_item_without_one_usable_rating_is_told_once(rate) -> None:
    def script(request: Request) -> str:
        return rating("hard" if request.values["question"] == "b" else 3)

    _, ratings = rate(script, 3, "a", "b", "c")
    assert list(ratings.of_item) == ["a", "c"]
    assert [(lost.request.record_id, lost.reason) for lost in ratings.unrated] == [("b", "bad difficulty")]


def test_the_rater_sees_neither_label_nor_discipline(rate) -> None:
    chat, _ = rate(by_sample(3), 1)
    assert set(chat.asked[0].values) == {"question", "options", "answer"}


def test_a_calibrated_level_stands_beside_the_rated_one(rate) -> None:
    _, ratings = rate(by_sample(2), 1)
    levels = level_map({"correction": {"levels": [2, 4, 4, 5, 5], "is_applied": True}})
    [row] = with_ratings([{"qa_id": "a"}, {"qa_id": "unrated"}], ratings, levels)
    assert (row["qa_id"], row["rated_difficulty"], row["measured_difficulty"]) == ("a", 2, 4)


def test_a_correction_that_is_not_applied_changes_nothing() -> None:
    assert level_map({"correction": {"levels": [2, 4, 4, 5, 5], "is_applied": False}}) == [1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    ("axes", "level"),
    [
        ((1, 1, 1, 1, 1), 1),
        ((3, 3, 3, 3, 3), 3),
        ((5, 3, 2, 2, 2), 3),  # one axis alone raises nothing
        ((4, 3, 4, 1, 1), 4),  # two do
        ((2, 3, 2, 2, 1), 2),  # all four below lower it
        ((5, 5, 5, 5, 5), 5),
        ((1, 1, 5, 5, 5), 2),  # by one level, however high they are
    ],
)
def test_the_level_follows_the_steps_and_gives_way_to_the_other_axes_by_one(axes: tuple[int, ...], level: int) -> None:
    assert level_of_axes(dict(zip(AXES, axes, strict=True))) == level


@given(st.lists(st.integers(1, 5), min_size=5, max_size=5), st.integers(0, 4))
def test_a_higher_axis_other_than_the_steps_never_lowers_the_level(levels: list[int], place: int) -> None:
    axes = dict(zip(AXES, levels, strict=True))
    axis = AXES[place]
    if axis != "steps" and axes[axis] < 5:
        assert level_of_axes({**axes, axis: axes[axis] + 1}) >= level_of_axes(axes)


def axes_of(level: int) -> str:
    return json.dumps(dict.fromkeys(AXES, level))


def test_agreement_is_told_over_the_items_that_were_rated_twice() -> None:
    """Spreads 0, 1 and 3; distances from the lower median 0, 0, 0, 1, 0, 3."""
    figures = rating_statistics([[3, 3], [2, 3], [1, 4], [5]], [axes_of(3), axes_of(2), axes_of(3), axes_of(5)], 2)
    assert (figures["items_with_several"], figures["repeats"]) == (3, 2)
    assert figures["spread_0_fraction"] == pytest.approx(1 / 3)
    assert figures["spread_within_1_fraction"] == pytest.approx(2 / 3)
    assert figures["mean_absolute_deviation"] == pytest.approx(4 / 6)
    assert (figures["follows_axes_fraction"], figures["follows_axes_within_one_fraction"]) == (0.75, 0.75)


def test_one_rating_each_says_nothing_of_agreement() -> None:
    figures = rating_statistics([[3], [4]], [axes_of(3), axes_of(4)], 1)
    assert figures["spread_0_fraction"] is figures["krippendorff_alpha"] is figures["mean_absolute_deviation"] is None
    assert figures["follows_axes_fraction"] == 1.0
