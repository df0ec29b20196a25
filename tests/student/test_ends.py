"""How a learner's process may end, and what it may not use up: each is told, none does harm."""

import contextlib
import errno
import functools
import gc
import os
import shutil
import signal
import sys
import textwrap

import numpy as np
import pytest

from grader.student.launch import ForkServer
from grader.student.limits import MIB, IsolationUnavailableError, Limits
from grader.student.session import Session, Step
from grader.student.submission import Source, Submission, from_text
from grader.student.wire import Opaque

ENDLESS = "while True: pass"
STUBBORN = """
while True:
    try:
        while True:
            pass
    except BaseException:
        pass
"""
DEATHS = {
    "os._exit(0)": 0,
    "os._exit(7)": 7,
    "os.kill(os.getpid(), signal.SIGKILL)": -9,
    "ctypes.string_at(0)": -11,
}


def program(at_load, body, good="def good(x): return x + 1\n"):
    """Return a program that runs `body` when it is loaded, or in its function `bad`."""
    start = "import ctypes, os, signal, sys, threading\nimport numpy as np\n" + good
    if at_load:
        return start + textwrap.dedent(body)
    return f"{start}def bad(*args):\n{textwrap.indent(textwrap.dedent(body), '    ')}"


def end_of(opened, body, at_load, **limits):
    """Return how the program with this body ended, run when it is loaded or in a call."""
    session = opened(program(at_load, body), **limits)
    outcomes = session.run("submission", [Step("good", (1,)), Step("bad"), Step("good", (1,))])
    if at_load:
        assert {outcome.fault for outcome in outcomes} == {outcomes[0].fault}
        return outcomes[0].fault
    # What came before stands; what came after is told apart from the culprit.
    first, culprit, last = outcomes
    assert first.value == 2
    if culprit.fault.kind != "raised":
        assert last.fault.kind == "unavailable"
    # The next message finds a process that is well.
    assert session.run("submission", [Step("good", (2,))])[0].value == 3
    return culprit.fault


@pytest.fixture(params=[True, False], ids=["loading", "calling"])
def ended(request, opened):
    return functools.partial(end_of, opened, at_load=request.param)


@pytest.fixture(params=[True, False], ids=["loading", "calling"])
def ended_here(request, opened_here):
    return functools.partial(end_of, opened_here, at_load=request.param)


@pytest.mark.usefixtures("only_posix")
@pytest.mark.parametrize("body", DEATHS)
def test_a_process_that_ends_is_told_with_its_exit_code(ended, body):
    fault = ended(body)
    assert (fault.kind, fault.exit_code) == ("died", DEATHS[body])


@pytest.mark.parametrize("body", ["sys.exit()", "sys.exit(3)", "raise SystemExit('bye')"])
def test_sys_exit_is_an_exception_as_any_other(ended_here, body):
    fault = ended_here(body)
    assert fault.kind == "raised"
    assert "SystemExit" in fault.kinds


@pytest.mark.parametrize(
    "body",
    [
        ENDLESS,
        STUBBORN,
        "threading.Event().wait()",
    ],
    ids=["a loop", "a loop that swallows interrupts", "waiting"],
)
def test_what_does_not_finish_is_a_timeout(ended_here, body):
    fault = ended_here(body, seconds=0.5)
    assert fault.kind == "timeout"
    assert "0.5 s" in fault.message


@pytest.mark.usefixtures("only_posix")
@pytest.mark.parametrize(
    "body",
    [
        "os.kill(os.getpid(), signal.SIGSTOP)",
        f"for n in {{*range(1, 32)}} - {{9, 19}}: signal.signal(n, signal.SIG_IGN)\n{ENDLESS}",
    ],
    ids=["stops itself", "ignores every signal"],
)
def test_a_process_that_evades_signals_is_ended_all_the_same(opened, body):
    fault = end_of(opened, body, at_load=False, seconds=1.0)
    assert fault.kind == "timeout"


class Hasty(Limits):
    """Limits with no processor time to speak of."""

    processor_seconds = property(lambda _: 0.0)


@pytest.mark.usefixtures("only_posix")
def test_processor_time_has_a_limit_of_its_own(start):
    with Session(from_text(program(at_load=False, body=ENDLESS)), start, Hasty(60.0)) as session:
        (outcome,) = session.run("submission", [Step("bad")])
        assert outcome.fault.kind == "timeout"
        assert "processor time" in outcome.fault.message
        assert session.run("submission", [Step("good", (1,))])[0].value == 2


