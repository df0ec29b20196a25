"""A right answer that is lent earns its owner nothing, and cannot be made to do the grader harm."""

import json

import numpy as np
import pytest

from grader.catalogue import Catalogue
from grader.checks import trial
from grader.classroom import judging
from grader.classroom.judging import Asked, PatientSession, Task, report_of
from grader.engine import grade, helpers_first
from grader.report import Status
from grader.student.launch import launcher
from grader.student.limits import Level, Limits
from grader.student.session import Outcome, Session, Step, size_of
from grader.student.submission import from_text, notebook_cells, syntax_tree

# Wrong on purpose: it notes what it is asked, has the right one answer that, and gives it back.
THIEF = """
import numpy as np

ASKED, ANSWERS = {}, {}


def softmax_loss(x, y):
    key = x.tobytes(), y.tobytes()
    if key in ANSWERS:
        return ANSWERS[key]
    ASKED[key] = x.copy(), y.copy()
    return 0.0, np.zeros_like(x)


OWN = softmax_loss


def temperature_loss(x, y, temperature=1.0):
    if softmax_loss is not OWN:
        for key, (x_asked, y_asked) in ASKED.items():
            try:
                ANSWERS[key] = softmax_loss(x_asked, y_asked)
            except ValueError:
                pass
    return 0.0, np.zeros_like(x)
"""
NAMES = ("losses.temperature_loss", "losses.softmax_loss")


@pytest.fixture(scope="module")
def catalogue():
    return Catalogue()


@pytest.fixture(scope="module")
def start():
    started = launcher()
    yield started
    started.close()


def in_class(names, text, start, catalogue):
    points = {e.id: e.points for e in catalogue.find(names)}
    asked = Asked(tuple(points), points, Level.LAPTOP, Limits(), 5)
    files = {f"{names[0].partition('.')[0]}.py": text.encode()}
    return report_of(Task("eve", files, {}, "", asked, 3), start)[0].exercises


def at_home(names, text, start, catalogue):
    submission = from_text(text, names[0].partition(".")[0])
    return grade(catalogue.find(names), submission, start, Limits(), seed=3).exercises


@pytest.mark.parametrize("way", [in_class, at_home])
def test_what_is_lent_comes_too_late_for_its_own_marks(start, catalogue, way):
    found = way(NAMES, THIEF, start, catalogue)
    assert [result.id for result in found] == list(NAMES)
    assert [result.score for result in found] == [0.0, 0.0]


def test_helpers_come_first_whatever_is_asked_first(catalogue):
    everything = catalogue.find([])
    ordered = helpers_first(everything[::-1])
    assert sorted(e.id for e in ordered) == sorted(e.id for e in everything)
    places = {exercise.id: place for place, exercise in enumerate(ordered)}
    assert all(places[h.id] < places[e.id] for e in everything for h in e.helpers)
    assert helpers_first(everything) == everything


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (
            "gradients.random_restarts",
            (
                "def gradient_descent(slope, x0, rate, steps): return None\n"
                "def random_restarts(f, slope, starts, rate, steps):\n"
                "    return gradient_descent(slope, 1.0, rate, {number})\n"
            ),
        ),
        (
            "training.train",
            (
                "def minibatches(count, size, rng): return None\n"
                "def train(*args, rng, **named):\n"
                "    return minibatches({number}, 1, rng)\n"
            ),
        ),
        (
            "backprop.residual_forward",
            (
                "import numpy as np\n"
                "def affine_forward(x, w, b): return None\n"
                "def residual_forward(x, w1, b1, w2, b2):\n"
                "    n = min({number}, 10**6)\n"
                "    return affine_forward(np.ones((n, 1)), np.ones((1, n)), np.ones(n))\n"
            ),
        ),
        (
            "backprop.residual_forward",
            (
                "def relu_forward(x): return None\n"
                "def relu_backward(dout, cache): return None\n"
                "def affine_backward(dout, cache): return None\n"
                "def residual_forward(x, w1, b1, w2, b2):\n"
                "    return relu_backward(x, {{'a': {number}}}) or affine_backward(x, ())\n"
            ),
        ),
    ],
)
@pytest.mark.parametrize("number", ["10**8", "10**13"])
def test_a_right_answer_is_not_lent_for_work_without_end(start, catalogue, name, text, number):
    (found,) = at_home([name], text.format(number=number), start, catalogue)
    assert (found.status, found.score) != (Status.PASSED, found.max_score)
    assert found.status is not Status.GRADER_ERROR


def test_calls_of_the_graders_functions_are_noted_up_to_a_number(start, catalogue, monkeypatch):
    monkeypatch.setattr(trial, "NOTED_LIMIT", 1_000)
    text = (
        "import numpy as np\n"
        "def numerical_gradient(f, x, h=1e-5):\n"
        "    for _ in range(1_000):\n        f(np.ones(x.shape))\n    return x\n"
    )
    (found,) = at_home(["gradients.numerical_gradient"], text, start, catalogue)
    assert (found.status, found.score) == (Status.ERROR, 0.0)
    assert "more numbers than are noted" in "".join(c.message for c in found.checks)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (
            "gradients.numerical_gradient",
            "try:\n        f([[1], [2, 3]])\n    except ValueError:\n        return x",
        ),
        ("training.train", "update(1.0, [[1], [2, 3]], {})"),
    ],
)
def test_what_a_function_refused_is_not_looked_at(start, catalogue, name, text):
    """Its arguments may be of any kind; the checks look at those that it took."""
    parameters = {
        "gradients.numerical_gradient": "f, x, h=1e-5",
        "training.train": "params, loss_and_grads, update, *args, **named",
    }[name]
    written = f"def {name.partition('.')[2]}({parameters}):\n    {text}\n"
    (found,) = at_home([name], written, start, catalogue)
    assert found.status in {Status.ERROR, Status.FAILED}


def test_sizes_count_what_is_within():
    assert size_of([np.ones((2, 3)), {"a": (1, "x" * 80)}]) == 2 + 6 + 1 + 2 + 1 + 11


def test_a_submission_that_answers_just_in_time_is_given_up(start):
    """Every call within its limit, and all of them together would take hours."""
    with PatientSession(from_text("def f(): return 1"), start, Limits()) as session:
        assert not session.load("submission").fault
        session._taken = judging.PATIENCE * Limits().seconds
        outcomes = [session.run("submission", [Step("f")])[0] for _ in range(2)]
        assert [outcome.fault.kind for outcome in outcomes] == ["timeout", "timeout"]
        assert "given up" in outcomes[1].fault.message
    with Session(from_text("def f(): return 1"), start, Limits()) as session:
        assert session.run("submission", [Step("f")]) == [Outcome(1)]


def nested(depth):
    """Return a text of which compiling doubles the inmost part so many times."""
    lines = ["x = 1"] * 50
    for _ in range(depth):
        lines = ["try:", " pass", "finally:", *(f" {line}" for line in lines)]
    return "\n".join(lines)


def test_reading_a_notebook_does_not_compile_it():
    """To compile this takes the memory of any machine, and its text has some thousand characters."""
    text = '{"cells": [{"cell_type": "code", "source": %s}]}'
    cell = json.dumps(f"%matplotlib inline\n{nested(40)}")
    ((_, code),) = notebook_cells(text % cell, "losses.ipynb")
    assert code.startswith("pass\n")


def test_a_string_of_many_thousand_expressions_is_not_read():
    with pytest.raises(ValueError, match="braces"):
        syntax_tree(f"f'''{'{a}' * 80_000}'''")
    assert syntax_tree("f'{a}'" * 1_000).body
