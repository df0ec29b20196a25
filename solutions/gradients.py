"""Which way is downhill: slopes, how to check them, and where following them leads.

Learning is walking downhill on the loss. A gradient tells the walker which way; the learning rate
says how far to go before asking again. Here you meet both on hills small enough to draw, and build
the instrument that catches almost every wrong gradient you will ever write.

What holds throughout the file:

- A gradient has the shape of the point where it is taken. Entry by entry it says how fast the
  function grows when that one coordinate grows, so downhill is the way of minus the gradient.
- A function that is handed to yours (`f`, `gradient`, `slope`, `height`) takes one array of the
  shape of the point, and only that. It returns either one number or an array of that same shape.
- Points hold floats. Differences of nearly equal numbers lose most of their digits, so where one is
  taken (`numerical_gradient`, `gradient_check`) use float64.
- Leave the arrays you are given as they are.
"""

import numpy as np


def hill(x):
    """Compute the height of a hilly road and its slope.

    With one weight the loss is a road seen from the side: valleys are good, and only one of them is
    the deepest. This road is the playground for everything that follows.

    Formula, for each element on its own::

        height(x) = 0.12 * x^2 + sin(2.4 * x) + 0.3 * cos(5 * x)
        slope(x)  = the derivative of height with respect to x

    Derive the slope term by term; the chain rule brings the factors inside sin and cos out.

    Parameters
    ----------
    x : numpy.ndarray of float, any shape
        Positions along the road, in radians where sin and cos are concerned. Any finite values.

    Returns
    -------
    height : numpy.ndarray of float, the shape of `x`
        How high the road is there.
    slope : numpy.ndarray of float, the shape of `x`
        How fast it rises there, towards larger x; negative where it falls.

    Notes
    -----
    Between -10 and 10 there are eight valleys. The deepest is at x = -0.628, of height -1.251; the
    next best, at x = 1.885, is of height -0.856 and holds whoever starts near it.

    References
    ----------
    Goodfellow, Bengio and Courville, *Deep Learning* (MIT Press, 2016), section 4.3.

    Examples
    --------
    At 0 the height is 0 + 0 + 0.3 and only the sine has a slope, 2.4.

    >>> height, slope = hill(np.array([0.0, -1.0, 2.0]))
    >>> height.round(3).tolist()
    [0.3, -0.47, -0.768]
    >>> slope.round(3).tolist()
    [2.4, -3.448, 1.506]
    """
    height = 0.12 * x**2 + np.sin(2.4 * x) + 0.3 * np.cos(5 * x)
    slope = 0.24 * x + 2.4 * np.cos(2.4 * x) - 1.5 * np.sin(5 * x)
    return height, slope


def numerical_gradient(f, x, h=1e-5):
    """Measure the gradient of any function by trying a small step both ways.

    It needs no calculus and works for every function you can evaluate, so it is what derived
    gradients are checked against. It is far too slow to train with: two calls for every weight.

    Formula, for each coordinate i, where e_i is 1 at coordinate i and 0 elsewhere::

        df[i] = (f(x + h * e_i) - f(x - h * e_i)) / (2 * h)

    Parameters
    ----------
    f : callable
        From an array of the shape of `x` to one number.
    x : numpy.ndarray of float64, any shape
        The point where the gradient is wanted. Finite values of moderate size, so that `x + h`
        differs from `x`.
    h : float, optional
        The length of the step; greater than 0. Default 1e-5.

    Returns
    -------
    df : numpy.ndarray of float, the shape of `x`
        The measured derivative of `f` with respect to each element of `x`.

    Notes
    -----
    Move one coordinate at a time and put it back before the next. You may move it in `x` itself:
    what counts is that `x` is as it was in the end (a last digit may differ).

    Call `f` at most twice for each coordinate, and once more if you like: it may be expensive.

    Stepping one way only, (f(x + h) - f(x)) / h, is wrong by about h times half the curvature;
    stepping both ways by about h^2. A tiny h is no cure: the difference drowns in rounding.

    References
    ----------
    Nocedal and Wright, *Numerical Optimization* (2nd edition, Springer, 2006), section 8.1.

    Examples
    --------
    For f = a^2 * b the gradient is (2 a b, a^2), which at a = 3, b = 2 is (12, 9).

    >>> x = np.array([3.0, 2.0])
    >>> numerical_gradient(lambda p: p[0] ** 2 * p[1], x).round(6).tolist()
    [12.0, 9.0]
    >>> x.tolist()
    [3.0, 2.0]
    """
    point = x.copy()
    df = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        centre = x[index]
        point[index] = centre + h
        ahead = f(point)
        point[index] = centre - h
        behind = f(point)
        point[index] = centre
        df[index] = (ahead - behind) / (2 * h)
    return df


