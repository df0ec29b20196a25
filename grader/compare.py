"""Whether a result is the truth: its kind, its shape, and the element that is furthest off."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]


class Tolerance(NamedTuple):
    """`|got - want| <= relative * |want| + of_largest * max|want| + absolute`, element by element."""

    relative: float
    of_largest: float
    absolute: float = 0.0


# By the least precise floating dtype among the inputs.
TOLERANCES = {
    # Right formulas written in different ways differ by 1e-12, a detour through float32 by 6e-8;
    # the second term forgives cancellation among elements of one array.
    "float64": Tolerance(1e-9, 1e-10),
    # float32 carries 6e-8; sums of some hundred terms and a log or exp lose two more digits.
    "float32": Tolerance(2e-4, 2e-5),
    # Many add 1e-8 to every standard deviation; of one near 1 that is 1e-8 of it.
    "epsilon": Tolerance(1e-6, 1e-7, 1e-7),
    # Gradients cut down to a length: 1e-6 added to the norm that they are divided by, as PyTorch has
    # it, is 5e-6 of the shortest norm that is judged so.
    "shortened": Tolerance(1e-5, 0.0),
    # Where a probability is clipped at 1e-12, 1 - p is rounded by 1e-4 of itself.
    "clipped": Tolerance(1e-4, 0.0, 1e-9),
    # Differences over 2e-5 keep ten digits of numbers near 1; stepping one way only loses all but five.
    "differences": Tolerance(1e-8, 1e-8),
}


@dataclass(frozen=True)
class Difference:
    """How a result differs from the truth.

    Parameters
    ----------
    kind
        `kind` for the wrong sort of thing, `shape`, or `values`.
    message
        What differs, in a sentence.
    expected, got
        The two sides, for reading.
    index
        Where the worst element is, for values.
    """

    kind: str
    message: str
    expected: str
    got: str
    index: tuple[int, ...] = ()


def tolerance_for(inputs: Sequence[Any]) -> Tolerance:
    """Return the tolerance that inputs of this precision allow."""
    arrays = (value for value in inputs if isinstance(value, np.ndarray))
    single = any(a.dtype.kind == "f" and a.dtype.itemsize < 8 for a in arrays)
    return TOLERANCES["float32" if single else "float64"]


def magnitude(values: Sequence[Any]) -> float:
    """Return the largest finite absolute number among the values, 0 if there is none."""
    largest = 0.0
    for value in values:
        if isinstance(value, (np.ndarray, float, int, np.number)):
            largest = max(largest, _largest(np.abs(np.asarray(value, dtype=np.float64))))
    return largest


def _largest(sizes: Array) -> float:
    """Return the largest finite one of non-negative numbers, 0 if there is none."""
    largest = float(np.maximum.reduce(sizes, axis=None, initial=0.0))
    if math.isfinite(largest):
        return largest
    return float(np.max(sizes, initial=0.0, where=np.isfinite(sizes)))


def as_number_array(value: Any) -> Array | None:
    """Return a number or an array of numbers as an array, None for anything else."""
    if isinstance(value, (bool, np.bool_)) or not isinstance(
        value, (int, float, np.ndarray, np.number)
    ):
        return None
    try:
        array = np.asarray(value)
    except OverflowError:
        return None
    return array if array.dtype.kind in "iuf" else None


def describe(value: Any) -> str:
    """Return in words what a value is."""
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape} and dtype {value.dtype}"
    if isinstance(value, (tuple, list)):
        return f"a {type(value).__name__} of {len(value)}"
    if isinstance(value, str):
        return f"the string {value[:40]!r}"
    if isinstance(value, (bool, int, float, complex, np.generic)):
        return f"the {type(value).__name__} {value}"[:80]
    return str(value)[:80]


def difference(
    name: str, got: Any, want: Any, *, tolerance: Tolerance, scale: float
) -> Difference | None:
    """Return how `got` differs from `want`, None if it does not.

    Parameters
    ----------
    name
        What the output is called.
    got
        What came back.
    want
        The truth: a number or an array of numbers.
    tolerance
        What rounding may do.
    scale
        The size of the inputs: it stands in where the truth is zero everywhere.
    """
    if isinstance(want, (bool, np.bool_)):
        return _choice_difference(name, got, want=bool(want))
    if isinstance(want, (list, tuple, dict)):
        return _empty_difference(name, got, want)
    truth = np.asarray(want)
    wanted = f"an array of shape {truth.shape}" if truth.ndim else "a plain number"
    found = as_number_array(got)
    if found is None:
        message = f"{name} is {describe(got)}; {wanted} was expected."
        return Difference("kind", message, f"{name}: {wanted}", f"{name}: {describe(got)}")
    if found.shape != truth.shape:
        there = f"shape {found.shape}" if found.ndim else "the shape of a plain number, ()"
        message = f"{name} has {there}; {wanted} was expected."
        return Difference("shape", message, f"{name}: {wanted}", f"{name}: shape {found.shape}")
    return _value_difference(name, found, truth, tolerance, scale)


def as_choice(value: Any) -> bool | None:
    """Return what is a truth value as a bool, None for anything else."""
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    if isinstance(value, np.ndarray) and value.dtype == bool and value.ndim == 0:
        return bool(value)
    return None


def _choice_difference(name: str, got: Any, *, want: bool) -> Difference | None:
    found = as_choice(got)
    if found is None:
        message = f"{name} is {describe(got)}; True or False was expected."
        return Difference("kind", message, f"{name}: {want}", f"{name}: {describe(got)}")
    if found != want:
        message = f"{name} is {found}; it should be {want}."
        return Difference("values", message, f"{name} = {want}", f"{name} = {found}")
    return None


def _empty_difference(name: str, got: Any, want: Any) -> Difference | None:
    """Compare with a container that holds nothing; others are compared element by element."""
    if isinstance(got, type(want)) and not got:
        return None
    wanted = f"an empty {type(want).__name__}"
    message = f"{name} is {describe(got)}; {wanted} was expected."
    return Difference("kind", message, f"{name}: {wanted}", f"{name}: {describe(got)}")


def errors(got: Array, want: Array, tolerance: Tolerance, scale: float) -> Array:
    """Return each element's error in units of what is allowed; not above 1 is right, NaN is inf."""
    got, want = got.astype(np.float64, copy=False), want.astype(np.float64, copy=False)
    sizes = np.abs(want)
    largest = _largest(sizes) or scale or 1.0
    allowed = tolerance.relative * sizes + (tolerance.of_largest * largest + tolerance.absolute)
    with np.errstate(all="ignore"):
        ratio = np.asarray(np.abs(got - want) / allowed)
    if np.logical_and.reduce(ratio <= 1, axis=None):
        return ratio
    ratio = np.where((got == want) | (np.isnan(got) & np.isnan(want)), 0.0, ratio)
    return np.where(np.isnan(ratio), np.inf, ratio)


