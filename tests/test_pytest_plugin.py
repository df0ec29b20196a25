"""A workspace under pytest: each exercise is an item, judged as the command line judges it."""

import importlib.metadata
import json
import tomllib
from pathlib import Path

import pytest

from grader.catalogue import Catalogue
from grader.workspace import Workspace

pytest_plugins = ["pytester"]

RIGHT = """
import numpy as np


def mse_loss(prediction, target):
    difference = prediction - target
    return np.mean(difference**2), 2 * difference / difference.size
"""
WRONG = """

def softmax(x, temperature=1.0):
    e = np.exp(x / temperature)
    return e / np.sum(e)


def svm_loss(x, y):
    raise NotImplementedError("losses.svm_loss")
"""
LOOP = """

def softmax_loss(x, y):
    return undefined_name
"""
# Installed, the plugin is an entry point; in a checkout that was installed before, it may not be.
INSTALLED = bool(importlib.metadata.entry_points(group="pytest11", name="learnkit"))
PROJECT = Path(__file__).resolve().parents[1] / "pyproject.toml"
PLUGIN = "learnkit" if INSTALLED else "grader.pytest_plugin"


@pytest.fixture
def home(pytester, monkeypatch):
    """Stand in a workspace with answers of all kinds to a few losses, the rest of them missing."""
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "1")
    Workspace.create(pytester.path, [Catalogue().topic("losses")])
    (pytester.path / "losses.py").write_text(RIGHT + WRONG + LOOP, encoding="utf-8")
    return pytester


def run(pytester, *args):
    return pytester.runpytest_subprocess("-p", PLUGIN, "-p", "no:cacheprovider", *args)


def test_the_plugin_is_an_entry_point():
    entry = "grader.pytest_plugin"
    if PROJECT.is_file():
        declared = tomllib.loads(PROJECT.read_text("utf-8"))["project"]["entry-points"]["pytest11"]
        assert declared == {"learnkit": entry}
    else:
        (found,) = importlib.metadata.entry_points(group="pytest11", name="learnkit")
        assert found.value == entry


def test_every_exercise_is_an_item_in_the_order_of_the_curriculum(home):
    listed = run(home, "--collect-only", "-q").outlines
    names = list(Catalogue().topic("losses").exercises)
    assert [line for line in listed if "::" in line] == [f"losses.py::{name}" for name in names]


def test_a_pass_passes_a_stub_is_skipped_and_all_else_fails(home):
    result = run(home, "-v", "-rs")
    result.stdout.fnmatch_lines(
        [
            "losses.py::mse_loss PASSED*",
            "losses.py::huber_loss FAILED*",  # missing
            "losses.py::softmax FAILED*",
            "losses.py::softmax_loss FAILED*",
            "losses.py::svm_loss SKIPPED*",
        ]
    )
    result.stdout.fnmatch_lines(["SKIPPED*Still the stub."])
    assert result.ret == 1


def test_a_failure_is_told_in_the_words_of_the_console(home, learnkit, monkeypatch):
    told = run(home, "-k", "softmax and not softmax_loss").outlines
    monkeypatch.chdir(home.path)
    said = learnkit("check", "losses.softmax").output.splitlines()
    words = [line.rstrip() for line in said if not line.startswith("Next:")]
    assert len(words) > 6
    missing = [line for line in words if line not in told]
    assert missing == []
    assert not any("pytest_plugin" in line for line in told)


@pytest.mark.parametrize("chosen", ["mse_loss", "losses.mse_loss"])
def test_an_exercise_is_chosen_by_name(home, chosen):
    run(home, "-k", chosen).assert_outcomes(passed=1, deselected=7)


@pytest.mark.parametrize("argument", ["losses.py::mse_loss", "losses.py"])
def test_a_file_asked_for_by_name_is_never_imported(home, argument):
    """pytest would import it: the loop at its top would never end, and its code run in here."""
    marker = home.path / "imported"
    text = f"import sys\nif 'pytest' in sys.modules: open({str(marker)!r}, 'w')\n"
    (home.path / "losses.py").write_text(text + RIGHT, encoding="utf-8")
    result = run(home, argument)
    assert result.parseoutcomes()["passed"] == 1
    assert not marker.exists()


