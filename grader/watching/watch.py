"""The two ways to watch: a screen with keys, and lines where there is no terminal."""

import contextlib
import os
import queue
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from grader.catalogue import Exercise
from grader.models import ModelError, functions_of
from grader.render.console import show
from grader.render.watching import height_of_body
from grader.report import Status
from grader.student.launch import Launcher
from grader.student.limits import Limits
from grader.student.submission import file_of
from grader.watching.events import Event, Judged, Key, Leave, Resized, Saved, Tell, Trouble
from grader.watching.files import Files, unfinished
from grader.watching.judging import Judge
from grader.watching.keys import Keyboard
from grader.watching.saves import Saves
from grader.watching.screen import Screen
from grader.watching.study import Study
from grader.workspace import Workspace

WAITING = 0.2  # seconds after which it is said that a verdict is being waited for
LONGEST_WAIT = 0.5  # seconds; a signal that comes just before a wait begins is seen at its end
# Editors that take a line to begin at, as +12.
TAKE_A_LINE = {"vi", "vim", "nvim", "view", "nano", "emacs", "kak", "micro", "joe", "ne"}


@dataclass(frozen=True)
class Watched:
    """What is watched, and with what.

    Parameters
    ----------
    home
        The workspace.
    exercises
        All of them, in order.
    current
        Where to begin.
    launcher, limits
        Where and within what a learner's code runs.
    """

    home: Workspace
    exercises: Sequence[Exercise]
    current: Exercise
    launcher: Launcher
    limits: Limits


def has_keys(console: Console) -> bool:
    """Tell whether there is a terminal to draw on, and one to read keys from."""
    return console.is_terminal and not console.is_dumb_terminal and sys.stdin.isatty()


def watch(watched: Watched, console: Console) -> str:
    """Watch until the learner has enough; return why it ended, where that was not asked for."""
    events: queue.SimpleQueue[Event] = queue.SimpleQueue()
    with _signals(events.put) as quiet, _closing(watched, events.put) as (judge, _):
        if has_keys(console):
            return _Screened(watched, console, events, judge, quiet).run()
        return _on_paper(watched, console, events, judge)


def next_event(events: queue.SimpleQueue[Event], timeout: float | None) -> Event | None:
    """Return the next event; None where none comes within `timeout` seconds."""
    end = float("inf") if timeout is None else time.monotonic() + timeout
    while True:
        left = end - time.monotonic()
        try:
            return events.get(timeout=max(0.0, min(left, LONGEST_WAIT)))
        except queue.Empty:
            if left <= LONGEST_WAIT:
                return None


@contextlib.contextmanager
def _closing(watched: Watched, tell: Tell) -> Iterator[tuple[Judge, Files]]:
    with contextlib.ExitStack() as stack:
        judge = Judge(watched.launcher, watched.limits, tell)
        stack.callback(judge.close)
        files = Files(watched.home.root, tell)
        stack.callback(files.close)
        yield judge, files


@dataclass
class Quiet:
    """Whether Ctrl-C is somebody else's to handle for now."""

    now: bool = False


@contextlib.contextmanager
def _signals(tell: Tell) -> Iterator[Quiet]:
    """Take what the system and the terminal signal as events, so that nothing is cut off midway."""
    quiet = Quiet()

    def leave(number: int, _frame: Any) -> None:
        if not (quiet.now and number == signal.SIGINT):
            tell(Leave())

    def again(_number: int, _frame: Any) -> None:
        tell(Resized())

    wanted: dict[str, Callable[[int, Any], None]] = dict.fromkeys(
        ("SIGINT", "SIGTERM", "SIGHUP"), leave
    ) | dict.fromkeys(("SIGWINCH", "SIGCONT"), again)
    before = {}
    try:
        for name, handler in wanted.items():
            if number := getattr(signal, name, None):
                before[number] = signal.signal(number, handler)
        yield quiet
    finally:
        for number, handler_before in before.items():
            signal.signal(number, handler_before)


