"""The page on which runs are compared: MLflow's own, served on this machine only, opened at the list of runs."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import webbrowser
from collections.abc import Iterator
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from linkqa_kedro.comparison import VIEW
from linkqa_kedro.datasets.places import without_secrets
from linkqa_kedro.errors import UserError
from linkqa_kedro.tracking import default_tracking_uri, experiment_id

HOST = "127.0.0.1"
_START_SECONDS = 120
_PAUSE_SECONDS = 0.25


def runs_address(server: str, experiment: str) -> str:
    """The list of runs, with the leading figures as columns."""
    return (
        f"{server.rstrip('/')}/#/experiments/{experiment}/runs?viewStateShareKey={VIEW}&workflowType=machine_learning"
    )


def show_runs(project_path: Path, port: int, open_browser: bool) -> None:
    """Serve the page until Ctrl-C, or name it where a server runs already.

    Args:
        project_path: Runs are kept below it, unless MLFLOW_TRACKING_URI names another store.
        port: Of the page, on this machine only.
        open_browser: Whether to open it once it answers.

    Raises:
        UserError: If nothing is tracked yet, the port is taken, or the server does not start.
    """
    uri = default_tracking_uri(project_path)
    experiment = experiment_id(uri)
    if experiment is None:
        raise UserError(f"No run is tracked in {without_secrets(uri)} yet. Run `kedro run` first.")
    if uri.startswith(("http://", "https://")):
        _show(runs_address(uri, experiment), open_browser)
        return
    if not _is_free(port):
        raise UserError(f"Port {port} of {HOST} is taken. Name another one: kedro compare --port {port + 1}")
    with _server(uri, port) as process:
        server = f"http://{HOST}:{port}"
        _wait_until_it_answers(process, server)
        _show(runs_address(server, experiment), open_browser)
        print("Ctrl-C ends the page.", flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            process.wait()


def _show(address: str, open_browser: bool) -> None:
    print(f"Runs: {address}", flush=True)
    if open_browser:
        webbrowser.open(address)


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


@contextlib.contextmanager
def _server(uri: str, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """MLflow's server; it ends with us, however we end."""
    command = [sys.executable, "-m", "mlflow", "server", "--host", HOST, "--port", str(port)]
    command += ["--backend-store-uri", uri, "--workers", "1", "--uvicorn-opts", "--log-level warning"]
    # Its job workers serve features that are not used here, and cost hundreds of megabytes.
    settings = {**os.environ, "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false", "PYTHONWARNINGS": "ignore"}
    ended_by = signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    process = subprocess.Popen(command, env=settings, stdout=subprocess.DEVNULL, start_new_session=True)
    try:
        yield process
    finally:
        # Its workers are children of its own: the whole group must end.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        process.wait()
        signal.signal(signal.SIGTERM, ended_by)


def _wait_until_it_answers(process: subprocess.Popen[bytes], server: str) -> None:
    for _ in range(int(_START_SECONDS / _PAUSE_SECONDS)):
        if process.poll() is not None:
            break
        with contextlib.suppress(URLError, OSError), urlopen(f"{server}/health", timeout=5):
            return
        time.sleep(_PAUSE_SECONDS)
    raise UserError(f"MLflow's server did not start at {server}; what it said stands above.")
