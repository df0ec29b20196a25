"""The vocabulary that topics are written in: each check made to pass and made to fail."""

import math
from dataclasses import replace

import numpy as np
import pytest

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
from grader.checks.check import Check, Finding, Role
from grader.checks.gates import gates, signature
from grader.checks.trial import Trial
from grader.engine import grade
from grader.report import Status, Visibility
from grader.student.limits import Limits
from grader.student.session import Session
from grader.student.submission import from_text

# The mean of the squares, scaled, and its gradient.
TRUTH = '''"""A toy."""

import numpy as np


def scaled(x, factor=2.0):
    """Scale the mean of the squares."""
    if x.ndim > 2:
        raise ValueError("too many axes")
    if factor > 2.5:
        raise ValueError("too large a factor")
    loss = factor * np.mean(x**2)
    dx = 2 * factor * x / x.size
    return loss, dx
'''

RIGHT = """
import numpy as np

def scaled(x, factor=2.0):
    if np.ndim(x) > 2 or factor > 2.5:
        raise ValueError("no")
    x = np.asarray(x)
    return factor * (x * x).mean(), 2 * factor / x.size * x
"""


def draw(rng, *shape):
    return (rng.normal(size=shape),)


CASES = [
    Case("3 numbers", lambda rng: draw(rng, 3)),
    Case("2 rows, 4 columns, factor 0.5", lambda rng: (*draw(rng, 2, 4), 0.5)),
    hidden(Case("7 rows, 3 columns", lambda rng: draw(rng, 7, 3))),
]
LARGE = [Case("a million", lambda _: (np.array([1e6, 2.0]),))]
TENSORS = [Case("3 axes", lambda _: (np.ones((2, 2, 2)),))]
CHECKS = {
    "by_hand": by_hand(
        np.array([1.0, 3.0]), gives={"loss": 10.0, "dx": [2.0, 6.0]}, because="1 and 9, over 2."
    ),
    "loss": matches_truth("loss"),
    "all": matches_truth(),
    "gradient": gradient_agrees("dx"),
    "survives": survives("a million", LARGE, says="Do not round."),
    "refuses": refuses("three axes", TENSORS, says="Look at x.ndim."),
    "repeatable": repeatable(),
    "keeps_inputs": keeps_inputs(),
    "keeps_precision": keeps_precision(),
    "vectorised": vectorised(lambda rng, n: draw(rng, n, 3)),
}


@pytest.fixture
def exercise(toy):
    def declared(*checks, uses=(), text=TRUTH, points=4, name="scaled", returns=("loss", "dx")):
        topic = toy(text)
        topic.exercise(
            name,
            points=points,
            returns=returns,
            cases=CASES,
            checks=checks,
            hints=("a", "b", "c"),
            mistakes=(),
            uses=uses,
        )
        return topic.exercises[name]

    return declared


@pytest.fixture
def run(exercise, server):
    """Run one check against a text."""

    def ask(check, text, seed=0, cases=CASES):
        paper = replace(exercise(check), cases=tuple(cases)).paper(seed)
        with Session(from_text(text), server, Limits()) as session:
            return check.run(Trial(paper, session, "submission"))

    return ask


def edited(old, new):
    assert RIGHT.count(old) == 1, old
    return RIGHT.replace(old, new)


def wrapped(body, prelude=""):
    """Return the right answer, called by a wrong one."""
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    return f"{RIGHT}\nright = scaled\n{prelude}\ndef scaled(x, factor=2.0):\n{lines}"


@pytest.mark.parametrize("check", CHECKS.values(), ids=CHECKS)
@pytest.mark.parametrize("seed", [0, 1])
def test_a_right_answer_satisfies_every_check(run, check, seed):
    assert run(check, RIGHT, seed) == Finding()


