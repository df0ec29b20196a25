"""Backpropagation: assigning credit to every weight of a network.

The layers have a file of their own and are found under this name too; here stand the networks that
are made of them. Everything is computed in float64 whatever real numbers are given, and arguments
are left as they were. Empty arrays are refused; NaN goes through.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from numerics.layers import (
    AffineCache,
    affine_backward,
    affine_forward,
    examples,
    load_kernels,
    relu_backward,
    relu_forward,
    sigmoid_backward,
    sigmoid_forward,
    tanh_backward,
    tanh_forward,
    weights_and_bias,
)
from numerics.losses import softmax_loss
from numerics.regularisers import l2_penalty
from numerics.validation import FloatArray, real_array, real_number

__all__ = [
    "affine_backward",
    "affine_forward",
    "load_kernels",
    "mlp_loss",
    "relu_backward",
    "relu_forward",
    "residual_backward",
    "residual_forward",
    "sigmoid_backward",
    "sigmoid_forward",
    "tanh_backward",
    "tanh_forward",
    "two_layer_loss",
]

ResidualCache = tuple[AffineCache, FloatArray, AffineCache]


def residual_forward(
    x: Any, w1: Any, b1: Any, w2: Any, b2: Any
) -> tuple[FloatArray, ResidualCache]:
    """Return x + affine(relu(affine(x))).

    Parameters
    ----------
    x : array_like of shape (N, D)
    w1 : array_like of shape (D, H)
    b1 : array_like of shape (H,)
    w2 : array_like of shape (H, D)
    b2 : array_like of shape (D,)

    Returns
    -------
    out : ndarray of float64, shape (N, D)
    cache
        For `residual_backward`.

    Raises
    ------
    TypeError, ValueError
        If an argument does not hold real numbers, is empty, or has another shape.

    References
    ----------
    K. He, X. Zhang, S. Ren and J. Sun, Deep residual learning for image recognition, CVPR 2016.

    """
    x = real_array("x", x, ndim=2)
    w1, b1 = weights_and_bias(("w1", w1), ("b1", b1), x.shape[1])
    w2, b2 = weights_and_bias(("w2", w2), ("b2", b2), w1.shape[1], x.shape[1])
    hidden, first = affine_forward(x, w1, b1)
    active, hidden = relu_forward(hidden)
    branch, second = affine_forward(active, w2, b2)
    return x + branch, (first, hidden, second)


def residual_backward(
    dout: Any, cache: ResidualCache
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray, FloatArray]:
    """Return the gradients of `residual_forward`; `dout` reaches `x` undiminished as well.

    Parameters
    ----------
    dout : array_like of shape (N, D)
    cache
        From `residual_forward`.

    Returns
    -------
    dx, dw1, db1, dw2, db2 : ndarray of float64
        Each of the shape of what it is the gradient of.

    Raises
    ------
    TypeError, ValueError
        If `dout` does not hold real numbers or has another shape than `out`.

    """
    first, hidden, second = cache
    dout = real_array("dout", dout, shape=first[0].shape)
    dactive, dw2, db2 = affine_backward(dout, second)
    dx, dw1, db1 = affine_backward(relu_backward(dactive, hidden), first)
    return dout + dx, dw1, db1, dw2, db2


def two_layer_loss(
    params: Mapping[str, Any], x: Any, y: Any, reg: float = 0.0
) -> tuple[float, dict[str, FloatArray]]:
    r"""Return the loss of affine - relu - affine - softmax and its gradients.

    To the cross-entropy is added :math:`\frac{\lambda}{2} (\sum W_1^2 + \sum W_2^2)`; biases are
    not penalised.

    Parameters
    ----------
    params : dict
        "W1" of shape (D, H), "b1" of (H,), "W2" of (H, C), "b2" of (C,).
    x : array_like of shape (N, d1, ..., dk), D = d1 * ... * dk
    y : array_like of int, shape (N,)
        Classes from 0 to C - 1.
    reg : float >= 0
        The :math:`\lambda` of the formula.

    Returns
    -------
    loss : float
    grads : dict of ndarray of float64
        The keys and shapes of `params`.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of its kind, shape or range, or `params` lacks a key.

    References
    ----------
    D. E. Rumelhart, G. E. Hinton and R. J. Williams, Learning representations by back-propagating
    errors, Nature 323, 1986.

    """
    if not isinstance(params, Mapping):
        raise TypeError(f"params must be a dict, got {type(params).__name__}")
    if missing := [key for key in ("W1", "b1", "W2", "b2") if key not in params]:
        raise ValueError(f"params must have the keys W1, b1, W2 and b2, lacks {missing}")
    x = examples(x)
    reg = real_number("reg", reg, at_least=0.0)
    named = {key: (f"params[{key!r}]", value) for key, value in params.items()}
    W1, b1 = weights_and_bias(named["W1"], named["b1"], x.size // len(x))
    W2, b2 = weights_and_bias(named["W2"], named["b2"], W1.shape[1])
    loss, ((dW1, db1), (dW2, db2)) = mlp_loss([(W1, b1), (W2, b2)], x, y)
    penalty1, dpenalty1 = l2_penalty(W1, reg)
    penalty2, dpenalty2 = l2_penalty(W2, reg)
    grads = {"W1": dW1 + dpenalty1, "b1": db1, "W2": dW2 + dpenalty2, "b2": db2}
    return loss + penalty1 + penalty2, grads


def mlp_loss(
    params: Sequence[tuple[Any, Any]], x: Any, y: Any
) -> tuple[float, list[tuple[FloatArray, FloatArray]]]:
    """Return the loss of affine layers, ReLU between them and softmax behind, and its gradients.

    Parameters
    ----------
    params : list of (W, b)
        One pair a layer, at least one: the first W of shape (D, H1), the next (H1, H2), the last
        (H, C); each b as long as its W is wide.
    x : array_like of shape (N, d1, ..., dk), D = d1 * ... * dk
    y : array_like of int, shape (N,)
        Classes from 0 to C - 1.

    Returns
    -------
    loss : float
    grads : list of (dW, db)
        In the order of `params`.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of its kind, shape or range.

    References
    ----------
    I. Goodfellow, Y. Bengio and A. Courville, Deep Learning, MIT Press, 2016, algorithms 6.3, 6.4.

    """
    if not isinstance(params, Sequence):
        raise TypeError(f"params must be a list of (W, b), got {type(params).__name__}")
    if not params:
        raise ValueError("params must hold at least one (W, b)")
    values = examples(x)
    affine_caches, relu_caches = [], []
    for depth, layer in enumerate(params):
        if depth > 0:
            values, relu_cache = relu_forward(values)
            relu_caches.append(relu_cache)
        w, b = _pair(f"params[{depth}]", layer)
        named_w, named_b = (f"params[{depth}][0]", w), (f"params[{depth}][1]", b)
        values, affine_cache = affine_forward(
            values, *weights_and_bias(named_w, named_b, values.size // len(values))
        )
        affine_caches.append(affine_cache)

    loss, dvalues = softmax_loss(values, y)
    grads: list[tuple[FloatArray, FloatArray]] = []
    while affine_caches:
        dvalues, dw, db = affine_backward(dvalues, affine_caches.pop())
        grads.append((dw, db))
        if relu_caches:
            dvalues = relu_backward(dvalues, relu_caches.pop())
    return loss, grads[::-1]


def _pair(name: str, layer: Any) -> tuple[Any, Any]:
    if not isinstance(layer, tuple | list):
        raise TypeError(f"{name} must be a pair (W, b), got {type(layer).__name__}")
    if len(layer) != 2:
        raise ValueError(f"{name} must be a pair (W, b), got {len(layer)} of them")
    return layer[0], layer[1]
