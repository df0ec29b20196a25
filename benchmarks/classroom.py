"""What grading a class costs, beside what others need for the same.

    python -m benchmarks.classroom [--students 1000] [--level strict] [--jobs 2] [--topics NAME ...]
                                   [--hanging 8] [--peers 8] [--parts class,peers,hanging] [--json FILE]

`class`: submissions of all topics, made from the model answers and the declared mistakes, without
time-outs; the memory of the grader after 100 of them and at the end. `peers`: the marginal time of a
submission of the same three exercises, here and in nbgrader, otter and pytest, as far as they are
installed; the others take one submission after the other, here `--jobs` are judged at once.
`hanging`: submissions of which one call never ends.
"""

import argparse
import importlib.util
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.classroom_peers import PEERS, Peer
from grader.catalogue import Catalogue, Exercise
from grader.classroom.run import Plan, grade_class
from grader.student.launch import ONE_THREAD
from grader.student.limits import Level

MIB = 2**20
MUST_SECONDS, GOAL_SECONDS, OF_STUDENTS = 300.0, 100.0, 1000
THREE = ("losses.mse_loss", "losses.softmax", "losses.softmax_loss")
HANGS = "while True:\n    pass\n"
HANG_SECONDS = 1.0
EARLY = 100


def texts(exercises: Sequence[Exercise]) -> Iterator[dict[str, str]]:
    """Yield without end what a student may hand in: a third is right, the rest has one mistake."""
    right = {e.topic.name: e.topic.answers.text for e in exercises}
    wrong = [
        (e.topic.name, mistake.text(e.topic.answers, e.name))
        for e in exercises
        for mistake in e.mistakes
    ]
    turn = 0
    while True:
        yield right
        for _ in range(2):
            # A step that shares no factor with most counts mixes topics early on.
            topic, text = wrong[turn * 7919 % len(wrong)]
            yield {**right, topic: text}
            turn += 1


def class_of(students: int, exercises: Sequence[Exercise], folder: Path) -> Path:
    """Write the submissions of a class, and return their folder."""
    for number, files in zip(range(students), texts(exercises), strict=False):
        home = folder / f"student-{number:05}"
        home.mkdir(parents=True)
        for topic, text in files.items():
            (home / f"{topic}.py").write_text(f"# {number}\n{text}", encoding="utf-8")
    return folder


def graded(plan: Plan) -> dict[str, float]:
    """Grade a class, and return seconds and the grader's own resident memory."""
    told = {"early_mib": 0.0}

    def tell(done: int, total: int, _student: str) -> None:
        if done == min(EARLY, total):
            told["early_mib"] = resident_mib()

    began = time.perf_counter()
    done = grade_class(plan, tell)
    if done.grader_failed:
        raise SystemExit(f"the grader failed on {done.grader_failed} submissions")
    return {**told, "seconds": time.perf_counter() - began, "late_mib": resident_mib()}


