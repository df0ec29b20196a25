"""The exercises as tables: one line each, and one line a topic."""

from collections.abc import Collection, Sequence

from rich.console import Group
from rich.table import Table
from rich.text import Text

from grader.catalogue import Exercise, Topic
from grader.progress import Progress, State
from grader.render.console import points

STYLES = {State.OPEN: "", State.FAILED: "red", State.PASSED: "green", State.BROKEN: "yellow"}
BAR = 20


def listing(
    exercises: Sequence[Exercise],
    progress: Progress,
    *,
    states: Collection[State] = tuple(State),
    chosen: str = "",
) -> Group:
    """Return exercises by topic, a line each, with how each stands.

    Parameters
    ----------
    exercises
        In order.
    progress
        What is remembered of them.
    states
        Only those that stand so.
    chosen
        The exercise that is marked, by id.
    """
    shown = [exercise for exercise in exercises if progress.state(exercise.id) in states]
    column = max((len(exercise.id) for exercise in shown), default=8)
    heading = f"  {'exercise':<{column}}  points  attempts  hints  state"
    lines = [Text(heading, "bold")]
    topic = ""
    for exercise in shown:
        if exercise.topic.name != topic:
            topic = exercise.topic.name
            lines.append(Text.assemble((topic, "bold"), f": {exercise.topic.title}"))
        marked = exercise.id == chosen
        state = progress.state(exercise.id)
        tried = _count(progress.attempts.get(exercise.id, 0))
        hints = _count(progress.hints.get(exercise.id, 0))
        counts = f"  {points(exercise.points):>6}  {tried:>8}  {hints:>5}  "
        lines.append(
            Text.assemble(
                (f"{'>' if marked else ' '} {exercise.id:<{column}}", "bold" if marked else ""),
                counts,
                (state.value, STYLES[state]),
            )
        )
    return Group(*lines)


def standing(topics: Sequence[Topic], progress: Progress, *, plain: bool) -> Table:
    """Return a table of topics, with how far each is.

    Parameters
    ----------
    topics
        In order.
    progress
        What is remembered of their exercises.
    plain
        Whether only characters that every terminal has may be used.
    """
    table = Table(box=None, padding=(0, 2, 0, 0))
    table.add_column("topic")
    table.add_column("")
    for heading in ("passed", "points", "attempts", "hints"):
        table.add_column(heading, justify="right")
    rows = [(topic.name, list(topic.exercises.values())) for topic in topics]
    rows.append(("all", [exercise for _, exercises in rows for exercise in exercises]))
    for name, exercises in rows:
        passed = [e for e in exercises if e.id in progress.passed]
        earned, possible = (sum(e.points for e in some) for some in (passed, exercises))
        table.add_row(
            Text(name, "bold" if name == "all" else ""),
            _bar(len(passed), len(exercises), plain=plain),
            f"{len(passed)} of {len(exercises)}",
            f"{points(earned)} of {points(possible)}",
            _count(sum(progress.attempts.get(e.id, 0) for e in exercises)),
            _count(sum(progress.hints.get(e.id, 0) for e in exercises)),
        )
    return table


def _count(number: int) -> str:
    return str(number) if number else ""


def _bar(done: int, total: int, *, plain: bool) -> Text:
    full = BAR * done // total if total else 0
    filled, empty = ("#", "-") if plain else ("━", "─")
    return Text.assemble((filled * full, "green"), (empty * (BAR - full), "dim"))
