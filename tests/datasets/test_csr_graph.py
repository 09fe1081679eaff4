"""CSR arrays in the catalog."""

import json
from pathlib import Path

import numpy as np
import pytest
from kedro.io.core import DatasetError

from linkqa_kedro.cli import message_for_the_user
from linkqa_kedro.datasets.csr_graph import CsrGraphDataset
from linkqa_kedro.walks.csr import csr_graph

GRAPH = csr_graph(np.array([0, 1]), np.array([1, 2]), np.array([0.5, 1.0]), 4)


def test_a_graph_comes_back_as_it_was_saved(tmp_path: Path) -> None:
    dataset = CsrGraphDataset(filepath=str(tmp_path / "g"))
    dataset.save(GRAPH)
    loaded = dataset.load()
    assert loaded.indptr.tolist() == GRAPH.indptr.tolist()
    assert loaded.indices.tolist() == GRAPH.indices.tolist()
    assert loaded.weights.tolist() == GRAPH.weights.tolist()


def test_files_of_two_graphs_are_refused(tmp_path: Path) -> None:
    dataset, other = (CsrGraphDataset(filepath=str(tmp_path / name)) for name in "ab")
    dataset.save(GRAPH)
    other.save(csr_graph(np.array([0]), np.array([1]), np.array([1.0]), 2))
    (tmp_path / "b" / "edges.parquet").replace(tmp_path / "a" / "edges.parquet")
    with pytest.raises(DatasetError) as error:
        dataset.load()
    assert "do not belong together" in str(message_for_the_user(error.value))


def test_kedro_viz_shows_its_size(tmp_path: Path) -> None:
    dataset = CsrGraphDataset(filepath=str(tmp_path / "graph"))
    dataset.save(GRAPH)
    assert json.loads(dataset.preview()) == {
        "vertices": 4,
        "edges": 2,
        "largest_degree": 2,
        "mean_degree": 1.0,
        "vertices_without_edges": 1,
    }
