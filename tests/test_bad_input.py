"""Bad input through the real command line: a clear word, the others graded, nothing left behind."""

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import textwrap
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from grader.catalogue import Catalogue, Rooms
from grader.engine import grade
from grader.student.launch import launcher
from grader.student.limits import Limits
from grader.student.submission import from_text

LEARNKIT = Path(sys.executable).with_name("learnkit")
RIGHT = (Rooms.own().solutions / "losses.py").read_text(encoding="utf-8")
BAD, OTHER = "losses.mse_loss", "losses.softmax"
NOBODY = 65534
only_linux = pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")
only_posix = pytest.mark.skipif(os.name != "posix", reason="forks, signals and modes of POSIX")

LINGER = """
import os, signal
def linger():
    while True:
        signal.pause()
"""
STUBBORN = """
while True:
    try:
        while True:
            pass
    except BaseException:
        pass
"""
PRINTS = "line = 'x' * 2**20\nfor _ in range(1000):\n    print(line)\n"


def answer(body, parameters="prediction, target"):
    """Return an answer with this body; the right answer is at hand as `right`."""
    return f"right = mse_loss\ndef mse_loss({parameters}):\n{textwrap.indent(body, '    ')}\n"


def returns(expression):
    return answer(f"loss, gradient = right(prediction, target)\nreturn {expression}")


