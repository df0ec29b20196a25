"""Right answers to the exercises of `gradients`, written in other ways than the model answer.

A function `EXERCISE__LABEL` is one answer to EXERCISE. Each must earn full marks, whatever its
style. Names that begin with an underscore are parts of the answers below them.
"""

import itertools
import math
from collections import deque
from functools import reduce
from typing import NamedTuple

import numpy as np

# ---------------------------------------------------------------------------------------------
# hill
# ---------------------------------------------------------------------------------------------


def hill__loop_over_elements(x):
    height, slope = np.zeros_like(x), np.zeros_like(x)
    for index, value in np.ndenumerate(x):
        height[index] = 0.12 * value * value + math.sin(2.4 * value) + 0.3 * math.cos(5 * value)
        slope[index] = 0.24 * value + 2.4 * math.cos(2.4 * value) - 1.5 * math.sin(5 * value)
    return height, slope


def hill__vectorised_scalars(x):
    def at(v):
        return 0.12 * v**2 + math.sin(2.4 * v) + 0.3 * math.cos(5 * v)

    def rise(v):
        return 2 * 0.12 * v + math.cos(2.4 * v) * 2.4 - 0.3 * 5 * math.sin(5 * v)

    return np.vectorize(at, otypes=[float])(x), np.vectorize(rise, otypes=[float])(x)


def hill__complex_step(x):
    z = x + 1e-30j
    height = 0.12 * z**2 + np.sin(2.4 * z) + 0.3 * np.cos(5 * z)
    return height.real, height.imag / 1e-30


def hill__rotating_pointers(x):
    slow, fast = np.exp(2.4j * x), np.exp(5j * x)
    height = 0.12 * np.square(x) + slow.imag + 0.3 * fast.real
    slope = 0.24 * x + 2.4 * slow.real - 1.5 * fast.imag
    return height, slope


def hill__sine_for_cosine(x):
    quarter = np.pi / 2
    height = 0.12 * np.power(x, 2) + np.sin(2.4 * x) + 0.3 * np.sin(5 * x + quarter)
    slope = 0.24 * x + 2.4 * np.sin(2.4 * x + quarter) - 1.5 * np.sin(5 * x)
    return height, slope


class _Wave:
    def __init__(self, size, rate, shift=0.0):
        self.size, self.rate, self.shift = size, rate, shift

    def __call__(self, x):
        return self.size * np.sin(self.rate * x + self.shift)

    def derivative(self):
        return _Wave(self.size * self.rate, self.rate, self.shift + math.pi / 2)


def hill__sum_of_waves(x):
    waves = [_Wave(1.0, 2.4), _Wave(0.3, 5.0, math.pi / 2)]
    height = 0.12 * x * x + sum(wave(x) for wave in waves)
    slope = 0.24 * x + sum(wave.derivative()(x) for wave in waves)
    return [height, slope]


class _Road(NamedTuple):
    height: np.ndarray
    slope: np.ndarray


def hill__named_tuple(x: np.ndarray) -> _Road:
    a, b = 2.4 * x, 5.0 * x
    return _Road(
        height=0.12 * x**2 + np.sin(a) + 0.3 * np.cos(b),
        slope=0.24 * x + 2.4 * np.cos(a) - 1.5 * np.sin(b),
    )


def hill__accumulated_in_place(x):
    height = np.array(x, dtype=float)
    height *= x
    height *= 0.12
    slope = np.array(x, dtype=float)
    slope *= 0.24
    for amplitude, rate, wave, turned in (
        (1.0, 2.4, np.sin, np.cos),
        (0.3, 5.0, np.cos, lambda t: -np.sin(t)),
    ):
        height += amplitude * wave(rate * x)
        slope += amplitude * rate * turned(rate * x)
    return height, slope


class _Dual:
    def __init__(self, value, rate):
        self.value, self.rate = value, rate

    def __add__(self, other):
        return _Dual(self.value + other.value, self.rate + other.rate)

    def __rmul__(self, factor):
        return _Dual(factor * self.value, factor * self.rate)

    def square(self):
        return _Dual(self.value**2, 2 * self.value * self.rate)

    def sin(self):
        return _Dual(np.sin(self.value), np.cos(self.value) * self.rate)

    def cos(self):
        return _Dual(np.cos(self.value), -np.sin(self.value) * self.rate)


