"""Courses for one test file, and nbgrader's own commands run in them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

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
