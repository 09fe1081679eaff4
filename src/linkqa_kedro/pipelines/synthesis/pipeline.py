"""Synthesis: spreads from the linked seeds of every path to new QA.

Reads   paths, seeds, annotations, teacher, synthesise_prompt
Writes  synthesised_qa, rejected_synthesis, synthesis_statistics
"""

from kedro.pipeline import Pipeline

from linkqa_kedro.pipelines.described_node import described_node
from linkqa_kedro.pipelines.synthesis.nodes import synthesise_qa


def create_pipeline() -> Pipeline:
    """The synthesis pipeline."""
    return Pipeline(
        [
            described_node(
                func=synthesise_qa,
                inputs=["paths", "seeds", "annotations", "teacher", "synthesise_prompt", "params:synthesis"],
                outputs=["synthesised_qa", "rejected_synthesis", "synthesis_statistics"],
                name="synthesise_qa",
            ),
        ]
    )
