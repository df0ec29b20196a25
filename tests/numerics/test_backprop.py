"""Layers and networks against autograd, SciPy, scikit-learn and closed forms."""

import itertools
import math
from decimal import Decimal, localcontext

import autograd
import autograd.numpy as anp
import numpy as np
import pytest
import scipy.special
from autograd.scipy.special import logsumexp
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sklearn.neural_network import MLPClassifier

from numerics import backprop, layers, losses

TOPICS = [layers, losses]
ROUNDING = {"rtol": 1e-12, "atol": 1e-13}
EACH_DIGIT = {"rtol": 2e-15, "atol": 1e-300}
ACTIVATIONS = ["relu", "sigmoid", "tanh"]


def activation(name):
    return getattr(backprop, f"{name}_forward"), getattr(backprop, f"{name}_backward")


def network(rng, *widths):
    return [
        (rng.standard_normal((wide, narrow)), rng.standard_normal(narrow))
        for wide, narrow in itertools.pairwise(widths)
    ]


def autograd_loss(params, x, y):
    """The network's loss, written for autograd."""
    values = anp.reshape(x, (len(x), -1))
    for depth, (w, b) in enumerate(params):
        values = anp.dot(anp.maximum(values, 0.0) if depth else values, w) + b
    return anp.mean(logsumexp(values, axis=1) - values[np.arange(len(y)), y])


# Layers


@pytest.mark.parametrize("shape", [(4, 6), (4, 2, 3), (1, 6), (4, 1, 3, 2)])
def test_affine_is_autograds(rng, shape):
    """Whatever shape an example has, and dx has it again."""
    x, w, b = rng.standard_normal(shape), rng.standard_normal((6, 5)), rng.standard_normal(5)
    dout = rng.standard_normal((shape[0], 5))

    def forward(x, w, b):
        return anp.dot(anp.reshape(x, (shape[0], 6)), w) + b

    out, cache = backprop.affine_forward(x, w, b)
    np.testing.assert_allclose(out, forward(x, w, b), **ROUNDING)
    for argument, gradient in enumerate(backprop.affine_backward(dout, cache)):
        want = autograd.grad(lambda *a: anp.sum(forward(*a) * dout), argument)(x, w, b)
        assert gradient.shape == (x, w, b)[argument].shape
        np.testing.assert_allclose(gradient, want, **ROUNDING)


def test_relu_by_hand(path):
    """Positive numbers pass, and so do their gradients; 0 and below stop both, infinite or not."""
    out, cache = backprop.relu_forward([[-1.0, 0.0, 2.0], [1e-300, -1e-300, 1e4]])
    assert out.tolist() == [[0.0, 0.0, 2.0], [1e-300, 0.0, 1e4]]
    dx = backprop.relu_backward([[3.0, 4.0, 5.0], [-6.0, math.inf, 8.0]], cache)
    assert dx.tolist() == [[0.0, 0.0, 5.0], [-6.0, 0.0, 8.0]]


def exact_activation(name, x):
    """Value and slope of sigmoid or tanh, computed with digits enough for 1e-300."""
    with localcontext() as context:
        context.prec = 340
        doubling = 2 if name == "tanh" else 1
        decay = (Decimal(-abs(x)) * doubling).exp()
        if name == "tanh":
            value = (1 - decay) / (1 + decay)
            value = value if x >= 0 else -value
        else:
            value = (1 if x >= 0 else decay) / (1 + decay)
        return float(value), float(doubling**2 * decay / (1 + decay) ** 2)


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(x=st.floats(-1e4, 1e4) | st.floats(-3.0, 3.0) | st.floats(-1e-3, 1e-3))
@pytest.mark.parametrize("name", ["sigmoid", "tanh"])
def test_activations_are_right_in_every_digit(path, name, x):
    """Against decimals, value and slope, in the tails and next to 0."""
    forward, backward = activation(name)
    out, cache = forward([x])
    value, slope = exact_activation(name, x)
    np.testing.assert_allclose(out[0], value, **EACH_DIGIT)
    np.testing.assert_allclose(backward([1.0], cache)[0], slope, **EACH_DIGIT)


def test_activations_are_scipys_and_numpys(path, rng):
    """On a batch of any shape."""
    x = 4.0 * rng.standard_normal((5, 4, 3))
    np.testing.assert_allclose(backprop.sigmoid_forward(x)[0], scipy.special.expit(x), rtol=1e-14)
    np.testing.assert_allclose(backprop.tanh_forward(x)[0], np.tanh(x), rtol=1e-14)