def relative_error(a, b):
    """Compute by how much two arrays differ, relative to their size.

    A difference of 0.001 is nothing between two numbers near 1000 and everything between two near
    0.001. Dividing by the size says how many digits agree: 1e-7 means about seven.

    Formula, with the largest taken over all elements i::

        error = max over i of  abs(a[i] - b[i]) / max(1e-8, abs(a[i]) + abs(b[i]))

    Parameters
    ----------
    a, b : numpy.ndarray of float, equal shapes, any shape
        What is compared; at least one element.

    Returns
    -------
    error : float
        One plain number from 0, equal, to 1, opposite signs. It does not matter which of the two
        comes first.

    Notes
    -----
    Where both elements are 0 the error is 0, not 0 / 0: that is what the 1e-8 is for.

    A NaN in `a` or `b` gives NaN, never a small number: a broken gradient must not look good.

    References
    ----------
    Higham, *Accuracy and Stability of Numerical Algorithms* (2nd edition, SIAM, 2002), section 1.2.

    Examples
    --------
    The errors are 0 / 2 = 0 and 1 / 5 = 0.2.

    >>> float(relative_error(np.array([1.0, 2.0]), np.array([1.0, 3.0])))
    0.2
    """
    difference = np.abs(a - b)
    size = np.abs(a) + np.abs(b)
    return np.max(difference / np.maximum(1e-8, size))


def gradient_check(f, gradient, x, tolerance=1e-6):
    """Decide whether a derived gradient agrees with the measured one.

    Wrong gradients raise no error: the network only learns slower or worse, and nobody knows why.
    This check takes a second and finds nearly all of them, so run it on every gradient you derive.

    Method::

        claimed  = gradient(x)
        measured = the numerical gradient of f at x
        right, if their relative error is at most `tolerance`

    Parameters
    ----------
    f : callable
        From an array of the shape of `x` to one number.
    gradient : callable
        From an array of the shape of `x` to the claimed gradient there, of the same shape.
    x : numpy.ndarray of float64, any shape
        The point where both are compared. Finite values of moderate size.
    tolerance : float, optional
        The relative error up to which the gradient counts as right; greater than 0. Default 1e-6.

    Returns
    -------
    right : bool
        True if the gradient agrees everywhere, False if one element or more is wrong.

    Notes
    -----
    A gradient that holds a NaN or an infinity is wrong. Mind that every comparison with NaN is
    False: ask whether the error is small, not whether it is large.

    How you measure the error is up to you: element by element, as `relative_error` does, or against
    the largest element or the norm, which forgives what tiny elements lose to rounding. You are
    asked clear cases only: right gradients whose elements are neither tiny nor huge, and wrong ones
    of which at least one element misses by a thousand times `tolerance` times the largest element.

    You may call your `numerical_gradient` and `relative_error`.

    References
    ----------
    Goodfellow, Bengio and Courville, *Deep Learning* (MIT Press, 2016), section 11.5.

    Examples
    --------
    The gradient of the sum of squares is 2 x; 2.01 x is half a percent off.

    >>> x = np.array([1.0, -2.0, 3.0])
    >>> gradient_check(lambda p: np.sum(p**2), lambda p: 2 * p, x)
    True
    >>> gradient_check(lambda p: np.sum(p**2), lambda p: 2.01 * p, x)
    False
    """
    claimed = gradient(x)
    measured = numerical_gradient(f, x)
    if not np.all(np.isfinite(claimed)):
        return False
    gap = np.max(np.abs(claimed - measured))
    size = np.max(np.abs(claimed) + np.abs(measured))
    noise = 1e-9  # what differences lose to rounding, also where the gradient is 0
    return bool(gap <= tolerance * size + noise)


def gradient_descent(slope, x0, learning_rate, num_steps):
    """Walk downhill and record where you have been.

    Every way of training a network is a refinement of this loop. The learning rate makes or breaks
    it: too small and it crawls, too large and it leaps over the valley, higher each time.

    Formula, for t from 0 to num_steps - 1::

        path[0]     = x0
        path[t + 1] = path[t] - learning_rate * slope(path[t])

    Parameters
    ----------
    slope : callable
        From an array of the shape of `x0` to the gradient there, of the same shape.
    x0 : numpy.ndarray of float, any shape
        Where to start.
    learning_rate : float
        How far to go for each unit of slope; 0 or more. The length of a step also depends on the
        slope: steep places make long steps.
    num_steps : int
        How many steps to take; 0 or more.

    Returns
    -------
    path : numpy.ndarray of float, shape (num_steps + 1, *x0.shape)
        All positions in order, the start first and the end last.

    Notes
    -----
    With `num_steps` = 0 the path holds the start alone.

    Take all the steps you are asked for, also when the slope is already 0 or the path blows up.

    Each row of the path is a position of its own. If you append one array to a list and then change
    that array in place, every entry of the list shows the last position.

    References
    ----------
    Goodfellow, Bengio and Courville, *Deep Learning* (MIT Press, 2016), section 4.3.

    Examples
    --------
    In the bowl x^2 the slope is 2 x. At rate 0.25 each step halves x; at rate 1.5 each step doubles
    x and changes its sign.

    >>> gradient_descent(lambda x: 2 * x, np.array([8.0]), 0.25, 3).tolist()
    [[8.0], [4.0], [2.0], [1.0]]
    >>> gradient_descent(lambda x: 2 * x, np.array([8.0]), 1.5, 3).tolist()
    [[8.0], [-16.0], [32.0], [-64.0]]
    """
    path = np.zeros((num_steps + 1, *x0.shape), dtype=x0.dtype)
    path[0] = x0
    for t in range(num_steps):
        step = learning_rate * slope(path[t])
        path[t + 1] = path[t] - step
    return path