# What stands in the file after the right answers to everything: how the exercise ends, and a word
# that must be told. The other exercise passes, and the exit code is 1 unless all passed.
IN_A_CALL = {
    "still the stub": (answer("raise NotImplementedError('losses.mse_loss')"), "unsolved", "stub"),
    "calls sys.exit": (answer("import sys\nsys.exit()"), "error", "sys.exit()"),
    "calls os._exit": (answer("import os\nos._exit(0)"), "error", "os._exit"),
    "crashes Python": (answer("import ctypes\nctypes.string_at(0)"), "error", "segmentation fault"),
    "asks for 10 GB": (answer("np.ones(10 * 2**30, np.uint8)"), "error", "memory"),
    "reads the keyboard": (answer("return input()"), "error", "keyboard"),
    "is missing": ("del mse_loss", "missing", "no function mse_loss"),
    "returns None": (answer("pass"), "failed", "None"),
    "returns a list": (returns("loss, gradient.tolist()"), "failed", "list"),
    "returns an array that lies": (
        "class Liar(np.ndarray):\n"
        "    shape = property(lambda _: (4, 3))\n"
        "    dtype = property(lambda _: np.dtype(float))\n"
        "    __array__ = lambda self, *_, **__: right(*ARGUMENTS)[1]\n"
        + returns("loss, np.zeros(1).view(Liar)"),
        "failed",
        "shape",
    ),
    "returns NaN": (returns("loss * np.nan, gradient * np.nan"), "failed", "nan"),
    "returns complex numbers": (returns("loss, gradient + 0j"), "failed", "complex128"),
    "returns a list too long": (returns("loss, [1.0] * 10**6"), "failed", "too long"),
    "returns what breaks when looked at": (
        "def trap(*_): raise SystemExit\n"
        "class Trap:\n    __repr__ = __len__ = __iter__ = __array__ = trap\n"
        "    __class__ = property(trap)\n" + returns("loss, Trap()"),
        "failed",
        "dprediction",
    ),
}
# The same, without the command line around it.
ALSO_IN_A_CALL = {
    "raises": (
        answer("raise ValueError('odd one')"),
        "error",
        "ValueError: odd one, in losses.py line",
    ),
    "calls os._exit with a code": (answer("import os\nos._exit(3)"), "error", "exit code 3"),
    "takes too few parameters": (answer("return 1", "prediction"), "failed", "mse_loss(prediction"),
    "returns a text": (returns("loss, 'gradient'"), "failed", "'gradient'"),
    "returns integers": (returns("loss, gradient.astype(int)"), "failed", "dprediction"),
    "returns one value too few": (returns("loss"), "failed", "2 values"),
    "returns a gradient to be broadcast": (returns("loss, gradient[:1]"), "failed", "shape"),
    "returns an array of objects": (returns("loss, gradient.astype(object)"), "failed", "object"),
    "raises in a library": (answer("np.linalg.inv(np.zeros((2, 2)))"), "error", "Singular matrix"),
    "raises without a word": (answer("raise KeyError"), "error", "KeyError"),
    "raises what cannot be read": (
        "class Odd(Exception):\n    def __str__(self): raise self\n" + answer("raise Odd"),
        "error",
        "could not be read",
    ),
    "raises control characters": (
        answer("raise ValueError('\\x1b[2J \\x00 \\ud800 \\ufffe')"),
        "error",
        "ValueError",
    ),
    "raises in Greek": (answer("raise ValueError('λόγος 😀')"), "error", "λόγος"),
    "calls itself without end": (answer("return mse_loss(prediction, target)"), "error", "itself"),
    "uses an unknown name": (answer("return nump.mean(prediction)"), "error", "nump"),
    "kills itself": (answer("import os\nos.kill(os.getpid(), 9)"), "error", "killed"),
    "asks for 10 GB of Python": (answer("bytearray(10 * 2**30)"), "error", "memory"),
    "imports the grader": (answer("import numerics.losses"), "error", "belongs to the grader"),
    "imports what is not there": (
        answer("import tensorflow_of_yore"),
        "error",
        "tensorflow_of_yore",
    ),
    "is no function": ("mse_loss = 5", "missing", "no function mse_loss"),
    "takes too many parameters": (answer("return 1", "a, b, c"), "failed", "mse_loss(a, b, c)"),
    "takes its parameters by name": (answer("return 1", "*, prediction, target"), "failed", "call"),
    "is a coroutine": (
        answer("return 1").replace("def mse", "async def mse"),
        "failed",
        "coroutine",
    ),
    "is a generator": (answer("yield 1"), "failed", "generator"),
    "returns one value too many": (returns("loss, gradient, 1"), "failed", "2 values"),
    "returns them the wrong way round": (returns("gradient, loss"), "failed", "plain number"),
    "returns a gradient of None": (returns("loss, None"), "failed", "None"),
    "returns texts": (returns("loss, gradient.astype(str)"), "failed", "<U"),
    "returns a gradient of NaN": (returns("loss, gradient * np.nan"), "failed", "nan"),
    "returns infinity": (returns("loss, gradient / 0"), "failed", "dprediction"),
    "returns booleans": (returns("loss, gradient > 0"), "failed", "bool"),
    "returns a loss of shape (1,)": (returns("np.array([loss]), gradient"), "failed", "shape (1,)"),
    "returns a gradient of shape (1, ...)": (
        returns("loss, gradient[None]"),
        "failed",
        "shape (1,",
    ),
    "returns an empty gradient": (returns("loss, gradient[:0]"), "failed", "shape"),
    "returns too much": (returns("loss, np.zeros((3000, 3000))"), "failed", "too large"),
    "returns a text too long": (returns("loss, 'x' * 10**7"), "failed", "too long"),
    "returns a list within itself": (
        answer("x = []\nx.append(x)\nreturn x, x"),
        "failed",
        "list",
    ),
    "returns a module": (returns("loss, np"), "failed", "module"),
    "returns a generator": (returns("loss, iter(gradient)"), "failed", "iterator"),
    "returns what is equal to everything": (
        "class Yes:\n    __eq__ = __ge__ = __le__ = __bool__ = lambda *_: True\n"
        + returns("loss, Yes()"),
        "failed",
        "Yes",
    ),
}
# What is odd about these is not the result.
HARMLESS = {
    "returns a tuple of its own kind": (
        "from collections import namedtuple\nPair = namedtuple('Pair', 'a b')\n"
        + returns("Pair(loss, gradient)")
    ),
    "returns a list of two": returns("[loss, gradient]"),
    "closes its output": answer("import sys\nsys.stdout.close()\nreturn right(prediction, target)"),
    "does without output": answer(
        "import sys\nsys.stdout = None\nreturn right(prediction, target)"
    ),
    "warns": answer("import warnings\nwarnings.warn('mind')\nreturn right(prediction, target)"),
    "returns an array of its own kind": (
        "class Mine(np.ndarray):\n    __eq__ = lambda *_: True\n"
        + returns("loss, gradient.view(Mine)")
    ),
}
AT_IMPORT = {
    "a syntax error": ("def f(:\n    pass", "error", "SyntaxError"),
    "sys.exit": ("import sys\nsys.exit(0)", "error", "sys.exit()"),
    "os._exit": ("import os\nos._exit(0)", "error", "os._exit"),
    "10 GB": ("np.ones(10 * 2**30, np.uint8)", "error", "memory"),
}
# What is left out at the top level, and the word that tells of it.
NOT_HERE = {
    "a package": ("import tensorflow_of_yore", "tensorflow_of_yore"),
    "a package, and a picture": ("import not_there as plt\nplt.plot([1])", "not_there"),
    "a keyboard": ("name = input('Name? ')", "keyboard"),
    "a file": ("data = np.loadtxt('not_there.csv')", "not_there.csv"),
    "a file beside": ("from .not_there import data", "relative import"),
}
ALSO_AT_IMPORT = {
    "an indentation error": ("if True:\nx = 1", "error", "IndentationError"),
    "an import of the grader": ("import grader", "error", "belongs to the grader"),
    "an exception": ("1 / 0", "error", "ZeroDivisionError"),
    "a stub called": (
        "def svm_loss(x, y):\n    raise NotImplementedError('losses.svm_loss')\nsvm_loss(1, 2)",
        "error",
        "losses.svm_loss",
    ),
    "null bytes": ("x = '\0'", "error", "null"),
}
# These take their time, so they are fewer and their limit is short.
HANGING = {
    "a loop": (answer("while True: pass"), "passed"),
    "a loop that swallows interrupts": (answer(STUBBORN), "passed"),
    "a process that stops": (answer("import os\nos.kill(os.getpid(), 19)"), "passed"),
    "a loop at import": ("while True: pass", "timeout"),
    "a loop at import that swallows interrupts": (STUBBORN, "timeout"),
}
LINGERING = {
    "children": "if os.fork() == 0:\n    linger()\n",
    "daemons": "if os.fork() == 0:\n    os.setsid()\n    os.fork()\n    linger()\n",
    "programs": "os.system('exec sleep 600 &')\n",
    "children that answer too": "os.fork()\n",
}


