"""Gradients and descent against autograd, complex steps, SciPy and closed forms."""

import math
import subprocess
import sys

import autograd
import autograd.numpy as anp
import numpy as np
import pytest
import scipy.linalg

from numerics import gradients, losses
from numerics.problems import Hill, Rosenbrock, logistic_regression, quadratic, two_modes


def bowl(x):
    return float(np.sum(np.sin(x) + x**2))


def bowl_slope(x):
    return np.cos(x) + 2 * x


# The hill


def test_the_slope_of_the_hill_is_its_complex_step(rng):
    """The imaginary part of the height at x + ih, over h, to the last digits."""
    x = rng.uniform(-10, 10, (4, 5))
    height, slope = gradients.hill(x)
    z = x + 1e-30j
    complex_height = 0.12 * z**2 + np.sin(2.4 * z) + 0.3 * np.cos(5 * z)
    np.testing.assert_allclose(height, complex_height.real, rtol=1e-14)
    np.testing.assert_allclose(slope, complex_height.imag / 1e-30, rtol=1e-13, atol=1e-14)


def test_the_hill_is_the_problem_of_the_same_name(rng):
    """Its valleys are flat there, and the deepest is where the problem says."""
    x = rng.uniform(-10, 10, 50)
    np.testing.assert_allclose(gradients.hill(x)[0], Hill().height(x), rtol=1e-13, atol=1e-15)
    np.testing.assert_allclose(gradients.hill(x)[1], Hill().gradient(x), rtol=1e-13, atol=1e-15)
    heights, slopes = gradients.hill(Hill.valleys)
    assert np.abs(slopes).max() < 1e-13
    assert Hill.valleys[np.argmin(heights)] == Hill().minimiser[0]


def test_the_hill_has_the_shape_of_what_it_is_given():
    """A number, float32, integers and extremes, without a warning."""
    for x in (0.5, np.float32(0.5), [[1, 2, 3]], np.zeros((2, 1, 3), np.float32)):
        for part in gradients.hill(x):
            assert isinstance(part, np.ndarray)
            assert part.shape == np.shape(x)
            assert part.dtype == np.float64
    assert np.isnan(gradients.hill([math.nan, math.inf])[0]).all()
    assert gradients.hill([1e200])[0] == np.inf


# Numerical gradients


@pytest.mark.parametrize("shape", [(), (1,), (4,), (2, 3), (2, 1, 3)])
def test_numerical_gradients_are_autograds(rng, shape):
    """To the error of central differences, on every shape."""

    def f(x):
        return anp.sum(anp.sin(x) * anp.exp(0.3 * x)) + anp.sum(x) ** 2

    x = rng.standard_normal(shape)
    want = autograd.grad(f)(x)
    got = gradients.numerical_gradient(f, x)
    assert got.shape == shape
    np.testing.assert_allclose(got, want, rtol=0, atol=1e-9)
    np.testing.assert_allclose(gradients.numerical_gradient(f, x, 1e-3), want, rtol=0, atol=1e-4)


def test_numerical_gradients_call_f_twice_for_each_coordinate(rng):
    """And leave x alone, read-only, strided or not."""
    points = []

    def f(x):
        points.append(x.copy())
        return bowl(x)

    x = np.repeat(rng.standard_normal((3, 4)), 2, axis=1)[:, ::2]
    copy = x.copy()
    x.setflags(write=False)
    gradients.numerical_gradient(f, x)
    np.testing.assert_array_equal(x, copy)
    assert len(points) == 24
    moved = [np.count_nonzero(point != x) for point in points]
    assert moved == [1] * 24

    def careless(x):
        value = bowl(x)
        x[:] = 0.0
        return value

    want = gradients.numerical_gradient(bowl, x)
    np.testing.assert_array_equal(gradients.numerical_gradient(careless, x), want)


def test_the_step_that_survives_rounding_is_divided_by():
    """So a slope of 1 is 1 far out too, where 2h is off by parts in a thousand."""
    for x in (0.1, 1e6, 123456789.0):
        assert gradients.numerical_gradient(lambda x: x[0], [x]) == pytest.approx([1.0], abs=1e-15)


