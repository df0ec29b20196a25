"""How far a class is graded: a bar on a terminal, now and then a line anywhere else."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

LINES = 20  # about as many in all
SECONDS_BETWEEN = 30.0


@contextmanager
def progress(stream: TextIO) -> Iterator[Callable[[int, int, str], None]]:
    """Show progress on a stream while within.

    Yields
    ------
    tell
        To be told how many submissions are graded, of how many, and whose was the last.
    """
    if not stream.isatty():
        yield Lines(stream)
        return
    from rich.console import Console  # noqa: PLC0415 - not needed for plain lines
    from rich.progress import (  # noqa: PLC0415
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("grading"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(file=stream)) as bar:
        task = bar.add_task("grading", total=None, rate="")
        began = time.monotonic()

        def tell(done: int, total: int, _student: str) -> None:
            rate = done / max(time.monotonic() - began, 1e-9)
            bar.update(task, completed=done, total=total, rate=f"{rate:.1f}/s")

        yield tell


class Lines:
    """Progress as plain lines.

    Parameters
    ----------
    stream
        Where to.
    clock
        Tells seconds.
    """

    def __init__(self, stream: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream = stream
        self._clock = clock
        self._began = self._last = clock()
        self._said = 0

    def __call__(self, done: int, total: int, _student: str) -> None:
        """Say a line where a twentieth more is done, or half a minute has passed."""
        if done == self._said:
            return
        now = self._clock()
        due = done - self._said >= total / LINES or now - self._last >= SECONDS_BETWEEN
        if not due and done < total:
            return
        self._said, self._last = done, now
        rate = done / max(now - self._began, 1e-9)
        left = "" if done == total else f", about {_time(int((total - done) / rate))} left"
        self._stream.write(f"graded {done} of {total}, {rate:.1f} a second{left}\n")
        self._stream.flush()


def _time(seconds: int) -> str:
    return f"{seconds} s" if seconds < 120 else f"{seconds // 60} min"
