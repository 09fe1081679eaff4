"""Nodes of the graph stage."""

from collections import Counter
from typing import Any

import networkx as nx
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from linkqa_kedro.errors import UserError
from linkqa_kedro.pipelines.graph.incidence import Incidence, incidence_of
from linkqa_kedro.pipelines.graph.parameters import GraphParameters
from linkqa_kedro.pipelines.graph.pruning import prune
from linkqa_kedro.pipelines.graph.structure import Structure, structure_of
from linkqa_kedro.pipelines.graph.xml_names import xml_names, xml_text
from linkqa_kedro.records import (
    KP_COMMUNITIES,
    KP_DISCIPLINES,
    KP_EDGES,
    KP_SEED_INDEX,
    KP_VERTICES,
    PRUNING_REPORT,
    rows_of,
)
from linkqa_kedro.report.graph_map import plot_kp_map
from linkqa_kedro.walks.cooccurrence import EdgeTable, association
from linkqa_kedro.walks.csr import CsrGraph, WeightArray, component_labels, csr_graph

_LARGEST_HUBS = 20
_LARGEST_BRIDGES = 10
_COMMUNITY_POINTS = 8


def build_graph(
    annotations: pd.DataFrame, parameters: GraphParameters
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, pd.DataFrame, pd.DataFrame, CsrGraph]:
    """Vertices, discipline shares, edges, inverted index, pruning report and CSR arrays.

    Raises:
        UserError: If there is no knowledge point, or pruning leaves none.
    """
    full = incidence_of(annotations["knowledge_points"])
    if not len(full.names):
        raise UserError(
            f"None of {len(annotations)} annotations names a knowledge point: there is no graph to build. "
            "Look into data/02_extraction/rejected_annotations.parquet."
        )
    pruned = prune(full, parameters)
    kept, edges = pruned.incidence, pruned.edges
    weights = association(edges, kept.popularity, kept.n_seeds, parameters.association)
    graph = csr_graph(edges.sources, edges.targets, weights, len(kept.names))
    return (
        _vertex_table(kept, graph, annotations),
        _discipline_table(kept, annotations),
        _edge_table(edges, weights),
        _index_table(kept),
        PRUNING_REPORT.frame(pruned.report),
        graph,
    )


def export_graph(
    kp_vertices: pd.DataFrame, kp_edges: pd.DataFrame, kp_disciplines: pd.DataFrame, parameters: GraphParameters
) -> tuple[nx.Graph, pd.DataFrame, dict[str, Any]]:
    """The graph for people: NetworkX, saved as GraphML; its communities; and its build in figures.

    Of a graph above `networkx_max_edges` the edges of most seeds are exported, with the vertices at their ends; the
    graph's attribute `export` says so, and communities and bridges are those of that part.
    """
    limit = parameters.networkx_max_edges
    # Not the strongest by association: those are pairs of rare points, and fall apart into thousands of pieces.
    order = ["n_seeds", "association", "source_id", "target_id"]
    strongest = kp_edges.sort_values(order, ascending=[False, False, True, True]).head(limit)
    strongest = strongest.sort_values(["source_id", "target_id"])
    whole = len(strongest) == len(kp_edges) and len(kp_vertices) <= 2 * limit
    part = f"{len(strongest)} of {len(kp_edges)} edges, those of most seeds (graph.networkx_max_edges)"
    export = "whole graph" if whole else part
    at_an_end = kp_vertices["kp_id"].isin(pd.concat([strongest["source_id"], strongest["target_id"]]))
    vertices = kp_vertices if whole else kp_vertices[at_an_end]
    structure = structure_of(_numbered_graph(vertices, strongest))
    discipline = _main_disciplines(kp_disciplines)
    written_discipline = {vertex: xml_text(name) for vertex, name in discipline.items()}
    bridges = {(bridge.source, bridge.target) for bridge in structure.bridges}
    community_of = structure.community_of()
    named = dict(zip(vertices["kp_id"], xml_names(vertices["kp"].tolist(), vertices["kp_id"].tolist()), strict=True))
    graph = nx.Graph(export=export)
    for row in rows_of(vertices):
        graph.add_node(
            named[row["kp_id"]],
            label=named[row["kp_id"]],
            popularity=row["popularity"],
            degree=row["degree"],
            mean_difficulty=row["mean_difficulty"],
            discipline=written_discipline[row["kp_id"]],
            component=row["component"],
            community=community_of[row["kp_id"]],
        )
    for row in rows_of(strongest):
        ends = (row["source_id"], row["target_id"])
        graph.add_edge(
            *(named[end] for end in ends), weight=row["association"], n_seeds=row["n_seeds"], bridge=ends in bridges
        )
    names = kp_vertices["kp"].tolist()
    figures = {
        "structure_of": export,
        "communities": sum(len(community) > 1 for community in structure.communities),
        "modularity": structure.modularity,
        "bridges": len(structure.bridges),
        "largest_bridges": {
            f"{names[bridge.source]} – {names[bridge.target]}": bridge.cut_off
            for bridge in structure.bridges[:_LARGEST_BRIDGES]
        },
    }
    return graph, _community_table(structure, vertices, discipline), figures


