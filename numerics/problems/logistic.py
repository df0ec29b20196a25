"""Logistic regression on made data: a convex problem whose curvature is bounded on both sides."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from numerics.validation import FloatArray, generator, real_array, real_number, whole_number


@dataclass(frozen=True, eq=False)
class LogisticRegression:
    """f(w) = mean log(1 + exp(-s_i a_i . w)) + strength/2 |w|^2: convex, smooth, not quadratic.

    Attributes
    ----------
    features : ndarray, shape (N, n)
        The rows a_i.
    signs : ndarray, shape (N,)
        The classes s_i, -1 or 1.
    strength : float
        Above 0.

    References
    ----------
    Bounds on the curvature: Y. Nesterov, Introductory Lectures on Convex Optimization (2004),
    section 2.1; the logistic term bends by 1/4 at most.

    """

    features: FloatArray
    signs: FloatArray
    strength: float

    @property
    def minimiser(self) -> FloatArray:
        """The one minimum, by Newton's method with halved steps, shape (n,).

        Raises
        ------
        RuntimeError
            If the gradient there is not zero to rounding, after 100 steps.

        """
        w = np.zeros(self.features.shape[1])
        smallest = 1e-13 * max(1.0, float(np.linalg.norm(self.gradient(w))))
        for _ in range(100):
            slope = self.gradient(w)
            if np.linalg.norm(slope) <= smallest:
                return w
            step = np.linalg.solve(self.hessian(w), slope)
            while self.value(w - step) > self.value(w) + 1e-15 and np.linalg.norm(step) > 1e-8:
                step *= 0.5
            w -= step
        raise RuntimeError(f"no minimum of the logistic loss found: slope {self.gradient(w)}")

    @property
    def mu(self) -> float:
        """A bound from below on the curvature: the strength of the penalty."""
        return self.strength

    @property
    def smoothness(self) -> float:
        """A bound from above: the largest eigenvalue of A^T A / (4 N), plus the strength."""
        largest = np.linalg.norm(self.features, 2) ** 2 / (4 * len(self.features))
        return float(largest) + self.strength

    def value(self, x: Any) -> float:
        """Return f at the weights x, shape (n,)."""
        w = real_array("x", x, shape=self.features.shape[1:])
        loss = np.logaddexp(0.0, -self.signs * (self.features @ w)).mean()
        return float(loss + 0.5 * self.strength * (w @ w))

    def gradient(self, x: Any) -> FloatArray:
        """Return the gradient at the weights x, shape (n,)."""
        w = real_array("x", x, shape=self.features.shape[1:])
        pull = -self.signs * self._doubt(w) / len(self.signs)
        return np.asarray(pull @ self.features + self.strength * w)

    def hessian(self, x: Any) -> FloatArray:
        """Return the Hessian at the weights x, shape (n, n)."""
        w = real_array("x", x, shape=self.features.shape[1:])
        p = self._doubt(w)
        bend = (self.features.T * (p * (1 - p))) @ self.features / len(self.signs)
        return np.asarray(bend + self.strength * np.eye(len(w)))

    def _doubt(self, w: FloatArray) -> FloatArray:
        """Return the probability given to the wrong class of each row: 1 / (1 + exp(s a . w))."""
        return np.asarray(np.exp(-np.logaddexp(0.0, self.signs * (self.features @ w))))


def logistic_regression(
    examples: int, dimension: int, rng: np.random.Generator, *, strength: float = 0.01
) -> LogisticRegression:
    """Return a logistic regression on noisy made data.

    Parameters
    ----------
    examples, dimension : int
        At least 1.
    rng : numpy.random.Generator
        Source of the features, of the true weights and of the classes drawn by them.
    strength : float
        Of the penalty, above 0: what makes the minimum one and `mu` positive.

    Raises
    ------
    TypeError, ValueError
        If a number is none or out of range, or `rng` is no Generator.

    """
    rows = whole_number("examples", examples, at_least=1)
    n = whole_number("dimension", dimension, at_least=1)
    penalty = real_number("strength", strength, above=0.0)
    generator("rng", rng)
    features = rng.standard_normal((rows, n))
    truth = rng.standard_normal(n)
    chance = np.exp(-np.logaddexp(0.0, -features @ truth))
    return LogisticRegression(features, np.where(rng.random(rows) < chance, 1.0, -1.0), penalty)
