"""What the gradient checker takes, what it refuses, and what it will not guess."""

import tracemalloc
from typing import NamedTuple

import numba
import numpy as np
import pytest

from numerics.differentiation import check_gradient, plan_coordinates

RNG = np.random.default_rng

UNTELLABLE = {
    "many kinks at x": lambda z: np.maximum(z, 0).sum(),
    "single precision": lambda z: np.float32(np.sum(z**2 + z) + 3),
    "single precision in disguise": lambda z: float(np.float32(np.sum(z**2 + z) + 3)),
    "nan": lambda z: np.nan * z.sum(),
    "infinite around x": lambda z: np.where(z == 0, 0, np.inf).sum(),
    "beneath a large constant": lambda z: 1e15 + z.sum(),
    "jumps at x": lambda z: np.sign(z).sum() + z.sum(),
}


@pytest.mark.parametrize("f", UNTELLABLE.values(), ids=UNTELLABLE)
def test_what_cannot_be_told_is_not_guessed(f):
    verdict = check_gradient(f, np.array([0.0, 1, 0, 1, 1, 0, 0, 1, 1]), np.zeros(9))
    assert verdict.right is None
    assert verdict.reason


def test_random_function_cannot_be_told():
    noise = RNG(0)
    verdict = check_gradient(lambda z: z.sum() + noise.random(), np.ones(5), np.zeros(5))
    assert verdict.right is None
    assert "different values" in verdict.reason


def test_block_that_is_zero_but_for_rounding_is_right_beside_the_others():
    x = RNG(0).standard_normal((30, 4))

    def loss(p):
        h = x @ p["w"] + p["b"]
        h = (h - h.mean()) / h.std()
        return np.mean(h**3 - h)

    params = {"w": RNG(1).standard_normal(4), "b": np.array(0.3)}
    w = plan_coordinates(params["w"])
    slope, _ = w.estimate([loss({**params, "w": point}) for point in w.points])
    for b in (0.0, 1e-17, -3e-12):
        assert check_gradient(loss, {"w": slope, "b": b}, params).right


def test_gradient_that_is_not_zero_where_f_is_flat_is_wrong():
    verdict = check_gradient(
        lambda p: np.sum(p["a"] ** 2), {"a": [2.0], "b": [1.0]}, {"a": [1.0], "b": [3.0]}
    )
    assert (verdict.right, verdict.where, verdict.factor) == (False, "b", None)


def test_large_coordinates_take_larger_steps():
    x = np.array([1e6, -3e12, 2.0, 1e-3])
    size = 1 + np.abs(x)
    gradient = np.cos(x / size) / size
    loss = lambda z: np.sum(np.sin(z / size))  # noqa: E731
    assert check_gradient(loss, gradient, x).right
    gradient[1] *= 1.1
    assert check_gradient(loss, gradient, x).where == "gradient[1]"


def test_small_block_is_held_to_its_own_norm():
    x = {"large": np.linspace(-1, 1, 50), "small": np.array(0.3)}
    loss = lambda p: np.sin(p["large"]).sum() + 0.6 * np.sin(p["small"])  # noqa: E731
    right = {"large": np.cos(x["large"]), "small": 0.6 * np.cos(0.3)}
    assert check_gradient(loss, right, x).right
    assert check_gradient(loss, {**right, "small": right["small"] * (1 + 3e-6)}, x).where == "small"


@pytest.mark.parametrize("size", [1e-200, 1e150, 1e300])
def test_sums_of_squares_that_overflow_hide_nothing(size):
    x = RNG(0).standard_normal(6)
    loss = lambda z: size * np.sin(z).sum()  # noqa: E731
    assert check_gradient(loss, size * np.cos(x), x).right
    wrong = check_gradient(loss, 1.01 * size * np.cos(x), x)
    assert (wrong.right, wrong.factor) == (False, pytest.approx(1.01))


