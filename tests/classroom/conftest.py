"""Small classes, graded in this process."""

import functools
import json

import pytest
from classes import WEEK, Here

from grader.catalogue import Catalogue
from grader.classroom import judging, run
from grader.student.limits import Level


@pytest.fixture(scope="session", autouse=True)
def _no_server_is_left():
    yield
    judging.close()


@pytest.fixture(autouse=True)
def _one_kit(monkeypatch):
    """Let the kit be the same all through a test, whatever is edited meanwhile."""
    text = run.kit_text()
    monkeypatch.setattr(run, "kit_text", lambda folders=(): text)


@pytest.fixture
def handed_in(tmp_path):
    """Write submissions: for each student a text, or files by name."""

    def write(**students):
        place = tmp_path / "submissions"
        for student, files in students.items():
            home = place / student
            home.mkdir(parents=True, exist_ok=True)
            named = {"losses.py": files} if isinstance(files, (str, bytes)) else files
            for name, text in named.items():
                data = text if isinstance(text, bytes) else text.encode()
                (home / name).write_bytes(data)
        return place

    return write


@pytest.fixture
def week(tmp_path):
    """Return an assignment of one exercise."""
    path = tmp_path / "week.toml"
    path.write_text(WEEK)
    return path


@pytest.fixture
def graded(tmp_path):
    """Grade a place in this process; return what was done."""

    def grade(place, **options):
        told = {"topics": ("losses.mse_loss",), "level": Level.LAPTOP, "catalogue": Catalogue()}
        if "assignment" in options:
            told["topics"] = ()
        plan = run.Plan(place, tmp_path / "out", **{**told, **options})
        return run.grade_class(plan, make=Here)

    return grade


@pytest.fixture
def results(tmp_path):
    """Return the lines of JSON by student."""

    def read():
        return {told["student"]: told for told in map(json.loads, run.lines(tmp_path / "out"))}

    return read


@pytest.fixture
def command(learnkit, monkeypatch):
    """Run a command of the command line; `grade` works in this process."""
    monkeypatch.setattr(run, "grade_class", functools.partial(run.grade_class, make=Here))
    return learnkit
