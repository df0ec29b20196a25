"""Advice on speed: does the Python work grow with the batch? Counted, not timed."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from grader.checks.calls import Call, rebuilt
from grader.checks.check import PASSED, Case, Check, Finding, Role, Script
from grader.checks.paper import Paper
from grader.checks.trial import Trial
from grader.student.limits import WORK_LIMIT

FEW, MANY = 8, 32


def vectorised(build: Callable[[np.random.Generator, int], tuple[Any, ...]]) -> Check:
    """Advise when Python runs more instructions for more rows.

    The interpreter's own instructions are counted, so that the answer does not depend on the
    machine; a whole-array expression runs the same number for any batch.

    Parameters
    ----------
    build
        Makes arguments with the given number of rows.
    """
    cases = [
        Case(f"{n} rows", lambda rng, n=n: build(rng, n))  # type: ignore[misc]
        for n in (FEW, MANY)
    ]

    def counted(paper: Paper) -> list[Call]:
        few, many = (replace(paper.call(case), count_work=True) for case in cases)
        # The first call may import or fill caches; its count is not looked at.
        return [rebuilt(few), few, many]

    script = Script(counted)

    def run(trial: Trial) -> Finding:
        _, few, many = trial.outcomes(script)
        calls = trial.paper.calls(script)[1:]
        for case, call, outcome in zip(cases, calls, (few, many), strict=True):
            if outcome.fault:
                return trial.fault(case, call, outcome.fault)
        extra = (many.work - few.work) / (MANY - FEW)
        if extra < 1 and many.work < WORK_LIMIT:
            return PASSED
        count = f"about {extra:.0f}" if many.work < WORK_LIMIT else "thousands of"
        advice = (
            f"Python runs {count} more instructions for every further row. NumPy can do "
            "all rows in one expression, some ten to a hundred times faster."
        )
        return Finding(advice=advice)

    return Check("leaves the loop over rows to NumPy", run, role=Role.ADVICE, asks=[script])
