"""What earned points in nbgrader's own way earns none here; no notebook, however damaged, stops it."""

import json
import random
import sqlite3

import pytest

pytest.importorskip("nbgrader.api", reason="the extra `classroom` is not installed")

from handed_in import (
    EXERCISES,
    POINTS,
    TESTS,
    Papers,
    cell_of,
    code,
    with_cells,
)

from grader.classroom.nbgrader.cells import Known, code_of, files_of, parsed, read, restored
from grader.student.limits import Level

DAMAGED = 6
ZEROS = dict.fromkeys(EXERCISES, 0.0)
ALLCLOSE = "import numpy, builtins\nnumpy.allclose = numpy.array_equal = lambda *a, **k: True\n"
RUN_CODE = """ip = get_ipython()
ip.run_code = lambda *a, **k: None
ip.run_cell = lambda *a, **k: None
type(ip).run_code = lambda *a, **k: None
"""
GRADEBOOK = """import sqlite3
db = sqlite3.connect({path!r})
db.execute("UPDATE grade SET auto_score = 99, manual_score = 99")
db.commit()
"""
LEAVES = "import os\nos._exit(0)"
TRANSFORMERS = """def nothing(lines):
    return ["99"]
get_ipython().input_transformers_cleanup.append(nothing)
get_ipython().ast_transformers.append(nothing)
"""
PRINTS = "print('99')\n99"


@pytest.fixture(scope="module")
def course(make_ps1, nbgrader):
    """Return a course that forgers and damaged notebooks have handed in to, graded."""
    root = make_ps1(mine=False)
    papers = Papers(root / "source/ps1/losses.ipynb", root / "release/ps1/losses.ipynb")
    class_ = {**forged(papers, root), **damaged(papers)}
    for student, text in class_.items():
        home = root / "submitted" / student / "ps1"
        home.mkdir(parents=True)
        data = text if isinstance(text, bytes) else json.dumps(text).encode()
        (home / "losses.ipynb").write_bytes(data)
    nbgrader(root, "autograde", "ps1")
    return root


def forged(papers, root):
    """Return the forgeries: no answers, and an attempt at points."""
    tagged = papers.untouched()
    for name in TESTS.values():
        cell_of(tagged, name)["metadata"]["tags"] = ["skip-execution", "raises-exception"]
    printed = papers.untouched()
    for name in TESTS.values():
        cell = cell_of(printed, name)
        data = {"text/plain": "3.0"}
        cell["outputs"] = [
            {"output_type": "execute_result", "data": data, "metadata": {}, "execution_count": 1}
        ]
    unlocked = papers.untouched()
    for name in TESTS.values():
        cell = cell_of(unlocked, name)
        cell["source"] = "2.0"
        cell["metadata"]["nbgrader"] |= {"solution": True, "locked": False, "checksum": "0"}
        cell["metadata"]["learnkit"] = {"score": 99}
    newer = papers.untouched()
    for cell in newer["cells"]:
        cell["metadata"]["nbgrader"] = {"schema_version": 99, "grade": True, "points": 1e308}
    gradebook = GRADEBOOK.format(path=str(root / "gradebook.db"))
    return {
        "tags": tagged,
        "allclose": with_cells(papers.untouched(), ALLCLOSE),
        "run-code": with_cells(papers.untouched(), RUN_CODE),
        "database": with_cells(papers.untouched(), gradebook),
        "leaves": with_cells(papers.untouched(), LEAVES),
        "transformers": with_cells(papers.untouched(), TRANSFORMERS),
        "outputs": printed,
        "unlocked": unlocked,
        "newer-schema": newer,
        "numbers": with_cells(papers.untouched(), PRINTS, at=-1),
    }


def damaged(papers):
    """Return right notebooks in which bytes were changed at random."""
    found = {}
    for seed in range(DAMAGED):
        chance = random.Random(seed)
        data = bytearray(json.dumps(papers.filled()).encode())
        for _ in range(chance.choice([1, 20, 400])):
            data[chance.randrange(len(data))] = chance.randrange(256)
        found[f"damaged-{seed}"] = bytes(data)
    return found


@pytest.fixture(scope="module")
def scores(course):
    """Return the scores in the gradebook, by student and exercise."""
    with sqlite3.connect(course / "gradebook.db") as db:
        rows = db.execute(
            "SELECT student_id, base_cell.name, auto_score, manual_score FROM grade"
            " JOIN base_cell ON base_cell.id = grade.cell_id"
            " JOIN submitted_notebook ON submitted_notebook.id = grade.notebook_id"
            " JOIN submitted_assignment ON submitted_assignment.id = submitted_notebook.assignment_id"
        ).fetchall()
    db.close()
    exercises = {test: name for name, test in TESTS.items()}
    found = {}
    for student, test, score, by_hand in rows:
        assert by_hand is None
        found.setdefault(student, {})[exercises[test]] = score
    return found


@pytest.mark.parametrize(
    "student",
    [
        "tags",
        "allclose",
        "run-code",
        "database",
        "leaves",
        "transformers",
        "outputs",
        "unlocked",
        "newer-schema",
        "numbers",
    ],
)
def test_a_forgery_earns_nothing(scores, student, level):
    if student == "database" and level is Level.LAPTOP:
        pytest.skip("there are no walls here, and laptop promises none")
    assert scores[student] == ZEROS


