"""A report as plain text, for where there is no terminal: the words of the console."""

import io

from rich.console import Console

from grader.render.console import show
from grader.report import Report

WIDTH = 80


def text(report: Report, *, verbose: bool = False, width: int = WIDTH) -> str:
    """Return a report without colour, in lines of at most `width` characters.

    Parameters
    ----------
    report
        What was found.
    verbose
        Whether to list the checks of exercises that passed, too.
    width
        How long a line may be.
    """
    page = io.StringIO()
    console = Console(
        file=page,
        width=width,
        force_terminal=False,  # whatever FORCE_COLOR says: Jupyter sets it
        highlight=False,
        markup=False,
        emoji=False,
        force_jupyter=False,  # there Rich would show everything a second time by itself
    )
    show(report, console, verbose=verbose or len(report.exercises) == 1)
    return page.getvalue().rstrip()