class Busy(Limits):
    """Limits that allow between one and two seconds of processor time."""

    processor_seconds = property(lambda _: 1.0)


@pytest.mark.usefixtures("only_posix")
def test_processor_time_is_counted_anew_for_each_step(usual_start):
    text = "from time import process_time as t\ndef f(end):\n end += t()\n while t() < end: pass"
    with Session(from_text(text), usual_start, Busy(60.0)) as session:
        outcomes = session.run("submission", [Step("f", (0.7,))] * 3)
    assert [outcome.fault for outcome in outcomes] == [None] * 3


@pytest.mark.usefixtures("only_posix")
def test_processor_time_is_limited_while_loading_too(usual_start):
    with Session(from_text(ENDLESS), usual_start, Hasty(60.0)) as session:
        assert "processor time" in session.load("submission").fault.message


def test_processor_time_is_counted_anew_for_each_message(start):
    text = "def burn(n):\n for i in range(n): pass\n return n"
    with Session(from_text(text), start, Limits(60.0)) as session:
        for _ in range(3):
            assert session.run("submission", [Step("burn", (10**5,))])[0].value == 10**5


# Memory.

only_where_memory_is_limited = pytest.mark.skipif(
    sys.platform != "linux", reason="this system does not limit a process's memory"
)


@only_where_memory_is_limited
@pytest.mark.parametrize(
    "body",
    [
        "np.ones(10 * 2**30, np.uint8)",
        "bytearray(10 * 2**30)",
        "[0] * (2 * 2**30)",
        "'x' * (10 * 2**30)",
        "x = np.ones(2**20)\nwhile True: x = np.concatenate([x, x])",
        "np.ones((10**5, 1)) - np.ones(10**5)",
    ],
)
def test_memory_beyond_the_limit_is_refused_and_the_process_lives_on(ended_here, body):
    fault = ended_here(body, memory_bytes=256 * MIB)
    assert (fault.kind, "MemoryError" in fault.kinds) == ("raised", True)


@only_where_memory_is_limited
def test_the_limit_of_memory_leaves_what_it_promises(opened_here):
    text = "import numpy as np\ndef f(n): return np.ones(n, np.uint8).sum()"
    session = opened_here(text, memory_bytes=512 * MIB)
    inside, beyond = session.run("submission", [Step("f", (400 * MIB,)), Step("f", (600 * MIB,))])
    assert inside.value == 400 * MIB
    assert "MemoryError" in beyond.fault.kinds


@only_where_memory_is_limited
@pytest.mark.parametrize(
    "body",
    [
        "line = 'x' * 2**20\nfor _ in range(1000): print(line)",
        "line = 'x' * 2**20\nfor _ in range(1000): sys.stderr.write(line)",
        "line = b'x' * 2**20\nfor _ in range(1000): sys.stdout.buffer.write(line)",
        "line = b'x' * 2**20\nfor _ in range(1000): os.write(1, line)",
    ],
    ids=["print", "stderr", "bytes", "the descriptor"],
)
def test_a_gigabyte_of_prints_takes_no_memory(opened_here, body):
    session = opened_here(program(at_load=False, body=f"{body}\nreturn 5"), memory_bytes=128 * MIB)
    (outcome,) = session.run("submission", [Step("bad")])
    assert outcome.value == 5
    assert len(session.printed) <= session.limits.printed_bytes


@pytest.mark.usefixtures("only_posix")
def test_a_file_beyond_the_limit_is_refused(opened_here, tmp_path):
    text = "def f(path, n):\n with open(path, 'wb') as file: return file.write(b'x' * n)"
    session = opened_here(text, file_bytes=MIB)
    path = str(tmp_path / "file")
    inside, beyond = session.run("submission", [Step("f", (path, MIB)), Step("f", (path, 2 * MIB))])
    assert inside.value == MIB
    assert "OSError" in beyond.fault.kinds
    assert os.path.getsize(path) <= MIB  # noqa: PTH202


# Results that are too large, have no end, or resist being looked at.

