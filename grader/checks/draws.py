"""Whether a random function draws from the generator that it is given, and from nothing else."""

from collections.abc import Callable
from typing import Any

import numpy as np

from grader.checks.calls import Call, Named, kept
from grader.checks.check import Case, Check
from grader.checks.properties import Problem, holds
from grader.checks.trial import Result
from grader.student.wire import Generator

Rng = np.random.Generator
Args = tuple[Any, ...]


def seed(rng: Rng) -> int:
    """Draw a seed for a generator over there."""
    return int(rng.integers(2**31))


def drawing(*args: Any) -> Callable[[Rng], Args]:
    """Build a call that is given these arguments and a generator."""
    return lambda rng: (*args, Generator(seed(rng)))


def draws_from_rng(
    function: str, build: Callable[[Rng], Args], *, rng_by_name: bool = False
) -> Check:
    """Check that calls on one generator differ, and that the same seed repeats.

    `build` makes the arguments but for rng, so that two results are equal by chance with a
    probability below 1e-12.
    """

    def three_calls(rng: Rng) -> Args:
        args, number = build(rng), seed(rng)
        by_place = tuple(arg for arg in args if not isinstance(arg, Named))
        by_name = {arg.name: arg.value for arg in args if isinstance(arg, Named)}

        def call(generator: Any) -> Call:
            if rng_by_name:
                return Call(function, by_place, {**by_name, "rng": generator})
            return Call(function, (*by_place, generator), by_name)

        lent = kept(Generator(number))
        earlier = (call(lent), call(Generator(number)))
        last = kept(lent, after=earlier)
        return (*args, Named("rng", last) if rng_by_name else last)

    def problem(result: Result) -> Problem | None:
        first, again = (outcome for call, outcome in result.before.items() if call.function)
        for outcome in (first, again):
            if outcome.fault:
                said = f"{outcome.fault.type}: {outcome.fault.message}"
                return Problem(f"One of three calls with the same arguments raised {said}.")
        if alike(first.value, result.outcome.value):
            return Problem(
                "Two calls with the same rng, one after the other, gave the same result.",
                suggestion="Draw from rng alone, and make no new generator inside.",
                mistake="fixed_seed",
            )
        if not alike(first.value, again.value):
            return Problem(
                "Two calls, each with a new generator of the same seed, gave different results.",
                suggestion="Draw from rng alone: np.random.rand and the like do not know of it.",
                mistake="global_generator",
            )
        return None

    case = Case(
        "three calls: twice on one generator, once on another of the same seed",
        three_calls,
        judged=(),
        form_problem=lambda _: "",
    )
    return holds("takes all its randomness from rng", problem, [case])


def alike(left: Any, right: Any) -> bool:
    """Tell whether two nests of dicts, lists, tuples, numbers and arrays are the same."""
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(alike(left[k], right[k]) for k in left)
    if isinstance(left, (list, tuple)) and isinstance(right, (list, tuple)):
        return len(left) == len(right) and all(map(alike, left, right))
    return type(left) is type(right) and bool(np.array_equal(left, right))
