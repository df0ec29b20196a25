"""Results against the truth: kind, shape, closeness, and the worst element."""

import math
import re

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from grader.compare import (
    TOLERANCES,
    Right,
    as_number_array,
    describe,
    magnitude,
    number,
    same,
    tolerance_for,
)
from grader.student.wire import Opaque

DOUBLE = TOLERANCES["float64"]
SINGLE = TOLERANCES["float32"]
SETTINGS = settings(max_examples=60, deadline=None, derandomize=True)
SHAPES = hnp.array_shapes(min_dims=0, max_dims=3, min_side=1, max_side=4)
# Far enough from the ends of the range that a relative error can be written down.
NUMBERS = st.floats(1e-100, 1e100).flatmap(lambda x: st.sampled_from([x, -x]))
ARRAYS = hnp.arrays(np.float64, SHAPES, elements=NUMBERS)


def differs(got, want, tolerance=DOUBLE, scale=1.0):
    return Right(want, tolerance, scale).difference("loss", got)


@pytest.mark.parametrize(
    ("got", "want"),
    [
        ((1, 3), (3,)),
        ((3, 1), (3,)),
        ((3,), (1, 3)),
        ((1, 3), (3, 1)),
        ((), (1,)),
        ((1,), ()),
        ((1, 1), ()),
        ((2, 3), (3, 2)),
        ((6,), (2, 3)),
        ((0,), ()),
        ((0,), (1,)),
        ((0, 3), (3, 0)),
        ((3,), (4,)),
    ],
)
def test_a_shape_must_be_the_same_even_where_it_would_broadcast(got, want):
    found = differs(np.ones(got), np.ones(want))
    assert found.kind == "shape"
    assert str(got) in found.got
    assert (str(want) if want else "a plain number") in found.expected
    assert not same(np.ones(got), np.ones(want), DOUBLE, 1.0)


@pytest.mark.parametrize("got", [1.5, np.float64(1.5), np.array(1.5), np.float32(1.5)])
def test_a_number_is_a_number_in_any_wrapping(got):
    assert differs(got, 1.5) is None


@pytest.mark.parametrize("got", [2, np.int64(2), np.uint8(2), np.array(2), np.array(2, "int8")])
def test_a_whole_number_may_be_an_integer(got):
    assert differs(got, 2.0) is None


@pytest.mark.parametrize(
    "got",
    [
        True,
        np.True_,
        np.array([True, False]),
        np.array([1.0, 2.0], dtype=object),
        1j,
        np.complex128(1),
        np.array([1 + 0j, 2]),
        "1.0",
        np.array("1.0"),
        None,
        [1.0, 2.0],
        (1.0, 2.0),
        {"loss": 1.0},
        10**400,
        np.array(["2020-01-01"], dtype="datetime64[D]"),
        Opaque("an object of type Tensor"),
    ],
    ids=repr,
)
@pytest.mark.parametrize("want", [1.0, np.array([1.0, 2.0])], ids=["number", "array"])
def test_what_is_no_number_is_the_wrong_kind(got, want):
    found = differs(got, want)
    assert found.kind == "kind"
    assert found.message.startswith("loss is ")
    assert not same(got, want, DOUBLE, 1.0)
    assert as_number_array(got) is None


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (None, "None"),
        ([1, 2, 3], "a list of 3"),
        ((1,), "a tuple of 1"),
        ("two", "the string 'two'"),
        (True, "the bool True"),
        (np.ones((2, 3)), "an array of shape (2, 3) and dtype float64"),
        (Opaque("an object of type Tensor"), "an object of type Tensor"),
    ],
    ids=repr,
)
def test_a_value_is_described_in_words(value, said):
    assert describe(value) == said


@pytest.mark.parametrize("value", ["x" * 10_000, {"k": "v" * 10_000}], ids=["string", "dict"])
def test_a_description_is_short(value):
    assert len(describe(value)) <= 80


@SETTINGS
@given(ARRAYS)
def test_an_array_equals_itself(want):
    assert differs(want.copy(), want, scale=magnitude([want])) is None
    assert same(want, want, DOUBLE, 1.0)


