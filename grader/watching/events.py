"""What the screen reacts to; everything arrives in one queue, from whichever thread it comes."""

from collections.abc import Callable
from dataclasses import dataclass

from grader.report import Report


@dataclass(frozen=True)
class Key:
    """A key was pressed: its character, or a name such as `up`."""

    name: str


@dataclass(frozen=True)
class Saved:
    """Python files or notebooks changed; their names."""

    files: frozenset[str]


@dataclass(frozen=True)
class Judged:
    """A verdict is there; `number` is that of the question."""

    number: int
    report: Report


@dataclass(frozen=True)
class Trouble:
    """Something went wrong that the learner should know of."""

    message: str


@dataclass(frozen=True)
class Resized:
    """The terminal has another size, or needs to be drawn anew."""


@dataclass(frozen=True)
class Leave:
    """It is to end; `message` says why, where the learner did not ask for it."""

    message: str = ""


Event = Key | Saved | Judged | Trouble | Resized | Leave
Tell = Callable[[Event], None]
