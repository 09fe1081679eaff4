"""The rounds of steering, as a person reads them."""

import io

from rich.console import Console

from linkqa_kedro.report.steering_table import steering_table

ROUND = {
    "number": 0,
    "paths": 1200,
    "rows": 3127,
    "distance": 0.1048,
    "distance_of_all": 0.1086,
    "bought": 9800,
    "cost_usd": None,
    "unreachable_cells": (),
    "short_cells": {"law 4": 0.031, "law 1": 0.0042},
}


def shown(*rounds: dict) -> str:
    console = Console(width=100, record=True, file=io.StringIO())
    console.print(steering_table(rounds, 0.02, "within the tolerance"))
    return console.export_text()


def test_each_round_is_a_row_with_what_it_came_to() -> None:
    said = shown(ROUND, {**ROUND, "number": 1, "distance": 0.0189, "cost_usd": 1234.5})
    lines = [line.split() for line in said.splitlines() if line.strip()]
    assert lines[1] == ["0", "1,200", "3,127", "0.1048", "0.1086", "9,800", "unknown"]
    assert lines[2] == ["1", "1,200", "3,127", "0.0189", "0.1086", "9,800", "1,234.50", "USD"]
    assert "Ended: within the tolerance (tolerance 0.02)." in said


def test_cells_that_were_never_reached_are_named_the_first_of_them() -> None:
    said = shown({**ROUND, "unreachable_cells": tuple(f"law {n}" for n in range(8))})
    assert "law 0, law 1, law 2, law 3, law 4, law 5 and 2 more." in " ".join(said.split())
    assert "hardly ever given" not in shown(ROUND)


def test_what_is_still_short_is_named_where_the_tolerance_was_missed() -> None:
    assert "Short of what is wanted, in shares of all rows: law 4 by 3.1%, law 1 by 0.4%." in shown(ROUND)
    assert "Short of" not in shown({**ROUND, "distance": 0.02})
