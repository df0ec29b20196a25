"""The gradient check in two halves: points first, values later."""

import numpy as np
import pytest

from numerics.differentiation import plan_coordinates, plan_projections

RNG = np.random.default_rng
ONES = np.ones(3)

PLANS = {
    "projections": lambda x: plan_projections(x, RNG(0)),
    "coordinates": plan_coordinates,
}


@pytest.fixture(params=PLANS.values(), ids=PLANS)
def plan(request):
    return request.param


def smooth(seed=0, shape=(5, 7)):
    a, x = RNG(seed).standard_normal((2, *shape))
    return x, (lambda z: np.sum(a * np.tanh(z))), a * (1 - np.tanh(x) ** 2)


def test_plan_holds_x_and_pairs_around_it():
    x = RNG(0).standard_normal((2, 3))
    points = plan_projections(x, RNG(0), draws=2).points
    assert points.shape == (9, 2, 3)
    np.testing.assert_array_equal(points[0], x)
    steps = (points[1::4] - points[2::4]) / 2e-6
    assert (np.abs(steps) >= 0.499).all()
    assert (np.abs(steps) <= 1.501 * np.maximum(1, np.abs(x))).all()
    np.testing.assert_allclose(
        points[3::4] - points[4::4], (points[1::4] - points[2::4]) / 2, rtol=1e-8
    )
    assert plan_coordinates(x).points.shape == (25, 2, 3)


def test_plan_judges_right_and_wrong(plan):
    x, f, gradient = smooth()
    planned = plan(x)
    values = [f(point) for point in planned.points]
    assert planned.judge(values, gradient).right
    assert planned.judge(values, gradient).error < 1e-8
    for factor in (0.0, -1.0, 1.01, 100.0):
        verdict = planned.judge(values, factor * gradient)
        assert (verdict.right, verdict.factor) == (False, pytest.approx(factor))
    element = gradient.copy()
    element[2, 3] *= 1.1
    assert planned.judge(values, element).right is False
    element[1, 1] = np.nan
    assert planned.judge(values, element).where == "gradient[1, 1]"


def test_plan_catches_two_exchanged_elements_every_time():
    for seed in range(200):
        x, f, gradient = smooth(seed)
        gradient[0, [0, 1]] = gradient[0, [1, 0]]
        planned = plan_projections(x, RNG(seed), draws=1)
        assert planned.judge([f(p) for p in planned.points], gradient).right is False


def test_plan_for_a_flat_function(plan):
    planned = plan(np.ones(3))
    zeros = np.zeros(len(planned.points))
    assert planned.judge(zeros, np.zeros(3)).right
    assert planned.judge(zeros, np.ones(3)).right is False
    assert planned.judge(zeros + 5, np.ones(3)).right is None


def test_plan_takes_values_that_are_not_finite_as_no_evidence(plan):
    x, f, gradient = smooth()
    planned = plan(x)
    values = np.array([f(point) for point in planned.points])
    for claim in (gradient, 0 * gradient):
        assert planned.judge(np.full_like(values, np.nan), claim).right is None
    values[3:-1] = np.inf
    assert planned.judge(values, gradient).right is None


def test_plan_passes_one_spoilt_draw_of_four():
    x, f, gradient = smooth()
    planned = plan_projections(x, RNG(0), draws=4)
    values = np.array([f(point) for point in planned.points])
    for spoilt in (np.nan, 1e6):
        values[1] = spoilt
        assert planned.judge(values, gradient).right
        assert planned.judge(values, 1.01 * gradient).right is False


def test_jump_in_one_draw_does_not_excuse_a_wrong_gradient():
    x, f, gradient = smooth()
    planned = plan_projections(x, RNG(0), draws=4)
    values = np.array([f(point) for point in planned.points])
    values[[1, 3]] += 100.0
    assert not planned.judge(values, 1.5 * gradient).right


@pytest.mark.parametrize("at_kink", [-1.0, 0.0, 0.3, 1.0])
def test_coordinate_plan_takes_any_subgradient(at_kink):
    x = np.array([0.0, 2.0, -1.5])
    planned = plan_coordinates(x)
    values = np.abs(planned.points).sum(axis=1)
    assert planned.judge(values, [at_kink, 1.0, -1.0]).right
    assert planned.judge(values, [at_kink + 3, 1.0, -1.0]).right is None
    assert planned.judge(values, [at_kink, 1.01, -1.0]).where == "gradient[1]"


@pytest.mark.parametrize(
    ("fault", "where"),
    [
        ((2, 3), "gradient[2, 3]"),
        ((slice(None), 1), "gradient[:, 1]"),
        ((4, slice(None)), "gradient[4, :]"),
        ((0, [0, 4]), "gradient[0, [0, 4]]"),
        ((), "gradient"),
    ],
)
def test_coordinate_plan_says_where(fault, where):
    x, f, gradient = smooth()
    planned = plan_coordinates(x)
    gradient[fault] *= 2
    verdict = planned.judge([f(point) for point in planned.points], gradient)
    assert (verdict.where, verdict.factor) == (where, pytest.approx(2))


def test_coordinate_plan_estimates_the_gradient_and_its_own_error():
    x, f, gradient = smooth()
    planned = plan_coordinates(10 * x)
    estimate, doubt = planned.estimate([f(point / 10) for point in planned.points])
    assert (np.abs(estimate - gradient / 10) <= doubt).all()
    assert doubt.max() < 1e-7


def test_plan_for_a_single_number(plan):
    planned = plan(np.array(2.0))
    values = planned.points**3
    assert planned.judge(values, 12.0).right
    assert planned.judge(values, 12.1).right is False


@pytest.mark.parametrize(
    ("values", "gradient", "error", "says"),
    [
        (np.ones(3), ONES, ValueError, "values must have shape"),
        (None, np.ones(4), ValueError, "gradient must have shape"),
        (None, "abc", TypeError, "gradient must hold"),
        ("abc", ONES, TypeError, "values must hold"),
    ],
)
def test_plan_names_bad_input(plan, values, gradient, error, says):
    planned = plan(ONES)
    with pytest.raises(error, match=says):
        planned.judge(np.ones(len(planned.points)) if values is None else values, gradient)


def test_planning_names_bad_input():
    with pytest.raises(TypeError, match="rng"):
        plan_projections(ONES, 3)
    with pytest.raises(ValueError, match="draws"):
        plan_projections(ONES, RNG(0), draws=0)
    with pytest.raises(ValueError, match="step"):
        plan_coordinates(ONES, step=0.0)
    with pytest.raises(ValueError, match="x must be finite"):
        plan_coordinates([np.inf])
