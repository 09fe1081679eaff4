"""What some tries leave possible."""

import pytest

from linkqa_kedro.figures.success_bound import success_bound


def test_without_a_success_the_rule_of_three_holds() -> None:
    """About 3/n, exactly 1 - 0.05^(1/n): of 59 tries without success, one in twenty is just ruled out."""
    assert success_bound(0, 59) == pytest.approx(1 - 0.05 ** (1 / 59))
    assert success_bound(0, 58) > 0.05 > success_bound(0, 59)


def test_nothing_is_ruled_out_without_tries_or_where_all_came_off() -> None:
    assert success_bound(0, 0) == success_bound(7, 7) == 1.0


def test_more_tries_with_the_same_share_say_more() -> None:
    bounds = [success_bound(n, 10 * n) for n in (1, 10, 100)]
    assert bounds == sorted(bounds, reverse=True)
    assert bounds[-1] > 0.1
