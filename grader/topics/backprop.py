"""Assigning credit: what is asked of the layers' forwards and backwards, and of two networks."""

import itertools
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from grader.catalogue import Mistake, Topic
from grader.checks import (
    Call,
    Case,
    Check,
    Problem,
    Result,
    by_hand,
    gradient_agrees,
    hidden,
    holds,
    keeps_inputs,
    keeps_precision,
    kept,
    matches_truth,
    repeatable,
    survives,
    vectorised,
)

Rng = np.random.Generator
Array = np.ndarray[Any, Any]
Args = tuple[Any, ...]
Draw = Callable[[Rng], Args]

SINGLE = np.float32
MILD = 0.3  # weights of float32 networks: rounding is not blown up on the way to the loss
CLEAR = 0.1  # no hidden number is nearer to its kink at 0 than this, over how many there are

topic = Topic("backprop", title="Assigning credit")


def layer(rng: Rng, n: int, shape: tuple[int, ...], m: int, dtype: type = np.float64) -> Args:
    """Draw n examples of a shape, and the weights and biases of m outputs."""
    drawn = (n, *shape), (math.prod(shape), m), (m,)
    return tuple(rng.normal(size=size).astype(dtype) for size in drawn)


def numbers(rng: Rng, *shape: int, dtype: type = np.float64) -> Args:
    """Draw one array, both signs in it where there is room."""
    x = 2 * rng.normal(size=shape)
    if x.size > 1:
        x.flat[0], x.flat[-1] = 0.5 + abs(x.flat[0]), -0.5 - abs(x.flat[-1])
    return (x.astype(dtype),)


def block(rng: Rng, n: int, d: int, h: int, **kind: Any) -> Args:
    """Draw the arguments of a residual block, d numbers wide and h inside."""
    layers, x = network(rng, n, d, h, d, **kind)
    return x, *layers[0], *layers[1]


def network(
    rng: Rng, n: int, *widths: int, dtype: type = np.float64, scale: float = 0.7
) -> tuple[list[tuple[Array, Array]], Array]:
    """Draw the layers of a network and n rows for it, no hidden number near its kink."""
    while True:
        params = [
            (scale * rng.normal(size=(before, after)), 0.5 * rng.normal(size=after))
            for before, after in itertools.pairwise(widths)
        ]
        x = rng.normal(size=(n, widths[0]))
        values, clear = x, True
        for w, b in params[:-1]:
            values = values @ w + b
            clear = clear and bool(np.abs(values).min() > CLEAR / values.size)
            values = np.maximum(values, 0)
        if clear:
            return [(w.astype(dtype), b.astype(dtype)) for w, b in params], x.astype(dtype)


def labels(rng: Rng, n: int, c: int) -> Array:
    """Draw n classes; the first and the last class occur where there is room."""
    y = rng.integers(0, c, n)
    y[: min(n, 2)] = [c - 1, 0][: min(n, 2)]
    return rng.permutation(y)


def classifier(rng: Rng, n: int, *widths: int, **kind: Any) -> Args:
    """Draw the arguments of `mlp_loss`."""
    params, x = network(rng, n, *widths, **kind)
    return params, x, labels(rng, n, widths[-1])


def two_layers(rng: Rng, n: int, d: int, h: int, c: int, **kind: Any) -> Args:
    """Draw the arguments of `two_layer_loss`, but for reg."""
    params, x, y = classifier(rng, n, d, h, c, **kind)
    return named_layers(*params), x, y


def named_layers(first: tuple[Array, Array], second: tuple[Array, Array]) -> dict[str, Array]:
    """Return two layers as `two_layer_loss` takes them."""
    return {"W1": first[0], "b1": first[1], "W2": second[0], "b2": second[1]}


def back(forward: str, args: Args, dout: Array) -> Args:
    """Return the arguments of a backward: dout, and what the learner's own forward kept."""
    return dout, Call(forward, args)[1]


def affine_back(rng: Rng, n: int, shape: tuple[int, ...], m: int, dtype: type = np.float64) -> Args:
    """Draw the arguments of `affine_backward`."""
    args = layer(rng, n, shape, m, dtype)
    return back("affine_forward", args, rng.normal(size=(n, m)).astype(dtype))


def numbers_back(forward: str, rng: Rng, *shape: int, dtype: type = np.float64) -> Args:
    """Draw the arguments of a backward whose forward works element by element."""
    args = numbers(rng, *shape, dtype=dtype)
    return back(forward, args, (2 * rng.normal(size=shape)).astype(dtype))


def block_back(rng: Rng, n: int, d: int, h: int, **kind: Any) -> Args:
    """Draw the arguments of `residual_backward`."""
    args = block(rng, n, d, h, **kind)
    return back("residual_forward", args, rng.normal(size=(n, d)).astype(args[0].dtype))


def keeps_caches_apart(backward: str, draw: Draw) -> Check:
    """Check two layers at once: forward, forward, backward, backward.

    Parameters
    ----------
    backward
        The exercise.
    draw
        Draws its arguments, as `back` returns them.
    """

    def passes(rng: Rng) -> tuple[Args, Call, Args]:
        dout, cache = draw(rng)
        other_dout, other_cache = draw(rng)
        second = Call(other_cache.call.function, other_cache.call.args, after=(cache.call,))
        return (dout, cache), second, (other_dout, second[1])

    def first(rng: Rng) -> Args:
        (dout, cache), second, _ = passes(rng)
        return dout, kept(cache, after=[second])

    def second(rng: Rng) -> Args:
        args, forward, (dout, cache) = passes(rng)
        earlier = Call(backward, args, after=(forward,))
        return dout, kept(cache, after=[earlier])

    return survives(
        "two layers at once",
        [
            Case("the first layer, after the second one's forward", first),
            Case("the second layer, after the first one's backward", second),
        ],
        says="A network runs all forwards before the first backward. Whatever a backward needs goes "
        "into the cache, in arrays of its own; nothing into global variables.",
    )


topic.exercise(
    "affine_forward",
    points=1,
    returns=("out", "cache"),
    stays=("cache",),
    cases=[
        Case("1 row of 3 numbers, 3 outputs", lambda rng: layer(rng, 1, (3,), 3)),
        Case("4 rows of 3 numbers, 2 outputs", lambda rng: layer(rng, 4, (3,), 2)),
        Case("3 images of 2 x 4, 5 outputs", lambda rng: layer(rng, 3, (2, 4), 5)),
        hidden(Case("4 images of 2 x 3 x 2, 3 outputs", lambda rng: layer(rng, 4, (2, 3, 2), 3))),
        hidden(Case("101 rows of 7 numbers, 5 outputs", lambda rng: layer(rng, 101, (7,), 5))),
    ],
    checks=[
        by_hand(
            np.array([[1.0, 2.0], [0.0, -1.0]]),
            np.array([[1.0, 0.0, 2.0], [3.0, -1.0, 0.0]]),
            np.array([0.5, 1.0, -1.0]),
            gives={"out": [[7.5, -1.0, 1.0], [-2.5, 2.0, -1.0]]},
            because="The first output of the first example: 1 * 1 + 2 * 3 + 0.5 = 7.5.",
        ),
        matches_truth("out"),
        survives(
            "one row, one number, large weights and float32",
            [
                Case("1 row of 4 numbers, 2 outputs", lambda rng: layer(rng, 1, (4,), 2)),
                Case("3 rows of 1 number, 1 output", lambda rng: layer(rng, 3, (1,), 1)),
                Case("1 image of 3 x 2, 2 outputs", lambda rng: layer(rng, 1, (3, 2), 2)),
                Case(
                    "numbers of a million",
                    lambda rng: tuple(1e6 * a for a in layer(rng, 3, (2,), 4)),
                ),
                Case("float32", lambda rng: layer(rng, 4, (3, 2), 5, SINGLE)),
            ],
        ),
        repeatable(),
        keeps_inputs(),
        keeps_precision(),
        vectorised(lambda rng, n: layer(rng, n, (3,), 2)),
    ],
    hints=[
        "Which shape must x have so that a matrix product with w makes sense, an image too?",
        "Lay each example out as a row of D numbers; then every output is a row times a column of "
        "w, plus that output's bias, which broadcasting adds to every row.",
        "rows = x.reshape(len(x), -1), then rows @ w and b added to it. Keep x itself and w in the "
        "cache: the backward needs both, and the shape of x.",
    ],
    mistakes=[
        Mistake(
            "not_flattened",
            "x is multiplied as it comes, which an image does not allow: lay each example out as a "
            "row first, x.reshape(len(x), -1).",
            ("x.reshape(len(x), -1)", "x"),
        ),
        Mistake("no_bias", "The bias is missing: add b to every row.", ("@ w + b", "@ w")),
        Mistake(
            "bias_subtracted",
            "The bias is subtracted; it is added.",
            ("@ w + b", "@ w - b"),
        ),
        Mistake(
            "sum_of_biases",
            "Every output gets the sum of all biases; output m has a bias of its own, b[m].",
            ("@ w + b", "@ w + np.sum(b)"),
        ),
        Mistake(
            "bias_per_example",
            "The bias stands as a column, so that each example has one; each output has one: b as "
            "it comes broadcasts rightly.",
            ("@ w + b", "@ w + b[:, np.newaxis]"),
        ),
        Mistake(
            "weights_transposed",
            "The weights are transposed: w has the shape (D, M) already, so it is rows @ w.",
            ("rows @ w", "rows @ w.T"),
        ),
        Mistake(
            "weights_reshaped",
            "Reshaping w makes the shapes fit but puts other weights in their places; rows @ w "
            "needs no change to w.",
            ("rows @ w", "rows @ w.reshape(w.shape[1], w.shape[0]).T"),
        ),
        Mistake(
            "elementwise",
            "`*` multiplies element by element; a matrix product is `@` or np.dot.",
            ("rows @ w", "rows * w"),
        ),
        Mistake(
            "flattened_in_columns",
            "The numbers of an example come in another order than the weights expect: use "
            "x.reshape(len(x), -1), without order='F' and without transposing the image first.",
            ("x.reshape(len(x), -1)", 'x.reshape(len(x), -1, order="F")'),
        ),
        Mistake(
            "batch_moved",
            "x.reshape(-1, N).T mixes the numbers of different examples: the first axis must stay "
            "the batch, x.reshape(N, -1).",
            ("x.reshape(len(x), -1)", "x.reshape(-1, len(x)).T"),
        ),
        Mistake(
            "relu_included",
            "Negative outputs are cut off; an affine layer has no ReLU in it.",
            ("rows @ w + b", "np.maximum(rows @ w + b, 0)"),
        ),
        Mistake(
            "averaged",
            "The weighted sum is divided by the number of inputs; it is a sum, not a mean.",
            ("rows @ w + b", "rows @ w / rows.shape[1] + b"),
        ),
        Mistake(
            "no_cache",
            "Two things are returned: the output, and the cache that the backward will want.",
            ("return out, cache", "return out"),
        ),
    ],
)

