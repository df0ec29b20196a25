"""Fingerprints: what makes two texts alike, and what does not."""

import pytest
from classes import RIGHT

from grader.classroom.similarity import FEW, MANY, marks, marks_of, tokens, too_common
from grader.student.submission import from_text

LONG = '''
def train(weights, rate, steps):
    """Go down."""
    history = []
    for step in range(steps):
        gradient = np.dot(weights.T, weights) / len(weights)
        if np.linalg.norm(gradient) > 10:
            gradient = gradient / np.linalg.norm(gradient) * 10
        weights = weights - rate * gradient
        history.append(float(np.sum(weights**2)))
    while history and history[-1] > history[0]:
        history.pop()
    return weights, history
'''


def found(text):
    return set(marks(tokens(text)).tolist())


@pytest.mark.parametrize(
    "change",
    [
        ("weights", "w"),
        ('"""Go down."""', "# nothing said"),
        ("10", "3.5"),
        ("    history = []\n", "    history = []  # kept\n\n\n"),
    ],
)
def test_names_numbers_and_comments_change_nothing(change):
    assert found(LONG.replace(*change)) == found(LONG)


def test_a_part_that_is_shared_leaves_shared_marks():
    other = RIGHT + LONG.replace("train", "fit") + "\nx = [i for i in range(3)]\n"
    assert found(LONG) & found(other)
    assert not found(LONG) & found(RIGHT)


@pytest.mark.parametrize("text", ["", "def f(:", "x = 1", "\x00", "(" * 5000, "é = 'ü'\ud800"])
def test_what_cannot_be_parsed_has_no_marks(text):
    assert found(text) == set()


def test_the_stub_has_no_marks(built_in):
    exercises = built_in.find(["losses"])
    stub = exercises[0].topic.stub_path.read_text(encoding="utf-8")
    assert marks_of(from_text(stub), exercises) == b""
    assert marks_of(from_text(stub + LONG), exercises) != b""


@pytest.mark.parametrize(("students", "most"), [(2, FEW), (100, 10), (10_000, MANY)])
def test_what_much_of_a_class_has_is_common(students, most):
    assert too_common(students) == most