def test_numerical_gradients_of_other_types():
    """Integers and float32 are differentiated in float64; f may return any single real number."""
    for x in ([1, 2], np.array([1, 2], np.float32)):
        got = gradients.numerical_gradient(lambda x: np.array(np.sum(x**2)), x)
        np.testing.assert_allclose(got, [2.0, 4.0], atol=1e-9)
    assert np.isnan(gradients.numerical_gradient(lambda x: math.nan, [1.0]))
    flat = gradients.numerical_gradient(lambda x: 7, [1.0, 2.0])
    assert flat.tolist() == [0.0, 0.0]


# Errors and checks


def test_relative_errors_by_hand():
    """Over the sum of both sizes, the largest of all elements."""
    assert gradients.relative_error([1.0, 2.0], [1.0, 3.0]) == pytest.approx(0.2, rel=1e-15)
    assert gradients.relative_error([[1.0]], [[-1.0]]) == 1.0
    assert gradients.relative_error([0.0, 0.0], [0.0, 0.0]) == 0.0
    assert gradients.relative_error([1e-9], [0.0]) == pytest.approx(0.1, rel=1e-15)
    assert gradients.relative_error(3, np.float32(1)) == 0.5


def test_relative_errors_at_extremes():
    """Nothing overflows; NaN and infinity give NaN, whichever element holds them."""
    assert gradients.relative_error([1.7e308], [-1.7e308]) == 1.0
    assert gradients.relative_error([1.7e308], [1.7e308]) == 0.0
    assert gradients.relative_error([5e-324], [0.0]) < 1e-300
    for a, b in (([math.nan, 1.0], [1.0, 1.0]), ([1.0, math.inf], [1.0, math.inf])):
        assert math.isnan(gradients.relative_error(a, b))
        assert math.isnan(gradients.relative_error(b, a))


def right_gradients(rng):
    """Yield functions, their gradients and where to check them."""
    x, y = rng.standard_normal((6, 4)), rng.integers(0, 4, 6)
    yield (lambda x: losses.softmax_loss(x, y)[0]), (lambda x: losses.softmax_loss(x, y)[1]), x
    rosenbrock = Rosenbrock()
    yield rosenbrock.value, rosenbrock.gradient, np.array([-1.2, 1.0])
    yield rosenbrock.value, rosenbrock.gradient, rosenbrock.minimiser
    yield (lambda x: float(np.sum(x**4 - 4 * x + 3))), (lambda x: 4 * x**3 - 4), np.ones(3)
    logistic = logistic_regression(30, 5, rng)
    yield logistic.value, logistic.gradient, rng.standard_normal(5)
    yield logistic.value, logistic.gradient, logistic.minimiser
    yield bowl, bowl_slope, rng.standard_normal((2, 3))
    yield (lambda x: bowl(x) + 1e6), bowl_slope, rng.standard_normal(3)
    yield bowl, bowl_slope, np.float64(0.3)
    yield (lambda x: 3.0), np.zeros_like, np.ones(4)


def test_right_gradients_are_accepted(rng):
    """Also at a minimum, beside a large constant, and where there is no slope."""
    for f, gradient, x in right_gradients(rng):
        assert gradients.gradient_check(f, gradient, x) is True


@pytest.mark.parametrize(
    "spoil",
    [
        lambda g: g * 1.0001,
        lambda g: -g,
        lambda g: 2 * g,
        lambda g: g + np.eye(*g.shape) * 1e-4 * np.abs(g).max(),
        np.zeros_like,
        lambda g: g[::-1],
        lambda g: np.where(np.arange(g.size).reshape(g.shape) == 3, np.nan, g),
        lambda g: np.where(np.arange(g.size).reshape(g.shape) == 3, np.inf, g),
    ],
)
def test_wrong_gradients_are_rejected(rng, spoil):
    """Wrong by a scale, a sign, one element, an order, NaN or infinity."""
    for _ in range(20):
        x, y = rng.standard_normal((6, 4)), rng.integers(0, 4, 6)
        assert (
            gradients.gradient_check(
                lambda x, y=y: losses.softmax_loss(x, y)[0],
                lambda x, y=y: spoil(losses.softmax_loss(x, y)[1]),
                x,
            )
            is False
        )


def test_a_function_that_is_not_finite_has_no_right_gradient():
    """NaN everywhere, or infinite on one side or at the point alone."""
    assert gradients.gradient_check(lambda x: math.nan, np.ones_like, [1.0]) is False
    for infinite in (lambda x: x > 1.0, lambda x: x == 1.0):

        def f(x, infinite=infinite):
            return math.inf if infinite(x[0]) else x[0]

        assert gradients.gradient_check(f, np.ones_like, [1.0]) is False


