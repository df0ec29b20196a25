"""Pictures: what the learner's function does, asked over there, the right one beside it."""

import importlib.util
import re
import sys
from xml.etree import ElementTree as ET

import numpy as np
import pytest

import grader
from grader.catalogue import Catalogue
from grader.pictures import PICTURES, has_picture, picture
from grader.render.pictures import (
    MISSING,
    Contours,
    Image,
    Line,
    NotDrawnError,
    Panel,
    Picture,
    PictureError,
    drawn,
    save,
)
from grader.student.limits import Limits
from grader.student.submission import Submission, from_text

EXERCISES = [e.id for topic in Catalogue().topics() for e in topic.exercises.values()]
DRAWN = [id_ for id_ in EXERCISES if has_picture(Catalogue().find([id_])[0])]

needs_matplotlib = pytest.mark.skipif(
    importlib.util.find_spec("matplotlib") is None, reason="pictures need the extra `plots`"
)


@pytest.fixture
def draw(server, built_in):
    """Draw an exercise from a text."""

    def from_answer(name, text, seconds=10.0):
        (exercise,) = built_in.find([name])
        limits = Limits(seconds=seconds)
        return picture(exercise, from_text(text, exercise.topic.name), server, limits)

    return from_answer


def changed(built_in, name, *edits):
    """Return the model answers with edits in one function."""
    (exercise,) = built_in.find([name])
    return exercise.topic.answers.changed(exercise.name, edits)


def lines(picture, style):
    return [
        line
        for row in picture.panels
        for panel in row
        for line in panel.lines
        if line.style == style
    ]


def images(picture):
    return {panel.title: panel.image.values for row in picture.panels for panel in row}


@pytest.mark.parametrize("name", DRAWN)
def test_of_a_right_answer_nothing_is_said_to_be_wrong(draw, built_in, name):
    topic = built_in.find([name])[0].topic
    shown = draw(name, topic.answers.text)
    assert shown.title
    assert not re.search(r"\bwrong|\baway|apart|not a number", shown.says)
    assert len({len(row) for row in shown.panels}) == 1


def test_every_declared_picture_is_of_an_exercise():
    assert set(PICTURES) <= set(EXERCISES)


def test_a_heat_map_shows_where_a_gradient_is_wrong(draw, built_in):
    text = changed(built_in, "losses.svm_loss", ("(margins > 0).astype(x.dtype)", "margins > 0"))
    shown = draw("losses.svm_loss", text)
    assert shown.says.startswith("dx is wrong in 2 of 6 places. dx[0, 1] is 0.3333")
    maps = images(shown)
    off = maps["dx: yours - right"]
    assert np.argwhere(off).tolist() == [[0, 1], [2, 0]]
    np.testing.assert_array_equal(maps["dx: yours"] - maps["dx: right"], off)


def test_of_several_gradients_the_wrong_one_comes_first(draw, built_in):
    text = changed(built_in, "backprop.affine_backward", ("db = ", "db = 2 * "))
    shown = draw("backprop.affine_backward", text)
    assert shown.says.startswith("db is wrong in ")
    assert "dx is right. dw is right." in shown.says
    assert shown.panels[0][0].title == "db: yours"


OWN_DERIVATIVE = {
    "losses.mse_loss": (
        "loss",
        """
import numpy as np
def mse_loss(prediction, target):
    d = prediction - target
    return np.sum(d**2), 2 * d
""",
    ),
    "backprop.tanh_backward": (
        "tanh_forward",
        """
import numpy as np
def tanh_forward(x):
    return np.sin(x), x
def tanh_backward(dout, cache):
    return dout * np.cos(cache)
""",
    ),
}


@pytest.mark.parametrize("name", OWN_DERIVATIVE)
def test_a_gradient_of_a_wrong_forward_is_not_called_wrong(draw, name):
    """The checks give it its marks."""
    blamed, text = OWN_DERIVATIVE[name]
    shown = draw(name, text)
    assert f"it is the derivative of your {blamed}: {blamed} is what to mend." in shown.says
    assert "wrong" not in shown.title


def test_an_optimizer_that_leaves_the_path_is_told_from_which_step_on(draw, built_in):
    text = "def sgd(w, dw, config):\n    return w + config['learning_rate'] * dw, config"
    shown = draw("optimizers.sgd", text)
    assert shown.says.endswith("apart from step 1 on.")
    (own,), (right,) = lines(shown, "your path"), lines(shown, "right")
    assert (own.x[0], own.y[0]) == (right.x[0], right.y[0])
    assert abs(own.x[-1]) > 1e6


