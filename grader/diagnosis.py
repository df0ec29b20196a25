"""Which mistake explains the difference between what came back and the truth.

First the exercise's own mistakes, run on the same arguments and compared output by output; then
what a difference shows by itself: a constant factor, an offset, a transposed array, one wrong row.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, partial
from typing import Any

import numpy as np

from grader import compare
from grader.catalogue import Exercise, Mistake
from grader.checks.calls import evaluate
from grader.checks.paper import ABSENT, Paper, like
from grader.checks.trial import Result, Trial
from grader.models import ModelError
from grader.report import Recognised
from grader.signatures import Evidence, signature

RAISES = "(raises)"  # stands for all outputs where there are none: an exception, or another thing
Outputs = Mapping[str, Any]


def diagnose(exercise: Exercise, trial: Trial) -> Recognised | None:
    """Return the mistake that explains what is wrong, None if none does.

    Parameters
    ----------
    exercise
        Whose mistakes are considered.
    trial
        What the learner's function gave, on every case so far, and what checks have recognised.
    """
    by_check = next((m for m in exercise.mistakes if m.id in trial.recognised), None)
    if by_check:
        return Recognised(by_check.id, by_check.says)
    told = [r for r in trial.seen if not r.outcome.fault or r.outcome.fault.kinds]
    wrong = _wrong_outputs(told)
    if not wrong:
        return None
    made = _made(exercise, trial.paper, told)
    if exercise.as_one:
        return _by_all_outputs(made, told) or _by_all_outputs(
            *_on_ordinary_cases(exercise, made, told)
        )
    return (
        _by_mistakes(exercise, made, told, wrong)
        or _by_overflow(exercise, made, told)
        or _by_ordinary_cases(exercise, made, told, wrong)
        or _output_by_output(exercise, trial.paper, made, told, wrong)
    )


def _wrong_outputs(results: Sequence[Result]) -> list[str]:
    names = dict.fromkeys(name for r in results for name in (*r.judged, RAISES))
    return [name for name in names if any(not _right(r, name) for r in results)]


def _right(result: Result, name: str) -> bool:
    got, want = _learners(result), _wanted(result)
    if RAISES in got or RAISES in want:
        return _same_end(got, want)
    if name == RAISES or name not in result.judged:
        return True
    return _equal(got[name], want[name], result)


def _learners(result: Result) -> Outputs:
    if result.got is not None:
        return result.got
    fault = result.outcome.fault
    return {RAISES: fault.kinds if fault else (_kind(result.outcome.value),)}


def _wanted(result: Result) -> Outputs:
    return {RAISES: (result.refusal,)} if result.refusal else result.want


def _kind(value: Any) -> str:
    """Return what a returned value is that does not hold the outputs."""
    if isinstance(value, (tuple, list)):
        return f"returned {len(value)} values"
    return "returned nothing" if value is None else "returned one value"


def _same_end(left: Outputs, right: Outputs) -> bool:
    """Tell whether two calls ended alike without outputs: the same exception, the same other thing."""
    ends = set(left.get(RAISES, ())) & set(right.get(RAISES, ()))
    return bool(ends - {"Exception", "BaseException", "object"})


def _equal(left: Any, right: Any, result: Result) -> bool:
    if left is ABSENT or right is ABSENT:
        return left is right
    return compare.same(left, right, result.tolerance, result.scale)


def _overflowed(value: Any) -> bool:
    array = compare.as_number_array(value)
    return array is not None and not bool(np.isfinite(array).all())


def _made(
    exercise: Exercise, paper: Paper, results: Sequence[Result]
) -> dict[Mistake, list[Outputs]]:
    """Return what each mistake gives in every case."""
    made = {}
    for mistake in exercise.mistakes:
        make = partial(_outputs_of, _Functions(exercise, mistake), paper)
        try:
            made[mistake] = [
                paper.once((mistake, result.call), partial(make, result)) for result in results
            ]
        except ModelError:
            continue  # `author verify` tells its author; a learner's verdict does not hang on it
    return made


class _Functions:
    """The model answers with a mistake made, run when the first of them is asked for."""

    def __init__(self, exercise: Exercise, mistake: Mistake) -> None:
        self._exercise, self._mistake = exercise, mistake

    @cached_property
    def _namespace(self) -> dict[str, Any]:
        answers = self._exercise.topic.answers
        return answers.run(self._mistake.text(answers, self._exercise.name))

    def __call__(self, name: str) -> Callable[..., Any]:
        function: Callable[..., Any] = self._namespace[name]
        return function


def _by_mistakes(
    exercise: Exercise,
    made: Mapping[Mistake, Sequence[Outputs]],
    results: Sequence[Result],
    wrong: Sequence[str],
) -> Recognised | None:
    """Return one mistake that explains every wrong output in every case, or else one for each."""
    explained = {
        name: [m for m, outputs in made.items() if _explains(name, outputs, results)]
        for name in wrong
    }
    if not all(explained.values()):
        return None
    for mistake in exercise.mistakes:
        if all(mistake in found for found in explained.values()):
            return Recognised(mistake.id, mistake.says)
    first = list(dict.fromkeys(found[0] for found in explained.values()))
    return Recognised(first[0].id, " ".join(mistake.says for mistake in first))


def _by_all_outputs(
    made: Mapping[Mistake, Sequence[Outputs]], results: Sequence[Result]
) -> Recognised | None:
    """Return the mistake that gives the same as the learner, in all outputs and all cases."""
    for mistake, outputs in made.items():
        names = _wrong_names(outputs, results) | set(_wrong_outputs(results))
        if names and all(_explains(name, outputs, results) for name in names):
            return Recognised(mistake.id, mistake.says)
    return None


def _by_ordinary_cases(
    exercise: Exercise,
    made: Mapping[Mistake, Sequence[Outputs]],
    results: Sequence[Result],
    wrong: Sequence[str],
) -> Recognised | None:
    """Return what explains all that is wrong on the exercise's own cases, the extremes aside."""
    there, ordinary = _on_ordinary_cases(exercise, made, results)
    names = [name for name in wrong if any(not _right(r, name) for r in ordinary)]
    return _by_mistakes(exercise, there, ordinary, names) if names else None


