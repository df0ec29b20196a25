"""Which way is downhill: what is asked of the seven exercises on slopes and on walking along them."""

from collections.abc import Callable
from typing import Any

import numpy as np

from grader.catalogue import Mistake, Topic
from grader.checks import (
    Case,
    Function,
    Given,
    Problem,
    Result,
    by_hand,
    hidden,
    holds,
    keeps_inputs,
    keeps_precision,
    matches_truth,
    repeatable,
    survives,
    vectorised,
)

Rng = np.random.Generator
Array = np.ndarray[Any, np.dtype[Any]]
Args = tuple[Any, ...]
Build = Callable[[Rng], Args]
SINGLE = np.float32

topic = Topic("gradients", title="Which way is downhill")

# ---------------------------------------------------------------------------------------------
# hill
# ---------------------------------------------------------------------------------------------


def positions(*shape: int, reach: float = 4.0, dtype: type = np.float64) -> Build:
    """Return what draws positions along the road."""
    return lambda rng: (np.asarray(rng.uniform(-reach, reach, shape), dtype=dtype),)


HEIGHT = "0.12 * x**2 + np.sin(2.4 * x) + 0.3 * np.cos(5 * x)"
SLOPE = "0.24 * x + 2.4 * np.cos(2.4 * x) - 1.5 * np.sin(5 * x)"

topic.exercise(
    "hill",
    points=1,
    returns=("height", "slope"),
    cases=[
        Case("3 positions", positions(3)),
        Case("2 x 4 positions", positions(2, 4)),
        Case("5 positions", positions(5)),
        hidden(Case("2 x 3 x 4 positions", positions(2, 3, 4))),
        hidden(Case("257 positions from -10 to 10", positions(257, reach=10.0))),
    ],
    checks=[
        by_hand(
            np.array([0.0, np.pi]),
            gives={"height": [0.3, 1.835409044426], "slope": [2.4, 1.495623023361]},
            because="At 0 only the cosine counts for the height, 0.3, and only the sine for the "
            "slope, 2.4. At pi: 0.12 * 9.8696 + sin(2.4 pi) - 0.3, where sin(2.4 pi) = 0.9511; "
            "0.24 pi + 2.4 * 0.3090 - 0.",
        ),
        matches_truth("height", name="matches the road everywhere"),
        matches_truth("slope", name="is the derivative of the height"),
        survives(
            "a single position, far away ones and float32",
            [
                Case("1 position", positions(1)),
                Case("a position of shape ()", positions()),
                Case("positions up to 1000", positions(4, reach=1000.0)),
                Case("float32", positions(3, 2, dtype=SINGLE)),
            ],
            says="Write one expression for the whole array; it then fits any shape, () too.",
        ),
        repeatable(),
        keeps_inputs(),
        keeps_precision(),
        vectorised(lambda rng, n: positions(n)(rng)),
    ],
    hints=[
        "Each of the three terms has a slope of its own; add the three up.",
        "The derivative of sin(a x) is a cos(a x), that of cos(a x) is -a sin(a x), that of c x^2 "
        "is 2 c x.",
        "The height is the formula as it stands, with np.sin and np.cos. In the slope the parabola "
        "gives 0.24 x, the sine 2.4 times a cosine, the cosine minus 0.3 * 5 times a sine.",
    ],
    mistakes=[
        Mistake(
            "inner_factors_forgotten",
            "The chain rule is left out: the factors 2.4 and 5 inside sine and cosine come out in "
            "front.",
            ("2.4 * np.cos(2.4 * x) - 1.5 * np.sin", "np.cos(2.4 * x) - 0.3 * np.sin"),
        ),
        Mistake(
            "inner_factor_of_the_cosine_forgotten",
            "The 5 inside the cosine does not come out: 0.3 * 5 is 1.5.",
            ("1.5 * np.sin(5 * x)", "0.3 * np.sin(5 * x)"),
        ),
        Mistake(
            "inner_factor_of_the_sine_forgotten",
            "The 2.4 inside the sine does not come out in front of its derivative.",
            ("2.4 * np.cos(2.4 * x)", "np.cos(2.4 * x)"),
        ),
        Mistake(
            "sign_of_the_sine",
            "The derivative of the cosine is minus the sine; the minus is missing.",
            ("- 1.5 * np.sin", "+ 1.5 * np.sin"),
        ),
        Mistake(
            "sign_of_the_cosine",
            "The derivative of the sine is plus the cosine; only the derivative of the cosine "
            "brings a minus.",
            ("+ 2.4 * np.cos(2.4 * x)", "- 2.4 * np.cos(2.4 * x)"),
        ),
        Mistake(
            "parabola_not_doubled",
            "The derivative of 0.12 x^2 is 0.24 x: the 2 comes down.",
            ("0.24 * x", "0.12 * x"),
        ),
        Mistake(
            "not_differentiated",
            "The slope still holds the sine and the cosine of the height: sine becomes cosine, "
            "cosine becomes minus sine.",
            (SLOPE, "0.24 * x + 2.4 * np.sin(2.4 * x) + 1.5 * np.cos(5 * x)"),
        ),
        Mistake(
            "downhill",
            "This is the way downhill; the slope itself has the other sign, positive where the road "
            "rises towards larger x.",
            ("return height, slope", "return height, -slope"),
        ),
        Mistake(
            "degrees",
            "The angles are taken for degrees; np.sin and np.cos take radians, as the formula does.",
            ("np.sin(2.4 * x)", "np.sin(np.deg2rad(2.4 * x))"),
            ("np.cos(5 * x)", "np.cos(np.deg2rad(5 * x))"),
            ("np.cos(2.4 * x)", "np.cos(np.deg2rad(2.4 * x))"),
            ("np.sin(5 * x)", "np.sin(np.deg2rad(5 * x))"),
        ),
        Mistake(
            "sine_and_cosine_exchanged",
            "Sine and cosine are exchanged in the height.",
            (HEIGHT, "0.12 * x**2 + np.cos(2.4 * x) + 0.3 * np.sin(5 * x)"),
            (SLOPE, "0.24 * x - 2.4 * np.sin(2.4 * x) + 1.5 * np.cos(5 * x)"),
        ),
        Mistake(
            "product_squared",
            "The whole of 0.12 x is squared; the square is of x alone.",
            ("0.12 * x**2", "(0.12 * x) ** 2"),
            ("0.24 * x", "2 * 0.12 * (0.12 * x)"),
        ),
        Mistake(
            "factors_outside",
            "2.4 and 5 multiply the sine and the cosine; they belong inside, beside the x.",
            (HEIGHT, "0.12 * x**2 + 2.4 * np.sin(x) + 1.5 * np.cos(x)"),
            (SLOPE, "0.24 * x + 2.4 * np.cos(x) - 1.5 * np.sin(x)"),
        ),
        Mistake(
            "summed",
            "The heights are added up; each position has a height of its own.",
            ("return height, slope", "return np.sum(height), slope"),
        ),
        Mistake(
            "flattened",
            "The results are flat; they should have the shape of x.",
            ("return height, slope", "return np.ravel(height), np.ravel(slope)"),
        ),
        Mistake(
            "results_exchanged",
            "The results are in the wrong order: the height comes first.",
            ("return height, slope", "return slope, height"),
        ),
        Mistake(
            "slope_not_returned",
            "Only the height is returned: end with return height, slope.",
            ("return height, slope", "return height"),
        ),
    ],
)

# ---------------------------------------------------------------------------------------------
# numerical_gradient
# ---------------------------------------------------------------------------------------------


# What is called often runs beside the learner's code, as text: a tenth of the cost of calling back.
ONE_POINT = """
import numpy as np
{constants}
@np.errstate(all="ignore")
def {name}(x):
    x = np.asarray(x)
    if x.shape != {shape}:
        raise ValueError("a point has shape {shape}; {name} was given one of shape %s" % (x.shape,))
    return {formula}
"""


def handed(name: str, formula: str, shape: tuple[int, ...], **constants: Any) -> Given:
    """Return a function of one point x, as text: a formula that may use some constants."""
    known = "".join(f"{constant} = {value!r}\n" for constant, value in constants.items())
    return Given(ONE_POINT.format(name=name, formula=formula, shape=shape, constants=known), name)


