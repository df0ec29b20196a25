"""Optimizers that find a step size for each element; conventions as in `numerics.optimizers`.

Squares overflow where a gradient is beyond 1e154.
"""

import math
from typing import Any

import numpy as np

from numerics.stepping import (
    KERNELS,
    Config,
    Step,
    arguments,
    non_negative,
    positive,
    run_kernel,
    state,
)
from numerics.validation import whole_number


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
    w, dw, config = arguments(w, dw, config)
    learning_rate = non_negative(config, "learning_rate", 1e-2)
    epsilon = positive(config, "epsilon", 1e-8)
    if kernels := KERNELS.worth(w.size):
        numbers = (learning_rate, epsilon)
        return run_kernel(kernels.adagrad, w, dw, config, ("cache",), *numbers), config
    cache = state(config, "cache", w.shape) + dw * dw
    config["cache"] = cache
    return w - learning_rate * dw / (np.sqrt(cache) + epsilon), config


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
    w, dw, config = arguments(w, dw, config)
    learning_rate = non_negative(config, "learning_rate", 1e-2)
    decay_rate = non_negative(config, "decay_rate", 0.99, below=1.0)
    epsilon = positive(config, "epsilon", 1e-8)
    if kernels := KERNELS.worth(w.size):
        numbers = (learning_rate, decay_rate, epsilon)
        return run_kernel(kernels.rmsprop, w, dw, config, ("cache",), *numbers), config
    cache = decay_rate * state(config, "cache", w.shape) + (1.0 - decay_rate) * dw * dw
    config["cache"] = cache
    return w - learning_rate * dw / (np.sqrt(cache) + epsilon), config


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


def _adam(w: Any, dw: Any, config: Config | None, *, decays: bool) -> Step:
    w, dw, config = arguments(w, dw, config)
    learning_rate = non_negative(config, "learning_rate", 1e-3)
    beta1 = non_negative(config, "beta1", 0.9, below=1.0)
    beta2 = non_negative(config, "beta2", 0.999, below=1.0)
    epsilon = positive(config, "epsilon", 1e-8)
    weight_decay = non_negative(config, "weight_decay", 1e-2) if decays else 0.0
    t = 1 + whole_number('config["t"]', config.setdefault("t", 0), at_least=0)
    if kernels := KERNELS.worth(w.size):
        rate = learning_rate / (1.0 - beta1**t)
        root = 1.0 / math.sqrt(1.0 - beta2**t)
        numbers = (beta1, beta2, rate, root, epsilon, 1.0 - learning_rate * weight_decay)
        next_w = run_kernel(kernels.adam, w, dw, config, ("m", "v"), *numbers)
    else:
        m = beta1 * state(config, "m", w.shape) + (1.0 - beta1) * dw
        v = beta2 * state(config, "v", w.shape) + (1.0 - beta2) * dw * dw
        step = m / (1.0 - beta1**t) / (np.sqrt(v / (1.0 - beta2**t)) + epsilon)
        next_w = w - learning_rate * (step + weight_decay * w if decays else step)
        config.update(m=m, v=v)
    config["t"] = t
    return next_w, config
