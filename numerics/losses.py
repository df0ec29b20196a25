"""Losses: how wrong a prediction is, and the gradient that says which way to correct it.

Every function computes in float64 whatever real numbers it is given, leaves its arguments as they
were, and returns the loss as a Python float with a float64 gradient. NaN in, NaN out; empty arrays
and unequal shapes are refused. `y` holds one integer class a row, from 0 to C - 1.

The cross-entropies of logits are arranged so that nothing overflows at logits of 1e4 and nothing
cancels: a loss of 1e-18 is given to full precision too.
"""

from typing import Any

import numpy as np

from numerics.compiled import Kernels
from numerics.validation import FloatArray, class_labels, real_array, real_number

KERNELS = Kernels("losses")
load_kernels = KERNELS.load


def mse_loss(prediction: Any, target: Any) -> tuple[float, FloatArray]:
    r"""Return the mean squared error and its gradient.

    With :math:`n` elements, :math:`\frac{1}{n} \sum (p - t)^2` and :math:`\frac{2}{n} (p - t)`.

    Parameters
    ----------
    prediction, target : array_like of real numbers, equal shapes

    Returns
    -------
    loss : float
    dprediction : ndarray of float64, the shape of `prediction`

    Raises
    ------
    TypeError
        If an argument does not hold real numbers.
    ValueError
        If the shapes differ (they are not broadcast) or are empty.

    References
    ----------
    C. M. Bishop, Pattern Recognition and Machine Learning, Springer, 2006, section 1.2.5.

    """
    prediction = real_array("prediction", prediction)
    target = real_array("target", target, shape=prediction.shape)
    if kernels := KERNELS.worth(prediction.size):
        dprediction = np.empty(prediction.shape)
        loss = kernels.mse_loss(prediction.ravel(), target.ravel(), dprediction.reshape(-1))
        return loss, dprediction
    error = prediction - target
    return float(np.mean(error**2)), error * (2.0 / error.size)


def huber_loss(prediction: Any, target: Any, delta: float = 1.0) -> tuple[float, FloatArray]:
    r"""Return the mean Huber loss and its gradient.

    An error :math:`e` costs :math:`e^2 / 2` up to :math:`\delta` and
    :math:`\delta (|e| - \delta / 2)` beyond, where the gradient stays at :math:`\pm \delta`.
    With :math:`q = \min(|e|, \delta)` both branches are :math:`q (|e| - q / 2)`.

    Parameters
    ----------
    prediction, target : array_like of real numbers, equal shapes
    delta : float > 0
        Where the parabola turns into a line.

    Returns
    -------
    loss : float
        The mean over all elements.
    dprediction : ndarray of float64, the shape of `prediction`

    Raises
    ------
    TypeError
        If an argument does not hold real numbers.
    ValueError
        If the shapes differ (they are not broadcast) or are empty, or `delta` is not positive.

    References
    ----------
    P. J. Huber, Robust estimation of a location parameter, Ann. Math. Statist. 35, 1964.

    """
    prediction = real_array("prediction", prediction)
    target = real_array("target", target, shape=prediction.shape)
    delta = real_number("delta", delta, above=0.0)
    if kernels := KERNELS.worth(prediction.size):
        dprediction = np.empty(prediction.shape)
        loss = kernels.huber_loss(
            prediction.ravel(), target.ravel(), delta, dprediction.reshape(-1)
        )
        return loss, dprediction
    error = prediction - target
    size = np.abs(error)
    inside = np.minimum(size, delta)
    loss = float(np.mean(inside * (size - 0.5 * inside)))
    return loss, np.clip(error, -delta, delta) / error.size


def binary_cross_entropy(probability: Any, target: Any) -> tuple[float, FloatArray]:
    r"""Return the mean binary cross-entropy of probabilities and its gradient.

    :math:`-\frac{1}{N} \sum t \log p + (1 - t) \log(1 - p)` and
    :math:`\frac{1}{N} \frac{p - t}{p (1 - p)}`, both at :math:`p` clipped to
    [1e-12, 1 - 1e-12]. So the gradient of a probability of 0 or 1 is large, not zero: a wrong
    answer is pushed back however sure it is.

    Parameters
    ----------
    probability, target : array_like of shape (N,), from 0 to 1

    Returns
    -------
    loss : float
    dprobability : ndarray of float64, shape (N,)

    Raises
    ------
    TypeError
        If an argument does not hold real numbers.
    ValueError
        If the shapes are not equal and (N,), N is 0, or a value is outside [0, 1] or NaN.

    Notes
    -----
    A mail given 0.30 that was spam costs 1.204; given 0.92 it costs 0.083.

    References
    ----------
    I. J. Good, Rational decisions, J. R. Stat. Soc. B 14, 1952.

    """
    probability = real_array("probability", probability, ndim=1)
    target = _unit_interval("target", real_array("target", target, shape=probability.shape))
    p = np.clip(_unit_interval("probability", probability), 1e-12, 1.0 - 1e-12)
    loss = -float(np.mean(target * np.log(p) + (1.0 - target) * np.log1p(-p)))
    return loss, (p - target) / (p * (1.0 - p)) / p.size