def lent(name: str, shape: tuple[int, ...], run: Callable[[Array], Any]) -> Function:
    """Return a function of one point that is called back, and whose calls can be looked at."""

    def call(*points: Any) -> Any:
        if len(points) != 1:
            raise ValueError(f"{name} takes one array; it was given {len(points)} arguments")
        x = np.asarray(points[0])
        if x.dtype.kind not in "iuf" or x.shape != shape:
            raise ValueError(
                f"a point has shape {shape}; {name} was given an array of shape {x.shape} and dtype "
                f"{x.dtype}"
            )
        with np.errstate(all="ignore"):
            return run(x.astype(np.float64))

    return Function(name, call)


def signed(rng: Rng, shape: tuple[int, ...], low: float, high: float) -> Array:
    """Draw numbers of a size between two bounds and of either sign."""
    numbers: Array = np.asarray(rng.uniform(low, high, shape) * rng.choice([-1.0, 1.0], shape))
    return numbers


def scene(
    rng: Rng, shape: tuple[int, ...], size: float = 1.0, sign: float = 0.0
) -> tuple[Array, Given, Callable[[Array], Array]]:
    """Draw a point, a curved function and its gradient, whose elements are between 0.1 and 6.

    The function is sum(w exp(x)) + 0.2 sin(sum(x)), with the sizes of w from 1 to 2 and those of x
    from 0.3 to 1: every coordinate counts, and each derivative depends on all of them.

    Parameters
    ----------
    rng, shape
        Where from, and the shape of the point.
    size
        What the function is multiplied by.
    sign
        That of every element of the gradient; 0 for any.
    """
    w, x = signed(rng, shape, 1.0, 2.0), signed(rng, shape, 0.3, 1.0)
    w = size * (sign * np.abs(w) if sign else w)
    formula = f"np.sum(np.array(W) * np.exp(x)) + {0.2 * size} * np.sin(np.sum(x))"
    return (
        x,
        handed("f", formula, shape, W=w.tolist()),
        lambda p: np.asarray(w * np.exp(p) + 0.2 * size * np.cos(np.sum(p))),
    )


def measured(*shape: int, h: float | None = None, watched: bool = False) -> Build:
    """Return what draws a function and a point to measure its gradient at."""

    def build(rng: Rng) -> Args:
        x, f, _ = scene(rng, shape)
        asked = lent("f", shape, f.function()) if watched else f
        return (asked, x, *([] if h is None else [h]))

    return build


ROUNDING = 1e-13  # less than any step, more than moving a coordinate there and back may leave


def steps_taken(result: Result) -> Problem | None:
    """Find what is wrong with the points at which f was asked."""
    f, x, h = result.args
    asked = [np.asarray(args[0]) for args in result.evaluations[f] if args]
    most = 2 * x.size + 1
    if len(asked) > most:
        return Problem(
            f"f was called {len(asked)} times for {x.size} coordinates.",
            f"at most {most} calls",
            f"{len(asked)} calls",
            "Two calls for each coordinate are enough, and each may be expensive.",
            mistake="calls_wasted",
        )
    if any(point.dtype != np.float64 for point in asked):
        return Problem(
            "f was asked at float32 numbers, which are further apart than small steps.",
            "points in float64, as x is",
            suggestion="Measure in float64: x.copy() keeps the precision of x.",
            mistake="single_precision",
        )
    offsets = np.array([point - x for point in asked if point.shape == x.shape])
    offsets = offsets.reshape(-1, x.size)
    moved = np.count_nonzero(np.abs(offsets) > ROUNDING, axis=1)
    alone = offsets[moved == 1]
    ahead, behind = (np.isclose(side * alone, h, rtol=1e-6).any(axis=0) for side in (1, -1))
    if ahead.all() and behind.all():
        return None
    if moved.any() and not len(alone):
        return Problem(
            f"f was only called where {moved.max()} coordinates had moved at once.",
            "points with one coordinate moved",
            suggestion="Move one coordinate, ask f, and put it back before you move the next.",
            mistake="all_at_once" if moved.max() == x.size else "",
        )
    for there, missing, points, where in (
        (ahead, behind, "x and x + h: that is a forward difference", "behind"),
        (behind, ahead, "x and x - h: that is a backward difference", "ahead"),
    ):
        if there.all() and not missing.any():
            return Problem(
                f"You evaluated f at {points}.",
                "f(x + h) and f(x - h)",
                f"no point {where}",
                "Step both ways and divide by 2 * h: then the errors of the two sides cancel.",
                mistake="one_sided",
            )
    sizes = np.abs(alone[np.abs(alone) > ROUNDING])
    if len(sizes) and not np.isclose(sizes, h, rtol=1e-6).any():
        return Problem(
            f"You step by {sizes.max():.6g}; h is {h:g}.",
            f"steps of {h:g}",
            f"steps of {sizes.max():.6g}",
            "Take h from the parameters.",
            mistake="h_ignored",
        )
    index = np.unravel_index(int(np.argmin(ahead & behind)), x.shape)
    place = f"x[{', '.join(str(int(i)) for i in index)}]" if index else "x"
    return Problem(
        f"f was not called with {place}, and nothing else, moved by h = {h:g} to either side.",
        "f(x + h * e_i) and f(x - h * e_i) for every coordinate i",
        suggestion="Move one coordinate at a time, by h, and put it back before the next.",
    )


def x_is_as_it_was(result: Result) -> Problem | None:
    """Find what has become of x, a rounding aside."""
    assert result.got is not None
    x, after = result.args[1], np.asarray(result.got["x"])
    worst = np.unravel_index(int(np.argmax(np.abs(after - x))), x.shape)
    if abs(after[worst] - x[worst]) <= ROUNDING:
        return None
    place = f"x[{', '.join(str(int(i)) for i in worst)}]" if worst else "x"
    return Problem(
        f"{place} was {x[worst]:.6g} before the call and is {after[worst]:.6g} after it.",
        f"{place} = {x[worst]:.6g}",
        f"{place} = {after[worst]:.6g}",
        "Put the coordinate back when its two heights are known, or move it in a copy, x.copy().",
        mistake="x_left_changed",
    )


FEW_POINTS = [
    Case("2 numbers, h = 0.1", measured(2, h=0.1, watched=True)),
    Case("a 2 x 3 matrix, h = 0.03", measured(2, 3, h=0.03, watched=True)),
]
BOTH_WAYS = "point[index] = centre - h"

