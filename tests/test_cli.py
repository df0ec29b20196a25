"""The command line, from what is typed to what is said and how it ends."""

import json
import os
import re
import subprocess
import sys
from xml.etree import ElementTree as ET

import click
import pytest
from rich.cells import cell_len

import grader
from grader.catalogue import Catalogue
from grader.cli import cli
from grader.demo import EXPECTED, SUBMISSION

RIGHT = """
import numpy as np


def mse_loss(prediction, target):
    difference = prediction - target
    return np.mean(difference**2), 2 * difference / difference.size
"""
WRONG = RIGHT.replace("np.mean(", "np.sum(")
SOFTMAX = """
import numpy as np


def softmax(x, temperature=1.0):
    e = np.exp((x - x.max(axis=1, keepdims=True)) / temperature)
    return e / e.sum(axis=1, keepdims=True)
"""


def commands(group=cli, words=()):
    """Return every command by the words that call it."""
    found = {words: group}
    if isinstance(group, click.Group):
        for name, command in group.commands.items():
            found |= commands(command, (*words, name))
    return found


COMMANDS = commands()


@pytest.fixture
def home(learnkit, here):
    """Stand in a new workspace."""
    assert learnkit("init").exit_code == 0
    return here


def process(*args, cwd=None, env=None, **kwargs):
    """Run the command line in a process of its own."""
    return subprocess.run(
        [sys.executable, "-c", "from grader.cli import main; main()", *map(str, args)],
        capture_output=True,
        text=True,
        cwd=cwd,
        env={**os.environ, "NO_COLOR": "1", "COLUMNS": "80", **(env or {})},
        check=False,
        **kwargs,
    )


def wrote(folder, name, text):
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def is_a_sentence(result, code):
    """Tell whether a command ended with one clear line and no traceback."""
    lines = result.output.strip().splitlines()
    return (
        result.exit_code == code
        and "Traceback" not in result.output
        and bool(lines)
        and (lines[-1].startswith(("learnkit: ", "Error: ")) or lines[0].startswith("learnkit: "))
    )


# Help


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
@pytest.mark.parametrize("option", ["--help", "-h"])
def test_every_command_has_help_with_an_example(learnkit, words, option):
    result = learnkit(*words, option)
    assert result.exit_code == 0
    assert re.search(rf"Examples?:\n\s+learnkit {' '.join(words)}", result.output)
    assert all(len(line) <= 80 for line in result.output.splitlines())


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_every_example_can_be_typed(words):
    """Its words are commands and options that exist."""
    command = COMMANDS[words]
    examples = re.findall(r"^ *learnkit (.+)$", command.help, re.MULTILINE)
    assert examples
    for example in examples:
        typed = example.split()
        found = next(COMMANDS[tuple(typed[:n])] for n in (2, 1) if tuple(typed[:n]) in COMMANDS)
        options = {option for parameter in found.params for option in parameter.opts}
        assert {word for word in typed if word.startswith("--")} <= options


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_every_option_has_help(words):
    for parameter in COMMANDS[words].params:
        if isinstance(parameter, click.Option):
            assert parameter.help, parameter.name


def test_the_version_is_told(learnkit):
    assert learnkit("--version").output == f"learnkit, version {grader.__version__}\n"


@pytest.mark.parametrize(
    "words", [("frobnicate",), ("author", "frobnicate"), ("check", "--sed", "1")]
)
def test_an_unknown_command_or_option_is_a_usage_error(learnkit, words):
    assert learnkit(*words).exit_code == 2


# init


def test_init_says_what_it_wrote_and_what_comes_next(learnkit, here):
    result = learnkit("init")
    assert result.exit_code == 0
    assert "wrote losses.py" in result.output
    assert result.output.endswith("  learnkit check losses.mse_loss\n")
    assert (here / "losses.py").is_file()
    assert (here / ".learnkit").is_dir()


def test_init_elsewhere_says_how_to_get_there(learnkit, here):
    result = learnkit("init", "my networks")
    assert "  cd 'my networks' && learnkit check losses.mse_loss" in result.output
    assert (here / "my networks" / "losses.py").is_file()


def test_init_leaves_files_alone(learnkit, here):
    mine = wrote(here, "losses.py", "# mine\n")
    assert "wrote losses.py" not in learnkit("init").output
    assert "nothing was changed" in learnkit("init").output
    assert mine.read_text("utf-8") == "# mine\n"


def test_init_of_a_file_is_a_usage_error(learnkit, here):
    wrote(here, "taken", "")
    assert learnkit("init", "taken").exit_code == 2


