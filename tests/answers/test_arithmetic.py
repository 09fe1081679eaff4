"""An expression of a model is computed safely, and speaks against an answer only where nothing else is possible."""

import math

import pytest

from linkqa_kedro.answers.arithmetic import calculated, contradicts


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("3*4/2", 6),
        ("2^10", 1024),
        ("3 × 4 ÷ 2", 6),
        ("√16 + √(9)", 7),
        ("2 * pi", 2 * math.pi),
        ("1,200 / 2", 600),
        (r"\frac{3}{4} * 8", 6),
        ("comb(5, 2)", 10),
        (r"2\sqrt{9} + 2(3 + 4)", 20),
        ("ln(e)", 1),
    ],
)
def test_arithmetic_is_computed(expression: str, value: float | None) -> None:
    assert calculated(expression) == (None if value is None else pytest.approx(value))


@pytest.mark.parametrize(
    "expression",
    [
        "",
        "x + 1",
        "1/0",
        "9**9**9",
        "__import__('os').getcwd()",
        "(1).__class__",
        "'a' * 10**9",
        "sqrt(-1)",
        "1" * 300,
        "perm(10**6, 10**6)",
        "sin(30)",
    ],
)
def test_what_is_no_arithmetic_has_no_value(expression: str) -> None:
    assert calculated(expression) is None


@pytest.mark.parametrize(
    ("expression", "answer"),
    [
        ("3*4/2", "6 m"),
        ("1/3", "0.33"),
        ("2/3", "0.66"),  # cut off, not rounded
        ("0.25", "25%"),
        ("1200", "1.2 kJ"),
        ("2 * pi", "6.28"),
        ("3.14*5**2", "78.54"),
        ("5*tan(45)", "5 m"),
        ("log(8)", "2.08"),
        ("0.5", "30 min"),
        ("20", "72 km/h"),
        ("1234.5", "1200 J"),
        ("perm(10,3)", "720"),
        ("1e300", "1e-200"),
        ("3*4/2", "six"),
        ("x + 1", "7"),
        (None, "7"),
    ],
)
def test_what_may_be_the_answer_does_not_contradict_it(expression: str | None, answer: str) -> None:
    assert contradicts(expression, answer) is None


@pytest.mark.parametrize(
    ("expression", "answer"),
    [("3*4/2", "7"), ("1/3", "0.35"), ("5 - 9", "4"), ("100/3", "34"), ("2*3", "0"), ("17*3", "50")],
)
def test_another_number_contradicts_the_answer(expression: str, answer: str) -> None:
    assert contradicts(expression, answer) is not None
