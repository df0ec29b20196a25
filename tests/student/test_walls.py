"""Behind the walls of `inner` and `strict` an attack earns nothing, harms nothing, outlives nothing."""

import contextlib
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import textwrap
from pathlib import Path

import numpy as np
import pytest
from attacks import ATTACKS, ENDING, ENDLESS, PRELUDE, WITHOUT, WORKING

import grader
from grader.catalogue import Catalogue
from grader.engine import grade
from grader.report import Status
from grader.student import launch, walled
from grader.student.launch import launcher
from grader.student.limits import MIB, IsolationUnavailableError, Level, Limits
from grader.student.session import Session, Step
from grader.student.submission import from_text

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the walls are Linux's")

LEVELS = [Level.INNER, Level.STRICT]
# Levels that must be had where this is set: elsewhere a machine may lack one.
REQUIRED = os.environ.get("LEARNKIT_TEST_LEVELS", "").split()


@pytest.fixture(scope="module", params=LEVELS, ids=str)
def level(request):
    return request.param


@pytest.fixture(scope="module")
def start(level):
    """Return a launcher of the level, shared: what one submission breaks, the next would show."""
    os.environ["ANSWERS_ARE_IN"] = "the safe"
    try:
        started = launcher(level)
    except IsolationUnavailableError as error:
        if level in REQUIRED:
            raise
        pytest.skip(str(error))
    finally:
        del os.environ["ANSWERS_ARE_IN"]
    yield started
    started.close()


@pytest.fixture(scope="module")
def mse_loss():
    return Catalogue().topic("losses").exercises["mse_loss"]


@pytest.fixture
def told():
    """Return what an attacker may know: a folder open to everyone, a file, a port, a process."""
    folder = tempfile.mkdtemp()
    Path(folder).chmod(0o777)
    file = Path(folder, "reference.py")
    file.write_text("def mse_loss(): the truth", encoding="utf-8")
    file.chmod(0o666)
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield {
            "folder": folder,
            "file": str(file),
            "home": str(Path(grader.__file__).resolve().parents[1]),
            "port": server.getsockname()[1],
            "pid": os.getpid(),
        }
    assert [path.name for path in Path(folder).iterdir()] == ["reference.py"]
    assert file.read_text(encoding="utf-8") == "def mse_loss(): the truth"
    assert (Path(folder).stat().st_mode & 0o777, file.stat().st_mode & 0o777) == (0o777, 0o666)
    shutil.rmtree(folder)


def descendants(pid):
    """Return the processes that a process started, and those that these started."""
    found = set()
    for task in Path(f"/proc/{pid}/task").iterdir():
        with contextlib.suppress(OSError):  # it ended meanwhile
            for child in map(int, (task / "children").read_text(encoding="ascii").split()):
                found |= {child} | descendants(child)
    return found


def gone(fds):
    """Tell whether processes have ended, waiting for those that were killed a moment ago."""
    ended = [bool(select.select([fd], [], [], 60.0)[0]) for fd in fds]
    for fd in fds:
        os.close(fd)
    return all(ended)


def judged(exercise, text, start, **limits):
    return grade(
        [exercise], from_text(text, "losses"), start, Limits(**{"seconds": 30.0, **limits}), seed=1
    )


def attacking(body, told, *, at_load=False):
    parts = [PRELUDE.replace("TOLD = None", f"TOLD = {told!r}")]
    parts += [f"def attack(prediction, target):\n{textwrap.indent(body, '    ')}"]
    if at_load:
        parts += ["attack(np.ones(3), np.ones(3))"]
    return "\n".join([*parts, ENDING])


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_earns_nothing_harms_nothing_and_outlives_nothing(start, mse_loss, told, name):
    before = descendants(os.getpid())
    endless = ATTACKS[name] in ENDLESS.values()
    limits = {"seconds": 0.5} if endless else {"memory_bytes": 128 * MIB}
    report = judged(mse_loss, attacking(ATTACKS[name], told), start, **limits)
    assert report.score == 0.0
    assert report.exercises[0].status is not Status.GRADER_ERROR
    assert "BREACH" not in report.printed
    if endless:
        assert report.exercises[0].status in {Status.TIMEOUT, Status.ERROR}
    assert descendants(os.getpid()) == before
    right = judged(mse_loss, mse_loss.topic.answers.text, start)
    assert (right.score, right.isolation) == (right.max_score, start.level)


@pytest.mark.parametrize(
    "name", ["lie: answers in the grader's stead", "bomb: memory", "endless: blocks every signal"]
)
def test_an_attack_while_loading_does_no_better(start, mse_loss, told, name):
    text = attacking(ATTACKS[name], told, at_load=True)
    report = judged(mse_loss, text, start, seconds=0.5, memory_bytes=256 * MIB)
    assert report.score == 0.0
    assert report.exercises[0].status in {Status.ERROR, Status.TIMEOUT}


