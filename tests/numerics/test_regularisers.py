"""The regularisers against SciPy, scikit-learn, autograd, closed forms and exact statistics."""

import math
from collections import Counter

import autograd
import autograd.numpy as anp
import numpy as np
import pytest
import scipy.stats
import sklearn.preprocessing
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from numerics import augmentation, normalisation, regularisers

TOPICS = [normalisation]
ROUNDING = {"rtol": 1e-12, "atol": 1e-13}
FINITE = st.floats(-1e3, 1e3)
BY_CHANCE = 1e-9  # how often a right function may fail a statistical test


def layer(rng, num_rows=7, num_features=5):
    x = 3.0 * rng.standard_normal((num_rows, num_features)) + 2.0
    gamma, beta = rng.standard_normal((2, num_features))
    return x, gamma, beta, rng.standard_normal(x.shape)


def train(**more):
    return {"mode": "train", **more}


def binomial_extremes(num_draws, probability):
    return scipy.stats.binom.ppf([BY_CHANCE, 1 - BY_CHANCE], num_draws, probability)


# Penalties


@given(arrays(np.float64, (3, 2), elements=FINITE), st.floats(0, 10))
def test_penalties_are_their_definitions(w, strength):
    """Sums over plain Python floats."""
    elements = w.ravel().tolist()
    loss, dw = regularisers.l2_penalty(w, strength)
    assert loss == pytest.approx(0.5 * strength * math.fsum(v * v for v in elements), rel=1e-14)
    np.testing.assert_array_equal(dw, strength * w)
    loss, dw = regularisers.l1_penalty(w, strength)
    assert loss == pytest.approx(strength * math.fsum(map(abs, elements)), rel=1e-14)
    assert dw.ravel().tolist() == [
        math.copysign(strength, v) if v and strength else 0.0 for v in elements
    ]


# Dropout


@pytest.mark.parametrize("drop_prob", [0.1, 0.5, 0.8])
def test_dropout_drops_at_the_rate_it_names(rng, drop_prob):
    """The number of zeros is binomial; survivors are divided by the probability of survival."""
    x = np.full((200, 50), 2.0)
    out, _ = regularisers.dropout_forward(x, drop_prob, "train", rng)
    low, high = binomial_extremes(out.size, drop_prob)
    assert low <= np.count_nonzero(out == 0.0) <= high
    np.testing.assert_allclose(out[out != 0.0], 2.0 / (1.0 - drop_prob), rtol=1e-15)


def test_dropout_backward_goes_where_forward_went(rng):
    """The same mask and the same scale, elementwise."""
    x = rng.standard_normal((20, 30)) + 5.0
    dout = rng.standard_normal(x.shape)
    out, cache = regularisers.dropout_forward(x, 0.3, "train", rng)
    np.testing.assert_allclose(
        regularisers.dropout_backward(dout, cache), dout * (out / x), **ROUNDING
    )


def test_dropout_does_nothing_at_test_time(rng):
    """Neither forward nor backward, and nothing is drawn."""
    x = rng.standard_normal((4, 3))
    before = rng.bit_generator.state
    out, cache = regularisers.dropout_forward(x, 0.9, "test", rng)
    assert rng.bit_generator.state == before
    np.testing.assert_array_equal(out, x)
    assert out is not x
    np.testing.assert_array_equal(regularisers.dropout_backward(2.0 * x, cache), 2.0 * x)


def test_dropout_of_nothing_keeps_everything(rng):
    """A probability of 0 is the identity in training too."""
    out, _ = regularisers.dropout_forward(np.ones(100), 0.0, "train", rng)
    assert out.tolist() == [1.0] * 100


# Normalisation


def test_batchnorm_standardises_as_scikit_learn_does(path, rng):
    """With an epsilon too small to be seen."""
    x, gamma, beta, _ = layer(rng, 20, 6)
    out, _ = regularisers.batchnorm_forward(x, gamma, beta, train(eps=1e-300))
    want = gamma * sklearn.preprocessing.StandardScaler().fit_transform(x) + beta
    np.testing.assert_allclose(out, want, **ROUNDING)


def test_layernorm_standardises_rows_as_scikit_learn_does(path, rng):
    """The rows' turn."""
    x, gamma, beta, _ = layer(rng, 6, 20)
    out, _ = regularisers.layernorm_forward(x, gamma, beta, {"eps": 1e-300})
    want = gamma * sklearn.preprocessing.StandardScaler().fit_transform(x.T).T + beta
    np.testing.assert_allclose(out, want, **ROUNDING)


