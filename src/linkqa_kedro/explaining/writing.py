"""Values as a person reads them; what is not known is said so, and never 0."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

UNKNOWN = "unknown"


def number(value: float | None) -> str:
    """Three digits that count."""
    if value is None:
        return UNKNOWN
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def percent(share: float | None) -> str:
    """A share in [0, 1]."""
    if share is None:
        return UNKNOWN
    shown = 100 * share
    if 99.9 < shown < 100:
        return ">99.9 %"  # not 100: something else could have been
    if 0 < shown < 0.01:
        return "<0.01 %"
    return f"{shown:.1f} %" if shown >= 1 or shown == 0 else f"{shown:.2g} %"


def count(n: int | None) -> str:
    """A whole number."""
    return UNKNOWN if n is None else f"{n:,}"


def dollars(usd: float | None) -> str:
    """US dollars as a bare number, with as many places as a single answer needs."""
    if usd is None:
        return UNKNOWN
    return f"{usd:.2f}" if usd == 0 or usd >= 1 else f"{usd:.6f}"


def seconds(value: float | None) -> str:
    """A latency."""
    return UNKNOWN if value is None else f"{value:.1f} s"


def plain(value: Any) -> str:
    """Any column's value as text."""
    if value is None or value == []:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return number(value)
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {plain(part)}" for name, part in value.items())
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(plain(part) for part in value)
    return str(value)


def from_json(text: str) -> Any:
    """The value of a JSON text; the text itself where it is none."""
    try:
        return json.loads(text)
    except ValueError:
        return text