@pytest.fixture(scope="module")
def asked(start):
    """Run a function's body behind the walls."""

    def ask(body, **limits):
        text = f"import numpy as np\ndef f():\n{textwrap.indent(body, '    ')}"
        with Session(from_text(text), start, Limits(**{"seconds": 30.0, **limits})) as session:
            return session.run("submission", [Step("f")])[0]

    return ask


@pytest.mark.parametrize("name", WORKING)
def test_what_people_use_works(asked, name):
    outcome = asked(WORKING[name])
    assert outcome.fault is None
    assert outcome.value


@pytest.mark.parametrize("name", WITHOUT)
def test_what_does_not_work_says_so(asked, name):
    body, words = WITHOUT[name]
    fault = asked(body).fault
    assert fault.kind == "raised"
    assert words in fault.message


def test_a_session_is_nobody_special(asked):
    users, groups, folder = asked(
        "import os\nreturn list(os.getresuid()), os.getgroups(), os.getcwd()"
    ).value
    assert users == [users[0]] * 3
    assert users[0] in ([os.getuid()] if os.getuid() else walled.USERS)
    assert os.getuid() or groups == []
    assert folder == "/"


def test_every_session_draws_numbers_of_its_own(asked):
    body = (
        "import random\nreturn random.random(), np.random.rand(), np.random.default_rng().random()"
    )
    drawn = [number for _ in range(3) for number in asked(body).value]
    assert len(set(drawn)) == len(drawn)


MANY_THREADS = """
import threading
threading.stack_size(2**16)
while True:
    threading.Thread(target=threading.Event().wait, daemon=True).start()
"""


def test_many_threads_leave_the_next_submission_its_own(asked):
    assert asked(MANY_THREADS).fault.type == "RuntimeError"
    one = "import threading\nthread = threading.Thread(target=print)\nthread.start()\nreturn True"
    assert asked(one).value is True


@pytest.fixture
def two(start, level):
    """Return two launchers whose sessions run at the same time."""
    with contextlib.closing(launcher(level)) as other:
        yield start, other


def test_many_threads_leave_another_submission_its_own_at_the_same_time(two, level):
    if level is Level.INNER and os.getuid():
        pytest.skip("an ordinary user's threads are counted together")
    many = f"def f():{textwrap.indent(MANY_THREADS, '    ')}"
    few = "import threading\ndef f():\n    threads = [threading.Thread() for _ in range(4)]\n"
    few += "    [t.start() for t in threads]\n    [t.join() for t in threads]\n    return True"
    with contextlib.ExitStack() as stack:
        one, other = (
            stack.enter_context(Session(from_text(text), start, Limits(30.0)))
            for text, start in zip((many, few), two, strict=True)
        )
        assert one.run("submission", [Step("f")])[0].fault.type == "RuntimeError"
        assert other.run("submission", [Step("f")])[0].value is True


GRADER = """
import sys
from grader.student.launch import launcher
from grader.student.limits import Level, Limits
from grader.student.session import Session, Step
from grader.student.submission import from_text

submission = from_text("def f():\\n while True: pass")
with Session(submission, launcher(Level(sys.argv[1])), Limits(600.0)) as session:
    session.load("submission")
    print("ready", flush=True)
    session.run("submission", [Step("f")])
"""


@pytest.mark.usefixtures("start")
def test_a_grader_that_is_killed_leaves_nothing_behind(level):
    command = [sys.executable, "-c", GRADER, level]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as one:
        assert one.stdout.readline() == b"ready\n"
        fds = [os.pidfd_open(pid) for pid in descendants(one.pid)]
        one.kill()
    assert len(fds) >= 2  # the server and the session
    assert gone(fds)


@pytest.mark.usefixtures("start")
def test_what_somebody_stopped_is_ended_and_replaced(level, monkeypatch):
    """Nobody behind the walls can stop the server; somebody else might."""
    monkeypatch.setattr(launch, "END_SECONDS", 0.5)
    before = descendants(os.getpid())
    with contextlib.closing(launcher(level)) as own:
        session = Session(from_text("def f(): return 1"), own, Limits())
        session.load("submission")
        started = descendants(os.getpid()) - before
        fds = [os.pidfd_open(pid) for pid in started]
        for pid in started:
            os.kill(pid, signal.SIGSTOP)
        assert session.close() == -signal.SIGKILL
        assert gone(fds)
        assert session.run("submission", [Step("f")])[0].value == 1
        session.close()


WHERE = """
import sys
from grader.student.launch import launcher
from grader.student.limits import Level, Limits
from grader.student.session import Session, Step
from grader.student.submission import from_text

submission = from_text("import numpy, numpy.ma\\ndef f(): return numpy.__file__")
start = launcher(Level(sys.argv[1]))
with Session(submission, start, Limits()) as session:
    print(session.run("submission", [Step("f")])[0].value)
start.close()
"""


