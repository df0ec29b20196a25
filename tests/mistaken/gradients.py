"""Wrong answers to the exercises of `gradients`, as people really write them.

A function `EXERCISE__LABEL` is one wrong answer to EXERCISE; its docstring says what is wrong with
it. Each must lose marks. Names that begin with an underscore are parts of the answers below them.
"""

import numpy as np

# ---------------------------------------------------------------------------------------------
# hill
# ---------------------------------------------------------------------------------------------


def hill__inner_factors_forgotten(x):
    """The chain rule's inner derivatives 2.4 and 5 are missing from the slope."""
    height = 0.12 * x**2 + np.sin(2.4 * x) + 0.3 * np.cos(5 * x)
    return height, 0.24 * x + np.cos(2.4 * x) - 0.3 * np.sin(5 * x)


def hill__inner_factor_of_the_cosine_forgotten(x):
    """The 5 inside the cosine does not come out."""
    height = 0.12 * x**2 + np.sin(2.4 * x) + 0.3 * np.cos(5 * x)
    return height, 0.24 * x + 2.4 * np.cos(2.4 * x) - 0.3 * np.sin(5 * x)


def hill__sign_of_the_sine(x):
    """The derivative of the cosine lacks its minus sign."""
    height = 0.12 * x**2 + np.sin(2.4 * x) + 0.3 * np.cos(5 * x)
    return height, 0.24 * x + 2.4 * np.cos(2.4 * x) + 1.5 * np.sin(5 * x)


def hill__parabola_not_doubled(x):
    """The derivative of the square lacks its 2."""
    height = 0.12 * x**2 + np.sin(2.4 * x) + 0.3 * np.cos(5 * x)
    return height, 0.12 * x + 2.4 * np.cos(2.4 * x) - 1.5 * np.sin(5 * x)


def hill__sine_not_differentiated(x):
    """The slope keeps the sine and the cosine as they were, with the factors in front."""
    height = 0.12 * x**2 + np.sin(2.4 * x) + 0.3 * np.cos(5 * x)
    return height, 0.24 * x + 2.4 * np.sin(2.4 * x) + 1.5 * np.cos(5 * x)


def hill__downhill(x):
    """Returns the way downhill, minus the slope."""
    height = 0.12 * x**2 + np.sin(2.4 * x) + 0.3 * np.cos(5 * x)
    slope = 0.24 * x + 2.4 * np.cos(2.4 * x) - 1.5 * np.sin(5 * x)
    return height, -slope


def hill__degrees(x):
    """Takes the angles for degrees."""
    a, b = np.deg2rad(2.4 * x), np.deg2rad(5 * x)
    height = 0.12 * x**2 + np.sin(a) + 0.3 * np.cos(b)
    return height, 0.24 * x + 2.4 * np.cos(a) - 1.5 * np.sin(b)


def hill__sine_and_cosine_exchanged(x):
    """Exchanges sine and cosine in the height, and derives that correctly."""
    height = 0.12 * x**2 + np.cos(2.4 * x) + 0.3 * np.sin(5 * x)
    return height, 0.24 * x - 2.4 * np.sin(2.4 * x) + 1.5 * np.cos(5 * x)


def hill__square_of_the_sum(x):
    """The whole 0.12 x is squared."""
    height = (0.12 * x) ** 2 + np.sin(2.4 * x) + 0.3 * np.cos(5 * x)
    return height, 2 * 0.12 * (0.12 * x) + 2.4 * np.cos(2.4 * x) - 1.5 * np.sin(5 * x)


def hill__factor_outside(x):
    """Multiplies the sine and the cosine by 2.4 and 5 instead of their arguments."""
    height = 0.12 * x**2 + 2.4 * np.sin(x) + 0.3 * 5 * np.cos(x)
    return height, 0.24 * x + 2.4 * np.cos(x) - 1.5 * np.sin(x)


def hill__one_sided_slope(x):
    """Measures the slope with a step of 1e-3 one way instead of deriving it."""

    def height(v):
        return 0.12 * v**2 + np.sin(2.4 * v) + 0.3 * np.cos(5 * v)

    return height(x), (height(x + 1e-3) - height(x)) / 1e-3


def hill__slope_along_the_array(x):
    """Takes differences between neighbouring elements for the slope."""
    height = 0.12 * x**2 + np.sin(2.4 * x) + 0.3 * np.cos(5 * x)
    return height, np.resize(np.diff(height.ravel(), append=0.0), x.shape)


def hill__summed(x):
    """Adds the heights of all elements up."""
    height = 0.12 * x**2 + np.sin(2.4 * x) + 0.3 * np.cos(5 * x)
    return np.sum(height), 0.24 * x + 2.4 * np.cos(2.4 * x) - 1.5 * np.sin(5 * x)


def hill__flattened(x):
    """Returns a flat list of heights, whatever the shape of x."""
    v = np.ravel(x)
    height = 0.12 * v**2 + np.sin(2.4 * v) + 0.3 * np.cos(5 * v)
    return height, 0.24 * v + 2.4 * np.cos(2.4 * v) - 1.5 * np.sin(5 * v)


def hill__exchanged_results(x):
    """Returns the slope first."""
    height = 0.12 * x**2 + np.sin(2.4 * x) + 0.3 * np.cos(5 * x)
    return 0.24 * x + 2.4 * np.cos(2.4 * x) - 1.5 * np.sin(5 * x), height


def hill__only_height(x):
    """Returns no slope."""
    return 0.12 * x**2 + np.sin(2.4 * x) + 0.3 * np.cos(5 * x)


def hill__sign_of_the_cosine(x):
    """Gives the derivative of the sine a minus."""
    height = 0.12 * x**2 + np.sin(2.4 * x) + 0.3 * np.cos(5 * x)
    return height, 0.24 * x - 2.4 * np.cos(2.4 * x) - 1.5 * np.sin(5 * x)


# ---------------------------------------------------------------------------------------------
# numerical_gradient
# ---------------------------------------------------------------------------------------------


def numerical_gradient__forward_difference(f, x, h=1e-5):
    """Steps one way only: the error is h times half the curvature instead of h^2."""
    here = f(x)
    df = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        point = x.copy()
        point[index] += h
        df[index] = (f(point) - here) / h
    return df


