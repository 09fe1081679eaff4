"""What the page on the knobs measures, on graphs small enough to check by eye."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import sensitivity
from linkqa_kedro.walks.cells import CellQuota
from linkqa_kedro.walks.csr import csr_graph, seed_index
from linkqa_kedro.walks.drawing import DrawnPaths, LabelledSeeds

LAW, ART = "law", "art"


def line_of_four() -> Any:
    """0 - 1 - 2 - 3 with associations 0.1, 0.2, 0.3; seeds 0 (law), 1 (law) and 2 (art) hold the three pairs."""
    index = seed_index(np.asarray([0, 1, 1, 2, 2, 3]), np.asarray([0, 0, 1, 1, 2, 2]), 4, 3)
    return sensitivity.SeedGraph(
        name="line",
        graph=csr_graph(np.asarray([0, 1, 2]), np.asarray([1, 2, 3]), np.asarray([0.1, 0.2, 0.3]), 4),
        seeds=LabelledSeeds(index, np.asarray([LAW, LAW, ART]), np.asarray([1, 1, 1])),
        popularity=np.asarray([1, 2, 2, 1]),
        discipline_shares={LAW: np.asarray([1, 1, 0.5, 0]), ART: np.asarray([0, 0, 0.5, 1])},
    )


def run_with(vertices: list[list[int]], seeds: list[list[int]], quotas: list[CellQuota]) -> Any:
    """A run on the line that drew these paths; q is the same for all points."""
    n, graph = len(vertices), line_of_four()
    numbers = np.zeros(n, np.int32)
    paths = DrawnPaths(
        np.arange(n), numbers, numbers, numbers, np.asarray(vertices, np.int32), np.asarray(seeds, np.int32)
    )
    few = replace(sensitivity.SETTINGS, min_length=2, max_length=2)
    drawing = graph.draw(0, few)
    visits = np.bincount([vertex for path in vertices for vertex in path if vertex >= 0], minlength=4)
    return sensitivity.Run(graph, quotas, replace(drawing, paths=paths, visits=visits, target=np.full(4, 0.25)), 0.0)


def measure(knob: str, label: str) -> Any:
    (found,) = [measure for measure in sensitivity.KNOBS[knob].measures if measure.label == label]
    return found


def test_the_association_of_steps_is_the_mean_over_the_edges_that_paths_take() -> None:
    run = run_with([[0, 1, 2], [3, 2, -1]], [[0, 1], [2, -1]], [])
    association = measure("gamma", "mean association of the steps").of(run)
    assert association == pytest.approx((0.1 + 0.2 + 0.3) / 3)


def test_a_path_is_of_several_disciplines_if_its_seeds_are() -> None:
    run = run_with([[0, 1, 2], [1, 2, 3]], [[0, 1], [1, 2]], [])
    assert measure("rho", "paths of several disciplines").of(run) == 0.5


def test_each_path_counts_once_in_the_distance_of_disciplines() -> None:
    """Law has 1 + 1/2 paths, art 1/2; asked was one of each: a quarter of the mix is in the wrong place."""
    asked = [CellQuota(LAW, None, 1), CellQuota(ART, None, 1)]
    run = run_with([[0, 1, 2], [1, 2, 3]], [[0, -1], [1, 2]], asked)
    assert measure("rho", "distance of disciplines to target").of(run) == pytest.approx(0.25)


def test_coverage_is_that_of_the_first_paths_only() -> None:
    """Four points and paths of two: two paths could hold them all, so the third does not count."""
    run = run_with([[0, 1], [1, 0], [2, 3]], [[0, -1], [0, -1], [2, -1]], [])
    assert measure("beta", "coverage at one visit per KP").of(run) == 0.5


def test_the_distance_of_visits_is_0_where_they_have_their_target_shares() -> None:
    even = run_with([[0, 1], [2, 3]], [[0, -1], [2, -1]], [])
    half = run_with([[0, 1], [1, 0]], [[0, -1], [0, -1]], [])
    distance = measure("beta", "distance of visits to q")
    assert (distance.of(even), distance.of(half)) == (0.0, 0.5)


def test_every_knob_has_its_default_among_its_values() -> None:
    defaults = sensitivity.defaults()
    assert {
        name: getattr(defaults, knob.field) in knob.values for name, knob in sensitivity.KNOBS.items()
    } == dict.fromkeys(("alpha", "beta", "gamma", "rho", "s", "growth"), True)


def test_every_picture_stands_on_the_page_and_is_small() -> None:
    page = (sensitivity.PROJECT / "docs" / "sensitivity.md").read_text(encoding="utf-8")
    for name, knob in sensitivity.KNOBS.items():
        assert f"(images/sensitivity_{name}.png)" in page
        assert f"`{knob.parameter}`" in page
        assert 0 < (sensitivity.IMAGES / f"sensitivity_{name}.png").stat().st_size < 120_000


def test_a_sweep_is_the_same_twice_and_fills_its_table_and_picture(tmp_path: Path) -> None:
    knob = replace(sensitivity.KNOBS["beta"], values=(0.0, 4.0))
    graph = sensitivity.zipf_graph(40)
    measured = sensitivity.sweep(knob, [graph], random_seeds=(1, 2))
    assert measured.shape == (1, 2, 2, 3)
    assert measured.tolist() == sensitivity.sweep(knob, [graph], random_seeds=(1, 2)).tolist()
    lines = sensitivity.table(knob, ["made-up"], measured).splitlines()
    assert [line.split(" |")[0] for line in lines[-2:]] == ["| 0", "| 4 (default)"]
    sensitivity.draw_sweep(knob, ["made-up"], measured).savefig(tmp_path / "picture.png")
    assert (tmp_path / "picture.png").stat().st_size > 0


def test_a_value_that_is_never_reached_is_said_to_be_so() -> None:
    to_coverage = measure("growth", "paths per KP to 95 % coverage")
    assert (to_coverage.written(float("nan")), to_coverage.written(0.25)) == ("not reached", "0.25")