def binary_cross_entropy_with_logits(logits: Any, target: Any) -> tuple[float, FloatArray]:
    r"""Return the mean binary cross-entropy of logits and its gradient.

    With :math:`p = 1 / (1 + e^{-z})` a row costs :math:`-t \log p - (1 - t) \log(1 - p)`, and the
    gradient is :math:`(p - t) / N`. Both are computed from :math:`e^{-|z|}`, which cannot overflow:
    the side that :math:`z` leans to is wrong by :math:`w` (:math:`1 - t` for positive :math:`z`,
    else :math:`t`), which costs :math:`|z| w + \log(1 + e^{-|z|})`.

    Parameters
    ----------
    logits : array_like of shape (N,)
    target : array_like of shape (N,), from 0 to 1

    Returns
    -------
    loss : float
    dlogits : ndarray of float64, shape (N,)

    Raises
    ------
    TypeError
        If an argument does not hold real numbers.
    ValueError
        If the shapes are not equal and (N,), N is 0, or a target is outside [0, 1] or NaN.

    References
    ----------
    K. P. Murphy, Probabilistic Machine Learning: An Introduction, MIT Press, 2022, section 10.2.

    """
    logits = real_array("logits", logits, ndim=1)
    target = _unit_interval("target", real_array("target", target, shape=logits.shape))
    if kernels := KERNELS.worth(logits.size):
        dlogits = np.empty(logits.shape)
        loss = kernels.binary_cross_entropy_with_logits(logits.ravel(), target.ravel(), dlogits)
        return loss, dlogits
    positive = logits > 0.0
    wrong = np.where(positive, 1.0 - target, target)
    decay = np.exp(-np.abs(logits))
    loss = float(np.mean(np.abs(logits) * wrong + np.log1p(decay)))
    gradient = decay / (1.0 + decay) - wrong
    return loss, np.where(positive, -gradient, gradient) / logits.size


def softmax(x: Any, temperature: float = 1.0) -> FloatArray:
    r"""Return the softmax of each row, :math:`e^{x_j / T} / \sum_k e^{x_k / T}`.

    Parameters
    ----------
    x : array_like of shape (N, C)
        Logits; a row's largest one is subtracted first, so 1e4 is no danger.
    temperature : float > 0
        Above 1 the probabilities draw together, below 1 the largest takes all.

    Returns
    -------
    p : ndarray of float64, shape (N, C)
        Rows of probabilities that add up to 1.

    Raises
    ------
    TypeError
        If an argument does not hold real numbers.
    ValueError
        If `x` is empty or does not have two axes, or `temperature` is not positive.

    References
    ----------
    J. S. Bridle, Probabilistic interpretation of feedforward classification network outputs, 1990.
    G. Hinton, O. Vinyals and J. Dean, Distilling the knowledge in a neural network, 2015.

    """
    x = real_array("x", x, ndim=2)
    temperature = real_number("temperature", temperature, above=0.0)
    if temperature != 1.0:
        x = _below_largest(x) / temperature
    if kernels := KERNELS.worth(x.size):
        p = np.empty(x.shape)
        kernels.softmax(np.ascontiguousarray(x), p)
        return p
    exponentials = np.exp(_below_largest(x))
    probabilities: FloatArray = exponentials / exponentials.sum(axis=1, keepdims=True)
    return probabilities


