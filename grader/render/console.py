"""A report for the terminal: a line an exercise, a line a check where something is wrong."""

import re
import textwrap
from collections.abc import Iterator

from rich.console import Console, Group
from rich.text import Text

from grader.report import CheckResult, ExerciseResult, Recognised, Report, Status

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
PRINTED = 10  # lines of what the learner's code printed: a verdict must not scroll out of sight
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
    width = max(40, min(console.width or 80, 100))
    put(render(report, verbose=verbose, plain=plain, width=width), console)


def put(lines: Group, console: Console, *, whole: bool = False) -> None:
    """Print lines in which a learner's words are: this terminal may not have all their characters.

    Parameters
    ----------
    lines
        What to print.
    console
        Where to.
    whole
        Whether a line that is too long is the terminal's to break, so that it can be copied.
    """
    encoding = str(console.encoding)
    with console.capture() as captured:
        console.print(lines, soft_wrap=whole)
    console.file.write(captured.get().encode(encoding, "replace").decode(encoding))


def render(report: Report, *, verbose: bool, plain: bool, width: int) -> Group:
    """Return a report as something Rich can print, in lines of at most `width` characters."""
    parts = [_wrapped(clean(problem), width, style="red") for problem in report.problems]
    told: set[tuple[str, Recognised | None]] = set()
    for exercise in report.exercises:
        parts.append(_headline(exercise, plain=plain, width=width))
        decisive = exercise.decisive
        # A file that does not load fails every exercise in the same words: once is enough.
        words = (decisive.message if decisive else "", exercise.mistake)
        known = words in told
        quiet = exercise.status in {Status.PASSED, Status.UNSOLVED, Status.MISSING} or known
        if verbose or not quiet:
            parts += _checks(exercise, plain=plain, width=width)
        else:
            parts += _advice(exercise, width=width)
        if decisive and not known:
            parts += _explanation(exercise, decisive, width=width)
            told.add(words)
    if report.printed.strip():
        parts.append(Text("Your code printed:", "bold"))
        parts += _printed(clean(report.printed.strip("\n").rstrip()).split("\n"))
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
    line = Text.assemble(symbol(exercise.status, plain=plain), " ", (exercise.id, "bold"))
    line.append(f"  {state}" if state else "", "italic")
    return line.append(marks.rjust(max(len(marks) + 2, width - len(line))))


def _checks(exercise: ExerciseResult, *, plain: bool, width: int) -> Iterator[Text]:
    waiting = [c for c in exercise.checks if c.status is Status.NOT_REACHED]
    for check in exercise.checks:
        if check.status is not Status.NOT_REACHED:
            yield _line(check.status, check.name, plain=plain, width=width)
            if check.advice:
                yield _wrapped(f"advice: {clean(check.advice)}", width, 8, style="cyan")
    if waiting:
        more = f"{len(waiting)} more checks wait for this" if len(waiting) > 1 else waiting[0].name
        yield _line(Status.NOT_REACHED, more, plain=plain, width=width)


def _line(status: Status, name: str, *, plain: bool, width: int) -> Text:
    sign = symbol(status, plain=plain)
    room = " " * (4 + len(sign) + 1)
    words = textwrap.fill(clean(name), width, initial_indent=room, subsequent_indent=room)
    style = "dim" if status is Status.NOT_REACHED else ""
    return Text.assemble("    ", sign, " ", (words[len(room) :], style))


def _advice(exercise: ExerciseResult, *, width: int) -> Iterator[Text]:
    for advice in dict.fromkeys(check.advice for check in exercise.checks if check.advice):
        yield _wrapped(f"advice: {clean(advice)}", width, 4, style="cyan")


def _explanation(exercise: ExerciseResult, check: CheckResult, *, width: int) -> Iterator[Text]:
    if exercise.mistake:
        yield _wrapped(clean(exercise.mistake.message), width, 4, style="bold yellow")
    # Both sides of a difference in values say all that the message says.
    if not check.expected.partition(" = ")[2]:
        yield _wrapped(clean(check.message), width, 4)
    rows = {"called": check.called, "expected": check.expected, "got": check.got}
    rows["try"] = "" if exercise.mistake else check.suggestion
    if exercise.status is Status.UNSOLVED:
        rows["called"] = ""
    for label, text in rows.items():
        if text:
            yield _wrapped(clean(text), width, 4, label=f"{label:<9} ")


def _wrapped(text: str, width: int, indent: int = 0, *, label: str = "", style: str = "") -> Text:
    """Return text broken into lines, those after the first below its beginning."""
    first, later = " " * indent + label, " " * (indent + len(label))
    filled = textwrap.fill(text, width, initial_indent=first, subsequent_indent=later)
    line = Text(filled, style)
    line.stylize("dim", indent, indent + len(label))
    return line


def _printed(lines: list[str]) -> Iterator[Text]:
    """Yield the first lines of what was printed, and how many more there are."""
    for line in lines[:PRINTED]:
        yield Text(f"  {line}")
    more = len(lines) - PRINTED
    if more > 0:
        yield Text(f"  ... and {more} more {'line' if more == 1 else 'lines'}", "dim")


def _summary(report: Report) -> Text:
    passed = sum(e.status is Status.PASSED for e in report.exercises)
    total = len(report.exercises)
    exercises = "exercise" if total == 1 else "exercises"
    possible = points(report.max_score)
    marks = f"{points(report.score)} of {possible} {'point' if possible == '1' else 'points'}"
    return Text(f"{passed} of {total} {exercises} passed, {marks}.", "bold")


def next_command(report: Report, options: str = "", program: str = "learnkit") -> str:
    """Return the command that makes sense after a report.

    After a pass that is the next exercise; but of a file from elsewhere no progress is kept.

    Parameters
    ----------
    report
        What was found.
    options
        How the submission was named on the command line, to be named again.
    program
        How the program is called.
    """
    first = next((e for e in report.exercises if e.status is not Status.PASSED), None)
    if first is None:
        return f"{program} list" if options else f"{program} next"
    if first.status in {Status.UNSOLVED, Status.FAILED}:
        return f"{program} hint {first.id}"
    return f"{program} check {first.id}{options}"
