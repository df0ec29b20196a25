"""A learner's folder: nothing of theirs is lost, whatever happens in between."""

import ast
import json
import os
import re
import stat
from pathlib import Path

import pytest

from grader.progress import SCHEMA, Progress
from grader.report import ExerciseResult, Report, Status
from grader.workspace import Workspace, WorkspaceError, write_atomically

OURS = "# my own work\n"


@pytest.fixture
def topics(built_in):
    return built_in.topics()


@pytest.fixture
def losses(built_in):
    return built_in.topic("losses")


@pytest.fixture
def home(tmp_path, topics):
    """Return a new workspace, and what it told its learner."""
    made, _ = Workspace.create(tmp_path / "home", topics)
    told = []
    return Workspace(made.root, told.append), told


def passed(*ids):
    return Report(0, "laptop", tuple(ExerciseResult(id_, Status.PASSED, 1, 1) for id_ in ids))


# Making one


def test_a_new_workspace_holds_the_stubs(tmp_path, topics):
    home, written = Workspace.create(tmp_path / "a" / "b", topics)
    assert [path.name for path in written] == [f"{topic.name}.py" for topic in topics]
    for topic, path in zip(topics, written, strict=True):
        assert path.read_text("utf-8") == topic.stub_path.read_text("utf-8")
    everything = {exercise.id for topic in topics for exercise in topic.exercises.values()}
    assert home.progress() == Progress(given=everything)
    assert home.state_path.is_file()


def test_a_file_that_is_there_is_left_alone(tmp_path, topics):
    (tmp_path / "losses.py").write_text(OURS, "utf-8")
    _, written = Workspace.create(tmp_path, topics)
    assert "losses.py" not in [path.name for path in written]
    assert (tmp_path / "losses.py").read_text("utf-8") == OURS


def test_making_it_again_keeps_progress_and_files(home, topics):
    home, _ = home
    home.remember(passed("losses.mse_loss"))
    before = home.state_path.read_text("utf-8")
    again, written = Workspace.create(home.root, topics)
    assert written == []
    assert again.state_path.read_text("utf-8") == before


def test_a_file_in_the_way_is_a_sentence(tmp_path, topics):
    (tmp_path / ".learnkit").write_text("", "utf-8")
    with pytest.raises(WorkspaceError, match="cannot be made a workspace"):
        Workspace.create(tmp_path, topics)


def test_stubs_are_written_whole_or_not_at_all(tmp_path, topics, monkeypatch):
    """Half a stub file would be taken for the learner's own and never be replaced."""

    def broken(*args, **kwargs):
        raise OSError(28, "No space left on device")

    for name in ("replace", "rename", "link", "symlink"):
        monkeypatch.setattr(os, name, broken)
    monkeypatch.setattr(os, "fsync", broken)
    with pytest.raises(WorkspaceError, match="No space left on device"):
        Workspace.create(tmp_path, topics)
    assert [path.name for path in tmp_path.iterdir() if path.suffix == ".py"] == []


# Finding it


def test_it_is_found_from_a_folder_inside_it(home):
    home, _ = home
    inside = home.root / "notes" / "deep"
    inside.mkdir(parents=True)
    assert Workspace.find(inside, print).root == home.root


def test_outside_of_one_the_remedy_is_told(tmp_path):
    with pytest.raises(WorkspaceError, match=r"not inside a learnkit workspace.*learnkit init"):
        Workspace.find(tmp_path, print)


# Remembering


def test_progress_comes_back_as_it_was_saved(home):
    home, _ = home
    progress = Progress({"losses.mse_loss": "2026-01-02T03:04:05Z"}, {"losses.softmax": 2})
    home.save(progress)
    assert home.progress() == progress


def test_the_first_pass_is_the_one_remembered(home):
    home, _ = home
    home.save(Progress({"losses.mse_loss": "2020-01-01T00:00:00Z"}))
    home.remember(passed("losses.mse_loss", "losses.softmax"))
    told = home.progress().passed
    assert told["losses.mse_loss"] == "2020-01-01T00:00:00Z"
    assert set(told) == {"losses.mse_loss", "losses.softmax"}


