"""Does a right answer ever fail? Every model answer and every alternative, under many seeds.

    python -m benchmarks.false_alarms [NAME ...] [--seeds N] [--jobs N]

NAME is a topic or an exercise; alternatives are those of `tests/alternatives/TOPIC.py`. Exit code 1
when any right answer fails.
"""

import argparse
import contextlib
import os
import sys
import time
from collections.abc import Iterator
from concurrent.futures import as_completed

from grader.catalogue import Catalogue, Exercise
from grader.classroom.batch import processes
from grader.engine import judge
from grader.report import Status
from grader.student.launch import launcher
from grader.student.limits import Limits
from grader.student.session import Session
from grader.student.submission import from_text
from tests.corpora import corpora


def right_answers(exercise: Exercise) -> Iterator[tuple[str, str]]:
    """Yield label and text of the model answer and of all alternatives to it."""
    yield "model answer", exercise.topic.answers.text
    corpus = corpora("alternatives").get(exercise.topic.name)
    if corpus is None:
        return
    for answer in corpus.answers:
        name, _, label = answer.partition("__")
        if name == exercise.name:
            yield label, corpus.submission(answer, exercise)


def failures(name: str, seeds: int) -> tuple[int, list[str]]:
    """Judge all right answers to an exercise under all seeds.

    Returns
    -------
    judged
        How many verdicts were reached.
    failures
        A line for each that was not a pass.
    """
    (exercise,) = Catalogue().find([name])
    failed = []
    start = launcher()
    with contextlib.ExitStack() as stack:
        stack.callback(start.close)
        sessions = {
            label: stack.enter_context(
                Session(from_text(text, exercise.topic.name), start, Limits(seconds=60))
            )
            for label, text in right_answers(exercise)
        }
        for seed in range(seeds):
            for label, session in sessions.items():
                result = judge(exercise, session, seed)
                if result.status is not Status.PASSED:
                    check = result.decisive
                    said = f"{check.name}: {check.message}" if check else result.status
                    failed.append(f"{exercise.id}, {label}, seed {seed}: {said}")
    return seeds * len(sessions), failed


def main() -> None:
    """Judge all right answers under all seeds, and print what failed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("names", nargs="*")
    parser.add_argument("--seeds", type=int, default=1000)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    options = parser.parse_args()
    names = [exercise.id for exercise in Catalogue().find(options.names)]
    judged, failed, began = 0, 0, time.perf_counter()
    with processes(options.jobs) as pool:
        waiting = [pool.submit(failures, name, options.seeds) for name in names]
        for done in as_completed(waiting):
            count, lines = done.result()
            judged, failed = judged + count, failed + len(lines)
            for line in lines:
                print(line)
    print(f"judged {judged} times in {time.perf_counter() - began:.0f} s, failed {failed}")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