def linked(source, target):
    try:
        os.link(source, target)
    except OSError:  # another file system, or another's file
        shutil.copy2(source, target)


@pytest.mark.usefixtures("start")
def test_numpy_may_stand_in_a_folder_closed_to_others(level):
    """As it does where an environment was made in somebody's home, or in a folder of mktemp's."""
    with tempfile.TemporaryDirectory() as folder:
        package, ours = Path(np.__file__).parent, Path(grader.__file__).parent
        needed = (package, package.with_name("numpy.libs"), ours, ours.with_name("numerics"))
        for found in needed:
            if found.is_dir():
                shutil.copytree(found, Path(folder, found.name), copy_function=linked)
        done = subprocess.run(
            [sys.executable, "-c", WHERE, level],
            env={**os.environ, "PYTHONPATH": folder},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.stdout.startswith(folder), done.stderr


# The user that root becomes.


@pytest.fixture
def two_users(monkeypatch):
    """Leave root two users, which no other test may be given."""
    first = 2**31 + 2 * os.getpid()
    monkeypatch.setattr(os, "getresuid", lambda: (0, 0, 0))
    monkeypatch.setattr(walled, "USERS", range(first, first + 2))
    return {first, first + 1}


def test_at_the_same_time_no_two_servers_that_root_starts_have_the_same_user(two_users):
    for _ in range(2):
        with walled.own_user() as one, walled.own_user() as other:
            assert {one, other} == two_users
            with pytest.raises(IsolationUnavailableError, match="no free user"):
                walled.own_user().__enter__()


def test_what_holds_a_user_lasts_no_longer_than_its_holder(two_users):
    code = f"import os, sys\nfrom grader.student import walled\nwalled.USERS = {walled.USERS}\n"
    code += "os.getresuid = lambda: (0, 0, 0)\nheld = walled.own_user()\nheld.__enter__()\n"
    code += "print(flush=True)\nsys.stdin.read()"
    command = [sys.executable, "-c", code]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        holder.stdout.readline()
        with walled.own_user(), pytest.raises(IsolationUnavailableError):
            walled.own_user().__enter__()
        holder.kill()
    with walled.own_user() as one, walled.own_user() as other:
        assert {one, other} == two_users


@pytest.mark.parametrize(
    ("number", "blind"), [(0, "_running_users"), (os.getuid(), "_has_name")], ids=["name", "runs"]
)
@pytest.mark.usefixtures("two_users")
def test_root_becomes_nobody_who_has_a_name_or_runs_something(monkeypatch, number, blind):
    monkeypatch.setattr(walled, "USERS", range(number, number + 1))
    monkeypatch.setattr(walled, blind, lambda *_: set())
    with pytest.raises(IsolationUnavailableError, match="no free user"):
        walled.own_user().__enter__()


def test_an_ordinary_user_stays_the_same(monkeypatch):
    monkeypatch.setattr(os, "getresuid", lambda: (1000, 1000, 1000))
    with walled.own_user() as number:
        assert number == os.getuid()


# What is missing is told.


def test_without_bubblewrap_strict_is_refused_with_the_command_that_gives_it(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(IsolationUnavailableError, match="apt-get install bubblewrap"):
        launcher(Level.STRICT)


@pytest.mark.parametrize("level", [Level.LAPTOP, Level.INNER])
@pytest.mark.skipif(sys.platform != "linux", reason="others have no fork server, or no walls")
def test_a_python_that_cannot_be_run_again_is_told(level, tmp_path, monkeypatch):
    closed = tmp_path / "python"
    closed.touch(0o644)
    monkeypatch.setattr(sys, "executable", str(closed))
    with pytest.raises(IsolationUnavailableError, match=r"did not start: .*Permission denied"):
        launcher(level)


def test_what_bubblewrap_says_is_told(tmp_path, monkeypatch):
    words = "bwrap: No permissions to create new namespace"
    program = tmp_path / "bwrap"
    program.write_text(f"#!/bin/sh\necho '{words}' >&2\nexit 1\n", encoding="ascii")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    with pytest.raises(IsolationUnavailableError, match=f"level strict: .*{words}"):
        launcher(Level.STRICT)


def test_elsewhere_than_on_linux_there_is_laptop_alone(monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    with pytest.raises(IsolationUnavailableError, match="level inner needs Linux"):
        launcher(Level.INNER)


@pytest.mark.parametrize(("name", "value", "_", "command"), walled.SETTINGS)
def test_a_setting_that_forbids_namespaces_is_named_with_the_command_that_changes_it(
    tmp_path, name, value, _, command
):
    (tmp_path / name).parent.mkdir()
    (tmp_path / name).write_text(f"{value}\n", encoding="ascii")
    said = walled.remedy("bwrap: setting up uid map: Permission denied", tmp_path)
    assert command in said
    assert "uid map" in said
