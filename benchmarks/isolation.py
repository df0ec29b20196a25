"""What the walls cost: one small submission, loaded, called and ended, at each level.

    python -m benchmarks.isolation [--runs 200] [--json FILE]

The levels take turns, so that a machine that gets slower slows them all. Processor time is that of
the servers and sessions, without their start: on a busy machine it is the better measure.
"""

import argparse
import json
import os
import statistics
import time
from pathlib import Path
from typing import Any

from grader.student.launch import Launcher, launcher
from grader.student.limits import IsolationUnavailableError, Level, Limits
from grader.student.session import Session, Step
from grader.student.submission import from_text

SUBMISSION = from_text("import numpy as np\ndef f(x): return np.mean(np.square(x))")
MUST_MS = 5.0


def served(start: Launcher) -> float:
    """Return how long one submission takes, in ms."""
    started = time.perf_counter()
    with Session(SUBMISSION, start, Limits()) as session:
        (outcome,) = session.run("submission", [Step("f", ([1.0, 2.0],))])
    if outcome.fault:
        raise RuntimeError(f"the submission failed: {outcome.fault}")
    return 1e3 * (time.perf_counter() - started)


def below(pid: int) -> set[int]:
    """Return the processes that a process started, and those that these started."""
    listings = (task / "children" for task in Path(f"/proc/{pid}/task").iterdir())
    children = {int(child) for listing in listings for child in listing.read_text().split()}
    return children.union(*map(below, children))


def used_ms(pids: set[int]) -> float:
    """Return the processor time of processes and of children that they have waited for (proc(5))."""
    fields = [Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split() for pid in pids]
    return 1e3 * sum(int(time) for own in fields for time in own[11:15]) / os.sysconf("SC_CLK_TCK")


def processor_ms(level: Level, runs: int) -> float:
    """Return the processor time of a server and its sessions for one submission, in ms."""
    start = launcher(level)
    try:
        served(start)
        pids = below(os.getpid())
        before = used_ms(pids)
        for _ in range(runs):
            served(start)
        return (used_ms(pids) - before) / runs
    finally:
        start.close()


def available() -> dict[Level, Launcher]:
    """Start a server at each level that this machine has; say why it lacks another."""
    found = {}
    for level in Level:
        try:
            found[level] = launcher(level)
        except IsolationUnavailableError as error:
            print(error)
    return found


def measured(runs: int) -> dict[str, dict[str, float]]:
    """Return for each level its median and least time, and its processor time, in ms."""
    starts = available()
    try:
        for start in starts.values():
            served(start)
        times: dict[Level, list[float]] = {level: [] for level in starts}
        for _ in range(runs):
            for level, start in starts.items():
                times[level].append(served(start))
    finally:
        for start in starts.values():
            start.close()
    found = {}
    for level, taken in times.items():
        found[str(level)] = {
            "median": statistics.median(taken),
            "least": min(taken),
            "processor": processor_ms(level, runs),
        }
    return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    found = measured(options.runs)
    base = found[Level.LAPTOP]
    print(f"{'ms a submission':<16} {'median':>8} {'least':>8} {'processor':>10}")
    for level, ms in found.items():
        print(f"{level:<16} {ms['median']:8.2f} {ms['least']:8.2f} {ms['processor']:10.2f}")
    for level, ms in found.items():
        if level != Level.LAPTOP:
            more: dict[str, Any] = {name: ms[name] - base[name] for name in ms}
            print(
                f"{level:<9} - laptop {more['median']:7.2f} {more['least']:8.2f} "
                f"{more['processor']:10.2f}   must {MUST_MS:g}"
            )
    if options.json:
        options.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
