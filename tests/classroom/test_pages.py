"""What the pages of a class say, and to whom."""

import html
import json
import os
import re
from datetime import datetime

import pytest
from classes import HANGS, RIGHT, SUMMED, notebook
from test_similarity import LONG

from grader.catalogue import Catalogue
from grader.checks.gates import gates
from grader.classroom.assignment import ALL
from grader.classroom.feedback import WITHOUT_CASES, KeptBack, shown
from grader.classroom.grades import page_name
from grader.classroom.overview import LONGEST_PROBLEM
from grader.classroom.pages import breakable

SECRET = "def mse_loss(prediction, target):\n    raise ValueError('SECRET')\n"


@pytest.fixture
def assignment(tmp_path):
    """Write an assignment file of one exercise with more lines of its own."""

    def write(*lines):
        path = tmp_path / "week.toml"
        path.write_text("\n".join(['exercises = ["losses.mse_loss"]', *lines]), "utf-8")
        return path

    return write


@pytest.fixture
def words(tmp_path):
    """Return what a page says, without its tags: a student's, or the report."""

    def read(student=""):
        name = f"feedback/{page_name(student)}.html" if student else "report.html"
        text = (tmp_path / "out" / name).read_text("utf-8").partition("</head>")[2]
        return " ".join(html.unescape(re.sub(r"<[^>]*>", "", text.replace("</td>", " "))).split())

    return read


@pytest.fixture(params=['"all"', '["losses.mse_loss"]'])
def kept_back(request, handed_in, graded, assignment, words):
    """Grade a class; return what students are told where every case is kept back."""

    def grade(**files):
        graded(handed_in(**files), assignment=assignment(f"hidden = {request.param}"))
        return {student: section(words(student), "Exercises") for student in files}

    return grade


def section(page, heading):
    return page.partition(heading)[2]


# Feedback.


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ("def mse_loss(:", "SyntaxError"),
        ("1 / 0", "ZeroDivisionError"),
        (b"\xff\xfe", "losses.py is not UTF-8"),
        ("x = 1", "There is no function mse_loss in your file."),
        ("def mse_loss(prediction): ...", "It is written mse_loss(prediction)"),
        ({"losses.pdf": ""}, "There is no losses.py there."),
        ({f"part{i}.py": "" for i in range(65)}, "More than 64"),
    ],
)
def test_what_no_case_decided_is_told_though_all_is_hidden(kept_back, files, says):
    told = kept_back(ann=files)["ann"]
    assert says in told
    assert "hidden case" not in told


def test_a_gate_that_asks_a_case_stays_hidden(kept_back):
    told = kept_back(ann=SECRET, bob=SUMMED)
    assert "runs on a small example (a hidden case did not pass)" in told["ann"]
    assert "SECRET" not in told["ann"]
    assert "added up" not in told["bob"]


def test_a_mistake_stays_hidden_where_a_gate_is_told():
    wrong = {"name": "can be called as f(x)", "status": "failed", "message": "no", "advice": ""}
    told = {"checks": [wrong], "mistake": {"id": "m", "message": "SECRET"}}
    row = {"exercise": "toy.f", "status": "failed", "score": 0.0, "max_score": 1.0, "seed": 7}
    seen = shown({**row, "report": json.dumps(told)}, KeptBack(ALL))
    assert (seen["checks"][0]["message"], seen["mistake"]) == ("no", "")


def test_two_gates_of_every_exercise_ask_no_case():
    for exercise in Catalogue().find(["losses", "training"]):
        names = [gate.name for gate in gates(exercise.question)]
        assert [n for n in names if n.startswith(WITHOUT_CASES)] == names[:2]
        assert not any(check.name.startswith(WITHOUT_CASES) for check in exercise.checks)


def test_feedback_gives_no_advice_for_the_time_before_handing_in(handed_in, graded, words):
    graded(handed_in(ann={"notes.txt": ""}, bob=HANGS), seconds=0.3)
    assert "There is no losses.py there." in words("ann")
    assert "learnkit init" not in words("ann")
    assert "Look for a loop whose condition never becomes false." in words("bob")
    assert "--timeout" not in words("bob")


def test_it_is_said_which_checks_are_counted(handed_in, graded, words):
    graded(handed_in(ann=RIGHT))
    assert "hidden checks: 2 of 2. Only checks that carry points are counted." in words("ann")


@pytest.mark.parametrize("told", ["2026-09-19 21:59 UTC", "2026-09-19 21:59:20 UTC"])
def test_times_have_one_form(handed_in, graded, assignment, words, told):
    place = handed_in(ann={"losses.py": RIGHT})
    when = datetime.fromisoformat(told.replace(" UTC", "Z")).timestamp()
    os.utime(place / "ann" / "losses.py", (when, when))
    graded(place, assignment=assignment("due = 2036-09-20T23:59:00+02:00"))
    assert f"Handed in {told}, due 2036-09-20 21:59 UTC." in words("ann")


# The report.


def test_the_seeds_are_those_of_the_results(handed_in, graded, words):
    place = handed_in(ann=RIGHT, bob=SUMMED)
    first = graded(place).run.seed
    second = graded(place).run.seed
    assert first != second
    assert f"seed {first}" in words()
    assert str(second) not in words()
    handed_in(cay=RIGHT)
    third = graded(place).run.seed
    assert f"seeds {first}, {third}" in words()


def test_the_report_names_files_that_could_not_be_judged(handed_in, graded, words):
    graded(
        handed_in(
            ann=RIGHT,
            bob=SUMMED,
            cay={"essay.pdf": ""},
            dan=b"\xff\xfe",
            eve="def mse_loss(:",
            fay=f"raise RuntimeError({'x' * 2000!r})",
            gus=SECRET,
            hal={"random.py": "", "losses.py": "<b>"},
            ian={"losses.ipynb": notebook("1 / 0\n" + RIGHT)},
        )
    )
    told = section(words(), "Submissions with something wrong").partition("Everybody")[0]
    assert "cay There is no losses.py there." in told
    assert "dan losses.py is not UTF-8" in told
    assert re.search(r"eve Loading your file failed\. SyntaxError: .* line 1", told)
    assert re.search(r"hal random\.py .* Loading your file failed", told)
    assert re.search(r"ian There is no function mse_loss .* raised ZeroDivisionError", told)
    assert not {"ann", "bob", "gus"} & set(told.split())
    assert len(told.partition("fay ")[2].partition(" hal ")[0]) <= LONGEST_PROBLEM + len(" ...")


def test_names_with_commas_are_kept_apart(handed_in, graded, words, tmp_path):
    roster = tmp_path / "class.csv"
    roster.write_text('student,name\nann,"Lee, Ann"\nzed,"Ek, Zed"\nyin,"Ba, Yin"\n')
    graded(handed_in(ann=RIGHT), roster=roster)
    assert "Ek, Zed; Ba, Yin" in words()


def test_it_is_said_how_many_copies_are_not_listed(handed_in, graded, words):
    graded(handed_in(**dict.fromkeys(("ann", "bob", "cay", "dan"), RIGHT + LONG)))
    assert "Copies that more than 3 people handed in would not." in words()


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("losses.svm_loss", "losses.<wbr>svm_<wbr>loss"),
        ("<b>.x", "&lt;b&gt;.<wbr>x"),
        ("a\x1b.b", "a\N{REPLACEMENT CHARACTER}.<wbr>b"),
    ],
)
def test_an_id_may_be_broken_where_it_has_parts(name, shown):
    assert breakable(name) == shown
