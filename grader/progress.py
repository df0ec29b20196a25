"""What the kit remembers of a learner, as plain records and their JSON form."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from typing import Any

from grader.report import ExerciseResult, Status
from grader.version import __version__

SCHEMA = 2
LONGEST = 300  # characters of what a learner's function returned


class NewerError(Exception):
    """The state is of a newer kit."""


class State(StrEnum):
    """How an exercise stands."""

    OPEN = "open"  # not tried yet
    FAILED = "failed"  # tried, never passed
    PASSED = "passed"
    BROKEN = "broken"  # passed once, fails now


@dataclass(frozen=True)
class Last:
    """What the last check of an exercise found.

    Parameters
    ----------
    status
        How it ended.
    mistake
        The sentence about the mistake that was recognised, if one was.
    look
        Where the difference shows.
    told
        Whether a hint has spoken to that mistake.
    """

    status: str
    mistake: str = ""
    look: str = ""
    told: bool = False


@dataclass
class Progress:
    """What the kit remembers between commands; never a grade, always derived from grading.

    Parameters
    ----------
    passed
        When each exercise first passed, by id, in ISO 8601 (UTC).
    hints
        The highest hint level shown, by id.
    attempts
        How many answers were checked until one passed, by id; the same finding twice in a row is
        one attempt.
    last
        What the last check found, by id.
    given
        The exercises whose stubs this workspace has been given.
    """

    passed: dict[str, str] = field(default_factory=dict)
    hints: dict[str, int] = field(default_factory=dict)
    attempts: dict[str, int] = field(default_factory=dict)
    last: dict[str, Last] = field(default_factory=dict)
    given: set[str] = field(default_factory=set)

    def state(self, exercise: str) -> State:
        """Return how an exercise stands."""
        last = self.last.get(exercise)
        fails = last is not None and last.status != Status.PASSED
        if exercise in self.passed:
            return State.BROKEN if fails else State.PASSED
        return State.FAILED if fails else State.OPEN

    def note(self, results: Iterable[ExerciseResult], now: str) -> None:
        """Note what a check found, at a time in ISO 8601."""
        for result in results:
            if result.status in {Status.UNSOLVED, Status.MISSING}:
                self.last.pop(result.id, None)
            elif result.status is not Status.GRADER_ERROR:
                self._note(result, now)

    def _note(self, result: ExerciseResult, now: str) -> None:
        found, before = _finding(result), self.last.get(result.id)
        if before and before.mistake == found.mistake:
            found = replace(found, told=before.told)
        if result.id not in self.passed and found != before:
            self.attempts[result.id] = self.attempts.get(result.id, 0) + 1
        self.last[result.id] = found
        if result.status is Status.PASSED:
            self.passed.setdefault(result.id, now)

    def text(self) -> str:
        """Return it as JSON."""
        told = {
            "schema": SCHEMA,
            "kit": __version__,
            **vars(self),
            "last": {id_: asdict(last) for id_, last in self.last.items()},
            "given": sorted(self.given),
        }
        return json.dumps(told, indent=1, sort_keys=True) + "\n"

    @classmethod
    def from_text(cls, text: str) -> "Progress":
        """Return what `text` wrote, or an older kit's form of it.

        Raises
        ------
        NewerError
            If it is of a newer kit.
        ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError
            If it is damaged.
        """
        told = json.loads(text)
        schema = told["schema"]
        if schema > SCHEMA:
            raise NewerError
        if schema < SCHEMA:  # schema 1 knew passes and hints alone
            told = {"attempts": {}, "last": {}, "given": [], **told}
        return cls(
            {str(k): str(v) for k, v in told["passed"].items()},
            _counts(told["hints"]),
            _counts(told["attempts"]),
            {str(k): _last(v) for k, v in told["last"].items()},
            {str(id_) for id_ in told["given"]},
        )


def _finding(result: ExerciseResult) -> Last:
    mistake, decisive = result.mistake, result.decisive
    look = ""
    if decisive and decisive.expected and decisive.got:
        look = f"expected {_short(decisive.expected)}, got {_short(decisive.got)}"
    elif decisive:
        look = _short(decisive.message)
    return Last(result.status.value, mistake.message if mistake else "", look)


def _short(text: str) -> str:
    # Half a character, which a learner's text may hold, has no UTF-8 form.
    text = text.encode(errors="replace").decode()
    return text if len(text) <= LONGEST else text[:LONGEST] + " ..."


def _counts(value: Any) -> dict[str, int]:
    counts = {str(k): int(v) for k, v in value.items()}
    if any(count < 0 for count in counts.values()):
        raise ValueError("a count is negative")
    return counts


def _last(told: Any) -> Last:
    return Last(str(told["status"]), str(told["mistake"]), str(told["look"]), bool(told["told"]))
