"""Grades for other systems: what is written is read as that system reads it, and compared."""

import csv
import json
import os
import shlex
import shutil
import stat
import subprocess
import sys
import warnings
import zipfile
from pathlib import Path

import pytest
from classes import HANGS, RIGHT, STUB, SUMMED, WEEK, notebook

import grader
from grader.catalogue import Catalogue
from grader.classroom import grades, run
from grader.classroom.errors import ClassroomError
from grader.classroom.exports.autograder import build, judge
from grader.classroom.store import Store
from grader.classroom.wheel import wheel
from grader.student.limits import IsolationUnavailableError, Level

DOCS = Path(__file__).resolve().parents[2] / "docs" / "exports.md"
CANVAS = """\
Student,ID,SIS User ID,SIS Login ID,Section,Week 2 (77),Week 3 (4711),Final Score
    Points Possible,,,,,10,2,(read only)
"Lee, Ann",101,S1,ann,A,5,,90
"Ek, Bob",102,S2,bob,A and B,,,
"Fox, Cay",103,S3,cay,B,,,
"Zed, Zoe",104,S4,zoe,B,7,1,
"=cmd|' /C calc'!A0",105,S5,eve,B,,,
"Student, Test",999,,test,,,,
"""
PEOPLE = """\
First name,Last name,ID number,Email address,Username
Ann,Lee,S1,Ann.Lee@uni.example,ann
Bob,Ek,S2,bob@uni.example,bob
Cay,Fox,S3,,cay
Eve,=cmd,S5,+eve@uni.example,eve
"""


@pytest.fixture
def results_of(tmp_path, handed_in, graded, week):
    """Grade a class of four in this process; return the folder of results."""

    def grade(**students):
        place = handed_in(**(students or {"ann": RIGHT, "bob": SUMMED, "cay": STUB, "eve": RIGHT}))
        graded(place, assignment=week)
        return tmp_path / "out"

    return grade


@pytest.fixture
def platform(tmp_path, handed_in, graded, week):
    """Grade submissions that the class's roster alone links to people; return the results."""
    path = tmp_path / "class.csv"
    rows = [("x1", "Ann Lee", "Ann.Lee@uni.example"), ("x2", "Bo Ek", "bob@uni.example")]
    rows += [("x3", "Cay Fox", ""), ("x4", "Ann Lee", "other@uni.example"), ("x5", "Bob Ek", "")]
    path.write_text("login,name,email\n" + "\n".join(map(",".join, rows)))
    graded(handed_in(**{row[0]: RIGHT for row in rows}), roster=path, assignment=week)
    return tmp_path / "out"


@pytest.fixture
def canvas_list(tmp_path):
    path = tmp_path / "gradebook.csv"
    path.write_text(CANVAS)
    return path


@pytest.fixture
def people(tmp_path):
    path = tmp_path / "participants.csv"
    path.write_text(PEOPLE)
    return path


def kept(folder):
    """Return everybody's points, as the results have them."""
    with Store(folder) as store:
        return {each.student: each.score for each in grades.standings(store) if each.kept}


def table(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file, strict=True))


def as_canvas_reads(path):
    """Read a file by the rules of Canvas's importer: points by column, grades by column and ID."""
    header, *rows = table(path)
    assert "Student" in header[0]
    assert "ID" in header[1]
    assert header[2:4] == ["SIS User ID", "SIS Login ID"]
    assert "Section" in header[4], "the last column on the student, without which all is refused"
    points, found = {}, {}
    for row in rows:
        assert len(row) == len(header)
        cells = dict(zip(header[5:], row[5:], strict=True))
        if "Points Possible" in row[0]:
            points = {name: float(cell) for name, cell in cells.items()}
        else:
            found[row[1]] = {name: float(cell) for name, cell in cells.items()}
    return points, found


# Canvas.


