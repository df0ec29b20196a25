"""A learner's folder: the stubs to fill in, and `.learnkit/` for what the kit remembers."""

import contextlib
import os
import secrets
import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from grader import stubs
from grader.catalogue import Exercise, Topic
from grader.durable import keep_names, wait_for
from grader.models import ModelError
from grader.progress import NewerError, Progress
from grader.report import Report

MARK = ".learnkit"
STATE = "progress.json"


class WorkspaceError(Exception):
    """Something about the folder stands in the way; the message says what and the remedy."""


class NoWorkspaceError(WorkspaceError):
    """The folder is in no workspace."""


@dataclass(frozen=True)
class Workspace:
    """A folder made by `learnkit init`.

    Parameters
    ----------
    root
        The folder.
    notify
        Told what the learner should know of, in a sentence.
    """

    root: Path
    notify: Callable[[str], None] = lambda _: None

    @classmethod
    def find(cls, start: Path, notify: Callable[[str], None]) -> "Workspace":
        """Return the workspace that `start` lies in.

        Raises
        ------
        NoWorkspaceError
            If there is none.
        """
        for folder in (start, *start.parents):
            if (folder / MARK).is_dir():
                return cls(folder, notify)
        raise NoWorkspaceError(
            f"{start} is not inside a learnkit workspace; make one with: learnkit init"
        )

    @classmethod
    def create(
        cls, root: Path, topics: Iterable[Topic], notify: Callable[[str], None] = lambda _: None
    ) -> tuple["Workspace", list[Path]]:
        """Make a folder a workspace; one that is one already is given what is new in the kit.

        What the learner wrote stays: new exercises of a topic are added at the end of its file.

        Returns
        -------
        workspace, written
            The workspace, and the files with new stubs in them.

        Raises
        ------
        WorkspaceError
            If the folder cannot be written.
        """
        new = not (root / MARK).is_dir()
        try:
            (root / MARK).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise WorkspaceError(f"{root} cannot be made a workspace: {error.strerror}") from error
        workspace = cls(root, notify)
        written = []
        with workspace.changing() as progress:
            # A workspace of a kit that did not note it: what a file holds tells what was given.
            known = frozenset(progress.given) if new or progress.given else None
            for topic in topics:
                try:
                    path = workspace._give(topic, known, new=new)
                except stubs.UnclearError as error:
                    name = f"{topic.name}.py"
                    notify(f"{name} was left alone, its new exercises were not added: {error}")
                    continue
                written += [path] if path else []
                progress.given |= {exercise.id for exercise in topic.exercises.values()}
        return workspace, written

    def _give(self, topic: Topic, known: frozenset[str] | None, *, new: bool) -> Path | None:
        """Write the stubs that are not there yet; return the file that they were written to."""
        path = self.root / f"{topic.name}.py"
        text = topic.stub_path.read_text(encoding="utf-8")
        if not path.exists():
            if path.with_suffix(".ipynb").exists():
                return None  # a file beside the notebook would be graded in its place
            write_atomically(path, text)
            return path
        if new or (known and known >= {exercise.id for exercise in topic.exercises.values()}):
            return None
        try:
            # As it stands, a byte order mark and the ends of lines too.
            with path.open(encoding="utf-8", newline="") as file:
                old = file.read()
            added = stubs.missing(topic, old, known)
            if not added:
                return None
            self._keep(path, topic)
        except UnicodeDecodeError as error:
            raise stubs.UnclearError("it is not UTF-8") from error
        except OSError as error:
            raise WorkspaceError(f"{path} cannot be read: {error.strerror}") from error
        write_atomically(path, old + added)
        return path

    @property
    def state_path(self) -> Path:
        """Return where progress is kept."""
        return self.root / MARK / STATE

    def progress(self) -> Progress:
        """Return what is remembered; a file that cannot be read is set aside, not lost.

        Raises
        ------
        WorkspaceError
            If the state is of a newer kit.
        """
        try:
            return Progress.from_text(self.state_path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return Progress()
        except NewerError:
            raise WorkspaceError(
                f"{self.state_path} is of a newer learnkit; upgrade this one"
            ) from None
        except (
            ValueError,
            KeyError,
            TypeError,
            AttributeError,
            OverflowError,
            RecursionError,
            OSError,
        ):
            aside = self.state_path.with_name(f"{STATE}.damaged-{_stamp()}")
            self._set_aside(aside)
            self.notify(
                f"{self.state_path} was damaged: set aside as {aside.name}; what you wrote is "
                "untouched, and learnkit check notes again what passes"
            )
            return Progress()

    def _set_aside(self, aside: Path) -> None:
        try:
            self.state_path.replace(aside)
        except OSError as error:
            raise WorkspaceError(
                f"{self.state_path} is damaged and cannot be set aside: {error.strerror}"
            ) from error

    def save(self, progress: Progress) -> None:
        """Write what is remembered: all of it or, when killed in between, nothing of it.

        Raises
        ------
        WorkspaceError
            If it cannot be written.
        """
        write_atomically(self.state_path, progress.text())

    @contextlib.contextmanager
    def changing(self) -> Iterator[Progress]:
        """Give what is remembered to be changed, and save it; another process waits meanwhile.

        Raises
        ------
        WorkspaceError
            If it cannot be read or written.
        """
        with self._alone():
            progress = self.progress()
            before = progress.text()
            yield progress
            if progress.text() != before or not self.state_path.exists():
                for left in self.state_path.parent.glob(f".{STATE}-*"):
                    left.unlink(missing_ok=True)  # by a process that was killed while it saved
                self.save(progress)

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """Keep other processes out; the system lets go when this one ends, however it ends."""
        try:
            lock = os.open(self.state_path.with_name("lock"), os.O_RDWR | os.O_CREAT, 0o666)
        except OSError as error:
            raise WorkspaceError(
                f"{self.state_path} cannot be written: {error.strerror}"
            ) from error
        try:
            wait_for(lock)
            yield
        finally:
            os.close(lock)

    def remember(self, report: Report) -> None:
        """Note what a report found.

        Raises
        ------
        WorkspaceError
            If it cannot be noted down.
        """
        with self.changing() as progress:
            progress.note(report.exercises, time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()))

    def reset(self, topic: Topic, exercise: Exercise | None) -> Path | None:
        """Put the stub back, of a whole topic or of one function.

        Returns
        -------
        Path or None
            Where the old file is kept, if there was one.

        Raises
        ------
        WorkspaceError
            If the function cannot be found in the file, the file cannot be read or written, or
            the topic is written in a notebook.
        """
        path = self.root / f"{topic.name}.py"
        notebook = path.with_suffix(".ipynb")
        if notebook.exists() and not path.exists():
            # A file beside the notebook would be graded in its place.
            raise WorkspaceError(f"{notebook.name} is a notebook: empty the function's cell there")
        try:
            old = _text_of(path) if path.exists() else ""
            new = stubs.put_back(path.name, old, topic, exercise)
            backup = self._keep(path, topic)
        except UnicodeDecodeError as error:
            raise WorkspaceError(
                f"{path.name} is not UTF-8; to put back the whole file: learnkit reset {topic.name}"
            ) from error
        except ModelError as error:
            raise WorkspaceError(
                f"{error}; to put back the whole file: learnkit reset {topic.name}"
            ) from error
        except OSError as error:
            raise WorkspaceError(f"{path} cannot be reset: {error.strerror}") from error
        write_atomically(path, new)
        return backup

    def _keep(self, path: Path, topic: Topic) -> Path | None:
        """Copy a file that is about to change; return where it is kept, if there is one."""
        backups = self.root / MARK / "backups"
        backups.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            return None
        backup = backups / f"{topic.name}-{_stamp()}.py"
        shutil.copy2(path, backup)
        return backup


def write_atomically(path: Path, text: str) -> None:
    """Replace a file's text so that a reader, or a crash, sees the old or the new one.

    Raises
    ------
    WorkspaceError
        If it cannot be written; the old file is untouched.
    """
    try:
        target = path.resolve()  # a link stays one
        beside = target.with_name(f".{target.name}-{os.getpid()}-{secrets.token_hex(4)}")
        try:
            with beside.open("x", encoding="utf-8", newline="") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            if target.exists():
                shutil.copymode(target, beside)
            beside.replace(target)
            keep_names(target.parent)
        except BaseException:
            beside.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise WorkspaceError(f"{path} cannot be written: {error.strerror}") from error


def _text_of(path: Path) -> str:
    """Return a learner's text, its ends of lines as they are."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return file.read()


def _stamp() -> str:
    return time.strftime("%Y%m%d-%H%M%S", time.gmtime()) + f"-{time.time_ns() % 10**9:09d}"
