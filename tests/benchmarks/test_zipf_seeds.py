"""Made-up seeds have the shape that the benchmarks say they have."""

import numpy as np
import pytest

from linkqa_kedro.walks.cooccurrence import count_pairs
from zipf_seeds import zipf_seeds


@pytest.mark.parametrize(("n_seeds", "n_points"), [(3, 8), (40, 100), (500, 1500), (2000, 300)])
def test_every_point_stands_in_a_seed_and_no_seed_holds_one_twice(n_seeds: int, n_points: int) -> None:
    made = zipf_seeds(n_seeds, n_points)
    assert np.unique(made.vertices).tolist() == list(range(n_points))
    assert len(set(zip(made.seeds.tolist(), made.vertices.tolist(), strict=True))) == len(made.seeds)


def test_seeds_hold_two_to_eight_points_five_on_average() -> None:
    made = zipf_seeds(2000, 300)
    sizes = np.bincount(made.seeds)
    assert len(sizes) == 2000
    assert set(sizes.tolist()) == {2, 3, 4, 5, 6, 7, 8}
    assert sizes.mean() == pytest.approx(5, abs=0.2)


def test_labels_are_twelve_disciplines_and_five_levels() -> None:
    made = zipf_seeds(2000, 300)
    assert len(made.disciplines) == len(made.levels) == 2000
    assert len(set(made.disciplines.tolist())) == 12
    assert set(made.levels.tolist()) == {1, 2, 3, 4, 5}


def test_most_points_belong_to_one_discipline_and_the_hubs_to_all() -> None:
    """A point's largest discipline share is near 1 for most; the commonest points are spread over all twelve."""
    made = zipf_seeds(20_000, 2000)
    _, discipline = np.unique(made.disciplines[made.seeds], return_inverse=True)
    counts = np.zeros((2000, 12), np.int64)
    np.add.at(counts, (made.vertices, discipline), 1)
    largest_share = counts.max(axis=1) / counts.sum(axis=1)
    hubs = np.argsort(counts.sum(axis=1))[-12:]
    assert np.median(largest_share) > 0.8
    assert (counts[hubs] > 0).all()
    assert (largest_share[hubs] < 0.4).sum() >= 10


def test_a_random_seed_gives_the_same_seeds_again_and_another_gives_others() -> None:
    first, again, other = zipf_seeds(300, 100, 7), zipf_seeds(300, 100, 7), zipf_seeds(300, 100, 8)
    for name in ("vertices", "seeds", "disciplines", "levels"):
        assert np.array_equal(getattr(first, name), getattr(again, name))
    assert not np.array_equal(first.vertices, other.vertices)


def test_the_medium_graph_has_its_edges_and_its_hub() -> None:
    """200,000 seeds and 50,000 points: 4.1 million directed edges, a hub with some 20,000 neighbours."""
    made = zipf_seeds(200_000, 50_000)
    edges = count_pairs(made.vertices, made.seeds, made.n_points)
    degrees = np.bincount(np.concatenate((edges.sources, edges.targets)))
    assert 2 * len(edges.sources) == pytest.approx(4_100_000, rel=0.02)
    assert degrees.max() == pytest.approx(20_952, rel=0.05)


def test_too_few_points_or_places_are_refused() -> None:
    with pytest.raises(ValueError, match="n_points must be 8 or more, got 7"):
        zipf_seeds(10, 7)
    with pytest.raises(ValueError, match=r"3 seeds have \d+ places, too few for 100 knowledge points"):
        zipf_seeds(3, 100)