# A check, a wrong answer, and words of what is said.
FAILING = {
    "by hand, a wrong loss": ("by_hand", ".mean()", ".sum()", "loss is 20; it should be 10."),
    "by hand, a wrong gradient": (
        "by_hand",
        "2 * factor /",
        "factor /",
        "dx[1] is 3; it should be 6",
    ),
    "the loss, summed": ("loss", ".mean()", ".sum()", "loss is "),
    "all outputs, a wrong gradient": ("all", "2 * factor /", "factor /", "dx[2] is "),
    "a loss of shape (1,)": ("loss", ".mean()", ".mean(keepdims=True).ravel()[:1]", "shape (1,)"),
    "a loss that is not a number": ("loss", ".mean()", ".mean() * np.nan", "loss is nan"),
    "a gradient of another shape": ("gradient", "* x\n", "* x[None]\n", "dx has shape (1, 3)"),
    "a gradient off by a factor": ("gradient", "2 * factor /", "factor /", "dx[2] is "),
    "a gradient with the wrong sign": ("gradient", "2 * factor /", "-2 * factor /", "dx[2] is "),
    "a large number rounded": (
        "survives",
        "x = np.asarray(x)",
        "x = np.asarray(x, np.float16)",
        "loss is inf",
    ),
    "three axes accepted": (
        "refuses",
        "> 2 or",
        "> 3 or",
        "It should raise ValueError for three axes",
    ),
    "the wrong exception": (
        "refuses",
        'ValueError("no")',
        'TypeError("no")',
        "It should raise ValueError for three axes; it gave TypeError: no",
    ),
}


@pytest.mark.parametrize("wrong", FAILING)
def test_a_wrong_answer_fails_the_check_that_asks_for_it(run, wrong):
    name, old, new, words = FAILING[wrong]
    finding = run(CHECKS[name], edited(old, new))
    assert finding.status is Status.FAILED
    assert words in finding.message
    assert finding.called.startswith("scaled(x=")
    assert finding.expected
    assert finding.got


@pytest.mark.parametrize(
    ("name", "old", "new", "advice"),
    [
        ("by_hand", ".mean()", ".sum()", "1 and 9, over 2."),
        ("survives", "np.asarray(x)", "np.asarray(x, np.float16)", "Do not round."),
        ("refuses", "> 2 or", "> 3 or", "Look at x.ndim."),
    ],
)
def test_what_to_try_is_what_the_topic_says(run, name, old, new, advice):
    assert run(CHECKS[name], edited(old, new)).suggestion == advice


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            wrapped(
                "kept.setdefault(x.shape, right(x, factor))\nreturn kept[x.shape]", "kept = {}"
            ),
            "kept from call to call",
        ),
        (
            wrapped(
                "seen.append(factor)\nreturn right(x, factor if len(seen) < 5 else seen[2])",
                "seen = []",
            ),
            "kept from call to call",
        ),
        (
            wrapped(
                "loss, dx = right(x, factor)\nout[:x.size] = dx.ravel()\n"
                "return loss, out[:x.size].reshape(x.shape)",
                "out = np.zeros(99)",
            ),
            "A later call changed an earlier result",
        ),
        (
            wrapped(
                "calls.append(x)\nloss, dx = right(x, factor)\nreturn loss, dx * (len(calls) < 6)",
                "calls = []",
            ),
            "kept from call to call",
        ),
    ],
    ids=["results by shape", "the first parameter", "one array for all", "the number of calls"],
)
def test_what_a_call_leaves_behind_is_found(run, text, words):
    """The three cases are called before; then the calls of the check."""
    cases = [*CASES[:2], Case("4 rows, factor 1.5", lambda rng: (*draw(rng, 4, 3), 1.5))]
    finding = run(repeatable(), text, cases=cases)
    assert finding.status is Status.FAILED
    assert words in finding.suggestion


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("for _ in xrange(3): pass", "in Python 3 it is range"),
        ("breakpoint()", "Take breakpoint() out"),
        ("max(0, x)", "np.maximum"),
        ("import math; math.exp(x)", "NumPy's of the same name take arrays"),
        ("x @ np.ones((7, 2))", "needs the same B in both"),
        ("x.dot(np.ones((7, 2)))", "needs the same B in both"),
        ("x + np.ones((7, 2, 9))", "keepdims=True"),
        ("from .layers import affine_forward", "loaded by itself"),
    ],
)
def test_a_well_known_exception_comes_with_its_remedy(exercise, judged, text, advice):
    result = judged(exercise(CHECKS["loss"]), wrapped(f"{text}\nreturn right(x, factor)"))
    assert result.status is Status.ERROR
    assert advice in result.decisive.suggestion


def test_an_output_left_at_none_was_not_computed(exercise, judged):
    text = wrapped("loss, dx = None, None\nreturn loss, dx")
    decisive = judged(exercise(CHECKS["loss"]), text).decisive
    assert decisive.suggestion.startswith("Nothing was put into loss before the return")


