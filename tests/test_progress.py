"""Progress of long loops, in a terminal and without one."""

import logging
import os
import pty
import subprocess
import sys

import pytest

from linkqa_kedro.progress import Meter, duration, progress_line, track

LOOP = """
import logging, time
logging.basicConfig(level=logging.INFO, format="%(message)s")
from linkqa_kedro.progress import Meter
with Meter("rate", 30, "requests", line_seconds={line_seconds}) as meter:
    for number in range(30):
        time.sleep(0.05)
        meter.advance()
        if number == 28:
            logging.getLogger("other").warning("a line of somebody else")
logging.getLogger("other").warning("after the loop")
"""


@pytest.mark.parametrize(
    ("n_done", "total", "seconds", "line"),
    [
        (50, 200, 5.0, "rate: 50 of 200 requests, 10/s, 15 s left"),
        (1200, 6000, 4800.0, "rate: 1,200 of 6,000 requests, 0.25/s, 5 h 20 min left"),
        (14, None, 4.0, "rate: 14 requests, 3.5/s"),
        (9, 100, 20.0, "rate: 9 of 100 requests"),
        (0, 10, 0.0, "rate: 0 of 10 requests"),
    ],
)
def test_a_line_says_what_is_done_the_rate_and_the_time_left(
    n_done: int, total: int | None, seconds: float, line: str
) -> None:
    assert progress_line("rate", n_done, total, "requests", seconds) == line


@pytest.mark.parametrize(
    ("seconds", "said"), [(0, "0 s"), (59.4, "59 s"), (59.6, "1 min 0 s"), (185, "3 min 5 s"), (7800, "2 h 10 min")]
)
def test_durations_read_as_a_person_says_them(seconds: float, said: str) -> None:
    assert duration(seconds) == said


def test_track_gives_the_items_and_asks_them_for_their_number(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    assert list(track([3, 1, 2], "sort", "items")) == [3, 1, 2]
    assert list(track(iter("ab"), "read", "lines")) == ["a", "b"]
    assert caplog.messages == []  # short loops are silent


def test_lines_come_as_often_as_asked_where_there_is_no_terminal(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    with Meter("rate", 3, "requests", line_seconds=0.0) as meter:
        meter.advance()
        meter.advance(2)
    assert [message.split(",")[0].strip() for message in caplog.messages] == [
        "rate: 1 of 3 requests",
        "rate: 3 of 3 requests",
    ]


def test_without_a_terminal_there_are_plain_lines_and_no_control_characters() -> None:
    code = LOOP.format(line_seconds=0.5)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    lines = done.stderr.splitlines()
    assert 2 <= sum("of 30 requests" in line and line.endswith("left") for line in lines) <= 3
    assert "\x1b" not in done.stderr
    assert "\r" not in done.stderr


def test_a_terminal_shows_a_bar_that_is_gone_when_the_loop_ends() -> None:
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", LOOP.format(line_seconds=60)],
        stderr=theirs,
        stdout=theirs,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "100"},
    )
    os.close(theirs)
    shown = b""
    while chunk := _read(ours):
        shown += chunk
    assert process.wait(timeout=60) == 0
    text = shown.decode()
    assert "of 30 requests" in text
    assert "━" in text
    assert "a line of somebody else" in text
    assert text.rstrip().splitlines()[-1].endswith("after the loop")
    assert "\x1b[2K" in text  # the bar was erased


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 65536)
    except OSError:  # the other end of a terminal is closed this way
        return b""