def largest_stable_learning_rate(hessian):
    """Compute the learning rate above which gradient descent on a bowl blows up.

    One sharp direction sets the speed limit for all the flat ones, which is why training crawls
    where curvatures differ. Near a minimum every smooth loss is such a bowl.

    In a bowl 0.5 * x^T H x the slope is H x. Along an eigenvector of H with eigenvalue q, a step at
    learning rate r multiplies x by (1 - r * q). It shrinks while abs(1 - r * q) < 1.

    Formula::

        largest rate = 2 / (largest eigenvalue of H)

    Parameters
    ----------
    hessian : numpy.ndarray of float, shape (D, D)
        H, the second derivatives: symmetric, no eigenvalue negative, at least one positive.

    Returns
    -------
    learning_rate : float
        The limit, one plain number, greater than 0. Any positive rate below it converges.

    Notes
    -----
    At the limit itself the sharpest direction neither shrinks nor grows: it swings from side to
    side. The fastest rate for that direction alone is half the limit.

    The entries on the diagonal are not the eigenvalues, unless everything beside them is 0.

    References
    ----------
    LeCun, Bottou, Orr and Müller, "Efficient BackProp", in *Neural Networks: Tricks of the Trade*
    (Springer, 1998), 9-50, section 5.

    Examples
    --------
    The curvatures are 1 and 25, and the limit is 2 / 25.

    >>> float(largest_stable_learning_rate(np.array([[1.0, 0.0], [0.0, 25.0]])))
    0.08

    Here the eigenvalues are 1 and 4, though the diagonal holds 2 and 3.

    >>> hessian = np.array([[2.0, np.sqrt(2.0)], [np.sqrt(2.0), 3.0]])
    >>> round(float(largest_stable_learning_rate(hessian)), 6)
    0.5
    """
    eigenvalues = np.linalg.eigvalsh(hessian)
    sharpest = np.max(eigenvalues)
    return 2 / sharpest


def random_restarts(height, slope, starts, learning_rate, num_steps):
    """Walk downhill from several starts and keep the lowest end point.

    Gradient descent finds the bottom of the valley it starts in, not the deepest valley. The
    simplest cure is to start from many places and compare where the walks end.

    Method::

        for each start:  end = the last point of its gradient descent
        the result is the end where height(end) is lowest

    Parameters
    ----------
    height : callable
        From one point to one number.
    slope : callable
        From one point to the gradient there, of the same shape.
    starts : numpy.ndarray of float, shape (K, *shape of a point)
        The K points to start from, one a row; K is at least 1. With shape (K,) a point is a single
        number.
    learning_rate : float
        As in `gradient_descent`; 0 or more.
    num_steps : int
        How many steps each walk takes; 0 or more.

    Returns
    -------
    x : numpy.ndarray of float, the shape of a point
        The best of the end points.
    height : float
        The height there, one plain number.

    Raises
    ------
    ValueError
        If every walk diverges. It is the honest thing to do; it is not judged.

    Notes
    -----
    A walk has diverged if its end point, or the height there, is NaN or infinite. Ignore it: NaN is
    not lower than anything, and minus infinity is no valley.

    Only the ends count, not the points on the way. Of equally low ends either is right.

    Hand `height` and `slope` one point at a time. You may call your `gradient_descent`.

    References
    ----------
    Russell and Norvig, *Artificial Intelligence: A Modern Approach* (4th edition, Pearson, 2021),
    section 4.1.1.

    Examples
    --------
    On the `hill`, the walk from 2 ends in the valley at 1.885, the one from -2 in the deepest.

    >>> starts = np.array([2.0, -2.0])
    >>> best = random_restarts(lambda x: hill(x)[0], lambda x: hill(x)[1], starts, 0.05, 100)
    >>> [round(float(value), 3) for value in best]
    [-0.628, -1.251]
    """
    best, lowest = None, np.inf
    for start in starts:
        with np.errstate(over="ignore", invalid="ignore"):  # a walk may run away
            end = gradient_descent(slope, start, learning_rate, num_steps)[-1]
            reached = height(end)
        finite = np.all(np.isfinite(end)) and np.isfinite(reached)
        if finite and reached < lowest:
            best, lowest = end, reached
    if best is None:
        raise ValueError(
            f"all {len(starts)} walks diverge: take a learning rate below {learning_rate}"
        )
    return best, lowest
