"""Nodes that kedro viz describes in words."""

import inspect
import warnings
from collections.abc import Callable
from functools import partial
from typing import Any

from kedro.pipeline import Node
from kedro.pipeline.preview_contract import TextPreview
from kedro.utils import KedroExperimentalWarning


def described_node(func: Callable[..., Any], inputs: str | list[str], outputs: str | list[str], name: str) -> Node:
    """A node whose description in kedro viz is the docstring of its function."""
    # A partial can be pickled, as ParallelRunner needs; a lambda cannot.
    description = partial(TextPreview, inspect.getdoc(func) or "")
    with warnings.catch_warnings():
        # Kedro says once in every run that previews of nodes may change.
        warnings.simplefilter("ignore", KedroExperimentalWarning)
        return Node(func=func, inputs=inputs, outputs=outputs, name=name, preview_fn=description)