class _Screened:
    """The screen with keys."""

    def __init__(
        self,
        watched: Watched,
        console: Console,
        events: queue.SimpleQueue[Event],
        judge: Judge,
        quiet: Quiet,
    ) -> None:
        self._root = watched.home.root
        self._events = events
        self._quiet = quiet
        self._screen = Screen(console)
        self._saves = Saves()
        self._keyboard = Keyboard(events.put)
        self._study = Study(
            watched.home, watched.exercises, watched.current, judge.ask, plain=self._screen.plain
        )
        self._asked_at = 0.0

    def run(self) -> str:
        """Show and react until it is to end."""
        self._study.check()
        self._asked_at = time.monotonic()
        with self._terminal() as away:
            self._draw()
            while True:
                event = self._wait()
                if isinstance(event, Leave):
                    return event.message
                if isinstance(event, Key):
                    wish = self._study.press(event.name)
                    if wish == "quit":
                        return ""
                    if wish:
                        with away():
                            self._do_outside(wish)
                elif event:
                    self._take(event)
                if self._saves.take():
                    self._study.check()
                if not self._study.busy:
                    self._asked_at = 0.0
                elif not self._asked_at:
                    self._asked_at = time.monotonic()
                    if event is None:
                        continue
                if not isinstance(event, Saved):  # its verdict will be there in a moment
                    self._draw()

    @contextlib.contextmanager
    def _terminal(self) -> "Iterator[Callable[[], contextlib.AbstractContextManager[None]]]":
        """Have the terminal; what is given gives it away for a while."""
        inner = contextlib.ExitStack()

        def take() -> None:
            inner.enter_context(self._screen)
            inner.enter_context(self._keyboard)

        @contextlib.contextmanager
        def away() -> Iterator[None]:
            inner.close()
            self._quiet.now = True
            try:
                yield
            finally:
                self._quiet.now = False
                take()

        try:
            take()
            yield away
        finally:
            inner.close()

    def _wait(self) -> Event | None:
        """Return the next event; None where a question is due, or a verdict takes its time."""
        waits = [self._saves.wait()]
        if self._study.busy and self._asked_at and (left := self._until_waiting()) > 0:
            waits.append(left)
        return next_event(
            self._events, min((wait for wait in waits if wait is not None), default=None)
        )

    def _until_waiting(self) -> float:
        return self._asked_at + WAITING - time.monotonic()

    def _take(self, event: Event) -> None:
        if isinstance(event, Saved):
            self._study.saved(event.files)
            self._saves.saved(unfinished=_unfinished(self._root, self._study.current))
        elif isinstance(event, Judged):
            report = self._study.judged(event)
            if report:
                self._draw()  # first the verdict, then the paperwork
                self._study.remember(report)
        elif isinstance(event, Trouble):
            self._study.trouble(event.message)

    def _draw(self) -> None:
        waiting = self._study.busy and self._until_waiting() <= 0
        page = self._study.page(waiting=waiting)
        length = self._screen.draw(page)
        self._study.scroll_within(length, height_of_body(page, self._screen.console))

    def _do_outside(self, wish: str) -> None:
        if wish == "suspend":
            if os.name == "posix":
                os.kill(0, signal.SIGTSTP)
            return
        self._study.trouble(_edit(self._root, self._study.current))


def _unfinished(root: Path, exercise: Exercise) -> bool:
    return unfinished(file_of(root, exercise.topic.name))


def _edit(root: Path, exercise: Exercise) -> str:
    """Open a file in the learner's editor and wait for it; return what went wrong, if anything."""
    command = shlex.split(os.environ.get("VISUAL") or os.environ.get("EDITOR") or "")
    if not command:
        return 'Set EDITOR before the watch starts: to nano, say, or to "code --wait".'
    path = file_of(root, exercise.topic.name)
    place = [f"+{_line(path, exercise)}"] if Path(command[0]).stem in TAKE_A_LINE else []
    try:
        done = subprocess.run([*command, *place, str(path)], check=False)  # noqa: S603 - their own
    except OSError as error:
        return f"{command[0]} could not be started: {error.strerror}"
    return f"{command[0]} ended with exit code {done.returncode}" if done.returncode else ""


def _line(path: Path, exercise: Exercise) -> int:
    """Return where a function begins; 1 where that cannot be told."""
    try:
        found = functions_of(path.read_text(encoding="utf-8"), path.name).get(exercise.name)
    except (ModelError, OSError, ValueError):
        return 1
    return found.start + 1 if found else 1


def _on_paper(
    watched: Watched, console: Console, events: queue.SimpleQueue[Event], judge: Judge
) -> str:
    """Print a report for each save."""
    study = Study(watched.home, watched.exercises, watched.current, judge.ask)
    saves = Saves(patient=True)
    study.check()
    while True:
        event = next_event(events, saves.wait())
        if isinstance(event, Leave):
            return event.message
        if isinstance(event, Saved):
            saves.saved(unfinished=_unfinished(watched.home.root, study.current))
        elif isinstance(event, Trouble):
            _say(console, event.message)
        elif isinstance(event, Judged) and (report := study.judged(event)):
            show(report, console, verbose=True)
            study.remember(report)
            _say(console, _what_now(study, report.exercises[0].status))
        if saves.take():
            study.check()


def _what_now(study: Study, status: Status) -> str:
    here = study.current
    if status is not Status.PASSED:
        return f"Watching {here.topic.name}.py; save it to check again, Ctrl-C to end."
    following = study.following()
    if not following:
        return "Every exercise is passed. Ctrl-C to end."
    study.current = following
    return f"Passed. Now {following.id}, in {following.topic.name}.py; save it to check it."


def _say(console: Console, sentence: str) -> None:
    console.print(f"{sentence}\n", soft_wrap=True)
    console.file.flush()
