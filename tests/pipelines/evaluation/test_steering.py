"""Steering is told how far the mix is from the one wanted, and what would bring it nearer."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from linkqa_kedro.pipelines.evaluation.steering import plan_steering
from linkqa_kedro.pipelines.steering_parameters import SteeringParameters
from linkqa_kedro.records import DIFFICULTY_GAP, PATHS, QUOTA_SHORTFALLS, QUOTAS, TARGET_GAP, rows_of
from linkqa_kedro.shards import write_table

PARAMETERS = SteeringParameters(round=0, tolerance=0.02, max_growth=2.0)
PATH: dict[str, Any] = {
    **dict.fromkeys(("walk", "round", "attempt", "realised_difficulty"), 0),
    **dict.fromkeys(("knowledge_points", "kp_ids", "seed_ids", "seed_disciplines", "seed_difficulties"), ()),
    "steering_round": 0,
    "association_density": 1.0,
}
CELLS = [("law", 2), ("law", 3)]


@pytest.fixture
def steer(tmp_path: Path):
    """Plans from the cells asked of each path, and the path and level of each row of law."""

    def run(
        asked: list[tuple],
        rows: list[tuple[int, int]],
        wanted: dict[tuple, float],
        closed: list[tuple] = (),
        out_of_reach: list[tuple] = (),
    ):
        paths = PATHS.frame(
            {**PATH, "path_id": f"p{n}", "cell_discipline": cell[0], "cell_difficulty": cell[1]}
            for n, cell in enumerate(asked)
        )
        dataset = pd.DataFrame(
            [{"path_id": f"p{path}", "discipline": "law", "measured_difficulty": level} for path, level in rows]
        )
        cells = sorted({*wanted, *(("law", level) for _, level in rows)})
        share = {cell: sum(("law", level) == cell for _, level in rows) / len(rows) for cell in cells}
        gap = TARGET_GAP.frame(
            {
                "discipline": cell[0],
                "difficulty": cell[1],
                "wanted_share": wanted.get(cell, 0.0),
                "measured_share": share[cell],
                "gap": wanted.get(cell, 0.0) - share[cell],
            }
            for cell in cells
        )
        quotas = QUOTAS.frame(
            {"discipline": d, "difficulty": level, "target_share": 0.5, "quota": 1, "corrections": [], "n_seeds": 9}
            for d, level in dict.fromkeys(asked)
        )
        shortfalls = QUOTA_SHORTFALLS.frame(
            {"discipline": d, "difficulty": n, "quota": 9, "drawn": 1, "missing": 8, "moved": 0, "cause": "no seeds"}
            for d, n in closed
        )
        handle = write_table(paths, PATHS, tmp_path / "paths", 2)
        counts = dict.fromkeys(("wanted", "before", "after", "tries", "accepted"), 0)
        tried = DIFFICULTY_GAP.frame(
            {"discipline": d, "difficulty": n, "out_of_reach": True, **counts} for d, n in out_of_reach
        )
        table, statistics = plan_steering(dataset, handle, quotas, shortfalls, gap, tried, PARAMETERS)
        return {(row["discipline"], row["difficulty"]): row["paths"] for row in rows_of(table)}, statistics

    return run


def test_the_cell_that_lacks_rows_is_asked_for_more(steer) -> None:
    """Twelve paths, a row each: three at level 2 and nine at level 3, where as many are wanted of each."""
    asked = [CELLS[0]] * 3 + [CELLS[1]] * 9
    rows = [(n, cell[1]) for n, cell in enumerate(asked)]
    found, statistics = steer(asked, rows, dict.fromkeys(CELLS, 0.5))
    assert found[("law", 3)] == 0
    assert 4 <= found[("law", 2)] <= 8
    assert statistics["cells_total_variation"] == statistics["reachable_total_variation"] == 0.25
    assert statistics["planned_paths"] == found[("law", 2)]
    assert statistics["expected_total_variation"] < 0.1


def test_what_was_never_reached_is_named_and_left_out(steer) -> None:
    wanted = {("law", 2): 0.4, ("law", 3): 0.4, ("law", 5): 0.2}
    found, statistics = steer([*CELLS, ("law", 5)], [(0, 2), (1, 3), (2, 3), (2, 2)], wanted)
    assert statistics["unreachable_cells"] == ["law 5"]
    assert statistics["unreachable_share"] == pytest.approx(0.2)
    assert statistics["cells_total_variation"] == pytest.approx(0.2)
    assert statistics["reachable_total_variation"] == pytest.approx(0)
    assert sum(found.values()) == 0


def test_what_tries_hardly_ever_reach_is_named_and_left_out_with_the_rows_it_has(steer) -> None:
    """Levels 2 and 3 have as many rows each; the one row at level 1 took too many tries to ask for more."""
    wanted = {("law", 1): 0.2, ("law", 2): 0.4, ("law", 3): 0.4}
    rows = [(0, 2), (0, 2), (1, 3), (1, 3), (1, 1)]
    found, statistics = steer(CELLS, rows, wanted, out_of_reach=[("law", 1)])
    assert statistics["unreachable_cells"] == ["law 1"]
    assert statistics["unreachable_share"] == pytest.approx(0.2)
    assert statistics["reachable_total_variation"] == pytest.approx(0)
    assert statistics["short_cells"] == {}
    assert sum(found.values()) == 0


def test_cells_with_less_than_wanted_are_named_the_shortest_first(steer) -> None:
    wanted = {("law", 1): 0.3, ("law", 2): 0.5, ("law", 3): 0.2}
    _, statistics = steer(CELLS, [(0, 1), (0, 2), (1, 3), (1, 3)], wanted)
    assert statistics["short_cells"] == {"law 2": pytest.approx(0.25), "law 1": pytest.approx(0.05)}
    assert list(statistics["short_cells"]) == ["law 2", "law 1"]


def test_a_cell_whose_seeds_are_used_up_is_not_asked(steer) -> None:
    asked = [CELLS[0]] * 3 + [CELLS[1]] * 9
    rows = [(n, cell[1]) for n, cell in enumerate(asked)]
    found, _ = steer(asked, rows, dict.fromkeys(CELLS, 0.5), closed=[("law", 2)])
    assert found == {("law", 2): 0, ("law", 3): 0}


def test_the_growth_of_a_round_is_bounded(steer) -> None:
    """One row in twenty is of level 2: many more paths would be needed than the twenty there are."""
    asked = [CELLS[0]] + [CELLS[1]] * 19
    rows = [(n, cell[1]) for n, cell in enumerate(asked)]
    found, _ = steer(asked, rows, {("law", 2): 0.9, ("law", 3): 0.1})
    assert 0 < found[("law", 2)] <= 20


def test_without_a_target_for_disciplines_levels_alone_are_compared(steer) -> None:
    """Rows of two levels, as many as wanted; that one discipline holds all of them is nobody's concern."""
    wanted = {("law", 2): 0.3, ("law", 3): 0.3, ("art", 2): 0.2, ("art", 3): 0.2}
    found, statistics = steer([(None, 2), (None, 3)], [(0, 2), (1, 3)], wanted)
    assert statistics["cells_total_variation"] == pytest.approx(0)
    assert statistics["unreachable_cells"] == []
    assert found == {(None, 2): 0, (None, 3): 0}


def test_without_targets_there_is_nothing_to_steer_to(tmp_path: Path) -> None:
    paths = write_table(PATHS.frame(()), PATHS, tmp_path / "paths", 2)
    dataset = pd.DataFrame({"path_id": ["p0"], "discipline": ["law"], "measured_difficulty": [2]})
    table, statistics = plan_steering(
        dataset,
        paths,
        QUOTAS.frame(()),
        QUOTA_SHORTFALLS.frame(()),
        TARGET_GAP.frame(()),
        DIFFICULTY_GAP.frame(()),
        PARAMETERS,
    )
    assert table.empty
    assert statistics == {}