@pytest.mark.parametrize("axis", [0, 1])
@pytest.mark.parametrize("shape", [(7, 5), (1, 4), (4, 1), (33, 65)])
def test_normalisation_and_its_gradients_are_autograds(path, rng, axis, shape):
    """All three gradients, with an epsilon large enough to matter."""
    x, gamma, beta, dout = layer(rng, *shape)

    def forward(x, gamma, beta):
        centred = x - anp.mean(x, axis=axis, keepdims=True)
        var = anp.mean(centred**2, axis=axis, keepdims=True)
        return gamma * centred / anp.sqrt(var + 0.1) + beta

    if axis == 0:
        out, cache = regularisers.batchnorm_forward(x, gamma, beta, train(eps=0.1))
        got = regularisers.batchnorm_backward(dout, cache)
    else:
        out, cache = regularisers.layernorm_forward(x, gamma, beta, {"eps": 0.1})
        got = regularisers.layernorm_backward(dout, cache)
    np.testing.assert_allclose(out, forward(x, gamma, beta), **ROUNDING)
    for argument, gradient in enumerate(got):
        want = autograd.grad(lambda *a: anp.sum(forward(*a) * dout), argument)(x, gamma, beta)
        np.testing.assert_allclose(gradient, want, **ROUNDING)


def test_running_averages_are_of_mean_and_biased_variance(path, rng):
    """Two training steps from zero, then a test step with them."""
    x, gamma, beta, dout = layer(rng)
    other = x[::-1] * 2.0
    param = train(momentum=0.7)
    regularisers.batchnorm_forward(x, gamma, beta, param)
    regularisers.batchnorm_forward(other, gamma, beta, param)
    mean = 0.7 * (0.3 * x.mean(0)) + 0.3 * other.mean(0)
    var = 0.7 * (0.3 * x.var(0)) + 0.3 * other.var(0)
    np.testing.assert_allclose(param["running_mean"], mean, **ROUNDING)
    np.testing.assert_allclose(param["running_var"], var, **ROUNDING)

    param["mode"] = "test"
    out, cache = regularisers.batchnorm_forward(x, gamma, beta, param)
    std = np.sqrt(var + 1e-5)
    np.testing.assert_allclose(out, gamma * (x - mean) / std + beta, **ROUNDING)
    np.testing.assert_allclose(param["running_mean"], mean, **ROUNDING)
    dx, dgamma, dbeta = regularisers.batchnorm_backward(dout, cache)
    np.testing.assert_allclose(dx, dout * gamma / std, **ROUNDING)
    np.testing.assert_allclose(dgamma, (dout * (x - mean) / std).sum(0), **ROUNDING)
    np.testing.assert_allclose(dbeta, dout.sum(0), **ROUNDING)


def test_given_running_arrays_are_replaced_not_written_to(path, rng):
    """The caller's own arrays stay as they were."""
    x, gamma, beta, _ = layer(rng)
    mean, var = np.ones(5), np.full(5, 4.0)
    param = train(running_mean=mean, running_var=var)
    regularisers.batchnorm_forward(x, gamma, beta, param)
    assert mean.tolist() == [1.0] * 5
    assert var.tolist() == [4.0] * 5
    np.testing.assert_allclose(param["running_mean"], 0.9 + 0.1 * x.mean(0), **ROUNDING)


def test_constant_features_are_normalised_to_beta(path):
    """The variance is 0 and epsilon keeps the division finite."""
    x = np.full((4, 3), 1e4)
    beta = np.array([1.0, 2.0, 3.0])
    out, cache = regularisers.batchnorm_forward(x, np.ones(3), beta, train())
    np.testing.assert_array_equal(out, np.tile(beta, (4, 1)))
    assert np.isfinite(regularisers.batchnorm_backward(np.eye(4, 3), cache)[0]).all()
    out, cache = regularisers.layernorm_forward(x, np.ones(3), beta, {})
    np.testing.assert_array_equal(out, np.tile(beta, (4, 1)))
    assert np.isfinite(regularisers.layernorm_backward(np.eye(4, 3), cache)[0]).all()


