"""`learnkit watch` where there is no terminal to draw on: plain lines, one report a save."""

import os
import queue
import signal
import subprocess
import sys

import pytest
from desk import RIGHT, WRONG

from grader.watching.events import Leave
from grader.watching.watch import LONGEST_WAIT, next_event

WAITS = "save it to check again"


@pytest.fixture
def paper(desk):
    """Watch with pipes for everything."""
    process = subprocess.Popen(
        [sys.executable, "-c", "from grader.cli import main; main()", "watch"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        cwd=desk.root,
        text=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONIOENCODING": "utf-8", "COLUMNS": "80"},
    )
    yield process
    if process.poll() is None:
        process.kill()
    process.communicate()


def until(process, words):
    """Return the lines up to one that holds some words."""
    lines = []
    for line in process.stdout:
        lines.append(line)
        if words in line:
            return "".join(lines)
    raise AssertionError(f"{words!r} was not said:\n" + "".join(lines))


def test_there_is_one_report_a_save(paper, desk):
    assert "Still the stub" in until(paper, WAITS)
    desk.write(WRONG)
    assert "The squared errors are added up" in until(paper, WAITS)
    desk.write(RIGHT)
    said = until(paper, "Passed. Now")
    assert "✓ losses.mse_loss" in said
    assert "losses.huber_loss" in said
    assert "\x1b" not in said


def test_a_burst_of_saves_is_one_report(paper, desk):
    until(paper, WAITS)
    for _ in range(20):
        desk.write(WRONG)
    desk.write(RIGHT)
    said = until(paper, "Passed. Now")
    assert said.count("losses.mse_loss") == 1


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_quietly(paper, end):
    until(paper, WAITS)
    paper.send_signal(end)
    rest, _ = paper.communicate(timeout=60)
    assert paper.returncode == 0
    assert "Traceback" not in rest


class Empty:
    """A queue in which nothing is, for so many askings."""

    def __init__(self, times):
        self.times, self.waits = times, []

    def get(self, *, timeout):
        self.waits.append(timeout)
        if len(self.waits) <= self.times:
            raise queue.Empty
        return Leave()


def test_no_wait_is_so_long_that_a_signal_is_not_seen():
    """Python handles one that comes just before a wait when that wait is over."""
    events = Empty(3)
    assert next_event(events, None) == Leave()
    assert events.waits == [LONGEST_WAIT] * 4


@pytest.mark.parametrize("timeout", [0.0, LONGEST_WAIT / 2])
def test_a_short_wait_ends_with_nothing(timeout):
    events = Empty(1)
    assert next_event(events, timeout) is None
    assert max(events.waits) <= timeout


def test_a_dumb_terminal_gets_plain_lines(terminal, desk):
    screen = terminal("watch", TERM="dumb")
    screen.until(WAITS, plain=True)
    desk.write(RIGHT)
    screen.until("Passed. Now", plain=True)
    screen.type("\x03")
    assert screen.ended() == 0
    assert "\x1b[?" not in screen.seen
