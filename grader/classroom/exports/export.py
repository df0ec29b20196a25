"""`learnkit export`: one folder of results, written for another system."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from grader.classroom import grades
from grader.classroom.exports.canvas import canvas
from grader.classroom.exports.gradescope import results
from grader.classroom.exports.moodle import moodle
from grader.classroom.exports.table import ExportError, Sheet, finished, table
from grader.classroom.run import GRADES
from grader.classroom.store import Store

FILES = {"canvas": "canvas.csv", "moodle": "moodle.csv", "csv": GRADES}
FOLDER = "gradescope"
# Which options say something to which system.
HEARD = {
    "canvas": {"roster", "title", "zeros"},
    "moodle": {"roster", "title", "by", "zeros"},
    "gradescope": set[str](),
    "csv": set[str](),
}


@dataclass(frozen=True)
class Wanted:
    """What `learnkit export` was asked for; the parameters are its options."""

    to: str
    out: Path | None = None
    roster: Path | None = None
    title: str = ""
    by: str = ""
    zeros: bool = False


@dataclass(frozen=True)
class Exported:
    """What was written.

    Parameters
    ----------
    path
        Where to.
    students
        Of how many.
    notes
        What an instructor should know of it, in sentences.
    """

    path: Path
    students: int
    notes: tuple[str, ...]


def export(folder: Path, wanted: Wanted) -> Exported:
    """Write the results in a folder for another system.

    Raises
    ------
    ClassroomError
        If there are none, or something that the system needs to know is missing.
    """
    with Store(folder) as store:
        if wanted.to == "gradescope":
            return _pages(store, wanted)
        sheet = _sheet(store, wanted)
    path = wanted.out or folder
    if path.is_dir():
        path /= FILES[wanted.to]
    try:
        grades.replace_text(path, sheet.lines)
    except OSError as error:
        raise ExportError(f"{path} cannot be written: {error.strerror}") from error
    above = 2 if wanted.to == "canvas" else 1
    return Exported(path, len(sheet.lines) - above, (*sheet.notes, *_unheard(wanted)))


def _sheet(store: Store, wanted: Wanted) -> Sheet:
    found = table(store, wanted.title, zeros=wanted.zeros)
    if wanted.to == "canvas":
        return canvas(found, wanted.roster)
    if wanted.to == "moodle":
        return moodle(found, wanted.roster, wanted.by)
    return Sheet(tuple(grades.to_csv(store)), found.notes)


def _pages(store: Store, wanted: Wanted) -> Exported:
    """Write a `results.json` for each student who handed in something, by the name of their page."""
    run = finished(store)
    folder = wanted.out or store.folder / FOLDER
    count = 0
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for standing in grades.standings(store):
            if standing.kept:
                told = results(standing, run, store)
                path = folder / f"{standing.kept.page}.json"
                grades.replace_text(path, [json.dumps(told, indent=1)])
                count += 1
    except OSError as error:
        raise ExportError(f"{folder} cannot be written: {error.strerror}") from error
    return Exported(folder, count, tuple(_unheard(wanted)))


def _unheard(wanted: Wanted) -> Iterator[str]:
    for name in ("roster", "title", "by", "zeros"):
        if getattr(wanted, name) and name not in HEARD[wanted.to]:
            yield f"--{name} makes no difference to {wanted.to}"
