"""Training against exact statistics, closed forms and what each known failure shows."""

import itertools
import math
import subprocess
import sys

import numpy as np
import pytest
import scipy.stats

from numerics import digits, losses, optimizers, training
from numerics.regularisers import early_stopping


@pytest.fixture
def seeded():
    return np.random.default_rng


# Where weights start


def test_xavier_is_uniform_within_its_limit(rng):
    """By Kolmogorov and Smirnov, and never beyond."""
    w = training.xavier_uniform(300, 100, rng)
    assert w.shape == (300, 100)
    limit = math.sqrt(6 / 400)
    assert np.abs(w).max() <= limit
    assert scipy.stats.kstest(w.ravel(), "uniform", (-limit, 2 * limit)).pvalue > 1e-3


def test_he_is_normal_with_the_variance_of_its_inputs(rng):
    """By Kolmogorov and Smirnov, and chi-square for the variance."""
    w = training.he_normal(300, 100, rng)
    assert w.shape == (300, 100)
    variance = 2 / 300
    assert scipy.stats.kstest(w.ravel(), "norm", (0, math.sqrt(variance))).pvalue > 1e-3
    tail = scipy.stats.chi2.cdf(np.sum(w**2) / variance, w.size)
    assert 5e-4 < tail < 1 - 5e-4


@pytest.mark.parametrize("start", [training.xavier_uniform, training.he_normal])
def test_weights_come_from_the_generator_alone(start, seeded):
    """The same seed, the same weights; and the smallest layer."""
    np.testing.assert_array_equal(start(3, 4, seeded(1)), start(3, 4, seeded(1)))
    assert not np.array_equal(start(3, 4, seeded(1)), start(3, 4, seeded(2)))
    assert start(1, 1, seeded(0)).shape == (1, 1)


# Portions


def test_the_iterations_of_the_much_read_article():
    """1 000 an epoch and 10 000 in all; and with a rest, kept or dropped."""
    assert training.count_iterations(100_000, 100, 10) == (1_000, 10_000)
    assert training.count_iterations(1_797, 64, 20) == (29, 580)
    assert training.count_iterations(1_797, 64, 20, drop_last=True) == (28, 560)
    assert training.count_iterations(5, 8, 3) == (1, 3)
    assert training.count_iterations(5, 8, 3, drop_last=True) == (0, 0)
    assert [type(n) for n in training.count_iterations(np.int64(9), 2, 3)] == [int, int]


@pytest.mark.parametrize(("n", "size"), [(10, 3), (9, 3), (2, 5), (1, 1), (1797, 64)])
def test_an_epoch_sees_every_example_once(rng, n, size):
    """In as many batches as were counted, the last one smaller."""
    batches = training.minibatches(n, size, rng)
    assert len(batches) == training.count_iterations(n, size, 1)[0]
    assert [len(batch) for batch in batches[:-1]] == [size] * (len(batches) - 1)
    joined = np.concatenate(batches)
    assert joined.dtype == np.intp
    assert sorted(joined.tolist()) == list(range(n))


def test_batches_are_shuffled_anew(rng):
    """Each example is as likely in each place: chi-square over 5 places and 4 000 epochs."""
    orders = np.array([np.concatenate(training.minibatches(5, 2, rng)) for _ in range(4000)])
    for place in range(5):
        assert scipy.stats.chisquare(np.bincount(orders[:, place])).pvalue > 1e-4


# The loop


def regression(params, x, y):
    """Least squares, mean over rows."""
    error = x @ params["w"] + params["b"] - y
    grads = {"w": 2 * x.T @ error / len(x), "b": 2 * error.mean(keepdims=True)}
    return float(np.mean(error**2)), grads


def descend(rate):
    return lambda w, dw, config: optimizers.sgd(w, dw, config or {"learning_rate": rate})


