"""How many requests a run will send, from those that were gone through."""

import pytest

from linkqa_kedro.price.dry_run import requests_to_send
from linkqa_kedro.price.estimate import Interval
from linkqa_kedro.price.probe import RoleProbe


def probe(n_new: int, n_of_qa: int) -> RoleProbe:
    return RoleProbe(stage="enhancement", model="r1", n_new=n_new, n_of_qa=n_of_qa)


def test_ratings_of_qa_grow_with_the_synthesis_and_those_of_seeds_do_not() -> None:
    """A hundred seeds and 300 QA, of a third of the syntheses: 100 + 3 · 300; a tenth of the QA may not come."""
    found = requests_to_send("rate", probe(400, 300), scale=3.0, n_tries=0, n_repeats=1, most_repeats=1)
    assert (found.low, found.likely, found.high) == pytest.approx((910, 1000, 1000))


def test_each_try_is_rated_as_often_as_every_qa() -> None:
    found = requests_to_send("rate", probe(300, 300), scale=1.0, n_tries=20, n_repeats=3, most_repeats=3)
    assert found.high == pytest.approx(300 + 20 * 3)


def test_tries_cost_one_change_each_whatever_the_ratings() -> None:
    assert requests_to_send("raise", probe(5, 5), scale=1.0, n_tries=20, n_repeats=3, most_repeats=3) == Interval(
        0, 5, 20
    )


def test_a_seed_that_is_named_like_a_qa_is_annotated_once() -> None:
    assert requests_to_send("annotate", probe(10, 10), scale=3.0, n_tries=0, n_repeats=1, most_repeats=1) == Interval(
        10, 10, 10
    )


def test_attempts_that_do_not_agree_may_be_three_times_as_many() -> None:
    found = requests_to_send("solve", probe(300, 300), scale=1.0, n_tries=0, n_repeats=3, most_repeats=9)
    assert (found.likely, found.high) == (300, 900)
