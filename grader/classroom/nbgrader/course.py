"""A course that nbgrader can run: source notebooks, and the configuration that puts the judge in."""

import contextlib
import importlib.util
import math
import re
import secrets
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

from grader.catalogue import Catalogue, Exercise, UnknownNameError
from grader.classroom.errors import ClassroomError
from grader.classroom.grades import replace_text
from grader.classroom.nbgrader import CONFIG, MISSING
from grader.classroom.nbgrader.config import HERE

BACKUPS = Path(".learnkit") / "backups"
# nbgrader makes folders of these names, refuses `+`, and takes `*` for all assignments.
ASSIGNMENT = re.compile(r"\w[\w .-]*(?<![ .])", re.ASCII)

JUDGED = """\
# The judge of learnkit stands where nbgrader's Execute stood; the rest is nbgrader's.
from grader.classroom.nbgrader.config import configure

configure(c)
"""


class CourseError(ClassroomError):
    """A course cannot be made as asked; the message says why."""


@dataclass(frozen=True)
class Plan:
    """What is to be built.

    Parameters
    ----------
    root
        The course's folder; it need not be there.
    exercises
        What is asked.
    points
        What is given for some of them, by their ids. The others have what they have in a notebook
        that is there, else what they declare.
    assignment
        The one that all go into; empty for an assignment for each topic, named after it.
    folders
        Where more topics come from, which the judge must know as well.
    """

    root: Path
    exercises: tuple[Exercise, ...]
    points: Mapping[str, float]
    assignment: str = ""
    folders: tuple[Path, ...] = ()

    def place(self, exercise: Exercise) -> Path:
        """Return the notebook that an exercise stands in, seen from the course's folder."""
        topic = exercise.topic.name
        return Path("source") / (self.assignment or topic) / f"{topic}.ipynb"

    @property
    def assignments(self) -> list[str]:
        """Return the names of the assignments."""
        return list(dict.fromkeys(self.place(e).parent.name for e in self.exercises))


@dataclass(frozen=True)
class Built:
    """What became of a course's files, each seen from the course's folder.

    Parameters
    ----------
    written
        Notebooks that are new, or were made before and are made anew, with what they hold.
    same
        Notebooks that are as they would be made now.
    kept
        Notebooks that the instructor has edited: they stand as they were.
    backups
        Where edited notebooks that were replaced are kept, by their names.
    config
        What is to be added to the configuration by hand; empty if it holds the judge.
    configured
        Whether the configuration is new.
    """

    written: Mapping[Path, str]
    same: tuple[Path, ...]
    kept: tuple[Path, ...]
    backups: Mapping[Path, Path]
    config: str
    configured: bool


def plan(
    root: Path,
    catalogue: Catalogue,
    *,
    names: Sequence[str] = (),
    points: Sequence[str] = (),
    assignment: str = "",
    folders: Sequence[Path] = (),
) -> Plan:
    """Return what is to be built.

    Parameters
    ----------
    root
        The course's folder.
    catalogue
        Where exercises come from.
    names
        Topics, or exercises as `topic.exercise`; none: all.
    points
        What some exercises are worth, each as `topic.exercise=number`.
    assignment
        The assignment that all go into; empty for one for each topic.
    folders
        Where the catalogue found more topics.

    Raises
    ------
    CourseError
        If points or the assignment's name cannot be understood.
    grader.catalogue.UnknownNameError
        If a name is unknown.
    """
    if assignment and not ASSIGNMENT.fullmatch(assignment):
        raise CourseError(
            f"an assignment cannot be called {assignment!r}: take letters, digits and any of _ - ."
        )
    exercises = catalogue.find(names)
    given = dict(_points(word, catalogue) for word in points)
    strangers = sorted(set(given) - {exercise.id for exercise in exercises})
    if strangers:
        raise CourseError(f"--points names {strangers[0]}, which is not among what is asked")
    return Plan(root, tuple(exercises), given, assignment, tuple(folders))


def _points(word: str, catalogue: Catalogue) -> tuple[str, float]:
    name, _, number = word.partition("=")
    name = name.strip()
    try:
        worth = float(number)
    except ValueError:
        worth = math.nan
    if not (math.isfinite(worth) and worth >= 0):
        raise CourseError(
            f"--points {word!r} is not understood: write NAME=NUMBER, a number of 0 or more, "
            "losses.mse_loss=3 for instance"
        )
    try:
        found = catalogue.find([name])
    except UnknownNameError as error:
        raise CourseError(f"--points: {error}") from error
    if "." not in name:
        raise CourseError(f"--points: {name} is a topic; give {found[0].id}={number}, say")
    return name, worth