def numerical_gradient__backward_difference(f, x, h=1e-5):
    """Steps back only."""
    here = f(x)
    df = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        point = x.copy()
        point[index] -= h
        df[index] = (here - f(point)) / h
    return df


def numerical_gradient__divided_by_one_step(f, x, h=1e-5):
    """Divides by h where the two points are 2 h apart: twice the gradient."""
    df = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        up, down = x.copy(), x.copy()
        up[index] += h
        down[index] -= h
        df[index] = (f(up) - f(down)) / h
    return df


def numerical_gradient__parentheses_forgotten(f, x, h=1e-5):
    """Divides by 2 and multiplies by h, for want of parentheses around 2 * h."""
    df = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        up, down = x.copy(), x.copy()
        up[index] += h
        down[index] -= h
        df[index] = (f(up) - f(down)) / 2 * h
    return df


def numerical_gradient__sign(f, x, h=1e-5):
    """Subtracts the wrong way round."""
    df = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        up, down = x.copy(), x.copy()
        up[index] += h
        down[index] -= h
        df[index] = (f(down) - f(up)) / (2 * h)
    return df


def numerical_gradient__all_coordinates_at_once(f, x, h=1e-5):
    """Moves all coordinates together, which gives the sum of all derivatives."""
    slope = (f(x + h) - f(x - h)) / (2 * h)
    return np.full_like(x, slope)


def numerical_gradient__coordinates_not_put_back(f, x, h=1e-5):
    """Leaves each coordinate where the last step took it, and the next ones measure from there."""
    df = np.zeros_like(x)
    point = x.copy()
    for index in np.ndindex(x.shape):
        point[index] = x[index] + h
        ahead = f(point)
        point[index] = x[index] - h
        df[index] = (ahead - f(point)) / (2 * h)
    return df


def numerical_gradient__input_left_changed(f, x, h=1e-5):
    """Restores x by one h instead of adding it to what was there: x has moved in the end."""
    df = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        old = x[index]
        x[index] = old + h
        ahead = f(x)
        x[index] = old - h
        df[index] = (ahead - f(x)) / (2 * h)
        x[index] = old + h
    return df


def numerical_gradient__alias_for_a_copy(f, x, h=1e-5):
    """Two names for the same array: both points end up at x, and every difference is 0."""
    df = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        up = x
        down = x
        up[index] += h
        down[index] -= h
        df[index] = (f(up) - f(down)) / (2 * h)
    return df


def numerical_gradient__step_too_small(f, x, h=1e-5):
    """Uses a step of 1e-12 in the belief that smaller is better: rounding eats the difference."""
    h = 1e-12
    df = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        up, down = x.copy(), x.copy()
        up[index] += h
        down[index] -= h
        df[index] = (f(up) - f(down)) / (2 * h)
    return df


def numerical_gradient__step_too_large(f, x, h=1e-5):
    """Uses a step of 0.01, whatever h is."""
    h = 1e-2
    df = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        up, down = x.copy(), x.copy()
        up[index] += h
        down[index] -= h
        df[index] = (f(up) - f(down)) / (2 * h)
    return df


def numerical_gradient__h_ignored(f, x, h=1e-5):
    """Always steps by 1e-5, also where another h is asked for."""
    df = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        up, down = x.copy(), x.copy()
        up[index] += 1e-5
        down[index] -= 1e-5
        df[index] = (f(up) - f(down)) / 2e-5
    return df


def numerical_gradient__h_in_the_denominator_only(f, x, h=1e-5):
    """Steps by h, but divides by a fixed 2e-5."""
    df = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        up, down = x.copy(), x.copy()
        up[index] += h
        down[index] -= h
        df[index] = (f(up) - f(down)) / 2e-5
    return df


def numerical_gradient__half_steps(f, x, h=1e-5):
    """Steps by h / 2 each way, but divides by 2 h."""
    df = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        up, down = x.copy(), x.copy()
        up[index] += h / 2
        down[index] -= h / 2
        df[index] = (f(up) - f(down)) / (2 * h)
    return df


def numerical_gradient__first_axis_only(f, x, h=1e-5):
    """Moves whole rows: right for a vector, the sum of a row's derivatives for a matrix."""
    df = np.zeros_like(x)
    for i in range(len(x)):
        up, down = x.copy(), x.copy()
        up[i] += h
        down[i] -= h
        df[i] = (f(up) - f(down)) / (2 * h)
    return df


def numerical_gradient__two_axes_only(f, x, h=1e-5):
    """Loops over rows and columns: fails on vectors and on three axes."""
    df = np.zeros_like(x)
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            up, down = x.copy(), x.copy()
            up[i, j] += h
            down[i, j] -= h
            df[i, j] = (f(up) - f(down)) / (2 * h)
    return df


def numerical_gradient__flattened(f, x, h=1e-5):
    """Returns a flat gradient for a matrix."""
    df = np.zeros(x.size)
    for k in range(x.size):
        up, down = x.copy(), x.copy()
        up.flat[k] += h
        down.flat[k] -= h
        df[k] = (f(up) - f(down)) / (2 * h)
    return df


def numerical_gradient__flat_points(f, x, h=1e-5):
    """Hands f a flat array in place of one of the shape of x."""
    flat = x.ravel()
    df = np.zeros(x.size)
    for k in range(x.size):
        step = np.zeros(x.size)
        step[k] = h
        df[k] = (f(flat + step) - f(flat - step)) / (2 * h)
    return df.reshape(x.shape)


def numerical_gradient__last_coordinate_left_out(f, x, h=1e-5):
    """The loop ends one coordinate too early."""
    df = np.zeros_like(x)
    for k in range(x.size - 1):
        up, down = x.copy(), x.copy()
        up.flat[k] += h
        down.flat[k] -= h
        df.flat[k] = (f(up) - f(down)) / (2 * h)
    return df


def numerical_gradient__returned_inside_the_loop(f, x, h=1e-5):
    """The return is indented too far: only the first coordinate is measured."""
    df = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        up, down = x.copy(), x.copy()
        up[index] += h
        down[index] -= h
        df[index] = (f(up) - f(down)) / (2 * h)
        return df
    return df


def numerical_gradient__coordinates_in_column_order(f, x, h=1e-5):
    """Walks down the columns, but fills the gradient along the rows."""
    df = []
    for index in np.ndindex(x.shape[::-1]):
        up, down = x.copy(), x.copy()
        up[index[::-1]] += h
        down[index[::-1]] -= h
        df.append((f(up) - f(down)) / (2 * h))
    return np.array(df).reshape(x.shape)


