"""Functions whose minimum, curvature and rate of convergence are known: to judge a method by.

Each has `value` and `gradient`, its `minimiser`, and the curvature constants that theory speaks of:
`mu`, the smallest eigenvalue of the Hessian, and `smoothness`, the largest (at the minimiser, where
the Hessian is not the same everywhere; bounds, for the logistic regression). The theory itself
stands in `recurrences`.
"""

from typing import Any, Protocol

from numerics.problems.landscapes import Hill, Rosenbrock
from numerics.problems.logistic import LogisticRegression, logistic_regression
from numerics.problems.quadratics import Quadratic, quadratic, two_modes
from numerics.problems.recurrences import (
    Method,
    Recurrence,
    fit_recurrence,
    tuned_gradient_descent,
    tuned_heavy_ball,
    tuned_nesterov,
)
from numerics.validation import FloatArray

__all__ = [
    "Hill",
    "LogisticRegression",
    "Method",
    "Problem",
    "Quadratic",
    "Recurrence",
    "Rosenbrock",
    "fit_recurrence",
    "logistic_regression",
    "quadratic",
    "tuned_gradient_descent",
    "tuned_heavy_ball",
    "tuned_nesterov",
    "two_modes",
]


class Problem(Protocol):
    """What every problem offers; x has shape (n,)."""

    @property
    def minimiser(self) -> FloatArray:
        """Where the smallest value is taken, shape (n,)."""

    @property
    def mu(self) -> float:
        """The smallest eigenvalue of the Hessian."""

    @property
    def smoothness(self) -> float:
        """The largest eigenvalue of the Hessian."""

    def value(self, x: Any) -> float:
        """Return f(x)."""

    def gradient(self, x: Any) -> FloatArray:
        """Return the gradient at x, shape (n,)."""
