"""A report for a notebook: the words and lines of the console, as HTML that needs nothing else."""

import io
from collections.abc import Iterator
from html import escape

from rich.console import Console
from rich.style import Style
from rich.text import Text

from grader.render.console import render
from grader.report import Report

WIDTH = 88
# Colours that can be read on white and on black (contrast of at least 4 on either); what they say
# is said by a sign or a word as well.
COLOURS = {
    "red": "#e0392f",
    "green": "#2a8949",
    "yellow": "#a16f00",
    "cyan": "#0d83a6",
    "magenta": "#b549ce",
}
PAGE = "white-space:pre-wrap;line-height:1.45;margin:0.2em 0;background:transparent"


def html(report: Report, *, verbose: bool = False) -> str:
    """Return a report as one HTML element, everything in it escaped, with no style from outside.

    Text has the colour of whatever surrounds it, so that light and dark pages both work.

    Parameters
    ----------
    report
        What was found.
    verbose
        Whether to list the checks of exercises that passed, too.
    """
    verbose = verbose or len(report.exercises) == 1
    lines = render(report, verbose=verbose, plain=False, width=WIDTH).renderables
    shown = "\n".join(_line(line) for line in lines if isinstance(line, Text))
    return f'<pre class="learnkit-report" style="{PAGE}">{shown}</pre>'


def _line(line: Text) -> str:
    return "".join(_pieces(line))


def _pieces(line: Text) -> Iterator[str]:
    """Yield the pieces of a line, each in a style of its own."""
    for segment in line.render(Console(file=io.StringIO(), force_jupyter=False)):
        style = _css(segment.style)
        words = escape(segment.text)
        yield f'<span style="{style}">{words}</span>' if style else words


def _css(style: Style | None) -> str:
    if not style:
        return ""
    found = {
        "color": COLOURS.get(style.color.name, "") if style.color else "",
        "font-weight": "bold" if style.bold else "",
        "font-style": "italic" if style.italic else "",
        "opacity": "0.75" if style.dim else "",
    }
    return ";".join(f"{name}:{value}" for name, value in found.items() if value)