topic.exercise(
    "affine_backward",
    points=3,
    returns=("dx", "dw", "db"),
    backward_of="affine_forward",
    cases=[
        Case("2 rows of 3 numbers, 4 outputs", lambda rng: affine_back(rng, 2, (3,), 4)),
        Case("4 rows of 3 numbers, 3 outputs", lambda rng: affine_back(rng, 4, (3,), 3)),
        Case("3 images of 2 x 4, 5 outputs", lambda rng: affine_back(rng, 3, (2, 4), 5)),
        hidden(Case("4 rows of 4 numbers, 4 outputs", lambda rng: affine_back(rng, 4, (4,), 4))),
        hidden(
            Case("5 images of 2 x 3 x 2, 3 outputs", lambda rng: affine_back(rng, 5, (2, 3, 2), 3))
        ),
        hidden(Case("101 rows, 7 numbers, 5 outputs", lambda rng: affine_back(rng, 101, (7,), 5))),
    ],
    checks=[
        by_hand(
            *back(
                "affine_forward",
                (
                    np.array([[1.0, 2.0], [0.0, -1.0]]),
                    np.array([[1.0, 0.0, 2.0], [3.0, -1.0, 0.0]]),
                    np.array([0.5, 1.0, -1.0]),
                ),
                np.array([[1.0, 2.0, 0.0], [-1.0, 0.0, 3.0]]),
            ),
            gives={
                "dx": [[1.0, 1.0], [5.0, -3.0]],
                "dw": [[1.0, 2.0, 0.0], [3.0, 4.0, -3.0]],
                "db": [0.0, 2.0, 3.0],
            },
            because="x = [[1, 2], [0, -1]], w = [[1, 0, 2], [3, -1, 0]], dout = [[1, 2, 0], "
            "[-1, 0, 3]]. dx[0, 0] = 1 * 1 + 2 * 0 + 0 * 2; dw[1, 0] = 2 * 1 + -1 * -1; "
            "db[0] = 1 - 1.",
        ),
        matches_truth("dx", weight=2),
        matches_truth("dw", weight=2),
        matches_truth("db", weight=2),
        survives(
            "one row, one number, large gradients and float32",
            [
                Case("1 row of 4 numbers, 2 outputs", lambda rng: affine_back(rng, 1, (4,), 2)),
                Case("3 rows of 1 number, 1 output", lambda rng: affine_back(rng, 3, (1,), 1)),
                Case(
                    "dout of a million",
                    lambda rng: back(
                        "affine_forward", layer(rng, 3, (2,), 4), 1e6 * rng.normal(size=(3, 4))
                    ),
                ),
                Case("float32", lambda rng: affine_back(rng, 4, (3, 2), 5, SINGLE)),
            ],
        ),
        keeps_caches_apart("affine_backward", lambda rng: affine_back(rng, 3, (4,), 2)),
        repeatable(),
        keeps_inputs(),
        keeps_precision(),
        vectorised(lambda rng, n: affine_back(rng, n, (3,), 2)),
    ],
    hints=[
        "Write down the shapes of dout, x and w, and those of dx, dw and db. Which products fit?",
        "dx: every input reached every output through w, so dout goes back through w transposed. "
        "dw: each weight joins one input with one output, summed over the examples. db: each bias "
        "was added to every example, so its gradients are summed over them.",
        "With rows = x.reshape(N, -1): dout times w.T, given the shape of x again; rows.T times "
        "dout; and the sum of dout over axis 0.",
    ],
    mistakes=[
        Mistake(
            "dx_not_reshaped",
            "dx is flat, one row of D numbers for each example; it must have the shape that x had.",
            ("drows.reshape(x.shape)", "drows"),
        ),
        Mistake(
            "db_over_outputs",
            "db is summed over the outputs, which leaves one number for each example; sum over "
            "axis 0, so that each bias keeps one.",
            ("np.sum(dout, axis=0)", "np.sum(dout, axis=1)"),
        ),
        Mistake(
            "db_of_everything",
            "db is the sum of all of dout; each bias has a gradient of its own: sum over axis 0.",
            ("np.sum(dout, axis=0)", "np.sum(dout)"),
        ),
        Mistake(
            "db_averaged",
            "db is a mean over the examples; gradients add up (the loss has divided by N already).",
            ("np.sum(dout, axis=0)", "np.mean(dout, axis=0)"),
        ),
        Mistake(
            "db_as_a_row",
            "db has the shape (1, M); a gradient has the shape of what it belongs to, (M,): leave "
            "keepdims out.",
            ("np.sum(dout, axis=0)", "np.sum(dout, axis=0, keepdims=True)"),
        ),
        Mistake(
            "db_not_summed",
            "db is dout itself; every example used the same bias, so sum over the examples.",
            ("np.sum(dout, axis=0)", "dout"),
        ),
        Mistake(
            "db_counts",
            "db is the number of examples: that would be right if the loss were the sum of all "
            "outputs. Sum dout over axis 0 instead.",
            ("np.sum(dout, axis=0)", "np.full(dout.shape[1], 1.0 * len(dout))"),
        ),
        Mistake(
            "upstream_ignored",
            "dout is not used: your gradients are those of the sum of all outputs. The chain rule "
            "multiplies by dout.",
            (
                "rows = x.reshape(len(x), -1)",
                "rows = x.reshape(len(x), -1)\n    dout = np.ones_like(dout)",
            ),
        ),
        Mistake(
            "weights_not_transposed",
            "dx needs w transposed: (N, M) times (M, D). Without it the product fits only where w "
            "is square, and is wrong there.",
            ("dout @ w.T", "dout @ w"),
        ),
        Mistake(
            "weights_reshaped",
            "Reshaping w into (M, D) is not transposing it: the shapes fit, the numbers stand in "
            "other places. Use w.T.",
            ("dout @ w.T", "dout @ w.reshape(w.shape[1], w.shape[0])"),
        ),
        Mistake(
            "dw_transposed",
            "dw is transposed: it is rows.T @ dout, which has the shape (D, M) of w.",
            ("rows.T @ dout", "dout.T @ rows"),
        ),
        Mistake(
            "dw_divided_by_n",
            "dw is divided by N. A backward divides nothing: where the loss is a mean, dout has the "
            "division in it.",
            ("rows.T @ dout", "rows.T @ dout / len(x)"),
        ),
        Mistake(
            "divided_by_n",
            "dw and db are divided by N. A backward divides nothing: where the loss is a mean, dout "
            "has the division in it.",
            ("rows.T @ dout", "rows.T @ dout / len(x)"),
            ("np.sum(dout, axis=0)", "np.mean(dout, axis=0)"),
        ),
        Mistake(
            "images_not_flattened",
            "x is transposed as it comes, which is wrong for images: lay them out with "
            "x.reshape(N, -1) first.",
            ("rows.T @ dout", "x.T.dot(dout)"),
        ),
        Mistake(
            "order_exchanged",
            "The results are in the wrong order: return dx, dw, db.",
            ("return dx, dw, db", "return dw, dx, db"),
        ),
        Mistake(
            "first_example_only",
            "dw is made of the first example alone; every example adds its share.",
            ("rows.T @ dout", "np.outer(rows[0], dout[0])"),
        ),
        Mistake(
            "last_example_only",
            "dw is made of the last example alone: in a loop over the examples, add with += instead "
            "of assigning.",
            ("rows.T @ dout", "np.outer(rows[-1], dout[-1])"),
        ),
        Mistake(
            "sign",
            "The gradients have the wrong sign: a gradient points uphill; the optimizer turns it "
            "round.",
            ("return dx, dw, db", "return -dx, -dw, -db"),
        ),
        Mistake(
            "bias_in_dx",
            "The bias's gradient is added to that of the input; b has no way to reach x.",
            ("drows = dout @ w.T", "drows = (dout + np.sum(dout, axis=0)) @ w.T"),
        ),
        Mistake(
            "relu_included",
            "Negative numbers in dout are stopped, as if there were a ReLU here; this layer is "
            "affine.",
            (
                "rows = x.reshape(len(x), -1)",
                "rows = x.reshape(len(x), -1)\n    dout = np.maximum(dout, 0)",
            ),
        ),
    ],
)

ELEMENTWISE = [
    Case("3 numbers", lambda rng: numbers(rng, 3)),
    Case("4 rows, 3 columns", lambda rng: numbers(rng, 4, 3)),
    Case("2 rows, 5 columns", lambda rng: numbers(rng, 2, 5)),
    hidden(Case("2 x 3 x 4 numbers", lambda rng: numbers(rng, 2, 3, 4))),
    hidden(Case("101 rows, 7 columns", lambda rng: numbers(rng, 101, 7))),
]


def elementwise_back(forward: str) -> list[Case]:
    """Make the cases of a backward whose forward works element by element."""

    def case(label: str, *shape: int) -> Case:
        return Case(label, lambda rng: numbers_back(forward, rng, *shape))

    return [
        case("3 numbers", 3),
        case("4 rows, 3 columns", 4, 3),
        case("2 rows, 5 columns", 2, 5),
        hidden(case("2 x 3 x 4 numbers", 2, 3, 4)),
        hidden(case("4 rows, 4 columns", 4, 4)),
        hidden(case("101 rows, 7 columns", 101, 7)),
    ]