def test_a_path_has_gradients_of_where_it_stands_itself(draw):
    """A step half as long meets other gradients than the right one does, and arrives as well."""
    text = "def sgd(w, dw, config):\n    return w - 0.06 * dw, config"
    (own,) = lines(draw("optimizers.sgd", text), "your path")
    w = np.array([own.x[0], own.y[0]])
    from numerics.problems import two_modes

    for x, y in zip(own.x[1:], own.y[1:], strict=True):
        w = w - 0.06 * two_modes(1.0, 12.0).gradient(w)
        np.testing.assert_allclose([x, y], w, rtol=1e-12)


def test_state_that_could_not_travel_stays_over_there(draw):
    text = """
class Memory:
    steps = 0

def sgd(w, dw, config=None):
    config["memory"] = memory = config.get("memory") or Memory()
    memory.steps += 1
    return w - 0.12 * dw, config
"""
    assert draw("optimizers.sgd", text).says.endswith("all on the right path.")


def test_dropout_that_exchanges_its_probabilities_is_seen(draw):
    text = """
def dropout_forward(x, drop_prob, mode, rng):
    return x * (rng.random(x.shape) < drop_prob) / drop_prob, None
"""
    shown = draw("regularisers.dropout_forward", text)
    share = float(re.search(r'mode "train" ([\d.]+)% of the ones became 0', shown.says).group(1))
    assert 62 < share < 78
    mask = images(shown)[f'"train": {share}% are 0']
    assert set(np.unique(np.round(mask, 4))) == {0.0, 3.3333}


@needs_matplotlib
@pytest.mark.filterwarnings("error")
def test_a_descent_that_blows_up_is_drawn_all_the_same(draw):
    text = """
import numpy as np
def gradient_descent(slope, x0, learning_rate, num_steps):
    return x0 * np.float64(-1e30) ** np.arange(num_steps + 1)
"""
    shown = draw("gradients.gradient_descent", text)
    assert "lead from 3.3 to -inf" in shown.says
    assert drawn(shown, "svg")


def test_training_curves_are_those_of_the_learners_loop(draw):
    text = """
def train(params, loss_and_grads, update, x_train, y_train, x_val, y_val, *,
          epochs, batch_size, patience, rng):
    loss, _ = loss_and_grads(params, x_train, y_train)
    val, _ = loss_and_grads(params, x_val, y_val)
    return params, {"train_loss": [loss] * 3, "val_loss": [val] * 3, "best_epoch": 0}
"""
    train, val = lines(draw("training.train", text), "your path")
    np.testing.assert_allclose(train.y, [np.log(10)] * 3)
    np.testing.assert_allclose(val.y, [np.log(10)] * 3)


NOT_DRAWN = {
    "the stub": ('raise NotImplementedError("gradients.hill")', "Still the stub."),
    "an exception": ("return 1 / 0", "ZeroDivisionError"),
    "nothing": ("return None", "it did not return (height, slope)"),
    "one value": ("return x", "it did not return (height, slope)"),
    "words": ("return 'high', 'steep'", "height is not an array of numbers"),
    "another shape": ("return x[:5], x", "height has the shape (5,); it should have (400,)"),
    "complex numbers": ("return x + 1j, x", "height holds complex128, not real numbers"),
    "a loop without end": ("\n    while True: pass", "did not finish"),
    "the end of its process": ("import os; os._exit(3)", "exit code 3"),
}


@pytest.mark.parametrize("kind", NOT_DRAWN)
def test_what_cannot_be_drawn_is_said_in_a_sentence(draw, kind):
    body, said = NOT_DRAWN[kind]
    with pytest.raises(NotDrawnError, match=re.escape(said)) as caught:
        draw("gradients.hill", f"def hill(x):\n    {body}\n", seconds=0.5)
    assert str(caught.value).startswith("gradients.hill: ")


@pytest.mark.parametrize(
    ("text", "said"),
    [("def other(x): pass", "has no function hill"), ("def hill(:", "SyntaxError")],
    ids=["missing", "broken"],
)
def test_a_file_without_the_function_is_said(draw, text, said):
    with pytest.raises(NotDrawnError, match=said):
        draw("gradients.hill", text)


def test_a_submission_without_the_file_is_said(server, built_in):
    (hill,) = built_in.find(["gradients.hill"])
    with pytest.raises(NotDrawnError, match=r"there is no gradients\.py"):
        picture(hill, Submission(), server, Limits())


@pytest.mark.parametrize("name", [id_ for id_ in EXERCISES if id_ not in DRAWN])
def test_an_exercise_without_a_picture_says_which_have_one(draw, name):
    with pytest.raises(PictureError, match="has no picture; these have one: ") as caught:
        draw(name, "")
    named = str(caught.value).partition("one: ")[2].split(", ")
    assert set(named) <= set(DRAWN)


def test_the_learners_code_runs_in_a_process_of_its_own(draw):
    text = """
import sys
def relu_forward(x):
    assert "grader.pictures" not in sys.modules
    return x * (x > 0), x
"""
    assert "grader.pictures" in sys.modules
    assert "on the right one" in draw("backprop.relu_forward", text).says


