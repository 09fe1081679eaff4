"""Pruning of the graph, rule by rule, with what each rule removed."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from linkqa_kedro.errors import UserError
from linkqa_kedro.pipelines.graph.incidence import Incidence
from linkqa_kedro.pipelines.graph.parameters import GraphParameters
from linkqa_kedro.walks.cooccurrence import EdgeTable, association, count_pairs, strongest_neighbours
from linkqa_kedro.walks.csr import VertexArray

_EXAMPLES = 5


@dataclass(frozen=True)
class Pruned:
    """What is left of a graph.

    Attributes:
        incidence: Knowledge points and seeds.
        edges: Edges between them.
        report: One row of `pruning_report` for each rule, in the order of their use.
    """

    incidence: Incidence
    edges: EdgeTable
    report: list[dict[str, Any]]


def prune(full: Incidence, parameters: GraphParameters) -> Pruned:
    """Remove unpopular knowledge points, then rare edges, then all but the strongest edges of each point.

    Raises:
        UserError: If no knowledge point is left.
    """
    popular = full.popularity >= parameters.min_popularity
    kept = full.keep(popular)
    if not len(kept.names):
        raise UserError(
            f"graph.min_popularity = {parameters.min_popularity} leaves none of {len(full.names)} knowledge points. "
            "Lower it in parameters_graph.yml."
        )
    n_vertices = len(kept.names)
    edges = _edges(kept)
    all_edges = edges if n_vertices == len(full.names) else _edges(full)
    by_popularity = {
        "rule": "min_popularity",
        "threshold": parameters.min_popularity,
        "vertices_removed": len(full.names) - n_vertices,
        "edges_removed": len(all_edges.sources) - len(edges.sources),
        "examples": _names(full, _most_popular(full, np.flatnonzero(~popular))),
    }
    report = [by_popularity | _left(edges, n_vertices)]

    frequent = edges.counts >= parameters.min_cooccurrence
    removed, edges = edges.keep(~frequent), edges.keep(frequent)
    report.append(_edge_rule("min_cooccurrence", parameters.min_cooccurrence, kept, removed) | _left(edges, n_vertices))

    limit = parameters.strongest_neighbours
    strong = np.ones(len(edges.sources), bool)
    if limit:
        weights = association(edges, kept.popularity, kept.n_seeds, parameters.association)
        strong = strongest_neighbours(edges, weights, n_vertices, limit)
    removed, edges = edges.keep(~strong), edges.keep(strong)
    report.append(_edge_rule("strongest_neighbours", limit or None, kept, removed) | _left(edges, n_vertices))
    return Pruned(kept, edges, report)


def _edges(incidence: Incidence) -> EdgeTable:
    return count_pairs(incidence.vertices, incidence.seeds, len(incidence.names))


def _edge_rule(rule: str, threshold: int | None, kept: Incidence, removed: EdgeTable) -> dict[str, Any]:
    order = np.lexsort((removed.targets, removed.sources, -removed.counts))[:_EXAMPLES]
    sources, targets = _names(kept, removed.sources[order]), _names(kept, removed.targets[order])
    return {
        "rule": rule,
        "threshold": threshold,
        "vertices_removed": 0,
        "edges_removed": len(removed.sources),
        "examples": [f"{source} – {target}" for source, target in zip(sources, targets, strict=True)],
    }


def _left(edges: EdgeTable, n_vertices: int) -> dict[str, int]:
    with_edges = np.zeros(n_vertices, bool)
    with_edges[edges.sources] = with_edges[edges.targets] = True
    return {
        "vertices_left": n_vertices,
        "edges_left": len(edges.sources),
        "isolated_left": n_vertices - int(with_edges.sum()),
    }


def _most_popular(incidence: Incidence, vertices: VertexArray) -> VertexArray:
    return vertices[np.lexsort((vertices, -incidence.popularity[vertices]))][:_EXAMPLES]


def _names(incidence: Incidence, vertices: VertexArray) -> list[str]:
    names: list[str] = incidence.names.take(vertices).to_pylist()
    return names
