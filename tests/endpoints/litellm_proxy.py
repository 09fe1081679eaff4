"""The real litellm proxy, in a virtual environment of its own, with models whose answers are written down.

Its pins differ from ours, so it never shares our environment. The first test that needs it installs it, into
$LINKQA_TEST_CACHE or ~/.cache/linkqa_kedro; where no package index can be reached, the test is skipped.
"""

import contextlib
import fcntl
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from endpoints.server_process import running, wait_until_answers

# The newest whose requirements the package index of this project can meet: 1.109.1 wants a certifi that it lacks.
VERSION = "1.106.2"
INSTALL_SECONDS = 600.0
START_SECONDS = 120.0

# The program `litellm`, which ends with its standard input as llama_server.py does: no longer than the caller lives.
PROGRAM = """
import os, sys, threading
threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
from litellm import run_server
run_server()
"""

FAILING_MODELS = {
    "short-memory": "litellm.ContextWindowExceededError",
    "busy": "litellm.RateLimitError",
    "broken": "litellm.InternalServerError",
}
"""Models that never answer, and the error that litellm makes for each."""


@dataclass(frozen=True)
class LiteLLMProxy:
    """A running proxy.

    Attributes:
        base_url: Address for the client.
        key: The key that it accepts.
        log: What it says, every request with its status among it.
    """

    base_url: str
    key: str = field(repr=False)
    log: Path

    def n_answered(self) -> int:
        """Requests that it has answered with a completion, by its own log."""
        return self.log.read_text(encoding="utf-8").count('"POST /v1/chat/completions HTTP/1.1" 200')


@contextlib.contextmanager
def litellm_proxy(folder: Path, answers: Mapping[str, str]) -> Iterator[LiteLLMProxy]:
    """A proxy in a process of its own, its configuration and its log in the folder.

    Args:
        folder: An empty folder.
        answers: The one answer of each model, by the model's name; `FAILING_MODELS` are served as well.
    """
    python = _installed() / "bin" / "python"
    models = [
        {
            "model_name": name,
            "litellm_params": {"model": f"openai/{name}", "api_key": "unused", "mock_response": answer},
        }
        for name, answer in {**answers, **FAILING_MODELS}.items()
    ]
    settings = {
        "model_list": models,
        "litellm_settings": {"telemetry": False, "num_retries": 0},
        "router_settings": {"num_retries": 0, "disable_cooldowns": True},
    }
    configuration, log, key = folder / "config.yaml", folder / "litellm.log", f"sk-{secrets.token_hex(16)}"
    configuration.write_text(json.dumps(settings), encoding="utf-8")  # JSON is YAML
    environment = {
        "PATH": os.environ.get("PATH", ""),
        "HOME": str(folder),
        "LITELLM_MASTER_KEY": key,
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",  # else it asks GitHub for prices
        "PYTHONUNBUFFERED": "1",
    }
    port = _free_port()
    arguments = ["--host", "127.0.0.1", "--port", str(port), "--config", configuration, "--telemetry", "False"]
    with running([python, "-c", PROGRAM, *arguments], log, environment) as process:
        wait_until_answers(f"http://127.0.0.1:{port}/health/liveliness", process, log, START_SECONDS)
        yield LiteLLMProxy(f"http://127.0.0.1:{port}/v1", key, log)


def _installed() -> Path:
    """The environment with litellm in it, made where it is not there yet."""
    cache = Path(os.environ.get("LINKQA_TEST_CACHE") or Path.home() / ".cache" / "linkqa_kedro")
    cache.mkdir(parents=True, exist_ok=True)
    environment = cache / f"litellm-{VERSION}"
    ready = environment / ".ready"
    with (cache / f"litellm-{VERSION}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two test runs may come at once
        if not ready.exists():
            shutil.rmtree(environment, ignore_errors=True)
            _install(environment)
            ready.touch()
    return environment


def _install(environment: Path) -> None:
    python = environment / "bin" / "python"
    pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--retries", "1"]
    for command in ([sys.executable, "-m", "venv", environment], [*pip, f"litellm[proxy]=={VERSION}"]):
        try:
            subprocess.run(command, check=True, capture_output=True, text=True, timeout=INSTALL_SECONDS)
        except subprocess.CalledProcessError as error:
            why = (error.stderr.strip() or "no reason given").splitlines()[-1]
            pytest.skip(f"litellm {VERSION} cannot be installed: {why:.300}")
        except subprocess.TimeoutExpired:
            pytest.skip(f"litellm {VERSION} was not installed within {INSTALL_SECONDS:g} seconds")


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
