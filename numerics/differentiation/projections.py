"""Gradient checks in two halves: the points to evaluate f at, then the verdict on its values.

For a function that lives elsewhere, in another process for instance, and is best evaluated on one
batch of points:

    plan = plan_projections(x, rng)
    values = [f(point) for point in plan.points]  # wherever f lives
    verdict = plan.judge(values, gradient)
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from numerics.differentiation.blocks import finite_start, scale_of
from numerics.differentiation.measurement import STENCIL, Cloud, claimed_rises, scaled_norm, slopes
from numerics.differentiation.verdicts import (
    STEP,
    TOLERANCE,
    Verdict,
    not_finite,
    rounding_unit,
    weigh,
)
from numerics.validation import FloatArray, generator, real_array, real_number, whole_number


@dataclass(frozen=True)
class ProjectionPlan:
    """Points along random directions, to be judged once f is known there.

    Attributes
    ----------
    points : ndarray of float64, shape (1 + 4 * draws, *x.shape)
        x itself; then for each direction v: x + h v, x - h v, x + h v / 2, x - h v / 2.
    step : float
        h in units of each element's scale, max(1, |x|).

    """

    points: FloatArray
    step: float

    def judge(self, values: Any, gradient: Any, *, tolerance: float | None = None) -> Verdict:
        """Judge `gradient` by the values of f at `points`.

        Parameters
        ----------
        values : array_like, shape (1 + 4 * draws,)
            f at each point, in order. NaN and infinities are evidence of nothing, not an error.
        gradient : array_like, the shape of x
            The gradient at x. NaN and infinities in it are wrong, not an error.
        tolerance : float, optional
            The error that passes, relative to the gradient's norm; by default 1e-6, more for a
            gradient in single precision.

        Returns
        -------
        Verdict
            `right` is None where f has a kink among the points, is not finite, or is too flat for
            its rounding. A smaller or larger `step` may then help.

        Raises
        ------
        TypeError
            If either does not hold real numbers.
        ValueError
            If either has another shape, or `tolerance` is not above 0.

        """
        limit = tolerance_for(gradient, tolerance)
        f = real_array("values", values, shape=self.points.shape[:1])
        claim = real_array("gradient", gradient, shape=self.points.shape[1:])
        wrong = not_finite(claim)
        if wrong is not None:
            return wrong
        points = self.points[1:].reshape(-1, len(STENCIL), *claim.shape)
        rises = claimed_rises(points, claim, np.empty(claim.shape))
        with np.errstate(all="ignore"):  # what overflows or is NaN is judged as such
            unit = rounding_unit(f)
            measured = slopes(f[1:].reshape(len(points), -1), float(f[0]), rises, self.step, unit)
            norm = scaled_norm(claim, scale_of(self.points[0]))
            return weigh(measured, norm, tolerance=limit)


def plan_projections(
    x: Any, rng: np.random.Generator, *, draws: int = 4, step: float = STEP
) -> ProjectionPlan:
    """Choose the points that check a gradient at `x` along random directions.

    The elements of a direction are independent, uniform on [-1.5, -0.5] and [0.5, 1.5], times
    max(1, |x|). An error that is e of the gradient's norm then passes one draw at the tolerance t
    with probability sqrt(2) t / e at most, whatever its pattern; for e = 1e-3, t = 1e-6 and
    four draws that is 4e-12, and 2e-6 where kinks have silenced two of them. (Signs alone would
    miss two exchanged elements every second time: their errors cancel.)

    Parameters
    ----------
    x : array_like
        Where the gradient is taken: real, finite, not empty; judged in float64.
    rng : numpy.random.Generator
        Source of the directions.
    draws : int
        Number of directions, at least 1.
    step : float
        h, in units of max(1, |x|).

    Raises
    ------
    TypeError
        If `x` does not hold real numbers or `rng` is not a Generator or `draws` not an integer.
    ValueError
        If `x` is empty or not finite, or `draws` or `step` is out of range.

    References
    ----------
    The bound: a sum of independent terms a_i v_i, v_i of density at most M, has a density of at
    most sqrt(2) M / |a|. B. A. Rogozin, Theory Probab. Appl. 32 (1987), with K. Ball, "Cube slicing
    in R^n", Proc. AMS 97 (1986); S. Bobkov and G. Chistyakov, "On concentration functions of random
    variables", J. Theor. Probab. 28 (2015).

    """
    start = finite_start("x", x)
    generator("rng", rng)
    whole_number("draws", draws, at_least=1)
    h = real_number("step", step, above=0.0)
    cloud = Cloud(start, scale_of(start), draws=draws)
    cloud.scatter(rng, h)
    return ProjectionPlan(np.concatenate((start[None], cloud.points.reshape(-1, *start.shape))), h)


def tolerance_for(gradient: Any, tolerance: float | None) -> float:
    """Return `tolerance`, or the one that stands in the table for the gradient's dtype."""
    if tolerance is not None:
        return real_number("tolerance", tolerance, above=0.0)
    return TOLERANCE.get(getattr(gradient, "dtype", None), TOLERANCE[np.dtype(np.float64)])
