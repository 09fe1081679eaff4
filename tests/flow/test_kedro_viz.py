"""Kedro viz shows the six pipelines, in a real browser."""

import functools
import http.server
import json
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from .conftest import Project

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

pytestmark = [
    pytest.mark.heavy,
    pytest.mark.flow,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine"),
]

STAGES = ["extraction", "graph", "sampling", "synthesis", "enhancement", "evaluation"]


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    """Serves files and says nothing."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the library's signature
        """Stay silent."""


@pytest.fixture
def site(copy_of_finished: Callable[[], Project]) -> Iterator[tuple[Path, str]]:
    """The static site of a finished project: its folder, and its address on this machine."""
    project = copy_of_finished()
    result = project.kedro("viz", "build")
    assert result.returncode == 0, result.stderr[-2000:]
    folder = project.folder / "build"
    handler = functools.partial(QuietHandler, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield folder, f"http://127.0.0.1:{server.server_address[1]}/"
        server.shutdown()


def page(address: str, profile: Path) -> str:
    """The page as Chromium renders it."""
    quiet = (
        "disable-quic",
        "no-first-run",
        "disable-background-networking",
        "disable-component-update",
        "disable-sync",
    )
    assert CHROMIUM
    command = [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", *(f"--{name}" for name in quiet)]
    command += [f"--user-data-dir={profile}", "--virtual-time-budget=20000", "--window-size=1600,1100"]
    done = subprocess.run([*command, "--dump-dom", address], capture_output=True, text=True, timeout=120, check=True)
    return done.stdout


def test_the_page_lists_the_stages_in_order_and_their_nodes(site: tuple[Path, str], tmp_path: Path) -> None:
    folder, address = site
    shown = json.loads((folder / "api" / "main").read_text(encoding="utf-8"))
    assert [pipeline["id"] for pipeline in shown["pipelines"] if pipeline["id"] != "__default__"] == STAGES
    assert shown["layers"] == ["seeds", *STAGES]
    rendered = page(address, tmp_path / "profile")
    for name in ("read_seeds", "build_graph", "draw_paths", "synthesise_qa", "enhance_qa", "measure_dataset"):
        assert name in rendered
