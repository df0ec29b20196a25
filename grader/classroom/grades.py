"""How the class stands: the grader's points, or an instructor's in their place, for everybody."""

import csv
import io
import json
import os
import re
import secrets
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.classroom.roster import Person
from grader.classroom.store import Kept, Override, Store
from grader.classroom.submissions import iso
from grader.report import Status
from grader.version import __version__

# What a spreadsheet would take for the beginning of a formula (OWASP, "CSV Injection").
FORMULA = re.compile(r"^\s*[=+\-@\t\r]")
INNER_FORMULA = re.compile(r";(?=[=+\-@])")  # where a semicolon separates cells
# The columns of grades.csv before and after those of the exercises.
BEFORE = (
    *("student", "name", "id", "state", "on_roster", "late", "handed_in"),
    *("score", "max_score"),
)
AFTER = ("overridden", "seed", "level", "kit")
IN_PAGE_NAMES = re.compile(r"[^\w .,@+'()-]+")
DEVICES = re.compile(r"^(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?$", re.IGNORECASE)
LONGEST_NAME = 120
DIGITS = 4  # of points, after the point
UNFINISHED = ".*.new"  # what a page is called while it is written


@dataclass(frozen=True)
class Mark:
    """One exercise of one student.

    Parameters
    ----------
    row
        The database's row; None where nothing was handed in.
    override
        An instructor's points instead, if there are any.
    """

    exercise: str
    max_score: float
    row: Mapping[str, Any] | None
    override: Override | None

    @property
    def score(self) -> float:
        """Return the points that count."""
        if self.override:
            return self.override.points
        return self.row["score"] if self.row else 0.0

    @property
    def status(self) -> str:
        """Return how the grader found it; empty where nothing was handed in."""
        return self.row["status"] if self.row else ""

    @property
    def is_open(self) -> bool:
        """Tell whether there is no verdict: the grader failed, and nobody gave points by hand."""
        return self.status == Status.GRADER_ERROR and not self.override


@dataclass(frozen=True)
class Standing:
    """One student of the class.

    Parameters
    ----------
    student
        What their submission is called, or who the roster says they are.
    person
        Their line in the roster; None where there is none.
    kept
        What they handed in; None if nothing.
    marks
        One for each exercise, in order.
    late
        Whether it was handed in after the due date, as far as the files tell.
    """

    student: str
    person: Person | None
    kept: Kept | None
    marks: tuple[Mark, ...]
    late: bool

    @property
    def name(self) -> str:
        """Return the name for reading."""
        return (self.person.name if self.person else "") or self.student

    @property
    def score(self) -> float:
        """Return the points reached."""
        return added(mark.score for mark in self.marks)

    @property
    def max_score(self) -> float:
        """Return the points that could be reached."""
        return added(mark.max_score for mark in self.marks)

    @property
    def is_open(self) -> bool:
        """Tell whether there is no verdict on some exercise."""
        return any(mark.is_open for mark in self.marks)

    @property
    def state(self) -> str:
        """Return what came of the submission, in words."""
        if self.kept is None:
            return "nothing handed in"
        if self.is_open:
            return "the grader failed"
        if self.kept.gone:
            return "graded before, no longer there"
        return "refused" if self.kept.refusal else "graded"


def standings(store: Store, only: Collection[str] | None = None) -> Iterator[Standing]:
    """Yield everybody: the roster in its order, then whoever it does not know.

    Parameters
    ----------
    store
        The results.
    only
        The students to yield, and then with the reports on every check; None for all, without.
    """
    run = store.last_run()
    due = run.told.get("due") if run else None
    exercises = store.exercises()
    roster = store.roster()
    known = {student for _, student in roster if student}
    everybody = [
        *roster,
        *((None, student) for student in store.students() if student not in known),
    ]
    for person, student in everybody:
        if only is None or student in only:
            reports = only is not None
            yield _standing(store, exercises, due, person, student, reports=reports)


def known_students(store: Store) -> list[str]:
    """Return every name that a student may be called by."""
    labels = [person.label for person, _ in store.roster()]
    return list(dict.fromkeys([*store.students(), *labels]))


