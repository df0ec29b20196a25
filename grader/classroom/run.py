"""A class graded from end to end: find out what is to be done, do it, keep it, show it."""

import contextlib
import difflib
import functools
import hashlib
import math
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from grader.catalogue import Catalogue, Rooms
from grader.classroom import assignment, grades, roster
from grader.classroom.assignment import Assignment
from grader.classroom.batch import MakeExecutor, processes, verdicts
from grader.classroom.errors import ClassroomError
from grader.classroom.feedback import feedback
from grader.classroom.judging import Asked, Task, report_of, row_of
from grader.classroom.overview import overview
from grader.classroom.store import (
    PATIENCE_SECONDS,
    BusyError,
    Override,
    Run,
    Store,
    fingerprint,
    now,
)
from grader.classroom.submissions import Handed, HandedIn, Handins
from grader.report import LARGEST_SEED, ExerciseResult, Report
from grader.student.launch import launcher
from grader.student.limits import Level
from grader.version import __version__

FEEDBACK = "feedback"
GRADES, OVERVIEW = "grades.csv", "report.html"
WRITTEN_AT_ONCE = 200


class Course(Protocol):
    """A class of another system's, which knows its own assignment and where it was handed in."""

    @property
    def assignment(self) -> Assignment:
        """Return what is asked."""

    def handins(self) -> Handed:
        """Return what was handed in."""


@dataclass(frozen=True)
class Plan:
    """What `learnkit grade` was asked for; the parameters are its options."""

    submissions: Path
    out: Path
    catalogue: Catalogue
    topics: tuple[str, ...] = ()
    assignment: Path | None = None
    roster: Path | None = None
    only: str = ""
    jobs: int = 1
    level: Level = Level.STRICT
    seed: int | None = None
    force: bool = False
    seconds: float | None = None
    topics_from: tuple[Path, ...] = ()
    course: Course | None = None


@dataclass(frozen=True)
class Done:
    """What a run did.

    Parameters
    ----------
    graded, kept
        How many submissions were judged, and how many had been before.
    grader_failed
        On how many the grader itself failed.
    """

    run: Run
    graded: int
    kept: int
    grader_failed: int


@dataclass(frozen=True)
class Replayed:
    """A submission judged once more.

    Parameters
    ----------
    report
        What is found now.
    differences
        What was found otherwise before, a sentence for each exercise.
    """

    report: Report
    differences: tuple[str, ...]
    same_kit: bool


@dataclass(frozen=True)
class Given:
    """Points given by hand, or taken back.

    Parameters
    ----------
    student
        Whose, by the name of the submission if there is one.
    most
        What the exercise is worth.
    shown
        Whether the exports say so already.
    """

    student: str
    most: float
    shown: bool


Progress = Callable[[int, int, str], None]


def ready_here(plan: Plan) -> None:
    """Find out whether this machine has the level, before anything is begun."""
    launcher(plan.level).close()


def grade_class(
    plan: Plan,
    progress: Progress = lambda _done, _total, _student: None,
    make: MakeExecutor = processes,
    ready: Callable[[Plan], None] = ready_here,
) -> Done:
    """Grade a class.

    Parameters
    ----------
    plan
        What was asked for.
    progress
        Told after each submission: how many are graded, of how many that are not kept, and whose it
        was.
    make
        Makes the executor that submissions are judged in.
    ready
        Raises an error where that executor could not judge as asked.

    Raises
    ------
    ClassroomError, UnknownNameError
        If it cannot be done as asked.
    IsolationUnavailableError
        If the level cannot be had here.
    """
    given = _assignment(plan)
    people = roster.read(plan.roster).people if plan.roster else ()
    if _resolved(plan.out).is_relative_to(_resolved(plan.submissions)):
        raise ClassroomError(f"--out {plan.out} lies within the submissions; choose another folder")
    handins = plan.course.handins() if plan.course else Handins(plan.submissions, given.name)
    try:
        ready(plan)
        with Store(plan.out, create=True) as store, store.alone():
            return _graded(plan, given, handins, store, people=people, progress=progress, make=make)
    finally:
        handins.close()