def hill__dual_numbers(x):
    t = _Dual(x, np.ones_like(x))
    road = 0.12 * t.square() + (2.4 * t).sin() + 0.3 * (5 * t).cos()
    return road.value, road.rate


# ---------------------------------------------------------------------------------------------
# numerical_gradient
# ---------------------------------------------------------------------------------------------


def numerical_gradient__course_loop(f, x, h=1e-5):
    fx = f(x)  # evaluated at the original point, as some course files do
    grad = np.zeros_like(x)
    it = np.nditer(x, flags=["multi_index"], op_flags=["readwrite"])
    while not it.finished:
        ix = it.multi_index
        oldval = x[ix]
        x[ix] = oldval + h
        fxph = f(x)
        x[ix] = oldval - h
        fxmh = f(x)
        x[ix] = oldval
        grad[ix] = (fxph - fxmh) / (2 * h)
        it.iternext()
    assert np.ndim(fx) == 0
    return grad


def numerical_gradient__there_and_back(f, x, h=1e-5):
    df = np.empty_like(x)
    for i in np.ndindex(*x.shape):
        x[i] += h
        high = f(x)
        x[i] -= 2 * h
        low = f(x)
        x[i] += h
        df[i] = (high - low) / (2 * h)
    return df


def numerical_gradient__flat_iterator(f, x, h=1e-5):
    grad = np.zeros(x.size)
    for k in range(x.size):
        up, down = np.array(x), np.array(x)
        up.flat[k] += h
        down.flat[k] -= h
        grad[k] = 0.5 * (f(up) - f(down)) / h
    return grad.reshape(x.shape)


def numerical_gradient__unit_steps(f, x, h=1e-5):
    steps = h * np.eye(x.size).reshape((x.size, *x.shape))
    return np.array([(f(x + s) - f(x - s)) / (2 * h) for s in steps]).reshape(x.shape)


def numerical_gradient__all_points_first(f, x, h=1e-5):
    steps = h * np.identity(x.size)
    points = np.concatenate([x.reshape(1, -1) + steps, x.reshape(1, -1) - steps])
    values = np.array([f(point.reshape(x.shape)) for point in points], dtype=float)
    return ((values[: x.size] - values[x.size :]) / (2 * h)).reshape(x.shape)


def numerical_gradient__step_that_survives(f, x, h=1e-5):
    df = np.zeros(x.shape)
    for index, value in np.ndenumerate(x):
        ahead, behind = value + h, value - h
        p, q = x.copy(), x.copy()
        p[index], q[index] = ahead, behind
        df[index] = (f(p) - f(q)) / (ahead - behind)
    return df


def numerical_gradient__moved_and_put_back(f, x, h=1e-5):
    point = np.copy(x)
    result = np.zeros(x.shape)

    def at(index, value):
        keep = point[index]
        try:
            point[index] = value
            return float(f(point))
        finally:
            point[index] = keep

    for index in itertools.product(*map(range, x.shape)):
        result[index] = (at(index, x[index] + h) - at(index, x[index] - h)) / (2.0 * h)
    return result


def numerical_gradient__mask(f, x, h=1e-5):
    grad = np.zeros_like(x)
    number = np.arange(x.size).reshape(x.shape)
    for k in range(x.size):
        here = number == k
        difference = f(np.where(here, x + h, x)) - f(np.where(here, x - h, x))
        grad += np.where(here, difference / (2 * h), 0.0)
    return grad


def numerical_gradient__both_half_steps(f, x, h=1e-5):
    here = f(x)
    df = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        e = np.zeros_like(x)
        e[i] = h
        forward, backward = (f(x + e) - here) / h, (here - f(x - e)) / h
        df[i] = (forward + backward) / 2
    return df


