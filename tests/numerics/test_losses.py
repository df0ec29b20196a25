"""The losses against SciPy, scikit-learn, autograd, closed forms and decimal arithmetic."""

import math
from decimal import Decimal, localcontext

import autograd
import autograd.numpy as anp
import numpy as np
import pytest
import scipy.special
import sklearn.metrics
from autograd.scipy.special import logsumexp
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from numerics import losses

TOPICS = [losses]
EXACT = {"rtol": 2e-15, "atol": 0.0}
ROUNDING = {"rtol": 1e-13, "atol": 1e-15}
BOTH_PATHS = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def batch(rng, num_rows=7, num_classes=5, scale=3.0):
    return scale * rng.standard_normal((num_rows, num_classes)), rng.integers(
        0, num_classes, num_rows
    )


def targets(rng, size=9):
    return rng.standard_normal(size) * 3.0, rng.random(size)


CALLS = {
    "mse_loss": lambda x, y, flat, target: losses.mse_loss(flat, target),
    "huber_loss": lambda x, y, flat, target: losses.huber_loss(flat, target, 0.7),
    "binary_cross_entropy": lambda x, y, flat, target: losses.binary_cross_entropy(
        abs(np.asarray(flat)) / 20.0, target
    ),
    "binary_cross_entropy_with_logits": lambda x, y, flat, target: (
        losses.binary_cross_entropy_with_logits(flat, target)
    ),
    "softmax": lambda x, y, flat, target: (0.0, losses.softmax(x, 0.5)),
    "softmax_loss": lambda x, y, flat, target: losses.softmax_loss(x, y),
    "temperature_loss": lambda x, y, flat, target: losses.temperature_loss(x, y, 2.5),
    "svm_loss": lambda x, y, flat, target: losses.svm_loss(x, y),
}


# Third sources


def test_mse_is_scikit_learns(path, rng):
    """The mean is over all elements, whatever the shape."""
    p, t = rng.standard_normal((2, 6, 4))
    loss, dp = losses.mse_loss(p, t)
    np.testing.assert_allclose(loss, sklearn.metrics.mean_squared_error(p, t), **EXACT)
    gradient = autograd.grad(lambda p: anp.mean((p - t) ** 2))(p)
    np.testing.assert_allclose(dp, gradient, **EXACT)


@pytest.mark.parametrize("delta", [0.1, 1.0, 1e9])
def test_huber_is_scipys(path, rng, delta):
    """Inside and outside delta, and with everything inside."""
    p, t = 2.0 * rng.standard_normal((2, 5, 8))
    loss, dp = losses.huber_loss(p, t, delta)
    np.testing.assert_allclose(loss, scipy.special.huber(delta, p - t).mean(), **ROUNDING)
    step = 1e-6
    for index in np.ndindex(p.shape):
        up, down = p.copy(), p.copy()
        up[index] += step
        down[index] -= step
        difference = losses.huber_loss(up, t, delta)[0] - losses.huber_loss(down, t, delta)[0]
        assert dp[index] == pytest.approx(difference / (2 * step), rel=1e-6, abs=1e-9)


def test_huber_by_hand(path):
    """Errors of 0.5 and -3 with delta 1 cost 0.125 and 2.5."""
    loss, dp = losses.huber_loss([1.5, 0.0], [1.0, 3.0])
    assert loss == pytest.approx((0.125 + 2.5) / 2)
    assert dp.tolist() == [0.25, -0.5]


def test_binary_cross_entropy_is_scikit_learns(rng):
    """With hard targets; with soft ones the gradient is autograd's."""
    p = rng.uniform(0.01, 0.99, 12)
    t = (rng.random(12) < 0.5).astype(float)
    loss, _ = losses.binary_cross_entropy(p, t)
    np.testing.assert_allclose(loss, sklearn.metrics.log_loss(t, p), **ROUNDING)
    soft = rng.random(12)
    loss, dp = losses.binary_cross_entropy(p, soft)
    value, gradient = autograd.value_and_grad(
        lambda p: -anp.mean(soft * anp.log(p) + (1 - soft) * anp.log(1 - p))
    )(p)
    np.testing.assert_allclose(loss, value, **ROUNDING)
    np.testing.assert_allclose(dp, gradient, **ROUNDING)