topic.exercise(
    "relu_forward",
    points=1,
    returns=("out", "cache"),
    stays=("cache",),
    cases=ELEMENTWISE,
    checks=[
        by_hand(
            np.array([[-3.0, 2.0, 0.5], [-0.25, 0.0, 7.0]]),
            gives={"out": [[0.0, 2.0, 0.5], [0.0, 0.0, 7.0]]},
            because="Positive numbers stay as they are, -3 and -0.25 become 0, and 0 is 0.",
        ),
        matches_truth("out"),
        survives(
            "one number, large numbers, one sign only and float32",
            [
                Case("1 number", lambda _: (np.array([-1.5]),)),
                Case("+-10 000", lambda _: (np.array([[1e4, -1e4], [-1e4, 0.5]]),)),
                Case("0.001 and less", lambda rng: (1e-3 * rng.normal(size=6),)),
                Case("all negative", lambda _: (np.array([-1.0, -2.0, -0.5]),)),
                Case("all positive", lambda _: (np.array([[1.0, 2.0], [0.5, 3.0]]),)),
                Case("float32", lambda rng: numbers(rng, 4, 3, dtype=SINGLE)),
            ],
        ),
        repeatable(),
        keeps_inputs(),
        keeps_precision(),
        vectorised(lambda rng, n: numbers(rng, n, 3)),
    ],
    hints=[
        "Each element is compared with 0, by itself.",
        "NumPy has a function that compares two arrays, or an array and a number, element by "
        "element and takes the larger of each pair. It is not np.max.",
        "out is np.maximum of x and 0; put x into the cache, since the backward asks where x was "
        "positive.",
    ],
    mistakes=[
        Mistake(
            "largest_element",
            "np.max(x) is one number, the largest of all; np.maximum(x, 0) compares each element "
            "with 0.",
            ("np.maximum(x, 0)", "np.max(x)"),
        ),
        Mistake(
            "along_an_axis",
            "In np.max(x, 0) the 0 is an axis; np.maximum(x, 0) compares each element with 0.",
            ("np.maximum(x, 0)", "np.max(x, 0)"),
        ),
        Mistake(
            "absolute",
            "Negative numbers are turned positive; they become 0.",
            ("np.maximum(x, 0)", "np.abs(x)"),
        ),
        Mistake(
            "minimum",
            "The negative numbers are kept and the positive ones cut off; it is the other way "
            "round.",
            ("np.maximum(x, 0)", "np.minimum(x, 0)"),
        ),
        Mistake(
            "leaky",
            "A hundredth of a negative number gets through: that is the leaky ReLU. Here nothing "
            "does.",
            ("np.maximum(x, 0)", "np.where(x > 0, x, 0.01 * x)"),
        ),
        Mistake(
            "step",
            "The result holds 1 where x is positive; the ReLU lets the number itself pass.",
            ("np.maximum(x, 0)", "(x > 0).astype(x.dtype)"),
        ),
        Mistake(
            "cut_at_one",
            "Numbers above 1 are cut off as well; the ReLU has no upper end.",
            ("np.maximum(x, 0)", "np.clip(x, 0, 1)"),
        ),
        Mistake(
            "positive_ones_only",
            "x[x > 0] leaves the other elements out, and the shape is lost; they become 0 and keep "
            "their places.",
            ("np.maximum(x, 0)", "x[x > 0]"),
        ),
        Mistake(
            "identity",
            "Negative numbers come through unchanged; they become 0.",
            ("np.maximum(x, 0)", "x.copy()"),
        ),
        Mistake(
            "whole_rows",
            "A whole row becomes 0 where one of its numbers is negative; each number counts by "
            "itself.",
            (
                "np.maximum(x, 0)",
                "np.where((x < 0).any(axis=tuple(range(1, x.ndim)), keepdims=True), 0, x)",
            ),
        ),
        Mistake(
            "softplus",
            "That is log(1 + exp(x)), the softplus, which rounds off the bend; the ReLU does not: "
            "np.maximum(x, 0).",
            ("np.maximum(x, 0)", "np.logaddexp(0, x)"),
        ),
        Mistake(
            "integers",
            "The fractions are gone: the result was made as an array of integers.",
            ("np.maximum(x, 0)", "np.maximum(x, 0).astype(int)"),
        ),
        Mistake(
            "no_cache",
            "Two things are returned: the output, and the cache that the backward will want.",
            ("return out, cache", "return out"),
        ),
    ],
)


def subgradient(result: Result) -> Problem | None:
    """Find an element at a kink whose slope is not between 0 and 1."""
    dout, cache = result.args
    (x,) = cache.call.args
    dx = np.asarray(result.got["dx"] if result.got else np.nan, dtype=np.float64)
    between = (np.minimum(dout, 0) <= dx) & (dx <= np.maximum(dout, 0))
    wrong = np.argwhere((x == 0) & ~between)
    if not len(wrong):
        return None
    place = tuple(int(i) for i in wrong[0])
    return Problem(
        f"Where x is exactly 0, dx{list(place)} is {dx[place]:.6g} and dout there {dout[place]:.6g}.",
        expected=f"0, {dout[place]:.6g}, or a number between them",
        got=f"{dx[place]:.6g}",
        suggestion="At the kink the slope may be 0 or 1, or anything between: times dout.",
    )


topic.exercise(
    "relu_backward",
    points=2,
    returns=("dx",),
    backward_of="relu_forward",
    cases=elementwise_back("relu_forward"),
    checks=[
        by_hand(
            *back(
                "relu_forward",
                (np.array([[-3.0, 2.0], [0.5, -0.25]]),),
                np.array([[5.0, -7.0], [2.0, -4.0]]),
            ),
            gives={"dx": [[0.0, -7.0], [2.0, 0.0]]},
            because="x = [[-3, 2], [0.5, -0.25]], dout = [[5, -7], [2, -4]]. Where x was positive, "
            "dout passes, negative or not; where x was negative, nothing does.",
        ),
        matches_truth("dx", weight=4),
        holds(
            "takes a slope from 0 to 1 where x is exactly 0",
            subgradient,
            [
                Case(
                    "zeros among the inputs",
                    lambda rng: back(
                        "relu_forward",
                        (np.array([[0.0, 2.0, 0.0], [-1.0, 0.0, -0.0]]),),
                        np.array([[3.0, 1.0, -2.0], [5.0, -0.5, 4.0]]) * rng.uniform(1, 2),
                    ),
                    judged=(),
                )
            ],
        ),
        survives(
            "one number, large numbers and float32",
            [
                Case(
                    "1 number", lambda _: back("relu_forward", (np.array([0.3]),), np.array([-2.0]))
                ),
                Case(
                    "+-10 000",
                    lambda _: back(
                        "relu_forward",
                        (np.array([[1e4, -1e4], [-1e-3, 1e-3]]),),
                        np.array([[-1e4, 1e4], [3.0, -1e3]]),
                    ),
                ),
                Case(
                    "all negative",
                    lambda rng: back(
                        "relu_forward", (-rng.uniform(1, 2, (2, 3)),), rng.normal(size=(2, 3))
                    ),
                ),
                Case("float32", lambda rng: numbers_back("relu_forward", rng, 4, 3, dtype=SINGLE)),
            ],
        ),
        keeps_caches_apart("relu_backward", lambda rng: numbers_back("relu_forward", rng, 2, 3)),
        repeatable(),
        keeps_inputs(),
        keeps_precision(),
        vectorised(lambda rng, n: numbers_back("relu_forward", rng, n, 3)),
    ],
    hints=[
        "Which elements of x had any influence on the output?",
        "The slope is 1 where x was positive and 0 where it was negative. The chain rule multiplies "
        "dout by it, element by element.",
        "The mask is x > 0, with x from the cache; dx is dout where it is true and 0 elsewhere "
        "(np.where, or dout times the mask).",
    ],
    mistakes=[
        Mistake(
            "upstream_ignored",
            "dx is the slope, 1 or 0; the chain rule multiplies it by dout.",
            ("np.where(passes, dout, 0)", "passes.astype(dout.dtype)"),
        ),
        Mistake(
            "mask_from_dout",
            "Negative gradients are stopped instead of negative inputs: the mask is x > 0, not "
            "dout > 0.",
            ("passes = x > 0", "passes = dout > 0"),
        ),
        Mistake(
            "both_signs",
            "A gradient passes only where it is positive itself; the sign of dout does not matter, "
            "that of x does.",
            ("passes = x > 0", "passes = (x > 0) & (dout > 0)"),
        ),
        Mistake(
            "mask_reversed",
            "The gradient passes where x was negative; it is the other way round.",
            ("passes = x > 0", "passes = x < 0"),
        ),
        Mistake(
            "no_mask",
            "Everything passes; where x was negative the output did not depend on it, so dx is 0 "
            "there.",
            ("passes = x > 0", "passes = True"),
        ),
        Mistake(
            "times_input",
            "dout is multiplied by the output of the ReLU; multiply it by the slope, 1 or 0.",
            ("np.where(passes, dout, 0)", "np.where(passes, dout * x, 0)"),
        ),
        Mistake(
            "threshold_one",
            "x is compared with 1; the ReLU bends at 0.",
            ("passes = x > 0", "passes = x > 1"),
        ),
        Mistake(
            "sign",
            "Where x was negative the gradient passes with its sign turned: that is the slope of "
            "abs(x). Here it is 0.",
            ("np.where(passes, dout, 0)", "dout * np.sign(x)"),
        ),
        Mistake(
            "leaky",
            "A hundredth passes where x was negative: that is the leaky ReLU. Here nothing does.",
            ("np.where(passes, dout, 0)", "np.where(passes, dout, 0.01 * dout)"),
        ),
        Mistake(
            "mask_cut_out",
            "dout[mask] leaves the stopped elements out, and the shape is lost; they become 0.",
            ("np.where(passes, dout, 0)", "dout[passes]"),
        ),
        Mistake(
            "gradient_sign",
            "The gradient has the wrong sign: where x was positive it passes as it is.",
            ("np.where(passes, dout, 0)", "np.where(passes, -dout, 0)"),
        ),
    ],
)

EXTREMES = [
    Case("10 000", lambda _: (np.array([1e4, 0.5]),)),
    Case("-10 000", lambda _: (np.array([-1e4, 0.5]),)),
    Case("both in one array", lambda _: (np.array([[1e4, -1e4, 0.3], [-2.0, 800.0, -800.0]]),)),
    Case("1 number", lambda _: (np.array([-1.5]),)),
    Case("0.001 and less", lambda rng: (1e-3 * rng.normal(size=6),)),
    Case("+-40", lambda _: (np.array([40.0, -40.0, 2.0]),)),
    Case("float32", lambda rng: numbers(rng, 4, 3, dtype=SINGLE)),
]


def extremes_back(forward: str) -> list[Case]:
    """Make the cases of a backward at the flat ends of its forward."""

    def case(label: str, x: list[float], dout: list[float]) -> Case:
        args = (np.array(x),)
        return Case(label, lambda _: back(forward, args, np.array(dout)))

    return [
        case("10 000", [1e4, 0.5], [2.0, -3.0]),
        case("-10 000", [-1e4, 0.5], [2.0, -3.0]),
        case("both in one array", [1e4, -1e4, 0.3, 800.0, -800.0], [2.0, -3.0, 5.0, 4.0, 7.0]),
        case("1 number, dout of 10 000", [-0.7], [1e4]),
        Case("float32", lambda rng: numbers_back(forward, rng, 4, 3, dtype=SINGLE)),
    ]


