"""Small requests for tests that do not care what is asked."""

from typing import Any

from linkqa_kedro.teacher.requests import Request, SamplingSettings


def request_of(record_id: str, **parts: Any) -> Request:
    """A request about a record, its prompt made of the record's name; `parts` replace its fields."""
    usual: dict[str, Any] = {
        "role": "annotate",
        "stage": "extraction",
        "record_id": record_id,
        "messages": (
            {"role": "system", "content": "Annotate."},
            {"role": "user", "content": f"What is {record_id}?"},
        ),
        "values": {},
        "settings": SamplingSettings(temperature=0.6, top_p=0.95, max_output_tokens=64),
        "prompt_version": "v1",
    }
    return Request(**{**usual, **parts})
