"""Evaluation: cleans the QA into a dataset, and measures, draws and describes it."""

from linkqa_kedro.pipelines.evaluation.pipeline import create_pipeline

__all__ = ["create_pipeline"]
