"""Which class of failure an endpoint's complaint belongs to: the policy, free of any client library.

    401, 403, 402, quota, 404, 405, unknown model   RequestRefused        no request can succeed: stop
    400, 413, 422, refused by a content filter      ReplyUnusable         this record alone is set aside
    429                                             Overloaded            try again, and ask less at once
    no connection could be made                     EndpointUnreachable   try again; says where to look
    everything else (408, 5xx, …)                   RequestFailed         try again

A `ReplyUnusable` raised by a model instead of by a reader means that there is no completion: nothing was
paid, and the same messages would be turned down again, so no fresh attempt is made.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any

from linkqa_kedro.teacher.errors import Overloaded, ReplyUnusable, RequestFailed, RequestRefused, TeacherError

# Long enough for what servers say, short enough for a table cell when one answers with a whole page.
MAX_MESSAGE_CHARACTERS = 300

QUOTA_CODES = frozenset({"insufficient_quota", "billing_hard_limit_reached", "insufficient_balance"})
# The litellm proxy says the last one of a key that it cannot look up.
KEY_CODES = frozenset({"invalid_api_key", "authentication_error", "no_db_connection"})
MODEL_CODES = frozenset({"model_not_found", "invalid_model"})
FILTER_CODES = frozenset({"content_filter", "content_policy_violation"})
# What DeepSeek and the litellm proxy write under a plain 400, without a code of its own.
MODEL_PHRASES = ("model not exist", "invalid model name")


REJECTED = "rejected by endpoint"
# A gateway that stopped waiting: the server behind it may have gone on, and charge for what nobody received.
GAVE_UP_WAITING = frozenset({408, 504, 524})


class EndpointUnreachable(RequestFailed):
    """No connection could be made at all; if that never changes, the address is wrong."""

    def __init__(self, message: str) -> None:
        super().__init__(message, kind="no connection")


@dataclass(frozen=True, slots=True)
class Complaint:
    """What an endpoint said was wrong.

    Attributes:
        message: Its words, at most MAX_MESSAGE_CHARACTERS; empty where it said nothing.
        codes: Its `code` and `type`, lower case.
        status: The HTTP status that it wrote into the body, None where it wrote none.
    """

    message: str
    codes: frozenset[str] = frozenset()
    status: int | None = None


def complaint_of(body: Any) -> Complaint | None:
    """The complaint in a decoded JSON body, None where the body holds none.

    Servers disagree on the shape: `{"error": {"message", "type", "code"}}`, `{"error": "text"}`,
    `{"object": "error", "message"}` and `{"detail": …}` are all in use.
    """
    if not isinstance(body, dict):
        return None
    error = body.get("error")
    if not error and (body.get("object") == "error" or "choices" not in body):
        error = body if "message" in body else body.get("detail")
    if not error:
        return None
    if not isinstance(error, dict):
        return Complaint(_shortened(error))
    named = (error.get("code"), error.get("type"))
    codes = frozenset(code.lower() for code in named if isinstance(code, str))
    return Complaint(_shortened(error.get("message") or error), codes, _http_status(error.get("code")))


def complaint_of_text(text: str) -> Complaint:
    """The complaint in the text of an error response; a body that is no JSON is its own message."""
    try:
        complaint = complaint_of(json.loads(text))
    except (ValueError, RecursionError):
        complaint = None
    return complaint or Complaint(_shortened(text))


def failure_of(status: int, complaint: Complaint, retry_after_seconds: float | None = None) -> TeacherError:
    """The error that a complaint amounts to, see the table at the head of this module."""
    said = f"HTTP {status} ({complaint.message})" if complaint.message else f"HTTP {status}"
    if complaint.codes & FILTER_CODES:
        return ReplyUnusable("refused by content filter", said, is_final=True)
    refusal = _refusal(status, complaint)
    if refusal is not None:
        return RequestRefused(refusal.format(said=said))
    if status in (400, 413, 422):
        return ReplyUnusable(REJECTED, said, is_final=True)
    if status == 429:
        return Overloaded(said, retry_after_seconds)
    return RequestFailed(said, retry_after_seconds, kind=f"HTTP {status}", may_be_paid=status in GAVE_UP_WAITING)


def _refusal(status: int, complaint: Complaint) -> str | None:
    """What to tell a person where no request can succeed, None where one can."""
    if status == 402 or complaint.codes & QUOTA_CODES:
        return (
            "The account has no credit or quota left: {said}. Top it up, or set LINKQA_API_KEY to a key of "
            "another account."
        )
    if status in (401, 403) or complaint.codes & KEY_CODES:
        return (
            "The endpoint does not accept the API key: {said}. Set LINKQA_API_KEY to a valid key of the service "
            "that LINKQA_BASE_URL names."
        )
    if _names_model(status, complaint):
        return "The endpoint does not know the model: {said}. Set LINKQA_MODEL to a model that it serves."
    if status in (404, 405):
        return (
            "The endpoint has no chat completions or no such model: {said}. Check LINKQA_BASE_URL (most "
            "services want it to end in /v1) and LINKQA_MODEL."
        )
    return None


def retry_after_seconds(headers: Mapping[str, str]) -> float | None:
    """Seconds that a response asks to wait, None where it asks for nothing readable.

    `retry-after-ms` is read before `Retry-After`. A date is compared with the response's own `Date`, so a
    local clock that is wrong does no harm.

    Args:
        headers: Response headers; looked up in lower case, so of a case-blind mapping or all lower case.
    """
    try:
        if (milliseconds := headers.get("retry-after-ms")) is not None:
            seconds = float(milliseconds) / 1000
        else:
            seconds = _seconds_or_date(headers)
    except (KeyError, ValueError, TypeError):
        return None
    return seconds if 0 <= seconds < float("inf") else None


def _seconds_or_date(headers: Mapping[str, str]) -> float:
    value = headers["retry-after"]
    try:
        return float(value)
    except ValueError:
        wait = parsedate_to_datetime(value) - parsedate_to_datetime(headers["date"])
        return max(wait.total_seconds(), 0.0)


def _names_model(status: int, complaint: Complaint) -> bool:
    if complaint.codes & MODEL_CODES:
        return True
    message = complaint.message.lower()
    return status in (400, 404) and any(phrase in message for phrase in MODEL_PHRASES)


def _http_status(code: Any) -> int | None:
    # Routers write the status of the server behind them as the code, as a number or as digits.
    if isinstance(code, bool) or not isinstance(code, int | str) or len(str(code)) != 3:
        return None
    return int(code) if str(code).isdecimal() and 400 <= int(code) < 600 else None


def _shortened(said: Any) -> str:
    text = " ".join(said.split()) if isinstance(said, str) else json.dumps(said, ensure_ascii=False)
    return text if len(text) <= MAX_MESSAGE_CHARACTERS else text[: MAX_MESSAGE_CHARACTERS - 1] + "…"