@SETTINGS
@given(ARRAYS, st.randoms(use_true_random=False))
def test_rounding_of_another_order_of_work_passes(want, random):
    noise = np.reshape([random.uniform(-1, 1) for _ in range(want.size)], want.shape)
    assert differs(want * (1 + 1e-12 * noise), want) is None


@SETTINGS
@given(ARRAYS, st.sampled_from([1e-7, -1e-7, 1e-6, 0.01, -1.0]))
def test_a_relative_error_of_a_ten_millionth_fails(want, error):
    """A gradient that is right to seven digits went through float32."""
    assert differs(want * (1 + error), want).kind == "values"


@SETTINGS
@given(ARRAYS, st.floats(-1, 1))
def test_single_precision_passes_where_the_inputs_are_single(want, noise):
    assert differs(want * (1 + 1e-5 * noise), want, SINGLE) is None


@SETTINGS
@given(ARRAYS, st.sampled_from([1e-3, -1e-3, 0.5]))
def test_a_thousandth_fails_even_in_single_precision(want, error):
    assert differs(want * (1 + error), want, SINGLE).kind == "values"


@SETTINGS
@given(ARRAYS)
def test_zero_does_not_pass_for_a_truth_however_small(want):
    small = want / 1e100
    assume((np.abs(small) > 1e-290).all())
    assert differs(np.zeros_like(small), small).kind == "values"
    assert differs(np.zeros_like(small), small, SINGLE).kind == "values"


@SETTINGS
@given(ARRAYS, st.data())
def test_one_nan_or_infinity_fails_and_is_pointed_at(want, data):
    index = tuple(data.draw(st.integers(0, n - 1)) for n in want.shape)
    got = want.copy()
    got[index] = data.draw(st.sampled_from([math.nan, math.inf, -math.inf]))
    found = differs(got, want)
    assert found.kind == "values"
    assert found.index == index


@SETTINGS
@given(ARRAYS, st.data())
def test_the_wrong_element_is_found_and_told(want, data):
    index = tuple(data.draw(st.integers(0, n - 1)) for n in want.shape)
    assume(abs(want[index]) >= 1e-3 * np.abs(want).max())
    got = want.copy()
    got[index] *= 3
    found = differs(got, want)
    assert found.index == index
    assert f"(1 of {want.size} elements differ)" in found.message or want.size == 1
    place = f"loss[{', '.join(map(str, index))}]" if index else "loss"
    assert found.got == f"{place} = {number(float(got[index]))}"
    assert found.expected == f"{place} = {number(float(want[index]))}"


def test_the_worst_element_is_the_one_furthest_off_for_its_size():
    assert differs(np.array([1e6 + 1.5, 2.0]), np.array([1e6, 1.0])).index == (1,)


def test_how_many_elements_differ_is_told():
    found = differs(np.array([1.0, 2.5, 3.0, 4.5]), np.array([1.0, 2.0, 3.0, 4.0]))
    assert "(2 of 4 elements differ)" in found.message


@pytest.mark.parametrize("error", [3e-8, 1e-7, 3e-7, 1e-6])
@pytest.mark.parametrize("want", [1.0, 0.123456789, 98765.4321, -2.5e-7])
def test_two_numbers_that_differ_look_different(want, error):
    """Seven digits hide the very differences that fail."""
    found = differs(want * (1 + error), want)
    assert found.got != found.expected


@pytest.mark.parametrize(
    ("got", "want", "passes"),
    [
        (math.inf, math.inf, True),
        (-math.inf, -math.inf, True),
        (-math.inf, math.inf, False),
        (math.inf, -math.inf, False),
        (1e308, math.inf, False),
        (math.inf, 1e308, False),
        (math.nan, math.inf, False),
        (math.inf, math.nan, False),
        (0.0, math.nan, False),
        ([math.inf, 1.0], [math.inf, 1.0], True),
        ([math.inf, 2.0], [math.inf, 1.0], False),
        ([math.inf, 0.0], [math.inf, 1e-3], False),
    ],
)
def test_infinity_is_only_itself(got, want, passes):
    got = np.array(got) if isinstance(got, list) else got
    want = np.array(want) if isinstance(want, list) else want
    assert (differs(got, want) is None) is passes
    assert same(got, want, DOUBLE, 1.0) is passes


