"""Gradients: which way is downhill, how to check that, and where following it leads.

Everything is computed in float64 whatever real numbers are given, and arguments are left as they
were: a function that is passed in gets points of its own. Empty arrays are refused.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from numerics.validation import FloatArray, function, real_array, real_number, whole_number

SMALLEST_SIZE = 1e-8  # below, two numbers are compared by their difference alone


@np.errstate(over="ignore", invalid="ignore")
def hill(x: Any) -> tuple[FloatArray, FloatArray]:
    r"""Return the height of a hilly road and its slope at each element of `x`.

    The height is :math:`0.12 x^2 + \sin 2.4 x + 0.3 \cos 5 x`, the slope
    :math:`0.24 x + 2.4 \cos 2.4 x - 1.5 \sin 5 x`. The deepest valley is at x = -0.6283, of height
    -1.2507; those at -3.1407, at 1.8848 and beyond hold whoever starts near them.

    Parameters
    ----------
    x : array_like of real numbers, any shape

    Returns
    -------
    height, slope : ndarray of float64, the shape of `x`
        NaN where `x` is NaN or infinite.

    Raises
    ------
    TypeError, ValueError
        If `x` does not hold real numbers or is empty.

    """
    x = real_array("x", x)
    height = 0.12 * x**2 + np.sin(2.4 * x) + 0.3 * np.cos(5.0 * x)
    slope = 0.24 * x + 2.4 * np.cos(2.4 * x) - 1.5 * np.sin(5.0 * x)
    return np.asarray(height), np.asarray(slope)


def numerical_gradient(f: Callable[[FloatArray], Any], x: Any, h: float = 1e-5) -> FloatArray:
    r"""Return the gradient of `f` by central differences, one coordinate after the other.

    :math:`(f(x + h e_i) - f(x - h e_i)) / 2h`, where the step that is divided by is the one that
    is left once :math:`x \pm h` are rounded. `f` is called twice for each coordinate.

    Parameters
    ----------
    f : callable
        From an array of the shape of `x` to a real number.
    x : array_like of real numbers, any shape, finite
    h : float > 0
        The error is about h^2 f'''/6 + 1e-16 f/h: smallest near 6e-6 for a smooth `f` of size 1.

    Returns
    -------
    df : ndarray of float64, the shape of `x`
        NaN or infinite where `f` is.

    Raises
    ------
    TypeError
        If `f` is not callable or returns no real number, or `x` does not hold real numbers.
    ValueError
        If `x` is empty or not finite, `f` returns an array, `h` is not positive, or is lost beside
        an element of `x`.

    References
    ----------
    J. Nocedal and S. J. Wright, Numerical Optimization, 2nd ed., Springer, 2006, section 8.1.

    """
    f = function("f", f)
    x = _finite("x", x)
    h = real_number("h", h, above=0.0)
    point = np.array(x, order="C")
    df = np.empty(x.shape)
    for index in np.ndindex(x.shape):
        centre = float(x[index])
        ahead, behind = centre + h, centre - h
        if ahead == behind:
            raise ValueError(f"h = {h} is lost beside x = {centre}: take a larger one")
        point[index] = ahead
        rise = _number("f(x)", f(point.copy()))
        point[index] = behind
        rise -= _number("f(x)", f(point.copy()))
        point[index] = centre
        df[index] = rise / (ahead - behind)
    return df


@np.errstate(over="ignore", invalid="ignore")
def relative_error(a: Any, b: Any) -> float:
    r"""Return the largest :math:`|a - b| / \max(10^{-8}, |a| + |b|)` of all elements.

    From 0, equal, to 1, of opposite signs.

    Parameters
    ----------
    a, b : array_like of real numbers, equal shapes

    Returns
    -------
    error : float
        NaN if an element is NaN or infinite.

    Raises
    ------
    TypeError
        If an argument does not hold real numbers.
    ValueError
        If the shapes differ (they are not broadcast) or are empty.

    """
    a = 0.5 * real_array("a", a)  # halves, whose sum cannot overflow
    b = 0.5 * real_array("b", b, shape=a.shape)
    size = np.abs(a) + np.abs(b)
    return float(np.max(np.abs(a - b) / np.maximum(0.5 * SMALLEST_SIZE, size)))


def gradient_check(
    f: Callable[[FloatArray], Any],
    gradient: Callable[[FloatArray], Any],
    x: Any,
    tolerance: float = 1e-6,
) -> bool:
    r"""Return whether `gradient` agrees with the central differences of `f` at `x`.

    No element may be wrong by more than `tolerance` times the largest one, which forgives what
    small elements beside large ones lose to rounding, or by more than rounding explains where `f`
    is computed to :math:`\epsilon \max(1, |f|)`: 2e-11 of that. The differences are taken with two
    steps and extrapolated, so that their error of order :math:`h^2` does not matter at a minimum,
    where the gradient is 0. At a kink they are no derivative: `numerics.differentiation` is for
    that, for more parameters, and for a reason.

    Parameters
    ----------
    f : callable
        From an array of the shape of `x` to a real number, computed in float64.
    gradient : callable
        From such an array to the gradient there, of the same shape.
    x : array_like of real numbers, any shape, finite
    tolerance : float > 0

    Returns
    -------
    right : bool
        False also if the gradient or `f` is not finite.

    Raises
    ------
    TypeError
        If `f` or `gradient` is not callable or returns no real numbers, or `x` holds none.
    ValueError
        If `x` is empty, not finite, or so large that a step of 5e-5 is lost beside it, `f` returns
        an array, `gradient` one of another shape, or `tolerance` is not positive.

    References
    ----------
    The extrapolation: L. F. Richardson, The approximate arithmetical solution by finite differences
    of physical problems, Phil. Trans. R. Soc. A 210, 1911.

    """
    f, gradient = function("f", f), function("gradient", gradient)
    x = _finite("x", x)
    tolerance = real_number("tolerance", tolerance, above=0.0)
    claimed = real_array("gradient(x)", gradient(x.copy()), shape=x.shape)
    h = 1e-4
    coarse, fine = numerical_gradient(f, x, h), numerical_gradient(f, x, h / 2)
    height = abs(_number("f(x)", f(x.copy())))
    if not all(np.isfinite(values).all() for values in (claimed, coarse, fine, height)):
        return False
    measured = (4.0 * fine - coarse) / 3.0
    rounding = 10.0 * np.finfo(np.float64).eps * max(1.0, height) / h
    largest = max(np.abs(claimed).max(), np.abs(measured).max())
    return bool(np.abs(claimed - measured).max() <= tolerance * largest + rounding)


@np.errstate(over="ignore", invalid="ignore")
def gradient_descent(
    slope: Callable[[FloatArray], Any], x0: Any, learning_rate: float, num_steps: int
) -> FloatArray:
    r"""Return the path of :math:`x_{t+1} = x_t - \eta f'(x_t)`.

    On a quadratic it converges where :math:`\eta` is below 2 / the largest curvature, crawls where
    it is far below, and blows up above: to infinity and NaN, without a warning.

    Parameters
    ----------
    slope : callable
        From an array of the shape of `x0` to the gradient there, of the same shape.
    x0 : array_like of real numbers, any shape, finite
    learning_rate : float >= 0
        The :math:`\eta` of the formula.
    num_steps : int >= 0

    Returns
    -------
    path : ndarray of float64, shape (num_steps + 1, *x0.shape)
        Starts at `x0`.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of its kind or out of its range, or `slope` returns no real numbers or
        an array of another shape.

    References
    ----------
    A. Cauchy, Methode generale pour la resolution des systemes d'equations simultanees, 1847.

    """
    slope = function("slope", slope)
    start = _finite("x0", x0)
    learning_rate = real_number("learning_rate", learning_rate, at_least=0.0)
    num_steps = whole_number("num_steps", num_steps, at_least=0)
    path = np.empty((num_steps + 1, *start.shape))
    path[0] = start
    for t in range(num_steps):
        dx = real_array("slope(x)", slope(np.array(path[t])), shape=start.shape)
        path[t + 1] = path[t] - learning_rate * dx
    return path


def largest_stable_learning_rate(hessian: Any) -> float:
    r"""Return the rate below which gradient descent on a quadratic converges, 2 / largest eigenvalue.

    Along an eigenvector of curvature :math:`q` a step multiplies the error by :math:`1 - \eta q`.

    Parameters
    ----------
    hessian : array_like of shape (n, n), symmetric, finite

    Returns
    -------
    learning_rate : float

    Raises
    ------
    TypeError
        If `hessian` does not hold real numbers.
    ValueError
        If it is empty, not square, not finite or not symmetric, or has no positive eigenvalue: then
        no rate is too large, or none small enough.

    References
    ----------
    Y. Nesterov, Introductory Lectures on Convex Optimization, Kluwer, 2004, section 2.1.5.

    """
    matrix = _finite("hessian", real_array("hessian", hessian, ndim=2))
    if matrix.shape[0] != matrix.shape[1]:
        raise ValueError(f"hessian must be square, got shape {matrix.shape}")
    if not np.allclose(matrix, matrix.T, rtol=0.0, atol=1e-8 * float(np.abs(matrix).max())):
        raise ValueError("hessian must be symmetric")
    largest = float(np.linalg.eigvalsh(0.5 * matrix + 0.5 * matrix.T)[-1])
    if largest <= 0.0:
        raise ValueError(f"hessian must have a positive eigenvalue, got at most {largest}")
    return 2.0 / largest


@np.errstate(over="ignore", invalid="ignore")
def random_restarts(
    height: Callable[[FloatArray], Any],
    slope: Callable[[FloatArray], Any],
    starts: Any,
    learning_rate: float,
    num_steps: int,
) -> tuple[FloatArray, float]:
    """Descend from each start and return the lowest of the end points.

    Parameters
    ----------
    height : callable
        From one point to a real number.
    slope : callable
        From one point to the gradient there, of the same shape.
    starts : array_like of shape (K, *shape of a point), finite
    learning_rate : float >= 0
    num_steps : int >= 0

    Returns
    -------
    x : ndarray of float64, the shape of a point
        The first of several that are equally low. A descent that ends, or whose height is, NaN or
        infinite has diverged and is ignored.
    height : float

    Raises
    ------
    TypeError, ValueError
        If an argument is not of its kind or out of its range, a function returns something else,
        or every descent diverges.

    """
    height = function("height", height)
    starts = _finite("starts", starts)
    if starts.ndim == 0:
        raise ValueError("starts must hold one point a row, got a single number")
    best, lowest = None, np.inf
    for start in starts:
        end = gradient_descent(slope, start, learning_rate, num_steps)[-1]
        if np.isfinite(end).all():
            reached = _number("height(x)", height(np.array(end)))
            if -np.inf < reached < lowest:
                best, lowest = np.array(end), reached
    if best is None:
        raise ValueError(
            f"all {len(starts)} descents diverge: take a learning_rate below {learning_rate}"
        )
    return best, lowest


def _finite(name: str, value: Any) -> FloatArray:
    array = real_array(name, value)
    if not np.isfinite(array).all():
        raise ValueError(f"{name} must be finite, got {array[~np.isfinite(array)][0]}")
    return array


def _number(name: str, value: Any) -> float:
    return float(real_array(name, value, shape=()))
