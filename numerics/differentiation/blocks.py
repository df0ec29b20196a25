"""Parameters as people keep them, an array or nested dicts, lists and tuples, as named blocks."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from numerics.validation import FloatArray, real_array

Builder = Callable[[Iterator[FloatArray]], Any]


def finite_start(name: str, value: Any) -> FloatArray:
    """Return `value` as a float64 array, refusing one that is empty or not finite.

    Raises
    ------
    TypeError
        If `value` does not hold real numbers.
    ValueError
        If it is empty or holds NaN or infinity.

    """
    start = real_array(name, value)
    finite = np.isfinite(start)
    if not finite.all():
        index = [int(i) for i in np.argwhere(~finite)[0]]
        raise ValueError(f"{name} must be finite, got {start[tuple(index)]} at {index}")
    return start


def scale_of(x: FloatArray) -> FloatArray | None:
    """Return what steps are scaled by, max(1, |x|); None where that is 1 throughout."""
    if x.max() <= 1.0 and x.min() >= -1.0:
        return None
    scale: FloatArray = np.asarray(np.abs(x))
    np.maximum(scale, 1.0, out=scale)
    return scale


class Blocks:
    """The arrays of a structure, in order, each with a name a person would write.

    Parameters
    ----------
    x : array_like, or dict, list or tuple of such
        Nested as deeply as one likes. A list of plain numbers is one array, as in NumPy.

    Attributes
    ----------
    names : list of str
        ``"W1"`` for a key, ``"gradient[0][1]"`` for a place in a list, ``"gradient"`` for an
        array that stands alone.
    arrays : list of ndarray of float64
        Copies in C order, which a careless function may spoil without harm.
    scales : list of ndarray or None
        `scale_of` each.

    Raises
    ------
    TypeError, ValueError
        If a block does not hold real numbers, is empty or is not finite.

    """

    def __init__(self, x: Any) -> None:
        self._x = x
        self._build = _builder(x)
        self.names: list[str] = []
        self.arrays: list[FloatArray] = []
        for keys, leaf in _leaves(x):
            flat = len(keys) == 1 and isinstance(keys[0], str)
            self.names.append(str(keys[0]) if flat else _path("gradient", keys))
            self.arrays.append(np.array(finite_start(_path("x", keys), leaf), order="C"))
        self.scales = [scale_of(array) for array in self.arrays]
        if not self.arrays:
            raise ValueError(f"x must hold at least one array, got {x!r}")

    def changed(self) -> str | None:
        """Name a block of `arrays` that is no longer what x is, or None."""
        for array, (keys, leaf) in zip(self.arrays, _leaves(self._x), strict=True):
            if not np.array_equal(array, leaf):
                return _path("x", keys)
        return None

    def rebuild(self, arrays: Sequence[FloatArray]) -> Any:
        """Return `arrays` in the structure of x."""
        return self._build(iter(arrays))

    def match(self, gradient: Any) -> list[tuple[str, Any]]:
        """Return the path and the value of each block of `gradient`, which is built like x.

        Raises
        ------
        TypeError
            If a dict, list or tuple is not one in `gradient`.
        ValueError
            If a block is missing or superfluous.

        """
        return list(_matched("gradient", self._x, gradient))


def _is_node(value: Any) -> bool:
    """Tell whether `value` holds blocks, rather than being one: a list of numbers is an array."""
    if isinstance(value, Mapping):
        return True
    return isinstance(value, list | tuple) and any(
        isinstance(part, np.ndarray) or _is_node(part) for part in value
    )


def _items(node: Any) -> list[tuple[Any, Any]]:
    return list(node.items() if isinstance(node, Mapping) else enumerate(node))


def _path(root: str, keys: Sequence[Any]) -> str:
    return root + "".join(f"[{key!r}]" for key in keys)


def _leaves(value: Any, keys: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    if not _is_node(value):
        yield keys, value
        return
    for key, part in _items(value):
        yield from _leaves(part, (*keys, key))


def _matched(path: str, x: Any, gradient: Any) -> Iterator[tuple[str, Any]]:
    if not _is_node(x):
        yield path, gradient
        return
    kinds = Mapping if isinstance(x, Mapping) else (list, tuple)
    if not isinstance(gradient, kinds):
        raise TypeError(
            f"{path} must be a {type(x).__name__} as x is, got {type(gradient).__name__}"
        )
    ours, theirs = dict(_items(x)), dict(_items(gradient))
    for key in theirs:
        if key not in ours:
            raise ValueError(f"{path}[{key!r}] has no counterpart in x, which has {list(ours)}")
    for key, part in ours.items():
        if key not in theirs:
            raise ValueError(f"{path}[{key!r}] is missing: x has it, {path} has {list(theirs)}")
        yield from _matched(f"{path}[{key!r}]", part, theirs[key])


def _builder(shape: Any) -> Builder:
    """Return what puts arrays back into the structure `shape`: built once, called often."""
    if not _is_node(shape):
        return next
    parts = [(key, _builder(part)) for key, part in _items(shape)]
    if isinstance(shape, Mapping):
        return lambda arrays: {key: build(arrays) for key, build in parts}
    if isinstance(shape, list):
        return lambda arrays: [build(arrays) for _, build in parts]
    if hasattr(shape, "_make"):  # a named tuple
        return lambda arrays: shape._make([build(arrays) for _, build in parts])
    return lambda arrays: tuple([build(arrays) for _, build in parts])
