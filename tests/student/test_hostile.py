"""Programs that forge answers, hide processes or look for what is not theirs."""

import contextlib
import os
import random
import select
import textwrap
from pathlib import Path

import pytest

from grader.student.limits import Limits
from grader.student.session import Session, Step
from grader.student.submission import from_text
from grader.student.wire import Callback

pytestmark = pytest.mark.usefixtures("only_linux")

# What a program needs to speak for its process: the pipes are among its descriptors.
FORGER = """
import fcntl, json, os, stat, struct

def pipes():
    "Find what carries frames in, what carries them out, and the bell."
    found = {}
    for fd in sorted(map(int, os.listdir("/proc/self/fd"))):
        try:
            if stat.S_ISFIFO(os.stat(fd).st_mode):
                found.setdefault(fcntl.fcntl(fd, fcntl.F_GETFL) & os.O_ACCMODE, []).append(fd)
        except OSError:
            pass
    return (*found[os.O_RDONLY], *found[os.O_WRONLY])

def frame(head, body=b""):
    text = head if isinstance(head, bytes) else json.dumps(head).encode()
    return struct.pack("<4sIQ", b"LKF1", len(text), len(body)) + text + body

def write(data):
    fd = pipes()[1]
    while data:
        data = data[os.write(fd, data):]

def forge(head, body=b""):
    write(frame(head, body))

def good(x):
    return x + 1
"""
NOISE = random.Random(0).randbytes(500)
SHARING = "{'list': [{'array': ['|u1', [2**22], 0]}] * 10**5}"


def forging(body, *, at_load=False):
    body = textwrap.dedent(body)
    return FORGER + (body if at_load else f"def bad(*args):\n{textwrap.indent(body, '    ')}\n")


def survives(session):
    """Tell whether the session gives right results again."""
    return session.run("submission", [Step("good", (1,))])[0].value == 2


@pytest.mark.parametrize(
    "body",
    [
        f"write({NOISE!r})",
        "write(b'\\n')\nwrite(b'printed by mistake\\n' * 9)",
        "forge(b'null')",
        "forge(b'[' * 10**6)",
        "forge({})",
        "forge({'message': 2, 'step': 7, 'value': 1})",
        "forge({'message': 1, 'step': 0, 'value': 1})",
        "forge({'message': 2, 'step': 0, 'value': {'array': ['<f8', [2**39], 0]}})",
        "forge({'message': 2, 'step': 0, 'value': {'array': ['|O', [1], 0]}}, bytes(8))",
        "forge({'message': 2, 'callback': []})",
        "write(struct.pack('<4sIQ', b'LKF1', 2**32 - 1, 0))",
        "write(struct.pack('<4sIQ', b'LKF1', 2, 2**63))",
        f"forge({{'message': 2, 'step': 0, 'value': {SHARING}}}, bytes(2**22))",
    ],
    ids=[
        "noise",
        "text",
        "no object",
        "too deep",
        "nothing",
        "another step",
        "another message",
        "a huge array",
        "an array of objects",
        "a call of a list",
        "a huge head",
        "a huge body",
        "arrays that share bytes",
    ],
)
def test_forged_bytes_are_garbled_and_the_next_process_is_well(opened_here, body):
    session = opened_here(forging(f"{body}\nreturn 1"))
    bad, after = session.run("submission", [Step("bad"), Step("good", (1,))])
    assert (bad.fault.kind, after.fault.kind) == ("garbled", "unavailable")
    assert survives(session)


@pytest.mark.parametrize(
    "body",
    [
        f"write({NOISE!r})",
        "forge({'message': 1, 'done': True})",
        "forge({'message': 1, 'done': True, 'loaded': True})",
        "forge({'message': 1, 'done': True, 'loaded': True, 'functions': {'bad': 5}})",
        "forge({'message': 1, 'step': 0, 'value': 1})",
        "forge({'message': 0, 'done': True})",
    ],
)
def test_bytes_forged_while_loading_are_garbled(opened_here, body):
    session = opened_here(forging(body, at_load=True))
    assert session.load("submission").fault.kind == "garbled"
    assert session.run("submission", [Step("good", (1,))])[0].fault.kind == "garbled"


