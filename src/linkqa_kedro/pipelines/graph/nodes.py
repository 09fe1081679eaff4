"""Nodes of the graph stage."""

from dataclasses import dataclass
from typing import Any

import networkx as nx
import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.figure import Figure

from linkqa_kedro.errors import UserError
from linkqa_kedro.pipelines.graph.parameters import GraphParameters
from linkqa_kedro.records import (
    KP_DISCIPLINES,
    KP_EDGES,
    KP_SEED_INDEX,
    KP_VERTICES,
    PRUNING_REPORT,
    rows_of,
)
from linkqa_kedro.report.graph_map import plot_kp_map
from linkqa_kedro.walks.cooccurrence import EdgeTable, association, count_pairs, strongest_neighbours
from linkqa_kedro.walks.csr import CsrGraph, VertexArray, WeightArray, component_labels, csr_graph

_LARGEST_HUBS = 20


@dataclass(frozen=True)
class _Incidence:
    """Which knowledge point stands in which seed."""

    names: list[str]
    vertices: VertexArray
    seeds: VertexArray
    n_seeds: int

    @property
    def popularity(self) -> VertexArray:
        counts: VertexArray = np.bincount(self.vertices, minlength=len(self.names))
        return counts

    def keep(self, kept: npt.NDArray[np.bool_]) -> "_Incidence":
        """Only some of the knowledge points, renumbered."""
        number = np.cumsum(kept) - 1
        pairs = kept[self.vertices]
        names = [name for name, keep in zip(self.names, kept, strict=True) if keep]
        return _Incidence(names, number[self.vertices[pairs]], self.seeds[pairs], self.n_seeds)


def build_graph(
    annotations: pd.DataFrame, parameters: GraphParameters
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, pd.DataFrame, pd.DataFrame, CsrGraph]:
    """Vertices, discipline shares, edges, inverted index, pruning report and CSR arrays.

    Raises:
        UserError: If pruning leaves no knowledge point.
    """
    full = _incidence(annotations)
    popular = full.popularity >= parameters.min_popularity
    kept = full.keep(popular)
    if not kept.names:
        raise UserError(
            f"graph.min_popularity = {parameters.min_popularity} leaves none of {len(full.names)} knowledge points. "
            "Lower it in parameters_graph.yml."
        )
    lost_edges = len(_edges(full).sources) - len(_edges(kept).sources)
    edges = _edges(kept)
    report = [_pruned("min_popularity", parameters.min_popularity, int((~popular).sum()), lost_edges)]
    frequent = edges.counts >= parameters.min_cooccurrence
    report.append(_pruned("min_cooccurrence", parameters.min_cooccurrence, 0, int((~frequent).sum())))
    edges = edges.keep(frequent)
    weights = association(edges, kept.popularity, kept.n_seeds, parameters.association)
    limit = parameters.strongest_neighbours
    strong = strongest_neighbours(edges, weights, len(kept.names), limit) if limit else np.ones(len(weights), bool)
    report.append(_pruned("strongest_neighbours", limit or None, 0, int((~strong).sum())))
    edges, weights = edges.keep(strong), weights[strong]
    graph = csr_graph(edges.sources, edges.targets, weights, len(kept.names))
    return (
        _vertex_table(kept, graph, annotations),
        _discipline_table(kept, annotations),
        _edge_table(edges, weights),
        _index_table(kept),
        PRUNING_REPORT.frame(report),
        graph,
    )


def export_graph(
    kp_vertices: pd.DataFrame, kp_edges: pd.DataFrame, kp_disciplines: pd.DataFrame, parameters: GraphParameters
) -> nx.Graph:
    """The graph for people: NetworkX, saved as GraphML.

    A graph above `networkx_max_edges` is exported with its strongest edges and the vertices at their ends; the graph's
    attribute `export` says so.
    """
    limit = parameters.networkx_max_edges
    order = ["association", "n_seeds", "source_id", "target_id"]
    strongest = kp_edges.sort_values(order, ascending=[False, False, True, True]).head(limit)
    whole = len(strongest) == len(kp_edges)
    graph = nx.Graph(
        export="whole graph" if whole else f"strongest {limit} of {len(kp_edges)} edges (graph.networkx_max_edges)"
    )
    main_discipline = (
        kp_disciplines.sort_values(["kp_id", "n_seeds", "discipline"], ascending=[True, False, True])
        .drop_duplicates("kp_id")
        .set_index("kp_id")["discipline"]
    )
    names = kp_vertices["kp"].tolist()
    at_an_end = set(strongest["source_id"]) | set(strongest["target_id"])
    for row in rows_of(kp_vertices):
        if whole or row["kp_id"] in at_an_end:
            graph.add_node(
                row["kp"],
                popularity=row["popularity"],
                mean_difficulty=row["mean_difficulty"],
                discipline=str(main_discipline[row["kp_id"]]),
                component=row["component"],
            )
    for row in rows_of(strongest.sort_values(["source_id", "target_id"])):
        graph.add_edge(
            names[row["source_id"]], names[row["target_id"]], weight=row["association"], n_seeds=row["n_seeds"]
        )
    return graph


