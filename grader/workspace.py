"""A learner's folder: the stubs to fill in, and `.learnkit/` for what the kit remembers."""

import json
import os
import secrets
import shutil
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from grader.catalogue import Exercise, Topic
from grader.models import ModelAnswers, ModelError, functions_of, lines_of
from grader.report import Report, Status
from grader.version import __version__

MARK = ".learnkit"
STATE = "progress.json"
SCHEMA = 1


class WorkspaceError(Exception):
    """Something about the folder stands in the way; the message says what and the remedy."""


class NoWorkspaceError(WorkspaceError):
    """The folder is in no workspace."""


@dataclass
class Progress:
    """What the kit remembers between commands; never a grade, always derived from grading.

    Parameters
    ----------
    passed
        When each exercise first passed, by id, in ISO 8601 (UTC).
    hints
        The highest hint level shown, by id.
    """

    passed: dict[str, str] = field(default_factory=dict)
    hints: dict[str, int] = field(default_factory=dict)


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
        """Make a folder a workspace; files that exist are left as they are.

        Returns
        -------
        workspace, written
            The workspace, and the stub files that are new in it.

        Raises
        ------
        WorkspaceError
            If the folder cannot be written.
        """
        try:
            (root / MARK).mkdir(parents=True, exist_ok=True)
            written = []
            for topic in topics:
                path = root / f"{topic.name}.py"
                if not path.exists():
                    write_atomically(path, topic.stub_path.read_text(encoding="utf-8"))
                    written.append(path)
        except OSError as error:
            raise WorkspaceError(f"{root} cannot be made a workspace: {error.strerror}") from error
        workspace = cls(root, notify)
        workspace.save(workspace.progress())
        return workspace, written

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
            told = json.loads(self.state_path.read_text(encoding="utf-8"))
            newer = told["schema"] > SCHEMA
            known = (
                Progress() if newer else Progress(_strings(told["passed"]), _levels(told["hints"]))
            )
        except FileNotFoundError:
            return Progress()
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
            self.state_path.replace(aside)
            self.notify(f"{self.state_path} was damaged: set aside as {aside.name}, begun anew")
            return Progress()
        if newer:
            raise WorkspaceError(f"{self.state_path} is of a newer learnkit; upgrade this one")
        return known

    def save(self, progress: Progress) -> None:
        """Write what is remembered: all of it or, when killed in between, nothing of it.

        Raises
        ------
        WorkspaceError
            If it cannot be written.
        """
        told = {"schema": SCHEMA, "kit": __version__, **vars(progress)}
        write_atomically(self.state_path, json.dumps(told, indent=1, sort_keys=True) + "\n")

    def remember(self, report: Report) -> None:
        """Note which exercises a report found passed."""
        progress = self.progress()
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        new = [e.id for e in report.exercises if e.status is Status.PASSED]
        fresh = {id_: now for id_ in new if id_ not in progress.passed}
        if fresh:
            progress.passed |= fresh
            self.save(progress)

    def reset(self, topic: Topic, exercise: Exercise | None) -> Path | None:
        """Put the stub back, of a whole topic or of one function.

        Returns
        -------
        Path or None
            Where the old file is kept, if there was one.

        Raises
        ------
        WorkspaceError
            If the function cannot be found in the file, or the file cannot be read or written.
        """
        path = self.root / f"{topic.name}.py"
        stubs = topic.stub_path.read_text(encoding="utf-8")
        try:
            old = _text_of(path) if path.exists() else ""
            new = _with_stub(path.name, old, stubs, exercise) if exercise and old else stubs
            backups = self.root / MARK / "backups"
            backups.mkdir(parents=True, exist_ok=True)
            backup = backups / f"{topic.name}-{_stamp()}.py"
            kept = path.exists()
            if kept:
                shutil.copy2(path, backup)
        except UnicodeDecodeError as error:
            raise WorkspaceError(
                f"{path.name} is not UTF-8; to put back the whole file: learnkit reset {topic.name}"
            ) from error
        except OSError as error:
            raise WorkspaceError(f"{path} cannot be reset: {error.strerror}") from error
        write_atomically(path, new)
        return backup if kept else None


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
        except BaseException:
            beside.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise WorkspaceError(f"{path} cannot be written: {error.strerror}") from error


def _text_of(path: Path) -> str:
    """Return a learner's text, its ends of lines as they are."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return file.read()


def _with_stub(name: str, old: str, stubs: str, exercise: Exercise) -> str:
    try:
        place = functions_of(old, name).get(exercise.name)
    except ModelError as error:
        raise WorkspaceError(
            f"{error}; to put back the whole file: learnkit reset {exercise.topic.name}"
        ) from error
    stub = ModelAnswers(exercise.topic.name, stubs).function(exercise.name)
    text = "".join(lines_of(stubs)[stub.start : stub.end])
    if place is None:
        return old.rstrip("\n") + "\n\n\n" + text
    lines = lines_of(old)
    return "".join([*lines[: place.start], text, *lines[place.end :]])


def _stamp() -> str:
    return time.strftime("%Y%m%d-%H%M%S", time.gmtime()) + f"-{time.time_ns() % 10**9:09d}"


def _strings(value: Any) -> dict[str, str]:
    return {str(k): str(v) for k, v in value.items()}


def _levels(value: Any) -> dict[str, int]:
    return {str(k): int(v) for k, v in value.items()}
