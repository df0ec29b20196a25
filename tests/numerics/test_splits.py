"""Splits against scikit-learn, exact statistics and plain loops."""

import math
import tracemalloc

import numpy as np
import pytest
import scipy.stats
from sklearn.model_selection import KFold
from sklearn.preprocessing import StandardScaler

from numerics import splits, training

# Which examples are held out


@pytest.mark.parametrize("n", [1, 2, 3, 10, 99, 1797])
def test_splits_are_disjoint_complete_and_of_their_sizes(rng, n):
    """Within one of n times the fraction, also where both halves would be rounded up."""
    for fractions in ((0.2, 0.2), (0.15, 0.35), (0.0, 0.0), (0.5, 0.49), (0.0, 0.9)):
        parts = splits.split_indices(n, *fractions, rng)
        joined = np.concatenate(parts)
        assert joined.dtype == np.intp
        assert sorted(joined.tolist()) == list(range(n))
        for part, fraction in zip(parts, (1 - sum(fractions), *fractions), strict=True):
            assert abs(len(part) - n * fraction) <= 1


def test_splits_are_random(rng):
    """Each example is in the test set at its rate, by the exact binomial test."""
    tested = sum(np.isin(5, splits.split_indices(10, 0.2, 0.3, rng)[2]) for _ in range(4000))
    assert scipy.stats.binomtest(int(tested), 4000, 0.3).pvalue > 1e-4


@pytest.mark.parametrize(("n", "k"), [(10, 3), (10, 10), (11, 5), (2, 2), (100, 7)])
def test_folds_hold_each_example_out_once(rng, n, k):
    """With the sizes of scikit-learn's folds."""
    folds = splits.k_fold_indices(n, k, rng)
    sizes = [len(val) for _, val in KFold(k).split(np.zeros(n))]
    assert [len(val) for _, val in folds] == sizes
    assert sorted(np.concatenate([val for _, val in folds]).tolist()) == list(range(n))
    for train, val in folds:
        assert sorted([*train, *val]) == list(range(n))


# Standardising


def test_standardising_is_scikit_learns(rng):
    """With the statistics of the training set, for each set."""
    x_train = rng.standard_normal((40, 6)) * 10.0 ** np.arange(-3, 3) + 5.0
    x_test = rng.standard_normal((9, 6))
    peer = StandardScaler().fit(x_train)
    mean, std = splits.fit_standardiser(x_train)
    np.testing.assert_allclose(mean, peer.mean_, rtol=1e-14)
    np.testing.assert_allclose(std, peer.scale_, rtol=1e-12)
    for x in (x_train, x_test):
        z = splits.standardise(x, mean, std)
        np.testing.assert_allclose(z, peer.transform(x), rtol=1e-9, atol=1e-12)


def test_a_constant_feature_becomes_exactly_zero():
    """Also one whose mean is rounded, and large; elsewhere it is only shifted."""
    x = np.tile([0.1, 1e15 + 0.3, 0.0], (7, 1))
    mean, std = splits.fit_standardiser(x)
    assert std.tolist() == [0.0, 0.0, 0.0]
    assert not splits.standardise(x, mean, std).any()
    assert splits.standardise(x + 1.0, mean, std)[0, 2] == 1.0
    np.testing.assert_array_equal(splits.standardise(x, mean, np.ones(3)), np.zeros((7, 3)))


def test_standardising_takes_images_and_single_numbers(rng):
    """Everything behind the first axis is a feature; float32 and integers are read in float64."""
    images = rng.integers(0, 17, (50, 4, 5)).astype(np.uint8)
    mean, std = splits.fit_standardiser(images)
    assert mean.shape == std.shape == (4, 5)
    z = splits.standardise(images, mean, std)
    np.testing.assert_allclose(z.std(axis=0), 1.0, rtol=1e-12)
    mean, std = splits.fit_standardiser([1.0, 3.0])
    assert splits.standardise([1.0, 3.0], mean, std).tolist() == [-1.0, 1.0]
    assert math.isnan(splits.fit_standardiser([[math.nan], [1.0]])[1][0])