def test_the_spam_mail_of_the_curriculum():
    """A probability of 0.30 for what was spam costs 1.204, 0.92 costs 0.083."""
    assert losses.binary_cross_entropy([0.30], [1])[0] == pytest.approx(1.204, abs=5e-4)
    assert losses.binary_cross_entropy([0.92], [1])[0] == pytest.approx(0.083, abs=5e-4)


def test_binary_cross_entropy_is_clipped_at_both_ends():
    """Certain and wrong costs -log(1e-12), certain and right about 1e-12."""
    for p, t in ((0.0, 1.0), (1.0, 0.0)):
        loss, dp = losses.binary_cross_entropy([p], [t])
        assert loss == pytest.approx(12 * math.log(10), rel=1e-5)
        assert dp[0] == pytest.approx((1 if t == 0 else -1) * 1e12, rel=1e-3)
    for certain in (0.0, 1.0):
        assert losses.binary_cross_entropy([certain], [certain])[0] == pytest.approx(
            1e-12, rel=1e-3
        )


def test_binary_cross_entropy_with_logits_is_scipys(path, rng):
    """Against log_expit and expit with soft targets."""
    z, t = targets(rng, 40)
    loss, dz = losses.binary_cross_entropy_with_logits(z, t)
    rows = -t * scipy.special.log_expit(z) - (1 - t) * scipy.special.log_expit(-z)
    np.testing.assert_allclose(loss, rows.mean(), **ROUNDING)
    np.testing.assert_allclose(dz, (scipy.special.expit(z) - t) / 40, **ROUNDING)


def test_binary_cross_entropy_with_logits_far_out(path):
    """At 1e4 the loss is the logit or 0; at 40 it is e^-40, not 0."""
    loss, dz = losses.binary_cross_entropy_with_logits([1e4, -1e4, 1e4, -1e4], [0, 1, 1, 0])
    assert loss == 5e3
    assert dz.tolist() == [0.25, -0.25, 0.0, 0.0]
    for z, t in ((40.0, 1.0), (-40.0, 0.0)):
        loss, dz = losses.binary_cross_entropy_with_logits([z], [t])
        assert loss == pytest.approx(math.exp(-40), rel=1e-15)
        assert dz[0] == pytest.approx(math.copysign(math.exp(-40), -z), rel=1e-15)


@pytest.mark.parametrize("temperature", [0.25, 1.0, 3])
def test_softmax_is_scipys(path, rng, temperature):
    """At every temperature."""
    x, _ = batch(rng)
    p = losses.softmax(x, temperature)
    np.testing.assert_allclose(p, scipy.special.softmax(x / temperature, axis=1), **ROUNDING)


def test_softmax_at_extremes(path):
    """Logits of 1e4 are finite, ties share, differences beyond 745 give exactly 0."""
    x = [[1e4, 1e4, -1e4], [-1e4, -1e4 + 1, -1e4], [800.0, 0.0, 0.0]]
    e = math.e
    want = [[0.5, 0.5, 0.0], [1 / (2 + e), e / (2 + e), 1 / (2 + e)], [1.0, 0.0, 0.0]]
    np.testing.assert_allclose(losses.softmax(x), want, **EXACT)
    assert losses.softmax([[1.0, 0.0]], temperature=1e-5).tolist() == [[1.0, 0.0]]


