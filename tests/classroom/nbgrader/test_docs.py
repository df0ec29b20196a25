"""The how-to for instructors, typed word for word: from an empty folder to exported grades."""

import csv
import json
import os
import re
import shlex
import shutil
import sqlite3
import subprocess
import sys
import textwrap
from dataclasses import dataclass
from pathlib import Path

import pytest

from grader.catalogue import Rooms

pytest.importorskip("nbgrader.api", reason="courses are graded with the extra `classroom`")

from handed_in import Papers, best_level

HOW_TO = Rooms.own().lessons.parent / "nbgrader.md"
BLOCK = re.compile(r"^ *```(\w+)( student)?\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
SUMMED = """def mse_loss(prediction, target):
    difference = prediction - target
    return np.sum(difference**2), 2 * difference
"""
# What stands in for people and for other systems: files that the how-to takes for granted.
CLASS = (
    "id,first_name,last_name,email\nada,Ada,Byron,ada@example.org\nben,Ben,Kay,ben@example.org\n"
)
FROM_CANVAS = (
    "Student,ID,SIS User ID,SIS Login ID,Section\n"
    '"Byron, Ada",11,,ada,One\n"Kay, Ben",12,,ben,One\n'
)
FULL = 20.0  # of all losses, with 3 points for the first

pytestmark = [
    pytest.mark.skipif(os.name != "posix", reason="nbgrader's exchange is for POSIX systems"),
    pytest.mark.skipif(shutil.which("bash") is None, reason="the commands are typed in bash"),
    pytest.mark.skipif(not HOW_TO.is_file(), reason="the tests run outside the source tree"),
    pytest.mark.filterwarnings("default"),
]


@dataclass
class Stage:
    """Where the how-to is played: the instructor's shell, a student's folder, and what was said.

    Parameters
    ----------
    here
        Where the instructor's shell stands.
    home
        A student's folder: Ada's, and for a moment Ben's, who hands in there.
    env
        What both shells know.
    said
        What each command printed.
    """

    here: Path
    home: Path
    env: dict
    said: dict

    def configured(self, person):
        """Return the folder of a person's own settings: who they are, and where the exchange is."""
        folder = Path(self.env["JUPYTER_CONFIG_DIR"], person or "instructor")
        folder.mkdir(parents=True, exist_ok=True)
        root = self.home.parent
        told = {
            "Exchange.root": root / "exchange",
            "Exchange.cache": root / "cache" / person,
            "CourseDirectory.student_id": person or "*",
        }
        lines = [f"c.{name} = {str(value)!r}\n" for name, value in told.items()]
        text = "".join(["c = get_config()\n", *lines])
        (folder / "nbgrader_config.py").write_text(text, encoding="utf-8")
        return folder

    def type(self, block, *, student="", **more):
        """Run a block of commands in bash, each of which must succeed."""
        env = {**self.env, **more, "JUPYTER_CONFIG_DIR": str(self.configured(student))}
        for line in block.strip().splitlines():
            done = subprocess.run(
                ["bash", "-e", "-c", f'{line}\npwd -P > "$HOME/where"'],
                cwd=self.home if student else self.here,
                env=env,
                capture_output=True,
                text=True,
                check=False,
            )
            assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
            self.said[line] = done.stdout + done.stderr
            if not student:
                self.here = Path((Path(env["HOME"]) / "where").read_text("utf-8").strip())


def answered(release, source, **answers):
    """Return the released notebook with right answers, or others."""
    return json.dumps(Papers(source, release).filled(**answers))


def scores(course):
    with sqlite3.connect(course / "gradebook.db") as db:
        rows = db.execute(
            "SELECT student_id, SUM(auto_score) FROM grade"
            " JOIN submitted_notebook ON submitted_notebook.id = grade.notebook_id"
            " JOIN submitted_assignment ON submitted_assignment.id = submitted_notebook.assignment_id"
            " GROUP BY student_id"
        ).fetchall()
    db.close()
    return dict(rows)


@pytest.fixture(scope="module")
def stage(tmp_path_factory, surroundings):
    """Type the whole how-to; students hand in where it says that they do."""
    root = tmp_path_factory.mktemp("how-to")
    (root / "desk").mkdir()
    (root / "ada").mkdir()
    played = Stage(root / "desk", root / "ada", {**surroundings, "PIP_NO_INDEX": "1"}, {})
    kept = {}
    for language, student, text in BLOCK.findall(HOW_TO.read_text(encoding="utf-8")):
        block = textwrap.dedent(text)
        course = root / "desk" / "course"
        source, release = (course / f / "losses" / "losses.ipynb" for f in ("source", "release"))
        if language == "python":
            with (course / "nbgrader_config.py").open("a", encoding="utf-8") as file:
                file.write(f"\n{block}\nc.Judge.level = {best_level().value!r}\n")
            continue
        if "student import" in block:
            (course / "students.csv").write_text(CLASS, encoding="utf-8")
        if "from-canvas.csv" in block:
            (course / "from-canvas.csv").write_text(FROM_CANVAS, encoding="utf-8")
        if "nbgrader submit" in block:
            mine = played.home / "losses" / "losses.ipynb"
            right = answered(mine, source)
            mine.write_text(answered(release, source, mse_loss=SUMMED), encoding="utf-8")
            played.type(block, student="ben")
            mine.write_text(right, encoding="utf-8")
        more = {}
        if "whl" in block:  # where students work: not here
            more = {"PIP_TARGET": str(root / "hub"), "PIP_NO_DEPS": "1"}
        played.type(block, student="ada" if student else "", **more)
        for name in ("nbgrader autograde", "learnkit grade"):
            if name in block:
                kept[name] = scores(course)
    played.said["scores"] = kept
    played.said["course"] = root / "desk" / "course"
    return played


@pytest.fixture(scope="module")
def course(stage):
    return stage.said["course"]


def rows(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_command_of_the_how_to_can_be_typed(stage):
    typed = [line for line in stage.said if line.startswith(("nbgrader", "learnkit", "pip"))]
    assert len(typed) >= 16


def test_right_answers_get_all_points_and_a_wrong_one_costs_its_share(stage):
    given = stage.said["scores"]["nbgrader autograde"]
    assert given["ada"] == FULL
    assert FULL - 3 <= given["ben"] < FULL


def test_the_quick_way_gives_the_same_points(stage):
    assert stage.said["scores"]["learnkit grade"] == stage.said["scores"]["nbgrader autograde"]


def test_grades_are_exported_for_each_system(course, stage):
    given = {name: pytest.approx(score) for name, score in scores(course).items()}
    assert {row["student_id"]: float(row["score"]) for row in rows(course / "grades.csv")} == given
    moodle = {row["Email address"]: row["losses"] for row in rows(course / "moodle.csv")}
    assert {name.partition("@")[0]: float(told) for name, told in moodle.items()} == given
    canvas = {row["SIS Login ID"]: row["losses"] for row in rows(course / "canvas.csv")[1:]}
    assert {name: float(told) for name, told in canvas.items()} == given


def test_the_student_finds_feedback_that_names_the_mistake(course, stage):
    (mine,) = (stage.home / "losses" / "feedback").rglob("losses.html")
    assert "losses.mse_loss" in mine.read_text(encoding="utf-8")
    page = (course / "feedback" / "ben" / "losses" / "losses.html").read_text(encoding="utf-8")
    assert "the mean also divides by how many" in " ".join(re.sub("<[^>]+>", " ", page).split())


def test_what_the_student_fetched_holds_no_model_answer(course, stage):
    text = (course / "release" / "losses" / "losses.ipynb").read_text(encoding="utf-8")
    assert "BEGIN SOLUTION" not in text
    assert "difference.size" not in text


def test_the_students_wheel_is_installed_where_students_work(stage, course):
    code = "import grader; print(grader.__version__, grader.__file__)"
    hub = course.parent.parent / "hub"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=hub,
        env={**os.environ, "PYTHONPATH": str(hub)},
        capture_output=True,
        text=True,
        check=True,
    )
    version, _, place = done.stdout.strip().partition(" ")
    assert version.endswith("+student")
    assert Path(place).is_relative_to(hub)


@pytest.mark.parametrize("page", ["nbgrader.md"])
def test_every_page_that_the_how_to_names_is_there(page):
    text = (HOW_TO.parent / page).read_text(encoding="utf-8")
    for name in re.findall(r"\]\(([\w.-]+\.md)", text):
        assert (HOW_TO.parent / name).is_file(), name


def test_the_commands_in_the_text_exist(learnkit):
    """What stands in a sentence is not typed, but it is a command."""
    from nbgrader.apps import NbGraderApp

    from grader.cli import cli

    text = BLOCK.sub("", HOW_TO.read_text(encoding="utf-8"))
    for words in re.findall(r"`((?:learnkit|nbgrader) [a-z_ -]+)", text):
        program, name, *_ = shlex.split(words)
        known = cli.commands if program == "learnkit" else NbGraderApp().subcommands
        assert name in known, words