topic.exercise(
    "numerical_gradient",
    points=3,
    returns=("df",),
    updates=("x",),
    cases=[
        *FEW_POINTS,
        Case("3 numbers, h = 0.05", measured(3, h=0.05)),
        Case("3 numbers, h left out", measured(3), tolerance="differences"),
        hidden(Case("2 x 1 x 3 numbers, h = 0.08", measured(2, 1, 3, h=0.08))),
    ],
    checks=[
        by_hand(
            lent("f", (2,), lambda p: p[0] ** 3 + p[0] * p[1]),
            np.array([1.0, 2.0]),
            1.0,
            gives={"df": [6.0, 1.0]},
            because="f = a^3 + a b at a = 1, b = 2, with a large step of 1: f(2, 2) = 12 and "
            "f(0, 2) = 0, 2 apart; f(1, 3) = 4 and f(1, 1) = 2, 2 apart.",
        ),
        matches_truth("df", name="is what steps of h to both sides measure"),
        holds(
            "asks f on both sides of x, no more than twice a coordinate", steps_taken, FEW_POINTS
        ),
        holds("x is afterwards as it was", x_is_as_it_was, FEW_POINTS),
        survives(
            "points of any shape",
            [
                Case("a number of shape ()", measured(h=0.1)),
                Case("1 number", measured(1, h=0.1)),
                Case("a column", measured(3, 1), tolerance="differences"),
            ],
            says="for index in np.ndindex(x.shape) visits every element of an array of any shape.",
        ),
        repeatable(),
    ],
    hints=[
        "How much does f change if one coordinate is a little larger, and if it is a little "
        "smaller? How far apart are these two points?",
        "For each index: add h to that one coordinate, ask f; subtract h instead, ask f again; put "
        "it back. The difference of the two heights, divided by 2 h, is that element of df.",
        "Work on p = x.copy() and loop with for i in np.ndindex(x.shape): set p[i] to x[i] + h and "
        "keep f(p), set it to x[i] - h and keep f(p), set it back to x[i], then fill df[i]. Mind "
        "the parentheses in / (2 * h).",
    ],
    mistakes=[
        Mistake(
            "one_sided",
            "You step one way only: that is a forward or a backward difference, wrong by about h "
            "times half the curvature. Step both ways and divide by 2 * h.",
            (BOTH_WAYS, "point[index] = centre"),
            ("(2 * h)", "h"),
        ),
        Mistake(
            "divided_by_h",
            "The two points are 2 * h apart; you divide by h.",
            ("(2 * h)", "h"),
        ),
        Mistake(
            "parentheses_forgotten",
            "`/ 2 * h` divides by 2 and then multiplies by h; write / (2 * h).",
            ("(2 * h)", "2 * h"),
        ),
        Mistake(
            "sign",
            "The difference is the wrong way round: it is f ahead minus f behind.",
            ("ahead - behind", "behind - ahead"),
        ),
        Mistake(
            "all_at_once",
            "All coordinates move at once, which measures the sum of all derivatives; move one at a "
            "time.",
            body="return np.full_like(x, (f(x + h) - f(x - h)) / (2 * h))",
        ),
        Mistake(
            "not_put_back",
            "A coordinate stays where its last step took it, and the next ones are measured from "
            "there: put it back first.",
            ("point[index] = centre\n", "pass\n"),
        ),
        Mistake(
            "x_left_changed",
            "x itself has moved when the call is over: put each coordinate back, or work on a copy.",
            ("point = x.copy()", "point = x"),
            ("point[index] = centre\n", "pass\n"),
        ),
        Mistake(
            "alias",
            "Every difference is 0: two names for one array are one array, so both points are the "
            "same. Write x.copy().",
            body="""
df = np.zeros_like(x)
for index in np.ndindex(x.shape):
    up = x
    down = x
    up[index] += h
    down[index] -= h
    df[index] = (f(up) - f(down)) / (2 * h)
return df
""",
        ),
        Mistake(
            "h_ignored",
            "Your step is not h: take h from the parameters, and take it as it is.",
            ("centre + h", "centre + 1e-5"),
            ("centre - h", "centre - 1e-5"),
            ("(2 * h)", "2e-5"),
        ),
        Mistake(
            "divisor_fixed",
            "You divide by a number of your own; divide by 2 * h, with the h that you step by.",
            ("(2 * h)", "2e-5"),
        ),
        Mistake(
            "single_precision",
            "f is measured in float32, whose seven digits are lost in the difference; use float64.",
            ("point = x.copy()", "point = x.astype(np.float32)"),
        ),
        Mistake(
            "matrices_only",
            "Two loops over x.shape[0] and x.shape[1] fit matrices alone; np.ndindex(x.shape) fits "
            "any shape.",
            ("np.ndindex(x.shape)", "np.ndindex((x.shape[0], x.shape[1]))"),
        ),
        Mistake(
            "first_axis_only",
            "The loop moves whole rows: range(len(x)) counts the first axis only; np.ndindex(x.shape) "
            "visits every element.",
            ("np.ndindex(x.shape)", "range(len(x))"),
        ),
        Mistake(
            "flattened",
            "The gradient is flat; it should have the shape of x.",
            ("return df", "return df.ravel()"),
        ),
        Mistake(
            "returned_too_early",
            "Only the first coordinate is measured: the return stands inside the loop.",
            ("/ (2 * h)\n", "/ (2 * h)\n        break\n"),
        ),
        Mistake(
            "last_left_out",
            "The last coordinate is never measured: the loop ends one too early.",
            ("np.ndindex(x.shape)", "list(np.ndindex(x.shape))[:-1]"),
        ),
        Mistake(
            "calls_wasted",
            "f is called more often than it need be: twice for each coordinate, and once more if you "
            "like. In a network each call is a whole pass over the data.",
            ("centre = x[index]", "centre = x[index]\n        f(point)"),
        ),
    ],
)

# ---------------------------------------------------------------------------------------------
# relative_error
# ---------------------------------------------------------------------------------------------


def nearly_equal(
    *shape: int, apart: float = 0.1, size: float = 1.0, dtype: type = np.float64
) -> Build:
    """Return what draws two arrays that differ by up to `apart` of themselves, of both signs."""

    def build(rng: Rng) -> Args:
        a = signed(rng, shape, 0.5, 2.0)
        b = a * (1 + apart * signed(rng, shape, 0.2, 1.0))
        return np.asarray(size * a, dtype=dtype), np.asarray(size * b, dtype=dtype)

    return build


def negative(build: Build) -> Build:
    """Make all numbers negative."""
    return lambda rng: tuple(-np.abs(each) for each in build(rng))


def mixed(rng: Rng) -> Args:
    """Draw numbers of very different sizes; the small ones differ most."""
    a, b = nearly_equal(2, 3)(rng)
    sizes = np.array([[1000.0, 1.0, 1e-3], [1e-5, 10.0, 0.1]])
    return a * sizes, a * sizes + (b - a) * sizes**0.75


def with_elements(place: int, a: float, b: float) -> Build:
    """Put two numbers opposite each other among five others."""

    def build(rng: Rng) -> Args:
        left, right = nearly_equal(6)(rng)
        left[place], right[place] = a, b
        return left, right

    return build