def test_softmax_loss_is_scipys_and_autograds(path, rng):
    """The value is log_softmax's, the gradient that of log-sum-exp."""
    x, y = batch(rng, 30, 11)
    loss, dx = losses.softmax_loss(x, y)
    rows = np.arange(30)
    np.testing.assert_allclose(
        loss, -scipy.special.log_softmax(x, axis=1)[rows, y].mean(), **ROUNDING
    )
    gradient = autograd.grad(lambda x: anp.mean(logsumexp(x, axis=1) - x[rows, y]))(x)
    np.testing.assert_allclose(dx, gradient, **ROUNDING)


def test_softmax_loss_at_1e4(path):
    """Where log(softmax) is infinite the loss is the difference of the logits."""
    loss, dx = losses.softmax_loss([[1e4, 0.0, -1e4], [1e4, 0.0, -1e4]], [0, 2])
    assert loss == 1e4
    assert dx.tolist() == [[0.0, 0.0, 0.0], [0.5, 0.0, -0.5]]


def test_a_confident_right_answer_still_costs_something(path):
    """The loss is log(1 + 2 e^-40), and the correct class is pulled as hard as the others push."""
    loss, dx = losses.softmax_loss([[40.0, 0.0, 0.0]], [0])
    small = math.exp(-40.0)
    assert loss == pytest.approx(2.0 * small, rel=1e-15)
    np.testing.assert_allclose(dx, [[-2.0 * small, small, small]], **EXACT)


def exact_cross_entropy(row, label):
    """A row's loss and gradient, computed with digits enough for a loss of 1e-300."""
    with localcontext() as context:
        context.prec = 340
        logits = [Decimal(float(v)) for v in row]
        weights = [(v - max(logits)).exp() for v in logits]
        total = sum(weights)
        loss = total.ln() + max(logits) - logits[label]
        others = sum(w for j, w in enumerate(weights) if j != label)
        gradient = [-others / total if j == label else w / total for j, w in enumerate(weights)]
        return float(loss), [float(g) for g in gradient]


@BOTH_PATHS
@given(
    data=st.data(),
    shape=st.tuples(st.integers(1, 4), st.integers(1, 6)),
    largest=st.sampled_from([1.0, 40.0, 299.0, 320.0, 700.0, 1e4]),
)
def test_softmax_loss_is_right_in_every_digit(path, data, shape, largest):
    """Against decimals, relative to each element, however small it is."""
    numbers = st.floats(-largest, largest, width=32)
    x = np.array([[data.draw(numbers) for _ in range(shape[1])] for _ in range(shape[0])])
    y = np.array([data.draw(st.integers(0, shape[1] - 1)) for _ in range(shape[0])])
    loss, dx = losses.softmax_loss(x, y)
    rows = [exact_cross_entropy(row, label) for row, label in zip(x, y, strict=True)]
    smallest = 1e-300  # below it NumPy's exponential is subnormal and the kernel's is 0
    # Rounding a logit difference of d moves exp(d) by d half-ulps.
    rtol = 1e-15 * (10 + min(2 * largest, 745.0))
    np.testing.assert_allclose(
        loss, math.fsum(row[0] for row in rows) / len(rows), rtol=rtol, atol=smallest
    )
    np.testing.assert_allclose(dx * len(rows), [row[1] for row in rows], rtol=rtol, atol=smallest)


def test_one_moderate_block_beside_an_extreme_one(path, rng):
    """Blocks of rows are treated one by one, and each is right."""
    x, y = batch(rng, 600, 10)
    x[350:] *= 3e3
    loss, dx = losses.softmax_loss(x, y)
    log_p = scipy.special.log_softmax(x, axis=1)
    np.testing.assert_allclose(loss, -log_p[np.arange(600), y].mean(), rtol=1e-12)
    p = losses.softmax(x)
    np.testing.assert_allclose(p, np.exp(log_p), rtol=1e-10, atol=1e-300)
    p[np.arange(600), y] -= 1.0
    np.testing.assert_allclose(dx, p / 600, rtol=1e-10, atol=1e-16)


