"""How long after a save the verdict stands on the screen of `learnkit watch`.

    python -m benchmarks.watch [--saves 100] [--json FILE]

The command runs in a pseudo-terminal, as for a learner: from before the file is written until the
screen with the verdict has been read. Beside it, in turns, the floor: a fork server's session that
is opened, loads the file and ends.
"""

import argparse
import contextlib
import json
import os
import pty
import re
import select
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from grader.catalogue import Catalogue
from grader.student.launch import Launcher, launcher
from grader.student.limits import Limits
from grader.student.session import Session
from grader.student.submission import from_file
from grader.watching.saves import BURST
from grader.workspace import Workspace

MUST, GOAL = (50.0, 100.0), (15.0, 30.0)  # ms: the median, the 95th percentile
PATIENCE = 60.0
EXERCISE = "losses.mse_loss"
COMMAND = [sys.executable, "-c", "from grader.cli import main; main()", "watch", EXERCISE]
HEADLINE = re.compile(rb"mse_loss(?:\x1b\[[0-9;]*m)*  (failed)?(?:\x1b\[[0-9;]*m)* +[0-9.]+ / 2")


@contextlib.contextmanager
def watched(root: Path) -> Iterator[int]:
    """Run the command in a pseudo-terminal; give the end that a person sits at."""
    ours, theirs = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "80", "LINES": "24"}
    process = subprocess.Popen(
        COMMAND, stdin=theirs, stdout=theirs, stderr=theirs, cwd=root, env=environment
    )
    os.close(theirs)
    try:
        yield ours
    finally:
        os.write(ours, b"q")
        while process.poll() is None:  # what it still writes must be read for it to end
            if select.select([ours], [], [], 0.1)[0]:
                with contextlib.suppress(OSError):
                    os.read(ours, 2**16)
        os.close(ours)


def until_shown(terminal: int, ending: bytes) -> None:
    """Read the terminal until a verdict's headline with that ending is on it."""
    seen, deadline = b"", time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if select.select([terminal], [], [], 0.5)[0]:
            seen += os.read(terminal, 2**16)
            if any((found or b"") == ending for found in HEADLINE.findall(seen)):
                return
    raise SystemExit(f"no verdict within {PATIENCE:g} s; the screen said:\n{seen!r}")


def at_rest(terminal: int) -> None:
    """Read what else comes, for longer than what counts as a burst."""
    deadline = time.monotonic() + BURST + 0.05
    while (left := deadline - time.monotonic()) > 0:
        if select.select([terminal], [], [], left)[0]:
            os.read(terminal, 2**16)


def floor(file: Path, start: Launcher) -> float:
    """Return the ms of a session that is opened, loads a file and ends."""
    started = time.perf_counter()
    with Session(from_file(file), start, Limits()) as session:
        session.load("losses")
    return 1e3 * (time.perf_counter() - started)


def measure(saves: int) -> dict[str, list[float]]:
    """Return the ms from save to verdict, and of the floor, for each save."""
    topic = Catalogue().topic("losses")
    right = topic.answers.text
    mistake = topic.exercises["mse_loss"].mistakes[0]
    texts = ((mistake.text(topic.answers, "mse_loss"), b"failed"), (right, b""))
    found: dict[str, list[float]] = {"verdict": [], "floor": []}
    start = launcher()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        file = root / "losses.py"
        Workspace.create(root, [topic])
        file.write_text(right, encoding="utf-8")
        with watched(root) as terminal:
            until_shown(terminal, b"")
            for i in range(saves + 2):
                at_rest(terminal)
                text, ending = texts[i % 2]
                started = time.perf_counter()
                file.write_text(text, encoding="utf-8")
                until_shown(terminal, ending)
                found["verdict"].append(1e3 * (time.perf_counter() - started))
                found["floor"].append(floor(file, start))
    start.close()
    return {name: taken[2:] for name, taken in found.items()}  # the first of each warms up


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--saves", type=int, default=100)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    taken = measure(options.saves)
    told = {}
    for name, values in taken.items():
        cuts = statistics.quantiles(values, n=20)
        told[name] = {"median": statistics.median(values), "p95": cuts[-1]}
    verdict = told["verdict"]
    print(f"save to verdict, {options.saves} saves")
    for (name, value), must, goal in zip(verdict.items(), MUST, GOAL, strict=True):
        print(f"  {name:<7} {value:7.1f} ms  must {must:g}, goal {goal:g}")
    print(f"floor, a session that loads the file: median {told['floor']['median']:.1f} ms")
    if options.json:
        options.json.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    if any(value > must for value, must in zip(verdict.values(), MUST, strict=True)):
        raise SystemExit("slower than it must be")


if __name__ == "__main__":
    main()
