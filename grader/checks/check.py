"""What a check is, what it finds, and the cases it looks at."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from grader.report import Status, Visibility

if TYPE_CHECKING:
    from grader.checks.calls import Call
    from grader.checks.paper import Paper
    from grader.checks.trial import Trial


@dataclass(frozen=True, eq=False)
class Case:
    """One set of arguments.

    Parameters
    ----------
    label
        What is special about it, for reading: "3 rows, 4 classes".
    build
        Makes the positional arguments from a seeded generator.
    visibility
        Whether a learner may see the arguments before the marks are out.
    judged
        The outputs whose values are judged; None for all, none where they are random.
    tolerance
        A name in `compare.TOLERANCES`; None for the one that the inputs' precision allows.
    form_problem
        Where sizes or layout are the learner's to choose: says what is wrong with the form of a
        returned value, nothing if it will do. The form of the truth is not asked for then.
    """

    label: str
    build: Callable[[np.random.Generator], tuple[Any, ...]]
    visibility: Visibility = Visibility.PUBLIC
    judged: tuple[str, ...] | None = None
    tolerance: str | None = None
    form_problem: Callable[[Any], str] | None = None


def hidden(case: Case) -> Case:
    """Return the same case, hidden."""
    return replace(case, visibility=Visibility.HIDDEN)


@dataclass(frozen=True, eq=False)
class Script:
    """Calls that a check makes beyond the cases.

    Parameters
    ----------
    calls
        Makes those whose outcomes are looked at; what they stand on is called as well.
    """

    calls: "Callable[[Paper], Sequence[Call]]"


class Role(StrEnum):
    """What a check is for."""

    GATE = "gate"  # must pass; carries no marks
    MARKS = "marks"
    ADVICE = "advice"  # may speak, never costs a mark


class Finding(NamedTuple):
    """What one run of a check found; the fields are those of `report.CheckResult`.

    Parameters
    ----------
    stop
        Whether the checks that follow cannot be reached.
    """

    status: Status = Status.PASSED
    message: str = ""
    advice: str = ""
    called: str = ""
    expected: str = ""
    got: str = ""
    suggestion: str = ""
    visibility: Visibility = Visibility.PUBLIC
    stop: bool = False


PASSED = Finding()


@dataclass(frozen=True)
class Check:
    """A named question about a learner's function.

    Parameters
    ----------
    name
        The sentence that the learner reads.
    run
        Asks the question.
    weight
        Its share of the exercise's points; 0 for gates and advice.
    role
        What it is for.
    asks
        What it looks at besides the exercise's cases, so that all can be asked in one message.
    """

    name: str
    run: Callable[["Trial"], Finding]
    weight: float = 0.0
    role: Role = Role.MARKS
    asks: "Sequence[Case | Script]" = ()
