"""Measuring how wrong a prediction is: what is asked of the eight loss functions."""

from typing import Any

import numpy as np

from grader.catalogue import Mistake, Topic
from grader.checks import (
    Case,
    by_hand,
    gradient_agrees,
    hidden,
    keeps_inputs,
    keeps_precision,
    matches_truth,
    refuses,
    repeatable,
    survives,
    vectorised,
)

Rng = np.random.Generator
Args = tuple[Any, ...]

topic = Topic("losses", title="Measuring how wrong a prediction is")


def values(rng: Rng, *shape: int, dtype: type = np.float64) -> Args:
    """Draw a prediction and a target."""
    return (2 * rng.normal(size=shape)).astype(dtype), (2 * rng.normal(size=shape)).astype(dtype)


def answers(rng: Rng, n: int, dtype: type = np.float64) -> np.ndarray[Any, Any]:
    """Draw n targets of 0 and 1, both of them where there is room."""
    target: np.ndarray[Any, Any] = (rng.random(n) < 0.4).astype(dtype)
    target[: min(n, 2)] = [1.0, 0.0][: min(n, 2)]
    return rng.permutation(target)


def probabilities(rng: Rng, n: int, dtype: type = np.float64) -> Args:
    """Draw n probabilities, kept from the ends, and their targets."""
    return rng.uniform(0.03, 0.97, n).astype(dtype), answers(rng, n, dtype)


def binary_logits(rng: Rng, n: int, dtype: type = np.float64) -> Args:
    """Draw n logits and their targets."""
    return (3 * rng.normal(size=n)).astype(dtype), answers(rng, n, dtype)


def labels(rng: Rng, n: int, c: int) -> np.ndarray[Any, Any]:
    """Draw n classes; the first and the last class occur where there is room."""
    y = rng.integers(0, c, n)
    y[: min(n, 2)] = [c - 1, 0][: min(n, 2)]
    return rng.permutation(y)


def scores(rng: Rng, n: int, c: int, dtype: type = np.float64) -> Args:
    """Draw a batch of class scores and the correct classes."""
    return (2 * rng.normal(size=(n, c))).astype(dtype), labels(rng, n, c)


def with_a_loser(rng: Rng, n: int, c: int) -> Args:
    """Draw scores with a first row whose target has the lowest: the loss is not rounded away."""
    x, y = scores(rng, n, c)
    y[0] = np.argmin(x[0])
    return x, y


def wide(args: Args) -> Args:
    """Spread scores to about plus and minus 100."""
    return 20 * args[0], *args[1:]


def short_labels(args: Args) -> Args:
    """Give the labels in 32 bits, as many data sets do."""
    return args[0], args[1].astype(np.int32)


def clear_margins(rng: Rng, n: int, c: int, dtype: type = np.float64) -> Args:
    """Draw scores as `scores` does, no margin nearer to its kink at 0 than 0.05."""
    x, y = scores(rng, n, c)
    margins = x - x[np.arange(n), y][:, np.newaxis] + 1
    margins[np.arange(n), y] = 1
    return (x + np.where(np.abs(margins) < 0.06, 0.12, 0)).astype(dtype), y


SINGLE = np.float32

topic.exercise(
    "mse_loss",
    points=2,
    returns=("loss", "dprediction"),
    cases=[
        Case("3 numbers", lambda rng: values(rng, 3)),
        Case("4 rows, 3 columns", lambda rng: values(rng, 4, 3)),
        Case("5 rows, 1 column", lambda rng: values(rng, 5, 1)),
        hidden(Case("2 x 3 x 4 numbers", lambda rng: values(rng, 2, 3, 4))),
        hidden(Case("257 rows, 7 columns", lambda rng: values(rng, 257, 7))),
    ],
    checks=[
        by_hand(
            np.array([[1.0, 2.0], [3.0, 4.0]]),
            np.array([[1.0, 4.0], [2.0, 1.0]]),
            gives={"loss": 3.5, "dprediction": [[0.0, -1.0], [0.5, 1.5]]},
            because="The differences are 0, -2, 1 and 3; their squares add up to 14, over 4 elements.",
        ),
        matches_truth("loss"),
        gradient_agrees("dprediction"),
        survives(
            "one number, large misses and float32",
            [
                Case("1 number", lambda rng: values(rng, 1)),
                Case("misses of a million", lambda rng: (1e6 * rng.normal(size=6), np.zeros(6))),
                Case("no miss at all", lambda rng: (values(rng, 4)[0],) * 2),
                Case("float32", lambda rng: values(rng, 4, 3, dtype=SINGLE)),
            ],
        ),
        repeatable(),
        keeps_inputs(),
        keeps_precision(),
        vectorised(lambda rng, n: values(rng, n, 3)),
    ],
    hints=[
        "Start with the array of differences; both results are made of it.",
        "The loss is the mean of the squared differences. The derivative of d squared is 2 d, and "
        "each element is one share of the mean.",
        "With d = prediction - target: square d and take np.mean for the loss; for the gradient "
        "multiply d by 2 and divide by how many elements d has (d.size, not len(d)).",
    ],
    mistakes=[
        Mistake(
            "summed",
            "The squared errors are added up; the mean also divides by how many elements there are.",
            ("np.mean(difference**2)", "np.sum(difference**2)"),
        ),
        Mistake(
            "averaged_over_rows",
            "You divide by the number of rows; the mean is over all elements, rows times columns.",
            ("np.mean(difference**2)", "np.sum(difference**2) / len(difference)"),
            ("difference.size", "len(difference)"),
        ),
        Mistake(
            "gradient_not_averaged",
            "The gradient is that of the sum: the loss is a mean, so each element's share of the "
            "gradient is divided by the number of elements as well.",
            ("2 * difference / difference.size", "2 * difference"),
        ),
        Mistake(
            "half",
            "There is no factor 1/2 in this loss, so the 2 from the square stays in the gradient.",
            ("np.mean(difference**2)", "0.5 * np.mean(difference**2)"),
            ("2 * difference / difference.size", "difference / difference.size"),
        ),
        Mistake(
            "gradient_sign",
            "The gradient has the wrong sign: where the prediction is too high, raising it makes "
            "the loss larger, so the derivative is positive there.",
            ("2 * difference / difference.size", "-2 * difference / difference.size"),
        ),
        Mistake(
            "absolute",
            "That is the mean absolute error; here the differences are squared.",
            ("np.mean(difference**2)", "np.mean(np.abs(difference))"),
            ("2 * difference / difference.size", "np.sign(difference) / difference.size"),
        ),
        Mistake(
            "root",
            "That is the root of the mean squared error; this loss takes no root.",
            ("np.mean(difference**2)", "np.sqrt(np.mean(difference**2))"),
        ),
    ],
)

