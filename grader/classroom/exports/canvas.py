"""A CSV file for Canvas's gradebook (Grades, Import).

Its first columns are those of Canvas's own export, in that order; the row below the header says how
many points can be reached. Canvas finds a student by ID, else by SIS ID or login, else by name; it
finds an assignment by the number in its title's brackets, else by its title, and makes a new one
where it finds none. A student who is not in the file keeps what they have, but an empty cell takes
a grade away: so those without any points have no row.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from grader.classroom import roster
from grader.classroom.exports.table import Column, ExportError, Sheet, Table, matched, strangers
from grader.classroom.grades import csv_line, number_text

IDENTITY = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
POINTS = "    Points Possible"  # as Canvas itself indents it
# Canvas passes over a column in whose name one of these stands.
READ_ONLY = re.compile(r"(?:Current|Final) (?:Score|Points|Grade)|Override (?:Score|Grade|Status)")
WHERE = "in Canvas: Grades, Export"


def canvas(table: Table, listing: Path | None) -> Sheet:
    """Return the file.

    Parameters
    ----------
    table
        The grades.
    listing
        The gradebook as Canvas exports it, from which students' IDs are taken.

    Raises
    ------
    ExportError
        If it is not given or is none, or Canvas would not read a column.
    """
    if listing is None:
        raise ExportError(
            "Canvas knows students by IDs that only it can tell; "
            f"give its gradebook with --roster FILE ({WHERE})"
        )
    known = roster.read(listing)
    columns = {column.lower() for column in known.columns}
    lacking = [name for name in ("Student", "ID") if name.lower() not in columns]
    if lacking:
        raise ExportError(
            f"{listing} is no gradebook of Canvas: it has no column {lacking[0]}; {WHERE}"
        )
    found = matched(table.entries, known)
    titles = [_title(column, known.columns) for column in table.columns]
    lines = [
        csv_line([*IDENTITY, *titles]),
        csv_line([POINTS, *[""] * (len(IDENTITY) - 1), *_points(table)]),
    ]
    for person in known.people:
        entry = found.get(person)
        if entry and entry.is_graded:
            identity = [person.told.get(name.lower(), "") for name in IDENTITY]
            scores = ["" if s is None else number_text(s) for s in entry.scores]
            lines.append(csv_line([*identity, *scores]))
    notes = [*table.notes, *strangers(table.entries, found, listing), *_gaps(table)]
    return Sheet(tuple(lines), tuple(notes))


def _points(table: Table) -> Iterator[str]:
    return (number_text(column.points) for column in table.columns)


def _title(column: Column, known: tuple[str, ...]) -> str:
    """Return the column's title: as Canvas has it, with its number, where there is one."""
    if READ_ONLY.search(column.title) or column.title in IDENTITY:
        raise ExportError(
            f'Canvas reads no assignment called "{column.title}"; choose another with --title'
        )
    numbered = re.compile(rf"{re.escape(column.title)} \(\d+\)")
    found = [name for name in known if name == column.title or numbered.fullmatch(name)]
    if len(found) > 1:
        raise ExportError(
            f"Canvas has {len(found)} assignments called {column.title}: {', '.join(found)}; "
            "choose one with --title"
        )
    return found[0] if found else column.title


def _gaps(table: Table) -> Iterator[str]:
    if any(entry.is_graded and None in entry.scores for entry in table.entries):
        yield "empty cells take grades away in Canvas; export one assignment at a time to keep them"