def test_canvas_reads_what_the_results_hold(results_of, canvas_list, learnkit):
    folder = results_of()
    run.override(folder, "cay", "losses.mse_loss", 1.25, why="=by another convention")
    done = learnkit("export", folder, "--to", "canvas", "--roster", canvas_list)
    assert done.exit_code == 0, done.stderr
    assert "4 students" in done.stdout
    points, found = as_canvas_reads(folder / "canvas.csv")
    assert points == {"Week 3 (4711)": 2.0}, "the column that Canvas has already"
    want = kept(folder)
    assert want["cay"] == 1.25
    assert found == {
        number: {"Week 3 (4711)": pytest.approx(want[student], abs=5e-5)}
        for number, student in (("101", "ann"), ("102", "bob"), ("103", "cay"), ("105", "eve"))
    }


def test_who_handed_in_nothing_keeps_what_canvas_has(results_of, canvas_list, learnkit):
    """Unless zeros are asked for; and who is not in Canvas is named."""
    folder = results_of(ann=RIGHT, mia=RIGHT)
    done = learnkit("export", folder, "--to", "canvas", "--roster", canvas_list)
    assert "does not list them: mia" in done.stderr
    assert set(as_canvas_reads(folder / "canvas.csv")[1]) == {"101"}


def test_zeros_are_given_where_they_are_asked_for(handed_in, graded, canvas_list, here, learnkit):
    """Canvas's assignment is found by the title that is given."""
    graded(handed_in(ann=RIGHT), roster=canvas_list)
    words = ("export", "out", "--to", "canvas", "--roster", canvas_list, "--title", "Week 3")
    assert learnkit(*words).exit_code == 0
    assert set(as_canvas_reads(here / "out" / "canvas.csv")[1]) == {"101"}
    assert learnkit(*words, "--zeros").exit_code == 0
    _, found = as_canvas_reads(here / "out" / "canvas.csv")
    assert found["104"] == {"Week 3 (4711)": 0.0}
    assert found["101"] == {"Week 3 (4711)": 2.0}


def test_canvas_needs_its_own_list(results_of, learnkit):
    done = learnkit("export", results_of(), "--to", "canvas")
    assert done.exit_code == 2
    assert "--roster FILE (in Canvas: Grades, Export)" in done.stderr


def test_a_list_of_another_kind_is_no_gradebook_of_canvas(results_of, people, learnkit):
    done = learnkit("export", results_of(), "--to", "canvas", "--roster", people)
    assert done.exit_code == 2
    assert "has no column Student" in done.stderr


@pytest.mark.parametrize(
    ("title", "says"),
    [("Final Score", "choose another with --title"), ("Twice", "Canvas has 2 assignments")],
)
def test_a_title_that_canvas_would_not_read_is_refused(
    results_of, canvas_list, learnkit, title, says
):
    head, _, rest = CANVAS.partition("\n")
    canvas_list.write_text(f"{head},Twice (1),Twice (2)\n{rest}")
    done = learnkit(
        "export", results_of(), "--to", "canvas", "--roster", canvas_list, "--title", title
    )
    assert done.exit_code == 2
    assert says in done.stderr


def test_two_submissions_of_one_person_are_told(results_of, canvas_list, learnkit):
    folder = results_of(ann=RIGHT, S1=SUMMED)
    done = learnkit("export", folder, "--to", "canvas", "--roster", canvas_list)
    assert done.exit_code == 2
    assert "are both ann there" in done.stderr


# Moodle.


WAYS = {
    "email": ["Email address", "Ann.Lee@uni.example", "bob@uni.example", "'+eve@uni.example"],
    "idnumber": ["ID number", "S1", "S2", "S3", "S5"],
    "username": ["Username", "ann", "bob", "cay", "eve"],
}


@pytest.mark.parametrize("by", WAYS)
def test_moodle_reads_what_the_results_hold(results_of, people, learnkit, by):
    folder = results_of()
    done = learnkit("export", folder, "--to", "moodle", "--roster", people, "--by", by)
    assert done.exit_code == 0, done.stderr
    header, *rows = table(folder / "moodle.csv")
    assert header[1:] == ["Week 3", "Week 3 (feedback)"]
    assert [row[0] for row in (header, *rows)] == WAYS[by]
    want = [score for student, score in kept(folder).items() if (by, student) != ("email", "cay")]
    assert [float(row[1]) for row in rows] == pytest.approx(want, abs=5e-5)
    assert rows[0][2].startswith("losses.mse_loss: 2 of 2, passed.")
    assert "the mean also divides by how many" in rows[1][2]
    told = ("Email address is empty there: cay", "a spreadsheet would run +eve@uni.example")
    assert all((by == "email") == (words in done.stderr) for words in told)


