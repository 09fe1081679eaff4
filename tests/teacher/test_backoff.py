import pytest

from linkqa_kedro.teacher.backoff import MAX_PAUSE_SECONDS, asked_seconds, pause_seconds
from linkqa_kedro.teacher.errors import RequestFailed


def test_pauses_double_and_are_spread_and_bounded() -> None:
    lowest, highest = "0" * 64, "f" * 64
    assert [pause_seconds(2.0, n, lowest, 600.0) for n in (1, 2, 3)] == [2.0, 4.0, 8.0]
    assert pause_seconds(2.0, 1, highest, 600.0) == pytest.approx(3.0)
    assert pause_seconds(2.0, 20, lowest, 600.0) == 600.0


def test_the_server_is_never_asked_sooner_than_it_wants() -> None:
    lowest, highest = "0" * 64, "f" * 64
    assert asked_seconds(RequestFailed(""), lowest) == 0.0
    assert asked_seconds(RequestFailed("", 7.0), lowest) == 7.0
    assert asked_seconds(RequestFailed("", 7.0), highest) == pytest.approx(10.5)
    assert asked_seconds(RequestFailed("", 86_400.0), lowest) == MAX_PAUSE_SECONDS
