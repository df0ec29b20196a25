"""Test problems and the theory of how methods converge on them."""

import numpy as np
import pytest

from numerics.differentiation import check_gradient
from numerics.problems import Hill, Rosenbrock, logistic_regression, quadratic, two_modes
from numerics.problems.recurrences import (
    Method,
    Recurrence,
    fit_recurrence,
    tuned_gradient_descent,
    tuned_heavy_ball,
    tuned_nesterov,
)

RNG = np.random.default_rng
PROBLEMS = {
    "quadratic": (quadratic(100.0, 8, RNG(0)), RNG(1).standard_normal(8)),
    "two modes": (two_modes(1.0, 50.0), np.array([3.0, -2.0])),
    "rosenbrock": (Rosenbrock(), np.array([-1.2, 1.0])),
    "hill": (Hill(), np.linspace(-4.0, 4.0, 9)),
    "logistic": (logistic_regression(60, 5, RNG(2)), RNG(3).standard_normal(5)),
}
TUNED = {
    "gradient descent": tuned_gradient_descent,
    "heavy ball": tuned_heavy_ball,
    "nesterov": tuned_nesterov,
}


def run(method, gradient, x, steps):
    """The iterates of a method, written as the textbooks do; started at rest."""
    path, previous = [x], x
    for _ in range(steps):
        ahead = x + method.momentum * (x - previous)
        at = ahead if method.lookahead else x
        x, previous = ahead - method.learning_rate * gradient(at), x
        path.append(x)
    return np.array(path)


@pytest.mark.parametrize(("problem", "x"), PROBLEMS.values(), ids=PROBLEMS)
def test_gradient_is_the_derivative_of_value(problem, x):
    assert check_gradient(problem.value, problem.gradient, x).right


@pytest.mark.parametrize("name", ["rosenbrock", "hill"])
def test_gradient_agrees_with_the_complex_step(name):
    z = np.array([-0.7, 1.9]) + 1e-30j * np.eye(2)
    if name == "hill":
        values = (0.12 * z**2 + np.sin(2.4 * z) + 0.3 * np.cos(5 * z)).sum(axis=1)
    else:
        values = (1 - z[:, 0]) ** 2 + 100 * (z[:, 1] - z[:, 0] ** 2) ** 2
    np.testing.assert_allclose(
        PROBLEMS[name][0].gradient(z[0].real), values.imag / 1e-30, rtol=1e-13
    )


@pytest.mark.parametrize(("problem", "x"), PROBLEMS.values(), ids=PROBLEMS)
def test_minimiser_is_lower_than_its_neighbourhood_and_flat(problem, x):
    best = problem.minimiser
    assert np.linalg.norm(problem.gradient(best)) < 1e-12
    around = best + 0.1 * RNG(0).standard_normal((50, *best.shape))
    assert min(problem.value(point) for point in around) > problem.value(best)


@pytest.mark.parametrize("name", ["rosenbrock", "logistic"])
def test_hessian_is_the_derivative_of_the_gradient(name):
    problem, x = PROBLEMS[name]
    for k, row in enumerate(problem.hessian(x)):
        assert check_gradient(lambda z, k=k: problem.gradient(z)[k], row, x).right


def test_curvature_constants_are_the_eigenvalues_of_the_hessian():
    for problem in (PROBLEMS["quadratic"][0], PROBLEMS["two modes"][0]):
        eigenvalues = np.linalg.eigvalsh(problem.hessian)
        assert problem.mu == pytest.approx(eigenvalues[0])
        assert problem.smoothness == pytest.approx(eigenvalues[-1])
    rosenbrock = Rosenbrock()
    low, high = np.linalg.eigvalsh(rosenbrock.hessian(rosenbrock.minimiser))
    assert rosenbrock.mu == pytest.approx(low, rel=1e-10)
    assert rosenbrock.smoothness == pytest.approx(high)


def test_logistic_hessian_stays_within_its_bounds():
    problem, _ = PROBLEMS["logistic"]
    for w in RNG(0).standard_normal((20, 5)) * 3:
        eigenvalues = np.linalg.eigvalsh(problem.hessian(w))
        assert problem.mu <= eigenvalues[0]
        assert eigenvalues[-1] <= problem.smoothness


def test_logistic_regression_survives_weights_that_overflow_exp():
    problem, _ = PROBLEMS["logistic"]
    w = np.full(5, 1e4)
    assert np.isfinite(problem.value(w))
    assert np.isfinite(problem.gradient(w)).all()


def test_hill_has_its_valleys_where_it_says():
    hill = Hill()
    valleys = np.array(hill.valleys)
    assert np.abs(hill.gradient(valleys)).max() < 1e-13
    assert (hill.curvature(valleys) > 0).all()
    assert hill.height(valleys).argmin() == 3
    grid = hill.gradient(np.linspace(-10, 10, 20001))
    assert np.sum((grid[:-1] < 0) & (grid[1:] >= 0)) == len(valleys)
    assert check_gradient(lambda x: hill.gradient(x).sum(), hill.curvature, valleys + 0.3).right


@pytest.mark.parametrize("condition", [1.0, 10.0, 1e4])
def test_quadratic_has_the_condition_number_that_was_asked_for(condition):
    assert np.linalg.cond(quadratic(condition, 5, RNG(0)).hessian) == pytest.approx(condition)


@pytest.mark.parametrize("tuned", TUNED.values(), ids=TUNED)
def test_errors_on_two_modes_obey_the_recurrence_to_rounding(tuned):
    problem = two_modes(1.0, 50.0)
    method = tuned(1.0, 50.0)
    errors = problem.errors(run(method, problem.gradient, np.array([3.0, -2.0]), 12))
    for mode, eigenvalue in enumerate(problem.eigenvalues):
        c1, c2 = method.recurrence(eigenvalue)
        e = errors[:, mode]
        assert np.abs(e[2:] - c1 * e[1:-1] - c2 * e[:-2]).max() < 1e-13


