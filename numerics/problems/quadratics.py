"""Quadratics: curvature the same everywhere, and every method's rate known exactly."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from numerics.validation import FloatArray, generator, real_array, real_number, whole_number


@dataclass(frozen=True, eq=False)
class Quadratic:
    """f(x) = 1/2 (x - m)^T H (x - m): constant curvature, minimum 0 at m.

    Attributes
    ----------
    eigenvalues : ndarray, shape (n,)
        Of H, ascending, above 0.
    eigenvectors : ndarray, shape (n, n)
        Their columns, orthonormal.
    minimiser : ndarray, shape (n,)

    """

    eigenvalues: FloatArray
    eigenvectors: FloatArray
    minimiser: FloatArray

    @property
    def hessian(self) -> FloatArray:
        """H, shape (n, n), symmetric."""
        return np.asarray((self.eigenvectors * self.eigenvalues) @ self.eigenvectors.T)

    @property
    def mu(self) -> float:
        """The smallest eigenvalue."""
        return float(self.eigenvalues[0])

    @property
    def smoothness(self) -> float:
        """The largest eigenvalue."""
        return float(self.eigenvalues[-1])

    def errors(self, x: Any) -> FloatArray:
        """Return x - m along each eigenvector; x of shape (..., n), a whole path at once."""
        path = real_array("x", x)
        return np.asarray((path - self.minimiser) @ self.eigenvectors)

    def value(self, x: Any) -> float:
        """Return f(x)."""
        e = self.errors(real_array("x", x, shape=self.minimiser.shape))
        return float(0.5 * (e * e) @ self.eigenvalues)

    def gradient(self, x: Any) -> FloatArray:
        """Return H (x - m), shape (n,)."""
        e = self.errors(real_array("x", x, shape=self.minimiser.shape))
        return np.asarray(self.eigenvectors @ (self.eigenvalues * e))


def quadratic(condition: float, dimension: int, rng: np.random.Generator) -> Quadratic:
    """Return a quadratic of a given condition number, turned and placed at random.

    Parameters
    ----------
    condition : float
        Largest eigenvalue over the smallest, which is 1; at least 1. The others are spread evenly
        in logarithm between them.
    dimension : int
        At least 2.
    rng : numpy.random.Generator
        Source of the rotation, uniform by Haar's measure, and of the minimiser.

    Raises
    ------
    TypeError, ValueError
        If a number is none or out of range, or `rng` is no Generator.

    References
    ----------
    The rotation: F. Mezzadri, "How to generate random matrices from the classical compact
    groups", Notices of the AMS 54 (2007).

    """
    largest = real_number("condition", condition, at_least=1.0)
    n = whole_number("dimension", dimension, at_least=2)
    generator("rng", rng)
    q, r = np.linalg.qr(rng.standard_normal((n, n)))
    return Quadratic(np.geomspace(1.0, largest, n), q * np.sign(np.diag(r)), rng.standard_normal(n))


def two_modes(slow: float, fast: float, angle: float = 0.6) -> Quadratic:
    """Return a quadratic of two variables: a valley `slow` along and `fast` across.

    Along each eigenvector the errors of a method follow `recurrences.Method.recurrence`.

    Parameters
    ----------
    slow, fast : float
        The eigenvalues, 0 < slow <= fast.
    angle : float
        By how much the valley is turned from the first axis, in radians: at 0 the variables are
        independent, which hides what a method does to their mixture.

    Raises
    ------
    TypeError, ValueError
        If a number is none or out of range.

    """
    low = real_number("slow", slow, above=0.0)
    high = real_number("fast", fast, at_least=low)
    turn = real_number("angle", angle)
    vectors = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    return Quadratic(np.array([low, high]), vectors, np.array([0.5, -0.25]))
