"""How exercises and nbgrader's cells find each other: the one place of the convention.

nbgrader knows each cell that counts by its `grade_id`, in its own database, and puts right whatever a
student did to it. An exercise is therefore found by the id of its test cell, and by nothing else.
"""

import re

SCHEMA = 3  # of nbgrader's metadata
MARK = "learnkit"  # where ours stands, beside nbgrader's
CHECK = re.compile(r"(\w+)-(\w+)-check", re.ASCII)
ALLOWED = re.compile(r"[a-zA-Z_]\w*\.[a-zA-Z_]\w*", re.ASCII)


def solution_id(exercise_id: str) -> str:
    """Return the id of the cell that an exercise is answered in.

    Raises
    ------
    ValueError
        If nbgrader allows no such id: it takes letters from A to Z, digits, `_` and `-`.

    Examples
    --------
    >>> solution_id("losses.mse_loss")
    'losses-mse_loss'
    """
    if not ALLOWED.fullmatch(exercise_id):
        raise ValueError(f"{exercise_id!r} cannot be the name of a cell in nbgrader")
    return exercise_id.replace(".", "-")


def check_id(exercise_id: str) -> str:
    """Return the id of the locked cell that gives an exercise's points; raises as `solution_id`.

    Examples
    --------
    >>> check_id("losses.mse_loss")
    'losses-mse_loss-check'
    """
    return f"{solution_id(exercise_id)}-check"


def exercise_of(grade_id: str) -> str | None:
    """Return which exercise a test cell is for; None for every other cell, a solution's too.

    Whether there is an exercise of that name is for the catalogue to say.

    Examples
    --------
    >>> exercise_of("losses-mse_loss-check")
    'losses.mse_loss'
    >>> exercise_of("losses-mse_loss") is None
    True
    """
    found = CHECK.fullmatch(grade_id)
    return f"{found[1]}.{found[2]}" if found else None
