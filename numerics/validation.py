"""Check arguments: what is refused is named, with what was expected and what was given."""

import operator
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

# The type of a random generator is quoted in annotations: to load numpy.random takes some 15 ms.
FloatArray = NDArray[np.float64]
IndexArray = NDArray[np.intp]

_FLOAT64 = np.dtype(np.float64)
_INTP = np.dtype(np.intp)


def real_array(
    name: str, value: Any, *, ndim: int | None = None, shape: tuple[int, ...] | None = None
) -> FloatArray:
    """Return `value` as a float64 array, the very same object where it already is one.

    Parameters
    ----------
    name : str
        What the caller knows the argument as.
    value : array_like
        Real numbers: booleans, integers or floats, of any shape but an empty one.
        NaN and infinities are let through.
    ndim, shape : optional
        The number of axes, or the whole shape, that is required.

    Raises
    ------
    TypeError
        If `value` is no array of real numbers.
    ValueError
        If `value` is empty or ragged or has another number of axes or another shape.

    """
    array = value if type(value) is np.ndarray else _array(name, value)
    if array.dtype is not _FLOAT64 and array.dtype != _FLOAT64:
        if array.dtype.kind not in "fiub":
            raise TypeError(f"{name} must hold real numbers, got {_describe(array)}")
        array = array.astype(np.float64)
    if array.size == 0:
        raise ValueError(f"{name} must not be empty, got {_describe(array)}")
    if ndim is not None and array.ndim != ndim:
        axes = "axis" if ndim == 1 else "axes"
        raise ValueError(f"{name} must have {ndim} {axes}, got {_describe(array)}")
    if shape is not None and array.shape != shape:
        raise ValueError(f"{name} must have shape {shape}, got {_describe(array)}")
    return array


def class_labels(
    name: str, value: Any, num_classes: int, num_rows: int | None = None
) -> IndexArray:
    """Return `value` as an array of class indices, one a row.

    Parameters
    ----------
    name : str
        What the caller knows the argument as.
    value : array_like of int, shape (N,)
        Classes from 0 to `num_classes` - 1.
    num_classes : int
        How many classes there are.
    num_rows : int, optional
        The N that is required.

    Raises
    ------
    TypeError
        If `value` does not hold integers.
    ValueError
        If its shape is not (N,), N is 0, or a label is negative or too large.

    """
    array = value if type(value) is np.ndarray else _array(name, value)
    if array.dtype.kind not in "iu":
        raise TypeError(f"{name} must hold integer classes, got {_describe(array)}")
    if array.ndim != 1 or array.size == 0 or (num_rows is not None and len(array) != num_rows):
        rows = "N" if num_rows is None else num_rows
        raise ValueError(
            f"{name} must hold one class a row, shape ({rows},), got {_describe(array)}"
        )
    # Read without its sign a negative label is larger than any class: one pass finds both faults.
    labels = array if array.dtype is _INTP else array.astype(np.intp)
    if labels.view(np.uintp).max() >= num_classes:
        wrong = array[(array < 0) | (array >= num_classes)][0]
        raise ValueError(f"{name} must lie in 0..{num_classes - 1}, got {wrong}")
    return labels


def real_number(
    name: str,
    value: Any,
    *,
    above: float | None = None,
    at_least: float | None = None,
    below: float | None = None,
    at_most: float | None = None,
) -> float:
    """Return `value` as a finite Python float within the bounds that are given.

    Raises
    ------
    TypeError
        If `value` is no real number (a boolean is none).
    ValueError
        If it is NaN, infinite or out of bounds.

    """
    number: float = value
    if type(value) is not float:
        if not isinstance(value, (int, float, np.integer, np.floating)) or isinstance(value, bool):
            raise TypeError(f"{name} must be a real number, got {_brief(value)}")
        try:
            number = float(value)
        except OverflowError:
            raise ValueError(f"{name} must be a finite number, got {_brief(value)}") from None
    within = (
        abs(number) < np.inf
        and (above is None or number > above)
        and (at_least is None or number >= at_least)
        and (below is None or number < below)
        and (at_most is None or number <= at_most)
    )
    if not within:
        bounds = [("> ", above), (">= ", at_least), ("< ", below), ("<= ", at_most)]
        wanted = " and ".join(f"{sign}{bound:g}" for sign, bound in bounds if bound is not None)
        raise ValueError(f"{name} must be a finite number {wanted}".rstrip() + f", got {number}")
    return number


def whole_number(name: str, value: Any, *, at_least: int) -> int:
    """Return `value` as a Python int that is `at_least` so large.

    Raises
    ------
    TypeError
        If `value` is no integer (a boolean is none).
    ValueError
        If it is smaller than `at_least`.

    """
    if isinstance(value, (bool, np.bool_)):
        raise TypeError(f"{name} must be an integer, got {_brief(value)}")
    try:
        number = operator.index(value)
    except TypeError:
        raise TypeError(f"{name} must be an integer, got {_brief(value)}") from None
    if number < at_least:
        raise ValueError(f"{name} must be an integer >= {at_least}, got {number}")
    return number


def training_mode(name: str, value: Any) -> bool:
    """Return whether `value` is "train"; the other mode is "test".

    Raises
    ------
    ValueError
        If it is neither.

    """
    if not isinstance(value, str) or value not in {"train", "test"}:
        raise ValueError(f"{name} must be 'train' or 'test', got {_brief(value)}")
    return value == "train"


def generator(name: str, value: Any) -> "np.random.Generator":
    """Return `value` if it is a NumPy random generator.

    Raises
    ------
    TypeError
        If it is anything else; a seed, for one.

    """
    if not isinstance(value, np.random.Generator):
        raise TypeError(
            f"{name} must be a numpy.random.Generator, as np.random.default_rng(seed) makes one, "
            f"got {_brief(value)}"
        )
    return value


def function(name: str, value: Any) -> Callable[..., Any]:
    """Return `value` if it can be called.

    Raises
    ------
    TypeError
        If it cannot.

    """
    if not callable(value):
        raise TypeError(f"{name} must be callable, got {_brief(value)}")
    return value  # type: ignore[no-any-return]  # callable() narrows Any no further


def _array(name: str, value: Any) -> NDArray[Any]:
    try:
        return np.asarray(value)
    except ValueError as ragged:
        raise ValueError(f"{name} must be an array: {ragged}") from None


def _describe(array: NDArray[Any]) -> str:
    return f"shape {array.shape} and dtype {array.dtype}"


def _brief(value: Any) -> str:
    text = repr(value)
    return f"{type(value).__name__} {text if len(text) <= 60 else text[:57] + '...'}"
