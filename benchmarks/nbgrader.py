"""What a further submission costs in nbgrader, judged in three ways, in the same run.

    python -m benchmarks.nbgrader [--students 20 200] [--rounds 1] [--level strict] [--json FILE]

The same notebooks, three right answers of the topic `losses`, graded by `nbgrader autograde` with its
own Execute, by `nbgrader autograde` with our judge in its place, and by `learnkit grade --gradebook`.
The slope between two sizes of a class leaves start-up out on every side.
"""

import argparse
import json
import statistics
import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks.classroom import THREE, marginal
from benchmarks.classroom_peers import in_course, nbgrader_course, timed
from grader.catalogue import Catalogue
from grader.student.limits import Level

CONFIG = (
    "from grader.classroom.nbgrader.config import configure\n\n"
    "configure(c)\nc.Judge.level = {level!r}\n"
)
ENROL = """
import sys
from nbgrader.api import Gradebook
with Gradebook("sqlite:///gradebook.db") as book:
    for number in range(int(sys.argv[1])):
        book.add_student(f"student-{number}")
"""
LEARNKIT = ["-c", "from grader.cli import main; main()"]
AUTOGRADE = ["-m", "nbgrader", "autograde", "ps1"]
MUST_OURS, MUST_QUICK, GOAL_QUICK = 2, 20, 50

Way = Callable[[Path, int, str, str], float]


def execute(folder: Path, students: int, text: str, level: str) -> float:
    """Grade with nbgrader's own Execute."""
    del level
    nbgrader_course(folder, students, text)
    return timed([[*AUTOGRADE, in_course(folder)]], folder)


def judge(folder: Path, students: int, text: str, level: str) -> float:
    """Grade with our judge in the place of Execute."""
    nbgrader_course(folder, students, text, CONFIG.format(level=level))
    return timed([[*AUTOGRADE, in_course(folder)]], folder)


def quick(folder: Path, students: int, text: str, level: str) -> float:
    """Grade the quick way, with as many processes as there are processors."""
    nbgrader_course(folder, students, text, CONFIG.format(level=level))
    timed([["-c", ENROL, str(students)]], folder)
    book = ["--gradebook", str(folder / "gradebook.db"), "--out", str(folder / "out")]
    return timed([[*LEARNKIT, "grade", str(folder / "submitted"), *book]], folder)


WAYS: dict[str, Way] = {
    "nbgrader autograde, its Execute": execute,
    "nbgrader autograde, our judge": judge,
    "learnkit grade --gradebook": quick,
}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--students", type=int, nargs=2, default=(20, 200), metavar=("FEW", "MANY"))
    parser.add_argument("--small", action="store_true", help="5 and 20 students")
    parser.add_argument("--rounds", type=int, default=1, help="the median of them counts")
    parser.add_argument("--level", type=Level, default=Level.STRICT)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    few, many = (5, 20) if options.small else options.students
    text = f"import numpy as np\n\n{Catalogue().find(THREE)[0].topic.answers.text}"
    seconds: dict[str, list[float]] = {name: [] for name in WAYS}
    with tempfile.TemporaryDirectory(prefix="learnkit-nbgrader-") as work:
        for _ in range(options.rounds):
            for name, way in WAYS.items():

                def measure(students: int, way: Way = way) -> float:
                    folder = Path(tempfile.mkdtemp(dir=work))
                    return way(folder, students, text, options.level.value)

                seconds[name].append(marginal(few, many, measure))
    each = {name: statistics.median(found) for name, found in seconds.items()}
    base, ours, quickest = each.values()
    print(f"a further submission, from {few} to {many}, {options.level}")
    for name, told in each.items():
        print(f"  {name:<34}{1e3 * told:10.1f} ms")
    print(f"  our judge: {base / ours:.1f} times less, must {MUST_OURS}")
    print(
        f"  the quick way: {base / quickest:.1f} times less, must {MUST_QUICK}, goal {GOAL_QUICK}"
    )
    if options.json:
        options.json.write_text(json.dumps(each, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
