"""Gradescope's `results.json`: a test for each exercise, in words that the student may read.

The format: https://gradescope-autograders.readthedocs.io/en/latest/specs/. All tests are `visible`,
since Gradescope shows no total where one is not; what is hidden stands in none of them.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from grader.classroom.exports.table import exercises_told
from grader.classroom.grades import Standing, number_text
from grader.classroom.pages import STATUS_WORDS
from grader.classroom.store import Run, Store
from grader.render.console import clean

PLAIN = {"output_format": "text", "visibility": "visible", "stdout_visibility": "hidden"}
LABELS = {
    "message": "found",
    "called": "called",
    "expected": "expected",
    "got": "got",
    "suggestion": "try",
}
GRADER_FAILED = (
    "The grader failed on this submission; this is not your fault, and these points are not final. "
    "Instructor: rerun the autograder, and look at its output."
)


def results(standing: Standing, run: Run, store: Store) -> dict[str, Any]:
    """Return a student's results.

    Parameters
    ----------
    standing
        How the student stands.
    run
        What was asked, and what of it is hidden.
    store
        The results.
    """
    if standing.is_open:
        return failure(GRADER_FAILED)
    kept = standing.kept
    problems = list(kept.problems) if kept else ["Nothing was handed in."]
    told = exercises_told(standing, run, store)
    return {
        **PLAIN,
        "execution_time": kept.seconds if kept else 0.0,
        "output": clean("\n".join(problems)),
        "tests": [_test(each) for each in told],
    }


def failure(why: str) -> dict[str, Any]:
    """Return results that say why there are none."""
    return {**PLAIN, "score": 0.0, "output": clean(why)}


def _test(told: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": told["id"],
        "name_format": "text",
        "score": told["score"],
        "max_score": told["max_score"],
        "status": "passed" if told["score"] >= told["max_score"] else "failed",
        "output": clean("\n".join(_words(told))),
        "output_format": "text",
        "visibility": "visible",
    }


def _words(told: Mapping[str, Any]) -> Iterator[str]:
    override = told["override"]
    if override:
        by = override.by or "the instructor"
        yield f"{number_text(override.points)} points given by {by}: {override.why}"
    yield f"{STATUS_WORDS[told['status']].capitalize()}."
    if told["mistake"]:
        yield told["mistake"]
    if told["hidden_told"]:
        yield told["hidden_told"]
    for check in told["checks"]:
        yield f"{'ok  ' if check['status'] == 'passed' else 'no  '} {check['name']}"
        if check["hidden"] and check["status"] != "passed":
            yield "     a hidden case did not pass"
        elif check["status"] != "passed":
            for name, label in LABELS.items():
                if check[name]:
                    yield f"     {label}: {check[name]}"
        if check["advice"]:
            yield f"     advice: {check['advice']}"
    if told["waiting"]:
        yield f"{told['waiting']} more wait for this."
