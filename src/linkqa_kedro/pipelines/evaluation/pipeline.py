"""Evaluation: cleans the QA into a dataset, and measures, draws and describes it.

Reads   what the stages above wrote, benchmark_lines, engine
Writes  checked_qa, dataset, rejected_qa, dataset_messages, dataset_text, evaluation_statistics, target_gap,
        quota_correction, steering_statistics, stage_rows, plots, dataset_card
"""

from kedro.pipeline import Pipeline

from linkqa_kedro.pipelines.described_node import described_node
from linkqa_kedro.pipelines.evaluation.card import write_card
from linkqa_kedro.pipelines.evaluation.nodes import check_qa, clean_dataset, export_dataset, measure_dataset
from linkqa_kedro.pipelines.evaluation.pictures import (
    count_stage_rows,
    draw_difficulty,
    draw_mixes,
    draw_rater,
    draw_sampling,
    draw_stage_rows,
)
from linkqa_kedro.pipelines.evaluation.steering import plan_steering


def create_pipeline() -> Pipeline:
    """The evaluation pipeline."""
    return Pipeline(
        [
            described_node(
                func=check_qa,
                inputs=["enhanced_qa", "paths", "seeds", "benchmark_lines", "engine", "params:evaluation"],
                outputs="checked_qa",
                name="check_qa",
            ),
            described_node(
                func=clean_dataset,
                inputs=[
                    "enhanced_qa",
                    "checked_qa",
                    "unconfirmed_qa",
                    "unconfirmed_ratings",
                    "unconfirmed_changes",
                    "seeds",
                    "params:evaluation",
                ],
                outputs=["dataset", "rejected_qa"],
                name="clean_dataset",
            ),
            described_node(
                func=export_dataset,
                inputs="dataset",
                outputs=["dataset_messages", "dataset_text"],
                name="export_dataset",
            ),
            described_node(
                func=measure_dataset,
                inputs=[
                    "dataset",
                    "rejected_qa",
                    "checked_qa",
                    "quotas",
                    "kp_visits",
                    "difficulty_gap",
                    "params:evaluation",
                ],
                outputs=["evaluation_statistics", "target_gap"],
                name="measure_dataset",
            ),
            described_node(
                func=plan_steering,
                inputs=[
                    "dataset",
                    "paths",
                    "quotas",
                    "quota_shortfalls",
                    "target_gap",
                    "difficulty_gap",
                    "params:steering",
                ],
                outputs=["quota_correction", "steering_statistics"],
                name="plan_steering",
            ),
            described_node(
                func=count_stage_rows,
                inputs=[
                    "seeds",
                    "rejected_seeds",
                    "annotations",
                    "rejected_annotations",
                    "paths",
                    "quota_shortfalls",
                    "synthesised_qa",
                    "rejected_synthesis",
                    "unconfirmed_qa",
                    "enhanced_qa",
                    "rejected_ratings",
                    "rejected_enhancement",
                    "dataset",
                    "rejected_qa",
                ],
                outputs="stage_rows",
                name="count_stage_rows",
            ),
            described_node(
                func=draw_mixes,
                inputs="target_gap",
                outputs=["discipline_plot", "difficulty_plot"],
                name="draw_mixes",
            ),
            described_node(
                func=draw_sampling,
                inputs=["coverage_curve", "kp_visits", "sampling_statistics"],
                outputs=["coverage_plot", "visits_plot"],
                name="draw_sampling",
            ),
            described_node(
                func=draw_difficulty,
                inputs=["difficulty_matrix", "difficulty_gap"],
                outputs=["difficulty_matrix_plot", "enhancement_plot"],
                name="draw_difficulty",
            ),
            described_node(
                func=draw_rater,
                inputs="rater_calibration",
                outputs="rater_calibration_plot",
                name="draw_rater",
            ),
            described_node(
                func=draw_stage_rows,
                inputs="stage_rows",
                outputs="stage_rows_plot",
                name="draw_stage_rows",
            ),
            described_node(
                func=write_card,
                inputs=["dataset", "seeds", "evaluation_statistics", "target_gap", "benchmark_lines"],
                outputs="dataset_card",
                name="write_card",
            ),
        ]
    )