def test_advice_is_kept_with_the_item(home):
    text = RIGHT.replace("difference = prediction - target", "prediction -= target")
    text = text.replace("difference", "prediction")
    (home.path / "losses.py").write_text(text, encoding="utf-8")
    result = run(home, "-k", "mse_loss", "-rP")
    result.assert_outcomes(passed=1, deselected=7)
    result.stdout.fnmatch_lines(["*advice*", "The call changes prediction*"])


def test_a_pass_is_noted_as_progress(home):
    run(home)
    assert set(Workspace(home.path).progress().passed) == {"losses.mse_loss"}


def test_a_syntax_error_fails_every_item_with_its_line(home):
    (home.path / "losses.py").write_text("def mse_loss(:\n", encoding="utf-8")
    result = run(home)
    result.assert_outcomes(failed=8)
    result.stdout.fnmatch_lines(["*SyntaxError*losses.py line 1*"])


def test_the_place_of_an_exercise_is_told_to_the_editor(home):
    home.makeconftest(
        "def pytest_collection_modifyitems(items):\n"
        "    print('PLACES', [item.location[:2] for item in items][:2])"
    )
    shown = run(home, "--collect-only", "-s").stdout.str()
    assert "PLACES [('losses.py', 4), ('losses.py', None)]" in shown


def test_other_tests_of_a_workspace_run_beside_it(home):
    home.makepyfile(test_mine="def test_mine(): assert True")
    run(home, "-k", "mine or mse_loss").assert_outcomes(passed=2, deselected=7)


def test_one_server_serves_the_whole_run(home):
    home.makeconftest(
        "import grader.student.launch as launch\n"
        "real, started = launch.launcher, []\n"
        "def counted(*args):\n"
        "    started.append(1)\n"
        "    return real(*args)\n"
        "launch.launcher = counted\n"
        "def pytest_terminal_summary(): print('STARTED', len(started))\n"
    )
    assert "STARTED 1" in run(home, "-s").outlines


def test_outside_a_workspace_a_file_of_that_name_is_left_alone(pytester):
    pytester.makepyfile(losses=RIGHT)
    assert run(pytester).ret == pytest.ExitCode.NO_TESTS_COLLECTED


def test_outside_a_workspace_the_plugin_loads_nothing(pytester):
    """Everybody who has the kit installed has the plugin in every run of pytest."""
    pytester.makepyfile(
        "import json, sys\n"
        "def test_modules():\n"
        "    names = sorted(n for n in sys.modules if n.startswith(('grader', 'numpy', 'rich.')))\n"
        "    print('MODULES', json.dumps(names))\n"
    )
    (line,) = [x for x in run(pytester, "-s").outlines if "MODULES" in x]
    allowed = {"grader", "grader.version", "grader.pytest_plugin"}
    assert set(json.loads(line.partition("MODULES")[2])) <= allowed


def test_a_grader_that_fails_is_told_as_that(home):
    home.makeconftest(
        "import grader.engine as engine\n"
        "def broken(*args): raise RuntimeError('a broken check')\n"
        "engine._judge = broken\n"
    )
    result = run(home, "-k", "mse_loss")
    result.assert_outcomes(failed=1, deselected=7)
    result.stdout.fnmatch_lines(["*The grader failed (RuntimeError: a broken check)*"])


def test_progress_that_cannot_be_kept_costs_no_test(home):
    (home.path / ".learnkit" / "progress.json").write_text(
        '{"schema": 99, "passed": {}, "hints": {}}', encoding="utf-8"
    )
    result = run(home, "-k", "mse_loss")
    result.assert_outcomes(passed=1, deselected=7, warnings=1)
    result.stdout.fnmatch_lines(["*progress was not kept*newer learnkit*"])