def draw_kp_map(kp_vertices: pd.DataFrame, kp_disciplines: pd.DataFrame, kp_edges: pd.DataFrame) -> Figure:
    """Map of the most popular knowledge points and their links, coloured by discipline."""
    return plot_kp_map(kp_vertices, kp_disciplines, kp_edges)


def measure_graph(
    kp_vertices: pd.DataFrame, kp_edges: pd.DataFrame, annotations: pd.DataFrame, seeds: pd.DataFrame
) -> dict[str, Any]:
    """Statistics of the graph, whole and by language."""
    popularity = kp_vertices["popularity"]
    hubs = kp_vertices.sort_values(["popularity", "kp"], ascending=[False, True]).head(_LARGEST_HUBS)
    return {
        "knowledge_points": len(kp_vertices),
        "edges": len(kp_edges),
        "singletons": int((popularity == 1).sum()),
        "isolated": int((kp_vertices["degree"] == 0).sum()),
        "mean_degree": 2 * len(kp_edges) / len(kp_vertices),
        "components": int(kp_vertices["component"].nunique()),
        "largest_component_share": float((kp_vertices["component"] == 0).mean()),
        "seeds_with_two_or_more_share": float((annotations["knowledge_points"].map(len) >= 2).mean()),
        "largest_component_share_by_language": _largest_component_by_language(kp_vertices, annotations, seeds),
        "largest_hubs": dict(zip(hubs["kp"], hubs["popularity"].astype(int).tolist(), strict=True)),
    }


def _incidence(annotations: pd.DataFrame) -> _Incidence:
    points = annotations["knowledge_points"]
    names = sorted({name for row in points for name in row})
    number = {name: place for place, name in enumerate(names)}
    vertices = np.asarray([number[name] for row in points for name in row], np.int64)
    seeds = np.repeat(np.arange(len(points), dtype=np.int64), [len(row) for row in points])
    return _Incidence(names, vertices, seeds, len(points))


def _edges(incidence: _Incidence) -> EdgeTable:
    return count_pairs(incidence.vertices, incidence.seeds, len(incidence.names))


def _pruned(rule: str, threshold: float | None, vertices: int, edges: int) -> dict[str, Any]:
    return {"rule": rule, "threshold": threshold, "vertices_removed": vertices, "edges_removed": edges}


def _vertex_table(incidence: _Incidence, graph: CsrGraph, annotations: pd.DataFrame) -> pd.DataFrame:
    levels = annotations["difficulty"].to_numpy(np.float64)[incidence.seeds]
    popularity = incidence.popularity
    sums = np.bincount(incidence.vertices, weights=levels, minlength=len(popularity))
    components = component_labels(graph)
    return pd.DataFrame(
        {
            "kp_id": np.arange(len(popularity)),
            "kp": incidence.names,
            "popularity": popularity,
            "mean_difficulty": sums / popularity,
            "degree": graph.degrees,
            "component": components,
            "component_size": np.bincount(components)[components],
        }
    )[KP_VERTICES.column_names]


def _discipline_table(incidence: _Incidence, annotations: pd.DataFrame) -> pd.DataFrame:
    pairs = pd.DataFrame(
        {"kp_id": incidence.vertices, "discipline": annotations["discipline"].to_numpy()[incidence.seeds]}
    )
    table = pairs.groupby(["kp_id", "discipline"], as_index=False).size().rename(columns={"size": "n_seeds"})
    table["share"] = table["n_seeds"] / incidence.popularity[table["kp_id"]]
    return table[KP_DISCIPLINES.column_names]


def _edge_table(edges: EdgeTable, weights: WeightArray) -> pd.DataFrame:
    return pd.DataFrame(
        {"source_id": edges.sources, "target_id": edges.targets, "n_seeds": edges.counts, "association": weights}
    )[KP_EDGES.column_names]


def _index_table(incidence: _Incidence) -> pd.DataFrame:
    order = np.lexsort((incidence.seeds, incidence.vertices))
    return pd.DataFrame({"kp_id": incidence.vertices[order], "seed_number": incidence.seeds[order]})[
        KP_SEED_INDEX.column_names
    ]


def _largest_component_by_language(
    kp_vertices: pd.DataFrame, annotations: pd.DataFrame, seeds: pd.DataFrame
) -> dict[str, float]:
    """Share of a language's knowledge points that lie in its largest component."""
    language = seeds.set_index("seed_id")["language"]
    component = kp_vertices.set_index("kp")["component"]
    pairs = annotations[["seed_id", "knowledge_points"]].explode("knowledge_points")
    pairs = pairs.assign(language=language.reindex(pairs["seed_id"]).to_numpy()).drop_duplicates(
        ["knowledge_points", "language"]
    )
    pairs = pairs[pairs["knowledge_points"].isin(component.index)]
    shares = {}
    for name, part in pairs.groupby("language"):
        counts = component.reindex(part["knowledge_points"]).value_counts()
        shares[str(name)] = float(counts.iloc[0] / counts.sum())
    return shares