ODD_RESULTS = {
    "an array too large": "np.zeros(10**6)",
    "a stretched array": "np.broadcast_to(0.0, (10**6, 10**6))",
    "an array without elements": "np.zeros((2**39, 0))",
    "an array of many axes": "np.zeros((1,) * 60)",
    "a long list": "[1.0] * 300_000",
    "a long text": "'x' * 10**7",
    "a long wide text": "chr(0x1f600) * 10**6",
    "a large integer": "10 ** 10**5",
    "many large integers": "[2**1023] * 40_000",
    "a long dict": "dict.fromkeys(range(10**6))",
    "a list within itself": "(lambda x: x.append(x) or x)([])",
    "a long list within itself": "(lambda x: x.extend([x] * 10**5) or x)([])",
    "a dict within itself": "(lambda x: x.update(x=x) or x)({})",
    "a deep list": "__import__('functools').reduce(lambda x, _: [x], range(10**5), 0)",
    "an endless generator": "iter(int, 1)",
    "a module": "os",
    "a lone surrogate": "'\\ud800'",
    "an object array within itself": "(lambda x: x.fill(x) or x)(np.empty(2, object))",
}
ODD_CLASSES = {
    "__repr__ and __str__": "__repr__ = __str__ = __format__ = trap",
    "__eq__ and __hash__": "__eq__ = __ne__ = __hash__ = __bool__ = trap",
    "__class__": "__class__ = property(trap)",
    "__len__ and __iter__": "__len__ = __iter__ = __getitem__ = __contains__ = trap",
    "__array__": "__array__ = __array_interface__ = __array_struct__ = property(trap)",
    "__getattribute__": "__getattribute__ = trap",
    "a false class": "__class__ = np.ndarray",
    "a false tuple": "__class__ = tuple",
    "a false number": "__class__ = float",
    "a false marker": "__class__ = next(c for c in object.__subclasses__() if c.__name__ == 'Opaque')",
}
BASES = ["", "tuple", "list", "dict", "int", "float", "complex", "str", "np.ndarray", "np.float64"]
TRAPS = ["raise ValueError", "raise SystemExit(9)", "raise KeyboardInterrupt"]


@pytest.mark.parametrize("expression", ODD_RESULTS.values(), ids=ODD_RESULTS)
def test_an_odd_result_comes_back_in_words_and_the_process_lives_on(opened_here, expression):
    good = "def good(x): return x + 1\n"
    text = program(at_load=False, body=f"return {expression}", good=good)
    session = opened_here(text, result_bytes=MIB)
    (odd,) = session.run("submission", [Step("bad")])
    (again, pair, after) = session.run(
        "submission", [Step("bad", send=(0,)), Step("bad", after=True), Step("good", (1,))]
    )
    assert {odd.fault, again.fault, pair.fault} == {None}
    assert after.value == 2


def test_an_array_too_large_is_told_by_its_shape(opened_here):
    session = opened_here(
        "import numpy as np\ndef f(): return np.zeros((1000, 1000)), 1", result_bytes=MIB
    )
    large, small = session.run("submission", [Step("f")])[0].value
    assert isinstance(large, Opaque)
    assert "(1000, 1000), too large" in large.description
    assert small == 1


@pytest.mark.parametrize("trap", TRAPS)
def test_results_that_resist_being_looked_at_do_not_end_the_process(opened_here, trap):
    text = [
        f"import sys\nimport numpy as np\ndef trap(*args, **kwargs): {trap}\ndef good(): return 1"
    ]
    names = []
    for at, (body, base) in enumerate((b, c) for b in ODD_CLASSES.values() for c in BASES):
        # Some combinations cannot be made at all; those raise when called, which is as good.
        text.append(
            f"def f{at}():\n"
            f"    class Odd({base}):\n"
            f"        {body}\n"
            f"    odd = Odd({'2' if base == 'np.ndarray' else ''})\n"
            f"    return odd, [odd], {{'k': odd}}"
        )
        names.append(f"f{at}")
    session = opened_here("\n".join(text))
    steps = [Step(name, send=send) for name in names for send in (None, (0,))]
    outcomes = session.run("submission", [*steps, Step("good")])
    kinds = {outcome.fault.kind for outcome in outcomes if outcome.fault}
    assert kinds <= {"raised"}
    assert outcomes[-1].value == 1


# The grader's side.


