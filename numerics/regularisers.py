"""Regularisers: what makes the learnt hold on new data.

Penalties, dropout, softened labels and early stopping stand here; normalisation and augmentation
have files of their own and are found under this name too. Every function computes in float64
whatever real numbers it is given, and leaves its inputs as they were. Empty arrays are refused; NaN
goes through. A random function draws from the `rng` it is given and from nothing else. A cache is
private to its pair of functions.
"""

from typing import Any

import numpy as np

from numerics.augmentation import horizontal_flip, mixup, random_crop
from numerics.normalisation import (
    batchnorm_backward,
    batchnorm_forward,
    layernorm_backward,
    layernorm_forward,
    load_kernels,
)
from numerics.validation import (
    FloatArray,
    class_labels,
    generator,
    real_array,
    real_number,
    training_mode,
    whole_number,
)

__all__ = [
    "batchnorm_backward",
    "batchnorm_forward",
    "dropout_backward",
    "dropout_forward",
    "early_stopping",
    "horizontal_flip",
    "l1_penalty",
    "l2_penalty",
    "label_smoothing",
    "layernorm_backward",
    "layernorm_forward",
    "load_kernels",
    "mixup",
    "random_crop",
]

# The shape of the input, and what dropout multiplied it by: None where nothing was dropped.
DropoutCache = tuple[tuple[int, ...], FloatArray | None]


def l2_penalty(w: Any, strength: float) -> tuple[float, FloatArray]:
    r"""Return :math:`\frac{\lambda}{2} \sum w^2` and its gradient :math:`\lambda w`.

    Parameters
    ----------
    w : array_like of real numbers, any shape
    strength : float >= 0
        The :math:`\lambda` of the formula.

    Returns
    -------
    loss : float
    dw : ndarray of float64, the shape of `w`

    Raises
    ------
    TypeError, ValueError
        If `w` is not real or is empty, or `strength` is not a finite number >= 0.

    References
    ----------
    A. Krogh and J. A. Hertz, A simple weight decay can improve generalization, NIPS 1991.

    """
    w = real_array("w", w)
    strength = real_number("strength", strength, at_least=0.0)
    return 0.5 * strength * float(np.sum(w * w)), strength * w


def l1_penalty(w: Any, strength: float) -> tuple[float, FloatArray]:
    r"""Return :math:`\lambda \sum |w|` and the subgradient :math:`\lambda\,\mathrm{sign}(w)`.

    Parameters
    ----------
    w : array_like of real numbers, any shape
    strength : float >= 0
        The :math:`\lambda` of the formula.

    Returns
    -------
    loss : float
    dw : ndarray of float64, the shape of `w`; 0 where `w` is 0

    Raises
    ------
    TypeError, ValueError
        If `w` is not real or is empty, or `strength` is not a finite number >= 0.

    References
    ----------
    R. Tibshirani, Regression shrinkage and selection via the lasso, J. R. Stat. Soc. B 58, 1996.

    """
    w = real_array("w", w)
    strength = real_number("strength", strength, at_least=0.0)
    return strength * float(np.sum(np.abs(w))), strength * np.sign(w)


def dropout_forward(
    x: Any, drop_prob: float, mode: str, rng: "np.random.Generator"
) -> tuple[FloatArray, DropoutCache]:
    """Set each element to zero with probability `drop_prob` and scale the others up.

    Inverted dropout: a survivor is divided by 1 - `drop_prob`, which keeps the expected value, so
    that at test time nothing is to be done.

    Parameters
    ----------
    x : array_like of real numbers, any shape
    drop_prob : float, 0 <= drop_prob < 1
        The probability of being set to zero (not of being kept).
    mode : {"train", "test"}
        "test" returns a copy of `x` and draws nothing.
    rng : numpy.random.Generator

    Returns
    -------
    out : ndarray of float64, the shape of `x`
    cache
        For `dropout_backward`.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of its kind or out of its range.

    References
    ----------
    N. Srivastava et al., Dropout: a simple way to prevent neural networks from overfitting,
    JMLR 15, 2014.

    """
    x = real_array("x", x)
    drop_prob = real_number("drop_prob", drop_prob, at_least=0.0, below=1.0)
    rng = generator("rng", rng)
    if not training_mode("mode", mode):
        return x.copy(), (x.shape, None)
    factor = (rng.random(x.shape) >= drop_prob) / (1.0 - drop_prob)
    return x * factor, (x.shape, factor)


def dropout_backward(dout: Any, cache: DropoutCache) -> FloatArray:
    """Send the gradient through the elements that `dropout_forward` kept, scaled as they were.

    Parameters
    ----------
    dout : array_like, the shape of the forward's `out`
    cache
        From `dropout_forward`.

    Returns
    -------
    dx : ndarray of float64, the shape of `dout`

    Raises
    ------
    TypeError, ValueError
        If `dout` does not hold real numbers or has another shape than `out`.

    """
    shape, factor = cache
    dout = real_array("dout", dout, shape=shape)
    dx: FloatArray = dout.copy() if factor is None else dout * factor
    return dx


def label_smoothing(y: Any, num_classes: int, smoothing: float) -> FloatArray:
    """Return one-hot rows in which every class gets an equal part of `smoothing`.

    The class itself gets 1 - s + s / C, every other s / C.

    Parameters
    ----------
    y : array_like of int, shape (N,)
        Classes from 0 to C - 1.
    num_classes : int >= 1
        The C of the formula.
    smoothing : float, 0 <= smoothing <= 1

    Returns
    -------
    targets : ndarray of float64, shape (N, C)
        Rows that add up to 1.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of its kind or out of its range.

    References
    ----------
    C. Szegedy et al., Rethinking the Inception architecture for computer vision, CVPR 2016.

    """
    num_classes = whole_number("num_classes", num_classes, at_least=1)
    y = class_labels("y", y, num_classes)
    smoothing = real_number("smoothing", smoothing, at_least=0.0, at_most=1.0)
    targets = np.full((len(y), num_classes), smoothing / num_classes)
    targets[np.arange(len(y)), y] = 1.0 - smoothing + smoothing / num_classes
    return targets


def early_stopping(val_losses: Any, patience: int, min_delta: float = 0.0) -> tuple[int, int]:
    """Return the epoch at which training stops and the best one until then.

    An epoch improves if its loss is below the best so far minus `min_delta`; NaN never does.
    Training stops at the first epoch that comes `patience` or more after the best one, else at the
    last.

    Parameters
    ----------
    val_losses : array_like of shape (num_epochs,)
        The validation loss after each epoch.
    patience : int >= 1
    min_delta : float >= 0

    Returns
    -------
    stop_epoch, best_epoch : int
        Counted from 0. Where no epoch improves, the best is 0.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of its kind or out of its range.

    References
    ----------
    L. Prechelt, Early stopping - but when?, in Neural Networks: Tricks of the Trade, 1998.

    """
    val_losses = real_array("val_losses", val_losses, ndim=1)
    patience = whole_number("patience", patience, at_least=1)
    min_delta = real_number("min_delta", min_delta, at_least=0.0)
    best, best_epoch = float("inf"), 0
    for epoch, loss in enumerate(val_losses.tolist()):
        if loss < best - min_delta:
            best, best_epoch = loss, epoch
        if epoch - best_epoch >= patience:
            return epoch, best_epoch
    return len(val_losses) - 1, best_epoch