topic.exercise(
    "relative_error",
    points=2,
    returns=("error",),
    cases=[
        Case("3 numbers", nearly_equal(3)),
        Case("2 x 3 numbers of many sizes", mixed),
        Case("6 numbers, two of opposite signs", with_elements(2, 1.5, -1.0)),
        Case("5 negative numbers", negative(nearly_equal(5, apart=0.5))),
        hidden(Case("2 x 3 x 4 numbers", nearly_equal(2, 3, 4, apart=0.01))),
        hidden(Case("257 numbers, equal to 6 digits", nearly_equal(257, apart=1e-6))),
    ],
    checks=[
        by_hand(
            np.array([[1.0, -3.0], [10.0, 0.0]]),
            np.array([[1.0, -1.0], [15.0, 0.0]]),
            gives={"error": 0.5},
            because="The errors are 0 / 2, 2 / 4, 5 / 25 and 0 / 1e-8; the largest is 0.5.",
        ),
        matches_truth(),
        survives(
            "NaN, an element that is 0 in both, and tiny numbers",
            [
                Case("NaN in a", with_elements(3, np.nan, 1.0)),
                Case("NaN in b", with_elements(0, 1.0, np.nan)),
                Case("NaN in both", with_elements(5, np.nan, np.nan)),
                Case("0 in both", with_elements(4, 0.0, 0.0)),
                Case("nothing but 0", lambda _: (np.zeros(3), np.zeros(3))),
                Case("numbers near 1e-9", nearly_equal(4, size=1e-9)),
                Case("numbers near 1e-8", nearly_equal(4, size=1e-8)),
                Case("numbers near 1e-7", nearly_equal(4, size=1e-7)),
                Case("1e-9 beside ordinary numbers", with_elements(1, 1e-9, -2e-9)),
                Case("a number of shape ()", nearly_equal()),
                Case("float32", nearly_equal(5, dtype=SINGLE)),
            ],
            says="np.maximum(1e-8, size) keeps the size from being too small, and np.max passes "
            "NaN on where np.nanmax and `>` in a loop hide it.",
        ),
        repeatable(),
        keeps_inputs(),
        vectorised(lambda rng, n: nearly_equal(n)(rng)),
    ],
    hints=[
        "Compute one error for each element first; which single number do you then report?",
        "The error of an element is its difference over the sum of the two sizes, both without "
        "their signs. The size is never taken to be below 1e-8. The worst element counts.",
        "Three arrays: np.abs of the difference; np.abs(a) + np.abs(b); and np.maximum of 1e-8 and "
        "that. Divide the first by the last, and take np.max.",
    ],
    mistakes=[
        Mistake(
            "not_divided",
            "This is the absolute error: divide each difference by the size of the two numbers.",
            (" / np.maximum(1e-8, size)", ""),
        ),
        Mistake(
            "mean",
            "The errors are averaged; one wrong element among many is then hidden. The largest "
            "counts.",
            ("np.max(", "np.mean("),
        ),
        Mistake("summed", "The errors are added up; the largest counts.", ("np.max(", "np.sum(")),
        Mistake(
            "smallest",
            "The best element is reported; the worst one counts.",
            ("np.max(", "np.min("),
        ),
        Mistake(
            "size_of_the_larger",
            "You divide by the larger of the two sizes; it is their sum.",
            ("np.abs(a) + np.abs(b)", "np.maximum(np.abs(a), np.abs(b))"),
        ),
        Mistake(
            "mean_size",
            "You divide by the mean of the two sizes; it is their sum, so that the error is at most "
            "1.",
            ("np.abs(a) + np.abs(b)", "(np.abs(a) + np.abs(b)) / 2"),
        ),
        Mistake(
            "size_of_one",
            "You divide by the size of one of the two; it is the sum of both, so that it does not "
            "matter which comes first.",
            ("np.abs(a) + np.abs(b)", "np.abs(b)"),
        ),
        Mistake(
            "size_of_the_sum",
            "You divide by abs(a + b), which is small where the signs differ; take abs(a) + abs(b).",
            ("np.abs(a) + np.abs(b)", "np.abs(a + b)"),
        ),
        Mistake(
            "signed",
            "The difference keeps its sign, so elements that are too small do not count: take its "
            "absolute value.",
            ("np.abs(a - b)", "a - b"),
        ),
        Mistake(
            "signed_sizes",
            "The sizes keep their signs: two negative numbers are then divided by 1e-8.",
            ("np.abs(a) + np.abs(b)", "a + b"),
        ),
        Mistake(
            "no_floor",
            "Where both elements are 0, 0 / 0 is NaN: the size is never taken to be below 1e-8.",
            ("np.maximum(1e-8, size)", "size"),
        ),
        Mistake(
            "floor_added",
            "1e-8 is added to the size; it is a lower limit, np.maximum(1e-8, size).",
            ("np.maximum(1e-8, size)", "(size + 1e-8)"),
        ),
        Mistake(
            "floor_as_ceiling",
            "The smaller of 1e-8 and the size is taken; it is the larger: np.maximum.",
            ("np.maximum(1e-8, size)", "np.minimum(1e-8, size)"),
        ),
        Mistake(
            "largest_by_largest",
            "The largest difference is divided by the largest size; divide element by element first, "
            "then take the largest.",
            (
                "np.max(difference / np.maximum(1e-8, size))",
                "np.max(difference) / max(1e-8, np.max(size))",
            ),
        ),
        Mistake(
            "norms",
            "Norms are divided: a good measure, but another one. Here it is the worst element.",
            (
                "np.max(difference / np.maximum(1e-8, size))",
                "np.linalg.norm(a - b) / max(1e-8, np.linalg.norm(a) + np.linalg.norm(b))",
            ),
        ),
        Mistake(
            "nan_hidden",
            "A NaN is passed over: a broken gradient then looks perfect. np.max keeps it.",
            ("np.max(", "np.nanmax("),
        ),
        Mistake(
            "per_cent",
            "This is in per cent; 1 stands for opposite signs, not 100.",
            ("return np.max(", "return 100 * np.max("),
        ),
        Mistake(
            "squared",
            "Difference and sizes are squared; take their absolute values.",
            ("np.abs(a - b)", "(a - b) ** 2"),
            ("np.abs(a) + np.abs(b)", "a**2 + b**2"),
        ),
        Mistake(
            "floor_of_one",
            "The size is never taken to be below 1, so that errors of small numbers look small; the "
            "lower limit is 1e-8.",
            ("np.maximum(1e-8, size)", "np.maximum(1, size)"),
        ),
        Mistake(
            "smaller_floor",
            "The lower limit of the size is 1e-8; yours is smaller, so that errors of numbers that are "
            "nearly 0 count.",
            ("np.maximum(1e-8, size)", "np.maximum(1e-12, size)"),
        ),
        Mistake(
            "size_of_the_first",
            "You divide by the size of one of the two; it is the sum of both, so that it does not "
            "matter which comes first.",
            ("np.abs(a) + np.abs(b)", "np.abs(a)"),
        ),
        Mistake(
            "one_for_each_element",
            "There is one error for each element; report the largest.",
            ("np.max(difference / np.maximum(1e-8, size))", "difference / np.maximum(1e-8, size)"),
        ),
        Mistake(
            "one_for_each_column",
            "There is one error for each column: np.max without axis looks at all elements.",
            ("np.maximum(1e-8, size))", "np.maximum(1e-8, size), axis=0)"),
        ),
    ],
)

# ---------------------------------------------------------------------------------------------
# gradient_check
# ---------------------------------------------------------------------------------------------

Fault = Callable[[Array, Array], Array]


def claimed(
    *shape: int,
    fault: Fault | None = None,
    tolerance: float | None = None,
    size: float = 1.0,
    sign: float = 0.0,
) -> Build:
    """Return what draws a function, its gradient with a fault in it or none, and a point."""

    def build(rng: Rng) -> Args:
        x, f, gradient = scene(rng, shape, size, sign)

        def claim(p: Array) -> Array:
            right = gradient(p)
            return right if fault is None else np.asarray(fault(right, p))

        more = [] if tolerance is None else [tolerance]
        return (f, lent("gradient", shape, claim), x, *more)

    return build


def times(factor: float) -> Fault:
    """Make every element too large."""
    return lambda g, _: factor * g


def off(**by: float) -> Fault:
    """Make elements wrong by a part of the largest: `off(_0=0.1)` the first, `off(last=0.1)`."""

    def fault(g: Array, _: Array) -> Array:
        wrong, largest = g.copy(), np.max(np.abs(g))
        for place, part in by.items():
            wrong.flat[-1 if place == "last" else int(place[1:])] += part * largest
        return wrong

    return fault


LENIENT = (
    "Errors far larger than the tolerance pass: is it multiplied by something, or is there another "
    "limit beside it?"
)


def turned(g: Array, _: Array) -> Array:
    """Turn a gradient of two elements by a right angle."""
    return g[::-1] * [-1.0, 1.0]


def sign_of_the_second(g: Array, _: Array) -> Array:
    """Give one element the wrong sign."""
    return g * np.where(np.arange(g.size) == 1, -1.0, 1.0).reshape(g.shape)


