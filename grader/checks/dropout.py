"""What must hold of dropout, forward and backward, whatever chance draws.

The mistakes that are named are those of the topic `regularisers`. `looks` is the number of
observations that a check makes, over which its probability of a false alarm is shared.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from grader.checks.calls import Call
from grader.checks.chance import is_exact_share, normal_below, out_of, tied_axis, wrong_rate
from grader.checks.properties import Problem
from grader.checks.statistics import binomial_tail, improbable
from grader.checks.trial import Result

Array = np.ndarray[Any, Any]


def left_alone(result: Result) -> Problem | None:
    """Find what mode "test" changed."""
    x, p = result.args[:2]
    out = out_of(result)
    if result.close(out, x):
        return None
    mistake = ""
    if result.close(out, x * (1 - p)):
        mistake = "scaled_at_test_time"
    elif (out == 0).any():
        mistake = "drops_at_test_time"
    return Problem(
        'In mode "test" out is not x.',
        expected=f"out = {np.array2string(x.ravel()[:4], precision=4)} ...",
        got=f"out = {np.array2string(out.ravel()[:4], precision=4)} ...",
        mistake=mistake,
    )


def survivors_scaled(result: Result) -> Problem | None:
    """Find a survivor that is not x / (1 - drop_prob)."""
    x, p = result.args[:2]
    out = out_of(result)
    kept_ones = out != 0
    x_there, there = x[kept_ones], out[kept_ones]
    if result.close(there, x_there / (1 - p)):
        return None
    factors = {"not_scaled": 1.0, "multiplied_by_keep": 1 - p}
    if p:
        factors |= {"scale_exchanged": 1 / p, "rescaled_by_the_draw": 1 / kept_ones.mean()}
    mistake = next((m for m, f in factors.items() if result.close(there, x_there * f)), "")
    ratios = there / x_there
    if not mistake and np.ptp(ratios) > 0.1 and ((ratios > 0) & (ratios < 1 / (1 - p))).all():
        mistake = "not_compared"
    place = int(np.argmax(~(np.abs(ratios * (1 - p) - 1) < 1e-6)))
    return Problem(
        f"With drop_prob {p:g} an element of {x_there[place]:.6g} became {there[place]:.6g}; it "
        f"should be 0, or {x_there[place]:.6g} / {1 - p:g} = {x_there[place] / (1 - p):.6g}.",
        expected=f"0 or {x_there[place] / (1 - p):.6g}",
        got=f"{there[place]:.6g}",
        mistake=mistake,
    )


def drop_rate(result: Result) -> Problem | None:
    """Find a wrong rate. Five cases with one look each."""
    p = result.args[1]
    return wrong_rate(
        "elements were dropped",
        out_of(result) == 0,
        p,
        looks=5,
        mistakes=[
            ("drop_and_keep_exchanged", 1 - p),
            ("half_fixed", 0.5),
            ("normal_for_uniform", normal_below(p)),
            ("normal_for_uniform", 1 - normal_below(1 - p)),
        ],
    )


def drawn_on_its_own(result: Result) -> Problem | None:
    """Find elements that go together. Five cases of one to three axes: ten looks."""
    dropped = out_of(result) == 0
    axis = tied_axis(dropped, result.args[1], looks=10)
    if axis is None:
        return None
    shared = dropped.any() and (dropped == np.take(dropped, [0], axis)).all()
    return Problem(
        f"Neighbours along axis {axis} are dropped together more often than chance would have it.",
        suggestion="Every element needs a draw of its own: a mask of the shape of x.",
        mistake="shared_mask" if shared else "",
    )


def share_of_dropped(results: Sequence[Result]) -> Problem | None:
    """Find that the same number is dropped every time. One look."""
    p = results[0].args[1]
    counts = [int((out_of(result) == 0).sum()) for result in results[:-1]]
    if not is_exact_share(counts, results[0].args[0].size, p):
        return None
    return Problem(
        f"In each of {len(counts)} calls exactly {counts[0]} of {results[0].args[0].size} elements "
        "were dropped; chance would vary.",
        suggestion="Each element has a draw of its own, whatever the others do.",
        mistake="exact_share",
    )


def forward_of(result: Result) -> tuple[Call, Array | None]:
    """Return the forward whose backward was called, and its `out`; None if that is no array."""
    call = next(call for call in result.terms.before if call.function)
    value = result.before[call].value
    out = value[0] if isinstance(value, (tuple, list)) and value else None
    if isinstance(out, np.ndarray) and out.shape == call.args[0].shape and out.dtype.kind in "iuf":
        return call, out.astype(np.float64)
    return call, None


def same_mask(result: Result) -> Problem | None:
    """Find a dx that is not dout times what this very forward multiplied x by."""
    forward, out = forward_of(result)
    x, p, mode = forward.args[:3]
    if out is None:
        return Problem("Your dropout_forward did not return (out, cache): begin there.")
    dout, dx = result.args[0], out_of(result)
    there = x != 0
    factor = np.divide(out, x, out=np.zeros(x.shape), where=there)
    if result.close(dx[there], (dout * factor)[there]):
        return passes_where_x_is_zero(result, factor[there])
    scale = 1.0 if mode == "test" else 1 / (1 - p)
    misses = np.where(there, np.nan_to_num(np.abs(dx - dout * factor), nan=np.inf), 0)
    place = tuple(int(i) for i in np.unravel_index(int(misses.argmax()), x.shape))
    seen = (
        f"The forward multiplied x{list(place)} by {factor[place]:.6g}, so dx{list(place)} should "
        f"be {dout[place]:.6g} * {factor[place]:.6g}; it is {dx[place]:.6g}."
    )
    expected, got = f"{dout[place] * factor[place]:.6g}", f"{dx[place]:.6g}"
    is_mask = result.close(np.where(np.abs(out) > 0, x * scale, 0), out)
    if not is_mask or (mode == "test" and not result.close(out, x)):
        says = "Your dropout_forward is not right yet either; begin with that one."
        return Problem(seen, expected, got, says)
    guesses = {
        "upstream_unchanged": dout,
        "upstream_ignored": factor,
        "not_scaled": dout * (factor > 0),
        "scaled_twice": dout * factor**2,
        "dropped_ones_only": dout * (factor == 0),
        "scaled_everywhere": dout * scale,
        "sign": -dout * factor,
        "divided_by_scale": dout * (factor > 0) / scale,
        "scale_exchanged": dout * (factor > 0) / (p or 1.0),
    }
    if mode == "test":
        return Problem(
            seen, expected, got, mistake="masked_at_test_time" if (dx == 0).any() else ""
        )
    known = (m for m, guess in guesses.items() if result.close(dx[there], guess[there]))
    other = result.close(np.where(dx != 0, dout * scale, 0), dx)
    return Problem(seen, expected, got, mistake=next(known, "another_mask" if other else ""))


def passes_where_x_is_zero(result: Result, factor: Array) -> Problem | None:
    """Find gradients lost where x is 0: such elements are kept as often as others. One look."""
    forward, _ = forward_of(result)
    x, p, mode = forward.args[:3]
    dout, dx = result.args[0], out_of(result)
    zeros = x == 0
    if mode == "test":
        fine, passed = result.close(dx[zeros], dout[zeros]), dx[zeros] != 0
    else:
        factors = np.where(dx[zeros] != 0, np.max(factor, initial=0.0), 0.0)
        fine, passed = result.close(dx[zeros], dout[zeros] * factors), factors != 0
        # Where the forward drops with another probability, that is told over there.
        usual = not improbable(binomial_tail(int((factor == 0).sum()), factor.size, p))
        rate = wrong_rate("gradients passed", passed, 1 - p, looks=1)
        fine = fine and (rate is None if usual else bool(passed.any()) or not zeros.any())
    if fine:
        return None
    return Problem(
        f"Where x is 0 (after a ReLU, say) {int(passed.sum())} of {int(zeros.sum())} gradients "
        "passed; those of the elements that were kept should.",
        suggestion="Take the mask from the cache, not from where out is 0.",
    )