def test_a_frame_that_never_ends_is_a_timeout(opened_here):
    body = "write(frame({'message': 2, 'step': 0, 'value': 1})[:-1])\nwhile True: pass"
    session = opened_here(forging(body), seconds=0.5)
    assert session.run("submission", [Step("bad")])[0].fault.kind == "timeout"


def test_frames_that_keep_coming_are_a_timeout(opened_here):
    body = """
        call = frame({"message": 2, "callback": "g", "args": [], "kwargs": {}}) * 100
        ours = pipes()[0]
        os.set_blocking(ours, False)
        for _ in range(5000):  # far more than there is time for
            write(call)
            try:
                while os.read(ours, 2**16):
                    pass
            except BlockingIOError:
                pass
    """
    session = opened_here(forging(body), seconds=0.5, callbacks=10**9)
    (outcome,) = session.run("submission", [Step("bad")], {"g": lambda: 1})
    assert outcome.fault.kind == "timeout"


def test_a_later_answer_written_in_advance_does_not_count(opened_here):
    body = "forge({'message': 3, 'step': 0, 'value': 'forged'})\nreturn 1"
    session = opened_here(forging(body))
    session.run("submission", [Step("bad")])
    assert survives(session)


@pytest.mark.parametrize(
    "body",
    [
        "os.close(pipes()[1])",
        "for fd in pipes(): os.close(fd)",
        "os.closerange(3, 1000)",
        "os.closerange(3, 1000)\nwhile True: pass",
        "os.dup2(os.open('/dev/null', os.O_WRONLY), pipes()[1])",
    ],
)
def test_a_program_that_closes_its_pipes_has_no_result(opened_here, body):
    session = opened_here(forging(f"{body}\nreturn 1"), seconds=1.5)
    (outcome,) = session.run("submission", [Step("bad")])
    assert outcome.fault.kind in {"died", "timeout"}
    assert survives(session)


@pytest.mark.parametrize(
    "body",
    [
        "os.close(pipes()[2])",
        "os.dup2(os.open('/dev/null', os.O_WRONLY), pipes()[2])",
        "while True: pass",
    ],
)
def test_an_answer_before_a_program_is_without_its_bell_counts(opened_here, body):
    session = opened_here(forging(body), seconds=0.5)
    first, second = session.run("submission", [Step("good", (1,)), Step("bad")])
    assert first.value == 2
    assert second.fault is None or second.fault.kind == "timeout"
    assert survives(session)


def test_a_bell_that_rings_without_end_is_a_timeout(opened_here):
    body = "while True: os.set_blocking(pipes()[2], True) or os.write(pipes()[2], bytes(2**16))"
    session = opened_here(forging(body), seconds=0.5)
    assert session.run("submission", [Step("bad")])[0].fault.kind == "timeout"
    assert survives(session)


def test_a_program_that_closes_what_it_reads_from_ends_after_its_answer(opened_here):
    session = opened_here(forging("os.close(pipes()[0])\nreturn 1"))
    assert session.run("submission", [Step("bad")])[0].value == 1
    (outcome,) = session.run("submission", [Step("good", (1,))])
    assert outcome.fault.kind == "died"
    assert survives(session)


# Processes.

STARTING = """
    import os, signal, subprocess, sys

    def linger():
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        while True:
            signal.pause()

    def child():
        pid = os.fork()
        if pid == 0:
            linger()
        return pid

    def program():
        return subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"]).pid

    def daemon():
        ours, theirs = os.pipe()
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                os.setsid()
                os.write(theirs, b"%16d" % os.getpid())
                linger()
            os._exit(0)
        os.wait()
        return int(os.read(ours, 16))

    def good(x):
        return x + 1
"""


class Watched:
    """Processes by number, watched so that the number cannot come to mean another one."""

    def __init__(self, *pids):
        self._fds = [os.pidfd_open(pid) for pid in pids]

    def gone(self):
        """Tell whether all have ended, waiting for those that have been killed a moment ago."""
        return all(select.select([fd], [], [], 20.0)[0] for fd in self._fds)

    def close(self):
        for fd in self._fds:
            os.close(fd)


