"""Optimizers over many steps: the gradients of a descent, its calls, and what steps were taken.

The gradients handed over are those of the truth's own descent, so that all steps go in one message.
A learner's optimizer that is right walks the same way; one that is wrong still meets gradients that
are known, and its steps show what it made of them.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np

from grader import compare
from grader.checks.calls import Call, kept
from grader.checks.check import Case, Check
from grader.checks.properties import Problem, holds_of_all
from grader.checks.trial import Result

Array = np.ndarray[Any, np.dtype[np.float64]]
Args = tuple[Any, ...]
Gradient = Callable[[Array], Array]
Optimizer = Callable[..., tuple[Array, dict[str, Any]]]

SLOW, FAST = 1.0, 12.0  # the curvatures of `valley`
NO_ERROR = 1e-7  # of a fit, beside the steps themselves: rounding leaves 1e-12, bugs 1e-2


def valley() -> Gradient:
    """Return the gradient of a quadratic of two variables, twelve times as steep across as along."""
    from numerics.problems import two_modes  # noqa: PLC0415 - only once cases are built

    return two_modes(SLOW, FAST).gradient


def logistic(rng: np.random.Generator) -> Gradient:
    """Return the gradient of a logistic regression with 3 weights on made data."""
    from numerics.problems import logistic_regression  # noqa: PLC0415

    return logistic_regression(20, 3, rng).gradient


def rosenbrock() -> Gradient:
    """Return the gradient of Rosenbrock's curved valley, whose minimum is at (1, 1)."""
    from numerics.problems import Rosenbrock  # noqa: PLC0415

    return Rosenbrock().gradient


def downhill(
    step: Optimizer, gradient: Gradient, w: Array, count: int, config: Mapping[str, Any]
) -> list[Array]:
    """Return the gradients that an optimizer meets on its way.

    Parameters
    ----------
    step
        The right optimizer.
    gradient
        That of what is descended on.
    w
        Where the descent begins.
    count
        How many steps it has.
    config
        The hyperparameters.
    """
    met, state = [], dict(config)
    for _ in range(count):
        met.append(gradient(w))
        w, state = step(w, met[-1], state)
    return met


def walked(name: str, w: Array, gradients: Sequence[Array], *config: Any) -> Args:
    """Return the arguments of the last of some steps, each of which takes what the one before gave.

    Parameters
    ----------
    name
        The learner's optimizer.
    w
        Where the first step begins.
    gradients
        One for each step.
    config
        That of the first step; none to leave it out.
    """
    args: Args = (w, gradients[0], *config)
    for dw in gradients[1:]:
        call = Call(name, args)
        args = (call[0], dw, call[1])
    return args


def by_turns(
    name: str,
    starts: Sequence[Array],
    gradients: Sequence[Sequence[Array]],
    configs: Sequence[Any] = (),
) -> Args:
    """Return the arguments of the last of some steps of several parameters, stepped by turns.

    Parameters
    ----------
    name
        The learner's optimizer.
    starts
        Where the parameters begin.
    gradients
        In each round one for each parameter.
    configs
        That of each parameter; none to leave them out.
    """
    states: list[Args] = [(w, *configs[i : i + 1]) for i, w in enumerate(starts)]
    made: list[Call] = []
    for each in gradients:
        for i, dw in enumerate(each):
            w, *config = states[i]
            made.append(Call(name, (w, dw, *config), after=tuple(made[-1:])))
            states[i] = (made[-1][0], made[-1][1])
    w, dw, *config = made[-1].args
    return (w, kept(dw, made[-1].after), *config)


class Walk(NamedTuple):
    """The way of a descent: where it was before each step and after the last, and its gradients."""

    points: Array
    gradients: Array

    @property
    def steps(self) -> Array:
        """Return what each step added."""
        with np.errstate(all="ignore"):
            return np.diff(self.points, axis=0)


@dataclass(frozen=True)
class Applied:
    """What a descent with one learning rate and one momentum shows of itself."""

    learning_rate: float
    momentum: float
    lookahead: bool

    def __str__(self) -> str:
        """Return both numbers for reading."""
        momentum = f"momentum {self.momentum:.4g}" if self.momentum else "no momentum"
        return f"learning rate {self.learning_rate:.4g} and {momentum}"

    def same(self, other: "Applied") -> bool:
        """Tell whether two are the same up to rounding."""
        ours, theirs = ((a.learning_rate, a.momentum) for a in (self, other))
        return self.lookahead == other.lookahead and np.allclose(ours, theirs, rtol=1e-6, atol=1e-9)

    @property
    def contraction(self) -> float | None:
        """Return what share of the error each step leaves in `valley` in the long run."""
        from numerics.problems import Method  # noqa: PLC0415

        if self.learning_rate <= 0 or self.momentum < 0:
            return None
        return Method(self.learning_rate, self.momentum, self.lookahead).rate(SLOW, FAST)


def applied(walk: Walk) -> Applied | None:
    """Return the learning rate and the momentum of a descent, None where it is of another kind.

    With rate a and momentum b, steps d and gradients g, the heavy ball has
    d[t] = b d[t-1] - a g[t], Nesterov's method d[t] = b d[t-1] - (1 + b) a g[t] + b a g[t-1]
    (eliminate the velocity). The fewest terms that explain every step are taken.
    """
    d, g = walk.steps, walk.gradients
    if not np.isfinite(d).all():
        return None
    columns = [part.ravel() for part in (-g[1:], d[:-1], g[:-1])]
    later = d[1:].ravel()
    for terms in (1, 2, 3):
        table = np.stack(columns[:terms], axis=1)
        found, *_ = np.linalg.lstsq(table, later, rcond=None)
        if np.abs(table @ found - later).max() > NO_ERROR * max(np.abs(later).max(), 1e-300):
            continue
        a, b, c = (*found, 0.0, 0.0)[:3]
        if terms < len(columns):
            return Applied(float(a), float(b), lookahead=False)
        rate = a / (1 + b) if b != -1 else np.nan
        return Applied(float(rate), float(b), lookahead=True) if _near(c, rate * b) else None
    return None