def numerical_gradient__relative_steps(f, x, h=1e-5):
    """Steps by h times the coordinate: no step at all where it is 0."""
    df = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        step = h * x[index]
        up, down = x.copy(), x.copy()
        up[index] += step
        down[index] -= step
        df[index] = (f(up) - f(down)) / (2 * step) if step else 0.0
    return df


def numerical_gradient__four_calls_a_coordinate(f, x, h=1e-5):
    """Takes a five-point formula: exact, but f is called four times for each coordinate."""
    df = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        values = []
        for k in (-2, -1, 1, 2):
            point = x.copy()
            point[index] += k * h
            values.append(f(point))
        df[index] = (values[0] - 8 * values[1] + 8 * values[2] - values[3]) / (12 * h)
    return df


def numerical_gradient__single_precision(f, x, h=1e-5):
    """Works in float32, where a step of 1e-5 is a hundred roundings wide."""
    point = x.astype(np.float32)
    df = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        up, down = point.copy(), point.copy()
        up[index] += h
        down[index] -= h
        df[index] = (f(up) - f(down)) / (2 * h)
    return df


def numerical_gradient__of_neighbours(f, x, h=1e-5):
    """Leaves the measuring to np.gradient, which differentiates along the array, not f."""
    return np.gradient(x * f(x), h) if x.ndim == 1 and x.size > 1 else np.zeros_like(x)


# ---------------------------------------------------------------------------------------------
# relative_error
# ---------------------------------------------------------------------------------------------


def relative_error__absolute(a, b):
    """Does not divide at all."""
    return np.max(np.abs(a - b))


def relative_error__mean(a, b):
    """Averages the errors: one wrong element among many is hidden."""
    return np.mean(np.abs(a - b) / np.maximum(1e-8, np.abs(a) + np.abs(b)))


def relative_error__summed(a, b):
    """Adds the errors up."""
    return np.sum(np.abs(a - b) / np.maximum(1e-8, np.abs(a) + np.abs(b)))


def relative_error__smallest(a, b):
    """Takes the best element, not the worst."""
    return np.min(np.abs(a - b) / np.maximum(1e-8, np.abs(a) + np.abs(b)))


def relative_error__of_the_larger(a, b):
    """Divides by the larger of the two sizes, not by their sum."""
    return np.max(np.abs(a - b) / np.maximum(1e-8, np.maximum(np.abs(a), np.abs(b))))


def relative_error__of_the_mean_size(a, b):
    """Divides by the mean of the two sizes: from 0 to 2."""
    return np.max(np.abs(a - b) / np.maximum(1e-8, (np.abs(a) + np.abs(b)) / 2))


def relative_error__of_the_second(a, b):
    """Divides by b alone: exchanging the arguments changes the result."""
    return np.max(np.abs(a - b) / np.maximum(1e-8, np.abs(b)))


def relative_error__size_of_the_sum(a, b):
    """Divides by abs(a + b), which is small where the signs differ."""
    return np.max(np.abs(a - b) / np.maximum(1e-8, np.abs(a + b)))


def relative_error__signed(a, b):
    """Forgets the absolute value of the difference: where a is smaller the error is negative."""
    return np.max((a - b) / np.maximum(1e-8, np.abs(a) + np.abs(b)))


def relative_error__signed_sizes(a, b):
    """Forgets the absolute values in the size: two negative numbers divide by 1e-8."""
    return np.max(np.abs(a - b) / np.maximum(1e-8, a + b))


def relative_error__no_floor(a, b):
    """Divides 0 by 0 where both are 0, which is NaN."""
    return np.max(np.abs(a - b) / (np.abs(a) + np.abs(b)))


def relative_error__floor_added(a, b):
    """Adds the 1e-8 where it is a lower limit: tiny numbers come out too good."""
    return np.max(np.abs(a - b) / (np.abs(a) + np.abs(b) + 1e-8))


def relative_error__floor_as_ceiling(a, b):
    """Takes the smaller of 1e-8 and the size, so nearly everything is divided by 1e-8."""
    return np.max(np.abs(a - b) / np.minimum(1e-8, np.abs(a) + np.abs(b)))


def relative_error__floor_too_high(a, b):
    """Takes 1e-5 for 1e-8."""
    return np.max(np.abs(a - b) / np.maximum(1e-5, np.abs(a) + np.abs(b)))


def relative_error__largest_by_largest(a, b):
    """Divides the largest difference by the largest size, not element by element."""
    return np.max(np.abs(a - b)) / max(1e-8, np.max(np.abs(a) + np.abs(b)))


def relative_error__ratio_of_norms(a, b):
    """Divides the norms: a good measure, but another one."""
    return np.linalg.norm(a - b) / max(1e-8, np.linalg.norm(a) + np.linalg.norm(b))


def relative_error__nan_skipped(a, b):
    """Leaves NaN out of the maximum: a broken gradient looks perfect."""
    return np.nanmax(np.abs(a - b) / np.maximum(1e-8, np.abs(a) + np.abs(b)))


def relative_error__nan_lost_in_a_loop(a, b):
    """Compares with > in a loop, and every comparison with NaN is False."""
    worst = 0.0
    for u, v in zip(np.ravel(a), np.ravel(b), strict=True):
        error = abs(u - v) / max(1e-8, abs(u) + abs(v))
        if error > worst:
            worst = error
    return worst


def relative_error__per_cent(a, b):
    """Returns per cent."""
    return 100 * np.max(np.abs(a - b) / np.maximum(1e-8, np.abs(a) + np.abs(b)))


def relative_error__squared(a, b):
    """Divides the squared difference by the squared sizes."""
    return np.max((a - b) ** 2 / np.maximum(1e-8, a**2 + b**2))


def relative_error__largest_by_column(a, b):
    """Takes the largest of each column only, and returns an array."""
    return np.max(np.abs(a - b) / np.maximum(1e-8, np.abs(a) + np.abs(b)), axis=0)


def relative_error__all_elements(a, b):
    """Forgets the maximum."""
    return np.abs(a - b) / np.maximum(1e-8, np.abs(a) + np.abs(b))


def relative_error__divided_by_the_first(a, b):
    """Divides by the size of a alone: size_of_the_first."""
    return np.max(np.abs(a - b) / np.maximum(1e-8, np.abs(a)))


