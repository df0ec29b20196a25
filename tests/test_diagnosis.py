"""Mistakes are named: the topic's own, two at a time, in other words, and by what numbers show."""

import itertools
import math
import re
import textwrap

import numpy as np
import pytest

from grader import compare
from grader.catalogue import Catalogue
from grader.checks.paper import flat
from grader.checks.trial import Trial
from grader.diagnosis import diagnose
from grader.report import Status
from grader.signatures import Evidence, signature

SIZES = [(2, 3), (5, 4), (3, 7)]
TEMPERATURES = [0.5, 2.5, 1.7]


def row_softmax(x, *_):
    e = np.exp(x - x.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def seen(change, want, *, sizes=SIZES, extra=TEMPERATURES, tolerance="float64"):
    """Return evidence in which each right value has been changed."""
    rng = np.random.default_rng(5)
    found = []
    for size, temperature in zip(sizes, extra, strict=False):
        args = {"x": rng.normal(size=size), "temperature": temperature}
        right = np.asarray(want(args["x"]))
        allowed = compare.TOLERANCES[tolerance]
        got = np.asarray(change(right, args))
        found.append(Evidence(args, got, right, lambda a, b, t=allowed: compare.same(a, b, t, 1.0)))
    return found


# Each factor: its value, and what it is called.
FACTORS = {
    "N": (lambda a: len(a["x"]), "the number of rows: a sum where a mean is meant"),
    "1/N": (lambda a: 1 / len(a["x"]), "1 over the number of rows"),
    "N C": (lambda a: a["x"].size, "the number of elements"),
    "1/(N C)": (lambda a: 1 / a["x"].size, "1 over the number of elements"),
    "C": (lambda a: a["x"].shape[1], "the number of columns"),
    "1/C": (lambda a: 1 / a["x"].shape[1], "1 over the number of columns"),
    "1/(C-1)": (lambda a: 1 / (a["x"].shape[1] - 1), "1 over the number of columns less one"),
    "2": (lambda a: 2, "a factor of 2 too many"),
    "1/2": (lambda a: 0.5, "a factor of 2 missing"),
    "-1": (lambda a: -1, "the wrong sign"),
    "-N": (lambda a: -len(a["x"]), "minus the number of rows"),
    "T": (lambda a: a["temperature"], "the temperature"),
    "1/T": (lambda a: 1 / a["temperature"], "1 / the temperature"),
    "T squared": (lambda a: a["temperature"] ** 2, "the temperature"),
    "1/T squared": (lambda a: a["temperature"] ** -2, "1 / the temperature"),
    "log 10": (lambda a: math.log(10), "log 10"),
    "1/log 10": (lambda a: 1 / math.log(10), "1 / log 10"),
    "1/log 2": (lambda a: 1 / math.log(2), "1 / log 2"),
}
FACTOR = re.compile(r"loss is (?P<times>\S+) times what it should be, and that is (?P<name>.+)")


@pytest.mark.parametrize("want", [lambda x: np.sum(x**2), row_softmax], ids=["number", "array"])
@pytest.mark.parametrize("factor", FACTORS)
def test_a_factor_is_recognised_with_its_number(factor, want):
    """The number is that of the case whose shape stands beside it."""
    value, name = FACTORS[factor]
    evidence = seen(lambda right, args: right * value(args), want)
    id_, says = signature("loss", evidence, want)
    told = FACTOR.fullmatch(says)
    assert id_ == "factor"
    assert told["name"].startswith(name)
    shown = [e.args for e in evidence if f"(shape {e.args['x'].shape})" in says]
    assert any(math.isclose(float(told["times"]), value(a), rel_tol=1e-5) for a in shown)


def test_a_factor_without_a_name_is_told_by_its_number():
    evidence = seen(lambda right, args: 3.7 * right, row_softmax)
    assert signature("loss", evidence, row_softmax) == (
        "factor",
        "loss is always 3.7 times what it should be.",
    )


def test_a_factor_that_changes_without_a_pattern_is_not_recognised():
    evidence = seen(
        lambda right, args: right * (1.5 + args["x"].sum() ** 2), lambda x: np.sum(x**2)
    )
    assert signature("loss", evidence, lambda x, *_: np.sum(x**2)) is None


OTHERS = {
    "zero": (lambda r, a: 0 * r, row_softmax, "zero", "loss is zero everywhere."),
    "one more": (lambda r, a: r + 1, row_softmax, "offset", "loss is always 1 more than it should"),
    "a quarter less": (
        lambda r, a: r - 0.25,
        lambda x: np.sum(x**2),
        "offset",
        "loss is always 0.25 less than it should be.",
    ),
    "transposed": (
        lambda r, a: r.T,
        row_softmax,
        "transposed",
        "loss is transposed: shape (7, 3) where (3, 7) was expected.",
    ),
    "a row for a column": (
        lambda r, a: r[:, None],
        lambda x: x[:, 0],
        "shape",
        "right values in the wrong shape: shape (5, 1) where (5,) was expected",
    ),
    "an array for a number": (
        lambda r, a: r.reshape(1),
        lambda x: np.sum(x**2),
        "shape",
        "right values in the wrong shape: shape (1,) where () was expected",
    ),
    "flattened": (
        lambda r, a: r.ravel(),
        row_softmax,
        "shape",
        "right values in the wrong shape: shape (21,) where (3, 7) was expected",
    ),
    "not averaged": (
        lambda r, a: np.sum(a["x"] ** 2, axis=1),
        lambda x: np.mean(np.sum(x**2, axis=1)),
        "not_reduced",
        "loss is an array of single costs: take the mean of them (shape ",
    ),
    "along the wrong axis": (
        lambda r, a: row_softmax(a["x"].T).T,
        row_softmax,
        "axis",
        "loss is worked out along the wrong axis",
    ),
    "the last row": (
        lambda r, a: r + np.eye(len(r))[:, [-1]] * a["x"],
        row_softmax,
        "one_line",
        "In loss only row 2 of 3 is wrong",
    ),
    "a row in the middle": (
        lambda r, a: r + np.eye(len(r))[:, [1]] * a["x"],
        row_softmax,
        "one_line",
        "In loss only row 1 of 3 is wrong",
    ),
    "the first column": (
        lambda r, a: r + np.eye(r.shape[1])[0] * a["x"],
        row_softmax,
        "one_line",
        "In loss only column 0 of 7 is wrong",
    ),
    "the last element": (
        lambda r, a: r + np.eye(len(r))[len(r) - 1] * a["x"][:, 0],
        lambda x: x[:, 1],
        "one_line",
        "In loss only element 4 of 5 is wrong",
    ),
    "single precision": (lambda r, a: r.astype(np.float32), row_softmax, "float32", "float32"),
    "half precision": (lambda r, a: r.astype(np.float16), row_softmax, "float16", "float16"),
    "rounded": (lambda r, a: r.round(4), row_softmax, "rounded", "loss is rounded to 4 decimals"),
    "integers": (
        lambda r, a: (7 * r).astype(int),
        row_softmax,
        "whole",
        "loss holds integers",
    ),
}


@pytest.mark.parametrize("sign", OTHERS)
def test_a_signature_is_recognised_with_its_numbers(sign):
    change, want, name, words = OTHERS[sign]
    found = signature("loss", seen(change, want), lambda x, *_: want(x))
    assert found is not None
    assert found[0] == name
    assert words in found[1]


@pytest.mark.parametrize("sign", [lambda r, a: r, lambda r, a: r * (1 + 1e-13)])
def test_what_is_right_shows_nothing(sign):
    assert signature("loss", seen(sign, row_softmax), row_softmax) is None


def test_no_evidence_shows_nothing():
    assert signature("loss", [], row_softmax) is None


def test_what_is_no_number_shows_nothing():
    evidence = [Evidence({"x": np.ones(2)}, None, np.ones(2), np.array_equal)]
    assert signature("loss", evidence, np.abs) is None


# What must not end in a failure of the grader, whatever the arguments are.
SHAPES_OF_ARGUMENTS = {
    "numbers alone": {"step": 3, "rate": 0.1},
    "a parameter of zero": {"x": np.ones((2, 3)), "strength": 0.0},
    "an array without axes": {"x": np.array(2.0)},
    "an empty array": {"x": np.ones((0, 3))},
    "a string": {"mode": "train", "x": np.ones((2, 3))},
    "nothing": {},
    "a dict": {"params": {"W": np.ones((2, 3))}},
    "a list": {"losses": [1.0, 2.0]},
}
CHANGES = {
    "a factor": lambda r: 3.3 * r,
    "an offset": lambda r: r + 1,
    "not a number": lambda r: r * math.nan,
    "another shape": lambda r: np.ones((4, 1)),
    "one row": lambda r: r + np.arange(r.size).reshape(r.shape),
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("arguments", SHAPES_OF_ARGUMENTS)
@pytest.mark.parametrize("shape", [(), (3,), (2, 3)], ids=str)
def test_any_arguments_can_be_looked_at(arguments, change, shape):
    args = SHAPES_OF_ARGUMENTS[arguments]
    want = np.arange(1.0, 1 + math.prod(shape)).reshape(shape)
    evidence = [
        Evidence(args, CHANGES[change](scale * want), scale * want, np.array_equal)
        for scale in (1.0, 2.5)
    ]
    found = signature("loss", evidence, lambda *_: want)
    assert found is None or all(isinstance(words, str) for words in found)


def test_a_truth_that_refuses_turned_arguments_shows_nothing():
    """Turning both matrices of a product makes shapes that do not fit."""

    def product(x, w):
        return x @ w

    rng = np.random.default_rng(3)
    args = {"x": rng.normal(size=(4, 3)), "w": rng.normal(size=(3, 5))}
    want = product(**args)
    evidence = [Evidence(args, want**3 + 5, want, np.array_equal)]
    assert signature("out", evidence, product) is None


def test_only_what_is_right_where_it_is_finite_is_said_to_be():
    want = np.array([1.0, 2.0, 3.0, 4.0])

    def found(*got):
        return signature("w", [Evidence({}, np.array(got), want, np.array_equal)], lambda: want)

    assert found(1.0, np.nan, 3.0, np.nan)[0] == "not_finite"
    assert found(1.0, np.nan, 7.0, np.nan) is None


# The topic's own mistakes


def loss_and_gradient():
    """Return exercises with a loss and its gradient, an array or several."""
    return [e for e in Catalogue().find([]) if len(e.returns) == 2 and e.returns[0] == "loss"]


def outputs(exercise, text, case):
    rng = np.random.default_rng(11)
    function = exercise.topic.answers.run(text)[exercise.name]
    with np.errstate(all="ignore"):
        try:
            returned = function(*case.build(rng))
        except (ValueError, TypeError, IndexError):
            return None
    if not isinstance(returned, tuple):
        return None
    return [dict(flat({"": output})) for output in returned]


def alike(left, right):
    """Tell whether two outputs hold the same arrays under the same names."""
    return left.keys() == right.keys() and all(
        np.shape(left[key]) == np.shape(right[key])
        and np.allclose(left[key], right[key], equal_nan=True)
        for key in left
    )


def changed_outputs(exercise, mistake):
    """Return the places of the outputs that a mistake changes in ordinary cases."""
    answers = exercise.topic.answers
    places = set()
    for case in exercise.cases:
        right = outputs(exercise, answers.text, case)
        wrong = outputs(exercise, mistake.text(answers, exercise.name), case)
        if wrong is None:
            return {0, 1}
        places |= {i for i in (0, 1) if not alike(right[i], wrong[i])}
    return places


def pairs():
    """Return pairs of a mistake in the loss alone and one in the gradient alone."""
    for exercise in loss_and_gradient():
        by_place = {0: [], 1: []}
        for mistake in exercise.mistakes:
            places = changed_outputs(exercise, mistake)
            if len(places) == 1:
                by_place[places.pop()].append(mistake)
        known = {frozenset(mistake.changes) for mistake in exercise.mistakes}
        for first, second in itertools.product(by_place[0][:3], by_place[1][:3]):
            if frozenset((*first.changes, *second.changes)) in known:
                continue  # a mistake that has a name of its own
            yield pytest.param(exercise, first, second, id=f"{exercise.id}-{first.id}-{second.id}")


@pytest.mark.parametrize(("exercise", "first", "second"), list(pairs()))
def test_two_mistakes_at_once_are_both_named(judged, exercise, first, second):
    """One in the loss, another in the gradient."""
    answers = exercise.topic.answers
    parts = [
        textwrap.indent(mistake.text(answers, exercise.name), "    ") for mistake in (first, second)
    ]
    text = (
        f"def one():\n{parts[0]}\n    return {exercise.name}\n\n"
        f"def two():\n{parts[1]}\n    return {exercise.name}\n\n"
        f"one, two = one(), two()\n\n"
        f"def {exercise.name}(*args):\n    return one(*args)[0], two(*args)[1]\n"
    )
    result = judged(exercise, text)
    assert result.status is Status.FAILED
    assert first.says in result.mistake.message
    assert second.says in result.mistake.message


# What the answers below have in common, in a style of its own.
PARTS = """
import numpy as np


def parts(x, y):
    z = x - np.array([row.max() for row in x]).reshape(-1, 1)
    e = np.exp(z)
    p = (e.T / e.sum(1)).T
    hot = np.zeros_like(x)
    for i, c in enumerate(y):
        hot[i, c] = 1
    return z, e, p, hot


def cross_entropy(z, e, hot):
    return (np.log(e.sum(1)) - (z * hot).sum(1)).mean()


def hinge(x, y):
    m = x - np.take_along_axis(x, y.reshape(-1, 1), 1) + 1.0
    m[m < 0] = 0.0
    np.put_along_axis(m, y.reshape(-1, 1), 0.0, 1)
    return len(x), m, np.where(m > 0, 1.0, 0.0)


"""

# The famous mistakes, written afresh: exercise and mistake, then the body.
REWRITTEN = {
    ("mse_loss", "summed"): """
        d = target - prediction
        return (d * d).sum(), -2 * d / d.size
    """,
    ("mse_loss", "gradient_not_averaged"): """
        e = prediction - target
        return sum(v * v for v in e.ravel()) / e.size, e + e
    """,
    ("mse_loss", "half"): """
        d = prediction - target
        return d.ravel() @ d.ravel() / d.size / 2, d / d.size
    """,
    ("mse_loss", "gradient_sign"): """
        d = target - prediction
        return (d * d).mean(), 2 * d / d.size
    """,
    ("mse_loss", "averaged_over_rows"): """
        n, d = prediction.shape[0], prediction - target
        return np.square(d).sum() / n, d * (2 / n)
    """,
    ("binary_cross_entropy", "not_clipped"): """
        p, n = probability, probability.size
        with np.errstate(all="ignore"):
            costs = -(np.log(p) * target) - np.log(1 - p) * (1 - target)
            return costs.sum() / n, (p - target) / p / (1 - p) / n
    """,
    ("binary_cross_entropy", "base_ten"): """
        p = np.clip(probability, 1e-12, 1 - 1e-12)
        costs = np.where(target == 1, -np.log10(p), -np.log10(1 - p))
        return costs.mean(), (p - target) / (p * (1 - p)) / len(p)
    """,
    ("binary_cross_entropy", "targets_broadcast"): """
        p = np.clip(probability, 1e-12, 1 - 1e-12)
        t = target[:, None]
        costs = -(t * np.log(p) + (1 - t) * np.log(1 - p))
        return costs.mean(), ((1 - t) / (1 - p) - t / p) / len(p)
    """,
    ("binary_cross_entropy_with_logits", "sigmoid_then_log"): """
        p = 1 / (1 + np.exp(-logits))
        costs = np.where(target == 1, -np.log(p), -np.log(1 - p))
        return costs.mean(), (p - target) / len(p)
    """,
    ("softmax", "no_maximum_subtracted"): """
        e = np.e ** (x / temperature)
        return (e.T / e.sum(axis=1)).T
    """,
    ("softmax", "maximum_of_the_whole_array"): """
        z = x / temperature
        e = np.exp(z - z.max())
        return (e.T / e.T.sum(axis=0)).T
    """,
    ("softmax", "wrong_axis"): """
        e = np.exp((x - x.max(0)) / temperature)
        return e / e.sum(0)
    """,
    ("softmax", "whole_array"): """
        z = x / temperature
        e = np.exp(z - z.max())
        return e / e.sum()
    """,
    ("softmax", "temperature_ignored"): """
        e = np.exp(x - x.max(axis=1)[:, None])
        return e / e.sum(axis=1)[:, None]
    """,
    ("softmax_loss", "summed"): """
        z, e, p, hot = parts(x, y)
        return cross_entropy(z, e, hot) * len(x), (p - hot) / len(x)
    """,
    ("softmax_loss", "log_of_softmax"): """
        z, e, p, hot = parts(x, y)
        with np.errstate(all="ignore"):
            costs = [-np.log(p[i, c]) for i, c in enumerate(y)]
        return np.mean(costs), (p - hot) / len(x)
    """,
    ("softmax_loss", "no_maximum_subtracted"): """
        e = np.exp(x)
        p = (e.T / e.sum(1)).T
        loss = np.mean(np.log(e.sum(1)) - x[range(len(x)), y])
        p[range(len(x)), y] -= 1
        return loss, p / len(x)
    """,
    ("softmax_loss", "base_ten"): """
        z, e, p, hot = parts(x, y)
        return cross_entropy(z, e, hot) / np.log(10), (p - hot) / len(x)
    """,
    ("softmax_loss", "gradient_not_averaged"): """
        z, e, p, hot = parts(x, y)
        return cross_entropy(z, e, hot), p - hot
    """,
    ("softmax_loss", "correct_class_not_subtracted"): """
        z, e, p, hot = parts(x, y)
        return cross_entropy(z, e, hot), p / len(x)
    """,
    ("temperature_loss", "chain_rule_forgotten"): """
        z, e, p, hot = parts(x / temperature, y)
        return cross_entropy(z, e, hot), (p - hot) / len(x)
    """,
    ("temperature_loss", "chain_rule_multiplied"): """
        z, e, p, hot = parts(x / temperature, y)
        return cross_entropy(z, e, hot), (p - hot) / len(x) * temperature
    """,
    ("svm_loss", "correct_class_counted"): """
        n = len(x)
        m = np.maximum(x - x[range(n), y][:, None] + 1, 0)
        g = (m > 0).astype(float)
        g[range(n), y] -= g.sum(1)
        return m.sum() / n, g / n
    """,
    ("svm_loss", "boolean_counts"): """
        n, m, on = hinge(x, y)
        mask = m > 0
        mask[range(n), y] = -mask.sum(1)
        return m.sum() / n, mask / n
    """,
    ("svm_loss", "correct_class_without_gradient"): """
        n, m, on = hinge(x, y)
        return m.sum() / n, on / n
    """,
    ("svm_loss", "averaged_over_classes_too"): """
        n, m, on = hinge(x, y)
        on[range(n), y] = -on.sum(1)
        return m.mean(), on / x.size
    """,
}


@pytest.mark.parametrize(("name", "mistake"), REWRITTEN, ids=["-".join(k) for k in REWRITTEN])
def test_a_famous_mistake_is_named_however_it_is_written(built_in, judged, name, mistake):
    exercise = built_in.topic("losses").exercises[name]
    body = textwrap.indent(textwrap.dedent(REWRITTEN[name, mistake]), "    ")
    parameters = ", ".join(
        f"{p.name}=1.0" if p.has_default else p.name for p in exercise.form.parameters
    )
    result = judged(exercise, f"{PARTS}def {name}({parameters}):{body}")
    assert result.status is Status.FAILED
    assert result.mistake is not None
    assert result.mistake.message == {m.id: m.says for m in exercise.mistakes}[mistake]


def test_a_right_answer_has_no_mistake(built_in, judged):
    exercise = built_in.topic("losses").exercises["mse_loss"]
    assert judged(exercise, exercise.topic.answers.text).mistake is None


def test_nothing_seen_is_nothing_said(built_in):
    exercise = built_in.topic("losses").exercises["mse_loss"]
    untouched = Trial(exercise.paper(0), session=None, module="losses")
    assert diagnose(exercise, untouched) is None


@pytest.mark.parametrize(
    "condition", ["prediction.size == 1", "prediction.dtype == np.float32", "prediction.ndim == 3"]
)
def test_an_answer_that_is_right_until_it_raises_gets_no_false_name(built_in, judged, condition):
    text = f"""
import numpy as np

def mse_loss(prediction, target):
    if {condition}:
        raise RuntimeError("unexpected")
    difference = prediction - target
    return np.mean(difference**2), 2 * difference / difference.size
"""
    result = judged(built_in.topic("losses").exercises["mse_loss"], text)
    assert result.status is Status.ERROR
    assert result.mistake is None
    assert "RuntimeError: unexpected" in result.decisive.message