def test_init_over_damaged_progress_says_so(learnkit, home):
    wrote(home, ".learnkit/progress.json", "{")
    result = learnkit("init")
    assert result.exit_code == 0
    assert "was damaged: set aside as" in result.output


def test_init_takes_foreign_topics_along(learnkit, here, meadow):
    assert learnkit("--topics-from", meadow(), "init", "home").exit_code == 0
    assert {path.name for path in (here / "home").glob("*.py")} >= {"areas.py", "losses.py"}


# check


def test_a_fresh_workspace_is_unsolved(learnkit, home):
    result = learnkit("check")
    assert result.exit_code == 1
    asked = len(Catalogue().find([]))
    assert f"0 of {asked} exercises passed" in result.output
    assert result.output.count("Still the stub.") == 1
    assert result.output.endswith("Next: learnkit hint losses.mse_loss\n")


def test_a_right_answer_passes(learnkit, home):
    wrote(home, "losses.py", RIGHT)
    result = learnkit("check", "losses.mse_loss")
    assert result.exit_code == 0
    assert "✓ losses.mse_loss" in result.output
    assert "1 of 1 exercise passed, 2 of 2 points." in result.output


def test_a_wrong_answer_is_named(learnkit, home):
    wrote(home, "losses.py", WRONG)
    result = learnkit("check", "losses.mse_loss")
    assert result.exit_code == 1
    assert "The squared errors are added up" in result.output
    for label in ("called    mse_loss(", "expected  loss = 3.5", "got       loss = 14"):
        assert label in result.output
    assert result.output.endswith("Next: learnkit hint losses.mse_loss\n")


def test_check_works_from_a_folder_inside_the_workspace(learnkit, home, monkeypatch):
    wrote(home, "losses.py", RIGHT)
    (home / "notes").mkdir()
    monkeypatch.chdir(home / "notes")
    assert learnkit("check", "losses.mse_loss").exit_code == 0


def test_a_topic_and_its_exercise_are_graded_once(learnkit, home):
    told = json.loads(learnkit("check", "losses", "losses.mse_loss", "--json").output)
    assert len(told["exercises"]) == 8


@pytest.mark.parametrize(
    ("name", "suggested"),
    [("losses.mse", "losses.mse_loss"), ("loses", "losses"), ("svm_loss", "losses.svm_loss")],
)
@pytest.mark.parametrize("command", ["check", "list", "hint", "solution", "reset"])
def test_an_unknown_name_is_answered_with_the_nearest(learnkit, home, command, name, suggested):
    result = learnkit(command, name)
    assert is_a_sentence(result, 2)
    assert "did you mean" in result.output
    assert suggested in result.output


@pytest.mark.parametrize("command", ["stubs", "verify"])
def test_an_author_is_answered_too(learnkit, command):
    assert "did you mean losses" in learnkit("author", command, "loses").output


@pytest.mark.parametrize(
    "command", [["check"], ["solution", "losses.softmax"], ["reset", "losses"]]
)
def test_outside_a_workspace_the_remedy_is_told(learnkit, here, command):
    result = learnkit(*command)
    assert is_a_sentence(result, 2)
    assert "learnkit init" in result.output


@pytest.mark.parametrize("command", [["list"], ["hint", "losses.softmax"], ["demo"]])
def test_some_commands_need_no_workspace(learnkit, here, command):
    assert learnkit(*command).exit_code == 0
    assert list(here.iterdir()) == []


# check --file and --dir


def test_a_file_with_some_of_the_functions_is_graded_for_those(learnkit, here):
    path = wrote(here, "homework.py", RIGHT + SOFTMAX)
    told = json.loads(learnkit("check", "--file", path, "--json").output)
    assert [(e["id"], e["status"]) for e in told["exercises"]] == [
        ("losses.mse_loss", "passed"),
        ("losses.softmax", "passed"),
    ]


def test_a_named_exercise_that_a_file_lacks_is_missing(learnkit, here):
    path = wrote(here, "homework.py", RIGHT)
    result = learnkit("check", "losses.softmax", "--file", path)
    assert result.exit_code == 1
    assert "There is no function softmax in your file." in result.output
    assert "Define it as: def softmax(x, temperature=...)" in result.output