@pytest.fixture
def data(rng):
    """Linear targets with noise: 23 rows for training, 9 for validation."""
    x = rng.standard_normal((32, 3))
    y = x @ [1.0, -2.0, 0.5] + 0.3 + 0.1 * rng.standard_normal(32)
    return x[:23], y[:23], x[23:], y[23:]


def start():
    return {"w": np.zeros(3), "b": np.zeros(1)}


SETTINGS = {"epochs": 12, "batch_size": 5, "patience": 12}


def test_the_whole_set_in_one_batch_is_gradient_descent(data, seeded):
    """Whose path on a quadratic is known: the error times (I - rate H)^t."""
    x, y, x_val, y_val = data
    inputs = np.column_stack([x, np.ones(23)])
    best = np.linalg.lstsq(inputs, y, rcond=None)[0]
    shrink = np.eye(4) - 0.1 * 2 * inputs.T @ inputs / 23
    settings = {**SETTINGS, "batch_size": 23}
    params, history = training.train(
        start(), regression, descend(0.1), *data, **settings, rng=seeded(0)
    )
    assert history["best_epoch"] == 11
    want = best - np.linalg.matrix_power(shrink, 12) @ best
    np.testing.assert_allclose(np.append(params["w"], params["b"]), want, rtol=1e-12)
    for epoch in range(12):
        theta = best - np.linalg.matrix_power(shrink, epoch) @ best
        loss = np.mean((inputs @ theta - y) ** 2)
        assert history["train_loss"][epoch] == pytest.approx(loss, rel=1e-12)
    val = np.mean((x_val @ want[:3] + want[3] - y_val) ** 2)
    assert history["val_loss"][-1] == pytest.approx(val, rel=1e-12)


def test_every_epoch_sees_every_example_once_in_a_new_order(data, seeded):
    """The last, smaller batch too; the batches' mean losses are averaged."""
    x, y, x_val, y_val = data
    seen, batch_losses = [], []

    def spy(params, x, y):
        loss, grads = regression(params, x, y)
        seen.append((x, y))
        batch_losses.append(loss)
        return loss, grads

    _, history = training.train(start(), spy, descend(0.01), *data, **SETTINGS, rng=seeded(0))
    orders = []
    for epoch in range(12):
        *batches, validation = seen[6 * epoch : 6 * epoch + 6]
        assert [len(x) for x, _ in batches] == [5, 5, 5, 5, 3]
        rows = np.vstack([x for x, _ in batches])
        orders.append([int(np.flatnonzero((x == row).all(axis=1))[0]) for row in rows])
        np.testing.assert_array_equal(np.concatenate([y for _, y in batches]), y[orders[-1]])
        np.testing.assert_array_equal(validation[0], x_val)
        np.testing.assert_array_equal(validation[1], y_val)
        losses_of_epoch = batch_losses[6 * epoch : 6 * epoch + 6]
        assert history["train_loss"][epoch] == pytest.approx(np.mean(losses_of_epoch[:5]))
        assert history["val_loss"][epoch] == losses_of_epoch[5]
    assert all(sorted(order) == list(range(23)) for order in orders)
    assert all(a != b for a, b in itertools.pairwise(orders))


def test_each_parameter_has_a_config_of_its_own(data, seeded):
    """None at first, and what the update returned from then on."""
    calls = {3: [], 1: []}

    def update(w, dw, config):
        calls[w.size].append(config)
        return w - 0.01 * dw, (w.size, len(calls[w.size]))

    training.train(start(), regression, update, *data, **SETTINGS, rng=seeded(0))
    for size, configs in calls.items():
        assert configs == [None, *((size, k) for k in range(1, 60))]


