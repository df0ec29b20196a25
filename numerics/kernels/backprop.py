"""Compiled activations: value and slope in one pass.

Arguments are flat float64 arrays that the caller has checked; each kernel fills the outputs it is
given. Both curves are computed from exp(-abs(x)), which cannot overflow.

The exponential is Cody and Waite's: with k = round(x / ln 2) and r = x - k ln 2, ln 2 split in two
so that k times its upper part is exact, exp(x) = 2^k exp(r), and exp(r) - 1 on abs(r) <= ln(2) / 2
is the polynomial of degree 11 with the least relative error of exp(r) (Remez exchange, 3.6e-18).
The file of the losses has it too: numba's cache cannot see a change in another file.

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


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def _exp_parts(x: float) -> tuple[float, float]:
    """Return 2^k and exp(r) - 1 for x in [-708, 709]."""
    shifted = x * LOG2_E + ROUNDING
    k = shifted - ROUNDING
    r = (x - k * LN2_UPPER) - k * LN2_LOWER
    square = r * r
    even = (((C10 * square + C8) * square + C6) * square + C4) * square + C2
    odd = (((C11 * square + C9) * square + C7) * square + C5) * square + C3
    exponent = (np.float64(shifted).view(np.int64) + 1023) << 52
    return np.int64(exponent).view(np.float64), (odd * r + even) * square + r


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def sigmoid_forward(x: Floats, out: Floats, slope: Floats) -> None:
    """Fill `out` with 1 / (1 + exp(-x)) and `slope` with its derivative."""
    for i in range(x.size):
        exponent = -abs(x[i])
        power, fraction = _exp_parts(exponent)
        decay = 0.0 if exponent < SMALLEST else power * (fraction + 1.0)
        share = 1.0 / (1.0 + decay)
        out[i] = share if x[i] >= 0.0 else decay * share
        slope[i] = decay * share * share


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def tanh_forward(x: Floats, out: Floats, slope: Floats) -> None:
    """Fill `out` with tanh(x) and `slope` with its derivative.

    With m = exp(-2 abs(x)) - 1, the two are -m / (2 + m) and 4 (1 + m) / (2 + m)^2. Written as
    2^k (exp(r) - 1) + (2^k - 1), m keeps its digits near 0.
    """
    for i in range(x.size):
        exponent = -2.0 * abs(x[i])
        power, fraction = _exp_parts(exponent)
        decay = 0.0 if exponent < SMALLEST else power * (fraction + 1.0)
        minus = -1.0 if exponent < SMALLEST else power * fraction + (power - 1.0)
        share = 1.0 / (2.0 + minus)
        out[i] = np.copysign(minus * share, x[i])
        slope[i] = 4.0 * decay * share * share


@njit(cache=True, error_model="numpy")
def relu_backward(dout: Floats, x: Floats, dx: Floats) -> None:
    """Fill `dx` with `dout` where `x` is positive and with 0 elsewhere."""
    for i in range(x.size):
        dx[i] = dout[i] if x[i] > 0.0 else 0.0


def examples() -> dict[str, tuple[Any, ...]]:
    """Return small arguments for each kernel, to compile it before it is needed."""
    x = np.linspace(-3.0, 3.0, 13)
    dout = np.cos(x)
    return {
        "sigmoid_forward": (x, np.empty_like(x), np.empty_like(x)),
        "tanh_forward": (x, np.empty_like(x), np.empty_like(x)),
        "relu_backward": (dout, x, np.empty_like(x)),
    }
