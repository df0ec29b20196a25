"""What the optimizers share: how arguments, `config` and its state are read, and the kernels."""

import math
import sys
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from numerics.compiled import Kernels
from numerics.validation import FloatArray, real_array, real_number

Config = dict[str, Any]
Step = tuple[FloatArray, Config]

# Adam's kernel beats NumPy at any size, that of momentum from about 1 000 elements on; below, the
# two differ by a microsecond.
KERNELS = Kernels("optimizers", loaded_size=512)
load_kernels = KERNELS.load


def arguments(w: Any, dw: Any, config: Config | None) -> tuple[FloatArray, FloatArray, Config]:
    """Return the arguments of a step: float64 arrays of equal shapes, and the dict to update.

    Raises
    ------
    TypeError
        If `w` or `dw` does not hold real numbers, or `config` is no dict.
    ValueError
        If the shapes differ or are empty.

    """
    w = real_array("w", w)
    dw = real_array("dw", dw, shape=w.shape)
    if config is None:
        return w, dw, {}
    if not isinstance(config, dict):
        raise TypeError(f"config must be a dict or None, got {type(config).__name__}")
    return w, dw, config


class Number(NamedTuple):
    """A hyperparameter: its key in `config`, its default and its range, from 0 to `below`."""

    key: str
    default: float
    positive: bool = False  # 0 itself is out of range
    below: float = math.inf


EPSILON = Number("epsilon", 1e-8, positive=True)


def read(config: Config, number: Number) -> float:
    """Return a hyperparameter; where it is missing, its default is written to `config`.

    Raises
    ------
    TypeError, ValueError
        If it is no real number or out of its range.

    """
    key, default, positive, below = number
    value = config.setdefault(key, default)
    if type(value) is float and 0.0 < value < below:
        return value
    return real_number(
        f'config["{key}"]',
        value,
        above=0.0 if positive else None,
        at_least=None if positive else 0.0,
        below=None if below == math.inf else below,
    )


def state(config: Config, key: str, shape: tuple[int, ...]) -> FloatArray:
    """Return what `config` remembers under that name, zeros at the start; not to be written to.

    Raises
    ------
    TypeError, ValueError
        If it does not hold real numbers or has another shape.

    """
    value = config.get(key)
    return np.zeros(shape) if value is None else real_array(f'config["{key}"]', value, shape=shape)


class Rule(NamedTuple):
    """How a step is computed.

    Attributes
    ----------
    kernel : str
        The name of its kernel, whose arguments are `w`, `dw`, the states, the numbers and the new
        `w`.
    formula : callable
        The same in NumPy: from `w`, `dw`, the states and the numbers to the new `w` and the new
        states.
    numbers : tuple of Number
    states : tuple of str
        Their keys in `config`.

    """

    kernel: str
    formula: Callable[..., tuple[FloatArray, ...]]
    numbers: tuple[Number, ...]
    states: tuple[str, ...] = ()

    def step(self, w: Any, dw: Any, config: Config | None, *, kernel_from: int = 0) -> Step:
        """Take a step, by the kernel where it is the faster and `w` has so many elements.

        Raises
        ------
        TypeError, ValueError
            If an argument or an entry of `config` is not of its kind or out of its range.

        """
        w, dw, config = arguments(w, dw, config)
        numbers = [read(config, number) for number in self.numbers]
        if w.size >= kernel_from and (kernels := KERNELS.worth(w.size)):
            kernel = getattr(kernels, self.kernel)
            return run_kernel(kernel, w, dw, config, self.states, *numbers), config
        old = [state(config, key, w.shape) for key in self.states]
        next_w, *new = self.formula(w, dw, *old, *numbers)
        config.update(zip(self.states, new, strict=True))
        return next_w, config


def run_kernel(
    kernel: Any,
    w: FloatArray,
    dw: FloatArray,
    config: Config,
    keys: tuple[str, ...],
    *numbers: float,
) -> FloatArray:
    """Run a kernel, let `config` hold the new state under `keys` and return the new `w`.

    Raises
    ------
    TypeError, ValueError
        If a state does not hold real numbers or has another shape.

    """
    states = [_own_state(config, key, w.shape) for key in keys]
    flat = [array.ravel() for array in states]  # views, as all of them are contiguous
    next_w = np.empty(w.shape)
    kernel(w.ravel(), dw.ravel(), *flat, *numbers, next_w.ravel())
    config.update(zip(keys, states, strict=True))
    return next_w


def run_in_place(
    kernel: Any,
    w: FloatArray,
    dw: FloatArray,
    config: Config,
    keys: tuple[str, ...],
    *numbers: float,
) -> None:
    """Do what `run_kernel` does with a kernel that writes over `w`, a contiguous array.

    Raises
    ------
    TypeError, ValueError
        If a state does not hold real numbers or has another shape.

    """
    states = [_own_state(config, key, w.shape) for key in keys]
    flat = [array.ravel() for array in states]  # views, as all of them are contiguous
    kernel(w.ravel(), dw.ravel(), *flat, *numbers)
    config.update(zip(keys, states, strict=True))


def _own_state(config: Config, key: str, shape: tuple[int, ...]) -> FloatArray:
    """Return the state as a contiguous array that may be written over, a copy if need be.

    Memory decides how fast a long step is, and an array of our own from the step before costs less
    of it than a new one. It is our own if nobody but `config` refers to it: then nobody can tell.
    """
    if config.get(key) is None:
        return np.zeros(shape)
    unshared = sys.getrefcount(config[key]) == _UNSHARED
    value = config[key]
    if unshared and type(value) is np.ndarray and value.dtype is _FLOAT64:
        flags = value.flags
        if value.shape == shape and flags.owndata and flags.carray:
            return value
    return np.array(state(config, key, shape), order="C")


_FLOAT64 = np.dtype(np.float64)
_HOLDER = {"array": np.zeros(1)}
_UNSHARED = sys.getrefcount(_HOLDER["array"])  # by a dict and by the call itself