def test_verdict_that_cannot_tell_names_the_block():
    x = {"smooth": np.ones(2), "kinks": np.zeros(3)}
    loss = lambda p: np.sum(p["smooth"] ** 2) + np.maximum(p["kinks"], 0).sum()  # noqa: E731
    verdict = check_gradient(loss, {"smooth": 2 * np.ones(2), "kinks": np.array([1, 0, 0])}, x)
    assert verdict.right is None
    assert verdict.reason.startswith("kinks cannot be judged")


def test_batched_function_is_judged_like_a_single_one():
    a, b = RNG(0).standard_normal((3, 4)), RNG(1).standard_normal(5)
    x = {"a": a, "b": b}
    single = lambda p: np.sin(p["a"]).sum() + np.cos(p["b"]).sum()  # noqa: E731
    batch = lambda p: np.sin(p["a"]).sum(axis=(1, 2)) + np.cos(p["b"]).sum(axis=1)  # noqa: E731
    for gradient in ({"a": np.cos(a), "b": -np.sin(b)}, {"a": np.cos(a), "b": np.sin(b)}):
        ours = check_gradient(batch, gradient, x, batched=True)
        theirs = check_gradient(single, gradient, x)
        assert (ours.right, ours.where) == (theirs.right, theirs.where)
        assert ours.factor == (theirs.factor and pytest.approx(theirs.factor))


def test_function_compiled_by_numba_is_judged():
    x = RNG(0).standard_normal((4, 3))
    compiled = numba.njit(lambda z: np.sum(np.sin(z)))
    assert check_gradient(compiled, np.cos(x), x).right
    assert check_gradient(compiled, np.sin(x), x).right is False


class Pair(NamedTuple):
    w: np.ndarray
    b: np.ndarray


@pytest.mark.parametrize("build", [lambda w, b: [(w, b), (b, w)], Pair, lambda w, b: {"l": [w, b]}])
def test_parameters_may_be_nested(build):
    w, b = RNG(0).standard_normal((2, 3)), RNG(1).standard_normal(4)

    def flat(node):
        if isinstance(node, np.ndarray):
            return [node]
        return [
            leaf
            for part in (node.values() if isinstance(node, dict) else node)
            for leaf in flat(part)
        ]

    loss = lambda p: sum(np.sum(leaf**2) for leaf in flat(p))  # noqa: E731
    assert check_gradient(loss, build(2 * w, 2 * b), build(w, b)).right
    wrong = check_gradient(loss, build(2 * w, 3 * b), build(w, b))
    assert (wrong.right, wrong.factor) == (False, pytest.approx(1.5))


def test_named_tuple_reaches_the_function_as_one():
    x = Pair(np.ones(2), np.ones(3))
    assert check_gradient(lambda p: p.w.sum() - p.b.sum(), Pair(np.ones(2), -np.ones(3)), x).right


def test_list_of_numbers_is_one_array():
    assert check_gradient(lambda z: (z**2).sum(), [2.0, 4.0], [1.0, 2.0]).right


def test_gradient_and_start_may_be_single_numbers():
    assert check_gradient(lambda z: z**3, 12.0, 2.0).right
    wrong = check_gradient(lambda z: z**3, 6.0, 2.0)
    assert (wrong.right, wrong.factor) == (False, pytest.approx(0.5))


@pytest.mark.parametrize("fault", [None, (slice(None), 3), (5, 3)])
def test_memory_stays_below_ten_times_the_parameters(fault):
    x = RNG(0).standard_normal((200, 500))
    gradient = np.cos(x)
    if fault is not None:
        gradient[fault] *= 2
    loss = lambda w: sum(float(np.sin(row).sum()) for row in w)  # noqa: E731
    tracemalloc.start()
    verdict = check_gradient(loss, gradient, x)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert verdict.right is (fault is None)
    assert peak <= 10 * x.nbytes


def spoil(z):
    total = z["a"].sum() + z["b"].sum()
    z["a"] += 1
    return total