topic.exercise(
    "gradient_check",
    points=3,
    returns=("right",),
    uses=("numerical_gradient", "relative_error"),
    cases=[
        Case("2 numbers, a right gradient", claimed(2)),
        Case("2 numbers, 1 per cent too large", claimed(2, fault=times(1.01))),
        Case(
            "3 numbers, the last a little too small",
            claimed(3, fault=off(last=-0.0004), size=0.2),
        ),
        Case("3 numbers, the first too large", claimed(3, fault=off(_0=0.01))),
        Case("3 numbers, the wrong sign", claimed(3, fault=times(-1.0))),
        Case("3 numbers, the wrong sign in the middle", claimed(3, fault=sign_of_the_second)),
        Case("2 numbers, errors that cancel", claimed(2, fault=off(_0=0.1, _1=-0.1))),
        Case("2 numbers, turned by a right angle", claimed(2, fault=turned)),
        Case("2 numbers, right only at 0", claimed(2, fault=lambda g, p: g + 0.5 * p)),
        Case(
            "2 numbers, uphill, 0.1 per cent too large, tolerance 0.01",
            claimed(2, fault=times(1.001), tolerance=0.01, size=100.0, sign=1.0),
        ),
        Case(
            "2 numbers, downhill, 0.01 per cent too large, tolerance 0.001",
            claimed(2, fault=times(1.0001), tolerance=0.001, sign=-1.0),
        ),
        Case(
            "2 numbers in the thousands, twice too large, tolerance 0.001",
            claimed(2, fault=times(2.0), tolerance=0.001, size=3000.0),
        ),
        hidden(Case("2 x 3 numbers, a right gradient", claimed(2, 3))),
        hidden(Case("2 x 2 numbers, one a little too large", claimed(2, 2, fault=off(_2=0.005)))),
        # Who looks at some elements only, drawn by chance, is found out by one wrong one of many.
        hidden(Case("4 x 5 numbers, one too large", claimed(4, 5, fault=off(_8=0.02)))),
        hidden(Case("5 x 4 numbers, the last too small", claimed(5, 4, fault=off(last=-0.02)))),
    ],
    checks=[
        by_hand(
            lent("f", (2,), lambda p: p[0] ** 2 * p[1]),
            lent("gradient", (2,), lambda p: np.array([2 * p[0] * p[1], 2 * p[0]])),
            np.array([3.0, 2.0]),
            gives={"right": False},
            because="f = a^2 b at a = 3, b = 2 has the gradient (2 a b, a^2) = (12, 9). Claimed is "
            "(2 a b, 2 a) = (12, 6).",
        ),
        matches_truth(name="tells right gradients from wrong ones"),
        survives(
            "NaN, infinity and a single number",
            [
                Case("NaN in one element", claimed(2, fault=off(_1=np.nan))),
                Case("NaN in all elements", claimed(2, fault=times(np.nan))),
                Case("infinity in one element", claimed(2, fault=off(_0=np.inf))),
                Case("a number of shape (), right", claimed()),
                Case("a number of shape (), wrong", claimed(fault=times(1.01))),
            ],
            says="Every comparison with NaN is False: ask whether the error is small, and let all "
            "else be wrong; np.isfinite tells NaN and infinity.",
        ),
        repeatable(),
        keeps_inputs(),
    ],
    hints=[
        "You can measure the gradient without any calculus. What is left is to compare two arrays, "
        "and to end with one yes or no.",
        "Call gradient(x), measure with your numerical_gradient, and ask whether the largest "
        "difference, relative to the size of the gradient, is at most the tolerance. What is not "
        "finite is wrong.",
        "Put the relative_error of gradient(x) and numerical_gradient(f, x) beside the tolerance, with "
        "<=: then NaN gives False. Look at infinity, too, and end with bool(...).",
    ],
    mistakes=[
        Mistake(
            "always_right",
            "Everything is accepted: a check that cannot fail checks nothing.",
            body="return True",
        ),
        Mistake(
            "always_wrong",
            "Everything is rejected, right gradients as well. Is the step so small that rounding "
            "eats the difference, or equality asked for to the last digit?",
            body="return False",
        ),
        Mistake(
            "reversed",
            "The answer is the wrong way round: True says that the gradient is right.",
            ("return bool(gap <=", "return bool(gap >"),
            ("        return False", "        return True"),
        ),
        Mistake(
            "nan_accepted",
            "NaN is accepted: every comparison with NaN is False, so `error > tolerance` never finds "
            "it. Ask whether the error is small.",
            ("if not np.all(np.isfinite(claimed)):", "if False:"),
            ("return bool(gap <= tolerance * size + noise)", "return not gap > tolerance * size"),
        ),
        Mistake(
            "nan_left_out",
            "NaN is left out of the maximum (np.nanmax), so a gradient that holds one is accepted.",
            ("np.all(np.isfinite(claimed))", "np.any(np.isfinite(claimed))"),
            ("np.max(np.abs(claimed - measured))", "np.nanmax(np.abs(claimed - measured))"),
            (
                "np.max(np.abs(claimed) + np.abs(measured))",
                "np.nanmax(np.abs(claimed) + np.abs(measured))",
            ),
        ),
        Mistake(
            "nan_made_zero",
            "NaN is turned into 0 before the errors are compared; a gradient that holds one is wrong.",
            ("if not np.all(np.isfinite(claimed)):", "if np.any(np.isinf(claimed)):"),
            (
                "np.max(np.abs(claimed - measured))",
                "np.max(np.abs(np.nan_to_num(claimed - measured)))",
            ),
            ("np.abs(claimed) + np.abs(measured)", "2 * np.abs(measured)"),
        ),
        Mistake(
            "infinity_accepted",
            "Infinity is accepted: relative to an infinite size every error is small.",
            ("np.all(np.isfinite(claimed))", "not np.any(np.isnan(claimed))"),
        ),
        Mistake(
            "errors_cancel",
            "Errors of opposite signs cancel: compare element by element, not sums or means.",
            (
                "np.max(np.abs(claimed - measured))",
                "np.abs(np.sum(claimed - measured))",
            ),
        ),
        Mistake(
            "mean_difference",
            "The differences are averaged with their signs, so whatever is too small passes: take "
            "absolute values first.",
            ("np.max(np.abs(claimed - measured))", "np.mean(claimed - measured)"),
        ),
        Mistake(
            "signed_difference",
            "The difference keeps its sign, so elements that are too small pass: take its absolute "
            "value.",
            ("np.max(np.abs(claimed - measured))", "np.max(claimed - measured)"),
        ),
        Mistake(
            "sizes_compared",
            "Absolute values are compared, so the wrong sign passes: take the difference first.",
            ("np.abs(claimed - measured)", "np.abs(np.abs(claimed) - np.abs(measured))"),
        ),
        Mistake(
            "norms_compared",
            "The lengths of both gradients are compared, so a turned one passes: take the length of "
            "the difference.",
            (
                "np.max(np.abs(claimed - measured))",
                "abs(np.linalg.norm(claimed) - np.linalg.norm(measured))",
            ),
        ),
        Mistake(
            "direction_only",
            "Only the direction is compared, so the wrong scale passes: compare element by "
            "element.",
            (
                "np.max(np.abs(claimed - measured))",
                "1 - np.vdot(claimed, measured) / np.linalg.norm(claimed) / np.linalg.norm(measured)",
            ),
            ("tolerance * size + noise", "tolerance"),
        ),
        Mistake(
            "first_element_only",
            "Only the first element decides: is there a return inside the loop?",
            ("np.max(np.abs(claimed - measured))", "np.abs(claimed - measured).flat[0]"),
        ),
        Mistake(
            "last_element_only",
            "Only the last element decides: each round of the loop overwrites the verdict.",
            ("np.max(np.abs(claimed - measured))", "np.abs(claimed - measured).flat[-1]"),
        ),
        Mistake(
            "limit_of_its_own",
            LENIENT,
            ("tolerance * size", "1e-3 * size"),
        ),
        Mistake(
            "last_element_left_out",
            "The last element is never looked at: does the loop, or a slice, end one too early?",
            (
                "np.max(np.abs(claimed - measured))",
                "np.max(np.abs(claimed - measured).flat[:-1], initial=0)",
            ),
        ),
        Mistake(
            "one_is_enough",
            "One right element is enough for you; all must be right.",
            ("np.max(np.abs(claimed - measured))", "np.min(np.abs(claimed - measured))"),
        ),
        Mistake(
            "too_lenient",
            LENIENT,
            ("tolerance * size", "max(tolerance, 5e-3) * size"),
        ),
        Mistake(
            "far_too_lenient",
            LENIENT,
            ("tolerance * size", "max(tolerance, 0.1) * size"),
        ),
        Mistake(
            "measured_badly",
            "Right gradients are rejected unless the tolerance is generous: what you measure is not "
            "accurate enough, or is measured elsewhere. At x, step both ways by about 1e-5, neither "
            "by 1e-2 nor by 1e-12.",
            ("numerical_gradient(f, x)", "1.001 * numerical_gradient(f, x)"),
        ),
        Mistake(
            "tolerance_ignored",
            "The tolerance is always the same; take it from the parameters.",
            ("tolerance * size", "1e-6 * size"),
        ),
        Mistake(
            "compared_with_itself",
            "The gradient is compared with itself; compare it with the one that you measure.",
            ("numerical_gradient(f, x)", "gradient(x)"),
        ),
        Mistake(
            "checked_at_zero",
            "The gradient is checked at 0 instead of at x, where many wrong ones look right.",
            ("gradient(x)", "gradient(0 * x)"),
            ("numerical_gradient(f, x)", "numerical_gradient(f, 0 * x)"),
        ),
        Mistake(
            "not_called",
            "gradient is a function: call it, gradient(x).",
            ("claimed = gradient(x)", "claimed = gradient - x"),
        ),
    ],
)

# ---------------------------------------------------------------------------------------------
# gradient_descent
# ---------------------------------------------------------------------------------------------

BOWL = "(np.array(CURVATURES, np.result_type(x, np.float32)) @ x.ravel()).reshape(x.shape)"


def bowl(
    *shape: int, rate: float, steps: int, bend: float = 0.3, dtype: type = np.float64
) -> Build:
    """Return what draws a bowl, a start, and a rate in units of 1 / the largest curvature."""

    def build(rng: Rng) -> Args:
        d = int(np.prod(shape))
        axes = np.linalg.qr(rng.normal(size=(d, d)))[0]
        sharpest = rng.uniform(4.0, 6.0)
        curvatures = axes @ np.diag([sharpest, *rng.uniform(1.0, 3.0, d - 1)]) @ axes.T
        formula = f"{BOWL} + {bend} * np.sin(x)"
        slope = handed("slope", formula, shape, CURVATURES=curvatures.tolist())
        x0: Array = signed(rng, shape, 0.5, 3.0).astype(dtype)
        return slope, x0, float(rate / sharpest), steps

    return build


