"""The function under test: called one point at a time or on batches, its answers validated."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from numerics.differentiation.blocks import Blocks
from numerics.differentiation.verdicts import rounding_unit
from numerics.validation import FloatArray

_NUMBERS = (float, np.float64)
_FINEST = float(np.finfo(np.float64).eps)
BATCH_BYTES = 1 << 24  # one batch of points takes no more than this, or one draw


class Subject:
    """A function around a start, seen one block at a time.

    Parameters
    ----------
    f : callable
        From the structure of x to a number; where `batched`, from that structure with one more
        axis in front of each array, of length m, to m numbers.

    Attributes
    ----------
    unit : float
        The rounding unit of f, by all the values it gave so far.

    """

    def __init__(self, f: Callable[[Any], Any], blocks: Blocks, *, batched: bool) -> None:
        self.blocks = blocks
        self.batched = batched
        self.unit = float(np.finfo(np.float32).eps)
        self._f = f

    def centre(self) -> float:
        """Return f(x)."""
        return float(self.values({0: self.blocks.arrays[0][None]})[0])

    def values(self, moved: Mapping[int, FloatArray]) -> FloatArray:
        """Return f with some blocks moved: each to m points, shape (m, *block.shape).

        Returns
        -------
        ndarray, shape (m,)
            In the precision in which f gives them.

        Raises
        ------
        TypeError
            If f does not return real numbers.
        ValueError
            If it returns an array where one number, or m of them, are expected.

        """
        count = len(next(iter(moved.values())))
        values = self._batch(moved, count) if self.batched else self._each(moved, count)
        double = values.dtype.itemsize >= np.dtype(np.float64).itemsize
        if not (double and self.unit == _FINEST):  # once fine, float64 numbers stay so
            self.unit = rounding_unit(values)
        return values

    def _each(self, moved: Mapping[int, FloatArray], count: int) -> FloatArray:
        arrays = list(self.blocks.arrays)
        found = []
        for k in range(count):
            for block, points in moved.items():
                arrays[block] = points[k, ...]
            value = self._f(self.blocks.rebuild(arrays))
            found.append(value if type(value) in _NUMBERS else _scalar(value))
        return np.array(found)

    def _batch(self, moved: Mapping[int, FloatArray], count: int) -> FloatArray:
        arrays = [
            moved[k] if k in moved else np.broadcast_to(array, (count, *array.shape))
            for k, array in enumerate(self.blocks.arrays)
        ]
        given = self._f(self.blocks.rebuild(arrays))
        values = np.asarray(given)
        if values.dtype.kind not in "fiub":
            raise TypeError(f"f must return real numbers, got {_describe(given)}")
        if values.shape != (count,):
            raise ValueError(
                f"f must return one number for each of {count} points, shape ({count},), "
                f"got {_describe(given)}"
            )
        return values if values.dtype.kind == "f" else values.astype(np.float64)

    def portion(self, blocks: Iterable[int], draws: int, per_draw: int) -> int:
        """Return how many draws at a time fit one batch: a divisor of `draws`."""
        if not self.batched:
            return 1
        size = sum(self.blocks.arrays[block].nbytes for block in blocks) * per_draw
        most = max(1, BATCH_BYTES // size)
        return max(part for part in range(1, draws + 1) if draws % part == 0 and part <= most)


def _scalar(value: Any) -> Any:
    """Return what f gave as a real number."""
    array: Any = np.asarray(value)
    if array.dtype.kind not in "fiub":
        raise TypeError(f"f must return a real number, got {_describe(value)}")
    if array.ndim:
        raise ValueError(f"f must return a single number, got {_describe(value)}")
    return array[()] if array.dtype.kind == "f" else float(array[()])


def _describe(value: Any) -> str:
    if isinstance(value, np.ndarray):
        return f"an array of {value.dtype} of shape {value.shape}"
    text = repr(value)
    return f"{text if len(text) <= 60 else text[:57] + '...'} ({type(value).__name__})"
