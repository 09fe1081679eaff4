"""LinkSyn (arXiv 2508.01317) as a Kedro project."""

__version__ = "0.1.0"
