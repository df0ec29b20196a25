"""Exporters for `nbgrader export`: the gradebook as Canvas or Moodle take it.

    nbgrader export --exporter=grader.classroom.exports.nbgrader.CanvasExporter --to=canvas.csv

Late penalties are taken off, as nbgrader's own exporter does; who handed in nothing has no points.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook, MissingEntry, SubmittedAssignment
from nbgrader.plugins import ExportPlugin
from traitlets import Bool, Unicode

from grader.classroom import grades
from grader.classroom.errors import ClassroomError
from grader.classroom.exports.canvas import canvas
from grader.classroom.exports.moodle import WAYS, moodle
from grader.classroom.exports.table import Column, Entry, ExportError, Sheet, Table


class _Exporter(ExportPlugin):
    """What the exporters share: grades from the gradebook, a file for the system."""

    roster = Unicode("", help="The system's own list of the students, a CSV.").tag(config=True)
    zeros = Bool(False, help="Whether those who handed in nothing have 0 points.").tag(config=True)
    usual = ""

    def export(self, gradebook: Gradebook) -> None:
        """Write the file, and say what an instructor should know of it.

        Raises
        ------
        SystemExit
            If it cannot be written; the message says why.
        """
        path = Path(self.to or self.usual)
        try:
            found = table(gradebook, list(map(str, self.assignment)), list(map(str, self.student)))
            sheet = self.sheet(found.with_zeros() if self.zeros else found)
            grades.replace_text(path, sheet.lines)
        except (ClassroomError, OSError) as error:
            raise SystemExit(f"nbgrader export: {error}") from error
        for note in sheet.notes:
            self.log.warning(note)
        self.log.info("Wrote %s", path)

    def sheet(self, found: Table) -> Sheet:
        """Return the file."""
        raise NotImplementedError

    def _listing(self) -> Path | None:
        return Path(self.roster) if self.roster else None


class CanvasExporter(_Exporter):
    """A CSV for Canvas's gradebook; `c.CanvasExporter.roster` names Canvas's own export of it."""

    usual = "canvas.csv"

    def sheet(self, found: Table) -> Sheet:
        """Return the file."""
        try:
            return canvas(found, self._listing())
        except ExportError as error:
            hint = "--CanvasExporter.roster=FILE"
            raise ExportError(str(error).replace("--roster FILE", hint)) from error


class MoodleExporter(_Exporter):
    """A CSV for Moodle's gradebook; `c.MoodleExporter.by` says what identifies people there."""

    usual = "moodle.csv"
    by = Unicode("", help=f"What identifies people: {', '.join(WAYS)}.").tag(config=True)

    def sheet(self, found: Table) -> Sheet:
        """Return the file."""
        if self.by not in {"", *WAYS}:
            raise ExportError(f"by must be one of {', '.join(WAYS)}, got {self.by!r}")
        everybody = all(entry.told and entry.told["email"] for entry in found.entries)
        by = self.by or ("" if self.roster or not everybody else "email")
        return moodle(found, self._listing(), by)


def table(gradebook: Gradebook, assignments: list[str], students: list[str]) -> Table:
    """Return the grades in a gradebook.

    Parameters
    ----------
    gradebook
        nbgrader's.
    assignments, students
        Which of them; empty for all.
    """
    chosen = [a for a in gradebook.assignments if not assignments or a.name in assignments]
    if not chosen:
        raise ExportError(f"the gradebook has no assignment {', '.join(assignments) or 'yet'}")
    entries, waiting = [], []
    for student in gradebook.students:
        if students and student.id not in students:
            continue
        found = [_submission(gradebook, assignment.name, student.id) for assignment in chosen]
        if any(each and each.needs_manual_grade for each in found):
            waiting.append(student.id)
        scores = tuple(None if each is None else _score(each) for each in found)
        comments = tuple("" if each is None else "\n".join(_comments(each)) for each in found)
        # What nbgrader calls a student is what the system that made the accounts calls them.
        told = {"email": student.email or "", "username": student.id, "idnumber": student.id}
        entries.append(Entry(student.id, scores, comments, told=told))
    columns = tuple(Column(each.name, float(each.max_score)) for each in chosen)
    notes = (f"not graded by hand yet: {', '.join(waiting)}",) if waiting else ()
    return Table(columns, tuple(entries), notes)


def _submission(gradebook: Any, assignment: str, student: str) -> Any:
    try:
        return gradebook.find_submission(assignment, student)
    except MissingEntry:
        return None


def _score(submission: SubmittedAssignment) -> float:
    return max(0.0, float(submission.score - submission.late_submission_penalty))


def _comments(submission: SubmittedAssignment) -> Iterator[str]:
    for notebook in submission.notebooks:
        for comment in notebook.comments:
            if comment.comment:
                yield f"{comment.name}: {comment.comment}"