def test_without_a_list_the_names_are_usernames(results_of, learnkit):
    folder = results_of(ann=RIGHT, bob=SUMMED)
    assert learnkit("export", folder, "--to", "moodle").exit_code == 0
    header, *rows = table(folder / "moodle.csv")
    assert header[0] == "Username"
    assert [row[0] for row in rows] == ["ann", "bob"]
    assert learnkit("export", folder, "--to", "moodle", "--by", "email").exit_code == 2


def test_moodle_finds_people_by_what_the_roster_calls_them(platform, people, learnkit):
    """By name or address; but not by a name that two bear, though one of them is listed."""
    done = learnkit("export", platform, "--to", "moodle", "--roster", people, "--by", "username")
    assert done.exit_code == 2
    assert "are both bob there" in done.stderr, "one of them by address, one by name"
    people.write_text(PEOPLE.replace("Bob", "Rob"))
    done = learnkit("export", platform, "--to", "moodle", "--roster", people, "--by", "username")
    assert done.exit_code == 0, done.stderr
    assert [row[0] for row in table(platform / "moodle.csv")[1:]] == ["ann", "bob", "cay"]
    assert "does not list them: x4, x5\n" in done.stderr


def test_results_of_the_first_schema_are_read(platform, people, learnkit):
    with Store(platform) as store:
        store._db.execute("ALTER TABLE roster DROP COLUMN known_as")
        store._db.execute("PRAGMA user_version = 1")
    people.write_text(PEOPLE.replace("Bob", "Rob"))
    done = learnkit("export", platform, "--to", "moodle", "--roster", people, "--by", "username")
    assert done.exit_code == 0, done.stderr
    assert [row[0] for row in table(platform / "moodle.csv")[1:]] == ["cay"], "by names alone"


def test_everybody_who_is_left_out_is_named(results_of, people, learnkit):
    strangers = [f"guest{i:02}" for i in range(12)]
    folder = results_of(ann=RIGHT, **dict.fromkeys(strangers, STUB))
    done = learnkit("export", folder, "--to", "moodle", "--roster", people)
    assert f"does not list them: {', '.join(strangers)}\n" in done.stderr


@pytest.mark.parametrize("to", ["canvas", "moodle", "csv"])
def test_a_folder_is_written_into(results_of, canvas_list, tmp_path, learnkit, to):
    roster = ("--roster", canvas_list) if to == "canvas" else ()
    done = learnkit("export", results_of(), "--to", to, "--out", tmp_path, *roster)
    assert done.exit_code == 0, done.stderr
    name = "grades.csv" if to == "csv" else f"{to}.csv"
    assert f"wrote {tmp_path / name}" in done.stdout.replace("\n", "")
    assert (tmp_path / name).is_file()


def test_a_participants_number_is_no_username(tmp_path, graded, week, learnkit):
    place = tmp_path / "submissions" / "Ann Lee_12345_assignsubmission_file_"
    place.mkdir(parents=True)
    (place / "losses.py").write_text(RIGHT)
    graded(place.parent, assignment=week)
    done = learnkit("export", tmp_path / "out", "--to", "moodle")
    assert done.exit_code == 2
    assert "give a list of the participants with --roster FILE" in done.stderr


def test_comments_keep_back_what_is_hidden(results_of, tmp_path, week, learnkit):
    """A recognised mistake would tell of a hidden case; an override's reason is for all to see."""
    week.write_text(f'{WEEK}hidden = "all"\n')
    folder = results_of(ann=SUMMED, bob=SUMMED)
    run.override(folder, "bob", "losses.mse_loss", 2, why="see the lecture", by="Kay")
    assert learnkit("export", folder, "--to", "moodle").exit_code == 0
    _, ann, bob = table(folder / "moodle.csv")
    assert "divides by" not in ann[2]
    assert "Points given by Kay: see the lecture" in bob[2]
    assert float(bob[1]) == 2.0


