"""Checks by value: worked by hand, against the truth, at the extremes, and a second time."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from grader.checks.calls import Call, Part, rebuilt
from grader.checks.check import PASSED, Case, Check, Finding, Script
from grader.checks.derivatives import is_derivative_of_own_forward
from grader.checks.paper import Paper, Wanted, top
from grader.checks.trial import Result, Trial
from grader.report import Status


def by_hand(
    *args: Any,
    gives: dict[str, Any],
    because: str = "",
    weight: float = 1.0,
    tolerance: str | None = None,
) -> Check:
    """Check a tiny example whose result can be worked out on paper.

    Parameters
    ----------
    *args
        The arguments.
    gives
        The outputs by name, as numbers written down, not computed.
    because
        How one gets there.
    weight
        Its share of the marks.
    tolerance
        That of a `Case`.
    """
    told = tuple(_told(gives))
    case = Case("worked by hand", lambda _: args, judged=told, tolerance=tolerance)

    def written_down(truth: Wanted) -> Wanted:
        named = {name: _as_array(value, truth.named.get(name)) for name, value in gives.items()}
        return Wanted(named, truth.refusal, truth.made)

    def run(trial: Trial) -> Finding:
        trial.results([case])
        wanted = trial.paper.once(case, lambda: written_down(trial.paper.wanted(case)))
        return verdict(trial, [trial.result_of(case, trial.paper.call(case), wanted)], because)

    return Check("agrees with an example worked by hand", run, weight, asks=[case])


def _told(gives: dict[str, Any]) -> Iterator[str]:
    """Yield the names of the outputs that are written down, of a dict those of its items."""
    for name, value in gives.items():
        if isinstance(value, dict):
            yield from _told({f"{name}[{key!r}]": item for key, item in value.items()})
        else:
            yield name


def _as_array(written: Any, truth: Any) -> Any:
    """Return lists of numbers as arrays where the truth has arrays."""
    if isinstance(truth, dict):
        return {key: _as_array(written[key], truth[key]) for key in written}
    if isinstance(truth, (list, tuple)):
        return [_as_array(item, right) for item, right in zip(written, truth, strict=True)]
    whole = isinstance(truth, np.ndarray) and truth.dtype.kind == "i"
    dtype = np.int64 if whole else np.float64
    return np.asarray(written, dtype) if isinstance(written, list) else written


def matches_truth(
    output: str | None = None,
    *,
    name: str = "matches the truth on random batches",
    weight: float = 3.0,
) -> Check:
    """Check one output, or all, against the truth on the exercise's cases."""

    def run(trial: Trial) -> Finding:
        return verdict(trial, trial.results(trial.question.cases), only=output)

    return Check(f"{output}: {name}" if output else name, run, weight)


def survives(what: str, cases: Sequence[Case], *, weight: float = 1.0, says: str = "") -> Check:
    """Check the exercise on extreme inputs.

    Parameters
    ----------
    what
        What is survived, for the check's name: "logits of 10 000".
    cases
        The inputs.
    weight
        Its share of the marks.
    says
        What to try when it fails.
    """

    def run(trial: Trial) -> Finding:
        results = trial.results(cases)
        finding = verdict(trial, results, says)
        warned = [(r.case.label, said) for r in results for said in r.outcome.warnings]
        if finding.status is Status.PASSED and warned:
            label, said = warned[0]
            advice = f'Right, but NumPy warns ({label}): "{said}". It can be done without.'
            return Finding(advice=advice)
        return finding

    return Check(f"stays right for {what}", run, weight, asks=cases)


def refuses(what: str, cases: Sequence[Case], *, weight: float = 1.0, says: str = "") -> Check:
    """Check that arguments which make no sense raise ValueError.

    Parameters
    ----------
    what
        What is refused, for the check's name: "unequal shapes".
    cases
        The arguments.
    weight
        Its share of the marks.
    says
        What to try when it fails.
    """

    def run(trial: Trial) -> Finding:
        for result in trial.results(cases):
            assert result.refusal, f"the truth of {trial.question.id} accepts {result.case.label}"
            fault = result.outcome.fault
            if fault and (fault.kind != "raised" or "NotImplementedError" in fault.kinds):
                return trial.fault(result.case, result.call, fault)
            if fault and result.refusal in fault.kinds:
                continue
            got = f"{fault.type}: {fault.message}" if fault else "a result"
            return Finding(
                Status.FAILED,
                f"It should raise {result.refusal} for {what}; it gave {got}.",
                called=trial.called(result.case, result.call),
                expected=f"raise {result.refusal}(...)",
                got=got,
                suggestion=says,
                visibility=result.case.visibility,
            )
        return PASSED

    return Check(f"refuses {what}", run, weight, asks=cases)


def repeatable(*, weight: float = 1.0) -> Check:
    """Check that a call depends on its arguments alone, and leaves earlier results alone.

    Calls of the same shapes with other values and with other parameters come in between; then the
    first result is looked at again, and the first call is made again.
    """
    script = Script(_one_after_another)

    def run(trial: Trial) -> Finding:
        case = trial.question.few[-1]
        calls = trial.paper.calls(script)
        trial.outcomes(script)
        results = [trial.result_of(case, call, trial.truth(call)) for call in calls]
        says = {
            "": results[:1],
            "A later call changed an earlier result: make a new array in each call.": results[
                -2:-1
            ],
            "The first call is right, this later one is not: what is kept from call to call?": [
                *results[1:-2],
                results[-1],
            ],
        }
        findings = (verdict(trial, some, suggestion) for suggestion, some in says.items())
        return next((f for f in findings if f.status is not Status.PASSED), PASSED)

    return Check("depends on its arguments alone", run, weight, asks=[script])


def _one_after_another(paper: Paper) -> list[Call]:
    """Return a call, others, a second look at what the first gave, and the first call again.

    Each stands on calls of its own: a cache belongs to one backward, which may use it up.
    """
    case = paper.question.few[-1]
    first, same, again = (rebuilt(paper.call(case)) for _ in range(3))
    others = paper.asking(case.build(paper.rng("other values of the same shapes")))
    scaled = replace(same, args=tuple(1.5 * a if isinstance(a, float) else a for a in same.args))
    between = [c for c in (scaled, others) if not paper.truth(c).refusal]
    return [first, *between, Call("", (Part(first),), after=tuple(between)), again]


def verdict(
    trial: Trial, results: Sequence[Result], suggestion: str = "", *, only: str | None = None
) -> Finding:
    """Return the finding for the first result that is not right, smallest case first.

    Parameters
    ----------
    trial
        Whose results they are.
    results
        What came back, with what should have.
    suggestion
        What to try.
    only
        The one output to look at; None for all that a case judges.
    """
    advice = ""
    for result in results:
        if result.outcome.fault:
            return trial.fault(result.case, result.call, result.outcome.fault)
        if result.got is None:
            return Finding(
                Status.FAILED,
                f"It did not return ({', '.join(trial.question.form.returns)}).",
                called=trial.called(result.case, result.call),
                visibility=result.case.visibility,
            )
        for output in result.judged:
            if only not in {None, output, top(output)}:
                continue
            found = result.difference(output)
            if found and is_derivative_of_own_forward(trial, result, output):
                forward = trial.question.backward_of
                advice = f"It is the derivative of your {forward}; it is {forward} that is wrong."
            elif found:
                return Finding(
                    Status.FAILED,
                    found.message,
                    called=trial.called(result.case, result.call),
                    expected=found.expected,
                    got=found.got,
                    suggestion=suggestion,
                    visibility=result.case.visibility,
                )
    return Finding(advice=advice)