def _standing(
    store: Store,
    exercises: Mapping[str, float],
    due: float | None,
    person: Person | None,
    student: str | None,
    *,
    reports: bool,
) -> Standing:
    label = person.label if person else ""
    kept = store.submission(student) if student else None
    found = store.results(student, reports=reports) if student else []
    rows = {row["exercise"]: row for row in found}
    overrides = store.overrides(label) | (store.overrides(student) if student else {})
    marks = tuple(
        Mark(name, points, rows.get(name), overrides.get(name))
        for name, points in exercises.items()
    )
    too_late = bool(kept and due and kept.handed_in and kept.handed_in > due)
    return Standing(
        student or label, person, kept, marks, late=too_late or bool(kept and kept.late)
    )


def to_csv(store: Store) -> Iterator[str]:
    """Yield the lines of `grades.csv`."""
    exercises = list(store.exercises())
    has_roster = bool(store.roster())
    yield csv_line([*BEFORE, *exercises, *AFTER])
    for each in standings(store):
        stamp = next((mark.row for mark in each.marks if mark.row), None)
        known = "" if not has_roster else "yes" if each.person else "no"
        number = each.person.number if each.person else ""
        yield csv_line(
            [
                each.student,
                each.name,
                number or (each.kept.lms if each.kept else ""),
                each.state,
                known,
                "yes" if each.late else "",
                iso(each.kept.handed_in) if each.kept else "",
                *(number_text(n) for n in (each.score, each.max_score)),
                *(number_text(m.score) if m.row or m.override else "" for m in each.marks),
                "; ".join(_told(m.override) for m in each.marks if m.override),
                *((str(stamp[key]) for key in ("seed", "level", "kit")) if stamp else ("",) * 3),
            ]
        )


def to_json(store: Store) -> Iterator[str]:
    """Yield a line of JSON for everybody."""
    for each in standings(store):
        exercises = []
        for mark in each.marks:
            told: dict[str, Any] = {
                "id": mark.exercise,
                "status": mark.status or "missing",
                "score": mark.score,
                "max_score": mark.max_score,
                "mistake": (mark.row["mistake"] or None) if mark.row else None,
            }
            if mark.override:
                told["override"] = vars(mark.override)
            exercises.append(told)
        stamp = next((mark.row for mark in each.marks if mark.row), None)
        yield json.dumps(
            {
                "schema": 1,
                "student": each.student,
                "name": each.name,
                "state": each.state,
                "late": each.late,
                "score": each.score,
                "max_score": each.max_score,
                "problems": list(each.kept.problems) if each.kept else [],
                "kit": stamp["kit"] if stamp else __version__,
                "seed": stamp["seed"] if stamp else None,
                "isolation": stamp["level"] if stamp else None,
                "exercises": exercises,
            }
        )


def page_name(student: str) -> str:
    """Return a name for a student's page that is a safe one for a file on any system."""
    cleaned = IN_PAGE_NAMES.sub("_", student).strip(" ._-") or "student"
    while len(cleaned.encode()) > LONGEST_NAME:
        cleaned = cleaned[:-1]
    return f"{cleaned}-page" if DEVICES.match(cleaned) else cleaned


def replace_text(path: Path, parts: Iterable[str]) -> None:
    """Replace a text file as `replace_bytes` does."""
    replace_bytes(path, (part.encode("utf-8", "replace") for part in parts))


def replace_bytes(path: Path, parts: Iterable[bytes]) -> None:
    """Replace a file so that a reader, or a kill, finds the old content or the new one.

    It is not forced to the disk: what is written here can be written again.
    """
    beside = path.with_name(UNFINISHED.replace("*", secrets.token_hex(8)))
    try:
        with beside.open("xb") as file:
            file.writelines(parts)
        os.replace(beside, path)  # noqa: PTH105 - over an existing file on every system
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def _told(override: Override) -> str:
    by = f" by {override.by}" if override.by else ""
    return (
        f"{override.exercise}: {number_text(override.points)}{by} on {override.at}, {override.why}"
    )


def added(points: Iterable[float]) -> float:
    """Return the sum of points; thirds, of which six digits are kept, are whole together again."""
    return round(sum(points), DIGITS)


def number_text(value: float) -> str:
    """Return points with as many digits as they need, four at most."""
    return f"{value:.{DIGITS}f}".rstrip("0").rstrip(".")


def csv_line(cells: Iterable[str]) -> str:
    """Return a line of a CSV file, in which no cell is a formula."""
    buffer = io.StringIO(newline="")
    csv.writer(buffer).writerow([harmless(cell) for cell in cells])
    return buffer.getvalue()


def harmless(cell: str) -> str:
    """Return a cell that a spreadsheet shows and does not compute."""
    cell = INNER_FORMULA.sub(";'", cell)
    return f"'{cell}" if FORMULA.match(cell) else cell
