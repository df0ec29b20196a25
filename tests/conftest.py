"""What several test files share: a warm server, a command line, and small kits to break."""

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from grader.catalogue import Catalogue, Rooms, Topic
from grader.cli import cli
from grader.engine import judge
from grader.models import ModelAnswers
from grader.student.launch import Launcher, launcher
from grader.student.limits import Limits
from grader.student.session import Session
from grader.student.submission import from_text

TESTS = Path(__file__).resolve().parent


@pytest.fixture(scope="module")
def server():
    """Serve all sessions of a test file from one warm process."""
    started = launcher()
    yield started
    started.close()


class Borrowed(Launcher):
    """A launcher that somebody else will close."""

    def __init__(self, lender):
        self.level = lender.level
        self.open = lender.open

    def open(self, limits):
        raise NotImplementedError

    def close(self):
        pass


@pytest.fixture(scope="module")
def built_in():
    return Catalogue()


@pytest.fixture(scope="module")
def judged(server):
    """Judge the answer to an exercise in a text."""

    def judge_text(exercise, text, *, seed=0):
        with Session(from_text(text, exercise.topic.name), server, Limits()) as session:
            return judge(exercise, session, seed)

    return judge_text


@pytest.fixture
def learnkit(server, monkeypatch):
    """Run a command in this process, its output 80 columns wide and without colour."""
    monkeypatch.setattr("grader.cli.launcher", lambda: Borrowed(server))
    for name in ("FORCE_COLOR", "TTY_COMPATIBLE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("NO_COLOR", "1")

    def run(*args):
        return CliRunner().invoke(cli, [str(arg) for arg in args], prog_name="learnkit")

    return run


@pytest.fixture
def here(tmp_path, monkeypatch):
    """Stand in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def meadow(tmp_path):
    """Copy the kit of the tests, and make edits in it: its file, what stands there, what should."""

    def grown(*edits):
        root = tmp_path / "meadow"
        shutil.copytree(TESTS / "kits" / "meadow", root)
        for file, old, new in edits:
            text = (root / file).read_text(encoding="utf-8")
            assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {file}"
            (root / file).write_text(text.replace(old, new), encoding="utf-8")
        return root

    return grown


@pytest.fixture
def toy(tmp_path):
    """Make a topic whose model answers are the given text."""

    def made(text, name="toy"):
        rooms = Rooms(
            *(tmp_path / room for room in ("topics", "answers", "stubs", "truth", "docs"))
        )
        topic = Topic(name, "A topic for one test", rooms=rooms)
        topic.answers = ModelAnswers(name, text)
        return topic

    return made
