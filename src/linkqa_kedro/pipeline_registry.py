"""The six stages, written out in order."""

from kedro.pipeline import Pipeline

from linkqa_kedro.pipelines import enhancement, evaluation, extraction, graph, sampling, synthesis


def register_pipelines() -> dict[str, Pipeline]:
    """Every stage by its name, and all of them in order as the default."""
    stages = {
        "extraction": extraction.create_pipeline(),
        "graph": graph.create_pipeline(),
        "sampling": sampling.create_pipeline(),
        "synthesis": synthesis.create_pipeline(),
        "enhancement": enhancement.create_pipeline(),
        "evaluation": evaluation.create_pipeline(),
    }
    return {**stages, "__default__": sum(stages.values(), start=Pipeline([]))}
