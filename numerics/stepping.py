"""What the optimizers share: how arguments, `config` and its state are read, and the kernels."""

import math
import sys
from typing import Any

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


def non_negative(config: Config, key: str, default: float, *, below: float | None = None) -> float:
    """Return a hyperparameter >= 0, and `below` a bound; the default is written to `config`.

    Raises
    ------
    TypeError, ValueError
        If it is no real number or out of bounds.

    """
    value = config.setdefault(key, default)
    if type(value) is float and 0.0 <= value < (math.inf if below is None else below):
        return value
    return real_number(f'config["{key}"]', value, at_least=0.0, below=below)


def positive(config: Config, key: str, default: float) -> float:
    """Return a hyperparameter > 0; the default is written to `config`.

    Raises
    ------
    TypeError, ValueError
        If it is no real number or out of bounds.

    """
    value = config.setdefault(key, default)
    if type(value) is float and 0.0 < value < math.inf:
        return value
    return real_number(f'config["{key}"]', value, above=0.0)


def state(config: Config, key: str, shape: tuple[int, ...]) -> FloatArray:
    """Return what `config` remembers under that name, zeros at the start; not to be written to.

    Raises
    ------
    TypeError, ValueError
        If it does not hold real numbers or has another shape.

    """
    value = config.get(key)
    return np.zeros(shape) if value is None else real_array(f'config["{key}"]', value, shape=shape)


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
    next_w = np.empty(w.shape)
    flat = [array.ravel() for array in states]  # views, as all of them are contiguous
    kernel(w.ravel(), dw.ravel(), *flat, *numbers, next_w.ravel())
    config.update(zip(keys, states, strict=True))
    return next_w


def _own_state(config: Config, key: str, shape: tuple[int, ...]) -> FloatArray:
    """Return the state as a contiguous array that may be written over, a copy if need be.

    Memory decides how fast a long step is, and an array of our own from the step before costs less
    of it than a new one. It is our own if nobody but `config` refers to it: then nobody can tell.
    """
    if config.get(key) is None:
        return np.zeros(shape)
    unshared = sys.getrefcount(config[key]) == _UNSHARED
    array = state(config, key, shape)
    if unshared and array.base is None and array.flags.carray:
        return array
    return np.array(array, order="C")


_HOLDER = {"array": np.zeros(1)}
_UNSHARED = sys.getrefcount(_HOLDER["array"])  # by a dict and by the call itself
