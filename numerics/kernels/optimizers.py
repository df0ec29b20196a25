"""Compiled steps of the optimizers: one pass over the parameters where NumPy makes a dozen.

Arguments are flat C-contiguous float64 arrays that the caller has checked. Each kernel fills
`next_w` and writes the new state over the old: from a million parameters on memory decides, and an
array that is written over costs less of it than a new one. No two arguments may overlap.
"""

# ruff: noqa: PLR0917  # a kernel is given its outputs, and numba calls by position

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def sgd(w: Floats, dw: Floats, learning_rate: float, next_w: Floats) -> None:
    """Step against the gradient."""
    for i in range(w.size):
        next_w[i] = w[i] - learning_rate * dw[i]


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def sgd_momentum(
    w: Floats, dw: Floats, velocity: Floats, learning_rate: float, momentum: float, next_w: Floats
) -> None:
    """Step by a velocity that the gradient accelerates."""
    for i in range(w.size):
        velocity[i] = momentum * velocity[i] - learning_rate * dw[i]
        next_w[i] = w[i] + velocity[i]


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def nesterov_momentum(
    w: Floats, dw: Floats, velocity: Floats, learning_rate: float, momentum: float, next_w: Floats
) -> None:
    """Step by the velocity that the next step would have."""
    for i in range(w.size):
        new = momentum * velocity[i] - learning_rate * dw[i]
        next_w[i] = w[i] - momentum * velocity[i] + (1.0 + momentum) * new
        velocity[i] = new


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def adagrad(
    w: Floats, dw: Floats, cache: Floats, learning_rate: float, epsilon: float, next_w: Floats
) -> None:
    """Divide each step by the root of the sum of squares."""
    for i in range(w.size):
        cache[i] += dw[i] * dw[i]
        next_w[i] = w[i] - learning_rate * dw[i] / (np.sqrt(cache[i]) + epsilon)


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def rmsprop(
    w: Floats,
    dw: Floats,
    cache: Floats,
    learning_rate: float,
    decay_rate: float,
    epsilon: float,
    next_w: Floats,
) -> None:
    """Divide each step by the root of the running mean of squares."""
    for i in range(w.size):
        cache[i] = decay_rate * cache[i] + (1.0 - decay_rate) * dw[i] * dw[i]
        next_w[i] = w[i] - learning_rate * dw[i] / (np.sqrt(cache[i]) + epsilon)


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def adam(
    w: Floats,
    dw: Floats,
    m: Floats,
    v: Floats,
    beta1: float,
    beta2: float,
    rate: float,
    root: float,
    epsilon: float,
    keep: float,
    next_w: Floats,
) -> None:
    """Step by the corrected mean over the root of the corrected mean square.

    `rate` is the learning rate / (1 - beta1^t), `root` 1 / sqrt(1 - beta2^t), and `keep` what
    weight decay leaves of `w`: 1 for Adam.
    """
    for i in range(w.size):
        m[i] = beta1 * m[i] + (1.0 - beta1) * dw[i]
        v[i] = beta2 * v[i] + (1.0 - beta2) * dw[i] * dw[i]
        next_w[i] = keep * w[i] - rate * m[i] / (np.sqrt(v[i]) * root + epsilon)


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def adam_in_place(
    w: Floats,
    dw: Floats,
    m: Floats,
    v: Floats,
    beta1: float,
    beta2: float,
    rate: float,
    root: float,
    epsilon: float,
    keep: float,
) -> None:
    """Do what `adam` does, and write over `w`: two arrays that overlap would not be vectorised."""
    for i in range(w.size):
        m[i] = beta1 * m[i] + (1.0 - beta1) * dw[i]
        v[i] = beta2 * v[i] + (1.0 - beta2) * dw[i] * dw[i]
        w[i] = keep * w[i] - rate * m[i] / (np.sqrt(v[i]) * root + epsilon)


def examples() -> dict[str, tuple[Any, ...]]:
    """Return small arguments for each kernel, to compile it before it is needed."""
    w = np.linspace(-2.0, 2.0, 13)
    dw, state = np.cos(w), np.square(w)

    def arrays(states: int) -> list[Floats]:
        return [w, dw, *(state.copy() for _ in range(states))]

    return {
        "sgd": (*arrays(0), 0.1, np.empty_like(w)),
        "sgd_momentum": (*arrays(1), 0.1, 0.9, np.empty_like(w)),
        "nesterov_momentum": (*arrays(1), 0.1, 0.9, np.empty_like(w)),
        "adagrad": (*arrays(1), 0.1, 1e-8, np.empty_like(w)),
        "rmsprop": (*arrays(1), 0.1, 0.99, 1e-8, np.empty_like(w)),
        "adam": (*arrays(2), 0.9, 0.999, 0.1, 1.5, 1e-8, 0.999, np.empty_like(w)),
        "adam_in_place": (w.copy(), *arrays(2)[1:], 0.9, 0.999, 0.1, 1.5, 1e-8, 0.999),
    }