def _graded(
    plan: Plan,
    given: Assignment,
    handins: Handed,
    store: Store,
    *,
    people: Sequence[roster.Person],
    progress: Progress,
    make: MakeExecutor,
) -> Done:
    students = _chosen(plan.only, handins, people or [person for person, _ in store.roster()])
    asked = _asked(plan, given)
    told = _told(given)
    _keep_what_was_asked(plan, store, asked, told, students)
    kit = kit_text(plan.topics_from)
    before = store.last_run()
    run = store.begin(_seed(plan, store), asked, kit, told)
    waiting: dict[str, HandedIn] = {}
    counts = {"kept": 0, "graded": 0}

    def tasks() -> Iterator[Task]:
        mark = fingerprint(asked, kit)
        for student in students:
            handed_in = handins.of(student)
            known = store.is_judged(student, handed_in.digest, mark)
            if known and not plan.force and plan.seed in {None, _seed_of(store, student)}:
                counts["kept"] += 1
                store.note_handed_in(handed_in)
                progress(counts["graded"], len(students) - counts["kept"], student)
                continue
            waiting[student] = handed_in
            files, refused = handed_in.files, handed_in.refused
            yield Task(student, files, refused, handed_in.refusal, asked, run.seed)

    for verdict in verdicts(tasks(), max(1, min(plan.jobs, len(students))), make):
        handed_in = waiting.pop(verdict.student)
        store.record(run, handed_in, verdict, grades.page_name(verdict.student))
        counts["graded"] += 1
        progress(counts["graded"], len(students) - counts["kept"], verdict.student)
    if not plan.only:
        store.note_present(handins.students, handins.strays)
    if people:
        store.note_roster(people, roster.Roster(tuple(people)).matched(_numbers(store)))
    # A run that was interrupted goes on with its seed: one student of it is not the rest.
    if not plan.only or not before or before.finished:
        store.finish(run)
    export(store)
    return Done(run, counts["graded"], counts["kept"], store.grader_errors())


def export(store: Store) -> None:
    """Write what is shown: `grades.csv`, `report.html`, and the feedback that has changed."""
    run = store.last_run()
    assert run
    folder = store.folder / FEEDBACK
    folder.mkdir(exist_ok=True)
    for leftover in (*store.folder.glob(grades.UNFINISHED), *folder.glob(grades.UNFINISHED)):
        leftover.unlink()  # of a run that was killed
    there = {path.stem for path in folder.glob("*.html")}
    waiting = store.unwritten(there)
    written: list[str] = []
    for standing in grades.standings(store, only=waiting):
        assert standing.kept
        page = folder / f"{standing.kept.page}.html"
        grades.replace_text(page, [feedback(standing, run)])
        written.append(standing.kept.student)
        if len(written) == WRITTEN_AT_ONCE:
            store.note_written(written)
            written.clear()
    store.note_written(written)
    grades.replace_text(store.folder / GRADES, grades.to_csv(store))
    grades.replace_text(store.folder / OVERVIEW, [overview(store, run)])


def replay(folder: Path, student: str) -> Replayed:
    """Judge again what a student handed in, as it was kept, with the seed and limits of then.

    Raises
    ------
    ClassroomError
        If there are no results, or none of that student.
    """
    with Store(folder) as store:
        kept = store.submission(_whose(student, store.students(), store.roster))
        assert kept
        run = store.run(kept.run)
        before = store.kept_results(kept.student)
        asked, files = run.asked, store.files(kept.student)
    start = launcher(asked.level)
    try:
        task = Task(kept.student, files, kept.refused, kept.refusal, asked, run.seed)
        report, _ = report_of(task, start)
    finally:
        start.close()
    differences = tuple(filter(None, (_difference(before, r) for r in report.exercises)))
    same_kit = run.kit == kit_text(tuple(Path(f) for f in asked.topics_from))
    return Replayed(report, differences, same_kit)


