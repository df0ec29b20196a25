"""A course that is built: what stands in it, what is never lost, and what students get of it."""

import ast
import json

import pytest

from grader.catalogue import Catalogue
from grader.classroom.nbgrader.names import check_id, exercise_of, solution_id
from grader.models import ModelAnswers, functions_of

pytest.importorskip("nbgrader.api", reason="courses are built with the extra `classroom`")

TOPICS = [topic.name for topic in Catalogue().topics()]
NBGRADERS_STUB = "    # YOUR CODE HERE\n    raise NotImplementedError()"

pytestmark = pytest.mark.filterwarnings("default")  # those of Jupyter's own libraries


def cells_of(path):
    """Return the cells of a notebook by their ids, each with its text."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return {cell["id"]: {**cell, "source": "".join(cell["source"])} for cell in cells}


def edited(path, old="# How wrong is it", new="# Losses, with my words"):
    """Change a notebook as its instructor might; return its bytes."""
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")
    return path.read_bytes()


@pytest.fixture(scope="module")
def whole(make_course):
    """A course with every topic in one assignment."""
    return make_course(assignment="all")


@pytest.fixture(scope="module")
def released(whole, nbgrader):
    """What students get of it, by topic."""
    nbgrader(whole, "generate_assignment", "all")
    return {name: cells_of(whole / "release" / "all" / f"{name}.ipynb") for name in TOPICS}


@pytest.mark.parametrize("exercise", [e.id for e in Catalogue().find([])])
def test_an_exercise_is_found_by_the_id_of_its_test_cell_alone(exercise):
    assert exercise_of(check_id(exercise)) == exercise
    assert exercise_of(solution_id(exercise)) is None


@pytest.mark.parametrize("grade_id", ["imports", "", "a-b", "a-b-check-2", "-check", "a.b-check"])
def test_other_cells_are_for_no_exercise(grade_id):
    assert exercise_of(grade_id) is None


@pytest.mark.parametrize("name", ["losses.größe", "losses", "a.b.c", "losses.mse-loss", ""])
def test_a_name_that_nbgrader_allows_no_cell_of_is_refused(name):
    with pytest.raises(ValueError, match="cannot be the name of a cell"):
        check_id(name)


@pytest.mark.parametrize("name", TOPICS)
def test_every_exercise_has_its_two_cells_in_this_order(whole, built_in, name):
    found = [*cells_of(whole / "source" / "all" / f"{name}.ipynb")]
    for exercise in built_in.topic(name).exercises.values():
        place = found.index(solution_id(exercise.id))
        assert found[place + 1] == check_id(exercise.id)


@pytest.mark.parametrize("name", TOPICS)
def test_a_notebook_holds_the_whole_lesson(whole, built_in, name):
    topic = built_in.topic(name)
    cells = cells_of(whole / "source" / "all" / f"{name}.ipynb").values()
    text = "\n".join(cell["source"] for cell in cells)
    lesson = (topic.rooms.lessons / f"{name}.md").read_text(encoding="utf-8")
    lines = [line for line in lesson.splitlines() if line.strip() and ".md)" not in line]
    assert [line for line in lines if line not in text] == []
    assert ".md)" not in text


@pytest.mark.parametrize("name", TOPICS)
def test_an_exercise_stands_below_the_section_that_is_about_it(whole, built_in, name):
    heading = ""
    for cell in cells_of(whole / "source" / "all" / f"{name}.ipynb").values():
        if cell["source"].startswith("#"):
            heading = cell["source"].partition("\n")[0]
        grade_id = cell["metadata"].get("nbgrader", {}).get("grade_id", "")
        exercise = exercise_of(grade_id)
        if exercise:
            first = exercise.partition(".")[2].partition("_")[0]
            assert first in heading or "Schedules" in heading


@pytest.mark.parametrize("name", TOPICS)
def test_the_source_is_the_model_answer_and_runs(whole, built_in, name):
    topic = built_in.topic(name)
    cells = cells_of(whole / "source" / "all" / f"{name}.ipynb")
    code = [c["source"] for c in cells.values() if c["cell_type"] == "code"]
    text = "\n\n\n".join(source for source in code if "grader.check" not in source)
    ours, theirs = functions_of(text, name), topic.answers.functions
    assert list(ours) == list(theirs)
    marked = ast.parse(text)
    plain = ast.parse(topic.answers.text)
    assert ast.dump(marked) == ast.dump(ast.Module(plain.body[1:], []))  # all but its docstring


@pytest.mark.parametrize("name", TOPICS)
def test_students_get_the_stub_and_no_model_answer(released, built_in, name):
    topic = built_in.topic(name)
    stubs = ModelAnswers(name, topic.stub_path.read_text(encoding="utf-8"))
    for exercise in topic.exercises.values():
        place = stubs.function(exercise.name)
        stub = "\n".join(stubs.text.split("\n")[place.start : place.end])
        wanted = stub.replace(f'    raise NotImplementedError("{exercise.id}")', NBGRADERS_STUB)
        assert released[name][solution_id(exercise.id)]["source"] == wanted


@pytest.mark.parametrize("name", TOPICS)
def test_what_is_not_theirs_to_write_is_locked_for_students(released, built_in, name):
    cells = released[name]
    for exercise in built_in.topic(name).exercises.values():
        told = cells[check_id(exercise.id)]
        assert told["source"] == f'import grader\n\ngrader.check("{exercise.id}")'
        assert told["metadata"]["editable"] is False
        assert told["metadata"]["nbgrader"]["points"] == exercise.points
        assert "editable" not in cells[solution_id(exercise.id)]["metadata"]
    assert cells["imports"]["source"] == "import numpy as np"
    assert cells["imports"]["metadata"]["editable"] is False


@pytest.mark.parametrize("name", TOPICS)
def test_nbgrader_finds_its_metadata_in_order(whole, name):
    import nbformat
    from nbgrader.nbgraderformat import MetadataValidator

    path = whole / "source" / "all" / f"{name}.ipynb"
    notebook = nbformat.read(path, as_version=nbformat.NO_CONVERT)
    nbformat.validate(notebook)
    assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
    MetadataValidator().validate_nb(notebook)


def test_building_elsewhere_gives_the_same_bytes(make_course):
    left, right = (make_course("losses", points=["losses.mse_loss=3"]) for _ in range(2))
    files = [path.relative_to(left) for path in left.rglob("*") if path.is_file()]
    assert {path.name for path in files} == {"losses.ipynb", "nbgrader_config.py"}
    for path in files:
        assert (left / path).read_bytes() == (right / path).read_bytes()


@pytest.fixture
def build(learnkit, here):
    """Build in a course of this test; return what was said and the exit code."""

    def run(*words):
        done = learnkit("nbgrader", "build", "course", *words)
        return done.output, done.exit_code

    return run


@pytest.fixture
def losses(here):
    return here / "course" / "source" / "losses" / "losses.ipynb"


def test_a_course_is_built_and_says_what_comes_next(build, here, losses):
    said, code = build("--topics", "losses,backprop")
    assert code == 0
    assert said == (
        "wrote course/source/losses/losses.ipynb, 8 exercises, 19 points\n"
        "wrote course/source/backprop/backprop.ipynb, 12 exercises, 25 points\n"
        "wrote course/nbgrader_config.py\n"
        "Next: cd course && nbgrader generate_assignment losses\n"
    )
    assert losses.is_file()


def test_building_again_leaves_all_as_it_is(build, losses):
    build("--topics", "losses")
    before = losses.read_bytes(), losses.stat().st_mtime_ns
    said, code = build("--topics", "losses")
    assert code == 0
    assert "course/source/losses/losses.ipynb is as it would be made" in said
    assert (losses.read_bytes(), losses.stat().st_mtime_ns) == before


def test_one_assignment_may_hold_several_topics_and_single_exercises(build, here):
    said, code = build(
        "--topics", "losses.mse_loss", "--topics", "training", "--assignment", "ps 1"
    )
    assert code == 0
    assert "nbgrader generate_assignment 'ps 1'" in said
    place = here / "course" / "source" / "ps 1"
    assert sorted(path.name for path in place.iterdir()) == ["losses.ipynb", "training.ipynb"]
    asked = [name for name in cells_of(place / "losses.ipynb") if exercise_of(name)]
    assert asked == ["losses-mse_loss-check"]
    text = (place / "losses.ipynb").read_text(encoding="utf-8")
    assert "## A quantity: `mse_loss`" in text
    assert "`huber_loss`\\n" not in text  # a heading of another exercise


def test_points_are_given_and_stay(build, losses):
    build("--topics", "losses", "--points", "losses.mse_loss=3, losses.svm_loss=0.5")
    for words in ((), ("--points", "losses.svm_loss=1")):
        _, code = build("--topics", "losses", *words)
        assert code == 0
        points = {
            n: c["metadata"]["nbgrader"].get("points")
            for n, c in cells_of(losses).items()
            if "nbgrader" in c["metadata"]
        }
        assert points["losses-mse_loss-check"] == 3
    assert points["losses-svm_loss-check"] == 1


def test_a_notebook_that_was_only_run_and_saved_is_made_anew(build, losses):
    build("--topics", "losses")
    notebook = json.loads(losses.read_text(encoding="utf-8"))
    code = next(cell for cell in notebook["cells"] if cell["cell_type"] == "code")
    code["execution_count"] = 7
    code["outputs"] = [{"output_type": "stream", "name": "stdout", "text": ["hello\n"]}]
    losses.write_text(json.dumps(notebook), encoding="utf-8")
    said, code = build("--topics", "losses", "--points", "losses.mse_loss=3")
    assert code == 0
    assert "wrote course/source/losses/losses.ipynb, 8 exercises, 20 points" in said


def test_what_the_instructor_has_edited_stays(build, losses, here):
    build("--topics", "losses")
    mine = edited(losses)
    config = here / "course" / "nbgrader_config.py"
    config.write_text("c = get_config()\n", encoding="utf-8")
    said, code = build("--topics", "losses,gradients")
    assert code == 0
    assert "losses.ipynb has been edited and stays as it is (--force replaces it)" in said
    assert "wrote course/source/gradients/gradients.ipynb" in said
    assert losses.read_bytes() == mine
    assert config.read_text(encoding="utf-8") == "c = get_config()\n"
    assert "nbgrader_config.py stays as it is. Add to its end:\n" in said
    assert "\nconfigure(c)\n" in said


def test_an_edited_notebook_is_replaced_by_force_and_kept_out_of_the_students_sight(
    build, losses, here
):
    build("--topics", "losses")
    fresh, mine = losses.read_bytes(), edited(losses)
    said, code = build("--topics", "losses", "--force")
    assert code == 0
    assert losses.read_bytes() == fresh
    (kept,) = (here / "course" / ".learnkit").rglob("*.ipynb")
    assert kept.read_bytes() == mine
    assert f"your losses.ipynb is kept as {kept.relative_to(here)}" in said


def test_points_are_not_silently_left_out_of_an_edited_notebook(build, losses, here):
    build("--topics", "losses")
    mine = edited(losses)
    said, code = build("--topics", "gradients,losses", "--points", "losses.mse_loss=3")
    assert code == 2
    assert "losses.ipynb has been edited, and is not changed: set the points of" in said
    assert losses.read_bytes() == mine
    assert not (here / "course" / "source" / "gradients").exists()
    said, code = build("--topics", "losses", "--points", "losses.mse_loss=2")  # what it has
    assert code == 0


@pytest.mark.parametrize("text", ["", "{", "[]", '{"cells": 3}', '{"cells": [{}], "metadata": {}}'])
def test_a_broken_notebook_counts_as_edited(build, losses, text):
    losses.parent.mkdir(parents=True)
    losses.write_text(text, encoding="utf-8")
    said, code = build("--topics", "losses")
    assert code == 0
    assert "has been edited and stays as it is" in said
    assert losses.read_text(encoding="utf-8") == text


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--topics", "lossez"], 'no topic or exercise "lossez"; did you mean losses'),
        (["--topics", "losses.mse"], "did you mean losses.mse_loss"),
        (["--points", "losses.mse_loss"], "write NAME=NUMBER"),
        (["--points", "losses.mse_loss="], "write NAME=NUMBER"),
        (["--points", "losses.mse_loss=many"], "write NAME=NUMBER"),
        (["--points", "losses.mse_loss=-1"], "a number of 0 or more"),
        (["--points", "losses.mse_loss=nan"], "a number of 0 or more"),
        (["--points", "losses.mse_loss=inf"], "a number of 0 or more"),
        (["--points", "=3"], 'no topic or exercise ""'),
        (["--points", "mse_loss=3"], "did you mean losses.mse_loss"),
        (["--points", "losses=3"], "losses is a topic"),
        (["--topics", "losses", "--points", "training.train=3"], "not among what is asked"),
        (["--assignment", "a+b"], "cannot be called 'a+b'"),
        (["--assignment", "../ps1"], "cannot be called '../ps1'"),
        (["--assignment", "ps1 "], "cannot be called 'ps1 '"),
        (["--assignment", "*"], "cannot be called '*'"),
    ],
)
def test_what_cannot_be_built_is_said_in_a_sentence(build, here, words, says):
    said, code = build(*words)
    assert code == 2
    assert said.startswith("learnkit: ")
    assert says in said
    assert said.count("\n") == 1
    assert not (here / "course").exists()


def test_a_course_that_is_a_file_is_refused(build, here):
    (here / "course").write_text("mine", encoding="utf-8")
    said, code = build("--topics", "losses")
    assert (said, code) == ("learnkit: course is a file; a course needs a folder\n", 2)
    assert (here / "course").read_text(encoding="utf-8") == "mine"


def test_a_course_that_cannot_be_written_is_said_in_a_sentence(build, here):
    (here / "course").mkdir()
    (here / "course" / "source").write_text("mine", encoding="utf-8")
    said, code = build("--topics", "losses")
    assert code == 2
    assert "cannot be written: " in said
    assert said.count("\n") == 1


def test_without_nbgrader_it_says_what_to_install(build, here, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name, *_: None)
    said, code = build("--topics", "losses")
    assert code == 2
    assert said == (
        "learnkit: nbgrader is not installed; install it with: "
        "pip install 'learnkit-nn[classroom]'\n"
    )
    assert not (here / "course").exists()


def test_topics_from_elsewhere_are_built_and_the_judge_told_of_them(meadow, learnkit, here):
    root = meadow()
    words = ("--topics-from", root, "nbgrader", "build", "course", "--topics", "areas")
    assert learnkit(*words).exit_code == 0
    config = (here / "course" / "nbgrader_config.py").read_text(encoding="utf-8")
    line = f"c.Judge.topics_from.append({str(root.resolve())!r})\n"
    assert config.endswith(f"configure(c)\n{line}")
    cells = cells_of(here / "course" / "source" / "areas" / "areas.ipynb")
    assert cells["lesson"]["source"] == "# How large a figure is"
    assert "areas-circle_area-check" in cells
    (here / "course" / "nbgrader_config.py").write_text(config.replace(line, ""), encoding="utf-8")
    said = learnkit(*words).output
    assert f"Add to its end:\n\n{line}" in said


def test_the_configuration_puts_the_judge_in_the_place_of_execute(make_course):
    from traitlets.config import PyFileConfigLoader

    found = PyFileConfigLoader("nbgrader_config.py", path=str(make_course("losses"))).load_config()
    used = found.Autograde.autograde_preprocessors
    assert "grader.classroom.nbgrader.preprocessor.Judge" in used
    assert not [name for name in used if "Execute" in name]
    assert found.CourseDirectory.course_id == "course"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (
            'def f(x):\n    """Say."""\n    return x\n',
            'def f(x):\n    """Say."""\n    ### BEGIN SOLUTION\n    return x\n    ### END SOLUTION',
        ),
        (
            "@np.vectorize\ndef f(x): return x\n",
            "@np.vectorize\ndef f(x):\n    ### BEGIN SOLUTION\n    return x\n    ### END SOLUTION",
        ),
    ],
)
def test_the_marks_stand_around_a_body_wherever_it_begins(text, wanted):
    from grader.classroom.nbgrader import notebooks

    answers = ModelAnswers("toy", text)
    assert notebooks._with_marks(answers, answers.function("f")) == wanted
