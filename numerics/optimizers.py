"""Optimizers: how a step follows from the gradient.

A step takes `(w, dw, config=None)` and returns `(next_w, config)`. `w` and `dw` are real arrays of
equal shapes, left as they were; `next_w` is a new float64 array. `config` holds the hyperparameters
and the state, a dict for each parameter: the one that was given comes back, with the defaults of
missing keys filled in and the state moved on (None: a new dict). State that anybody else refers to
is not written to, so that a copy of the dict can be kept and gone back to. For a long run with
many parameters there is `adam_in_place`, which writes over `w`.

Everything is computed in float64 whatever real numbers are given. Empty arrays are refused; NaN
goes through. The adaptive optimizers and the schedules of the learning rate have files of their own
and are found under this name too.
"""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from numerics.adaptive import (
    adagrad,
    adam,
    adam_in_place,
    adam_reordered,
    adamw,
    adamw_reordered,
    rmsprop,
)
from numerics.schedules import cosine_decay, step_decay, warmup_cosine
from numerics.stepping import Config, Number, Rule, Step, load_kernels
from numerics.validation import FloatArray, real_array, real_number

__all__ = [
    "adagrad",
    "adam",
    "adam_in_place",
    "adam_reordered",
    "adamw",
    "adamw_reordered",
    "clip_gradient_norm",
    "cosine_decay",
    "load_kernels",
    "nesterov_momentum",
    "rmsprop",
    "sgd",
    "sgd_momentum",
    "step_decay",
    "warmup_cosine",
]

SGD_KERNEL_SIZE = 16_384  # elements: with two passes to save, its kernel pays later than the others


def sgd(w: Any, dw: Any, config: Config | None = None) -> Step:
    r"""Step against the gradient, :math:`w - \eta\,dw`.

    Parameters
    ----------
    w, dw : array_like of real numbers, equal shapes
    config : dict, optional
        "learning_rate" (1e-2, >= 0).

    Returns
    -------
    next_w : ndarray of float64, the shape of `w`
    config : dict

    Raises
    ------
    TypeError, ValueError
        If an argument or an entry is not of its kind or out of its range.

    References
    ----------
    H. Robbins and S. Monro, A stochastic approximation method, Ann. Math. Statist. 22, 1951.

    """
    return _SGD.step(w, dw, config, kernel_from=SGD_KERNEL_SIZE)


def sgd_momentum(w: Any, dw: Any, config: Config | None = None) -> Step:
    r"""Step by a velocity: :math:`v \leftarrow \mu v - \eta\,dw`, then :math:`w + v`.

    Parameters
    ----------
    w, dw : array_like of real numbers, equal shapes
    config : dict, optional
        "learning_rate" (1e-2, >= 0), "momentum" (0.9, >= 0) and "velocity" (zeros; the shape of
        `w`).

    Returns
    -------
    next_w : ndarray of float64, the shape of `w`
    config : dict

    Raises
    ------
    TypeError, ValueError
        If an argument or an entry is not of its kind or out of its range.

    References
    ----------
    B. T. Polyak, Some methods of speeding up the convergence of iteration methods, USSR Comput.
    Math. Math. Phys. 4, 1964.

    """
    return _MOMENTUM.step(w, dw, config)


def nesterov_momentum(w: Any, dw: Any, config: Config | None = None) -> Step:
    r"""Step by the velocity that the next step would have.

    :math:`v' = \mu v - \eta\,dw`, then :math:`w - \mu v + (1 + \mu) v'`: `w` is the point that
    Nesterov's method looks ahead to, which is where `dw` is taken.

    Parameters
    ----------
    w, dw : array_like of real numbers, equal shapes
    config : dict, optional
        "learning_rate" (1e-2, >= 0), "momentum" (0.9, >= 0) and "velocity" (zeros; the shape of
        `w`).

    Returns
    -------
    next_w : ndarray of float64, the shape of `w`
    config : dict

    Raises
    ------
    TypeError, ValueError
        If an argument or an entry is not of its kind or out of its range.

    References
    ----------
    Y. Nesterov, A method of solving a convex programming problem with convergence rate O(1/k^2),
    Soviet Math. Dokl. 27, 1983.
    Y. Bengio, N. Boulanger-Lewandowski and R. Pascanu, Advances in optimizing recurrent networks,
    ICASSP 2013, section 3.5: this form.

    """
    return _NESTEROV.step(w, dw, config)


@np.errstate(invalid="ignore")
def clip_gradient_norm(
    grads: Mapping[str, Any], max_norm: float
) -> tuple[dict[str, FloatArray], float]:
    r"""Scale all gradients down by one factor where their common norm is above `max_norm`.

    :math:`g \min(1, c / \lVert g \rVert)`, the norm taken over the elements of all arrays.

    Parameters
    ----------
    grads : dict of array_like of real numbers
    max_norm : float >= 0
        The :math:`c` of the formula.

    Returns
    -------
    clipped : dict of ndarray of float64
        New arrays, with the keys and shapes of `grads`.
    norm : float
        Before clipping, also where squares overflow. NaN or infinite if an element is: `clipped`
        is of no use then.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of its kind or out of its range, or an array is empty.

    References
    ----------
    R. Pascanu, T. Mikolov and Y. Bengio, On the difficulty of training recurrent neural networks,
    ICML 2013, algorithm 1.

    """
    max_norm = real_number("max_norm", max_norm, at_least=0.0)
    arrays = {name: real_array(f'grads["{name}"]', grad) for name, grad in grads.items()}
    norm = _norm(list(arrays.values()))
    if norm <= max_norm:
        return {name: array.copy() for name, array in arrays.items()}, norm
    factor = max_norm / norm
    return {name: np.asarray(factor * array) for name, array in arrays.items()}, norm


def _norm(arrays: list[FloatArray]) -> float:
    """Return the root of the sum of all squares; scaled first where squares would overflow."""
    largest = float(np.max([np.abs(array).max() for array in arrays])) if arrays else 0.0
    if not 0.0 < largest < math.inf:
        return largest
    if 1e-140 < largest < 1e140:
        return math.sqrt(sum(float(np.vdot(array, array)) for array in arrays))
    return largest * _norm([np.asarray(array / largest) for array in arrays])


def _descent(w: FloatArray, dw: FloatArray, learning_rate: float) -> tuple[FloatArray]:
    return (w - learning_rate * dw,)


def _momentum(
    w: FloatArray, dw: FloatArray, velocity: FloatArray, learning_rate: float, momentum: float
) -> tuple[FloatArray, FloatArray]:
    velocity = momentum * velocity - learning_rate * dw
    return w + velocity, velocity


def _nesterov(
    w: FloatArray, dw: FloatArray, velocity: FloatArray, learning_rate: float, momentum: float
) -> tuple[FloatArray, FloatArray]:
    old, velocity = velocity, momentum * velocity - learning_rate * dw
    return w - momentum * old + (1.0 + momentum) * velocity, velocity


_RATE = Number("learning_rate", 1e-2)
_BOTH = (_RATE, Number("momentum", 0.9))
_SGD = Rule("sgd", _descent, (_RATE,))
_MOMENTUM = Rule("sgd_momentum", _momentum, _BOTH, ("velocity",))
_NESTEROV = Rule("nesterov_momentum", _nesterov, _BOTH, ("velocity",))