def _near(left: float, right: float) -> bool:
    return bool(np.isclose(left, right, rtol=1e-5, atol=1e-9))


def own_walk(result: Result) -> Walk | None:
    """Return the way that a learner's optimizer went, None where a step did not give a point."""
    points = [_calls(result)[0].args[0]]
    for call in _calls(result):
        outcome = result.before.get(call, result.outcome)
        value = outcome.value if isinstance(outcome.value, (tuple, list)) else ()
        point = compare.as_number_array(value[0]) if value else None
        if outcome.fault or point is None or point.shape != points[0].shape:
            return None
        points.append(point)
    return Walk(np.array(points, dtype=np.float64), right_walk(result).gradients)


def right_walk(result: Result) -> Walk:
    """Return the way that the truth goes."""
    calls = _calls(result)
    made = result.wanted.made
    points = [calls[0].args[0], *(made[call].value[0] for call in calls)]
    return Walk(np.array(points), np.array([call.args[1] for call in calls]))


def _calls(result: Result) -> list[Call]:
    return [*result.before, result.call]


def keeps_to_the_way(
    cases: Sequence[Case],
    *,
    fixed: str = "",
    other_kind: str = "",
    weight: float = 1.0,
) -> Check:
    """Check every step of long descents, and tell what was done instead.

    For gradient descent with or without momentum that is the learning rate and the momentum that
    were really applied; for other optimizers, the first step that is off, and by what factor.

    Parameters
    ----------
    cases
        Descents in `valley`, as `walked` makes them, with different hyperparameters.
    fixed
        The exercise's mistake of having written the numbers into the code.
    other_kind
        Its mistake of taking Polyak's momentum for Nesterov's, or the reverse.
    weight
        Its share of the marks.
    """

    def problem(results: Sequence[Result]) -> Problem | None:
        own, right = [own_walk(r) for r in results], [right_walk(r) for r in results]
        walks = [w for w in own if w is not None]
        if len(walks) < len(results):
            return Problem("One of its steps on the way did not give an array of the shape of w.")
        wrong = [i for i, r in enumerate(results) if not _same_way(r, walks[i], right[i])]
        if not wrong:
            return None
        first = wrong[0]
        fits = [applied(walk) for walk in walks]
        asked = [applied(walk) for walk in right]
        did, should = fits[first], asked[first]
        if did is None or should is None or did.same(should):
            return _step_off(walks[first], right[first])
        left_out = _near(did.learning_rate, 1)  # which is no number that somebody wrote
        told = fixed if _all_same(fits) and not _all_same(asked) and not left_out else ""
        if did.lookahead != should.lookahead and did.same(replace(should, lookahead=did.lookahead)):
            told = other_kind
        return _of_numbers(did, should, len(walks[first].steps), told)

    return holds_of_all("keeps to the way, step by step", problem, cases, weight=weight)


def _same_way(result: Result, own: Walk, right: Walk) -> bool:
    return compare.same(own.points, right.points, result.tolerance, result.scale)


def _all_same(fits: Sequence[Applied | None]) -> bool:
    return all(fit is not None and fits[0] is not None and fit.same(fits[0]) for fit in fits)


def _of_numbers(did: Applied, should: Applied, count: int, mistake: str) -> Problem:
    kinds = {False: "momentum", True: "Nesterov's momentum"}
    if did.lookahead == should.lookahead or not (did.momentum and should.momentum):
        message = f"Its {count} steps are those of {did}; it should apply {should}."
    else:
        message = (
            f"Its {count} steps are those of {kinds[did.lookahead]} with {did}; "
            f"{kinds[should.lookahead]} with {should} is asked for."
        )
    return Problem(message, str(should), str(did), _in_the_long_run(did, should), mistake)


def _in_the_long_run(did: Applied, should: Applied) -> str:
    got, want = did.contraction, should.contraction
    if did.learning_rate < 0:
        return "A learning rate below zero climbs: look at the signs."
    if got is None or want is None or abs(got - want) < 1e-3:
        return ""
    blows_up = ", so that it blows up" if got > 1 else ""
    return (
        f"On this quadratic every step leaves {got:.3f} of the error in the long run{blows_up}; "
        f"{want:.3f} is right."
    )


def _step_off(own: Walk, right: Walk) -> Problem:
    """Tell the first step that is not right, and whether every step is too long by one factor."""
    off = np.abs(own.steps - right.steps).max(axis=1)
    first = int((~(off <= NO_ERROR * np.abs(right.steps).max())).argmax())
    count, went, should = len(off), _shown(own.steps[first]), _shown(right.steps[first])
    with np.errstate(all="ignore"):
        ratio = own.steps / right.steps
    if np.isfinite(ratio).all() and np.allclose(ratio, ratio[0, 0], rtol=1e-6):
        message = f"Each of its {count} steps is {ratio[0, 0]:.6g} times what it should be."
        says = "What multiplies the whole step: the learning rate, or a number written in the code?"
    elif first:
        before = "the first is right" if first == 1 else f"the first {first} are right"
        message = f"Of {count} steps {before}; step {first + 1} goes by {went}, not by {should}."
        says = "What is remembered from step to step, and is all of it stored in config?"
    else:
        message = f"The very first of {count} steps goes by {went}, not by {should}."
        says = ""
    return Problem(message, f"a step by {should}", f"a step by {went}", says)


def _shown(step: Array) -> str:
    return f"[{', '.join(compare.number(float(x), 5) for x in step)}]"
