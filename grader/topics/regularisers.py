"""Holding on new data: what is asked of penalties, dropout, normalisation and augmentation.

Random functions are judged by what must hold of every draw and by exact statistics:
`grader/checks/dropout.py` and `grader/checks/augmentation.py` say what is looked at.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from grader.catalogue import Mistake, Topic
from grader.checks import (
    Call,
    Case,
    Generator,
    Problem,
    Result,
    by_hand,
    gradient_agrees,
    hidden,
    holds,
    holds_of_all,
    keeps_inputs,
    keeps_precision,
    kept,
    matches_truth,
    repeatable,
    survives,
    vectorised,
)
from grader.checks.augmentation import (
    LARGE,
    ROWS,
    SMALL,
    blends,
    flip_rate,
    flips_on_their_own,
    flips_only,
    places_alike,
    share_drawn,
    windows_only,
)
from grader.checks.calls import Part
from grader.checks.chance import chance, draws, obeys_its_seed
from grader.checks.dropout import (
    drawn_on_its_own,
    drop_rate,
    left_alone,
    same_mask,
    share_of_dropped,
    survivors_scaled,
)

Rng = np.random.Generator
Args = tuple[Any, ...]
Array = np.ndarray[Any, Any]

SINGLE = np.float32

topic = Topic("regularisers", title="Holding on new data")


def weights(rng: Rng, *shape: int, strength: float = 0.3, dtype: type = np.float64) -> Args:
    """Draw weights, none nearer to 0 than 0.05, of both signs where there is room."""
    w = rng.uniform(0.05, 3.0, shape) * rng.choice([-1.0, 1.0], shape)
    w.ravel()[:2] = [1.5, -0.7][: w.size]
    return w.astype(dtype), strength


PENALISED = [
    Case("3 weights", lambda rng: weights(rng, 3)),
    Case("4 x 3 weights", lambda rng: weights(rng, 4, 3, strength=0.7)),
    Case("2 x 5 weights, strength 2.5", lambda rng: weights(rng, 2, 5, strength=2.5)),
    hidden(Case("2 x 3 x 4 weights", lambda rng: weights(rng, 2, 3, 4, strength=0.01))),
    hidden(Case("31 x 17 weights", lambda rng: weights(rng, 31, 17, strength=0.2))),
]

topic.exercise(
    "l2_penalty",
    points=1,
    returns=("loss", "dw"),
    cases=PENALISED,
    checks=[
        by_hand(
            np.array([[2.0, -1.0], [3.0, 4.0]]),
            0.2,
            gives={"loss": 3.0, "dw": [[0.4, -0.2], [0.6, 0.8]]},
            because="The squares 4, 1, 9 and 16 add up to 30; half of that, times 0.2, is 3.",
        ),
        matches_truth("loss"),
        gradient_agrees("dw"),
        survives(
            "one weight, strength 0, large weights and float32",
            [
                Case("1 weight", lambda rng: weights(rng, 1)),
                Case("strength 0", lambda rng: weights(rng, 4, strength=0.0)),
                Case("weights of a million", lambda rng: (1e6 * rng.normal(size=6), 0.3)),
                Case("weights of 0", lambda _: (np.zeros((2, 3)), 0.3)),
                Case("float32", lambda rng: weights(rng, 4, 3, dtype=SINGLE)),
            ],
        ),
        repeatable(),
        keeps_inputs(),
        keeps_precision(),
        vectorised(lambda rng, n: weights(rng, n, 3)),
    ],
    hints=[
        "Each weight pays for itself alone; so what is the derivative of what one weight pays?",
        "Add up the squares of all elements, whatever the shape, and multiply by half the strength. "
        "The 2 that the square brings down cancels the half.",
        "The loss is 0.5 * strength * np.sum(...) of the squares; the gradient is the strength times "
        "the weight itself, in the shape of w.",
    ],
    mistakes=[
        Mistake(
            "half_in_the_loss_only",
            "The loss has its factor 0.5, the gradient does not know of it: the 2 of the derivative "
            "cancels the half.",
            ("dw = strength * w", "dw = 2 * strength * w"),
        ),
        Mistake(
            "half_in_the_gradient_only",
            "The loss lacks the factor 0.5; the gradient is that of half of it.",
            ("0.5 * strength", "strength"),
        ),
        Mistake(
            "no_half",
            "The factor 0.5 is missing, in the loss and in the gradient.",
            ("0.5 * strength", "strength"),
            ("dw = strength * w", "dw = 2 * strength * w"),
        ),
        Mistake(
            "half_in_the_gradient_too",
            "The 0.5 stands in the gradient as well; there the 2 of the derivative cancels it.",
            ("dw = strength * w", "dw = 0.5 * strength * w"),
        ),
        Mistake(
            "averaged",
            "You average over the weights; the penalty adds them up, so that more weights pay more.",
            ("np.sum(w**2)", "np.mean(w**2)"),
            ("dw = strength * w", "dw = strength * w / w.size"),
        ),
        Mistake(
            "divided_by_rows",
            "You divide by the number of rows, as if they were examples; these are weights.",
            ("np.sum(w**2)", "np.sum(w**2) / len(w)"),
            ("dw = strength * w", "dw = strength * w / len(w)"),
        ),
        Mistake(
            "norm_of_a_matrix",
            "np.linalg.norm(w, 2) of a matrix is another norm (the largest singular value), not "
            "the root of all squares. Square the weights and add them up.",
            ("sum_of_squares = np.sum(w**2)", "sum_of_squares = np.linalg.norm(w, 2) ** 2"),
        ),
        Mistake(
            "matrix_product",
            "w @ w.T multiplies different rows with each other as well. Square each weight and add the "
            "squares up.",
            ("np.sum(w**2)", "np.sum(np.dot(w, w.T))"),
        ),
        Mistake(
            "root",
            "That is the norm of the weights; the penalty takes its square, without a root.",
            ("np.sum(w**2)", "np.sqrt(np.sum(w**2))"),
            ("dw = strength * w", "dw = 0.5 * strength * w / (np.sqrt(np.sum(w**2)) + 1e-12)"),
        ),
        Mistake(
            "strength_squared",
            "The strength is squared together with the weights; it stands outside the square.",
            ("0.5 * strength * ", "0.5 * strength**2 * "),
            ("dw = strength * w", "dw = strength**2 * w"),
        ),
        Mistake(
            "no_strength_in_the_gradient",
            "The gradient forgets the strength: multiply by it, as in the loss.",
            ("dw = strength * w", "dw = w"),
        ),
        Mistake(
            "gradient_sign",
            "The gradient points the wrong way: for a positive weight it is positive. The minus "
            "comes later, when the optimizer takes its step.",
            ("dw = strength * w", "dw = -strength * w"),
        ),
        Mistake(
            "decayed_weights",
            "You return weights that have decayed already; what is asked for is the gradient.",
            ("dw = strength * w", "dw = (1 - strength) * w"),
        ),
        Mistake(
            "square_of_the_sum",
            "Square each weight first and then add up; in the sum weights of opposite sign cancel.",
            ("np.sum(w**2)", "np.sum(w) ** 2"),
            ("dw = strength * w", "dw = strength * np.sum(w) * np.ones_like(w)"),
        ),
        Mistake(
            "absolute",
            "Those are sizes, the L1 penalty; the L2 penalty adds up squares.",
            ("0.5 * strength * sum_of_squares", "strength * np.sum(np.abs(w))"),
            ("dw = strength * w", "dw = strength * np.sign(w)"),
        ),
    ],
)


def a_subgradient(result: Result) -> Problem | None:
    """Find what is wrong with an L1 gradient; at a weight of 0 any slope in between is right."""
    w, strength = result.args
    assert result.got is not None
    dw = np.asarray(result.got["dw"], np.float64)
    at_zero = w == 0
    wrong = at_zero & ~(np.abs(dw) <= strength * (1 + 1e-9))
    if wrong.any():
        place = int(np.flatnonzero(wrong)[0])
        return Problem(
            f"At a weight of exactly 0 the gradient is {dw[place]:g}; anything from {-strength:g} to "
            f"{strength:g} would be right.",
            expected=f"dw[{place}] = 0",
            got=f"dw[{place}] = {dw[place]:g}",
            suggestion="0 / 0 is nan; np.sign(0) is 0.",
            mistake="divided_by_size" if np.isnan(dw[place]) else "",
        )
    if not result.close(dw[~at_zero], strength * np.sign(w[~at_zero])):
        return Problem(
            "Where a weight is not 0, the gradient is the strength with that weight's sign.",
            expected=f"dw = {strength * np.sign(w)}",
            got=f"dw = {dw}",
        )
    return None


topic.exercise(
    "l1_penalty",
    points=1,
    returns=("loss", "dw"),
    cases=PENALISED,
    checks=[
        by_hand(
            np.array([[2.0, -1.0], [3.0, -4.0]]),
            0.2,
            gives={"loss": 2.0, "dw": [[0.2, -0.2], [0.2, -0.2]]},
            because="The sizes 2, 1, 3 and 4 add up to 10; times 0.2 that is 2.",
        ),
        matches_truth("loss"),
        gradient_agrees("dw"),
        survives(
            "one weight, strength 0, large weights and float32",
            [
                Case("1 weight", lambda rng: weights(rng, 1)),
                Case("strength 0", lambda rng: weights(rng, 4, strength=0.0)),
                Case("weights of a million", lambda rng: (1e6 * rng.normal(size=6), 0.3)),
                Case("float32", lambda rng: weights(rng, 4, 3, dtype=SINGLE)),
            ],
        ),
        holds(
            "any slope is right at a weight of exactly 0, but a number it must be",
            a_subgradient,
            [
                Case(
                    "two weights of 0",
                    lambda _: (np.array([1.5, 0.0, -0.5, 0.0]), 0.4),
                    judged=("loss",),
                )
            ],
        ),
        repeatable(),
        keeps_inputs(),
        keeps_precision(),
        vectorised(lambda rng, n: weights(rng, n, 3)),
    ],
    hints=[
        "How fast does abs(w) grow to the right of 0, how fast to the left, and does it matter how "
        "far from 0 you are?",
        "Add up the absolute values and multiply by the strength. The gradient has one size for all "
        "weights, the strength; only its sign is each weight's own.",
        "np.abs for the loss, np.sign for the gradient: np.sign is 1, -1, and 0 for a weight of "
        "exactly 0. Do not divide by the size.",
    ],
    mistakes=[
        Mistake(
            "half",
            "There is no factor 0.5 here; it belongs to the L2 penalty, where it cancels a 2.",
            ("loss = strength", "loss = 0.5 * strength"),
            ("dw = strength", "dw = 0.5 * strength"),
        ),
        Mistake(
            "norm_of_a_matrix",
            "np.linalg.norm(w, 1) of a matrix is the largest sum of a column. Add up the sizes of all "
            "weights.",
            ("np.sum(np.abs(w))", "np.linalg.norm(w, 1)"),
        ),
        Mistake(
            "no_sign",
            "The gradient is the strength everywhere; where a weight is negative it is -strength.",
            ("np.sign(w)", "np.ones_like(w)"),
        ),
        Mistake(
            "gradient_of_l2",
            "That is the gradient of the L2 penalty; the slope of abs(w) is the sign of w.",
            ("np.sign(w)", "w"),
        ),
        Mistake(
            "gradient_is_size",
            "The gradient does not grow with a weight's size; the slope of abs(w) is its sign.",
            ("np.sign(w)", "np.abs(w)"),
        ),
        Mistake(
            "no_absolute",
            "You add up the weights themselves; a negative one must pay, too.",
            ("np.sum(np.abs(w))", "np.sum(w)"),
        ),
        Mistake(
            "size_of_the_sum",
            "Take the size of each weight first and then add up; in the sum they cancel.",
            ("np.sum(np.abs(w))", "abs(np.sum(w))"),
            ("np.sign(w)", "np.sign(np.sum(w)) * np.ones_like(w)"),
        ),
        Mistake(
            "averaged",
            "You average over the weights; the penalty adds them up, so that more weights pay more.",
            ("np.sum(np.abs(w))", "np.mean(np.abs(w))"),
            ("np.sign(w)", "np.sign(w) / w.size"),
        ),
        Mistake(
            "no_strength_in_the_gradient",
            "The gradient forgets the strength: multiply by it, as in the loss.",
            ("dw = strength * np.sign(w)", "dw = np.sign(w)"),
        ),
        Mistake(
            "no_strength_in_the_loss",
            "The loss forgets the strength: multiply by it, as in the gradient.",
            ("strength * sum_of_sizes", "sum_of_sizes"),
        ),
        Mistake(
            "only_positive",
            "Negative weights get no gradient; theirs is -strength.",
            ("np.sign(w)", "(w > 0).astype(w.dtype)"),
        ),
        Mistake(
            "divided_by_size",
            "w / abs(w) is 0 / 0, nan, where a weight is exactly 0; np.sign(w) is 0 there.",
            ("np.sign(w)", "w / np.abs(w)"),
        ),
        Mistake(
            "gradient_sign",
            "The gradient has the wrong sign: for a positive weight it is positive. The minus "
            "comes later, when the optimizer takes its step.",
            ("np.sign(w)", "-np.sign(w)"),
        ),
    ],
)


# Dropout. Elements are kept from 0, so that what is 0 in `out` has been dropped.


def activations(rng: Rng, *shape: int, dtype: type = np.float64) -> Array:
    """Draw numbers of both signs, none nearer to 0 than 0.1."""
    x: Array = rng.uniform(0.1, 2.0, shape) * rng.choice([-1.0, 1.0], shape)
    return x.astype(dtype)


def dropped_in(
    rng: Rng, *shape: int, p: float, mode: str = "train", dtype: type = np.float64
) -> Args:
    """Draw the arguments of dropout_forward."""
    return activations(rng, *shape, dtype=dtype), p, mode, chance(rng)


TESTING = [
    Case('5 elements, mode "test"', lambda rng: dropped_in(rng, 5, p=0.8, mode="test")),
    Case('4 x 3 elements, mode "test"', lambda rng: dropped_in(rng, 4, 3, p=0.7, mode="test")),
    hidden(
        Case('2 x 5 x 20, mode "test"', lambda rng: dropped_in(rng, 2, 5, 20, p=0.4, mode="test"))
    ),
]
TRAINING = [
    Case(
        "60 x 50 elements, drop_prob 0.75", lambda rng: dropped_in(rng, 60, 50, p=0.75), judged=()
    ),
    hidden(
        Case("12 x 16 x 9 elements", lambda rng: dropped_in(rng, 12, 16, 9, p=0.2), judged=()),
    ),
    hidden(Case("1 400 elements", lambda rng: dropped_in(rng, 1400, p=0.7), judged=())),
    hidden(Case("drop_prob 0", lambda rng: dropped_in(rng, 4, 3, p=0.0), judged=())),
    hidden(
        Case(
            "40 x 30 elements of float32",
            lambda rng: dropped_in(rng, 40, 30, p=0.6, dtype=SINGLE),
            judged=(),
        )
    ),
]
DROPOUT_DRAWS = draws(
    "4 x 10 elements", 14, lambda rng, own: (activations(rng, 4, 10), 0.3, "train", own)
)

topic.exercise(
    "dropout_forward",
    points=3,
    returns=("out", "cache"),
    stays=("cache",),
    cases=[
        *TESTING[:2],
        Case('4 x 3 elements, mode "train"', lambda rng: dropped_in(rng, 4, 3, p=0.4), judged=()),
        TESTING[2],
        *TRAINING,
    ],
    checks=[
        by_hand(
            np.array([[1.0, -2.0], [0.0, 4.0]]),
            0.75,
            "test",
            Generator(0),
            gives={"out": [[1.0, -2.0], [0.0, 4.0]]},
            because='In mode "test" nothing is dropped and nothing is scaled.',
        ),
        holds('leaves x alone in mode "test"', left_alone, TESTING, weight=2.0),
        holds("divides what it keeps by 1 - drop_prob", survivors_scaled, TRAINING, weight=2.0),
        holds("drops with the probability drop_prob", drop_rate, TRAINING, weight=2.0),
        holds("draws for every element on its own", drawn_on_its_own, TRAINING),
        holds_of_all("drops now more, now fewer", share_of_dropped, DROPOUT_DRAWS),
        obeys_its_seed(DROPOUT_DRAWS),
        keeps_inputs(),
        keeps_precision(),
        vectorised(lambda rng, n: dropped_in(rng, n, 3, p=0.4)),
    ],
    hints=[
        "Which of the two is drop_prob, the probability to go or to stay? What must happen to those "
        "that stay, so that the expected value of every element is what it was?",
        "Draw a uniform number for every element and keep it where that number is below the "
        "probability of staying; divide what stays by that same probability. At test time do neither.",
        "rng.random(x.shape) < 1 - drop_prob is the mask, of ones and zeros; divided by "
        '1 - drop_prob it is what x is multiplied by, and what the backward needs. In mode "test" '
        "that factor is 1.",
    ],
    mistakes=[
        Mistake(
            "drops_at_test_time",
            'In mode "test" nothing may be dropped: ask if mode == "train". Any text counts as '
            'true, so `if mode:` is true for "test" as well.',
            ('mode == "train"', "mode"),
        ),
        Mistake(
            "modes_exchanged",
            'In mode "test" nothing may be dropped: ask if mode == "train". Any text counts as '
            'true, so `if mode:` is true for "test" as well.',
            ('mode == "train"', 'mode == "test"'),
        ),
        Mistake(
            "scaled_at_test_time",
            "You multiply by the keep probability at test time. That is the older form of dropout; "
            "here the division in training does it all, and at test time out is x.",
            ("scale = np.ones_like(x)", "scale = np.full_like(x, 1 - drop_prob)"),
        ),
        Mistake(
            "older_form",
            "You multiply by the keep probability at test time. That is the older form of dropout; "
            "here the division in training does it all, and at test time out is x.",
            ("kept.astype(x.dtype) / keep_prob", "kept.astype(x.dtype)"),
            ("scale = np.ones_like(x)", "scale = np.full_like(x, 1 - drop_prob)"),
        ),
        Mistake(
            "drop_and_keep_exchanged",
            "drop_prob is the probability of being set to zero; you use it as that of being kept.",
            ("keep_prob = 1 - drop_prob", "keep_prob = max(drop_prob, 1e-12)"),
        ),
        Mistake(
            "mask_exchanged",
            "drop_prob is the probability of being set to zero; you use it as that of being kept.",
            ("rng.random(x.shape) < keep_prob", "rng.random(x.shape) > keep_prob"),
        ),
        Mistake(
            "normal_for_uniform",
            "Those are normal numbers (randn, standard_normal); the rate is right only for uniform "
            "ones between 0 and 1: rng.random.",
            ("rng.random(x.shape)", "rng.standard_normal(x.shape)"),
        ),
        Mistake(
            "half_fixed",
            "Half of the elements go, whatever drop_prob says: is 0.5 written somewhere?",
            ("keep_prob = 1 - drop_prob", "keep_prob = 0.5"),
        ),
        Mistake(
            "scale_exchanged",
            "You divide by drop_prob; what stays is divided by the probability of staying, "
            "1 - drop_prob.",
            ("kept.astype(x.dtype) / keep_prob", "kept.astype(x.dtype) / max(drop_prob, 1e-12)"),
        ),
        Mistake(
            "not_scaled",
            "What is kept is not scaled up: divide it by 1 - drop_prob, or the next layer sees less "
            "in training than at test time.",
            ("kept.astype(x.dtype) / keep_prob", "kept.astype(x.dtype)"),
        ),
        Mistake(
            "multiplied_by_keep",
            "You multiply by 1 - drop_prob where you should divide by it.",
            ("kept.astype(x.dtype) / keep_prob", "kept.astype(x.dtype) * keep_prob"),
        ),
        Mistake(
            "rescaled_by_the_draw",
            "You divide by the share that happened to be kept; the factor is 1 / (1 - drop_prob), "
            "the same in every call.",
            ("kept.astype(x.dtype) / keep_prob", "kept.astype(x.dtype) / max(kept.mean(), 1e-12)"),
        ),
        Mistake(
            "not_compared",
            "The random numbers themselves are multiplied in; compare them with a probability "
            "first, so that the mask is of ones and zeros.",
            ("rng.random(x.shape) < keep_prob", "rng.random(x.shape)"),
        ),
        Mistake(
            "shared_mask",
            "A whole row or column goes together: draw a mask of the shape of x.",
            ("rng.random(x.shape)", "rng.random(x.shape[-1])"),
            ("kept.astype(x.dtype)", "(kept & np.ones(x.shape, bool)).astype(x.dtype)"),
        ),
        Mistake(
            "exact_share",
            "Exactly the same number of elements goes every time; each should have a draw of its own.",
            (
                "rng.random(x.shape) < keep_prob",
                "(rng.permutation(x.size) >= round(drop_prob * x.size)).reshape(x.shape)",
            ),
        ),
        Mistake(
            "fixed_seed",
            "Every call drops the same elements, whatever the generator: do not seed one yourself, "
            "draw from rng.",
            ("rng.random(x.shape)", "np.random.default_rng(0).random(x.shape)"),
        ),
        Mistake(
            "not_from_rng",
            "The mask does not come from rng, so no seed brings it back: rng.random(x.shape) draws "
            "from the generator that you are given.",
            ("rng.random(x.shape)", "np.random.random(x.shape)"),
        ),
    ],
)


def dropout_pair(
    rng: Rng,
    *shape: int,
    p: float,
    mode: str = "train",
    relu: bool = False,
    dtype: type = np.float64,
) -> Args:
    """Draw the arguments of dropout_backward, with the forward before it."""
    x, *rest = dropped_in(rng, *shape, p=p, mode=mode, dtype=dtype)
    forward = Call("dropout_forward", (np.maximum(x, 0) if relu else x, *rest))
    return activations(rng, *shape, dtype=dtype), forward[1]


def two_live_caches(rng: Rng) -> Args:
    """Draw two forwards of the same shape; the backward of the first comes after both."""
    first = Call("dropout_forward", dropped_in(rng, 5, 12, p=0.4))
    second = Call("dropout_forward", dropped_in(rng, 5, 12, p=0.4), after=(first,))
    return activations(rng, 5, 12), kept(first[1], after=[second])


MASKED = [
    Case("4 elements", lambda rng: dropout_pair(rng, 4, p=0.4), judged=()),
    Case(
        '4 x 3 elements, mode "test"',
        lambda rng: dropout_pair(rng, 4, 3, p=0.4, mode="test"),
        judged=(),
    ),
    Case("6 x 5 elements", lambda rng: dropout_pair(rng, 6, 5, p=0.3), judged=()),
    hidden(Case("5 x 4 x 3 elements", lambda rng: dropout_pair(rng, 5, 4, 3, p=0.75), judged=())),
    hidden(Case("drop_prob 0", lambda rng: dropout_pair(rng, 4, 3, p=0.0), judged=())),
    hidden(
        Case(
            "20 x 30 elements of float32",
            lambda rng: dropout_pair(rng, 20, 30, p=0.2, dtype=SINGLE),
            judged=(),
        )
    ),
    hidden(
        Case(
            '30 x 20, mode "test"',
            lambda rng: dropout_pair(rng, 30, 20, p=0.8, mode="test"),
            judged=(),
        )
    ),
]

topic.exercise(
    "dropout_backward",
    points=2,
    returns=("dx",),
    backward_of="dropout_forward",
    cases=MASKED,
    checks=[
        holds("uses the mask of its own forward", same_mask, MASKED, weight=4.0),
        holds(
            "passes the gradient on where x is 0",
            same_mask,
            [
                Case(
                    "20 x 16 elements after a ReLU",
                    lambda rng: dropout_pair(rng, 20, 16, p=0.4, relu=True),
                    judged=(),
                )
            ],
        ),
        holds(
            "keeps two forwards apart",
            same_mask,
            [Case("the first of two layers", two_live_caches, judged=())],
        ),
        keeps_inputs(),
        keeps_precision(),
        vectorised(lambda rng, n: dropout_pair(rng, n, 3, p=0.4)),
    ],
    hints=[
        "Dropout multiplies every element by a number. What is the derivative of that?",
        "The factor is 0 where the element was dropped and 1 / (1 - drop_prob) where it was kept: "
        "the very factor of that forward, so the forward must put it into the cache.",
        'Let the forward return its scaled mask as the cache (ones in mode "test"); then dx is '
        "dout times the cache. Draw nothing here.",
    ],
    mistakes=[
        Mistake(
            "upstream_unchanged",
            "The gradient passes as if nothing had been dropped: multiply it by the forward's mask.",
            ("return dout * scale", "return dout"),
        ),
        Mistake(
            "upstream_ignored",
            "You return the mask itself; it is to be multiplied by dout.",
            ("return dout * scale", "return scale * np.ones_like(dout)"),
        ),
        Mistake(
            "not_scaled",
            "What was multiplied by 1 / (1 - drop_prob) on the way forward has its gradient "
            "multiplied by it, too; yours is only masked.",
            ("return dout * scale", "return dout * (scale > 0)"),
        ),
        Mistake(
            "scaled_twice",
            "The gradient is scaled two times: the mask of the cache holds 1 / (1 - drop_prob) "
            "already.",
            ("return dout * scale", "return dout * scale * scale"),
        ),
        Mistake(
            "divided_by_scale",
            "You divide by the factor of the forward; its derivative multiplies by it.",
            (
                "return dout * scale",
                "return np.where(scale > 0, dout / np.maximum(scale, 1e-12), 0)",
            ),
        ),
        Mistake(
            "scale_exchanged",
            "The gradient is divided by drop_prob; the forward divides by 1 - drop_prob.",
            (
                "return dout * scale",
                "p = 1 - 1 / max(scale.max(), 1)\n    return dout * (scale > 0) / (p or 1.0)",
            ),
        ),
        Mistake(
            "dropped_ones_only",
            "The mask is the wrong way round: the gradient passes where the element was kept.",
            ("return dout * scale", "return dout * (scale == 0)"),
        ),
        Mistake(
            "scaled_everywhere",
            "The gradient is scaled but nothing is set to zero: what was dropped gets none.",
            ("return dout * scale", "return dout * scale.max()"),
        ),
        Mistake(
            "sign",
            "The gradient has the wrong sign: it is dout times the mask, without a minus.",
            ("return dout * scale", "return -dout * scale"),
        ),
        Mistake(
            "masked_at_test_time",
            'After a forward in mode "test" nothing was dropped, so dx is dout: the cache must say '
            "so.",
            (
                "return dout * scale",
                "rng = np.random.default_rng(1)\n"
                "    fresh = (rng.random(dout.shape) < 0.5) * 2.0\n"
                "    return dout * (fresh if (scale == 1).all() else scale)",
            ),
        ),
        Mistake(
            "another_mask",
            "Your dx is masked, but not by the mask of that forward: put the mask into the cache. A "
            "new draw, or a mask kept outside the cache, belongs to another pass.",
            ("return dout * scale", "return dout * scale.ravel()[::-1].reshape(dout.shape)"),
        ),
        Mistake(
            "fresh_mask",
            "Your dx is masked, but not by the mask of that forward: put the mask into the cache. A "
            "new draw, or a mask kept outside the cache, belongs to another pass.",
            (
                "return dout * scale",
                "kept = np.random.default_rng(5).random(dout.shape) < 1 / scale.max()\n"
                "    return dout * kept * scale.max()",
            ),
        ),
    ],
)


# Normalisation. Rows and columns have a spread of their own, so that axes can be told apart.


def features(
    rng: Rng, n: int, d: int, param: dict[str, Any] | None = None, dtype: type = np.float64
) -> Args:
    """Draw a batch of features, gamma, beta, and the dict of settings with what is given."""
    x = rng.normal(size=(n, d)) * rng.uniform(0.5, 3.0, d) + rng.uniform(-3.0, 3.0, (n, 1))
    gamma = rng.uniform(0.5, 2.0, d) * rng.choice([-1.0, 1.0], d)
    beta = rng.normal(size=d)
    return x.astype(dtype), gamma.astype(dtype), beta.astype(dtype), dict(param or {})


def batch(
    rng: Rng,
    n: int,
    d: int,
    mode: str = "train",
    *,
    settings: bool = True,
    dtype: type = np.float64,
) -> Args:
    """Draw the arguments of batchnorm_forward, all settings among them or none but the mode."""
    x, gamma, beta, param = features(rng, n, d, {"mode": mode}, dtype)
    if settings:
        param |= {
            "eps": 0.3,
            "momentum": 0.7,
            "running_mean": rng.normal(size=d).astype(dtype),
            "running_var": rng.uniform(0.5, 2.0, d).astype(dtype),
        }
    return x, gamma, beta, param


def running(rng: Rng, d: int) -> dict[str, Any]:
    """Draw running averages for a test batch, the settings left out."""
    averages = {"running_mean": rng.normal(size=d), "running_var": rng.uniform(0.5, 2.0, d)}
    return {"mode": "test", **averages}


def second_batch(rng: Rng, n: int, d: int, *, settings: bool) -> Args:
    """Draw two batches that go through the same bn_param; the second is the case."""
    x, gamma, beta, param = batch(rng, n, d, settings=settings)
    alive = kept(param)
    first = Call("batchnorm_forward", (x, gamma, beta, alive))
    return kept(3 * x[::-1] + rng.normal(size=(n, d)), after=[first]), gamma, beta, alive


def test_after_training(rng: Rng, n: int, d: int) -> Args:
    """Draw a training batch, and a test batch that is given the averages it left."""
    x, gamma, beta, param = batch(rng, n, d, settings=False)
    alive = kept(param)
    first = Call("batchnorm_forward", (x, gamma, beta, alive))
    names = ("running_mean", "running_var")
    averages = {name: Part(alive.call, (name,)) for name in names}
    return kept(x[:2] + 1, after=[first]), gamma, beta, {"mode": "test", **averages}


def constant_column(args: Args) -> Args:
    """Make the second column the same in every row."""
    args[0][:, 1] = 4.0
    return args


def constant_row(args: Args) -> Args:
    """Make the second row the same in every column."""
    args[0][1] = 4.0
    return args


def with_momentum(args: Args, momentum: float) -> Args:
    """Change the momentum in a bn_param."""
    return *args[:3], {**args[3], "momentum": momentum}


topic.exercise(
    "batchnorm_forward",
    points=3,
    returns=("out", "cache"),
    stays=("cache",),
    updates=("bn_param",),
    cases=[
        Case("3 rows, 2 columns, settings left out", lambda rng: batch(rng, 3, 2, settings=False)),
        Case('4 rows, 3 columns, mode "test"', lambda rng: batch(rng, 4, 3, "test")),
        Case("5 rows, 3 columns, all settings", lambda rng: batch(rng, 5, 3)),
        Case(
            'settings left out, mode "test"', lambda rng: (*batch(rng, 4, 3)[:3], running(rng, 3))
        ),
        Case("the second batch", lambda rng: second_batch(rng, 4, 3, settings=False)),
        hidden(
            Case("a second batch, all settings", lambda r: second_batch(r, 5, 2, settings=True))
        ),
        hidden(Case("2 rows, 4 columns", lambda rng: batch(rng, 2, 4))),
        hidden(Case("24 rows, 7 columns", lambda rng: batch(rng, 24, 7))),
    ],
    checks=[
        by_hand(
            np.array([[-1.0, 0.0], [3.0, 8.0], [3.0, 8.0], [3.0, 8.0]]),
            np.array([2.0, 1.0]),
            np.array([10.0, 0.5]),
            {"mode": "train", "eps": 1.0, "momentum": 0.5},
            gives={
                "out": [
                    [7.0, -1.1641005886757],
                    [11.0, 1.0547001962252],
                    [11.0, 1.0547001962252],
                    [11.0, 1.0547001962252],
                ],
                "bn_param": {"running_mean": [1.0, 3.0], "running_var": [1.5, 6.0]},
            },
            because="The first column has the mean 2 and the variance 3; with eps = 1 the root is 2, "
            "so -3 and 1 become -1.5 and 0.5, times gamma 2, plus beta 10. Half of mean and variance "
            "enter the running averages.",
        ),
        matches_truth("out", weight=4),
        matches_truth("bn_param", weight=3),
        survives(
            "a constant column, one row, momentum 0 and 1, and float32",
            [
                Case(
                    "a constant column", lambda r: constant_column(batch(r, 5, 3, settings=False))
                ),
                Case("1 row", lambda rng: batch(rng, 1, 3, settings=False)),
                Case("momentum 0", lambda rng: with_momentum(batch(rng, 4, 3), 0.0)),
                Case("momentum 1", lambda rng: with_momentum(batch(rng, 4, 3), 1.0)),
                Case('no averages yet, mode "test"', lambda r: features(r, 3, 2, {"mode": "test"})),
                Case("float32", lambda rng: batch(rng, 5, 3, dtype=SINGLE)),
            ],
        ),
        repeatable(),
        survives(
            "a test batch after training",
            [Case("trained, then tested", lambda rng: test_after_training(rng, 5, 3))],
        ),
        keeps_inputs(),
        keeps_precision(),
        vectorised(lambda rng, n: batch(rng, n, 3)),
    ],
    hints=[
        "Over which axis does each feature get one mean and one variance? And whose mean and "
        "variance may a test example be normalised by?",
        "In training take the mean and the biased variance of each column, normalise with "
        "sqrt(variance + eps), and move the running averages a little: momentum times the old, "
        "1 - momentum times the batch's. At test time normalise by the running averages.",
        'np.mean(x, axis=0) and np.var(x, axis=0); bn_param.get("running_mean", zeros of shape '
        '(D,)) before, bn_param["running_mean"] = ... afterwards, in mode "train" only. Then '
        "x_hat = (x - mean) / np.sqrt(var + eps), gamma times it, plus beta.",
    ],
    mistakes=[
        Mistake(
            "batch_statistics_at_test_time",
            "At test time you normalise by the batch itself; running_mean and running_var take its "
            "place there.",
            ("        mean = running_mean\n", "        mean = np.mean(x, axis=0)\n"),
            ("        var = running_var\n", "        var = np.var(x, axis=0)\n"),
        ),
        Mistake(
            "running_statistics_in_training",
            "In training you normalise by the running averages; use the batch's own mean and "
            "variance there.",
            (
                "    std = np.sqrt(var + eps)",
                '    mean = bn_param.get("running_mean", zeros)\n'
                '    var = bn_param.get("running_var", zeros)\n'
                "    std = np.sqrt(var + eps)",
            ),
        ),
        Mistake(
            "unbiased_variance",
            "Your variance divides by N - 1; here it divides by N (np.var without ddof).",
            ("np.var(x, axis=0)", "np.sum((x - mean) ** 2, axis=0) / (len(x) - 1)"),
        ),
        Mistake(
            "unbiased_running_variance",
            "The variance that enters the running average divides by N - 1, as PyTorch's does; here "
            "it divides by N there as well.",
            (
                "running_var + (1 - momentum) * var",
                "running_var + (1 - momentum) * var * len(x) / max(len(x) - 1, 1)",
            ),
        ),
        Mistake(
            "momentum_exchanged",
            "momentum is the share of the old value that is kept; you keep 1 - momentum of it, as "
            "PyTorch's momentum does.",
            (
                "momentum * running_mean + (1 - momentum) * mean",
                "(1 - momentum) * running_mean + momentum * mean",
            ),
            (
                "momentum * running_var + (1 - momentum) * var",
                "(1 - momentum) * running_var + momentum * var",
            ),
        ),
        Mistake(
            "momentum_fixed",
            "The momentum is 0.9 whatever bn_param says: read it, with 0.9 where it is missing.",
            ('bn_param.get("momentum", 0.9)', "0.9"),
        ),
        Mistake(
            "eps_outside_the_root",
            "eps is added to the standard deviation; it belongs to the variance, inside the root.",
            ("np.sqrt(var + eps)", "np.sqrt(var) + eps"),
        ),
        Mistake(
            "eps_fixed",
            "eps is 1e-5 whatever bn_param says: read it, with 1e-5 where it is missing.",
            ('bn_param.get("eps", 1e-5)', "1e-5"),
        ),
        *(
            Mistake(
                f"other_default_eps_{eps}", "Where bn_param names no eps it is 1e-5.", ("1e-5", eps)
            )
            for eps in ("1e-3", "1e-6", "1e-8", "1e-12")
        ),
        *(
            Mistake(
                f"other_default_momentum_{momentum}",
                "Where bn_param names no momentum it is 0.9.",
                ("0.9", momentum),
            )
            for momentum in ("0.99", "0.1")
        ),
        Mistake(
            "no_shift",
            "beta is not added.",
            ("gamma * x_hat + beta", "gamma * x_hat"),
        ),
        Mistake(
            "no_eps",
            "Without eps a constant column is 0 / 0, nan: take the root of variance + eps.",
            ("np.sqrt(var + eps)", "np.sqrt(var)"),
        ),
        Mistake(
            "eps_in_the_running_variance",
            "The running variance is the variance alone; eps is added only under the root, or test "
            "time adds it twice.",
            (
                "running_var + (1 - momentum) * var",
                "running_var + (1 - momentum) * (var + eps)",
            ),
        ),
        Mistake(
            "over_features",
            "Those are statistics of rows, as in layer normalisation; here every column has its own "
            "(axis=0).",
            ("np.mean(x, axis=0)", "np.mean(x, axis=1, keepdims=True)"),
            ("np.var(x, axis=0)", "np.var(x, axis=1, keepdims=True)"),
            ("(1 - momentum) * mean", "(1 - momentum) * mean.mean()"),
            ("(1 - momentum) * var", "(1 - momentum) * var.mean()"),
        ),
        Mistake(
            "over_everything",
            "You take one mean and one variance for the whole array; every column has its own "
            "(axis=0).",
            ("np.mean(x, axis=0)", "np.mean(x)"),
            ("np.var(x, axis=0)", "np.var(x)"),
        ),
        Mistake(
            "no_root",
            "You divide by the variance; divide by its root.",
            ("np.sqrt(var + eps)", "var + eps"),
        ),
        Mistake(
            "running_deviation",
            "running_var holds the standard deviation; it is the variance that is averaged.",
            (
                "running_var + (1 - momentum) * var",
                "running_var + (1 - momentum) * np.sqrt(var + eps)",
            ),
        ),
        Mistake(
            "running_not_stored",
            "The running averages are computed but not written back: "
            'bn_param["running_mean"] = ..., and running_var alike.',
            ('bn_param["running_mean"] = ', "running_mean = "),
            ('bn_param["running_var"] = ', "running_var = "),
        ),
        Mistake(
            "latest_batch_only",
            "The running averages hold the latest batch alone; keep momentum times the old value.",
            ("momentum * running_mean + (1 - momentum) * mean", "mean"),
            ("momentum * running_var + (1 - momentum) * var", "var"),
        ),
        Mistake(
            "running_of_shape_1_d",
            "The running averages have the shape (1, D); they should have (D,): keepdims is not "
            "needed over axis 0.",
            ("np.mean(x, axis=0)", "np.mean(x, axis=0, keepdims=True)"),
            ("np.var(x, axis=0)", "np.var(x, axis=0, keepdims=True)"),
        ),
        Mistake(
            "running_moves_at_test_time",
            "Test batches move the running averages; only training may.",
            (
                "        mean = running_mean\n        var = running_var\n",
                '        bn_param["running_mean"] = momentum * running_mean + (1 - momentum) * '
                "np.mean(x, axis=0)\n"
                '        bn_param["running_var"] = momentum * running_var + (1 - momentum) * '
                "np.var(x, axis=0)\n"
                "        mean, var = running_mean, running_var\n",
            ),
        ),
        Mistake(
            "only_the_mean_runs",
            "running_var does not move: average the variance as you average the mean.",
            ("momentum * running_var + (1 - momentum) * var", "running_var"),
        ),
        Mistake(
            "running_starts_at_the_first_batch",
            "Where there are no running averages yet they start from zeros, not from the first batch.",
            (
                "        mean = np.mean(x, axis=0)\n        var = np.var(x, axis=0)\n",
                "        mean = np.mean(x, axis=0)\n        var = np.var(x, axis=0)\n"
                '        running_mean = bn_param.get("running_mean", mean)\n'
                '        running_var = bn_param.get("running_var", var)\n',
            ),
        ),
        Mistake(
            "running_var_starts_at_one",
            "Where there is no running variance yet it starts from zeros; PyTorch's starts from ones.",
            (
                'bn_param.get("running_var", zeros)',
                'bn_param.get("running_var", np.ones_like(zeros))',
            ),
        ),
        Mistake(
            "no_eps_at_test_time",
            "At test time eps is missing: it is added to the running variance, too, under the root.",
            (
                "std = np.sqrt(var + eps)",
                'std = np.sqrt(var + eps * (bn_param["mode"] == "train"))',
            ),
        ),
        Mistake(
            "gamma_and_beta_exchanged",
            "gamma and beta are exchanged: gamma scales, beta shifts.",
            ("gamma * x_hat + beta", "beta * x_hat + gamma"),
        ),
        Mistake(
            "no_scale_at_test_time",
            "At test time gamma and beta are missing; they apply in both modes.",
            (
                "out = gamma * x_hat + beta",
                'out = gamma * x_hat + beta if bn_param["mode"] == "train" else x_hat',
            ),
        ),
        Mistake(
            "squares_not_centred",
            "The mean of the squares is no variance: subtract the mean before you square.",
            ("np.var(x, axis=0)", "np.mean(x**2, axis=0)"),
        ),
    ],
)


def normalised_pair(
    rng: Rng,
    forward: str,
    n: int,
    d: int,
    *,
    settings: bool = True,
    zero: bool = False,
    dtype: type = np.float64,
) -> Args:
    """Draw the arguments of a backward of normalisation, with the forward before it."""
    param: dict[str, Any] = {"eps": 0.3} if settings else {}
    if forward == "batchnorm_forward":
        param["mode"] = "train"
    x, gamma, beta, param = features(rng, n, d, param, dtype)
    gamma[0] *= not zero
    call = Call(forward, (x, gamma, beta, param))
    return rng.normal(size=(n, d)).astype(dtype), call[1]


def constant_pair(rng: Rng) -> Args:
    """Draw the arguments of batchnorm_backward where a column is constant."""
    forward = Call("batchnorm_forward", constant_column(batch(rng, 5, 3)))
    return rng.normal(size=(5, 3)), forward[1]


def first_of_two(rng: Rng, forward: str, param: dict[str, Any]) -> Args:
    """Draw two forwards of the same shape; the backward of the first comes after both."""
    first = Call(forward, features(rng, 4, 3, param))
    second = Call(forward, features(rng, 4, 3, param), after=(first,))
    return rng.normal(size=(4, 3)), kept(first[1], after=[second])


def both_ways(forward: str, param: dict[str, Any]) -> list[Case]:
    """Return the cases of a backward of normalisation."""

    def pair(n: int, d: int, **how: Any) -> Any:
        return lambda rng: normalised_pair(rng, forward, n, d, **how)

    return [
        # Of two numbers that are normalised together dx is all but 0: what is left is rounding.
        Case("3 rows, 4 columns, eps left out", pair(3, 4, settings=False)),
        Case("4 rows, 3 columns", pair(4, 3)),
        Case("5 rows, 3 columns", pair(5, 3)),
        Case("2 rows, 4 columns, a gamma of 0", pair(2, 4, zero=True)),
        Case("the first of two layers", lambda rng: first_of_two(rng, forward, param)),
        hidden(Case("5 rows, 5 columns", pair(5, 5))),
        hidden(Case("24 rows, 7 columns", pair(24, 7, settings=False))),
    ]


topic.exercise(
    "batchnorm_backward",
    points=4,
    returns=("dx", "dgamma", "dbeta"),
    backward_of="batchnorm_forward",
    cases=both_ways("batchnorm_forward", {"mode": "train"}),
    checks=[
        by_hand(
            np.array([[1.0, 0.0], [0.0, 2.0], [0.0, 0.0], [0.0, 0.0]]),
            Call(
                "batchnorm_forward",
                (
                    np.array([[-1.0, 0.0], [3.0, 0.0], [3.0, 0.0], [3.0, 0.0]]),
                    np.array([2.0, 1.0]),
                    np.array([0.0, 0.0]),
                    {"mode": "train", "eps": 1.0},
                ),
            )[1],
            gives={
                "dx": [[0.1875, -0.5], [-0.0625, 1.5], [-0.0625, -0.5], [-0.0625, -0.5]],
                "dgamma": [-1.5, 0.0],
                "dbeta": [1.0, 2.0],
            },
            because="In the first column the root is 2 and x_hat is -1.5, 0.5, 0.5, 0.5; g = 2, 0, 0, "
            "0 has the mean 0.5, and mean(g x_hat) = -0.75; so the first dx is (2 - 0.5 - 1.125) / 2. "
            "The second column is constant, so only the mean is in the way.",
        ),
        gradient_agrees("dx", of="out", weight=6),
        gradient_agrees("dgamma", of="out", weight=2),
        gradient_agrees("dbeta", of="out", weight=1),
        survives(
            "a constant column, one row and float32",
            [
                Case("1 row", lambda rng: normalised_pair(rng, "batchnorm_forward", 1, 3)),
                Case("a constant column", constant_pair),
                Case(
                    "float32",
                    lambda rng: normalised_pair(rng, "batchnorm_forward", 5, 3, dtype=SINGLE),
                ),
            ],
        ),
        repeatable(),
        keeps_inputs(),
        keeps_precision(),
        vectorised(lambda rng, n: normalised_pair(rng, "batchnorm_forward", n, 3)),
    ],
    hints=[
        "In how many ways does one x act on the outputs of its column? Its own is only the first.",
        "dbeta and dgamma are sums over the rows, of dout and of dout times x_hat. For dx take "
        "g = gamma dout, and remove from it its mean, and x_hat times the mean of g x_hat; then "
        "divide by the root.",
        "With x_hat, gamma and std from the cache: "
        "g - np.mean(g, axis=0) - x_hat * np.mean(g * x_hat, axis=0), all of it over std.",
    ],
    mistakes=[
        Mistake(
            "statistics_are_constants",
            "You treat mean and variance as constants. They move with every x of the column, which "
            "takes two more terms off.",
            (" - through_mean - through_variance", ""),
        ),
        Mistake(
            "not_through_the_mean",
            "The path through the mean is missing: subtract the mean of gamma dout.",
            (" - through_mean", ""),
        ),
        Mistake(
            "not_through_the_variance",
            "The path through the variance is missing: subtract x_hat times the mean of "
            "gamma dout x_hat.",
            (" - through_variance", ""),
        ),
        Mistake(
            "sums_for_means",
            "You subtract sums; they are means over the rows.",
            ("np.mean(dx_hat, axis=0)", "np.sum(dx_hat, axis=0)"),
            ("np.mean(dx_hat * x_hat, axis=0)", "np.sum(dx_hat * x_hat, axis=0)"),
        ),
        Mistake(
            "divided_by_features",
            "The sums over the rows are divided by the number of columns; divide by the number of "
            "rows.",
            ("np.mean(dx_hat, axis=0)", "np.sum(dx_hat, axis=0) / dout.shape[1]"),
            ("np.mean(dx_hat * x_hat, axis=0)", "np.sum(dx_hat * x_hat, axis=0) / dout.shape[1]"),
        ),
        Mistake(
            "added",
            "The two corrections are added; they are subtracted.",
            (
                "dx_hat - through_mean - through_variance",
                "dx_hat + through_mean + through_variance",
            ),
        ),
        Mistake(
            "no_gamma",
            "gamma is missing in dx: out = gamma x_hat + beta, so multiply dout by it.",
            ("gamma * dout", "dout"),
        ),
        Mistake(
            "divided_by_variance",
            "You divide by the variance; divide by its root.",
            (") / std", ") / std**2"),
        ),
        Mistake(
            "multiplied_by_deviation",
            "You multiply by the standard deviation; the forward divides by it, and so does dx.",
            (") / std", ") * std"),
        ),
        Mistake(
            "averaged_parameters",
            "dgamma and dbeta are averaged over the rows; they are sums: the loss has averaged "
            "already.",
            ("np.sum(dout, axis=0)", "np.mean(dout, axis=0)"),
            ("np.sum(dout * x_hat, axis=0)", "np.mean(dout * x_hat, axis=0)"),
        ),
        Mistake(
            "parameters_not_summed",
            "dgamma and dbeta keep a row for each example; add them up over the rows.",
            ("np.sum(dout, axis=0)", "dout"),
            ("np.sum(dout * x_hat, axis=0)", "dout * x_hat"),
        ),
        Mistake(
            "parameters_of_shape_1_d",
            "dgamma and dbeta have the shape (1, D); gamma and beta have (D,).",
            ("np.sum(dout, axis=0)", "np.sum(dout, axis=0, keepdims=True)"),
            ("np.sum(dout * x_hat, axis=0)", "np.sum(dout * x_hat, axis=0, keepdims=True)"),
        ),
        Mistake(
            "parameters_exchanged",
            "dgamma and dbeta are exchanged: return dx, dgamma, dbeta in that order.",
            ("return dx, dgamma, dbeta", "return dx, dbeta, dgamma"),
        ),
        Mistake(
            "dgamma_without_dout",
            "dgamma ignores dout: multiply x_hat by it before you add up.",
            ("np.sum(dout * x_hat, axis=0)", "np.sum(x_hat, axis=0)"),
        ),
        Mistake(
            "dgamma_of_the_output",
            "dgamma holds gamma itself: what gamma is multiplied by is x_hat alone.",
            ("np.sum(dout * x_hat, axis=0)", "np.sum(dout * gamma * x_hat, axis=0)"),
        ),
        Mistake(
            "upstream_ignored",
            "dout is ignored: all three results are made of it.",
            (
                "x_hat, gamma, std = cache",
                "x_hat, gamma, std = cache\n    dout = np.ones_like(dout)",
            ),
        ),
        Mistake(
            "power_of_the_variance",
            "In the path through the variance the power is wrong: the derivative of "
            "(variance + eps)^(-1/2) has the power -3/2.",
            ("np.mean(dx_hat * x_hat, axis=0)", "np.mean(dx_hat * x_hat, axis=0) * std**2"),
        ),
        Mistake(
            "two_of_the_square_forgotten",
            "In the path through the variance the 2 is missing that the derivative of the square "
            "brings.",
            ("np.mean(dx_hat * x_hat, axis=0)", "np.mean(dx_hat * x_hat, axis=0) / 2"),
        ),
        Mistake(
            "sign_of_the_variance_path",
            "The path through the variance has the wrong sign: a power of -1/2 brings down a minus.",
            (" - through_variance", " + through_variance"),
        ),
        Mistake(
            "mean_path_not_divided",
            "The path through the mean is N times too large: every x has only 1 / N of the mean.",
            ("np.mean(dx_hat, axis=0)", "np.sum(dx_hat, axis=0)"),
        ),
        Mistake(
            "unbiased",
            "In the path through the variance you divide by N - 1; the forward's variance divides "
            "by N.",
            (
                "np.mean(dx_hat * x_hat, axis=0)",
                "np.sum(dx_hat * x_hat, axis=0) / max(len(dout) - 1, 1)",
            ),
        ),
    ],
)

DEFAULT_EPS = "Where ln_param names no eps it is 1e-5."


topic.exercise(
    "layernorm_forward",
    points=2,
    returns=("out", "cache"),
    stays=("cache",),
    cases=[
        Case("2 rows, 3 columns, eps left out", lambda rng: features(rng, 2, 3)),
        Case("3 rows, 4 columns, eps 0.3", lambda rng: features(rng, 3, 4, {"eps": 0.3})),
        Case("5 rows, 3 columns, eps 0.05", lambda rng: features(rng, 5, 3, {"eps": 0.05})),
        hidden(Case("4 rows, 4 columns", lambda rng: features(rng, 4, 4, {"eps": 0.3}))),
        hidden(Case("24 rows, 7 columns", lambda rng: features(rng, 24, 7))),
    ],
    checks=[
        by_hand(
            np.array([[-1.0, 3.0, 3.0, 3.0], [10.0, 10.0, 10.0, 10.0]]),
            np.array([2.0, 1.0, -4.0, 1.0]),
            np.array([0.0, 10.0, 0.0, 1.0]),
            {"eps": 1.0},
            gives={"out": [[-3.0, 10.5, -2.0, 1.5], [0.0, 10.0, 0.0, 1.0]]},
            because="The first row has the mean 2 and the variance 3; with eps = 1 the root is 2, so "
            "it becomes -1.5, 0.5, 0.5, 0.5 before gamma and beta. The second row is constant.",
        ),
        matches_truth("out", weight=5),
        survives(
            "a constant row, one column, one row and float32",
            [
                Case("a constant row", lambda rng: constant_row(features(rng, 3, 4))),
                Case("1 column", lambda rng: features(rng, 3, 1)),
                Case("1 row", lambda rng: features(rng, 1, 4)),
                Case("float32", lambda rng: features(rng, 4, 3, dtype=SINGLE)),
            ],
        ),
        repeatable(),
        keeps_inputs(),
        keeps_precision(),
        vectorised(lambda rng, n: features(rng, n, 3)),
    ],
    hints=[
        "Batch normalisation asks each column for its mean. Whom does layer normalisation ask, and "
        "to whom do gamma and beta belong?",
        "Mean and biased variance of each row, kept as columns of shape (N, 1) so that they fit the "
        "rows again; divide by sqrt(variance + eps); then scale and shift each column.",
        "np.mean(x, axis=1, keepdims=True), np.var alike; x_hat = (x - mean) / np.sqrt(var + eps), "
        'with eps = ln_param.get("eps", 1e-5); gamma and beta broadcast over the rows.',
    ],
    mistakes=[
        Mistake(
            "over_the_batch",
            "Those are statistics of columns, as in batch normalisation; here every row has its own "
            "(axis=1).",
            ("np.mean(x, axis=1, keepdims=True)", "np.mean(x, axis=0)"),
            ("np.var(x, axis=1, keepdims=True)", "np.var(x, axis=0)"),
        ),
        Mistake(
            "over_everything",
            "You take one mean and one variance for the whole array; every row has its own (axis=1).",
            ("np.mean(x, axis=1, keepdims=True)", "np.mean(x)"),
            ("np.var(x, axis=1, keepdims=True)", "np.var(x)"),
        ),
        Mistake(
            "dimension_lost",
            "A number for each row meets a number for each column. Row statistics keep their axis with "
            "keepdims=True, as a column (N, 1); gamma and beta belong to the columns as they are.",
            ("np.mean(x, axis=1, keepdims=True)", "np.mean(x, axis=1)"),
            ("np.var(x, axis=1, keepdims=True)", "np.var(x, axis=1)"),
        ),
        Mistake(
            "unbiased_variance",
            "Your variance divides by D - 1; here it divides by D (np.var without ddof).",
            (
                "np.var(x, axis=1, keepdims=True)",
                "np.sum((x - mean) ** 2, axis=1, keepdims=True) / (x.shape[1] - 1)",
            ),
        ),
        Mistake(
            "eps_outside_the_root",
            "eps is added to the standard deviation; it belongs to the variance, inside the root.",
            ("np.sqrt(var + eps)", "np.sqrt(var) + eps"),
        ),
        Mistake(
            "eps_fixed",
            "eps is 1e-5 whatever ln_param says: read it, with 1e-5 where it is missing.",
            ('ln_param.get("eps", 1e-5)', "1e-5"),
        ),
        *(
            Mistake(f"other_default_eps_{eps}", DEFAULT_EPS, ("1e-5", eps))
            for eps in ("1e-3", "1e-6", "1e-8", "1e-12")
        ),
        Mistake(
            "deviation_of_the_annotated_transformer",
            "eps is added to a standard deviation with D - 1 below the fraction; it is "
            "sqrt(variance + eps) here, and the variance is divided by D.",
            (
                "std = np.sqrt(var + eps)",
                "std = np.std(x, axis=1, keepdims=True, ddof=min(1, x.shape[1] - 1)) + eps",
            ),
        ),
        Mistake(
            "no_shift",
            "beta is not added.",
            ("gamma * x_hat + beta", "gamma * x_hat"),
        ),
        Mistake(
            "eps_required",
            "ln_param may be empty: eps is 1e-5 where it is missing.",
            ('ln_param.get("eps", 1e-5)', 'ln_param["eps"]'),
        ),
        Mistake(
            "no_eps",
            "Without eps a constant row is 0 / 0, nan: take the root of variance + eps.",
            ("np.sqrt(var + eps)", "np.sqrt(var)"),
        ),
        Mistake(
            "no_root",
            "You divide by the variance; divide by its root.",
            ("np.sqrt(var + eps)", "var + eps"),
        ),
        Mistake(
            "mean_not_subtracted",
            "The mean is still in: subtract it before you divide.",
            ("(x - mean) / std", "x / std"),
        ),
        Mistake(
            "root_mean_square",
            "That is RMS normalisation, without any mean; here the mean is subtracted, in the "
            "variance as well.",
            ("(x - mean) / std", "x / std"),
            ("np.var(x, axis=1, keepdims=True)", "np.mean(x**2, axis=1, keepdims=True)"),
        ),
        Mistake(
            "no_scale",
            "gamma and beta are missing: the result is gamma x_hat + beta.",
            ("gamma * x_hat + beta", "x_hat"),
        ),
        Mistake(
            "gamma_for_rows",
            "A number for each row meets a number for each column. Row statistics keep their axis with "
            "keepdims=True, as a column (N, 1); gamma and beta belong to the columns as they are.",
            ("gamma * x_hat + beta", "gamma[:, np.newaxis] * x_hat + beta[:, np.newaxis]"),
        ),
    ],
)

topic.exercise(
    "layernorm_backward",
    points=3,
    returns=("dx", "dgamma", "dbeta"),
    backward_of="layernorm_forward",
    cases=both_ways("layernorm_forward", {}),
    checks=[
        by_hand(
            np.array([[1.0, 0.0, 1.0, 0.0], [0.0, 1.0, 0.0, 0.0]]),
            Call(
                "layernorm_forward",
                (
                    np.array([[-1.0, 3.0, 3.0, 3.0], [3.0, 3.0, 3.0, -1.0]]),
                    np.array([2.0, 1.0, -4.0, 1.0]),
                    np.zeros(4),
                    {"eps": 1.0},
                ),
            )[1],
            gives={
                "dx": [[0.3125, 0.5625, -1.4375, 0.5625], [-0.15625, 0.34375, -0.15625, -0.03125]],
                "dgamma": [-1.5, 0.5, 0.5, 0.0],
                "dbeta": [1.0, 1.0, 1.0, 0.0],
            },
            because="In the first row the root is 2 and x_hat is -1.5, 0.5, 0.5, 0.5; g = 2, 0, -4, 0 "
            "has the mean -0.5, and mean(g x_hat) = -1.25; so the first dx is "
            "(2 + 0.5 - 1.875) / 2 = 0.3125.",
        ),
        gradient_agrees("dx", of="out", weight=5),
        gradient_agrees("dgamma", of="out", weight=2),
        gradient_agrees("dbeta", of="out", weight=1),
        survives(
            "one row, one column and float32",
            [
                Case("1 row", lambda rng: normalised_pair(rng, "layernorm_forward", 1, 3)),
                Case("1 column", lambda rng: normalised_pair(rng, "layernorm_forward", 3, 1)),
                Case(
                    "float32",
                    lambda rng: normalised_pair(rng, "layernorm_forward", 5, 3, dtype=SINGLE),
                ),
            ],
        ),
        repeatable(),
        keeps_inputs(),
        keeps_precision(),
        vectorised(lambda rng, n: normalised_pair(rng, "layernorm_forward", n, 3)),
    ],
    hints=[
        "Take batch normalisation's backward and ask at each mean over what it is taken now; then "
        "ask the same of the sums for gamma and beta.",
        "dgamma and dbeta are still sums over the rows. For dx multiply dout by gamma first, since a "
        "row has many gammas; then the two means are taken along each row.",
        "g = gamma * dout; subtract np.mean(g, axis=1, keepdims=True), and x_hat times the mean of "
        "g * x_hat, again with axis=1 and keepdims=True; divide by std of shape (N, 1).",
    ],
    mistakes=[
        Mistake(
            "over_the_batch",
            "The means are taken over the rows, as in batch normalisation; here they go along each "
            "row (axis=1).",
            ("np.mean(dx_hat, axis=1, keepdims=True)", "np.mean(dx_hat, axis=0)"),
            ("np.mean(dx_hat * x_hat, axis=1, keepdims=True)", "np.mean(dx_hat * x_hat, axis=0)"),
        ),
        Mistake(
            "gamma_after_the_means",
            "gamma is multiplied in at the end; along a row every column has a gamma of its own, so "
            "it comes before the means.",
            ("gamma * dout", "dout"),
            (") / std", ") * gamma / std"),
        ),
        Mistake(
            "divided_by_rows",
            "The sums along a row are divided by the number of rows; divide by the number of columns.",
            (
                "np.mean(dx_hat, axis=1, keepdims=True)",
                "np.sum(dx_hat, axis=1, keepdims=True) / len(dout)",
            ),
            (
                "np.mean(dx_hat * x_hat, axis=1, keepdims=True)",
                "np.sum(dx_hat * x_hat, axis=1, keepdims=True) / len(dout)",
            ),
        ),
        Mistake(
            "parameters_over_features",
            "dgamma and dbeta are added up along the rows; gamma and beta belong to the columns, so "
            "the sum is over axis 0.",
            ("np.sum(dout, axis=0)", "np.sum(dout, axis=1)"),
            ("np.sum(dout * x_hat, axis=0)", "np.sum(dout * x_hat, axis=1)"),
        ),
        Mistake(
            "statistics_are_constants",
            "You treat mean and variance as constants. They move with every x of the row, which "
            "takes two more terms off.",
            (" - through_mean - through_variance", ""),
        ),
        Mistake(
            "not_through_the_mean",
            "The path through the mean is missing: subtract the mean of gamma dout along the row.",
            (" - through_mean", ""),
        ),
        Mistake(
            "not_through_the_variance",
            "The path through the variance is missing: subtract x_hat times the row's mean of "
            "gamma dout x_hat.",
            (" - through_variance", ""),
        ),
        Mistake(
            "no_gamma",
            "gamma is missing in dx: out = gamma x_hat + beta, so multiply dout by it first.",
            ("gamma * dout", "dout"),
        ),
        Mistake(
            "gamma_twice",
            "dgamma and dbeta hold gamma itself: they are sums of dout x_hat and of dout.",
            ("np.sum(dout, axis=0)", "np.sum(gamma * dout, axis=0)"),
            ("np.sum(dout * x_hat, axis=0)", "np.sum(gamma * dout * x_hat, axis=0)"),
        ),
        Mistake(
            "sums_for_means",
            "You subtract sums; they are means along the row.",
            ("np.mean(dx_hat, axis=1, keepdims=True)", "np.sum(dx_hat, axis=1, keepdims=True)"),
            (
                "np.mean(dx_hat * x_hat, axis=1, keepdims=True)",
                "np.sum(dx_hat * x_hat, axis=1, keepdims=True)",
            ),
        ),
        Mistake(
            "averaged_parameters",
            "dgamma and dbeta are averaged over the rows; they are sums: the loss has averaged "
            "already.",
            ("np.sum(dout, axis=0)", "np.mean(dout, axis=0)"),
            ("np.sum(dout * x_hat, axis=0)", "np.mean(dout * x_hat, axis=0)"),
        ),
        Mistake(
            "divided_by_variance",
            "You divide by the variance; divide by its root.",
            (") / std", ") / std**2"),
        ),
    ],
)


def labels(rng: Rng, n: int, c: int, smoothing: float) -> Args:
    """Draw n classes, the last one not among them where there is room, and their smoothing."""
    return rng.integers(0, max(c - 1, 1), n), c, smoothing


def softened(label: str, build: Callable[[Rng], Args]) -> Case:
    """Make a case of label_smoothing; float32, which suits a target of 0.76, is forgiven."""
    return Case(label, build, tolerance="epsilon")


topic.exercise(
    "label_smoothing",
    points=1,
    returns=("target",),
    cases=[
        softened("2 labels, 4 classes", lambda rng: labels(rng, 2, 4, 0.2)),
        softened("5 labels, 3 classes", lambda rng: labels(rng, 5, 3, 0.3)),
        softened("4 labels, 7 classes", lambda rng: labels(rng, 4, 7, 0.1)),
        hidden(softened("24 labels, 5 classes", lambda rng: labels(rng, 24, 5, 0.15))),
        hidden(softened("6 labels, 6 classes", lambda rng: labels(rng, 6, 6, 0.6))),
    ],
    checks=[
        by_hand(
            np.array([2, 0]),
            5,
            0.3,
            gives={"target": [[0.06, 0.06, 0.76, 0.06, 0.06], [0.76, 0.06, 0.06, 0.06, 0.06]]},
            because="Of the 0.3 each of 5 classes gets 0.06; the right one gets 0.7 in addition.",
            tolerance="epsilon",
        ),
        matches_truth("target", weight=4),
        survives(
            "smoothing 0 and 1, one class, one label and the last class",
            [
                softened("smoothing 0", lambda _: (np.array([2, 0, 1]), 4, 0.0)),
                softened("smoothing 1", lambda _: (np.array([2, 0, 1]), 4, 1.0)),
                softened("1 label", lambda _: (np.array([1]), 3, 0.2)),
                softened("the last class", lambda _: (np.array([2, 2]), 3, 0.2)),
                softened("1 class", lambda _: (np.array([0, 0]), 1, 0.2)),
            ],
        ),
        repeatable(),
        keeps_inputs(),
        vectorised(lambda rng, n: labels(rng, n, 4, 0.2)),
    ],
    hints=[
        "Who gets a part of the smoothing, and what must every row add up to?",
        "Give s / C to every class, the right one included, and 1 - s to the right one in addition.",
        "Fill an (N, num_classes) array of floats with s / C; then add 1 - s at [np.arange(N), y].",
    ],
    mistakes=[
        Mistake(
            "shared_among_the_others",
            "You share s among the other C - 1 classes; here every class gets s / C, the right one "
            "too.",
            ("smoothing / num_classes", "smoothing / max(num_classes - 1, 1)"),
            ("1 - smoothing + share", "1 - smoothing"),
        ),
        Mistake(
            "rows_not_one",
            "The right class lacks its own part s / C, so a row adds up to less than 1.",
            ("1 - smoothing + share", "1 - smoothing"),
        ),
        Mistake(
            "whole_part_for_each",
            "Every other class gets the whole of s; s is shared out, so each gets s / C.",
            ("smoothing / num_classes", "smoothing"),
            ("1 - smoothing + share", "1 - smoothing"),
        ),
        Mistake(
            "added_on_top",
            "What is shared out must come from somewhere: the right class gives s away first.",
            ("1 - smoothing + share", "1 + share"),
        ),
        Mistake(
            "not_divided_by_classes",
            "Every class gets s itself; it is s / C.",
            ("smoothing / num_classes", "smoothing"),
        ),
        Mistake(
            "parts_exchanged",
            "s and 1 - s are exchanged: s is what is shared out.",
            ("smoothing / num_classes", "(1 - smoothing) / num_classes"),
            ("1 - smoothing + share", "smoothing + share"),
        ),
        Mistake(
            "plain_one_hot",
            "Nothing is smoothed: these rows are one-hot, 1 at the class and 0 elsewhere. Give "
            "every class s / C.",
            ("smoothing / num_classes", "0.0"),
            ("1 - smoothing + share", "1.0"),
        ),
        Mistake(
            "classes_that_occur",
            "You take as many classes as the largest label says; num_classes may be more.",
            (
                "rows = np.arange(len(y))",
                "num_classes = int(y.max()) + 1\n    rows = np.arange(len(y))",
            ),
        ),
        Mistake(
            "transposed",
            "That is one column for each example; it should be one row.",
            ("return target", "return target.T"),
        ),
        Mistake(
            "whole_columns",
            "target[:, y] writes into every row; one place in each row is target[np.arange(N), y].",
            ("target[rows, y]", "target[:, y]"),
        ),
        Mistake(
            "integers",
            "The array holds whole numbers, so all decimals are cut off: make it of floats.",
            ("dtype=float", "dtype=int"),
        ),
        Mistake(
            "two_classes",
            "You divide s by 2, as for yes or no; divide it by num_classes.",
            ("smoothing / num_classes", "smoothing / 2"),
        ),
        Mistake(
            "divided_by_rows",
            "You divide s by the number of examples; divide it by num_classes.",
            ("smoothing / num_classes", "smoothing / len(y)"),
        ),
    ],
)


def eighths(rng: Rng, epochs: int) -> Array:
    """Draw losses that are multiples of 1/8, so that equal ones and exact steps occur."""
    return rng.integers(2, 18, epochs) / 8


def history(*losses: float) -> Array:
    """Return written losses as an array."""
    return np.array(losses)


NAN = float("nan")

topic.exercise(
    "early_stopping",
    points=2,
    returns=("stop_epoch", "best_epoch"),
    as_one=True,
    cases=[
        Case("it never stops", lambda _: (history(1.0, 0.75, 0.5, 0.625), 2)),
        Case("patience 1", lambda _: (history(2.0, 1.5, 1.0, 1.25, 0.5), 1)),
        Case(
            "a better epoch in between",
            lambda _: (history(2.0, 1.0, 1.5, 0.5, 0.75, 0.625, 0.625, 0.25, 0.1), 3),
        ),
        Case(
            "falling again, but not below the best", lambda _: (history(1, 3, 2.5, 2, 1.5, 0.5), 3)
        ),
        Case("an equal loss", lambda _: (history(1.0, 0.5, 0.5, 0.75, 0.25, 0.75), 2)),
        Case("small steps, min_delta", lambda _: (history(2, 1.75, 1.5, 1.25, 1, 0.875), 3, 0.375)),
        Case(
            "a step of min_delta exactly",
            lambda _: (history(2, 1.5, 1.25, 0.875, 0.8, 0.75), 2, 0.5),
        ),
        Case("slightly worse, min_delta", lambda _: (history(1.0, 1.125, 1.125, 1.25), 2, 0.25)),
        Case(
            "large losses, min_delta",
            lambda _: (1000 * history(8.0, 7.0, 6.0, 5.5, 5.25), 2, 500.0),
        ),
        *(
            hidden(
                Case(
                    f"{epochs} epochs, patience {patience}, min_delta {delta:g}",
                    lambda rng, e=epochs, p=patience, d=delta: (eighths(rng, e), p, d),  # type: ignore[misc]
                )
            )
            for epochs, patience, delta in (
                (12, 3, 0.0),
                (30, 6, 0.25),
                (7, 4, 0.125),
                (40, 12, 0.5),
            )
        ),
    ],
    checks=[
        by_hand(
            np.array([0.9, 0.6, 0.5, 0.52, 0.48, 0.55, 0.53, 0.51, 0.45]),
            3,
            gives={"stop_epoch": 7, "best_epoch": 4},
            because="Epoch 4 is the best so far; 5, 6 and 7 do not improve on it, so at epoch 7 three "
            "have passed. The 0.45 would have come next.",
        ),
        matches_truth("stop_epoch", name="is right for every run"),
        matches_truth("best_epoch", name="is right for every run"),
        survives(
            "one epoch, NaN, and more patience than epochs",
            [
                Case("1 epoch", lambda _: (history(0.5), 1)),
                Case("NaN in between", lambda _: (history(1.0, 0.5, NAN, 0.75, 0.25, 0.5), 3)),
                Case("only NaN after the first", lambda _: (history(1.0, NAN, NAN, NAN, NAN), 2)),
                Case("much patience", lambda _: (history(0.5, 0.75, 1.0), 10)),
                Case("rising from the start", lambda _: (history(0.5, 0.75, 1.0, 1.5), 2)),
            ],
            says="A comparison with NaN is False; ask whether an epoch is better, not whether it is "
            "worse.",
        ),
        repeatable(),
        keeps_inputs(),
    ],
    hints=[
        "Walk through the epochs as if the future were not known. What two things must you remember?",
        "Remember the best loss and its epoch. An epoch that is below the best by more than "
        "min_delta becomes the best; then look how many epochs have passed since the best one.",
        "if loss < best - min_delta: best, best_epoch = loss, epoch; then, better or not, "
        "if epoch - best_epoch >= patience: return. After the loop the last epoch is the stop.",
    ],
    mistakes=[
        Mistake(
            "one_epoch_late",
            "You stop one epoch late: when `patience` epochs have passed since the best one, that "
            "is enough.",
            ("waited >= patience", "waited > patience"),
        ),
        Mistake(
            "one_epoch_early",
            "You stop one epoch early: the best epoch itself does not count as one of those "
            "without an improvement. Compare epoch - best_epoch with patience.",
            ("waited = epoch - best_epoch", "waited = epoch - best_epoch + (not improved)"),
        ),
        Mistake(
            "last_for_best",
            "You return the epoch at which training stops as the best one; the best came before.",
            ("return epoch, best_epoch", "return epoch, epoch"),
            (
                "return len(val_losses) - 1, best_epoch",
                "return len(val_losses) - 1, len(val_losses) - 1",
            ),
        ),
        Mistake(
            "sees_the_future",
            "The best epoch is taken from all losses; after the stop nothing is seen.",
            ("return epoch, best_epoch", "return epoch, int(np.nanargmin(val_losses))"),
            (
                "return len(val_losses) - 1, best_epoch",
                "return len(val_losses) - 1, int(np.nanargmin(val_losses))",
            ),
        ),
        Mistake(
            "counter_never_reset",
            "You count every epoch without improvement; the count starts anew with every new best.",
            ("best_epoch = 0\n", "best_epoch = 0\n    waited = 0\n"),
            ("waited = epoch - best_epoch", "waited += not improved"),
        ),
        Mistake(
            "compares_with_the_epoch_before",
            "You compare with the epoch before; an improvement must beat the best so far.",
            ("        waited =", "        best = loss\n        waited ="),
        ),
        Mistake(
            "noticed_late",
            "The epoch in which patience runs out is the stop; you look at the count before the next "
            "epoch and name that one.",
            (
                "        improved =",
                "        if epoch - best_epoch > patience:\n"
                "            return epoch, best_epoch\n        improved =",
            ),
            ("waited >= patience", "False"),
        ),
        Mistake(
            "one_added",
            "stop_epoch is the number of the last epoch that was run, counted from 0; yours is one "
            "more, how many were run.",
            ("return epoch, best_epoch", "return epoch + 1, best_epoch"),
            ("return len(val_losses) - 1, best_epoch", "return len(val_losses), best_epoch"),
        ),
        Mistake(
            "equal_not_counted",
            "An epoch that is as good as the best, or better by too little, is not counted; every "
            "epoch without an improvement counts.",
            ("best_epoch = 0\n", "best_epoch = 0\n    waited = 0\n"),
            ("waited = epoch - best_epoch", "waited = 0 if improved else waited + (loss > best)"),
        ),
        Mistake(
            "rises_in_a_row",
            "You count how often in a row the loss rises; count the epochs since the best one.",
            ("best_epoch = 0\n", "best_epoch = 0\n    waited = 0\n    before = np.inf\n"),
            (
                "waited = epoch - best_epoch",
                "waited = waited + 1 if loss > before else 0\n        before = loss",
            ),
        ),
        Mistake(
            "counted_from_one",
            "You count the epochs from 1; the first one is epoch 0.",
            ("best_epoch = 0\n", "best_epoch = 1\n"),
            ("enumerate(val_losses)", "enumerate(val_losses, start=1)"),
            ("return len(val_losses) - 1, best_epoch", "return len(val_losses), best_epoch"),
        ),
        Mistake(
            "min_delta_ignored",
            "min_delta is not used: an improvement must be larger than it.",
            ("loss < best - min_delta", "loss < best"),
        ),
        Mistake(
            "min_delta_sign",
            "You add min_delta, so that slightly worse epochs count as better; subtract it.",
            ("best - min_delta", "best + min_delta"),
        ),
        Mistake(
            "min_delta_relative",
            "You take min_delta for a share of the best loss; it is a difference.",
            ("best - min_delta", "best * (1 - min_delta)"),
        ),
        Mistake(
            "best_follows_small_steps",
            "Steps that are too small to count lower your best loss all the same, so they never add "
            "up; leave it as it is.",
            ("        waited =", "        best = np.fmin(best, loss)\n        waited ="),
        ),
        Mistake(
            "equal_is_better",
            "An equal loss counts as an improvement; it must be lower.",
            ("loss < best", "loss <= best"),
        ),
        Mistake(
            "nan_improves",
            "An epoch of NaN is not counted as one without improvement: every comparison with NaN is "
            "False, also `loss >= best`. Ask whether the loss is lower; if not, the epoch waits.",
            ("improved = loss < best - min_delta", "improved = not loss >= best - min_delta"),
        ),
        Mistake(
            "nan_does_not_wait",
            "An epoch of NaN is not counted as one without improvement: every comparison with NaN is "
            "False, also `loss >= best`. Ask whether the loss is lower; if not, the epoch waits.",
            ("best_epoch = 0\n", "best_epoch = 0\n    waited = 0\n"),
            (
                "waited = epoch - best_epoch",
                "waited = 0 if improved else waited + (loss >= best - min_delta)",
            ),
        ),
        Mistake(
            "lowest_for_best",
            "best_epoch is the epoch of the lowest loss so far; one that is lower by min_delta or less "
            "is no improvement.",
            (
                "return epoch, best_epoch",
                "return epoch, int(np.nanargmin(val_losses[: epoch + 1]))",
            ),
            (
                "return len(val_losses) - 1, best_epoch",
                "return len(val_losses) - 1, int(np.nanargmin(val_losses))",
            ),
        ),
        Mistake(
            "finite_start",
            "best starts at a number; a loss may be larger than any. Start at infinity, np.inf, or at "
            "the first loss.",
            ("best = np.inf", "best = 100.0"),
        ),
        Mistake(
            "higher_is_better",
            "You wait for the highest value, as for an accuracy; a loss should be low.",
            ("best = np.inf", "best = -np.inf"),
            ("loss < best - min_delta", "loss > best + min_delta"),
        ),
        Mistake(
            "exchanged",
            "The two results are exchanged: stop_epoch comes first.",
            ("return epoch, best_epoch", "return best_epoch, epoch"),
            ("return len(val_losses) - 1, best_epoch", "return best_epoch, len(val_losses) - 1"),
        ),
        Mistake(
            "loss_for_epoch",
            "You return the best loss; asked is the epoch that it belongs to.",
            ("return epoch, best_epoch", "return epoch, best"),
            ("return len(val_losses) - 1, best_epoch", "return len(val_losses) - 1, best"),
        ),
        Mistake(
            "number_of_epochs",
            "Where the patience never runs out, the stop is the last epoch, len(val_losses) - 1.",
            ("return len(val_losses) - 1, best_epoch", "return len(val_losses), best_epoch"),
        ),
    ],
)


# Images. All pixels differ and none is 0, so that every window and every mirror image is known.


def pixels(rng: Rng, *shape: int, dtype: type = np.float64) -> Array:
    """Draw images of numbers from 0.1 to 1."""
    images: Array = rng.uniform(0.1, 1.0, shape).astype(dtype)
    return images


def flipped_in(
    rng: Rng, *shape: int, p: float, own: Generator | None = None, dtype: type = np.float64
) -> Args:
    """Draw the arguments of horizontal_flip."""
    return pixels(rng, *shape, dtype=dtype), p, own or chance(rng)


FLIPPED = [
    Case("400 images of 2 x 3", lambda rng: flipped_in(rng, 400, 2, 3, p=0.3), judged=()),
    hidden(Case("300 in colour", lambda rng: flipped_in(rng, 300, 2, 3, 2, p=0.8), judged=())),
    hidden(
        Case(
            "300 of float32", lambda rng: flipped_in(rng, 300, 3, 2, p=0.4, dtype=SINGLE), judged=()
        )
    ),
]
FLIP_DRAWS = draws(
    "30 images of 2 x 3", 14, lambda rng, own: flipped_in(rng, 30, 2, 3, p=0.4, own=own)
)

topic.exercise(
    "horizontal_flip",
    points=2,
    returns=("out",),
    cases=[
        Case("2 images of 2 x 3, flip_prob 1", lambda rng: flipped_in(rng, 2, 2, 3, p=1.0)),
        Case("3 images, flip_prob 0", lambda rng: flipped_in(rng, 3, 2, 4, p=0.0)),
        Case("3 images in colour, flip_prob 1", lambda rng: flipped_in(rng, 3, 4, 5, 2, p=1.0)),
        hidden(Case("2 in colour, flip_prob 0", lambda rng: flipped_in(rng, 2, 3, 4, 3, p=0.0))),
        hidden(Case("2 images of 3 x 1, flip_prob 1", lambda r: flipped_in(r, 2, 3, 1, p=1.0))),
    ],
    checks=[
        by_hand(
            np.array([[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]]),
            1.0,
            Generator(0),
            gives={"out": [[[3.0, 2.0, 1.0], [6.0, 5.0, 4.0]]]},
            because="With probability 1 every image is mirrored: each of its rows is reversed.",
        ),
        matches_truth("out", name="mirrors all or none at probability 1 and 0", weight=2),
        holds("gives every image or its mirror image", flips_only, FLIPPED),
        holds("mirrors with the probability flip_prob", flip_rate, FLIPPED, weight=2.0),
        holds_of_all("draws for every image on its own", flips_on_their_own, FLIP_DRAWS),
        obeys_its_seed(FLIP_DRAWS),
        keeps_inputs(),
        keeps_precision(),
        vectorised(lambda rng, n: flipped_in(rng, n, 2, 3, p=0.4)),
    ],
    hints=[
        "Which of the axes of (N, H, W, C) runs from left to right? And who decides about each image?",
        "Draw one uniform number an image; where it is below flip_prob, reverse the order of that "
        "image's columns. Rows, channels and the other images stay.",
        "chosen = rng.random(len(images)) < flip_prob; into a copy write, at [chosen], the images "
        "chosen with their axis 2 reversed, [chosen, :, ::-1].",
    ],
    mistakes=[
        Mistake(
            "upside_down",
            "The rows are reversed, so the images stand on their heads; left and right are axis 2.",
            ("images[chosen, :, ::-1]", "images[chosen, ::-1]"),
        ),
        Mistake(
            "last_axis",
            "You reverse the last axis; in a colour image that is the channels. Columns are axis 2.",
            ("images[chosen, :, ::-1]", "images[chosen, ..., ::-1]"),
        ),
        Mistake(
            "both_axes",
            "Rows and columns are reversed: that is half a turn. A mirror image keeps its rows.",
            ("images[chosen, :, ::-1]", "images[chosen, ::-1, ::-1]"),
        ),
        Mistake(
            "whole_batch",
            "One draw decides for the whole batch; every image needs one of its own.",
            ("rng.random(len(images))", "rng.random(1).repeat(len(images))"),
        ),
        Mistake(
            "drawn_with_replacement",
            "The images to be mirrored are drawn with replacement, so that too few of them are: "
            "each image has a draw of its own, rng.random(len(images)) < flip_prob.",
            (
                "rng.random(len(images)) < flip_prob",
                "np.isin(np.arange(len(images)), rng.integers(0, len(images), "
                "round(flip_prob * len(images))))",
            ),
        ),
        Mistake(
            "probability_exchanged",
            "You mirror with probability 1 - flip_prob: keep the draws that are below flip_prob.",
            (") < flip_prob", ") > flip_prob"),
        ),
        Mistake(
            "half_fixed",
            "Half of the images are mirrored whatever flip_prob says: is 0.5 written somewhere?",
            (") < flip_prob", ") < 0.5"),
        ),
        Mistake(
            "normal_for_uniform",
            "Those are normal numbers; the rate is right only for uniform ones: rng.random.",
            ("rng.random(len(images))", "rng.standard_normal(len(images))"),
        ),
        Mistake(
            "always",
            "Every image is mirrored, whatever flip_prob says: draw a number for each and compare "
            "it with flip_prob.",
            ("rng.random(len(images)) < flip_prob", "np.ones(len(images), dtype=bool)"),
        ),
        Mistake(
            "batch_axis",
            "The order of the images is reversed, not that of their columns: reverse axis 2.",
            ("images[chosen, :, ::-1]", "images[::-1][chosen]"),
        ),
        Mistake(
            "exact_share",
            "Exactly the same number of images is mirrored every time; each should have a draw of "
            "its own.",
            (
                "rng.random(len(images)) < flip_prob",
                "rng.permutation(len(images)) < round(flip_prob * len(images))",
            ),
        ),
        Mistake(
            "fixed_seed",
            "Every call mirrors the same images, whatever the generator: do not seed one yourself, "
            "draw from rng.",
            ("rng.random(len(images))", "np.random.default_rng(0).random(len(images))"),
        ),
        Mistake(
            "not_from_rng",
            "The choice does not come from rng, so no seed brings it back: draw from the generator "
            "that you are given.",
            ("rng.random(len(images))", "np.random.random(len(images))"),
        ),
    ],
)


def cropped_in(
    rng: Rng, *shape: int, padding: int, own: Generator | None = None, dtype: type = np.float64
) -> Args:
    """Draw the arguments of random_crop."""
    return pixels(rng, *shape, dtype=dtype), padding, own or chance(rng)


CROPPED = [
    hidden(
        Case(
            "500 images of 3 x 4, padding 2",
            lambda r: cropped_in(r, 500, 3, 4, padding=2),
            judged=(),
        )
    ),
    hidden(
        Case("800 of 2 x 3, padding 1", lambda r: cropped_in(r, 800, 2, 3, padding=1), judged=())
    ),
]
SMALL_CROPS = [
    Case("3 images of 3 x 4, padding 1", lambda r: cropped_in(r, 3, 3, 4, padding=1), judged=()),
    Case("4 in colour, padding 2", lambda r: cropped_in(r, 4, 5, 3, 2, padding=2), judged=()),
    hidden(
        Case(
            "5 of float32, padding 3",
            lambda r: cropped_in(r, 5, 4, 6, padding=3, dtype=SINGLE),
            judged=(),
        )
    ),
    hidden(Case("9 of 2 x 1, padding 4", lambda r: cropped_in(r, 9, 2, 1, padding=4), judged=())),
]
CROP_DRAWS = draws(
    "20 images of 3 x 2", 3, lambda rng, own: cropped_in(rng, 20, 3, 2, padding=1, own=own)
)

topic.exercise(
    "random_crop",
    points=3,
    returns=("out",),
    cases=[
        Case("2 images of 2 x 3, padding 0", lambda rng: cropped_in(rng, 2, 2, 3, padding=0)),
        *SMALL_CROPS,
    ],
    checks=[
        by_hand(
            np.array([[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]]),
            0,
            Generator(0),
            gives={"out": [[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]]},
            because="Without padding there is one window: the image itself.",
        ),
        holds(
            "cuts windows out of images with zeros around them",
            windows_only,
            SMALL_CROPS,
            weight=3.0,
        ),
        holds("draws all places alike", places_alike, CROPPED, weight=2.0),
        obeys_its_seed(CROP_DRAWS),
        keeps_inputs(),
        keeps_precision(),
        vectorised(lambda rng, n: cropped_in(rng, n, 2, 3, padding=1)),
    ],
    hints=[
        "Into how many places does a window fit from top to bottom, if `padding` rows were added "
        "above and as many below?",
        "Pad the two image axes only, with zeros. Draw a top and a left for each image, each from 0 "
        "to 2 * padding, both ends included, and cut H rows and W columns from there.",
        "rng.integers(0, 2 * padding + 1, size=N), for the tops and once more for the lefts; then "
        "padded[i, top : top + H, left : left + W] for each image, or the same with index arrays.",
    ],
    mistakes=[
        Mistake(
            "last_place_left_out",
            "The last place never comes: integers() leaves its upper end out, so that end is "
            "2 * padding + 1.",
            (
                "top = rng.integers(0, 2 * padding + 1,",
                "top = rng.integers(0, max(2 * padding, 1),",
            ),
            (
                "left = rng.integers(0, 2 * padding + 1,",
                "left = rng.integers(0, max(2 * padding, 1),",
            ),
        ),
        Mistake(
            "half_the_places",
            "Only half of the places come, so that images move one way only: draw up to "
            "2 * padding, both ends included.",
            ("top = rng.integers(0, 2 * padding + 1,", "top = rng.integers(0, padding + 1,"),
            ("left = rng.integers(0, 2 * padding + 1,", "left = rng.integers(0, padding + 1,"),
        ),
        Mistake(
            "one_place_for_the_batch",
            "All images are cut at the same place; every image needs draws of its own.",
            (
                "    rows = top",
                "    top, left = np.full_like(top, top[0]), np.full_like(left, left[0])\n"
                "    rows = top",
            ),
        ),
        Mistake(
            "along_the_diagonal",
            "top and left are the same number every time, so images move along the diagonal only: "
            "draw twice.",
            ("    rows = top", "    left = top\n    rows = top"),
        ),
        Mistake(
            "one_direction",
            "Images move in one direction only: top and left are both drawn.",
            ("    rows = top", "    top = np.full_like(top, padding)\n    rows = top"),
        ),
        Mistake(
            "edges_repeated",
            "The border repeats the outermost pixels; it should be zeros (np.pad's default).",
            (
                "np.pad(images, sides[: images.ndim])",
                'np.pad(images, sides[: images.ndim], "edge")',
            ),
        ),
        Mistake(
            "edges_mirrored",
            "The border mirrors the pixels inside; it should be zeros (np.pad's default).",
            (
                "np.pad(images, sides[: images.ndim])",
                'np.pad(images, sides[: images.ndim], "reflect")',
            ),
        ),
        Mistake(
            "wrapped_around",
            "What leaves on one side comes in on the other, as np.roll does; there should be zeros.",
            (
                "np.pad(images, sides[: images.ndim])",
                'np.pad(images, sides[: images.ndim], "wrap")',
            ),
        ),
        Mistake(
            "filled_with_the_mean",
            "The border holds the mean; it should be zeros.",
            (
                "np.pad(images, sides[: images.ndim])",
                "np.pad(images, sides[: images.ndim], constant_values=images.mean())",
            ),
        ),
        Mistake(
            "fixed_seed",
            "Every call cuts the same windows, whatever the generator: do not seed one yourself, "
            "draw from rng.",
            (
                "num_images, height",
                "rng = np.random.default_rng(0)\n    num_images, height",
            ),
        ),
        Mistake(
            "not_from_rng",
            "The places do not come from rng, so no seed brings them back: draw from the generator "
            "that you are given.",
            (
                "num_images, height",
                "rng = np.random.default_rng()\n    num_images, height",
            ),
        ),
    ],
)


# Mixup. Every row has a class of its own, so the labels tell which rows were blended and how.


def blended_in(
    rng: Rng,
    *shape: int,
    classes: int,
    alpha: float,
    own: Generator | None = None,
    dtype: type = np.float64,
) -> Args:
    """Draw the arguments of mixup: no two rows of the same class."""
    y: Array = np.eye(classes, dtype=dtype)[rng.permutation(classes)[: shape[0]]]
    return rng.normal(size=shape).astype(dtype), y, alpha, own or chance(rng)


BLEND_DRAWS = {
    alpha: draws(
        f"6 x 7 features, alpha {alpha:g}",
        calls,
        lambda rng, own, a=alpha: blended_in(rng, ROWS, 7, classes=8, alpha=a, own=own),  # type: ignore[misc]
    )
    for alpha, calls in ((SMALL, 40), (LARGE, 16))
}


BLENDED = [
    Case("5 x 8 features", lambda r: blended_in(r, 5, 8, classes=6, alpha=0.4), judged=()),
    Case("4 x 7 features", lambda r: blended_in(r, 4, 7, classes=6, alpha=1.0), judged=()),
    Case("5 images of 3 x 4", lambda r: blended_in(r, 5, 3, 4, classes=7, alpha=2.0), judged=()),
    hidden(
        Case("30 x 40 features", lambda r: blended_in(r, 30, 40, classes=33, alpha=0.7), judged=())
    ),
    hidden(
        Case(
            "6 colour images of float32",
            lambda r: blended_in(r, 6, 3, 2, 3, classes=8, alpha=1.0, dtype=SINGLE),
            judged=(),
        )
    ),
    hidden(Case("9 numbers", lambda r: blended_in(r, 9, classes=11, alpha=3.0), judged=())),
]

topic.exercise(
    "mixup",
    points=3,
    returns=("mixed_x", "mixed_y"),
    cases=BLENDED,
    checks=[
        by_hand(
            np.array([[1.0, 2.0, -3.0], [1.0, 2.0, -3.0]]),
            np.array([[0.0, 1.0], [0.0, 1.0]]),
            0.5,
            Generator(0),
            gives={
                "mixed_x": [[1.0, 2.0, -3.0], [1.0, 2.0, -3.0]],
                "mixed_y": [[0.0, 1.0], [0.0, 1.0]],
            },
            because="Both examples are the same; so is every blend of them.",
        ),
        holds("blends each label as its example", blends, BLENDED, weight=4.0),
        holds_of_all(
            "draws lam from Beta(alpha, alpha)",
            share_drawn,
            [case for cases in BLEND_DRAWS.values() for case in cases],
            weight=2.0,
        ),
        obeys_its_seed(BLEND_DRAWS[LARGE]),
        keeps_inputs(),
        keeps_precision(),
        vectorised(lambda rng, n: blended_in(rng, n, 3, classes=32, alpha=1.0)),
    ],
    hints=[
        "A blend of two examples needs a label that says the same. What must the two blends share?",
        "Draw lam once from Beta(alpha, alpha), and the partners as one permutation of the rows; "
        "then blend x and y_onehot with that lam and those partners.",
        "lam = rng.beta(alpha, alpha); partner = rng.permutation(len(x)); x[partner] and "
        "y_onehot[partner] are the partners in order, each with the share 1 - lam.",
    ],
    mistakes=[
        Mistake(
            "labels_not_blended",
            "The labels are those of one example each; a blend's label is blended with the same lam "
            "and the same partner.",
            ("lam * y_onehot + (1 - lam) * y_onehot[partner]", "y_onehot"),
        ),
        Mistake(
            "label_of_the_larger_part",
            "The labels are those of one example each; a blend's label is blended with the same lam "
            "and the same partner.",
            (
                "lam * y_onehot + (1 - lam) * y_onehot[partner]",
                "y_onehot if lam >= 0.5 else y_onehot[partner]",
            ),
        ),
        Mistake(
            "label_parts_exchanged",
            "In the labels the parts are exchanged: the example's own label gets lam, as the example "
            "does.",
            (
                "lam * y_onehot + (1 - lam) * y_onehot[partner]",
                "(1 - lam) * y_onehot + lam * y_onehot[partner]",
            ),
        ),
        Mistake(
            "partners_of_their_own",
            "Examples and labels have different partners: draw one permutation and use it for both.",
            (
                "    mixed_y =",
                "    partner = rng.permutation(len(x))\n    mixed_y =",
            ),
        ),
        Mistake(
            "shares_of_their_own",
            "Examples and labels have different shares: draw lam once and use it for both.",
            ("    mixed_y =", "    lam = rng.beta(alpha, alpha)\n    mixed_y ="),
        ),
        Mistake(
            "alpha_as_share",
            "You take alpha itself for lam; lam is drawn from Beta(alpha, alpha).",
            ("lam = rng.beta(alpha, alpha)", "lam = alpha"),
        ),
        Mistake(
            "parts_do_not_add_up",
            "The two parts do not add up to 1: they are lam and 1 - lam.",
            ("lam * x + (1 - lam) * x[partner]", "lam * x + lam * x[partner]"),
            (
                "lam * y_onehot + (1 - lam) * y_onehot[partner]",
                "lam * y_onehot + lam * y_onehot[partner]",
            ),
        ),
        Mistake(
            "not_a_permutation",
            "Some row is the partner of several others; partners are a permutation, in which every "
            "row comes once: rng.permutation(len(x)).",
            ("rng.permutation(len(x))", "rng.integers(0, len(x), len(x))"),
        ),
        Mistake(
            "halves",
            "Every blend is half and half; lam is drawn from Beta(alpha, alpha).",
            ("lam = rng.beta(alpha, alpha)", "lam = 0.5"),
        ),
        Mistake(
            "uniform_share",
            "lam is drawn uniformly, which is right for alpha = 1 alone: rng.beta(alpha, alpha).",
            ("rng.beta(alpha, alpha)", "rng.random()"),
        ),
        Mistake(
            "one_over_alpha",
            "lam seems to be drawn from Beta(1 / alpha, 1 / alpha); it is Beta(alpha, alpha).",
            ("rng.beta(alpha, alpha)", "rng.beta(1 / alpha, 1 / alpha)"),
        ),
        Mistake(
            "larger_part_stays",
            "The example itself has the larger part every time; lam may be below one half.",
            ("    partner =", "    lam = max(lam, 1 - lam)\n    partner ="),
        ),
        Mistake(
            "not_blended",
            "Nothing is blended: every example is its own partner. rng.permutation(len(x)) gives "
            "each row another one.",
            ("rng.permutation(len(x))", "np.arange(len(x))"),
        ),
        Mistake(
            "beta_of_alpha_and_one",
            "lam seems to be drawn from Beta(alpha, 1), which is lopsided: give alpha twice.",
            ("rng.beta(alpha, alpha)", "rng.beta(alpha, 1)"),
        ),
        Mistake(
            "fixed_seed",
            "Every call blends alike, whatever the generator: do not seed one yourself, draw from "
            "rng.",
            ("    lam =", "    rng = np.random.default_rng(0)\n    lam ="),
        ),
        Mistake(
            "not_from_rng",
            "The blend does not come from rng, so no seed brings it back: draw from the generator "
            "that you are given.",
            ("    lam =", "    rng = np.random.default_rng()\n    lam ="),
        ),
    ],
)
