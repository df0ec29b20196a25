"""Advice on manners: inputs left alone, precision kept. No mark hangs on it."""

from typing import Any

import numpy as np

from grader.checks.calls import Call, leaves, rebuilt
from grader.checks.check import PASSED, Check, Finding, Role, Script
from grader.checks.paper import Paper
from grader.checks.trial import Trial


def keeps_inputs() -> Check:
    """Advise when a call changes its arguments, but for those that it may change.

    Those are the parameters that it updates, and those that it gives back and that are its own
    affair.
    """

    def run(trial: Trial) -> Finding:
        form = trial.question.form
        for result in trial.results(trial.question.few):
            if result.outcome.fault:
                return trial.fault(result.case, result.call, result.outcome.fault)
            changed = [
                parameter.name
                for parameter, before, after in zip(
                    form.parameters, result.args, result.outcome.after, strict=False
                )
                if parameter.name not in (*form.updates, *form.stays) and _changed(before, after)
            ]
            if changed:
                advice = (
                    f"The call changes {' and '.join(changed)}: whoever calls it finds other "
                    "numbers there afterwards. Work on a copy; x = x - 1 makes a new array, "
                    "x -= 1 does not."
                )
                return Finding(advice=advice, visibility=result.case.visibility)
        return PASSED

    return Check("keeps your inputs unchanged", run, role=Role.ADVICE)


def keeps_precision() -> Check:
    """Advise when float32 inputs give float64 arrays."""
    script = Script(_in_single_precision)

    def run(trial: Trial) -> Finding:
        case = trial.question.few[-1]
        (call,) = trial.paper.calls(script)
        (outcome,) = trial.outcomes(script)
        if outcome.fault:
            return trial.fault(case, call, outcome.fault)
        got = trial.outputs_of(call, outcome) or {}
        widened = [
            name
            for name, value in got.items()
            if any(
                isinstance(leaf, np.ndarray) and leaf.ndim and leaf.dtype == np.float64
                for leaf in leaves(value)
            )
        ]
        if widened:
            advice = (
                f"float32 inputs give a float64 {' and '.join(widened)}: twice the memory, and "
                "every later step widens as well. Look for arrays made without dtype=x.dtype."
            )
            return Finding(advice=advice)
        return PASSED

    return Check("float32 in, float32 out", run, role=Role.ADVICE, asks=[script])


def _in_single_precision(paper: Paper) -> list[Call]:
    def single(leaf: Any) -> Any:
        is_double = isinstance(leaf, np.ndarray) and leaf.dtype == np.float64
        return leaf.astype(np.float32) if is_double else leaf

    return [rebuilt(paper.call(paper.question.few[-1]), single)]


def _changed(before: Any, after: Any) -> bool:
    """Tell whether an argument is other than it was; what stayed over there cannot be told."""
    if isinstance(before, np.ndarray):
        same_kind = isinstance(after, np.ndarray) and after.dtype == before.dtype
        numbers = before.dtype.kind == "f"
        return not (same_kind and np.array_equal(before, after, equal_nan=numbers))
    if isinstance(before, dict):
        same_keys = isinstance(after, dict) and after.keys() == before.keys()
        return not same_keys or any(_changed(before[key], after[key]) for key in before)
    if isinstance(before, (list, tuple)):
        same_length = isinstance(after, (list, tuple)) and len(after) == len(before)
        return not same_length or any(map(_changed, before, after))
    if not isinstance(before, (int, float, str)):
        return False
    # What an array is compared with becomes one answer for each element.
    return not isinstance(after, (int, float, str, np.generic)) or bool(before != after)
