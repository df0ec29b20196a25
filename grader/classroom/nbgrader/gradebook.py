"""The quick way: a class that nbgrader collected, graded all at once, and its gradebook filled in.

The assignment, its points and its cells are those of the gradebook; nothing of them is given twice.
What `nbgrader autograde` would write is written here, through nbgrader's own classes and in one
transaction: all of it, or nothing.
"""

import contextlib
import os
import sqlite3
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from grader.classroom import grades
from grader.classroom.assignment import Assignment
from grader.classroom.errors import ClassroomError
from grader.classroom.feedback import KeptBack, shown
from grader.classroom.grades import Standing
from grader.classroom.judging import catalogue_within
from grader.classroom.nbgrader import CONFIG, MISSING
from grader.classroom.nbgrader.names import solution_id
from grader.classroom.pages import STATUS_WORDS
from grader.classroom.store import Store
from grader.classroom.submissions import HandedIn

if TYPE_CHECKING:
    from nbformat import NotebookNode
    from nbgrader.api import Gradebook

    from grader.catalogue import Exercise
    from grader.classroom.nbgrader.cells import Known
    from grader.classroom.nbgrader.preprocessor import Judge

SUBMITTED = "submitted"
TIMESTAMP = "timestamp.txt"
NO_RESPONSE = "No response."
LONGEST_COMMENT = 2_000


class GradebookError(ClassroomError):
    """A gradebook that cannot be used as asked; the message says why."""


@dataclass(frozen=True)
class Written:
    """What stands in the gradebook now.

    Parameters
    ----------
    submissions
        How many.
    unknown
        Who handed in, and is no student of the gradebook's.
    """

    submissions: int
    unknown: tuple[str, ...]


@dataclass
class Collected:
    """An assignment in nbgrader's gradebook, and what nbgrader collected of it.

    Parameters
    ----------
    gradebook
        The database.
    place
        The folder that holds `STUDENT/ASSIGNMENT/NOTEBOOK.ipynb`.
    name
        The assignment's.
    assignment
        What is asked.
    notebooks
        What the gradebook knows of the cells, by notebook.
    tests
        Where the exercises stand: the notebook and its test cell.
    config
        nbgrader's configuration.
    judge
        The judge as it is configured: its level, limits and further topics.
    untouched
        For whoever was read, the notebooks and cells that are as they were handed out.
    """

    gradebook: Path
    place: Path
    name: str
    assignment: Assignment
    notebooks: Mapping[str, "Mapping[str, Known]"]
    tests: "Mapping[str, tuple[str, Known]]"
    config: Any
    judge: "Judge"
    untouched: dict[str, frozenset[tuple[str, str]]] = field(default_factory=dict)

    def handins(self) -> "CollectedHandins":
        """Return what was handed in."""
        return CollectedHandins(self)

    def write(self, out: Path) -> Written:
        """Write into the gradebook what has been found of everybody who was read.

        A score or comment that somebody gave by hand stays, as nbgrader lets it stay.

        Parameters
        ----------
        out
            The folder of results.
        """
        from sqlalchemy.exc import SQLAlchemyError  # noqa: PLC0415 - nbgrader's, and slow

        with Store(out) as store, _opened(self.gradebook) as gradebook:
            run = store.last_run()
            assert run
            kept_back = KeptBack.of(run)
            known = {student.id for student in gradebook.students}
            standings = list(grades.standings(store, only=self.untouched))
            try:
                with _at_once(gradebook):
                    written = 0
                    there = {s.student_id: s for s in gradebook.assignment_submissions(self.name)}
                    names = _cell_names(gradebook, self.name)
                    for each in standings:
                        if each.student in known and not each.is_open:
                            found = there.get(each.student)
                            self._write(gradebook, each, found, names, kept_back)
                            written += 1
            except SQLAlchemyError as error:
                raise GradebookError(
                    f"{self.gradebook} was left as it was, it cannot be written: {error}"
                ) from error
        graded = {each.student for each in standings}
        return Written(written, tuple(sorted(graded - known)))

    def _write(
        self,
        gradebook: "Gradebook",
        standing: Standing,
        submission: Any,
        names: Mapping[str, str],
        kept_back: KeptBack,
    ) -> None:
        student = standing.student
        folder = self.place / student / self.name
        if submission is None:
            submission = gradebook.add_submission(self.name, student)
        submission.timestamp = _timestamp(folder / TIMESTAMP) or submission.timestamp
        marks = {mark.exercise: mark for mark in standing.marks}
        by_test = {
            (notebook, cell.name): marks[name]
            for name, (notebook, cell) in self.tests.items()
            if name in marks
        }
        by_solution = {
            (self.tests[name][0], solution_id(name)): mark
            for name, mark in marks.items()
            if name in self.tests
        }
        untouched = self.untouched[student]
        for notebook in submission.notebooks:
            there = (folder / f"{notebook.name}.ipynb").exists()
            cells = self.notebooks[notebook.name]
            for grade in notebook.grades:
                name = names[grade.cell_id]
                key = (notebook.name, name)
                if key in by_test:
                    _give(grade, cells[name].score(by_test[key].score))
                elif not there or key in untouched:
                    _give(grade, 0.0)
                elif cells[name].grade:
                    _give(grade, None)
            for comment in notebook.comments:
                key = (notebook.name, names[comment.cell_id])
                mark = by_solution.get(key)
                if key in untouched:
                    comment.auto_comment = NO_RESPONSE
                else:
                    comment.auto_comment = _comment(mark, kept_back) if mark else None
        self._penalise(gradebook, submission)

    def _penalise(self, gradebook: "Gradebook", submission: Any) -> None:
        """Take off what the course's rule for late submissions says, as nbgrader does."""
        late = submission.total_seconds_late
        for notebook in submission.notebooks:
            notebook.late_submission_penalty = None
        if late <= 0:
            return
        from nbgrader.preprocessors import AssignLatePenalties  # noqa: PLC0415

        rule = AssignLatePenalties(config=self.config)
        rule.init_plugin()
        gradebook.db.flush()
        for notebook in submission.notebooks:
            gradebook.db.refresh(notebook, ["score"])
            score = notebook.score
            penalty = rule.plugin_inst.late_submission_penalty(submission.student.id, score, late)
            if penalty is not None:
                notebook.late_submission_penalty = min(max(float(penalty), 0.0), score)