topic.exercise(
    "sigmoid_forward",
    points=2,
    returns=("out", "cache"),
    stays=("cache",),
    cases=ELEMENTWISE,
    checks=[
        by_hand(
            np.array([0.0, 1.3862943611198906, -1.3862943611198906]),
            gives={"out": [0.5, 0.8, 0.2]},
            because="1 / (1 + 1) = 1/2; for log 4, 1 / (1 + 1/4) = 4/5; for -log 4, "
            "1 / (1 + 4) = 1/5.",
        ),
        matches_truth("out"),
        survives(
            "numbers of +-10 000 and float32",
            EXTREMES,
            says="Take exp only of numbers that are never positive: with e = exp(-abs(x)) it is "
            "1 / (1 + e) for positive x and e / (1 + e) for negative x.",
        ),
        repeatable(),
        keeps_inputs(),
        keeps_precision(),
        vectorised(lambda rng, n: numbers(rng, n, 3)),
    ],
    hints=[
        "What is exp(-x) for x = -10 000, and exp(x) for x = 10 000?",
        "1 / (1 + exp(-x)) and exp(x) / (1 + exp(x)) are the same number. The first is safe for "
        "positive x, the second for negative x.",
        "e = np.exp(-np.abs(x)) is never above 1. Above the line stands 1 where x >= 0 and e "
        "elsewhere (np.where); below it 1 + e. Put the result into the cache.",
    ],
    mistakes=[
        Mistake(
            "overflow_over_overflow",
            "exp(x) / (1 + exp(x)) is infinity by infinity, nan, for large x: use that form for "
            "negative x only.",
            body="out = np.exp(x) / (1 + np.exp(x))\nreturn out, out\n",
        ),
        Mistake(
            "nan_replaced",
            "The nan of large x is replaced by 0, where the sigmoid is 1: avoid the overflow "
            "instead of mending its result.",
            body="out = np.nan_to_num(np.exp(x) / (1 + np.exp(x)))\nreturn out, out\n",
        ),
        Mistake(
            "mirrored",
            "The curve falls instead of rising: it is exp(-x) in 1 / (1 + exp(-x)).",
            ("np.where(x >= 0, 1, small)", "np.where(x >= 0, small, 1)"),
        ),
        Mistake(
            "brackets",
            "1 / 1 + exp(-x) is not 1 / (1 + exp(-x)): the brackets are missing.",
            body="return 1 / 1 + np.exp(-x), x\n",
        ),
        Mistake(
            "minus",
            "The denominator is 1 - exp(-x); it is 1 + exp(-x).",
            body="return 1 / (1 - np.exp(-x)), x\n",
        ),
        Mistake(
            "one_form_for_both_signs",
            "exp(-abs(x)) needs the other form for negative x, e / (1 + e); with 1 / (1 + e) "
            "everywhere no result is below 1/2.",
            ("np.where(x >= 0, 1, small)", "1"),
        ),
        Mistake(
            "clipped_too_early",
            "x is clipped so early that the results are off: beyond +-5 the sigmoid is still "
            "0.007 from its ends.",
            ("small = np.exp(-np.abs(x))", "small = np.exp(-np.minimum(np.abs(x), 5))"),
        ),
        Mistake(
            "output_clipped",
            "The output is kept away from 0 and 1; it may come as near as it likes.",
            ("cache = out", "out = np.clip(out, 0.01, 0.99)\n    cache = out"),
        ),
        Mistake(
            "tanh_not_halved",
            "With a tanh it is (1 + tanh(x / 2)) / 2; the x is not halved.",
            ("np.exp(-np.abs(x))", "np.exp(-2 * np.abs(x))"),
        ),
        Mistake(
            "tanh",
            "That is the tanh, from -1 to 1; the sigmoid goes from 0 to 1.",
            ("cache = out", "out = np.tanh(x)\n    cache = out"),
        ),
        Mistake(
            "hard",
            "That is the hard sigmoid, made of three straight lines; here it is the smooth curve "
            "1 / (1 + exp(-x)).",
            body="return np.clip(0.2 * x + 0.5, 0, 1), x\n",
        ),
        Mistake(
            "softmax",
            "The exponentials are divided by their sum over all elements: that is a softmax. Each "
            "number has a sigmoid of its own.",
            body="powers = np.exp(x - np.max(x))\nreturn powers / np.sum(powers), x\n",
        ),
        Mistake(
            "decision",
            "The result is 0 or 1; that is the decision. The sigmoid is the probability, before "
            "anything is rounded.",
            body="return (x >= 0).astype(x.dtype), x\n",
        ),
        Mistake(
            "maximum_subtracted",
            "The maximum is subtracted from x first; a softmax forgives that, a sigmoid does not.",
            ("small = np.exp(-np.abs(x))", "x = x - np.max(x)\n    small = np.exp(-np.abs(x))"),
        ),
    ],
)

topic.exercise(
    "sigmoid_backward",
    points=1,
    returns=("dx",),
    backward_of="sigmoid_forward",
    cases=elementwise_back("sigmoid_forward"),
    checks=[
        by_hand(
            *back(
                "sigmoid_forward",
                (np.array([0.0, 1.3862943611198906, -1.3862943611198906]),),
                np.array([4.0, -10.0, 5.0]),
            ),
            gives={"dx": [1.0, -1.6, 0.8]},
            because="The outputs are 1/2, 4/5 and 1/5, the slopes 1/4, 4/25 and 4/25, dout 4, -10 "
            "and 5.",
        ),
        matches_truth("dx", weight=4),
        survives(
            "inputs of +-10 000 and float32",
            extremes_back("sigmoid_forward"),
            says="Make the slope of the output, s * (1 - s); it is 0 at both ends.",
        ),
        keeps_caches_apart(
            "sigmoid_backward", lambda rng: numbers_back("sigmoid_forward", rng, 2, 3)
        ),
        repeatable(),
        keeps_inputs(),
        keeps_precision(),
        vectorised(lambda rng, n: numbers_back("sigmoid_forward", rng, n, 3)),
    ],
    hints=[
        "The slope can be written with the output alone. What did your forward put into the cache?",
        "With s the output the slope is s (1 - s), at most 1/4. The chain rule multiplies dout by "
        "it, element by element.",
        "Take s from the cache and multiply three things: dout, s and 1 - s. If your cache holds x, "
        "make s of it first.",
    ],
    mistakes=[
        Mistake(
            "upstream_ignored",
            "dx is the slope alone; the chain rule multiplies it by dout.",
            ("dout * slope", "slope"),
        ),
        Mistake(
            "output_taken_for_input",
            "The sigmoid is applied once more: the cache holds its output already.",
            ("out = cache", "out = 1 / (1 + np.exp(-cache))"),
        ),
        Mistake(
            "input_taken_for_output",
            "x (1 - x) is not the slope: s stands for the sigmoid's output, and the cache holds its "
            "input.",
            ("out = cache", "out = np.log(cache) - np.log(1 - cache)"),
        ),
        Mistake(
            "one_factor_missing",
            "The slope is s (1 - s); the factor s is missing.",
            ("out * (1 - out)", "1 - out"),
        ),
        Mistake(
            "other_factor_missing",
            "The slope is s (1 - s); the factor 1 - s is missing.",
            ("out * (1 - out)", "out"),
        ),
        Mistake(
            "as_tanh",
            "1 - s^2 is the slope of the tanh; that of the sigmoid is s (1 - s).",
            ("out * (1 - out)", "1 - out**2"),
        ),
        Mistake(
            "sign",
            "The sign is wrong: the sigmoid rises, so its slope s (1 - s) is positive.",
            ("out * (1 - out)", "out * (out - 1)"),
        ),
        Mistake(
            "brackets",
            "dout * s * 1 - s is not dout * s * (1 - s): the brackets are missing.",
            ("dout * slope", "dout * out * 1 - out"),
        ),
        Mistake(
            "added",
            "dout is added to the slope; the chain rule multiplies.",
            ("dout * slope", "dout + slope"),
        ),
        Mistake(
            "slope_at_dout",
            "The slope is taken at dout; it is the slope at x, to be multiplied by dout.",
            (
                "return dout * slope",
                "out = 1 / (1 + np.exp(-dout))\n    return out * (1 - out)",
            ),
        ),
        Mistake(
            "exponential_overflows",
            "exp(-x) / (1 + exp(-x))^2 is infinity by infinity, nan, for x = -10 000: make the "
            "slope of the output, s (1 - s).",
            body="power = 1 / cache - 1\nreturn dout * power / (1 + power) ** 2\n",
        ),
    ],
)

