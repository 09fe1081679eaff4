"""What kedro viz shows of a dataset: a few rows, some figures, or the text."""

import json
import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from kedro_datasets._typing import HTMLPreview, JSONPreview, TablePreview

_CELL_CHARACTERS = 160
_TEXT_CHARACTERS = 20_000
_TEXT_STYLE = "white-space: pre-wrap; font-family: monospace; font-size: 13px; margin: 16px"


def table_preview(frame: pd.DataFrame) -> TablePreview:
    """The rows, every cell as text; long ones are cut, so that a row stays a row."""
    preview: dict[str, Any] = frame.astype(object).map(_cell).to_dict(orient="split")
    return TablePreview(preview)


def figures_preview(figures: Mapping[str, Any]) -> JSONPreview:
    """Figures by name."""
    return JSONPreview(json.dumps(dict(figures), ensure_ascii=False))


def text_preview(text: str) -> HTMLPreview:
    """A text as it was written, line by line; its end is cut off where it is very long."""
    # Kedro viz reads a preview as Markdown first: as entities on one line, nothing in the text is taken for markup.
    shown = "".join(_as_entity(character) for character in text[:_TEXT_CHARACTERS])
    return HTMLPreview(f'<div style="{_TEXT_STYLE}">{shown}</div>')


def _as_entity(character: str) -> str:
    if character == "\n":
        return "<br>"
    return character if character.isalnum() or character == " " else f"&#{ord(character)};"


def _cell(value: Any) -> str:
    if value is None or value is pd.NA or (isinstance(value, float) and math.isnan(value)):
        return ""
    text = ", ".join(map(_cell, value)) if isinstance(value, list | tuple | np.ndarray) else str(value)
    return text if len(text) <= _CELL_CHARACTERS else f"{text[:_CELL_CHARACTERS]} …"
