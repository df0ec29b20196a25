"""The quick way: all are graded at once, and nbgrader's own gradebook holds what autograde gives."""

import csv
import json
import sqlite3

import pytest

pytest.importorskip("nbgrader.api", reason="the extra `classroom` is not installed")

from handed_in import (
    BY_HAND,
    POINTS,
    SEED,
    TESTS,
    Papers,
    cell_of,
    without,
)

# nbgrader's own remarks on SQLAlchemy are not ours to mend.
pytestmark = pytest.mark.filterwarnings("ignore")

SUMMED = "def mse_loss(p, t):\n    error = p - t\n    return (error**2).sum(), 2 * error\n"
SHOUTS = "def softmax(x, temperature=1.0):\n    raise ValueError('</textarea>\\n<b>*hey*</b>')\n"


@pytest.fixture(scope="module")
def course(make_ps1, nbgrader):
    """Return a course that has been autograded in nbgrader's way."""
    late = "c.LateSubmissionPlugin.penalty_method = 'zero'"
    root = make_ps1(f"c.Judge.seed = {SEED}", late)
    nbgrader(root, "db", "student", "add", "missing")
    change(root, "UPDATE assignment SET duedate = '2026-11-20 12:00:00.000000'")
    papers = Papers(root / "source/ps1/losses.ipynb", root / "release/ps1/losses.ipynb")
    right = papers.filled()
    cell_of(right, "essay")["source"] = "It does not grow with the batch."
    class_ = {
        "right": right,
        "wrong": papers.filled(mse_loss=SUMMED, softmax=SHOUTS),
        "late": papers.filled(softmax=SHOUTS),
        "empty": "",
        "deleted": without(papers.filled(), *TESTS.values(), "imports"),
    }
    for student, text in class_.items():
        home = root / "submitted" / student / "ps1"
        home.mkdir(parents=True)
        (home / "losses.ipynb").write_text(json.dumps(text) if text else "", encoding="utf-8")
    late = root / "submitted/late/ps1/timestamp.txt"
    late.write_text("2026-11-21 12:00:00 UTC", encoding="utf-8")
    nbgrader(root, "autograde", "ps1")
    return root


def change(course, statement):
    with sqlite3.connect(course / "gradebook.db") as db:
        db.execute(statement)
    db.close()


def held(course):
    """Return all that the gradebook holds of everybody's grades, penalties and times."""
    with sqlite3.connect(course / "gradebook.db") as db:
        rows = db.execute(
            "SELECT student_id, base_cell.name, auto_score, manual_score, needs_manual_grade,"
            " late_submission_penalty, timestamp FROM grade"
            " JOIN base_cell ON base_cell.id = grade.cell_id"
            " JOIN submitted_notebook ON submitted_notebook.id = grade.notebook_id"
            " JOIN submitted_assignment ON submitted_assignment.id = submitted_notebook.assignment_id"
        ).fetchall()
    db.close()
    return {(student, name): rest for student, name, *rest in rows}


def comments(course, student):
    with sqlite3.connect(course / "gradebook.db") as db:
        rows = db.execute(
            "SELECT base_cell.name, auto_comment FROM comment"
            " JOIN base_cell ON base_cell.id = comment.cell_id"
            " JOIN submitted_notebook ON submitted_notebook.id = comment.notebook_id"
            " JOIN submitted_assignment ON submitted_assignment.id = submitted_notebook.assignment_id"
            " WHERE student_id = ?",
            (student,),
        ).fetchall()
    db.close()
    return dict(rows)


@pytest.fixture
def quick(course, command, tmp_path):
    """Grade the quick way; return what was said, and the exit code."""

    def grade(*words, book=None, place=None):
        return command(
            "grade",
            str(place or course / "submitted"),
            "--gradebook",
            str(book or course / "gradebook.db"),
            "--out",
            str(tmp_path / "out"),
            *words,
        )

    return grade


def test_the_gradebook_holds_what_autograde_gives_and_twice_the_same(course, quick):
    before = held(course)
    assert before["wrong", TESTS["losses.mse_loss"]][0] < POINTS["losses.mse_loss"]
    change(course, "UPDATE grade SET auto_score = NULL, needs_manual_grade = 1")
    change(course, "UPDATE submitted_notebook SET late_submission_penalty = 77")
    done = quick()
    assert done.exit_code == 0, done.output
    assert "5 submissions of ps1 stand in" in done.output
    assert held(course) == before
    assert quick().exit_code == 0
    assert held(course) == before


