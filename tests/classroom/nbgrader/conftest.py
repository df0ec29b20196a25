"""Courses for one test file, and nbgrader's own commands run in them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from handed_in import EXERCISES, POINTS, SECONDS, add_mine, best_level

from grader.catalogue import Catalogue
from grader.classroom.nbgrader import course as courses


@pytest.fixture(scope="module")
def surroundings(tmp_path_factory):
    """Return an environment in which nbgrader finds nobody's configuration but the course's."""
    home = tmp_path_factory.mktemp("home")
    folders = {"HOME": home, "JUPYTER_CONFIG_DIR": home / "config", "IPYTHONDIR": home / "ipython"}
    return {
        **os.environ,
        **{name: str(folder) for name, folder in folders.items()},
        # As in an environment that is activated: nbgrader starts `alembic` by its bare name.
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
        "JUPYTER_PLATFORM_DIRS": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }


@pytest.fixture(scope="module")
def make_course(tmp_path_factory):
    """Build a course in a folder of its own; return where."""

    def make(*names, points=(), assignment=""):
        root = tmp_path_factory.mktemp("teaching") / "course"
        asked = courses.plan(root, Catalogue(), names=names, points=points, assignment=assignment)
        courses.build(asked)
        return root

    return make


@pytest.fixture(scope="module")
def nbgrader(surroundings):
    """Run one of nbgrader's commands in a course; it is to succeed unless told otherwise."""

    def run(course, *words, succeeds=True):
        done = subprocess.run(
            [sys.executable, "-m", "nbgrader", *words],
            cwd=course,
            env=surroundings,
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode == 0) == succeeds, done.stderr
        return done

    return run


@pytest.fixture(scope="module")
def level():
    """Return the highest level that can be had."""
    return best_level()


@pytest.fixture(scope="module")
def make_ps1(make_course, nbgrader, level):
    """Make a course with one assignment, ps1, generated; more lines may be set, cells added."""

    def make(*settings, mine=True):
        points = [f"{name}={worth}" for name, worth in POINTS.items()]
        root = make_course(*EXERCISES, points=points, assignment="ps1")
        if mine:
            add_mine(root / "source" / "ps1" / "losses.ipynb")
        lines = [f"c.Judge.level = {level.value!r}", f"c.Judge.seconds = {SECONDS}", *settings]
        with (root / "nbgrader_config.py").open("a", encoding="utf-8") as file:
            file.writelines(f"{line}\n" for line in lines)
        nbgrader(root, "generate_assignment", "ps1")
        return root

    return make