def program(added):
    """Return the right answers with something added after them."""
    return f"{RIGHT}\n\n{added}\n"


class Run:
    """What one run of the command gave."""

    def __init__(self, home, *args, code, **options):
        environment = {**os.environ, "HOME": str(home), "TMPDIR": str(home), "NO_COLOR": "1"}
        command = [LEARNKIT, "check", *args]
        done = subprocess.run(
            command,
            cwd=home,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=300,  # so that a test that hangs ends
            check=False,
            **options,
        )
        self.output, self.complaint = done.stdout, done.stderr
        assert done.returncode == code, done.stdout + done.stderr
        assert "Traceback" not in done.stdout + done.stderr
        assert "the grader failed" not in (done.stdout + done.stderr).lower()
        if sys.platform == "linux":
            assert processes_of(home) == []

    @property
    def exercises(self):
        """Return what the report in JSON says, by exercise."""
        assert self.complaint == ""
        return {e["id"]: e for e in json.loads(self.output)["exercises"]}


def processes_of(home):
    """Return the processes that have this home in their environment: the command and all it started."""
    marker = f"HOME={home}\0".encode()
    found = []
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if entry.name.isdigit() and marker in (entry / "environ").read_bytes():
                found.append((entry / "cmdline").read_bytes())
    return found


def words_of(exercise):
    """Return everything that is said of an exercise."""
    keys = ["message", "expected", "got", "suggestion"]
    return "\n".join(check[key] for check in exercise["checks"] for key in keys)