topic.exercise(
    "huber_loss",
    points=2,
    returns=("loss", "dprediction"),
    cases=[
        Case("3 numbers, delta left out", lambda rng: values(rng, 3)),
        Case("9 numbers, delta 0.7", lambda rng: (*values(rng, 9), 0.7)),
        Case("4 rows, 3 columns, delta 2.5", lambda rng: (*values(rng, 4, 3), 2.5)),
        hidden(Case("5 rows, 1 column, delta left out", lambda rng: values(rng, 5, 1))),
        hidden(Case("31 rows, 7 columns, delta 1.5", lambda rng: (*values(rng, 31, 7), 1.5))),
        hidden(Case("257 misses of up to 30, delta 8", lambda rng: (*wide(values(rng, 257)), 8.0))),
    ],
    checks=[
        by_hand(
            np.array([1.0, 5.0, -4.0, 0.5]),
            np.array([0.0, 2.0, 0.0, 0.5]),
            2.0,
            gives={"loss": 2.625, "dprediction": [0.25, 0.5, -0.5, 0.0]},
            because="With delta 2 the misses 1, 3, -4, 0 cost 0.5, 2*(3-1)=4, 2*(4-1)=6 and 0.",
        ),
        matches_truth("loss"),
        gradient_agrees("dprediction"),
        survives(
            "one number, huge misses, a tiny delta and float32",
            [
                Case("1 number", lambda rng: values(rng, 1)),
                Case("misses of 10 000", lambda rng: (1e4 * rng.normal(size=6), np.zeros(6))),
                Case("delta 0.001", lambda rng: (*values(rng, 5), 1e-3)),
                Case("no miss at all", lambda rng: (values(rng, 4)[0],) * 2),
                Case("float32", lambda rng: (*values(rng, 4, 3, dtype=SINGLE), 1.5)),
            ],
        ),
        refuses(
            "unequal shapes",
            [
                Case("4 rows, 1 column against 4 numbers", lambda _: (np.ones((4, 1)), np.ones(4))),
                Case("2 rows of 3 against 3 numbers", lambda _: (np.ones((2, 3)), np.ones(3))),
                Case("3 x 1 against 3 x 4", lambda _: (np.ones((3, 1)), np.ones((3, 4)))),
                Case("3 x 1 against 1 x 3", lambda _: (np.ones((3, 1)), np.ones((1, 3)))),
            ],
            says="Compare prediction.shape with target.shape and raise ValueError when they differ: "
            "NumPy would broadcast (4, 1) against (4,) to 4 x 4 without a word.",
        ),
        repeatable(),
        keeps_inputs(),
        keeps_precision(),
        vectorised(lambda rng, n: values(rng, n, 3)),
    ],
    hints=[
        "Work out both branches for the whole array, then choose between them element by element.",
        "Inside delta the cost is half the square, with slope r; outside it is a line with slope "
        "delta that meets the parabola at delta: hence delta * (abs(r) - delta / 2).",
        "np.where(abs(r) <= delta, 0.5 * r**2, ...) for the costs; the gradient is r clipped to "
        "[-delta, delta], divided by r.size. Check the shapes first, and raise ValueError.",
    ],
    mistakes=[
        Mistake(
            "summed",
            "The costs are added up; the mean also divides by how many elements there are.",
            ("np.mean(", "np.sum("),
        ),
        Mistake(
            "gradient_not_averaged",
            "The gradient is that of the sum: divide it by the number of elements, like the loss.",
            (" / residual.size", ""),
        ),
        Mistake(
            "no_half",
            "Inside delta the cost is half the square; without the 1/2 the two branches do not "
            "meet at delta.",
            ("0.5 * residual**2", "residual**2"),
        ),
        Mistake(
            "line_not_lowered",
            "Outside delta the cost is delta * (abs(r) - delta / 2); without the last term the "
            "line starts too high and the loss jumps at delta.",
            ("(distance - 0.5 * delta)", "distance"),
        ),
        Mistake(
            "line_lowered_by_delta",
            "The line is lowered by half of delta, not by all of it: the two branches must meet.",
            ("(distance - 0.5 * delta)", "(distance - delta)"),
        ),
        Mistake(
            "smooth_l1",
            "That is PyTorch's smooth L1 loss, which is divided by delta; the Huber loss is not.",
            ("    return loss, dprediction", "    return loss / delta, dprediction / delta"),
        ),
        Mistake(
            "pseudo_huber",
            "That is the pseudo-Huber loss, which bends gently everywhere; here it is a parabola up to "
            "delta and a straight line beyond.",
            body="""
ratio = np.sqrt(1 + ((prediction - target) / delta) ** 2)
if prediction.shape != target.shape:
    raise ValueError("give both the same shape")
loss = np.mean(delta**2 * (ratio - 1))
return loss, (prediction - target) / ratio / prediction.size
""",
        ),
        Mistake(
            "gradient_without_sign",
            "Outside delta the gradient is delta times the sign of the residual; yours is positive "
            "there, also where the prediction is too low.",
            ("np.clip(residual, -delta, delta)", "np.where(distance <= delta, residual, delta)"),
        ),
        Mistake(
            "line_slope_one",
            "Outside delta the cost grows with slope delta; yours grows with slope 1.",
            ("delta * (distance - 0.5 * delta)", "distance - 0.5 * delta"),
            (
                "np.clip(residual, -delta, delta)",
                "np.where(distance <= delta, residual, np.sign(residual))",
            ),
        ),
        Mistake(
            "delta_fixed",
            "The result does not change with delta: is it written as 1 somewhere?",
            ("residual = prediction - target", "residual = prediction - target\n    delta = 1.0"),
        ),
        Mistake(
            "never_linear",
            "Large misses are still squared; beyond delta the cost is a line and the gradient stops "
            "growing.",
            ("np.where(distance <= delta, quadratic, linear)", "quadratic"),
            ("np.clip(residual, -delta, delta)", "residual"),
        ),
        Mistake(
            "branches_exchanged",
            "The branches are exchanged: the square belongs to the small misses.",
            ("(distance <= delta, quadratic, linear)", "(distance <= delta, linear, quadratic)"),
            (
                "np.clip(residual, -delta, delta)",
                "np.where(distance <= delta, delta * np.sign(residual), residual)",
            ),
        ),
        Mistake(
            "gradient_sign",
            "The gradient has the wrong sign: where the prediction is too high it is positive.",
            ("np.clip(residual", "-np.clip(residual"),
        ),
        Mistake(
            "broadcasts",
            "Unequal shapes are broadcast instead of refused: compare the shapes first and raise "
            "ValueError.",
            ("prediction.shape != target.shape", "False"),
        ),
    ],
)

