"""Numbers with units are read exactly, and compared as people who round would."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkqa_kedro.answers.quantities import read_quantity, same_quantity


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("12", 12, ""),
        ("-3.5 m/s", Fraction(-7, 2), "m/s"),
        ("\u22125", -5, ""),
        ("1,200 J", 1200, "J"),
        ("3/4", Fraction(3, 4), ""),
        (r"\frac{3}{4}", Fraction(3, 4), ""),
        ("½", Fraction(1, 2), ""),
        (".5", Fraction(1, 2), ""),
        (r"$1.5 \times 10^{3} \text{ kg}$", 1500, "kg"),
        ("2e-3", Fraction(1, 500), ""),
        ("x = 7", 7, ""),
        ("约12平方厘米", 12, "平方厘米"),
        ("9.8 m/s²", Fraction(49, 5), "m/s^2"),
        ("75\\%", 75, "%"),
        ("90^\\circ", 90, "°"),
        ("１２", 12, ""),
        (r"2\frac{1}{2}", Fraction(5, 2), ""),
        ("2½ h", Fraction(5, 2), "h"),
        ("1 1/2", Fraction(3, 2), ""),
    ],
)
def test_a_number_is_read_with_its_unit(text: str, value: Fraction, unit: str) -> None:
    found = read_quantity(text)
    assert found is not None
    assert (found.value, found.unit) == (value, unit)


@pytest.mark.parametrize("text", ["", "Paris", "8:15", "12 or 13", "2x + 1", "1/0", "1e999", "3, 4", "x" * 99])
def test_what_is_more_or_other_than_a_number_is_none(text: str) -> None:
    assert read_quantity(text) is None


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("12 m", "12", True),
        ("12 m", "13 m", False),
        ("12", "13", False),
        ("1.2 km", "1200 m", None),
        ("12 m", "13", None),
        ("3.14", "3.1416", True),
        ("3.14", "3.15", None),
        ("3.14", "3.54", False),
        ("12 m", "12 x", None),
        ("12 x", "12", None),
        ("12 people", "12", True),
        ("12m", "12", None),
        ("100", "100.4", None),
        ("x = 5", "y = 5", None),
        ("0.333", "1/3", True),
        ("0.33", "1/3", None),
        ("1789", "1798", False),
        ("0.75", "3/4", True),
        ("6.02e23", "6.022e23", True),
        ("2½", "5/2", True),
    ],
)
def test_two_numbers_are_the_same_up_to_rounding(one: str, other: str, same: bool | None) -> None:
    first, second = read_quantity(one), read_quantity(other)
    assert first is not None
    assert second is not None
    assert same_quantity(first, second) is same_quantity(second, first) is same


@given(st.integers(-(10**9), 10**9), st.integers(0, 6))
def test_a_number_is_the_same_however_it_is_written(digits: int, decimals: int) -> None:
    value = Fraction(digits, 10**decimals)
    texts = [f"{digits}e-{decimals}", f"{value.numerator}/{value.denominator}", f"{float(value):,.{decimals}f} kg"]
    found = [read_quantity(text) for text in texts]
    assert all(one is not None and one.value == value for one in found), texts
