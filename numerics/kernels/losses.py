"""Compiled losses: one pass over the data where NumPy makes several.

Arguments are C-contiguous float64 arrays that the caller has checked, labels are intp; each kernel
fills the gradient it is given and returns the loss. Loops over a block of rows that fits the first
cache replace NumPy's temporaries of the whole batch.

The exponential is Cody and Waite's: with k = round(x / ln 2) and r = x - k ln 2, ln 2 split in two
so that k times its upper part is exact, exp(x) = 2^k exp(r). On abs(r) <= ln(2) / 2 the polynomial
of degree 11 below is the best one in relative error (Remez exchange, 3.6e-18); the result is within
1.1 ulp.

References
----------
W. J. Cody and W. Waite, Software Manual for the Elementary Functions, Prentice-Hall, 1980, ch. 6.
J.-M. Muller, Elementary Functions, 3rd ed., Birkhauser, 2016, ch. 3 and 11.

"""

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Labels = NDArray[np.intp]

LOG2_E = 1.4426950408889634
LN2_UPPER = 0.6931471803691238  # its last 20 bits are zero: k * LN2_UPPER is exact
LN2_LOWER = 1.9082149292705877e-10
ROUNDING = 6755399441055744.0  # 1.5 * 2^52: adding it leaves the nearest integer in the low bits
C2, C3 = 0.5000000000000011, 0.16666666666666413
C4, C5 = 0.041666666666530267, 0.00833333333349427
C6, C7 = 0.0013888888943597094, 0.0001984126950691967
C8, C9 = 2.4801493136821954e-05, 2.7557586139498747e-06
C10, C11 = 2.7630233705917696e-07, 2.5000112802134872e-08
SMALLEST = -708.0  # below, exp(x) would be subnormal and is taken as 0
MODERATE = 300.0  # exp(x) and the sum of a row of them neither overflow nor lose digits
TINY = 1e-300
BLOCK = 2048  # elements: 16 KiB, half a first-level cache


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def _exp(x: float) -> float:
    """Return exp(x) for x in [-708, 709]; NaN stays NaN, elsewhere the result means nothing."""
    shifted = x * LOG2_E + ROUNDING
    k = shifted - ROUNDING
    r = (x - k * LN2_UPPER) - k * LN2_LOWER
    square = r * r
    even = (((C10 * square + C8) * square + C6) * square + C4) * square + C2
    odd = (((C11 * square + C9) * square + C7) * square + C5) * square + C3
    mantissa = ((odd * r + even) * square + r) + 1.0
    exponent = (np.float64(shifted).view(np.int64) + 1023) << 52
    return mantissa * np.int64(exponent).view(np.float64)


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def _exp_to_zero(x: float) -> float:
    """Return exp(x) for any x <= 709, NaN included; 0 where it would be subnormal."""
    return 0.0 if x < SMALLEST else _exp(x)


@njit(cache=True, error_model="numpy", fastmath={"reassoc", "nsz"})
def _sum(values: Floats) -> float:
    total = 0.0
    for j in range(values.size):
        total += values[j]
    return total


@njit(cache=True, error_model="numpy")
def _largest(values: Floats) -> float:
    largest: float = values[0]
    for j in range(values.size):
        largest = max(largest, values[j])
    return largest


@njit(cache=True, error_model="numpy")
def _all_moderate(values: Floats) -> bool:
    outside = 0
    for j in range(values.size):
        outside += 0 if abs(values[j]) <= MODERATE else 1
    return outside == 0


@njit(cache=True, error_model="numpy")
def _exponentials(x: Floats, out: Floats) -> None:
    """Fill `out` with exp(x), each row divided by its largest entry's unless all are moderate."""
    if _all_moderate(x.reshape(-1)):
        logits, flat = x.reshape(-1), out.reshape(-1)
        for j in range(flat.size):
            flat[j] = _exp(logits[j])
    else:
        for i in range(len(x)):
            largest = _largest(x[i])
            for j in range(x.shape[1]):
                out[i, j] = _exp_to_zero(x[i, j] - largest)