def resting(rng: Rng) -> Args:
    """Start at the bottom, where the slope is 0."""
    slope, x0, rate, steps = bowl(3, rate=0.4, steps=4)(rng)
    return slope, 0 * x0, rate, steps


topic.exercise(
    "gradient_descent",
    points=2,
    returns=("path",),
    cases=[
        Case("2 numbers, 1 step", bowl(2, rate=0.4, steps=1)),
        Case("2 numbers, 3 steps", bowl(2, rate=0.8, steps=3)),
        Case("a 2 x 3 matrix, 4 steps", bowl(2, 3, rate=0.4, steps=4)),
        Case("a number of shape (), 5 steps", bowl(rate=0.3, steps=5)),
        Case("3 numbers, 120 steps", bowl(3, rate=1.2, steps=120)),
        hidden(Case("2 x 1 x 3 numbers, 7 steps", bowl(2, 1, 3, rate=1.7, steps=7))),
    ],
    checks=[
        by_hand(
            handed("slope", "2 * x", (2,)),
            np.array([8.0, -3.0]),
            0.25,
            2,
            gives={"path": [[8.0, -3.0], [4.0, -1.5], [2.0, -0.75]]},
            because="In the bowl x^2 the slope is 2 x: at rate 0.25 each step takes away half.",
        ),
        matches_truth(name="records every position of the walk"),
        survives(
            "no steps, a rate of 0, rates that blow up, and float32",
            [
                Case("no steps", bowl(2, rate=0.5, steps=0)),
                Case("a rate of 0", bowl(2, rate=0.0, steps=3)),
                Case("a start where the slope is 0", resting),
                Case("swinging: over the valley and back", bowl(3, rate=2.0, steps=9, bend=0.0)),
                Case("blowing up", bowl(2, rate=2.3, steps=12)),
                Case("blowing up faster", bowl(2, rate=4.0, steps=40, bend=0.0)),
                Case("float32", bowl(3, rate=0.7, steps=4, dtype=SINGLE)),
            ],
            says="Take all the steps that are asked for, whatever happens; with none, the path holds "
            "the start alone.",
        ),
        repeatable(),
        keeps_inputs(),
        keeps_precision(),
    ],
    hints=[
        "How many positions does a walk of num_steps steps have?",
        "Make room for num_steps + 1 positions and put x0 first. Each further one is the one before "
        "it, minus the learning rate times the slope there.",
        "path = np.zeros((num_steps + 1, *x0.shape)), path[0] = x0, and a loop that fills path[t + 1] "
        "from path[t]. No `-=` on an array that you have already recorded.",
    ],
    mistakes=[
        Mistake(
            "uphill",
            "This walks uphill: subtract the slope.",
            ("path[t] - step", "path[t] + step"),
        ),
        Mistake(
            "one_array",
            "Every entry of the path shows the last position: one array was changed in place and "
            "recorded again and again. Write x = x - ..., or record x.copy().",
            ("return path", "return np.zeros_like(path) + path[-1]"),
        ),
        Mistake(
            "start_left_out",
            "The start is missing from the path: path[0] is x0.",
            ("path\n", "path[1:]\n"),
        ),
        Mistake(
            "end_left_out",
            "The last position is missing: record it after the last step as well.",
            ("return path", "return path[:-1]"),
        ),
        Mistake(
            "one_step_short",
            "The last step is never taken, so the last row stays 0.",
            ("range(num_steps)", "range(num_steps - 1)"),
        ),
        Mistake(
            "one_step_too_many",
            "There is one step more than asked for: num_steps steps make num_steps + 1 positions, "
            "the start included.",
            ("num_steps + 1", "num_steps + 2"),
            ("range(num_steps)", "range(num_steps + 1)"),
        ),
        Mistake(
            "slope_of_the_start",
            "The slope is that of the start all along; ask for it again at every position.",
            ("slope(path[t])", "slope(path[0])"),
        ),
        Mistake(
            "always_from_the_start",
            "Every step starts from x0; start from where the last one ended.",
            ("= path[t] - step", "= x0 - step"),
        ),
        Mistake(
            "rate_forgotten",
            "The learning rate is left out: multiply the slope by it.",
            ("learning_rate * slope", "slope"),
        ),
        Mistake(
            "rate_divided",
            "You divide by the learning rate; multiply by it.",
            ("learning_rate * slope(path[t])", "slope(path[t]) / learning_rate"),
        ),
        Mistake(
            "rate_fixed",
            "The learning rate is always 0.1; take it from the parameters.",
            ("learning_rate * slope", "0.1 * slope"),
        ),
        Mistake(
            "rate_decays",
            "The learning rate shrinks from step to step; here it stays as it is.",
            ("learning_rate * slope", "learning_rate / (t + 1) * slope"),
        ),
        Mistake(
            "equal_steps",
            "The slope is divided by its length, so all steps are equally long; steep places should "
            "make long steps.",
            (
                "learning_rate * slope(path[t])",
                "learning_rate * slope(path[t]) / (np.linalg.norm(slope(path[t])) + 1e-12)",
            ),
        ),
        Mistake(
            "sign_only",
            "Only the sign of the slope is used; its size counts as well.",
            ("slope(path[t])", "np.sign(slope(path[t]))"),
        ),
        Mistake(
            "clipped",
            "The slope is clipped to [-1, 1]; take it as it is, even if the walk blows up.",
            ("slope(path[t])", "np.clip(slope(path[t]), -1, 1)"),
        ),
        Mistake(
            "momentum",
            "Each step carries some of the one before it: that is momentum, another exercise.",
            ("    for t in", "    step = 0\n    for t in"),
            ("step = learning_rate", "step = 0.9 * step + learning_rate"),
        ),
        Mistake(
            "coordinates_in_turn",
            "The coordinates are moved in turn, each with the slope after the last change; move all "
            "of them with one slope.",
            (
                "path[t + 1] = path[t] - step",
                "path[t + 1] = path[t]\n        for i in np.ndindex(x0.shape):\n"
                "            path[(t + 1, *i)] -= learning_rate * slope(path[t + 1])[i]",
            ),
        ),
        Mistake(
            "stops_early",
            "The walk stops where it is flat; take all the steps you are asked for.",
            (
                "        step =",
                "        if np.max(np.abs(slope(path[t]))) < 1e-3:\n"
                "            return path[: t + 1]\n        step =",
            ),
        ),
        Mistake(
            "only_the_end",
            "Only the last position is returned; the path holds all of them.",
            ("return path", "return path[-1]"),
        ),
        Mistake(
            "flat_rows",
            "Each position is flattened into a row; it should keep the shape of x0.",
            ("return path", "return path.reshape(num_steps + 1, -1)"),
        ),
        Mistake(
            "steps_on_the_last_axis",
            "The steps are counted along the last axis; they belong on the first.",
            ("return path", "return np.moveaxis(path, 0, -1)"),
        ),
        Mistake(
            "rows_run_together",
            "The positions of matrices run together: np.vstack joins rows; np.array or np.stack makes "
            "a new axis.",
            ("return path", "return np.vstack(path)"),
        ),
        Mistake(
            "in_reverse",
            "The path is in reverse: the start comes first, the end last.",
            ("return path", "return path[::-1]"),
        ),
        Mistake(
            "integers",
            "The path is stored in integers, which cuts off the decimals; make it of floats.",
            ("dtype=x0.dtype", "dtype=int"),
        ),
    ],
)

# ---------------------------------------------------------------------------------------------
# largest_stable_learning_rate
# ---------------------------------------------------------------------------------------------


def hessian(d: int, *, size: float = 1.0, dtype: type = np.float64) -> Build:
    """Return what draws a symmetric matrix whose largest eigenvalue stands alone, in any place."""

    def build(rng: Rng) -> Args:
        axes = np.linalg.qr(rng.normal(size=(d, d)))[0]
        curvatures = rng.permutation([rng.uniform(5.0, 8.0), *rng.uniform(0.5, 4.0, d - 1)])
        matrix = size * axes @ np.diag(curvatures) @ axes.T
        return (np.asarray((matrix + matrix.T) / 2, dtype=dtype),)

    return build


