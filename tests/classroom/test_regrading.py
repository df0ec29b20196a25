"""What a second command does to results that are there: it keeps, refuses or takes back."""

import json
import os
import signal
import subprocess
import sys

import pytest
from classes import HANGS, RIGHT, SUMMED, WEEK, Here

from grader.catalogue import Catalogue
from grader.classroom import run
from grader.classroom.errors import ClassroomError
from grader.classroom.grades import added
from grader.classroom.progress import Lines
from grader.student.limits import Level


@pytest.fixture
def roster(tmp_path):
    path = tmp_path / "class.csv"
    path.write_text("login,name,id\nann,Ann Lee,1\nzed,Zed Ek,2\namueller,Anna Müller,123\n")
    return path


# What is asked.


@pytest.mark.parametrize(
    "more",
    ["", '[points]\n"losses.mse_loss" = 3', 'hidden = "all"', "due = 2026-11-30"],
    ids=["as declared", "points", "hidden", "due"],
)
def test_an_assignment_that_was_forgotten_replaces_nothing(
    handed_in, graded, results, monkeypatch, more
):
    """Even where everything is asked that there is, and only the rules are others."""
    declared = Catalogue().find(["losses.mse_loss"])
    monkeypatch.setattr(Catalogue, "find", lambda *_: declared)
    place = handed_in(ann=RIGHT)
    week, table = place.with_name("week.toml"), place.parent / "out" / "grades.csv"
    week.write_text(WEEK + more)
    graded(place, assignment=week)
    before = results(), table.read_bytes()
    with pytest.raises(ClassroomError, match="--assignment, --topics or --gradebook"):
        graded(place, topics=(), force=True)
    assert (results(), table.read_bytes()) == before
    assert graded(place, assignment=week).kept == 1


def test_other_topics_are_asked_where_they_are_named(handed_in, graded, results):
    place = handed_in(ann=RIGHT)
    graded(place)
    graded(place, topics=("losses.softmax",))
    assert [each["id"] for each in results()["ann"]["exercises"]] == ["losses.softmax"]


def test_one_student_alone_is_not_asked_something_else(handed_in, graded, results, week):
    place = handed_in(ann=RIGHT, bob=SUMMED)
    graded(place)
    with pytest.raises(ClassroomError, match="leave out --only"):
        graded(place, topics=("losses.softmax",), only="ann")
    assert results()["bob"]["score"] > 0
    assert graded(place, assignment=week, only="ann", force=True).graded == 1, "the same questions"


# Who is meant.


def test_a_name_on_the_roster_means_a_submission(handed_in, graded, tmp_path, roster):
    home = "Anna Müller_123_assignsubmission_file_"
    place = handed_in(ann=RIGHT, **{home: RIGHT})
    assert graded(place, roster=roster, only="amueller").graded == 1
    assert graded(place, only="amueller").kept == 1
    graded(place)
    assert run.replay(tmp_path / "out", "amueller").differences == ()


def test_whoever_handed_in_nothing_is_said_to_have_done_so(handed_in, graded, tmp_path, roster):
    place = handed_in(ann=RIGHT)
    graded(place, roster=roster)
    with pytest.raises(ClassroomError, match="zed is on the roster and has handed in nothing"):
        graded(place, only="zed")
    with pytest.raises(ClassroomError, match="zed is on the roster and has handed in nothing"):
        run.replay(tmp_path / "out", "zed")


@pytest.mark.parametrize(
    ("typed", "near"),
    [
        ("Anna", "Anna Müller_123?"),
        ("müller", "Anna Müller_123 or bea müller?"),
        ("bea", "bea müller?"),
        ("a", "Anna Müller_123 or ann or amueller?"),
        ("amuelller", "amueller or bea müller?"),
    ],
)
def test_a_part_of_a_name_suggests_it(handed_in, graded, roster, typed, near):
    home = "Anna Müller_123_assignsubmission_file_"
    place = handed_in(**{"bea müller": RIGHT, home: RIGHT})
    graded(place, roster=roster)
    out = place.parent / "out"
    for ask in (
        lambda: run.replay(out, typed),
        lambda: graded(place, only=typed),
        lambda: run.override(out, typed, "losses.mse_loss", 1, why="x"),
    ):
        with pytest.raises(ClassroomError) as told:
            ask()
        assert str(told.value).endswith(f"did you mean {near}")


# What is told of it.


