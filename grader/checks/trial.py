"""One exercise put to one learner: what was called, what came back, the truth beside it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from grader import compare
from grader.checks.calls import Call, Function, Part, leaves
from grader.checks.check import Case, Finding, Script
from grader.checks.faults import fault_finding
from grader.checks.paper import Outputs, Paper, Question, Request, Terms, Wanted, top
from grader.report import Status
from grader.student.session import Fault, Outcome, Session, size_of
from grader.student.wire import Generator, Given

SHOWN_ELEMENTS = 8
NOTED_LIMIT = 2**22  # numbers that one function of the grader's was called with, all calls together


@dataclass(frozen=True)
class Result:
    """A case, the truth for it, and what the learner's function made of it.

    Parameters
    ----------
    call, terms
        What was called, and what was known of it before.
    wanted
        What is right.
    outcome
        What came back.
    got
        The outputs in it, flat as those of the truth are; None where it holds no such outputs.
    before
        What came back from the calls that this one stands on.
    evaluations
        With what arguments each function of the grader's was called, in order; calls that it
        refused are left out.
    """

    case: Case
    call: Call
    terms: Terms
    wanted: Wanted
    outcome: Outcome
    got: Outputs | None
    before: Mapping[Call, Outcome] = field(default_factory=dict)
    evaluations: Mapping[Function, Sequence[tuple[Any, ...]]] = field(default_factory=dict)
    _differences: dict[str, compare.Difference | None] = field(default_factory=dict, repr=False)

    @property
    def args(self) -> tuple[Any, ...]:
        """Return the positional arguments."""
        return self.call.args

    @property
    def want(self) -> Outputs:
        """Return the right outputs, flat; empty where the right answer is to refuse."""
        return self.wanted.outputs

    @property
    def refusal(self) -> str:
        """Return the exception with which the truth refuses these arguments."""
        return self.wanted.refusal

    @cached_property
    def judged(self) -> tuple[str, ...]:
        """Return the names of the outputs whose values count in this case."""
        chosen = self.case.judged
        return tuple(n for n in self.want if chosen is None or n in chosen or top(n) in chosen)

    @property
    def scale(self) -> float:
        """Return the size of the inputs."""
        return self.terms.scale

    @property
    def form_problem(self) -> str:
        """Return what is wrong with the form of what came back, where the case can tell."""
        return self.case.form_problem(self.outcome.value) if self.case.form_problem else ""

    @property
    def tolerance(self) -> compare.Tolerance:
        """Return what rounding may do."""
        named = self.case.tolerance
        return compare.TOLERANCES[named] if named else self.terms.tolerance

    def close(self, left: Any, right: Any) -> bool:
        """Tell whether two arrays are the same up to the rounding that this case forgives."""
        return compare.same(left, right, self.tolerance, self.scale)

    def difference(self, output: str) -> compare.Difference | None:
        """Return how an output differs from the truth, None if it does not."""
        assert self.got is not None
        if output not in self._differences:
            right = self.wanted.right(output, self.tolerance, self.scale)
            self._differences[output] = right.difference(output, self.got[output])
        return self._differences[output]


class Trial:
    """Puts an exercise to one session, and remembers the answers.

    Parameters
    ----------
    paper
        What is asked, and what is right.
    session, module
        Where the learner's function is.
    """

    def __init__(self, paper: Paper, session: Session, module: str) -> None:
        self.paper = paper
        self.session = session
        self.module = module
        self.forward_was_right = False  # when it was judged itself, before anything else was asked
        self.recognised: list[str] = []  # ids of mistakes that a check has told by itself
        self.derivatives: dict[tuple[Call, str], bool | None] = {}  # which outputs are their own
        self._outcomes: dict[Call, Outcome] = {}
        self._evaluations: dict[Function, list[tuple[Any, ...]]] = {}
        self._results: dict[Case, Result] = {}

    @property
    def question(self) -> Question:
        """Return what is asked."""
        return self.paper.question

    def results(self, cases: Sequence[Case]) -> list[Result]:
        """Return what the function gives for cases; what was not asked yet is asked now."""
        self._ask(cases)
        for case in cases:
            if case not in self._results:
                self._results[case] = self._result(case, self._way)
        return [self._results[case] for case in cases]

    def outcomes(self, script: Script) -> list[Outcome]:
        """Return what comes of the calls of a script."""
        self._ask([script])
        return [self.outcome(call) for call in self.paper.calls(script)]

    def make(self, calls: Sequence[Call]) -> list[Outcome]:
        """Make calls that nobody knew of before, and return what comes of them; it is not kept."""
        known = set(self._outcomes)
        self._send(self.paper.request_of(calls))
        found = [self.outcome(call) for call in calls]
        for call in set(self._outcomes) - known:
            del self._outcomes[call]
        return found

    def outcome(self, call: Call) -> Outcome:
        """Return what came of a call; the fault of one that it stands on is its own."""
        found = self._outcomes[call]
        if found.fault and found.fault.kind == "unavailable":
            for other in self.paper.terms(call).before:
                fault = self._outcomes[other].fault
                if fault and fault.kind != "unavailable":
                    needed = other.function if other.function != call.function else ""
                    return Outcome(fault=fault._replace(needed=needed))
        return found

    def truth(self, call: Call) -> Wanted:
        """Return what is right for a call, by the way that the learner has taken."""
        return self.paper.truth(call, self._way)

    def outputs_of(self, call: Call, outcome: Outcome) -> dict[str, Any] | None:
        """Return what a call gave by name, None if it did not give what it should."""
        if outcome.fault:
            return None
        return self.paper.form(call).outputs(outcome.value, outcome.after)

    def result_of(self, case: Case, call: Call, wanted: Wanted) -> Result:
        """Return a call's outcome beside what is right for it."""
        outcome = self.outcome(call)
        named = self.outputs_of(call, outcome)
        got = None if named is None else wanted.laid_out(named)
        terms = self.paper.terms(call)
        before = {earlier: self._outcomes[earlier] for earlier in terms.before}
        seen = {function: self._evaluations.get(function, []) for function in terms.functions}
        return Result(case, call, terms, wanted, outcome, got, before, seen)

    @property
    def seen(self) -> list[Result]:
        """Return every result so far, in the order in which the cases were tried."""
        return list(self._results.values())

    @cached_property
    def _way(self) -> int:
        """Return the first of the right ways that agrees with the learner on every case, or 0."""
        if len(self.question.truths) == 1:
            return 0
        self._ask(self.question.cases)
        for way in range(len(self.question.truths)):
            results = [self._result(case, way) for case in self.question.cases]
            if all(_agrees(result) for result in results):
                return way
        return 0

    def _result(self, case: Case, way: int) -> Result:
        return self.result_of(case, self.paper.call(case), self.paper.wanted(case, way))

    def _ask(self, items: Sequence[Case | Script]) -> None:
        if not self._outcomes:
            self._send(self.paper.first_request)
        calls = (call for item in items for call in self.paper.calls(item))
        if any(call not in self._outcomes for call in calls):
            self._send(self.paper.request(items))

    def _send(self, request: Request) -> None:
        lent = {name: self._noting(lent) for name, lent in request.functions.items()}
        outcomes = self.session.run(self.module, request.message, lent)
        self._outcomes |= zip(request.calls, outcomes, strict=True)

    def _noting(self, function: Function) -> Any:
        noted = self._evaluations.setdefault(function, [])
        room = NOTED_LIMIT

        def call(*args: Any, **named: Any) -> Any:
            nonlocal room
            room -= size_of([args, named])
            if room < 0:
                raise ValueError(f"{function.name} was called with more numbers than are noted")
            value = function.run(*args, **named)
            noted.append((*args, *named.values()))  # what it refused may be anything
            return value

        return call

    def called(self, case: Case, call: Call) -> str:
        """Return the call for reading: small arguments in full, shapes of large ones."""
        return f"{_written(call, self.question)}  ({case.label}; seed {self.paper.seed})"

    def fault(self, case: Case, call: Call, fault: Fault) -> Finding:
        """Return the finding for a call without a result, after others that had one."""
        finding = fault_finding(fault, self.question.id, self.session.limits)
        given_up = finding.status is Status.UNSOLVED
        return Finding(
            Status.ERROR if given_up else finding.status,
            "It raises NotImplementedError for these arguments." if given_up else finding.message,
            called=self.called(case, call),
            suggestion="" if given_up else finding.suggestion,
            visibility=case.visibility,
            stop=finding.status is not Status.ERROR or fault.kind != "raised",
        )