def test_what_did_not_pass_is_not_remembered(home):
    home, _ = home
    home.remember(Report(0, "laptop", (ExerciseResult("losses.softmax", Status.FAILED, 1, 2),)))
    assert home.progress().passed == {}


def test_a_pass_is_not_forgotten_when_the_answer_breaks_again(home):
    home, _ = home
    home.remember(passed("losses.softmax"))
    home.remember(Report(0, "laptop", (ExerciseResult("losses.softmax", Status.ERROR, 0, 2),)))
    assert set(home.progress().passed) == {"losses.softmax"}


DAMAGED = {
    "empty": "",
    "half": '{"schema": 1, "pas',
    "no object": "[1, 2]",
    "null": "null",
    "a number": "7",
    "nothing in it": "{}",
    "passed is a list": '{"schema": 1, "passed": ["losses.mse_loss"], "hints": {}}',
    "hints are a list": '{"schema": 1, "passed": {}, "hints": []}',
    "a level that is no number": '{"schema": 1, "passed": {}, "hints": {"a": "x"}}',
    "a level that is null": '{"schema": 1, "passed": {}, "hints": {"a": null}}',
    "a level without end": '{"schema": 1, "passed": {}, "hints": {"a": Infinity}}',
    "a schema that is a word": '{"schema": "one", "passed": {}, "hints": {}}',
    "no schema": '{"passed": {}, "hints": {}}',
    "less than none": '{"schema": 1, "passed": {}, "hints": {"losses.mse_loss": -1}}',
    "nested without end": "[" * 100_000,
}


@pytest.mark.parametrize("damage", DAMAGED)
def test_a_damaged_file_is_set_aside_with_a_message(home, damage):
    home, told = home
    home.state_path.write_text(DAMAGED[damage], "utf-8")
    assert home.progress() == Progress()
    assert len(told) == 1
    assert "was damaged: set aside as" in told[0]
    assert "learnkit check notes again what passes" in told[0]
    (aside,) = [path for path in home.state_path.parent.iterdir() if "damaged" in path.name]
    assert aside.name in told[0]
    assert aside.read_text("utf-8") == DAMAGED[damage]
    assert not home.state_path.exists()


def test_bytes_that_are_no_text_are_set_aside(home):
    home, told = home
    home.state_path.write_bytes(b"\xff\xfe\x00")
    assert home.progress() == Progress()
    assert len(told) == 1


def test_a_file_damaged_twice_is_kept_twice(home):
    home, _ = home
    for text in ("one", "two"):
        home.state_path.write_text(text, "utf-8")
        home.progress()
    kept = {path.read_text("utf-8") for path in home.root.rglob("*damaged*")}
    assert kept == {"one", "two"}


@pytest.mark.parametrize(
    "state",
    [
        {"schema": SCHEMA + 1, "passed": {}, "hints": {}},
        {"schema": SCHEMA + 1, "solved": ["losses.mse_loss"]},
        {"schema": SCHEMA + 1, "passed": ["losses.mse_loss"], "hints": None},
        {"schema": 99},
    ],
    ids=["the same fields", "other fields", "fields of another form", "no fields"],
)
def test_the_state_of_a_newer_kit_is_refused_and_left_alone(home, state):
    home, told = home
    home.state_path.write_text(json.dumps(state), "utf-8")
    with pytest.raises(WorkspaceError, match="newer learnkit; upgrade this one"):
        home.progress()
    with pytest.raises(WorkspaceError, match="newer learnkit"):
        home.remember(passed("losses.mse_loss"))
    assert json.loads(home.state_path.read_text("utf-8")) == state
    assert told == []


def test_fields_that_a_newer_kit_added_do_not_harm(home):
    home, _ = home
    state = {"schema": 1, "passed": {"a.b": "then"}, "hints": {}, "streak": 3}
    home.state_path.write_text(json.dumps(state), "utf-8")
    assert home.progress().passed == {"a.b": "then"}


# Writing


class Interrupted(BaseException):
    """What Ctrl-C or a kill looks like from inside."""


