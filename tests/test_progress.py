"""What is remembered: derived from grading, outliving every kind of end, read from older kits."""

import json
import os
import random
import signal
import subprocess
import sys
import threading

import pytest

from grader.hints import hint, note
from grader.progress import SCHEMA, Last, NewerError, Progress, State
from grader.report import CheckResult, ExerciseResult, Recognised, Report, Status
from grader.workspace import Workspace, WorkspaceError

ID = "losses.mse_loss"
NOW = "2026-01-02T03:04:05Z"
# 10 here; `LEARNKIT_KILLS=100 python -m pytest tests/test_progress.py -k killed` for a full proof.
KILLS = int(os.environ.get("LEARNKIT_KILLS", "10"))


def result(status, mistake="", got="loss = 14", id_=ID):
    check = CheckResult("a check", status, "Wrong.", expected="loss = 3.5", got=got)
    recognised = Recognised("sum", mistake) if mistake else None
    return ExerciseResult(id_, status, 0, 1, recognised, (check,))


PASSED = ExerciseResult(ID, Status.PASSED, 1, 1)
FAILED = result(Status.FAILED, "The errors are added up.")


def noted(*results):
    progress = Progress()
    for each in results:
        progress.note([each], NOW)
    return progress


# What a check leaves


@pytest.mark.parametrize(
    ("results", "state"),
    [
        ([], State.OPEN),
        ([result(Status.UNSOLVED)], State.OPEN),
        ([result(Status.MISSING)], State.OPEN),
        ([FAILED], State.FAILED),
        ([result(Status.ERROR)], State.FAILED),
        ([result(Status.TIMEOUT)], State.FAILED),
        ([FAILED, result(Status.UNSOLVED)], State.OPEN),
        ([FAILED, PASSED], State.PASSED),
        ([PASSED, FAILED], State.BROKEN),
        ([PASSED, FAILED, PASSED], State.PASSED),
        ([PASSED, result(Status.UNSOLVED)], State.PASSED),
        ([PASSED, result(Status.GRADER_ERROR)], State.PASSED),
    ],
    ids=lambda case: "" if isinstance(case, str) else str(len(case)),
)
def test_the_state_follows_from_what_checks_found(results, state):
    assert noted(*results).state(ID) is state


@pytest.mark.parametrize(
    ("results", "count"),
    [
        ([result(Status.UNSOLVED)], None),
        ([result(Status.GRADER_ERROR)], None),
        ([FAILED], 1),
        ([FAILED, FAILED], 1),
        ([FAILED, result(Status.FAILED, "Another."), PASSED], 3),
        ([FAILED, result(Status.FAILED, "The errors are added up.", got="loss = 15")], 2),
        ([PASSED, FAILED, PASSED], 1),
    ],
)
def test_attempts_are_answers_until_one_passes(results, count):
    assert noted(*results).attempts.get(ID) == count


def test_the_first_pass_is_the_one_that_counts():
    progress = noted(PASSED)
    progress.note([PASSED], "2027-01-01T00:00:00Z")
    assert progress.passed == {ID: NOW}


def test_a_long_result_is_not_kept_whole():
    look = noted(result(Status.FAILED, got="x" * 10**6)).last[ID].look
    assert len(look) < 1000


def test_half_a_character_in_a_result_can_be_kept(tmp_path):
    home, _ = Workspace.create(tmp_path, [])
    home.remember(Report(0, "laptop", (result(Status.FAILED, got="\ud800"),)))
    assert home.progress().state(ID) is State.FAILED


# Hints


@pytest.fixture
def mse(built_in):
    return built_in.topic("losses").exercises["mse_loss"]


def given(exercise, progress, times):
    titles = []
    for _ in range(times):
        found = hint(exercise, progress)
        note(progress, exercise, found)
        titles.append(found.title)
    return titles


LEVELS = ["hint 1 of 3", "hint 2 of 3", "hint 3 of 3"]


def test_a_hint_speaks_to_a_recognised_mistake_first(mse):
    progress = noted(FAILED)
    first = hint(mse, progress)
    assert first.sentences[0] == "The errors are added up."
    assert "expected loss = 3.5, got loss = 14" in first.sentences[1]
    assert given(mse, progress, 5) == ["about your last check", *LEVELS, LEVELS[-1]]


def test_the_same_mistake_is_spoken_of_once_and_another_again(mse):
    progress = noted(FAILED)
    assert given(mse, progress, 2) == ["about your last check", LEVELS[0]]
    progress.note([result(Status.FAILED, "The errors are added up.", got="loss = 15")], NOW)
    assert given(mse, progress, 1) == [LEVELS[1]]
    progress.note([result(Status.FAILED, "A factor is missing.")], NOW)
    assert given(mse, progress, 1) == ["about your last check"]


def test_without_a_recognised_mistake_the_levels_come(mse):
    assert given(mse, noted(result(Status.FAILED)), 3) == LEVELS
    assert given(mse, Progress(), 3) == LEVELS


