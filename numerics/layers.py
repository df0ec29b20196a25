"""Layers as pairs of a forward and a backward.

A forward returns its output and a cache; the backward takes the gradient of the loss with respect
to that output, `dout`, and returns the gradients with respect to the forward's arguments. A cache
is private to its pair, and may refer to the forward's arguments: to change those in place before
the backward is to change the result.

Everything is computed in float64 whatever real numbers are given, and arguments are left as they
were. Empty arrays are refused; NaN goes through.
"""

from typing import Any

import numpy as np

from numerics.compiled import Kernels
from numerics.validation import FloatArray, real_array

AffineCache = tuple[FloatArray, FloatArray]

KERNELS = Kernels("backprop")
load_kernels = KERNELS.load


def affine_forward(x: Any, w: Any, b: Any) -> tuple[FloatArray, AffineCache]:
    """Return x @ w + b, each example of `x` flattened to a row.

    Parameters
    ----------
    x : array_like of shape (N, d1, ..., dk)
        Examples of D = d1 * ... * dk numbers each.
    w : array_like of shape (D, M)
    b : array_like of shape (M,)

    Returns
    -------
    out : ndarray of float64, shape (N, M)
    cache
        For `affine_backward`.

    Raises
    ------
    TypeError, ValueError
        If an argument does not hold real numbers, is empty, or has another shape.

    References
    ----------
    I. Goodfellow, Y. Bengio and A. Courville, Deep Learning, MIT Press, 2016, section 6.5.

    """
    x = examples(x)
    w, b = weights_and_bias(("w", w), ("b", b), x.size // len(x))
    out = x.reshape(len(x), -1) @ w
    out += b
    return out, (x, w)


def affine_backward(dout: Any, cache: AffineCache) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return the gradients of `affine_forward` with respect to x, w and b.

    Parameters
    ----------
    dout : array_like of shape (N, M)
    cache
        From `affine_forward`.

    Returns
    -------
    dx : ndarray of float64, shape (N, d1, ..., dk)
        dout @ w.T, in the shape that `x` had.
    dw : ndarray of float64, shape (D, M)
        x.T @ dout, examples flattened.
    db : ndarray of float64, shape (M,)
        `dout` summed over the examples.

    Raises
    ------
    TypeError, ValueError
        If `dout` does not hold real numbers or has another shape than `out`.

    """
    x, w = cache
    dout = real_array("dout", dout, shape=(len(x), w.shape[1]))
    return (dout @ w.T).reshape(x.shape), x.reshape(len(x), -1).T @ dout, dout.sum(axis=0)


def relu_forward(x: Any) -> tuple[FloatArray, FloatArray]:
    """Return max(0, x), elementwise.

    Parameters
    ----------
    x : array_like of real numbers, any shape

    Returns
    -------
    out : ndarray of float64, the shape of `x`
    cache
        For `relu_backward`.

    Raises
    ------
    TypeError, ValueError
        If `x` does not hold real numbers or is empty.

    References
    ----------
    X. Glorot, A. Bordes and Y. Bengio, Deep sparse rectifier neural networks, AISTATS 2011.

    """
    x = real_array("x", x)
    return np.maximum(x, 0.0), x


def relu_backward(dout: Any, cache: FloatArray) -> FloatArray:
    """Return `dout` where `x` was positive and 0 elsewhere, at exactly 0 too.

    Parameters
    ----------
    dout : array_like, the shape of `x`
    cache
        From `relu_forward`.

    Returns
    -------
    dx : ndarray of float64, the shape of `x`

    Raises
    ------
    TypeError, ValueError
        If `dout` does not hold real numbers or has another shape than `out`.

    """
    x = cache
    dout = real_array("dout", dout, shape=x.shape)
    if kernels := KERNELS.worth(x.size):
        dx = np.empty(x.shape)
        kernels.relu_backward(dout.ravel(), x.ravel(), dx.reshape(-1))
        return dx
    return np.where(x > 0.0, dout, 0.0)


def sigmoid_forward(x: Any) -> tuple[FloatArray, FloatArray]:
    r"""Return :math:`1 / (1 + e^{-x})`, elementwise.

    Computed from :math:`e^{-|x|}`, as is the slope :math:`e^{-|x|} / (1 + e^{-|x|})^2`: neither
    overflows, and the slope does not vanish where the output rounds to 1.

    Parameters
    ----------
    x : array_like of real numbers, any shape

    Returns
    -------
    out : ndarray of float64, the shape of `x`
    cache
        For `sigmoid_backward`.

    Raises
    ------
    TypeError, ValueError
        If `x` does not hold real numbers or is empty.

    References
    ----------
    D. E. Rumelhart, G. E. Hinton and R. J. Williams, Learning representations by back-propagating
    errors, Nature 323, 1986.

    """
    x = real_array("x", x)
    if kernels := KERNELS.worth(x.size):
        out, slope = np.empty((2, *x.shape))
        kernels.sigmoid_forward(x.ravel(), out.reshape(-1), slope.reshape(-1))
        return out, slope
    decay = np.exp(-np.abs(x))
    share = 1.0 / (1.0 + decay)
    return np.where(x >= 0.0, share, decay * share), decay * share**2


def sigmoid_backward(dout: Any, cache: FloatArray) -> FloatArray:
    """Return `dout` times the slope of the sigmoid.

    Parameters
    ----------
    dout : array_like, the shape of `x`
    cache
        From `sigmoid_forward`.

    Returns
    -------
    dx : ndarray of float64, the shape of `x`

    Raises
    ------
    TypeError, ValueError
        If `dout` does not hold real numbers or has another shape than `out`.

    """
    slope = cache
    return real_array("dout", dout, shape=slope.shape) * slope


def tanh_forward(x: Any) -> tuple[FloatArray, FloatArray]:
    r"""Return the hyperbolic tangent, elementwise.

    The slope :math:`1 - \tanh^2 x` is computed as
    :math:`4 e^{-2|x|} / (1 + e^{-2|x|})^2`: it does not vanish where the output rounds to 1.

    Parameters
    ----------
    x : array_like of real numbers, any shape

    Returns
    -------
    out : ndarray of float64, the shape of `x`
    cache
        For `tanh_backward`.

    Raises
    ------
    TypeError, ValueError
        If `x` does not hold real numbers or is empty.

    References
    ----------
    Y. LeCun, L. Bottou, G. B. Orr and K.-R. Mueller, Efficient backprop, in Neural Networks: Tricks
    of the Trade, 1998.

    """
    x = real_array("x", x)
    if kernels := KERNELS.worth(x.size):
        out, slope = np.empty((2, *x.shape))
        kernels.tanh_forward(x.ravel(), out.reshape(-1), slope.reshape(-1))
        return out, slope
    decay = np.exp(-2.0 * np.abs(x))
    return np.tanh(x), 4.0 * decay / (1.0 + decay) ** 2


def tanh_backward(dout: Any, cache: FloatArray) -> FloatArray:
    """Return `dout` times the slope of the hyperbolic tangent.

    Parameters
    ----------
    dout : array_like, the shape of `x`
    cache
        From `tanh_forward`.

    Returns
    -------
    dx : ndarray of float64, the shape of `x`

    Raises
    ------
    TypeError, ValueError
        If `dout` does not hold real numbers or has another shape than `out`.

    """
    slope = cache
    return real_array("dout", dout, shape=slope.shape) * slope


def examples(x: Any) -> FloatArray:
    """Return `x` with one example a row, or raise what the functions of this file raise."""
    rows = real_array("x", x)
    if rows.ndim < 2:
        raise ValueError(f"x must have shape (N, d1, ...), one example a row, got {rows.shape}")
    return rows


def weights_and_bias(
    named_w: tuple[str, Any],
    named_b: tuple[str, Any],
    num_inputs: int,
    num_outputs: int | None = None,
) -> tuple[FloatArray, FloatArray]:
    """Return a layer's parameters, each given with its name, or raise as `affine_forward` does."""
    w = real_array(*named_w, ndim=2)
    if w.shape[0] != num_inputs or num_outputs not in (None, w.shape[1]):
        wanted = f"({num_inputs}, {'M' if num_outputs is None else num_outputs})"
        raise ValueError(f"{named_w[0]} must have shape {wanted}, got {w.shape}")
    return w, real_array(*named_b, shape=(w.shape[1],))