def test_submissions_that_the_gradebook_has_not_are_made(course, quick):
    before = held(course)
    for table in ("grade", "comment", "submitted_notebook", "submitted_assignment"):
        change(course, f"DELETE FROM {table}")
    assert quick().exit_code == 0
    assert held(course) == before


def test_nbgrader_exports_it_late_ones_as_late(course, quick, nbgrader):
    assert quick().exit_code == 0
    nbgrader(course, "export")
    with (course / "grades.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["student_id"]: row for row in csv.DictReader(file)}
    assert float(rows["right"]["score"]) == sum(POINTS.values())
    assert float(rows["late"]["raw_score"]) > 0
    assert (float(rows["late"]["score"]), rows["late"]["timestamp"]) == (0.0, "2026-11-21 12:00:00")
    assert float(rows["missing"]["score"]) == 0.0
    assert float(rows["right"]["max_score"]) == sum(POINTS.values()) + 2 * BY_HAND


def test_comments_name_the_mistake_and_can_do_no_harm(course, quick):
    assert quick().exit_code == 0
    told = comments(course, "wrong")
    assert "The squared errors are added up" in told["losses-mse_loss"]
    said = told["losses-softmax"]
    assert "<b>" in said
    assert all(line.startswith("    ") for line in said.splitlines()[2:])
    assert told["losses-softmax_loss"].startswith("Passed.")
    assert str(SEED) not in "".join(filter(None, told.values()))
    assert comments(course, "right")["essay"] is None
    assert comments(course, "wrong")["essay"] == "No response."


def test_what_somebody_gave_by_hand_stays(course, quick):
    assert quick().exit_code == 0
    change(
        course,
        "UPDATE grade SET manual_score = 1.5, needs_manual_grade = 0 WHERE cell_id IN"
        " (SELECT id FROM base_cell WHERE name = 'essay')",
    )
    by_hand = {key: row[:3] for key, row in held(course).items()}  # the penalty grows with it
    assert quick().exit_code == 0
    assert {key: row[:3] for key, row in held(course).items()} == by_hand
    change(course, "UPDATE grade SET manual_score = NULL")


def test_who_is_no_student_of_the_gradebooks_is_told_in_one_sentence(course, quick):
    assert quick().exit_code == 0
    before = held(course)
    home = course / "submitted" / "stranger" / "ps1"
    home.mkdir(parents=True)
    text = (course / "submitted/right/ps1/losses.ipynb").read_text("utf-8")
    (home / "losses.ipynb").write_text(text, encoding="utf-8")
    try:
        done = quick()
    finally:
        (home / "losses.ipynb").unlink()
        home.rmdir()
        home.parent.rmdir()
    assert done.exit_code == 2
    assert "has no student stranger" in done.output
    assert held(course) == before


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--assignment-name", "ps9"), 'no assignment "ps9" (known: ps1)'),
        (("--topics", "losses"), "the gradebook says what is asked"),
    ],
)
def test_what_cannot_be_done_is_said(quick, words, says):
    done = quick(*words)
    assert (done.exit_code, says in done.output) == (2, True), done.output


def test_a_gradebook_that_is_none_is_left_alone(quick, tmp_path):
    other = tmp_path / "other.db"
    with sqlite3.connect(other) as db:
        db.execute("CREATE TABLE mine (a)")
    db.close()
    text = tmp_path / "text.db"
    text.write_text("no database, but text that is long enough to be read as one\n" * 40, "utf-8")
    before = {path: path.read_bytes() for path in (other, text)}
    for book in (other, text, tmp_path / "none.db"):
        done = quick(book=book)
        assert done.exit_code == 2
        assert str(book) in done.output
    assert {path: path.read_bytes() for path in (other, text)} == before
    assert not (tmp_path / "none.db").exists()


def test_the_name_of_an_assignment_needs_a_gradebook(command, tmp_path):
    done = command("grade", str(tmp_path), "--out", "out", "--assignment-name", "ps1")
    assert (done.exit_code, "goes with --gradebook" in done.output) == (2, True)
