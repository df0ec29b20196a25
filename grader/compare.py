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


class Right:
    """What is right, and how far from it rounding may lead: worked out once, for any number of results.

    Parameters
    ----------
    value
        The truth: a number, an array of numbers, a truth value, or a container that holds nothing.
    tolerance
        What rounding may do.
    scale
        The size of the inputs: it stands in where the truth is zero everywhere.
    """

    def __init__(self, value: Any, tolerance: Tolerance, scale: float) -> None:
        self.value = value
        self._allowed: Array | None = None
        if isinstance(value, (bool, np.bool_, list, tuple, dict)):
            return
        self._truth = np.asarray(value)
        if self._truth.dtype.kind not in "biuf":
            return
        self._want = self._truth.astype(np.float64, copy=False)
        sizes = np.abs(self._want)
        largest = _largest(sizes) or scale or 1.0
        absolute = tolerance.of_largest * largest + tolerance.absolute
        self._allowed = np.asarray(tolerance.relative * sizes + absolute)
        self._finite = math.isfinite(np.add.reduce(self._allowed, axis=None))
        # A number is compared without NumPy, which takes ten times as long.
        self._number, self._room = math.nan, 0.0
        if self._finite and not self._truth.ndim:
            self._number, self._room = float(self._want), float(self._allowed)

    def is_near(self, got: Any) -> bool:
        """Tell whether a result is plainly right; one that is not may still be: NaN equals NaN."""
        kind = type(got)
        if self._allowed is None or not self._finite:
            return False
        if kind is float or kind is np.float64:
            return abs(float(got) - self._number) <= self._room
        if kind is not np.ndarray or got.shape != self._want.shape or got.dtype.kind not in "iuf":
            return False
        with np.errstate(all="ignore"):
            off = np.abs(got - self._want)
        return bool(np.logical_and.reduce(off <= self._allowed, axis=None))

    def errors(self, got: Array) -> Array:
        """Return each element's error in units of what is allowed; above 1 is wrong, NaN is inf."""
        got, want = got.astype(np.float64, copy=False), self._want
        with np.errstate(all="ignore"):
            ratio = np.abs(got - want) / self._allowed
        ratio = np.where((got == want) | (np.isnan(got) & np.isnan(want)), 0.0, ratio)
        return np.where(np.isnan(ratio), np.inf, ratio)

    def is_met_by(self, got: Any) -> bool:
        """Tell whether a result is right up to rounding, NaN equal to NaN."""
        if self.is_near(got):
            return True
        if self._allowed is None:
            return self.difference("", got) is None
        found = as_number_array(got)
        if found is None or found.shape != self._truth.shape:
            return False
        return bool((self.errors(found) <= 1).all())

    def difference(self, name: str, got: Any) -> Difference | None:
        """Return how a result of this name differs from what is right, None if it does not."""
        if self.is_near(got):
            return None
        if isinstance(self.value, (bool, np.bool_)):
            return _choice_difference(name, got, want=bool(self.value))
        if isinstance(self.value, (list, tuple, dict)):
            return _empty_difference(name, got, self.value)
        truth = self._truth
        wanted = f"an array of shape {truth.shape}" if truth.ndim else "a plain number"
        found = as_number_array(got)
        if found is None:
            message = f"{name} is {describe(got)}; {wanted} was expected."
            return Difference("kind", message, f"{name}: {wanted}", f"{name}: {describe(got)}")
        if found.shape != truth.shape:
            there = f"shape {found.shape}" if found.ndim else "the shape of a plain number, ()"
            message = f"{name} has {there}; {wanted} was expected."
            return Difference("shape", message, f"{name}: {wanted}", f"{name}: shape {found.shape}")
        return self._value_difference(name, found)

    def _value_difference(self, name: str, got: Array) -> Difference | None:
        if self._allowed is None:
            raise TypeError(f"the truth of {name} is {describe(self.value)}, which is no number")
        want, ratio = self._truth, self.errors(got)
        wrong = np.count_nonzero(ratio > 1)
        if not wrong:
            return None
        index = tuple(int(i) for i in np.unravel_index(int(ratio.argmax()), ratio.shape))
        place = f"{name}[{', '.join(map(str, index))}]" if index else name
        there, truth = _distinct(float(got[index]), float(want[index]))
        count = f" ({wrong} of {want.size} elements differ)" if want.size > 1 else ""
        message = f"{place} is {there}; it should be {truth}{count}."
        return Difference("values", message, f"{place} = {truth}", f"{place} = {there}", index)


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


def same(left: Any, right: Any, tolerance: Tolerance, scale: float) -> bool:
    """Tell whether two results are the same up to rounding, NaN equal to NaN."""
    if isinstance(right, (list, tuple, dict)):
        return isinstance(left, type(right)) and not left
    choices = as_choice(left), as_choice(right)
    if choices != (None, None):
        return choices[0] == choices[1]
    if as_number_array(right) is None:
        return False
    return Right(right, tolerance, scale).is_met_by(left)


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
