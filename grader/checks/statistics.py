"""Exact tails: how improbable an observation is if a random function is right.

A check that looks at `looks` observations calls the function wrong where one of them has a tail
below `FALSE_ALARM / (2 * looks)`. A right function falls into such a tail with at most that
probability, on either side; over both sides and all looks (Bonferroni) it is failed with a
probability of `FALSE_ALARM` at most. The tails are exact sums, not normal approximations, which at
1e-9 are wrong by a factor of four.
"""

import math

import numpy as np

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
    counts = np.arange(trials, dtype=np.float64)
    ratios = np.log((trials - counts) / (counts + 1)) + math.log(probability / (1 - probability))
    logs = trials * math.log1p(-probability) + np.concatenate(([0.0], np.cumsum(ratios)))
    lower, upper = np.exp(logs[: successes + 1]).sum(), np.exp(logs[successes:]).sum()
    return float(min(lower, upper))


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
