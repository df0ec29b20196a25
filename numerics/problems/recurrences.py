"""How gradient methods converge on a quadratic, in closed form.

Along an eigenvector of the Hessian with eigenvalue q, the error e of each method below obeys
e[t+1] = c1 e[t] + c2 e[t-1], whatever the start. So a dozen steps tell a right update from a wrong
one to the last digits, where a threshold on the final error tells little; and the coefficients
fitted to a run say which rate and momentum were really applied.
"""

from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np

from numerics.validation import real_array, real_number

GEOMETRIC: Final = 1e-10  # ratios equal to within this are one ratio
ARRIVED: Final = 1e-12  # errors below this share of the largest are rounding, and left out


class Recurrence(NamedTuple):
    """The coefficients of e[t+1] = c1 e[t] + c2 e[t-1]."""

    c1: float
    c2: float

    @property
    def rate(self) -> float:
        """What the error shrinks by in each step in the long run: 1 and above never arrive.

        The largest root of z^2 = c1 z + c2 in absolute value.
        """
        root = np.sqrt(complex(self.c1**2 + 4 * self.c2))
        return float(max(abs(self.c1 + root), abs(self.c1 - root)) / 2)


@dataclass(frozen=True)
class Method:
    """Gradient descent with or without momentum, started at rest.

    Attributes
    ----------
    learning_rate : float
        Above 0.
    momentum : float
        At least 0; with 0 both forms are plain gradient descent.
    lookahead : bool
        Whether the gradient is taken ahead, as Nesterov does, or where the iterate stands, as in
        Polyak's heavy ball.

    Raises
    ------
    TypeError, ValueError
        If a number is none or out of range.

    References
    ----------
    B. T. Polyak, "Some methods of speeding up the convergence of iteration methods", USSR
    Comput. Math. Math. Phys. 4 (1964). Y. Nesterov, Introductory Lectures on Convex Optimization
    (2004), section 2.2. The recurrences: L. Lessard, B. Recht and A. Packard, SIAM J. Optim. 26
    (2016), section 2.

    """

    learning_rate: float
    momentum: float = 0.0
    lookahead: bool = False

    def __post_init__(self) -> None:
        real_number("learning_rate", self.learning_rate, above=0.0)
        real_number("momentum", self.momentum, at_least=0.0)

    def recurrence(self, eigenvalue: float) -> Recurrence:
        """Return the coefficients along an eigenvector of `eigenvalue`.

        With rate a and momentum b the heavy ball x[t+1] = x[t] - a f'(x[t]) + b (x[t] - x[t-1])
        has c1 = 1 + b - a q and c2 = -b; Nesterov's method, which takes f' at
        y[t] = x[t] + b (x[t] - x[t-1]), has c1 = (1 + b) (1 - a q) and c2 = -b (1 - a q), for x
        and y alike.
        """
        b = self.momentum
        kept = 1.0 - self.learning_rate * float(eigenvalue)
        if self.lookahead:
            return Recurrence((1.0 + b) * kept, -b * kept)
        return Recurrence(b + kept, -b)

    def rate(self, mu: float, smoothness: float) -> float:
        """Return the long-run rate on a quadratic with eigenvalues from `mu` to `smoothness`.

        The slowest eigenvalue lies at an end of the range.
        """
        return max(self.recurrence(mu).rate, self.recurrence(smoothness).rate)


def tuned_gradient_descent(mu: float, smoothness: float) -> Method:
    """Return gradient descent at its best: rate (k - 1) / (k + 1), k = smoothness / mu.

    The learning rate is 2 / (mu + smoothness): Nesterov (2004), theorem 2.1.15.
    """
    _curvatures(mu, smoothness)
    return Method(2.0 / (mu + smoothness))


def tuned_heavy_ball(mu: float, smoothness: float) -> Method:
    """Return the heavy ball at its best: rate (sqrt k - 1) / (sqrt k + 1), k = smoothness / mu.

    Polyak (1964): learning rate 4 / (sqrt mu + sqrt smoothness)^2, momentum the rate squared. Both
    ends of the spectrum then have a double root, so that a run contracts a little slower than
    this for long: e[t] decays like t rate^t.
    """
    _curvatures(mu, smoothness)
    low, high = np.sqrt(mu), np.sqrt(smoothness)
    rate = (high - low) / (high + low)
    return Method(float(4.0 / (low + high) ** 2), float(rate**2))


def tuned_nesterov(mu: float, smoothness: float) -> Method:
    """Return Nesterov's method for constant curvatures: rate 1 - 1 / sqrt k on a quadratic.

    Nesterov (2004), scheme 2.2.8: learning rate 1 / smoothness, momentum
    (sqrt k - 1) / (sqrt k + 1), k = smoothness / mu.
    """
    _curvatures(mu, smoothness)
    root = np.sqrt(smoothness / mu)
    return Method(1.0 / smoothness, float((root - 1) / (root + 1)), lookahead=True)


def fit_recurrence(errors: Any) -> Recurrence:
    """Return the coefficients that a run of errors along one eigenvector obeys best.

    Parameters
    ----------
    errors : array_like, shape (T,)
        e[0], e[1], ...: at least four, the first few steps of a run. What has shrunk to rounding
        is left out.

    Raises
    ------
    TypeError
        If they are no real numbers.
    ValueError
        If they are fewer than four, not finite, or all zero.

    Notes
    -----
    Errors that shrink by one and the same factor fit many pairs: c2 = 0 is taken then.

    """
    e = real_array("errors", errors, ndim=1)
    if len(e) < 4:
        raise ValueError(f"errors must hold at least 4 steps, got {len(e)}")
    if not np.isfinite(e).all() or not e.any():
        raise ValueError(f"errors must be finite and not all zero, got {e}")
    size = np.maximum(np.abs(e[1:-1]), np.abs(e[:-2]))
    counts = size > ARRIVED * np.abs(e).max()
    last, before, later = (part[counts] / size[counts] for part in (e[1:-1], e[:-2], e[2:]))
    if (np.abs(last) > ARRIVED).all():
        alone = float(np.mean(later / last))
        if np.allclose(later, alone * last, rtol=GEOMETRIC, atol=0.0):
            return Recurrence(alone, 0.0)
    earlier = np.stack((last, before), axis=1)
    (c1, c2), *_ = np.linalg.lstsq(earlier, later, rcond=None)
    return Recurrence(float(c1), float(c2))


def _curvatures(mu: float, smoothness: float) -> None:
    real_number("mu", mu, above=0.0)
    real_number("smoothness", smoothness, at_least=mu)
