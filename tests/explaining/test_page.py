"""The page is one file that needs nothing else, and in which nothing of anyone's text is obeyed."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from fakes.explained import CHECKED, evidence_of, qa_evidence, qa_row, question_of, seed_of
from linkqa_kedro.errors import UserError
from linkqa_kedro.explaining.building import explain
from linkqa_kedro.explaining.command import check_page_path, write_page
from linkqa_kedro.explaining.explanation import Explanation
from linkqa_kedro.explaining.page import explanation_page

HOSTILE = "</pre></style><script>alert('x')</script><img src=x onerror=alert(1)> {{ 7 * 7 }} & \"'"


def hostile() -> Explanation:
    """Hostile text in every place where text of seeds and models stands."""
    row = qa_row(
        question=HOSTILE,
        answer=HOSTILE,
        explanation=HOSTILE,
        options=[{"letter": "A", "text": HOSTILE}],
        knowledge_points=[HOSTILE],
        proof=HOSTILE,
        model=HOSTILE,
    )
    asked = question_of(("aa01", 0, 0, {"text": HOSTILE, "reasoning": HOSTILE, "model": HOSTILE}))
    assert asked.request is not None
    asked = type(asked)({**asked.request, "messages": [{"role": "user", "content": HOSTILE}]}, asked.answers)
    return explain(
        evidence_of(
            qa_evidence({"dataset": row, "checked_qa": CHECKED}),
            questions={"aa01": asked},
            seeds=[seed_of(HOSTILE, [HOSTILE], question=HOSTILE, source=HOSTILE), seed_of("s2", [HOSTILE])],
        )
    )


class _Elements(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.attributes.update(name for name, _ in attrs)


def test_no_text_becomes_an_element() -> None:
    page = explanation_page(hostile())
    elements = _Elements()
    elements.feed(page)
    assert not elements.names & {"script", "img", "iframe", "link", "object"}
    assert not any(name.startswith("on") or name in ("src", "href") for name in elements.attributes)
    assert "{{ 7 * 7 }}" in page
    assert page.count("&lt;script&gt;") > 10


def test_the_page_refers_to_nothing_outside() -> None:
    page = explanation_page(hostile())
    assert not re.search(r"https?://|url\(|@import", page)


def test_the_page_is_the_same_every_time() -> None:
    assert explanation_page(hostile()) == explanation_page(hostile())


def test_a_folder_or_a_file_in_none_is_refused_before_anything_is_done(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"is a folder\. Name a file in it"):
        check_page_path(tmp_path)
    with pytest.raises(UserError, match="there is no folder"):
        check_page_path(tmp_path / "no" / "page.html")


def test_a_page_is_whole_or_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full_disk(self: Path, target: Path) -> None:
        raise OSError(28, "No space left on device")

    path = tmp_path / "page.html"
    path.write_text("old")
    monkeypatch.setattr(Path, "replace", full_disk)
    with pytest.raises(UserError, match="cannot be written: No space left"):
        write_page(hostile(), path)
    assert [file.name for file in tmp_path.iterdir()] == ["page.html"]
    assert path.read_text() == "old"