def numerical_gradient__last_coordinate_first(f, x, h=1e-5):
    flat = x.astype(np.float64).ravel()
    out = deque()
    for k in reversed(range(flat.size)):
        pair = []
        for sign in (+1, -1):
            moved = flat.copy()
            moved[k] += sign * h
            pair.append(sign * np.asarray(f(moved.reshape(x.shape))).item())
        out.appendleft(sum(pair) / (2 * h))
    return np.reshape(np.array(out), x.shape)


# ---------------------------------------------------------------------------------------------
# relative_error
# ---------------------------------------------------------------------------------------------


def relative_error__course_line(x, y):
    return np.max(np.abs(x - y) / (np.maximum(1e-8, np.abs(x) + np.abs(y))))


def relative_error__loop(a, b):
    worst = 0.0
    for u, v in zip(a.ravel().tolist(), b.ravel().tolist(), strict=True):
        error = abs(u - v) / max(1e-8, abs(u) + abs(v))
        if math.isnan(u) or math.isnan(v):
            return float("nan")
        worst = max(worst, error)
    return worst


def relative_error__clipped_size(a, b):
    size = (np.abs(a) + np.abs(b)).clip(min=1e-8)
    return float((np.abs(np.subtract(a, b)) / size).max())


def relative_error__where(a, b):
    total = abs(a) + abs(b)
    total = np.where(total < 1e-8, 1e-8, total)
    return np.amax(abs(b - a) / total)


def relative_error__last_of_sorted(a, b):
    errors = np.abs(a - b) / np.maximum(np.abs(a) + np.abs(b), 1e-8)
    return np.sort(errors, axis=None)[-1]


def relative_error__infinity_norm(a, b):
    size = np.fmax(1e-8, np.abs(a) + np.abs(b))
    return np.linalg.norm(((a - b) / size).ravel(), ord=np.inf)


def relative_error__reduced(a, b):
    ratios = np.absolute(a - b) / np.maximum(1e-8, np.absolute(a) + np.absolute(b))
    return reduce(np.maximum, ratios.flat)


def relative_error__larger_minus_smaller(a, b):
    top = np.maximum(a, b) - np.minimum(a, b)
    bottom = np.hypot(a, 0) + np.hypot(b, 0)
    return np.max(top / np.where(bottom > 1e-8, bottom, 1e-8), axis=None)


def relative_error__worst_index(a, b):
    q = np.abs(a - b) / np.maximum(1e-8, np.abs(a) + np.abs(b))
    return q[np.unravel_index(np.argmax(q), q.shape)].item()


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


def gradient_check__element_by_element(f, gradient, x, tolerance=1e-6):
    a, b = gradient(x), _differences(f, x)
    return bool(np.max(np.abs(a - b) / np.maximum(1e-8, np.abs(a) + np.abs(b))) < tolerance)


def gradient_check__ratio_of_norms(f, gradient, x, tolerance=1e-6):
    grad, gradapprox = gradient(x), _differences(f, x)
    numerator = np.linalg.norm(grad - gradapprox)
    denominator = np.linalg.norm(grad) + np.linalg.norm(gradapprox)
    difference = numerator / denominator
    if difference > tolerance or np.isnan(difference):  # noqa: SIM103
        return False
    return True


def gradient_check__allclose(f, gradient, x, tolerance=1e-6):
    return np.allclose(gradient(x), _differences(f, x), rtol=tolerance, atol=tolerance)


def gradient_check__numpy_bool(f, gradient, x, tolerance=1e-6):
    a, b = gradient(x), _differences(f, x)
    return (np.abs(a - b) <= tolerance * np.abs(b)).all()


def gradient_check__testing(f, gradient, x, tolerance=1e-6):
    try:
        np.testing.assert_allclose(gradient(x), _differences(f, x), rtol=tolerance, atol=1e-8)
    except AssertionError:
        return False
    return True


def gradient_check__stops_at_the_first(f, gradient, x, tolerance=1e-6):
    claimed = gradient(x.copy())
    for index in np.ndindex(x.shape):
        up, down = x.copy(), x.copy()
        up[index] += 1e-5
        down[index] -= 1e-5
        measured = (f(up) - f(down)) / 2e-5
        error = abs(claimed[index] - measured) / max(abs(claimed[index]) + abs(measured), 1e-8)
        if not error < tolerance:
            return False
    return True