topic.exercise(
    "binary_cross_entropy",
    points=2,
    returns=("loss", "dprobability"),
    cases=[
        Case("1 probability", lambda rng: probabilities(rng, 1)),
        Case("5 probabilities", lambda rng: probabilities(rng, 5)),
        Case("8 probabilities", lambda rng: probabilities(rng, 8)),
        hidden(Case("257 probabilities", lambda rng: probabilities(rng, 257))),
    ],
    checks=[
        by_hand(
            np.array([0.30, 0.92]),
            np.array([1.0, 1.0]),
            gives={"loss": 0.643677206632, "dprobability": [-1.666666666667, -0.543478260870]},
            because="Spam given 0.30 costs -log 0.30 = 1.204, spam given 0.92 costs 0.083; the mean "
            "of the two. The gradient is -1/p, over 2.",
        ),
        matches_truth("loss"),
        gradient_agrees("dprobability"),
        survives(
            "probabilities of exactly 0 and 1, and float32",
            [
                Case(
                    "0, wrong",
                    lambda _: (np.array([0.0]), np.array([1.0])),
                    judged=("loss",),
                    tolerance="clipped",
                ),
                Case(
                    "0 and 1, all wrong",
                    lambda _: (np.array([0.0, 1.0, 0.0]), np.array([1.0, 0.0, 1.0])),
                    judged=("loss",),
                    tolerance="clipped",
                ),
                Case(
                    "0 and 1, all right",
                    lambda _: (np.array([0.0, 1.0, 0.0]), np.array([0.0, 1.0, 0.0])),
                    judged=("loss",),
                    tolerance="clipped",
                ),
                Case(
                    "one wrong 0 among sure answers",
                    lambda _: (np.array([0.999, 0.0, 0.001, 0.5]), np.array([1.0, 1.0, 0.0, 1.0])),
                    judged=("loss",),
                    tolerance="clipped",
                ),
                Case(
                    "probabilities of 0.001 and 0.999",
                    lambda _: (np.array([0.001, 0.999, 0.001]), np.array([1.0, 0.0, 0.0])),
                ),
                Case("float32", lambda rng: probabilities(rng, 6, SINGLE)),
            ],
            says="Clip the probabilities to [1e-12, 1 - 1e-12] before taking logarithms.",
        ),
        repeatable(),
        keeps_inputs(),
        keeps_precision(),
        vectorised(probabilities),
    ],
    hints=[
        "For each example only one of two logarithms counts; the target, 0 or 1, picks it.",
        "Clip p, then average -(t log p + (1 - t) log(1 - p)). For the gradient, derive each "
        "logarithm: -t/p and +(1 - t)/(1 - p), and divide by N.",
        "p = np.clip(probability, 1e-12, 1 - 1e-12); the loss is -np.mean(t * np.log(p) + ...); "
        "the gradient is ((1 - t) / (1 - p) - t / p) / N.",
    ],
    mistakes=[
        Mistake(
            "summed",
            "The costs are added up; the mean also divides by N.",
            ("-np.mean(", "-np.sum("),
        ),
        Mistake(
            "gradient_not_averaged",
            "The gradient is that of the sum: divide it by N, like the loss.",
            (" / len(probability)", ""),
        ),
        *(
            Mistake(
                f"clipped_to_{limit}",
                f"The probabilities are clipped at {limit}; the limits here are 1e-12 and 1 - 1e-12.",
                ("np.maximum(probability, 1e-12)", f"np.clip(probability, {limit}, 1 - {limit})"),
                ("np.maximum(1 - probability, 1e-12)", "1 - chance_of_yes"),
            )
            for limit in ("1e-5", "1e-7", "1e-8", "1e-9", "1e-10", "1e-15")
        ),
        Mistake(
            "not_clipped",
            "A probability of exactly 0 or 1 gives log(0) = -inf (and 0 * inf = nan): clip to "
            "[1e-12, 1 - 1e-12] first.",
            ("np.maximum(probability, 1e-12)", "probability"),
            ("np.maximum(1 - probability, 1e-12)", "1 - probability"),
        ),
        Mistake(
            "clipped_at_1e-15",
            "The probabilities are clipped at 1e-15; the limits here are 1e-12 and 1 - 1e-12.",
            ("np.maximum(probability, 1e-12)", "np.maximum(probability, 1e-15)"),
            ("np.maximum(1 - probability, 1e-12)", "np.maximum(1 - probability, 1e-15)"),
        ),
        Mistake(
            "clipped_at_1e-7",
            "The probabilities are clipped at 1e-7; the limits here are 1e-12 and 1 - 1e-12.",
            ("np.maximum(probability, 1e-12)", "np.maximum(probability, 1e-7)"),
            ("np.maximum(1 - probability, 1e-12)", "np.maximum(1 - probability, 1e-7)"),
        ),
        Mistake(
            "epsilon_in_the_log",
            "A small number like 1e-8 is added inside the logarithm; clip to [1e-12, 1 - 1e-12] "
            "instead, so that ordinary probabilities stay as they are.",
            ("np.maximum(probability, 1e-12)", "probability + 1e-8"),
            ("np.maximum(1 - probability, 1e-12)", "1 - probability + 1e-8"),
        ),
        Mistake(
            "sign",
            "The minus is missing: logarithms of probabilities are negative, a loss is not.",
            ("-np.mean(", "np.mean("),
        ),
        Mistake(
            "base_ten",
            "These are logarithms to base 10; np.log is the natural one.",
            ("np.log(chance_of_yes)", "np.log10(chance_of_yes)"),
            ("np.log(chance_of_no)", "np.log10(chance_of_no)"),
        ),
        Mistake(
            "only_yes",
            "Only the examples with target 1 count; the term (1 - t) log(1 - p) is missing.",
            (" + (1 - target) * np.log(chance_of_no)", ""),
            ("(1 - target) / chance_of_no - target / chance_of_yes", "-target / chance_of_yes"),
        ),
        Mistake(
            "targets_exchanged",
            "log p and log(1 - p) are exchanged: target 1 goes with log p.",
            ("target * np.log(chance_of_yes)", "target * np.log(chance_of_no)"),
            ("(1 - target) * np.log(chance_of_no)", "(1 - target) * np.log(chance_of_yes)"),
        ),
        Mistake(
            "gradient_of_logits",
            "p - t is the gradient with respect to the logits; with respect to the probability it "
            "is that divided by p (1 - p).",
            ("(1 - target) / chance_of_no - target / chance_of_yes", "chance_of_yes - target"),
        ),
        Mistake(
            "gradient_sign",
            "The gradient has the wrong sign: for target 1 a higher probability lowers the loss.",
            (
                "((1 - target) / chance_of_no - target / chance_of_yes)",
                "(target / chance_of_yes - (1 - target) / chance_of_no)",
            ),
        ),
        Mistake(
            "targets_broadcast",
            "A column of targets (N, 1) against a row of probabilities (N,) makes an N x N table "
            "of all pairs: give both the shape (N,).",
            (
                "chance_of_yes = np.maximum(",
                "target = target.reshape(-1, 1)\n    chance_of_yes = np.maximum(",
            ),
        ),
    ],
)