@pytest.fixture
def graded(tmp_path):
    """Grade a program in JSON, and return what is said by exercise."""

    def grade(text, *args, code=1, names=(BAD, OTHER)):
        path = tmp_path / "losses.py"
        path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass"))
        return Run(tmp_path, *names, "--file", path, "--json", *args, code=code).exercises

    return grade


@pytest.fixture(scope="module")
def graded_here():
    """Grade a program without the command line around it."""
    exercises = Catalogue().find([BAD, OTHER])
    with contextlib.closing(launcher()) as start:

        def grade_text(text):
            report = grade(exercises, from_text(text, "losses"), start, Limits(), seed=0)
            return {e["id"]: e for e in report.to_dict()["exercises"]}

        yield grade_text


@pytest.mark.parametrize(("added", "status", "word"), IN_A_CALL.values(), ids=IN_A_CALL)
def test_a_bad_answer_is_told_and_the_others_are_graded(graded, added, status, word):
    exercises = graded(program(added))
    assert exercises[BAD]["status"] == status
    assert word in words_of(exercises[BAD])
    assert exercises[OTHER]["status"] == "passed"


@pytest.mark.parametrize(("added", "status", "word"), ALSO_IN_A_CALL.values(), ids=ALSO_IN_A_CALL)
def test_another_bad_answer_is_told_as_well(graded_here, added, status, word):
    exercises = graded_here(program(added))
    assert exercises[BAD]["status"] == status
    assert word in words_of(exercises[BAD])
    assert exercises[OTHER]["status"] == "passed"


@pytest.mark.parametrize("added", HARMLESS.values(), ids=HARMLESS)
def test_an_odd_but_right_answer_passes(graded_here, added):
    exercises = graded_here(program(added))
    assert [exercise["status"] for exercise in exercises.values()] == ["passed", "passed"]


def test_a_gigabyte_of_prints_is_cut_and_the_answer_passes(tmp_path):
    body = f"if not done:\n{textwrap.indent(PRINTS, '    ')}    done.append(1)\n"
    added = "done = []\n" + answer(body + "return right(prediction, target)")
    (tmp_path / "losses.py").write_text(program(added), encoding="utf-8")
    run = Run(tmp_path, BAD, OTHER, "--file", "losses.py", "--json", code=0)
    assert {exercise["status"] for exercise in run.exercises.values()} == {"passed"}
    assert len(run.output) < 2**20


@pytest.mark.parametrize(
    ("changed", "how"), [("prediction", "-= target"), ("prediction", "[:] = 0"), ("target", "*= 2")]
)
def test_an_answer_that_changes_its_inputs_passes_with_advice(graded_here, changed, how):
    added = answer(f"result = right(prediction, target)\n{changed}{how}\nreturn result")
    exercises = graded_here(program(added))
    advice = "".join(check["advice"] for check in exercises[BAD]["checks"])
    assert exercises[BAD]["status"] == "passed"
    assert f"changes {changed}" in advice


@pytest.mark.parametrize(("text", "status", "word"), AT_IMPORT.values(), ids=AT_IMPORT)
def test_a_file_that_cannot_be_loaded_is_told_for_every_exercise(graded, text, status, word):
    for exercise in graded(program(text)).values():
        assert exercise["status"] == status
        assert word in words_of(exercise)
        assert "Loading your file failed" in words_of(exercise)


@pytest.mark.parametrize(("text", "status", "word"), ALSO_AT_IMPORT.values(), ids=ALSO_AT_IMPORT)
def test_another_file_that_cannot_be_loaded_is_told_as_well(graded_here, text, status, word):
    for exercise in graded_here(program(text)).values():
        assert exercise["status"] == status
        assert word in words_of(exercise)
        assert "Loading your file failed" in words_of(exercise)


@pytest.mark.parametrize(("text", "word"), NOT_HERE.values(), ids=NOT_HERE)
def test_what_is_not_here_is_told_and_the_rest_is_graded(tmp_path, text, word):
    (tmp_path / "losses.py").write_text(program(text), encoding="utf-8")
    run = Run(tmp_path, BAD, OTHER, "--file", "losses.py", "--json", code=1)
    assert {exercise["status"] for exercise in run.exercises.values()} == {"passed"}
    (problem,) = json.loads(run.output)["problems"]
    assert word in problem
    assert "in losses.py line" in problem


