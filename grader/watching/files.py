"""Notice saves: by what the system tells, and by looking where it tells nothing."""

import ast
import json
import os
import threading
from pathlib import Path

from watchfiles import watch

from grader.student.submission import KINDS
from grader.watching.events import Leave, Saved, Tell, Trouble

STEP = 2  # ms in which what is told is gathered; at 1 an idle watch takes half as much again
LOOK_EVERY = 300  # ms; network drives tell nothing
Stamp = tuple[int, int, int]


class Files:
    """Watches a folder's Python files and notebooks, in a thread.

    Parameters
    ----------
    root
        The folder.
    tell
        Is told what was saved.
    """

    def __init__(self, root: Path, tell: Tell) -> None:
        self._root = root
        self._tell = tell
        self._seen = stamps(root)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, name="files", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End the thread."""
        self._stop.set()
        self._thread.join()

    def _work(self) -> None:
        try:
            told = watch(
                self._root,
                watch_filter=lambda _, path: path.endswith(KINDS),
                step=STEP,
                rust_timeout=LOOK_EVERY,
                yield_on_timeout=True,
                stop_event=self._stop,
                recursive=False,
                raise_interrupt=False,
            )
            for _ in told:
                if not self._look():
                    return
        except (OSError, RuntimeError) as error:
            if self._stop.is_set():
                return
            self._tell(Trouble(f"Saves are noticed a little later here ({error})."))
            while not self._stop.wait(LOOK_EVERY / 1000) and self._look():
                pass

    def _look(self) -> bool:
        """Compare the files with what was seen last; False where there is nothing to look at."""
        try:
            now = stamps(self._root)
        except OSError as error:
            self._tell(Leave(f"{self._root} cannot be watched any more: {error.strerror}"))
            return False
        changed = {name for name in now.keys() | self._seen.keys() if self._differs(name, now)}
        self._seen = now
        if changed:
            self._tell(Saved(frozenset(changed)))
        return True

    def _differs(self, name: str, now: dict[str, Stamp]) -> bool:
        return now.get(name) != self._seen.get(name)


def stamps(root: Path) -> dict[str, Stamp]:
    """Return what tells one version of a file from another, by its name."""
    found = {}
    with os.scandir(root) as entries:
        for entry in entries:
            if entry.name.endswith(KINDS) and not entry.name.startswith("."):
                try:
                    now = entry.stat()
                except FileNotFoundError:
                    continue  # it was there a moment ago
                found[entry.name] = (now.st_mtime_ns, now.st_size, now.st_ino)
    return found


def unfinished(path: Path) -> bool:
    """Tell whether a file looks as if it were being written: another save may follow at once."""
    try:
        text = path.read_text(encoding="utf-8-sig")
        if path.suffix == ".ipynb":
            json.loads(text)
        else:
            ast.parse(text)
    except (OSError, ValueError, SyntaxError, RecursionError, MemoryError):
        return True
    return not text.strip()
