"""Every picture of a run, in a real browser, as a README shows it."""

from collections.abc import Iterator

import pytest

pytest.importorskip("playwright", reason="needs the extra: pip install '.[browser]'")

from playwright.sync_api import Page

from endpoints.file_server import served

from .browser import check_page, check_picture, chromium_page, keep, needs_chromium, picture_of
from .conftest import Project

pytestmark = [pytest.mark.browser, pytest.mark.flow, needs_chromium]

README_PIXELS = 830
"""Width of the text column of a README on GitHub."""

PICTURES = {
    "kp_map": "03_graph/plots/kp_map.png",
    **{
        name: f"07_evaluation/plots/{name}.png"
        for name in (
            "disciplines",
            "difficulty",
            "coverage",
            "visits",
            "stage_rows",
            "difficulty_matrix",
            "rater_calibration",
            "enhancement",
        )
    },
}


def readme(name: str, picture: str) -> str:
    """A page with the picture, laid out as GitHub does."""
    return (
        f"<style>body {{ margin: 0 auto; max-width: {README_PIXELS}px; font: 16px sans-serif }} "
        f"img {{ max-width: 100% }}</style><p>{name}</p><img src='{picture}'>"
    )


@pytest.fixture(scope="module")
def page(finished: Project) -> Iterator[Page]:
    """A window on the data of a finished project."""
    for name, picture in PICTURES.items():
        (finished.path(f"{name}.html")).write_text(readme(name, picture), encoding="utf-8")
    with served(finished.folder / "data") as address, chromium_page() as window:
        window.goto(f"{address}/kp_map.html")
        yield window


def test_these_are_all_pictures_of_a_run(finished: Project) -> None:
    drawn = {str(path.relative_to(finished.path(""))) for path in finished.path("").glob("0[2-7]_*/**/*.png")}
    assert drawn == set(PICTURES.values())


@pytest.mark.parametrize("name", PICTURES)
@pytest.mark.parametrize("width", [1200, 390], ids=["desktop", "phone"])
def test_a_picture_fits_its_page_and_shows_something(page: Page, name: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{page.url.rsplit('/', 1)[0]}/{name}.html")
    image = page.locator("img")
    image.wait_for()
    page.wait_for_function("document.images[0].complete")
    check_page(page)
    place = image.bounding_box()
    assert place is not None
    assert place["width"] <= min(width, README_PIXELS)
    assert image.evaluate("image => image.naturalWidth") >= 1.4 * place["width"], "blurred on a dense screen"
    check_picture(picture_of(page, "img"), least_drawn=0.02)
    if width > README_PIXELS:
        keep(picture_of(page, "img"), f"plot_{name}")