def softmax_loss(x: Any, y: Any) -> tuple[float, FloatArray]:
    r"""Return the mean cross-entropy of the softmax of logits and its gradient.

    A row costs :math:`\log \sum_k e^{x_k} - x_y`, and :math:`\partial / \partial x_j` is
    :math:`(p_j - [j = y]) / N`. With each row's largest logit subtracted, the logarithm is taken of
    :math:`1 + (\sum_k e^{x_k} - 1)`, and :math:`p_y - 1` is minus what the other classes hold.

    Parameters
    ----------
    x : array_like of shape (N, C)
        Logits.
    y : array_like of int, shape (N,)
        The correct classes.

    Returns
    -------
    loss : float
    dx : ndarray of float64, shape (N, C)

    Raises
    ------
    TypeError
        If `x` does not hold real numbers or `y` does not hold integers.
    ValueError
        If a shape is empty or wrong, or a class is not in 0..C-1.

    References
    ----------
    I. Goodfellow, Y. Bengio and A. Courville, Deep Learning, MIT Press, 2016, section 6.2.2.3.
    P. Blanchard, D. J. Higham and N. J. Higham, Accurately computing the log-sum-exp and softmax
    functions, IMA J. Numer. Anal. 41, 2021.

    """
    x = real_array("x", x, ndim=2)
    y = class_labels("y", y, num_classes=x.shape[1], num_rows=x.shape[0])
    if kernels := KERNELS.worth(x.size):
        dx = np.empty(x.shape)
        return kernels.softmax_loss(np.ascontiguousarray(x), np.ascontiguousarray(y), dx), dx
    rows = np.arange(len(y))
    shifted = _below_largest(x)
    exponentials = np.exp(shifted)
    correct = exponentials[rows, y]
    exponentials[rows, y] = 0.0
    others = exponentials.sum(axis=1)
    loss = float(np.mean(np.log1p(others + (correct - 1.0)) - shifted[rows, y]))
    exponentials[rows, y] = -others
    return loss, exponentials / ((correct + others) * len(y))[:, np.newaxis]


def temperature_loss(x: Any, y: Any, temperature: float) -> tuple[float, FloatArray]:
    r"""Return the mean cross-entropy of softmax(x / T) and its gradient with respect to `x`.

    By the chain rule the gradient of `softmax_loss` at :math:`x / T` is divided by :math:`T`.

    Parameters
    ----------
    x : array_like of shape (N, C)
        Logits.
    y : array_like of int, shape (N,)
        The correct classes.
    temperature : float > 0

    Returns
    -------
    loss : float
    dx : ndarray of float64, shape (N, C)

    Raises
    ------
    TypeError
        If an argument does not hold real numbers, or `y` integers.
    ValueError
        If a shape is empty or wrong, a class is not in 0..C-1, or `temperature` is not positive.

    References
    ----------
    G. Hinton, O. Vinyals and J. Dean, Distilling the knowledge in a neural network, 2015.

    """
    x = real_array("x", x, ndim=2)
    temperature = real_number("temperature", temperature, above=0.0)
    loss, dx = softmax_loss(_below_largest(x) / temperature, y)
    return loss, dx / temperature


def svm_loss(x: Any, y: Any) -> tuple[float, FloatArray]:
    r"""Return the mean multiclass hinge loss with margin 1 and a subgradient.

    A row costs :math:`\sum_{j \ne y} \max(0, x_j - x_y + 1)`. Each class that violates the margin
    adds :math:`1 / N` to its own gradient and takes it from the correct class's; a margin of
    exactly 0 adds nothing.

    Parameters
    ----------
    x : array_like of shape (N, C)
        Scores.
    y : array_like of int, shape (N,)
        The correct classes.

    Returns
    -------
    loss : float
    dx : ndarray of float64, shape (N, C)

    Raises
    ------
    TypeError
        If `x` does not hold real numbers or `y` does not hold integers.
    ValueError
        If a shape is empty or wrong, or a class is not in 0..C-1.

    References
    ----------
    J. Weston and C. Watkins, Support vector machines for multi-class pattern recognition, 1999.

    """
    x = real_array("x", x, ndim=2)
    y = class_labels("y", y, num_classes=x.shape[1], num_rows=x.shape[0])
    if kernels := KERNELS.worth(x.size):
        dx = np.empty(x.shape)
        return kernels.svm_loss(np.ascontiguousarray(x), np.ascontiguousarray(y), dx), dx
    rows = np.arange(len(y))
    margins = np.maximum(0.0, (x - x[rows, y][:, np.newaxis]) + 1.0)
    margins[rows, y] = 0.0
    dx = (margins > 0.0) / len(y)
    dx[rows, y] = -np.count_nonzero(margins, axis=1) / len(y)
    return float(margins.sum() / len(y)), dx


def _below_largest(x: FloatArray) -> FloatArray:
    return x - x.max(axis=1, keepdims=True)  # type: ignore[no-any-return]


def _unit_interval(name: str, values: FloatArray) -> FloatArray:
    if not (values.min() >= 0.0 and values.max() <= 1.0):
        wrong = values[~((values >= 0.0) & (values <= 1.0))][0]
        raise ValueError(f"{name} must lie in [0, 1], got {wrong}")
    return values