def test_activations_saturate_without_a_warning(path):
    """At 1e4 and at infinity."""
    far = [-math.inf, -1e4, 1e4, math.inf]
    out, cache = backprop.sigmoid_forward(far)
    assert out.tolist() == [0.0, 0.0, 1.0, 1.0]
    assert backprop.sigmoid_backward(np.ones(4), cache).tolist() == [0.0] * 4
    out, cache = backprop.tanh_forward(far)
    assert out.tolist() == [-1.0, -1.0, 1.0, 1.0]
    assert backprop.tanh_backward(np.ones(4), cache).tolist() == [0.0] * 4


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activations_let_nan_through(path, name):
    """And only where it was."""
    forward, _ = activation(name)
    out, _ = forward([math.nan, 1.0])
    assert math.isnan(out[0])
    assert math.isfinite(out[1])


@pytest.mark.parametrize("name", ACTIVATIONS)
@pytest.mark.parametrize("size", [3, 130, 5000])
def test_activation_paths_agree(take, rng, name, size):
    """NumPy and kernel, below and above the size where one takes over."""
    forward, backward = activation(name)
    x, dout = 3.0 * rng.standard_normal((2, size))
    results = []
    for path in ("numpy", "kernel"):
        take(path)
        out, cache = forward(x)
        results.append((out, backward(dout, cache)))
    for left, right in zip(*results, strict=True):
        np.testing.assert_allclose(left, right, rtol=3e-15, atol=0.0)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activations_of_float32_and_of_other_layouts(path, rng, name):
    """Computed in float64, from read-only, Fortran-ordered or strided arrays left as they were."""
    forward, backward = activation(name)
    narrow = rng.standard_normal((5, 3)).astype(np.float32)
    wide = narrow.astype(np.float64)
    dout = rng.standard_normal((5, 3))
    want, cache = forward(wide)
    want_dx = backward(dout, cache)
    for x in (narrow, np.asfortranarray(wide), np.repeat(wide, 2, axis=1)[:, ::2]):
        copy = x.copy()
        x.setflags(write=False)
        out, cache = forward(x)
        assert out.dtype == np.float64
        np.testing.assert_array_equal(out, want)
        np.testing.assert_array_equal(backward(np.asfortranarray(dout), cache), want_dx)
        np.testing.assert_array_equal(x, copy)


# Networks


def test_residual_is_autograds(path, rng):
    """The block's value and its five gradients."""
    x, dout = rng.standard_normal((2, 6, 4))
    (w1, b1), (w2, b2) = network(rng, 4, 7, 4)
    arguments = (x, w1, b1, w2, b2)

    def forward(x, w1, b1, w2, b2):
        return x + anp.dot(anp.maximum(anp.dot(x, w1) + b1, 0.0), w2) + b2

    out, cache = backprop.residual_forward(*arguments)
    np.testing.assert_allclose(out, forward(*arguments), **ROUNDING)
    for argument, gradient in enumerate(backprop.residual_backward(dout, cache)):
        want = autograd.grad(lambda *a: anp.sum(forward(*a) * dout), argument)(*arguments)
        np.testing.assert_allclose(gradient, want, **ROUNDING)


@pytest.mark.parametrize("reg", [0.0, 0.7])
def test_two_layer_loss_is_autograds(path, rng, reg):
    """With the penalty on both weight matrices and on no bias."""
    x, y = rng.standard_normal((6, 2, 2)), rng.integers(0, 3, 6)
    (W1, b1), (W2, b2) = network(rng, 4, 5, 3)
    params = {"W1": W1, "b1": b1, "W2": W2, "b2": b2}

    def loss_of(params):
        penalty = anp.sum(params["W1"] ** 2) + anp.sum(params["W2"] ** 2)
        pairs = [(params["W1"], params["b1"]), (params["W2"], params["b2"])]
        return autograd_loss(pairs, x, y) + 0.5 * reg * penalty

    loss, grads = backprop.two_layer_loss(params, x, y, reg)
    assert type(loss) is float
    assert loss == pytest.approx(loss_of(params), rel=1e-13)
    want = autograd.grad(loss_of)(params)
    assert grads.keys() == params.keys()
    for key, gradient in grads.items():
        np.testing.assert_allclose(gradient, want[key], **ROUNDING)


@pytest.mark.parametrize("widths", [(4, 3), (4, 6, 3), (4, 6, 5, 7, 3), (4, 1, 1)])
def test_mlp_loss_is_autograds(path, rng, widths):
    """Any depth, softmax regression among them."""
    x, y = rng.standard_normal((6, 4)), rng.integers(0, widths[-1], 6)
    params = network(rng, *widths)
    loss, grads = backprop.mlp_loss(params, x, y)
    assert type(loss) is float
    assert loss == pytest.approx(autograd_loss(params, x, y), rel=1e-13)
    want = autograd.grad(autograd_loss)(params, x, y)
    for got_pair, want_pair in zip(grads, want, strict=True):
        for got, gradient in zip(got_pair, want_pair, strict=True):
            np.testing.assert_allclose(got, gradient, **ROUNDING)


