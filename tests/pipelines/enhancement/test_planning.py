"""Which QA are changed, and to which level."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkqa_kedro.pipelines.enhancement.planning import (
    Change,
    LevelTries,
    RatedItem,
    plan_changes,
    wanted_counts,
    without_levels,
)

HARDER = {2: 0.5, 4: 0.5}


def items(levels: list[int]) -> list[RatedItem]:
    return [RatedItem(f"q{n:03}", level) for n, level in enumerate(levels)]


def test_the_missing_level_is_filled_from_the_nearest_surplus() -> None:
    assert plan_changes(items([1, 2, 2, 3]), HARDER, ()) == [Change("q003", 3, 4), Change("q000", 1, 4)]


def test_nothing_is_planned_where_the_mix_is_met() -> None:
    assert plan_changes(items([2, 4, 2, 4]), HARDER, ()) == []


def test_a_level_is_not_emptied_below_what_is_wanted_of_it() -> None:
    assert plan_changes(items([2, 2, 2, 2]), HARDER, ()) == [Change("q000", 2, 4), Change("q001", 2, 4)]


def test_finished_items_are_left_alone() -> None:
    assert plan_changes(items([2, 2, 2, 2]), HARDER, {"q000"}) == [Change("q001", 2, 4), Change("q002", 2, 4)]


def test_too_hard_items_are_lowered() -> None:
    assert plan_changes(items([5, 4]), HARDER, ()) == [Change("q000", 5, 2)]


@given(st.lists(st.integers(1, 5), max_size=40), st.lists(st.integers(0, 5), min_size=5, max_size=5))
def test_carrying_out_the_plan_meets_the_mix(levels: list[int], weights: list[int]) -> None:
    if not sum(weights):
        return
    target = {level: weight / sum(weights) for level, weight in zip(range(1, 6), weights, strict=True)}
    after = {item.qa_id: item.level for item in items(levels)}
    for change in plan_changes(items(levels), target, ()):
        assert after[change.qa_id] == change.level
        after[change.qa_id] = change.target_level
    measured = {level: list(after.values()).count(level) for level in range(1, 6)}
    assert measured == wanted_counts(len(levels), target)


def tries_of_level_one(accepted: int, tries: int) -> LevelTries:
    return LevelTries(Counter({("law", 1): tries}), Counter({("law", 1): accepted}))


def test_a_level_is_out_of_reach_once_its_tries_rule_half_of_its_share_out() -> None:
    """A fifth wanted, two tries a QA: half of it needs 5.1 % of the tries. 57 failures rule that out, 56 do not."""
    even = dict.fromkeys(range(1, 6), 0.2)
    assert tries_of_level_one(0, 56).out_of_reach("law", even, n_attempts=2) == set()
    assert tries_of_level_one(0, 57).out_of_reach("law", even, n_attempts=2) == {1}
    assert tries_of_level_one(0, 57).out_of_reach("art", even, n_attempts=2) == set(), "tries elsewhere say nothing"
    assert tries_of_level_one(6, 57).out_of_reach("law", even, n_attempts=2) == set()


def test_less_is_asked_of_a_level_of_which_little_is_wanted() -> None:
    found = [tries_of_level_one(1, 80).out_of_reach("law", {1: share, 2: 1 - share}, 2) for share in (0.3, 0.1, 0.0)]
    assert found == [{1}, set(), set()]


def test_the_shares_of_what_is_left_out_go_to_the_others_in_proportion() -> None:
    assert without_levels({1: 0.2, 2: 0.2, 3: 0.6}, {1}) == pytest.approx({2: 0.25, 3: 0.75})
    assert without_levels({1: 1.0}, {1}) == {1: 1.0}
