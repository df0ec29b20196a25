"""Checks of what must hold, where more than one result is right: random functions, splits, paths."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from grader.checks.calls import Call
from grader.checks.check import PASSED, Case, Check, Finding, Role, Script
from grader.checks.trial import Result, Trial
from grader.report import Status


class Problem(NamedTuple):
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
    about
        The result that shows it, where all of them are looked at.
    """

    message: str
    expected: str = ""
    got: str = ""
    suggestion: str = ""
    mistake: str = ""
    about: Result | None = None


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
        the shapes that the truth's have, or the form that the case asks for instead.
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
        return (wrong.about or results[-1], wrong) if wrong else None

    return _check(name, together, cases, weight)


def advises(name: str, advice: Callable[[Result], str], cases: Sequence[Case]) -> Check:
    """Advise on what is right and could be better; no mark hangs on it.

    Parameters
    ----------
    name
        What the learner reads.
    advice
        Returns what to tell about a result, nothing if there is nothing to tell. The outputs are of
        the kinds and shapes that `holds` asks for.
    cases
        Where to look.
    """

    def run(trial: Trial) -> Finding:
        for result in trial.results(cases):
            finding = _of_the_right_kind(trial, result)
            if finding.status is not Status.PASSED:
                return finding
            told = advice(result)
            if told:
                return Finding(advice=told, visibility=result.case.visibility)
        return PASSED

    return Check(name, run, role=Role.ADVICE, asks=cases)


def achieves(
    name: str,
    problem: Callable[[np.random.Generator, Any], Problem | None],
    case: Case,
    *,
    weight: float = 1.0,
) -> Check:
    """Check what one long call leads to; the truth does not make it as well, nor does any mistake.

    Parameters
    ----------
    name
        What is achieved, as the learner reads it.
    problem
        Returns what is wrong with a returned value of the form that the case asks for, None if
        nothing is. It is given a generator in the state in which `case.build` is given it.
    case
        The call.
    weight
        Its share of the marks.
    """
    script = Script(lambda paper: [paper.asking(case.build(paper.rng(case.label)))])

    def run(trial: Trial) -> Finding:
        (call,), (outcome,) = trial.paper.calls(script), trial.outcomes(script)
        if outcome.fault:
            return trial.fault(case, call, outcome.fault)
        message = case.form_problem(outcome.value) if case.form_problem else ""
        wrong = Problem(message) if message else problem(trial.paper.rng(case.label), outcome.value)
        return _finding(trial, case, call, wrong)

    return Check(name, run, weight, asks=[script])


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
        with np.errstate(all="ignore"):  # the results may hold nan and inf
            found = look(results)
        if found is None:
            return PASSED
        result, wrong = found
        return _finding(trial, result.case, result.call, wrong)

    return Check(name, run, weight, asks=cases)


def _finding(trial: Trial, case: Case, call: Call, wrong: Problem | None) -> Finding:
    if wrong is None:
        return PASSED
    if wrong.mistake:
        trial.recognised.append(wrong.mistake)
    return Finding(
        Status.FAILED,
        wrong.message,
        called=trial.called(case, call),
        expected=wrong.expected,
        got=wrong.got,
        suggestion=wrong.suggestion,
        visibility=case.visibility,
    )


def _of_the_right_kind(trial: Trial, result: Result) -> Finding:
    """Find what a property could not be asked of: no result, or one of another kind or shape."""
    if result.outcome.fault:
        return trial.fault(result.case, result.call, result.outcome.fault)

    def failed(message: str, expected: str = "", got: str = "") -> Finding:
        called = trial.called(result.case, result.call)
        visibility = result.case.visibility
        return Finding(
            Status.FAILED,
            message,
            called=called,
            expected=expected,
            got=got,
            visibility=visibility,
        )

    if result.case.form_problem:
        return failed(result.form_problem) if result.form_problem else PASSED
    if result.got is None:
        return failed(f"It did not return ({', '.join(trial.question.form.returns)}).")
    for output, want in result.want.items():
        got = result.got[output]
        if isinstance(got, np.ndarray) and isinstance(want, np.ndarray) and _same_form(got, want):
            continue  # what it holds is looked at by the property
        difference = result.difference(output)
        if difference and difference.kind != "values":
            return failed(difference.message, difference.expected, difference.got)
    return PASSED


def _same_form(got: np.ndarray[Any, Any], want: np.ndarray[Any, Any]) -> bool:
    return got.shape == want.shape and got.dtype.kind in "iuf"