@pytest.mark.parametrize("text", ["", "x = 1\n", "def other():\n    pass\n", "# mse_loss\n"])
def test_a_file_with_none_of_the_functions_is_a_failure(learnkit, here, text):
    path = wrote(here, "empty.py", text)
    result = learnkit("check", "--file", path)
    assert result.exit_code == 1
    assert "empty.py holds none of the exercises' functions" in result.output
    assert "0 of 0" in result.output


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("from not_there import mse_loss\n", "No module named 'not_there'"),
        ("mse_loss = (\n", "was never closed"),
        ("1 / 0\nmse_loss = softmax = None\n", "division by zero"),
    ],
    ids=["an import", "a bracket", "a division"],
)
def test_a_file_that_does_not_load_says_why_though_nothing_is_found_in_it(
    learnkit, here, text, words
):
    result = learnkit("check", "--file", wrote(here, "broken.py", text))
    assert result.exit_code == 1
    assert words in " ".join(result.output.split())


def test_a_file_that_cannot_be_parsed_is_a_failure(learnkit, here):
    path = wrote(here, "broken.py", RIGHT + "\ndef (:\n")
    result = learnkit("check", "--file", path)
    assert result.exit_code == 1
    assert "Loading your file failed." in result.output
    assert "broken.py line 9" in result.output


def test_a_file_that_is_not_text_is_a_failure(learnkit, here):
    path = here / "latin.py"
    path.write_bytes(RIGHT.encode() + b"# caf\xe9\n")
    result = learnkit("check", "--file", path)
    assert result.exit_code == 1
    assert "latin.py is not UTF-8 text (line 8)" in result.output


def test_a_notebook_is_graded(learnkit, here):
    cells = [
        {"cell_type": "markdown", "source": "# Homework"},
        {"cell_type": "code", "source": ["%matplotlib inline\n", "import numpy as np"]},
        {"cell_type": "code", "source": RIGHT.replace("import numpy as np", "")},
    ]
    path = wrote(here, "homework.ipynb", json.dumps({"nbformat": 4, "cells": cells}))
    assert learnkit("check", "--file", path).exit_code == 0


def test_a_folder_is_graded(learnkit, here):
    wrote(here, "losses.py", RIGHT)
    assert learnkit("check", "losses.mse_loss", "--dir", here).exit_code == 0
    assert learnkit("check", "--dir", here).exit_code == 1
    assert not (here / ".learnkit").exists()


def test_a_folder_without_the_file_says_which_is_missing(learnkit, here):
    result = learnkit("check", "--dir", here)
    assert result.exit_code == 1
    assert "There is no losses.py there." in result.output


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["--file", "a.py", "--dir", "."], "give --file or --dir, not both"),
        (["--file", "nowhere.py"], "there is no file nowhere.py"),
        (["--dir", "nowhere"], "there is no folder nowhere"),
        (["--dir", "a.py"], "there is no folder a.py"),
        (["--file", "."], "is a folder; for a folder use --dir ."),
        (["--junit", "."], "Invalid value for '--junit'"),
        (["--seed", "-1"], "Invalid value for '--seed'"),
        (["--seed", "x"], "Invalid value for '--seed'"),
        (["--timeout", "0"], "--timeout"),
        (["--timeout", "nan"], "--timeout"),
    ],
)
def test_what_cannot_be_meant_is_a_usage_error(learnkit, here, args, words):
    wrote(here, "a.py", RIGHT)
    given = args if {"--file", "--dir"} & set(args) else ["--file", "a.py", *args]
    result = learnkit("check", *given)
    assert result.exit_code == 2
    assert words in result.output
    assert "Traceback" not in result.output


def test_a_path_with_a_blank_can_be_pasted_from_what_comes_next(learnkit, here):
    path = wrote(here, "my homework.py", "def mse_loss(p, t):\n    return 1 / 0\n")
    result = learnkit("check", "--file", path)
    assert f"Next: learnkit check losses.mse_loss --file '{path}'" in result.output


# check --seed, --json, --junit, --timeout, --verbose


def without_seconds(text):
    told = json.loads(text)
    for exercise in told["exercises"]:
        exercise.pop("seconds")
    return told


def test_the_same_seed_gives_the_same_report(learnkit, here):
    path = wrote(here, "wrong.py", WRONG.replace("np.sum(", "1 + np.mean("))
    same = [learnkit("check", "--file", path, "--seed", 5, "--json").output for _ in range(2)]
    other = learnkit("check", "--file", path, "--seed", 6, "--json").output
    assert without_seconds(same[0]) == without_seconds(same[1])
    assert without_seconds(same[0]) != without_seconds(other)
    assert json.loads(other)["seed"] == 6