topic.exercise(
    "tanh_forward",
    points=1,
    returns=("out", "cache"),
    stays=("cache",),
    uses=("sigmoid_forward",),
    cases=ELEMENTWISE,
    checks=[
        by_hand(
            np.array([0.0, 1.0986122886681098, -1.0986122886681098]),
            gives={"out": [0.0, 0.8, -0.8]},
            because="For log 3: (3 - 1/3) / (3 + 1/3) = (8/3) / (10/3) = 0.8.",
        ),
        matches_truth("out"),
        survives(
            "numbers of +-10 000 and float32",
            EXTREMES,
            says="exp(x) overflows for x above 709, and infinity by infinity is nan; np.tanh knows "
            "better.",
        ),
        repeatable(),
        keeps_inputs(),
        keeps_precision(),
        vectorised(lambda rng, n: numbers(rng, n, 3)),
    ],
    hints=[
        "The formula says what the function is, not how to compute it. What is exp(10 000)?",
        "NumPy has this function. With exponentials of your own, let none have a positive "
        "exponent: exp(-2 abs(x)) never overflows.",
        "Call np.tanh on x, and put the result into the cache: the slope is made of it.",
    ],
    mistakes=[
        Mistake(
            "overflow_over_overflow",
            "The formula as it stands is infinity by infinity, nan, for large x: use np.tanh, or "
            "only exponents that are never positive.",
            (
                "np.tanh(x)",
                "(np.exp(x) - np.exp(-x)) / (np.exp(x) + np.exp(-x))",
            ),
        ),
        Mistake(
            "large_powers",
            "(exp(2x) - 1) / (exp(2x) + 1) is infinity by infinity, nan, for large positive x: use "
            "np.tanh.",
            ("np.tanh(x)", "(np.exp(2 * x) - 1) / (np.exp(2 * x) + 1)"),
        ),
        Mistake(
            "large_negative_powers",
            "(1 - exp(-2x)) / (1 + exp(-2x)) is infinity by infinity, nan, for large negative x: "
            "use np.tanh.",
            ("np.tanh(x)", "(1 - np.exp(-2 * x)) / (1 + np.exp(-2 * x))"),
        ),
        Mistake(
            "tangent",
            "np.tan is the tangent of an angle; the hyperbolic one is np.tanh.",
            ("np.tanh(x)", "np.tan(x)"),
        ),
        Mistake(
            "sigmoid",
            "That is the sigmoid, from 0 to 1; the tanh goes from -1 to 1.",
            ("np.tanh(x)", "0.5 * (1 + np.tanh(0.5 * x))"),
        ),
        Mistake(
            "not_doubled",
            "With a sigmoid it is 2 sigmoid(2x) - 1; the 2 inside is missing, so the curve is half "
            "as steep.",
            ("np.tanh(x)", "np.tanh(0.5 * x)"),
        ),
        Mistake(
            "not_shifted",
            "With a sigmoid it is 2 sigmoid(2x) - 1; the - 1 is missing.",
            ("np.tanh(x)", "1 + np.tanh(x)"),
        ),
        Mistake(
            "signs_exchanged",
            "The curve falls instead of rising: it is exp(x) - exp(-x) above the line.",
            ("np.tanh(x)", "-np.tanh(x)"),
        ),
        Mistake(
            "sign_lost",
            "The sign of x is lost: the tanh of a negative number is negative.",
            ("np.tanh(x)", "np.tanh(np.abs(x))"),
        ),
        Mistake(
            "hard",
            "Clipping x to -1 and 1 makes the hard tanh; this one bends smoothly.",
            ("np.tanh(x)", "np.clip(x, -1, 1)"),
        ),
        Mistake(
            "clipped_too_early",
            "x is clipped so early that the results are off: at +-2 the tanh is still 0.036 from "
            "its ends.",
            ("np.tanh(x)", "np.tanh(np.clip(x, -2, 2))"),
        ),
        Mistake(
            "arctangent",
            "np.arctan squeezes too, but to plus and minus pi / 2; np.tanh is asked.",
            ("np.tanh(x)", "np.arctan(x)"),
        ),
    ],
)

topic.exercise(
    "tanh_backward",
    points=1,
    returns=("dx",),
    backward_of="tanh_forward",
    cases=elementwise_back("tanh_forward"),
    checks=[
        by_hand(
            *back(
                "tanh_forward",
                (np.array([0.0, 1.0986122886681098, -1.0986122886681098]),),
                np.array([4.0, -10.0, 5.0]),
            ),
            gives={"dx": [4.0, -3.6, 1.8]},
            because="The outputs are 0, 0.8 and -0.8, the slopes 1, 0.36 and 0.36, dout 4, -10 "
            "and 5.",
        ),
        matches_truth("dx", weight=4),
        survives(
            "inputs of +-10 000 and float32",
            extremes_back("tanh_forward"),
            says="Make the slope of the output, 1 - t**2; it is 0 at both ends.",
        ),
        keeps_caches_apart("tanh_backward", lambda rng: numbers_back("tanh_forward", rng, 2, 3)),
        repeatable(),
        keeps_inputs(),
        keeps_precision(),
        vectorised(lambda rng, n: numbers_back("tanh_forward", rng, n, 3)),
    ],
    hints=[
        "The slope can be written with the output alone, as the sigmoid's can.",
        "With t the output the slope is 1 - t squared: 1 in the middle, 0 at the ends. The chain "
        "rule multiplies dout by it.",
        "Take t from the cache and multiply dout by 1 - t**2; mind the brackets. If your cache "
        "holds x, make t of it first.",
    ],
    mistakes=[
        Mistake(
            "upstream_ignored",
            "dx is the slope alone; the chain rule multiplies it by dout.",
            ("dout * slope", "slope"),
        ),
        Mistake(
            "as_sigmoid",
            "t (1 - t) is the slope of a sigmoid; that of the tanh is 1 - t^2.",
            ("1 - out**2", "out * (1 - out)"),
        ),
        Mistake("not_squared", "The slope is 1 - t^2; yours is 1 - t.", ("out**2", "out")),
        Mistake(
            "difference_squared",
            "(1 - t)^2 is not 1 - t^2: only t is squared.",
            ("1 - out**2", "(1 - out) ** 2"),
        ),
        Mistake(
            "plus",
            "1 + t^2 is the slope of the tangent; that of the tanh is 1 - t^2.",
            ("1 - out**2", "1 + out**2"),
        ),
        Mistake(
            "doubled",
            "1 - 2t doubles where it should square: `**` is the power.",
            ("out**2", "out * 2"),
        ),
        Mistake(
            "sign",
            "The sign is wrong: the tanh rises, so its slope 1 - t^2 is positive.",
            ("1 - out**2", "out**2 - 1"),
        ),
        Mistake(
            "output_taken_for_input",
            "The tanh is applied once more: the cache holds its output already.",
            ("out = cache", "out = np.tanh(cache)"),
        ),
        Mistake(
            "input_taken_for_output",
            "1 - x^2 is not the slope: t stands for the tanh's output, and the cache holds its "
            "input.",
            ("out = cache", "out = np.arctanh(cache)"),
        ),
        Mistake(
            "brackets",
            "dout * 1 - t^2 is not dout * (1 - t^2): the brackets are missing.",
            ("dout * slope", "dout * 1 - out**2"),
        ),
        Mistake(
            "upstream_squared",
            "dout stands inside the square, 1 - (dout t)^2; it multiplies the slope.",
            ("dout * slope", "1 - (dout * out) ** 2"),
        ),
    ],
)

LAYERS = ("affine_forward", "affine_backward", "relu_forward", "relu_backward")
X = np.array([[1.0, -1.0], [2.0, 0.0]])
BLOCK = (
    X,
    np.array([[1.0, -1.0, 0.0], [0.0, 1.0, 2.0]]),
    np.array([0.0, 1.0, 3.0]),
    np.array([[1.0, 2.0], [5.0, 5.0], [-1.0, 1.0]]),
    np.array([0.5, 0.0]),
)

topic.exercise(
    "residual_forward",
    points=2,
    returns=("out", "cache"),
    stays=("cache",),
    uses=LAYERS,
    cases=[
        Case("2 rows of 3 numbers, 4 inside", lambda rng: block(rng, 2, 3, 4)),
        Case("4 rows of 3 numbers, 2 inside", lambda rng: block(rng, 4, 3, 2)),
        Case("3 rows of 2 numbers, 5 inside", lambda rng: block(rng, 3, 2, 5)),
        hidden(Case("5 rows of 4 numbers, 4 inside", lambda rng: block(rng, 5, 4, 4))),
        hidden(Case("31 rows of 6 numbers, 9 inside", lambda rng: block(rng, 31, 6, 9))),
    ],
    checks=[
        by_hand(
            *BLOCK,
            gives={"out": [[1.5, 2.0], [1.5, 7.0]]},
            because="The first row is 1, -1. Inside it becomes 1, -1, 1 and after the ReLU 1, 0, 1; "
            "the second layer makes 0.5, 3 of that; the row itself added gives 1.5, 2.",
        ),
        matches_truth("out"),
        survives(
            "one row, one number, an idle branch and float32",
            [
                Case("1 row of 3 numbers, 2 inside", lambda rng: block(rng, 1, 3, 2)),
                Case("3 rows of 1 number, 1 inside", lambda rng: block(rng, 3, 1, 1)),
                Case(
                    "w2 and b2 zero",
                    lambda rng: (*block(rng, 3, 2, 4)[:3], np.zeros((4, 2)), np.zeros(2)),
                ),
                Case(
                    "numbers of 10 000",
                    lambda rng: (1e4 * rng.normal(size=(3, 2)), *block(rng, 3, 2, 4)[1:]),
                ),
                Case("float32", lambda rng: block(rng, 4, 3, 5, dtype=SINGLE, scale=MILD)),
            ],
        ),
        repeatable(),
        keeps_inputs(),
        keeps_precision(),
        vectorised(lambda rng, n: block(rng, n, 3, 2)),
    ],
    hints=[
        "There are two roads from x to the plus sign. What happens on each?",
        "The branch: affine with w1 and b1, ReLU, affine with w2 and b2. The skip connection: "
        "nothing. Add both.",
        "Call affine_forward, relu_forward and affine_forward, each with its own cache; out is x "
        "plus what the last one gave. Keep the three caches as a tuple.",
    ],
    mistakes=[
        Mistake(
            "no_skip",
            "The input is not added: out = x + branch.",
            ("x + branch", "branch"),
        ),
        Mistake(
            "no_relu",
            "There is no ReLU: between the two layers negative numbers become 0.",
            ("relu_forward(hidden)", "(hidden, hidden)"),
        ),
        Mistake(
            "relu_after_the_sum",
            "Another ReLU stands after the addition; here there is none, so that the skip "
            "connection stays clear.",
            ("out = x + branch", "out = np.maximum(x + branch, 0)"),
        ),
        Mistake(
            "relu_on_the_branch",
            "Another ReLU stands at the end of the branch, which can then only add; there is one "
            "ReLU, between the layers.",
            ("out = x + branch", "out = x + np.maximum(branch, 0)"),
        ),
        Mistake(
            "relu_first",
            "The ReLU stands before the first layer; it belongs between the two.",
            ("affine_forward(x, w1, b1)", "affine_forward(np.maximum(x, 0), w1, b1)"),
            ("relu_forward(hidden)", "(hidden, hidden)"),
        ),
        Mistake(
            "relu_on_the_skip",
            "The skip connection goes through a ReLU; x is added as it is.",
            ("x + branch", "np.maximum(x, 0) + branch"),
        ),
        Mistake(
            "multiplied",
            "x is multiplied with the branch; it is added.",
            ("x + branch", "x * branch"),
        ),
        Mistake(
            "averaged",
            "The mean of both roads is taken; they are added.",
            ("x + branch", "(x + branch) / 2"),
        ),
        Mistake(
            "subtracted",
            "The branch is subtracted; it is added.",
            ("x + branch", "x - branch"),
        ),
        Mistake(
            "second_bias_forgotten",
            "The second bias is missing: add b2 at the end of the branch.",
            ("affine_forward(active, w2, b2)", "affine_forward(active, w2, 0 * b2)"),
        ),
        Mistake(
            "first_bias_forgotten",
            "The first bias is missing: add b1 before the ReLU.",
            ("affine_forward(x, w1, b1)", "affine_forward(x, w1, 0 * b1)"),
        ),
        Mistake(
            "first_bias_after_the_relu",
            "The first bias is added after the ReLU; it belongs to the first layer, before it.",
            ("affine_forward(x, w1, b1)", "affine_forward(x, w1, 0 * b1)"),
            ("affine_forward(active, w2, b2)", "affine_forward(active + b1, w2, b2)"),
        ),
        Mistake(
            "added_twice",
            "x is added two times: did an in-place sum (+=) change the branch before?",
            ("x + branch", "x + x + branch"),
        ),
    ],
)

