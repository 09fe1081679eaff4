"""Cells are turned into layers, starts and steps as their labels ask."""

from collections.abc import Sequence

import numpy as np
import pytest

from fakes.small_graphs import Seed, seed_graph
from linkqa_kedro.walks.cell_layers import CellLayers
from linkqa_kedro.walks.cells import CellQuota
from linkqa_kedro.walks.choice_table import NOTHING
from linkqa_kedro.walks.layered_graph import Layer, LayeredGraph, layered_graph

# Point 1 stands in two law seeds and one physics seed, point 2 in one of each.
SEEDS: list[Seed] = [([0, 1], "law", 1), ([1, 2], "law", 2), ([1, 2], "physics", 1)]
MADE = seed_graph(SEEDS)


def cells_of(quotas: Sequence[tuple[str | None, int | None, int]], rho: float = 0.0) -> CellLayers:
    cells = [CellQuota(*quota) for quota in quotas]
    return CellLayers.of(cells, MADE.seeds.disciplines, MADE.seeds.levels, MADE.shares, rho)


def graph_of(cells: CellLayers) -> LayeredGraph:
    return layered_graph(MADE.graph, MADE.seeds.index, cells.labels, cells.layers)


def starts_of(cells: CellLayers, target: Sequence[float], barred: Sequence[int] = ()) -> list[dict[int, float]]:
    """Strength of every vertex in which the walks of each cell may start."""
    graph = graph_of(cells)
    table = cells.starts(graph, np.array(target), ~np.isin(graph.vertices, barred))
    return [
        dict(zip(graph.vertices[table.heads[a:b]].tolist(), table.strengths[a:b].tolist(), strict=True))
        for a, b in zip(table.indptr, table.indptr[1:], strict=False)
    ]


def test_without_crossing_every_cell_has_a_layer_of_its_own() -> None:
    cells = cells_of([("physics", 1, 5), ("law", 2, 5), ("law", 1, 5)])
    assert cells.layers == [Layer(0, 1), Layer(0, 2), Layer(1, 1)]
    assert cells.layer_of.tolist() == [2, 1, 0]


def test_where_disciplines_may_cross_the_cells_of_a_level_share_a_layer() -> None:
    cells = cells_of([("physics", 1, 5), ("law", 2, 5), ("law", 1, 5)], rho=0.1)
    assert cells.layers == [Layer(0, 1), Layer(0, 2)]
    assert cells.layer_of.tolist() == [0, 1, 0]
    assert set(cells.labels.groups.tolist()) == {0}


def test_a_cell_that_asks_for_nothing_has_no_layer() -> None:
    cells = cells_of([("physics", 1, 0), ("law", 1, 5)])
    assert cells.layer_of.tolist() == [NOTHING, 0]
    assert starts_of(cells, [1, 1, 1]) == [{}, {0: 1.0, 1: pytest.approx(2 / 3)}]


def test_own_seeds_are_those_with_the_labels_of_the_cell() -> None:
    by_both = [("law", 1, 1), ("law", 2, 1), ("physics", 2, 1), ("art", 1, 1), ("law", 5, 1)]
    assert cells_of(by_both).own_seeds.tolist() == [1, 1, 0, 0, 0]
    assert cells_of([("law", None, 1), ("physics", None, 1)]).own_seeds.tolist() == [2, 1]
    assert cells_of([(None, 1, 1), (None, 2, 1), (None, 3, 1)]).own_seeds.tolist() == [2, 1, 0]
    assert cells_of([(None, None, 1)]).own_seeds.tolist() == [3]


def test_walks_start_with_target_share_times_discipline_share() -> None:
    """Level 1 has the edges 0-1 (law) and 1-2 (physics); the shares of law are 1, 2/3 and 1/2."""
    target = [0.2, 0.3, 0.5]
    law, physics = starts_of(cells_of([("law", 1, 1), ("physics", 1, 1)]), target)
    assert law == {0: pytest.approx(0.2), 1: pytest.approx(0.3 * 2 / 3)}
    assert physics == {1: pytest.approx(0.3 / 3), 2: pytest.approx(0.5 / 2)}


def test_walks_without_a_discipline_start_with_the_target_share() -> None:
    assert starts_of(cells_of([(None, None, 1)]), [0.2, 0.3, 0.5]) == [{0: 0.2, 1: 0.3, 2: 0.5}]


def test_no_walk_starts_where_no_path_can_stand_or_nothing_is_wanted() -> None:
    assert starts_of(cells_of([(None, None, 1)]), [0.2, 0.3, 0.5], barred=[2]) == [{0: 0.2, 1: 0.3}]
    assert starts_of(cells_of([(None, None, 1)]), [0.0, 0.3, 0.5]) == [{1: 0.3, 2: 0.5}]


def test_steps_are_weighed_by_the_share_of_the_discipline_of_their_layer() -> None:
    """Rows: law 0, 1 and physics 1, 2; rho 0, so D(j) is share(d|j)."""
    cells = cells_of([("law", 1, 1), ("physics", 1, 1)])
    graph = graph_of(cells)
    assert graph.vertices.tolist() == [0, 1, 1, 2]
    assert cells.row_factor(graph) == pytest.approx([1, 2 / 3, 1 / 3, 1 / 2])
    assert cells.crossing(graph) is None


def test_where_disciplines_may_cross_the_walkers_own_discipline_weighs_its_steps() -> None:
    cells = cells_of([("law", 1, 1), ("physics", 1, 1)], rho=0.25)
    graph = graph_of(cells)
    crossing = cells.crossing(graph)
    assert cells.row_factor(graph) is None
    assert crossing is not None
    # D(0) = 1 for law and 0.25 for physics: of four even draws law takes all, physics the first.
    draws = np.array([0.1, 0.3, 0.6, 0.9])
    row = np.flatnonzero(graph.vertices == 0)[:1].repeat(4)
    assert crossing.accepts(np.zeros(4, np.int64), row, draws).tolist() == [True] * 4
    assert crossing.accepts(np.ones(4, np.int64), row, draws).tolist() == [True, False, False, False]


@pytest.mark.parametrize("rho", [0.0, 0.5])
def test_without_a_target_of_disciplines_steps_are_not_weighed(rho: float) -> None:
    cells = cells_of([(None, 1, 1), (None, 2, 1)], rho)
    assert cells.row_factor(graph_of(cells)) is None
    assert cells.crossing(graph_of(cells)) is None
    assert not cells.crosses


def test_the_fit_of_paths_is_that_of_their_cells() -> None:
    fit = cells_of([("law", 2, 1), ("physics", 1, 1)]).fit(np.array([1, 0, 1]))
    assert fit.levels.tolist() == [1, 2, 1]
    assert fit.disciplines.tolist() == [1, 0, 1]
    assert cells_of([(None, None, 1)]).fit(np.array([0])).disciplines.tolist() == [NOTHING]


def test_a_discipline_that_no_seed_has_holds_nothing() -> None:
    assert starts_of(cells_of([("art", 1, 1)]), [1, 1, 1]) == [{}]
    assert starts_of(cells_of([("art", 1, 1)], rho=0.5), [1, 1, 1]) == [{}], "nor is it a place to start from"