def relative_error__never_below_one(a, b):
    """Takes 1 for the lower limit, as SciPy's tolerances do: floor_of_one."""
    return np.max(np.abs(a - b) / np.maximum(1, np.abs(a) + np.abs(b)))


def relative_error__smaller_floor(a, b):
    """Takes 1e-12 for the lower limit: smaller_floor."""
    return np.max(np.abs(a - b) / np.maximum(1e-12, np.abs(a) + np.abs(b)))


# ---------------------------------------------------------------------------------------------
# gradient_check
# ---------------------------------------------------------------------------------------------


def _differences(f, x, h=1e-5):
    df = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        e = np.zeros(x.shape)
        e[i] = h
        df[i] = (f(x + e) - f(x - e)) / (2 * h)
    return df


def _error(a, b):
    return np.max(np.abs(a - b) / np.maximum(1e-8, np.abs(a) + np.abs(b)))


def gradient_check__always_right(f, gradient, x, tolerance=1e-6):
    """Accepts everything."""
    return True


def gradient_check__always_wrong(f, gradient, x, tolerance=1e-6):
    """Rejects everything."""
    return False


def gradient_check__the_wrong_way_round(f, gradient, x, tolerance=1e-6):
    """Says whether the gradient is wrong."""
    return bool(_error(gradient(x), _differences(f, x)) > tolerance)


def gradient_check__nan_accepted(f, gradient, x, tolerance=1e-6):
    """Asks whether the error is large, and no comparison with NaN is true."""
    if _error(gradient(x), _differences(f, x)) > tolerance:  # noqa: SIM103
        return False
    return True


def gradient_check__nan_left_out(f, gradient, x, tolerance=1e-6):
    """Takes the maximum without the NaN."""
    a, b = gradient(x), _differences(f, x)
    error = np.nanmax(np.abs(a - b) / np.maximum(1e-8, np.abs(a) + np.abs(b)))
    return bool(error < tolerance)


def gradient_check__nan_made_zero(f, gradient, x, tolerance=1e-6):
    """Takes the difference of what is NaN for 0."""
    a, b = gradient(x), _differences(f, x)
    gap = np.nan_to_num(np.abs(a - b))
    return bool(np.max(gap) <= tolerance * np.max(np.abs(b)))


def gradient_check__infinity_accepted(f, gradient, x, tolerance=1e-6):
    """Scales by the claimed gradient: an infinite one allows an infinite difference."""
    a, b = gradient(x), _differences(f, x)
    return bool(np.max(np.abs(a - b)) <= tolerance * np.max(np.abs(a)))


def gradient_check__mean_difference(f, gradient, x, tolerance=1e-6):
    """Averages signed differences, which cancel."""
    a, b = gradient(x), _differences(f, x)
    return bool(np.mean(a - b) < tolerance)


def gradient_check__sums_compared(f, gradient, x, tolerance=1e-6):
    """Compares the sums of both gradients: two wrong elements can cancel, and a shuffle passes."""
    a, b = np.sum(gradient(x)), np.sum(_differences(f, x))
    return bool(abs(a - b) <= tolerance * (abs(a) + abs(b)))


def gradient_check__signed_difference(f, gradient, x, tolerance=1e-6):
    """Forgets the absolute value: elements that are too small pass."""
    a, b = gradient(x), _differences(f, x)
    return bool(np.max((a - b) / np.maximum(1e-8, np.abs(a) + np.abs(b))) < tolerance)


def gradient_check__sizes_compared(f, gradient, x, tolerance=1e-6):
    """Compares absolute values: the wrong sign passes."""
    return bool(_error(np.abs(gradient(x)), np.abs(_differences(f, x))) < tolerance)


def gradient_check__norms_compared(f, gradient, x, tolerance=1e-6):
    """Compares the lengths of both gradients, not the gradients."""
    a, b = np.linalg.norm(gradient(x)), np.linalg.norm(_differences(f, x))
    return bool(abs(a - b) <= tolerance * (a + b))


def gradient_check__direction_only(f, gradient, x, tolerance=1e-6):
    """Compares the angle between both: the wrong scale passes."""
    a, b = gradient(x).ravel(), _differences(f, x).ravel()
    cosine = a @ b / (np.linalg.norm(a) * np.linalg.norm(b))
    return bool(1 - cosine < tolerance)


def gradient_check__first_element_only(f, gradient, x, tolerance=1e-6):
    """Looks at the first element alone."""
    a, b = np.ravel(gradient(x))[:1], np.ravel(_differences(f, x))[:1]
    return bool(_error(a, b) < tolerance)


def gradient_check__last_element_left_out(f, gradient, x, tolerance=1e-6):
    """The loop over the elements ends one too early."""
    a, b = np.ravel(gradient(x)), np.ravel(_differences(f, x))
    return all(abs(a[i] - b[i]) <= tolerance * abs(b[i]) for i in range(a.size - 1))


def gradient_check__one_right_element_is_enough(f, gradient, x, tolerance=1e-6):
    """Asks whether any element agrees, where all must."""
    a, b = gradient(x), _differences(f, x)
    return bool(np.any(np.abs(a - b) <= tolerance * np.abs(b)))


def gradient_check__decided_in_the_loop(f, gradient, x, tolerance=1e-6):
    """Returns in the first round of the loop, whatever comes after it."""
    claimed, measured = gradient(x), _differences(f, x)
    for index in np.ndindex(x.shape):
        if abs(claimed[index] - measured[index]) > tolerance * abs(measured[index]):  # noqa: SIM103
            return False
        return True
    return True


def gradient_check__last_one_decides(f, gradient, x, tolerance=1e-6):
    """Overwrites the verdict in each round, so only the last element counts."""
    claimed, measured = gradient(x), _differences(f, x)
    right = True
    for index in np.ndindex(x.shape):
        right = abs(claimed[index] - measured[index]) <= tolerance * abs(measured[index])
    return bool(right)


def gradient_check__forward_difference(f, gradient, x, tolerance=1e-6):
    """Measures by stepping one way, with an error larger than the tolerance: rejects the right."""
    here, h = f(x), 1e-4
    measured = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        e = np.zeros(x.shape)
        e[i] = h
        measured[i] = (f(x + e) - here) / h
    return bool(_error(gradient(x), measured) < tolerance)


