"""Optimizers that find a step size for each element; conventions as in `numerics.optimizers`.

Squares overflow where a gradient is beyond 1e154.
"""

import math
from typing import Any

import numpy as np

from numerics.stepping import (
    EPSILON,
    KERNELS,
    Config,
    Number,
    Rule,
    Step,
    arguments,
    read,
    run_in_place,
    run_kernel,
    state,
)
from numerics.validation import FloatArray, whole_number


def adagrad(w: Any, dw: Any, config: Config | None = None) -> Step:
    r"""Divide each step by the root of the sum of squares so far.

    :math:`c \leftarrow c + dw^2`, then :math:`w - \eta\,dw / (\sqrt{c} + \epsilon)`.

    Parameters
    ----------
    w, dw : array_like of real numbers, equal shapes
    config : dict, optional
        "learning_rate" (1e-2, >= 0), "epsilon" (1e-8, > 0) and "cache" (zeros; the shape of `w`,
        >= 0).

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
    J. Duchi, E. Hazan and Y. Singer, Adaptive subgradient methods for online learning and
    stochastic optimization, JMLR 12, 2011.

    """
    return _ADAGRAD.step(w, dw, config)


def rmsprop(w: Any, dw: Any, config: Config | None = None) -> Step:
    r"""Divide each step by the root of the running mean of squares.

    :math:`c \leftarrow \rho c + (1 - \rho) dw^2`, then
    :math:`w - \eta\,dw / (\sqrt{c} + \epsilon)`.

    Parameters
    ----------
    w, dw : array_like of real numbers, equal shapes
    config : dict, optional
        "learning_rate" (1e-2, >= 0), "decay_rate" (0.99, >= 0 and < 1), "epsilon" (1e-8, > 0) and
        "cache" (zeros; the shape of `w`, >= 0).

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
    T. Tieleman and G. Hinton, Lecture 6.5: rmsprop, Neural Networks for Machine Learning,
    Coursera, 2012.

    """
    return _RMSPROP.step(w, dw, config)


def adam(w: Any, dw: Any, config: Config | None = None) -> Step:
    r"""Step by the running mean of gradients over the root of the running mean of squares.

    :math:`m \leftarrow \beta_1 m + (1 - \beta_1) dw`,
    :math:`v \leftarrow \beta_2 v + (1 - \beta_2) dw^2`, both corrected for their start at 0,
    :math:`\hat m = m / (1 - \beta_1^t)` and :math:`\hat v = v / (1 - \beta_2^t)` with t counted up
    first, then :math:`w - \eta\,\hat m / (\sqrt{\hat v} + \epsilon)`.

    Parameters
    ----------
    w, dw : array_like of real numbers, equal shapes
    config : dict, optional
        "learning_rate" (1e-3, >= 0), "beta1" (0.9, >= 0 and < 1), "beta2" (0.999, >= 0 and < 1),
        "epsilon" (1e-8, > 0), "m" and "v" (zeros; the shape of `w`, v >= 0) and "t" (0, the
        steps taken before).

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
    D. P. Kingma and J. Ba, Adam: a method for stochastic optimization, ICLR 2015, algorithm 1.

    """
    return _adam(w, dw, config, decays=False)


def adamw(w: Any, dw: Any, config: Config | None = None) -> Step:
    r"""Step as `adam` does, and let the parameters decay apart from the gradient.

    :math:`w - \eta (\hat m / (\sqrt{\hat v} + \epsilon) + \lambda w)`, as PyTorch has it.

    Parameters
    ----------
    w, dw : array_like of real numbers, equal shapes
    config : dict, optional
        That of `adam`, and "weight_decay" (1e-2, >= 0), the :math:`\lambda` of the formula.

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
    I. Loshchilov and F. Hutter, Decoupled weight decay regularization, ICLR 2019, algorithm 2.

    """
    return _adam(w, dw, config, decays=True)


def adam_in_place(w: FloatArray, dw: Any, config: Config | None = None) -> Config:
    """Do what `adam` does and write the new parameters over `w`.

    From a million parameters on memory decides how long a step takes, and this moves an eighth
    less of it.

    Parameters
    ----------
    w : ndarray of float64, writeable and contiguous
    dw : array_like of real numbers, the shape of `w`
    config : dict, optional
        That of `adam`.

    Returns
    -------
    config : dict

    Raises
    ------
    TypeError, ValueError
        If an argument or an entry is not of its kind or out of its range; nothing is written then.

    """
    if not isinstance(w, np.ndarray) or w.dtype != np.float64 or not w.flags.carray:
        raise TypeError(
            "w must be a writeable, contiguous float64 array to be written over, got "
            + (f"dtype {w.dtype}, {w.strides=}" if isinstance(w, np.ndarray) else type(w).__name__)
        )
    _, config = _adam(w, dw, config, decays=False, in_place=True)
    return config


