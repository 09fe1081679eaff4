"""The graph counts what stands together, says what pruning took, and can be opened by people."""

from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import networkx as nx
import pandas as pd
import pytest

from fakes.annotations import annotations_of
from linkqa_kedro.errors import UserError
from linkqa_kedro.pipelines.graph.nodes import build_graph, export_graph, measure_graph
from linkqa_kedro.records import KP_COMMUNITIES, rows_of

NAMESPACE = {"g": "http://graphml.graphdrawing.org/xmlns"}
GEPHI_TYPES = {"boolean", "int", "long", "float", "double", "string"}
"""Types of attributes that Gephi imports from GraphML."""

SEEDS = [
    (["work", "energy"], "physics", 1),
    (["work", "energy", "heat"], "physics", 2),
    (["heat", "entropy"], "physics", 3),
    (["entropy", "enzyme"], "biology", 5),
]


@pytest.fixture
def graph_parameters(parameters: dict):
    def changed(**changes: Any):
        return parameters["graph"].model_copy(update=changes)

    return changed


def exported(graph_parameters, seeds=SEEDS, **changes: Any):
    built = build_graph(annotations_of(seeds), graph_parameters(**changes))
    return export_graph(built[0], built[2], built[1], graph_parameters(**changes))


def test_vertices_edges_and_index_are_those_counted_by_hand(graph_parameters) -> None:
    vertices, disciplines, edges, index, _, csr = build_graph(annotations_of(SEEDS), graph_parameters())
    assert vertices["kp"].tolist() == ["energy", "entropy", "enzyme", "heat", "work"]
    assert vertices["popularity"].tolist() == [2, 2, 1, 2, 2]
    assert vertices["mean_difficulty"].tolist() == [1.5, 4.0, 5.0, 2.5, 1.5]
    assert vertices["degree"].tolist() == csr.degrees.tolist() == [2, 2, 1, 3, 2]
    counted = {(row["source_id"], row["target_id"]): row["n_seeds"] for row in rows_of(edges)}
    assert counted == {(0, 3): 1, (0, 4): 2, (1, 2): 1, (1, 3): 1, (3, 4): 1}
    assert edges["association"].tolist()[1] == 1.0, "work and energy never stand apart"
    shares = {(row["kp_id"], row["discipline"]): row["share"] for row in rows_of(disciplines)}
    assert shares[(1, "physics")] == shares[(1, "biology")] == 0.5
    assert index.groupby("kp_id")["seed_number"].apply(list).tolist() == [[0, 1], [2, 3], [3], [1, 2], [0, 1]]


def test_each_rule_reports_what_it_removed_and_what_it_left(graph_parameters) -> None:
    """Popularity 2 takes enzyme with its edge; co-occurrence 2 takes all edges but work - energy."""
    rules = {"min_popularity": 2, "min_cooccurrence": 2, "strongest_neighbours": 1}
    vertices, _, edges, _, report, _ = build_graph(annotations_of(SEEDS), graph_parameters(**rules))
    assert rows_of(report) == [
        {
            "rule": "min_popularity",
            "threshold": 2.0,
            "vertices_removed": 1,
            "edges_removed": 1,
            "vertices_left": 4,
            "edges_left": 4,
            "isolated_left": 0,
            "examples": ["enzyme"],
        },
        {
            "rule": "min_cooccurrence",
            "threshold": 2.0,
            "vertices_removed": 0,
            "edges_removed": 3,
            "vertices_left": 4,
            "edges_left": 1,
            "isolated_left": 2,
            "examples": ["energy – heat", "entropy – heat", "heat – work"],
        },
        {
            "rule": "strongest_neighbours",
            "threshold": 1.0,
            "vertices_removed": 0,
            "edges_removed": 0,
            "vertices_left": 4,
            "edges_left": 1,
            "isolated_left": 2,
            "examples": [],
        },
    ]
    assert (len(vertices), len(edges)) == (4, 1)


def test_an_edge_stays_if_it_is_among_the_strongest_of_either_end(graph_parameters) -> None:
    """Work and energy keep one another, so do entropy and enzyme; of three edges alike heat keeps the first."""
    _, _, edges, _, report, _ = build_graph(annotations_of(SEEDS), graph_parameters(strongest_neighbours=1))
    assert {(row["source_id"], row["target_id"]) for row in rows_of(edges)} == {(0, 3), (0, 4), (1, 2)}
    assert report["edges_removed"].tolist() == [0, 0, 2]


def test_without_knowledge_points_there_is_one_message(graph_parameters) -> None:
    for seeds in ([], [([], "physics", 1)]):
        with pytest.raises(UserError, match=rf"None of {len(seeds)} annotations names"):
            build_graph(annotations_of(seeds), graph_parameters())
    with pytest.raises(UserError, match="leaves none of 5 knowledge points"):
        build_graph(annotations_of(SEEDS), graph_parameters(min_popularity=3))


