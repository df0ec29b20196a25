"""The digits against scikit-learn's copy, and splits that nothing leaks through."""

import hashlib
import subprocess
import sys

import numpy as np
import pytest
from sklearn.datasets import load_digits

from numerics import digits
from numerics.training import find_leaks


def test_the_digits_are_scikit_learns():
    """Every pixel and label, in its order."""
    theirs = load_digits()
    images, labels = digits.load()
    assert images.shape == (1797, 8, 8)
    assert images.dtype == np.uint8
    assert labels.dtype == np.intp
    np.testing.assert_array_equal(images, theirs.images)
    np.testing.assert_array_equal(labels, theirs.target)


def test_the_digits_cannot_be_changed():
    """They are loaded once, for all who ask; the sets of a split are each asker's own."""
    assert digits.load() is digits.load()
    for array in digits.load():
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0
    digits.split().x_test[:] = 0.0
    assert digits.split().x_test.any()


@pytest.mark.parametrize("seed", [0, 1, 20240229])
def test_each_image_is_in_one_set(seed):
    """And each class in its proportion, to one image."""
    parts = digits.split_indices(seed)
    assert sorted(np.concatenate(parts).tolist()) == list(range(1797))
    labels = digits.load().labels
    for part, fraction in zip(parts, (0.6, 0.2, 0.2), strict=True):
        assert np.abs(np.bincount(labels[part]) - fraction * np.bincount(labels)).max() <= 1
        assert len(set(labels[part][:20])) > 5


@pytest.mark.parametrize("seed", [0, 1, 20240229])
def test_no_image_is_in_two_sets(seed):
    """Nor twice in the whole; pixels come from 0 to 1, and labels with their images."""
    data = digits.split(seed)
    assert find_leaks(data.x_train, data.x_val).size == 0
    assert find_leaks(data.x_train, data.x_test).size == 0
    assert find_leaks(data.x_val, data.x_test).size == 0
    images, labels = digits.load()
    assert len(np.unique(images.reshape(1797, 64), axis=0)) == 1797
    for x, y, indices in zip(data[::2], data[1::2], digits.split_indices(seed), strict=True):
        assert x.dtype == np.float64
        assert (x.min(), x.max()) == (0.0, 1.0)
        np.testing.assert_array_equal(16 * x, images[indices].reshape(-1, 64))
        np.testing.assert_array_equal(y, labels[indices])


def test_splits_stay_the_same_for_ever():
    """A change of this digest changes what everybody measured with the splits."""
    joined = np.concatenate([part for seed in (0, 1) for part in digits.split_indices(seed)])
    digest = hashlib.sha256(joined.astype("<i8").tobytes()).hexdigest()
    assert digest == "3732bf1791ffc32dfdd310352dec6c9c32f03410dae37583834050e50635cac3"
    assert [len(part) for part in digits.split_indices(0)] == [1078, 359, 360]


def test_seeds_are_whole_numbers():
    """And named where they are not."""
    with pytest.raises(ValueError, match="seed must be an integer >= 0, got -1"):
        digits.split(-1)
    with pytest.raises(TypeError, match="seed must be an integer"):
        digits.split_indices(0.5)


def test_importing_digits_loads_nothing_slow():
    """Neither numba and SciPy nor NumPy's random generators."""
    program = (
        "import sys, numerics.digits\n"
        "assert not {'numba', 'scipy', 'numpy.random'} & set(sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