def adam_reordered(w: Any, dw: Any, config: Config | None = None) -> Step:
    r"""Step as `adam` does in the form that the paper gives to save work.

    :math:`w - \eta_t\,m / (\sqrt{v} + \hat\epsilon)` with the corrections in the rate,
    :math:`\eta_t = \eta \sqrt{1 - \beta_2^t} / (1 - \beta_1^t)`. Epsilon stands beside the
    uncorrected root here, so that it counts for more in the first steps: an :math:`\hat\epsilon`
    of :math:`\epsilon \sqrt{1 - \beta_2^t}` would give the step of `adam`.

    Parameters
    ----------
    w, dw : array_like of real numbers, equal shapes
    config : dict, optional
        That of `adam`; "epsilon" is the :math:`\hat\epsilon` of the formula.

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
    D. P. Kingma and J. Ba, Adam: a method for stochastic optimization, ICLR 2015, the end of
    section 2.

    """
    return _reordered(w, dw, config, decays=False)


def adamw_reordered(w: Any, dw: Any, config: Config | None = None) -> Step:
    r"""Step as `adam_reordered` does, and let the parameters decay apart from the gradient.

    :math:`w - \eta_t\,m / (\sqrt{v} + \hat\epsilon) - \eta \lambda w`: the corrections are the
    gradient's alone, and leave the decay as it is in `adamw`.

    Parameters
    ----------
    w, dw : array_like of real numbers, equal shapes
    config : dict, optional
        That of `adamw`; "epsilon" is the :math:`\hat\epsilon` of the formula.

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
    D. P. Kingma and J. Ba, Adam: a method for stochastic optimization, ICLR 2015, the end of
    section 2. I. Loshchilov and F. Hutter, Decoupled weight decay regularization, ICLR 2019.

    """
    return _reordered(w, dw, config, decays=True)


def _adam(w: Any, dw: Any, config: Config | None, *, decays: bool, in_place: bool = False) -> Step:
    w, dw, config = arguments(w, dw, config)
    learning_rate, beta1, beta2, epsilon = (read(config, number) for number in _ADAM)
    weight_decay = read(config, _DECAY) if decays else 0.0
    t = 1 + whole_number('config["t"]', config.setdefault("t", 0), at_least=0)
    if kernels := KERNELS.worth(w.size):
        rate = learning_rate / (1.0 - beta1**t)
        root = 1.0 / math.sqrt(1.0 - beta2**t)
        numbers = (beta1, beta2, rate, root, epsilon, 1.0 - learning_rate * weight_decay)
        if in_place:
            dw = dw.copy() if np.may_share_memory(w, dw) else dw
            run_in_place(kernels.adam_in_place, w, dw, config, ("m", "v"), *numbers)
            next_w = w
        else:
            next_w = run_kernel(kernels.adam, w, dw, config, ("m", "v"), *numbers)
    else:
        m = beta1 * state(config, "m", w.shape) + (1.0 - beta1) * dw
        v = beta2 * state(config, "v", w.shape) + (1.0 - beta2) * dw * dw
        step = m / (1.0 - beta1**t) / (np.sqrt(v / (1.0 - beta2**t)) + epsilon)
        next_w = w - learning_rate * (step + weight_decay * w if decays else step)
        config.update(m=m, v=v)
        if in_place:
            w[...] = next_w
    config["t"] = t
    return next_w, config


def _reordered(w: Any, dw: Any, config: Config | None, *, decays: bool) -> Step:
    w, dw, config = arguments(w, dw, config)
    learning_rate, beta1, beta2, epsilon = (read(config, number) for number in _ADAM)
    weight_decay = read(config, _DECAY) if decays else 0.0
    t = 1 + whole_number('config["t"]', config.setdefault("t", 0), at_least=0)
    m = beta1 * state(config, "m", w.shape) + (1.0 - beta1) * dw
    v = beta2 * state(config, "v", w.shape) + (1.0 - beta2) * dw * dw
    rate = learning_rate * math.sqrt(1.0 - beta2**t) / (1.0 - beta1**t)
    next_w = w - rate * m / (np.sqrt(v) + epsilon)
    if decays:
        next_w -= learning_rate * weight_decay * w
    config.update(m=m, v=v, t=t)
    return next_w, config


def _adagrad(
    w: FloatArray, dw: FloatArray, cache: FloatArray, learning_rate: float, epsilon: float
) -> tuple[FloatArray, FloatArray]:
    cache = cache + dw * dw
    return w - learning_rate * dw / (np.sqrt(cache) + epsilon), cache


def _rmsprop(  # noqa: PLR0917  # the arguments of its kernel
    w: FloatArray,
    dw: FloatArray,
    cache: FloatArray,
    learning_rate: float,
    decay_rate: float,
    epsilon: float,
) -> tuple[FloatArray, FloatArray]:
    cache = decay_rate * cache + (1.0 - decay_rate) * dw * dw
    return w - learning_rate * dw / (np.sqrt(cache) + epsilon), cache


_RATE = Number("learning_rate", 1e-2)
_DECAY_RATE = Number("decay_rate", 0.99, below=1.0)
_ADAGRAD = Rule("adagrad", _adagrad, (_RATE, EPSILON), ("cache",))
_RMSPROP = Rule("rmsprop", _rmsprop, (_RATE, _DECAY_RATE, EPSILON), ("cache",))
_ADAM = (
    Number("learning_rate", 1e-3),
    Number("beta1", 0.9, below=1.0),
    Number("beta2", 0.999, below=1.0),
    EPSILON,
)
_DECAY = Number("weight_decay", 1e-2)