def test_all_gradients_are_taken_before_the_first_update(data, seeded):
    """And never the validation set's."""
    updates = []

    def poisoned(params, x, y):
        loss, grads = regression(params, x, y)
        if len(x) == 9:
            return loss, {"w": np.full(3, np.nan), "b": np.full(1, np.nan)}
        updates.append(params["w"].copy())
        return loss, grads

    params, history = training.train(
        start(), poisoned, descend(0.05), *data, **SETTINGS, rng=seeded(0)
    )
    assert len(updates) == 60
    assert np.isfinite(params["w"]).all()
    assert np.isfinite(history["val_loss"]).all()


def scripted(val_losses):
    """A loss whose validation values are given; the parameter counts the epochs."""
    script = iter(val_losses)

    def loss_and_grads(params, x, y):
        return (next(script) if len(x) == 2 else 0.0), {"w": np.ones(1)}

    return loss_and_grads


@pytest.mark.parametrize(
    "val_losses",
    [
        [5, 4, 3, 2, 1, 0],
        [5, 4, 6, 4, 3, 7],
        [1, 2, 3, 4, 5, 6],
        [3, math.nan, 2, math.nan, math.nan, 1],
        [math.nan, math.nan, 3, 4, 5, 6],
        [math.nan] * 6,
        [math.inf, 5, math.inf, 5, 5, 5],
    ],
)
@pytest.mark.parametrize("patience", [1, 2, 3, 9])
def test_the_best_epochs_parameters_are_kept(seeded, val_losses, patience):
    """It stops and chooses as `early_stopping` says; each epoch adds 1 to the parameter."""
    best, history = training.train(
        {"w": [0.0]},
        scripted(val_losses),
        lambda w, dw, config: (w + dw, config),
        np.zeros((4, 1)),
        np.zeros(4),
        np.zeros((2, 1)),
        np.zeros(2),
        epochs=6,
        batch_size=4,
        patience=patience,
        rng=seeded(0),
    )
    stop, best_epoch = early_stopping(val_losses, patience)
    assert history["best_epoch"] == best_epoch
    assert len(history["val_loss"]) == len(history["train_loss"]) == stop + 1
    assert best["w"].tolist() == [best_epoch + 1.0]


def test_nothing_that_was_given_is_changed(data, seeded):
    """Even by an update that works in place; such a one leaves the best parameters alone too."""

    def in_place(w, dw, config):
        w -= 0.4 * dw
        return w, config

    params = start()
    copies = [array.copy() for array in data]
    settings = {**SETTINGS, "epochs": 30, "patience": 30}
    best, history = training.train(params, regression, in_place, *data, **settings, rng=seeded(3))
    pure, _ = training.train(start(), regression, descend(0.4), *data, **settings, rng=seeded(3))
    assert history["best_epoch"] < 29
    assert regression(best, *data[2:])[0] == min(history["val_loss"])
    np.testing.assert_allclose(best["w"], pure["w"], rtol=1e-12)
    assert not params["w"].any()
    for array, copy in zip(data, copies, strict=True):
        np.testing.assert_array_equal(array, copy)


def test_the_seed_decides_and_types_are_read_in_float64(data, seeded):
    """The same seed gives the same bits; float32 and lists give float64."""
    runs = [
        training.train(start(), regression, descend(0.05), *data, **SETTINGS, rng=seeded(seed))
        for seed in (1, 1, 2)
    ]
    assert runs[0][1] == runs[1][1]
    np.testing.assert_array_equal(runs[0][0]["w"], runs[1][0]["w"])
    assert runs[0][1] != runs[2][1]
    single = [array.astype(np.float32) for array in data]
    params = {"w": [0, 0, 0], "b": np.zeros(1, np.float32)}
    best, history = training.train(
        params, regression, descend(0.05), *single, **SETTINGS, rng=seeded(1)
    )
    assert best["w"].dtype == best["b"].dtype == np.float64
    np.testing.assert_allclose(best["w"], runs[0][0]["w"], rtol=1e-5)
    assert all(type(loss) is float for loss in history["train_loss"] + history["val_loss"])


