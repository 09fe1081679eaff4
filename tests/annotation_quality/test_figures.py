"""Figures of answers beside labels, in cases a reader checks by eye."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkqa_kedro.annotation_quality.figures import difficulty_figures, discipline_figures, point_figures

NAMES = st.lists(st.sampled_from(["work", "heat", "energy", "entropy"]), min_size=1, max_size=4, unique=True)


def test_points_are_counted_over_all_and_by_seed() -> None:
    """First seed: 1 of 2 labels, by 1 of 4 names. Second seed: its one label, by its one name."""
    figures = point_figures([["work", "heat"], ["光合作用"]], [["heat", "ohm", "lens", "cell"], ["光合作用"]])
    exact = figures.exact
    assert (exact.precision, exact.recall, exact.f1) == pytest.approx((2 / 5, 2 / 3, 1 / 2))
    assert (exact.seed_precision, exact.seed_recall) == pytest.approx((5 / 8, 3 / 4))
    assert exact.seed_f1 == pytest.approx((1 / 3 + 1) / 2)
    assert exact.matched_seeds_fraction == 1.0
    assert figures.names_per_seed == 2.5


@given(st.lists(st.tuples(NAMES, NAMES), min_size=1, max_size=8))
def test_the_lenient_rule_never_finds_less(pairs: list[tuple[list[str], list[str]]]) -> None:
    labels, found = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    figures = point_figures(labels, found)
    for name, exact in vars(figures.exact).items():
        assert 0 <= exact <= getattr(figures.lenient, name) <= 1


@given(st.lists(NAMES, min_size=1, max_size=8))
def test_labels_found_whole_are_all_right(labels: list[list[str]]) -> None:
    figures = point_figures(labels, [names[::-1] for names in labels])
    assert set(vars(figures.exact).values()) == {1.0}


def test_disciplines_count_alike_in_macro_f1() -> None:
    """biology: precision 3/4, recall 1; law: nothing found; a discipline that no label names has no F1 of its own."""
    labels = ["biology"] * 3 + ["law"] * 2
    figures = discipline_figures(labels, ["biology", "biology", "biology", "biology", "art"])
    assert figures.accuracy == 3 / 5
    assert figures.macro_f1 == pytest.approx((6 / 7 + 0) / 2)
    assert figures.confusion == {"biology": {"biology": 3}, "law": {"art": 1, "biology": 1}}


def test_levels_are_measured_by_distance_and_order() -> None:
    figures = difficulty_figures([1, 2, 3, 5], [1, 3, 4, 3])
    assert figures.exact_accuracy == 1 / 4
    assert figures.within_one_fraction == 3 / 4
    assert figures.mean_absolute_error == 1.0
    assert figures.rank_correlation == pytest.approx(0.6325, abs=1e-4)  # ranks 1 2 3 4 and 1 2.5 4 2.5
    assert figures.confusion[0] == [1, 0, 0, 0, 0]
    assert figures.confusion[4] == [0, 0, 1, 0, 0]
    assert sum(map(sum, figures.confusion)) == 4


def test_a_constant_has_no_rank_correlation() -> None:
    assert difficulty_figures([1, 2, 3], [2, 2, 2]).rank_correlation is None
