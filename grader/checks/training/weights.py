"""What must hold of first weights: their limit or deviation, their shape, that each is its own."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from grader.checks.properties import Problem
from grader.checks.statistics import binomial_tail, chi_square_tail, improbable, normal_tail
from grader.checks.trial import Result

Array = np.ndarray[Any, np.dtype[Any]]


def weights(result: Result) -> tuple[Array, int, int]:
    """Return the weights, and how many inputs and outputs there are."""
    assert result.got is not None
    fan_in, fan_out = result.args[:2]
    return np.asarray(result.got["w"], np.float64), fan_in, fan_out


def near(value: float, target: float, within: float) -> bool:
    """Tell whether a positive number is within a part of another; this only gives a mistake a name."""
    return abs(value / target - 1) < within


def within_xavier_limit(results: Sequence[Result]) -> Problem | None:
    """Find a weight beyond the limit, or a largest one too far below it: one look a case.

    The largest of n such weights is below 1 - t of the limit with probability (1 - t)^n.
    """
    for result in results:
        w, fan_in, fan_out = weights(result)
        limit = math.sqrt(6 / (fan_in + fan_out))
        largest = float(np.abs(w).max()) if np.isfinite(w).all() else math.inf
        too_small = improbable(min(1.0, largest / limit) ** w.size, looks=len(results))
        own = own_limit(result)
        if own and not near(abs(own), limit, 1e-6):
            return Problem(
                f"The weights of a layer with {fan_in} inputs and {fan_out} outputs are spread from "
                f"{-abs(own):.6g} to {abs(own):.6g}; the limit should be sqrt(6 / ({fan_in} + "
                f"{fan_out})) = {limit:.6g}.",
                f"limit {limit:.6g}",
                f"limit {abs(own):.6g}",
                mistake=xavier_mistake(results[-1]),
                about=result,
            )
        if too_small or largest > limit * (1 + 1e-6):
            return Problem(
                f"The largest of {w.size} weights is {largest:.4g} in size; it should come close to "
                f"sqrt(6 / ({fan_in} + {fan_out})) = {limit:.4g} and not go beyond it.",
                f"largest size = {limit:.4g}",
                f"largest size = {largest:.4g}",
                mistake=xavier_mistake(results[-1]),
                about=result,
            )
    return None


def xavier_mistake(result: Result) -> str:
    """Return which mistake gives weights of this size."""
    w, fan_in, fan_out = weights(result)
    limit = math.sqrt(6 / (fan_in + fan_out))
    largest, deviation = abs(own_limit(result)) or float(np.abs(w).max()), float(w.std())
    if not w.any():
        return "zeros"
    if largest > limit and near(deviation, limit / math.sqrt(3), 0.04):
        return "normal"
    sizes = {
        "deviation_as_limit": limit / math.sqrt(3),
        "half_the_width": limit / 2,
        "only_the_inputs": math.sqrt(6 / fan_in),
        "no_root": limit**2,
        "mean_of_the_fans": limit * math.sqrt(2),
        "of_sigmoid": 4 * limit,
        "pytorchs_default": 1 / math.sqrt(fan_in),
        "unscaled": 1.0,
    }
    return next((id_ for id_, size in sizes.items() if near(largest, size, 0.005)), "")


def own_limit(result: Result) -> float:
    """Return how far numbers of this generator, even from -1 to 1, are spread, 0 if unknown.

    Chance leaves the limit of a sample open by a little. Where the weights are the generator's next
    even numbers, as most are, it can be told exactly.
    """
    w, _, _ = weights(result)
    u = 2 * np.random.default_rng(result.args[2].seed).random(w.shape) - 1
    limit = float(np.vdot(u, w) / np.vdot(u, u))
    return limit if np.allclose(w, limit * u, 1e-6, 1e-6 * abs(limit)) else 0.0


def even_spread(results: Sequence[Result]) -> Problem | None:
    """Find weights that are not spread evenly from -limit to limit: three looks a case."""
    looks = 3 * len(results)
    for result in results:
        w, fan_in, fan_out = weights(result)
        share = np.abs(w) / math.sqrt(6 / (fan_in + fan_out))
        below = int(np.count_nonzero(w < 0))
        if improbable(binomial_tail(below, w.size, 0.5), looks):
            return Problem(
                f"{below} of {w.size} weights are negative; about half of them should be.",
                suggestion="rng.random draws from 0 to 1; the weights go from -limit to limit.",
                mistake="only_positive" if below == 0 and w.std() > 0 else "",
                about=result,
            )
        for part in (0.5, 0.9):
            inside = int(np.count_nonzero(share < part))
            if improbable(binomial_tail(inside, w.size, part), looks):
                return Problem(
                    f"{inside} of {w.size} weights are smaller than {part:g} times the limit; about "
                    f"{part * w.size:.0f} should be.",
                    suggestion="All values from -limit to limit are equally likely: rng.uniform.",
                    about=result,
                )
    return None


def each_on_its_own(results: Sequence[Result]) -> Problem | None:
    """Find weights that are copies of others or agree with them in sign: three looks a case.

    Of n different weights fewer than 0.9 n sizes are never seen, in float32 either: there some
    n^2 / 2^24 of them fall together, one in four thousand.
    """
    for result in results:
        w, _, _ = weights(result)
        sizes = len(np.unique(np.abs(w)))
        if sizes < 0.9 * w.size:
            return Problem(
                f"Only {sizes} of {w.size} weights differ in size: each is drawn on its own.",
                suggestion="Ask for all of them at once: size=(fan_in, fan_out).",
                mistake="repeated",
                about=result,
            )
        half, flat = w.size // 2, w.ravel()
        pairs = {
            "neighbouring rows": (w[0::2], w[1::2]),
            "neighbouring columns": (w[:, 0::2], w[:, 1::2]),
            "the two halves": (flat[:half], flat[half : 2 * half]),
        }
        for where, (left, right) in pairs.items():
            agreeing = int(np.count_nonzero((left > 0) == (right > 0)))
            if improbable(binomial_tail(agreeing, left.size, 0.5), 3 * len(results)):
                return Problem(
                    f"Of {left.size} pairs of weights from {where} {agreeing} have the same sign; "
                    "about half should.",
                    about=result,
                )
    return None


def he_deviation(results: Sequence[Result]) -> Problem | None:
    """Find weights of another mean or standard deviation: three looks a case.

    The third: a sample's own deviation is never exactly that of the distribution. It comes within
    1e-12 of it with a probability below 1e-10 for 3 600 weights.
    """
    looks = 3 * len(results)
    for result in results:
        w, fan_in, _ = weights(result)
        std = math.sqrt(2 / fan_in)
        z = w.ravel() / std
        mean, spread = float(z.mean()), float(np.sqrt(np.mean(z**2)))
        if not math.isfinite(spread) or improbable(chi_square_tail(float(z @ z), z.size), looks):
            return Problem(
                f"The standard deviation of {w.size} weights is {spread * std:.4g}; it should be "
                f"about sqrt(2 / {fan_in}) = {std:.4g}.",
                f"standard deviation = {std:.4g}",
                f"standard deviation = {spread * std:.4g}",
                mistake=he_mistake(result),
                about=result,
            )
        if improbable(normal_tail(mean, z.size, 1.0), looks):
            return Problem(
                f"The mean of {w.size} weights is {mean * std:.4g}; it should be near 0.",
                mistake="only_positive" if w.min() >= 0 else "",
                about=result,
            )
        if min(abs(float(z.std()) - 1), abs(spread - 1)) < 1e-12:
            return Problem(
                f"The standard deviation of the {w.size} weights is exactly {std:.4g}: they have "
                "been scaled after they were drawn. Chance makes it a little more or less.",
                about=result,
            )
        factor = own_factor(result)
        if factor and not near(factor, std, 1e-6):
            return Problem(
                f"The weights are standard normal numbers times {factor:.6g}; that factor should be "
                f"sqrt(2 / {fan_in}) = {std:.6g}.",
                f"factor {std:.6g}",
                f"factor {factor:.6g}",
                about=result,
            )
    return None


def own_factor(result: Result) -> float:
    """Return by what standard normal numbers of this generator have been multiplied, 0 if unknown.

    Chance leaves the deviation of a sample open by some percent. Where the weights are the
    generator's next normal numbers, as most are, the factor can be told exactly.
    """
    w, _, _ = weights(result)
    z = np.random.default_rng(result.args[2].seed).standard_normal(w.shape)
    factor = float(np.vdot(z, w) / np.vdot(z, z))
    return factor if np.allclose(w, factor * z, 1e-6, 1e-6 * abs(factor)) else 0.0


def he_mistake(result: Result) -> str:
    """Return which mistake gives weights of this standard deviation."""
    w, fan_in, fan_out = weights(result)
    if not w.any():
        return "zeros"
    if w.min() >= 0:
        return "only_positive"
    if own_factor(result) and near(own_factor(result), 1, 1e-9):
        return "unscaled"
    deviations = {
        "variance_for_deviation": 2 / fan_in,
        "no_two": math.sqrt(1 / fan_in),
        "outputs": math.sqrt(2 / fan_out),
        "both_fans": math.sqrt(2 / (fan_in + fan_out)),
        "two_outside": 2 / math.sqrt(fan_in),
        "two_below": math.sqrt(1 / (2 * fan_in)),
        "upside_down": math.sqrt(fan_in / 2),
        "mean_of_the_fans": math.sqrt(4 / (fan_in + fan_out)),
        "one_hundredth": 0.01,
    }
    found = abs(own_factor(result)) or float(w.std())
    if not found > 0:
        return ""
    nearest = min(deviations, key=lambda id_: abs(math.log(found / deviations[id_])))
    return nearest if near(found, deviations[nearest], 0.05) else ""


def normal_shape(results: Sequence[Result]) -> Problem | None:
    """Find weights that are not normal: far out, in the middle, or on one side: three looks a case."""
    looks = 3 * len(results)
    for result in results:
        w, fan_in, _ = weights(result)
        z = w / math.sqrt(2 / fan_in)
        counts = {
            "negative": (int(np.count_nonzero(z < 0)), 0.5),
            "further than 2.6 standard deviations from 0": (
                int(np.count_nonzero(np.abs(z) > 2.6)),
                math.erfc(2.6 / math.sqrt(2)),
            ),
            "within half a standard deviation of 0": (
                int(np.count_nonzero(np.abs(z) < 0.5)),
                math.erf(0.5 / math.sqrt(2)),
            ),
        }
        for what, (count, chance) in counts.items():
            if improbable(binomial_tail(count, z.size, chance), looks):
                largest = float(np.abs(z).max())
                uniform = near(largest, math.sqrt(3), 0.01)
                cut = largest < 2.6 and near(float(z.std()), 1, 0.15)
                return Problem(
                    f"{count} of {z.size} weights are {what}; about {chance * z.size:.0f} should be. "
                    f"The largest is {largest:.3g} standard deviations from 0.",
                    suggestion="Use rng.normal as it is, without cutting anything off.",
                    mistake="uniform" if uniform else "truncated" if cut else "",
                    about=result,
                )
    return None