@pytest.mark.parametrize(
    "wrong",
    [
        Method(0.02, 0.8),
        Method(0.02, 0.9, lookahead=True),
        Method(0.021, 0.9),
        Method(0.02, 0.0),
    ],
    ids=["momentum", "lookahead", "rate", "no momentum"],
)
def test_another_method_breaks_the_recurrence_visibly(wrong):
    problem, right = two_modes(1.0, 50.0), Method(0.02, 0.9)
    errors = problem.errors(run(wrong, problem.gradient, np.array([3.0, -2.0]), 12))
    misses = []
    for mode, eigenvalue in enumerate(problem.eigenvalues):
        c1, c2 = right.recurrence(eigenvalue)
        e = errors[:, mode]
        misses.append(np.abs(e[2:] - c1 * e[1:-1] - c2 * e[:-2]).max())
    assert max(misses) > 1e-3


@pytest.mark.parametrize("method", [Method(0.03), Method(0.02, 0.9), Method(0.02, 0.9, True)])
def test_fitted_coefficients_say_which_method_ran(method):
    problem = two_modes(1.0, 50.0)
    errors = problem.errors(run(method, problem.gradient, np.array([3.0, -2.0]), 8))
    for mode, eigenvalue in enumerate(problem.eigenvalues):
        fitted = fit_recurrence(errors[:, mode])
        np.testing.assert_allclose(fitted, method.recurrence(eigenvalue), atol=1e-9)


def test_fitting_a_run_that_arrived_at_once_gives_no_memory():
    assert fit_recurrence([1.0, 0.0, 0.0, 0.0]) == Recurrence(0.0, 0.0)


@pytest.mark.parametrize(
    ("name", "rate"), [("gradient descent", 99 / 101), ("heavy ball", 9 / 11), ("nesterov", 0.9)]
)
def test_tuned_rate_on_condition_100_is_the_textbook_one(name, rate):
    assert TUNED[name](1.0, 100.0).rate(1.0, 100.0) == pytest.approx(rate, abs=1e-7)


@pytest.mark.parametrize("tuned", TUNED.values(), ids=TUNED)
def test_measured_contraction_is_the_theoretical_rate(tuned):
    problem = quadratic(100.0, 6, RNG(0))
    method = tuned(problem.mu, problem.smoothness)
    path = run(method, problem.gradient, problem.minimiser + 1.0, 140)
    size = np.linalg.norm(path - problem.minimiser, axis=1)
    measured = (size[140] / size[90]) ** (1 / 50)
    assert measured == pytest.approx(method.rate(problem.mu, problem.smoothness), abs=0.015)


def test_tuned_rates_are_the_best_of_their_kind():
    for name, tuned in TUNED.items():
        best = tuned(1.0, 30.0)
        for stretch in (0.98, 1.02):
            other = Method(best.learning_rate * stretch, best.momentum, best.lookahead)
            slower = other.rate(1.0, 30.0) > best.rate(1.0, 30.0)
            assert slower or name == "nesterov"


def test_gradient_descent_on_logistic_regression_meets_the_bound():
    problem, x = PROBLEMS["logistic"]
    method = tuned_gradient_descent(problem.mu, problem.smoothness)
    path = run(method, problem.gradient, x, 200)
    size = np.linalg.norm(path - problem.minimiser, axis=1)
    assert (size[1:] <= method.rate(problem.mu, problem.smoothness) * size[:-1] + 1e-15).all()


def test_gradient_descent_near_the_rosenbrock_minimum_contracts_as_the_hessian_there_says():
    problem = Rosenbrock()
    method = tuned_gradient_descent(problem.mu, problem.smoothness)
    path = run(method, problem.gradient, problem.minimiser + 1e-7, 400)
    size = np.linalg.norm(path - problem.minimiser, axis=1)
    measured = (size[400] / size[300]) ** (1 / 100)
    assert measured == pytest.approx(method.rate(problem.mu, problem.smoothness), abs=1e-5)


@pytest.mark.parametrize(
    ("call", "error", "says"),
    [
        (lambda: quadratic(0.5, 3, RNG(0)), ValueError, "condition"),
        (lambda: quadratic(10.0, 1, RNG(0)), ValueError, "dimension"),
        (lambda: quadratic(10.0, 3, 0), TypeError, "rng"),
        (lambda: two_modes(2.0, 1.0), ValueError, "fast"),
        (lambda: two_modes(-1.0, 1.0), ValueError, "slow"),
        (lambda: logistic_regression(0, 3, RNG(0)), ValueError, "examples"),
        (lambda: logistic_regression(9, 3, RNG(0), strength=0.0), ValueError, "strength"),
        (lambda: Rosenbrock().value([1.0, 2.0, 3.0]), ValueError, "x must have shape"),
        (lambda: Method(0.0), ValueError, "learning_rate"),
        (lambda: Method(0.1, -0.5), ValueError, "momentum"),
        (lambda: tuned_nesterov(0.0, 1.0), ValueError, "mu"),
        (lambda: tuned_heavy_ball(2.0, 1.0), ValueError, "smoothness"),
        (lambda: fit_recurrence([1.0, 0.5]), ValueError, "at least 4"),
        (lambda: fit_recurrence([0.0] * 5), ValueError, "all zero"),
        (lambda: fit_recurrence("abcd"), TypeError, "errors"),
    ],
)
def test_bad_input_is_named(call, error, says):
    with pytest.raises(error, match=says):
        call()
