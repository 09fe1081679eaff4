"""The static site of kedro viz, in a real browser: stages, descriptions and previews that show."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("playwright", reason="needs the extra: pip install '.[browser]'")

from playwright.sync_api import Page

from endpoints.file_server import served

from .browser import check_page, check_picture, chromium_page, keep, needs_chromium, picture_of
from .conftest import Project

pytestmark = [pytest.mark.browser, pytest.mark.flow, needs_chromium]

STAGES = ["extraction", "graph", "sampling", "synthesis", "enhancement", "evaluation"]
PANEL = ".pipeline-metadata"


@pytest.fixture(scope="module")
def site(finished: Project) -> Path:
    """The static site of a finished project, with previews."""
    result = finished.kedro("viz", "build", "--include-previews")
    assert result.returncode == 0, result.stderr[-2000:]
    assert "could not be previewed" not in result.stdout + result.stderr
    return finished.folder / "build"


@pytest.fixture(scope="module")
def page(site: Path) -> Iterator[Page]:
    """A window on that site."""
    with served(site) as address, chromium_page() as window:
        window.goto(address)
        window.get_by_text("build_graph").first.wait_for()
        window.locator(".feature-hints__close").click()  # what is new in kedro viz, in front of everything
        window.get_by_text("Learn more").wait_for(state="hidden")
        yield window


def identifiers(site: Path) -> dict[str, str]:
    """Kedro viz's identifier of every node and dataset, by name."""
    shown = json.loads((site / "api" / "main").read_text(encoding="utf-8"))
    return {node["name"]: node["id"] for node in shown["nodes"]}


def open_panel(page: Page, site: Path, name: str) -> None:
    """Select a node or dataset, as a click on it does."""
    start = page.url.partition("?")[0]
    page.goto(f"{start}?pid=__default__&sid={identifiers(site)[name]}&types=nodes,datasets")
    page.locator(f"{PANEL} >> text={name}").first.wait_for()


def test_the_page_lists_the_stages_in_order_and_their_nodes(site: Path, page: Page) -> None:
    shown = json.loads((site / "api" / "main").read_text(encoding="utf-8"))
    assert [pipeline["id"] for pipeline in shown["pipelines"] if pipeline["id"] != "__default__"] == STAGES
    assert shown["layers"] == ["seeds", *STAGES]
    texts = check_page(page)
    for name in ("read_seeds", "build_graph", "draw_paths", "synthesise_qa", "enhance_qa", "measure_dataset"):
        assert name in texts


def test_every_node_is_described(site: Path) -> None:
    shown = json.loads((site / "api" / "main").read_text(encoding="utf-8"))
    for node in shown["nodes"]:
        if node["type"] == "task":
            details = json.loads((site / "api" / "nodes" / node["id"]).read_text(encoding="utf-8"))
            assert details["preview"]["content"], node["name"]


def test_every_dataset_shows_something_or_has_something_beside_it(site: Path) -> None:
    shown = json.loads((site / "api" / "main").read_text(encoding="utf-8"))
    without = set()
    for node in shown["nodes"]:
        if node["type"] == "data":
            details = json.loads((site / "api" / "nodes" / node["id"]).read_text(encoding="utf-8"))
            if not details.get("preview"):
                without.add(node["name"])
    # The graph has its map (kp_map_plot) and its figures (graph_statistics); the others are no data.
    assert without == {"kp_graph", "teacher", "engine"}


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("draw_paths", "Paths with their seeds, shortfalls by cell"),
        ("annotate_prompt", "You annotate exam questions"),
        ("kp_csr", "mean_degree"),
        ("graph_statistics", "knowledge_points"),
        ("dataset", "qa_id"),
        ("paths", "path_id"),
        ("seed_lines", "question"),
        ("dataset_card", "LinkSyn QA"),
    ],
)
def test_a_preview_shows(site: Path, page: Page, name: str, said: str) -> None:
    open_panel(page, site, name)
    preview = page.locator(f"{PANEL} >> text={said}").first
    preview.wait_for()
    assert preview.is_visible()
    check_page(page, PANEL)
    keep(picture_of(page), f"kedro_viz_{name}")


@pytest.mark.parametrize("name", ["coverage_plot", "kp_map_plot", "enhancement_plot"])
def test_a_picture_shows(site: Path, page: Page, name: str) -> None:
    open_panel(page, site, name)
    image = f"{PANEL} img"
    page.locator(image).first.wait_for()
    check_picture(picture_of(page, image))
    assert page.locator(image).first.evaluate("image => image.naturalWidth") >= 1200
    keep(picture_of(page), f"kedro_viz_{name}")