def test_a_report_can_be_replayed_from_its_own_seed(learnkit, here):
    path = wrote(here, "wrong.py", RIGHT.replace("2 * ", "2.0001 * "))
    told = learnkit("check", "--file", path, "--seed", 2**63 - 1, "--json").output
    seed = json.loads(told)["seed"]
    again = learnkit("check", "--file", path, "--seed", seed, "--json").output
    assert without_seconds(told) == without_seconds(again)


@pytest.mark.parametrize(("text", "code"), [(RIGHT, 0), (WRONG, 1), ("def mse_loss(: pass", 1)])
def test_json_is_all_that_is_printed(learnkit, here, text, code):
    result = learnkit("check", "losses.mse_loss", "--file", wrote(here, "a.py", text), "--json")
    assert result.exit_code == code
    assert json.loads(result.output)["schema"] == 1


def test_what_the_learner_prints_does_not_mix_with_the_json(learnkit, here):
    path = wrote(here, "a.py", "print('{')\nimport sys\nsys.stderr.write('[')\n" + RIGHT)
    told = json.loads(learnkit("check", "--file", path, "--json").output)
    assert told["printed"].startswith("{")


def test_junit_is_written_beside_the_report(learnkit, here):
    result = learnkit("check", "--file", wrote(here, "a.py", WRONG), "--junit", "report.xml")
    assert result.exit_code == 1
    assert "✗ losses.mse_loss  failed" in result.output
    suites = ET.parse(here / "report.xml").getroot()
    assert suites.find("testsuite").get("name") == "losses.mse_loss"
    assert int(suites.get("failures")) >= 1


def test_junit_and_json_go_together(learnkit, here):
    path = wrote(here, "a.py", RIGHT)
    result = learnkit("check", "--file", path, "--junit", "report.xml", "--json")
    assert result.exit_code == 0
    assert json.loads(result.output)["score"] == 2
    assert ET.parse(here / "report.xml").getroot().get("failures") == "0"


def test_a_junit_file_that_cannot_be_written_is_a_sentence(learnkit, here):
    path = wrote(here, "a.py", RIGHT)
    result = learnkit("check", "--file", path, "--junit", here / "nowhere" / "report.xml")
    assert is_a_sentence(result, 2)
    assert "report.xml cannot be written: No such file or directory" in result.output


def test_the_verdict_is_shown_and_kept_though_the_junit_file_cannot_be_written(learnkit, home):
    wrote(home, "losses.py", RIGHT)
    result = learnkit("check", "losses.mse_loss", "--junit", home / "nowhere" / "report.xml")
    assert "1 of 1 exercise passed" in result.output
    assert "passed" in next(
        line for line in learnkit("list").output.splitlines() if "losses.mse_loss" in line
    )


def test_a_short_timeout_ends_an_endless_loop(learnkit, here):
    path = wrote(here, "slow.py", "def mse_loss(p, t):\n    while True:\n        pass\n" + SOFTMAX)
    result = learnkit("check", "--file", path, "--timeout", "1")
    assert result.exit_code == 1
    assert "✗ losses.mse_loss  timeout" in result.output or "⧗ losses.mse_loss" in result.output
    assert "It did not finish: no answer within 1 s." in result.output
    assert "✓ losses.softmax" in result.output


def test_verbose_lists_what_passed(learnkit, here):
    path = wrote(here, "a.py", RIGHT + SOFTMAX)
    assert "worked by hand" not in learnkit("check", "--file", path).output
    assert learnkit("check", "--file", path, "-v").output.count("worked by hand") == 2


# What the terminal sees


@pytest.mark.parametrize(
    "command",
    [
        ["check", "--file", SUBMISSION],
        ["check", "-v", "--file", SUBMISSION],
        ["demo"],
        ["list"],
        *(["hint", name, "--level", str(level)] for name in EXPECTED for level in (1, 2, 3)),
    ],
    ids=lambda command: " ".join(map(str, command)).replace(str(SUBMISSION), "FILE"),
)
def test_output_fits_80_columns(learnkit, here, command):
    """But for the command to type next, which may hold a long path."""
    lines = learnkit(*command).output.splitlines()
    wide = [line for line in lines if cell_len(line) > 80 and "--file" not in line]
    assert wide == []


@pytest.mark.parametrize("env", [{}, {"NO_COLOR": "1", "FORCE_COLOR": "1"}])
def test_no_colour_is_honoured_and_a_pipe_gets_none(env, tmp_path):
    done = process("list", cwd=tmp_path, env=env)
    assert done.returncode == 0
    colours = re.findall(r"\x1b\[[\d;]*m", done.stdout)
    assert [c for c in colours if re.search(r"[39]\d", c)] == []