def gradient_check__two_steps_extrapolated(f, gradient, x, tolerance=1e-6):
    measured = (4 * _differences(f, x, 5e-5) - _differences(f, x, 1e-4)) / 3
    claimed = gradient(x)
    gap = np.abs(claimed - measured).max()
    return not np.isnan(gap) and gap <= tolerance * np.abs(measured).max()


def gradient_check__random_signs(f, gradient, x, tolerance=1e-6):
    rng = np.random.default_rng(1)
    claimed = gradient(x)
    size = np.sum(np.abs(claimed))
    if not np.isfinite(size):
        return False
    for _ in range(20):
        d = rng.choice([-1.0, 1.0], size=x.shape)
        measured = (f(x + 1e-6 * d) - f(x - 1e-6 * d)) / 2e-6
        if not abs(measured - np.sum(claimed * d)) <= tolerance * size:
            return False
    return True


def gradient_check__mean_and_worst(f, gradient, x, tolerance=1e-6):
    a, b = np.asarray(gradient(x)), _differences(f, x)
    worst = np.max(np.abs(a - b)) / np.mean(np.abs(b))
    return bool(worst < tolerance)


def gradient_check__in_place_course_style(f, gradient, x, tolerance=1e-6):
    analytic = gradient(x)
    numeric = np.zeros_like(x)
    it = np.nditer(x, flags=["multi_index"])
    for _ in it:
        ix = it.multi_index
        old = x[ix]
        x[ix] = old + 1e-5
        plus = f(x)
        x[ix] = old - 1e-5
        minus = f(x)
        x[ix] = old
        numeric[ix] = (plus - minus) / 2e-5
    rel = np.abs(analytic - numeric) / (np.abs(analytic) + np.abs(numeric) + 1e-12)
    return bool(np.all(rel < tolerance))


# ---------------------------------------------------------------------------------------------
# gradient_descent
# ---------------------------------------------------------------------------------------------


def gradient_descent__appended(slope, x0, learning_rate, num_steps):
    x = x0
    path = [x0]
    for _ in range(num_steps):
        x = x - learning_rate * slope(x)
        path.append(x)
    return np.array(path)


def gradient_descent__in_place_with_copies(slope, x0, learning_rate, num_steps):
    x = np.array(x0, dtype=float)
    path = [x.copy()]
    for _ in range(num_steps):
        x -= learning_rate * slope(x)
        path.append(x.copy())
    return np.stack(path)


def gradient_descent__recursive(slope, x0, learning_rate, num_steps):
    def walk(x, left):
        return [x] if left == 0 else [x, *walk(x - learning_rate * slope(x), left - 1)]

    return np.array(walk(np.copy(x0), num_steps))


def gradient_descent__accumulated(slope, x0, learning_rate, num_steps):
    steps = itertools.accumulate(
        range(num_steps), lambda x, _: x - learning_rate * slope(x), initial=x0
    )
    return np.stack(list(steps), axis=0)


def _positions(slope, x, rate):
    while True:
        yield x
        x = x + rate * -np.asarray(slope(x))


def gradient_descent__generator(slope, x0, learning_rate, num_steps):
    walk = _positions(slope, x0.copy(), learning_rate)
    return np.asarray(list(itertools.islice(walk, num_steps + 1)))


def gradient_descent__concatenated(slope, x0, learning_rate, num_steps):
    path = x0[np.newaxis, ...]
    for _ in range(num_steps):
        following = path[-1] - learning_rate * slope(path[-1])
        path = np.concatenate([path, following[np.newaxis, ...]])
    return path


class _Walker:
    def __init__(self, position, rate):
        self.position, self.rate = position, rate

    def step(self, grad):
        self.position = self.position - self.rate * grad


def gradient_descent__optimizer_object(slope, x0, learning_rate, num_steps):
    walker = _Walker(x0, learning_rate)
    record = np.full((num_steps + 1,) + x0.shape, np.nan)  # noqa: RUF005
    record[0] = walker.position
    for step in range(1, num_steps + 1):
        walker.step(slope(walker.position))
        record[step] = walker.position
    return record