@pytest.mark.parametrize("step", ["fsync", "replace"])
@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), Interrupted()])
def test_a_failure_in_the_middle_leaves_the_old_text(tmp_path, monkeypatch, step, error):
    path = tmp_path / "notes.txt"
    path.write_text("old", "utf-8")

    def broken(*args, **kwargs):
        raise error

    monkeypatch.setattr(os, step, broken)
    with pytest.raises((WorkspaceError, Interrupted)) as failed:
        write_atomically(path, "new")
    monkeypatch.undo()
    assert path.read_text("utf-8") == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["notes.txt"]
    if isinstance(error, OSError):
        assert "No space left on device" in str(failed.value)


def test_a_text_that_cannot_be_encoded_leaves_the_old_one(tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("old", "utf-8")
    with pytest.raises((WorkspaceError, UnicodeEncodeError)):
        write_atomically(path, "new \ud800")
    assert path.read_text("utf-8") == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["notes.txt"]


def test_a_folder_that_is_not_there_is_a_sentence(tmp_path):
    with pytest.raises(WorkspaceError, match="cannot be written: No such file"):
        write_atomically(tmp_path / "nowhere" / "notes.txt", "new")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
@pytest.mark.parametrize("mode", [0o644, 0o664, 0o600])
def test_a_file_keeps_its_permissions(tmp_path, mode):
    path = tmp_path / "losses.py"
    path.write_text("old", "utf-8")
    path.chmod(mode)
    write_atomically(path, "new")
    assert stat.S_IMODE(path.stat().st_mode) == mode


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
def test_a_new_file_is_as_readable_as_any_other(tmp_path):
    (tmp_path / "other").write_text("", "utf-8")
    write_atomically(tmp_path / "new", "new")
    modes = {stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("other", "new")}
    assert len(modes) == 1


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege there")
def test_a_link_stays_a_link(tmp_path):
    """Who keeps losses.py elsewhere finds the stub there, too."""
    (tmp_path / "kept.py").write_text("old", "utf-8")
    (tmp_path / "losses.py").symlink_to(tmp_path / "kept.py")
    write_atomically(tmp_path / "losses.py", "new")
    assert (tmp_path / "losses.py").is_symlink()
    assert (tmp_path / "kept.py").read_text("utf-8") == "new"


# Putting a stub back

MINE = '''"""Mine."""
import numpy as np

HALF = 0.5


@np.errstate(all="ignore")
def mse_loss(
    prediction,
    target,
):
    # my own
    return HALF, prediction


def helper(x):
    return x


def softmax(x, temperature=1.0):
    return helper(x)
'''


def reset(home, losses, name, text=MINE):
    path = home.root / "losses.py"
    path.write_bytes(text.encode("utf-8"))
    backup = home.reset(losses, losses.exercises[name] if name else None)
    assert backup.read_bytes() == text.encode("utf-8")
    return path.read_bytes().decode("utf-8")


def test_a_stub_put_back_touches_one_function_alone(home, losses):
    home, _ = home
    now = reset(home, losses, "mse_loss")
    before, after = MINE[: MINE.index("@np.errstate")], MINE[MINE.index("\n\ndef helper") :]
    assert now.startswith(before)
    assert now.endswith(after)
    stub = now[len(before) : -len(after)]
    assert stub.startswith("def mse_loss(prediction, target):\n")
    assert 'raise NotImplementedError("losses.mse_loss")' in stub
    assert "my own" not in now


def test_the_last_function_can_be_put_back_too(home, losses):
    home, _ = home
    now = reset(home, losses, "softmax")
    assert now.startswith(MINE[: MINE.index("def softmax")])
    assert now.endswith('raise NotImplementedError("losses.softmax")\n')


def test_a_function_that_is_gone_is_put_at_the_end(home, losses):
    home, _ = home
    now = reset(home, losses, "svm_loss")
    assert now.startswith(MINE.rstrip("\n"))
    assert now.endswith('raise NotImplementedError("losses.svm_loss")\n')


def test_a_whole_topic_can_be_put_back(home, losses):
    home, _ = home
    assert reset(home, losses, None) == losses.stub_path.read_text("utf-8")


def test_each_backup_is_kept(home, losses):
    home, _ = home
    for text in (MINE, "# two\n", "# three\n"):
        reset(home, losses, None, text)
    assert len(list((home.root / ".learnkit" / "backups").iterdir())) == 3


def test_a_file_that_does_not_parse_can_only_be_put_back_whole(home, losses):
    home, _ = home
    path = home.root / "losses.py"
    path.write_text("def mse_loss(:\n", "utf-8")
    with pytest.raises(WorkspaceError, match=r"line 1.*learnkit reset losses$"):
        home.reset(losses, losses.exercises["mse_loss"])
    assert path.read_text("utf-8") == "def mse_loss(:\n"
    home.reset(losses, None)
    assert path.read_text("utf-8") == losses.stub_path.read_text("utf-8")


@pytest.mark.parametrize("data", [b"\xff\xfe#", b"x = 1\0\n"], ids=["not UTF-8", "null byte"])
def test_a_file_that_is_no_python_text_is_a_sentence(home, losses, data):
    home, _ = home
    path = home.root / "losses.py"
    path.write_bytes(data)
    with pytest.raises(WorkspaceError, match=r"learnkit reset losses$"):
        home.reset(losses, losses.exercises["mse_loss"])
    assert path.read_bytes() == data


def test_a_byte_order_mark_does_not_stand_in_the_way(home, losses):
    """`learnkit check` reads such a file, so reset must."""
    home, _ = home
    now = reset(home, losses, "mse_loss", "\ufeff" + MINE)
    assert 'raise NotImplementedError("losses.mse_loss")' in now
    assert "def helper(x):\n    return x\n" in now


@pytest.mark.parametrize("separator", ["\f", "\x0b", "\x1c", "\x85", "\u2028"])
def test_a_separator_that_is_no_newline_does_not_move_the_cut(home, losses, separator):
    home, _ = home
    note = "\f\n" if separator == "\f" else f'NOTE = "{separator}"\n'
    text = MINE.replace("HALF = 0.5\n", f"HALF = 0.5\n{note}")
    now = reset(home, losses, "mse_loss", text)
    assert now.startswith(text[: text.index("@np.errstate")])
    assert now.endswith(text[text.index("\n\ndef helper") :])


def test_lines_that_end_as_on_windows_stay_so(home, losses):
    home, _ = home
    now = reset(home, losses, "mse_loss", MINE.replace("\n", "\r\n"))
    assert "def helper(x):\r\n    return x\r\n" in now


def test_no_stubs_are_put_back_beside_a_notebook(home, losses):
    """They would be graded in its place."""
    home, _ = home
    (home.root / "losses.py").unlink()
    (home.root / "losses.ipynb").write_text("{}", "utf-8")
    with pytest.raises(WorkspaceError, match=r"losses\.ipynb is a notebook"):
        home.reset(losses, None)
    assert not (home.root / "losses.py").exists()


def test_a_topic_without_a_file_is_begun_anew(home, losses):
    home, _ = home
    (home.root / "losses.py").unlink()
    home.reset(losses, losses.exercises["mse_loss"])
    assert (home.root / "losses.py").read_text("utf-8") == losses.stub_path.read_text("utf-8")


def test_a_backup_that_fails_leaves_the_file_alone(home, losses):
    home, _ = home
    path = home.root / "losses.py"
    path.write_text(MINE, "utf-8")
    Path(home.root / ".learnkit" / "backups").write_text("in the way", "utf-8")
    with pytest.raises(WorkspaceError, match="cannot be reset"):
        home.reset(losses, None)
    assert path.read_text("utf-8") == MINE


# A workspace of an older kit

OLD_STATE = '{"schema": 1, "kit": "0.1", "passed": {"losses.mse_loss": "then"}, "hints": {}}'


@pytest.fixture
def older(tmp_path, losses):
    """Return a workspace of a kit that knew fewer exercises, and lets a test write in it."""
    root = tmp_path / "older"
    (root / ".learnkit").mkdir(parents=True)
    (root / ".learnkit" / "progress.json").write_text(OLD_STATE, "utf-8")

    def made(text=MINE, name="losses.py"):
        (root / name).write_bytes(text.encode("utf-8"))
        return root

    return made


def defined(path):
    tree = ast.parse(path.read_text("utf-8").removeprefix("\ufeff"))
    return [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]


def test_new_exercises_are_added_and_nothing_else_is_touched(older, losses):
    root = older()
    told = []
    home, written = Workspace.create(root, [losses], told.append)
    assert [path.name for path in written] == ["losses.py"]
    text = (root / "losses.py").read_text("utf-8")
    assert text.startswith(MINE)
    assert text[len(MINE) :].lstrip("\n").startswith("# New in this kit")
    new = [name for name in losses.exercises if name not in {"mse_loss", "softmax"}]
    assert defined(root / "losses.py") == ["mse_loss", "helper", "softmax", *new]
    for name in new:
        assert f'raise NotImplementedError("losses.{name}")' in text
    (backup,) = (root / ".learnkit" / "backups").iterdir()
    assert backup.read_text("utf-8") == MINE
    assert told == []
    assert home.progress().passed == {"losses.mse_loss": "then"}


def test_what_was_added_once_is_not_added_again(older, losses):
    root = older()
    Workspace.create(root, [losses])
    before = (root / "losses.py").read_bytes()
    assert Workspace.create(root, [losses])[1] == []
    assert (root / "losses.py").read_bytes() == before


def test_an_exercise_that_was_taken_out_stays_out(home, losses):
    home, _ = home
    (home.root / "losses.py").write_text(MINE, "utf-8")
    assert Workspace.create(home.root, [losses])[1] == []
    assert (home.root / "losses.py").read_text("utf-8") == MINE


@pytest.mark.parametrize(
    ("old", "new"),
    [("\n", "\r\n"), ('"""Mine."""', '\ufeff"""Mine."""')],
    ids=["Windows", "byte order mark"],
)
def test_a_file_keeps_its_form_when_exercises_are_added(older, losses, old, new):
    mine = MINE.replace(old, new)
    root = older(mine)
    Workspace.create(root, [losses])
    data = (root / "losses.py").read_bytes().decode("utf-8")
    assert data.startswith(mine)
    assert len(defined(root / "losses.py")) == len(losses.exercises) + 1
    if new == "\r\n":
        assert data.count("\n") == data.count("\r\n")


@pytest.mark.parametrize(
    "line",
    ["svm_loss = mse_loss", "from mine import svm_loss", "import a as svm_loss"],
)
def test_a_name_that_is_there_in_another_way_is_not_defined_again(older, losses, line):
    root = older(f"{MINE}\n{line}\n")
    Workspace.create(root, [losses])
    assert "svm_loss" not in defined(root / "losses.py")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("def mse_loss(:\n", "cannot be read as Python"),
        (MINE + "from mine import *\n", r"import \*"),
    ],
)
def test_a_file_that_cannot_be_understood_is_left_alone_with_a_message(older, losses, text, says):
    root = older(text)
    told = []
    assert Workspace.create(root, [losses], told.append)[1] == []
    assert (root / "losses.py").read_text("utf-8") == text
    assert re.search(f"losses.py was left alone.*{says}", told[0])
    # When it can be, the exercises come.
    (root / "losses.py").write_text(MINE, "utf-8")
    assert Workspace.create(root, [losses])[1] != []


def test_a_file_of_the_learners_own_is_left_alone(older, losses):
    root = older(OURS)
    assert Workspace.create(root, [losses])[1] == []
    assert (root / "losses.py").read_text("utf-8") == OURS


def test_a_new_topic_is_a_new_file(older, topics):
    root = older()
    _, written = Workspace.create(root, topics)
    assert [path.name for path in written] == [f"{topic.name}.py" for topic in topics]


def test_no_file_is_put_beside_a_notebook(older, losses):
    """It would be graded in its place."""
    root = older("{}", "losses.ipynb")
    assert Workspace.create(root, [losses])[1] == []
    assert not (root / "losses.py").exists()
