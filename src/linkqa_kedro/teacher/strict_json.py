"""Strict JSON: no NaN, no unpaired surrogate, no key that stands twice with two values."""

import json
from typing import Any, NoReturn

from linkqa_kedro.teacher.errors import ReplyUnusable


def loads(source: str) -> tuple[Any, bool]:
    """The value that a JSON text spells, and whether raw line breaks inside its strings had to be allowed.

    None where the text is no JSON: no caller wants a bare `null`.

    Raises:
        ReplyUnusable: With reason "repeated key".
    """
    value = _decoded(_STRICT, source)
    if value is not None:
        return value, False
    # Line breaks inside strings, as they are: they can mean nothing else.
    return _decoded(_RAW_LINE_BREAKS, source), True


def are_same(one: Any, other: Any) -> bool:
    """Whether two values are written alike; to Python, 1 and true are equal."""
    return one is other or _written(one) == _written(other)


def _decoded(decoder: json.JSONDecoder, source: str) -> Any:
    try:
        value = decoder.decode(source)
        # Half a surrogate pair cannot be written to a file, and 1e999 is read as infinity.
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    # Numbers of thousands of digits raise a bare ValueError, deep nesting a RecursionError.
    except (ValueError, RecursionError):
        return None
    return value


def _written(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


def _object_of(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) < len(pairs):
        for key, value in pairs:
            if not are_same(value, fields[key]):
                raise ReplyUnusable("repeated key", f"{key!r:.60} is {value!r:.60} and {fields[key]!r:.60}")
    return fields


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


_STRICT = json.JSONDecoder(object_pairs_hook=_object_of, parse_constant=_refuse_constant)
_RAW_LINE_BREAKS = json.JSONDecoder(object_pairs_hook=_object_of, parse_constant=_refuse_constant, strict=False)