def test_a_level_that_is_asked_for_is_given(mse):
    assert hint(mse, noted(FAILED), 2).title == LEVELS[1]


# Its form


def test_it_comes_back_as_it_was_written():
    progress = noted(FAILED, PASSED)
    progress.hints[ID] = 2
    progress.given = {ID, "losses.softmax"}
    progress.last["losses.softmax"] = Last("failed", "Why.", "There.", told=True)
    assert Progress.from_text(progress.text()) == progress


def test_an_older_kits_state_is_understood():
    old = {"schema": 1, "kit": "0.1", "passed": {ID: NOW}, "hints": {ID: 2}}
    progress = Progress.from_text(json.dumps(old))
    assert progress == Progress({ID: NOW}, {ID: 2})
    assert progress.state(ID) is State.PASSED
    assert json.loads(progress.text())["schema"] == SCHEMA


def test_a_newer_kits_is_refused():
    with pytest.raises(NewerError):
        Progress.from_text(json.dumps({"schema": SCHEMA + 1}))


@pytest.mark.parametrize("key", ["passed", "hints", "attempts", "last", "given"])
@pytest.mark.parametrize("value", [None, 7, [1], "x"])
def test_a_field_of_the_wrong_kind_is_set_aside(tmp_path, key, value):
    told = []
    Workspace.create(tmp_path, [])
    home = Workspace(tmp_path, told.append)
    if key == "given" and isinstance(value, (list, str)):
        return  # names that are none: no harm
    state = json.loads(Progress().text()) | {key: value}
    home.state_path.write_text(json.dumps(state), "utf-8")
    assert home.progress() == Progress()
    assert "was damaged: set aside" in told[0]


def test_state_damaged_at_random_never_ends_in_a_traceback(tmp_path):
    """Bytes changed, cut out and put in: what is read is progress, or the file is set aside."""
    chance = random.Random(0)
    home, _ = Workspace.create(tmp_path, [])
    whole = noted(FAILED, PASSED).text().encode()
    for _ in range(300):
        data = bytearray(whole)
        for _ in range(chance.randint(1, 5)):
            at = chance.randrange(len(data))
            data[at : at + chance.randint(0, 20)] = chance.randbytes(chance.randint(0, 4))
        home.state_path.write_bytes(data)
        try:
            home.save(home.progress())
        except WorkspaceError as error:
            newer = "newer learnkit" in str(error)
            home.state_path.unlink()
            assert newer  # a schema of more digits is one way to be damaged


# Several at once, and the end at any moment


def test_two_at_once_lose_nothing_of_each_other(tmp_path):
    home, _ = Workspace.create(tmp_path, [])

    def many(name):
        for i in range(20):
            with home.changing() as progress:
                progress.hints[f"{name}.{i}"] = 1

    threads = [threading.Thread(target=many, args=(name,)) for name in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(home.progress().hints) == 40


KILLED = """
import os, signal, sys
from pathlib import Path
from grader.workspace import Workspace

home, at, steps = Workspace(Path(sys.argv[1])), int(sys.argv[2]), 0

def step(frame, event, argument):
    global steps
    frame.f_trace_opcodes = True
    steps += 1
    if steps == at:
        os.kill(os.getpid(), signal.SIGKILL)
    return step

sys.settrace(step)
with home.changing() as progress:
    progress.hints = dict.fromkeys(progress.hints, 2)
sys.settrace(None)
print(steps)
"""


@pytest.fixture
def saving(tmp_path):
    """Save in a process that kills itself after so many steps of it; return how it ended."""
    home, _ = Workspace.create(tmp_path, [])

    def save(at):
        home.save(Progress(hints=dict.fromkeys((f"losses.{i}" for i in range(500)), 1)))
        done = subprocess.run(
            [sys.executable, "-c", KILLED, str(tmp_path), str(at)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode in {0, -signal.SIGKILL}, done.stderr
        return home, done

    return save


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such signal")
def test_a_save_killed_at_any_moment_leaves_the_old_state_or_the_new(saving):
    """Between any two instructions of Python, chosen at random over the whole of a save."""
    home, done = saving(0)
    steps = int(done.stdout)
    chance = random.Random()
    for _ in range(KILLS):
        # The last hundredths hold the writing: half of the kills fall there.
        late = chance.random() < 0.5
        at = chance.randint(int(0.985 * steps) if late else 1, steps)
        home, done = saving(at)
        told = []
        levels = set(Workspace(home.root, told.append).progress().hints.values())
        assert told == [], f"damaged by a kill at step {at} of {steps}"
        assert levels in ({1}, {2}), f"neither old nor new after a kill at step {at} of {steps}"
    with home.changing() as progress:
        progress.hints = {"a.b": 3}
    assert home.progress().hints == {"a.b": 3}
    assert [p.name for p in home.state_path.parent.iterdir() if p.name.startswith(".")] == []