def gradient_check__step_too_small(f, gradient, x, tolerance=1e-6):
    """Steps by 1e-12, so rounding makes right gradients look wrong."""
    return bool(_error(gradient(x), _differences(f, x, h=1e-12)) < tolerance)


def gradient_check__exactly_equal(f, gradient, x, tolerance=1e-6):
    """Asks for equality to the last bit."""
    return bool(np.array_equal(gradient(x), _differences(f, x)))


def gradient_check__far_too_strict(f, gradient, x, tolerance=1e-6):
    """Takes 1e-14 for the tolerance, which no measured gradient reaches."""
    return bool(_error(gradient(x), _differences(f, x)) < 1e-14)


def gradient_check__far_too_lenient(f, gradient, x, tolerance=1e-6):
    """Lets an error of a tenth pass."""
    return bool(_error(gradient(x), _differences(f, x)) < 0.1)


def gradient_check__percents_forgiven(f, gradient, x, tolerance=1e-6):
    """Calls np.isclose with a tolerance of one per cent."""
    return bool(np.isclose(gradient(x), _differences(f, x), rtol=1e-2).all())


def gradient_check__tolerance_ignored(f, gradient, x, tolerance=1e-6):
    """Uses 1e-6, also where another tolerance is asked for."""
    return bool(_error(gradient(x), _differences(f, x)) < 1e-6)


def gradient_check__gradient_against_itself(f, gradient, x, tolerance=1e-6):
    """Compares the gradient with itself, one call later."""
    return bool(_error(gradient(x), gradient(x.copy())) < tolerance)


def gradient_check__checked_at_zero(f, gradient, x, tolerance=1e-6):
    """Checks at the origin instead of at x."""
    origin = np.zeros_like(x)
    return bool(_error(gradient(origin), _differences(f, origin)) < tolerance)


def gradient_check__two_different_points(f, gradient, x, tolerance=1e-6):
    """Takes the gradient at x + h, after the last step has not been undone."""
    measured = _differences(f, x)
    return bool(_error(gradient(x + 1e-2), measured) < tolerance)


def gradient_check__all_ones_direction(f, gradient, x, tolerance=1e-6):
    """Tries the one direction of all ones: what cancels in the sum is not seen."""
    measured = (f(x + 1e-6) - f(x - 1e-6)) / 2e-6
    claimed = np.sum(gradient(x))
    return bool(abs(claimed - measured) <= tolerance * (abs(claimed) + abs(measured)))


def gradient_check__the_error_itself(f, gradient, x, tolerance=1e-6):
    """Returns the error, not a verdict."""
    return float(_error(gradient(x), _differences(f, x)))


def gradient_check__one_verdict_an_element(f, gradient, x, tolerance=1e-6):
    """Returns one verdict for each element."""
    a, b = gradient(x), _differences(f, x)
    return np.abs(a - b) <= tolerance * np.abs(b)


def gradient_check__gradient_not_called(f, gradient, x, tolerance=1e-6):
    """Takes the gradient for an array, though it is a function."""
    return bool(np.all(np.abs(gradient - _differences(f, x)) < tolerance))


def gradient_check__a_few_at_random(f, gradient, x, tolerance=1e-6):
    """Looks at five elements drawn by chance, which is enough for a first look and no proof."""
    claimed, rng = gradient(x), np.random.default_rng(0)
    for _ in range(5):
        place = tuple(rng.integers(size) for size in x.shape)
        step = np.zeros_like(x)
        step[place] = 1e-5
        measured = (f(x + step) - f(x - step)) / 2e-5
        size = max(1e-8, abs(claimed[place]) + abs(measured))
        if not abs(claimed[place] - measured) / size <= tolerance:
            return False
    return bool(np.all(np.isfinite(claimed)))


def gradient_check__limit_of_a_thousandth(f, gradient, x, tolerance=1e-6):
    """Compares with 1e-3 whatever the tolerance is: limit_of_its_own."""
    claimed, measured = gradient(x), np.zeros_like(x)
    for i in np.ndindex(x.shape):
        step = np.zeros_like(x)
        step[i] = 1e-5
        measured[i] = (f(x + step) - f(x - step)) / 2e-5
    error = np.abs(claimed - measured) / np.maximum(1e-8, np.abs(claimed) + np.abs(measured))
    return bool(np.max(error) < 1e-3)


# ---------------------------------------------------------------------------------------------
# gradient_descent
# ---------------------------------------------------------------------------------------------


def gradient_descent__uphill(slope, x0, learning_rate, num_steps):
    """Adds the slope, which is the way up."""
    path = [x0]
    for _ in range(num_steps):
        path.append(path[-1] + learning_rate * slope(path[-1]))
    return np.array(path)


def gradient_descent__one_array_appended(slope, x0, learning_rate, num_steps):
    """Appends one array again and again, so every entry shows the last position."""
    x = x0.copy()
    path = [x]
    for _ in range(num_steps):
        x -= learning_rate * slope(x)
        path.append(x)
    return np.array(path)


def gradient_descent__start_left_out(slope, x0, learning_rate, num_steps):
    """Records the positions after each step only."""
    x = x0.copy()
    path = np.zeros((num_steps, *x0.shape))
    for t in range(num_steps):
        x = x - learning_rate * slope(x)
        path[t] = x
    return path


def gradient_descent__end_left_out(slope, x0, learning_rate, num_steps):
    """Records before each step: the last position is missing."""
    x = x0.copy()
    path = []
    for _ in range(num_steps):
        path.append(x)
        x = x - learning_rate * slope(x)
    return np.array(path)


def gradient_descent__one_step_short(slope, x0, learning_rate, num_steps):
    """The loop ends a step early; the last row stays 0."""
    path = np.zeros((num_steps + 1, *x0.shape))
    path[0] = x0
    for t in range(1, num_steps):
        path[t] = path[t - 1] - learning_rate * slope(path[t - 1])
    return path


def gradient_descent__one_step_too_many(slope, x0, learning_rate, num_steps):
    """Takes one step more than asked."""
    path = [x0]
    for _ in range(num_steps + 1):
        path.append(path[-1] - learning_rate * slope(path[-1]))
    return np.array(path)


def gradient_descent__slope_of_the_start(slope, x0, learning_rate, num_steps):
    """Asks for the slope once, at the start, and walks on in that direction."""
    g = slope(x0)
    return np.array([x0 - t * learning_rate * g for t in range(num_steps + 1)])


