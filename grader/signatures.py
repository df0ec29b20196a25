"""What a difference shows by itself, whatever the exercise: a factor, an offset, a wrong shape."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]
Found = tuple[str, str]


@dataclass(frozen=True)
class Evidence:
    """One case: what one output is, and what it should be.

    Parameters
    ----------
    args
        The arguments by name.
    got
        What came back, None if that is no array of numbers.
    want
        The truth.
    same
        Tells whether two arrays are the same to this case's tolerance.
    """

    args: Mapping[str, Any]
    got: Array | None
    want: Array
    same: Callable[[Array, Array], bool]


def signature(output: str, evidence: Sequence[Evidence], truth: Callable[..., Any]) -> Found | None:
    """Return an id and a sentence for what all the evidence has in common, None for nothing.

    Parameters
    ----------
    output
        The name of the output.
    evidence
        Its values in every case.
    truth
        Computes the right outputs.
    """
    usable = [e for e in evidence if e.got is not None]
    if not usable or len(usable) < len(evidence):
        return None
    return (
        _shape(output, usable)
        or _factor(output, usable)
        or _offset(output, usable)
        or _single_precision(output, usable)
        or _wrong_axis(output, usable, truth)
        or _lines(output, usable)
    )


def _shape(output: str, evidence: Sequence[Evidence]) -> Found | None:
    off = [e for e in evidence if _got(e).shape != e.want.shape]
    if not off:
        turned = [e for e in evidence if e.want.ndim == 2]
        square = all(e.want.shape[0] == e.want.shape[1] for e in turned)
        if turned and not square or not turned:
            return None
        if all(e.same(_got(e).T, e.want) for e in turned):
            return "transposed", f"{output} is transposed: rows and columns are exchanged."
        return None
    first = off[0]
    shapes = f"shape {_got(first).shape} where {first.want.shape} was expected"
    if all(e.same(_got(e).T, e.want) for e in off):
        return "transposed", f"{output} is transposed: {shapes}."
    if all(_got(e).size == e.want.size for e in off) and all(
        e.same(_got(e).reshape(e.want.shape), e.want) for e in off
    ):
        return "shape", f"{output} holds the right values in the wrong shape: {shapes}."
    return None


def _factor(output: str, evidence: Sequence[Evidence]) -> Found | None:
    ratios = []
    for e in evidence:
        if not e.want.any() or not np.isfinite(_got(e)).all():
            continue
        ratio = float(np.vdot(e.want, _got(e)) / np.vdot(e.want, e.want))
        if not e.same(_got(e), ratio * e.want):
            return None
        ratios.append((e, ratio))
    if not ratios or all(math.isclose(r, 1, rel_tol=1e-7) for _, r in ratios):
        return None
    if all(abs(r) < 1e-12 for _, r in ratios):
        return "zero", f"{output} is zero everywhere."
    for says, value in _named_factors():
        if all(_close(value(e), r) for e, r in ratios):
            example, ratio = next(((e, r) for e, r in ratios if not _close(r, 1)), ratios[0])
            return "factor", (
                f"{output} is {ratio:.6g} times what it should be, and that is {says} "
                f"(shape {_first_array(example).shape})."
            )
    first = ratios[0][1]
    if all(_close(first, r) for _, r in ratios):
        return "factor", f"{output} is always {first:.6g} times what it should be."
    return None


def _close(left: float, right: float) -> bool:
    return math.isclose(left, right, rel_tol=1e-6)


def _named_factors() -> Iterator[tuple[str, Callable[[Evidence], float]]]:
    yield "the wrong sign", lambda _: -1.0
    yield "a factor of 2 too many", lambda _: 2.0
    yield "a factor of 2 missing", lambda _: 0.5
    yield "log 10: a logarithm to base 10 where the natural one is meant, or the reverse", lambda _: (
        math.log(10)
    )
    yield "1 / log 10: a logarithm to base 10 where the natural one is meant", lambda _: (
        1 / math.log(10)
    )
    yield "1 / log 2: a logarithm to base 2 where the natural one is meant", lambda _: (
        1 / math.log(2)
    )
    yield "the number of rows: a sum where a mean is meant", lambda e: _rows(e)
    yield "1 over the number of rows: divided by it once too often", lambda e: 1 / _rows(e)
    yield "the number of elements: a sum where a mean is meant", lambda e: _first_array(e).size
    yield "1 over the number of elements: divided by it once too often", lambda e: (
        1 / _first_array(e).size
    )
    yield "the number of columns", lambda e: _first_array(e).size / _rows(e)
    yield "1 over the number of columns: divided by it though only rows count", lambda e: (
        _rows(e) / _first_array(e).size
    )
    yield "minus the number of rows: a sum where a mean is meant, with the wrong sign", lambda e: (
        -_rows(e)
    )
    for power, says in ((1, "{}"), (-1, "1 / {}"), (2, "{} squared"), (-2, "1 / {} squared")):
        yield says.format("the temperature or its like, the number you are given"), (
            lambda e, power=power: _parameter(e) ** power  # type: ignore[misc]
        )


def _offset(output: str, evidence: Sequence[Evidence]) -> Found | None:
    if any(not np.isfinite(_got(e)).all() for e in evidence):
        return None
    offsets = [float((_got(e) - e.want).flat[0]) for e in evidence if e.want.size]
    first = offsets[0]
    if abs(first) < 1e-9 or len(evidence) < 2:
        return None
    if all(_close(first, o) for o in offsets) and all(
        e.same(_got(e), e.want + first) for e in evidence
    ):
        more = "more" if first > 0 else "less"
        return "offset", f"{output} is always {abs(first):.6g} {more} than it should be."
    return None


def _single_precision(output: str, evidence: Sequence[Evidence]) -> Found | None:
    for e in evidence:
        scale = float(np.abs(e.want).max(initial=0.0))
        with np.errstate(all="ignore"):
            off = float(np.abs(_got(e) - e.want).max(initial=0.0))
        if not off <= 1e-5 * scale:
            return None
    return "float32", (
        f"{output} is right to about seven digits only: something in between is float32 (or an "
        "epsilon was added) though the inputs are float64."
    )


def _wrong_axis(
    output: str, evidence: Sequence[Evidence], truth: Callable[..., Any]
) -> Found | None:
    tables = [e for e in evidence if e.want.ndim == 2 and min(e.want.shape) > 1]
    if not tables:
        return None
    for e in tables:
        args = [a.T if isinstance(a, np.ndarray) and a.ndim == 2 else a for a in e.args.values()]
        if any(isinstance(a, np.ndarray) and a.ndim != 2 for a in args):
            return None
        with np.errstate(all="ignore"):
            turned = np.asarray(truth(*args))
        if turned.shape != e.want.shape[::-1] or not e.same(_got(e), turned.T):
            return None
    return "axis", f"{output} is worked out along the wrong axis: rows where columns are meant."


def _lines(output: str, evidence: Sequence[Evidence]) -> Found | None:
    """Find the one row, or the one column, that alone is wrong in the largest array."""
    e = max(evidence, key=lambda e: e.want.size)
    got = _got(e)
    if got.shape != e.want.shape or got.ndim == 0 or len(got) < 3:
        return None
    for axis, what in enumerate(("row", "column")[: got.ndim]):
        size = got.shape[axis]
        wrong = [i for i in range(size) if not e.same(got.take(i, axis), e.want.take(i, axis))]
        if len(wrong) == 1 and size > 2:
            place = f"{what} {wrong[0]} of {size}" if got.ndim > 1 else f"element {wrong[0]} of {size}"
            return "one_line", f"In {output} only {place} is wrong (counted from 0)."
    return None


def _got(e: Evidence) -> Array:
    assert e.got is not None
    return e.got.astype(np.float64)


def _first_array(e: Evidence) -> Array:
    return next(a for a in e.args.values() if isinstance(a, np.ndarray))


def _rows(e: Evidence) -> int:
    return len(_first_array(e))


def _parameter(e: Evidence) -> float:
    numbers = [v for v in e.args.values() if isinstance(v, float)]
    return numbers[0] if numbers else math.nan