def _agrees(result: Result) -> bool:
    if result.got is None:
        return False
    return not any(result.difference(output) for output in result.judged)


def _written(call: Call, question: Question) -> str:
    """Return a call as one would type it; of a second look, the call that is looked at."""
    if not call.function:
        (looked_at,) = call.args
        return _written(looked_at.call, question)
    form = question.form_of(call.function)
    names = [parameter.name for parameter in form.parameters]
    given = {**dict(zip(names, call.args, strict=False)), **call.named}
    total = sum(np.size(leaf) for leaf in leaves(given) if isinstance(leaf, np.ndarray))
    in_full = total + len(given) <= 2 * SHOWN_ELEMENTS

    def written(arg: Any) -> str:
        part = _origin(arg)
        if isinstance(part, Part) and part.call.function == question.backward_of:
            return _written(part.call, question) + _place(part)
        return _shown(arg, in_full=in_full)

    return f"{call.function}({', '.join(f'{name}={written(arg)}' for name, arg in given.items())})"


def _origin(value: Any) -> Any:
    """Return what a value that stays over there was made of."""
    while isinstance(value, Part) and not value.call.function:
        (value,) = value.call.args
    return value


def _shown(value: Any, *, in_full: bool) -> str:
    value = _origin(value)
    if isinstance(value, dict):
        return f"{{{', '.join(f'{k!r}: {_shown(v, in_full=in_full)}' for k, v in value.items())}}}"
    if isinstance(value, (list, tuple)):
        left, right = "[]" if isinstance(value, list) else "()"
        return f"{left}{', '.join(_shown(item, in_full=in_full) for item in value)}{right}"
    if isinstance(value, Part):
        return f"{value.call.function}(...){_place(value)}"
    if isinstance(value, (Function, Given)):
        return value.name
    if isinstance(value, Generator):
        return f"np.random.default_rng({value.seed})"
    if not isinstance(value, np.ndarray):
        return f"{value:.6g}" if isinstance(value, float) else repr(value)
    if in_full and value.size <= SHOWN_ELEMENTS:
        text: str = np.array2string(value, separator=", ", precision=6, floatmode="maxprec")
        return " ".join(text.split())
    dtype = "" if value.dtype == np.float64 or value.dtype.kind == "i" else f" {value.dtype}"
    return f"array{value.shape}{dtype}"


def _place(part: Part) -> str:
    return "".join(f"[{key!r}]" for key in part.path)
