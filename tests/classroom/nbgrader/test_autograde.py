"""The real nbgrader from end to end: a class hands in, and everybody gets what is due to them."""

import csv
import json
import re
import sqlite3

import pytest

pytest.importorskip("nbgrader.api", reason="the extra `classroom` is not installed")

from handed_in import (
    BY_HAND,
    EXERCISES,
    FULL,
    POINTS,
    SEED,
    TESTS,
    Papers,
    cell_of,
    code,
    expected,
    with_cells,
    without,
)

SUMMED = """def mse_loss(prediction, target):
    error = prediction - target
    return (error**2).sum(), 2 * error
"""
HANGS = "def mse_loss(prediction, target):\n    while True:\n        pass\n"
WARNED = "import sys, warnings\nwarnings.warn('careful')\nprint('!', file=sys.stderr)\n"
MESSY = (
    "%matplotlib inline\nimport math",
    "!pip list\nlisting = !ls\nprint('so far so good')",
    "%%time\nprint(math.pi)",
    "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()",
    "name = input('your name? ')",
    "this is no Python",
    "np.mean?",
)


@pytest.fixture(scope="module")
def course(make_ps1, nbgrader):
    """Return a course of which a class has been graded, with feedback and exported grades."""
    late = "c.LateSubmissionPlugin.penalty_method = 'zero'"
    root = make_ps1(f"c.Judge.seed = {SEED}", late)
    nbgrader(root, "db", "student", "add", "missing")
    with sqlite3.connect(root / "gradebook.db") as db:
        db.execute("UPDATE assignment SET duedate = '2026-11-20 12:00:00.000000'")
    db.close()
    papers = Papers(root / "source/ps1/losses.ipynb", root / "release/ps1/losses.ipynb")
    for student, text in class_of(papers).items():
        home = root / "submitted" / student / "ps1"
        home.mkdir(parents=True)
        data = text if isinstance(text, bytes) else json.dumps(text).encode()
        (home / "losses.ipynb").write_bytes(data)
    late = root / "submitted/late/ps1/timestamp.txt"
    late.write_text("2026-11-21 12:00:00 UTC", encoding="utf-8")
    nbgrader(root, "autograde", "ps1")
    nbgrader(root, "generate_feedback", "ps1")
    nbgrader(root, "export")
    return root


@pytest.fixture(scope="module")
def papers(course):
    return Papers(course / "source/ps1/losses.ipynb", course / "release/ps1/losses.ipynb")


def class_of(papers):
    """Return what everybody hands in."""
    twice = papers.filled(mse_loss=SUMMED)
    twice["cells"].insert(3, cell_of(twice, TESTS[EXERCISES[0]]))
    edited = papers.filled()
    test = cell_of(edited, TESTS[EXERCISES[0]])
    test["source"] = "99"
    test["metadata"]["nbgrader"] |= {"points": 99, "locked": False, "schema_version": 7}
    test["outputs"] = [{"output_type": "error", "ename": "E", "evalue": "", "traceback": []}]
    unknown = papers.filled()
    unknown["cells"].append(
        code("2 + 2", nbgrader={"grade_id": "bonus", "grade": True, "points": 50})
    )
    right = papers.filled()
    cell_of(right, "essay")["source"] = "It does not grow with the batch."
    return {
        "right": right,
        "wrong": papers.filled(mse_loss=SUMMED),
        "untouched": papers.untouched(),
        "late": papers.filled(),
        "empty": b"",
        "broken": json.dumps(papers.filled()).encode()[:-200],
        "not-one": b"[1, 2, 3]",
        "twice": twice,
        "deleted": without(papers.filled(mse_loss=SUMMED), *TESTS.values(), "imports", "essay"),
        "edited": edited,
        "unknown": unknown,
        "hangs": papers.filled(mse_loss=HANGS),
        "stuck": with_cells(papers.filled(), "while True:\n    pass", at=4),
        "messy": with_cells(
            papers.filled(mse_loss=WARNED + papers.answers["losses-mse_loss"]), *MESSY
        ),
    }


def scores(course, student):
    """Return the scores that the gradebook holds, by exercise, and which grades wait for somebody."""
    with sqlite3.connect(course / "gradebook.db") as db:
        rows = db.execute(
            "SELECT base_cell.name, auto_score, needs_manual_grade FROM grade"
            " JOIN base_cell ON base_cell.id = grade.cell_id"
            " JOIN submitted_notebook ON submitted_notebook.id = grade.notebook_id"
            " JOIN submitted_assignment ON submitted_assignment.id = submitted_notebook.assignment_id"
            " WHERE student_id = ?",
            (student,),
        ).fetchall()
    db.close()
    found = {name: score for name, score, _ in rows}
    return {e: found[t] for e, t in TESTS.items() if t in found}, {n for n, _, w in rows if w}