topic.exercise(
    "binary_cross_entropy_with_logits",
    points=3,
    returns=("loss", "dlogits"),
    cases=[
        Case("1 logit", lambda rng: binary_logits(rng, 1)),
        Case("5 logits", lambda rng: binary_logits(rng, 5)),
        Case("8 logits", lambda rng: binary_logits(rng, 8)),
        hidden(Case("257 logits of up to 100", lambda rng: wide(binary_logits(rng, 257)))),
    ],
    checks=[
        by_hand(
            np.array([0.0, 0.0, 2.0]),
            np.array([0.0, 1.0, 1.0]),
            gives={
                "loss": 0.504407457388,
                "dlogits": [0.166666666667, -0.166666666667, -0.039734307341],
            },
            because="A logit of 0 is a probability of 1/2 and costs log 2 = 0.693 either way; "
            "a logit of 2 with target 1 costs log(1 + exp(-2)) = 0.127.",
        ),
        matches_truth("loss"),
        gradient_agrees("dlogits"),
        survives(
            "logits of 10 000 and float32",
            [
                Case("10 000, target 0", lambda _: (np.array([1e4]), np.array([0.0]))),
                Case("-10 000, target 1", lambda _: (np.array([-1e4]), np.array([1.0]))),
                Case(
                    "+-10 000, all right",
                    lambda _: (np.array([1e4, -1e4]), np.array([1.0, 0.0])),
                ),
                Case(
                    "+-800 and a small one",
                    lambda _: (np.array([800.0, -800.0, 0.5]), np.array([0.0, 1.0, 1.0])),
                ),
                Case(
                    "logits of 40, one wrong",
                    lambda _: (np.array([40.0, -40.0, 40.0]), np.array([1.0, 0.0, 0.0])),
                ),
                Case("float32", lambda rng: binary_logits(rng, 6, SINGLE)),
            ],
            says="Never take exp of a large positive number: log(1 + exp(z)) is "
            "max(z, 0) + log1p(exp(-abs(z))).",
        ),
        repeatable(),
        keeps_inputs(),
        keeps_precision(),
        vectorised(binary_logits),
    ],
    hints=[
        "Put the sigmoid into the formula by hand and simplify before you write any code.",
        "The cost is log(1 + exp(z)) - t z, and log(1 + exp(z)) equals "
        "max(z, 0) + log(1 + exp(-abs(z))), whose exponential is never large. The gradient is "
        "sigmoid(z) - t, over N.",
        "small = np.exp(-np.abs(z)); the cost is np.maximum(z, 0) - t * z + np.log1p(small); "
        "sigmoid is 1 / (1 + small) where z >= 0 and small / (1 + small) elsewhere.",
    ],
    mistakes=[
        Mistake(
            "summed",
            "The costs are added up; the mean also divides by N.",
            ("np.mean(", "np.sum("),
        ),
        Mistake(
            "gradient_not_averaged",
            "The gradient is that of the sum: divide it by N, like the loss.",
            (" / len(logits)", ""),
        ),
        Mistake(
            "sigmoid_then_log",
            "Sigmoid first and logarithm after: the probability is rounded to 0 or 1 for large "
            "logits, and its logarithm is -inf or nan. Simplify log(sigmoid) by hand first.",
            body="probability = 1 / (1 + np.exp(-logits))\n"
            "cost = target * np.log(probability) + (1 - target) * np.log(1 - probability)\n"
            "return -np.mean(cost), (probability - target) / len(logits)\n",
        ),
        Mistake(
            "sigmoid_then_log_of_one",
            "Sigmoid first and logarithm after: the probability is rounded to 0 or 1 for large "
            "logits, and its logarithm is -inf or nan. Simplify log(sigmoid) by hand first.",
            body="probability = 1 / (1 + np.exp(-logits))\n"
            "of_the_target = np.where(target == 1, probability, 1 - probability)\n"
            "return -np.mean(np.log(of_the_target)), (probability - target) / len(logits)\n",
        ),
        Mistake(
            "clipped_probability",
            "The probability is clipped before its logarithm, so that no cost exceeds 27.6; a "
            "logit of 10 000 on the wrong side costs 10 000.",
            body="probability = 1 / (1 + np.exp(-np.clip(logits, -700, 700)))\n"
            "clipped = np.clip(probability, 1e-12, 1 - 1e-12)\n"
            "cost = target * np.log(clipped) + (1 - target) * np.log(1 - clipped)\n"
            "return -np.mean(cost), (probability - target) / len(logits)\n",
        ),
        Mistake(
            "product_added",
            "The target times the logit is added; it is subtracted.",
            ("- target * logits", "+ target * logits"),
        ),
        Mistake(
            "absolute_value_forgotten",
            "exp takes minus the absolute value of the logit: with max(z, 0) taken out, there is left "
            "log(1 + exp(-abs(z))).",
            ("np.log1p(small)", "np.log1p(np.exp(-logits))"),
        ),
        Mistake(
            "log_one_plus_exp",
            "log(1 + exp(z)) overflows for z above 709: take max(z, 0) out of it first.",
            (
                "np.maximum(logits, 0) - target * logits + np.log1p(small)",
                "np.log1p(np.exp(logits)) - target * logits",
            ),
        ),
        Mistake(
            "not_a_probability",
            "The gradient uses the logit itself where its sigmoid belongs.",
            ("(probability - target)", "(logits - target)"),
        ),
        Mistake(
            "gradient_sign",
            "The gradient has the wrong sign: it is sigmoid(z) - t, not t - sigmoid(z).",
            ("(probability - target)", "(target - probability)"),
        ),
        Mistake(
            "sigmoid_derived_too",
            "The gradient holds a factor p (1 - p) too many: it cancels against the derivative of "
            "the logarithm.",
            ("(probability - target)", "(probability - target) * probability * (1 - probability)"),
        ),
        Mistake(
            "maximum_forgotten",
            "log(1 + exp(z)) is max(z, 0) + log1p(exp(-abs(z))); the max(z, 0) is missing.",
            ("np.maximum(logits, 0) - target", "-target"),
        ),
        Mistake(
            "target_term_missing",
            "The term - t z is missing: every example is treated as a no.",
            (" - target * logits", ""),
        ),
    ],
)

