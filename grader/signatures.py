"""What a difference shows by itself, whatever the exercise: a factor, an offset, a wrong shape."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]
Found = tuple[str, str]
Truth = Callable[..., Any]  # the right value of one output


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
    label
        What is special about the case.
    """

    args: Mapping[str, Any]
    got: Array | None
    want: Array
    same: Callable[[Array, Array], bool]
    label: str = ""


def signature(output: str, evidence: Sequence[Evidence], truth: Truth) -> Found | None:
    """Return an id and a sentence for what all the evidence has in common, None for nothing.

    Parameters
    ----------
    output
        The name of the output.
    evidence
        Its values in every case.
    truth
        Computes the right value of this output.
    """
    usable = [e for e in evidence if e.got is not None]
    if not usable or len(usable) < len(evidence):
        return None
    if any(_got(e).shape != e.want.shape for e in usable):
        return _shape(output, usable)
    if all(e.same(_got(e), e.want) for e in usable):
        return None
    return (
        _factor(output, usable)
        or _offset(output, usable)
        or _precision(output, usable)
        or _whole(output, usable)
        or _wrong_axis(output, usable, truth)
        or _lines(output, usable)
        or _capped(output, usable)
        or _not_finite(output, usable)
    )


def _shape(output: str, evidence: Sequence[Evidence]) -> Found | None:
    off = [e for e in evidence if _got(e).shape != e.want.shape]
    first = max(off, key=lambda e: e.want.size)
    shapes = f"shape {_got(first).shape} where {first.want.shape} was expected"
    if all(e.same(_got(e).T, e.want) for e in off):
        return "transposed", f"{output} is transposed: {shapes}."
    if all(
        _got(e).size == e.want.size and e.same(_got(e).reshape(e.want.shape), e.want) for e in off
    ):
        return "shape", f"{output} holds the right values in the wrong shape: {shapes}."
    single = first.want.ndim == 0 and all(_got(e).size for e in off)
    for reduce, words in ((np.mean, "take the mean of them"), (np.sum, "add them up")):
        if single and all(e.same(np.asarray(reduce(_got(e))), e.want) for e in off):
            return "not_reduced", f"{output} is an array of single costs: {words} ({shapes})."
    return None


def _factor(output: str, evidence: Sequence[Evidence]) -> Found | None:
    ratios = []
    for e in evidence:
        if not np.isfinite(_got(e)).all():
            return None
        if not e.want.any():
            continue
        ratio = float(np.vdot(e.want, _got(e)) / np.vdot(e.want, e.want))
        if not e.same(_got(e), ratio * e.want):
            return None
        ratios.append((e, ratio))
    if not ratios or all(_close(r, 1) for _, r in ratios):
        return None
    if all(abs(r) < 1e-12 for _, r in ratios):
        return "zero", f"{output} is zero everywhere."
    for says, value in _named_factors():
        if all(_close(value(e), r) for e, r in ratios):
            example, ratio = next(((e, r) for e, r in ratios if not _close(abs(r), 1)), ratios[0])
            return "factor", (
                f"{output} is {ratio:.6g} times what it should be, and that is {says} "
                f"(shape {_shape_of(example)})."
            )
    first = ratios[0][1]
    numbers = sum(e.want.size for e, _ in ratios)  # one number is some multiple of any other
    if numbers > 1 and all(_close(first, r) for _, r in ratios):
        return "factor", f"{output} is always {first:.6g} times what it should be."
    return None


def _close(left: float, right: float) -> bool:
    return math.isclose(left, right, rel_tol=1e-6)