def softmax_regression(params, x, y):
    loss, scores = losses.softmax_loss(x @ params["w"] + params["b"], y)
    return loss, {"w": x.T @ scores, "b": scores.sum(axis=0)}


def test_softmax_regression_reads_the_digits(seeded):
    """At least 90 % of the test images, in batches of 64, at rate 0.5, in 20 epochs."""
    data = digits.split()
    best, history = training.train(
        {"w": np.zeros((64, 10)), "b": np.zeros(10)},
        softmax_regression,
        descend(0.5),
        *data[:4],
        epochs=20,
        batch_size=64,
        patience=20,
        rng=seeded(0),
    )
    read = np.argmax(data.x_test @ best["w"] + best["b"], axis=1)
    assert np.mean(read == data.y_test) >= 0.9
    assert history["train_loss"][-1] < 0.3 < history["train_loss"][0]


# What holds for all of them


def test_importing_training_loads_nothing_slow():
    """Neither numba and SciPy nor NumPy's random generators."""
    program = (
        "import sys, numerics.training\n"
        "assert not {'numba', 'scipy', 'numpy.random'} & set(sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def trained(**changes):
    """Call `train` with one argument changed."""
    arguments = {
        "params": start(),
        "loss_and_grads": regression,
        "update": descend(0.1),
        "x_train": np.zeros((4, 3)),
        "y_train": np.zeros(4),
        "x_val": np.zeros((2, 3)),
        "y_val": np.zeros(2),
        "epochs": 1,
        "batch_size": 2,
        "patience": 1,
        "rng": np.random.default_rng(0),
    }
    return training.train(**{**arguments, **changes})


def other_grads(grads):
    return lambda params, x, y: (0.0, grads)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda r: training.xavier_uniform(0, 2, r), ValueError, "fan_in must be .* >= 1, got 0"),
        (lambda r: training.he_normal(2, 2.0, r), TypeError, "fan_out must be an integer"),
        (lambda r: training.he_normal(2, 2, 7), TypeError, "rng must be a numpy.random.Generator"),
        (lambda r: training.count_iterations(5, 0, 1), ValueError, "batch_size must be .* >= 1"),
        (lambda r: training.minibatches(0, 2, r), ValueError, "num_examples must be .* >= 1"),
        (lambda r: trained(params={"w": ["a"]}), TypeError, r'params\["w"\] must hold real'),
        (lambda r: trained(update=None), TypeError, "update must be callable"),
        (lambda r: trained(y_train=np.zeros(3)), ValueError, "x_train and y_train .* as many rows"),
        (lambda r: trained(x_val=1.0), ValueError, "x_val and y_val must have as many rows"),
        (lambda r: trained(epochs=0), ValueError, "epochs must be .* >= 1, got 0"),
        (lambda r: trained(batch_size=0), ValueError, "batch_size must be .* >= 1, got 0"),
        (lambda r: trained(patience=0), ValueError, "patience must be .* >= 1, got 0"),
        (lambda r: trained(rng=0), TypeError, "rng must be"),
        (
            lambda r: trained(loss_and_grads=other_grads({"w": np.zeros(3)})),
            ValueError,
            r"grads must have the keys \['b', 'w'\], got \['w'\]",
        ),
        (
            lambda r: trained(loss_and_grads=other_grads({"w": np.zeros(2), "b": np.zeros(1)})),
            ValueError,
            r'grads\["w"\] must have shape \(3,\)',
        ),
        (
            lambda r: trained(loss_and_grads=lambda params, x, y: (np.zeros(2), {})),
            ValueError,
            r"loss must have shape \(\)",
        ),
        (
            lambda r: trained(update=lambda w, dw, config: (w[:, None], config)),
            ValueError,
            r"next_w must have shape \(3,\)",
        ),
    ],
)
def test_wrong_arguments_are_named(rng, call, error, words):
    """The message says which argument, what it must be and what it was."""
    with pytest.raises(error, match=words):
        call(rng)
