"""A verdict on two names that are spelled alike: always that they are two."""

from collections.abc import Mapping
from typing import Any


def adjudicate_pair(values: Mapping[str, Any]) -> dict[str, Any]:  # noqa: ARG001  # every answerer takes the values
    """The reply of an adjudicate request.

    Whether two names mean one concept is a matter of the subject, of which the composer knows nothing; what can be
    told by the spelling alone, the rules have merged before. So it says different, which merges nothing.
    """
    return {"verdict": "different", "better": None, "reason": "Rules cannot tell; only a model that knows the subject."}