def test_mlp_probabilities_are_scikit_learns(rng):
    """The loss of scikit-learn's own network, from the probabilities that it predicts."""
    x, y = rng.standard_normal((30, 4)), np.arange(30) % 3
    model = MLPClassifier((5, 6), max_iter=2, random_state=0, solver="lbfgs")
    with pytest.warns(match="lbfgs|ITERATIONS|converge"):
        model.fit(x, y)
    loss, _ = backprop.mlp_loss(list(zip(model.coefs_, model.intercepts_, strict=True)), x, y)
    assert loss == pytest.approx(
        -np.log(model.predict_proba(x)[np.arange(30), y]).mean(), rel=1e-12
    )


def test_networks_leave_their_inputs_alone(path, rng):
    """Also read-only ones of float32, computed in float64."""
    x, y = rng.standard_normal((6, 4)).astype(np.float32), rng.integers(0, 3, 6)
    params = [(w.astype(np.float32), b.astype(np.float32)) for w, b in network(rng, 4, 5, 3)]
    wide = [(w.astype(np.float64), b.astype(np.float64)) for w, b in params]
    for array in (x, y, *(a for pair in params for a in pair)):
        array.setflags(write=False)
    loss, grads = backprop.mlp_loss(params, x, y)
    assert loss == backprop.mlp_loss(wide, x.astype(np.float64), y)[0]
    assert all(a.dtype == np.float64 for pair in grads for a in pair)


# Refusals

X, Y, W, B = np.ones((3, 2)), np.array([0, 1, 1]), np.ones((2, 2)), np.ones(2)
PARAMS = {"W1": W, "b1": B, "W2": W, "b2": B}


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: backprop.affine_forward(B, W, B), ValueError, r"x must have shape \(N, d1, ...\)"),
        (lambda: backprop.affine_forward(X, np.ones((3, 2)), B), ValueError, r"w must .* \(2, M\)"),
        (
            lambda: backprop.affine_forward(X, W, np.ones(3)),
            ValueError,
            r"b must have shape \(2,\)",
        ),
        (lambda: backprop.affine_forward(X, W, None), TypeError, "b must hold real numbers"),
        (
            lambda: backprop.affine_backward(B, backprop.affine_forward(X, W, B)[1]),
            ValueError,
            r"dout must have shape \(3, 2\)",
        ),
        *(
            (
                lambda name=name: activation(name)[1](B, activation(name)[0](X)[1]),
                ValueError,
                r"dout must have shape \(3, 2\)",
            )
            for name in ACTIVATIONS
        ),
        *(
            (lambda name=name: activation(name)[0]([]), ValueError, "x must not")
            for name in ACTIVATIONS
        ),
        (
            lambda: backprop.residual_forward(X, W, B, np.ones((2, 3)), np.ones(3)),
            ValueError,
            r"w2 must have shape \(2, 2\), got \(2, 3\)",
        ),
        (lambda: backprop.residual_forward([X], W, B, W, B), ValueError, "x must have 2 axes"),
        (
            lambda: backprop.residual_backward(B, backprop.residual_forward(X, W, B, W, B)[1]),
            ValueError,
            r"dout must have shape \(3, 2\)",
        ),
        (lambda: backprop.two_layer_loss([W], X, Y), TypeError, "params must be a dict"),
        (lambda: backprop.two_layer_loss({"W1": W}, X, Y), ValueError, "lacks .*'b1', 'W2', 'b2'"),
        (
            lambda: backprop.two_layer_loss({**PARAMS, "W2": X}, X, Y),
            ValueError,
            r"params\['W2'\] must have shape \(2, M\), got \(3, 2\)",
        ),
        (lambda: backprop.two_layer_loss(PARAMS, X, Y, -1.0), ValueError, "reg must be"),
        (
            lambda: backprop.two_layer_loss(PARAMS, X, Y + 1),
            ValueError,
            "y must lie in 0..1, got 2",
        ),
        (lambda: backprop.mlp_loss(None, X, Y), TypeError, "params must be a list"),
        (lambda: backprop.mlp_loss([], X, Y), ValueError, "at least one"),
        (lambda: backprop.mlp_loss([W], X, Y), TypeError, r"params\[0\] must be a pair"),
        (lambda: backprop.mlp_loss([(W, B, B)], X, Y), ValueError, "a pair .* got 3"),
        (
            lambda: backprop.mlp_loss([(W, B), (X, B)], X, Y),
            ValueError,
            r"params\[1\]\[0\] must have shape \(2, M\)",
        ),
        (
            lambda: backprop.mlp_loss([(W, X)], X, Y),
            ValueError,
            r"params\[0\]\[1\] must have shape \(2,\)",
        ),
    ],
)
def test_wrong_arguments_are_named(call, error, words):
    """The message says which argument, what it must be and what it was."""
    with pytest.raises(error, match=words):
        call()


def test_every_exercise_is_found_under_the_topics_name():
    """Wherever its text stands."""
    assert backprop.affine_forward is layers.affine_forward
    assert all(callable(getattr(backprop, name)) for name in backprop.__all__)
