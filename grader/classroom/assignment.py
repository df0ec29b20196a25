"""An assignment: what is asked of a class, how many points it is worth, and what is kept back."""

import difflib
import math
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

from grader.catalogue import Catalogue, Exercise, UnknownNameError
from grader.classroom.errors import ClassroomError
from grader.student.limits import MIB, Limits

GIVE_UP_AFTER = 5
DECLARED, ALL, NOTHING = "declared", "all", "nothing"
KEYS = ("title", "name", "exercises", "points", "due", "hidden", "limits")
LIMITS = ("seconds", "memory_mib", "give_up_after")


class AssignmentError(ClassroomError):
    """An assignment file with something wrong in it; the message says what, and what is meant."""


@dataclass(frozen=True)
class Assignment:
    """What is asked of a class.

    Parameters
    ----------
    exercises
        In order.
    points
        What each is worth, by its id.
    title
        For reading.
    name
        nbgrader's folder of it, below each student's.
    due
        When, in seconds since 1970; None if never.
    hidden
        Of which cases feedback says no more than whether they passed: `declared`, those that the
        exercise declares as hidden; `all`; `nothing`.
    hidden_exercises
        The ids of exercises of which every case is kept back, too.
    limits
        What a submission may use.
    give_up_after
        So many exercises in a row that end in a time-out, and the rest is not tried.
    """

    exercises: tuple[Exercise, ...]
    points: Mapping[str, float]
    title: str = ""
    name: str = ""
    due: float | None = None
    hidden: str = DECLARED
    hidden_exercises: frozenset[str] = frozenset()
    limits: Limits = field(default_factory=Limits)
    give_up_after: int = GIVE_UP_AFTER


def of_topics(names: Sequence[str], catalogue: Catalogue) -> Assignment:
    """Return the assignment that asks for topics and exercises as they are declared."""
    exercises = tuple(catalogue.find(names))
    return Assignment(exercises, {e.id: e.points for e in exercises})


