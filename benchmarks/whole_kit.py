"""What grading one perfect submission costs: every check of every exercise, the session warm.

    python -m benchmarks.whole_kit [--runs 10] [--json FILE]

Processor time is that of both sides together, the grader's and the learner's process. That of the
learner's side is read when its server has ended: one run is subtracted from many, so that starting
and loading do not count. What NumPy and Click take to start on this machine stands beside it. Both
sides share one processor, as in a class.
"""

import argparse
import json
import resource
import statistics
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.startup import FLOOR
from grader.catalogue import Catalogue, Exercise
from grader.classroom.batch import keep_to_one_processor
from grader.engine import judge
from grader.report import Status
from grader.student.launch import launcher
from grader.student.limits import Limits
from grader.student.session import Session
from grader.student.submission import Source, Submission

MUST_SECONDS, GOAL_SECONDS = 0.5, 0.2
MUST_MS, MUST_TRAIN_MS = 5.0, 150.0
HEAVY = "training.train"


def perfect(exercises: Sequence[Exercise]) -> Submission:
    """Return the model answers of all topics as one submission."""
    texts = {exercise.topic.name: exercise.topic.answers.text for exercise in exercises}
    return Submission({name: Source(f"{name}.py", (("", text),)) for name, text in texts.items()})


def judged(exercises: Sequence[Exercise], rounds: int) -> tuple[dict[str, list[float]], float]:
    """Judge everything so many times in one session.

    Returns
    -------
    times
        Milliseconds of wall-clock time for each exercise and round.
    processor
        Seconds of processor time of both sides, starting included.
    """
    times: dict[str, list[float]] = {exercise.id: [] for exercise in exercises}
    before = _processor_seconds()
    start = launcher()
    try:
        with Session(perfect(exercises), start, Limits()) as session:
            for _ in range(rounds):
                for exercise in exercises:
                    began = time.perf_counter()
                    result = judge(exercise, session, 0)
                    times[exercise.id].append(1e3 * (time.perf_counter() - began))
                    if result.status is not Status.PASSED:
                        raise SystemExit(f"{exercise.id} is {result.status}: fix that first")
    finally:
        start.close()
    return times, _processor_seconds() - before


def _processor_seconds() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in used)


def starting(runs: int) -> float:
    """Return the seconds of processor time that a start of NumPy and Click takes."""
    before = _processor_seconds()
    for _ in range(runs):
        subprocess.run(FLOOR, check=True)
    return (_processor_seconds() - before) / runs


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--runs", type=int, default=10)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    exercises = Catalogue().find([])
    keep_to_one_processor(0)
    _, once = judged(exercises, 1)
    times, many = judged(exercises, 1 + options.runs)
    processor = (many - once) / options.runs
    medians = {name: statistics.median(taken[1:]) for name, taken in times.items()}
    for name, taken in medians.items():
        print(f"{name:<42} {taken:7.2f} ms")
    middle = statistics.median(medians.values())
    print(f"\n{'median exercise':<42} {middle:7.2f} ms  must {MUST_MS:g}")
    if HEAVY in medians:
        print(f"{HEAVY:<42} {medians[HEAVY]:7.2f} ms  must {MUST_TRAIN_MS:g}")
    print(
        f"{f'processor time of all {len(exercises)}':<42} {processor:7.3f} s   "
        f"must {MUST_SECONDS:g}, goal {GOAL_SECONDS:g}"
    )
    floor = starting(options.runs)
    print(
        f"{'that is, in starts of numpy and click':<42} {processor / floor:7.2f}     {floor:.3f} s each"
    )
    if options.json:
        told = {
            "exercises_ms": medians,
            "median_ms": middle,
            "processor_seconds": processor,
            "start_seconds": floor,
        }
        options.json.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