topic.exercise(
    "softmax",
    points=2,
    returns=("p",),
    cases=[
        Case("2 rows, 3 classes, temperature left out", lambda rng: scores(rng, 2, 3)[:1]),
        Case("4 rows, 3 classes, temperature 0.5", lambda rng: (scores(rng, 4, 3)[0], 0.5)),
        Case("3 rows, 5 classes, temperature 2.5", lambda rng: (scores(rng, 3, 5)[0], 2.5)),
        hidden(Case("5 rows, 5 classes", lambda rng: scores(rng, 5, 5)[:1])),
        hidden(Case("24 rows, 7 classes", lambda rng: (scores(rng, 24, 7)[0], 1.7))),
        hidden(Case("257 rows, 12 classes", lambda rng: (wide(scores(rng, 257, 12))[0], 10.0))),
    ],
    checks=[
        by_hand(
            np.array([[0.0, 0.6931471805599453, 1.0986122886681098]]),
            gives={"p": [[0.166666666667, 0.333333333333, 0.5]]},
            because="exp of 0, log 2 and log 3 is 1, 2 and 3, out of 6.",
        ),
        matches_truth(weight=6),
        survives(
            "scores of 10 000, one row, one class and float32",
            [
                Case("scores of 1 000", lambda _: (np.array([[1000.0, 1001.0, 999.0]]),)),
                Case(
                    "scores of 10 000",
                    lambda _: (np.array([[1e4, 1e4 - 1, -1e4], [0.0, 1.0, 2.0]]),),
                ),
                Case(
                    "rows 20 000 apart",
                    lambda _: (np.array([[1e4, 1e4 + 1, 1e4 - 2], [-1e4, -1e4 + 1, -1e4 - 2]]),),
                ),
                Case(
                    "10 000 at temperature 0.1", lambda _: (np.array([[1e4, 1e4 - 0.1, 0.0]]), 0.1)
                ),
                Case("1 row", lambda rng: scores(rng, 1, 4)[:1]),
                Case("1 class", lambda rng: scores(rng, 4, 1)[:1]),
                Case("float32", lambda rng: (scores(rng, 4, 3, SINGLE)[0], 1.5)),
            ],
            weight=2,
            says="Subtract each row's own maximum first: the result is the same, and no exponent "
            "is above 0.",
        ),
        repeatable(),
        keeps_inputs(),
        keeps_precision(),
        vectorised(lambda rng, n: scores(rng, n, 3)[:1]),
    ],
    hints=[
        "What happens to a row's probabilities when you add the same number to all its scores?",
        "Divide by the temperature, subtract each row's maximum, take exp, and divide each row by "
        "its own sum; keepdims=True keeps the sums in a column.",
        "z = x / temperature; z = z - z.max(axis=1, keepdims=True); e = np.exp(z); then divide e by "
        "its sum over axis 1, again with keepdims=True.",
    ],
    mistakes=[
        Mistake(
            "no_maximum_subtracted",
            "exp of a large score overflows and inf / inf is nan: subtract each row's maximum first.",
            (" - np.max(x, axis=1, keepdims=True)", ""),
        ),
        Mistake(
            "maximum_of_the_whole_array",
            "You subtract the maximum of the whole array: a row far below it becomes 0 / 0. Take "
            "each row's own maximum (axis=1, keepdims=True).",
            ("np.max(x, axis=1, keepdims=True)", "np.max(x)"),
        ),
        Mistake(
            "maximum_of_each_column",
            "You subtract each column's maximum, which changes the answer: only what is the same for a "
            "whole row cancels. Take each row's own maximum (axis=1, keepdims=True).",
            ("np.max(x, axis=1, keepdims=True)", "np.max(x, axis=0)"),
        ),
        Mistake(
            "wrong_axis",
            "The columns sum to one; the rows should. Classes are along axis 1.",
            (
                "np.sum(exponentials, axis=1, keepdims=True)",
                "np.sum(exponentials, axis=0, keepdims=True)",
            ),
            ("np.max(x, axis=1, keepdims=True)", "np.max(x, axis=0, keepdims=True)"),
        ),
        Mistake(
            "whole_array",
            "The whole array sums to one; each row should: sum over axis 1.",
            ("np.sum(exponentials, axis=1, keepdims=True)", "np.sum(exponentials)"),
            ("np.max(x, axis=1, keepdims=True)", "np.max(x)"),
        ),
        Mistake(
            "sum_of_scores",
            "The denominator adds the scores; it should add their exponentials.",
            ("np.sum(exponentials, axis=1", "np.sum(x / temperature, axis=1"),
        ),
        *(
            Mistake(
                f"sum_with_{small}",
                "A small number is added to the sum below the line, so that the rows add up to less "
                "than 1. Nothing is needed: with the maximum subtracted the sum is at least 1.",
                (
                    "np.sum(exponentials, axis=1, keepdims=True)",
                    f"(np.sum(exponentials, axis=1, keepdims=True) + {small})",
                ),
            )
            for small in ("1e-5", "1e-6", "1e-7", "1e-8")
        ),
        Mistake(
            "temperature_ignored",
            "The temperature changes nothing: divide the scores by it, before exp (dividing the "
            "exponentials by it cancels out).",
            (" / temperature\n", "\n"),
        ),
        Mistake(
            "temperature_multiplied",
            "The scores are multiplied by the temperature; they are divided by it.",
            (" / temperature\n", " * temperature\n"),
        ),
        Mistake(
            "not_normalised",
            "The exponentials are not divided by their sum, so the rows do not sum to one.",
            ("exponentials / np.sum(exponentials, axis=1, keepdims=True)", "exponentials"),
        ),
    ],
)

CLASS_CASES = [
    Case("1 row, 3 classes", lambda rng: scores(rng, 1, 3)),
    Case(
        "3 rows, 2 classes, small integers as labels", lambda rng: short_labels(scores(rng, 3, 2))
    ),
    Case("2 rows, 4 classes", lambda rng: scores(rng, 2, 4)),
    Case("5 rows, 3 classes", lambda rng: scores(rng, 5, 3)),
    hidden(Case("4 rows, 4 classes", lambda rng: scores(rng, 4, 4))),
    hidden(Case("3 rows, 7 classes, most of them absent", lambda rng: scores(rng, 3, 7))),
    hidden(Case("31 rows, 6 classes", lambda rng: scores(rng, 31, 6))),
    hidden(Case("257 rows, 12 classes, scores of 100", lambda rng: wide(scores(rng, 257, 12)))),
]

