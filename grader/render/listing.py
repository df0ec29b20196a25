"""The exercises as a table."""

from collections.abc import Collection, Sequence

from rich.table import Table
from rich.text import Text

from grader.catalogue import Exercise
from grader.render.console import points


def listing(exercises: Sequence[Exercise], passed: Collection[str]) -> Table:
    """Return a table of exercises, with what has been passed."""
    table = Table(box=None, padding=(0, 2, 0, 0))
    table.add_column("exercise")
    table.add_column("points", justify="right")
    table.add_column("state")
    topic = ""
    for exercise in exercises:
        if exercise.topic.name != topic:
            topic = exercise.topic.name
            table.add_row(Text.assemble((topic, "bold"), f": {exercise.topic.title}"))
        state = Text("passed", "green") if exercise.id in passed else Text("open")
        table.add_row(f"  {exercise.id}", points(exercise.points), state)
    return table
