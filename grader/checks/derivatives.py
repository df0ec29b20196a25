"""Whether a gradient is the derivative of the learner's own forward, right or wrong."""

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from grader import compare
from grader.checks.calls import Call, Part, leaves
from grader.checks.paper import ABSENT, Outputs, flat, like, top
from grader.checks.trial import Result, Trial

ALL_BUT_ZERO = 1e-6
KEY = re.compile(r"\[([^\]]+)\]")


def is_derivative_of_own_forward(trial: Trial, result: Result, output: str) -> bool:
    """Tell whether a backward pass earns its marks though it disagrees with the truth.

    It does where the learner's own forward is wrong and the output is its derivative: in this case,
    and on the exercise's cases as well, where at least one derivative is not all but zero. A forward
    that was right when it was judged itself, and is wrong now, excuses nothing.

    Parameters
    ----------
    trial, result
        The case in question.
    output
        The gradient, by its flat name.
    """
    if trial.forward_was_right or not _forward_is_wrong(trial, result):
        return False
    cases = [r for r in trial.results(trial.question.cases) if _forward_is_wrong(trial, r)]
    found = [_agrees_with_forward(trial, each, output) for each in cases]
    if False in found or not _shown_somewhere(cases, found, output):
        return False
    if _overflows(trial, result):
        return True
    return _agrees_with_forward(trial, result, output) is not False


def derives_from(trial: Trial, results: Sequence[Result], output: str, of: str, wrt: str) -> bool:
    """Tell whether one output is the derivative of another of the same call, a number.

    Parameters
    ----------
    trial, results
        The cases to look at; those without the output are left out.
    output
        The gradient, by its flat name.
    of, wrt
        What it should be the derivative of, and with respect to which argument.
    """

    def value(named: Outputs) -> float:
        return _number(named.get(of, ABSENT))

    results = [result for result in results if output in result.judged]
    found = [_agrees(trial, r, output, forward=r.call, wrt=wrt, value=value) for r in results]
    return False not in found and _shown_somewhere(results, found, output)


def _shown_somewhere(results: Sequence[Result], found: Sequence[bool | None], output: str) -> bool:
    """Tell whether a derivative was confirmed; zero is that of any constant and shows nothing."""
    return any(
        right and result.got is not None and bool(np.any(np.abs(result.got[output]) > ALL_BUT_ZERO))
        for result, right in zip(results, found, strict=True)
    )


def _forward(trial: Trial, result: Result) -> Call | None:
    """Return the forward whose cache a backward is given: the one nearest to it."""
    taken = [result.call] if trial.question.backward_of else []
    while taken:
        found = leaves([[call.args, call.named] for call in taken])
        taken = list(dict.fromkeys(leaf.call for leaf in found if isinstance(leaf, Part)))
        for call in taken:
            if call.function == trial.question.backward_of:
                return call
    return None


def _forward_outputs(trial: Trial, result: Result) -> tuple[Outputs, Outputs] | None:
    """Return what the learner's forward gave in a case, and what is right."""
    call = _forward(trial, result)
    if call is None or not result.wanted.made:
        return None
    right = trial.paper.right_outputs(call, result.wanted.made[call])
    named = trial.outputs_of(call, result.before[call])
    return dict(like(named or {}, right)), dict(flat(right))


def _forward_is_wrong(trial: Trial, result: Result) -> bool:
    outputs = _forward_outputs(trial, result)
    if outputs is None:
        return False
    got, want = outputs
    return not all(
        compare.same(got[name], want[name], result.tolerance, result.scale) for name in want
    )


def _overflows(trial: Trial, result: Result) -> bool:
    got, _ = _forward_outputs(trial, result) or ({}, {})
    arrays = [compare.as_number_array(value) for value in got.values()]
    return any(a is not None and not np.isfinite(a).all() for a in arrays)


def _agrees_with_forward(trial: Trial, result: Result, output: str) -> bool | None:
    """Tell whether an output is the derivative of the learner's forward; asked once for each."""
    key = (result.call, output)
    if key not in trial.derivatives:
        trial.derivatives[key] = _derived(trial, result, output)
    return trial.derivatives[key]


def _derived(trial: Trial, result: Result, output: str) -> bool | None:
    call = _forward(trial, result)
    assert call is not None
    upstream = np.asarray(result.call.args[0])
    first = trial.question.form_of(call.function).shown[0]

    def value(named: Outputs) -> float:
        out = compare.as_number_array(named.get(first, ABSENT))
        fits = out is not None and out.shape == upstream.shape
        return float(np.sum(upstream * out)) if fits else math.nan

    wrt = output.removeprefix("d")
    return _agrees(trial, result, output, forward=call, wrt=wrt, value=value)


def _agrees(
    trial: Trial,
    result: Result,
    output: str,
    *,
    forward: Call,
    wrt: str,
    value: Callable[[Outputs], float],
) -> bool | None:
    """Compare a gradient with differences of a forward along random directions; None: cannot tell."""
    from numerics.differentiation import plan_projections  # noqa: PLC0415 - only after a failure

    gradient = None if result.got is None else compare.as_number_array(result.got[output])
    place = trial.question.form_of(forward.function).place(top(wrt))
    path = [place, *_path(output)]
    point = _at(forward.args, path)
    if gradient is None or not isinstance(point, np.ndarray) or gradient.shape != point.shape:
        return False
    if point.dtype != np.float64:
        return None
    plan = plan_projections(point, trial.paper.rng(f"directions/{result.case.label}/{output}"))
    moved = [replace(forward, args=_with(forward.args, path, x)) for x in plan.points]
    outcomes = trial.make(moved)
    given = [trial.outputs_of(c, o) or {} for c, o in zip(moved, outcomes, strict=True)]
    return plan.judge(np.array([value(named) for named in given]), gradient).right


def _path(output: str) -> list[int | str]:
    """Return the keys in a flat name: those of `grads['W1']` are `["W1"]`."""
    return [int(key) if key.isdecimal() else key.strip("'\"") for key in KEY.findall(output)]


def _at(nest: Any, path: Sequence[int | str]) -> Any:
    for key in path:
        nest = nest[key]
    return nest


def _with(nest: Any, path: Sequence[int | str], value: Any) -> Any:
    """Return a nest with one leaf replaced."""
    if not path:
        return value
    first, rest = path[0], path[1:]
    if isinstance(nest, dict):
        return {k: _with(v, rest, value) if k == first else v for k, v in nest.items()}
    changed = (_with(v, rest, value) if i == first else v for i, v in enumerate(nest))
    return type(nest)(changed)


def _number(value: Any) -> float:
    array = compare.as_number_array(value)
    return float(array) if array is not None and array.ndim == 0 else math.nan
