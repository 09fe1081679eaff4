"""Enhancement: measures difficulty blind and changes QA until the named disciplines have the mix asked."""

from linkqa_kedro.pipelines.enhancement.pipeline import create_pipeline

__all__ = ["create_pipeline"]