topic.exercise(
    "residual_backward",
    points=3,
    returns=("dx", "dw1", "db1", "dw2", "db2"),
    backward_of="residual_forward",
    uses=LAYERS,
    cases=[
        Case("2 rows of 3 numbers, 4 inside", lambda rng: block_back(rng, 2, 3, 4)),
        Case("4 rows of 3 numbers, 2 inside", lambda rng: block_back(rng, 4, 3, 2)),
        Case("3 rows of 2 numbers, 5 inside", lambda rng: block_back(rng, 3, 2, 5)),
        hidden(Case("5 rows of 4 numbers, 4 inside", lambda rng: block_back(rng, 5, 4, 4))),
        hidden(Case("31 rows of 6 numbers, 9 inside", lambda rng: block_back(rng, 31, 6, 9))),
    ],
    checks=[
        by_hand(
            *back("residual_forward", BLOCK, np.array([[1.0, 2.0], [0.0, -1.0]])),
            gives={
                "dx": [[6.0, 4.0], [-2.0, -3.0]],
                "dw1": [[1.0, 0.0, -1.0], [-5.0, 0.0, -1.0]],
                "db1": [3.0, 0.0, 0.0],
                "dw2": [[1.0, 0.0], [0.0, 0.0], [1.0, -1.0]],
                "db2": [1.0, 1.0],
            },
            because="For the first row dout is 1, 2. Through w2 it becomes 5, 15, 1, behind the "
            "ReLU 5, 0, 1, through w1 5, 2; the skip connection adds 1, 2.",
        ),
        matches_truth("dx", weight=2),
        *(matches_truth(name, weight=1) for name in ("dw1", "db1", "dw2", "db2")),
        survives(
            "one row, one number, an idle branch and float32",
            [
                Case("1 row of 3 numbers, 2 inside", lambda rng: block_back(rng, 1, 3, 2)),
                Case("3 rows of 1 number, 1 inside", lambda rng: block_back(rng, 3, 1, 1)),
                Case(
                    "w2 and b2 zero",
                    lambda rng: back(
                        "residual_forward",
                        (*block(rng, 3, 2, 4)[:3], np.zeros((4, 2)), np.zeros(2)),
                        rng.normal(size=(3, 2)),
                    ),
                ),
                Case(
                    "dout of a million",
                    lambda rng: back(
                        "residual_forward", block(rng, 3, 2, 4), 1e6 * rng.normal(size=(3, 2))
                    ),
                ),
                Case("float32", lambda rng: block_back(rng, 4, 3, 5, dtype=SINGLE, scale=MILD)),
            ],
        ),
        keeps_caches_apart("residual_backward", lambda rng: block_back(rng, 3, 2, 4)),
        repeatable(),
        keeps_inputs(),
        keeps_precision(),
        vectorised(lambda rng, n: block_back(rng, n, 3, 2)),
    ],
    hints=[
        "Which ways lead from x to the output? The gradient comes back on all of them.",
        "Take dout back through the second layer, the ReLU and the first layer, each with its own "
        "cache. What comes out of the branch is added to dout, which came along the skip connection.",
        "affine_backward of dout with the last cache gives dactive, dw2 and db2; relu_backward of "
        "dactive; affine_backward again for dw1, db1 and the branch's dx. Add dout to that dx.",
    ],
    mistakes=[
        Mistake(
            "skip_forgotten",
            "dx comes out of the branch alone; the skip connection brings dout as well: add it.",
            ("dout + dx_branch", "dx_branch"),
        ),
        Mistake(
            "branch_forgotten",
            "dx is dout alone; what comes back through the branch is added to it.",
            ("dout + dx_branch", "dout.copy()"),
        ),
        Mistake(
            "skip_of_ones",
            "The skip connection adds 1 to dx; its slope is 1, times dout: add dout.",
            ("dout + dx_branch", "1 + dx_branch"),
        ),
        Mistake(
            "skip_adds_the_input",
            "x is added to its own gradient, as on the way forward; on the way back it is dout.",
            ("dout + dx_branch", "first_cache[0] + dx_branch"),
        ),
        Mistake(
            "first_bias_before_the_mask",
            "db1 is summed before the ReLU's mask; the first bias lies behind the ReLU, so sum "
            "dhidden.",
            (
                "dx = dout + dx_branch",
                "db1 = np.sum(dactive, axis=0)\n    dx = dout + dx_branch",
            ),
        ),
        Mistake(
            "mask_too_late",
            "The first layer's weights and biases get the gradient from before the ReLU; mask it "
            "first, then go into the first layer.",
            (
                "dx = dout + dx_branch",
                "_, dw1, db1 = affine_backward(dactive, first_cache)\n    dx = dout + dx_branch",
            ),
        ),
        Mistake(
            "no_mask",
            "The ReLU is left out on the way back: where hidden was negative nothing passes.",
            ("relu_backward(dactive, relu_cache)", "dactive"),
        ),
        Mistake(
            "mask_from_the_gradient",
            "The ReLU looks at the sign of the gradient; it is the sign of hidden that opens it.",
            ("relu_backward(dactive, relu_cache)", "np.maximum(dactive, 0)"),
        ),
        Mistake(
            "hidden_for_active",
            "dw2 is made of the numbers before the ReLU; the second layer saw those after it.",
            ("dx = dout + dx_branch", "dw2 = relu_cache.T @ dout\n    dx = dout + dx_branch"),
        ),
        Mistake(
            "order_exchanged",
            "The results are in the wrong order: return dx, dw1, db1, dw2, db2.",
            ("return dx, dw1, db1, dw2, db2", "return dx, dw2, db2, dw1, db1"),
        ),
        Mistake(
            "added_before_the_first_layer",
            "dout is added before the way back through w1; the skip connection joins at x, after "
            "it.",
            ("dx = dout + dx_branch", "dx = (dout + dhidden) @ first_cache[1].T"),
        ),
        Mistake(
            "halved",
            "dout is shared between the two roads, half to each; both get all of it.",
            (
                "dactive, dw2, db2 = affine_backward(dout, second_cache)",
                "dout = dout / 2\n    dactive, dw2, db2 = affine_backward(dout, second_cache)",
            ),
        ),
        Mistake(
            "divided_by_n",
            "The parameters' gradients are divided by N. A backward divides nothing: where the loss "
            "is a mean, dout has the division in it.",
            (
                "return dx, dw1, db1, dw2, db2",
                "n = len(dout)\n    return dx, dw1 / n, db1 / n, dw2 / n, db2 / n",
            ),
        ),
        Mistake(
            "sign",
            "The gradients have the wrong sign: a gradient points uphill.",
            ("return dx, dw1, db1, dw2, db2", "return -dx, -dw1, -db1, -dw2, -db2"),
        ),
    ],
)

LOG_3 = 1.0986122886681098
SOFTMAX = "losses.softmax_loss"
STABLE = (
    "Subtract each row's maximum from its scores before exp, and simplify log(exp(s) / sum) to "
    "s - log(sum), so that no probability is rounded to 0 before its logarithm is taken."
)


def far_apart(size: float) -> tuple[list[tuple[Array, Array]], Array, Array]:
    """Return two layers whose scores are that far apart, rows for them, and classes, some wrong."""
    first = np.array([[1.0, 0.5, -1.0], [-0.5, 1.0, 0.25]]), np.array([0.1, -0.2, 0.3])
    second = size * np.array([[1.0, -1.0], [-0.5, 1.0], [2.0, 0.5]]), np.array([0.5, -0.5])
    x = np.array([[2.0, 0.7], [-1.5, 1.2], [1.0, 2.0], [0.3, -2.5]])
    return [first, second], x, np.array([1, 0, 0, 0])


def far_apart_two_layers(size: float, reg: float) -> Args:
    """Return the same for `two_layer_loss`."""
    params, x, y = far_apart(size)
    return named_layers(*params), x, y, reg


