"""Which hint comes next: first what the last check recognised, then the three levels."""

from dataclasses import dataclass, replace

from grader.catalogue import Exercise
from grader.progress import Progress


@dataclass(frozen=True)
class Hint:
    """Something that may help.

    Parameters
    ----------
    title
        What it is, after the exercise's name.
    sentences
        What it says, a paragraph each.
    level
        The level that it is; 0 for one that speaks to a mistake.
    following
        The level that comes after it; None after the last.
    """

    title: str
    sentences: tuple[str, ...]
    level: int
    following: int | None


def hint(exercise: Exercise, progress: Progress, level: int | None = None) -> Hint:
    """Return the hint of a level, or the next one.

    A mistake that the last check recognised is spoken of once, before the levels go on.
    """
    last = progress.last.get(exercise.id)
    known = progress.hints.get(exercise.id, 0)
    levels = len(exercise.hints)
    if level is None and last and last.mistake and not last.told:
        look = (f"What the check saw: {last.look.rstrip('.')}.",) if last.look else ()
        return Hint("about your last check", (last.mistake, *look), 0, min(known + 1, levels))
    level = min(level or known + 1, levels)
    title = f"hint {level} of {levels}"
    following = level + 1 if level < levels else None
    return Hint(title, (exercise.hints[level - 1],), level, following)


def note(progress: Progress, exercise: Exercise, given: Hint) -> None:
    """Note in the progress that a hint was given."""
    last = progress.last.get(exercise.id)
    if given.level:
        progress.hints[exercise.id] = max(given.level, progress.hints.get(exercise.id, 0))
    elif last:
        progress.last[exercise.id] = replace(last, told=True)
