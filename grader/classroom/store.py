"""What has been found, kept in a database that a killed run leaves whole.

Every submission's rows land in one transaction. A run that is started again finds which submissions
it has judged already: those whose content, whose questions and whose kit are the same.
"""

import contextlib
import itertools
import json
import sqlite3
import time
import zlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from grader.classroom.errors import ClassroomError
from grader.classroom.judging import Asked, Row, Verdict
from grader.classroom.roster import Person
from grader.classroom.similarity import LEAST_MARKS, LEAST_SHARE, PAIRS_SHOWN, Pair, as_numbers
from grader.classroom.submissions import HandedIn
from grader.version import __version__

SCHEMA = 2
DAMAGED = (sqlite3.Error, zlib.error, UnicodeDecodeError, json.JSONDecodeError)
FILE = "results.sqlite"
LOCK = "running.lock"
PATIENCE_SECONDS = 30.0
TABLES = """
CREATE TABLE runs (
    id INTEGER PRIMARY KEY, seed INTEGER NOT NULL, level TEXT NOT NULL, kit TEXT NOT NULL,
    fingerprint TEXT NOT NULL, asked TEXT NOT NULL, told TEXT NOT NULL,
    started TEXT NOT NULL, finished TEXT);
CREATE TABLE exercises (id TEXT PRIMARY KEY, position INTEGER NOT NULL, points REAL NOT NULL);
CREATE TABLE submissions (
    student TEXT PRIMARY KEY, page TEXT NOT NULL UNIQUE COLLATE NOCASE, run INTEGER NOT NULL,
    hash TEXT NOT NULL, fingerprint TEXT NOT NULL, graded TEXT NOT NULL, seconds REAL NOT NULL,
    lms TEXT NOT NULL, late INTEGER NOT NULL, handed_in REAL, refusal TEXT NOT NULL,
    refused TEXT NOT NULL, problems TEXT NOT NULL, printed TEXT NOT NULL, marks BLOB NOT NULL,
    gone INTEGER NOT NULL DEFAULT 0, written INTEGER NOT NULL DEFAULT 0);
CREATE TABLE files (
    student TEXT NOT NULL, name TEXT NOT NULL, content BLOB NOT NULL,
    PRIMARY KEY (student, name)) WITHOUT ROWID;
CREATE TABLE results (
    student TEXT NOT NULL, exercise TEXT NOT NULL, score REAL NOT NULL, max_score REAL NOT NULL,
    status TEXT NOT NULL, mistake TEXT NOT NULL, mistake_says TEXT NOT NULL, seconds REAL NOT NULL,
    report TEXT NOT NULL, seed INTEGER NOT NULL, level TEXT NOT NULL, kit TEXT NOT NULL,
    hash TEXT NOT NULL, graded TEXT NOT NULL, PRIMARY KEY (student, exercise));
CREATE TABLE overrides (
    id INTEGER PRIMARY KEY, student TEXT NOT NULL, exercise TEXT NOT NULL, points REAL NOT NULL,
    why TEXT NOT NULL, by TEXT NOT NULL, at TEXT NOT NULL);
CREATE TABLE roster (
    label TEXT PRIMARY KEY, position INTEGER NOT NULL, name TEXT NOT NULL, number TEXT NOT NULL,
    student TEXT, known_as TEXT NOT NULL DEFAULT '[]');
CREATE TABLE strays (name TEXT NOT NULL);
"""


class StoreError(ClassroomError):
    """The folder of results cannot be used; the message says why."""


class BusyError(StoreError):
    """Another run is at work in the folder."""


@dataclass(frozen=True)
class Run:
    """A run of `learnkit grade`; `told` is what its report says about the assignment."""

    id: int
    seed: int
    asked: Asked
    kit: str
    told: Mapping[str, Any]
    started: str
    finished: str


@dataclass(frozen=True)
class Kept:
    """A submission in the database.

    Parameters
    ----------
    page
        The name of its feedback, without the suffix.
    gone
        Whether it was no longer there when the class was last graded.
    """

    student: str
    page: str
    run: int
    hash: str
    graded: str
    seconds: float
    lms: str
    late: bool
    handed_in: float | None
    refusal: str
    refused: Mapping[str, str]
    problems: tuple[str, ...]
    printed: str
    gone: bool


@dataclass(frozen=True)
class Override:
    """Points that an instructor gave instead of the grader's."""

    student: str
    exercise: str
    points: float
    why: str
    by: str
    at: str


