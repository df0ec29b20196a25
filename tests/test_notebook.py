"""In a notebook: checked and drawn by a real kernel, from what its cells define."""

import re

import pytest

from grader.render.text import text

nbclient = pytest.importorskip("nbclient", reason="notebooks are tried with the extra `dev`")
nbformat = pytest.importorskip("nbformat")
pytest.importorskip("ipykernel")

WRONG = "def mse_loss(p, t):\n    d = p - t\n    return np.sum(d**2), 2 * d / d.size"
RIGHT = "def mse_loss(p, t):\n    d = p - t\n    return np.mean(d**2), 2 * d / d.size"
CELLS = {
    "imports": "import numpy as np\nimport grader",
    "nothing": "grader.check('losses.mse_loss')",
    "wrong": WRONG,
    "checked wrong": "grader.check('losses.mse_loss')",
    "right": RIGHT,
    "checked right": "grader.check('losses.mse_loss')",
    "checked all": "grader.check()",
    "not a name": "grader.check(mse_loss)",
    "kept": "grader.check('losses.mse_loss').exit_code",
    "drawn": "grader.show('losses.mse_loss')",
    "described": "repr(grader.show('losses.mse_loss'))",
    "no picture": "grader.show('losses.softmax')",
    "a text": "grader.check_source('def mse_loss(:', 'losses.mse_loss')",
}


@pytest.fixture(scope="module")
def outputs(tmp_path_factory):
    """Run the notebook once; return what each cell showed, by its name."""
    cells = [nbformat.v4.new_code_cell(source) for source in CELLS.values()]
    notebook = nbformat.v4.new_notebook(cells=cells)
    folder = str(tmp_path_factory.mktemp("notebook"))
    client = nbclient.NotebookClient(
        notebook,
        timeout=300,
        kernel_name="python3",
        allow_errors=True,
        resources={"metadata": {"path": folder}},
    )
    client.execute()
    return {name: cell.outputs for name, cell in zip(CELLS, notebook.cells, strict=True)}


pytestmark = pytest.mark.filterwarnings("default")  # those of Jupyter's own libraries


def shown(outputs, name, mime):
    (output,) = outputs[name]
    assert output.output_type == "execute_result", output
    return output.data[mime]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("nothing", "mse_loss"),
        ("checked wrong", "the mean also divides by how many"),
        ("checked right", "1 of 1 exercise passed, 2 of 2 points."),
        ("checked all", "1 of 1 exercise passed, 2 of 2 points."),
    ],
)
def test_a_check_shows_a_report_in_html(outputs, name, said):
    page = shown(outputs, name, "text/html")
    assert page.startswith('<pre class="learnkit-report"')
    assert said in re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", page))


def test_the_last_definition_is_the_one_that_is_judged(outputs):
    assert "failed" in shown(outputs, "checked wrong", "text/html")
    assert outputs["kept"][0].data["text/plain"] == "0"


def test_a_function_is_not_its_name(outputs):
    (output,) = outputs["not a name"]
    assert output.ename == "TypeError"
    assert 'name must be a text such as "losses.mse_loss"' in output.evalue


def test_where_there_is_no_html_the_same_is_text(outputs):
    from grader import check_source

    report = check_source("import numpy as np\n" + RIGHT, "losses.mse_loss")
    assert shown(outputs, "checked right", "text/plain") == text(report) == repr(report)


def test_a_picture_is_shown(outputs):
    pytest.importorskip("matplotlib")
    assert "<svg" in shown(outputs, "drawn", "image/svg+xml")
    assert "dprediction is right." in shown(outputs, "described", "text/plain")


def test_what_has_no_picture_says_so_in_one_line(outputs):
    pytest.importorskip("matplotlib")
    (output,) = outputs["no picture"]
    assert output.ename == "PictureError"
    (line,) = output.traceback
    assert line.startswith("PictureError: losses.softmax has no picture; these have one: ")


def test_a_text_is_judged_as_well(outputs):
    assert "SyntaxError" in shown(outputs, "a text", "text/html")