def gradient_descent__always_from_the_start(slope, x0, learning_rate, num_steps):
    """Takes every step from x0 instead of from where it is."""
    path = [x0]
    for _ in range(num_steps):
        path.append(x0 - learning_rate * slope(path[-1]))
    return np.array(path)


def gradient_descent__slope_subtracted(slope, x0, learning_rate, num_steps):
    """Forgets the learning rate."""
    path = [x0]
    for _ in range(num_steps):
        path.append(path[-1] - slope(path[-1]))
    return np.array(path)


def gradient_descent__rate_divided(slope, x0, learning_rate, num_steps):
    """Divides by the learning rate."""
    path = [x0]
    for _ in range(num_steps):
        path.append(path[-1] - slope(path[-1]) / learning_rate)
    return np.array(path)


def gradient_descent__rate_fixed(slope, x0, learning_rate, num_steps):
    """Uses the rate 0.1 whatever is asked."""
    path = [x0]
    for _ in range(num_steps):
        path.append(path[-1] - 0.1 * slope(path[-1]))
    return np.array(path)


def gradient_descent__rate_decays(slope, x0, learning_rate, num_steps):
    """Lowers the rate with every step."""
    path = [x0]
    for t in range(num_steps):
        path.append(path[-1] - learning_rate / (t + 1) * slope(path[-1]))
    return np.array(path)


def gradient_descent__steps_of_equal_length(slope, x0, learning_rate, num_steps):
    """Divides the slope by its length: every step is as long as the learning rate."""
    path = [x0]
    for _ in range(num_steps):
        g = slope(path[-1])
        path.append(path[-1] - learning_rate * g / (np.linalg.norm(g) + 1e-12))
    return np.array(path)


def gradient_descent__sign_of_the_slope(slope, x0, learning_rate, num_steps):
    """Uses the sign of the slope alone."""
    path = [x0]
    for _ in range(num_steps):
        path.append(path[-1] - learning_rate * np.sign(slope(path[-1])))
    return np.array(path)


def gradient_descent__momentum(slope, x0, learning_rate, num_steps):
    """Adds momentum, which is another exercise."""
    path, v = [x0], np.zeros_like(x0)
    for _ in range(num_steps):
        v = 0.9 * v - learning_rate * slope(path[-1])
        path.append(path[-1] + v)
    return np.array(path)


def gradient_descent__stops_where_it_is_flat(slope, x0, learning_rate, num_steps):
    """Stops as soon as the slope is small: the path has too few rows."""
    path = [x0]
    for _ in range(num_steps):
        g = slope(path[-1])
        if np.max(np.abs(g)) < 1e-3:
            break
        path.append(path[-1] - learning_rate * g)
    return np.array(path)


def gradient_descent__clipped(slope, x0, learning_rate, num_steps):
    """Clips the slope to [-1, 1], so that nothing can blow up."""
    path = [x0]
    for _ in range(num_steps):
        path.append(path[-1] - learning_rate * np.clip(slope(path[-1]), -1, 1))
    return np.array(path)


def gradient_descent__coordinates_in_turn(slope, x0, learning_rate, num_steps):
    """Updates one coordinate after the other, each with the slope after the last change."""
    path = [x0.copy()]
    for _ in range(num_steps):
        x = path[-1].copy()
        for index in np.ndindex(x.shape):
            x[index] -= learning_rate * slope(x)[index]
        path.append(x)
    return np.array(path)


def gradient_descent__only_the_end(slope, x0, learning_rate, num_steps):
    """Returns the last position instead of the path."""
    x = x0.copy()
    for _ in range(num_steps):
        x = x - learning_rate * slope(x)
    return x


def gradient_descent__path_and_end(slope, x0, learning_rate, num_steps):
    """Returns the end beside the path."""
    path = [x0]
    for _ in range(num_steps):
        path.append(path[-1] - learning_rate * slope(path[-1]))
    return path[-1], np.array(path)


def gradient_descent__flat_rows(slope, x0, learning_rate, num_steps):
    """Flattens every position of a matrix into a row."""
    x, path = x0, [x0.ravel()]
    for _ in range(num_steps):
        x = x - learning_rate * slope(x)
        path.append(x.ravel())
    return np.array(path)


def gradient_descent__stacked_side_by_side(slope, x0, learning_rate, num_steps):
    """Puts the steps on the last axis."""
    path = [x0]
    for _ in range(num_steps):
        path.append(path[-1] - learning_rate * slope(path[-1]))
    return np.stack(path, axis=-1)


def gradient_descent__rows_on_top_of_each_other(slope, x0, learning_rate, num_steps):
    """Stacks with np.vstack: right for vectors, but the rows of matrices run together."""
    path = [x0]
    for _ in range(num_steps):
        path.append(path[-1] - learning_rate * slope(path[-1]))
    return np.vstack(path)


def gradient_descent__path_in_reverse(slope, x0, learning_rate, num_steps):
    """Puts the newest position first."""
    path = [x0]
    for _ in range(num_steps):
        path.insert(0, path[0] - learning_rate * slope(path[0]))
    return np.array(path)


def gradient_descent__list_of_positions(slope, x0, learning_rate, num_steps):
    """Returns a list where an array is asked for."""
    path = [x0]
    for _ in range(num_steps):
        path.append(path[-1] - learning_rate * slope(path[-1]))
    return path


def gradient_descent__integers(slope, x0, learning_rate, num_steps):
    """Stores the path in integers, which cuts the decimals off."""
    path = np.zeros((num_steps + 1, *x0.shape), dtype=int)
    path[0] = x0
    for t in range(num_steps):
        path[t + 1] = path[t] - learning_rate * slope(path[t].astype(float))
    return path


# ---------------------------------------------------------------------------------------------
# largest_stable_learning_rate
# ---------------------------------------------------------------------------------------------


def largest_stable_learning_rate__one_over(hessian):
    """Takes 1 / the largest eigenvalue: the fastest rate for that direction, not the limit."""
    return 1 / np.linalg.eigvalsh(hessian)[-1]


def largest_stable_learning_rate__smallest_eigenvalue(hessian):
    """Takes the flattest direction, for which the sharpest one blows up."""
    return 2 / np.linalg.eigvalsh(hessian)[0]


