"""The Walk Arena measures what its page says, and its peers do what is published of them."""

import importlib
import json
import math
import os
import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from fakes.small_graphs import Seed, seed_graph
from linkqa_kedro.walks.cells import CellQuota
from linkqa_kedro.walks.layered_graph import Layer, LayeredGraph, SeedLabels, layered_graph

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
REAL_SEEDS = os.environ.get("LINKQA_REAL_SEEDS", "")


@pytest.fixture(scope="module")
def arena() -> Iterator[ModuleType]:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(BENCHMARKS))
        yield importlib.import_module("walk_arena")


@pytest.fixture(scope="module")
def graphs(arena: ModuleType) -> ModuleType:
    return importlib.import_module("arena_graphs")


@pytest.fixture(scope="module")
def page(arena: ModuleType) -> ModuleType:
    return importlib.import_module("arena_page")


@pytest.fixture(scope="module")
def samplers(arena: ModuleType) -> ModuleType:
    return importlib.import_module("peers.samplers")


def one_layer(point_lists: list[list[int]]) -> LayeredGraph:
    seeds: list[Seed] = [(points, "law", 1) for points in point_lists]
    made = seed_graph(seeds)
    none = np.zeros(len(seeds), np.int64)
    return layered_graph(made.graph, made.seeds.index, SeedLabels(none, none), [Layer(0, None)])


def everywhere(graph: LayeredGraph) -> np.ndarray:
    return np.ones(graph.n_rows, bool)


# Points 0 to 6 in a row, 0 - 1 - 2 - 3 - 4 - 5 - 6.
CHAIN = [[point, point + 1] for point in range(6)]
# Point 0 stands with 1 in three seeds, with 2 in one.
UNEVEN = [[0, 1], [0, 1], [0, 1], [0, 2]]


@pytest.mark.parametrize("random_seed", range(5))
def test_a_partition_holds_every_point_once_in_connected_groups(samplers: ModuleType, random_seed: int) -> None:
    groups = samplers.partition(one_layer(CHAIN), np.ones(7, bool), 3, np.random.default_rng(random_seed))
    members = [[row for row in rows if row >= 0] for rows in groups.rows.tolist()]
    assert sorted(row for rows in members for row in rows) == list(range(7))
    for rows in members:
        assert 1 <= len(rows) <= 3
        assert max(rows) - min(rows) == len(rows) - 1  # a stretch of the chain


def test_what_a_full_group_leaves_of_a_star_stays_alone(samplers: ModuleType) -> None:
    star = one_layer([[0, leaf] for leaf in range(1, 7)])
    groups = samplers.partition(star, np.ones(7, bool), 3, np.random.default_rng(1))
    assert sorted((groups.rows >= 0).sum(axis=1).tolist()) == [1, 1, 1, 1, 3]


def test_points_that_no_path_can_visit_are_in_no_group(samplers: ModuleType) -> None:
    graph = one_layer([[0, 1], [1, 2], [3, 4]])
    reachable = np.array([True, True, True, False, False])
    groups = samplers.partition(graph, reachable, 3, np.random.default_rng(1))
    assert sorted(groups.rows[groups.rows >= 0].tolist()) == [0, 1, 2]


def test_partitions_follow_one_another_until_the_budget_is_reached(samplers: ModuleType) -> None:
    drawn = samplers.sample_partitions(one_layer(CHAIN), np.ones(7, bool), 7, 5, np.random.default_rng(1))
    assert len(drawn.vertices) == 5
    first = drawn.vertices[0][drawn.vertices[0] >= 0].tolist()
    second = drawn.vertices[1][drawn.vertices[1] >= 0].tolist()
    assert sorted(first) == sorted(second) == list(range(7))


def test_the_seeds_of_a_group_hold_the_edges_it_grew_over_each_once(samplers: ModuleType) -> None:
    drawn = samplers.sample_partitions(one_layer([*CHAIN, [0, 1, 2]]), np.ones(7, bool), 7, 4, np.random.default_rng(1))
    points_of = [set(points) for points in [*CHAIN, [0, 1, 2]]]
    for seeds in drawn.seeds.tolist():
        named = [seed for seed in seeds if seed >= 0]
        assert len(named) == len(set(named))
        for edge in CHAIN:
            assert any(points_of[seed] >= set(edge) for seed in named)


