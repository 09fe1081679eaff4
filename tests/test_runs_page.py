"""The page on which runs are compared."""

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest

from linkqa_kedro.errors import UserError
from linkqa_kedro.runs_page import HOST, runs_address, show_runs
from linkqa_kedro.tracking import TrackedRun, default_tracking_uri


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project folder in which one run was tracked."""
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    TrackedRun(default_tracking_uri(tmp_path), tmp_path, "first", {}, {}).finish(succeeded=True)
    return tmp_path


@pytest.fixture
def taken_port() -> Iterator[int]:
    """A port on which somebody listens."""
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        listener.listen()
        yield listener.getsockname()[1]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
    return port


def test_the_address_opens_the_list_of_runs_with_its_leading_figures() -> None:
    assert runs_address("http://127.0.0.1:5000/", "1") == (
        "http://127.0.0.1:5000/#/experiments/1/runs?viewStateShareKey=linkqa&workflowType=machine_learning"
    )


def test_before_the_first_run_there_is_one_clear_message(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    with pytest.raises(UserError, match="Run `kedro run` first"):
        show_runs(tmp_path, free_port(), open_browser=False)


def test_a_taken_port_is_one_clear_message(project: Path, taken_port: int) -> None:
    with pytest.raises(UserError, match=f"kedro compare --port {taken_port + 1}"):
        show_runs(project, taken_port, open_browser=False)


def test_the_page_is_served_on_this_machine_only_and_its_server_ends_with_it(project: Path) -> None:
    port = free_port()
    code = f"from pathlib import Path; from linkqa_kedro.runs_page import show_runs; show_runs(Path(), {port}, False)"
    page = subprocess.Popen([sys.executable, "-c", code], cwd=project, stdout=subprocess.PIPE, text=True)
    try:
        assert page.stdout is not None
        said = page.stdout.readline()
        assert said == f"Runs: {runs_address(f'http://{HOST}:{port}', '1')}\n"
        with urlopen(f"http://{HOST}:{port}/", timeout=30) as answer:
            assert b"MLflow" in answer.read()
        with socket.socket() as other, pytest.raises(OSError, match="refused"):
            other.connect(("127.0.0.2", port))
    finally:
        page.send_signal(signal.SIGTERM)
        assert page.wait(timeout=60) == 0
    with socket.socket() as later:
        later.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        later.bind((HOST, port))