def test_a_parameter_that_the_truth_refuses_is_no_failure_of_the_grader(run):
    """`repeatable` tries other parameters; 1.5 times 2 is one that the truth refuses."""
    cases = [*CASES[:2], Case("4 rows, factor 2", lambda rng: (*draw(rng, 4, 3), 2.0))]
    assert run(repeatable(), RIGHT, cases=cases) == Finding()


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("keeps_inputs", wrapped("result = right(x, factor)\nx += 1\nreturn result"), "changes x"),
        (
            "keeps_inputs",
            wrapped("result = right(x, factor)\nx.sort(axis=-1)\nreturn result"),
            "changes x",
        ),
        (
            "keeps_precision",
            wrapped("loss, dx = right(x, factor)\nreturn loss, dx.astype(float)"),
            "float64 dx",
        ),
        (
            "vectorised",
            wrapped("for row in x:\n    row = row + 1\nreturn right(x, factor)"),
            "more instructions for every further row",
        ),
        (
            "survives",
            wrapped("np.log(0 * x)\nreturn right(x, factor)"),
            "NumPy warns",
        ),
    ],
    ids=["changed", "sorted", "widened", "looped", "warned"],
)
def test_manners_are_advised_on_and_cost_nothing(run, name, text, words):
    finding = run(CHECKS[name], text)
    assert finding.status is Status.PASSED
    assert words in finding.advice


@pytest.mark.parametrize(
    ("expression", "grows"),
    [
        ("sum(float((row * row).sum()) for row in x) / x.size", True),
        ("np.vectorize(lambda v: v * v)(x).mean()", True),
        ("np.mean([v * v for v in x.ravel()])", True),
        ("np.einsum('ij,ij->', x, x) / x.size", False),
        ("float(np.sum([np.sum(c * c) for c in x.T])) / x.size", False),
    ],
)
def test_work_in_python_is_counted_not_timed(run, expression, grows):
    text = edited("(x * x).mean()", f"({expression})")
    assert bool(run(CHECKS["vectorised"], text).advice) is grows


@pytest.mark.parametrize("role", ["keeps_inputs", "keeps_precision", "vectorised"])
def test_manners_carry_no_marks(role):
    assert (CHECKS[role].role, CHECKS[role].weight) == (Role.ADVICE, 0.0)


def test_a_failure_shows_the_smallest_case_first(run):
    assert "(3 numbers; seed 0)" in run(CHECKS["loss"], edited(".mean()", ".sum()")).called


def test_the_arguments_of_a_small_case_are_shown_in_full(run):
    called = run(CHECKS["by_hand"], edited(".mean()", ".sum()")).called
    assert called == "scaled(x=[1., 3.])  (worked by hand; seed 0)"


def test_a_failure_of_a_hidden_case_is_marked_so(run):
    text = edited(".mean()", ".mean() + (len(x) == 7)")
    finding = run(CHECKS["loss"], text)
    assert finding.visibility is Visibility.HIDDEN
    assert finding.called == "scaled(x=array(7, 3))  (7 rows, 3 columns; seed 0)"


def test_the_seed_decides_the_cases(run):
    said = {run(CHECKS["loss"], edited(".mean()", ".sum()"), seed).got for seed in (0, 0, 1, 2)}
    assert len(said) == 3


# Exercises


def status_of(result):
    return {check.name: check.status for check in result.checks}


def test_marks_add_up_by_weight(exercise, judged):
    asked = exercise(
        by_hand(np.array([1.0, 3.0]), gives={"loss": 10.0, "dx": [2.0, 6.0]}, weight=1),
        matches_truth("loss", weight=4),
        gradient_agrees("dx", weight=2),
        survives("a million", LARGE, weight=1),
        keeps_inputs(),
    )
    result = judged(asked, edited("2 * factor /", "3 * factor /"))
    assert result.status is Status.FAILED
    assert result.score == pytest.approx(4 * 4 / 8)
    assert sum(check.weight for check in result.checks) == 8
    assert judged(asked, RIGHT).score == 4


def test_every_mark_lost_is_zero_points_and_all_are_full_points(exercise, judged):
    asked = exercise(*CHECKS.values(), points=0.7)
    assert judged(asked, RIGHT).score == 0.7
    assert judged(asked, edited("factor * (x", "1 + 3 * factor * (x")).score > 0
    assert judged(asked, "def scaled(x, factor=2.0):\n    return 0.0, x * 0\n").score == 0