def of_rank_one(rng: Rng) -> Args:
    """Draw a matrix that is curved along one direction alone."""
    v = signed(rng, (4,), 0.5, 2.0)
    return (np.outer(v, v),)


def diagonal(*curvatures: float) -> Build:
    """Return a diagonal matrix, its entries a little apart from those named."""
    return lambda rng: (np.diag(np.array(curvatures) * rng.uniform(0.95, 1.05, len(curvatures))),)


topic.exercise(
    "largest_stable_learning_rate",
    points=1,
    returns=("learning_rate",),
    cases=[
        Case("2 x 2", hessian(2)),
        Case("3 x 3, diagonal", diagonal(2.0, 9.0, 4.0)),
        Case("3 x 3", hessian(3)),
        Case("5 x 5", hessian(5)),
        hidden(Case("12 x 12", hessian(12))),
    ],
    checks=[
        by_hand(
            np.array([[7.0, 2.0], [2.0, 4.0]]),
            gives={"learning_rate": 0.25},
            because="(7 - q) (4 - q) - 4 = 0 for q = 8 and q = 3; 2 / 8 = 0.25.",
        ),
        matches_truth(name="is 2 over the largest curvature"),
        survives(
            "one direction, flat directions, tiny and huge curvatures, and float32",
            [
                Case("1 x 1", hessian(1)),
                Case("rank 1", of_rank_one),
                Case("a flat direction", diagonal(3.0, 0.0)),
                Case("curvatures near 1e-5", hessian(3, size=1e-5)),
                Case("curvatures near 1e6", hessian(3, size=1e6)),
                Case("float32", hessian(4, dtype=SINGLE)),
            ],
            says="np.linalg.eigvalsh takes all of these; the largest eigenvalue is what counts.",
        ),
        repeatable(),
        keeps_inputs(),
    ],
    hints=[
        "Along which direction does the walk blow up first?",
        "Along a direction of curvature q each step multiplies by 1 - rate * q, which stays within "
        "-1 and 1 while rate < 2 / q. The largest q decides; curvatures are eigenvalues.",
        "np.linalg.eigvalsh(hessian) gives all eigenvalues of a symmetric matrix. Divide 2 by the "
        "largest.",
    ],
    mistakes=[
        Mistake(
            "one_over",
            "1 over the curvature is the fastest rate for that direction; the limit is twice that.",
            ("2 / sharpest", "1 / sharpest"),
        ),
        Mistake(
            "flattest",
            "This is the limit of the flattest direction; the sharpest one blows up long before.",
            ("np.max(", "np.min("),
        ),
        Mistake(
            "any_eigenvalue",
            "An eigenvalue is taken by its place in the list, and np.linalg.eig and eigvals give them "
            "in no order: take the largest.",
            ("np.linalg.eigvalsh(hessian)", "np.linalg.eigvals(hessian).real"),
            ("np.max(eigenvalues)", "eigenvalues[0]"),
        ),
        Mistake(
            "last_eigenvalue",
            "The last eigenvalue is taken; np.linalg.eig and eigvals give them in no order: take the "
            "largest.",
            ("np.linalg.eigvalsh(hessian)", "np.linalg.eigvals(hessian).real"),
            ("np.max(eigenvalues)", "eigenvalues[-1]"),
        ),
        Mistake(
            "multiplied",
            "The larger the curvature, the smaller the rate: divide by it.",
            ("2 / sharpest", "2 * sharpest"),
        ),
        Mistake(
            "root",
            "A root is taken of the eigenvalue; it is the curvature as it stands.",
            ("2 / sharpest", "2 / np.sqrt(sharpest)"),
        ),
        Mistake(
            "squared",
            "The square of the eigenvalue is taken (H.T @ H has the squares); take it as it is.",
            ("2 / sharpest", "2 / sharpest**2"),
        ),
        Mistake(
            "best_rate",
            "2 / (largest + smallest) is the rate that converges fastest; the limit lies higher.",
            ("2 / sharpest", "2 / (sharpest + np.min(eigenvalues))"),
        ),
        Mistake(
            "diagonal",
            "The largest entry, which stands on the diagonal, is the largest curvature only where all "
            "beside the diagonal is 0: take the eigenvalues.",
            ("np.linalg.eigvalsh(hessian)", "np.diag(hessian)"),
        ),
        Mistake(
            "trace",
            "The curvatures are added up (the trace); only the largest counts.",
            ("np.max(", "np.sum("),
        ),
        Mistake(
            "mean_curvature",
            "The curvatures are averaged; only the largest counts.",
            ("np.max(", "np.mean("),
        ),
        Mistake(
            "frobenius",
            "np.linalg.norm of a matrix is the root of all its squares; the largest eigenvalue is "
            "norm(hessian, ord=2).",
            ("np.max(eigenvalues)", "np.linalg.norm(hessian)"),
        ),
        Mistake(
            "row_sums",
            "The largest sum of a row may be larger than every eigenvalue: take the eigenvalues "
            "themselves.",
            ("np.max(eigenvalues)", "np.max(np.sum(np.abs(hessian), axis=1))"),
        ),
        Mistake(
            "determinant",
            "The determinant is the product of all curvatures; only the largest counts.",
            ("np.max(", "np.prod("),
        ),
        Mistake(
            "condition_number",
            "The condition number, largest over smallest, says how slow the walk is, not how fast it "
            "may be.",
            ("2 / sharpest", "2 / (sharpest / np.min(np.abs(eigenvalues)))"),
        ),
        Mistake(
            "eigenvectors",
            "np.linalg.eigh returns two things: the eigenvalues first, then the eigenvectors.",
            ("np.linalg.eigvalsh(hessian)", "np.linalg.eigh(hessian)[1]"),
        ),
        Mistake(
            "one_for_each",
            "There is one limit for each direction; one rate serves them all, so the smallest counts.",
            ("2 / sharpest", "2 / eigenvalues"),
        ),
    ],
)

# ---------------------------------------------------------------------------------------------
# random_restarts
# ---------------------------------------------------------------------------------------------

# Each a height and its slope.
VALLEYS = (
    "np.sum(0.12 * x**2 + np.sin(2.4 * x) + 0.3 * np.cos(5 * x)) + TILT * np.sum(x) ** 2 + LIFT",
    "0.24 * x + 2.4 * np.cos(2.4 * x) - 1.5 * np.sin(5 * x) + 2 * TILT * np.sum(x)",
)
TWO_WELLS = "(x**2 - 1) ** 2 + 0.2 * x + 2", "4 * x * (x**2 - 1) + 0.2"
BOTTOMLESS = "x * (x**2 - 3)", "3 * x**2 - 3"


def walks(
    formulas: tuple[str, str],
    starts: Any,
    rate: float,
    steps: int,
    *,
    tilt: float = 0.0,
    lift: float = 0.0,
    dtype: type = np.float64,
) -> Build:
    """Return what draws walks from near some starts, in valleys of their own."""
    places = np.array(starts)

    def build(rng: Rng) -> Args:
        near: Array = (places + rng.uniform(-0.05, 0.05, places.shape)).astype(dtype)
        shape = places.shape[1:]
        height, slope = (
            handed(name, formula, shape, TILT=tilt, LIFT=lift)
            for name, formula in zip(("height", "slope"), formulas, strict=True)
        )
        return height, slope, near, rate, steps

    return build


RUNNING_AWAY = [
    Case("NaN first", walks(TWO_WELLS, [9.0, 0.4, -0.5], 0.1, 12)),
    Case("NaN in the middle", walks(TWO_WELLS, [0.4, 9.0, -0.5], 0.1, 12)),
    Case("NaN last", walks(TWO_WELLS, [-0.5, 0.4, 9.0], 0.1, 12)),
    Case("an end at infinity", walks(TWO_WELLS, [0.4, 9.0, -0.5], 0.1, 6)),
    Case("a height of minus infinity", walks(BOTTOMLESS, [0.5, -3.0, 2.0], 0.1, 10)),
]
END = "gradient_descent(slope, start, learning_rate, num_steps)[-1]"