def _difference(before: Mapping[str, Mapping[str, Any]], result: ExerciseResult) -> str:
    """Say what is found otherwise than it was kept; nothing where it is the same."""
    then = before.get(result.id)
    if then is None:
        return f"{result.id}: nothing was kept of it"
    found = row_of(result)
    now = (found.score, found.status, found.mistake)
    if (then["score"], then["status"], then["mistake"]) == now:
        return ""
    parts = zip((then["status"], then["mistake"]), now[1:], strict=True)
    told = "".join(
        f", {a or 'no mistake'} then, {b or 'no mistake'} now" for a, b in parts if a != b
    )
    return f"{result.id}: {then['score']:g} points then, {found.score:g} now{told}"


def _resolved(path: Path) -> Path:
    try:
        return path.resolve()
    except (OSError, RuntimeError) as error:
        raise ClassroomError(f"{path} cannot be found: its links lead back to it") from error


def override(
    folder: Path, student: str, exercise: str, points: float, *, why: str, by: str = ""
) -> Given:
    """Give points by hand, instead of the grader's.

    Raises
    ------
    ClassroomError
        If there is no such student or exercise, or the points are none.
    """
    if not math.isfinite(points) or points < 0:
        raise ClassroomError(f"points must be 0 or more, got {points:g}")
    if not why.strip():
        raise ClassroomError("say why: --why TEXT")
    with _by_hand(folder, student, exercise) as (store, (name, *_), most):
        store.override(Override(name, exercise, points, why.strip(), by.strip(), now()))
        return Given(name, most, shown=_exported(store))


def withdraw(folder: Path, student: str, exercise: str) -> Given:
    """Take back the points that were given by hand: the grader's count again.

    Raises
    ------
    ClassroomError
        If there is no such student or exercise, or no points were given by hand.
    """
    with _by_hand(folder, student, exercise) as (store, names, most):
        if not store.withdraw(names, exercise):
            raise ClassroomError(f"{names[0]} was given no points by hand for {exercise}")
        return Given(names[0], most, shown=_exported(store))


@contextlib.contextmanager
def _by_hand(
    folder: Path, student: str, exercise: str
) -> Iterator[tuple[Store, Sequence[str], float]]:
    """Open results to change points in; yield a student's names and what the exercise is worth."""
    with Store(folder) as store:
        if store.last_run() is None:
            raise ClassroomError(f"{folder} holds no results yet")
        exercises = store.exercises()
        names = _names(student, store)
        yield store, names, exercises[_known(exercise, list(exercises), "exercise")]


def _exported(store: Store) -> bool:
    """Write what is shown, unless another run is at work: that one writes it when it ends."""
    try:
        with store.alone(PATIENCE_SECONDS):
            export(store)
    except BusyError:
        return False
    return True


def lines(folder: Path) -> Iterator[str]:
    """Yield a line of JSON for everybody."""
    with Store(folder) as store:
        yield from grades.to_json(store)


@functools.cache
def kit_text(folders: tuple[Path, ...] = ()) -> str:
    """Return the kit's version, and a hash of all its text that a verdict may hang on."""
    own = Rooms.own()
    grader = Path(__file__).resolve().parents[1]
    numerics, places = grader.parent / "numerics", [grader, own.solutions, own.exercises]
    places += [numerics, *(Path(folder) for folder in folders)]
    told = hashlib.sha256()
    for place in places:
        for path in sorted(place.rglob("*.py")):
            told.update(path.relative_to(place).as_posix().encode() + b"\0")
            told.update(hashlib.sha256(path.read_bytes()).digest())
    return f"{__version__} {told.hexdigest()[:16]}"


def _assignment(plan: Plan) -> Assignment:
    if plan.course:
        return plan.course.assignment
    if plan.assignment and plan.topics:
        raise ClassroomError("give --assignment or --topics, not both")
    if plan.assignment:
        return assignment.read(plan.assignment, plan.catalogue)
    return assignment.of_topics(plan.topics, plan.catalogue)


