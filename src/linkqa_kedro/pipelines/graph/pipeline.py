"""Graph: builds the knowledge graph from the co-occurrence of knowledge points in seeds.

Reads   seeds, annotations
Writes  kp_vertices, kp_disciplines, kp_edges, kp_seed_index, pruning_report, kp_csr, kp_graph, kp_communities,
        kp_map_plot, graph_statistics
"""

from kedro.pipeline import Pipeline

from linkqa_kedro.pipelines.described_node import described_node
from linkqa_kedro.pipelines.graph.nodes import build_graph, draw_kp_map, export_graph, measure_graph


def create_pipeline() -> Pipeline:
    """The graph pipeline."""
    return Pipeline(
        [
            described_node(
                func=build_graph,
                inputs=["annotations", "params:graph"],
                outputs=["kp_vertices", "kp_disciplines", "kp_edges", "kp_seed_index", "pruning_report", "kp_csr"],
                name="build_graph",
            ),
            described_node(
                func=export_graph,
                inputs=["kp_vertices", "kp_edges", "kp_disciplines", "params:graph"],
                outputs=["kp_graph", "kp_communities", "graph_structure"],
                name="export_graph",
            ),
            described_node(
                func=draw_kp_map,
                inputs=["kp_vertices", "kp_disciplines", "kp_edges"],
                outputs="kp_map_plot",
                name="draw_kp_map",
            ),
            described_node(
                func=measure_graph,
                inputs=["kp_vertices", "kp_edges", "annotations", "seeds", "graph_structure"],
                outputs="graph_statistics",
                name="measure_graph",
            ),
        ]
    )