ONES = np.ones(3)
BAD = {
    "f": (("f", ONES, ONES), {}, TypeError, "f must be callable"),
    "f gives None": (
        (lambda z: None, ONES, ONES),
        {},
        TypeError,
        "f must return a real number, got None",
    ),
    "f gives text": (
        (lambda z: "1", ONES, ONES),
        {},
        TypeError,
        "f must return a real number, got '1'",
    ),
    "f gives complex": ((lambda z: 1j, ONES, ONES), {}, TypeError, "f must return a real number"),
    "f gives an array": ((lambda z: z, ONES, ONES), {}, ValueError, r"single number.*shape \(3,\)"),
    "f gives a list of one": ((lambda z: [1.0], ONES, ONES), {}, ValueError, "single number"),
    "batched f gives one": (
        (lambda z: 1.0, ONES, ONES),
        {"batched": True},
        ValueError,
        "one number for each of",
    ),
    "batched f gives text": (
        (lambda z: ["a"] * len(z), ONES, ONES),
        {"batched": True},
        TypeError,
        "real numbers",
    ),
    "f spoils its argument": (
        (spoil, {"a": ONES, "b": ONES}, {"a": ONES, "b": ONES}),
        {},
        ValueError,
        r"changed x\['a'\]",
    ),
    "x is text": ((np.sum, ONES, "abc"), {}, TypeError, "x must hold real numbers"),
    "x is complex": ((np.sum, ONES, ONES * 1j), {}, TypeError, "x must hold real numbers"),
    "x is empty": ((np.sum, [], []), {}, ValueError, "x must not be empty"),
    "x has no blocks": ((np.sum, {}, {}), {}, ValueError, "at least one array"),
    "x is not finite": (
        (np.sum, ONES, [1, np.nan, 2]),
        {},
        ValueError,
        r"x must be finite, got nan at \[1\]",
    ),
    "block of x is empty": (
        (np.sum, {"a": ONES}, {"a": np.ones((0, 2))}),
        {},
        ValueError,
        r"x\['a'\] must not be empty",
    ),
    "gradient of another shape": (
        (np.sum, np.ones(4), ONES),
        {},
        ValueError,
        r"gradient must have shape \(3,\)",
    ),
    "gradient transposed": (
        (np.sum, np.ones((1, 3)), ONES),
        {},
        ValueError,
        r"gradient must have shape \(3,\)",
    ),
    "gradient is None": ((np.sum, None, ONES), {}, TypeError, "gradient must hold real numbers"),
    "gradient lacks a block": (
        (np.sum, {"a": ONES}, {"a": ONES, "b": ONES}),
        {},
        ValueError,
        r"gradient\['b'\] is missing",
    ),
    "gradient has one too many": (
        (np.sum, {"a": ONES, "c": ONES}, {"a": ONES}),
        {},
        ValueError,
        r"gradient\['c'\] has no counterpart",
    ),
    "gradient is no dict": ((np.sum, ONES, {"a": ONES}), {}, TypeError, "gradient must be a dict"),
    "rng": ((np.sum, ONES, ONES), {"rng": 0}, TypeError, "rng must be"),
    "draws": ((np.sum, ONES, ONES), {"draws": 0}, ValueError, "draws must be"),
    "draws is no integer": ((np.sum, ONES, ONES), {"draws": 2.5}, TypeError, "draws must be"),
    "tolerance": ((np.sum, ONES, ONES), {"tolerance": 0.0}, ValueError, "tolerance must be"),
}


@pytest.mark.parametrize(("arguments", "keywords", "error", "says"), BAD.values(), ids=BAD)
def test_bad_input_is_named(arguments, keywords, error, says):
    with pytest.raises(error, match=says):
        check_gradient(*arguments, **keywords)


def test_exception_of_the_function_is_passed_on():
    def f(z):
        raise ZeroDivisionError("mine")

    with pytest.raises(ZeroDivisionError, match="mine"):
        check_gradient(f, ONES, ONES)