def test_a_function_that_needs_what_is_not_here_is_told_so(graded_here):
    text = "import tensorflow_of_yore as tf\n" + answer("return tf.square(prediction - target)")
    exercises = graded_here(program(text))
    assert exercises[BAD]["status"] == "error"
    assert "No module named 'tensorflow_of_yore'" in words_of(exercises[BAD])
    assert exercises[OTHER]["status"] == "passed"


def test_a_file_that_cannot_be_loaded_is_graded_for_what_it_seems_to_hold(graded):
    exercises = graded("def softmax(x):\n    return x\ndef svm_loss(x, y:\n    return x", names=())
    assert {name: e["status"] for name, e in exercises.items()} == {
        "losses.softmax": "error",
        "losses.svm_loss": "error",
    }


@only_posix
@pytest.mark.parametrize(("added", "other"), HANGING.values(), ids=HANGING)
def test_what_does_not_finish_is_a_timeout_and_the_others_are_graded(graded, added, other):
    exercises = graded(program(added), "--timeout", "1")
    assert exercises[BAD]["status"] == "timeout"
    assert "did not finish: no answer within 1 s" in words_of(exercises[BAD])
    assert exercises[OTHER]["status"] == other


@only_linux
@pytest.mark.parametrize("start", LINGERING.values(), ids=LINGERING)
def test_processes_that_outlive_a_call_are_gone_with_the_command(graded, start):
    added = LINGER + answer(start + "return right(prediction, target)")
    exercises = graded(program(added), code=0)
    assert [exercise["status"] for exercise in exercises.values()] == ["passed", "passed"]


@only_linux
@pytest.mark.parametrize("start", [LINGERING["children"], LINGERING["programs"]])
def test_processes_that_outlive_their_parent_do_not_hide_its_end(graded, start):
    exercises = graded(program(LINGER + answer(f"{start}os._exit(1)")))
    assert exercises[BAD]["status"] == "error"
    assert "exit code 1" in words_of(exercises[BAD])
    assert exercises[OTHER]["status"] == "passed"


@only_linux
def test_processes_that_outlive_loading_are_gone_with_the_command(graded):
    exercises = graded(program(LINGER + LINGERING["daemons"] + LINGERING["children"]), code=0)
    assert exercises[BAD]["status"] == "passed"


@only_linux
def test_a_program_that_writes_over_its_answers_is_told(graded):
    forging = """
        import os, stat
        def everywhere(noise):
            for fd in range(3, 256):
                try:
                    if stat.S_ISFIFO(os.fstat(fd).st_mode):
                        os.write(fd, noise)
                except OSError:
                    pass
    """
    added = textwrap.dedent(forging) + answer(
        "everywhere(b'noise' * 99)\nreturn right(prediction, target)"
    )
    exercises = graded(program(added))
    assert exercises[BAD]["status"] == "error"
    assert "not a result" in words_of(exercises[BAD])
    assert exercises[OTHER]["status"] == "passed"


# Files.


@pytest.mark.parametrize(
    ("name", "content", "word"),
    [
        ("empty.py", b"", "none of the exercises"),
        ("latin.py", "# caf\xe9\n".encode("latin-1"), "not UTF-8"),
        ("large.py", b"#" * (3 * 2**20), "larger than"),
        ("broken.ipynb", b'{"cells": [', "not a Jupyter notebook"),
        ("wrong.py", b"def f(:", "wrong.py"),
    ],
)
def test_a_file_that_holds_no_answer_is_a_failure_with_a_word(tmp_path, name, content, word):
    path = tmp_path / name
    path.write_bytes(content)
    report = json.loads(Run(tmp_path, "--file", path, "--json", code=1).output)
    assert report["exercises"] == []
    assert word in " ".join(report["problems"])


