"""Compiled normalisation, forward and backward.

Arguments are C-contiguous float64 arrays that the caller has checked; each kernel fills the outputs
it is given. `scale` is 1 / sqrt(var + eps), so the normalised input is (x - mean) * scale, which is
cheaper to compute again than to write down and read back. All loops run along rows, the order in
memory, and write few arrays at a time: the compiler checks at run time that they do not overlap,
and gives up vectorising where there are too many pairs to check.
"""

# ruff: noqa: PLR0917  # a kernel is given its outputs, and numba calls by position

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def batchnorm_forward(
    x: Floats,
    gamma: Floats,
    beta: Floats,
    eps: float,
    out: Floats,
    mean: Floats,
    var: Floats,
    scale: Floats,
) -> None:
    """Normalise each column of `x` by its own mean and biased variance."""
    num_rows, num_columns = x.shape
    mean[:] = 0.0
    var[:] = 0.0
    for i in range(num_rows):
        for j in range(num_columns):
            mean[j] += x[i, j]
    mean /= num_rows
    for i in range(num_rows):
        for j in range(num_columns):
            centred = x[i, j] - mean[j]
            var[j] += centred * centred
    var /= num_rows
    for j in range(num_columns):
        scale[j] = 1.0 / np.sqrt(var[j] + eps)
    factor = gamma * scale
    for i in range(num_rows):
        for j in range(num_columns):
            out[i, j] = factor[j] * (x[i, j] - mean[j]) + beta[j]


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def batchnorm_backward(
    dout: Floats,
    x: Floats,
    gamma: Floats,
    mean: Floats,
    scale: Floats,
    dx: Floats,
    dgamma: Floats,
    dbeta: Floats,
) -> None:
    """Differentiate through the mean and the variance of each column."""
    num_rows, num_columns = dout.shape
    dgamma[:] = 0.0
    dbeta[:] = 0.0
    for i in range(num_rows):
        for j in range(num_columns):
            dbeta[j] += dout[i, j]
            dgamma[j] += dout[i, j] * (x[i, j] - mean[j])
    dgamma *= scale
    factor = gamma * scale
    level = factor * dbeta / num_rows
    slope = factor * scale * dgamma / num_rows
    for i in range(num_rows):
        for j in range(num_columns):
            through = level[j] + (x[i, j] - mean[j]) * slope[j]
            dx[i, j] = factor[j] * dout[i, j] - through


@njit(cache=True, error_model="numpy", fastmath={"contract", "reassoc", "nsz"})
def layernorm_forward(
    x: Floats,
    gamma: Floats,
    beta: Floats,
    eps: float,
    out: Floats,
    mean: Floats,
    scale: Floats,
) -> None:
    """Normalise each row of `x` by its own mean and biased variance."""
    num_rows, num_columns = x.shape
    for i in range(num_rows):
        total = 0.0
        for j in range(num_columns):
            total += x[i, j]
        centre = total / num_columns
        squares = 0.0
        for j in range(num_columns):
            centred = x[i, j] - centre
            squares += centred * centred
        row_scale = 1.0 / np.sqrt(squares / num_columns + eps)
        mean[i] = centre
        scale[i] = row_scale
        for j in range(num_columns):
            out[i, j] = gamma[j] * ((x[i, j] - centre) * row_scale) + beta[j]


@njit(cache=True, error_model="numpy", fastmath={"contract", "reassoc", "nsz"})
def layernorm_backward(
    dout: Floats,
    x: Floats,
    gamma: Floats,
    mean: Floats,
    scale: Floats,
    dx: Floats,
    dgamma: Floats,
    dbeta: Floats,
) -> None:
    """Differentiate through the mean and the variance of each row."""
    num_rows, num_columns = dout.shape
    dgamma[:] = 0.0
    dbeta[:] = 0.0
    for i in range(num_rows):
        centre = mean[i]
        row_scale = scale[i]
        level = 0.0
        slope = 0.0
        for j in range(num_columns):
            normal = (x[i, j] - centre) * row_scale
            upstream = dout[i, j] * gamma[j]
            level += upstream
            slope += upstream * normal
            dbeta[j] += dout[i, j]
            dgamma[j] += dout[i, j] * normal
        level /= num_columns
        slope /= num_columns
        for j in range(num_columns):
            through = level + (x[i, j] - centre) * row_scale * slope
            dx[i, j] = row_scale * (dout[i, j] * gamma[j] - through)


def examples() -> dict[str, tuple[Any, ...]]:
    """Return small arguments for each kernel, to compile it before it is needed."""
    x = np.sin(np.arange(12.0)).reshape(4, 3)
    dout = np.cos(np.arange(12.0)).reshape(4, 3)
    gamma, beta = np.array([0.5, 1.0, 2.0]), np.array([1.0, 0.0, -1.0])
    column, row = np.array([1.0, 2.0, 3.0]), np.array([1.0, 2.0, 3.0, 4.0])

    def empty(*shapes: tuple[int, ...]) -> tuple[Floats, ...]:
        return tuple(np.empty(shape) for shape in shapes)

    batch, columns, rows = (4, 3), (3,), (4,)
    gradients = batch, columns, columns
    return {
        "batchnorm_forward": (x, gamma, beta, 1e-5, *empty(batch, columns, columns, columns)),
        "batchnorm_backward": (dout, x, gamma, column, column, *empty(*gradients)),
        "layernorm_forward": (x, gamma, beta, 1e-5, *empty(batch, rows, rows)),
        "layernorm_backward": (dout, x, gamma, row, row, *empty(*gradients)),
    }
