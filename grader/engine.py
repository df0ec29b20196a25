"""Run an exercise's checks in order against a learner's function, and make the report."""

import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from grader.catalogue import Exercise
from grader.checks.check import Check, Finding, Role
from grader.checks.faults import fault_finding
from grader.checks.gates import gates
from grader.checks.trial import Trial
from grader.report import CheckResult, ExerciseResult, Report, Status
from grader.student.inside.absent import ENVIRONMENT
from grader.student.launch import Launcher
from grader.student.limits import Limits
from grader.student.session import Session
from grader.student.submission import Submission

LONGEST_TEXT = 4_000  # of what a check says; parameters and cells' errors may be many
# What a status of a check says of its exercise, in the order in which one outranks the other.
RANK = (
    Status.GRADER_ERROR,
    Status.TIMEOUT,
    Status.UNSOLVED,
    Status.MISSING,
    Status.ERROR,
    Status.FAILED,
)


def grade(
    exercises: Sequence[Exercise],
    submission: Submission,
    launcher: Launcher,
    limits: Limits,
    *,
    seed: int,
    only_present: bool = False,
) -> Report:
    """Judge a submission.

    Parameters
    ----------
    exercises
        What is asked, in order.
    submission
        The learner's modules.
    launcher, limits
        Where and within what they run.
    seed
        Decides all random arguments.
    only_present
        Leave out exercises whose function the submission does not have.
    """
    with Session(submission, launcher, limits) as session:
        asked = [e for e in exercises if not only_present or _present(e, session)]
        alone: dict[str, ExerciseResult] = {}
        found = {e.id: judge(e, session, seed, alone) for e in helpers_first(asked)}
        results = tuple(found[exercise.id] for exercise in asked)
        problems = _left_out(session) if asked else _why_nothing(exercises, session)
        return Report(seed, str(launcher.level), results, tuple(problems), session.printed)


def helpers_first(exercises: Sequence[Exercise]) -> list[Exercise]:
    """Return exercises in an order in which each comes after those that its answer may call.

    In no other order may they be judged in one session: a helper that is wrong is lent to whoever
    calls it, and what was learnt from it then must come too late for the helper's own marks. A
    forward comes before its backward, which it may excuse only if it was wrong by then.
    """
    ordered: dict[str, Exercise] = {}
    seen: set[str] = set()

    def add(exercise: Exercise) -> None:
        if exercise.id not in seen:
            seen.add(exercise.id)
            for earlier in (*exercise.helpers, *exercise.forward):
                add(earlier)
            ordered[exercise.id] = exercise

    for exercise in exercises:
        add(exercise)
    asked = {exercise.id for exercise in exercises}
    return [exercise for name, exercise in ordered.items() if name in asked]


def judge(
    exercise: Exercise,
    session: Session,
    seed: int,
    alone: dict[str, ExerciseResult] | None = None,
) -> ExerciseResult:
    """Judge one exercise; a failure of the grader's own is told as that.

    Parameters
    ----------
    alone
        What was found in this session of exercises without help, by id. What is found is added: a
        helper of several exercises is judged once, and a forward that was right before its backward
        was asked about cannot excuse it by being wrong now.
    """
    started = time.perf_counter()
    try:
        with np.errstate(all="ignore"):  # what a learner returns may hold any number
            result = _judge(exercise, session, seed, {} if alone is None else alone)
    except Exception as error:  # noqa: BLE001 - the grader's fault must not look like the learner's
        session.close()
        message = f"The grader failed ({type(error).__name__}: {error}); this is not your fault."
        check = CheckResult("the grader works", Status.GRADER_ERROR, message)
        result = ExerciseResult(
            exercise.id, Status.GRADER_ERROR, 0.0, exercise.points, None, (check,)
        )
    return result._replace(seconds=round(time.perf_counter() - started, 6))


