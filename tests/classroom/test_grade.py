"""A class graded, graded again, replayed and corrected by hand."""

import csv
import json
import re
import sqlite3
import threading
from html.parser import HTMLParser

import pytest
from classes import HANGS, RIGHT, STUB, SUMMED, Here, notebook

from grader.catalogue import Catalogue
from grader.classroom import run
from grader.classroom.errors import ClassroomError
from grader.classroom.grades import page_name
from grader.classroom.progress import Lines
from grader.classroom.store import FILE, BusyError, Store, StoreError
from grader.student.limits import IsolationUnavailableError, Level

NAMES = ["=cmd|' /C calc'!A0", "+1", "-2+3", "@SUM(A1)", "<script>alert(1)</script>", "ann & bob"]


def csv_rows(tmp_path):
    with (tmp_path / "out" / "grades.csv").open(encoding="utf-8", newline="") as file:
        return {row["student"]: row for row in csv.DictReader(file)}


def feedback_of(tmp_path, student):
    return (tmp_path / "out" / "feedback" / f"{page_name(student)}.html").read_text("utf-8")


def rows(tmp_path, query, *values):
    connection = sqlite3.connect(tmp_path / "out" / FILE)
    try:
        return connection.execute(query, values).fetchall()
    finally:
        connection.close()


# What is graded.


def test_every_submission_has_a_verdict(handed_in, graded, results):
    place = handed_in(
        ann=RIGHT,
        bob=SUMMED,
        cay=STUB,
        dan={"losses.ipynb": notebook("import os", RIGHT)},
        eve={"homework.py": RIGHT},
        fay="def mse_loss(:",
        gus={"notes.txt": "nothing"},
        hal=b"\xff\xfe",
    )
    done = graded(place)
    assert (done.graded, done.kept, done.grader_failed) == (8, 0, 0)
    found = {s: told["exercises"][0] for s, told in results().items()}
    assert {s: each["status"] for s, each in found.items()} == {
        "ann": "passed",
        "bob": "failed",
        "cay": "unsolved",
        "dan": "passed",
        "eve": "passed",
        "fay": "error",
        "gus": "missing",
        "hal": "error",
    }
    assert found["bob"]["mistake"] == "summed"
    assert found["ann"]["score"] == 2.0


def test_points_are_those_of_the_assignment(handed_in, graded, results, tmp_path):
    path = tmp_path / "week.toml"
    path.write_text('exercises = ["losses.mse_loss"]\npoints."losses.mse_loss" = 10')
    graded(handed_in(ann=RIGHT, bob=SUMMED), assignment=path)
    found = results()
    assert found["ann"]["score"] == found["ann"]["max_score"] == 10.0
    assert 0 < found["bob"]["score"] < 10


def test_a_submission_that_always_hangs_is_given_up(handed_in, graded, tmp_path):
    """After so many exercises in a row; those that come later have timed out unseen."""
    exercises = Catalogue().find(["losses"])
    names = [e.name for e in exercises]
    text = "".join(HANGS.replace("mse_loss(prediction, target)", f"{n}(*a, **k)") for n in names)
    path = tmp_path / "week.toml"
    path.write_text('exercises = ["losses"]\nlimits = {seconds = 0.2, give_up_after = 2}')
    graded(handed_in(ann=text), assignment=path)
    reports = [json.loads(r[0]) for r in rows(tmp_path, "SELECT report FROM results")]
    assert {report["status"] for report in reports} == {"timeout"}
    given_up = [r for r in reports if "given up after 2" in json.dumps(r)]
    assert len(given_up) == len(names) - 2


def test_a_roster_shows_who_handed_in_nothing_and_who_is_unknown(handed_in, graded, tmp_path):
    path = tmp_path / "class.csv"
    path.write_text("student,name,id\nann,Ann Lee,1\nzed,Zed Ek,2\n")
    graded(handed_in(ann=RIGHT, bob=RIGHT), roster=path)
    found = csv_rows(tmp_path)
    assert {s: (r["state"], r["on_roster"], r["name"]) for s, r in found.items()} == {
        "ann": ("graded", "yes", "Ann Lee"),
        "zed": ("nothing handed in", "yes", "Zed Ek"),
        "bob": ("graded", "no", "bob"),
    }
    page = (tmp_path / "out" / "report.html").read_text("utf-8")
    assert "Zed Ek" in page.partition("Handed in nothing</h2>")[2].partition("<h2>")[0]
    assert "bob" in page.partition("Not on the roster</h2>")[2].partition("<h2>")[0]