@pytest.mark.parametrize("columns", ["0", "1", "20", "200"])
def test_any_width_of_the_terminal_will_do(learnkit, here, monkeypatch, columns):
    """Some servers and editors say that it is 0."""
    monkeypatch.setenv("COLUMNS", columns)
    path = wrote(here, "a.py", WRONG)
    assert learnkit("check", "--file", path).exit_code == 1
    assert learnkit("list").exit_code == 0


def test_markup_is_not_shown_as_it_stands(learnkit, here):
    result = learnkit("list")
    assert "[bold]" not in result.output
    assert "losses: Measuring how wrong a prediction is" in result.output


def test_a_passed_exercise_stands_as_passed_in_the_list(learnkit, home):
    wrote(home, "losses.py", RIGHT)
    learnkit("check", "losses.mse_loss")
    lines = {line.split()[0]: line.split()[-1] for line in learnkit("list").output.splitlines()}
    assert lines["losses.mse_loss"] == "passed"
    assert lines["losses.softmax"] == "open"


ACCENTED = """
def mse_loss(prediction, target):
    raise ValueError("größe → \\x1b[31m 字")
"""


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-8"])
def test_any_encoding_of_the_terminal_will_do(tmp_path, encoding):
    path = wrote(tmp_path, "é.py", ACCENTED)
    done = subprocess.run(
        [sys.executable, "-c", "from grader.cli import main; main()", "check", "--file", path],
        capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"},
        check=False,
    )
    assert done.returncode == 1, done.stderr
    assert b"losses.mse_loss" in done.stdout
    assert b"\x1b[31m" not in done.stdout


# Processes


@pytest.mark.parametrize(
    ("text", "args", "code"),
    [
        (RIGHT, [], 0),
        (WRONG, [], 1),
        ("def mse_loss(: pass", [], 1),
        (RIGHT, ["losses.nothing"], 2),
        ("import os\nos._exit(0)\n", ["losses.mse_loss"], 1),
        ("import sys\nsys.exit(0)\n", ["losses.mse_loss"], 1),
        ("raise KeyboardInterrupt\n", ["losses.mse_loss"], 1),
    ],
    ids=["right", "wrong", "syntax", "unknown", "os._exit(0)", "sys.exit(0)", "KeyboardInterrupt"],
)
def test_the_exit_code_of_a_process_tells_the_ending(tmp_path, text, args, code):
    done = process("check", *args, "--file", wrote(tmp_path, "a.py", text), cwd=tmp_path)
    assert done.returncode == code
    assert "Traceback" not in done.stdout + done.stderr


def test_the_demo_is_as_it_should_be(tmp_path):
    done = process("demo", cwd=tmp_path)
    assert done.returncode == 0
    for id_ in EXPECTED:
        assert id_ in done.stdout
    assert done.stdout.endswith("Next: learnkit init\n")


def test_a_demo_that_is_not_as_it_should_be_fails(learnkit, here, monkeypatch):
    monkeypatch.setitem(EXPECTED, "losses.softmax", ("failed", None))
    result = learnkit("demo")
    assert result.exit_code == 3
    assert "not the report that the demo should give" in result.output