def test_a_check_leaves_its_point_alone(rng):
    """Even if the functions write to what they are given."""

    def careless(x):
        x *= 1.0
        x += 1.0
        return np.full_like(x, 2.0)

    x = rng.standard_normal(3)
    copy = x.copy()
    assert gradients.gradient_check(lambda x: 2.0 * float(x.sum()), careless, x)
    np.testing.assert_array_equal(x, copy)


# Descent


def test_descent_on_a_quadratic_in_closed_form(rng):
    """Along an eigenvector of curvature q the error is multiplied by 1 - rate q each step."""
    problem = quadratic(40.0, 5, rng)
    x0 = rng.standard_normal(5)
    path = gradients.gradient_descent(problem.gradient, x0, 0.03, 60)
    assert path.shape == (61, 5)
    factors = (1 - 0.03 * problem.eigenvalues) ** np.arange(61)[:, None]
    want = factors * problem.errors(x0)
    np.testing.assert_allclose(problem.errors(path), want, rtol=0, atol=1e-13)


def test_descent_takes_any_shape_and_no_step_too(rng):
    """The path starts at x0, which stays as it was."""
    for shape in ((), (1,), (2, 3)):
        x0 = rng.standard_normal(shape)
        path = gradients.gradient_descent(lambda x: x, x0, 0.5, 4)
        assert path.shape == (5, *shape)
        np.testing.assert_allclose(path, np.multiply.outer(0.5 ** np.arange(5), x0), rtol=1e-15)
        np.testing.assert_array_equal(gradients.gradient_descent(bowl_slope, x0, 0.1, 0), [x0])

    def careless(x):
        x *= 2.0
        return x

    assert gradients.gradient_descent(careless, [1.0], 0.25, 2)[:, 0].tolist() == [1, 0.5, 0.25]


def test_descent_blows_up_without_a_warning():
    """To infinity, and NaN after it, also where the slope itself overflows."""
    path = gradients.gradient_descent(lambda x: x**3, [2.0, 0.1], 1.0, 20)
    assert not np.isfinite(path[-1, 0])
    assert path[-1, 1] == pytest.approx(0.086, abs=0.01)


@pytest.mark.parametrize("share", [0.999, 1.001])
def test_the_largest_stable_rate_divides_what_converges_from_what_blows_up(share):
    """One part in a thousand below, the errors shrink; above, they grow."""
    problem = two_modes(1.0, 25.0)
    rate = gradients.largest_stable_learning_rate(problem.hessian)
    assert rate == pytest.approx(2 / 25, rel=1e-14)
    path = gradients.gradient_descent(problem.gradient, [1.0, 1.0], share * rate, 2000)
    sizes = np.linalg.norm(path - problem.minimiser, axis=1)
    assert (sizes[-1] < sizes[1000] < sizes[0]) == (share < 1)


def test_the_largest_stable_rate_is_scipys(rng):
    """Also with negative curvature beside the positive, at extremes, and for float32."""
    for scale in (1e-150, 1.0, 1e150):
        half = rng.standard_normal((5, 5))
        hessian = scale * (half + half.T)
        want = 2 / scipy.linalg.eigh(hessian, eigvals_only=True)[-1]
        got = gradients.largest_stable_learning_rate(hessian)
        assert got == pytest.approx(want, rel=1e-13)
    assert gradients.largest_stable_learning_rate([[4]]) == 0.5
    single = (half + half.T).astype(np.float32)
    assert type(gradients.largest_stable_learning_rate(single)) is float


def test_restarts_find_the_deepest_valley():
    """Of the hill, from where one start alone would miss it."""
    starts = np.linspace(-9.0, 9.0, 19)

    def height(x):
        return gradients.hill(x)[0]

    def slope(x):
        return gradients.hill(x)[1]

    x, reached = gradients.random_restarts(height, slope, starts, 0.05, 300)
    assert isinstance(x, np.ndarray)
    assert x.shape == ()
    assert type(reached) is float
    assert x == pytest.approx(Hill().minimiser[0], abs=1e-12)
    assert reached == pytest.approx(height(Hill().minimiser[0]), rel=1e-14)
    alone, _ = gradients.random_restarts(height, slope, starts[-1:], 0.05, 300)
    assert alone == pytest.approx(Hill.valleys[-1], abs=1e-12)


