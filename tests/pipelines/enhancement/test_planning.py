"""Which QA are changed, and to which level."""

from hypothesis import given
from hypothesis import strategies as st

from linkqa_kedro.pipelines.enhancement.planning import Change, RatedItem, plan_changes, wanted_counts

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
