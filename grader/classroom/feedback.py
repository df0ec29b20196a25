"""What a student is told: a page of their own, with nothing of hidden cases but whether they passed."""

import functools
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from grader.catalogue import UnknownNameError
from grader.checks.check import Case
from grader.classroom.assignment import ALL, DECLARED, due_as_text
from grader.classroom.grades import Mark, Standing
from grader.classroom.judging import catalogue_within
from grader.classroom.pages import page
from grader.classroom.store import Run
from grader.report import Visibility

DETAILS = ("message", "advice", "called", "expected", "got", "suggestion")
LONGEST_DETAIL = 2_000
# The beginnings of what checks are called that ask no case: what they say is never kept back.
WITHOUT_CASES = (
    "your submission can be read",
    "your file can be loaded",
    "can be called as ",
    "the grader works",
)
COUNTED = "Only checks that carry points are counted."
# Of no use after handing in.
BEFORE_HANDING_IN = (
    "learnkit init puts the stubs there.",
    "; on a slow machine, --timeout allows more seconds",
)


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
        handed_in=due_as_text(kept.handed_in) if kept else "",
        problems=kept.problems if kept else (),
        exercises=[_exercise(mark, run) for mark in standing.marks],
        run=run,
    )


@dataclass(frozen=True)
class KeptBack:
    """What a student is not told before the marks are out.

    Parameters
    ----------
    kind
        Of which cases feedback says no more than whether they passed: `declared`, those that the
        exercise declares as hidden; `all`; `nothing`.
    exercises
        The ids of exercises of which every case is kept back, too.
    topics_from
        Folders with more topics, where declarations are looked for.
    """

    kind: str = DECLARED
    exercises: frozenset[str] = frozenset()
    topics_from: tuple[str, ...] = ()

    @classmethod
    def of(cls, run: Run) -> "KeptBack":
        """Return what a run of `learnkit grade` keeps back."""
        exercises = frozenset(run.told.get("hidden_exercises", ()))
        return cls(run.told.get("hidden", DECLARED), exercises, run.asked.topics_from)

    def wholly(self, exercise: str) -> bool:
        """Tell whether every case of an exercise is kept back."""
        return self.kind == ALL or exercise in self.exercises


def shown(row: Mapping[str, Any], kept_back: KeptBack) -> dict[str, Any]:
    """Return what a student may know of one exercise, for the template `exercise.html.j2`.

    Parameters
    ----------
    row
        The database's row, or a `judging.Row` with the seed.
    kept_back
        What is left out.
    """
    told = json.loads(row["report"])
    name, status = row["exercise"], row["status"]
    checks = [_check(check, row, kept_back) for check in told["checks"]]
    decisive = next(
        (c for c in checks if c["status"] != "passed" and not c["advisory"]), {"hidden": False}
    )
    kept = decisive["hidden"] or kept_back.wholly(name)
    mistake = told["mistake"] if status != "passed" and not kept else None
    return {
        "id": name,
        "status": status,
        "score": row["score"],
        "max_score": row["max_score"],
        "mistake": mistake["message"] if mistake else "",
        "checks": [c for c in checks if c["status"] != "not_reached"],
        "waiting": sum(c["status"] == "not_reached" and not c["advisory"] for c in checks),
        "hidden_told": _hidden_told(checks, name, kept_back),
        "override": None,
    }


def _exercise(mark: Mark, run: Run) -> dict[str, Any]:
    nothing = {"report": '{"checks": [], "mistake": null}', "exercise": mark.exercise, "seed": 0}
    row = {**(mark.row or nothing), "status": mark.status}
    row |= {"score": mark.score, "max_score": mark.max_score}
    return {**shown(row, KeptBack.of(run)), "override": mark.override}


def _check(check: Mapping[str, Any], row: Mapping[str, Any], kept_back: KeptBack) -> dict[str, Any]:
    declared = kept_back.kind == DECLARED and check.get("visibility") == "hidden"
    asks_no_case = check["name"].startswith(WITHOUT_CASES) and not check.get("weight")
    hidden = declared or (kept_back.wholly(row["exercise"]) and not asks_no_case)
    told = {} if hidden else check
    details = {name: _detail(told[name], row) if told.get(name) else "" for name in DETAILS}
    return {
        "name": check["name"],
        "status": check["status"],
        "weight": check.get("weight", 0.0),
        "advisory": check.get("advisory", False),
        "hidden": hidden,
        **details,
    }


def _hidden_told(checks: Sequence[Mapping[str, Any]], exercise: str, kept_back: KeptBack) -> str:
    """Say what was public and what was hidden; nothing where nothing was.

    A check with cases of both kinds counts as public where a public case decided against it.
    """
    counted = [check for check in checks if check["weight"] and not check["advisory"]]
    declared = _with_hidden_cases(exercise, kept_back.topics_from)
    public: list[bool] = []
    hidden: list[bool] = []
    for check in counted:
        undecided = check["status"] in {"passed", "not_reached"}
        kept = check["hidden"] or (
            kept_back.kind == DECLARED and undecided and check["name"] in declared
        )
        (hidden if kept else public).append(check["status"] == "passed")
    if not hidden:
        return ""
    secret = f"idden checks: {sum(hidden)} of {len(hidden)}. {COUNTED}"
    if not public:
        return f"H{secret}"
    if all(public):
        return f"Public checks passed; h{secret}"
    return f"Public checks: {sum(public)} of {len(public)}; h{secret}"


@functools.cache
def _with_hidden_cases(exercise: str, folders: tuple[str, ...]) -> frozenset[str]:
    """Return the names of the checks that look at cases which are declared as hidden."""
    try:
        (found,) = catalogue_within(folders).find([exercise])
    except UnknownNameError:
        return frozenset()  # of an older kit: which of its cases were hidden is not known any more
    return frozenset(
        check.name
        for check in found.checks
        for case in check.asks or found.question.cases
        if isinstance(case, Case) and case.visibility is Visibility.HIDDEN
    )


def _detail(text: str, row: Mapping[str, Any]) -> str:
    """Return a text for a student, without the seed: hidden cases could be made from it."""
    for left_out in BEFORE_HANDING_IN:
        text = text.replace(left_out, "")
    text = text.replace(f"; seed {row['seed']})", ")")
    return text if len(text) <= LONGEST_DETAIL else f"{text[:LONGEST_DETAIL]} ..."