def test_the_right_gradient_of_a_wrong_forward_earns_the_gradients_marks(exercise, judged):
    result = judged(
        exercise(matches_truth("loss"), CHECKS["gradient"]), edited(".mean()", ".sum()")
    )
    assert status_of(result)["loss: matches the truth on random batches"] == "failed"
    assert status_of(result)["dx: is the derivative of the loss"] == "passed"
    assert result.score == 2


def test_a_wrong_forward_with_its_own_derivative_earns_the_gradients_marks(exercise, judged):
    text = edited(
        "factor * (x * x).mean(), 2 * factor /", "factor * (x**3).mean(), 3 * factor * x /"
    )
    result = judged(exercise(matches_truth("loss"), CHECKS["gradient"]), text)
    assert status_of(result)["dx: is the derivative of the loss"] == "passed"
    assert result.checks[-1].advice == (
        "dx is the derivative of your loss; it is the loss that is wrong."
    )
    assert (result.status, result.score) == (Status.FAILED, 2)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("factor * (x * x).mean(), 2 * factor /", "factor * (x**3).mean(), 2.999 * factor * x /"),
        ("factor * (x * x).mean(), 2 * factor / x.size * x", "1.0, 1.0 * x"),
        ("factor * (x * x).mean(), 2 * factor / x.size * x", "(x * x).sum(), 2 * x * (x.size < 9)"),
        ("(x * x).mean()", "(x * x).mean() * np.nan"),
    ],
    ids=["a thousandth off", "constant loss", "wrong in the largest case", "not a number"],
)
def test_a_wrong_gradient_of_a_wrong_forward_earns_nothing(exercise, judged, old, new):
    text = edited(old, new)
    if "nan" in new:
        text = text.replace("2 * factor /", "3 * factor /")
    result = judged(exercise(matches_truth("loss"), CHECKS["gradient"]), text)
    assert result.score == 0


def test_a_constant_loss_with_a_zero_gradient_earns_nothing(exercise, judged):
    """Zero is the derivative of a constant, yet nothing was written."""
    text = "import numpy as np\ndef scaled(x, factor=2.0):\n    return 0.0, np.zeros_like(x)\n"
    assert judged(exercise(matches_truth("loss"), CHECKS["gradient"]), text).score == 0


GATES = {
    "a syntax error": ("def scaled(x:\n", "your file can be loaded", "error"),
    "an exception at import": ("1 / 0\n", "your file can be loaded", "error"),
    "no such function": ("x = 1\n", "can be called as scaled(x, factor=...)", "missing"),
    "too many parameters": (
        "def scaled(x, factor, more): pass\n",
        "can be called as scaled(x, factor=...)",
        "failed",
    ),
    "a default left out": (
        "def scaled(x, factor): pass\n",
        "can be called as scaled(x, factor=...)",
        "failed",
    ),
    "a named parameter": (
        "def scaled(x, *, factor): pass\n",
        "can be called as scaled(x, factor=...)",
        "failed",
    ),
    "an exception": ("def scaled(x, factor=2.0): 1 / 0\n", "runs on a small example", "error"),
    "the stub": (
        'def scaled(x, factor=2.0): raise NotImplementedError("toy.scaled")\n',
        "runs on a small example",
        "unsolved",
    ),
    "one value": ("def scaled(x, factor=2.0): return 1.0\n", "returns (loss, dx)", "failed"),
    "three values": ("def scaled(x, factor=2.0): return 1, 2, 3\n", "returns (loss, dx)", "failed"),
    "None": ("def scaled(x, factor=2.0): pass\n", "returns (loss, dx)", "failed"),
    "no numbers": (
        "def scaled(x, factor=2.0): return 'a', [1]\n",
        "returns (loss, dx)",
        "failed",
    ),
}


@pytest.mark.parametrize("wrong", GATES)
def test_a_gate_stops_what_stands_behind_it(exercise, judged, wrong):
    text, gate, status = GATES[wrong]
    result = judged(exercise(*CHECKS.values()), text)
    names = [check.name for check in result.checks]
    at = names.index(gate)
    statuses = [check.status for check in result.checks]
    assert statuses[:at] == ["passed"] * at
    assert statuses[at] == status
    assert set(statuses[at + 1 :]) == {"not_reached"}
    assert result.status == status
    assert result.score == 0
    assert f'Not reached: "{gate}" comes first.' == result.checks[-1].message