class CollectedHandins:
    """What nbgrader collected of an assignment, student by student, each notebook put right."""

    def __init__(self, collected: Collected) -> None:
        self._collected = collected
        self.strays: list[str] = []
        self._students = sorted(
            each.name
            for each in os.scandir(collected.place)
            if not each.name.startswith(".")
            and any(Path(each.path, collected.name).glob("*.ipynb"))
        )
        if not self._students:
            raise GradebookError(
                f"nobody in {collected.place} has handed in a notebook of {collected.name}"
            )

    @property
    def students(self) -> list[str]:
        """Return who handed in, in order."""
        return self._students

    def close(self) -> None:
        """Do nothing: no file is kept open."""

    def of(self, student: str) -> HandedIn:
        """Read what one student handed in; what is wrong with it is told in the result."""
        from grader.classroom.nbgrader.cells import code_of, files_of, read, restored  # noqa: PLC0415

        collected = self._collected
        folder = collected.place / student / collected.name
        code: dict[str, list[str]] = {}
        names: dict[str, str] = {}
        told: dict[str, list[str]] = {}
        untouched: set[tuple[str, str]] = set()
        for name, known in collected.notebooks.items():
            topics = _topics(collected, name)
            path = folder / f"{name}.ipynb"
            if not path.exists():
                for topic in topics:
                    told.setdefault(topic, []).append(f"{name}.ipynb was not handed in.")
                continue
            notebook, problems = read(path)
            problems += restored(notebook, known)
            untouched |= {(name, each) for each in _untouched(notebook, known)}
            for topic in topics:
                code.setdefault(topic, []).extend(code_of(notebook, known))
                names[topic] = path.name
            for topic in topics[:1]:
                told.setdefault(topic, []).extend(problems)
        files, refused = files_of(code, names)
        for topic, sentences in told.items():
            file = f"{topic}.ipynb"
            if sentences:
                refused[file] = " ".join(filter(None, [refused.get(file), *sentences]))
        collected.untouched[student] = frozenset(untouched)
        when = _timestamp(folder / TIMESTAMP)
        return HandedIn(
            student, files, refused, when=when.replace(tzinfo=UTC).timestamp() if when else None
        )