@pytest.mark.usefixtures("only_posix")
def test_a_python_that_does_not_start_is_told_as_that(kind, monkeypatch):
    monkeypatch.setattr(sys, "executable", shutil.which("false"))
    with (
        contextlib.closing(kind()) as launcher,
        Session(from_text("def f(): return 1"), launcher, Limits()) as session,
        pytest.raises(IsolationUnavailableError, match="did not start"),
    ):
        session.run("submission", [Step("f")])


def test_many_large_files_are_a_submission_too(opened):
    text = f"x = {'ä' * 10**6!r}\ndef f(): return len(x)"
    names = ["one", "two", "three"]
    session = opened(Submission({n: Source(f"{n}.py", (("", text),)) for n in names}))
    assert [session.run(n, [Step("f")])[0].value for n in names] == [10**6] * 3


def test_a_submission_may_hold_lone_surrogates(opened):
    session = opened("def f(): return 1  # \ud800")
    assert "UnicodeEncodeError" in session.load("submission").fault.kinds


@pytest.mark.usefixtures("only_fork_server")
def test_the_end_of_an_older_session_leaves_a_new_server_alone(fresh):
    text = "import os\ndef server(): return os.getppid()"
    with contextlib.ExitStack() as stack:
        first, second = (
            stack.enter_context(Session(from_text(text), fresh, Limits(30.0))) for _ in range(2)
        )
        (old,) = first.run("submission", [Step("server")])
        os.kill(old.value, signal.SIGKILL)
        (new,) = second.run("submission", [Step("server")])
        first.close()
        assert second.run("submission", [Step("server")])[0].value == new.value != old.value


def test_a_session_can_be_closed_at_any_time_and_used_again(opened):
    session = opened("def f(): return 1")
    assert session.close() == 0
    assert session.run("submission", [Step("f")])[0].value == 1
    session.close()
    assert session.close() == 0
    assert session.run("submission", [Step("f")])[0].value == 1


def test_a_process_ended_before_it_was_asked_anything_is_gone(fresh, monkeypatch):
    monkeypatch.setattr("grader.student.launch.START_SECONDS", 20.0)
    for _ in range(100 if isinstance(fresh, ForkServer) else 2):
        process = fresh.open(Limits())
        assert process.end() in {0, -9}


def test_sessions_open_at_the_same_time_do_not_end_each_other(fresh):
    text = "n = 0\ndef f():\n global n\n n += 1\n return n"
    with contextlib.ExitStack() as stack:
        first, second = (
            stack.enter_context(Session(from_text(text), fresh, Limits(30.0))) for _ in range(2)
        )
        assert [s.run("submission", [Step("f")])[0].value for s in (first, second)] == [1, 1]
        first.close()
        assert second.run("submission", [Step("f")])[0].value == 2


@pytest.mark.usefixtures("only_linux")
def test_sessions_leave_no_descriptor_behind(start):
    def used():
        gc.collect()  # what earlier tests let go of
        return set(os.listdir("/proc/self/fd"))  # noqa: PTH208

    submission = from_text(program(at_load=False, body="os._exit(1)"))
    before = used()
    for _ in range(50 if isinstance(start, ForkServer) else 3):
        with Session(submission, start, Limits()) as session:
            session.run("submission", [Step("good", (np.ones(9),)), Step("bad")])
    assert used() <= before


def test_a_large_submission_and_large_arguments_arrive(opened):
    text = f"text = {'x' * 10**6!r}\ndef f(x): return len(text), x"
    session = opened(text)
    argument = np.arange(10.0**6)
    (outcome,) = session.run("submission", [Step("f", (argument,))])
    assert outcome.value[0] == 10**6
    assert np.array_equal(outcome.value[1], argument)


@pytest.mark.usefixtures("only_fork_server")
@pytest.mark.parametrize("left", range(3))
def test_a_session_for_which_no_descriptor_is_left_holds_none(fresh, monkeypatch, left):
    pipe, made = os.pipe, []

    def scarce():
        if len(made) % 3 == left:
            raise OSError(errno.EMFILE, "Too many open files")
        made.append(pipe())
        return made[-1]

    monkeypatch.setattr(os, "pipe", scarce)
    with pytest.raises(IsolationUnavailableError, match="Too many open files"):
        fresh.open(Limits())
    for fd in (fd for ends in made for fd in ends):
        with pytest.raises(OSError, match="Bad file descriptor"):
            os.fstat(fd)