@njit(cache=True, error_model="numpy")
def softmax(x: Floats, p: Floats) -> None:
    """Fill `p` with the softmax of each row of `x`."""
    rows = max(1, BLOCK // x.shape[1])
    for start in range(0, len(x), rows):
        block = p[start : start + rows]
        _exponentials(x[start : start + rows], block)
        for i in range(len(block)):
            share = 1.0 / _sum(block[i])
            for j in range(x.shape[1]):
                block[i, j] *= share


@njit(cache=True, error_model="numpy")
def softmax_loss(x: Floats, y: Labels, dx: Floats) -> float:
    """Fill `dx`; a row costs log(1 + others / correct), in exponentials of its logits."""
    num_rows, num_classes = len(x), x.shape[1]
    rows = max(1, BLOCK // num_classes)
    loss: float = 0.0
    for start in range(0, num_rows, rows):
        stop = min(num_rows, start + rows)
        _exponentials(x[start:stop], dx[start:stop])
        block_loss = 0.0
        for i in range(start, stop):
            row, label = dx[i], y[i]
            correct = row[label]
            others = _sum(row) - correct
            if others < correct:  # the subtraction has cancelled
                row[label] = 0.0
                others = _sum(row)
            if correct > TINY:
                block_loss += np.log1p(others / correct)
            else:
                block_loss += np.log(others) + (_largest(x[i]) - x[i, label])
            share = 1.0 / ((correct + others) * num_rows)
            for j in range(num_classes):
                row[j] *= share
            row[label] = -others * share
        loss += block_loss
    return loss / num_rows


@njit(cache=True, error_model="numpy", fastmath={"contract", "reassoc", "nsz"})
def svm_loss(x: Floats, y: Labels, dx: Floats) -> float:
    """Fill `dx`; add up the margins of all classes but the correct one."""
    num_rows, num_classes = len(x), x.shape[1]
    step = 1.0 / num_rows
    loss: float = 0.0
    for i in range(num_rows):
        label = y[i]
        correct = x[i, label]
        row_loss = 0.0
        violations = 0.0
        for j in range(num_classes):
            margin = (x[i, j] - correct) + 1.0
            margin = 0.0 if j == label or margin < 0.0 else margin
            row_loss += margin
            violates = 1.0 if margin > 0.0 else 0.0
            violations += violates
            dx[i, j] = violates * step
        dx[i, label] = -violations * step
        loss += row_loss
    return loss / num_rows


@njit(cache=True, error_model="numpy", fastmath={"contract", "reassoc", "nsz"})
def mse_loss(prediction: Floats, target: Floats, dprediction: Floats) -> float:
    """Fill `dprediction`; all three arrays are flat."""
    scale = 2.0 / prediction.size
    loss: float = 0.0
    for i in range(prediction.size):
        error = prediction[i] - target[i]
        loss += error * error
        dprediction[i] = error * scale
    return loss / prediction.size


@njit(cache=True, error_model="numpy", fastmath={"contract", "reassoc", "nsz"})
def huber_loss(prediction: Floats, target: Floats, delta: float, dprediction: Floats) -> float:
    """Fill `dprediction`; all three arrays are flat."""
    scale = 1.0 / prediction.size
    loss: float = 0.0
    for i in range(prediction.size):
        error = prediction[i] - target[i]
        size = abs(error)
        inside = min(size, delta)
        loss += inside * (size - 0.5 * inside)
        dprediction[i] = np.copysign(inside, error) * scale
    return loss / prediction.size


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def binary_cross_entropy_with_logits(logits: Floats, target: Floats, dlogits: Floats) -> float:
    """Fill `dlogits`; all three arrays are flat."""
    scale = 1.0 / logits.size
    for i in range(logits.size):
        dlogits[i] = _exp_to_zero(-abs(logits[i]))
    loss: float = 0.0
    for i in range(logits.size):
        loss += np.log1p(dlogits[i])
    for i in range(logits.size):
        wrong = 1.0 - target[i] if logits[i] > 0.0 else target[i]
        loss += abs(logits[i]) * wrong
        gradient = dlogits[i] / (1.0 + dlogits[i]) - wrong
        dlogits[i] = (-gradient if logits[i] > 0.0 else gradient) * scale
    return loss / logits.size


def examples() -> dict[str, tuple[Any, ...]]:
    """Return small arguments for each kernel, to compile it before it is needed."""
    x = np.linspace(-2.0, 2.0, 12).reshape(4, 3)
    y = np.array([0, 2, 1, 2], dtype=np.intp)
    flat, target = x.reshape(-1), np.linspace(0.0, 1.0, 12)
    return {
        "softmax": (x, np.empty_like(x)),
        "softmax_loss": (x, y, np.empty_like(x)),
        "svm_loss": (x, y, np.empty_like(x)),
        "mse_loss": (flat, target, np.empty_like(flat)),
        "huber_loss": (flat, target, 1.0, np.empty_like(flat)),
        "binary_cross_entropy_with_logits": (flat, target, np.empty_like(flat)),
    }
