"""The optimizers against closed forms, scikit-learn and the theory of quadratics."""

import math
import subprocess
import sys

import numpy as np
import pytest
from sklearn.neural_network._stochastic_optimizers import AdamOptimizer, SGDOptimizer

from numerics import optimizers, stepping
from numerics.problems import Method, two_modes

TOPICS = [stepping]
ROUNDING = {"rtol": 1e-13, "atol": 1e-15}
STEPS = {
    "sgd": (),
    "sgd_momentum": ("velocity",),
    "nesterov_momentum": ("velocity",),
    "adagrad": ("cache",),
    "rmsprop": ("cache",),
    "adam": ("m", "v"),
    "adamw": ("m", "v"),
}
STATEFUL = [name for name, state in STEPS.items() if state]
DEFAULTS = {
    "sgd": {"learning_rate": 1e-2},
    "sgd_momentum": {"learning_rate": 1e-2, "momentum": 0.9},
    "nesterov_momentum": {"learning_rate": 1e-2, "momentum": 0.9},
    "adagrad": {"learning_rate": 1e-2, "epsilon": 1e-8},
    "rmsprop": {"learning_rate": 1e-2, "decay_rate": 0.99, "epsilon": 1e-8},
    "adam": {"learning_rate": 1e-3, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8},
    "adamw": {
        "learning_rate": 1e-3,
        "beta1": 0.9,
        "beta2": 0.999,
        "epsilon": 1e-8,
        "weight_decay": 1e-2,
    },
}


@pytest.fixture(autouse=True)
def small_sgd(monkeypatch):
    """Let the kernel of plain descent be tried on small inputs too."""
    monkeypatch.setattr(optimizers, "SGD_KERNEL_SIZE", 0)


def run(name, w, gradients, config=None):
    """Return `w` after each step, the start first."""
    trajectory = [np.asarray(w, dtype=float)]
    for dw in gradients:
        w, config = getattr(optimizers, name)(w, dw, config)
        trajectory.append(w)
    return np.array(trajectory)


def running_mean(values, decay):
    """Return (1 - decay) sum_i decay^(t-i) values[i] for each t, without a recursion."""
    t = np.arange(len(values))
    weights = np.where(t[:, None] >= t, (1 - decay) * decay ** np.maximum(t[:, None] - t, 0.0), 0.0)
    return np.tensordot(weights, values, axes=1)


# Third sources


