"""Splits: what keeps a test honest. Found under `numerics.training` too.

Indices are intp arrays in random order, drawn from the `rng` that is given and from nothing else.
Arrays of examples are read in float64 and left as they were; their first axis counts the examples.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from numerics.validation import (
    FloatArray,
    IndexArray,
    generator,
    real_array,
    real_number,
    whole_number,
)

__all__ = ["find_leaks", "fit_standardiser", "k_fold_indices", "split_indices", "standardise"]

PAIRS_AT_A_TIME = 1 << 18  # of rows that are compared: some 10 MiB


def split_indices(
    num_examples: int, val_fraction: float, test_fraction: float, rng: "np.random.Generator"
) -> tuple[IndexArray, IndexArray, IndexArray]:
    """Return which examples are for training, for validation and for the test.

    Parameters
    ----------
    num_examples : int >= 1
    val_fraction, test_fraction : float, from 0 to 1
        Their sum is below 1. Each set is within one example of its fraction.
    rng : numpy.random.Generator

    Returns
    -------
    train, val, test : ndarray of intp
        Each example in exactly one of them. The smaller ones may be empty.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of its kind or out of its range.

    References
    ----------
    T. Hastie, R. Tibshirani and J. Friedman, The Elements of Statistical Learning, 2nd ed.,
    Springer, 2009, section 7.2.

    """
    num_examples = whole_number("num_examples", num_examples, at_least=1)
    val_fraction = real_number("val_fraction", val_fraction, at_least=0.0, at_most=1.0)
    test_fraction = real_number("test_fraction", test_fraction, at_least=0.0, at_most=1.0)
    held_out = val_fraction + test_fraction
    if held_out >= 1.0:
        raise ValueError(
            f"val_fraction + test_fraction must be below 1, got {val_fraction} + {test_fraction}"
        )
    order = generator("rng", rng).permutation(num_examples)
    val_end, test_end = round(num_examples * val_fraction), round(num_examples * held_out)
    return order[test_end:], order[:val_end], order[val_end:test_end]


def k_fold_indices(
    num_examples: int, k: int, rng: "np.random.Generator"
) -> list[tuple[IndexArray, IndexArray]]:
    """Return `k` ways to hold out a k-th of the examples, each example held out once.

    Parameters
    ----------
    num_examples : int >= 2
    k : int, from 2 to `num_examples`
    rng : numpy.random.Generator

    Returns
    -------
    folds : list of (train, val), ndarrays of intp
        The sizes of the validation sets differ by at most one.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of its kind or out of its range.

    References
    ----------
    M. Stone, Cross-validatory choice and assessment of statistical predictions, J. R. Stat. Soc. B
    36, 1974.

    """
    num_examples = whole_number("num_examples", num_examples, at_least=2)
    k = whole_number("k", k, at_least=2)
    if k > num_examples:
        raise ValueError(f"k must be an integer <= num_examples = {num_examples}, got {k}")
    parts = np.array_split(generator("rng", rng).permutation(num_examples), k)
    return [(np.concatenate(parts[:i] + parts[i + 1 :]), parts[i]) for i in range(k)]


def fit_standardiser(x_train: Any) -> tuple[FloatArray, FloatArray]:
    """Return the mean and the biased standard deviation of each feature of the training set.

    Parameters
    ----------
    x_train : array_like of shape (N, d1, ..., dk)

    Returns
    -------
    mean, std : ndarray of float64, shape (d1, ..., dk)
        Of a constant feature exactly its value and 0.

    Raises
    ------
    TypeError, ValueError
        If `x_train` does not hold real numbers, is empty or has no axis.

    """
    x_train = _examples("x_train", x_train)
    constant = (x_train == x_train[0]).all(axis=0)
    mean = np.where(constant, x_train[0], x_train.mean(axis=0))
    return mean, np.where(constant, 0.0, x_train.std(axis=0))


def standardise(x: Any, mean: Any, std: Any) -> FloatArray:
    """Return (x - mean) / std, feature by feature; a feature whose std is 0 is only shifted.

    Parameters
    ----------
    x : array_like of shape (N, d1, ..., dk)
        Of any set: the statistics are those of the training set.
    mean, std : array_like of shape (d1, ..., dk)
        From `fit_standardiser`; `std` >= 0.

    Returns
    -------
    z : ndarray of float64, the shape of `x`

    Raises
    ------
    TypeError, ValueError
        If an argument does not hold real numbers, is empty or has another shape, or `std` is
        negative.

    """
    x = _examples("x", x)
    mean = real_array("mean", mean, shape=x.shape[1:])
    std = real_array("std", std, shape=x.shape[1:])
    if std.min() < 0.0:
        raise ValueError(f"std must be >= 0, got {std.min()}")
    return np.asarray((x - mean) / np.where(std == 0.0, 1.0, std))


@np.errstate(over="ignore", invalid="ignore")
def find_leaks(x_train: Any, x_test: Any, tolerance: float = 0.0) -> IndexArray:
    """Return which test examples stand in the training set too.

    Two examples are the same if no feature differs by more than `tolerance`. Of all pairs of
    examples those that are close in one feature are compared in the next, the one that varies most
    first, so that few pairs get far. Memory stays within a few times the arguments' own.

    Parameters
    ----------
    x_train : array_like of shape (M, d1, ..., dk)
    x_test : array_like of shape (N, d1, ..., dk)
    tolerance : float >= 0

    Returns
    -------
    indices : ndarray of intp
        Of rows of `x_test`, ascending. A row with NaN is like no other.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of its kind or out of its range, or the examples differ in shape.

    References
    ----------
    B. Barz and J. Denzler, Do we train on test data? Purging CIFAR of near-duplicates, J. Imaging
    6, 2020.

    """
    train, test = _examples("x_train", x_train), _examples("x_test", x_test)
    if train.shape[1:] != test.shape[1:]:
        raise ValueError(
            f"x_test must hold examples of shape {train.shape[1:]}, got {test.shape[1:]}"
        )
    tolerance = real_number("tolerance", tolerance, at_least=0.0)
    train, test = train.reshape(len(train), -1), test.reshape(len(test), -1)
    first, *others = np.argsort(-train.std(axis=0), kind="stable")
    leaks = []
    rows = max(1, PAIRS_AT_A_TIME // len(train))
    for start in range(0, len(test), rows):
        block = test[start : start + rows]
        close = _within(block[:, np.newaxis, first], train[np.newaxis, :, first], tolerance)
        i, j = np.nonzero(close)
        for feature in others:
            if not i.size:
                break
            close = _within(block[i, feature], train[j, feature], tolerance)
            i, j = i[close], j[close]
        leaks.append(start + np.unique(i))
    return np.concatenate(leaks)


def _examples(name: str, value: Any) -> FloatArray:
    array = real_array(name, value)
    if array.ndim == 0:
        raise ValueError(f"{name} must hold one example a row, got a single number")
    return array


def _within(a: FloatArray, b: FloatArray, tolerance: float) -> NDArray[np.bool_]:
    """Return where two numbers are close or the same, infinities included."""
    return np.asarray((np.abs(a - b) <= tolerance) | (a == b))