def _judge(
    exercise: Exercise, session: Session, seed: int, alone: dict[str, ExerciseResult]
) -> ExerciseResult:
    submission = session.submission
    module = submission.module_for(exercise.topic.name)
    if module not in submission.modules:
        unreadable = submission.unreadable.get(module)
        status = Status.ERROR if unreadable else Status.MISSING
        message = unreadable or f"There is no {exercise.topic.name}.py there."
        suggestion = "" if unreadable else "learnkit init puts the stubs there."
        check = CheckResult("your file can be loaded", status, message, suggestion=suggestion)
        return ExerciseResult(exercise.id, status, 0.0, exercise.points, None, (check,))
    trial = Trial(exercise.paper(seed), session, module)
    trial.forward_was_right = _forward_was_right(exercise, alone)
    result = alone[exercise.id] = _run(exercise, trial)
    if result.status in {Status.PASSED, Status.MISSING} or not exercise.uses:
        return result
    return _with_right_helpers(exercise, trial, result, alone)


def _run(exercise: Exercise, trial: Trial, *, explain: bool = True) -> ExerciseResult:
    checks = [*gates(exercise.question), *exercise.checks]
    results = tuple(_results(checks, trial))
    total = sum(check.weight for check in checks)
    earned = sum(r.weight for r in results if r.status is Status.PASSED)
    blocked = {r.status for r in results if not r.advisory} - {Status.PASSED}
    status = next((s for s in RANK if s in blocked), Status.FAILED if blocked else Status.PASSED)
    score = exercise.points if status is Status.PASSED else _share(exercise.points, earned, total)
    mistake = None
    if explain and status in {Status.FAILED, Status.ERROR}:
        from grader.diagnosis import diagnose  # noqa: PLC0415 - a pass does not wait for it

        mistake = diagnose(exercise, trial)
    return ExerciseResult(exercise.id, status, score, exercise.points, mistake, results)


def _share(points: float, earned: float, total: float) -> float:
    return round(points * earned / total, 6) if total else 0.0


def _results(checks: Sequence[Check], trial: Trial) -> Iterator[CheckResult]:
    stopped = ""
    for check in checks:
        if stopped:
            yield CheckResult(
                check.name,
                Status.NOT_REACHED,
                stopped,
                weight=check.weight,
                advisory=check.role is Role.ADVICE,
            )
            continue
        finding = check.run(trial)
        if check.role is Role.ADVICE and finding.status is not Status.PASSED:
            # What it would advise on could not be looked at; the marks are decided elsewhere.
            finding = Finding(Status.NOT_REACHED, finding.message)
        yield CheckResult(
            check.name,
            finding.status,
            finding.message[:LONGEST_TEXT],
            finding.advice[:LONGEST_TEXT],
            finding.called[:LONGEST_TEXT],
            finding.expected[:LONGEST_TEXT],
            finding.got[:LONGEST_TEXT],
            finding.suggestion,
            check.weight,
            finding.visibility,
            advisory=check.role is Role.ADVICE,
        )
        if finding.stop:
            stopped = f'Not reached: "{check.name}" comes first.'


def _with_right_helpers(
    exercise: Exercise,
    trial: Trial,
    result: ExerciseResult,
    alone: dict[str, ExerciseResult],
) -> ExerciseResult:
    """Judge again with right answers in place of the earlier exercises that are wrong.

    Only an earlier exercise that fails its own checks is replaced, and only one that is called is
    blamed. The right answers run here and are called back: nothing of them enters the learner's
    process.
    """
    for helper in exercise.helpers:
        if helper.id not in alone:
            alone[helper.id] = _alone(helper, trial)
    wrong = [h for h in exercise.helpers if alone[h.id].status is not Status.PASSED]
    if not wrong:
        return result
    # What a forward keeps, its backward must understand: they are replaced together.
    pairs = {h.name for h in wrong} | {h.backward_of for h in wrong}
    replaced = [h for h in exercise.helpers if h.name in pairs or h.backward_of in pairs - {""}]
    called: list[str] = []
    helpers = {h.name: _noting(h.topic.truth(h.name), h.name, called) for h in replaced}
    with trial.session.substituting(helpers):
        again = _run(exercise, Trial(trial.paper, trial.session, trial.module))
    blamed = [helper.id for helper in wrong if helper.name in called]
    told_more = again.mistake is not None and result.mistake is None
    if not blamed or not (again.score > result.score or told_more):
        return result
    names = " and ".join(blamed)
    verb, place = ("is", "its") if len(blamed) == 1 else ("are", "their")
    one = "a right one" if len(blamed) == 1 else "right ones"
    advice = (
        f"It calls your {names}, which {verb} not right yet: judged with {one} in {place} place."
    )
    return again._replace(checks=(again.checks[0]._replace(advice=advice), *again.checks[1:]))