def normalise_both(x, gamma, beta, dout):
    out, cache = regularisers.batchnorm_forward(x, gamma, beta, param := train())
    yield out
    yield from regularisers.batchnorm_backward(dout, cache)
    yield from (param["running_mean"], param["running_var"])
    out, cache = regularisers.layernorm_forward(x, gamma, beta, {})
    yield out
    yield from regularisers.layernorm_backward(dout, cache)


@pytest.mark.parametrize("shape", [(3, 2), (40, 30), (300, 70)])
def test_normalisation_paths_agree(take, rng, shape):
    """NumPy and kernel, below and above the size where one takes over."""
    arguments = layer(rng, *shape)
    take("numpy")
    want = list(normalise_both(*arguments))
    take("kernel")
    for left, right in zip(normalise_both(*arguments), want, strict=True):
        np.testing.assert_allclose(left, right, rtol=1e-11, atol=1e-13)


def test_normalisation_of_float32_and_of_other_layouts(path, rng):
    """Computed in float64, from read-only, Fortran-ordered or strided arrays left as they were."""
    arguments = [a.astype(np.float32) for a in layer(rng, 6, 4)]
    want = list(normalise_both(*(a.astype(np.float64) for a in arguments)))
    layouts = [
        arguments,
        [np.asfortranarray(a.astype(np.float64)) for a in arguments],
        [np.repeat(a.astype(np.float64), 2, axis=-1)[..., ::2] for a in arguments],
    ]
    for layout in layouts:
        copies = [a.copy() for a in layout]
        for array in layout:
            array.setflags(write=False)
        for left, right in zip(normalise_both(*layout), want, strict=True):
            assert left.dtype == np.float64
            np.testing.assert_allclose(left, right, **ROUNDING)
        for array, copy in zip(layout, copies, strict=True):
            np.testing.assert_array_equal(array, copy)


# Labels and stopping


@given(st.lists(st.integers(0, 4), min_size=1), st.floats(0, 1))
def test_smoothed_labels_are_a_blend_of_one_hot_and_uniform(y, smoothing):
    """(1 - s) * one-hot + s / C."""
    targets = regularisers.label_smoothing(y, 5, smoothing)
    np.testing.assert_allclose(targets, (1 - smoothing) * np.eye(5)[y] + smoothing / 5, atol=1e-16)
    np.testing.assert_allclose(targets.sum(axis=1), 1.0, rtol=1e-15)


def test_label_smoothing_by_hand():
    """With s = 0.1 and four classes the class gets 0.925 and the others 0.025."""
    targets = regularisers.label_smoothing([2], 4, 0.1)
    np.testing.assert_allclose(targets, [[0.025, 0.025, 0.925, 0.025]], rtol=1e-15)
    assert regularisers.label_smoothing([0], 1, 0.3).tolist() == [[1.0]]


@pytest.mark.parametrize(
    ("val_losses", "patience", "min_delta", "want"),
    [
        ([3, 2, 1], 1, 0.0, (2, 2)),
        ([1, 2, 3, 4], 2, 0.0, (2, 0)),
        ([3, 1, 2, 0.5, 9], 2, 0.0, (4, 3)),
        ([3, 1, 2, 0.5, 9, 9], 2, 0.0, (5, 3)),
        ([1, 1, 1], 2, 0.0, (2, 0)),
        ([1.0, 0.95, 0.9, 0.85], 2, 0.1, (2, 0)),
        ([1.0, 0.95, 0.89, 0.85], 2, 0.1, (3, 2)),
        ([math.nan, 2, math.nan, math.nan], 2, 0.0, (3, 1)),
        ([math.nan, math.nan], 1, 0.0, (1, 0)),
        ([5.0], 1, 0.0, (0, 0)),
    ],
)
def test_early_stopping_by_hand(val_losses, patience, min_delta, want):
    """Where training stops, and which epoch was the best until then."""
    assert regularisers.early_stopping(val_losses, patience, min_delta) == want


@settings(deadline=None)
@given(st.lists(st.floats(0, 10), min_size=1, max_size=30), st.integers(1, 5))
def test_early_stopping_is_its_definition(val_losses, patience):
    """The best epoch so far is a running argmin; the stop is the first wait that is too long."""
    running = [int(np.argmin(val_losses[: t + 1])) for t in range(len(val_losses))]
    waits = [t for t, best in enumerate(running) if t - best >= patience]
    stop = waits[0] if waits else len(val_losses) - 1
    assert regularisers.early_stopping(val_losses, patience) == (stop, running[stop])


# Augmentation


