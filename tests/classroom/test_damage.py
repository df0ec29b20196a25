"""Results that are damaged, in the way or of another time: a sentence, and nothing is lost."""

import os
import sqlite3
import zlib

import pytest
from classes import RIGHT, SUMMED

from grader.classroom.assignment import AssignmentError, read
from grader.classroom.errors import ClassroomError
from grader.classroom.grades import csv_line
from grader.classroom.run import replay
from grader.classroom.store import FILE, LOCK, BusyError, Store


def change(folder, statement, *values):
    with sqlite3.connect(folder / FILE) as db:
        db.execute(statement, values)
    db.close()


# Replays.


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        ("UPDATE results SET score = 0.25", "0.25 points then, 2 now"),
        ("UPDATE results SET status = 'failed'", "failed then, passed now"),
        ("UPDATE results SET mistake = 'summed'", "summed then, no mistake now"),
        ("DELETE FROM results", "nothing was kept of it"),
    ],
)
def test_a_replay_tells_whatever_differs(handed_in, graded, tmp_path, statement, says):
    graded(handed_in(ann=RIGHT))
    assert replay(tmp_path / "out", "ann").differences == ()
    change(tmp_path / "out", statement)
    (difference,) = replay(tmp_path / "out", "ann").differences
    assert says in difference


def test_a_replay_compares_what_was_asked_then(handed_in, graded, tmp_path):
    place = handed_in(ann=RIGHT, bob=RIGHT)
    graded(place)
    (place / "ann" / "losses.py").unlink()
    (place / "ann").rmdir()
    graded(place, topics=("losses.softmax",))
    assert replay(tmp_path / "out", "ann").differences == ()
    change(tmp_path / "out", "UPDATE results SET score = 1 WHERE student = 'ann'")
    assert len(replay(tmp_path / "out", "ann").differences) == 1


# What is kept.


def test_another_date_of_what_is_kept_is_noted(handed_in, graded, tmp_path):
    place = handed_in(ann=RIGHT)
    for when in (1_700_000_000, 1_800_000_000):
        os.utime(place / "ann" / "losses.py", (when, when))
        graded(place)
        with Store(tmp_path / "out") as store:
            assert store.submission("ann").handed_in == when
    assert graded(place).kept == 1


def test_one_student_graded_alone_does_not_end_a_run_that_was_interrupted(
    handed_in, graded, tmp_path
):
    place = handed_in(ann=RIGHT, bob=RIGHT)
    graded(place)
    change(tmp_path / "out", "UPDATE runs SET finished = NULL")
    change(tmp_path / "out", "DELETE FROM submissions")
    with Store(tmp_path / "out") as store:
        seed = store.last_run().seed
    graded(place, only="ann")
    done = graded(place)
    assert (done.run.seed, done.graded, done.kept) == (seed, 1, 1)
    assert graded(place).run.seed != seed


def test_no_two_students_share_a_page(handed_in, graded, tmp_path):
    second = "a B"
    third = f"A b-{zlib.crc32(second.encode()):08x}"
    graded(handed_in(**{"A b": RIGHT, second: RIGHT, third: RIGHT, third.swapcase(): RIGHT}))
    pages = [path.name.casefold() for path in (tmp_path / "out" / "feedback").iterdir()]
    assert len(set(pages)) == 4


# Damage.


def test_a_damaged_lock_is_not_taken_for_another_run(handed_in, graded, tmp_path):
    place = handed_in(ann=RIGHT)
    graded(place)
    (tmp_path / "out" / LOCK).write_text("no database, but long enough to be read as one\n" * 40)
    with pytest.raises(ClassroomError, match="is damaged: remove it") as raised:
        graded(place)
    assert not isinstance(raised.value, BusyError)


@pytest.mark.parametrize("name", ["feedback", "grades.csv", "report.html"])
def test_what_is_in_the_way_is_named(handed_in, graded, tmp_path, name):
    (tmp_path / "out").mkdir()
    if name == "feedback":
        (tmp_path / "out" / name).write_text("a file")
    else:
        (tmp_path / "out" / name / "within").mkdir(parents=True)
    with pytest.raises(ClassroomError, match=name):
        graded(handed_in(ann=RIGHT))


def test_links_that_lead_back_are_told(handed_in, graded, tmp_path):
    (tmp_path / "out").symlink_to(tmp_path / "out")
    with pytest.raises(ClassroomError, match="cannot be"):
        graded(handed_in(ann=RIGHT))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE runs SET asked = 'no JSON'",
        "UPDATE submissions SET problems = 'no JSON'",
        "UPDATE files SET content = x'00ff'",
        "UPDATE submissions SET problems = CAST(x'ff22' AS TEXT)",
        "DROP TABLE results",
    ],
)
def test_damaged_results_are_told_in_a_sentence(handed_in, graded, tmp_path, statement):
    graded(handed_in(ann=RIGHT, bob=SUMMED))
    change(tmp_path / "out", statement)
    with pytest.raises(ClassroomError, match=r"the results in .* cannot be read or kept"):
        replay(tmp_path / "out", "ann")


# What somebody wrote.


@pytest.mark.parametrize("due", ["9999-12-31T23:59:59-14:00", "0001-01-01", "12:00:00", '"soon"'])
def test_a_due_date_beyond_all_dates_is_told(tmp_path, built_in, due):
    path = tmp_path / "week.toml"
    path.write_text(f'exercises = ["losses.mse_loss"]\ndue = {due}\n')
    with pytest.raises(AssignmentError, match="due must be a date"):
        read(path, built_in)


def test_a_roster_that_names_nobody_is_told(handed_in, graded, tmp_path):
    path = tmp_path / "class.csv"
    path.write_text("student,name\n\n")
    with pytest.raises(ClassroomError, match="names nobody"):
        graded(handed_in(ann=RIGHT), roster=path)


def test_topics_that_are_none_are_not_all_of_them(command, tmp_path):
    done = command("grade", str(tmp_path), "--out", str(tmp_path / "out"), "--topics", ",")
    assert (done.exit_code, "names nothing" in done.output) == (2, True)


def test_a_sentence_does_not_steer_the_terminal_nor_fill_it(command, tmp_path, handed_in, graded):
    graded(handed_in(**{"ann\x1b[31m": RIGHT}))
    done = command("replay", str(tmp_path / "out"), "ann" + "x" * 10_000)
    assert done.exit_code == 2
    assert "\x1b" not in done.output
    assert len(done.output) < 3_000


@pytest.mark.parametrize("cell", ["=1+1", "x;=1+1", "x;-1", "x;+1;@y"])
def test_no_cell_is_a_formula_whatever_separates_cells(cell):
    (line,) = csv_line([cell]).splitlines()
    assert not any(part[:1] in set("=+-@") for part in line.strip('"').split(";"))
