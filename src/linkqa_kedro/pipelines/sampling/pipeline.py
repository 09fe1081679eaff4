"""Sampling: draws paths over the knowledge graph until every quota is met, and attaches seeds.

Reads   kp_csr, kp_vertices, kp_disciplines, kp_seed_index, annotations, steering_plan
Writes  quotas, paths, quota_shortfalls, kp_visits, drawing_figures, coverage_curve, sampling_statistics
"""

from kedro.pipeline import Pipeline

from linkqa_kedro.pipelines.described_node import described_node
from linkqa_kedro.pipelines.sampling.nodes import draw_paths, measure_sampling, set_quotas


def create_pipeline() -> Pipeline:
    """The sampling pipeline."""
    return Pipeline(
        [
            described_node(
                func=set_quotas,
                inputs=["annotations", "steering_plan", "params:sampling", "params:steering"],
                outputs="quotas",
                name="set_quotas",
            ),
            described_node(
                func=draw_paths,
                inputs=[
                    "kp_csr",
                    "kp_vertices",
                    "kp_disciplines",
                    "kp_seed_index",
                    "annotations",
                    "quotas",
                    "params:sampling",
                ],
                outputs=["paths", "quota_shortfalls", "kp_visits", "drawing_figures"],
                name="draw_paths",
            ),
            described_node(
                func=measure_sampling,
                inputs=[
                    "paths",
                    "quotas",
                    "quota_shortfalls",
                    "kp_visits",
                    "drawing_figures",
                    "annotations",
                    "params:sampling",
                ],
                outputs=["sampling_statistics", "coverage_curve"],
                name="measure_sampling",
            ),
        ]
    )
