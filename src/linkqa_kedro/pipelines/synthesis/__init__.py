"""Synthesis: spreads from the linked seeds of every path to new QA."""

from linkqa_kedro.pipelines.synthesis.pipeline import create_pipeline

__all__ = ["create_pipeline"]