@pytest.mark.parametrize("temperature", [0.1, 1.0, 4.0])
def test_temperature_loss_is_autograds(path, rng, temperature):
    """With the 1/T of the chain rule."""
    x, y = batch(rng)
    rows = np.arange(len(y))

    def cross_entropy(x):
        return anp.mean(logsumexp(x / temperature, axis=1) - x[rows, y] / temperature)

    loss, dx = losses.temperature_loss(x, y, temperature)
    np.testing.assert_allclose(loss, cross_entropy(x), **ROUNDING)
    np.testing.assert_allclose(dx, autograd.grad(cross_entropy)(x), rtol=1e-12, atol=1e-14)


def test_svm_loss_is_its_definition(path, rng):
    """Against two plain loops, and autograd for the gradient."""
    x, y = batch(rng, 12, 6)
    loss, dx = losses.svm_loss(x, y)
    total = 0.0
    for row, label in zip(x, y, strict=True):
        total += sum(max(0.0, s - row[label] + 1.0) for j, s in enumerate(row) if j != label)
    assert loss == pytest.approx(total / 12, rel=1e-14)

    def hinge(x):
        margins = anp.maximum(0.0, x - x[np.arange(12), y][:, None] + 1.0)
        return (anp.sum(margins) - 12.0) / 12.0

    np.testing.assert_allclose(dx, autograd.grad(hinge)(x), **ROUNDING)


def test_svm_margin_of_exactly_zero_has_no_gradient(path):
    """A score of 1 less than the correct one costs nothing and pulls nothing."""
    loss, dx = losses.svm_loss([[3.0, 2.0, 2.5]], [0])
    assert loss == 0.5
    assert dx.tolist() == [[-1.0, 0.0, 1.0]]


# What holds for all of them


@pytest.mark.parametrize("name", CALLS)
def test_paths_agree(take, rng, name):
    """NumPy and kernel agree to rounding, below and above the size where one takes over."""
    for num_rows in (1, 12, 700):
        x, y = batch(rng, num_rows, 10)
        flat, target = targets(rng, 10 * num_rows)
        take("numpy")
        loss, gradient = CALLS[name](x, y, flat, target)
        take("kernel")
        kernel_loss, kernel_gradient = CALLS[name](x, y, flat, target)
        np.testing.assert_allclose(kernel_loss, loss, **ROUNDING)
        np.testing.assert_allclose(kernel_gradient, gradient, rtol=1e-13, atol=1e-17)


@pytest.mark.parametrize("name", CALLS)
def test_the_loss_is_a_float_and_the_gradient_float64(path, rng, name):
    """For float32 and for lists; the result is that of the same numbers in float64."""
    x, y = batch(rng)
    flat, target = targets(rng)
    x, flat, target = (a.astype(np.float32) for a in (x, flat, target))
    loss, gradient = CALLS[name](x, y, flat, target)
    assert type(loss) is float
    assert gradient.dtype == np.float64
    wide = CALLS[name](
        *(a.astype(np.float64) for a in (x,)), y, flat.astype(float), target.astype(float)
    )
    if name != "binary_cross_entropy":  # its probabilities are made in the input's own precision
        assert wide[0] == loss
        np.testing.assert_array_equal(wide[1], gradient)
    lists = CALLS[name](x.tolist(), y.tolist(), flat.tolist(), target.tolist())
    assert type(lists[0]) is float
    assert lists[1].shape == gradient.shape


@pytest.mark.parametrize("name", CALLS)
def test_inputs_are_left_alone(path, rng, name):
    """Also read-only, Fortran-ordered and strided ones are read rightly."""
    x, y = batch(rng, 8, 6)
    flat, target = targets(rng, 8)
    want = CALLS[name](x, y, flat, target)
    spread = np.repeat(flat, 2)[::2]
    for other in (np.asfortranarray(x), np.repeat(x, 2, axis=1)[:, ::2]):
        copies = [a.copy() for a in (other, y, spread, target)]
        for array in (other, y, spread, target):
            array.setflags(write=False)
        got = CALLS[name](other, y, spread, target)
        np.testing.assert_allclose(got[0], want[0], **EXACT)
        np.testing.assert_allclose(got[1], want[1], **EXACT)
        for array, copy in zip((other, y, spread, target), copies, strict=True):
            np.testing.assert_array_equal(array, copy)


