"""Synthesis: spreads from the linked seeds of every path to new QA, and checks their answers.

Reads   paths, seeds, annotations, teacher, synthesise_prompt, solve_prompt, compare_prompt, refine_prompt
Writes  written_qa, rejected_synthesis, writing_figures, solved_qa, solving_usage, synthesised_qa, unconfirmed_qa,
        refining_usage, synthesis_statistics
"""

from kedro.pipeline import Pipeline

from linkqa_kedro.pipelines.described_node import described_node
from linkqa_kedro.pipelines.synthesis.answers import check_answers, measure_synthesis, refine_answers
from linkqa_kedro.pipelines.synthesis.nodes import synthesise_qa

_PROMPTS = ["solve_prompt", "compare_prompt", "refine_prompt"]


def create_pipeline() -> Pipeline:
    """The synthesis pipeline."""
    return Pipeline(
        [
            described_node(
                func=synthesise_qa,
                inputs=["paths", "seeds", "annotations", "teacher", "synthesise_prompt", "params:synthesis"],
                outputs=["written_qa", "rejected_synthesis", "writing_figures"],
                name="synthesise_qa",
            ),
            described_node(
                func=check_answers,
                inputs=["written_qa", "seeds", "annotations", "teacher", *_PROMPTS, "params:answer_checking"],
                outputs=["solved_qa", "solving_usage"],
                name="check_answers",
            ),
            described_node(
                func=refine_answers,
                inputs=["solved_qa", "teacher", *_PROMPTS, "params:answer_checking"],
                outputs=["synthesised_qa", "unconfirmed_qa", "refining_usage"],
                name="refine_answers",
            ),
            described_node(
                func=measure_synthesis,
                inputs=["writing_figures", "synthesised_qa", "unconfirmed_qa", "solving_usage", "refining_usage"],
                outputs="synthesis_statistics",
                name="measure_synthesis",
            ),
        ]
    )