def test_mathscale_steps_in_proportion_to_the_seeds_that_hold_both_points(samplers: ModuleType) -> None:
    graph = one_layer(UNEVEN)
    assert samplers.mathscale_strengths(graph).tolist() == [3.0, 1.0, 3.0, 1.0]
    walker = samplers.StaticWalker(graph, samplers.mathscale_strengths(graph), np.array([True, False, False]), 2, 1)
    paths = walker.paths(4000)
    assert set(paths[:, 0].tolist()) == {0}
    assert np.mean(paths[:, 1] == 1) == pytest.approx(3 / 4, abs=0.03)


def test_the_uniform_walk_takes_all_neighbours_alike(samplers: ModuleType) -> None:
    graph = one_layer(UNEVEN)
    walker = samplers.StaticWalker(graph, samplers.uniform_strengths(graph), np.array([True, False, False]), 2, 1)
    assert np.mean(walker.paths(4000)[:, 1] == 1) == pytest.approx(1 / 2, abs=0.03)


def test_starts_are_uniform_over_what_can_be_reached(samplers: ModuleType) -> None:
    graph = one_layer(UNEVEN)
    walker = samplers.StaticWalker(graph, samplers.mathscale_strengths(graph), np.array([True, False, True]), 2, 1)
    starts = np.bincount(walker.paths(4000)[:, 0], minlength=3) / 4000
    assert starts.tolist() == pytest.approx([1 / 2, 0, 1 / 2], abs=0.03)


def test_a_longer_run_of_a_static_walk_begins_with_the_shorter(samplers: ModuleType) -> None:
    graph = one_layer(CHAIN)
    walker = samplers.StaticWalker(graph, samplers.uniform_strengths(graph), everywhere(graph), 4, 1)
    paths = walker.paths(200)
    assert walker.paths(50).tolist() == paths[:50].tolist()
    for path in paths.tolist():
        visited = [point for point in path if point >= 0]
        assert len(visited) == len(set(visited))


def test_walks_of_peers_get_seeds_that_cover_every_step(arena: ModuleType, graphs: ModuleType) -> None:
    inputs = arena.Inputs.of(graphs.zipf_graph(300))
    drawn = arena.draw(inputs, arena.SAMPLERS[0], 50)
    chosen = [(path, seeds) for path, seeds in zip(drawn.vertices, drawn.seeds, strict=True) if (seeds >= 0).any()]
    assert len(chosen) > 25
    for path, seeds in chosen:
        held = [set(inputs.index.vertices_of(seed).tolist()) for seed in seeds.tolist() if seed >= 0]
        visited = [point for point in path.tolist() if point >= 0]
        for edge in pairwise(visited):
            assert any(points >= set(edge) for points in held)


def test_quotas_ask_for_all_disciplines_alike_and_the_stated_levels(arena: ModuleType, graphs: ModuleType) -> None:
    cells = arena.target_quotas(graphs.zipf_graph(300), 1200)
    assert sum(cell.quota for cell in cells) == 1200
    assert {cell.discipline: 0 for cell in cells}.keys() == {f"discipline {number:02}" for number in range(12)}
    by_level = [sum(cell.quota for cell in cells if cell.level == level) for level in range(1, 6)]
    assert by_level == [120, 240, 360, 300, 180]


def small_graph(graphs: ModuleType) -> object:
    # seeds 0 and 1 are law of level 1, seed 2 is physics of level 3
    return graphs.ArenaGraph.of(
        np.array([0, 1, 1, 2, 2, 3]),
        np.array([0, 0, 1, 1, 2, 2]),
        np.array(["law", "law", "physics"]),
        np.array([1, 1, 3]),
        4,
    )


def test_distances_are_those_of_the_labels_of_the_seeds(arena: ModuleType, graphs: ModuleType) -> None:
    quotas = [CellQuota("law", 1, 1), CellQuota("physics", 1, 1)]
    seeds = np.array([[0, 1], [0, -1], [-1, -1]])  # the last path has none, and does not count
    assert arena.distances_to_target(small_graph(graphs), seeds, quotas) == (0.5, 0.0)


def test_a_path_of_two_disciplines_counts_for_both_and_has_their_mean_level(
    arena: ModuleType, graphs: ModuleType
) -> None:
    quotas = [CellQuota("law", 2, 1), CellQuota("physics", 2, 1)]
    assert arena.distances_to_target(small_graph(graphs), np.array([[0, 2]]), quotas) == (0.0, 0.0)


