"""The digits: 1 797 handwritten ones as images of 8 x 8, with splits that stay the same for ever.

The data is the Optical Recognition of Handwritten Digits set of the UCI repository, as scikit-learn
ships it; licence and attribution stand in `data/README.md`.
"""

import functools
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from numerics.validation import FloatArray, IndexArray, whole_number

DARKEST = 16  # the largest value of a pixel: how many of 4 x 4 points were on
VAL_FRACTION = TEST_FRACTION = 0.2
_FILE = Path(__file__).with_name("data") / "digits.npz"


class Digits(NamedTuple):
    """All images and what they show; the arrays are read-only.

    Attributes
    ----------
    images : ndarray of uint8, shape (1797, 8, 8)
        From 0, blank, to 16.
    labels : ndarray of intp, shape (1797,)
        From 0 to 9.

    """

    images: NDArray[np.uint8]
    labels: IndexArray


class Split(NamedTuple):
    """Three sets of examples: x of shape (N, 64) and float64 from 0 to 1, y of intp from 0 to 9."""

    x_train: FloatArray
    y_train: IndexArray
    x_val: FloatArray
    y_val: IndexArray
    x_test: FloatArray
    y_test: IndexArray


@functools.cache
def load() -> Digits:
    """Return the images and their labels, in the order of scikit-learn."""
    with np.load(_FILE) as file:
        digits = Digits(file["images"], file["labels"].astype(np.intp))
    for array in digits:
        array.setflags(write=False)
    return digits


def split_indices(seed: int = 0) -> tuple[IndexArray, IndexArray, IndexArray]:
    """Return which images are for training (60 %), for validation (20 %) and for the test (20 %).

    Each class is divided in these proportions. The same seed gives the same split with every
    version of NumPy: it sorts the images by the raw numbers of a PCG64, whose stream NumPy keeps, as
    it does not keep that of `permutation`.

    Parameters
    ----------
    seed : int >= 0

    Returns
    -------
    train, val, test : ndarray of intp
        Each image in exactly one of them, in random order. No two images of the set are equal.

    Raises
    ------
    TypeError, ValueError
        If `seed` is no integer >= 0.

    """
    seed = whole_number("seed", seed, at_least=0)
    labels = load().labels
    numbers = np.random.PCG64(seed).random_raw(2 * len(labels)).reshape(2, -1)
    drawn, order = np.argsort(numbers, axis=1, kind="stable")
    part = np.zeros(len(labels), dtype=np.intp)
    for label in range(10):
        members = drawn[labels[drawn] == label]
        val_end = round(len(members) * VAL_FRACTION)
        test_end = round(len(members) * (VAL_FRACTION + TEST_FRACTION))
        part[members[:val_end]] = 1
        part[members[val_end:test_end]] = 2
    return order[part[order] == 0], order[part[order] == 1], order[part[order] == 2]


def split(seed: int = 0) -> Split:
    """Return the three sets of `split_indices`, pixels divided by 16 and images flattened.

    Parameters
    ----------
    seed : int >= 0

    Returns
    -------
    Split
        x_train, y_train, x_val, y_val, x_test, y_test: new arrays.

    Raises
    ------
    TypeError, ValueError
        If `seed` is no integer >= 0.

    """
    images, labels = load()
    x = images.reshape(len(images), -1) / DARKEST
    train, val, test = split_indices(seed)
    return Split(x[train], labels[train], x[val], labels[val], x[test], labels[test])