@pytest.mark.parametrize("shape", [(400, 3, 4), (400, 3, 4, 2)])
def test_each_image_is_flipped_or_left_whole(rng, shape):
    """The number of mirrored ones is binomial, and the width is what is mirrored."""
    images = rng.standard_normal(shape)
    flipped = regularisers.horizontal_flip(images, 0.3, rng)
    mirrored = [np.array_equal(f, np.flip(i, axis=1)) for f, i in zip(flipped, images, strict=True)]
    same = [np.array_equal(f, i) for f, i in zip(flipped, images, strict=True)]
    assert sum(mirrored) + sum(same) == 400
    low, high = binomial_extremes(400, 0.3)
    assert low <= sum(mirrored) <= high


def test_flips_that_are_certain(rng):
    """Probability 0 changes nothing, probability 1 mirrors all, and bytes stay bytes."""
    images = np.arange(12, dtype=np.uint8).reshape(2, 2, 3)
    np.testing.assert_array_equal(regularisers.horizontal_flip(images, 0.0, rng), images)
    flipped = regularisers.horizontal_flip(images, 1, rng)
    np.testing.assert_array_equal(flipped, images[:, :, ::-1])
    assert flipped.dtype == np.uint8


@pytest.mark.parametrize("tail", [(), (2,)])
def test_crops_are_all_windows_alike(rng, tail):
    """Each is a window of the padded image, and a chi-square test finds them equally likely."""
    padding, num_images = 1, 1800
    image = np.arange(1.0, 7.0).reshape(2, 3)
    images = np.broadcast_to(image.reshape(2, 3, *[1] * len(tail)), (2, 3, *tail))
    crops = regularisers.random_crop(np.stack([images] * num_images), padding, rng)
    assert crops.shape == (num_images, 2, 3, *tail)
    padded = np.pad(images, [(1, 1), (1, 1)] + [(0, 0)] * len(tail))
    windows = {padded[i : i + 2, j : j + 3].tobytes(): 0 for i in range(3) for j in range(3)}
    counts = Counter(crop.tobytes() for crop in crops)
    assert set(counts) == set(windows)
    assert scipy.stats.chisquare(list(counts.values())).pvalue > BY_CHANCE


def test_a_crop_without_padding_is_the_image(rng):
    """And a new array of the same type."""
    images = np.arange(8, dtype=np.uint8).reshape(2, 2, 2)
    cropped = regularisers.random_crop(images, 0, rng)
    np.testing.assert_array_equal(cropped, images)
    assert cropped.dtype == np.uint8
    assert not np.shares_memory(cropped, images)


def test_mixup_blends_each_row_with_one_partner(rng):
    """The blend read off the labels is the blend of the inputs, and partners are a permutation."""
    n = 40
    blended, labels = regularisers.mixup(np.arange(2.0 * n).reshape(n, 2, 1), np.eye(n), 0.4, rng)
    assert blended.shape == (n, 2, 1)
    np.testing.assert_allclose(
        labels @ np.arange(2.0 * n).reshape(n, 2), blended[..., 0], **ROUNDING
    )
    np.testing.assert_allclose(labels.sum(axis=0), 1.0, rtol=1e-12)
    np.testing.assert_allclose(labels.sum(axis=1), 1.0, rtol=1e-12)


def test_mixup_shares_follow_the_beta_distribution(rng):
    """A Kolmogorov-Smirnov test over 600 batches."""
    shares = []
    for _ in range(600):
        _, labels = regularisers.mixup(np.ones((3, 1)), np.eye(3), 0.4, rng)
        on_diagonal = np.diag(labels)
        moved = on_diagonal[on_diagonal < 1.0 - 1e-12]
        if moved.size:
            shares.append(moved[0])
    assert scipy.stats.kstest(shares, scipy.stats.beta(0.4, 0.4).cdf).pvalue > BY_CHANCE


def test_the_same_generator_gives_the_same_result():
    """All randomness comes from it, and the inputs stay as they were."""
    images = np.arange(32.0).reshape(4, 4, 2)
    images.setflags(write=False)
    calls = [
        lambda rng: regularisers.dropout_forward(images, 0.5, "train", rng)[0],
        lambda rng: regularisers.horizontal_flip(images, 0.5, rng),
        lambda rng: regularisers.random_crop(images, 2, rng),
        lambda rng: regularisers.mixup(images, np.eye(4), 1.0, rng)[0],
    ]
    for call in calls:
        np.testing.assert_array_equal(
            call(np.random.default_rng(3)), call(np.random.default_rng(3))
        )