@pytest.mark.parametrize("content", [b"\xff", b""])
def test_a_file_without_the_exercise_that_was_asked_is_told_so(tmp_path, content):
    path = tmp_path / "losses.py"
    path.write_bytes(content)
    (exercise,) = Run(tmp_path, BAD, "--file", path, "--json", code=1).exercises.values()
    assert exercise["status"] == ("error" if content else "missing")
    assert ("not UTF-8" if content else "no function mse_loss") in words_of(exercise)


def test_a_notebook_is_graded_although_a_cell_raises(tmp_path):
    cells = [
        "%matplotlib inline\nimport numpy as np",
        "1 / 0",
        RIGHT,
        "!ls",
        "import sys\nsys.exit()",
    ]
    sources = [{"cell_type": "code", "source": c.splitlines(keepends=True)} for c in cells]
    path = tmp_path / "answers.ipynb"
    path.write_text(json.dumps({"cells": sources, "nbformat": 4, "nbformat_minor": 5}))
    run = Run(tmp_path, BAD, OTHER, "--file", path, "--json", code=0)
    assert {e["status"] for e in run.exercises.values()} == {"passed"}


def test_a_cell_goes_on_after_a_line_that_needs_what_is_not_here(tmp_path):
    cells = [f"import not_there, numpy as np\nnot_there.plot(1)\ndisplay(1)\n{RIGHT}"]
    sources = [{"cell_type": "code", "source": cell} for cell in cells]
    path = tmp_path / "answers.ipynb"
    path.write_text(json.dumps({"cells": sources, "nbformat": 4, "nbformat_minor": 5}))
    run = Run(tmp_path, BAD, OTHER, "--file", path, "--json", code=1)
    assert {exercise["status"] for exercise in run.exercises.values()} == {"passed"}


def test_a_name_lost_with_its_cell_is_told_with_what_the_cell_raised(tmp_path):
    cells = ["1 / 0\nimport numpy as np", "def mse_loss(a, b):\n    return np.mean((a - b) ** 2)"]
    sources = [{"cell_type": "code", "source": cell} for cell in cells]
    path = tmp_path / "answers.ipynb"
    path.write_text(json.dumps({"cells": sources, "nbformat": 4, "nbformat_minor": 5}))
    exercises = Run(tmp_path, BAD, "--file", path, "--json", code=1).exercises
    assert "answers.ipynb, cell 1 raised ZeroDivisionError" in words_of(exercises[BAD])
    assert "at the top of the file" not in words_of(exercises[BAD])


def test_a_function_lost_with_its_cell_is_missing_and_the_cell_is_named(tmp_path):
    cells = [
        "1 / 0\ndef mse_loss(a, b): pass",
        RIGHT.replace("mse_loss", "mine"),
    ]
    sources = [{"cell_type": "code", "source": cell} for cell in cells]
    path = tmp_path / "answers.ipynb"
    path.write_text(json.dumps({"cells": sources, "nbformat": 4, "nbformat_minor": 5}))
    exercises = Run(tmp_path, BAD, OTHER, "--file", path, "--json", code=1).exercises
    assert exercises[BAD]["status"] == "missing"
    assert "cell 1" in words_of(exercises[BAD])
    assert exercises[OTHER]["status"] == "passed"


@pytest.mark.parametrize(
    ("args", "word"),
    [
        (["--file", "absent.py"], "there is no file absent.py"),
        (["--file", "."], "use --dir"),
        (["--file", "x" * 5000], "no file"),
        (["--dir", "absent"], "there is no folder absent"),
        (["--dir", "x" * 5000], "no folder"),
        (["losses.mse", "--file", "losses.py"], "did you mean losses.mse_loss"),
        (["loses", "--file", "losses.py"], "losses"),
        (["--file", "losses.py", "--timeout", "nan"], "--timeout"),
    ],
    ids=lambda value: " ".join(value)[:40] if isinstance(value, list) else "",
)
def test_a_wrong_command_says_what_is_wrong_and_exits_with_2(tmp_path, args, word):
    (tmp_path / "losses.py").write_text(RIGHT, encoding="utf-8")
    run = Run(tmp_path, *args, code=2)
    assert word in run.complaint
    assert run.output == ""