def same(left: Any, right: Any, tolerance: Tolerance, scale: float) -> bool:
    """Tell whether two results are the same up to rounding, NaN equal to NaN."""
    if isinstance(right, (list, tuple, dict)):
        return isinstance(left, type(right)) and not left
    choices = as_choice(left), as_choice(right)
    if choices != (None, None):
        return choices[0] == choices[1]
    got, want = as_number_array(left), as_number_array(right)
    if got is None or want is None:
        return False
    return got.shape == want.shape and bool((errors(got, want, tolerance, scale) <= 1).all())


def _value_difference(
    name: str, got: Array, want: Array, tolerance: Tolerance, scale: float
) -> Difference | None:
    ratio = errors(got, want, tolerance, scale)
    wrong = np.count_nonzero(ratio > 1)
    if not wrong:
        return None
    index = tuple(int(i) for i in np.unravel_index(int(ratio.argmax()), ratio.shape))
    place = f"{name}[{', '.join(map(str, index))}]" if index else name
    there, truth = _distinct(float(got[index]), float(want[index]))
    count = f" ({wrong} of {want.size} elements differ)" if want.size > 1 else ""
    message = f"{place} is {there}; it should be {truth}{count}."
    return Difference("values", message, f"{place} = {truth}", f"{place} = {there}", index)


def _distinct(left: float, right: float) -> tuple[str, str]:
    """Return two different numbers for reading, with as many digits as tell them apart."""
    return next(
        (number(left, digits), number(right, digits))
        for digits in (7, 10, 13, 17)
        if digits == 17 or number(left, digits) != number(right, digits)
    )


def number(value: float, digits: int = 7) -> str:
    """Return a number for reading, trailing zeros dropped."""
    return f"{value:.{digits}g}"
