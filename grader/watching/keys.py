"""Read single keys from a terminal, in a thread, and leave it as it was found."""

import contextlib
import os
import re
import sys
import threading
from typing import Self

from grader.watching.events import Key, Leave, Tell

NAMES = {
    "\x1b[A": "up",
    "\x1bOA": "up",
    "\x1b[B": "down",
    "\x1bOB": "down",
    "\x1b[5~": "page up",
    "\x1b[6~": "page down",
    "\x03": "interrupt",
    "\x04": "q",
    "\x1a": "suspend",
    "\x0c": "redraw",
    "\r": "enter",
    "\n": "enter",
    " ": "page down",
    "\x1b": "escape",
}
# Any other sequence of a terminal's is one key, too, that means nothing here.
SEQUENCE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|O.)|.", re.DOTALL)


def named(text: str) -> list[str]:
    """Return the keys that a terminal means by what it sent."""
    return [NAMES.get(found, found) for found in SEQUENCE.findall(text)]


if sys.platform == "win32":
    import msvcrt

    class Keyboard:
        """The console's keys, while entered."""

        def __init__(self, tell: Tell) -> None:
            self._tell = tell
            self._stop = threading.Event()
            self._thread: threading.Thread | None = None

        def __enter__(self) -> Self:
            self._stop.clear()
            self._thread = threading.Thread(target=self._work, name="keys", daemon=True)
            self._thread.start()
            return self

        def __exit__(self, *_: object) -> None:
            self._stop.set()
            if self._thread:
                self._thread.join()

        def _work(self) -> None:
            arrows = {"H": "up", "P": "down", "I": "page up", "Q": "page down"}
            while not self._stop.wait(0.03):  # nothing there can be waited for
                while msvcrt.kbhit():
                    key = msvcrt.getwch()
                    if key in {"\x00", "\xe0"}:
                        self._tell(Key(arrows.get(msvcrt.getwch(), "")))
                    else:
                        self._tell(Key(NAMES.get(key, key)))

else:
    import select
    import termios

    class Keyboard:
        """The terminal's keys, while entered: each at once, unseen, Ctrl-C among them."""

        def __init__(self, tell: Tell) -> None:
            self._tell = tell
            self._fd = sys.stdin.fileno()
            self._found = termios.tcgetattr(self._fd)

        def __enter__(self) -> Self:
            self._found = termios.tcgetattr(self._fd)
            raw = termios.tcgetattr(self._fd)
            raw[3] &= ~(termios.ICANON | termios.ECHO | termios.ISIG | termios.IEXTEN)
            raw[0] &= ~termios.IXON  # Ctrl-S must not freeze the screen
            termios.tcsetattr(self._fd, termios.TCSADRAIN, raw)
            self._wake, self._woken = os.pipe()
            self._thread = threading.Thread(target=self._work, name="keys", daemon=True)
            self._thread.start()
            return self

        def __exit__(self, *_: object) -> None:
            os.write(self._woken, b"x")
            self._thread.join()
            os.close(self._wake)
            os.close(self._woken)
            with contextlib.suppress(termios.error):  # a terminal that is gone needs nothing back
                termios.tcsetattr(self._fd, termios.TCSAFLUSH, self._found)

        def _work(self) -> None:
            while True:
                ready, _, _ = select.select([self._fd, self._wake], [], [])
                if self._wake in ready:
                    return
                try:
                    data = os.read(self._fd, 1024)
                except OSError:
                    data = b""
                if not data:  # the terminal is gone
                    self._tell(Leave())
                    return
                for key in named(data.decode(errors="replace")):
                    self._tell(Key(key))
