"""Batch and layer normalisation: every feature, or every example, at the same scale.

Computed in float64 whatever real numbers are given. Arrays are left as they were; only `bn_param`
is written to, with new arrays. NaN goes through. A cache is private to its pair of functions, and
refers to the forward's input: to change that in place before the backward is to change the result.
"""

from collections.abc import Mapping, MutableMapping
from typing import Any

import numpy as np

from numerics.compiled import Kernels
from numerics.validation import FloatArray, real_array, real_number, training_mode

# The input, gamma, the mean and 1 / standard deviation used, and whether these came from the input.
BatchnormCache = tuple[FloatArray, FloatArray, FloatArray, FloatArray, bool]
# The same for layer normalisation, whose statistics always come from the input.
LayernormCache = tuple[FloatArray, FloatArray, FloatArray, FloatArray]

KERNELS = Kernels("regularisers")
load_kernels = KERNELS.load


def batchnorm_forward(
    x: Any, gamma: Any, beta: Any, bn_param: MutableMapping[str, Any]
) -> tuple[FloatArray, BatchnormCache]:
    r"""Normalise each feature over the batch, then scale and shift it.

    :math:`\gamma (x - \mu) / \sqrt{\sigma^2 + \epsilon} + \beta`, with the batch's mean and biased
    variance in training and the running ones at test time. Training also updates
    running = momentum * running + (1 - momentum) * batch.

    Parameters
    ----------
    x : array_like of shape (N, D)
    gamma, beta : array_like of shape (D,)
    bn_param : dict
        "mode" ("train" or "test", required), "eps" (1e-5, > 0), "momentum" (0.9, from 0 to 1),
        "running_mean" and "running_var" (zeros; of shape (D,)). In training the two running
        averages are replaced in it.

    Returns
    -------
    out : ndarray of float64, shape (N, D)
    cache
        For `batchnorm_backward`.

    Raises
    ------
    TypeError, ValueError
        If an argument or an entry of `bn_param` is not of its kind, shape or range.

    References
    ----------
    S. Ioffe and C. Szegedy, Batch normalization, ICML 2015.

    """
    x = real_array("x", x, ndim=2)
    features = (x.shape[1],)
    gamma = real_array("gamma", gamma, shape=features)
    beta = real_array("beta", beta, shape=features)
    training = training_mode("bn_param['mode']", _parameters("bn_param", bn_param).get("mode"))
    eps = real_number("bn_param['eps']", bn_param.get("eps", 1e-5), above=0.0)
    momentum = real_number(
        "bn_param['momentum']", bn_param.get("momentum", 0.9), at_least=0.0, at_most=1.0
    )
    running_mean = _running("running_mean", bn_param, features)
    running_var = _running("running_var", bn_param, features)
    if not training:
        scale = 1.0 / np.sqrt(running_var + eps)
        out = gamma * ((x - running_mean) * scale) + beta
        return out, (x, gamma, running_mean, scale, False)
    if kernels := KERNELS.worth(x.size):
        x, gamma, beta = map(np.ascontiguousarray, (x, gamma, beta))
        out = np.empty(x.shape)
        mean, var, scale = np.empty((3, *features))
        kernels.batchnorm_forward(x, gamma, beta, eps, out, mean, var, scale)
    else:
        mean = x.mean(axis=0)
        var = ((x - mean) ** 2).mean(axis=0)
        scale = 1.0 / np.sqrt(var + eps)
        out = gamma * ((x - mean) * scale) + beta
    bn_param["running_mean"] = momentum * running_mean + (1.0 - momentum) * mean
    bn_param["running_var"] = momentum * running_var + (1.0 - momentum) * var
    return out, (x, gamma, mean, scale, True)


def batchnorm_backward(
    dout: Any, cache: BatchnormCache
) -> tuple[FloatArray, FloatArray, FloatArray]:
    r"""Return the gradients of `batchnorm_forward` with respect to x, gamma and beta.

    In training the mean and the variance depend on `x` too:
    :math:`\gamma s (d - \overline{d} - \hat{x}\, \overline{d \hat{x}})` with :math:`d` the upstream
    gradient, :math:`\hat{x}` the normalised input and means over the batch.
    At test time they are constants, and only :math:`\gamma s d` is left.

    Parameters
    ----------
    dout : array_like of shape (N, D)
    cache
        From `batchnorm_forward`.

    Returns
    -------
    dx : ndarray of float64, shape (N, D)
    dgamma, dbeta : ndarray of float64, shape (D,)

    Raises
    ------
    TypeError, ValueError
        If `dout` does not hold real numbers or has another shape than `out`.

    """
    x, gamma, mean, scale, training = cache
    dout = real_array("dout", dout, shape=x.shape)
    if training and (kernels := KERNELS.worth(x.size)):
        dx = np.empty(x.shape)
        dgamma, dbeta = np.empty((2, x.shape[1]))
        kernels.batchnorm_backward(
            np.ascontiguousarray(dout),
            *map(np.ascontiguousarray, (x, gamma)),
            mean,
            scale,
            dx,
            dgamma,
            dbeta,
        )
        return dx, dgamma, dbeta
    x_hat = (x - mean) * scale
    dgamma, dbeta = (dout * x_hat).sum(axis=0), dout.sum(axis=0)
    through_statistics = (dbeta + x_hat * dgamma) / len(x) if training else 0.0
    return gamma * scale * (dout - through_statistics), dgamma, dbeta


