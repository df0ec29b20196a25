"""Other graders put to the same three exercises, each as its own documentation has it run."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.classroom.nbgrader.names import check_id

# What is asked of the three functions, as short as any instructor would write it.
ASKED = {
    "mse_loss": """
loss, dprediction = mse_loss(np.array([1.0, 3.0]), np.array([0.0, 1.0]))
assert abs(loss - 2.5) < 1e-9
assert np.allclose(dprediction, [1.0, 2.0])
""",
    "softmax": """
p = softmax(np.array([[0.0, np.log(3.0)], [1e4, 1e4]]))
assert np.allclose(p, [[0.25, 0.75], [0.5, 0.5]])
""",
    "softmax_loss": """
loss, dx = softmax_loss(np.array([[0.0, np.log(3.0)]]), np.array([1]))
assert abs(loss - np.log(4 / 3)) < 1e-9
assert np.allclose(dx, [[0.25, -0.25]])
""",
}


@dataclass(frozen=True)
class Peer:
    """Another grader.

    Parameters
    ----------
    measure
        Grades so many submissions with this text in a new folder; returns the seconds it took.
    needs
        What must be installed.
    install
        How to get it.
    must
        How many times faster ours must be.
    """

    name: str
    measure: Callable[[Path, int, str], float]
    needs: tuple[str, ...]
    install: str
    must: int


def timed(commands: Sequence[Sequence[str]], folder: Path) -> float:
    """Run commands one after the other, and return the seconds; a failure ends the benchmark."""
    # nbgrader starts alembic by its bare name.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    began = time.perf_counter()
    for command in commands:
        done = subprocess.run(
            [sys.executable, *command],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "PATH": path, "PYTHONWARNINGS": "ignore"},
        )
        if done.returncode:
            raise SystemExit(
                f"{' '.join(command)} failed:\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
            )
    return time.perf_counter() - began


def pytest_each(folder: Path, students: int, text: str) -> float:
    """Grade with a pytest process for each submission."""
    tests = "".join(
        f"def test_{name}():\n" + "".join(f"    {line}\n" for line in body.strip().splitlines())
        for name, body in ASKED.items()
    )
    for number in range(students):
        home = folder / f"student-{number}"
        home.mkdir(parents=True)
        (home / "losses.py").write_text(text, encoding="utf-8")
        head = "import numpy as np\nfrom losses import *\n"
        (home / "test_losses.py").write_text(head + tests, encoding="utf-8")
    command = ["-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", os.devnull, "--rootdir", "."]
    return timed(
        [[*command, str(home / "test_losses.py")] for home in sorted(folder.iterdir())], folder
    )


def nbgrader(folder: Path, students: int, text: str) -> float:
    """Grade with `nbgrader autograde`, notebooks run by its own Execute."""
    nbgrader_course(folder, students, text)
    return timed([["-m", "nbgrader", "autograde", "ps1", in_course(folder)]], folder)


def nbgrader_course(folder: Path, students: int, text: str, config: str = "") -> None:
    """Make a course to which so many have handed in this text.

    Its test cells bear the names by which learnkit finds its exercises: the same notebooks can be
    graded by either.
    """
    source = folder / "source" / "ps1"
    source.mkdir(parents=True)
    (folder / "nbgrader_config.py").write_text(f"c = get_config()\n{config}", encoding="utf-8")
    cells = [_cell("answers", text, solution=True)]
    cells += [
        _cell(check_id(f"losses.{name}"), body.strip(), points=1) for name, body in ASKED.items()
    ]
    notebook = json.dumps(_notebook(cells))
    (source / "losses.ipynb").write_text(notebook, encoding="utf-8")
    timed([["-m", "nbgrader", "generate_assignment", "ps1", "--force", in_course(folder)]], folder)
    for number in range(students):
        home = folder / "submitted" / f"student-{number}" / "ps1"
        home.mkdir(parents=True)
        (home / "losses.ipynb").write_text(notebook, encoding="utf-8")


def in_course(folder: Path) -> str:
    """Return the option that tells nbgrader where the course is."""
    return f"--CourseDirectory.root={folder}"


def otter(folder: Path, students: int, text: str) -> float:
    """Grade with `otter run` for each submission."""
    tests = folder / "tests"
    tests.mkdir(parents=True)
    for name, body in ASKED.items():
        lines = [f">>> {line}" for line in body.strip().splitlines()]
        case = {"code": "\n".join(lines), "hidden": False, "locked": False}
        suite = {"type": "doctest", "scored": True, "cases": [case]}
        told = {"name": name, "points": 1, "suites": [suite]}
        (tests / f"{name}.py").write_text(
            f"OK_FORMAT = True\n\ntest = {told!r}\n", encoding="utf-8"
        )
    made = ["-m", "otter", "generate", "-t", str(tests), "-o", str(folder / "autograder.zip")]
    timed([[*made, "--no-environment"]], folder)
    cells = [_plain("import numpy as np"), _plain(text)]
    for number in range(students):
        home = folder / f"student-{number}"
        home.mkdir()
        (home / "losses.ipynb").write_text(json.dumps(_notebook(cells)), encoding="utf-8")
    homes = sorted(folder.glob("student-*"))
    run = ["-m", "otter", "run", "-a", str(folder / "autograder.zip")]
    return timed([[*run, "-o", str(home), str(home / "losses.ipynb")] for home in homes], folder)


def _notebook(cells: Sequence[dict[str, Any]]) -> dict[str, Any]:
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {"kernelspec": kernel, "language_info": {"name": "python"}},
        "cells": [{"id": f"cell-{i}", **cell} for i, cell in enumerate(cells)],
    }


def _plain(source: str) -> dict[str, Any]:
    cell: dict[str, Any] = {
        "cell_type": "code",
        "execution_count": None,
        "metadata": {},
        "outputs": [],
    }
    return {**cell, "source": source}


def _cell(name: str, source: str, *, solution: bool = False, points: int = 0) -> dict[str, Any]:
    told: dict[str, Any] = {
        "grade": bool(points),
        "solution": solution,
        "locked": not solution,
        "task": False,
        "schema_version": 3,
        "grade_id": name,
        "cell_type": "code",
    }
    told |= {"points": points} if points else {}
    return {**_plain(source), "metadata": {"nbgrader": told}}


PEERS = (
    Peer(
        "nbgrader autograde",
        nbgrader,
        ("nbgrader", "ipykernel"),
        "pip install 'learnkit-nn[classroom]'",
        50,
    ),
    Peer("otter run", otter, ("otter", "ipykernel"), "pip install otter-grader", 200),
    Peer("a pytest process each", pytest_each, ("pytest",), "pip install pytest", 10),
)