@pytest.mark.parametrize(
    "text",
    [
        "def scaled(a, b=2.0): return right(a, b)\n",
        "def scaled(a, /, b=2.0): return right(a, b)\n",
        "def scaled(*args): return right(*args)\n",
        "def scaled(x, factor=2.0, *, verbose=False): return right(x, factor)\n",
        "def scaled(x, factor=2.0, more=None): return right(x, factor)\n",
        "scaled = lambda x, f=2.0: right(x, f)\n",
        "import functools\nscaled = functools.partial(right)\n",
        "class scaled:\n    def __new__(cls, x, f=2.0): return right(x, f)\n",
        "scaled = type('F', (), {'__call__': lambda self, x, f=2.0: right(x, f)})()\n",
    ],
)
def test_whatever_can_be_called_in_that_way_is_welcome(exercise, judged, text):
    result = judged(exercise(*CHECKS.values()), f"{RIGHT}\nright = scaled\n{text}")
    assert result.status is Status.PASSED, [c.message for c in result.checks if c.message]


@pytest.mark.parametrize(
    "returned",
    [
        "(np.ones(3), 1)",
        "(1.0,)",
        "((1.0, 2.0), x)",
        "[[1.0], x]",
        "(x,)",
        "{}",
        "((), ())",
        "(x, x, x)",
    ],
)
@pytest.mark.parametrize("returns", [("loss", "dx"), ("loss",)], ids=["two outputs", "one output"])
def test_tuples_in_the_wrong_places_are_the_learners_failure(exercise, judged, returned, returns):
    truth = TRUTH if len(returns) > 1 else TRUTH.replace("return loss, dx", "return loss")
    text = f"import numpy as np\ndef scaled(x, factor=2.0):\n    return {returned}\n"
    asked = exercise(matches_truth(), repeatable(), keeps_inputs(), text=truth, returns=returns)
    result = judged(asked, text)
    assert result.status is Status.FAILED, result.checks[0].message


def test_results_in_the_wrong_order_are_told(exercise, judged):
    text = edited("return factor * (x * x).mean(), ", "return ").rstrip() + ", (x * x).mean()\n"
    result = judged(exercise(*CHECKS.values()), text)
    assert "wrong order: return loss, dx" in result.decisive.suggestion


def test_advice_costs_nothing(exercise, judged):
    text = wrapped(
        "for row in x:\n    pass\nloss, dx = right(x, factor)\nx += 1\nreturn loss, dx.astype(float)"
    )
    result = judged(exercise(*CHECKS.values()), text)
    advised = [check.name for check in result.checks if check.advice]
    assert advised == [
        "keeps your inputs unchanged",
        "float32 in, float32 out",
        "leaves the loop over rows to NumPy",
    ]
    assert (result.status, result.score, result.mistake) == (Status.PASSED, 4, None)


def test_advice_that_cannot_be_looked_at_costs_nothing(exercise, judged):
    """A fault that only a check of manners meets."""
    text = wrapped("if x.dtype == np.float32: 1 / 0\nreturn right(x, factor)")
    result = judged(exercise(*CHECKS.values()), text)
    assert (result.status, result.score) == (Status.PASSED, 4)


def test_a_case_that_judges_one_output_leaves_the_others_alone(exercise, judged):
    check = survives("a million", [Case("1", lambda _: (np.array([1e6]),), judged=("loss",))])
    text = wrapped(
        "loss, dx = right(x, factor)\nreturn loss, dx * (1 if x.max() < 1e5 else np.nan)"
    )
    assert judged(exercise(CHECKS["gradient"], check), text).status is Status.PASSED


def test_a_first_case_that_judges_one_output_leaves_the_others_alone(exercise, judged):
    asked = exercise(matches_truth())
    first = Case("1 number", lambda _: (np.array([0.0]),), judged=("loss",))
    asked = replace(asked, cases=(first, *asked.cases))
    text = wrapped("loss, dx = right(x, factor)\nreturn loss, dx if x.any() else None")
    assert judged(asked, text).status is Status.PASSED


