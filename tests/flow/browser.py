"""A headless Chromium, and what makes a page fit to be looked at."""

import contextlib
import io
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, sync_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
SCREENSHOTS = "LINKQA_SCREENSHOTS"
"""Environment variable; a folder in which the tests leave what they looked at."""

SMALLEST_TEXT_PIXELS = 9

_SIDEWAYS = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"

# Text boxes within a part of the page: what they say, how high their letters are, whether they are cut off at the
# page's edge. Only boxes that hold text of their own and can be seen are taken.
_TEXTS = """
(part) => [...part.querySelectorAll('*')].filter(box =>
    [...box.childNodes].some(node => node.nodeType === 3 && node.textContent.trim())
    && box.checkVisibility({checkOpacity: true, checkVisibilityCSS: true})
).map(box => {
    const place = box.getBoundingClientRect();
    return {
        text: box.textContent.trim().slice(0, 80),
        pixels: parseFloat(getComputedStyle(box).fontSize),
        left: place.left, right: place.right, width: place.width, height: place.height,
    };
}).filter(box => box.width > 1 && box.height > 1)
"""


@contextlib.contextmanager
def chromium_page(width: int = 1600, height: int = 1000) -> Iterator[Page]:
    """A page of a fresh browser, in a window of so many pixels."""
    assert CHROMIUM, "the tests that need it skip without it"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": width, "height": height})
        page.set_default_timeout(120_000)  # a shared machine may be slow
        yield page
        browser.close()


def check_page(page: Page, part: str = "body", smallest_pixels: float = SMALLEST_TEXT_PIXELS) -> list[str]:
    """Assert that nothing runs out of the page sideways and that texts can be read; the texts seen in that part."""
    assert page.evaluate(_SIDEWAYS) <= 0, "the page scrolls sideways"
    texts = page.locator(part).first.evaluate(_TEXTS)
    assert texts, f"{part} says nothing"
    small = [box for box in texts if box["pixels"] < smallest_pixels]
    assert not small, f"too small to be read: {small[:3]}"
    return [box["text"] for box in texts]


def check_picture(picture: Image.Image, least_drawn: float = 0.01) -> None:
    """Assert that something is drawn: the share of pixels that differ from the commonest colour."""
    pixels = np.asarray(picture.convert("RGB")).reshape(-1, 3)
    packed = pixels @ np.array([1 << 16, 1 << 8, 1])
    _, counts = np.unique(packed, return_counts=True)
    drawn = 1 - counts.max() / len(packed)
    assert drawn >= least_drawn, f"only {drawn:.2%} of the picture differs from its background"


def picture_of(page: Page, part: str | None = None) -> Image.Image:
    """The page, or a part of it, as a picture."""
    shot = page.screenshot() if part is None else page.locator(part).first.screenshot()
    return Image.open(io.BytesIO(shot))


def keep(picture: Image.Image, name: str) -> None:
    """Leave the picture in the folder that LINKQA_SCREENSHOTS names, if it does."""
    if folder := os.environ.get(SCREENSHOTS):
        Path(folder).mkdir(parents=True, exist_ok=True)
        # A page has few colours: a palette of 256 keeps them, in a third of the bytes.
        few = picture.convert("RGB").quantize(256, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
        few.save(Path(folder) / f"{name}.png", optimize=True)


needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")
