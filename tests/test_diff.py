"""The model answer beside the learner's own."""

import io
import re

import pytest
from rich.console import Console

from grader.answers import own_answer
from grader.render.diff import rows, solution
from grader.student.submission import Source, Submission, from_text

OWN = '''import numpy as np


def mse_loss(prediction, target):
    """Mine."""
    error = prediction - target
    return np.mean(error**2), 2 * error / error.size
'''


@pytest.fixture
def mse(built_in):
    return built_in.find(["losses.mse_loss"])[0]


def shown(exercise, own, result=None, *, width=80, colour=None):
    page = io.StringIO()
    console = Console(
        file=page, width=width, color_system=colour, force_terminal=bool(colour), highlight=False
    )
    console.print(solution(exercise, own, result, width=width))
    return page.getvalue()


def own_of(exercise, text):
    return own_answer(exercise, from_text(text, "losses"))


def test_an_answer_is_found_without_its_docstring(mse):
    own = own_of(mse, OWN)
    assert own.startswith("def mse_loss(prediction, target):\n    error =")
    assert own.endswith("error.size")


@pytest.mark.parametrize(
    "text",
    ["", "x = 1\n", "def mse_loss(:\n", "mse_loss = lambda p, t: 0\n"],
    ids=["empty", "no function", "broken", "a lambda"],
)
def test_where_there_is_nothing_to_compare_there_is_no_own_answer(mse, text):
    assert own_of(mse, text) == ""


def test_a_stub_is_no_answer(mse):
    assert own_of(mse, mse.topic.stub_path.read_text("utf-8")) == ""


def test_the_last_definition_in_a_notebook_is_the_answer(mse):
    cells = [("cell 1", OWN), ("cell 2", OWN.replace("error", "late")), ("cell 3", "!ls(")]
    submission = Submission({"nb": Source("nb", tuple(cells))}, main="nb")
    assert "late = prediction - target" in own_answer(mse, submission)


def test_without_an_own_answer_the_model_answer_alone_is_shown(mse):
    assert shown(mse, "") == mse.answer() + "\n"


@pytest.mark.parametrize("width", [40, 80])
def test_on_a_narrow_terminal_both_stand_in_one_diff(mse, width):
    page = shown(mse, own_of(mse, OWN), width=width)
    assert max(map(len, page.splitlines())) <= width
    _, _, diff = page.partition("Beside yours (")
    joined = diff.replace("\n  ", "").replace(" ", "")
    assert "-error=prediction-target" in joined
    assert "+difference=prediction-target" in joined
    assert "\n  def mse_loss(prediction, target):" in diff


def test_on_a_wide_terminal_they_stand_side_by_side(mse):
    lines = shown(mse, own_of(mse, OWN), width=180).splitlines()
    assert re.fullmatch(r"the model answer +\| yours", lines[0])
    at = lines[0].index("|")
    assert all(len(line) <= at or line[at] in "| ~+-" for line in lines)
    (line,) = [x for x in lines if "error = prediction" in x]
    assert "difference = prediction - target" in line[:at]
    assert line[at] == "~"


@pytest.mark.parametrize("width", [80, 180])
def test_every_line_of_both_is_there_whatever_differs(mse, width):
    own = "def mse_loss(prediction, target):\n    # a\n\n    # b\n    # c\n    # d\n    return 1, 2"
    page = shown(mse, own, width=width)
    for line in (*own.split("\n"), *mse.answer().split("\n")):
        assert line.strip() in page


def test_lines_that_differ_in_space_alone_are_the_same():
    found = rows("def f(x):\n    return x+1", "def f(x):\n    return x + 1")
    assert [row.same for row in found] == [True, True]


def test_what_is_the_same_word_for_word_is_said_once(mse):
    page = shown(mse, mse.answer())
    assert page.count("def mse_loss") == 1
    assert "Yours is the same, word for word." in page


def test_python_is_in_colour_where_there_is_colour(mse):
    assert "\x1b[" in shown(mse, "", colour="standard")
    assert "\x1b[" not in shown(mse, "")


def test_nothing_in_the_learners_code_steers_the_terminal(mse):
    page = shown(mse, "def mse_loss(p, t):\n    return '\x1b[2J\x07'")
    assert "\x1b" not in page
    assert "\x07" not in page


LOOPS = """
import numpy as np

def mse_loss(prediction, target):
    total = 0.0
    for p, t in zip(prediction.ravel(), target.ravel()):
        total += (p - t) ** 2
    return total / prediction.size, 2 * (prediction - target) / prediction.size
"""


def test_what_the_model_answer_does_better_is_said_where_a_check_can_tell(judged, mse):
    page = " ".join(shown(mse, own_of(mse, LOOPS), judged(mse, LOOPS)).split())
    assert "What the model answer does better: - Python runs about" in page


def test_where_no_check_can_tell_that_is_said(judged, mse):
    page = shown(mse, own_of(mse, OWN), judged(mse, OWN))
    assert "No check could tell that either is better." in page


def test_a_wrong_answer_is_named_as_that(judged, mse):
    text = OWN.replace("np.mean", "np.sum")
    page = " ".join(shown(mse, own_of(mse, text), judged(mse, text)).split())
    assert "Yours is not right yet (failed): - " in page
    assert "the mean also divides by" in page


@pytest.mark.parametrize("give_up", [(), ("--give-up",)])
def test_the_command_shows_both(learnkit, here, give_up):
    learnkit("init")
    (here / "losses.py").write_text(LOOPS, encoding="utf-8")
    assert learnkit("check", "losses.mse_loss").exit_code == 0
    result = learnkit("solution", "losses.mse_loss", *give_up)
    assert result.exit_code == 0
    assert "-     total = 0.0" in result.output
    assert "What the model answer does better:" in result.output
    assert result.output.endswith("\nNext: learnkit next\n")


def test_a_line_that_is_too_long_is_broken_and_not_cut(built_in):
    huber = built_in.find(["losses.huber_loss"])[0]
    alone = shown(huber, "", width=60)
    beside = shown(huber, "def huber_loss(prediction, target, delta=1.0):\n    pass", width=60)
    assert max(map(len, (alone + beside).splitlines())) <= 60
    assert "".join(alone.split()) == "".join(huber.answer().split())
    words = set(huber.answer().split())
    assert words <= set(beside.partition("Beside yours")[2].split())  # no word is torn apart


@pytest.mark.parametrize("name", ["losses.huber_loss", "training.train"])
def test_what_is_printed_can_be_copied(learnkit, here, name):
    page = learnkit("solution", name, "--give-up").output
    compile(page, "shown", "exec")
