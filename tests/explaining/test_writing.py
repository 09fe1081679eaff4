"""Values read as a person would write them."""

import pytest

from linkqa_kedro.explaining.writing import dollars, number, percent, plain


@pytest.mark.parametrize(
    ("share", "written"),
    [
        (1.0, "100.0 %"),
        (0.99999, ">99.9 %"),
        (0.1234, "12.3 %"),
        (0.0012, "0.12 %"),
        (0.000002, "<0.01 %"),
        (0.0, "0.0 %"),
        (None, "unknown"),
    ],
)
def test_a_share_is_neither_certain_nor_impossible_unless_it_is(share: float | None, written: str) -> None:
    assert percent(share) == written


def test_an_unknown_price_is_not_0() -> None:
    assert (dollars(None), dollars(0.0), dollars(0.000012), dollars(1.5)) == ("unknown", "0.00", "0.000012", "1.50")


def test_numbers_have_three_digits_that_count() -> None:
    assert (number(None), number(1653.2), number(0.05678), number(1.0)) == ("unknown", "1,653", "0.0568", "1")


def test_any_column_can_be_written() -> None:
    assert plain({"a": 1, "b": [True, None]}) == "a: 1, b: yes, –"
    assert plain([]) == "–"