def test_a_case_may_have_a_tolerance_of_its_own(exercise, judged):
    case = [Case("1 number", lambda _: (np.array([3.0]),), tolerance="clipped")]
    text = wrapped("loss, dx = right(x, factor)\nreturn loss * 1.00005, dx")
    assert judged(exercise(survives("x", case)), text).status is Status.PASSED
    assert judged(exercise(matches_truth()), text).status is Status.FAILED


def test_a_check_that_fails_in_itself_is_the_graders_fault(exercise, judged):
    broken = Check("asks nonsense", lambda trial: 1 / 0, weight=1)
    result = judged(exercise(broken), RIGHT)
    assert (result.status, result.score) == (Status.GRADER_ERROR, 0)
    assert "this is not your fault" in result.checks[0].message


def test_the_call_is_written_as_the_stub_has_it(exercise):
    assert signature(exercise().question) == "scaled(x, factor=...)"
    assert len(gates(exercise().question)) == 4


def test_an_answer_that_gives_up_on_some_arguments_is_no_stub(exercise, judged):
    text = wrapped("if factor != 2.0: raise NotImplementedError\nreturn right(x, factor)")
    result = judged(exercise(*CHECKS.values()), text)
    assert result.status is Status.ERROR
    assert "NotImplementedError" in result.decisive.message


# Exercises that call earlier ones


TWO = '''import numpy as np


def half(x):
    """Halve."""
    return x / 2


def quarter(x):
    """Halve twice."""
    return half(half(x))
'''


@pytest.fixture
def quarter(toy):
    def declared(uses):
        topic = toy(TWO)
        for name in ("half", "quarter"):
            topic.exercise(
                name,
                points=1,
                returns=("y",),
                cases=CASES[:1],
                checks=[matches_truth()],
                hints=("a", "b", "c"),
                mistakes=(),
                uses=uses if name == "quarter" else (),
            )
        return topic.exercises["quarter"]

    return declared


CALLER = "def quarter(x):\n    return half(half(x))\n"
HELPERS = {
    "wrong": "def half(x):\n    return x / 3\n",
    "raising": "def half(x):\n    return x.nothing\n",
    "a stub": 'def half(x):\n    raise NotImplementedError("toy.half")\n',
}


@pytest.mark.parametrize("helper", HELPERS)
def test_a_mistake_in_an_earlier_function_costs_no_marks_and_is_told(quarter, judged, helper):
    result = judged(quarter(("half",)), HELPERS[helper] + CALLER)
    assert (result.status, result.score, result.mistake) == (Status.PASSED, 1, None)
    assert "calls your toy.half, which is not right yet" in result.checks[0].advice


@pytest.mark.parametrize("helper", HELPERS)
def test_a_wrong_function_stays_wrong_with_right_helpers(quarter, judged, helper):
    result = judged(
        quarter(("half",)), HELPERS[helper] + CALLER.replace("half(half(x))", "half(x)")
    )
    assert result.status in {Status.FAILED, Status.ERROR, Status.UNSOLVED}
    assert result.score == 0


def test_right_helpers_are_left_alone(quarter, judged):
    result = judged(quarter(("half",)), "def half(x):\n    return 0.5 * x\n" + CALLER)
    assert [check.advice for check in result.checks if check.advice] == []


def test_a_function_that_calls_no_helper_gets_no_such_advice(quarter, judged):
    text = HELPERS["wrong"] + "def quarter(x):\n    return x / 5\n"
    result = judged(quarter(("half",)), text)
    assert (result.status, result.checks[0].advice) == (Status.FAILED, "")


@pytest.mark.parametrize("names", [("half",), ("half", "quarter"), ("quarter",)])
def test_a_helper_is_judged_once_however_many_exercises_call_it(quarter, server, names):
    exercises = quarter(("half",)).topic.exercises
    text = (
        "def half(x):\n    print('judged')\n    return x / 3\ndef quarter(x):\n    return x / 5\n"
    )

    def times(asked):
        submission = from_text(text, "toy")
        report = grade([exercises[n] for n in asked], submission, server, Limits(), seed=0)
        return report.printed.count("judged")

    assert times(names) == times(("half",)) > 0


TOGGLE = """
import numpy as np

calls = []

def relu_forward(x):
    print("called")
    calls.append(x)
    return (np.maximum(x, 0) if len(calls) <= {right} else 3 * x - 1), x

def relu_backward(dout, cache):
    return 3 * dout
"""