def open_course(
    gradebook: Path, submissions: Path, name: str, folders: tuple[Path, ...] = ()
) -> Collected:
    """Find out what a gradebook asks, and where it was handed in.

    Parameters
    ----------
    gradebook
        nbgrader's database, `gradebook.db`.
    submissions
        The folder `submitted`, or the course's.
    name
        The assignment's; empty where one alone has been handed in.
    folders
        Where more topics come from, besides those in the course's `nbgrader_config.py`.

    Raises
    ------
    GradebookError
        If nbgrader is not installed, or there is no such gradebook, assignment or exercise.
    """
    try:
        from traitlets import TraitError  # noqa: PLC0415

        from grader.classroom.nbgrader.cells import known_cells, tests_of  # noqa: PLC0415
        from grader.classroom.nbgrader.preprocessor import Judge  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise GradebookError(MISSING) from error
    place = submissions / SUBMITTED if (submissions / SUBMITTED).is_dir() else submissions
    if not place.is_dir():
        raise GradebookError(f"there is no folder {submissions}")
    config = _configuration(gradebook.parent / CONFIG)
    try:
        judge = Judge(config=config)
    except TraitError as error:
        raise GradebookError(f"{gradebook.parent / CONFIG}: {error}") from error
    judge.topics_from = [*(str(folder.resolve()) for folder in folders), *judge.topics_from]
    catalogue = catalogue_within(tuple(judge.topics_from))
    with _opened(gradebook) as book:
        names = [each.name for each in book.assignments]
        name = _assignment_name(name, names, place, gradebook)
        found = book.find_assignment(name)
        notebooks = {
            each.name: known_cells(book, each.name, name)
            for each in sorted(found.notebooks, key=lambda each: str(each.name))
        }
        due = found.duedate
    tests: dict[Exercise, tuple[str, Known]] = {}
    for notebook, known in notebooks.items():
        for exercise, cell in tests_of(known.values(), catalogue).items():
            if exercise in tests:
                raise GradebookError(
                    f"{exercise.id} stands in two notebooks of {name}; grade it with nbgrader autograde"
                )
            tests[exercise] = (notebook, cell)
    if not tests:
        raise GradebookError(
            f"{name} has no test cells of learnkit's; learnkit nbgrader build makes notebooks with them"
        )
    kept_back = judge.kept_back
    asked = Assignment(
        tuple(tests),
        {exercise.id: cell.points for exercise, (_, cell) in tests.items()},
        title=name,
        name=name,
        due=due.replace(tzinfo=UTC).timestamp() if due else None,
        hidden=kept_back.kind,
        hidden_exercises=kept_back.exercises,
        limits=judge.limits,
        give_up_after=judge.give_up_after,
    )
    by_name = {exercise.id: where for exercise, where in tests.items()}
    return Collected(gradebook, place, name, asked, notebooks, by_name, config, judge)


def _assignment_name(name: str, names: Sequence[str], place: Path, gradebook: Path) -> str:
    if name and name not in names:
        known = ", ".join(names) or "none"
        raise GradebookError(
            f'{gradebook} has no assignment "{name}" (known: {known}); '
            f"run: nbgrader generate_assignment {name}"
        )
    if name:
        return name
    handed_in = [each for each in names if any(place.glob(f"*/{each}/*.ipynb"))]
    if len(handed_in) == 1:
        return handed_in[0]
    found = f"there are {', '.join(handed_in)}" if handed_in else "nothing was handed in yet"
    raise GradebookError(f"say which assignment with --assignment-name: {found}")


def _configuration(path: Path) -> Any:
    from traitlets.config import Config  # noqa: PLC0415
    from traitlets.config.loader import PyFileConfigLoader  # noqa: PLC0415

    if not path.is_file():
        return Config()
    try:
        return PyFileConfigLoader(path.name, path=str(path.parent.resolve())).load_config()
    except Exception as error:
        raise GradebookError(f"{path} cannot be read: {type(error).__name__}: {error}") from error


