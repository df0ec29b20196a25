"""The student's side: a released notebook in a real kernel, with the whole kit and the students'."""

import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from grader.catalogue import Catalogue
from grader.classroom.wheel import STUDENT, write
from grader.version import __version__

pytest.importorskip("nbgrader.api", reason="courses are built with the extra `classroom`")
nbclient = pytest.importorskip("nbclient", reason="notebooks are tried with the extra `dev`")
nbformat = pytest.importorskip("nbformat")
pytest.importorskip("ipykernel")

pytestmark = pytest.mark.filterwarnings("default")  # those of Jupyter's own libraries

RIGHT = "difference = prediction - target\n    return np.mean(difference**2), 2 * difference / {n}"
ANSWERS = {
    "losses-mse_loss": RIGHT.format(n="difference.size"),
    "losses-softmax": "e = np.exp(x / temperature)\n    return e / e.sum()",
}
STUB = "# YOUR CODE HERE\n    raise NotImplementedError()"


@pytest.fixture(scope="module")
def course(make_course, nbgrader):
    """A course whose assignment is released to students."""
    root = make_course("losses.mse_loss", "losses.softmax", "losses.svm_loss")
    nbgrader(root, "generate_assignment", "losses")
    return root


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The students' wheel, made as an instructor makes it."""
    folder = tmp_path_factory.mktemp("dist")
    code = "from grader.cli import main; main()"
    words = ("nbgrader", "student-wheel", str(folder))
    done = subprocess.run(
        [sys.executable, "-c", code, *words], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    (path,) = folder.iterdir()
    assert done.stdout.startswith(f"wrote {path}\n")
    return path


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """A folder that the students' kit is imported from."""
    folder = tmp_path_factory.mktemp("installed")
    with zipfile.ZipFile(wheel) as opened:
        opened.extractall(folder)
    return folder


@pytest.fixture(scope="module", params=["the whole kit", "the students' kit"])
def outputs(request, course, tmp_path_factory):
    """Write answers into the released notebook and run it; return what each cell showed."""
    notebook = nbformat.read(course / "release" / "losses" / "losses.ipynb", as_version=4)
    for cell in notebook.cells:
        if cell.id in ANSWERS:
            assert cell.source.count(STUB) == 1
            cell.source = cell.source.replace(STUB, ANSWERS[cell.id])
    where = nbformat.v4.new_code_cell("import grader; print(grader.__file__)", id="where")
    notebook.cells.append(where)
    env = dict(os.environ)
    if request.param == "the students' kit":
        env["PYTHONPATH"] = str(request.getfixturevalue("installed"))
    client = nbclient.NotebookClient(
        notebook,
        timeout=300,
        kernel_name="python3",
        allow_errors=True,
        resources={"metadata": {"path": str(tmp_path_factory.mktemp("student"))}},
    )
    client.execute(env=env)
    told = {cell.id: cell.outputs for cell in notebook.cells if cell.cell_type == "code"}
    came_from = Path(told["where"][0].text.strip())
    if request.param == "the students' kit":
        assert came_from.is_relative_to(env["PYTHONPATH"])
    return told


def report(outputs, name):
    """Return the words of the report that a test cell shows."""
    (output,) = outputs[f"losses-{name}-check"]
    assert output.output_type == "execute_result", output
    page = output.data["text/html"]
    assert page.startswith('<pre class="learnkit-report"')
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", page))


def test_a_right_answer_is_told_as_right(outputs):
    assert "1 of 1 exercise passed, 2 of 2 points." in report(outputs, "mse_loss")


def test_a_wrong_answer_is_told_what_is_wrong(outputs):
    told = report(outputs, "softmax")
    assert "0 of 1 exercise passed" in told
    assert "losses.softmax failed" in told
    assert "called" in told
    assert "expected" in told


def test_an_untouched_answer_is_told_as_the_stub(outputs):
    told = report(outputs, "svm_loss")
    assert "losses.svm_loss unsolved" in told
    assert "0 of 1 exercise passed, 0 of" in told


def test_nothing_else_in_the_notebook_fails(outputs):
    kinds = {name: [o.output_type for o in shown] for name, shown in outputs.items()}
    asked = {name: ["execute_result"] for name in kinds if name.endswith("-check")}
    assert kinds == {**{name: [] for name in kinds}, **asked, "where": ["stream"]}


def kit(installed, *words):
    """Run the students' kit as a command."""
    code = "from grader.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code, *words],
        cwd=installed.parent,
        env={**os.environ, "PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_the_students_kit_holds_no_model_answer(wheel):
    """Neither the files, nor the body of any of them in another place."""
    with zipfile.ZipFile(wheel) as opened:
        assert opened.testzip() is None
        texts = {name: opened.read(name).decode("utf-8", "replace") for name in opened.namelist()}
    assert not [name for name in texts if "solutions" in name or "demo/losses" in name]
    together = "\n".join(texts.values())
    answers = Catalogue().topic("losses").answers
    lines = answers.text.split("\n")
    for place in answers.functions.values():
        assert "\n".join(lines[place.body : place.end]) not in together


def test_the_students_kit_is_the_whole_kit_otherwise(wheel, installed):
    names = {path.relative_to(installed).as_posix() for path in installed.rglob("*.*")}
    for name in ("grader/api.py", "grader/py.typed", "numerics/losses.py"):
        assert name in names
    for topic in Catalogue().topics():
        assert f"grader/_rooms/exercises/{topic.name}.py" in names
        assert f"grader/_rooms/docs/topics/{topic.name}.md" in names
    assert wheel.name == f"learnkit_nn-{STUDENT}-py3-none-any.whl"
    assert kit(installed, "--version") == (0, f"learnkit, version {__version__}+student\n")


def test_pip_takes_the_students_kit(wheel, tmp_path):
    pytest.importorskip("pip")
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pip", "install", "--no-deps", "--no-index", "--no-compile"),
            *("--target", tmp_path / "there", wheel),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    about = tmp_path / "there" / f"learnkit_nn-{STUDENT}.dist-info"
    assert f"\nVersion: {STUDENT}\n" in (about / "METADATA").read_text(encoding="utf-8")
    assert (about / "licenses" / "LICENSE").is_file()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("solution", "losses.mse_loss", "--give-up"), "it holds no model answers"),
        (("demo",), "it holds no demo"),
        (("nbgrader", "student-wheel", "again"), "install the full one"),
        (("nbgrader", "build", "course", "--topics", "losses"), "it holds no model answers"),
    ],
)
def test_what_needs_model_answers_says_that_there_are_none(installed, words, says):
    code, said = kit(installed, *words)
    assert code == 2
    assert said.startswith("learnkit: this is a student's kit")
    assert says in said
    assert said.count("\n") == 1


def test_the_same_kit_gives_the_same_wheel(tmp_path):
    left = write(tmp_path / "new" / "folder", answers=False)
    right = write(tmp_path / "another", answers=False)
    assert left.name == right.name
    assert left.read_bytes() == right.read_bytes()


def test_a_wheel_that_cannot_be_written_is_said_in_a_sentence(learnkit, here):
    (here / "dist").write_text("mine", encoding="utf-8")
    done = learnkit("nbgrader", "student-wheel", "dist")
    assert done.exit_code == 2
    assert done.output.startswith("learnkit: dist cannot be written: ")
    assert done.output.count("\n") == 1
