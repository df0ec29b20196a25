"""Is the gradient right: by the truth, or else by the learner's own forward."""

import math

import numpy as np

from grader.checks.check import Check, Finding
from grader.checks.trial import Result, Trial
from grader.checks.values import verdict
from grader.compare import as_number_array
from grader.report import Status
from grader.student.session import Step


def gradient_agrees(
    output: str, *, of: str = "loss", wrt: str | int = 0, weight: float = 3.0
) -> Check:
    """Check a gradient against the truth, and where the forward is wrong against the forward.

    A wrong forward with its matching gradient passes every finite difference, a right gradient of
    a wrong forward fails them all. So the truth is asked first. Where it says no and the forward is
    wrong as well, the gradient earns its marks if it is the derivative of that forward: along four
    random directions in each case, which miss an error of a thousandth with a probability below
    1e-11 (`numerics.differentiation.plan_projections`).

    Parameters
    ----------
    output
        The name of the gradient among the outputs.
    of
        The name of the output, a number, that it is the gradient of.
    wrt
        The place or the name of the argument that it is taken with respect to.
    weight
        Its share of the marks.
    """

    def run(trial: Trial) -> Finding:
        results = trial.results(trial.question.cases)
        by_truth = verdict(trial, results, only=output)
        if by_truth.status is not Status.FAILED:
            return by_truth
        forward = verdict(trial, results, only=of)
        if forward.status is Status.FAILED and _derives_from_own_forward(
            trial, results, output, wrt
        ):
            advice = f"{output} is the derivative of your {of}; it is the {of} that is wrong."
            return Finding(advice=advice)
        return by_truth

    return Check(f"{output}: is the derivative of the {of}", run, weight)


def _derives_from_own_forward(
    trial: Trial, results: list[Result], output: str, wrt: str | int
) -> bool:
    from numerics.differentiation import plan_projections  # noqa: PLC0415 - only after a failure

    names = [p.name for p in trial.question.parameters]
    place = names.index(wrt) if isinstance(wrt, str) else wrt
    confirmed = False
    for result in results:
        gradient = None if result.got is None else as_number_array(result.got[output])
        point = result.args[place]
        if gradient is None or gradient.shape != point.shape or point.dtype != np.float64:
            return False
        plan = plan_projections(point, trial.rng(f"directions/{result.case.label}"))
        steps = [
            Step(trial.question.function, _with(result.args, place, moved), send=(0,))
            for moved in plan.points
        ]
        values = []
        for outcome in trial.run(steps):
            named = trial.outputs_of(outcome)
            number = None if named is None else as_number_array(next(iter(named.values())))
            values.append(float(number) if number is not None and number.ndim == 0 else math.nan)
        judged = plan.judge(np.array(values), gradient)
        if judged.right is False:
            return False
        # Zero is the derivative of any constant: it shows nothing.
        confirmed = confirmed or (judged.right is True and bool(gradient.any()))
    return confirmed


def _with(args: tuple[object, ...], place: int, value: object) -> tuple[object, ...]:
    return (*args[:place], value, *args[place + 1 :])