def resident_mib() -> float:
    """Return the memory of this process that is in use now."""
    with Path("/proc/self/statm").open(encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / MIB


def whole_class(options: argparse.Namespace, work: Path) -> dict[str, float]:
    """Measure a class on all topics."""
    catalogue = Catalogue()
    exercises = catalogue.find(options.topics)
    place = class_of(options.students, exercises, work / "class")
    names = tuple(options.topics)
    found = graded(
        Plan(place, work / "out", catalogue, names, jobs=options.jobs, level=options.level)
    )
    seconds, students = found["seconds"], options.students
    scaled = seconds * OF_STUDENTS / students
    print(
        f"{students} submissions of {len(exercises)} exercises, {options.level}, {options.jobs} jobs"
    )
    print(f"  all of it              {seconds:9.1f} s")
    print(f"  a submission           {1e3 * seconds / students:9.1f} ms")
    limits = f"must {MUST_SECONDS:g}, goal {GOAL_SECONDS:g}"
    print(f"  per {OF_STUDENTS}               {scaled:9.1f} s   {limits}")
    print(f"  grader's memory        {found['early_mib']:9.1f} MiB after {min(EARLY, students)}")
    print(f"                         {found['late_mib']:9.1f} MiB after {students}, pages written")
    return found


def hanging(options: argparse.Namespace, work: Path) -> dict[str, float]:
    """Measure submissions with one call that never ends, and one whose every call does."""
    catalogue = Catalogue()
    exercises = catalogue.find(["losses"])
    answers = exercises[0].topic.answers
    place = work / "hanging"
    for number in range(options.hanging):
        home = place / f"student-{number:05}"
        home.mkdir(parents=True)
        text = answers.with_body("mse_loss", HANGS)
        (home / "losses.py").write_text(text, encoding="utf-8")
    plan = Plan(
        place,
        work / "hanging-out",
        catalogue,
        ("losses",),
        jobs=options.jobs,
        level=options.level,
        seconds=HANG_SECONDS,
    )
    found = graded(plan)
    bound = options.hanging * HANG_SECONDS / options.jobs
    print(f"{options.hanging} hanging calls, {HANG_SECONDS:g} s each, {options.jobs} jobs")
    print(f"  all of it              {found['seconds']:9.1f} s, of which waiting {bound:.1f} s")
    shutil.rmtree(place)
    home = place / "every-call"
    home.mkdir(parents=True)
    text = answers.text
    for exercise in exercises:
        changed = type(answers)(answers.topic, text)
        text = changed.with_body(exercise.name, HANGS)
    (home / "losses.py").write_text(text, encoding="utf-8")
    every = graded(
        Plan(
            place,
            work / "every-out",
            catalogue,
            ("losses",),
            level=options.level,
            seconds=HANG_SECONDS,
        )
    )
    print(f"  one whose every call hangs {every['seconds']:5.1f} s for {len(exercises)} exercises")
    return {"seconds": found["seconds"], "waiting": bound, "every_call": every["seconds"]}


def marginal(few: int, many: int, measure: Callable[[int], float]) -> float:
    """Return the seconds that one more submission costs: many less few, start-up left out."""
    return (measure(many) - measure(few)) / (many - few)


def side_by_side(options: argparse.Namespace, work: Path) -> dict[str, Any]:
    """Measure the same three exercises here and elsewhere."""
    catalogue = Catalogue()
    exercises = catalogue.find(THREE)
    answers = exercises[0].topic.answers.text

    def ours(jobs: int, students: int) -> float:
        folder = Path(tempfile.mkdtemp(dir=work))
        for number in range(students):
            home = folder / "in" / f"student-{number:05}"
            home.mkdir(parents=True)
            (home / "losses.py").write_text(f"# {number}\n{answers}", encoding="utf-8")
        place = folder / "in"
        plan = Plan(place, folder / "out", catalogue, THREE, jobs=jobs, level=options.level)
        return graded(plan)["seconds"]

    told: dict[Any, Any] = {
        jobs: marginal(20, 220, partial(ours, jobs)) for jobs in (1, options.jobs)
    }
    one = told[options.jobs]
    print("the same three exercises, marginal time of a submission")
    for jobs, each in told.items():
        print(f"  {f'learnkit --jobs {jobs}':<34}{1e3 * each:10.1f} ms")
    for peer in PEERS:
        if not all(importlib.util.find_spec(name) for name in peer.needs):
            print(f"  {peer.name:<34}   missing: {peer.install}")
            told[peer.name] = None
            continue
        folder = Path(tempfile.mkdtemp(dir=work))
        measure = partial(_theirs, peer, folder, answers)
        each = marginal(1, 1 + options.peers, measure)
        told[peer.name] = each
        print(f"  {peer.name:<34}{1e3 * each:10.1f} ms   {each / one:6.0f} times, must {peer.must}")
    return told


def _theirs(peer: Peer, folder: Path, answers: str, students: int) -> float:
    return peer.measure(folder / str(students), students, answers)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--students", type=int, default=OF_STUDENTS)
    parser.add_argument("--level", type=Level, default=Level.STRICT)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--topics", nargs="*", default=[])
    parser.add_argument("--hanging", type=int, default=8)
    parser.add_argument("--peers", type=int, default=8, help="submissions for each peer")
    parser.add_argument("--parts", default="class,peers,hanging")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    for name in ONE_THREAD:
        os.environ.setdefault(name, "1")
    parts = {"class": whole_class, "peers": side_by_side, "hanging": hanging}
    told = {}
    with tempfile.TemporaryDirectory(prefix="learnkit-class-") as work:
        for name in options.parts.split(","):
            told[name] = parts[name](options, Path(work))
            print()
    if options.json:
        options.json.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
