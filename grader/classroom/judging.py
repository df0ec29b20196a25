"""One submission judged, in whatever process: bytes go in, rows for the database come out."""

import contextlib
import dataclasses
import functools
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.catalogue import Catalogue, Exercise
from grader.classroom.definitions import definitions_of
from grader.classroom.similarity import marks_of
from grader.engine import helpers_first, judge
from grader.report import CheckResult, ExerciseResult, Recognised, Report, Status
from grader.student.launch import Launcher, launcher
from grader.student.limits import Level, Limits
from grader.student.session import Fault, Loaded, Message, Outcome, Session, Step
from grader.student.submission import (
    Patience,
    Source,
    Submission,
    SubmissionError,
    notebook_cells,
    text_of,
)

ALWAYS = ("name", "status", "message", "advice")  # what a check's JSON holds even where it is empty
TRIES = 2  # of a submission whose process was killed, perhaps by somebody else
KILLED = -9  # the exit code of a process that signal 9 has ended
PATIENCE = 60  # time limits of one call: what all calls of a submission together may take
DEFAULTS = {n: v for n, v in CheckResult._field_defaults.items() if n not in ALWAYS}

_LAUNCHERS: dict[Level, Launcher] = {}  # of this process: each kept, with its warm server


@dataclass(frozen=True)
class Asked:
    """What is asked of everybody in a run, in a form that travels to any process.

    Parameters
    ----------
    exercises
        The ids, in order.
    points
        What each is worth.
    level
        Behind which walls the submissions run.
    limits
        What a submission may use.
    give_up_after
        So many exercises in a row that end in a time-out, and the rest is not tried.
    topics_from
        Folders with more topics.
    """

    exercises: tuple[str, ...]
    points: Mapping[str, float]
    level: Level
    limits: Limits
    give_up_after: int
    topics_from: tuple[str, ...] = ()

    def to_json(self) -> str:
        """Return all of it as JSON."""
        told = {**dataclasses.asdict(self), "limits": self.limits._asdict()}
        return json.dumps(told, sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> "Asked":
        """Return what `to_json` wrote."""
        told = json.loads(text)
        return cls(
            tuple(told["exercises"]),
            told["points"],
            Level(told["level"]),
            Limits(**told["limits"]),
            told["give_up_after"],
            tuple(told["topics_from"]),
        )


@dataclass(frozen=True)
class Task:
    """One submission to be judged.

    Parameters
    ----------
    student
        Whose it is.
    files
        The bytes of its files, by name.
    refused
        Why a file of that name was left out.
    refusal
        Why nothing of it is judged; empty if it is.
    asked
        What is asked.
    seed
        Decides all random arguments.
    """

    student: str
    files: Mapping[str, bytes]
    refused: Mapping[str, str]
    refusal: str
    asked: Asked
    seed: int


@dataclass(frozen=True)
class Row:
    """What was found of one exercise, as the database keeps it."""

    exercise: str
    status: str
    score: float
    max_score: float
    mistake: str
    mistake_says: str
    seconds: float
    report: str


@dataclass(frozen=True)
class Verdict:
    """What was found of one submission.

    Parameters
    ----------
    problems
        What is wrong with it as a whole.
    printed
        The beginning of what its code printed.
    marks
        Its fingerprints, for the search for similar ones.
    """

    student: str
    rows: tuple[Row, ...]
    problems: tuple[str, ...] = ()
    printed: str = ""
    seconds: float = 0.0
    marks: bytes = b""
    isolation: str = ""

    @property
    def grader_failed(self) -> bool:
        """Tell whether it is no verdict: the grader itself failed."""
        return any(row.status == Status.GRADER_ERROR for row in self.rows)


class PatientSession(Session):
    """A session that can be given up: what is asked then has timed out already.

    It gives itself up when its calls have taken `PATIENCE` time limits together: one that answers
    just in time would otherwise hold its process for hours. It notes whether its process was killed,
    by the system for want of memory perhaps.
    """

    given_up = ""
    killed = False
    _taken = _began = 0.0

    def _deadline(self) -> float:
        left = PATIENCE * self.limits.seconds - self._taken
        return min(super()._deadline(), self._began + left)

    def _ask(self, *question: Any) -> tuple[list[Outcome | Loaded], Fault | None]:
        self._began = time.monotonic()
        try:
            replies, fault = super()._ask(*question)
            self.killed |= bool(fault and fault.exit_code == KILLED)
            return replies, fault
        finally:
            self._taken += time.monotonic() - self._began
            if self._taken > PATIENCE * self.limits.seconds and not self.given_up:
                self.close()
                self.given_up = f"given up after {self._taken:.0f} s of answers just in time"

    def load(self, module: str) -> Loaded:
        """Load a module, as long as the submission is not given up."""
        if self.given_up:
            return Loaded({}, Fault("timeout", message=self.given_up))
        return super().load(module)

    def run(
        self,
        module: str,
        steps: Sequence[Step] | Message,
        callbacks: Mapping[str, Callable[..., Any]] | None = None,
    ) -> list[Outcome]:
        """Run steps, as long as the submission is not given up."""
        if self.given_up:
            length = steps.length if isinstance(steps, Message) else len(steps)
            return [Outcome(fault=Fault("timeout", message=self.given_up))] * length
        return super().run(module, steps, callbacks)


def judged(task: Task) -> Verdict:
    """Judge a submission with this process's own launcher and papers: both are kept for the next."""
    began = time.perf_counter()
    report, marks = report_of(task, _launcher(task.asked.level))
    rows = tuple(row_of(result) for result in report.exercises)
    seconds = round(time.perf_counter() - began, 6)
    return Verdict(
        task.student, rows, report.problems, report.printed, seconds, marks, report.isolation
    )


def report_of(task: Task, start: Launcher) -> tuple[Report, bytes]:
    """Return the full report on a submission, and its fingerprints."""
    exercises = catalogue_within(task.asked.topics_from).find(task.asked.exercises)
    problems = tuple(task.refused.values())
    if task.refusal:
        results = tuple(_refused(e, task.refusal) for e in exercises)
        report = Report(task.seed, str(task.asked.level), results, (task.refusal, *problems))
        return _worth(report, task.asked.points), b""
    submission = submission_of(task.files, task.refused, exercises)
    for _ in range(TRIES):
        report, killed = _report(task, submission, exercises, start)
        if not killed:
            break
    report = report._replace(problems=(*problems, *report.problems))
    return _worth(report, task.asked.points), marks_of(submission, exercises)


def _report(
    task: Task, submission: Submission, exercises: Sequence[Exercise], start: Launcher
) -> tuple[Report, bool]:
    """Return a report on what can be judged, and whether a process was killed meanwhile."""
    hung = 0
    found: dict[str, ExerciseResult] = {}
    alone: dict[str, ExerciseResult] = {}
    with contextlib.ExitStack() as stack:
        first = session = stack.enter_context(PatientSession(submission, start, task.asked.limits))
        freed, stuck = _freed(first, exercises)
        if stuck:
            session = stack.enter_context(PatientSession(freed, start, task.asked.limits))
        for exercise in helpers_first(exercises):
            result = found[exercise.id] = judge(exercise, session, task.seed, alone)
            hung = hung + 1 if result.status is Status.TIMEOUT else 0
            if hung == task.asked.give_up_after and not session.given_up:
                session.close()
                session.given_up = f"given up after {hung} exercises in a row without an answer"
    results = tuple(found[exercise.id] for exercise in exercises)
    report = Report(task.seed, str(start.level), results, stuck, session.printed)
    return report, first.killed or session.killed


def _freed(session: Session, exercises: Sequence[Exercise]) -> tuple[Submission, tuple[str, ...]]:
    """Return a submission of which every notebook can be loaded, and what was done to it.

    A cell that never ends, or that ends the program, would take all others with it. Such a notebook
    is judged by what its cells define.
    """
    submission = session.submission
    modules = dict(submission.modules)
    told = []
    for module in dict.fromkeys(submission.module_for(e.topic.name) for e in exercises):
        source = modules.get(module)
        if source is None or not source.file.lower().endswith(".ipynb"):
            continue
        fault = session.load(module).fault
        if fault and fault.kind in {"timeout", "died"}:
            modules[module] = definitions_of(source)
            told.append(
                f"The cells of {source.file} did not run to their end ({fault.message}): judged by "
                "the imports, functions and plain values in them."
            )
    return submission._replace(modules=modules), tuple(told)


def submission_of(
    files: Mapping[str, bytes], refused: Mapping[str, str], exercises: Sequence[Exercise]
) -> Submission:
    """Return files as modules: a topic's own file, or else the one that has most of its functions."""
    modules: dict[str, Source] = {}
    unreadable: dict[str, str] = {}
    patience = Patience()
    for name, data in files.items():
        module = _module_name(name)
        if module in modules:
            other = modules[module].file
            unreadable[module] = f"It is unclear which one counts: {other} or {name}."
            continue
        try:
            modules[module] = _source(name, data, patience)
        except SubmissionError as error:
            unreadable[module] = str(error)
    for module in unreadable:
        modules.pop(module, None)
    for name, reason in refused.items():
        if _module_name(name) not in modules:
            unreadable.setdefault(_module_name(name), reason)
    mentioned = {module: source.mentioned for module, source in modules.items()}
    renamed = {}
    for topic in dict.fromkeys(e.topic.name for e in exercises):
        if topic in modules or topic in unreadable:
            continue
        names = [e.name for e in exercises if e.topic.name == topic]
        counts = {m: sum(name in found for name in names) for m, found in mentioned.items()}
        best = max(counts, key=lambda m: counts[m], default="")
        if best and counts[best]:
            renamed[topic] = best
    return Submission(modules, None, unreadable, renamed)


def row_of(result: ExerciseResult) -> Row:
    """Return a result as the database keeps it."""
    mistake = result.mistake or Recognised("", "")
    return Row(
        result.id,
        result.status.value,
        result.score,
        result.max_score,
        mistake.id,
        mistake.message,
        result.seconds,
        _json_of(result),
    )


def failed(task: Task, why: str) -> Verdict:
    """Return what is noted where the grader itself failed on a submission."""
    message = f"The grader failed ({why}); this is not the student's fault."
    check = CheckResult("the grader works", Status.GRADER_ERROR, message)
    rows = tuple(
        row_of(ExerciseResult(name, Status.GRADER_ERROR, 0.0, points, None, (check,)))
        for name, points in ((n, task.asked.points[n]) for n in task.asked.exercises)
    )
    return Verdict(task.student, rows, (message,), isolation=str(task.asked.level))


def ready(level: Level) -> None:
    """Start this process's launcher of a level, so that what is missing is said at once.

    Raises
    ------
    IsolationUnavailableError
        If the level cannot be had here.
    """
    _launcher(level)


def close() -> None:
    """End what `ready` and `judged` started in this process."""
    while _LAUNCHERS:
        _LAUNCHERS.popitem()[1].close()


def _launcher(level: Level) -> Launcher:
    if level not in _LAUNCHERS:
        _LAUNCHERS[level] = launcher(level)
    return _LAUNCHERS[level]


@functools.cache
def catalogue_within(folders: tuple[str, ...]) -> Catalogue:
    """Return the topics within reach of this process, kept with their papers."""
    return Catalogue([Path(folder) for folder in folders])


def _refused(exercise: Exercise, why: str) -> ExerciseResult:
    check = CheckResult("your submission can be read", Status.ERROR, why)
    return ExerciseResult(exercise.id, Status.ERROR, 0.0, exercise.points, None, (check,))


def _worth(report: Report, points: Mapping[str, float]) -> Report:
    """Return a report in the points of the assignment."""

    def scaled(result: ExerciseResult) -> ExerciseResult:
        most = points[result.id]
        if most == result.max_score:
            return result
        share = result.score / result.max_score if result.max_score else 0.0
        score = most if share == 1 else round(most * share, 6)
        return result._replace(score=score, max_score=most)

    return report._replace(exercises=tuple(scaled(r) for r in report.exercises))


def _module_name(file: str) -> str:
    stem = file.rpartition(".")[0]
    if stem.isidentifier() and stem != "__main__":
        return stem
    return "submission_" + "".join(c if c.isascii() and c.isalnum() else "_" for c in stem)


def _source(name: str, data: bytes, patience: Patience) -> Source:
    text = text_of(data, name)
    if name.lower().endswith(".ipynb"):
        return Source(name, tuple(notebook_cells(text, name, patience)))
    return Source(name, (("", text),))


def _json_of(result: ExerciseResult) -> str:
    """Return a result as JSON; of a check, what is empty is left out."""
    told = result.to_dict()
    told["checks"] = [
        {k: v for k, v in check.items() if k in ALWAYS or v != DEFAULTS[k]}
        for check in told["checks"]
    ]
    return json.dumps(told, separators=(",", ":"))
