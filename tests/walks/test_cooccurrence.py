"""Edges and their strength."""

import math
from collections import Counter
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkqa_kedro.walks.cooccurrence import EdgeTable, association, count_pairs, strongest_neighbours

# Seed 0 holds 0, 1, 2; seed 1 holds 0, 1; seed 2 holds 3.
VERTICES = np.array([0, 1, 2, 0, 1, 3])
SEEDS = np.array([0, 0, 0, 1, 1, 2])


def test_pairs_are_counted_over_seeds() -> None:
    edges = count_pairs(VERTICES, SEEDS, 4)
    found = zip(edges.sources.tolist(), edges.targets.tolist(), edges.counts.tolist(), strict=True)
    assert list(found) == [(0, 1, 2), (0, 2, 1), (1, 2, 1)]


@given(st.lists(st.sets(st.integers(0, 9), max_size=6), max_size=12))
def test_counts_agree_with_counting_by_hand(seeds: list[set[int]]) -> None:
    by_hand = Counter(pair for seed in seeds for pair in combinations(sorted(seed), 2))
    vertices = np.array([v for seed in seeds for v in sorted(seed)], np.int64)
    numbers = np.array([n for n, seed in enumerate(seeds) for _ in seed], np.int64)
    edges = count_pairs(vertices, numbers, 10)
    pairs = zip(edges.sources.tolist(), edges.targets.tolist(), strict=True)
    assert dict(zip(pairs, edges.counts.tolist(), strict=True)) == by_hand


@pytest.mark.parametrize(
    ("measure", "expected"),
    [
        ("cosine", 2 / math.sqrt(4 * 9)),
        ("jaccard", 2 / 11),
        ("count", 2.0),
        ("pmi", math.log(2 * 100 / 36) / -math.log(2 / 100)),
    ],
)
def test_association_follows_its_definition(measure: str, expected: float) -> None:
    edge = EdgeTable(np.array([0]), np.array([1]), np.array([2]))
    assert association(edge, np.array([4, 9]), 100, measure)[0] == pytest.approx(expected)


def test_normalised_pmi_of_a_pair_in_every_seed_is_one() -> None:
    edge = EdgeTable(np.array([0]), np.array([1]), np.array([5]))
    assert association(edge, np.array([5, 5]), 5, "pmi").tolist() == [1.0]


def test_an_edge_stays_if_it_is_strong_for_either_end() -> None:
    # A star: vertex 0 keeps its strongest edge, each leaf keeps its only one.
    edges = EdgeTable(np.array([0, 0, 1]), np.array([1, 2, 2]), np.array([1, 1, 1]))
    kept = strongest_neighbours(edges, np.array([0.9, 0.5, 0.1]), 3, 1)
    assert kept.tolist() == [True, True, False]
