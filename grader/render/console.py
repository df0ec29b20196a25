"""A report for the terminal: a line an exercise, a line a check where something is wrong."""

import re
from collections.abc import Iterator

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from grader.report import CheckResult, ExerciseResult, Report, Status

SYMBOLS = {
    Status.PASSED: ("✓", "ok", "green"),
    Status.FAILED: ("✗", "x", "red"),
    Status.ERROR: ("✗", "!", "red"),
    Status.TIMEOUT: ("⧗", "T", "red"),
    Status.UNSOLVED: ("○", "-", "yellow"),
    Status.MISSING: ("○", "?", "yellow"),
    Status.NOT_REACHED: ("·", ".", "dim"),
    Status.GRADER_ERROR: ("‼", "!!", "magenta"),
}
# Escape sequences and other control characters in a learner's own words must not reach the terminal.
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def show(report: Report, console: Console, *, verbose: bool = False) -> None:
    """Print a report.

    Parameters
    ----------
    report
        What was found.
    console
        Where to; its width, its colours and its encoding are respected.
    verbose
        Whether to list the checks of exercises that passed, too.
    """
    plain = not str(console.encoding).lower().startswith("utf")
    console.print(render(report, verbose=verbose, plain=plain, width=min(console.width, 100)))


def render(report: Report, *, verbose: bool, plain: bool, width: int) -> RenderableType:
    """Return a report as something Rich can print."""
    parts: list[RenderableType] = [Text(clean(p), "red") for p in report.problems]
    explained = False
    for exercise in report.exercises:
        parts.append(_headline(exercise, plain=plain, width=width))
        passed = exercise.status is Status.PASSED
        if verbose or exercise.status not in {Status.PASSED, Status.UNSOLVED, Status.MISSING}:
            parts += _checks(exercise, plain=plain)
        elif passed:
            parts += _advice(exercise)
        if not passed:
            quiet = exercise.status is Status.UNSOLVED and explained
            parts += [] if quiet else list(_explanation(exercise))
            explained = True
    if report.printed.strip():
        parts += [Text("Your code printed:", "bold"), _indented(clean(report.printed.rstrip()), 2)]
    parts.append(_summary(report))
    return Group(*parts)


def clean(text: str) -> str:
    """Return text without anything that could steer a terminal."""
    return CONTROL.sub("\N{REPLACEMENT CHARACTER}", text)


def points(value: float) -> str:
    """Return points for reading: at most two decimals."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def symbol(status: Status, *, plain: bool) -> Text:
    """Return the sign that stands before a line."""
    fancy, simple, style = SYMBOLS[status]
    return Text(simple.ljust(2) if plain else fancy, style)


def _headline(exercise: ExerciseResult, *, plain: bool, width: int) -> Text:
    marks = f"{points(exercise.score)} / {points(exercise.max_score)}"
    state = "" if exercise.status is Status.PASSED else exercise.status.value.replace("_", " ")
    left = f"{exercise.id}  {state}".rstrip()
    gap = max(2, width - len(left) - len(marks) - 4)
    line = Text.assemble(
        symbol(exercise.status, plain=plain), " ", (exercise.id, "bold"), "  ", (state, "italic")
    )
    return line.append(" " * (gap if state else gap - 2)).append(marks)


def _checks(exercise: ExerciseResult, *, plain: bool) -> Iterator[RenderableType]:
    waiting = [c for c in exercise.checks if c.status is Status.NOT_REACHED]
    for check in exercise.checks:
        if check.status is Status.NOT_REACHED:
            continue
        line = Text.assemble(symbol(check.status, plain=plain), " ", clean(check.name))
        yield Padding(line, (0, 0, 0, 4), expand=False)
        if check.advice:
            yield _indented(f"advice: {clean(check.advice)}", 8, "cyan")
    if waiting:
        more = f"{len(waiting)} more checks wait for this" if len(waiting) > 1 else waiting[0].name
        line = Text.assemble(symbol(Status.NOT_REACHED, plain=plain), " ", (clean(more), "dim"))
        yield Padding(line, (0, 0, 0, 4), expand=False)


def _advice(exercise: ExerciseResult) -> Iterator[RenderableType]:
    for check in exercise.checks:
        if check.advice:
            yield _indented(f"advice: {clean(check.advice)}", 4, "cyan")


def _explanation(exercise: ExerciseResult) -> Iterator[RenderableType]:
    check = exercise.decisive
    if check is None:
        return
    if exercise.mistake:
        yield _indented(clean(exercise.mistake.message), 4, "bold yellow")
    yield from _details(check, suggested=exercise.mistake is None)


def _details(check: CheckResult, *, suggested: bool) -> Iterator[RenderableType]:
    if check.expected and check.got:
        rows = [("called", check.called), ("expected", check.expected), ("got", check.got)]
        if check.message and check.got.split("=")[0] not in check.message:
            yield _indented(clean(check.message), 4)
    else:
        yield _indented(clean(check.message), 4)
        rows = [("called", check.called)]
    if check.suggestion and suggested:
        rows.append(("try", check.suggestion))
    for label, text in rows:
        if text:
            line = Text.assemble((f"{label:<9} ", "dim"), clean(text))
            yield Padding(line, (0, 0, 0, 4), expand=False)


def _indented(text: str, by: int, style: str = "") -> Padding:
    return Padding(Text(text, style), (0, 0, 0, by), expand=False)


def _summary(report: Report) -> Text:
    passed = sum(e.status is Status.PASSED for e in report.exercises)
    total = len(report.exercises)
    exercises = "exercise" if total == 1 else "exercises"
    marks = f"{points(report.score)} of {points(report.max_score)} points"
    return Text(f"{passed} of {total} {exercises} passed, {marks}.", "bold")


def next_command(report: Report, options: str = "") -> str:
    """Return the command that makes sense after a report.

    Parameters
    ----------
    report
        What was found.
    options
        How the submission was named on the command line, to be named again.
    """
    first = next((e for e in report.exercises if e.status is not Status.PASSED), None)
    if first is None:
        return "learnkit list"
    if first.status in {Status.UNSOLVED, Status.FAILED}:
        return f"learnkit hint {first.id}"
    return f"learnkit check {first.id}{options}"