def _forward_was_right(exercise: Exercise, alone: dict[str, ExerciseResult]) -> bool:
    """Tell whether the forward gave right values in ordinary cases when it was judged itself."""
    judged = [forward for forward in exercise.forward if forward.id in alone]
    for forward in judged:
        results = alone[forward.id].checks[-len(forward.checks) :]
        pairs = [each for each in zip(forward.checks, results, strict=True) if each[0].weight]
        # Where chance decides, there may be none on the exercise's own cases.
        ordinary = [pair for pair in pairs if not pair[0].asks] or pairs
        if any(result.status is not Status.PASSED for _, result in ordinary):
            return False
    return bool(judged)


def _alone(exercise: Exercise, trial: Trial) -> ExerciseResult:
    module = trial.session.submission.module_for(exercise.topic.name)
    if module not in trial.session.submission.modules:
        module = trial.module  # one file that holds several topics
    own = Trial(exercise.paper(trial.paper.seed), trial.session, module)
    return _run(exercise, own, explain=False)


def _noting(truth: Callable[..., Any], name: str, called: list[str]) -> Callable[..., Any]:
    """Return the truth as a learner's process may call it: it notes that it was called."""

    def call(*args: Any, **kwargs: Any) -> Any:
        called.append(name)
        try:
            value = truth(*args, **kwargs)
        except (ArithmeticError, AttributeError, LookupError) as error:
            # A cache is not looked at before it is used, and here it comes from anywhere.
            raise TypeError(f"{name} cannot work on what it was given") from error
        single = any(isinstance(arg, np.ndarray) and arg.dtype == np.float32 for arg in args)
        if not single:
            return value
        # The truth is float64 always; advice on precision is about the learner's own code.
        parts = value if isinstance(value, tuple) else (value,)
        narrow = tuple(p.astype(np.float32) if isinstance(p, np.ndarray) else p for p in parts)
        return narrow if isinstance(value, tuple) else narrow[0]

    return call


def _present(exercise: Exercise, session: Session) -> bool:
    module = session.submission.module_for(exercise.topic.name)
    if module not in session.submission.modules:
        return False
    loaded = session.load(module)
    if loaded.fault:
        return exercise.name in session.submission.modules[module].mentioned
    return exercise.name in loaded.functions


def _left_out(session: Session) -> list[str]:
    """Say what of the modules was not run, since something that it needs is not here."""
    problems = [p for loaded in session.loaded.values() for p in loaded.problems]
    kinds = {kind.__name__ for kind in ENVIRONMENT}
    absent = [problem for problem in problems if not kinds.isdisjoint(problem.kinds)]
    said = (fault_finding(problem, "", session.limits).message for problem in absent)
    return [f"Left out, and the rest judged: {message}" for message in said]


def _why_nothing(exercises: Sequence[Exercise], session: Session) -> list[str]:
    """Say why a submission holds nothing that could be judged."""
    submission = session.submission
    said = list(submission.unreadable.values())
    for module in submission.modules:
        loaded = session.load(module)
        if module == submission.main:
            faults = [loaded.fault] if loaded.fault else loaded.problems
            said += [fault_finding(fault, "", session.limits).message for fault in faults]
    if said:
        return said
    files = ", ".join(source.file for source in submission.modules.values()) or "the submission"
    names = ", ".join(exercise.name for exercise in exercises[:3])
    return [f"{files} holds none of the exercises' functions ({names}, ...)."]
