"""`learnkit gradescope build`: the zip that is given to Gradescope.

At its root stand `setup.sh` and `run_autograder`, as
https://gradescope-autograders.readthedocs.io/en/latest/specs/ asks, the wheel of this very kit, and
what is asked.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.catalogue import Catalogue
from grader.classroom import assignment as assignments
from grader.classroom.exports.autograder import ASSIGNMENT, SETTINGS, TOPICS
from grader.classroom.exports.table import ExportError
from grader.classroom.grades import replace_bytes
from grader.classroom.wheel import files_below, wheel, zipped
from grader.student.limits import Level

HERE = Path(__file__).parent
PROGRAMS = ("setup.sh", "run_autograder")
MINUTES = 9.0  # Gradescope gives ten, if nothing else is chosen there


@dataclass(frozen=True)
class Autograder:
    """What the autograder is to do; the parameters are the command's options."""

    catalogue: Catalogue
    topics: tuple[str, ...] = ()
    assignment: Path | None = None
    level: Level = Level.INNER
    minutes: float = MINUTES
    topics_from: tuple[Path, ...] = ()


def build(path: Path, wanted: Autograder) -> Sequence[str]:
    """Write the zip; return the exercises that it asks for.

    Raises
    ------
    ClassroomError, UnknownNameError
        If it cannot be made as asked.
    """
    if bool(wanted.topics) == bool(wanted.assignment):
        raise ExportError("say what is asked: --topics or --assignment, one of them")
    if wanted.assignment:
        exercises = assignments.read(wanted.assignment, wanted.catalogue).exercises
    else:
        exercises = tuple(wanted.catalogue.find(wanted.topics))
    put_in = {"LEVEL": wanted.level.value, "SECONDS": f"{60 * wanted.minutes:.0f}"}
    files: dict[str, bytes] = {}
    for name in PROGRAMS:
        text = (HERE / name).read_text(encoding="utf-8")
        for word, value in put_in.items():
            text = text.replace(word, value)
        files[name] = text.encode()
    settings = {"topics": wanted.topics, "level": wanted.level.value}
    files[SETTINGS] = json.dumps(settings, indent=1).encode()
    if wanted.assignment:
        files[ASSIGNMENT] = wanted.assignment.read_bytes()
    for number, folder in enumerate(wanted.topics_from):
        for name, data in files_below(folder.resolve()):
            files[f"{TOPICS}/{number:02}/{name}"] = data
    name, data = wheel()
    files[name] = data
    try:
        replace_bytes(path, [zipped(files, frozenset(PROGRAMS))])
    except OSError as error:
        raise ExportError(f"{path} cannot be written: {error.strerror}") from error
    return [exercise.id for exercise in exercises]
