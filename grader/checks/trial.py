"""One exercise put to one learner: calls, results, the truth beside them."""

import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from grader import compare
from grader.checks.check import Case, Finding
from grader.checks.faults import fault_finding
from grader.report import Status
from grader.student.session import Fault, Outcome, Session, Step

SHOWN_ELEMENTS = 8


@dataclass(frozen=True)
class Parameter:
    """A positional parameter of an exercise."""

    name: str
    has_default: bool


@dataclass(frozen=True)
class Question:
    """What is asked: the part of an exercise that checks need.

    Parameters
    ----------
    id
        `topic.name`.
    function
        The name of the learner's function.
    parameters
        Its positional parameters.
    returns
        The names of its outputs.
    cases
        The arguments that it is tried on, smallest first.
    truth
        Computes the right outputs; a tuple where `returns` names several.
    """

    id: str
    function: str
    parameters: tuple[Parameter, ...]
    returns: tuple[str, ...]
    cases: tuple[Case, ...]
    truth: Callable[..., Any]

    @property
    def few(self) -> tuple[Case, ...]:
        """Return some small cases, for what needs no large one."""
        return self.cases[:3]


@dataclass(frozen=True)
class Result:
    """A case, the truth for it, and what the learner's function made of it.

    Parameters
    ----------
    want
        The right outputs by name; empty where the right answer is to refuse.
    got
        The outputs that came back; None where there are no such outputs.
    refusal
        The exception with which the truth refuses these arguments.
    """

    case: Case
    args: tuple[Any, ...]
    want: Mapping[str, Any]
    outcome: Outcome
    got: Mapping[str, Any] | None
    refusal: str = ""

    @property
    def judged(self) -> tuple[str, ...]:
        """Return the names of the outputs that count in this case."""
        return self.case.judged if self.case.judged is not None else tuple(self.want)

    @cached_property
    def scale(self) -> float:
        """Return the size of the inputs."""
        return compare.magnitude(self.args)

    @cached_property
    def tolerance(self) -> compare.Tolerance:
        """Return what rounding may do."""
        if self.case.tolerance:
            return compare.TOLERANCES[self.case.tolerance]
        return compare.tolerance_for(self.args)

    def difference(self, output: str) -> compare.Difference | None:
        """Return how an output differs from the truth, None if it does not."""
        assert self.got is not None
        return compare.difference(
            output, self.got[output], self.want[output], tolerance=self.tolerance, scale=self.scale
        )


class Trial:
    """Puts the question of one exercise to one session, and remembers the answers.

    Parameters
    ----------
    question
        What is asked.
    session, module
        Where the learner's function is.
    seed
        Decides all random arguments.
    """

    def __init__(self, question: Question, session: Session, module: str, seed: int) -> None:
        self.question = question
        self.session = session
        self.module = module
        self.seed = seed
        self._args: dict[Case, tuple[Any, ...]] = {}
        self._results: dict[Case, Result] = {}

    def rng(self, purpose: str) -> np.random.Generator:
        """Return a generator of its own for a purpose, the same in every run with this seed."""
        key = zlib.crc32(f"{self.question.id}/{purpose}".encode())
        return np.random.default_rng([self.seed, key])

    def args(self, case: Case) -> tuple[Any, ...]:
        """Return the arguments of a case; they travel and are judged as copies."""
        if case not in self._args:
            self._args[case] = case.build(self.rng(case.label))
        return self._args[case]

    def outputs_of(self, outcome: Outcome) -> dict[str, Any] | None:
        """Return what a call gave as named outputs, None if it gave none."""
        return None if outcome.fault else outputs_named(self.question.returns, outcome.value)

    def truth(self, args: Sequence[Any]) -> dict[str, Any]:
        """Return the right outputs for arguments, which are not changed.

        Raises
        ------
        ValueError
            If the right answer is to refuse them.
        """
        with np.errstate(all="ignore"):
            named = outputs_named(self.question.returns, self.question.truth(*copied(args)))
        assert named is not None, (
            f"the truth of {self.question.id} does not return what it declares"
        )
        return named

    def accepts(self, args: Sequence[Any]) -> bool:
        """Tell whether the truth has an answer for arguments, instead of refusing them."""
        try:
            self.truth(args)
        except ValueError:
            return False
        return True

    def results(self, cases: Sequence[Case]) -> list[Result]:
        """Call the function on the cases, those not yet called in one message."""
        new = [case for case in cases if case not in self._results]
        arguments = [self.args(case) for case in new]
        outcomes = self.run([Step(self.question.function, args) for args in arguments])
        for case, args, outcome in zip(new, arguments, outcomes, strict=True):
            try:
                want, refusal = self.truth(args), ""
            except ValueError as error:
                want, refusal = {}, type(error).__name__
            self._results[case] = Result(
                case, args, want, outcome, self.outputs_of(outcome), refusal
            )
        return [self._results[case] for case in cases]

    def run(
        self, steps: Sequence[Step], callbacks: Mapping[str, Callable[..., Any]] | None = None
    ) -> list[Outcome]:
        """Run steps in the learner's process."""
        return self.session.run(self.module, steps, callbacks) if steps else []

    @property
    def seen(self) -> list[Result]:
        """Return every result so far, in the order in which the cases were tried."""
        return list(self._results.values())

    def called(self, case: Case, args: Sequence[Any]) -> str:
        """Return the call for reading: small arguments in full, shapes of large ones."""
        names = [p.name for p in self.question.parameters]
        total = sum(np.size(a) for a in args)
        shown = [
            f"{name}={_shown(arg, in_full=total <= 2 * SHOWN_ELEMENTS)}"
            for name, arg in zip(names, args, strict=False)
        ]
        return f"{self.question.function}({', '.join(shown)})  ({case.label}; seed {self.seed})"

    def fault(self, case: Case, args: Sequence[Any], fault: Fault) -> Finding:
        """Return the finding for a call without a result, after others that had one."""
        finding = fault_finding(fault, self.question.id, self.session.limits)
        given_up = finding.status is Status.UNSOLVED
        return Finding(
            Status.ERROR if given_up else finding.status,
            "It raises NotImplementedError for these arguments." if given_up else finding.message,
            called=self.called(case, args),
            suggestion="" if given_up else finding.suggestion,
            visibility=case.visibility,
            stop=finding.status is not Status.ERROR or fault.kind != "raised",
        )


def outputs_named(names: Sequence[str], value: Any) -> dict[str, Any] | None:
    """Return a returned value as named outputs, None if it does not hold these."""
    if len(names) == 1:
        return {names[0]: value}
    if not isinstance(value, (tuple, list)) or len(value) != len(names):
        return None
    return dict(zip(names, value, strict=True))


def copied(args: Sequence[Any]) -> list[Any]:
    """Return arguments whose arrays may be changed without harm."""
    return [arg.copy() if isinstance(arg, np.ndarray) else arg for arg in args]


def _shown(value: Any, *, in_full: bool) -> str:
    if not isinstance(value, np.ndarray):
        return f"{value:.6g}" if isinstance(value, float) else repr(value)
    if in_full and value.size <= SHOWN_ELEMENTS:
        text: str = np.array2string(value, separator=", ", precision=6, floatmode="maxprec")
        return " ".join(text.split())
    dtype = "" if value.dtype == np.float64 or value.dtype.kind == "i" else f" {value.dtype}"
    return f"array{value.shape}{dtype}"
