"""Arguments are refused by name, value and what is expected."""

import numpy as np
import pytest

from numerics.validation import (
    class_labels,
    function,
    generator,
    real_array,
    real_number,
    whole_number,
)


def test_a_float64_array_comes_back_as_itself():
    """Checking costs no copy."""
    array = np.ones(3)
    assert real_array("x", array, ndim=1, shape=(3,)) is array


@pytest.mark.parametrize(
    "value",
    [
        [1, 2],
        (1.0, 2.0),
        np.array([1, 2], dtype=np.float32),
        np.array([1, 2], dtype=">f8"),
        np.array([1, 2], dtype=np.uint8),
        np.array([1, 2], dtype=np.longdouble),
    ],
)
def test_real_numbers_of_any_kind_become_float64(value):
    """Lists, integers and other float types are converted."""
    array = real_array("x", value)
    assert array.dtype == np.dtype("=f8")
    assert array.tolist() == [1.0, 2.0]


def test_subclasses_lose_their_own_arithmetic():
    """A matrix would multiply in another way."""
    assert type(real_array("x", np.ma.masked_array([1.0]))) is np.ndarray


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: real_array("x", "abc"), TypeError, "x must hold real numbers"),
        (lambda: real_array("x", None), TypeError, "object"),
        (lambda: real_array("x", [1j]), TypeError, "complex128"),
        (lambda: real_array("x", [[1], [1, 2]]), ValueError, "x must be an array"),
        (lambda: real_array("x", np.ones((0, 3))), ValueError, "must not be empty.*0, 3"),
        (lambda: real_array("x", 1.0, ndim=1), ValueError, "1 axis, got shape"),
        (lambda: real_array("x", [1.0], ndim=2), ValueError, r"2 axes, got shape \(1,\)"),
        (lambda: real_array("x", [1.0], shape=(2,)), ValueError, r"shape \(2,\), got shape \(1,\)"),
        (lambda: class_labels("y", [0.0], 2), TypeError, "y must hold integer classes"),
        (lambda: class_labels("y", [True], 2), TypeError, "bool"),
        (lambda: class_labels("y", [], 2), TypeError, "float64"),
        (lambda: class_labels("y", np.empty(0, int), 2), ValueError, r"\(N,\)"),
        (lambda: class_labels("y", [[0]], 2), ValueError, "one class a row"),
        (lambda: class_labels("y", [0, 1], 2, num_rows=3), ValueError, r"\(3,\)"),
        (lambda: class_labels("y", [0, 2], 2), ValueError, r"0\.\.1, got 2"),
        (lambda: class_labels("y", [0, -1], 2), ValueError, r"0\.\.1, got -1"),
        (
            lambda: class_labels("y", np.array([2**64 - 1]), 2),
            ValueError,
            "got 18446744073709551615",
        ),
        (lambda: class_labels("y", np.array([-1], np.int8), 200), ValueError, "got -1"),
        (lambda: real_number("h", "1"), TypeError, "h must be a real number, got str '1'"),
        (lambda: real_number("h", True), TypeError, "bool True"),
        (lambda: real_number("h", 1j), TypeError, "complex"),
        (lambda: real_number("h", np.nan), ValueError, "finite number, got nan"),
        (lambda: real_number("h", np.inf, above=0.0), ValueError, "finite number > 0, got inf"),
        (lambda: real_number("h", 10**400), ValueError, "finite"),
        (lambda: real_number("h", 0, above=0.0), ValueError, "> 0, got 0.0"),
        (lambda: real_number("h", 2, at_least=0, at_most=1), ValueError, ">= 0 and <= 1, got 2.0"),
        (lambda: real_number("h", -1, at_least=0.0), ValueError, ">= 0, got -1.0"),
        (lambda: whole_number("n", 1.0, at_least=0), TypeError, "n must be an integer"),
        (lambda: whole_number("n", True, at_least=0), TypeError, "bool True"),
        (lambda: whole_number("n", np.True_, at_least=0), TypeError, "integer"),
        (lambda: whole_number("n", 0, at_least=1), ValueError, ">= 1, got 0"),
        (lambda: generator("rng", 7), TypeError, "rng must be a numpy.random.Generator.*int 7"),
        (lambda: generator("rng", np.random.RandomState(0)), TypeError, "RandomState"),
        (lambda: function("f", 3), TypeError, "f must be callable, got int 3"),
    ],
)
def test_what_is_refused_is_named(call, error, words):
    """The message names the argument, what is expected and what was given."""
    with pytest.raises(error, match=words):
        call()


def test_numbers_come_back_as_python_numbers():
    """NumPy scalars within the bounds are taken."""
    assert type(real_number("h", np.float32(0.5), above=0.0, at_most=1.0)) is float
    assert type(real_number("h", np.int64(1))) is float
    assert type(whole_number("n", np.int32(3), at_least=3)) is int


def test_labels_of_every_integer_type_are_taken():
    """Unsigned and short ones too, as indices."""
    for dtype in (np.uint8, np.int16, np.uint64, np.int64):
        labels = class_labels("y", np.array([0, 2, 1], dtype), 3, num_rows=3)
        assert labels.dtype == np.intp
        assert labels.tolist() == [0, 2, 1]


def test_generators_and_functions_come_back_as_themselves(rng):
    """Nothing is wrapped."""
    assert generator("rng", rng) is rng
    assert function("f", len) is len
