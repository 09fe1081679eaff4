"""A trace has the probabilities that the draws have."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import chisquare

from fakes.small_graphs import SETTINGS, Seed, draw, seed_graph, seeds_of, vertices_of
from linkqa_kedro.walks.cells import CellQuota
from linkqa_kedro.walks.choice_table import NOTHING
from linkqa_kedro.walks.drawing import PathDrawing, WalkSettings
from linkqa_kedro.walks.walk_trace import WalkTrace

# Two seeds that share the points 1 and 2. Edges 0-1, 0-2, 1-3 and 2-3 weigh 1/√2, edge 1-2 weighs 1.
SQUARE: list[Seed] = [([0, 1, 2], "x", 1), ([1, 2, 3], "x", 1)]
STATIC = replace(SETTINGS, beta=0.0, max_length=3, max_seed_uses=40_000)
Quotas = list[tuple[str | None, int | None, int]]


def drawing_of(seeds: list[Seed], settings: WalkSettings, quotas: Quotas) -> PathDrawing:
    made = seed_graph(seeds)
    cells = [CellQuota(*cell) for cell in quotas]
    return PathDrawing(made.graph, made.seeds, made.popularity, made.shares, cells, settings)


def trace_of(
    seeds: list[Seed], walk: int, settings: WalkSettings, quotas: Quotas, corrections: tuple[list[int], ...] = ()
) -> WalkTrace:
    extra = [np.array(paths, np.int64) for paths in corrections]
    found = drawing_of(seeds, settings, quotas).trace(walk, corrections=extra)
    assert found is not None
    return found


def random_seeds(n_seeds: int = 60, n_points: int = 25) -> list[Seed]:
    random = np.random.default_rng(5)
    return [(random.choice(n_points, 4, replace=False).tolist(), "ab"[n % 2], 2 + n % 3 // 2) for n in range(n_seeds)]


def test_probabilities_are_those_computed_by_hand() -> None:
    """beta 0: every start is as likely; a step goes by the weights of the edges, the way back left out."""
    aside, across = 1 / (2 + np.sqrt(2)), np.sqrt(2) / (2 + np.sqrt(2))
    by_hand = {
        0: {1: 1 / 2, 2: 1 / 2},
        3: {1: 1 / 2, 2: 1 / 2},
        1: {0: aside, 3: aside, 2: across},
        2: {0: aside, 3: aside, 1: across},
    }
    for walk in range(12):
        trace = trace_of(SQUARE, walk, STATIC, [(None, None, 12)])
        start, *steps = trace.choices
        assert dict(zip(start.vertices.tolist(), start.probabilities, strict=True)) == pytest.approx(
            dict.fromkeys(range(4), 1 / 4)
        )
        for place, step in enumerate(steps, start=1):
            left = {k: p for k, p in by_hand[trace.vertices[place - 1]].items() if k not in trace.vertices[:place]}
            expected = {vertex: p / sum(left.values()) for vertex, p in left.items()}
            assert dict(zip(step.vertices.tolist(), step.probabilities, strict=True)) == pytest.approx(expected)
            assert step.probability == pytest.approx(expected[trace.vertices[place]])
        assert not trace.is_dead_end, "it had room for no further point"


def test_the_value_weighs_starts_and_steps() -> None:
    """beta 1 and s = 0.4: after the first round of one walk, V = q / ((c + s·q) / (Σ c + s)) = 0.85 / (c + 0.1)."""
    valued = replace(STATIC, beta=1.0, round_growth=1.0, alpha=0.0)
    first, second = (trace_of(SQUARE, walk, valued, [(None, None, 20)]) for walk in (0, 1))
    assert (first.round_number, second.round_number) == (0, 1)
    assert first.value.tolist() == [1.0] * 4
    seen = np.array([vertex in first.vertices for vertex in range(4)])
    assert second.visits.tolist() == seen.astype(int).tolist()
    assert second.value == pytest.approx(np.where(seen, 0.85 / 1.1, 0.85 / 0.1))
    start = dict(zip(second.choices[0].vertices.tolist(), second.choices[0].probabilities, strict=True))
    assert start == pytest.approx({vertex: second.value[vertex] / second.value.sum() for vertex in range(4)})


def test_d_weighs_steps_into_other_disciplines() -> None:
    """rho 0.2 on a triangle: from 0, the point 1 of the own discipline counts 1, point 2 of another one 0.2."""
    seeds: list[Seed] = [([0, 1, 2], "a", 1), ([0, 1], "a", 1), ([0, 2], "b", 1), ([2, 3], "b", 1)]
    settings = replace(STATIC, rho=0.2, min_length=2)
    n_seen = 0
    for walk in range(20):
        trace = trace_of(seeds, walk, settings, [("a", None, 20)])
        step = trace.choices[1]
        assert step.probabilities.sum() == pytest.approx(1)
        if trace.vertices[0] == 0:
            n_seen += 1
            # n(k) is 3, 2, 3: the edge 0-1 weighs 2/√6, 0-2 weighs 2/3; share(a|1) = 1, share(a|2) = 1/3.
            to_1, to_2 = 2 / np.sqrt(6), 2 / 3 * (1 / 3 + 0.2 * 2 / 3)
            expected = {1: to_1 / (to_1 + to_2), 2: to_2 / (to_1 + to_2)}
            assert dict(zip(step.vertices.tolist(), step.probabilities, strict=True)) == pytest.approx(expected)
    assert n_seen


@pytest.mark.parametrize("rho", [0.0, 0.3])
@pytest.mark.parametrize(
    ("quotas", "corrections"),
    [
        ([(None, None, 90)], ()),
        ([("a", 2, 40), ("a", 3, 40), ("b", 2, 40)], ([10, 0, 10], [0, 12, 0])),
        ([("a", None, 60), ("b", None, 60)], ([5, 5],)),
    ],
)
def test_every_path_of_a_drawing_is_met_again_with_probabilities_that_sum_to_1(
    quotas: Quotas, corrections: tuple[list[int], ...], rho: float
) -> None:
    tight = replace(SETTINGS, rho=rho, max_seed_uses=14, redistribute="proportional")
    drawn = draw(random_seeds(), quotas, tight, corrections=corrections)
    every = list(zip(drawn.paths.walks.tolist(), vertices_of(drawn), seeds_of(drawn), strict=True))
    assert {0, len(every) - 1} <= set(range(len(every)))
    for place in (0, 1, len(every) // 2, len(every) - 1):
        walk, vertices, seeds = every[place]
        trace = trace_of(random_seeds(), walk, tight, quotas, corrections)
        assert (list(trace.vertices), list(trace.seeds)) == (vertices, seeds)
        assert trace.round_number == drawn.paths.rounds[place]
        assert trace.attempt == drawn.paths.attempts[place]
        assert len(trace.choices) == len(vertices)
        for step, choice in enumerate(trace.choices):
            assert choice.vertex == vertices[step]
            assert choice.probabilities.sum() == pytest.approx(1)
            assert 0 < choice.probability <= 1
            assert (np.diff(choice.probabilities) <= 0).all()
            assert not set(choice.vertices.tolist()) & set(vertices[:step])


@pytest.mark.parametrize("rho", [0.0, 0.3])
def test_probabilities_agree_with_how_often_it_is_drawn(rho: float) -> None:
    """All walks of one round meet the same tables: those with the same beginning choose as the trace says."""
    n = 60_000
    settings = replace(SETTINGS, rho=rho, max_length=3, max_seed_uses=n, min_length=2)
    # One round holds all: a first one of a twentieth at most, so the later rounds are static too.
    static = replace(settings, beta=0.0)
    quotas: Quotas = [("a", None, n)]
    drawn = [tuple(path) for path in vertices_of(draw(random_seeds(), quotas, static))]
    trace = trace_of(random_seeds(), 7, static, quotas)
    for step, choice in enumerate(trace.choices[1:], start=1):
        begin = trace.vertices[:step]
        next_of = Counter(path[step] for path in drawn if path[:step] == begin and len(path) > step)
        assert set(next_of) <= set(choice.vertices.tolist())
        expected = choice.probabilities * next_of.total()
        enough = expected >= 5
        found = np.array([next_of[vertex] for vertex in choice.vertices.tolist()])
        assert enough.sum() > 1
        pooled = np.append(found[enough], found[~enough].sum()), np.append(expected[enough], expected[~enough].sum())
        kept = pooled[1] > 0
        assert chisquare(pooled[0][kept], pooled[1][kept]).pvalue > 1e-4


def test_a_walk_that_stops_for_want_of_a_neighbour_says_so() -> None:
    """The points of one seed: after three of them nothing is left, though a fourth would be allowed."""
    seeds: list[Seed] = [([0, 1, 2], "x", 1), ([0, 1, 2], "x", 1)]
    trace = trace_of(seeds, 0, replace(SETTINGS, beta=0.0), [(None, None, 5)])
    assert len(trace.vertices) == 3
    assert trace.is_dead_end
    assert NOTHING not in trace.vertices


def test_a_walk_that_gives_no_path_has_no_trace() -> None:
    assert drawing_of(SQUARE, STATIC, [(None, None, 5)]).trace(5) is None