@pytest.mark.parametrize("seeds", [[(["a"], "x", 1)], [(["a"], "x", 1), (["b"], "x", 2)]], ids=["one", "two apart"])
def test_a_graph_without_edges_is_built_measured_and_exported(graph_parameters, seeds: list) -> None:
    annotations = annotations_of(seeds)
    vertices, disciplines, edges, _, report, csr = build_graph(annotations, graph_parameters())
    graph, communities, structure = export_graph(vertices, edges, disciplines, graph_parameters())
    records = pd.DataFrame({"seed_id": annotations["seed_id"], "language": "en"})
    statistics = measure_graph(vertices, edges, annotations, records, structure)
    assert (statistics["edges"], statistics["communities"], statistics["bridges"]) == (0, 0, 0)
    assert statistics["isolated"] == len(vertices) == graph.number_of_nodes()
    assert communities.columns.tolist() == KP_COMMUNITIES.column_names
    assert report["isolated_left"].tolist() == [len(vertices)] * 3
    assert len(csr.indices) == 0


# Two triangles, a joining edge, and a tail.
TWO_PARTS = [
    (["a1", "a2", "a3"], "art", 1),
    (["a1", "a2", "a3"], "art", 1),
    (["b1", "b2", "b3"], "law", 1),
    (["b1", "b2", "b3"], "law", 1),
    (["a3", "b1"], "law", 1),
    (["b3", "tail"], "law", 1),
]


def test_communities_are_groups_that_hang_together(graph_parameters) -> None:
    graph, communities, structure = exported(graph_parameters, TWO_PARTS)
    assert rows_of(communities) == [
        {
            "community": 0,
            "size": 4,
            "disciplines": ["law"],
            "largest_knowledge_points": ["b1", "b3", "b2", "tail"],
        },
        {"community": 1, "size": 3, "disciplines": ["art"], "largest_knowledge_points": ["a3", "a1", "a2"]},
    ]
    assert {name: data["community"] for name, data in graph.nodes(data=True)} == {
        **dict.fromkeys(["b1", "b2", "b3", "tail"], 0),
        **dict.fromkeys(["a1", "a2", "a3"], 1),
    }
    assert structure["communities"] == 2
    assert 0.3 < structure["modularity"] < 0.6


def test_bridges_are_named_with_what_they_cut_off(graph_parameters) -> None:
    graph, _, structure = exported(graph_parameters, TWO_PARTS)
    assert structure["bridges"] == 2
    assert structure["largest_bridges"] == {"a3 – b1": 3, "b3 – tail": 1}
    assert {tuple(sorted(edge)) for *edge, bridge in graph.edges(data="bridge") if bridge} == {
        ("a3", "b1"),
        ("b3", "tail"),
    }


def test_a_large_graph_is_exported_with_the_edges_of_most_seeds_and_says_so(graph_parameters) -> None:
    graph, communities, structure = exported(graph_parameters, networkx_max_edges=2)
    assert set(map(frozenset, graph.edges)) == {frozenset(("work", "energy")), frozenset(("entropy", "enzyme"))}
    said = "2 of 5 edges, those of most seeds (graph.networkx_max_edges)"
    assert graph.graph["export"] == structure["structure_of"] == said
    assert communities["size"].tolist() == [2, 2]


def test_the_graphml_file_holds_what_gephi_reads(graph_parameters, tmp_path: Path) -> None:
    graph, _, _ = exported(graph_parameters)
    place = tmp_path / "graph.graphml"
    nx.write_graphml(graph, place)
    root = ElementTree.parse(place).getroot()
    assert root.tag == f"{{{NAMESPACE['g']}}}graphml"
    keys = root.findall("g:key", NAMESPACE)
    assert {key.get("attr.type") for key in keys} <= GEPHI_TYPES
    assert {key.get("attr.name") for key in keys} >= {"label", "popularity", "community", "weight", "bridge"}
    (element,) = root.findall("g:graph", NAMESPACE)
    assert element.get("edgedefault") == "undirected"
    used = {data.get("key") for data in element.iter(f"{{{NAMESPACE['g']}}}data")}
    assert used <= {key.get("id") for key in keys}
    again = nx.read_graphml(place)
    assert dict(again.nodes(data=True)) == dict(graph.nodes(data=True))
    assert {frozenset(edge[:2]): edge[2] for edge in again.edges(data=True)} == {
        frozenset(edge[:2]): edge[2] for edge in graph.edges(data=True)
    }


def test_names_that_xml_forbids_are_changed_and_stay_apart(graph_parameters, tmp_path: Path) -> None:
    seeds = [(["bell \x07", "bell \x08", "<b> & 'é' 光合作用", "bell   (1)"], "phys\x07ics", 1)]
    graph, _, _ = exported(graph_parameters, seeds)
    nx.write_graphml(graph, tmp_path / "graph.graphml")
    again = nx.read_graphml(tmp_path / "graph.graphml")
    assert set(again) == {"<b> & 'é' 光合作用", "bell   (1)", "bell   (1)'", "bell   (2)"}
    assert {discipline for _, discipline in again.nodes(data="discipline")} == {"phys ics"}


def test_points_without_edges_are_left_out_of_a_file_that_they_would_fill(graph_parameters) -> None:
    seeds = [(["a", "b"], "x", 1), *(([f"alone {number}"], "x", 1) for number in range(5))]
    assert len(exported(graph_parameters, seeds, networkx_max_edges=4)[0]) == 7
    graph, _, structure = exported(graph_parameters, seeds, networkx_max_edges=3)
    assert set(graph) == {"a", "b"}
    assert structure["structure_of"] == "1 of 1 edges, those of most seeds (graph.networkx_max_edges)"