def test_a_reader_that_leaves_early_is_no_failure_of_the_grader(tmp_path):
    command = [sys.executable, "-c", "from grader.cli import main; main()", "check", "-v"]
    path = wrote(tmp_path, "a.py", RIGHT)
    with subprocess.Popen(
        [*command, "--file", path], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as started:
        started.stdout.close()
        said = started.stderr.read()
    assert b"Traceback" not in said
    assert b"the grader failed" not in said


def test_a_failure_of_the_grader_is_told_as_that(learnkit, home, monkeypatch):
    def broken(*args, **kwargs):
        raise ZeroDivisionError("of ours")

    monkeypatch.setattr("grader.engine.grade", broken)
    result = learnkit("check")
    assert is_a_sentence(result, 3)
    assert "the grader failed (ZeroDivisionError: of ours)" in result.output


def test_a_learners_file_beside_it_shadows_no_module(tmp_path):
    for name in ("random", "numpy", "click", "grader", "json", "numerics"):
        wrote(tmp_path, f"{name}.py", "raise SystemExit('shadowed')\n")
    wrote(tmp_path, "losses.py", RIGHT)
    done = process("check", "losses.mse_loss", "--dir", tmp_path, cwd="/")
    assert done.returncode == 0, done.stdout + done.stderr


# hint


def test_hints_come_one_after_the_other(learnkit, home):
    told = [learnkit("hint", "losses.softmax").output for _ in range(4)]
    assert [re.search(r"hint (\d) of 3", text).group(1) for text in told] == ["1", "2", "3", "3"]
    assert "Next: learnkit check losses.softmax" in told[0]


def test_a_level_can_be_asked_for(learnkit, home):
    assert "hint 2 of 3" in learnkit("hint", "losses.softmax", "--level", 2).output
    assert "hint 3 of 3" in learnkit("hint", "losses.softmax").output
    assert "hint 1 of 3" in learnkit("hint", "losses.softmax", "--level", 1).output


@pytest.mark.parametrize("level", ["0", "4", "x"])
def test_there_are_three_levels(learnkit, here, level):
    assert learnkit("hint", "losses.softmax", "--level", level).exit_code == 2


def test_a_hint_without_a_name_is_for_the_first_open_exercise(learnkit, home):
    assert learnkit("hint").output.startswith("losses.mse_loss, hint 1 of 3:")
    wrote(home, "losses.py", RIGHT)
    learnkit("check", "losses.mse_loss")
    assert learnkit("hint").output.startswith("losses.huber_loss, hint 1 of 3:")


def test_a_topic_has_no_hint(learnkit, here):
    result = learnkit("hint", "losses")
    assert is_a_sentence(result, 2)
    assert "losses is a topic; name an exercise, losses.mse_loss for instance" in result.output


def test_a_kit_with_fewer_hints_is_no_failure_of_the_grader(learnkit, here, meadow):
    root = meadow(("grader/topics/areas.py", '        "What is the area of one circle?",\n', ""))
    result = learnkit("--topics-from", root, "hint", "areas.circle_area", "--level", 3)
    assert result.exit_code in {0, 2}
    assert "IndexError" not in result.output


# solution


def test_a_solution_is_shown_after_a_pass(learnkit, home):
    refused = learnkit("solution", "losses.mse_loss")
    assert is_a_sentence(refused, 1)
    assert "--give-up" in refused.output
    assert "difference" not in refused.output
    wrote(home, "losses.py", RIGHT)
    learnkit("check", "losses.mse_loss")
    shown = learnkit("solution", "losses.mse_loss")
    assert shown.exit_code == 0
    assert shown.output.startswith("def mse_loss(prediction, target):\n")
    assert "np.mean(difference**2)" in shown.output


@pytest.mark.parametrize("place", ["here", "home"])
def test_who_gives_up_sees_it(learnkit, request, place):
    request.getfixturevalue(place)
    shown = learnkit("solution", "losses.softmax", "--give-up")
    assert shown.exit_code == 0
    compile(shown.output, "shown", "exec")


def test_a_solution_shown_is_not_a_pass(learnkit, home):
    learnkit("solution", "losses.softmax", "--give-up")
    assert learnkit("solution", "losses.softmax").exit_code == 1


def test_a_wrong_answer_shows_no_solution(learnkit, home):
    wrote(home, "losses.py", WRONG)
    learnkit("check", "losses.mse_loss")
    assert learnkit("solution", "losses.mse_loss").exit_code == 1


def test_an_answer_graded_from_elsewhere_is_no_progress(learnkit, home, tmp_path):
    """Somebody else's file must not open the solutions of this workspace."""
    learnkit("check", "losses.mse_loss", "--file", wrote(tmp_path, "other.py", RIGHT))
    assert learnkit("solution", "losses.mse_loss").exit_code == 1


# reset


def test_reset_puts_one_stub_back_and_keeps_the_old_file(learnkit, home):
    path = wrote(home, "losses.py", RIGHT + SOFTMAX)
    result = learnkit("reset", "losses.mse_loss")
    assert result.exit_code == 0
    kept = re.search(r"kept as (.+)$", result.output.replace("\n", ""), re.MULTILINE)
    (backup,) = (home / ".learnkit" / "backups").iterdir()
    assert backup.read_text("utf-8") == RIGHT + SOFTMAX
    assert str(backup) in kept.group(0)
    assert 'raise NotImplementedError("losses.mse_loss")' in path.read_text("utf-8")
    assert path.read_text("utf-8").endswith(SOFTMAX)


def test_reset_of_a_topic_puts_the_whole_file_back(learnkit, home, built_in):
    path = wrote(home, "losses.py", RIGHT)
    assert learnkit("reset", "losses").exit_code == 0
    assert path.read_text("utf-8") == built_in.topic("losses").stub_path.read_text("utf-8")


def test_reset_of_nothing_claims_no_backup(learnkit, home):
    (home / "losses.py").unlink()
    result = learnkit("reset", "losses")
    assert result.exit_code == 0
    assert (home / "losses.py").is_file()
    assert "kept as" not in result.output


def test_reset_of_a_file_that_cannot_be_read_is_a_sentence(learnkit, home):
    path = wrote(home, "losses.py", "def mse_loss(:\n")
    result = learnkit("reset", "losses.mse_loss")
    assert is_a_sentence(result, 2)
    assert "learnkit reset losses" in result.output
    assert path.read_text("utf-8") == "def mse_loss(:\n"


def test_reset_of_a_name_with_a_dot_too_many_changes_nothing(learnkit, home):
    path = wrote(home, "losses.py", RIGHT)
    assert learnkit("reset", "losses.").exit_code == 2
    assert path.read_text("utf-8") == RIGHT


# Progress


def test_progress_survives(learnkit, home):
    wrote(home, "losses.py", RIGHT)
    learnkit("check", "losses.mse_loss")
    learnkit("hint", "losses.softmax")
    wrote(home, "losses.py", WRONG)
    learnkit("check")
    told = json.loads((home / ".learnkit" / "progress.json").read_text("utf-8"))
    assert set(told["passed"]) == {"losses.mse_loss"}
    assert told["hints"] == {"losses.softmax": 1}
    assert learnkit("solution", "losses.mse_loss").exit_code == 0


@pytest.mark.parametrize("damage", ["{", "[]", '{"schema": 1, "passed": [], "hints": {}}'])
@pytest.mark.parametrize("command", [["check", "losses.mse_loss"], ["list"], ["hint"]])
def test_damaged_progress_is_set_aside_with_a_message(learnkit, home, damage, command):
    wrote(home, "losses.py", RIGHT)
    wrote(home, ".learnkit/progress.json", damage)
    result = learnkit(*command)
    assert result.exit_code == 0
    assert "progress.json was damaged: set aside as progress.json.damaged-" in result.output
    assert "was damaged" not in learnkit(*command).output


NEWER = '{"schema": 3, "passed": {}, "hints": {}}'


def test_newer_progress_is_left_alone_and_the_verdict_stands(learnkit, home):
    wrote(home, "losses.py", RIGHT)
    path = wrote(home, ".learnkit/progress.json", NEWER)
    result = learnkit("check", "losses.mse_loss")
    assert result.exit_code == 0
    assert "progress was not kept" in result.output
    assert "upgrade" in result.output
    assert path.read_text("utf-8") == NEWER


@pytest.mark.parametrize("command", [["list"], ["hint"], ["solution", "losses.softmax"], ["init"]])
def test_newer_progress_is_told_by_every_command_that_needs_it(learnkit, home, command):
    path = wrote(home, ".learnkit/progress.json", NEWER)
    assert "newer learnkit" in learnkit(*command).output
    assert path.read_text("utf-8") == NEWER


# author


def test_an_author_begins_exercises_that_can_be_trusted_as_they_stand(learnkit, here, meadow):
    root = meadow()
    for exercise, folder in (("new.one", "kit"), ("new.two", "kit"), ("areas.three", root)):
        result = learnkit("author", "new", exercise, folder)
        assert result.exit_code == 0, result.output
        assert f"author verify {exercise.partition('.')[0]}" in result.output
    for folder, topic, names in (
        ("kit", "new", ["new.one", "new.two"]),
        (root, "areas", ["areas.circle_area", "areas.three"]),
    ):
        result = learnkit("--topics-from", folder, "author", "verify", topic)
        assert result.exit_code == 0, result.output
        assert result.output.splitlines()[:-1] == names


@pytest.mark.parametrize(
    ("name", "folder", "says"),
    [
        ("new", "kit", "name an exercise of it, new.half_square for instance"),
        ("new.Two", "kit", '"Two" will not do as a name'),
        ("new.return", "kit", '"return" will not do as a name'),
        ("../new.f", "kit", "will not do as a name"),
        ("losses.f", "kit", "there is a topic losses already"),
        ("new.f", "file/kit", "cannot be made"),
    ],
)
def test_an_author_is_told_what_cannot_be_begun(learnkit, here, name, folder, says):
    (here / "file").touch()
    result = learnkit("author", "new", name, folder)
    assert is_a_sentence(result, 2)
    assert says in result.output
    assert not (here / "kit").exists()


def test_a_file_that_is_no_text_is_a_sentence_to_an_author(learnkit, here, meadow):
    root = meadow()
    (root / "solutions" / "areas.py").write_bytes(b"\xff\xfe")
    result = learnkit("author", "new", "areas.three", root)
    assert is_a_sentence(result, 3)
    assert "areas.py is not UTF-8 text" in result.output


def test_what_an_author_has_written_is_never_written_over(learnkit, here):
    learnkit("author", "new", "new.one", "kit")
    written = here / "kit" / "solutions" / "new.py"
    edited = written.read_text("utf-8").replace("An example to be replaced", "My own")
    written.write_text(edited, "utf-8")
    assert is_a_sentence(learnkit("author", "new", "new.one", "kit"), 2)
    assert written.read_text("utf-8") == edited
    assert learnkit("author", "new", "new.two", "kit").exit_code == 0
    assert written.read_text("utf-8").startswith(edited)


def test_an_author_cuts_the_stubs(learnkit, here, meadow):
    root = meadow(("solutions/areas.py", "Greater than 0.", "Greater than nothing."))
    stub = root / "exercises" / "areas.py"
    result = learnkit("--topics-from", root, "author", "stubs", "areas", "lengths")
    assert result.exit_code == 0
    assert f"{stub}: written" in result.output
    assert "lengths.py: fresh already" in result.output
    assert "Greater than nothing." in stub.read_text("utf-8")


def test_the_built_in_stubs_are_fresh_for_an_author_too(learnkit, here):
    result = learnkit("author", "stubs")
    assert result.exit_code == 0
    assert "written" not in result.output


def test_an_author_is_told_that_a_kit_can_be_trusted(learnkit, here, meadow):
    result = learnkit("--topics-from", meadow(), "author", "verify", "lengths")
    assert result.exit_code == 0
    assert result.output.startswith("lengths.fence\n")
    assert "every check bites" in result.output


def test_an_author_is_told_what_is_wrong_with_a_kit(learnkit, here, meadow):
    root = meadow(("exercises/areas.py", "Greater than 0.", "Greater than 1."))
    result = learnkit("--topics-from", root, "author", "verify", "areas")
    assert result.exit_code == 1
    assert "is stale: run learnkit author stubs" in result.output
    assert "1 problem" in result.output
    assert "1 problems" not in result.output


def test_answers_that_do_not_parse_are_a_sentence_to_an_author(learnkit, here, meadow):
    root = meadow(("solutions/areas.py", "def circle_area(radius):", "def circle_area(radius:"))
    result = learnkit("--topics-from", root, "author", "stubs", "areas")
    assert is_a_sentence(result, 3)
    assert "areas: line 6:" in result.output


@pytest.mark.parametrize(
    ("place", "code"), [("nowhere", 2), (".", 2)], ids=["no folder", "a folder without topics"]
)
def test_topics_from_the_wrong_place_are_a_usage_error(learnkit, here, place, code):
    result = learnkit("--topics-from", place, "list")
    assert result.exit_code == code
    assert "Traceback" not in result.output


def test_foreign_topics_are_graded_by_the_command(learnkit, here, meadow):
    path = wrote(here, "a.py", "def fence(sides):\n    return sides[:-1].sum()\n")
    result = learnkit("--topics-from", meadow(), "check", "--file", path)
    assert result.exit_code == 1
    assert "The last side is left out." in result.output


def test_what_comes_next_finds_the_foreign_topics_again(learnkit, here, meadow):
    root = meadow()
    path = wrote(here, "a.py", "def fence(sides):\n    return 0.0\n")
    told = learnkit("--topics-from", root, "check", "--file", path).output
    command = told.splitlines()[-1].removeprefix("Next: learnkit ").split()
    assert learnkit(*command).exit_code == 0


def test_an_installed_kit_is_graded_by_the_command(tmp_path, meadow):
    site = tmp_path / "site"
    site.mkdir()
    meadow().rename(site / "meadow_kit")
    wrote(site / "meadow_kit", "__init__.py", "")
    (site / "meadow_kit-1.0.dist-info").mkdir()
    info = site / "meadow_kit-1.0.dist-info"
    wrote(info, "METADATA", "Metadata-Version: 2.1\nName: meadow-kit\nVersion: 1.0\n")
    wrote(info, "entry_points.txt", "[learnkit.topics]\nmeadow = meadow_kit\n")
    path = wrote(tmp_path, "a.py", "def fence(sides):\n    return sides.sum()\n")
    done = process("check", "--file", path, env={"PYTHONPATH": str(site)}, cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "✓ lengths.fence" in done.stdout