def read(path: Path, catalogue: Catalogue) -> Assignment:
    """Read an assignment file.

    Raises
    ------
    AssignmentError
        If there is something wrong with it.
    """
    try:
        told = tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        raise AssignmentError(f"{path} cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise AssignmentError(f"{path} is no TOML file: {error}") from error
    try:
        return _assignment(told, catalogue)
    except AssignmentError as error:
        raise AssignmentError(f"{path}: {error}") from error


def nearest(name: str, known: Iterable[str]) -> str:
    """Return a question that suggests the nearest of the known names, or lists them."""
    listed = list(known)
    near = difflib.get_close_matches(name, listed, n=2, cutoff=0.5)
    if near:
        return f"did you mean {' or '.join(near)}?"
    return f"known are {', '.join(listed[:12])}" if listed else "there are none"


def _assignment(told: Mapping[str, Any], catalogue: Catalogue) -> Assignment:
    _known("key", told, KEYS)
    exercises = _exercises(told, catalogue)
    hidden, kept_back = _hidden(told.get("hidden", DECLARED), exercises, catalogue)
    limits, give_up_after = _limits(told.get("limits", {}))
    return Assignment(
        exercises,
        _points(told.get("points", {}), exercises),
        _text(told, "title"),
        _text(told, "name"),
        _due(told.get("due")),
        hidden,
        kept_back,
        limits,
        give_up_after,
    )


def _known(kind: str, told: Mapping[str, Any], names: Sequence[str]) -> None:
    for name in told:
        if name not in names:
            raise AssignmentError(f'there is no {kind} "{name}"; {nearest(name, names)}')


def _text(told: Mapping[str, Any], key: str) -> str:
    value = told.get(key, "")
    if not isinstance(value, str):
        raise AssignmentError(f"{key} must be text in quotes, got {value!r}")
    return value


def _exercises(told: Mapping[str, Any], catalogue: Catalogue) -> tuple[Exercise, ...]:
    if "exercises" not in told:
        raise AssignmentError('it names no exercises: exercises = ["losses"], for instance')
    names = _names(told["exercises"], "exercises")
    if not names:
        raise AssignmentError('exercises is empty; exercises = ["losses"], for instance')
    return tuple(_found(names, catalogue))


def _names(value: Any, key: str) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise AssignmentError(f"{key} must be a list of names in quotes, got {value!r}")
    return value


def _found(names: Sequence[str], catalogue: Catalogue) -> list[Exercise]:
    try:
        return catalogue.find(names) if names else []
    except UnknownNameError as error:
        raise AssignmentError(str(error)) from error


def _points(value: Any, exercises: Sequence[Exercise]) -> dict[str, float]:
    """Return points by id; `[points]` may hold "losses.mse_loss" = 3, or losses.mse_loss = 3."""
    if not isinstance(value, dict):
        raise AssignmentError(f"points must be a table, [points], got {value!r}")
    flat: dict[str, Any] = {}
    for name, inner in value.items():
        nested = isinstance(inner, dict)
        flat |= {f"{name}.{key}": each for key, each in inner.items()} if nested else {name: inner}
    _known("exercise in points called", flat, [e.id for e in exercises])
    for name, number in flat.items():
        if not _is_number(number) or number < 0:
            raise AssignmentError(f"points of {name} must be a number, 0 or more, got {number!r}")
    return {e.id: float(flat.get(e.id, e.points)) for e in exercises}


def _is_number(value: Any) -> bool:
    return type(value) in {int, float} and math.isfinite(value)


def _due(value: Any) -> float | None:
    """Return a due date in seconds; without a zone it is the local one, a bare day ends at midnight."""
    if value is None:
        return None
    moment = value
    if isinstance(value, date) and not isinstance(value, datetime):
        moment = datetime.combine(value, time.max)
    try:
        due: float = moment.timestamp()
        due_as_text(due)
    except (AttributeError, ValueError, OverflowError, OSError) as error:
        raise AssignmentError(
            f"due must be a date such as 2026-11-30T23:59:00+01:00, got {value!r}"
        ) from error
    return due


def _hidden(
    value: Any, exercises: Sequence[Exercise], catalogue: Catalogue
) -> tuple[str, frozenset[str]]:
    if isinstance(value, list):
        found = {e.id for e in _found(_names(value, "hidden"), catalogue)}
        strangers = sorted(found - {e.id for e in exercises})
        if strangers:
            raise AssignmentError(f"hidden names {strangers[0]}, which is not among the exercises")
        return DECLARED, frozenset(found)
    kinds = (DECLARED, ALL, NOTHING)
    if value not in kinds:
        raise AssignmentError(
            f'hidden must be "{DECLARED}", "{ALL}", "{NOTHING}" or a list of exercises, got {value!r}'
        )
    return str(value), frozenset()


def _limits(value: Any) -> tuple[Limits, int]:
    if not isinstance(value, dict):
        raise AssignmentError(f"limits must be a table, [limits], got {value!r}")
    _known("limit", value, LIMITS)
    seconds = value.get("seconds", Limits().seconds)
    if not _is_number(seconds) or not 0.05 <= seconds <= 3600:
        raise AssignmentError(f"limits.seconds must be from 0.05 to 3600, got {seconds!r}")
    memory = value.get("memory_mib", Limits().memory_bytes // MIB)
    if type(memory) is not int or not 64 <= memory <= 2**20:
        raise AssignmentError(
            f"limits.memory_mib must be a whole number from 64 on, got {memory!r}"
        )
    patience = value.get("give_up_after", GIVE_UP_AFTER)
    if type(patience) is not int or patience < 1:
        raise AssignmentError(f"limits.give_up_after must be 1 or more, got {patience!r}")
    return Limits(seconds=float(seconds), memory_bytes=memory * MIB), patience


def due_as_text(due: float | None) -> str:
    """Return a date for reading, in UTC; with seconds where there are any, for they may decide."""
    if due is None:
        return ""
    moment = datetime.fromtimestamp(due, UTC)
    return moment.strftime("%Y-%m-%d %H:%M:%S UTC" if moment.second else "%Y-%m-%d %H:%M UTC")