def test_density_is_averaged_over_paths_of_two_seeds_or_more(arena: ModuleType, graphs: ModuleType) -> None:
    index = small_graph(graphs).index
    linked, apart, lone = [0, 1], [0, 2], [2, -1]
    assert arena.mean_density(index, np.array([linked, apart, lone])) == 0.5
    assert math.isnan(arena.mean_density(index, np.array([lone])))


def test_the_smallest_sufficient_budget_is_found_to_one_in_a_hundred(arena: ModuleType) -> None:
    tried: list[int] = []

    def coverage_of(budget: int) -> float:
        tried.append(budget)
        return budget / 2000

    found = arena.smallest_sufficient(coverage_of, limit=1000, most=8000)
    for budget, enough in zip(found, (1600, 1900, 1980), strict=True):
        assert enough <= budget <= 1.01 * enough + 1
    assert len(tried) == len(set(tried))


def test_coverage_that_no_budget_reaches_has_no_smallest_one(arena: ModuleType) -> None:
    found = arena.smallest_sufficient(lambda budget: 0.9 if budget >= 100 else 0.0, limit=100, most=800)
    assert found[0] == 100
    assert all(map(math.isnan, found[1:]))


@pytest.fixture(scope="module")
def measured(arena: ModuleType, graphs: ModuleType) -> dict[str, object]:
    inputs = arena.Inputs.of(graphs.zipf_graph(500))
    return {sampler.name: arena.measure("small", inputs, sampler) for sampler in arena.SAMPLERS}


def test_all_samplers_have_the_same_budget(arena: ModuleType, measured: dict) -> None:
    assert arena.budget_of(n_reachable=501) == 201
    for name, row in measured.items():
        # A cell whose seeds hold no path together keeps its paths to itself.
        assert 190 <= row.n_paths <= 200 if name.startswith("targets") else row.n_paths == 200


def test_coverage_grows_along_the_curve_to_that_of_the_run(measured: dict) -> None:
    for row in measured.values():
        assert row.curve_coverage == sorted(row.curve_coverage)
        assert row.curve_coverage[-1] == pytest.approx(row.coverage)
        assert (row.coverage >= 0.8) == (not math.isnan(row.one_run[0]))


def test_the_value_needs_fewer_paths_than_walks_without_it(measured: dict) -> None:
    ours = measured["ours α 0, β 4"].sufficient
    for name in ("uniform walk", "MathScale", "ours α 0, β 0"):
        assert all(budget < other for budget, other in zip(ours, measured[name].sufficient, strict=True))


def test_only_who_is_told_the_target_meets_it(measured: dict) -> None:
    for name, row in measured.items():
        told = name.startswith("targets")
        assert (row.difficulty_distance < 0.02) == told


def test_peers_follow_no_target_share(measured: dict) -> None:
    untold = [name for name, row in measured.items() if math.isnan(row.distance_to_own)]
    assert untold == ["uniform walk", "MathScale", "partition"]


def test_own_shares_are_followed_closer_than_the_uniform_ones_where_they_differ(measured: dict) -> None:
    row = measured["ours α 0.5, β 4"]
    assert row.distance_to_own < row.distance_to_uniform


def test_beyond_its_bound_no_smallest_budget_is_looked_for(arena: ModuleType, graphs: ModuleType) -> None:
    inputs = arena.Inputs.of(graphs.zipf_graph(100))
    sampler = arena.Sampler("bounded", beta=4.0, bisected=99)
    assert all(map(math.isnan, arena.sufficient_budgets(inputs, sampler)))