def test_the_name_of_a_file_may_be_anything(tmp_path):
    path = os.fsencode(tmp_path) + b"/l\xf6sung [bold] %s.py"
    try:
        Path(os.fsdecode(path)).write_text(program(returns("loss, None")), encoding="utf-8")
    except OSError:
        pytest.skip("this file system takes no such name")
    run = Run(tmp_path, BAD, "--file", os.fsdecode(path), code=1)
    assert "None" in run.output


@pytest.mark.parametrize("bad", ["raises control characters", "raises in Greek"])
@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_the_report_for_people_can_always_be_printed(tmp_path, monkeypatch, bad, encoding):
    monkeypatch.setenv("PYTHONIOENCODING", encoding)
    text = program(ALSO_IN_A_CALL[bad][0])
    (tmp_path / "losses.py").write_text(text, encoding="utf-8")
    junit = tmp_path / "report.xml"
    run = Run(tmp_path, BAD, OTHER, "--file", "losses.py", "--junit", junit, code=1)
    assert "1 of 2 exercises passed" in run.output
    assert not set(run.output) & {"\x1b", "\x00"}
    assert ET.parse(junit).getroot().get("name") == "learnkit"


# As somebody who is not root.


@pytest.fixture
def home_of_nobody():
    """Make a folder that an ordinary user can read, and skip where there is none to be had."""
    if os.name != "posix" or os.geteuid() != 0:
        pytest.skip("the tests do not run as root: every test here is one of an ordinary user")
    probe = [sys.executable, "-c", "import grader.cli, numerics.losses, numpy"]
    try:
        subprocess.run(probe, check=True, capture_output=True, cwd="/", **ordinary())
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("an ordinary user cannot read the folder of this interpreter")
    home = Path(tempfile.mkdtemp(prefix="learnkit-"))
    home.chmod(0o755)
    yield home
    shutil.rmtree(home)


def ordinary():
    return {"user": NOBODY, "group": NOBODY, "extra_groups": []}


@pytest.mark.parametrize(
    ("added", "status", "options"),
    {
        "a right answer": ("", "passed", []),
        "an exception": (answer("raise ValueError"), "error", []),
        "os._exit": (answer("import os\nos._exit(3)"), "error", []),
        "10 GB": (answer("np.ones(10 * 2**30, np.uint8)"), "error", []),
        "a loop": (answer(STUBBORN), "timeout", ["--timeout", "1"]),
        "children": (
            LINGER + answer(LINGERING["children"] + "return right(prediction, target)"),
            "passed",
            [],
        ),
        "daemons": (LINGER + answer(LINGERING["daemons"] + "os._exit(1)"), "error", []),
    }.values(),
    ids=lambda value: "",
)
def test_an_ordinary_user_is_told_the_same(home_of_nobody, added, status, options):
    path = home_of_nobody / "losses.py"
    path.write_text(program(added), encoding="utf-8")
    code = 0 if status == "passed" else 1
    arguments = [BAD, OTHER, "--file", path, "--json", *options]
    exercises = Run(home_of_nobody, *arguments, code=code, **ordinary()).exercises
    assert exercises[BAD]["status"] == status
    assert exercises[OTHER]["status"] == "passed"


def test_a_file_that_may_not_be_read_is_told_so(home_of_nobody):
    path = home_of_nobody / "losses.py"
    path.write_text(RIGHT, encoding="utf-8")
    path.chmod(0)
    run = Run(home_of_nobody, "--file", path, code=2, **ordinary())
    assert "losses.py" in run.complaint
    assert "read" in run.complaint


@pytest.mark.parametrize("option", ["--file", "--dir"])
def test_what_stands_in_a_folder_that_may_not_be_entered_is_told_so(home_of_nobody, option):
    closed = home_of_nobody / "closed"
    (closed / "inner").mkdir(parents=True)
    (closed / "losses.py").write_text(RIGHT, encoding="utf-8")
    closed.chmod(0)
    there = closed / ("losses.py" if option == "--file" else "inner")
    run = Run(home_of_nobody, option, there, code=2, **ordinary())
    assert str(there.name) in run.complaint
