"""Does a right answer ever fail? Every model answer and every alternative, under many seeds.

    python -m benchmarks.false_alarms [TOPIC ...] [--seeds N]

Alternatives are the functions EXERCISE__LABEL of `tests/alternatives/TOPIC.py`. Exit code 1 when any
right answer fails.
"""

import argparse
import ast
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from grader.catalogue import Catalogue, Exercise, Topic
from grader.engine import judge
from grader.report import Status
from grader.student.launch import launcher
from grader.student.limits import Limits
from grader.student.session import Session
from grader.student.submission import from_text

ALTERNATIVES = Path(__file__).parent.parent / "tests" / "alternatives"


def right_answers(topic: Topic) -> Iterator[tuple[Exercise, str, str]]:
    """Yield exercise, label and text of the model answers and of all alternatives to them."""
    for exercise in topic.exercises.values():
        yield exercise, "model answer", topic.answers.text
    path = ALTERNATIVES / f"{topic.name}.py"
    if not path.is_file():
        return
    text = path.read_text(encoding="utf-8")
    names = [node.name for node in ast.parse(text).body if isinstance(node, ast.FunctionDef)]
    for name, _, label in (name.partition("__") for name in names):
        if name in topic.exercises:
            yield topic.exercises[name], label, f"{text}\n{name} = {name}__{label}\n"


def main() -> None:
    """Judge all right answers under all seeds, and print what failed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("topics", nargs="*")
    parser.add_argument("--seeds", type=int, default=1000)
    options = parser.parse_args()
    catalogue = Catalogue()
    topics = [catalogue.topic(name) for name in options.topics] or catalogue.topics()
    judged, failed, started = 0, 0, time.perf_counter()
    start = launcher()
    try:
        for topic in topics:
            for exercise, label, text in right_answers(topic):
                with Session(from_text(text, topic.name), start, Limits(seconds=60)) as session:
                    for seed in range(options.seeds):
                        result = judge(exercise, session, seed)
                        judged += 1
                        if result.status is not Status.PASSED:
                            failed += 1
                            check = result.decisive
                            said = f"{check.name}: {check.message}" if check else result.status
                            print(f"{exercise.id}, {label}, seed {seed}: {said}")
    finally:
        start.close()
    seconds = time.perf_counter() - started
    print(f"judged {judged} times in {seconds:.0f} s, failed {failed}")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