def peak_after_holding(mebibytes: int) -> float:
    code = f"import numpy, walk_arena; numpy.ones({mebibytes} << 17); print(walk_arena.peak_mebibytes())"
    environment = {**os.environ, "PYTHONPATH": str(BENCHMARKS)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    return float(done.stdout)


def test_peak_memory_counts_what_was_held_and_given_back() -> None:
    assert peak_after_holding(500) - peak_after_holding(100) == pytest.approx(400, abs=40)


def test_a_graph_is_read_as_it_was_written(graphs: ModuleType, tmp_path: Path) -> None:
    graph = graphs.zipf_graph(100)
    graph.save(tmp_path / "graph.npz")
    again = graphs.ArenaGraph.load(tmp_path / "graph.npz")
    assert again.n_points == 100
    assert again.disciplines.tolist() == graph.disciplines.tolist()
    assert again.csr().weights.tolist() == graph.csr().weights.tolist()


def test_discipline_shares_are_those_of_the_seeds(graphs: ModuleType) -> None:
    shares = small_graph(graphs).discipline_shares()
    assert {name: share.tolist() for name, share in shares.items()} == {
        "law": [1.0, 1.0, 0.5, 0.0],
        "physics": [0.0, 0.0, 0.5, 1.0],
    }


def test_labels_of_people_are_kept_and_a_scale_from_0_begins_at_1(
    graphs: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    records = [
        {"knowledge_points": ["b", "a", "b"], "discipline": "law", "difficulty": 0},
        {"knowledge_points": [], "discipline": "law", "difficulty": 4},
        {"knowledge_points": ["c"], "discipline": "physics", "difficulty": 3},
    ]
    (tmp_path / "labelled.jsonl").write_text("\n".join(map(json.dumps, records)), encoding="utf-8")
    monkeypatch.setenv("LINKQA_REAL_SEEDS", str(tmp_path))
    graph = graphs.labelled_graph("labelled.jsonl")
    assert (graph.n_points, graph.n_seeds, graph.levels.tolist()) == (3, 2, [1, 4])
    assert graph.disciplines.tolist() == ["law", "physics"]


def test_real_seeds_are_left_out_with_a_reason_where_no_folder_is_named(
    arena: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("LINKQA_REAL_SEEDS", raising=False)
    (result,) = arena.bench(["tal_en"])
    assert result.line() == "tal_en left out: LINKQA_REAL_SEEDS is not set"


@pytest.mark.skipif(not REAL_SEEDS, reason="LINKQA_REAL_SEEDS names no folder of real seeds")
def test_real_labelled_seeds_have_the_size_that_their_source_states(graphs: ModuleType) -> None:
    english, chinese = graphs.GRAPHS["tal_en"](), graphs.GRAPHS["tal_zh"]()
    assert (english.n_points, english.n_seeds, chinese.n_points, chinese.n_seeds) == (381, 2686, 1413, 1831)


def test_tables_are_aligned(page: ModuleType) -> None:
    assert page.markdown_table(["name", "n"], [["a", "10"], ["longer", "–"]]).splitlines() == [
        "| name   |  n |",
        "| ------ | -: |",
        "| a      | 10 |",
        "| longer |  – |",
    ]


def test_the_page_is_written_between_its_marks_and_the_rest_stays(
    page: ModuleType, arena: ModuleType, graphs: ModuleType, measured: dict, tmp_path: Path
) -> None:
    (tmp_path / "images").mkdir()
    written = tmp_path / "walk_arena.md"
    written.write_text(f"before\n\n{page.BEGIN}\nearlier tables\n{page.END}\n\nafter\n", encoding="utf-8")
    facts = arena.facts_of("small", graphs.zipf_graph(500))
    page.write_page([facts, *measured.values(), page.LeftOut("tal_en", "no folder")], tmp_path)
    text = written.read_text(encoding="utf-8")
    assert text.startswith("before")
    assert text.endswith("after\n")
    assert "earlier tables" not in text
    assert "Budget 200 paths. Limits: 80 paths for 80%" in text
    assert "- tal_en left out: no folder" in text
    for name in measured:
        assert text.count(f"| {name} ") == 2
    assert {path.name for path in (tmp_path / "images").iterdir()} == {
        "walk_arena_coverage.png",
        "walk_arena_paths_to_95.png",
    }


def test_figures_kept_in_a_file_are_read_as_they_were(
    page: ModuleType, arena: ModuleType, graphs: ModuleType, measured: dict, tmp_path: Path
) -> None:
    facts = arena.facts_of("small", graphs.zipf_graph(500))
    kept = {"small": [facts, *measured.values()], "tal_en": [page.LeftOut("tal_en", "no folder")]}
    arena._write(tmp_path / "figures.json", kept)
    again = arena._read(tmp_path / "figures.json")
    assert page.tables(again["small"]) == page.tables(kept["small"])
    assert again["tal_en"] == kept["tal_en"]
