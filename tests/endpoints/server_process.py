"""Servers that are programs of their own: started in the background, awaited, and ended with all their children."""

import contextlib
import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

END_SECONDS = 10.0
POLL_SECONDS = 0.05
SHOWN_CHARACTERS = 3000


@contextlib.contextmanager
def running(
    command: Sequence[str | Path], log: Path, environment: Mapping[str, str]
) -> Iterator[subprocess.Popen[bytes]]:
    """The program, in a process group of its own; ended when the block is left.

    Its standard input stays open as long as this process lives. What it says is added to the log.
    """
    with log.open("ab") as said:
        process = subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.PIPE,
            stdout=said,
            stderr=subprocess.STDOUT,
            env=dict(environment),
            start_new_session=True,
        )
    try:
        yield process
    finally:
        _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    _signal_group(process.pid, signal.SIGTERM)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(END_SECONDS)
    # Whoever did not listen, and children that the program left behind.
    _signal_group(process.pid, signal.SIGKILL)
    process.wait(END_SECONDS)
    if process.stdin is not None:
        process.stdin.close()


def _signal_group(group: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, number)


def wait_until_answers(address: str, process: subprocess.Popen[bytes], log: Path, patience_seconds: float) -> None:
    """Return when a GET of the address gives HTTP 200.

    Raises:
        RuntimeError: If the program ends first, or time is up; with the end of its log.
    """
    for _ in polls(process, log, patience_seconds):
        with contextlib.suppress(urllib.error.URLError, OSError):
            get(address)
            return


def polls(process: subprocess.Popen[bytes], log: Path, patience_seconds: float) -> Iterator[None]:
    """One turn after another with a pause between them, as long as the program runs and there is time.

    Raises:
        RuntimeError: When the program has ended, or time is up; with the end of its log.
    """
    deadline = time.monotonic() + patience_seconds
    while process.poll() is None and time.monotonic() < deadline:
        yield
        time.sleep(POLL_SECONDS)
    state = "runs" if process.poll() is None else f"ended with status {process.returncode}"
    said = log.read_text(encoding="utf-8", errors="replace")[-SHOWN_CHARACTERS:]
    raise RuntimeError(f"no answer within {patience_seconds:g} seconds; the server {state}. It said:\n{said}")


def get(address: str) -> str:
    """What a GET gives, past any proxy that the environment names."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(address, timeout=10) as answer:
        return str(answer.read().decode())
