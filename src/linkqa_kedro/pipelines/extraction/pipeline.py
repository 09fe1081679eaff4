"""Extraction: finds the knowledge points, discipline and difficulty of every seed.

Reads   seed_lines, alias_edits, teacher, annotate_prompt
Writes  seeds, rejected_seeds, kp_candidates, raw_annotations, rejected_annotations, annotations, aliases,
        extraction_statistics
"""

from kedro.pipeline import Pipeline

from linkqa_kedro.pipelines.described_node import described_node
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
                outputs=["raw_annotations", "rejected_annotations", "extraction_statistics"],
                name="annotate_seeds",
            ),
            described_node(
                func=merge_kp_names,
                inputs=["raw_annotations", "alias_edits"],
                outputs=["annotations", "aliases"],
                name="merge_kp_names",
            ),
        ]
    )
