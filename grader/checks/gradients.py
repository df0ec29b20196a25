"""Is the gradient right: by the truth, or else by the learner's own forward."""

from grader.checks.check import Check, Finding
from grader.checks.derivatives import derives_from
from grader.checks.paper import top
from grader.checks.trial import Trial
from grader.checks.values import verdict
from grader.report import Status


def gradient_agrees(output: str, *, of: str = "loss", wrt: str = "", weight: float = 3.0) -> Check:
    """Check a gradient against the truth, and where the forward is wrong against the forward.

    A wrong forward with its matching gradient passes every finite difference, a right gradient of
    a wrong forward fails them all. So the truth is asked first. Where it says no and the forward is
    wrong as well, the gradient earns its marks if it is the derivative of that forward: along four
    random directions in each case, which miss an error of a thousandth with a probability below
    1e-11 (`numerics.differentiation.plan_projections`).

    For a backward pass (`Exercise.backward_of`) every check that compares values does so.

    Parameters
    ----------
    output
        The name of the gradient among the outputs.
    of
        What it is the gradient of: an output of the same call, a number.
    wrt
        The parameter that it is taken with respect to; by default its name without the `d`.
    weight
        Its share of the marks.
    """
    wrt = wrt or output.removeprefix("d")

    def run(trial: Trial) -> Finding:
        results = trial.results(trial.question.cases)
        by_truth = verdict(trial, results, only=output)
        if by_truth.status is not Status.FAILED or trial.question.backward_of:
            return by_truth
        forward = verdict(trial, results, only=of)
        if forward.status is not Status.FAILED or any(result.got is None for result in results):
            return by_truth
        names = dict.fromkeys(n for r in results for n in r.judged if top(n) == output)
        if names and all(derives_from(trial, results, name, of, wrt) for name in names):
            advice = f"{output} is the derivative of your {of}; it is the {of} that is wrong."
            return Finding(advice=advice)
        return by_truth

    title = f"{output}: is the derivative of the {of}"
    return Check(title, run, weight)