@pytest.fixture
def started(request, opened):
    """Start a process from within a call, and watch it."""
    session = opened(textwrap.dedent(STARTING))

    def start(*functions):
        outcomes = session.run("submission", [Step(function) for function in functions])
        watched = Watched(*(outcome.value for outcome in outcomes))
        request.addfinalizer(watched.close)
        return session, watched

    return start


@pytest.mark.parametrize("function", ["child", "program"])
def test_children_that_outlive_a_call_are_gone_with_their_session(started, function):
    session, watched = started(function, function)
    assert survives(session)
    session.close()
    assert watched.gone()


@pytest.mark.usefixtures("only_fork_server")
def test_daemons_are_gone_with_their_session(started):
    session, watched = started("daemon", "child", "daemon")
    session.close()
    assert watched.gone()


@pytest.mark.parametrize(
    ("body", "end"), [("os._exit(3)", "died"), ("while True: pass", "timeout")]
)
def test_children_do_not_keep_a_dead_process_alive(opened, body, end):
    text = f"{textwrap.dedent(STARTING)}\ndef bad():\n    child()\n    {body}"
    session = opened(text, seconds=1.0 if end == "timeout" else 20.0)
    assert session.run("submission", [Step("bad")])[0].fault.kind == end
    assert survives(session)


@pytest.mark.parametrize("times", [1, 3])
def test_of_a_process_and_its_copies_only_the_first_answers(opened, times):
    text = f"""
        import os
        calls = 0
        def bad():
            global calls
            calls += 1
            for _ in range({times}):
                os.fork()
            return calls
        def good(x):
            return x + 1
    """
    session = opened(textwrap.dedent(text))
    for call in range(1, 6):
        (outcome,) = session.run("submission", [Step("bad")])
        assert outcome.value == call
        assert survives(session)


def test_a_copy_does_not_call_the_graders_function(opened_here):
    text = """
        import os
        def f(g):
            os.fork()
            return g(os.getpid()), os.getpid()
    """
    pids = []
    session = opened_here(textwrap.dedent(text))
    for _ in range(3):
        calls = session.run("submission", [Step("f", (Callback("g"),))], {"g": pids.append})
        assert calls[0].value == (None, pids[-1])
    assert len(set(pids)) == 1


def test_multiprocessing_works_within_a_call(opened_here):
    text = """
        import multiprocessing
        def square(x):
            return x * x
        def f():
            with multiprocessing.get_context("fork").Pool(2) as pool:
                return pool.map(square, [1, 2, 3])
    """
    session = opened_here(textwrap.dedent(text))
    assert session.run("submission", [Step("f")])[0].value == [1, 4, 9]


def test_what_a_program_executes_does_not_inherit_the_channel(opened):
    text = FORGER + "def inherited(): return [os.get_inheritable(fd) for fd in pipes()]"
    session = opened(text)
    assert session.run("submission", [Step("inherited")])[0].value in ([False] * 2, [False] * 3)


@pytest.mark.usefixtures("only_fork_server")
@pytest.mark.parametrize("signal_name", ["SIGKILL", "SIGTERM"])
def test_a_program_that_ends_its_server_harms_itself_alone(fresh, signal_name):
    text = f"""
        import os, signal
        def bad():
            with open(f"/proc/{{os.getppid()}}/cmdline", "rb") as file:
                assert b"boot.serve" in file.read()
            os.kill(os.getppid(), signal.{signal_name})
            signal.pause()
        def pid():
            return os.getpid()
        def good(x):
            return x + 1
    """
    with Session(from_text(textwrap.dedent(text)), fresh, Limits(seconds=1.0)) as session:
        watched = Watched(session.run("submission", [Step("pid")])[0].value)
        with contextlib.closing(watched):
            (outcome,) = session.run("submission", [Step("bad")])
            assert outcome.fault.kind in {"died", "timeout"}
            assert watched.gone()
        assert survives(session)