@pytest.mark.parametrize("cells", [["x = [1, 2]\n" * 9000 + "%x\n" * 300], ["%x\n" * 200] * 3000])
def test_a_notebook_made_to_keep_the_grader_busy_is_left_as_it_is(
    handed_in, graded, results, cells
):
    graded(handed_in(ann={"losses.ipynb": notebook(*cells)}, bob=RIGHT))
    assert {s: told["score"] for s, told in results().items()} == {"ann": 0.0, "bob": 2.0}
    assert results()["ann"]["exercises"][0]["status"] in {"missing", "error"}


# What is kept.


def test_what_is_the_same_is_not_graded_again(handed_in, graded):
    place = handed_in(ann=RIGHT, bob=SUMMED)
    graded(place)
    assert (again := graded(place)).graded == 0
    assert again.kept == 2
    handed_in(bob=RIGHT, cay=RIGHT)
    assert (changed := graded(place)).graded == 2
    assert changed.kept == 1


@pytest.mark.parametrize("what", ["kit", "points", "limit", "level", "seed", "force"])
def test_a_change_of_what_is_asked_grades_again(handed_in, graded, monkeypatch, tmp_path, what):
    place = handed_in(ann=RIGHT)
    graded(place)
    options = {"seed": {"seed": 7}, "force": {"force": True}, "limit": {"seconds": 9.0}}
    if what == "kit":
        monkeypatch.setattr(run, "kit_text", lambda folders=(): "0.0.0 another")
    if what == "points":
        path = tmp_path / "week.toml"
        path.write_text('exercises = ["losses.mse_loss"]\n[points]\nlosses.mse_loss = 3')
        options["points"] = {"assignment": path}
    if what == "level":
        with Store(tmp_path / "out") as store, store.transaction():
            store._db.execute("UPDATE submissions SET fingerprint = replace(fingerprint, '0', 'x')")
    assert graded(place, **options.get(what, {})).graded == 1


def test_a_run_that_ended_early_goes_on_with_its_seed(handed_in, graded, tmp_path):
    class StopError(Exception):
        pass

    def stop(done, _total, _student):
        if done == 1:
            raise StopError

    place = handed_in(ann=RIGHT, bob=RIGHT)
    options = {"catalogue": Catalogue(), "topics": ("losses.mse_loss",), "level": Level.LAPTOP}
    with pytest.raises(StopError):
        run.grade_class(run.Plan(place, tmp_path / "out", **options), stop, Here)
    done = graded(place)
    assert (done.graded, done.kept) == (1, 1)
    assert len(set(rows(tmp_path, "SELECT seed FROM results"))) == 1
    assert graded(place, force=True).run.seed != done.run.seed


def test_a_submission_that_is_gone_keeps_its_marks_and_is_said_to_be_gone(
    handed_in, graded, results
):
    place = handed_in(ann=RIGHT, bob=RIGHT)
    graded(place)
    (place / "bob" / "losses.py").unlink()
    (place / "bob").rmdir()
    graded(place)
    assert results()["bob"]["state"] == "graded before, no longer there"
    assert results()["bob"]["score"] == 2.0


def test_the_second_run_on_a_folder_says_so(handed_in, graded, tmp_path):
    place = handed_in(ann=RIGHT)
    with (
        Store(tmp_path / "out", create=True) as store,
        store.alone(),
        pytest.raises(BusyError, match="at work"),
    ):
        graded(place)
    assert graded(place).graded == 1


