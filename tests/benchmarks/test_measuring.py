"""Figures say whether they meet their target, and both sides of a ratio take turns."""

import pytest

from measuring import Failed, Figure, MissingPeerError, cpu_seconds, peer_module


@pytest.mark.parametrize(
    ("figure", "line"),
    [
        (Figure("speed", 412.34, "ratio", ">= 400"), "speed 412.3 ratio (target >= 400)"),
        (Figure("speed", 399.0, "ratio", ">= 400"), "speed 399 ratio (target >= 400, missed)"),
        (Figure("gini", 0.5, "ratio", "<= 0.5"), "gini 0.5 ratio (target <= 0.5)"),
        (Figure("loss", 0.5, "ratio", "< 0.5"), "loss 0.5 ratio (target < 0.5, missed)"),
        (Figure("rate", 1234567.0, "walks/CPU s"), "rate 1.235e+06 walks/CPU s"),
        (Failed("speed", "x is not installed"), "speed failed: x is not installed"),
    ],
)
def test_a_line_says_the_value_and_whether_the_target_is_met(figure, line: str) -> None:
    assert figure.line() == line


def test_sides_take_turns_and_all_are_measured() -> None:
    order = []
    seconds = cpu_seconds({"a": lambda: order.append("a"), "b": lambda: order.append("b")}, n_repeats=3)
    assert order == ["a", "b"] * 3
    assert set(seconds) == {"a", "b"}


def test_a_package_that_is_not_there_is_named_with_what_to_do() -> None:
    assert peer_module("json").dumps([]) == "[]"
    with pytest.raises(MissingPeerError, match=r"surely_not_there is not installed \(pip install '\.\[bench\]'\)"):
        peer_module("surely_not_there.part")
