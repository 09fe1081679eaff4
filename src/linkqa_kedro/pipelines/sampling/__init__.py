"""Sampling: draws paths over the knowledge graph until every quota is met, and attaches seeds."""

from linkqa_kedro.pipelines.sampling.pipeline import create_pipeline

__all__ = ["create_pipeline"]