def largest_stable_learning_rate__first_in_the_list(hessian):
    """Takes the first eigenvalue of np.linalg.eig, which come in no order."""
    return 2 / np.linalg.eig(hessian)[0][0].real


def largest_stable_learning_rate__last_in_the_list(hessian):
    """Takes the last eigenvalue of np.linalg.eigvals, which come in no order."""
    return 2 / np.linalg.eigvals(hessian)[-1].real


def largest_stable_learning_rate__eigenvalue_itself(hessian):
    """Multiplies by the eigenvalue."""
    return 2 * np.linalg.eigvalsh(hessian)[-1]


def largest_stable_learning_rate__root(hessian):
    """Takes the root of the eigenvalue."""
    return 2 / np.sqrt(np.linalg.eigvalsh(hessian)[-1])


def largest_stable_learning_rate__squared_matrix(hessian):
    """Takes the largest eigenvalue of the matrix times its transpose without its root."""
    return 2 / np.linalg.eigvalsh(hessian @ hessian.T)[-1]


def largest_stable_learning_rate__best_rate(hessian):
    """Takes 2 / (largest + smallest), the rate that converges fastest."""
    eigenvalues = np.linalg.eigvalsh(hessian)
    return 2 / (eigenvalues[-1] + eigenvalues[0])


def largest_stable_learning_rate__diagonal(hessian):
    """Takes the largest entry of the diagonal, right for diagonal matrices only."""
    return 2 / np.max(np.diag(hessian))


def largest_stable_learning_rate__largest_entry(hessian):
    """Takes the largest entry for the largest eigenvalue."""
    return 2 / np.max(np.abs(hessian))


def largest_stable_learning_rate__trace(hessian):
    """Takes the sum of the eigenvalues."""
    return 2 / np.trace(hessian)


def largest_stable_learning_rate__mean_curvature(hessian):
    """Takes the mean of the eigenvalues."""
    return 2 / np.mean(np.linalg.eigvalsh(hessian))


def largest_stable_learning_rate__frobenius(hessian):
    """Takes np.linalg.norm with its default, which is not the largest eigenvalue."""
    return 2 / np.linalg.norm(hessian)


def largest_stable_learning_rate__row_sums(hessian):
    """Takes the largest row sum, an upper bound of the eigenvalue: the rate is too small."""
    return 2 / np.max(np.sum(np.abs(hessian), axis=1))


def largest_stable_learning_rate__determinant(hessian):
    """Takes the product of the eigenvalues."""
    return 2 / np.linalg.det(hessian)


def largest_stable_learning_rate__condition_number(hessian):
    """Takes the ratio of the largest to the smallest eigenvalue."""
    return 2 / np.linalg.cond(hessian)


def largest_stable_learning_rate__eigenvector(hessian):
    """Takes the eigenvectors that np.linalg.eigh returns second."""
    return 2 / np.linalg.eigh(hessian)[1].max()


def largest_stable_learning_rate__few_iterations(hessian):
    """Stops the power iteration after five steps."""
    v = np.ones(len(hessian)) / np.sqrt(len(hessian))
    for _ in range(5):
        v = hessian @ v
        v /= np.linalg.norm(v)
    return 2 / np.linalg.norm(hessian @ v)


def largest_stable_learning_rate__margin(hessian):
    """Stays a little below the limit, to be on the safe side."""
    return 1.99 / np.linalg.eigvalsh(hessian)[-1]


def largest_stable_learning_rate__one_rate_a_direction(hessian):
    """Returns the limit of each direction."""
    return 2 / np.linalg.eigvalsh(hessian)


def largest_stable_learning_rate__two_by_two(hessian):
    """Solves the quadratic equation of a 2 x 2 matrix, whatever the size."""
    a, b, d = hessian[0, 0], hessian[0, -1], hessian[-1, -1]
    return 2 / ((a + d) / 2 + np.sqrt((a - d) ** 2 / 4 + b * b))


# ---------------------------------------------------------------------------------------------
# random_restarts
# ---------------------------------------------------------------------------------------------


def _end_of_walk(slope, x, learning_rate, num_steps):
    for _ in range(num_steps):
        x = x - learning_rate * slope(x)
    return x


def _is_finite(end, reached):
    return bool(np.all(np.isfinite(end)) and np.isfinite(reached))


def _best(pairs, key=lambda pair: pair[1]):
    good = [pair for pair in pairs if _is_finite(*pair)]
    if not good:
        raise ValueError("all diverged")
    return min(good, key=key)


def random_restarts__first_start_only(height, slope, starts, learning_rate, num_steps):
    """Walks from the first start alone."""
    end = _end_of_walk(slope, starts[0], learning_rate, num_steps)
    return _best([(end, height(end))])


def random_restarts__last_one_kept(height, slope, starts, learning_rate, num_steps):
    """Keeps the last end that has not diverged, without comparing."""
    kept = None
    for start in starts:
        end = _end_of_walk(slope, start, learning_rate, num_steps)
        if _is_finite(end, height(end)):
            kept = end, height(end)
    if kept is None:
        raise ValueError("all diverged")
    return kept


def random_restarts__highest(height, slope, starts, learning_rate, num_steps):
    """Keeps the highest end."""
    ends = [_end_of_walk(slope, s, learning_rate, num_steps) for s in starts]
    return _best([(e, height(e)) for e in ends], key=lambda pair: -pair[1])


def random_restarts__lowest_start(height, slope, starts, learning_rate, num_steps):
    """Chooses the lowest start before walking, and walks from there alone."""
    start = min(starts, key=height)
    end = _end_of_walk(slope, start, learning_rate, num_steps)
    return _best([(end, height(end))])


def random_restarts__start_of_the_best_walk(height, slope, starts, learning_rate, num_steps):
    """Returns where the best walk began, not where it ended."""
    pairs = [(s, height(_end_of_walk(slope, s, learning_rate, num_steps))) for s in starts]
    return _best(pairs)


def random_restarts__no_walk(height, slope, starts, learning_rate, num_steps):
    """Compares the starts themselves."""
    return _best([(s, height(s)) for s in starts])


def random_restarts__lowest_on_the_way(height, slope, starts, learning_rate, num_steps):
    """Keeps the lowest point of all paths; a walk that overshoots passes lower ones."""
    points = []
    for start in starts:
        x = start
        points.append(x)
        for _ in range(num_steps):
            x = x - learning_rate * slope(x)
            points.append(x)
    return _best([(p, height(p)) for p in points])