def gradient_descent__counted_down(slope, x0, learning_rate, num_steps):
    path = np.tile(x0, (num_steps + 1,) + (1,) * x0.ndim)
    t = 1
    while t <= num_steps:
        path[t] = path[t - 1]
        path[t] -= np.multiply(learning_rate, slope(path[t - 1]))
        t += 1
    return path


def gradient_descent__sum_of_moves(slope, x0, learning_rate, num_steps):
    moves = [np.zeros_like(x0)]
    x = x0.copy()
    for _ in range(num_steps):
        move = -learning_rate * slope(x)
        moves.append(move)
        x = x + move
    return x0 + np.cumsum(moves, axis=0)


def gradient_descent__list_of_positions(slope, x0, learning_rate, num_steps):
    path = [np.copy(x0)]
    while len(path) <= num_steps:
        path += [path[-1] - learning_rate * slope(path[-1])]
    return np.asarray(path)


# ---------------------------------------------------------------------------------------------
# largest_stable_learning_rate
# ---------------------------------------------------------------------------------------------


def largest_stable_learning_rate__last_of_ascending(hessian):
    return 2.0 / np.linalg.eigvalsh(hessian)[-1]


def largest_stable_learning_rate__eigh(hessian):
    values, _vectors = np.linalg.eigh(hessian)
    return float(2 / values.max())


def largest_stable_learning_rate__general_eigenvalues(hessian):
    eigenvalues, _ = np.linalg.eig(hessian)
    return 2 / max(np.real(eigenvalues))


def largest_stable_learning_rate__singular_values(hessian):
    return 2 / np.linalg.svd(hessian, compute_uv=False)[0]


def largest_stable_learning_rate__spectral_norm(hessian):
    return 2 / np.linalg.norm(hessian, ord=2)


def largest_stable_learning_rate__smallest_of_all(hessian):
    curvatures = [q for q in np.linalg.eigvals(hessian).real if q > 0]
    return min(2 / q for q in curvatures)


def largest_stable_learning_rate__repeated_squaring(hessian):
    power = hessian.astype(float)
    for _ in range(60):
        power = power @ power
        power /= np.linalg.norm(power)
    return 2 / (np.sum(power * hessian) / np.trace(power))


def largest_stable_learning_rate__power_iteration(hessian):
    v = np.random.default_rng(0).normal(size=len(hessian))
    curvature, before = 0.0, -1.0
    for _ in range(200_000):
        v = hessian @ v
        v /= np.linalg.norm(v)
        before, curvature = curvature, v @ hessian @ v
        if abs(curvature - before) <= 1e-15 * abs(curvature):
            break
    return 2 / curvature


def largest_stable_learning_rate__bisection(hessian):
    low, high = 0.0, 4 / np.max(np.abs(hessian))
    for _ in range(80):
        rate = (low + high) / 2
        factors = 1 - rate * np.linalg.eigvalsh(hessian)
        low, high = (rate, high) if np.max(np.abs(factors)) <= 1 + 1e-13 else (low, rate)
    return low


def largest_stable_learning_rate__rotated_until_diagonal(hessian):
    a = np.array(hessian, dtype=float)
    n = len(a)
    for _ in range(60):
        for p, q in itertools.combinations(range(n), 2):
            angle = 0.5 * math.atan2(2 * a[p, q], a[p, p] - a[q, q])
            turn = np.eye(n)
            turn[p, p] = turn[q, q] = math.cos(angle)
            turn[p, q], turn[q, p] = -math.sin(angle), math.sin(angle)
            a = turn.T @ a @ turn
    return np.array(2 / np.diag(a).max())


# ---------------------------------------------------------------------------------------------
# random_restarts
# ---------------------------------------------------------------------------------------------


def _end_of_walk(slope, x, learning_rate, num_steps):
    for _ in range(num_steps):
        x = x - learning_rate * slope(x)
    return x


