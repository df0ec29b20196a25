"""What `run_autograder` runs: judge the submission in a folder laid out like Gradescope's.

Usage: python -m grader.classroom.exports.autograder.judge /autograder
"""

import json
import sys
import tempfile
import traceback
from pathlib import Path
from typing import Any

from grader.catalogue import Catalogue, UnknownNameError
from grader.classroom import grades
from grader.classroom.errors import ClassroomError
from grader.classroom.exports.autograder import ASSIGNMENT, SETTINGS, TOPICS
from grader.classroom.exports.gradescope import failure, results
from grader.classroom.run import Plan, grade_class
from grader.classroom.store import Store
from grader.student.limits import IsolationUnavailableError, Level

SUBMISSION = "submission"
NO_SUBMISSION = "Nothing was handed in: there is no folder {}."


def main(home: Path) -> None:
    """Judge what was handed in, and write `results/results.json`, whatever comes of it."""
    try:
        told = judged(home)
    except IsolationUnavailableError as error:
        traceback.print_exc()
        told = failure(
            f"The autograder cannot judge here ({error}); this is not your fault. Instructor: what "
            "to do is said in docs/exports.md, under Gradescope."
        )
    except (ClassroomError, UnknownNameError) as error:
        traceback.print_exc()
        told = failure(f"The autograder could not judge: {error}.")
    except Exception as error:  # noqa: BLE001 - Gradescope must be told, whatever it is
        traceback.print_exc()
        told = failure(
            f"The autograder failed ({type(error).__name__}: {error}); this is not your fault. "
            "Instructor: rerun it, and look at its output."
        )
    folder = home / "results"
    folder.mkdir(exist_ok=True)
    grades.replace_text(folder / "results.json", [json.dumps(told, indent=1)])


def judged(home: Path) -> dict[str, Any]:
    """Return the results of what stands in the folder."""
    if not (home / SUBMISSION).is_dir():
        raise ClassroomError(NO_SUBMISSION.format(home / SUBMISSION))
    source = home / "source"
    settings = json.loads((source / SETTINGS).read_text(encoding="utf-8"))
    folders = tuple(sorted((source / TOPICS).glob("*")))
    assignment = source / ASSIGNMENT
    with tempfile.TemporaryDirectory() as out:
        plan = Plan(
            home,
            Path(out),
            Catalogue(folders),
            tuple(settings["topics"]),
            assignment if assignment.exists() else None,
            only=SUBMISSION,
            level=Level(settings["level"]),
            topics_from=folders,
        )
        run = grade_class(plan).run
        with Store(Path(out)) as store:
            (standing,) = grades.standings(store)
            return results(standing, run, store)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
