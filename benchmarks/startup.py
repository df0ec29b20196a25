"""How long a learner waits: one `learnkit check`, and all checks of one exercise in an open session.

    python -m benchmarks.startup [--runs 20] [--json FILE]

Whole processes take turns with their floors, so that a machine that gets slower slows both.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from grader.catalogue import Catalogue
from grader.engine import judge
from grader.student.launch import launcher
from grader.student.limits import Limits
from grader.student.session import Session
from grader.student.submission import from_text

FLOOR = [sys.executable, "-c", "import numpy, click"]
MUST_RATIO, GOAL_RATIO = 3.0, 1.8
MUST_MS, GOAL_MS = 10.0, 4.0


def milliseconds(run: Callable[..., object], *args: Any, **kwargs: Any) -> float:
    """Return how long a call takes, in ms."""
    started = time.perf_counter()
    run(*args, **kwargs)
    return 1e3 * (time.perf_counter() - started)


def whole_processes(runs: int) -> dict[str, float]:
    """Return medians in ms of `learnkit check losses.mse_loss` and of its floor, and their ratio."""
    answers = Catalogue().topic("losses").answers.text
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "losses.py")
        file.write_text(answers, encoding="utf-8")
        learnkit = str(Path(sys.executable).with_name("learnkit"))
        command = [learnkit, "check", "losses.mse_loss", "--file", str(file)]
        # An installed kit has its bytecode on the disk; a checkout gets it by the first run, which is
        # not counted.
        environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
        run = partial(subprocess.run, check=True, capture_output=True, env=environment)
        times: dict[str, list[float]] = {"check": [], "floor": []}
        for _ in range(runs + 1):
            for name, argv in (("check", command), ("floor", FLOOR)):
                taken = milliseconds(run, argv)
                times[name].append(taken)
    medians = {name: statistics.median(taken[1:]) for name, taken in times.items()}
    return {**medians, "ratio": medians["check"] / medians["floor"]}


def open_session(runs: int) -> dict[str, float]:
    """Return the median in ms of judging each exercise's model answer, the session open."""
    topic = Catalogue().topic("losses")
    start = launcher()
    try:
        with Session(from_text(topic.answers.text, topic.name), start, Limits()) as session:
            found = {}
            for exercise in topic.exercises.values():
                judge(exercise, session, 0)
                taken = [milliseconds(judge, exercise, session, 0) for _ in range(runs)]
                found[exercise.id] = statistics.median(taken)
    finally:
        start.close()
    return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    check = whole_processes(options.runs)
    print(f"learnkit check losses.mse_loss      {check['check']:7.1f} ms  median of {options.runs}")
    print(f"python -c 'import numpy, click'     {check['floor']:7.1f} ms  in turns with it")
    print(
        f"ratio                               {check['ratio']:7.2f}     "
        f"must {MUST_RATIO}, goal {GOAL_RATIO}"
    )
    exercises = open_session(options.runs)
    print("\nall checks of one exercise, session open")
    for name, taken in exercises.items():
        print(f"{name:<42} {taken:6.2f} ms")
    median = statistics.median(exercises.values())
    print(f"{'median exercise':<42} {median:6.2f} ms  must {MUST_MS:g}, goal {GOAL_MS:g}")
    if options.json:
        told = {"check": check, "exercises": exercises, "median_ms": median}
        options.json.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