def holders(marker):
    """Return the processes whose environment holds a marker."""
    found = []
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if entry.name.isdigit() and marker in (entry / "environ").read_bytes():
                found.append(int(entry.name))
    return found


def test_a_closed_launcher_leaves_no_process_behind(kind, tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    marker = str(tmp_path).encode()
    with contextlib.closing(kind()) as launcher:
        session = Session(from_text(textwrap.dedent(STARTING)), launcher, Limits())
        functions = ["child", "program"] + ["daemon"] * (kind.__name__ == "ForkServer")
        pids = [o.value for o in session.run("submission", [Step(f) for f in functions])]
        assert set(pids) <= set(holders(marker))
        if kind.__name__ != "ForkServer":
            session.close()  # nothing else knows of its process
    with contextlib.closing(Watched(*holders(marker))) as watched:
        assert watched.gone()


# What is not theirs.


def test_the_graders_environment_is_not_shown(kind, monkeypatch):
    monkeypatch.setenv("ANSWERS_ARE_IN", "the safe")
    text = """
        import os, subprocess
        def f():
            with open("/proc/self/environ", "rb") as file:
                raw = file.read().decode()
            return dict(os.environ), raw, subprocess.check_output("env").decode()
    """
    with (
        contextlib.closing(kind()) as launcher,
        Session(from_text(textwrap.dedent(text)), launcher, Limits()) as session,
    ):
        environment, *raw = session.run("submission", [Step("f")])[0].value
    assert "PATH" in environment
    assert "ANSWERS" not in repr([environment, raw])


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("LD_LIBRARY_PATH", True),
        ("DYLD_LIBRARY_PATH", True),
        ("DYLD_FALLBACK_LIBRARY_PATH", True),
        ("DYLD_FRAMEWORK_PATH", True),
        ("DYLD_FALLBACK_FRAMEWORK_PATH", True),
        ("LD_PRELOAD", False),
        ("DYLD_INSERT_LIBRARIES", False),
        ("PYTHONPATH", False),
        ("PYTHONSTARTUP", False),
    ],
)
def test_of_the_environment_there_is_what_python_needs_to_start(
    kind, tmp_path, monkeypatch, name, kept
):
    monkeypatch.setenv(name, str(tmp_path))
    text = "import os\ndef f(name): return os.environ.get(name)"
    with contextlib.closing(kind()) as launcher:
        monkeypatch.delenv(name)
        monkeypatch.setenv(name, str(tmp_path))
        with Session(from_text(text), launcher, Limits()) as session:
            (outcome,) = session.run("submission", [Step("f", (name,))])
    assert outcome.value == (str(tmp_path) if kept else None)


def test_the_current_folder_does_not_hide_the_standard_library(kind, tmp_path, monkeypatch):
    (tmp_path / "random.py").write_text("raise RuntimeError('the wrong one')")
    (tmp_path / "numpy.py").write_text("raise RuntimeError('the wrong one')")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    text = "import random\nimport numpy\ndef f(): return random.__file__, numpy.__file__"
    with (
        contextlib.closing(kind()) as launcher,
        Session(from_text(text), launcher, Limits()) as session,
    ):
        files = session.run("submission", [Step("f")])[0].value
    assert not any(file.startswith(str(tmp_path)) for file in files)


def test_only_the_channel_is_open_in_a_learners_process(opened):
    text = """
        import os, stat
        def f():
            kinds = {}
            for fd in map(int, os.listdir("/proc/self/fd")):
                try:
                    kinds[fd] = os.readlink(f"/proc/self/fd/{fd}").partition(":")[0]
                except OSError:
                    pass
            return kinds
    """
    kinds = opened(textwrap.dedent(text)).run("submission", [Step("f")])[0].value
    assert [kinds.pop(fd) for fd in (0, 1, 2)] == ["/dev/null"] * 3
    # In, out, and the bell of a fork server's session.
    left = [kind for kind in kinds.values() if kind != "/dev/null"]
    assert left in (["pipe"] * 2, ["pipe"] * 3)
