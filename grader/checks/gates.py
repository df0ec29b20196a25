"""What must hold before anything else can be asked: a file, a function, a result of the right kind."""

import numpy as np

from grader import compare
from grader.checks.calls import in_order
from grader.checks.check import PASSED, Check, Finding, Role
from grader.checks.faults import fault_finding
from grader.checks.paper import Question
from grader.checks.trial import Result, Trial
from grader.report import Status
from grader.student.session import Loaded

PROBLEMS_TOLD = 3


def gates(question: Question) -> list[Check]:
    """Return the gates of an exercise, in the order in which they are run."""
    return [
        Check("your file can be loaded", _can_be_loaded, role=Role.GATE),
        Check(f"can be called as {signature(question)}", _can_be_called, role=Role.GATE),
        Check("runs on a small example", _runs, role=Role.GATE),
        Check(f"returns {_returns(question)}", _returns_the_right_kinds, role=Role.GATE),
    ]


def signature(question: Question) -> str:
    """Return the call for reading: `softmax(x, temperature=...)`."""
    parameters = question.form.parameters
    shown = [f"{p.name}=..." if p.has_default else p.name for p in parameters]
    if any(p.named_only for p in parameters):
        shown.insert([p.named_only for p in parameters].index(True), "*")
    return f"{question.function}({', '.join(shown)})"


def _returns(question: Question) -> str:
    names = question.form.returns
    return f"({', '.join(names)})" if len(names) > 1 else f"{names[0]}"


def _can_be_loaded(trial: Trial) -> Finding:
    loaded = trial.session.load(trial.module)
    if loaded.fault:
        finding = fault_finding(loaded.fault, trial.question.id, trial.session.limits)
        status = Status.ERROR if finding.status is Status.UNSOLVED else finding.status
        said = f"Loading your file failed. {finding.message}"
        return Finding(status, said, suggestion=finding.suggestion, stop=True)
    return PASSED


def _can_be_called(trial: Trial) -> Finding:
    loaded = trial.session.load(trial.module)
    question = trial.question
    if question.function not in loaded.functions:
        message = f"There is no function {question.function} in your file.{_raised(loaded)}"
        suggestion = f"Define it as: def {signature(question)}"
        return Finding(Status.MISSING, message, suggestion=suggestion, stop=True)
    needed = {call.function for call in in_order(trial.paper.calls(question.cases[0]))} - {""}
    absent = sorted(needed - set(loaded.functions))
    if absent:
        message = f"It is tried together with your {absent[0]}, and there is none in your file."
        return Finding(Status.MISSING, message, suggestion=f"Write {absent[0]} first.", stop=True)
    parameters = loaded.functions[question.function]
    if parameters is None:
        return PASSED
    positional = [p for p in parameters if p[1] in {"POSITIONAL_ONLY", "POSITIONAL_OR_KEYWORD"}]
    required = sum(not has_default for _, _, has_default in positional)
    most = np.inf if any(p[1] == "VAR_POSITIONAL" for p in parameters) else len(positional)
    asked = [p for p in question.form.parameters if not p.named_only]
    given_by_name = {p.name for p in question.form.parameters if p.named_only}
    required_names = {p[0] for p in parameters if p[1] == "KEYWORD_ONLY" and not p[2]}
    known_names = {p[0] for p in parameters if p[1] in {"KEYWORD_ONLY", "POSITIONAL_OR_KEYWORD"}}
    if any(p[1] == "VAR_KEYWORD" for p in parameters):
        known_names |= given_by_name
    positional_by_name = sum(p[0] in given_by_name and not p[2] for p in positional)
    fewest_given = sum(not p.has_default for p in asked)
    if (
        required - positional_by_name > fewest_given
        or most < len(asked)
        or not required_names <= given_by_name <= known_names
    ):
        stars = {"VAR_POSITIONAL": "*", "VAR_KEYWORD": "**"}
        shown = ", ".join(stars.get(kind, "") + name for name, kind, _ in parameters)
        first_named = next((n for n, kind, _ in parameters if kind == "KEYWORD_ONLY"), None)
        if first_named and "VAR_POSITIONAL" not in {kind for _, kind, _ in parameters}:
            shown = shown.replace(first_named, f"*, {first_named}", 1)
        return Finding(
            Status.FAILED,
            f"It is written {question.function}({shown}); "
            f"it must be possible to call it as {signature(question)}.",
            suggestion="Keep the stub's parameters, in its order; the names are yours to choose.",
            stop=True,
        )
    return PASSED


def _runs(trial: Trial) -> Finding:
    (result,) = trial.results(trial.question.cases[:1])
    fault = result.outcome.fault
    if fault:
        finding = fault_finding(fault, trial.question.id, trial.session.limits)
        loaded = trial.session.load(trial.module)
        if "NameError" in fault.kinds and loaded.problems:
            # What would have given it its meaning was perhaps not run.
            finding = finding._replace(message=finding.message + _raised(loaded), suggestion="")
        return finding._replace(called=trial.called(result.case, result.call), stop=True)
    return PASSED


def _raised(loaded: Loaded) -> str:
    """Return what was raised while a module was loaded, in words to add to others."""
    told = [f" ({p.file} raised {p.type}: {p.message})" for p in loaded.problems[:PROBLEMS_TOLD]]
    more = len(loaded.problems) - len(told)
    return "".join(told) + (f" ({more} more places raised something)" if more > 0 else "")


def _returns_the_right_kinds(trial: Trial) -> Finding:
    (result,) = trial.results(trial.question.cases[:1])
    if result.case.form_problem:
        if not result.form_problem:
            return PASSED
        called = trial.called(result.case, result.call)
        return Finding(Status.FAILED, result.form_problem, called=called, stop=True)
    if result.got is None:
        returned = compare.describe(result.outcome.value)
        return Finding(
            Status.FAILED,
            f"It returned {returned}; {len(trial.question.form.returns)} values were expected: "
            f"{_returns(trial.question)}.",
            called=trial.called(result.case, result.call),
            expected=_returns(trial.question),
            got=returned,
            suggestion=f"End the function with: return {', '.join(trial.question.form.returns)}",
            stop=True,
        )
    for output in result.judged or result.want:
        difference = result.difference(output)
        if difference and difference.kind != "values":
            return Finding(
                Status.FAILED,
                difference.message,
                called=trial.called(result.case, result.call),
                expected=difference.expected,
                got=difference.got,
                suggestion=_kind_suggestion(trial, result, output),
                stop=all(compare.as_number_array(v) is None for v in result.got.values()),
            )
    return PASSED


def _kind_suggestion(trial: Trial, result: Result, output: str) -> str:
    assert result.got is not None
    got = result.got[output]
    shapes = {name: np.shape(want) for name, want in result.want.items()}
    arrays = [compare.as_number_array(value) for value in result.got.values()]
    backwards = [None if array is None else array.shape for array in reversed(arrays)]
    if len(set(shapes.values())) > 1 and backwards == list(shapes.values()):
        return (
            f"The results are in the wrong order: return {', '.join(trial.question.form.returns)}."
        )
    if got is None and len(trial.question.form.returns) > 1:
        return f"Nothing was put into {output} before the return: is it computed, and by this name?"
    if got is None:
        return "Is there a return at the end of every way through the function?"
    if isinstance(got, (list, tuple)):
        return "np.array(...) makes an array of it."
    return ""
