"""A gradient check one coordinate at a time, for few parameters: points first, then the verdict.

It costs four evaluations of f for each coordinate, and names the coordinates that are wrong.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from numerics.differentiation.blocks import finite_start, scale_of
from numerics.differentiation.localisation import enclosing, written
from numerics.differentiation.measurement import STENCIL, slopes
from numerics.differentiation.projections import tolerance_for
from numerics.differentiation.verdicts import (
    CLEAR,
    COARSEST,
    Slopes,
    Verdict,
    doubt_of,
    fault,
    norm_of,
    not_finite,
    ratio_of,
    rounding_unit,
    slopes_beside,
)
from numerics.validation import FloatArray, real_array, real_number

# The step that balances the truncation h^2 f''' / 6 and the rounding eps f / h of a central
# difference: the cube root of eps.
COORDINATE_STEP: Final = float(np.cbrt(np.finfo(np.float64).eps))


@dataclass(frozen=True)
class CoordinatePlan:
    """Points along every coordinate, to be judged once f is known there.

    Attributes
    ----------
    points : ndarray of float64, shape (1 + 4 * x.size, *x.shape)
        x itself; then for each coordinate, in C order, x + h, x - h, x + h/2, x - h/2 there.
    step : float
        h in units of each element's scale, max(1, |x|).

    """

    points: FloatArray
    step: float

    def estimate(self, values: Any) -> tuple[FloatArray, FloatArray]:
        """Return the gradient by central differences, and how far it may be wrong.

        Parameters
        ----------
        values : array_like, shape (1 + 4 * x.size,)
            f at each point, in order.

        Returns
        -------
        gradient, doubt : ndarray, the shape of x
            The doubt is small where f is smooth and large at a kink, NaN where f is not finite.

        Raises
        ------
        TypeError, ValueError
            If `values` are not real numbers of that shape.

        """
        f = real_array("values", values, shape=self.points.shape[:1])
        with np.errstate(all="ignore"):
            measured = self._measured(f, np.zeros(self.points.shape[1:]))
            unit = (self._moves() / self.step).reshape(self.points.shape[1:])
            return (
                measured.fine.reshape(unit.shape) / unit,
                doubt_of(measured).reshape(unit.shape) / unit,
            )

    def judge(self, values: Any, gradient: Any, *, tolerance: float | None = None) -> Verdict:
        """Judge `gradient` by the values of f at `points`.

        At a kink whatever lies between the slopes on its two sides is right.

        Parameters
        ----------
        values : array_like, shape (1 + 4 * x.size,)
            f at each point, in order. NaN and infinities are evidence of nothing, not an error.
        gradient : array_like, the shape of x
            The gradient at x. NaN and infinities in it are wrong, not an error.
        tolerance : float, optional
            The error of one coordinate that passes, relative to the gradient's norm; by default
            1e-6, more for a gradient in single precision.

        Returns
        -------
        Verdict
            `right` is None where one coordinate is not wrong beyond doubt and not right either.

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
        with np.errstate(all="ignore"):  # what overflows or is NaN is judged as such
            return self._weigh(self._measured(f, claim), claim.shape, limit)

    def _moves(self) -> FloatArray:
        """Return the difference of the two near points of each coordinate, as it was rounded."""
        flat = self.points[1:].reshape(-1, len(STENCIL), self.points[0].size)
        each = np.arange(len(flat))
        return np.asarray(flat[each, 2, each] - flat[each, 3, each])

    def _measured(self, f: FloatArray, claim: FloatArray) -> Slopes:
        rises = self._moves() * claim.ravel()
        return slopes(
            f[1:].reshape(-1, len(STENCIL)), float(f[0]), rises, self.step, rounding_unit(f)
        )

    def _weigh(self, measured: Slopes, shape: tuple[int, ...], tolerance: float) -> Verdict:
        finite = np.isfinite(measured.fine)
        norm, size = norm_of(measured.claimed), norm_of(measured.fine[finite])
        if norm == size == 0.0 and finite.all():
            return Verdict(True, 0.0, None, "f does not move around x, and the gradient is zero")
        clear = 2 * measured.noise <= COARSEST * max(norm, size)
        if finite.any() and not clear[finite].any():
            return Verdict(None, float("nan"), None, "the slopes of f are lost in its rounding")
        doubt = doubt_of(measured)
        limit = np.maximum(tolerance * norm, 2 * measured.noise)
        ahead, behind = slopes_beside(measured)
        low, high = np.minimum(ahead, behind) - limit, np.maximum(ahead, behind) + limit
        between = (doubt > limit) & (low <= measured.claimed) & (measured.claimed <= high)
        miss = np.where(between, 0.0, np.abs(measured.fine - measured.claimed))
        disagrees = clear & (miss > limit) & (miss > CLEAR * doubt)
        error = norm_of(miss[finite]) / max(norm, size) if norm or size else float("nan")
        if disagrees.any():
            return _wrong(measured, disagrees.reshape(shape), error)
        open_ones = ~(clear & (miss <= limit))
        if open_ones.any():
            at = [int(i) for i in np.argwhere(open_ones.reshape(shape))[0]]
            reason = f"f has a kink, bends sharply or is not finite beside coordinate {at}"
            return Verdict(None, error, None, reason)
        return Verdict(True, error, None, "the gradient agrees with the slopes of f")


def _wrong(measured: Slopes, faulty: NDArray[np.bool_], error: float) -> Verdict:
    """Return the verdict on a gradient that is wrong where `faulty`, the shape of x, is True."""
    slope, claimed = measured.fine[faulty.ravel()], measured.claimed[faulty.ravel()]
    noise = float(measured.noise[faulty.ravel()].max())
    index = enclosing(faulty)
    where = name = written("gradient", index)
    if not faulty[index].all():
        name = f"{where} in {faulty.sum()} of {faulty[index].size} elements"
    factor = ratio_of(claimed, slope, noise, least=1)
    reason = fault(name, error, factor, still=float(np.abs(slope).max()) <= 2 * noise)
    return Verdict(False, error, factor, reason, where, index)


def plan_coordinates(x: Any, *, step: float = COORDINATE_STEP) -> CoordinatePlan:
    """Choose the points that check a gradient at `x` coordinate by coordinate.

    Parameters
    ----------
    x : array_like
        Where the gradient is taken: real, finite, not empty; judged in float64. The points take
        4 * x.size times its memory: for many parameters use `plan_projections`.
    step : float
        h, in units of max(1, |x|).

    Raises
    ------
    TypeError
        If `x` does not hold real numbers.
    ValueError
        If `x` is empty or not finite, or `step` is not above 0.

    References
    ----------
    The step: J. Nocedal and S. Wright, Numerical Optimization, 2nd ed. (2006), section 8.1.

    """
    start = finite_start("x", x)
    h = real_number("step", step, above=0.0)
    points = np.empty((1 + len(STENCIL) * start.size, *start.shape))
    points[:] = start
    flat = points[1:].reshape(-1, len(STENCIL), start.size)
    each = np.arange(start.size)
    scale = scale_of(start)
    move = np.full(start.size, h) if scale is None else h * scale.ravel()
    for k, part in enumerate(STENCIL):
        flat[each, k, each] += part * move
    return CoordinatePlan(points, h)
