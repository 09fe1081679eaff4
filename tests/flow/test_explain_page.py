"""The page of `kedro explain`, in a real browser: at a desk, on a phone, on paper."""

from pathlib import Path

import pandas as pd
import pytest

pytest.importorskip("playwright", reason="needs the extra: pip install '.[browser]'")

from fakes.explained import CHECKED, evidence_of, qa_evidence, qa_row, question_of, seed_of
from linkqa_kedro.explaining.building import explain
from linkqa_kedro.explaining.command import write_page

from .browser import check_page, check_picture, chromium_page, keep, needs_chromium, picture_of
from .conftest import Project

pytestmark = [pytest.mark.browser, pytest.mark.flow, needs_chromium]

WIDTHS = {"desktop": 1280, "phone": 390}
SMALLEST_PIXELS = 11


@pytest.fixture(scope="module")
def page_file(finished: Project, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of a row that enhancement made."""
    rows = pd.read_parquet(finished.path("07_evaluation/dataset/train.parquet"))
    qa_id = rows.loc[rows["origin"] == "enhanced", "qa_id"].iloc[0]
    path = tmp_path_factory.mktemp("page") / "row.html"
    result = finished.kedro("explain", qa_id, "--html", str(path))
    assert result.returncode == 0, result.stderr[-2000:]
    return path


@pytest.mark.parametrize("name", WIDTHS)
def test_the_page_can_be_read_and_asks_nobody(page_file: Path, name: str) -> None:
    with chromium_page(WIDTHS[name], 844) as page:
        said, asked = [], []
        page.on("console", lambda message: said.append(message.text))
        page.on("request", lambda request: asked.append(request.url))
        page.goto(page_file.as_uri())
        texts = check_page(page, smallest_pixels=SMALLEST_PIXELS)
        assert asked == [page_file.as_uri()]
        assert said == [], "the browser found something to complain about"
        assert any(text.startswith("In the dataset.") for text in texts)
        walk = picture_of(page, "section.walk")
        check_picture(walk)
        keep(walk, f"explain_walk_{name}")
        page.evaluate("() => document.querySelectorAll('details').forEach(part => { part.open = true })")
        check_page(page, smallest_pixels=SMALLEST_PIXELS)
        keep(picture_of(page), f"explain_{name}")


def test_long_words_and_formulas_stay_inside_their_box(tmp_path: Path) -> None:
    """A formula of 400 letters without a space, in every place where text of seeds and models stands."""
    formula = r"\frac{" + "x" * 400 + "}{[y]}汉字" + "汉" * 200
    row = qa_row(
        question=formula,
        answer=formula,
        options=[{"letter": "A", "text": formula}],
        knowledge_points=[formula],
        model=formula,
    )
    asked = question_of(("aa01", 0, 0, {"text": formula, "reasoning": formula, "model": formula}))
    explained = explain(
        evidence_of(
            qa_evidence({"dataset": row, "checked_qa": CHECKED}),
            questions={"aa01": asked},
            seeds=[seed_of("s1", [formula], question=formula), seed_of("s2", [formula])],
        )
    )
    write_page(explained, tmp_path / "page.html")
    with chromium_page(WIDTHS["phone"], 844) as page:
        page.goto((tmp_path / "page.html").as_uri())
        page.evaluate("() => document.querySelectorAll('details').forEach(part => { part.open = true })")
        check_page(page, smallest_pixels=SMALLEST_PIXELS)
        page.emulate_media(media="print")
        check_page(page, smallest_pixels=SMALLEST_PIXELS)