def test_a_forward_that_was_right_does_not_excuse_its_backward_by_being_wrong(built_in, server):
    exercises = built_in.find(["backprop.relu_forward", "backprop.relu_backward"])

    def marks(asked, right):
        submission = from_text(TOGGLE.format(right=right), "backprop")
        report = grade(asked, submission, server, Limits(), seed=0)
        return report.printed.count("called"), [e.score / e.max_score for e in report.exercises]

    calls, (right,) = marks(exercises[:1], 10**9)
    assert right == 1
    for asked in (exercises, exercises[::-1]):
        _, found = marks(asked, calls)
        assert sorted(found) == [0, 1]
    _, (forward, backward) = marks(exercises, 0)
    assert forward == 0
    assert backward > 0.8


def test_a_gradient_that_is_all_but_zero_shows_nothing(built_in, server):
    text = (
        "import numpy as np\ndef mse_loss(prediction, target):\n"
        "    return {0}, np.full(prediction.shape, {0})\n"
    )
    (exercise,) = built_in.find(["losses.mse_loss"])
    for tiny in (0.0, 5e-324, 1e-12):
        submission = from_text(text.format(tiny), "losses")
        (found,) = grade([exercise], submission, server, Limits(), seed=0).exercises
        assert found.score == 0


@pytest.mark.parametrize(
    ("name", "body"),
    [
        (
            "regularisers.layernorm_forward",
            "ln_param.update(dict.fromkeys(ln_param, 0 * gamma))\n    return x, None",
        ),
        ("backprop.mlp_loss", "return 0.0, [2**1024 - 1]"),
    ],
)
def test_odd_values_are_the_learners_and_not_the_graders_fault(built_in, judged, name, body):
    (exercise,) = built_in.find([name])
    parameters = ", ".join(p.name for p in exercise.form.parameters)
    text = f"def {exercise.name}({parameters}):\n    {body}\n"
    assert judged(exercise, text).status in {Status.FAILED, Status.ERROR}


def test_a_stub_that_is_needed_is_named(quarter, judged):
    """Where the topic does not say that it may be called."""
    result = judged(quarter(()), HELPERS["a stub"] + CALLER)
    assert result.status is Status.UNSOLVED
    assert result.decisive.message == "It needs toy.half, still a stub."
    assert "learnkit check toy.half" in result.decisive.suggestion


FEED = """
import numpy as np

def softmax(x, temperature=1.0):
    z = np.exp((x - x.max(axis=1, keepdims=True)) / temperature)
    return z / z.sum(axis=1, keepdims=True)

def softmax_loss(x, y):
    {body}

def temperature_loss(x, y, temperature):
    loss, dz = softmax_loss(x / temperature, y)
    return loss, dz / temperature
"""


@pytest.mark.parametrize(
    "body",
    [
        "p = softmax(x); return np.log(p[np.arange(len(x)), y]).mean(), p",
        'raise NotImplementedError("losses.softmax_loss")',
        "return None",
    ],
    ids=["wrong", "a stub", "unfinished"],
)
def test_temperature_loss_keeps_its_marks_over_a_wrong_softmax_loss(built_in, judged, body):
    exercise = built_in.topic("losses").exercises["temperature_loss"]
    result = judged(exercise, FEED.format(body=body))
    assert (result.status, result.score) == (Status.PASSED, result.max_score)
    advice = [check.advice for check in result.checks if check.advice]
    assert len(advice) == 1
    assert "calls your losses.softmax_loss, which is not right yet" in advice[0]


def test_a_helper_that_is_right_is_not_blamed(built_in, judged):
    """It calls two, of which one is wrong."""
    text = FEED.format(body="return 0.0, x").replace(
        "    loss, dz =", "    softmax(x, temperature)\n    loss, dz ="
    )
    exercise = built_in.topic("losses").exercises["temperature_loss"]
    advice = judged(exercise, text).checks[0].advice
    assert "losses.softmax_loss" in advice
    assert "losses.softmax " not in advice


def test_scores_are_finite_and_within_their_bounds(exercise, judged):
    for text in (
        RIGHT,
        edited(".mean()", ".sum()"),
        "x = 1\n",
        "def scaled(x, f=1): return x, x\n",
    ):
        score = judged(exercise(*CHECKS.values(), points=1 / 3), text).score
        assert math.isfinite(score)
        assert 0 <= score <= 1 / 3
