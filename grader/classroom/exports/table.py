"""What every export starts from: who has how many points of what, with a comment."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from grader.classroom import grades, roster
from grader.classroom.errors import ClassroomError
from grader.classroom.feedback import KeptBack, shown
from grader.classroom.grades import Mark, Standing, number_text
from grader.classroom.pages import STATUS_WORDS
from grader.classroom.roster import Person
from grader.classroom.store import Run, Store

TITLE = "learnkit"
NOTHING = json.dumps({"checks": [], "mistake": None})  # a report on what was not handed in


class ExportError(ClassroomError):
    """An export that cannot be made as asked; the message says what is missing."""


@dataclass(frozen=True)
class Column:
    """An assignment, and the points that can be reached in it."""

    title: str
    points: float


@dataclass(frozen=True)
class Entry:
    """One student's line.

    Parameters
    ----------
    student
        Who, as the results know them.
    scores
        For each column the points, or None where there is nothing to grade.
    comments
        For each column what the student may read beside the points.
    number
        The learning platform's, where it is known.
    told
        What else is known of the student, by a column's name in lower case.
    known_as
        All that the class's roster calls them.
    """

    student: str
    scores: tuple[float | None, ...]
    comments: tuple[str, ...]
    number: str = ""
    told: Mapping[str, str] | None = None
    known_as: frozenset[str] = frozenset()

    @property
    def is_graded(self) -> bool:
        """Tell whether there are points for anything."""
        return any(score is not None for score in self.scores)


@dataclass(frozen=True)
class Table:
    """The grades of a class.

    Parameters
    ----------
    notes
        What an instructor should know of them, in sentences.
    """

    columns: tuple[Column, ...]
    entries: tuple[Entry, ...]
    notes: tuple[str, ...] = ()

    def with_zeros(self) -> "Table":
        """Return it with 0 points wherever nothing was handed in."""
        entries = (replace(e, scores=tuple(s or 0.0 for s in e.scores)) for e in self.entries)
        return replace(self, entries=tuple(entries))


@dataclass(frozen=True)
class Sheet:
    """A file's lines, and what an instructor should know of them."""

    lines: tuple[str, ...]
    notes: tuple[str, ...] = ()


def table(store: Store, title: str = "", *, zeros: bool = False) -> Table:
    """Return what `learnkit grade` found, with the instructor's own points where there are some.

    Parameters
    ----------
    store
        The results.
    title
        What the assignment is called; empty for its own title.
    zeros
        Whether those who handed in nothing have 0 points; else they have none.

    Raises
    ------
    ExportError
        If there are no results yet.
    """
    run = finished(store)
    entries, failed = [], []
    for standing in grades.standings(store):
        if standing.is_open:
            failed.append(standing.student)
            continue
        entries.append(_entry(standing, run, store, zeros=zeros))
    notes = list(_unfinished(run))
    if failed:
        names = ", ".join(failed)
        notes.append(
            f"left out, since the grader failed on them: {names}; run learnkit grade again"
        )
    most = grades.added(store.exercises().values())
    column = Column(title or run.told.get("title") or TITLE, most)
    return Table((column,), tuple(entries), tuple(notes))


def finished(store: Store) -> Run:
    """Return the run whose results these are."""
    run = store.last_run()
    if run is None:
        raise ExportError(f"{store.folder} holds no results yet")
    return run


def matched(entries: Sequence[Entry], listing: roster.Roster) -> dict[Person, Entry]:
    """Return the entries by who they are in another system's listing.

    Who is not found by the submission's name or number is looked for by what the class's roster calls
    them, as far as it calls nobody else so.

    Raises
    ------
    ExportError
        If two of them are the same person there.
    """
    by_name = {entry.student: entry for entry in entries}
    pairs = [(entry.student, entry.number) for entry in entries]
    people = listing.matched(pairs)
    bearers = Counter(name for entry in entries for name in entry.known_as)
    for entry in entries:
        if entry.is_graded and entry.student not in people:
            own = [(name, "") for name in entry.known_as if bearers[name] == 1]
            those = set(listing.matched(own).values())
            if len(those) == 1:
                people[entry.student] = those.pop()
    found: dict[Person, Entry] = {}
    for student, person in people.items():
        if person in found:
            both = f"{found[person].student} and {student}"
            raise ExportError(f"{both} are both {person.label} there; leave one of them out")
        found[person] = by_name[student]
    return found


def strangers(entries: Sequence[Entry], found: Mapping[Person, Entry], where: Path) -> list[str]:
    """Return a sentence on those who have points and are not listed; none if all are."""
    listed = {entry.student for entry in found.values()}
    missing = [e.student for e in entries if e.is_graded and e.student not in listed]
    return [f"left out, since {where} does not list them: {', '.join(missing)}"] if missing else []


def exercises_told(standing: Standing, run: Run, store: Store) -> Iterator[dict[str, Any]]:
    """Yield what the student may know of each exercise, as the feedback pages tell it."""
    rows = store.results(standing.kept.student, reports=True) if standing.kept else []
    reports = {row["exercise"]: row for row in rows}
    kept_back = KeptBack.of(run)
    for mark in standing.marks:
        row = reports.get(mark.exercise, {"report": NOTHING, "seed": 0})
        now = {"exercise": mark.exercise, "status": mark.status, "score": mark.score}
        told = shown({**row, **now, "max_score": mark.max_score}, kept_back)
        yield {**told, "override": mark.override}


def _unfinished(run: Run) -> Iterator[str]:
    if not run.finished:
        yield "learnkit grade has not ended: not everybody is graded yet"


def _entry(standing: Standing, run: Run, store: Store, *, zeros: bool) -> Entry:
    person, kept = standing.person, standing.kept
    number = (person.number if person else "") or (kept.lms if kept else "")
    has_points = kept is not None or any(mark.override for mark in standing.marks) or zeros
    score = standing.score if has_points else None
    comment = ""
    if has_points:
        told = exercises_told(standing, run, store)
        pairs = zip(standing.marks, told, strict=True)
        comment = "\n".join(_comment(mark, each) for mark, each in pairs)
    known_as = person.known_as if person else frozenset()
    return Entry(standing.student, (score,), (comment,), number, known_as=known_as)


def _comment(mark: Mark, told: Mapping[str, Any]) -> str:
    """Return a line on one exercise, in which no word is the student's own."""
    points = f"{number_text(mark.score)} of {number_text(mark.max_score)}"
    words = [f"{mark.exercise}: {points}, {STATUS_WORDS[mark.status]}."]
    words += [each for each in (told["mistake"], told["hidden_told"]) if each]
    if mark.override:
        by = mark.override.by or "the instructor"
        words.append(f"Points given by {by}: {mark.override.why}")
    return " ".join(words)