topic.exercise(
    "random_restarts",
    points=3,
    returns=("x", "height"),
    uses=("gradient_descent",),
    as_one=True,
    cases=[
        Case("3 starts", walks(VALLEYS, [1.7, 0.1, 4.0], 0.04, 9)),
        Case("4 starts, all heights positive", walks(VALLEYS, [6.5, 4.0, 5.0, -5.0], 0.03, 4)),
        Case(
            "3 starts of 2 numbers",
            walks(VALLEYS, [[1.7, 1.8], [0.1, -1.0], [4.1, 0.1]], 0.04, 7, tilt=0.1),
        ),
        Case("3 walks that overshoot", walks(VALLEYS, [1.7, -0.8, 4.2], 0.17, 4)),
        hidden(
            Case(
                "3 starts of 2 x 3 numbers",
                walks(
                    VALLEYS,
                    [
                        [[1.7, 1.8, -2.9], [1.7, 1.8, -3.0]],
                        [[0.1, -1.0, 0.1], [0.1, 0.1, -1.0]],
                        [[0.1, -1.0, 1.6], [0.1, 1.6, -1.0]],
                    ],
                    0.04,
                    8,
                    tilt=0.02,
                ),
            )
        ),
    ],
    checks=[
        by_hand(
            handed("height", "(x - 3) ** 2", ()),
            handed("slope", "2 * (x - 3)", ()),
            np.array([7.0, 1.0, -1.0]),
            0.25,
            1,
            gives={"x": 2.0, "height": 1.0},
            because="In the bowl (x - 3)^2 one step at rate 0.25 goes half of the way to 3: from 7 to "
            "5, from 1 to 2, from -1 to 1. The heights there are 4, 1 and 4.",
        ),
        matches_truth("x", name="is the lowest of the end points"),
        matches_truth("height", name="is the height there", weight=1.0),
        survives(
            "walks that run away",
            RUNNING_AWAY,
            says="Leave out every walk that ends where the height is not finite: np.isfinite tells NaN "
            "and infinity of either sign.",
        ),
        survives(
            "one start, no steps and float32",
            [
                Case("1 start", walks(VALLEYS, [2.2], 0.04, 3)),
                Case("no steps", walks(VALLEYS, [1.7, -0.9, 4.0], 0.04, 0)),
                Case("float32", walks(VALLEYS, [[1.7, 0.1], [0.1, 0.2]], 0.04, 5, dtype=SINGLE)),
            ],
        ),
        repeatable(),
        keeps_inputs(),
        keeps_precision(),
    ],
    hints=[
        "Which points do you compare: the starts, all that lie on the way, or the ends?",
        "For each start: walk, take the last position, ask for its height. Keep it if both are "
        "finite and it is lower than the lowest so far.",
        "Begin with best = None and lowest = np.inf. In the loop over starts, end is the last row of "
        "your gradient_descent; accept it if np.isfinite(end).all() and np.isfinite(height(end)) and "
        "height(end) < lowest. One start at a time.",
    ],
    mistakes=[
        Mistake(
            "first_start_only",
            "Only the first start is walked from: is there a return inside the loop?",
            ("in starts:", "in starts[:1]:"),
        ),
        Mistake(
            "last_one_kept",
            "The last end is kept whatever its height: keep it only if it is lower than the lowest "
            "so far.",
            ("if finite and reached < lowest", "if finite"),
        ),
        Mistake(
            "highest",
            "The highest end is kept; the lowest is asked for: compare with <.",
            ("best, lowest = None, np.inf", "best, lowest = None, -np.inf"),
            ("reached < lowest", "reached > lowest"),
        ),
        Mistake(
            "lowest_start",
            "The lowest start is chosen before the walk; a higher one may lead to a deeper valley.",
            ("in starts:", "in [min(starts, key=height)]:"),
        ),
        Mistake(
            "start_of_the_best_walk",
            "This is where the best walk began; return where it ended.",
            ("best, lowest = end, reached", "best, lowest = start, reached"),
        ),
        Mistake(
            "no_walk",
            "The starts themselves are compared: walk first.",
            (END, "start"),
        ),
        Mistake(
            "lowest_on_the_way",
            "The lowest point of all paths is returned; only where the walks end counts.",
            (
                END,
                "min(gradient_descent(slope, start, learning_rate, num_steps), key=height)",
            ),
        ),
        Mistake(
            "one_step_short",
            "Each walk is one step short: the end is the last row of its path.",
            ("num_steps)[-1]", "num_steps - (num_steps > 0))[-1]"),
        ),
        Mistake(
            "uphill",
            "The walks go uphill: subtract the slope.",
            ("learning_rate, num_steps", "-learning_rate, num_steps"),
        ),
        Mistake(
            "continued",
            "A walk goes on where the last one ended; each begins at a start of its own.",
            ("for start in starts:", "end = starts[0]\n    for start in starts:"),
            ("slope, start, learning_rate", "slope, end, learning_rate"),
        ),
        Mistake(
            "mean_of_the_ends",
            "The ends are averaged; the mean of several valleys is no valley. Keep the lowest.",
            body="""
ends = [gradient_descent(slope, s, learning_rate, num_steps)[-1] for s in starts]
ends = [e for e in ends if np.all(np.isfinite(e)) and np.isfinite(height(e))]
if not ends:
    raise ValueError("all diverge")
return np.mean(ends, axis=0), height(np.mean(ends, axis=0))
""",
        ),
        Mistake(
            "flattest",
            "The end with the smallest slope is kept; a shallow valley is as flat as a deep one: "
            "compare heights.",
            (
                "if finite and reached < lowest:\n            best, lowest = end, reached",
                "if finite and (best is None or np.sum(np.abs(slope(end))) < flattest):\n"
                "            best, lowest, flattest = end, reached, np.sum(np.abs(slope(end)))",
            ),
        ),
        Mistake(
            "absolute_heights",
            "Absolute heights are compared, so the height nearest to 0 wins; lower is lower, below 0 "
            "too.",
            ("reached < lowest", "abs(reached) < abs(lowest)"),
        ),
        Mistake(
            "record_of_zero",
            "The lowest height so far begins at 0, and no positive height is below that: begin "
            "with np.inf.",
            ("None, np.inf", "None, 0.0"),
        ),
        Mistake(
            "nan_wins",
            "np.argmin takes NaN for the smallest: leave out what is not finite first.",
            body="""
ends = [gradient_descent(slope, s, learning_rate, num_steps)[-1] for s in starts]
heights = np.array([float(height(e)) for e in ends])
if not np.isfinite(heights).any():
    raise ValueError("all diverge")
return ends[np.argmin(heights)], heights[np.argmin(heights)]
""",
        ),
        Mistake(
            "first_kept_unseen",
            "The first end is kept unseen: if its height is NaN, nothing is ever lower. Begin with "
            "np.inf and test every end.",
            body="""
best = gradient_descent(slope, starts[0], learning_rate, num_steps)[-1]
for start in starts[1:]:
    end = gradient_descent(slope, start, learning_rate, num_steps)[-1]
    if height(end) < height(best):
        best = end
return best, height(best)
""",
        ),
        Mistake(
            "minus_infinity_wins",
            "Only NaN is left out; a height of minus infinity, or an end at infinity, is no valley "
            "either.",
            ("if finite and reached", "if reached"),
        ),
        Mistake(
            "one_divergence_ends_it",
            "One walk that diverges ends it all; leave that one out and go on.",
            (
                "        if finite and",
                "        if not finite:\n            raise ValueError\n        if finite and",
            ),
        ),
        Mistake(
            "stops_at_the_first_divergence",
            "The loop ends at the first walk that diverges: continue, not break.",
            (
                "        if finite and",
                "        if not finite:\n            break\n        if finite and",
            ),
        ),
        Mistake(
            "only_the_point",
            "The height is missing: end with return x, height.",
            ("return best, lowest", "return best"),
        ),
        Mistake(
            "results_exchanged",
            "The results are in the wrong order: the point comes first.",
            ("return best, lowest", "return lowest, best"),
        ),
        Mistake(
            "number_of_the_walk",
            "This says which walk was best; return where it ended.",
            ("for start in starts:", "for number, start in enumerate(starts):"),
            ("best, lowest = end, reached", "best, lowest = number, reached"),
        ),
        Mistake(
            "all_starts_at_once",
            "All starts are handed over at once; height and slope take one point at a time.",
            body="""
ends = gradient_descent(slope, starts, learning_rate, num_steps)[-1]
heights = height(ends)
return ends[np.argmin(heights)], np.min(heights)
""",
        ),
    ],
)
