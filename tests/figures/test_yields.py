"""Yields."""

import math

from linkqa_kedro.figures.yields import StageRows, stage_yields, yield_fraction


def test_the_yield_is_kept_over_kept_and_rejected() -> None:
    assert yield_fraction(3, 1) == 0.75
    assert math.isnan(yield_fraction(0, 0))


def test_each_stage_has_a_row_in_order() -> None:
    table = stage_yields(
        [StageRows("synthesis", 10, 36, 4), StageRows("evaluation", 36, 0, 0), StageRows("x", 0, 0, 0)]
    )
    assert table["stage"].tolist() == ["synthesis", "evaluation", "x"]
    assert table["yield_fraction"].tolist()[0] == 0.9
    assert table["rows_per_input"].tolist()[:2] == [3.6, 0.0]
    assert table["rows_per_input"].isna().tolist() == [False, False, True]


def test_no_stages_give_an_empty_table_with_its_columns() -> None:
    assert list(stage_yields([]).columns)[:2] == ["stage", "rows_in"]
