"""A run that is killed at any moment and started again: nothing is lost, nothing is done twice.

LEARNKIT_KILLS says how many kills; a few by default, a hundred in `.ci/full`.
"""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time

import pytest
from classes import RIGHT, STUB, SUMMED

from grader.classroom.store import FILE

KILLS = int(os.environ.get("LEARNKIT_KILLS", "5"))
STUDENTS = 24
EXERCISES = ("losses.mse_loss", "losses.softmax")
COMMAND = """
from grader.classroom import run
from grader.cli import main
run.kit_text = lambda folders=(): "0 the same through all runs"
main()
"""


def started(place, out):
    """Start a run in a process of its own."""
    topics = [word for name in EXERCISES for word in ("--topics", name)]
    words = ("grade", place, "--out", out, *topics, "--level", "laptop", "--jobs", "2")
    return subprocess.Popen(
        [sys.executable, "-c", COMMAND, *map(str, words), "--seed", "3"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


def kept(out):
    """Return what stands in the database: each student's run and rows."""
    if not (out / FILE).exists():
        return {}
    connection = sqlite3.connect(out / FILE, timeout=30)
    try:
        if not connection.execute("PRAGMA user_version").fetchone()[0]:
            return {}
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        runs = dict(connection.execute("SELECT student, run FROM submissions").fetchall())
        found = connection.execute("SELECT student, exercise, status, score FROM results")
        rows = {}
        for student, *row in found:
            rows.setdefault(student, []).append(tuple(row))
        assert set(rows) == set(runs)
        return {student: (runs[student], sorted(rows[student])) for student in runs}
    finally:
        connection.close()


@pytest.mark.skipif(os.name != "posix", reason="SIGKILL of a POSIX system")
def test_kills_at_random_moments_lose_nothing(tmp_path):
    place = tmp_path / "in"
    for number in range(STUDENTS):
        home = place / f"student-{number:02}"
        home.mkdir(parents=True)
        (home / "losses.py").write_text((RIGHT, SUMMED, STUB)[number % 3] + f"# {number}\n")
    began = time.monotonic()
    whole = started(place, tmp_path / "whole")
    assert whole.communicate()[1].endswith("feedback\n")
    usual = time.monotonic() - began
    want = {student: rows for student, (_, rows) in kept(tmp_path / "whole").items()}
    assert len(want) == STUDENTS
    rng = random.Random(0)
    killed = ended = 0
    out = tmp_path / "out-0"
    before = {}
    while killed < KILLS:
        process = started(place, out)
        try:
            process.wait(rng.uniform(0.1, 1.1) * usual)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            killed += 1
        process.communicate()
        now = kept(out)
        assert {s: now[s] for s in before} == before, "what was kept is kept, and not done again"
        assert all(rows == want[student] for student, (_, rows) in now.items())
        before = now
        if process.returncode == 0:
            ended += 1
            assert set(now) == set(want)
            out, before = tmp_path / f"out-{ended}", {}
    process = started(place, out)
    assert process.communicate()[1].endswith("feedback\n")
    assert {student: rows for student, (_, rows) in kept(out).items()} == want
    assert len(list((out / "feedback").glob("*.html"))) == STUDENTS
    assert not list(out.rglob("*.new"))