def draw_kp_map(kp_vertices: pd.DataFrame, kp_disciplines: pd.DataFrame, kp_edges: pd.DataFrame) -> Figure:
    """Map of the most popular knowledge points and their links, coloured by discipline."""
    return plot_kp_map(kp_vertices, kp_disciplines, kp_edges)


def measure_graph(
    kp_vertices: pd.DataFrame,
    kp_edges: pd.DataFrame,
    annotations: pd.DataFrame,
    seeds: pd.DataFrame,
    graph_structure: dict[str, Any],
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
        **graph_structure,
        "largest_hubs": dict(zip(hubs["kp"], hubs["popularity"].astype(int).tolist(), strict=True)),
    }


def _numbered_graph(vertices: pd.DataFrame, edges: pd.DataFrame) -> nx.Graph:
    """The graph with numbers for names, whose order in sets is the same in every process."""
    graph = nx.Graph()
    graph.add_nodes_from(vertices["kp_id"].tolist())
    ends = (edges[name].tolist() for name in ("source_id", "target_id", "association"))
    graph.add_weighted_edges_from(zip(*ends, strict=True))
    return graph


def _main_disciplines(kp_disciplines: pd.DataFrame) -> dict[int, str]:
    """The discipline of most seeds of each knowledge point, by vertex number; ties in alphabetical order."""
    order = kp_disciplines.sort_values(["kp_id", "n_seeds", "discipline"], ascending=[True, False, True])
    first = order.drop_duplicates("kp_id")
    return dict(zip(first["kp_id"].tolist(), first["discipline"].astype(str).tolist(), strict=True))


def _community_table(structure: Structure, vertices: pd.DataFrame, discipline: dict[int, str]) -> pd.DataFrame:
    known = vertices.set_index("kp_id")
    rows = []
    for number, members in enumerate(structure.communities):
        if len(members) > 1:
            popular = known.loc[members].sort_values(["popularity", "kp"], ascending=[False, True])
            counts = Counter(discipline[member] for member in members)
            rows.append(
                {
                    "community": number,
                    "size": len(members),
                    "disciplines": [name for name, _ in sorted(counts.items(), key=lambda item: (-item[1], item[0]))],
                    "largest_knowledge_points": popular["kp"].head(_COMMUNITY_POINTS).tolist(),
                }
            )
    return KP_COMMUNITIES.frame(rows)


def _vertex_table(incidence: Incidence, graph: CsrGraph, annotations: pd.DataFrame) -> pd.DataFrame:
    levels = annotations["difficulty"].to_numpy(np.float64)[incidence.seeds]
    popularity = incidence.popularity
    sums = np.bincount(incidence.vertices, weights=levels, minlength=len(popularity))
    components = component_labels(graph)
    return pd.DataFrame(
        {
            "kp_id": np.arange(len(popularity)),
            "kp": incidence.names.to_pylist(),
            "popularity": popularity,
            "mean_difficulty": sums / popularity,
            "degree": graph.degrees,
            "component": components,
            "component_size": np.bincount(components)[components],
        }
    )[KP_VERTICES.column_names]


def _discipline_table(incidence: Incidence, annotations: pd.DataFrame) -> pd.DataFrame:
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


def _index_table(incidence: Incidence) -> pd.DataFrame:
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
