"""What a student is told: a page of their own, with nothing of hidden cases but whether they passed."""

import json
from collections.abc import Mapping
from typing import Any

from grader.classroom.assignment import ALL, DECLARED, due_as_text
from grader.classroom.grades import Mark, Standing
from grader.classroom.pages import page
from grader.classroom.store import Run
from grader.classroom.submissions import iso

DETAILS = ("message", "advice", "called", "expected", "got", "suggestion")
LONGEST_DETAIL = 2_000


def feedback(standing: Standing, run: Run) -> str:
    """Return a student's page.

    Neither the seed nor what the code printed stands there: both could tell of hidden cases.

    Parameters
    ----------
    standing
        How the student stands.
    run
        What was asked, and what of it is hidden.
    """
    kept = standing.kept
    return page(
        "feedback.html.j2",
        title=run.told.get("title") or "Feedback",
        name=standing.name,
        standing=standing,
        share=standing.score / standing.max_score if standing.max_score else 0.0,
        due=due_as_text(run.told.get("due")),
        handed_in=iso(kept.handed_in) if kept else "",
        problems=kept.problems if kept else (),
        exercises=[_exercise(mark, run) for mark in standing.marks],
        run=run,
    )


def _exercise(mark: Mark, run: Run) -> dict[str, Any]:
    told = json.loads(mark.row["report"]) if mark.row else {"checks": [], "mistake": None}
    checks = [_check(check, mark, run) for check in told["checks"]]
    decisive = next(
        (c for c in checks if c["status"] != "passed" and not c["advisory"]), {"hidden": False}
    )
    mistake = told["mistake"] if mark.status != "passed" and not decisive["hidden"] else None
    return {
        "id": mark.exercise,
        "status": mark.status,
        "score": mark.score,
        "max_score": mark.max_score,
        "mistake": mistake["message"] if mistake else "",
        "checks": [c for c in checks if c["status"] != "not_reached"],
        "waiting": sum(c["status"] == "not_reached" and not c["advisory"] for c in checks),
        "override": mark.override,
    }


def _check(check: Mapping[str, Any], mark: Mark, run: Run) -> dict[str, Any]:
    kind = run.told.get("hidden", DECLARED)
    declared = kind == DECLARED and check.get("visibility") == "hidden"
    hidden = declared or kind == ALL or mark.exercise in run.told.get("hidden_exercises", ())
    details = {name: "" if hidden else _detail(check.get(name, ""), mark) for name in DETAILS}
    return {
        "name": check["name"],
        "status": check["status"],
        "advisory": check.get("advisory", False),
        "hidden": hidden,
        **details,
    }


def _detail(text: str, mark: Mark) -> str:
    """Return a text without the seed, from which hidden cases could be made, and not too long."""
    assert mark.row
    text = text.replace(f"; seed {mark.row['seed']})", ")")
    return text if len(text) <= LONGEST_DETAIL else f"{text[:LONGEST_DETAIL]} ..."