def test_one_row_and_one_class(path):
    """The smallest batches: nothing to confuse a single class with."""
    for loss in (losses.softmax_loss, losses.svm_loss):
        value, dx = loss([[5.0]], [0])
        assert value == 0.0
        assert dx == 0.0
        assert dx.shape == (1, 1)
    assert losses.softmax([[-1e4]]).tolist() == [[1.0]]
    assert losses.mse_loss(3.0, 1.0) == (4.0, 4.0)
    assert losses.huber_loss(np.float64(3.0), 1.0)[1].shape == ()


def test_nan_comes_out_where_it_went_in(path):
    """No path swallows it."""
    nan = math.nan
    assert math.isnan(losses.mse_loss([nan, 1.0], [0.0, 0.0])[0])
    assert math.isnan(losses.huber_loss([nan, 1.0], [0.0, 0.0])[0])
    assert math.isnan(losses.binary_cross_entropy_with_logits([nan, 1.0], [0.0, 0.0])[0])
    for row in ([nan, 0.0], [0.0, nan], [nan, 1e4]):
        loss, dx = losses.softmax_loss([row, [0.0, 1.0]], [0, 0])
        assert math.isnan(loss)
        assert np.isnan(dx[0]).all()
        assert np.isfinite(dx[1]).all()
        assert np.isnan(losses.softmax([row])).all()


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: losses.mse_loss([1.0], [[1.0]]), ValueError, r"target must have shape \(1,\)"),
        (lambda: losses.mse_loss([], []), ValueError, "prediction must not be empty"),
        (lambda: losses.huber_loss([1.0, 2.0], [1.0]), ValueError, "target must have shape"),
        (
            lambda: losses.huber_loss([1.0], [1.0], 0),
            ValueError,
            "delta must be a finite number > 0",
        ),
        (lambda: losses.huber_loss([1.0], [1.0], "1"), TypeError, "delta must be a real number"),
        (
            lambda: losses.binary_cross_entropy([[0.5]], [[1]]),
            ValueError,
            "probability must have 1",
        ),
        (lambda: losses.binary_cross_entropy([1.5], [1]), ValueError, r"in \[0, 1\], got 1.5"),
        (
            lambda: losses.binary_cross_entropy([math.nan], [1]),
            ValueError,
            "probability .* got nan",
        ),
        (
            lambda: losses.binary_cross_entropy([0.5], [2]),
            ValueError,
            r"target must lie in \[0, 1\]",
        ),
        (
            lambda: losses.binary_cross_entropy_with_logits([0.5], [-1]),
            ValueError,
            "target must lie",
        ),
        (lambda: losses.softmax([1.0, 2.0]), ValueError, "x must have 2 axes"),
        (lambda: losses.softmax([[1.0, 2.0]], 0.0), ValueError, "temperature must be"),
        (lambda: losses.softmax([[1j]]), TypeError, "x must hold real numbers"),
        (lambda: losses.softmax_loss([[1.0, 2.0]], [0, 1]), ValueError, r"shape \(1,\)"),
        (lambda: losses.softmax_loss([[1.0, 2.0]], [2]), ValueError, r"y must lie in 0..1, got 2"),
        (lambda: losses.softmax_loss([[1.0, 2.0]], [0.0]), TypeError, "y must hold integer"),
        (lambda: losses.temperature_loss([[1.0]], [0], -1.0), ValueError, "temperature must be"),
        (lambda: losses.svm_loss([[1.0, 2.0]], [-1]), ValueError, "y must lie in 0..1, got -1"),
    ],
)
def test_wrong_arguments_are_named(call, error, words):
    """The message says which argument, what it must be and what it was."""
    with pytest.raises(error, match=words):
        call()
