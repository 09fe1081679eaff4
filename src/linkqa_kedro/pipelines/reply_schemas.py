"""JSON schemas of teacher replies, for endpoints that can hold a model to one.

They say no more than the readers check: what comes back is read and checked in any case. Long texts have no upper
length, because servers that make a grammar of a schema refuse long repetitions.
"""

from collections.abc import Iterable
from typing import Any

from linkqa_kedro.records import DIFFICULTY_LEVELS

Schema = dict[str, Any]
LONGEST_POINT_NAME = 80

_LEVEL: Schema = {"type": "integer", "enum": list(DIFFICULTY_LEVELS)}
_TEXT: Schema = {"type": "string", "minLength": 1}
_POINT: Schema = {"type": "string", "minLength": 1, "maxLength": LONGEST_POINT_NAME}


def _closed_object(**properties: Schema) -> Schema:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _list_of(items: Schema, fewest: int = 0, most: int | None = None) -> Schema:
    limits = {"minItems": fewest} if most is None else {"minItems": fewest, "maxItems": most}
    return {"type": "array", "items": items, **limits}


_OPTIONS: Schema = {"anyOf": [_closed_object(A=_TEXT, B=_TEXT, C=_TEXT, D=_TEXT), {"type": "null"}]}
_TEXT_OR_NULL: Schema = {"anyOf": [_TEXT, {"type": "null"}]}
_ITEM: Schema = _closed_object(
    question_type=_TEXT,
    question=_TEXT,
    options=_OPTIONS,
    answer=_TEXT,
    explanation=_TEXT,
    expression=_TEXT_OR_NULL,
    knowledge_points=_list_of(_POINT, fewest=2, most=8),
    seeds=_list_of({"type": "integer", "minimum": 1}, most=12),
)


def annotation_schema(disciplines: Iterable[str], max_knowledge_points: int) -> Schema:
    """Reply to an annotation: knowledge points, discipline, difficulty."""
    return _closed_object(
        knowledge_points=_list_of(_POINT, fewest=1, most=max_knowledge_points),
        discipline={"type": "string", "enum": sorted(disciplines)},
        difficulty=_LEVEL,
    )


def synthesis_schema(fan_out: int) -> Schema:
    """Reply to a synthesis: as many items as were asked for, or fewer."""
    return _closed_object(items=_list_of(_ITEM, fewest=1, most=fan_out))


def change_schema() -> Schema:
    """Reply to a change of one item: the item, and what was done."""
    return _closed_object(item=_ITEM, strategy=_TEXT)


def rating_schema(axes: Iterable[str]) -> Schema:
    """Reply to a rating: a level on each axis, the difficulty, and why."""
    return _closed_object(
        axes=_closed_object(**dict.fromkeys(axes, _LEVEL)),
        difficulty=_LEVEL,
        reason=_TEXT,
    )


def adjudication_schema() -> Schema:
    """Reply about a pair of names: whether they are one concept, and which is the better name."""
    return _closed_object(
        verdict={"type": "string", "enum": ["same", "different"]},
        better={"anyOf": [{"type": "string", "enum": ["first", "second"]}, {"type": "null"}]},
        reason=_TEXT,
    )


def solution_schema() -> Schema:
    """Reply of a blind attempt: the steps, and the answer or null."""
    return _closed_object(working=_TEXT, answer=_TEXT_OR_NULL)


def comparison_schema(n_answers: int) -> Schema:
    """Reply about several answers: the group of each, 0 for that of the reference."""
    group = {"type": "integer", "minimum": 0, "maximum": n_answers}
    return _closed_object(reason=_TEXT, groups=_list_of(group, fewest=n_answers, most=n_answers))


def refinement_schema() -> Schema:
    """Reply to a refinement: the solution and its answer; whether the question is sound, and what is wrong with it."""
    return _closed_object(
        explanation=_TEXT,
        answer=_TEXT_OR_NULL,
        expression=_TEXT_OR_NULL,
        is_sound={"type": "boolean"},
        problem=_TEXT_OR_NULL,
    )