def random_restarts__step_short(height, slope, starts, learning_rate, num_steps):
    """Takes the last point but one of each walk."""
    ends = [_end_of_walk(slope, s, learning_rate, num_steps - 1) for s in starts]
    return _best([(e, height(e)) for e in ends])


def random_restarts__uphill(height, slope, starts, learning_rate, num_steps):
    """Walks up."""
    ends = [_end_of_walk(slope, s, -learning_rate, num_steps) for s in starts]
    return _best([(e, height(e)) for e in ends])


def random_restarts__continued(height, slope, starts, learning_rate, num_steps):
    """Goes on from the last end instead of from the next start."""
    pairs, x = [], starts[0]
    for _ in starts:
        x = _end_of_walk(slope, x, learning_rate, num_steps)
        pairs.append((x, height(x)))
    return _best(pairs)


def random_restarts__mean_of_the_ends(height, slope, starts, learning_rate, num_steps):
    """Averages the ends."""
    ends = [_end_of_walk(slope, s, learning_rate, num_steps) for s in starts]
    x = np.mean([e for e in ends if _is_finite(e, height(e))], axis=0)
    return _best([(x, height(x))])


def random_restarts__flattest(height, slope, starts, learning_rate, num_steps):
    """Keeps the end with the smallest slope: a shallow valley is as flat as a deep one."""
    ends = [_end_of_walk(slope, s, learning_rate, num_steps) for s in starts]
    pairs = [(e, height(e)) for e in ends]
    return _best(pairs, key=lambda pair: np.sum(np.abs(slope(pair[0]))))


def random_restarts__smallest_size(height, slope, starts, learning_rate, num_steps):
    """Compares absolute heights, so the valley nearest to 0 wins."""
    ends = [_end_of_walk(slope, s, learning_rate, num_steps) for s in starts]
    return _best([(e, height(e)) for e in ends], key=lambda pair: abs(pair[1]))


def random_restarts__best_starts_at_zero(height, slope, starts, learning_rate, num_steps):
    """Begins with a record of 0, which a positive height never beats."""
    best, lowest = None, 0.0
    for start in starts:
        end = _end_of_walk(slope, start, learning_rate, num_steps)
        if _is_finite(end, height(end)) and height(end) < lowest:
            best, lowest = end, height(end)
    if best is None:
        raise ValueError("all diverged")
    return best, lowest


def random_restarts__nan_wins(height, slope, starts, learning_rate, num_steps):
    """Uses np.argmin, for which NaN is the smallest."""
    ends = [_end_of_walk(slope, s, learning_rate, num_steps) for s in starts]
    heights = np.array([float(height(e)) for e in ends])
    k = np.argmin(heights)
    if not np.isfinite(heights).any():
        raise ValueError("all diverged")
    return ends[k], heights[k]


def random_restarts__nan_first_stays(height, slope, starts, learning_rate, num_steps):
    """Takes the first end unseen: if that one is NaN, nothing is ever lower."""
    best = _end_of_walk(slope, starts[0], learning_rate, num_steps)
    for start in starts[1:]:
        end = _end_of_walk(slope, start, learning_rate, num_steps)
        if height(end) < height(best):
            best = end
    return best, height(best)


def random_restarts__minus_infinity_wins(height, slope, starts, learning_rate, num_steps):
    """Ignores NaN only: a walk that ran off to a height of minus infinity is the lowest."""
    best, lowest = None, np.inf
    for start in starts:
        end = _end_of_walk(slope, start, learning_rate, num_steps)
        if height(end) < lowest:
            best, lowest = end, height(end)
    if best is None:
        raise ValueError("all diverged")
    return best, lowest


def random_restarts__one_divergence_ends_it(height, slope, starts, learning_rate, num_steps):
    """Gives up as soon as one walk diverges."""
    pairs = []
    for start in starts:
        end = _end_of_walk(slope, start, learning_rate, num_steps)
        if not _is_finite(end, height(end)):
            raise ValueError("diverged")
        pairs.append((end, height(end)))
    return _best(pairs)


def random_restarts__stops_at_the_first_divergence(height, slope, starts, learning_rate, num_steps):
    """Leaves the loop at the first walk that diverges: a break where a continue belongs."""
    pairs = []
    for start in starts:
        end = _end_of_walk(slope, start, learning_rate, num_steps)
        if not _is_finite(end, height(end)):
            break
        pairs.append((end, height(end)))
    return _best(pairs)


def random_restarts__only_the_point(height, slope, starts, learning_rate, num_steps):
    """Returns no height."""
    ends = [_end_of_walk(slope, s, learning_rate, num_steps) for s in starts]
    return _best([(e, height(e)) for e in ends])[0]


def random_restarts__exchanged_results(height, slope, starts, learning_rate, num_steps):
    """Returns the height first."""
    ends = [_end_of_walk(slope, s, learning_rate, num_steps) for s in starts]
    x, lowest = _best([(e, height(e)) for e in ends])
    return lowest, x


def random_restarts__number_of_the_walk(height, slope, starts, learning_rate, num_steps):
    """Returns which walk was best instead of where it ended."""
    ends = [_end_of_walk(slope, s, learning_rate, num_steps) for s in starts]
    _, number, lowest = min(
        (h, k, h) for k, h in enumerate(map(height, ends)) if _is_finite(ends[k], h)
    )
    return number, lowest


def random_restarts__starts_of_its_own(height, slope, starts, learning_rate, num_steps):
    """Draws other starts than those it is given."""
    drawn = np.random.default_rng(0).normal(size=starts.shape)
    ends = [_end_of_walk(slope, s, learning_rate, num_steps) for s in drawn]
    return _best([(e, height(e)) for e in ends])


def random_restarts__all_starts_as_one_point(height, slope, starts, learning_rate, num_steps):
    """Hands all starts to the functions at once, which take one point."""
    ends = _end_of_walk(slope, starts, learning_rate, num_steps)
    heights = height(ends)
    k = np.argmin(heights)
    return ends[k], heights[k]


def random_restarts__rounded(height, slope, starts, learning_rate, num_steps):
    """Rounds the point to two decimals."""
    ends = [_end_of_walk(slope, s, learning_rate, num_steps) for s in starts]
    x, lowest = _best([(e, height(e)) for e in ends])
    return np.round(x, 2), lowest