def build(asked: Plan, *, force: bool = False) -> Built:
    """Make a course, or add to one; what the instructor has written there stays.

    Parameters
    ----------
    asked
        What is to be built.
    force
        Whether edited notebooks are replaced; they are kept as backups.

    Raises
    ------
    CourseError
        If nbgrader is not installed, something cannot be written, or points are asked for in a
        notebook that has been edited.
    """
    notebooks = _notebooks()
    written, same, kept, backups = {}, [], [], {}
    with _explained(asked.root):
        if asked.root.exists() and not asked.root.is_dir():
            raise CourseError(f"{asked.root} is a file; a course needs a folder")
        made = [
            _made(notebooks, asked, path)
            for path in dict.fromkeys(asked.place(exercise) for exercise in asked.exercises)
        ]
        for new in made:
            if new.state == "edited" and not force:
                _refuse_points(asked, new)
        for new in made:
            if new.state == "same":
                same.append(new.path)
            elif new.state == "edited" and not force:
                kept.append(new.path)
            else:
                if new.state == "edited":
                    backups[new.path] = _backed_up(asked.root, new.path)
                (asked.root / new.path).parent.mkdir(parents=True, exist_ok=True)
                replace_text(asked.root / new.path, [new.text])
                written[new.path] = new.holds
        configured, missing = _configure(asked.root, asked.folders)
    return Built(written, tuple(same), tuple(kept), backups, missing, configured)


def _notebooks() -> ModuleType:
    """Return the module that makes notebooks, which needs what nbgrader brings."""
    spec = importlib.util.find_spec("nbgrader")
    if spec is None or spec.origin is None:  # a folder that happens to bear the name has none
        raise CourseError(MISSING)
    from grader.classroom.nbgrader import notebooks  # noqa: PLC0415 - an extra, and slow to import

    return notebooks


class Made(NamedTuple):
    """A notebook as it would be made now, and how the one that is there stands.

    Its state is new, same, made (and nobody has edited it), or edited; `there` are its points.
    """

    path: Path
    text: str
    state: str
    there: Mapping[str, float]
    holds: str


def _made(notebooks: ModuleType, asked: Plan, path: Path) -> Made:
    exercises = [exercise for exercise in asked.exercises if asked.place(exercise) == path]
    place = asked.root / path
    old = place.read_text("utf-8", "replace") if place.exists() else None
    there = notebooks.points_of(old) if old else {}
    points = {e.id: asked.points.get(e.id, there.get(e.id, float(e.points))) for e in exercises}
    try:
        text = notebooks.notebook(exercises[0].topic, exercises, points)
    except ValueError as error:
        raise CourseError(str(error)) from error
    if old is None:
        state = "new"
    elif old == text:
        state = "same"
    else:
        state = "made" if notebooks.is_untouched(old) else "edited"
    worth = sum(points.values())
    many = f"{len(points)} exercise{'s' if len(points) > 1 else ''}"
    return Made(path, text, state, there, f"{many}, {worth:g} point{'' if worth == 1 else 's'}")


def _refuse_points(asked: Plan, new: Made) -> None:
    """Refuse to leave points unset that were asked for."""
    for exercise in asked.exercises:
        wanted = asked.points.get(exercise.id)
        if wanted is not None and asked.place(exercise) == new.path:
            if wanted == new.there.get(exercise.id):
                continue
            raise CourseError(
                f"{asked.root / new.path} has been edited, and is not changed: set the points of "
                f"{exercise.id} there, or replace it with --force (yours is kept)"
            )


def _backed_up(root: Path, path: Path) -> Path:
    """Copy a notebook out of nbgrader's sight: what stands in `source` goes to the students."""
    stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime()) + f"-{secrets.token_hex(2)}"
    backup = BACKUPS / path.parent.name / f"{path.stem}-{stamp}.ipynb"
    (root / backup).parent.mkdir(parents=True, exist_ok=True)
    shutil.copy2(root / path, root / backup)
    return backup


def _configure(root: Path, folders: Sequence[Path]) -> tuple[bool, str]:
    """Write the configuration unless there is one; return whether, and what one lacks that is."""
    path = root / CONFIG
    more = "".join(f"c.Judge.topics_from.append({str(f.resolve())!r})\n" for f in folders)
    if path.exists():
        there = path.read_text("utf-8", "replace")
        lacks = "".join(line for line in more.splitlines(keepends=True) if line not in there)
        return False, ("" if HERE in there else JUDGED) + lacks
    replace_text(path, [config(root.resolve().name) + more])
    return True, ""


def config(course_id: str) -> str:
    """Return the configuration of a course of that name."""
    return (
        "# Made by `learnkit nbgrader build`; nbgrader reads it when it is run in this folder.\n"
        "c = get_config()  # noqa: F821 - nbgrader gives it\n\n"
        f"c.CourseDirectory.course_id = {course_id!r}\n\n{JUDGED}"
    )


@contextlib.contextmanager
def _explained(root: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        where = error.filename or root
        raise CourseError(f"{where} cannot be written: {error.strerror}") from error