# What none of them may do.


def test_a_failure_of_the_graders_is_no_grade(results_of, canvas_list, learnkit, tmp_path):
    folder = results_of()
    with Store(folder) as store, store.transaction():
        store._db.execute("UPDATE results SET status = 'grader_error' WHERE student = 'bob'")
    for words in (("canvas", "--roster", canvas_list, "--zeros"), ("moodle", "--zeros")):
        done = learnkit("export", folder, "--to", *words)
        assert "the grader failed on them: bob" in done.stderr
        assert "bob" not in (folder / f"{words[0]}.csv").read_text("utf-8")
    learnkit("export", folder, "--to", "gradescope")
    told = json.loads((folder / "gradescope" / "bob.json").read_text("utf-8"))
    assert "not your fault" in told["output"]
    assert "tests" not in told


def test_points_given_by_hand_stand_in_for_a_failure_of_the_graders(results_of, learnkit):
    folder = results_of()
    with Store(folder) as store, store.transaction():
        store._db.execute("UPDATE results SET status = 'grader_error' WHERE student = 'bob'")
        exercises = store.exercises()
    for name, points in exercises.items():
        learnkit("override", folder, "bob", name, str(points), "--why", "looked at by hand")
    done = learnkit("export", folder, "--to", "moodle", "--zeros")
    assert "the grader failed" not in done.stderr
    (bob,) = [row for row in table(folder / "moodle.csv") if row[0] == "bob"]
    assert float(bob[1]) == sum(exercises.values())
    assert "the grader failed" not in (folder / "grades.csv").read_text("utf-8")


@pytest.mark.parametrize("title", ["=1+1", "@SUM(A1)", "+Week", "-Week", "\t=1"])
def test_no_cell_is_a_formula(results_of, canvas_list, people, learnkit, title):
    folder = results_of()
    for words in (("canvas", canvas_list), ("moodle", people)):
        assert (
            learnkit(
                "export", folder, "--to", words[0], "--roster", words[1], "--title", title
            ).exit_code
            == 0
        )
        cells = [cell for row in table(folder / f"{words[0]}.csv") for cell in row]
        assert not [cell for cell in cells if cell.strip()[:1] in set("=+-@")]


def test_csv_is_the_grades_as_they_stand_now(results_of, learnkit, tmp_path):
    folder = results_of()
    done = learnkit("export", folder, "--to", "csv", "--out", tmp_path / "g.csv", "--by", "email")
    assert (tmp_path / "g.csv").read_text("utf-8") == (folder / "grades.csv").read_text("utf-8")
    assert "--by makes no difference to csv" in done.stderr


def test_results_that_are_not_there_are_said_to_be_missing(learnkit, tmp_path):
    done = learnkit("export", tmp_path, "--to", "csv")
    assert done.exit_code == 2
    assert "holds no results" in done.stderr


def test_a_run_that_has_not_ended_is_told(results_of, learnkit):
    folder = results_of()
    with Store(folder) as store, store.transaction():
        store._db.execute("UPDATE runs SET finished = NULL")
    assert "has not ended" in learnkit("export", folder, "--to", "moodle").stderr


# Gradescope.

VISIBLE = {"hidden", "after_due_date", "after_published", "visible"}
FORMATS = {"text", "html", "simple_format", "md", "ansi"}


