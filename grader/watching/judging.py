"""Judge in a thread: the newest question alone counts, and its process was forked before it came."""

import contextlib
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from grader.catalogue import Exercise
from grader.engine import judge
from grader.report import Report, Status
from grader.student.launch import Launcher, Process
from grader.student.limits import IsolationUnavailableError, Limits
from grader.student.session import Session
from grader.student.submission import from_folder
from grader.watching.events import Judged, Tell, Trouble

SEED = 0  # that of `learnkit check`: the same cases, the same words


class CancelledError(BaseException):
    """The answer is no longer wanted; nobody but the thread that judges may catch it."""


@dataclass(frozen=True)
class Question:
    """What is to be judged, in the files as they are when its turn comes."""

    number: int
    exercises: tuple[Exercise, ...]
    root: Path


class Ahead(Launcher):
    """Has the next process ready before it is asked for, and can end the one that runs.

    Parameters
    ----------
    lender
        Starts the processes; whoever made it closes it.
    limits
        What those that are ready may use.
    """

    def __init__(self, lender: Launcher, limits: Limits) -> None:
        self.level = lender.level
        self.used_ready = False
        self._lender = lender
        self._limits = limits
        self._ready: Process | None = None
        self._running: Process | None = None
        self._cancelled = False
        self._lock = threading.Lock()

    def prepare(self) -> None:
        """Start a process for the question to come."""
        # Where none can be started, the question itself will say so.
        with contextlib.suppress(OSError, IsolationUnavailableError):
            self._ready = self._ready or self._lender.open(self._limits)

    def begin(self) -> None:
        """Allow processes again."""
        with self._lock:
            self._cancelled = self.used_ready = False

    def cancel(self) -> None:
        """End what runs, from another thread; until `begin`, nothing more is started."""
        with self._lock:
            self._cancelled = True
            if self._running:
                self._running.kill()

    def open(self, limits: Limits) -> Process:
        """Return a process; raises `CancelledError` where nothing is wanted any more."""
        with self._lock:
            if self._cancelled:
                raise CancelledError
            ready, self._ready = self._ready, None
            if ready and limits != self._limits:
                ready.end()
                ready = None
            self.used_ready = self.used_ready or ready is not None
            process = ready or self._lender.open(limits)
            self._running = process

        def end() -> int:
            with self._lock:
                if self._running is process:
                    self._running = None
                return process.end()

        return process._replace(end=end)

    def close(self) -> None:
        """End the process that was never asked for."""
        ready, self._ready = self._ready, None
        if ready:
            ready.end()


class Judge:
    """A thread that judges.

    Parameters
    ----------
    lender, limits
        Where and within what a learner's code runs.
    tell
        Is told verdicts, and what went wrong.
    """

    def __init__(self, lender: Launcher, limits: Limits, tell: Tell) -> None:
        self._ahead = Ahead(lender, limits)
        self._limits = limits
        self._tell = tell
        self._waiting: Question | None = None
        self._closing = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._work, name="judge", daemon=True)
        self._thread.start()

    def ask(self, question: Question) -> None:
        """Judge this next; what is being judged is given up."""
        with self._changed:
            self._waiting = question
            self._ahead.cancel()
            self._changed.notify()

    def close(self) -> None:
        """Give up what is being judged, and end the thread."""
        with self._changed:
            self._closing = True
            self._ahead.cancel()
            self._changed.notify()
        self._thread.join()

    def _work(self) -> None:
        self._ahead.prepare()
        while question := self._next():
            with contextlib.suppress(CancelledError):  # what comes next is waiting already
                self._answer(question)
            self._ahead.prepare()
        self._ahead.close()

    def _next(self) -> Question | None:
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._closing)
            question, self._waiting = self._waiting, None
            if self._closing:
                return None
            self._ahead.begin()
            return question

    def _if_wanted(self, judged: Judged) -> None:
        with self._changed:
            if not self._waiting and not self._closing:
                self._tell(judged)

    def _answer(self, question: Question) -> None:
        try:
            if not self._answered(question):
                # The process that was ready may have been ended meanwhile: with a new one.
                self._answered(question)
        except Exception as error:  # noqa: BLE001 - the screen outlives a fault of the grader's
            self._tell(Trouble(f"The grader failed ({type(error).__name__}: {error})."))

    def _answered(self, question: Question) -> bool:
        """Judge and tell; False where the process that was ready may be to blame for a failure."""
        topics = dict.fromkeys(exercise.topic.name for exercise in question.exercises)
        submission = from_folder(question.root, topics)
        with Session(submission, self._ahead, self._limits) as session:
            results = tuple(judge(exercise, session, SEED) for exercise in question.exercises)
            failed = any(result.status is Status.GRADER_ERROR for result in results)
            if failed and self._ahead.used_ready:
                self._ahead.used_ready = False
                return False
            report = Report(SEED, str(self._ahead.level), results, printed=session.printed)
            # First the verdict; that the process ends is nothing to wait for.
            self._if_wanted(Judged(question.number, report))
        return True


Ask = Callable[[Question], None]
