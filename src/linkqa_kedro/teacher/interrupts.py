"""SIGTERM, treated as Ctrl-C is: what is in flight was paid for, so it is awaited and stored."""

import asyncio
import contextlib
import signal
import threading
from collections.abc import Iterator
from typing import Any

EXIT_CODE = 128 + signal.SIGTERM


@contextlib.contextmanager
def cancelled_by_sigterm(task: "asyncio.Task[Any]") -> Iterator[None]:
    """Cancel a task at every SIGTERM, as asyncio does at the first Ctrl-C.

    Only the main thread can hear signals; elsewhere nothing is changed.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    loop = asyncio.get_running_loop()
    before = signal.getsignal(signal.SIGTERM)
    try:
        loop.add_signal_handler(signal.SIGTERM, task.cancel)
    except NotImplementedError:  # the event loop of Windows
        yield
        return
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGTERM)
        signal.signal(signal.SIGTERM, before)


def end_the_process(*_: object) -> None:
    """Handler for SIGTERM outside of a teacher's work: end as after an error, so that what is open is closed.

    Raises:
        SystemExit: Always.
    """
    raise SystemExit(EXIT_CODE)