topic.exercise(
    "softmax_loss",
    points=3,
    returns=("loss", "dx"),
    uses=("softmax",),
    cases=CLASS_CASES,
    checks=[
        by_hand(
            np.array([[0.0, 0.6931471805599453, 1.0986122886681098], [0.0, 0.0, 0.0]]),
            np.array([2, 0]),
            gives={
                "loss": 0.895879734614,
                "dx": [
                    [0.083333333333, 0.166666666667, -0.25],
                    [-0.333333333333, 0.166666666667, 0.166666666667],
                ],
            },
            because="The probabilities are 1/6, 2/6, 3/6 and three times 1/3, so the costs are "
            "log 2 and log 3; the loss is their mean.",
        ),
        matches_truth("loss"),
        gradient_agrees("dx"),
        survives(
            "scores of 1 000 and 10 000, one class and float32",
            [
                Case(
                    "1 000 on the wrong class", lambda _: (np.array([[0.0, 1000.0]]), np.array([0]))
                ),
                Case(
                    "10 000 on the wrong class",
                    lambda _: (np.array([[0.0, 1e4, 5.0], [1.0, 2.0, 3.0]]), np.array([0, 2])),
                ),
                Case(
                    "10 000 on the right class",
                    lambda _: (np.array([[1e4, 0.0, -1e4]]), np.array([0])),
                ),
                Case(
                    "rows 20 000 apart",
                    lambda _: (
                        np.array([[1e4, 1e4 + 1, 1e4 - 2], [-1e4, -1e4 + 1, -1e4 - 2]]),
                        np.array([2, 1]),
                    ),
                ),
                Case("a sure answer", lambda _: (np.array([[8.0, 0.0, 1.0]]), np.array([0]))),
                Case("1 class", lambda rng: scores(rng, 3, 1)),
                Case("float32", lambda rng: scores(rng, 5, 3, SINGLE)),
            ],
            says="Take no logarithm of a softmax: log p is the shifted score minus the logarithm of "
            "the sum of exponentials.",
        ),
        repeatable(),
        keeps_inputs(),
        keeps_precision(),
        vectorised(lambda rng, n: scores(rng, n, 3)),
    ],
    hints=[
        "The logarithm of a quotient is a difference: write log p without ever dividing.",
        "Subtract each row's maximum; log p is the shifted score minus log of the row's sum of "
        "exp. The loss is minus the mean of log p at the correct classes; the gradient is p with 1 "
        "subtracted at the correct class, over N.",
        "logp = z - np.log(np.exp(z).sum(axis=1, keepdims=True)) with z the shifted scores; pick "
        "logp[np.arange(N), y]; dx = np.exp(logp); dx[np.arange(N), y] -= 1; divide by N.",
    ],
    mistakes=[
        Mistake(
            "summed",
            "The rows' costs are added up; the mean also divides by N.",
            ("-np.mean(", "-np.sum("),
        ),
        Mistake(
            "gradient_not_averaged",
            "The gradient is that of the sum: divide it by N, like the loss.",
            ("dx / len(x)", "dx"),
        ),
        Mistake(
            "averaged_over_classes_too",
            "You divide by N * C; the loss is a mean over the N rows only.",
            ("-np.mean(log_probability[rows, y])", "-np.sum(log_probability[rows, y]) / x.size"),
            ("dx / len(x)", "dx / x.size"),
        ),
        Mistake(
            "log_of_softmax",
            "The probability of the correct class is rounded to 0 for large scores, and log(0) is "
            "-inf: use the shifted score minus the logarithm of the sum instead.",
            body="rows = np.arange(len(x))\n"
            "exponentials = np.exp(x - np.max(x, axis=1, keepdims=True))\n"
            "dx = exponentials / np.sum(exponentials, axis=1, keepdims=True)\n"
            "loss = -np.mean(np.log(dx[rows, y]))\n"
            "dx[rows, y] -= 1\n"
            "return loss, dx / len(x)\n",
        ),
        Mistake(
            "log_of_softmax_times_one_hot",
            "The probability of a class is rounded to 0 for large scores, log(0) is -inf, and 0 "
            "times that is nan: use the shifted score minus the logarithm of the sum instead.",
            body="exponentials = np.exp(x - np.max(x, axis=1, keepdims=True))\n"
            "probability = exponentials / np.sum(exponentials, axis=1, keepdims=True)\n"
            "one_hot = np.eye(x.shape[1])[y]\n"
            "loss = -np.sum(one_hot * np.log(probability)) / len(x)\n"
            "return loss, (probability - one_hot) / len(x)\n",
        ),
        Mistake(
            "epsilon_in_the_log",
            "A small number is added inside the logarithm, so that no cost exceeds about 18; the "
            "loss for scores of 1 000 should be 1 000. Take no logarithm of a softmax.",
            body="rows = np.arange(len(x))\n"
            "exponentials = np.exp(x - np.max(x, axis=1, keepdims=True))\n"
            "dx = exponentials / np.sum(exponentials, axis=1, keepdims=True)\n"
            "loss = -np.mean(np.log(dx[rows, y] + 1e-8))\n"
            "dx[rows, y] -= 1\n"
            "return loss, dx / len(x)\n",
        ),
        Mistake(
            "no_maximum_subtracted",
            "exp of a large score overflows: subtract each row's maximum first.",
            ("x - np.max(x, axis=1, keepdims=True)", "x"),
        ),
        Mistake(
            "maximum_of_the_whole_array",
            "You subtract the maximum of the whole array: a row far below it underflows to 0. Take "
            "each row's own maximum (axis=1, keepdims=True).",
            ("np.max(x, axis=1, keepdims=True)", "np.max(x)"),
        ),
        Mistake(
            "whole_array",
            "The exponentials are summed over the whole array; each row has its own sum (axis=1).",
            ("np.sum(np.exp(shifted), axis=1, keepdims=True)", "np.sum(np.exp(shifted))"),
        ),
        Mistake(
            "whole_array_shifted",
            "The exponentials are summed over the whole array; each row has its own sum (axis=1).",
            ("np.sum(np.exp(shifted), axis=1, keepdims=True)", "np.sum(np.exp(shifted))"),
            ("np.max(x, axis=1, keepdims=True)", "np.max(x)"),
        ),
        Mistake(
            "wrong_axis",
            "The probabilities of a column add up to one; those of a row should: classes are along "
            "axis 1.",
            ("np.sum(np.exp(shifted), axis=1", "np.sum(np.exp(shifted), axis=0"),
            ("np.max(x, axis=1", "np.max(x, axis=0"),
        ),
        Mistake(
            "sum_along_the_wrong_axis",
            "The exponentials are summed down the columns; each row has its own sum (axis=1).",
            ("np.sum(np.exp(shifted), axis=1", "np.sum(np.exp(shifted), axis=0"),
        ),
        Mistake(
            "correct_score_not_shifted",
            "The row's maximum is subtracted inside the exponentials but not from the score of the "
            "correct class (or only there): both belong to the same shifted scores.",
            (
                "loss = -np.mean(log_probability[rows, y])",
                "loss = -np.mean(log_probability[rows, y] + np.max(x, axis=1))",
            ),
        ),
        Mistake(
            "predicted_class",
            "The loss looks at the class with the largest score; it should look at the correct "
            "class, y.",
            (
                "loss = -np.mean(log_probability[rows, y])",
                "loss = -np.mean(log_probability[rows, np.argmax(x, axis=1)])",
            ),
        ),
        Mistake(
            "subtracted_after_dividing",
            "1 is subtracted after the division by N; subtract it first, so that it is divided, too.",
            ("dx[rows, y] -= 1", "dx[rows, y] -= len(x)"),
        ),
        Mistake(
            "only_the_correct_class",
            "Only the correct class has a gradient; the others have their probability.",
            (
                "dx[rows, y] -= 1",
                "dx = np.where(np.arange(x.shape[1]) == y[:, np.newaxis], dx - 1, 0)",
            ),
        ),
        Mistake(
            "sum_of_scores",
            "The logarithm is of the sum of the scores; it should be of the sum of their "
            "exponentials.",
            ("np.sum(np.exp(shifted), axis=1", "np.sum(np.abs(shifted), axis=1"),
        ),
        Mistake(
            "sign",
            "The minus is missing: logarithms of probabilities are negative, a loss is not.",
            ("-np.mean(", "np.mean("),
        ),
        Mistake(
            "a_loss_for_each_class",
            "Each class has a yes-or-no cost of its own, log(1 - p) for those that are wrong; here "
            "only the correct class's log p counts.",
            (
                "loss = -np.mean(log_probability[rows, y])",
                "p = np.clip(np.exp(log_probability), 1e-12, 1 - 1e-12)\n"
                "    others = np.log(1 - p)\n"
                "    others[rows, y] = np.log(p[rows, y])\n"
                "    loss = -np.sum(others) / len(x)",
            ),
        ),
        Mistake(
            "base_ten",
            "These are logarithms to base 10; np.log is the natural one.",
            ("np.mean(log_probability[rows, y])", "np.mean(log_probability[rows, y]) / np.log(10)"),
        ),
        Mistake(
            "correct_class_not_subtracted",
            "The gradient is p itself; 1 is to be subtracted at the correct class of each row.",
            ("dx[rows, y] -= 1", "pass"),
        ),
        Mistake(
            "subtracted_everywhere",
            "1 is subtracted from whole columns: dx[:, y] takes every row; index with "
            "np.arange(N) and y together.",
            ("dx[rows, y] -= 1", "dx[:, y] -= 1"),
        ),
        Mistake(
            "gradient_sign",
            "The gradient has the wrong sign: it is p minus 1 at the correct class, so that its "
            "step lowers the loss.",
            ("dx / len(x)", "-dx / len(x)"),
        ),
    ],
)