def _asked(plan: Plan, given: Assignment) -> Asked:
    limits = given.limits
    if plan.seconds is not None:
        limits = limits._replace(seconds=plan.seconds)
    return Asked(
        tuple(e.id for e in given.exercises),
        given.points,
        plan.level,
        limits,
        given.give_up_after,
        tuple(str(folder.resolve()) for folder in plan.topics_from),
    )


def _told(given: Assignment) -> dict[str, object]:
    return {
        "title": given.title,
        "due": given.due,
        "hidden": given.hidden,
        "hidden_exercises": sorted(given.hidden_exercises),
    }


def _keep_what_was_asked(
    plan: Plan,
    store: Store,
    asked: Asked,
    told: Mapping[str, object],
    students: Sequence[str],
) -> None:
    """Refuse to ask something else than before where nobody said so, or of one student alone.

    The grades of everybody would be replaced.

    Raises
    ------
    ClassroomError
        If that would happen; the message says what to type instead.
    """
    before = store.last_run()
    if before is None:
        return
    then = before.asked
    same = (then.exercises, then.points) == (asked.exercises, asked.points)
    named = plan.assignment or plan.topics or plan.course
    if not named and not (same and before.told == told):
        raise ClassroomError(
            f"{plan.out} was graded for something else than every exercise as it is declared: say "
            "what to ask with --assignment, --topics or --gradebook, or choose another --out"
        )
    if plan.only and not same and set(store.students()) - set(students):
        raise ClassroomError(
            f"the others in {plan.out} were graded for other exercises or points: leave out --only, "
            "or choose another --out"
        )


def _chosen(only: str, handins: Handed, people: Sequence[roster.Person]) -> list[str]:
    def members() -> Iterator[tuple[roster.Person, str | None]]:
        there = handins.students if people else []
        numbers = [(student, handins.of(student).lms) for student in there]
        students = {p: s for s, p in roster.Roster(tuple(people)).matched(numbers).items()}
        return ((person, students.get(person)) for person in people)

    return [_whose(only, handins.students, members)] if only else handins.students


def _whose(
    name: str,
    students: Sequence[str],
    members: Callable[[], Iterable[tuple[roster.Person, str | None]]],
) -> str:
    """Return the student whose submission is meant by its name, or by a name on the roster.

    Raises
    ------
    ClassroomError
        If nobody is called so, or whoever is has handed in nothing.
    """
    if name in students:
        return name
    on_roster = {person.label: student for person, student in members()}
    found = on_roster[_known(name, [*students, *on_roster])]
    if found is None:
        raise ClassroomError(f"{name} is on the roster and has handed in nothing")
    return found


def _names(name: str, store: Store) -> list[str]:
    """Return all names of a student: that of the submission before that on the roster.

    Raises
    ------
    ClassroomError
        If nobody is called so.
    """
    _known(name, grades.known_students(store))
    for person, student in store.roster():
        if student and name in {student, person.label}:
            return [student, person.label]
    return [name]


def _known(name: str, names: Sequence[str], kind: str = "student") -> str:
    if name not in names:
        wanted = name.casefold()
        within = [each for each in dict.fromkeys(names) if wanted in each.casefold()]
        within.sort(key=lambda each: not each.casefold().startswith(wanted))
        near = within[:3] or difflib.get_close_matches(name, names, n=3, cutoff=0.5)
        ask = f"; did you mean {' or '.join(near)}?" if near else ""
        raise ClassroomError(f'there is no {kind} "{name}" here{ask}')
    return name


def _seed(plan: Plan, store: Store) -> int:
    """Return the seed: the one asked for, that of a run that did not end, or a fresh one."""
    if plan.seed is not None:
        return plan.seed
    before = store.last_run()
    if before and not before.finished and not plan.force:
        return before.seed
    return secrets.randbelow(LARGEST_SEED + 1)


def _seed_of(store: Store, student: str) -> int | None:
    kept = store.submission(student)
    return store.run(kept.run).seed if kept else None


def _numbers(store: Store) -> Iterator[tuple[str, str]]:
    for student in store.students():
        kept = store.submission(student)
        if kept:
            yield student, kept.lms