def test_many_writers_at_once_lose_nothing(handed_in, graded, tmp_path):
    """Overrides while another connection writes."""
    graded(handed_in(ann=RIGHT))
    threads = [
        threading.Thread(
            target=run.override,
            args=(tmp_path / "out", "ann", "losses.mse_loss", float(i)),
            kwargs={"why": f"{i}"},
        )
        for i in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert rows(tmp_path, "SELECT count(*) FROM overrides") == [(4,)]


@pytest.mark.parametrize("kind", ["newer", "other", "garbage"])
def test_a_database_that_is_not_ours_is_left_alone(handed_in, graded, tmp_path, kind):
    out = tmp_path / "out"
    out.mkdir()
    if kind == "garbage":
        (out / FILE).write_bytes(b"not a database, not at all" * 100)
    else:
        connection = sqlite3.connect(out / FILE)
        connection.execute("CREATE TABLE t (x)")
        connection.execute(f"PRAGMA user_version = {99 if kind == 'newer' else 0}")
        connection.close()
    before = (out / FILE).read_bytes()
    with pytest.raises(StoreError):
        graded(handed_in(ann=RIGHT))
    assert (out / FILE).read_bytes()[100:] == before[100:]


def test_results_within_the_submissions_are_refused(handed_in, graded):
    place = handed_in(ann=RIGHT)
    plan = run.Plan(place, place / "out", Catalogue(), level=Level.LAPTOP)
    with pytest.raises(ClassroomError, match="within the submissions"):
        run.grade_class(plan, make=Here)


# Replays and overrides.


def test_a_replay_finds_what_was_found(handed_in, graded, tmp_path):
    place = handed_in(ann=RIGHT, bob=SUMMED)
    done = graded(place)
    (place / "bob" / "losses.py").write_text(RIGHT)  # the submission of then is what counts
    replayed = run.replay(tmp_path / "out", "bob")
    assert replayed.differences == ()
    assert replayed.same_kit
    assert replayed.report.seed == done.run.seed
    kept = json.loads(rows(tmp_path, "SELECT report FROM results WHERE student = 'bob'")[0][0])
    now = replayed.report.to_dict()["exercises"][0]
    for check, before in zip(now["checks"], kept["checks"], strict=True):
        assert {key: check[key] for key in before} == before


def test_a_replay_says_what_is_otherwise_now(handed_in, graded, tmp_path):
    graded(handed_in(ann=RIGHT))
    with Store(tmp_path / "out") as store, store.transaction():
        store._db.execute("UPDATE results SET score = 1.0")
    found = run.replay(tmp_path / "out", "ann").differences
    assert found == ("losses.mse_loss: 1 points then, 2 now",)


def test_an_override_survives_and_stands_in_every_export(handed_in, graded, results, tmp_path):
    place = handed_in(ann=SUMMED)
    graded(place)
    run.override(tmp_path / "out", "ann", "losses.mse_loss", 1.5, why="<b>fair</b>", by="Kay")
    handed_in(ann=SUMMED + "\n# once more\n")
    assert graded(place, force=True).graded == 1
    assert results()["ann"]["score"] == 1.5
    assert results()["ann"]["exercises"][0]["override"]["why"] == "<b>fair</b>"
    assert csv_rows(tmp_path)["ann"]["losses.mse_loss"] == "1.5"
    assert "by Kay" in csv_rows(tmp_path)["ann"]["overridden"]
    for page in (feedback_of(tmp_path, "ann"), (tmp_path / "out" / "report.html").read_text()):
        assert "&lt;b&gt;fair&lt;/b&gt;" in page
        assert "<b>fair" not in page


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (("anne", "losses.mse_loss", 1.0, "x"), "did you mean ann?"),
        (("ann", "losses.mse", 1.0, "x"), "did you mean losses.mse_loss?"),
        (("ann", "losses.mse_loss", -1.0, "x"), "0 or more"),
        (("ann", "losses.mse_loss", float("nan"), "x"), "0 or more"),
        (("ann", "losses.mse_loss", 1.0, " "), "say why"),
    ],
)
def test_an_override_of_nothing_is_refused(handed_in, graded, tmp_path, given, says):
    graded(handed_in(ann=RIGHT))
    *which, why = given
    with pytest.raises(ClassroomError, match=re.escape(says)):
        run.override(tmp_path / "out", *which, why=why)