def as_gradescope_reads(path):
    """Read results by the documented format: every key is known, and of its kind."""
    told = json.loads(path.read_text(encoding="utf-8"))
    known = {
        "score": float,
        "execution_time": float,
        "output": str,
        "output_format": str,
        "visibility": str,
        "stdout_visibility": str,
        "tests": list,
    }
    assert {name: type(value) for name, value in told.items()} == {n: known[n] for n in told}
    assert "score" in told or told["tests"]
    assert told["visibility"] == "visible"
    assert told["stdout_visibility"] in VISIBLE - {"visible"}, "it could tell of hidden cases"
    for test in told.get("tests", ()):
        assert set(test) == {
            *("name", "name_format", "score", "max_score", "status", "output", "output_format"),
            "visibility",
        }
        assert test["status"] in {"passed", "failed"}
        assert test["visibility"] == "visible", "or no total is shown"
        assert test["output_format"] in FORMATS
        assert 0 <= test["score"] <= test["max_score"]
    return told


def test_gradescope_reads_what_the_results_hold(results_of, learnkit):
    folder = results_of(ann=RIGHT, bob=SUMMED, **{"=dan": STUB})
    run.override(folder, "=dan", "losses.mse_loss", 1, why="shown in person")
    assert learnkit("export", folder, "--to", "gradescope").exit_code == 0
    for student, score in kept(folder).items():
        told = as_gradescope_reads(folder / "gradescope" / f"{grades.page_name(student)}.json")
        assert sum(test["score"] for test in told["tests"]) == pytest.approx(score, abs=5e-5)
    bob = as_gradescope_reads(folder / "gradescope" / "bob.json")["tests"][0]["output"]
    assert "the mean also divides by how many" in " ".join(bob.split())
    assert "seed" not in bob


def test_gradescope_shows_nothing_of_what_is_hidden(results_of, week, learnkit):
    week.write_text(f'{WEEK}hidden = "all"\n')
    folder = results_of(bob=SUMMED)
    learnkit("export", folder, "--to", "gradescope")
    (test,) = as_gradescope_reads(folder / "gradescope" / "bob.json")["tests"]
    assert "a hidden case did not pass" in test["output"]
    for word in ("expected:", "got:", "called:", "divides by"):
        assert word not in test["output"]


# The autograder.


@pytest.fixture(scope="module")
def kit():
    """Keep one wheel for all: the same files give the same bytes, unless somebody edits them."""
    return wheel()


