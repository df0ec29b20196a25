"""Two landscapes to descend: a curved valley, and a hill with several valleys."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from numerics.validation import FloatArray, real_array


@dataclass(frozen=True)
class Rosenbrock:
    """f(x, y) = (1 - x)^2 + 100 (y - x^2)^2: a curved valley, minimum 0 at (1, 1).

    The constants are those of the Hessian there: condition number 2508. Far away the curvature is
    unbounded, and no rate holds.

    References
    ----------
    H. H. Rosenbrock, "An automatic method for finding the greatest or least value of a function",
    The Computer Journal 3 (1960).

    """

    @property
    def minimiser(self) -> FloatArray:
        """(1, 1)."""
        return np.ones(2)

    @property
    def mu(self) -> float:
        """The smaller eigenvalue at the minimiser, 0.39936."""
        return 400.0 / self.smoothness  # their product is the determinant, 400

    @property
    def smoothness(self) -> float:
        """The larger eigenvalue at the minimiser, 1001.6: 501 + sqrt(501^2 - 400)."""
        return 501.0 + float(np.sqrt(501.0**2 - 400.0))

    def value(self, x: Any) -> float:
        """Return f at x, shape (2,)."""
        a, b = real_array("x", x, shape=(2,))
        return float((1 - a) ** 2 + 100 * (b - a * a) ** 2)

    def gradient(self, x: Any) -> FloatArray:
        """Return (-2 (1 - x) - 400 x (y - x^2), 200 (y - x^2))."""
        a, b = real_array("x", x, shape=(2,))
        bend = b - a * a
        return np.array([-2 * (1 - a) - 400 * a * bend, 200 * bend])

    def hessian(self, x: Any) -> FloatArray:
        """Return the Hessian at x, shape (2, 2)."""
        a, b = real_array("x", x, shape=(2,))
        return np.array([[2 - 400 * (b - 3 * a * a), -400 * a], [-400 * a, 200.0]])


@dataclass(frozen=True)
class Hill:
    """f(x) = 0.12 x^2 + sin(2.4 x) + 0.3 cos(5 x), summed over x: one deepest valley of several.

    Where gradient descent ends depends on where it starts; between -10 and 10 each variable has
    the local minima `valleys`, of which -0.6283 is the deepest.
    """

    valleys: ClassVar[tuple[float, ...]] = (
        -8.149934049585420,
        -5.649208843989851,
        -3.140658831317468,
        -0.628311176339022,
        1.884755991909051,
        4.395625797695059,
        6.900871351574573,
        9.395478879240477,
    )

    @property
    def minimiser(self) -> FloatArray:
        """The deepest valley, shape (1,)."""
        return np.array([self.valleys[3]])

    @property
    def mu(self) -> float:
        """The curvature in the deepest valley, 13.4886: the same as `smoothness`."""
        return float(self.curvature(self.minimiser)[0])

    @property
    def smoothness(self) -> float:
        """The curvature in the deepest valley; nowhere is it above 13.5 or below -13.02."""
        return self.mu

    def height(self, x: Any) -> FloatArray:
        """Return f at each element of x, any shape."""
        x = real_array("x", x)
        return np.asarray(0.12 * x**2 + np.sin(2.4 * x) + 0.3 * np.cos(5 * x))

    def value(self, x: Any) -> float:
        """Return the sum of the heights."""
        return float(self.height(x).sum())

    def gradient(self, x: Any) -> FloatArray:
        """Return 0.24 x + 2.4 cos(2.4 x) - 1.5 sin(5 x), the shape of x."""
        x = real_array("x", x)
        return np.asarray(0.24 * x + 2.4 * np.cos(2.4 * x) - 1.5 * np.sin(5 * x))

    def curvature(self, x: Any) -> FloatArray:
        """Return 0.24 - 5.76 sin(2.4 x) - 7.5 cos(5 x), the shape of x."""
        x = real_array("x", x)
        return np.asarray(0.24 - 5.76 * np.sin(2.4 * x) - 7.5 * np.cos(5 * x))
