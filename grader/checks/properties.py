"""Checks of what must hold, where more than one result is right: random functions, splits, paths."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from grader.checks.check import PASSED, Case, Check, Finding
from grader.checks.trial import Result, Trial
from grader.report import Status


@dataclass(frozen=True)
class Problem:
    """What is wrong with a result.

    Parameters
    ----------
    message
        What was seen, in a sentence with its numbers.
    expected, got
        The two sides, for reading.
    suggestion
        What to try.
    mistake
        The id of the exercise's mistake that does this, where it can be told.
    """

    message: str
    expected: str = ""
    got: str = ""
    suggestion: str = ""
    mistake: str = ""


def holds(
    name: str,
    problem: Callable[[Result], Problem | None],
    cases: Sequence[Case] = (),
    *,
    weight: float = 1.0,
) -> Check:
    """Check something that must hold of each result.

    Parameters
    ----------
    name
        What holds, as the learner reads it.
    problem
        Returns what is wrong with a result, None if nothing is. The outputs have the kinds and
        the shapes that the truth's have.
    cases
        Where it must hold; by default on the exercise's cases.
    weight
        Its share of the marks.
    """

    def each(results: Sequence[Result]) -> tuple[Result, Problem] | None:
        found = ((result, problem(result)) for result in results)
        return next(((result, wrong) for result, wrong in found if wrong), None)

    return _check(name, each, cases, weight)


def holds_of_all(
    name: str,
    problem: Callable[[Sequence[Result]], Problem | None],
    cases: Sequence[Case] = (),
    *,
    weight: float = 1.0,
) -> Check:
    """Check something that must hold of all results together; the parameters are those of `holds`."""

    def together(results: Sequence[Result]) -> tuple[Result, Problem] | None:
        wrong = problem(results)
        return (results[-1], wrong) if wrong else None

    return _check(name, together, cases, weight)


def _check(
    name: str,
    look: Callable[[Sequence[Result]], tuple[Result, Problem] | None],
    cases: Sequence[Case],
    weight: float,
) -> Check:
    def run(trial: Trial) -> Finding:
        results = trial.results(cases or trial.question.cases)
        for result in results:
            finding = _of_the_right_kind(trial, result)
            if finding.status is not Status.PASSED:
                return finding
        found = look(results)
        if found is None:
            return PASSED
        result, wrong = found
        if wrong.mistake:
            trial.recognised.append(wrong.mistake)
        return Finding(
            Status.FAILED,
            wrong.message,
            called=trial.called(result.case, result.call),
            expected=wrong.expected,
            got=wrong.got,
            suggestion=wrong.suggestion,
            visibility=result.case.visibility,
        )

    return Check(name, run, weight, asks=cases)


def _of_the_right_kind(trial: Trial, result: Result) -> Finding:
    """Find what a property could not be asked of: no result, or one of another kind or shape."""
    if result.outcome.fault:
        return trial.fault(result.case, result.call, result.outcome.fault)
    called = trial.called(result.case, result.call)
    if result.got is None:
        message = f"It did not return ({', '.join(trial.question.form.returns)})."
        return Finding(Status.FAILED, message, called=called, visibility=result.case.visibility)
    for output in result.want:
        difference = result.difference(output)
        if difference and difference.kind != "values":
            return Finding(
                Status.FAILED,
                difference.message,
                called=called,
                expected=difference.expected,
                got=difference.got,
                visibility=result.case.visibility,
            )
    return PASSED