def test_the_wheel_holds_the_kit_as_it_stands(kit, tmp_path):
    name, data = kit
    assert name == f"learnkit_nn-{grader.__version__}-py3-none-any.whl"
    (tmp_path / name).write_bytes(data)
    words = ("install", "--no-deps", "--no-index", "--quiet", "--target", tmp_path / "there")
    done = subprocess.run(
        [sys.executable, "-m", "pip", *words, tmp_path / name],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    check = "import grader, grader.catalogue as c; print(grader.__file__, c.Rooms.own().solutions)"
    there = {**os.environ, "PYTHONPATH": str(tmp_path / "there")}
    told = subprocess.run(
        [sys.executable, "-c", check],
        capture_output=True,
        text=True,
        check=True,
        env=there,
        cwd=tmp_path,
    ).stdout
    assert told.split() == [
        str(tmp_path / "there" / "grader" / "__init__.py"),
        str(tmp_path / "there" / "grader" / "_rooms" / "solutions"),
    ]


@pytest.fixture
def autograder(tmp_path, monkeypatch, kit):
    """Build the zip and lay it out as Gradescope does; return a run of its own script."""
    monkeypatch.setattr(build, "wheel", lambda: kit)
    home = tmp_path / "autograder"

    def laid_out(**options):
        told = {"topics": ("losses.mse_loss",), "level": Level.LAPTOP, **options}
        built = build.build(tmp_path / "a.zip", build.Autograder(Catalogue(), **told))
        assert built == ["losses.mse_loss"]
        subprocess.run(
            [sys.executable, "-m", "zipfile", "-e", tmp_path / "a.zip", home / "source"], check=True
        )
        (home / "submission").mkdir()
        (home / "results").mkdir()
        shutil.copy(home / "source" / "run_autograder", home / "run_autograder")
        (home / "run_autograder").chmod(0o755)
        return home

    return laid_out


def installed(home):
    """Install as setup.sh does, but for what needs a network: the packages of this Python."""
    pytest.importorskip("ensurepip", reason="setup.sh would install packages of the system")
    environment = {**os.environ, "LEARNKIT_AUTOGRADER": str(home), "PIP_NO_DEPS": "1"}
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    shown = home / "learnkit" / "lib"
    # pip and the kit's own command both need them; a venv keeps what stands in it already.
    major, minor = sys.version_info[:2]
    packages = shown / f"python{major}.{minor}" / "site-packages"
    packages.mkdir(parents=True)
    others = [p for p in sys.path if p.endswith("-packages")]
    (packages / "others.pth").write_text("\n".join(others))
    done = subprocess.run(
        ["bash", home / "source" / "setup.sh"],
        capture_output=True,
        text=True,
        check=False,
        env={**environment, "PATH": path, "PIP_NO_INDEX": "1", "PIP_IGNORE_INSTALLED": "1"},
    )
    assert done.returncode == 0, done.stderr
    assert f"learnkit, version {grader.__version__}" in done.stdout
    return home


def ran(home):
    """Run the autograder; return its results as Gradescope reads them."""
    subprocess.run(
        [home / "run_autograder"],
        env={**os.environ, "LEARNKIT_AUTOGRADER": str(home)},
        check=True,
        capture_output=True,
    )
    assert [path.name for path in (home / "results").iterdir()] == ["results.json"]
    return as_gradescope_reads(home / "results" / "results.json")


on_linux = pytest.mark.skipif(sys.platform != "linux", reason="as Gradescope's machines are")


@on_linux
def test_the_autograder_installs_itself_and_judges(autograder):
    """Its own scripts, with the kit from its own wheel, in a folder laid out like /autograder."""
    home = installed(autograder())
    place = home / "submission"
    (place / "losses.py").write_text(SUMMED)
    (test,) = ran(home)["tests"]
    assert 0 < test["score"] < test["max_score"] == 2
    assert "the mean also divides by how many" in " ".join(test["output"].split())
    (place / "losses.py").unlink()
    (place / "homework.ipynb").write_text(notebook("import os", RIGHT))
    (test,) = ran(home)["tests"]
    assert (test["score"], test["status"]) == (2, "passed")
    (home / "source" / "learnkit.json").write_text("{")
    assert "this is not your fault" in ran(home)["output"]
    (home / "submission" / "homework.ipynb").unlink()
    shutil.rmtree(home / "submission")
    told = ran(home)
    assert told["score"] == 0.0
    assert "Nothing was handed in" in told["output"]


@on_linux
def test_an_autograder_that_was_not_installed_says_so(autograder):
    told = ran(autograder())
    assert told["score"] == 0.0
    assert "learnkit is not installed here" in told["output"]


@on_linux
def test_an_autograder_that_takes_too_long_says_so(autograder):
    home = autograder(minutes=0.01)
    python = home / "learnkit" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text("#!/bin/sh\nwhile :; do :; done\n")
    python.chmod(0o755)
    assert "it took longer than 1 seconds" in ran(home)["output"]


def judged(home, **files):
    for name, text in files.items():
        (home / "submission" / f"{name}.py").write_text(text)
    judge.main(home)
    return as_gradescope_reads(home / "results" / "results.json")


def test_a_submission_that_hangs_or_is_empty_has_results(autograder, week):
    home = autograder(topics=(), assignment=week)
    (test,) = judged(home)["tests"]
    assert (test["score"], test["output"].splitlines()[0]) == (0, "Missing.")
    week.write_text(f"{WEEK}[limits]\nseconds = 0.2\n")
    shutil.copy(week, home / "source" / "assignment.toml")
    (test,) = judged(home, losses=HANGS)["tests"]
    assert (test["score"], test["output"].splitlines()[0]) == (0, "Did not finish.")


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (IsolationUnavailableError("level inner: no Landlock"), "level inner: no Landlock"),
        (MemoryError("no more"), "MemoryError: no more"),
    ],
)
def test_whatever_fails_there_are_results_that_say_so(autograder, monkeypatch, error, says, capsys):
    home = autograder()

    def fail(*_args, **_options):
        raise error

    monkeypatch.setattr(judge, "grade_class", fail)
    told = judged(home, losses=RIGHT)
    assert told["score"] == 0.0
    assert says in told["output"]
    assert "not your fault" in told["output"]
    assert says in capsys.readouterr().err, "the instructor sees where"