def test_somebody_who_handed_in_nothing_can_be_given_points(handed_in, graded, tmp_path, results):
    path = tmp_path / "class.csv"
    path.write_text("student\nann\nzed\n")
    graded(handed_in(ann=RIGHT), roster=path)
    run.override(tmp_path / "out", "zed", "losses.mse_loss", 2.0, why="on paper")
    assert results()["zed"]["score"] == 2.0
    assert csv_rows(tmp_path)["zed"]["score"] == "2"


# What comes out.


class Page(HTMLParser):
    """The tags and attributes of a page."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.links = [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.links += [v for name, v in attrs if name in {"src", "href", "action", "data"}]


@pytest.mark.parametrize("name", NAMES)
def test_odd_names_are_harmless_everywhere(handed_in, graded, tmp_path, name):
    safe = name.replace("/", "_")
    graded(handed_in(**{safe: SUMMED}))
    raw = (tmp_path / "out" / "grades.csv").read_text("utf-8").splitlines()[1]
    cells = next(csv.reader([raw]))
    assert not any(cell[:1] in {"=", "+", "-", "@"} for cell in cells)
    for path in [tmp_path / "out" / "report.html", *(tmp_path / "out" / "feedback").iterdir()]:
        page = Page(path.read_text("utf-8"))
        assert "script" not in page.tags
        for link in page.links:
            assert link.startswith("feedback/")
    assert [p.parent.name for p in (tmp_path / "out").rglob("*.html")].count("feedback") == 1


@pytest.mark.parametrize(
    "name",
    ["../../etc/passwd", "con", "", "...", "a" * 500, "x/y\\z", "nul.txt", "\u202e", "ä" * 99],
)
def test_a_page_has_a_name_that_any_system_takes(name):
    page = page_name(name)
    assert page
    assert not set(page) & set('/\\:*?"<>|\x00\n')
    assert not page.startswith(".")
    assert len(page.encode()) <= 130
    assert page.lower() not in {"con", "nul", "nul.txt"}


def test_names_that_differ_in_case_have_pages_of_their_own(handed_in, graded, tmp_path):
    graded(handed_in(ann=RIGHT, Ann=SUMMED, **{"a:n": RIGHT, "a?n": RIGHT}))
    pages = [p.name.lower() for p in (tmp_path / "out" / "feedback").iterdir()]
    assert len(set(pages)) == 4


LEAKY = """
import numpy as np
SEEN = []
def mse_loss(prediction, target):
    print("SECRET", prediction)
    SEEN.append(prediction)
    if prediction.size > 12:
        raise ValueError("SECRET %r" % prediction)
    d = prediction - target
    return np.mean(d**2), 2 * d / d.size
"""


@pytest.mark.parametrize("hidden", ['"declared"', '"all"', '["losses.mse_loss"]', '"nothing"'])
def test_feedback_tells_nothing_of_hidden_cases(handed_in, graded, tmp_path, hidden):
    """Neither their arguments, nor what was printed, nor the seed that they are made from."""
    path = tmp_path / "week.toml"
    path.write_text(f'exercises = ["losses.mse_loss"]\nhidden = {hidden}')
    done = graded(handed_in(ann=LEAKY, bob=SUMMED), assignment=path)
    report = rows(tmp_path, "SELECT report FROM results WHERE student = 'ann'")[0][0]
    assert "SECRET" in report
    assert '"visibility":"hidden"' in report
    page = feedback_of(tmp_path, "ann")
    assert ("SECRET" in page) == (hidden == '"nothing"')
    assert "hidden case" in page or hidden == '"nothing"'
    for student in ("ann", "bob"):
        assert str(done.run.seed) not in feedback_of(tmp_path, student)
    closed = hidden in {'"all"', '["losses.mse_loss"]'}
    assert ("added up" not in feedback_of(tmp_path, "bob")) == closed


def test_the_report_counts_what_was_found(handed_in, graded, tmp_path):
    graded(handed_in(ann=RIGHT, bob=SUMMED, cay=SUMMED, dan=HANGS), seconds=0.3)
    page = (tmp_path / "out" / "report.html").read_text("utf-8")
    mistakes = page.partition("Which mistakes were made</h2>")[2].partition("<h2>")[0]
    assert re.search(
        r'<td class="num">2</td><td class="id mono">losses.<wbr>mse_<wbr>loss</td>', mistakes
    )
    assert "1 of 4" in page
    assert "(1)" in page.partition("Time-outs:")[2].partition("</p>")[0]


def test_copies_are_listed_as_similar(handed_in, graded, tmp_path):
    from test_similarity import LONG

    own = """
