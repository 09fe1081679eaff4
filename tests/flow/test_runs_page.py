"""The comparison of runs, in a real browser: three settings of the coverage knob, side by side."""

import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest

pytest.importorskip("playwright", reason="needs the extra: pip install '.[browser]'")

from playwright.sync_api import Page

from linkqa_kedro.comparison import CHARTS, COLUMNS

from .browser import check_page, check_picture, chromium_page, keep, needs_chromium, picture_of
from .conftest import PROJECT, Project, copy_project

pytestmark = [pytest.mark.browser, pytest.mark.flow, needs_chromium]


def exponents() -> list[str]:
    """The settings that `make compare-demo` runs."""
    recipe = (PROJECT / "Makefile").read_text(encoding="utf-8")
    found = re.search(r"for exponent in ([\d. ]+);", recipe)
    assert found
    return found[1].split()


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project after `make compare-demo`."""
    project = copy_project(tmp_path_factory.mktemp("compared") / "project")
    for exponent in exponents():
        result = project.kedro("run", "--params", f"sampling.popularity_exponent={exponent}", LINKQA_MLFLOW="on")
        assert result.returncode == 0, result.stderr[-2000:]
    return project


@pytest.fixture(scope="module")
def address(compared: Project) -> Iterator[str]:
    """What `kedro compare` says where the page is."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "kedro", "compare", "--no-open", "--port", str(port)]
    server = subprocess.Popen(command, cwd=compared.folder, stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        yield server.stdout.readline().removeprefix("Runs: ").strip()
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(timeout=60)


@pytest.fixture(scope="module")
def page(address: str) -> Iterator[Page]:
    """A window on the list of runs, without MLflow's assistant, which opens once for every new browser."""
    with chromium_page(width=1700, height=1100) as window:
        window.add_init_script("localStorage.setItem('mlflow.assistant.panelOpen_v1', 'false')")
        window.add_init_script("localStorage.setItem('mlflow.assistant.fab.autoOpenedOnFirstLoad_v1', 'true')")
        window.goto(address)
        window.get_by_text("popularity_exponent=0.0").first.wait_for()
        yield window


def test_the_list_shows_what_was_asked_and_the_leading_figures(page: Page) -> None:
    texts = check_page(page)
    for exponent in exponents():
        assert f"popularity_exponent={exponent} · bundled_seeds" in texts
    assert set(COLUMNS) <= set(texts)
    cut_off = page.locator("[role=gridcell] *, [role=columnheader] *").evaluate_all(
        "boxes => boxes.filter(box => box.children.length === 0 && box.clientWidth > 20"
        " && getComputedStyle(box).overflowX !== 'visible' && box.scrollWidth > box.clientWidth + 1)"
        ".map(box => box.textContent.trim())"
    )
    assert not cut_off
    keep(picture_of(page), "mlflow_runs")


def test_the_charts_show_the_leading_figures_first_and_the_pictures_after_them(page: Page) -> None:
    page.locator("label:has(input[value='CHART'])").click()
    for figure in CHARTS[:6]:  # further ones are drawn when they are scrolled to
        page.get_by_text(figure, exact=True).first.wait_for()
    page.wait_for_timeout(3000)  # the bars grow
    check_page(page)
    check_picture(picture_of(page), least_drawn=0.05)
    keep(picture_of(page), "mlflow_comparison")
    page.get_by_text("Pictures").first.scroll_into_view_if_needed()
    shown = page.locator("img[src*='get-artifact']")
    shown.nth(len(exponents()) - 1).wait_for()
    page.wait_for_timeout(3000)  # MLflow puts them in their places one after the other
    assert shown.first.evaluate("image => image.naturalWidth") > 0
    keep(picture_of(page), "mlflow_pictures")


def test_one_run_says_what_was_asked_and_its_leading_figures_first(page: Page, address: str) -> None:
    page.goto("about:blank")  # from the charts, the address alone changes nothing
    page.goto(address)
    page.get_by_text("popularity_exponent=0.0").first.click()
    page.get_by_text("asked.changed").first.wait_for()
    texts = check_page(page)
    assert "sampling.popularity_exponent=0.0" in " ".join(texts)
    assert texts.index("coverage") < texts.index("stage/enhancement/accepted")