def layernorm_forward(
    x: Any, gamma: Any, beta: Any, ln_param: MutableMapping[str, Any]
) -> tuple[FloatArray, LayernormCache]:
    r"""Normalise each example over its features, then scale and shift each feature.

    :math:`\gamma (x - \mu) / \sqrt{\sigma^2 + \epsilon} + \beta` with each row's own mean and
    biased variance: the same in training and at test time.

    Parameters
    ----------
    x : array_like of shape (N, D)
    gamma, beta : array_like of shape (D,)
    ln_param : dict
        "eps" (1e-5, > 0).

    Returns
    -------
    out : ndarray of float64, shape (N, D)
    cache
        For `layernorm_backward`.

    Raises
    ------
    TypeError, ValueError
        If an argument or an entry of `ln_param` is not of its kind, shape or range.

    References
    ----------
    J. L. Ba, J. R. Kiros and G. E. Hinton, Layer normalization, 2016.

    """
    x = real_array("x", x, ndim=2)
    features = (x.shape[1],)
    gamma = real_array("gamma", gamma, shape=features)
    beta = real_array("beta", beta, shape=features)
    eps = real_number(
        "ln_param['eps']", _parameters("ln_param", ln_param).get("eps", 1e-5), above=0.0
    )
    if kernels := KERNELS.worth(x.size):
        x, gamma, beta = map(np.ascontiguousarray, (x, gamma, beta))
        out = np.empty(x.shape)
        mean, scale = np.empty((2, len(x)))
        kernels.layernorm_forward(x, gamma, beta, eps, out, mean, scale)
        return out, (x, gamma, mean, scale)
    mean = x.mean(axis=1)
    centred = x - mean[:, np.newaxis]
    scale = 1.0 / np.sqrt((centred**2).mean(axis=1) + eps)
    return gamma * (centred * scale[:, np.newaxis]) + beta, (x, gamma, mean, scale)


def layernorm_backward(
    dout: Any, cache: LayernormCache
) -> tuple[FloatArray, FloatArray, FloatArray]:
    r"""Return the gradients of `layernorm_forward` with respect to x, gamma and beta.

    With :math:`g = \gamma d`, :math:`d` the upstream gradient, and means over the features,
    :math:`s (g - \overline{g} - \hat{x}\, \overline{g \hat{x}})`; gamma and beta collect over
    the batch, as in batch normalisation.

    Parameters
    ----------
    dout : array_like of shape (N, D)
    cache
        From `layernorm_forward`.

    Returns
    -------
    dx : ndarray of float64, shape (N, D)
    dgamma, dbeta : ndarray of float64, shape (D,)

    Raises
    ------
    TypeError, ValueError
        If `dout` does not hold real numbers or has another shape than `out`.

    """
    x, gamma, mean, scale = cache
    dout = real_array("dout", dout, shape=x.shape)
    if kernels := KERNELS.worth(x.size):
        dx = np.empty(x.shape)
        dgamma, dbeta = np.empty((2, x.shape[1]))
        kernels.layernorm_backward(
            np.ascontiguousarray(dout),
            *map(np.ascontiguousarray, (x, gamma)),
            mean,
            scale,
            dx,
            dgamma,
            dbeta,
        )
        return dx, dgamma, dbeta
    x_hat = (x - mean[:, np.newaxis]) * scale[:, np.newaxis]
    g = dout * gamma
    level = g.mean(axis=1, keepdims=True)
    slope = (g * x_hat).mean(axis=1, keepdims=True)
    dx = scale[:, np.newaxis] * (g - level - x_hat * slope)
    return dx, (dout * x_hat).sum(axis=0), dout.sum(axis=0)


def _running(name: str, bn_param: Mapping[str, Any], features: tuple[int]) -> FloatArray:
    if name not in bn_param:
        return np.zeros(features)
    return real_array(f"bn_param['{name}']", bn_param[name], shape=features)


def _parameters(name: str, mapping: Any) -> MutableMapping[str, Any]:
    if not isinstance(mapping, MutableMapping):
        raise TypeError(f"{name} must be a dict, got {type(mapping).__name__}")
    return mapping