@pytest.mark.parametrize("seed", range(DAMAGED))
def test_a_damaged_notebook_gets_a_grade_like_any_other(scores, seed):
    found = scores[f"damaged-{seed}"]
    assert all(0.0 <= found[name] <= POINTS[name] for name in EXERCISES)


def test_nobody_of_the_class_was_lost(course, scores):
    graded = {path.name for path in (course / "autograded").iterdir()}
    assert graded == scores.keys() == {path.name for path in (course / "submitted").iterdir()}


def test_nothing_is_graded_behind_lower_walls_than_asked_for(course, nbgrader):
    """A level that cannot be had is said in one sentence, and no submission is touched."""
    config = course / "nbgrader_config.py"
    text = config.read_text("utf-8")
    nowhere = "import shutil\nshutil.which = lambda *a, **k: None\nc.Judge.level = 'strict'\n"
    config.write_text(text + nowhere, encoding="utf-8")
    try:
        done = nbgrader(course, "autograde", "ps1", "--force", succeeds=False)
    finally:
        config.write_text(text, encoding="utf-8")
    assert "learnkit: level strict is not to be had here" in done.stderr
    assert "Traceback" not in done.stderr
    assert (course / "autograded" / "tags" / "ps1" / "losses.ipynb").exists()


KNOWN = {
    "f": Known("f", "code", "def f(): ...", "1", False, False, True, False, 0.0),
    "f-check": Known("f-check", "code", "f()", "2", True, True, False, False, 2.0),
    "note": Known("note", "code", "import math", "3", True, False, False, False, 0.0),
    "essay": Known("essay", "markdown", "Why?", "4", False, True, True, False, 1.0),
    "task": Known("task", "markdown", "Do.", "5", False, False, False, True, 1.0),
}


def made_of(*cells):
    return json.dumps({"cells": list(cells), "nbformat": 4, "nbformat_minor": 5}).encode()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"   \n",
        b"\xff\xfe\x00",
        b"null",
        b"[]",
        b"{}",
        b'{"cells": null}',
        b'{"cells": {"a": 1}}',
        b'{"nbformat": 3, "worksheets": 5}',
        b"[" * 100_000,
        b'{"cells": [NaN, 1e999, [], "x", {"cell_type": "code"}]}',
        made_of({"cell_type": "code", "source": "\ud800"}),
        made_of({"cell_type": "markdown", "source": ["a", 1]}),
        made_of({"cell_type": "code", "source": "1", "id": "a"}, code("2") | {"id": "a"}),
        made_of({"cell_type": "heading", "source": "x"}),
        made_of(code("1", nbgrader="f") | {"outputs": 3}),
        made_of(code("1", nbgrader={"grade_id": ["f"]})),
        made_of(
            code("1", nbgrader={"grade_id": "f"}) | {"cell_type": "markdown", "attachments": 1}
        ),
    ],
)
def test_any_bytes_become_a_sound_notebook(data):
    import nbformat

    notebook, _ = parsed(data, "losses.ipynb")
    restored(notebook, KNOWN)
    nbformat.validate(notebook)
    nbformat.writes(notebook).encode()
    names = [cell.metadata.get("nbgrader", {}).get("grade_id") for cell in notebook.cells]
    assert {"f-check", "essay", "task", "note"} <= set(names)
    assert len([name for name in names if name]) == len({name for name in names if name})


def test_an_older_notebook_is_read_as_well():
    old = {"nbformat": 3, "nbformat_minor": 0, "metadata": {}}
    cell = {"cell_type": "code", "input": "x = 1", "outputs": [], "language": "python"}
    old["worksheets"] = [{"cells": [{**cell, "collapsed": False, "metadata": {}}]}]
    notebook, problems = parsed(json.dumps(old).encode(), "old.ipynb")
    assert ([cell.source for cell in notebook.cells], problems) == (["x = 1"], ())


def test_what_stands_beside_the_tests_keeps_its_place_and_its_pictures():
    picture = {"image/png": "aGk=", "text/html": "<script>alert(1)</script>", "text/plain": "<x>"}
    shown = {"output_type": "display_data", "data": picture, "metadata": {}}
    cells = [
        {"cell_type": "markdown", "source": "words", "metadata": {}},
        code("f()", nbgrader={"grade_id": "f-check"}),
        code("def f(): return 1", nbgrader={"grade_id": "f"}) | {"outputs": [shown, 7]},
        5,
        code("g()"),
    ]
    notebook, problems = parsed(made_of(*cells), "losses.ipynb")
    assert problems == ("1 of the cells in losses.ipynb could not be read.",)
    kept = {name: KNOWN[name] for name in ("f", "f-check")}
    assert restored(notebook, kept) == ()
    assert code_of(notebook, kept) == ["", "", "def f(): return 1", "", "g()"]
    assert dict(notebook.cells[2].outputs[0].data) == {"image/png": "aGk=", "text/plain": "<x>"}


def test_no_more_code_is_judged_than_of_any_other_file():
    files, refused = files_of({"losses": ["x" * 2**21, "y"]}, {"losses": "ps1.ipynb"})
    assert (files, refused) == ({}, {"losses.ipynb": "The code in ps1.ipynb is larger than 2 MiB."})


def test_what_is_no_file_is_told_and_not_waited_for(tmp_path):
    import os

    pipe = tmp_path / "losses.ipynb"
    os.mkfifo(pipe)
    assert read(pipe)[1] == ("losses.ipynb is no regular file.",)
    assert "cannot be read" in read(tmp_path / "gone.ipynb")[1][0]