def _on_ordinary_cases(
    exercise: Exercise, made: Mapping[Mistake, Sequence[Outputs]], results: Sequence[Result]
) -> tuple[dict[Mistake, list[Outputs]], list[Result]]:
    """Return what there is on the exercise's own cases, the extremes aside."""
    places = [i for i, result in enumerate(results) if result.case in exercise.cases]
    there = {mistake: [outputs[i] for i in places] for mistake, outputs in made.items()}
    return there, [results[i] for i in places]


def _output_by_output(
    exercise: Exercise,
    paper: Paper,
    made: Mapping[Mistake, Sequence[Outputs]],
    results: Sequence[Result],
    wrong: Sequence[str],
) -> Recognised | None:
    """Return what explains single outputs: a mistake in every case, or what the numbers show."""
    found = []
    for name in wrong:
        mistake = next(
            (m for m, outputs in made.items() if _explains(name, outputs, results)), None
        )
        if mistake:
            found.append(Recognised(mistake.id, mistake.says))
        else:
            found += _by_signature(exercise, paper, results, name)
    told = list(dict.fromkeys(found))
    return Recognised(told[0].id, " ".join(each.message for each in told)) if told else None


def _by_overflow(
    exercise: Exercise, made: Mapping[Mistake, Sequence[Outputs]], results: Sequence[Result]
) -> Recognised | None:
    """Return the mistake that goes wrong wherever the learner does, and nowhere else.

    Which elements an overflow turns into inf, nan or 0 depends on how a formula is written; so
    where a learner is right on the exercise's own cases and overflows at the extremes, it is
    compared where things go wrong, not how.
    """
    theirs = [_learners(result) for result in results]
    places = _wrong_places(theirs, results)
    ordinary = any(results[i].case in exercise.cases for i, _ in places)
    if ordinary:
        return None
    overflows = [(i, name) for i, name in places if _overflowed(theirs[i].get(name))]
    found = {
        mistake: _wrong_places(outputs, results)
        for mistake, outputs in made.items()
        if any(_overflowed(outputs[i].get(name)) for i, name in overflows)
    }
    alike = next((mistake for mistake, wrong in found.items() if places == wrong), None)
    return Recognised(alike.id, alike.says) if alike else None


def _wrong_places(outputs: Sequence[Outputs], results: Sequence[Result]) -> set[tuple[int, str]]:
    """Return the case and the output of everything that is not right."""
    found = set()
    for i, (made, result) in enumerate(zip(outputs, results, strict=True)):
        if RAISES in made or result.refusal:
            found |= set() if _same_end(made, _wanted(result)) else {(i, RAISES)}
            continue
        wrong = (n for n in result.judged if not _equal(made[n], result.want[n], result))
        found |= {(i, name) for name in wrong}
    return found


def _wrong_names(outputs: Sequence[Outputs], results: Sequence[Result]) -> set[str]:
    return {name for _, name in _wrong_places(outputs, results)}


def _outputs_of(functions: _Functions, paper: Paper, result: Result) -> Outputs:
    try:
        made = evaluate(result.call, functions)[result.call]
    except ModelError:
        raise
    except Exception as error:  # noqa: BLE001 - how a mistake ends is part of what it is
        return {RAISES: tuple(kind.__name__ for kind in type(error).__mro__)}
    named = paper.form(result.call).outputs(made.value, made.after)
    if named is None:
        return {RAISES: (_kind(made.value),)}
    return dict(like(named, result.wanted.named))


def _explains(name: str, outputs: Sequence[Outputs], results: Sequence[Result]) -> bool:
    differs = False
    for made, result in zip(outputs, results, strict=True):
        got, want = _learners(result), _wanted(result)
        if RAISES in made or RAISES in got:
            if not _same_end(got, made):
                return False
            differs = differs or RAISES not in want
            continue
        if name == RAISES or RAISES in want:
            differs = differs or RAISES in want
            continue
        if name not in result.judged:
            continue
        if not _equal(got[name], made[name], result):
            return False
        differs = differs or not _equal(made[name], want[name], result)
    return differs


def _by_signature(
    exercise: Exercise, paper: Paper, results: Sequence[Result], output: str
) -> list[Recognised]:
    """Return what one output's difference shows by itself, on all cases or on the ordinary ones."""
    if any(result.got is None or not result.want for result in results) or output == RAISES:
        return []
    names = [parameter.name for parameter in exercise.form.parameters]

    def truth(*args: Any) -> Any:
        wanted = paper.truth(paper.asking(args))
        if output not in wanted.outputs:
            raise ValueError(wanted.refusal)
        return wanted.outputs[output]

    for scope in (results, [result for result in results if result.case in exercise.cases]):
        evidence = [
            Evidence(
                dict(zip(names, result.args, strict=False)),
                compare.as_number_array(result.got[output]),
                np.asarray(result.want[output], dtype=np.float64),
                lambda got, want, r=result: compare.same(got, want, r.tolerance, r.scale),  # type: ignore[misc]
                result.case.label,
            )
            for result in scope
            if result.got is not None and output in result.judged
        ]
        found = signature(output, evidence, truth)
        if found:
            return [Recognised(*found)]
    return []