class Model:
    def __init__(self, layers):
        self.layers = {name: layer for name, layer in enumerate(layers)}

    def forward(self, x):
        try:
            return sum(layer @ x if layer is not None else 0 for layer in self.layers.values())
        except ValueError as error:
            raise TypeError(f"{x.shape} does not fit") from error
        finally:
            del x
"""
    graded(handed_in(ann=RIGHT + LONG, bob=RIGHT + LONG.replace("weights", "w"), cay=RIGHT + own))
    with Store(tmp_path / "out") as store:
        pairs = store.similar(3)
    assert [(p.left, p.right, p.share) for p in pairs] == [("ann", "bob", 1.0)]


def test_plain_lines_tell_rate_and_remaining_time(capsys):
    import sys

    ticks = iter(range(1000))
    tell = Lines(sys.stdout, lambda: next(ticks))
    for done in range(1, 41):
        tell(done, 40, "ann")
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "graded 2 of 40, 1.0 a second, about 38 s left"
    assert lines[-1] == "graded 40 of 40, 1.0 a second"
    assert len(lines) == 20


# The commands.


def test_the_commands_work_together(command, handed_in, tmp_path):
    place, out = handed_in(ann=RIGHT, bob=SUMMED), tmp_path / "out"
    done = command(
        "grade", place, "--out", out, "--topics", "losses.mse_loss", "--level", "laptop", "--json"
    )
    assert done.exit_code == 0, done.output
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert [each["student"] for each in told] == ["ann", "bob"]
    given = command("override", out, "bob", "losses.mse_loss", "2", "--why", "agreed")
    assert given.exit_code == 0, given.output
    replayed = command("replay", out, "bob")
    assert replayed.exit_code == 0, replayed.output
    assert "It is what was found then." in replayed.output
    only = command(
        *("grade", place, "--out", out, "--topics", "losses.mse_loss", "--level", "laptop"),
        *("--only", "bob", "--force"),
    )
    assert "1 graded, 0 kept" in only.output


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["--topics", "lossess"], "did you mean"),
        (["--only", "anne"], "did you mean ann?"),
        (["--assignment", "nowhere.toml"], "cannot be read"),
        (["--roster", "nowhere.csv"], "cannot be read"),
        (["--timeout", "nan"], "no number"),
        (["--level", "paper"], "paper"),
        (["--jobs", "0"], "0"),
    ],
)
def test_wrong_usage_ends_with_two(command, handed_in, tmp_path, args, says):
    place = handed_in(ann=RIGHT)
    done = command("grade", place, "--out", tmp_path / "out", "--level", "laptop", *args)
    assert (done.exit_code, "Traceback" in done.output) == (2, False)
    assert says in done.output


def test_a_level_that_cannot_be_had_is_refused(command, handed_in, tmp_path, monkeypatch):
    def without(level):
        raise IsolationUnavailableError("bubblewrap is missing; apt-get install bubblewrap")

    monkeypatch.setattr(run, "launcher", without)
    done = command("grade", handed_in(ann=RIGHT), "--out", tmp_path / "out")
    assert done.exit_code == 2
    assert "strict is not to be had" in done.output
    assert "apt-get install bubblewrap" in done.output
    assert not (tmp_path / "out").exists()


def test_a_failure_of_the_grader_ends_with_three_and_is_tried_again(
    command, handed_in, tmp_path, monkeypatch
):
    def broken(*_):
        raise RuntimeError("no")

    place, out = handed_in(ann=RIGHT), tmp_path / "out"
    words = ("grade", place, "--out", out, "--topics", "losses.mse_loss", "--level", "laptop")
    with monkeypatch.context() as within:
        within.setattr("grader.classroom.judging.report_of", broken)
        done = command(*words)
    assert done.exit_code == 3
    assert "the grader failed on 1" in done.output
    assert "not the student" in feedback_of(tmp_path, "ann")
    assert command(*words).exit_code == 0
