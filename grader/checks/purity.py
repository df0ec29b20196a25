"""Advice on manners: inputs left alone, precision kept. No mark hangs on it."""

from typing import Any

import numpy as np

from grader.checks.check import PASSED, Check, Finding, Role
from grader.checks.trial import Trial
from grader.student.session import Step


def keeps_inputs() -> Check:
    """Advise when a call changes its arguments."""

    def run(trial: Trial) -> Finding:
        cases = trial.question.few
        arguments = [trial.args(case) for case in cases]
        name = trial.question.function
        outcomes = trial.run([Step(name, args, send=(), after=True) for args in arguments])
        for case, args, outcome in zip(cases, arguments, outcomes, strict=True):
            if outcome.fault:
                return trial.fault(case, args, outcome.fault)
            changed = [
                parameter.name
                for parameter, before, after in zip(
                    trial.question.parameters, args, outcome.after, strict=False
                )
                if isinstance(before, np.ndarray) and not _identical(before, after)
            ]
            if changed:
                advice = (
                    f"The call changes {' and '.join(changed)}: whoever calls it finds other "
                    "numbers there afterwards. Work on a copy; x = x - 1 makes a new array, "
                    "x -= 1 does not."
                )
                return Finding(advice=advice, visibility=case.visibility)
        return PASSED

    return Check("keeps your inputs unchanged", run, role=Role.ADVICE)


def keeps_precision() -> Check:
    """Advise when float32 inputs give float64 arrays."""

    def run(trial: Trial) -> Finding:
        case = trial.question.few[-1]
        args = [_single(arg) for arg in trial.args(case)]
        (outcome,) = trial.run([Step(trial.question.function, tuple(args))])
        if outcome.fault:
            return trial.fault(case, args, outcome.fault)
        got = trial.outputs_of(outcome) or {}
        widened = [
            name
            for name, value in got.items()
            if isinstance(value, np.ndarray) and value.ndim and value.dtype == np.float64
        ]
        if widened:
            advice = (
                f"float32 inputs give a float64 {' and '.join(widened)}: twice the memory, and "
                "every later step widens as well. Look for arrays made without dtype=x.dtype."
            )
            return Finding(advice=advice)
        return PASSED

    return Check("float32 in, float32 out", run, role=Role.ADVICE)


def _single(arg: Any) -> Any:
    is_double = isinstance(arg, np.ndarray) and arg.dtype == np.float64
    return arg.astype(np.float32) if is_double else arg


def _identical(before: np.ndarray[Any, Any], after: Any) -> bool:
    same_kind = isinstance(after, np.ndarray) and after.dtype == before.dtype
    return bool(same_kind and np.array_equal(before, after, equal_nan=before.dtype.kind == "f"))
