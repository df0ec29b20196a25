"""A pseudo-terminal with a program in it: type, wait for what the screen says, look at what is left."""

import contextlib
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path

from rich.cells import cell_len

PATIENCE = 60.0  # seconds until a test gives up; nothing is expected to take as long
STYLE = re.compile(r"\x1b\[[0-9;]*m")
STARTED = """
import fcntl, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
from grader.cli import main
main()
"""


def children(pid):
    """Return a process's descendants."""
    found = set()
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            found |= {int(child) for child in (task / "children").read_text().split()}
    return found.union(*map(children, found))


def alive(pid):
    """Tell whether a process still does something."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


class Terminal:
    """A program in a terminal of its own."""

    def __init__(self, cwd, *args, size=(24, 80), **env):
        self.ours, self.theirs = pty.openpty()
        self.resize(*size, tell=False)
        self.found = termios.tcgetattr(self.theirs)
        self.seen = ""
        clean = {
            name: value
            for name, value in os.environ.items()
            if name not in {"NO_COLOR", "FORCE_COLOR", "COLUMNS", "LINES", "VISUAL", "EDITOR"}
        }
        self.process = subprocess.Popen(
            [sys.executable, "-c", STARTED, *args],
            stdin=self.theirs,
            stdout=self.theirs,
            stderr=self.theirs,
            cwd=cwd,
            env={**clean, "TERM": "xterm-256color", "PYTHONIOENCODING": "utf-8", **env},
            start_new_session=True,
        )

    def resize(self, rows, columns, *, tell=True):
        self.rows, self.columns = rows, columns
        fcntl.ioctl(self.ours, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        if tell:
            self.process.send_signal(signal.SIGWINCH)

    def type(self, keys):
        os.write(self.ours, keys.encode())

    def read(self, wait=0.0):
        if not select.select([self.ours], [], [], wait)[0]:
            return False
        try:
            data = os.read(self.ours, 2**16)
        except OSError:  # the program and all it started have let go
            return False
        self.seen += data.decode(errors="replace")
        return bool(data)

    @property
    def screen(self):
        """Return the lines of the last page that was drawn whole, in the size that there is now."""
        for page in reversed(self.seen.split("\x1b[H")[1:]):
            lines = STYLE.sub("", page).replace("\r", "").split("\n")
            # What comes after a page, when it is left, begins with another sequence.
            lines[-1] = lines[-1].partition("\x1b")[0]
            if len(lines) >= self.rows and cell_len(lines[self.rows - 1]) == self.columns:
                return lines[: self.rows]
        return []

    def until(self, pattern, *, plain=False):
        """Wait until the screen says something; on paper, until it has been said at all."""
        deadline = time.monotonic() + PATIENCE
        while True:
            text = STYLE.sub("", self.seen) if plain else "\n".join(self.screen)
            if re.search(pattern, text):
                return text
            if self.process.poll() is not None and not self.read():
                raise AssertionError(f"it ended before {pattern!r} was seen:\n{self.seen[-4000:]}")
            if time.monotonic() > deadline:
                raise AssertionError(f"{pattern!r} was not seen:\n" + "\n".join(self.screen))
            self.read(0.1)

    def ended(self):
        """Wait for the end, and return the exit code."""
        deadline = time.monotonic() + PATIENCE
        while self.process.poll() is None:
            assert time.monotonic() < deadline, "it does not end:\n" + "\n".join(self.screen)
            self.read(0.05)
        while self.read():
            pass
        return self.process.returncode

    def is_sane(self):
        """Tell whether the terminal is as it was found: its modes, its cursor, its page."""
        return (
            termios.tcgetattr(self.theirs) == self.found
            and self.seen.count("\x1b[?1049h") == self.seen.count("\x1b[?1049l")
            and self.seen.rfind("\x1b[?25h") >= self.seen.rfind("\x1b[?25l")
        )

    def hang_up(self):
        """Close the window, as it were."""
        os.close(self.ours)
        self.ours = None

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        for end in (self.ours, self.theirs):
            if end is not None:
                os.close(end)