topic.exercise(
    "two_layer_loss",
    points=4,
    returns=("loss", "grads"),
    uses=(*LAYERS, SOFTMAX),
    cases=[
        Case("1 row, widths 2, 4, 3, reg left out", lambda rng: two_layers(rng, 1, 2, 4, 3)),
        Case("3 rows, widths 4, 5, 2, reg 0.5", lambda rng: (*two_layers(rng, 3, 4, 5, 2), 0.5)),
        Case("5 rows, widths 3, 4, 6, reg 0.1", lambda rng: (*two_layers(rng, 5, 3, 4, 6), 0.1)),
        Case("6 rows, widths 2, 3, 4, reg 1.5", lambda rng: (*two_layers(rng, 6, 2, 3, 4), 1.5)),
        hidden(Case("4 rows, widths 4, 4, 4", lambda rng: (*two_layers(rng, 4, 4, 4, 4), 0.2))),
        hidden(Case("31 rows, widths 6, 8, 5", lambda rng: (*two_layers(rng, 31, 6, 8, 5), 0.01))),
    ],
    checks=[
        by_hand(
            named_layers(
                (np.array([[1.0, -1.0], [0.0, -1.0]]), np.array([0.0, -1.0])),
                (np.array([[0.0, 1.0], [2.0, -1.0]]), np.zeros(2)),
            ),
            np.array([[LOG_3, 1.0]]),
            np.array([1]),
            0.1,
            gives={
                "loss": 0.737682072452,
                "grads": {
                    "W1": [[-0.174653072167, -0.1], [-0.25, -0.1]],
                    "b1": [-0.25, 0.0],
                    "W2": [[0.274653072167, -0.174653072167], [0.2, -0.1]],
                    "b2": [0.25, -0.25],
                },
            },
            because="The hidden numbers are log 3 and -3.1, the scores 0 and log 3, the "
            "probabilities 1/4 and 3/4: cost log(4/3) = 0.288. The squares of W1 and W2 add up to 9: "
            "penalty 0.5 * 0.1 * 9 = 0.45.",
        ),
        matches_truth("loss"),
        gradient_agrees("grads", wrt="params", weight=6),
        survives(
            "scores of 10 000, one class and float32",
            [
                Case("scores of 1 000", lambda _: far_apart_two_layers(1e3, 0.0)),
                Case("scores of 10 000", lambda _: far_apart_two_layers(1e4, 1e-6)),
                Case("1 class", lambda rng: (*two_layers(rng, 3, 2, 4, 1), 0.3)),
                Case("1 hidden unit", lambda rng: (*two_layers(rng, 3, 2, 1, 4), 0.3)),
                Case(
                    "float32",
                    lambda rng: (*two_layers(rng, 4, 3, 5, 2, dtype=SINGLE, scale=MILD), 0.5),
                ),
            ],
            says=STABLE,
        ),
        repeatable(),
        keeps_inputs(),
        keeps_precision(),
        vectorised(lambda rng, n: (*two_layers(rng, n, 3, 4, 2), 0.1)),
    ],
    hints=[
        "Write the way forward first and get the loss right. Then go back through the same steps, "
        "last one first.",
        "dscores is softmax(scores) with 1 subtracted at each row's class, over N. Take it back "
        "through the second layer, the ReLU and the first layer. Each W also gets reg * W; the "
        "biases do not.",
        "Forward: affine_forward, relu_forward, affine_forward, softmax loss, plus 0.5 * reg times "
        "the sums of W1**2 and W2**2. Back: affine_backward of dscores, relu_backward, "
        "affine_backward. Then add reg * W1 and reg * W2, and return the four by their names.",
    ],
    mistakes=[
        Mistake(
            "relu_on_the_scores",
            "The scores go through a ReLU as well; behind the last layer there is none.",
            (
                "scores, second_cache = affine_forward(active, W2, b2)",
                "scores, second_cache = affine_forward(active, W2, b2)\n"
                "    scores, last_cache = relu_forward(scores)",
            ),
            (
                "dscores /= len(scores)",
                "dscores /= len(scores)\n    dscores = relu_backward(dscores, last_cache)",
            ),
        ),
        Mistake(
            "no_relu",
            "There is no ReLU: two affine layers without one are only one affine layer.",
            ("relu_forward(hidden)", "(hidden, hidden)"),
            ("relu_backward(dactive, relu_cache)", "dactive"),
        ),
        Mistake(
            "relu_not_in_backward",
            "The way back forgets the ReLU: where hidden was negative the gradient stops.",
            ("relu_backward(dactive, relu_cache)", "dactive"),
        ),
        Mistake(
            "mask_from_the_gradient",
            "The ReLU looks at the sign of the gradient; it is the sign of hidden that opens it.",
            ("relu_backward(dactive, relu_cache)", "np.maximum(dactive, 0)"),
        ),
        Mistake(
            "sigmoid_inside",
            "The hidden units are sigmoids; here they are ReLUs.",
            ("relu_forward(hidden)", "sigmoid_forward(hidden)"),
            ("relu_backward(dactive, relu_cache)", "sigmoid_backward(dactive, relu_cache)"),
        ),
        Mistake(
            "hidden_for_active",
            "The gradient of W2 is made of the numbers before the ReLU; the second layer saw those "
            "after it.",
            ("dW2 += reg * W2", "dW2 = hidden.T @ dscores + reg * W2"),
        ),
        Mistake(
            "penalty_only_in_the_loss",
            "The penalty is in the loss but not in the gradients: each W also gets reg * W.",
            ("dW1 += reg * W1", "pass"),
            ("dW2 += reg * W2", "pass"),
        ),
        Mistake(
            "penalty_only_in_the_gradient",
            "The penalty is in the gradients but not in the loss: add 0.5 * reg * (sum W1^2 + sum "
            "W2^2).",
            ("data_loss + penalty", "data_loss"),
        ),
        Mistake(
            "no_penalty",
            "reg changes nothing: the penalty belongs into the loss, and reg * W into each W's "
            "gradient.",
            ("data_loss + penalty", "data_loss"),
            ("dW1 += reg * W1", "pass"),
            ("dW2 += reg * W2", "pass"),
        ),
        Mistake(
            "half_missing_in_the_loss",
            "The loss has reg * sum W^2 and the gradients reg * W: they do not belong together. "
            "There is a 1/2 in front of the penalty.",
            ("0.5 * reg", "reg"),
        ),
        Mistake(
            "twice_in_the_gradient",
            "The gradients have 2 * reg * W: the 1/2 in front of the penalty cancels the 2 of the "
            "square.",
            ("dW1 += reg * W1", "dW1 += 2 * reg * W1"),
            ("dW2 += reg * W2", "dW2 += 2 * reg * W2"),
        ),
        Mistake(
            "penalty_without_the_half",
            "The penalty is twice too large, in the loss and in the gradients: there is a 1/2 in "
            "front of it.",
            ("0.5 * reg", "reg"),
            ("dW1 += reg * W1", "dW1 += 2 * reg * W1"),
            ("dW2 += reg * W2", "dW2 += 2 * reg * W2"),
        ),
        Mistake(
            "half_in_the_gradient",
            "The gradients have 0.5 * reg * W: the derivative of W^2 is 2 W, and its 2 cancels the "
            "1/2.",
            ("dW1 += reg * W1", "dW1 += 0.5 * reg * W1"),
            ("dW2 += reg * W2", "dW2 += 0.5 * reg * W2"),
        ),
        Mistake(
            "biases_penalised",
            "The biases are penalised as well; only W1 and W2 are.",
            (
                "np.sum(W1**2) + np.sum(W2**2)",
                "np.sum(W1**2) + np.sum(W2**2) + np.sum(b1**2) + np.sum(b2**2)",
            ),
            ("dW1 += reg * W1", "dW1 += reg * W1\n    db1 = db1 + reg * b1"),
            ("dW2 += reg * W2", "dW2 += reg * W2\n    db2 = db2 + reg * b2"),
        ),
        Mistake(
            "first_layer_not_penalised",
            "Only W2 is penalised; W1 is, too.",
            ("np.sum(W1**2) + np.sum(W2**2)", "np.sum(W2**2)"),
            ("dW1 += reg * W1", "pass"),
        ),
        Mistake(
            "second_layer_not_penalised",
            "Only W1 is penalised; W2 is, too.",
            ("np.sum(W1**2) + np.sum(W2**2)", "np.sum(W1**2)"),
            ("dW2 += reg * W2", "pass"),
        ),
        Mistake(
            "penalty_divided_by_n",
            "The penalty is divided by N; it belongs to the weights, not to the examples, and is "
            "not divided.",
            ("0.5 * reg", "0.5 * reg / len(x)"),
            ("dW1 += reg * W1", "dW1 += reg * W1 / len(x)"),
            ("dW2 += reg * W2", "dW2 += reg * W2 / len(x)"),
        ),
        Mistake(
            "absolute_penalty",
            "That is the l1 penalty, of absolute values; here the weights are squared.",
            (
                "0.5 * reg * (np.sum(W1**2) + np.sum(W2**2))",
                "reg * (np.sum(np.abs(W1)) + np.sum(np.abs(W2)))",
            ),
            ("dW1 += reg * W1", "dW1 += reg * np.sign(W1)"),
            ("dW2 += reg * W2", "dW2 += reg * np.sign(W2)"),
        ),
        Mistake(
            "square_of_the_product",
            "W.T @ W is a matrix product, whose sum is not the sum of the squares: use W**2.",
            ("np.sum(W1**2) + np.sum(W2**2)", "np.sum(W1.T @ W1) + np.sum(W2.T @ W2)"),
        ),
        Mistake(
            "norm_not_squared",
            "The norms of the matrices are penalised; it is their squares, the sums of all squared "
            "weights.",
            ("np.sum(W1**2) + np.sum(W2**2)", "np.linalg.norm(W1) + np.linalg.norm(W2)"),
        ),
        Mistake(
            "gradient_not_averaged",
            "The gradients are those of the sum: divide dscores by N, like the loss.",
            ("dscores /= len(scores)", "pass"),
        ),
        Mistake(
            "summed",
            "The rows' costs are added up; the mean also divides by N.",
            ("-np.mean(", "-np.sum("),
            ("dscores /= len(scores)", "pass"),
        ),
        Mistake(
            "divided_again",
            "The gradients are divided by N once too often: dscores has the division, and the chain "
            "rule carries it along.",
            ("dscores /= len(scores)", "dscores /= len(scores) ** 2"),
        ),
        Mistake(
            "divided_at_each_layer",
            "Each layer divides by N once more; dscores has the division, and the chain rule "
            "carries it along.",
            ("dscores /= len(scores)", "dscores /= len(scores) ** 2"),
            ("relu_cache)\n", "relu_cache) / len(scores)\n"),
        ),
        Mistake(
            "log_of_underflow",
            "A probability was rounded to 0 and its logarithm is -inf: simplify log(softmax) to "
            "score - log(sum of exp) instead of taking the log afterwards.",
            (
                "log_probability = shifted - np.log(np.sum(np.exp(shifted), axis=1, keepdims=True))",
                "log_probability = np.log("
                "np.exp(shifted) / np.sum(np.exp(shifted), axis=1, keepdims=True))",
            ),
        ),
        Mistake(
            "epsilon_in_the_log",
            "A small number is added inside the logarithm, so that no cost exceeds about 18; keep "
            "log(softmax) as score - log(sum of exp) instead.",
            (
                "data_loss = -np.mean(log_probability[rows, y])",
                "data_loss = -np.mean(np.log(np.exp(log_probability[rows, y]) + 1e-8))",
            ),
        ),
        Mistake(
            "no_maximum_subtracted",
            "exp of a large score overflows and inf / inf is nan: subtract each row's maximum first.",
            (
                "log_probability = shifted - np.log(np.sum(np.exp(shifted), axis=1, keepdims=True))",
                "log_probability = np.log("
                "np.exp(scores) / np.sum(np.exp(scores), axis=1, keepdims=True))",
            ),
        ),
        Mistake(
            "hinge",
            "That is the multiclass hinge; here the cross-entropy of the softmax is asked.",
            (
                "data_loss = -np.mean(log_probability[rows, y])",
                "margins = np.maximum(0, scores - scores[rows, y][:, np.newaxis] + 1)\n"
                "    margins[rows, y] = 0\n    data_loss = np.sum(margins) / len(scores)",
            ),
            (
                "dscores = np.exp(log_probability)\n    dscores[rows, y] -= 1",
                "dscores = 1.0 * (margins > 0)\n    dscores[rows, y] = -np.sum(dscores, axis=1)",
            ),
        ),
        Mistake(
            "class_not_subtracted",
            "The way back starts from the probabilities; 1 is to be subtracted at each row's class.",
            ("dscores[rows, y] -= 1", "pass"),
        ),
        Mistake(
            "only_the_weights",
            "The gradients of the biases are missing: grads has all four names.",
            ('"b1": db1, ', ""),
            (', "b2": db2', ""),
        ),
        Mistake(
            "named_with_d",
            "The gradients have the parameters' own names, W1, b1, W2 and b2, so that an optimizer "
            "finds them.",
            (
                '{"W1": dW1, "b1": db1, "W2": dW2, "b2": db2}',
                '{"dW1": dW1, "db1": db1, "dW2": dW2, "db2": db2}',
            ),
        ),
        Mistake(
            "scores_only",
            "Two things are returned: the loss, and the dict of gradients.",
            ("return loss, grads", "return scores"),
        ),
        Mistake(
            "gradient_sign",
            "The gradients have the wrong sign: they point uphill, and the optimizer turns them "
            "round.",
            (
                '{"W1": dW1, "b1": db1, "W2": dW2, "b2": db2}',
                '{"W1": -dW1, "b1": -db1, "W2": -dW2, "b2": -db2}',
            ),
        ),
    ],
)

