"""The public functions: judge a file, a text, or what stands in the notebook."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from grader.catalogue import Catalogue
from grader.engine import grade
from grader.report import Report
from grader.student.launch import launcher
from grader.student.limits import Limits
from grader.student.submission import Source, Submission, from_file, from_text, python_of

SELF_STUDY_SEED = 0


def check_file(
    path: str | os.PathLike[str], names: Sequence[str] | None = None, *, seed: int | None = None
) -> Report:
    """Judge the functions in a Python file or notebook.

    Parameters
    ----------
    path
        The file.
    names
        Topics or exercises, one or several; None for every exercise that the file holds.
    seed
        Decides the random cases; None for those of self-study, always the same.

    Returns
    -------
    Report
        A file that cannot be read is a problem in the report, not an exception.

    Raises
    ------
    grader.catalogue.UnknownNameError
        If a name is unknown.
    ValueError
        If the seed is not an integer of 0 or more.
    """
    return _check(from_file(Path(path)), names, seed)


def check_source(
    text: str, names: Sequence[str] | None = None, *, seed: int | None = None
) -> Report:
    """Judge the functions in a Python text; otherwise as `check_file`."""
    return _check(from_text(text), names, seed)


def check(name: str, *, seed: int | None = None) -> Report:
    """Judge the functions defined in the running notebook or interactive session.

    Every cell run so far is taken along, so that helpers and imports are there.

    Raises
    ------
    RuntimeError
        If there is no IPython session.
    grader.catalogue.UnknownNameError
        If the name is unknown.
    """
    shell = _shell()
    if shell is None:
        raise RuntimeError("grader.check works in a notebook; for a file use grader.check_file")
    cells = [(f"cell [{i}]", python_of(cell)) for i, cell in enumerate(shell.user_ns["In"]) if cell]
    submission = Submission({"notebook": Source("notebook", tuple(cells))}, main="notebook")
    return _check(submission, [name], seed)


def _shell() -> Any:
    ipython = sys.modules.get("IPython")
    return ipython.get_ipython() if ipython else None


def _check(submission: Submission, names: Sequence[str] | None, seed: int | None) -> Report:
    if isinstance(names, str):
        names = [names]
    if seed is not None and (not isinstance(seed, int) or seed < 0):
        raise ValueError(f"seed must be an integer, 0 or more, got {seed!r}")
    exercises = Catalogue().find(names or ())
    start = launcher()
    try:
        return grade(
            exercises,
            submission,
            start,
            Limits(),
            seed=SELF_STUDY_SEED if seed is None else seed,
            only_present=not names,
        )
    finally:
        start.close()