topic.exercise(
    "temperature_loss",
    points=2,
    returns=("loss", "dx"),
    uses=("softmax", "softmax_loss"),
    cases=[
        Case("1 row, 3 classes, T = 2", lambda rng: (*scores(rng, 1, 3), 2.0)),
        Case("2 rows, 4 classes, T = 0.5", lambda rng: (*scores(rng, 2, 4), 0.5)),
        Case("5 rows, 3 classes, T = 3.5", lambda rng: (*scores(rng, 5, 3), 3.5)),
        Case("4 rows, 6 classes, T = 1", lambda rng: (*scores(rng, 4, 6), 1.0)),
        hidden(Case("31 rows, 6 classes, T = 0.7", lambda rng: (*scores(rng, 31, 6), 0.7))),
        hidden(
            Case("257 rows, 12 classes, T = 10", lambda rng: (*wide(scores(rng, 257, 12)), 10.0))
        ),
    ],
    checks=[
        by_hand(
            np.array([[0.0, 1.3862943611198906]]),
            np.array([0]),
            2.0,
            gives={"loss": 1.098612288668, "dx": [[-0.333333333333, 0.333333333333]]},
            because="At T = 2 the scores 0 and log 4 become 0 and log 2: probabilities 1/3 and 2/3, "
            "cost log 3; the gradient -2/3 and 2/3 is divided by T.",
        ),
        matches_truth("loss"),
        gradient_agrees("dx"),
        survives(
            "scores of 10 000, low temperatures, one class and float32",
            [
                Case(
                    "10 000 on the wrong class, T = 2",
                    lambda _: (np.array([[0.0, 1e4, 5.0], [1.0, 2.0, 3.0]]), np.array([0, 2]), 2.0),
                ),
                Case("T = 0.005", lambda rng: (*with_a_loser(rng, 3, 4), 0.005)),
                Case("T = 100", lambda rng: (*scores(rng, 3, 4), 100.0)),
                Case(
                    "rows 20 000 apart, T = 0.5",
                    lambda _: (
                        np.array([[1e4, 1e4 + 1, 1e4 - 2], [-1e4, -1e4 + 1, -1e4 - 2]]),
                        np.array([2, 1]),
                        0.5,
                    ),
                ),
                Case("1 class, T = 2", lambda rng: (*scores(rng, 3, 1), 2.0)),
                Case("float32, T = 1.5", lambda rng: (*scores(rng, 5, 3, SINGLE), 1.5)),
            ],
            says="Divide by T, then do all that softmax_loss does, the maximum included.",
        ),
        repeatable(),
        keeps_inputs(),
        keeps_precision(),
        vectorised(lambda rng, n: (*scores(rng, n, 3), 2.0)),
    ],
    hints=[
        "You have softmax_loss already; what goes in, and what must happen to its gradient?",
        "Call z = x / T. The loss is softmax_loss of z. By the chain rule dx = dz * (dz/dx), and "
        "dz/dx is 1/T.",
        "loss, dz = softmax_loss(x / temperature, y); then return the loss as it is and dz divided "
        "by the temperature.",
    ],
    mistakes=[
        Mistake(
            "cost_divided",
            "The loss is divided by T; the scores are, before the softmax.",
            ("softmax_loss(x / temperature, y)", "softmax_loss(x, y)"),
            ("return loss, dscaled", "return loss / temperature, dscaled"),
        ),
        Mistake(
            "chain_rule_forgotten",
            "The gradient lacks the factor 1/T: it is that with respect to x / T, not to x.",
            ("dscaled / temperature", "dscaled"),
        ),
        Mistake(
            "chain_rule_multiplied",
            "The gradient is multiplied by T; the chain rule divides by it.",
            ("dscaled / temperature", "dscaled * temperature"),
        ),
        Mistake(
            "divided_twice",
            "The gradient is divided by T twice; once is enough.",
            ("dscaled / temperature", "dscaled / temperature**2"),
        ),
        Mistake(
            "temperature_ignored",
            "The temperature changes nothing: divide the scores by it first.",
            ("softmax_loss(x / temperature, y)", "softmax_loss(x, y)"),
            ("dscaled / temperature", "dscaled"),
        ),
        Mistake(
            "temperature_multiplied",
            "The scores are multiplied by T; they are divided by it.",
            ("softmax_loss(x / temperature, y)", "softmax_loss(x * temperature, y)"),
            ("dscaled / temperature", "dscaled * temperature"),
        ),
        Mistake(
            "loss_times_temperature_squared",
            "The loss is multiplied by T squared, as some distillation recipes do; here it is not.",
            (
                "return loss, dscaled / temperature",
                "return loss * temperature**2, dscaled * temperature",
            ),
        ),
        Mistake(
            "gradient_sign",
            "The gradient has the wrong sign: it is that of softmax_loss at x / T, divided by T.",
            ("dscaled / temperature", "-dscaled / temperature"),
        ),
        Mistake(
            "loss_divided",
            "The loss itself is divided by T; only the scores are.",
            ("return loss,", "return loss / temperature,"),
        ),
        Mistake(
            "summed",
            "The rows' costs are added up; the mean also divides by N.",
            ("return loss,", "return loss * len(x),"),
        ),
        Mistake(
            "gradient_not_averaged",
            "The gradient is that of the sum: divide it by N, like the loss.",
            ("dscaled / temperature", "dscaled / temperature * len(x)"),
        ),
    ],
)

