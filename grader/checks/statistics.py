"""Exact tails: how improbable an observation is if a random function is right.

A check that looks at `looks` observations calls the function wrong where one of them has a tail
below `FALSE_ALARM / (2 * looks)`. A right function falls into such a tail with at most that
probability, on either side; over both sides and all looks (Bonferroni) it is failed with a
probability of `FALSE_ALARM` at most. The tails are exact sums, not normal approximations, which at
1e-9 are wrong by a factor of four.
"""

import functools
import math

import numpy as np
import numpy.typing as npt

Tails = npt.NDArray[np.float64]

FALSE_ALARM = 1e-9  # the probability that a right function fails one check, at most


def improbable(tail: float, looks: int = 1) -> bool:
    """Tell whether a one-sided tail is too small for chance, when so many observations are made."""
    return tail < FALSE_ALARM / (2 * looks)


def binomial_tail(successes: int, trials: int, probability: float) -> float:
    """Return the smaller of P(X <= successes) and P(X >= successes), X binomial.

    The probability of each count follows from the one before, P(k + 1) / P(k) being
    (n - k) / (k + 1) * p / (1 - p); logarithms keep the far tails from underflow.

    Parameters
    ----------
    successes, trials
        How often it happened, out of how many independent trials.
    probability
        That of each trial, in [0, 1].
    """
    if probability in {0.0, 1.0}:
        return float(successes == trials * probability)
    lower, upper = _binomial_tails(trials, probability)
    return float(min(lower[successes], upper[successes]))


@functools.lru_cache(maxsize=64)
def _binomial_tails(trials: int, probability: float) -> tuple[Tails, Tails]:
    """Return P(X <= k) and P(X >= k) for every k; a class asks for the same ones again and again."""
    counts = np.arange(trials, dtype=np.float64)
    ratios = np.log((trials - counts) / (counts + 1)) + math.log(probability / (1 - probability))
    logs = trials * math.log1p(-probability) + np.concatenate(([0.0], np.cumsum(ratios)))
    chances = np.exp(logs)
    return np.cumsum(chances), np.cumsum(chances[::-1])[::-1]


def chi_square_tail(total: float, terms: int) -> float:
    """Return the smaller tail at `total` of a sum of squares of standard normal numbers.

    With an even number of terms, 2 m, the sum exceeds x as often as fewer than m events of a Poisson
    process happen in x / 2 (Abramowitz and Stegun, 26.4.21), so that the tail is a finite sum.

    Parameters
    ----------
    total
        The sum of squares.
    terms
        How many, an even number.

    Raises
    ------
    ValueError
        If the number of terms is odd.
    """
    if terms % 2:
        raise ValueError(f"terms is {terms}; an even number is needed: leave one value out")
    if not math.isfinite(total) or total <= 0:
        return 0.0
    half = total / 2
    events = np.arange(1, terms // 2, dtype=np.float64)
    logs = -half + np.concatenate(([0.0], np.cumsum(math.log(half) - np.log(events))))
    upper = float(np.exp(logs).sum())
    return min(upper, 1 - upper)


def normal_tail(mean: float, terms: int, deviation: float) -> float:
    """Return the smaller tail of the mean of so many normal numbers of mean 0 and a deviation."""
    return 0.5 * math.erfc(abs(mean) * math.sqrt(terms) / (deviation * math.sqrt(2)))


def beta_below(x: float, alpha: float) -> float:
    """Return P(X < x) for X from Beta(alpha, alpha), x at most one half.

    The density's second factor, (1 - t)^(alpha - 1), is expanded in powers of t and integrated term
    by term. For an alpha above 10 the terms grow before they shrink, and digits are lost.

    Raises
    ------
    ValueError
        If x is negative or above one half, where the other tail is to be asked for.
    """
    if not 0 <= x <= 0.5:
        raise ValueError(f"x is {x}; a number from 0 to 0.5 is needed")
    if x == 0:
        return 0.0
    total, factor = 0.0, 1.0
    for power in range(200):
        total += factor * x ** (alpha + power) / (alpha + power)
        factor *= (power + 1 - alpha) / (power + 1)
    return total * math.exp(math.lgamma(2 * alpha) - 2 * math.lgamma(alpha))


def hypergeometric_tail(found: int, drawn: int, marked: int, total: int) -> float:
    """Return the smaller of P(X <= found) and P(X >= found), X hypergeometric.

    Parameters
    ----------
    found
        How many of the drawn were marked.
    drawn, marked, total
        How many were drawn without replacement, how many are marked, and of how many in all.
    """
    fewest, most = max(0, drawn + marked - total), min(drawn, marked)
    if not fewest <= found <= most:
        return 0.0
    counts = np.arange(fewest, most, dtype=np.float64)
    ratios = np.log((marked - counts) / (counts + 1)) + np.log(
        (drawn - counts) / (total - marked - drawn + counts + 1)
    )
    logs = np.concatenate(([0.0], np.cumsum(ratios)))
    weights = np.exp(logs - logs.max())
    place = found - fewest
    lower, upper = weights[: place + 1].sum(), weights[place:].sum()
    return float(min(lower, upper) / weights.sum())


def together_bound(together: int, pairs: int, places: int, size: int) -> float:
    """Return what P(X >= together) is at most, X the pairs that chance puts into one group.

    That so many given pairs are together has at most the probability (size - 1) / (places - 1) for
    the first of them, (size - 1) / (places - 3) for the next, and so on; there are as many choices
    of them as ways to take `together` of `pairs`.

    Parameters
    ----------
    together, pairs
        How many of these pairs, no two of which share a member, are in one group.
    places, size
        How many members there are in all, and how many a group holds at most.
    """
    ways = math.lgamma(pairs + 1) - math.lgamma(together + 1) - math.lgamma(pairs - together + 1)
    left = places - 1 - 2 * np.arange(together)
    if size == 1 or together == 0:
        return float(together == 0)
    chances = np.log(np.minimum(1.0, (size - 1) / left))
    return math.exp(min(0.0, ways + float(np.sum(chances))))
