"""What was found, as frozen records, and their JSON form."""

from enum import StrEnum
from typing import Any, NamedTuple

from grader.version import __version__

SCHEMA = 1
LARGEST_SEED = 2**63 - 1


class Status(StrEnum):
    """How a check or an exercise ended."""

    PASSED = "passed"
    FAILED = "failed"
    ERROR = "error"  # the learner's code raised
    TIMEOUT = "timeout"
    UNSOLVED = "unsolved"  # still the stub
    MISSING = "missing"  # no such function
    NOT_REACHED = "not_reached"  # checks only
    GRADER_ERROR = "grader_error"


class Visibility(StrEnum):
    """Whether a learner may see a case's inputs before the marks are out."""

    PUBLIC = "public"
    HIDDEN = "hidden"


class CheckResult(NamedTuple):
    """What one check found.

    Parameters
    ----------
    name
        The sentence that the learner reads.
    status
        How it ended.
    message
        What is wrong, in a sentence; empty when nothing is.
    advice
        What could be better though no mark is lost.
    called, expected, got, suggestion
        For a failure: the call, the two sides of the difference, and what to try.
    weight
        Its share of the exercise's points; 0 for gates and advice.
    visibility
        That of the case that decided.
    advisory
        Whether it can only advise.
    """

    name: str
    status: Status
    message: str = ""
    advice: str = ""
    called: str = ""
    expected: str = ""
    got: str = ""
    suggestion: str = ""
    weight: float = 0.0
    visibility: Visibility = Visibility.PUBLIC
    advisory: bool = False


class Recognised(NamedTuple):
    """A well-known mistake that explains the difference."""

    id: str
    message: str


class ExerciseResult(NamedTuple):
    """What was found of one exercise; `score` and `max_score` are points."""

    id: str
    status: Status
    score: float
    max_score: float
    mistake: Recognised | None = None
    checks: tuple[CheckResult, ...] = ()
    seconds: float = 0.0

    def to_dict(self) -> dict[str, Any]:
        """Return the result as JSON-able values."""
        mistake = self.mistake and self.mistake._asdict()
        checks = [check._asdict() for check in self.checks]
        return {**self._asdict(), "mistake": mistake, "checks": checks}

    @property
    def decisive(self) -> CheckResult | None:
        """Return the first check that did not pass, advice aside."""
        if self.status is Status.PASSED:
            return None
        failed = (c for c in self.checks if c.status is not Status.PASSED and not c.advisory)
        return next(failed, None)


class Report(NamedTuple):
    """What was found of one submission.

    Parameters
    ----------
    seed
        The seed of the cases: the same seed and kit give the same report.
    isolation
        The level that the submission ran at.
    exercises
        One result each, in the order of the curriculum.
    problems
        What is wrong with the submission as a whole.
    printed
        The beginning of what the learner's code printed.
    """

    seed: int
    isolation: str
    exercises: tuple[ExerciseResult, ...]
    problems: tuple[str, ...] = ()
    printed: str = ""
    kit: str = __version__
    schema: int = SCHEMA

    @property
    def score(self) -> float:
        """Return the points reached."""
        return sum(exercise.score for exercise in self.exercises)

    @property
    def max_score(self) -> float:
        """Return the points that could be reached."""
        return sum(exercise.max_score for exercise in self.exercises)

    @property
    def exit_code(self) -> int:
        """Return 0 if all passed, 3 if the grader failed, else 1."""
        statuses = {exercise.status for exercise in self.exercises}
        if Status.GRADER_ERROR in statuses:
            return 3
        return 0 if statuses == {Status.PASSED} and not self.problems else 1

    def to_dict(self) -> dict[str, Any]:
        """Return the report as JSON-able values, in the published schema."""
        return {
            "schema": self.schema,
            "kit": self.kit,
            "seed": self.seed,
            "isolation": self.isolation,
            "score": self.score,
            "max_score": self.max_score,
            "exercises": [exercise.to_dict() for exercise in self.exercises],
            "problems": list(self.problems),
            "printed": self.printed,
        }