def test_nan_equals_nan_where_results_are_compared_with_mistakes():
    assert same(np.array([math.nan, 1.0]), np.array([math.nan, 1.0]), DOUBLE, 1.0)
    assert not same(np.array([math.nan, 1.0]), np.array([1.0, math.nan]), DOUBLE, 1.0)


def test_cancellation_among_the_elements_of_an_array_is_forgiven():
    want = np.array([1e6, -3.0, 1e-4])
    little = 0.5 * DOUBLE.of_largest * 1e6
    assert differs(want + np.array([0.0, little, -little]), want) is None
    assert differs(want + np.array([0.0, 0.0, 10 * little]), want).index == (2,)


@pytest.mark.parametrize("tolerance", [DOUBLE, SINGLE], ids=["float64", "float32"])
@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e4])
@pytest.mark.parametrize(("share", "passes"), [(0.5, True), (10.0, False)])
def test_a_truth_that_is_all_zero_is_judged_by_the_size_of_the_inputs(
    tolerance, scale, share, passes
):
    got = np.array([0.0, share * tolerance.of_largest * scale])
    assert (differs(got, np.zeros(2), tolerance, scale) is None) is passes


def test_a_truth_that_is_all_zero_is_judged_though_the_inputs_are_zero():
    assert differs(np.array([0.0, 1e-15]), np.zeros(2), scale=0.0) is None
    assert differs(np.array([0.0, 1e-3]), np.zeros(2), scale=0.0).index == (1,)


def test_a_clipped_logarithm_is_judged_by_itself_alone():
    clipped = TOLERANCES["clipped"]
    assert differs(27.632, 27.631021, clipped) is None
    assert differs(0.0, 1e-12, clipped) is None
    assert differs(34.54, 27.63, clipped).kind == "values"


@pytest.mark.parametrize(
    ("inputs", "name"),
    [
        ([np.ones(2)], "float64"),
        ([np.ones(2), np.ones(2, np.float32)], "float32"),
        ([np.ones(2, np.float16)], "float32"),
        ([np.ones(2), np.ones(2, np.int32)], "float64"),
        ([2.0, 3], "float64"),
        ([np.float64(2.0)], "float64"),
    ],
)
def test_the_least_precise_input_decides_the_tolerance(inputs, name):
    assert tolerance_for(inputs) is TOLERANCES[name]


@pytest.mark.parametrize(
    ("values", "largest"),
    [
        ([], 0.0),
        ([np.array([])], 0.0),
        ([np.array([-3.0, 2.0]), 1], 3.0),
        ([np.array([math.inf, math.nan, 2.0])], 2.0),
        (["text", None, -7], 7.0),
        ([np.array([2], np.uint8), np.float32(5)], 5.0),
    ],
)
def test_the_size_of_the_inputs_is_that_of_the_largest_finite_number(values, largest):
    assert magnitude(values) == largest


@pytest.mark.parametrize("shape", [(0,), (3, 0)])
def test_empty_arrays_are_equal(shape):
    assert differs(np.ones(shape), np.zeros(shape)) is None


@pytest.mark.parametrize("value", [1.0, 0.1, -2.5e-9, 123456.7, 1e300, math.inf, math.nan])
def test_a_number_is_short_and_can_be_read_back(value):
    said = number(value)
    assert len(said) <= 14
    assert re.fullmatch(r"-?(\d[\d.]*(e[+-]\d+)?|inf|nan)", said)
    assert float(said) == pytest.approx(value, rel=1e-6, nan_ok=True)


def test_a_large_difference_raises_no_warning():
    assert differs(np.array([1.7e308]), np.array([-1.7e308])).kind == "values"