def exported(course):
    with (course / "grades.csv").open(encoding="utf-8", newline="") as file:
        return {row["student_id"]: row for row in csv.DictReader(file)}


def feedback(course, student):
    return (course / "feedback" / student / "ps1" / "losses.html").read_text("utf-8")


def words(page):
    """Return what a page says, without its tags."""
    return " ".join(re.sub(r"<(style|script).*?</\1>|<[^>]+>", " ", page, flags=re.DOTALL).split())


@pytest.mark.parametrize("student", ["right", "late", "edited", "unknown", "stuck", "messy"])
def test_right_answers_get_all_their_points_whatever_stands_around_them(course, student):
    assert scores(course, student)[0] == POINTS


@pytest.mark.parametrize("student", ["wrong", "twice", "deleted"])
def test_a_wrong_answer_gets_what_the_kit_itself_gives(course, papers, level, student):
    want = expected(papers, level, mse_loss=SUMMED)
    assert 0 < want["losses.mse_loss"] < POINTS["losses.mse_loss"]
    assert scores(course, student)[0] == want


@pytest.mark.parametrize("student", ["empty", "broken", "not-one", "untouched"])
def test_what_holds_no_answers_gets_no_points_and_the_batch_goes_on(course, student):
    assert scores(course, student)[0] == dict.fromkeys(EXERCISES, 0.0)


def test_a_call_that_never_ends_costs_its_own_points(course):
    assert scores(course, "hangs")[0] == {**POINTS, "losses.mse_loss": 0.0}


def test_grades_are_exported_and_lateness_costs_what_the_course_says(course):
    rows = exported(course)
    assert float(rows["right"]["score"]) == FULL
    assert (float(rows["late"]["raw_score"]), float(rows["late"]["score"])) == (FULL, 0.0)
    assert rows["late"]["timestamp"] == "2026-11-21 12:00:00"
    assert float(rows["missing"]["score"]) == 0.0
    assert {float(row["max_score"]) for row in rows.values()} == {FULL + 2 * BY_HAND}
    assert rows.keys() == {*class_of_names(course), "missing"}


def class_of_names(course):
    return {path.name for path in (course / "submitted").iterdir()}


@pytest.mark.parametrize("student", ["right", "deleted", "messy"])
def test_a_test_of_the_instructors_own_waits_for_whoever_teaches(course, student):
    """It is not run, and no points are given for that."""
    assert "own-test" in scores(course, student)[1]


def test_an_essay_waits_and_one_that_was_not_written_has_nothing(course):
    waiting = {s for s in class_of_names(course) if "essay" in scores(course, s)[1]}
    assert waiting == {"right"}


@pytest.mark.parametrize(
    ("student", "says"),
    [
        ("wrong", "added up"),
        ("empty", "losses.ipynb is empty"),
        ("broken", "not a notebook that can be read"),
        ("twice", "losses-mse_loss-check is there more than once"),
        ("deleted", "losses-mse_loss-check was missing"),
        ("edited", "losses-mse_loss-check was changed"),
        ("unknown", "bonus"),
        ("hangs", "did not finish"),
        ("stuck", "did not run to their end"),
        ("right", "Public checks passed; hidden checks: 2 of 2."),
        ("right", "was not run: whoever teaches the course gives its points"),
    ],
)
def test_the_feedback_says_what_happened(course, student, says):
    assert says in words(feedback(course, student))


def test_the_seed_is_kept_for_an_appeal_and_not_told_to_students(course):
    told = json.loads((course / "autograded/wrong/ps1/losses.ipynb").read_text("utf-8"))
    marks = [
        cell["metadata"]["learnkit"] for cell in told["cells"] if "learnkit" in cell["metadata"]
    ]
    assert [mark["exercise"] for mark in marks] == list(EXERCISES)
    assert {mark["seed"] for mark in marks} == {SEED}
    assert all(str(SEED) not in feedback(course, s) for s in class_of_names(course))


def test_feedback_asks_for_nothing_from_elsewhere_and_runs_nothing(course):
    page = feedback(course, "right")
    head = page.partition("</head>")[0]
    assert "Content-Security-Policy" in head
    assert "<script" not in head
