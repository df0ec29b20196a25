"""The model answer beside the learner's own: what differs, and what the model answer does better."""

import difflib
import textwrap
from collections.abc import Iterator
from typing import NamedTuple

from rich.console import Group
from rich.syntax import Syntax
from rich.text import Text

from grader.catalogue import Exercise
from grader.render.console import clean
from grader.report import ExerciseResult, Status

THEME = "ansi_dark"  # the sixteen colours that every terminal chooses for itself
NARROWEST = 40
GAP = 3  # between two columns: a space, a sign, a space


class Row(NamedTuple):
    """A line of the learner's and one of the model answer: the same, or what stands for it."""

    own: int | None
    model: int | None
    same: bool


def solution(
    exercise: Exercise, own: str = "", result: ExerciseResult | None = None, *, width: int
) -> Group:
    """Return the model answer for reading, beside the learner's own where there is one.

    On a wide terminal the two stand side by side, on a narrow one below each other, as a diff.

    Parameters
    ----------
    exercise
        What was asked.
    own
        The learner's function, without its docstring; empty if there is none yet.
    result
        What the checks found of it.
    width
        How long a line may be.
    """
    model = exercise.answer()
    width = max(width, NARROWEST)
    if not own:
        return Group(_whole(model))
    if own == model:
        same = Text("Yours is the same, word for word.", "bold")
        return Group(_whole(model), Text(), same, *_verdict(result, width))
    columns = [max(len(line) for line in code.split("\n")) for code in (model, own)]
    if sum(columns) + GAP <= width:
        parts = [*_side_by_side(own, model, max(columns[0], len("the model answer")))]
    else:
        title = Text("Beside yours (- yours, + the model answer):", "bold")
        parts = [_whole(model), Text(), title, *_unified(own, model, width)]
    return Group(*parts, *_verdict(result, width))


def highlighted(code: str) -> Text:
    """Return Python in colours, with nothing in it that could steer a terminal."""
    found = Syntax("", "python", theme=THEME).highlight(clean(code))
    found.rstrip()
    return found


def _whole(code: str) -> Text:
    """Return Python of which nothing is cut off: where a line is too long, the console decides."""
    found = highlighted(code)
    found.no_wrap = found.overflow = None
    return found


def rows(own: str, model: str) -> list[Row]:
    """Return which lines of two texts belong together; the space within a line does not count."""
    left, right = (["".join(line.split()) for line in text.split("\n")] for text in (own, model))
    found = []
    matcher = difflib.SequenceMatcher(None, left, right, autojunk=False)
    for kind, a, a_end, b, b_end in matcher.get_opcodes():
        for i in range(max(a_end - a, b_end - b)):
            mine = a + i if a + i < a_end else None
            theirs = b + i if b + i < b_end else None
            found.append(Row(mine, theirs, kind == "equal"))
    return found


def _side_by_side(own: str, model: str, column: int) -> Iterator[Text]:
    mine, theirs = _lines(own), _lines(model)
    yield Text("the model answer".ljust(column) + " | yours", "bold")
    for row in rows(own, model):
        line = Text() if row.model is None else theirs[row.model].copy()
        line.pad_right(column - len(line))
        sign = (
            " " if row.same else ("~" if None not in row[:2] else "+" if row.own is None else "-")
        )
        line.append(f" {sign} ", "" if row.same else "bold yellow")
        if row.own is not None:
            line.append_text(mine[row.own])
        line.rstrip()
        yield line


def _unified(own: str, model: str, width: int) -> Iterator[Text]:
    mine, theirs = _lines(own), _lines(model)
    waiting: list[Text] = []
    for row in rows(own, model):
        if row.same:
            yield from waiting
            waiting = []
            yield from _marked("  ", mine[row.own or 0], width)
            continue
        if row.own is not None:
            yield from _marked("- ", mine[row.own], width, "red")
        if row.model is not None:
            waiting += _marked("+ ", theirs[row.model], width, "green")
    yield from waiting


def _marked(sign: str, code: Text, width: int, style: str = "") -> Iterator[Text]:
    """Yield a line of code behind a sign, broken where it is too long."""
    for i, piece in enumerate(code.divide(_breaks(code.plain, width - len(sign)))):
        line = Text.assemble((sign if not i else " " * len(sign), f"bold {style}".strip()), piece)
        line.rstrip()
        yield line


def _breaks(line: str, room: int) -> list[int]:
    """Return where to break a line for its pieces to fit: behind a space, where there is one."""
    found, start = [], 0
    while len(line) - start > room:
        first = start + len(line[start:]) - len(line[start:].lstrip())
        space = line.rfind(" ", first, start + room)
        start = space + 1 if space > first else start + room
        found.append(start)
    return found


def _lines(code: str) -> list[Text]:
    return list(highlighted(code).split("\n", allow_blank=True))


def _verdict(result: ExerciseResult | None, width: int) -> Iterator[Text]:
    """Say what a check can tell of the learner's answer: what is wrong, or could be better."""
    if not result:
        return
    yield Text()
    decisive = result.decisive
    if decisive:
        what = result.mistake.message if result.mistake else decisive.message
        yield Text(f"Yours is not right yet ({result.status.value.replace('_', ' ')}):", "bold")
        yield from _items([what], width)
    better = list(dict.fromkeys(check.advice for check in result.checks if check.advice))
    if better:
        yield Text("What the model answer does better:", "bold")
        yield from _items(better, width)
    elif result.status is Status.PASSED:
        yield Text("No check could tell that either is better.")


def _items(sentences: list[str], width: int) -> Iterator[Text]:
    for sentence in sentences:
        shown = textwrap.fill(
            clean(sentence), width, initial_indent="  - ", subsequent_indent="    "
        )
        yield Text(shown)
