"""Walks by other libraries, each in the fastest way that it has for weighted walks.

The walks of csrgraph and pecanpy are static and may come back to where they were: both do less than ours, which are
self-avoiding and follow a value that changes. What they prepare once (graph, alias tables, compiling) is not counted.
Numba runs them on one thread: per CPU second that is what suits them best.
"""

import random
import sys
import types
from typing import Any, Literal

import networkx as nx
import numpy as np
import numpy.typing as npt

from linkqa_kedro.walks.csr import CsrGraph
from measuring import peer_module


def networkx_graph(graph: CsrGraph) -> nx.Graph:
    """The same graph for networkx."""
    forward = graph.tails < graph.indices
    edges = graph.tails[forward].tolist(), graph.indices[forward].tolist(), graph.weights[forward].tolist()
    same = nx.Graph()
    same.add_nodes_from(range(graph.n_vertices))
    same.add_weighted_edges_from(zip(*edges, strict=True))
    return same


class NetworkxWalker:
    """Self-avoiding walks with networkx and `random.choices`, the value refreshed after each walk.

    Written as networkx is documented: choose among the neighbours that are not on the path. Tuned, it reads the
    dictionaries below the graph, and draws again what is on the path. Target shares are equal, and so are those of the
    starts, which costs it nothing.

    Args:
        graph: See `networkx_graph`.
        visits: Visits of each vertex so far, shape (n_vertices,). In the middle of a run hubs have lost their value and
            are left alone, which makes it faster than at the start.
        beta: Correction exponent.
        smoothing: s, in visits.
        tuned: Whether it is written by someone who knows what is slow.
    """

    def __init__(
        self, graph: nx.Graph, visits: npt.NDArray[np.int64], beta: float, smoothing: float, tuned: bool = False
    ) -> None:
        self._graph = graph
        self._adjacency = dict(graph.adjacency())
        self._visits, self._beta = visits.tolist(), beta
        self._smoothing_each = smoothing / len(visits)
        self._value = [self._value_of(vertex) for vertex in range(len(visits))]
        self._step = self._step_tuned if tuned else self._step_as_documented
        self._random = random.Random(1)

    def draw(self, n_walks: int, length: int) -> list[list[int]]:
        """Walks of at most `length` vertices."""
        return [self._walk(length) for _ in range(n_walks)]

    def _walk(self, length: int) -> list[int]:
        path = [self._random.randrange(len(self._value))]
        while len(path) < length:
            vertex = self._step(path)
            if vertex is None:
                break
            path.append(vertex)
        for vertex in path:
            self._visits[vertex] += 1
            self._value[vertex] = self._value_of(vertex)
        return path

    def _step_as_documented(self, path: list[int]) -> int | None:
        row, value = self._graph[path[-1]], self._value
        vertices = [vertex for vertex in row if vertex not in path]
        if not vertices:
            return None
        return self._random.choices(vertices, [row[vertex]["weight"] * value[vertex] for vertex in vertices])[0]

    def _step_tuned(self, path: list[int]) -> int | None:
        row, value = self._adjacency[path[-1]], self._value
        if all(vertex in path for vertex in row):
            return None
        vertices = list(row)
        weights = [edge["weight"] * value[vertex] for vertex, edge in row.items()]
        while True:
            (vertex,) = self._random.choices(vertices, weights)
            if vertex not in path:
                return vertex

    def _value_of(self, vertex: int) -> float:
        """V(k), but for a factor that all vertices have in common."""
        return float((self._visits[vertex] + self._smoothing_each) ** -self._beta)


class CsrgraphWalker:
    """Static walks with csrgraph, whose kernels numba compiles.

    Raises:
        MissingPeerError: If csrgraph cannot be imported.
    """

    def __init__(self, graph: CsrGraph) -> None:
        csrgraph = peer_module("csrgraph")
        peer_module("numba").set_num_threads(1)
        from scipy.sparse import csr_matrix

        # 32 bits, to which it turns networkx graphs: faster than 64.
        arrays = graph.weights.astype(np.float32), graph.indices.astype(np.int32), graph.indptr.astype(np.int32)
        self._graph = csrgraph.csrgraph(csr_matrix(arrays, shape=(graph.n_vertices, graph.n_vertices)))

    def draw(self, n_epochs: int, length: int) -> npt.NDArray[np.uint32]:
        """Walks of `length` vertices, `n_epochs` from each vertex, shape (n_walks, length)."""
        # Normalising in place spares it a copy of the graph.
        walks: npt.NDArray[np.uint32] = self._graph.random_walks(
            walklen=length, epochs=n_epochs, return_weight=1, neighbor_weight=1, normalize_self=True
        )
        return walks


class PecanpyWalker:
    """Static walks with pecanpy at p = q = 1.

    Its `node2vec` mode, what it is made for on graphs of this size, weighs all neighbours anew at every step. Its
    `first_order` mode draws from alias tables made beforehand; only at p = q = 1 it gives the same walks.

    Raises:
        MissingPeerError: If pecanpy cannot be imported.
    """

    def __init__(self, graph: CsrGraph, mode: Literal["first_order", "node2vec"]) -> None:
        _stand_in_for_nptyping()
        pecanpy = peer_module("pecanpy.pecanpy")
        peer_module("numba").set_num_threads(1)
        kind = {"first_order": pecanpy.PreCompFirstOrder, "node2vec": pecanpy.SparseOTF}[mode]
        self._walker = kind(p=1, q=1, workers=1, verbose=False)
        self._walker.indptr = graph.indptr.astype(np.uint32)
        self._walker.indices = graph.indices.astype(np.uint32)
        self._walker.data = graph.weights.astype(np.float32)
        self._walker.set_node_ids(None, implicit_ids=True, num_nodes=graph.n_vertices)
        self._walker._preprocess_transition_probs()
        # It compiles these two anew in every call, for seconds; kept, they are compiled once.
        move_forward, has_nbrs = self._walker.get_move_forward(), self._walker.get_has_nbrs()
        self._walker.get_move_forward = lambda: move_forward
        self._walker.get_has_nbrs = lambda: has_nbrs

    def draw(self, n_epochs: int, length: int) -> list[list[str]]:
        """Walks of `length` vertices, `n_epochs` from each vertex."""
        walks: list[list[str]] = self._walker.simulate_walks(num_walks=n_epochs, walk_length=length - 1)
        return walks


def _stand_in_for_nptyping() -> None:
    """Put names for annotations where pecanpy looks for them: the package nptyping cannot be imported with NumPy 2.

    pecanpy uses it for annotations only, so what runs is all its own.
    """
    names: dict[str, Any] = {
        "NDArray": np.ndarray,
        "Shape": Literal,
        "Bool": np.bool_,
        "Float32": np.float32,
        "UInt32": np.uint32,
        "UInt64": np.uint64,
    }
    module = types.ModuleType("nptyping")
    vars(module).update(names)
    sys.modules["nptyping"] = module