@contextlib.contextmanager
def _opened(path: Path) -> Iterator["Gradebook"]:
    """Open a gradebook that is there; nbgrader would make a new one."""
    from nbgrader.api import Gradebook  # noqa: PLC0415
    from sqlalchemy.exc import SQLAlchemyError  # noqa: PLC0415

    try:
        with contextlib.closing(
            sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
        ) as db:
            tables = {row[0] for row in db.execute("SELECT name FROM sqlite_master")}
    except sqlite3.Error as error:
        raise GradebookError(f"{path} is no gradebook that can be opened: {error}") from error
    if not {"assignment", "submitted_assignment", "grade"} <= tables:
        raise GradebookError(f"{path} is a database, but none of nbgrader's")
    try:
        book = Gradebook(f"sqlite:///{path.resolve()}")
    except SQLAlchemyError as error:
        raise GradebookError(
            f"{path} cannot be used: {error}. If nbgrader is newer: nbgrader db upgrade"
        ) from error
    with book:
        yield book


@contextlib.contextmanager
def _at_once(gradebook: "Gradebook") -> Iterator[None]:
    """Let all that nbgrader commits within land together at the end, or not at all."""
    from sqlalchemy.exc import SAWarning  # noqa: PLC0415

    session = gradebook.db()
    session.commit = lambda: None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SAWarning)  # on how nbgrader makes its objects
            with session.no_autoflush:
                yield
    except BaseException:
        session.rollback()
        raise
    finally:
        del session.commit
    session.commit()


def _cell_names(gradebook: "Gradebook", assignment: str) -> dict[str, str]:
    """Return the names of an assignment's cells by the ids that the database has for them."""
    return {
        cell.id: cell.name
        for notebook in gradebook.find_assignment(assignment).notebooks
        for cell in (*notebook.grade_cells, *notebook.solution_cells, *notebook.task_cells)
    }


def _topics(collected: Collected, notebook: str) -> list[str]:
    """Return the topics that a notebook holds exercises of."""
    here = [name for name, (where, _) in collected.tests.items() if where == notebook]
    return list(dict.fromkeys(name.partition(".")[0] for name in here))


def _untouched(notebook: "NotebookNode", known: "Mapping[str, Known]") -> Iterator[str]:
    """Yield the solution cells that are as they were handed out, as nbgrader finds them."""
    from nbgrader.utils import compute_checksum  # noqa: PLC0415

    for cell in notebook.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id")
        of_database = known.get(name)
        if of_database and of_database.solution and compute_checksum(cell) == of_database.checksum:
            yield of_database.name


def _timestamp(path: Path) -> datetime | None:
    """Return when nbgrader collected a submission, in UTC without saying so, as it keeps it."""
    from nbgrader.utils import parse_utc  # noqa: PLC0415

    try:
        text = path.read_text(encoding="utf-8").strip()
        found = parse_utc(text) if text else None
    except (OSError, ValueError, OverflowError):
        return None
    return found if isinstance(found, datetime) else None


def _give(grade: Any, score: float | None) -> None:
    """Give a score as nbgrader's SaveAutoGrades does; None waits for somebody to give one.

    Where somebody has given one, it is looked at again only if the score has changed.
    """
    if grade.manual_score is not None and grade.auto_score == score:
        return
    grade.auto_score = score
    grade.needs_manual_grade = score is None or grade.manual_score is not None


def _comment(mark: Any, kept_back: KeptBack) -> str | None:
    """Return what a student is told beside their solution, as Markdown that can do no harm.

    What may hold a student's own words is shown as it is, like code.
    """
    if mark.row is None:
        return None
    told = shown(mark.row, kept_back)
    said = [STATUS_WORDS[mark.status].capitalize() + "."]
    said += [told["hidden_told"]] if told["hidden_told"] else []
    if mark.override:
        said.append("The points were given by hand.")
    wrong = next((c for c in told["checks"] if c["status"] != "passed" and not c["advisory"]), None)
    details = [told["mistake"]] if told["mistake"] else []
    if wrong:
        details += [f"failed: {wrong['name']}", wrong["message"], wrong["suggestion"]]
    quoted = [f"    {line}" for each in details for line in each.splitlines() if line.strip()]
    return "\n".join([" ".join(said), "", *quoted])[:LONGEST_COMMENT].rstrip()