def test_what_is_asked_travels(autograder, meadow, week, kit):
    """The scripts can be executed and stand at the root; topics from elsewhere come along."""
    root = meadow()
    folders = (root,)
    name = next(iter((root / "solutions").glob("*.py"))).stem
    catalogue = Catalogue(folders)
    path = week.with_name("b.zip")
    asked = build.Autograder(catalogue, topics=(name,), topics_from=folders)
    exercises = build.build(path, asked)
    assert exercises
    with zipfile.ZipFile(path) as archive:
        members = {info.filename: info for info in archive.infolist()}
        for script in ("setup.sh", "run_autograder"):
            assert stat.S_IMODE(members[script].external_attr >> 16) == 0o755
            text = archive.read(script).decode()
            assert "LEVEL" not in text
            assert "SECONDS" not in text
        assert archive.read(kit[0]) == kit[1]
        assert f"topics/00/solutions/{name}.py" in members
    before = path.read_bytes()
    build.build(path, asked)
    assert path.read_bytes() == before, "building twice gives the same bytes"


@pytest.mark.parametrize("words", [(), ("--topics", "losses", "--assignment", "week.toml")])
def test_an_autograder_asks_for_topics_or_an_assignment(learnkit, here, words):
    (here / "week.toml").write_text(WEEK)
    done = learnkit("gradescope", "build", "a.zip", *words)
    assert done.exit_code == 2
    assert "--topics or --assignment, one of them" in done.stderr
    assert not (here / "a.zip").exists()


def test_the_command_builds_an_autograder(learnkit, here, monkeypatch, kit):
    monkeypatch.setattr(build, "wheel", lambda: kit)
    done = learnkit("gradescope", "build", "a.zip", "--topics", "losses.mse_loss,losses.softmax")
    assert done.exit_code == 0, done.stderr
    assert "2 exercises, level inner" in done.stdout
    with zipfile.ZipFile(here / "a.zip") as archive:
        told = json.loads(archive.read("learnkit.json"))
    assert told == {"topics": ["losses.mse_loss", "losses.softmax"], "level": "inner"}


def test_a_kit_that_does_not_know_its_version_makes_no_wheel(monkeypatch):
    monkeypatch.setattr("grader.classroom.wheel.__version__", "0.0.0")
    with pytest.raises(ClassroomError, match="install it again"):
        wheel()


# nbgrader's own command, and the documentation.


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """Make a course whose gradebook has two assignments, and late and missing submissions."""
    pytest.importorskip("nbgrader.api", reason="the extra classroom is not installed")
    home = tmp_path_factory.mktemp("course")
    beside = Path(sys.executable).parent  # nbgrader looks for alembic's program on the path
    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of nbgrader's own use of its database
        patch.setenv("PATH", f"{beside}{os.pathsep}{os.environ['PATH']}")
        fill(home / "gradebook.db")
        yield home


def fill(path):
    from nbgrader.api import Gradebook

    cell = ("losses-mse_loss-check", "losses")
    with Gradebook(f"sqlite:///{path}") as book:
        for student, email in (("ann", "ann@uni.example"), ("bob", "bob@uni.example"), ("zoe", "")):
            book.add_student(student, email=email)
        for name in ("ps1", "ps2"):
            book.add_assignment(name)
            book.add_notebook("losses", name)
            book.add_grade_cell(*cell, name, max_score=2, cell_type="code")
            book.add_source_cell(*cell, name, cell_type="code")
            book.add_solution_cell("losses-mse_loss", "losses", name)
        for student, name, score in (("ann", "ps1", 2), ("ann", "ps2", 1.5), ("bob", "ps1", 0.75)):
            submission = book.add_submission(name, student)
            grade = book.find_grade(*cell, name, student)
            grade.auto_score = score
            grade.needs_manual_grade = False
            if student == "bob":
                comment = book.find_comment("losses-mse_loss", "losses", name, student)
                comment.auto_comment = "divide by the number of errors"
                submission.notebooks[0].late_submission_penalty = 0.25
        book.db.commit()