@pytest.mark.parametrize(
    ("name", "config", "method"),
    [
        ("sgd", {"learning_rate": 0.07}, Method(0.07)),
        ("sgd_momentum", {"learning_rate": 0.07, "momentum": 0.6}, Method(0.07, 0.6)),
        (
            "nesterov_momentum",
            {"learning_rate": 0.07, "momentum": 0.6},
            Method(0.07, 0.6, lookahead=True),
        ),
    ],
)
def test_errors_on_a_quadratic_obey_the_recurrence_of_theory(path, name, config, method):
    """Along each eigenvector e[t+1] = c1 e[t] + c2 e[t-1], with rate and momentum as given."""
    problem = two_modes(1.0, 11.0)
    w, path_of_w = np.array([2.0, -1.0]), []
    for _ in range(13):
        path_of_w.append(w)
        w, config = getattr(optimizers, name)(w, problem.gradient(w), config)
    for errors, eigenvalue in zip(
        problem.errors(np.array(path_of_w)).T, problem.eigenvalues, strict=True
    ):
        c1, c2 = method.recurrence(eigenvalue)
        want = c1 * errors[1:-1] + c2 * errors[:-2]
        np.testing.assert_allclose(errors[2:], want, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize(
    ("name", "nesterov"), [("sgd_momentum", False), ("nesterov_momentum", True)]
)
def test_momentum_is_scikit_learns(path, rng, name, nesterov):
    """Plain and Nesterov's, for twenty gradients."""
    gradients = rng.standard_normal((20, 3, 4))
    theirs = [np.ones((3, 4))]
    peer = SGDOptimizer(theirs, learning_rate_init=0.03, momentum=0.8, nesterov=nesterov)
    ours = run(name, np.ones((3, 4)), gradients, {"learning_rate": 0.03, "momentum": 0.8})
    for t, gradient in enumerate(gradients, 1):
        peer.update_params(theirs, [gradient])
        np.testing.assert_allclose(ours[t], theirs[0], **ROUNDING)


def test_adam_is_scikit_learns_where_epsilon_does_not_matter(path, rng):
    """Theirs is the paper's reordered form, whose epsilon stands elsewhere."""
    gradients = rng.standard_normal((30, 5))
    theirs = [np.zeros(5)]
    peer = AdamOptimizer(theirs, learning_rate_init=0.02, beta_1=0.8, beta_2=0.95, epsilon=1e-300)
    config = {"learning_rate": 0.02, "beta1": 0.8, "beta2": 0.95, "epsilon": 1e-300}
    ours = run("adam", np.zeros(5), gradients, config)
    for t, gradient in enumerate(gradients, 1):
        peer.update_params(theirs, [gradient])
        np.testing.assert_allclose(ours[t], theirs[0], rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("decay", [0.0, 0.3])
def test_adam_and_adamw_with_a_large_epsilon_are_their_sums(path, rng, decay):
    """Both means written out as weighted sums, epsilon outside the root, decay beside the step."""
    gradients, w = rng.standard_normal((25, 6)), rng.standard_normal(6)
    t = np.arange(1, 26)[:, None]
    mean = running_mean(gradients, 0.7) / (1 - 0.7**t)
    square = running_mean(gradients**2, 0.9) / (1 - 0.9**t)
    steps = 0.05 * mean / (np.sqrt(square) + 0.1)
    config = {"learning_rate": 0.05, "beta1": 0.7, "beta2": 0.9, "epsilon": 0.1}
    trajectory = run("adamw", w, gradients, {**config, "weight_decay": decay})
    for k, step in enumerate(steps):
        w = w - step - 0.05 * decay * w
        np.testing.assert_allclose(trajectory[k + 1], w, **ROUNDING)
    if decay == 0.0:
        again = run("adam", trajectory[0], gradients, config)
        np.testing.assert_allclose(again, trajectory, **ROUNDING)


def test_adagrad_and_rmsprop_with_a_large_epsilon_are_their_sums(path, rng):
    """The sum of squares, and their running mean, which is not corrected."""
    gradients, w = rng.standard_normal((2, 25, 6))
    config = {"learning_rate": 0.05, "epsilon": 0.1}
    for name, squares in (
        ("adagrad", np.cumsum(gradients**2, axis=0)),
        ("rmsprop", running_mean(gradients**2, 0.8)),
    ):
        got = run(name, w[0], gradients, {**config, "decay_rate": 0.8})
        steps = 0.05 * gradients / (np.sqrt(squares) + 0.1)
        np.testing.assert_allclose(got[1:], w[0] - np.cumsum(steps, axis=0), **ROUNDING)


def test_a_constant_gradient_in_closed_form(path):
    """Adam steps by the rate each time, AdaGrad by rate / sqrt(t), whatever the gradient's size."""
    for size in (1e-3, 1.0, 1e150):
        gradients = [np.array([size, -size])] * 9
        config = {"learning_rate": 0.5, "epsilon": 1e-30}
        adam = run("adam", [1.0, 1.0], gradients, dict(config))
        np.testing.assert_allclose(adam[:, 0], 1.0 - 0.5 * np.arange(10), rtol=1e-12, atol=1e-12)
        adagrad = run("adagrad", [1.0, 1.0], gradients, dict(config))
        reached = 0.5 * np.cumsum(1 / np.sqrt(np.arange(1, 10)))
        np.testing.assert_allclose(adagrad[1:, 1], 1.0 + reached, rtol=1e-12)


def test_weight_decay_alone(path):
    """Without a gradient AdamW shrinks by 1 - rate * decay a step, and the others stand still."""
    none = [np.zeros(3)] * 5
    config = {"learning_rate": 0.1, "weight_decay": 0.2}
    got = run("adamw", [1.0, -2.0, 3.0], none, config)
    np.testing.assert_allclose(got[5], np.array([1.0, -2.0, 3.0]) * 0.98**5, **ROUNDING)
    for name in STEPS.keys() - {"adamw"}:
        assert run(name, [1.0, -2.0, 3.0], none)[5].tolist() == [1.0, -2.0, 3.0]


def test_given_state_means_what_the_formula_says(path):
    """By hand, one step from a state that is not zero."""
    w, dw = [1.0], [2.0]
    rate = {"learning_rate": 0.1}
    velocity = {**rate, "momentum": 0.5, "velocity": [0.4]}
    assert optimizers.sgd_momentum(w, dw, dict(velocity))[0] == pytest.approx([1.0])
    assert optimizers.nesterov_momentum(w, dw, dict(velocity))[0] == pytest.approx([0.8])
    cache = {**rate, "cache": [12.0], "decay_rate": 0.5, "epsilon": 1e-20}
    assert optimizers.adagrad(w, dw, dict(cache))[0] == pytest.approx([1 - 0.2 / 4])
    assert optimizers.rmsprop(w, dw, dict(cache))[0] == pytest.approx([1 - 0.2 / math.sqrt(8)])
    moments = {**rate, "beta1": 0.5, "beta2": 0.75, "epsilon": 1.0, "m": [1.0], "v": [4.0], "t": 1}
    step = (1.5 / 0.75) / (math.sqrt(4.0 / 0.4375) + 1.0)
    got, config = optimizers.adam(w, dw, moments)
    assert got == pytest.approx([1 - 0.1 * step])
    assert (config["m"].tolist(), config["v"].tolist(), config["t"]) == ([1.5], [4.0], 2)


# What holds for all of them


@pytest.mark.parametrize("name", STEPS)
def test_paths_agree(take, rng, name):
    """NumPy and kernel agree to rounding, on every shape."""
    for shape in ((), (1,), (7, 3), (2, 3, 4, 5), (20_000,)):
        w, gradients = rng.standard_normal(shape), rng.standard_normal((4, *shape))
        take("numpy")
        want = run(name, w, gradients)
        take("kernel")
        got = run(name, w, gradients)
        assert got.shape == (5, *shape)
        np.testing.assert_allclose(got, want, rtol=1e-13, atol=1e-15)


@pytest.mark.parametrize("name", STEPS)
def test_the_config_comes_back_with_defaults_and_state(path, rng, name):
    """The very dict that was given, or a new one; strange keys are kept."""
    w, dw = rng.standard_normal((2, 3))
    given = {"name": "W1"}
    next_w, config = getattr(optimizers, name)(w, dw, given)
    assert config is given
    state = {key: config.pop(key) for key in STEPS[name]}
    assert all(array.shape == (3,) for array in state.values())
    steps = {"t": 1} if "m" in state else {}
    assert config == {"name": "W1", **DEFAULTS[name], **steps}
    again, fresh = getattr(optimizers, name)(w, dw)
    np.testing.assert_array_equal(again, next_w)
    assert fresh is not given
    assert getattr(optimizers, name)(w, dw)[1] is not fresh


@pytest.mark.parametrize("name", STEPS)
def test_arrays_are_left_alone(path, rng, name):
    """Also read-only, Fortran-ordered and strided ones are read rightly."""
    w, gradients = rng.standard_normal((6, 4)), rng.standard_normal((3, 6, 4))
    state = {key: rng.random((6, 4)) for key in STEPS[name]}
    want = run(name, w, gradients, {key: array.copy() for key, array in state.items()})
    for lay_out in (np.asfortranarray, lambda a: np.repeat(a, 2, axis=-1)[..., ::2]):
        given = [lay_out(a) for a in (w, *gradients, *state.values())]
        copies = [a.copy() for a in given]
        for array in given:
            array.setflags(write=False)
        config = dict(zip(state, given[4:], strict=True))
        got = run(name, given[0], given[1:4], config)
        np.testing.assert_allclose(got, want, **ROUNDING)
        for array, copy in zip(given, copies, strict=True):
            np.testing.assert_array_equal(array, copy)


@pytest.mark.parametrize("name", STATEFUL)
def test_state_that_somebody_holds_is_not_written_to(path, rng, name):
    """A snapshot of the config, an array or a view of it replays the same steps later."""
    w, config = rng.standard_normal(5), None
    gradients = rng.standard_normal((6, 5))
    for dw in gradients[:2]:
        w, config = getattr(optimizers, name)(w, dw, config)
    snapshot = dict(config)
    views = [config[key][1:] for key in STEPS[name]]
    copies = [view.copy() for view in views]
    first = run(name, w, gradients[2:], config)
    for view, copy in zip(views, copies, strict=True):
        np.testing.assert_array_equal(view, copy)
    np.testing.assert_array_equal(run(name, w, gradients[2:], snapshot), first)


def test_one_array_under_two_names_is_two_states(path, rng):
    """As in `{"m": zeros, "v": zeros}`, also where nobody else holds it."""
    w, gradients = rng.standard_normal(5), rng.standard_normal((3, 5))
    want = run("adam", w, gradients)
    np.testing.assert_array_equal(
        run("adam", w, gradients, dict.fromkeys(("m", "v"), np.zeros(5))), want
    )


@pytest.mark.parametrize("name", STATEFUL)
def test_the_kernel_writes_over_state_that_nobody_else_holds(take, rng, name):
    """That is what makes a step over a million parameters fast."""
    take("kernel")
    w, gradients = rng.standard_normal(5), rng.standard_normal((3, 5))
    w, config = getattr(optimizers, name)(w, gradients[0])
    where = [config[key].ctypes.data for key in STEPS[name]]
    for dw in gradients[1:]:
        w, config = getattr(optimizers, name)(w, dw, config)
    assert [config[key].ctypes.data for key in STEPS[name]] == where


@pytest.mark.parametrize("name", STEPS)
def test_everything_is_float64(path, rng, name):
    """For float32, lists and integers; the result is that of the same numbers in float64."""
    w, *gradients = rng.standard_normal((4, 6)).astype(np.float32)
    state = {key: rng.random(6).astype(np.float32) for key in STEPS[name]}
    got = run(name, w, gradients, dict(state))
    want = run(
        name,
        w.astype(float),
        [dw.astype(float) for dw in gradients],
        {key: array.astype(float) for key, array in state.items()},
    )
    np.testing.assert_array_equal(got, want)
    next_w, config = getattr(optimizers, name)([1, 2], [3, 4])
    assert next_w.dtype == np.float64
    assert all(config[key].dtype == np.float64 for key in STEPS[name])


@pytest.mark.parametrize("name", STEPS)
def test_nan_stays_in_its_element(path, name):
    """And goes no further; a gradient of 1e-200 is no division by zero."""
    trajectory = run(name, [1.0, 1.0, 1.0], [[math.nan, 1.0, 1e-200]] * 3)
    assert np.isnan(trajectory[1:, 0]).all()
    assert np.isfinite(trajectory[:, 1:]).all()


def test_small_steps_stay_with_numpy_until_kernels_are_loaded():
    """A quick check never waits for numba; once loaded, 7 510 parameters are above the size."""
    program = (
        "import sys, numpy as np\n"
        "from numerics import optimizers\n"
        "from numerics.stepping import KERNELS\n"
        "optimizers.adam(np.ones(7510), np.ones(7510))\n"
        "assert 'numba' not in sys.modules\n"
        "assert KERNELS.worth(KERNELS.cold_size - 1) is None\n"
        "optimizers.load_kernels()\n"
        "assert KERNELS.worth(7510) is sys.modules['numerics.kernels.optimizers']\n"
        "assert KERNELS.worth(KERNELS.loaded_size - 1) is None\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


# Adam in place


def test_adam_in_place_is_adam(path, rng):
    """The same parameters and state after each step, in the array that was given."""
    w, gradients = rng.standard_normal((3, 4)), rng.standard_normal((6, 3, 4))
    want = run("adam", w, gradients)
    own, config = w.copy(), None
    for t, dw in enumerate(gradients, 1):
        config = optimizers.adam_in_place(own, dw, config)
        np.testing.assert_allclose(own, want[t], rtol=1e-15)
    assert config["t"] == 6


def test_adam_in_place_takes_a_gradient_that_shares_the_parameters_memory(path):
    """The gradient of w @ w / 2 is w itself, and turned round it is w too."""
    for look in (lambda w: w, lambda w: w[::-1]):
        w = np.array([1.0, -2.0, 3.0])
        want, _ = optimizers.adam(w, look(w).copy())
        optimizers.adam_in_place(w, look(w))
        np.testing.assert_allclose(w, want, rtol=1e-15)


def test_adam_in_place_leaves_state_that_others_refer_to(path):
    """As `adam` does."""
    m, w = np.array([0.5, 0.25]), np.ones(2)
    config = {"m": m, "v": w}
    optimizers.adam_in_place(w, np.ones(2), config)
    assert m.tolist() == [0.5, 0.25]
    assert config["v"] is not w


@pytest.mark.parametrize(
    ("w", "words"),
    [
        ([1.0, 2.0], "got list"),
        (np.ones(2, dtype=np.float32), "got dtype float32"),
        (np.ones(4)[::2], r"w.strides=\(16,\)"),
    ],
)
def test_adam_in_place_refuses_what_it_could_not_write_over(path, w, words):
    """A copy would take the step, and nobody would see it."""
    with pytest.raises(
        TypeError, match="w must be a writeable, contiguous float64 array.*" + words
    ):
        optimizers.adam_in_place(w, np.ones(2))


def test_adam_in_place_writes_nothing_where_an_argument_is_wrong(path):
    """Neither parameters nor state."""
    w, config = np.ones(2), {"m": np.zeros(2), "v": np.zeros(3)}
    with pytest.raises(ValueError, match=r'config\["v"\] must have shape'):
        optimizers.adam_in_place(w, np.ones(2), config)
    assert w.tolist() == [1.0, 1.0]
    assert config["m"].tolist() == [0.0, 0.0]


# Clipping


def test_gradients_are_clipped_to_one_common_norm(rng):
    """The direction stays, the norm becomes the largest allowed one."""
    grads = {"w": rng.standard_normal((3, 4)), "b": rng.standard_normal(4)}
    joined = np.concatenate([grads["w"].ravel(), grads["b"]])
    clipped, norm = optimizers.clip_gradient_norm(grads, 0.5)
    assert norm == pytest.approx(np.linalg.norm(joined), rel=1e-15)
    assert list(clipped) == ["w", "b"]
    for name, grad in grads.items():
        np.testing.assert_allclose(clipped[name], grad * (0.5 / norm), rtol=1e-15)
    assert optimizers.clip_gradient_norm(clipped, 1.0)[1] == pytest.approx(0.5, rel=1e-15)


def test_gradients_within_the_norm_are_untouched():
    """At exactly the norm too, and all zero, and none; but the arrays are new."""
    grads = {"w": np.array([3.0, 0.0]), "b": np.array([4.0])}
    for max_norm in (5.0, 6.0):
        clipped, norm = optimizers.clip_gradient_norm(grads, max_norm)
        assert norm == 5.0
        assert {name: grad.tolist() for name, grad in clipped.items()} == {"w": [3, 0], "b": [4]}
        assert not np.shares_memory(clipped["w"], grads["w"])
    clipped, norm = optimizers.clip_gradient_norm({"w": np.zeros(3)}, 0.0)
    assert (clipped["w"].tolist(), norm) == ([0.0, 0.0, 0.0], 0.0)
    assert optimizers.clip_gradient_norm({}, 1.0) == ({}, 0.0)


@pytest.mark.parametrize("size", [1e-320, 1e-200, 1e200, 1e300])
def test_the_norm_neither_overflows_nor_underflows(size):
    """Squares would, from 1e154 up and 1e-162 down."""
    clipped, norm = optimizers.clip_gradient_norm({"a": [3 * size], "b": [[4 * size]]}, size)
    assert norm == pytest.approx(5 * size, rel=1e-3 if size < 1e-300 else 1e-15)
    if size > 1e-300:
        assert clipped["a"] == pytest.approx([0.6 * size], rel=1e-15)


def test_a_norm_that_is_not_finite_is_told():
    """Whichever array holds the NaN."""
    for grads in ({"a": [1.0], "b": [math.nan]}, {"a": [math.nan], "b": [1.0]}):
        assert math.isnan(optimizers.clip_gradient_norm(grads, 1.0)[1])
    assert optimizers.clip_gradient_norm({"a": [1.0, -math.inf]}, 1.0)[1] == math.inf


# Schedules


def test_step_decay_by_hand():
    """A tenth every 30 steps, the 30th being the first smaller one."""
    rates = [optimizers.step_decay(step, 0.1, 0.1, 30) for step in (0, 29, 30, 59, 60)]
    assert rates == pytest.approx([0.1, 0.1, 0.01, 0.01, 0.001], rel=1e-15)
    assert optimizers.step_decay(10**6, 1.0, 0.5, 1) == 0.0


def test_cosine_decay_is_its_formula():
    """Exact at both ends, 0 beyond, and right in every digit just before the end."""
    for step in range(0, 121, 7):
        want = 0.3 / 2 * (1 + math.cos(math.pi * min(step / 100, 1)))
        assert optimizers.cosine_decay(step, 0.3, 100) == pytest.approx(want, rel=1e-12, abs=1e-16)
    assert optimizers.cosine_decay(0, 0.3, 100) == 0.3
    assert optimizers.cosine_decay(100, 0.3, 100) == 0.0
    assert optimizers.cosine_decay(10**8 - 1, 1.0, 10**8) == pytest.approx(
        (math.pi / 2e8) ** 2, rel=1e-14
    )


def test_warmup_cosine_rises_in_a_line_and_falls_along_a_cosine():
    """From 0, to the base rate at the end of the warm-up, to 0."""
    rates = [optimizers.warmup_cosine(step, 0.8, 4, 12) for step in range(14)]
    assert rates[:5] == pytest.approx([0.0, 0.2, 0.4, 0.6, 0.8], rel=1e-15)
    assert rates[4:] == [optimizers.cosine_decay(step, 0.8, 8) for step in range(10)]
    assert rates[8] == pytest.approx(0.4)
    assert rates[12:] == [0.0, 0.0]
    assert optimizers.warmup_cosine(0, 0.8, 0, 5) == 0.8


def test_schedules_return_floats():
    """Also from NumPy's numbers."""
    step = np.int64(3)
    assert type(optimizers.step_decay(step, np.float32(1), 1, np.int8(2))) is float
    assert type(optimizers.cosine_decay(step, 1, 10)) is float
    assert type(optimizers.warmup_cosine(step, 1, 5, 10)) is float


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: optimizers.sgd([1.0], [[1.0]]), ValueError, r"dw must have shape \(1,\)"),
        (lambda: optimizers.sgd([], []), ValueError, "w must not be empty"),
        (lambda: optimizers.sgd([1j], [1.0]), TypeError, "w must hold real numbers"),
        (lambda: optimizers.sgd([1.0], [1.0], 0.1), TypeError, "config must be a dict .* float"),
        (
            lambda: optimizers.sgd([1.0], [1.0], {"learning_rate": -1.0}),
            ValueError,
            r'config\["learning_rate"\] must be a finite number >= 0, got -1.0',
        ),
        (
            lambda: optimizers.sgd_momentum([1.0], [1.0], {"velocity": [1.0, 2.0]}),
            ValueError,
            r'config\["velocity"\] must have shape \(1,\)',
        ),
        (
            lambda: optimizers.adagrad([1.0], [1.0], {"epsilon": 0.0}),
            ValueError,
            r'config\["epsilon"\] must be a finite number > 0',
        ),
        (
            lambda: optimizers.rmsprop([1.0], [1.0], {"decay_rate": 1.0}),
            ValueError,
            "decay_rate.* < 1",
        ),
        (lambda: optimizers.adam([1.0], [1.0], {"beta1": 1.0}), ValueError, "beta1.* < 1"),
        (lambda: optimizers.adam([1.0], [1.0], {"t": -1}), ValueError, r'"t".* >= 0, got -1'),
        (lambda: optimizers.adam([1.0], [1.0], {"t": 1.5}), TypeError, r'"t".* an integer'),
        (lambda: optimizers.adam([1.0], [1.0], {"m": ["a"]}), TypeError, r'"m".* real numbers'),
        (
            lambda: optimizers.adamw([1.0], [1.0], {"weight_decay": "0"}),
            TypeError,
            "weight_decay.* real",
        ),
        (
            lambda: optimizers.clip_gradient_norm({"w": [1.0]}, -1.0),
            ValueError,
            "max_norm must be a finite number >= 0",
        ),
        (
            lambda: optimizers.clip_gradient_norm({"w": []}, 1.0),
            ValueError,
            r'grads\["w"\] must not be empty',
        ),
        (lambda: optimizers.step_decay(1, 0.1, 2.0, 1), ValueError, "drop must be .* <= 1"),
        (lambda: optimizers.step_decay(1, 0.1, 0.5, 0), ValueError, "every must be .* >= 1"),
        (lambda: optimizers.cosine_decay(-1, 0.1, 5), ValueError, "step must be .* >= 0"),
        (lambda: optimizers.cosine_decay(0.5, 0.1, 5), TypeError, "step must be an integer"),
        (
            lambda: optimizers.warmup_cosine(1, 0.1, 5, 5),
            ValueError,
            "total_steps must be an integer >= 6, got 5",
        ),
    ],
)
def test_wrong_arguments_are_named(path, call, error, words):
    """The message says which argument, what it must be and what it was."""
    with pytest.raises(error, match=words):
        call()
