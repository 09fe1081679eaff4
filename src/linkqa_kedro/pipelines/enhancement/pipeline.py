"""Enhancement: measures difficulty blind and changes QA until the named disciplines have the mix asked.

Reads   synthesised_qa, unconfirmed_qa, paths, seeds, annotations, kp_vertices, kp_csr, teacher, raise_prompt,
        rate_prompt, solve_prompt, compare_prompt, refine_prompt
Writes  rater_calibration, rejected_calibration, rater_figures, rated_qa, rejected_ratings, unconfirmed_ratings,
        rating_usage, enhanced_qa, rejected_enhancement, unconfirmed_changes, difficulty_matrix, difficulty_gap,
        enhancement_statistics
"""

from kedro.pipeline import Pipeline

from linkqa_kedro.pipelines.described_node import described_node
from linkqa_kedro.pipelines.enhancement.calibration import calibrate_rater
from linkqa_kedro.pipelines.enhancement.nodes import enhance_qa
from linkqa_kedro.pipelines.enhancement.rating import rate_qa


def create_pipeline() -> Pipeline:
    """The enhancement pipeline."""
    return Pipeline(
        [
            described_node(
                func=calibrate_rater,
                inputs=["seeds", "annotations", "teacher", "rate_prompt", "params:enhancement"],
                outputs=["rater_calibration", "rejected_calibration", "rater_figures"],
                name="calibrate_rater",
            ),
            described_node(
                func=rate_qa,
                inputs=[
                    "synthesised_qa",
                    "unconfirmed_qa",
                    "rater_figures",
                    "teacher",
                    "rate_prompt",
                    "params:enhancement",
                ],
                outputs=["rated_qa", "rejected_ratings", "unconfirmed_ratings", "rating_usage"],
                name="rate_qa",
            ),
            described_node(
                func=enhance_qa,
                inputs=[
                    "rated_qa",
                    "paths",
                    "seeds",
                    "annotations",
                    "kp_vertices",
                    "kp_csr",
                    "teacher",
                    "raise_prompt",
                    "rate_prompt",
                    "solve_prompt",
                    "compare_prompt",
                    "refine_prompt",
                    "rating_usage",
                    "rater_figures",
                    "params:answer_checking",
                    "params:enhancement",
                ],
                outputs=[
                    "enhanced_qa",
                    "rejected_enhancement",
                    "unconfirmed_changes",
                    "difficulty_matrix",
                    "difficulty_gap",
                    "enhancement_statistics",
                ],
                name="enhance_qa",
            ),
        ]
    )