def test_progress_counts_what_is_graded_and_not_what_is_kept(handed_in, graded, tmp_path, capsys):
    place = handed_in(ann=RIGHT, bob=RIGHT, cay=RIGHT)
    graded(place)
    handed_in(bob=SUMMED)
    plan = run.Plan(place, tmp_path / "out", Catalogue(), ("losses.mse_loss",), level=Level.LAPTOP)
    run.grade_class(plan, Lines(sys.stdout), Here)
    assert [line[:13] for line in capsys.readouterr().out.splitlines()] == ["graded 1 of 1"]
    run.grade_class(plan, Lines(sys.stdout), Here)
    assert capsys.readouterr().out == ""


@pytest.mark.skipif(os.name != "posix", reason="SIGTERM of a POSIX system")
def test_a_run_that_is_asked_to_end_does_so_in_order(handed_in, tmp_path):
    place = handed_in(ann=RIGHT, bob=HANGS, cay=HANGS)
    words = ("grade", place, "--out", tmp_path / "out", "--topics", "losses.mse_loss")
    limits = ("--level", "laptop", "--jobs", "1", "--timeout", "0.5")
    process = subprocess.Popen(
        [sys.executable, "-c", "from grader.cli import main; main()", *map(str, words), *limits],
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr.readline().startswith("graded 1 of 3")
    process.send_signal(signal.SIGTERM)
    said = process.communicate()[1]
    assert process.returncode == 128 + signal.SIGTERM
    assert said == "learnkit: ended early; what was graded is kept, run it again to go on\n"


# Points.


@pytest.fixture
def annas(handed_in, graded, roster, tmp_path):
    """Grade the submission of somebody whom the roster calls otherwise; return the results."""
    graded(handed_in(**{"Anna Müller_123_assignsubmission_file_": SUMMED}), roster=roster)
    return tmp_path / "out"


@pytest.mark.parametrize("name", ["Anna Müller_123", "amueller"])
def test_points_given_by_hand_are_taken_back(annas, results, command, name):
    """By the name of the submission or the roster's, whichever they were given by."""
    out, page = annas, annas / "feedback" / "Anna Müller_123.html"
    before = results(), page.read_text("utf-8")
    words = ("override", out, name, "losses.mse_loss")
    for points in ("1.5", "2"):
        assert command(*words, points, "--why", "seen in person").exit_code == 0
    assert results()["Anna Müller_123"]["score"] == 2.0
    assert "seen in person" in page.read_text("utf-8")
    done = command("override", out, "amueller", "losses.mse_loss", "--undo")
    assert done.exit_code == 0, done.output
    assert "has the grader's points" in done.stdout
    assert (results(), page.read_text("utf-8")) == before
    again = command(*words, "--undo")
    assert again.exit_code == 2
    assert "was given no points by hand" in again.stderr


@pytest.mark.parametrize("more", [(), ("2", "--undo", "--why", "x")])
def test_points_are_given_or_taken_back(handed_in, graded, tmp_path, command, more):
    graded(handed_in(ann=RIGHT))
    done = command("override", tmp_path / "out", "ann", "losses.mse_loss", *more)
    assert done.exit_code == 2
    assert "give points, or --undo" in done.stderr


@pytest.mark.parametrize("points", ["2", "3"])
def test_more_points_than_there_are_to_give_are_mentioned(
    handed_in, graded, tmp_path, command, points
):
    graded(handed_in(ann=RIGHT))
    done = command("override", tmp_path / "out", "ann", "losses.mse_loss", points, "--why", "bonus")
    assert done.exit_code == 0
    assert ("more than losses.mse_loss is worth: 2" in done.stderr) == (points == "3")


def test_sums_of_thirds_are_whole():
    assert added([1.666667, 0.666667, 0.666667]) == 3.0
    assert added([0.1] * 3) == 0.3


def test_full_marks_add_up_to_all_that_there_are(handed_in, graded, results, tmp_path, week):
    """Whatever an assignment says that an exercise is worth."""
    week.write_text(
        'exercises = ["losses.mse_loss", "losses.softmax"]\n'
        "[points]\nlosses.mse_loss = 0.33333333\nlosses.softmax = 0.66666667\n"
    )
    softmax = """
import numpy as np
def softmax(x, temperature=1.0):
    e = np.exp((x - x.max(axis=1, keepdims=True)) / temperature)
    return e / e.sum(axis=1, keepdims=True)
"""
    graded(handed_in(ann=RIGHT + softmax, bob=SUMMED), assignment=week)
    told = results()["ann"]
    assert {each["status"] for each in told["exercises"]} == {"passed"}
    assert told["score"] == told["max_score"] == 1.0
    for line in run.lines(tmp_path / "out"):
        assert json.loads(line)["score"] == round(json.loads(line)["score"], 4)
