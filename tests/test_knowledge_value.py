"""The value function against numbers computed by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkqa_kedro.knowledge_value import knowledge_value, target_shares

ALL = np.ones(3, bool)
POPULARITY = np.array([1, 4, 9])
# The first two points are physics, the third is half physics, half law.
SHARES = {"physics": np.array([1.0, 1.0, 0.5]), "law": np.array([0.0, 0.0, 0.5])}


def test_alpha_zero_asks_for_uniform_shares() -> None:
    assert target_shares(POPULARITY, {}, None, ALL, 0.0) == pytest.approx([1 / 3] * 3)


def test_alpha_one_follows_popularity() -> None:
    assert target_shares(POPULARITY, {}, None, ALL, 1.0) == pytest.approx([1 / 14, 4 / 14, 9 / 14])


def test_the_target_sets_the_disciplines_and_alpha_acts_within_them() -> None:
    # alpha 0.5: weights 1, 2, 3. Physics holds 1, 2, 1.5 of 4.5; law holds the third point alone.
    found = target_shares(POPULARITY, SHARES, {"physics": 0.5, "law": 0.5}, ALL, 0.5)
    assert found == pytest.approx([0.5 / 4.5, 1 / 4.5, 0.75 / 4.5 + 0.5])


def test_unreachable_points_get_no_share() -> None:
    found = target_shares(POPULARITY, {}, None, np.array([True, False, True]), 0.0)
    assert found.tolist() == [0.5, 0.0, 0.5]


def test_a_discipline_without_points_leaves_the_shares_of_the_others() -> None:
    found = target_shares(POPULARITY, SHARES, {"physics": 0.5, "art": 0.5}, ALL, 0.0)
    assert found.sum() == pytest.approx(1)
    assert found[2] == pytest.approx(0.2)


def test_before_the_first_visit_every_value_is_one() -> None:
    assert knowledge_value(np.array([0.2, 0.8]), np.zeros(2, int), 4.0, 1.0).tolist() == [1.0, 1.0]


def test_the_value_follows_its_definition() -> None:
    # p = (3 + 2·0.5)/(4 + 2) = 4/6 and (1 + 2·0.5)/6 = 2/6; beta 2.
    found = knowledge_value(np.array([0.5, 0.5]), np.array([3, 1]), 2.0, 2.0)
    assert found == pytest.approx([(0.5 / (4 / 6)) ** 2, (0.5 / (2 / 6)) ** 2])


def test_beta_zero_is_the_static_walk() -> None:
    assert knowledge_value(np.array([0.5, 0.5]), np.array([9, 0]), 0.0, 1.0).tolist() == [1.0, 1.0]


def test_what_is_not_wanted_is_worth_nothing() -> None:
    assert knowledge_value(np.array([0.0, 1.0]), np.array([0, 5]), 4.0, 1.0)[0] == 0.0


@given(st.lists(st.integers(0, 1000), min_size=2, max_size=20), st.floats(0.1, 8), st.floats(0.01, 100))
def test_of_two_equally_wanted_points_the_less_visited_is_worth_more(
    visits: list[int], beta: float, smoothing: float
) -> None:
    value = knowledge_value(np.full(len(visits), 1 / len(visits)), np.array(visits), beta, smoothing)
    order = np.argsort(visits, kind="stable")
    assert (np.diff(value[order]) <= 1e-9 * value[order][:-1]).all()
