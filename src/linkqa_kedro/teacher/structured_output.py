"""Which kind of structured output an endpoint honours, found out from how it takes real requests."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Literal

from linkqa_kedro.teacher.model_profile import StructuredOutput
from linkqa_kedro.teacher.requests import Request

Kind = Literal["json_schema", "json_object", "none"]

# Strongest first. The last asks for nothing: the prompt says what the reply looks like in any case.
KINDS: tuple[Kind, ...] = ("json_schema", "json_object", "none")
# What servers say when they do not know the field, or cannot make a grammar of the schema.
COMPLAINT = re.compile(
    r"response_format|json[_ ]schema|json[_ ]object|json mode|guided|grammar|structured output", re.I
)


class StructuredOutputFinder:
    """What one model behind one endpoint honours, for the schema of one role.

    It begins with the strongest kind. Where a request is turned down, the same request is asked again with the next
    kind; when that one is answered, what was turned down is not tried again.

    Args:
        wanted: A kind, which is then kept to; "auto" to find out.
    """

    def __init__(self, wanted: StructuredOutput) -> None:
        self._kinds: list[Kind] = list(KINDS) if wanted == "auto" else [wanted]
        self._worked: set[Kind] = set()

    def kinds_to_try(self, request: Request) -> Iterator[Kind]:
        """Kinds in the order of trying; the caller stops at the first that is answered."""
        if request.reply_schema is None:
            yield "none"
            return
        yield from tuple(self._kinds)

    def may_be_the_cause(self, kind: Kind, said: str) -> bool:
        """Whether a request that was turned down is worth another try with a weaker kind."""
        if kind == self._kinds[-1] or kind == "none":
            return False
        return kind not in self._worked or COMPLAINT.search(said) is not None

    def answered(self, kind: Kind, turned_down: list[Kind]) -> None:
        """Learn from a request that was answered with a kind, after others had been turned down."""
        self._worked.add(kind)
        for other in turned_down:
            # One that had worked before was turned down for this request's own sake.
            if other in self._kinds and other not in self._worked:
                self._kinds.remove(other)


def response_format(kind: Kind, request: Request) -> Mapping[str, Any] | None:
    """The field `response_format` of a request, None where there is none to send."""
    if kind == "json_schema":
        return {
            "type": "json_schema",
            "json_schema": {"name": f"{request.role}_reply", "schema": request.reply_schema},
        }
    return {"type": "json_object"} if kind == "json_object" else None
