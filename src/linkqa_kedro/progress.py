"""How far a long loop is: a bar in a terminal, a plain line now and then elsewhere."""

import logging
import multiprocessing
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sized
from types import TracebackType
from typing import Any, TypeVar

T = TypeVar("T")
logger = logging.getLogger(__name__)

LINE_SECONDS = 10.0
"""A loop shorter than this prints nothing where there is no terminal; a longer one prints a line this often."""

_BAR_AFTER_SECONDS = 1.0
_FEWEST_FOR_A_RATE = 10  # the first answers of a teacher come late and all at once
_REDRAW_SECONDS = 0.1


class Meter:
    """Counts what is done of one loop and shows it, with rate and time left.

    Used as a context; whatever ends the loop, the bar is gone before the next line is printed.

    Args:
        label: What is being done; may be set later, before something is counted.
        total: How many there are; None where that is not known.
        unit: What is counted, in the plural.
        line_seconds: Seconds between two plain lines; LINE_SECONDS where it is None.
        details: What else is to be said, given the number done.
    """

    def __init__(
        self,
        label: str,
        total: int | None,
        unit: str,
        line_seconds: float | None = None,
        details: Callable[[int], str] | None = None,
    ) -> None:
        self.label = label
        self._total = total
        self._unit = unit
        self._line_seconds = LINE_SECONDS if line_seconds is None else line_seconds
        self._details = details
        self._n_done = 0
        self._task: int | None = None

    def __enter__(self) -> "Meter":
        self._is_terminal = _is_terminal()
        self._started = self._spoken = time.monotonic()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._task is not None:
            _BARS.remove(self._task)
            self._task = None

    def advance(self, n: int = 1) -> None:
        """Count n more."""
        self._n_done += n
        self.refresh()

    def refresh(self) -> None:
        """Show how far it is, where it is time to."""
        now = time.monotonic()
        if self._is_terminal:
            self._draw(now)
        elif now - self._spoken >= self._line_seconds:
            self._spoken = now
            logger.info("       %s", self._line(now))

    def _draw(self, now: float) -> None:
        if self._task is None and now - self._started >= _BAR_AFTER_SECONDS:
            self._task = _BARS.add(self._total)
        if self._task is not None and now - self._spoken >= _REDRAW_SECONDS:
            self._spoken = now
            _BARS.update(self._task, self._n_done, self._line(now))

    def _line(self, now: float) -> str:
        line = progress_line(self.label, self._n_done, self._total, self._unit, now - self._started)
        details = "" if self._details is None else self._details(self._n_done)
        return f"{line}; {details}" if details else line


def track(items: Iterable[T], label: str, unit: str, total: int | None = None) -> Iterator[T]:
    """The items, counted as they are taken.

    Args:
        items: What the loop runs over.
        label: What is being done, as in the name of the node.
        unit: What is counted, in the plural.
        total: How many there are; asked of `items` where they know.
    """
    if total is None:
        total = len(items) if isinstance(items, Sized) else None
    with Meter(label, total, unit) as meter:
        for item in items:
            yield item
            meter.advance()


def progress_line(label: str, n_done: int, total: int | None, unit: str, seconds: float) -> str:
    """One plain line: what is done, and from the tenth on the rate, and the time left at that rate."""
    parts = [f"{label}: {n_done:,} {unit}" if total is None else f"{label}: {n_done:,} of {total:,} {unit}"]
    if n_done < _FEWEST_FOR_A_RATE or seconds <= 0:
        return parts[0]
    rate = n_done / seconds
    parts.append(f"{rate:,.0f}/s" if rate >= 10 else f"{rate:.2g}/s")
    if total is not None:
        parts.append(f"{duration((total - n_done) / rate)} left")
    return ", ".join(parts)


def duration(seconds: float) -> str:
    """Seconds as a person says them: 45 s, 3 min 5 s, 2 h 10 min."""
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def _is_terminal() -> bool:
    """Whether bars can be drawn: worker processes share one terminal, and would draw over one another."""
    return sys.stderr.isatty() and multiprocessing.parent_process() is None


class _Bars:
    """The bars of this process. Threads may each have one, and a terminal takes one display at a time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._display: Any = None
        self._streams: list[tuple[logging.StreamHandler[Any], Any]] = []

    def add(self, total: int | None) -> int:
        with self._lock:
            if self._display is None:
                self._start()
            task: int = self._display.add_task("", total=total)
        return task

    def update(self, task: int, n_done: int, line: str) -> None:
        with self._lock:
            self._display.update(task, completed=n_done, description=line)

    def remove(self, task: int) -> None:
        with self._lock:
            self._display.remove_task(task)
            if not self._display.tasks:
                self._stop()

    def _start(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn
        from rich.table import Column

        handlers = [handler for handler in logging.getLogger().handlers if type(handler) is logging.StreamHandler]
        self._streams = [(handler, handler.stream) for handler in handlers if handler.stream is sys.stderr]
        # What does not fit in one line goes on in the next: the end of it is what is spent and what is wrong.
        folded = Column(no_wrap=False, overflow="fold")
        line = TextColumn("{task.description}", markup=False, table_column=folded)
        columns = (TextColumn("         "), BarColumn(bar_width=24), line)
        self._display = Progress(*columns, console=Console(stderr=True), transient=True)
        self._display.start()
        # Now sys.stderr prints above the bars; handlers made before still hold the stream beneath them.
        for handler, _ in self._streams:
            handler.setStream(sys.stderr)

    def _stop(self) -> None:
        self._display.stop()
        self._display = None
        for handler, stream in self._streams:
            handler.setStream(stream)


_BARS = _Bars()
