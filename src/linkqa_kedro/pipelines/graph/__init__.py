"""Graph: builds the knowledge graph from the co-occurrence of knowledge points in seeds."""

from linkqa_kedro.pipelines.graph.pipeline import create_pipeline

__all__ = ["create_pipeline"]
