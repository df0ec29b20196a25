"""Who is in the class: a CSV with names and the numbers that the learning platform knows them by."""

import csv
import io
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from grader.classroom.errors import ClassroomError

# What columns are called in Canvas's and Moodle's exports and in lists made by hand, in lower case.
LABELS = ("username", "user name", "login", "sis login id", "email", "email address", "student")
IDS = ("id", "identifier", "student id", "id number", "sis user id", "canvas id", "moodle id")
NAMES = ("name", "full name", "student", "student name")
FIRST, LAST = ("first name", "given name"), ("last name", "surname", "family name")
NOBODY = ("points possible", "student, test")  # Canvas's rows for no person


class RosterError(ClassroomError):
    """A roster that cannot be read; the message says why."""


@dataclass(frozen=True)
class Person:
    """Somebody in the class.

    Parameters
    ----------
    label
        What identifies them to people: the first of login, student, number and name that is told.
    name
        For reading.
    number
        The learning platform's.
    known_as
        All that a submission may be called by, compared without case.
    told
        What the columns say, by their names in lower case; empty ones are left out.
    """

    label: str
    name: str = ""
    number: str = ""
    known_as: frozenset[str] = frozenset()
    told: Mapping[str, str] = field(default_factory=dict, compare=False)


@dataclass(frozen=True)
class Roster:
    """The class, in the order of the file, and what its columns are called."""

    people: tuple[Person, ...] = ()
    columns: tuple[str, ...] = ()

    def matched(self, handed_in: Iterable[tuple[str, str]]) -> dict[str, Person]:
        """Return who handed in what: for pairs of a student and an LMS number, the person.

        A number counts more than a name; a name that two people bear identifies neither.
        """
        numbers = self._by(lambda person: {_key(person.number)} - {""})
        names = self._by(lambda person: person.known_as)
        found: dict[str, Person] = {}
        for student, lms in handed_in:
            person = numbers.get(_key(lms)) if lms else None
            person = person or names.get(_key(student)) or numbers.get(_key(student))
            # Moodle and Canvas: the name before the number.
            if person is None and lms and student.endswith(f"_{lms}"):
                person = names.get(_key(student.removesuffix(f"_{lms}")))
            if person:
                found[student] = person
        return found

    def _by(self, keys_of: Callable[[Person], Iterable[str]]) -> dict[str, Person]:
        found: dict[str, Person | None] = {}
        for person in self.people:
            for key in keys_of(person):
                found[key] = None if key in found else person
        return {key: person for key, person in found.items() if person}


def read(path: Path) -> Roster:
    """Read a roster.

    Raises
    ------
    RosterError
        If it cannot be read, or has no column that identifies people.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise RosterError(f"{path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise RosterError(f"{path} is not UTF-8; save it as CSV UTF-8") from error
    head = text.partition("\n")[0]
    delimiter = max(",;\t", key=head.count)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise RosterError(f"{path} is no CSV file: {error}") from error
    if not rows:
        raise RosterError(f"{path} is empty")
    columns = [column.strip().lower() for column in rows[0]]
    if not set(columns) & {*LABELS, *IDS, *NAMES}:
        raise RosterError(
            f"{path} has no column that says who somebody is; its first line must name one of "
            "student, username, login, email, id, name"
        )
    people: dict[str, Person] = {}
    for number, row in enumerate(rows[1:], 2):
        told = {c: v.strip() for c, v in zip(columns, row, strict=False) if v.strip()}
        person = _person(told)
        if person is None:
            continue
        if person.label in people:
            raise RosterError(f"{path}, line {number}: {person.label} stands there twice")
        people[person.label] = person
    if not people:
        raise RosterError(f"{path} names nobody")
    return Roster(tuple(people.values()), tuple(column.strip() for column in rows[0]))


def _person(told: Mapping[str, str]) -> Person | None:
    first, last = _first(told, FIRST), _first(told, LAST)
    name = _first(told, NAMES) or f"{first} {last}".strip()
    if name.lower() in NOBODY:
        return None
    number = _first(told, IDS).removeprefix("Participant ")
    label = _first(told, LABELS) or number or name
    if not label:
        return None
    reversed_name = " ".join(reversed(name.split(", "))) if ", " in name else ""
    # Canvas writes a name into file names as one lower-case word, the last name first.
    run_together = {"".join(c for c in n if c.isalnum()) for n in (name, f"{last}{first}")}
    known = {label, name, number, reversed_name, *run_together}
    known |= {told[column] for column in (*LABELS, *IDS) if column in told}
    return Person(label, name, number, frozenset(_key(each) for each in known) - {""}, told)


def _first(told: Mapping[str, str], columns: Sequence[str]) -> str:
    return next((told[column] for column in columns if column in told), "")


def _key(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())
