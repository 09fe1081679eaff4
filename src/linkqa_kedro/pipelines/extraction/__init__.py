"""Extraction: finds the knowledge points, discipline and difficulty of every seed."""

from linkqa_kedro.pipelines.extraction.pipeline import create_pipeline

__all__ = ["create_pipeline"]