def test_restarts_ignore_what_diverges():
    """From beyond 1 the cube runs away; of two equal ends the first is taken."""

    def bottomless(x):
        return -float(np.sum(x**2))

    starts = [[5.0, 0.0], [0.5, 0.0], [-0.5, 0.0], [0.0, 9.0]]
    x, height = gradients.random_restarts(bottomless, lambda x: x**3, starts, 1.0, 30)
    path = gradients.gradient_descent(lambda x: x**3, starts[1], 1.0, 30)
    np.testing.assert_array_equal(x, path[-1])
    assert height == bottomless(x)
    with pytest.raises(
        ValueError, match=r"all 2 descents diverge: take a learning_rate below 1\.0"
    ):
        gradients.random_restarts(bottomless, lambda x: x**3, [[5.0], [-7.0]], 1.0, 30)


# What holds for all of them


def test_importing_gradients_loads_nothing_slow():
    """Neither numba and SciPy nor NumPy's random generators."""
    program = (
        "import sys, numerics.gradients\n"
        "assert not {'numba', 'scipy', 'numpy.random'} & set(sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: gradients.hill([]), ValueError, "x must not be empty"),
        (lambda: gradients.hill(["a"]), TypeError, "x must hold real numbers"),
        (lambda: gradients.numerical_gradient(3, [1.0]), TypeError, "f must be callable"),
        (
            lambda: gradients.numerical_gradient(bowl, [1.0, math.nan]),
            ValueError,
            "x must be finite, got nan",
        ),
        (lambda: gradients.numerical_gradient(bowl, [1.0], 0), ValueError, "h must be .* > 0"),
        (
            lambda: gradients.numerical_gradient(bowl, [1e12]),
            ValueError,
            "h = 1e-05 is lost beside x = 1000000000000.0: take a larger one",
        ),
        (
            lambda: gradients.numerical_gradient(lambda x: x, [1.0]),
            ValueError,
            r"f\(x\) must have shape \(\), got shape \(1,\)",
        ),
        (
            lambda: gradients.numerical_gradient(lambda x: None, [1.0]),
            TypeError,
            r"f\(x\) must hold real numbers",
        ),
        (lambda: gradients.relative_error([1.0], 1.0), ValueError, r"b must have shape \(1,\)"),
        (lambda: gradients.gradient_check(bowl, None, [1.0]), TypeError, "gradient must be call"),
        (
            lambda: gradients.gradient_check(bowl, lambda x: 1.0, [1.0]),
            ValueError,
            r"gradient\(x\) must have shape \(1,\)",
        ),
        (
            lambda: gradients.gradient_check(bowl, bowl_slope, [1.0], 0.0),
            ValueError,
            "tolerance must be a finite number > 0",
        ),
        (
            lambda: gradients.gradient_descent(bowl, [1.0, 2.0], 0.1, 3),
            ValueError,
            r"slope\(x\) must have shape \(2,\)",
        ),
        (
            lambda: gradients.gradient_descent(bowl_slope, [math.inf], 0.1, 3),
            ValueError,
            "x0 must be finite, got inf",
        ),
        (
            lambda: gradients.gradient_descent(bowl_slope, [1.0], -0.1, 3),
            ValueError,
            "learning_rate must be a finite number >= 0",
        ),
        (
            lambda: gradients.gradient_descent(bowl_slope, [1.0], 0.1, 1.5),
            TypeError,
            "num_steps must be an integer",
        ),
        (
            lambda: gradients.largest_stable_learning_rate([1.0]),
            ValueError,
            "hessian must have 2 axes",
        ),
        (
            lambda: gradients.largest_stable_learning_rate([[1.0, 2.0]]),
            ValueError,
            "hessian must be square",
        ),
        (
            lambda: gradients.largest_stable_learning_rate([[1.0, 2.0], [0.0, 1.0]]),
            ValueError,
            "hessian must be symmetric",
        ),
        (
            lambda: gradients.largest_stable_learning_rate([[-1.0]]),
            ValueError,
            "a positive eigenvalue, got at most -1.0",
        ),
        (
            lambda: gradients.random_restarts(bowl, bowl_slope, 1.0, 0.1, 3),
            ValueError,
            "starts must hold one point a row",
        ),
        (
            lambda: gradients.random_restarts(bowl_slope, bowl_slope, [[1.0]], 0.1, 3),
            ValueError,
            r"height\(x\) must have shape \(\)",
        ),
    ],
)
def test_wrong_arguments_are_named(call, error, words):
    """The message says which argument, what it must be and what it was."""
    with pytest.raises(error, match=words):
        call()
