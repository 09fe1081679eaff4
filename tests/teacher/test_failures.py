import pytest

from linkqa_kedro.teacher.errors import Overloaded, ReplyUnusable, RequestFailed, RequestRefused
from linkqa_kedro.teacher.failures import (
    MAX_MESSAGE_CHARACTERS,
    Complaint,
    complaint_of,
    complaint_of_text,
    failure_of,
    retry_after_seconds,
)


@pytest.mark.parametrize(
    ("status", "codes", "message", "kind", "named"),
    [
        (401, [], "bad key", RequestRefused, "LINKQA_API_KEY"),
        (403, [], "", RequestRefused, "LINKQA_API_KEY"),
        (402, [], "Insufficient Balance", RequestRefused, "credit or quota"),
        (429, ["insufficient_quota"], "", RequestRefused, "credit or quota"),
        (404, [], "no such page", RequestRefused, "LINKQA_BASE_URL"),
        (405, [], "", RequestRefused, "LINKQA_BASE_URL"),
        (404, ["model_not_found"], "", RequestRefused, "LINKQA_MODEL"),
        (400, ["invalid_request_error"], "Model Not Exist", RequestRefused, "LINKQA_MODEL"),
        (400, ["invalid_request_error"], "too long", ReplyUnusable, "rejected by endpoint"),
        (413, [], "", ReplyUnusable, "rejected by endpoint"),
        (422, [], "", ReplyUnusable, "rejected by endpoint"),
        (400, ["content_filter"], "", ReplyUnusable, "refused by content filter"),
        (429, [], "slow down", Overloaded, "HTTP 429 (slow down)"),
        (500, [], "", RequestFailed, "HTTP 500"),
        (503, [], "", RequestFailed, "HTTP 503"),
    ],
)
def test_each_complaint_has_its_class(
    status: int, codes: list[str], message: str, kind: type[Exception], named: str
) -> None:
    failure = failure_of(status, Complaint(message, frozenset(codes)))
    assert type(failure) is kind
    assert named in str(failure)
    assert message in str(failure)


def test_overload_carries_what_the_server_asked_for() -> None:
    failure = failure_of(429, Complaint(""), retry_after_seconds=7.0)
    assert isinstance(failure, RequestFailed)
    assert failure.retry_after_seconds == 7.0


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ({"error": {"message": "m", "type": "T", "code": "C"}}, Complaint("m", frozenset({"t", "c"}))),
        ({"error": {"message": "m", "code": 502}}, Complaint("m", frozenset(), 502)),
        ({"error": {"message": "m", "code": "429"}}, Complaint("m", frozenset({"429"}), 429)),
        ({"error": {"message": "m", "code": 200}}, Complaint("m")),
        ({"error": {"message": "m", "code": True}}, Complaint("m")),
        ({"error": {"message": "m", "code": "abc"}}, Complaint("m", frozenset({"abc"}))),
        ({"error": {"why": "x"}}, Complaint('{"why": "x"}')),
        ({"error": "plain text"}, Complaint("plain text")),
        ({"object": "error", "message": "m", "code": 404}, Complaint("m", frozenset(), 404)),
        ({"detail": "Not Found"}, Complaint("Not Found")),
        ({"detail": [{"loc": 1}]}, Complaint('[{"loc": 1}]')),
        ({"choices": [], "message": "no complaint"}, None),
        ({"choices": None, "error": None}, None),
        ({}, None),
        ([], None),
    ],
)
def test_complaints_are_found_in_the_shapes_that_servers_use(body: object, complaint: Complaint | None) -> None:
    assert complaint_of(body) == complaint


def test_page_instead_of_json_is_its_own_message_and_short() -> None:
    complaint = complaint_of_text("<html>\n<h1>Bad   Gateway</h1>" + "x" * 1000)
    assert complaint.message.startswith("<html> <h1>Bad Gateway</h1>x")
    assert len(complaint.message) == MAX_MESSAGE_CHARACTERS


def test_json_without_complaint_is_its_own_message() -> None:
    assert complaint_of_text("[1]") == Complaint("[1]")


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "2"}, 2.0),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after-ms": "250", "retry-after": "9"}, 0.25),
        (
            {
                "retry-after": "Wed, 21 Oct 2015 07:28:30 GMT",
                "date": "Wed, 21 Oct 2015 07:28:00 GMT",
            },
            30.0,
        ),
        (
            {
                "retry-after": "Wed, 21 Oct 2015 07:27:00 GMT",
                "date": "Wed, 21 Oct 2015 07:28:00 GMT",
            },
            0.0,
        ),
        ({"retry-after": "Wed, 21 Oct 2015 07:28:30 GMT"}, None),
        ({"retry-after": "soon", "date": "Wed, 21 Oct 2015 07:28:00 GMT"}, None),
        ({"retry-after": "-3"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "nan"}, None),
        ({}, None),
    ],
)
def test_retry_after_is_read_or_ignored(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after_seconds(headers) == seconds