def _named_factors() -> Iterator[tuple[str, Callable[[Evidence], float]]]:
    yield "the wrong sign", lambda _: -1.0
    yield "a factor of 2 too many", lambda _: 2.0
    yield "a factor of 2 missing", lambda _: 0.5
    yield (
        "log 10: a logarithm to base 10 where the natural one is meant, or the reverse",
        lambda _: math.log(10),
    )
    yield (
        "1 / log 10: a logarithm to base 10 where the natural one is meant",
        lambda _: 1 / math.log(10),
    )
    yield (
        "1 / log 2: a logarithm to base 2 where the natural one is meant",
        lambda _: 1 / math.log(2),
    )
    yield "the number of rows: a sum where a mean is meant", _rows
    yield "1 over the number of rows: divided by it once too often", lambda e: 1 / _rows(e)
    yield "the number of elements: a sum where a mean is meant", _elements
    yield (
        "1 over the number of elements: divided by it once too often",
        lambda e: 1 / _elements(e),
    )
    yield "the number of columns", lambda e: _elements(e) / _rows(e)
    yield (
        "1 over the number of columns: divided by it though only rows count",
        lambda e: _rows(e) / _elements(e),
    )
    yield (
        "1 over the number of columns less one: wrong classes are added up, not averaged",
        (lambda e: _rows(e) / ((_elements(e) - _rows(e)) or math.nan)),
    )
    yield (
        "minus the number of rows: a sum where a mean is meant, with the wrong sign",
        lambda e: -_rows(e),
    )
    for power, says in ((1, "{}"), (-1, "1 / {}"), (2, "{} squared"), (-2, "1 / {} squared")):
        yield (
            says.format("the temperature or its like, the number you are given"),
            (
                lambda e, power=power: _parameter(e) ** power  # type: ignore[misc]
            ),
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


def _precision(output: str, evidence: Sequence[Evidence]) -> Found | None:
    """Find numbers that fit into a shorter type, or that were rounded to some decimals."""
    for kind, name in ((np.float16, "float16"), (np.float32, "float32")):
        if _near(evidence, 4 * float(np.finfo(kind).eps)) and all(
            np.array_equal(_got(e), _got(e).astype(kind).astype(np.float64)) for e in evidence
        ):
            return name, (
                f"{output} has the precision of {name} only, though the inputs are float64: "
                "something in between is converted."
            )
    for decimals in range(1, 9):
        rounded = all(np.array_equal(_got(e), np.round(_got(e), decimals)) for e in evidence)
        if rounded and _near(evidence, math.inf, 0.51 * 10**-decimals):
            return "rounded", f"{output} is rounded to {decimals} decimals; return it as it is."
    return None


def _near(evidence: Sequence[Evidence], relative: float, absolute: float = 0.0) -> bool:
    """Tell whether everything is right to within a relative, or an absolute error."""
    with np.errstate(all="ignore"):
        off = [np.abs(_got(e) - e.want) for e in evidence]
        if absolute:
            return all(bool((d <= absolute).all()) for d in off)
        sizes = [float(np.abs(e.want).max(initial=0.0)) for e in evidence]
        return all(bool((d <= relative * size).all()) for d, size in zip(off, sizes, strict=True))


def _capped(output: str, evidence: Sequence[Evidence]) -> Found | None:
    """Find a cost that stops growing at -log of a power of ten: a number added or clipped there."""
    off = [e for e in evidence if not e.same(_got(e), e.want)]
    single = [e for e in off if e.want.ndim == 0 and _rows(e) == 1 and np.isfinite(_got(e))]
    caps = {round(float(_got(e)), 6) for e in single}
    if len(caps) != 1:
        return None
    (cap,) = caps
    exponent = cap / math.log(10)
    likely = 4 < exponent < 320 and abs(exponent - round(exponent)) < 1e-4
    if not likely or any(e.want.ndim or float(e.want) * _rows(e) <= cap for e in off):
        return None
    return "capped", (
        f"{output} stops growing at {cap:.4g}, which is -log(1e-{round(exponent)}): a number is "
        "added or clipped inside the logarithm."
    )


def _not_finite(output: str, evidence: Sequence[Evidence]) -> Found | None:
    off = [e for e in evidence if not e.same(_got(e), e.want)]
    if not all(np.isfinite(e.want).all() and not np.isfinite(_got(e)).all() for e in off):
        return None
    if not all(e.same(np.where(np.isfinite(_got(e)), _got(e), e.want), e.want) for e in off):
        return None
    kind = "nan" if np.isnan(_got(off[0])).any() else "inf"
    where = f" ({off[0].label})" if off[0].label else ""
    return "not_finite", (
        f"{output} is right wherever it is finite, and becomes {kind} elsewhere{where}: an "
        "exponential overflows there, a logarithm meets zero, or something is divided by zero."
    )


def _whole(output: str, evidence: Sequence[Evidence]) -> Found | None:
    whole = all(e.got is not None and e.got.dtype.kind in "iu" for e in evidence)
    if whole and any((e.want != np.round(e.want)).any() for e in evidence):
        return "whole", (
            f"{output} holds integers: the array it is written into has an integer type, which "
            "cuts off what is behind the point; make it with np.zeros, or convert with .astype."
        )
    return None


def _wrong_axis(output: str, evidence: Sequence[Evidence], truth: Truth) -> Found | None:
    """Find what is right for the transposed arguments, transposed back, in every case."""
    telling = False
    for e in evidence:
        args = [a.T if isinstance(a, np.ndarray) and a.ndim == 2 else a for a in e.args.values()]
        if e.want.ndim != 2 or any(isinstance(a, np.ndarray) and a.ndim != 2 for a in args):
            return None
        try:
            with np.errstate(all="ignore"):
                turned = np.asarray(truth(*args))
        except (ValueError, TypeError):
            return None  # the truth refuses such shapes, so nobody computed with them
        if turned.shape != e.want.shape[::-1] or not e.same(_got(e), turned.T):
            return None
        telling = telling or not e.same(turned.T, e.want)
    if not telling:
        return None
    return "axis", f"{output} is worked out along the wrong axis: rows where columns are meant."


def _lines(output: str, evidence: Sequence[Evidence]) -> Found | None:
    """Find the one row, or the one column, that alone is wrong in the two largest arrays."""
    largest = sorted((e for e in evidence if e.want.ndim), key=lambda e: -e.want.size)[:2]
    for axis, what in enumerate(("row", "column")):
        places = [_only_wrong_line(e, axis) for e in largest]
        if not places or None in places:
            continue
        lasts = [e.want.shape[axis] - 1 for e in largest]
        if len(set(places)) == 1 or places == lasts:
            noun = what if largest[0].want.ndim > 1 else "element"
            place = f"{noun} {places[0]} of {lasts[0] + 1}"
            return "one_line", f"In {output} only {place} is wrong (counted from 0)."
    return None


def _only_wrong_line(e: Evidence, axis: int) -> int | None:
    """Return the only wrong line along an axis, None if there are none, or more."""
    if axis >= e.want.ndim or e.want.shape[axis] < 3:
        return None
    lines = range(e.want.shape[axis])
    wrong = [i for i in lines if not e.same(_got(e).take(i, axis), e.want.take(i, axis))]
    return wrong[0] if len(wrong) == 1 else None


def _got(e: Evidence) -> Array:
    assert e.got is not None
    return e.got.astype(np.float64)


def _shape_of(e: Evidence) -> tuple[int, ...]:
    """Return the shape of the first array among the arguments, () if there is none."""
    return next((a.shape for a in e.args.values() if isinstance(a, np.ndarray)), ())


def _rows(e: Evidence) -> float:
    return next((float(n) for n in _shape_of(e)[:1] if n), math.nan)


def _elements(e: Evidence) -> float:
    return float(math.prod(_shape_of(e))) or math.nan


def _parameter(e: Evidence) -> float:
    return next((v for v in e.args.values() if isinstance(v, float) and v), math.nan)
