"""What students hand in for the course of these tests: from its release, changed in some way."""

import copy
import json
import os

import pytest

from grader.classroom.judging import Asked, Task, report_of
from grader.student.launch import launcher
from grader.student.limits import IsolationUnavailableError, Level, Limits

EXERCISES = ("losses.mse_loss", "losses.softmax", "losses.softmax_loss")
POINTS = {"losses.mse_loss": 2.0, "losses.softmax": 2.5, "losses.softmax_loss": 3.0}
FULL = sum(POINTS.values())
BY_HAND = 4.0  # what an essay and a test of the instructor's are worth, each
SECONDS = 2.0
SEED = 20_261_121
TESTS = {name: f"{name.replace('.', '-')}-check" for name in EXERCISES}
MINE = {  # cells that an instructor adds
    "essay": (
        "markdown",
        "Why is the mean better than the sum?",
        {"grade": True, "solution": True},
    ),
    "own-test": ("code", "assert mse_loss(1.0, 1.0)[0] == 0", {"grade": True, "locked": True}),
}


def best_level():
    """Return the highest level that can be had; one that must be had is never passed over."""
    for level in (Level.STRICT, Level.INNER, Level.LAPTOP):
        try:
            launcher(level).close()
        except IsolationUnavailableError:
            if level in os.environ.get("LEARNKIT_TEST_LEVELS", "").split():
                raise
            continue
        return level
    return pytest.skip("no submission can be run here")


def add_mine(path):
    """Add an instructor's own cells to a source notebook."""
    told = json.loads(path.read_text("utf-8"))
    for name, (kind, source, roles) in MINE.items():
        made = {"cell_type": kind, "id": name, "source": source}
        made |= {"outputs": [], "execution_count": None} if kind == "code" else {}
        known = {"grade": False, "solution": False, "locked": False, "task": False, **roles}
        known |= {"grade_id": name, "schema_version": 3, "points": BY_HAND, "cell_type": kind}
        told["cells"].append({**made, "metadata": {"nbgrader": known}})
    path.write_text(json.dumps(told), "utf-8")


class Papers:
    """The released notebook, and ways to fill it in.

    Parameters
    ----------
    source, release
        The notebooks' paths.
    """

    def __init__(self, source, release):
        self.release = json.loads(release.read_text("utf-8"))
        told = json.loads(source.read_text("utf-8"))
        self.answers = {
            name_of(cell): "".join(cell["source"])
            for cell in told["cells"]
            if cell["metadata"].get("nbgrader", {}).get("solution")
        }

    def filled(self, **answers):
        """Return a notebook with right answers, or others: `mse_loss` a text."""
        made = copy.deepcopy(self.release)
        for cell in made["cells"]:
            name = name_of(cell)
            if name in self.answers and cell["cell_type"] == "code":
                cell["source"] = answers.get(name.removeprefix("losses-"), self.answers[name])
        return made

    def untouched(self):
        """Return the notebook as it was handed out."""
        return copy.deepcopy(self.release)


def name_of(cell):
    return cell["metadata"].get("nbgrader", {}).get("grade_id", "")


def cell_of(notebook, name):
    """Return a cell by its grade_id."""
    return next(cell for cell in notebook["cells"] if name_of(cell) == name)


def without(notebook, *names):
    notebook["cells"] = [cell for cell in notebook["cells"] if name_of(cell) not in names]
    return notebook


def code(source, **metadata):
    """Return a cell of the student's own."""
    return {
        "cell_type": "code",
        "id": f"own-{abs(hash(source)) % 10**9}",
        "source": source,
        "metadata": metadata,
        "outputs": [],
        "execution_count": 1,
    }


def with_cells(notebook, *sources, at=0):
    """Return a notebook with more cells of code, at the beginning or elsewhere."""
    notebook["cells"][at:at] = [code(source) for source in sources]
    return notebook


def expected(papers, level, **answers):
    """Return what the kit itself gives for these answers, by exercise."""
    texts = [papers.answers["losses-" + n] for n in ("mse_loss", "softmax", "softmax_loss")]
    texts = [
        answers.get(n.partition(".")[2], text) for n, text in zip(EXERCISES, texts, strict=True)
    ]
    asked = Asked(EXERCISES, POINTS, level, Limits(seconds=SECONDS), 5)
    file = {"losses.py": "\n\n".join(["import numpy as np", *texts]).encode()}
    start = launcher(level)
    try:
        report, _ = report_of(Task("", file, {}, "", asked, SEED), start)
    finally:
        start.close()
    return {exercise.id: exercise.score for exercise in report.exercises}