topic.exercise(
    "mlp_loss",
    points=4,
    returns=("loss", "grads"),
    uses=(*LAYERS, SOFTMAX),
    cases=[
        Case("2 rows, widths 3, 4, 2", lambda rng: classifier(rng, 2, 3, 4, 2)),
        Case("3 rows, one layer, 4 to 2", lambda rng: classifier(rng, 3, 4, 2)),
        Case("5 rows, widths 3, 6, 4, 2", lambda rng: classifier(rng, 5, 3, 6, 4, 2)),
        Case("7 rows, widths 2, 6, 5, 4, 3", lambda rng: classifier(rng, 7, 2, 6, 5, 4, 3)),
        hidden(Case("5 rows, widths 4, 4, 4, 4", lambda rng: classifier(rng, 5, 4, 4, 4, 4))),
        hidden(Case("31 rows, widths 6, 9, 7, 5", lambda rng: classifier(rng, 31, 6, 9, 7, 5))),
    ],
    checks=[
        by_hand(
            [
                (np.array([[1.0], [-1.0]]), np.zeros(1)),
                (np.array([[2.0, -1.0]]), np.array([0.0, -1.0])),
                (np.array([[0.0, LOG_3 / 2], [3.0, 1.0]]), np.zeros(2)),
            ],
            np.array([[2.0, 1.0]]),
            np.array([1]),
            gives={
                "loss": 0.287682072452,
                "grads": [
                    ([[-0.549306144334], [-0.274653072167]], [-0.274653072167]),
                    ([[-0.137326536083, 0.0]], [-0.137326536083, 0.0]),
                    ([[0.5, -0.5], [0.0, 0.0]], [0.25, -0.25]),
                ],
            },
            because="The input 2, 1 becomes 1, then 2 and -2, after the ReLU 2 and 0, then the "
            "scores 0 and log 3: probabilities 1/4 and 3/4, cost log(4/3).",
        ),
        matches_truth("loss"),
        gradient_agrees("grads", wrt="params", weight=6),
        survives(
            "scores of 10 000, six layers, one row and float32",
            [
                Case("scores of 1 000", lambda _: far_apart(1e3)),
                Case("scores of 10 000", lambda _: far_apart(1e4)),
                Case(
                    "one layer, scores of 10 000",
                    lambda _: (
                        [(np.array([[1e4, -1e4, 5.0], [1.0, 2e4, 1e3]]), np.zeros(3))],
                        np.array([[1.0, 0.5], [-2.0, 1.0]]),
                        np.array([2, 1]),
                    ),
                ),
                Case("six layers", lambda rng: classifier(rng, 4, 2, 5, 6, 5, 4, 6, 3)),
                Case("1 row", lambda rng: classifier(rng, 1, 3, 4, 2)),
                Case(
                    "float32",
                    lambda rng: classifier(rng, 4, 3, 5, 4, 2, dtype=SINGLE, scale=MILD),
                ),
            ],
            says=STABLE,
        ),
        repeatable(),
        keeps_inputs(),
        keeps_precision(),
        vectorised(lambda rng, n: classifier(rng, n, 3, 4, 2)),
    ],
    hints=[
        "It is two_layer_loss with loops: one over the layers forward, one backward.",
        "Forward: affine, then a ReLU unless it is the last layer; keep every cache in a list. "
        "Backward: last layer first, the ReLU's backward where there was one, then the affine one's.",
        "Append (dW, db) for each layer on the way back, and reverse that list at the end. A ReLU "
        "belongs to layers 0 to L - 2: compare the index with len(params) - 1.",
    ],
    mistakes=[
        Mistake(
            "relu_on_the_scores",
            "The scores go through a ReLU as well; behind the last layer there is none.",
            ("if depth < last:", "if depth <= last:"),
        ),
        Mistake(
            "relu_mask_on_the_scores",
            "The way back treats the scores as if there were a ReLU behind them; there is none.",
            ("dvalues /= len(values)", "dvalues /= len(values)\n    dvalues *= values > 0"),
        ),
        Mistake(
            "no_relu",
            "There is no ReLU between the layers: however many, they are one affine layer.",
            ("if depth < last:", "if False:"),
        ),
        Mistake(
            "relu_not_in_backward",
            "The way back forgets the ReLUs: where a layer's output was negative the gradient stops.",
            ("if relu_cache is not None:", "if False:"),
        ),
        Mistake(
            "mask_from_the_gradient",
            "The ReLU looks at the sign of the gradient; it is the sign of its own input that opens "
            "it.",
            ("relu_backward(dvalues, relu_cache)", "np.maximum(dvalues, 0)"),
        ),
        Mistake(
            "relu_on_the_input",
            "The input goes through a ReLU before the first layer; it goes in as it is.",
            ("values = x\n", "values = np.maximum(x, 0)\n"),
        ),
        Mistake(
            "mask_of_another_layer",
            "Each ReLU's mask must come from its own layer; here they all come from one, which has "
            "another width.",
            ("relu_backward(dvalues, relu_cache)", "relu_backward(dvalues, caches[0][1])"),
        ),
        Mistake(
            "order_of_the_gradients",
            "The gradients stand in the order in which the way back finds them, last layer first; "
            "the first pair belongs to the first layer: reverse the list.",
            ("grads.reverse()", "pass"),
        ),
        Mistake(
            "two_layers_only",
            "Only the first and the last layer are used, whatever lies between them: loop over "
            "params.",
            ("last = len(params) - 1", "params = [params[0], params[-1]]\n    last = 1"),
        ),
        Mistake(
            "first_layer_skipped",
            "The first layer has no gradient: the loop on the way back stops one layer early.",
            (
                "grads.reverse()",
                "grads.reverse()\n"
                "    grads[0] = (np.zeros_like(params[0][0]), np.zeros_like(params[0][1]))",
            ),
        ),
        Mistake(
            "gradient_not_averaged",
            "The gradients are those of the sum: divide the scores' gradient by N, like the loss.",
            ("dvalues /= len(values)", "pass"),
        ),
        Mistake(
            "summed",
            "The rows' costs are added up; the mean also divides by N.",
            ("-np.mean(", "-np.sum("),
            ("dvalues /= len(values)", "pass"),
        ),
        Mistake(
            "biases_averaged",
            "The biases' gradients are means over the batch; they are sums, like all the others.",
            ("grads.append((dW, db))", "grads.append((dW, db / len(x)))"),
        ),
        Mistake(
            "divided_again",
            "The gradients are divided by N once too often: that of the scores has the division, "
            "and the chain rule carries it along.",
            ("grads.append((dW, db))", "grads.append((dW / len(x), db / len(x)))"),
        ),
        Mistake(
            "biases_as_rows",
            "The biases' gradients have the shape (1, H); a gradient has the shape of what it "
            "belongs to, (H,).",
            ("grads.append((dW, db))", "grads.append((dW, db[np.newaxis]))"),
        ),
        Mistake(
            "flat_list",
            "grads is not made as params is: it must be a list with one pair (dW, db) for each "
            "layer.",
            (
                "return loss, grads",
                "return loss, [gradient for pair in grads for gradient in pair]",
            ),
        ),
        Mistake(
            "bias_first",
            "Each pair is the wrong way round: (dW, db), as in params.",
            ("grads.append((dW, db))", "grads.append((db, dW))"),
        ),
        Mistake(
            "class_not_subtracted",
            "The way back starts from the probabilities; 1 is to be subtracted at each row's class.",
            ("dvalues[rows, y] -= 1", "pass"),
        ),
        Mistake(
            "log_of_underflow",
            "A probability was rounded to 0 and its logarithm is -inf: simplify log(softmax) to "
            "score - log(sum of exp) instead of taking the log afterwards.",
            (
                "log_probability = shifted - np.log(np.sum(np.exp(shifted), axis=1, keepdims=True))",
                "log_probability = np.log("
                "np.exp(shifted) / np.sum(np.exp(shifted), axis=1, keepdims=True))",
            ),
        ),
        Mistake(
            "epsilon_in_the_log",
            "A small number is added inside the logarithm, so that no cost exceeds about 18; keep "
            "log(softmax) as score - log(sum of exp) instead.",
            (
                "loss = -np.mean(log_probability[rows, y])",
                "loss = -np.mean(np.log(np.exp(log_probability[rows, y]) + 1e-8))",
            ),
        ),
        Mistake(
            "no_maximum_subtracted",
            "exp of a large score overflows and inf / inf is nan: subtract each row's maximum first.",
            (
                "log_probability = shifted - np.log(np.sum(np.exp(shifted), axis=1, keepdims=True))",
                "log_probability = np.log("
                "np.exp(values) / np.sum(np.exp(values), axis=1, keepdims=True))",
            ),
        ),
        Mistake(
            "only_the_loss",
            "Two things are returned: the loss, and the list of gradients.",
            ("return loss, grads", "return loss"),
        ),
        Mistake(
            "gradient_sign",
            "The gradients have the wrong sign: they point uphill, and the optimizer turns them "
            "round.",
            ("dvalues /= len(values)", "dvalues /= -len(values)"),
        ),
    ],
)