# Drawing

WILD = np.array([[np.nan, np.inf], [-np.inf, 1e300]])
PLAIN = Picture(
    "A <title> & more",
    "What it says.",
    (
        (
            Panel("lines", (Line(np.arange(3.0), np.array([0.0, 1.0, 4.0]), label="yours"),)),
            Panel("an image", image=Image(np.eye(3), (0.0, 1.0))),
        ),
        (
            Panel("wild", (Line(WILD[0], WILD[1]),), x_range=(0.0, 1.0), y_range=(0.0, 1.0)),
            Panel("wild colours", image=Image(WILD, (0.0, 0.0), signed=True)),
        ),
        (
            Panel("no limits", (Line(WILD[1], WILD[1], "your point"),)),
            Panel("hills", contours=Contours(np.arange(2.0), np.arange(2.0), np.eye(2))),
        ),
    ),
)


@needs_matplotlib
@pytest.mark.filterwarnings("error")
def test_an_svg_is_well_formed_and_the_same_each_time():
    first, second = drawn(PLAIN, "svg"), drawn(PLAIN, "svg")
    assert first == second
    texts = {element.text for element in ET.fromstring(first).iter() if element.text}
    assert {"A <title> & more", "What it says.", "yours", "an image"} <= texts
    assert b"<script" not in first


@needs_matplotlib
@pytest.mark.parametrize(
    ("name", "start"), [("a.svg", b"<?xml"), ("a.png", b"\x89PNG"), ("a.SVG", b"<?xml")]
)
def test_the_name_decides_the_form(tmp_path, name, start):
    save(PLAIN, tmp_path / name)
    assert (tmp_path / name).read_bytes().startswith(start)


@needs_matplotlib
def test_a_file_that_cannot_be_written_is_said(tmp_path):
    with pytest.raises(PictureError, match="cannot be written: No such file or directory"):
        save(PLAIN, tmp_path / "nowhere" / "a.svg")


@needs_matplotlib
@pytest.mark.parametrize("name", ["gradients.gradient_descent", "losses.softmax_loss"])
def test_the_command_draws_from_the_workspace(learnkit, here, built_in, name):
    learnkit("init")
    topic = built_in.find([name])[0].topic
    (here / f"{topic.name}.py").write_text(topic.answers.text, encoding="utf-8")
    result = learnkit("show", name)
    assert result.exit_code == 0
    assert result.output.startswith(f"wrote {name}.svg\n")
    assert result.output.endswith(f"Next: learnkit check {name}\n")
    ET.parse(here / f"{name}.svg")


@needs_matplotlib
def test_the_command_draws_from_a_file_to_a_file(learnkit, here, built_in):
    (here / "mine.py").write_text(built_in.topic("losses").answers.text, encoding="utf-8")
    result = learnkit("show", "losses.svm_loss", "--file", "mine.py", "--out", "x.png")
    assert result.exit_code == 0
    assert result.output.endswith("Next: learnkit check losses.svm_loss --file mine.py\n")
    assert (here / "x.png").read_bytes().startswith(b"\x89PNG")


@needs_matplotlib
@pytest.mark.parametrize(
    ("args", "code", "said"),
    [
        (["losses.mse_loss"], 1, "Still the stub."),
        (["losses.softmax"], 2, "losses.softmax has no picture"),
        (["losses"], 2, "losses is a topic"),
        (["losses.mse"], 2, "did you mean"),
        (["losses.mse_loss", "--out", "x.pdf"], 2, "x.pdf ends neither in .svg nor in .png"),
        (["losses.mse_loss", "--file", "nowhere.py"], 2, "there is no file nowhere.py"),
    ],
    ids=["stub", "no picture", "topic", "mistyped", "pdf", "no file"],
)
def test_what_stands_in_the_way_of_a_picture_is_a_sentence(learnkit, here, args, code, said):
    learnkit("init")
    result = learnkit("show", *args)
    assert result.exit_code == code
    assert result.output.startswith("learnkit: ")
    assert said in result.output
    assert not list(here.glob("*.svg"))


def test_outside_a_notebook_one_is_told_what_to_use(monkeypatch):
    monkeypatch.delitem(sys.modules, "IPython", raising=False)
    with pytest.raises(RuntimeError, match=r"learnkit show NAME --file"):
        grader.show("losses.mse_loss")


def test_without_matplotlib_one_is_told_what_to_install(learnkit, here, monkeypatch):
    real = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "matplotlib" else real(name)
    )
    learnkit("init")
    result = learnkit("show", "losses.mse_loss")
    assert result.exit_code == 2
    assert result.output == f"learnkit: {MISSING}\n"
