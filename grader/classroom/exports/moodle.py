"""A CSV file for Moodle's gradebook (Grades, Import, CSV file).

One column identifies people: email address, ID number or username. For each assignment there are two
more, the grade and the comment. What is mapped to what is chosen in Moodle: "Identify user by" the
first, each grade to its grade item, each comment to that item's feedback. Moodle asks for both of
them: an import of one alone loses the other. Who has no points has no row, and keeps what they have.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from grader.classroom import roster
from grader.classroom.exports.table import Entry, ExportError, Sheet, Table, matched, strangers
from grader.classroom.grades import csv_line, harmless, number_text

# What identifies people, what Moodle calls it, and what its listings call it.
WAYS = {
    "email": ("Email address", ("email address", "email")),
    "idnumber": ("ID number", ("id number", "idnumber")),
    "username": ("Username", ("username", "user name")),
}
NAMES_SHOWN = 5  # of those who all want the same remedy


def moodle(table: Table, listing: Path | None, by: str = "") -> Sheet:
    """Return the file.

    Parameters
    ----------
    table
        The grades.
    listing
        Moodle's list of participants, or any CSV with the identifying column; without one the names
        of the submissions are usernames.
    by
        What identifies people: `email`, `idnumber` or `username`; empty for the first that is known.

    Raises
    ------
    ExportError
        If nothing identifies people to Moodle.
    """
    if listing:
        way, people, notes = _listed(table, listing, by)
    else:
        way, people, notes = _named(table, by)
    header = [WAYS[way][0]]
    for column in table.columns:
        header += [column.title, f"{column.title} (feedback)"]
    lines = [csv_line(header)]
    for told, entry in people:
        cells = [told]
        for score, comment in zip(entry.scores, entry.comments, strict=True):
            cells += ["" if score is None else number_text(score), comment]
        lines.append(csv_line(cells))
    spoilt = [told for told, _ in people if harmless(told) != told]
    if spoilt:
        notes.append(
            f"a spreadsheet would run {', '.join(spoilt)} as a formula: an apostrophe stands before "
            "it, which Moodle will not know"
        )
    return Sheet(tuple(lines), (*table.notes, *notes))


def _listed(table: Table, listing: Path, by: str) -> tuple[str, list[tuple[str, Entry]], list[str]]:
    known = roster.read(listing)
    columns = {column.lower() for column in known.columns}
    ways = [way for way, (_, called) in WAYS.items() if columns & set(called)]
    way = by or next(iter(ways), "")
    if way not in ways:
        wanted = WAYS[by][0] if by else "Email address, ID number or Username"
        raise ExportError(
            f"{listing} has no column {wanted}; "
            "in Moodle: Participants, choose all, Download table data as CSV"
        )
    found = matched(table.entries, known)
    notes = strangers(table.entries, found, listing)
    people, unknown = [], []
    for person in known.people:
        entry = found.get(person)
        if entry and entry.is_graded:
            told = next((person.told[c] for c in WAYS[way][1] if c in person.told), "")
            if told:
                people.append((told, entry))
            else:
                unknown.append(person.label)
    if unknown:
        names = ", ".join(unknown)
        notes.append(f"left out, since their {WAYS[way][0]} is empty there: {names}")
    return way, people, notes


def _named(table: Table, by: str) -> tuple[str, list[tuple[str, Entry]], list[str]]:
    """Return people by what the results themselves tell: an address, or else the name."""
    entries = [entry for entry in table.entries if entry.is_graded]
    way = by or "username"
    pairs = list(_told(entries, way))
    unknown = [entry.student for told, entry in pairs if not told]
    if unknown:
        more = len(unknown) - NAMES_SHOWN
        names = ", ".join(unknown[:NAMES_SHOWN]) + (f" and {more} more" if more > 0 else "")
        raise ExportError(
            f"nothing says what Moodle's {WAYS[way][0]} of {names} is; give a list of the "
            "participants with --roster FILE (in Moodle: Participants, Download table data as CSV)"
        )
    return way, pairs, []


def _told(entries: Sequence[Entry], way: str) -> Iterator[tuple[str, Entry]]:
    for entry in entries:
        if entry.told is not None:
            yield entry.told.get(way, ""), entry
        else:
            # Name_12345 is what Moodle calls a participant's folder, not the participant.
            numbered = bool(entry.number) and entry.student.endswith(f"_{entry.number}")
            yield "" if numbered or way != "username" else entry.student, entry
