"""When a save is judged, by a clock that the test moves; and what counts as half-saved."""

import pytest

from grader.watching.files import stamps, unfinished
from grader.watching.keys import named
from grader.watching.saves import BURST, HALF_SAVED, QUIET, Saves


class Clock:
    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


def test_nothing_is_due_without_a_save(clock):
    saves = Saves(clock=clock)
    assert saves.wait() is None
    assert not saves.take()


def test_a_single_save_is_due_at_once_and_once(clock):
    saves = Saves(clock=clock)
    saves.saved(unfinished=False)
    assert saves.wait() == 0
    assert saves.take()
    assert not saves.take()


def test_what_follows_in_a_burst_is_due_when_it_is_over(clock):
    saves = Saves(clock=clock)
    taken = 0
    for _ in range(20):
        saves.saved(unfinished=False)
        taken += saves.take()
        clock.now += QUIET / 2
    assert taken == 1
    clock.now += QUIET
    assert saves.take()
    assert saves.wait() is None


def test_after_a_while_a_save_is_single_again(clock):
    saves = Saves(clock=clock)
    saves.saved(unfinished=False)
    assert saves.take()
    clock.now += 1.01 * BURST
    saves.saved(unfinished=False)
    assert saves.take()


def test_a_half_saved_file_is_due_when_it_is_finished(clock):
    saves = Saves(clock=clock)
    saves.saved(unfinished=True)
    assert not saves.take()
    clock.now += HALF_SAVED / 2
    saves.saved(unfinished=False)
    assert saves.take()


def test_one_that_stays_half_is_due_in_the_end(clock):
    saves = Saves(clock=clock)
    saves.saved(unfinished=True)
    clock.now += HALF_SAVED
    assert saves.take()


def test_on_paper_a_burst_is_due_once(clock):
    saves = Saves(patient=True, clock=clock)
    saves.saved(unfinished=False)
    assert not saves.take()
    clock.now += QUIET
    assert saves.take()


@pytest.mark.parametrize(
    ("name", "data", "half"),
    [
        ("a.py", b"x = 1\n", False),
        ("a.py", b"\xef\xbb\xbfx = 1\n", False),
        ("a.py", b"", True),
        ("a.py", b" \n", True),
        ("a.py", b"def f(:\n", True),
        ("a.py", b"x = 1\0", True),
        ("a.py", b"\xff\xfe", True),
        ("a.ipynb", b'{"cells": []}', False),
        ("a.ipynb", b'{"cells": [', True),
    ],
)
def test_a_file_looks_half_saved_or_whole(tmp_path, name, data, half):
    path = tmp_path / name
    path.write_bytes(data)
    assert unfinished(path) is half


def test_a_file_that_is_not_there_looks_half_saved(tmp_path):
    assert unfinished(tmp_path / "a.py")


def test_only_what_a_learner_writes_is_watched(tmp_path):
    for name in ("losses.py", "losses.ipynb", ".losses.py.swp", ".#losses.py", "4913", "a.py~"):
        (tmp_path / name).write_text("", "utf-8")
    assert set(stamps(tmp_path)) == {"losses.py", "losses.ipynb"}


@pytest.mark.parametrize(
    ("sent", "keys"),
    [
        ("hn", ["h", "n"]),
        ("\x1b[A\x1b[B", ["up", "down"]),
        ("\x1bOAq", ["up", "q"]),
        ("\x1b", ["escape"]),
        ("\x1b[1;5Cq", ["\x1b[1;5C", "q"]),
        ("\r\x03", ["enter", "interrupt"]),
        ("é", ["é"]),
    ],
)
def test_keys_are_told_apart(sent, keys):
    assert named(sent) == keys
