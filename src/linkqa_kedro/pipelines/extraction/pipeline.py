"""Extraction: finds the knowledge points, discipline and difficulty of every seed.

Reads   seed_lines, alias_edits, teacher, annotate_prompt, adjudicate_prompt
Writes  seeds, rejected_seeds, kp_candidates, raw_annotations, rejected_annotations, annotation_figures, close_names,
        adjudication_usage, annotations, aliases, extraction_statistics
"""

from kedro.pipeline import Pipeline

from linkqa_kedro.pipelines.described_node import described_node
from linkqa_kedro.pipelines.extraction.naming import compare_close_names, describe_extraction
from linkqa_kedro.pipelines.extraction.nodes import (
    annotate_seeds,
    merge_kp_names,
    propose_kp_candidates,
    read_seeds,
)


def create_pipeline() -> Pipeline:
    """The extraction pipeline."""
    return Pipeline(
        [
            described_node(
                func=read_seeds,
                inputs=["seed_lines", "params:extraction"],
                outputs=["seeds", "rejected_seeds"],
                name="read_seeds",
            ),
            described_node(
                func=propose_kp_candidates,
                inputs=["seeds", "params:extraction"],
                outputs="kp_candidates",
                name="propose_kp_candidates",
            ),
            described_node(
                func=annotate_seeds,
                inputs=["seeds", "kp_candidates", "teacher", "annotate_prompt", "params:extraction"],
                outputs=["raw_annotations", "rejected_annotations", "annotation_figures"],
                name="annotate_seeds",
            ),
            described_node(
                func=compare_close_names,
                inputs=["raw_annotations", "seeds", "alias_edits", "teacher", "adjudicate_prompt", "params:extraction"],
                outputs=["close_names", "adjudication_usage"],
                name="compare_close_names",
            ),
            described_node(
                func=merge_kp_names,
                inputs=["raw_annotations", "alias_edits", "close_names"],
                outputs=["annotations", "aliases"],
                name="merge_kp_names",
            ),
            described_node(
                func=describe_extraction,
                inputs=[
                    "raw_annotations",
                    "annotations",
                    "aliases",
                    "close_names",
                    "annotation_figures",
                    "adjudication_usage",
                ],
                outputs="extraction_statistics",
                name="describe_extraction",
            ),
        ]
    )
