"""Properties of random functions: how often, independently of each other, and by which seed."""

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from grader.checks.check import Case, Check
from grader.checks.draws import seed
from grader.checks.properties import Problem, holds_of_all
from grader.checks.statistics import binomial_tail, improbable
from grader.checks.trial import Result
from grader.student.wire import Generator

PLAUSIBLE = 1e-4  # a rate that a mistake would show at least so often names that mistake

Array = np.ndarray[Any, Any]
Booleans = np.ndarray[Any, np.dtype[np.bool_]]
Builder = Callable[[np.random.Generator, Generator], tuple[Any, ...]]


def chance(rng: np.random.Generator) -> Generator:
    """Return a generator for the learner's function."""
    return Generator(seed(rng))


def draws(label: str, seeds: int, build: Builder) -> list[Case]:
    """Return cases that differ in the generator's seed alone; the last has that of the first.

    A case's arguments are decided by its label, so that all of them draw the same.

    Parameters
    ----------
    label
        That of every case.
    seeds
        How many different seeds.
    build
        Makes the arguments, given the generator.
    """

    def args(rng: np.random.Generator, step: int) -> tuple[Any, ...]:
        return build(rng, Generator(seed(rng) + step))

    return [
        Case(label, lambda rng, step=step: args(rng, step), judged=())  # type: ignore[misc]
        for step in (*range(seeds), 0)
    ]


def obeys_its_seed(cases: Sequence[Case]) -> Check:
    """Check that the same seed gives the same result, and that not every seed does.

    The exercise names two mistakes: `not_from_rng` and `fixed_seed`. All cases together must leave
    a right function no more than a negligible chance of the same result for every seed.

    Parameters
    ----------
    cases
        From `draws`.
    """

    def problem(results: Sequence[Result]) -> Problem | None:
        first, *others, again = results
        if not _alike(first, again):
            return Problem(
                "Two calls with the same arguments and the same seed gave different results.",
                suggestion="Draw from rng and from nothing else: rng.random, not np.random.rand.",
                mistake="not_from_rng",
            )
        if all(_alike(first, other) for other in others):
            return Problem(
                f"{len(results) - 1} different seeds gave the same result every time.",
                suggestion="Is there a seed in the code, or a generator of its own?",
                mistake="fixed_seed",
            )
        return None

    return holds_of_all("takes its chance from rng", problem, cases)


def _alike(left: Result, right: Result) -> bool:
    assert left.got is not None
    assert right.got is not None
    return all(
        np.array_equal(left.got[name], right.got[name], equal_nan=True) for name in left.want
    )


def wrong_rate(
    what: str,
    happened: Booleans,
    probability: float,
    *,
    looks: int,
    mistakes: Sequence[tuple[str, float]] = (),
) -> Problem | None:
    """Return what is wrong if something happened too often or too seldom for its probability.

    Parameters
    ----------
    what
        What happened, for reading: "elements were dropped".
    happened
        Whether it did, each time on its own.
    probability
        How often it should.
    looks
        At how many observations the check looks in all.
    mistakes
        Ids of mistakes, each with the probability with which it happens to who makes that one.
    """
    count, trials = int(np.count_nonzero(happened)), happened.size
    if not improbable(binomial_tail(count, trials, probability), looks):
        return None
    likely = [(binomial_tail(count, trials, p), mistake) for mistake, p in mistakes]
    tail, best = max(likely, default=(0.0, ""))
    return Problem(
        f"{count} of {trials} {what}; with a probability of {probability:g} it would be about "
        f"{trials * probability:.0f}, and chance alone does not explain that.",
        expected=f"about {trials * probability:.0f} of {trials}",
        got=f"{count} of {trials}",
        mistake=best if tail > PLAUSIBLE else "",
    )


def tied_axis(happened: Booleans, probability: float, *, looks: int) -> int | None:
    """Return an axis along which neighbours go together (or avoid each other), None for none.

    Neighbours are taken in pairs, none of them twice, so that the pairs are independent: two that
    are drawn on their own agree with the probability p^2 + (1 - p)^2.

    Parameters
    ----------
    happened, probability, looks
        As for `wrong_rate`; each axis is a look.
    """
    agreement = probability**2 + (1 - probability) ** 2
    for axis, length in enumerate(happened.shape):
        pairs = np.moveaxis(happened, axis, 0)[: length - length % 2]
        agree = pairs[::2] == pairs[1::2]
        tail = binomial_tail(int(np.count_nonzero(agree)), agree.size, agreement)
        if improbable(tail, looks):
            return axis
    return None


def is_exact_share(counts: Sequence[int], trials: int, probability: float) -> bool:
    """Tell whether the expected count comes too often for trials that are independent.

    One look.

    Parameters
    ----------
    counts
        How often it happened, in each of several calls.
    trials
        In how many trials of each call; times `probability` a whole number.
    """
    expected = round(trials * probability)
    often = math.comb(trials, expected) * probability**expected
    often *= (1 - probability) ** (trials - expected)
    hits = sum(count == expected for count in counts)
    return hits > len(counts) * often and improbable(binomial_tail(hits, len(counts), often))


def out_of(result: Result) -> Array:
    """Return the first output as an array of float64."""
    assert result.got is not None
    return np.asarray(result.got[next(iter(result.want))], np.float64)


def normal_below(x: float) -> float:
    """Return how often a standard normal number is below x."""
    return 0.5 * math.erfc(-x / math.sqrt(2))