def exported(course, *words):
    return subprocess.run(
        [sys.executable, "-m", "nbgrader", "export", *words],
        cwd=course,
        capture_output=True,
        text=True,
        check=False,
    )


HOME = "grader.classroom.exports.nbgrader"


def test_nbgrader_exports_for_canvas(course, canvas_list):
    done = exported(
        course,
        f"--exporter={HOME}.CanvasExporter",
        "--to=c.csv",
        f"--CanvasExporter.roster={canvas_list}",
    )
    assert done.returncode == 0, done.stderr
    points, found = as_canvas_reads_gaps(course / "c.csv")
    assert points == {"ps1": 2.0, "ps2": 2.0}
    assert found == {"101": {"ps1": 2.0, "ps2": 1.5}, "102": {"ps1": 0.5, "ps2": None}}
    assert "empty cells take grades away" in done.stderr


def as_canvas_reads_gaps(path):
    header, points, *rows = table(path)
    found = {
        row[1]: {n: float(c) if c else None for n, c in zip(header[5:], row[5:], strict=True)}
        for row in rows
    }
    return dict(zip(header[5:], map(float, points[5:]), strict=True)), found


def test_nbgrader_exports_for_moodle(course):
    done = exported(
        course,
        f"--exporter={HOME}.MoodleExporter",
        "--assignment=['ps1']",
        "--MoodleExporter.by=username",
    )
    assert done.returncode == 0, done.stderr
    header, *rows = table(course / "moodle.csv")
    assert header == ["Username", "ps1", "ps1 (feedback)"]
    assert rows == [
        ["ann", "2", ""],
        ["bob", "0.5", "losses-mse_loss: divide by the number of errors"],
    ]


def test_nbgrader_says_in_a_sentence_what_an_exporter_lacks(course):
    done = exported(course, f"--exporter={HOME}.CanvasExporter")
    assert done.returncode == 1
    assert "give its gradebook with --CanvasExporter.roster=FILE" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"by": "nose"}, "by must be one of email, idnumber, username, got 'nose'"),
        ({"assignment": ["ps9"]}, "no assignment ps9"),
        ({"roster": "nowhere.csv"}, "nowhere.csv cannot be read"),
        ({"to": "no/such/folder.csv"}, "No such file"),
    ],
)
def test_an_exporter_says_what_it_lacks(course, options, says):
    from nbgrader.api import Gradebook

    from grader.classroom.exports.nbgrader import MoodleExporter

    with (
        Gradebook(f"sqlite:///{course / 'gradebook.db'}") as book,
        pytest.raises(SystemExit, match=says),
    ):
        MoodleExporter(**options).export(book)


def documented():
    """Return the commands in the documentation, those that stand on two lines as one."""
    if not DOCS.is_file():
        pytest.skip("the tests run outside the source tree")
    blocks = DOCS.read_text(encoding="utf-8").replace("\\\n", " ").split("```")[1::2]
    return [shlex.split(line) for block in blocks for line in block.splitlines()[1:]]


def test_every_documented_command_works(results_of, here, learnkit, monkeypatch, kit):
    monkeypatch.setattr(build, "wheel", lambda: kit)
    (here / "week3.toml").write_text(WEEK)
    (here / "gradebook.csv").write_text(CANVAS)
    (here / "participants.csv").write_text(PEOPLE)
    results_of().rename(here / "results")
    commands = [words[1:] for words in documented() if words[0] == "learnkit"]
    assert len(commands) == 6
    for words in commands:
        done = learnkit(*words)
        assert done.exit_code == 0, (words, done.stderr)


def test_every_documented_exporter_works(course):
    (course / "gradebook.csv").write_text(CANVAS)
    commands = [words[2:] for words in documented() if words[0] == "nbgrader"]
    assert len(commands) == 2
    for words in commands:
        done = exported(course, *words)
        assert done.returncode == 0, done.stderr