topic.exercise(
    "svm_loss",
    points=3,
    returns=("loss", "dx"),
    cases=[
        Case("1 row, 3 classes", lambda rng: clear_margins(rng, 1, 3)),
        Case(
            "3 rows, 2 classes, small integers as labels",
            lambda rng: short_labels(clear_margins(rng, 3, 2)),
        ),
        Case("2 rows, 4 classes", lambda rng: clear_margins(rng, 2, 4)),
        Case("5 rows, 3 classes", lambda rng: clear_margins(rng, 5, 3)),
        hidden(Case("4 rows, 4 classes", lambda rng: clear_margins(rng, 4, 4))),
        hidden(
            Case("3 rows, 7 classes, most of them absent", lambda rng: clear_margins(rng, 3, 7))
        ),
        hidden(Case("31 rows, 6 classes", lambda rng: clear_margins(rng, 31, 6))),
        hidden(Case("257 rows, 12 classes", lambda rng: clear_margins(rng, 257, 12))),
    ],
    checks=[
        by_hand(
            np.array([[3.0, 2.5, -1.0], [0.0, 2.0, 0.5]]),
            np.array([0, 2]),
            gives={"loss": 1.75, "dx": [[-0.5, 0.5, 0.0], [0.5, 0.5, -1.0]]},
            because="Row 0: 2.5 - 3 + 1 = 0.5, and -1 is beyond the margin. Row 1: 0 - 0.5 + 1 = 0.5 "
            "and 2 - 0.5 + 1 = 2.5. Together 3.5, over 2 rows.",
        ),
        matches_truth("loss"),
        gradient_agrees("dx"),
        survives(
            "scores of 10 000, satisfied margins, one class and float32",
            [
                Case(
                    "scores of 10 000",
                    lambda _: (np.array([[1e4, -1e4, 0.0], [3.0, 1e4, 2.5]]), np.array([1, 0])),
                ),
                Case(
                    "every margin satisfied",
                    lambda _: (np.array([[9.0, 1.0, 2.0], [0.0, 1.0, 5.0]]), np.array([0, 2])),
                ),
                Case(
                    "every margin violated",
                    lambda _: (
                        np.array([[-5.0, 1.0, 2.0, 2.0], [3.0, 1.0, 5.0, 0.0]]),
                        np.array([0, 3]),
                    ),
                ),
                Case("all scores zero", lambda _: (np.zeros((3, 4)), np.array([1, 0, 3]))),
                Case("1 class", lambda rng: scores(rng, 3, 1)),
                Case("float32", lambda rng: clear_margins(rng, 5, 3, SINGLE)),
            ],
            says="Set the correct class's margin to 0 by its index, and count violated margins as "
            "numbers, not as booleans.",
        ),
        repeatable(),
        keeps_inputs(),
        keeps_precision(),
        vectorised(lambda rng, n: clear_margins(rng, n, 3)),
    ],
    hints=[
        "Compute the margins of all classes at once, then take the correct class out again.",
        "margin = x - (score of the correct class, as a column) + 1, cut off at 0, and 0 for the "
        "correct class. Each violated margin puts +1 on its class and -1 on the correct one.",
        "correct = x[np.arange(N), y][:, None]; m = np.maximum(0, x - correct + 1); "
        "m[np.arange(N), y] = 0. For dx: (m > 0).astype(x.dtype), then at the correct class minus "
        "the row's count; divide by N.",
    ],
    mistakes=[
        Mistake(
            "correct_class_counted",
            "The correct class is counted: its margin is always 1, so the loss is 1 too large.",
            ("margins[rows, y] = 0", "pass"),
            (
                "loss = np.sum(margins) / len(x)",
                "loss = np.sum(margins) / len(x)\n    margins[rows, y] = 0",
            ),
        ),
        Mistake(
            "correct_class_counted_in_gradient",
            "The correct class's own margin is counted among the violated ones: set it to 0 "
            "before you count.",
            ("margins[rows, y] = 0", "margins[rows, y] = 1"),
            ("np.sum(margins) / len(x)", "np.sum(margins) / len(x) - 1"),
        ),
        Mistake(
            "boolean_counts",
            "A count is written into a boolean mask, where every number becomes True: convert the "
            "mask with .astype(x.dtype) first.",
            ("(margins > 0).astype(x.dtype)", "margins > 0"),
        ),
        Mistake(
            "correct_class_once",
            "The correct class's entry is -1; each violated margin pushes its score up, so it is minus "
            "the number of them.",
            ("-np.sum(dx, axis=1)", "-np.max(dx, axis=1)"),
        ),
        Mistake(
            "correct_class_without_gradient",
            "The correct class has no gradient: each violated margin also pushes the correct score "
            "up, so its entry is minus the number of violations.",
            ("dx[rows, y] = -np.sum(dx, axis=1)", "pass"),
        ),
        Mistake(
            "correct_class_minus_one",
            "The correct class's entry is -1 whatever happens; it is minus the number of violated "
            "margins in the row.",
            ("dx[rows, y] = -np.sum(dx, axis=1)", "dx[rows, y] = -1"),
        ),
        Mistake(
            "correct_class_positive",
            "The correct class's entry has the wrong sign: raising its score lowers the loss.",
            ("= -np.sum(dx, axis=1)", "= np.sum(dx, axis=1)"),
        ),
        Mistake(
            "correct_class_of_all_rows",
            "Every row's correct class gets the count of the whole batch: count along axis=1.",
            ("= -np.sum(dx, axis=1)", "= -np.sum(dx)"),
        ),
        Mistake(
            "only_the_correct_class",
            "Only the correct class has a gradient; each violated margin also puts +1 on its own "
            "class.",
            (
                "dx[rows, y] = -np.sum(dx, axis=1)",
                "counts = np.sum(dx, axis=1)\n    dx = np.zeros_like(dx)\n    dx[rows, y] = -counts",
            ),
        ),
        Mistake(
            "not_cut_off",
            "Margins below zero are counted: a class that is beaten clearly costs nothing, so cut "
            "off at 0.",
            ("np.maximum(0, x - correct + 1)", "x - correct + 1"),
            ("(margins > 0)", "(np.arange(x.shape[1]) != y[:, np.newaxis])"),
        ),
        Mistake(
            "gradient_sign",
            "The gradient has the wrong sign: +1 on a class that violates its margin, minus the "
            "count on the correct one.",
            ("return loss, dx / len(x)", "return loss, -dx / len(x)"),
        ),
        Mistake(
            "no_margin",
            "The margin of 1 is missing: a correct class that wins by less than 1 still costs.",
            ("x - correct + 1", "x - correct"),
        ),
        Mistake(
            "sides_exchanged",
            "The difference is the wrong way round: it is the other score minus the correct one.",
            ("x - correct + 1", "correct - x + 1"),
        ),
        Mistake(
            "squared",
            "That is the squared hinge; here the margins are not squared.",
            ("np.sum(margins) / len(x)", "np.sum(margins**2) / len(x)"),
            ("(margins > 0).astype(x.dtype)", "2 * margins"),
        ),
        Mistake(
            "margins_as_gradient",
            "The gradient holds the margins themselves; the derivative of a violated margin is 1.",
            ("(margins > 0).astype(x.dtype)", "margins.copy()"),
        ),
        Mistake(
            "summed",
            "The rows' costs are added up; the mean also divides by N.",
            ("np.sum(margins) / len(x)", "np.sum(margins)"),
        ),
        Mistake(
            "averaged_over_classes_too",
            "You divide by N * C; the loss adds up a row's margins and is a mean over rows only.",
            ("np.sum(margins) / len(x)", "np.mean(margins)"),
            ("return loss, dx / len(x)", "return loss, dx / x.size"),
        ),
        Mistake(
            "gradient_not_averaged",
            "The gradient is that of the sum: divide it by N, like the loss.",
            ("return loss, dx / len(x)", "return loss, dx"),
        ),
        Mistake(
            "only_the_worst",
            "Only the largest violation of each row counts; this loss adds all of them up.",
            ("np.sum(margins) / len(x)", "np.sum(np.max(margins, axis=1)) / len(x)"),
        ),
    ],
)