# Leaks


def leaks_by_hand(x_train, x_test, tolerance):
    return [
        i
        for i, row in enumerate(x_test)
        if any(np.all((np.abs(row - other) <= tolerance) | (row == other)) for other in x_train)
    ]


@pytest.mark.parametrize("pairs", [1, 64, 1 << 18])
@pytest.mark.parametrize("tolerance", [0.0, 0.1, 1.0, 5.0])
def test_leaks_are_those_of_two_plain_loops(rng, monkeypatch, pairs, tolerance):
    """However many pairs are compared at a time."""
    monkeypatch.setattr(splits, "PAIRS_AT_A_TIME", pairs)
    x_train = rng.integers(0, 4, (23, 3)).astype(float)
    x_test = np.vstack([rng.integers(0, 4, (11, 3)), x_train[:4] + 0.05, [[9.0, 9.0, 9.0]]])
    got = splits.find_leaks(x_train, x_test, tolerance)
    assert got.dtype == np.intp
    assert got.tolist() == leaks_by_hand(x_train, x_test, tolerance)


def test_leaks_in_images_and_at_extremes():
    """Any shape; infinities equal themselves, NaN does not."""
    images = np.arange(24).reshape(2, 3, 4)
    other = images[::-1].copy()
    other[1, 2, 3] += 1
    assert splits.find_leaks(images, other).tolist() == [0]
    rows = [[math.inf, 1.0], [math.nan, 1.0], [1e308, 1.0], [-1e308, 1.0]]
    assert splits.find_leaks(rows, rows).tolist() == [0, 2, 3]
    assert splits.find_leaks([1.0, 2.0], [2.0, 3.0]).tolist() == [0]
    assert splits.find_leaks([[1.0]], [[2.0]]).tolist() == []


def test_leaks_take_bounded_memory(rng):
    """All pairs of 3 000 and 3 000 rows would be 72 MB for one feature alone."""
    x_train, x_test = rng.integers(0, 3, (2, 3000, 4)).astype(float)
    splits.find_leaks(x_train[:2], x_test[:2])
    tracemalloc.start()
    try:
        splits.find_leaks(x_train, x_test, 0.5)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 24e6


# What holds for all of them


def test_splits_are_found_under_training():
    """Where the exercises have them."""
    for name in splits.__all__:
        assert getattr(training, name) is getattr(splits, name)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (
            lambda r: splits.split_indices(9, 0.5, 0.5, r),
            ValueError,
            r"val_fraction \+ test_fraction must be below 1, got 0.5 \+ 0.5",
        ),
        (lambda r: splits.split_indices(9, -0.1, 0.5, r), ValueError, "val_fraction must be"),
        (lambda r: splits.k_fold_indices(9, 1, r), ValueError, "k must be .* >= 2, got 1"),
        (lambda r: splits.k_fold_indices(9, 10, r), ValueError, "k must be .* <= .* 9, got 10"),
        (lambda r: splits.fit_standardiser(3.0), ValueError, "x_train must hold one example"),
        (lambda r: splits.standardise([[1.0]], 0.0, [1.0]), ValueError, "mean must have shape"),
        (lambda r: splits.standardise([[1.0]], [0.0], [-1.0]), ValueError, "std must be >= 0"),
        (
            lambda r: splits.find_leaks([[1.0, 2.0]], [[1.0]]),
            ValueError,
            r"x_test must hold examples of shape \(2,\), got \(1,\)",
        ),
        (lambda r: splits.find_leaks([[1.0]], [[1.0]], -1), ValueError, "tolerance must be"),
    ],
)
def test_wrong_arguments_are_named(rng, call, error, words):
    """The message says which argument, what it must be and what it was."""
    with pytest.raises(error, match=words):
        call(rng)
