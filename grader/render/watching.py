"""The screen of `learnkit watch`, as lines that fit it."""

import textwrap
from dataclasses import dataclass

from rich.console import Console, RenderableType
from rich.segment import Segment, Segments
from rich.text import Text

KEYS = (
    ("h", "hint"),
    ("n", "next"),
    ("l", "list"),
    ("r", "reset"),
    ("a", "run all"),
    ("e", "edit"),
    ("s", "solution"),
    ("q", "quit"),
)
LEAST = (40, 8)  # columns and lines that are drawn for, however small the terminal is
FRAME = 3  # lines that are neither the body's nor the foot's
LONGEST_NOTE = 4  # lines


@dataclass(frozen=True)
class Page:
    """What there is to see.

    Parameters
    ----------
    exercise, file
        What is being written, and where.
    passed, total
        How far the learner is, in exercises.
    body
        What fills the middle.
    top
        The first line of the body that shows.
    note
        A sentence below it, in as many lines as it takes.
    """

    exercise: str
    file: str
    passed: int
    total: int
    body: RenderableType
    top: int = 0
    note: str = ""


def height_of_body(page: Page, console: Console) -> int:
    """Return how many lines of the body show at once."""
    return max(console.height, LEAST[1]) - FRAME - len(_foot(page, console.width))


def screen(page: Page, console: Console, *, plain: bool) -> tuple[Segments, int]:
    """Return the whole screen, line by line, and how many lines the body has.

    Parameters
    ----------
    page
        What there is to see.
    console
        Its size counts.
    plain
        Whether only characters that every terminal has may be used.
    """
    width, height = console.width, console.height
    room = height_of_body(page, console)
    body = console.render_lines(
        page.body, console.options.update(width=max(width, LEAST[0])), pad=False
    )
    top = max(0, min(page.top, len(body) - room))
    shown = body[top : top + room]
    rows = [
        _head(page, width, plain=plain),
        _rule(width, "", plain=plain),
        *shown,
        *[[] for _ in range(room - len(shown))],
        _rule(width, _more(top, len(body) - top - len(shown)), plain=plain),
        *_foot(page, width),
    ]
    shaped = Segment.set_shape([list(row) for row in rows], width, height)
    lines = [segment for row in shaped for segment in [*row, Segment.line()]]
    return Segments(lines[:-1]), len(body)


def _more(above: int, below: int) -> str:
    hidden = [f"{n} more {where}" for n, where in ((above, "above"), (below, "below")) if n]
    return f" {', '.join(hidden)}: arrow keys " if hidden else ""


def _head(page: Page, width: int, *, plain: bool) -> list[Segment]:
    count = f"{page.passed} of {page.total} passed"
    left = f"{page.exercise}  {page.file}"
    space = width - len(left) - len(count) - 4
    bar = _bar(page, min(space, 20), plain=plain) if space >= 6 else ""
    line = f"{left}{' ' * max(2, width - len(left) - len(count) - len(bar) - 2)}{count}  {bar}"
    text = Text(line, "dim")
    text.stylize("bold not dim", 0, len(page.exercise))
    return _segments(text)


def _bar(page: Page, length: int, *, plain: bool) -> str:
    full = round(length * page.passed / page.total) if page.total else 0
    filled, empty = ("#", "-") if plain else ("━", "─")
    return filled * full + empty * (length - full)


def _rule(width: int, title: str, *, plain: bool) -> list[Segment]:
    line = ("-" if plain else "─") * max(0, width - len(title))
    return _segments(Text(line + title, "dim"))


def _foot(page: Page, width: int) -> list[list[Segment]]:
    if page.note:
        room = max(width, LEAST[0])
        note = textwrap.wrap(page.note, room, max_lines=LONGEST_NOTE, break_on_hyphens=False)
        return [_segments(Text(line, "bold")) for line in note or [""]]
    lines = [Text()]
    for key, word in KEYS:
        more = Text.assemble((key, "bold reverse"), f" {word}  ")
        if len(lines[-1]) + len(more) > max(width, LEAST[0]) + 2:
            lines.append(Text())
        lines[-1].append_text(more)
    return [_segments(line) for line in lines]


def _segments(text: Text) -> list[Segment]:
    text.end = ""
    return list(text.render(Console()))
