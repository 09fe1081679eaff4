"""What can go wrong with a completion, told apart by what the caller does about it.

TeacherError
├── RequestRefused   key, quota, unknown model: stop the run, one clear message
├── RequestFailed    timeout, broken connection, server error: no answer came, try again
│   └── Overloaded   429: the same, and a sign that too much is asked at once
└── ReplyUnusable    truncated, malformed, empty: paid for; ask afresh a bounded number of times,
                     then set the record aside with its reason
"""

from linkqa_kedro.errors import UserError


class TeacherError(Exception):
    """Base of everything a teacher can raise."""


class RequestRefused(TeacherError, UserError):
    """The endpoint will refuse every request like this one; carries the message for the person."""


class RequestFailed(TeacherError):
    """The endpoint did not answer; the same request may well succeed later.

    Args:
        message: What happened, for logs and for the reason of a rejected row.
        retry_after_seconds: What the server asked for, where it did.
        kind: A short fixed word group that can be counted, e.g. "timeout".
        may_be_paid: Whether the endpoint may have made an answer that never arrived, and charge for it. A budget counts
            it at the highest price it can have.
    """

    def __init__(
        self,
        message: str,
        retry_after_seconds: float | None = None,
        *,
        kind: str = "failed",
        may_be_paid: bool = False,
    ) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds
        self.kind = kind
        self.may_be_paid = may_be_paid


class Overloaded(RequestFailed):
    """The endpoint says that it is asked too much at once, or too often."""

    def __init__(self, message: str, retry_after_seconds: float | None = None) -> None:
        super().__init__(message, retry_after_seconds, kind="429")


class ReplyUnusable(TeacherError):
    """A completion arrived and was stored, but no record can be read from it.

    Args:
        reason: A short fixed word group that can be counted, e.g. "not JSON".
        detail: What exactly was wrong, with the value.
        is_final: Whether a fresh attempt would end the same way, so that none is bought.
    """

    def __init__(self, reason: str, detail: str = "", *, is_final: bool = False) -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.detail = detail
        self.is_final = is_final
