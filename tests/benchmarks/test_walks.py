"""The benchmark of the walks measures what it says it measures."""

from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path

import networkx as nx
import numpy as np
import pandas as pd
import pytest

import walks
from linkqa_kedro.walks.csr import csr_graph
from measuring import Failed, Figure, MissingPeerError
from peers.graph_builders import build_with_networkx, build_with_pandas, build_with_pandas_codes
from peers.walkers import CsrgraphWalker, NetworkxWalker, PecanpyWalker, networkx_graph
from seed_graphs import zipf_graph

SQUARE = csr_graph(np.array([0, 1, 2, 0]), np.array([1, 2, 3, 3]), np.array([1.0, 2.0, 3.0, 4.0]), 4)


def needs(package: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(find_spec(package) is None, reason=f"{package} comes with the extra `bench`")


def is_walk(path: list[int]) -> bool:
    edges = set(zip(SQUARE.tails.tolist(), SQUARE.indices.tolist(), strict=True))
    return all(step in edges for step in pairwise(path))


@pytest.mark.parametrize("tuned", [False, True])
def test_networkx_walks_follow_edges_and_repeat_nothing(tuned: bool) -> None:
    walker = NetworkxWalker(networkx_graph(SQUARE), np.zeros(4, np.int64), 4.0, 1.0, tuned)
    drawn = walker.draw(50, 3)
    assert all(is_walk(path) and len(set(path)) == len(path) == 3 for path in drawn)


@needs("csrgraph")
def test_csrgraph_walks_follow_edges() -> None:
    drawn = CsrgraphWalker(SQUARE).draw(3, 5)
    assert drawn.shape == (12, 5)
    assert all(is_walk(path) for path in drawn.tolist())


@needs("pecanpy")
@pytest.mark.parametrize("mode", ["first_order", "node2vec"])
def test_pecanpy_walks_follow_edges(mode) -> None:
    drawn = PecanpyWalker(SQUARE, mode).draw(3, 5)
    assert len(drawn) == 12
    assert all(is_walk([int(vertex) for vertex in path]) and len(path) == 5 for path in drawn)


def test_all_builders_count_the_same_pairs(tmp_path: Path) -> None:
    """b and c stand together twice, a and b once; the seed with one point gives nothing."""
    rows = [("s1", "b"), ("s1", "c"), ("s2", "a"), ("s2", "b"), ("s3", "c"), ("s3", "b"), ("s4", "d")]
    place = tmp_path / "pairs.parquet"
    pd.DataFrame(rows, columns=["seed_id", "kp"]).to_parquet(place)
    builders = (walks.build_with_packed_keys, build_with_networkx, build_with_pandas, build_with_pandas_codes)
    for build in builders:
        assert walks._counted(build(place)) == {("a", "b"): 1, ("b", "c"): 2}


def test_walks_in_rounds_visit_every_point_about_as_often() -> None:
    made = zipf_graph(100)
    visits = walks.walk_in_rounds(made.graph, 2000, beta=4.0)
    assert visits.sum() <= 2000 * walks.LENGTH
    assert visits.min() > 0.5 * visits.mean()


def test_a_missing_peer_fails_its_lines_and_no_others() -> None:
    sides = {
        "ours": walks.Side(lambda: sum(range(200_000)), 10),
        "slow": walks.Side(lambda: sum(range(2_000_000)), 10),
        "absent": MissingPeerError("absent is not installed (pip install '.[bench]')"),
    }
    ratios = [walks.Ratio("to_slow", "ours", "slow", ">= 2"), walks.Ratio("to_absent", "ours", "absent")]
    *rates, to_slow, to_absent = walks._compared(sides, ratios, "things/CPU s")
    assert [figure.name for figure in rates] == ["rate_ours", "rate_slow"]
    assert isinstance(to_slow, Figure)
    assert to_slow.value > 1
    assert to_absent == Failed("to_absent", "absent is not installed (pip install '.[bench]')")


def test_walks_off_the_graph_are_refused() -> None:
    walks._check_walks(SQUARE, [[0, 1, 2, 3, 0]] * 3)
    with pytest.raises(AssertionError):
        walks._check_walks(SQUARE, [[0, 2, 0, 2, 0]] * 3)


def test_networkx_gets_the_same_graph() -> None:
    assert nx.to_dict_of_lists(networkx_graph(SQUARE)) == {0: [1, 3], 1: [0, 2], 2: [1, 3], 3: [0, 2]}