class Store:
    """The database of a class in a folder.

    Parameters
    ----------
    folder
        Where it is, or is made.
    create
        Whether to make it.

    Raises
    ------
    StoreError
        If there is none, or it is none of ours, or of a newer kit.
    """

    def __init__(self, folder: Path, *, create: bool = False) -> None:
        self.folder = folder
        path = folder / FILE
        try:
            if create:
                folder.mkdir(parents=True, exist_ok=True)
            elif not path.is_file():
                raise StoreError(f"{folder} holds no results of learnkit grade")
            self._db = sqlite3.connect(path, timeout=PATIENCE_SECONDS, isolation_level=None)
            self._db.row_factory = sqlite3.Row
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = NORMAL")
            self._prepare()
        except OSError as error:
            raise StoreError(f"{folder} cannot be used: {error.strerror}") from error
        except sqlite3.Error as error:
            raise StoreError(f"{path} cannot be used: {error}") from error

    def _prepare(self) -> None:
        with self.transaction():
            version = self._db.execute("PRAGMA user_version").fetchone()[0]
            tables = self._db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
            if version > SCHEMA:
                raise StoreError(f"{self.folder / FILE} is of a newer learnkit; upgrade this one")
            if version == 0 and tables:
                raise StoreError(f"{self.folder / FILE} is another program's database")
            if version == 0:
                for statement in TABLES.split(";")[:-1]:
                    self._db.execute(statement)
            if version == 1:
                column = "known_as TEXT NOT NULL DEFAULT '[]'"
                self._db.execute(f"ALTER TABLE roster ADD COLUMN {column}")
                self._db.execute("UPDATE roster SET known_as = json_array(label, name)")
            if version != SCHEMA:
                self._db.execute(f"PRAGMA user_version = {SCHEMA}")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _kind: object, error: BaseException | None, _place: object) -> None:
        self._db.close()
        if isinstance(error, DAMAGED):
            raise StoreError(
                f"the results in {self.folder} cannot be read or kept: {error}"
            ) from error
        if isinstance(error, OSError) and not isinstance(error, BrokenPipeError):
            place = error.filename2 or error.filename or self.folder
            raise StoreError(f"{place} cannot be used: {error.strerror or error}") from error

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """Write all that is written within, or nothing."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    @contextlib.contextmanager
    def alone(self, patience: float = 0.0) -> Iterator[None]:
        """Keep others from grading into the same folder; the system lets go when this one ends.

        Parameters
        ----------
        patience
            For how many seconds to wait for another one to end.

        Raises
        ------
        BusyError
            If another one is at work.
        """
        lock = sqlite3.connect(self.folder / LOCK, timeout=patience, isolation_level=None)
        try:
            try:
                lock.execute("BEGIN EXCLUSIVE")
            except sqlite3.OperationalError as error:
                raise BusyError(
                    f"another learnkit grade is at work in {self.folder}; wait for it to end"
                ) from error
            except sqlite3.DatabaseError as error:
                raise StoreError(f"{self.folder / LOCK} is damaged: remove it") from error
            yield
        finally:
            lock.close()

    # Runs.

    def begin(self, seed: int, asked: Asked, kit: str, told: Mapping[str, Any]) -> Run:
        """Note that a run begins."""
        before = self.last_run()
        with self.transaction():
            number = self._db.execute(
                "INSERT INTO runs (seed, level, kit, fingerprint, asked, told, started)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    seed,
                    asked.level.value,
                    kit,
                    fingerprint(asked, kit),
                    asked.to_json(),
                    json.dumps(dict(told)),
                    now(),
                ),
            ).lastrowid
            self._db.execute("DELETE FROM exercises")
            self._db.executemany(
                "INSERT INTO exercises VALUES (?, ?, ?)",
                [(name, i, asked.points[name]) for i, name in enumerate(asked.exercises)],
            )
            if not before or (before.asked, before.kit, before.told) != (asked, kit, dict(told)):
                self._db.execute("UPDATE submissions SET written = 0")
        assert number
        return self.run(number)

    def finish(self, run: Run) -> None:
        """Note that every submission has its verdict."""
        with self.transaction():
            self._db.execute("UPDATE runs SET finished = ? WHERE id = ?", (now(), run.id))

    def run(self, number: int) -> Run:
        """Return a run by its number."""
        return self._as_run(
            self._db.execute("SELECT * FROM runs WHERE id = ?", (number,)).fetchone()
        )

    def last_run(self) -> Run | None:
        """Return the run that began last."""
        row = self._db.execute("SELECT * FROM runs ORDER BY id DESC LIMIT 1").fetchone()
        return self._as_run(row) if row else None

    @staticmethod
    def _as_run(row: sqlite3.Row) -> Run:
        return Run(
            row["id"],
            row["seed"],
            Asked.from_json(row["asked"]),
            row["kit"],
            json.loads(row["told"]),
            row["started"],
            row["finished"] or "",
        )

    # Submissions.

    def is_judged(self, student: str, digest: str, asked: str) -> bool:
        """Tell whether this very content was judged by these very questions."""
        row = self._db.execute(
            "SELECT 1 FROM submissions WHERE student = ? AND hash = ? AND fingerprint = ?"
            " AND NOT EXISTS (SELECT 1 FROM results WHERE results.student = submissions.student"
            " AND status = 'grader_error')",
            (student, digest, asked),
        ).fetchone()
        return row is not None

    def record(self, run: Run, handed_in: HandedIn, verdict: Verdict, page: str) -> None:
        """Keep a verdict in place of an earlier one: all of it or, killed in between, nothing."""
        student, digest, graded = handed_in.student, handed_in.digest, now()
        with self.transaction():
            for table in ("submissions", "files", "results"):
                self._db.execute(f"DELETE FROM {table} WHERE student = ?", (student,))  # noqa: S608
            self._db.execute(
                "INSERT INTO submissions (student, page, run, hash, fingerprint, graded, seconds,"
                " lms, late, handed_in, refusal, refused, problems, printed, marks)"
                " VALUES (?, ?, ?, ?, (SELECT fingerprint FROM runs WHERE id = ?),"
                " ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    student,
                    self._free(page, student),
                    run.id,
                    digest,
                    run.id,
                    graded,
                    verdict.seconds,
                    handed_in.lms,
                    handed_in.late,
                    handed_in.when,
                    handed_in.refusal,
                    json.dumps(dict(handed_in.refused)),
                    json.dumps(verdict.problems),
                    json.dumps(verdict.printed),
                    verdict.marks,
                ),
            )
            self._db.executemany(
                "INSERT INTO files VALUES (?, ?, ?)",
                [(student, name, zlib.compress(d, 1)) for name, d in handed_in.files.items()],
            )
            stamp = (run.seed, verdict.isolation, __version__, digest, graded)
            self._db.executemany(
                f"INSERT INTO results VALUES ({', '.join('?' * 14)})",  # noqa: S608 - marks alone
                [(student, *_values(row), *stamp) for row in verdict.rows],
            )

    def _free(self, page: str, student: str) -> str:
        """Return a page's name that no other student has, case aside."""
        own = f"{page}-{zlib.crc32(student.encode()):08x}"
        names = itertools.chain([page, own], (f"{own}-{i}" for i in itertools.count(2)))
        taken = "SELECT 1 FROM submissions WHERE page = ?"
        return next(name for name in names if not self._db.execute(taken, (name,)).fetchone())

    def note_handed_in(self, handed_in: HandedIn) -> None:
        """Note when a submission that is kept was handed in, as far as that has changed."""
        told = (handed_in.lms, handed_in.late, handed_in.when)
        with self.transaction():
            self._db.execute(
                "UPDATE submissions SET lms = ?1, late = ?2, handed_in = ?3, written = 0"
                " WHERE student = ?4 AND (lms IS NOT ?1 OR late IS NOT ?2 OR handed_in IS NOT ?3)",
                (*told, handed_in.student),
            )

    def note_present(self, students: Sequence[str], strays: Sequence[str]) -> None:
        """Note whose submissions are there, and which files are nobody's."""
        with self.transaction():
            self._db.execute("CREATE TEMP TABLE IF NOT EXISTS present (student TEXT PRIMARY KEY)")
            self._db.execute("DELETE FROM present")
            self._db.executemany("INSERT INTO present VALUES (?)", [(s,) for s in students])
            self._db.execute(
                "UPDATE submissions SET gone = student NOT IN (SELECT student FROM present)"
            )
            self._db.execute("DELETE FROM strays")
            self._db.executemany("INSERT INTO strays VALUES (?)", [(s,) for s in strays])

    def students(self) -> list[str]:
        """Return whose submissions there are, in order."""
        found = self._db.execute("SELECT student FROM submissions ORDER BY student")
        return [row[0] for row in found]

    def submission(self, student: str) -> Kept | None:
        """Return one submission."""
        found = self._db.execute("SELECT * FROM submissions WHERE student = ?", (student,))
        row = found.fetchone()
        if row is None:
            return None
        told = {name: row[name] for name in Kept.__dataclass_fields__}
        told |= {name: json.loads(row[name]) for name in ("refused", "printed")}
        told["problems"] = tuple(json.loads(row["problems"]))
        told |= {name: bool(row[name]) for name in ("late", "gone")}
        return Kept(**told)

    def files(self, student: str) -> dict[str, bytes]:
        """Return what a student handed in, as it was judged."""
        found = self._db.execute("SELECT name, content FROM files WHERE student = ?", (student,))
        return {row["name"]: zlib.decompress(row["content"]) for row in found}

    def results(self, student: str, *, reports: bool = False) -> list[dict[str, Any]]:
        """Return the rows of a student in the order of the assignment, with the reports if asked."""
        report = "report, " if reports else ""
        found = self._db.execute(
            f"SELECT exercise, score, max_score, status, mistake, {report}results.seconds, seed,"  # noqa: S608
            " level, kit FROM results JOIN exercises ON exercises.id = results.exercise"
            " WHERE student = ? ORDER BY position",
            (student,),
        )
        return [dict(row) for row in found]

    def kept_results(self, student: str) -> dict[str, dict[str, Any]]:
        """Return score, status and mistake of a student by exercise, whatever is asked by now."""
        found = self._db.execute(
            "SELECT exercise, score, status, mistake FROM results WHERE student = ?", (student,)
        )
        return {row["exercise"]: dict(row) for row in found}

    def exercises(self) -> dict[str, float]:
        """Return the points of the exercises asked last, in order."""
        found = self._db.execute("SELECT id, points FROM exercises ORDER BY position")
        return {row["id"]: row["points"] for row in found}

    def strays(self) -> list[str]:
        """Return the files that are nobody's."""
        return [row[0] for row in self._db.execute("SELECT name FROM strays ORDER BY name")]

    def grader_errors(self) -> int:
        """Return on how many submissions the grader itself failed."""
        found = self._db.execute(
            "SELECT count(DISTINCT student) FROM results WHERE status = 'grader_error'"
        )
        return int(found.fetchone()[0])

    def unwritten(self, there: Collection[str]) -> set[str]:
        """Return whose feedback is older than what is known, or not among the pages there are."""
        found = self._db.execute("SELECT student, page, written FROM submissions")
        return {row[0] for row in found if not row["written"] or row["page"] not in there}

    def note_written(self, students: Sequence[str]) -> None:
        """Note whose feedback is up to date."""
        with self.transaction():
            self._db.executemany(
                "UPDATE submissions SET written = 1 WHERE student = ?", [(s,) for s in students]
            )

    # Overrides.

    def override(self, override: Override) -> None:
        """Keep an instructor's points; the latest counts, the earlier ones stay in the database."""
        with self.transaction():
            self._db.execute(
                "INSERT INTO overrides (student, exercise, points, why, by, at)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                tuple(vars(override).values()),
            )
            self._db.execute(
                "UPDATE submissions SET written = 0 WHERE student = ?", (override.student,)
            )

    def withdraw(self, names: Sequence[str], exercise: str) -> bool:
        """Take back an instructor's points, whichever name has them; tell if there were any."""
        with self.transaction():
            taken = 0
            for name in names:
                taken += self._db.execute(
                    "DELETE FROM overrides WHERE student = ? AND exercise = ?", (name, exercise)
                ).rowcount
                self._db.execute("UPDATE submissions SET written = 0 WHERE student = ?", (name,))
        return taken > 0

    def overrides(self, student: str) -> dict[str, Override]:
        """Return the overrides that count for a student, by exercise."""
        found = self._db.execute(
            "SELECT student, exercise, points, why, by, at FROM overrides"
            " WHERE student = ? ORDER BY id",
            (student,),
        )
        return {row["exercise"]: Override(*row) for row in found}

    def overridden(self) -> list[str]:
        """Return the students with overrides."""
        found = self._db.execute("SELECT DISTINCT student FROM overrides ORDER BY student")
        return [row[0] for row in found]

    # The roster.

    def note_roster(self, people: Sequence[Person], matched: Mapping[str, Person]) -> None:
        """Keep who is in the class, and who of them handed in what."""
        students = {person.label: student for student, person in matched.items()}
        rows = [
            (p.label, i, p.name, p.number, students.get(p.label), json.dumps(sorted(p.known_as)))
            for i, p in enumerate(people)
        ]
        with self.transaction():
            before = self._db.execute("SELECT * FROM roster ORDER BY position").fetchall()
            if [tuple(row) for row in before] == rows:
                return
            self._db.execute("UPDATE submissions SET written = 0")
            self._db.execute("DELETE FROM roster")
            self._db.executemany("INSERT INTO roster VALUES (?, ?, ?, ?, ?, ?)", rows)

    def roster(self) -> list[tuple[Person, str | None]]:
        """Return who is in the class, each with the student of their submission."""
        found = self._db.execute("SELECT * FROM roster ORDER BY position")
        people = []
        for row in found:
            known_as = frozenset(json.loads(row["known_as"]))
            person = Person(row["label"], row["name"], row["number"], known_as)
            people.append((person, row["student"]))
        return people

    # What the overview asks.

    def counts(self) -> Iterator[tuple[str, str, int, float]]:
        """Yield exercise, status, how many, and the mean share of the points."""
        yield from self._db.execute(
            "SELECT exercise, status, count(*), avg(CASE max_score WHEN 0 THEN 0.0"
            " ELSE score / max_score END) FROM results GROUP BY exercise, status"
        )

    def mistakes(self) -> Iterator[tuple[str, str, str, int]]:
        """Yield exercise, mistake, what it says, and by how many it was made."""
        yield from self._db.execute(
            "SELECT exercise, mistake, min(mistake_says), count(*) AS made FROM results"
            " WHERE mistake != '' GROUP BY exercise, mistake ORDER BY made DESC, exercise, mistake"
        )

    def slowest(self, most: int) -> list[tuple[str, float]]:
        """Return the students whose submissions took longest, with seconds."""
        found = self._db.execute(
            "SELECT student, seconds FROM submissions ORDER BY seconds DESC, student LIMIT ?",
            (most,),
        )
        return [(row[0], row[1]) for row in found]

    def timed_out(self) -> list[tuple[str, int]]:
        """Return the students with time-outs, and in how many exercises."""
        found = self._db.execute(
            "SELECT student, count(*) FROM results WHERE status = 'timeout'"
            " GROUP BY student ORDER BY 2 DESC, 1"
        )
        return [(row[0], row[1]) for row in found]

    def similar(self, most_holders: int) -> list[Pair]:
        """Return the pairs of submissions that share most marks of those that few have.

        Parameters
        ----------
        most_holders
            A mark that more students have says nothing.
        """
        self._db.execute("CREATE TEMP TABLE all_marks (mark INTEGER, student INTEGER)")
        self._db.execute("CREATE TEMP TABLE rare (mark INTEGER, student INTEGER)")
        try:
            self._db.execute("BEGIN")
            for row in self._db.execute("SELECT rowid, marks FROM submissions"):
                numbers = as_numbers(row["marks"])
                self._db.executemany(
                    "INSERT INTO all_marks VALUES (?, ?)", [(n, row["rowid"]) for n in numbers]
                )
            self._db.execute("CREATE INDEX by_mark ON all_marks (mark, student)")
            self._db.execute(
                "INSERT INTO rare SELECT mark, student FROM all_marks WHERE mark IN"
                " (SELECT mark FROM all_marks GROUP BY mark HAVING count(*) <= ?)",
                (most_holders,),
            )
            self._db.execute("CREATE INDEX rare_by_mark ON rare (mark, student)")
            self._db.execute("COMMIT")
            found = self._db.execute(
                "WITH held AS (SELECT student, count(*) AS marks FROM rare GROUP BY student)"
                " SELECT a.student, b.student, count(*) AS shared,"
                " 1.0 * count(*) / min((SELECT marks FROM held WHERE held.student = a.student),"
                " (SELECT marks FROM held WHERE held.student = b.student)) AS share"
                " FROM rare a JOIN rare b ON a.mark = b.mark AND a.student < b.student"
                " GROUP BY 1, 2 HAVING shared >= ? AND share >= ?"
                " ORDER BY share DESC, shared DESC LIMIT ?",
                (LEAST_MARKS, LEAST_SHARE, PAIRS_SHOWN),
            ).fetchall()
            names = dict(self._db.execute("SELECT rowid, student FROM submissions").fetchall())
        finally:
            self._db.execute("DROP TABLE all_marks")
            self._db.execute("DROP TABLE rare")
        return [
            Pair(*_in_order(names[left], names[right]), shared, share)
            for left, right, shared, share in found
        ]


def fingerprint(asked: Asked, kit: str) -> str:
    """Return what a verdict depends on besides the submission: the questions and the kit."""
    return f"{kit} {zlib.crc32(asked.to_json().encode()):08x}"


def now() -> str:
    """Return the time, in UTC."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


def _in_order(left: str, right: str) -> tuple[str, str]:
    return (left, right) if left <= right else (right, left)


def _values(row: Row) -> tuple[Any, ...]:
    return (
        row.exercise,
        row.score,
        row.max_score,
        row.status,
        row.mistake,
        row.mistake_says,
        row.seconds,
        row.report,
    )