def random_restarts__filtered_minimum(height, slope, starts, learning_rate, num_steps):
    ends = [_end_of_walk(slope, s, learning_rate, num_steps) for s in starts]
    pairs = [(e, float(height(e))) for e in ends]
    pairs = [(e, h) for e, h in pairs if np.isfinite(e).all() and np.isfinite(h)]
    return min(pairs, key=lambda pair: pair[1])


def random_restarts__nan_argmin(height, slope, starts, learning_rate, num_steps):
    with np.errstate(all="ignore"):
        ends = np.array([_end_of_walk(slope, s, learning_rate, num_steps) for s in starts])
        heights = np.array([height(end) for end in ends], dtype=float)
    heights[~np.isfinite(heights)] = np.nan
    lost = ~np.isfinite(ends.reshape(len(ends), -1)).all(axis=1)
    heights[lost] = np.nan
    best = np.nanargmin(heights)
    return ends[best], heights[best]


def random_restarts__given_up_early(height, slope, starts, learning_rate, num_steps):
    best_x, best_height = None, float("inf")
    for start in starts:
        x = np.array(start)
        for _ in range(num_steps):
            x = x - learning_rate * slope(x)
            if not np.isfinite(x).all():
                break
        else:
            h = height(x)
            if np.isfinite(h) and h < best_height:
                best_x, best_height = x, h
    if best_x is None:
        raise ValueError("no start converged: lower the learning rate")
    return best_x, best_height


def random_restarts__sorted(height, slope, starts, learning_rate, num_steps):
    found = []
    for number, start in enumerate(starts):
        end = _end_of_walk(slope, start, learning_rate, num_steps)
        value = np.asarray(height(end)).item()
        if math.isfinite(value) and bool(np.isfinite(end).all()):
            found.append((value, number, end))
    if not found:
        msg = "every walk diverged"
        raise ValueError(msg)
    found.sort(key=lambda item: item[:2])
    value, _, end = found[0]
    return [end, value]


def random_restarts__all_walks_side_by_side(height, slope, starts, learning_rate, num_steps):
    x = starts.astype(float)
    with np.errstate(over="ignore", invalid="ignore"):
        for _ in range(num_steps):
            x = x - learning_rate * np.stack([slope(row) for row in x])
        heights = np.array([float(height(row)) for row in x])
    heights[~np.isfinite(heights)] = np.inf
    heights[~np.isfinite(x).reshape(len(x), -1).all(axis=1)] = np.inf
    k = int(np.argmin(heights))
    if heights[k] == np.inf:
        raise ValueError("all diverged")
    return x[k], heights[k]


def random_restarts__best_taken_last(height, slope, starts, learning_rate, num_steps):
    best = (None, math.inf)
    for start in reversed(starts):
        path = [start]
        for _ in range(num_steps):
            path.append(path[-1] - learning_rate * slope(path[-1]))
        end = path[-1]
        h = float(height(end))
        if abs(h) != math.inf and h <= best[1] and np.all(np.abs(end) < math.inf):
            best = (end, h)
    if best[0] is None:
        raise ValueError
    return best


def random_restarts__diverged_told_by_size(height, slope, starts, learning_rate, num_steps):
    ends, heights = [], []
    for i in range(starts.shape[0]):
        end = _end_of_walk(slope, starts[i, ...], learning_rate, num_steps)
        total = np.sum(np.abs(end)) + np.abs(height(end))
        if total < np.inf:
            ends.append(end)
            heights.append(height(end))
    if len(ends) == 0:
        raise ValueError("nothing converged")
    i = np.argmin(heights)
    return ends[i], heights[i]


def random_restarts__heights_decide(height, slope, starts, learning_rate, num_steps):
    # Where all diverge it returns None and infinity: nothing is asked of that.
    best, lowest = None, np.inf
    for start in starts:
        x = np.array(start, dtype=float)
        with np.errstate(all="ignore"):
            for _ in range(num_steps):
                x = x - learning_rate * slope(x)
            reached = height(x)
        if np.isfinite(reached) and reached < lowest:
            best, lowest = x, reached
    return best, lowest
