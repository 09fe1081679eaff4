"""Statistics as JSON holds them."""

import math
from collections.abc import Mapping
from typing import Any


def json_ready(values: Mapping[str, Any]) -> dict[str, Any]:
    """The same figures, where one that is undefined (NaN) is None: JSON has no NaN."""
    return {key: _json_ready(value) for key, value in values.items()}


def _json_ready(value: Any) -> Any:
    if isinstance(value, Mapping):
        return json_ready(value)
    if isinstance(value, float) and math.isnan(value):
        return None
    return value