# Refusals

RNG = np.random.default_rng(0)
ONES, ROW = np.ones((3, 2)), np.ones(2)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: regularisers.l2_penalty([], 1.0), ValueError, "w must not be empty"),
        (lambda: regularisers.l1_penalty(ROW, -1.0), ValueError, "strength must be .* >= 0"),
        (
            lambda: regularisers.dropout_forward(ROW, 1.0, "train", RNG),
            ValueError,
            "drop_prob .* < 1",
        ),
        (
            lambda: regularisers.dropout_forward(ROW, 0.5, "eval", RNG),
            ValueError,
            "'train' or 'test'",
        ),
        (lambda: regularisers.dropout_forward(ROW, 0.5, "train", 7), TypeError, "rng must be"),
        (
            lambda: regularisers.dropout_backward(
                np.ones(3), regularisers.dropout_forward(ROW, 0.5, "train", RNG)[1]
            ),
            ValueError,
            r"dout must have shape \(2,\)",
        ),
        (lambda: regularisers.batchnorm_forward(ONES, ROW, ROW, {}), ValueError, "mode.*'train'"),
        (lambda: regularisers.batchnorm_forward(ONES, ROW, ROW, "train"), TypeError, "a dict"),
        (
            lambda: regularisers.batchnorm_forward(ONES, np.ones(3), ROW, train()),
            ValueError,
            r"gamma must have shape \(2,\)",
        ),
        (
            lambda: regularisers.batchnorm_forward(ONES, ROW, ROW, train(eps=0)),
            ValueError,
            r"bn_param\['eps'\] must be .* > 0",
        ),
        (
            lambda: regularisers.batchnorm_forward(ONES, ROW, ROW, train(momentum=2)),
            ValueError,
            r"bn_param\['momentum'\]",
        ),
        (
            lambda: regularisers.batchnorm_forward(ONES, ROW, ROW, train(running_var=[1.0])),
            ValueError,
            r"bn_param\['running_var'\] must have shape \(2,\)",
        ),
        (
            lambda: regularisers.batchnorm_backward(
                ROW, regularisers.batchnorm_forward(ONES, ROW, ROW, train())[1]
            ),
            ValueError,
            r"dout must have shape \(3, 2\)",
        ),
        (
            lambda: regularisers.layernorm_forward(ROW, ROW, ROW, {}),
            ValueError,
            "x must have 2 axes",
        ),
        (lambda: regularisers.layernorm_forward(ONES, ROW, ROW, None), TypeError, "ln_param"),
        (lambda: regularisers.label_smoothing([0], 0, 0.1), ValueError, "num_classes .* >= 1"),
        (
            lambda: regularisers.label_smoothing([3], 3, 0.1),
            ValueError,
            "y must lie in 0..2, got 3",
        ),
        (lambda: regularisers.label_smoothing([0], 3, 1.1), ValueError, "smoothing .* <= 1"),
        (lambda: regularisers.early_stopping([1.0], 0), ValueError, "patience .* >= 1"),
        (lambda: regularisers.early_stopping([], 1), ValueError, "val_losses must not be empty"),
        (lambda: regularisers.early_stopping([1.0], 1, -0.1), ValueError, "min_delta"),
        (lambda: regularisers.horizontal_flip(ONES, 0.5, RNG), ValueError, r"\(N, H, W\) or"),
        (lambda: regularisers.horizontal_flip([[["a"]]], 0.5, RNG), TypeError, "images must hold"),
        (lambda: regularisers.random_crop(np.ones((1, 2, 2)), -1, RNG), ValueError, "padding"),
        (lambda: regularisers.mixup(ONES, np.eye(2), 1.0, RNG), ValueError, "each of the 2 rows"),
        (lambda: regularisers.mixup(ONES, np.eye(3), 0.0, RNG), ValueError, "alpha must be"),
    ],
)
def test_wrong_arguments_are_named(call, error, words):
    """The message says which argument, what it must be and what it was."""
    with pytest.raises(error, match=words):
        call()


def test_every_exercise_is_found_under_the_topics_name():
    """Wherever its text stands."""
    assert regularisers.mixup is augmentation.mixup
    assert regularisers.batchnorm_forward is normalisation.batchnorm_forward
    assert all(callable(getattr(regularisers, name)) for name in regularisers.__all__)
